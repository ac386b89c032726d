"""R5: the chair on a disk that fails at its n-th write: said within two seconds, nothing lost or shown as saved."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.entries import CLINIC
from app.messages import Saved, WriteNote
from app.ports import Append
from db.pins import CHEAP
from db.store import SqlStore, open_store
from db.verify import verify
from tests.app.chair import Chair

ERRORS = {
    "full": errno.ENOSPC,
    "an error of the disk": errno.EIO,
    "read-only": errno.EROFS,
    "no permission": errno.EACCES,
}
BANNER_S = 2.0
NOTES = 8


class Disk:
    """A disk that fails from its n-th commit on, with this error, until it is mended; or hangs in one."""

    def __init__(self) -> None:
        self.commits = 0
        self.fails_from: int | None = None
        self.code = errno.ENOSPC
        self.free = threading.Event()
        self.free.set()

    def __call__(self, step: str) -> None:
        if step != "all written":
            return
        self.commits += 1
        self.free.wait(30.0)
        if self.fails_from is not None and self.commits >= self.fails_from:
            raise OSError(self.code, "the disk of this test")


class OnDisk:
    """A running infusion whose entries go to a real record on this disk."""

    def __init__(self, folder: Path) -> None:
        self.disk = Disk()
        self.folder = folder
        self.saved: list[str] = []
        self.chair = Chair().running()
        self.store: SqlStore = open_store(
            folder, lambda: self.chair.now, self._posted, cost=CHEAP, fault=self.disk
        )
        self.chair.engine.store = self.store
        for request in self.chair.store.asked(Append):
            self.store.put(request)
        self.store.step(self.chair.now)
        self.disk.commits = 0

    def _posted(self, message: object) -> None:
        if isinstance(message, Saved):
            self.saved += message.uuids
        self.chair.engine.handle(message, self.chair.now)

    def second(self, beats: float) -> None:
        """The monitor and the pump are heard, and the store works."""
        self.chair.wait(1)
        self.chair.vitals(heart_rate=beats, spo2=97.0)
        self.chair.pump(17.5, 1.0)
        self.store.step(self.chair.now)
        self.chair.wait(0.1, step_s=0.1)

    def close(self) -> None:
        self.store.close()


@pytest.fixture
def chair_on_disk(tmp_path: Path) -> Iterator[OnDisk]:
    """The chair, its disk still good."""
    there = OnDisk(tmp_path / "data")
    yield there
    there.close()


@pytest.mark.parametrize("name", list(ERRORS))
@pytest.mark.parametrize("nth", [1, 2, 5])
def test_a_disk_that_fails_at_its_nth_write_loses_nothing_and_shows_nothing_as_saved(
    chair_on_disk: OnDisk, name: str, nth: int
) -> None:
    there, chair, disk = chair_on_disk, chair_on_disk.chair, chair_on_disk.disk
    disk.fails_from, disk.code = nth, ERRORS[name]
    for number in range(NOTES):
        before = chair.now
        assert chair.tap(WriteNote(f"note {number}")).state == "taken"
        there.second(70.0 + number)
        assert chair.tile("heart_rate") == (f"{70 + number}", "live")
        waiting = bool(chair.engine.unsaved)
        assert chair.snapshot.saved.state == ("failed" if waiting else "saved")
        assert ("storage" in chair.alarms()) == waiting
        assert chair.now.since(before) <= BANNER_S
    frame = chair.snapshot.unsaved
    assert frame is not None
    listed = [line.text for line in frame.lines if line.text.startswith("Note: note")]
    written = {entry.uuid for log in (chair.session.id, CLINIC) for entry in there.store.load(log).entries}
    assert set(there.saved) <= written
    assert listed == [f"Note: note {number}" for number in range(NOTES - len(listed), NOTES)]
    disk.fails_from = None
    for _ in range(3):
        there.second(80.0)
    entries = there.store.load(chair.session.id).entries
    notes = [entry.body.text for entry in entries if hasattr(entry.body, "text")]
    assert notes == [f"note {number}" for number in range(NOTES)]
    assert chair.engine.unsaved == {}
    assert chair.snapshot.unsaved is None
    assert "storage" not in chair.alarms()
    assert verify(there.folder).problems == ()


def test_a_disk_that_hangs_for_three_seconds_is_said_within_two_and_vital_signs_go_on(
    chair_on_disk: OnDisk,
) -> None:
    there, chair, disk = chair_on_disk, chair_on_disk.chair, chair_on_disk.disk
    stop = threading.Event()
    thread = threading.Thread(target=there.store.run, args=(stop,))
    disk.free.clear()
    thread.start()
    begun = time.monotonic()
    chair.tap(WriteNote("while the disk hangs"))
    said_s, beats = None, 0
    while (passed_s := time.monotonic() - begun) < 3.0:
        beats += 1
        chair.vitals(heart_rate=60.0 + beats % 40)
        chair.wait(0.1, step_s=0.1)
        assert chair.tile("heart_rate")[1] == "live"
        if chair.snapshot.saved.state == "failed":
            said_s = said_s or passed_s
        else:
            assert chair.snapshot.saved.state == "saving"
        stop.wait(0.05)
    disk.free.set()
    stop.set()
    thread.join(10.0)
    chair.wait(0.1, step_s=0.1)
    assert said_s is not None
    assert said_s <= BANNER_S
    assert chair.snapshot.saved.state == "saved"
    assert chair.snapshot.unsaved is None
