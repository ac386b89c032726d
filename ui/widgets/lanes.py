"""Painters of the trends: the still ground and the curves over it. Screen and paper share them.

A curve is drawn at no more than two points a pixel, twice at width 1, the second 0.7 px lower: it looks like
width 1.7 and costs a twentieth of a pen of width 2. Where hours stand on few pixels it is bars 2 px wide.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph.functions as fn
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.frames import Array, Band, ChartFrame, Gap, Lane, Mark
from ui.theme import CHIP_RADIUS, ICON_MARK, MEDIUM_WEIGHT, Look, Token, rounded
from ui.widgets.stage import Columns, Row, Stage, columns, lane_y, lane_ys, spread, stage_of

MARK_MM = 6.2
MARK_GAP_MM = 0.6
FEWEST_MARKS = 4
COUNT_MM = 2.0
_PAD_MM = 1.0
_LABEL_PAD_MM = 2.4
_DENSE_PX = 3.0
_BAND_PAST = 0.42
_BAND_AHEAD = 0.20


# ---------------------------------------------------------------------- the still ground


def paint_ground(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame, role: str) -> None:
    """Names, grid, limits, axis and past events over a plot of one colour ("panel", or "future" ahead)."""
    painter.fillRect(stage.box, look["bg"])
    plot = QRectF(stage.left, stage.box.top(), stage.right - stage.left, stage.bottom - stage.box.top())
    painter.fillRect(plot, look[role])
    _paint_grid(painter, look, stage, frame)
    for row, lane in zip(stage.lanes, frame.lanes, strict=True):
        _paint_lane_ground(painter, look, stage, row, lane)
    _paint_row_names(painter, look, stage, frame)
    _paint_ticks(painter, look, stage, frame)
    _paint_marks(painter, look, stage, frame.marks, frame.now_s)


def _paint_grid(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for at_s, _text in frame.ticks:
        if stage.start_s < at_s < stage.end_s:
            painter.fillRect(
                QRectF(round(stage.x(at_s)), stage.box.top(), 1, stage.bottom - stage.box.top()), look["grid"]
            )
    rows = [*stage.lanes, stage.events, stage.rate, *([stage.band] if stage.band else [])]
    for row in rows:
        painter.fillRect(QRectF(stage.box.left(), row.bottom - 1, stage.box.width(), 1), look["line"])


def _paint_lane_ground(painter: QPainter, look: Look, stage: Stage, row: Row, lane: Lane) -> None:
    _text(painter, look, stage.box.left() + look.px(0.6), row.middle, lane.label, look[lane.colour])
    pen = QPen(look["border"], 1.0)
    pen.setDashPattern([2.0, 4.0])
    places = [lane_y(row, lane, value, look.px(_PAD_MM)) for value, _words in lane.limits]
    for y in places:
        painter.setPen(pen)
        painter.drawLine(QLineF(stage.left, round(y) + 0.5, stage.right, round(y) + 0.5))
    labels = [words for _value, words in lane.limits]
    _paint_scale(painter, look, stage, row, list(zip(places, labels, strict=True)))


def _paint_scale(
    painter: QPainter, look: Look, stage: Stage, row: Row, labels: list[tuple[float, str]]
) -> None:
    """Numbers right of the plot, moved apart where they would touch; the last go where the row is too low."""
    tall = look.cap() + look.px(0.6)
    said = sorted(((y, words) for y, words in labels if words), key=lambda label: label[0])
    said = said[: max(1, int(row.height / tall))]
    places = spread([y for y, _words in said], tall, row.top, row.bottom)
    for y, (_wanted, words) in zip(places, said, strict=True):
        right = stage.box.right() - look.px(0.6)
        _text(painter, look, right - look.width(words), y, words, look["text2"])


def _paint_row_names(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    left = stage.box.left() + look.px(0.6)
    _text(painter, look, left, stage.events.middle, "Events", look["text2"])
    line = look.metrics.letters(Token.TEXT)
    top = stage.rate.top + line / 2 + look.px(0.4)
    _text(painter, look, left, top, "Rate", look["infusion"])
    if stage.rate.height >= 2 * line:
        _text(painter, look, left, top + line, "mL/h", look["text2"])
    if stage.band is None or frame.band is None:
        return
    top = stage.band.top + line / 2 + look.px(0.4)
    _text(painter, look, left, top, "Model", look["text"])
    if stage.band.height >= 2 * line:
        _text(painter, look, left, top + line, "ng/mL", look["text2"])
    ceiling = band_ceiling(frame.band)
    labels = [(_band_y(stage.band, ceiling, value), f"{value:g}") for value in _band_ticks(ceiling)]
    for y, _words in labels:
        painter.fillRect(QRectF(stage.left, round(y), stage.right - stage.left, 1), look["grid"])
    _paint_scale(painter, look, stage, stage.band, labels)


def _paint_ticks(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    for at_s, words in frame.ticks:
        half = look.width(words) / 2
        x = stage.x(at_s)
        if stage.box.left() <= x - half and x + half <= stage.box.right():
            _text(painter, look, x - half, stage.axis.middle, words, look["text2"])


# ---------------------------------------------------------------------- events


def placed_marks(
    look: Look, stage: Stage, marks: tuple[Mark, ...], now_s: float
) -> tuple[list[tuple[float, Mark]], int]:
    """Where each mark stands that has room, and how many have none.

    Crowded ones move to the left of now, and past it only when they do not fit.
    """
    shown = [mark for mark in marks if stage.start_s <= mark.at_s <= stage.end_s]
    if not shown:
        return [], 0
    step = look.px(MARK_MM + MARK_GAP_MM)
    # What happened stands left of now; only where that is very narrow do some marks lean into the time ahead.
    last = min(stage.right, max(stage.x(now_s), stage.x(shown[-1].at_s)) + step / 2)
    room = max(int((last - stage.left) / step), min(FEWEST_MARKS, int((stage.right - stage.left) / step)))
    hidden = max(0, len(shown) - room)
    if hidden:
        hidden = min(hidden + 1, len(shown))
        shown = shown[hidden:]
    if not shown:
        return [], hidden
    wanted = [stage.x(mark.at_s) for mark in shown]
    counted = look.px(COUNT_MM)
    left = stage.left + (max(step, counted + look.width(f"+{hidden}") + look.px(0.8)) if hidden else 0)
    while hidden and len(shown) > FEWEST_MARKS and last - left < step * len(shown):
        hidden, shown, wanted = hidden + 1, shown[1:], wanted[1:]
    places = spread(wanted, step, left, last if last - left >= step * len(shown) else stage.right)
    return list(zip(places, shown, strict=True)), hidden


def mark_places(look: Look, stage: Stage, marks: tuple[Mark, ...], now_s: float) -> list[tuple[float, Mark]]:
    """The x of the middle of every mark that is drawn."""
    return placed_marks(look, stage, marks, now_s)[0]


def _paint_marks(painter: QPainter, look: Look, stage: Stage, marks: tuple[Mark, ...], now_s: float) -> None:
    """Marks at their times, and how many have no room."""
    placed, hidden = placed_marks(look, stage, marks, now_s)
    if hidden:
        x = stage.left + look.px(COUNT_MM if placed else 0.4)
        _text(painter, look, x, stage.events.middle, f"+{hidden}", look["text2"])
    if not placed:
        return
    size = look.px(MARK_MM)
    wanted = [stage.x(mark.at_s) for _place, mark in placed]
    _paint_leaders(painter, look, stage, wanted, [place for place, _mark in placed])
    for place, mark in placed:
        _paint_mark(painter, look, QRectF(place - size / 2, stage.events.middle - size / 2, size, size), mark)


def _paint_leaders(
    painter: QPainter, look: Look, stage: Stage, wanted: list[float], places: list[float]
) -> None:
    """A dotted line down the lanes at the true time, and a slanted one to a mark that had to move."""
    dotted = QPen(look["border"], 1.0)
    dotted.setDashPattern([1.0, 3.0])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(dotted)
    for x in wanted:
        painter.drawLine(QLineF(round(x) + 0.5, stage.box.top(), round(x) + 0.5, stage.events.top))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look["border"], 1.0))
    top = stage.events.middle - look.px(MARK_MM) / 2
    for x, place in zip(wanted, places, strict=True):
        if abs(x - place) > look.px(1.0):
            painter.drawLine(QLineF(x, stage.events.top - look.px(0.6), place, top))


def _paint_mark(painter: QPainter, look: Look, box: QRectF, mark: Mark) -> None:
    fill = mark_fill(look, mark.fill)
    px = look.mm(ICON_MARK)
    radius = look.px(CHIP_RADIUS)
    if fill is None:
        rounded(painter, box, look["raised"], look["border"], radius=radius)
        ink = look["text"]
    else:
        rounded(painter, box, fill, radius=radius)
        ink = look["bg"] if mark.fill == "infusion" else look["label_ink"]
    icon = look.icon_px(mark.icon, px, ink)
    painter.drawPixmap(QPointF(round(box.center().x() - px / 2), round(box.center().y() - px / 2)), icon)


def mark_fill(look: Look, fill: str) -> QColor | None:
    """The colour of a mark: a drug's label class, the infusion's, a hex value, or None for a plain mark."""
    if fill == "infusion":
        return look["infusion"]
    if fill.startswith("#"):
        return QColor(fill)
    return look.label_fill(fill)


# ---------------------------------------------------------------------- the curves


def paint_curves(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    """Everything that grows with time: curves, pressures, gaps, rate, plan, model and the now line."""
    plot = QRectF(stage.left, stage.box.top(), stage.right - stage.left, stage.box.height())
    painter.save()
    painter.setClipRect(plot)
    for gap in frame.gaps:
        _paint_gap(painter, look, stage, gap)
    for row, lane in zip(stage.lanes, frame.lanes, strict=True):
        if lane.kind == "bars":
            _paint_bars(painter, look, stage, row, lane)
        else:
            _paint_line(painter, look, stage, row, lane)
    if frame.band is not None and stage.band is not None:
        _paint_band(painter, look, stage, stage.band, frame)
    _paint_rate(painter, look, stage, frame)
    _paint_plan(painter, look, stage, frame)
    for gap in frame.gaps:
        _paint_gap_icon(painter, look, stage, gap)
    painter.restore()
    for row, lane in zip(stage.lanes, frame.lanes, strict=True):
        if lane.off_scale:
            _paint_off_scale(painter, look, stage, row, lane, frame)
    if frame.now_text:
        _paint_now(painter, look, stage, frame)


def _paint_line(painter: QPainter, look: Look, stage: Stage, row: Row, lane: Lane) -> None:
    found = columns(stage, lane.at_s, lane.low, lane.high)
    pad = look.px(_PAD_MM)
    lows, highs = lane_ys(row, lane, found.low, pad), lane_ys(row, lane, found.high, pad)
    stepped = lane.key == "spo2"
    if not stepped and 2 * np.count_nonzero(lows - highs >= _DENSE_PX) > len(lows):
        _paint_dense(painter, look[lane.colour], found, lows, highs)
        return
    painter.setPen(QPen(look[lane.colour], 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=not stepped)
    lower = 1.0 if stepped else 0.7
    for run in found.runs:
        points = (_steps if stepped else _zigzag)(found.x[run], lows[run], highs[run])
        for shift in (0.0, lower):
            polygon = fn.create_qpolygonf(len(points))
            fn.ndarray_from_qpolygonf(polygon)[:] = points + np.array((0.0, shift))
            painter.drawPolyline(polygon)


def _paint_dense(painter: QPainter, colour: QColor, found: Columns, lows: Array, highs: Array) -> None:
    """Hours on a few pixels: a bar 2 px wide from lowest to highest of each column, touching the last."""
    rects = PrimitiveArray(QRectF, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for run in found.runs:
        top, bottom = np.floor(highs[run]), np.ceil(lows[run])
        joined_top, joined_bottom = top.copy(), bottom.copy()
        np.minimum(top[1:], bottom[:-1], out=joined_top[1:])
        np.maximum(bottom[1:], top[:-1], out=joined_bottom[1:])
        rects.resize(len(top))
        memory = rects.ndarray()
        memory[:, 0], memory[:, 1], memory[:, 2] = np.floor(found.x[run]), joined_top, 2.0
        memory[:, 3] = np.maximum(2.0, joined_bottom - joined_top)
        painter.drawRects(*rects.drawargs())


def _zigzag(x: Array, low: Array, high: Array) -> Array:
    """Lowest and highest of each column in turn, up one and down the next; a lone value is a short dash."""
    if len(x) == 1:
        x, low, high = np.array([x[0] - 1, x[0] + 1]), low.repeat(2), high.repeat(2)
    points = np.empty((2 * len(x), 2))
    points[:, 0] = x.repeat(2)
    points[0::2, 1], points[1::2, 1] = low, high
    points[2::4, 1], points[3::4, 1] = high[1::2], low[1::2]
    return points


def _steps(x: Array, low: Array, high: Array) -> Array:
    """A staircase on whole pixels through the lowest and highest of each column."""
    points = np.empty((3 * len(x), 2))
    whole = np.floor(x) + 0.5
    points[:, 0] = whole.repeat(3)
    points[0::3, 1] = np.r_[low[:1], low[:-1]]
    points[1::3, 1], points[2::3, 1] = high, low
    points[:, 1] = np.floor(points[:, 1]) + 0.5
    return points


def _paint_bars(painter: QPainter, look: Look, stage: Stage, row: Row, lane: Lane) -> None:
    """A bar from diastolic to systolic for each measurement, with a square at the mean."""
    pad, colour = look.px(_PAD_MM), look[lane.colour]
    tops = lane_ys(row, lane, lane.high, pad)
    bottoms = lane_ys(row, lane, lane.low, pad)
    mids = lane_ys(row, lane, lane.mid, pad) if lane.mid is not None else None
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    half, square, thick = round(look.px(0.8)), round(look.px(0.6)), look.edge(0.3)
    for number, x in enumerate(stage.xs(lane.at_s)):
        if not (stage.left <= x <= stage.right) or not np.isfinite(tops[number] + bottoms[number]):
            continue
        x, top, bottom = round(float(x)), round(float(tops[number])), round(float(bottoms[number]))
        painter.fillRect(QRectF(x - thick / 2, top, thick, bottom - top), colour)
        for y in (top, bottom - thick):
            painter.fillRect(QRectF(x - half, y, 2 * half, thick), colour)
        if mids is not None and np.isfinite(mids[number]):
            y = round(float(mids[number]))
            painter.fillRect(QRectF(x - square - 1, y - square - 1, 2 * square + 2, 2 * square + 2), colour)
            painter.fillRect(
                QRectF(x - square + 1, y - square + 1, 2 * square - 2, 2 * square - 2), look["panel"]
            )


def _paint_gap(painter: QPainter, look: Look, stage: Stage, gap: Gap) -> None:
    left, right = stage.inside(gap.start_s), stage.inside(gap.end_s)
    if right - left < 1:
        return
    row = stage.vitals
    box = QRectF(round(left), row.top, round(right) - round(left), row.height)
    painter.fillRect(box, look["panel"])
    painter.fillRect(box, look.hatch("border", 0.7))
    for x in (box.left(), box.right()):
        painter.fillRect(QRectF(x, row.top, 1, row.height), look["border"])


def _paint_gap_icon(painter: QPainter, look: Look, stage: Stage, gap: Gap) -> None:
    left, right = stage.inside(gap.start_s), stage.inside(gap.end_s)
    if right - left < 1:
        return
    size = look.px(7.6)
    middle = min(max((left + right) / 2, stage.left + size / 2), stage.right - size / 2)
    box = QRectF(middle - size / 2, stage.vitals.top + look.px(1.2), size, size)
    rounded(painter, box, look["raised"], look["border"], radius=look.px(CHIP_RADIUS))
    px = look.mm(5.6)
    icon = look.icon_px(gap.icon, px, look["text"])
    painter.drawPixmap(QPointF(round(box.center().x() - px / 2), round(box.center().y() - px / 2)), icon)


# ---------------------------------------------------------------------- the rate and its plan


def _rate_y(stage: Stage, frame: ChartFrame, rate: float) -> float:
    room = stage.rate.height * 0.76
    return float(round(stage.rate.bottom - 1 - rate / max(1e-6, frame.rate_max_ml_h) * room))


def _paint_rate(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    base, thick, colour = stage.rate.bottom - 1, look.edge(0.4), look["infusion"]
    before: float | None = base
    for span in frame.rate:
        left, right = round(stage.inside(span.start_s)), round(stage.inside(span.end_s))
        if span.rate_ml_h is None:
            _paint_unknown(painter, look, QRectF(left, stage.rate.top, right - left, stage.rate.height))
            before = None
            continue
        y = _rate_y(stage, frame, span.rate_ml_h)
        painter.fillRect(QRectF(left, y, right - left, base - y), look["infusion_lo"])
        painter.fillRect(QRectF(left, y, right - left, thick), colour)
        if before is not None and before != y and stage.x(span.start_s) >= stage.left:
            painter.fillRect(QRectF(left, min(before, y), thick, abs(before - y) + thick), colour)
        before = y
    _paint_rate_numbers(painter, look, stage, frame)


def _paint_unknown(painter: QPainter, look: Look, box: QRectF) -> None:
    painter.fillRect(box, look.hatch("border", 0.7))
    word = "?"
    if box.width() > look.width(word) + 4:
        _text(painter, look, box.center().x() - look.width(word) / 2, box.center().y(), word, look["text"])


def _paint_rate_numbers(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    """Each rate once, inside its step, where it has room."""
    end = stage.left - 1.0
    last = ""
    y = stage.rate.bottom - look.px(1.4) - look.cap() / 2
    for span in frame.rate:
        if not span.rate_ml_h:
            continue
        words = f"{span.rate_ml_h:g}"
        left = max(stage.inside(span.start_s) + look.px(1.4), end)
        width = look.width(words)
        if span is frame.rate[-1]:
            left = max(end, min(left, stage.inside(span.end_s) - width - look.px(0.8)))
        if words != last and left + width <= stage.inside(span.end_s):
            _text(painter, look, left, y, words, look["text"])
            end, last = left + width + look.px(1.0), words


def _paint_plan(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    """The signed plan dashed, hatched where it is still ahead."""
    if not frame.plan:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    points: list[QPointF] = []
    base = stage.rate.bottom - 1
    for span in frame.plan:
        y = _rate_y(stage, frame, span.rate_ml_h or 0.0)
        ahead = max(stage.x(span.start_s), stage.inside(frame.now_s))
        right = stage.inside(span.end_s)
        if frame.now_text and right > ahead and span.rate_ml_h:
            painter.fillRect(QRectF(ahead, y, right - ahead, base - y), look.hatch("plan", 0.35))
        points += [QPointF(stage.x(span.start_s), y + 0.5), QPointF(stage.x(span.end_s), y + 0.5)]
    if stage.x(frame.plan[-1].end_s) <= stage.right:
        points.append(QPointF(points[-1].x(), base))
    pen = QPen(look["plan"], 1.5)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([4.0, 2.7])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


# ---------------------------------------------------------------------- the model


def band_ceiling(band: Band) -> float:
    """The top of the model's row: a little over the highest estimate."""
    finite = band.high[np.isfinite(band.high)]
    return float(finite.max()) * 1.12 if len(finite) and finite.max() > 0 else 100.0


