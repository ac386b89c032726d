"""A recording that stands in for a device."""

from __future__ import annotations

from pathlib import Path

from devices.bytelog import ByteLog
from devices.catalogue import DRIVERS, PACES
from devices.transport import ReplayTransport, even_pace


def replay(driver_id: str, path: Path, log: ByteLog | None = None) -> ReplayTransport:
    """The recording at its own pace: by the device's clock, or, where it has none, as its line carries it."""
    by_line = even_pace(DRIVERS[driver_id].line)
    by_clock = PACES.get(driver_id)

    def pace(data: bytes) -> list[tuple[int, float]]:
        return (by_clock(data) if by_clock else []) or by_line(data)

    return ReplayTransport(path, pace, log)
