"""The model's curve with and without a change of rate: small, an estimate, never a measurement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.catalog import Catalog
from app.clinical.dosing import mg_h_of_flow, shown
from app.clinical.pharmacokinetics import RateStretch, bedside_band
from app.frames import Array, RateSpan, Snapshot
from app.refusals import Refused
from ui.theme import MEDIUM_WEIGHT, RADIUS, Look, Token, rounded

POINTS = 90
_FRESH_S = 15


@dataclass(frozen=True)
class Preview:
    """Bands over time: as it would go on, and with the new rate from `now_s`."""

    at_s: Array
    now_s: float
    was_low: Array
    was_high: Array
    low: Array
    high: Array

    def words(self) -> str:
        """The range at the end with the change, and without: "213–227, was 194–203 ng/mL"."""
        new = f"{shown(float(self.low[-1]), 0)}–{shown(float(self.high[-1]), 0)}"
        was = f"{shown(float(self.was_low[-1]), 0)}–{shown(float(self.was_high[-1]), 0)}"
        return f"{new}, was {was} ng/mL"


def preview_of(snapshot: Snapshot, catalog: Catalog, rate_ml_h: float) -> Preview | None:
    """The bands; None where the past rate is not known or the model cannot say."""
    order, plan, now, card = snapshot.order, snapshot.plan, snapshot.rate_now, snapshot.infusion
    if order is None or plan is None or now is None or card is None:
        return None
    past = [span for span in card.progress if span.end_s > span.start_s]
    if any(span.rate_ml_h is None for span in past):
        return None
    if now.concentration_mg_ml != order.concentration_mg_ml:
        # The spans tell mL/h only: with two strengths in one session they do not tell mg/h.
        return None
    now_s = past[-1].end_s if past else 0.0
    left_s = max(60.0, plan.end_s - now.now_s)
    start_s = past[0].start_s if past else 0.0
    at_s = np.linspace(start_s, now_s + left_s, POINTS)

    def band(rate: float) -> tuple[Array, Array]:
        spans = [*past, RateSpan(now_s, now_s + left_s, rate)]
        stretches = [
            RateStretch(
                span.start_s, span.end_s, float(mg_h_of_flow(span.rate_ml_h or 0, order.concentration_mg_ml))
            )
            for span in spans
        ]
        made = bedside_band(catalog, order.dose_weight_kg, stretches, at_s)
        return made.low, made.high

    try:
        was_low, was_high = band(now.expected_ml_h)
        low, high = band(rate_ml_h)
    except Refused:
        return None
    return Preview(at_s, now_s, was_low, was_high, low, high)


class RatePreview(QWidget):
    """Paints a Preview; made anew only when the rate changes or a quarter of a minute went by."""

    def __init__(self, look: Look, catalog: Catalog, parent: QWidget) -> None:
        """Empty until there is a rate."""
        super().__init__(parent)
        self.look = look
        self.catalog = catalog
        self.preview: Preview | None = None
        self._of: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(look.mm(10.0))
        look.changed.connect(self.update)

    def show_preview(self, snapshot: Snapshot | None, rate_ml_h: float | None) -> None:
        """Shows what this rate would do; None shows nothing."""
        if snapshot is None or rate_ml_h is None or rate_ml_h <= 0:
            self.preview, self._of = None, ()
            self.update()
            return
        wanted = (rate_ml_h, int(snapshot.steady // _FRESH_S), snapshot.session)
        if wanted != self._of:
            self._of = wanted
            self.preview = preview_of(snapshot, self.catalog, rate_ml_h)
            self.setAccessibleName(self.preview.words() if self.preview is not None else "no model")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Band before now, the new band after it, the old one dashed, and the range at the end."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["bg"], radius=look.px(RADIUS / 2))
        preview = self.preview
        if preview is not None:
            self._paint_bands(painter, preview)
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(look["text"])
        painter.drawText(QPointF(look.px(1.4), look.px(1.2) + look.cap()), "Model")
        if preview is not None:
            words = preview.words()
            x = self.width() - look.width(words) - look.px(1.6)
            back = QRectF(x - look.px(0.8), self.height() - look.px(6.4), self.width(), look.px(5.8))
            painter.fillRect(back, look.theme.with_alpha("bg", 0.75))
            painter.drawText(QPointF(x, self.height() - look.px(1.8)), words)
        painter.end()

    def _paint_bands(self, painter: QPainter, preview: Preview) -> None:
        look = self.look
        highest = max(float(preview.high.max()), float(preview.was_high.max()), 1.0) * 1.08
        span = float(preview.at_s[-1] - preview.at_s[0])
        xs = (preview.at_s - preview.at_s[0]) / span * self.width()
        now_x = (preview.now_s - preview.at_s[0]) / span * self.width()

        def ys(values: Array) -> Array:
            return self.height() - values / highest * self.height()

        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        before, after = xs <= now_x + 0.5, xs >= now_x - 0.5
        for part, role, share, low, high in (
            (before, "predicted", 0.42, preview.was_low, preview.was_high),
            (after, "infusion", 0.55, preview.low, preview.high),
        ):
            if part.any():
                painter.setBrush(look.theme.with_alpha(role, share))
                painter.drawPolygon(_polygon(xs[part], ys(low)[part], ys(high)[part]))
        pen = QPen(look["plan"], 1.2)
        pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for edge in (preview.was_low, preview.was_high):
            painter.drawPolyline(_line(xs[after], ys(edge)[after]))
        painter.fillRect(QRectF(round(now_x), 0, 2, self.height()), look["now"])


def _line(xs: Array, ys: Array) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])


def _polygon(xs: Array, low: Array, high: Array) -> QPolygonF:
    there = list(zip(xs.tolist(), low.tolist(), strict=True))
    back = list(zip(xs.tolist(), high.tolist(), strict=True))[::-1]
    return QPolygonF([QPointF(x, y) for x, y in (*there, *back)])
