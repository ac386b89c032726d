from __future__ import annotations

from datetime import date

from app.frames import Answer
from app.messages import OpenPatient
from tests.ui.window_samples import Chair, shot
from ui.widgets.target import Target


def value(chair: Chair, field: str) -> str:
    found = chair.find(f"field.{field}")
    assert isinstance(found, Target)
    return found.value


def born(chair: Chair, day: str, month: str, year: str) -> None:
    chair.touch("field.birth_date")
    for number in (day, month, year):
        chair.type(number)
        chair.touch("set")


def filled(chair: Chair, weight: str = "70") -> None:
    chair.show(shot("today"))
    chair.touch("new_patient", "field.mrn", "letter.4", "letter.1", "keyboard.done")
    chair.touch("field.name", "letter.R", "letter.o", "keyboard.done")
    born(chair, "9", "3", "1965")
    chair.touch("field.sex", "choice.female", "field.weight_kg")
    chair.type(weight)
    chair.touch("set", "field.allergies", "choice.ondansetron", "editor.done")


def test_a_patient_is_entered_by_touch_alone(chair: Chair) -> None:
    filled(chair)
    chair.touch("save_patient")
    assert chair.acts == [OpenPatient("41", "Ro", date(1965, 3, 9), "female", 70.0, ("ondansetron",), False)]


def test_the_weight_is_shown_in_pounds_beside_the_kilograms(chair: Chair) -> None:
    filled(chair)
    assert value(chair, "weight_kg") == "70 kg (154.3 lb)"


def test_a_weight_of_700_kg_cannot_be_set(chair: Chair) -> None:
    chair.show(shot("today"))
    chair.touch("new_patient", "field.weight_kg")
    chair.type("700")
    chair.touch("set")
    assert "700 kg is outside" in chair.window.patient.editor.number.says.text


def test_a_birth_date_in_the_future_cannot_be_set(chair: Chair) -> None:
    chair.show(shot("today"))
    chair.touch("new_patient")
    born(chair, "9", "3", "2031")
    assert "in the future" in chair.window.patient.editor.number.says.text
    chair.touch("editor.back")
    assert value(chair, "birth_date") == ""


def test_a_day_that_does_not_exist_cannot_be_set(chair: Chair) -> None:
    chair.show(shot("today"))
    chair.touch("new_patient")
    born(chair, "30", "2", "1970")
    assert "no day 30" in chair.window.patient.editor.number.says.text


def test_what_is_missing_is_named_and_nothing_is_sent(chair: Chair) -> None:
    chair.show(shot("today"))
    chair.touch("new_patient", "save_patient")
    assert chair.acts == []
    assert "Weight" in chair.window.patient.says.text


def test_none_known_is_an_answer_and_takes_back_what_was_picked(chair: Chair) -> None:
    filled(chair)
    chair.touch("field.allergies", "choice.none-known", "save_patient")
    act = chair.acts[0]
    assert isinstance(act, OpenPatient)
    assert (act.allergies, act.none_known) == ((), True)


def test_an_allergy_that_is_not_listed_is_written(chair: Chair) -> None:
    filled(chair)
    chair.touch("field.allergies", "choice.other", "letter.n", "letter.u", "letter.t", "keyboard.done")
    assert value(chair, "allergies") == "ondansetron, nut"


def test_an_unlikely_weight_is_asked_back_and_sent_again_on_yes(chair: Chair) -> None:
    filled(chair, "140")
    chair.touch("save_patient")
    chair.answer("asked", "weight_kg", "140 kg: that is above 130 kg. Is it kg?")
    chair.touch("yes")
    act = chair.acts[-1]
    assert isinstance(act, OpenPatient)
    assert act.sure


def test_a_refusal_of_the_engine_stands_beside_its_field(chair: Chair) -> None:
    filled(chair)
    chair.touch("save_patient")
    chair.answer("refused", "mrn", "This MRN belongs to somebody else.")
    assert value(chair, "mrn") == "This MRN belongs to somebody else."


def test_the_recorded_patient_can_be_put_right_before_the_order(chair: Chair) -> None:
    chair.show(shot("check-in"))
    chair.touch("check.identity", "to_patient")
    assert value(chair, "name") == "Rosa Martin"
    chair.touch("field.weight_kg")
    chair.type("72")
    chair.touch("set", "save_patient")
    act = chair.acts[0]
    assert isinstance(act, OpenPatient)
    assert (act.name, act.weight_kg) == ("Rosa Martin", 72.0)


def test_a_new_patient_begins_with_an_empty_form(chair: Chair) -> None:
    chair.show(shot("check-in"))
    chair.touch("check.identity", "to_patient")
    chair.show(shot("today"))
    chair.touch("new_patient")
    assert value(chair, "name") == ""


def test_a_second_touch_at_the_same_place_is_no_yes_to_the_question(chair: Chair) -> None:
    filled(chair, "140")
    asking = chair.find("save_patient")
    there = asking.mapToGlobal(asking.rect().center())
    chair.touch("save_patient")
    chair.answer("asked", "weight_kg", "140 kg: that is above 130 kg. Is it kg?")
    yes = chair.find("yes")
    assert not yes.rect().contains(yes.mapFromGlobal(there))


def test_a_second_patient_is_one_touch_away_though_the_first_was_answered_elsewhere(chair: Chair) -> None:
    filled(chair)
    chair.touch("save_patient")
    saved = chair.taps[-1].id
    answers = {saved: Answer("taken")}
    # The check-in comes with the answer, so the patient screen is gone before it could hear it.
    chair.show(shot("check-in", answers=answers))
    chair.show(shot("today", answers=answers))
    chair.touch("new_patient")
    assert chair.window.screen_shown is chair.window.patient
    chair.show(shot("today", answers=answers))
    assert chair.window.screen_shown is chair.window.patient
