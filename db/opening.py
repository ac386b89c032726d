"""From a data folder to an open record: the lock, the first run, the key, the schema's version.

A new record, and one brought to a newer schema, is made beside its place and moved there whole: a power cut
leaves the old file or the new one. A record that is missing is said to be missing; it never begins anew.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import DBAPIError

from app.ports import StorageError
from db import cipher, keys, place, rotating, schema
from db.faults import Fault, no_fault

LOCK_FILE = "chairside.lock"


class Known(msgspec.Struct, frozen=True):
    """The schemas that this software knows, oldest first, and the scripts that lead from each to the next."""

    versions: tuple[str, ...] = schema.VERSIONS
    scripts: Path = Path(__file__).with_name("migrations")

    @property
    def newest(self) -> str:
        return self.versions[-1]


KNOWN = Known()


class FolderLock:
    """One Chairside writes in a folder; the system lets go of the lock when the process ends, in any way."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        require_folder(folder)
        self._descriptor = self._take()

    def _take(self) -> int:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(cipher.why(self._path, error)) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except OSError as error:
            other = os.pread(descriptor, 20, 0).decode(errors="replace")
            os.close(descriptor)
            if not isinstance(error, BlockingIOError):
                raise StorageError(cipher.why(self._path, error)) from error
            raise StorageError(
                f"{self._path.parent} is open in another Chairside (process {other}). Close that one, or give "
                "another folder with --data."
            ) from None
        return descriptor

    def require_held(self) -> None:
        """A lock whose file was removed keeps nobody out: it is made again; StorageError where another has it."""
        if self._stands():
            return
        anew = self._take()
        os.close(self._descriptor)
        self._descriptor = anew

    def _stands(self) -> bool:
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StorageError(cipher.why(self._path, error)) from error

    def release(self) -> None:
        os.close(self._descriptor)


def require_folder(folder: Path) -> None:
    """Makes a folder for its owner alone where there is none; StorageError when that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        taken = next(part for part in (folder, *folder.parents) if part.exists() and not part.is_dir())
        raise StorageError(
            f"{taken} is a file, so that there can be no folder {folder}. Give another name."
        ) from None
    except OSError as error:
        raise StorageError(cipher.why(folder / keys.RECORD_FILE, error)) from error


def open_writing(folder: Path, now: datetime, known: Known = KNOWN) -> Engine:
    """The record of this folder at the newest schema, made if this is the first run; StorageError in words.

    The caller holds the folder's lock.
    """
    try:
        return _open_writing(folder, now, known)
    except OSError as error:
        raise StorageError(cipher.why(folder / keys.RECORD_FILE, error)) from error


def _open_writing(folder: Path, now: datetime, known: Known) -> Engine:
    record = folder / keys.RECORD_FILE
    if not record.exists():
        return _begin(folder, now, known)
    rotating.settle_rotation(folder)
    key, sure = _key_of(folder)
    engine = cipher.engine_for(record, key)
    version = _version_or_dispose(engine, record, sure)
    if version != known.newest:
        engine.dispose()
        _require_known(record, version, known)
        migrate(record, key, version, known.scripts)
    if not sure:
        keys.write_check(folder, key)
    return engine


def open_reading(folder: Path, known: Known = KNOWN) -> Engine:
    """The record of this folder to read only, as it is; nothing is made or changed; StorageError in words."""
    record = folder / keys.RECORD_FILE
    if not record.exists():
        raise no_record(folder)
    if rotating.is_unsettled(folder):
        raise StorageError(
            f"The key of {folder} is being changed, or that was cut short. Start Chairside once on this folder, "
            "or type: python main.py key status"
        )
    key, sure = _key_of(folder)
    engine = cipher.engine_for(record, key, reading=True)
    version = _version_or_dispose(engine, record, sure)
    if version == known.newest:
        return engine
    engine.dispose()
    _require_known(record, version, known)
    raise StorageError(
        f"{record} has schema {version}, this Chairside reads {known.newest}. "
        "Start Chairside once on this folder: it brings the record up to date."
    )


def no_record(folder: Path) -> StorageError:
    """Nothing was ever written here, or it was taken away."""
    return StorageError(f"There is no record in {folder}. Give the folder that holds it with --data.")


def _begin(folder: Path, now: datetime, known: Known) -> Engine:
    """The first run: a key, an empty record, and last the check value, which says that both were complete."""
    record = folder / keys.RECORD_FILE
    if (folder / keys.CHECK_FILE).exists():
        raise StorageError(
            f"The record {record} is missing, though its key is there. Put it back from your back-up; "
            "to begin anew, give another folder with --data."
        )
    key = keys.read_key(folder) if keys.way_of(folder) else keys.make_key(folder)
    new = record.with_name(record.name + ".new")
    remove(new)
    _create(new, key, now, known)
    new.replace(record)
    keys.sync_folder(folder)
    keys.write_check(folder, key)
    return cipher.engine_for(record, key)


def _create(path: Path, key: bytes, now: datetime, known: Known) -> None:
    path.touch(mode=0o600)
    engine = cipher.engine_for(path, key, create=True)
    try:
        with engine.begin() as connection:
            upgrade(connection, known.scripts)
            rows = {"record": str(uuid.uuid4()), "begun": schema.utc_text(now)}
            connection.execute(
                insert(schema.meta), [{"name": name, "value": value} for name, value in rows.items()]
            )
    except DBAPIError as error:
        raise StorageError(cipher.why(path, error)) from error
    finally:
        engine.dispose()
    keys.sync_file(path)


def _key_of(folder: Path) -> tuple[bytes, bool]:
    """The key, and whether its check value says that it is the right one."""
    record = folder / keys.RECORD_FILE
    if cipher.starts_plain(record):
        raise cipher.plain(record)
    key = keys.read_key(folder)
    return key, keys.require_match(folder, key)


def version_of(engine: Engine) -> str | None:
    """The schema's version as the file states it; None when it states none."""
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"))
        if not tables.scalar_one():
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _version_or_dispose(engine: Engine, record: Path, sure: bool) -> str:
    try:
        version = version_of(engine)
        if version is None:
            raise keys.DamagedRecord(
                f"{record} holds no record: it is empty or was cut short. Keep it, and put back your back-up."
            )
    except DBAPIError as error:
        engine.dispose()
        raise cipher.unopened(record, error, key_is_right=sure) from error
    except StorageError:
        engine.dispose()
        raise
    return version


