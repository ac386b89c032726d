"""What was really given: from the pump's own volume and rate, or from a person's word where no pump is read.

The pump's counter is the truth. A segment is a stretch over which the counter counts one container; a
counter that fell, another pump or a syringe that is not confirmed opens the next one. What was given is the
sum of the segments' volumes times each container's concentration; it is never estimated over a gap.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from app.instant import Instant

VOLUME_STEP_ML = 0.001
"""The pump's counter has three decimals; a fall by less than one step is no fall."""


class State(StrEnum):
    """Where an infusion stands."""

    NOT_STARTED = "not started"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class RatePoint(msgspec.Struct, frozen=True):
    """From `at` on the rate was this; None: not known."""

    at: Instant
    rate_ml_h: float | None


class Segment(msgspec.Struct):
    """A stretch of the counter. Volumes are the pump's; None while nothing was read.

    `container_ml` and `concentration_mg_ml` are None until a person said what is in the pump.
    `container` counts the containers from 1: segments of the same one share it. `read_to_end` False: the
    counter was lost and came back as another, or jumped, so what flowed is at least what was read.
    """

    opened: Instant
    cause: str
    serial: str | None
    baseline_ml: float | None
    volume_ml: float | None
    container_ml: float | None
    concentration_mg_ml: float | None
    container: int
    hand_ml: float | None = 0.0
    read_to_end: bool = True

    @property
    def by_hand(self) -> bool:
        """True where no pump was read and a person's entries are the truth."""
        return self.serial is None

    @property
    def counted_ml(self) -> float | None:
        """Where the counter stood last; None while it was never read."""
        return self.volume_ml if self.volume_ml is not None else self.baseline_ml

    @property
    def infused_ml(self) -> float | None:
        """What flowed in this segment; None when the counter was not read."""
        if self.by_hand:
            return self.hand_ml
        if self.baseline_ml is None or self.volume_ml is None:
            return None
        return self.volume_ml - self.baseline_ml


class Bridge(msgspec.Struct, frozen=True):
    """A gap that the same counter was read before and after: the mean rate that it tells, measured, not guessed."""

    since: Instant
    until: Instant
    mean_ml_h: float


class Given(msgspec.Struct, frozen=True):
    """What was given up to `at`. None with `why` where it cannot be said; a number with `why` is the least."""

    mg: float | None
    ml: float | None
    at: Instant | None
    why: str = ""


