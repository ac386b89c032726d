"""The tiles: a vital sign or a score, its age, its alarm. A tile repaints only when what it shows changes."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.frames import ScoreTile, Tile
from ui.theme import (
    ALARM_EDGE,
    BOLD_WEIGHT,
    CARD_PAD_X,
    CARD_PAD_Y,
    CHIP_RADIUS,
    MEDIUM_WEIGHT,
    RADIUS,
    TILE_GAP,
    Look,
    Token,
    rounded,
)
from ui.widgets.digits import digits_width, paint_digits
from ui.widgets.kept import KeptPicture

BANGS = {"high": "!!!", "medium": "!!", "low": "!"}


@dataclass(frozen=True)
class Phase:
    """Whether the blinking parts of high and medium alarms are lit now."""

    high: bool = True
    medium: bool = True


LIT = Phase()


def phase_at(elapsed_ms: int) -> Phase:
    """The phases at a time: high at 2 Hz, half of it lit; medium at 0.6 Hz."""
    return Phase(high=elapsed_ms % 500 < 250, medium=elapsed_ms * 6 % 10_000 < 5_000)


class VitalTile(QWidget):
    """One vital sign; `wide` is NIBP with its foot, `small` has digits of the score's height."""

    def __init__(self, look: Look, *, small: bool = False, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.small = small
        self.tile: Tile | None = None
        self.phase = LIT
        self._kept = KeptPicture()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        look.changed.connect(self.update)

    def show_tile(self, tile: Tile) -> None:
        """Shows a tile; an equal one costs nothing."""
        if tile != self.tile:
            self.tile = tile
            self.setObjectName(f"tile.{tile.key}")
            self.setAccessibleName(f"{tile.label} {tile.text} {tile.unit} {tile.corner}".strip())
            self.update()

    def blinks(self) -> bool:
        """Whether it has an alarm that nobody acknowledged."""
        alarm = self.tile.alarm if self.tile else None
        return alarm is not None and not alarm.acknowledged and alarm.priority != "low"

    def show_phase(self, phase: Phase) -> None:
        """Shows the phase of a blinking alarm."""
        if phase != self.phase:
            self.phase = phase
            if self.blinks():
                self.update()

    # ------------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The card, the head, the digits and the foot."""
        phase = self.phase if self.blinks() else LIT
        self._kept.paint(self, self.look, (self.tile, phase, self.small), self._paint)

    def _paint(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), self.look["bg"])
        paint_tile(painter, self.look, QRectF(self.rect()), self.tile, self.phase, small=self.small)


def paint_tile(
    painter: QPainter, look: Look, box: QRectF, tile: Tile | None, phase: Phase, *, small: bool = False
) -> None:
    """Paints a tile into a box."""
    lit = _paint_card(painter, look, box, tile, phase)
    if tile is None:
        return
    tile = _settled(look, box, tile)
    _paint_head(painter, look, box, tile, lit=lit)
    _paint_number(painter, look, box, tile, lit=lit, small=small)
    _paint_foot(painter, look, box, tile, lit=lit)


def _paint_card(painter: QPainter, look: Look, box: QRectF, tile: Tile | None, phase: Phase) -> bool:
    """The card with the alarm's fill and frame; True when it is filled high, and the ink is white."""
    alarm = tile.alarm if tile else None
    radius = look.px(RADIUS)
    if alarm is None:
        rounded(painter, box, look["panel"], radius=radius)
        return False
    lit = alarm.priority == "high" and phase.high and not alarm.acknowledged
    fill = look["alarm_high"] if lit else look["panel"]
    edge = look.edge(ALARM_EDGE)
    if alarm.priority == "medium" and not phase.medium and not alarm.acknowledged:
        edge = 1.0
    rounded(painter, box, fill, look[f"alarm_{alarm.priority}_edge"], radius=radius, edge_px=edge)
    return lit