def _require_known(record: Path, version: str, known: Known) -> None:
    if version not in known.versions:
        raise StorageError(
            f"{record} has schema {version}, this Chairside knows {known.newest}. It was written by a "
            "newer Chairside: start that one. Nothing was changed."
        )


def upgrade(connection: Connection, scripts: Path = KNOWN.scripts) -> None:
    """Bring an open file to the newest schema, within the transaction of this connection."""
    from alembic import command  # takes 0.2 s: only when there is work
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrate(
    record: Path, key: bytes, version: str, scripts: Path = KNOWN.scripts, fault: Fault = no_fault
) -> None:
    """Bring a record from an older schema to the newest, on a copy that then takes its place.

    The old file stays as chairside-<version>.db. StorageError when it cannot be done; the record is then as
    it was.
    """
    with place.alone(record.parent):
        _migrate(record, key, version, scripts, fault)


def _migrate(record: Path, key: bytes, version: str, scripts: Path, fault: Fault) -> None:
    kept = record.with_name(f"{record.stem}-{version}{record.suffix}")
    copy = record.with_name(record.name + ".migrating")
    try:
        settle(record, key)
        fault("settled")
        copy_durably(record, copy)
        fault("copied")
        _upgrade_copy(copy, key, scripts, fault)
        fault("upgraded")
        copy_durably(record, kept)
        fault("kept")
        copy.replace(record)
    # alembic raises whatever a script raises: each means that the copy is not to be trusted.
    except Exception as error:
        remove(copy)
        raise StorageError(
            f"{record} could not be brought from schema {version} to the newest ({error}). "
            "It is as it was; start the Chairside that wrote it."
        ) from error
    fault("in its place")
    keys.sync_folder(record.parent)


def settle(record: Path, key: bytes) -> None:
    """Put the whole of the write-ahead log into the file, so that a copy of the file is the record."""
    engine = cipher.engine_for(record, key)
    try:
        settled = cipher.checkpoint(engine, record, "TRUNCATE")
    finally:
        engine.dispose()
    # The last to close the file removes its log: one that is still there has a reader, who would take the
    # log of the file that comes in its place for its own.
    if not settled or record.with_name(record.name + "-wal").exists():
        raise StorageError("another program reads it")


def copy_durably(source: Path, target: Path) -> None:
    """Copy a file that nobody writes, for its owner alone, on the disk when this returns."""
    remove(target)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    keys.sync_file(target)


def _upgrade_copy(copy: Path, key: bytes, scripts: Path, fault: Fault) -> None:
    """Migrate the copy; what it held of the chain, of samples and of PINs must be the same afterwards."""
    engine = cipher.engine_for(copy, key, create=True)
    try:
        with engine.begin() as connection:
            before = [_rows(connection, what) for what in HELD.values()]
            upgrade(connection, scripts)
            fault("scripts run")
            for what, held in zip(HELD, before, strict=True):
                if _rows(connection, HELD[what]) != held:
                    raise StorageError(f"the migration changed the {what}")
    finally:
        engine.dispose()
    keys.sync_file(copy)


HELD = {
    "chain": "SELECT number, hash FROM entry ORDER BY number",
    "samples": "SELECT session, count(*), min(number), max(number), sum(length(data)) FROM sample GROUP BY session",
    "PINs": "SELECT staff, hash, failed, barred_until FROM pin ORDER BY staff",
}
"""What a migration carries over as it is."""


def _rows(connection: Connection, statement: str) -> tuple[tuple[object, ...], ...]:
    return tuple(tuple(row) for row in connection.execute(text(statement)))


def remove(path: Path) -> None:
    """Remove a file that was never the record, with the log that SQLite may have left beside it."""
    for name in (path.name, path.name + "-wal", path.name + "-shm", path.name + "-journal"):
        path.with_name(name).unlink(missing_ok=True)
