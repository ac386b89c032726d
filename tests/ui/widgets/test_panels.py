"""Every target of every screen part on both reference panels: millimetres, gaps, words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import hypot

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui import frames_samples as samples
from ui.fonts import load_fonts
from ui.screens.chair import ChairScreen
from ui.theme import DARK, Look, Metrics
from ui.widgets.chips import Chips
from ui.widgets.keyboard import Keyboard
from ui.widgets.keypad import Keypad
from ui.widgets.target import Form, Role, Target
from ui.widgets.tile import Phase

PANELS = [(1280, 800, 125.0), (1920, 1080, 141.0)]
SHOTS = {
    "calm": samples.snapshot(),
    "undo": samples.snapshot(undo=samples.undo(10)),
    "alarm": samples.alarm_snapshot(),
    "locked": samples.snapshot(locked=True),
    "ready": samples.empty_snapshot(),
    "link down": samples.link_down_snapshot(),
}
CRITICAL = {"start", "pause", "resume", "end", "acknowledge", "give", "sign"}
EDGE_MM = 4.9

pytestmark = pytest.mark.parametrize(("width", "height", "ppi"), PANELS)


def screen_of(qtbot: QtBot, name: str, width: int, height: int, ppi: float) -> ChairScreen:
    """The chair screen in one of its states, its blinking stopped."""
    load_fonts()
    screen = ChairScreen(Look(DARK, Metrics(ppi), samples.LABELS))
    qtbot.addWidget(screen)
    screen.resize(width, height)
    screen.show()
    screen.show_snapshot(SHOTS[name])
    return screen


def shown(parent: QWidget) -> dict[str, tuple[Target, QRect]]:
    """Every visible target and its place in its window."""
    found = {}
    for target in parent.findChildren(Target):
        if target.isVisible():
            found[target.objectName()] = (target, QRect(target.mapTo(parent, QPoint(0, 0)), target.size()))
    return found


def gap_mm(look: Look, one: QRect, other: QRect) -> float:
    """The distance of two rectangles."""
    across = max(one.left() - other.right() - 1, other.left() - one.right() - 1, 0)
    down = max(one.top() - other.bottom() - 1, other.top() - one.bottom() - 1, 0)
    return look.metrics.in_mm(hypot(across, down))


def check_sizes(look: Look, targets: dict[str, tuple[Target, QRect]]) -> None:
    """Millimetres of each."""
    for name, (target, place) in targets.items():
        wide, tall = look.metrics.in_mm(place.width()), look.metrics.in_mm(place.height())
        assert min(wide, tall) >= 15.0, f"{name} is {wide:.1f} × {tall:.1f} mm"
        if name in CRITICAL or target.role is Role.CRITICAL:
            assert max(wide, tall) >= 20.0, f"{name} is {wide:.1f} × {tall:.1f} mm"


def check_gaps(look: Look, targets: dict[str, tuple[Target, QRect]]) -> None:
    """Gaps between each two, wider beside End."""
    for (one, (_t, place)), (other, (_u, next_place)) in combinations(targets.items(), 2):
        least = 8.0 if "end" in (one, other) else 3.0
        gap = gap_mm(look, place, next_place)
        assert gap >= least - 1e-6, f"{one} and {other} are {gap:.2f} mm apart"


@pytest.mark.parametrize("name", list(SHOTS))
def test_every_target_of_the_chair_is_large_enough(
    qtbot: QtBot, name: str, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, name, width, height, ppi)
    targets = shown(screen)
    assert len(targets) >= 10
    check_sizes(screen.look, targets)


@pytest.mark.parametrize("name", list(SHOTS))
def test_the_targets_of_the_chair_stand_apart(
    qtbot: QtBot, name: str, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, name, width, height, ppi)
    check_gaps(screen.look, shown(screen))


@pytest.mark.parametrize("name", list(SHOTS))
def test_every_target_of_the_chair_shows_its_words_whole(
    qtbot: QtBot, name: str, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, name, width, height, ppi)
    cut = [name for name, (target, _place) in shown(screen).items() if not target.fits()]
    assert cut == []


@pytest.mark.parametrize("name", list(SHOTS))
def test_no_target_of_the_chair_is_near_the_panels_edge(
    qtbot: QtBot, name: str, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, name, width, height, ppi)
    for name, (_target, place) in shown(screen).items():
        edges = (place.left(), width - place.right() - 1, height - place.bottom() - 1)
        assert screen.look.metrics.in_mm(min(edges)) >= EDGE_MM, name


def test_vital_digits_are_fourteen_millimetres_high(
    qtbot: QtBot, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, "calm", width, height, ppi)
    image = screen.body.tiles["spo2"].grab().toImage()
    colour = DARK["spo2"]
    head = screen.look.mm(7.5)
    rows = [
        y
        for y in range(head, image.height())
        if any(image.pixelColor(x, y) == colour for x in range(image.width()))
    ]
    assert screen.look.metrics.in_mm(rows[-1] - rows[0] + 1) >= 14.0


def test_a_high_alarm_fills_its_tile_and_keeps_its_edge_when_dark(
    qtbot: QtBot, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, "alarm", width, height, ppi)
    tile = screen.body.tiles["spo2"]
    middle, edge = QPoint(tile.width() - 12, tile.height() // 2), QPoint(1, tile.height() // 2)
    tile.show_phase(Phase(high=True))
    lit = tile.grab().toImage()
    tile.show_phase(Phase(high=False))
    dark = tile.grab().toImage()
    assert lit.pixelColor(middle) == DARK["alarm_high"]
    assert dark.pixelColor(middle) == DARK["panel"]
    assert lit.pixelColor(edge) == dark.pixelColor(edge) == DARK["alarm_high_edge"]


def test_a_blink_repaints_no_calm_tile(qtbot: QtBot, width: int, height: int, ppi: float) -> None:
    screen = screen_of(qtbot, "alarm", width, height, ppi)
    assert screen.body.tiles["spo2"].blinks()
    assert not screen.body.tiles["heart_rate"].blinks()


def test_an_acknowledged_alarm_stands_still(qtbot: QtBot, width: int, height: int, ppi: float) -> None:
    screen = screen_of(qtbot, "alarm", width, height, ppi)
    screen.show_snapshot(samples.alarm_snapshot(acknowledged=True))
    assert not screen.body.tiles["spo2"].blinks()
    assert not screen.top.blinks()


def opened(screen: ChairScreen) -> tuple[QWidget, list[Target]]:
    """A plain sheet with two targets under the tiles, open."""
    sheet = QWidget(screen.body)
    under = [
        Target(screen.look, "close", "Done", icon="check", form=Form.LEFT),
        Target(screen.look, "undo_here", "Undo 10 s", icon="undo", form=Form.LEFT),
    ]
    screen.body.open_sheet(sheet, under)
    return sheet, under


def test_a_sheet_leaves_top_and_tiles_alone(qtbot: QtBot, width: int, height: int, ppi: float) -> None:
    screen = screen_of(qtbot, "alarm", width, height, ppi)
    before = [tile.grab().toImage() for tile in screen.body.tiles.values() if tile.isVisible()]
    sheet, _under = opened(screen)
    covered = QRect(sheet.mapTo(screen, QPoint(0, 0)), sheet.size())
    assert covered.top() >= screen.top.height()
    for tile in screen.body.tiles.values():
        if tile.isVisible():
            assert not covered.intersects(QRect(tile.mapTo(screen, QPoint(0, 0)), tile.size()))
    assert [tile.grab().toImage() for tile in screen.body.tiles.values() if tile.isVisible()] == before


def test_what_stands_under_the_tiles_is_large_and_apart(
    qtbot: QtBot, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, "calm", width, height, ppi)
    opened(screen)
    targets = shown(screen)
    assert {"close", "undo_here"} <= set(targets)
    assert not any(name.startswith("effect.") for name in targets)
    check_sizes(screen.look, targets)
    check_gaps(screen.look, targets)
    assert all(target.fits() for target, _place in targets.values())


def test_the_bottom_row_is_back_after_a_sheet(qtbot: QtBot, width: int, height: int, ppi: float) -> None:
    screen = screen_of(qtbot, "calm", width, height, ppi)
    names = set(shown(screen))
    opened(screen)
    screen.body.end_sheet()
    assert set(shown(screen)) == names


@pytest.mark.parametrize("kind", ["keypad", "keyboard", "chips"])
def test_keys_are_large_and_apart(qtbot: QtBot, kind: str, width: int, height: int, ppi: float) -> None:
    load_fonts()
    look = Look(DARK, Metrics(ppi))
    makers: dict[str, Callable[[], QWidget]] = {
        "keypad": lambda: Keypad(look, "mL/h"),
        "keyboard": lambda: Keyboard(look, across=9),
        "chips": lambda: Chips(look, "pick", [(str(n), f"Reason {n}") for n in range(6)]),
    }
    pad = makers[kind]()
    qtbot.addWidget(pad)
    pad.resize(pad.sizeHint())
    pad.show()
    targets = shown(pad)
    assert len(targets) >= 5
    check_sizes(look, targets)
    check_gaps(look, targets)


def test_the_keyboard_fits_a_sheet_beside_the_tiles(
    qtbot: QtBot, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, "calm", width, height, ppi)
    sheet, _under = opened(screen)
    keyboard = Keyboard(screen.look, across=9, parent=sheet)
    assert keyboard.sizeHint().width() <= sheet.width() - 2 * screen.look.mm(3.0)
    assert keyboard.sizeHint().height() <= height * 0.54


def test_the_small_panel_has_no_lane_for_the_temperature(
    qtbot: QtBot, width: int, height: int, ppi: float
) -> None:
    screen = screen_of(qtbot, "calm", width, height, ppi)
    screen.show_snapshot(samples.snapshot(chart=samples.chart(lanes=samples.lanes(temp=True), version=9)))
    frame = screen.body.chart.lanes.frame
    assert frame is not None
    assert ("temp" in [lane.key for lane in frame.lanes]) is (width > 1280)
