"""A patient who is not there: vital signs that drift, answer to drugs and oxygen, and do as told by name.

Everything happens on a grid of whole seconds, so the same seed and the same orders at the same times give
the same signs, however the time was cut into steps.
"""

from __future__ import annotations

import math
from random import Random

import msgspec

from app.refusals import Refused
from devices.simulated.table import DrugRow, SignRow, simulation

TICK_S = 1.0
OTHER_NAMES = {"heart_rate": "hr", "nibp_sys": "sys", "nibp_dia": "dia", "resp_rate": "rr"}


class Signs(msgspec.Struct, frozen=True):
    """The true state of the simulated patient: per minute, percent, mmHg, degrees Celsius."""

    hr: float
    spo2: float
    sys: float
    dia: float
    rr: float
    etco2: float
    temp: float

    @property
    def mean(self) -> float:
        """The mean pressure, by the usual third."""
        return self.dia + (self.sys - self.dia) / 3


class DrugInBody:
    """Amounts of one drug in mg and the concentration at its effect site."""

    def __init__(self, row: DrugRow, weight_kg: float) -> None:
        self._row = row
        self._v1_l = row.v1_l_per_kg * weight_kg
        self._central = self._deep = 0.0
        self.effect_ng_ml = 0.0

    @property
    def plasma_ng_ml(self) -> float:
        """The concentration in the central compartment."""
        return 1000 * self._central / self._v1_l

    def give(self, mg: float) -> None:
        """An amount, at once."""
        self._central += mg

    def pass_time(self, minutes: float) -> None:
        """A short time passes: a second is far below the fastest constant of the table."""
        if not self._central and not self._deep and not self.effect_ng_ml:
            return
        row = self._row
        outward, back = row.k12_per_min * self._central, row.k21_per_min * self._deep
        self._central += (back - outward - row.k10_per_min * self._central) * minutes
        self._deep += (outward - back) * minutes
        self.effect_ng_ml += row.ke0_per_min * (self.plasma_ng_ml - self.effect_ng_ml) * minutes

    def change(self, sign: str) -> float:
        """By how much the drug moves this sign now."""
        most = self._row.most.get(sign, 0.0)
        return most and most * self.effect_ng_ml / (self.effect_ng_ml + self._row.half_ng_ml)


class Sign:
    """One vital sign: rest, slow drift, quick noise, and perhaps a value it was told to take."""

    def __init__(self, row: SignRow, age_y: float, random: Random) -> None:
        patient = simulation().patient
        self.row = row
        self.rest = row.rest + row.per_year * (age_y - 40)
        self._random = random
        self._keep_wander = math.exp(-TICK_S / patient.wander_tau_s)
        self._keep_jitter = math.exp(-TICK_S / patient.jitter_tau_s)
        self._wander = row.wander * random.gauss(0, 1)
        self._jitter = row.jitter * random.gauss(0, 1)
        self._told: float | None = None
        self._from = self.value = self.rest + self._wander + self._jitter
        self._ramp_s = self._left_s = 0.0

    @property
    def is_told(self) -> bool:
        """Whether somebody set it by name and did not release it."""
        return self._told is not None

    def tell(self, value: float | None, ramp_s: float) -> None:
        """Go to this value within so many seconds and stay; None: go back to nature."""
        self._told, self._from = value, self.value
        self._ramp_s = self._left_s = ramp_s

    def unrest(self) -> float:
        """The drift and noise of the next second. Drawn always, so that orders do not shift the dice."""
        self._wander = _next(self._wander, self._keep_wander, self.row.wander, self._random)
        self._jitter = _next(self._jitter, self._keep_jitter, self.row.jitter, self._random)
        return self._wander + self._jitter

    def settle(self, natural: float) -> float:
        """The value of this second: nature's, the one it was told, or on the way between."""
        goal = natural if self._told is None else self._told
        self._left_s = max(0.0, self._left_s - TICK_S)
        share = self._left_s / self._ramp_s if self._left_s else 0.0
        self.value = min(max(goal + (self._from - goal) * share, self.row.lowest), self.row.highest)
        return self.value


def _next(value: float, keep: float, spread: float, random: Random) -> float:
    return keep * value + spread * math.sqrt(1 - keep * keep) * random.gauss(0, 1)


