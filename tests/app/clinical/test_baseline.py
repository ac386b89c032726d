"""Resting sets, far enough apart, their median, frozen at the start."""

from __future__ import annotations

from app.clinical.baseline import RestingSet, baseline_of, counted, frozen, wait_s
from app.clinical.rows import BaselineRule
from app.clinical.vitals import Vital

HR, SYS = Vital.HEART_RATE, Vital.NIBP_SYS
RULE = BaselineRule(2, 2.0, "median", "infusion-start", 300.0, "own default")


def resting(at_s: float, heart_rate: float, **more: float) -> RestingSet:
    return RestingSet(at_s, {HR: heart_rate, **{Vital(name): value for name, value in more.items()}})


def test_one_set_makes_no_baseline() -> None:
    assert baseline_of([resting(0, 74)], RULE) == {}


def test_two_sets_two_minutes_apart_make_their_median() -> None:
    assert baseline_of([resting(0, 74), resting(120, 78)], RULE) == {HR: 76}


def test_of_three_sets_the_middle_one_counts() -> None:
    assert baseline_of([resting(0, 74), resting(120, 110), resting(240, 78)], RULE) == {HR: 78}


def test_a_set_that_comes_too_soon_does_not_count() -> None:
    assert counted([resting(0, 74), resting(119, 90)], RULE) == [resting(0, 74)]


def test_a_vital_sign_that_only_one_set_holds_has_no_baseline() -> None:
    assert baseline_of([resting(0, 74, nibp_sys=128), resting(120, 76)], RULE) == {HR: 75}


def test_it_says_how_long_until_another_set_counts() -> None:
    assert wait_s([resting(0, 74)], RULE, 30) == 90
    assert wait_s([resting(0, 74)], RULE, 120) == 0
    assert wait_s([], RULE, 5) == 0


def test_sets_after_the_start_do_not_move_the_frozen_baseline() -> None:
    sets = [resting(0, 74), resting(120, 78), resting(900, 120)]
    assert frozen(sets, [], 300, RULE) == {HR: 76}


def test_a_change_by_name_stands_over_the_frozen_baseline() -> None:
    sets = [resting(0, 74, nibp_sys=128), resting(120, 78, nibp_sys=132)]
    assert frozen(sets, [{SYS: 150.0}], 300, RULE) == {HR: 76, SYS: 150}
