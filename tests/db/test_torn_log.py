"""A power cut tears the write-ahead log after what was last acknowledged: that prefix is intact."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from db.verify import verify
from tests.db.desk import Desk

ROUNDS = 12
ACKNOWLEDGED = 20
Tear = Callable[[bytearray, int, random.Random], bytes]


def cut(log: bytearray, end: int, chance: random.Random) -> bytes:
    return bytes(log[: chance.randint(end, len(log))])


def garbage(log: bytearray, end: int, chance: random.Random) -> bytes:
    start = chance.randint(end, len(log) - 1)
    return bytes(log[:start]) + chance.randbytes(len(log) - start)


def flipped(log: bytearray, end: int, chance: random.Random) -> bytes:
    log[chance.randint(end, len(log) - 1)] ^= 1 << chance.randint(0, 7)
    return bytes(log)


def zeros(log: bytearray, end: int, chance: random.Random) -> bytes:
    start = chance.randint(end, len(log) - 1)
    return bytes(log[:start]) + bytes(len(log) - start)


@pytest.mark.parametrize("tear", [cut, garbage, flipped, zeros])
def test_a_log_torn_after_the_last_acknowledgement_keeps_all_before_it(
    desk: Desk, tmp_path: Path, tear: Tear
) -> None:
    log = desk.folder / "chairside.db-wal"
    acknowledged = [desk.note().uuid for _ in range(ACKNOWLEDGED)]
    end = log.stat().st_size
    for _ in range(10):
        desk.note()
    chance = random.Random(7)
    for number in range(ROUNDS):
        torn = Desk(tmp_path / f"torn{number}")
        shutil.copytree(desk.folder, torn.folder, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
        (torn.folder / log.name).write_bytes(tear(bytearray(log.read_bytes()), end, chance))
        torn.open()
        assert torn.on_disk()[:ACKNOWLEDGED] == acknowledged
        torn.note()
        torn.close()
        assert verify(torn.folder).problems == ()
