"""Who the patient is: what is refused, what is asked."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from app.catalog import load
from app.clinical import patient
from app.refusals import Refused

CATALOG = load()
TODAY = date(2026, 3, 1)


class Form(msgspec.Struct, frozen=True):
    mrn: str = "00417"
    name: str = "Rosa Martin"
    birth_date: date | None = date(1964, 9, 3)
    sex: str = "female"
    weight_kg: float | None = 70.0
    allergies: tuple[str, ...] = ("ondansetron",)
    none_known: bool = False
    height_cm: float | None = None


def checked(**changes: object) -> patient.CheckedPatient:
    return patient.check_patient(msgspec.structs.replace(Form(), **changes), CATALOG, TODAY)


def refusal(**changes: object) -> Refused:
    with pytest.raises(Refused) as caught:
        checked(**changes)
    return caught.value


def test_a_whole_form_is_taken_as_it_is() -> None:
    found = checked(name="  Rosa Martin ", mrn=" 00417")
    assert (found.name, found.mrn, found.weight_kg, found.question) == ("Rosa Martin", "00417", 70.0, "")


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"name": "  "}, "name", "Enter the patient's name"),
        ({"name": "12"}, "name", "letters"),
        ({"name": "R" * 81}, "name", "80 fit"),
        ({"name": "Rosa\nMartin"}, "name", "cannot be printed"),
        ({"mrn": ""}, "mrn", "record number"),
        ({"mrn": "1" * 21}, "mrn", "20 fit"),
        ({"birth_date": None}, "birth_date", "Enter the birth date"),
        ({"birth_date": date(2026, 3, 2)}, "birth_date", "future"),
        ({"birth_date": date(1905, 2, 28)}, "birth_date", "120 years"),
        ({"sex": ""}, "sex", "Choose"),
        ({"weight_kg": None}, "weight_kg", "kilograms"),
        ({"weight_kg": 0.0}, "weight_kg", "more than 0"),
        ({"weight_kg": -5.0}, "weight_kg", "more than 0"),
        ({"weight_kg": 700.0}, "weight_kg", "700 kg is outside 30 to 300"),
        ({"weight_kg": 5.0}, "weight_kg", "outside"),
        ({"weight_kg": float("nan")}, "weight_kg", "not a number"),
        ({"weight_kg": 70.55}, "weight_kg", "at most 1 digit"),
        ({"height_cm": 17.0}, "height_cm", "outside 120 to 230"),
        ({"none_known": True}, "allergies", "Choose one"),
        ({"allergies": ()}, "allergies", "none known"),
        ({"allergies": ("latex", "latex")}, "allergies", "twice"),
        ({"allergies": (" ",)}, "allergies", "no name"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    changes: dict[str, object], field: str, reason: str
) -> None:
    error = refusal(**changes)
    assert error.field == field
    assert reason in error.reason


def test_no_known_allergy_is_an_answer() -> None:
    assert checked(allergies=(), none_known=True).none_known


def test_the_bounds_of_the_weight_are_allowed() -> None:
    assert checked(weight_kg=30.0).weight_kg == 30.0
    assert checked(weight_kg=300.0).weight_kg == 300.0


def test_a_refused_weight_tells_what_it_would_be_in_pounds() -> None:
    assert "If these are pounds, it is 154.2 kg." in refusal(weight_kg=340.0).reason
    assert "pounds" not in refusal(weight_kg=700.0).reason


def test_154_kg_without_a_height_could_be_pounds() -> None:
    found = checked(weight_kg=154.0)
    assert found.question == "154 kg: that is above 130 kg. If these are pounds, it is 69.9 kg. Is it kg?"
    assert found.question_field == "weight_kg"


def test_a_height_tells_that_a_weight_is_unlikely() -> None:
    assert "BMI of 51" in checked(weight_kg=130.0, height_cm=160.0).question
    assert checked(weight_kg=125.0, height_cm=160.0).question == ""


def test_a_weight_far_from_the_last_visit_is_asked_about() -> None:
    question = patient.weight_question(88.0, CATALOG, last_weight_kg=70.0)
    assert question is not None
    assert "at the last visit it was 70 kg" in question
    assert patient.weight_question(87.5, CATALOG, last_weight_kg=70.0) is None


def test_a_child_is_asked_about() -> None:
    found = checked(birth_date=date(2010, 1, 1))
    assert found.question_field == "birth_date"
    assert "16 years old" in found.question


def test_two_questions_are_asked_together() -> None:
    question = checked(birth_date=date(2010, 1, 1), weight_kg=154.0).question
    assert "pounds" in question
    assert "16 years old" in question


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1964, 9, 3), 61),
        (date(1965, 3, 1), 61),
        (date(1965, 3, 2), 60),
        (date(2026, 3, 1), 0),
        (date(2004, 2, 29), 22),
    ],
)
def test_age_in_whole_years(born: date, age: int) -> None:
    assert patient.age_years(born, TODAY) == age


def test_someone_born_on_a_leap_day_grows_older_on_the_first_of_march() -> None:
    assert patient.age_years(date(2004, 2, 29), date(2026, 2, 28)) == 21


def test_a_birth_date_is_typed_year_month_day() -> None:
    assert patient.parse_birth_date(" 1964-09-03 ") == date(1964, 9, 3)
    for text in ("03.09.1964", "1964-13-01", "64-09-03", ""):
        with pytest.raises(Refused, match="year-month-day"):
            patient.parse_birth_date(text)
