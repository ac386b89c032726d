"""The rule of age (screens.md, "Missing is shown as missing"): each boundary, for all kinds of values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.clinical.vitals import Vital
from app.instant import Instant
from app.live import LiveVitals
from app.readings import Reading

T0 = Instant(datetime(2026, 11, 22, 13, 0, tzinfo=UTC), 100.0)
TABLE = {
    Vital.HEART_RATE: 10.0,
    Vital.RESP_RATE: 40.0,
    Vital.NIBP_SYS: 420.0,
    Vital.SPO2: 10.0,
}


def heard(vital: Vital, *at_s: float) -> LiveVitals:
    """A vital sign that came at these seconds."""
    live = LiveVitals(TABLE)
    for second in at_s:
        live.heard(T0.plus(second), Reading(vital, 80.0))
    return live


@pytest.mark.parametrize(
    ("age_s", "state"),
    [(0, "live"), (10, "live"), (10.1, "stale"), (60, "stale"), (60.1, "missing"), (3600, "missing")],
)
def test_a_continuous_value_greys_after_the_tables_time_and_is_missing_after_sixty_seconds(
    age_s: float, state: str
) -> None:
    assert heard(Vital.HEART_RATE, 0).shown(Vital.HEART_RATE, T0.plus(age_s)).state == state


@pytest.mark.parametrize(
    ("age_s", "state"), [(40, "live"), (40.1, "stale"), (80, "stale"), (80.1, "missing")]
)
def test_where_twice_the_grey_time_is_longer_than_sixty_seconds_it_counts(age_s: float, state: str) -> None:
    assert heard(Vital.RESP_RATE, 0).shown(Vital.RESP_RATE, T0.plus(age_s)).state == state


@pytest.mark.parametrize(
    ("age_s", "state"), [(40, "live"), (40.1, "stale"), (80, "stale"), (80.1, "missing")]
)
def test_a_slow_source_greys_at_twice_its_own_period(age_s: float, state: str) -> None:
    live = heard(Vital.HEART_RATE, 0, 20, 40, 60)
    assert live.shown(Vital.HEART_RATE, T0.plus(60 + age_s)).state == state


def test_one_long_gap_does_not_stretch_the_period() -> None:
    live = heard(Vital.HEART_RATE, 0, 1, 2, 302, 303)
    assert live.stale_after_s(Vital.HEART_RATE) == 10.0


def test_a_single_interval_is_no_period_yet() -> None:
    live = heard(Vital.HEART_RATE, 0, 300)
    assert live.stale_after_s(Vital.HEART_RATE) == 10.0


def test_a_pressure_keeps_its_number_and_its_time_however_old() -> None:
    shown = heard(Vital.NIBP_SYS, 0).shown(Vital.NIBP_SYS, T0.plus(7200))
    assert (shown.state, shown.value, shown.at) == ("stale", 80.0, T0)


@pytest.mark.parametrize(("age_s", "state"), [(420, "live"), (420.1, "stale")])
def test_a_pressure_greys_after_the_tables_time(age_s: float, state: str) -> None:
    assert heard(Vital.NIBP_SYS, 0).shown(Vital.NIBP_SYS, T0.plus(age_s)).state == state


def test_a_value_by_hand_keeps_its_number_and_its_time_however_old() -> None:
    live = LiveVitals(TABLE)
    live.heard(T0, Reading(Vital.SPO2, 95.0), by_hand=True)
    shown = live.shown(Vital.SPO2, T0.plus(7200))
    assert (shown.state, shown.value, shown.at, shown.by_hand) == ("stale", 95.0, T0, True)


def test_a_missing_reading_replaces_a_value_at_once() -> None:
    live = heard(Vital.SPO2, 0)
    live.heard(T0.plus(1), Reading(Vital.SPO2, None, "probe off"))
    shown = live.shown(Vital.SPO2, T0.plus(1))
    assert (shown.state, shown.value, shown.why) == ("missing", None, "probe off")


def test_missing_says_since_when_however_often_it_is_said_again() -> None:
    live = heard(Vital.SPO2, 0)
    for second in range(5, 20):
        live.heard(T0.plus(second), Reading(Vital.SPO2, None, "probe off"))
    assert live.shown(Vital.SPO2, T0.plus(30)).since == T0.plus(5)


def test_a_probe_that_is_off_does_not_wipe_out_what_a_person_entered() -> None:
    live = LiveVitals(TABLE)
    live.heard(T0, Reading(Vital.SPO2, 95.0), by_hand=True)
    live.heard(T0.plus(1), Reading(Vital.SPO2, None, "probe off"))
    assert live.shown(Vital.SPO2, T0.plus(1)).value == 95.0


def test_the_monitors_value_takes_the_place_of_one_by_hand() -> None:
    live = LiveVitals(TABLE)
    live.heard(T0, Reading(Vital.SPO2, 95.0), by_hand=True)
    live.heard(T0.plus(1), Reading(Vital.SPO2, 97.0))
    shown = live.shown(Vital.SPO2, T0.plus(1))
    assert (shown.value, shown.by_hand) == (97.0, False)


def test_an_older_value_by_hand_does_not_take_the_place_of_a_newer_one() -> None:
    live = heard(Vital.NIBP_SYS, 600)
    live.heard(T0, Reading(Vital.NIBP_SYS, 190.0), by_hand=True)
    assert live.shown(Vital.NIBP_SYS, T0.plus(601)).value == 80.0


def test_values_by_hand_do_not_count_as_a_period() -> None:
    live = LiveVitals(TABLE)
    for second in (0, 300, 600, 900):
        live.heard(T0.plus(second), Reading(Vital.SPO2, 95.0), by_hand=True)
    live.heard(T0.plus(901), Reading(Vital.SPO2, 95.0))
    assert live.stale_after_s(Vital.SPO2) == 10.0


def test_only_live_values_are_judged() -> None:
    live = heard(Vital.HEART_RATE, 0)
    assert live.live_values(T0.plus(5))[Vital.HEART_RATE] == 80.0
    assert live.live_values(T0.plus(11))[Vital.HEART_RATE] is None


def test_nothing_is_left_after_another_patient_came() -> None:
    live = heard(Vital.HEART_RATE, 0)
    live.forget()
    assert live.shown(Vital.HEART_RATE, T0).value is None


def test_the_wall_clock_decides_no_age() -> None:
    live = heard(Vital.HEART_RATE, 0)
    jumped = Instant(datetime(2026, 11, 22, 15, 0, tzinfo=UTC), T0.steady + 5)
    assert live.shown(Vital.HEART_RATE, jumped).age_s == 5
