"""Set-up after the first run: who may change what, and what stays readable."""

from __future__ import annotations

import pytest

from app.entries import CLINIC, DeviceChosen, PinSet, StaffAdded, StaffChanged, StaffLeft
from app.messages import (
    AddStaff,
    AnyAct,
    ChangeStaff,
    ChooseDevice,
    DeviceDraft,
    LinkChanged,
    LinkState,
    ReleaseStaff,
    SetStaffPin,
    SignIn,
    StaffDraft,
)
from app.ports import SetPin
from tests.app.chair import DOCTOR, NURSE, Chair

BOSS = "boss"
PIN = "1111"
NEW = StaffDraft("Noor Aziz", "NA", ("nurse",), "5555")
MONITOR = ChooseDevice(DeviceDraft("monitor", "ge-dri", "/dev/ttyUSB1"))


@pytest.fixture
def chair() -> Chair:
    """A chair whose administrator is here."""
    made = Chair()
    made.engine.write(StaffAdded(BOSS, "Joan Miles", "JM", ("administrator",)), made.now, BOSS, CLINIC)
    assert made.tap(SignIn(BOSS, PIN)).state == "taken"
    return made


def refused(chair: Chair, act: AnyAct) -> str:
    """Why an act was refused."""
    answer = chair.tap(act)
    assert answer.state == "refused", answer
    return answer.reason


def test_an_administrator_adds_a_person_who_can_then_sign_in(chair: Chair) -> None:
    assert chair.tap(AddStaff(NEW, PIN)).state == "taken"
    (added,) = [body for body in chair.bodies(StaffAdded) if body.name == "Noor Aziz"]  # type: ignore[union-attr]
    assert isinstance(added, StaffAdded)
    assert chair.store.pins[-1] == SetPin(added.staff, "5555")
    assert chair.tap(SignIn(added.staff, "5555")).state == "taken"


def test_a_pin_is_in_no_entry(chair: Chair) -> None:
    chair.tap(AddStaff(NEW, PIN))
    chair.tap(SetStaffPin(NURSE, "987654", PIN))
    assert not [entry for entry in chair.store.entries if "987654" in repr(entry) or "5555" in repr(entry)]


@pytest.mark.parametrize(
    "act",
    [
        AddStaff(NEW, PIN),
        ChangeStaff(DOCTOR, "Dr. Ana Mora", "AM", ("nurse",), PIN),
        SetStaffPin(DOCTOR, "9999", PIN),
        ReleaseStaff(DOCTOR, PIN),
    ],
)
def test_a_nurse_does_not_change_the_staff(act: AnyAct) -> None:
    assert refused(Chair().signed_in(), act) == "An administrator changes the staff."


def test_everybody_sets_their_own_pin_with_the_one_they_have() -> None:
    chair = Chair().signed_in()
    assert chair.tap(SetStaffPin(NURSE, "2468", PIN)).state == "taken"
    assert chair.store.pins[-1] == SetPin(NURSE, "2468")
    assert chair.bodies(PinSet) == [PinSet(NURSE)]


def test_a_wrong_pin_changes_nothing(chair: Chair) -> None:
    assert chair.tap(AddStaff(NEW, "0000"), pin=False).state == "refused"
    assert "Noor Aziz" not in [person.name for person in chair.snapshot.staff]


def test_who_left_is_not_offered_and_cannot_sign_in_but_keeps_the_name(chair: Chair) -> None:
    assert chair.tap(ReleaseStaff(NURSE, PIN)).state == "taken"
    assert chair.bodies(StaffLeft) == [StaffLeft(NURSE)]
    assert NURSE not in [person.staff for person in chair.snapshot.staff]
    assert refused(chair, SignIn(NURSE, PIN)) == "This person does not work here any more."
    assert chair.engine.clinic.name_of(NURSE) == "Lena Keller"


