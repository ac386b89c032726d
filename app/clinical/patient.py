"""Who the patient is: checks for forms while typing, and the same checks again in the engine.

Each function answers with the value as it is kept, or raises Refused with the field and what to do. What is
possible but unlikely (pounds typed as kilograms, a child) is not refused but asked: CheckedPatient.question.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec

from app.clinical.dosing import bmi, exact, kg_from_lb, percent_change, rounded, shown
from app.clinical.tables import Catalog
from app.refusals import Refused

SEXES = {"female": "F", "male": "M", "other": "X"}
"""The sexes that can be recorded, and how the header writes them."""


class PatientForm(Protocol):
    """What a form or message about a patient holds; None is what nobody has filled."""

    @property
    def mrn(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def birth_date(self) -> date | None: ...
    @property
    def sex(self) -> str: ...
    @property
    def weight_kg(self) -> float | None: ...
    @property
    def allergies(self) -> tuple[str, ...]: ...
    @property
    def none_known(self) -> bool: ...
    @property
    def height_cm(self) -> float | None: ...


class CheckedPatient(msgspec.Struct, frozen=True):
    """A patient that can be recorded. `question` is to be answered first, "" when there is none."""

    mrn: str
    name: str
    birth_date: date
    sex: str
    weight_kg: float
    allergies: tuple[str, ...]
    none_known: bool
    height_cm: float | None
    question: str = ""
    question_field: str = ""


def check_patient(
    form: PatientForm, catalog: Catalog, today: date, last_weight_kg: float | None = None
) -> CheckedPatient:
    """The form as it will be recorded; raises Refused at the first field that cannot be."""
    name = check_name(form.name, catalog)
    mrn = check_mrn(form.mrn, catalog)
    born = check_birth_date(form.birth_date, catalog, today)
    sex = check_sex(form.sex)
    weight_kg = check_weight(form.weight_kg, catalog)
    height_cm = check_height(form.height_cm, catalog)
    allergies = check_allergies(form.allergies, form.none_known, catalog)
    asked = {
        "weight_kg": weight_question(weight_kg, catalog, height_cm, last_weight_kg),
        "birth_date": age_question(born, catalog, today),
    }
    open_questions = {field: text for field, text in asked.items() if text is not None}
    return CheckedPatient(
        mrn,
        name,
        born,
        sex,
        weight_kg,
        allergies,
        form.none_known,
        height_cm,
        question=" ".join(open_questions.values()),
        question_field=next(iter(open_questions), ""),
    )


def check_name(name: str, catalog: Catalog) -> str:
    """The name without spaces around it."""
    return _text(
        name, "name", catalog.text_entry.name_longest, "Enter the patient's name.", needs_letter=True
    )


def check_mrn(mrn: str, catalog: Catalog) -> str:
    """The record number without spaces around it."""
    return _text(mrn, "mrn", catalog.text_entry.mrn_longest, "Enter the record number (MRN).")


def _text(text: str, field: str, longest: int, empty: str, *, needs_letter: bool = False) -> str:
    kept = text.strip()
    if not kept:
        raise Refused(field, empty)
    if len(kept) > longest:
        raise Refused(field, f"It has {len(kept)} letters, {longest} fit.")
    if not kept.isprintable():
        raise Refused(field, "It holds a sign that cannot be printed.")
    if needs_letter and not any(sign.isalpha() for sign in kept):
        raise Refused(field, "A name has letters.")
    return kept


def parse_birth_date(text: str) -> date:
    """A typed date, year-month-day."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused("birth_date", "Enter the birth date as year-month-day, 1964-03-09.") from error


def check_birth_date(born: date | None, catalog: Catalog, today: date) -> date:
    """A birth date that a living person can have."""
    if born is None:
        raise Refused("birth_date", "Enter the birth date.")
    if born > today:
        raise Refused("birth_date", f"{born.isoformat()} is in the future.")
    oldest = catalog.entry_ranges["age"].entry_highest
    if age_years(born, today) > oldest:
        raise Refused("birth_date", f"{born.isoformat()} is more than {oldest:g} years ago.")
    return born


