"""The numeric keypad of a sheet: telephone layout, 19.1 mm keys, the entry field with its unit inside.

What cannot be typed is refused with feedback and changes nothing: a second decimal point, a digit too many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import (
    BOLD_WEIGHT,
    CHOSEN_EDGE,
    GAP,
    KEY,
    MEDIUM_WEIGHT,
    RADIUS,
    Look,
    Token,
    rounded,
)
from ui.widgets.target import Form, Role, Target

FIELD_MM = 24.4
LARGEST_KEY_MM = 25.0
FEEDBACK_MS = 600
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "erase")


@dataclass(frozen=True)
class Typed:
    """A number as it is being typed; `refusal` says why the last key did nothing, "" when it did."""

    text: str = ""
    digits: int = 4
    decimals: int = 1
    refusal: str = ""

    def key(self, key: str) -> Typed:
        """What stands in the field after a key: "0" to "9", "." or "erase"."""
        if key == "erase":
            return replace(self, text=self.text[:-1], refusal="")
        if key == ".":
            return self._point()
        return self._digit(key)

    def _point(self) -> Typed:
        if self.decimals == 0:
            return replace(self, refusal="Whole numbers only")
        if "." in self.text:
            return replace(self, refusal="One decimal point")
        return replace(self, text=(self.text or "0") + ".", refusal="")

    def _digit(self, digit: str) -> Typed:
        whole, _point, part = self.text.partition(".")
        if "." in self.text and len(part) >= self.decimals:
            return replace(self, refusal=f"{self.decimals} decimal" + ("s" if self.decimals != 1 else ""))
        if "." not in self.text and len(whole) >= self.digits:
            return replace(self, refusal=f"{self.digits} digits at most")
        text = digit if self.text == "0" else self.text + digit
        return replace(self, text=text, refusal="")

    def value(self) -> float | None:
        """The number; None while nothing was typed."""
        return float(self.text) if self.text.strip(".") else None


class EntryField(QWidget):
    """The number large, its unit inside, and for a moment why a key did nothing."""

    def __init__(self, look: Look, unit: str, role: str = "infusion", parent: QWidget | None = None) -> None:
        """`role` is the colour of its edge and digits."""
        super().__init__(parent)
        self.look = look
        self.unit = unit
        self.role = role
        self.typed = Typed()
        self.setMinimumHeight(look.mm(16.0))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setObjectName("entry")
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as three keys, 24 mm high."""
        return QSize(3 * self.look.mm(KEY) + 2 * self.look.mm(GAP), self.look.mm(FIELD_MM))

    def show_typed(self, typed: Typed) -> None:
        """Shows what was typed."""
        self.typed = typed
        self.setAccessibleName(f"{typed.text} {self.unit}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The field, its digits, a caret, the unit and the refusal."""
        painter = QPainter(self)
        look, box = self.look, QRectF(self.rect())
        edge = look[self.role] if not self.typed.refusal else look["text"]
        rounded(painter, box, look["bg"], edge, radius=look.px(RADIUS), edge_px=look.edge(CHOSEN_EDGE))
        left, right = look.px(3.6), self.width() - look.px(3.6)
        middle = self.height() / 2 - (look.line() / 2 if self.typed.refusal else 0)
        painter.setFont(look.font(Token.SCORE, MEDIUM_WEIGHT))
        painter.setPen(look[self.role])
        baseline = middle + look.cap(Token.SCORE) / 2
        painter.drawText(QPointF(left, baseline), self.typed.text)
        caret = left + look.width(self.typed.text, Token.SCORE) + look.px(0.6)
        tall = look.cap(Token.SCORE) * 1.1
        painter.fillRect(QRectF(round(caret), round(middle - tall / 2), 2, round(tall)), look[self.role])
        painter.setFont(look.font(Token.STRONG, BOLD_WEIGHT))
        painter.setPen(look["text"])
        unit = look.width(self.unit, Token.STRONG, BOLD_WEIGHT)
        painter.drawText(QPointF(right - unit, middle + look.cap(Token.STRONG) / 2), self.unit)
        if self.typed.refusal:
            painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
            painter.drawText(QPointF(left, self.height() - look.px(2.0)), self.typed.refusal)
        painter.end()


class KeyGrid(QWidget):
    """Keys of one size in a grid, 3 mm apart; `key` gives the key without its prefix."""

    key = Signal(str)

    def __init__(
        self,
        look: Look,
        keys: tuple[str, ...] = KEYS,
        *,
        across: int = 3,
        prefix: str = "key",
        parent: QWidget | None = None,
    ) -> None:
        """An empty string in `keys` leaves its place free."""
        super().__init__(parent)
        self.look = look
        self.across = across
        self.places: list[Target | None] = []
        for key in keys:
            self.places.append(self._made(key, prefix) if key else None)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _made(self, key: str, prefix: str) -> Target:
        is_icon = key == "erase"
        target = Target(
            self.look,
            f"{prefix}.{key}",
            "" if is_icon else key,
            icon="erase" if is_icon else "",
            form=Form.LEFT if is_icon else Form.ABOVE,
            role=Role.KEY,
            token=Token.KEY,
            parent=self,
        )
        target.setAccessibleName(key)
        target.clicked.connect(lambda: self.key.emit(key))
        return target

    def sizeHint(self) -> QSize:
        """Keys and gaps."""
        key, gap = self.look.mm(KEY), self.look.mm(GAP)
        down = -(-len(self.places) // self.across)
        return QSize(self.across * (key + gap) - gap, down * (key + gap) - gap)

    def minimumSizeHint(self) -> QSize:
        """Never smaller: the keys have their millimetres."""
        return self.sizeHint()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places the keys."""
        gap = self.look.mm(GAP)
        wide = self._side(self.width(), self.across)
        tall = self._side(self.height(), -(-len(self.places) // self.across))
        for number, target in enumerate(self.places):
            if target is not None:
                x, y = number % self.across * (wide + gap), number // self.across * (tall + gap)
                target.setGeometry(x, y, wide, tall)

    def _side(self, room: int, keys: int) -> int:
        gap = self.look.mm(GAP)
        return min(self.look.mm(LARGEST_KEY_MM), max(self.look.mm(KEY), (room + gap) // keys - gap))


class Keypad(QWidget):
    """Field over keys. `changed` gives the typed text at every key that did something."""

    changed = Signal(str)

    def __init__(
        self,
        look: Look,
        unit: str,
        *,
        digits: int = 4,
        decimals: int = 1,
        role: str = "infusion",
        parent: QWidget | None = None,
    ) -> None:
        """`digits` before the point, `decimals` after it, at most."""
        super().__init__(parent)
        self.look = look
        self._empty = Typed(digits=digits, decimals=decimals)
        self.typed = self._empty
        self.field = EntryField(look, unit, role, self)
        self.keys = KeyGrid(look, parent=self)
        self.keys.key.connect(self.press)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(FEEDBACK_MS)
        self._quiet.timeout.connect(self._forget_refusal)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def press(self, key: str) -> None:
        """What a key does."""
        before = self.typed.text
        self.typed = self.typed.key(key)
        self.field.show_typed(self.typed)
        if self.typed.refusal:
            self._quiet.start()
        elif self.typed.text != before:
            self.changed.emit(self.typed.text)

    def clear(self) -> None:
        """Empties the field."""
        self.set_text("")

    def ask_for(self, unit: str, *, digits: int, decimals: int) -> None:
        """Asks for another number, from an empty field."""
        self._empty = Typed(digits=digits, decimals=decimals)
        self.field.unit = unit
        self.clear()

    def set_text(self, text: str) -> None:
        """Puts a text into the field as if it was typed."""
        self.typed = replace(self._empty, text=text)
        self.field.show_typed(self.typed)
        self.changed.emit(text)

    def value(self) -> float | None:
        """The number that stands in the field; None when it is empty."""
        return self.typed.value()

    def _forget_refusal(self) -> None:
        self.typed = replace(self.typed, refusal="")
        self.field.show_typed(self.typed)

    def sizeHint(self) -> QSize:
        """Field, gap, keys."""
        keys = self.keys.sizeHint()
        return QSize(keys.width(), keys.height() + self.look.mm(GAP) + self.look.mm(FIELD_MM))

    def minimumSizeHint(self) -> QSize:
        """The keys never shrink; the field may, to 16 mm."""
        keys = self.keys.sizeHint()
        return QSize(keys.width(), keys.height() + self.look.mm(GAP) + self.look.mm(16.0))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The field over the keys, which grow with the height."""
        keys, gap = self.keys.sizeHint(), self.look.mm(GAP)
        field = min(self.height() - keys.height() - gap, self.look.mm(FIELD_MM))
        self.field.setGeometry(0, 0, keys.width(), field)
        self.keys.setGeometry(0, field + gap, keys.width(), self.height() - field - gap)
