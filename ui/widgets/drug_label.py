"""A drug's name on its ISO 26825 label colour: a small chip, lower case, striped for the opposite action."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPen

from ui.theme import CHIP_RADIUS, MEDIUM_WEIGHT, Look, Token, rounded

_PAD_MM = 1.5
_HEIGHT_MM = 6.0
_STRIPE_MM = 1.2
_EVERY_MM = 4.2


def label_width(look: Look, name: str, token: Token = Token.TEXT) -> float:
    """The width of a label in pixels."""
    return look.width(name, token, MEDIUM_WEIGHT) + 2 * look.px(_PAD_MM)


def label_height(look: Look, token: Token = Token.TEXT) -> float:
    """The height of a label in pixels."""
    return max(look.px(_HEIGHT_MM), look.line(token) + look.px(0.6))


def paint_label(
    painter: QPainter, look: Look, at: QPointF, name: str, label_class: str, token: Token = Token.TEXT
) -> QRectF:
    """Paints a label with its top left at a point; a class without a colour gets an edge, no fill."""
    box = QRectF(at.x(), at.y(), label_width(look, name, token), label_height(look, token))
    fill = look.label_fill(label_class)
    radius = look.px(CHIP_RADIUS)
    rounded(painter, box, fill, None if fill is not None else look["border"], radius=radius)
    if look.is_striped(label_class):
        _paint_stripes(painter, look, box, name, token)
    painter.setFont(look.font(token, MEDIUM_WEIGHT))
    painter.setPen(look["label_ink"] if fill is not None else look["text"])
    baseline = box.center().y() + look.cap(token) / 2
    painter.drawText(QPointF(box.left() + look.px(_PAD_MM), baseline), name)
    return box


def _paint_stripes(painter: QPainter, look: Look, box: QRectF, name: str, token: Token) -> None:
    """White stripes at 135°, never behind the letters."""
    radius, pad = look.px(CHIP_RADIUS), look.px(_PAD_MM - 0.4)
    letters = QRectF(box.left() + pad, box.top(), look.width(name, token) + look.px(0.8), box.height())
    shape, hole = QPainterPath(), QPainterPath()
    shape.addRoundedRect(box, radius, radius)
    hole.addRect(letters.adjusted(0, look.px(0.5), 0, -look.px(0.5)))
    painter.save()
    painter.setClipPath(shape.subtracted(hole))
    painter.setPen(QPen(look["label_stripe"], look.px(_STRIPE_MM)))
    x, tall = box.left() - box.height(), box.height()
    while x < box.right():
        painter.drawLine(QPointF(x, box.bottom()), QPointF(x + tall, box.top()))
        x += look.px(_EVERY_MM)
    painter.restore()
