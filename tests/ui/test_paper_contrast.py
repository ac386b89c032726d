"""Every text of the printed summary stands out from the paper, or from the label that it stands on."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.gallery import summary_of_a_session
from tests.ui.inks import Pen, contrast
from tests.ui.measures import USUAL_RATIO
from ui.fonts import load_fonts
from ui.paper import A4, Pages
from ui.printing import paint_page
from ui.theme import PAPER

DPI = 150.0
A4_INCHES = (210 / 25.4, 297 / 25.4)


class PaperSheet(QWidget):
    """A page as the printer gets it, on a widget."""

    def __init__(self, pages: Pages, number: int) -> None:
        """As large as A4 at this resolution."""
        super().__init__()
        self.pages, self.number = pages, number
        self.resize(*(round(inches * DPI) for inches in A4_INCHES))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """White, then the page."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), "white")
        paint_page(painter, self.pages, self.number, DPI, DPI)
        painter.end()


def test_every_text_on_paper_stands_out(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    load_fonts()
    pages = Pages(summary_of_a_session(), A4)
    pen = Pen(monkeypatch)
    faint, seen = [], 0
    for number in range(len(pages)):
        sheet = PaperSheet(pages, number)
        qtbot.addWidget(sheet)
        inks = pen.inks(sheet)[0]
        seen += len(inks)
        faint += [f"page {number + 1}: {ink}" for ink in inks if ink.contrast < USUAL_RATIO]
    assert seen > 100
    assert faint == []


LINES = ("hr", "spo2", "nibp", "rr", "etco2", "temp", "infusion", "predicted")
LINE_RATIO = 3.0
"""What WCAG asks of lines and shapes; it goes by luminance, so that it holds in black and white, too."""


def test_every_line_of_the_chart_is_seen_in_black_and_white() -> None:
    shades = {role: PAPER[role] for role in LINES}
    rgb = {role: (one.red(), one.green(), one.blue()) for role, one in shades.items()}
    assert [role for role in LINES if contrast((255, 255, 255), rgb[role]) < LINE_RATIO] == []
