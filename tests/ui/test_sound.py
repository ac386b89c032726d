"""The sound on the screen: a chip while all is calm, a pause while something sounds, and no other light for it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.frames_samples import alarm_rows, sound_bar
from tests.ui.window_samples import Chair, shot
from ui.sheets.sign import LockSheet
from ui.theme import CRITICAL
from ui.widgets.target import State


@pytest.fixture
def chair(qtbot: QtBot) -> Chair:
    """The chair screen on the smaller panel."""
    chair = Chair()
    qtbot.addWidget(chair.window)
    chair.window.show()
    return chair


@pytest.mark.parametrize("state", ["off", "on", "none", "waiting"])
def test_in_a_calm_bar_the_sound_is_told_beside_the_devices_and_nothing_is_to_be_paused(
    chair: Chair, state: str
) -> None:
    chair.show(shot(alarms=sound_bar(state)))
    frame = chair.window.top.bar.frame
    assert frame is not None
    assert [(chip.label, chip.text, chip.ok) for chip in frame.devices][-1] == (
        "Sound",
        state,
        state in ("on", "off"),
    )
    assert not chair.window.top.audio.isVisibleTo(chair.window)


def test_a_calm_bar_draws_another_picture_for_a_sound_that_is_on_off_and_not_to_be_had(chair: Chair) -> None:
    pictures = []
    for state in ("on", "off", "none"):
        chair.show(shot(alarms=sound_bar(state)))
        pictures.append(chair.window.top.bar.grab().toImage())
    assert all(one != other for place, one in enumerate(pictures) for other in pictures[place + 1 :])


def test_the_pause_says_its_time_and_counts_it_down_without_moving_anything(chair: Chair) -> None:
    chair.show(shot(alarms=sound_bar("sounding", rows=alarm_rows())))
    audio, bar = chair.window.top.audio, chair.window.top.bar
    before = (audio.geometry(), bar.geometry())
    assert (audio.words, audio.state) == ("Audio pause\n2:00", State.NORMAL)
    chair.show(shot(alarms=sound_bar("paused", rows=alarm_rows())))
    assert (audio.words, audio.state) == ("Audio pause\n1:37", State.CHOSEN)
    assert (audio.geometry(), bar.geometry()) == before


def test_the_pause_is_as_large_as_a_critical_target_also_beside_every_other(chair: Chair) -> None:
    chair.show(shot(alarms=sound_bar("sounding", rows=alarm_rows())))
    chair.window.top.show_paper(True)
    audio = chair.window.top.audio
    assert min(audio.width(), audio.height()) >= chair.look.mm(CRITICAL)


def test_while_entry_is_locked_the_pause_asks_for_a_pin(chair: Chair) -> None:
    chair.show(shot(alarms=sound_bar("sounding", rows=alarm_rows()), locked=True))
    chair.touch("audio_pause")
    assert isinstance(chair.window.sheet, LockSheet)
    assert chair.acts == []


def test_dim_light_switches_no_sound(chair: Chair) -> None:
    chair.show(shot(alarms=sound_bar("sounding", rows=alarm_rows())))
    chair.touch("dim")
    assert chair.acts == []
    assert chair.window.top.audio.isVisibleTo(chair.window)
