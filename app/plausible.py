"""What of a monitor's numbers can be believed: within what is possible, in order, and no jump that no body makes.

What is not believed is shown as missing and says why. A jump is held back only until it stays: the wait, like every
number here, stands in alarm_limits.toml, and the monitor's own alarms do not wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from app.clinical.rows import AlarmLimits
from app.clinical.vitals import NIBP, VITALS, Vital
from app.instant import Instant
from app.readings import Reading

IMPLAUSIBLE = "implausible"


class Said(msgspec.Struct, frozen=True):
    """A value of the monitor, and since when it stands."""

    value: float
    since: Instant


class Plausible:
    """Judges each reading by the table and by the last value that was believed."""

    def __init__(self, limits: Mapping[Vital, AlarmLimits]) -> None:
        self._limits = limits
        self._believed: dict[Vital, Said] = {}
        self._held: dict[Vital, Said] = {}

    def judged(self, at: Instant, readings: Sequence[Reading]) -> list[Reading]:
        """The readings of one frame, in their order; what cannot be has no value and says why."""
        return [self._steady(at, reading) for reading in _in_order([self._possible(one) for one in readings])]

    def forget(self) -> None:
        """Another patient or monitor: nothing that was believed is the value before."""
        self._believed.clear()
        self._held.clear()

    def _possible(self, reading: Reading) -> Reading:
        """A number that cannot be is no number."""
        low, high = self._limits[reading.vital].possible_range
        if reading.value is None or low <= reading.value <= high:
            return reading
        return Reading(reading.vital, None, IMPLAUSIBLE)

    def _steady(self, at: Instant, reading: Reading) -> Reading:
        """A value that no body reaches so soon waits until it has stayed, or gives way to one like those before it."""
        row, value, vital = self._limits[reading.vital], reading.value, reading.vital
        if value is None or row.jump is None:
            return reading
        before, held = self._believed.get(vital), self._held.get(vital)
        near = before is not None and abs(value - before.value) <= row.jump.over
        if near or (held is None and (before is None or at.since(before.since) > row.jump.within_s)):
            return self._believe(at, reading, value)
        if held is None or abs(value - held.value) > row.jump.over:
            self._held[vital] = held = Said(value, at)
        if at.since(held.since) >= row.jump.stays_s:
            return self._believe(at, reading, value)
        return Reading(vital, None, f"jump to {VITALS[vital].text(value)}")

    def _believe(self, at: Instant, reading: Reading, value: float) -> Reading:
        self._believed[reading.vital] = Said(value, at)
        self._held.pop(reading.vital, None)
        return reading


def _in_order(readings: list[Reading]) -> list[Reading]:
    """A pressure whose systolic end is not above its diastolic one, or whose mean lies outside them, is none."""
    values = {one.vital: one.value for one in readings if one.vital in NIBP and one.value is not None}
    sys, dia, mean = (values.get(vital) for vital in NIBP)
    ends_turned = sys is not None and dia is not None and sys <= dia
    mean_outside = mean is not None and ((sys is not None and mean > sys) or (dia is not None and mean < dia))
    if not (ends_turned or mean_outside):
        return readings
    return [Reading(one.vital, None, IMPLAUSIBLE) if one.vital in values else one for one in readings]
