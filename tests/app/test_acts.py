"""What a touch may do, and what it is refused: nothing that a nurse touches may raise anything but Refused."""

from __future__ import annotations

import math
from datetime import date

import msgspec
import pytest

from app.clinical.vitals import Vital
from app.entries import (
    AlarmAcknowledged,
    Amended,
    ClinicNamed,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    PatientIdentified,
    PinRefused,
    RateOrdered,
    Retracted,
    ScoreTaken,
    SessionFinished,
    SessionOpened,
    SignedIn,
    StaffAdded,
    SummarySigned,
    VitalEntered,
)
from app.messages import (
    Acknowledge,
    Amend,
    AnswerSyringe,
    AnyAct,
    AskPump,
    ConfirmByHand,
    ConfirmPumpState,
    DeviceDraft,
    EndEffect,
    EnterVital,
    FinishSession,
    FirstRunDone,
    GiveDrug,
    LeaveSession,
    ListSessions,
    Lock,
    NoteEffect,
    NotePrinted,
    OrderRate,
    SetOxygen,
    ShowSession,
    SignIn,
    SignOrder,
    SignSummary,
    StaffDraft,
    StopAsking,
    TakeScore,
    Undo,
    WriteNote,
)
from app.ports import CheckPin, Load
from tests.app.chair import DOCTOR, NURSE, Chair, order, patient

NAN = math.nan


def a_score() -> str:
    """A score that is a number."""
    from tests.app.chair import catalog

    return next(s.id for s in catalog().usual_scores() if s.kind == "number")


# ---------------------------------------------------------------- who is here


def test_a_wrong_pin_signs_nobody_in_and_is_written() -> None:
    chair = Chair()
    answer = chair.tap(SignIn(NURSE, "9999"), pin=False)
    assert (answer.state, answer.field, answer.reason) == ("refused", "pin", "Wrong PIN. 4 tries left.")
    assert chair.bodies(PinRefused) == [PinRefused(NURSE, 0.0)]
    assert chair.engine.locked


def test_after_too_many_wrong_pins_the_list_says_how_long_to_wait() -> None:
    chair = Chair()
    chair.tap(SignIn(NURSE, "9999"), pin=None)
    chair.hear(chair.store.pin_checked(chair.now, ok=False, wait_s=60))
    assert next(row.wait_s for row in chair.snapshot.staff if row.staff == NURSE) == 60
    chair.wait(45)
    assert next(row.wait_s for row in chair.snapshot.staff if row.staff == NURSE) == 15


def test_a_right_pin_signs_in_and_says_who_is_here() -> None:
    chair = Chair().signed_in()
    assert chair.bodies(SignedIn) == [SignedIn(NURSE)]
    assert chair.snapshot.header.who == "LK"


def test_a_locked_chair_takes_no_entry_but_keeps_the_view() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0)
    chair.tap(Lock())
    answer = chair.tap(WriteNote("x"))
    assert (answer.state, answer.field) == ("refused", "lock")
    assert chair.tile("heart_rate") == ("80", "live")


def test_the_next_pin_unlocks_where_it_was() -> None:
    chair = Chair().running()
    chair.tap(Lock())
    chair.tap(SignIn(DOCTOR, "3333"))
    assert not chair.engine.locked
    assert chair.session.phase == "infusing"


def test_entry_locks_by_itself_and_says_so() -> None:
    chair = Chair().with_patient()
    chair.wait(15 * 60 + 5, step_s=5)
    assert chair.engine.locked
    assert "EntryLocked" in chair.kinds()


def test_a_touch_keeps_the_entry_open() -> None:
    chair = Chair().with_patient()
    for _ in range(3):
        chair.wait(14 * 60, step_s=10)
        chair.tap(ListSessions())
    assert not chair.engine.locked


def test_a_nurse_cannot_sign_an_order() -> None:
    chair = Chair().with_patient()
    answer = chair.tap(SignOrder(order(), NURSE, "1111"))
    assert (answer.state, answer.field) == ("refused", "signer")
    assert len(chair.store.asked(CheckPin)) == 1  # the sign-in


