"""The chair screen: tiles, trends, infusion and events, laid out in millimetres under the top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import QElapsedTimer, QRect, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.frames import ChartFrame, ScoreTile, Snapshot
from ui.screens.recovery import RecoveryPanel
from ui.theme import EDGE, GAP, REGION_GAP, SIDE, TILE_GAP, Look
from ui.widgets.chart import TrendChart
from ui.widgets.event_bar import DueRow, EventBar, LastLine
from ui.widgets.infusion import InfusionColumn
from ui.widgets.target import Target
from ui.widgets.tile import Phase, ScoreTileView, VitalTile, phase_at
from ui.widgets.top import Top

BLINK_TICK_MS = 50
TOP_GAP = 1.6


@dataclass(frozen=True)
class Plan:
    """The chair screen's regions in millimetres for one class of panel."""

    tiles_mm: float
    card_mm: float
    bottom_mm: float
    last_line_mm: float
    due_mm: float
    big_row: float
    nibp_row: float
    small_row: float
    score_row: float
    has_small: bool


REGULAR = Plan(76.6, 61.0, 15.2, 5.2, 6.6, 24.8, 33.0, 0.0, 20.0, has_small=False)
WIDE = Plan(84.0, 70.0, 17.0, 5.2, 7.4, 26.4, 34.9, 22.9, 21.2, has_small=True)
WIDE_FROM_MM = 300.0
SMALLEST_MM = (250.0, 155.0)

_BIG = ("heart_rate", "spo2", "nibp", "resp_rate", "etco2")
_SMALL = ("temp", "pulse_rate")


def plan_of(width_mm: float) -> Plan:
    """The plan for a panel of that width."""
    return WIDE if width_mm >= WIDE_FROM_MM else REGULAR