def age_years(born: date, day: date) -> int:
    """Age in whole years on this day; someone born on 29 February grows older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def age_question(born: date, catalog: Catalog, today: date) -> str | None:
    """What to ask about this age; None when it is usual here."""
    adult = catalog.entry_ranges["age"].confirm_below
    age = age_years(born, today)
    if adult is None or age >= adult:
        return None
    return f"{age} years old: the tables are for adults. Is the birth date right?"


def check_sex(sex: str) -> str:
    """One of SEXES."""
    if sex not in SEXES:
        raise Refused("sex", "Choose the sex.")
    return sex


def check_weight(weight_kg: float | None, catalog: Catalog) -> float:
    """A weight within the table's range; a refusal says what it would be if it were pounds."""
    if weight_kg is None:
        raise Refused("weight_kg", "Enter the weight in kilograms.")
    row = catalog.entry_ranges["weight"]
    weight = exact(weight_kg, "weight_kg")
    if weight <= 0:
        raise Refused("weight_kg", "The weight must be more than 0 kg.")
    if not exact(row.entry_lowest) <= weight <= exact(row.entry_highest):
        reason = (
            f"{shown(weight)} kg is outside {row.entry_lowest:g} to {row.entry_highest:g} kg. Weigh again."
        )
        in_kg = kg_from_lb(weight)
        if weight > exact(row.entry_highest) and in_kg <= exact(row.entry_highest):
            reason += f" If these are pounds, it is {shown(in_kg, 1)} kg."
        raise Refused("weight_kg", reason)
    if rounded(weight, row.decimals) != weight:
        raise Refused("weight_kg", f"Type at most {row.decimals} digit after the point.")
    return float(weight_kg)


def check_height(height_cm: float | None, catalog: Catalog) -> float | None:
    """A height within the table's range; None when it was not measured."""
    if height_cm is None:
        return None
    row = catalog.entry_ranges["height"]
    if not exact(row.entry_lowest) <= exact(height_cm, "height_cm") <= exact(row.entry_highest):
        reason = f"{shown(height_cm)} cm is outside {row.entry_lowest:g} to {row.entry_highest:g} cm."
        raise Refused("height_cm", reason)
    return float(height_cm)


def weight_question(
    weight_kg: float, catalog: Catalog, height_cm: float | None = None, last_weight_kg: float | None = None
) -> str | None:
    """What to ask about this weight, with what it would be in pounds; None when it is a likely one."""
    why = _why_unlikely(weight_kg, catalog, height_cm, last_weight_kg)
    if why is None:
        return None
    in_kg = shown(kg_from_lb(weight_kg), 1)
    return f"{shown(weight_kg)} kg: {why}. If these are pounds, it is {in_kg} kg. Is it kg?"


def _why_unlikely(
    weight_kg: float, catalog: Catalog, height_cm: float | None, last_weight_kg: float | None
) -> str | None:
    row, usual = catalog.entry_ranges["weight"], catalog.entry_ranges["weight-question"].confirm_above
    if last_weight_kg is not None and row.confirm_change_pct is not None:
        change = percent_change(weight_kg, last_weight_kg)
        if change is not None and abs(change) > exact(row.confirm_change_pct):
            return f"at the last visit it was {shown(last_weight_kg)} kg"
    if height_cm is not None and row.confirm_bmi_above is not None:
        index = bmi(weight_kg, height_cm)
        if index > exact(row.confirm_bmi_above):
            return f"at {shown(height_cm)} cm that is a BMI of {shown(index, 0)}"
    if usual is not None and exact(weight_kg) > exact(usual):
        return f"that is above {usual:g} kg"
    return None


def check_allergies(allergies: tuple[str, ...], none_known: bool, catalog: Catalog) -> tuple[str, ...]:
    """The allergies as recorded: picked ids or free text; or none known, never both and never neither."""
    if none_known and allergies:
        raise Refused("allergies", 'Allergies are picked and "none known" too. Choose one.')
    if not none_known and not allergies:
        raise Refused("allergies", 'Pick the allergies, or "none known".')
    kept = tuple(
        _text(one, "allergies", catalog.text_entry.name_longest, "An allergy has no name.")
        for one in allergies
    )
    if len(set(kept)) < len(kept):
        raise Refused("allergies", "An allergy is there twice.")
    return kept
