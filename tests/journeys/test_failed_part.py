"""A part that fails by a bug: it is reported without names, recording goes on, and what cannot go on is said."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.catalog import load
from app.entries import NoteWritten
from app.frames import Snapshot
from app.instant import Instant
from app.keeping import TIMES
from app.messages import AnyAct, OpenPatient, SignIn, Tap, WriteNote
from app.ports import CheckPin
from app.settings import BackupSetting
from db.export import read_all
from db.verify import verify
from devices.awake import Awake, NoLock
from devices.choosing import SerialDevices
from devices.clock import system_clock
from devices.simulated.world import SimulatedPort, World
from main import Parts, seed_demo
from tests.app.chair import patient
from ui.application import Application
from ui.crash import NOTICE, CrashWatch
from ui.screens.check_in import CheckInScreen
from ui.sheets.note import NoteSheet

NAME = "Rosa Martin"
SOON_MS = 10_000
NOT_UPDATING_S = 2.0
LATE_S = 0.5
"""What a shared machine may add to a time that is measured."""


class Unheard:
    """A message that the engine was never told of: its handling is a bug, and its words hold a name."""

    def __repr__(self) -> str:
        return NAME


class Live:
    """The demonstration with all of its threads, in this process."""

    def __init__(self, folder: Path, world: World, kind: type[Parts] = Parts, **more: Any) -> None:
        self.folder = folder
        self.application = Application(ppi=125.0, size=(1280, 800))
        self.parts = kind(
            folder,
            system_clock,
            self.application.bridge.offer,
            boot=uuid.uuid4().hex,
            world=world,
            demo=True,
            quick_pins=True,
            zone=UTC,
            **more,
        )
        seed_demo(self.parts)
        self.window = self.application.open_window(
            load(), system_clock, self.parts.post, SerialDevices(self.parts.connect), None, folder, "A4", UTC
        )
        self.said: list[str] = []
        self.watch = CrashWatch(self._say)
        self.watch.install()
        self.application.bridge.start()
        self.parts.runner.step(system_clock())
        self.parts.start()
        self.window.show()

    def _say(self, text: str) -> None:
        self.said.append(text)
        self.window.say_notice(text)

    @property
    def shot(self) -> Snapshot:
        """What the window shows."""
        assert self.window.snapshot is not None
        return self.window.snapshot

    def tap(self, act: AnyAct) -> str:
        """A touch, as a screen posts it."""
        tap = Tap(uuid.uuid4().hex, system_clock(), act)
        self.parts.post(tap)
        return tap.id

    def do(self, qtbot: QtBot, act: AnyAct) -> None:
        """A touch that is taken."""
        tap = self.tap(act)
        until(qtbot, lambda: tap in self.shot.answers and self.shot.answers[tap].state == "taken")

    def sign_in(self, qtbot: QtBot) -> None:
        """The first nurse comes to the chair."""
        until(qtbot, lambda: bool(self.shot.staff))
        self.do(qtbot, SignIn(self.shot.staff[0].staff, "1111"))

    def notes(self) -> list[str]:
        """The notes that are on disk."""
        bodies = [entry.body for entry in read_all(self.folder)[0]]
        return [body.text for body in bodies if isinstance(body, NoteWritten)]

    def close(self) -> None:
        self.application.bridge.stop()
        self.parts.stop()
        self.watch.remove()
        self.window.close()
        self.window.deleteLater()


def until(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    """Wait for it while the window lives."""
    qtbot.waitUntil(holds, timeout=SOON_MS)


@pytest.fixture
def live(tmp_path: Path, qtbot: QtBot) -> Iterator[Live]:
    """A nurse and a patient are there."""
    chair = Live(tmp_path / "data", World())
    chair.sign_in(qtbot)
    chair.do(qtbot, a_patient())
    yield chair
    chair.close()
    assert verify(tmp_path / "data").problems == ()


def a_patient() -> OpenPatient:
    act = patient()
    assert isinstance(act, OpenPatient)
    return act


def test_a_session_that_fails_comes_back_from_disk_and_goes_on(
    live: Live, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    before, session = live.shot, live.shot.session
    with caplog.at_level(logging.ERROR, "chairside.crash"):
        live.tap(WriteNote("just before"))
        live.parts.post(Unheard())
        until(qtbot, lambda: live.shot.locked)
    assert live.shot.number > before.number
    assert live.shot.session == session
    assert live.said == [NOTICE]
    live.sign_in(qtbot)
    live.do(qtbot, WriteNote("after"))
    until(qtbot, lambda: live.notes() == ["just before", "after"])
    assert "TypeError at" in caplog.text
    assert "engine.py" in caplog.text
    assert NAME not in caplog.text
    assert live.window.not_updating.isHidden()


def test_a_session_that_fails_again_and_again_is_covered_within_two_seconds(live: Live, qtbot: QtBot) -> None:
    seen: list[float] = []
    live.window.shown.connect(lambda: seen.append(time.monotonic()))
    until(qtbot, lambda: bool(seen))
    for _ in range(TIMES):
        live.parts.post(Unheard())
    until(qtbot, lambda: not live.window.not_updating.isHidden())
    assert time.monotonic() - seen[-1] <= NOT_UPDATING_S + LATE_S
    assert live.watch.count == TIMES


def test_a_store_that_fails_at_a_question_goes_on_writing(live: Live, qtbot: QtBot) -> None:
    live.parts.store.put(CheckPin("tap", live.shot.staff[0].staff, None))  # type: ignore[arg-type]
    until(qtbot, lambda: live.said == [NOTICE])
    live.do(qtbot, WriteNote("after"))
    until(qtbot, lambda: live.notes() == ["after"])
    assert live.window.not_updating.isHidden()


def fail_for_good(live: Live) -> None:
    """So many questions that the store cannot take, and it is left."""
    staff = live.shot.staff[0].staff
    for _ in range(TIMES):
        live.parts.store.put(CheckPin("tap", staff, None))  # type: ignore[arg-type]
    thread = next(one for one in threading.enumerate() if one.name == "store")
    thread.join(timeout=SOON_MS / 1000)
    assert not thread.is_alive()


def test_a_store_that_is_left_is_said_within_two_seconds_and_what_waits_is_written_at_the_end(
    tmp_path: Path, qtbot: QtBot
) -> None:
    chair = Live(tmp_path / "data", World())
    try:
        chair.sign_in(qtbot)
        chair.do(qtbot, a_patient())
        fail_for_good(chair)
        since = time.monotonic()
        until(qtbot, lambda: "nothing is written" in str(chair.shot.alarms.rows))
        assert time.monotonic() - since <= NOT_UPDATING_S
        chair.do(qtbot, WriteNote("on paper, too"))
        assert chair.shot.saved.state == "failed"
        assert chair.notes() == []
    finally:
        chair.close()
    assert chair.notes() == ["on paper, too"]


def test_a_store_that_is_left_while_nothing_waits_to_be_written_is_said_as_well(
    tmp_path: Path, qtbot: QtBot
) -> None:
    chair = Live(tmp_path / "data", World())
    try:
        until(qtbot, lambda: bool(chair.shot.staff))
        fail_for_good(chair)
        until(qtbot, lambda: "nothing is written" in str(chair.shot.alarms.rows))
    finally:
        chair.close()


class Aside(Parts):
    """The parts of an application whose back-ups, and whoever keeps the computer awake, always fail."""

    def _schedule(self, backup: BackupSetting) -> Callable[[], None]:
        return _fail

    def _make_awake(self) -> Awake:
        return SickAwake(NoLock(), self.clock, self.post)


class SickAwake(Awake):
    """It never comes to hold a lock."""

    def run(self, stop: threading.Event) -> None:
        """Fails."""
        _fail()


def _fail() -> None:
    raise ValueError(NAME)


def test_back_ups_and_keeping_awake_that_are_left_are_said_and_the_chair_goes_on(
    tmp_path: Path, qtbot: QtBot
) -> None:
    backup = BackupSetting(str(tmp_path), 24.0)
    chair = Live(tmp_path / "data", World(), Aside, backup=backup, stay_awake=True)
    try:
        until(qtbot, lambda: "No back-up" in str(chair.shot.alarms.rows))
        assert "A fault of Chairside stopped them" in str(chair.shot.alarms.rows)
        until(qtbot, lambda: chair.parts.engine.self_test.sleep is not None)
        assert chair.parts.engine.self_test.sleep is not None
        assert "A fault of Chairside" in chair.parts.engine.self_test.sleep.why
        until(qtbot, lambda: chair.said == [NOTICE])
        number = chair.shot.number
        until(qtbot, lambda: chair.shot.number > number + 5)
    finally:
        chair.close()


def test_a_log_of_bytes_that_fails_is_run_again_and_the_chair_goes_on(live: Live, qtbot: QtBot) -> None:
    def stumble() -> None:
        raise KeyError(NAME)

    live.parts.late_writer.put(stumble)
    until(qtbot, lambda: live.said == [NOTICE])
    number, written = live.shot.number, [""]
    live.parts.late_writer.put(lambda: written.append("later"))
    until(qtbot, lambda: live.shot.number > number + 5)
    until(qtbot, lambda: written[-1] == "later")


DEATHS = {
    "bytes": "test_a_log_of_bytes_that_fails_is_run_again_and_the_chair_goes_on",
    "session": "test_a_session_that_fails_again_and_again_is_covered_within_two_seconds",
    "store": "test_a_store_that_is_left_is_said_within_two_seconds_and_what_waits_is_written_at_the_end",
    "backup": "test_back_ups_and_keeping_awake_that_are_left_are_said_and_the_chair_goes_on",
    "awake": "test_back_ups_and_keeping_awake_that_are_left_are_said_and_the_chair_goes_on",
    "monitor": "test_a_link_that_fails_is_opened_again_and_its_values_come_back",
    "pump": "test_a_link_that_fails_is_opened_again_and_its_values_come_back",
}
"""Every thread of the running application, and the test of what is seen when it dies."""


def test_every_thread_of_the_application_has_a_test_of_its_death(tmp_path: Path, qtbot: QtBot) -> None:
    before = set(threading.enumerate())
    backup = BackupSetting(str(tmp_path / "nowhere"), 24.0)
    chair = Live(tmp_path / "data", World(), backup=backup, stay_awake=True)
    try:
        until(qtbot, lambda: bool(chair.shot.staff))
        assert {one.name for one in set(threading.enumerate()) - before} == set(DEATHS)
        assert set(DEATHS.values()) <= globals().keys()
    finally:
        chair.close()


class Stumbling(SimulatedPort):
    """A line to a device that fails once, by a bug."""

    is_due = True

    def exchange(self, sent: bytes, now: Instant) -> bytes:
        """Fails the first time."""
        if self.is_due:
            self.is_due = False
            raise KeyError(NAME)
        return super().exchange(sent, now)


def test_a_link_that_fails_is_opened_again_and_its_values_come_back(
    tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    world.monitor_port = Stumbling("simulated monitor", world.monitor, world)
    chair = Live(tmp_path / "data", world)
    try:
        until(qtbot, lambda: chair.said == [NOTICE])
        chair.sign_in(qtbot)
        chair.do(qtbot, a_patient())
        until(qtbot, lambda: any(t.key == "heart_rate" and t.state == "live" for t in chair.shot.tiles))
    finally:
        chair.close()
    assert NAME not in caplog.text
    assert "KeyError at" in caplog.text


class Unpaintable(QWidget):
    """A widget whose painter fails, and is left open by it."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Begins, and fails."""
        painter = QPainter(self)
        painter.drawText(0, 0, NAME)
        raise ValueError(NAME)


