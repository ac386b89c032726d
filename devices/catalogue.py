"""DRIVERS: every device that can be connected, one line each."""

from __future__ import annotations

from collections.abc import Callable

from devices.driver import Driver
from devices.monitors import ge_dri
from devices.monitors.ge_dri import GeDri
from devices.pumps.alaris import Alaris

DRIVERS: dict[str, type[Driver]] = {
    GeDri.id: GeDri,
    Alaris.id: Alaris,
}

# How a recording of a device is timed, where its bytes hold the device's own clock.
PACES: dict[str, Callable[[bytes], list[tuple[int, float]]]] = {GeDri.id: ge_dri.pace}
