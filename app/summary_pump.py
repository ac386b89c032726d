"""The infusion on paper: a rate in all its units, and what the counter showed of each container."""

from __future__ import annotations

from app.clinical.dosing import mg_h_of_flow, rate_in
from app.clinical.infusion import Segment
from app.printed import Column, Row, Table
from app.session import Session
from app.told import Teller, container, number


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
