"""The drugs' account, the emergency sheet and the state of oxygen in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from app.accounts import discrepancies, discrepancy_words, explained, session_accounts
from app.bedside_frames import (
    AccountFrame,
    AccountLine,
    DrawOffer,
    EmergencyFrame,
    LotOffer,
    StampFrame,
    VialLine,
)
from app.clinical.bedside_rows import DeadSpace
from app.clinical.controlled import ANY_VIAL, Account, Balance
from app.clinical.dosing import shown
from app.entries import EmergencyStamped, OxygenSet, VialDrawn
from app.instant import Instant
from app.noting import FINISHED
from app.readings import PumpMode
from app.session import Session
from app.told import label_words

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
        policy=line_policy(catalog.controlled.dead_space),
        lots=_lots(engine, session),
        infused=session.order.drug if session.order is not None else "",
        year=engine.now.utc.astimezone(engine.zone).year,
    )


def line_policy(space: DeadSpace) -> str:
    """What becomes of what the line holds at the end, as the clinic's table says."""
    volume = f"{shown(space.volume_ml)} mL"
    match space.policy:
        case "infused":
            return f"{volume} of the line count as given: they are flushed in at the end."
        case "not counted":
            return f"As much as {volume} in the line hold at the end is not counted."
        case "wasted":
            return "What is in the line at the end is wasted with the rest."


def _lots(engine: Engine, session: Session) -> tuple[LotOffer, ...]:
    """The lots of this session's vials, the newest first."""
    found: dict[tuple[str, float, str, str], LotOffer] = {}
    for entry in reversed(session.standing(VialDrawn)):
        body = entry.body
        if isinstance(body, VialDrawn) and body.lot and body.drug in engine.catalog.drugs:
            name = engine.catalog.drugs[body.drug].name
            words = f"{name} {_strength(body.strength_mg_ml)}, {label_words(body.lot, '', body.expires)}"
            key = (body.drug, body.strength_mg_ml, body.lot, body.expires)
            found.setdefault(key, LotOffer(body.drug, name, *key[1:], words))
    return tuple(found.values())


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
    return AccountLine(
        whole.drug,
        drug.name if drug else whole.drug,
        drug.label_class if drug else "",
        SCHEDULES.get(catalog.controlled.schedule_of(whole.drug), ""),
        whole.vials,
        milligrams(whole.drawn_mg),
        milligrams(whole.given_mg),
        milligrams(whole.wasted_mg),
        milligrams(whole.returned_mg),
        milligrams(whole.balance_mg),
        None if whole.balance_mg is None else float(whole.balance_mg),
        _state(session, whole),
        whole.why,
        tuple(_by_vial(line) for line in account.vials),
    )


def _state(session: Session, whole: Balance) -> Literal["closed", "open", "explained", "unknown"]:
    if whole.closed:
        return "closed"
    if explained(session, whole.drug, whole.balance_mg) is not None:
        return "explained"
    return "unknown" if whole.balance_mg is None else "open"


def _by_vial(line: Balance) -> VialLine:
    vial = line.vial or ANY_VIAL
    return VialLine(
        _counted(line),
        _label(line),
        vial.strength_mg_ml,
        vial.lot,
        vial.mark,
        milligrams(line.drawn_mg),
        milligrams(line.given_mg),
        milligrams(line.wasted_mg),
        milligrams(line.returned_mg),
        milligrams(line.balance_mg),
        None if line.balance_mg is None else float(line.balance_mg),
    )


def vial_words(line: Balance) -> str:
    """A line's vials by their label: "2 × 50 mg/mL, lot K123, expires 05/2027"."""
    return f"{_counted(line)}, {_label(line)}"


def _counted(line: Balance) -> str:
    strength = line.vial.strength_mg_ml if line.vial is not None else None
    return f"{line.vials} × {'vial' if strength is None else _strength(strength)}"


def _label(line: Balance) -> str:
    vial = line.vial or ANY_VIAL
    return label_words(vial.lot, vial.mark, vial.expires) or "no lot"


def _strength(mg_ml: float) -> str:
    return f"{shown(mg_ml, 3)} mg/mL"


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
    if pump.frame.mode is PumpMode.UNKNOWN:
        return "The pump does not say what it does: look at it."
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
