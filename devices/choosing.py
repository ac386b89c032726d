"""What can be connected at this computer: the drivers, and the serial ports that the system has now."""

from __future__ import annotations

from collections.abc import Callable

from app.ports import DriverRow
from devices.catalogue import DRIVERS


class SerialDevices:
    """What can be connected here: the drivers, and the serial ports that the system has now."""

    def __init__(self, choose: Callable[[str, str, str], None]) -> None:
        self._choose = choose

    def drivers(self) -> tuple[DriverRow, ...]:
        """Every driver of the catalogue."""
        return tuple(DriverRow(driver.id, driver.name, driver.kind) for driver in DRIVERS.values())

    def ports(self) -> tuple[tuple[str, str], ...]:
        """Each serial port with its description."""
        from serial.tools.list_ports import comports  # no start needs it

        found = ((port.device, port.description) for port in comports())
        # pyserial says "n/a" where the system tells nothing.
        return tuple((name, "serial port" if words in (None, "", "n/a") else words) for name, words in found)

    def choose(self, device: str, driver: str, port: str) -> None:
        """Connect this driver at this port."""
        self._choose(device, driver, port)
