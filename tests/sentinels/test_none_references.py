"""PySide6 6.12.0 drops a reference to None on each call that returns nothing: Python 3.11 soon aborts."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

FRAMES = 2_000
MAY_FALL = 100


class Painted(QWidget):
    """Paints with calls that return nothing, and counts its frames."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """One frame of what a tile does."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(QRect(0, 0, 100, 40), 0, str(self.frames))
        painter.drawLine(0, 0, 100, 40)
        painter.end()
        self.frames += 1


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="None is immortal from Python 3.12: its count means nothing"
)
def test_two_thousand_painted_frames_lose_no_reference_to_none(qtbot: QtBot) -> None:
    widget = Painted()
    qtbot.addWidget(widget)
    widget.resize(100, 40)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.repaint()
    before, first = sys.getrefcount(None), widget.frames
    for _ in range(FRAMES):
        widget.repaint()
    assert widget.frames == first + FRAMES
    assert before - sys.getrefcount(None) <= MAY_FALL
