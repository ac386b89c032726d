"""Vital signs measured by hand, and oxygen."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from app.clinical.dosing import shown
from app.clinical.vitals import NIBP, VITALS, Vital
from app.frames import Answer
from app.instant import Instant
from app.messages import AnyAct, EnterVital, SetOxygen
from ui.sheets.base import BackChips, Choice, Desk, Part, Sheet
from ui.sheets.number import NumberPanel
from ui.widgets.target import Role, State

PRESSURE = "nibp"
OXYGEN_DRUG = "oxygen"
BY_HAND = (PRESSURE, Vital.HEART_RATE, Vital.SPO2, Vital.RESP_RATE, Vital.TEMP)
_PRESSURE_PARTS = (Vital.NIBP_SYS, Vital.NIBP_DIA)


class VitalSheet(Sheet):
    """First which sign, then its number; a pressure has two. Targets: "vital.<id>", keys, "set", "back.<min>"."""

    title = "Vital sign by hand"
    times_out = True

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Asks which sign."""
        super().__init__(desk, parent)
        self.wanted: list[Vital] = []
        self.values: dict[Vital, float] = {}
        words = {key: "NIBP" if key == PRESSURE else VITALS[Vital(key)].label for key in BY_HAND}
        self.which = Choice(self, "vital", {str(key): label for key, label in words.items()})
        self.which.chosen.connect(self._begin)
        self.number = NumberPanel(self, "", "", check=self._wrong)
        self.number.entered.connect(self._entered)
        self.number.hide()
        self.back = BackChips(self, self.catalog.windows.back_min)
        self.body.addWidget(self.which)
        self.body.addWidget(self.number, 1)
        self.body.addStretch(0)
        self.number.side.insertWidget(2, self.back)
        self.back.setVisible(True)
        self.show_touched()

    def _begin(self, key: str) -> None:
        self.wanted = list(_PRESSURE_PARTS) if key == PRESSURE else [Vital(key)]
        self.values = {}
        self.number.show()
        self.which.setVisible(False)
        self._ask()

    def _ask(self) -> None:
        spec = VITALS[self.wanted[0]]
        words = {Vital.NIBP_SYS: "Upper pressure (systolic)", Vital.NIBP_DIA: "Lower pressure (diastolic)"}
        before = self.values.get(Vital.NIBP_SYS)
        told = f"Upper pressure {before:g} {spec.unit}" if before is not None else ""
        title = words.get(spec.vital, spec.label)
        self.number.begin(title, spec.unit, told, decimals=spec.decimals, digits=3)

    def _wrong(self, value: float) -> str:
        if not self.wanted:
            return ""
        limits = self.catalog.alarm_limits[self.wanted[0]]
        if not limits.entry_lowest <= value <= limits.entry_highest:
            return f"{value:g} is outside {limits.entry_lowest:g} to {limits.entry_highest:g} {limits.unit}."
        return self._wrong_pair(value)

    def _wrong_pair(self, value: float) -> str:
        upper = self.values.get(Vital.NIBP_SYS)
        least = self.catalog.cross_check.pulse_pressure_refuse_below_mmhg
        if self.wanted[0] is Vital.NIBP_DIA and upper is not None and upper - value < least:
            return f"The lower pressure must be below {upper:g}."
        return ""

    def _entered(self, value: float) -> None:
        self.values[self.wanted.pop(0)] = value
        if self.wanted:
            self._ask()
        else:
            self.number.set_target.set_state(State.SAVING)
            self.send(EnterVital(dict(self.values), self.back.minutes), self.touched_at)

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Begins again with the number that was not taken."""
        super().refused(act, answer)
        self._begin(PRESSURE if set(self.values) & set(NIBP) else str(next(iter(self.values))))

    def asked(self, act: AnyAct, answer: Answer, at: Instant | None) -> None:
        """An unlikely number is asked back."""
        self.number.set_target.set_state(State.BARRED, "answer first")
        super().asked(act, answer, at)


class OxygenSheet(Sheet):
    """The flow, or off. Targets: "oxygen.<L/min>", "oxygen.off", "oxygen.other", keys, "set", "back.<min>"."""

    title = "Oxygen"
    times_out = True

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """The table's usual flows, one touch each."""
        super().__init__(desk, parent)
        steps = self.catalog.drugs[OXYGEN_DRUG].dose_steps
        self.off = self.target("oxygen.off", "Oxygen off", lambda: self._set(0.0), role=Role.CRITICAL)
        self.steps = [
            self.target(
                f"oxygen.{step:g}",
                f"{shown(step)} L/min",
                partial(self._set, step),
                role=Role.CRITICAL,
            )
            for step in steps
        ]
        self.other = self.target("oxygen.other", "Other flow", self._other, role=Role.CRITICAL)
        self.choices = Part(self)
        self.choices.setLayout(self.column(self.row(*self.steps), self.row(self.off, self.other)))
        self.number = NumberPanel(self, "Flow", "L/min", digits=2, check=self._wrong)
        self.number.entered.connect(self._set)
        self.number.hide()
        self.back = BackChips(self, self.catalog.windows.back_min)
        self.body.addWidget(self.choices)
        self.body.addWidget(self.number, 1)
        self.body.addStretch(0)
        self.body.addLayout(self.row(self.back, None))
        self.show_touched()

    def _wrong(self, value: float) -> str:
        row = self.catalog.entry_ranges["oxygen"]
        if not row.entry_lowest <= value <= row.entry_highest:
            return f"{value:g} is outside {row.entry_lowest:g} to {row.entry_highest:g} {row.unit}."
        return ""

    def _other(self) -> None:
        self.choices.hide()
        self.back.hide()
        self.number.show()
        self.number.begin("Oxygen flow", "L/min", digits=2)

    def _set(self, flow: float) -> None:
        self.send(SetOxygen(flow, self.back.minutes), self.touched_at)
