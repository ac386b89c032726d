"""The command `key`: how the key of a record is kept, and how that is changed, with Chairside closed.

Each change writes the new place first, reads it back, and only then removes the old one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import msgspec

from app.ports import StorageError
from db import cipher, keys, keystore, opening, rotating, sealing
from db.faults import Fault, no_fault
from db.rekeying import rotate
from db.sealing import SealCost

Ask = Callable[[str], str]
"""Asks a person, or a file, for a passphrase; the words say which."""

CURRENT = "Passphrase of the key: "
NEW = "New passphrase: "
WORDS: dict[keys.Way, str] = {
    "file": "lies open in the file {file}: whoever reads that file, or takes this disk, reads the record",
    "sealed": "is sealed with a passphrase in {file}: without the passphrase the record says nothing",
    "keystore": "lies in the key store of the system for this user; {file} names the entry",
}


WITHOUT_KEY = (
    "Without its key a record cannot be read by anybody, its makers included. Look for a copy of chairside.key "
    "(in the safe, on a stick) or, if it was sealed, for chairside.sealed in any back-up and its passphrase. "
    "Not lost: summaries saved as PDF in summaries/ and what was printed; they are not encrypted."
)
SEALED_NOW = (
    "The key is sealed. Chairside asks for the passphrase at each start. Without it the record cannot be read: "
    "keep the passphrase in the safe. Where the open key file may have been copied, type now: python main.py "
    "key rotate"
)
TRIAL = ".trial"
"""What a new seal is called until it was opened once."""


class KeyStatus(msgspec.Struct, frozen=True):
    """How a key is kept, in a sentence; `protected` is False while a file alone holds it openly.

    `fits` is None where nobody can tell without the passphrase, or where there is no check value.
    """

    way: keys.Way
    words: str
    protected: bool
    fits: bool | None


def status(folder: Path) -> KeyStatus:
    """How the key of this folder is kept and whether it fits; StorageError where there is none."""
    way = keys.way_of(folder)
    if way is None:
        raise StorageError(f"There is no key in {folder}. {WITHOUT_KEY}")
    words = f"The key of {folder} {WORDS[way].format(file=keys.WAYS[way])}."
    others = [name for name in keys.WAYS.values() if name != keys.WAYS[way] and (folder / name).exists()]
    if others:
        words += f" {', '.join(others)} stands there too: a change was cut short, type it again."
    fits = None if sealing.needs_passphrase(folder) else keys.require_match(folder, keys.read_key(folder))
    return KeyStatus(way, words, way != "file", fits or None)


def unlock(folder: Path, passphrase: str) -> None:
    """Open a sealed key for this process; WrongPassphrase when it is another one. What a start calls."""
    if rotating.is_unsettled(folder):
        with _alone(folder):
            pass
    sealing.unlock(folder, passphrase)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else has the folder, and no change of key is left half done."""
    if keys.way_of(folder) is None:
        raise StorageError(f"There is no key in {folder}. {WITHOUT_KEY}")
    lock = opening.FolderLock(folder)
    try:
        rotating.settle_rotation(folder)
        yield
    finally:
        lock.release()


def _key(folder: Path, ask: Ask) -> bytes:
    """The key, and that it is the record's."""
    if sealing.needs_passphrase(folder):
        sealing.unlock(folder, ask(CURRENT))
    key = keys.read_key(folder)
    keys.require_match(folder, key)
    return key


def _leave_only(folder: Path, way: keys.Way) -> None:
    """Remove the other ways in which the key was kept."""
    stored = folder / keys.STORE_FILE
    if way != "keystore" and stored.exists():
        keystore.forget(keystore.entry_of(stored), keystore.system_store())
    for other, name in keys.WAYS.items():
        if other != way:
            (folder / name).unlink(missing_ok=True)
    keys.sync_folder(folder)


def seal(folder: Path, ask: Ask, cost: SealCost = sealing.FULL, fault: Fault = no_fault) -> str:
    """Seal the key with a new passphrase; also changes the passphrase of a sealed one."""
    with _alone(folder):
        key = _key(folder, ask)
        seal_key(folder, key, ask(NEW), cost, fault)
    return SEALED_NOW


def seal_key(
    folder: Path, key: bytes, passphrase: str, cost: SealCost = sealing.FULL, fault: Fault = no_fault
) -> None:
    """Put this key under this passphrase; StorageError leaves it kept as it was.

    The caller holds the folder's lock. The new seal is opened once before it takes the place of an old one: a
    passphrase that is cut short in its change is still the old one.
    """
    path = folder / keys.SEALED_FILE
    trial = path.with_name(path.name + TRIAL)
    try:
        keys.write_durably(trial, sealing.seal(key, passphrase, cost))
        fault("written")
        if not _opens(trial, passphrase, key):
            raise StorageError(f"{path} was not given back as it was written. The key is kept as it was.")
        fault("read back")
        trial.replace(path)
    except (StorageError, OSError):
        trial.unlink(missing_ok=True)
        raise
    keys.sync_folder(folder)
    fault("taken")
    sealing.hold(folder, key)
    _leave_only(folder, "sealed")


