from __future__ import annotations

import msgspec

from app.frames import DeviceChip
from app.messages import LeaveSession, Lock, ReviewSession, ShowSession, SignIn
from tests.ui.window_samples import BOSS, DOCTOR, NURSE, Chair, sessions, shot
from ui.screens.today import TodayScreen
from ui.screens.unlock import UnlockScreen
from ui.widgets.target import State, Target


def target(chair: Chair, name: str) -> Target:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found


def test_a_name_and_a_pin_unlock(chair: Chair) -> None:
    chair.show(shot("locked-out"))
    chair.touch("staff.s1")
    chair.type("1111", "pin")
    chair.touch("enter")
    assert chair.acts == [SignIn("s1", "1111")]


def test_a_pin_of_three_digits_is_not_sent(chair: Chair) -> None:
    chair.show(shot("locked-out"))
    chair.touch("staff.s1")
    chair.type("111", "pin")
    chair.touch("enter")
    assert chair.acts == []


def test_after_five_wrong_pins_the_wait_is_shown_and_nothing_is_sent(chair: Chair) -> None:
    chair.show(shot("locked-out", staff=(msgspec.structs.replace(NURSE, wait_s=25), DOCTOR, BOSS)))
    chair.touch("staff.s1")
    chair.type("1111", "pin")
    assert target(chair, "enter").reason == "wait 25 s"
    chair.touch("enter")
    assert chair.acts == []


def test_the_pins_are_shown_in_the_demonstration_only(chair: Chair) -> None:
    chair.show(shot("locked-out"))
    assert target(chair, "staff.s1").second == "Nurse, PIN 1111"
    hidden = tuple(msgspec.structs.replace(row, pin_shown="") for row in (NURSE, DOCTOR))
    chair.show(shot("locked-out", staff=hidden))
    assert target(chair, "staff.s1").second == "Nurse"


def test_each_name_says_what_the_person_may_do(chair: Chair) -> None:
    hidden = tuple(msgspec.structs.replace(row, pin_shown="") for row in (NURSE, DOCTOR, BOSS))
    chair.show(shot("locked-out", staff=hidden))
    seconds = [target(chair, f"staff.{row.staff}").second for row in hidden]
    assert seconds == ["Nurse", "Anesthetist", "Medical director"]


def test_a_pin_never_stands_on_the_screen(chair: Chair) -> None:
    chair.show(shot("locked-out", staff=(msgspec.structs.replace(NURSE, pin_shown=""),)))
    chair.type("4711", "pin")
    screen = chair.window.screen_shown
    assert isinstance(screen, UnlockScreen)
    field = screen.part.sign.pin.field
    assert field.count == 4
    assert "4711" not in field.accessibleName()


def test_an_unfinished_session_is_resumed_first(chair: Chair) -> None:
    chair.show(shot("today", sessions=sessions()))
    assert target(chair, "resume").state is State.MAIN
    assert target(chair, "new_patient").state is State.NORMAL
    chair.touch("resume")
    assert chair.acts == [ShowSession("x0")]


def test_what_was_done_on_another_day_is_listed_and_not_counted_for_today(chair: Chair) -> None:
    running, one, two = sessions()
    earlier = msgspec.structs.replace(two, group="Earlier")
    chair.show(shot("today", sessions=(running, one, earlier)))
    assert chair.window.today.title.text == "Today: 1 running, 1 done, 1 earlier"
    assert "session.2" in {target.objectName() for target in chair.targets()}


def test_with_nothing_unfinished_the_main_act_is_a_new_patient(chair: Chair) -> None:
    chair.show(shot("today", sessions=sessions()[1:]))
    assert target(chair, "new_patient").state is State.MAIN
    assert "resume" not in {one.objectName() for one in chair.targets()}


def test_any_session_of_the_list_can_be_opened(chair: Chair) -> None:
    chair.show(shot("today", sessions=sessions()))
    chair.touch("session.1")
    assert chair.acts == [ReviewSession("x1")]


def test_a_long_list_turns_its_pages(chair: Chair) -> None:
    chair.show(shot("today", sessions=sessions(14)))
    chair.touch("earlier")
    chair.show()
    names = {one.objectName() for one in chair.targets()}
    assert "session.0" not in names
    assert any(name.startswith("session.") for name in names)


def test_leaving_a_session_that_has_not_begun_goes_back_to_today(chair: Chair) -> None:
    chair.show(shot("check-in"))
    chair.touch("back_to_today")
    assert chair.acts == [LeaveSession()]


def test_lock_and_dim_are_one_touch(chair: Chair) -> None:
    chair.touch("lock", "dim")
    assert chair.acts == [Lock()]
    assert chair.look.theme.name == "dim"
    chair.touch("dim")
    assert chair.look.theme.name == "dark"


def test_the_title_of_the_window_names_no_patient(chair: Chair) -> None:
    assert chair.window.windowTitle() == "Chairside"


def test_each_phase_has_its_screen(chair: Chair) -> None:
    window = chair.window
    screens = {
        "first-run": window.first_run,
        "locked-out": window.unlock,
        "today": window.today,
        "check-in": window.check_in,
        "ready": window.chair,
        "infusing": window.chair,
        "recovery": window.chair,
    }
    for phase, screen in screens.items():
        chair.show(shot(phase))
        assert window.screen_shown is screen, phase
    assert isinstance(window.today, TodayScreen)


def today(chair: Chair) -> TodayScreen:
    screen = chair.window.today
    assert isinstance(screen, TodayScreen)
    return screen


def test_who_is_here_and_what_the_devices_do_stands_beside_the_sessions(chair: Chair) -> None:
    chair.show(shot("today", sessions=sessions()))
    assert today(chair).status.lines()[0] == ("user", "Lena Koch", "Nurse", True)
    assert [head for _icon, head, _words, _ok in today(chair).status.lines()[1:]] == [
        "Monitor",
        "Pump",
        "Sound",
    ]


def test_a_device_that_is_down_says_what_to_check(chair: Chair) -> None:
    bar = msgspec.structs.replace(shot("today").alarms, devices=(DeviceChip("pump", "Pump", "down", False),))
    chair.show(shot("today", alarms=bar))
    assert today(chair).status.lines()[1] == ("unplugged", "Pump", "down: check the cable", False)


def test_resume_is_the_largest_thing_and_not_listed_a_second_time(chair: Chair) -> None:
    chair.show(shot("today", sessions=sessions()))
    resume, other = target(chair, "resume"), target(chair, "session.1")
    assert resume.height() > other.height()
    assert resume.y() < other.y()
    assert "session.0" not in {one.objectName() for one in chair.targets()}
