"""Words by touch keyboard, in as much width as there is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.sheets.base import Page
from ui.widgets.keyboard import Keyboard


class TextPanel(QWidget):
    """A keyboard with its line. `done` gives the text, `changed` at every key."""

    done = Signal(str)
    changed = Signal(str)

    def __init__(self, page: Page, hint: str, *, names: bool = False, longest: int = 120) -> None:
        """`names` starts each word with a capital."""
        super().__init__(page)
        self.keyboard = Keyboard(page.look, hint, names=names, longest=longest, parent=self)
        self.keyboard.done.connect(self.done)
        self.keyboard.changed.connect(self.changed)
        self.keyboard.changed.connect(lambda _text: page.stir())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What was typed."""
        return self.keyboard.text

    def begin(self, hint: str, text: str = "", *, names: bool = False) -> None:
        """Types something else, from this text."""
        self.keyboard.names = names
        self.keyboard.layer = "letters"
        self.keyboard.shifted = names and not text
        self.keyboard.line.hint = hint
        self.keyboard.set_text(text)

    def sizeHint(self) -> QSize:
        """As high as the keyboard; the width is what there is."""
        return QSize(self.keyboard.look.mm(150), self.keyboard.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Never lower."""
        return self.sizeHint()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The keyboard takes the whole width."""
        self.keyboard.setGeometry(self.rect())
