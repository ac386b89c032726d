"""The self-test at the start of the day: what was found, judged, each finding in words with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from app.clinical.tables import SelfTestRule
from app.entries import SelfTested
from app.instant import Instant
from app.messages import DisplayFound, LinkState, RecordProbed, SleepTold

NO_BACK_UP = "No back-up is known. Make one today: without it a lost disk loses every record."


class SoundFound(msgspec.Struct, frozen=True):
    """The sound that was switched on: why nothing is heard, "" where a loudspeaker is; whether a person heard it."""

    why: str
    heard: bool | None


class PortFound(msgspec.Struct, frozen=True):
    """What a connected device's port does: its link's state, None before it was tried, and why it is down."""

    state: LinkState | None
    why: str


def judge(
    rule: SelfTestRule,
    now: Instant,
    record: RecordProbed,
    ports: Mapping[str, PortFound],
    display: DisplayFound | None,
    sleep: SleepTold | None = None,
    sound: SoundFound | None = None,
) -> SelfTested:
    """The entry of a self-test; what was not looked at does not stand among the tested."""
    found: dict[str, str] = {
        "disk": _disk(rule, record),
        "database": record.database,
        "chain": record.chain,
        "clock": _clock(rule, now, record.newest),
        f"key ({record.key})" if not record.key_problem else "key": record.key_problem,
        "back-up": _back_up(rule, now, record.backed_up),
    }
    found |= {device: _port(device, port) for device, port in ports.items()}
    if display is not None:
        found |= {"display": _display(display), "printer": _printer(display)}
    if sleep is not None:
        found["sleep"] = sleep.why
    if sound is not None:
        found["sound"] = _sound(sound)
    return SelfTested(tuple(found), {what: words for what, words in found.items() if words})


def _disk(rule: SelfTestRule, record: RecordProbed) -> str:
    if record.write_problem:
        return record.write_problem
    if record.free_mb < rule.disk_free_least_mb:
        return f"The disk has {record.free_mb} MB left. Free some space before a session."
    return ""


def _clock(rule: SelfTestRule, now: Instant, newest: datetime | None) -> str:
    if newest is None:
        return ""
    behind_s = (newest - now.utc).total_seconds()
    if behind_s > rule.clock_behind_most_s:
        return (
            f"The clock shows an earlier time than the newest entry ({newest:%d %b %Y %H:%M} UTC). "
            "Set the computer's clock."
        )
    return ""


def _back_up(rule: SelfTestRule, now: Instant, made: datetime | None) -> str:
    if made is None:
        return NO_BACK_UP
    hours = (now.utc - made).total_seconds() / 3600
    if hours > rule.back_up_oldest_h:
        return f"The newest back-up is {hours / 24:.0f} days old. Make one today."
    return ""


def _port(device: str, port: PortFound) -> str:
    name = device.capitalize()
    if port.state is LinkState.LIVE:
        return ""
    if port.state is LinkState.DOWN and port.why:
        return f"{name}: {port.why}"
    return f"{name}: its port is open and nothing is heard. Switch it on and check the cable."


def _sound(sound: SoundFound) -> str:
    if sound.why:
        return f"No sound: {sound.why[:1].lower()}{sound.why[1:]}"
    if sound.heard is None:
        return "The sound is on and nobody tried it. Try it in Set-up."
    return "" if sound.heard else "Not all tones were heard. Turn the loudspeaker up and try them in Set-up."


def _display(display: DisplayFound) -> str:
    if display.too_small:
        return f"The screen is too small ({display.too_small}). Use a panel of 12 inches or more."
    return ""


def _printer(display: DisplayFound) -> str:
    return (
        ""
        if display.printers
        else "No printer is ready. Check it; until then summaries are kept and printed later."
    )
