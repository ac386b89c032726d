"""A note: a phrase of the clinic in one touch, or words by keyboard."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.messages import WriteNote
from ui.sheets.base import PAD_MM, BackChips, Desk, Part, Sheet
from ui.sheets.text import TextPanel
from ui.theme import GAP
from ui.widgets.chips import Chips
from ui.widgets.target import Form

ROWS = 4
"""Rows of phrases on a page: so many have room on the smaller panel."""


class NoteSheet(Sheet):
    """A phrase or words; and the way to what has no place on the bar.

    Targets: "phrase.<n>" (the clinic's own first), "more_phrases", "note.write", then the keyboard with
    "keyboard.done"; "open.vital", "open.oxygen", "open.iv", "open.limits", "open.scores", "open.people",
    "open.record", "open.set-up".
    """

    title = "Note"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Phrases first, the clinic's own before all others, so that the keyboard is rarely needed."""
        super().__init__(desk, parent)
        entry = self.catalog.text_entry
        self.offered = (*entry.own_phrases, *entry.note_phrases)
        self.pages: list[list[str]] = [[]]
        self.page = 0
        self.phrases = Chips(self.look, "phrase", (), parent=self)
        self.phrases.chosen.connect(lambda key: self._save(self.pages[self.page][int(key)]))
        self.more = self.target("more_phrases", "More", self._turn, icon="more", form=Form.LEFT)
        self.write = self.target(
            "note.write", "Write a note", self._write, icon="note", form=Form.LEFT, alternatives=("Write",)
        )
        self.vital = self.target(
            "open.vital", "Vital sign by hand", lambda: self.wants.emit("vital"), alternatives=("Vital sign",)
        )
        self.oxygen = self.target("open.oxygen", "Oxygen", lambda: self.wants.emit("oxygen"))
        self.iv = self.target("open.iv", "IV site", lambda: self.wants.emit("iv"))
        self.limits = self.target(
            "open.limits", "Alarm limits", lambda: self.wants.emit("limits"), alternatives=("Limits",)
        )
        self.scores = self.target("open.scores", "Scores", lambda: self.wants.emit("scores"))
        self.record = self.target("open.record", "Record", lambda: self.wants.emit("record"))
        self.people = self.target("open.people", "People", lambda: self.wants.emit("people"))
        self.set_up = self.target("open.set-up", "Devices", lambda: self.wants.emit("set-up"))
        self.text = TextPanel(self, "Note", longest=self.catalog.text_entry.note_longest)
        self.text.done.connect(self._save)
        self.text.hide()
        self.back = BackChips(self, self.catalog.windows.back_min)
        self.body.addWidget(self.phrases)
        self.body.addStretch(1)
        self.body.addWidget(self.text)
        self.others = Part(self)
        others = (self.write, self.more, None, self.record, self.limits, self.vital, self.oxygen, self.set_up)
        self.others.setLayout(self.row(*others))
        self.body.addWidget(self.others)
        self.body.addLayout(self.row(self.back, None, self.iv, self.scores, self.people))
        self.show_touched()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many phrases on a page as have their room."""
        super().resizeEvent(event)
        self.pages, self.page = self._paged(self.width() - 2 * self.mm(PAD_MM)), 0
        self._show_phrases()

    def _paged(self, width: int) -> list[list[str]]:
        pages: list[list[str]] = [[]]
        gap, row, used = self.mm(GAP), 1, 0
        for words in self.offered:
            wide = self.phrases.chip_width(words)
            if used and used + gap + wide > width:
                row, used = row + 1, 0
            if row > ROWS:
                pages.append([])
                row = 1
            pages[-1].append(words)
            used += (gap if used else 0) + wide
        return pages

    def _show_phrases(self) -> None:
        self.phrases.set_choices([(str(number), words) for number, words in enumerate(self.pages[self.page])])
        self.more.setVisible(len(self.pages) > 1)

    def _turn(self) -> None:
        self.page = (self.page + 1) % len(self.pages)
        self._show_phrases()

    def _write(self) -> None:
        self.phrases.hide()
        self.others.hide()
        self.text.show()

    def _save(self, text: str) -> None:
        if not text.strip():
            self.ask_card.refuse("The note is empty.")
            return
        self.send(WriteNote(text.strip(), self.back.minutes), self.touched_at)
