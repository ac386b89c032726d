"""R19: a random walk over every screen and sheet: no exception, no dead end, no untrue entry."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.journeys.walker import Walker

SEED = 1
ACTIONS = 1800
FROM_FIRST_RUN = 200
"""Together 2,000: 48 s of the processor on a busy machine; `make walk` goes on for as long as asked."""
FOLDER_EVERY = 5000
"""Actions of one folder in a long walk: a new clinic, a new patient, another seed."""


@pytest.mark.timeout(360)
def test_whatever_is_touched_and_whatever_happens_nothing_breaks(qtbot: QtBot, tmp_path: Path) -> None:
    walker = Walker(tmp_path / "data", SEED)
    walker.walk(ACTIONS)
    phases = {where.partition("/")[0] for where in walker.seen}
    assert phases >= {"check-in", "ready", "infusing"}


@pytest.mark.timeout(100)
def test_a_walk_from_the_first_run_breaks_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    walker = Walker(tmp_path / "data", SEED, set_up=False)
    walker.walk(FROM_FIRST_RUN)
    assert "first-run/FirstRun" in walker.seen


@pytest.mark.walk
def test_a_long_walk(qtbot: QtBot, tmp_path: Path, walk_asked: tuple[int, int]) -> None:
    seed, actions = walk_asked
    done = 0
    while done < actions:
        walker = Walker(tmp_path / f"data-{seed}", seed, set_up=seed % 4 != 0)
        walker.walk(min(FOLDER_EVERY, actions - done))
        done += walker.actions
        screens = sorted({where.partition("/")[2] for where in walker.seen})
        print(
            f"seed {seed}: {walker.actions} actions, {done} of {actions}; {len(screens)} screens and sheets"
        )
        seed += 1
