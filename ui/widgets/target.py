"""The touch target: every button of Chairside is one, painted here and nowhere else.

It acts on release inside (4 mm of slop), ignores a bounce, repeats nothing, takes no focus and never cuts
a word: a text that does not fit gives way to a shorter alternative, then loses its second line.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import (
    BOLD_WEIGHT,
    CARD_PAD_X,
    CHIP_RADIUS,
    CHOSEN_EDGE,
    CRITICAL,
    DEBOUNCE_MS,
    ICON_TARGET,
    KEY,
    MEDIUM_WEIGHT,
    NORMAL,
    RADIUS,
    SLOP,
    Look,
    Token,
    rounded,
)
from ui.widgets.kept import KeptPicture

__all__ = ["DEBOUNCE_MS", "Form", "Role", "State", "Target"]


class Role(StrEnum):
    """How large a target must be at least."""

    NORMAL = "normal"
    KEY = "key"
    CRITICAL = "critical"


class State(StrEnum):
    """How a target looks; pressed is shown by the finger, not by a state."""

    NORMAL = "normal"
    CHOSEN = "chosen"
    DUE = "due"
    BARRED = "barred"
    MAIN = "main"
    INFUSION = "infusion"
    INFUSION_EDGE = "infusion_edge"
    ALARM_EDGE = "alarm_edge"
    QUIET = "quiet"
    SAVING = "saving"


class Form(StrEnum):
    """Where the icon, the words and the value stand."""

    ABOVE = "above"
    LEFT = "left"
    RIGHT = "right"
    PAIR = "pair"
    ROW = "row"


Line = tuple[str, Token, int, str]  # text, size, weight, colour role

_SIZES_MM = {Role.NORMAL: (NORMAL, NORMAL), Role.KEY: (KEY, KEY), Role.CRITICAL: (NORMAL, CRITICAL)}
_ICON_GAP_MM = 1.8
_PAD_MM = 1.4
_PLATE_MM = (9.4, 6.4)
_TALL_ROW_MM = 17.5


class Target(QAbstractButton):
    """A touch target named as the rehearsal presses it.

    `clicked` is the touch that counts, `touched` the same with its name; `barred_touched` gives the reason
    why the touch did nothing.
    """

    touched = Signal(str)
    barred_touched = Signal(str)

    def __init__(
        self,
        look: Look,
        name: str,
        words: str,
        *,
        second: str = "",
        value: str = "",
        note: str = "",
        icon: str = "",
        form: Form = Form.ABOVE,
        role: Role = Role.NORMAL,
        state: State = State.NORMAL,
        token: Token = Token.TEXT,
        alternatives: Sequence[str] = (),
        label_class: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`label_class` puts the icon on a drug's label colour; `alternatives` are shorter words."""
        super().__init__(parent)
        self.look = look
        self.words = words
        self.second = second
        self.value = value
        self.note = note
        self.icon_name = icon
        self.form = form
        self.role = role
        self.token = token
        self.alternatives = tuple(alternatives)
        self.label_class = label_class
        self.reason = ""
        self.struck = False
        self.note_below = False
        self.edge_role = "alarm_high_edge"
        self._state = state
        self._pressed_at: QPointF | None = None
        self._kept = KeptPicture()
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoRepeat(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        look.changed.connect(self.update)

    # ------------------------------------------------------------------ what it shows

    @property
    def state(self) -> State:
        """How it looks now."""
        return self._state

    def set_state(self, state: State, reason: str = "") -> None:
        """Shows a state; a barred target says its `reason` inside and stays touchable."""
        reason = reason if state is State.BARRED else ""
        if (state, reason) != (self._state, self.reason):
            self._state, self.reason = state, reason
            self.updateGeometry()
            self.update()

    def set_words(
        self, words: str, second: str | None = None, value: str | None = None, note: str | None = None
    ) -> None:
        """Shows other words; what is None stays as it is."""
        new = (
            words,
            self.second if second is None else second,
            self.value if value is None else value,
            self.note if note is None else note,
        )
        if new != (self.words, self.second, self.value, self.note):
            self.words, self.second, self.value, self.note = new
            self.setAccessibleName(words)
            self.updateGeometry()
            self.update()

    def set_icon(self, icon: str) -> None:
        """Shows another icon, "" for none."""
        if icon != self.icon_name:
            self.icon_name = icon
            self.updateGeometry()
            self.update()

    def is_barred(self) -> bool:
        """Whether a touch only says why not."""
        return self._state is State.BARRED

    # ------------------------------------------------------------------ how large it is

    def minimumSizeHint(self) -> QSize:
        """The role's millimetres, and never less than the shortest words need."""
        width_mm, height_mm = _SIZES_MM[self.role]
        pad = 2 * self.look.mm(_PAD_MM)
        shortest = min((self._wanted_width(words) for words in (self.words, *self.alternatives)), default=0)
        width = max(self.look.mm(width_mm), ceil(shortest) + pad)
        return QSize(width, max(self.look.mm(height_mm), self._wanted_height()))

    def sizeHint(self) -> QSize:
        """As wide as its first words need."""
        smallest = self.minimumSizeHint()
        wanted = ceil(max(self._wanted_width(self.words), self._second_width())) + 2 * self.look.mm(_PAD_MM)
        return QSize(max(smallest.width(), wanted), smallest.height())

    def _wanted_width(self, words: str) -> float:
        width = max(
            (self.look.width(line, self.token, BOLD_WEIGHT) for line in words.split("\n")), default=0.0
        )
        if self.icon_name and self.form is not Form.ABOVE:
            width += self.look.px(ICON_TARGET) + (self.look.px(_ICON_GAP_MM) if words else 0)
        if self.form in (Form.PAIR, Form.ROW):
            gap, before = self.look.px(CARD_PAD_X), width - self.look.width(words, self.token, BOLD_WEIGHT)
            for text in (self._right_words(),) if self.is_tall() else (self.note, self._right_words()):
                width += self.look.width(text, Token.TEXT, BOLD_WEIGHT) + gap if text else 0
            if self.is_tall():
                width = max(width, before + self.look.width(self.note))
        return width

    def _second_width(self) -> float:
        return self.look.width(self._second_words(), Token.TEXT, MEDIUM_WEIGHT)

    def _wanted_height(self) -> int:
        if self.form is Form.ABOVE and self.icon_name:
            lines = self.words.count("\n") + bool(self.words)
            return self.look.mm(ICON_TARGET) + lines * self.look.line(self.token) + self.look.mm(1.6)
        return (self.words.count("\n") + 1) * self.look.line(self.token)

    def _second_words(self) -> str:
        return self.reason if self.is_barred() and self.form not in (Form.PAIR, Form.ROW) else self.second

    def _right_words(self) -> str:
        return self.reason if self.is_barred() and self.reason else self.value

    def fits(self) -> bool:
        """Whether the words it shows have their room; a test asks this of every target."""
        return (
            self._wanted_width(self._shown_words()) <= self.width() and self._wanted_height() <= self.height()
        )

    def _shown_words(self) -> str:
        room = self.width() - 2 * self.look.px(0.6)
        for words in (self.words, *self.alternatives):
            if self._wanted_width(words) <= room:
                return words
        return min((self.words, *self.alternatives), key=self._wanted_width)

    # ------------------------------------------------------------------ what a finger does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes down at once, unless it is the bounce of the touch before."""
        if event.button() is not Qt.MouseButton.LeftButton or not self.look.bounce.accepts(event.timestamp()):
            return
        self._pressed_at = event.position()
        self.setDown(True)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Comes up while the finger is further out than the slop."""
        if self._pressed_at is not None:
            self.setDown(self._is_inside(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Acts when the finger is lifted inside."""
        if self._pressed_at is None:
            return
        self._pressed_at = None
        self.setDown(False)
        self.look.bounce.released(event.timestamp())
        if self._is_inside(event.position()):
            self.touch()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A second touch is a touch, never a double one."""
        self.mousePressEvent(event)

    def touch(self) -> None:
        """What a finished touch does: acts, or says why not."""
        if self.is_barred():
            self.barred_touched.emit(self.reason)
        else:
            # With its argument, clicked.emit(False) crashes PySide6 6.11.3; without it the default is sent.
            self.clicked.emit()
            self.touched.emit(self.objectName())

    def _is_inside(self, at: QPointF) -> bool:
        slop = self.look.px(SLOP)
        return QRectF(self.rect()).adjusted(-slop, -slop, slop, slop).contains(at)

    # ------------------------------------------------------------------ how it is painted

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The card, then icon and words."""
        self._kept.paint(self, self.look, self._shows(), self._paint)

    def _shows(self) -> tuple[object, ...]:
        """Everything that its painting depends on."""
        return (
            (self.isDown(), self._state, self.reason, self.struck, self.edge_role),
            (self.words, self.alternatives, self.second, self.value, self.note),
            (self.icon_name, self.label_class, self.form, self.token, self.note_below),
        )

    def _paint(self, painter: QPainter) -> None:
        self._paint_card(painter)
        if self.form in (Form.PAIR, Form.ROW):
            self._paint_row(painter)
        else:
            self._paint_centred(painter)

    def _paint_card(self, painter: QPainter) -> None:
        look = self.look
        fill, edge, edge_px = self._card()
        if self.isDown():
            fill = look["press"] if self._state not in (State.MAIN, State.INFUSION) else fill
            edge, edge_px = (
                look["text"],
                max(edge_px, look.edge(CHOSEN_EDGE) if fill != look["press"] else 1.0),
            )
        radius = look.px(RADIUS)
        rounded(
            painter, QRectF(self.rect()), fill, edge, radius=radius, edge_px=edge_px, dashed=self.is_barred()
        )

    def _card(self) -> tuple[QColor | None, QColor, float]:
        look, half = self.look, self.look.edge(CHOSEN_EDGE)
        match self._state:
            case State.CHOSEN:
                return look["press"], look["text"], half
            case State.DUE:
                return look["raised"], look["text"], half
            case State.BARRED:
                return None, look["border"], 1.0
            case State.MAIN:
                return look["fill"], look["fill"], 1.0
            case State.INFUSION:
                return look["infusion"], look["infusion"], 1.0
            case State.INFUSION_EDGE:
                return look["raised"], look["infusion"], 1.0
            case State.ALARM_EDGE:
                return look["raised"], look[self.edge_role], half
            case State.QUIET:
                return look["panel"], look["line"], 1.0
            case _:
                return look["raised"], look["border"], 1.0

    def _ink_role(self) -> str:
        match self._state:
            case State.MAIN:
                return "fill_ink"
            case State.INFUSION:
                return "bg"
            case State.INFUSION_EDGE:
                return "infusion"
            case State.BARRED:
                return "text3"
            case _:
                return "text"

    def _second_role(self) -> str:
        if self._state in (State.MAIN, State.INFUSION):
            return self._ink_role()
        return "text2"

    def _shown_icon(self) -> str:
        return "clock" if self._state is State.SAVING else self.icon_name

    def _paint_centred(self, painter: QPainter) -> None:
        if self.struck and self.is_barred():
            self._paint_struck(painter)
            return
        words = self._shown_words()
        lines = [(line, self.token, BOLD_WEIGHT, self._ink_role()) for line in words.split("\n") if line]
        second = self._second_words()
        above = bool(self._shown_icon()) and (self.form is Form.ABOVE or not lines)
        icon_px = self.look.mm(ICON_TARGET)
        if second and self._has_room_for_second(second, len(lines), above):
            lines.append((second, Token.TEXT, MEDIUM_WEIGHT, self._second_role()))
        if above and second and self.is_barred() and len(lines) > 1:
            above = False
        height = sum(self.look.line(token) for _text, token, _weight, _role in lines)
        top = (self.height() - height - (icon_px + self.look.px(0.4) if above else 0)) / 2
        if above:
            self._paint_icon(painter, self.width() / 2, top + icon_px / 2)
            top += icon_px + self.look.px(0.4)
        self._paint_lines(painter, lines, top, beside=not above)

    def _paint_struck(self, painter: QPainter) -> None:
        """The reason with a warning sign, and under it what is not to be had, struck through."""
        reason: Line = (self.reason, Token.TEXT, MEDIUM_WEIGHT, "text")
        words: Line = (self._shown_words(), self.token, MEDIUM_WEIGHT, "text3")
        top = (self.height() - self.look.line() - self.look.line(self.token)) / 2
        self._paint_lines(painter, [reason, words], top, beside=True)

    def _has_room_for_second(self, second: str, lines: int, above: bool) -> bool:
        look = self.look
        if look.width(second) > self.width() - 2 * look.px(0.6):
            return False
        icon = look.mm(ICON_TARGET) if above and not self.is_barred() else 0
        return icon + lines * look.line(self.token) + look.line(Token.TEXT) <= self.height() - look.px(0.6)

    def _paint_lines(self, painter: QPainter, lines: list[Line], top: float, *, beside: bool) -> None:
        icon = self._shown_icon() if beside and self.form in (Form.LEFT, Form.RIGHT) else ""
        for number, (text, token, weight, role) in enumerate(lines):
            line = self.look.line(token)
            width = self.look.width(text, token, weight)
            x = (self.width() - width) / 2
            if icon and number == 0:
                step = self.look.px(ICON_TARGET) + self.look.px(_ICON_GAP_MM)
                after = self.form is Form.RIGHT
                left = (self.width() - width - step) / 2
                x = left if after else left + step
                icon_x = (left + width + self.look.px(_ICON_GAP_MM) if after else left) + self.look.px(
                    ICON_TARGET
                ) / 2
                self._paint_icon(painter, icon_x, top + line / 2)
            self._paint_text(
                painter, x, top, text, token, weight, role, struck=self.struck and number == len(lines) - 1
            )
            top += line

    def _paint_text(
        self,
        painter: QPainter,
        x: float,
        top: float,
        text: str,
        token: Token,
        weight: int,
        role: str,
        *,
        struck: bool = False,
    ) -> None:
        look = self.look
        painter.setFont(look.font(token, weight))
        painter.setPen(look[role])
        baseline = top + (look.line(token) + look.cap(token)) / 2
        painter.drawText(QPointF(x, baseline), text)
        if struck:
            y = round(baseline - look.cap(token) / 2)
            painter.fillRect(QRectF(x, y, look.width(text, token, weight), 2), look[role])

    def _paint_icon(self, painter: QPainter, x: float, y: float) -> None:
        look, name = self.look, self._shown_icon()
        px = look.mm(ICON_TARGET)
        fill = look.label_fill(self.label_class) if self.label_class else None
        colour = look["text" if self.struck and self.is_barred() else self._ink_role()]
        if fill is not None and not self.is_barred() and self._state is not State.SAVING:
            plate = QRectF(0, 0, look.px(_PLATE_MM[0]), look.px(_PLATE_MM[1]))
            plate.moveCenter(QPointF(x, y))
            rounded(painter, plate, fill, radius=look.px(CHIP_RADIUS))
            colour = look["label_ink"]
        painter.drawPixmap(round(x - px / 2), round(y - px / 2), look.icon_px(name, px, colour))

    def is_tall(self) -> bool:
        """Whether a row that may has the height for its note on a line of its own."""
        return self.note_below and self.form is Form.ROW and self.height() >= self.look.mm(_TALL_ROW_MM)

    def _paint_row(self, painter: QPainter) -> None:
        look = self.look
        x = look.px(3.0)
        middle = self.height() / 2
        if self._shown_icon():
            self._paint_icon(painter, x + look.mm(ICON_TARGET) / 2, middle)
            x += look.mm(ICON_TARGET) + look.px(_ICON_GAP_MM)
        if self.note and self.is_tall():
            top = middle + look.px(0.4)
            self._paint_text(painter, x, top, self.note, Token.TEXT, MEDIUM_WEIGHT, self._second_role())
            middle -= (look.line() + look.px(0.8)) / 2
        is_row = self.form is Form.ROW
        weight, role = (BOLD_WEIGHT, self._ink_role()) if is_row else (MEDIUM_WEIGHT, self._second_role())
        words = self._shown_words()
        self._paint_text(painter, x, middle - look.line(self.token) / 2, words, self.token, weight, role)
        x += look.width(words, self.token, weight) + look.px(CARD_PAD_X)
        right = self._right_words()
        top = middle - look.line() / 2
        weight = MEDIUM_WEIGHT if is_row and self._state is not State.DUE else BOLD_WEIGHT
        end = self.width() - look.px(3.0) - look.width(right, Token.TEXT, weight)
        role = self._second_role() if weight == MEDIUM_WEIGHT or self.is_barred() else self._ink_role()
        self._paint_text(painter, end, top, right, Token.TEXT, weight, role)
        if self.note and not self.is_tall() and x + look.width(self.note) + look.px(1.0) <= end:
            self._paint_text(painter, x, top, self.note, Token.TEXT, MEDIUM_WEIGHT, self._second_role())
