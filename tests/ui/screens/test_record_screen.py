"""The record by touch: its lines, what is missing, the way to where it is answered, and the reason why it was not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from app.frames import Snapshot
from app.messages import CheckLine, ExplainField, NameSupervisor
from tests.ui.window_samples import PANELS, Chair, record, shot
from ui.widgets.target import State, Target


@pytest.fixture(params=list(PANELS), ids=["12", "15"])
def chair(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[Chair]:
    """The record of a patient in recovery, on each of the reference panels."""
    made = Chair(request.param)
    qtbot.addWidget(made.window)
    made.window.show()
    made.show(recovering())
    made.touch("note", "open.record")
    yield made
    made.window.close()


def recovering() -> Snapshot:
    return msgspec.structs.replace(shot("recovery"), record=record())


def target(chair: Chair, name: str) -> Target:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found


def on_screen(chair: Chair) -> set[str]:
    return {one.objectName() for one in chair.targets()}


def test_a_line_shows_its_answer_and_who_gave_it(chair: Chair) -> None:
    row = target(chair, "record.history")
    assert (row.icon_name, row.value) == ("check", "LK 12:04")
    assert row.note.startswith("CRPS")


def test_what_is_missing_is_named_and_marked_by_more_than_its_colour(chair: Chair) -> None:
    chair.touch("more_fields")
    row = target(chair, "field.vial-ids-lots")
    assert (row.words, row.value, row.icon_name, row.state) == (
        "Lots of the vials",
        "missing",
        "warning",
        State.DUE,
    )


def test_the_foot_counts_the_fields(chair: Chair) -> None:
    assert chair.window.record.count.text == "61 of 76 fields."
    assert chair.window.record.says.text == "Height and measured weight and 14 more fields are missing."


def test_more_than_a_page_is_turned(chair: Chair) -> None:
    assert "field.temperature" not in on_screen(chair)
    chair.touch("more_fields")
    assert target(chair, "field.temperature").value == "not recorded"
    chair.touch("more_fields")
    assert "record.history" in on_screen(chair)


def test_a_line_is_answered_by_picks_alone(chair: Chair) -> None:
    chair.touch("record.course", "pick.complications.none", "pick.notified.none", "check_save")
    assert chair.acts == [CheckLine("course", "done", {"complications": (), "notified": ()})]


def test_the_nurse_is_asked_for_the_physicians_pin(chair: Chair) -> None:
    chair.touch("record.airway", "pick.asa.ii", "pick.mallampati.i", "pick.signs.none")
    assert target(chair, "check_save").words == "Physician signs"
    chair.touch("check_save", "witness.s2")
    chair.type("2222", "pin")
    chair.touch("witness_sign")
    answers = {"asa": "II", "mallampati": "I", "signs": ()}
    assert chair.acts == [CheckLine("airway", "done", answers, "", "s2", "2222")]  # type: ignore[arg-type]


def test_a_physician_who_is_here_answers_at_once(chair: Chair) -> None:
    chair.show(who="s2", who_roles=("anesthetist",))
    chair.touch("record.airway", "pick.asa.ii", "pick.mallampati.i", "pick.signs.none", "check_save")
    answers = {"asa": "II", "mallampati": "I", "signs": ()}
    assert chair.acts == [CheckLine("airway", "done", answers)]  # type: ignore[arg-type]


def test_a_second_person_signs_equipment_and_time_out(chair: Chair) -> None:
    chair.touch(
        "record.safety",
        "pick.equipment.none",
        "pick.acls.physician-with-acls-here",
        "pick.time_out.patient-order-label-and-pump-agree",
        "check_save",
        "witness.s2",
    )
    chair.type("2222", "pin")
    chair.touch("witness_sign")
    act = chair.acts[-1]
    assert isinstance(act, CheckLine)
    assert (act.line, act.second, act.pin) == ("safety", "s2", "2222")


def test_a_line_is_left_out_with_a_reason_of_its_own(chair: Chair) -> None:
    chair.touch("record.leaving", "check_skip", "choice.transferred-before")
    assert chair.acts == [CheckLine("leaving", "not done", {}, "Transferred before")]


def test_a_missing_field_is_explained_in_two_touches(chair: Chair) -> None:
    chair.touch("field.height-weight-actual-measured", "choice.not-measured")
    assert chair.acts == [ExplainField("height-weight-actual-measured", "Not measured")]
    chair.answer("taken")
    assert "record.history" in on_screen(chair)


def test_a_reason_of_ones_own_is_written(chair: Chair) -> None:
    chair.touch("field.height-weight-actual-measured", "choice.write-it", "letter.h", "keyboard.done")
    act = chair.acts[-1]
    assert isinstance(act, ExplainField)
    assert act.reason.casefold() == "h"


def test_a_field_of_the_check_in_opens_its_line_there_and_then(chair: Chair) -> None:
    chair.touch("field.escort-name-phone")
    assert chair.window.record.title.text == "Escort"
    assert "ask.phone" in on_screen(chair)


def test_a_field_of_a_line_is_explained_by_itself(chair: Chair) -> None:
    chair.touch("field.escort-name-phone", "check_skip", "choice.patient-declined")
    assert chair.acts == [ExplainField("escort-name-phone", "Patient declined")]


def test_the_lots_are_one_touch_from_the_drugs(chair: Chair) -> None:
    chair.touch("more_fields", "field.vial-ids-lots", "choice.go-there")
    assert "account.draw" in on_screen(chair)


def test_a_sign_of_recovery_is_one_touch_from_the_chair(chair: Chair) -> None:
    chair.touch("more_fields", "field.pulse-bp", "choice.go-there")
    assert "note" in on_screen(chair)
    assert "back_from_record" not in on_screen(chair)


def test_after_the_end_the_chair_is_not_offered(chair: Chair) -> None:
    chair.show(phase="finished")
    chair.window._go("record")
    chair.touch("more_fields", "field.pulse-bp")
    assert "choice.go-there" not in on_screen(chair)
    assert "choice.not-measured" in on_screen(chair)


def test_who_supervised_is_named_by_a_pick(chair: Chair) -> None:
    chair.touch("field.supervising-physician-acls", "choice.go-there", "choice.s2")
    assert chair.acts == [NameSupervisor("s2")]


def test_a_refusal_says_why_over_the_form(chair: Chair) -> None:
    chair.touch("record.course", "pick.complications.none", "pick.notified.none", "check_save")
    chair.answer("refused", "session", "The session is finished: amend it, with a reason.")
    assert chair.window.record.ask_card.text.text == "The session is finished: amend it, with a reason."


def test_back_leads_to_where_the_nurse_was(chair: Chair) -> None:
    chair.touch("back_from_record")
    assert "note" in on_screen(chair)


def test_the_record_is_one_touch_from_the_check_in(chair: Chair) -> None:
    chair.show(msgspec.structs.replace(shot("check-in"), record=record(fields=())))
    chair.touch("to_record")
    assert {"record.history", "record.leaving"} <= on_screen(chair)
    assert "more_fields" not in on_screen(chair)
