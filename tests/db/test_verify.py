from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest

from app.entries import CLINIC, ClinicNamed, SamplesSealed, next_hash
from app.ports import Append, StorageError
from db import keys, schema
from db.verify import VerifyReport, run_verify, verify
from tests.db.desk import Desk

FREE = tuple(f"DROP TRIGGER {name}" for name in schema.TRIGGERS)
BACK = tuple(schema.TRIGGERS.values())


@pytest.fixture
def whole(desk: Desk) -> Desk:
    """A record with one session of eight entries and 24 sealed samples, and a clinic's log; closed."""
    desk.write(ClinicNamed("Harbour Clinic"), session=CLINIC)
    desk.a_session()
    desk.close()
    return desk


def problems_after(desk: Desk, *statements: str) -> str:
    """What verify says after this was done to the rows and the triggers were put back."""
    desk.tamper(*FREE, *statements, *BACK)
    return "\n".join(verify(desk.folder).problems)


def test_a_whole_record_is_found_good_with_its_figures(whole: Desk) -> None:
    report = verify(whole.folder)
    assert report == VerifyReport(
        record=str(whole.record),
        version="0002",
        entries=9,
        sessions=1,
        samples=24,
        head=whole.open().opened().head,
        problems=(),
    )


def test_an_empty_record_is_good(desk: Desk) -> None:
    desk.open()
    assert verify(desk.folder).good


def test_a_record_in_use_is_found_good_with_what_is_still_in_the_log(desk: Desk) -> None:
    desk.a_session()
    assert verify(desk.folder).good
    assert verify(desk.folder).entries == 8


def test_samples_after_the_last_seal_are_noted_and_no_damage(desk: Desk) -> None:
    desk.put(Append((), (desk.sample(1), desk.sample(2))))
    report = verify(desk.folder)
    assert report.good
    assert report.notes == ("Session s1: 2 samples under no seal.",)


def test_changed_words_are_found_with_entry_and_field(whole: Desk) -> None:
    found = problems_after(
        whole, "UPDATE entry SET data = CAST(replace(data, 'Ada', 'Eve') AS BLOB) WHERE number = 3"
    )
    assert found == (
        "Entry 3 (PatientIdentified, number 2 of session s1): "
        "the field hash does not fit its data; one was changed."
    )


def test_changed_words_with_their_hash_are_found_at_the_next_link(whole: Desk) -> None:
    engine = whole.another()
    with engine.connect() as connection:
        previous, data = connection.exec_driver_sql("SELECT previous, data FROM entry WHERE number = 3").one()
    engine.dispose()
    forged = data.replace(b"Ada", b"Eve")
    new = next_hash(previous, forged)
    found = problems_after(
        whole, f"UPDATE entry SET data = x'{forged.hex()}', hash = '{new}' WHERE number = 3"
    )
    assert re.fullmatch(r"Entry 4 \(OrderSigned.*: the field previous is not the hash of .*", found)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uuid", "'other'"),
        ("kind", "'NoteWritten'"),
        ("at_utc", "'2026-03-02T11:00:00.000000+00:00'"),
        ("session", "'s9'"),
        ("session_number", "77"),
    ],
)
def test_a_changed_column_is_found_with_entry_and_field(whole: Desk, field: str, value: str) -> None:
    found = problems_after(whole, f"UPDATE entry SET {field} = {value} WHERE number = 5")
    assert found.startswith("Entry 5 (")
    assert f": the field {field} is not what its data says" in found


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        ("data", "CAST(data AS TEXT)", "bytes"),
        ("previous", "CAST(previous AS BLOB)", "text"),
        ("hash", "CAST(hash AS BLOB)", "text"),
        ("uuid", "CAST(uuid AS BLOB)", "text"),
        ("at_utc", "CAST(at_utc AS BLOB)", "text"),
        ("session_number", "x'05'", "a number"),
    ],
)
def test_a_field_that_holds_another_kind_of_value_is_found_with_entry_and_field(
    whole: Desk, field: str, value: str, held: str
) -> None:
    found = problems_after(whole, f"UPDATE entry SET {field} = {value} WHERE number = 5")
    assert re.search(
        rf"^Entry 5 \(.*: the field {field} does not hold {held}; it was changed\.$", found, re.M
    )


