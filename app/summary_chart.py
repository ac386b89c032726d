"""The course of a whole session from its samples: the chart's lanes, and the vital signs over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from app.clinical.pharmacokinetics import RateStretch, bedside_band
from app.clinical.protocol import Plan
from app.clinical.tables import Catalog
from app.clinical.vitals import NIBP, VITALS, Vital
from app.entries import (
    DrugGiven,
    EffectNoted,
    Entry,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    NoteWritten,
    OxygenSet,
    RateOrdered,
    Resumed,
    Sample,
    VitalEntered,
)
from app.frames import Array, Band, ChartFrame, Gap, Lane, Mark, RateSpan
from app.instant import Instant
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_tables import happened, is_struck
from app.told import Teller, number, pressure

LANES = (Vital.HEART_RATE, Vital.SPO2, Vital.RESP_RATE, Vital.ETCO2, Vital.TEMP)
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
TICK_STEPS_S = (300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0)
TICKS_AT_MOST = 9


class Heard(msgspec.Struct, frozen=True):
    """A sample on the session's own time axis."""

    at_s: float
    sample: Sample


class Measured(msgspec.Struct, frozen=True):
    """A blood pressure when it was new."""

    at_s: float
    at: datetime
    sys: float
    dia: float
    mean: float | None


def on_axis(samples: Sequence[Sample], start: Instant, boot: str) -> list[Heard]:
    """The samples by session second; those of another start of the machine are placed by wall time."""
    heard = []
    for sample in samples:
        at_s = (
            sample.steady - start.steady if sample.boot == boot else (sample.at - start.utc).total_seconds()
        )
        heard.append(Heard(at_s, sample))
    return sorted(heard, key=lambda one: (one.at_s, one.sample.number))


def pressures(heard: Sequence[Heard]) -> list[Measured]:
    """Each blood pressure once, when it was new; samples repeat it as long as it is worth showing."""
    found: list[Measured] = []
    before: tuple[float | None, ...] = ()
    for one in heard:
        sys, dia, mean = (one.sample.vitals.get(vital.value) for vital in NIBP)
        if sys is not None and dia is not None and (sys, dia, mean) != before:
            found.append(Measured(one.at_s, one.sample.at, sys, dia, mean))
        before = (sys, dia, mean)
    return found


# ---------------------------------------------------------------- chart


def chart_frame(
    session: Session,
    heard: Sequence[Heard],
    catalog: Catalog,
    teller: Teller,
    end_s: float,
    *,
    columns: int = COLUMNS,
) -> ChartFrame | None:
    """The whole session as lanes; None when there is neither a sample nor an infusion."""
    start = session.opened_at
    infusion = session.infusion
    if start is None or (not heard and infusion.started is None):
        return None
    plan = planned_spans(session.plan, infusion.started.since(start) if infusion.started else None)
    first = min([0.0, *(one.at_s for one in heard[:1])])
    last = max(end_s, plan[-1].end_s if plan else 0.0, first + 60.0)
    rate = rate_spans(session, start, end_s)
    return ChartFrame(
        start_s=first,
        end_s=last,
        now_s=end_s,
        now_text="",
        ticks=ticks(first, last, start, teller),
        lanes=tuple(lanes(heard, catalog, first, end_s, columns)),
        marks=tuple(thinned(list(marks(session, catalog, teller, start)))),
        gaps=tuple(gaps(session, heard, teller)),
        rate=rate,
        rate_max_ml_h=max([1.0, *(span.rate_ml_h or 0.0 for span in (*rate, *plan))]),
        plan=plan,
        band=predicted(session, catalog, start, rate, end_s),
        due=(),
    )


def lanes(
    heard: Sequence[Heard], catalog: Catalog, first: float, last: float, columns: int = COLUMNS
) -> Iterator[Lane]:
    """One lane for each sign that has a place or was heard, pressure after saturation."""
    for vital in LANES:
        if vital in ALWAYS or any(vital.value in one.sample.vitals for one in heard):
            yield line_lane(vital, heard, catalog, first, last, columns)
        if vital is Vital.SPO2:
            yield pressure_lane(heard, catalog)


