"""The encrypted file as a SQLAlchemy engine, and what its errors mean in words.

The record has one writer. SQLite before 3.51.3 can corrupt a write-ahead log when a second connection
checkpoints it, so an older one is refused before the file is touched.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlcipher3
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from app.ports import StorageError
from db.keys import DamagedRecord

OLDEST_SQLITE = (3, 51, 3)
BUSY_MS = 1000
SALT_BYTES = 16
COPY_PAGES = 64
"""Pages of 4 KiB that one step of a copy moves."""
PLAIN_SQLITE = b"SQLite format 3\x00"

ERRORS = (DBAPIError, sqlcipher3.dbapi2.Error)
"""What goes wrong with the file: as SQLAlchemy raises it, and as the driver does."""

SQLITE_BUSY = 5
SQLITE_READONLY = 8
SQLITE_IOERR = 10
SQLITE_CORRUPT = 11
SQLITE_FULL = 13
SQLITE_CANTOPEN = 14
SQLITE_CONSTRAINT = 19
SQLITE_NOTADB = 26


_CODES = {
    errno.ENOSPC: SQLITE_FULL,
    errno.EDQUOT: SQLITE_FULL,
    errno.EROFS: SQLITE_READONLY,
    errno.EACCES: SQLITE_READONLY,
    errno.EPERM: SQLITE_READONLY,
    errno.ENOENT: SQLITE_CANTOPEN,
    errno.ENOTDIR: SQLITE_CANTOPEN,
}


def require_sqlite(version: str) -> None:
    """Raise StorageError unless this SQLite is one that keeps its write-ahead log whole."""
    if tuple(int(part) for part in version.split(".")) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StorageError(
            f"SQLite {version} can lose what was saved; {oldest} or later is needed. "
            "Install the sqlcipher3 that requirements.lock names: make run"
        )


def engine_for(path: Path, key: bytes, *, create: bool = False, reading: bool = False) -> Engine:
    """An engine on this file that opens one connection and gives each transaction a BEGIN of its own.

    `create` makes the file when it is absent; otherwise an absent file is an error, never an empty record.
    `reading` refuses every write.
    """
    require_sqlite(sqlcipher3.dbapi2.sqlite_version)
    mode = "rwc" if create else "rw"
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": mode, "uri": "true"}),
        module=sqlcipher3.dbapi2,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,  # an error's text names no patient
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def unlock(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        _unlock(connection, path, key, create=create, reading=reading)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that has the record to itself from its beginning: it waits for another writer.

    One that reads first and then writes would be refused at once where another has written in between.
    """
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def _unlock(connection: DBAPIConnection, path: Path, key: bytes, *, create: bool, reading: bool) -> None:
    """Give the key before anything else, then say how this connection writes."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    cursor.execute("PRAGMA cipher_log_level=NONE")
    cursor.execute("PRAGMA cipher_version")
    if not cursor.fetchall():
        raise StorageError("This sqlcipher3 was built without SQLCipher: the record would not be encrypted.")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("SELECT count(*) FROM sqlite_master")
    if reading:
        cursor.execute("PRAGMA query_only=ON")
    elif not create:
        _write_safely(cursor, path)
    cursor.close()


def _write_safely(cursor: object, path: Path) -> None:
    """A commit that returns is on disk; a folder that cannot promise it is refused."""
    execute = cursor.execute  # type: ignore[attr-defined]
    if execute("PRAGMA journal_mode=WAL").fetchone() != ("wal",):
        raise StorageError(
            f"{path.parent} cannot hold a write-ahead log. Put the data on a disk of this computer."
        )
    execute("PRAGMA synchronous=FULL")
    execute("PRAGMA foreign_keys=ON")
    execute("PRAGMA recursive_triggers=ON")


def checkpoint(engine: Engine, path: Path, mode: str) -> bool:
    """Move the write-ahead log into the file: PASSIVE, FULL or TRUNCATE. False when another was there."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA wal_checkpoint({mode})")
        busy, _, _ = cursor.fetchall()[0]
        cursor.close()
    except sqlcipher3.dbapi2.Error as error:
        raise StorageError(why(path, error)) from error
    finally:
        raw.close()
    return not busy


def copy_as_it_is(connection: Connection, target: Path, key: bytes, pace: Callable[[], None]) -> None:
    """Copy the moment that this transaction sees into a new file of one piece; writers are not held up.

    Each step is put on the disk before the next, so that a commit never waits for all of it; `pace` is called
    between the steps.
    """
    source = connection.connection.driver_connection
    copy = _bare(target, key, "rwc")
    descriptor = os.open(target, os.O_RDWR)

    def stepped(status: int, left: int, total: int) -> None:
        os.fsync(descriptor)
        pace()

    try:
        source.backup(copy, pages=COPY_PAGES, progress=stepped)  # type: ignore[union-attr]
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        os.close(descriptor)


