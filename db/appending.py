"""How a request becomes rows: numbers, chain hashes, and what is on disk already is not written twice."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select

from app.entries import Entry, Sample, encode_entry, encode_sample, kind_of, next_hash
from app.ports import Append
from db import schema

Fault = Callable[[str], None]
Tail = tuple[int, str]
"""The newest entry's number and hash."""

_There = dict[str, tuple[int, bytes]]
"""The number and bytes of entries that are on disk already, by uuid."""

# Made once: building a statement takes longer than running it, and each entry runs all of them.
_entry, _sample = schema.entry.c, schema.sample.c
_NEWEST = select(func.max(_entry.session_number)).where(_entry.session == bindparam("session"))
_THERE = select(_entry.session_number, _entry.data, _entry.uuid).where(
    _entry.uuid.in_(bindparam("uuids", expanding=True))
)
_SAMPLE = select(_sample.data).where(
    _sample.session == bindparam("session"), _sample.number == bindparam("number")
)
_ADD_ENTRY = insert(schema.entry)
_ADD_SAMPLE = insert(schema.sample)


class Conflict(Exception):
    """What was given contradicts what is on disk under the same uuid or number."""


class Done(msgspec.Struct, frozen=True):
    """What a request became: its entries' numbers, the chain's tail after it, and whether some were there."""

    numbers: tuple[int, ...]
    tail: Tail
    again: bool


def append(connection: Connection, request: Append, tail: Tail, fault: Fault) -> Done:
    """Insert a request's entries and samples after this tail; Conflict when the record says otherwise."""
    there = _entries_there(connection, request.entries)
    numbers, rows = _number(connection, request.entries, there, tail)
    if rows:
        connection.execute(_ADD_ENTRY, rows)
        tail = (tail[0] + len(rows), str(rows[-1]["hash"]))
        fault("entries inserted")
    again = _append_samples(connection, request.samples, fault)
    return Done(numbers, tail, again or bool(there))


def _number(
    connection: Connection, entries: tuple[Entry, ...], there: _There, tail: Tail
) -> tuple[tuple[int, ...], list[dict[str, object]]]:
    """The number of each entry, and the rows of those that are not there yet, chained."""
    number, head = tail
    counts: dict[str, int] = {}
    numbers: list[int] = []
    rows: list[dict[str, object]] = []
    for entry in entries:
        if entry.uuid in there:
            numbers.append(_same_number(entry, there[entry.uuid]))
            continue
        if entry.session not in counts:
            counts[entry.session] = _count(connection, entry.session)
        counts[entry.session] += 1
        numbers.append(counts[entry.session])
        number += 1
        rows.append(_row(entry, number, numbers[-1], head))
        head = str(rows[-1]["hash"])
    return tuple(numbers), rows


def _row(entry: Entry, number: int, session_number: int, previous: str) -> dict[str, object]:
    data = encode_entry(msgspec.structs.replace(entry, number=session_number))
    return {
        "number": number,
        "uuid": entry.uuid,
        "session": entry.session,
        "session_number": session_number,
        "kind": kind_of(entry.body),
        "at_utc": entry.at.utc,
        "data": data,
        "previous": previous,
        "hash": next_hash(previous, data),
    }


def _count(connection: Connection, session: str) -> int:
    return connection.execute(_NEWEST, {"session": session}).scalar() or 0


def _entries_there(connection: Connection, entries: tuple[Entry, ...]) -> _There:
    if not entries:
        return {}
    rows = connection.execute(_THERE, {"uuids": [entry.uuid for entry in entries]})
    return {row.uuid: (row.session_number, row.data) for row in rows}


def _same_number(entry: Entry, stored: tuple[int, bytes]) -> int:
    """The number under which exactly this entry is on disk."""
    number, data = stored
    if encode_entry(msgspec.structs.replace(entry, number=number)) != data:
        raise Conflict(f"entry {entry.uuid} is on disk with other words")
    return number


def _append_samples(connection: Connection, samples: tuple[Sample, ...], fault: Fault) -> bool:
    """Insert the samples that are not there yet; whether some were."""
    rows = []
    for each in samples:
        data = encode_sample(each)
        if not _sample_there(connection, each, data):
            rows.append({"session": each.session, "number": each.number, "at_utc": each.at, "data": data})
    if rows:
        connection.execute(_ADD_SAMPLE, rows)
        fault("samples inserted")
    return len(rows) < len(samples)


def _sample_there(connection: Connection, each: Sample, data: bytes) -> bool:
    stored = connection.execute(_SAMPLE, {"session": each.session, "number": each.number}).scalar()
    if stored is not None and stored != data:
        raise Conflict(f"sample {each.number} is on disk with other values")
    return stored is not None
