"""The lanes of chart and paper from session and values: what is drawn where on one time axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.clinical.infusion import State
from app.clinical.pharmacokinetics import RateStretch, bedside_band
from app.clinical.rows import AlarmLimits
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.entries import (
    DrugGiven,
    EffectNoted,
    Entry,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    LinkNoted,
    NoteWritten,
    OxygenSet,
    RateOrdered,
    Resumed,
    SegmentOpened,
)
from app.frames import Array, Band, ChartFrame, Gap, Lane, Mark, RateSpan
from app.instant import Instant
from app.kept import Kept
from app.session import Session
from app.trends import Pressure, Trends

if TYPE_CHECKING:
    from app.engine import Engine

SHORTEST_S = 3600.0
LONGEST_WINDOW_S = 110 * 60.0
NOW_AT = 0.73
"""Where the now line stands once the window moves: a share of its width."""
STEP_S = 10.0
"""The window moves in steps, so that its background is drawn rarely."""
BEFORE_S = 240.0
BAND_POINTS = 160
LANES = (
    (Vital.HEART_RATE, "HR"),
    (Vital.SPO2, "SpO₂"),
    (Vital.NIBP_SYS, "NIBP"),
    (Vital.RESP_RATE, "RR"),
    (Vital.ETCO2, "CO₂"),
    (Vital.TEMP, "Temp"),
)
TICK_CHOICES_MIN = (5, 10, 15, 30, 60, 120, 240)
REVIEW_TICKS_MIN = (1, 2, *TICK_CHOICES_MIN)
"""Closer where a review looks at minutes."""
TICKS_ON_SCREEN = 4.5
"""So that two of them and now have room beside each other."""


class Axis(Protocol):
    """One time axis: the trends', or a printed session's."""

    def second(self, at: Instant) -> float:
        """The session second of an instant."""
        ...


class Charting:
    """Builds the chart frame; keeps the predicted band between changes, since it is the dear part."""

    def __init__(self) -> None:
        self._band: Band | None = None
        self._band_for: tuple[object, ...] = ()
        self._version = 0
        self._seen: tuple[object, ...] = ()
        self._marks: Kept[tuple[Mark, ...]] = Kept()
        self._gaps: Kept[tuple[list[Gap], float | None]] = Kept()

    def frame(self, engine: Engine, session: Session, now: Instant) -> ChartFrame:
        """The chart as it stands at this moment."""
        now_s = engine.trends.second(now)
        start_s, end_s = window(session, now_s)
        told = (session.id, len(session.entries))
        marks = self._marks.get(told, lambda: tuple(marks_of(session, engine.catalog, engine.trends)))
        rate = rate_spans(session, engine.trends, now)
        plan = plan_spans(session, engine.trends, now)
        seen = (engine.trends.version, len(session.entries), start_s, len(rate), plan[:1])
        if seen != self._seen:
            self._seen = seen
            self._version += 1
        return ChartFrame(
            start_s=start_s,
            end_s=end_s,
            now_s=now_s,
            now_text=f"{now.utc.astimezone(engine.zone):%H:%M}",
            ticks=ticks(engine.trends.start.utc, engine.zone, start_s, end_s, TICKS_ON_SCREEN),
            lanes=tuple(lane(engine, vital, label, start_s, end_s) for vital, label in LANES),
            marks=marks,
            gaps=gaps(*self._gaps.get(told, lambda: losses(engine, session)), now_s),
            rate=rate,
            rate_max_ml_h=_rate_max(session, rate),
            plan=plan,
            band=self.band(engine, session, start_s, end_s, now),
            due=(),
            version=self._version,
        )

    def band(
        self, engine: Engine, session: Session, start_s: float, end_s: float, now: Instant
    ) -> Band | None:
        """The predicted concentration over the window; None before the start or where a rate is unknown."""
        order, infusion = session.order, session.infusion
        if order is None or infusion.started is None:
            return None
        future_s = engine.trends.second(now) // 30
        wanted = (
            session.id,
            start_s,
            len(infusion.rates),
            len(infusion.segments),
            future_s,
            session.rate_order,
        )
        if wanted != self._band_for:
            self._band_for = wanted
            self._band = _predict(engine, session, start_s, end_s, now)
        return self._band


def window(session: Session, now_s: float) -> tuple[float, float]:
    """(start, end) of the axis in session seconds: the whole of a short session, a moving part of a long one."""
    span_s = LONGEST_WINDOW_S
    if session.plan is not None and session.order is not None:
        whole_s = session.plan.end_s + session.order.recovery_min * 60 + 900
        span_s = min(LONGEST_WINDOW_S, max(SHORTEST_S, whole_s))
    start_s = max(-BEFORE_S, now_s - NOW_AT * span_s)
    start_s = np.floor(start_s / STEP_S) * STEP_S
    return float(start_s), float(start_s + span_s)


def ticks(
    begin: datetime,
    zone: tzinfo,
    start_s: float,
    end_s: float,
    at_most: float,
    choices_min: tuple[int, ...] = TICK_CHOICES_MIN,
) -> tuple[tuple[float, str], ...]:
    """Whole local times for an axis whose second 0 is `begin`, in steps of real time: an hour may be left out."""
    span_min = (end_s - start_s) / 60
    step_min = next((m for m in choices_min if span_min / m <= at_most), choices_min[-1])
    utc = begin.astimezone(UTC)
    first = (utc + timedelta(seconds=start_s)).astimezone(zone)
    past_min = (first.hour * 60 + first.minute) % step_min
    at = first.replace(second=0, microsecond=0).astimezone(UTC) - timedelta(minutes=past_min)
    found = []
    while (second := (at - utc).total_seconds()) <= end_s:
        if second >= start_s:
            found.append((second, f"{at.astimezone(zone):%H:%M}"))
        at += timedelta(minutes=step_min)
    return tuple(found)


def lane(engine: Engine, vital: Vital, label: str, start_s: float, end_s: float) -> Lane:
    """One vital sign's lane on the chair screen, with this patient's medium limits."""
    limits = engine.board.row(vital)
    if vital is Vital.NIBP_SYS:
        shown = [p for p in engine.trends.pressures if start_s <= p.at_s <= end_s]
        return pressure_lane(label, limits, engine.board.row(Vital.NIBP_DIA), shown)
    at, low, high = engine.trends.window(vital, start_s, end_s)
    off_scale = _off_scale(low, high, limits.chart_range)
    return line_lane(vital, label, limits, (at, low, high), off_scale)


def line_lane(
    vital: Vital, label: str, limits: AlarmLimits, values: tuple[Array, Array, Array], off_scale: str = ""
) -> Lane:
    """A sign as (times, lowest, highest) of each bucket between its medium limits."""
    at, low, high = values
    bounds = [bound for bound in (limits.medium_from, limits.medium_below) if bound is not None]
    return Lane(
        vital.value,
        label,
        VITALS[vital].colour,
        "line",
        at,
        low,
        high,
        tuple((bound, f"{bound:g}") for bound in bounds),
        limits.chart_range,
        off_scale=off_scale,
    )


def pressure_lane(label: str, sys: AlarmLimits, dia: AlarmLimits, found: Sequence[Pressure]) -> Lane:
    """One bar for each measurement, between the limits of systolic and diastolic."""
    mean = [np.nan if p.mean is None else p.mean for p in found]
    lines = (
        (sys.medium_from or sys.chart_range[1], f"{sys.medium_from:g}"),
        (dia.medium_below, f"{dia.medium_below:g}"),
    )
    return Lane(
        "nibp",
        label,
        VITALS[Vital.NIBP_SYS].colour,
        "bars",
        np.array([p.at_s for p in found], dtype=np.float64),
        np.array([p.dia for p in found], dtype=np.float64),
        np.array([p.sys for p in found], dtype=np.float64),
        lines,
        (dia.chart_range[0], sys.chart_range[1]),
        mid=np.array(mean, dtype=np.float64),
    )


def _off_scale(low: Array, high: Array, span: tuple[float, float]) -> str:
    """Words such as "▼86" or "▲150" where the newest value lies outside the lane."""
    if low.size == 0 or np.isnan(low[-1]):
        return ""
    if low[-1] < span[0]:
        return f"▼{low[-1]:.0f}"
    return f"▲{high[-1]:.0f}" if high[-1] > span[1] else ""


def rate_spans(session: Session, axis: Axis, now: Instant) -> tuple[RateSpan, ...]:
    """The rate as it was, up to now or the end."""
    points = session.infusion.rates
    end = session.infusion.ended or now
    spans = []
    untils = [*(point.at for point in points[1:]), end]
    for point, until in zip(points, untils, strict=False):
        if until.steady > point.at.steady:
            mean = session.infusion.mean_ml_h(point.at) if point.rate_ml_h is None else None
            spans.append(RateSpan(axis.second(point.at), axis.second(until), point.rate_ml_h, mean))
    return tuple(spans)


def plan_spans(session: Session, axis: Axis, now: Instant) -> tuple[RateSpan, ...]:
    """The plan as signed from the start on; before the start, from now."""
    if session.plan is None:
        return ()
    start_s = axis.second(session.infusion.started or now)
    late_s = session.infusion.paused_s(now)
    running_s = session.infusion.running_s(now)
    spans = []
    for part in session.plan.segments:
        shift = late_s if part.end_s > running_s else 0.0
        spans.append(RateSpan(start_s + part.start_s + shift, start_s + part.end_s + shift, part.rate_ml_h))
    return tuple(spans)


def gaps(over: list[Gap], lost: float | None, now_s: float) -> tuple[Gap, ...]:
    """Times without a monitor, or without Chairside; the one that lasts runs up to now."""
    return (*over, Gap(lost, now_s, "unplugged", "monitor")) if lost is not None else tuple(over)


def losses(engine: Engine, session: Session) -> tuple[list[Gap], float | None]:
    """The gaps that are over, and since when the one that lasts."""
    found = []
    lost: float | None = None
    for entry in session.entries:
        body, at_s = entry.body, engine.trends.second(entry.at)
        if isinstance(body, LinkNoted) and body.device == "monitor":
            if body.state == "live" and lost is not None:
                found.append(Gap(lost, at_s, "unplugged", "monitor"))
                lost = None
            elif body.state != "live" and lost is None:
                lost = at_s
        elif isinstance(body, Resumed) and body.gap_s > 2:
            if lost is not None and lost < at_s - body.gap_s:
                found.append(Gap(lost, at_s - body.gap_s, "unplugged", "monitor"))
            found.append(Gap(at_s - body.gap_s, at_s, "clock", "not running"))
            lost = None
    return found, lost


def _rate_max(session: Session, rate: tuple[RateSpan, ...]) -> float:
    known = [span.rate_ml_h for span in rate if span.rate_ml_h is not None]
    planned = session.plan.peak_ml_h if session.plan is not None else 0.0
    return max([planned, *known, 1.0])


# ---------------------------------------------------------------- the predicted band


def _predict(engine: Engine, session: Session, start_s: float, end_s: float, now: Instant) -> Band | None:
    order, plan = session.order, session.plan
    assert order is not None
    trends = engine.trends
    spans = rate_spans(session, trends, now)
    if plan is None or not spans or any(span.flow_ml_h is None for span in spans):
        return None
    origin_s = spans[0].start_s
    segments = _past(session, trends, spans, origin_s)
    if session.infusion.state in (State.RUNNING, State.PAUSED):
        segments += _future(session, trends, now, origin_s)
    first_s = max(start_s, origin_s)
    at_s = np.linspace(first_s, end_s, BAND_POINTS)
    found = bedside_band(engine.catalog, order.dose_weight_kg, segments, at_s - origin_s)
    label = f"{engine.catalog.pk.widen_low:g}–{engine.catalog.pk.widen_high:g} × models"
    return Band(at_s, found.low, found.high, label)


def _past(
    session: Session, trends: Trends, spans: tuple[RateSpan, ...], origin_s: float
) -> list[RateStretch]:
    stretches = []
    for span in spans:
        mg_h = (span.flow_ml_h or 0.0) * concentration_at(session, trends, span.start_s)
        stretches.append(RateStretch(span.start_s - origin_s, span.end_s - origin_s, mg_h))
    return stretches


def _future(session: Session, trends: Trends, now: Instant, origin_s: float) -> list[RateStretch]:
    """The plan from now on, at the rate that is ordered."""
    plan, order = session.plan, session.order
    if plan is None or order is None:
        return []
    now_s = trends.second(now) - origin_s
    running_s = session.infusion.running_s(now)
    segments = []
    for part in plan.segments:
        if part.end_s <= running_s:
            continue
        rate = part.rate_ml_h if session.rate_order is None else session.rate_order.body.rate_ml_h
        begin = now_s + max(0.0, part.start_s - running_s)
        segments.append(RateStretch(begin, now_s + part.end_s - running_s, rate * order.concentration_mg_ml))
    return segments


def concentration_at(session: Session, trends: Trends, at_s: float) -> float:
    """The concentration in the pump at this second, as ordered where nobody said otherwise."""
    assert session.order is not None
    known = session.order.concentration_mg_ml
    for segment in session.infusion.segments:
        if trends.second(segment.opened) <= at_s + 1e-6 and segment.concentration_mg_ml is not None:
            known = segment.concentration_mg_ml
    return known


# ---------------------------------------------------------------- marks


MARKED = (
    InfusionStarted,
    InfusionPaused,
    InfusionResumed,
    InfusionEnded,
    RateOrdered,
    EffectNoted,
    DrugGiven,
    OxygenSet,
    NoteWritten,
    SegmentOpened,
)
"""The kinds of entry that have a mark."""


def marks_of(session: Session, catalog: Catalog, axis: Axis) -> Iterator[Mark]:
    """What happened, in the order of writing; what was taken back is not drawn."""
    for entry in session.standing(*MARKED):
        if isinstance(entry.body, SegmentOpened) and entry.body.cause == "start":
            continue
        icon, fill, label = mark_of(catalog, entry)
        yield Mark(axis.second(entry.at), icon, fill, label, entry.uuid)


def mark_of(catalog: Catalog, entry: Entry) -> tuple[str, str, str]:
    """(icon, fill, words) of an event; fill is a drug's label class or "infusion" or "plain"."""
    match entry.body:
        case InfusionStarted():
            return "play", "infusion", "Start"
        case InfusionResumed():
            return "play", "infusion", "Resume"
        case InfusionPaused():
            return "pause", "infusion", "Pause"
        case InfusionEnded():
            return "stop", "infusion", "End"
        case RateOrdered(rate_ml_h=rate):
            return "arrow", "infusion", f"Rate {rate:g} mL/h"
        case EffectNoted(effect=effect, grade=grade):
            row = catalog.effects.get(effect)
            return (row.icon if row else "note"), "plain", f"{row.short if row else effect} {grade}"
        case DrugGiven(drug=drug, dose=dose, unit=unit):
            known = catalog.drugs.get(drug)
            fill = known.label_class if known else "plain"
            return "syringe", fill, f"{known.name if known else drug} {dose:g} {unit}"
        case OxygenSet(flow_l_min=flow):
            return "monitor", "plain", f"Oxygen {flow:g} L/min"
        case SegmentOpened(cause=cause):
            return "syringe", "infusion", cause.capitalize()
        case _:
            return "note", "plain", "Note"
