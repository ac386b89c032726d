"""The sealed key tried from the screen: counted beside the record, over restarts; the right one always opens."""

from __future__ import annotations

import stat

import pytest

from app.instant import Instant
from app.ports import StorageError
from db import keycommand, keys, rotating, sealing
from db.sealing import CHEAP
from db.unsealing import TRIES_FILE, SealedFolder, needs_passphrase
from tests.db.desk import Desk

PASSPHRASE = "correct horse battery"


@pytest.fixture
def sealed(desk: Desk) -> Desk:
    """A closed record whose key is sealed, as after a new start."""
    desk.a_session()
    desk.close()
    keycommand.seal(desk.folder, lambda _words: PASSPHRASE, CHEAP)
    sealing.lock(desk.folder)
    return desk


def started(desk: Desk, boot: str = "boot") -> SealedFolder:
    """A start of Chairside that asks for the passphrase."""
    return SealedFolder(desk.folder, lambda: desk.now, boot)


def wrong(key: SealedFolder, desk: Desk, times: int) -> None:
    """So many wrong passphrases, each after its wait."""
    for _ in range(times):
        desk.now = desk.now.plus(key.wait_s())
        assert "wrong so far" in key.try_passphrase("another passphrase")


def test_the_right_passphrase_opens_the_record(sealed: Desk) -> None:
    assert needs_passphrase(sealed.folder)
    assert started(sealed).try_passphrase(PASSPHRASE) == ""
    assert not needs_passphrase(sealed.folder)
    assert sealed.open().opened().clinic is not None


def test_a_wrong_one_says_what_where_and_what_to_do(sealed: Desk) -> None:
    said = started(sealed).try_passphrase("another passphrase")
    assert said.startswith(f"Not the passphrase of {sealed.folder} (wrong so far: 1).")
    assert "capitals, spaces and signs count" in said
    assert needs_passphrase(sealed.folder)


def test_waits_grow_and_a_restart_of_chairside_shortens_none(sealed: Desk) -> None:
    key = started(sealed)
    wrong(key, sealed, 2)
    assert key.wait_s() == 0
    wrong(key, sealed, 1)
    assert key.wait_s() == 5
    sealed.now = sealed.now.plus(2)
    again = started(sealed)
    assert again.wait_s() == 3
    wrong(again, sealed, 1)
    assert again.wait_s() == 10


def test_a_restart_of_the_machine_shortens_no_wait_either(sealed: Desk) -> None:
    wrong(started(sealed), sealed, 4)
    sealed.now = Instant(sealed.now.plus(3).utc, 1.0)
    assert started(sealed, "another boot").wait_s() == 7


def test_before_the_wait_is_over_no_passphrase_is_looked_at(sealed: Desk) -> None:
    key = started(sealed)
    wrong(key, sealed, 3)
    assert key.try_passphrase(PASSPHRASE) == "Wait before the next try."
    assert needs_passphrase(sealed.folder)


def test_the_right_one_ends_the_count(sealed: Desk) -> None:
    wrong(started(sealed), sealed, 3)
    sealed.now = sealed.now.plus(5)
    assert started(sealed).try_passphrase(PASSPHRASE) == ""
    assert not (sealed.folder / TRIES_FILE).exists()


def test_a_try_is_counted_before_it_is_made_so_that_a_kill_in_the_middle_wins_nothing(sealed: Desk) -> None:
    wrong(started(sealed), sealed, 2)

    def killed(_step: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SealedFolder(sealed.folder, lambda: sealed.now, "boot", killed).try_passphrase("a third passphrase")
    assert started(sealed).wait_s() == 5


def test_the_count_holds_no_passphrase_and_only_its_owner_reads_it(sealed: Desk) -> None:
    wrong(started(sealed), sealed, 1)
    path = sealed.folder / TRIES_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"passphrase" not in path.read_bytes()


def test_a_damaged_count_does_not_keep_the_record_closed(sealed: Desk) -> None:
    (sealed.folder / TRIES_FILE).write_bytes(b"{")
    key = started(sealed)
    assert key.wait_s() == 0
    assert key.try_passphrase(PASSPHRASE) == ""


def test_a_count_that_cannot_be_written_goes_on_in_memory(sealed: Desk) -> None:
    (sealed.folder / (TRIES_FILE + ".new")).mkdir()
    key = started(sealed)
    wrong(key, sealed, 3)
    assert key.wait_s() == 5
    sealed.now = sealed.now.plus(5)
    assert key.try_passphrase(PASSPHRASE) == ""


def test_a_damaged_seal_is_said_and_is_no_wrong_try(sealed: Desk) -> None:
    (sealed.folder / keys.SEALED_FILE).write_bytes(b"{}")
    key = started(sealed)
    assert "is damaged. Put it back from a back-up" in key.try_passphrase(PASSPHRASE)
    assert not (sealed.folder / TRIES_FILE).exists()


def test_the_seal_of_another_record_is_said_on_the_screen(sealed: Desk) -> None:
    (sealed.folder / keys.SEALED_FILE).write_bytes(sealing.seal(bytes(32), PASSPHRASE, CHEAP))
    said = started(sealed).try_passphrase(PASSPHRASE)
    assert "is not the key of the record" in said
    assert needs_passphrase(sealed.folder)


def test_an_open_key_is_not_asked_for(desk: Desk) -> None:
    desk.a_session()
    desk.close()
    assert not needs_passphrase(desk.folder)


def test_a_second_chairside_on_the_same_folder_asks_nobody(sealed: Desk) -> None:
    sealing.unlock(sealed.folder, PASSPHRASE)
    sealed.note()
    sealing.lock(sealed.folder)
    with pytest.raises(StorageError, match="open in another Chairside"):
        needs_passphrase(sealed.folder)


def test_a_change_of_key_that_was_cut_short_is_settled_first(sealed: Desk) -> None:
    def fault(step: str) -> None:
        if step == "taken":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keycommand.rotate_key(sealed.folder, lambda _words: PASSPHRASE, CHEAP, fault)
    sealing.lock(sealed.folder)
    assert started(sealed).try_passphrase(PASSPHRASE) == ""
    assert not rotating.is_unsettled(sealed.folder)


def test_half_a_character_from_a_keyboard_is_a_wrong_passphrase_and_no_crash(sealed: Desk) -> None:
    assert "wrong so far" in started(sealed).try_passphrase("horse \ud83d battery")
