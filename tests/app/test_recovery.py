"""Recovery on the engine: criteria turn by what comes, people say their word, the discharge is signed."""

from __future__ import annotations

import pytest

from app.clinical.discharge import Line
from app.entries import (
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    CriterionUnmet,
    Discharged,
    HandedOver,
    InstructionsPrinted,
    ScoreTaken,
    SessionFinished,
    SignedIn,
    Supervised,
)
from app.frames import CriterionRow, RecoveryFrame
from app.messages import (
    AcceptCriterion,
    AnyAct,
    CheckCriterion,
    EndEffect,
    FinishSession,
    GiveDrug,
    HandOver,
    NameSupervisor,
    NoteEffect,
    NoteInstructions,
    SetOxygen,
    SignDischarge,
    TakeScore,
    Undo,
)
from tests.app.chair import DOCTOR, NURSE, Chair

ALDRETE = {"activity": 2, "respiration": 2, "circulation": 2, "consciousness": 2, "spo2": 2}
PADSS = {"vital-signs": 2, "activity": 2, "nausea-vomiting": 2, "pain": 1, "bleeding": 2}
HOME = SignDischarge(DOCTOR, "3333", "On foot", "Spouse")


def line(chair: Chair, criterion: str) -> Line:
    found = chair.engine.recovery.lines(chair.engine, chair.session, chair.now)
    return next(one for one in found if one.id == criterion)


def frame(chair: Chair) -> RecoveryFrame:
    found = chair.snapshot.recovery
    assert found is not None
    return found


def row(chair: Chair, criterion: str) -> CriterionRow:
    return next(one for one in frame(chair).rows if one.key == criterion)


def breathe(chair: Chair, minutes: float, spo2: float = 97.0) -> None:
    for _ in range(round(minutes * 12)):
        chair.wait(5, step_s=5)
        chair.vitals(spo2=spo2, heart_rate=72.0)
    chair.signed_in()


def pressure(chair: Chair, sys: float = 134.0) -> None:
    chair.vitals(heart_rate=72.0)
    chair.vitals(nibp_sys=sys, nibp_dia=80.0, nibp_mean=98.0)


CHECKS = ("oriented", "gait", "bladder", "iv-removed", "escort", "instructions", "no-distress")


def ready_to_go(*, leave_out: str = "") -> Chair:
    """Everything measured and looked at, but for what is left out."""
    chair = Chair().recovering()
    chair.tap(TakeScore("aldrete", items=ALDRETE))
    breathe(chair, 20)
    pressure(chair)
    chair.tap(TakeScore("aldrete", items=ALDRETE))
    chair.tap(TakeScore("padss", items=PADSS))
    chair.tap(TakeScore("moaas", 5))
    chair.tap(TakeScore("nausea-nrs", 0))
    chair.tap(TakeScore("nrs-pain", 2))
    for check in CHECKS:
        if check != leave_out:
            assert chair.tap(CheckCriterion(check, "Seen")).state == "taken"
    assert chair.tap(AcceptCriterion("pain", "No score before", DOCTOR, "3333")).state == "taken"
    chair.wait(1)
    return chair


# ---------------------------------------------------------------- turning


def test_a_criterion_that_turns_is_written_with_its_evidence_and_once() -> None:
    chair = Chair().recovering()
    pressure(chair)
    chair.wait(10)
    assert chair.bodies(CriterionMet) == [CriterionMet("haemodynamics", "72, 134/80 at 14:00")]
    pressure(chair, sys=180.0)
    chair.wait(10)
    assert [body.criterion for body in chair.bodies(CriterionUnmet)] == ["haemodynamics"]  # type: ignore[union-attr]


def test_the_baseline_is_the_last_set_before_the_start() -> None:
    chair = Chair().recovering()
    assert row(chair, "spo2-room-air").state in ("todo", "holding")
    breathe(chair, 1, spo2=94.0)
    chair.wait(1)
    assert row(chair, "spo2-room-air").evidence == "94 %, baseline 97 %"


def test_the_hold_of_the_saturation_runs_on_the_screen() -> None:
    chair = Chair().recovering()
    breathe(chair, 9)
    shown = row(chair, "spo2-room-air")
    assert shown.right.endswith("to run")
    assert shown.share == pytest.approx(0.6, abs=0.03)


