"""Letters, rules and chips on paper, in millimetres: what the page painter draws and measures with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.frames import ChartFrame
from ui.icons import icon_source
from ui.theme import (
    BOLD_WEIGHT,
    MEDIUM_WEIGHT,
    PAPER,
    TEXT_CAP_EM,
    TEXT_FAMILY,
    LabelColour,
    Look,
    Metrics,
)
from ui.widgets.lanes import paint_chart

UNITS_PER_MM: Final = 10.0
"""The painter's units: a tenth of a millimetre."""

UNITS_PER_INCH: Final = 254.0

# Cap heights in millimetres: the paper row of the type table.
NOTE: Final = 2.2
TEXT: Final = 2.5
HEAD: Final = 3.0
SMALLER: Final = 4.0
NAME: Final = 5.1

LINE: Final = 1.62
"""Cap heights from one line of text to the next: 1.18 em."""

RULE: Final = 0.12
STRONG_RULE: Final = 0.4
CHIP_PAD: Final = 1.2
CHIP_APART: Final = 0.1
CHIP_RADIUS: Final = 0.6
STRIPE: Final = 1.2
STRIPE_STEP: Final = 4.2

CHART_UNITS: Final = 1.5
"""One of the lanes' pixels is 0.15 mm of paper: their lines of width 1 print as thin lines."""

ICON_SHARPNESS: Final = 4.0

Align = Literal["left", "right", "middle"]


