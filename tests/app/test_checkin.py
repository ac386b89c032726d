"""The check-in: what each line stands at, what the start waits for, who may accept what."""

from __future__ import annotations

import pytest

from app.clinical.vitals import Vital
from app.entries import AlarmRaised, BaselineSet, CheckInLine, CheckValue, InfusionStarted, LimitsChanged
from app.frames import Answer, CheckInFrame, CheckLineFrame
from app.messages import (
    AskPump,
    ChangeLimits,
    CheckLine,
    ConfirmByHand,
    SignOrder,
    TakeBaseline,
    TakeScore,
    Undo,
)
from tests.app.chair import CHECKED, DOCTOR, NURSE, Chair, order, patient

HR, SPO2, SYS, DIA = Vital.HEART_RATE, Vital.SPO2, Vital.NIBP_SYS, Vital.NIBP_DIA
SET = {HR: 74.0, SPO2: 97.0, SYS: 128.0, DIA: 76.0}


def line(chair: Chair, name: str) -> CheckLineFrame:
    frame = frame_of(chair)
    return next(one for one in frame.lines if one.line == name)


def frame_of(chair: Chair) -> CheckInFrame:
    frame = chair.snapshot.check_in
    assert frame is not None
    return frame


def done(
    chair: Chair,
    name: str,
    values: dict[str, CheckValue] | None = None,
    *,
    reason: str = "",
    second: str = "",
    pin: str = "",
) -> Answer:
    answers = CHECKED.get(name, {}) if values is None else values
    return chair.tap(CheckLine(name, "done", answers, reason, second, pin))


def test_a_patient_comes_to_the_check_in_and_an_order_to_the_chair() -> None:
    chair = Chair().with_patient()
    phases: list[str] = [chair.snapshot.phase]
    chair.tap(SignOrder(order(), DOCTOR, "3333"))
    assert [*phases, chair.snapshot.phase] == ["check-in", "ready"]


def test_every_line_is_to_do_at_first() -> None:
    frame = frame_of(Chair().with_patient())
    assert {one.state for one in frame.lines} == {"todo"}
    assert frame.count == "0 of 12."


def test_an_answered_line_says_what_who_and_when() -> None:
    chair = Chair().with_patient()
    assert done(chair, "identity").state == "taken"
    shown = line(chair, "identity")
    assert (shown.state, shown.words, shown.right) == ("done", "name, birth date", "LK 14:00")


def test_the_start_is_refused_while_a_line_blocks_and_names_it() -> None:
    chair = Chair().ready()
    done(chair, "consent", {"signed": "not signed"})
    answer = chair.tap(AskPump("start"))
    assert (answer.state, answer.field, answer.reason) == (
        "refused",
        "check-in.consent",
        "Consent blocks the start.",
    )
    assert line(chair, "consent").right == "blocks the start"
    assert frame_of(chair).words == "Consent blocks the start."


def test_the_word_of_a_person_does_not_start_it_either() -> None:
    chair = Chair(pump=False).ready()
    chair.tap(AskPump("start"))
    done(chair, "consent", {"signed": "not signed"})
    assert chair.tap(ConfirmByHand("start")).field == "check-in.consent"
    assert not chair.bodies(InfusionStarted)


def test_the_start_button_says_what_it_waits_for() -> None:
    chair = Chair().with_patient()
    chair.tap(SignOrder(order(), DOCTOR, "3333"))
    card = chair.snapshot.infusion
    assert card is not None
    start, _, check_in = card.buttons
    assert (start.allowed, start.reason) == (False, "check-in")
    assert (check_in.key, check_in.label) == ("check_in", "Check-in: 0 of 12")


def test_a_line_that_cannot_be_left_out_is_not() -> None:
    chair = Chair().with_patient()
    assert chair.tap(CheckLine("consent", "not done", {}, "no time")).field == "state"


def test_a_line_left_out_needs_a_reason() -> None:
    chair = Chair().with_patient()
    assert chair.tap(CheckLine("escort", "not done")).field == "reason"
    assert chair.tap(CheckLine("escort", "not done", {}, "Stays overnight")).state == "taken"
    assert line(chair, "escort").words == "not done: Stays overnight"


def test_one_identifier_is_too_few() -> None:
    chair = Chair().with_patient()
    assert done(chair, "identity", {"identifiers": ("name",)}).field == "identifiers"


def test_a_weight_wants_a_second_person_or_a_reason() -> None:
    chair = Chair().with_patient()
    assert done(chair, "weight").field == "second"
    assert done(chair, "weight", reason="No second person free").state == "taken"
    assert line(chair, "weight").words == "70 kg (154.3 lb), alone: No second person free"


