"""kill -9 at random points: what was acknowledged is there, once, and the record is whole."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from db.verify import verify
from tests.db.desk import Desk

ROOT = Path(__file__).resolve().parents[2]
ROUNDS_OF_A_RECORD = 25
"""The whole record is verified after each kill: a longer one would be verified more often than killed."""


def acknowledged_until_killed(folder: Path, session: str, after_s: float) -> list[str]:
    """Run the appender, kill it so long after its first acknowledgement; the whole lines it printed."""
    command = [sys.executable, "-m", "tests.db.appender", str(folder), session]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        killer = threading.Timer(after_s, process.kill)
        killer.start()
        printed = first + process.stdout.read()
        killer.join()
    assert process.returncode == -9, "the appender ended by itself"
    return [line for line in printed.splitlines(keepends=False) if len(line) == 36]


def kill_again_and_again(folder: Path, rounds: int) -> None:
    """Each round is looked at by itself, so that a run that is stopped has shown what it says."""
    chance = random.Random(20260302)
    total = 0
    for first in range(0, rounds, ROUNDS_OF_A_RECORD):
        desk = Desk(folder / f"record-{first}")
        acknowledged: set[str] = set()
        written: list[str] = []
        for number in range(first, min(rounds, first + ROUNDS_OF_A_RECORD)):
            told = acknowledged_until_killed(desk.folder, f"s{number}", chance.uniform(0.0, 0.4))
            assert verify(desk.folder).problems == ()
            on_disk = desk.on_disk(f"s{number}")
            assert set(told) - set(on_disk) == set()
            acknowledged |= set(told)
            written += on_disk
            print(f"kills: {number + 1}, acknowledged: {total + len(acknowledged)}, lost: 0", flush=True)
        sessions = range(first, min(rounds, first + ROUNDS_OF_A_RECORD))
        assert acknowledged - {uuid for number in sessions for uuid in desk.on_disk(f"s{number}")} == set()
        assert len(written) == len(set(written))
        total += len(acknowledged)
        desk.close()
    assert total > rounds


def test_ten_kills_lose_and_double_no_acknowledged_entry(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 10)


@pytest.mark.kills
def test_many_kills_lose_and_double_no_acknowledged_entry(tmp_path: Path, kills: int) -> None:
    kill_again_and_again(tmp_path, kills)
