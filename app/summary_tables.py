"""The tables of a summary that come from the entries: order, infusion, rates, drugs, effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from app.clinical.dosing import mg_h_of_flow, rate_in
from app.clinical.infusion import RatePoint, Segment
from app.clinical.protocol import Order, OrderStep
from app.entries import (
    CHAIRSIDE,
    Amended,
    Discharged,
    DrugGiven,
    EffectNoted,
    Entry,
    InfusionPaused,
    InfusionStarted,
    OrderSigned,
    PumpSeen,
    RateMeasured,
    RateOrdered,
    ScoreTaken,
    SummarySigned,
    kind_of,
)
from app.instant import Instant
from app.printed import Column, Row, SignatureLine, Table
from app.session import Session
from app.told import Teller, container, dose, ended, number, short_date, span

FIRST_PAGE_ROWS = 10
"""More doses or effects than this are summed up on the first page; each has its row further back."""

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


def entry_row(session: Session, teller: Teller, entry: Entry, cells: Sequence[str], label: str = "") -> Row:
    """A row for one entry, struck where it does not hold as written, with what happened to it below."""
    return Row(
        tuple(cells),
        label_class=label,
        struck=is_struck(session, entry),
        note=correction_note(session, teller, entry),
    )


# ---------------------------------------------------------------- first page


def drugs_table(session: Session, teller: Teller, given: str) -> Table:
    """Every dose for the first page; ketamine first, as what the pump gave."""
    columns = (
        Column("time", 1.3),
        Column("drug", 3.8, chip=True),
        Column("dose", 2.8),
        Column("by", 1.2, "right"),
    )
    rows = []
    for entry in of_kind(session, InfusionStarted):
        drug = session.order.drug if session.order else "ketamine"
        who = "pump" if entry.author == CHAIRSIDE else teller.who(entry.author)
        cells = (
            teller.clock(entry.at.utc),
            teller.drug(drug),
            f"{given} IV" if given.endswith("mg") else given,
            who,
        )
        rows.append(entry_row(session, teller, entry, cells, _label_class(teller, drug)))
    doses = of_kind(session, DrugGiven)
    if len(doses) <= FIRST_PAGE_ROWS:
        rows.extend(_dose_row(session, teller, entry) for entry in doses)
    else:
        rows.extend(_drug_rows(session, teller, doses))
    return Table("Drugs given", columns, tuple(rows), empty="None.")


def _dose_row(session: Session, teller: Teller, entry: Entry) -> Row:
    body = entry.body
    assert isinstance(body, DrugGiven)
    cells = (teller.clock(entry.at.utc), teller.drug(body.drug), dose(body), teller.who(entry.author))
    return entry_row(session, teller, entry, cells, _label_class(teller, body.drug))


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


def totals_table(session: Session, teller: Teller) -> Table:
    """Every dose with the running total of its drug in this session; what was taken back does not count."""
    columns = (
        Column("time", 1.3),
        Column("drug", 2.8, chip=True),
        Column("dose", 1.9),
        Column("in all", 1.5, "right"),
        Column("", 0.1),
        Column("for", 3.2),
        Column("by", 1.0, "right"),
    )
    rows = []
    totals: dict[tuple[str, str], float] = {}
    for entry in of_kind(session, DrugGiven):
        body = entry.body
        if not isinstance(body, DrugGiven):
            continue
        key = (body.drug, body.unit)
        counts = entry.uuid not in session.retracted
        totals[key] = totals.get(key, 0.0) + (body.dose if counts else 0.0)
        cells = (
            teller.clock(entry.at.utc),
            teller.drug(body.drug),
            dose(body),
            f"{number(totals[key])} {body.unit}" if counts else "not counted",
            "",
            teller.why_given(body),
            teller.who(entry.author),
        )
        rows.append(entry_row(session, teller, entry, cells, _label_class(teller, body.drug)))
    return Table("Drugs with running totals", columns, tuple(rows), empty="None.")


def _label_class(teller: Teller, drug: str) -> str:
    row = teller.catalog.drugs.get(drug)
    return row.label_class if row else ""


EFFECT_COLUMNS = (
    Column("time", 1.2),
    Column("effect", 4.2),
    Column("grade", 2.2),
    Column("gone", 1.5, "right"),
)


def effects_table(session: Session, teller: Teller) -> Table:
    """Side effects with grade, onset and end; one row for each kind where all have no room."""
    noted = of_kind(session, EffectNoted)
    if len(noted) <= FIRST_PAGE_ROWS:
        rows = [_effect_row(session, teller, entry) for entry in noted]
    else:
        rows = list(_effect_kinds(session, teller, noted))
    return Table("Side effects", EFFECT_COLUMNS, tuple(rows), empty="None noted.")


def _effect_row(session: Session, teller: Teller, entry: Entry) -> Row:
    body = entry.body
    assert isinstance(body, EffectNoted)
    over = session.effect_ends.get(entry.uuid)
    gone = teller.clock(over.at.utc) if over else "--"
    cells = (teller.clock(entry.at.utc), teller.effect(body.effect), teller.grade(body.grade), gone)
    return entry_row(session, teller, entry, cells)


def _effect_kinds(session: Session, teller: Teller, noted: Sequence[Entry]) -> Iterator[Row]:
    kinds: dict[str, list[tuple[Entry, int]]] = {}
    for entry in noted:
        if isinstance(entry.body, EffectNoted) and entry.uuid not in session.retracted:
            kinds.setdefault(entry.body.effect, []).append((entry, entry.body.grade))
    for effect, series in kinds.items():
        worst = max(grade for _, grade in series)
        words = f"{teller.effect(effect)}, {len(series)} times"
        yield Row((teller.clock(series[0][0].at.utc), words, f"worst {teller.grade(worst)}", ""))


def all_effects_table(session: Session, teller: Teller) -> Table:
    """Every side effect with onset, end, how long it lasted and who noted it."""
    columns = (
        Column("time", 1.3),
        Column("effect", 3.6),
        Column("grade", 2.0),
        Column("gone", 1.3, "right"),
        Column("lasted", 1.6, "right"),
        Column("by", 1.0, "right"),
    )
    rows = []
    for entry in of_kind(session, EffectNoted):
        short = _effect_row(session, teller, entry)
        over = session.effect_ends.get(entry.uuid)
        lasted = span(over.at.since(entry.at)) if over else "no end noted"
        cells = (*short.cells, lasted, teller.who(entry.author))
        rows.append(Row(cells, struck=short.struck, note=short.note))
    return Table("Side effects, all", columns, tuple(rows), empty="None noted.")


def scores_digest(session: Session, teller: Teller) -> Table:
    """Pain and the other scores: the first, the worst of pain or lowest of the rest, the last."""
    columns = (
        Column("", 3.4),
        Column("first", 1.2, "right"),
        Column("lowest", 1.3, "right"),
        Column("highest", 1.4, "right"),
        Column("last", 1.0, "right"),
        Column("time", 1.3, "right"),
    )
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


FACTS = (Column("", 2.0), Column("", 6.0))


def facts_table(title: str, facts: Iterable[tuple[str, str]]) -> Table:
    """Pairs of a name and what holds, without column names."""
    return Table(title, FACTS, tuple(Row(fact) for fact in facts if fact[1]), empty="--", heads=False)


def order_table(session: Session, teller: Teller) -> Table:
    """The order that holds, as it was signed."""
    signed = of_kind(session, OrderSigned)
    if not signed:
        return Table("Order", FACTS, (), empty="No order was signed.", heads=False)
    entry = signed[-1]
    assert isinstance(entry.body, OrderSigned)
    order, body = entry.body.order, entry.body
    facts = [
        ("Protocol", f"{teller.protocol(order.protocol_id)} (tables {order.protocol_version})"),
        ("Steps", "; ".join(step_words(order, step) for step in order.steps)),
        ("Highest rate", _rate_limit(order)),
        ("Cap", f"{number(order.cap_mg_per_h)} mg/h" if order.cap_mg_per_h is not None else "none"),
        (
            "Session limit",
            f"{number(order.session_limit_mg)} mg" if order.session_limit_mg is not None else "none",
        ),
        ("Container", f"{container(order.container_ml, order.concentration_mg_ml)}, {drug_in(order)}"),
        ("Dose weight", f"{number(order.dose_weight_kg, 1)} kg ({order.weight_basis})"),
        ("Recovery", f"{number(order.recovery_min)} min"),
        ("Planned", _planned(session)),
        ("Note", order.note),
        ("Signed", f"{teller.name(body.signer)} at {teller.clock(entry.at.utc, seconds=True)}"),
        ("Reason", body.reason),
        ("Earlier orders", f"{len(signed) - 1}, in the log" if len(signed) > 1 else ""),
    ]
    return facts_table("Order", facts)


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
    return (
        f"{number(order.max_rate)} {order.rate_unit}, that is {number(float(order.highest_mg_h()), 2)} mg/h"
    )


def _planned(session: Session) -> str:
    plan = session.plan
    if plan is None:
        return ""
    return f"{number(plan.total_mg, 2)} mg, {number(plan.total_ml, 2)} mL in {span(plan.end_s)}"


def rate_words(rate_ml_h: float | None, concentration_mg_ml: float | None, weight_kg: float | None) -> str:
    """A rate's other units: "35 mg/h, 0.5 mg/kg/h"; "" where the concentration is not known."""
    if rate_ml_h is None or concentration_mg_ml is None:
        return ""
    mg = mg_h_of_flow(rate_ml_h, concentration_mg_ml)
    if weight_kg is None:
        return f"{number(float(mg), 2)} mg/h"
    return f"{number(float(mg), 2)} mg/h, {number(float(rate_in(mg, 'mg/kg/h', weight_kg)), 3)} mg/kg/h"


