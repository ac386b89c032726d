"""What was really drawn: every text of a window with its place, and how it stands out from what lies beneath it.

A window is grabbed twice, once with its words and once without; where the two pictures differ there is ink, and
the picture without words is the ground under it. Nothing is asked of the painters: only pixels are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from ui.theme import DIGIT_CELL, DIGITS_CAP_EM
from ui.widgets.chart import TrendChart
from ui.widgets.digits import GLYPHS
from ui.widgets.kept import KeptPicture

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

FEWEST_PIXELS = 6
"""So many pixels of a text at least must differ before it counts as seen."""
GROUND_SHARE = 0.1
"""A ground counts when so much of a text's ink lies on it."""


@dataclass(frozen=True)
class Ink:
    """A text, or one vital digit, as it was drawn: where, in pixels of the window, and by which widget."""

    text: str
    rect: QRect
    widget: QWidget | None
    digit: bool
    contrast: float = 0.0

    def __str__(self) -> str:
        place = f"({self.rect.x()}, {self.rect.y()})"
        return f"{self.text!r} of {name_of(self.widget)} at {place}, {self.contrast:.1f}:1"


def name_of(widget: QWidget | None) -> str:
    """What a widget is called, or its class."""
    if widget is None:
        return "a pixmap"
    return widget.objectName() or type(widget).__name__