class Patient:
    """The simulated patient. `signs` is the newest truth; what a monitor sees is the monitor's affair."""

    def __init__(self, seed: int = 1, weight_kg: float = 70.0, age_y: float = 45.0) -> None:
        table = simulation()
        self._row = table.patient
        self._signs = {row.id: Sign(row, age_y, Random(f"{seed} {row.id}")) for row in table.sign}
        self._drugs = {row.id: DrugInBody(row, weight_kg) for row in table.drug}
        self._inert = frozenset(table.inert.drugs)
        self._given_mg: dict[str, float] = {}
        self._oxygen_l_min = 0.0
        self._ticked_s: float | None = None
        self.signs = self._settled()

    def step(self, now_s: float, ketamine_mg_h: float = 0.0) -> None:
        """Let the time pass until this steady second, with ketamine running at this rate."""
        if self._ticked_s is None:
            self._ticked_s = now_s
        # A millionth of a second is forgiven: sums of 0.1 s must not lose a tick.
        while self._ticked_s + TICK_S <= now_s + 1e-6:
            self._ticked_s += TICK_S
            self._tick(ketamine_mg_h)

    def give(self, drug: str, mg: float) -> None:
        """A single dose, at once. Refused: a drug the table does not know, an amount that is none."""
        if drug not in self._drugs and drug not in self._inert:
            raise Refused("drug", f"the simulated patient does not know {drug}")
        if not (math.isfinite(mg) and mg > 0):
            raise Refused("mg", f"{mg:g} mg is not a dose")
        self._given_mg[drug] = self._given_mg.get(drug, 0.0) + mg
        if drug in self._drugs:
            self._drugs[drug].give(mg)

    def oxygen(self, flow_l_min: float) -> None:
        """Oxygen at this flow from now on; 0 is room air."""
        if not (math.isfinite(flow_l_min) and 0 <= flow_l_min <= 60):
            raise Refused("oxygen", f"{flow_l_min:g} l/min is not an oxygen flow")
        self._oxygen_l_min = flow_l_min

    def set(self, name: str, value: float, ramp_s: float | None = None) -> None:
        """Make a sign go to a value, within the table's seconds or these, and stay there."""
        sign = self._sign(name)
        if not (math.isfinite(value) and sign.row.lowest <= value <= sign.row.highest):
            bounds = f"{sign.row.lowest:g} to {sign.row.highest:g}"
            raise Refused(name, f"{value:g} is outside what can be simulated ({bounds})")
        sign.tell(value, self._row.ramp_s if ramp_s is None else ramp_s)

    def release(self, name: str) -> None:
        """Give a sign that was set back to nature."""
        self._sign(name).tell(None, self._row.ramp_s)

    def concentration_ng_ml(self, drug: str) -> float:
        """The simulated plasma concentration."""
        return self._drugs[drug].plasma_ng_ml

    def given_mg(self, drug: str) -> float:
        """All that reached the patient by now."""
        return self._given_mg.get(drug, 0.0)

    def _sign(self, name: str) -> Sign:
        name = OTHER_NAMES.get(name, name)
        if name not in self._signs:
            raise Refused(name, f"there is no such sign to set; there are {', '.join(self._signs)}")
        return self._signs[name]

    def _tick(self, ketamine_mg_h: float) -> None:
        if ketamine_mg_h > 0:
            self.give("ketamine", ketamine_mg_h * TICK_S / 3600)
        for drug in self._drugs.values():
            drug.pass_time(TICK_S / 60)
        self.signs = self._settled()

    def _settled(self) -> Signs:
        signs = self._signs
        natural = {name: sign.rest + sign.unrest() + self._change(name) for name, sign in signs.items()}
        natural["spo2"] = self._with_oxygen(natural["spo2"])
        sys = signs["sys"].settle(natural["sys"])
        if signs["sys"].is_told:
            natural["dia"] += self._row.dia_follows_sys * (sys - natural["sys"])
        rr = signs["rr"].settle(natural["rr"])
        return Signs(
            hr=signs["hr"].settle(natural["hr"]),
            spo2=signs["spo2"].settle(natural["spo2"]),
            sys=sys,
            dia=min(signs["dia"].settle(natural["dia"]), sys),
            rr=rr,
            etco2=signs["etco2"].settle(self._exhaled(natural["etco2"], rr)),
            temp=signs["temp"].settle(natural["temp"]),
        )

    def _change(self, sign: str) -> float:
        return sum(drug.change(sign) for drug in self._drugs.values())

    def _with_oxygen(self, spo2: float) -> float:
        """Oxygen makes up a share of what is missing to 100 %."""
        share = self._oxygen_l_min / (self._oxygen_l_min + self._row.oxygen_half_l_min)
        return min(spo2, 100.0) + max(0.0, 100.0 - spo2) * share

    def _exhaled(self, etco2: float, rr: float) -> float:
        """Slow breathing leaves more carbon dioxide; none leaves none to measure."""
        if rr < 1:
            return 0.0
        return float(etco2 * (self._signs["rr"].rest / rr) ** self._row.etco2_per_rate)
