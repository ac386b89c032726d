"""A back-up becomes a record again, on a machine that has none: looked through before it takes its place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from app.ports import StorageError
from db import cipher, keys, opening, sealing
from db.backup import Backup, Manifest, hash_of, read_backup
from db.faults import Fault, no_fault
from db.keycommand import CURRENT, WITHOUT_KEY, Ask
from db.opening import KNOWN, Known
from db.verify import VerifyReport, verify_file


def restore(
    source: Path,
    folder: Path,
    ask: Ask,
    key_file: Path | None = None,
    known: Known = KNOWN,
    fault: Fault = no_fault,
) -> VerifyReport:
    """Put this back-up into a folder without a record; what was found in it. StorageError leaves no record.

    Until the record itself is in place a start on the folder says that it is missing: cut short, it is
    simply done again.
    """
    backup = read_backup(source)
    _require_known(backup, known)
    lock = opening.FolderLock(folder)
    try:
        return _restore(backup, folder, ask, key_file, fault)
    except OSError as error:
        raise StorageError(cipher.why(folder / keys.RECORD_FILE, error)) from error
    finally:
        lock.release()


def _restore(backup: Backup, folder: Path, ask: Ask, key_file: Path | None, fault: Fault) -> VerifyReport:
    record = folder / keys.RECORD_FILE
    if record.exists():
        raise StorageError(
            f"{folder} holds a record, which is never overwritten. Give an empty folder with --data."
        )
    key = _key(backup, folder, ask, key_file)
    new = record.with_name(record.name + ".new")
    found = _copy(backup, new, key)
    fault("copied")
    if key_file is not None:
        keys.write_durably(folder / keys.KEY_FILE, key)
    elif keys.way_of(folder) is None:
        keys.write_durably(folder / keys.SEALED_FILE, (backup.folder / keys.SEALED_FILE).read_bytes())
    fault("key written")
    keys.write_check(folder, key)
    fault("check written")
    new.replace(record)
    keys.sync_folder(folder)
    fault("taken")
    return found


def _require_known(backup: Backup, known: Known) -> None:
    if backup.manifest.schema not in known.versions:
        raise StorageError(
            f"{backup.folder} has schema {backup.manifest.schema}, this Chairside knows {known.newest}. Restore it "
            "with the Chairside that wrote it, or a newer one."
        )


def _key(backup: Backup, folder: Path, ask: Ask, key_file: Path | None) -> bytes:
    """The key that was named, or that lies in the folder already, or that is sealed beside the back-up."""
    if key_file is not None:
        key = keys.read_key_file(key_file)
    elif keys.way_of(folder) is not None:
        if sealing.needs_passphrase(folder):
            sealing.unlock(folder, ask(CURRENT))
        key = keys.read_key(folder)
    elif (backup.folder / keys.SEALED_FILE).exists():
        key = sealing.unseal(backup.folder / keys.SEALED_FILE, ask(CURRENT))
    else:
        raise StorageError(without_key(backup.manifest))
    try:
        keys.require_match(backup.folder, key)
    except StorageError as error:
        raise StorageError(
            f"This is not the key of the back-up {backup.folder}. {without_key(backup.manifest)}"
        ) from error
    return key


def without_key(manifest: Manifest) -> str:
    """What is lost and what is not, when there is a back-up and no key for it."""
    return (
        f"The back-up of {manifest.made:%Y-%m-%d %H:%M} UTC (sessions: {manifest.sessions}, entries: "
        f"{manifest.entries}) needs its key: --key FILE. {WITHOUT_KEY} If no copy is found, these sessions are "
        "lost: begin a new record, and keep this back-up in case a copy turns up."
    )


def _copy(backup: Backup, new: Path, key: bytes) -> VerifyReport:
    """The file, equal by its hash and whole by every check."""
    opening.copy_durably(backup.record, new)
    if hash_of(new) != backup.manifest.sha256:
        opening.remove(new)
        raise StorageError(f"{backup.record} was changed since it was made. Take another back-up.")
    found = verify_file(new, key)
    said = backup.manifest
    same = (found.entries, found.samples, found.head) == (said.entries, said.samples, said.head)
    if not found.good or not same:
        opening.remove(new)
        why = found.problems[0] if found.problems else "It is not what its manifest says."
        raise StorageError(f"{backup.record} is not sound: {why} Take another back-up.")
    return found


def run_restore(
    source: Path,
    folder: Path,
    ask: Ask,
    key_file: Path | None,
    out: TextIO,
    err: TextIO | None = None,
) -> int:
    """Restore, and say what is there now: 0, or 2 with a sentence."""
    try:
        found = restore(source, folder, ask, key_file)
    except StorageError as error:
        print(error, file=err or sys.stderr)
        return 2
    print(
        f"{folder}: sessions: {found.sessions}, entries: {found.entries}, samples: {found.samples}, schema "
        f"{found.version}; whole, and equal to the back-up.\nChain head {found.head}",
        file=out,
    )
    return 0