def test_a_painter_that_fails_leaves_the_rest_of_the_screen_alive(
    live: Live, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Unpaintable(live.window)
    broken.setGeometry(10, 10, 200, 100)
    broken.show()
    for times in (1, 2, 3):
        broken.update()
        until(qtbot, lambda least=times: live.watch.count >= least)  # type: ignore[misc]
    number = live.shot.number
    until(qtbot, lambda: live.shot.number > number + 5)
    assert live.window.not_updating.isHidden()
    assert len([line for line in caplog.messages if "ValueError at" in line]) == 1
    assert NAME not in caplog.text


class Sick(NoteSheet):
    """A sheet that cannot show what it should."""

    def refresh(self) -> None:
        """Fails."""
        raise ValueError(NAME)


def test_a_sheet_that_fails_is_left_and_the_screen_under_it_goes_on(live: Live, qtbot: QtBot) -> None:
    live.window.sheet = Sick(live.window.desk, live.window.stage)
    live.window.sheet.show()
    until(qtbot, lambda: live.window.sheet is None)
    assert live.said == [NOTICE]
    number = live.shot.number
    until(qtbot, lambda: live.shot.number > number + 5)
    assert live.window.not_updating.isHidden()


class SickCheckIn(CheckInScreen):
    """The phase's own screen, which cannot show what it should."""

    def refresh(self) -> None:
        """Fails."""
        raise ValueError(NAME)


def test_a_screen_that_cannot_be_shown_is_covered_within_two_seconds(live: Live, qtbot: QtBot) -> None:
    seen: list[float] = []
    live.window.shown.connect(lambda: seen.append(time.monotonic()))
    until(qtbot, lambda: bool(seen))
    live.window.check_in = SickCheckIn(live.window.desk, live.window.stage)
    until(qtbot, lambda: not live.window.not_updating.isHidden())
    assert time.monotonic() - seen[-1] <= NOT_UPDATING_S + LATE_S
    assert live.said == [NOTICE]


def test_a_link_that_was_let_go_and_is_slow_to_end_has_nothing_more_to_say(tmp_path: Path) -> None:
    heard: list[object] = []
    parts = Parts(
        tmp_path, system_clock, lambda _: None, boot="b", world=World(), demo=True, heard=heard.append
    )
    parts.connect("monitor", "ge-dri", "simulated")
    old = parts.links["monitor"]
    parts.connect("monitor", "ge-dri", "simulated")
    old.step(system_clock())
    assert heard == []
    parts.links["monitor"].step(system_clock())
    assert heard != []
    parts.drop()
