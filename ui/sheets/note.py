"""A note: a phrase of the clinic in one touch, or words by keyboard."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.messages import WriteNote
from ui.sheets.base import BackChips, Desk, Part, Sheet
from ui.sheets.text import TextPanel
from ui.widgets.chips import Chips
from ui.widgets.target import Form


class NoteSheet(Sheet):
    """A phrase or words; and the way to what has no place on the bar.

    Targets: "phrase.<n>", "note.write", then the keyboard with "keyboard.done"; "open.vital", "open.oxygen",
    "open.iv", "open.limits", "open.scores", "open.people", "open.record", "open.set-up".
    """

    title = "Note"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Phrases first, so that the keyboard is rarely needed."""
        super().__init__(desk, parent)
        phrases = self.catalog.text_entry.note_phrases
        self.phrases = Chips(
            self.look, "phrase", [(str(number), words) for number, words in enumerate(phrases)], parent=self
        )
        self.phrases.chosen.connect(lambda key: self._save(phrases[int(key)]))
        self.write = self.target("note.write", "Write a note", self._write, icon="note", form=Form.LEFT)
        self.vital = self.target("open.vital", "Vital sign by hand", lambda: self.wants.emit("vital"))
        self.oxygen = self.target("open.oxygen", "Oxygen", lambda: self.wants.emit("oxygen"))
        self.iv = self.target("open.iv", "IV site", lambda: self.wants.emit("iv"))
        self.limits = self.target("open.limits", "Alarm limits", lambda: self.wants.emit("limits"))
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
        self.others.setLayout(self.row(self.write, None, self.record, self.limits, self.vital, self.oxygen))
        self.body.addWidget(self.others)
        self.body.addLayout(self.row(self.back, None, self.iv, self.scores, self.people, self.set_up))
        self.show_touched()

    def _write(self) -> None:
        self.phrases.hide()
        self.others.hide()
        self.text.show()

    def _save(self, text: str) -> None:
        if not text.strip():
            self.ask_card.refuse("The note is empty.")
            return
        self.send(WriteNote(text.strip(), self.back.minutes), self.touched_at)
