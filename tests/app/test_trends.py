"""The bounded history: buckets of lowest and highest, gaps that stay gaps."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np

from app.clinical.vitals import Vital
from app.instant import Instant
from app.trends import BUCKET_S, LONGEST_S, Pressure, Trends

START = Instant(datetime(2026, 11, 22, 13, 0, tzinfo=UTC), 100.0)
HR = Vital.HEART_RATE


def test_a_bucket_keeps_the_lowest_and_the_highest() -> None:
    trends = Trends(START)
    for value in (80.0, 72.0, 91.0):
        trends.add(HR, 3.0, value)
    at, low, high = trends.window(HR, 0, 5)
    assert (at[0], low[0], high[0]) == (BUCKET_S / 2, 72.0, 91.0)


def test_where_nothing_was_heard_there_is_no_number() -> None:
    trends = Trends(START)
    trends.add(HR, 0.0, 80.0)
    trends.add(HR, 32.0, 82.0)
    _, low, _ = trends.window(HR, 0, 35)
    assert [bool(np.isnan(value)) for value in low] == [False, True, True, True, True, True, False]


def test_a_vital_that_stopped_ends_with_a_gap_while_others_go_on() -> None:
    trends = Trends(START)
    trends.add(HR, 0.0, 80.0)
    trends.add(Vital.SPO2, 5200.0, 97.0)
    _, low, _ = trends.window(HR, 0, 5200)
    assert low.size == 5200 // BUCKET_S + 1
    assert math.isnan(low[-1])


def test_a_window_does_not_change_when_more_arrives() -> None:
    trends = Trends(START)
    trends.add(HR, 0.0, 80.0)
    _, low, _ = trends.window(HR, 0, 5)
    trends.add(HR, 1.0, 60.0)
    assert low[0] == 80.0


def test_a_vital_that_was_never_heard_has_no_points() -> None:
    at, low, high = Trends(START).window(HR, 0, 100)
    assert at.size == low.size == high.size == 0


def test_values_before_the_start_and_past_the_longest_session_are_left_out() -> None:
    trends = Trends(START)
    trends.add(HR, -1.0, 80.0)
    trends.add(HR, LONGEST_S, 80.0)
    assert trends.version == 0


def test_no_number_is_no_value() -> None:
    trends = Trends(START)
    trends.add(HR, 0.0, math.nan)
    assert HR not in trends.vitals()


def test_a_pressure_that_is_told_twice_is_kept_once() -> None:
    trends = Trends(START)
    for _ in range(2):
        trends.add_pressure(Pressure(10.0, 120.0, 80.0, None))
    assert len(trends.pressures) == 1


def test_the_second_of_an_instant_follows_the_steady_clock() -> None:
    later = Instant(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), 160.0)
    assert Trends(START).second(later) == 60.0


def test_the_version_changes_with_what_is_drawn() -> None:
    trends = Trends(START)
    trends.add(HR, 0.0, 80.0)
    before = trends.version
    trends.add_pressure(Pressure(10.0, 120.0, 80.0, 93.0))
    assert trends.version == before + 1
