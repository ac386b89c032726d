"""The clinic as its own log tells it: its name, who works there, what is connected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.entries import (
    ClinicNamed,
    DeviceChosen,
    Entry,
    SelfTested,
    SettingsChanged,
    SoundSwitched,
    SoundTested,
    StaffAdded,
    StaffChanged,
    StaffLeft,
    TablesSigned,
)

NO_PIN = "no-pin:"
"""Before the staff id of an author who came in without a PIN: who it was is claimed, not shown."""
OTHER = "other"
"""Who came in without a PIN and is nobody of the list."""


def without_pin(staff: str) -> str:
    """The author of what is written by somebody who came in without a PIN."""
    return f"{NO_PIN}{staff}"


def claimed(author: str) -> str:
    """The staff id that an author has or claims."""
    return author.removeprefix(NO_PIN)


class Clinic:
    """The fold of the clinic's entries."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.name = ""
        self.staff: dict[str, StaffAdded] = {}
        self.left: set[str] = set()
        self._roles: dict[str, list[tuple[datetime, tuple[str, ...]]]] = {}
        self.devices: dict[str, DeviceChosen] = {}
        self.tables: dict[str, tuple[str, Entry]] = {}
        self.settings: dict[str, str] | None = None
        self.tested: Entry | None = None
        self.sound_on = False
        self.sound_tested: Entry | None = None
        for entry in entries:
            self.apply(entry)

    def apply(self, entry: Entry) -> None:
        """One more line of the clinic's log; lines that do not change the clinic are passed over."""
        body = entry.body
        if isinstance(body, ClinicNamed):
            self.name = body.name
        elif isinstance(body, StaffAdded | StaffChanged):
            self.staff[body.staff] = StaffAdded(body.staff, body.name, body.initials, body.roles)
            self._roles.setdefault(body.staff, []).append((entry.at.utc, body.roles))
        elif isinstance(body, StaffLeft):
            self.left.add(body.staff)
        elif isinstance(body, DeviceChosen):
            self.devices[body.device] = body
        elif isinstance(body, TablesSigned):
            signed = {table: (digest, entry) for table, digest in body.tables.items()}
            self.tables = {**self.tables, **signed}
        elif isinstance(body, SettingsChanged):
            self.settings = body.settings
        elif isinstance(body, SelfTested):
            self.tested = entry
        elif isinstance(body, SoundSwitched):
            self.sound_on = body.on
        elif isinstance(body, SoundTested):
            self.sound_tested = entry

    @property
    def set_up(self) -> bool:
        """True when the first run is done."""
        return bool(self.name and self.staff)

    def initials(self, staff: str) -> str:
        """How a person is named in small: initials, or the id of nobody on the list."""
        known = self.staff.get(claimed(staff))
        words = known.initials if known else claimed(staff)
        return f"{words}, no PIN" if staff.startswith(NO_PIN) else words

    def name_of(self, staff: str) -> str:
        """A person's full name."""
        known = self.staff.get(claimed(staff))
        words = known.name if known else claimed(staff)
        return f"{words}, without a PIN" if staff.startswith(NO_PIN) else words

    def here(self) -> dict[str, StaffAdded]:
        """Who works here now; `staff` also knows whoever did."""
        return {staff: person for staff, person in self.staff.items() if staff not in self.left}

    def roles(self, staff: str) -> tuple[str, ...]:
        """The roles of whoever works here; none of anybody else, nor of one who came in without a PIN."""
        known = self.here().get(staff)
        return known.roles if known is not None else ()

    def may(self, staff: str, roles: tuple[str, ...]) -> bool:
        """True when the person works here and has one of these roles."""
        return any(role in roles for role in self.roles(staff))

    def was(self, staff: str, roles: tuple[str, ...], at: datetime) -> bool:
        """True when the person had one of these roles at that time, whether they work here now or not."""
        told = self._roles.get(staff, [])
        had = [held for since, held in told if since <= at] or [held for _, held in told[:1]]
        return any(role in roles for held in had[-1:] for role in held)

    def unsigned(self, hashes: dict[str, str]) -> tuple[str, ...]:
        """The tables among these that nobody signed as they are: never, or before they were changed."""
        return tuple(table for table, digest in hashes.items() if self.signed_hash(table) != digest)

    def signed_hash(self, table: str) -> str:
        """The hash by which a table was signed last; "" when it never was."""
        signed = self.tables.get(table)
        return signed[0] if signed is not None else ""

    def connected(self, device: str) -> bool:
        """True when a driver was chosen for this device."""
        chosen = self.devices.get(device)
        return chosen is not None and bool(chosen.driver)
