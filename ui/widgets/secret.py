"""A keyboard for a secret: dots in place of what is typed, shown only while a target is held, forgotten after a minute.

What is typed goes into no text field of Qt: there is no undo, no clipboard, no accessible name that would hold it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import BOLD_WEIGHT, CHOSEN_EDGE, GAP, RADIUS, Look, rounded
from ui.widgets.keyboard import Keyboard, TextLine
from ui.widgets.target import Form, Target
from ui.widgets.words import Words

SIGNS = '$[]{}\\|~^`"<>_€'
"""With the other layers every sign that a keyboard of the terminal has: a passphrase may have been typed there."""
_NEXT = {
    "letters": "figures",
    "figures": "signs",
    "signs": "accents",
    "accents": "more",
    "more": "letters",
}
_SHOWN = {"letters": "123", "figures": "$[~", "signs": "áé", "accents": "łš", "more": "abc"}
LONGEST = 1024
FORGET_MS = 60_000
"""What was typed is gone after so long without a key: whoever typed it may have been called away."""
HOLD_MM = 46.0
DOT_MM = 1.2
STEP_MM = 3.4


class SecretLine(TextLine):
    """A dot for each character, its end always in sight; the characters themselves while `shown`."""

    shown = False

    def show_text(self, text: str) -> None:
        """Takes a text; how long it is is all that is said aloud."""
        self.text = text
        self.setAccessibleName(f"{len(text)} characters")
        self.update()

    def show_plainly(self, plainly: bool) -> None:
        """Shows the characters, or dots again."""
        if plainly is not self.shown:
            self.shown = plainly
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dots; the text, or the hint while there is none."""
        if self.shown or not self.text:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        look = self.look
        box = QRectF(self.rect())
        rounded(
            painter, box, look["bg"], look["text"], radius=look.px(RADIUS), edge_px=look.edge(CHOSEN_EDGE)
        )
        pad, step = look.px(2.4), look.px(STEP_MM)
        painter.setClipRect(box.adjusted(pad / 2, 0, -pad / 2, 0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(look["text"])
        painter.setPen(Qt.PenStyle.NoPen)
        x = min(pad + step / 2, self.width() - pad - (len(self.text) - 0.5) * step)
        for number in range(len(self.text)):
            at = QPointF(x + number * step, self.height() / 2)
            painter.drawEllipse(at, look.px(DOT_MM), look.px(DOT_MM))
        painter.end()


class SecretKeyboard(Keyboard):
    """The touch keyboard over a SecretLine, with every sign of a terminal and every space as it is typed."""

    following = _NEXT
    shown_as = _SHOWN

    def make_line(self, hint: str) -> SecretLine:
        """Dots."""
        return SecretLine(self.look, hint, self)

    def letters_of(self, layer: str) -> str:
        """One layer more."""
        return SIGNS if layer == "signs" else super().letters_of(layer)

    def press_space(self) -> None:
        """A space, wherever it stands: it counts."""
        self._type(self.text + " ")

    def show_plainly(self, plainly: bool) -> None:
        """Shows what is typed, or dots again."""
        if isinstance(self.line, SecretLine):
            self.line.show_plainly(plainly)


class HoldTarget(Target):
    """`held` while a finger lies on it, and no longer."""

    held = Signal(bool)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes down."""
        super().mousePressEvent(event)
        self.held.emit(self.isDown())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Comes up while the finger is outside."""
        super().mouseMoveEvent(event)
        self.held.emit(self.isDown())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Comes up."""
        super().mouseReleaseEvent(event)
        self.held.emit(False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody holds what is not there."""
        self.held.emit(False)
        super().hideEvent(event)


class SecretPanel(QWidget):
    """What is said and "Hold to show" over the keyboard, which types a secret. `done` gives it, `changed` at each key.

    Targets: "show_passphrase" (held), "letter.*", "keyboard.*".
    """

    done = Signal(str)
    changed = Signal()
    forgotten = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty."""
        super().__init__(parent)
        self.says = Words(look, weight=BOLD_WEIGHT, wrap=True, parent=self)
        self.hold = HoldTarget(
            look, "show_passphrase", "Hold to show", icon="vision", form=Form.LEFT, parent=self
        )
        self.hold.setMinimumWidth(look.mm(HOLD_MM))
        self.keyboard = SecretKeyboard(look, "Passphrase", longest=LONGEST, parent=self)
        self.keyboard.changed.connect(lambda _text: self._typed())
        self.keyboard.done.connect(self.done)
        self.hold.held.connect(self.keyboard.show_plainly)
        self._forget = QTimer(self, singleShot=True, interval=FORGET_MS)
        self._forget.timeout.connect(self._forget_it)
        head = QHBoxLayout()
        head.setSpacing(look.mm(GAP))
        head.addWidget(self.says, 1)
        head.addWidget(self.hold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(look.mm(GAP))
        layout.addLayout(head)
        layout.addWidget(self.keyboard)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.keyboard.text

    def ask(self, words: str, verb: str) -> None:
        """Asks for something else, from an empty line; `verb` stands on the key that ends it."""
        self.clear()
        self.says.set_text(words)
        self.keyboard.finish.set_words(verb)

    def clear(self) -> None:
        """The line is empty again."""
        self._forget.stop()
        self.keyboard.set_text("")
        self.keyboard.show_plainly(False)

    def keep_for_correction(self, after_ms: int = FORGET_MS) -> None:
        """What is typed stays to be looked at, for as long as what nobody goes on typing."""
        self._forget.start(after_ms)

    def _typed(self) -> None:
        self._forget.start()
        self.changed.emit()

    def _forget_it(self) -> None:
        if self.text:
            self.clear()
            self.forgotten.emit()
