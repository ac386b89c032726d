"""Alarm limits of this patient: a vital sign, one of its limits, a number, a reason."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from app.clinical.patient_limits import KEYS, LABELS, bounds_of, change_words, check_change
from app.clinical.vitals import VITALS, Vital
from app.frames import Answer, LimitFrame
from app.messages import AnyAct, ChangeLimits
from app.refusals import Refused
from ui.sheets.base import Choice, Desk, Part, Sheet, clear
from ui.sheets.number import NumberPanel
from ui.theme import BOLD_WEIGHT, GAP, Token
from ui.widgets.chips import Chips
from ui.widgets.target import Role, State, Target

SHORT = {
    "medium_below": "low, medium",
    "high_below": "low, high",
    "medium_from": "high, medium",
    "high_from": "high, high",
    "delay_s": "delay",
    "medium_above_pct": "above base, medium",
    "high_above_pct": "above base, high",
    "medium_below_pct": "below base, medium",
    "high_below_pct": "below base, high",
}
"""A side with the priority of its alarm."""


class LimitsSheet(Sheet):
    """Targets: "limit_vital.<id>", "limit.<key>", keys and "set", "limit_reason.<n>", "limits_save", "limits_table"."""

    title = "Alarm limits of this patient"
    times_out = True

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """The first vital sign is chosen."""
        super().__init__(desk, parent)
        table = self.catalog.check_in
        self.vital = next(iter(table.limit_bounds))
        self.key = ""
        self.change: dict[str, float] = {}
        self._wanted: dict[str, float] = {}
        self._shown: object = None
        offered = [vital for vital in table.limit_bounds if vital is not Vital.PULSE_RATE]
        self.vitals = Choice(self, "limit_vital", {one.value: VITALS[one].label for one in offered})
        self.vitals.choose(self.vital.value)
        self.vitals.chosen.connect(self._choose)
        self.grid = QGridLayout()
        self.grid.setSpacing(self.mm(GAP))
        self.limits: dict[str, Target] = {}
        self.reasons = Chips(
            self.look,
            "limit_reason",
            [(str(n), words) for n, words in enumerate(table.limit_rules.reasons)],
            parent=self,
        )
        self.reasons.chosen.connect(self._reason)
        self.as_table = self.target("limits_table", "As in the table", self._reset, role=Role.CRITICAL)
        self.save = self.target(
            "limits_save", "Change limits", self._save, role=Role.CRITICAL, state=State.MAIN
        )
        self.save.barred_touched.connect(self.ask_card.refuse)
        self.overview = Part(self)
        self.overview.setLayout(
            self.column(self.vitals, self.grid, None, self.row(self.as_table, None, self.save))
        )
        self.why = self.words("Why?", weight=BOLD_WEIGHT, wrap=True)
        self.reason_part = Part(self)
        self.reason_part.setLayout(self.column(self.why, self.reasons, None))
        self.reason_part.hide()
        self.number = NumberPanel(self, "", "", check=self._wrong)
        self.number.entered.connect(self._entered)
        self.number.hide()
        self.body.addWidget(self.overview, 1)
        self.body.addWidget(self.reason_part, 1)
        self.body.addWidget(self.number, 1)

    def _frame(self) -> LimitFrame | None:
        limits = self.snapshot.limits if self.snapshot is not None else ()
        return next((one for one in limits if one.vital is self.vital), None)

    def refresh(self) -> None:
        """The limits in force, with what was typed since."""
        frame = self._frame()
        if frame is None:
            return
        self.head.say(sub=frame.baseline)
        if self._shown != frame.vital:
            self._shown = frame.vital
            self._lay_out(frame)
        for key, target in self.limits.items():
            value = self.change.get(key, frame.values.get(key))
            own = key in self.change or (key in frame.changed and key not in self.change)
            self._show(target, key, value, own=own)
        lacks = "" if self.change else "nothing changed"
        self.save.set_state(State.BARRED if lacks else State.MAIN, lacks)
        self.as_table.setVisible(bool(frame.changed))

    def _show(self, target: Target, key: str, value: float | None, *, own: bool) -> None:
        unit = " s" if key == "delay_s" else " %" if key.endswith("_pct") else ""
        shown = "none" if value is None else f"{value:g}{unit}"
        target.set_words(shown, second=f"{SHORT[key]}, own" if own else SHORT[key])
        target.set_state(State.CHOSEN if key in self.change else State.NORMAL)

    def _lay_out(self, frame: LimitFrame) -> None:
        clear(self.grid)
        self.limits = {}
        keys = [key for key in KEYS if bounds_of(self.vital, key, self.catalog.check_in) is not None]
        for number, key in enumerate(keys):
            target = self.target(f"limit.{key}", SHORT[key], partial(self._ask, key), token=Token.STRONG)
            target.setAccessibleName(LABELS[key])
            self.limits[key] = target
            self.grid.addWidget(target, number // 3, number % 3)
        for column in range(3):
            self.grid.setColumnStretch(column, 1)

    def _choose(self, vital: str) -> None:
        self.vital, self.change = Vital(vital), {}
        self.refresh()

    def _reason(self, key: str) -> None:
        reason = self.catalog.check_in.limit_rules.reasons[int(key)]
        self.send(ChangeLimits(self.vital, self._wanted, reason), self.touched_at)

    # ------------------------------------------------------------------ a number

    def _ask(self, key: str) -> None:
        self.key = key
        bounds = bounds_of(self.vital, key, self.catalog.check_in)
        told = f"{bounds[0]:g} to {bounds[1]:g} is possible." if bounds is not None else ""
        unit = "s" if key == "delay_s" else "%" if key.endswith("_pct") else VITALS[self.vital].unit
        self.overview.hide()
        self.number.show()
        title = f"{VITALS[self.vital].label}: {LABELS[key][0].lower()}{LABELS[key][1:]}"
        self.number.begin(title, unit, told, decimals=0, digits=3)

    def _wrong(self, value: float) -> str:
        frame = self._frame()
        if frame is None or not self.key:
            return ""
        try:
            check_change(self.vital, {**self._own(frame), **self.change, self.key: value}, self.catalog)
        except Refused as refused:
            return refused.reason
        return ""

    def _own(self, frame: LimitFrame) -> dict[str, float]:
        """What was changed for this patient before."""
        return {key: frame.values[key] for key in frame.changed}

    def _entered(self, value: float) -> None:
        self.change[self.key] = value
        self.number.hide()
        self.overview.show()
        self.refresh()

    # ------------------------------------------------------------------ saving

    def _save(self) -> None:
        frame = self._frame()
        if frame is not None:
            self._ask_why({**self._own(frame), **self.change})

    def _reset(self) -> None:
        self._ask_why({})

    def _ask_why(self, wanted: dict[str, float]) -> None:
        self._wanted = wanted
        self.why.set_text(f"{change_words(self.vital, wanted)}. Why?")
        self.overview.hide()
        self.reason_part.show()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Says why, over the limits as they are."""
        self.reason_part.hide()
        self.overview.show()
        super().refused(act, answer)
