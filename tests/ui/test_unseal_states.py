"""The window that asks for a passphrase, in each of its states on both panels: millimetres, words, contrast.

It stands before every snapshot and is no page of the chair's window, so that it has a walk of its own beside
test_every_state.py, with the same measures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from tests.ui.inks import Pen
from tests.ui.measures import (
    REMINDER,
    reachable,
)
from tests.ui.sealed_samples import PASSPHRASE, WRONG, SealedChair
from tests.ui.test_every_state import PANELS, Walk
from tests.ui.window_samples import Chair
from ui.widgets.event_bar import LastLine

pytestmark = pytest.mark.timeout(600)  # the first test of a panel walks every state
LONGEST = "x" * 200
DISK = (
    "/home/clinic/.local/share/chairside/record is open in another Chairside (process 4242). Close that one."
)


def said(words: str, wait: float = 0.0) -> Callable[[SealedChair], None]:
    """Something was typed and this was said of it."""

    def bring(chair: SealedChair) -> None:
        chair.window.screen_shown.secret.keyboard.set_text(PASSPHRASE)
        chair.window.screen_shown.said = words
        chair.seal.wait = wait

    return bring


def opening(chair: SealedChair) -> None:
    """A try that has not ended."""
    chair.seal.gate.clear()
    chair.window.screen_shown.secret.keyboard.set_text(PASSPHRASE)
    chair.window.refresh()
    chair.touch("keyboard.done")


def layer(count: int) -> Callable[[SealedChair], None]:
    """Another layer of keys."""
    return lambda chair: chair.touch(*["keyboard.layer"] * count)


STATES: dict[str, Callable[[SealedChair], None]] = {
    "empty": lambda _chair: None,
    "typed": said(""),
    "long": lambda chair: chair.window.screen_shown.secret.keyboard.set_text(LONGEST),
    "shown": lambda chair: (said("")(chair), chair.hold(), None)[-1],
    "wrong": said(WRONG),
    "waiting": said(WRONG, 300.0),
    "waiting at the start": lambda chair: setattr(chair.seal, "wait", 19.0),
    "opening": opening,
    "figures": layer(1),
    "signs": layer(2),
    "accents": layer(3),
    "more": layer(4),
    "nobody knows it": lambda chair: chair.touch("lost_passphrase"),
    "stays closed": lambda chair: chair.window.say_not_opened(DISK),
}


@pytest.fixture(scope="module", params=list(PANELS))
def walk(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Walk]:
    """Every state of a panel, once."""
    with pytest.MonkeyPatch.context() as patch:
        yield walked(request.param, Pen(patch))


def walked(panel: str, pen: Pen) -> Walk:
    """Brings every state in a window of its own and measures it."""
    found = Walk()
    for name, bring in STATES.items():
        sealed = SealedChair(panel)
        sealed.look.set_theme(PANELS[panel])
        QApplication.processEvents()
        bring(sealed)
        sealed.window.refresh()
        chair = cast("Chair", sealed)
        targets = reachable(chair)
        inks, _written, _empty = pen.inks(sealed.window)
        found.measure(name, chair, targets, inks)
        reminded = any(REMINDER in ink.text for ink in inks if isinstance(ink.widget, LastLine))
        found.note("unsaid", name, () if reminded else (f"nowhere stands {REMINDER!r}",))
        secret = [ink.text for ink in inks if PASSPHRASE in ink.text]
        found.note("secret", name, secret if name != "shown" else () if secret else ("it is not shown",))
        grown = sealed.window.minimumSizeHint()
        found.note("too large", name, () if fits(grown, sealed.window.size()) else (f"it needs {grown}",))
        sealed.seal.gate.set()
        sealed.window.close()
        sealed.window.trying.end()
        sealed.window.deleteLater()
    return found


def fits(needed: QSize, there: QSize) -> bool:
    """Whether it has its room."""
    return needed.width() <= there.width() and needed.height() <= there.height()


KINDS = (
    "empty",
    "small",
    "near",
    "twice",
    "outside",
    "keyboards",
    "collisions",
    "faint",
    "unsaid",
    "secret",
    "too large",
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_question_for_a_passphrase_keeps_the_rules_of_every_screen(walk: Walk, kind: str) -> None:
    assert walk.told(kind) == ""