def test_a_time_that_is_none_is_found_with_entry_and_field(whole: Desk) -> None:
    found = problems_after(whole, "UPDATE entry SET at_utc = 'noon' WHERE number = 5")
    assert re.search(r"^Entry 5 \(.*: the field at_utc is not what its data says", found, re.M)


def test_a_time_without_a_zone_in_the_words_of_an_entry_is_found(whole: Desk) -> None:
    naive = "CAST(replace(data, '2026-03-02T12:02:00Z', '2026-03-02T12:02:00') AS BLOB)"
    found = problems_after(whole, f"UPDATE entry SET data = {naive} WHERE number = 8")
    assert re.search(r"^Entry 8 \(.*: the field at_utc is not what its data says", found, re.M)


def test_bytes_that_say_no_entry_are_found(whole: Desk) -> None:
    found = problems_after(whole, "UPDATE entry SET data = x'7b7d' WHERE number = 2")
    assert "Entry 2 (SessionOpened, number 1 of session s1): the field data cannot be read" in found


def test_a_removed_entry_is_found(whole: Desk) -> None:
    found = problems_after(whole, "DELETE FROM entry WHERE number = 4")
    assert "Entry 4 is missing." in found
    assert "number 3 of this session was expected here" in found


def test_removed_newest_entries_show_in_the_head(whole: Desk) -> None:
    before = verify(whole.folder).head
    problems_after(whole, "DELETE FROM entry WHERE number = 9")
    assert verify(whole.folder).head != before


def test_a_changed_sample_is_found_with_its_seal_and_minute(whole: Desk) -> None:
    found = problems_after(
        whole, "UPDATE sample SET data = CAST(replace(data, '97.0', '98.0') AS BLOB) WHERE number = 14"
    )
    assert found == (
        "Entry 7 (SamplesSealed, number 6 of session s1), seal of 2026-03-02 12:02 UTC: "
        "samples 13 to 24 are not those that were sealed."
    )


def test_a_removed_sample_is_found_with_its_number_and_seal(whole: Desk) -> None:
    found = problems_after(whole, "DELETE FROM sample WHERE number = 3")
    assert "Session s1: sample 3 is missing." in found
    assert "seal of 2026-03-02 12:01 UTC: 11 samples from 1 on, not 12." in found


def test_a_changed_column_of_a_sample_is_found(whole: Desk) -> None:
    found = problems_after(whole, "UPDATE sample SET at_utc = '2020-01-01T00:00:00+00:00' WHERE number = 3")
    assert "Session s1, sample 3: the field at_utc is not what its data says" in found


def test_a_sample_whose_bytes_became_text_is_found_with_its_seal(whole: Desk) -> None:
    found = problems_after(whole, "UPDATE sample SET data = CAST(data AS TEXT) WHERE number = 14")
    assert "Session s1, sample 14: the field data does not hold bytes; it was changed." in found
    assert "samples 13 to 24 are not those that were sealed." in found
    assert "missing" not in found


def test_a_sample_whose_number_became_text_is_found(whole: Desk) -> None:
    found = problems_after(whole, "UPDATE sample SET number = 'x' WHERE number = 14")
    assert "Session s1, sample x: the field number does not hold a number; it was changed." in found
    assert "Session s1: sample 14 is missing." in found


@pytest.mark.parametrize("name", list(schema.TRIGGERS))
def test_a_dropped_trigger_is_named(whole: Desk, name: str) -> None:
    whole.tamper(f"DROP TRIGGER {name}")
    (problem,) = verify(whole.folder).problems
    assert problem.startswith(f"The trigger {name} is missing")


