"""What stands against an order or a new rate: hard limits refuse, soft ones need a reason, slips ask back.

Limits include their value. Where protocol, order and drug each have a limit the lowest is in force. Nothing
is made to fit: what passes a limit is named with the field that must change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import msgspec

from app.clinical import dosing
from app.clinical.dosing import Number, Verdict, shown
from app.clinical.protocol import Order, Plan, Protocol, make_plan
from app.clinical.rows import Drug
from app.clinical.tables import Catalog
from app.refusals import Refused


class Finding(NamedTuple):
    """One thing that was found; `field` as the sheets name it, `reason` in words."""

    field: str
    reason: str


class OrderVerdict(msgspec.Struct, frozen=True):
    """Whether an order can be signed: not while anything is refused, with a reason where one is asked for.

    `ok` are the checks that passed, in words. `plan` is None while the order cannot be planned.
    """

    refused: tuple[Finding, ...]
    needs_reason: tuple[Finding, ...]
    ok: tuple[str, ...]
    plan: Plan | None


def check_order(order: Order, protocol: Protocol, catalog: Catalog) -> OrderVerdict:
    """Every check of an order against its protocol, its drug and the pump."""
    refused = [*_identity(order, protocol, catalog), *_ranges(order, protocol, catalog)]
    plan: Plan | None = None
    if not refused:
        try:
            plan = make_plan(order)
        except Refused as error:
            refused.append(Finding(error.field, error.reason))
    reasons: list[Finding] = []
    ok: list[str] = []
    if plan is not None:
        drug = catalog.drugs[order.drug]
        for verdict, finding in _limits(order, protocol, drug, plan, catalog):
            (refused if verdict is Verdict.HARD else reasons).append(finding)
        reasons += _slips(order, protocol, catalog)
        ok = list(_passed(order, plan, refused, reasons))
    return OrderVerdict(tuple(refused), tuple(reasons), tuple(ok), plan)


def _identity(order: Order, protocol: Protocol, catalog: Catalog) -> Iterator[Finding]:
    if order.protocol_id != protocol.id:
        yield Finding("protocol_id", "The order was written for another protocol. Begin it again.")
    if order.protocol_version != catalog.version:
        yield Finding("protocol_id", "The clinic's tables have changed since. Begin the order again.")
    if not protocol.runnable:
        yield Finding("protocol_id", f"{protocol.name} is a reference and cannot be run.")
    if order.drug != protocol.drug or order.drug not in catalog.drugs:
        yield Finding("drug", f"This protocol is for {protocol.drug}.")
    if protocol.rate_unit is not None and order.rate_unit != protocol.rate_unit:
        yield Finding("rate_unit", f"This protocol's rates are in {protocol.rate_unit}.")
    if order.weight_basis not in catalog.order_choices.weight_bases:
        yield Finding("weight_basis", f"{order.weight_basis} is not a weight to dose by.")


def _ranges(order: Order, protocol: Protocol, catalog: Catalog) -> Iterator[Finding]:
    """Numbers that no order may have, whatever the protocol."""
    minutes = sum(step.minutes for step in order.steps)
    for field, value, name in (
        ("dose_weight_kg", order.dose_weight_kg, "weight"),
        ("minutes", minutes, "infusion"),
        ("container_ml", order.container_ml, "container"),
        ("drug_in_container_mg", order.drug_in_container_mg, "drug-in-container"),
        ("recovery_min", order.recovery_min, "recovery"),
    ):
        row = catalog.entry_ranges[name]
        if not row.entry_lowest <= value <= row.entry_highest:
            lowest, highest = shown(row.entry_lowest), shown(row.entry_highest)
            yield Finding(field, f"{_number(value)} {row.unit} is outside {lowest} to {highest} {row.unit}.")
    for step in order.steps:
        if not (step.minutes > 0 and step.rate_from > 0 and step.rate_to > 0):
            yield Finding("rate", "Every step needs a time and a rate above 0.")
    if not 0 < order.max_rate < math.inf:
        yield Finding("max_rate", "The rate limit must be above 0.")
    if order.pump_resolution_ml_h != catalog.pump.resolution_ml_h:
        yield Finding("rate", f"The pump is set in steps of {shown(catalog.pump.resolution_ml_h, 3)} mL/h.")
    for field, limit in (("cap_mg_per_h", order.cap_mg_per_h), ("session_limit_mg", order.session_limit_mg)):
        if limit is not None and not 0 < limit < math.inf:
            yield Finding(field, "A limit must be above 0.")
    yield from _strength(order, catalog)
    if protocol.minimum_recovery_min is not None and order.recovery_min < protocol.minimum_recovery_min:
        yield Finding(
            "recovery_min", f"This protocol asks for at least {protocol.minimum_recovery_min:g} min."
        )


def _strength(order: Order, catalog: Catalog) -> Iterator[Finding]:
    """The concentration must be what drug and container make, and no stronger than a vial."""
    if not (order.container_ml > 0 and order.drug_in_container_mg > 0 and order.concentration_mg_ml > 0):
        yield Finding("concentration_mg_ml", "Container, drug and concentration must be above 0.")
        return
    made = dosing.concentration(order.drug_in_container_mg, order.container_ml)
    within = made * dosing.exact(catalog.number_entry.concentration_agrees_within_pct) / 100
    if abs(dosing.exact(order.concentration_mg_ml) - made) > within:
        drug, volume = shown(order.drug_in_container_mg), shown(order.container_ml)
        told = shown(order.concentration_mg_ml, 3)
        yield Finding(
            "concentration_mg_ml", f"{drug} mg in {volume} mL is {shown(made, 3)} mg/mL, not {told}."
        )
    strengths = catalog.drugs[order.drug].strengths_mg_per_ml if order.drug in catalog.drugs else ()
    if strengths and made > max(strengths):
        yield Finding("drug_in_container_mg", f"{shown(made)} mg/mL is stronger than any vial.")


def _number(value: float) -> str:
    return f"{value:g}"


Judged = tuple[Verdict, Finding]


def _limits(order: Order, protocol: Protocol, drug: Drug, plan: Plan, catalog: Catalog) -> Iterator[Judged]:
    yield from _against_protocol(order, protocol)
    yield from _against_own_limit(order)
    yield from _per_kg(order, drug)
    yield from _totals(order, drug, plan)
    lowest, highest = catalog.pump.lowest_ml_h, catalog.pump.highest_ml_h
    for part in plan.segments:
        if not lowest <= part.rate_ml_h <= highest:
            reason = f"{part.rate_ml_h:g} mL/h: this pump runs from {lowest:g} to {highest:g} mL/h."
            yield Verdict.HARD, Finding("rate", reason)
            return


def _against_protocol(order: Order, protocol: Protocol) -> Iterator[Judged]:
    unit = order.rate_unit
    if protocol.max_rate is not None and order.max_rate > protocol.max_rate:
        yield Verdict.HARD, Finding("max_rate", f"The protocol's limit is {protocol.max_rate:g} {unit}.")
    if protocol.cap_mg_per_h is not None and (
        order.cap_mg_per_h is None or order.cap_mg_per_h > protocol.cap_mg_per_h
    ):
        yield Verdict.HARD, Finding("cap_mg_per_h", f"The protocol's cap is {protocol.cap_mg_per_h:g} mg/h.")
    if protocol.cap_total_mg is not None and (
        order.session_limit_mg is None or order.session_limit_mg > protocol.cap_total_mg
    ):
        yield (
            Verdict.HARD,
            Finding("session_limit_mg", f"The protocol's limit is {protocol.cap_total_mg:g} mg."),
        )
    if protocol.min_rate is not None and any(
        min(step.rate_from, step.rate_to) < protocol.min_rate for step in order.steps
    ):
        yield Verdict.SOFT, Finding("rate", f"The protocol's rates begin at {protocol.min_rate:g} {unit}.")
    if protocol.min_rate is not None and order.max_rate < protocol.min_rate:
        yield (
            Verdict.SOFT,
            Finding("max_rate", f"The protocol's rates begin at {protocol.min_rate:g} {unit}."),
        )


def _against_own_limit(order: Order) -> Iterator[Judged]:
    peak = max(rate for step in order.steps for rate in (step.rate_from, step.rate_to))
    if peak > order.max_rate:
        reason = f"{peak:g} is above this order's rate limit, {order.max_rate:g} {order.rate_unit}."
        yield Verdict.HARD, Finding("rate", reason)


def _per_kg(order: Order, drug: Drug) -> Iterator[Judged]:
    """The planned peak and the highest rate that the order allows, against the drug's own limits."""
    soft, hard = drug.soft_rate_mg_per_kg_per_h, drug.hard_rate_mg_per_kg_per_h
    planned = max(order.capped_mg_h(rate) for step in order.steps for rate in (step.rate_from, step.rate_to))
    for field, what, mg_h in (
        ("rate", "The rate", planned),
        ("max_rate", "The rate limit", order.highest_mg_h()),
    ):
        value = dosing.rate_in(mg_h, "mg/kg/h", order.dose_weight_kg)
        verdict = dosing.against_limits(value, soft, hard)
        if verdict is not Verdict.OK:
            limit = hard if verdict is Verdict.HARD else soft
            word = "most that is allowed" if verdict is Verdict.HARD else "clinic's limit"
            reason = f"{what} is {shown(value, 3)} mg/kg/h, above the {word}, {limit:g}."
            yield verdict, Finding(field, reason)
        if drug.hard_rate_mg_per_h is not None and mg_h > dosing.exact(drug.hard_rate_mg_per_h):
            reason = (
                f"{what} is {shown(mg_h)} mg/h, above the most that is allowed, {drug.hard_rate_mg_per_h:g}."
            )
            yield Verdict.HARD, Finding(field, reason)


