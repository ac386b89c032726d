"""Drugs accounted: drawn - given - wasted - returned, in exact milligrams, by drug and by vial.

Every quantity is rounded by itself to the table's step, so that a balance is what its printed figures make.
Nothing is closed by the program: what is left over stays left over until a person wastes, returns or explains it.
Which vials gave what nobody named is the table's rule (app/clinical/vials.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

import msgspec

from app.clinical.bedside_rows import BalanceRule, DeadSpace
from app.clinical.dosing import Number, exact, positive
from app.clinical.infusion import Infusion, Segment, State

Kind = Literal["drawn", "given", "wasted", "returned", "in the line"]


class Vial(msgspec.Struct, frozen=True):
    """What is known of a vial. None and "" are not said; without a mark it stands for all vials of its lot."""

    strength_mg_ml: float | None = None
    lot: str = ""
    mark: str = ""
    expires: str = ""

    def fits(self, other: Vial) -> bool:
        """Whether nothing that is said here is said otherwise there."""
        return (
            self.strength_mg_ml in (None, other.strength_mg_ml)
            and self.lot in ("", other.lot)
            and self.mark in ("", other.mark)
        )


ANY_VIAL = Vial()


class Move(msgspec.Struct, frozen=True):
    """Milligrams that came or went. `mg` None: not known, and why stands in `why`.

    `vial` is what is said of the vial that they belong to. `vials` is how many were drawn. Of a drug in the line
    as much as `mg` is not counted.
    """

    drug: str
    kind: Kind
    mg: Fraction | None
    vial: Vial = ANY_VIAL
    why: str = ""
    vials: int = 1


class Balance(msgspec.Struct, frozen=True):
    """One line of the account, rounded. `balance_mg` None: it cannot be said, and `why` says why.

    `vial` None is the drug's own line over all of its vials; `vials` is how many were drawn.
    """

    drug: str
    vial: Vial | None
    drawn_mg: Decimal
    given_mg: Decimal | None
    wasted_mg: Decimal
    returned_mg: Decimal
    balance_mg: Decimal | None
    closed: bool
    why: str = ""
    vials: int = 0
    not_counted_mg: Decimal = Decimal(0)


class Account(msgspec.Struct, frozen=True):
    """A drug's account: its own line, and a line for each vial or lot that was drawn."""

    whole: Balance
    vials: tuple[Balance, ...]


