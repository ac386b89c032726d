"""Watches the pump: what its readings mean for the infusion, and what was asked of it.

The infusion's truth is the pump's own rate and volume. Nothing is written as started, paused or ended
before the pump's status shows it, or a person says so where no pump is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from app.clinical.infusion import COUNTER_JUMPED, Infusion, State
from app.entries import (
    AnyBody,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    PumpLost,
    PumpSeen,
    RateMeasured,
    SegmentConfirmed,
    SegmentOpened,
)
from app.instant import Instant
from app.messages import ConfirmByHand, ConfirmPumpState, LinkState, PumpRead
from app.readings import PumpFrame, PumpMode
from app.refusals import Refused
from app.session import Session

Emit = Callable[[AnyBody], None]

SAME_RATE_ML_H = 0.005
"""The wire carries two decimals: rates closer than half of the last one are the same."""

RATE_EVERY_S = 5.0
"""A pump whose rate jitters is written as often as samples are, not at every reading."""

ALLOWED = {
    "start": ("ready",),
    "pause": ("infusing",),
    "resume": ("paused",),
    "end": ("infusing", "paused"),
}
"""In which phases an act may be asked for."""


UNDER_WAY = ("infusing", "paused")
INFUSED = (*UNDER_WAY, "recovery")


class Ask(msgspec.Struct):
    """An act that was asked for and waits to be seen at the pump."""

    what: str
    since: Instant
    reason: str


class PumpWatch:
    """What the pump showed last, what was asked, and how well both agree."""

    def __init__(
        self, *, measured_readings: int, silent_after_s: float, fastest_ml_h: float = math.inf
    ) -> None:
        """`fastest_ml_h`: no pump pushes more; a counter that went further has not counted what flowed."""
        self.frame: PumpFrame | None = None
        self.at: Instant | None = None
        self.told_at: Instant | None = None
        self.link: LinkState | None = None
        self.why = ""
        self.ask: Ask | None = None
        self.differs_since: Instant | None = None
        self._measured_readings = measured_readings
        self.silent_after_s = silent_after_s
        self._fastest_ml_h = fastest_ml_h
        self._jumped_to: tuple[str, float] | None = None
        self._matches = 0
        self._matched: object = None
        self._before: tuple[str, float | None] | None = None
        self._measured_at: Instant | None = None
        self._written_at: Instant | None = None
        self._ran_on = False
        self._word_counts = False

    def forget(self) -> None:
        """Another session: what was asked and watched in the last one is over."""
        self.ask = self.differs_since = None
        self._ran_on = self._word_counts = False
        self._before = self._matched = self._written_at = self._jumped_to = None
        self._matches = 0

    def by_word(self, session: Session) -> bool:
        """True while a person's word, not a reading, says at which rate the infusion runs."""
        infusion = session.infusion
        return infusion.unknown_since is None and (infusion.by_hand or self._word_counts)

    # ------------------------------------------------------------ what it showed

    def heard_now(self, now: Instant) -> bool:
        """True while the last reading is young enough to be the present."""
        return self.at is not None and now.since(self.at) <= self.silent_after_s

    def told_now(self, now: Instant) -> bool:
        """True while it says what it does and, in an infusion, what it counted: a pump can answer and say neither."""
        return self.told_at is not None and now.since(self.told_at) <= self.silent_after_s

    def why_unknown(self, now: Instant) -> str:
        """Why nobody knows what the pump does."""
        if self.heard_now(now) and not self.told_now(now):
            return "the pump answers and does not say what it does"
        return self.why or "the pump does not answer"

    def read(self, message: PumpRead, session: Session | None, emit: Emit) -> None:
        """A status came."""
        message = self._held_back(message, session)
        frame = message.frame
        if not self.heard_now(message.at):
            self._ran_on = False
        self.frame, self.at = frame, message.at
        if not _tells(frame, session):
            return
        self._word_counts = False
        self.told_at = message.at
        if session is None:
            self._before = None
            return
        match session.phase:
            case "ready":
                self._before_start(frame, session, emit)
            case "infusing" | "paused":
                self._under_way(message, session, emit)
            case "recovery":
                self._after_end(message, session, emit)
            case _:
                pass
        if self._measured_at != message.at:
            self._measured_at = message.at
            self._measure(frame, session, emit)

    def tick(self, now: Instant, session: Session | None, emit: Emit) -> None:
        """Time passed: a pump that is silent makes the infusion unknown since its last reading."""
        if session is None or session.phase not in UNDER_WAY:
            self.differs_since = None
            return
        infusion = session.infusion
        watched = not infusion.by_hand and infusion.unknown_since is None and not self._word_counts
        if watched and infusion.read_at is not None and now.since(infusion.read_at) > self.silent_after_s:
            emit(_lost(session, infusion.read_at, now, self.why_unknown(now)))
        self._compare(now, session)

    def came_back(self, session: Session, last: Instant, now: Instant, emit: Emit) -> None:
        """The program restarted on this session: nobody watched the pump since `last`."""
        if session.phase in ("infusing", "paused"):
            emit(_lost(session, last, now, "Chairside was not running"))

    # ------------------------------------------------------------ what was asked

    def asked(self, ask: Ask, session: Session, emit: Emit) -> None:
        """Somebody wants the pump started, paused, resumed or ended; it may be so already."""
        if session.phase not in ALLOWED.get(ask.what, ()):
            raise Refused(
                "pump", f"{ask.what.capitalize()} is not possible now: the session is {session.phase}."
            )
        self.ask = ask
        if self.frame is None or self.at is None or not self.heard_now(ask.since):
            return
        self.read(PumpRead(self.at, "pump", self.frame), session, emit)

    def by_hand(self, act: ConfirmByHand, session: Session, now: Instant, emit: Emit) -> None:
        """The nurse says that it was done, where the pump is not read."""
        if self.told_now(now):
            raise Refused("pump", "The pump is read. It will be written when the pump shows it.")
        rate = act.rate_ml_h if act.rate_ml_h is not None else session.expected_rate_ml_h(now)
        if act.what in ("start", "resume", "rate"):
            _check_rate(rate)
        _check_volume(act.volume_ml, session)
        if act.what == "rate":
            self._rate_by_hand(rate, act.volume_ml, session, emit)
            return
        if self.ask is None or self.ask.what != act.what or session.phase not in ALLOWED[act.what]:
            raise Refused("pump", "Nothing was asked of the pump.")
        reason = self.ask.reason
        self.ask = None
        self._write_by_hand(act, session, rate or 0.0, reason, now, emit)

    def _rate_by_hand(
        self, rate: float | None, volume_ml: float | None, session: Session, emit: Emit
    ) -> None:
        """Where no pump is read, the nurse says which rate was set."""
        if session.phase != "infusing" or not self.by_word(session):
            lost = session.infusion.unknown_since is not None
            told = "A rate is confirmed by hand while the infusion runs and no pump is read."
            raise Refused("pump", "Say first what the pump does." if lost else told)
        emit(PumpSeen("hand", None, PumpMode.RUNNING.value, rate, volume_ml))
        order = session.rate_order
        if order is not None and _same(rate, order.body.rate_ml_h):
            order.set_at_pump = True

    def _write_by_hand(
        self, act: ConfirmByHand, session: Session, rate: float, reason: str, now: Instant, emit: Emit
    ) -> None:
        match act.what:
            case "start":
                emit(_first_segment(session, None, None))
                emit(InfusionStarted("hand", rate))
            case "pause":
                emit(InfusionPaused("hand", reason, act.volume_ml))
            case "resume":
                emit(InfusionResumed("hand", rate))
            case _:
                if act.volume_ml is not None:
                    emit(PumpSeen("hand", None, "held", 0.0, act.volume_ml))
                given = session.infusion.given(now)
                emit(InfusionEnded("hand", act.volume_ml, given.mg, given.why))

    def said(self, act: ConfirmPumpState, session: Session, now: Instant, emit: Emit) -> None:
        """A person read the pump after a gap."""
        if session.infusion.unknown_since is None:
            raise Refused("pump", "The pump is known: nothing is to be confirmed.")
        if act.running:
            _check_rate(act.rate_ml_h)
        _check_volume(act.volume_ml, session)
        rate = act.rate_ml_h if act.running else 0.0
        self._word_counts = True
        emit(PumpSeen("hand", None, "running" if act.running else "held", rate, act.volume_ml))
        if act.running and session.infusion.state is State.PAUSED:
            emit(InfusionResumed("hand", rate))
        elif not act.running and session.infusion.state is State.RUNNING:
            emit(InfusionPaused("hand", "read after a gap", act.volume_ml))

    # ------------------------------------------------------------ inside

    def _held_back(self, message: PumpRead, session: Session | None) -> PumpRead:
        """Without a counter that went further than any pump pushes, until the next reading says the same."""
        frame, before = message.frame, self._jumped_to
        self._jumped_to = None
        if session is None or session.phase not in INFUSED:
            return message
        if frame.volume_ml is None or not self._outran(frame, message.at, session.infusion):
            return message
        if before is not None and before[0] == frame.serial and before[1] <= frame.volume_ml:
            return message
        self._jumped_to = (frame.serial, frame.volume_ml)
        return msgspec.structs.replace(message, frame=msgspec.structs.replace(frame, volume_ml=None))

    def _outran(self, frame: PumpFrame, at: Instant, infusion: Infusion) -> bool:
        """Whether the same pump's counter went on by more than a syringe holds, faster than any pump pushes."""
        last = infusion.segments[-1] if infusion.segments else None
        if last is None or last.serial != frame.serial:
            return False
        counted = last.counted_ml
        if counted is None or frame.volume_ml is None or infusion.read_at is None:
            return False
        pushed_ml = self._fastest_ml_h * max(0.0, at.since(infusion.read_at)) / 3600
        held_ml = frame.syringe.size_ml if frame.syringe is not None else last.container_ml or 0.0
        return frame.volume_ml - counted > max(pushed_ml, held_ml)

    def _before_start(self, frame: PumpFrame, session: Session, emit: Emit) -> None:
        """Keeps the counter of before the start, so that nothing that flows is lost."""
        flows = frame.mode is PumpMode.RUNNING and (frame.rate_ml_h or 0) > 0
        if not flows or self._before is None or self._before[0] != frame.serial:
            self._before = (frame.serial, frame.volume_ml)
        if not flows or self.ask is None or self.ask.what != "start":
            return
        self.ask = None
        emit(_first_segment(session, frame.serial, self._before[1]))
        emit(InfusionStarted("pump", frame.rate_ml_h or 0.0))
        emit(PumpSeen("pump", frame.serial, frame.mode.value, frame.rate_ml_h, frame.volume_ml))
        self._before = None

    def _under_way(self, message: PumpRead, session: Session, emit: Emit) -> None:
        frame, infusion = message.frame, session.infusion
        confirmed = frame.syringe is None or frame.syringe.confirmed
        if frame.volume_ml is not None:
            opens = infusion.needs_segment(frame.serial, frame.volume_ml, confirmed=confirmed)
            if opens is None and self._outran(frame, message.at, infusion):
                opens = (COUNTER_JUMPED, frame.volume_ml)
            if opens is not None:
                cause, baseline = opens
                _write_last(infusion, emit)
                emit(SegmentOpened(cause, frame.serial, baseline, None, None))
        if infusion.by_hand:
            self._turn(message, session, emit)
            return
        was_lost = infusion.unknown_since is not None
        turned = frame.rate_ml_h is not None and not _same(frame.rate_ml_h, infusion.rate_ml_h)
        jitters = self._written_at is not None and message.at.since(self._written_at) < RATE_EVERY_S
        if was_lost or (turned and not jitters and frame.mode is PumpMode.RUNNING):
            self._written_at = message.at
            emit(PumpSeen("pump", frame.serial, frame.mode.value, frame.rate_ml_h, frame.volume_ml))
        infusion.saw(message.at, None, frame.volume_ml, confirmed=confirmed)
        self._turn(message, session, emit)

    def _turn(self, message: PumpRead, session: Session, emit: Emit) -> None:
        """The pump's mode against the session's: written when they part."""
        frame, state, ask = message.frame, session.infusion.state, self.ask
        if frame.mode is PumpMode.HELD and ask is not None and ask.what == "end":
            self.ask = None
            given = session.infusion.given(message.at)
            emit(InfusionEnded("pump", frame.volume_ml, given.mg, given.why))
        elif frame.mode is PumpMode.HELD and state is State.RUNNING:
            asked = ask is not None and ask.what == "pause"
            reason = ask.reason if ask is not None and asked else _held_because(frame)
            if asked:
                self.ask = None
            emit(InfusionPaused("pump", reason, frame.volume_ml))
        elif frame.mode is PumpMode.RUNNING and state is State.PAUSED and (frame.rate_ml_h or 0) > 0:
            if ask is not None and ask.what == "resume":
                self.ask = None
            emit(InfusionResumed("pump", frame.rate_ml_h or 0.0))

    def _after_end(self, message: PumpRead, session: Session, emit: Emit) -> None:
        """A pump that runs on after the end still counts."""
        frame, infusion = message.frame, session.infusion
        last = infusion.segments[-1] if infusion.segments else None
        if last is None or frame.volume_ml is None or infusion.closed:
            return
        if last.serial != frame.serial:
            emit(PumpSeen("pump", frame.serial, frame.mode.value, frame.rate_ml_h, frame.volume_ml))
            return
        counted = last.counted_ml
        found = infusion.unknown_since is not None and counted is not None and frame.volume_ml >= counted
        if found or (infusion.ran_on(frame.volume_ml) and not self._ran_on):
            self._ran_on = self._ran_on or not found
            emit(PumpSeen("pump", frame.serial, frame.mode.value, frame.rate_ml_h, frame.volume_ml))

    def _measure(self, frame: PumpFrame, session: Session, emit: Emit) -> None:
        order = session.rate_order
        if order is None or order.measured or session.phase not in ("infusing", "paused"):
            return
        if self._matched is not order:
            self._matched, self._matches = order, 0
        agrees = (
            frame.mode is PumpMode.RUNNING
            and frame.alarm is None
            and _same(frame.rate_ml_h, order.body.rate_ml_h)
        )
        self._matches = self._matches + 1 if agrees else 0
        order.set_at_pump = order.set_at_pump or agrees
        if self._matches >= self._measured_readings:
            self._matches = 0
            emit(RateMeasured(order.body.rate_ml_h))

    def _compare(self, now: Instant, session: Session) -> None:
        """Since when the pump's rate is not the ordered one."""
        frame = self.frame
        expected = session.expected_rate_ml_h(now)
        running = (
            session.infusion.state is State.RUNNING and self.heard_now(now) and not session.infusion.by_hand
        )
        if not running or frame is None or frame.rate_ml_h is None or _same(frame.rate_ml_h, expected):
            self.differs_since = None
        elif self.differs_since is None:
            self.differs_since = now


