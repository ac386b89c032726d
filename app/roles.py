"""Who may do what: one row for every touch there is, asked by the engine in one place.

A row says whose hands may do it at an unlocked chair, which roles may sign, witness or be named in it by
their PIN, and whether it goes without a PIN: in an emergency (break-glass), or always.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import msgspec

from app.messages import (
    FINAL,
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
    OpenPatient,
    OrderRate,
    PauseAudio,
    PlanNextVisit,
    ReadAudit,
    ReleaseStaff,
    ResumeAudio,
    ReturnDrug,
    ReviewSession,
    SayHeard,
    SealRecord,
    SetOxygen,
    SetStaffPin,
    ShowSession,
    SignDischarge,
    SignIn,
    SignOrder,
    SignSummary,
    SignTables,
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
from app.refusals import Refused

Roles = tuple[str, ...]

ROLES: Roles = ("nurse", "anesthetist", "director", "administrator")
"""Every role that a member of staff can have."""

EVERYBODY = ROLES
CARES: Roles = ("nurse", "anesthetist", "director")
PHYSICIANS: Roles = ("anesthetist", "director")
DIRECTOR: Roles = ("director",)
ADMINISTRATOR: Roles = ("administrator",)
SWITCHES_SOUND: Roles = (*PHYSICIANS, *ADMINISTRATOR)


class Part(msgspec.Struct, frozen=True):
    """Who may sign, witness or be named; `field` and `words` are what is said to somebody who may not."""

    roles: Roles
    field: str
    words: str


class Row(msgspec.Struct, frozen=True):
    """Who may do one act.

    `hands` may do it at the unlocked chair, else `words`. `parts` are the people who sign, witness or are named
    in it, by what they do. `glass` goes in an emergency without a PIN, `locked` though entry be locked.
    """

    hands: Roles = EVERYBODY
    words: str = "Somebody else does this."
    parts: Mapping[str, Part] = {}
    glass: bool = False
    locked: bool = False


SIGNS = Part(PHYSICIANS, "signer", "An anesthetist signs this.")
ANYBODY_SIGNS = Part(EVERYBODY, "signer", "Choose who signs.")
WITNESSES = Part(EVERYBODY, "witness", "Choose the witness.")

HERE = Row()
"""Whoever unlocked the entry may do it."""
URGENT = Row(glass=True)
"""So may whoever broke the glass."""
ALWAYS = Row(glass=True, locked=True)
"""It waits for no PIN."""


def row_of(act: AnyAct) -> Row:
    """The row of this act; one that has none is found by the type checker."""
    match act:
        case FirstRunDone() | SignIn() | ListSessions() | BreakGlass():
            return ALWAYS
        case OpenEmergency() | StampEmergency():
            return ALWAYS
        case Lock() | LeaveSession() | ShowSession() | NoteLook():
            return URGENT
        case NoteEffect() | EndEffect() | GiveDrug() | EnterVital() | SetOxygen() | WriteNote() | Undo():
            return URGENT
        case Acknowledge() | CheckIv() | PauseAudio() | ResumeAudio():
            return URGENT
        case AskPump(what=what):
            return URGENT if what in ("pause", "end") else HERE
        case ConfirmByHand(what=what):
            return URGENT if what in ("pause", "end") else HERE
        case StopAsking():
            return URGENT
        case OpenPatient() | FinishSession() | AnswerSyringe() | ConfirmPumpState():
            return HERE
        case TakeScore() | TakeBaseline() | CheckCriterion():
            return HERE
        case NotePrinted() | NoteInstructions() | DrawVial() | ReturnDrug():
            return HERE
        case ChangeLimits():
            return Row(hands=CARES, words="A nurse or an anesthetist changes limits.")
        case CheckLine():
            return Row(
                parts={
                    "second": Part(EVERYBODY, "second", "The second person is another member of staff."),
                    "accepts": Part(PHYSICIANS, "second", "An anesthetist accepts this, with their PIN."),
                }
            )
        case WasteDrug() | ExplainBalance():
            return Row(parts={"witness": WITNESSES})
        case SignOrder() | OrderRate():
            return Row(parts={"signer": SIGNS})
        case AcceptCriterion():
            return Row(parts={"signer": Part(PHYSICIANS, "signer", "An anesthetist accepts this.")})
        case SignDischarge():
            against = Part(CARES, "signer", "A nurse or an anesthetist signs.")
            return Row(parts={"home": SIGNS, "transferred": SIGNS, "against-advice": against})
        case NameSupervisor():
            return Row(parts={"supervisor": Part(PHYSICIANS, "staff", "An anesthetist supervises.")})
        case HandOver():
            return Row(parts={"taker": Part(CARES, "taker", "A nurse or an anesthetist takes over.")})
        case SignSummary():
            final = Part(PHYSICIANS, "signer", "An anesthetist signs as anesthetist.")
            return Row(parts={"signer": ANYBODY_SIGNS, FINAL: final})
        case SignTables():
            words = "The medical director signs tables."
            return Row(hands=DIRECTOR, words=words, parts={"signer": Part(DIRECTOR, "signer", words)})
        case ChooseDevice() | SetStaffPin() | PlanNextVisit() | ExplainField() | ReviewSession():
            return HERE
        case LeaveReview():
            return URGENT
        case TrySound() | SayHeard():
            return HERE
        case SwitchSound():
            return Row(hands=SWITCHES_SOUND, words="An anesthetist or an administrator switches the sound.")
        case AddLate() | Amend():
            return Row(parts={"signer": Part(CARES, "signer", "A nurse or an anesthetist signs this.")})
        case AddStaff() | ChangeStaff() | ReleaseStaff():
            return Row(hands=ADMINISTRATOR, words="An administrator changes the staff.")
        case SealRecord():
            return Row(hands=ADMINISTRATOR, words="An administrator seals the key.")
        case ReadAudit():
            return Row(hands=ADMINISTRATOR, words="The administrator reads the audit trail.")
        case _:
            assert_never(act)


def parts_of(act: AnyAct) -> tuple[tuple[str, str], ...]:
    """(part, staff id) of everybody who signs, witnesses or is named in this act."""
    match act:
        case SignOrder() | OrderRate() | AcceptCriterion() | SignTables() | AddLate() | Amend():
            return (("signer", act.signer),)
        case SignSummary():
            return ((FINAL if act.meaning == FINAL else "signer", act.signer),)
        case SignDischarge():
            return ((act.how, act.signer),)
        case WasteDrug() | ExplainBalance():
            return (("witness", act.witness),)
        case CheckLine() if act.second:
            return (("second", act.second),)
        case NameSupervisor():
            return (("supervisor", act.staff),)
        case HandOver():
            return (("taker", act.taker),)
        case _:
            return ()


def may_be(act: AnyAct, part: str, roles: Roles) -> bool:
    """Whether somebody with these roles may have this part in the act."""
    row = row_of(act).parts.get(part)
    return row is not None and any(role in row.roles for role in roles)


def check(act: AnyAct, *, unlocked: bool, glass: bool, hands: Roles, roles_of: Mapping[str, Roles]) -> None:
    """Refuses an act to hands that may not do it, and to people who may not have their part in it.

    `hands` are the roles of who is here, `roles_of` those of every member of staff.
    """
    row = row_of(act)
    if not unlocked and not row.locked:
        raise Refused("lock", "Entry is locked. Enter your PIN.")
    if glass and not row.glass:
        raise Refused("lock", "Entry was opened without a PIN. This needs one: unlock with your PIN.")
    if not (glass or row.locked) and not any(role in row.hands for role in hands):
        raise Refused("hands", row.words)
    for part, staff in parts_of(act):
        known = row.parts.get(part)
        if known is not None and not any(role in known.roles for role in roles_of.get(staff, ())):
            raise Refused(known.field, known.words)
