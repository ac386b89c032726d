"""What happens when the disk is full, broken, read-only or gone: all or nothing, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from app.entries import CLINIC, NoteWritten, PinSet
from app.messages import PinChecked, Saved
from app.ports import Append, CheckPin, SetPin, StorageError
from db import cipher, keys, schema
from db.verify import verify
from tests.db.desk import Desk

STEPS = ("begun", "entries inserted", "samples inserted", "all written", "committed")
FULL = OSError(28, "No space left on device")


class Failing:
    """A disk that fails at one step as long as it is told to."""

    def __init__(self, step: str, error: BaseException = FULL) -> None:
        self.step = step
        self.error = error
        self.on = True

    def __call__(self, step: str) -> None:
        if self.on and step == self.step:
            raise self.error


def batch(desk: Desk, first_sample: int) -> Append:
    entries = tuple(desk.entry() for _ in range(3))
    return Append(entries, (desk.sample(first_sample), desk.sample(first_sample + 1)))


@pytest.mark.parametrize("step", STEPS)
def test_a_failure_at_any_step_writes_all_of_a_request_or_none(desk: Desk, step: str) -> None:
    failing = Failing(step)
    desk.open(failing)
    request = batch(desk, 1)
    desk.put(request)
    written = 3 if step == "committed" else 0
    assert len(desk.on_disk()) == written
    assert len(desk.store.load("s1").samples) == (2 if written else 0)
    assert desk.saved() == []


@pytest.mark.parametrize("step", STEPS)
def test_after_a_failure_at_any_step_everything_is_written_once_and_in_order(desk: Desk, step: str) -> None:
    failing = Failing(step)
    desk.open(failing)
    requests = [batch(desk, 1), batch(desk, 3)]
    desk.put(*requests)
    failing.on = False
    desk.later(10.0)
    desk.put(batch(desk, 5))
    uuids = [f"u{number:05}" for number in range(1, 10)]
    assert desk.saved() == desk.on_disk() == uuids
    assert verify(desk.folder).problems == ()


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_dies_at_any_step_leaves_all_of_a_request_or_none(desk: Desk, step: str) -> None:
    desk.open(Failing(step, KeyboardInterrupt()))
    desk.store.put(batch(desk, 1))
    with pytest.raises(KeyboardInterrupt):
        desk.store.step(desk.now)
    desk.open()
    assert (len(desk.on_disk()), len(desk.store.load("s1").samples)) in ((0, 0), (3, 2))
    assert verify(desk.folder).problems == ()


def given(desk: Desk, pin: str) -> Append:
    """Another PIN, with the entry that says so."""
    return Append((desk.entry(PinSet("nurse"), CLINIC),), (), (SetPin("nurse", pin),))


def takes(desk: Desk, pin: str) -> bool:
    """Whether the record on disk takes this PIN, after a power cut."""
    desk.open()
    desk.put(CheckPin("try", "nurse", pin))
    return desk.all(PinChecked)[-1].ok


@pytest.mark.parametrize("step", [step for step in STEPS if step != "samples inserted"])
def test_a_pin_and_the_entry_that_says_so_are_on_disk_together_or_neither(desk: Desk, step: str) -> None:
    desk.put(given(desk, "1111"))
    desk.open(Failing(step))
    desk.put(given(desk, "2222"))
    desk.put(CheckPin("wrong", "nurse", "0000"))
    entries = len(desk.on_disk(CLINIC))
    assert entries == (2 if step == "committed" else 1)
    assert takes(desk, "2222" if entries == 2 else "1111")


class DyingLater(Failing):
    """A full disk; once it takes writes again, the process dies in the second commit."""

    commits = 0

    def __call__(self, step: str) -> None:
        super().__call__(step)
        self.commits += step == "begun"
        if self.commits == 2:
            raise KeyboardInterrupt


def test_a_pin_is_not_on_disk_before_the_entry_that_says_so(desk: Desk) -> None:
    desk.put(given(desk, "1111"))
    failing = DyingLater("begun")
    desk.open(failing)
    desk.put(*(Append((desk.entry(),)) for _ in range(100)), given(desk, "2222"))
    desk.put(CheckPin("wrong", "nurse", "0000"))
    failing.on = False
    desk.later(2.0)
    with pytest.raises(KeyboardInterrupt):
        desk.put()
    assert len(desk.on_disk()) > 0
    assert len(desk.on_disk(CLINIC)) == 1
    assert takes(desk, "1111")


def test_a_failing_disk_is_told_at_once_with_what_to_do(desk: Desk) -> None:
    desk.open(Failing("begun"))
    desk.note()
    (failed,) = desk.failures()
    assert failed.since == desk.now
    assert "is full. Free some space" in failed.why


def test_a_failing_disk_is_told_again_about_once_a_second_with_the_first_moment(desk: Desk) -> None:
    desk.open(Failing("begun"))
    desk.note()
    for _ in range(100):
        desk.later(0.1)
        desk.put()
    assert 9 <= len(desk.failures()) <= 11
    assert len({failed.since for failed in desk.failures()}) == 1


def test_another_reason_is_told_at_once(desk: Desk) -> None:
    failing = Failing("begun")
    desk.open(failing)
    desk.note()
    failing.error = OSError(30, "Read-only file system")
    desk.later(0.1)
    desk.put()
    assert "may not be written" in desk.failures()[1].why


def test_a_disk_that_takes_writes_again_gets_them_within_a_second(desk: Desk) -> None:
    failing = Failing("begun")
    desk.open(failing)
    desk.note()
    for _ in range(50):
        desk.later(0.2)
        desk.put()
    failing.on = False
    desk.later(1.0)
    assert [type(message) for message in desk.put()] == [Saved]


def test_a_failing_disk_is_not_hammered(desk: Desk) -> None:
    tries: list[str] = []
    failing = Failing("begun")

    def fault(step: str) -> None:
        tries.append(step)
        failing(step)

    desk.open(fault)
    desk.note()
    for _ in range(1000):
        desk.later(0.01)
        desk.put()
    assert len(tries) <= 15


def test_what_waits_is_counted(desk: Desk) -> None:
    desk.open(Failing("begun"))
    desk.write(NoteWritten("one"), NoteWritten("two"))
    assert desk.store.unsaved == 2


def test_reading_goes_on_while_writing_fails(desk: Desk) -> None:
    old = desk.note()
    desk.open(Failing("begun"))
    desk.note()
    assert [entry.uuid for entry in desk.store.load("s1").entries] == [old.uuid]


def grow(desk: Desk, text: str = "x" * 4000) -> None:
    """Write until the disk takes no more."""
    for _ in range(1000):
        desk.write(NoteWritten(text))
        if desk.failures():
            return
        desk.later(1.0)
    raise AssertionError("the disk never filled up")


def test_a_file_that_may_not_grow_keeps_what_was_acknowledged_and_writes_the_rest_later(desk: Desk) -> None:
    store = desk.open()
    limit(desk, 40)
    grow(desk)
    assert desk.saved() == desk.on_disk()
    assert "is full" in desk.failures()[0].why
    assert store.unsaved == 1
    limit(desk, 10_000)
    desk.later(2.0)
    desk.put()
    assert desk.saved() == desk.on_disk()
    assert store.unsaved == 0
    assert verify(desk.folder).problems == ()


def limit(desk: Desk, pages: int) -> None:
    """SQLite's own limit: the error is the one that a full disk gives."""
    with desk.store._engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of one megabyte; only where the tests may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_full_disk_nothing_acknowledged_is_lost_and_the_rest_is_written_later(small_disk: Path) -> None:
    desk = Desk(small_disk / "data")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    desk.open()
    grow(desk)
    assert desk.saved() == desk.on_disk()
    waiting = desk.store.unsaved
    ballast.unlink()
    desk.later(2.0)
    desk.put()
    desk.close()
    assert waiting >= 1
    assert desk.saved() == [f"u{number:05}" for number in range(1, len(desk.saved()) + 1)]
    assert verify(desk.folder).problems == ()


