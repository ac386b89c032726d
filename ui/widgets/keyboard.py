"""The alphabetic touch keyboard, half a screen high: letters, figures, accents, shift, space, erase, done."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import CHOSEN_EDGE, GAP, MEDIUM_WEIGHT, NORMAL, RADIUS, Look, Token, rounded
from ui.widgets.target import Form, State, Target

# Ten keys across need 179 mm; nine fit a sheet beside the tiles.
FEWEST_ACROSS = 9
LAYERS = {
    10: {
        "letters": "qwertyuiopasdfghjkl'zxcvbnm-.,",
        "figures": '1234567890/:;()+%&@#?!"=*<>_°²',
        "accents": "áàâäãåæçéèêëíìîïñóòôöõøœúùûüÿß",
        "more": "łżźćńśąęğşıčďěňřšťůžőűșțýðþđāē",
    },
    9: {
        "letters": "qwertyuioasdfghjklzxcvbnmp-",
        "figures": "1234567890.,/:;()+%&@#?!=*'",
        "accents": "áàâäãåæçéèêëíìîïñóòôöõøúùûü",
        "more": "ßœÿłżźćńśąęğşıčěřšťůžőűý°²_",
    },
}
LINE_MM = 8.0
"""The line over the keys: with it the keyboard is half of the smaller panel high, and no more."""
_NO_CAPITAL = "ßı"  # their capitals are other letters
_NEXT = {"letters": "figures", "figures": "accents", "accents": "more", "more": "letters"}
_SHOWN = {"letters": "123", "figures": "áé", "accents": "łš", "more": "abc"}


def keyboard_height(look: Look) -> int:
    """The line and four rows of keys."""
    return 4 * look.mm(NORMAL) + 4 * look.mm(GAP) + look.mm(LINE_MM)


class TextLine(QWidget):
    """What is being typed, its end always in sight."""

    def __init__(self, look: Look, hint: str = "", parent: QWidget | None = None) -> None:
        """`hint` stands there while nothing was typed."""
        super().__init__(parent)
        self.look = look
        self.hint = hint
        self.text = ""
        self.setObjectName("typed")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A line with room around it."""
        return QSize(self.look.mm(60), self.look.mm(LINE_MM))

    def minimumSizeHint(self) -> QSize:
        """Never lower."""
        return QSize(self.look.mm(40), self.look.mm(LINE_MM))

    def show_text(self, text: str) -> None:
        """Shows a text."""
        self.text = text
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text from the left, moved left when it is longer than the line."""
        painter = QPainter(self)
        look = self.look
        box = QRectF(self.rect())
        rounded(
            painter, box, look["bg"], look["text"], radius=look.px(RADIUS), edge_px=look.edge(CHOSEN_EDGE)
        )
        pad = look.px(2.4)
        painter.setClipRect(box.adjusted(pad / 2, 0, -pad / 2, 0))
        painter.setFont(look.font(Token.STRONG, MEDIUM_WEIGHT))
        painter.setPen(look["text"] if self.text else look["text3"])
        width = look.width(self.text, Token.STRONG)
        x = min(pad, self.width() - pad - width - look.px(1.0))
        baseline = self.height() / 2 + look.cap(Token.STRONG) / 2
        painter.drawText(QPointF(x if self.text else pad + look.px(1.0), baseline), self.text or self.hint)
        tall = look.cap(Token.STRONG) * 1.4
        painter.fillRect(
            QRectF(x + width + look.px(0.4), self.height() / 2 - tall / 2, 2, tall), look["text"]
        )
        painter.end()


class Keyboard(QWidget):
    """Types into its own line; `changed` at every key, `done` with the text.

    With `names` each word starts with a capital.
    """

    changed = Signal(str)
    done = Signal(str)
    following = _NEXT
    shown_as = _SHOWN
    """The layers one after the other, and what the key to the next of each says."""

    def __init__(
        self,
        look: Look,
        hint: str = "",
        *,
        names: bool = False,
        longest: int = 120,
        across: int = 10,
        parent: QWidget | None = None,
    ) -> None:
        """No more than `longest` letters; ten or nine keys `across`, nine wherever ten have no room."""
        super().__init__(parent)
        self.look = look
        self.names = names
        self.longest = longest
        self.across = self.most_across = across
        self.text = ""
        self.layer = "letters"
        self.shifted = names
        self.line = self.make_line(hint)
        self._keys = [self._letter(number) for number in range(3 * across)]  # the last rest where nine fit
        self.shift = self._special("shift", "Shift")
        self.layers = self._special("layer", "123")
        self.space = self._special("space", "space")
        self.erase = self._special("erase", "")
        self.erase.set_icon("erase")
        self.erase.form = Form.LEFT
        self.finish = self._special("done", "Done")
        self.finish.set_state(State.MAIN)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._show_layer()

    def make_line(self, hint: str) -> TextLine:
        """Where what is typed is seen."""
        return TextLine(self.look, hint, self)

    def letters_of(self, layer: str) -> str:
        """The keys of a layer, as many as stand across."""
        return LAYERS[self.across][layer]

    def _letter(self, number: int) -> Target:
        target = Target(self.look, f"letter.{number}", "", token=Token.STRONG, parent=self)
        target.clicked.connect(lambda: self.press(target.words))
        return target

    def _special(self, name: str, words: str) -> Target:
        target = Target(self.look, f"keyboard.{name}", words, parent=self)
        target.clicked.connect(lambda: self.press(name))
        return target

    def set_text(self, text: str) -> None:
        """Puts a text into the line."""
        self.text = text
        self.line.show_text(text)
        self._show_layer()

    def press(self, key: str) -> None:
        """What a key does: a letter, or "shift", "layer", "space", "erase", "done"."""
        match key:
            case "shift":
                self.shifted = not self.shifted
            case "layer":
                self.layer = self.following[self.layer]
            case "done":
                self.done.emit(self.text)
                return
            case "erase":
                self._type(self.text[:-1])
            case "space":
                self.press_space()
            case _:
                self._type(self.text + key)
        self._show_layer()

    def press_space(self) -> None:
        """A space between words; none before the first and no second one."""
        if self.text and not self.text.endswith(" "):
            self._type(self.text + " ")

    def press_letters(self, letters: str) -> None:
        """Letters as they are, from a keyboard that has capitals of its own."""
        self._type(self.text + letters)
        self._show_layer()

    def _type(self, text: str) -> None:
        if len(text) > self.longest:
            return
        self.text = text
        self.shifted = self.names and (not text or text.endswith((" ", "-", "'")))
        self.line.show_text(text)
        self.changed.emit(text)

    def _show_layer(self) -> None:
        letters = self.letters_of(self.layer)
        for target in self._keys[len(letters) :]:
            target.hide()
        for target, letter in zip(self._keys, letters, strict=False):
            target.setVisible(True)
            shown = letter.upper() if self.shifted and letter not in _NO_CAPITAL else letter
            target.setObjectName(f"letter.{shown}")
            target.set_words(shown)
        self.shift.set_state(State.CHOSEN if self.shifted else State.NORMAL)
        self.layers.set_words(self.shown_as[self.layer])

    def sizeHint(self) -> QSize:
        """The line and four rows of keys."""
        return QSize(self._wide(self.most_across), keyboard_height(self.look))

    def _wide(self, across: int) -> int:
        """How wide so many keys are at least."""
        return across * (self.look.mm(NORMAL) + self.look.mm(GAP)) - self.look.mm(GAP)

    def minimumSizeHint(self) -> QSize:
        """Never smaller: the keys have their millimetres."""
        return QSize(self._wide(min(self.most_across, FEWEST_ACROSS)), self.sizeHint().height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """As many keys across as have their millimetres, and a last row of wide ones."""
        across = self.most_across if self.width() >= self._wide(self.most_across) else FEWEST_ACROSS
        if across != self.across:
            self.across = across
            self._show_layer()
        self._lay_out()

    def _lay_out(self) -> None:
        gap, tall = self.look.mm(GAP), self.look.mm(NORMAL)
        line = self.line.sizeHint().height()
        self.line.setGeometry(0, 0, self.width(), line)
        top = line + gap
        wide = (self.width() - (self.across - 1) * gap) // self.across
        for number, target in enumerate(self._keys):
            target.setGeometry(
                number % self.across * (wide + gap), top + number // self.across * (tall + gap), wide, tall
            )
        y, x = top + 3 * (tall + gap), 0
        for target, keys in (
            (self.shift, 2),
            (self.layers, 1),
            (self.space, self.across - 6),
            (self.erase, 1),
            (self.finish, 2),
        ):
            width = keys * wide + (keys - 1) * gap
            target.setGeometry(x, y, width, tall)
            x += width + gap

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, so that nothing shines through between the keys."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["panel"])
        painter.end()