def _band_ticks(ceiling: float) -> tuple[float, ...]:
    for step in (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0):
        if ceiling / step < 3:
            return tuple(step * n for n in range(1, int(ceiling / step) + 1))
    return ()


def _band_y(row: Row, ceiling: float, value: float) -> float:
    return row.bottom - 1 - value / ceiling * (row.height - 4)


def _paint_band(painter: QPainter, look: Look, stage: Stage, row: Row, frame: ChartFrame) -> None:
    band = frame.band
    if band is None or len(band.at_s) < 2:
        return
    every = max(1, len(band.at_s) // max(1, int(stage.right - stage.left)))
    x = stage.xs(band.at_s[::every])
    ceiling = band_ceiling(band)
    low = row.bottom - 1 - band.low[::every] / ceiling * (row.height - 4)
    high = row.bottom - 1 - band.high[::every] / ceiling * (row.height - 4)
    known = np.isfinite(low) & np.isfinite(high)
    x, low, high = x[known], low[known], high[known]
    if len(x) < 2:
        return
    shape = _polygon(np.r_[x, x[::-1]], np.r_[high, low[::-1]])
    now = stage.inside(frame.now_s) if frame.now_text else stage.right
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for left, right, share in ((stage.left, now, _BAND_PAST), (now, stage.right, _BAND_AHEAD)):
        painter.save()
        painter.setClipRect(QRectF(left, row.top, right - left, row.height), Qt.ClipOperation.IntersectClip)
        painter.setBrush(look.theme.with_alpha("predicted", share))
        painter.drawPolygon(shape)
        painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look["predicted"], 1.0))
    painter.drawPolyline(_polygon(x, high))
    dotted = QPen(look["predicted"], 1.0)
    dotted.setDashPattern([1.0, 2.5])
    painter.setPen(dotted)
    painter.drawPolyline(_polygon(x, low))
    if band.label:
        _paint_band_label(painter, look, stage, row, x, low, high, band.label)


