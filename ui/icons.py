"""The icons of resources/icons, tinted: one pixmap for each name, size and colour, drawn once."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


class UnknownIcon(Exception):
    """There is no icon of this name in resources/icons."""


@lru_cache(maxsize=256)
def icon_source(name: str) -> bytes:
    """The SVG of an icon; raises UnknownIcon."""
    try:
        return files("resources").joinpath("icons", f"{name}.svg").read_bytes()
    except FileNotFoundError as error:
        raise UnknownIcon(name) from error


def drawn_icon(name: str, px: int, colour: QColor) -> QPixmap:
    """An icon drawn anew, `px` wide and high; raises UnknownIcon, or OSError where the disk does not give it."""
    # Before anything is painted: a picture that is thrown away while it is painted ends the whole program.
    source = QByteArray(icon_source(name))
    pixmap = QPixmap(px, px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(source).render(painter, QRectF(0, 0, px, px))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour)
    painter.end()
    return pixmap


class IconSet:
    """Keeps every tinted icon it drew."""

    def __init__(self) -> None:
        """Starts empty; pixmaps need a QGuiApplication, so none is drawn yet."""
        self._drawn: dict[tuple[str, int, int], QPixmap] = {}

    def pixmap(self, name: str, px: int, colour: QColor) -> QPixmap:
        """The icon at this size and colour; raises UnknownIcon."""
        key = (name, px, colour.rgba())
        if key not in self._drawn:
            self._drawn[key] = drawn_icon(name, px, colour)
        return self._drawn[key]
