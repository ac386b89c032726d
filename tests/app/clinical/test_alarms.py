"""The alarm board: crossing, delay, severity, holding, acknowledging, order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from app.catalog import load
from app.clinical.alarms import (
    AlarmBoard,
    Cleared,
    Condition,
    Eased,
    Escalated,
    Event,
    Raised,
    relative_level,
    score_condition,
)
from app.clinical.vitals import Vital
from app.instant import Instant

CATALOG = load()
START = Instant(datetime(2026, 3, 1, 14, 30, tzinfo=UTC), 1000.0)


class Bed:
    """A board and the second it is; `to` steps once a second until then."""

    def __init__(self, baseline: Mapping[Vital, float] | None = None) -> None:
        self.board = AlarmBoard(CATALOG)
        self.second = 0
        self.baseline = baseline

    def to(self, second: int, values: Mapping[Vital, float | None], *conditions: Condition) -> list[Event]:
        events: list[Event] = []
        while self.second < second:
            self.second += 1
            now = START.plus(self.second)
            events += self.board.step(now, values, conditions, self.baseline)
        return events

    def once(self, values: Mapping[Vital, float | None], *conditions: Condition) -> list[Event]:
        return self.to(self.second + 1, values, *conditions)

    @property
    def texts(self) -> list[str]:
        return [row.condition.what for row in self.board.rows]


def kinds(events: list[Event]) -> list[type]:
    return [type(event) for event in events]


def technical(key: str, second: int = 0, priority: str = "low", vital: Vital | None = None) -> Condition:
    return Condition(key, priority, key, "Do something.", START.plus(second), vital)  # type: ignore[arg-type]


def test_usual_values_raise_nothing() -> None:
    bed = Bed()
    values = {
        Vital.HEART_RATE: 75.0,
        Vital.PULSE_RATE: 75.0,
        Vital.SPO2: 97.0,
        Vital.NIBP_SYS: 128.0,
        Vital.NIBP_DIA: 76.0,
        Vital.NIBP_MEAN: 93.0,
        Vital.RESP_RATE: 14.0,
        Vital.ETCO2: 37.0,
        Vital.TEMP: 36.6,
    }
    assert bed.to(120, values) == []
    assert bed.board.rows == ()


def test_an_alarm_comes_only_after_its_delay() -> None:
    bed = Bed()
    assert bed.to(15, {Vital.SPO2: 91.0}) == []
    (event,) = bed.once({Vital.SPO2: 91.0})
    assert isinstance(event, Raised)
    assert event.condition.priority == "medium"
    assert event.condition.since == START.plus(1)


def test_the_words_name_the_value_the_limit_and_what_to_do() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    (row,) = bed.board.rows
    assert row.condition.what == "SpO₂ 86 %, below 88"
    assert row.condition.detail == "Airway, oxygen."
    assert (row.condition.vital, row.condition.direction) == (Vital.SPO2, "low")


def test_a_rate_is_told_without_its_unit() -> None:
    bed = Bed()
    bed.to(16, {Vital.RESP_RATE: 9.0})
    assert bed.texts == ["RR 9, below 10"]


def test_a_short_dip_raises_nothing_and_begins_anew() -> None:
    bed = Bed()
    bed.to(14, {Vital.SPO2: 91.0})
    bed.once({Vital.SPO2: 93.0})
    assert bed.to(30, {Vital.SPO2: 91.0}) == []


@pytest.mark.parametrize(("value", "raised"), [(92.0, False), (91.9, True)])
def test_a_low_limit_is_crossed_below_it(value: float, raised: bool) -> None:
    assert bool(Bed().to(60, {Vital.SPO2: value})) is raised


@pytest.mark.parametrize(("value", "raised"), [(119.9, False), (120.0, True)])
def test_a_high_limit_is_crossed_at_it(value: float, raised: bool) -> None:
    assert bool(Bed().to(60, {Vital.HEART_RATE: value})) is raised


def test_a_pressure_alarms_at_once_and_high_wins_over_medium() -> None:
    bed = Bed()
    (event,) = bed.once({Vital.NIBP_SYS: 182.0})
    assert isinstance(event, Raised)
    assert event.condition.priority == "high"
    assert event.condition.what == "NIBP sys 182 mmHg, 180 or above"


def test_desaturation_does_not_wait() -> None:
    bed = Bed()
    (event,) = bed.once({Vital.SPO2: 79.0})
    assert isinstance(event, Raised)
    assert event.condition.priority == "high"
    assert event.condition.what == "SpO₂ 79 %, below 80"
    assert event.condition.detail == "Airway, oxygen, call for help."


def test_apnoea_is_no_breath_for_twenty_seconds() -> None:
    bed = Bed()
    bed.to(20, {Vital.RESP_RATE: 0.0})
    assert bed.texts == ["RR 0, below 8"]
    bed.once({Vital.RESP_RATE: 0.0})
    assert bed.texts == ["RR 0, no breath for 20 s"]
    assert bed.board.rows[0].condition.priority == "high"


def test_a_medium_alarm_escalates_after_the_delay_of_the_high_one() -> None:
    bed = Bed()
    bed.to(20, {Vital.SPO2: 90.0})
    assert bed.to(35, {Vital.SPO2: 86.0}) == []
    (event,) = bed.once({Vital.SPO2: 86.0})
    assert isinstance(event, Escalated)
    assert (event.was, event.condition.priority) == ("medium", "high")
    assert event.condition.since == START.plus(21)


def test_a_high_alarm_eases_to_medium_and_stands() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    (event,) = bed.once({Vital.SPO2: 90.0})
    assert isinstance(event, Eased)
    assert bed.texts == ["SpO₂ 90 %, below 92"]


def test_an_alarm_ends_with_its_condition() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    (event,) = bed.once({Vital.SPO2: 95.0})
    assert isinstance(event, Cleared)
    assert event.condition.key == "spo2:low"
    assert bed.board.rows == ()


def test_the_value_in_the_row_follows_and_since_stays() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    assert bed.once({Vital.SPO2: 85.0}) == []
    (row,) = bed.board.rows
    assert row.condition.what.startswith("SpO₂ 85 %")
    assert row.condition.since == START.plus(1)


# ---------------------------------------------------------------- missing values


def test_a_missing_value_raises_nothing() -> None:
    assert Bed().to(60, {Vital.SPO2: None, Vital.HEART_RATE: None}) == []


def test_a_missing_value_holds_what_was_raised_and_tells_it_as_past() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    assert bed.to(60, {Vital.SPO2: None}) == []
    assert bed.texts == ["SpO₂ was 86 %, below 88"]


def test_a_held_alarm_clears_when_a_good_value_returns() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    bed.to(20, {})
    assert kinds(bed.once({Vital.SPO2: 97.0})) == [Cleared]


def test_a_held_alarm_goes_on_when_a_bad_value_returns() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    bed.to(20, {})
    assert bed.once({Vital.SPO2: 85.0}) == []
    assert bed.texts == ["SpO₂ 85 %, below 88"]


def test_a_technical_condition_takes_the_place_of_the_value_it_names() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    events = bed.once({Vital.SPO2: None}, technical("missing.spo2", vital=Vital.SPO2))
    assert kinds(events) == [Cleared, Raised]
    assert bed.texts == ["missing.spo2"]


def test_a_technical_condition_does_not_hide_a_value_that_is_there() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0}, technical("stale", vital=Vital.SPO2))
    assert [row.condition.priority for row in bed.board.rows] == ["high", "low"]


def test_a_sensor_that_flickers_does_not_keep_an_alarm_away() -> None:
    bed = Bed()
    events: list[Event] = []
    for second in range(1, 30):
        events += bed.to(second, {Vital.SPO2: 86.0 if second % 2 else None})
    assert kinds(events) == [Raised]


# ---------------------------------------------------------------- heart and pulse rate


def test_heart_and_pulse_rate_raise_one_alarm() -> None:
    bed = Bed()
    events = bed.to(30, {Vital.HEART_RATE: 125.0, Vital.PULSE_RATE: 126.0})
    assert kinds(events) == [Raised]
    assert bed.texts == ["HR 125, 120 or above"]


def test_the_more_severe_of_heart_and_pulse_rate_counts() -> None:
    bed = Bed()
    bed.to(30, {Vital.HEART_RATE: 125.0, Vital.PULSE_RATE: 141.0})
    assert bed.texts == ["PR 141, 140 or above"]


def test_a_pulse_rate_clears_the_alarm_of_a_heart_rate_that_went_missing() -> None:
    bed = Bed()
    bed.to(16, {Vital.HEART_RATE: 125.0, Vital.PULSE_RATE: None})
    assert kinds(bed.once({Vital.HEART_RATE: None, Vital.PULSE_RATE: 80.0})) == [Cleared]


# ---------------------------------------------------------------- baseline, scores


@pytest.mark.parametrize(
    ("systolic", "level"), [(153, None), (154, "advisory"), (160, "medium"), (180, "high")]
)
def test_d40_a_relative_limit_holds_at_its_percentage(systolic: int, level: str | None) -> None:
    reached = relative_level(CATALOG.relative_limits, Vital.NIBP_SYS, systolic, 128)
    assert (reached.priority if reached else None) == level


def test_the_more_severe_of_absolute_and_relative_counts() -> None:
    bed = Bed({Vital.NIBP_SYS: 118.0})
    bed.once({Vital.NIBP_SYS: 166.0})
    assert bed.texts == ["NIBP sys 166 mmHg, 40 % above the baseline"]
    assert bed.board.rows[0].condition.priority == "high"


def test_an_advisory_is_no_alarm() -> None:
    assert Bed({Vital.NIBP_SYS: 128.0}).to(30, {Vital.NIBP_SYS: 154.0}) == []


def test_a_fall_below_the_baseline_counts_at_its_percentage() -> None:
    bed = Bed({Vital.NIBP_MEAN: 100.0})
    assert bed.once({Vital.NIBP_MEAN: 81.0}) == []
    assert kinds(bed.once({Vital.NIBP_MEAN: 80.0})) == [Raised]


@pytest.mark.parametrize(("total", "priority"), [(4, None), (3, "medium"), (2, "high"), (0, "high")])
def test_a_sedation_score_alarms_at_its_limits(total: int, priority: str | None) -> None:
    found = score_condition(CATALOG, "moaas", total, START)
    assert (found.priority if found else None) == priority


def test_a_score_without_limits_raises_nothing() -> None:
    assert score_condition(CATALOG, "nrs-pain", 10, START) is None


# ---------------------------------------------------------------- the board


def test_the_highest_stands_first_and_of_equals_the_newest() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 90.0}, technical("old", 1), technical("new", 5))
    bed.once({Vital.SPO2: 90.0, Vital.NIBP_SYS: 185.0}, technical("old", 1), technical("new", 5))
    assert [row.condition.key for row in bed.board.rows] == ["nibp_sys:high", "spo2:low", "new", "old"]


def test_an_acknowledged_alarm_stands_until_it_ends() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 90.0})
    assert bed.board.acknowledge("spo2:low", START.plus(17))
    bed.to(40, {Vital.SPO2: 89.0})
    (row,) = bed.board.rows
    assert row.acknowledged
    assert row.acknowledged_at == START.plus(17)


def test_an_alarm_that_becomes_more_severe_must_be_acknowledged_again() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 90.0})
    bed.board.acknowledge("spo2:low", START.plus(17))
    bed.once({Vital.SPO2: 79.0})
    assert not bed.board.rows[0].acknowledged


def test_an_alarm_that_eases_stays_acknowledged() -> None:
    bed = Bed()
    bed.to(16, {Vital.SPO2: 86.0})
    bed.board.acknowledge("spo2:low", START.plus(17))
    bed.once({Vital.SPO2: 90.0})
    assert bed.board.rows[0].acknowledged


def test_an_alarm_that_ended_and_returns_is_new() -> None:
    bed = Bed()
    bed.once({Vital.NIBP_SYS: 185.0})
    bed.board.acknowledge("nibp_sys:high", START.plus(1))
    bed.once({Vital.NIBP_SYS: 130.0})
    assert kinds(bed.once({Vital.NIBP_SYS: 185.0})) == [Raised]
    assert not bed.board.rows[0].acknowledged


def test_what_does_not_stand_cannot_be_acknowledged() -> None:
    assert not Bed().board.acknowledge("spo2:low", START)


def test_a_condition_from_outside_stands_while_it_is_given_and_keeps_its_time() -> None:
    bed = Bed()
    assert kinds(bed.once({}, technical("link.pump", 1))) == [Raised]
    assert bed.once({}, technical("link.pump", 2)) == []
    assert bed.board.rows[0].condition.since == START.plus(1)
    assert kinds(bed.once({})) == [Cleared]


def test_a_condition_from_outside_can_become_more_severe() -> None:
    bed = Bed()
    bed.once({}, technical("pump", 1, "low"))
    assert kinds(bed.once({}, technical("pump", 1, "medium"))) == [Escalated]


def test_ages_follow_the_steady_clock_whatever_the_wall_clock_does() -> None:
    board = AlarmBoard(CATALOG)
    board.step(START, {Vital.SPO2: 86.0})
    jumped = Instant(START.utc.replace(year=2020), START.steady + 15)
    assert kinds(list(board.step(jumped, {Vital.SPO2: 86.0}))) == [Raised]