def _paint_band_label(
    painter: QPainter, look: Look, stage: Stage, row: Row, x: Array, low: Array, high: Array, label: str
) -> None:
    """How the band was widened, in whole or in short, where it hides nothing; else on a ground of its own."""
    short = f"× {label.partition(' ×')[0]}"
    tall = look.line()
    for words in (label, short):
        spot = _free_spot(look, stage, row, (x, low, high), look.width(words))
        if spot is not None:
            _text(painter, look, spot.x(), spot.y(), words, look["text2"])
            return
    wide = look.width(short) + 2 * look.px(0.8)
    left = stage.right - wide - look.px(_LABEL_PAD_MM)
    ground = QRectF(left, row.top + 1, wide, tall - 1)
    painter.fillRect(ground, look.theme.with_alpha("panel", 0.85))
    _text(painter, look, left + look.px(0.8), row.top + tall / 2, short, look["text2"])


def _free_spot(
    look: Look, stage: Stage, row: Row, band: tuple[Array, Array, Array], width: float
) -> QPointF | None:
    """Where words of this width stand above or below the band without touching it; None where nowhere."""
    x, low, high = band
    pad, tall = look.px(0.8), look.line()
    # The row's scale stands right of the plot, its name left of it: no words may read on into either.
    clear = look.px(_LABEL_PAD_MM)
    places = np.arange(stage.left + clear, stage.right - clear - width, look.px(1.0))
    for left in places:
        there = (x >= left - pad) & (x <= left + width + pad)
        if not there.any() or high[there].min() > row.top + tall:
            return QPointF(left, row.top + tall / 2)
    for left in places[::-1]:
        there = (x >= left - pad) & (x <= left + width + pad)
        if low[there].max() < row.bottom - tall:
            return QPointF(left, row.bottom - tall / 2 - 1)
    return None


