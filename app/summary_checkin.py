"""The check-in, the baseline and the limits of this patient as the summary prints them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from app.checkin import frozen_baseline, said_of
from app.entries import BaselineSet, CheckInLine, Entry, LimitsChanged, PatientIdentified
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_tables import entry_row, is_plain, of_kind
from app.summary_words import paper_words
from app.told import Teller, vitals_words

COLUMNS = (Column("time", fit=True), Column("what"), Column("by", align="right", fit=True))


def check_in_table(session: Session, teller: Teller) -> Table:
    """Lines done together in one row, each exception in one of its own, and lines that nobody answered."""
    said = said_of(session)
    lines = teller.catalog.check_in.lines
    answered = [said[line] for line in lines if line in said]
    answered += [entry for line, entry in said.items() if line not in lines]
    done = [entry for entry in answered if _is_done(session, entry)]
    rows = [*_patient_rows(session, teller), *_done_rows(teller, done)]
    for entry in answered:
        if entry not in done:
            row = _row(session, teller, entry, _line_words(teller, entry))
            rows.append(msgspec.structs.replace(row, strong=not row.struck))
    missing = [line.label for line in lines.values() if line.id not in said and not line.sets]
    if missing:
        rows.append(Row(("--", f"Not asked: {', '.join(missing)}", "")))
    sets = of_kind(session, BaselineSet, LimitsChanged)
    rows.extend(_row(session, teller, entry, paper_words(teller, entry.body)) for entry in sets)
    baseline = frozen_baseline(session, teller.catalog)
    if baseline:
        rows.append(Row(("", f"Baseline: {vitals_words(baseline)}", "median")))
    return Table("Check-in, baseline and limits", COLUMNS, tuple(rows), empty="Not made.", heads=False)


def _patient_rows(session: Session, teller: Teller) -> Iterator[Row]:
    """Who said who the patient is; what the first page's head does not say of an earlier identification."""
    found = of_kind(session, PatientIdentified)
    for entry in found:
        holds = entry.body == session.patient and is_plain(session, entry)
        words = "Patient identified as above" if holds else paper_words(teller, entry.body)
        yield _row(session, teller, entry, words)


def _is_done(session: Session, entry: Entry) -> bool:
    """Whether a line holds as it was first answered: done, accepted by nobody, not corrected."""
    body = entry.body
    assert isinstance(body, CheckInLine)
    plain = is_plain(session, entry) and not body.reason and not body.accepted_by
    return plain and body.state == "done"


def _done_rows(teller: Teller, done: Sequence[Entry]) -> Iterator[Row]:
    """What one person answered in one minute."""

    def minute(entry: Entry) -> tuple[str, str]:
        return teller.clock(entry.at.utc), teller.who(entry.author)

    ordered = sorted(done, key=lambda entry: entry.at.steady)
    for (at, who), series in groupby(ordered, minute):
        entries = list(series)
        words = ". ".join(_line_words(teller, entry) for entry in entries)
        yield Row((at, f"All done: {words}" if len(entries) > 1 else words, who), tells=_ids(entries))


def _ids(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(entry.uuid for entry in entries)


def _line_words(teller: Teller, entry: Entry) -> str:
    body = entry.body
    assert isinstance(body, CheckInLine)
    line = teller.catalog.check_in.lines.get(body.line)
    known = {field.id for field in line.field} if line else set(body.values)
    more = "".join(f"; {name} {value}" for name, value in body.values.items() if name not in known)
    return f"{line.label if line else body.line}: {teller.check_in_words(body)}{more}"


def _row(session: Session, teller: Teller, entry: Entry, words: str) -> Row:
    return entry_row(session, teller, entry, (teller.clock(entry.at.utc), words, teller.who(entry.author)))
