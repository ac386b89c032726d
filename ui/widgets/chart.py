"""The trends on screen: one pyqtgraph view with one time axis; its items paint the lanes in pixels.

pyqtgraph keeps the view, the time range, the mouse and touch; its ready curves, axes and grid are left out,
they are too slow at this width. Two layers: the ground in pixmaps, drawn anew only when it changes, and the
curves.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.frames import ChartFrame, Mark
from ui.theme import NORMAL, SLOP, Look
from ui.widgets.lanes import mark_places, paint_curves, paint_event, paint_ground
from ui.widgets.stage import Stage, stage_of

REPAINT_S = 0.5
CLOSEST_S = 120.0
"""A review shows two minutes at least: less has no more to show than samples of 5 s."""

Ticks = Callable[[float, float], tuple[tuple[float, str], ...]]


class LanesItem(pg.GraphicsObject):
    """Every lane of a ChartFrame, painted in the view's pixels over the view box's time range."""

    def __init__(self, look: Look, view_box: pg.ViewBox) -> None:
        """Paints nothing until it has a frame and a size."""
        super().__init__()
        self.look = look
        self.view_box = view_box
        self.frame: ChartFrame | None = None
        self.marked: tuple[float, str] | None = None
        self.ticks: Ticks | None = None
        self.size = QSize(0, 0)
        self._stage: Stage | None = None
        self._grounds: dict[str, QPixmap] = {}
        self._ground_of: tuple[object, ...] = ()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        view_box.sigXRangeChanged.connect(self._range_changed)
        look.changed.connect(self.update)

    def boundingRect(self) -> QRectF:
        """The whole view."""
        return QRectF(0, 0, self.size.width(), self.size.height())

    def set_size(self, size: QSize) -> None:
        """Takes another size."""
        self.prepareGeometryChange()
        self.size = size
        self._stage = None
        self._grounds.clear()

    def show_frame(self, frame: ChartFrame) -> None:
        """Shows a frame."""
        self.frame = frame
        self._stage = None
        self._tick_again()
        self.update()

    def _range_changed(self) -> None:
        self._stage = None
        self._tick_again()
        self.update()

    def _tick_again(self) -> None:
        """Another stretch of time has other round times on its axis."""
        if self.ticks is not None and self.frame is not None:
            start, end = self.view_box.viewRange()[0]
            self.frame = msgspec.structs.replace(self.frame, ticks=self.ticks(start, end))

    def show_event(self, event: tuple[float, str] | None) -> None:
        """Marks a second with its words, or none."""
        self.marked = event
        self.update()

    def stage(self) -> Stage | None:
        """The places of now; None before there is a frame."""
        if self._stage is None and self.frame is not None and self.size.width() > 0:
            start, end = self.view_box.viewRange()[0]
            self._stage = stage_of(self.look, self.boundingRect(), self.frame, start, end)
        return self._stage

    def paint(self, painter: QPainter, *_: object) -> None:
        """The ground behind now and ahead of it, then the curves."""
        stage, frame = self.stage(), self.frame
        if stage is None or frame is None:
            painter.fillRect(self.boundingRect(), self.look["bg"])
            return
        past, ahead = self._ground("panel", stage, frame), self._ground("future", stage, frame)
        split = round(stage.inside(frame.now_s)) if frame.now_text else self.size.width()
        height = self.size.height()
        painter.drawPixmap(0, 0, past, 0, 0, split, height)
        painter.drawPixmap(split, 0, ahead, split, 0, self.size.width() - split, height)
        paint_curves(painter, self.look, stage, frame)
        if self.marked is not None and stage.start_s <= self.marked[0] <= stage.end_s:
            paint_event(painter, self.look, stage, frame, *self.marked)

    def _ground(self, role: str, stage: Stage, frame: ChartFrame) -> QPixmap:
        key = (
            (stage.start_s, stage.end_s, frame.ticks, frame.marks, frame.band is None),
            tuple((lane.key, lane.limits, lane.span) for lane in frame.lanes),
            () if frame.band is None else (round(float(frame.band.high.max(initial=0.0)), 3),),
        )
        if key != self._ground_of:
            self._ground_of = key
            self._grounds.clear()
        kept = f"{self.look.theme.name}.{role}"
        if kept not in self._grounds:
            self._grounds[kept] = self._painted_ground(role, stage, frame)
        return self._grounds[kept]

    def _painted_ground(self, role: str, stage: Stage, frame: ChartFrame) -> QPixmap:
        ground = QPixmap(self.size)
        painter = QPainter(ground)
        try:
            paint_ground(painter, self.look, stage, frame, role)
        finally:
            # A pixmap that goes while it is painted on takes the whole program with it.
            painter.end()
        return ground


class TrendChart(pg.GraphicsView):
    """The view. With `review` a finger pans and zooms the time; beside the chair it stands still."""

    mark_touched = Signal(str)

    def __init__(self, look: Look, *, review: bool = False, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent=parent, useOpenGL=False, background=QColor(0, 0, 0, 0))
        self.look = look
        self.review = review
        self.setObjectName("trends")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view_box = pg.ViewBox(enableMenu=False, enableMouse=review, border=None)
        self.view_box.setMouseEnabled(x=review, y=False)
        self.view_box.disableAutoRange()
        self.scene().addItem(self.view_box)
        self.lanes = LanesItem(look, self.view_box)
        self.lanes.setZValue(10)
        self.scene().addItem(self.lanes)
        self._shown: tuple[object, ...] = ()
        self._pressed_at: QPointF | None = None
        look.changed.connect(self._theme_changed)
        self._theme_changed()

    def _theme_changed(self) -> None:
        self.setBackground(self.look["bg"])

    def show_chart(self, frame: ChartFrame) -> None:
        """Shows a frame; one of the same version is repainted at most twice a second of its time."""
        half_seconds = int(frame.now_s / REPAINT_S)
        shown = (frame.version, half_seconds, frame.start_s, frame.end_s)
        if shown == self._shown and frame.version:
            return
        self._shown = shown
        if self.review:
            self._bound(frame)
        if not self.review or self.lanes.frame is None:
            self.view_box.setXRange(frame.start_s, frame.end_s, padding=0)
        self.lanes.show_frame(frame)
        self._place_view_box()

    def marks(self) -> tuple[Mark, ...]:
        """The events of the frame that is shown."""
        return self.lanes.frame.marks if self.lanes.frame else ()

    def _bound(self, frame: ChartFrame) -> None:
        """A finger moves no further than there is anything to see."""
        whole_s = max(frame.end_s - frame.start_s, CLOSEST_S)
        self.view_box.setLimits(
            xMin=frame.start_s, xMax=frame.start_s + whole_s, minXRange=CLOSEST_S, maxXRange=whole_s
        )

    # ------------------------------------------------------------------ review: what a finger and plain buttons do

    def begin_review(self, ticks: Ticks) -> None:
        """Another session: its whole time, with round times by `ticks` at every stretch of it."""
        self.lanes.ticks = ticks
        self.lanes.frame = None
        self.lanes.marked = None
        self._shown = ()

    def whole(self) -> tuple[float, float]:
        """From the first to the last second that there is."""
        frame = self.lanes.frame
        return (frame.start_s, frame.end_s) if frame is not None else (0.0, CLOSEST_S)

    def window(self) -> tuple[float, float]:
        """The stretch of time that is shown."""
        start, end = self.view_box.viewRange()[0]
        return float(start), float(end)

    def show_window(self, start_s: float, end_s: float) -> None:
        """Shows this stretch of time, no closer than two minutes and no further than all there is."""
        first, last = self.whole()
        span = min(max(end_s - start_s, CLOSEST_S), max(last - first, CLOSEST_S))
        start = min(max((start_s + end_s - span) / 2, first), max(first, last - span))
        self.view_box.setXRange(start, start + span, padding=0)

    def zoom(self, factor: float) -> None:
        """Closer (below 1) or further, around the marked event where it is in view, else around the middle."""
        start, end = self.window()
        event = self.lanes.marked
        middle = event[0] if event is not None and start <= event[0] <= end else (start + end) / 2
        self.show_window(middle - (middle - start) * factor, middle + (end - middle) * factor)

    def pan(self, share: float) -> None:
        """Later by a share of what is shown; earlier below 0."""
        start, end = self.window()
        self.show_window(start + share * (end - start), end + share * (end - start))

    def show_event(self, at_s: float, words: str, before_s: float, after_s: float) -> None:
        """Marks an event and shows the time around it."""
        self.lanes.show_event((at_s, words))
        first, last = self.whole()
        span = min(before_s + after_s, max(last - first, CLOSEST_S))
        start = min(max(at_s - before_s, first), max(first, last - span))
        self.view_box.setXRange(start, start + span, padding=0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remembers where a finger came down, to tell a touch from a drag."""
        self._pressed_at = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A touch on a mark says which event it is."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed_at = self._pressed_at, None
        if self.review and pressed is not None:
            moved = event.position() - pressed
            if moved.manhattanLength() <= self.look.px(SLOP):
                self._touch_mark(event.position())

    def _touch_mark(self, at: QPointF) -> None:
        stage, frame = self.lanes.stage(), self.lanes.frame
        if stage is None or frame is None or abs(at.y() - stage.events.middle) > self.look.px(NORMAL) / 2:
            return
        places = mark_places(self.look, stage, frame.marks, frame.now_s)
        near = [(abs(x - at.x()), mark.entry) for x, mark in places]
        distance, entry = min(near, default=(float("inf"), ""))
        if distance <= self.look.px(NORMAL) / 2:
            self.mark_touched.emit(entry)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives the items the new size."""
        super().resizeEvent(event)
        if hasattr(self, "lanes"):
            self.lanes.set_size(self.size())
            self._place_view_box()

    def _place_view_box(self) -> None:
        stage = self.lanes.stage()
        if stage is not None:
            box = QRectF(QPointF(stage.left, stage.box.top()), QPointF(stage.right, stage.bottom))
            if self.view_box.geometry() != box:
                self.view_box.setGeometry(box)
