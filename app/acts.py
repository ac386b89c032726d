"""What each touch does: checked here once more whatever the form said, then written. One function an act."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app import people_acts, record_acts, recovery_acts, reviewing, roles, setup_acts, sound_acts
from app.accounts import witness_of
from app.audit import SUMMARY
from app.bedside_acts import BEDSIDE_ACTS, check_signable
from app.checkin import (
    check_baseline,
    check_in_body,
    limits_can_be_changed,
    line_can_be_taken,
    local,
    start_can_be_asked,
)
from app.clinic import claimed
from app.clinical.alarms import AlarmBoard
from app.clinical.drugs import check_given
from app.clinical.infusion import NEW_SYRINGE
from app.clinical.patient import check_patient
from app.clinical.protocol import Order
from app.entries import (
    CHAIRSIDE,
    CLINIC,
    AlarmAcknowledged,
    AnyBody,
    BaselineSet,
    ClinicNamed,
    DeviceChosen,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    LimitsChanged,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    PatientIdentified,
    RateOrdered,
    Retracted,
    SegmentOpened,
    SessionFinished,
    SessionOpened,
    SignedIn,
    StaffAdded,
    SummaryPrinted,
    SummarySigned,
    VitalEntered,
)
from app.frames import Answer
from app.key_acts import KEY_ACTS, check_sealing
from app.known import last_weight_kg
from app.messages import (
    AcceptCriterion,
    Acknowledge,
    AddLate,
    Amend,
    AnswerSyringe,
    AnyAct,
    AskPump,
    BreakGlass,
    ChangeLimits,
    CheckCriterion,
    CheckLine,
    ConfirmByHand,
    ConfirmPumpState,
    EndEffect,
    EnterVital,
    ExplainBalance,
    ExplainField,
    FinishSession,
    FirstRunDone,
    GiveDrug,
    HandOver,
    LeaveSession,
    ListSessions,
    Lock,
    NameSupervisor,
    NoteEffect,
    NoteInstructions,
    NoteLook,
    NotePrinted,
    OpenPatient,
    OrderRate,
    ReadAudit,
    SealRecord,
    SetOxygen,
    ShowSession,
    SignDischarge,
    SignIn,
    SignOrder,
    SignSummary,
    SignTables,
    StopAsking,
    TakeBaseline,
    TakeScore,
    Tap,
    Undo,
    WasteDrug,
    WriteNote,
)
from app.noting import FINISHED, check_grade
from app.noting import moment as _moment
from app.noting import note as _note
from app.noting import taken as _taken
from app.ordering import concentration_now, current, order_can_be_signed, rate_can_be_ordered
from app.ports import Load
from app.pumpwatch import Ask, confirm_segment
from app.readings import Reading
from app.refusals import Refused
from app.session import UNDOABLE, Session, told_at
from app.setup_acts import SETUP_ACTS, StaffAct, check_device, check_person, check_pin

if TYPE_CHECKING:
    from app.engine import Engine

UNDER_WAY = ("infusing", "paused", "recovery")
"""Phases in which the session stays on the screen."""

IDENTITY = (SessionOpened, PatientIdentified)
"""What a session holds before anything was recorded of its patient."""

OF_NO_SESSION = (
    Lock,
    ListSessions,
    ShowSession,
    LeaveSession,
    BreakGlass,
    ReadAudit,
    SignTables,
    NotePrinted,
)
"""Acts that another patient on the screen by now does not bar: of no session, or written where they belong."""

Do = Callable[["Engine", Tap, Any, str], Answer]


def signer_of(engine: Engine, tap: Tap) -> tuple[str, str] | None:
    """Whose PIN this touch must be checked against; None when it needs none. Raises Refused."""
    act = tap.act
    if isinstance(act, SignIn):
        if act.staff in engine.clinic.left:
            raise Refused("staff", "This person does not work here any more.")
        return act.staff, act.pin
    check_roles(engine, act)
    _check_meant(engine, tap)
    if isinstance(act, SignOrder):
        order_can_be_signed(engine, act)
        return act.signer, act.pin
    if isinstance(act, OrderRate):
        rate_can_be_ordered(engine, act)
        return act.signer, act.pin
    if isinstance(act, SignTables):
        people_acts.tables_can_be_signed(engine, act)
        return act.signer, act.pin
    if isinstance(act, SignSummary):
        if engine.session is not None and engine.session.finished:
            check_signable(engine, engine.session)
            record_acts.check_signature(engine, engine.session, act)
        return act.signer, act.pin
    if isinstance(act, StaffAct):
        return setup_acts.signer(engine, act)
    if isinstance(act, SealRecord):
        check_sealing(engine, act)
        return engine.who, act.pin
    if isinstance(act, WasteDrug | ExplainBalance):
        return witness_of(engine, act)
    if isinstance(act, CheckLine) and act.second:
        line_can_be_taken(engine, current(engine), act, local(tap.at, engine.zone))
        check_in_body(engine, current(engine), act, local(tap.at, engine.zone))
        return act.second, act.pin
    if isinstance(act, AcceptCriterion | HandOver | SignDischarge):
        return recovery_acts.signer(engine, act)
    if isinstance(act, Amend | AddLate):
        return reviewing.signer(engine, act)
    return None


def check_roles(engine: Engine, act: AnyAct) -> None:
    """Asks the table of roles; raises Refused where this is not for who is here, or who is named in it."""
    clinic = engine.clinic
    roles.check(
        act,
        unlocked=not engine.locked and bool(engine.who),
        glass=engine.glass is not None,
        hands=clinic.roles(engine.who),
        roles_of={staff: person.roles for staff, person in clinic.here().items()},
    )


def _check_meant(engine: Engine, tap: Tap) -> None:
    """Refuses a touch on a screen that still shows another patient than the one who lies here now."""
    here = engine.session.id if engine.session is not None else ""
    if tap.session is not None and tap.session != here and not isinstance(tap.act, OF_NO_SESSION):
        raise Refused(
            "session", "Another session came on the screen meanwhile. Nothing was written: do it again."
        )


def perform(engine: Engine, tap: Tap, author: str) -> Answer:
    """Do what was touched; raises Refused, and then nothing changed."""
    return ACTS[type(tap.act)](engine, tap, tap.act, author)


# ---------------------------------------------------------------- who is here


def _first_run(engine: Engine, tap: Tap, act: FirstRunDone, author: str) -> Answer:
    if engine.clinic.set_up:
        raise Refused("clinic", "The clinic is set up already.")
    if not act.clinic.strip():
        raise Refused("clinic", "Enter the clinic's name.")
    if not any("administrator" in person.roles for person in act.staff):
        raise Refused("staff", "One person must be administrator.")
    for person in act.staff:
        check_person(person.name, person.initials, person.roles)
        check_pin(person.name, person.pin)
    initials = [person.initials for person in act.staff]
    if len(set(initials)) != len(initials):
        raise Refused("initials", "Two people have the same initials.")
    for device in act.devices:
        check_device(device)
    engine.write(ClinicNamed(act.clinic.strip()), tap.at, "first-run", CLINIC)
    for person in act.staff:
        staff = engine.new_id()
        engine.write(
            StaffAdded(staff, person.name, person.initials, person.roles), tap.at, "first-run", CLINIC
        )
        engine.set_pin(staff, person.pin)
    for device in act.devices:
        engine.write(DeviceChosen(device.device, device.driver, device.port), tap.at, "first-run", CLINIC)
        if engine.connect is not None:
            engine.connect(device.device, device.driver, device.port)
    return Answer("taken")


def _sign_in(engine: Engine, tap: Tap, act: SignIn, author: str) -> Answer:
    if engine.who != act.staff or engine.locked:
        engine.write(SignedIn(act.staff), tap.at, act.staff, CLINIC)
    engine.who, engine.locked, engine.glass = act.staff, False, None
    engine.list_sessions()
    return Answer("taken")


def _lock(engine: Engine, tap: Tap, act: Lock, author: str) -> Answer:
    engine.lock("touched")
    return Answer("taken")


# ---------------------------------------------------------------- sessions


def _list(engine: Engine, tap: Tap, act: ListSessions, author: str) -> Answer:
    engine.list_sessions()
    return Answer("taken")


def _open_patient(engine: Engine, tap: Tap, act: OpenPatient, author: str) -> Answer:
    session = engine.session
    if session is not None and session.phase not in ("patient", "check-in", "finished"):
        raise Refused("patient", "A session is under way. Finish it first.")
    _check_same_patient(session, act)
    last_kg = last_weight_kg(engine.rows, act.mrn, session.id if session is not None else "")
    checked = check_patient(act, engine.catalog, local(tap.at, engine.zone).date(), last_kg)
    if checked.question and not act.sure:
        return Answer("asked", field=checked.question_field, reason=checked.question)
    body = PatientIdentified(
        checked.mrn,
        checked.name,
        checked.birth_date,
        checked.sex,
        checked.weight_kg,
        checked.allergies,
        checked.none_known,
        checked.height_cm,
    )
    if session is None or session.phase == "finished":
        _open_session(engine, tap, author)
    return _taken(engine.write(body, tap.at, author))


def _check_same_patient(session: Session | None, act: OpenPatient) -> None:
    """What was recorded of one patient must not become another's by a number that is typed over."""
    patient = session.patient if session is not None and session.phase == "check-in" else None
    if session is None or patient is None or patient.mrn == act.mrn.strip():
        return
    if any(entry.author != CHAIRSIDE for entry in session.entries if not isinstance(entry.body, IDENTITY)):
        raise Refused(
            "mrn", f"The check-in was begun for MRN {patient.mrn}. For another number go back to Today."
        )


