"""A power cut tears the write-ahead log after what was last acknowledged: that prefix is intact."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
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


TEARS: tuple[Tear, ...] = (cut, garbage, flipped, zeros)


class Torn(msgspec.Struct, frozen=True):
    """A record with its log as the plug left it: so many bytes of it were acknowledged."""

    desk: Desk
    log: Path
    acknowledged: list[str]
    end: int


@pytest.fixture
def pulled(desk: Desk) -> Torn:
    """A record in use, with entries after the last acknowledgement that counts."""
    log = desk.folder / "chairside.db-wal"
    acknowledged = [desk.note().uuid for _ in range(ACKNOWLEDGED)]
    end = log.stat().st_size
    for _ in range(10):
        desk.note()
    return Torn(desk, log, acknowledged, end)


def tear_and_look(pulled: Torn, folder: Path, tear: Tear, chance: random.Random) -> None:
    """Copy the record, tear its log, start on it; everything acknowledged is there and writing goes on."""
    torn = Desk(folder)
    shutil.copytree(pulled.desk.folder, torn.folder, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    (torn.folder / pulled.log.name).write_bytes(tear(bytearray(pulled.log.read_bytes()), pulled.end, chance))
    torn.open()
    assert torn.on_disk()[:ACKNOWLEDGED] == pulled.acknowledged
    torn.note()
    torn.close()
    assert verify(torn.folder).problems == ()
    shutil.rmtree(torn.folder)


@pytest.mark.parametrize("tear", TEARS)
def test_a_log_torn_after_the_last_acknowledgement_keeps_all_before_it(
    pulled: Torn, tmp_path: Path, tear: Tear
) -> None:
    chance = random.Random(7)
    for number in range(ROUNDS):
        tear_and_look(pulled, tmp_path / f"torn{number}", tear, chance)


@pytest.mark.torn
def test_many_torn_logs_keep_all_that_was_acknowledged(pulled: Torn, tmp_path: Path, rounds: int) -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    for number in range(rounds):
        tear_and_look(pulled, tmp_path / f"torn{number}", TEARS[number % len(TEARS)], chance)
    print(f"torn logs: {rounds}, seed {seed}: everything acknowledged was there, every record whole")