def test_a_restart_keeps_what_was_met_and_writes_it_no_second_time() -> None:
    chair = Chair().recovering()
    breathe(chair, 16)
    assert "spo2-room-air" in {body.criterion for body in chair.bodies(CriterionMet)}  # type: ignore[union-attr]
    again = chair.restarted(after_s=30)
    again.wait(5)
    assert line(again, "spo2-room-air").state == "met"
    assert not again.bodies(CriterionMet, CriterionUnmet)


def test_oxygen_unmeets_the_saturation() -> None:
    chair = Chair().recovering()
    breathe(chair, 16)
    chair.tap(SetOxygen(2.0))
    breathe(chair, 0.25)
    assert "spo2-room-air" in {body.criterion for body in chair.bodies(CriterionUnmet)}  # type: ignore[union-attr]


def test_vomiting_holds_the_nausea_line_until_half_an_hour_after_it_is_gone() -> None:
    chair = Chair().recovering()
    chair.tap(TakeScore("nausea-nrs", 1))
    noted = chair.tap(NoteEffect("vomiting", 1)).entry
    chair.wait(1800)
    chair.signed_in()
    assert line(chair, "nausea").state == "holding"
    chair.tap(EndEffect(noted))
    chair.wait(1801)
    assert line(chair, "nausea").state == "met"


def test_a_dose_asks_for_its_observation() -> None:
    chair = Chair().recovering()
    chair.tap(GiveDrug("midazolam", 1.0, "mg", "IV"))
    assert row(chair, "since-drugs").text == "30 min since midazolam"


def test_nothing_turns_before_the_end_of_the_infusion() -> None:
    chair = Chair().running()
    pressure(chair)
    chair.wait(30)
    assert not chair.bodies(CriterionMet)
    assert chair.snapshot.recovery is None


# ---------------------------------------------------------------- scores


def test_the_engine_sums_a_form_and_keeps_variant_and_evidence() -> None:
    chair = Chair().recovering()
    chair.vitals(spo2=96.0, heart_rate=72.0, nibp_sys=134.0, nibp_dia=80.0, nibp_mean=98.0)
    assert chair.tap(TakeScore("aldrete", items=ALDRETE)).state == "taken"
    body = chair.bodies(ScoreTaken)[-1]
    assert isinstance(body, ScoreTaken)
    assert (body.total, body.variant) == (10, "circulation: per cent of baseline")
    assert body.evidence == {
        "circulation": "BP 134, 3 % off 130 before the start",
        "spo2": "96 % on room air",
    }


def test_points_that_contradict_the_vital_signs_have_no_evidence() -> None:
    chair = Chair().recovering()
    chair.vitals(spo2=96.0)
    chair.tap(TakeScore("aldrete", items={**ALDRETE, "spo2": 1}))
    body = chair.bodies(ScoreTaken)[-1]
    assert isinstance(body, ScoreTaken)
    assert "spo2" not in body.evidence


def test_a_form_with_a_missing_item_is_asked_about_and_kept_as_not_computable() -> None:
    chair = Chair().recovering()
    items = {key: value for key, value in ALDRETE.items() if key != "respiration"}
    asked = chair.tap(TakeScore("aldrete", items=items))
    assert (asked.state, asked.reason) == (
        "asked",
        "Aldrete: not computable, respiration missing. Keep it so?",
    )
    assert chair.tap(TakeScore("aldrete", items=items, sure=True)).state == "taken"
    body = chair.bodies(ScoreTaken)[-1]
    assert isinstance(body, ScoreTaken)
    assert body.total is None
    assert line(chair, "aldrete").state == "todo"


@pytest.mark.parametrize(
    "act",
    [
        TakeScore("aldrete", total=10),
        TakeScore("aldrete", total=9, items=ALDRETE),
        TakeScore("poss", code="9"),
        TakeScore("rass", 5),
        TakeScore("cadss-6", items={"3": 1}),
    ],
)
def test_a_score_that_its_form_does_not_have_is_refused(act: AnyAct) -> None:
    chair = Chair().recovering()
    assert chair.tap(act).state == "refused"
    assert not chair.bodies(ScoreTaken)


@pytest.mark.parametrize(
    "act", [TakeScore("poss", code="S"), TakeScore("rass", -2), TakeScore("ramsay", 2), TakeScore("moaas", 4)]
)
def test_every_sedation_scale_is_taken(act: AnyAct) -> None:
    chair = Chair().recovering()
    assert chair.tap(act).state == "taken"


