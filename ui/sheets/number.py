"""A number by keypad: field and keys left, what it means and Set right. And a PIN with the keys that type it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.clinical.dosing import parse_number
from app.refusals import Refused
from ui.sheets.base import Page
from ui.theme import BOLD_WEIGHT, CHOSEN_EDGE, GAP, RADIUS, Look, Token, rounded
from ui.widgets.keypad import KeyGrid, Keypad
from ui.widgets.target import Role, State
from ui.widgets.words import Words

PIN_LONGEST = 8
PIN_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase")

Check = Callable[[float], str]
"""What is wrong with a number, in words; "" when nothing is."""


def no_check(_value: float) -> str:
    """Takes every number."""
    return ""


class NumberPanel(QWidget):
    """Asks for one number. `entered` gives it when Set is touched and nothing stands against it."""

    entered = Signal(float)
    changed = Signal()

    def __init__(
        self,
        page: Page,
        title: str,
        unit: str,
        *,
        digits: int = 4,
        decimals: int = 1,
        check: Check = no_check,
    ) -> None:
        """`check` says what is wrong with a number while it is typed."""
        super().__init__(page)
        self.page = page
        self.check = check
        self.decimals = decimals
        self.keypad = Keypad(page.look, unit, digits=digits, decimals=decimals, parent=self)
        self.keypad.changed.connect(self._typed)
        self.title = Words(page.look, title, token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True, parent=self)
        self.says = Words(page.look, "", wrap=True, role="text2", parent=self)
        self.set_target = page.target(
            "set", "Set", self._set, role=Role.CRITICAL, state=State.MAIN, token=Token.STRONG
        )
        self.set_target.barred_touched.connect(lambda _reason: self.says.set_text(self.wrong(), "text"))
        self.side = QVBoxLayout()
        self.side.setSpacing(page.mm(GAP))
        self.side.addWidget(self.title)
        self.side.addWidget(self.says)
        self.side.addStretch(1)
        self.side.addWidget(self.set_target)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(page.mm(8.0))
        layout.addWidget(self.keypad)
        layout.addLayout(self.side, 1)
        self.told = ""
        self._show_as: Callable[[float], str] | None = None
        self._typed("")

    def begin(
        self, title: str, unit: str, told: str = "", *, decimals: int | None = None, digits: int = 4
    ) -> None:
        """Asks for another number, from an empty field; `told` stands there until something is typed."""
        self.decimals = self.decimals if decimals is None else decimals
        self.title.set_text(title)
        self.told = told
        self._show_as = None
        self.keypad.ask_for(unit, digits=digits, decimals=self.decimals)

    def show_as(self, words: Callable[[float], str] | None) -> None:
        """Reads the number back in words while it is typed, until another is asked for."""
        self._show_as = words

    def value(self) -> float | None:
        """The number as it stands; None while it is not one."""
        try:
            return float(self.exact())
        except Refused:
            return None

    def exact(self) -> Decimal:
        """The number as it was typed; raises Refused."""
        return parse_number(self.keypad.typed.text, "number", self.decimals)

    def wrong(self) -> str:
        """What stands against the number, "" for nothing."""
        try:
            return self.check(float(self.exact()))
        except Refused as refused:
            return refused.reason

    def _typed(self, _text: str) -> None:
        self.page.stir()
        wrong, value = self.wrong(), self.value()
        empty = not self.keypad.typed.text
        told = self.told if empty else wrong
        if not told and value is not None and self._show_as is not None:
            told = self._show_as(value)
        self.says.set_text(told, "text2" if empty else "text")
        if wrong:
            self.set_target.set_state(State.BARRED, "" if empty else "not possible")
        else:
            self.set_target.set_state(State.MAIN)
        self.changed.emit()

    def _set(self) -> None:
        value = self.value()
        if value is not None and not self.wrong():
            self.entered.emit(value)


class PinField(QWidget):
    """A PIN as dots; what it is for stands over them, or why it was refused."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty."""
        super().__init__(parent)
        self.look = look
        self.count = 0
        self.words = "PIN"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as the keys."""
        return QSize(self.look.mm(63.5), self.look.mm(18.0))

    def minimumSizeHint(self) -> QSize:
        """Never smaller."""
        return self.sizeHint()

    def say(self, words: str, count: int) -> None:
        """Shows words and so many dots."""
        self.words, self.count = words, count
        self.setAccessibleName(f"{words}, {count} digits")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The words over the dots."""
        painter = QPainter(self)
        look = self.look
        rounded(
            painter,
            QRectF(self.rect()),
            look["bg"],
            look["border"],
            radius=look.px(RADIUS),
            edge_px=look.px(CHOSEN_EDGE) / 2,
        )
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
        painter.setPen(look["text"])
        room = QRectF(0, look.px(1.6), self.width(), look.line())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), self.words)
        painter.setBrush(look["text"])
        painter.setPen(Qt.PenStyle.NoPen)
        step = look.px(7.0)
        left = self.width() / 2 - (self.count - 1) * step / 2
        for number in range(self.count):
            painter.drawEllipse(
                QPointF(left + number * step, self.height() - look.px(5.4)), look.px(1.8), look.px(1.8)
            )
        painter.end()


class PinPanel(QWidget):
    """Dots over keys "pin.0" to "pin.9" and "pin.erase". `changed` at every key."""

    changed = Signal()

    def __init__(self, page: Page, title: str = "PIN") -> None:
        """`title` stands over the dots."""
        super().__init__(page)
        self.page = page
        self.title = title
        self.pin = ""
        self.field = PinField(page.look, self)
        self.keys = KeyGrid(page.look, PIN_KEYS, prefix="pin", parent=self)
        self.keys.key.connect(self._press)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(page.mm(GAP))
        layout.addWidget(self.field)
        layout.addWidget(self.keys)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.say("")

    def begin(self, title: str) -> None:
        """Asks for another PIN."""
        self.title = title
        self.clear()

    def clear(self, words: str = "") -> None:
        """Forgets the digits and says why."""
        self.pin = ""
        self.say(words)
        self.changed.emit()

    def say(self, words: str) -> None:
        """Shows words in place of the title."""
        self.field.say(words or self.title, len(self.pin))

    def is_long_enough(self) -> bool:
        """Whether it can be a PIN."""
        return len(self.pin) >= 4

    def _press(self, key: str) -> None:
        self.page.stir()
        if key == "erase":
            self.pin = self.pin[:-1]
        elif len(self.pin) < PIN_LONGEST:
            self.pin += key
        self.say("")
        self.changed.emit()