def _open_session(engine: Engine, tap: Tap, author: str) -> None:
    session = Session(engine.new_id())
    engine.open_session(session)
    engine.resume = session.id
    catalog = engine.catalog
    status = people_acts.tables_status(engine)
    body = SessionOpened(engine.software, catalog.version, status, engine.clinic.name, engine.demo)
    engine.write(body, tap.at, author)


def _show_session(engine: Engine, tap: Tap, act: ShowSession, author: str) -> Answer:
    if engine.session is not None and engine.session.phase in UNDER_WAY:
        raise Refused("session", "A session is under way. Finish it first.")
    people_acts.audit_opened(engine, act.session)
    engine.flush()
    engine.review = None
    engine.store.put(Load(act.session))
    return Answer("taken")


def _leave(engine: Engine, tap: Tap, act: LeaveSession, author: str) -> Answer:
    session = engine.session
    if session is not None and session.phase in UNDER_WAY:
        raise Refused("session", "The session is under way: it stays on the screen.")
    engine.seal_samples()
    engine.review = None
    engine.open_session(None)
    engine.list_sessions()
    return Answer("taken")


def _sign_order(engine: Engine, tap: Tap, act: SignOrder, author: str) -> Answer:
    session = order_can_be_signed(engine, act)
    return _taken(
        engine.write(OrderSigned(act.order, act.signer, act.reason), tap.at, act.signer, session.id)
    )


