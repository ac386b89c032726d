from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from app.ports import StorageError
from db import keys
from db.keys import DamagedRecord
from tests.db.desk import Desk


@pytest.fixture
def closed(desk: Desk) -> Desk:
    """A record with one note, closed."""
    desk.note()
    desk.close()
    return desk


def refusal(desk: Desk) -> str:
    with pytest.raises(StorageError) as error:
        desk.open()
    return str(error.value)


def test_a_new_key_is_32_bytes_for_its_owner_alone(closed: Desk) -> None:
    path = closed.folder / keys.KEY_FILE
    assert path.stat().st_size == 32
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_in_the_folder_may_be_read_by_others(closed: Desk) -> None:
    closed.open()
    modes = {path.name: path.stat().st_mode & 0o077 for path in closed.folder.iterdir()}
    assert not any(modes.values()), modes


def test_the_file_says_nothing_without_its_key(desk: Desk) -> None:
    from tests.db.desk import OPENED, PATIENT

    desk.write(OPENED, PATIENT)
    stored = b"".join(path.read_bytes() for path in desk.folder.iterdir())
    assert len(stored) > 40_000
    for word in (b"Ada Brown", b"MRN-7", b"latex", b"PatientIdentified", b"CREATE TABLE"):
        assert word not in stored


def test_a_wrong_key_is_called_a_wrong_key(closed: Desk) -> None:
    (closed.folder / keys.KEY_FILE).write_bytes(bytes(32))
    assert "is not the key of the record" in refusal(closed)


def test_a_missing_key_is_called_missing_and_none_is_made(closed: Desk) -> None:
    (closed.folder / keys.KEY_FILE).unlink()
    assert "is missing" in refusal(closed)
    assert not (closed.folder / keys.KEY_FILE).exists()


def test_a_key_cut_short_is_called_damaged(closed: Desk) -> None:
    os.truncate(closed.folder / keys.KEY_FILE, 31)
    assert "31 bytes instead of 32" in refusal(closed)


def test_a_key_that_others_may_read_is_refused_with_the_command_to_type(closed: Desk) -> None:
    (closed.folder / keys.KEY_FILE).chmod(0o644)
    assert "chmod 600" in refusal(closed)


def test_a_plain_sqlite_file_is_called_that(closed: Desk) -> None:
    closed.record.unlink()
    plain = sqlite3.connect(closed.record)
    plain.execute("CREATE TABLE entry (number INTEGER)")
    plain.commit()
    plain.close()
    assert "is a plain SQLite file" in refusal(closed)


@pytest.mark.parametrize("at", [0, 100, 2000, 4000])
def test_a_damaged_first_page_is_called_damage_and_not_a_wrong_key(closed: Desk, at: int) -> None:
    data = bytearray(closed.record.read_bytes())
    data[at] ^= 0x10
    closed.record.write_bytes(data)
    with pytest.raises(DamagedRecord, match="its key is right"):
        closed.open()


def test_a_record_cut_to_nothing_is_called_damaged(closed: Desk) -> None:
    os.truncate(closed.record, 0)
    with pytest.raises(DamagedRecord, match="empty or was cut short"):
        closed.open()


def test_a_missing_record_never_begins_anew(closed: Desk) -> None:
    closed.record.unlink()
    assert "is missing, though its key is there" in refusal(closed)
    assert not closed.record.exists()


def test_a_damaged_header_file_is_called_that(closed: Desk) -> None:
    (closed.folder / keys.CHECK_FILE).write_bytes(b"\x00")
    assert "header file" in refusal(closed)


def test_a_missing_header_file_is_made_again_when_the_key_fits(closed: Desk) -> None:
    header = closed.folder / keys.CHECK_FILE
    before = header.read_bytes()
    header.unlink()
    closed.open()
    assert header.read_bytes() == before


def test_without_a_header_file_a_wrong_key_is_not_called_damage(closed: Desk) -> None:
    (closed.folder / keys.CHECK_FILE).unlink()
    (closed.folder / keys.KEY_FILE).write_bytes(bytes(32))
    assert "its key is another one or it is damaged" in refusal(closed)


def test_a_first_run_cut_short_before_the_record_is_taken_up_again(desk: Desk) -> None:
    desk.folder.mkdir()
    key = keys.make_key(desk.folder)
    (desk.folder / "chairside.db.new").write_bytes(b"half")
    desk.open()
    assert keys.read_key(desk.folder) == key


def test_a_copy_of_the_folder_opens_elsewhere_with_the_same_head(closed: Desk, tmp_path: Path) -> None:
    head = closed.open().opened().head
    closed.close()
    shutil.copytree(closed.folder, tmp_path / "restored")
    restored = Desk(tmp_path / "restored")
    assert restored.open().opened().head == head
    restored.close()
