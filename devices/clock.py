"""The clocks: the machine's own, and one that runs faster. Nothing else in the devices reads the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from app.instant import Instant


def steady_s() -> float:
    """Seconds that run on while the machine sleeps, where the system has such a clock (Linux)."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def system_clock() -> Instant:
    """Now, by the machine."""
    return Instant(datetime.now(UTC), steady_s())


class PacedClock:
    """Starts at `base` (aware UTC) when it is made and runs `speed` times as fast as the machine's clock."""

    def __init__(self, speed: float, base: datetime) -> None:
        self._speed = speed
        self._base = Instant(base, 0.0)
        self._began_s = steady_s()

    def __call__(self) -> Instant:
        return self._base.plus((steady_s() - self._began_s) * self._speed)
