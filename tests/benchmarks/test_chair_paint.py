"""How fast the chair screen paints eight six-hour trends, against plain pyqtgraph in the same run.

Times are of the processor, so that a busy neighbour does not count; painting to an image is on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median, quantiles
from time import process_time

import msgspec
import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.frames import ChartFrame, Lane, Snapshot
from tests.ui.frames_samples import LABELS, chart, snapshot
from ui.fonts import load_fonts
from ui.screens.chair import ChairScreen
from ui.theme import DARK, Look, Metrics

POINTS = 21_600
SIX_HOURS_S = 6 * 3600.0
ROUNDS = 30
COLOURS = ("hr", "spo2", "nibp", "rr", "etco2", "temp", "infusion", "text")

pytestmark = pytest.mark.benchmark


def values(seed: int) -> np.ndarray:
    """A noisy vital sign, a value a second for six hours."""
    random = np.random.default_rng(seed)
    at = np.arange(POINTS)
    return 80 + 12 * np.sin(at / 900 + seed) + random.normal(0, 3, POINTS)


def six_hour_frame(version: int) -> ChartFrame:
    """Eight lanes of 21,600 buckets each, another value at the end of every version."""
    at = np.arange(POINTS, dtype=np.float64)
    lanes = []
    for number, colour in enumerate(COLOURS):
        shown = values(number)
        shown[-1] += version
        key = ("heart_rate", "other")[number > 0]
        lanes.append(
            Lane(
                key,
                colour,
                colour,
                "line",
                at,
                shown - 1,
                shown + 1,
                ((50.0, "50"), (110.0, "110")),
                (40, 120),
            )
        )
    return chart(
        start_s=0.0, end_s=SIX_HOURS_S * 1.2, now_s=SIX_HOURS_S, lanes=tuple(lanes), version=version, ticks=()
    )


def painted(widget: QWidget, image: QImage) -> None:
    """Paints a widget and all in it, as the screen would."""
    QWidget.render(widget, image)


def plain_pyqtgraph(width: int, height: int) -> tuple[QWidget, Callable[[int], None]]:
    """Eight plain plots with full arrays at pen width 2."""
    view = pg.GraphicsLayoutWidget()
    view.resize(width, height)
    at = np.arange(POINTS, dtype=np.float64)
    curves, arrays = [], [values(number) for number in range(len(COLOURS))]
    for number, colour in enumerate(COLOURS):
        plot = view.addPlot(row=number, col=0)
        curves.append(plot.plot(at, arrays[number], pen=pg.mkPen(DARK[colour], width=2)))
    view.show()

    def change(version: int) -> None:
        for curve, array in zip(curves, arrays, strict=True):
            array[-1] += version
            curve.setData(at, array)

    return view, change


def chair(width: int, height: int, ppi: float) -> tuple[ChairScreen, list[Snapshot]]:
    """The chair screen and the snapshots that it will be shown, made beforehand."""
    screen = ChairScreen(Look(DARK, Metrics(ppi), LABELS))
    screen.resize(width, height)
    screen.show()
    shots = [
        msgspec.structs.replace(snapshot(), chart=six_hour_frame(version)) for version in range(1, ROUNDS + 3)
    ]
    return screen, shots


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("width", "height", "ppi", "p95_ms"), [(1280, 800, 125.0, 16.0), (1920, 1080, 141.0, 25.0)]
)
def test_eight_six_hour_trends_paint_in_an_eighth_of_plain_pyqtgraph_and_within_a_frame(
    qtbot: QtBot,
    width: int,
    height: int,
    ppi: float,
    p95_ms: float,
    record_property: Callable[[str, object], None],
) -> None:
    load_fonts()
    screen, shots = chair(width, height, ppi)
    qtbot.addWidget(screen)
    plain, change = plain_pyqtgraph(width, height)
    qtbot.addWidget(plain)
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    for shot in shots[:2]:
        screen.show_snapshot(shot)
        painted(screen, image)
    change(1)
    painted(plain, image)
    ours: list[float] = []
    theirs: list[float] = []
    for number, shot in enumerate(shots[2:]):
        began = process_time()
        screen.show_snapshot(shot)
        painted(screen, image)
        ours.append(process_time() - began)
        if number % 5 == 0:
            began = process_time()
            change(number)
            painted(plain, image)
            theirs.append(process_time() - began)
    ratio = median(ours) / median(theirs)
    p95 = quantiles(ours, n=20)[-1] * 1000
    figures = f"median {median(ours) * 1000:.1f} ms, p95 {p95:.1f} ms, plain {median(theirs) * 1000:.0f} ms"
    record_property("figures", figures)
    print(f"\nchair {width}x{height}: {figures}, ratio 1/{1 / ratio:.1f}")
    assert ratio <= 1 / 8, figures
    assert p95 <= p95_ms, figures