def infusion_table(session: Session, teller: Teller, now: Instant, given: str) -> Table:
    """Start, end, pauses and what was given."""
    infusion = session.infusion
    facts = [
        ("Started", _moment(teller, infusion.started)),
        ("Ended", _moment(teller, infusion.ended)),
        ("Running time", _running_words(session, now)),
        ("Given", given),
        ("Truth", "the nurse's entries: no pump was read" if infusion.by_hand else "the pump's own counter"),
        ("Unknown since", _moment(teller, infusion.unknown_since) if infusion.unknown_since else ""),
    ]
    reasons = [
        entry.body.reason
        for entry in of_kind(session, InfusionPaused)
        if isinstance(entry.body, InfusionPaused)
    ]
    for number_of, (start, stop) in enumerate(infusion.pauses):
        until = teller.clock(stop.utc) if stop else "not resumed"
        why = f": {reasons[number_of]}" if number_of < len(reasons) and reasons[number_of] else ""
        facts.append((f"Pause {number_of + 1}", f"{teller.clock(start.utc)} to {until}{why}"))
    return facts_table("Infusion", facts)


def _running_words(session: Session, now: Instant) -> str:
    if session.infusion.started is None:
        return ""
    known = session.infusion.unknown_since is None
    return span(session.infusion.running_s(now)) if known else "not known"


