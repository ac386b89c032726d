"""A record of 200 sessions: how long its back-up and its restored copy take, and what a commit waits meanwhile."""

from __future__ import annotations

import statistics
import threading
import time
import uuid
from pathlib import Path

import msgspec
import pytest

from app.entries import AnyBody, NoteWritten, Sample, SamplesSealed, seal
from app.instant import Instant
from app.ports import Append
from db import keys
from db.backup import backups_in, hash_of
from db.restore import restore
from db.schedule import BackupSchedule
from db.verify import verify
from tests.db.desk import OPENED, PATIENT, Desk

SESSIONS = 200
NOTES = 240
MINUTES = 120
A_MINUTE = 12
MOST_S = 300.0


def a_long_session(desk: Desk, session: str) -> None:
    """Two hours of samples, sealed each minute, and 240 entries of people, in few large commits."""
    desk.put(Append((desk.entry(OPENED, session), desk.entry(PATIENT, session))))
    for minute in range(MINUTES):
        desk.later(60.0)
        first = minute * A_MINUTE + 1
        samples = tuple(desk.sample(first + number, session) for number in range(A_MINUTE))
        notes: tuple[AnyBody, ...] = (NoteWritten("a note as they are written"),) * (NOTES // MINUTES)
        sealed = SamplesSealed(first, A_MINUTE, seal(samples))
        desk.store.put(Append(tuple(desk.entry(body, session) for body in (*notes, sealed)), samples))
    desk.put()


def commit_waits(desk: Desk, stop: threading.Event) -> list[float]:
    """Write an entry with a sample every 50 ms until told to stop; how long each took to be acknowledged, in ms."""
    waits, number = [], 0
    while not stop.is_set():
        number += 1
        entry = msgspec.structs.replace(desk.entry(session="now"), uuid=str(uuid.uuid4()))
        sample = Sample("now", number, desk.now.utc, {"spo2": 97.0}, {}, None, None, None)
        begun = time.perf_counter()
        desk.put(Append((entry,), (sample,)))
        waits.append((time.perf_counter() - begun) * 1000)
        assert desk.saved()[-1] == entry.uuid
        time.sleep(0.05)
    return waits


def told(name: str, waits: list[float]) -> float:
    """Print the waits in ms; the median, which other work on the machine moves least."""
    p99, median = statistics.quantiles(waits, n=100)[98], statistics.median(waits)
    print(f"{name}: n={len(waits)} median {median:.1f} p99 {p99:.1f} max {max(waits):.1f} ms")
    return median


@pytest.mark.restore
def test_a_record_of_200_sessions_is_backed_up_beside_its_writer_and_restored_in_time(
    desk: Desk, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for number in range(SESSIONS):
        a_long_session(desk, f"s{number}")
    alone, ended = threading.Event(), threading.Event()
    threading.Timer(20.0, alone.set).start()
    quiet = told("commits without a back-up", commit_waits(desk, alone))

    def clock() -> Instant:
        return desk.now

    def backing() -> None:
        schedule.step(desk.now)
        ended.set()

    schedule = BackupSchedule(desk.folder, stick, 24.0, clock, lambda message: None)
    begun = time.perf_counter()
    thread = threading.Thread(target=backing)
    thread.start()
    busy = told("commits during a back-up", commit_waits(desk, ended))
    thread.join()
    print(f"back-up beside a writer: {time.perf_counter() - begun:.1f} s")
    assert busy < max(4 * quiet, 50.0)
    with_key = keys.read_key(desk.folder)
    (tmp_path / "key").write_bytes(with_key)
    (tmp_path / "key").chmod(0o600)
    (made,) = backups_in(stick, msgspec.json.decode(_manifest(stick))["record"])
    begun = time.perf_counter()
    found = restore(made.folder, tmp_path / "clean", lambda words: "", tmp_path / "key")
    took_s = time.perf_counter() - begun
    print(
        f"restore: {took_s:.1f} s; sessions {found.sessions}, entries {found.entries}, samples {found.samples}, "
        f"{made.manifest.bytes / 1e6:.0f} MB"
    )
    assert took_s < MOST_S
    assert hash_of(tmp_path / "clean" / keys.RECORD_FILE) == made.manifest.sha256
    begun = time.perf_counter()
    assert verify(tmp_path / "clean").problems == ()
    print(f"verify: {time.perf_counter() - begun:.1f} s")


def _manifest(stick: Path) -> bytes:
    (path,) = stick.glob("*/manifest.json")
    return path.read_bytes()
