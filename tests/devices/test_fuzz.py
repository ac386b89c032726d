"""Random, turned, cut, merged, flooded and forged bytes: no driver falls, none invents a value, none grows."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

import pytest

from devices.catalogue import DRIVERS
from tests.devices.fuzz import SUBJECTS, Tally, run

IN_THE_SUITE = 1_000_000
GROWTH_MOST_MB = 5.0
WARM_BYTES = 100_000
"""The drivers' bounded caches fill first; what grows from then on would grow for ever."""

STATM = Path("/proc/self/statm")
PAGE_BYTES = 4096

every_driver = pytest.mark.parametrize("driver_id", sorted(DRIVERS))


def memory_mb() -> float | None:
    """What this process holds in memory; None where the system does not say."""
    if not STATM.exists():
        return None
    gc.collect()
    return int(STATM.read_text().split()[1]) * PAGE_BYTES / 1e6


def fuzzed(driver_id: str, total: int) -> Tally:
    """A whole run: nothing wrong, memory flat."""
    began, last, warm_mb = time.monotonic(), Tally(), None
    for last in run(SUBJECTS[driver_id], total, f"{driver_id} {total}"):
        if warm_mb is None and last.sent >= WARM_BYTES:
            warm_mb = memory_mb()
    assert last.wrong == ""
    grown_mb = (memory_mb() or 0.0) - (warm_mb or 0.0)
    print(
        f"\n{driver_id}: {last.sent:,} bytes, {last.right:,} right frames, {last.values:,} values, 0 from others, "
        f"{last.lucky:,} damaged frames with a checksum and a form that fit, {grown_mb:+.1f} MB, "
        f"{time.monotonic() - began:.0f} s",
        file=sys.stderr,
    )
    assert grown_mb < GROWTH_MOST_MB
    return last


def test_every_driver_has_its_judge() -> None:
    assert set(SUBJECTS) == set(DRIVERS)


@every_driver
def test_a_value_comes_from_a_frame_with_the_right_sum_and_content_and_from_no_other(driver_id: str) -> None:
    seen = fuzzed(driver_id, IN_THE_SUITE)
    assert seen.values > 1000, "the fuzz must let good frames through, or it shows nothing"
    assert seen.frames == seen.right


@pytest.mark.fuzz
@every_driver
def test_millions_of_bytes_make_no_driver_fall_invent_or_grow(driver_id: str, rounds: int) -> None:
    fuzzed(driver_id, rounds)
