"""The record's one writer: entries and samples appended in order, each acknowledged after its commit.

A failing disk costs nothing but time: what was given stays in order in memory, is told as StorageFailed, and
is written when the disk takes it again. `put` may be called from any thread; everything else happens in
`step`, which the store's thread calls in `run` and a rehearsal in its loop.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

from app.audit import page_of
from app.entries import CLINIC, kind_of
from app.instant import Instant
from app.messages import AuditListed, KeySealed, Saved, SessionsListed, StorageFailed
from app.ports import (
    Append,
    CheckPin,
    Clock,
    KeyKept,
    ListRows,
    Load,
    Loaded,
    OpenRecord,
    Post,
    ProbeRecord,
    ReadTrail,
    SealKey,
    StorageError,
    StoreRequest,
)
from db import cipher, keys, opening, reading
from db.appending import Conflict, Done, append, tail_of
from db.faults import Fault, no_fault
from db.pins import FULL, PinCost, Pins
from db.probe import probe

log = logging.getLogger(__name__)

IDLE_S = 0.25
GROUP = 64
FIRST_RETRY_S = 0.1
LONGEST_RETRY_S = 1.0
TELL_EVERY_S = 1.0
CHECKPOINT_AFTER = 250
"""Commits after which an idle moment is used to move the log into the file; SQLite's own comes much later."""

_Question = CheckPin | ListRows | Load | ReadTrail | ProbeRecord | SealKey


class _Failure(msgspec.Struct):
    """The disk does not take what it is given, since when, and when it is tried and told again."""

    since: Instant
    why: str
    delay_s: float
    retry_at: float
    told_at: float


def open_store(
    folder: Path, clock: Clock, post: Post, *, cost: PinCost = FULL, fault: Fault = no_fault, boot: str = ""
) -> SqlStore:
    """The store of this folder, made at the first run; StorageError says in words why it cannot be opened.

    `boot` names the start of the machine that the clock's steady seconds belong to.
    """
    lock = opening.FolderLock(folder)
    engine = None
    try:
        engine = opening.open_writing(folder, clock().utc)
        return SqlStore(folder, engine, lock, clock, post, cost, fault, boot)
    except BaseException as error:
        if engine is not None:
            engine.dispose()
        lock.release()
        if isinstance(error, DBAPIError):
            raise cipher.unopened(folder / keys.RECORD_FILE, error, key_is_right=True) from error
        raise


