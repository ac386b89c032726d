"""The demonstration's clinic: who works there, with PINs that are shown, and its simulated devices."""

from __future__ import annotations

from app.clinic import Clinic
from app.messages import DeviceDraft, FirstRunDone, StaffDraft
from app.ports import SIMULATED

CLINIC_NAME = "Demonstration clinic"
STAFF = (
    StaffDraft("L. Keller", "LK", ("nurse",), "1111"),
    StaffDraft("J. Moreno", "JM", ("nurse",), "2222"),
    StaffDraft("Dr. A. Mora", "AM", ("anesthetist", "director"), "3333"),
    StaffDraft("P. Admin", "PA", ("administrator",), "4444"),
)
FIRST_RUN = FirstRunDone(
    CLINIC_NAME,
    STAFF,
    (DeviceDraft("monitor", "ge-dri", SIMULATED), DeviceDraft("pump", "alaris", SIMULATED)),
)


def pins_shown(clinic: Clinic) -> dict[str, str]:
    """The PIN of each of them, by staff id."""
    pins = {person.initials: person.pin for person in STAFF}
    return {
        person.staff: pins[person.initials] for person in clinic.staff.values() if person.initials in pins
    }
