"""Words by touch keyboard, in as much width as there is."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.sheets.base import Page
from ui.widgets.keyboard import Keyboard, keyboard_height


class TextPanel(QWidget):
    """A keyboard with its line. `done` gives the text, `changed` at every key."""

    done = Signal(str)
    changed = Signal(str)

    def __init__(self, page: Page, hint: str, *, names: bool = False, longest: int = 120) -> None:
        """`names` starts each word with a capital."""
        super().__init__(page)
        self.page = page
        self.hint = hint
        self.names = names
        self.longest = longest
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @cached_property
    def keyboard(self) -> Keyboard:
        """Made when it is needed: most sheets that could ask for words are left without any."""
        board = Keyboard(self.page.look, self.hint, names=self.names, longest=self.longest, parent=self)
        board.done.connect(self.done)
        board.changed.connect(self.changed)
        board.changed.connect(lambda _text: self.page.stir())
        board.setGeometry(self.rect())
        board.show()
        return board

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
        return QSize(self.page.mm(150), keyboard_height(self.page.look))

    def minimumSizeHint(self) -> QSize:
        """Never lower."""
        return self.sizeHint()

    def showEvent(self, _event: QShowEvent) -> None:
        """Now it is needed."""
        self.keyboard.setGeometry(self.rect())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The keyboard takes the whole width."""
        if "keyboard" in self.__dict__:
            self.keyboard.setGeometry(self.rect())
