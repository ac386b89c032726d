"""A session as it is printed: from its entries and samples to a Summary with every word settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

import msgspec

from app.clinic import Clinic
from app.clinical.tables import Catalog
from app.completeness import FieldState, is_final
from app.entries import (
    GENESIS,
    Entry,
    Sample,
    SamplesSealed,
    SessionFinished,
    SessionOpened,
    SummaryPrinted,
    SummarySigned,
)
from app.frames import ChartFrame
from app.instant import Instant
from app.printed import Figure, Label, Summary, Table
from app.session import Session
from app.summary_bedside import account_table, balance_table, emergency_table, left_words
from app.summary_chart import Heard, chart_frame, digest, marks_left_out, on_axis, vitals_table
from app.summary_checkin import check_in_table
from app.summary_log import alarms_table, discharge_table, log_table, people_words, scores_table
from app.summary_pump import rate_words, segments_table
from app.summary_record import draft_words, fields_of, fields_table, state_words
from app.summary_tables import (
    all_effects_table,
    drugs_table,
    effects_table,
    facts_table,
    is_plain,
    of_kind,
    order_tables,
    scores_digest,
    signature_lines,
    totals_table,
)
from app.told import Teller, container, long_date, number, short_date, span, weight

CHART_WORDS = "Dashed: the signed plan. Bars: NIBP with its mean. Hatched: no values."
BAND_WORDS = "Model: an estimate, not measured."
DEMO = "DEMO: a simulated patient on simulated devices. No medical record."
SIGN_AGAIN = "AMENDED after the signature: sign again"
DRAFT_TABLES = "DRAFT TABLES: not signed"


def summarise(
    entries: Sequence[Entry],
    samples: Sequence[Sample],
    clinic: Clinic,
    catalog: Catalog,
    *,
    head: str,
    printed_at: datetime,
    printed_by: str,
    zone: tzinfo,
) -> Summary:
    """The summary of one session as it stands.

    `entries` are all of one session's in the order of writing, one at least. `head` is the newest hash of the
    chain, `printed_by` a staff id ("" from the command line), `zone` the clinic's.
    """
    entries = numbered(entries)
    last = entries[-1]
    now = _end(entries, samples)
    session = Session.fold(last.session, entries, samples, last.boot, now)
    # What is written after the session is over, days later even, makes it no longer.
    now = next((entry.at for entry in session.standing(SessionFinished)), now)
    teller = Teller(catalog, clinic, zone, {entry.uuid: entry for entry in session.entries})
    start = session.opened_at or min((entry.at for entry in session.entries), key=lambda at: at.steady)
    heard = on_axis(samples, start, last.boot)
    given = given_words(session, now, teller)
    fields = fields_of(session, samples, teller)
    chart = chart_frame(session, heard, catalog, teller, now)
    drugs, effects = drugs_table(session, teller, given), effects_table(session, teller)
    details = [
        check_in_table(session, teller),
        *order_tables(session, teller),
        *found(emergency_table(session, teller)),
        *found(segments_table(session, teller), totals_table(session, teller)),
        *found(all_effects_table(session, teller)),
        vitals_table(session, heard, teller, start),
        scores_table(session, teller),
        alarms_table(session, teller),
        discharge_table(session, teller),
        *found(account_table(session, teller)),
        fields_table(fields),
    ]
    state = state_words(session, fields)
    record = record_table(session, samples, teller, head, printed_at, printed_by, state)
    local = start.utc.astimezone(zone)
    return Summary(
        session=last.session,
        name=session.patient.name if session.patient else "Patient not identified",
        mrn=session.patient.mrn if session.patient else "--",
        facts=patient_facts(session, local.date()),
        title="Ketamine infusion",
        date=long_date(local.date()),
        date_short=short_date(local.date()),
        clinic=session.opened.clinic if session.opened and session.opened.clinic else clinic.name,
        protocol=teller.protocol_short(session.order.protocol_id) if session.order else "",
        allergies=teller.allergies(session.patient) if session.patient else "Allergies: not recorded",
        allergy=bool(session.patient and session.patient.allergies),
        figures=figures(session, teller, now, start),
        chart=chart,
        chart_words=chart_words(session, catalog, chart, heard),
        pairs=((drugs, effects), (digest(session, heard, teller, start), scores_digest(session, teller))),
        pump=balance_table(session, teller) or pump_table(session, now, given),
        signed=signature_lines(session, teller),
        details=(
            *details,
            log_table(session, teller, (drugs, effects, *details, record)),
            record,
        ),
        head=head,
        head_short=short_head(head),
        software=f"Chairside {session.opened.software}" if session.opened else "Chairside",
        printed=f"printed {teller.clock(printed_at)}",
        labels={row.id: Label(row.hex, row.stripes) for row in catalog.colours.values()},
        demo=DEMO if session.opened and session.opened.demo else "",
        draft=draft_banner(session, fields),
    )


def draft_banner(session: Session, fields: tuple[FieldState, ...]) -> str:
    """What every page says of a summary that is not final or was amended since, and of tables that nobody signed."""
    tables = session.opened is not None and session.opened.tables_status != "signed"
    final = is_final(session)
    words = draft_words(fields) if not final else SIGN_AGAIN if session.unsigned() else ""
    return ". ".join(part for part in (words, DRAFT_TABLES if tables else "") if part)


def found(*tables: Table | None) -> list[Table]:
    """The tables that there are."""
    return [table for table in tables if table is not None]


def numbered(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with their numbers; one that is not yet stored gets the number that it will have."""
    return [
        entry if entry.number else msgspec.structs.replace(entry, number=place)
        for place, entry in enumerate(entries, start=1)
    ]


