"""The trends on screen: one pyqtgraph view with one time axis; its items paint the lanes in pixels.

pyqtgraph keeps the view, the time range, the mouse and touch; its ready curves, axes and grid are left out,
they are too slow at this width. Two layers: the ground in pixmaps, drawn anew only when it changes, and the
curves.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.frames import ChartFrame, Mark
from ui.theme import Look
from ui.widgets.lanes import paint_curves, paint_ground
from ui.widgets.stage import Stage, stage_of

REPAINT_S = 0.5


class LanesItem(pg.GraphicsObject):
    """Every lane of a ChartFrame, painted in the view's pixels over the view box's time range."""

    def __init__(self, look: Look, view_box: pg.ViewBox) -> None:
        """Paints nothing until it has a frame and a size."""
        super().__init__()
        self.look = look
        self.view_box = view_box
        self.frame: ChartFrame | None = None
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
        self.update()

    def _range_changed(self) -> None:
        self._stage = None
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

    mark_touched = Signal(object)

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
        if not self.review or self.lanes.frame is None:
            self.view_box.setXRange(frame.start_s, frame.end_s, padding=0)
        self.lanes.show_frame(frame)
        self._place_view_box()

    def marks(self) -> tuple[Mark, ...]:
        """The events of the frame that is shown."""
        return self.lanes.frame.marks if self.lanes.frame else ()

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
