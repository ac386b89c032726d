"""Every screen and sheet, in every state of the gallery, on both panels: millimetres, words, cover, contrast.

The smaller panel is walked in the dark theme, the larger one dimmed: a colour has no size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.gallery import Gallery, screens_and_sheets, states
from tests.ui.inks import Ink, Pen
from tests.ui.measures import (
    collisions,
    covering,
    faint,
    hidden_fields,
    keyboards,
    near,
    outside,
    reachable,
    small,
    unsaid,
)
from tests.ui.window_samples import Chair
from ui.theme import DARK, DIM, Theme
from ui.widgets.target import Target

pytestmark = pytest.mark.timeout(600)  # the first test of a panel walks every state
PANELS: dict[str, Theme] = {"12 inch": DARK, "15 inch": DIM}


@dataclass
class Walk:
    """What was found on one panel, and which screens and sheets were seen."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    seen: set[type] = field(default_factory=set)

    def note(self, kind: str, state: str, faults: Iterable[str]) -> None:
        """Keeps the faults of a state."""
        self.faults.setdefault(kind, []).extend(f"{state}: {fault}" for fault in faults)

    def measure(self, state: str, chair: Chair, targets: list[Target], inks: list[Ink]) -> None:
        """What holds of every window, with or without a patient."""
        names = Counter(target.objectName() for target in targets)
        self.note("empty", state, () if targets and inks else ("nothing is in sight",))
        self.note("small", state, small(chair, targets))
        self.note("near", state, near(chair, targets))
        self.note("twice", state, (one for one, count in names.items() if count > 1))
        self.note("outside", state, outside(chair))
        self.note("keyboards", state, keyboards(chair))
        self.note("collisions", state, collisions(inks))
        self.note("faint", state, faint(inks))

    def told(self, kind: str) -> str:
        """Every fault of a kind, each on a line; "" when there is none."""
        return "\n".join(self.faults[kind])


@pytest.fixture(scope="module", params=list(PANELS))
def walk(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walk]:
    """Every state of a panel, once."""
    panel: str = request.param
    gallery = Gallery(panel, tmp_path_factory.mktemp("gallery"))
    with pytest.MonkeyPatch.context() as patch:
        yield walked(gallery, Pen(patch), PANELS[panel])
    gallery.close()


@contextmanager
def unpainted(gallery: Gallery) -> Iterator[None]:
    """Nothing is painted on the way to a state: the pen paints it whole, twice."""
    window = gallery.chair.window
    window.setUpdatesEnabled(False)
    try:
        yield
    finally:
        window.setUpdatesEnabled(True)


def walked(gallery: Gallery, pen: Pen, theme: Theme) -> Walk:
    """Brings every state and measures it."""
    found = Walk()
    for name, moment in states().items():
        with unpainted(gallery):
            chair = gallery.bring(moment, theme)
            targets = reachable(chair)
        inks, _written, _empty = pen.inks(chair.window)
        found.seen |= {type(chair.window.sheet), type(chair.window.screen_shown)}
        found.measure(name, chair, targets, inks)
        found.note("covering", name, covering(chair))
        found.note("hidden fields", name, hidden_fields(chair))
        found.note("unsaid", name, unsaid(chair, inks))
    return found


def test_every_screen_and_every_sheet_is_in_the_gallery(walk: Walk) -> None:
    assert {one.__name__ for one in screens_and_sheets() - walk.seen} == set()


def test_every_state_shows_something(walk: Walk) -> None:
    assert walk.told("empty") == ""


def test_every_target_has_its_millimetres(walk: Walk) -> None:
    assert walk.told("small") == ""


def test_targets_stand_apart_and_away_from_the_panels_edge(walk: Walk) -> None:
    assert walk.told("near") == ""


def test_a_name_belongs_to_one_target_at_a_time(walk: Walk) -> None:
    assert walk.told("twice") == ""


def test_nothing_sticks_out_of_its_parent_and_no_word_is_cut(walk: Walk) -> None:
    assert walk.told("outside") == ""


def test_no_sheet_and_no_keyboard_covers_the_name_the_bar_or_a_tile(walk: Walk) -> None:
    assert walk.told("covering") == ""


def test_the_keyboard_is_half_a_panel_high_at_most(walk: Walk) -> None:
    assert walk.told("keyboards") == ""


def test_no_text_runs_into_another(walk: Walk) -> None:
    assert walk.told("collisions") == ""


def test_every_text_stands_out_from_what_lies_beneath_it(walk: Walk) -> None:
    assert walk.told("faint") == ""


def test_every_screen_says_that_the_monitors_alarms_stay_on(walk: Walk) -> None:
    assert walk.told("unsaid") == ""


def test_what_is_typed_is_seen(walk: Walk) -> None:
    assert walk.told("hidden fields") == ""
