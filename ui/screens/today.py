"""Today: what is unfinished first, a new patient, and the sessions of the file."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.frames import Answer, SessionLine
from app.messages import AnyAct, ShowSession
from ui.screens.base import Screen, main_target
from ui.sheets.base import Desk, clear
from ui.theme import BOLD_WEIGHT, GAP, NORMAL, Token
from ui.widgets.target import Form, State, Target


class TodayScreen(Screen):
    """Targets: "resume", "new_patient", "session.<n>" (0 is the first of the list), "earlier", "later"."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.page = 0
        self._shown: tuple[object, ...] = ()
        self.title = self.words("Sessions", token=Token.STRONG, weight=BOLD_WEIGHT)
        self.who = self.words(role="text2")
        self.empty = self.words("No session yet.", role="text2")
        self.rows = QVBoxLayout()
        self.rows.setSpacing(self.mm(GAP))
        self.earlier = self.target("earlier", "Earlier", partial(self._turn, 1))
        self.later = self.target("later", "Later", partial(self._turn, -1))
        self.new_patient = main_target(self, "new_patient", "New patient", lambda: self.wants.emit("patient"))
        self.resume = main_target(self, "resume", "Resume", self._resume)
        self.body.addLayout(self.row(self.title, None, self.who))
        self.body.addWidget(self.empty)
        self.body.addLayout(self.rows)
        self.body.addStretch(1)
        self.body.addLayout(self.row(self.earlier, self.later, None, self.new_patient, self.resume))

    def refresh(self) -> None:
        """Unfinished first; then one main act, Resume before New patient."""
        super().refresh()
        if self.snapshot is None:
            return
        shot = self.snapshot
        row = next((row for row in shot.staff if row.staff == shot.who), None)
        self.who.set_text(f"{row.name} is here" if row is not None else "")
        unfinished = self._unfinished()
        self.resume.setVisible(unfinished is not None)
        self.new_patient.set_state(State.NORMAL if unfinished is not None else State.MAIN)
        if unfinished is not None:
            self.resume.set_words(
                f"Resume {unfinished.patient}", second=f"{unfinished.state}, {unfinished.when}"
            )
        self._show_page(shot.sessions)

    def _unfinished(self) -> SessionLine | None:
        sessions = self.snapshot.sessions if self.snapshot is not None else ()
        return next((line for line in sessions if not line.finished), None)

    def _per_page(self) -> int:
        room = self.overview.height() - self.title.height() - self.resume.height() - self.mm(3 * GAP)
        return max(2, room // (self.mm(NORMAL) + self.mm(GAP)))

    def _show_page(self, sessions: tuple[SessionLine, ...]) -> None:
        count = self._per_page()
        pages = max(1, -(-len(sessions) // count))
        self.page = min(self.page, pages - 1)
        for target, there in ((self.earlier, self.page < pages - 1), (self.later, self.page > 0)):
            target.setVisible(pages > 1)
            target.set_state(State.NORMAL if there else State.BARRED, "" if there else "no more")
        self.empty.setVisible(not sessions)
        lines = sessions[self.page * count : (self.page + 1) * count]
        if (lines, self.page) == self._shown:
            return
        self._shown = (lines, self.page)
        clear(self.rows)
        for place, line in enumerate(lines):
            self.rows.addWidget(self._line(self.page * count + place, line))

    def _line(self, number: int, line: SessionLine) -> Target:
        mrn = line.mrn if line.mrn.startswith("MRN") or not line.mrn else f"MRN {line.mrn}"
        return self.target(
            f"session.{number}",
            line.patient or "No patient yet",
            partial(self._show_session, line),
            note="  ".join(part for part in (mrn, line.protocol) if part),
            value=f"{line.when}, {line.state}",
            icon="check" if line.finished else "clock",
            form=Form.ROW,
        )

    def _turn(self, pages: int) -> None:
        self.page = max(0, self.page + pages)
        self.refresh()

    def _show_session(self, line: SessionLine) -> None:
        self.send(ShowSession(line.session))

    def _resume(self) -> None:
        unfinished = self._unfinished()
        if unfinished is not None:
            self._show_session(unfinished)

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The snapshot's phase brings the next screen."""
