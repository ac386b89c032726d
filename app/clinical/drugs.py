"""The rescue guard: what stands against a dose, and a drug's sheet for this patient now.

A plan above a hard limit is refused; what was given is always written down, above one with a reason and a
second name. For an emergency drug the same findings are shown and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from fractions import Fraction
from typing import Protocol

import msgspec

from app.clinical.dosing import exact
from app.clinical.patient import age_years
from app.clinical.rows import Drug, SpecialLimits
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.entries import DrugGiven, Entry, PatientIdentified, ScoreTaken
from app.frames import DoseChoice, DrugCheck, DrugSheet
from app.instant import Instant
from app.messages import GiveDrug
from app.refusals import Refused

DOSES = ("dose", "fluid")
"""Kinds of drug that are given as single doses."""

BREATHING = (Vital.SPO2, Vital.RESP_RATE, Vital.ETCO2)
SEDATION = "moaas"
"""The score of drugs.toml's `sedating`: MOAA/S."""


class Told(Protocol):
    """What the guard needs of a session: who lies there, and what stands of what was written."""

    patient: PatientIdentified | None

    def standing(self, *kinds: type) -> list[Entry]: ...


class Findings(msgspec.Struct, frozen=True):
    """What stands against a dose. `hard` asks for a reason and a second name, `soft` for a reason."""

    hard: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()


class Limits(msgspec.Struct, frozen=True):
    """The limits in force for this patient, and why they differ from the usual ("61 y"). None: none given."""

    hard_single: float | None
    hard_why: str
    session_total: float | None
    total_why: str


class Dose(msgspec.Struct, frozen=True):
    """A dose that was given before: when (its end) and how much."""

    at: Instant
    dose: float


# ---------------------------------------------------------------- the check


def check_given(
    catalog: Catalog,
    session: Told,
    act: GiveDrug,
    now: Instant,
    *,
    author: tuple[str, ...] = (),
    zone: tzinfo = UTC,
) -> None:
    """Raise Refused where a given dose cannot be written down as it stands.

    `author` are the names by which the writer is known: the second person is somebody else.
    """
    drug = _known(catalog, act)
    at = now.plus(-60.0 * act.back_min)
    found = findings(catalog, session, drug, act.dose, act.route, at, zone)
    if drug.emergency:
        return
    if (found.hard or found.soft) and not act.reason.strip():
        asked = (*found.hard, *found.soft)
        raise Refused("reason", f"{asked[0]} Give the reason.")
    if found.hard:
        _check_second(act.second, author, found.hard[0])


def _known(catalog: Catalog, act: GiveDrug) -> Drug:
    drug = catalog.drugs.get(act.drug)
    if drug is None:
        raise Refused("drug", f"There is no drug {act.drug!r} in the table.")
    if drug.kind not in DOSES:
        raise Refused("drug", f"{drug.name} is not given as a single dose: record it at its rate.")
    if act.unit != drug.unit:
        raise Refused("unit", f"{drug.name} is recorded in {drug.unit}, not in {act.unit or 'no unit'}.")
    if act.route not in drug.routes:
        offered = ", ".join(drug.routes)
        raise Refused("route", f"{drug.name} is given {offered}, not {act.route or 'by no route'}.")
    if not act.dose > 0:
        raise Refused("dose", "The dose is above 0.")
    exact(act.dose, "dose")
    return drug


def _check_second(second: str, author: tuple[str, ...], why: str) -> None:
    named = second.strip().casefold()
    if not named:
        raise Refused("second", f"{why} Name the second person.")
    if named in {name.strip().casefold() for name in author}:
        raise Refused("second", "The second person is somebody else.")


def findings(
    catalog: Catalog, session: Told, drug: Drug, dose: float, route: str, at: Instant, zone: tzinfo = UTC
) -> Findings:
    """Everything that stands against this dose at this time, in words; limits themselves are allowed."""
    patient = session.patient
    limits = limits_for(catalog, drug, patient, route, at, zone)
    hard = []
    allergy = catalog.allergy_against(drug.id, patient.allergies) if patient is not None else None
    if allergy is not None:
        known = catalog.allergies.get(allergy)
        hard.append(f"Allergy recorded: {known.name if known else allergy}.")
    if limits.hard_single is not None and exact(dose) > exact(limits.hard_single):
        limit = _limit(limits.hard_single, drug.unit, limits.hard_why)
        hard.append(f"{dose:g} {drug.unit} is above the {limit}.")
    return Findings(tuple(hard), tuple(_soft(catalog, session, drug, dose, limits, at, zone)))