def test_a_read_only_disk_is_named_when_the_record_is_opened(small_disk: Path) -> None:
    desk = Desk(small_disk / "data")
    desk.note()
    desk.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StorageError, match="may not be written"):
        desk.open()


def test_a_disk_without_space_is_named_at_the_first_run(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(2_000_000))
    with pytest.raises(StorageError, match="is full"):
        Desk(small_disk / "data").open()


def test_a_record_moved_away_under_the_program_is_noticed_before_anything_is_acknowledged(desk: Desk) -> None:
    desk.note()
    desk.record.rename(desk.folder / "elsewhere.db")
    desk.note()
    assert desk.saved() == ["u00001"]
    assert "moved or removed while in use" in desk.failures()[0].why


def as_a_power_cut_leaves_it(desk: Desk, to: Path) -> Desk:
    """The files of the record that stand under their names, and no other: what a restart would find."""
    found = Desk(to)
    to.mkdir()
    for path in desk.folder.iterdir():
        if path.is_file():
            shutil.copy2(path, found.folder / path.name)
    return found


@pytest.mark.parametrize("removed", ["-wal", "-shm"])
def test_what_is_acknowledged_after_the_log_was_removed_is_there_after_a_power_cut(
    desk: Desk, tmp_path: Path, removed: str
) -> None:
    desk.note()
    desk.record.with_name(desk.record.name + removed).unlink()
    desk.note()
    desk.note()
    assert desk.failures() == []
    found = as_a_power_cut_leaves_it(desk, tmp_path / "found")
    assert found.on_disk() == desk.saved() == ["u00001", "u00002", "u00003"]
    assert verify(found.folder).problems == ()