# ---------------------------------------------------------------- the pump


def _ask_pump(engine: Engine, tap: Tap, act: AskPump, author: str) -> Answer:
    session = current(engine)
    if act.what == "start" and session.phase == "ready":
        start_can_be_asked(session, engine.catalog, local(engine.now, engine.zone))
    engine.pump.asked(Ask(act.what, engine.now, act.reason), session, engine.emit)
    return Answer("taken")


def _by_hand(engine: Engine, tap: Tap, act: ConfirmByHand, author: str) -> Answer:
    session = current(engine)
    if act.what == "start" and session.phase == "ready":
        start_can_be_asked(session, engine.catalog, local(engine.now, engine.zone))
    engine.pump.by_hand(act, session, engine.now, _said_by(engine, tap, author))
    return Answer("taken")


def _stop_asking(engine: Engine, tap: Tap, act: StopAsking, author: str) -> Answer:
    engine.pump.ask = None
    return Answer("taken")


def _confirm_pump(engine: Engine, tap: Tap, act: ConfirmPumpState, author: str) -> Answer:
    session = current(engine)
    if engine.pump.told_now(engine.now):
        raise Refused("pump", "The pump is read: what it shows is written.")
    engine.pump.said(act, session, engine.now, _said_by(engine, tap, author))
    return Answer("taken")


