"""A widget's own painting, kept as a picture while what it shows stays the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QPixmapCache
from PySide6.QtWidgets import QWidget

from ui.theme import Look

BYTES_A_PIXEL: Final = 4


class KeptPicture:
    """Paints a widget from a picture while its size, its theme and what it shows are those of the last painting.

    What was painted only once is not kept, and all pictures together stand in Qt's cache, bounded by `hold_one_screen`:
    screens that were left give way to the one that is shown.
    """

    def __init__(self) -> None:
        """Keeps nothing yet."""
        self._of: tuple[object, ...] = ()
        self._key: QPixmapCache.Key | None = None

    def paint(
        self, widget: QWidget, look: Look, shows: tuple[object, ...], draw: Callable[[QPainter], None]
    ) -> None:
        """Paints the widget. `shows` is every value that `draw` reads, by its content and not by its place."""
        ratio = widget.devicePixelRatioF()
        of = (widget.width(), widget.height(), ratio, look.theme.name, *shows)
        painter = QPainter(widget)
        try:
            if of != self._of:
                self._of = of
                self._forget()
                draw(painter)
                return
            painter.drawPixmap(0, 0, self._found() or self._kept(_drawn(widget, ratio, draw)))
        finally:
            # A painter that is left open takes the whole program with it.
            painter.end()

    def _found(self) -> QPixmap | None:
        picture = QPixmap()
        return picture if self._key is not None and QPixmapCache.find(self._key, picture) else None

    def _kept(self, picture: QPixmap) -> QPixmap:
        self._forget()
        self._key = QPixmapCache.insert(picture)
        return picture

    def _forget(self) -> None:
        if self._key is not None:
            QPixmapCache.remove(self._key)
            self._key = None


def hold_one_screen(size: QSize) -> None:
    """Bounds all kept pictures to a screen of this size: more would only keep what is not in sight."""
    QPixmapCache.setCacheLimit(max(1, size.width() * size.height() * BYTES_A_PIXEL // 1024))


def _drawn(widget: QWidget, ratio: float, draw: Callable[[QPainter], None]) -> QPixmap:
    picture = QPixmap(widget.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    try:
        draw(painter)
    finally:
        painter.end()
    return picture
