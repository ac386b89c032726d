from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.controlled import (
    Move,
    balance,
    drawn_mg,
    given_by_pump,
    in_the_line,
    left_in,
    rounded_mg,
)
from app.clinical.infusion import Infusion, Segment
from app.instant import Instant
from app.refusals import Refused
from tests.app.chair import catalog

RULE = catalog().controlled.balance
DEAD = catalog().controlled.dead_space
AT = Instant(datetime(2026, 11, 22, 13, 0, tzinfo=UTC), 100.0)


def move(kind: str, mg: str | None) -> Move:
    return Move("ketamine", kind, None if mg is None else Fraction(mg), why="" if mg else "not read")  # type: ignore[arg-type]


def infusion(*segments: Segment, ended: bool = False) -> Infusion:
    made = Infusion()
    made.opened(segments[0])
    made.began(AT, 17.5)
    for segment in segments[1:]:
        made.opened(segment)
    if ended:
        made.over(AT.plus(60))
    return made


def segment(
    baseline: float | None, volume: float | None, strength: float | None, container: int = 1
) -> Segment:
    return Segment(AT, "start", "800", baseline, volume, 50.0, strength, container)


def test_vector_d25_a_container_s_account_by_volume() -> None:
    left = left_in(120, 47.3, 2, 12)
    assert (float(left.given_mg), float(left.left_ml), float(left.minutes or 0)) == (94.6, 72.7, 363.5)


def test_vector_d32_drawn_less_given_and_wasted_is_nothing() -> None:
    line = balance("ketamine", [move("drawn", "200"), move("given", "95.2"), move("wasted", "104.8")], RULE)
    assert (line.balance_mg, line.closed) == (Decimal("0.00"), True)


def test_a_held_pump_gives_no_time_to_the_end() -> None:
    assert left_in(50, 10, 2, 0).minutes is None


def test_a_hundredth_of_a_milligram_is_a_discrepancy() -> None:
    line = balance("ketamine", [move("drawn", "100"), move("wasted", "99.99")], RULE)
    assert (line.balance_mg, line.closed) == (Decimal("0.01"), False)


def test_more_that_went_than_was_drawn_is_below_nothing() -> None:
    assert balance("ketamine", [move("given", "5")], RULE).balance_mg == Decimal("-5.00")


def test_what_is_not_known_makes_no_balance_and_says_why() -> None:
    line = balance("ketamine", [move("drawn", "100"), move("given", None)], RULE)
    assert (line.balance_mg, line.given_mg, line.closed, line.why) == (None, None, False, "not read")


def test_each_quantity_is_rounded_by_itself_so_that_the_printed_figures_add_up() -> None:
    line = balance("ketamine", [move("drawn", "100"), move("given", "23.345"), move("wasted", "76.65")], RULE)
    assert (line.given_mg, line.balance_mg) == (Decimal("23.35"), Decimal("0.00"))


def test_halves_are_rounded_away_from_nothing() -> None:
    assert rounded_mg(0.005, RULE) == Decimal("0.01")


def test_the_pump_s_volume_counts_at_each_container_s_own_concentration() -> None:
    made = infusion(segment(1.5, 11.5, 2.0), segment(11.5, 16.5, 1.0, container=2))
    total = sum((one.mg or Fraction(0)) for one in given_by_pump(made, "ketamine", DEAD))
    assert total == 25


def test_the_counter_s_decimals_make_exact_milligrams() -> None:
    (one,) = given_by_pump(infusion(segment(0.1, 0.4, 2.0)), "ketamine", DEAD)
    assert one.mg == Fraction(6, 10)


def test_a_syringe_that_nobody_named_makes_no_milligrams() -> None:
    (one,) = given_by_pump(infusion(segment(0.0, 4.0, None)), "ketamine", DEAD)
    assert one.mg is None


def test_an_infusion_that_was_not_started_moved_nothing() -> None:
    assert given_by_pump(Infusion(), "ketamine", DEAD) == ()


def test_a_line_that_is_flushed_counts_as_given_after_the_end_where_the_policy_says_so() -> None:
    flushed = msgspec.structs.replace(DEAD, policy="infused")
    ended = given_by_pump(infusion(segment(0.0, 10.0, 2.0), ended=True), "ketamine", flushed)
    assert [one.mg for one in ended] == [20, 4]


def test_a_line_that_is_wasted_is_no_part_of_what_was_given() -> None:
    ended = given_by_pump(infusion(segment(0.0, 10.0, 2.0), ended=True), "ketamine", DEAD)
    assert [one.mg for one in ended] == [20]


def spared(left: str, concentration: float | None = 2.0, *, over: bool = True) -> list[Move]:
    rule = msgspec.structs.replace(DEAD, policy="not counted")
    held = in_the_line(infusion(segment(0.0, 10.0, concentration), ended=over), "ketamine", rule)
    return [move("drawn", "100"), move("given", "20"), move("wasted", f"{80 - Fraction(left)}"), *held]


def test_what_the_line_holds_is_not_counted_after_the_end_where_the_policy_says_so() -> None:
    line = balance("ketamine", spared("3.5"), RULE)
    assert (line.balance_mg, line.not_counted_mg, line.closed) == (Decimal("0.00"), Decimal("3.50"), True)


def test_more_than_the_line_holds_is_left_over_all_the_same() -> None:
    line = balance("ketamine", spared("4.01"), RULE)
    assert (line.balance_mg, line.not_counted_mg, line.closed) == (Decimal("0.01"), Decimal("4.00"), False)


def test_before_the_end_and_with_an_unknown_syringe_the_line_is_counted() -> None:
    assert not balance("ketamine", spared("3.5", over=False), RULE).closed
    assert not balance("ketamine", spared("3.5", None), RULE).closed


def test_a_line_that_is_not_counted_never_hides_that_too_much_went() -> None:
    assert balance("ketamine", spared("-1"), RULE).balance_mg == Decimal("-1.00")


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(Refused):
        drawn_mg(50, 0)


hundredths = st.integers(0, 100_000).map(lambda n: Fraction(n, 100))


@given(hundredths, hundredths)
def test_what_is_left_over_and_then_wasted_always_closes_the_account(
    given_mg: Fraction, more: Fraction
) -> None:
    drawn = Move("ketamine", "drawn", given_mg + more)
    gave = Move("ketamine", "given", given_mg)
    left = balance("ketamine", [drawn, gave], RULE).balance_mg
    assert left is not None
    wasted = Move("ketamine", "wasted", Fraction(left))
    assert balance("ketamine", [drawn, gave, wasted], RULE).closed
