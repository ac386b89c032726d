"""The clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from devices.clock import PacedClock, system_clock


def test_the_machines_clock_gives_aware_utc_and_seconds_that_do_not_go_back() -> None:
    earlier, later = system_clock(), system_clock()
    assert earlier.utc.tzinfo is UTC
    assert later.since(earlier) >= 0


def test_a_paced_clock_starts_at_its_base_and_runs_as_many_times_faster() -> None:
    base = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    real, clock = system_clock(), PacedClock(3600.0, base)
    first, then = clock(), clock()
    while then.since(first) < 60:
        then = clock()
    passed = system_clock().since(real)
    assert base <= first.utc <= then.utc
    assert 60 <= (then.utc - base).total_seconds() <= passed * 3600
    # Each of the two wall times is rounded to a microsecond by itself.
    assert (then.utc - first.utc).total_seconds() == pytest.approx(then.since(first), abs=2e-6)
