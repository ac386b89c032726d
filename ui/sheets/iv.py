"""The IV site, looked at: how it is, and where it is when it was moved. Two touches."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from app.messages import CheckIv
from ui.sheets.base import BackChips, Desk, Sheet
from ui.theme import GAP
from ui.widgets.target import Role, State

IV_CHECK = "iv-site"


class IvSheet(Sheet):
    """Targets: "iv.<n>" in the order of the table, "back.<min>"."""

    title = "IV site"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """The table's states, one touch each; the one that is well stands out."""
        super().__init__(desk, parent)
        row = self.catalog.bedside.check_of(IV_CHECK)
        grid = QGridLayout()
        grid.setSpacing(self.mm(GAP))
        for number, state in enumerate(row.states if row is not None else ()):
            target = self.target(f"iv.{number}", state, partial(self._set, state), role=Role.CRITICAL)
            if row is not None and state == row.well:
                target.set_state(State.MAIN)
            grid.addWidget(target, number // 3, number % 3)
        self.back = BackChips(self, self.catalog.windows.back_min)
        self.body.addWidget(self.words(row.detail if row is not None else "", wrap=True))
        self.body.addLayout(grid)
        self.body.addStretch(1)
        self.body.addLayout(self.row(self.back, None))
        self.show_touched()

    def _set(self, state: str) -> None:
        self.send(CheckIv(state, back_min=self.back.minutes), self.touched_at)
