"""A back-up: one moment of the record as one encrypted file, looked through whole before it counts as made.

It has the record's own key, which is not beside it unless sealed. It is written under another name and takes
its own when all of it is on the disk; what stands under its own name was good when it was made.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import msgspec
from sqlalchemy import Connection, func, select

from app.ports import StorageError
from db import cipher, keys, opening, reading, schema
from db.verify import VerifyReport, no_pace, verify_file

MANIFEST_FILE = "manifest.json"
FORMAT = "chairside-backup-1"
PART = ".part"
NAME = "chairside-{:%Y%m%d-%H%M%S}"
_NAMED = re.compile(r"chairside-\d{8}-\d{6}(-\d+)?")
KEPT_ALL = 14
KEPT_WEEKS = 8
KEPT_MONTHS = 12
READ_BYTES = 1 << 20
PART_LEFT_S = 86400.0
"""A back-up that is unfinished for a day was cut short."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a back-up holds, as it was read back from it; it names nobody."""

    format: str
    record: str
    made: datetime
    schema: str
    entries: int
    sessions: int
    samples: int
    head: str
    bytes: int
    sha256: str


class Backup(msgspec.Struct, frozen=True):
    """A back-up that is complete, and where it stands."""

    folder: Path
    manifest: Manifest

    @property
    def record(self) -> Path:
        return self.folder / keys.RECORD_FILE


class _Moment(msgspec.Struct, frozen=True):
    """The record when its copy was begun."""

    record: str
    entries: int
    head: str
    samples: int