def test_what_was_acknowledged_before_the_log_was_removed_is_put_into_the_file_while_nobody_writes(
    desk: Desk, tmp_path: Path
) -> None:
    desk.note()
    desk.record.with_name(desk.record.name + "-wal").unlink()
    desk.store.step(desk.later(0.25))
    assert as_a_power_cut_leaves_it(desk, tmp_path / "found").on_disk() == desk.saved() == ["u00001"]


def test_a_key_file_that_was_removed_under_the_program_is_put_back_for_its_owner_alone(desk: Desk) -> None:
    desk.note()
    key = desk.folder / keys.KEY_FILE
    kept = key.read_bytes()
    key.unlink()
    desk.store.step(desk.later(0.25))
    assert key.read_bytes() == kept
    assert key.stat().st_mode & 0o777 == 0o600
    desk.open()
    assert desk.on_disk() == desk.saved()


def test_a_writer_that_holds_the_record_is_named_and_waited_for(desk: Desk) -> None:
    desk.note()
    engine = desk.another()
    with engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO meta VALUES ('held', 'yes')")
        desk.note()
        assert "Another program holds" in desk.failures()[0].why
    engine.dispose()
    desk.later(1.0)
    desk.put()
    assert desk.saved() == desk.on_disk() == ["u00001", "u00002"]


def held_open(desk: Desk) -> int:
    """How many descriptors this process holds on the record."""
    links = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return links.count(str(desk.record))


def test_after_an_error_of_the_disk_the_record_is_opened_anew(desk: Desk) -> None:
    failing = Failing("begun", OSError(5, "Input/output error"))
    desk.open(failing)
    desk.note()
    assert held_open(desk) == 0
    failing.on = False
    desk.later(1.0)
    desk.put()
    assert desk.saved() == desk.on_disk() == ["u00001"]


def test_on_a_full_disk_the_record_stays_open_for_reading(desk: Desk) -> None:
    desk.open(Failing("begun"))
    desk.note()
    assert held_open(desk) == 1


def test_what_a_failed_commit_left_on_disk_is_put_into_the_file_before_it_is_acknowledged(desk: Desk) -> None:
    failing = Failing("committed")
    desk.open(failing)
    desk.note()
    failing.on = False
    desk.later(1.0)
    desk.put()
    assert desk.saved() == ["u00001"]
    (desk.folder / "alone").mkdir()
    alone = Desk(desk.folder / "alone")
    for name in (keys.RECORD_FILE, keys.KEY_FILE, keys.CHECK_FILE):
        shutil.copy2(desk.folder / name, alone.folder / name)
    assert alone.on_disk() == ["u00001"]


def test_the_text_of_an_error_names_no_patient_and_no_pin(desk: Desk) -> None:
    desk.open()
    engine = desk.another()
    with engine.connect() as connection, pytest.raises(DBAPIError) as error:
        connection.execute(insert(schema.meta), {"name": "Ada Brown", "value": None})
    engine.dispose()
    assert "Ada Brown" not in str(error.value)
    assert "Ada Brown" not in cipher.why(desk.record, error.value)
