"""Alarm limits of one patient: hard bounds, order, and what the board makes of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.catalog import load
from app.clinical.alarms import AlarmBoard, Cleared, Raised
from app.clinical.patient_limits import change_words, changed_relative, check_change
from app.clinical.vitals import Vital
from app.instant import Instant
from app.refusals import Refused

CATALOG = load()
HR, SPO2, SYS = Vital.HEART_RATE, Vital.SPO2, Vital.NIBP_SYS
NOW = Instant(datetime(2026, 3, 2, 9, tzinfo=UTC), 100.0)


@pytest.mark.parametrize(
    ("vital", "change", "field"),
    [
        (SPO2, {"medium_below": 79.0}, "medium_below"),
        (SPO2, {"medium_from": 99.0}, "medium_from"),
        (HR, {"medium_from": 171.0}, "medium_from"),
        (HR, {"delay_s": 61.0}, "delay_s"),
        (SYS, {"medium_above_pct": 61.0}, "medium_above_pct"),
        (Vital.TEMP, {"medium_below": 35.0}, "medium_below"),
        (HR, {"medium_below": 35.0}, "medium_below"),
        (HR, {"high_from": 110.0}, "high_from"),
    ],
)
def test_a_limit_beyond_its_bounds_or_the_wrong_way_round_is_refused(
    vital: Vital, change: dict[str, float], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_change(vital, change, CATALOG)
    assert refused.value.field == field


def test_a_limit_within_its_bounds_is_taken() -> None:
    check_change(HR, {"medium_below": 45.0, "medium_from": 130.0, "delay_s": 20.0}, CATALOG)
    check_change(HR, {}, CATALOG)


def test_a_changed_limit_decides_the_alarm() -> None:
    board = AlarmBoard(CATALOG)
    changes = {HR: {"medium_below": 45.0}}
    board.step(NOW, {HR: 48.0}, changes=changes)
    assert board.step(NOW.plus(60), {HR: 48.0}, changes=changes) == ()


def test_an_alarm_ends_when_its_limit_is_moved_away() -> None:
    board = AlarmBoard(CATALOG)
    board.step(NOW, {HR: 48.0})
    assert isinstance(board.step(NOW.plus(10), {HR: 48.0})[0], Raised)
    assert isinstance(board.step(NOW.plus(11), {HR: 48.0}, changes={HR: {"medium_below": 45.0}})[0], Cleared)


def test_an_alarm_that_still_stands_is_not_silent_for_another_delay_after_a_change() -> None:
    board = AlarmBoard(CATALOG)
    board.step(NOW, {HR: 44.0})
    board.step(NOW.plus(10), {HR: 44.0})
    assert board.step(NOW.plus(11), {HR: 44.0}, changes={HR: {"medium_below": 46.0}}) == ()
    assert [row.condition.key for row in board.rows] == ["rate:low"]


def test_the_frozen_baseline_brings_the_relative_limits() -> None:
    board = AlarmBoard(CATALOG)
    events = board.step(NOW, {SYS: 126.0}, baseline={SYS: 100.0})
    assert [event.condition.what for event in events] == ["NIBP sys 126 mmHg, 25 % above the baseline"]


def test_a_relative_limit_can_be_moved_too() -> None:
    board = AlarmBoard(CATALOG)
    changes = {SYS: {"medium_above_pct": 35.0}}
    assert board.step(NOW, {SYS: 126.0}, baseline={SYS: 100.0}, changes=changes) == ()


def test_a_relative_limit_that_the_table_lacks_can_be_added() -> None:
    added = changed_relative(CATALOG.relative_limits, HR, {"medium_below_pct": 20.0})[-1]
    assert (added.vital, added.direction, added.pct, added.priority) == (HR, "below", 20.0, "medium")


def test_a_change_is_told_in_words() -> None:
    words = change_words(SPO2, {"medium_below": 90.0, "delay_s": 20.0})
    assert words == "SpO₂ limits: low, medium priority, below 90, delay 20 s"
    assert change_words(SPO2, {}) == "SpO₂ limits: as in the table"