def chart_words(session: Session, catalog: Catalog, chart: ChartFrame | None, heard: Sequence[Heard]) -> str:
    """What the lanes mean and what they leave out."""
    parts = [] if heard else ["No sample of vital signs was recorded."]
    if chart is not None:
        parts.append(CHART_WORDS)
        parts += [BAND_WORDS] if chart.band is not None else []
        left_out = marks_left_out(session, catalog, chart)
        parts += [f"{left_out} more events are in the tables."] if left_out else []
    return " ".join(parts)


def _end(entries: Sequence[Entry], samples: Sequence[Sample]) -> Instant:
    """When the session's last line was written, on the clock of its last entry."""
    last = entries[-1]
    ends = [
        entry.at.plus((entry.written - entry.at.utc).total_seconds())
        for entry in entries
        if entry.boot == last.boot
    ]
    ends += [Instant(sample.at, sample.steady) for sample in samples if sample.boot == last.boot]
    return max(ends, key=lambda at: at.steady)


def short_head(head: str) -> str:
    """The chain's head in short, as printed and compared by eye: "7F3A-91C2"."""
    if not head or head == GENESIS:
        return "none"
    return f"{head[:4]}-{head[4:8]}".upper()


def age_years(born: date, on: date) -> int:
    """Whole years of age on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def patient_facts(session: Session, on: date) -> str:
    """Birth date, age, sex, MRN and weight in a line."""
    patient = session.patient
    if patient is None:
        return "no patient was identified in this session"
    age = age_years(patient.birth_date, on)
    height = f", {number(patient.height_cm, 1)} cm" if patient.height_cm is not None else ""
    return (
        f"born {short_date(patient.birth_date)}, {age} y, {patient.sex}   MRN {patient.mrn}"
        f"   {weight(patient.weight_kg)}{height}"
    )


def given_words(session: Session, now: Instant, teller: Teller) -> str:
    """What was given in mg, or that it is not known."""
    if session.infusion.started is None:
        return "nothing"
    given = session.infusion.given(now)
    if given.mg is None or session.infusion.unknown_since is not None:
        return "not known"
    return f"{number(given.mg, 2)} mg"


def given_detail(session: Session, now: Instant, teller: Teller) -> str:
    """The volume and the dose for each kg; why, where the dose is not known."""
    if session.infusion.started is None:
        return "the infusion was not started"
    given = session.infusion.given(now)
    unknown = session.infusion.unknown_since
    parts = [f"{number(given.ml, 2)} mL"] if given.ml is not None else []
    if unknown is not None:
        parts += [f"{number(given.mg, 2)} mg"] if given.mg is not None else []
        since = teller.clock(unknown.utc, seconds=True)
        return (
            f"{' or '.join(reversed(parts))} up to {since}, unknown since"
            if parts
            else f"unknown since {since}"
        )
    if given.mg is not None and session.order is not None:
        parts.append(f"{number(given.mg / session.order.dose_weight_kg, 3)} mg/kg")
    parts += [given.why] if given.why else []
    return ", ".join(parts)


def figures(session: Session, teller: Teller, now: Instant, start: Instant) -> tuple[Figure, ...]:
    """The four large figures: given, infusion, highest rate, session."""
    return (
        Figure("Given", given_words(session, now, teller), given_detail(session, now, teller)),
        infusion_figure(session, teller, now),
        rate_figure(session),
        session_figure(session, teller, now, start),
    )


def infusion_figure(session: Session, teller: Teller, now: Instant) -> Figure:
    """From when to when it ran, and how long it was paused."""
    infusion = session.infusion
    if infusion.started is None:
        return Figure("Infusion", "not started")
    began = teller.clock(infusion.started.utc)
    over = f"to {teller.clock(infusion.ended.utc)}" if infusion.ended else "not ended"
    known = infusion.unknown_since is None
    ran = f"ran {span(infusion.running_s(now))}, " if known else ""
    paused = f"{ran}paused {span(infusion.paused_s(now))}" if infusion.pauses else f"{ran}not paused"
    return Figure("Infusion", f"{began} {over}", paused)


def rate_figure(session: Session) -> Figure:
    """The highest rate in all three units; of the part that is known."""
    rates = [point.rate_ml_h for point in session.infusion.rates]
    known = [rate for rate in rates if rate is not None]
    if not known:
        return Figure("Highest rate", "--")
    strengths = {segment.concentration_mg_ml for segment in session.infusion.segments}
    strength = strengths.pop() if len(strengths) == 1 else None
    kg = session.order.dose_weight_kg if session.order else None
    words = rate_words(max(known), strength, kg) or "mg/h: the concentration was not one and the same"
    gap = ", gap not counted" if None in rates else ""
    return Figure("Highest rate", f"{number(max(known))} mL/h", f"{words}{gap}")


def session_figure(session: Session, teller: Teller, now: Instant, start: Instant) -> Figure:
    """From when to when the session was open."""
    end = teller.clock(now.utc)
    words = "finished" if session.finished else "not finished"
    return Figure("Session", f"{teller.clock(start.utc)} to {end}", words)


def pump_table(session: Session, now: Instant, given: str) -> Table:
    """Ordered, in the pump, given: what the first page says of the drug's way."""
    order, infusion = session.order, session.infusion
    planned = f"{number(session.plan.total_mg, 2)} mg in {span(session.plan.end_s)}" if session.plan else ""
    used = len({segment.container for segment in infusion.segments})
    holds = container(order.container_ml, order.concentration_mg_ml) if order else "no order"
    facts = [
        ("Planned", planned),
        ("Container", f"{holds}{f', {used} used' if used > 1 else ''}"),
        ("Given", given),
        ("In the pump", left_words(session) if infusion.segments else ""),
    ]
    return facts_table("Ketamine in the pump", facts)