def _totals(order: Order, drug: Drug, plan: Plan) -> Iterator[Judged]:
    total = f"{shown(plan.total_mg, 1)} mg in all"
    if order.session_limit_mg is not None and plan.total_mg > order.session_limit_mg:
        reason = f"{total} is above the session limit, {order.session_limit_mg:g} mg."
        yield Verdict.HARD, Finding("session_limit_mg", reason)
    if drug.soft_session_total is not None and plan.total_mg > drug.soft_session_total:
        reason = f"{total} is above the clinic's {drug.soft_session_total:g} mg."
        yield Verdict.SOFT, Finding("session_limit_mg", reason)


def _slips(order: Order, protocol: Protocol, catalog: Catalog) -> Iterator[Finding]:
    """A rate or limit that is ten times or a tenth of what the protocol states."""
    within = catalog.number_entry.tenfold_check_within_pct
    typical = protocol.start_rate
    if typical is None:
        return
    typed = [("rate", rate) for step in order.steps for rate in (step.rate_from, step.rate_to)]
    asked: set[str] = set()
    for field, value in (*typed, ("max_rate", order.max_rate)):
        slip = dosing.decimal_slip(value, typical, within)
        if slip is not None and field not in asked:
            asked.add(field)
            reason = (
                f"{value:g} is {slip} the protocol's {typical:g} {order.rate_unit}. Did you mean {typical:g}?"
            )
            yield Finding(field, reason)