def _polygon(x: Array, y: Array) -> QPolygonF:
    polygon: QPolygonF = fn.create_qpolygonf(len(x))
    memory = fn.ndarray_from_qpolygonf(polygon)
    memory[:, 0], memory[:, 1] = x, y
    return polygon


# ---------------------------------------------------------------------- now


def _paint_off_scale(
    painter: QPainter, look: Look, stage: Stage, row: Row, lane: Lane, frame: ChartFrame
) -> None:
    """What the newest value is when the lane cannot show it: "▼86" beside the now line."""
    down = not lane.off_scale.startswith("▲")
    words = lane.off_scale.lstrip("▲▼ ")
    x = min(stage.inside(frame.now_s) + look.px(1.2), stage.right - look.width(words) - look.px(4.0))
    y = row.bottom - look.line() / 2 if down else row.top + look.line() / 2
    side, tall = look.px(3.2), look.px(2.8)
    tip, flat = (y + tall / 2, y - tall / 2) if down else (y - tall / 2, y + tall / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look[lane.colour])
    painter.drawPolygon(QPolygonF([QPointF(x, flat), QPointF(x + side, flat), QPointF(x + side / 2, tip)]))
    _text(painter, look, x + side + look.px(0.8), y, words, look[lane.colour])


def _paint_now(painter: QPainter, look: Look, stage: Stage, frame: ChartFrame) -> None:
    _paint_moment(painter, look, stage, frame, stage.inside(frame.now_s), frame.now_text)