def copy_under(engine: Engine, target: Path, key: bytes) -> None:
    """Copy the record into a new file under another key, row by row."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"ATTACH DATABASE ? AS copy KEY \"x'{key.hex()}'\"", (str(target),))
        try:
            cursor.execute("SELECT sqlcipher_export('copy')")
            cursor.fetchall()
        finally:
            cursor.execute("DETACH DATABASE copy")
        cursor.close()
    finally:
        raw.close()


def salt_of(path: Path) -> bytes:
    """The first bytes of an encrypted file, by chance its own: they tell two files apart without a key."""
    with path.open("rb") as file:
        return file.read(SALT_BYTES)


def _bare(path: Path, key: bytes, mode: str) -> sqlcipher3.dbapi2.Connection:
    connection = sqlcipher3.dbapi2.connect(
        f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    connection.execute("PRAGMA cipher_log_level=NONE")
    return connection


def damaged_pages(path: Path, key: bytes) -> list[str]:
    """What is wrong with the pages of the file on the disk, one line each; none when all is well."""
    connection = _bare(path, key, "ro")
    try:
        return [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check")]
    except sqlcipher3.dbapi2.Error as error:
        return [str(error)]
    finally:
        connection.close()


def is_connection_lost(error: BaseException) -> bool:
    """Whether to open the file anew before the next try; not on a full disk, opening needs space too."""
    return code_of(error) in (SQLITE_READONLY, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB)


def code_of(error: BaseException) -> int | None:
    """SQLite's primary result code for what went wrong; None when it was neither SQLite nor the system."""
    if isinstance(error, OSError):
        return _CODES.get(error.errno or 0, SQLITE_IOERR)
    origin = error.orig if isinstance(error, DBAPIError) else error
    code: int | None = getattr(origin, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_constraint(error: BaseException) -> bool:
    """Whether a trigger or a unique column refused the row: the disk is not to blame."""
    return code_of(error) == SQLITE_CONSTRAINT


def unopened(path: Path, error: BaseException, *, key_is_right: bool) -> StorageError:
    """Why the file could not be opened, told apart and with what to do."""
    code = code_of(error)
    if code not in (SQLITE_NOTADB, SQLITE_CORRUPT):
        return StorageError(why(path, error))
    if key_is_right:
        return DamagedRecord(
            f"{path} is damaged: its key is right and it cannot be read. "
            "Keep the file, and put back your back-up."
        )
    return StorageError(
        f"{path} cannot be read: its key is another one or it is damaged, and the header file that would "
        "tell is missing. Put back the whole folder from your back-up."
    )


def plain(path: Path) -> StorageError:
    """A database that nobody encrypted stands where the record should."""
    return StorageError(
        f"{path} is a plain SQLite file, not a record of Chairside. Move it away and put the record back."
    )


def starts_plain(path: Path) -> bool:
    """Whether the file begins as every SQLite file does that is not encrypted."""
    with path.open("rb") as file:
        return file.read(len(PLAIN_SQLITE)) == PLAIN_SQLITE


def why(path: Path, error: BaseException) -> str:
    """What keeps the record from being written or read, and what to do about it."""
    if isinstance(error, StorageError):
        return str(error)
    words = _WORDS.get(code_of(error) or 0)
    if words is None:
        cause = error.orig if isinstance(error, DBAPIError) else error
        return f"{path} cannot be used ({cause}). Start Chairside again; if it stays, put back your back-up."
    return words.format(file=path, folder=path.parent)


_WORDS = {
    SQLITE_FULL: "The disk that holds {folder} is full. Free some space: what waits is then written.",
    SQLITE_READONLY: "{folder} may not be written. Check who may write there; is the disk read-only?",
    SQLITE_BUSY: "Another program holds {file}. Close it: what waits is then written.",
    SQLITE_CANTOPEN: "{file} cannot be opened. Check that its disk is connected and who may write there.",
    SQLITE_CORRUPT: "{file} is damaged. Keep the file and put back your back-up.",
    SQLITE_NOTADB: "{file} is damaged. Keep the file and put back your back-up.",
    SQLITE_IOERR: "The disk that holds {file} reported an error. Check the disk and its cable.",
}
"""What each of SQLite's errors means at the chair."""
