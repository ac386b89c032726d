"""The key of the record, kept in one of three ways beside it, and how a wrong key is told from a damaged record.

`chairside.key` holds the 32 bytes, readable by its owner alone; `chairside.sealed` holds them under a
passphrase (db/sealing.py); `chairside.keystore` names where the system's key store has them (db/keystore.py).
`chairside.kcv` holds a check value of the key: without it a wrong key, damage and a plain SQLite file all read
as "file is not a database".
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Literal

from app.ports import StorageError

RECORD_FILE = "chairside.db"
KEY_FILE = "chairside.key"
SEALED_FILE = "chairside.sealed"
STORE_FILE = "chairside.keystore"
CHECK_FILE = "chairside.kcv"
KEY_BYTES = 32
Way = Literal["file", "sealed", "keystore"]
WAYS: dict[Way, str] = {"file": KEY_FILE, "sealed": SEALED_FILE, "keystore": STORE_FILE}
"""The ways to keep a key, and the file of each. Where a change was cut short two stand there: the first is read."""
_CHECKED = b"chairside key check 1"


class DamagedRecord(StorageError):
    """The key is right and the record cannot be read."""


def check_value(key: bytes) -> str:
    """What the header file holds for this key; it says nothing about the key itself."""
    return "chairside-kcv-1 " + hmac.new(key, _CHECKED, "sha256").hexdigest()


def make_key(folder: Path) -> bytes:
    """A new key, on disk before it is returned."""
    key = secrets.token_bytes(KEY_BYTES)
    write_durably(folder / KEY_FILE, key)
    return key


def way_of(folder: Path) -> Way | None:
    """How the key of this folder is kept; None where none is."""
    return next((way for way, name in WAYS.items() if (folder / name).exists()), None)


def read_key(folder: Path) -> bytes:
    """The key of this folder, however it is kept; StorageError when it cannot be had, with what to do."""
    match way_of(folder):
        case "sealed":
            from db.sealing import unsealed  # its library is loaded only where a key is sealed

            return unsealed(folder)
        case "keystore":
            from db.keystore import fetch

            return fetch(folder)
        case _:
            return read_key_file(folder / KEY_FILE)


def read_key_file(path: Path) -> bytes:
    """The key in this file; StorageError when it is missing, cut short, or readable by others."""
    try:
        mode = path.stat().st_mode
        key = path.read_bytes()
    except FileNotFoundError:
        raise StorageError(
            f"The key file {path} is missing. Without it nobody can read the record: put back the copy from "
            "your safe (python main.py key recover --key FILE)."
        ) from None
    except OSError as error:
        raise unreadable(path, error) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StorageError(f"Others may read the key file {path}. Type: chmod 600 '{path}'")
    return sound(key, path)


def sound(key: bytes, path: Path) -> bytes:
    """This key when it has its length; StorageError when not."""
    if len(key) != KEY_BYTES:
        raise StorageError(
            f"The key file {path} is damaged: it holds {len(key)} bytes instead of {KEY_BYTES}. "
            "Put back the copy from your safe (python main.py key recover --key FILE)."
        )
    return key


def unreadable(path: Path, error: OSError) -> StorageError:
    """A file beside the record that is there and cannot be read."""
    return StorageError(f"{path} cannot be read ({error.strerror}). Check who may read it.")


def write_check(folder: Path, key: bytes) -> None:
    """Keep the check value of this key beside the record."""
    write_durably(folder / CHECK_FILE, check_line(key))


def check_line(key: bytes) -> bytes:
    """The header file's whole content for this key."""
    return (check_value(key) + "\n").encode()


def require_match(folder: Path, key: bytes) -> bool:
    """True when the header file says that this key is the record's, False without a header file.

    StorageError when the key is another record's, or when the header file itself is damaged.
    """
    path = folder / CHECK_FILE
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unreadable(path, error) from error
    if hmac.compare_digest(written.strip(), check_value(key).encode()):
        return True
    if len(written.strip()) != len(check_value(key)) or not written.startswith(b"chairside-kcv-1 "):
        raise StorageError(f"The header file {path} is damaged. Put it back from your back-up.")
    kept = folder / WAYS[way_of(folder) or "file"]
    raise StorageError(
        f"The key file {kept} is not the key of the record in {folder}. "
        "Put back the key file that was made with this record."
    )


def write_durably(path: Path, data: bytes) -> None:
    """The whole file or none of it, for its owner alone, on disk with its name when this returns."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Put a file's bytes on disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk: a new file without this can be gone after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
