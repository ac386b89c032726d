"""The infusion on paper: what the pump and the people at it did in order of time, and its containers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.clinical.dosing import mg_h_of_flow, rate_in
from app.clinical.infusion import Segment
from app.entries import (
    Entry,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    PumpLost,
    PumpSeen,
    RateMeasured,
    RateOrdered,
    SegmentConfirmed,
    SegmentOpened,
)
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_log import EVENT_COLUMNS, event_rows
from app.summary_tables import ITSELF, of_kind
from app.told import Teller, container, number

AT_THE_PUMP = (
    SegmentOpened,
    SegmentConfirmed,
    InfusionStarted,
    InfusionPaused,
    InfusionResumed,
    InfusionEnded,
    RateOrdered,
    RateMeasured,
    PumpSeen,
    PumpLost,
)

SAME_S = 0.001


def infusion_table(session: Session, teller: Teller) -> Table:
    """Start, pauses, rates, containers and end by their times, and changes of rate that no entry tells."""
    found = of_kind(session, *AT_THE_PUMP)
    lines = [*event_rows(session, teller, found), *_untold_rates(session, teller, found)]
    rows = tuple(row for _, row in sorted(lines, key=lambda line: line[0]))
    return Table("Infusion", EVENT_COLUMNS, rows, empty="Not started.", heads=False)


def _untold_rates(session: Session, teller: Teller, found: Sequence[Entry]) -> Iterator[tuple[float, Row]]:
    """Rates of the infusion that began without an entry of that moment."""
    for point in session.infusion.rates:
        if any(abs(entry.at.steady - point.at.steady) < SAME_S for entry in found):
            continue
        at = teller.clock(point.at.utc, seconds=True)
        if point.rate_ml_h is None:
            words = "Rate not known: the pump was not read"
        else:
            words = f"Rate {number(point.rate_ml_h)} mL/h, as the pump showed"
        yield point.at.steady, Row((at, words, ITSELF))


def rate_words(rate_ml_h: float | None, concentration_mg_ml: float | None, weight_kg: float | None) -> str:
    """A rate's other units: "35 mg/h, 0.5 mg/kg/h"; "" where the concentration is not known."""
    if rate_ml_h is None or concentration_mg_ml is None:
        return ""
    mg = mg_h_of_flow(rate_ml_h, concentration_mg_ml)
    if weight_kg is None:
        return f"{number(float(mg), 2)} mg/h"
    return f"{number(float(mg), 2)} mg/h, {number(float(rate_in(mg, 'mg/kg/h', weight_kg)), 3)} mg/kg/h"


def segments_table(session: Session, teller: Teller) -> Table | None:
    """What the pump's counter showed of each container, where there was more than one stretch of it."""
    if len(session.infusion.segments) < 2:
        return None
    columns = (
        Column("from", fit=True),
        Column("container"),
        Column("mL", align="right", fit=True),
        Column("mg", align="right", fit=True),
    )
    several = len({segment.serial for segment in session.infusion.segments}) > 1
    rows = tuple(Row(_segment_cells(teller, segment, pump=several)) for segment in session.infusion.segments)
    note = "One row for each stretch of the pump's counter."
    return Table("Segments and containers", columns, rows, note=note)


def _segment_cells(teller: Teller, segment: Segment, *, pump: bool) -> tuple[str, ...]:
    ml, strength = segment.infused_ml, segment.concentration_mg_ml
    mg = ml * strength if ml is not None and strength is not None else None
    serial = f", {segment.serial or 'by hand'}" if pump else ""
    return (
        teller.clock(segment.opened.utc, seconds=True),
        f"{segment.container}: {container(segment.container_ml, strength)}{serial}",
        number(ml, 2),
        number(mg, 2),
    )
