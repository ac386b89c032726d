"""Alarm limits of one patient: which may be changed, within which bounds, and the rows that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from app.clinical.checkin_rows import CheckIn
from app.clinical.rows import AlarmLimits, RelativeLimit
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.refusals import Refused

LOW = ("medium_below", "high_below")
HIGH = ("medium_from", "high_from")
RELATIVE = ("medium_above_pct", "high_above_pct", "medium_below_pct", "high_below_pct")
DELAY = "delay_s"
KEYS = (*LOW, *HIGH, DELAY, *RELATIVE)
LABELS = {
    "medium_below": "Low, medium priority, below",
    "high_below": "Low, high priority, below",
    "medium_from": "High, medium priority, from",
    "high_from": "High, high priority, from",
    "delay_s": "Delay",
    "medium_above_pct": "Above the baseline, medium priority",
    "high_above_pct": "Above the baseline, high priority",
    "medium_below_pct": "Below the baseline, medium priority",
    "high_below_pct": "Below the baseline, high priority",
}
Change = Mapping[str, float]


def bounds_of(vital: Vital, key: str, table: CheckIn) -> tuple[float, float] | None:
    """How far this limit may be moved; None when it may not."""
    rules, bound = table.limit_rules, table.limit_bounds.get(vital)
    if bound is None or key not in KEYS:
        return None
    if key == DELAY:
        return rules.delay_s_range
    if key in RELATIVE:
        return rules.relative_above_pct_range if "above" in key else rules.relative_below_pct_range
    return bound.low_range if key in LOW else bound.high_range


def check_change(vital: Vital, change: Change, catalog: Catalog) -> None:
    """Refuses limits outside the hard bounds, or in the wrong order; an empty change is the table's again."""
    label = VITALS[vital].label
    for key, value in change.items():
        bounds = bounds_of(vital, key, catalog.check_in)
        if bounds is None:
            raise Refused(key, f"{label}: this limit is not changed for one patient.")
        if not bounds[0] <= value <= bounds[1]:
            raise Refused(key, f"{label}: {value:g} is outside {bounds[0]:g} to {bounds[1]:g}.")
    row = changed_row(catalog.alarm_limits[vital], change)
    order = ("high_below", "medium_below", "medium_from", "high_from")
    there = [(key, limit) for key in order if (limit := getattr(row, key)) is not None]
    for (low, less), (high, more) in pairwise(there):
        if less > more or (less == more and low == "medium_below"):
            key = low if low in change else high
            raise Refused(key, f"{label}: {less:g} and {more:g} are the wrong way round.")


def changed_row(row: AlarmLimits, change: Change) -> AlarmLimits:
    """The vital sign's limits with what was changed for this patient."""
    known = {key: value for key, value in change.items() if key in (*LOW, *HIGH, DELAY)}
    return msgspec.structs.replace(row, **known)


def changed_relative(
    limits: Sequence[RelativeLimit], vital: Vital, change: Change
) -> tuple[RelativeLimit, ...]:
    """The limits against the baseline with what was changed for this patient."""
    kept = []
    wanted = {key: value for key, value in change.items() if key in RELATIVE}
    for limit in limits:
        key = f"{limit.priority}_{limit.direction}_pct"
        own = wanted.pop(key, None) if limit.vital == vital else None
        kept.append(limit if own is None else msgspec.structs.replace(limit, pct=own))
    for key, pct in wanted.items():
        direction = "above" if "above" in key else "below"
        priority = "high" if key.startswith("high") else "medium"
        kept.append(RelativeLimit(vital, direction, pct, priority))  # type: ignore[arg-type]
    return tuple(kept)


def change_words(vital: Vital, change: Change) -> str:
    """A change in words: "SpO₂ limits: low, medium priority, below 88"."""
    label = VITALS[vital].label
    if not change:
        return f"{label} limits: as in the table"
    parts = [
        f"{LABELS[key][0].lower()}{LABELS[key][1:]} {change[key]:g}{_unit(key)}"
        for key in KEYS
        if key in change
    ]
    return f"{label} limits: {', '.join(parts)}"


def _unit(key: str) -> str:
    if key == DELAY:
        return " s"
    return " %" if key in RELATIVE else ""
