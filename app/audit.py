"""The audit trail: which lines of the clinic's log are of which sort, whom they concern, and how they read.

It names a record by its session and its MRN, never by the patient's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.clinic import claimed
from app.entries import (
    CHAIRSIDE,
    AnyBody,
    AudioPaused,
    AudioResumed,
    Audited,
    ClinicNamed,
    DeviceChosen,
    Entry,
    EntryLocked,
    GlassBroken,
    PinRefused,
    SelfTested,
    SettingsChanged,
    SignedIn,
    SoundSwitched,
    SoundTested,
    StaffAdded,
    TablesSigned,
)

PAGE = 50
"""How many lines of the trail are read at once."""

OPENED, SUMMARY, REVIEW, TRAIL = "opened", "summary", "review", "audit trail"
PRINTED, SAVED, EXPORTED, LISTED = "printed", "saved", "exported", "listed"
HANDED_OVER = "handed over"
KEY_SEALED, PASSPHRASE_CHANGED = "key sealed", "passphrase changed"

LOOKS = (OPENED, SUMMARY, REVIEW, TRAIL, LISTED)
COPIES = (PRINTED, SAVED, EXPORTED)
_SORT_OF_WHAT = (
    dict.fromkeys(COPIES, "copies")
    | {HANDED_OVER: "entry"}
    | dict.fromkeys((KEY_SEALED, PASSPHRASE_CHANGED), "settings")
)

SORTS = {"looks": "Looks", "copies": "Copies", "entry": "PINs", "settings": "Settings"}
"""The sorts of lines by which the trail is filtered, with their words."""

_WHAT = {
    OPENED: "Record opened",
    SUMMARY: "Summary shown",
    REVIEW: "Session reviewed",
    TRAIL: "Audit trail read",
    LISTED: "Sessions listed",
    PRINTED: "Printed",
    SAVED: "Saved as a file",
    EXPORTED: "Exported",
    HANDED_OVER: "Patient handed over",
    KEY_SEALED: "Key of the record sealed with a passphrase",
    PASSPHRASE_CHANGED: "Passphrase of the record's key changed",
}

AuditBody = Audited | GlassBroken | TablesSigned | SettingsChanged | SelfTested
"""The kinds that are told here."""


def sort_of(body: AnyBody) -> str:
    """The sort of a line of the clinic's log; "" for one that the trail does not show."""
    match body:
        case Audited(what=what):
            return _SORT_OF_WHAT.get(what, "looks")
        case SignedIn() | EntryLocked() | PinRefused() | GlassBroken():
            return "entry"
        case (
            ClinicNamed() | StaffAdded() | DeviceChosen() | TablesSigned() | SettingsChanged() | SelfTested()
        ) | (SoundSwitched() | SoundTested() | AudioPaused() | AudioResumed()):
            return "settings"
        case _:
            return ""


def people_of(entry: Entry) -> frozenset[str]:
    """The staff ids that a line concerns."""
    found = {claimed(entry.author)}
    match entry.body:
        case SignedIn(staff=staff) | PinRefused(staff=staff) | GlassBroken(staff=staff):
            found.add(staff)
        case StaffAdded(staff=staff):
            found.add(staff)
        case TablesSigned(signer=signer):
            found.add(signer)
    return frozenset(found - {CHAIRSIDE, ""})


def page_of(
    newest_first: Iterable[Entry], page: int, staff: str, sort: str, *, count: int = PAGE
) -> tuple[tuple[Entry, ...], bool]:
    """A page of the trail, 0 the newest, and whether older lines follow; reads no further than it must."""
    found: list[Entry] = []
    skip = page * count
    for entry in newest_first:
        told = sort_of(entry.body)
        if not told or (sort and told != sort) or (staff and staff not in people_of(entry)):
            continue
        if skip:
            skip -= 1
        elif len(found) == count:
            return tuple(found), True
        else:
            found.append(entry)
    return tuple(found), False


AUTHORS = {"first-run": "First run", "command-line": "Terminal"}
"""Who wrote a line of the clinic's log without being a person at the screen."""


def audit_names(author: str, name: Callable[[str], str]) -> str:
    """Who wrote a line, in words."""
    return AUTHORS.get(author) or name(author)


def audit_words(body: AuditBody, name: Callable[[str], str]) -> str:
    """What such a line says; `name` gives a person's."""
    match body:
        case Audited():
            of = f"MRN {body.mrn}" if body.mrn else f"session {body.session}" if body.session else ""
            return ", ".join(part for part in (_WHAT.get(body.what, body.what), of, body.detail) if part)
        case GlassBroken():
            return f"Entry opened without a PIN by {name(body.staff)}: {body.reason}"
        case TablesSigned():
            tables = ", ".join(f"{table} ({digest})" for table, digest in sorted(body.tables.items()))
            return f"Tables signed by {name(body.signer)}: {tables}"
        case SettingsChanged():
            return "Settings: " + ", ".join(f"{key} = {value}" for key, value in body.settings.items())
        case SelfTested():
            wrong = "; ".join(body.findings.values())
            return f"Self-test of {len(body.tested)} parts: {wrong or 'all is well'}"
