"""From a protocol (what the clinic offers) to an order (what is signed) to a plan (rate over time).

An order's numbers are in the units of its field names; its rates are in `rate_unit`. Times of a plan are
seconds of infusion from its start. A plan holds only rates that the pump can be set to, rounded down, as they
are set by hand: a ramp becomes a staircase of one-minute steps, each at the ramp's rate in the middle of its
minute, so that its dose is the ramp's dose less what the rounding takes.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from app.clinical import dosing
from app.clinical.rows import Protocol as Protocol
from app.clinical.tables import Catalog
from app.refusals import Refused

MINUTE_S = 60
LONGEST_PLAN_MIN = 24 * 60


class OrderStep(msgspec.Struct, frozen=True):
    """A stretch of an order in its rate unit: steady, or a straight ramp when the two rates differ."""

    minutes: float
    rate_from: float
    rate_to: float


class Order(msgspec.Struct, frozen=True):
    """What is signed and stored. None means that there is none of it: no cap, no session limit."""

    protocol_id: str
    protocol_version: str
    drug: str
    dose_weight_kg: float
    weight_basis: str
    rate_unit: str
    steps: tuple[OrderStep, ...]
    max_rate: float
    cap_mg_per_h: float | None
    session_limit_mg: float | None
    container_ml: float
    drug_in_container_mg: float
    concentration_mg_ml: float
    recovery_min: float
    pump_resolution_ml_h: float
    note: str = ""

    def mg_h(self, rate: dosing.Number) -> Fraction:
        """A rate of this order's unit as mg/h, before any cap."""
        return dosing.mg_h(rate, self.rate_unit, self.dose_weight_kg)

    def capped_mg_h(self, rate: dosing.Number) -> Fraction:
        """A rate of this order's unit as the mg/h that is given: under the cap."""
        return dosing.under_cap(self.mg_h(rate), self.cap_mg_per_h).mg_h

    def highest_mg_h(self) -> Fraction:
        """The highest rate that this order allows: its own limit or its cap, whichever is lower."""
        return self.capped_mg_h(self.max_rate)


class StepDraft(msgspec.Struct, frozen=True):
    """A step that may still lack something."""

    minutes: float | None = None
    rate_from: float | None = None
    rate_to: float | None = None


class OrderDraft(msgspec.Struct, frozen=True):
    """An order under way; None is what nobody has filled. `finish` makes it an Order."""

    protocol_id: str
    protocol_version: str
    drug: str
    pump_resolution_ml_h: float
    weight_basis: str
    dose_weight_kg: float | None = None
    rate_unit: str | None = None
    steps: tuple[StepDraft, ...] = (StepDraft(),)
    max_rate: float | None = None
    cap_mg_per_h: float | None = None
    session_limit_mg: float | None = None
    container_ml: float | None = None
    drug_in_container_mg: float | None = None
    concentration_mg_ml: float | None = None
    recovery_min: float | None = None
    note: str = ""


LABELS = {
    "dose_weight_kg": "Dose weight",
    "rate_unit": "Unit of rate",
    "minutes": "Duration",
    "rate": "Rate",
    "max_rate": "Rate limit",
    "session_limit_mg": "Session limit",
    "container_ml": "Container",
    "drug_in_container_mg": "Drug in the container",
    "recovery_min": "Recovery",
}
"""What the order sheet calls each field that may be unset."""


def default_order(protocol: Protocol, catalog: Catalog, weight_kg: float | None = None) -> OrderDraft:
    """The draft with what the protocol states, and nothing that it leaves to the prescriber."""
    rate, unit = _stated_rate(protocol)
    return OrderDraft(
        protocol_id=protocol.id,
        protocol_version=catalog.version,
        drug=protocol.drug,
        pump_resolution_ml_h=catalog.pump.resolution_ml_h,
        weight_basis=catalog.order_choices.usual_weight_basis,
        dose_weight_kg=weight_kg,
        rate_unit=unit,
        steps=(StepDraft(protocol.active_infusion_min, rate, rate),),
        max_rate=protocol.max_rate,
        cap_mg_per_h=protocol.cap_mg_per_h,
        container_ml=protocol.carrier_ml,
        session_limit_mg=protocol.cap_total_mg,
        recovery_min=protocol.minimum_recovery_min,
    )


