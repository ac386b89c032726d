"""Where values, marks and gaps stand in the trends, and what a frame repaints."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.frames import ChartFrame, Gap, Mark, RateSpan
from tests.ui import frames_samples as samples
from ui.fonts import load_fonts
from ui.theme import DARK, DIM, PAPER, Look, Metrics
from ui.widgets.chart import TrendChart
from ui.widgets.stage import Stage, columns, lane_y, spread, stage_of


@pytest.fixture
def look(qtbot: QtBot) -> Look:
    """The dark look of the 12.1 inch panel."""
    load_fonts()
    return Look(DARK, Metrics(125), samples.LABELS)


def stage(look: Look, frame: ChartFrame | None = None) -> Stage:
    """The places of the mock's chart."""
    return stage_of(look, QRectF(0, 0, 546, 488), frame or samples.chart())


def chart_of(qtbot: QtBot, look: Look, frame: ChartFrame) -> TrendChart:
    """The chart on screen."""
    chart = TrendChart(look)
    qtbot.addWidget(chart)
    chart.resize(546, 488)
    chart.show()
    chart.show_chart(frame)
    return chart


def picture(chart: TrendChart) -> QImage:
    """What it looks like."""
    image: QImage = chart.grab().toImage()
    return image


def ink(image: QImage, colour: QColor, box: QRectF) -> int:
    """How many pixels of exactly this colour stand in a box."""
    return sum(
        image.pixelColor(x, y) == colour
        for x in range(int(box.left()), int(box.right()))
        for y in range(int(box.top()), int(box.bottom()))
    )


def test_the_rows_fill_the_box_from_top_to_bottom(look: Look) -> None:
    places = stage(look)
    rows = [*places.lanes, places.events, places.rate, places.band, places.axis]
    for above, below in pairwise(rows):
        assert above is not None
        assert below is not None
        assert above.bottom == below.top
    assert rows[0].top == 0.0  # type: ignore[union-attr]


def test_time_goes_from_edge_to_edge(look: Look) -> None:
    places = stage(look)
    frame = samples.chart()
    assert places.x(frame.start_s) == pytest.approx(places.left)
    assert places.x(frame.end_s) == pytest.approx(places.right)


def test_a_high_value_stands_higher(look: Look) -> None:
    places, lane = stage(look), samples.lanes()[0]
    assert lane_y(places.lanes[0], lane, 100, 3.0) < lane_y(places.lanes[0], lane, 60, 3.0)


def test_a_value_off_the_scale_stays_in_its_lane(look: Look) -> None:
    places, lane = stage(look), samples.lanes()[0]
    row = places.lanes[0]
    assert row.top < lane_y(row, lane, 500, 3.0) < row.bottom
    assert row.top < lane_y(row, lane, -500, 3.0) < row.bottom


def test_a_column_keeps_the_lowest_and_the_highest(look: Look) -> None:
    places = stage(look, samples.chart(start_s=0.0, end_s=21_600.0))
    at = np.arange(21_600.0)
    values = np.full(21_600, 80.0)
    values[10_000] = 30.0
    found = columns(places, at, values, values)
    assert found.low.min() == 30.0
    assert len(found.x) <= places.right - places.left + 2


def test_a_hole_ends_a_run(look: Look) -> None:
    places = stage(look)
    at = np.arange(0.0, 4000.0, 10.0)
    values = np.where((at > 1000) & (at < 2000), np.nan, 80.0)
    found = columns(places, at, values, values)
    assert len(found.runs) == 2
    assert not np.isnan(found.low).any()


def test_one_missing_value_among_many_in_a_column_is_no_hole(look: Look) -> None:
    places = stage(look, samples.chart(start_s=0.0, end_s=21_600.0))
    at = np.arange(21_600.0)
    values = np.full(21_600, 80.0)
    values[5_000] = np.nan
    assert len(columns(places, at, values, values).runs) == 1


def test_values_that_are_all_missing_draw_nothing(look: Look) -> None:
    places = stage(look)
    at = np.arange(0.0, 1000.0, 10.0)
    nothing = np.full(len(at), np.nan)
    assert columns(places, at, nothing, nothing).runs == ()


def test_values_outside_the_time_range_draw_nothing(look: Look) -> None:
    places = stage(look)
    at = np.arange(50_000.0, 51_000.0, 10.0)
    assert len(columns(places, at, at, at).x) == 0


def test_marks_that_have_room_stand_at_their_time() -> None:
    assert spread([100.0, 200.0], 30, 0, 500) == [100.0, 200.0]


def test_crowded_marks_stand_side_by_side_in_order() -> None:
    placed = spread([100.0, 101.0, 102.0], 30, 0, 500)
    assert all(b - a >= 30 for a, b in pairwise(placed))


def test_marks_at_the_edge_stay_inside() -> None:
    placed = spread([480.0, 490.0, 499.0], 30, 0, 500)
    assert placed[-1] <= 485
    assert all(b - a >= 30 for a, b in pairwise(placed))