def test_a_person_who_is_not_on_the_list_cannot_sign() -> None:
    chair = Chair().with_patient()
    assert chair.tap(SignOrder(order(), "stranger", "1111")).field == "signer"


def test_an_order_with_a_wrong_pin_is_not_signed() -> None:
    chair = Chair().with_patient()
    assert chair.tap(SignOrder(order(), DOCTOR, "0000"), pin=False).field == "pin"
    assert chair.session.phase == "check-in"


def test_an_order_waits_for_its_pin() -> None:
    chair = Chair().with_patient()
    assert chair.tap(SignOrder(order(), DOCTOR, "3333"), pin=None).state == "waiting"
    assert chair.session.phase == "check-in"


def test_a_signature_does_not_land_on_another_patient() -> None:
    chair = Chair().with_patient()
    chair.tap(SignOrder(order(), DOCTOR, "3333"), pin=None)
    chair.tap(LeaveSession())
    chair.tap(patient(mrn="99", name="Somebody Else"))
    chair.hear(chair.store.pin_checked(chair.now))
    assert not chair.bodies(OrderSigned)
    assert chair.engine.answers["tap3"].field == "session"


def test_a_signature_that_comes_after_the_lock_is_refused() -> None:
    chair = Chair().with_patient()
    chair.tap(SignOrder(order(), DOCTOR, "3333"), pin=None)
    chair.tap(Lock())
    chair.hear(chair.store.pin_checked(chair.now))
    assert not chair.bodies(OrderSigned)


def test_an_order_that_waits_for_its_pin_while_the_infusion_starts_is_refused() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 0.0)
    chair.tap(SignOrder(order(minutes=20.0), DOCTOR, "3333"), pin=None)
    chair.tap(AskPump("start"))
    chair.pump(17.5, 0.0)
    chair.hear(chair.store.pin_checked(chair.now))
    assert len(chair.bodies(OrderSigned)) == 1


# ---------------------------------------------------------------- first run


def first_run(**changes: object) -> FirstRunDone:
    """A clinic with one administrator."""
    staff = (StaffDraft("P. Admin", "PA", ("administrator",), "4444"),)
    done = FirstRunDone("Spring Street", staff, (DeviceDraft("monitor", "", ""), DeviceDraft("pump", "", "")))
    return msgspec.structs.replace(done, **changes)


def empty_chair() -> Chair:
    """A chair before its first run."""
    chair = Chair()
    chair.engine.clinic = type(chair.engine.clinic)()
    return chair


def test_the_first_run_names_clinic_staff_and_devices_and_keeps_no_pin_in_the_record() -> None:
    chair = empty_chair()
    assert chair.snapshot.phase == "first-run"
    assert chair.tap(first_run()).state == "taken"
    assert chair.bodies(ClinicNamed) == [ClinicNamed("Spring Street")]
    assert len(chair.bodies(StaffAdded)) == 1
    assert [pin.pin for pin in chair.store.pins] == ["4444"]
    assert "4444" not in repr(chair.store.entries)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"clinic": "  "}, "clinic"),
        ({"staff": ()}, "staff"),
        ({"staff": (StaffDraft("A", "AA", ("nurse",), "4444"),)}, "staff"),
        ({"staff": (StaffDraft("", "AA", ("administrator",), "4444"),)}, "name"),
        ({"staff": (StaffDraft("A", "AAAAA", ("administrator",), "4444"),)}, "initials"),
        ({"staff": (StaffDraft("A", "AA", ("administrator", "king"), "4444"),)}, "roles"),
        ({"staff": (StaffDraft("A", "AA", ("administrator",), "12"),)}, "pin"),
        ({"staff": (StaffDraft("A", "AA", ("administrator",), "12ab"),)}, "pin"),
        ({"staff": (StaffDraft("A", "AA", ("administrator",), "1234"),) * 2}, "initials"),
        ({"devices": (DeviceDraft("kettle", "", ""),)}, "devices"),
    ],
)
def test_a_first_run_that_lacks_something_says_what(changes: dict[str, object], field: str) -> None:
    chair = empty_chair()
    answer = chair.tap(first_run(**changes))
    assert (answer.state, answer.field) == ("refused", field)
    assert not chair.store.entries


