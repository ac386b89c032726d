"""What holds of every touch there is: R2, all of it or nothing; R20, nothing of one patient in another's record."""

from __future__ import annotations

from typing import get_args

import pytest

from app.acts import OF_NO_SESSION
from app.entries import CHAIRSIDE, CLINIC, Entry, NoteWritten, PinSet, StaffAdded
from app.frames import Answer
from app.messages import (
    AddStaff,
    AnyAct,
    BreakGlass,
    FirstRunDone,
    NotePrinted,
    SealRecord,
    SetStaffPin,
    SignIn,
    Tap,
    WriteNote,
)
from app.ports import Append, CheckPin
from app.roles import EVERYBODY, ROLES
from app.session import Session
from tests.app.chair import NURSE, Chair
from tests.app.every_act import MOMENTS
from tests.app.test_roles import HANDS, WHILE_LOCKED, WITHOUT_PIN

KINDS: tuple[type, ...] = tuple(MOMENTS)
EVERY = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
ANOTHER = "another patient's"
NOT_BARRED = {*OF_NO_SESSION, SignIn}
"""They write nothing of a patient, or where they belong: another patient on the screen does not bar them."""


def touched(chair: Chair, act: AnyAct, session: str | None, *, pin: bool = True) -> Answer:
    """A touch on a page that was opened on this session; its PIN is right."""
    tap = Tap(f"touch {session}", chair.now, act, session)
    chair.hear(tap)
    if pin and chair.engine.answers[tap.id].state == "waiting":
        chair.hear(chair.store.pin_checked(chair.now))
    return chair.engine.answers[tap.id]


def here(chair: Chair) -> str:
    """The session on the screen; "" for none."""
    return chair.engine.session.id if chair.engine.session is not None else ""


def test_every_kind_of_touch_has_its_moment() -> None:
    assert {*KINDS, SealRecord} == set(get_args(AnyAct))


# ---------------------------------------------------------------- R20: the right patient


@EVERY
def test_a_touch_on_the_page_of_who_lies_here_is_done(kind: type) -> None:
    chair, act = MOMENTS[kind]()
    assert touched(chair, act, here(chair)).state == "taken"


@EVERY
def test_a_touch_on_another_patients_page_writes_nothing_into_the_record_of_who_lies_here(kind: type) -> None:
    chair, act = MOMENTS[kind]()
    session, before = here(chair), len(chair.store.entries)
    answer = touched(chair, act, ANOTHER)
    new = chair.store.entries[before:]
    if kind not in NOT_BARRED:
        assert (answer.state, answer.field, new) == ("refused", "session", [])
        assert here(chair) == session
    said = [entry for entry in new if entry.session == session and entry.author != CHAIRSIDE]
    assert said == [] or kind is BreakGlass  # it is of whoever lies here while entry is open
    if kind is NotePrinted:
        assert ANOTHER in {entry.session for entry in new}


@EVERY
def test_a_touch_whose_pin_comes_when_another_patient_lies_here_writes_nothing(kind: type) -> None:
    chair, act = MOMENTS[kind]()
    session = here(chair)
    if touched(chair, act, session, pin=False).state != "waiting":
        return
    chair.engine.open_session(Session(ANOTHER))
    before = len(chair.store.entries)
    chair.hear(chair.store.pin_checked(chair.now))
    new = [entry for entry in chair.store.entries[before:] if entry.author != CHAIRSIDE]
    if kind is not SignIn:
        assert chair.engine.answers[f"touch {session}"].field == "session"
        assert new == []
    assert ANOTHER not in {entry.session for entry in new}


# ---------------------------------------------------------------- R16: who may do it


def refused(chair: Chair, act: AnyAct) -> str:
    """The field of a refusal, "" where it is none; what was refused writes nothing."""
    before = len(chair.store.entries)
    answer = touched(chair, act, here(chair))
    if answer.state == "refused":
        assert chair.store.entries[before:] == []
    return answer.field if answer.state == "refused" else ""


@pytest.mark.parametrize("role", ROLES)
def test_the_engine_lets_through_what_the_table_gives_to_hands_of_this_role(role: str) -> None:
    for kind, moment in MOMENTS.items():
        chair, act = moment()
        chair.engine.write(StaffAdded("them", "Somebody", "XX", (role,)), chair.now, NURSE, CLINIC)
        chair.engine.flush()
        chair.engine.who, chair.engine.locked = "them", False
        barred = kind not in WHILE_LOCKED and role not in HANDS.get(kind, EVERYBODY)
        assert (kind, refused(chair, act) == "hands") == (kind, barred)