def _moment(teller: Teller, at: Instant | None) -> str:
    return teller.clock(at.utc, seconds=True) if at is not None else "no"


def segments_table(session: Session, teller: Teller) -> Table:
    """What the pump's counter showed of each container."""
    columns = (
        Column("from", 1.3),
        Column("why", 2.6),
        Column("pump", 1.6),
        Column("container", 3.0),
        Column("mL", 1.1, "right"),
        Column("mg", 1.1, "right"),
    )
    rows = tuple(Row(_segment_cells(teller, segment)) for segment in session.infusion.segments)
    note = "One row for each stretch of the pump's counter."
    return Table("Segments and containers", columns, rows, empty="None.", note=note if rows else "")


def _segment_cells(teller: Teller, segment: Segment) -> tuple[str, ...]:
    ml, strength = segment.infused_ml, segment.concentration_mg_ml
    mg = ml * strength if ml is not None and strength is not None else None
    return (
        teller.clock(segment.opened.utc, seconds=True),
        segment.cause,
        segment.serial or "by hand",
        f"{segment.container}: {container(segment.container_ml, segment.concentration_mg_ml)}",
        number(ml, 2),
        number(mg, 2),
    )


def rates_table(session: Session, teller: Teller) -> Table:
    """Every change of rate: time, old, new, who and why."""
    columns = (
        Column("time", 1.2),
        Column("from", 1.6, "right"),
        Column("to", 1.6, "right"),
        Column("", 0.2),
        Column("who", 1.8),
        Column("why", 4.0),
    )
    rows = []
    ordered = of_kind(session, RateOrdered)
    before: RatePoint | None = None
    for point in session.infusion.rates:
        old = "--" if before is None else _flow(before.rate_ml_h)
        who, why = _cause(session, teller, point, ordered)
        rows.append(
            Row((teller.clock(point.at.utc, seconds=True), old, _flow(point.rate_ml_h), "", who, why))
        )
        before = point
    note = "Rates in mL/h as the pump showed them or a person read them."
    return Table("Rate changes", columns, tuple(rows), empty="None.", note=note if rows else "")


