"""What should sound now. The monitor owns the tone: Chairside sounds only where somebody switched it on.

Of what stands on the alarm board and nobody acknowledged, the highest priority sounds: a high alarm burst after burst,
a medium one in notices that are given again, a low one once. A new alarm, and one that became worse, is heard at once
and ends an audio pause. What is no alarm (an advisory, a notice, dim light) neither sounds nor silences.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from app.clinical.alarms import SEVERITY
from app.clinical.rows import IecSignal, Priority
from app.clinical.tables import Catalog
from app.clinical.tones import LOWEST_FIRST, burst_s, signal_of
from app.entries import CHAIRSIDE, CLINIC, AnyBody, AudioResumed
from app.instant import Instant
from app.messages import SoundTold

if TYPE_CHECKING:
    from app.engine import Engine

Loud = Mapping[str, Priority]
"""What stands and nobody acknowledged: each alarm's key with its priority."""
State = Literal["off", "waiting", "none", "paused", "on"]

NEW_ALARM, TIME_OVER, NOTHING_LEFT, TOUCHED = "new alarm", "time over", "nothing to sound", "touched"
"""Why an audio pause ended."""

ALARM_FIRST: Final = "An alarm sounds, and goes before a trial."
NO_SOUNDER: Final = "This start of Chairside plays no sound: it is a rehearsal, or faster than the clock."
SLOW: Final = (
    "The computer does not answer about its loudspeaker. Restart it, or switch the sound off in Set-up."
)


def worse(loud: Loud, known: Loud) -> bool:
    """Whether something is new among these, or more severe than it was known."""
    return any(key not in known or SEVERITY[loud[key]] > SEVERITY[known[key]] for key in loud)


def highest(loud: Loud) -> Priority | None:
    """The priority that sounds; None in silence."""
    return max(loud.values(), key=SEVERITY.__getitem__, default=None)


class Pause(msgspec.Struct, frozen=True):
    """Silence for a limited time, for the alarms that stood when it began."""

    began: Instant
    seconds: float
    covers: dict[str, Priority]

    def left_s(self, now: Instant) -> float:
        """What is left of it."""
        return self.seconds - now.since(self.began)


class Tones:
    """Which burst begins when, of what may be heard. Time and alarms come in, a priority comes out."""

    def __init__(self, catalog: Catalog) -> None:
        self._iec = catalog.iec
        self._renotify_s = catalog.alarm_fatigue.renotify_medium_s
        self._known: dict[str, Priority] = {}
        self._top: Priority | None = None
        self._left: int | None = 0
        self._due_s = self._free_s = inf

    def step(self, now: Instant, loud: Loud) -> Priority | None:
        """The burst that begins now, if one does."""
        top, news = highest(loud), worse(loud, self._known)
        self._known = dict(loud)
        if top != self._top:
            self._top = top
            # It does not wait for the end of another priority's burst.
            self._free_s, self._due_s, news = now.steady, inf, True
        if top is None:
            return None
        signal = signal_of(self._iec, top)
        if news:
            self._due_s = min(self._due_s, max(now.steady, self._free_s))
            self._left = signal.bursts
        if now.steady < self._due_s:
            return None
        self._begin(now, top, signal)
        return top

    def _begin(self, now: Instant, top: Priority, signal: IecSignal) -> None:
        """A burst begins: when the next one does, of this notice or of another."""
        between_s = signal.interburst_s or signal.interburst_longer_than_s or 0.0
        self._free_s = now.steady + burst_s(signal, self._iec.pulse) + between_s
        if self._left is None or self._left > 1:
            self._left = None if self._left is None else self._left - 1
            self._due_s = self._free_s
            return
        self._left = signal.bursts if top == "medium" else 0
        self._due_s = now.steady + self._renotify_s if top == "medium" else inf