def test_the_second_person_signs_with_their_own_pin() -> None:
    chair = Chair().with_patient()
    assert (
        chair.tap(CheckLine("weight", "done", {"weight_kg": 70.0}, "", DOCTOR, "9"), pin=False).field == "pin"
    )
    assert chair.tap(CheckLine("weight", "done", {"weight_kg": 70.0}, "", DOCTOR, "3333")).state == "taken"
    assert chair.store.entries[-1].author == NURSE
    assert line(chair, "weight").words == "70 kg (154.3 lb), two people"


def test_the_second_person_is_somebody_else() -> None:
    chair = Chair().with_patient()
    assert done(chair, "weight", second=NURSE, pin="1111").field == "second"


def test_another_weight_than_recorded_is_refused() -> None:
    chair = Chair().with_patient()
    assert done(chair, "weight", {"weight_kg": 68.0}, reason="x").field == "weight_kg"


def test_fasting_counts_the_hours_and_settles_by_itself() -> None:
    chair = Chair().with_patient()
    done(chair, "fasting", {**CHECKED["fasting"], "clear": "2026-11-22T12:30:00+01:00"})
    assert line(chair, "fasting").words == "clear fluid 12:30, 2 h are over at 14:30"
    chair.wait(31 * 60, step_s=60)
    assert line(chair, "fasting").state == "done"


def test_the_protocols_own_hours_count_and_asas_stand_beside_them() -> None:
    chair = Chair().with_patient()
    early = {**CHECKED["fasting"], "food": "2026-11-22T09:00:00+01:00"}
    done(chair, "fasting", early)
    assert line(chair, "fasting").state == "blocks"
    signed = order(protocol_id="one-hour-four-sessions")
    chair.session.order = signed
    chair.engine.write(CheckInLine("bladder", "done", {"emptied": "emptied"}), chair.now, NURSE)
    assert line(chair, "fasting").state == "done"
    assert frame_of(chair).fasting.startswith("This protocol: 4 h food, 2 h clear fluid. ASA: 6 h light")


def test_the_bladder_blocks_where_the_protocol_says_so() -> None:
    chair = Chair().with_patient()
    assert not line(chair, "bladder").waits
    chair.session.order = order(protocol_id="one-hour-four-sessions")
    chair.wait(2)
    assert line(chair, "bladder").waits


def test_an_anesthetist_accepts_what_would_block() -> None:
    chair = Chair().with_patient()
    found: dict[str, CheckValue] = {"found": ("raised pressure in the eye",)}
    assert done(chair, "contraindications", found).state == "taken"
    assert line(chair, "contraindications").state == "blocks"
    answer = done(chair, "contraindications", found, reason="Low dose, eye doctor agrees")
    assert (answer.state, answer.field) == ("refused", "second")
    answer = done(chair, "contraindications", found, reason="Eye doctor agrees", second=DOCTOR, pin="3333")
    assert answer.state == "taken"
    assert line(chair, "contraindications").state == "done"
    last = chair.bodies(CheckInLine)[-1]
    assert isinstance(last, CheckInLine)
    assert last.accepted_by == DOCTOR


def test_a_man_is_not_asked_about_pregnancy() -> None:
    chair = Chair().with_patient(sex="male")
    assert (line(chair, "pregnancy").state, line(chair, "pregnancy").words) == ("skipped", "not asked")


def test_an_opioid_needs_its_last_time() -> None:
    chair = Chair().with_patient()
    values: dict[str, CheckValue] = {"taken": ("oxycodone",), "kept": "none stopped"}
    assert done(chair, "medicines", values).field == "opioid"
    assert done(chair, "medicines", {**values, "opioid": "2026-11-22T07:00:00+01:00"}).state == "taken"
    assert line(chair, "medicines").words == "oxycodone, none stopped, opioid 07:00"


def test_a_time_ahead_of_now_is_refused() -> None:
    chair = Chair().with_patient()
    late = {**CHECKED["fasting"], "clear": "2026-11-22T15:00:00+01:00"}
    assert done(chair, "fasting", late).field == "clear"


def test_a_line_can_be_taken_back_and_the_answer_before_it_counts() -> None:
    chair = Chair().with_patient()
    done(chair, "consent")
    answer = done(chair, "consent", {"signed": "not signed"})
    assert line(chair, "consent").state == "blocks"
    assert chair.tap(Undo(answer.entry)).state == "taken"
    assert line(chair, "consent").state == "done"


