"""Acts of the sound: paused and back, switched on and off, tried, and whether the tones were heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.entries import CLINIC, AudioPaused, SoundSwitched, SoundTested
from app.frames import Answer
from app.messages import PauseAudio, ResumeAudio, SayHeard, SwitchSound, Tap, TrySound
from app.refusals import Refused
from app.sounding import TOUCHED, loud_rows, write_sound

if TYPE_CHECKING:
    from app.engine import Engine

WATCHED = ("infusing", "paused", "recovery")
"""Phases in which a tone that means nothing would be taken for an alarm."""

Do = Callable[["Engine", Tap, Any, str], Answer]


def _pause(engine: Engine, tap: Tap, act: PauseAudio, author: str) -> Answer:
    sounding = engine.sounding
    if sounding.pause is not None:
        return Answer("taken")
    if sounding.state(engine) != "on" or not loud_rows(engine):
        raise Refused("sound", "Nothing sounds now.")
    sounding.begin_pause(engine)
    write_sound(engine, AudioPaused(engine.catalog.iec.audio_paused_max_s), author)
    return Answer("taken")


def _resume(engine: Engine, tap: Tap, act: ResumeAudio, author: str) -> Answer:
    if engine.sounding.pause is not None:
        engine.sounding.end_pause(engine, TOUCHED, author)
    return Answer("taken")


def _switch(engine: Engine, tap: Tap, act: SwitchSound, author: str) -> Answer:
    if act.on == engine.clinic.sound_on:
        return Answer("taken")
    switched = SoundSwitched(act.on)
    engine.write(switched, tap.at, author, CLINIC)
    if engine.session is not None and not engine.session.finished:
        engine.write(switched, tap.at, author)
    return Answer("taken")


def _try(engine: Engine, tap: Tap, act: TrySound, author: str) -> Answer:
    if engine.session is not None and engine.session.phase in WATCHED:
        raise Refused("sound", "Not while a patient is watched: the tones would be taken for alarms.")
    if not engine.sounding.trial:
        engine.sounding.begin_trial(engine)
    return Answer("taken")


def _heard(engine: Engine, tap: Tap, act: SayHeard, author: str) -> Answer:
    if act.heard and not engine.sounding.all_played:
        raise Refused("sound", "Not every tone was played yet. Listen to the end, or try again.")
    entry = engine.write(SoundTested(act.heard), tap.at, author, CLINIC)
    return Answer("taken", entry=entry.uuid)


SOUND_ACTS: dict[type, Do] = {
    PauseAudio: _pause,
    ResumeAudio: _resume,
    SwitchSound: _switch,
    TrySound: _try,
    SayHeard: _heard,
}
