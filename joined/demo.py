"""The demonstration's clinic and staff, through the same door as a first run."""

from __future__ import annotations

import uuid

from app.messages import DeviceDraft, FirstRunDone, StaffDraft, Tap
from devices.choosing import SIMULATED
from joined.parts import Parts

DEMO_CLINIC = "Demonstration clinic"
DEMO_STAFF = (
    ("L. Keller", "LK", ("nurse",), "1111"),
    ("J. Moreno", "JM", ("nurse",), "2222"),
    ("Dr. A. Mora", "AM", ("anesthetist", "director"), "3333"),
    ("P. Admin", "PA", ("administrator",), "4444"),
)


def seed_demo(parts: Parts) -> None:
    """The demonstration's clinic and staff, through the same door as a first run; their PINs are shown."""
    if not parts.engine.clinic.set_up:
        staff = tuple(StaffDraft(*person) for person in DEMO_STAFF)
        devices = (
            DeviceDraft("monitor", "ge-dri", SIMULATED),
            DeviceDraft("pump", "alaris", SIMULATED),
        )
        now = parts.clock()
        parts.engine.handle(Tap(uuid.uuid4().hex, now, FirstRunDone(DEMO_CLINIC, staff, devices)), now)
        parts.engine.flush()
        parts.store.step(now)
    pins = {initials: pin for _, initials, _, pin in DEMO_STAFF}
    parts.engine.pins_shown = {
        person.staff: pins[person.initials]
        for person in parts.engine.clinic.staff.values()
        if person.initials in pins
    }