class SqlStore:
    """The record of one folder, open for writing. Implements app.ports.Store."""

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        lock: opening.FolderLock,
        clock: Clock,
        post: Post,
        cost: PinCost,
        fault: Fault,
        boot: str = "",
    ) -> None:
        self._path = folder / keys.RECORD_FILE
        self._engine = engine
        self._lock = lock
        self._clock = clock
        self._post = post
        self._fault = fault
        self._requests: queue.SimpleQueue[StoreRequest] = queue.SimpleQueue()
        self._unsaved: deque[Append] = deque()
        self._put_at: deque[float] = deque()
        self._questions: deque[_Question] = deque()
        self._failure: _Failure | None = None
        self._commits = 0
        self._guard = threading.RLock()
        self._key = keys.read_key(folder) if keys.way_of(folder) == "file" else None
        self._file = _identity(self._path)
        with engine.connect() as connection:
            self._pins = Pins(connection, clock(), cost, boot)
        self._log: tuple[int | None, ...] | None = self._log_now()

    # ------------------------------------------------------------ from any thread

    def put(self, request: StoreRequest) -> None:
        if isinstance(request, Append):
            self._put_at.append(time.monotonic())
        self._requests.put(request)

    @property
    def longest_wait_s(self) -> float:
        """How long what was put first already waits to be on disk; 0 when everything is there.

        By the machine's own clock, and without a lock: a disk that hangs in a write holds the store's thread.
        """
        try:
            return time.monotonic() - self._put_at[0]
        except IndexError:
            return 0.0

    @property
    def unsaved(self) -> int:
        """How many requests wait to be written; not 0 while the disk fails."""
        return self._requests.qsize() + len(self._unsaved)

    # ------------------------------------------------------------ at the start

    def opened(self) -> OpenRecord:
        """What the file held when it was opened; StorageError when it cannot be read."""
        with self._guard, reading.moment_of(self._engine, self._path) as connection:
            unfinished = reading.to_resume(connection)
            return OpenRecord(
                clinic=reading.entries_of(connection, CLINIC),
                unfinished=unfinished,
                head=reading.tail_of(connection)[1],
                opened=self._clock().utc,
                key=self._key_kept(),
            )

    def load(self, session: str) -> Loaded:
        """The whole of one session; StorageError when it cannot be read."""
        with self._guard, reading.moment_of(self._engine, self._path) as connection:
            return Loaded(
                at=self._clock(),
                session=session,
                entries=reading.entries_of(connection, session),
                samples=reading.samples_of(connection, session),
                head=reading.tail_of(connection)[1],
            )

    def _key_kept(self) -> KeyKept:
        folder = self._path.parent
        return KeyKept(keys.way_of(folder) or "file", str(folder))

    # ------------------------------------------------------------ the store's own thread

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop, then once more for what was put before that."""
        while not stop.is_set():
            self._wait()
            self.step(self._clock())
        self.step(self._clock())

    def step(self, now: Instant) -> None:
        """Write what waits, answer what was asked; with nothing to do, move the log into the file."""
        with self._guard:
            self._sort_requests()
            idle = not self._unsaved and not self._questions
            self._watch_files(now)
            self._write(now)
            while self._questions:
                self._answer(self._questions.popleft(), now)
            if idle and self._commits >= CHECKPOINT_AFTER:
                self._tidy()

    def close(self) -> None:
        """Let go of the file and the folder. What is still unsaved is lost: see `unsaved`."""
        with self._guard:
            self._engine.dispose()
            self._lock.release()

    def _wait(self) -> None:
        """Sleep until a request comes, or the idle time is over, or a failed write is due again."""
        timeout = IDLE_S
        if self._failure is not None:
            timeout = min(timeout, max(0.01, self._failure.retry_at - self._clock().steady))
        try:
            self._take(self._requests.get(timeout=timeout))
        except queue.Empty:
            return

    def _sort_requests(self) -> None:
        while True:
            try:
                self._take(self._requests.get_nowait())
            except queue.Empty:
                return

    def _take(self, request: StoreRequest) -> None:
        if isinstance(request, Append):
            for given in request.pins:
                self._pins.set(given.staff, given.pin)
            self._unsaved.append(request)
        else:
            self._questions.append(request)

    # ------------------------------------------------------------ writing

    def _write(self, now: Instant) -> None:
        """Commit what waits, in groups. What the record itself refuses is found one by one and set aside."""
        if self._waits(now):
            return
        size = GROUP
        while self._unsaved or self._pins.changed:
            group = tuple(islice(self._unsaved, size))
            try:
                done = self._commit(group)
            except (*cipher.ERRORS, Conflict, OSError, StorageError) as error:
                if not group or not _is_refusal(error):
                    self._failed(error, now)
                    return
                if len(group) == 1:
                    self._set_aside(error, now)
                size = 1
                continue
            self._saved(group, done)

    def _waits(self, now: Instant) -> bool:
        """Whether the disk failed and is not yet to be tried again."""
        return self._failure is not None and now.steady < self._failure.retry_at

    def _commit(self, group: tuple[Append, ...]) -> list[Done]:
        """One transaction for the whole group and for PINs that changed: all of it or none."""
        given = [pin.staff for request in group for pin in request.pins]
        self._require_same_file()
        self._lock.require_held()
        with cipher.writing(self._engine) as connection:
            self._fault("begun")
            done = self._append(connection.connection.cursor(), group)
            self._pins.write(connection, given)
            self._fault("all written")
        self._fault("committed")
        self._require_same_file()
        self._require_log()
        if any(became.again for became in done):
            # It may stand in the log from a commit whose fsync failed: only the file itself is sure.
            cipher.checkpoint(self._engine, self._path, "FULL")
        self._pins.written(given)
        self._commits += 1
        return done

    def _append(self, cursor: DBAPICursor, group: tuple[Append, ...]) -> list[Done]:
        done: list[Done] = []
        tail = tail_of(cursor)
        for request in group:
            done.append(append(cursor, request, tail, self._fault))
            tail = done[-1].tail
        cursor.close()
        return done

    def _require_same_file(self) -> None:
        """A file moved away under a running program still takes writes, and nobody would find them again."""
        if _identity(self._path) != self._file:
            raise StorageError(
                f"{self._path} was moved or removed while in use. Put it back, then start again."
            )

    def _log_now(self) -> tuple[int | None, ...]:
        """Which files stand where the write-ahead log and its index belong."""
        return tuple(_identity(self._path.with_name(self._path.name + end)) for end in ("-wal", "-shm"))

    def _require_log(self) -> None:
        """A log removed under a running program still takes writes, and a restart would not find them.

        What it holds goes into the file, and another log is begun.
        """
        now = self._log_now()
        if self._log is None:
            self._log = now
        if now == self._log and None not in now:
            return
        log.warning("the record's log was removed while in use: what it holds goes into the file")
        if not cipher.checkpoint(self._engine, self._path, "FULL"):
            raise StorageError(
                f"The log beside {self._path} was removed while in use, and another program reads it. Close that one."
            )
        self._open_anew()

    def _require_key(self) -> None:
        """A key file that was removed is put back: without it nobody could read after a restart what was saved."""
        if self._key is None or keys.way_of(self._path.parent) is not None:
            return  # there it is, or it was sealed meanwhile
        log.warning("the key file was removed while in use: it is put back")
        try:
            keys.write_durably(self._path.with_name(keys.KEY_FILE), self._key)
        except OSError as error:
            raise StorageError(cipher.why(self._path, error)) from error

    def _open_anew(self) -> None:
        """The next to ask opens the file and its log by their names."""
        self._engine.dispose()
        self._log = None

    def _watch_files(self, now: Instant) -> None:
        """Between two commits, too: the log still holds what was acknowledged long ago."""
        if self._log is None or self._waits(now) or _identity(self._path) != self._file:
            return
        try:
            self._lock.require_held()
            self._require_key()
            self._require_log()
        except StorageError as error:
            self._failed(error, now)

    def _saved(self, group: tuple[Append, ...], done: list[Done]) -> None:
        self._failure = None
        for request, became in zip(group, done, strict=True):
            self._unsaved.popleft()
            self._put_at.popleft()
            uuids = tuple(entry.uuid for entry in request.entries)
            self._post(Saved(self._clock(), uuids, became.numbers, became.tail[1]))

    def _failed(self, error: Exception, now: Instant) -> None:
        """Keep everything, try again later, and say so: at once when it is news, else once a second."""
        why = cipher.why(self._path, error)
        log.warning("the record could not be written: %s", type(error).__name__)
        old = self._failure
        delay_s = FIRST_RETRY_S if old is None else min(old.delay_s * 2, LONGEST_RETRY_S)
        news = old is None or old.why != why or now.steady - old.told_at >= TELL_EVERY_S
        told_at = now.steady if old is None or news else old.told_at
        since = now if old is None else old.since
        self._failure = _Failure(since, why, delay_s, now.steady + delay_s, told_at)
        if news:
            self._post(StorageFailed(now, since, why))
        if cipher.is_connection_lost(error):
            self._open_anew()

    def _set_aside(self, error: Exception, now: Instant) -> None:
        """A request that no disk would take: it is never acknowledged, and what follows goes on."""
        refused = self._unsaved.popleft()
        self._put_at.popleft()
        self._pins.forgo([pin.staff for pin in refused.pins])
        kinds = ", ".join(kind_of(entry.body) for entry in refused.entries) or "samples"
        log.error("the record refused %s (%s)", kinds, type(error).__name__)
        uuids = tuple(entry.uuid for entry in refused.entries)
        self._post(StorageFailed(now, now, f"The record refused {kinds}: not saved. Enter it again.", uuids))

    def _tidy(self) -> None:
        """Move the log into the file while nobody waits."""
        self._commits = 0
        try:
            cipher.checkpoint(self._engine, self._path, "PASSIVE")
        except StorageError as error:
            log.warning("the log could not be moved into the file: %s", error)

    # ------------------------------------------------------------ answering

    def _answer(self, question: _Question, now: Instant) -> None:
        match question:
            case CheckPin():
                answer = self._pins.check(question, now)
                self._write(now)  # the count of wrong tries is on disk before anybody learns of this one
                self._post(answer)
            case ListRows():
                self._read(self._list, now)
            case Load(session=session):
                self._read(lambda: self.load(session), now)
            case ProbeRecord():
                self._post(probe(self._engine, self._path.parent, self._clock()))
            case SealKey():
                self._post(self._seal(question))
            case ReadTrail():
                self._read(lambda: self._trail(question), now)

    def _seal(self, asked: SealKey) -> KeySealed:
        from db.keycommand import seal_open  # its libraries are loaded only where a key is sealed

        why = seal_open(self._path.parent, asked.passphrase)
        return KeySealed(self._clock(), asked.tap, asked.author, self._key_kept(), why)

    def _trail(self, asked: ReadTrail) -> AuditListed:
        with reading.moment_of(self._engine, self._path) as connection:
            found, more = page_of(reading.trail_of(connection), asked.page, asked.staff, asked.sort)
            return AuditListed(self._clock(), asked.page, asked.staff, asked.sort, found, more)

    def _list(self) -> SessionsListed:
        with reading.moment_of(self._engine, self._path) as connection:
            return SessionsListed(self._clock(), reading.sessions_of(connection))

    def _read(self, read: Callable[[], object], now: Instant) -> None:
        try:
            self._post(read())
        except StorageError as error:
            self._post(StorageFailed(now, now, str(error)))


def _identity(path: Path) -> int | None:
    """Which file stands under this name; None where there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _is_refusal(error: Exception) -> bool:
    """Whether trying again would be refused again: it is what was given, not the disk."""
    return isinstance(error, Conflict) or cipher.is_constraint(error)