def test_a_new_weight_asks_for_the_weight_line_again() -> None:
    chair = Chair().with_patient()
    done(chair, "weight", reason="No second person free")
    assert chair.tap(patient(weight_kg=72.0)).state == "taken"
    assert line(chair, "weight").state == "todo"


# ---------------------------------------------------------------- baseline


def with_baseline(chair: Chair) -> Chair:
    assert chair.tap(TakeBaseline(SET)).state == "taken"
    chair.wait(125)
    assert chair.tap(TakeBaseline({**SET, HR: 78.0})).state == "taken"
    return chair


def test_two_sets_and_the_scores_make_the_baseline_line() -> None:
    chair = with_baseline(Chair().with_patient())
    assert line(chair, "baseline").words == "76, 128/76, 97 %; to take: Pain, Sedation"
    chair.tap(TakeScore("nrs-pain", 6))
    chair.tap(TakeScore("moaas", 5))
    assert (line(chair, "baseline").state, line(chair, "baseline").words) == (
        "done",
        "2 sets: 76, 128/76, 97 %",
    )


def test_a_set_that_comes_too_soon_is_refused_with_the_wait() -> None:
    chair = Chair().with_patient()
    chair.tap(TakeBaseline(SET))
    chair.wait(30)
    answer = chair.tap(TakeBaseline(SET))
    assert (answer.field, answer.reason) == ("baseline", "Sets are 2 min apart: 90 s to wait.")


def test_a_set_without_a_pressure_is_refused() -> None:
    answer = Chair().with_patient().tap(TakeBaseline({HR: 74.0, SPO2: 97.0}))
    assert answer.reason == "Still missing: NIBP sys, NIBP dia."


def test_the_baseline_cannot_be_moved_after_the_start_without_a_reason() -> None:
    chair = Chair().running()
    assert chair.tap(TakeBaseline(SET)).field == "reason"
    assert chair.tap(TakeBaseline({SYS: 150.0}, "Nervous at the first set")).state == "taken"
    assert chair.bodies(BaselineSet) == [BaselineSet({SYS: 150.0}, "Nervous at the first set")]


def test_the_frozen_baseline_brings_a_relative_alarm() -> None:
    chair = Chair().with_patient().checked_in()
    with_baseline(chair)
    chair.tap(SignOrder(order(), DOCTOR, "3333"))
    chair.pump(0.0, 0.0)
    chair.tap(AskPump("start"))
    chair.pump(17.5, 0.0)
    for _ in range(12):
        chair.vitals(heart_rate=100.0)
        chair.wait(1)
    assert [
        body.what for body in chair.bodies(AlarmRaised) if isinstance(body, AlarmRaised) and "HR" in body.what
    ] == ["HR 100, 30 % above the baseline"]


# ---------------------------------------------------------------- limits


def test_changed_limits_are_an_entry_and_are_in_force() -> None:
    chair = Chair().running()
    assert chair.tap(ChangeLimits(HR, {"medium_below": 45.0}, "Athlete")).state == "taken"
    assert chair.bodies(LimitsChanged) == [LimitsChanged(HR, {"medium_below": 45.0}, "Athlete")]
    chair.vitals(heart_rate=47.0)
    for _ in range(20):
        chair.wait(1)
        chair.vitals(heart_rate=47.0)
    assert "rate:low" not in chair.alarms()
    shown = next(one for one in chair.snapshot.limits if one.vital is HR)
    assert shown.values["medium_below"] == 45.0
    assert shown.changed == ("medium_below",)


@pytest.mark.parametrize(
    ("limits", "reason", "field"),
    [
        ({"medium_below": 45.0}, " ", "reason"),
        ({"medium_below": 10.0}, "why", "medium_below"),
        ({}, "why", "limits"),
    ],
)
def test_limits_without_reason_out_of_bounds_or_unchanged_are_refused(
    limits: dict[str, float], reason: str, field: str
) -> None:
    assert Chair().with_patient().tap(ChangeLimits(HR, limits, reason)).field == field


def test_limits_and_baseline_come_back_after_a_power_cut() -> None:
    chair = with_baseline(Chair().with_patient().checked_in())
    chair.tap(ChangeLimits(HR, {"medium_below": 45.0}, "Athlete"))
    again = chair.restarted(after_s=30)
    assert line(again, "consent").state == "done"
    assert next(one for one in again.snapshot.limits if one.vital is HR).changed == ("medium_below",)
