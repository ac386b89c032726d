"""A chair in real time without a screen: the whole engine room on its threads, at whatever ports it is told."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest

from app.catalog import Catalog
from app.clinical.protocol import Order, default_order, finish
from app.frames import Answer, Snapshot
from app.messages import (
    AnyAct,
    AskPump,
    DeviceDraft,
    FirstRunDone,
    NoteEffect,
    OpenPatient,
    SignIn,
    SignOrder,
    StaffDraft,
    Tap,
)
from devices.clock import boot_id, system_clock
from devices.loudspeaker import Outputs
from devices.simulated.world import World
from main import Parts
from tests.fakes import check_in_acts

DEADLINE_S = 20.0
BORN = date(1965, 2, 14)


def order_for(catalog: Catalog) -> Order:
    """The low-dose hour for 70 kg, with what its page leaves unset filled."""
    draft = default_order(catalog.protocols["low-dose-one-hour"], catalog, 70.0)
    filled = msgspec.structs.replace(draft, max_rate=0.6, container_ml=50.0, drug_in_container_mg=100.0)
    return finish(filled)


class Chair:
    """A chair without a screen: it keeps the newest snapshot and posts touches."""

    def __init__(
        self,
        folder: Path,
        show: Callable[[Snapshot], None] = lambda _snapshot: None,
        heard: Callable[[object], None] | None = None,
        outputs: Outputs | None = None,
    ) -> None:
        """`show` gets each snapshot as a screen would; `heard` what comes from store and links, on their threads.

        `outputs` are its loudspeakers.
        """
        self._show = show
        self.newest: Snapshot | None = None
        self._news = threading.Condition()
        self.parts = Parts(
            folder, system_clock, self._take, boot=boot_id(), quick_pins=True, heard=heard, outputs=outputs
        )
        self.parts.start()

    def _take(self, snapshot: Snapshot) -> None:
        with self._news:
            self.newest = snapshot
            self._news.notify_all()
        self._show(snapshot)

    def until(self, holds: Callable[[Snapshot], bool], what: str) -> Snapshot:
        """The first snapshot of which it holds; fails after the deadline."""
        end = time.monotonic() + DEADLINE_S
        with self._news:
            while (left_s := end - time.monotonic()) > 0:
                if self.newest is not None and holds(self.newest):
                    return self.newest
                self._news.wait(left_s)
        pytest.fail(f"not seen within {DEADLINE_S:g} s: {what}")

    def touch(self, act: AnyAct) -> Answer:
        """A touch and its final answer."""
        tap = uuid.uuid4().hex
        self.parts.post(Tap(tap, system_clock(), act))
        done = ("taken", "refused", "asked")
        seen = self.until(lambda s: tap in s.answers and s.answers[tap].state in done, f"an answer to {act}")
        return seen.answers[tap]

    def staff(self, initials: str) -> str:
        assert self.newest is not None
        return next(row.staff for row in self.newest.staff if row.initials == initials)


def infuse(chair: Chair, world: World, monitor: str, pump: str) -> str:
    """From the first run to a running infusion with an effect noted; the session."""
    chair.until(lambda s: s.phase == "first-run", "the first run")
    staff = (
        StaffDraft("L. Keller", "LK", ("nurse", "administrator"), "1111"),
        StaffDraft("Dr. A. Mora", "AM", ("anesthetist",), "3333"),
    )
    devices = (DeviceDraft("monitor", "ge-dri", monitor), DeviceDraft("pump", "alaris", pump))
    assert chair.touch(FirstRunDone("Clinic", staff, devices)).state == "taken"
    chair.until(lambda s: len(s.staff) == 2, "the staff")
    assert chair.touch(SignIn(chair.staff("LK"), "1111")).state == "taken"
    assert chair.touch(OpenPatient("417", "Rosa Martin", BORN, "female", 70.0, (), True)).state == "taken"
    for act in check_in_acts(system_clock()):
        assert chair.touch(act).state == "taken"
    assert chair.touch(SignOrder(order_for(chair.parts.catalog), chair.staff("AM"), "3333")).state == "taken"
    chair.until(
        lambda s: any(t.key == "heart_rate" and t.state == "live" for t in s.tiles), "a live heart rate"
    )
    chair.until(lambda s: s.infusion is not None and s.infusion.source == "pump", "the pump read")
    world.bench.set_rate(17.5)
    assert chair.touch(AskPump("start")).state == "taken"
    world.bench.key("start")
    seen = chair.until(lambda s: s.phase == "infusing", "the infusion seen at the pump")
    assert chair.touch(NoteEffect("nausea", 2)).state == "taken"
    chair.until(lambda s: s.saved.state == "saved", "the entry on disk")
    return seen.session