def seal_open(folder: Path, passphrase: str) -> str:
    """Seal the key of the record that this process has open, whose lock it holds; why it stays as it was, or ""."""
    try:
        seal_key(folder, keys.read_key(folder), passphrase)
    except (StorageError, OSError) as error:
        return cipher.why(folder / keys.SEALED_FILE, error)
    return ""


def _opens(sealed: Path, passphrase: str, key: bytes) -> bool:
    try:
        return sealing.unseal(sealed, passphrase) == key
    except sealing.WrongPassphrase:
        return False


def unseal(folder: Path, ask: Ask) -> str:
    """Keep the key as a file for its owner alone again."""
    with _alone(folder):
        key = _key(folder, ask)
        keys.write_durably(folder / keys.KEY_FILE, key)
        _leave_only(folder, "file")
    return status(folder).words


def store(folder: Path, ask: Ask, key_store: keystore.KeyStore | None = None) -> str:
    """Give the key to the key store of the system; an entry that it had there before is taken out."""
    with _alone(folder):
        key = _key(folder, ask)
        keystore.keep(folder, key, key_store or keystore.system_store())
        _leave_only(folder, "keystore")
    return (
        "The key lies in the key store of the system. Keep a copy apart from this computer: python main.py key "
        "copy --to FILE"
    )


def copy(folder: Path, ask: Ask, to: Path) -> str:
    """Write the key into a file of its own, to be kept apart from record and back-ups."""
    if to.exists():
        raise StorageError(f"{to} is there already and is not overwritten. Give another name.")
    with _alone(folder):
        key = _key(folder, ask)
        try:
            keys.write_durably(to, key)
        except OSError as error:
            raise StorageError(f"{to} cannot be written ({error.strerror}). Nothing was copied.") from error
    return f"{to} holds the key, open. Keep it in the safe, never beside a back-up."


def recover(folder: Path, key_file: Path) -> str:
    """Put a copy of the key back where it was lost; StorageError when it is another record's."""
    key = keys.sound(_bytes_of(key_file), key_file)
    if (folder / keys.CHECK_FILE).exists():
        keys.require_match(folder, key)
    keys.write_durably(folder / keys.KEY_FILE, key)
    return status(folder).words


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise keys.unreadable(path, error) from error


def rotate_key(folder: Path, ask: Ask, cost: SealCost = sealing.FULL, fault: Fault = no_fault) -> str:
    """Put the record under a new key, kept in the same way as the old one."""
    with _alone(folder):
        way = keys.way_of(folder)
        passphrase = ask(CURRENT) if way == "sealed" else ""
        if way == "sealed":
            sealing.unlock(folder, passphrase)
        key = _key(folder, ask)
        old_entry = keystore.entry_of(folder / keys.STORE_FILE) if way == "keystore" else ""

        def write(path: Path, new_key: bytes) -> None:
            if way == "sealed":
                keys.write_durably(path, sealing.seal(new_key, passphrase, cost))
            elif way == "keystore":
                keystore.keep(path.parent, new_key, keystore.system_store(), path.name)
            else:
                keys.write_durably(path, new_key)

        rotate(folder, key, write, fault)
        if way == "sealed":
            sealing.unlock(folder, passphrase)
        if old_entry:
            keystore.forget(old_entry, keystore.system_store())
    return f"The record is under a new key. {_older_files(folder, way)} Make a new back-up now."


def _older_files(folder: Path, way: keys.Way | None) -> str:
    """What the new key does not open."""
    before = ", ".join(
        ["Back-ups made before now", *sorted(path.name for path in folder.glob("chairside-*.db"))]
    )
    if way == "sealed":
        return f"{before}: they still need the old key, sealed beside each back-up under its passphrase."
    return f"{before}: they still need the old key, which is gone from here."


def run_key(
    action: str, folder: Path, ask: Ask, out: TextIO, err: TextIO | None = None, **named: Path
) -> int:
    """Do one action of the command: 0, or 2 with a sentence."""
    actions: dict[str, Callable[..., str]] = {
        "status": _status_words,
        "seal": seal,
        "unseal": unseal,
        "store": store,
        "copy": copy,
        "rotate": rotate_key,
        "recover": recover,
    }
    asking = () if action == "recover" else (ask,)
    try:
        print(actions[action](folder, *asking, **named), file=out)
    except (StorageError, OSError) as error:
        print(cipher.why(folder / keys.RECORD_FILE, error), file=err or sys.stderr)
        return 2
    return 0


def _status_words(folder: Path, ask: Ask) -> str:
    if rotating.is_unsettled(folder):
        with _alone(folder):
            pass
    found = status(folder)
    fits = "It is the record's key." if found.fits else "Whether it fits is known once it is opened."
    return f"{found.words} {fits}"
