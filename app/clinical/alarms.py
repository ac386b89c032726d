"""Which limits are crossed, since when, and who has seen it: the alarm board.

A low limit is crossed below it, a high limit at it or above. A crossing must last its delay before it is an
alarm; of several limits of one vital sign the most severe that has lasted counts. A missing value neither
crosses nor clears: what was raised is held, in words of the past, until a value returns or until a technical
condition names that vital sign and takes its place; a crossing that was waiting waits on. Heart and pulse
rate share one alarm. Low priority comes from outside only: sensors, links, the pump.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal

import msgspec

from app.clinical.dosing import exact, percent_change, shown
from app.clinical.patient_limits import Change, changed_relative, changed_row
from app.clinical.rows import AlarmLimits, Priority, RelativeLimit
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.instant import Instant

Direction = Literal["low", "high"]
SEVERITY: dict[Priority, int] = {"low": 0, "medium": 1, "high": 2}

_RATES = (Vital.HEART_RATE, Vital.PULSE_RATE)


class Condition(msgspec.Struct, frozen=True):
    """Something that stands: "SpO₂ 86 %, below 88" / "Airway, oxygen.".

    `key` stays while it lasts, whatever its priority, and `since` while its priority stays. `vital` and
    `direction` name the tile and the side; a technical condition has no direction, and its `vital`, where
    given, is one that it leaves without a value.
    """

    key: str
    priority: Priority
    what: str
    detail: str
    since: Instant
    vital: Vital | None = None
    direction: Direction | None = None


class BoardRow(msgspec.Struct, frozen=True):
    """A condition on the board, and when a person acknowledged it; None: nobody has."""

    condition: Condition
    acknowledged_at: Instant | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether a person has seen it as it is now."""
        return self.acknowledged_at is not None


class Raised(msgspec.Struct, frozen=True):
    """An alarm began."""

    condition: Condition


class Escalated(msgspec.Struct, frozen=True):
    """An alarm became more severe; an acknowledgement no longer counts."""

    condition: Condition
    was: Priority


class Eased(msgspec.Struct, frozen=True):
    """An alarm became less severe; it stands, acknowledged or not, as before."""

    condition: Condition
    was: Priority


class Cleared(msgspec.Struct, frozen=True):
    """An alarm ended; the condition is as it last was."""

    condition: Condition


Event = Raised | Escalated | Eased | Cleared


class Limit(msgspec.Struct, frozen=True):
    """One limit of one vital sign, absolute or made from a baseline. `words` follow the value.

    `inclusive` says whether the bound itself crosses it.
    """

    vital: Vital
    direction: Direction
    priority: Priority
    bound: Fraction
    inclusive: bool
    delay_s: float
    words: str
    action: str

    def crossed_by(self, value: float) -> bool:
        """Whether this value crosses it."""
        amount = exact(value)
        beyond = amount < self.bound if self.direction == "low" else amount > self.bound
        return beyond or (self.inclusive and amount == self.bound)


def limits_of(row: AlarmLimits) -> tuple[Limit, ...]:
    """The absolute limits of a vital sign, apnoea and desaturation with them, most severe first."""
    return tuple(_severe_first([*_special(row), *_general(row)]))


def _special(row: AlarmLimits) -> Iterator[Limit]:
    """Apnoea and desaturation have delays of their own."""
    if row.apnoea_after_s is not None:
        words, action = f"no breath for {row.apnoea_after_s:g} s", row.action_apnoea
        yield Limit(row.id, "low", row.apnoea_priority, Fraction(0), True, row.apnoea_after_s, words, action)
    if row.desaturation_below is not None:
        bound, delay = exact(row.desaturation_below), row.desaturation_delay_s or 0.0
        words, action = f"below {row.desaturation_below:g}", row.action_desaturation
        yield Limit(row.id, "low", row.desaturation_priority, bound, False, delay, words, action)


def _general(row: AlarmLimits) -> Iterator[Limit]:
    low: tuple[tuple[Priority, float], ...] = (("high", row.high_below), ("medium", row.medium_below))
    for priority, bound in low:
        words = f"below {bound:g}"
        yield Limit(row.id, "low", priority, exact(bound), False, row.delay_s, words, row.action_low)
    top: tuple[tuple[Priority, float | None], ...] = (("high", row.high_from), ("medium", row.medium_from))
    for priority, start in top:
        if start is not None:
            words = f"{start:g} or above"
            yield Limit(row.id, "high", priority, exact(start), True, row.delay_s, words, row.action_high)