def test_a_clinic_is_set_up_once() -> None:
    assert Chair().signed_in().tap(first_run()).field == "clinic"


# ---------------------------------------------------------------- patient and order


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weight_kg": 700.0}, "weight_kg"),
        ({"weight_kg": 0.0}, "weight_kg"),
        ({"weight_kg": -70.0}, "weight_kg"),
        ({"weight_kg": NAN}, "weight_kg"),
        ({"weight_kg": None}, "weight_kg"),
        ({"birth_date": date(2031, 1, 1)}, "birth_date"),
        ({"birth_date": None}, "birth_date"),
        ({"name": " "}, "name"),
        ({"mrn": ""}, "mrn"),
        ({"sex": "?"}, "sex"),
        ({"none_known": False}, "allergies"),
        ({"allergies": ("latex",)}, "allergies"),
    ],
)
def test_a_patient_who_cannot_be_is_refused_and_nothing_is_opened(
    changes: dict[str, object], field: str
) -> None:
    chair = Chair().signed_in()
    answer = chair.tap(patient(**changes))
    assert (answer.state, answer.field) == ("refused", field)
    assert chair.engine.session is None
    assert not chair.bodies(SessionOpened)


def test_a_weight_that_may_be_pounds_is_asked_about() -> None:
    chair = Chair().signed_in()
    answer = chair.tap(patient(weight_kg=165.0))
    assert (answer.state, answer.field) == ("asked", "weight_kg")
    assert "74.8 kg" in answer.reason
    assert chair.tap(patient(weight_kg=165.0, sure=True)).state == "taken"


def test_what_is_recorded_of_a_patient_has_no_spaces_around_it() -> None:
    chair = Chair().signed_in()
    chair.tap(patient(name="  Rosa Martin ", mrn=" 7 ", allergies=(" dust ",), none_known=False))
    (body,) = chair.bodies(PatientIdentified)
    assert isinstance(body, PatientIdentified)
    assert (body.name, body.mrn, body.allergies) == ("Rosa Martin", "7", ("dust",))


def test_a_second_patient_waits_for_the_end_of_the_session() -> None:
    assert Chair().running().tap(patient(mrn="2")).state == "refused"


def test_the_patient_of_a_session_not_yet_ordered_is_put_right_in_the_same_session() -> None:
    chair = Chair().with_patient()
    before = chair.session.id
    chair.tap(patient(weight_kg=71.0))
    assert chair.session.id == before
    assert chair.session.patient is not None
    assert chair.session.patient.weight_kg == 71.0


@pytest.mark.parametrize(
    ("signed", "field"),
    [
        (order(71.0), "dose_weight_kg"),
        (order(max_rate=9.0), "max_rate"),
        (order(max_rate=NAN), "max_rate"),
        (order(container_ml=0.0), "container_ml"),
        (order(protocol_id="nothing"), "protocol"),
        (order(weight_basis="lean"), "weight_basis"),
        (order(steps=()), "minutes"),
    ],
)
def test_an_order_that_cannot_be_is_refused_before_the_pin(signed: object, field: str) -> None:
    chair = Chair().with_patient()
    answer = chair.tap(SignOrder(signed, DOCTOR, "3333"))  # type: ignore[arg-type]
    assert (answer.state, answer.field) == ("refused", field)
    assert not chair.bodies(OrderSigned)


def test_a_weight_of_another_basis_must_be_what_the_formula_gives() -> None:
    chair = Chair().with_patient(height_cm=165.0)
    ideal = order(56.9, weight_basis="ideal")
    assert chair.tap(SignOrder(ideal, DOCTOR, "3333")).state == "taken"
    wrong = order(70.0, weight_basis="ideal")
    assert chair.tap(SignOrder(wrong, DOCTOR, "3333")).field == "dose_weight_kg"


@pytest.mark.parametrize("rate", [999.0, 0.0, -1.0, NAN, math.inf, 17.55])
def test_a_rate_that_the_order_or_the_pump_forbids_is_refused(rate: float) -> None:
    chair = Chair().running()
    answer = chair.tap(OrderRate(rate, "why", DOCTOR, "3333", sure=True, soft_reason="x"))
    assert answer.state == "refused"
    assert not chair.bodies(RateOrdered)