def _settled(look: Look, box: QRectF, tile: Tile) -> Tile:
    """A reason that has no room beside the label stands below, before the time since when."""
    if tile.state != "missing" or tile.alarm is not None or not tile.corner:
        return tile
    room = box.width() - 2 * look.px(CARD_PAD_X) - look.px(1.0)
    label, reason = (look.width(text, Token.TEXT, BOLD_WEIGHT) for text in (tile.label, tile.corner))
    if label + reason <= room:
        return tile
    since = tile.foot_right.removeprefix("since ")
    both = f"{tile.corner} {since}"
    foot = both if look.width(both) <= room + look.px(1.6) else tile.corner
    return replace(tile, corner="", foot_left="", foot_right=foot)


def _quiet_or(look: Look, tile: Tile, *, lit: bool) -> QColor:
    if lit:
        return look["alarm_high_ink"]
    return look[tile.colour] if tile.state == "live" else look["text3"]


def _paint_head(painter: QPainter, look: Look, box: QRectF, tile: Tile, *, lit: bool) -> None:
    left, right = box.left() + look.px(CARD_PAD_X), box.right() - look.px(CARD_PAD_X)
    baseline = box.top() + look.px(CARD_PAD_Y) + look.cap() + look.px(0.1)
    taken = _paint_corner(painter, look, right, baseline, tile)
    weight = BOLD_WEIGHT
    _text(painter, look, left, baseline, tile.label, weight, _quiet_or(look, tile, lit=lit))
    x = left + look.width(tile.label, Token.TEXT, weight) + look.px(1.2)
    if tile.state != "missing" and x + look.width(tile.unit) + look.px(1.0) <= right - taken:
        unit = look["alarm_high_ink"] if lit else look["text2" if tile.state == "live" else "text3"]
        _text(painter, look, x, baseline, tile.unit, MEDIUM_WEIGHT, unit)


def _paint_corner(painter: QPainter, look: Look, right: float, baseline: float, tile: Tile) -> float:
    """The alarm's words, else the age or the reason; the width they took."""
    if tile.alarm is not None:
        return _paint_alarm_words(painter, look, right, baseline, tile.alarm.priority, tile.alarm.text)
    if not tile.corner:
        return 0.0
    weight = MEDIUM_WEIGHT if tile.state == "live" else BOLD_WEIGHT
    width = look.width(tile.corner, Token.TEXT, weight)
    role = "text2" if tile.state == "live" else "text"
    _text(painter, look, right - width, baseline, tile.corner, weight, look[role])
    return width


def _paint_alarm_words(
    painter: QPainter, look: Look, right: float, baseline: float, priority: str, words: str
) -> float:
    text = words if words.startswith("!") else f"{BANGS[priority]} {words}"
    width = look.width(text, Token.TEXT, BOLD_WEIGHT)
    if priority == "high":
        _text(painter, look, right - width, baseline, text, BOLD_WEIGHT, look["alarm_high_ink"])
        return width
    pad = look.px(1.0)
    chip = QRectF(right - width - 2 * pad, 0, width + 2 * pad, look.line())
    chip.moveTop(round(baseline - look.cap() / 2 - chip.height() / 2))
    rounded(painter, chip, look[f"alarm_{priority}"], radius=look.px(CHIP_RADIUS))
    _text(painter, look, chip.left() + pad, baseline, text, BOLD_WEIGHT, look[f"alarm_{priority}_ink"])
    return chip.width()


def _has_foot(tile: Tile) -> bool:
    return bool(tile.foot_left or tile.foot_right)


def _paint_number(painter: QPainter, look: Look, box: QRectF, tile: Tile, *, lit: bool, small: bool) -> None:
    token = Token.SCORE if small else Token.VITAL
    left = box.left() + look.px(CARD_PAD_X)
    room = box.width() - 2 * look.px(1.2)
    if digits_width(look, tile.text, token) > room:
        token = Token.SCORE
    colour = _quiet_or(look, tile, lit=lit)
    weight = BOLD_WEIGHT if lit else MEDIUM_WEIGHT
    at = QPointF(left - look.px(0.5), _number_baseline(look, box, tile, token))
    paint_digits(painter, look, at, tile.text, colour, token=token, weight=weight)


