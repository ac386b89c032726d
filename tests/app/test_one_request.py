"""R2: whatever a touch writes is one request to the store, which writes all of a request or none of it."""

from __future__ import annotations

import pytest

from app.entries import NoteWritten
from app.messages import (
    Acknowledge,
    Amend,
    AnyAct,
    ChooseDevice,
    DeviceDraft,
    FinishSession,
    GiveDrug,
    NoteEffect,
    OrderRate,
    SignDischarge,
    SignOrder,
    Tap,
    Undo,
    WriteNote,
)
from app.ports import Append
from tests.app.chair import DOCTOR, NURSE, Chair, order, patient


def requests_of(chair: Chair, act: AnyAct) -> list[Append]:
    """The requests with entries that this touch brought, its PIN included."""
    before = len(chair.store.requests)
    assert chair.tap(act).state == "taken"
    new = chair.store.requests[before:]
    return [request for request in new if isinstance(request, Append) and request.entries]


def rows(found: list[Append]) -> int:
    return sum(len(request.entries) + len(request.samples) for request in found)


def test_a_patient_s_session_begins_with_one_request() -> None:
    found = requests_of(Chair().signed_in(), patient())
    assert len(found) == 1
    assert rows(found) >= 3


def test_a_signed_order_is_one_request() -> None:
    chair = Chair().with_patient().checked_in()
    assert len(requests_of(chair, SignOrder(order(), DOCTOR, "3333"))) == 1


@pytest.mark.parametrize(
    "act",
    [
        NoteEffect("nausea", 2),
        GiveDrug("ondansetron", 4.0, "mg", "IV"),
        WriteNote("a note"),
        OrderRate(20.0, "more effect", DOCTOR, "3333"),
        Acknowledge(),
    ],
    ids=lambda act: type(act).__name__,
)
def test_what_is_touched_during_an_infusion_is_one_request(act: AnyAct) -> None:
    chair = Chair().running()
    chair.store.longest_wait_s = 5.0
    chair.wait(1)
    assert len(requests_of(chair, act)) == 1


def test_an_undo_and_an_amendment_are_one_request_each() -> None:
    chair = Chair().running()
    chair.tap(WriteNote("slip"))
    undo = chair.snapshot.undo
    assert undo is not None
    assert len(requests_of(chair, Undo(undo.entry))) == 1
    chair.tap(WriteNote("odd"))
    assert (
        len(requests_of(chair, Amend(chair.session.entries[-1].uuid, "even", "a slip", NURSE, "1111"))) == 1
    )


def test_discharge_and_finish_are_one_request_each() -> None:
    chair = Chair().recovering(after_s=5).counted()
    discharge = SignDischarge(DOCTOR, "3333", "", "", "transferred", "Another treatment")
    assert len(requests_of(chair, discharge)) == 1
    assert len(requests_of(chair, FinishSession())) == 1


def test_a_touch_that_a_bug_stops_half_way_leaves_no_row_and_what_came_before_is_written() -> None:
    chair = Chair().running()
    before = len(chair.store.entries)

    def connect(*_chosen: str) -> None:
        raise KeyError("a bug")

    chair.engine.connect = connect
    chair.engine.handle(Tap("one", chair.now, WriteNote("before")), chair.now)
    port = ChooseDevice(DeviceDraft("monitor", "ge-dri", "/dev/ttyUSB1"))
    with pytest.raises(KeyError):
        chair.engine.handle(Tap("two", chair.now, port), chair.now)
    chair.engine.flush()
    assert [entry.body for entry in chair.store.entries[before:]] == [NoteWritten("before")]
