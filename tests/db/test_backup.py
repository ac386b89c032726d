from __future__ import annotations

import io
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from app.ports import StorageError
from db import keys, sealing
from db.backup import (
    KEPT_ALL,
    MANIFEST_FILE,
    PART,
    Backup,
    back_up,
    backups_in,
    hash_of,
    kept,
    read_backup,
    run_backup,
    thin,
)
from db.keycommand import seal
from db.verify import verify, verify_file
from tests.db.desk import NOON, Desk


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder for back-ups."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A record in use, with a session and its samples."""
    desk.a_session()
    return desk


def refusal(desk: Desk, to: Path) -> str:
    with pytest.raises(StorageError) as error:
        back_up(desk.folder, to, NOON.utc)
    return str(error.value)


def test_a_back_up_of_a_record_in_use_holds_all_of_it(told: Desk, stick: Path) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    report = verify(told.folder)
    manifest = made.manifest
    assert (manifest.entries, manifest.samples, manifest.sessions) == (8, 24, 1)
    assert (manifest.head, manifest.schema) == (report.head, report.version)
    assert (manifest.sha256, manifest.bytes) == (hash_of(made.record), made.record.stat().st_size)
    assert read_backup(made.folder) == made


def test_a_back_up_of_a_closed_record_holds_all_of_it(told: Desk, stick: Path) -> None:
    told.close()
    assert back_up(told.folder, stick, NOON.utc).manifest.entries == 8


def test_what_is_written_meanwhile_waits_for_nothing_and_is_in_the_next_one(told: Desk, stick: Path) -> None:
    written: list[str] = []

    def write() -> None:
        if len(written) < 20:
            written.append(told.note().uuid)
            assert told.saved()[-1] == written[-1]

    made = back_up(told.folder, stick, NOON.utc, write)
    assert written
    assert made.manifest.entries == 8
    assert back_up(told.folder, stick, NOON.utc).manifest.entries == 8 + len(written)
    assert verify(told.folder).problems == ()


def test_the_key_is_not_beside_it_and_the_file_says_nothing_without_it(told: Desk, stick: Path) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    key = keys.read_key(told.folder)
    names = {path.name for path in made.folder.iterdir()}
    assert names == {keys.RECORD_FILE, keys.CHECK_FILE, MANIFEST_FILE}
    stored = b"".join(path.read_bytes() for path in made.folder.iterdir())
    for word in (key, key.hex().encode(), b"Ada Brown", b"MRN-7", b"CREATE TABLE"):
        assert word not in stored


def test_a_sealed_key_lies_beside_it(told: Desk, stick: Path) -> None:
    told.close()
    seal(told.folder, lambda words: "correct horse battery", sealing.CHEAP)
    made = back_up(told.folder, stick, NOON.utc)
    assert not (made.folder / keys.KEY_FILE).exists()
    assert sealing.unseal(made.folder / keys.SEALED_FILE, "correct horse battery") == keys.read_key(
        told.folder
    )
    sealing.lock(told.folder)


def test_nothing_of_it_may_be_read_by_others(told: Desk, stick: Path) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    assert [path for path in (made.folder, *made.folder.iterdir()) if path.stat().st_mode & 0o077] == []


def test_a_disk_that_is_not_connected_is_named_and_no_folder_is_made(told: Desk, stick: Path) -> None:
    assert "Connect its disk" in refusal(told, stick / "gone")
    assert not (stick / "gone").exists()


def test_a_damaged_record_makes_no_back_up(told: Desk, stick: Path) -> None:
    told.tamper("DROP TRIGGER entry_kept")
    assert "trigger entry_kept is missing" in refusal(told, stick)
    assert list(stick.iterdir()) == []


def test_a_disk_that_fills_up_leaves_nothing_under_a_back_ups_name(told: Desk, stick: Path) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match=r"No back-up was made\. The disk that holds .* is full"):
        back_up(told.folder, stick, NOON.utc, full)
    assert list(stick.iterdir()) == []


def test_a_record_that_is_missing_is_named(tmp_path: Path, stick: Path) -> None:
    with pytest.raises(StorageError, match="The key file"):
        back_up(tmp_path / "nothing", stick, NOON.utc)


def test_two_in_the_same_second_have_names_of_their_own(told: Desk, stick: Path) -> None:
    names = {back_up(told.folder, stick, NOON.utc).folder.name for _ in range(3)}
    assert names == {f"chairside-20260302-120000{end}" for end in ("", "-2", "-3")}


@pytest.mark.parametrize("name", [keys.RECORD_FILE, MANIFEST_FILE])
def test_a_folder_without_one_of_its_files_is_no_back_up(told: Desk, stick: Path, name: str) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    (made.folder / name).unlink()
    with pytest.raises(StorageError, match=f"no complete back-up: {name} is missing"):
        read_backup(made.folder)


