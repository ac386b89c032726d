"""The check-in: twelve lines, each done, not done with a reason, or in the way of the start."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from app.frames import CheckLineFrame
from ui.screens.check_line import LineScreen
from ui.sheets.base import Desk
from ui.theme import BOLD_WEIGHT, GAP, NORMAL, Token
from ui.widgets.target import Form, Target

COLUMNS = 2
"""One more where the rows and the strip of vital signs under an alarm have no room below each other."""
STRIP_ROOM_MM = 8.0


class CheckInScreen(LineScreen):
    """Targets: "check.<line>", "to_record", "to_order", "back_to_today", "finish"; in a line those of LineScreen."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Lines from the table; filled by the first snapshot."""
        super().__init__(desk, parent)
        self.lines: dict[str, Target] = {}
        self._add_overview()

    def _add_overview(self) -> None:
        self.grid = QGridLayout()
        self.grid.setSpacing(self.mm(GAP))
        for line in self.catalog.check_in.lines.values():
            self.lines[line.id] = self.target(
                f"check.{line.id}", line.label, partial(self.open_line, line.id), form=Form.ROW
            )
            self.lines[line.id].note_below = True
        self._columns = 0
        self._fill_grid(COLUMNS)
        self.count = self.words(token=Token.TEXT, weight=BOLD_WEIGHT)
        self.says = self.words(wrap=True, role="text2")
        self.to_record = self.target("to_record", "Record", lambda: self.wants.emit("record"))
        self.today = self.target(
            "back_to_today", "Today", lambda: self.wants.emit("today"), icon="undo", form=Form.LEFT
        )
        self.not_today = self.target(
            "finish", "Not today", lambda: self.wants.emit("finish"), icon="cross", form=Form.LEFT
        )
        self.next = self._main("to_order", "Next: order", self._next, icon="arrow", form=Form.RIGHT)
        for target in (self.today, self.not_today, self.to_record, self.next):
            target.setFixedHeight(self.mm(NORMAL))
        foot = self.row(self.today, self.not_today, self.count, self.says, self.to_record, self.next)
        foot.setStretchFactor(self.says, 1)
        self.body.addLayout(self.grid, 1)
        self.body.addLayout(foot)

    def resizeEvent(self, event: object) -> None:
        """As many columns as this height asks for."""
        super().resizeEvent(event)
        rows = -(-len(self.lines) // COLUMNS) + 1
        needed = rows * self.mm(NORMAL) + (rows - 1) * self.mm(GAP)
        self._fill_grid(COLUMNS if self.overview.height() >= needed + self.mm(STRIP_ROOM_MM) else COLUMNS + 1)

    def _fill_grid(self, columns: int) -> None:
        """The lines one below the other in so many columns."""
        if columns == self._columns:
            return
        self._columns = columns
        per_column = -(-len(self.lines) // columns)
        for number, target in enumerate(self.lines.values()):
            self.grid.addWidget(target, number % per_column, number // per_column)
        for row in range(self.grid.rowCount()):
            self.grid.setRowStretch(row, 1 if row < per_column else 0)
        for column in range(self.grid.columnCount()):
            self.grid.setColumnStretch(column, 1 if column < columns else 0)

    # ------------------------------------------------------------------ what it shows

    def frames(self) -> Sequence[CheckLineFrame]:
        """The lines of the check-in."""
        shot = self.snapshot
        return shot.check_in.lines if shot is not None and shot.check_in is not None else ()

    def refresh(self) -> None:
        """Each line with its words and who did it when; the foot sums them up."""
        super().refresh()
        shot = self.snapshot
        if shot is None or shot.check_in is None:
            return
        for line in shot.check_in.lines:
            self._show_row(self.lines[line.line], line)
        self.count.set_text(shot.check_in.count)
        self.says.set_text(shot.check_in.words, "text2")
        self.next.set_words("Next: chair" if shot.order is not None else "Next: order")

    def _next(self) -> None:
        ordered = self.snapshot is not None and self.snapshot.order is not None
        self.wants.emit("" if ordered else "order")