@lru_cache(maxsize=64)
def font(cap: float, weight: int) -> QFont:
    """The text font whose capitals are `cap` millimetres high; unhinted, so that it is alike everywhere."""
    made = QFont(TEXT_FAMILY)
    made.setPixelSize(round(cap / TEXT_CAP_EM * UNITS_PER_MM))
    made.setWeight(QFont.Weight(weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@lru_cache(maxsize=64)
def _measures(cap: float, weight: int) -> QFontMetricsF:
    return QFontMetricsF(font(cap, weight))


@lru_cache(maxsize=8192)
def width(text: str, cap: float = TEXT, weight: int = MEDIUM_WEIGHT) -> float:
    """How many millimetres a text takes in one line."""
    return _measures(cap, weight).horizontalAdvance(text) / UNITS_PER_MM


def line_height(cap: float = TEXT) -> float:
    """Millimetres from one line to the next."""
    return cap * LINE


def wrapped(text: str, room: float, cap: float = TEXT, weight: int = MEDIUM_WEIGHT) -> tuple[str, ...]:
    """The text in lines no wider than `room`; a word that is too long alone is broken, nothing is lost."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrapped_paragraph(paragraph, room, cap, weight))
    return tuple(lines)


def _wrapped_paragraph(text: str, room: float, cap: float, weight: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer, cap, weight) <= room:
            lines[-1] = longer
            continue
        pieces = _broken(word, room, cap, weight)
        lines = lines if lines[-1] else lines[:-1]
        lines.extend(pieces)
    return lines


def _broken(word: str, room: float, cap: float, weight: int) -> list[str]:
    """A word in pieces that fit; one letter at least in each."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, cap, weight) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


class PaperLook(Look):
    """The look of the lanes on paper: the paper colours, and the text token at the size of paper's text."""

    def __init__(self, labels: Mapping[str, LabelColour]) -> None:
        """`labels` are the colours of drug labels by class."""
        super().__init__(PAPER, Metrics(UNITS_PER_INCH / CHART_UNITS, on_paper=True), labels)

    def icon_px(self, name: str, px: int, colour: QColor) -> QPixmap:
        """An icon that stays sharp in print: more dots for the same size."""
        pixmap = QPixmap(super().icon_px(name, round(px * ICON_SHARPNESS), colour))
        pixmap.setDevicePixelRatio(ICON_SHARPNESS)
        return pixmap


class Ink:
    """A painter whose unit is 0.1 mm, spoken to in millimetres from the sheet's top left corner."""

    def __init__(self, painter: QPainter, look: PaperLook) -> None:
        """`look` knows the colours of drug labels and paints the lanes."""
        self.painter = painter
        self.look = look
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)

    def text(
        self,
        x: float,
        baseline: float,
        text: str,
        *,
        cap: float = TEXT,
        weight: int = MEDIUM_WEIGHT,
        role: str = "text",
        align: Align = "left",
        struck: bool = False,
    ) -> None:
        """One line; `x` is its left end, right end or middle."""
        wide = width(text, cap, weight)
        left = x - {"left": 0.0, "right": wide, "middle": wide / 2}[align]
        self.painter.setFont(font(cap, weight))
        self.painter.setPen(PAPER[role])
        self.painter.drawText(QPointF(left * UNITS_PER_MM, baseline * UNITS_PER_MM), text)
        if struck and text:
            self.rule(left, left + wide, baseline - cap / 2, role, 0.25)

    def lines(
        self,
        x: float,
        baseline: float,
        lines: tuple[str, ...],
        *,
        cap: float = TEXT,
        weight: int = MEDIUM_WEIGHT,
        role: str = "text",
        align: Align = "left",
        struck: bool = False,
    ) -> None:
        """Several lines below each other."""
        for number, line in enumerate(lines):
            below = baseline + number * line_height(cap)
            self.text(x, below, line, cap=cap, weight=weight, role=role, align=align, struck=struck)

    def rule(self, left: float, right: float, y: float, role: str = "line", thick: float = RULE) -> None:
        """A level line."""
        self.painter.setPen(
            QPen(PAPER[role], thick * UNITS_PER_MM, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        )
        self.painter.drawLine(
            QPointF(left * UNITS_PER_MM, y * UNITS_PER_MM), QPointF(right * UNITS_PER_MM, y * UNITS_PER_MM)
        )

    def box(self, rect: QRectF, *, fill: str = "", edge: str = "", radius: float = 1.0) -> None:
        """A rounded box in millimetres."""
        self._rounded(rect, PAPER[fill] if fill else None, PAPER[edge] if edge else None, radius)

    def chip(
        self, x: float, baseline: float, lines: tuple[str, ...], label_class: str, *, cap: float = TEXT
    ) -> None:
        """A drug's name on the colour of its syringe label; framed, so that it reads in black and white."""
        colour = self.look.labels.get(label_class)
        wide = max((width(line, cap, BOLD_WEIGHT) for line in lines), default=0.0) + 2 * CHIP_PAD
        tall = line_height(cap) * max(1, len(lines)) - CHIP_APART
        rect = QRectF(x, baseline - (line_height(cap) + cap - CHIP_APART) / 2, wide, tall)
        fill = QColor(colour.fill) if colour else None
        self._rounded(rect, fill, PAPER["border"], CHIP_RADIUS)
        if colour is not None and colour.striped:
            self._stripes(rect)
        self.lines(x + CHIP_PAD, baseline, lines, cap=cap, weight=BOLD_WEIGHT, role="label_ink")

    def icon(self, name: str, rect: QRectF, role: str) -> None:
        """An icon in a role's colour, as lines and not as dots."""
        source = icon_source(name).replace(b"currentColor", PAPER[role].name().encode())
        QSvgRenderer(QByteArray(source)).render(self.painter, _units(rect))

    def chart(self, rect: QRectF, frame: ChartFrame) -> None:
        """The lanes of a whole session."""
        box = _units(rect)
        self.painter.save()
        self.painter.translate(box.topLeft())
        self.painter.scale(CHART_UNITS, CHART_UNITS)
        whole = QRectF(0, 0, round(box.width() / CHART_UNITS), round(box.height() / CHART_UNITS))
        paint_chart(self.painter, self.look, whole, frame)
        self.painter.restore()

    def _stripes(self, rect: QRectF) -> None:
        """The diagonal stripes of an antagonist, at both ends and never behind the letters."""
        painter = self.painter
        painter.save()
        ends = (
            QRectF(rect.left(), rect.top(), CHIP_PAD * 0.8, rect.height()),
            QRectF(rect.right() - CHIP_PAD * 0.8, rect.top(), CHIP_PAD * 0.8, rect.height()),
        )
        for end in ends:
            painter.fillRect(_units(end), QBrush(PAPER["label_stripe"], Qt.BrushStyle.BDiagPattern))
        painter.restore()

    def _rounded(self, rect: QRectF, fill: QColor | None, edge: QColor | None, radius: float) -> None:
        painter = self.painter
        painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(edge, 0.25 * UNITS_PER_MM) if edge is not None else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(_units(rect), radius * UNITS_PER_MM, radius * UNITS_PER_MM)


def _units(rect: QRectF) -> QRectF:
    return QRectF(
        rect.x() * UNITS_PER_MM,
        rect.y() * UNITS_PER_MM,
        rect.width() * UNITS_PER_MM,
        rect.height() * UNITS_PER_MM,
    )