def _number_baseline(look: Look, box: QRectF, tile: Tile, token: Token) -> float:
    head = box.top() + look.px(CARD_PAD_Y) + look.cap() + look.px(0.1)
    foot = look.px(2.1)
    if _has_foot(tile) and tile.state != "missing":
        foot = look.px(3.0) + look.cap(Token.STRONG) + look.px(1.4)
    room = box.bottom() - foot - head
    if tile.state == "missing":
        last = look.px(3.0) + look.cap() if _has_foot(tile) else 0.0
        return (head + box.bottom() - last) / 2 + look.cap(token) * 0.36
    spare = max(0.0, room - look.cap(token))
    return (
        box.bottom() - foot - spare * (0.5 if _has_foot(tile) else 0.15)
        if token is Token.VITAL
        else head + room / 2 + look.cap(token) / 2 + look.px(1)
    )


def _paint_foot(painter: QPainter, look: Look, box: QRectF, tile: Tile, *, lit: bool) -> None:
    if not _has_foot(tile):
        return
    left, right = box.left() + look.px(CARD_PAD_X), box.right() - look.px(CARD_PAD_X)
    baseline = box.bottom() - look.px(3.0)
    if tile.foot_left:
        colour = _quiet_or(look, tile, lit=lit)
        painter.setFont(look.font(Token.STRONG, MEDIUM_WEIGHT))
        painter.setPen(colour)
        painter.drawText(QPointF(left, baseline), tile.foot_left)
        left += look.width(tile.foot_left, Token.STRONG) + look.px(2.0)
    if not tile.foot_right:
        return
    weight = BOLD_WEIGHT if tile.state == "stale" else MEDIUM_WEIGHT
    role = "alarm_high_ink" if lit else "text" if tile.state == "stale" else "text2"
    width = look.width(tile.foot_right, Token.TEXT, weight)
    x = left if tile.state == "missing" and not tile.foot_left else right - width
    if x >= left - 1:
        _text(painter, look, x, baseline, tile.foot_right, weight, look[role])


def _text(
    painter: QPainter, look: Look, x: float, baseline: float, text: str, weight: int, colour: QColor
) -> None:
    painter.setFont(look.font(Token.TEXT, weight))
    painter.setPen(colour)
    painter.drawText(QPointF(x, baseline), text)


class ScoreTileView(QWidget):
    """A score's last value and when it was taken."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.score: ScoreTile | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        look.changed.connect(self.update)

    def show_score(self, score: ScoreTile) -> None:
        """Shows a score; an equal one costs nothing."""
        if score != self.score:
            self.score = score
            self.setObjectName(f"tile.{score.key}")
            self.setAccessibleName(f"{score.label} {score.text}{score.out_of} {score.at}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The label, the value, what it is out of, and its time."""
        painter = QPainter(self)
        look, box = self.look, QRectF(self.rect())
        painter.fillRect(self.rect(), look["bg"])
        rounded(painter, box, look["panel"], radius=look.px(RADIUS))
        if self.score is not None:
            self._paint_score(painter, box, self.score)
        painter.end()

    def _paint_score(self, painter: QPainter, box: QRectF, score: ScoreTile) -> None:
        look = self.look
        left, right = box.left() + look.px(CARD_PAD_X), box.right() - look.px(CARD_PAD_X)
        head = box.top() + look.px(CARD_PAD_Y) + look.cap() + look.px(0.7)
        _text(painter, look, left, head, score.label, BOLD_WEIGHT, look["text"])
        baseline = box.bottom() - look.px(2.2)
        painter.setFont(look.font(Token.SCORE, MEDIUM_WEIGHT))
        painter.setPen(look["text3" if score.text == "--" else "text"])
        shown = score.text.replace("-", "−")
        painter.drawText(QPointF(left, baseline), shown)
        x = left + look.width(shown, Token.SCORE) + look.px(TILE_GAP)
        if score.text != "--":
            _text(painter, look, x, baseline, score.out_of, MEDIUM_WEIGHT, look["text2"])
            x += look.width(score.out_of) + look.px(TILE_GAP)
        at = right - look.width(score.at)
        if at >= x:
            _text(painter, look, at, baseline, score.at, MEDIUM_WEIGHT, look["text2"])
