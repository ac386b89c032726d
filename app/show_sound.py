"""The sound in words: its chip in the bar, its pause, and how Set-up tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.entries import SoundTested
from app.frames import DeviceChip
from app.instant import Instant
from app.show_infusion import clock
from app.show_tiles import mmss
from app.sound_frames import SoundFrame
from app.sounding import loud_rows

if TYPE_CHECKING:
    from app.engine import Engine

WORDS = {
    "off": "Off: the monitor alone sounds.",
    "waiting": "On: the computer is asked for its loudspeaker.",
    "on": "On: alarms of Chairside sound beside those of the monitor.",
    "paused": "On, paused: a new alarm sounds at once.",
}
"""What each state means; of none the reason is told."""


def sound_frame(engine: Engine, now: Instant) -> SoundFrame:
    """The sound as it is now."""
    sounding = engine.sounding
    state = sounding.state(engine)
    pause = ""
    if state == "paused" and sounding.pause is not None:
        pause = mmss(sounding.pause.left_s(now))
    elif state == "on" and loud_rows(engine):
        pause = mmss(engine.catalog.iec.audio_paused_max_s)
    words = WORDS.get(state) or no_sound(sounding.why_none(engine) or "")
    failed = no_sound(sounding.failed) if sounding.failed else ""
    return SoundFrame(state, words, pause, _tested(engine), failed)


def no_sound(why: str) -> str:
    """A reason in the words of the screen: "No sound: no loudspeaker was found."."""
    return f"No sound: {why[:1].lower()}{why[1:]}"


def sound_chip(engine: Engine, now: Instant) -> DeviceChip:
    """The sound beside monitor and pump: "on" or "off", else in bold."""
    state = sound_frame(engine, now).state
    return DeviceChip("sound", "Sound", state, state in ("on", "off"))


def _tested(engine: Engine) -> str:
    """The last trial: "Heard 22 Nov 07:58, LK"."""
    entry = engine.clinic.sound_tested
    if entry is None or not isinstance(entry.body, SoundTested):
        return "Never tried."
    day = f"{entry.at.utc.astimezone(engine.zone):%d %b}"
    said = "All tones heard" if entry.body.heard else "Not all tones heard"
    return f"{said} {day} {clock(engine, entry.at)[:5]}, {engine.clinic.initials(entry.author)}."
