"""Set-up by touch: a device at another port, staff by an administrator, one's own PIN."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from app.frames import DeviceSetup, StaffRow
from app.messages import (
    AddStaff,
    AnyAct,
    ChangeStaff,
    ChooseDevice,
    DeviceDraft,
    ReleaseStaff,
    SayHeard,
    SetStaffPin,
    StaffDraft,
    SwitchSound,
    TrySound,
)
from tests.ui.frames_samples import SOUNDS, sound_bar
from tests.ui.window_samples import BOSS, DOCTOR, STAFF, Chair, shot
from ui.widgets.target import State, Target

DEVICES = (
    DeviceSetup("monitor", "ge-dri", "/dev/ttyUSB0", "down: no such port", False),
    DeviceSetup("pump", "alaris", "/dev/ttyUSB1", "heard 1 s ago", True),
)


@pytest.fixture
def boss(chair: Chair) -> Chair:
    """The administrator stands before Today's set-up."""
    chair.show(shot("today", who=BOSS.staff, devices=DEVICES))
    chair.touch("set_up")
    return chair


def pin(chair: Chair, digits: str) -> None:
    """A PIN is typed and set."""
    chair.type(digits, "pin")
    chair.touch("pin_set")


def target(chair: Chair, name: str) -> Target:
    """The target of that name."""
    found = chair.find(name)
    assert isinstance(found, Target)
    return found


def test_a_monitor_is_given_another_port_in_four_touches(boss: Chair) -> None:
    boss.touch("field.monitor", "choice.ge-dri", "choice.0")
    assert boss.acts == [ChooseDevice(DeviceDraft("monitor", "ge-dri", "/dev/ttyUSB0"))]


def test_each_device_says_how_it_is_heard(boss: Chair) -> None:
    assert target(boss, "field.monitor").value == "ge-dri at /dev/ttyUSB0"
    says = boss.window.set_up.says
    assert says["monitor"].text == "Down: no such port."
    assert says["pump"].text == "Heard 1 s ago."


def test_an_administrator_adds_a_person_and_signs(boss: Chair) -> None:
    boss.touch("add_person", "letter.N", "letter.o", "keyboard.done", "keyboard.done", "choice.nurse")
    boss.touch("editor.done")
    pin(boss, "5555")
    pin(boss, "5555")
    pin(boss, "3333")
    assert boss.acts == [AddStaff(StaffDraft("No", "N", ("nurse",), "5555"), "3333")]


def test_a_persons_roles_are_changed(boss: Chair) -> None:
    boss.touch("person.0", "choice.change", "keyboard.done", "keyboard.done", "choice.administrator")
    boss.touch("editor.done")
    pin(boss, "3333")
    assert boss.acts == [ChangeStaff("s1", "Lena Koch", "LK", ("nurse", "administrator"), "3333")]


def test_a_forgotten_pin_is_set_anew(boss: Chair) -> None:
    boss.touch("person.0", "choice.pin")
    for digits in ("2468", "2468", "3333"):
        pin(boss, digits)
    assert boss.acts == [SetStaffPin("s1", "2468", "3333")]


def test_somebody_who_left_is_let_go(boss: Chair) -> None:
    boss.touch("person.1", "choice.leave")
    pin(boss, "3333")
    assert boss.acts == [ReleaseStaff("s2", "3333")]


def test_a_wrong_pin_is_typed_again_in_the_same_place(boss: Chair) -> None:
    boss.touch("person.1", "choice.leave")
    pin(boss, "9999")
    boss.answer("refused", "pin", "Wrong PIN. 4 tries left.")
    assert boss.window.set_up.editor.pin.field.words == "Wrong PIN. 4 tries left."
    pin(boss, "3333")
    assert boss.acts[-1] == ReleaseStaff("s2", "3333")


def test_a_question_that_was_left_open_is_gone_when_set_up_is_opened_again(boss: Chair) -> None:
    boss.touch("person.1")
    boss.show(shot("locked-out"))
    boss.show(shot("today", who=BOSS.staff, devices=DEVICES))
    boss.touch("set_up")
    assert target(boss, "field.monitor").value == "ge-dri at /dev/ttyUSB0"


