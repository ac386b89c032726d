"""How a request becomes rows: numbers, chain hashes, and what is on disk already is not written twice.

SQLAlchemy words the statements once, from the schema; each entry then runs them on the driver's own cursor.
Run through SQLAlchemy they would take longer than the disk does.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ClauseElement, bindparam, func, insert, select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPICursor

from app.entries import GENESIS, Entry, Sample, encode_entry, encode_sample, kind_of, next_hash
from app.ports import Append
from db import schema
from db.faults import Fault

Tail = tuple[int, str]
"""The newest entry's number and hash; 0 and GENESIS before the first."""


class Conflict(Exception):
    """What was given cannot stand in the record: it contradicts what is there, or has no time zone."""


class Done(msgspec.Struct, frozen=True):
    """What a request became: its entries' numbers, the chain's tail after it, and whether some were there."""

    numbers: tuple[int, ...]
    tail: Tail
    again: bool


def _sql(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=SQLiteDialect_pysqlite(paramstyle="named")))


_entry, _sample = schema.entry.c, schema.sample.c
_TAIL = _sql(select(_entry.number, _entry.hash).order_by(_entry.number.desc()))  # only its first row is read
_NEWEST = _sql(select(func.max(_entry.session_number)).where(_entry.session == bindparam("session")))
_ENTRY = _sql(select(_entry.session_number, _entry.data).where(_entry.uuid == bindparam("uuid")))
_SAMPLE = _sql(
    select(_sample.data).where(_sample.session == bindparam("session"), _sample.number == bindparam("number"))
)
_ADD_ENTRY = _sql(insert(schema.entry))
_ADD_SAMPLE = _sql(insert(schema.sample))


def tail_of(cursor: DBAPICursor) -> Tail:
    """The end of the chain, where the next entry goes."""
    cursor.execute(_TAIL)
    return cursor.fetchone() or (0, GENESIS)


def append(cursor: DBAPICursor, request: Append, tail: Tail, fault: Fault) -> Done:
    """Insert a request's entries and samples after this tail; Conflict when they cannot stand in the record."""
    numbers: list[int] = []
    again = False
    for entry in request.entries:
        number = _number_on_disk(cursor, entry)
        if number is None:
            number = _newest(cursor, entry.session) + 1
            tail = _add(cursor, entry, number, tail)
        else:
            again = True
        numbers.append(number)
    if request.entries:
        fault("entries inserted")
    for sample in request.samples:
        again = not _add_sample(cursor, sample) or again
    if request.samples:
        fault("samples inserted")
    return Done(tuple(numbers), tail, again)


def _number_on_disk(cursor: DBAPICursor, entry: Entry) -> int | None:
    """The number under which exactly this entry is on disk already; None when it is not."""
    cursor.execute(_ENTRY, {"uuid": entry.uuid})
    stored = cursor.fetchone()
    if stored is None:
        return None
    number, data = stored
    if _encoded(entry, number) != data:
        raise Conflict(f"entry {entry.uuid} is on disk with other words")
    return int(number)


def _newest(cursor: DBAPICursor, session: str) -> int:
    cursor.execute(_NEWEST, {"session": session})
    (number,) = cursor.fetchone() or (None,)
    return number or 0


def _add(cursor: DBAPICursor, entry: Entry, session_number: int, tail: Tail) -> Tail:
    """Insert this entry after this tail; the new tail."""
    number, previous = tail
    data = _encoded(entry, session_number)
    head = next_hash(previous, data)
    row = {
        "number": number + 1,
        "uuid": entry.uuid,
        "session": entry.session,
        "session_number": session_number,
        "kind": kind_of(entry.body),
        "at_utc": _utc(entry.at.utc),
        "data": data,
        "previous": previous,
        "hash": head,
    }
    cursor.execute(_ADD_ENTRY, row)
    return number + 1, head


def _encoded(entry: Entry, session_number: int) -> bytes:
    """The entry's bytes; Conflict where it holds what cannot be written down: no disk would ever take it."""
    try:
        return encode_entry(msgspec.structs.replace(entry, number=session_number))
    except (TypeError, ValueError, OverflowError) as error:
        raise Conflict(f"entry {entry.uuid} cannot be written down ({type(error).__name__})") from None


def _add_sample(cursor: DBAPICursor, sample: Sample) -> bool:
    """Insert this sample; False when exactly this one is on disk already."""
    data = encode_sample(sample)
    cursor.execute(_SAMPLE, {"session": sample.session, "number": sample.number})
    stored = cursor.fetchone()
    if stored is None:
        row = {"session": sample.session, "number": sample.number, "at_utc": _utc(sample.at), "data": data}
        cursor.execute(_ADD_SAMPLE, row)
        return True
    if stored[0] != data:
        raise Conflict(f"sample {sample.number} is on disk with other values")
    return False


def _utc(moment: datetime) -> str:
    try:
        return schema.utc_text(moment)
    except ValueError as error:
        raise Conflict(str(error)) from error
