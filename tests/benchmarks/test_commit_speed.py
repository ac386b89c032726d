"""What the store costs beside the disk: a bare commit of the same row by sqlcipher3 is the measure."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import sqlcipher3

from app.entries import GENESIS, Entry, NoteWritten, encode_entry
from app.instant import Instant
from app.ports import Append
from db.pins import CHEAP
from db.store import SqlStore, open_store
from tests.benchmarks.rounds import measured, within

RUNS = 3
PAIRS = 400
MOST = 2.0
TABLE = (
    "CREATE TABLE entry (number INTEGER PRIMARY KEY, uuid TEXT UNIQUE, session TEXT, session_number INTEGER,"
    " kind TEXT, at_utc TEXT, data BLOB, previous TEXT, hash TEXT, UNIQUE (session, session_number))"
)


def clock() -> Instant:
    return Instant(datetime.now(UTC), time.monotonic())


def note() -> Entry:
    now = clock()
    return Entry(str(uuid.uuid4()), "s1", now, now.utc, "boot", "nurse", NoteWritten("fifty letters " * 4))


def bare_commits(folder: Path) -> Callable[[Entry], float]:
    """Seconds of one commit with sqlcipher3 alone: same row, same table, same promise of the disk."""
    connection = sqlcipher3.dbapi2.connect(str(folder / "bare.db"), isolation_level=None)
    for pragma in (f"key = \"x'{'5a' * 32}'\"", "journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute(TABLE)
    numbers = count(1)

    def commit(entry: Entry) -> float:
        number = next(numbers)
        data, at = encode_entry(entry), entry.at.utc.isoformat()
        row = (number, entry.uuid, "s1", number, "NoteWritten", at, data, GENESIS, GENESIS)
        start = time.perf_counter()
        connection.execute("BEGIN")
        connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("COMMIT")
        return time.perf_counter() - start

    return commit


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


@pytest.mark.benchmark
def test_an_entry_is_on_disk_in_at_most_twice_the_time_of_a_bare_commit(tmp_path: Path) -> None:
    saved: list[object] = []
    store = open_store(tmp_path, clock, saved.append, cost=CHEAP)
    bare = bare_commits(tmp_path)
    rounds = count(1)

    def measure() -> tuple[float]:
        next(rounds)
        ratio = statistics.median(one_run(store, bare) for _ in range(RUNS))
        return (ratio,)

    figures = measured(measure, (MOST,))
    store.close()
    assert len(saved) == (next(rounds) - 1) * RUNS * PAIRS
    assert within(figures, (MOST,)), figures


def one_run(store: SqlStore, bare: Callable[[Entry], float]) -> float:
    """The p99 of the store's commits against that of bare ones, taken in turn."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(PAIRS):
        request = Append((note(),))
        start = time.perf_counter()
        store.put(request)
        store.step(clock())
        ours.append(time.perf_counter() - start)
        theirs.append(bare(note()))
    ratio = p99(ours) / p99(theirs)
    print(f"commit p99 {p99(ours) * 1e3:.2f} ms, bare {p99(theirs) * 1e3:.2f} ms, ratio {ratio:.2f}")
    print(f"commit p50 {statistics.median(ours) * 1e3:.2f} ms, bare {statistics.median(theirs) * 1e3:.2f} ms")
    return ratio
