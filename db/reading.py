"""What is read from a record: entries, samples, the head of the chain, the list of sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from app.entries import (
    CLINIC,
    GENESIS,
    Entry,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    NextVisitPlanned,
    OrderSigned,
    PatientIdentified,
    Retracted,
    Sample,
    SessionFinished,
    SessionOpened,
    decode_entry,
    decode_sample,
)
from app.messages import SessionRow
from app.ports import StorageError
from db import cipher, keys, opening, schema

# The kinds stand in the text as they do in the index: else SQLite could not see that the index serves.
_KINDS = ", ".join(repr(kind) for kind in schema.HEADLINES)
HEADLINES = text(f"SELECT data FROM entry WHERE kind IN ({_KINDS}) ORDER BY number")
_TAIL = select(schema.entry.c.number, schema.entry.c.hash).order_by(schema.entry.c.number.desc()).limit(1)

READ_AT_ONCE = 200

_STATE_AFTER = {
    SessionOpened: "patient",
    PatientIdentified: "check-in",
    OrderSigned: "ready",
    InfusionStarted: "infusing",
    InfusionPaused: "paused",
    InfusionResumed: "infusing",
    InfusionEnded: "recovery",
    SessionFinished: "finished",
}


@contextmanager
def in_folder(folder: Path) -> Iterator[Connection]:
    """The record of this folder while a command reads it, beside a Chairside that may be running."""
    engine = opening.open_reading(folder)
    try:
        with moment_of(engine, folder / keys.RECORD_FILE) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def moment_of(engine: Engine, path: Path) -> Iterator[Connection]:
    """One moment of the file; StorageError when it cannot be read or holds what nobody wrote."""
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise StorageError(cipher.why(path, error)) from error
    except msgspec.DecodeError as error:
        raise StorageError(
            f"{path} holds a line that cannot be read. Find out which: python main.py verify"
        ) from error


def tail_of(connection: Connection) -> tuple[int, str]:
    """The number and hash of the newest entry of the file; 0 and GENESIS before the first."""
    row = connection.execute(_TAIL).first()
    return (0, GENESIS) if row is None else (row.number, row.hash)


def record_of(connection: Connection) -> str:
    """The name that this record was given when it was begun; a back-up and its restored copy keep it."""
    meta = schema.meta.c
    return str(connection.execute(select(meta.value).where(meta.name == "record")).scalar_one())


def entries_of(connection: Connection, session: str) -> tuple[Entry, ...]:
    """The entries of one session in their order."""
    entry = schema.entry.c
    rows = connection.execute(
        select(entry.data).where(entry.session == session).order_by(entry.session_number)
    )
    return tuple(decode_entry(row.data) for row in rows)


def trail_of(connection: Connection) -> Iterator[Entry]:
    """The clinic's log, the newest line first, read as far as it is asked for."""
    entry = schema.entry.c
    rows = connection.execution_options(yield_per=READ_AT_ONCE).execute(
        select(entry.data).where(entry.session == CLINIC).order_by(entry.session_number.desc())
    )
    for row in rows:
        yield decode_entry(row.data)


def samples_of(connection: Connection, session: str) -> tuple[Sample, ...]:
    """The samples of one session in their order."""
    sample = schema.sample.c
    rows = connection.execute(select(sample.data).where(sample.session == session).order_by(sample.number))
    return tuple(decode_sample(row.data) for row in rows)


def sessions_of(connection: Connection) -> tuple[SessionRow, ...]:
    """Every session of the file as a list shows it, newest first."""
    return session_rows(tuple(decode_entry(row.data) for row in connection.execute(HEADLINES)))


UNDER_WAY = ("infusing", "paused", "recovery")


def to_resume(connection: Connection) -> str | None:
    """The session that comes back after a restart: one with a running pump before any that waits for its start.

    Of several the one that was written to last: it was on the screen.
    """
    unfinished = [row for row in sessions_of(connection) if not row.finished]
    under_way = [row for row in unfinished if row.state in UNDER_WAY]
    return max(
        (row.session for row in under_way or unfinished),
        key=lambda session: _newest_number(connection, session),
        default=None,
    )


def _newest_number(connection: Connection, session: str) -> int:
    entry = schema.entry.c
    newest = (
        select(entry.number).where(entry.session == session).order_by(entry.session_number.desc()).limit(1)
    )
    return int(connection.execute(newest).scalar_one())


def session_rows(entries: tuple[Entry, ...]) -> tuple[SessionRow, ...]:
    """The list of sessions that these entries make, newest first; what was taken back does not count."""
    retracted = {entry.body.entry for entry in entries if isinstance(entry.body, Retracted)}
    rows: dict[str, SessionRow] = {}
    for entry in entries:
        if entry.session == CLINIC or entry.uuid in retracted:
            continue
        if isinstance(entry.body, SessionOpened):
            rows[entry.session] = SessionRow(entry.session, entry.at.utc, "", "", "", "patient", False)
        elif entry.session in rows:
            rows[entry.session] = _with(rows[entry.session], entry)
    return tuple(reversed(rows.values()))


def _with(row: SessionRow, entry: Entry) -> SessionRow:
    """The row after one more entry. A patient put right during the infusion leaves the state as it is."""
    match entry.body:
        case PatientIdentified(name=name, mrn=mrn):
            row = msgspec.structs.replace(row, patient=name, mrn=mrn, patient_told=entry.body)
            if row.state != "patient":
                return row
        case OrderSigned(order=order):
            row = msgspec.structs.replace(row, protocol=order.protocol_id)
        case NextVisitPlanned(due=due):
            return msgspec.structs.replace(row, next_visit=due)
        case SessionFinished() if not row.finished:
            row = msgspec.structs.replace(row, finished_at=entry.at.utc)
    if row.finished:
        return row
    state = _STATE_AFTER.get(type(entry.body), row.state)
    return msgspec.structs.replace(row, state=state, finished=state == "finished")


def everything_of(connection: Connection) -> tuple[tuple[Entry, ...], datetime | None]:
    """Every entry in the order of writing, and when the newest line, entry or sample, was written."""
    entries = tuple(
        decode_entry(row.data)
        for row in connection.execute(select(schema.entry.c.data).order_by(schema.entry.c.number))
    )
    sampled = connection.execute(select(func.max(schema.sample.c.at_utc))).scalar()
    times = [entry.written for entry in entries[-1:]] + ([sampled] if sampled is not None else [])
    return entries, max(times, default=None)
