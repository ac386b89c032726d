"""A new key for the record: killed at any step, the old file or the new one is whole, with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.ports import StorageError
from db import cipher, keys, rotating
from db.rekeying import content, rotate
from db.verify import verify
from tests.db.desk import Desk

STEPS = ("copied", "compared", "key written", "check written", "noted", "taken", "settled")
NEW_FROM = STEPS.index("taken")


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def whole(desk: Desk) -> Desk:
    """A record with a session and its samples, closed."""
    desk.a_session()
    desk.close()
    return desk


def change(desk: Desk, die_at: str = "") -> bytes:
    """Rotate the key of this desk's record; dies at this step."""

    def fault(step: str) -> None:
        if step == die_at:
            raise Killed

    return rotate(desk.folder, keys.read_key(desk.folder), keys.write_durably, fault)


def test_the_record_says_the_same_under_the_new_key(whole: Desk) -> None:
    old = keys.read_key(whole.folder)
    before = content(whole.record, old)
    new = change(whole)
    assert new != old
    assert keys.read_key(whole.folder) == new
    assert content(whole.record, new) == before
    assert verify(whole.folder).problems == ()


def test_the_old_key_opens_the_record_no_more(whole: Desk) -> None:
    old = keys.read_key(whole.folder)
    change(whole)
    with pytest.raises(cipher.ERRORS):
        content(whole.record, old)


def test_nothing_else_is_left_in_the_folder(whole: Desk) -> None:
    before = {path.name for path in whole.folder.iterdir()}
    change(whole)
    assert {path.name for path in whole.folder.iterdir()} == before


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_record_opens_as_it_was(whole: Desk, step: str) -> None:
    old = keys.read_key(whole.folder)
    before = content(whole.record, old)
    with pytest.raises(Killed):
        change(whole, step)
    whole.open()
    whole.close()
    key = keys.read_key(whole.folder)
    assert (key != old) == (STEPS.index(step) >= NEW_FROM)
    assert content(whole.record, key) == before
    assert verify(whole.folder).problems == ()


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_change_can_be_made_again(whole: Desk, step: str) -> None:
    before = content(whole.record, keys.read_key(whole.folder))
    with pytest.raises(Killed):
        change(whole, step)
    rotating.settle_rotation(whole.folder)
    new = change(whole)
    assert content(whole.record, new) == before


@pytest.mark.parametrize("done", [(), (keys.KEY_FILE,), (keys.KEY_FILE, keys.CHECK_FILE)])
def test_settling_that_was_cut_short_goes_on_where_it_was(whole: Desk, done: tuple[str, ...]) -> None:
    with pytest.raises(Killed):
        change(whole, "taken")
    for name in done:
        (whole.folder / (name + rotating.NEXT)).replace(whole.folder / name)
    whole.open()
    whole.close()
    assert verify(whole.folder).problems == ()


def test_a_command_that_reads_does_not_settle_and_says_what_to_do(whole: Desk) -> None:
    with pytest.raises(Killed):
        change(whole, "taken")
    with pytest.raises(StorageError, match="key status"):
        verify(whole.folder)
    assert rotating.is_unsettled(whole.folder)


def test_a_record_that_another_program_reads_keeps_its_key(whole: Desk) -> None:
    old = keys.read_key(whole.folder)
    whole.open()
    with pytest.raises(StorageError, match="another program reads it"):
        change(whole)
    assert keys.read_key(whole.folder) == old
    whole.note()
    whole.close()
    assert verify(whole.folder).problems == ()


def test_a_damaged_record_keeps_its_key(whole: Desk) -> None:
    old = keys.read_key(whole.folder)
    whole.tamper("DROP TRIGGER entry_kept")
    with pytest.raises(StorageError, match="trigger entry_kept is missing"):
        change(whole)
    assert keys.read_key(whole.folder) == old


def test_a_full_disk_leaves_the_key_as_it_was(whole: Desk) -> None:
    old = keys.read_key(whole.folder)

    def full(path: Path, key: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="is full"):
        rotate(whole.folder, old, full)
    whole.open()
    assert keys.read_key(whole.folder) == old