def test_a_gap_is_hatched_and_not_drawn_over(qtbot: QtBot, look: Look) -> None:
    chart = chart_of(qtbot, look, samples.chart())
    without = picture(chart)
    hole = Gap(2000.0, 3000.0, "unplugged", "Monitor")
    chart.show_chart(samples.chart(version=2, gaps=(hole,)))
    assert picture(chart) != without


def test_the_plan_ahead_is_dashed_and_not_filled(qtbot: QtBot, look: Look) -> None:
    chart = chart_of(qtbot, look, samples.chart())
    places = chart.lanes.stage()
    assert places is not None
    now = places.x(samples.NOW_S)
    ahead = QRectF(now + 4, places.rate.top, places.right - now - 6, places.rate.height)
    before = QRectF(places.left + 60, places.rate.top, 100, places.rate.height)
    image = picture(chart)
    assert ink(image, DARK["infusion_lo"], before) > 500
    assert ink(image, DARK["infusion_lo"], ahead) == 0
    assert ink(image, DARK["plan"], ahead) > 20


def test_an_unknown_rate_is_not_drawn_as_nought(qtbot: QtBot, look: Look) -> None:
    spans = (RateSpan(0, 2000, 10.0), RateSpan(2000, 3000, None), RateSpan(3000, samples.NOW_S, 10.0))
    stopped = tuple(span if span.rate_ml_h else RateSpan(2000, 3000, 0.0) for span in spans)
    unknown = picture(chart_of(qtbot, look, samples.chart(rate=spans, version=8)))
    nought = picture(chart_of(qtbot, look, samples.chart(rate=stopped, version=9)))
    assert unknown != nought


def test_more_marks_than_room_are_counted(qtbot: QtBot, look: Look) -> None:
    marks = tuple(Mark(60.0 * n, "note", "plain", f"Note {n}") for n in range(40))
    few = picture(chart_of(qtbot, look, samples.chart(marks=marks[-12:], version=3)))
    assert picture(chart_of(qtbot, look, samples.chart(marks=marks, version=4))) != few


def test_a_frame_of_the_same_version_is_repainted_twice_a_second_at_most(qtbot: QtBot, look: Look) -> None:
    frame = samples.chart()
    chart = chart_of(qtbot, look, frame)
    chart.show_chart(msgspec.structs.replace(frame, now_s=frame.now_s + 0.1))
    assert chart.lanes.frame is frame
    later = msgspec.structs.replace(frame, now_s=frame.now_s + 0.6)
    chart.show_chart(later)
    assert chart.lanes.frame is later


def test_the_ground_is_painted_once_for_many_frames(qtbot: QtBot, look: Look) -> None:
    frame = samples.chart()
    chart = chart_of(qtbot, look, frame)
    picture(chart)
    kept = dict(chart.lanes._grounds)
    chart.show_chart(msgspec.structs.replace(frame, now_s=frame.now_s + 5, version=7))
    picture(chart)
    assert all(chart.lanes._grounds[key] is ground for key, ground in kept.items())


def test_dim_is_another_picture_and_dark_comes_back_the_same(qtbot: QtBot, look: Look) -> None:
    chart = chart_of(qtbot, look, samples.chart())
    dark = picture(chart)
    look.set_theme(DIM)
    assert picture(chart) != dark
    look.set_theme(DARK)
    assert picture(chart) == dark


def test_the_same_lanes_are_painted_on_paper(qtbot: QtBot) -> None:
    from PySide6.QtGui import QPainter

    from ui.widgets.lanes import paint_chart

    load_fonts()
    image = QImage(1600, 900, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    look = Look(PAPER, Metrics(200, on_paper=True), samples.LABELS)
    paint_chart(painter, look, QRectF(0, 0, 1600, 900), samples.chart(now_text=""))
    painter.end()
    assert ink(image, PAPER["infusion_lo"], QRectF(100, 600, 1400, 290)) > 1_000
    assert ink(image, QColor("black"), QRectF(0, 0, 1600, 900)) == 0


def test_a_chart_without_room_for_a_mark_counts_them_and_goes_on(qtbot: QtBot, look: Look) -> None:
    frame = samples.chart()
    assert frame.marks
    chart = chart_of(qtbot, look, frame)
    for width in range(60, 200, 7):
        chart.resize(width, 287)
        assert not picture(chart).isNull()


def test_marks_stay_left_of_now_and_what_has_no_room_is_counted(qtbot: QtBot, look: Look) -> None:
    frame = samples.chart()
    now = stage(look, frame).x(frame.now_s)
    marks = tuple(Mark(frame.now_s - 30.0 * n, "note", "plain", f"Note {n}") for n in range(30, 0, -1))
    chart = chart_of(qtbot, look, samples.chart(marks=marks, version=7))
    row = stage(look, frame).events
    ahead = QRectF(now + look.px(4.0), row.top + 2, 546 - now - look.px(12.0), row.height - 4)
    assert ink(picture(chart), look["raised"], ahead) == 0
