from __future__ import annotations

from pathlib import Path

import pytest

from app.ports import StorageError
from db import keys, keystore
from db.keystore import fetch, forget, keep

KEY = bytes(range(32))


class FakeKeyStore:
    """A key store in memory; `refuses` as one that is locked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.refuses = False

    def get_password(self, service: str, username: str) -> str | None:
        self._require_open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._require_open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._require_open()
        del self.kept[service, username]

    def _require_open(self) -> None:
        if self.refuses:
            raise RuntimeError("the collection is locked")


class Forgetful(FakeKeyStore):
    """A key store that keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Take it and lose it."""


@pytest.fixture
def store() -> FakeKeyStore:
    """An open key store."""
    return FakeKeyStore()


def test_a_key_comes_back_from_the_store_and_not_from_the_folder(tmp_path: Path, store: FakeKeyStore) -> None:
    keep(tmp_path, KEY, store)
    assert fetch(tmp_path, store) == KEY
    assert KEY.hex().encode() not in (tmp_path / keys.STORE_FILE).read_bytes()


def test_the_folder_says_that_the_store_has_its_key(tmp_path: Path, store: FakeKeyStore) -> None:
    keep(tmp_path, KEY, store)
    assert keys.way_of(tmp_path) == "keystore"


def test_two_folders_have_entries_of_their_own(tmp_path: Path, store: FakeKeyStore) -> None:
    for name, key in (("one", KEY), ("two", bytes(32))):
        (tmp_path / name).mkdir()
        keep(tmp_path / name, key, store)
    assert fetch(tmp_path / "one", store) == KEY
    assert fetch(tmp_path / "two", store) == bytes(32)


def test_a_store_that_keeps_nothing_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="gave another key back"):
        keep(tmp_path, KEY, Forgetful())
    assert keys.way_of(tmp_path) is None


def test_what_cannot_be_named_in_the_folder_does_not_stay_in_the_store(
    tmp_path: Path, store: FakeKeyStore
) -> None:
    with pytest.raises(OSError, match="No such file"):
        keep(tmp_path / "away", KEY, store)
    assert store.kept == {}


def test_an_entry_that_is_gone_already_is_no_hindrance(tmp_path: Path, store: FakeKeyStore) -> None:
    keep(tmp_path, KEY, store)
    store.kept.clear()
    keep(tmp_path, KEY, store)
    assert fetch(tmp_path, store) == KEY
    assert len(store.kept) == 1


def test_a_locked_store_is_named_with_what_to_do(tmp_path: Path, store: FakeKeyStore) -> None:
    keep(tmp_path, KEY, store)
    store.refuses = True
    with pytest.raises(StorageError, match="Is it unlocked"):
        fetch(tmp_path, store)


def test_a_key_that_the_store_lost_is_asked_for_from_its_copy(tmp_path: Path, store: FakeKeyStore) -> None:
    keep(tmp_path, KEY, store)
    forget(keystore.entry_of(tmp_path / keys.STORE_FILE), store)
    with pytest.raises(StorageError, match="key recover --key FILE"):
        fetch(tmp_path, store)


def test_a_damaged_name_of_an_entry_is_called_damaged(tmp_path: Path, store: FakeKeyStore) -> None:
    (tmp_path / keys.STORE_FILE).write_bytes(b"{")
    with pytest.raises(StorageError, match="is damaged"):
        fetch(tmp_path, store)


def test_without_a_store_of_the_system_the_passphrase_is_named_as_the_other_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("keyring")
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StorageError, match="key seal"):
        keystore.system_store()
