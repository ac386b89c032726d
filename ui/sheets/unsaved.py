"""The paper list: what is not on disk, to be written down or printed until the disk takes it again."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.unsaved_frames import UnsavedFrame
from ui.paper_list import ENTRIES, REFUSED, VITALS, PaperListPages, line_words
from ui.printing import Printing
from ui.sheets.base import Desk, Sheet
from ui.theme import BOLD_WEIGHT, CRITICAL, Token
from ui.widgets.target import State

LINE_MM = 5.6
WORDS_MM = 16.0
"""What the headline and the printer's answer take."""


class UnsavedSheet(Sheet):
    """Targets: "earlier", "later", "print_list". Printing is all that it does: nothing could be saved."""

    title = "Write this on paper"
    close_words = "Close"

    def __init__(self, desk: Desk, printing: Printing | None, parent: QWidget | None = None) -> None:
        """Shows the newest page; without printing there is only the list."""
        super().__init__(desk, parent)
        self.printing = printing
        self.page = 0
        self.why = self.words(weight=BOLD_WEIGHT, wrap=True)
        self.list = self.words(token=Token.TEXT, role="text", wrap=True)
        self.outcome = self.words(weight=BOLD_WEIGHT, wrap=True)
        self.earlier = self.target("earlier", "Earlier", lambda: self._turn(1))
        self.later = self.target("later", "Later", lambda: self._turn(-1))
        self.print_target = self.target("print_list", "Print", self._print, icon="print", state=State.MAIN)
        self.print_target.setVisible(printing is not None)
        for part in (self.why, self.list, self.outcome):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.body.addLayout(self.row(self.earlier, self.later, None, self.print_target))

    def refresh(self) -> None:
        """The lines of the page; once all is on disk it says so."""
        frame = self.snapshot.unsaved if self.snapshot is not None else None
        if frame is None:
            self.why.set_text("Everything is saved now. Nothing is left to write down.")
            self.list.set_text("")
            return
        since = f"Not saved since {frame.since}. " if frame.since else ""
        self.why.set_text(f"{since}{frame.why}")
        lines, count = lines_of(frame), self._per_page()
        pages = max(1, -(-len(lines) // count))
        self.page = min(self.page, pages - 1)
        end = len(lines) - self.page * count
        self.list.set_text("\n".join(lines[max(0, end - count) : end]))
        self.earlier.set_state(State.NORMAL if self.page < pages - 1 else State.BARRED, "first line")
        self.later.set_state(State.NORMAL if self.page else State.BARRED, "last line")

    def _per_page(self) -> int:
        """Lines are counted as if each took two: a long one does."""
        room = self.height() - self.head.height() - self.mm(CRITICAL) - self.mm(WORDS_MM)
        return max(2, room // (2 * self.mm(LINE_MM)))

    def _turn(self, pages: int) -> None:
        self.page = max(0, self.page + pages)
        self.refresh()

    def _print(self) -> None:
        frame = self.snapshot.unsaved if self.snapshot is not None else None
        if frame is not None and self.printing is not None:
            outcome = self.printing.print_now(PaperListPages(frame, self.printing.paper))
            self.outcome.set_text(outcome.words)


def lines_of(frame: UnsavedFrame) -> list[str]:
    """Vital signs, what the record refused, and last the entries: the newest stands at the end."""
    found = []
    for title, lines in ((VITALS, frame.vitals), (REFUSED, frame.refused), (ENTRIES, frame.lines)):
        if lines:
            found += [f"{title}:", *(line_words(line) for line in lines)]
    return found
