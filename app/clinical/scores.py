"""Scored forms as data: sums from their items, what vital signs propose for an item, and which variant was used.

A missing item makes a sum not computable and is named. A proposal carries its evidence and is only that: a
person confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.clinical.rows import Score, ScoreItem
from app.clinical.vitals import NIBP, VITALS, Vital
from app.refusals import Refused

PER_CENT = "%"


class Proposal(msgspec.Struct, frozen=True):
    """What the vital signs say for an item, and by which values: "134 of 138 before the start, 3 % off"."""

    points: int
    evidence: str


class VitalsNow(msgspec.Struct, frozen=True):
    """What proposals are made from: live values with the words of their time, the baseline, the oxygen."""

    values: Mapping[Vital, float]
    baseline: Mapping[Vital, float]
    baseline_words: str
    oxygen_l_min: float = 0.0


class Sum(msgspec.Struct, frozen=True):
    """A form's total; None where items are missing, which are named."""

    total: int | None
    missing: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The total, or why there is none."""
        if self.total is not None:
            return f"{self.total}"
        return f"not computable, {' and '.join(self.missing).lower()} missing"


def item_ids(score: Score) -> tuple[str, ...]:
    """The items of a form: by their ids, or by number where their texts are withheld."""
    if score.item:
        return tuple(item.id for item in score.item)
    numbers = score.item_numbers or tuple(range(1, (score.item_count or 0) + 1))
    return tuple(f"{number}" for number in numbers)


def item_title(score: Score, item: str) -> str:
    """An item in words: "Vital signs", "Item 7"."""
    if not score.item:
        return f"Item {item}"
    if item == Vital.SPO2:
        return VITALS[Vital.SPO2].label
    return item.replace("-", " ").capitalize()


def item_levels(score: Score, item: str) -> tuple[tuple[int, str], ...]:
    """(points, words) of an item, the highest first; words "" where they are withheld."""
    rows = [row for row in score.item if row.id == item]
    if rows:
        levels = [(level.points, level.text) for level in rows[0].levels if level.points is not None]
        return tuple(sorted(levels, reverse=True))
    low, high = score.item_range or (0, 0)
    return tuple((points, "") for points in range(high, low - 1, -1))


def summed(score: Score, items: Mapping[str, int]) -> Sum:
    """The sum of a form's items; raises Refused for an item or points that the form does not have."""
    known = item_ids(score)
    for item, points in items.items():
        if item not in known:
            raise Refused("score", f"{score.short} has no item {item!r}.")
        if points not in {value for value, _ in item_levels(score, item)}:
            raise Refused("score", f"{score.short}, {item_title(score, item).lower()}: {points} is no level.")
    missing = tuple(item_title(score, item) for item in known if item not in items)
    return Sum(None if missing else sum(items.values()), missing)


def signed(score: Score, points: int) -> str:
    """Points as they are written: with their sign on a scale that goes below zero."""
    below_zero = score.total_range is not None and score.total_range[0] < 0
    return f"{points:+d}" if below_zero and points else f"{points}"


def is_ready(score: Score, items: Mapping[str, int], total: int | None) -> bool | None:
    """Whether the form's own threshold is reached, the clause of each item included; None without one."""
    if score.ready_at_least is None or total is None:
        return None
    least = score.each_item_at_least
    return total >= score.ready_at_least and (least is None or all(x >= least for x in items.values()))


# ---------------------------------------------------------------- what vital signs propose


def proposals(score: Score, now: VitalsNow) -> dict[str, Proposal]:
    """What the vital signs of now propose, by item; an item without the values for it is left out."""
    found = {}
    for item in score.item:
        proposal = _off_baseline(item, now) if _is_against_baseline(item) else _oxygenation(item, now)
        if proposal is not None:
            found[item.id] = proposal
    return found


def _is_against_baseline(item: ScoreItem) -> bool:
    return item.off_baseline_full_at_most is not None or item.off_baseline_full_below is not None


def _off_baseline(item: ScoreItem, now: VitalsNow) -> Proposal | None:
    """The worst of the item's vital signs against the baseline; None unless each of them is there."""
    levels = _points(item)
    worst, words = len(levels) - 1, []
    for vital in item.vitals:
        value, before = now.values.get(vital), now.baseline.get(vital)
        if value is None or not before:
            return None
        off = abs(value - before) * (100.0 / before if item.unit == PER_CENT else 1.0)
        worst = min(worst, _place(item, off))
        words.append(f"{_label(vital)} {value:.0f}, {off:.0f} {item.unit} off {before:.0f}")
    if not words:
        return None
    return Proposal(levels[worst], f"{'; '.join(words)} {now.baseline_words}".rstrip())


def _points(item: ScoreItem) -> list[int]:
    return sorted(level.points for level in item.levels if level.points is not None)


def _place(item: ScoreItem, off: float) -> int:
    """0 lowest, 1 middle, 2 full, by the item's own bounds; each bound belongs where its key says."""
    full = (item.off_baseline_full_at_most is not None and off <= item.off_baseline_full_at_most) or (
        item.off_baseline_full_below is not None and off < item.off_baseline_full_below
    )
    if full:
        return 2
    none = (item.off_baseline_zero_from is not None and off >= item.off_baseline_zero_from) or (
        item.off_baseline_zero_above is not None and off > item.off_baseline_zero_above
    )
    return 0 if none else 1


def _label(vital: Vital) -> str:
    return "BP" if vital in NIBP else VITALS[vital].label


def _oxygenation(item: ScoreItem, now: VitalsNow) -> Proposal | None:
    value = now.values.get(Vital.SPO2)
    if item.room_air_above is None or item.on_oxygen_at_least is None or value is None:
        return None
    levels = _points(item)
    text = VITALS[Vital.SPO2].text(value)
    if now.oxygen_l_min > 0:
        points = levels[1] if value >= item.on_oxygen_at_least else levels[0]
        return Proposal(points, f"{text} % with {now.oxygen_l_min:g} L/min")
    points = levels[2] if value > item.room_air_above else levels[1]
    return Proposal(points, f"{text} % on room air")


# ---------------------------------------------------------------- which variant


def variant(score: Score) -> str:
    """How the form was used where copies disagree: "circulation: per cent of baseline"; "" where they do not."""
    found = ((item_title(score, item.id).lower(), measured_in(score, item.id)) for item in score.item)
    return "; ".join(f"{title}: {unit}" for title, unit in found if unit)


def measured_in(score: Score, item_id: str) -> str:
    """What an item's levels are counted in where they are held against the baseline; "" where they are not."""
    item = next((one for one in score.item if one.id == item_id), None)
    if item is None or not _is_against_baseline(item):
        return ""
    return "per cent of baseline" if item.unit == PER_CENT else f"{item.unit} off baseline"
