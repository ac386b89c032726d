"""What can be typed on the keypad and the keyboard, and what cannot."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.fonts import load_fonts
from ui.theme import DARK, Look, Metrics
from ui.widgets.keyboard import LAYERS, Keyboard
from ui.widgets.keypad import Keypad, Typed
from ui.widgets.target import Target


@pytest.fixture
def look(qtbot: QtBot) -> Look:
    """The dark look of the 12.1 inch panel."""
    load_fonts()
    return Look(DARK, Metrics(125))


def typed(keys: str, *, digits: int = 4, decimals: int = 1) -> Typed:
    """What stands in the field after these keys."""
    state = Typed(digits=digits, decimals=decimals)
    for key in keys:
        state = state.key("erase" if key == "<" else key)
    return state


def test_digits_make_a_number() -> None:
    assert typed("17.5").value() == 17.5


def test_a_leading_point_writes_a_zero() -> None:
    assert typed(".5").text == "0.5"


def test_a_second_point_is_refused_and_changes_nothing() -> None:
    state = typed("17.5.")
    assert state.text == "17.5"
    assert state.refusal


def test_a_digit_too_many_is_refused_and_changes_nothing() -> None:
    assert typed("12345").text == "1234"
    assert typed("1.55").text == "1.5"
    assert typed("1.55").refusal


def test_the_key_after_a_refusal_works() -> None:
    assert typed("17.5.<").text == "17."
    assert typed("17.5.<").refusal == ""


def test_a_whole_number_takes_no_point() -> None:
    assert typed("7.", decimals=0).text == "7"


def test_a_leading_zero_gives_way() -> None:
    assert typed("05").text == "5"


def test_an_empty_field_has_no_value() -> None:
    assert typed("").value() is None
    assert typed("5<").value() is None


def press(qtbot: QtBot, pad: Keypad | Keyboard, name: str) -> None:
    """Touches a key by its name."""
    target = pad.findChild(Target, name)
    assert target is not None, name
    QTest.mouseClick(target, Qt.MouseButton.LeftButton)


def test_touching_keys_types(qtbot: QtBot, look: Look) -> None:
    pad = Keypad(look, "mL/h")
    qtbot.addWidget(pad)
    pad.resize(pad.sizeHint())
    pad.show()
    for name in ("key.2", "key.0", "key..", "key.5"):
        press(qtbot, pad, name)
    assert pad.value() == 20.5
    press(qtbot, pad, "key.erase")
    assert pad.value() == 20.0


def test_a_refused_key_is_told_in_the_field_for_a_moment(qtbot: QtBot, look: Look) -> None:
    pad = Keypad(look, "mL/h")
    qtbot.addWidget(pad)
    pad.set_text("17.5")
    pad.press(".")
    assert pad.field.typed.refusal
    qtbot.waitUntil(lambda: not pad.field.typed.refusal, timeout=2_000)


def test_names_start_with_capitals(qtbot: QtBot, look: Look) -> None:
    board = Keyboard(look, names=True)
    qtbot.addWidget(board)
    board.resize(board.sizeHint())
    board.show()
    for name in ("letter.R", "letter.o", "letter.s", "letter.a", "keyboard.space", "letter.M"):
        press(qtbot, board, name)
    assert board.text == "Rosa M"


def test_done_gives_the_text(qtbot: QtBot, look: Look) -> None:
    board = Keyboard(look)
    qtbot.addWidget(board)
    board.resize(board.sizeHint())
    board.show()
    board.set_text("nausea")
    with qtbot.waitSignal(board.done) as said:
        press(qtbot, board, "keyboard.done")
    assert said.args == ["nausea"]


@pytest.mark.parametrize("across", [9, 10])
def test_every_layer_has_a_letter_for_every_key(across: int) -> None:
    for letters in LAYERS[across].values():
        assert len(letters) == len(set(letters)) == 3 * across


@pytest.mark.parametrize("across", [9, 10])
def test_every_letter_of_the_alphabet_can_be_typed(across: int) -> None:
    assert set("abcdefghijklmnopqrstuvwxyz") <= set(LAYERS[across]["letters"])
