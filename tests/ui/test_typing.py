"""A physical keyboard types where the touch keyboard or a keypad is in sight, and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.messages import WriteNote
from tests.ui.window_samples import Chair, shot
from ui.sheets.drug import DrugGivenSheet
from ui.sheets.sign import LockSheet


@pytest.fixture
def chair(qtbot: QtBot) -> Iterator[Chair]:
    """A calm infusion."""
    made = Chair()
    qtbot.addWidget(made.window)
    made.window.show()
    made.show()
    yield made
    made.window.close()


def type_on(chair: Chair, text: str) -> None:
    """Keys of a physical keyboard, once what was touched stands in its place."""
    QApplication.processEvents()
    QTest.keyClicks(chair.window, text)


def test_letters_capitals_and_accents_are_typed_as_they_are(chair: Chair) -> None:
    chair.touch("note", "note.write")
    type_on(chair, "Ela ")
    type_on(chair, "slept")
    QTest.keyClick(chair.window, Qt.Key.Key_Backspace)
    QTest.keyClick(chair.window, Qt.Key.Key_Return)
    assert chair.acts == [WriteNote("Ela slep", 0)]


def test_a_text_field_of_a_screen_takes_a_physical_keyboard(chair: Chair) -> None:
    chair.show(shot("today"))
    chair.touch("new_patient", "field.name")
    type_on(chair, "Rosa Martin")
    QTest.keyClick(chair.window, Qt.Key.Key_Return)
    assert chair.window.patient.draft.name == "Rosa Martin"


def test_digits_and_a_comma_are_typed_on_a_keypad(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.other")
    type_on(chair, "1,25")
    sheet = chair.window.sheet
    assert isinstance(sheet, DrugGivenSheet)
    assert sheet.number.value() == 1.25


def test_a_pin_is_typed(chair: Chair) -> None:
    chair.show(shot(locked=True))
    chair.touch("unlock", "staff.s1")
    type_on(chair, "1111")
    QTest.keyClick(chair.window, Qt.Key.Key_Backspace)
    sheet = chair.window.sheet
    assert isinstance(sheet, LockSheet)
    assert sheet.part.sign.pin.pin == "111"


def test_no_physical_key_gives_a_drug(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.1")
    QTest.keyClick(chair.window, Qt.Key.Key_Return)
    QTest.keyClick(chair.window, Qt.Key.Key_Space)
    assert chair.acts == []


def test_keys_go_nowhere_while_nothing_asks_for_words_or_numbers(chair: Chair) -> None:
    type_on(chair, "hello 123")
    assert chair.acts == []
    assert chair.window.sheet is None