def test_a_tenth_of_the_order_is_asked_about() -> None:
    chair = Chair().running()
    answer = chair.tap(OrderRate(1.7, "why", DOCTOR, "3333"))
    assert (answer.state, answer.field) == ("refused", "sure")
    assert chair.tap(OrderRate(1.7, "why", DOCTOR, "3333", sure=True)).state == "taken"


def test_a_rate_change_needs_a_reason() -> None:
    assert Chair().running().tap(OrderRate(19.0, "  ", DOCTOR, "3333")).field == "reason"


def test_a_rate_is_judged_by_what_is_in_the_pump_now() -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0, confirmed=False)
    chair.tap(AnswerSyringe(50.0, 5.0, same_container=False))
    assert chair.tap(OrderRate(19.0, "why", DOCTOR, "3333")).state == "refused"
    assert chair.tap(OrderRate(7.0, "why", DOCTOR, "3333")).state == "taken"
    (ordered,) = chair.bodies(RateOrdered)
    assert isinstance(ordered, RateOrdered)
    assert ordered.rate_mg_h == pytest.approx(35.0)


def test_no_rate_is_ordered_while_nobody_knows_what_is_in_the_syringe() -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0, confirmed=False)
    assert chair.tap(OrderRate(19.0, "why", DOCTOR, "3333")).state == "refused"


# ---------------------------------------------------------------- what is noted


def test_a_touch_fixes_the_time() -> None:
    chair = Chair().with_patient()
    first_touch = chair.now
    chair.wait(20)
    chair.tap(NoteEffect("nausea", 2), at=first_touch)
    (noted,) = chair.session.standing(EffectNoted)
    assert noted.at == first_touch


def test_back_dating_sets_the_time_back() -> None:
    chair = Chair().with_patient()
    chair.wait(300, step_s=10)
    chair.tap(NoteEffect("nausea", 2, back_min=2))
    (noted,) = chair.session.standing(EffectNoted)
    assert chair.now.since(noted.at) == pytest.approx(120)


@pytest.mark.parametrize("back_min", [10, -1, 10**9])
@pytest.mark.parametrize(
    "act",
    [
        NoteEffect("nausea", 2),
        GiveDrug("midazolam", 1.0, "mg", "IV"),
        TakeScore("moaas", 4),
        EnterVital({Vital.HEART_RATE: 80.0}),
        SetOxygen(2.0),
        WriteNote("x"),
    ],
)
def test_nothing_is_noted_before_the_session_or_ahead_of_now(act: AnyAct, back_min: int) -> None:
    chair = Chair().with_patient()
    answer = chair.tap(msgspec.structs.replace(act, back_min=back_min))
    assert (answer.state, answer.field) == ("refused", "back_min")


def test_the_same_again_within_a_minute_is_asked_about() -> None:
    chair = Chair().with_patient()
    chair.tap(NoteEffect("nausea", 2))
    chair.wait(60)
    answer = chair.tap(NoteEffect("nausea", 2))
    assert (answer.state, answer.field) == ("asked", "again")
    assert chair.tap(NoteEffect("nausea", 2, sure=True)).state == "taken"


def test_the_same_again_after_a_minute_is_not_asked_about() -> None:
    chair = Chair().with_patient()
    chair.tap(NoteEffect("nausea", 2))
    chair.wait(61)
    assert chair.tap(NoteEffect("nausea", 2)).state == "taken"


def test_another_grade_is_not_the_same() -> None:
    chair = Chair().with_patient()
    chair.tap(NoteEffect("nausea", 2))
    assert chair.tap(NoteEffect("nausea", 3)).state == "taken"


def test_what_was_taken_back_is_not_asked_about() -> None:
    chair = Chair().with_patient()
    chair.tap(Undo(chair.tap(NoteEffect("nausea", 2)).entry))
    assert chair.tap(NoteEffect("nausea", 2)).state == "taken"


def test_the_same_values_by_hand_within_a_minute_are_asked_about_and_shown_once() -> None:
    chair = Chair().with_patient()
    chair.tap(EnterVital({Vital.HEART_RATE: 80.0}))
    assert chair.tap(EnterVital({Vital.HEART_RATE: 80.0})).state == "asked"
    assert len(chair.bodies(VitalEntered)) == 1


