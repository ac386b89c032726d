"""The baseline: the median of resting sets that lie far enough apart, frozen when the infusion starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

from app.clinical.rows import BaselineRule
from app.clinical.vitals import Vital


class RestingSet(msgspec.Struct, frozen=True):
    """Vital signs measured at rest, at a steady second."""

    at_s: float
    values: Mapping[Vital, float]


def counted(sets: Sequence[RestingSet], rule: BaselineRule) -> list[RestingSet]:
    """The sets that count: each far enough from the one before."""
    kept: list[RestingSet] = []
    for one in sorted(sets, key=lambda one: one.at_s):
        if not kept or one.at_s - kept[-1].at_s >= rule.apart_at_least_min * 60:
            kept.append(one)
    return kept


def wait_s(sets: Sequence[RestingSet], rule: BaselineRule, at_s: float) -> float:
    """Seconds from `at_s` until another set counts; 0 when one counts at once."""
    apart_s = rule.apart_at_least_min * 60
    near = [one.at_s for one in counted(sets, rule) if abs(at_s - one.at_s) < apart_s]
    return max((at + apart_s - at_s for at in near), default=0.0)


def baseline_of(sets: Sequence[RestingSet], rule: BaselineRule) -> dict[Vital, float]:
    """The median of each vital sign that enough of the sets hold; empty while there are too few."""
    kept = counted(sets, rule)
    found: dict[Vital, list[float]] = {}
    for one in kept:
        for vital, value in one.values.items():
            found.setdefault(vital, []).append(value)
    return {vital: median(values) for vital, values in found.items() if len(values) >= rule.sets_at_least}


def frozen(
    sets: Sequence[RestingSet],
    changes: Sequence[Mapping[Vital, float]],
    started_s: float | None,
    rule: BaselineRule,
) -> dict[Vital, float]:
    """The baseline that limits hang on: of the sets before the start, with what was changed since by name."""
    before = [one for one in sets if started_s is None or one.at_s <= started_s]
    baseline = baseline_of(before, rule)
    for change in changes:
        baseline.update(change)
    return baseline
