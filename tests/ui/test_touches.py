"""The promises in touches, counted by tapping the window as a finger would; digits and the PIN do not count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.messages import GiveDrug, NoteEffect, OrderRate, TakeScore
from tests.ui.gallery import allowed_ondansetron
from tests.ui.inks import Pen
from tests.ui.measures import reachable
from tests.ui.screens.test_window import RECOVERING
from tests.ui.window_samples import PANELS, Chair, midazolam, shot

FREE = ("key.", "pin.")


class CountingChair(Chair):
    """Counts what is touched."""

    count = 0

    def touch(self, *names: str) -> None:
        """Each touch but those of digits counts."""
        self.count += sum(not name.startswith(FREE) for name in names)
        super().touch(*names)

    def first_of(self, *names: str) -> str:
        """The first of these names that is in sight, as an eye would look for it."""
        shown = {target.objectName() for target in self.targets()}
        return next(name for name in names if name in shown)


@pytest.fixture(params=list(PANELS))
def chair(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[CountingChair]:
    """A calm infusion on each panel."""
    made = CountingChair(request.param)
    qtbot.addWidget(made.window)
    made.window.show()
    made.show(shot(drugs=(midazolam(), allowed_ondansetron())))
    yield made
    made.window.close()


def test_a_side_effect_with_its_grade_is_two_touches(chair: CountingChair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    assert chair.acts == [NoteEffect("nausea", 2)]
    assert chair.count <= 2


def test_an_effect_that_is_not_on_the_bar_is_two_touches_as_well(chair: CountingChair) -> None:
    more = chair.first_of("effects.more", "more.effects", "more")
    chair.touch(more, "effect.vomiting.1")
    assert chair.acts == [NoteEffect("vomiting", 1)]
    assert chair.count <= 2


def test_a_usual_rescue_dose_is_repeated_in_three_touches(chair: CountingChair) -> None:
    chair.touch("drug.midazolam", "dose.1", "give")
    assert chair.acts == [GiveDrug("midazolam", 1.0, "mg", "IV")]
    assert chair.count <= 3


def test_a_pain_score_is_two_touches(chair: CountingChair) -> None:
    chair.show(RECOVERING)
    chair.touch("score.nrs-pain", "score.4")
    assert chair.acts == [TakeScore("nrs-pain", total=4)]
    assert chair.count <= 2


def test_a_rate_is_changed_and_signed_in_five_touches(chair: CountingChair) -> None:
    chair.touch("change_rate")
    chair.type("20")
    chair.touch("reason.pain-not-better", "sign", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    assert chair.acts == [OrderRate(20.0, "Pain not better", "s2", "2222")]
    assert chair.count <= 5


def test_nausea_and_its_ondansetron_are_four_touches(chair: CountingChair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    chair.answer()
    chair.touch("drug.ondansetron", "give")
    assert chair.acts == [NoteEffect("nausea", 2), GiveDrug("ondansetron", 4.0, "mg", "IV")]
    assert chair.count <= 4


def test_a_drug_beside_an_effect_says_its_dose_before_it_is_touched(chair: CountingChair) -> None:
    chair.touch("effect.nausea", "effect.nausea.2")
    chair.answer()
    target = next(t for t in reachable(chair) if t.objectName() == "drug.ondansetron")
    assert target.words == "ondansetron\n4 mg"


def test_a_drug_that_the_patient_is_allergic_to_is_not_offered_beside_an_effect(chair: CountingChair) -> None:
    chair.show(shot())
    chair.touch("effect.nausea", "effect.nausea.2")
    chair.answer()
    assert "drug.ondansetron" not in {target.objectName() for target in reachable(chair)}


def words(chair: Chair, patch: pytest.MonkeyPatch) -> str:
    """Everything that can be read in the window now."""
    return " ".join(ink.text for ink in Pen(patch).inks(chair.window)[0])


def test_whether_she_is_ready_to_go_is_read_on_the_recovery_screen_without_a_touch(
    chair: CountingChair, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair.show(RECOVERING)
    assert "Ready to go home: 9 of 16" in words(chair, monkeypatch)
    assert chair.count == 0


def test_from_a_sheet_it_is_read_after_one_touch(
    chair: CountingChair, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair.show(RECOVERING)
    chair.window.open_sheet("note")
    assert "Ready to go home" not in words(chair, monkeypatch)
    chair.touch("close")
    assert "Ready to go home: 9 of 16" in words(chair, monkeypatch)
    assert chair.count <= 1
