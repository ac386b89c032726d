"""The clinic as its own log tells it: its name, who works there, what is connected."""

from __future__ import annotations

from collections.abc import Iterable

from app.entries import ClinicNamed, DeviceChosen, Entry, StaffAdded, StaffChanged, StaffLeft

ROLES = ("nurse", "anesthetist", "director", "administrator")
SIGNS_ORDERS = ("anesthetist", "director")


class Clinic:
    """The fold of the clinic's entries."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.name = ""
        self.staff: dict[str, StaffAdded] = {}
        self.left: set[str] = set()
        self.devices: dict[str, DeviceChosen] = {}
        for entry in entries:
            self.apply(entry)

    def apply(self, entry: Entry) -> None:
        """One more line of the clinic's log; lines that do not change the clinic are passed over."""
        body = entry.body
        if isinstance(body, ClinicNamed):
            self.name = body.name
        elif isinstance(body, StaffAdded):
            self.staff[body.staff] = body
        elif isinstance(body, StaffChanged):
            self.staff[body.staff] = StaffAdded(body.staff, body.name, body.initials, body.roles)
        elif isinstance(body, StaffLeft):
            self.left.add(body.staff)
        elif isinstance(body, DeviceChosen):
            self.devices[body.device] = body

    @property
    def set_up(self) -> bool:
        """True when the first run is done."""
        return bool(self.name and self.staff)

    def initials(self, staff: str) -> str:
        """How a person is named in small: initials, or the id of nobody on the list."""
        known = self.staff.get(staff)
        return known.initials if known else staff

    def name_of(self, staff: str) -> str:
        """A person's full name."""
        known = self.staff.get(staff)
        return known.name if known else staff

    def here(self) -> dict[str, StaffAdded]:
        """Who works here now; `staff` also knows whoever did."""
        return {staff: person for staff, person in self.staff.items() if staff not in self.left}

    def may(self, staff: str, roles: tuple[str, ...]) -> bool:
        """True when the person works here and has one of these roles."""
        known = self.here().get(staff)
        return known is not None and any(role in roles for role in known.roles)

    def connected(self, device: str) -> bool:
        """True when a driver was chosen for this device."""
        chosen = self.devices.get(device)
        return chosen is not None and bool(chosen.driver)
