"""The check-in by touch: lines, their forms, the second person, the baseline; limits and known patients beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from app.clinical.vitals import Vital
from app.frames import KnownPatient, Limb
from app.messages import ChangeLimits, CheckLine, FinishSession, LeaveSession, TakeBaseline, TakeScore
from tests.ui import frames_samples as samples
from tests.ui.window_samples import Chair, check_in, limits, shot
from ui.widgets.target import Target


@pytest.fixture
def chair(qtbot: QtBot) -> Iterator[Chair]:
    """The check-in of mock g."""
    made = Chair()
    qtbot.addWidget(made.window)
    made.window.show()
    made.show(shot("check-in"))
    yield made
    made.window.close()


def target(chair: Chair, name: str) -> Target:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found


def test_a_line_shows_its_answer_and_who_gave_it(chair: Chair) -> None:
    row = target(chair, "check.weight")
    assert (row.note, row.value, row.icon_name) == ("70 kg (154.3 lb), two people", "12:06", "check")


def test_on_the_larger_panel_two_columns_take_the_whole_width(qtbot: QtBot) -> None:
    chair = Chair("15 inch")
    qtbot.addWidget(chair.window)
    chair.window.show()
    chair.show(shot("check-in"))
    page = chair.window.check_in
    assert target(chair, "check.identity").isVisible()
    places = [row.geometry() for row in page.lines.values()]
    assert len({place.left() for place in places}) == 2
    assert max(place.right() for place in places) > page.overview.width() * 0.95


def test_what_blocks_the_start_is_marked_by_more_than_its_colour(chair: Chair) -> None:
    row = target(chair, "check.consent")
    assert (row.icon_name, row.value) == ("warning", "blocks the start")
    assert chair.window.check_in.says.text == "Consent blocks the start."


def test_consent_is_two_touches(chair: Chair) -> None:
    chair.touch("check.consent", "pick.signed.signed-no-guarantee-explained")
    assert chair.acts == [CheckLine("consent", "done", {"signed": "signed, no guarantee explained"})]


def test_an_incomplete_line_is_not_sent_and_says_what_is_missing(chair: Chair) -> None:
    chair.touch("check.iv", "pick.gauge.22-g")
    assert target(chair, "check_save").reason == "Site missing"
    chair.touch("check_save")
    assert chair.acts == []
    assert chair.window.check_in.ask_card.text.text == "Site missing."


def test_a_complete_line_is_sent_and_closes_when_it_is_taken(chair: Chair) -> None:
    chair.touch("check.iv", "pick.gauge.22-g", "pick.site.left-forearm", "pick.flush.flushes", "check_save")
    assert chair.acts == [
        CheckLine("iv", "done", {"gauge": "22 G", "site": "left forearm", "flush": "flushes"})
    ]
    chair.answer("taken")
    chair.find("check.iv")


def test_a_refusal_says_why_and_the_answers_stay(chair: Chair) -> None:
    chair.touch("check.identity", "pick.identifiers.name", "check_save")
    chair.answer("refused", "identifiers", "Identifiers: 2 at least.")
    chair.touch("ok", "pick.identifiers.birth-date", "check_save")
    act = chair.acts[-1]
    assert isinstance(act, CheckLine)
    assert act.values == {"identifiers": ("name", "birth date")}


def test_none_of_seven_and_a_finding_exclude_each_other(chair: Chair) -> None:
    chair.touch("check.contraindications", "pick.found.pregnancy", "pick.found.none", "check_save")
    assert chair.acts == [CheckLine("contraindications", "done", {"found": ()})]


def test_the_weight_is_typed_again_and_signed_by_another_person(chair: Chair) -> None:
    chair.touch("check.weight", "ask.weight_kg")
    chair.type("70")
    chair.touch("set", "check_save", "witness.s2")
    chair.type("2222", "pin")
    chair.touch("witness_sign")
    assert chair.acts == [CheckLine("weight", "done", {"weight_kg": 70.0}, "", "s2", "2222")]


def test_who_is_here_is_not_offered_as_the_second_person(chair: Chair) -> None:
    chair.touch("check.weight", "ask.weight_kg")
    chair.type("70")
    chair.touch("set", "check_save")
    assert "witness.s1" not in {one.objectName() for one in chair.targets()}


def test_a_wrong_pin_of_the_second_person_stands_over_the_digits(chair: Chair) -> None:
    chair.touch("check.weight", "ask.weight_kg")
    chair.type("70")
    chair.touch("set", "check_save", "witness.s2")
    chair.type("9999", "pin")
    chair.touch("witness_sign")
    chair.answer("refused", "pin", "Wrong PIN. 4 tries left.")
    assert chair.window.check_in.witness.pin.field.words == "Wrong PIN. 4 tries left."


def test_a_line_is_left_out_with_a_reason_of_the_list(chair: Chair) -> None:
    chair.touch("check.escort", "check_skip", "choice.stays-overnight")
    assert chair.acts == [CheckLine("escort", "not done", {}, "Stays overnight")]


def test_a_time_of_day_that_is_ahead_was_yesterday(chair: Chair) -> None:
    chair.touch("check.fasting", "ask.food")
    chair.type("20")
    chair.touch("set")
    chair.type("30")
    chair.touch("set", "pick.meal.light", "ask.clear")
    chair.type("9")
    chair.touch("set")
    chair.type("45")
    chair.touch("set", "check_save")
    act = chair.acts[0]
    assert isinstance(act, CheckLine)
    food, clear = (datetime.fromisoformat(str(act.values[name])) for name in ("food", "clear"))
    assert (food.day, f"{food:%H:%M}", clear.day, f"{clear:%H:%M}") == (21, "20:30", 22, "09:45")


def test_an_opioid_asks_for_its_last_time(chair: Chair) -> None:
    chair.touch("check.medicines", "pick.kept.none-stopped", "pick.taken.sertraline")
    assert "ask.opioid" not in {one.objectName() for one in chair.targets()}
    chair.touch("pick.taken.oxycodone")
    chair.find("ask.opioid")
    assert target(chair, "check_save").reason == "Last opioid missing"


def test_an_anesthetist_accepts_what_blocks(chair: Chair) -> None:
    chair.touch("check.consent", "check_accept", "choice.pain-not-better", "witness.s2")
    chair.type("2222", "pin")
    chair.touch("witness_sign")
    assert chair.acts == [
        CheckLine("consent", "done", {"signed": "not signed"}, "Pain not better", "s2", "2222")
    ]


def test_a_set_holds_live_values_and_those_typed_in_their_place(chair: Chair) -> None:
    chair.touch("check.baseline")
    for vital, value in (("nibp_sys", "128"), ("nibp_dia", "76")):
        chair.touch(f"rest.{vital}")
        chair.type(value)
        chair.touch("set")
    chair.touch("take_set")
    act = chair.acts[0]
    assert isinstance(act, TakeBaseline)
    assert (act.values[Vital.HEART_RATE], act.values[Vital.NIBP_SYS]) == (76.0, 128.0)


def test_a_pressure_that_is_too_old_for_a_set_says_so(chair: Chair) -> None:
    frame = check_in()
    chair.show(check_in=msgspec.structs.replace(frame, next_set=""))
    chair.touch("check.baseline")
    assert "A pressure counts for 2 min" in chair.window.check_in.baseline.says.text


def test_what_a_line_was_told_goes_when_something_else_is_asked(chair: Chair) -> None:
    chair.touch("check.baseline", "take_set")
    assert chair.window.check_in.ask_card.isVisible()
    chair.touch("base_score.nrs-pain")
    assert not chair.window.check_in.ask_card.isVisible()


def test_a_baseline_score_is_three_touches(chair: Chair) -> None:
    chair.touch("check.baseline", "base_score.nrs-pain", "choice.6")
    assert chair.acts == [TakeScore("nrs-pain", 6)]


def test_a_baseline_level_is_chosen_by_its_words(chair: Chair) -> None:
    chair.touch("check.baseline", "base_score.moaas")
    assert target(chair, "choice.5").words == "5  responds readily to name, normal tone"
    chair.touch("choice.5")
    assert chair.acts == [TakeScore("moaas", 5)]


def test_the_order_is_one_touch_away_and_back(chair: Chair) -> None:
    chair.touch("to_order", "back_to_check_in")
    chair.find("check.identity")
    chair.touch("back_to_today")
    assert chair.acts == [LeaveSession()]


def test_the_barred_start_leads_to_the_check_in(chair: Chair) -> None:
    card = samples.infusion(
        buttons=(Limb("start", "Start", False, "check-in"), Limb("check_in", "Check-in", True))
    )
    chair.show(shot("ready", infusion=card, check_in=check_in()))
    chair.touch("start")
    chair.find("check.consent")


def test_limits_are_changed_with_a_number_and_a_reason(chair: Chair) -> None:
    chair.show(shot(limits=limits()))
    chair.touch("note", "open.limits", "limit_vital.spo2", "limit.medium_below")
    chair.type("90")
    chair.touch("set", "limits_save", "limit_reason.3")
    assert chair.acts == [ChangeLimits(Vital.SPO2, {"medium_below": 90.0}, "Chronic lung disease")]


def test_a_limit_beyond_its_bounds_cannot_be_set(chair: Chair) -> None:
    chair.show(shot(limits=limits()))
    chair.touch("note", "open.limits", "limit_vital.spo2", "limit.medium_below")
    chair.type("70")
    chair.touch("set")
    assert chair.window.sheet is not None
    assert "outside 80 to 97" in chair.window.sheet.number.says.text  # type: ignore[attr-defined]


def test_a_known_patient_comes_back_without_todays_weight(chair: Chair) -> None:
    known = KnownPatient(
        "00417", "Rosa Martin", "1965-03-09", "female", ("latex",), False, 70.0, "2 Mar 2026, 70 kg"
    )
    chair.show(shot("today", known=(known,)))
    chair.touch("new_patient", "field.mrn")
    chair.type("00417", "letter")
    chair.touch("keyboard.done")
    assert target(chair, "field.name").value == "Rosa Martin"
    assert target(chair, "field.allergies").value == "latex"
    assert target(chair, "field.weight_kg").value == ""
    chair.touch("field.weight_kg")
    assert chair.window.patient.editor.number.says.text == "Last visit 2 Mar 2026, 70 kg. Weigh again today."


def test_a_patient_who_is_sent_home_before_the_infusion_leaves_no_unfinished_session(chair: Chair) -> None:
    chair.touch("finish", "finish_now")
    assert chair.acts == [FinishSession()]


def test_a_patient_who_stays_after_all_goes_on_where_the_check_in_was(chair: Chair) -> None:
    chair.touch("finish", "close", "check.weight")
    assert chair.acts == []