def test_proposals_are_shown_and_never_filled_in() -> None:
    chair = Chair().recovering()
    chair.vitals(spo2=96.0, nibp_sys=134.0, nibp_dia=80.0, nibp_mean=98.0)
    seen = {(p.score, p.item): p.points for p in chair.snapshot.proposals}
    assert seen["aldrete", "circulation"] == 2
    assert not chair.bodies(ScoreTaken)


# ---------------------------------------------------------------- people's words


def test_what_a_nurse_saw_meets_a_line_and_can_be_taken_back() -> None:
    chair = Chair().recovering()
    entry = chair.tap(CheckCriterion("gait", "Walks unaided")).entry
    assert row(chair, "gait").evidence == "Walks unaided, LK"
    assert chair.tap(Undo(entry)).state == "taken"
    assert row(chair, "gait").state == "todo"


def test_what_is_measured_is_not_ticked() -> None:
    chair = Chair().recovering()
    assert chair.tap(CheckCriterion("haemodynamics", "looks fine")).state == "refused"
    assert not chair.bodies(CriterionChecked)


def test_a_physician_accepts_a_line_with_a_reason_and_a_pin() -> None:
    chair = Chair().recovering()
    pressure(chair, sys=180.0)
    assert chair.tap(AcceptCriterion("haemodynamics", "", DOCTOR, "3333")).field == "reason"
    assert chair.tap(AcceptCriterion("haemodynamics", "why", NURSE, "1111")).field == "signer"
    wrong = chair.tap(AcceptCriterion("haemodynamics", "Her normal", DOCTOR, "9"), pin=False)
    assert (wrong.state, wrong.field) == ("refused", "pin")
    assert not chair.bodies(CriterionAccepted)
    assert chair.tap(AcceptCriterion("haemodynamics", "Her normal", DOCTOR, "3333")).state == "taken"
    assert row(chair, "haemodynamics").state == "accepted"


def test_a_line_that_the_table_does_not_let_go_is_asked_about_first() -> None:
    chair = Chair().recovering()
    asked = chair.tap(AcceptCriterion("gait", "Wheelchair", DOCTOR, "3333"))
    assert asked.field == "sure"
    assert chair.tap(AcceptCriterion("gait", "Wheelchair", DOCTOR, "3333", sure=True)).state == "taken"


def test_a_physicians_word_ends_when_the_line_turns_afterwards() -> None:
    chair = Chair().recovering()
    pressure(chair, sys=180.0)
    chair.tap(AcceptCriterion("haemodynamics", "Her normal", DOCTOR, "3333"))
    pressure(chair)
    chair.wait(2)
    assert line(chair, "haemodynamics").state == "met"
    pressure(chair, sys=190.0)
    chair.wait(2)
    assert line(chair, "haemodynamics").state == "unmet"


def test_a_printed_copy_of_the_instructions_is_recorded() -> None:
    chair = Chair().recovering()
    assert chair.tap(NoteInstructions("HP 400", "printed", 1)).state == "taken"
    assert chair.bodies(InstructionsPrinted) == [InstructionsPrinted("HP 400", "printed", 1)]


def test_the_instructions_name_the_hours_and_leave_out_what_is_not_given() -> None:
    leaflet = frame(Chair().recovering()).leaflet
    assert leaflet is not None
    assert leaflet.parts[0].title == "For the next 24 hours"
    assert not any("take home" in part.title for part in leaflet.parts)
    assert "911" in leaflet.emergency


# ---------------------------------------------------------------- hand-over and supervision


def test_the_patient_is_handed_over_by_the_takers_pin() -> None:
    chair = Chair().running()
    assert chair.tap(HandOver(DOCTOR, "3333")).state == "taken"
    assert chair.bodies(HandedOver) == [HandedOver(NURSE, DOCTOR)]
    assert chair.bodies(SignedIn)[-1] == SignedIn(DOCTOR)
    assert chair.snapshot.header.who == "AM"


def test_a_wrong_pin_hands_nothing_over() -> None:
    chair = Chair().running()
    assert chair.tap(HandOver(DOCTOR, "9"), pin=False).state == "refused"
    assert not chair.bodies(HandedOver)
    assert chair.snapshot.header.who == "LK"


