"""The table of roles, whole: every touch, by every role, and by every part in it."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from app.acts import ACTS
from app.messages import (
    AcceptCriterion,
    Acknowledge,
    AddLate,
    AddStaff,
    Amend,
    AnyAct,
    AskPump,
    BreakGlass,
    ChangeLimits,
    ChangeStaff,
    CheckIv,
    CheckLine,
    ConfirmByHand,
    EndEffect,
    EnterVital,
    ExplainBalance,
    FirstRunDone,
    GiveDrug,
    HandOver,
    LeaveReview,
    LeaveSession,
    ListSessions,
    Lock,
    NameSupervisor,
    NoteEffect,
    NoteLook,
    OpenEmergency,
    OrderRate,
    PauseAudio,
    ReadAudit,
    ReleaseStaff,
    ResumeAudio,
    SealRecord,
    SetOxygen,
    ShowSession,
    SignDischarge,
    SignIn,
    SignOrder,
    SignSummary,
    SignTables,
    StampEmergency,
    StopAsking,
    SwitchSound,
    Undo,
    WasteDrug,
    WriteNote,
)
from app.refusals import Refused
from app.roles import CARES, EVERYBODY, PHYSICIANS, ROLES, check, may_be, parts_of, row_of

KINDS: tuple[type[AnyAct], ...] = get_args(AnyAct)

HANDS: dict[Any, tuple[str, ...]] = {
    ChangeLimits: CARES,
    SignTables: ("director",),
    ReadAudit: ("administrator",),
    AddStaff: ("administrator",),
    ChangeStaff: ("administrator",),
    ReleaseStaff: ("administrator",),
    SealRecord: ("administrator",),
    SwitchSound: (*PHYSICIANS, "administrator"),
}
"""The acts that not everybody's hands may do; all others everybody's may."""

PARTS: dict[tuple[type, str], tuple[str, ...]] = {
    (SignOrder, "signer"): PHYSICIANS,
    (OrderRate, "signer"): PHYSICIANS,
    (AcceptCriterion, "signer"): PHYSICIANS,
    (SignDischarge, "home"): PHYSICIANS,
    (SignDischarge, "transferred"): PHYSICIANS,
    (SignDischarge, "against-advice"): CARES,
    (SignSummary, "signer"): EVERYBODY,
    (SignSummary, "Anesthetist"): PHYSICIANS,
    (SignTables, "signer"): ("director",),
    (NameSupervisor, "supervisor"): PHYSICIANS,
    (HandOver, "taker"): CARES,
    (CheckLine, "second"): EVERYBODY,
    (CheckLine, "accepts"): PHYSICIANS,
    (WasteDrug, "witness"): EVERYBODY,
    (ExplainBalance, "witness"): EVERYBODY,
    (Amend, "signer"): CARES,
    (AddLate, "signer"): CARES,
}

WHILE_LOCKED = {FirstRunDone, SignIn, ListSessions, BreakGlass, OpenEmergency, StampEmergency}
WITHOUT_PIN = WHILE_LOCKED | {
    *(NoteEffect, EndEffect, GiveDrug, EnterVital, SetOxygen, WriteNote, Undo, Acknowledge, CheckIv),
    *(PauseAudio, ResumeAudio),
    *(StopAsking, Lock, LeaveSession, ShowSession, NoteLook, LeaveReview),
}


def act_of(kind: type[Any], **fields: object) -> Any:
    """An act of this kind; what is not named is empty text, which no role depends on."""
    blank = {
        field.name: "" for field in msgspec.structs.fields(kind) if field.required and field.name != "tables"
    }
    if kind is SignTables:
        blank["tables"] = {}  # type: ignore[assignment]
    return kind(**(blank | fields))


def passes(act: AnyAct, hands: tuple[str, ...], **kinds: Any) -> bool:
    """Whether the table lets it through to hands with these roles; everybody named may have any part."""
    named = {staff: ROLES for _part, staff in parts_of(act)}
    asked: dict[str, Any] = {"unlocked": True, "glass": False, "hands": hands, "roles_of": named}
    try:
        check(act, **asked | kinds)
    except Refused:
        return False
    return True


def test_every_touch_there_is_has_a_row_and_is_done_by_somebody() -> None:
    assert {kind.__name__ for kind in KINDS} == {kind.__name__ for kind in ACTS}
    for kind in KINDS:
        assert row_of(act_of(kind)).hands


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_hands_of_each_role_may_do_what_the_table_says(kind: type, role: str) -> None:
    assert passes(act_of(kind), (role,)) == (role in HANDS.get(kind, EVERYBODY))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_while_entry_is_locked_only_what_waits_for_no_pin_is_done(kind: type) -> None:
    assert passes(act_of(kind), (), unlocked=False) == (kind in WHILE_LOCKED)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_without_a_pin_an_emergency_allows_the_urgent_and_no_signature(kind: type) -> None:
    allowed = passes(act_of(kind), (), glass=True)
    assert allowed == (kind in WITHOUT_PIN)
    assert not (allowed and row_of(act_of(kind)).parts)


@pytest.mark.parametrize("kind", [AskPump, ConfirmByHand])
def test_without_a_pin_a_pump_is_held_and_ended_and_never_started(kind: type) -> None:
    allowed = {
        what
        for what in ("start", "pause", "resume", "end")
        if passes(act_of(kind, what=what), (), glass=True)
    }
    assert allowed == {"pause", "end"}


@pytest.mark.parametrize("role", [*ROLES, ""])
@pytest.mark.parametrize(("kind", "part"), PARTS, ids=lambda value: getattr(value, "__name__", value))
def test_each_role_has_the_parts_that_the_table_gives_it(kind: type, part: str, role: str) -> None:
    held = (role,) if role else ()
    assert may_be(act_of(kind), part, held) == (role in PARTS[(kind, part)])


def test_the_parts_of_the_table_are_these_and_no_others() -> None:
    assert {(kind, part) for kind in KINDS for part in row_of(act_of(kind)).parts} == set(PARTS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("kind", "part"),
    # who accepts follows from what was found, and is asked when that is known
    [named for named in PARTS if named[1] != "accepts"],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_person_named_in_an_act_is_asked_about_before_anything_is_done(
    kind: type, part: str, role: str
) -> None:
    names = ("signer", "witness", "second", "taker", "staff")
    as_what = {SignDischarge: "how", SignSummary: "meaning"}
    fields = {name: "p" for name in names if name in kind.__struct_fields__}  # type: ignore[attr-defined]
    act = act_of(kind, **fields, **({as_what[kind]: part} if kind in as_what else {}))
    allowed = passes(act, ROLES, roles_of={"p": (role,)})
    assert allowed == (role in PARTS[(kind, part)])


@pytest.mark.parametrize(("kind", "part"), PARTS, ids=lambda value: getattr(value, "__name__", value))
def test_somebody_who_is_not_of_the_staff_has_no_part_in_anything(kind: type, part: str) -> None:
    assert not may_be(act_of(kind), part, ())
