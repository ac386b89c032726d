"""A rehearsal's finger touches only what a hand could, and says why it did not."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.fingers import Barred, Finger, TouchFailed
from ui.fonts import load_fonts
from ui.theme import DARK, Look, Metrics
from ui.widgets.keyboard import Keyboard
from ui.widgets.target import State, Target


class Room:
    """A window with one target, and a finger over it."""

    def __init__(self, qtbot: QtBot) -> None:
        load_fonts()
        self.look = Look(DARK, Metrics(125))
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(900, 600)
        self.target = self.add("pause")
        self.touched: list[str] = []
        self.target.touched.connect(self.touched.append)
        self.settled = 0
        self.finger = Finger(self.window, self._settle)
        self.window.show()

    def add(self, name: str) -> Target:
        """One more target at the same place."""
        target = Target(self.look, name, name, parent=self.window)
        target.setGeometry(10, 10, 120, 90)
        return target

    def _settle(self) -> None:
        self.settled += 1


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    """A room of its own for each test."""
    return Room(qtbot)


def test_a_touch_reaches_its_target_and_lets_the_program_answer(room: Room) -> None:
    room.finger.press("pause")
    assert (room.touched, room.settled) == (["pause"], 1)


def test_every_touch_counts_although_they_come_at_once(room: Room) -> None:
    for _ in range(5):
        room.finger.press("pause")
    assert len(room.touched) == 5


def test_a_widget_that_is_not_there_is_named(room: Room) -> None:
    with pytest.raises(TouchFailed, match=r"^resume: no such widget$"):
        room.finger.press("resume")


def test_a_hidden_widget_is_not_touched(room: Room) -> None:
    room.target.hide()
    with pytest.raises(TouchFailed, match=r"^pause: hidden$"):
        room.finger.press("pause")
    assert not room.finger.can_reach("pause")


def test_a_covered_widget_is_not_touched(room: Room) -> None:
    room.add("sheet").show()
    with pytest.raises(TouchFailed, match=r"^pause: covered by sheet$"):
        room.finger.press("pause")
    assert room.touched == []


def test_a_widget_outside_of_the_window_is_not_touched(room: Room) -> None:
    room.target.move(2000, 10)
    with pytest.raises(TouchFailed, match="covered by the window's edge"):
        room.finger.press("pause")


def test_a_barred_target_fails_with_its_reason_unless_it_is_meant(room: Room) -> None:
    reasons: list[str] = []
    room.target.barred_touched.connect(reasons.append)
    room.target.set_state(State.BARRED, "locked")
    with pytest.raises(Barred, match=r"^pause: barred: locked$"):
        room.finger.press("pause")
    room.finger.press("pause", even_barred=True)
    assert (reasons, room.touched) == (["locked"], [])


def test_of_two_with_one_name_the_one_in_sight_is_touched(room: Room) -> None:
    other = room.add("pause")
    other.show()
    other.raise_()
    said: list[str] = []
    other.touched.connect(said.append)
    room.finger.press("pause")
    assert (said, room.touched) == (["pause"], [])


def test_words_are_typed_key_by_key_with_capitals_figures_and_accents(room: Room) -> None:
    keyboard = Keyboard(room.look, parent=room.window)
    keyboard.setGeometry(0, 120, 900, 470)
    keyboard.show()
    done: list[str] = []
    keyboard.done.connect(done.append)
    room.finger.write("Élise 2 Pump ran on.")
    assert done == ["Élise 2 Pump ran on."]


def test_what_stands_on_the_keyboard_is_erased_key_by_key(room: Room) -> None:
    keyboard = Keyboard(room.look, parent=room.window)
    keyboard.setGeometry(0, 120, 900, 470)
    keyboard.show()
    keyboard.set_text("700")
    room.finger.erase_all()
    assert keyboard.text == ""
