"""Today's list: what runs, what is unfinished, who is expected, what is done, and the sessions of earlier days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, tzinfo

from app.frames import VisitLine
from app.known import last_rows
from app.messages import SessionRow
from app.told import short_date

RUNNING, UNFINISHED, DONE, EARLIER = "Running", "Unfinished", "Done", "Earlier"
ORDER = (RUNNING, UNFINISHED, DONE, EARLIER)
"""The heads of the list, in its order."""

_RUNS = ("infusing", "paused", "recovery")


def group_of(row: SessionRow, today: date, zone: tzinfo) -> str:
    """Under which head a session stands."""
    if row.finished:
        ended = row.finished_at or row.opened
        return DONE if ended.astimezone(zone).date() >= today else EARLIER
    return RUNNING if row.state in _RUNS else UNFINISHED


def in_order(rows: Iterable[SessionRow], today: date, zone: tzinfo) -> list[SessionRow]:
    """What runs first, then what is unfinished, done today, done earlier; the newest of each first."""
    return sorted(rows, key=lambda row: ORDER.index(group_of(row, today, zone)))


def visits(rows: Sequence[SessionRow], today: date, zone: tzinfo) -> tuple[VisitLine, ...]:
    """Who is expected today or is overdue: by the newest session of each patient, the longest overdue first."""
    due = [
        (row.next_visit, row)
        for row in last_rows(rows).values()
        if row.finished and row.next_visit is not None and row.next_visit <= today
    ]
    due.sort(key=lambda one: (one[0], one[1].patient))
    return tuple(
        VisitLine(
            mrn=row.mrn.strip(),
            name=row.patient,
            when=due_words(day, today),
            overdue=day < today,
            last=f"last here {short_date(row.opened.astimezone(zone).date())}",
        )
        for day, row in due
    )


def due_words(day: date, today: date) -> str:
    """How a visit stands to today: "due today", "1 day overdue"."""
    late = (today - day).days
    if late <= 0:
        return "due today"
    return f"{late} day{'' if late == 1 else 's'} overdue"
