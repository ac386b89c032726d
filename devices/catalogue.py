"""DRIVERS: every device that can be connected, one line each."""

from __future__ import annotations

from devices.driver import Driver
from devices.monitors.ge_dri import GeDri
from devices.pumps.alaris import Alaris

DRIVERS: dict[str, type[Driver]] = {
    GeDri.id: GeDri,
    Alaris.id: Alaris,
}
