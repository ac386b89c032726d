"""A recording that stands in for a device."""

from __future__ import annotations

from pathlib import Path

from app.refusals import Refused
from devices.bytelog import ByteLog
from devices.catalogue import DRIVERS, PACES
from devices.decode import cannot_read
from devices.transport import ReplayTransport, even_pace


def replay(driver_id: str, path: Path, log: ByteLog | None = None) -> ReplayTransport:
    """The recording at its own pace: by the device's clock, or, where it has none, as its line carries it."""
    by_line = even_pace(DRIVERS[driver_id].line)
    by_clock = PACES.get(driver_id)

    def pace(data: bytes) -> list[tuple[int, float]]:
        return (by_clock(data) if by_clock else []) or by_line(data)

    return ReplayTransport(path, pace, log)


def require_recording(driver_id: str, path: Path) -> None:
    """Refuses what cannot stand in for a monitor: another driver, no file, another device's bytes."""
    monitors = [driver.id for driver in DRIVERS.values() if driver.kind == "monitor"]
    if driver_id not in monitors:
        raise Refused("driver", f"{driver_id} is no monitor's driver. There is {', '.join(monitors)}.")
    driver = DRIVERS[driver_id]()
    try:
        driver.feed(path.read_bytes())
    except OSError as error:
        raise Refused("replay", f"{path}: {cannot_read(error)}") from error
    if not driver.counts.good:
        raise Refused("replay", f"{path}: no whole frame of {driver.name} is in this file. {OTHER_FILE}")


OTHER_FILE = "Name a recording of that monitor, or its own driver with --driver."
