"""Every side effect of side_effects.toml, through its real sheet: grades, end, back-dating, the emergency."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.clinical.rows import Effect
from app.frames import LogLine
from app.messages import EndEffect, NoteEffect
from tests.ui.window_samples import START, Chair, catalog, shot
from ui.sheets.effects import GRADES, EffectSheet

EFFECTS = list(catalog().effects.values())
every_effect = pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.id)


@pytest.fixture
def chair(qtbot: QtBot) -> Chair:
    made = Chair()
    qtbot.addWidget(made.window)
    made.window.show()
    made.show()
    return made


def opened(chair: Chair, effect: Effect) -> EffectSheet:
    """The sheet as a touch on the effect's own target opens it."""
    chair.window.open_sheet(f"effect.{effect.id}")
    sheet = chair.window.sheet
    assert isinstance(sheet, EffectSheet)
    return sheet


@every_effect
def test_each_grade_is_one_touch_on_the_effect_s_own_page_at_the_time_of_the_first(
    chair: Chair, effect: Effect
) -> None:
    opened(chair, effect)
    chair.clock.later(4.0)
    for grade in GRADES[:3]:
        chair.touch(f"effect.{effect.id}.{grade}")
        chair.answer()
    assert chair.acts == [NoteEffect(effect.id, grade) for grade in GRADES[:3]]
    assert chair.taps[0].at == START


@every_effect
def test_the_gravest_grade_is_noted_and_opens_the_emergency(chair: Chair, effect: Effect) -> None:
    opened(chair, effect)
    chair.touch(f"effect.{effect.id}.{catalog().emergency_grade}")
    assert chair.acts[0] == NoteEffect(effect.id, catalog().emergency_grade)
    wanted: list[str] = []
    assert chair.window.sheet is not None
    chair.window.sheet.wants.connect(wanted.append)
    chair.answer()
    assert wanted == [f"emergency.{effect.id}"]


@every_effect
def test_an_effect_is_back_dated_and_the_next_one_is_of_now_again(chair: Chair, effect: Effect) -> None:
    opened(chair, effect)
    chair.touch("back.5", f"effect.{effect.id}.2")
    chair.answer()
    chair.touch(f"effect.{effect.id}.1")
    assert chair.acts == [NoteEffect(effect.id, 2, back_min=5), NoteEffect(effect.id, 1)]


@every_effect
def test_a_repeat_within_a_minute_is_asked_back_and_noted_on_yes(chair: Chair, effect: Effect) -> None:
    opened(chair, effect)
    chair.touch(f"effect.{effect.id}.1")
    chair.answer("asked", "again", "Again, or the same one?")
    chair.touch("yes")
    assert chair.acts == [NoteEffect(effect.id, 1), NoteEffect(effect.id, 1, sure=True)]


@every_effect
def test_what_is_there_is_ended_in_two_touches(chair: Chair, effect: Effect) -> None:
    there = LogLine("e9", "13:49", f"{effect.label}, grade 2", "LK", open_effect=True, key=effect.id)
    chair.show(shot(log=(there,)))
    opened(chair, effect)
    chair.touch("gone", f"gone.{effect.id}")
    assert chair.acts == [EndEffect("e9")]


@pytest.mark.parametrize("protocol", [None, *catalog().protocols], ids=str)
def test_the_bar_offers_as_many_effects_as_are_usual_whatever_the_protocol(protocol: str | None) -> None:
    usual = catalog().usual_effects()
    offered = catalog().usual_effects(protocol or "")
    assert len(offered) == len(usual)
    assert offered[0].id == "nausea"


@pytest.mark.parametrize("protocol", [p for p in catalog().protocols.values() if p.page], ids=lambda p: p.id)
def test_the_bar_offers_what_the_page_of_the_protocol_names_before_anything_else(protocol: object) -> None:
    page, name = protocol.page, protocol.id  # type: ignore[attr-defined]
    offered = catalog().usual_effects(name)
    named = {effect.id for effect in EFFECTS if page in effect.pages}
    unnamed = [effect for effect in offered if effect.id not in named]
    assert not unnamed or named <= {effect.id for effect in offered}
