"""The check-in, the baseline and the limits of this patient as the summary prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from app.charting import LANES as SIGNS
from app.checkin import frozen_baseline, said_of
from app.clinical.vitals import NIBP, VITALS, Vital
from app.entries import BaselineSet, CheckInLine, Entry, LimitsChanged, PatientIdentified
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_tables import entry_row, is_plain, of_kind
from app.summary_words import paper_words
from app.told import Teller, pressure, vitals_words

COLUMNS = (Column("time", fit=True), Column("what"), Column("by", align="right", fit=True))


def check_in_table(session: Session, teller: Teller) -> Table:
    """Lines done together in one row, each exception in one of its own, and lines that nobody answered."""
    said = said_of(session)
    table = teller.catalog.check_in
    lines = {**table.lines, **table.record_lines}
    answered = [said[line] for line in lines if line in said]
    answered += [entry for line, entry in said.items() if line not in lines]
    done = [entry for entry in answered if _is_done(session, entry)]
    rows = [*_patient_rows(session, teller), *_done_rows(session, teller, done)]
    for entry in answered:
        if entry not in done:
            row = _row(session, teller, entry, _line_words(teller, entry))
            rows.append(msgspec.structs.replace(row, strong=not row.struck))
    missing = [line.label for line in table.lines.values() if line.id not in said and not line.sets]
    if missing:
        rows.append(Row(("--", f"Not asked: {', '.join(missing)}", "")))
    sets = of_kind(session, BaselineSet, LimitsChanged)
    rows.extend(_row(session, teller, entry, _set_words(teller, entry)) for entry in sets)
    baseline = frozen_baseline(session, teller.catalog)
    if baseline:
        rows.append(Row(("", f"Baseline, median: {short_vitals(baseline)}", "")))
    return Table("Check-in, baseline and limits", COLUMNS, tuple(rows), empty="Not made.", heads=False)


def _identified(session: Session) -> list[Entry]:
    """Who said who the patient is, where it is what the first page's head says."""
    found = of_kind(session, PatientIdentified)
    return [entry for entry in found if entry.body == session.patient and is_plain(session, entry)][-1:]


def _patient_rows(session: Session, teller: Teller) -> Iterator[Row]:
    """Identifications that do not hold, or not as written."""
    holds = _identified(session)
    for entry in of_kind(session, PatientIdentified):
        if entry not in holds:
            yield _row(session, teller, entry, paper_words(teller, entry.body))


def _is_done(session: Session, entry: Entry) -> bool:
    """Whether a line holds as it was first answered: done, accepted by nobody, not corrected."""
    body = entry.body
    assert isinstance(body, CheckInLine)
    plain = is_plain(session, entry) and not body.reason and not body.accepted_by
    plain = plain and not session.is_late(entry)
    return plain and body.state == "done"


def _done_rows(session: Session, teller: Teller, done: Sequence[Entry]) -> Iterator[Row]:
    """What one person answered in one minute."""

    def minute(entry: Entry) -> tuple[str, str]:
        return teller.clock(entry.at.utc), teller.who(entry.author)

    ordered = sorted([*_identified(session), *done], key=lambda entry: entry.at.steady)
    for (at, who), series in groupby(ordered, minute):
        entries = list(series)
        words = ". ".join(_line_words(teller, entry) for entry in entries)
        yield Row((at, f"All done: {words}" if len(entries) > 1 else words, who), tells=_ids(entries))


def _ids(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(entry.uuid for entry in entries)


def _line_words(teller: Teller, entry: Entry) -> str:
    body = entry.body
    if isinstance(body, PatientIdentified):
        return "Patient identified as on page 1"
    assert isinstance(body, CheckInLine)
    line = teller.catalog.check_in.line(body.line)
    known = {field.id for field in line.field} if line else set(body.values)
    more = "".join(f"; {name} {value}" for name, value in body.values.items() if name not in known)
    return f"{line.label if line else body.line}: {teller.check_in_words(body)}{more}"


def _set_words(teller: Teller, entry: Entry) -> str:
    body = entry.body
    if not isinstance(body, BaselineSet):
        return paper_words(teller, body)
    what = "Baseline changed" if body.reason else "Resting set"
    reason = f". Reason: {body.reason}" if body.reason else ""
    return f"{what}: {short_vitals(body.values)}{reason}"


def short_vitals(values: Mapping[Vital, float]) -> str:
    """Vital signs in the units of the page's table: "HR 74, NIBP 128/76 (93), SpO₂ 97"."""
    parts = []
    for vital, label in SIGNS:
        if vital is Vital.NIBP_SYS and any(part in values for part in NIBP):
            sys, dia, mean = (values.get(part) for part in NIBP)
            parts.append(f"{label} {pressure(sys, dia, mean)}")
        elif vital in values:
            parts.append(f"{label} {VITALS[vital].text(values[vital])}")
    shown = {vital for vital, _ in SIGNS} | set(NIBP)
    rest = {vital: value for vital, value in values.items() if vital not in shown}
    return ", ".join([*parts, *([vitals_words(rest)] if rest else [])])


def _row(session: Session, teller: Teller, entry: Entry, words: str) -> Row:
    cells = (teller.clock(entry.at.utc), words, teller.who(entry.author))
    return entry_row(session, teller, entry, cells)