def test_the_engine_lets_nothing_through_while_entry_is_locked_but_what_waits_for_no_pin() -> None:
    for kind, moment in MOMENTS.items():
        chair, act = moment()
        chair.engine.lock("a test")
        chair.engine.flush()
        assert (kind, refused(chair, act) == "lock") == (kind, kind not in WHILE_LOCKED)


def test_the_engine_lets_through_without_a_pin_what_the_table_calls_urgent() -> None:
    for kind in set(KINDS) - {FirstRunDone, BreakGlass}:
        chair, act = MOMENTS[kind]()
        chair.engine.lock("a test")
        assert chair.tap(BreakGlass("other", "Not breathing")).state == "taken"
        assert (kind, refused(chair, act) == "lock") == (kind, kind not in WITHOUT_PIN)


# ---------------------------------------------------------------- R2: all or nothing


def requests_of(chair: Chair, act: AnyAct) -> list[Append]:
    """What this touch asks the store to write; a PIN is looked at before that."""
    before = len(chair.store.requests)
    assert chair.tap(act).state == "taken"
    assert not [one for one in chair.store.requests[before:] if isinstance(one, CheckPin)][1:]
    new = chair.store.requests[before:]
    return [one for one in new if isinstance(one, Append) and one.entries]


@EVERY
def test_whatever_a_touch_writes_is_one_request(kind: type) -> None:
    chair, act = MOMENTS[kind]()
    chair.wait(1)
    assert len(requests_of(chair, act)) <= 1


class Failing:
    """Ids, until the one at which a bug stops the touch."""

    def __init__(self, ids: object, at: int) -> None:
        self.left = at
        self._ids = ids

    def __call__(self) -> str:
        """The next id, or a bug."""
        self.left -= 1
        if self.left == 0:
            raise KeyError("a bug")
        return str(self._ids())  # type: ignore[operator]


def handled(chair: Chair, act: AnyAct) -> None:
    """The touch and its PIN reach the engine, and no time passes."""
    tap = Tap("touch", chair.now, act)
    chair.engine.handle(tap, chair.now)
    if chair.engine.answers[tap.id].state == "waiting":
        chair.engine.handle(chair.store.pin_checked(chair.now), chair.now)
    assert chair.engine.answers[tap.id].state == "taken"


def stopped_at(kind: type, number: int) -> list[Append] | None:
    """What is written where a bug stops the touch at its entry of this number; None where it has fewer."""
    chair, act = MOMENTS[kind]()
    chair.wait(1)
    before = len(chair.store.requests)
    chair.engine.new_id = Failing(chair.engine.new_id, number)
    try:
        handled(chair, act)
    except KeyError:
        chair.engine.flush()
        return [one for one in chair.store.requests[before:] if isinstance(one, Append)]
    return None


@EVERY
def test_a_touch_that_a_bug_stops_at_any_of_its_entries_writes_none_of_them_and_no_pin(kind: type) -> None:
    chair, act = MOMENTS[kind]()
    chair.wait(1)
    before = len(chair.store.entries)
    handled(chair, act)
    chair.engine.flush()
    entries = len(chair.store.entries) - before
    for number in range(1, entries + 1):
        assert stopped_at(kind, number) == []


def test_a_touch_is_kept_where_a_bug_stops_the_passing_of_time_after_it() -> None:
    chair = Chair().running()
    chair.engine.handle(Tap("touch", chair.now, WriteNote("kept")), chair.now)
    chair.engine.new_id = Failing(chair.engine.new_id, 1)
    chair.now = chair.now.plus(600)
    with pytest.raises(KeyError):
        chair.engine.tick(chair.now)
    assert chair.store.entries[-1].body == NoteWritten("kept")


@EVERY
def test_a_pin_goes_with_the_entry_that_says_who_has_it(kind: type) -> None:
    chair, act = MOMENTS[kind]()
    before = len(chair.store.requests)
    chair.tap(act)
    for one in chair.store.requests[before:]:
        assert not isinstance(one, Append) or {pin.staff for pin in one.pins} <= named(one.entries)
    wanted: dict[type, int] = {FirstRunDone: 2, AddStaff: 1, SetStaffPin: 1}
    assert len(chair.store.pins) == wanted.get(kind, 0)


def named(entries: tuple[Entry, ...]) -> set[str]:
    """Who is new, or has another PIN, by these entries."""
    return {entry.body.staff for entry in entries if isinstance(entry.body, StaffAdded | PinSet)}