def relative_limits_of(limits: Iterable[RelativeLimit], row: AlarmLimits, baseline: float) -> Iterator[Limit]:
    """The relative limits of a vital sign as bounds in its unit; an advisory is no alarm and is left out."""
    base = exact(baseline)
    for limit in limits:
        if limit.vital != row.id or limit.priority == "advisory":
            continue
        above = limit.direction == "above"
        bound = base * (100 + (1 if above else -1) * exact(limit.pct)) / 100
        words = f"{limit.pct:g} % {limit.direction} the baseline"
        action = row.action_high if above else row.action_low
        yield Limit(
            row.id, "high" if above else "low", limit.priority, bound, True, row.delay_s, words, action
        )


def relative_level(
    limits: Iterable[RelativeLimit], vital: Vital, value: float, baseline: float
) -> RelativeLimit | None:
    """The furthest relative limit that this value has reached, advisories too; None when it reached none."""
    change = percent_change(value, baseline)
    if change is None:
        return None
    reached = [
        limit
        for limit in limits
        if limit.vital == vital and (change if limit.direction == "above" else -change) >= exact(limit.pct)
    ]
    return max(reached, key=lambda limit: limit.pct, default=None)


def _severe_first(limits: Iterable[Limit]) -> list[Limit]:
    return sorted(limits, key=lambda limit: -SEVERITY[limit.priority])


def score_condition(catalog: Catalog, score: str, total: int, since: Instant) -> Condition | None:
    """The alarm that a score raises by itself; None while it is above its limits or has none."""
    limit = catalog.score_limits.get(score)
    if limit is None or total > limit.medium_at_most:
        return None
    high = total <= limit.high_at_most
    bound = limit.high_at_most if high else limit.medium_at_most
    name = catalog.scores[score].short
    what = f"{name} {total}, {bound} or below"
    return Condition(f"{score}:low", "high" if high else "medium", what, limit.action, since, direction="low")