def test_nobody_hands_over_to_themselves() -> None:
    assert Chair().running().tap(HandOver(NURSE, "1111")).field == "taker"


def test_the_supervising_anesthetist_is_named() -> None:
    chair = Chair().running()
    assert chair.tap(NameSupervisor(NURSE)).state == "refused"
    assert chair.tap(NameSupervisor(DOCTOR)).state == "taken"
    assert chair.bodies(Supervised) == [Supervised(DOCTOR)]
    assert chair.snapshot.supervisor == DOCTOR


# ---------------------------------------------------------------- leaving


def test_nobody_goes_home_while_a_line_is_open() -> None:
    chair = ready_to_go(leave_out="gait")
    refused = chair.tap(HOME)
    assert (refused.field, refused.reason) == ("criteria", "1 line not met yet: Walks as usual.")
    assert frame(chair).sign.reason == "1 line not met yet"
    assert not frame(chair).sign.allowed


def test_a_score_of_ten_discharges_nobody() -> None:
    chair = ready_to_go()
    assert frame(chair).sign.allowed, [
        one for one in frame(chair).rows if one.state not in ("met", "accepted")
    ]
    assert not chair.bodies(Discharged, SessionFinished)
    assert chair.session.phase == "recovery"


def test_the_anesthetist_signs_and_then_the_session_is_finished() -> None:
    chair = ready_to_go()
    assert chair.tap(FinishSession()).reason == "Sign the discharge first."
    assert chair.tap(HOME).state == "taken"
    assert chair.bodies(Discharged) == [Discharged(DOCTOR, "On foot", "Spouse", "home", "", ("pain",))]
    assert frame(chair).sign.key == "finish"
    assert chair.tap(FinishSession()).state == "taken"


def test_a_nurse_does_not_sign_a_discharge() -> None:
    chair = ready_to_go()
    assert chair.tap(SignDischarge(NURSE, "1111", "On foot", "Spouse")).field == "signer"


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (SignDischarge(DOCTOR, "3333", "", "Spouse"), "departure"),
        (SignDischarge(DOCTOR, "3333", "On foot", ""), "companion"),
        (SignDischarge(DOCTOR, "3333", "", "", "transferred"), "reason"),
        (SignDischarge(DOCTOR, "3333", "", "", "away"), "how"),
    ],
)
def test_a_discharge_says_how_and_with_whom(act: SignDischarge, field: str) -> None:
    chair = ready_to_go()
    assert chair.tap(act).field == field


def test_who_leaves_against_advice_leaves_with_what_was_open() -> None:
    chair = Chair().recovering()
    act = SignDischarge(NURSE, "1111", "On foot", "", "against-advice", "Will not wait")
    assert chair.tap(act).state == "taken"
    body = chair.bodies(Discharged)[0]
    assert isinstance(body, Discharged)
    assert {"gait", "aldrete", "minimum-recovery"} <= set(body.not_met)


def test_after_the_signature_nothing_turns_and_nothing_is_ticked() -> None:
    chair = ready_to_go()
    chair.tap(HOME)
    pressure(chair, sys=190.0)
    chair.wait(5)
    assert not chair.bodies(CriterionUnmet)
    assert chair.tap(CheckCriterion("gait", "Walks unaided")).state == "refused"


def test_the_summary_tells_scores_criteria_people_and_the_signature() -> None:
    chair = ready_to_go()
    chair.tap(NameSupervisor(DOCTOR))
    chair.tap(HOME)
    chair.tap(FinishSession())
    summary = chair.snapshot.summary
    assert summary is not None
    tables = {table.title: table for table in summary.details}  # type: ignore[attr-defined]
    told = [one.cells[0] for one in tables["Recovery and discharge"].rows]
    assert any("HR and BP within 20 % of baseline: 72, 134/80" in words for words in told)
    assert any("Discharged home, on foot, with Spouse, signed by Dr. Ana Mora" in words for words in told)
    assert any("circulation: per cent of baseline" in one.note for one in tables["Scores"].rows)
    events = [one.cells[1] for one in tables["Events in order of time"].rows]
    assert any("Dr. Ana Mora supervises" in words for words in events)
    assert "Discharge" in {line.meaning for line in summary.signed}  # type: ignore[attr-defined]
