"""The passphrase of a sealed record, typed as a finger would: hidden, tried, waited for, forgotten."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.unsealing import OPENING, PART_FAILED
from tests.ui.sealed_samples import FOLDER, PASSPHRASE, WRONG, SealedChair
from ui.crash import CrashWatch
from ui.screens.unseal import FORGOTTEN
from ui.theme import DIM
from ui.widgets.secret import SecretLine
from ui.widgets.target import State
from ui.widgets.words import Words


@pytest.fixture
def chair(qtbot: QtBot) -> Iterator[SealedChair]:
    """The window that asks."""
    made = SealedChair()
    yield made
    made.seal.gate.set()
    made.window.close()
    made.window.trying.end()
    made.window.deleteLater()


def says(chair: SealedChair) -> str:
    return chair.window.screen_shown.secret.says.text


def line(chair: SealedChair) -> SecretLine:
    found = chair.window.screen_shown.secret.keyboard.line
    assert isinstance(found, SecretLine)
    return found


def test_the_right_passphrase_typed_by_touch_opens_the_record(chair: SealedChair, qtbot: QtBot) -> None:
    chair.type(PASSPHRASE)
    with qtbot.waitSignal(chair.window.ended):
        chair.touch("keyboard.done")
    assert chair.seal.tried == [PASSPHRASE]
    assert chair.window.is_open


def test_a_physical_keyboard_types_it_as_well_and_return_opens(chair: SealedChair, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chair.window.ended):
        QTest.keyClicks(chair.window, PASSPHRASE)
        QTest.keyClick(chair.window, Qt.Key.Key_Return)
    assert chair.seal.tried == [PASSPHRASE]


def test_every_space_counts_the_first_and_the_second_too(chair: SealedChair, qtbot: QtBot) -> None:
    chair.type(" a  b ")
    with qtbot.waitSignal(chair.window.trying.answered):
        chair.touch("keyboard.done")
    assert chair.seal.tried == [" a  b "]


def test_the_window_says_that_it_opens_and_lives_meanwhile(chair: SealedChair, qtbot: QtBot) -> None:
    chair.seal.gate.clear()
    chair.type(PASSPHRASE)
    chair.touch("keyboard.done")
    assert says(chair) == OPENING
    chair.touch("dim")
    assert chair.look.theme is DIM
    QTest.keyClick(chair.window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chair.seal.thread is not None)
    assert chair.seal.thread is not threading.main_thread()
    with qtbot.waitSignal(chair.window.ended):
        chair.seal.gate.set()
    assert chair.seal.tried == [PASSPHRASE]


def test_a_wrong_one_is_said_and_can_be_looked_at_and_put_right(chair: SealedChair, qtbot: QtBot) -> None:
    chair.type(PASSPHRASE + "x")
    with qtbot.waitSignal(chair.window.trying.answered):
        chair.touch("keyboard.done")
    assert says(chair) == WRONG
    chair.touch("keyboard.erase")
    with qtbot.waitSignal(chair.window.ended):
        chair.touch("keyboard.done")
    assert chair.seal.tried == [PASSPHRASE + "x", PASSPHRASE]


def test_nothing_typed_is_not_tried(chair: SealedChair) -> None:
    assert chair.find("keyboard.done").state is State.BARRED
    QTest.keyClick(chair.window, Qt.Key.Key_Return)
    assert chair.seal.thread is None


def test_a_wait_is_counted_down_and_ends_by_itself(chair: SealedChair, qtbot: QtBot) -> None:
    chair.seal.wait = 61.0
    chair.type("abc")
    chair.window.refresh()
    assert chair.find("keyboard.done").reason == "wait 1:01"
    QTest.keyClick(chair.window, Qt.Key.Key_Return)
    assert chair.seal.thread is None
    chair.seal.wait = 0.0
    qtbot.waitUntil(lambda: chair.find("keyboard.done").state is State.MAIN)


def test_dots_stand_for_what_is_typed_until_show_is_held(chair: SealedChair) -> None:
    chair.type("abc")
    assert not line(chair).shown
    finger = chair.hold()
    assert line(chair).shown
    chair.lift(finger)
    assert not line(chair).shown


def test_a_finger_that_slides_off_hides_it_again(chair: SealedChair) -> None:
    chair.type("abc")
    finger = chair.hold()
    away = QPointF(-200, 5)
    where = finger.mapToGlobal(away)
    buttons = Qt.MouseButton.LeftButton
    QApplication.sendEvent(
        finger,
        QMouseEvent(QEvent.Type.MouseMove, away, where, buttons, buttons, Qt.KeyboardModifier.NoModifier),
    )
    assert not line(chair).shown
    chair.lift(finger)


def test_another_window_that_comes_over_it_hides_it_again(chair: SealedChair) -> None:
    chair.type("abc")
    finger = chair.hold()
    QApplication.sendEvent(chair.window, QEvent(QEvent.Type.ActivationChange))
    assert not line(chair).shown
    chair.lift(finger)


def test_an_untouched_passphrase_is_gone_after_a_while(chair: SealedChair, qtbot: QtBot) -> None:
    screen = chair.window.screen_shown
    chair.type("abc")
    screen.secret.keep_for_correction(30)
    qtbot.waitUntil(lambda: screen.secret.keyboard.text == "")
    assert says(chair) == FORGOTTEN
    chair.type("d")
    assert says(chair) == ""


def test_a_wrong_one_left_standing_is_gone_after_a_while_too(chair: SealedChair, qtbot: QtBot) -> None:
    screen = chair.window.screen_shown
    chair.type("abc")
    with qtbot.waitSignal(chair.window.trying.answered):
        chair.touch("keyboard.done")
    assert screen.secret.text == "abc"
    screen.secret.keep_for_correction(30)
    qtbot.waitUntil(lambda: screen.secret.text == "")


def test_it_stands_in_no_text_field_no_clipboard_and_no_name_that_is_read_aloud(
    chair: SealedChair, qtbot: QtBot
) -> None:
    chair.type(PASSPHRASE)
    QTest.keyClick(chair.window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    window = chair.window
    assert not window.findChildren(QLineEdit)
    assert not window.findChildren(QTextEdit)
    assert PASSPHRASE not in QGuiApplication.clipboard().text()
    spoken = [f"{one.accessibleName()} {one.objectName()} {one.toolTip()}" for one in all_of(window)]
    assert not [words for words in spoken if PASSPHRASE[:8] in words]
    with qtbot.waitSignal(window.ended):
        chair.touch("keyboard.done")
    assert window.screen_shown.secret.keyboard.text == ""


def all_of(window: QWidget) -> list[QWidget]:
    """The window and everything in it."""
    return [window, *window.findChildren(QWidget)]


def test_a_bug_while_it_is_tried_is_said_and_logged_without_it(
    chair: SealedChair, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    chair.seal.bug = ValueError(f"cannot digest {PASSPHRASE}")
    watch = CrashWatch(chair.window.say_notice)
    watch.install()
    try:
        with caplog.at_level(logging.DEBUG):
            chair.type(PASSPHRASE)
            with qtbot.waitSignal(chair.window.trying.answered):
                chair.touch("keyboard.done")
    finally:
        watch.remove()
    assert says(chair) == PART_FAILED
    assert watch.count == 1
    assert "ValueError at" in caplog.text
    assert PASSPHRASE not in caplog.text


def test_who_does_not_know_it_is_told_where_to_look_and_what_to_type(chair: SealedChair) -> None:
    chair.touch("lost_passphrase")
    told = " ".join(one.text for one in chair.window.screen_shown.lost.findChildren(Words))
    assert "Look in the safe" in told
    assert f"python main.py key recover --key FILE --data {FOLDER}" in told
    assert "nobody can read the record" in told
    chair.touch("back_to_passphrase")
    chair.type("a")


def test_chairside_can_be_left_from_there(chair: SealedChair, qtbot: QtBot) -> None:
    chair.touch("lost_passphrase")
    with qtbot.waitSignal(chair.window.ended):
        chair.touch("close_chairside")
    assert not chair.window.is_open


def test_a_record_that_stays_closed_after_the_right_one_says_why(chair: SealedChair, qtbot: QtBot) -> None:
    chair.type(PASSPHRASE)
    with qtbot.waitSignal(chair.window.ended):
        chair.touch("keyboard.done")
    chair.window.say_not_opened("The disk is full. Free some space.")
    assert not chair.window.is_open
    failed = chair.window.screen_shown.failed
    assert failed is not None
    assert failed.isVisible()
    with qtbot.waitSignal(chair.window.ended):
        chair.touch("close_chairside")


def test_a_window_without_room_says_so(chair: SealedChair) -> None:
    chair.window.resize(600, 400)
    QApplication.processEvents()
    assert chair.window.too_small.isVisible()
