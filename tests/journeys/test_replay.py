"""A recorded monitor drives a whole session: bytes in, tiles out, each reading at the second it came in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.clinical.protocol import default_order, finish
from app.entries import SessionOpened
from app.frames import Snapshot, Tile
from app.instant import Instant
from app.messages import (
    AnyAct,
    AskPump,
    ConfirmByHand,
    DeviceDraft,
    FirstRunDone,
    OpenPatient,
    SignIn,
    SignOrder,
    StaffDraft,
    Tap,
)
from db.export import read_whole
from main import Parts
from tests.fakes import check_in_acts

START = Instant(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), 1000.0)
STAFF = (
    StaffDraft("L. Keller", "LK", ("nurse", "administrator"), "1111"),
    StaffDraft("Dr. A. Mora", "AM", ("anesthetist",), "3333"),
)


class Chair:
    """A chair without a screen, stepped on a clock of its own, whose monitor is a recording."""

    def __init__(self, folder: Path, recording: Path) -> None:
        self.now = START
        self.newest: Snapshot | None = None
        self.parts = Parts(
            folder,
            lambda: self.now,
            self._take,
            boot="replay",
            demo=True,
            replay=(recording, "ge-dri"),
            quick_pins=True,
            zone=UTC,
        )

    def _take(self, snapshot: Snapshot) -> None:
        self.newest = snapshot

    @property
    def shown(self) -> Snapshot:
        """The newest snapshot."""
        assert self.newest is not None
        return self.newest

    def at(self, seconds: float) -> None:
        """Everything once, so many seconds after the start."""
        self.now = START.plus(seconds)
        self.parts.step(self.now)

    def touch(self, act: AnyAct) -> None:
        """A touch that is taken, at the moment that it is."""
        tap = uuid.uuid4().hex
        self.parts.post(Tap(tap, self.now, act))
        for _ in range(3):  # the engine asks the store, the store answers, the engine hears it
            self.parts.step(self.now)
        answer = self.shown.answers[tap]
        assert answer.state == "taken", answer

    def staff(self, initials: str) -> str:
        """The id of a member of staff."""
        return next(row.staff for row in self.shown.staff if row.initials == initials)

    def tile(self, key: str) -> Tile:
        """A tile as it is shown now."""
        return next(tile for tile in self.shown.tiles if tile.key == key)


def begin(chair: Chair) -> None:
    """From the first run to the running infusion, all in the recording's first second."""
    chair.at(0.0)
    chair.touch(FirstRunDone("Clinic", STAFF, (DeviceDraft("monitor", "ge-dri", "the recording"),)))
    chair.touch(SignIn(chair.staff("LK"), "1111"))
    born = date(1965, 2, 14)
    chair.touch(OpenPatient("417", "Rosa Martin", born, "female", 70.0, (), none_known=True))
    catalog = chair.parts.catalog
    draft = default_order(catalog.protocols["low-dose-one-hour"], catalog, 70.0)
    filled = msgspec.structs.replace(draft, max_rate=0.6, container_ml=50.0, drug_in_container_mg=100.0)
    chair.touch(SignOrder(finish(filled), chair.staff("AM"), "3333"))
    for act in check_in_acts(chair.now):
        chair.touch(act)
    chair.touch(AskPump("start"))
    chair.touch(ConfirmByHand("start"))
    assert chair.shown.phase == "infusing"


@pytest.fixture
def recording(captures: Path) -> Path:
    """A recorded GE monitor of 14 minutes, 2018."""
    return captures / "monitors" / "ge_dri_pycollect" / "db00_part1.raw"


@pytest.fixture
def chair(tmp_path: Path, recording: Path) -> Iterator[Chair]:
    """The chair with the infusion running."""
    made = Chair(tmp_path, recording)
    begin(made)
    yield made
    made.parts.stop()


def by_second(recording: Path) -> dict[int, dict[str, Any]]:
    """What the independent decoder says that the monitor sent in each second of the recording, last word last."""
    lines = [json.loads(line) for line in recording.with_suffix(".expected.jsonl").read_text().splitlines()]
    return {line["r_time"] - lines[0]["r_time"]: line for line in lines if "hr" in line}


def new_pressures(recording: Path) -> list[str]:
    """Each pressure that the monitor sent, but for the first: that one was measured before the recording."""
    pressures: list[str] = []
    for line in by_second(recording).values():
        if "INVALID" in (line["sys"], line["dia"]):
            continue
        pressure = f"{line['sys']:.0f}/{line['dia']:.0f}"
        pressures += [pressure] if [pressure] != pressures[-1:] else []
    return pressures[1:]


def text(value: object) -> str:
    """A whole number as a tile shows it."""
    return "--" if value == "INVALID" else f"{value:.0f}"


def test_the_tiles_show_what_the_monitor_said_in_that_second_and_each_new_pressure_once(
    chair: Chair, recording: Path
) -> None:
    expected = by_second(recording)
    pressures: list[str] = []
    for second in range(1, max(expected) + 1):
        chair.at(second + 0.1)
        if second in expected:
            line = expected[second]
            seen = (chair.tile("heart_rate").text, chair.tile("spo2").text)
            assert seen == (text(line["hr"]), text(line["spo2"])), f"in second {second}"
        pressure = chair.tile("nibp")
        if pressure.text != "--" and [pressure.text] != pressures[-1:]:
            pressures.append(pressure.text)
    assert pressures == new_pressures(recording)
    assert len(pressures) == 6


def test_a_recording_that_has_ended_leaves_no_value_that_looks_live(chair: Chair, recording: Path) -> None:
    end = max(by_second(recording))
    for second in range(end - 30, end + 60):
        chair.at(float(second))
    assert chair.tile("heart_rate").state != "live"
    assert "Monitor: no data since 09:14" in [row.text[:28] for row in chair.shown.alarms.rows]


def test_a_session_on_a_recording_is_marked_as_a_demonstration(chair: Chair, tmp_path: Path) -> None:
    assert chair.shown.header.demo
    session = chair.shown.session
    opened = [e.body for e in read_whole(tmp_path, session).entries if isinstance(e.body, SessionOpened)]
    assert [body.demo for body in opened] == [True]
