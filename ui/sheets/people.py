"""Who has the patient: hand-over by the taker's PIN, and the anesthetist who supervises."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from app.frames import Answer
from app.messages import AnyAct, HandOver, NameSupervisor
from app.roles import CARES
from ui.sheets.base import Desk, Sheet, clear
from ui.sheets.sign import PRESCRIBERS, SignPanel, rows_of
from ui.theme import GAP
from ui.widgets.target import State


class PeopleSheet(Sheet):
    """Targets: "open.hand_over", "open.supervisor"."""

    title = "People"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Two ways on."""
        super().__init__(desk, parent)
        self.says = self.words()
        hand_over = self.target(
            "open.hand_over", "Hand over", partial(self.wants.emit, "hand_over"), icon="user"
        )
        name = self.target(
            "open.supervisor", "Supervising anesthetist", partial(self.wants.emit, "supervisor"), icon="user"
        )
        self.body.addWidget(self.says)
        self.body.addLayout(self.row(hand_over, name))
        self.body.addStretch(1)

    def refresh(self) -> None:
        """Who has the patient now, and who supervises."""
        if self.snapshot is None:
            return
        names = {row.staff: row.name for row in self.snapshot.staff}
        who = names.get(self.snapshot.who, "nobody")
        self.says.set_text(
            f"With the patient: {who}. Supervises: {names.get(self.snapshot.supervisor, 'not named')}."
        )


class HandOverSheet(Sheet):
    """The new person picks their name and signs. Targets: "taker.<id>", "pin.<digit>", "take_over"."""

    title = "Hand over"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Everybody who may take a patient over, but who has her now."""
        super().__init__(desk, parent)
        self.sign = SignPanel(self, "take_over", "Take over", prefix="taker", roles=CARES)
        self.sign.signed.connect(lambda staff, pin: self.send(HandOver(staff, pin)))
        self.sign.begin("Who takes the patient over?", "Take over")
        self.body.addWidget(self.sign, 1)

    def refresh(self) -> None:
        """The names."""
        if self.snapshot is not None:
            who = self.snapshot.who
            self.sign.show_staff(tuple(row for row in self.snapshot.staff if row.staff != who))

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Wrong PIN, or too many."""
        self.sign.refused(answer.reason)


class SupervisorSheet(Sheet):
    """Who supervises from here on. Targets: "supervisor.<id>"."""

    title = "Supervising anesthetist"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self._offered: object = None
        self.grid = QGridLayout()
        self.grid.setSpacing(self.mm(GAP))
        self.body.addLayout(self.grid)
        self.body.addStretch(1)

    def refresh(self) -> None:
        """The anesthetists; the one who supervises now is marked."""
        if self.snapshot is None:
            return
        rows = rows_of(self.snapshot.staff, PRESCRIBERS)
        offered = (tuple((row.staff, row.name) for row in rows), self.snapshot.supervisor)
        if offered == self._offered:
            return
        self._offered = offered
        clear(self.grid)
        for place, row in enumerate(rows):
            target = self.target(f"supervisor.{row.staff}", row.name, partial(self._name, row.staff))
            if row.staff == self.snapshot.supervisor:
                target.set_state(State.CHOSEN)
            self.grid.addWidget(target, place // 2, place % 2)

    def _name(self, staff: str) -> None:
        self.send(NameSupervisor(staff))
