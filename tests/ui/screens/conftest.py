"""A chair for the tests of the screens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.window_samples import PANELS, Chair


@pytest.fixture(params=list(PANELS))
def panel(request: pytest.FixtureRequest) -> str:
    """Both reference panels."""
    name: str = request.param
    return name


@pytest.fixture
def chair(qtbot: QtBot) -> Iterator[Chair]:
    """The window in a calm infusion on the 12.1 inch panel."""
    made = Chair()
    qtbot.addWidget(made.window)
    made.window.show()
    made.show()
    yield made
    made.window.close()