def _passed(order: Order, plan: Plan, refused: list[Finding], reasons: list[Finding]) -> Iterator[str]:
    if not refused and not reasons:
        yield "Within every limit of the clinic."
        yield "Tenfold and tenth check: passed."
    if plan.capped:
        effective = shown(dosing.rate_in(order.cap_mg_per_h or 0, "mg/kg/h", order.dose_weight_kg), 3)
        weight = f"{order.dose_weight_kg:g} kg"
        yield f"Held at the cap of {order.cap_mg_per_h:g} mg/h: {effective} mg/kg/h at {weight}."


# ---------------------------------------------------------------- the rate sheet


class Rates(msgspec.Struct, frozen=True):
    """One rate in all units and the total at the end; `total_mg` None while the given dose is unknown."""

    ml_h: float
    mg_h: float
    mg_kg_h: float
    mcg_kg_min: float
    total_mg: float | None


class LimitUse(msgspec.Struct, frozen=True):
    """How much of a limit a rate uses: "Rate limit 0.6 mg/kg/h", 95 %."""

    label: str
    percent: float
    verdict: Verdict


class RateVerdict(msgspec.Struct, frozen=True):
    """What a new rate means. `limits` nearest first; `question` asks about a slip; the end does not move.

    `off_plan_pct` is against what the plan has now; None where the plan has nothing.
    """

    now: Rates
    new: Rates
    limits: tuple[LimitUse, ...]
    refused: tuple[str, ...]
    needs_reason: tuple[str, ...]
    question: str | None
    off_plan_pct: float | None
    ends_in_s: float


def check_rate(
    order: Order,
    plan: Plan,
    new_rate_ml_h: Number,
    catalog: Catalog,
    *,
    now_s: float,
    expected_ml_h: float,
    given_mg: float | None,
) -> RateVerdict:
    """A new flow from now to the planned end: all units, every limit, the tenfold question.

    `now_s` is the second of the plan, `expected_ml_h` what is ordered now, `given_mg` what was given so far.
    """
    left_s = max(0.0, plan.end_s - now_s)
    planned = plan.rate_ml_h_at(now_s)
    rest_mg = plan.total_mg - plan.mg_at(now_s)
    if dosing.exact(expected_ml_h) != dosing.exact(planned):
        rest_mg = float(_rest_mg(order, expected_ml_h, left_s))
    now = _rates(order, expected_ml_h, None if given_mg is None else given_mg + rest_mg)
    new_rest_mg = float(_rest_mg(order, new_rate_ml_h, left_s))
    new = _rates(order, new_rate_ml_h, None if given_mg is None else given_mg + new_rest_mg)
    judged = tuple(_rate_limits(order, catalog.drugs[order.drug], new_rate_ml_h, new.total_mg))
    passed = [reason for use, reason in judged if use.verdict is Verdict.HARD]
    reasons = [reason for use, reason in judged if use.verdict is Verdict.SOFT]
    if order.session_limit_mg is not None and given_mg is None:
        reasons.append("What was given is not known: the session limit cannot be checked.")
    change = dosing.percent_change(new_rate_ml_h, planned)
    return RateVerdict(
        now=now,
        new=new,
        limits=tuple(sorted((use for use, _ in judged), key=lambda use: -use.percent)),
        refused=(*_unsettable(new_rate_ml_h, catalog), *passed),
        needs_reason=tuple(reasons),
        question=_question(new_rate_ml_h, expected_ml_h, catalog),
        off_plan_pct=None if change is None else float(change),
        ends_in_s=left_s,
    )