def test_the_last_who_signs_orders_stays(chair: Chair) -> None:
    words = "Somebody must sign orders: an anesthetist or the medical director."
    assert refused(chair, ReleaseStaff(DOCTOR, PIN)) == words
    assert refused(chair, ChangeStaff(DOCTOR, "Ana Mora", "AM", ("nurse",), PIN)) == words


def test_the_last_administrator_stays_one(chair: Chair) -> None:
    act = ChangeStaff(BOSS, "Joan Miles", "JM", ("nurse",), PIN)
    assert refused(chair, act) == "One person must be administrator."


def test_nobody_lets_themselves_go(chair: Chair) -> None:
    assert refused(chair, ReleaseStaff(BOSS, PIN)).startswith("You are here yourself.")


def test_initials_belong_to_one_person(chair: Chair) -> None:
    assert refused(chair, AddStaff(StaffDraft("Luis Kern", "lk", ("nurse",), "5555"), PIN)) == (
        "Somebody has the initials lk already."
    )


def test_a_changed_name_is_shown_from_then_on(chair: Chair) -> None:
    act = ChangeStaff(NURSE, "Lena Keller-Roth", "LR", ("nurse", "administrator"), PIN)
    assert chair.tap(act).state == "taken"
    assert chair.bodies(StaffChanged) == [StaffChanged(NURSE, *_changed(act))]
    assert chair.engine.clinic.initials(NURSE) == "LR"
    assert chair.engine.clinic.may(NURSE, ("administrator",))


def _changed(act: ChangeStaff) -> tuple[str, str, tuple[str, ...]]:
    return act.name, act.initials, act.roles


def test_a_nurse_gives_the_monitor_another_port_in_the_middle_of_an_infusion() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=82.0)
    connected: list[tuple[str, str, str]] = []
    chair.engine.connect = lambda *chosen: connected.append(chosen)
    assert chair.tap(MONITOR).state == "taken"
    assert connected == [("monitor", "ge-dri", "/dev/ttyUSB1")]
    assert chair.tile("heart_rate")[0] == "--"
    assert [entry.session for entry in chair.store.entries if isinstance(entry.body, DeviceChosen)] == [
        CLINIC,
        chair.session.id,
    ]


def test_what_the_monitor_said_before_it_was_exchanged_and_only_waited_is_not_shown() -> None:
    chair = Chair().running()
    read_before = chair.now
    chair.wait(1)
    assert chair.tap(MONITOR).state == "taken"
    chair.vitals(read_before, heart_rate=82.0)
    chair.hear(LinkChanged(read_before, "monitor", LinkState.LIVE, "/dev/ttyS0", ""))
    assert chair.tile("heart_rate")[0] == "--"
    assert "monitor" not in chair.engine.links
    chair.wait(1)
    chair.vitals(heart_rate=64.0)
    assert chair.tile("heart_rate")[0] == "64"


def test_what_is_connected_already_is_not_connected_again() -> None:
    chair = Chair().signed_in()
    connected: list[object] = []
    chair.engine.connect = lambda *chosen: connected.append(chosen)
    assert chair.tap(ChooseDevice(DeviceDraft("monitor", "ge-dri", "/dev/ttyS0"))).state == "taken"
    assert connected == []


def test_a_driver_without_a_port_is_refused() -> None:
    chair = Chair().signed_in()
    act = ChooseDevice(DeviceDraft("pump", "alaris", " "))
    assert refused(chair, act) == "Choose the port where it is connected."


def test_the_demonstration_keeps_its_simulated_devices() -> None:
    chair = Chair().signed_in()
    chair.engine.demo = True
    assert "simulated" in refused(chair, MONITOR)


def test_the_screen_is_told_how_each_device_is_heard() -> None:
    chair = Chair().signed_in()
    chair.link("monitor", LinkState.DOWN, "no such port")
    chair.link("pump", LinkState.LIVE)
    chair.pump(0.0, 0.0)
    monitor, pump = chair.snapshot.devices
    assert (monitor.says, monitor.ok) == ("down: no such port", False)
    assert (pump.says, pump.ok) == ("heard 0 s ago", True)
