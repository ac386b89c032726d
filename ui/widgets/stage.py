"""Where things stand in the trends: rows from top to bottom, time as x, values as y. Pure geometry."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import floor

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from app.frames import Array, ChartFrame, Lane
from ui.theme import Look

NAMES_MM = 15.8
SCALE_MM = 9.8
EVENTS_MM = 7.2
AXIS_MM = 6.6

_WEIGHTS = {"heart_rate": 70, "spo2": 54, "nibp": 78, "resp_rate": 49, "etco2": 50, "temp": 44}
_OTHER_WEIGHT = 50
_RATE_WEIGHT = 64
_BAND_WEIGHT = 54


@dataclass(frozen=True)
class Row:
    """A horizontal strip, from its top to its bottom in pixels."""

    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Stage:
    """The trends' places for one size and one time range."""

    box: QRectF
    left: float
    right: float
    start_s: float
    end_s: float
    lanes: tuple[Row, ...]
    events: Row
    rate: Row
    band: Row | None
    axis: Row

    @property
    def px_per_s(self) -> float:
        """Pixels for a second."""
        return (self.right - self.left) / max(1e-6, self.end_s - self.start_s)

    @property
    def vitals(self) -> Row:
        """All lanes of vital signs together."""
        if not self.lanes:
            return Row(self.box.top(), self.events.top)
        return Row(self.lanes[0].top, self.lanes[-1].bottom)

    @property
    def bottom(self) -> float:
        """Where the plot ends and the axis begins."""
        return self.axis.top

    def x(self, at_s: float) -> float:
        """The x of a time."""
        return self.left + (at_s - self.start_s) * self.px_per_s

    def xs(self, at_s: Array) -> Array:
        """The x of many times."""
        return self.left + (at_s - self.start_s) * self.px_per_s

    def inside(self, at_s: float) -> float:
        """The x of a time, no further out than the plot."""
        return min(max(self.x(at_s), self.left), self.right)


def stage_of(
    look: Look, box: QRectF, frame: ChartFrame, start_s: float | None = None, end_s: float | None = None
) -> Stage:
    """The places for a frame in a box; another time range than the frame's own may be shown."""
    weights = [_WEIGHTS.get(lane.key, _OTHER_WEIGHT) for lane in frame.lanes]
    weights += [_RATE_WEIGHT] + ([_BAND_WEIGHT] if frame.band is not None else [])
    events_px, axis_px = look.px(EVENTS_MM), look.px(AXIS_MM)
    unit = (box.height() - events_px - axis_px) / sum(weights)
    rows: list[Row] = []
    y = box.top()
    for number, weight in enumerate(weights):
        if number == len(frame.lanes):
            events = Row(y, y := float(floor(y + events_px)))
            rows.append(events)
        bottom = float(floor(y + weight * unit))
        rows.append(Row(y, bottom))
        y = bottom
    lanes, rest = tuple(rows[: len(frame.lanes)]), rows[len(frame.lanes) :]
    return Stage(
        box=box,
        left=float(round(box.left() + look.px(NAMES_MM))),
        right=float(round(box.right() - look.px(SCALE_MM))),
        start_s=frame.start_s if start_s is None else start_s,
        end_s=frame.end_s if end_s is None else end_s,
        lanes=lanes,
        events=rest[0],
        rate=rest[1],
        band=rest[2] if len(rest) > 2 else None,
        axis=Row(y, box.bottom()),
    )


def lowest_row_px(look: Look, height_px: float, frame: ChartFrame) -> float:
    """The height of the lowest row that a chart of this height would have: names need a line each."""
    weights = [_WEIGHTS.get(lane.key, _OTHER_WEIGHT) for lane in frame.lanes]
    weights += [_RATE_WEIGHT] + ([_BAND_WEIGHT] if frame.band is not None else [])
    return (height_px - look.px(EVENTS_MM) - look.px(AXIS_MM)) / sum(weights) * min(weights)


def lane_ys(row: Row, lane: Lane, values: Array, pad: float) -> Array:
    """The y of a lane's values, kept inside its row."""
    low, high = lane.span
    share = (values - low) / max(1e-9, high - low)
    ys = row.bottom - pad - share * (row.height - 2 * pad)
    return np.clip(ys, row.top + 1, row.bottom - 1)


def lane_y(row: Row, lane: Lane, value: float, pad: float) -> float:
    """The y of one value of a lane."""
    return float(lane_ys(row, lane, np.array([value]), pad)[0])


@dataclass(frozen=True)
class Columns:
    """A lane at two points a pixel at most: the lowest and highest of each column, and its runs."""

    x: Array
    low: Array
    high: Array
    runs: tuple[slice, ...]


_NONE = np.empty(0)
EMPTY = Columns(_NONE, _NONE, _NONE, ())


def columns(stage: Stage, at_s: Array, low: Array, high: Array, gap_px: float = 2.5) -> Columns:
    """Buckets joined to pixel columns. A run ends where values miss for more than `gap_px` pixels."""
    edges = stage.start_s + np.arange(-1.0, stage.right - stage.left + 2.0) / stage.px_per_s
    firsts = np.searchsorted(at_s, edges)
    starts = firsts[:-1][firsts[1:] > firsts[:-1]]
    if len(starts) == 0:
        return EMPTY
    last = int(firsts[-1])
    lowest = _reduced(np.minimum, np.fmin, low[:last], starts)
    highest = _reduced(np.maximum, np.fmax, high[:last], starts)
    x = stage.xs(at_s[starts])
    known = np.isfinite(lowest) & np.isfinite(highest)
    if known.all():
        return Columns(x, lowest, highest, (slice(0, len(x)),))
    missing_before = np.cumsum(~known)[known]
    x, lowest, highest = x[known], lowest[known], highest[known]
    broken = (np.diff(x) > gap_px) & (np.diff(missing_before) > 0)
    ends = [0, *(np.flatnonzero(broken) + 1).tolist(), len(x)]
    runs = tuple(slice(a, b) for a, b in pairwise(ends) if b > a)
    return Columns(x, lowest, highest, runs)


def _reduced(quick: np.ufunc, careful: np.ufunc, values: Array, starts: npt.NDArray[np.intp]) -> Array:
    """Each column's extreme; a missing value counts only where a column has no other."""
    found: Array = quick.reduceat(values, starts)
    if np.isnan(found).any():
        found = careful.reduceat(values, starts)
    return found


def spread(wanted: list[float], width: float, lowest: float, highest: float) -> list[float]:
    """Centres as near to the wanted ones as fit side by side, in order, between two edges."""
    placed: list[float] = []
    for at in wanted:
        nearest = placed[-1] + width if placed else lowest + width / 2
        placed.append(max(at, nearest))
    limit = highest - width / 2
    for number in range(len(placed) - 1, -1, -1):
        placed[number] = min(placed[number], limit)
        limit = placed[number] - width
    return placed