FIT_STEP_MG_ML = Fraction(1, 1000)
"""A concentration that is made to fit is weighed out to this; always down, the flow then is the carrier's or more."""


def fitted_concentration(draft: OrderDraft, protocol: Protocol) -> Fraction | None:
    """The strength at which the highest step flows at the protocol's fixed carrier rate; None where it has none.

    Down to the step that can be made up: the pump rounds the flow down again.
    """
    rates = [rate for step in draft.steps for rate in (step.rate_from, step.rate_to)]
    known = [rate for rate in rates if rate is not None]
    if protocol.carrier_ml_per_h is None or len(known) < len(rates) or not known:
        return None
    if draft.rate_unit is None or draft.dose_weight_kg is None:
        return None
    highest = dosing.mg_h(max(known), draft.rate_unit, draft.dose_weight_kg)
    flowing = dosing.under_cap(highest, draft.cap_mg_per_h).mg_h / dosing.exact(protocol.carrier_ml_per_h)
    fitted = flowing // FIT_STEP_MG_ML * FIT_STEP_MG_ML
    return fitted if fitted > 0 else None


def _stated_rate(protocol: Protocol) -> tuple[float | None, str | None]:
    """The protocol's own rate and unit; a total dose over a stated time is the rate that gives it."""
    if protocol.total_dose is None or protocol.active_infusion_min is None:
        return protocol.start_rate, protocol.rate_unit
    unit = "mg/kg/h" if protocol.total_dose_unit == "mg/kg" else "mg/h"
    return float(dosing.rate_for_total(protocol.total_dose, protocol.active_infusion_min)), unit


def unset(draft: OrderDraft) -> tuple[str, ...]:
    """What must still be filled before the order can be signed, in the order of the sheet; keys of LABELS."""
    missing = {
        "dose_weight_kg": draft.dose_weight_kg is None,
        "rate_unit": draft.rate_unit is None,
        "minutes": not draft.steps or any(step.minutes is None for step in draft.steps),
        "rate": any(step.rate_from is None or step.rate_to is None for step in draft.steps),
        "max_rate": draft.max_rate is None,
        "container_ml": draft.container_ml is None,
        "drug_in_container_mg": draft.drug_in_container_mg is None,
        "recovery_min": draft.recovery_min is None,
    }
    return tuple(field for field, lacks in missing.items() if lacks)


def finish(draft: OrderDraft) -> Order:
    """The order that the draft has become; refused while anything is unset.

    A concentration that nobody typed is what drug and container make.
    """
    for field in unset(draft):
        raise Refused(field, f"{LABELS[field]}: not filled yet.")
    values = {name: getattr(draft, name) for name in Order.__struct_fields__}
    values["steps"] = tuple(OrderStep(step.minutes, step.rate_from, step.rate_to) for step in draft.steps)  # type: ignore[arg-type]
    if draft.concentration_mg_ml is None:
        made = dosing.concentration(values["drug_in_container_mg"], values["container_ml"])
        values["concentration_mg_ml"] = float(made)
    return Order(**values)


# ---------------------------------------------------------------- plan


class PlanSegment(msgspec.Struct, frozen=True):
    """A stretch at one rate, as the pump is set."""

    start_s: float
    end_s: float
    rate_ml_h: float

    @property
    def volume_ml(self) -> float:
        """What flows in this stretch."""
        return self.rate_ml_h * (self.end_s - self.start_s) / 3600


class Plan(msgspec.Struct, frozen=True):
    """Rate over time; `capped` when the cap holds somewhere, `syringe_changes_s` when one runs dry."""

    segments: tuple[PlanSegment, ...]
    concentration_mg_ml: float
    end_s: float
    total_ml: float
    total_mg: float
    peak_ml_h: float
    peak_mg_h: float
    peak_mg_kg_h: float
    syringe_changes_s: tuple[float, ...]
    capped: bool

    def rate_ml_h_at(self, t_s: float) -> float:
        """The planned flow at this second; 0 before the start and from the end on."""
        return next((part.rate_ml_h for part in self.segments if part.start_s <= t_s < part.end_s), 0.0)

    def ml_at(self, t_s: float) -> float:
        """The volume that the plan has given by this second."""
        if t_s >= self.end_s:
            return self.total_ml
        return sum(
            part.rate_ml_h * (min(t_s, part.end_s) - part.start_s) / 3600
            for part in self.segments
            if part.start_s < t_s
        )

    def mg_at(self, t_s: float) -> float:
        """The dose that the plan has given by this second."""
        return self.ml_at(t_s) * self.concentration_mg_ml


