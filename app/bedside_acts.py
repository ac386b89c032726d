"""Acts of accounted drugs, of an emergency and of timed checks: checked once more, then written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.accounts import (
    account_of,
    check_takes,
    check_witness,
    discrepancies,
    discrepancy_words,
    explained,
    is_expired,
)
from app.clinical.controlled import drawn_mg, is_month
from app.entries import (
    CHAIRSIDE,
    AnyBody,
    BalanceExplained,
    EmergencyOpened,
    EmergencyStamped,
    IvChecked,
    Returned,
    VialDrawn,
    Wasted,
)
from app.frames import Answer
from app.messages import (
    CheckIv,
    DrawVial,
    ExplainBalance,
    OpenEmergency,
    ReturnDrug,
    StampEmergency,
    Tap,
    WasteDrug,
)
from app.noting import FINISHED, check_words, note, taken
from app.ordering import current
from app.refusals import Refused
from app.session import Session, told_at
from app.told import month

if TYPE_CHECKING:
    from app.engine import Engine

IV_CHECK = "iv-site"

Do = Callable[["Engine", Tap, Any, str], Answer]


def check_signable(engine: Engine, session: Session) -> None:
    """Refuses a signature while a scheduled drug neither balances nor is explained."""
    found = discrepancies(session, engine.catalog)
    if found:
        words = "; ".join(discrepancy_words(one, engine.catalog) for one in found)
        raise Refused("balance", f"{words[0].upper()}{words[1:]}. Count the drugs first, or explain it.")


def _open(engine: Engine) -> Session:
    """The session whose drugs can still be counted: until somebody has signed the summary."""
    session = current(engine)
    if session.signatures:
        raise Refused("session", FINISHED)
    return session


def _written(engine: Engine, tap: Tap, body: AnyBody) -> Answer:
    """By whoever is signed in, at the time of the touch: an account is never back-dated."""
    return taken(engine.write(body, tap.at, engine.who))


# ---------------------------------------------------------------- drugs accounted


def _draw(engine: Engine, tap: Tap, act: DrawVial, author: str) -> Answer:
    session = _open(engine)
    drug = engine.catalog.drugs.get(act.drug)
    if drug is None:
        raise Refused("drug", f"There is no drug {act.drug!r} in the table.")
    if act.strength_mg_ml not in drug.strengths_mg_per_ml:
        known = " or ".join(f"{strength:g}" for strength in drug.strengths_mg_per_ml) or "none"
        raise Refused("strength_mg_ml", f"Vials of {drug.name} hold {known} mg/mL.")
    row = engine.catalog.entry_ranges["container"]
    if not 0 < act.volume_ml <= row.entry_highest:
        raise Refused("volume_ml", f"The volume is above 0 and at most {row.entry_highest:g} mL.")
    drawn_mg(act.strength_mg_ml, act.volume_ml)
    _check_vial(engine, session, act)
    if not act.sure and is_expired(act.expires, engine.now.utc.astimezone(engine.zone).date()):
        question = f"This vial expired at the end of {month(act.expires)}. Was it drawn all the same?"
        return Answer("asked", field="expires", reason=question)
    body = VialDrawn(
        act.drug,
        act.strength_mg_ml,
        act.volume_ml,
        act.lot.strip(),
        act.purpose.strip(),
        act.vial.strip(),
        act.expires,
        act.vials,
    )
    return _written(engine, tap, body)


def _check_vial(engine: Engine, session: Session, act: DrawVial) -> None:
    """Refuses what cannot stand on a label, and a mark that another vial has."""
    table = engine.catalog.controlled
    if len(act.lot) > table.records.longest_lot:
        raise Refused("lot", f"The lot has at most {table.records.longest_lot} letters.")
    if len(act.vial) > table.vials.longest_mark:
        raise Refused("vial", f"The mark of a vial has at most {table.vials.longest_mark} letters.")
    if not 1 <= act.vials <= table.vials.most_at_once:
        raise Refused("vials", f"1 to {table.vials.most_at_once} vials are drawn at once.")
    if act.vials > 1 and act.vial.strip():
        raise Refused("vial", "Several vials have no one mark: draw them one by one, or by their lot.")
    if act.expires and not is_month(act.expires):
        raise Refused("expires", "The label says a month: the year and the month, as in 2027-05.")
    for entry in session.standing(VialDrawn):
        body = entry.body
        if isinstance(body, VialDrawn) and act.vial.strip() and body.vial == act.vial.strip():
            same = (body.drug, body.strength_mg_ml, body.lot, body.expires)
            if same != (act.drug, act.strength_mg_ml, act.lot.strip(), act.expires):
                raise Refused(
                    "vial", f"Vial {body.vial} is another one: {engine.catalog.drugs[body.drug].name}."
                )


def _waste(engine: Engine, tap: Tap, act: WasteDrug, author: str) -> Answer:
    session = _open(engine)
    check_witness(engine, act.witness)
    if not act.method.strip():
        raise Refused("method", "Say how it was destroyed.")
    mg = check_takes(session, engine.catalog, act)
    body = Wasted(act.drug, mg, act.method.strip(), act.witness, act.strength_mg_ml, act.lot, act.vial)
    return _written(engine, tap, body)


def _return(engine: Engine, tap: Tap, act: ReturnDrug, author: str) -> Answer:
    session = _open(engine)
    mg = check_takes(session, engine.catalog, act)
    return _written(engine, tap, Returned(act.drug, mg, act.strength_mg_ml, act.lot, act.vial))


def _explain(engine: Engine, tap: Tap, act: ExplainBalance, author: str) -> Answer:
    session = _open(engine)
    check_witness(engine, act.witness)
    account = account_of(session, engine.catalog, act.drug)
    if account is None or account.whole.closed:
        raise Refused("drug", "This drug balances: there is nothing to explain.")
    if session.phase not in ("recovery", "finished"):
        raise Refused("drug", "A balance is explained after the infusion has ended.")
    reason = act.reason.strip()
    check_words(engine, "reason", reason, "An explanation needs a reason.")
    left = account.whole.balance_mg
    if explained(session, act.drug, left) is not None:
        raise Refused("drug", "This balance is explained already.")
    known = None if left is None else float(left)
    return _written(engine, tap, BalanceExplained(act.drug, reason, act.witness, known))


# ---------------------------------------------------------------- emergency


def _open_emergency(engine: Engine, tap: Tap, act: OpenEmergency, author: str) -> Answer:
    session = current(engine)
    if session.finished:
        raise Refused("session", FINISHED)
    last = session.standing(EmergencyOpened)
    window_s = engine.catalog.windows.duplicate_s
    if last and engine.now.steady - told_at(last[-1]) < window_s:
        return Answer("taken", entry=last[-1].uuid)
    return taken(engine.write(EmergencyOpened(act.why), tap.at, engine.who or CHAIRSIDE))


def _stamp(engine: Engine, tap: Tap, act: StampEmergency, author: str) -> Answer:
    session = current(engine)
    if session.finished:
        raise Refused("session", FINISHED)
    if engine.catalog.bedside.stamp_of(act.what) is None:
        raise Refused("what", f"There is no stamp {act.what!r} in the table.")
    return taken(engine.write(EmergencyStamped(act.what), tap.at, engine.who or CHAIRSIDE))


# ---------------------------------------------------------------- timed checks


def _check_iv(engine: Engine, tap: Tap, act: CheckIv, author: str) -> Answer:
    row = engine.catalog.bedside.check_of(IV_CHECK)
    if row is None or act.state not in row.states:
        raise Refused("state", "Choose how the IV site is.")
    longest = engine.catalog.text_entry.name_longest
    if len(act.site.strip()) > longest:
        raise Refused("site", f"{longest} letters fit.")
    body = IvChecked(act.site.strip(), act.state, act.state == row.well)
    return note(engine, tap, body, act.back_min, True, author)


BEDSIDE_ACTS: dict[type, Do] = {
    DrawVial: _draw,
    WasteDrug: _waste,
    ReturnDrug: _return,
    ExplainBalance: _explain,
    OpenEmergency: _open_emergency,
    StampEmergency: _stamp,
    CheckIv: _check_iv,
}
"""What each of these touches does."""
