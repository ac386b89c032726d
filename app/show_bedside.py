"""The drugs' account, the emergency sheet and the state of oxygen in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from app.accounts import discrepancies, discrepancy_words, explained, session_accounts
from app.bedside_frames import AccountFrame, AccountLine, DrawOffer, EmergencyFrame, StampFrame
from app.clinical.controlled import Account, Balance
from app.clinical.dosing import shown
from app.entries import EmergencyStamped, OxygenSet, VialDrawn
from app.instant import Instant
from app.noting import FINISHED
from app.readings import PumpMode
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine

SCHEDULES = {"CII": "C II", "CIII": "C III", "CIV": "C IV", "CV": "C V"}


def milligrams(mg: Decimal | None) -> str:
    """Milligrams as paper writes them; "--" where they are not known."""
    return "--" if mg is None else f"{shown(mg)} mg"


# ---------------------------------------------------------------- drugs accounted


def account_frame(engine: Engine, session: Session) -> AccountFrame:
    """Every account of the session, and what can be drawn."""
    catalog = engine.catalog
    lines = tuple(_line(engine, session, one) for one in session_accounts(session, catalog))
    open_ones = discrepancies(session, catalog)
    verdict = "; ".join(discrepancy_words(one, catalog) for one in open_ones)
    return AccountFrame(
        lines=lines,
        offers=_offers(engine),
        verdict=_verdict(verdict, bool(lines)),
        balanced=not open_ones,
        barred=FINISHED if session.signatures else "",
        can_explain=session.phase in ("recovery", "finished"),
    )


def _verdict(open_words: str, any_lines: bool) -> str:
    if open_words:
        return f"{open_words[0].upper()}{open_words[1:]}."
    return "Every scheduled drug is accounted for." if any_lines else "Nothing was drawn yet."


def _offers(engine: Engine) -> tuple[DrawOffer, ...]:
    """Drugs that come in vials, scheduled ones first."""
    catalog = engine.catalog
    found = [
        DrawOffer(drug.id, drug.name, drug.strengths_mg_per_ml, bool(catalog.controlled.schedule_of(drug.id)))
        for drug in catalog.drugs.values()
        if drug.strengths_mg_per_ml
    ]
    return tuple(sorted(found, key=lambda offer: not offer.scheduled))


def _line(engine: Engine, session: Session, account: Account) -> AccountLine:
    whole, catalog = account.whole, engine.catalog
    drug = catalog.drugs.get(whole.drug)
    vials = [e for e in session.standing(VialDrawn) if _draws(e.body, whole.drug)]
    return AccountLine(
        whole.drug,
        drug.name if drug else whole.drug,
        drug.label_class if drug else "",
        SCHEDULES.get(catalog.controlled.schedule_of(whole.drug), ""),
        len(vials),
        milligrams(whole.drawn_mg),
        milligrams(whole.given_mg),
        milligrams(whole.wasted_mg),
        milligrams(whole.returned_mg),
        milligrams(whole.balance_mg),
        None if whole.balance_mg is None else float(whole.balance_mg),
        _state(session, whole),
        whole.why,
        tuple(_strength(line) for line in account.strengths),
    )


def _draws(body: object, drug: str) -> bool:
    return isinstance(body, VialDrawn) and body.drug == drug


def _state(session: Session, whole: Balance) -> Literal["closed", "open", "explained", "unknown"]:
    if whole.closed:
        return "closed"
    if explained(session, whole.drug, whole.balance_mg) is not None:
        return "explained"
    return "unknown" if whole.balance_mg is None else "open"


def _strength(line: Balance) -> str:
    vial = f"{shown(line.strength_mg_ml or 0, 3)} mg/mL"
    left = f"left {milligrams(line.balance_mg)}" if line.balance_mg is not None else line.why
    return f"{vial}: drawn {milligrams(line.drawn_mg)}, {left}"


# ---------------------------------------------------------------- emergency


def emergency_frame(engine: Engine, now: Instant) -> EmergencyFrame:
    """What stops the pump, whom to call, what was stamped; also where no session is open."""
    catalog, session = engine.catalog, engine.session
    chosen = engine.clinic.devices.get("pump")
    stop = catalog.bedside.stop_of(chosen.driver if chosen is not None else "")
    first = [drug for drug in catalog.bedside.emergency.drugs_first if drug in catalog.drugs]
    return EmergencyFrame(
        stop=stop.words,
        stop_detail=stop.detail,
        pump_now=_pump_now(engine, now),
        numbers=engine.emergency_numbers,
        stamps=tuple(
            StampFrame(row.id, row.label, _stamped(engine, session, row.id)) for row in catalog.bedside.stamp
        ),
        drugs=tuple(first),
        oxygen=oxygen_words(engine, session),
        records=session is not None and not session.finished,
    )


def _pump_now(engine: Engine, now: Instant) -> str:
    pump = engine.pump
    if pump.frame is None or not pump.heard_now(now):
        return "The pump is not read: look at it."
    if pump.frame.mode is PumpMode.HELD:
        return "The pump is on hold."
    rate = "?" if pump.frame.rate_ml_h is None else shown(pump.frame.rate_ml_h)
    return f"The pump runs at {rate} mL/h."


def _stamped(engine: Engine, session: Session | None, what: str) -> str:
    if session is None:
        return ""
    times = [e.at for e in session.standing(EmergencyStamped) if _is_stamp(e.body, what)]
    return f"{times[-1].utc.astimezone(engine.zone):%H:%M:%S}" if times else ""


def _is_stamp(body: object, what: str) -> bool:
    return isinstance(body, EmergencyStamped) and body.what == what


# ---------------------------------------------------------------- oxygen


def oxygen_words(engine: Engine, session: Session | None) -> str:
    """The flow since when, "" while no oxygen was started; "off since" after it."""
    given = session.standing(OxygenSet) if session is not None else []
    if not given or not isinstance(given[-1].body, OxygenSet):
        return ""
    at, flow = given[-1].at, given[-1].body.flow_l_min
    since = f"{at.utc.astimezone(engine.zone):%H:%M}"
    return f"O₂ {shown(flow)} L/min since {since}" if flow else f"O₂ off since {since}"


def oxygen_flow(session: Session | None) -> str:
    """The flow that runs, for the saturation's tile; "" while none does."""
    given = session.standing(OxygenSet) if session is not None else []
    flow = given[-1].body.flow_l_min if given and isinstance(given[-1].body, OxygenSet) else 0.0
    return f"O₂ {shown(flow)} L" if flow else ""
