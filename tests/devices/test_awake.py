"""The computer is kept awake during a session, by a child process and no longer; where it cannot be, that is said."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from app.instant import Instant
from app.messages import SleepTold
from devices.awake import AGAIN_AFTER_S, INHIBIT, NO_WAY, NOT_ALLOWED, Awake, ChildLock, NoLock

START = Instant(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), 1000.0)


class FakeLock:
    """A system that answers as the test says."""

    def __init__(self, why: str = "") -> None:
        self.why = why
        self.asked = 0
        self.holds = False

    def take(self) -> str:
        self.asked += 1
        self.holds = not self.why
        return self.why

    def held(self) -> bool:
        return self.holds

    def release(self) -> None:
        self.holds = False


class Night:
    """Somebody who keeps the computer awake, stepped by hand."""

    def __init__(self, why: str = "") -> None:
        self.lock = FakeLock(why)
        self.told: list[object] = []
        self.awake = Awake(self.lock, lambda: self.now, self.told.append)
        self.now = START

    def step(self, seconds: float = 1.0) -> Night:
        self.now = self.now.plus(seconds)
        self.awake.step(self.now)
        return self


def test_at_the_start_it_is_tried_once_and_let_go() -> None:
    night = Night().step().step()
    assert (night.lock.asked, night.lock.holds) == (1, False)
    assert night.told == [SleepTold(START.plus(1), "")]


def test_it_is_held_for_as_long_as_a_session_is_under_way() -> None:
    night = Night().step()
    held = []
    for wanted in (True, True, False, True):
        night.awake.want(wanted)
        held.append(night.step().lock.holds)
    assert held == [True, True, False, True]
    assert night.told == [SleepTold(START.plus(1), "")]


def test_a_system_that_refuses_is_told_once_and_asked_again_a_minute_later() -> None:
    night = Night("Not allowed.").step()
    night.awake.want(True)
    for _ in range(int(AGAIN_AFTER_S) - 1):
        night.step()
    assert night.lock.asked == 1
    night.lock.why = ""
    night.step(2)
    assert [one.why for one in night.told if isinstance(one, SleepTold)] == ["Not allowed.", ""]
    assert night.lock.holds


def test_a_lock_that_was_lost_is_taken_again() -> None:
    night = Night().step()
    night.awake.want(True)
    night.step().lock.holds = False
    assert night.step().lock.holds


def test_a_system_without_a_way_says_what_to_set_by_hand() -> None:
    assert NoLock().take() == NO_WAY
    assert not NoLock().held()


def test_its_thread_holds_while_wanted_and_lets_go_at_the_end() -> None:
    night = Night()
    stop, held = threading.Event(), threading.Event()
    lock = night.lock

    def told(_message: object) -> None:
        held.set()

    awake = Awake(lock, lambda: START, told)
    awake.want(True)
    thread = threading.Thread(target=awake.run, args=(stop,))
    thread.start()
    assert held.wait(10)
    stop.set()
    thread.join(10)
    assert (lock.asked, lock.holds) == (1, False)


# ---------------------------------------------------------------- the child process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the lock is Linux's")


def test_a_child_that_says_it_holds_the_lock_is_held_until_it_is_released() -> None:
    lock = ChildLock(INHIBIT[-3:])
    assert lock.take() == ""
    assert lock.held()
    lock.release()
    assert not lock.held()


@pytest.mark.parametrize(
    ("command", "why"),
    [(("false",), NOT_ALLOWED), (("echo", "no"), NOT_ALLOWED), (("/no/such/program",), NO_WAY)],
)
def test_a_child_that_cannot_is_words_and_no_exception(command: tuple[str, ...], why: str) -> None:
    lock = ChildLock(command)
    assert lock.take() == why
    assert not lock.held()


def test_the_child_ends_with_a_chairside_that_was_killed() -> None:
    code = (
        "import os, signal\n"
        "from devices.awake import INHIBIT, ChildLock\n"
        "lock = ChildLock(INHIBIT[-3:])\n"
        "assert lock.take() == ''\n"
        "print(lock._child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as chairside:
        assert chairside.stdout is not None
        pid = int(chairside.stdout.readline())
    assert chairside.returncode == -9
    watch = ["timeout", "10", "tail", f"--pid={pid}", "-f", "/dev/null"]
    assert subprocess.run(watch, check=False).returncode == 0
