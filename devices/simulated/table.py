"""resources/simulation.toml as frozen values. Simulation only: nothing here is clinical knowledge."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec


class PatientRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How quickly and how far the simulated vital signs move."""

    ramp_s: float
    wander_tau_s: float
    jitter_tau_s: float
    oxygen_half_l_min: float
    etco2_per_rate: float
    dia_follows_sys: float


class SignRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One simulated vital sign: its value at rest and its unrest, in its own unit."""

    id: str
    rest: float
    per_year: float
    lowest: float
    highest: float
    wander: float
    jitter: float


class DrugRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a drug spreads in the simulated body and what it does to the signs there."""

    id: str
    v1_l_per_kg: float
    k10_per_min: float
    k12_per_min: float
    k21_per_min: float
    ke0_per_min: float
    half_ng_ml: float
    most: dict[str, float]


class InertRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Drugs that the simulated patient may be given and shows nothing of."""

    drugs: tuple[str, ...]


class PumpRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the simulated pump can do."""

    rate_lowest_ml_h: float
    rate_steps_per_ml_h: int
    near_end_s: float
    pressure_rest_mmhg: float
    occlusion_climb_mmhg_s: float
    occlusion_alarm_mmhg: float
    syringe_brand: str
    syringe_size_ml: int
    concentration_mg_ml: float
    rate_highest_ml_h: dict[int, float]


class SimulationTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of simulation.toml."""

    patient: PatientRow
    sign: tuple[SignRow, ...]
    drug: tuple[DrugRow, ...]
    inert: InertRow
    pump: PumpRow


@cache
def simulation() -> SimulationTable:
    """The table, read once."""
    text = files("resources").joinpath("simulation.toml").read_bytes()
    return msgspec.toml.decode(text, type=SimulationTable, strict=False)  # TOML keys are text: "50" is a size
