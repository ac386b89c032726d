"""Is the record what was written? Every page, entry, number, trigger and sealed sample is looked at.

What this cannot see is a chain rewritten from some entry to its end by someone with the key: for that the
head is printed on each summary, and compared by eye.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec
from sqlalchemy import Column, Connection, Engine, Row, Select, Table, Text, func, select, text, type_coerce
from sqlalchemy.exc import DBAPIError

from app.entries import CLINIC, GENESIS, Entry, SamplesSealed, decode_entry, decode_sample, kind_of, next_hash
from app.ports import StorageError
from db import cipher, keys, opening, schema

READ_AT_ONCE = 100


def no_pace() -> None:
    """Nobody waits while the record is looked at."""


class VerifyReport(msgspec.Struct, frozen=True):
    """What was looked at, and each problem in a sentence that names its place; notes are no damage."""

    record: str
    version: str
    entries: int
    sessions: int
    samples: int
    head: str
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return not self.problems


class _Seal(msgspec.Struct, frozen=True):
    """A seal with the place where it stands."""

    place: str
    session: str
    at: datetime
    body: SamplesSealed


class _Found(msgspec.Struct):
    """What has been seen so far."""

    entries: int = 0
    head: str = GENESIS
    samples: int = 0
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    seals: list[_Seal] = msgspec.field(default_factory=list)
    problems: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)
    pace: Callable[[], None] = no_pace


def verify(folder: Path) -> VerifyReport:
    """Look at the whole record of this folder; StorageError when there is none, or no key that fits it."""
    record = folder / keys.RECORD_FILE
    try:
        opening.open_reading(folder).dispose()
    except keys.DamagedRecord as error:
        found = _Found(problems=[str(error)])
        _pages(record, keys.read_key(folder), found)
        return _report(record, "unknown", found)
    return verify_file(record, keys.read_key(folder))


def verify_file(record: Path, key: bytes, pace: Callable[[], None] = no_pace) -> VerifyReport:
    """Look at the whole of one file that this key opens. `pace` is called between the steps.

    The triggers of an older schema are not compared: they are made new when it is brought up to date.
    """
    found = _Found(pace=pace)
    engine = cipher.engine_for(record, key, reading=True)
    version = "unknown"
    try:
        version = opening.version_of(engine) or version
        _pages(record, key, found)
        for what, check in _CHECKS:
            if check is not _schema or version == schema.VERSIONS[-1]:
                _run(engine, what, check, found)
    except DBAPIError as error:
        found.problems.append(str(cipher.unopened(record, error, key_is_right=True)))
        _pages(record, key, found)
    finally:
        engine.dispose()
    return _report(record, version, found)


def _report(record: Path, version: str, found: _Found) -> VerifyReport:
    return VerifyReport(
        record=str(record),
        version=version,
        entries=found.entries,
        sessions=len(found.counts.keys() - {CLINIC}),
        samples=found.samples,
        head=found.head,
        problems=tuple(found.problems),
        notes=tuple(found.notes),
    )


def _run(engine: Engine, what: str, check: Callable[[Connection, _Found], None], found: _Found) -> None:
    """One check on a connection of its own: after a bad page SQLCipher lets a connection read no other."""
    try:
        with engine.connect() as connection:
            check(connection, found)
    except DBAPIError as error:
        beyond = f"beyond entry {found.entries}" if check is _chain else "to the end"
        found.problems.append(f"{what} cannot be read {beyond} ({error.orig}).")
        engine.dispose()


def _pages(record: Path, key: bytes, found: _Found) -> None:
    """Every page's own check; twice where one fails, since a running Chairside may be writing it."""
    bad = cipher.damaged_pages(record, key)
    again = cipher.damaged_pages(record, key) if bad else []
    found.problems += [f"{record}: {words}." for words in bad if words in again]


def _structure(connection: Connection, found: _Found) -> None:
    for row in connection.execute(text("PRAGMA integrity_check")):
        if row[0] != "ok":
            found.problems.append(f"The file's structure is damaged: {row[0]}.")


