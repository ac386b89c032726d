"""The tables of a summary that tell the log: every entry, scores, notes, alarms, corrections, signatures."""

from __future__ import annotations

from collections.abc import Sequence

from app.entries import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Amended,
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    CriterionUnmet,
    Discharged,
    Entry,
    GlassBroken,
    HandedOver,
    InstructionsPrinted,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    RateOrdered,
    Retracted,
    SamplesSealed,
    ScoreTaken,
    SummarySigned,
    Supervised,
)
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_tables import entry_row, happened, of_kind
from app.told import Teller, ended, number


def log_table(session: Session, teller: Teller) -> Table:
    """Every entry by when it happened; sealed samples are counted under the record."""
    columns = (
        Column("time", 1.3),
        Column("what", 8.4),
        Column("by", 1.5, "right"),
        Column("no.", 0.8, "right"),
    )
    rows = [
        entry_row(session, teller, entry, _log_cells(teller, entry))
        for entry in happened(session)
        if not isinstance(entry.body, SamplesSealed)
    ]
    return Table("Events in order of time", columns, tuple(rows), empty="No entry.")


def _log_cells(teller: Teller, entry: Entry) -> tuple[str, ...]:
    at = teller.clock(entry.at.utc, seconds=True)
    return (at, teller.told(entry.body), teller.who(entry.author), f"{entry.number or '--'}")


def scores_table(session: Session, teller: Teller) -> Table:
    """Every score that was taken."""
    columns = (Column("time", 1.3), Column("score", 4.0), Column("value", 3.2), Column("by", 1.5, "right"))
    rows = []
    for entry in of_kind(session, ScoreTaken):
        body = entry.body
        assert isinstance(body, ScoreTaken)
        value = _score_words(teller, body)
        cells = (teller.clock(entry.at.utc), teller.score(body.score), value, teller.who(entry.author))
        rows.append(entry_row(session, teller, entry, cells))
    return Table("Scores", columns, tuple(rows), empty="None taken.")


def _score_words(teller: Teller, body: ScoreTaken) -> str:
    """A score with its items, what confirmed them and which variant of the form was used."""
    items = ", ".join(f"{item} {points}" for item, points in body.items.items())
    value = teller.scored(body)
    value = f"{value} ({items})" if items else value
    seen = "; ".join(f"{item} by {words}" for item, words in body.evidence.items())
    parts = [value] + ([seen] if seen else []) + ([body.variant] if body.variant else [])
    return ". ".join(parts)


def discharge_table(session: Session, teller: Teller) -> Table:
    """Every turn of a criterion with its evidence, what people saw and accepted, and how the patient left."""
    columns = (Column("time", 1.3), Column("recovery and discharge", 8.4), Column("by", 1.5, "right"))
    found = of_kind(
        session,
        CriterionMet,
        CriterionUnmet,
        CriterionChecked,
        CriterionAccepted,
        InstructionsPrinted,
        Discharged,
    )
    rows = [
        entry_row(
            session,
            teller,
            entry,
            (teller.clock(entry.at.utc), teller.told(entry.body), teller.who(entry.author)),
        )
        for entry in found
    ]
    return Table("Recovery and discharge", columns, tuple(rows), empty="Nothing recorded.")


def people_table(session: Session, teller: Teller) -> Table:
    """Who handed the patient to whom, who supervised, and who came in without a PIN."""
    columns = (Column("time", 1.3), Column("people", 8.4), Column("by", 1.5, "right"))
    rows = [
        entry_row(
            session,
            teller,
            entry,
            (teller.clock(entry.at.utc), teller.told(entry.body), teller.who(entry.author)),
        )
        for entry in of_kind(session, HandedOver, Supervised, GlassBroken)
    ]
    return Table("Hand-over and supervision", columns, tuple(rows), empty="None.")