def test_a_file_cut_short_is_said_to_be(told: Desk, stick: Path) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    os.truncate(made.record, made.manifest.bytes - 1)
    with pytest.raises(StorageError, match="was cut short"):
        read_backup(made.folder)


@pytest.mark.parametrize("words", [b"", b"{}", b"\x00"])
def test_a_damaged_manifest_is_said_to_be(told: Desk, stick: Path, words: bytes) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    (made.folder / MANIFEST_FILE).write_bytes(words)
    with pytest.raises(StorageError, match="is damaged"):
        read_backup(made.folder)


def test_a_copy_of_a_record_is_looked_through_without_its_folder(told: Desk, stick: Path) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    data = bytearray(made.record.read_bytes())
    data[5000] ^= 1
    made.record.write_bytes(data)
    assert "page 2" in " ".join(verify_file(made.record, keys.read_key(told.folder)).problems)


# ---------------------------------------------------------------- what is kept


def daily(days: int) -> list[datetime]:
    return [NOON.utc - timedelta(days=day) for day in range(days)]


def test_fourteen_are_kept_whatever_their_age() -> None:
    made = daily(KEPT_ALL)
    assert kept(made) == set(made)


def test_older_ones_thin_to_one_a_week_and_then_one_a_month() -> None:
    made = daily(400)
    left = sorted(kept(made), reverse=True)
    assert left[:KEPT_ALL] == made[:KEPT_ALL]
    assert 14 + 6 + 9 <= len(left) <= 14 + 8 + 12
    months = {(moment.year, moment.month) for moment in left}
    assert len(months) == 12


def test_the_newest_is_always_kept() -> None:
    for days in range(1, 60):
        assert NOON.utc in kept(daily(days))


def many(made: Backup, stick: Path, days: int) -> list[Backup]:
    """The same back-up as if made on so many days, newest first."""
    found = [made]
    for day in range(1, days):
        at = made.manifest.made - timedelta(days=day)
        folder = stick / f"chairside-{at:%Y%m%d-%H%M%S}"
        shutil.copytree(made.folder, folder)
        manifest = msgspec.structs.replace(made.manifest, made=at)
        (folder / MANIFEST_FILE).write_bytes(msgspec.json.encode(manifest))
        found.append(Backup(folder, manifest))
    return found


def test_old_ones_are_removed_when_a_new_one_is_good(told: Desk, stick: Path) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    there = many(made, stick, 40)
    gone = thin(stick, made)
    left = backups_in(stick, made.manifest.record)
    assert len(gone) + len(left) == 40
    assert {backup.manifest.made for backup in left} == kept(backup.manifest.made for backup in there)
    assert made in left


def test_broken_ones_do_not_count_and_another_chairs_are_left_alone(
    told: Desk, stick: Path, tmp_path: Path
) -> None:
    made = back_up(told.folder, stick, NOON.utc)
    broken = many(made, stick, KEPT_ALL + 1)[1:5]
    for backup in broken:
        os.truncate(backup.record, 10)
    other = Desk(tmp_path / "other")
    other.note()
    theirs = [back_up(other.folder, stick, NOON.utc + timedelta(days=day + 1)) for day in range(3)]
    other.close()
    assert thin(stick, made) == ()
    assert all(backup.folder.exists() for backup in (*broken, *theirs))
    assert len(backups_in(stick, made.manifest.record)) == KEPT_ALL + 1 - len(broken)


def test_one_that_was_cut_short_a_day_ago_is_swept_away(told: Desk, stick: Path) -> None:
    old, young = (stick / f"chairside-20260101-00000{number}{PART}" for number in (1, 2))
    for folder, age_s in ((old, 90_000), (young, 60)):
        folder.mkdir()
        os.utime(folder, (NOON.utc.timestamp() - age_s,) * 2)
    thin(stick, back_up(told.folder, stick, NOON.utc))
    assert (old.exists(), young.exists()) == (False, True)


# ---------------------------------------------------------------- the command


def test_the_command_says_what_it_holds_and_where_the_key_is(told: Desk, stick: Path) -> None:
    out = io.StringIO()
    assert run_backup(told.folder, stick, datetime(2026, 3, 2, 12, tzinfo=UTC), out) == 0
    said = out.getvalue()
    assert "sessions: 1, entries: 8, samples: 24, schema 0002; read back and found whole." in said
    assert f"Chain head {verify(told.folder).head}" in said
    assert "The key is not beside it" in said
    assert "on the disk of the record itself" in said


def test_the_command_ends_with_2_and_a_sentence(told: Desk, stick: Path) -> None:
    err = io.StringIO()
    assert run_backup(told.folder, stick / "gone", NOON.utc, io.StringIO(), err) == 2
    assert "Connect its disk" in err.getvalue()