def test_a_weakened_trigger_is_named(whole: Desk) -> None:
    whole.tamper(
        "DROP TRIGGER entry_kept",
        "CREATE TRIGGER entry_kept BEFORE DELETE ON entry WHEN 0 BEGIN SELECT RAISE(ABORT, ''); END",
    )
    (problem,) = verify(whole.folder).problems
    assert problem.startswith("The trigger entry_kept was changed")


def test_a_dropped_table_is_named(whole: Desk) -> None:
    whole.tamper(*FREE, "DROP TABLE sample")
    assert "The table sample is missing." in verify(whole.folder).problems


def flip_and_look(whole: Desk, clean: bytes, bit: int) -> str:
    """Change one bit of the file; "" when verify names its page, else what it said."""
    flipped = bytearray(clean)
    flipped[bit // 8] ^= 1 << bit % 8
    whole.record.write_bytes(flipped)
    page = bit // 8 // 4096 + 1
    words = " ".join(verify(whole.folder).problems)
    named = re.search(rf"page {page}\b", words) or (page == 1 and "is damaged" in words)
    return "" if named else f"bit {bit}: {words!r}"


def test_each_of_a_hundred_flipped_bits_is_found_and_its_page_named(whole: Desk) -> None:
    clean = whole.record.read_bytes()
    chance = random.Random(20260302)
    bits = [chance.randrange(len(clean) * 8) for _ in range(100)]
    assert [missed for bit in bits if (missed := flip_and_look(whole, clean, bit))] == []


@pytest.mark.flips
def test_each_of_many_flipped_bits_is_found_and_its_page_named(whole: Desk, rounds: int) -> None:
    clean = whole.record.read_bytes()
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    bits = [chance.randrange(len(clean) * 8) for _ in range(rounds)]
    missed = [words for bit in bits if (words := flip_and_look(whole, clean, bit))]
    print(f"bits changed: {rounds} of {len(clean) * 8}, seed {seed}; found: {rounds - len(missed)}")
    assert missed == []


def test_verify_says_good_and_ends_with_0(whole: Desk) -> None:
    out = io.StringIO()
    assert run_verify(whole.folder, out) == 0
    assert "sessions: 1, entries: 9, samples: 24, schema 0002" in out.getvalue()
    assert "No damage found" in out.getvalue()


def test_verify_names_the_damage_and_ends_with_1(whole: Desk) -> None:
    out = io.StringIO()
    whole.tamper("DROP TRIGGER entry_kept")
    assert run_verify(whole.folder, out) == 1
    assert "The trigger entry_kept is missing" in out.getvalue()
    assert "Problems found: 1." in out.getvalue()


def test_a_damaged_first_page_is_damage_and_ends_with_1(whole: Desk) -> None:
    data = bytearray(whole.record.read_bytes())
    data[5] ^= 1
    whole.record.write_bytes(data)
    out = io.StringIO()
    assert run_verify(whole.folder, out) == 1
    assert "is damaged: its key is right" in out.getvalue()


def test_verify_without_a_record_ends_with_2(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert run_verify(tmp_path, out, err) == 2
    assert "There is no record" in err.getvalue()
    assert out.getvalue() == ""


def test_verify_with_the_wrong_key_ends_with_2(whole: Desk) -> None:
    (whole.folder / keys.KEY_FILE).write_bytes(bytes(32))
    err = io.StringIO()
    assert run_verify(whole.folder, io.StringIO(), err) == 2
    assert "is not the key of the record" in err.getvalue()
    with pytest.raises(StorageError):
        verify(whole.folder)


def test_a_seal_counts_the_samples_from_its_first_on(desk: Desk) -> None:
    desk.write(SamplesSealed(1, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
    assert verify(desk.folder).good


def test_a_damaged_page_of_entries_is_said_to_end_the_chain(desk: Desk) -> None:
    for _ in range(300):
        desk.note()
    desk.close()
    data = bytearray(desk.record.read_bytes())
    middle = len(data) // 4096 // 2 * 4096 + 100
    data[middle] ^= 1
    desk.record.write_bytes(data)
    words = " ".join(verify(desk.folder).problems)
    assert f"page {middle // 4096 + 1}" in words
    assert "cannot be read" in words