def _schema(connection: Connection, found: _Found) -> None:
    """Every table is there, and every trigger says what it said."""
    there: dict[str, str] = {
        row.name: row.sql or "" for row in connection.execute(text("SELECT name, sql FROM sqlite_master"))
    }
    for table in schema.metadata.tables:
        if table not in there:
            found.problems.append(f"The table {table} is missing.")
    for name, words in schema.TRIGGERS.items():
        if name not in there:
            found.problems.append(f"The trigger {name} is missing: rows could have been changed or removed.")
        elif there[name].split() != words.split():
            found.problems.append(f"The trigger {name} was changed: rows could have been changed or removed.")


def _chain(connection: Connection, found: _Found) -> None:
    """Every entry from the first to the newest: its number, its link, its bytes, its columns."""
    for row in _entries(connection):
        if row.number % READ_AT_ONCE == 0:
            found.pace()
        if row.number != found.entries + 1:
            found.problems.append(f"{_span('Entry', found.entries + 1, row.number - 1)} missing.")
        if _has_its_kinds(row, _place(row), schema.entry, found):
            _link(row, found)
            _words(row, found)
        found.entries = row.number
        found.head = str(row.hash)


def _entries(connection: Connection) -> Iterator[Row[tuple[object, ...]]]:
    streamed = connection.execution_options(yield_per=READ_AT_ONCE)
    yield from streamed.execute(_as_stored(schema.entry).order_by(schema.entry.c.number))


def _as_stored(table: Table) -> Select[tuple[object, ...]]:
    """Every column as it stands in the file: a changed one need not be a time."""
    return select(*(type_coerce(it, Text).label(it.name) if _is_time(it) else it for it in table.c))


def _is_time(column: Column[object]) -> bool:
    return isinstance(column.type, schema.UtcDateTime)


_KINDS: dict[str, dict[str, type]] = {
    table.name: {column.name: str if _is_time(column) else column.type.python_type for column in table.c}
    for table in (schema.entry, schema.sample)
}
_HELD: dict[type, str] = {str: "text", bytes: "bytes", int: "a number"}


def _has_its_kinds(row: Row[tuple[object, ...]], place: str, table: Table, found: _Found) -> bool:
    """Whether each field holds text, bytes or a number as it was written: SQLite would take any in any column."""
    wrong = {it: kind for it, kind in _KINDS[table.name].items() if not isinstance(getattr(row, it), kind)}
    for field, kind in wrong.items():
        found.problems.append(f"{place}: the field {field} does not hold {_HELD[kind]}; it was changed.")
    return not wrong


def _span(what: str, first: int, last: int) -> str:
    return f"{what} {first} is" if first >= last else f"{what} {first} to {last} are"


def _place(row: Row[tuple[object, ...]]) -> str:
    return f"Entry {row.number} ({row.kind}, number {row.session_number} of session {row.session})"


def _link(row: Row[tuple[object, ...]], found: _Found) -> None:
    if row.previous != found.head:
        found.problems.append(
            f"{_place(row)}: the field previous is not the hash of the entry before; one was changed."
        )
    if row.hash != next_hash(row.previous, row.data):
        found.problems.append(f"{_place(row)}: the field hash does not fit its data; one was changed.")


def _words(row: Row[tuple[object, ...]], found: _Found) -> None:
    """The bytes say an entry, and the columns beside them say the same."""
    try:
        entry = decode_entry(row.data)
    except msgspec.DecodeError as error:
        found.problems.append(f"{_place(row)}: the field data cannot be read ({error}).")
        return
    for field, said in _columns(entry).items():
        if getattr(row, field) != said:
            found.problems.append(f"{_place(row)}: the field {field} is not what its data says ({said}).")
    _count(row, entry, found)
    if isinstance(entry.body, SamplesSealed):
        found.seals.append(_Seal(_place(row), entry.session, entry.at.utc, entry.body))


def _columns(entry: Entry) -> dict[str, object]:
    return {
        "uuid": entry.uuid,
        "session": entry.session,
        "session_number": entry.number,
        "kind": kind_of(entry.body),
        "at_utc": _time(entry.at.utc),
    }


def _time(moment: datetime) -> str:
    """A moment as its column has it; forged bytes may say one without a time zone, which stands in none."""
    return schema.utc_text(moment) if moment.tzinfo else moment.isoformat()


def _count(row: Row[tuple[object, ...]], entry: Entry, found: _Found) -> None:
    """Numbers within a session run from 1 without a hole."""
    expected = found.counts.get(entry.session, 0) + 1
    if entry.number != expected:
        found.problems.append(f"{_place(row)}: number {expected} of this session was expected here.")
    found.counts[entry.session] = entry.number


