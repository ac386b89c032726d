"""The account of each vial: what names its vial counts there, the rest by the table's rule.

The lines of a drug's vials together are always its own line: nothing is lost between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from app.clinical.bedside_rows import BalanceRule, VialRule
from app.clinical.controlled import Account, Balance, Kind, Move, Vial, balance, rounded_mg, summed
from app.clinical.dosing import exact

NOT_TOLD = "several vials were drawn: which one gave is not told"
GOES: tuple[Kind, ...] = ("given", "wasted", "returned", "in the line")


class _Shelf(msgspec.Struct):
    """A vial, or all of a lot without marks, with what came of it so far."""

    vial: Vial
    moves: list[Move]
    left: Fraction


def accounts(moves: Sequence[Move], rule: BalanceRule, vials: VialRule) -> tuple[Account, ...]:
    """An account for each drug that moved, in the order in which they first did."""
    drugs = dict.fromkeys(move.drug for move in moves)
    return tuple(_account(drug, [move for move in moves if move.drug == drug], rule, vials) for drug in drugs)


def _account(drug: str, moves: list[Move], rule: BalanceRule, vials: VialRule) -> Account:
    return Account(balance(drug, moves, rule), _lines(drug, moves, rule, vials))


def _lines(drug: str, moves: list[Move], rule: BalanceRule, vials: VialRule) -> tuple[Balance, ...]:
    """A line for each shelf. What names its vial goes first; rounded sums are shared out, so that they add up."""
    shelves = _shelves(moves)
    if not shelves:
        return ()
    gone = [move for move in moves if move.kind != "drawn"]
    named = [move for move in gone if _places(move, shelves) != shelves]
    loose = [move for move in gone if move not in named]
    for move in named:
        _take(move, _places(move, shelves))
    for kind in GOES:
        of_kind = [move for move in loose if move.kind == kind]
        if of_kind:
            _share(drug, kind, of_kind, shelves, rule, vials)
    return tuple(balance(drug, shelf.moves, rule, shelf.vial) for shelf in shelves)


def _shelves(moves: Sequence[Move]) -> list[_Shelf]:
    """The vials in the order in which they were first drawn."""
    found: dict[Vial, _Shelf] = {}
    for move in moves:
        if move.kind == "drawn":
            shelf = found.setdefault(move.vial, _Shelf(move.vial, [], Fraction(0)))
            shelf.moves.append(move)
            shelf.left += move.mg or 0
    return list(found.values())


def _places(move: Move, shelves: list[_Shelf]) -> list[_Shelf]:
    """The vials that it can have been; all of them where it names none that was drawn."""
    return [shelf for shelf in shelves if move.vial.fits(shelf.vial)] or shelves


def _share(
    drug: str, kind: Kind, moves: list[Move], shelves: list[_Shelf], rule: BalanceRule, vials: VialRule
) -> None:
    total = summed(moves, kind)
    why = next((move.why for move in moves if move.mg is None), "")
    if total is not None and len(shelves) > 1 and vials.given_from == "not told" and kind == "given":
        total, why = None, NOT_TOLD
    _take(Move(drug, kind, None if total is None else exact(rounded_mg(total, rule)), why=why), shelves)


def _take(move: Move, shelves: list[_Shelf]) -> None:
    """Out of the vials in the order drawn, as much as each has; what is over goes to the last, below nothing."""
    if move.mg is None:
        for shelf in shelves:
            shelf.moves.append(move)
        return
    rest = move.mg
    for shelf in shelves:
        part = rest if shelf is shelves[-1] else min(rest, max(shelf.left, Fraction(0)))
        if part:
            shelf.moves.append(msgspec.structs.replace(move, mg=part))
            shelf.left -= part
            rest -= part
