"""What a finger on a target does, and what it sees there."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.fonts import load_fonts
from ui.theme import DARK, Look, Metrics, Token
from ui.widgets.target import Form, Role, State, Target

DOWN, MOVE, UP = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


@pytest.fixture
def look(qtbot: QtBot) -> Look:
    """The dark look of the 12.1 inch panel."""
    load_fonts()
    return Look(DARK, Metrics(125))


def made(qtbot: QtBot, look: Look, words: str = "Pause", **more: Any) -> Target:
    """A target of its own size, shown."""
    target = Target(look, "pause", words, **more)
    qtbot.addWidget(target)
    target.resize(target.sizeHint())
    target.show()
    return target


def finger(target: Target, kind: QEvent.Type, at: QPoint, ms: int) -> None:
    """A finger at a place and a time."""
    button = Qt.MouseButton.NoButton if kind is MOVE else Qt.MouseButton.LeftButton
    buttons = Qt.MouseButton.NoButton if kind is UP else Qt.MouseButton.LeftButton
    place = QPointF(at)
    event = QMouseEvent(kind, place, place, button, buttons, Qt.KeyboardModifier.NoModifier)
    event.setTimestamp(ms)
    QApplication.sendEvent(target, event)


def test_a_touch_acts_on_release_and_says_its_name(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    said: list[str] = []
    target.touched.connect(said.append)
    finger(target, DOWN, target.rect().center(), 1_000)
    assert said == []
    finger(target, UP, target.rect().center(), 1_080)
    assert said == ["pause"]


def test_a_finger_lifted_four_millimetres_outside_still_acts(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    outside = QPoint(target.width() + int(look.px(3.5)), target.height() // 2)
    with qtbot.waitSignal(target.clicked):
        finger(target, DOWN, target.rect().center(), 1_000)
        finger(target, UP, outside, 1_100)


def test_a_finger_lifted_further_out_does_nothing(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    outside = QPoint(target.width() + int(look.px(5.0)), target.height() // 2)
    with qtbot.assertNotEmitted(target.clicked):
        finger(target, DOWN, target.rect().center(), 1_000)
        finger(target, MOVE, outside, 1_050)
        assert not target.isDown()
        finger(target, UP, outside, 1_100)


def test_it_looks_pressed_at_once(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    before = target.grab().toImage()
    finger(target, DOWN, target.rect().center(), 1_000)
    assert target.isDown()
    assert target.grab().toImage() != before


def test_a_bounce_is_one_touch(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    said: list[str] = []
    target.touched.connect(said.append)
    for ms in (1_000, 1_130):
        finger(target, DOWN, target.rect().center(), ms)
        finger(target, UP, target.rect().center(), ms + 60)
    assert said == ["pause"]


def test_two_quick_touches_are_two(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    said: list[str] = []
    target.touched.connect(said.append)
    for ms in (1_000, 1_200):
        finger(target, DOWN, target.rect().center(), ms)
        finger(target, UP, target.rect().center(), ms + 60)
    assert said == ["pause", "pause"]


def test_a_bounce_does_not_reach_the_target_that_appeared_under_the_finger(qtbot: QtBot, look: Look) -> None:
    first, second = made(qtbot, look), made(qtbot, look, "Give")
    finger(first, DOWN, first.rect().center(), 1_000)
    finger(first, UP, first.rect().center(), 1_060)
    with qtbot.assertNotEmitted(second.clicked):
        finger(second, DOWN, second.rect().center(), 1_090)
        finger(second, UP, second.rect().center(), 1_120)


def test_a_test_mouse_can_press_it_again_and_again(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    said: list[str] = []
    target.touched.connect(said.append)
    for _ in range(3):
        QTest.mouseClick(target, Qt.MouseButton.LeftButton)
    assert len(said) == 3


def test_a_held_finger_repeats_nothing(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    assert not target.autoRepeat()


def test_a_barred_target_says_why_instead_of_acting(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    target.set_state(State.BARRED, "allergy")
    with qtbot.assertNotEmitted(target.clicked), qtbot.waitSignal(target.barred_touched) as said:
        QTest.mouseClick(target, Qt.MouseButton.LeftButton)
    assert said.args == ["allergy"]


def test_a_barred_target_is_never_a_dead_one(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look)
    target.set_state(State.BARRED, "over the limit")
    assert target.isEnabled()


def test_the_reason_is_written_in_it(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look, "2 mg", token=Token.CRITICAL, role=Role.CRITICAL)
    target.resize(200, 100)
    target.set_state(State.BARRED, "over the limit")
    one = target.grab().toImage()
    target.set_state(State.BARRED, "too soon")
    assert target.grab().toImage() != one


def test_it_takes_no_focus(qtbot: QtBot, look: Look) -> None:
    assert made(qtbot, look).focusPolicy() is Qt.FocusPolicy.NoFocus


@pytest.mark.parametrize("ppi", [125.0, 141.0])
@pytest.mark.parametrize(
    ("role", "least"), [(Role.NORMAL, (15.0, 15.0)), (Role.KEY, (19.0, 19.0)), (Role.CRITICAL, (15.0, 20.0))]
)
def test_a_target_has_the_millimetres_of_its_role(
    qtbot: QtBot, ppi: float, role: Role, least: tuple[float, float]
) -> None:
    load_fonts()
    look = Look(DARK, Metrics(ppi))
    size = made(qtbot, look, "1", role=role).size()
    assert look.metrics.in_mm(size.width()) >= least[0]
    assert look.metrics.in_mm(size.height()) >= least[1]


def test_a_target_is_never_too_narrow_for_its_words(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look, "Hallucination")
    assert target.fits()
    assert target.minimumSizeHint().width() >= look.width("Hallucination", Token.TEXT, 600)


def test_shorter_words_stand_in_where_the_long_ones_do_not_fit(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look, "Metoclopramide by slow push", alternatives=("metoclopramide",))
    target.resize(target.minimumSizeHint())
    assert target.fits()


@pytest.mark.parametrize("state", [state for state in State if state is not State.NORMAL])
def test_every_state_looks_different_from_normal(qtbot: QtBot, look: Look, state: State) -> None:
    target = made(qtbot, look, icon="note")
    normal = target.grab().toImage()
    target.set_state(state, "reason")
    assert target.grab().toImage() != normal


@pytest.mark.parametrize("form", list(Form))
def test_every_form_paints_its_words(qtbot: QtBot, look: Look, form: Form) -> None:
    target = made(qtbot, look, "Protocol", value="one hour", icon="check", form=form)
    with_words = target.grab().toImage()
    size = target.size()
    target.set_words("", value="")
    target.resize(size)
    assert target.grab().toImage() != with_words


def test_it_follows_the_theme(qtbot: QtBot, look: Look) -> None:
    from ui.theme import DIM

    target = made(qtbot, look)
    dark = target.grab().toImage()
    look.set_theme(DIM)
    assert target.grab().toImage() != dark