def test_undo_takes_back_within_ten_seconds() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.wait(9.5)
    assert chair.snapshot.undo is not None
    assert chair.tap(Undo(noted)).state == "taken"
    assert chair.bodies(Retracted) == [Retracted(noted)]


def test_undo_is_refused_after_ten_seconds() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.wait(10.5)
    assert chair.snapshot.undo is None
    assert chair.tap(Undo(noted)).state == "refused"


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_the_wall_clock_neither_shortens_nor_stretches_the_undo(jump_s: float) -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.now = type(chair.now)(chair.now.plus(jump_s).utc, chair.now.steady + 5)
    assert chair.snapshot.undo is not None
    chair.now = chair.now.plus(6)
    assert chair.tap(Undo(noted)).state == "refused"


def test_nothing_is_taken_back_twice() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.tap(Undo(noted))
    assert chair.tap(Undo(noted)).state == "refused"


def test_a_pump_entry_is_not_taken_back() -> None:
    chair = Chair().running()
    started = next(e for e in chair.session.entries if type(e.body).__name__ == "InfusionStarted")
    assert chair.tap(Undo(started.uuid)).state == "refused"


def test_a_back_dated_entry_can_be_undone_for_ten_seconds_as_well() -> None:
    chair = Chair().with_patient()
    chair.wait(300, step_s=10)
    noted = chair.tap(NoteEffect("nausea", 2, back_min=2)).entry
    chair.wait(5)
    assert chair.tap(Undo(noted)).state == "taken"


def test_a_side_effect_ends_once_and_not_before_it_began() -> None:
    chair = Chair().with_patient()
    chair.wait(300, step_s=10)
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    assert chair.tap(EndEffect(noted, back_min=2)).field == "back_min"
    assert chair.tap(EndEffect(noted)).state == "taken"
    assert chair.tap(EndEffect(noted)).state == "refused"
    assert len(chair.bodies(EffectEnded)) == 1


def test_a_side_effect_that_was_taken_back_cannot_end() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.tap(Undo(noted))
    assert chair.tap(EndEffect(noted)).state == "refused"


def test_an_amendment_needs_words_and_a_reason() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(WriteNote("left")).entry
    assert chair.tap(Amend(noted, "right", " ", NURSE, "1111")).field == "reason"
    assert chair.tap(Amend(noted, " ", "mistaken", NURSE, "1111")).field == "text"
    assert chair.tap(Amend(noted, "x" * 5000, "mistaken", NURSE, "1111")).field == "text"
    assert chair.tap(Amend("nobody", "right", "mistaken", NURSE, "1111")).state == "refused"
    assert not chair.bodies(Amended)


def test_a_dose_above_the_hard_limit_is_written_with_a_reason_and_a_second_name() -> None:
    chair = Chair().running()
    dose = GiveDrug("midazolam", 50.0, "mg", "IV")
    assert chair.tap(dose).field == "reason"
    assert chair.tap(msgspec.structs.replace(dose, reason="seizure")).field == "second"
    alone = msgspec.structs.replace(dose, reason="seizure", second="LK")
    assert chair.tap(alone).field == "second"
    assert chair.tap(msgspec.structs.replace(alone, second="J. Moreno")).state == "taken"
    assert len(chair.bodies(DrugGiven)) == 1


