from __future__ import annotations

from app.clinical.vitals import Vital
from app.frames import PumpSheet, Question, UndoFrame
from app.messages import (
    Amend,
    AnswerSyringe,
    AskPump,
    ConfirmByHand,
    ConfirmPumpState,
    EnterVital,
    FinishSession,
    SetOxygen,
    SignIn,
    StopAsking,
    TakeScore,
    Undo,
    WriteNote,
)
from tests.ui.window_samples import Chair, shot, syringe_question
from ui.widgets.target import Target

ASKED = PumpSheet(
    "start", "Start the infusion", "Press START.", "17.5 mL/h", "on hold", "waiting", "14:07:12", False, ""
)
BY_HAND = PumpSheet(
    "start", "Start", "Press START.", "17.5 mL/h", "not read", "no-pump", "14:07:12", True, "It runs"
)


def test_a_pain_score_takes_two_touches(chair: Chair) -> None:
    chair.window.open_sheet("score.nrs-pain")
    chair.touch("score.7")
    assert chair.acts == [TakeScore("nrs-pain", total=7)]


def test_ten_can_be_scored(chair: Chair) -> None:
    chair.window.open_sheet("score.nrs-pain")
    chair.touch("score.10")
    assert chair.acts == [TakeScore("nrs-pain", total=10)]


def test_a_sedation_level_is_chosen_with_its_words(chair: Chair) -> None:
    chair.window.open_sheet("score.moaas")
    chair.touch("back.2", "score.4")
    assert chair.acts == [TakeScore("moaas", total=4, back_min=2)]


def test_a_taken_score_closes_its_sheet(chair: Chair) -> None:
    chair.window.open_sheet("score.nrs-pain")
    chair.touch("score.7")
    chair.answer()
    assert chair.window.sheet is None


def test_a_refused_entry_says_why_and_the_sheet_stays(chair: Chair) -> None:
    chair.window.open_sheet("score.nrs-pain")
    chair.touch("score.7")
    chair.answer("refused", "session", "The session is finished.")
    sheet = chair.window.sheet
    assert sheet is not None
    assert sheet.ask_card.text.text == "The session is finished."
    chair.touch("ok")
    assert sheet.ask_card.isHidden()


def test_a_phrase_is_noted_in_one_touch_of_the_sheet(chair: Chair) -> None:
    chair.touch("note", "phrase.0")
    assert chair.acts == [WriteNote("Patient comfortable")]


def test_a_note_is_written_by_touch_keyboard(chair: Chair) -> None:
    chair.touch("note", "note.write", "letter.o", "letter.k", "keyboard.done")
    assert chair.acts == [WriteNote("ok")]


def test_an_empty_note_is_refused_at_the_keyboard(chair: Chair) -> None:
    chair.touch("note", "note.write", "keyboard.done")
    assert chair.acts == []


def test_a_pressure_by_hand_asks_for_both_of_its_numbers(chair: Chair) -> None:
    chair.touch("note", "open.vital", "vital.nibp")
    chair.type("138")
    chair.touch("set")
    chair.type("82")
    chair.touch("set")
    assert chair.acts == [EnterVital({Vital.NIBP_SYS: 138.0, Vital.NIBP_DIA: 82.0})]


def test_a_lower_pressure_above_the_upper_cannot_be_set(chair: Chair) -> None:
    chair.touch("note", "open.vital", "vital.nibp")
    chair.type("138")
    chair.touch("set")
    chair.type("150")
    chair.touch("set")
    assert chair.acts == []


def test_a_number_outside_the_table_is_refused_while_it_is_typed(chair: Chair) -> None:
    chair.touch("note", "open.vital", "vital.spo2")
    chair.type("412"[:3])
    chair.touch("set")
    assert chair.acts == []


def test_a_usual_oxygen_flow_is_one_touch_and_off_is_zero(chair: Chair) -> None:
    chair.touch("note", "open.oxygen", "oxygen.2")
    chair.answer()
    chair.touch("note", "open.oxygen", "oxygen.off")
    assert chair.acts == [SetOxygen(2.0), SetOxygen(0.0)]


def test_an_oxygen_flow_above_the_table_cannot_be_set(chair: Chair) -> None:
    chair.touch("note", "open.oxygen", "oxygen.other")
    chair.type("20")
    chair.touch("set")
    assert chair.acts == []


