"""What a device says, before anybody asked what it means: numbers with reasons for those that are missing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from app.clinical.vitals import Vital


class Reading(msgspec.Struct, frozen=True):
    """One vital sign as a device gave it.

    `value` is in the unit of VITALS[vital]; None when the device has no value, and then `why_missing`
    says so in words short enough for the corner of a tile ("probe off", "no module", "lead off").
    """

    vital: Vital
    value: float | None
    why_missing: str | None = None


class NumbersFrame(msgspec.Struct, frozen=True):
    """One frame of numbers from a monitor. `device_time` is the monitor's own clock, never the record's.

    The three pressures are present only when the monitor shows a new measurement.
    """

    device_time: datetime | None
    readings: tuple[Reading, ...]


class PumpMode(StrEnum):
    """What a pump says it is doing. A word that is not known stays unknown, never running."""

    RUNNING = "running"
    HELD = "held"
    UNKNOWN = "unknown"


class Syringe(msgspec.Struct, frozen=True):
    """The syringe as the pump recognised it. `confirmed` is False until somebody pressed confirm at the pump."""

    brand: str
    size_ml: float
    confirmed: bool


class PumpFrame(msgspec.Struct, frozen=True):
    """One status of a pump. A quantity it did not give is None.

    `rate_ml_h` is the rate that flows now (0 on hold). `volume_ml` is the pump's own counter of what it
    infused since it was last cleared. `alarm` is the pump's own mnemonic, None when it has no alarm.
    `log_id` grows at each key press or event at the pump.
    """

    serial: str
    mode: PumpMode
    rate_ml_h: float | None
    volume_ml: float | None
    pressure_mmhg: float | None
    time_left_s: float | None
    alarm: str | None
    syringe: Syringe | None
    log_id: int | None = None
    rate_max_ml_h: float | None = None


Frame = NumbersFrame | PumpFrame


class FrameCounts(msgspec.Struct):
    """What became of the bytes: frames good, bad (checksum, length), refused (content insane), partial (both ends)."""

    good: int = 0
    bad: int = 0
    refused: int = 0
    partial: int = 0
