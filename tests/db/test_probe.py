"""What the self-test finds out about a record: by looking at a real one."""

from __future__ import annotations

import os
import shutil

import pytest

from app.entries import NoteWritten
from app.messages import RecordProbed
from app.ports import ProbeRecord
from db import keys
from db.opening import open_writing
from db.probe import PROBE_FILE, probe
from tests.db.desk import NOON, Desk


def probed(desk: Desk) -> RecordProbed:
    (answer,) = desk.put(ProbeRecord())
    assert isinstance(answer, RecordProbed)
    return answer


def test_a_good_record_has_no_problem_and_leaves_no_probe_behind(desk: Desk) -> None:
    desk.a_session()
    answer = probed(desk)
    assert (answer.write_problem, answer.database, answer.chain, answer.key_problem) == ("", "", "", "")
    assert answer.newest == desk.now.utc
    assert answer.free_mb == pytest.approx(shutil.disk_usage(desk.folder).free / (1 << 20), abs=200)
    assert not (desk.folder / PROBE_FILE).exists()


def test_a_record_without_an_entry_is_well(desk: Desk) -> None:
    answer = probed(desk)
    assert (answer.chain, answer.newest) == ("", None)


@pytest.mark.parametrize("data", ["CAST(data || x'20' AS BLOB)", "data || ' '", "NULL || ''"])
def test_an_entry_that_was_changed_is_found_at_the_end_of_the_chain(desk: Desk, data: str) -> None:
    desk.write(*(NoteWritten(f"note {n}") for n in range(5)))
    changed = f"UPDATE entry SET data = coalesce({data}, x'00') WHERE number = 4"
    desk.tamper("DROP TRIGGER entry_unchanged", changed)
    assert probed(desk).chain.startswith("Entry 4 does not fit the chain.")


@pytest.mark.parametrize("field", ["data", "previous", "hash"])
def test_an_entry_that_holds_another_kind_of_value_is_found_at_the_end_of_the_chain(
    desk: Desk, field: str
) -> None:
    desk.write(*(NoteWritten(f"note {n}") for n in range(5)))
    kind = "TEXT" if field == "data" else "BLOB"
    desk.tamper(
        "DROP TRIGGER entry_unchanged", f"UPDATE entry SET {field} = CAST({field} AS {kind}) WHERE number = 4"
    )
    assert "does not fit the chain." in probed(desk).chain


@pytest.mark.parametrize("time", ["'noon'", "x'00'"])
def test_a_newest_line_whose_column_says_no_time_is_told_by_its_own_bytes(desk: Desk, time: str) -> None:
    desk.write(*(NoteWritten(f"note {n}") for n in range(5)))
    desk.tamper("DROP TRIGGER entry_unchanged", f"UPDATE entry SET at_utc = {time} WHERE number = 5")
    assert probed(desk).newest == desk.now.utc


def test_a_newest_entry_that_cannot_be_read_is_found_by_the_chain(desk: Desk) -> None:
    desk.write(*(NoteWritten(f"note {n}") for n in range(5)))
    desk.tamper("DROP TRIGGER entry_unchanged", "UPDATE entry SET data = x'00' WHERE number = 5")
    answer = probed(desk)
    assert answer.chain.startswith("Entry 5 does not fit the chain.")
    assert answer.newest is None


def test_a_key_that_others_may_read_is_found(desk: Desk) -> None:
    desk.note()
    os.chmod(desk.folder / keys.KEY_FILE, 0o644)
    assert "chmod 600" in probed(desk).key_problem


def test_a_key_that_went_is_found_with_where_its_copy_is(desk: Desk) -> None:
    desk.note()
    desk.close()
    engine = open_writing(desk.folder, NOON.utc)
    (desk.folder / keys.KEY_FILE).unlink()
    assert "key recover --key FILE" in probe(engine, desk.folder, NOON).key_problem
    engine.dispose()


def test_a_key_of_another_record_is_found(desk: Desk) -> None:
    desk.note()
    keys.write_durably(desk.folder / keys.KEY_FILE, bytes(keys.KEY_BYTES))
    assert "is not the key of the record" in probed(desk).key_problem


def test_a_damaged_page_is_found_with_what_to_do(desk: Desk) -> None:
    desk.write(*(NoteWritten(f"note {n} " * 100) for n in range(200)))
    desk.close()
    data = bytearray(desk.record.read_bytes())
    data[len(data) // 2] ^= 1
    desk.record.write_bytes(data)
    answer = probed(desk)
    assert "damaged" in answer.database
    assert "back-up" in answer.database


def test_a_folder_that_takes_no_file_is_found(desk: Desk) -> None:
    desk.note()
    (desk.folder / f"{PROBE_FILE}.new").mkdir()
    assert probed(desk).write_problem
