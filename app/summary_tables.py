"""The tables of a summary that come from the entries: order, infusion, rates, drugs, effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from app.clinical.protocol import Order, OrderStep
from app.entries import (
    CHAIRSIDE,
    Amended,
    Discharged,
    DrugGiven,
    EffectNoted,
    Entry,
    InfusionStarted,
    OrderSigned,
    ScoreTaken,
    SummarySigned,
)
from app.printed import Column, Row, SignatureLine, Table
from app.session import Session
from app.told import Teller, container, dose, ended, number, short_date, span

FIRST_PAGE_LINES = 12
"""More lines of doses or effects are summed up on the first page; each has its row further back."""

NOTE_LETTERS = 42
"""About as many letters has a line of a note under half a page's table."""

BACK_DATED_S = 30.0
"""An entry written this much later than it happened says when it was written."""


def happened(session: Session) -> list[Entry]:
    """Every entry by when it happened, by the steady clock: a wall clock that was set reorders nothing."""
    return sorted(session.entries, key=lambda entry: (entry.at.steady, entry.number))


def in_time(entries: Iterable[Entry]) -> list[Entry]:
    """These entries by when they happened."""
    return sorted(entries, key=lambda entry: (entry.at.steady, entry.number))


def of_kind(session: Session, *kinds: type) -> list[Entry]:
    """Entries of these kinds by when they happened, those taken back among them."""
    return [entry for entry in happened(session) if isinstance(entry.body, kinds)]


def correction_note(session: Session, teller: Teller, entry: Entry) -> str:
    """What happened to an entry later: written late, taken back, amended; "" for most."""
    parts = []
    if (entry.written - entry.at.utc).total_seconds() >= BACK_DATED_S:
        parts.append(f"written at {teller.clock(entry.written, seconds=True)}")
    if session.is_late(entry):
        parts = [f"late entry, written {_dated(teller, entry.written)}"]
    taken_back = session.retracted.get(entry.uuid)
    if taken_back is not None:
        at = teller.clock(taken_back.at.utc, seconds=True)
        parts.append(f"taken back at {at} by {teller.who(taken_back.author)}")
    for amendment in session.amended.get(entry.uuid, ()):
        if isinstance(amendment.body, Amended) and amendment.uuid not in session.retracted:
            late = session.is_late(amendment)
            at = (
                f"late, {_dated(teller, amendment.at.utc)}"
                if late
                else f"at {teller.clock(amendment.at.utc)}"
            )
            body = amendment.body
            parts.append(
                f"amended {at} by {teller.who(amendment.author)}, should read: {ended(body.text)} "
                f"Reason: {body.reason}"
            )
    return "; ".join(parts)


def _dated(teller: Teller, at: datetime) -> str:
    """Day and time: what is written after the session may be of another day."""
    local = at.astimezone(teller.zone)
    return f"{short_date(local.date())} {local:%H:%M}"


def is_struck(session: Session, entry: Entry) -> bool:
    """Whether an entry was taken back or amended."""
    amendments = session.amended.get(entry.uuid, ())
    return entry.uuid in session.retracted or any(a.uuid not in session.retracted for a in amendments)


def tells(session: Session, entry: Entry, *more: Entry | None) -> tuple[str, ...]:
    """The ids of what a row with this entry and its note prints: the entry, and what took it back or amends it.

    Of `more` only those without a note of their own.
    """
    corrections = [session.retracted.get(entry.uuid), *session.amended.get(entry.uuid, ())]
    found = [entry, *(one for one in (*corrections, *more) if one is not None and is_plain(session, one))]
    return tuple(one.uuid for one in found)


def is_plain(session: Session, entry: Entry) -> bool:
    """Whether nothing happened to an entry later, and it was written at once."""
    late = (entry.written - entry.at.utc).total_seconds() >= BACK_DATED_S
    return not late and entry.uuid not in session.retracted and entry.uuid not in session.amended


def entry_row(
    session: Session, teller: Teller, entry: Entry, cells: Sequence[str], label: str = "", note: str = ""
) -> Row:
    """A row for one entry, struck where it does not hold as written, with what happened to it below."""
    parts = (note, correction_note(session, teller, entry))
    return Row(
        tuple(cells),
        label_class=label,
        struck=is_struck(session, entry),
        note="; ".join(part for part in parts if part),
        tells=tells(session, entry),
    )