def _answer_syringe(engine: Engine, tap: Tap, act: AnswerSyringe, author: str) -> Answer:
    session = current(engine)
    infusion, order = session.infusion, session.order
    if not infusion.segments or order is None:
        raise Refused("syringe", "The infusion has not begun.")
    if session.finished:
        raise Refused("session", FINISHED)
    _check_container(engine, order, act)
    if infusion.asked_about is None and not act.same_container:
        last = infusion.segments[-1]
        engine.write(SegmentOpened(NEW_SYRINGE, last.serial, last.counted_ml, None, None), engine.now, author)
    body = confirm_segment(
        act.container_ml, act.concentration_mg_ml, same=act.same_container, volume_ml=act.volume_ml
    )
    return _taken(engine.write(body, engine.now, author))


def _check_container(engine: Engine, order: Order, act: AnswerSyringe) -> None:
    row = engine.catalog.entry_ranges["container"]
    if not row.entry_lowest <= act.container_ml <= row.entry_highest:
        reason = f"A container holds {row.entry_lowest:g} to {row.entry_highest:g} mL."
        raise Refused("container_ml", reason)
    drug = engine.catalog.drugs.get(order.drug)
    strongest = max(drug.strengths_mg_per_ml, default=math.inf) if drug is not None else math.inf
    if not 0 < act.concentration_mg_ml <= strongest:
        reason = f"The concentration is above 0 and at most {strongest:g} mg/mL, the strongest vial."
        raise Refused("concentration_mg_ml", reason)


def _order_rate(engine: Engine, tap: Tap, act: OrderRate, author: str) -> Answer:
    session = rate_can_be_ordered(engine, act)
    order = session.order
    assert order is not None
    body = RateOrdered(
        act.rate_ml_h,
        round(act.rate_ml_h * concentration_now(session, order), 6),
        act.reason,
        act.signer,
        act.soft_reason,
    )
    return _taken(engine.write(body, tap.at, act.signer))


# ---------------------------------------------------------------- what is noted


def _note_effect(engine: Engine, tap: Tap, act: NoteEffect, author: str) -> Answer:
    if act.effect not in engine.catalog.effects:
        raise Refused("effect", f"There is no side effect {act.effect!r} in the table.")
    check_grade(engine, act.grade)
    return _note(engine, tap, EffectNoted(act.effect, act.grade), act.back_min, act.sure, author)


def _end_effect(engine: Engine, tap: Tap, act: EndEffect, author: str) -> Answer:
    session = current(engine)
    _moment(engine, tap, act.back_min)
    noted = session.entry(act.noted)
    if noted is None or not isinstance(noted.body, EffectNoted) or act.noted in session.retracted:
        raise Refused("effect", "That side effect is not in this session.")
    if act.noted in session.effect_ends:
        raise Refused("effect", "It is noted as gone already.")
    if tap.at.steady - 60.0 * act.back_min < noted.at.steady:
        raise Refused("back_min", "That is before the side effect began.")
    return _note(engine, tap, EffectEnded(act.noted), act.back_min, True, author)


def _give_drug(engine: Engine, tap: Tap, act: GiveDrug, author: str) -> Answer:
    _moment(engine, tap, act.back_min)
    giver = claimed(author)
    named = (giver, engine.clinic.name_of(giver), engine.clinic.initials(giver))
    check_given(engine.catalog, current(engine), act, engine.now, author=named, zone=engine.zone)
    body = DrugGiven(act.drug, act.dose, act.unit, act.route, act.effect, act.reason, act.second)
    return _note(engine, tap, body, act.back_min, act.sure, author)