def _soft(
    catalog: Catalog, session: Told, drug: Drug, dose: float, limits: Limits, at: Instant, zone: tzinfo
) -> Iterator[str]:
    total = _total(session, drug.id) + exact(dose)
    if limits.session_total is not None and total > exact(limits.session_total):
        limit = _limit(limits.session_total, drug.unit, limits.total_why)
        yield f"{float(total):g} {drug.unit} in this session is above the {limit}."
    nearest, interval = _nearest(session, drug.id, at), drug.interval_at_least_min
    if nearest is not None and interval is not None and too_early(abs(at.since(nearest.at)), interval):
        yield f"{drug.name} was given at {_clock(nearest.at, zone)}: wait {_wait(interval)}."
    share = group_share(catalog, session, drug, dose, at, zone)
    if share is not None and share > exact(catalog.sum_rules[drug.sum_group or ""].soft_limit):
        yield f"All {drug.sum_group} doses together are {_percent(share)} of a session's total."


def too_early(gap_s: float, interval_min: float | None) -> bool:
    """True when less than the interval has passed; exactly the interval is allowed, no interval always."""
    return interval_min is not None and exact(gap_s) < exact(interval_min) * 60


def limits_for(
    catalog: Catalog,
    drug: Drug,
    patient: PatientIdentified | None,
    route: str,
    at: Instant,
    zone: tzinfo = UTC,
) -> Limits:
    """The drug's limits for this patient on this day: the lower one wherever two apply."""
    age = age_years(patient.birth_date, at.utc.astimezone(zone).date()) if patient is not None else None
    total, total_why = drug.soft_session_total, ""
    hard, hard_why = drug.hard_single, ""
    if age is not None and age >= catalog.special_limits.lower_from_years:
        if drug.age60_soft_session_total is not None:
            total, total_why = drug.age60_soft_session_total, f"{age} y"
        if drug.age60_hard_single is not None:
            hard, hard_why = drug.age60_hard_single, f"{age} y"
    for limit, why in _special(catalog.special_limits, drug, patient, age, route):
        if hard is None or exact(limit) < exact(hard):
            hard, hard_why = limit, why
    return Limits(hard, hard_why, total, total_why)


def _special(
    rule: SpecialLimits, drug: Drug, patient: PatientIdentified | None, age: int | None, route: str
) -> Iterator[tuple[float, str]]:
    """Single limits that hang on weight, and what of the patient made them apply."""
    if patient is None or age is None:
        return
    light = patient.weight_kg < rule.light_below_kg
    if drug.hard_single_age65_or_below_50_kg is not None and (light or age >= rule.lowest_from_years):
        yield drug.hard_single_age65_or_below_50_kg, f"{patient.weight_kg:g} kg" if light else f"{age} y"
    per_kg = drug.hard_single_iv_below_50_kg_mg_per_kg
    if per_kg is not None and light and route == "IV":
        yield float(exact(per_kg) * exact(patient.weight_kg)), f"{patient.weight_kg:g} kg"


def group_share(
    catalog: Catalog, session: Told, drug: Drug, dose: float, at: Instant, zone: tzinfo = UTC
) -> Fraction | None:
    """The group's doses with this one as a share of each drug's own session total; None outside a group.

    None as well while only this drug of the group was given: its own total says the same.
    """
    if drug.sum_group is None or drug.sum_group not in catalog.sum_rules:
        return None
    share, others = Fraction(0), False
    for member in catalog.drugs.values():
        if member.sum_group != drug.sum_group:
            continue
        total = limits_for(catalog, member, session.patient, "", at, zone).session_total
        given = _total(session, member.id) + (exact(dose) if member.id == drug.id else 0)
        if total is None or given == 0:
            continue
        share += given / exact(total)
        others = others or member.id != drug.id
    return share if others else None


# ---------------------------------------------------------------- what was given before


def doses_of(session: Told, drug: str) -> list[Dose]:
    """The doses of this ingredient that stand, by the time they were given (a recorded time is an end)."""
    return [
        Dose(entry.at, entry.body.dose)
        for entry in session.standing(DrugGiven)
        if isinstance(entry.body, DrugGiven) and entry.body.drug == drug
    ]


def _total(session: Told, drug: str) -> Fraction:
    return sum((exact(given.dose) for given in doses_of(session, drug)), Fraction(0))


def _nearest(session: Told, drug: str, at: Instant) -> Dose | None:
    """The dose of the ingredient that is nearest: the last one, or a later one when this is back-dated."""
    return min(doses_of(session, drug), key=lambda given: abs(at.since(given.at)), default=None)


