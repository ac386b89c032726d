"""A session's drugs accounted: which milligrams came and went, by which vial, what is left over, who may witness it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from app.clinical.controlled import (
    ANY_VIAL,
    Account,
    Balance,
    Move,
    Vial,
    drawn_mg,
    given_by_pump,
    in_the_line,
    rounded_mg,
)
from app.clinical.dosing import exact, shown
from app.clinical.protocol import Order
from app.clinical.tables import Catalog
from app.clinical.vials import accounts
from app.entries import BalanceExplained, DrugGiven, Entry, Returned, VialDrawn, Wasted
from app.messages import ExplainBalance, ReturnDrug, WasteDrug
from app.refusals import Refused
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine


class Standing(Protocol):
    """What an account needs of a session besides its infusion."""

    order: Order | None

    def standing(self, *kinds: type) -> list[Entry]: ...


def moves(session: Session, catalog: Catalog) -> list[Move]:
    """Every milligram of the session, the infusion's first; what was taken back does not count."""
    found: list[Move] = []
    if session.order is not None:
        drug, dead_space = session.order.drug, catalog.controlled.dead_space
        found += given_by_pump(session.infusion, drug, dead_space)
        found += in_the_line(session.infusion, drug, dead_space)
    for entry in session.standing(VialDrawn, DrugGiven, Wasted, Returned):
        move = _move(entry)
        if move is not None:
            found.append(move)
    return found


def _move(entry: Entry) -> Move | None:
    body = entry.body
    match body:
        case VialDrawn():
            drawn = drawn_mg(body.strength_mg_ml, body.volume_ml)
            return Move(body.drug, "drawn", drawn, vial_of(body), vials=body.vials)
        case DrugGiven() if body.unit == "mg":
            return Move(body.drug, "given", exact(body.dose))
        case Wasted():
            return Move(body.drug, "wasted", exact(body.mg), vial_of(body))
        case Returned():
            return Move(body.drug, "returned", exact(body.mg), vial_of(body))
        case _:
            return None


def vial_of(told: VialDrawn | Wasted | Returned | WasteDrug | ReturnDrug) -> Vial:
    """What is said of the vial; what was drawn says its month of expiry as well."""
    expires = told.expires if isinstance(told, VialDrawn) else ""
    return Vial(told.strength_mg_ml, told.lot, told.vial, expires)


def session_accounts(session: Session, catalog: Catalog) -> tuple[Account, ...]:
    """The accounts of every drug that must balance or of which a vial was drawn, scheduled ones first."""
    found = accounts(moves(session, catalog), catalog.controlled.balance, catalog.controlled.vials)
    kept = [one for one in found if catalog.controlled.schedule_of(one.whole.drug) or one.vials]
    return tuple(sorted(kept, key=lambda one: not catalog.controlled.schedule_of(one.whole.drug)))


def account_of(session: Session, catalog: Catalog, drug: str) -> Account | None:
    """One drug's account; None where nothing of it moved."""
    return next((one for one in session_accounts(session, catalog) if one.whole.drug == drug), None)


def explained(session: Session, drug: str, balance_mg: Decimal | None) -> Entry | None:
    """The explanation that holds for this balance; None where there is none."""
    for entry in reversed(session.standing(BalanceExplained)):
        body = entry.body
        if isinstance(body, BalanceExplained) and body.drug == drug:
            same = (None if body.balance_mg is None else exact(body.balance_mg)) == (
                None if balance_mg is None else exact(balance_mg)
            )
            return entry if same else None
    return None


def discrepancies(session: Session, catalog: Catalog) -> tuple[Account, ...]:
    """Scheduled drugs that neither balance nor are explained."""
    return tuple(
        one
        for one in session_accounts(session, catalog)
        if catalog.controlled.schedule_of(one.whole.drug)
        and not one.whole.closed
        and explained(session, one.whole.drug, one.whole.balance_mg) is None
    )


def discrepancy_words(account: Account, catalog: Catalog) -> str:
    """What is wrong with an account: "ketamine: 53.4 mg are left over"."""
    line = account.whole
    name = catalog.drugs[line.drug].name if line.drug in catalog.drugs else line.drug
    if line.balance_mg is None:
        return f"{name}: what was given is not known ({line.why})"
    if line.balance_mg > 0:
        return f"{name}: {shown(line.balance_mg)} mg are left over"
    return f"{name}: {shown(-line.balance_mg)} mg more went than were drawn"


def left_over_mg(session: Session, catalog: Catalog, drug: str, vial: Vial = ANY_VIAL) -> Fraction | None:
    """What is still there of a drug, or of the vials that this can be; None where it cannot be said.

    What the policy does not count is there all the same. Refused where no such vial was drawn.
    """
    account = account_of(session, catalog, drug)
    if account is None:
        return None
    lines = [account.whole] if vial == ANY_VIAL else [x for x in account.vials if _is_of(vial, x)]
    if not lines:
        raise Refused("vial", f"No such vial of {catalog.drugs[drug].name} was drawn in this session.")
    left = [None if x.balance_mg is None else exact(x.balance_mg + x.not_counted_mg) for x in lines]
    known = [mg for mg in left if mg is not None]
    return sum(known, Fraction(0)) if len(known) == len(left) else None


def _is_of(vial: Vial, line: Balance) -> bool:
    return line.vial is not None and vial.fits(line.vial)


def check_takes(session: Session, catalog: Catalog, act: WasteDrug | ReturnDrug) -> float:
    """The milligrams that go, rounded to the table's step; refused where more goes than is there."""
    if act.drug not in catalog.drugs:
        raise Refused("drug", f"There is no drug {act.drug!r} in the table.")
    amount = rounded_mg(exact(act.mg, "mg"), catalog.controlled.balance)
    if amount <= 0:
        raise Refused("mg", "The amount is above 0 mg.")
    left = left_over_mg(session, catalog, act.drug, vial_of(act))
    if left is not None and exact(amount) > left:
        raise Refused("mg", f"{shown(amount)} mg are more than the {shown(left)} mg that are left.")
    return float(amount)


def is_expired(expires: str, today: date) -> bool:
    """Whether the month on a label is over; a label without one says nothing."""
    return bool(expires) and expires < f"{today:%Y-%m}"


def witness_of(engine: Engine, act: WasteDrug | ExplainBalance) -> tuple[str, str]:
    """Whose PIN witnesses this act; raises Refused where it is nobody, or the one who does it."""
    check_witness(engine, act.witness)
    return act.witness, act.pin


def check_witness(engine: Engine, witness: str) -> None:
    """A witness is another member of staff than the one who is signed in; raises Refused."""
    if witness not in engine.clinic.here():
        raise Refused("witness", "Choose the witness.")
    if witness == engine.who:
        raise Refused("witness", "The witness is somebody else than the one who is signed in.")
