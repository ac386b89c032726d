"""Bounded history of a session in buckets of lowest and highest, filled as values arrive."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
import numpy as np
import numpy.typing as npt

from app.clinical.vitals import Vital
from app.instant import Instant

Array = npt.NDArray[np.float64]

BUCKET_S = 5.0
"""As often as samples are stored, so that a restart draws the same curve."""

LONGEST_S = 16 * 3600.0
"""No session lasts longer; the memory is bounded by it."""


class Pressure(msgspec.Struct, frozen=True):
    """One NIBP measurement. `mean` None when the monitor gave none."""

    at_s: float
    sys: float
    dia: float
    mean: float | None


class Trends:
    """Buckets for each vital sign on one time axis that begins at `start`."""

    def __init__(self, start: Instant) -> None:
        self.start = start
        self.version = 0
        self.pressures: list[Pressure] = []
        self._low: dict[Vital, Array] = {}
        self._high: dict[Vital, Array] = {}
        self._used = 0

    def second(self, at: Instant) -> float:
        """The session second of an instant."""
        return at.since(self.start)

    def add(self, vital: Vital, at_s: float, value: float) -> None:
        """A value at this session second; before the start or past the longest session it is left out."""
        if not 0 <= at_s < LONGEST_S or not math.isfinite(value):
            return
        bucket = int(at_s // BUCKET_S)
        self._reach(vital, bucket)
        low, high = self._low[vital], self._high[vital]
        low[bucket] = value if math.isnan(low[bucket]) else min(low[bucket], value)
        high[bucket] = value if math.isnan(high[bucket]) else max(high[bucket], value)
        self.version += 1

    def add_pressure(self, pressure: Pressure) -> None:
        """A pressure measurement; the same one twice is kept once."""
        if not self.pressures or self.pressures[-1] != pressure:
            self.pressures.append(pressure)
            self.version += 1

    def window(self, vital: Vital, start_s: float, end_s: float) -> tuple[Array, Array, Array]:
        """(seconds, lowest, highest) of the buckets in this time; NaN where nothing was heard."""
        first = max(0, int(start_s // BUCKET_S))
        last = min(self._used, int(end_s // BUCKET_S) + 1)
        if vital not in self._low or last <= first:
            empty = np.empty(0)
            return empty, empty, empty
        at: Array = (np.arange(first, last, dtype=np.float64) + 0.5) * BUCKET_S
        return at, _part(self._low[vital], first, last), _part(self._high[vital], first, last)

    def vitals(self) -> Iterable[Vital]:
        """The vital signs that were heard at all."""
        return self._low.keys()

    def _reach(self, vital: Vital, bucket: int) -> None:
        self._used = max(self._used, bucket + 1)
        have = self._low.get(vital)
        if have is not None and have.size > bucket:
            return
        size = 1024
        while size <= bucket:
            size *= 2
        for table in (self._low, self._high):
            grown = np.full(size, np.nan)
            if vital in table:
                grown[: table[vital].size] = table[vital]
            table[vital] = grown


def _part(values: Array, first: int, last: int) -> Array:
    part = values[first:last]
    if part.size < last - first:
        part = np.concatenate([part, np.full(last - first - part.size, np.nan)])
    return part.copy()
