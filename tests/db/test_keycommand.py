from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.ports import StorageError
from db import keycommand, keys, keystore, sealing
from db.asking import asker, from_file
from db.keycommand import CURRENT, NEW, run_key, status
from db.sealing import CHEAP, WrongPassphrase
from db.verify import verify
from tests.db.desk import Desk
from tests.db.test_keystore import FakeKeyStore

OLD_PASSPHRASE, PASSPHRASE = "the passphrase before", "correct horse battery"


def ask(words: str) -> str:
    """An administrator who types the same passphrase as the new one and as the present one."""
    assert words in (CURRENT, NEW)
    return PASSPHRASE


@pytest.fixture
def closed(desk: Desk) -> Desk:
    """A record with a session, closed, with an open key."""
    desk.a_session()
    desk.close()
    return desk


@pytest.fixture
def sealed(closed: Desk) -> Desk:
    """The same with its key sealed, as after a new start: nobody gave the passphrase yet."""
    keycommand.seal(closed.folder, ask, CHEAP)
    sealing.lock(closed.folder)
    return closed


def said(desk: Desk, action: str, **named: Path) -> tuple[int, str]:
    out = io.StringIO()
    return run_key(action, desk.folder, ask, out, out, **named), out.getvalue()


def test_an_open_key_is_named_for_what_it_is(closed: Desk) -> None:
    found = status(closed.folder)
    assert (found.way, found.protected, found.fits) == ("file", False, True)
    assert "whoever reads that file, or takes this disk, reads the record" in found.words


def test_a_sealed_key_is_named_before_and_after_it_was_opened(sealed: Desk) -> None:
    found = status(sealed.folder)
    assert (found.way, found.protected, found.fits) == ("sealed", True, None)
    keycommand.unlock(sealed.folder, PASSPHRASE)
    assert status(sealed.folder).fits


def test_sealing_takes_the_open_key_away(sealed: Desk) -> None:
    assert not (sealed.folder / keys.KEY_FILE).exists()
    with pytest.raises(StorageError, match="give the passphrase"):
        sealed.open()
    keycommand.unlock(sealed.folder, PASSPHRASE)
    assert sealed.open().opened().unfinished is None


def test_a_wrong_passphrase_opens_nothing(sealed: Desk) -> None:
    with pytest.raises(WrongPassphrase):
        keycommand.unlock(sealed.folder, OLD_PASSPHRASE)


def test_the_passphrase_is_changed_by_sealing_again(closed: Desk) -> None:
    keycommand.seal(closed.folder, lambda words: OLD_PASSPHRASE, CHEAP)
    sealing.lock(closed.folder)
    keycommand.seal(closed.folder, lambda words: PASSPHRASE if words == NEW else OLD_PASSPHRASE, CHEAP)
    sealing.lock(closed.folder)
    with pytest.raises(WrongPassphrase):
        keycommand.unlock(closed.folder, OLD_PASSPHRASE)
    keycommand.unlock(closed.folder, PASSPHRASE)


@pytest.mark.parametrize("step", ["written", "read back", "taken"])
def test_a_change_of_passphrase_that_is_cut_short_leaves_one_that_opens(closed: Desk, step: str) -> None:
    keycommand.seal(closed.folder, lambda words: OLD_PASSPHRASE, CHEAP)

    def fault(here: str) -> None:
        if here == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keycommand.seal(
            closed.folder, lambda words: PASSPHRASE if words == NEW else OLD_PASSPHRASE, CHEAP, fault
        )
    sealing.lock(closed.folder)
    keycommand.unlock(closed.folder, PASSPHRASE if step == "taken" else OLD_PASSPHRASE)
    assert verify(closed.folder).problems == ()


def test_a_new_seal_that_cannot_be_read_back_is_thrown_away_and_the_old_one_opens(closed: Desk) -> None:
    keycommand.seal(closed.folder, lambda words: OLD_PASSPHRASE, CHEAP)
    before = (closed.folder / keys.SEALED_FILE).read_bytes()
    trial = closed.folder / (keys.SEALED_FILE + keycommand.TRIAL)

    def damage(step: str) -> None:
        if step == "written":
            trial.write_bytes(before)  # what the disk gives back is another file

    with pytest.raises(StorageError, match="The key is kept as it was"):
        keycommand.seal(
            closed.folder, lambda words: PASSPHRASE if words == NEW else OLD_PASSPHRASE, CHEAP, damage
        )
    assert (closed.folder / keys.SEALED_FILE).read_bytes() == before
    assert not trial.exists()


def test_unsealing_puts_the_same_open_key_back(closed: Desk) -> None:
    before = keys.read_key(closed.folder)
    keycommand.seal(closed.folder, ask, CHEAP)
    sealing.lock(closed.folder)
    keycommand.unseal(closed.folder, ask)
    assert keys.read_key_file(closed.folder / keys.KEY_FILE) == before
    assert not (closed.folder / keys.SEALED_FILE).exists()


