from __future__ import annotations

from app.messages import DeviceDraft, FirstRunDone, StaffDraft
from tests.ui.window_samples import Chair, shot
from ui.screens.first_run import problems
from ui.screens.questions import Person, initials_of
from ui.widgets.target import Target


def value(chair: Chair, name: str) -> str:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found.value


def add(chair: Chair, letters: str, *roles: str, again: str = "4711") -> None:
    chair.touch("add_person", *(f"letter.{letter}" for letter in letters), "keyboard.done", "keyboard.done")
    chair.touch(*(f"choice.{role}" for role in roles), "editor.done")
    chair.type("4711", "pin")
    chair.touch("pin_set")
    chair.type(again, "pin")
    chair.touch("pin_set")


def test_a_clinic_is_set_up_by_touch_alone(chair: Chair) -> None:
    chair.show(shot("first-run"))
    chair.touch("field.clinic", "letter.C", "letter.l", "keyboard.done")
    add(chair, "Ann", "anesthetist", "administrator")
    chair.touch("field.monitor", "choice.ge-dri", "choice.0", "field.pump", "choice.none", "finish_first_run")
    assert chair.acts == [
        FirstRunDone(
            "Cl",
            (StaffDraft("Ann", "A", ("anesthetist", "administrator"), "4711"),),
            (DeviceDraft("monitor", "ge-dri", "/dev/ttyUSB0"), DeviceDraft("pump", "", "")),
        )
    ]


def test_everything_that_is_missing_is_said_beside_its_field_at_once(chair: Chair) -> None:
    chair.show(shot("first-run"))
    chair.touch("finish_first_run")
    assert value(chair, "field.clinic") == "needed"
    assert value(chair, "field.monitor") == value(chair, "field.pump") == "choose, or none"
    assert chair.window.first_run.staff_wrong.text == "An administrator is needed."
    assert chair.acts == []


def test_two_pins_that_differ_are_not_taken(chair: Chair) -> None:
    chair.show(shot("first-run"))
    add(chair, "Ann", "nurse", again="4712")
    assert chair.window.first_run.people == []
    assert chair.window.first_run.editor.pin.field.words == "Not the same: type it again"


def test_a_port_can_be_written_as_an_address(chair: Chair) -> None:
    chair.show(shot("first-run"))
    chair.touch("field.pump", "choice.alaris", "choice.other", "letter.a", "keyboard.done")
    assert value(chair, "field.pump") == "alaris at a"


def test_only_drivers_of_the_kind_are_offered(chair: Chair) -> None:
    chair.show(shot("first-run"))
    chair.touch("field.pump")
    names = {one.objectName() for one in chair.targets()}
    assert "choice.alaris" in names
    assert "choice.ge-dri" not in names


def test_somebody_must_be_able_to_sign_orders() -> None:
    people = [Person("Ann", "A", ("administrator",), "4711")]
    assert problems("Clinic", people, {})["staff"] == "Somebody who signs orders is needed."


def test_two_people_have_not_the_same_initials() -> None:
    people = [Person("Ann", "A", ("administrator", "director"), "1"), Person("Al", "a", ("nurse",), "2")]
    assert problems("Clinic", people, {})["staff"] == "Two people have the same initials."


def test_initials_are_proposed_from_the_name_without_its_title() -> None:
    assert initials_of("Dr. Ana Mora") == "AM"
    assert initials_of("Lena Koch") == "LK"
