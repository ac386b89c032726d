"""The clocks: the machine's own, and one that runs faster. Nothing else in the devices reads the time."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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


BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Which run of the machine the steady clock belongs to; a new one each time where the system has no name for it."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return uuid.uuid4().hex


def local_zone() -> tzinfo:
    """The clinic's time zone with its summer time, by the system; UTC where the system names none."""
    for name in _zone_names():
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return datetime.now(UTC).astimezone().tzinfo or UTC


def _zone_names() -> Iterator[str]:
    yield os.environ.get("TZ", "").lstrip(":")
    link = Path("/etc/localtime")
    if link.is_symlink():
        yield str(link.resolve()).rpartition("zoneinfo/")[2]
    try:
        yield Path("/etc/timezone").read_text().strip()
    except OSError:
        return
