"""The key of the record in the operating system's key store, through the library keyring where it is installed.

`chairside.keystore` names the entry; the key itself leaves the folder. Only stores of the system itself are
taken: keyring alone would also fall back to one that keeps secrets in a plain file.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from app.ports import StorageError
from db import keys

FORMAT = "chairside-keystore-1"
SERVICE = "Chairside: key of the record"
SYSTEMS_OWN = ("keyring.backends.SecretService", "keyring.backends.kwallet", "keyring.backends.macOS")


class KeyStore(Protocol):
    """Where secrets lie by name."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `chairside.keystore` holds."""

    format: str
    entry: str


def system_store() -> KeyStore:
    """The key store of this system and user; StorageError says what is missing."""
    try:
        from keyring.backend import get_all_keyring
    except ImportError:
        raise StorageError(
            "The system's key store needs the library keyring. Type: make keystore; or keep the key another "
            "way: python main.py key seal"
        ) from None
    own = [store for store in get_all_keyring() if type(store).__module__.startswith(SYSTEMS_OWN)]
    if not own:
        raise StorageError(
            "No key store of the system answers here (it needs a desktop's Secret Service or KWallet, unlocked). "
            "Seal the key with a passphrase: python main.py key seal"
        )
    best: KeyStore = max(own, key=lambda store: float(store.priority))
    return best


def keep(folder: Path, key: bytes, store: KeyStore, name: str = keys.STORE_FILE) -> None:
    """Put the key into the store and its name into the folder; what was put is read back first.

    The entry that the folder named before is taken out of the store last. Where the new one is not kept, it is taken
    out again, and the old one holds.
    """
    path = folder / name
    before = entry_of(path) if path.exists() else ""
    entry = str(uuid.uuid4())
    try:
        store.set_password(SERVICE, entry, key.hex())
        kept = store.get_password(SERVICE, entry)
    except Exception as error:
        raise _refused(error) from error
    try:
        if kept != key.hex():
            raise StorageError(
                "The system's key store gave another key back than it was given. It is not used."
            )
        keys.write_durably(path, msgspec.json.encode(Named(FORMAT, entry)) + b"\n")
    except (StorageError, OSError):
        with suppress(StorageError):
            forget(entry, store)
        raise
    if before:
        forget(before, store)


def fetch(folder: Path, store: KeyStore | None = None) -> bytes:
    """The key that the store holds for this folder."""
    path = folder / keys.STORE_FILE
    entry = entry_of(path)
    try:
        kept = (store or system_store()).get_password(SERVICE, entry)
    except StorageError:
        raise
    except Exception as error:
        raise _refused(error) from error
    if kept is None:
        raise StorageError(
            f"The system's key store holds no key for {folder}: another user put it there, or it was removed. "
            "Put the copy of the key back: python main.py key recover --key FILE"
        )
    try:
        return keys.sound(bytes.fromhex(kept), path)
    except ValueError as error:
        raise StorageError(f"What the system's key store holds for {folder} is no key.") from error


def forget(entry: str, store: KeyStore) -> None:
    """Take a key out of the store, where it is in it."""
    try:
        if store.get_password(SERVICE, entry) is not None:
            store.delete_password(SERVICE, entry)
    except Exception as error:
        raise _refused(error) from error


def entry_of(path: Path) -> str:
    """The entry that this file names; StorageError when it cannot be read."""
    try:
        named = msgspec.json.decode(path.read_bytes(), type=Named)
    except OSError as error:
        raise keys.unreadable(path, error) from error
    except msgspec.DecodeError as error:
        raise StorageError(f"{path} is damaged. Put it back from a back-up.") from error
    if named.format != FORMAT:
        raise StorageError(f"{path} was written by another Chairside. Start that one.")
    return named.entry


def _refused(error: Exception) -> StorageError:
    return StorageError(
        f"The system's key store refused ({type(error).__name__}). Is it unlocked? Log in with a password, then "
        "try again."
    )