def _take_score(engine: Engine, tap: Tap, act: TakeScore, author: str) -> Answer:
    score = engine.catalog.scores.get(act.score)
    if score is None:
        raise Refused("score", f"There is no score {act.score!r} in the table.")
    current(engine)
    body, question = recovery_acts.score_body(engine, act, score)
    if question and not act.sure:
        return Answer("asked", field="score", reason=question)
    return _note(engine, tap, body, act.back_min, act.sure, author)


def _check_criterion(engine: Engine, tap: Tap, act: CheckCriterion, author: str) -> Answer:
    body = recovery_acts.check_body(engine, act)
    return _note(engine, tap, body, act.back_min, act.sure, author)


def _enter_vital(engine: Engine, tap: Tap, act: EnterVital, author: str) -> Answer:
    if not act.values:
        raise Refused("vital", "Enter a value.")
    doubts = []
    for vital, value in act.values.items():
        limits = engine.catalog.alarm_limits[vital]
        if not limits.entry_lowest <= value <= limits.entry_highest:
            raise Refused(
                vital.value,
                f"{value:g} {limits.unit} is outside {limits.entry_lowest:g} to {limits.entry_highest:g}.",
            )
        below = limits.confirm_below is not None and value < limits.confirm_below
        above = limits.confirm_above is not None and value > limits.confirm_above
        doubts += [f"{value:g} {limits.unit}"] if below or above else []
    if doubts and not act.sure:
        return Answer("asked", field="vital", reason=f"{', '.join(doubts)}: is that right?")
    at = _moment(engine, tap, act.back_min)
    answer = _note(engine, tap, VitalEntered(act.values), act.back_min, act.sure, author)
    if answer.state != "taken":
        return answer
    for vital, value in act.values.items():
        engine.vitals.heard(at, Reading(vital, value), by_hand=True)
    engine.add_pressure(engine.trends.second(at), dict(act.values))
    return answer


def _set_oxygen(engine: Engine, tap: Tap, act: SetOxygen, author: str) -> Answer:
    row = engine.catalog.entry_ranges["oxygen"]
    if not row.entry_lowest <= act.flow_l_min <= row.entry_highest:
        raise Refused("oxygen", f"The flow is {row.entry_lowest:g} to {row.entry_highest:g} L/min.")
    return _note(engine, tap, OxygenSet(act.flow_l_min), act.back_min, True, author)


def _write_note(engine: Engine, tap: Tap, act: WriteNote, author: str) -> Answer:
    longest = engine.catalog.text_entry.note_longest
    text = act.text.strip()
    if not text:
        raise Refused("note", "The note is empty.")
    if len(text) > longest:
        raise Refused("note", f"The note has {len(text)} letters, {longest} fit.")
    return _note(engine, tap, NoteWritten(text), act.back_min, True, author)


def _undo(engine: Engine, tap: Tap, act: Undo, author: str) -> Answer:
    session = current(engine)
    if session.finished:
        raise Refused("undo", FINISHED)
    entry = session.entry(act.entry)
    if entry is None or not isinstance(entry.body, UNDOABLE):
        raise Refused("undo", "This cannot be taken back.")
    if act.entry in session.retracted:
        raise Refused("undo", "It was taken back already.")
    window_s = engine.catalog.windows.undo_s
    if engine.now.steady - told_at(entry) > window_s:
        raise Refused("undo", f"More than {window_s:g} s ago: amend it, with a reason.")
    return _taken(engine.write(Retracted(act.entry), tap.at, author))


def _acknowledge(engine: Engine, tap: Tap, act: Acknowledge, author: str) -> Answer:
    rows = [row for row in engine.board.rows if not row.acknowledged]
    for row in rows:
        if act.keys and row.condition.key not in act.keys:
            continue
        engine.board.acknowledge(row.condition.key, engine.now)
        if engine.session is not None and not engine.session.finished:
            engine.write(AlarmAcknowledged(row.condition.key), tap.at, author)
    return Answer("taken")


# ---------------------------------------------------------------- check-in, baseline, limits


def _take_baseline(engine: Engine, tap: Tap, act: TakeBaseline, author: str) -> Answer:
    at = _moment(engine, tap, act.back_min)
    question = check_baseline(engine, current(engine), act, at)
    if question and not act.sure:
        return Answer("asked", field="vital", reason=question)
    return _note(engine, tap, BaselineSet(act.values, act.reason.strip()), act.back_min, True, author)