def _flow(rate_ml_h: float | None) -> str:
    return "not known" if rate_ml_h is None else f"{number(rate_ml_h)} mL/h"


def _cause(session: Session, teller: Teller, point: RatePoint, ordered: list[Entry]) -> tuple[str, str]:
    """Who ordered the rate of this moment, and why; for start, pause and end the entry says it."""
    here = [e for e in session.entries if abs(e.at.steady - point.at.steady) < 0.001]
    told = [e for e in here if kind_of(e.body) in _RATE_KINDS]
    latest = [e for e in ordered if e.at.steady <= point.at.steady]
    if latest and isinstance(latest[-1].body, RateOrdered) and latest[-1].body.rate_ml_h == point.rate_ml_h:
        body = latest[-1].body
        if not any(kind_of(e.body) in _STATE_KINDS for e in told):
            return teller.name(body.signer), f"ordered {teller.clock(latest[-1].at.utc)}: {body.reason}"
    if told:
        return teller.who(told[-1].author), teller.told(told[-1].body)
    if point.rate_ml_h is None:
        return "Chairside", "the pump was not read"
    return "Chairside", "seen at the pump, no order for this rate"


_STATE_KINDS = {"InfusionStarted", "InfusionPaused", "InfusionResumed", "InfusionEnded"}
_RATE_KINDS = _STATE_KINDS | {PumpSeen.__name__, "PumpLost", RateMeasured.__name__}


def ordered_rates_table(session: Session, teller: Teller) -> Table:
    """The rates that were ordered after the start, each with its signer and reason."""
    columns = (Column("time", 1.2), Column("ordered", 3.4), Column("by", 2.4), Column("reason", 3.6))
    rows = []
    for entry in of_kind(session, RateOrdered):
        body = entry.body
        assert isinstance(body, RateOrdered)
        reason = f"{body.reason}. Soft limit: {body.soft_reason}" if body.soft_reason else body.reason
        rate = f"{number(body.rate_ml_h)} mL/h, {number(body.rate_mg_h, 2)} mg/h"
        cells = (teller.clock(entry.at.utc, seconds=True), rate, teller.name(body.signer), reason)
        rows.append(entry_row(session, teller, entry, cells))
    return Table("Rates ordered", columns, tuple(rows), empty="None after the signed order.")
