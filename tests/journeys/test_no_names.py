"""A thousand planted names go through engine, store, crash writer, log, byte log and printing: none is left outside."""

from __future__ import annotations

import logging
import random
import string
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.catalog import load
from app.engine import Engine
from app.entries import CLINIC, ClinicNamed, StaffAdded
from app.instant import Instant
from app.messages import LeaveSession, OpenPatient, SignIn, Tap, WriteNote
from app.show import Show
from db.pins import CHEAP
from db.store import SqlStore, open_store
from devices.bytelog import ByteLog
from devices.simulated.world import World
from ui.crash import CrashWatch

PLANTED = 1000
NAMES_A_SESSION = 10
"""So many patients are put right to the next before the session is left: the list stays short."""
START = Instant(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), 100.0)


def planted(count: int) -> list[str]:
    """Names that stand nowhere by chance."""
    made = random.Random(7)
    words = ["".join(made.choices(string.ascii_lowercase, k=12)) for _ in range(2 * count)]
    return [f"{first.title()} Zq{last}" for first, last in zip(words[:count], words[count:], strict=True)]


NAMES = planted(PLANTED)


class Failing:
    """A disk that now and then takes nothing, so that errors are logged while names are on their way."""

    def __init__(self) -> None:
        self.steps = 0

    def __call__(self, step: str) -> None:
        """Fails at every twentieth step."""
        self.steps += 1
        if self.steps % 20 == 0:
            raise OSError(28, "No space left on device")


class Played:
    """One chair on a real record, stepped by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.posted: list[object] = []
        self.store: SqlStore = open_store(
            folder, lambda: self.now, self.posted.append, cost=CHEAP, fault=Failing()
        )
        self.ids = iter(range(10**9))
        self.engine = Engine(
            load(), self.store, self.store.opened(), START, boot="boot", new_id=self.id, software="0"
        )
        self.show = Show()

    def id(self) -> str:
        """Another id."""
        return f"u{next(self.ids)}"

    def settle(self, seconds: float = 1.0) -> None:
        """Time passes, and what was posted is heard."""
        self.now = self.now.plus(seconds)
        self.engine.tick(self.now)
        self.store.step(self.now)
        heard, self.posted[:] = list(self.posted), []
        for message in heard:
            self.engine.handle(message, self.now)

    def tap(self, act: object) -> str:
        """A touch."""
        tap = Tap(self.id(), self.now, act)  # type: ignore[arg-type]
        self.engine.handle(tap, self.now)
        return tap.id


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """Everything that anybody logs, at the lowest level, in a file."""
    path = tmp_path / "chairside.log"
    handler, root = logging.FileHandler(path), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


def play(folder: Path) -> Played:
    """Each name is a patient, stands in a note, and in the text of an exception that nobody caught."""
    chair = Played(folder)
    for body in (ClinicNamed("Clinic"), StaffAdded("lk", "Staff", "LK", ("nurse",))):
        chair.engine.write(body, chair.now, "first-run", CLINIC)
    chair.engine.set_pin("lk", "1111")
    chair.settle()
    chair.tap(SignIn("lk", "1111"))
    chair.settle()
    for number, name in enumerate(NAMES):
        mrn = f"{number // NAMES_A_SESSION:05}"
        tap = chair.tap(OpenPatient(mrn, name, date(1970, 1, 1), "female", 70.0, (), none_known=True))
        assert chair.engine.answers[tap].state == "taken"
        chair.tap(WriteNote(f"{name} feels well"))
        try:
            raise ValueError(f"no row for {name}")
        except ValueError as error:
            CrashWatch(lambda _notice: None).caught(type(error), error, error.__traceback__)
        if number % NAMES_A_SESSION == NAMES_A_SESSION - 1:
            chair.show.snapshot(chair.engine, chair.now)
            chair.settle()
            chair.tap(LeaveSession())
    for _ in range(20):
        chair.settle(2.0)
    return chair


def found_in(data: bytes) -> list[str]:
    """The planted names in these bytes, by their rarer part."""
    return [
        name
        for name in NAMES
        if (last := name.split()[1]).encode() in data or last.encode("utf-16-le") in data
    ]


def test_a_thousand_planted_names_are_found_nowhere_outside_the_encrypted_record(
    tmp_path: Path, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, temporary = tmp_path / "data", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("SQLITE_TMPDIR", str(temporary))
    chair = play(folder)
    log = ByteLog(folder / "bytes", "monitor")
    world = World()
    for _ in range(50):
        chair.now = chair.now.plus(0.5)
        world.step(chair.now)
        log.write(True, world.monitor_port.exchange(b"", chair.now), chair.now)
    inside = [chair.store.load(row.session).entries for row in chair.engine.rows]
    assert len(found_in(repr(inside).encode())) == PLANTED
    open_files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    chair.store.close()
    for path in (*folder.rglob("*"), *temporary.rglob("*")):
        if path.is_file():
            open_files[path] = open_files.get(path, b"") + path.read_bytes()
    assert sum(map(len, open_files.values())) > 500_000
    assert logged.stat().st_size > 50_000
    places = {str(path): data for path, data in open_files.items()}
    places |= {"the log": logged.read_bytes(), "the command line": "\0".join(sys.argv).encode()}
    places |= {"file names": "\n".join(map(str, open_files)).encode()}
    assert {place: found for place, data in places.items() if (found := found_in(data))} == {}