def test_the_last_entry_is_undone_from_the_lines(chair: Chair) -> None:
    chair.show(undo=UndoFrame("e5", "Nausea 2", 8))
    chair.touch("undo", "undo")
    assert chair.acts == [Undo("e5")]


def test_the_newest_line_stands_first(chair: Chair) -> None:
    chair.touch("undo")
    first = chair.find("line.0")
    assert isinstance(first, Target)
    assert first.words == "13:49  Nausea, grade 2, treat"


def test_an_older_line_is_amended_with_a_reason(chair: Chair) -> None:
    chair.touch("undo", "line.2", "reason.0", "letter.m", "letter.g", "keyboard.done", "signer.s1")
    chair.type("1111", "pin")
    chair.touch("sign_now")
    assert chair.acts == [Amend("e3", "mg", "Wrong value", "s1", "1111", chair.shown.session)]


def test_a_line_that_was_taken_back_is_not_amended(chair: Chair) -> None:
    chair.touch("undo", "line.1")
    assert chair.find("ok").isVisible()
    assert chair.window.sheet is not None
    assert not chair.window.sheet.ask_card.isHidden()


def test_pause_is_asked_of_the_pump_and_shown_until_it_is_seen(chair: Chair) -> None:
    chair.touch("pause")
    assert chair.acts == [AskPump("pause")]
    chair.answer(pump_sheet=ASKED)
    assert chair.window.sheet is not None
    chair.show(pump_sheet=None)
    assert chair.window.sheet is None


def test_cancelling_the_act_at_the_pump_says_so_to_the_engine(chair: Chair) -> None:
    chair.show(pump_sheet=ASKED)
    chair.touch("close")
    assert chair.acts == [StopAsking()]


def test_without_a_pump_the_nurse_confirms_by_hand(chair: Chair) -> None:
    chair.show(pump_sheet=BY_HAND)
    chair.touch("confirm_by_hand")
    assert chair.acts == [ConfirmByHand("start")]


def test_with_a_pump_there_is_no_confirming_by_hand(chair: Chair) -> None:
    chair.show(pump_sheet=ASKED)
    assert "confirm_by_hand" not in {target.objectName() for target in chair.targets()}


def test_the_syringe_is_asked_by_itself_and_nothing_is_chosen_beforehand(chair: Chair) -> None:
    chair.show(question=syringe_question())
    chair.touch("confirm_syringe")
    assert chair.acts == []
    chair.touch("ok", "syringe.new", "container.50", "concentration.2", "confirm_syringe")
    assert chair.acts == [AnswerSyringe(50.0, 2.0, False)]


def test_a_question_closed_unanswered_comes_back(chair: Chair) -> None:
    chair.show(question=syringe_question())
    chair.touch("close")
    chair.show()
    assert chair.window.sheet is None
    chair.show(steady=chair.shown.steady + 31.0)
    assert chair.window.sheet is not None


def test_a_pump_after_a_gap_is_read_by_a_person(chair: Chair) -> None:
    chair.show(question=Question("pump-unknown", "Infusion unknown since 14:02:10", "Read the pump."))
    chair.touch("pump.running")
    chair.type("17.5")
    chair.touch("set")
    chair.type("16.203")
    chair.touch("set")
    assert chair.acts == [ConfirmPumpState(True, 17.5, 16.203)]


def test_a_pump_on_hold_needs_no_rate_and_its_counter_may_be_unreadable(chair: Chair) -> None:
    chair.show(question=Question("pump-unknown", "Infusion unknown", "Read the pump."))
    chair.touch("pump.held", "no_volume")
    assert chair.acts == [ConfirmPumpState(False, 0.0, None)]


def test_finishing_is_asked_once_more(chair: Chair) -> None:
    chair.show(shot("recovery"))
    chair.window.open_sheet("finish")
    chair.touch("finish_now")
    assert chair.acts == [FinishSession()]


def test_a_locked_target_asks_for_the_pin_and_the_vital_signs_stay(chair: Chair) -> None:
    chair.show(locked=True)
    chair.touch("note")
    assert chair.window.chair.body.tiles["spo2"].isVisibleTo(chair.window)
    chair.touch("staff.s2")
    chair.type("2222", "pin")
    chair.touch("enter")
    assert chair.acts == [SignIn("s2", "2222")]


def test_locking_closes_what_was_being_entered(chair: Chair) -> None:
    chair.touch("note")
    chair.show(locked=True)
    assert chair.window.sheet is None
