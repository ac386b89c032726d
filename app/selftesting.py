"""When the self-test runs: once a day, some seconds after the start, and never while an infusion is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.entries import CHAIRSIDE, CLINIC, SoundTested
from app.instant import Instant
from app.messages import DisplayFound, RecordProbed, SleepTold
from app.ports import ProbeRecord
from app.selftest import PortFound, SoundFound, judge

if TYPE_CHECKING:
    from app.engine import Engine

BUSY = ("infusing", "paused", "recovery")
"""Phases in which the store has more urgent things to do."""

LOOKED_S = 24 * 3600.0
"""What was seen of the screen and the printers longer ago is no part of today's test."""


class SelfTesting:
    """The one self-test that may be on its way."""

    def __init__(self, now: Instant) -> None:
        self.display: DisplayFound | None = None
        self.sleep: SleepTold | None = None
        self._began = now
        self._asked = False

    def tick(self, engine: Engine, now: Instant) -> None:
        """Asks the store to look, where today's test is due."""
        rule = engine.catalog.self_test
        waited = now.since(self._began) >= rule.wait_s
        busy = engine.session is not None and engine.session.phase in BUSY
        if self._asked or busy or not waited or not engine.clinic.set_up or tested_today(engine, now):
            return
        self._asked = True
        engine.store.put(ProbeRecord())

    def probed(self, engine: Engine, record: RecordProbed) -> None:
        """The store has looked: the test is judged and kept."""
        self._asked = False
        ports = {
            device: _port(engine, device)
            for device in engine.clinic.devices
            if engine.clinic.connected(device)
        }
        if engine.backup is not None:
            record = msgspec.structs.replace(record, backed_up=engine.backup.made)
        display = self.display
        if display is not None and engine.now.since(display.at) > LOOKED_S:
            display = None
        body = judge(engine.catalog.self_test, engine.now, record, ports, display, self.sleep, _sound(engine))
        engine.write(body, engine.now, CHAIRSIDE, CLINIC)


def tested_today(engine: Engine, now: Instant) -> bool:
    """Whether the newest self-test is of this local day."""
    tested = engine.clinic.tested
    if tested is None:
        return False
    return tested.at.utc.astimezone(engine.zone).date() == now.utc.astimezone(engine.zone).date()


def _sound(engine: Engine) -> SoundFound | None:
    """The sound, where it is on and the computer answered; what is off is not tested."""
    why = engine.sounding.why_none(engine)
    if not engine.clinic.sound_on or why is None:
        return None
    tried = engine.clinic.sound_tested
    heard = tried.body.heard if tried is not None and isinstance(tried.body, SoundTested) else None
    return SoundFound(why, heard)


def _port(engine: Engine, device: str) -> PortFound:
    link = engine.links.get(device)
    return PortFound(link.state, link.why) if link is not None else PortFound(None, "")