@pytest.mark.parametrize(
    "act",
    [
        NoteEffect("hiccups-of-doom", 2),
        NoteEffect("nausea", 0),
        NoteEffect("nausea", 5),
        EndEffect("nobody"),
        GiveDrug("unobtainium", 1.0, "mg", "IV"),
        GiveDrug("midazolam", 0.0, "mg", "IV"),
        GiveDrug("midazolam", NAN, "mg", "IV"),
        GiveDrug("midazolam", math.inf, "mg", "IV"),
        GiveDrug("midazolam", 1.0, "mcg", "IV"),
        GiveDrug("midazolam", 1.0, "mg", "by ear"),
        TakeScore("nothing", 3),
        TakeScore("moaas", 99),
        TakeScore("moaas"),
        TakeScore("aldrete", 10, {"activity": 77}),
        EnterVital({}),
        EnterVital({Vital.SPO2: 412.0}, sure=True),
        EnterVital({Vital.SPO2: NAN}, sure=True),
        SetOxygen(-1.0),
        SetOxygen(NAN),
        SetOxygen(1000.0),
        WriteNote("   "),
        WriteNote("x" * 5000),
        Undo("nobody"),
        ConfirmByHand("start"),
        ConfirmByHand("dance"),
        AnswerSyringe(50.0, 2.0, same_container=True),
        ConfirmPumpState(running=True, rate_ml_h=1.0, volume_ml=None),
        OrderRate(17.5, "why", DOCTOR, "3333"),
        SignSummary(DOCTOR, "3333", "Anesthetist"),
    ],
)
def test_what_makes_no_sense_is_refused_with_words_and_writes_nothing(act: AnyAct) -> None:
    chair = Chair().with_patient()
    before = len(chair.store.entries)
    answer = chair.tap(act)
    assert answer.state == "refused"
    assert answer.reason
    assert len(chair.store.entries) == before


@pytest.mark.parametrize(
    "act",
    [
        AskPump("start"),
        ConfirmByHand("start"),
        NoteEffect("nausea", 2),
        EndEffect("x"),
        GiveDrug("midazolam", 1.0, "mg", "IV"),
        TakeScore("moaas", 4),
        EnterVital({Vital.HEART_RATE: 80.0}),
        SetOxygen(2.0),
        WriteNote("x"),
        Undo("x"),
        Amend("x", "y", "z", NURSE, "1111"),
        AnswerSyringe(50.0, 2.0, same_container=True),
        ConfirmPumpState(running=True, rate_ml_h=1.0, volume_ml=None),
        FinishSession(),
        SignOrder(order(), DOCTOR, "3333"),
        OrderRate(17.5, "why", DOCTOR, "3333"),
        SignSummary(DOCTOR, "3333", "Anesthetist"),
        NotePrinted("printer", "done", 2),
    ],
)
def test_without_a_session_nothing_of_a_session_can_be_written(act: AnyAct) -> None:
    chair = Chair().signed_in()
    before = len(chair.store.entries)
    assert chair.tap(act).state == "refused"
    assert len(chair.store.entries) == before


@pytest.mark.parametrize(
    "act", [LeaveSession(), ListSessions(), StopAsking(), Acknowledge(), Acknowledge(("x",)), Lock()]
)
def test_what_needs_no_session_works_without_one(act: AnyAct) -> None:
    assert Chair().signed_in().tap(act).state == "taken"


def test_a_pressure_by_hand_is_shown_with_its_time_and_drawn() -> None:
    chair = Chair().running()
    values = {Vital.NIBP_SYS: 120.0, Vital.NIBP_DIA: 80.0}
    assert chair.tap(EnterVital(values)).state == "taken"
    assert chair.tile("nibp") == ("120/80", "live")
    assert [(p.sys, p.dia) for p in chair.engine.trends.pressures] == [(120.0, 80.0)]


def test_an_unlikely_value_by_hand_is_asked_about() -> None:
    chair = Chair().with_patient()
    assert chair.tap(EnterVital({Vital.HEART_RATE: 200.0})).state == "asked"
    assert chair.tap(EnterVital({Vital.HEART_RATE: 200.0}, sure=True)).state == "taken"


def test_oxygen_off_is_a_flow_of_zero() -> None:
    chair = Chair().with_patient()
    assert chair.tap(SetOxygen(0.0)).state == "taken"
    assert chair.bodies(OxygenSet) == [OxygenSet(0.0)]


def test_acknowledging_one_alarm_leaves_the_other() -> None:
    chair = Chair().running()
    chair.vitals(spo2=70.0)
    chair.pump(17.5, 0.1, alarm="AL_LWBAT")
    chair.tap(Acknowledge(("pump.AL_LWBAT",)))
    rows = {row.condition.key: row.acknowledged for row in chair.engine.board.rows}
    assert rows == {"spo2:low": False, "pump.AL_LWBAT": True}
    assert chair.bodies(AlarmAcknowledged) == [AlarmAcknowledged("pump.AL_LWBAT")]


