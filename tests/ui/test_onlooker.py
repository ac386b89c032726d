"""The onlooker: covers a screen that hangs within two seconds, and never one that lives."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from pytestqt.qtbot import QtBot

from tests.ui.window_samples import Chair
from ui.bridge import SILENT_AFTER_S
from ui.fonts import load_fonts
from ui.onlooker import AGAIN_AFTER_S, LOOK_EVERY_MS, ROOT, Onlooker, SignOfLife, onlooker_command, read_input
from ui.theme import DARK, Look, Metrics

LIVES = b"10 60 1280 740 14:07:00\n"


class Screen:
    """What a screen says to an onlooker, on a clock that the test moves."""

    def __init__(self) -> None:
        self.said: bytes | None = b""
        self.now_s = 100.0
        self.onlooker = Onlooker(Look(DARK, Metrics(125.0)), self._read, lambda: self.now_s)

    def _read(self) -> bytes | None:
        said, self.said = self.said, b"" if self.said is not None else None
        return said

    def says(self, said: bytes | None, *, after_s: float = 0.0) -> Screen:
        self.now_s += after_s
        self.said = said
        self.onlooker.look()
        return self

    @property
    def is_covered(self) -> bool:
        return self.onlooker.cover.isVisible()


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[Screen]:
    load_fonts()
    made = Screen()
    qtbot.addWidget(made.onlooker.cover)
    yield made
    made.onlooker.cover.close()


def test_a_screen_that_lives_is_not_covered(screen: Screen) -> None:
    for _ in range(20):
        assert not screen.says(LIVES, after_s=0.5).is_covered


def test_a_screen_that_says_nothing_for_two_seconds_is_covered_where_it_is_and_its_last_moment_named(
    screen: Screen,
) -> None:
    screen.says(LIVES).says(b"", after_s=SILENT_AFTER_S)
    assert screen.is_covered
    assert screen.onlooker.cover.geometry() == QRect(10, 60, 1280, 740)
    assert screen.onlooker.cover.words.geometry() == QRect(0, 0, 1280, 740)
    assert screen.onlooker.cover.words.words == "NOT UPDATING"
    assert "since 14:07:00" in screen.onlooker.cover.words.detail


def test_it_looks_so_often_that_two_seconds_are_never_passed() -> None:
    assert SILENT_AFTER_S + LOOK_EVERY_MS / 1000 < 2.0


def test_the_cover_goes_when_the_screen_lives_again(screen: Screen) -> None:
    screen.says(LIVES).says(b"", after_s=30.0).says(LIVES)
    assert not screen.is_covered


def test_what_waited_while_the_onlooker_itself_stood_still_was_said_in_time(screen: Screen) -> None:
    screen.says(LIVES).says(LIVES * 60, after_s=30.0)
    assert not screen.is_covered


def test_half_a_line_is_no_sign_of_life(screen: Screen) -> None:
    screen.says(LIVES).says(LIVES[:9], after_s=1.0).says(b"", after_s=1.0)
    assert screen.is_covered
    assert not screen.says(LIVES[9:]).is_covered


def test_a_window_that_is_not_seen_is_not_covered(screen: Screen) -> None:
    screen.says(b"0 0 0 0 14:07:00\n").says(b"", after_s=10.0)
    assert not screen.is_covered


def test_nothing_is_covered_before_the_screen_has_said_that_it_lives(screen: Screen) -> None:
    assert not screen.says(b"", after_s=60.0).is_covered


def test_when_nobody_will_say_anything_more_it_ends_without_a_cover(screen: Screen, qtbot: QtBot) -> None:
    screen.says(LIVES).says(b"", after_s=10.0)
    with qtbot.waitSignal(screen.onlooker.ended, timeout=100):
        screen.says(None)
    assert not screen.is_covered


def test_the_process_ends_with_its_input() -> None:
    child = subprocess.Popen(onlooker_command(125.0), stdin=subprocess.PIPE, cwd=ROOT)
    child.communicate(LIVES, timeout=30)
    assert child.returncode == 0


# ---------------------------------------------------------------- the sign of life


ECHO = "import sys; [open(sys.argv[1], 'ab', 0).write(line) for line in sys.stdin.buffer]"


class Told:
    """A window whose signs of life go to a file."""

    def __init__(self, folder: Path, script: str = ECHO) -> None:
        self.path = folder / "said"
        self.path.touch()
        self.chair = Chair()
        self.chair.window.show()
        self.chair.show()
        self.now_s = 100.0
        command = (sys.executable, "-c", script, str(self.path))
        self.sign = SignOfLife(self.chair.window, command, lambda: self.now_s)

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()

    def has_begun(self, times: int) -> bool:
        return len(self.lines()) >= times


@pytest.fixture
def told(tmp_path: Path, qtbot: QtBot) -> Iterator[Told]:
    made = Told(tmp_path)
    qtbot.addWidget(made.chair.window)
    yield made
    made.sign.stop()
    made.chair.window.close()


def test_the_screen_says_again_and_again_where_all_of_it_but_the_header_is_and_what_it_shows(
    told: Told, qtbot: QtBot
) -> None:
    told.sign.start()
    qtbot.waitUntil(lambda: len(told.lines()) >= 2, timeout=10_000)
    window = told.chair.window
    header = window.top.header.height()
    corner = window.mapToGlobal(QPoint(0, header))
    place = f"{corner.x()} {corner.y()} {window.width()} {window.height() - header}"
    assert told.lines()[0] == f"{place} 14:07:00"


def test_a_minimised_screen_names_no_place(told: Told, qtbot: QtBot) -> None:
    told.chair.window.hide()
    told.sign.start()
    qtbot.waitUntil(lambda: bool(told.lines()), timeout=10_000)
    assert told.lines()[0].startswith("0 0 0 0 ")


def test_the_onlooker_ends_with_the_screen(told: Told, qtbot: QtBot) -> None:
    told.sign.start()
    told.sign.stop()
    assert len(told.lines()) == 1


def test_an_onlooker_that_ended_is_started_again_and_not_at_once(tmp_path: Path, qtbot: QtBot) -> None:
    made = Told(tmp_path, "import sys; open(sys.argv[1], 'ab').write(b'began\\n')")
    qtbot.addWidget(made.chair.window)
    for after_s, began in ((0.0, 1), (AGAIN_AFTER_S / 2, 1), (AGAIN_AFTER_S / 2, 2)):
        made.now_s += after_s
        made.sign.say()
        qtbot.waitUntil(partial(made.has_begun, began), timeout=10_000)
        assert len(made.lines()) == began
    made.sign.stop()
    made.chair.window.close()


def test_an_onlooker_that_does_not_listen_holds_nothing_up(tmp_path: Path, qtbot: QtBot) -> None:
    waits_for_the_end = "import select; end = select.poll(); end.register(0, select.POLLHUP); end.poll()"
    made = Told(tmp_path, waits_for_the_end)
    qtbot.addWidget(made.chair.window)
    for _ in range(5000):
        made.sign.say()
    made.sign.stop()
    made.chair.window.close()


def test_what_was_said_is_read_without_waiting_until_nobody_can_say_more() -> None:
    reading, writing = os.pipe()
    read = read_input(reading)
    assert read() == b""
    os.write(writing, LIVES)
    assert read() == LIVES
    os.close(writing)
    assert read() is None
    os.close(reading)
