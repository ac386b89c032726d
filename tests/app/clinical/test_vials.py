from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.controlled import ANY_VIAL, Account, Move, Vial
from app.clinical.vials import NOT_TOLD, accounts
from tests.app.chair import catalog

RULE = catalog().controlled.balance
FIRST = catalog().controlled.vials
NOT_TOLD_RULE = msgspec.structs.replace(FIRST, given_from="not told")
OLD, NEW = Vial(50.0, "K1", expires="2027-05"), Vial(50.0, "K2")


def move(kind: str, mg: str | None, vial: Vial = ANY_VIAL, drug: str = "ketamine") -> Move:
    return Move(drug, kind, None if mg is None else Fraction(mg), vial, "" if mg else "not read")  # type: ignore[arg-type]


def account(*moves: Move) -> Account:
    (found,) = accounts(moves, RULE, FIRST)
    return found


def left(found: Account) -> Any:
    return [line.balance_mg for line in found.vials]


def lines(found: Account, *names: str) -> list[Any]:
    """These figures of each vial's line."""
    return [tuple(getattr(line, name) for name in names) for line in found.vials]


def test_everything_that_went_belongs_to_the_only_vial() -> None:
    assert left(account(move("drawn", "100", OLD), move("given", "40"), move("wasted", "60"))) == [0]


def test_what_nobody_named_counts_against_the_vial_drawn_first() -> None:
    found = account(move("drawn", "100", OLD), move("drawn", "100", NEW), move("given", "130"))
    assert [line.given_mg for line in found.vials] == [100, 30]
    assert left(found) == [0, 70]


def test_what_names_its_vial_counts_there_before_the_rest_is_shared_out() -> None:
    found = account(
        move("drawn", "100", OLD),
        move("drawn", "100", NEW),
        move("given", "130"),
        move("wasted", "50", Vial(50.0, "K1")),
    )
    assert lines(found, "given_mg", "wasted_mg") == [(50, 50), (80, 0)]


def test_several_vials_of_a_lot_have_one_line() -> None:
    drawn = msgspec.structs.replace(move("drawn", "300", OLD), vials=3)
    found = account(drawn, move("drawn", "100", OLD))
    assert lines(found, "vials", "drawn_mg") == [(4, 400)]


def test_two_marked_vials_of_a_lot_have_two_lines() -> None:
    found = account(
        move("drawn", "100", Vial(50.0, "K1", "7")),
        move("drawn", "100", Vial(50.0, "K1", "8")),
        move("returned", "100", Vial(50.0, "K1", "8")),
    )
    assert left(found) == [100, 0]


def test_more_than_all_vials_held_stands_below_nothing_at_the_last() -> None:
    found = account(move("drawn", "10", OLD), move("drawn", "10", NEW), move("given", "25"))
    assert found.whole.balance_mg == -5
    assert left(found) == [0, -5]


def test_an_unknown_dose_makes_every_vial_s_line_unknown() -> None:
    found = account(move("drawn", "100", OLD), move("drawn", "100", NEW), move("given", None))
    assert found.whole.balance_mg is None
    assert left(found) == [None, None]


def test_where_the_policy_does_not_tell_only_the_drug_s_own_line_balances() -> None:
    moves = [move("drawn", "5", OLD), move("drawn", "5", NEW), move("given", "3")]
    (found,) = accounts(moves, RULE, NOT_TOLD_RULE)
    assert found.whole.balance_mg == 7
    assert left(found) == [None, None]
    assert {line.why for line in found.vials} == {NOT_TOLD}


def test_a_drug_that_was_given_and_never_drawn_has_no_vial() -> None:
    assert account(move("given", "5")).vials == ()


def test_milligrams_of_different_drugs_never_meet() -> None:
    moves = [move("drawn", "5", OLD), move("wasted", "5", drug="midazolam")]
    assert [one.whole.drug for one in accounts(moves, RULE, FIRST)] == ["ketamine", "midazolam"]


hundredths = st.integers(0, 20_000).map(lambda n: Fraction(n, 100))
thirds = st.integers(0, 60_000).map(lambda n: Fraction(n, 300))


@given(st.lists(hundredths, min_size=1, max_size=5), thirds, hundredths, hundredths)
def test_the_vials_lines_are_always_the_drug_s_own_line(
    drawn: list[Fraction], gave: Fraction, wasted: Fraction, returned: Fraction
) -> None:
    moves = [Move("ketamine", "drawn", mg, Vial(50.0, f"K{place}")) for place, mg in enumerate(drawn)]
    moves += [Move("ketamine", "given", gave), Move("ketamine", "wasted", wasted)]
    moves += [Move("ketamine", "returned", returned, Vial(50.0, "K0"))]
    found = account(*moves)
    assert sum((line.balance_mg or Decimal(0) for line in found.vials), Decimal(0)) == found.whole.balance_mg
