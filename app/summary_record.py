"""The record's own fields as the summary prints them: what is missing, what was explained, draft or final."""

from __future__ import annotations

from collections.abc import Sequence

from app.completeness import FieldState, completeness, is_final, lacking
from app.entries import Sample
from app.printed import Column, Row, Table
from app.session import Session
from app.told import Teller

COLUMNS = (Column("", 3.6), Column("", 7.6))


def fields_of(session: Session, samples: Sequence[Sample], teller: Teller) -> tuple[FieldState, ...]:
    """Every field of the record, with the times of the clinic."""
    return completeness(session, teller.catalog, teller.clinic, teller.zone, samples)


def draft_words(fields: tuple[FieldState, ...]) -> str:
    """The banner of a draft: nobody has made it final, and how much it lacks."""
    return f"DRAFT: not signed as final{_lacks(fields)}"


def _lacks(fields: tuple[FieldState, ...]) -> str:
    count = len(lacking(fields))
    return f", {count} required field{'s' if count > 1 else ''} missing" if count else ""


def state_words(session: Session, fields: tuple[FieldState, ...]) -> str:
    """Draft or final, and how many required fields are missing."""
    return f"{'final' if is_final(session) else 'draft'}{_lacks(fields)}"


def fields_table(fields: tuple[FieldState, ...]) -> Table:
    """The required fields that are missing, and those that were explained by their reason; the others are counted."""
    needed = [one for one in fields if one.required]
    lacks = [one.label for one in lacking(fields)]
    rows = [Row(("MISSING", ", ".join(lacks)))] if lacks else []
    reasons: dict[str, list[str]] = {}
    for one in needed:
        if one.state == "explained":
            reasons.setdefault(one.words, []).append(one.label)
    rows += [Row((f"Not recorded: {why}", ", ".join(labels))) for why, labels in reasons.items()]
    present = sum(1 for one in needed if one.state == "present")
    left_out = [one.label.lower() for one in fields if not one.required and one.state == "missing"]
    note = f"{present} of {len(needed)} required fields are recorded."
    note += f" Not required and not recorded: {', '.join(left_out)}." if left_out else ""
    return Table(
        "Fields of the record", COLUMNS, tuple(rows), empty="None is missing.", note=note, heads=False
    )