def test_a_nurse_sees_the_staff_and_is_told_who_changes_it(chair: Chair) -> None:
    chair.show(shot("today", devices=DEVICES))
    chair.touch("set_up")
    assert target(chair, "add_person").state is State.BARRED
    chair.touch("person.1")
    assert chair.window.set_up.ask_card.isVisible()
    assert chair.acts == []


def test_a_nurse_changes_her_own_pin(chair: Chair) -> None:
    chair.show(shot("today", devices=DEVICES))
    chair.touch("set_up", "own_pin")
    for digits in ("2468", "2468", "1111"):
        pin(chair, digits)
    assert chair.acts == [SetStaffPin("s1", "2468", "1111")]


def test_the_way_to_the_devices_is_two_touches_from_a_running_infusion(chair: Chair) -> None:
    chair.show(shot("infusing", devices=DEVICES))
    chair.touch("note", "open.set-up")
    assert chair.window.set_up.isVisible()
    chair.touch("back_from_set_up")
    assert chair.window.chair.isVisible()


def test_thirty_people_stand_on_pages(qtbot: QtBot, panel: str) -> None:
    made = Chair(panel)
    qtbot.addWidget(made.window)
    made.window.show()
    many = tuple(StaffRow(f"p{n}", f"Person Number {n}", f"P{n}", ("nurse",)) for n in range(30))
    made.show(shot("today", who=BOSS.staff, devices=DEVICES, staff=(*STAFF, *many)))
    made.touch("set_up")
    seen = set()
    for _ in range(12):
        seen |= {one.words for one in made.targets() if one.objectName().startswith("person.")}
        if target(made, "staff_later").state is State.BARRED:
            break
        made.touch("staff_later")
    assert len(seen) == 33


# ---------------------------------------------------------------- the sound


@pytest.mark.parametrize("who", [BOSS.staff, DOCTOR.staff])
@pytest.mark.parametrize(
    ("state", "touched", "act"), [("off", "on", SwitchSound(True)), ("on", "off", SwitchSound(False))]
)
def test_an_administrator_or_an_anesthetist_switches_the_sound_in_three_touches(
    chair: Chair, who: str, state: str, touched: str, act: AnyAct
) -> None:
    chair.show(shot("today", who=who, devices=DEVICES, alarms=sound_bar(state)))
    chair.touch("set_up", "field.sound", f"choice.{touched}")
    assert chair.acts == [act]


def test_a_nurse_may_try_the_sound_and_is_told_who_switches_it(chair: Chair) -> None:
    chair.show(shot("today", devices=DEVICES))
    chair.touch("set_up", "field.sound")
    names = {one.objectName() for one in chair.targets()}
    assert "choice.try" in names
    assert "choice.on" not in names
    assert "anesthetist or an administrator" in chair.window.set_up.editor.says.text


@pytest.mark.parametrize(("touched", "heard"), [("heard", True), ("not", False)])
def test_each_tone_is_played_once_and_somebody_says_whether_all_were_heard(
    boss: Chair, touched: str, heard: bool
) -> None:
    boss.touch("field.sound", "choice.try")
    assert boss.acts == [TrySound()]
    boss.answer()
    boss.touch(f"choice.{touched}")
    assert boss.acts == [TrySound(), SayHeard(heard)]
    boss.answer()
    assert target(boss, "field.sound").value == "off"


def test_a_trial_that_cannot_be_says_why_where_it_was_begun(boss: Chair) -> None:
    boss.touch("field.sound", "choice.try")
    sound = msgspec.structs.replace(SOUNDS["off"], failed="No sound: no loudspeaker was found.")
    boss.answer(alarms=sound_bar("off", sound=sound))
    assert boss.window.set_up.editor.says.text == "No sound: no loudspeaker was found."


def test_a_trial_that_is_refused_says_so_over_the_overview(boss: Chair) -> None:
    boss.touch("field.sound", "choice.try")
    boss.answer("refused", "sound", "Not while a patient is watched.")
    assert boss.window.set_up.ask_card.isVisible()


def test_a_sound_without_a_loudspeaker_says_so_in_set_up(chair: Chair) -> None:
    chair.show(shot("today", who=BOSS.staff, devices=DEVICES, alarms=sound_bar("none")))
    chair.touch("set_up")
    assert target(chair, "field.sound").value == "on"
    assert chair.window.set_up.sound_says.text.startswith("No sound: no loudspeaker was found.")