def _change_limits(engine: Engine, tap: Tap, act: ChangeLimits, author: str) -> Answer:
    limits_can_be_changed(engine, current(engine), act)
    return _note(engine, tap, LimitsChanged(act.vital, act.limits, act.reason.strip()), 0, True, author)


# ---------------------------------------------------------------- the end


def _finish(engine: Engine, tap: Tap, act: FinishSession, author: str) -> Answer:
    session = current(engine)
    if session.phase not in ("recovery", "ready", "check-in"):
        raise Refused("session", "End the infusion first.")
    if session.phase == "recovery" and session.discharged is None:
        raise Refused("session", "Sign the discharge first.")
    engine.seal_samples()
    answer = _taken(engine.write(SessionFinished(), tap.at, author))
    people_acts.audit_session(engine, SUMMARY, session)
    engine.resume = None
    engine.pump.forget()
    engine.board = AlarmBoard(engine.catalog)
    return answer


def _sign_summary(engine: Engine, tap: Tap, act: SignSummary, author: str) -> Answer:
    session = current(engine)
    if not session.finished:
        raise Refused("summary", "The session is not finished.")
    check_signable(engine, session)
    record_acts.check_signature(engine, session, act)
    return _taken(engine.write(SummarySigned(act.signer, act.meaning), tap.at, act.signer))


def _printed(engine: Engine, tap: Tap, act: NotePrinted, author: str) -> Answer:
    session = tap.session or current(engine).id
    mrn = people_acts.mrn_of(engine, session)
    detail = people_acts.copy_words("summary", act.outcome, act.pages)
    people_acts.audit(engine, people_acts.copy_of(act.outcome), session=session, mrn=mrn, detail=detail)
    body = SummaryPrinted(act.target, act.outcome, act.pages)
    return _taken(engine.write(body, tap.at, author, session))


# ---------------------------------------------------------------- shared


def _said_by(engine: Engine, tap: Tap, author: str) -> Callable[[AnyBody], None]:
    def emit(body: AnyBody) -> None:
        engine.write(body, engine.now, author)

    return emit


ACTS: dict[type, Do] = {
    FirstRunDone: _first_run,
    SignIn: _sign_in,
    Lock: _lock,
    ListSessions: _list,
    OpenPatient: _open_patient,
    ShowSession: _show_session,
    LeaveSession: _leave,
    SignOrder: _sign_order,
    AskPump: _ask_pump,
    ConfirmByHand: _by_hand,
    StopAsking: _stop_asking,
    ConfirmPumpState: _confirm_pump,
    AnswerSyringe: _answer_syringe,
    OrderRate: _order_rate,
    NoteEffect: _note_effect,
    EndEffect: _end_effect,
    GiveDrug: _give_drug,
    TakeScore: _take_score,
    EnterVital: _enter_vital,
    SetOxygen: _set_oxygen,
    WriteNote: _write_note,
    Undo: _undo,
    Acknowledge: _acknowledge,
    FinishSession: _finish,
    SignSummary: _sign_summary,
    NotePrinted: _printed,
    **BEDSIDE_ACTS,
    **reviewing.REVIEW_ACTS,
    CheckLine: record_acts.check_line,
    ExplainField: record_acts.explain,
    TakeBaseline: _take_baseline,
    ChangeLimits: _change_limits,
    CheckCriterion: _check_criterion,
    AcceptCriterion: recovery_acts.accept,
    NoteInstructions: recovery_acts.instructions,
    HandOver: recovery_acts.hand_over,
    NameSupervisor: recovery_acts.supervise,
    SignDischarge: recovery_acts.discharge,
    **SETUP_ACTS,
    **KEY_ACTS,
    **sound_acts.SOUND_ACTS,
    BreakGlass: people_acts.break_glass,
    NoteLook: people_acts.note_look,
    ReadAudit: people_acts.read_audit,
    SignTables: people_acts.sign_tables,
}
