"""Why a limit was passed, and who else was there: a reason to pick or to write, and a second person's name."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.frames import Snapshot
from ui.sheets.base import Page
from ui.sheets.text import TextPanel
from ui.theme import BOLD_WEIGHT, GAP
from ui.widgets.chips import Chips
from ui.widgets.words import Words

OTHER = "other"


class WhyPanel(QWidget):
    """Asks for a reason, and for a second person where one is wanted. `changed` when either is given.

    `typing` while the keyboard needs the height of the sheet.
    """

    changed = Signal()
    typing = Signal(bool)

    def __init__(self, page: Page) -> None:
        """The reasons are the clinic's, or written by keyboard."""
        super().__init__(page)
        self.page = page
        self.reason = ""
        self.second = ""
        self.wants_second = False
        self._staff: tuple[tuple[str, str], ...] = ()
        self.says = Words(page.look, "", weight=BOLD_WEIGHT, wrap=True, parent=self)
        reasons = [(str(number), words) for number, words in enumerate(page.catalog.order_choices.reasons)]
        self.reasons = Chips(page.look, "why", [*reasons[:-1], (OTHER, "Write it")], parent=self)
        self.reasons.chosen.connect(self._reason)
        self.who = Words(page.look, "Second person", weight=BOLD_WEIGHT, parent=self)
        self.people = Chips(page.look, "second", (), parent=self)
        self.people.chosen.connect(self._second)
        self.text = TextPanel(page, "Reason")
        self.text.done.connect(self._written)
        self.text.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(page.mm(GAP))
        for widget in (self.says, self.reasons, self.who, self.people, self.text):
            layout.addWidget(widget)
        layout.addStretch(1)

    def ask(self, words: str, *, second: bool) -> None:
        """Says what passes which limit; with `second` another person's name is needed."""
        self.says.set_text(words)
        self.wants_second = second
        self.who.setVisible(second)
        self.people.setVisible(second)

    def forget(self) -> None:
        """Nothing is given any more."""
        self.reason = self.second = ""
        self.reasons.pick(None)
        self.people.pick(None)

    def show_staff(self, snapshot: Snapshot) -> None:
        """Offers everybody but who is here."""
        people = tuple((row.staff, row.name) for row in snapshot.staff if row.staff != snapshot.who)
        if people != self._staff:
            self._staff = people
            self.people.set_choices(people)

    def lacks(self) -> str:
        """What is still missing, "" when nothing is."""
        if not self.reason:
            return "needs a reason"
        return "needs a second person" if self.wants_second and not self.second else ""

    def _reason(self, key: str) -> None:
        self.page.stir()
        if key == OTHER:
            self._show_text(shown=True)
            return
        self.reason = self.page.catalog.order_choices.reasons[int(key)]
        self.changed.emit()

    def _written(self, text: str) -> None:
        self.reason = text.strip()
        self._show_text(shown=False)
        self.changed.emit()

    def _show_text(self, *, shown: bool) -> None:
        self.typing.emit(shown)
        self.text.setVisible(shown)
        for widget in (self.says, self.reasons):
            widget.setVisible(not shown)
        self.who.setVisible(not shown and self.wants_second)
        self.people.setVisible(not shown and self.wants_second)

    def _second(self, staff: str) -> None:
        self.page.stir()
        self.second = staff
        self.changed.emit()