def paint_event(
    painter: QPainter, look: Look, stage: Stage, frame: ChartFrame, at_s: float, words: str
) -> None:
    """A line through all lanes at one event, with its time on the axis."""
    _paint_moment(painter, look, stage, frame, stage.x(at_s), words)


def _paint_moment(
    painter: QPainter, look: Look, stage: Stage, frame: ChartFrame, at_x: float, words: str
) -> None:
    x = round(at_x)
    thick = look.edge(0.4)
    painter.fillRect(
        QRectF(x - thick / 2, stage.box.top(), thick, stage.bottom - stage.box.top()), look["now"]
    )
    width = look.width(words) + look.px(1.2)
    left = min(max(x - width / 2, stage.left), stage.right - width)
    chip = QRectF(left, stage.axis.middle - look.px(2.9), width, look.px(5.8))
    wider = chip.adjusted(-look.px(1.5), 0, look.px(1.5), 0)
    for at_s, tick in frame.ticks:
        half = look.width(tick) / 2
        at = stage.x(at_s)
        if at + half > wider.left() and at - half < wider.right():
            cover = QRectF(at - half - 2, chip.top(), 2 * half + 4, chip.height())
            painter.fillRect(cover, look["bg"])
    rounded(painter, chip, look["now"], radius=look.px(CHIP_RADIUS))
    _text(painter, look, left + look.px(0.6), stage.axis.middle, words, look["fill_ink"])


def _text(
    painter: QPainter,
    look: Look,
    x: float,
    middle: float,
    text: str,
    colour: QColor,
    weight: int = MEDIUM_WEIGHT,
) -> None:
    painter.setFont(look.font(Token.TEXT, weight))
    painter.setPen(colour)
    painter.drawText(QPointF(x, middle + look.cap() / 2), text)


def paint_chart(painter: QPainter, look: Look, box: QRectF, frame: ChartFrame) -> None:
    """The whole chart in one go, for paper: with `now_text` "" there is no now line and nothing is ahead."""
    stage = stage_of(look, box, frame)
    paint_ground(painter, look, stage, frame, "panel")
    paint_curves(painter, look, stage, frame)
