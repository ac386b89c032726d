"""What was given: the pump's counter in segments, a person's word where no pump is read, never a guess."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.clinical.infusion import (
    ANOTHER_PUMP,
    AT_LEAST,
    COUNTER_FELL,
    NEW_SYRINGE,
    UNCONFIRMED,
    Infusion,
    Segment,
    State,
)
from app.instant import Instant

T0 = Instant(datetime(2026, 11, 22, 13, 0, tzinfo=UTC), 100.0)


def at(seconds: float) -> Instant:
    """So many seconds after the start."""
    return T0.plus(seconds)


def segment(
    second: float,
    cause: str,
    baseline: float | None,
    *,
    serial: str | None = "A",
    mg_ml: float | None = 2.0,
    container: int = 1,
) -> Segment:
    """A segment as an entry opens it."""
    ml = 50.0 if mg_ml is not None else None
    return Segment(at(second), cause, serial, baseline, baseline, ml, mg_ml, container)


def started(baseline: float = 0.0, *, serial: str | None = "A") -> Infusion:
    """An infusion that runs at 18 mL/h of 2 mg/mL."""
    infusion = Infusion()
    infusion.opened(segment(0, "start", None if serial is None else baseline, serial=serial))
    infusion.began(T0, 18.0)
    return infusion


def test_before_the_start_nothing_was_given() -> None:
    assert Infusion().given(T0).mg == 0.0


def test_given_is_the_counter_less_its_baseline_times_the_concentration() -> None:
    infusion = started(4.5)
    infusion.saw(at(600), None, 7.5)
    assert infusion.given(at(600)).mg == pytest.approx(6.0)


def test_given_is_never_estimated_between_two_readings() -> None:
    infusion = started()
    infusion.saw(at(60), None, 0.3)
    given = infusion.given(at(69))
    assert given.mg == pytest.approx(0.6)
    assert given.at == at(60)


def test_a_counter_that_fell_opens_a_segment_from_zero() -> None:
    infusion = started()
    infusion.saw(at(60), None, 3.0)
    assert infusion.needs_segment("A", 0.5, confirmed=True) == (COUNTER_FELL, 0.0)


@pytest.mark.parametrize("volume_ml", [3.0, 2.9996, 3.001, 9.0])
def test_a_counter_that_stands_or_grows_opens_none(volume_ml: float) -> None:
    infusion = started()
    infusion.saw(at(60), None, 3.0)
    assert infusion.needs_segment("A", volume_ml, confirmed=True) is None


def test_another_pump_opens_a_segment_from_its_own_counter() -> None:
    infusion = started()
    assert infusion.needs_segment("B", 12.0, confirmed=True) == (ANOTHER_PUMP, 12.0)


def test_a_syringe_that_is_not_confirmed_opens_a_segment_once() -> None:
    infusion = started()
    assert infusion.needs_segment("A", 1.0, confirmed=False) == (UNCONFIRMED, 1.0)
    infusion.opened(segment(60, UNCONFIRMED, 1.0, mg_ml=None))
    infusion.saw(at(60), None, 1.0, confirmed=False)
    assert infusion.needs_segment("A", 1.0, confirmed=False) is None


def test_the_next_unconfirmed_syringe_opens_another_segment() -> None:
    infusion = started()
    infusion.opened(segment(60, UNCONFIRMED, 1.0, mg_ml=None))
    infusion.saw(at(90), None, 1.0, confirmed=True)
    assert infusion.needs_segment("A", 1.0, confirmed=False) == (UNCONFIRMED, 1.0)


def test_what_flowed_up_to_an_unconfirmed_syringe_is_of_the_old_one() -> None:
    infusion = started()
    infusion.saw(at(60), None, 1.0)
    infusion.opened(segment(61, UNCONFIRMED, 1.2, mg_ml=None))
    assert infusion.given(at(61)).mg == pytest.approx(2.4)


def test_an_unnamed_syringe_leaves_given_known_until_something_flowed_from_it() -> None:
    infusion = started()
    infusion.saw(at(60), None, 1.0)
    infusion.opened(segment(61, UNCONFIRMED, 1.0, mg_ml=None))
    infusion.saw(at(61), None, 1.0)
    assert infusion.given(at(61)).mg == pytest.approx(2.0)


def test_an_unnamed_syringe_makes_given_unknown_once_something_flowed_from_it() -> None:
    infusion = started()
    infusion.opened(segment(61, UNCONFIRMED, 1.0, mg_ml=None))
    infusion.saw(at(62), None, 1.1)
    given = infusion.given(at(62))
    assert given.mg is None
    assert given.ml == pytest.approx(1.1)
    assert given.why == "say what is in the syringe"


def test_each_segment_counts_with_its_own_concentration() -> None:
    infusion = started()
    infusion.saw(at(60), None, 3.0)
    infusion.opened(segment(61, COUNTER_FELL, 0.0, mg_ml=None))
    infusion.confirmed(20.0, 5.0, same_container=False)
    infusion.saw(at(90), None, 1.0)
    assert infusion.given(at(90)).mg == pytest.approx(3 * 2 + 1 * 5)


def test_two_unanswered_segments_are_asked_about_one_after_the_other() -> None:
    infusion = started()
    infusion.opened(segment(60, COUNTER_FELL, 0.0, mg_ml=None))
    infusion.saw(at(90), None, 1.0)
    infusion.opened(segment(91, ANOTHER_PUMP, 0.0, serial="B", mg_ml=None))
    infusion.saw(at(99), None, 1.0)
    infusion.confirmed(50.0, 2.0, same_container=False)
    assert infusion.given(at(99)).mg is None
    infusion.confirmed(50.0, 10.0, same_container=False)
    assert infusion.given(at(99)).mg == pytest.approx(2 + 10)
    assert infusion.asked_about is None


def test_a_volume_never_falls_within_a_segment() -> None:
    infusion = started(5.0)
    infusion.saw(at(60), None, 4.9996)
    assert infusion.given(at(60)).mg == 0.0


def test_what_is_left_counts_all_segments_of_one_container() -> None:
    infusion = started()
    infusion.saw(at(60), None, 10.0)
    infusion.opened(segment(61, COUNTER_FELL, 0.0, mg_ml=None))
    infusion.confirmed(50.0, 2.0, same_container=True)
    infusion.saw(at(90), None, 5.0)
    assert infusion.left_ml() == pytest.approx(35.0)


def test_a_new_container_is_full() -> None:
    infusion = started()
    infusion.saw(at(60), None, 10.0)
    infusion.opened(segment(61, NEW_SYRINGE, 10.0, mg_ml=None))
    infusion.confirmed(20.0, 2.0, same_container=False)
    infusion.saw(at(90), None, 15.0)
    assert infusion.left_ml() == pytest.approx(15.0)


def test_what_is_left_is_not_known_while_nobody_said_what_is_in_the_pump() -> None:
    infusion = started()
    infusion.opened(segment(61, COUNTER_FELL, 0.0, mg_ml=None))
    assert infusion.left_ml() is None


def test_a_pause_is_no_infusion_time() -> None:
    infusion = started()
    infusion.paused(at(100))
    infusion.resumed(at(400), 18.0)
    assert (infusion.running_s(at(500)), infusion.paused_s(at(500))) == (200.0, 300.0)


def test_the_clock_of_the_infusion_stands_after_the_end() -> None:
    infusion = started()
    infusion.paused(at(100))
    infusion.over(at(150))
    assert infusion.state is State.ENDED
    assert (infusion.running_s(at(9000)), infusion.paused_s(at(9000))) == (100.0, 50.0)


# ---------------------------------------------------------------- gaps


def test_over_a_gap_given_is_what_was_read_and_says_unknown_since() -> None:
    infusion = started()
    infusion.saw(at(60), None, 1.0)
    infusion.lost(at(60))
    given = infusion.given(at(600))
    assert given.mg == pytest.approx(2.0)
    assert (given.at, given.why) == (at(60), "the pump is not read")


def test_the_rate_over_a_gap_is_not_known() -> None:
    infusion = started()
    infusion.lost(at(60))
    infusion.saw(at(300), 18.0, 1.5)
    assert [(point.at, point.rate_ml_h) for point in infusion.rates] == [
        (T0, 18.0),
        (at(60), None),
        (at(300), 18.0),
    ]


def test_after_a_gap_the_counter_is_the_truth_again() -> None:
    infusion = started()
    infusion.lost(at(60))
    infusion.saw(at(300), None, 1.5)
    given = infusion.given(at(300))
    assert given.mg == pytest.approx(3.0)
    assert given.why == ""


def test_a_counter_that_began_anew_within_a_gap_leaves_a_least_amount() -> None:
    infusion = started()
    infusion.saw(at(60), None, 1.0)
    infusion.lost(at(60))
    infusion.opened(segment(300, COUNTER_FELL, 0.0))
    infusion.saw(at(300), None, 0.5)
    given = infusion.given(at(300))
    assert given.mg == pytest.approx(3.0)
    assert given.why == AT_LEAST


# ---------------------------------------------------------------- by hand


def test_by_hand_the_rate_that_was_said_runs_with_the_time() -> None:
    infusion = started(serial=None)
    assert infusion.given(at(600)).mg == pytest.approx(18.0 / 6 * 2)


def test_by_hand_nothing_flows_in_a_pause() -> None:
    infusion = started(serial=None)
    infusion.paused(at(600))
    infusion.resumed(at(1200), 36.0)
    assert infusion.given(at(1800)).ml == pytest.approx(3.0 + 6.0)


def test_by_hand_asking_often_changes_nothing() -> None:
    infusion = started(serial=None)
    for second in range(0, 600, 7):
        infusion.given(at(second))
    assert infusion.given(at(600)).ml == pytest.approx(3.0)


def test_by_hand_a_gap_with_the_same_rate_before_and_after_ran_through() -> None:
    infusion = started(serial=None)
    infusion.lost(at(600))
    infusion.said(at(1200), 18.0, None)
    assert infusion.given(at(1200)).ml == pytest.approx(6.0)


@pytest.mark.parametrize("rate_ml_h", [0.0, 20.0])
def test_by_hand_a_gap_with_another_rate_after_it_is_not_known(rate_ml_h: float) -> None:
    infusion = started(serial=None)
    infusion.lost(at(600))
    infusion.said(at(1200), rate_ml_h, None)
    assert infusion.given(at(1200)).mg is None


def test_by_hand_a_gap_that_a_pump_ends_is_not_known() -> None:
    infusion = started(serial=None)
    infusion.lost(at(600))
    infusion.opened(segment(1200, "pump read from here on", 7.0))
    infusion.saw(at(1200), 18.0, 7.0)
    assert infusion.given(at(1200)).mg is None


def test_a_pump_that_is_read_from_here_on_opens_a_segment() -> None:
    infusion = started(serial=None)
    assert infusion.needs_segment("A", 7.0, confirmed=True) == ("pump read from here on", 7.0)


# ---------------------------------------------------------------- after the end


def test_a_pump_that_runs_on_after_the_end_still_counts() -> None:
    infusion = started()
    infusion.saw(at(60), None, 3.0)
    infusion.over(at(60))
    assert infusion.ran_on(3.5)
    assert infusion.given(at(90)).mg == pytest.approx(7.0)


def test_a_counter_cleared_after_the_end_counts_no_more() -> None:
    infusion = started()
    infusion.saw(at(60), None, 3.0)
    infusion.over(at(60))
    assert not infusion.ran_on(0.0)
    assert not infusion.ran_on(8.0)
    assert infusion.given(at(90)).mg == pytest.approx(6.0)
