"""What the self-test asks of the record: space, a write that reaches the disk, structure, the chain's end, the key."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, select, text

from app.entries import GENESIS, decode_entry, next_hash
from app.instant import Instant
from app.messages import RecordProbed
from app.ports import StorageError
from db import cipher, keys, reading, schema

PROBE_FILE = "chairside.probe"
PROBE_BYTES = 4096
LINKS_CHECKED = 500
MIB = 1 << 20
KEPT = {
    "file": "a file of its owner alone",
    "sealed": "sealed with a passphrase",
    "keystore": "in the system's key store",
}


def probe(engine: Engine, folder: Path, now: Instant) -> RecordProbed:
    """Look at the record of this folder while it is open; nothing is raised, what is wrong is said."""
    write_problem, free_mb = _written(folder)
    database, chain, newest = _looked_at(engine, folder / keys.RECORD_FILE)
    key_problem = _key(folder)
    return RecordProbed(
        at=now,
        free_mb=free_mb,
        write_problem=write_problem,
        database=database,
        chain=chain,
        newest=newest,
        key=KEPT[keys.way_of(folder) or "file"],
        key_problem=key_problem,
        backed_up=None,
    )


def _written(folder: Path) -> tuple[str, int]:
    """What is wrong with writing here, "" for nothing, and the free space."""
    path = folder / PROBE_FILE
    try:
        keys.write_durably(path, os.urandom(PROBE_BYTES))
        path.unlink()
        return "", shutil.disk_usage(folder).free // MIB
    except OSError as error:
        return cipher.why(folder / keys.RECORD_FILE, error), 0


def _looked_at(engine: Engine, record: Path) -> tuple[str, str, datetime | None]:
    try:
        with reading.moment_of(engine, record) as connection:
            (verdict,) = connection.execute(text("PRAGMA quick_check(1)")).one()
            database = "" if verdict == "ok" else f"{record} is damaged ({verdict}). Put back your back-up."
            return database, _chain(connection), _newest(connection)
    except StorageError as error:
        return str(error), "", None


def _chain(connection: Connection) -> str:
    """Whether each of the newest entries has the hash of its own bytes, after the one before it."""
    entry = schema.entry.c
    links = select(entry.number, entry.data, entry.previous, entry.hash)
    rows = connection.execute(links.order_by(entry.number.desc()).limit(LINKS_CHECKED)).all()
    for place, row in enumerate(rows):
        older = rows[place + 1] if place + 1 < len(rows) else None
        before = older.hash if older is not None else GENESIS if row.number == 1 else row.previous
        # A changed row may hold text where bytes were, or bytes where text was.
        whole = isinstance(row.data, bytes) and isinstance(row.previous, str)
        if row.previous != before or not whole or row.hash != next_hash(row.previous, row.data):
            return f"Entry {row.number} does not fit the chain. Find out more: python main.py verify"
    return ""


def _newest(connection: Connection) -> datetime | None:
    """When the newest entry was made, by its own bytes: the chain holds these and not the column beside them."""
    entry = schema.entry.c
    data = connection.execute(select(entry.data).order_by(entry.number.desc()).limit(1)).scalar()
    try:
        return None if data is None else decode_entry(data).at.utc
    except msgspec.DecodeError:
        return None  # the chain has said so


def _key(folder: Path) -> str:
    """What is wrong with the key's file. A sealed or stored key was asked for at the start, and opened the record."""
    if keys.way_of(folder) in ("sealed", "keystore"):
        return ""
    try:
        keys.require_match(folder, keys.read_key(folder))
    except StorageError as error:
        return str(error)
    return ""
