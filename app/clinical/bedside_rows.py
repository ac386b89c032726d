"""Rows of controlled.toml and bedside.toml: accounts of drugs, the emergency sheet, checks by the clock."""

from __future__ import annotations

from typing import Literal

from app.clinical.rows import Range, Row, Words


class Scheduled(Row, frozen=True):
    """An ingredient that is accounted for to the last step of milligrams."""

    ingredient: str
    schedule: Literal["CII", "CIII", "CIV", "CV"]


class Others(Row, frozen=True):
    """What holds of drugs that are not listed."""

    opioids: str
    not_controlled: Words


class BalanceRule(Row, frozen=True):
    """How milligrams are rounded, and how much may be left over."""

    tolerance_mg: float
    round_to_mg: float
    source: str


class DeadSpace(Row, frozen=True):
    """What stays in the line at the end: wasted with the rest, flushed into the patient, or not counted."""

    policy: Literal["wasted", "infused", "not counted"]
    volume_ml: float
    range_ml: Range
    source: str


class VialRule(Row, frozen=True):
    """Which of several vials gave what nobody named: the first drawn first, or it is not told."""

    given_from: Literal["first drawn", "not told"]
    most_at_once: int
    longest_mark: int
    expiry_years_ahead: int
    source: str


class WitnessRule(Row, frozen=True):
    """Whether waste needs a second person."""

    required: bool
    source: str


class RegisterWords(Row, frozen=True):
    """What is picked instead of typed."""

    waste_methods: Words
    purposes: Words
    explained_reasons: Words
    longest_lot: int
    retention_years_at_least: int
    source: str


class Controlled(Row, frozen=True):
    """controlled.toml."""

    scheduled: tuple[Scheduled, ...]
    others: Others
    balance: BalanceRule
    dead_space: DeadSpace
    vials: VialRule
    witness: WitnessRule
    records: RegisterWords

    def schedule_of(self, drug: str) -> str:
        """The schedule of a drug that must balance; "" for every other."""
        return next((row.schedule for row in self.scheduled if row.ingredient == drug), "")


class PumpStop(Row, frozen=True):
    """Which key stops the pump of this driver; driver "" is no pump."""

    driver: str
    key: str
    words: str
    detail: str
    source: str


class Stamp(Row, frozen=True):
    """A thing of an emergency whose time is written by one touch."""

    id: str
    label: str


class EmergencyDrugs(Row, frozen=True):
    """The drugs that the sheet offers first."""

    drugs_first: Words
    source: str


class TimedCheck(Row, frozen=True):
    """A check by the clock with its one notice. Times of 0 min: another table says the interval."""

    id: str
    label: str
    states: Words
    well: str
    first_min: float
    every_min: float
    phases: Words
    notice_after_min: float
    what: str
    detail: str
    source: str


class StepAnnounced(Row, frozen=True):
    """How long ahead a step of the plan is announced, and how late it is still a step that is due."""

    ahead_s: float
    late_s: float
    source: str


class SyringeLow(Row, frozen=True):
    """How long before the container is empty the next one is asked for."""

    minutes_left: float
    source: str


class BreakGlass(Row, frozen=True):
    """Why entry is opened without a PIN, as offered; the first is chosen already."""

    reasons: Words
    source: str


class Bedside(Row, frozen=True):
    """bedside.toml."""

    pump_stop: tuple[PumpStop, ...]
    stamp: tuple[Stamp, ...]
    emergency: EmergencyDrugs
    break_glass: BreakGlass
    check: tuple[TimedCheck, ...]
    step_announced: StepAnnounced
    syringe_low: SyringeLow

    def stop_of(self, driver: str) -> PumpStop:
        """How to stop the pump of this driver; the words for no pump where it has none of its own."""
        found = {row.driver: row for row in self.pump_stop}
        return found.get(driver, found[""])

    def check_of(self, check: str) -> TimedCheck | None:
        """The timed check of this id."""
        return next((row for row in self.check if row.id == check), None)

    def stamp_of(self, stamp: str) -> Stamp | None:
        """The stamp of this id."""
        return next((row for row in self.stamp if row.id == stamp), None)
