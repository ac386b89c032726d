"""How fast recorded bytes become readings."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import pytest

from devices.monitors.ge_dri import GeDri

FRAMES_PER_S = 40_000
PIECE = 4096
ROUNDS = 5


def seconds_to_feed(data: bytes) -> tuple[float, int]:
    """The seconds it took, and the good frames there were."""
    driver = GeDri()
    began = time.perf_counter()
    for at in range(0, len(data), PIECE):
        driver.feed(data[at : at + PIECE])
    return time.perf_counter() - began, driver.counts.good


def seconds_byte_by_byte(data: bytes) -> float:
    """The seconds that the plainest framer takes: one byte at a time, and no reading built."""
    began = time.perf_counter()
    body, escaped, right = bytearray(), False, 0
    for byte in data:
        if byte == 0x7E:
            right += len(body) > 1 and sum(body[:-1]) & 0xFF == body[-1]
            body.clear()
        elif byte == 0x7D:
            escaped = True
        else:
            body.append(byte | 0x20 if escaped else byte)
            escaped = False
    return time.perf_counter() - began


@pytest.mark.benchmark
def test_recorded_bytes_are_fed_at_forty_thousand_frames_a_second(captures: Path) -> None:
    data = (captures / "monitors" / "ge_dri_pycollect" / "db00_part1.raw").read_bytes()
    fed, plain = [], []
    for _ in range(ROUNDS):
        seconds, frames = seconds_to_feed(data * 20)
        assert frames == 20 * 1736
        fed.append(frames / seconds)
        plain.append(1736 / seconds_byte_by_byte(data))
    speed, ratio = median(fed), median(fed) / median(plain)
    print(f"feed: {speed:,.0f} frames/s, {ratio:.0f} times a loop over the bytes")
    assert speed >= FRAMES_PER_S
    assert ratio >= 4
