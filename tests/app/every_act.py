"""One right touch of every kind, each with a chair on which it is taken: what holds of all touches is tried on these.

A kind of touch without a moment here fails `test_every_kind_of_touch_has_its_moment`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date

from app.clinical.vitals import Vital
from app.entries import CLINIC, StaffAdded
from app.messages import (
    AcceptCriterion,
    Acknowledge,
    AddLate,
    AddStaff,
    Amend,
    AnswerSyringe,
    AnyAct,
    AskPump,
    BreakGlass,
    ChangeLimits,
    ChangeStaff,
    CheckCriterion,
    CheckIv,
    CheckLine,
    ChooseDevice,
    ConfirmByHand,
    ConfirmPumpState,
    DeviceDraft,
    DrawVial,
    EndEffect,
    EnterVital,
    ExplainBalance,
    ExplainField,
    FinishSession,
    FirstRunDone,
    GiveDrug,
    HandOver,
    LeaveReview,
    LeaveSession,
    ListSessions,
    Lock,
    NameSupervisor,
    NoteEffect,
    NoteInstructions,
    NoteLook,
    NotePrinted,
    OpenEmergency,
    OrderRate,
    PauseAudio,
    PlanNextVisit,
    ReadAudit,
    ReleaseStaff,
    ResumeAudio,
    ReturnDrug,
    ReviewSession,
    SayHeard,
    SetOxygen,
    SetStaffPin,
    ShowSession,
    SignDischarge,
    SignIn,
    SignOrder,
    SignSummary,
    SignTables,
    StaffDraft,
    StampEmergency,
    StopAsking,
    SwitchSound,
    TakeBaseline,
    TakeScore,
    TrySound,
    Undo,
    WasteDrug,
    WriteNote,
)
from tests.app.chair import DOCTOR, NURSE, Chair, catalog, order, patient
from tests.app.sounds import loudspeaker, switch
from tests.fakes import FakeSounder

BOSS, HEAD = "admin", "head"
PIN = "1111"
NEW = StaffDraft("Noor Aziz", "NA", ("nurse",), "5555")
RESTING = {Vital.HEART_RATE: 74.0, Vital.SPO2: 97.0, Vital.NIBP_SYS: 128.0, Vital.NIBP_DIA: 76.0}
Moment = tuple[Chair, AnyAct]


_STARTS = itertools.count(1)


def new() -> Chair:
    """A chair of its own start of the machine: no two have an id in common."""
    return Chair(boot=f"start-{next(_STARTS)}")


def _staffed() -> Chair:
    chair = new()
    for staff, name, initials, role in (
        (BOSS, "Pat Admin", "PA", "administrator"),
        (HEAD, "Dr. Max Head", "MH", "director"),
    ):
        chair.engine.write(StaffAdded(staff, name, initials, (role,)), chair.now, BOSS, CLINIC)
    chair.engine.flush()
    return chair


def _here(staff: str) -> Chair:
    chair = _staffed()
    assert chair.tap(SignIn(staff, PIN)).state == "taken"
    return chair


def _before_the_first_run() -> Chair:
    chair = new()
    chair.engine.clinic = type(chair.engine.clinic)()
    return chair


def _noted() -> tuple[Chair, str]:
    chair = new().running()
    answer = chair.tap(NoteEffect("nausea", 2))
    chair.wait(1)
    return chair, str(answer.entry)


def _asked_to_start() -> Chair:
    chair = new().ready()
    assert chair.tap(AskPump("start")).state == "taken"
    return chair


def _drawn() -> Chair:
    chair = new().recovering()
    assert chair.tap(DrawVial("ketamine", 50.0, 2.0)).state == "taken"
    return chair


def _finished() -> Chair:
    chair = new().recovering().counted()
    assert chair.leave().state == "taken"
    return chair


def _emptied() -> Chair:
    chair = new().running()
    chair.pump(17.5, 3.0)
    chair.wait(1)
    chair.pump(17.5, 0.2)
    return chair


def _silent_pump() -> Chair:
    chair = new().running()
    chair.pump(17.5, 1.0)
    chair.wait(20)
    return chair


def _alarmed() -> Chair:
    chair = new().running()
    for _ in range(30):
        chair.vitals(spo2=80.0)
        chair.wait(1)
    assert chair.alarms()
    return chair


def _sounding() -> Chair:
    chair = Chair(boot=f"start-{next(_STARTS)}", sounder=FakeSounder())
    chair.running()
    switch(chair)
    loudspeaker(chair)
    for _ in range(30):
        chair.vitals(spo2=80.0)
        chair.wait(1)
    return chair


def _paused_audio() -> Chair:
    chair = _sounding()
    assert chair.tap(PauseAudio()).state == "taken"
    return chair


def _reviewing() -> tuple[Chair, str, str]:
    chair, noted = _noted()
    assert chair.tap(ReviewSession(chair.session.id)).state == "taken"
    return chair, chair.session.id, noted


def _ending() -> Moment:
    chair, noted = _noted()
    return chair, EndEffect(noted)


def _undoing() -> Moment:
    chair, noted = _noted()
    return chair, Undo(noted)


def _amending() -> Moment:
    chair, _session, noted = _reviewing()
    return chair, Amend(noted, "grade 1", "a slip", NURSE, PIN)


def _forgotten() -> Moment:
    chair, session, _noted = _reviewing()
    return chair, AddLate(session, "note", "Was cold", "14:00", "Nobody had a hand free", NURSE, PIN)


def _wasting() -> Moment:
    chair = _drawn()
    return chair, WasteDrug("ketamine", 10.0, catalog().controlled.records.waste_methods[0], DOCTOR, "3333")


def _leaving_the_review() -> Moment:
    chair, _session, _noted = _reviewing()
    return chair, LeaveReview()


CHANGED = ChangeStaff(NURSE, "Lena Keller-Roth", "LR", ("nurse",), PIN)
HOME = SignDischarge(DOCTOR, "3333", "", "", "transferred", "Another treatment")
FIRST_RUN = FirstRunDone(
    "Spring Street",
    (StaffDraft("P. Admin", "PA", ("administrator",), "4444"), NEW),
    (DeviceDraft("monitor", "ge-dri", "/dev/ttyUSB0"), DeviceDraft("pump", "", "")),
)
MONITOR = ChooseDevice(DeviceDraft("monitor", "ge-dri", "/dev/ttyUSB1"))
IV_STATE = "Clean, runs well"
LIMITS = {"medium_from": 135.0}

MOMENTS: dict[type, Callable[[], Moment]] = {
    # people, and what is of no session
    FirstRunDone: lambda: (_before_the_first_run(), FIRST_RUN),
    SignIn: lambda: (new(), SignIn(NURSE, PIN)),
    Lock: lambda: (new().running(), Lock()),
    ListSessions: lambda: (new().signed_in(), ListSessions()),
    ShowSession: lambda: (new().signed_in(), ShowSession("another")),
    LeaveSession: lambda: (new().with_patient(), LeaveSession()),
    BreakGlass: lambda: (new(), BreakGlass(NURSE, "Patient is not breathing")),
    ReadAudit: lambda: (_here(BOSS), ReadAudit()),
    SignTables: lambda: (_here(HEAD), SignTables(dict(catalog().hashes), HEAD, "5555")),
    ChooseDevice: lambda: (new().running(), MONITOR),
    AddStaff: lambda: (_here(BOSS), AddStaff(NEW, PIN)),
    ChangeStaff: lambda: (_here(BOSS), CHANGED),
    SetStaffPin: lambda: (new().signed_in(), SetStaffPin(NURSE, "2468", PIN)),
    ReleaseStaff: lambda: (_here(BOSS), ReleaseStaff(NURSE, PIN)),
    SwitchSound: lambda: (_here(BOSS), SwitchSound(True)),
    TrySound: lambda: (new().signed_in(), TrySound()),
    SayHeard: lambda: (new().signed_in(), SayHeard(False)),
    # before the start
    type(patient()): lambda: (new().signed_in(), patient()),
    CheckLine: lambda: (new().with_patient(), CheckLine("bladder", "not done", {}, "Patient asleep")),
    TakeBaseline: lambda: (new().with_patient(), TakeBaseline(RESTING)),
    ExplainField: lambda: (_finished(), ExplainField("temperature", "No probe")),
    SignOrder: lambda: (new().with_patient().checked_in(), SignOrder(order(), DOCTOR, "3333")),
    # the pump
    AskPump: lambda: (new().ready(), AskPump("start")),
    StopAsking: lambda: (_asked_to_start(), StopAsking()),
    ConfirmByHand: lambda: (_asked_to_start(), ConfirmByHand("start")),
    OrderRate: lambda: (new().running(), OrderRate(20.0, "More effect", DOCTOR, "3333")),
    AnswerSyringe: lambda: (_emptied(), AnswerSyringe(50.0, 2.0, same_container=False)),
    ConfirmPumpState: lambda: (_silent_pump(), ConfirmPumpState(True, 17.5, None)),
    # what is noted
    NoteEffect: lambda: (new().running(), NoteEffect("nausea", 2)),
    EndEffect: _ending,
    GiveDrug: lambda: (new().running(), GiveDrug("ondansetron", 4.0, "mg", "IV")),
    TakeScore: lambda: (new().running(), TakeScore("nrs-pain", 4)),
    EnterVital: lambda: (new().running(), EnterVital(RESTING)),
    SetOxygen: lambda: (new().running(), SetOxygen(2.0)),
    WriteNote: lambda: (new().running(), WriteNote("Feels well")),
    Undo: _undoing,
    Acknowledge: lambda: (_alarmed(), Acknowledge()),
    PauseAudio: lambda: (_sounding(), PauseAudio()),
    ResumeAudio: lambda: (_paused_audio(), ResumeAudio()),
    CheckIv: lambda: (new().running(), CheckIv(IV_STATE)),
    ChangeLimits: lambda: (new().running(), ChangeLimits(Vital.HEART_RATE, LIMITS, "Her normal")),
    OpenEmergency: lambda: (new().running(), OpenEmergency()),
    StampEmergency: lambda: (new().running(), StampEmergency("called")),
    # drugs accounted
    DrawVial: lambda: (new().running(), DrawVial("ketamine", 50.0, 2.0)),
    WasteDrug: _wasting,
    ReturnDrug: lambda: (_drawn(), ReturnDrug("ketamine", 50.0)),
    ExplainBalance: lambda: (_drawn(), ExplainBalance("ketamine", "Vial broken", DOCTOR, "3333")),
    # the way home, and after it
    CheckCriterion: lambda: (new().recovering(), CheckCriterion("gait", "Walks unaided")),
    AcceptCriterion: lambda: (
        new().recovering(),
        AcceptCriterion("haemodynamics", "Her normal", DOCTOR, "3333"),
    ),
    NoteInstructions: lambda: (new().recovering(), NoteInstructions("Ward", "printed", 1)),
    HandOver: lambda: (new().running(), HandOver(DOCTOR, "3333")),
    NameSupervisor: lambda: (new().running(), NameSupervisor(DOCTOR)),
    SignDischarge: lambda: (new().recovering(), HOME),
    FinishSession: lambda: (new().with_patient(), FinishSession()),
    SignSummary: lambda: (_finished(), SignSummary(NURSE, PIN, "Nurse")),
    NotePrinted: lambda: (_finished(), NotePrinted("Ward", "printed", 2)),
    NoteLook: lambda: (_finished(), NoteLook("summary")),
    PlanNextVisit: lambda: (_finished(), PlanNextVisit(date(2026, 11, 29))),
    ReviewSession: lambda: (new().running(), ReviewSession("another")),
    LeaveReview: _leaving_the_review,
    Amend: _amending,
    AddLate: _forgotten,
}
"""A chair and a touch that it takes, by kind of touch; SealRecord, which the store answers, has test_key_acts.py."""