# ---------------------------------------------------------------- the sheet


def drug_sheet(
    catalog: Catalog,
    session: Told,
    drug_id: str,
    now: Instant,
    vitals: Mapping[Vital, float | None],
    zone: tzinfo = UTC,
) -> DrugSheet:
    """The drug's sheet for this patient now; a line is there only when its data is."""
    drug = catalog.drugs[drug_id]
    route = drug.routes[0]
    limits = limits_for(catalog, drug, session.patient, route, now, zone)
    allergies = session.patient.allergies if session.patient is not None else ()
    allergy = catalog.allergy_against(drug_id, allergies)
    standing = _standing_checks(catalog, session, drug, now, vitals, zone)
    allergen = catalog.allergies[allergy].name if allergy in catalog.allergies else allergy
    against = () if allergen is None else (DrugCheck("Allergy", allergen, "recorded", False),)
    return DrugSheet(
        drug=drug.id,
        name=drug.name,
        label_class=drug.label_class,
        facts=_facts(drug, route),
        route=route,
        unit=drug.unit,
        give_over=_give_over(drug),
        routes=drug.routes,
        cautions=catalog.notes.get(f"drug/{drug.id}/cautions", ""),
        emergency=drug.emergency,
        doses=tuple(_choices(catalog, session, drug, limits, now, zone)),
        checks=(*_dose_checks(catalog, session, drug, limits, None, now, zone), *against, *standing),
        hard_single=limits.hard_single,
        needs_reason="" if drug.emergency else _reason_now(catalog, session, drug, route, now, zone),
        barred=f"allergy: {allergen}" if allergen is not None else "",
    )


def _facts(drug: Drug, route: str) -> str:
    facts = [route]
    if drug.schedule != "none":
        facts.append(drug.schedule)
    if drug.strengths_mg_per_ml:
        facts.append(f"{' or '.join(f'{s:g}' for s in drug.strengths_mg_per_ml)} mg/mL")
    return ", ".join(facts)


def _give_over(drug: Drug) -> str:
    return _wait(drug.give_over_min) if drug.give_over_min is not None else ""


def _reason_now(catalog: Catalog, session: Told, drug: Drug, route: str, now: Instant, zone: tzinfo) -> str:
    """Why even the smallest dose on offer asks for a reason now; "" when it does not."""
    smallest = min(_offered(drug), default=None)
    if smallest is None:
        return ""
    found = findings(catalog, session, drug, smallest, route, now, zone)
    return next(iter((*found.hard, *found.soft)), "")


def _offered(drug: Drug) -> tuple[float, ...]:
    return drug.dose_steps or drug.usual_dose_range or ()


def _choices(
    catalog: Catalog, session: Told, drug: Drug, limits: Limits, now: Instant, zone: tzinfo
) -> Iterator[DoseChoice]:
    given = doses_of(session, drug.id)
    last = given[-1] if given else None
    low, high = drug.usual_dose_range or (None, None)
    for dose in _offered(drug):
        over = limits.hard_single is not None and exact(dose) > exact(limits.hard_single)
        found = findings(catalog, session, drug, dose, drug.routes[0], now, zone)
        asked = "" if drug.emergency else next(iter((*found.hard, *found.soft)), "")
        detail = ""
        if last is not None and dose == last.dose:
            detail = f"same as {_clock(last.at, zone)}"
        elif limits.hard_why and dose == limits.hard_single:
            detail = f"limit at {limits.hard_why}"
        yield DoseChoice(
            dose=dose,
            text=f"{dose:g} {drug.unit}",
            detail=detail,
            barred="over the limit" if over and not drug.emergency else "",
            usual=low is not None and high is not None and low <= dose <= high,
            checks=tuple(_dose_checks(catalog, session, drug, limits, dose, now, zone)),
            needs_reason=asked,
        )


