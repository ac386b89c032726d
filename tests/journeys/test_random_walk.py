"""R19: a random walk over every screen and sheet: no exception, no dead end, no untrue entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.walker import Walker


def test_whatever_is_touched_on_the_way_nothing_breaks(tmp_path: Path) -> None:
    Walker(tmp_path / "data", 1).walk(2000)