def by(teller: Teller, entry: Entry) -> str:
    """Who wrote an entry, in the narrow column at a row's end."""
    return ITSELF if entry.author == CHAIRSIDE else teller.who(entry.author)


ITSELF = "auto"
"""What Chairside saw by itself; the legend of the initials says so."""


def have_room(rows: Sequence[Row]) -> bool:
    """Whether these rows stand on the first page one by one."""
    return sum(1 + -(-len(row.note) // NOTE_LETTERS) for row in rows) <= FIRST_PAGE_LINES


# ---------------------------------------------------------------- first page


def drugs_table(session: Session, teller: Teller, given: str) -> Table:
    """Every dose for the first page; ketamine first, as what the pump gave."""
    columns = (
        Column("time", fit=True),
        Column("drug", chip=True),
        Column("dose", fit=True),
        Column("by", align="right", fit=True),
    )
    rows = []
    for entry in of_kind(session, InfusionStarted):
        drug = session.order.drug if session.order else "ketamine"
        who = "pump" if entry.author == CHAIRSIDE else teller.who(entry.author)
        words = f"{given} IV" if given.endswith("mg") else given
        cells = (teller.clock(entry.at.utc), teller.drug(drug), words, who)
        rows.append(Row(cells, label_class=_label_class(teller, drug)))
    doses = dose_rows(session, teller)
    given_rows = doses if have_room(doses) else list(_drug_rows(session, teller, of_kind(session, DrugGiven)))
    return Table("Drugs given", columns, (*rows, *given_rows), empty="None.")


def dose_rows(session: Session, teller: Teller) -> list[Row]:
    """Each dose with why it was given; of a drug's second dose on, what that makes in all."""
    rows = []
    totals: dict[tuple[str, str], float] = {}
    for entry in of_kind(session, DrugGiven):
        body = entry.body
        assert isinstance(body, DrugGiven)
        key = (body.drug, body.unit)
        counts = entry.uuid not in session.retracted
        repeated = counts and key in totals
        if counts:
            totals[key] = totals.get(key, 0.0) + body.dose
        in_all = f"{number(totals[key])} {body.unit} in all" if repeated else ""
        why = teller.why_given(body)
        note = "; ".join(part for part in (why and f"for {why}" if body.effect else why, in_all) if part)
        cells = (teller.clock(entry.at.utc), teller.drug(body.drug), dose(body), teller.who(entry.author))
        label = _label_class(teller, body.drug)
        rows.append(entry_row(session, teller, entry, cells, label, "" if counts else "not counted"))
        rows[-1] = msgspec.structs.replace(
            rows[-1], note="; ".join(part for part in (note, rows[-1].note) if part)
        )
    return rows


def _drug_rows(session: Session, teller: Teller, doses: Sequence[Entry]) -> Iterator[Row]:
    """One row for each drug with its total, where every dose has no room."""
    given: dict[tuple[str, str], list[tuple[Entry, float]]] = {}
    for entry in doses:
        if isinstance(entry.body, DrugGiven) and entry.uuid not in session.retracted:
            given.setdefault((entry.body.drug, entry.body.unit), []).append((entry, entry.body.dose))
    for (drug, unit), series in given.items():
        total = sum(amount for _, amount in series)
        words = f"{number(total)} {unit}, {len(series)} times"
        cells = (teller.clock(series[0][0].at.utc), teller.drug(drug), words, "")
        yield Row(cells, label_class=_label_class(teller, drug))


def totals_table(session: Session, teller: Teller) -> Table | None:
    """Every dose where the first page had no room; what was taken back does not count."""
    rows = dose_rows(session, teller)
    if have_room(rows):
        return None
    columns = (
        Column("time", fit=True),
        Column("drug", chip=True),
        Column("dose", fit=True),
        Column("by", align="right", fit=True),
    )
    return Table("Drugs with running totals", columns, tuple(rows))


def _label_class(teller: Teller, drug: str) -> str:
    row = teller.catalog.drugs.get(drug)
    return row.label_class if row else ""


EFFECT_COLUMNS = (
    Column("time", fit=True),
    Column("effect"),
    Column("grade", fit=True),
    Column("gone", align="right", fit=True),
    Column("by", align="right", fit=True),
)


def effects_table(session: Session, teller: Teller) -> Table:
    """Side effects with grade, onset and end; one row for each kind where all have no room."""
    rows = effect_rows(session, teller)
    if not have_room(rows):
        rows = list(_effect_kinds(session, teller, of_kind(session, EffectNoted)))
    return Table("Side effects", EFFECT_COLUMNS, tuple(rows), empty="None noted.")


def effect_rows(session: Session, teller: Teller) -> list[Row]:
    """Each side effect; who saw its end, where that was another than who noted it."""
    rows = []
    for entry in of_kind(session, EffectNoted):
        body = entry.body
        assert isinstance(body, EffectNoted)
        over = session.effect_ends.get(entry.uuid)
        gone = teller.clock(over.at.utc) if over else "--"
        seen = f" {by(teller, over)}" if over is not None and over.author != entry.author else ""
        cells = (
            teller.clock(entry.at.utc),
            teller.effect(body.effect),
            teller.grade(body.grade),
            f"{gone}{seen}",
            teller.who(entry.author),
        )
        row = entry_row(session, teller, entry, cells)
        rows.append(msgspec.structs.replace(row, tells=tells(session, entry, over)))
    return rows


def _effect_kinds(session: Session, teller: Teller, noted: Sequence[Entry]) -> Iterator[Row]:
    kinds: dict[str, list[tuple[Entry, int]]] = {}
    for entry in noted:
        if isinstance(entry.body, EffectNoted) and entry.uuid not in session.retracted:
            kinds.setdefault(entry.body.effect, []).append((entry, entry.body.grade))
    for effect, series in kinds.items():
        worst = max(grade for _, grade in series)
        words = f"{teller.effect(effect)}, {len(series)} times"
        yield Row((teller.clock(series[0][0].at.utc), words, f"worst {teller.grade(worst)}", "", ""))


def all_effects_table(session: Session, teller: Teller) -> Table | None:
    """Every side effect where the first page had no room."""
    rows = effect_rows(session, teller)
    return None if have_room(rows) else Table("Side effects, all", EFFECT_COLUMNS, tuple(rows))


def scores_digest(session: Session, teller: Teller) -> Table:
    """Pain and the other scores: the first, the worst of pain or lowest of the rest, the last."""
    heads = ("first", "lowest", "highest", "last", "time")
    columns = (Column("", 2.0), *(Column(head, align="right", fit=True) for head in heads))
    taken: dict[str, list[tuple[Entry, ScoreTaken]]] = {}
    for entry in in_time(session.standing(ScoreTaken)):
        if isinstance(entry.body, ScoreTaken) and not is_struck(session, entry):
            taken.setdefault(entry.body.score, []).append((entry, entry.body))
    rows = []
    for score, series in taken.items():
        totals = [body.total for _, body in series if body.total is not None]
        first, last = series[0][1].total, series[-1][1].total
        cells = (teller.score(score), _total(first), *_ends(totals), _total(last))
        rows.append(Row((*cells, teller.clock(series[-1][0].at.utc))))
    return Table("Pain and scores", columns, tuple(rows), empty="None taken.")


def _total(total: int | None) -> str:
    return "--" if total is None else f"{total}"


def _ends(totals: list[int]) -> tuple[str, str]:
    return (f"{min(totals)}", f"{max(totals)}") if totals else ("--", "--")


def signature_lines(session: Session, teller: Teller) -> tuple[SignatureLine, ...]:
    """Who signed the order, the discharge and the summary; a free line where the summary is not signed."""
    lines = [
        SignatureLine("Order", teller.name(entry.body.signer), teller.clock(entry.at.utc))
        for entry in of_kind(session, OrderSigned)[-1:]
        if isinstance(entry.body, OrderSigned)
    ]
    signed = [
        SignatureLine(entry.body.meaning, teller.name(entry.body.signer), teller.clock(entry.at.utc))
        for entry in of_kind(session, SummarySigned)
        if isinstance(entry.body, SummarySigned)
    ]
    lines += [
        SignatureLine("Discharge", teller.name(entry.body.signer), teller.clock(entry.at.utc))
        for entry in of_kind(session, Discharged)[-1:]
        if isinstance(entry.body, Discharged)
    ]
    if session.unsigned():
        signed.append(SignatureLine("Amended since: sign again"))
    return (*lines, *(signed or [SignatureLine("Summary, not signed yet")]))


# ---------------------------------------------------------------- order and infusion


FACTS = (Column("", fit=True), Column(""))


def facts_table(title: str, facts: Iterable[tuple[str, str]]) -> Table:
    """Pairs of a name and what holds, without column names."""
    return Table(title, FACTS, tuple(Row(fact) for fact in facts if fact[1]), empty="--", heads=False)


def order_tables(session: Session, teller: Teller) -> Iterator[Table]:
    """The order that holds, and before it those that it replaced."""
    signed = of_kind(session, OrderSigned)
    if not signed:
        yield Table("Order", FACTS, (), empty="No order was signed.", heads=False)
    for entry in signed:
        yield order_table(session, teller, entry, holds=entry is signed[-1])


def order_table(session: Session, teller: Teller, entry: Entry, *, holds: bool) -> Table:
    """An order as it was signed."""
    assert isinstance(entry.body, OrderSigned)
    order, body = entry.body.order, entry.body
    entered = f", entered by {teller.name(entry.author)}" if entry.author != body.signer else ""
    drug = f"{container(order.container_ml, order.concentration_mg_ml)}, {drug_in(order)}"
    facts = [
        ("Protocol", _protocol_words(session, teller, order)),
        ("Steps", f"{'; '.join(step_words(order, step) for step in order.steps)}, {_weight_words(order)}"),
        ("Limits", _limits_words(order)),
        ("Drug", f"{drug}, {number(order.pump_resolution_ml_h)} mL/h steps"),
        ("Planned", _planned(session, order) if holds else f"recovery {number(order.recovery_min)} min"),
        ("Note", order.note),
        ("Signed", f"{teller.name(body.signer)} at {teller.clock(entry.at.utc, seconds=True)}{entered}"),
        ("Reason", body.reason),
        ("", correction_note(session, teller, entry)),
    ]
    title = "Order" if holds else f"Order of {teller.clock(entry.at.utc)}, replaced"
    table = facts_table(title, facts)
    first = msgspec.structs.replace(table.rows[0], tells=tells(session, entry))
    return msgspec.structs.replace(table, rows=(first, *table.rows[1:]))


def _protocol_words(session: Session, teller: Teller, order: Order) -> str:
    """The protocol's name; its tables where they are not those of the session, which the record names."""
    name = teller.protocol(order.protocol_id)
    same = session.opened is not None and session.opened.tables == order.protocol_version
    return name if same else f"{name} (tables {order.protocol_version})"


def _weight_words(order: Order) -> str:
    return f"dosed by {number(order.dose_weight_kg, 1)} kg ({order.weight_basis})"


def _limits_words(order: Order) -> str:
    cap = f"cap {number(order.cap_mg_per_h)} mg/h" if order.cap_mg_per_h is not None else "no cap"
    limit = order.session_limit_mg
    whole = f"session {number(limit)} mg" if limit is not None else "no session limit"
    return f"{_rate_limit(order)}, {cap}, {whole}"


def drug_in(order: Order) -> str:
    """What was put into the container."""
    return f"{number(order.drug_in_container_mg)} mg {order.drug}"


def step_words(order: Order, step: OrderStep) -> str:
    """A step: "40 min at 0.5 mg/kg/h", "10 min from 0.1 to 0.5 mg/kg/h"."""
    if step.rate_from == step.rate_to:
        return f"{number(step.minutes)} min at {number(step.rate_from)} {order.rate_unit}"
    ramp = f"from {number(step.rate_from)} to {number(step.rate_to)}"
    return f"{number(step.minutes)} min {ramp} {order.rate_unit}"


def _rate_limit(order: Order) -> str:
    return f"{number(order.max_rate)} {order.rate_unit} ({number(float(order.highest_mg_h()), 2)} mg/h)"


def _planned(session: Session, order: Order) -> str:
    plan = session.plan
    recovery = f"recovery {number(order.recovery_min)} min"
    if plan is None:
        return recovery
    return f"{number(plan.total_mg, 2)} mg, {number(plan.total_ml, 2)} mL in {span(plan.end_s)}, {recovery}"
