"""The course of a whole session from its samples: the chart's lanes, and the vital signs over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from app.charting import LANES as SIGNS
from app.charting import line_lane, marks_of, plan_spans, pressure_lane, rate_spans, ticks
from app.checkin import changed_limits
from app.clinical.patient_limits import changed_row
from app.clinical.pharmacokinetics import RateStretch, bedside_band
from app.clinical.rows import AlarmLimits
from app.clinical.tables import Catalog
from app.clinical.vitals import NIBP, VITALS, Vital
from app.entries import Entry, Resumed, Sample, VitalEntered
from app.frames import Array, Band, ChartFrame, Gap, Lane, Mark, RateSpan
from app.instant import Instant
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_tables import correction_note, happened, is_struck, tells
from app.told import Teller, number, pressure
from app.trends import Pressure

ALWAYS = (Vital.HEART_RATE, Vital.SPO2, Vital.RESP_RATE, Vital.ETCO2)
"""The signs that have a lane and a column even when nothing was heard."""

COLUMNS = 700
"""Buckets over the width of a page: two for each printed millimetre and more."""

BAND_POINTS = 240
MARKS_AT_MOST = 30
"""As many marks have room beside each other over the width of a page."""

SAME_ROW_S = 60.0
"""A due row this close to the row of a new pressure is that row."""

GAP_S = 30.0
ROW_NEAR_S = 30.0
EVERY_S = 5 * 60.0
RECOVERY_EVERY_S = 15 * 60.0
TICKS_AT_MOST = 9


class Heard(msgspec.Struct, frozen=True):
    """A sample on the session's own time axis."""

    at_s: float
    sample: Sample


class PrintedAxis(msgspec.Struct, frozen=True):
    """The session's seconds from its opening."""

    start: Instant

    def second(self, at: Instant) -> float:
        """The session second of an instant."""
        return at.since(self.start)


def on_axis(samples: Sequence[Sample], start: Instant, boot: str) -> list[Heard]:
    """The samples by session second; those of another start of the machine are placed by wall time."""
    heard = []
    for sample in samples:
        at_s = (
            sample.steady - start.steady if sample.boot == boot else (sample.at - start.utc).total_seconds()
        )
        heard.append(Heard(at_s, sample))
    return sorted(heard, key=lambda one: (one.at_s, one.sample.number))


def pressures(heard: Sequence[Heard]) -> list[Pressure]:
    """Each blood pressure once, when it was new; samples repeat it as long as it is worth showing."""
    found: list[Pressure] = []
    before: tuple[float | None, ...] = ()
    for one in heard:
        sys, dia, mean = (one.sample.vitals.get(vital.value) for vital in NIBP)
        if sys is not None and dia is not None and (sys, dia, mean) != before:
            found.append(Pressure(one.at_s, sys, dia, mean))
        before = (sys, dia, mean)
    return found


# ---------------------------------------------------------------- chart


def chart_frame(
    session: Session,
    heard: Sequence[Heard],
    catalog: Catalog,
    teller: Teller,
    end: Instant,
    *,
    columns: int = COLUMNS,
) -> ChartFrame | None:
    """The whole session as lanes up to `end`; None when there is neither a sample nor an infusion."""
    start = session.opened_at
    infusion = session.infusion
    if start is None or (not heard and infusion.started is None):
        return None
    axis = PrintedAxis(start)
    plan = plan_spans(session, axis, end) if infusion.started is not None else ()
    first = min([0.0, *(one.at_s for one in heard[:1])])
    end_s = max([axis.second(end), *(one.at_s for one in heard[-1:])])
    last = max(end_s, plan[-1].end_s if plan else 0.0, first + 60.0)
    rate = rate_spans(session, axis, end)
    return ChartFrame(
        start_s=first,
        end_s=last,
        now_s=end_s,
        now_text="",
        ticks=ticks(start.utc, teller.zone, first, last, TICKS_AT_MOST),
        lanes=tuple(lanes(session, heard, catalog, first, end_s, columns)),
        marks=tuple(thinned(drawn(session, catalog, axis))),
        gaps=tuple(gaps(session, heard, teller)),
        rate=rate,
        rate_max_ml_h=max([1.0, *(span.rate_ml_h or 0.0 for span in (*rate, *plan))]),
        plan=plan,
        band=predicted(session, catalog, start, rate, end_s),
        due=(),
    )


