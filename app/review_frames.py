"""What the review of a session shows, as plain values: its chart, every event, the vital signs at each."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from app.frames import SECOND_DISPLAY, ChartFrame, SavedLine

Group = Literal["drugs", "effects", "rate", "alarms", "notes", "other"]


class AmendField(msgspec.Struct, frozen=True):
    """A part of an entry that an amendment can put right.

    `choices` are (value, words) to pick from; without them a number with its unit between `lowest` and
    `highest`. `now` is what stands there.
    """

    key: str
    label: str
    now: str
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    decimals: int = 0
    lowest: float = 0.0
    highest: float = 0.0


class ThenValue(msgspec.Struct, frozen=True):
    """A vital sign at the time of an event: "HR" / "84"; `detail` is its age, or why it is missing."""

    label: str
    text: str
    colour: str
    detail: str
    state: Literal["live", "stale", "missing"]


class ReviewLine(msgspec.Struct, frozen=True):
    """An event of the list. `notes` say that it was amended, taken back or written later.

    `text` is the whole sentence, `short` its first words. `fields` can be put right; an entry that cannot be
    amended has `amendable` False.
    """

    entry: str
    at_s: float
    at: str
    text: str
    who: str
    group: Group
    kind: str
    struck: bool = False
    notes: tuple[str, ...] = ()
    amendable: bool = True
    fields: tuple[AmendField, ...] = ()
    then: tuple[ThenValue, ...] = ()


class ReviewFrame(msgspec.Struct, frozen=True):
    """The record of one session, read-only.

    `title` is "Review: Tom Baker, 2 March 2026, finished". `other` is True while another session is under way,
    which `back` names. `began` is the moment of second 0. `summary` is why the summary cannot be opened from
    here, "" where it can. `signature` asks for signing again.
    """

    session: str
    state: Literal["loading", "failed", "open"]
    title: str
    words: str = ""
    began: datetime | None = None
    chart: ChartFrame | None = None
    lines: tuple[ReviewLine, ...] = ()
    other: bool = False
    back: str = ""
    summary: str = ""
    signature: str = ""
    saved: SavedLine = SavedLine("none", "", SECOND_DISPLAY)
    version: int = 0