def _rest_mg(order: Order, rate_ml_h: Number, left_s: float) -> Fraction:
    return dosing.mg_h_of_flow(rate_ml_h, order.concentration_mg_ml) * dosing.exact(left_s) / 3600


def _rates(order: Order, rate_ml_h: Number, total_mg: float | None) -> Rates:
    mg_h = dosing.mg_h_of_flow(rate_ml_h, order.concentration_mg_ml)
    per_kg = dosing.rate_in(mg_h, "mg/kg/h", order.dose_weight_kg)
    per_min = dosing.rate_in(mg_h, "mcg/kg/min", order.dose_weight_kg)
    return Rates(float(dosing.exact(rate_ml_h)), float(mg_h), float(per_kg), float(per_min), total_mg)


def _rate_limits(
    order: Order, drug: Drug, rate_ml_h: Number, total_mg: float | None
) -> Iterator[tuple[LimitUse, str]]:
    """Each limit with its use; the words count only where the verdict is not OK."""
    mg_h = dosing.mg_h_of_flow(rate_ml_h, order.concentration_mg_ml)
    unit, weight = order.rate_unit, order.dose_weight_kg
    own = f"Rate limit {order.max_rate:g} {unit}"
    yield _use(own, dosing.rate_in(mg_h, unit, weight), order.max_rate, Verdict.HARD, unit)
    if order.cap_mg_per_h is not None:
        yield _use(f"Cap {order.cap_mg_per_h:g} mg/h", mg_h, order.cap_mg_per_h, Verdict.HARD, "mg/h")
    per_kg = dosing.rate_in(mg_h, "mg/kg/h", weight)
    for word, limit, kind in (
        ("Clinic limit", drug.soft_rate_mg_per_kg_per_h, Verdict.SOFT),
        ("Most allowed", drug.hard_rate_mg_per_kg_per_h, Verdict.HARD),
    ):
        if limit is not None:
            yield _use(f"{word} {limit:g} mg/kg/h", per_kg, limit, kind, "mg/kg/h")
    if drug.hard_rate_mg_per_h is not None:
        limit = drug.hard_rate_mg_per_h
        yield _use(f"Most allowed {limit:g} mg/h", mg_h, limit, Verdict.HARD, "mg/h")
    if order.session_limit_mg is not None and total_mg is not None:
        label = f"Session limit {order.session_limit_mg:g} mg"
        yield _use(label, total_mg, order.session_limit_mg, Verdict.HARD, "mg")


def _use(label: str, value: Number, limit: float, kind: Verdict, unit: str) -> tuple[LimitUse, str]:
    amount = dosing.exact(value)
    verdict = kind if amount > dosing.exact(limit) else Verdict.OK
    percent = float(100 * amount / dosing.positive(limit, "max_rate"))
    words = f"{shown(amount)} {unit} is above the {label[0].lower()}{label[1:]}."
    return LimitUse(label, percent, verdict), words


def _unsettable(rate_ml_h: Number, catalog: Catalog) -> Iterator[str]:
    pump = catalog.pump
    rate = dosing.exact(rate_ml_h, "rate_ml_h")
    if rate <= 0:
        yield "A rate must be above 0. To stop the flow use Pause or End."
    elif not dosing.exact(pump.lowest_ml_h) <= rate <= dosing.exact(pump.highest_ml_h):
        yield f"This pump runs from {pump.lowest_ml_h:g} to {pump.highest_ml_h:g} mL/h."
    elif not dosing.is_settable(rate, pump.resolution_ml_h):
        yield f"The pump is set in steps of {pump.resolution_ml_h:g} mL/h."


def _question(rate_ml_h: Number, ordered_ml_h: float, catalog: Catalog) -> str | None:
    slip = dosing.decimal_slip(rate_ml_h, ordered_ml_h, catalog.number_entry.tenfold_check_within_pct)
    if slip is None:
        return None
    return f"{shown(rate_ml_h)} mL/h is {slip} the ordered {ordered_ml_h:g}. Did you mean {ordered_ml_h:g}?"