def back_up(folder: Path, to: Path, now: datetime, pace: Callable[[], None] = no_pace) -> Backup:
    """Write a back-up of this folder's record into a new folder within `to`, and look through it.

    May run beside a Chairside that writes: it holds nobody up. StorageError says what is wrong; nothing then
    stands under a back-up's name. `pace` is called between the steps.
    """
    require_target(to)
    part = to / (_free_name(to, now) + PART)
    try:
        part.mkdir(mode=0o700)
        manifest = _write(folder, part, now, pace)
        final = part.with_name(part.name.removesuffix(PART))
        part.replace(final)
        keys.sync_folder(to)
    except (*cipher.ERRORS, OSError) as error:
        raise StorageError(f"No back-up was made. {cipher.why(part / keys.RECORD_FILE, error)}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Backup(final, manifest)


def require_target(to: Path) -> None:
    """StorageError unless this folder is there: one that is not is a disk that is not connected."""
    if not to.is_dir():
        raise StorageError(f"There is no folder {to} for back-ups. Connect its disk, or make the folder.")


def _free_name(to: Path, now: datetime) -> str:
    name = NAME.format(now.astimezone(UTC))
    taken = sum(path.name.startswith(name) for path in to.iterdir())
    return f"{name}-{taken + 1}" if taken else name


def _write(folder: Path, part: Path, now: datetime, pace: Callable[[], None]) -> Manifest:
    copy = part / keys.RECORD_FILE
    key = keys.read_key(folder)
    engine = opening.open_reading(folder)
    try:
        with reading.moment_of(engine, folder / keys.RECORD_FILE) as connection:
            moment = _moment(connection)
            copy.touch(mode=0o600)
            cipher.copy_as_it_is(connection, copy, key, pace)
    finally:
        engine.dispose()
    _from_disk(copy)
    found = verify_file(copy, key, pace)
    _require_equal(moment, found)
    keys.write_check(part, key)
    if (folder / keys.SEALED_FILE).exists() and keys.way_of(folder) == "sealed":
        keys.write_durably(part / keys.SEALED_FILE, (folder / keys.SEALED_FILE).read_bytes())
    manifest = Manifest(
        format=FORMAT,
        record=moment.record,
        made=now,
        schema=found.version,
        entries=found.entries,
        sessions=found.sessions,
        samples=found.samples,
        head=found.head,
        bytes=copy.stat().st_size,
        sha256=hash_of(copy, pace),
    )
    words = msgspec.json.format(msgspec.json.encode(manifest))
    keys.write_durably(part / MANIFEST_FILE, words + b"\n")
    return manifest


def _moment(connection: Connection) -> _Moment:
    number, head = reading.tail_of(connection)
    samples = connection.execute(select(func.count()).select_from(schema.sample)).scalar_one()
    return _Moment(reading.record_of(connection), number, head, samples)


def _from_disk(path: Path) -> None:
    """Put the file on the disk, and forget what memory holds of it: it is read back from the disk itself."""
    keys.sync_file(path)
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _require_equal(moment: _Moment, found: VerifyReport) -> None:
    if not found.good:
        raise StorageError(
            f"No back-up was made: what was written is not sound ({found.problems[0]}). "
            "Look at the record first: python main.py verify"
        )
    if (found.entries, found.head, found.samples) != (moment.entries, moment.head, moment.samples):
        raise StorageError("No back-up was made: what was written is not what the record holds. Try again.")


def hash_of(path: Path, pace: Callable[[], None] = no_pace) -> str:
    """SHA-256 of a file, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            pace()
    return digest.hexdigest()


# ---------------------------------------------------------------- what is there, and what is kept


def read_backup(folder: Path) -> Backup:
    """The back-up in this folder by its manifest; StorageError when it is none, or cut short."""
    path = folder / MANIFEST_FILE
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
        size = (folder / keys.RECORD_FILE).stat().st_size
    except FileNotFoundError as error:
        raise StorageError(
            f"{folder} is no complete back-up: {Path(str(error.filename)).name} is missing. Give the folder that "
            f"holds {MANIFEST_FILE}."
        ) from None
    except OSError as error:
        raise keys.unreadable(path, error) from error
    except msgspec.DecodeError as error:
        raise StorageError(f"{path} is damaged ({error}). Take another back-up.") from error
    if manifest.format != FORMAT:
        raise StorageError(f"{path} was written by another Chairside. Start that one.")
    if size != manifest.bytes:
        raise StorageError(
            f"{folder} was cut short: {keys.RECORD_FILE} has {size} bytes, not {manifest.bytes}. Take another."
        )
    return Backup(folder, manifest)


def backups_in(to: Path, record: str) -> tuple[Backup, ...]:
    """The complete back-ups of this record in a folder, newest first; others' and broken ones are left out."""
    found = []
    for folder in to.iterdir():
        if _NAMED.fullmatch(folder.name) and folder.is_dir():
            try:
                found.append(read_backup(folder))
            except StorageError:
                continue
    ours = [backup for backup in found if backup.manifest.record == record]
    return tuple(sorted(ours, key=lambda backup: (backup.manifest.made, backup.folder.name), reverse=True))


def kept(made: Iterable[datetime]) -> set[datetime]:
    """Of these moments, the newest fourteen, then the newest of each of 8 weeks, then of each of 12 months."""
    newest_first = sorted(made, reverse=True)
    keep = set(newest_first[:KEPT_ALL])
    keep |= _newest_of_each(newest_first, lambda moment: moment.isocalendar()[:2], KEPT_WEEKS)
    return keep | _newest_of_each(newest_first, lambda moment: (moment.year, moment.month), KEPT_MONTHS)


def _newest_of_each(
    newest_first: list[datetime], span: Callable[[datetime], tuple[int, int]], spans: int
) -> set[datetime]:
    newest: dict[tuple[int, int], datetime] = {}
    for moment in newest_first:
        newest.setdefault(span(moment), moment)
    return set(list(newest.values())[:spans])


def thin(to: Path, made: Backup) -> tuple[Path, ...]:
    """Remove old back-ups of the record of this one, which was just made and found good; what was removed."""
    there = backups_in(to, made.manifest.record)
    keep = kept(backup.manifest.made for backup in there)
    gone = tuple(
        backup.folder for backup in there if backup.manifest.made not in keep and backup.folder != made.folder
    )
    for folder in gone:
        # Under a name that is no back-up's: cut short, it is not taken for one.
        going = folder.replace(folder.with_name(folder.name + PART))
        shutil.rmtree(going)
    for part in to.glob(f"chairside-*{PART}"):
        if made.manifest.made.timestamp() - part.stat().st_mtime > PART_LEFT_S:
            shutil.rmtree(part)
    return gone


# ---------------------------------------------------------------- the command


def run_backup(folder: Path, to: Path, now: datetime, out: TextIO, err: TextIO | None = None) -> int:
    """Make a back-up and say what it holds: 0, or 2 with a sentence."""
    try:
        made = back_up(folder, to, now)
    except StorageError as error:
        print(error, file=err or sys.stderr)
        return 2
    for line in told(made, folder):
        print(line, file=out)
    return 0


def told(made: Backup, folder: Path) -> list[str]:
    """What a back-up holds, and what to know of it."""
    manifest = made.manifest
    counts = f"sessions: {manifest.sessions}, entries: {manifest.entries}, samples: {manifest.samples}"
    lines = [
        f"{made.folder}: {counts}, schema {manifest.schema}; read back and found whole.",
        f"Chain head {manifest.head}",
    ]
    if (made.folder / keys.SEALED_FILE).exists():
        lines.append("The sealed key lies beside it: the passphrase is needed to restore.")
    else:
        lines.append("The key is not beside it: keep a copy apart, python main.py key copy --to FILE")
    if made.folder.stat().st_dev == folder.stat().st_dev:
        lines.append("It stands on the disk of the record itself: if that disk breaks, both are gone.")
    return lines
