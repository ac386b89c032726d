"""A new key for the record: a copy under the new key is made, looked through, and takes the record's place.

`PRAGMA rekey` would change the file in place, page by page: cut short, it leaves a file that no key reads.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

from app.ports import StorageError
from db import cipher, keys, opening, place, rotating
from db.faults import Fault, no_fault
from db.verify import verify_file

ROTATING = ".rotating"
Write = Callable[[Path, bytes], None]
"""Puts a key durably into this file, in the form that belongs to the way it is kept."""


def rotate(folder: Path, key: bytes, write: Write, fault: Fault = no_fault) -> bytes:
    """Put the record of this folder under a new key, which is returned; StorageError leaves all as it was.

    The caller holds the folder's lock. `write` keeps the new key in the same way as the old one was kept.
    """
    try:
        with place.alone(folder):
            return _rotate(folder, key, write, fault)
    except (*cipher.ERRORS, OSError) as error:
        raise StorageError(cipher.why(folder / keys.RECORD_FILE, error)) from error


def _rotate(folder: Path, key: bytes, write: Write, fault: Fault) -> bytes:
    record = folder / keys.RECORD_FILE
    copy = record.with_name(record.name + ROTATING)
    key_file = keys.WAYS[keys.way_of(folder) or "file"]
    new_key = secrets.token_bytes(keys.KEY_BYTES)
    opening.settle(record, key)
    opening.remove(copy)
    _copy(record, key, copy, new_key)
    fault("copied")
    _require_equal(record, key, copy, new_key)
    fault("compared")
    write(folder / (key_file + rotating.NEXT), new_key)
    fault("key written")
    keys.write_durably(folder / (keys.CHECK_FILE + rotating.NEXT), keys.check_line(new_key))
    fault("check written")
    rotating.begin(folder, rotating.Note(cipher.salt_of(copy).hex(), key_file))
    fault("noted")
    copy.replace(record)
    keys.sync_folder(folder)
    fault("taken")
    rotating.settle_rotation(folder)
    fault("settled")
    return new_key


def _copy(record: Path, key: bytes, copy: Path, new_key: bytes) -> None:
    copy.touch(mode=0o600)
    engine = cipher.engine_for(record, key)
    try:
        cipher.copy_under(engine, copy, new_key)
    finally:
        engine.dispose()
    opening.settle(record, key)
    keys.sync_file(copy)


def _require_equal(record: Path, key: bytes, copy: Path, new_key: bytes) -> None:
    """The copy is whole and says the same in every table; what the record's own look finds stays as it is."""
    found = verify_file(copy, new_key)
    if not found.good:
        raise StorageError(
            f"The key was not changed: the copy of {record} is not sound ({found.problems[0]}). "
            "Look first: python main.py verify"
        )
    if content(record, key) != content(copy, new_key):
        raise StorageError(f"The key was not changed: the copy of {record} is not equal to it. Try again.")


def content(path: Path, key: bytes) -> dict[str, str]:
    """A digest of every table and of the schema itself, whatever key and pages hold them."""
    engine = cipher.engine_for(path, key, reading=True)
    try:
        return {name: _digest(engine, statement) for name, statement in _statements(engine).items()}
    finally:
        engine.dispose()


def _statements(engine: Engine) -> dict[str, str]:
    schema = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        return {"schema": schema} | {
            name: f'SELECT * FROM "{name}" ORDER BY rowid' for name in tables.scalars()
        }


def _digest(engine: Engine, statement: str) -> str:
    digest = hashlib.sha256()
    with engine.connect().execution_options(yield_per=100) as connection:
        for row in connection.execute(text(statement)):
            digest.update(repr(tuple(row)).encode() + b"\n")
    return digest.hexdigest()