class Body(QWidget):
    """Everything under the top: what a sheet may cover a part of, never all."""

    touched = Signal(str)
    barred_touched = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first snapshot."""
        super().__init__(parent)
        self.look = look
        self.tiles = {key: VitalTile(look, small=key in _SMALL, parent=self) for key in (*_BIG, *_SMALL)}
        self.scores = [ScoreTileView(look, self) for _ in range(2)]
        self.chart = TrendChart(look, parent=self)
        self.due = DueRow(look, self)
        self.infusion = InfusionColumn(look, self)
        self.recovery = RecoveryPanel(look, self)
        self.recovery.hide()
        self.events = EventBar(look, self)
        self.last_line = LastLine(look, self)
        self.sheet: QWidget | None = None
        self._under: tuple[Target, ...] = ()
        for part in (self.infusion, self.recovery, self.events):
            part.touched.connect(self.touched)
            part.barred_touched.connect(self.barred_touched)
        look.changed.connect(self.update)

    def show_snapshot(self, shot: Snapshot) -> None:
        """Shows what changed."""
        for tile in shot.tiles:
            if tile.key in self.tiles:
                self.tiles[tile.key].show_tile(tile)
        self._show_scores(shot.scores)
        self._show_middle(shot)
        self.events.show_bar(shot.events, shot.undo, locked=shot.locked)
        self.last_line.show_line(shot.saved)

    def _show_middle(self, shot: Snapshot) -> None:
        """The trends and the infusion; in recovery the criteria in their place."""
        recovers = shot.recovery is not None
        for part in (self.chart, self.due, self.infusion):
            part.setVisible(not recovers)
        self.recovery.setVisible(recovers)
        if shot.recovery is not None:
            self.recovery.show_frame(shot.recovery, shot.account, locked=shot.locked)
            return
        if shot.chart is not None:
            self.chart.show_chart(self._chart(shot.chart))
            self.due.show_due(shot.chart.due)
        self.infusion.show_card(shot.infusion, locked=shot.locked)

    def _chart(self, frame: ChartFrame) -> ChartFrame:
        """The frame without the lane of the temperature where the panel has no room for it."""
        if self._plan().has_small:
            return frame
        lanes = tuple(lane for lane in frame.lanes if lane.key != "temp")
        return frame if len(lanes) == len(frame.lanes) else replace(frame, lanes=lanes)

    def _show_scores(self, scores: tuple[ScoreTile, ...]) -> None:
        for view, score in zip(self.scores, scores, strict=False):
            view.show_score(score)

    def show_phase(self, phase: Phase) -> None:
        """Shows the phase of blinking tiles."""
        for tile in self.tiles.values():
            tile.show_phase(phase)

    def blinks(self) -> bool:
        """Whether a tile blinks."""
        return any(tile.blinks() for tile in self.tiles.values())

    def targets(self) -> list[Target]:
        """Everything in it that can be touched now."""
        return [target for target in self.findChildren(Target) if target.isVisibleTo(self)]

    def open_sheet(self, sheet: QWidget, under: Sequence[Target]) -> None:
        """Shows a sheet in one frame, in place of the one before.

        The bottom row gives its place to the targets `under` the tiles: Close, and what belongs far from
        confirming.
        """
        self._hide_sheet()
        self.sheet, self._under = sheet, tuple(under)
        self.events.hide()
        self.last_line.hide()
        for widget in (sheet, *self._under):
            if widget.parentWidget() is not self:
                widget.setParent(self)
            widget.show()
            widget.raise_()
        self._lay_out_sheet()

    def end_sheet(self) -> None:
        """Hides the sheet, which stays its owner's; the bottom row is back."""
        self._hide_sheet()
        self.sheet, self._under = None, ()
        self.events.show()
        self.last_line.show()

    # ------------------------------------------------------------------ places

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places everything again."""
        self._lay_out()
        self._lay_out_sheet()

    def _hide_sheet(self) -> None:
        for widget in (self.sheet, *self._under):
            if widget is not None:
                widget.hide()

    def _lay_out_sheet(self) -> None:
        if self.sheet is None:
            return
        self.sheet.setGeometry(self.sheet_rect())
        place, gap = self.close_rect(), self.look.mm(GAP)
        wanted = [target.sizeHint().width() for target in self._under]
        spare = max(0, place.width() - sum(wanted) - gap * (len(wanted) - 1))
        x = place.left()
        for target, width in zip(self._under, wanted, strict=True):
            wide = width + spare // len(wanted)
            target.setGeometry(x, place.top(), wide, place.height())
            x += wide + gap

    def sheet_rect(self) -> QRect:
        """What a sheet covers: trends, card and bottom row."""
        plan, look = self._plan(), self.look
        left = look.mm(SIDE) + look.mm(plan.tiles_mm) + look.mm(REGION_GAP)
        bottom = self.height() - look.mm(2.0)
        return QRect(left, 0, self.width() - left - look.mm(SIDE), bottom)

    def close_rect(self) -> QRect:
        """Where a sheet's Close stands: the bottom row under the tiles."""
        plan, look = self._plan(), self.look
        top = self._row_top()
        left = look.mm(EDGE)
        right = look.mm(SIDE) + look.mm(plan.tiles_mm)
        return QRect(left, top, right - left, look.mm(plan.bottom_mm))

    def _plan(self) -> Plan:
        return plan_of(self.look.metrics.in_mm(self.width()))

    def _row_top(self) -> int:
        plan, look = self._plan(), self.look
        return self.height() - look.mm(plan.last_line_mm) - look.mm(plan.bottom_mm)

    def _lay_out(self) -> None:
        plan, look = self._plan(), self.look
        side, edge, width = look.mm(SIDE), look.mm(EDGE), self.width()
        row_top = self._row_top()
        bottom = row_top - look.mm(GAP)
        tiles = QRect(side, 0, look.mm(plan.tiles_mm), bottom)
        self._lay_out_tiles(plan, tiles)
        card = QRect(width - edge - look.mm(plan.card_mm), 0, look.mm(plan.card_mm), bottom)
        self.infusion.setGeometry(card)
        left = tiles.right() + 1 + look.mm(REGION_GAP)
        middle = QRect(left, 0, card.left() - look.mm(REGION_GAP) - left, bottom)
        self.recovery.setGeometry(left, 0, card.right() + 1 - left, bottom)
        due = look.mm(plan.due_mm)
        self.chart.setGeometry(middle.left(), 0, middle.width(), bottom - due)
        self.due.setGeometry(middle.left(), bottom - due, middle.width(), due)
        self.events.setGeometry(edge, row_top, width - 2 * edge, look.mm(plan.bottom_mm))
        line_top = row_top + look.mm(plan.bottom_mm)
        self.last_line.setGeometry(edge, line_top, width - 2 * edge, self.height() - line_top)

    def _lay_out_tiles(self, plan: Plan, box: QRect) -> None:
        gap = self.look.mm(TILE_GAP)
        heights = [plan.big_row, plan.nibp_row, plan.big_row, plan.small_row, plan.score_row]
        rows = [("heart_rate", "spo2"), ("nibp",), ("resp_rate", "etco2"), ("temp", "pulse_rate"), ()]
        kept = [(share, keys) for share, keys in zip(heights, rows, strict=True) if share > 0]
        unit = (box.height() - gap * (len(kept) - 1)) / sum(share for share, _keys in kept)
        for key in _SMALL:
            self.tiles[key].setVisible(plan.has_small)
        y = float(box.top())
        for share, keys in kept:
            widgets: list[QWidget] = [self.tiles[key] for key in keys] if keys else list(self.scores)
            bottom = y + share * unit
            self._lay_out_row(box, widgets, round(y), round(bottom), gap)
            y = bottom + gap

    def _lay_out_row(self, box: QRect, widgets: list[QWidget], top: int, bottom: int, gap: int) -> None:
        width = (box.width() - gap * (len(widgets) - 1)) // len(widgets)
        for number, widget in enumerate(widgets):
            widget.setGeometry(box.left() + number * (width + gap), top, width, bottom - top)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        painter.end()