class Infusion:
    """The course of one infusion, told in order; asks no clock and keeps no guess.

    `closed` is True once the pump was cleared or changed after the end: what it counts then is another's.
    """

    def __init__(self) -> None:
        self.state = State.NOT_STARTED
        self.segments: list[Segment] = []
        self.rates: list[RatePoint] = []
        self.started: Instant | None = None
        self.ended: Instant | None = None
        self.unknown_since: Instant | None = None
        self.read_at: Instant | None = None
        self.bridges: list[Bridge] = []
        self._pauses: list[tuple[Instant, Instant | None]] = []
        self._confirmed = True
        self._rate_before_gap: float | None = None
        self.closed = False

    # ------------------------------------------------------------ what happened

    def opened(self, segment: Segment) -> None:
        """A new segment counts from now on."""
        self._advance_hand(segment.opened)
        if self.segments:
            self._close(self.segments[-1], segment)
        self.segments.append(segment)
        if segment.cause == UNCONFIRMED:
            self._confirmed = False
        self.read_at = segment.opened

    def confirmed(self, container_ml: float, concentration_mg_ml: float, *, same_container: bool) -> None:
        """A person said what the container of the segment asked about holds: the oldest that nobody named."""
        place = self.segments.index(self.asked_about or self.segments[-1])
        segment = self.segments[place]
        segment.container_ml = container_ml
        segment.concentration_mg_ml = concentration_mg_ml
        if not same_container and place > 0:
            for later in self.segments[place:]:
                later.container = self.segments[place - 1].container + 1

    def began(self, at: Instant, rate_ml_h: float) -> None:
        """The infusion runs."""
        self.state = State.RUNNING
        self.started = at
        self._rate(at, rate_ml_h)

    def paused(self, at: Instant) -> None:
        """The infusion is held."""
        self._advance_hand(at)
        self.state = State.PAUSED
        self._pauses.append((at, None))
        self._rate(at, 0.0)

    def resumed(self, at: Instant, rate_ml_h: float) -> None:
        """The infusion runs again."""
        self._advance_hand(at)
        self.state = State.RUNNING
        if self._pauses and self._pauses[-1][1] is None:
            self._pauses[-1] = (self._pauses[-1][0], at)
        self._rate(at, rate_ml_h)

    def over(self, at: Instant) -> None:
        """The infusion is ended."""
        self._advance_hand(at)
        if self._pauses and self._pauses[-1][1] is None:
            self._pauses[-1] = (self._pauses[-1][0], at)
        self.state = State.ENDED
        self.ended = at
        self._rate(at, 0.0)

    def saw(
        self, at: Instant, rate_ml_h: float | None, volume_ml: float | None, *, confirmed: bool = False
    ) -> None:
        """The pump was read: its rate now and its counter. The caller opened a segment where one was due."""
        self._bridge(at, volume_ml)
        self.unknown_since = None
        self._confirmed = self._confirmed or confirmed
        self.read_at = at
        if volume_ml is not None and self.segments and not self.segments[-1].by_hand:
            counted = self.segments[-1].counted_ml
            self.segments[-1].volume_ml = volume_ml if counted is None else max(counted, volume_ml)
        if rate_ml_h is not None and self.state is not State.ENDED:
            self._rate(at, rate_ml_h)

    def _bridge(self, at: Instant, volume_ml: float | None) -> None:
        """What flowed over a gap, where one segment's counter stands at both of its ends."""
        since, last = self.unknown_since, self.segments[-1] if self.segments else None
        if since is None or volume_ml is None or last is None or last.by_hand or last.counted_ml is None:
            return
        passed_s = at.since(since)
        if passed_s > 0 and last.opened.since(since) <= 0 and volume_ml >= last.counted_ml:
            self.bridges.append(Bridge(since, at, (volume_ml - last.counted_ml) * 3600 / passed_s))

    def mean_ml_h(self, since: Instant) -> float | None:
        """The mean rate of the gap that began then; None where no counter bridges it."""
        return next((one.mean_ml_h for one in self.bridges if abs(one.since.since(since)) < 1e-3), None)

    def ran_on(self, volume_ml: float) -> bool:
        """The pump's counter after the end: True where more flowed. A counter that was cleared is done with."""
        last = self.segments[-1] if self.segments else None
        if last is None or last.by_hand or last.volume_ml is None or self.closed:
            return False
        self.closed = volume_ml < last.volume_ml - VOLUME_STEP_ML / 2
        if volume_ml < last.volume_ml + VOLUME_STEP_ML / 2:
            return False
        last.volume_ml = volume_ml
        return True

    def said(self, at: Instant, rate_ml_h: float | None, volume_ml: float | None) -> None:
        """A person read the pump, or says what it does where none is connected."""
        if self.by_hand and self.unknown_since is not None:
            self._bridge_hand(at, rate_ml_h)
        self._advance_hand(at)
        self.saw(at, rate_ml_h, volume_ml)

    def lost(self, since: Instant) -> None:
        """Since then nobody knows what the pump does."""
        if self.unknown_since is None:
            self._advance_hand(since)
            self._rate_before_gap = self.rate_ml_h
            self.unknown_since = since
            self.rates = [point for point in self.rates if point.at.since(since) <= 0]
            self._rate(since, None)

    # ------------------------------------------------------------ what follows from it

    def needs_segment(self, serial: str, volume_ml: float, *, confirmed: bool) -> tuple[str, float] | None:
        """The cause and the baseline of the segment that this reading opens; None when it goes on."""
        if not self.segments:
            return None
        last = self.segments[-1]
        if last.serial is None:
            return ("pump read from here on", volume_ml)
        if last.serial != serial:
            return (ANOTHER_PUMP, volume_ml)
        counted = last.counted_ml
        if counted is not None and volume_ml < counted - VOLUME_STEP_ML / 2:
            return (COUNTER_FELL, 0.0)
        if not confirmed and self._confirmed:
            return (UNCONFIRMED, volume_ml)
        return None

    def given(self, now: Instant) -> Given:
        """What was given, as far as it is known."""
        if self.started is None:
            return Given(0.0, 0.0, now)
        if self.unknown_since is not None:
            mg, ml, _ = self._sum()
            return Given(mg, ml, self.unknown_since, NOT_READ)
        self._advance_hand(now)
        mg, ml, why = self._sum()
        return Given(mg, ml, self.read_at, why)

    def running_s(self, now: Instant) -> float:
        """Seconds of infusion so far, pauses left out."""
        if self.started is None:
            return 0.0
        end = self.ended or now
        held = sum((stop or end).since(start) for start, stop in self._pauses)
        return max(0.0, end.since(self.started) - held)

    def paused_s(self, now: Instant) -> float:
        """Seconds of pauses so far."""
        end = self.ended or now
        return sum((stop or end).since(start) for start, stop in self._pauses)

    @property
    def pauses(self) -> tuple[tuple[Instant, Instant | None], ...]:
        """(from, to) of each pause; to is None while it lasts."""
        return tuple(self._pauses)

    def left_ml(self) -> float | None:
        """What is left in the container in use; None when it is not known."""
        if not self.segments or self.segments[-1].container_ml is None or self.unknown_since is not None:
            return None
        last = self.segments[-1]
        used = [s.infused_ml for s in self.segments if s.container == last.container]
        if any(ml is None for ml in used) or last.container_ml is None:
            return None
        return last.container_ml - sum(ml for ml in used if ml is not None)

    @property
    def asked_about(self) -> Segment | None:
        """The oldest segment of which nobody has said what it holds; None when all are named."""
        return next((s for s in self.segments if s.concentration_mg_ml is None), None)

    @property
    def rate_ml_h(self) -> float | None:
        """The rate by the newest point; None when it is not known or the infusion has not begun."""
        return self.rates[-1].rate_ml_h if self.rates else None

    @property
    def by_hand(self) -> bool:
        """True while a person's entries, not a pump, are the truth."""
        return bool(self.segments) and self.segments[-1].by_hand

    # ------------------------------------------------------------ inside

    def _rate(self, at: Instant, rate_ml_h: float | None) -> None:
        if self.started is None:
            return
        if not self.rates or self.rates[-1].rate_ml_h != rate_ml_h:
            self.rates.append(RatePoint(at, rate_ml_h))

    def _bridge_hand(self, at: Instant, rate_ml_h: float | None) -> None:
        """The same rate before and after, by a person's word: it ran through. Otherwise nobody knows."""
        segment, since = self.segments[-1], self.unknown_since
        before = self._rate_before_gap
        if since is None or segment.hand_ml is None:
            return
        if rate_ml_h is None or before is None or rate_ml_h != before:
            segment.hand_ml = None
        else:
            segment.hand_ml += before * at.since(since) / 3600
        self.read_at = at

    def _advance_hand(self, now: Instant) -> None:
        """Count what a hand-kept segment infused up to now, at the rate that was said."""
        if not self.segments or not self.segments[-1].by_hand or self.read_at is None or self.started is None:
            return
        passed_s = now.since(self.read_at)
        segment = self.segments[-1]
        if passed_s <= 0 or self.unknown_since is not None:
            return
        rate = self.rate_ml_h
        if self.state is State.RUNNING and rate is not None and segment.hand_ml is not None:
            segment.hand_ml += rate * passed_s / 3600
        self.read_at = now

    def _close(self, last: Segment, following: Segment) -> None:
        """The last segment counts to where the next one begins, as far as that is known."""
        if last.by_hand:
            last.hand_ml = None if self.unknown_since is not None else last.hand_ml
        elif following.cause in (COUNTER_FELL, COUNTER_JUMPED, ANOTHER_PUMP):
            last.read_to_end = self.unknown_since is None and following.cause != COUNTER_JUMPED
        elif following.baseline_ml is not None and last.volume_ml is not None:
            last.volume_ml = max(last.volume_ml, following.baseline_ml)

    def _sum(self) -> tuple[float | None, float | None, str]:
        """(mg, mL, why) over all segments: None where one of them cannot be told."""
        mg: float | None = 0.0
        ml = 0.0
        why = "" if all(segment.read_to_end for segment in self.segments) else AT_LEAST
        for segment in self.segments:
            infused = segment.infused_ml
            if infused is None:
                return None, None, "not read by any pump"
            ml += infused
            if infused <= VOLUME_STEP_ML / 2:
                continue
            if segment.concentration_mg_ml is None:
                mg, why = None, "say what is in the syringe"
            elif mg is not None:
                mg += infused * segment.concentration_mg_ml
        return mg, ml, why


UNCONFIRMED = "syringe not confirmed at the pump"
COUNTER_FELL = "the pump's counter fell"
COUNTER_JUMPED = "the pump's counter jumped further than a pump can push"
ANOTHER_PUMP = "another pump"
NEW_SYRINGE = "new syringe"
"""The causes of a segment, as its entry tells them; a new syringe is what a person said without being asked."""

AT_LEAST = "at least: the pump's counter was not read all the way"
NOT_READ = "the pump is not read"