class Sounding:
    """The sound of this chair: switched on or off, paused, tried; what the loudspeaker said last."""

    def __init__(self, catalog: Catalog) -> None:
        self._iec = catalog.iec
        self._tones = Tones(catalog)
        self.told: SoundTold | None = None
        self.pause: Pause | None = None
        self.trial = self.all_played = False
        self.failed = ""
        self._untried: list[Priority] = []
        self._trial_s = 0.0
        self._wanted_since: Instant | None = None
        self._heard = False

    # ------------------------------------------------------------ what it is

    def why_none(self, engine: Engine) -> str | None:
        """Why nothing can be heard; "" where something can, None while it is not known yet."""
        if engine.sounder is None:
            return NO_SOUNDER
        if engine.sounder.waits_s > self._iec.loudspeaker_lost_after_s:
            return SLOW
        if self.told is not None:
            return self.told.why
        since = self._wanted_since
        waited_s = engine.now.since(since) if since is not None else 0.0
        return SLOW if waited_s > self._iec.loudspeaker_answers_within_s else None

    def state(self, engine: Engine) -> State:
        """What the screen says of the sound."""
        if not engine.clinic.sound_on:
            return "off"
        why = self.why_none(engine)
        if why is None:
            return "waiting"
        return "none" if why else "paused" if self.pause is not None else "on"

    # ------------------------------------------------------------ time

    def tick(self, engine: Engine) -> None:
        """Pauses end, bursts begin, a loudspeaker is held for as long as it is wanted."""
        self._hold(engine)
        loud = loud_rows(engine)
        self._watch_pause(engine, loud)
        may_sound = self.state(engine) == "on"
        self._sound(engine, loud if may_sound else {})
        self._try(engine, busy=bool(loud) and may_sound)

    def _hold(self, engine: Engine) -> None:
        wanted = engine.clinic.sound_on or self.trial
        if not wanted:
            self._wanted_since = self.told = None
        elif self._wanted_since is None:
            self._wanted_since = engine.now
        if engine.sounder is not None:
            engine.sounder.want(wanted)

    def _sound(self, engine: Engine, loud: Loud) -> None:
        burst = self._tones.step(engine.now, loud)
        if engine.sounder is None:
            return
        if burst is not None:
            engine.sounder.play(burst)
        elif self._heard and not loud:
            engine.sounder.hush()
        self._heard = bool(loud)

    # ------------------------------------------------------------ the pause

    def begin_pause(self, engine: Engine) -> None:
        """What stands now is silent for as long as the table allows."""
        self.pause = Pause(engine.now, self._iec.audio_paused_max_s, dict(loud_rows(engine)))

    def end_pause(self, engine: Engine, why: str, author: str = CHAIRSIDE) -> None:
        """The sound is back."""
        self.pause = None
        write_sound(engine, AudioResumed(why), author)

    def _watch_pause(self, engine: Engine, loud: Loud) -> None:
        if self.pause is None:
            return
        if worse(loud, self.pause.covers):
            self.end_pause(engine, NEW_ALARM)
        elif not loud:
            self.end_pause(engine, NOTHING_LEFT)
        elif self.pause.left_s(engine.now) <= 0:
            self.end_pause(engine, TIME_OVER)
        else:
            # What is over and comes back is new.
            self.pause = msgspec.structs.replace(self.pause, covers=dict(loud))

    # ------------------------------------------------------------ the trial

    def begin_trial(self, engine: Engine) -> None:
        """Each priority once, the lowest first; with the sound off a loudspeaker is asked for meanwhile."""
        self.trial, self._untried, self._trial_s = True, list(LOWEST_FIRST), engine.now.steady
        self.all_played, self.failed = False, ""

    def _try(self, engine: Engine, *, busy: bool) -> None:
        """The next tone of a trial; an alarm goes before it, and without a loudspeaker it ends."""
        if not self.trial:
            return
        why = self.why_none(engine)
        if busy or why:
            self.trial, self.failed = False, why or ALARM_FIRST
        elif why is not None and engine.now.steady >= self._trial_s:
            self.trial = bool(self._untried)
            if self._untried and engine.sounder is not None:
                priority = self._untried.pop(0)
                self.all_played = not self._untried
                engine.sounder.play(priority)
                lasts_s = burst_s(signal_of(self._iec, priority), self._iec.pulse)
                self._trial_s = engine.now.steady + lasts_s + (self._iec.high.interburst_s or 0.0)


def loud_rows(engine: Engine) -> dict[str, Priority]:
    """What stands on the board and nobody acknowledged."""
    return {row.condition.key: row.condition.priority for row in engine.board.rows if not row.acknowledged}


def write_sound(engine: Engine, body: AnyBody, author: str) -> None:
    """Into the session's record while there is one, else into the clinic's log."""
    session = engine.session
    under_way = session is not None and not session.finished
    engine.write(body, engine.now, author, None if under_way else CLINIC)