def record_table(
    session: Session,
    samples: Sequence[Sample],
    teller: Teller,
    head: str,
    printed_at: datetime,
    printed_by: str,
    state: str,
) -> Table:
    """What proves the record, what made it, and who printed it when."""
    opened = session.opened
    sealed = sum(e.body.count for e in session.entries if isinstance(e.body, SamplesSealed))
    status = opened.tables_status if opened else "not known"
    signed = "signed by the director" if status == "signed" else "not signed by the director"
    copies = len(of_kind(session, SummaryPrinted))
    printed_local = printed_at.astimezone(teller.zone)
    by = f" by {teller.name(printed_by)}" if printed_by else ""
    openings = of_kind(session, SessionOpened)
    offset = f"{(openings[0].at.utc if openings else printed_at).astimezone(teller.zone):%z}"
    printed = f"{short_date(printed_local.date())} {printed_local:%H:%M:%S}{by}"
    facts = [
        ("Initials", people_words(session, teller)),
        ("Session", session.id),
        ("State", state),
        ("Opened", f"{opened_words(teller, openings)}, local times, UTC{offset[:-2]}:{offset[-2:]}"),
        ("Entries", f"{len(session.entries)}; {len(samples)} samples, {sealed} of them sealed"),
        ("Head", head or "none"),
        ("Tables", f"{opened.tables}: {status}, {signed}" if opened else "not known"),
        ("Printed", f"{printed}, copy {copies + 1}"),
    ]
    table = facts_table("Record", facts)
    signed_here = [e for e in of_kind(session, SummarySigned) if is_plain(session, e)]
    ids = tuple(entry.uuid for entry in (*openings[:1], *signed_here))
    return msgspec.structs.replace(
        table, rows=(msgspec.structs.replace(table.rows[0], tells=ids), *table.rows[1:])
    )


def opened_words(teller: Teller, openings: Sequence[Entry]) -> str:
    """When and by whom a session was opened; head and foot of the pages name clinic and software."""
    if not openings:
        return "not known"
    return f"{teller.clock(openings[0].at.utc, seconds=True)} by {teller.who(openings[0].author)}"