def _dose_checks(
    catalog: Catalog,
    session: Told,
    drug: Drug,
    limits: Limits,
    dose: float | None,
    now: Instant,
    zone: tzinfo,
) -> Iterator[DrugCheck]:
    """The lines that a chosen dose changes; `dose` None before one is chosen."""
    if dose is not None:
        single = limits.hard_single
        fits = single is None or exact(dose) <= exact(single)
        limit = "" if single is None else _limit(single, drug.unit, limits.hard_why)
        yield DrugCheck("This dose", f"{dose:g} {drug.unit}", limit, fits)
    given = _total(session, drug.id)
    total = limits.session_total
    then = given + (exact(dose) if dose is not None else 0)
    if total is not None or given:
        before = f"{float(given):g} {drug.unit}"
        words = before if dose is None else f"{before}, then {float(then):g} {drug.unit}"
        limit = "" if total is None else _limit(total, drug.unit, limits.total_why)
        yield DrugCheck("This session", words, limit, total is None or then <= exact(total))
    share = group_share(catalog, session, drug, dose or 0.0, now, zone)
    if share is not None:
        soft = exact(catalog.sum_rules[drug.sum_group or ""].soft_limit)
        value = f"{_percent(share)} of a session’s total"
        yield DrugCheck(f"All {drug.sum_group}s", value, f"limit {_percent(soft)}", share <= soft)


def _standing_checks(
    catalog: Catalog,
    session: Told,
    drug: Drug,
    now: Instant,
    vitals: Mapping[Vital, float | None],
    zone: tzinfo,
) -> Iterator[DrugCheck]:
    """The lines that no dose changes: the last one, breathing, sedation, pressure and pulse."""
    given = doses_of(session, drug.id)
    if given:
        gap_s = now.since(given[-1].at)
        wait = "" if drug.interval_at_least_min is None else f"wait {_wait(drug.interval_at_least_min)}"
        value = f"{_minutes(gap_s)}, given {_clock(given[-1].at, zone)}"
        yield DrugCheck("Since the last", value, wait, not too_early(gap_s, drug.interval_at_least_min))
    if drug.sedating:
        yield from _breathing(catalog, vitals)
        yield from _sedation(catalog, session, now, zone)
    held = {Vital.NIBP_SYS: drug.hold_if_nibp_sys_below, Vital.HEART_RATE: drug.hold_if_heart_rate_below}
    for vital, lowest in held.items():
        if lowest is not None and (value_now := vitals.get(vital)) is not None:
            spec = VITALS[vital]
            text = f"{spec.text(value_now)} {spec.unit}"
            yield DrugCheck(spec.label, text, f"hold below {lowest:g}", value_now >= lowest)


def _breathing(catalog: Catalog, vitals: Mapping[Vital, float | None]) -> Iterator[DrugCheck]:
    live = {vital: value for vital in BREATHING if (value := vitals.get(vital)) is not None}
    if not live:
        return
    words = ", ".join(_sign(vital, value) for vital, value in live.items())
    lowest = catalog.alarm_limits[Vital.RESP_RATE].medium_below
    yield DrugCheck(
        "Breathing now", words, f"RR {lowest:g} or more", all(_inside(catalog, v, x) for v, x in live.items())
    )


def _sign(vital: Vital, value: float) -> str:
    spec = VITALS[vital]
    return f"{spec.label} {spec.text(value)}{' %' if spec.unit == '%' else ''}"


def _inside(catalog: Catalog, vital: Vital, value: float) -> bool:
    limits = catalog.alarm_limits[vital]
    low = value < limits.medium_below
    high = limits.medium_from is not None and value >= limits.medium_from
    return not low and not high


def _sedation(catalog: Catalog, session: Told, now: Instant, zone: tzinfo) -> Iterator[DrugCheck]:
    score = catalog.scores.get(SEDATION)
    taken = [
        e for e in session.standing(ScoreTaken) if isinstance(e.body, ScoreTaken) and e.body.score == SEDATION
    ]
    if score is None or score.total_range is None or not taken:
        return
    last, body = taken[-1], taken[-1].body
    if not isinstance(body, ScoreTaken) or body.total is None:
        return
    late = score.due_every_min is not None and now.since(last.at) > score.due_every_min * 60
    value = f"{body.total} of {score.total_range[1]} at {_clock(last.at, zone)}"
    awake = score.moderate_sedation_range is None or body.total > score.moderate_sedation_range[1]
    yield DrugCheck("Sedation", value, "score is due now" if late else "", awake and not late)


# ---------------------------------------------------------------- words


def _limit(value: float, unit: str, why: str) -> str:
    return f"limit {value:g} {unit}" + (f" ({why})" if why else "")


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.0f} %"


def _clock(at: Instant, zone: tzinfo) -> str:
    return at.utc.astimezone(zone).strftime("%H:%M")


def _minutes(seconds: float) -> str:
    """36 min; whole minutes that have passed, seconds below one."""
    return f"{int(seconds // 60)} min" if seconds >= 60 else f"{int(seconds)} s"


def _wait(minutes: float) -> str:
    return f"{minutes:g} min" if minutes >= 1 else f"{minutes * 60:g} s"
