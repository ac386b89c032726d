"""A back-up becomes the same record again on a machine that has none: R17."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from app.ports import Append, StorageError
from db import keys, sealing
from db.backup import MANIFEST_FILE, Backup, back_up, hash_of
from db.keycommand import Ask, seal
from db.opening import Known
from db.rekeying import content
from db.restore import restore, run_restore
from db.verify import verify
from tests.db.desk import NOON, Desk

STEPS = ("copied", "key written", "check written", "taken")
PASSPHRASE = "correct horse battery"


class Killed(BaseException):
    """The process ends here."""


def nobody(words: str) -> str:
    """Nobody is there to be asked."""
    raise AssertionError(f"asked for {words!r}")


def knows(words: str) -> str:
    """An administrator who knows the passphrase."""
    return PASSPHRASE


@pytest.fixture
def made(desk: Desk, tmp_path: Path) -> Backup:
    """A back-up of a session with samples; its record goes on being used."""
    desk.a_session()
    (tmp_path / "stick").mkdir()
    return back_up(desk.folder, tmp_path / "stick", NOON.utc)


@pytest.fixture
def key_file(desk: Desk, made: Backup, tmp_path: Path) -> Path:
    """The copy of the key from the safe."""
    path = tmp_path / "from the safe.key"
    keys.write_durably(path, keys.read_key(desk.folder))
    return path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """The data folder of another machine, where there is nothing."""
    return tmp_path / "clean machine" / "data"


def refusal(made: Backup, clean: Path, ask: Ask = nobody, key_file: Path | None = None) -> str:
    with pytest.raises(StorageError) as error:
        restore(made.folder, clean, ask, key_file)
    assert not (clean / keys.RECORD_FILE).exists()
    return str(error.value)


def test_a_restored_record_is_the_same_to_the_byte_and_in_every_row(
    desk: Desk, made: Backup, key_file: Path, clean: Path
) -> None:
    key = keys.read_key(desk.folder)
    found = restore(made.folder, clean, nobody, key_file)
    assert hash_of(clean / keys.RECORD_FILE) == made.manifest.sha256
    assert found.head == made.manifest.head == verify(desk.folder).head
    assert content(clean / keys.RECORD_FILE, key) == content(desk.record, key)
    assert verify(clean).problems == ()


def test_work_goes_on_with_a_restored_record(made: Backup, key_file: Path, clean: Path) -> None:
    restore(made.folder, clean, nobody, key_file)
    again = Desk(clean)
    assert again.open().opened().head == made.manifest.head
    again.put(Append((msgspec.structs.replace(again.entry(), uuid="after"),)))
    again.close()
    assert verify(clean).entries == made.manifest.entries + 1


def test_a_sealed_key_restores_with_its_passphrase_alone(desk: Desk, tmp_path: Path, clean: Path) -> None:
    desk.a_session()
    desk.close()
    seal(desk.folder, knows, sealing.CHEAP)
    made = back_up(desk.folder, tmp_path, NOON.utc)
    assert restore(made.folder, clean, knows).head == made.manifest.head
    assert keys.way_of(clean) == "sealed"
    sealing.unlock(clean, PASSPHRASE)
    assert verify(clean).problems == ()
    for folder in (desk.folder, clean):
        sealing.lock(folder)


def test_a_wrong_passphrase_restores_nothing(desk: Desk, tmp_path: Path, clean: Path) -> None:
    desk.note()
    desk.close()
    seal(desk.folder, knows, sealing.CHEAP)
    made = back_up(desk.folder, tmp_path, NOON.utc)
    sealing.lock(desk.folder)
    assert "does not open" in refusal(made, clean, lambda words: "another passphrase")


def test_without_the_key_it_says_what_is_lost_and_what_is_not(made: Backup, clean: Path) -> None:
    said = refusal(made, clean)
    assert "(sessions: 1, entries: 8) needs its key" in said
    assert "cannot be read by anybody, its makers included" in said
    assert "in the safe, on a stick" in said
    assert "Not lost: summaries saved as PDF" in said
    assert "these sessions are lost" in said


def test_a_wrong_key_is_called_that(made: Backup, clean: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    keys.write_durably(other, bytes(32))
    assert "This is not the key of the back-up" in refusal(made, clean, key_file=other)


def test_a_record_is_never_overwritten(desk: Desk, made: Backup, key_file: Path) -> None:
    desk.close()
    before = desk.record.read_bytes()
    with pytest.raises(StorageError, match="never overwritten"):
        restore(made.folder, desk.folder, nobody, key_file)
    assert desk.record.read_bytes() == before


def test_a_folder_in_use_is_refused(desk: Desk, made: Backup, key_file: Path) -> None:
    with pytest.raises(StorageError, match="open in another Chairside"):
        restore(made.folder, desk.folder, nobody, key_file)


@pytest.mark.parametrize("at", [3, 5000, -1])
def test_one_changed_bit_of_a_back_up_is_found(made: Backup, key_file: Path, clean: Path, at: int) -> None:
    data = bytearray(made.record.read_bytes())
    data[at] ^= 1
    made.record.write_bytes(data)
    assert "was changed since it was made" in refusal(made, clean, key_file=key_file)


def test_a_changed_back_up_with_a_new_hash_is_found_by_its_pages(
    made: Backup, key_file: Path, clean: Path
) -> None:
    data = bytearray(made.record.read_bytes())
    data[5000] ^= 1
    made.record.write_bytes(data)
    words = (made.folder / MANIFEST_FILE).read_text().replace(made.manifest.sha256, hash_of(made.record))
    (made.folder / MANIFEST_FILE).write_text(words)
    assert "is not sound" in refusal(made, clean, key_file=key_file)


def test_a_manifest_of_another_moment_is_found(made: Backup, key_file: Path, clean: Path) -> None:
    words = (made.folder / MANIFEST_FILE).read_text().replace(made.manifest.head, "0" * 64)
    (made.folder / MANIFEST_FILE).write_text(words)
    assert "not what its manifest says" in refusal(made, clean, key_file=key_file)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_begins_no_other_record_and_can_be_done_again(
    made: Backup, key_file: Path, clean: Path, step: str
) -> None:
    def fault(here: str) -> None:
        if here == step:
            raise Killed

    with pytest.raises(Killed):
        restore(made.folder, clean, nobody, key_file, fault=fault)
    if step == "taken":
        assert verify(clean).head == made.manifest.head
        return
    if step == "check written":
        with pytest.raises(StorageError, match="is missing, though its key is there"):
            Desk(clean).open()
    assert restore(made.folder, clean, nobody, key_file).head == made.manifest.head


def test_a_full_disk_leaves_no_record_behind(made: Backup, key_file: Path, clean: Path) -> None:
    def full(step: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="is full"):
        restore(made.folder, clean, nobody, key_file, fault=full)
    assert not (clean / keys.RECORD_FILE).exists()


def test_a_back_up_of_an_older_schema_is_restored_as_it_is(made: Backup, key_file: Path, clean: Path) -> None:
    known = Known(("0001", "0002", "0003"))
    assert restore(made.folder, clean, nobody, key_file, known).version == "0002"


def test_a_back_up_of_a_newer_schema_is_refused(made: Backup, key_file: Path, clean: Path) -> None:
    with pytest.raises(StorageError, match="has schema 0002, this Chairside knows 0000"):
        restore(made.folder, clean, nobody, key_file, Known(("0000",)))


def test_the_command_restores_and_says_the_figures(made: Backup, key_file: Path, clean: Path) -> None:
    out = io.StringIO()
    assert run_restore(made.folder, clean, nobody, key_file, out) == 0
    assert "sessions: 1, entries: 8, samples: 24" in out.getvalue()
    assert f"Chain head {made.manifest.head}" in out.getvalue()


def test_the_command_ends_with_2_where_there_is_no_back_up(tmp_path: Path, clean: Path) -> None:
    err = io.StringIO()
    assert run_restore(tmp_path, clean, nobody, None, io.StringIO(), err) == 2
    assert f"Give the folder that holds {MANIFEST_FILE}" in err.getvalue()