def make_plan(order: Order) -> Plan:
    """The order as rates over time at the pump's resolution; refused where the pump cannot run a step."""
    stretches = _stretches(order)
    total_ml = sum((rate * (end - start) / 3600 for start, end, rate in stretches), Fraction(0))
    peak = max(rate for _, _, rate in stretches)
    strength = dosing.exact(order.concentration_mg_ml)
    return Plan(
        segments=tuple(PlanSegment(float(start), float(end), float(rate)) for start, end, rate in stretches),
        concentration_mg_ml=order.concentration_mg_ml,
        end_s=float(stretches[-1][1]),
        total_ml=float(total_ml),
        total_mg=float(total_ml * strength),
        peak_ml_h=float(peak),
        peak_mg_h=float(peak * strength),
        peak_mg_kg_h=float(dosing.rate_in(peak * strength, "mg/kg/h", order.dose_weight_kg)),
        syringe_changes_s=_changes(stretches, dosing.positive(order.container_ml, "container_ml")),
        capped=_is_capped(order),
    )


_Stretch = tuple[Fraction, Fraction, Fraction]


def _stretches(order: Order) -> list[_Stretch]:
    """(start_s, end_s, mL/h), neighbours of the same rate joined."""
    result: list[_Stretch] = []
    start = Fraction(0)
    if (
        sum((dosing.positive(step.minutes, "minutes") for step in order.steps), Fraction(0))
        > LONGEST_PLAN_MIN
    ):
        raise Refused("minutes", f"An infusion of more than {LONGEST_PLAN_MIN // 60} h cannot be planned.")
    for step in order.steps:
        for seconds, rate in _settings(order, step):
            if result and result[-1][2] == rate:
                result[-1] = (result[-1][0], start + seconds, rate)
            else:
                result.append((start, start + seconds, rate))
            start += seconds
    if not result:
        raise Refused("minutes", "The order has no step.")
    return result


def _settings(order: Order, step: OrderStep) -> list[tuple[Fraction, Fraction]]:
    """(seconds, mL/h) for each setting of the pump that this step needs."""
    seconds = dosing.positive(step.minutes, "minutes") * MINUTE_S
    first, last = dosing.exact(step.rate_from, "rate"), dosing.exact(step.rate_to, "rate")
    if first == last:
        return [(seconds, _pump_rate(order, first))]
    settings, done = [], Fraction(0)
    while done < seconds:
        length = min(Fraction(MINUTE_S), seconds - done)
        middle = first + (last - first) * (done + length / 2) / seconds
        settings.append((length, _pump_rate(order, middle)))
        done += length
    return settings


def _pump_rate(order: Order, rate: Fraction) -> Fraction:
    flow = dosing.ml_h(order.capped_mg_h(rate), order.concentration_mg_ml)
    settable = dosing.pump_rate(flow, order.pump_resolution_ml_h)
    if settable <= 0:
        step = dosing.shown(order.pump_resolution_ml_h, 3)
        raise Refused(
            "rate", f"{dosing.shown(flow, 3)} mL/h is less than the pump's smallest step, {step} mL/h."
        )
    return settable


def _changes(stretches: list[_Stretch], container_ml: Fraction) -> tuple[float, ...]:
    """When a container has run dry and the infusion is not over."""
    changes, flowed, dry_at = [], Fraction(0), container_ml
    for start, end, rate in stretches:
        volume = rate * (end - start) / 3600
        while flowed + volume > dry_at:
            changes.append(float(start + (dry_at - flowed) / rate * 3600))
            dry_at += container_ml
        flowed += volume
    return tuple(changes)


def _is_capped(order: Order) -> bool:
    rates = [rate for step in order.steps for rate in (step.rate_from, step.rate_to)]
    return any(order.capped_mg_h(rate) < order.mg_h(rate) for rate in rates)