def _tells(frame: PumpFrame, session: Session | None) -> bool:
    """Whether a reading says what the pump does, and in an infusion what it counted."""
    if frame.mode is PumpMode.UNKNOWN:
        return False
    return frame.volume_ml is not None or session is None or session.phase not in UNDER_WAY


def _write_last(infusion: Infusion, emit: Emit) -> None:
    """Where a counter stood when its segment ended: samples come more rarely than readings."""
    last = infusion.segments[-1] if infusion.segments else None
    if last is not None and not last.by_hand and infusion.unknown_since is None:
        running = PumpMode.RUNNING if infusion.state is State.RUNNING else PumpMode.HELD
        emit(PumpSeen("pump", last.serial, running.value, None, last.volume_ml))


def _lost(session: Session, since: Instant, now: Instant, why: str) -> PumpLost:
    segments = session.infusion.segments
    volume_ml = segments[-1].volume_ml if segments else None
    return PumpLost(since.utc, why, round(max(0.0, now.since(since)), 3), volume_ml)


def _check_rate(rate_ml_h: float | None) -> None:
    if rate_ml_h is None or not 0 < rate_ml_h < math.inf:
        raise Refused("rate_ml_h", "Say at which rate the pump runs.")


def _check_volume(volume_ml: float | None, session: Session) -> None:
    """A person cannot have read a counter that went back."""
    if volume_ml is None:
        return
    if not 0 <= volume_ml < math.inf:
        raise Refused("volume_ml", "The pump's counter shows 0 mL or more.")
    segments = session.infusion.segments
    counted = segments[-1].counted_ml if segments and not segments[-1].by_hand else None
    if counted is not None and volume_ml < counted:
        raise Refused(
            "volume_ml",
            f"{volume_ml:g} mL is less than the {counted:g} mL read before. "
            "If the counter was cleared, leave it open: the pump tells it when it is read again.",
        )


def confirm_segment(
    act_ml: float, concentration: float, *, same: bool, volume_ml: float | None
) -> SegmentConfirmed:
    """What a person said is in the pump; raises Refused on a container that cannot be."""
    if not 0 < act_ml < math.inf:
        raise Refused("container_ml", "The container's volume must be above 0 mL.")
    if not 0 < concentration < math.inf:
        raise Refused("concentration_mg_ml", "The concentration must be above 0 mg/mL.")
    return SegmentConfirmed(act_ml, concentration, same, volume_ml)


def _first_segment(session: Session, serial: str | None, baseline_ml: float | None) -> SegmentOpened:
    order = session.order
    if order is None:
        raise Refused("order", "There is no signed order.")
    return SegmentOpened("start", serial, baseline_ml, order.container_ml, order.concentration_mg_ml)


def _same(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and abs(a - b) < SAME_RATE_ML_H


def _held_because(frame: PumpFrame) -> str:
    """Why the pump stopped by itself; its alarm's words come with the next reading and stand as an alarm."""
    return "stopped by a pump alarm" if frame.alarm is not None else "held at the pump"
