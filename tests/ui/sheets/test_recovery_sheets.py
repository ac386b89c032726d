"""Recovery by touch: forms, checks, a physician's word, hand-over and the discharge, counted in touches."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from app.messages import (
    AcceptCriterion,
    CheckCriterion,
    HandOver,
    NameSupervisor,
    SignDischarge,
    TakeScore,
)
from tests.ui.frames_samples import all_met, item_proposals, leaflet, recovery, recovery_events
from tests.ui.window_samples import Chair, shot
from ui.leaflet import LeafletPages
from ui.paper import A4, LETTER
from ui.printing import pages_pdf
from ui.screens.recovery import said_shorter
from ui.widgets.target import State, Target

RECOVERING = shot("recovery", recovery=recovery(), events=recovery_events(), proposals=item_proposals())


@pytest.fixture
def chair(qtbot: QtBot) -> Iterator[Chair]:
    """A window in recovery."""
    made = Chair()
    qtbot.addWidget(made.window)
    made.window.show()
    made.show(RECOVERING)
    yield made
    made.window.close()


def state(chair: Chair, name: str) -> State:
    target = chair.find(name)
    assert isinstance(target, Target)
    return target.state


def reason(chair: Chair, name: str) -> str:
    target = chair.find(name)
    assert isinstance(target, Target)
    return target.reason


# ---------------------------------------------------------------- the screen


def test_the_list_stands_in_place_of_the_trends_without_a_touch(chair: Chair) -> None:
    body = chair.window.chair.body
    assert body.recovery.isVisibleTo(chair.window)
    assert not body.chart.isVisibleTo(chair.window)
    assert not body.infusion.isVisibleTo(chair.window)
    assert body.recovery.list.accessibleName() == "Ready to go home: 9 of 16"


def test_while_the_infusion_runs_the_trends_are_there(chair: Chair) -> None:
    chair.show(shot())
    body = chair.window.chair.body
    assert body.chart.isVisibleTo(chair.window)
    assert not body.recovery.isVisibleTo(chair.window)


def test_a_barred_signature_says_what_bars_it_and_opens_all_the_same(chair: Chair) -> None:
    assert reason(chair, "discharge") == "7 lines not met yet"
    chair.touch("discharge")
    assert reason(chair, "sign_discharge") == "7 lines not met yet"
    assert not chair.acts


def test_locked_nothing_of_recovery_can_be_touched(chair: Chair) -> None:
    chair.show(msgspec.structs.replace(RECOVERING, locked=True))
    chair.touch("discharge")
    assert chair.window.sheet is not None
    assert chair.window.sheet.objectName() == "sheet.lock"


@pytest.mark.parametrize("text", ["78, 134/80 at 17:45; baseline 72, 130", "one"])
def test_a_text_loses_whole_parts_and_the_last_first(text: str) -> None:
    said = said_shorter(text)
    assert said[0] == text
    assert said[-1] == ""
    assert all(text.startswith(one) for one in said)


# ---------------------------------------------------------------- forms


def choose_all(chair: Chair, points: dict[str, int]) -> None:
    for item, value in points.items():
        chair.touch(f"item.{item}.{value}")


ALDRETE = {"activity": 2, "respiration": 2, "circulation": 2, "consciousness": 2, "spo2": 1}


def test_a_form_is_saved_item_by_item_and_turns_its_page_by_itself(chair: Chair) -> None:
    chair.touch("score.aldrete")
    choose_all(chair, ALDRETE)
    chair.touch("save")
    assert chair.acts == [TakeScore("aldrete", items=ALDRETE)]


def test_a_proposal_is_marked_with_its_evidence_and_not_chosen(chair: Chair) -> None:
    chair.touch("score.aldrete")
    assert state(chair, "item.circulation.2") is State.DUE
    assert state(chair, "item.circulation.1") is State.NORMAL
    sheet = chair.window.sheet
    assert sheet is not None
    assert sheet.values == {}  # type: ignore[attr-defined]
    assert sheet.says["circulation"].text == "proposed 2: BP 134, 3 % off 138 before the start"  # type: ignore[attr-defined]


def test_another_level_than_the_proposed_one_can_be_chosen(chair: Chair) -> None:
    chair.touch("score.aldrete", "item.circulation.1")
    assert state(chair, "item.circulation.1") is State.CHOSEN
    assert state(chair, "item.circulation.2") is State.NORMAL


def test_for_a_time_before_now_nothing_is_proposed(chair: Chair) -> None:
    chair.touch("score.aldrete", "back.5")
    chair.show()
    assert state(chair, "item.circulation.2") is State.NORMAL


def test_a_level_against_the_baseline_says_what_it_is_counted_in_when_nothing_is_proposed(
    chair: Chair,
) -> None:
    chair.touch("score.aldrete", "back.5")
    chair.show()
    sheet = chair.window.sheet
    assert sheet is not None
    assert sheet.says["circulation"].text == "per cent of baseline"  # type: ignore[attr-defined]
    assert sheet.says["activity"].text == ""  # type: ignore[attr-defined]


def test_a_form_with_missing_items_says_how_many_and_asks(chair: Chair) -> None:
    chair.touch("score.padss", "item.activity.2")
    save = chair.find("save")
    assert isinstance(save, Target)
    assert save.second == "4 items missing"
    chair.touch("save")
    chair.answer("asked", field="score", reason="PADSS: not computable. Keep it so?")
    chair.touch("yes")
    assert chair.acts[-1] == TakeScore("padss", items={"activity": 2}, sure=True)


def test_an_empty_form_is_not_saved(chair: Chair) -> None:
    chair.touch("score.aldrete", "save")
    assert not chair.acts


def test_pain_is_two_touches_and_a_category_goes_by_its_code(chair: Chair) -> None:
    chair.touch("score.nrs-pain", "score.4")
    assert chair.acts == [TakeScore("nrs-pain", total=4)]
    chair.answer()
    chair.window.open_sheet("score.poss")
    chair.touch("score.S")
    assert chair.acts[-1] == TakeScore("poss", code="S")


def test_every_form_of_the_table_is_behind_the_note(chair: Chair) -> None:
    for score in chair.window.desk.catalog.scores:
        chair.touch("note", "open.scores", f"form.{score}")
        assert chair.window.sheet is not None
        assert chair.window.sheet.objectName() == f"sheet.score.{score}"
        chair.touch("close")


# ---------------------------------------------------------------- lines


def test_the_walk_test_is_two_touches(chair: Chair) -> None:
    chair.touch("check.gait", "answer.0")
    assert chair.acts == [CheckCriterion("gait", "Walks unaided")]


def test_what_does_not_meet_a_line_is_recorded_as_such(chair: Chair) -> None:
    chair.touch("check.gait", "not.1")
    assert chair.acts == [CheckCriterion("gait", "Double vision", ok=False)]


def test_the_escort_is_written_by_name(chair: Chair) -> None:
    chair.touch(
        "check.escort", "answer.write", "letter.P", "letter.a", "letter.u", "letter.l", "keyboard.done"
    )
    assert chair.acts == [CheckCriterion("escort", "Paul")]


def test_the_lines_that_are_not_met_come_first_and_open_what_can_be_done(chair: Chair) -> None:
    chair.touch("criteria", "criterion.nausea")
    assert chair.window.sheet is not None
    assert chair.window.sheet.objectName() == "sheet.score.nausea-nrs"


def test_a_physician_accepts_from_the_discharge_with_reason_and_pin(chair: Chair) -> None:
    chair.touch("discharge", "criterion.spo2-room-air", "reason.0", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("accept_now")
    first = chair.window.desk.catalog.discharge.accept_reasons[0]
    assert chair.acts == [AcceptCriterion("spo2-room-air", first, "s2", "2222")]
    chair.answer("refused", field="sure", reason="Go without it?")
    chair.touch("yes")
    assert chair.acts[-1] == AcceptCriterion("spo2-room-air", first, "s2", "2222", sure=True)


# ---------------------------------------------------------------- leaving


def test_home_with_the_escort_is_signed_by_the_anesthetist(chair: Chair) -> None:
    chair.show(msgspec.structs.replace(RECOVERING, recovery=all_met()))
    chair.touch("discharge", "departure.0", "sign_discharge", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    assert chair.acts == [SignDischarge("s2", "2222", "On foot", "Paul Martin")]


def test_only_prescribers_are_offered_for_a_discharge_home(chair: Chair) -> None:
    chair.show(msgspec.structs.replace(RECOVERING, recovery=all_met()))
    chair.touch("discharge", "departure.0", "sign_discharge")
    names = {target.objectName() for target in chair.targets()}
    assert {"signer.s2", "signer.s3"} <= names
    assert "signer.s1" not in names


def test_against_advice_needs_a_reason_and_no_line(chair: Chair) -> None:
    chair.touch("discharge", "how.against-advice", "departure.0")
    assert reason(chair, "sign_discharge") == "needs a reason"
    chair.touch("reason.0", "sign_discharge", "signer.s1")
    chair.type("1111", "pin")
    chair.touch("sign_now")
    act = chair.acts[-1]
    assert isinstance(act, SignDischarge)
    assert (act.how, act.reason, act.signer) == ("against-advice", "Will not wait", "s1")


def test_a_refused_discharge_goes_back_to_its_choices(chair: Chair) -> None:
    test_home_with_the_escort_is_signed_by_the_anesthetist(chair)
    chair.answer("refused", field="criteria", reason="1 line not met yet: Walks as usual.")
    chair.touch("ok")
    assert chair.find("how.home").isVisible()


def test_a_hand_over_is_signed_by_who_takes_over(chair: Chair) -> None:
    chair.touch("note", "open.people", "open.hand_over", "taker.s2")
    chair.type("2222", "pin")
    chair.touch("take_over")
    assert chair.acts == [HandOver("s2", "2222")]


def test_the_supervisor_is_named_in_one_touch(chair: Chair) -> None:
    chair.touch("note", "open.people", "open.supervisor", "supervisor.s2")
    assert chair.acts == [NameSupervisor("s2")]


# ---------------------------------------------------------------- paper


@pytest.mark.parametrize("paper", [A4, LETTER], ids=["A4", "Letter"])
def test_the_instructions_are_one_page_with_their_words(chair: Chair, paper: object) -> None:
    pages = LeafletPages(leaflet(), paper)  # type: ignore[arg-type]
    assert len(pages) == 1
    printed = " ".join(pages.texts())
    for words in ("After your ketamine infusion", "Do not drive.", "For the next 24 hours", "call 911"):
        assert words in printed
    assert pages_pdf(pages).startswith(b"%PDF")


@pytest.mark.parametrize("how", ["transferred", "against-advice"])
def test_another_reason_than_the_usual_ones_is_written(chair: Chair, how: str) -> None:
    chair.touch(
        "discharge",
        f"how.{how}",
        "departure.0",
        "reason.write",
        "letter.x",
        "keyboard.done",
        "sign_discharge",
    )
    assert chair.find("sign_now").objectName() == "sign_now"