def test_a_short_passphrase_leaves_the_key_as_it_was(closed: Desk) -> None:
    with pytest.raises(StorageError, match="12 characters"):
        keycommand.seal(closed.folder, lambda words: "short", CHEAP)
    assert status(closed.folder).way == "file"


def test_a_seal_cut_short_keeps_the_open_key_and_says_so(closed: Desk) -> None:
    sealed = sealing.seal(keys.read_key(closed.folder), PASSPHRASE, CHEAP)
    keys.write_durably(closed.folder / keys.SEALED_FILE, sealed)
    found = status(closed.folder)
    assert found.way == "file"
    assert "chairside.sealed stands there too: a change was cut short" in found.words


def test_the_system_s_store_takes_the_key_and_the_folder_keeps_none(closed: Desk) -> None:
    key, store = keys.read_key(closed.folder), FakeKeyStore()
    keycommand.store(closed.folder, ask, store)
    assert status_way(closed) == "keystore"
    assert keystore.fetch(closed.folder, store) == key
    assert not (closed.folder / keys.KEY_FILE).exists()


def test_a_key_given_to_the_store_again_leaves_no_older_entry_behind(closed: Desk) -> None:
    store, safe = FakeKeyStore(), keys.read_key(closed.folder)
    keycommand.store(closed.folder, ask, store)
    keystore.keep(closed.folder, safe, store)
    assert list(store.kept.values()) == [safe.hex()]
    assert keystore.fetch(closed.folder, store) == safe


def status_way(desk: Desk) -> str | None:
    return keys.way_of(desk.folder)


def test_a_sealed_record_gets_a_new_key_under_the_same_passphrase(sealed: Desk) -> None:
    before = (sealed.folder / keys.SEALED_FILE).read_bytes()
    keycommand.rotate_key(sealed.folder, ask, CHEAP)
    assert (sealed.folder / keys.SEALED_FILE).read_bytes() != before
    sealing.lock(sealed.folder)
    keycommand.unlock(sealed.folder, PASSPHRASE)
    assert verify(sealed.folder).problems == ()


@pytest.mark.parametrize("step", ["noted", "taken"])
def test_a_sealed_record_whose_change_was_cut_short_opens_with_its_passphrase(
    sealed: Desk, step: str
) -> None:
    def fault(here: str) -> None:
        if here == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keycommand.rotate_key(sealed.folder, ask, CHEAP, fault)
    sealing.lock(sealed.folder)
    keycommand.unlock(sealed.folder, PASSPHRASE)
    assert verify(sealed.folder).problems == ()


@pytest.mark.parametrize("action", ["seal", "unseal", "store", "rotate"])
def test_no_change_is_made_while_chairside_runs(desk: Desk, action: str) -> None:
    desk.note()
    code, words = said(desk, action)
    assert code == 2
    assert "open in another Chairside" in words


def test_a_copy_of_the_key_puts_a_lost_one_right(closed: Desk, tmp_path: Path) -> None:
    safe = tmp_path / "safe.key"
    assert said(closed, "copy", to=safe)[0] == 0
    (closed.folder / keys.KEY_FILE).unlink()
    code, words = said(closed, "status")
    assert code == 2
    assert "There is no key" in words
    assert "Not lost: summaries" in words
    assert said(closed, "recover", key_file=safe)[0] == 0
    assert verify(closed.folder).problems == ()


def test_a_copy_overwrites_nothing(closed: Desk, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("a letter")
    code, words = said(closed, "copy", to=there)
    assert (code, there.read_text()) == (2, "a letter")
    assert "Give another name" in words


def test_another_record_s_key_is_not_put_back(closed: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    keys.write_durably(other, bytes(32))
    before = keys.read_key(closed.folder)
    assert said(closed, "recover", key_file=other)[0] == 2
    assert keys.read_key(closed.folder) == before


def test_a_folder_that_is_not_there_takes_no_key_and_is_named(tmp_path: Path) -> None:
    keys.write_durably(tmp_path / "copy", bytes(32))
    code, words = said(Desk(tmp_path / "away"), "recover", key_file=tmp_path / "copy")
    assert code == 2
    assert words.startswith(f"{tmp_path / 'away'}")
    assert "Check that its disk is connected" in words


def test_status_says_what_it_is_and_that_it_fits(closed: Desk) -> None:
    code, words = said(closed, "status")
    assert code == 0
    assert words.endswith("It is the record's key.\n")


def test_a_passphrase_file_gives_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "one").write_text(f"{OLD_PASSPHRASE}\nanother line\n")
    (tmp_path / "two").write_text(PASSPHRASE)
    asked = asker(tmp_path / "one", tmp_path / "two")
    assert (asked(CURRENT), asked(NEW)) == (OLD_PASSPHRASE, PASSPHRASE)


def test_an_empty_passphrase_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(StorageError, match="is empty"):
        from_file(tmp_path / "empty")


def test_without_a_terminal_the_file_is_named_as_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(StorageError, match="--passphrase-file FILE"):
        asker(None)(CURRENT)
