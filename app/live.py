"""What a vital sign says at this moment: live, stale or missing, by one rule of age for all.

A value greys out at the larger of twice its observed period and the table's stale_after_s, and becomes
missing at the larger of 60 s and twice that. NIBP and hand-entered values keep their number, greyed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from app.clinical.vitals import NIBP, Vital
from app.instant import Instant
from app.readings import Reading

GONE_AT_LEAST_S = 60.0
"""screens.md, the rule of age: no value is shown for longer than this or twice its grey limit."""


class Heard(msgspec.Struct):
    """The newest word on one vital sign. `since` is when it became missing, or when the value came."""

    value: float | None
    at: Instant
    why_missing: str | None
    since: Instant
    by_hand: bool = False
    intervals_s: tuple[float, ...] = ()

    @property
    def period_s(self) -> float | None:
        """The usual time between values: the lower median of the last five; one long gap does not stretch it."""
        if len(self.intervals_s) < 2:
            return None
        ordered = sorted(self.intervals_s)
        return ordered[(len(ordered) - 1) // 2]


class Shown(msgspec.Struct, frozen=True):
    """A vital sign now. `value` stays None when missing, and `why` says why; `age_s` is the value's."""

    state: Literal["live", "stale", "missing"]
    value: float | None
    age_s: float | None
    at: Instant | None
    why: str
    since: Instant | None
    by_hand: bool = False


NEVER = Shown("missing", None, None, None, "no value yet", None)


class LiveVitals:
    """The newest reading of each vital sign, and what it is worth now."""

    def __init__(self, stale_after_s: Mapping[Vital, float]) -> None:
        self._stale_after_s = dict(stale_after_s)
        self._heard: dict[Vital, Heard] = {}

    def heard(self, at: Instant, reading: Reading, *, by_hand: bool = False) -> None:
        """A reading came; a missing one replaces the value at once, so an old number never looks live.

        What a person entered stays until the monitor has a value, and never replaces what is newer.
        """
        last = self._heard.get(reading.vital)
        if last is not None and _keeps(last, at, reading, by_hand=by_hand):
            return
        intervals = last.intervals_s if last else ()
        follows = last is not None and last.value is not None and not last.by_hand
        if last is not None and follows and reading.value is not None and not by_hand:
            intervals = (*intervals, at.since(last.at))[-5:]
        since = at
        if reading.value is None and last is not None and last.value is None:
            since = last.since
        self._heard[reading.vital] = Heard(
            reading.value, at, reading.why_missing, since, by_hand=by_hand, intervals_s=intervals
        )

    def forget(self) -> None:
        """Another patient: nothing that was heard is theirs."""
        self._heard.clear()

    def stale_after_s(self, vital: Vital) -> float:
        """When this vital sign's value greys out."""
        heard = self._heard.get(vital)
        table = self._stale_after_s[vital]
        period = heard.period_s if heard else None
        return table if period is None else max(table, 2 * period)

    def shown(self, vital: Vital, now: Instant) -> Shown:
        """The vital sign at this moment."""
        heard = self._heard.get(vital)
        if heard is None:
            return NEVER
        if heard.value is None:
            return Shown("missing", None, None, heard.at, heard.why_missing or "no value", heard.since)
        age_s = max(0.0, now.since(heard.at))
        grey_s = self.stale_after_s(vital)
        if age_s <= grey_s:
            return Shown("live", heard.value, age_s, heard.at, "", heard.since, heard.by_hand)
        keeps = vital in NIBP or heard.by_hand
        if keeps or age_s <= max(GONE_AT_LEAST_S, 2 * grey_s):
            return Shown("stale", heard.value, age_s, heard.at, "", heard.since, heard.by_hand)
        return Shown("missing", None, age_s, heard.at, "no data", heard.at, heard.by_hand)

    def live_values(self, now: Instant) -> dict[Vital, float | None]:
        """What may be judged now: values that are live; None for all that are stale or missing."""
        return {
            vital: shown.value if (shown := self.shown(vital, now)).state == "live" else None
            for vital in self._stale_after_s
        }


def _keeps(last: Heard, at: Instant, reading: Reading, *, by_hand: bool) -> bool:
    """True where the newest word stays: an older one came, or no value after one that a person entered."""
    if last.value is None:
        return False
    return at.since(last.at) < 0 or (last.by_hand and reading.value is None and not by_hand)