def rounded_mg(mg: Number, rule: BalanceRule) -> Decimal:
    """Milligrams at the table's step, halves away from zero."""
    step = positive(rule.round_to_mg, "round_to_mg")
    steps = exact(mg, "mg") / step
    whole = (Decimal(steps.numerator) / Decimal(steps.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    return whole * Decimal(str(rule.round_to_mg))


def drawn_mg(strength_mg_ml: Number, volume_ml: Number) -> Fraction:
    """What this volume of a vial holds; raises Refused on nothing."""
    return positive(strength_mg_ml, "strength_mg_ml") * positive(volume_ml, "volume_ml")


def is_month(text: str) -> bool:
    """Whether this is a month as a label says it: "2027-05"."""
    return re.fullmatch(r"2\d{3}-(0[1-9]|1[0-2])", text) is not None


def balance(drug: str, moves: Iterable[Move], rule: BalanceRule, vial: Vial | None = None) -> Balance:
    """The line that these moves make."""
    found = list(moves)
    sums = {kind: summed(found, kind) for kind in ("drawn", "given", "wasted", "returned")}
    why = next((move.why for move in found if move.mg is None), "")
    drawn, given, wasted, returned = (None if mg is None else rounded_mg(mg, rule) for mg in sums.values())
    nothing = Decimal(0)
    left, spared = None, nothing
    if None not in (drawn, given, wasted, returned):
        left = (drawn or nothing) - (given or nothing) - (wasted or nothing) - (returned or nothing)
        in_the_line = rounded_mg(summed(found, "in the line") or Fraction(0), rule)
        spared = min(max(left, nothing), in_the_line)
        left -= spared
    return Balance(
        drug,
        vial,
        drawn or nothing,
        given,
        wasted or nothing,
        returned or nothing,
        left,
        left is not None and abs(left) <= Decimal(str(rule.tolerance_mg)),
        why,
        sum(move.vials for move in found if move.kind == "drawn"),
        spared,
    )


def summed(moves: Iterable[Move], kind: str) -> Fraction | None:
    """The sum of one kind; None where one of them is not known."""
    total = Fraction(0)
    for move in moves:
        if move.kind == kind:
            if move.mg is None:
                return None
            total += move.mg
    return total


# ---------------------------------------------------------------- what a pump gave


def given_by_pump(infusion: Infusion, drug: str, dead_space: DeadSpace) -> tuple[Move, ...]:
    """What left each container by the pump's counter, at that container's concentration.

    A part that cannot be told is a move without milligrams. What was flushed out of the line counts once the
    infusion has ended, where the clinic's policy says so.
    """
    if infusion.started is None:
        return ()
    if infusion.unknown_since is not None:
        return (Move(drug, "given", None, why="the pump is not read"),)
    moves = [_of_segment(segment, drug) for segment in infusion.segments]
    last = infusion.segments[-1] if infusion.segments else None
    if dead_space.policy == "infused" and infusion.state is State.ENDED and last is not None:
        moves.append(_flushed(last, drug, dead_space))
    return tuple(moves)


def _of_segment(segment: Segment, drug: str) -> Move:
    flowed = infused_ml(segment)
    if flowed is None:
        return Move(drug, "given", None, why="the pump's counter was not read")
    if segment.concentration_mg_ml is None:
        if flowed == 0:
            return Move(drug, "given", Fraction(0))
        return Move(drug, "given", None, why="what was in the syringe is not said")
    if not segment.read_to_end:
        return Move(drug, "given", None, why="the pump's counter was not read all the way")
    return Move(drug, "given", flowed * exact(segment.concentration_mg_ml))


def in_the_line(infusion: Infusion, drug: str, dead_space: DeadSpace) -> tuple[Move, ...]:
    """What stays in the line after the end and need not be counted, where the clinic's policy says so."""
    last = infusion.segments[-1] if infusion.segments else None
    if dead_space.policy != "not counted" or infusion.state is not State.ENDED or last is None:
        return ()
    if last.concentration_mg_ml is None:
        return ()
    held = exact(dead_space.volume_ml) * exact(last.concentration_mg_ml)
    return (Move(drug, "in the line", held),)


def _flushed(last: Segment, drug: str, dead_space: DeadSpace) -> Move:
    if last.concentration_mg_ml is None:
        return Move(drug, "given", None, why="what is in the line is not said")
    return Move(drug, "given", exact(dead_space.volume_ml) * exact(last.concentration_mg_ml))


def infused_ml(segment: Segment) -> Fraction | None:
    """What flowed in a segment, exactly as the counter read; None when it was not read."""
    if segment.by_hand:
        return None if segment.hand_ml is None else exact(segment.hand_ml)
    if segment.baseline_ml is None or segment.volume_ml is None:
        return None
    return exact(segment.volume_ml) - exact(segment.baseline_ml)


# ---------------------------------------------------------------- a container


class Left(msgspec.Struct, frozen=True):
    """What a container has given, and how much and how long it still holds; minutes None while it is held."""

    given_mg: Fraction
    left_ml: Fraction
    minutes: Fraction | None


def left_in(container_ml: Number, infused: Number, concentration_mg_ml: Number, rate_ml_h: Number) -> Left:
    """A container's account by volume: given, left, and the minutes to its end at this rate."""
    flowed, rate = exact(infused), exact(rate_ml_h)
    left = exact(container_ml) - flowed
    minutes = left / rate * 60 if rate > 0 else None
    return Left(flowed * positive(concentration_mg_ml, "concentration_mg_ml"), left, minutes)
