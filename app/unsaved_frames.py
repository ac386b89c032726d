"""What the paper list shows: what is not on disk, as plain values."""

from __future__ import annotations

import msgspec


class UnsavedLine(msgspec.Struct, frozen=True):
    """One line to write down: when, what, who ("" for the program itself)."""

    at: str
    text: str
    who: str


class UnsavedFrame(msgspec.Struct, frozen=True):
    """The paper list: since when nothing is saved and why, each entry, and the vital signs every five minutes.

    `refused` are entries that the record itself will never take; `since` is "" when there is nothing else.
    """

    since: str
    why: str
    lines: tuple[UnsavedLine, ...]
    vitals: tuple[UnsavedLine, ...]
    refused: tuple[UnsavedLine, ...]
    clinic: str
    patient: str
    session: str
    date: str
