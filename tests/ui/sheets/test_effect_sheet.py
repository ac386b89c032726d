from __future__ import annotations

from app.frames import UndoFrame
from app.messages import EndEffect, NoteEffect, Undo
from tests.ui.window_samples import START, Chair
from ui.widgets.target import State, Target


def state_of(chair: Chair, name: str) -> State:
    widget = chair.find(name)
    assert isinstance(widget, Target)
    return widget.state


def test_a_usual_effect_is_noted_in_two_touches_at_the_time_of_the_first(chair: Chair) -> None:
    chair.touch("effect.nausea")
    chair.clock.later(4.0)
    chair.touch("effect.nausea.2")
    assert chair.acts == [NoteEffect("nausea", 2)]
    assert chair.taps[0].at == START


def test_the_second_effect_of_an_open_sheet_has_its_own_time(chair: Chair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    chair.answer()
    chair.clock.later(40.0)
    chair.touch("effect.vomiting.1")
    assert chair.taps[1].at == START.plus(40.0)


def test_a_grade_shows_a_clock_until_the_entry_is_taken_and_then_is_lit(chair: Chair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    assert state_of(chair, "effect.nausea.2") is State.SAVING
    chair.answer()
    assert state_of(chair, "effect.nausea.2") is State.MAIN


def test_grade_four_can_be_noted(chair: Chair) -> None:
    chair.touch("effect.nausea", "effect.nausea.4")
    assert chair.acts == [NoteEffect("nausea", 4)]


def test_an_effect_can_be_back_dated(chair: Chair) -> None:
    chair.touch("effect.nausea", "back.5", "effect.nausea.1")
    assert chair.acts == [NoteEffect("nausea", 1, back_min=5)]


def test_every_effect_of_the_table_is_on_some_page(chair: Chair) -> None:
    chair.touch("effect.nausea")
    seen: set[str] = set()
    for _ in range(6):
        seen |= {name for name, _grade in chair.window.sheet.chips}  # type: ignore[union-attr]
        chair.touch("more_effects")
    assert seen == set(chair.window.desk.catalog.effects)


def test_a_second_identical_effect_is_asked_back_and_noted_again_only_on_yes(chair: Chair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    chair.answer(
        "asked", "again", "Nausea, grade 2, treat: noted less than a minute ago. Again, or the same one?"
    )
    chair.touch("yes")
    assert chair.acts == [NoteEffect("nausea", 2), NoteEffect("nausea", 2, sure=True)]


def test_no_to_the_question_notes_nothing(chair: Chair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    chair.answer("asked", "again", "Again, or the same one?")
    chair.touch("no")
    assert len(chair.acts) == 1


def test_an_open_effect_is_ended_from_the_list_of_what_is_there(chair: Chair) -> None:
    chair.touch("effect.nausea", "gone", "gone.anxiety")
    assert chair.acts == [EndEffect("e2")]


def test_undo_stands_under_the_tiles_and_counts_down(chair: Chair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    chair.answer(undo=UndoFrame("e9", "Nausea 2", 8))
    undo = chair.find("undo")
    assert isinstance(undo, Target)
    assert undo.words == "Undo 8 s"
    chair.touch("undo")
    assert chair.acts[-1] == Undo("e9")


def test_done_closes_the_sheet(chair: Chair) -> None:
    chair.touch("effect.nausea", "done")
    assert chair.window.sheet is None
