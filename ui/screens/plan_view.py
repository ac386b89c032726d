"""The plan drawn: the rate as a staircase under its limit, syringe changes, and the model's band below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.catalog import Catalog
from app.clinical.dosing import ml_h, shown
from app.clinical.pharmacokinetics import ConcentrationBand, RateStretch, bedside_band
from app.clinical.protocol import Order, Plan
from app.frames import Array
from app.refusals import Refused
from ui.theme import BOLD_WEIGHT, MEDIUM_WEIGHT, RADIUS, Look, Token, rounded

POINTS = 160
_AFTER = 1.085
_RATE_SHARE = 0.62


Scale = Callable[[float], float]
"""Seconds or mL/h to pixels."""


@dataclass(frozen=True)
class Drawn:
    """A plan with what is drawn beside it."""

    plan: Plan
    limit_ml_h: float
    at_s: Array
    band: ConcentrationBand | None
    words: str


def drawn_plan(order: Order, plan: Plan, catalog: Catalog) -> Drawn:
    """The plan with its limit in mL/h and its band; no band where the model cannot say."""
    limit = float(ml_h(order.highest_mg_h(), order.concentration_mg_ml))
    at_s = np.linspace(0.0, plan.end_s * _AFTER, POINTS)
    stretches = [
        RateStretch(part.start_s, part.end_s, part.rate_ml_h * plan.concentration_mg_ml)
        for part in plan.segments
    ]
    try:
        band = bedside_band(catalog, order.dose_weight_kg, stretches, at_s)
    except Refused:
        band = None
    words = f"{shown(plan.peak_ml_h)} mL/h, {shown(plan.peak_mg_h, 1)} mg/h, {shown(plan.peak_mg_kg_h, 2)} mg/kg/h"
    return Drawn(plan, limit, at_s, band, words)


class PlanView(QWidget):
    """Paints a Drawn; without one it says what is missing."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty."""
        super().__init__(parent)
        self.look = look
        self.drawn: Drawn | None = None
        self.missing = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.changed.connect(self.update)

    def show_plan(self, drawn: Drawn | None, missing: str = "") -> None:
        """Shows a plan, or why there is none."""
        self.drawn, self.missing = drawn, missing
        self.setAccessibleName(drawn.words if drawn is not None else missing)
        self.update()

    # ------------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Card, grid, staircase, band."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        if self.drawn is None:
            painter.setFont(look.font())
            painter.setPen(look["text2"])
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(look.px(8), 0, -look.px(8), 0), flags, self.missing)
        else:
            self._paint_plan(painter, self.drawn)
        painter.end()

    def _paint_plan(self, painter: QPainter, drawn: Drawn) -> None:
        look = self.look
        left, right = look.px(15.0), self.width() - look.px(23.0)
        top, bottom = look.px(8.0), self.height() - look.px(8.0)
        split = top + (bottom - top) * _RATE_SHARE
        rate_box = QRectF(left, top, right - left, split - top)
        band_box = QRectF(left, split + look.px(3.0), right - left, bottom - split - look.px(3.0))
        self._text(painter, look.px(2.4), look.px(1.8) + look.cap(), "mL/h", "infusion")
        self._paint_hours(painter, drawn, left, right, top, bottom)
        self._paint_rates(painter, drawn, rate_box)
        self._paint_band(painter, drawn, band_box)

    def _text(
        self, painter: QPainter, x: float, baseline: float, text: str, role: str, *, right: bool = False
    ) -> None:
        painter.setFont(self.look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(x - (self.look.width(text) if right else 0), baseline), text)

    def _end_s(self, drawn: Drawn) -> float:
        return drawn.plan.end_s * _AFTER

    def _paint_hours(
        self, painter: QPainter, drawn: Drawn, left: float, right: float, top: float, bottom: float
    ) -> None:
        look, end = self.look, self._end_s(drawn)
        for second in ticks(end):
            x = left + second / end * (right - left)
            painter.fillRect(QRectF(round(x), top, 1, bottom - top), look["grid"])
            label = f"{int(second) // 3600}:{int(second) // 60 % 60:02d}"
            self._text(painter, x - look.width(label) / 2, self.height() - look.px(2.2), label, "text2")

    def _paint_rates(self, painter: QPainter, drawn: Drawn, box: QRectF) -> None:
        look, end = self.look, self._end_s(drawn)
        highest = max(drawn.plan.peak_ml_h, drawn.limit_ml_h) * 1.14

        def y(rate: float) -> float:
            return float(round(box.bottom() - rate / highest * box.height()))

        def x(second: float) -> float:
            return float(round(box.left() + second / end * box.width()))

        for rate in round_steps(highest):
            painter.fillRect(QRectF(box.left(), y(rate), box.width(), 1), look["grid"])
            self._text(
                painter, box.left() - look.px(1.6), y(rate) + look.cap() / 2, shown(rate), "text2", right=True
            )
        points = [QPointF(x(0), y(0))]
        for part in drawn.plan.segments:
            box_of = QRectF(x(part.start_s), y(part.rate_ml_h), x(part.end_s) - x(part.start_s), 0)
            box_of.setBottom(y(0))
            painter.fillRect(box_of, look["infusion_lo"])
            points += [QPointF(x(part.start_s), y(part.rate_ml_h)), QPointF(x(part.end_s), y(part.rate_ml_h))]
        points.append(QPointF(x(drawn.plan.end_s), y(0)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(QPen(look["infusion"], look.edge(0.5)))
        painter.drawPolyline(QPolygonF(points))
        self._paint_limit(painter, drawn, box, y(drawn.limit_ml_h))
        self._paint_changes(painter, drawn, x, y(0))
        self._paint_steps(painter, drawn, x, y)

    def _paint_limit(self, painter: QPainter, drawn: Drawn, box: QRectF, y: float) -> None:
        look = self.look
        pen = QPen(look["text"], 1.6)
        pen.setDashPattern([5.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        self._text(
            painter,
            box.right() + look.px(1.2),
            y + look.cap() / 2,
            f"limit {shown(drawn.limit_ml_h, 1)}",
            "text",
        )

    def _paint_changes(self, painter: QPainter, drawn: Drawn, x: object, bottom: float) -> None:
        look = self.look
        assert callable(x)
        for second in drawn.plan.syringe_changes_s:
            at = x(second)
            pen = QPen(look["text"], 1.4)
            pen.setDashPattern([1.5, 2.5])
            painter.setPen(pen)
            painter.drawLine(QPointF(at, bottom - look.px(12.0)), QPointF(at, bottom))
            words = f"new syringe {int(second) // 3600}:{int(second) // 60 % 60:02d}"
            self._text(painter, at - look.px(1.6), bottom - look.px(2.4), words, "text", right=True)

    def _paint_steps(self, painter: QPainter, drawn: Drawn, x: Scale, y: Scale) -> None:
        """Each step's rate under its edge where it has room; the peak's in all units at its longest step."""
        look, pad = self.look, self.look.px(2.4)
        parts = drawn.plan.segments
        peak = max(parts, key=lambda part: (part.rate_ml_h, part.end_s - part.start_s))
        for part in parts:
            words = drawn.words if part is peak else shown(part.rate_ml_h)
            room = x(part.end_s) - x(part.start_s) - pad
            lower = [one.rate_ml_h for one in parts if one.start_s >= part.start_s]
            if part is peak and room < look.width(words) and min(lower) == part.rate_ml_h:
                room = x(drawn.plan.end_s * _AFTER) - x(part.start_s) - pad
            if room >= look.width(words):
                self._text(
                    painter, x(part.start_s) + pad, y(part.rate_ml_h) + pad + look.cap(), words, "text"
                )

    def _paint_band(self, painter: QPainter, drawn: Drawn, box: QRectF) -> None:
        look, band = self.look, drawn.band
        if band is None:
            return
        highest = max(1.0, float(band.high.max())) * 1.05
        for level in round_steps(highest, most=3):
            y = round(box.bottom() - level / highest * box.height())
            if level:
                painter.fillRect(QRectF(box.left(), y, box.width(), 1), look["grid"])
                self._text(
                    painter, box.left() - look.px(1.6), y + look.cap() / 2, shown(level), "text2", right=True
                )
        xs = box.left() + drawn.at_s / self._end_s(drawn) * box.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.theme.with_alpha("predicted", 0.42))
        edges = [box.bottom() - values / highest * box.height() for values in (band.low, band.high)]
        there = [QPointF(a, b) for a, b in zip(xs.tolist(), edges[0].tolist(), strict=True)]
        back = [QPointF(a, b) for a, b in zip(xs.tolist(), edges[1].tolist(), strict=True)]
        painter.drawPolygon(QPolygonF([*there, *back[::-1]]))
        for number, words in enumerate(("Model", "ng/mL", "estimate")):
            baseline = box.top() + look.px(4.0) + number * look.line()
            self._text(painter, box.right() + look.px(1.2), baseline, words, "text2")
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))


def ticks(end_s: float) -> list[float]:
    """Round times from 0 to the end, six at most."""
    for minutes in (5, 10, 15, 30, 60, 120, 240, 480):
        if end_s / 60 / minutes <= 6:
            return [60.0 * minutes * number for number in range(int(end_s // (60 * minutes)) + 1)]
    return [0.0]


def round_steps(highest: float, most: int = 4) -> list[float]:
    """Round values from 0 below the highest, a few."""
    step = 10.0 ** np.floor(np.log10(highest))
    for share in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0):
        if highest / (step * share) <= most:
            count = int(highest // (step * share))
            return [float(round(step * share * number, 6)) for number in range(count + 1)]
    return [0.0]
