"""The bridge: the newest snapshot wins, at its own pace, and a silence is said."""

from __future__ import annotations

import threading

import msgspec
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.frames import Answer, Snapshot
from tests.ui.frames_samples import snapshot
from ui.bridge import SILENT_AFTER_S, WATCH_EVERY_MS, Bridge


class Wall:
    """Seconds that are set."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def numbered(number: int) -> Snapshot:
    return msgspec.structs.replace(snapshot(), number=number)


def listening(wall: Wall) -> tuple[Bridge, list[int], list[bool]]:
    bridge = Bridge(wall)
    shown: list[int] = []
    silences: list[bool] = []
    bridge.snapshot.connect(lambda shot: shown.append(shot.number))
    bridge.snapshot.connect(bridge.was_shown)
    bridge.not_updating.connect(silences.append)
    return bridge, shown, silences


def test_only_the_newest_of_many_snapshots_is_shown(qtbot: QtBot) -> None:
    wall = Wall()
    bridge, shown, _ = listening(wall)
    bridge.offer(numbered(1))
    wall.s += 0.01
    for number in range(2, 50):
        bridge.offer(numbered(number))
    qtbot.waitUntil(lambda: shown[-1:] == [49], timeout=2000)
    assert len(shown) <= 2


def test_the_answer_to_a_touch_does_not_wait_for_the_next_picture(qtbot: QtBot) -> None:
    bridge, shown, _ = listening(Wall())
    bridge.offer(numbered(1))
    bridge.offer(numbered(2))  # waits for its turn
    answered = msgspec.structs.replace(numbered(3), answers={"tap": Answer("taken")})
    bridge.offer(answered)
    qtbot.waitUntil(lambda: shown[-1:] == [3], timeout=50)
    bridge.offer(msgspec.structs.replace(answered, number=4))
    QApplication.processEvents()
    assert shown[-1] == 3


def test_an_older_snapshot_never_replaces_a_newer_one(qtbot: QtBot) -> None:
    bridge, shown, _ = listening(Wall())
    bridge.offer(numbered(5))
    bridge.offer(numbered(4))
    bridge.paint_now()
    assert shown == [5]


def test_a_snapshot_from_another_thread_is_shown_in_this_one(qtbot: QtBot) -> None:
    bridge, shown, _ = listening(Wall())
    here = threading.get_ident()
    where: list[int] = []
    bridge.snapshot.connect(lambda _shot: where.append(threading.get_ident()))
    other = threading.Thread(target=lambda: bridge.offer(numbered(1)))
    other.start()
    other.join()
    qtbot.waitUntil(lambda: shown == [1], timeout=2000)
    assert where == [here]


def test_two_seconds_without_anything_new_are_said_and_taken_back_by_the_next_snapshot(qtbot: QtBot) -> None:
    wall = Wall()
    bridge, _, silences = listening(wall)
    bridge.offer(numbered(1))
    bridge.paint_now()
    wall.s += SILENT_AFTER_S - 0.1
    bridge.watch()
    assert silences == []
    wall.s += 0.1
    bridge.watch()
    bridge.watch()
    assert silences == [True]
    bridge.offer(numbered(2))
    bridge.paint_now()
    assert silences == [True, False]


def test_a_snapshot_that_waits_to_be_painted_is_no_silence(qtbot: QtBot) -> None:
    wall = Wall()
    bridge, shown, silences = listening(wall)
    bridge.offer(numbered(1))
    bridge.offer(numbered(2))
    assert shown == [1]
    wall.s += 3.0
    bridge.watch()
    assert (shown, silences) == ([1, 2], [])


def test_a_silence_is_looked_for_so_often_that_it_is_said_within_two_seconds() -> None:
    assert SILENT_AFTER_S + WATCH_EVERY_MS / 1000 < 2.0


def test_snapshots_that_come_and_cannot_be_shown_are_said_like_a_silence(qtbot: QtBot) -> None:
    wall = Wall()
    bridge = Bridge(wall)
    silences: list[bool] = []
    bridge.not_updating.connect(silences.append)
    for number in range(1, 22):
        bridge.offer(numbered(number))
        bridge.watch()
        wall.s += 0.1
    assert silences == [True]
    bridge.was_shown()
    assert silences == [True, False]