def line_lane(
    vital: Vital, heard: Sequence[Heard], catalog: Catalog, first: float, last: float, columns: int = COLUMNS
) -> Lane:
    """A sign as lowest and highest of each bucket, NaN where nothing was heard."""
    step = max(5.0, (last - first) / columns)
    count = max(1, int((last - first) // step) + 1)
    low: Array = np.full(count, np.nan)
    high: Array = np.full(count, np.nan)
    known = [(one.at_s, one.sample.vitals[vital.value]) for one in heard if vital.value in one.sample.vitals]
    if known:
        seconds, values = np.array(known, dtype=np.float64).T
        buckets = ((seconds - first) // step).astype(np.intp)
        inside = (buckets >= 0) & (buckets < count)
        np.fmin.at(low, buckets[inside], values[inside])
        np.fmax.at(high, buckets[inside], values[inside])
    at: Array = np.asarray(first + (np.arange(count) + 0.5) * step, dtype=np.float64)
    spec, limits = VITALS[vital], catalog.alarm_limits[vital]
    bounds = [limits.medium_from, limits.medium_below]
    return Lane(
        key=vital.value,
        label=spec.label,
        colour=spec.colour,
        kind="line",
        at_s=at,
        low=low,
        high=high,
        limits=tuple((bound, number(bound)) for bound in bounds if bound is not None),
        span=limits.chart_range,
    )


def pressure_lane(heard: Sequence[Heard], catalog: Catalog) -> Lane:
    """One bar for each measurement, between the limits of systolic and diastolic."""
    found = pressures(heard)
    sys, dia = catalog.alarm_limits[Vital.NIBP_SYS], catalog.alarm_limits[Vital.NIBP_DIA]
    limits = [sys.medium_from, dia.medium_below]
    return Lane(
        key="nibp",
        label="NIBP",
        colour=VITALS[Vital.NIBP_SYS].colour,
        kind="bars",
        at_s=np.array([one.at_s for one in found]),
        low=np.array([one.dia for one in found]),
        high=np.array([one.sys for one in found]),
        limits=tuple((limit, number(limit)) for limit in limits if limit is not None),
        span=(dia.chart_range[0], sys.chart_range[1]),
        mid=np.array([np.nan if one.mean is None else one.mean for one in found]),
    )


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


def rate_spans(session: Session, start: Instant, end_s: float) -> tuple[RateSpan, ...]:
    """The rate as it was; None where it is not known."""
    points = session.infusion.rates
    if not points:
        return ()
    ends = [point.at.since(start) for point in points[1:]] + [max(end_s, 0.0)]
    spans = [
        RateSpan(
            point.at.since(start),
            until,
            point.rate_ml_h,
            session.infusion.mean_ml_h(point.at) if point.rate_ml_h is None else None,
        )
        for point, until in zip(points, ends, strict=True)
    ]
    if session.infusion.ended is not None and spans:
        over = session.infusion.ended.since(start)
        spans = [span for span in spans if span.start_s < over]
    return tuple(span for span in spans if span.end_s > span.start_s)


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


def planned_spans(plan: Plan | None, started_s: float | None) -> tuple[RateSpan, ...]:
    """The signed plan from the infusion's start."""
    if plan is None or started_s is None:
        return ()
    return tuple(
        RateSpan(started_s + part.start_s, started_s + part.end_s, part.rate_ml_h) for part in plan.segments
    )


def marks(session: Session, catalog: Catalog, teller: Teller, start: Instant) -> Iterator[Mark]:
    """The events of the lane; what was taken back is not drawn, it stands struck in the log."""
    for entry in happened(session):
        drawn = _mark(entry, catalog)
        if drawn is not None and not is_struck(session, entry):
            icon, fill = drawn
            yield Mark(entry.at.since(start), icon, fill, teller.told(entry.body), entry.uuid)


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


def marks_left_out(session: Session, chart: ChartFrame) -> int:
    """How many events have no mark because there was no room."""
    drawn = {mark.entry for mark in chart.marks}
    return sum(
        1 for entry in session.standing(*MARKED) if entry.uuid not in drawn and not is_struck(session, entry)
    )


def _mark(entry: Entry, catalog: Catalog) -> tuple[str, str] | None:
    match entry.body:
        case InfusionStarted() | InfusionResumed():
            return "play", "infusion"
        case InfusionPaused():
            return "pause", "infusion"
        case InfusionEnded():
            return "stop", "infusion"
        case RateOrdered():
            return "arrow", "infusion"
        case EffectNoted(effect=effect):
            row = catalog.effects.get(effect)
            return (row.icon if row else "note"), "plain"
        case DrugGiven(drug=drug):
            known = catalog.drugs.get(drug)
            return "syringe", (known.label_class if known else "plain")
        case NoteWritten() | OxygenSet():
            return "note", "plain"
        case _:
            return None


MARKED = (
    InfusionStarted,
    InfusionResumed,
    InfusionPaused,
    InfusionEnded,
    RateOrdered,
    EffectNoted,
    DrugGiven,
    NoteWritten,
    OxygenSet,
)
"""The kinds of entry that have a mark."""


def ticks(first: float, last: float, start: Instant, teller: Teller) -> tuple[tuple[float, str], ...]:
    """Round local times on the axis, nine at the most."""
    step = next((step for step in TICK_STEPS_S if (last - first) / step <= TICKS_AT_MOST), 4 * 3600.0)
    local = start.utc.astimezone(teller.zone)
    into_day = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() + first
    at = first + (-into_day) % step
    found = []
    while at <= last:
        found.append((at, teller.clock(start.utc + timedelta(seconds=at))))
        at += step
    return tuple(found)


# ---------------------------------------------------------------- vital signs over time

BY_HAND = "h"
MISSING = "--"


def digest(session: Session, heard: Sequence[Heard], teller: Teller, start: Instant) -> Table:
    """The first page's vital signs: before the infusion, lowest, highest and last."""
    columns = (
        Column("", 2.9),
        Column("before", 1.7, "right"),
        Column("lowest", 1.7, "right"),
        Column("highest", 1.7, "right"),
        Column(f"at {teller.clock(heard[-1].sample.at)}" if heard else "last", 1.7, "right"),
    )
    began = session.infusion.started
    began_s = began.since(start) if began is not None else None
    rows = []
    for vital in (Vital.HEART_RATE, Vital.SPO2, Vital.NIBP_SYS, Vital.RESP_RATE, Vital.ETCO2, Vital.TEMP):
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
    hand = by_hand_times(session, start)
    signs = [
        vital
        for vital in (*LANES, Vital.PULSE_RATE)
        if vital in ALWAYS or vital in hand or any(vital.value in one.sample.vitals for one in heard)
    ]
    order = [*signs[:2], Vital.NIBP_SYS, *signs[2:]]
    columns = (
        Column("time", 1.2),
        *(Column(_head(vital), 2.1 if vital is Vital.NIBP_SYS else 1.2, "right") for vital in order),
        Column("mL/h", 1.1, "right"),
        Column("", 0.1),
        Column("remarks", 3.6),
    )
    lines = [*_regular_rows(session, heard, teller, start, order), *_hand_rows(session, teller, start, order)]
    lines.extend(_gap_rows(session, heard, teller, len(columns)))
    rows = tuple(row for _, row in sorted(lines, key=lambda line: line[0]))
    note = (
        f"{MISSING}: no value, why stands in the remarks. {BY_HAND}: measured by hand. NIBP: sys/dia (mean)."
    )
    return Table(
        "Vital signs over time", columns, rows, empty="No sample was recorded.", note=note if rows else ""
    )


def _head(vital: Vital) -> str:
    if vital is Vital.NIBP_SYS:
        return "NIBP mmHg"
    return f"{VITALS[vital].label} {VITALS[vital].unit}"


def row_times(session: Session, heard: Sequence[Heard], start: Instant) -> list[float]:
    """When a row is due: 5 min apart while the infusion is under way, 15 min before and after it."""
    if not heard:
        return []
    first, last = heard[0].at_s, heard[-1].at_s
    infusion = session.infusion
    began = infusion.started.since(start) if infusion.started else last + 1.0
    over = infusion.ended.since(start) if infusion.ended else last + 1.0
    times = list(np.arange(first, min(began, last), RECOVERY_EVERY_S))
    times += list(np.arange(began, min(over, last + 0.001), EVERY_S))
    times += list(np.arange(over, last + 0.001, RECOVERY_EVERY_S))
    return [float(at) for at in times]


def _regular_rows(
    session: Session, heard: Sequence[Heard], teller: Teller, start: Instant, order: Sequence[Vital]
) -> Iterator[tuple[float, Row]]:
    """A row for each due time and for each new pressure; a pressure of the same minute joins the due row."""
    at = np.array([one.at_s for one in heard])
    new = {one.at_s: one for one in pressures(heard)}
    due = [
        second
        for second in row_times(session, heard, start)
        if not any(abs(second - measured) <= SAME_ROW_S for measured in new)
    ]
    hand = by_hand_times(session, start)
    for second in sorted([*due, *new]):
        near = int(np.argmin(np.abs(at - second)))
        if abs(heard[near].at_s - second) > ROW_NEAR_S:
            continue
        one = heard[near]
        cells = [_cell(vital, one, new.get(second), hand) for vital in order]
        flow = number(one.sample.rate_ml_h) if one.sample.rate_ml_h is not None else MISSING
        yield one.at_s, Row((teller.clock(one.sample.at), *cells, flow, "", _remarks(one.sample, order)))


def _cell(
    vital: Vital, one: Heard, measured: Measured | None, hand: Mapping[Vital, list[tuple[float, float]]]
) -> str:
    if vital is Vital.NIBP_SYS:
        return pressure(measured.sys, measured.dia, measured.mean) if measured is not None else ""
    value = one.sample.vitals.get(vital.value)
    if value is None:
        return MISSING
    said = [v for at_s, v in hand.get(vital, ()) if at_s <= one.at_s]
    mark = f" {BY_HAND}" if said and said[-1] == value else ""
    return f"{VITALS[vital].text(value)}{mark}"


def by_hand_times(session: Session, start: Instant) -> dict[Vital, list[tuple[float, float]]]:
    """(session second, value) of what was measured by hand, in order."""
    said: dict[Vital, list[tuple[float, float]]] = {}
    for entry in happened(session):
        if isinstance(entry.body, VitalEntered) and not is_struck(session, entry):
            for vital, value in entry.body.values.items():
                said.setdefault(vital, []).append((entry.at.since(start), value))
    return said


def _remarks(sample: Sample, order: Sequence[Vital]) -> str:
    """Why a column has no value, the same reason said once for all of its signs."""
    reasons: dict[str, list[str]] = {}
    for vital in order:
        if vital is not Vital.NIBP_SYS and vital.value not in sample.vitals:
            why = sample.missing.get(vital.value, "no value yet")
            reasons.setdefault(why, []).append(VITALS[vital].label)
    return "; ".join(f"{', '.join(labels)}: {why}" for why, labels in reasons.items())


def _hand_rows(
    session: Session, teller: Teller, start: Instant, order: Sequence[Vital]
) -> Iterator[tuple[float, Row]]:
    """A row of its own for each set measured by hand."""
    for entry in happened(session):
        if not isinstance(entry.body, VitalEntered):
            continue
        values = entry.body.values
        cells = [_hand_cell(vital, values) for vital in order]
        remark = f"by hand, {teller.who(entry.author)}"
        struck = is_struck(session, entry)
        row = Row((teller.clock(entry.at.utc), *cells, "", "", remark), struck=struck)
        yield entry.at.since(start), row


def _hand_cell(vital: Vital, values: Mapping[Vital, float]) -> str:
    if vital is Vital.NIBP_SYS:
        sys, dia, mean = (values.get(one) for one in NIBP)
        return f"{pressure(sys, dia, mean)} {BY_HAND}" if sys is not None or dia is not None else ""
    value = values.get(vital)
    return f"{VITALS[vital].text(value)} {BY_HAND}" if value is not None else ""


def _gap_rows(
    session: Session, heard: Sequence[Heard], teller: Teller, width: int
) -> Iterator[tuple[float, Row]]:
    """A row for each gap, so that a missing time is read and not overlooked."""
    for gap in gaps(session, heard, teller):
        blank = ("",) * (width - 2)
        at = _utc(Instant(heard[0].sample.at, 0.0), gap.start_s - heard[0].at_s)
        yield gap.start_s + 0.001, Row((teller.clock(at), *blank, gap.label))


def _utc(start: Instant, second: float) -> datetime:
    return start.utc.astimezone(UTC) + timedelta(seconds=second)