def notes_table(session: Session, teller: Teller) -> Table:
    """Free notes and oxygen."""
    columns = (Column("time", 1.3), Column("note", 8.4), Column("by", 1.5, "right"))
    rows = []
    for entry in of_kind(session, NoteWritten, OxygenSet):
        text = entry.body.text if isinstance(entry.body, NoteWritten) else teller.told(entry.body)
        cells = (teller.clock(entry.at.utc), text, teller.who(entry.author))
        rows.append(entry_row(session, teller, entry, cells))
    return Table("Notes", columns, tuple(rows), empty="None.")


def alarms_table(session: Session, teller: Teller) -> Table:
    """Each alarm: raised, acknowledged, over."""
    columns = (
        Column("raised", 1.3),
        Column("priority", 1.4),
        Column("what", 4.8),
        Column("acknowledged", 2.2),
        Column("over", 1.3, "right"),
    )
    rows = []
    alarms = of_kind(session, AlarmRaised, AlarmAcknowledged, AlarmCleared)
    for place, entry in enumerate(alarms):
        body = entry.body
        if not isinstance(body, AlarmRaised):
            continue
        seen, over = _alarm_course(alarms[place + 1 :], body.key)
        seen_words = f"{teller.clock(seen.at.utc)} {teller.who(seen.author)}" if seen else "no"
        over_words = teller.clock(over.at.utc) if over else "stands"
        what = f"{ended(body.what)} {body.detail}" if body.detail else body.what
        cells = (teller.clock(entry.at.utc, seconds=True), body.priority, what, seen_words, over_words)
        rows.append(Row(cells))
    return Table("Alarms", columns, tuple(rows), empty="None was raised.")


def _alarm_course(later: Sequence[Entry], key: str) -> tuple[Entry | None, Entry | None]:
    """The acknowledgement and the end of an alarm, up to when the same one is raised again."""
    seen: Entry | None = None
    for entry in later:
        body = entry.body
        if isinstance(body, AlarmRaised) and body.key == key:
            return seen, None
        if isinstance(body, AlarmAcknowledged) and body.key == key and seen is None:
            seen = entry
        if isinstance(body, AlarmCleared) and body.key == key:
            return seen, entry
    return seen, None


def corrections_table(session: Session, teller: Teller) -> Table:
    """What was taken back or amended, with who and why; what stood before stays readable in the log."""
    columns = (Column("time", 1.3), Column("what", 8.4), Column("by", 1.5, "right"))
    rows = tuple(
        Row((teller.clock(e.at.utc, seconds=True), teller.told(e.body), teller.who(e.author)))
        for e in of_kind(session, Retracted, Amended)
    )
    return Table("Corrections", columns, rows, empty="None.")


def signatures_table(session: Session, teller: Teller) -> Table:
    """Every signature with role and meaning."""
    columns = (Column("time", 1.3), Column("name", 3.2), Column("role", 2.6), Column("meaning", 4.0))
    rows = []
    for entry in of_kind(session, OrderSigned, RateOrdered, CriterionAccepted, Discharged, SummarySigned):
        body = entry.body
        assert isinstance(body, OrderSigned | RateOrdered | CriterionAccepted | Discharged | SummarySigned)
        meaning = body.meaning if isinstance(body, SummarySigned) else _signs(teller, body)
        at = teller.clock(entry.at.utc, seconds=True)
        rows.append(Row((at, teller.name(body.signer), roles(teller, body.signer), meaning)))
    return Table("Signatures", columns, tuple(rows), empty="None.")


def _signs(teller: Teller, body: OrderSigned | RateOrdered | CriterionAccepted | Discharged) -> str:
    match body:
        case OrderSigned():
            return "signs the order"
        case RateOrdered():
            return f"signs the rate {number(body.rate_ml_h)} mL/h"
        case CriterionAccepted():
            return f"accepts: {teller.criterion(body.criterion)}"
        case Discharged():
            return "signs the discharge"


def roles(teller: Teller, staff: str) -> str:
    """A person's roles in words."""
    known = teller.clinic.staff.get(staff)
    return ", ".join(known.roles) if known else "not on the list"