class AlarmBoard:
    """The alarms that stand. Feed it every tick; it answers with what began, changed and ended."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._baseline: dict[Vital, float] = {}
        self._changes: dict[Vital, dict[str, float]] = {}
        self._limits: dict[Vital, list[Limit]] = {}
        self._rows: dict[str, BoardRow] = {}
        self._crossed_since: dict[Limit, Instant] = {}
        self._set_limits({}, {})

    @property
    def rows(self) -> tuple[BoardRow, ...]:
        """What stands, highest priority first, then newest."""
        return tuple(
            sorted(
                self._rows.values(),
                key=lambda row: (-SEVERITY[row.condition.priority], -row.condition.since.steady),
            )
        )

    def acknowledge(self, key: str, now: Instant) -> bool:
        """Mark it as seen until it ends or becomes more severe; False when it does not stand."""
        row = self._rows.get(key)
        if row is None:
            return False
        self._rows[key] = BoardRow(row.condition, acknowledged_at=now)
        return True

    def step(
        self,
        now: Instant,
        readings: Mapping[Vital, float | None],
        conditions: Iterable[Condition] = (),
        baseline: Mapping[Vital, float] | None = None,
        changes: Mapping[Vital, Change] | None = None,
    ) -> tuple[Event, ...]:
        """What began, changed and ended now.

        `readings` are the values that count now, None or absent where there is none; `conditions` are all
        that stand outside the vital signs; `baseline` is the frozen one, where there is one, and `changes`
        are the limits changed for this patient.
        """
        outside = {condition.key: condition for condition in conditions}
        without_value = {
            one.vital for one in outside.values() if one.vital is not None and one.direction is None
        }
        self._follow(
            self._baseline if baseline is None else baseline, self._changes if changes is None else changes
        )
        standing = dict(outside)
        for condition in self._vital_conditions(now, readings, without_value):
            known = standing.get(condition.key)
            if known is None or SEVERITY[condition.priority] > SEVERITY[known.priority]:
                standing[condition.key] = condition
        return tuple(self._take(standing))

    # ------------------------------------------------------------ vital signs

    def limits(self, vital: Vital) -> tuple[Limit, ...]:
        """The limits in force for this patient now, most severe first."""
        return tuple(self._limits[vital])

    def row(self, vital: Vital) -> AlarmLimits:
        """The table's row with what was changed for this patient."""
        return changed_row(self._catalog.alarm_limits[vital], self._changes.get(vital, {}))

    def _follow(self, baseline: Mapping[Vital, float], changes: Mapping[Vital, Change]) -> None:
        if dict(baseline) != self._baseline or {v: dict(c) for v, c in changes.items()} != self._changes:
            self._set_limits(baseline, changes)

    def _set_limits(self, baseline: Mapping[Vital, float], changes: Mapping[Vital, Change]) -> None:
        self._baseline = dict(baseline)
        self._changes = {vital: dict(change) for vital, change in changes.items()}
        for vital, row in self._catalog.alarm_limits.items():
            change = self._changes.get(vital, {})
            row = changed_row(row, change)
            limits = list(limits_of(row))
            if vital in baseline:
                relative = changed_relative(self._catalog.relative_limits, vital, change)
                limits += relative_limits_of(relative, row, baseline[vital])
            self._limits[vital] = _severe_first(limits)
        self._carry_over()

    def _carry_over(self) -> None:
        """A crossing under way goes on under the limit that came in place of the old one."""
        known = {limit for limits in self._limits.values() for limit in limits}
        for old in [limit for limit in self._crossed_since if limit not in known]:
            since = self._crossed_since.pop(old)
            same = [one for one in self._limits[old.vital] if one.direction == old.direction]
            for one in same:
                if one.priority == old.priority:
                    self._crossed_since.setdefault(one, since)

    def _vital_conditions(
        self, now: Instant, readings: Mapping[Vital, float | None], without_value: set[Vital]
    ) -> Iterator[Condition]:
        rate_is_known = any(readings.get(vital) is not None for vital in _RATES)
        for vital, limits in self._limits.items():
            value = readings.get(vital)
            if value is not None:
                yield from self._crossed(now, value, limits)
            elif vital in without_value:
                for limit in limits:
                    self._crossed_since.pop(limit, None)
            elif not (vital in _RATES and rate_is_known):
                yield from self._held(vital)

    def _crossed(self, now: Instant, value: float, limits: list[Limit]) -> Iterator[Condition]:
        """On each side the most severe limit crossed for long enough; limits come most severe first.

        A delay keeps out what is short: where this alarm or a more severe one stands, there is nothing to wait for.
        """
        found: set[Direction] = set()
        for limit in limits:
            if not limit.crossed_by(value):
                if self._crossed_since:
                    self._crossed_since.pop(limit, None)
                continue
            since = self._crossed_since.setdefault(limit, now)
            lasted = now.since(since) >= limit.delay_s or self._stands(limit)
            if lasted and limit.direction not in found:
                found.add(limit.direction)
                yield _condition(limit, value, since)

    def _stands(self, limit: Limit) -> bool:
        """Whether this very alarm stands, or a more severe one of its side that eases to it."""
        row = self._rows.get(_key(limit))
        if row is None:
            return False
        more_severe = SEVERITY[row.condition.priority] > SEVERITY[limit.priority]
        return more_severe or row.condition.what.endswith(limit.words)

    def _held(self, vital: Vital) -> Iterator[Condition]:
        """What stands for a vital sign that has no value now, told as past."""
        label = VITALS[vital].label
        for row in self._rows.values():
            condition = row.condition
            if condition.vital is not vital or condition.direction is None:
                continue
            past = condition.what
            if not past.startswith(f"{label} was "):
                past = past.replace(f"{label} ", f"{label} was ", 1)
            yield msgspec.structs.replace(condition, what=past)

    # ------------------------------------------------------------ board

    def _take(self, standing: Mapping[str, Condition]) -> Iterator[Event]:
        for key in [key for key in self._rows if key not in standing]:
            yield Cleared(self._rows.pop(key).condition)
        for key, condition in standing.items():
            row = self._rows.get(key)
            if row is None:
                self._rows[key] = BoardRow(condition)
                yield Raised(condition)
                continue
            was = row.condition.priority
            worse = SEVERITY[condition.priority] - SEVERITY[was]
            if worse == 0:
                condition = msgspec.structs.replace(condition, since=row.condition.since)
            self._rows[key] = BoardRow(condition, row.acknowledged_at if worse <= 0 else None)
            if worse > 0:
                yield Escalated(condition, was)
            elif worse < 0:
                yield Eased(condition, was)


def _key(limit: Limit) -> str:
    """The alarm of this vital sign and side; heart and pulse rate share one."""
    name = "rate" if limit.vital in _RATES else limit.vital.value
    return f"{name}:{limit.direction}"


def _condition(limit: Limit, value: float, since: Instant) -> Condition:
    spec = VITALS[limit.vital]
    unit = "" if spec.unit == "/min" else f" {spec.unit}"
    shown_value = shown(value, spec.decimals)
    return Condition(
        key=_key(limit),
        priority=limit.priority,
        what=f"{spec.label} {shown_value}{unit}, {limit.words}",
        detail=limit.action,
        since=since,
        vital=limit.vital,
        direction=limit.direction,
    )
