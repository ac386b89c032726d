"""A keyboard for a passphrase that may have been set on a terminal: it has every sign of one."""

from __future__ import annotations

import string

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from ui.fonts import load_fonts
from ui.theme import DARK, Look, Metrics
from ui.widgets.keyboard import LAYERS
from ui.widgets.secret import SecretKeyboard, SecretLine


@pytest.fixture
def board(qtbot: QtBot) -> SecretKeyboard:
    load_fonts()
    made = SecretKeyboard(Look(DARK, Metrics(125.0)), "Passphrase", longest=200)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    return made


@pytest.mark.parametrize("across", sorted(LAYERS))
def test_every_sign_of_a_terminal_has_a_key(board: SecretKeyboard, across: int) -> None:
    board.across = across
    layers = [board.letters_of(layer) for layer in board.following]
    assert all(len(letters) <= 3 * across for letters in layers)
    small = "".join(layers) + " "
    assert set(string.printable[:95]) - {"\t"} <= set(small) | set(small.upper())


def test_one_key_leads_round_every_layer(board: SecretKeyboard) -> None:
    seen = []
    for _ in board.following:
        seen.append(board.layer)
        board.press("layer")
    assert sorted(seen) == sorted(board.following)
    assert board.layer == "letters"


def test_the_line_shows_dots_as_many_as_there_are_characters(board: SecretKeyboard) -> None:
    assert isinstance(board.line, SecretLine)
    board.line.resize(600, 60)
    board.set_text("W")
    before = ink(board.line)
    for count in (2, 3):
        board.set_text("W" * count)
        assert ink(board.line) > before
        before = ink(board.line)
    board.set_text("iii")
    assert ink(board.line) == before, "a dot is as wide for every character"


def test_the_end_of_a_long_one_stays_in_sight(board: SecretKeyboard) -> None:
    board.line.resize(300, 60)
    board.set_text("a" * 200)
    picture = board.line.grab().toImage()
    middle, end = picture.height() // 2, picture.width()
    right = [QColor(picture.pixelColor(x, middle)).lightness() for x in range(end - 40, end - 10)]
    assert max(right) > 128


def ink(line: SecretLine) -> int:
    """How many pixels are light."""
    picture = line.grab().toImage()
    return sum(
        QColor(picture.pixelColor(x, y)).lightness() > 128
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    )
