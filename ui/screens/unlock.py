"""Who is here? A name and a PIN; in the demonstration the PINs are shown."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.frames import Snapshot
from ui.screens.base import Screen
from ui.sheets.base import Desk
from ui.sheets.sign import UnlockPart
from ui.theme import BOLD_WEIGHT, Token


class UnlockScreen(Screen):
    """Targets: "staff.<id>", "pin.<digit>", "pin.erase", "enter"."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.clinic = self.words(token=Token.STRONG, weight=BOLD_WEIGHT)
        self.hint = self.words("Pick your name, type your PIN.", role="text2")
        self.part = UnlockPart(desk, self)
        head = QHBoxLayout()
        head.addWidget(self.clinic, 1)
        head.addWidget(self.hint)
        self.body.addLayout(head)
        self.body.addWidget(self.part, 1)

    def begin(self, snapshot: Snapshot) -> None:
        """The names and the pad, as nobody has touched them yet."""
        super().begin(snapshot)
        self.part.begin(snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The pad hears its own answers."""
        super().show_snapshot(snapshot)
        test = snapshot.self_test
        tested = f"   {test.title}: {test.words}" if test is not None else ""
        self.clinic.set_text(f"{snapshot.clinic or 'Chairside'}{tested}")
        self.part.show_snapshot(snapshot)
        self.hint.setVisible(self.part.glass.isHidden())
