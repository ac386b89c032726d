"""Vital digits in fixed cells: a strip of glyphs for each colour and weight, one blit for each digit."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from ui.theme import DIGIT_CELL, MEDIUM_WEIGHT, POINT_CELL, SLASH_CELL, Look, Token

GLYPHS = "0123456789-/."


def cell_px(look: Look, glyph: str, token: Token) -> float:
    """The width of a glyph's cell in pixels."""
    em = look.metrics.letters(token)
    return em * {"/": SLASH_CELL, ".": POINT_CELL}.get(glyph, DIGIT_CELL)


def digits_width(look: Look, text: str, token: Token = Token.VITAL) -> float:
    """The width of a number in its cells."""
    return sum(cell_px(look, glyph, token) for glyph in text)


def paint_digits(
    painter: QPainter,
    look: Look,
    at: QPointF,
    text: str,
    colour: QColor,
    *,
    token: Token = Token.VITAL,
    weight: int = MEDIUM_WEIGHT,
) -> None:
    """Paints a number from the left at a baseline; a glyph that no number has is not drawn."""
    strip = _strip(look, token, weight, colour)
    box = _box_px(look, token)
    x = at.x()
    for glyph in text:
        cell = cell_px(look, glyph, token)
        place = GLYPHS.find(glyph)
        if place >= 0:
            left = round(x + cell / 2 - box / 2)
            painter.drawPixmap(left, round(at.y()) - box, strip, place * box, 0, box, 2 * box)
        x += cell


def _box_px(look: Look, token: Token) -> int:
    return ceil(look.metrics.letters(token) + 1)


def _strip(look: Look, token: Token, weight: int, colour: QColor) -> QPixmap:
    key = ("digits", str(token), weight, colour.rgba())
    return look.kept(*key) or look.keep(_drawn_strip(look, token, weight, colour), *key)


def _drawn_strip(look: Look, token: Token, weight: int, colour: QColor) -> QPixmap:
    """Every glyph centred in a square above the baseline, with as much again below for the slash."""
    box = _box_px(look, token)
    strip = QPixmap(box * len(GLYPHS), 2 * box)
    strip.fill(Qt.GlobalColor.transparent)
    painter = QPainter(strip)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(look.font(token, weight))
    painter.setPen(colour)
    for place, glyph in enumerate(GLYPHS):
        ink = look.font_metrics(token, weight).tightBoundingRect(glyph)
        painter.setClipRect(QRect(place * box, 0, box, 2 * box))
        x = place * box + box / 2 - ink.center().x()
        painter.drawText(QPointF(x, box), glyph)
    painter.end()
    return strip


def digits_rect(look: Look, at: QPointF, text: str, token: Token = Token.VITAL) -> QRectF:
    """Where the ink of a number stands: from its capitals' height down to the baseline."""
    cap = look.cap(token)
    return QRectF(at.x(), at.y() - cap, digits_width(look, text, token), cap)