def pixels(image: QImage) -> Pixels:
    """Rows of red, green and blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return flat[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def _light() -> Floats:
    share = np.arange(256) / 255
    found: Floats = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return found


LIGHT = _light()


def linear(colours: npt.ArrayLike) -> Floats:
    """Colours in sRGB, 0 to 255, as linear light of 0 to 1 (IEC 61966-2-1)."""
    found: Floats = LIGHT[np.asarray(colours, dtype=np.uint8)]
    return found


def luminance(colours: npt.ArrayLike) -> Floats:
    """Relative luminance as WCAG 2.2 has it."""
    found: Floats = linear(colours) @ np.array([0.2126, 0.7152, 0.0722])
    return found


def contrast(one: npt.ArrayLike, other: npt.ArrayLike) -> Floats:
    """The ratio of two colours, 1 to 21, as WCAG 2.2 has it."""
    a, b = luminance(one), luminance(other)
    found: Floats = (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)
    return found


class Pen:
    """Listens to QPainter while a window is grabbed; can draw everything but the words."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        """Listens only inside `grabbed`."""
        self._patch = patch
        self._heard: list[tuple[str, QRectF, object, bool]] = []
        self._blank = False

    def inks(self, window: QWidget) -> tuple[list[Ink], Pixels, Pixels]:
        """Every text that is seen, with its contrast; and the window with and without its words."""
        self._heard = []
        with self._listening():
            written = self._grab(window, blank=False)
            heard = self._heard.copy()
            empty = self._grab(window, blank=True)
        forget_pictures(window)
        places, covers = charts(window), Covers(window)
        found = []
        for text, rect, device, digit in heard:
            ink = _placed(window, text, rect, device, digit=digit, charts=places)
            if ink is None or covers.lies_over(ink.widget, ink.rect.center()):
                continue
            ratio = _contrast_inside(ink.rect, written, empty)
            if ratio is not None:
                found.append(Ink(ink.text, ink.rect, ink.widget, ink.digit, ratio))
        return found, written, empty

    def _grab(self, window: QWidget, *, blank: bool) -> Pixels:
        forget_pictures(window)
        self._blank = blank
        try:
            return pixels(window.grab().toImage())
        finally:
            self._blank = False

    @contextmanager
    def _listening(self) -> Iterator[None]:
        draw_text, draw_pixmap = QPainter.drawText, QPainter.drawPixmap

        def text(painter: QPainter, *args: Any) -> Any:
            self._hear_text(painter, args)
            return None if self._blank else draw_text(painter, *args)

        def pixmap(painter: QPainter, *args: Any) -> Any:
            if is_digit(args):
                self._hear_digit(painter, args)
                if self._blank:
                    return None
            return draw_pixmap(painter, *args)

        with self._patch.context() as patched:
            patched.setattr(QPainter, "drawText", text)
            patched.setattr(QPainter, "drawPixmap", pixmap)
            yield

    def _hear_text(self, painter: QPainter, args: tuple[Any, ...]) -> None:
        measures = QFontMetricsF(painter.font())
        first = args[0]
        if isinstance(first, (QRect, QRectF)):
            text = args[2]
            box = measures.boundingRect(QRectF(first), args[1], text)
        else:
            x, y, text = args if len(args) == 3 else (first.x(), first.y(), args[1])
            box = measures.tightBoundingRect(text).translated(x, y)
        if text.strip():
            self._heard.append((text, painter.deviceTransform().mapRect(box), painter.device(), False))

    def _hear_digit(self, painter: QPainter, args: tuple[Any, ...]) -> None:
        x, y, _strip, left, _top, side, _height = args
        glyph = GLYPHS[round(left / side)]
        cell, cap = DIGIT_CELL * side, DIGITS_CAP_EM * side
        box = QRectF(x + (side - cell) / 2, y + side - cap, cell, cap)
        if glyph == "-":
            box.adjust(0, 0.4 * cap, 0, -0.4 * cap)
        self._heard.append((glyph, painter.deviceTransform().mapRect(box), painter.device(), True))


def is_digit(args: tuple[Any, ...]) -> bool:
    """Whether a pixmap that is drawn is one glyph of a strip of vital digits."""
    return len(args) == 7 and isinstance(args[2], QPixmap) and args[2].width() == len(GLYPHS) * args[5]


def charts(window: QWidget) -> list[TrendChart]:
    """The trends that are in sight."""
    return [chart for chart in window.findChildren(TrendChart) if chart.isVisibleTo(window)]


def forget_pictures(window: QWidget) -> None:
    """Makes every widget paint itself again, words and all, where it would show a picture that it kept."""
    for chart in charts(window):
        chart.lanes.set_size(chart.lanes.size)
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and hasattr(widget, "_kept"):
            widget._kept = KeptPicture()


class Covers:
    """What lies over what in a window as it stands."""

    def __init__(self, window: QWidget) -> None:
        """Looks each widget up once."""
        self.window = window
        self._above: dict[QWidget, list[QRect]] = {}

    def lies_over(self, widget: QWidget | None, at: QPoint) -> bool:
        """Whether another widget lies over this one at a point of the window."""
        while widget is not None and widget is not self.window:
            if widget not in self._above:
                self._above[widget] = self._found_above(widget)
            if any(box.contains(at) for box in self._above[widget]):
                return True
            widget = widget.parentWidget()
        return False

    def _found_above(self, widget: QWidget) -> list[QRect]:
        """The places in the window of what stands over it in its parent."""
        parent = widget.parentWidget()
        assert parent is not None
        children = [one for one in parent.children() if isinstance(one, QWidget)]
        corner = parent.mapTo(self.window, QPoint(0, 0))
        above = children[children.index(widget) + 1 :]
        return [one.geometry().translated(corner) for one in above if one.isVisible()]


def _placed(
    window: QWidget, text: str, rect: QRectF, device: object, *, digit: bool, charts: list[TrendChart]
) -> Ink | None:
    """The text in pixels of the window; what goes into the trends' ground is moved there with it."""
    if isinstance(device, QWidget) and (device is window or window.isAncestorOf(device)):
        return Ink(text, rect.toAlignedRect(), device, digit)
    for chart in charts:
        if isinstance(device, QPixmap) and device.size() == chart.lanes.size:
            corner = chart.viewport().mapTo(window, QPoint(0, 0))
            return Ink(text, rect.translated(corner).toAlignedRect(), chart, digit)
    return None


def _contrast_inside(rect: QRect, written: Pixels, empty: Pixels) -> float | None:
    """The worst ratio of ink to a ground that much of it lies on; None where the text is not in sight."""
    height, width = written.shape[:2]
    rows = slice(max(0, rect.top()), min(height, rect.bottom() + 1))
    columns = slice(max(0, rect.left()), min(width, rect.right() + 1))
    ink, ground = written[rows, columns].reshape(-1, 3), empty[rows, columns].reshape(-1, 3)
    changed = (ink != ground).any(axis=1)
    if int(changed.sum()) < FEWEST_PIXELS:
        return None
    ink, ground = ink[changed], ground[changed]
    if (ground == ground[0]).all():
        return float(contrast(ink, ground[:1]).max())
    codes = ground.astype(np.int64) @ np.array([65536, 256, 1])
    kinds, counts = np.unique(codes, return_counts=True)
    most = [code for code, count in zip(kinds, counts, strict=True) if count >= GROUND_SHARE * len(codes)]
    ratios = contrast(ink, ground)
    return min((float(ratios[codes == code].max()) for code in most), default=float(ratios.max()))