def lanes(
    session: Session,
    heard: Sequence[Heard],
    catalog: Catalog,
    first: float,
    last: float,
    columns: int = COLUMNS,
) -> Iterator[Lane]:
    """One lane for each sign that has a place or was heard, between this patient's limits."""
    changes = changed_limits(session)

    def limits(vital: Vital) -> AlarmLimits:
        return changed_row(catalog.alarm_limits[vital], changes.get(vital, {}))

    for vital, label in SIGNS:
        if vital is Vital.NIBP_SYS:
            yield pressure_lane(label, limits(vital), limits(Vital.NIBP_DIA), pressures(heard))
        elif vital in ALWAYS or any(vital.value in one.sample.vitals for one in heard):
            yield line_lane(vital, label, limits(vital), buckets(vital, heard, first, last, columns))


def buckets(
    vital: Vital, heard: Sequence[Heard], first: float, last: float, columns: int = COLUMNS
) -> tuple[Array, Array, Array]:
    """A sign as times, lowest and highest of each bucket, NaN where nothing was heard."""
    step = max(5.0, (last - first) / columns)
    count = max(1, int((last - first) // step) + 1)
    low: Array = np.full(count, np.nan)
    high: Array = np.full(count, np.nan)
    found = [(one.at_s, one.sample.vitals[vital.value]) for one in heard if vital.value in one.sample.vitals]
    seconds, values = np.array(found, dtype=np.float64).reshape(-1, 2).T
    places = np.floor_divide(seconds - first, step).astype(int)
    inside = (places >= 0) & (places < count)
    np.fmin.at(low, places[inside], values[inside])
    np.fmax.at(high, places[inside], values[inside])
    at: Array = np.asarray(first + (np.arange(count) + 0.5) * step, dtype=np.float64)
    return at, low, high


def gaps(session: Session, heard: Sequence[Heard], teller: Teller) -> Iterator[Gap]:
    """Times of 30 s and more without a single value; a clock where Chairside itself did not run."""
    restarts = [entry.at.utc for entry in session.entries if isinstance(entry.body, Resumed)]
    last: Heard | None = None
    for one in heard:
        if not one.sample.vitals:
            continue
        if last is not None and one.at_s - last.at_s > GAP_S:
            stopped = any(last.sample.at < at <= one.sample.at for at in restarts)
            what = "Chairside not running" if stopped else "no values"
            label = f"{what} {teller.clock(last.sample.at)} to {teller.clock(one.sample.at)}"
            yield Gap(last.at_s, one.at_s, "clock" if stopped else "unplugged", label)
        last = one


def predicted(
    session: Session, catalog: Catalog, start: Instant, rate: Sequence[RateSpan], end_s: float
) -> Band | None:
    """The model's band over what was given; None before a start and where something is unknown."""
    infusion, order = session.infusion, session.order
    if infusion.started is None or order is None or not rate:
        return None
    began_s = infusion.started.since(start)
    stretches = []
    for span in rate:
        strength = _strength_at(session, start, span.start_s)
        if span.flow_ml_h is None or strength is None:
            return None
        stretches.append(RateStretch(span.start_s - began_s, span.end_s - began_s, span.flow_ml_h * strength))
    at_s: Array = np.linspace(began_s, max(end_s, began_s + 1.0), BAND_POINTS)
    found = bedside_band(catalog, order.dose_weight_kg, stretches, at_s - began_s)
    return Band(at_s, found.low, found.high)


def _strength_at(session: Session, start: Instant, at_s: float) -> float | None:
    """The concentration in the pump at a session second; None when nobody said it."""
    opened = [s for s in session.infusion.segments if s.opened.since(start) <= at_s + 0.001]
    return opened[-1].concentration_mg_ml if opened else None


def drawn(session: Session, catalog: Catalog, axis: PrintedAxis) -> list[Mark]:
    """The events of the lane by their times; what was taken back or amended is not drawn."""
    struck = {entry.uuid for entry in session.entries if is_struck(session, entry)}
    found = [mark for mark in marks_of(session, catalog, axis) if mark.entry not in struck]
    return sorted(found, key=lambda mark: mark.at_s)


def thinned(found: list[Mark]) -> list[Mark]:
    """The marks that have room: notes give way first, then effects, then drugs; the infusion's stay."""
    for unwanted in (("note",), None):
        if len(found) > MARKS_AT_MOST:
            found = [
                mark
                for mark in found
                if mark.fill == "infusion" or (unwanted is not None and mark.icon not in unwanted)
            ]
    return found


def marks_left_out(session: Session, catalog: Catalog, chart: ChartFrame) -> int:
    """How many events have no mark because there was no room."""
    start = session.opened_at
    if start is None:
        return 0
    return len(drawn(session, catalog, PrintedAxis(start))) - len(chart.marks)


# ---------------------------------------------------------------- vital signs over time

MISSING = "--"
BY_HAND = "*"


def digest(session: Session, heard: Sequence[Heard], teller: Teller, start: Instant) -> Table:
    """The first page's vital signs: before the infusion, lowest, highest and last."""
    last = f"at {teller.clock(heard[-1].sample.at)}" if heard else "last"
    columns = (
        Column("", 2.0, fit=True),
        *(Column(title, align="right", fit=True) for title in ("before", "lowest", "highest", last)),
    )
    began = session.infusion.started
    began_s = began.since(start) if began is not None else None
    rows = []
    for vital, _ in SIGNS:
        row = (
            _pressure_digest(heard, began_s)
            if vital is Vital.NIBP_SYS
            else _digest_row(vital, heard, began_s)
        )
        if row is not None:
            rows.append(row)
    return Table("Vital signs", columns, tuple(rows), empty="No sample was recorded.")


def _digest_row(vital: Vital, heard: Sequence[Heard], began_s: float | None) -> Row | None:
    spec = VITALS[vital]
    values = [(one.at_s, one.sample.vitals[vital.value]) for one in heard if vital.value in one.sample.vitals]
    if not values:
        return None
    before = [value for at_s, value in values if began_s is not None and at_s <= began_s]
    first = spec.text(before[-1]) if before else MISSING
    low, high = min(value for _, value in values), max(value for _, value in values)
    at_end = heard[-1].sample.vitals.get(vital.value)
    last = spec.text(at_end) if at_end is not None else MISSING
    return Row((f"{spec.label} {spec.unit}", first, spec.text(low), spec.text(high), last))


def _pressure_digest(heard: Sequence[Heard], began_s: float | None) -> Row | None:
    found = pressures(heard)
    if not found:
        return None
    before = [one for one in found if began_s is not None and one.at_s <= began_s]
    low, high = min(found, key=lambda one: one.sys), max(found, key=lambda one: one.sys)
    first = pressure(before[-1].sys, before[-1].dia, None) if before else MISSING
    ends = tuple(pressure(one.sys, one.dia, None) for one in (low, high, found[-1]))
    return Row(("NIBP mmHg", first, *ends))


def vitals_table(session: Session, heard: Sequence[Heard], teller: Teller, start: Instant) -> Table:
    """Time by sign: every 5 min, every 15 min outside the infusion, and at each new blood pressure."""
    sets = hand_sets(session, start)
    given = {vital for entry in sets for vital in entry.values}
    order = [
        vital
        for vital, _ in SIGNS
        if vital in (*ALWAYS, Vital.NIBP_SYS)
        or vital in given
        or any(vital.value in one.sample.vitals for one in heard)
    ]
    columns = (
        Column("time", fit=True),
        *(Column(_head(vital), align="right", fit=True) for vital in order),
        Column("mL/h", align="right", fit=True),
    )
    lines = [
        *_regular_rows(session, heard, teller, start, order, sets),
        *_hand_rows(session, teller, order, sets),
        *_gap_rows(session, heard, teller, len(columns)),
    ]
    rows = _said_once([row for _, row in sorted(lines, key=lambda line: line[0])])
    note = (
        f"{_units(order)}; NIBP sys/dia (mean). {BY_HAND}: by hand, by whom at the end. "
        f"{MISSING}: no value, why below."
    )
    return Table(
        "Vital signs over time", columns, rows, empty="No sample was recorded.", note=note if rows else ""
    )


def _units(order: Sequence[Vital]) -> str:
    """The unit of each column, said once for all that share it: "HR, RR /min; SpO₂ %"."""
    units: dict[str, list[str]] = {}
    for vital in order:
        units.setdefault(VITALS[vital].unit, []).append(_head(vital))
    return "; ".join(f"{', '.join(heads)} {unit}" for unit, heads in units.items())


def _head(vital: Vital) -> str:
    return dict(SIGNS)[vital]


def _said_once(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows; why values are missing is said where it begins, not again in each row."""
    found: list[Row] = []
    before = ""
    for row in rows:
        if row.tells:
            found.append(row)
            continue
        found.append(msgspec.structs.replace(row, note="") if row.note == before else row)
        before = row.note
    return tuple(found)


class HandSet(msgspec.Struct, frozen=True):
    """Vital signs that a person entered, on the session's axis; `struck` does not hold as written."""

    at_s: float
    entry: Entry
    values: Mapping[Vital, float]
    struck: bool


def hand_sets(session: Session, start: Instant) -> list[HandSet]:
    """What was measured by hand, by time."""
    return [
        HandSet(
            entry.at.since(start),
            entry,
            entry.body.values,
            is_struck(session, entry),
        )
        for entry in happened(session)
        if isinstance(entry.body, VitalEntered)
    ]


def row_times(
    session: Session, heard: Sequence[Heard], start: Instant, measured: Sequence[float]
) -> list[float]:
    """When a row is due: at each pressure, start and end, and between them 5 min after the last row.

    Before and after the infusion 15 min. What is due within a minute before another row is that row.
    """
    if not heard:
        return []
    first, last = heard[0].at_s, heard[-1].at_s
    turns = [at.since(start) for at in (session.infusion.started, session.infusion.ended) if at is not None]
    fixed = [first, *(at_s for at_s in turns if first <= at_s <= last)]
    began, over = [*turns, last + 1.0, last + 1.0][:2]
    found = sorted([*measured, *(at_s for at_s in fixed if not _is_near(at_s, measured))])
    times = found[:1]
    for at_s in [*found[1:], last + SAME_ROW_S]:
        while True:
            step = EVERY_S if began - SAME_ROW_S <= times[-1] < over else RECOVERY_EVERY_S
            if times[-1] + step >= at_s - SAME_ROW_S:
                break
            times.append(times[-1] + step)
        times.append(at_s)
    return times[:-1]


def _is_near(at_s: float, others: Sequence[float]) -> bool:
    return any(abs(at_s - other) <= SAME_ROW_S for other in others)


def _regular_rows(
    session: Session,
    heard: Sequence[Heard],
    teller: Teller,
    start: Instant,
    order: Sequence[Vital],
    sets: Sequence[HandSet],
) -> Iterator[tuple[float, Row]]:
    """A row for each due time and for each new pressure; a pressure of the same minute joins the due row."""
    at = np.array([one.at_s for one in heard])
    new = {one.at_s: one for one in pressures(heard) if not _said_by_hand(one, sets)}
    for second in row_times(session, heard, start, list(new)):
        near = int(np.argmin(np.abs(at - second)))
        if abs(heard[near].at_s - second) > ROW_NEAR_S:
            continue
        one = heard[near]
        cells = [_cell(vital, one, new.get(second), sets) for vital in order]
        flow = number(one.sample.rate_ml_h) if one.sample.rate_ml_h is not None else MISSING
        yield one.at_s, Row((teller.clock(one.sample.at), *cells, flow), note=_remarks(one.sample, order))


def _said_by_hand(measured: Pressure, sets: Sequence[HandSet]) -> bool:
    """Whether a pressure is one that was entered by hand: it has that row already."""
    return any(
        not one.struck
        and abs(one.at_s - measured.at_s) <= SAME_ROW_S
        and (one.values.get(Vital.NIBP_SYS), one.values.get(Vital.NIBP_DIA)) == (measured.sys, measured.dia)
        for one in sets
    )


def _cell(vital: Vital, one: Heard, measured: Pressure | None, sets: Sequence[HandSet]) -> str:
    if vital is Vital.NIBP_SYS:
        return pressure(measured.sys, measured.dia, measured.mean) if measured is not None else ""
    value = one.sample.vitals.get(vital.value)
    if value is None:
        return MISSING
    said = [s for s in sets if vital in s.values and s.at_s <= one.at_s and not s.struck]
    mark = BY_HAND if said and said[-1].values[vital] == value else ""
    return f"{VITALS[vital].text(value)}{mark}"


def by_hand_times(session: Session, start: Instant) -> dict[Vital, list[tuple[float, float]]]:
    """(session second, value) of what was measured by hand and stands, in order."""
    said: dict[Vital, list[tuple[float, float]]] = {}
    for one in hand_sets(session, start):
        for vital, value in () if one.struck else one.values.items():
            said.setdefault(vital, []).append((one.at_s, value))
    return said


def _remarks(sample: Sample, order: Sequence[Vital]) -> str:
    """Why a column has no value, the same reason said once for all of its signs; the pulse in place of HR."""
    reasons: dict[str, list[str]] = {}
    for vital in order:
        if vital is not Vital.NIBP_SYS and vital.value not in sample.vitals:
            why = sample.missing.get(vital.value, "no value yet")
            reasons.setdefault(why, []).append(VITALS[vital].label)
    parts = [f"{', '.join(labels)}: {why}" for why, labels in reasons.items()]
    pulse = sample.vitals.get(Vital.PULSE_RATE.value)
    if pulse is not None and Vital.HEART_RATE.value not in sample.vitals:
        parts.append(_other_words({Vital.PULSE_RATE: pulse}))
    return "; ".join(parts)


def _hand_rows(
    session: Session, teller: Teller, order: Sequence[Vital], sets: Sequence[HandSet]
) -> Iterator[tuple[float, Row]]:
    """A row of its own for each set measured by hand; a sign without a column stands below it."""
    for one in sets:
        cells = [_hand_cell(vital, one) for vital in order]
        other = {v: value for v, value in one.values.items() if v not in (*order, *NIBP)}
        parts = [_other_words(other), correction_note(session, teller, one.entry)]
        row = Row(
            (teller.clock(one.entry.at.utc), *cells, teller.who(one.entry.author)),
            struck=one.struck,
            note="; ".join(part for part in parts if part),
            tells=tells(session, one.entry),
        )
        yield one.at_s, row


def _other_words(values: Mapping[Vital, float]) -> str:
    return ", ".join(f"{VITALS[vital].label} {VITALS[vital].text(value)}" for vital, value in values.items())


def _hand_cell(vital: Vital, one: HandSet) -> str:
    if vital is Vital.NIBP_SYS:
        sys, dia, mean = (one.values.get(part) for part in NIBP)
        if sys is None and dia is None and mean is None:
            return ""
        return f"{pressure(sys, dia, mean)}{BY_HAND}"
    value = one.values.get(vital)
    return f"{VITALS[vital].text(value)}{BY_HAND}" if value is not None else ""


def _gap_rows(
    session: Session, heard: Sequence[Heard], teller: Teller, width: int
) -> Iterator[tuple[float, Row]]:
    """A row for each gap, so that a missing time is read and not overlooked."""
    for gap in gaps(session, heard, teller):
        at = _utc(Instant(heard[0].sample.at, 0.0), gap.start_s - heard[0].at_s)
        cells = (teller.clock(at), *(MISSING,) * (width - 1))
        yield gap.start_s + 0.001, Row(cells, note=gap.label)


def _utc(start: Instant, second: float) -> datetime:
    return start.utc.astimezone(UTC) + timedelta(seconds=second)