class ChairScreen(QWidget):
    """Top and body. `touched` gives a target's name, `barred_touched` why a touch did nothing."""

    touched = Signal(str)
    barred_touched = Signal(str, str)

    def __init__(self, look: Look, top: Top | None = None, parent: QWidget | None = None) -> None:
        """Brings its own top, unless `top` says that the window's stands above it."""
        super().__init__(parent)
        self.look = look
        self.body = Body(look, self)
        self.shared_top = top is not None
        self.top = top if top is not None else Top(look, self)
        self.body.touched.connect(self.touched)
        self.body.barred_touched.connect(self.barred_touched)
        if not self.shared_top:
            self.top.touched.connect(self.touched)
        self._since = QElapsedTimer()
        self._since.start()
        self._blink = QTimer(self)
        self._blink.setInterval(BLINK_TICK_MS)
        self._blink.timeout.connect(self._tick)

    def show_snapshot(self, shot: Snapshot) -> None:
        """Shows what changed since the last snapshot."""
        if not self.shared_top:
            self.top.show_top(
                shot.header, shot.alarms, locked=shot.locked, can_lock=bool(shot.who) or shot.locked
            )
            if self.body.y() != self._body_top():
                self._lay_out()
        self.body.show_snapshot(shot)
        blinks = self.blinks()
        if blinks != self._blink.isActive():
            self._blink.start() if blinks else self._blink.stop()

    def blinks(self) -> bool:
        """Whether an alarm blinks on it."""
        return self.body.blinks() or (not self.shared_top and self.top.blinks())

    def show_phase(self, phase: Phase) -> None:
        """Shows the phase of everything that blinks."""
        self.body.show_phase(phase)
        if not self.shared_top:
            self.top.show_phase(phase)

    def _tick(self) -> None:
        self.show_phase(phase_at(self._since.elapsed()))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The top keeps its height, the body has the rest."""
        self._lay_out()

    def _body_top(self) -> int:
        return 0 if self.shared_top else self.top.height() + self.look.mm(TOP_GAP)

    def _lay_out(self) -> None:
        if not self.shared_top:
            self.top.setGeometry(0, 0, self.width(), self.top.height())
        top = self._body_top()
        self.body.setGeometry(0, top, self.width(), self.height() - top)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        painter.end()
