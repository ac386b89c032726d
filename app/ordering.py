"""Whether an order or a rate can be signed for the patient on the screen: asked before the PIN and after it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from app.clinical import dosing
from app.clinical.dosing import exact, shown
from app.clinical.order_check import check_order, check_rate
from app.clinical.protocol import Order
from app.entries import PatientIdentified
from app.messages import OrderRate, SignOrder
from app.refusals import Refused
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine

WEIGHT_STEP_KG = Fraction(1, 10)
"""Weights are kept to one decimal."""


def current(engine: Engine) -> Session:
    """The session on the screen; raises Refused where there is none."""
    if engine.session is None:
        raise Refused("session", "There is no session on the screen.")
    return engine.session


def order_can_be_signed(engine: Engine, act: SignOrder) -> Session:
    """The session that this order is for; raises Refused where it cannot be signed."""
    session = current(engine)
    if session.phase not in ("check-in", "ready") or session.patient is None:
        raise Refused("order", "An order is signed before the start.")
    protocol = engine.catalog.protocols.get(act.order.protocol_id)
    if protocol is None:
        raise Refused("protocol", f"There is no protocol {act.order.protocol_id!r}.")
    verdict = check_order(act.order, protocol, engine.catalog)
    for finding in verdict.refused:
        raise Refused(finding.field, finding.reason)
    _check_dose_weight(act.order, session.patient)
    if verdict.needs_reason and not act.reason.strip():
        raise Refused("reason", verdict.needs_reason[0].reason)
    return session


def _check_dose_weight(order: Order, patient: PatientIdentified) -> None:
    """The order's weight is this patient's, by the basis that it names."""
    kilograms = dose_weight_kg(order.weight_basis, patient)
    if abs(exact(order.dose_weight_kg, "dose_weight_kg") - kilograms) > WEIGHT_STEP_KG / 2:
        what = "weighs" if order.weight_basis == "actual" else f"has an {order.weight_basis} weight of"
        raise Refused(
            "dose_weight_kg",
            f"The order is for {order.dose_weight_kg:g} kg, the patient {what} {shown(kilograms, 1)} kg.",
        )


def rate_can_be_ordered(engine: Engine, act: OrderRate) -> Session:
    """The session that this rate is for; raises Refused where it cannot be ordered."""
    session = current(engine)
    if session.phase not in ("ready", "infusing", "paused") or session.order is None or session.plan is None:
        raise Refused("rate_ml_h", "A rate is ordered for a signed order, before the end.")
    strength = concentration_now(session, session.order)
    verdict = check_rate(
        msgspec.structs.replace(session.order, concentration_mg_ml=strength),
        session.plan,
        act.rate_ml_h,
        engine.catalog,
        now_s=session.infusion.running_s(engine.now),
        expected_ml_h=session.expected_rate_ml_h(engine.now) or 0.0,
        given_mg=session.infusion.given(engine.now).mg,
    )
    if verdict.refused:
        raise Refused("rate_ml_h", verdict.refused[0])
    if verdict.question and not act.sure:
        raise Refused("sure", verdict.question)
    if verdict.needs_reason and not act.soft_reason.strip():
        raise Refused("soft_reason", verdict.needs_reason[0])
    if not act.reason.strip():
        raise Refused("reason", "Choose why the rate is changed.")
    return session


def dose_weight_kg(basis: str, patient: PatientIdentified) -> Fraction:
    """The patient's weight by this basis; raises Refused where it cannot be computed."""
    if basis == "actual":
        return exact(patient.weight_kg)
    if patient.height_cm is None:
        raise Refused("weight_basis", "This weight needs the patient's height. Use the actual weight.")
    match basis:
        case "ideal":
            return dosing.ideal_kg(patient.sex, patient.height_cm)
        case "adjusted":
            return dosing.adjusted_kg(patient.sex, patient.height_cm, patient.weight_kg)
        case "lean":
            return dosing.lean_kg(patient.sex, patient.height_cm, patient.weight_kg)
    raise Refused("weight_basis", f"{basis} is not a weight to dose by.")


def concentration_now(session: Session, order: Order) -> float:
    """The concentration in the pump, as ordered until a person said otherwise; refused while it is asked."""
    segments = session.infusion.segments
    if not segments:
        return order.concentration_mg_ml
    known = segments[-1].concentration_mg_ml
    if known is None:
        raise Refused("rate_ml_h", "Say first what is in the syringe.")
    return known
