"""The session's lines, newest first: undo the last within its seconds, amend an older one with a reason."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.frames import Answer, LogLine
from app.messages import Amend, AnyAct, Undo
from app.roles import CARES
from ui.sheets.base import Desk, Part, Sheet, clear
from ui.sheets.sign import SignPanel
from ui.sheets.text import TextPanel
from ui.theme import CRITICAL, GAP, NORMAL
from ui.widgets.chips import Chips
from ui.widgets.target import Form, Role, State, Target


class LogSheet(Sheet):
    """The lines of the session that goes on.

    Targets: "line.<n>" (0 is the newest), "undo", "earlier", "later", "review", "sessions", "reason.<n>", then the
    keyboard, then "signer.<id>", "pin.<digit>" and "sign_now".
    """

    title = "What was written"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Shows the newest page."""
        super().__init__(desk, parent)
        self.page = 0
        self.chosen: LogLine | None = None
        self.reason = ""
        self.written = ""
        self._shown: tuple[object, ...] = ()
        self.rows = QVBoxLayout()
        self.rows.setSpacing(self.mm(GAP))
        self.undo = self.target(
            "undo", "Undo", self._undo, icon="undo", form=Form.LEFT, role=Role.CRITICAL, state=State.MAIN
        )
        self.earlier = self.target("earlier", "Earlier", lambda: self._turn(1))
        self.later = self.target("later", "Later", lambda: self._turn(-1))
        self.says = self.words(wrap=True)
        reasons = list(enumerate(self.catalog.text_entry.amend_reasons))
        self.reasons = Chips(self.look, "reason", [(str(n), words) for n, words in reasons], parent=self)
        self.reasons.chosen.connect(self._choose_reason)
        self.text = TextPanel(self, "It should read", longest=self.catalog.text_entry.note_longest)
        self.text.done.connect(self._ask_sign)
        self.sign = SignPanel(self, "sign_now", "Sign amendment", roles=CARES)
        self.sign.signed.connect(self._amend)
        self.review = self.target("review", "Review", self._review)
        self.sessions = self.target("sessions", "Sessions", lambda: self.wants.emit("sessions"))
        self.body.addLayout(self.rows)
        self.body.addWidget(self.says)
        self.body.addWidget(self.reasons)
        self.body.addStretch(1)
        self.body.addWidget(self.text)
        self.body.addWidget(self.sign, 10)
        self.foot = Part(self)
        self.foot.setLayout(self.row(self.earlier, self.later, self.review, self.sessions, None, self.undo))
        self.body.addWidget(self.foot)
        self._show_mode()

    def refresh(self) -> None:
        """The lines of the page, and how long the last can be undone."""
        if self.snapshot is None:
            return
        undo = self.snapshot.undo
        self.undo.setVisible(undo is not None)
        if undo is not None:
            self.undo.set_words(f"Undo {undo.text}", second=f"{undo.seconds_left} s left")
        self.sign.show_staff(self.snapshot.staff, self.snapshot.who)
        if self.chosen is None:
            self._show_page()

    def _per_page(self) -> int:
        pitch = self.mm(NORMAL) + self.mm(GAP)
        room = self.height() - self.head.height() - self.mm(CRITICAL) - self.mm(10.0)
        return max(2, room // pitch)

    def _show_page(self) -> None:
        assert self.snapshot is not None
        newest_first = self.snapshot.log
        count = self._per_page()
        pages = max(1, -(-len(newest_first) // count))
        self.page = min(self.page, pages - 1)
        lines = newest_first[self.page * count : (self.page + 1) * count]
        self.earlier.set_state(State.NORMAL if self.page < pages - 1 else State.BARRED, "first line")
        self.later.set_state(State.NORMAL if self.page else State.BARRED, "last line")
        if (lines, count) == self._shown:
            return
        self._shown = (lines, count)
        clear(self.rows)
        for place, line in enumerate(lines):
            self.rows.addWidget(self._line(self.page * count + place, line))

    def _line(self, number: int, line: LogLine) -> Target:
        icon = "undo" if line.struck else ("note" if line.note else "")
        target = self.target(
            f"line.{number}",
            f"{line.at}  {line.text}",
            lambda: self._choose(line),
            value=f"taken back, {line.who}" if line.struck else line.who,
            icon=icon,
            form=Form.ROW,
            alternatives=tuple(f"{line.at}  {words}" for words in shorter(line.text)),
        )
        target.struck = line.struck
        return target

    def _turn(self, pages: int) -> None:
        self.page = max(0, self.page + pages)
        self.refresh()

    # ------------------------------------------------------------------ amending

    def _choose(self, line: LogLine) -> None:
        if line.struck:
            self.ask_card.refuse("This line was taken back.")
            return
        self.chosen, self.reason = line, ""
        self.reasons.pick(None)
        self.says.set_text(f"{line.at}  {line.text}\nWhy is it amended?")
        self._show_mode()

    def _choose_reason(self, key: str) -> None:
        self.reason = self.catalog.text_entry.amend_reasons[int(key)]
        self.text.begin("It should read", "")
        self._show_mode()

    def _show_mode(self) -> None:
        amending, signing = self.chosen is not None, bool(self.written)
        typing = bool(self.reason) and not signing
        for place in range(self.rows.count()):
            item = self.rows.itemAt(place)
            line = item.widget() if item is not None else None
            if line is not None:
                line.setVisible(not amending)
        self.says.setVisible(amending and not signing)
        self.reasons.setVisible(amending and not typing and not signing)
        self.text.setVisible(typing)
        self.sign.setVisible(signing)
        self.foot.setVisible(not amending)
        self.close_target.set_words("Close, no change" if amending else "Close")

    def close_sheet(self) -> None:
        """From an amendment back to the lines, from the lines back to the chair."""
        if self.chosen is None:
            self.closed.emit()
            return
        self._back_to_lines()

    def _back_to_lines(self) -> None:
        self.chosen, self.reason, self.written, self._shown = None, "", "", ()
        self._show_mode()
        self.refresh()

    def _ask_sign(self, text: str) -> None:
        """Whoever amends signs for it."""
        if self.chosen is None or not text.strip():
            return
        self.written = text.strip()
        head = f"{self.chosen.at}  {self.chosen.text}\nShould read: {self.written}. {self.reason}."
        self.sign.begin(head, "Sign amendment")
        self._show_mode()

    def _amend(self, staff: str, pin: str) -> None:
        if self.chosen is not None and self.snapshot is not None:
            session = self.snapshot.session
            self.send(Amend(self.chosen.entry, self.written, self.reason, staff, pin, session))

    def _review(self) -> None:
        if self.snapshot is not None:
            self.wants.emit(f"review.{self.snapshot.session}")

    def _undo(self) -> None:
        if self.snapshot is not None and self.snapshot.undo is not None:
            self.send(Undo(self.snapshot.undo.entry))

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """An undo closes the sheet, an amendment goes back to the lines."""
        if isinstance(act, Undo):
            self.closed.emit()
        else:
            self.sign.answered()
            self._back_to_lines()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """A wrong PIN stands beside its dots."""
        if isinstance(act, Amend) and answer.field in ("pin", "signer"):
            self.sign.refused(answer.reason)
        else:
            super().refused(act, answer)


def shorter(text: str) -> tuple[str, ...]:
    """The text with fewer and fewer of its last words, for a line that has less room."""
    words = text.split(" ")
    return tuple(" ".join(words[:count]) for count in range(len(words) - 1, 1, -1))
