"""The check-in, the baseline and the limits of this patient as the summary prints them."""

from __future__ import annotations

from collections.abc import Iterator

from app.checkin import frozen_baseline, said_of
from app.entries import BaselineSet, CheckInLine, Entry, LimitsChanged, SessionFinished
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_bedside import LATE
from app.summary_tables import entry_row, of_kind
from app.told import Teller, vitals_words


def check_in_table(session: Session, teller: Teller) -> Table:
    """Every line of the check-in as it stood last, and lines that nobody answered."""
    columns = (Column("time", 1.3), Column("line", 2.4), Column("answer", 6.2), Column("by", 1.3, "right"))
    rows = []
    said = said_of(session)
    for line in teller.catalog.check_in.lines.values():
        entry = said.get(line.id)
        if entry is not None and isinstance(entry.body, CheckInLine):
            rows.append(_line_row(session, teller, entry, line.label))
        elif not line.sets:
            rows.append(Row(("--", line.label, "not asked", "")))
    rows += record_rows(session, teller)
    for entry in of_kind(session, BaselineSet):
        assert isinstance(entry.body, BaselineSet)
        what = "Baseline changed" if entry.body.reason else "Resting set"
        reason = f". Reason: {entry.body.reason}" if entry.body.reason else ""
        words = f"{vitals_words(entry.body.values)}{reason}"
        rows.append(
            entry_row(
                session, teller, entry, (teller.clock(entry.at.utc), what, words, teller.who(entry.author))
            )
        )
    baseline = frozen_baseline(session, teller.catalog)
    if baseline:
        rows.append(Row(("", "Baseline", vitals_words(baseline), "median")))
    return Table("Check-in and baseline", columns, tuple(rows), empty="Not made.")


def record_rows(session: Session, teller: Teller) -> Iterator[Row]:
    """The record's own lines that were answered; what nobody answered is named among the fields."""
    said = said_of(session)
    for line in teller.catalog.check_in.record_lines.values():
        if line.id in said:
            yield _line_row(session, teller, said[line.id], line.label)


def _line_row(session: Session, teller: Teller, entry: Entry, label: str) -> Row:
    """A line as it was answered, marked where that was after the end of the session."""
    assert isinstance(entry.body, CheckInLine)
    words = teller.check_in_words(entry.body)
    cells = (teller.clock(entry.at.utc), label, words, teller.who(entry.author))
    row, ends = entry_row(session, teller, entry, cells), of_kind(session, SessionFinished)
    late = LATE if ends and entry.number > ends[0].number else ""
    return Row(row.cells, struck=row.struck, note="; ".join(part for part in (row.note, late) if part))


def limits_table(session: Session, teller: Teller) -> Table:
    """Alarm limits that were changed for this patient, with who and why."""
    columns = (Column("time", 1.3), Column("limits", 8.4), Column("by", 1.5, "right"))
    rows = []
    for entry in of_kind(session, LimitsChanged):
        cells = (teller.clock(entry.at.utc), teller.told(entry.body), teller.who(entry.author))
        rows.append(entry_row(session, teller, entry, cells))
    return Table("Alarm limits of this patient", columns, tuple(rows), empty="As in the table.")