def test_a_number_score_is_taken() -> None:
    chair = Chair().with_patient()
    assert chair.tap(TakeScore(a_score(), 3)).state == "taken"
    assert chair.bodies(ScoreTaken) == [ScoreTaken(a_score(), 3)]


# ---------------------------------------------------------------- the end


def finished() -> Chair:
    """A session that is over."""
    chair = Chair().running()
    chair.tap(WriteNote("quiet"))
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.0)
    assert chair.leave().state == "taken"
    return chair


def test_a_session_is_not_finished_while_the_infusion_runs() -> None:
    chair = Chair().running()
    assert chair.tap(FinishSession()).state == "refused"
    assert not chair.bodies(SessionFinished)


def test_a_session_under_way_cannot_be_left_nor_another_shown() -> None:
    chair = Chair().running()
    assert chair.tap(LeaveSession()).state == "refused"
    assert chair.tap(ShowSession("other")).state == "refused"


@pytest.mark.parametrize(
    "act",
    [
        NoteEffect("nausea", 2),
        GiveDrug("midazolam", 1.0, "mg", "IV"),
        WriteNote("late"),
        EnterVital({Vital.HEART_RATE: 80.0}),
        AskPump("start"),
        AnswerSyringe(50.0, 2.0, same_container=True),
        FinishSession(),
    ],
)
def test_a_finished_session_takes_only_amendments(act: AnyAct) -> None:
    assert finished().tap(act).state == "refused"


def test_what_was_noted_before_the_end_is_amended_after_it_and_not_undone() -> None:
    chair = finished()
    noted = chair.session.standing(NoteWritten)[0].uuid
    assert chair.tap(Undo(noted)).state == "refused"
    assert chair.tap(Amend(noted, "asleep", "mistaken", NURSE, "1111")).state == "taken"


def test_the_summary_is_signed_with_the_signers_own_pin() -> None:
    chair = finished()
    chair.counted().recorded()
    assert chair.tap(SignSummary(DOCTOR, "3333", "Anesthetist")).state == "taken"
    assert chair.bodies(SummarySigned) == [SummarySigned(DOCTOR, "Anesthetist")]


def test_what_is_on_its_way_to_the_disk_comes_before_a_session_is_loaded() -> None:
    chair = Chair().with_patient()
    chair.tap(WriteNote("x"))
    chair.tap(ShowSession(chair.session.id))
    kinds = [type(request).__name__ for request in chair.store.requests]
    assert kinds.index("Load") > max(
        n for n, kind in enumerate(kinds[: kinds.index("Load")]) if kind == "Append"
    )
    assert isinstance(chair.store.asked(Load)[0], Load)


def test_another_number_is_no_correction_once_something_was_recorded_of_the_patient() -> None:
    chair = Chair().with_patient().checked_in()
    lines = len(chair.session.entries)
    answer = chair.tap(patient(mrn="99", name="Somebody Else"))
    assert (answer.state, answer.field) == ("refused", "mrn")
    assert "00417" in answer.reason
    assert len(chair.session.entries) == lines
    assert chair.tap(patient(name="Rosa Martín")).state == "taken"


# ---------------------------------------------------------------- what cannot be read back


@pytest.mark.parametrize("text", ["10\u202e mg", "\u2067left", "half \ud800", "nul \x00", "bell \x07"])
def test_a_text_with_a_sign_that_cannot_be_read_back_is_refused_wherever_it_is_typed(text: str) -> None:
    chair = Chair().running()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.wait(60)
    for act in (WriteNote(text), Amend(noted, "nausea 3", text, NURSE, "1111")):
        answer = chair.tap(act)
        assert answer.state == "refused"
        assert "cannot be printed" in answer.reason
    assert not chair.bodies(NoteWritten)
    assert not chair.bodies(Amended)


@pytest.mark.parametrize(
    "text", ["שלום", "نفس \u200c ها", "first line\nsecond", "sick \U0001f922", "é ü ß µg"]
)
def test_words_of_every_language_are_taken(text: str) -> None:
    chair = Chair().running()
    assert chair.tap(WriteNote(text)).state == "taken"
