"""A kept picture is what a fresh painting would be, for every target, tile and card."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.frames import AlarmMark
from tests.ui.frames_samples import LABELS, header, snapshot, tiles
from ui.fonts import load_fonts
from ui.theme import DARK, DIM, Look, Metrics, Token
from ui.widgets.header import Header
from ui.widgets.infusion import InfusionCardView
from ui.widgets.target import Form, State, Target
from ui.widgets.tile import LIT, Phase, VitalTile

CHANGES: dict[str, Callable[[Target], object]] = {
    "words": lambda target: target.set_words("Nausea"),
    "second": lambda target: target.set_words("Pause", second="since 14:02"),
    "value": lambda target: target.set_words("Pause", value="4 mg"),
    "note": lambda target: target.set_words("Pause", note="10 min ago"),
    "icon": lambda target: target.set_icon("stop"),
    "pressed": lambda target: target.setDown(True),
    "barred": lambda target: target.set_state(State.BARRED, "allergy"),
    "chosen": lambda target: target.set_state(State.CHOSEN),
    "alarm": lambda target: target.set_state(State.ALARM_EDGE),
    "label class": lambda target: setattr(target, "label_class", "benzodiazepine"),
    "form": lambda target: setattr(target, "form", Form.LEFT),
    "size of letters": lambda target: setattr(target, "token", Token.CRITICAL),
    "shorter words": lambda target: setattr(target, "alternatives", ("P",)),
    "width": lambda target: target.resize(target.width() // 2, target.height()),
    "theme": lambda target: target.look.set_theme(DIM),
}


@pytest.fixture
def look(qtbot: QtBot) -> Look:
    """The dark look of the 12.1 inch panel, with the colours of drug labels."""
    load_fonts()
    return Look(DARK, Metrics(125), LABELS)


def picture(widget: QWidget) -> QImage:
    """The widget as it paints itself now."""
    return widget.grab().toImage()


def made(qtbot: QtBot, look: Look, form: Form = Form.ABOVE) -> Target:
    """A target that has room for everything it can say."""
    target = Target(look, "pause", "Pause", icon="pause", form=form)
    qtbot.addWidget(target)
    target.resize(400, 140)
    return target


def kept(widget: QWidget) -> QImage:
    """Painted until it is painted from the kept picture."""
    for _ in range(3):
        picture(widget)
    return picture(widget)


def farthest(one: QImage, other: QImage) -> int:
    """By how much any dot of two pictures differs at most, of 255: soft edges round differently by one."""
    dots = [
        np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8).astype(int)
        for image in (one, other)
    ]
    return int(np.abs(dots[0] - dots[1]).max())


@pytest.mark.parametrize("form", [Form.ABOVE, Form.RIGHT, Form.ROW, Form.PAIR])
@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_target_is_never_painted_from_the_old_picture(
    qtbot: QtBot, look: Look, what: str, form: Form
) -> None:
    used, fresh = made(qtbot, look, form), made(qtbot, look, form)
    kept(used)
    CHANGES[what](used)
    CHANGES[what](fresh)
    assert picture(used) == picture(fresh)


@pytest.mark.parametrize("state", list(State))
def test_a_kept_target_looks_as_if_it_were_painted_anew(qtbot: QtBot, look: Look, state: State) -> None:
    target = made(qtbot, look)
    target.set_state(state, "allergy")
    first = picture(target)
    assert farthest(kept(target), first) <= 2


def test_every_change_that_a_target_shows_is_seen(qtbot: QtBot, look: Look) -> None:
    target = made(qtbot, look, Form.ROW)
    before = kept(target)
    target.struck = True
    target.set_state(State.BARRED, "allergy")
    assert picture(target) != before


def test_a_tile_never_keeps_an_older_value(qtbot: QtBot, look: Look) -> None:
    used, fresh = VitalTile(look), VitalTile(look)
    for tile in (used, fresh):
        qtbot.addWidget(tile)
        tile.resize(186, 122)
    first, second = tiles()[0], replace(tiles()[0], text="61")
    used.show_tile(first)
    kept(used)
    used.show_tile(second)
    fresh.show_tile(second)
    assert picture(used) == picture(fresh)


def test_a_blinking_tile_shows_each_phase(qtbot: QtBot, look: Look) -> None:
    blinking = next(tile for tile in snapshot().tiles if tile.key == "spo2")
    alarmed = replace(blinking, alarm=AlarmMark("high", "low"))
    tile = VitalTile(look)
    qtbot.addWidget(tile)
    tile.resize(186, 122)
    tile.show_tile(alarmed)
    lit = kept(tile)
    tile.show_phase(Phase(high=False, medium=False))
    dark = kept(tile)
    tile.show_phase(LIT)
    assert lit != dark
    assert picture(tile) == lit


def test_the_header_and_the_infusion_card_follow_their_frames(qtbot: QtBot, look: Look) -> None:
    top, card = Header(look), InfusionCardView(look)
    for widget in (top, card):
        qtbot.addWidget(widget)
    top.resize(1280, top.height())
    card.resize(300, 290)
    shot = snapshot()
    assert shot.infusion is not None
    top.show_header(header())
    card.show_card(shot.infusion)
    before = kept(top), kept(card)
    top.show_header(header(name="Another Patient"))
    card.show_card(replace(shot.infusion, rate="99.9"))
    assert picture(top) != before[0]
    assert picture(card) != before[1]
