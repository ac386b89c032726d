"""The record is sealed: an administrator's passphrase opens it, asked before anything of the record is read."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.frames import SECOND_DISPLAY, SavedLine
from app.unsealing import SealFrame
from ui.screens.base import LAST_LINE_MM
from ui.sheets.base import Part, filled
from ui.theme import BOLD_WEIGHT, EDGE, GAP, Look, Token
from ui.widgets.event_bar import LastLine
from ui.widgets.secret import HOLD_MM, SecretPanel
from ui.widgets.target import Form, Role, State, Target
from ui.widgets.words import Words

TITLE: Final = "The record on this computer is sealed"
OPENS: Final = "An administrator’s passphrase opens it."
MEANWHILE: Final = "Until then nothing is recorded: watch the monitor and the pump, write on paper."
FORGOTTEN: Final = "What was typed is gone: no key was touched for a minute. Type the passphrase again."
FAILED_TITLE: Final = "The passphrase is right, and the record cannot be opened"
LOST_TITLE: Final = "Nobody knows the passphrase"
LOST_FIRST: Final = (
    "Go on without Chairside: watch monitor and pump, write on paper. Nothing on this computer is deleted."
)
LOST_LOOK: Final = (
    "1. Look in the safe and ask the other administrators. An older passphrase may open the file chairside.sealed of "
    "an older back-up."
)
LOST_KEY: Final = (
    "2. Look for a copy of the key, chairside.key, in the safe or on a stick. With it, on a terminal of this "
    "computer: python main.py key recover --key FILE --data {folder} (then start Chairside again)"
)
LOST_ALL: Final = (
    "3. Neither is found: nobody can read the record, its makers included. Begin a new one in another folder and keep "
    "the back-ups, in case the key turns up. Not lost: summaries saved as PDF, and what was printed."
)
LOST: Final = (LOST_FIRST, LOST_LOOK, LOST_KEY, LOST_ALL)


class UnsealScreen(QWidget):
    """Asks for the passphrase. `tried` gives it, `left` says that somebody wants Chairside closed.

    Targets: "show_passphrase" (held), "lost_passphrase", "dim", "letter.*", "keyboard.*" ("keyboard.done" opens);
    where nobody knows it "back_to_passphrase", "close_chairside".
    """

    tried = Signal(str)
    typed = Signal()
    left = Signal()
    dimmed = Signal()

    def __init__(self, look: Look, folder: str, parent: QWidget | None = None) -> None:
        """Empty; `folder` is where the record lies."""
        super().__init__(parent)
        self.look = look
        self.said = ""
        self.frame = SealFrame("")
        self.last_line = LastLine(look, self)
        self.last_line.show_line(SavedLine("none", "", SECOND_DISPLAY))
        self.asking = self._asking()
        self.lost = self._lost(folder)
        self.failed: QWidget | None = None
        look.changed.connect(self.update)
        self.show_lost(False)
        self.show_frame(self.frame)

    # ------------------------------------------------------------------ what stands on it

    def _asking(self) -> QWidget:
        part = Part(self)
        look = self.look
        title = Words(look, TITLE, token=Token.CRITICAL, weight=BOLD_WEIGHT, parent=part)
        dim = self._target(part, "dim", "Dim", icon="moon", form=Form.LEFT)
        dim.clicked.connect(lambda _on=False: self.dimmed.emit())
        lost = self._target(part, "lost_passphrase", "Nobody knows it")
        lost.setMinimumWidth(look.mm(HOLD_MM))
        lost.clicked.connect(lambda _on=False: self.show_lost(True))
        self.secret = SecretPanel(look, part)
        self.secret.keyboard.finish.set_words("Open")
        self.secret.changed.connect(self._typed)
        self.secret.forgotten.connect(self._forgotten)
        self.secret.done.connect(self._done)
        told = (
            Words(look, OPENS, token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True, parent=part),
            Words(look, MEANWHILE, wrap=True, parent=part),
        )
        column = self._column(self._row(title, None, lost, dim), *told)
        column.addStretch(1)
        column.addWidget(self.secret)
        part.setLayout(column)
        return part

    def _lost(self, folder: str) -> QWidget:
        back = self._target(
            self, "back_to_passphrase", "Back", icon="undo", form=Form.LEFT, role=Role.CRITICAL
        )
        back.clicked.connect(lambda _on=False: self.show_lost(False))
        return self._page(LOST_TITLE, tuple(words.format(folder=folder) for words in LOST), back)

    def _page(self, title: str, told: tuple[str, ...], back: Target | None = None) -> QWidget:
        """Words and the way out of Chairside, in place of the question."""
        part = Part(self)
        look = self.look
        close = self._target(part, "close_chairside", "Close Chairside", icon="cross", form=Form.LEFT)
        close.clicked.connect(lambda _on=False: self.left.emit())
        column = self._column(Words(look, title, token=Token.CRITICAL, weight=BOLD_WEIGHT, parent=part))
        for words in told:
            column.addWidget(Words(look, words, wrap=True, parent=part))
        column.addStretch(1)
        column.addLayout(self._row(back, None, close))
        part.setLayout(column)
        return part

    def _target(self, part: QWidget, name: str, words: str, **kinds: object) -> Target:
        return Target(self.look, name, words, parent=part, **kinds)  # type: ignore[arg-type]

    def _row(self, *widgets: QWidget | None) -> QHBoxLayout:
        return filled(QHBoxLayout(), widgets, self.look.mm(GAP))

    def _column(self, *widgets: QWidget | QHBoxLayout) -> QVBoxLayout:
        return filled(QVBoxLayout(), widgets, self.look.mm(GAP))

    # ------------------------------------------------------------------ what it shows

    def show_frame(self, frame: SealFrame) -> None:
        """Shows what became of the last try, and whether the next may be made."""
        self.frame = frame
        self.secret.says.set_text(frame.words)
        finish = self.secret.keyboard.finish
        state = State.BARRED if frame.barred else State.MAIN
        finish.set_state(State.SAVING if frame.is_opening else state, frame.barred)
        finish.set_words("Opening" if frame.is_opening else "Open")

    def show_lost(self, lost: bool) -> None:
        """What to do when nobody knows the passphrase, or the question again."""
        self.secret.keyboard.show_plainly(False)
        self.asking.setVisible(not lost)
        self.lost.setVisible(lost)

    def show_failed(self, why: str) -> None:
        """The passphrase was right and the record cannot be opened all the same."""
        self.clear()
        self.asking.hide()
        self.lost.hide()
        self.failed = self._page(FAILED_TITLE, (why, MEANWHILE))
        self._place()
        self.failed.show()

    def clear(self) -> None:
        """The line is empty again."""
        self.secret.clear()
        self.typed.emit()

    # ------------------------------------------------------------------ what a finger does

    def _typed(self) -> None:
        self.said = ""
        self.typed.emit()

    def _forgotten(self) -> None:
        self.said = FORGOTTEN
        self.typed.emit()

    def _done(self, text: str) -> None:
        if not self.frame.barred:
            self.tried.emit(text)

    # ------------------------------------------------------------------ places

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Everything again."""
        self._place()

    def _place(self) -> None:
        """Five millimetres from the panel's edges; the last line lies in the margin below."""
        edge, line = self.look.mm(EDGE), self.look.mm(LAST_LINE_MM)
        room = self.rect().adjusted(edge, edge, -edge, -line)
        for part in (self.asking, self.lost, self.failed):
            if part is not None:
                part.setGeometry(room)
        self.last_line.setGeometry(edge, self.height() - line, self.width() - 2 * edge, line)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        painter.end()