def _samples(connection: Connection, found: _Found) -> None:
    """Every sample stands where it says it does."""
    sample = schema.sample
    rows = connection.execution_options(yield_per=READ_AT_ONCE).execute(
        _as_stored(sample).order_by(sample.c.session, sample.c.number)
    )
    last: dict[str, int] = {}
    for row in rows:
        found.samples += 1
        if found.samples % READ_AT_ONCE == 0:
            found.pace()
        place = f"Session {row.session}, sample {row.number}"
        whole = _has_its_kinds(row, place, sample, found)
        if isinstance(row.number, int):
            _sample_number(row, last, found)
        if whole:
            _sample_words(row, place, found)


def _sample_number(row: Row[tuple[object, ...]], last: dict[str, int], found: _Found) -> None:
    """Numbers within a session run from 1 without a hole."""
    expected = last.get(row.session, 0) + 1
    if row.number != expected:
        missing = _span("sample", expected, row.number - 1)
        found.problems.append(f"Session {row.session}: {missing} missing.")
    last[row.session] = row.number


def _sample_words(row: Row[tuple[object, ...]], place: str, found: _Found) -> None:
    try:
        said = decode_sample(row.data)
    except msgspec.DecodeError as error:
        found.problems.append(f"{place}: the field data cannot be read ({error}).")
        return
    columns = {"session": said.session, "number": said.number, "at_utc": _time(said.at)}
    for field, value in columns.items():
        if getattr(row, field) != value:
            found.problems.append(f"{place}: the field {field} is not what its data says ({value}).")


def _seals(connection: Connection, found: _Found) -> None:
    """The samples under each seal are those that were sealed; what no seal covers is counted."""
    sample = schema.sample.c
    sealed: dict[str, int] = {}
    for seal in found.seals:
        end = seal.body.first + seal.body.count
        rows = connection.execute(
            select(sample.data)
            .where(sample.session == seal.session, sample.number >= seal.body.first, sample.number < end)
            .order_by(sample.number)
        )
        _check_seal(seal, [row.data for row in rows], found)
        sealed[seal.session] = sealed.get(seal.session, 0) + seal.body.count
    for session, number in connection.execute(select(sample.session, func.count()).group_by(sample.session)):
        if number > sealed.get(session, 0):
            found.notes.append(f"Session {session}: {number - sealed.get(session, 0)} samples under no seal.")


def _check_seal(seal: _Seal, samples: list[bytes], found: _Found) -> None:
    body = seal.body
    where = f"{seal.place}, seal of {seal.at:%Y-%m-%d %H:%M} UTC"
    if len(samples) != body.count:
        found.problems.append(f"{where}: {len(samples)} samples from {body.first} on, not {body.count}.")
    elif not all(isinstance(data, bytes) for data in samples) or _digest(samples) != body.digest:
        last = body.first + body.count - 1
        found.problems.append(f"{where}: samples {body.first} to {last} are not those that were sealed.")


def _digest(samples: list[bytes]) -> str:
    return hashlib.sha256(b"".join(data + b"\n" for data in samples)).hexdigest()


_CHECKS: tuple[tuple[str, Callable[[Connection, _Found], None]], ...] = (
    ("The file's structure", _structure),
    ("The schema", _schema),
    ("The chain of entries", _chain),
    ("The table of samples", _samples),
    ("The sealed samples", _seals),
)


def run_verify(folder: Path, out: TextIO, err: TextIO | None = None) -> int:
    """Say whether the record is whole: 0 when it is, 1 with damage, 2 when it cannot be opened."""
    try:
        report = verify(folder)
    except StorageError as error:
        print(error, file=err or sys.stderr)
        return 2
    print(
        f"{report.record}: sessions: {report.sessions}, entries: {report.entries}, samples: {report.samples}, "
        f"schema {report.version}.\nChain head {report.head}",
        file=out,
    )
    for line in report.notes + report.problems:
        print(line, file=out)
    if report.good:
        print("No damage found: pages, chain, numbers, triggers and seals are as written.", file=out)
        return 0
    print(
        f"Problems found: {len(report.problems)}. Keep this folder; work on with your back-up.",
        file=out,
    )
    return 1
