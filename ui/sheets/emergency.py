"""The emergency sheet: what stops this pump, whom to call, stamped times, oxygen, reversal drugs. Nothing is barred."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from app.bedside_frames import EmergencyFrame
from app.frames import Answer, Snapshot
from app.messages import AnyAct, OpenEmergency, StampEmergency
from ui.sheets.base import Desk, Sheet, clear
from ui.theme import BOLD_WEIGHT, GAP, NORMAL, Token
from ui.widgets.target import Form, Role, State, Target

COLUMNS = 5
NOT_SET = "Numbers to call: not set (settings.toml)"


class EmergencySheet(Sheet):
    """It is written that it was opened.

    Targets: "stamp.<id>", "drug.<id>", "open.oxygen", "drugs.more".
    """

    title = "Emergency"
    close_words = "Close"

    def __init__(self, desk: Desk, parent: QWidget | None = None, why: str = "touched") -> None:
        """Writes that it was opened; everything on it stands there at once."""
        super().__init__(desk, parent)
        self.stop = self.words(token=Token.CRITICAL, weight=BOLD_WEIGHT, wrap=True)
        self.stop_more = self.words(role="text", wrap=True)
        self.call = self.words(token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True)
        self.stamps: dict[str, Target] = {}
        self.drugs: dict[str, Target] = {}
        self.stamp_grid = QGridLayout()
        self.stamp_grid.setSpacing(self.mm(GAP))
        self.drug_row = self.row()
        for part in (self.stop, self.stop_more, self.call):
            self.body.addWidget(part)
        self.body.addLayout(self.stamp_grid)
        self.body.addLayout(self.drug_row)
        self.body.addStretch(1)
        self._why, self._saying = why, ""

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """At the first one it says that it was opened, on this session."""
        super().show_snapshot(snapshot)
        if not self._saying:
            self._saying = self.send(OpenEmergency(self._why), self.touched_at)

    def refresh(self) -> None:
        """The pump's state, the stamped times, the drugs."""
        frame = self.snapshot.emergency if self.snapshot is not None else None
        if frame is None:
            return
        self.stop.set_text(frame.stop)
        self.stop_more.set_text(f"{frame.stop_detail} {frame.pump_now}")
        self.call.set_text(call_words(frame))
        if not self.stamps:
            self._fill(frame)
        for stamp in frame.stamps:
            target = self.stamps[stamp.id]
            target.set_words(stamp.label, second=stamp.at)
            if not frame.records:
                target.set_state(State.BARRED, "no session")
            else:
                target.set_state(State.CHOSEN if stamp.at else State.NORMAL)

    def _fill(self, frame: EmergencyFrame) -> None:
        for number, stamp in enumerate(frame.stamps):
            target = self.target(
                f"stamp.{stamp.id}", stamp.label, partial(self._stamp, stamp.id), role=Role.CRITICAL
            )
            target.setMinimumHeight(self.mm(NORMAL))
            self.stamps[stamp.id] = target
            self.stamp_grid.addWidget(target, number // COLUMNS, number % COLUMNS)
        clear(self.drug_row)
        if not frame.records:
            return
        oxygen = self.target(
            "open.oxygen", "Oxygen", lambda: self._ask("oxygen"), role=Role.CRITICAL, state=State.MAIN
        )
        oxygen.set_words("Oxygen", second=frame.oxygen)
        self.drug_row.addWidget(oxygen)
        for drug in frame.drugs:
            self.drug_row.addWidget(self._drug(drug))
        more = self.target("drugs.more", "All drugs", lambda: self._ask("drugs"), role=Role.CRITICAL)
        self.drug_row.addWidget(more)

    def _drug(self, drug: str) -> Target:
        row = self.catalog.drugs[drug]
        return self.target(
            f"drug.{drug}",
            row.name,
            lambda: self._ask(f"drug.{drug}"),
            role=Role.CRITICAL,
            label_class=row.label_class,
            form=Form.ABOVE,
        )

    def _ask(self, sheet: str) -> None:
        """What is given needs a name: while entry is locked the PIN comes first."""
        locked = self.snapshot is not None and self.snapshot.locked
        self.wants.emit("lock" if locked else sheet)

    def _stamp(self, what: str) -> None:
        self.send(StampEmergency(what))

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The sheet stays: the next stamp comes."""

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Without a session the sheet still says what to do."""
        if isinstance(act, StampEmergency):
            super().refused(act, answer)


def call_words(frame: EmergencyFrame) -> str:
    """Whom to call, or honestly that no number was set."""
    if not frame.numbers:
        return NOT_SET
    return "Call   " + "     ".join(f"{name} {number}" for name, number in frame.numbers)
