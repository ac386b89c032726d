"""What the self-test is told of the screen and the printers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.messages import DisplayFound
from tests.ui.window_samples import Chair, shot
from ui.application import look_again, look_round
from ui.printing import Printable, PrinterRow, Printing


class TwoPrinters:
    """One that is ready and one that is off."""

    def rows(self) -> tuple[PrinterRow, ...]:
        """Both."""
        return (PrinterRow("Ward", "Ward", True), PrinterRow("Office", "Office", False, "stopped or offline"))

    def send(self, name: str, pages: Printable) -> None:
        """Nothing is printed here."""


@pytest.fixture
def chair(qtbot: QtBot, tmp_path: Path) -> Chair:
    """A window that keeps what it is told in place of posting it."""
    made = Chair(printing=Printing(tmp_path, TwoPrinters()))
    qtbot.addWidget(made.window)
    made.window.desk = dataclasses.replace(made.window.desk, post=made.taps.append)  # type: ignore[arg-type]
    return made


def told(chair: Chair) -> list[DisplayFound]:
    """What was said of the screen, in order."""
    return [one for one in chair.taps if isinstance(one, DisplayFound)]


def test_a_reference_panel_is_large_enough_and_only_ready_printers_are_named(chair: Chair) -> None:
    look_round(chair.window)
    assert [(one.too_small, one.printers) for one in told(chair)] == [("", ("Ward",))]


def test_a_panel_that_is_too_small_is_told_with_its_size(chair: Chair) -> None:
    chair.window.resize(800, 600)
    look_round(chair.window)
    assert told(chair)[0].too_small == "163 x 122 mm"


def test_it_is_looked_at_again_only_while_nobody_lies_here(chair: Chair) -> None:
    chair.show(shot("infusing"))
    look_again(chair.window)
    assert told(chair) == []
    chair.show(shot("today"))
    look_again(chair.window)
    assert len(told(chair)) == 1
