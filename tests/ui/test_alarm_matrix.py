"""The alarm bar in every pair of states: priority, acknowledged, how many, a sheet open, locked, dim, panel, sound."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.frames import AlarmRow, Priority
from app.messages import Acknowledge, PauseAudio, ResumeAudio
from tests.ui.frames_samples import calm_bar, sound_bar, strip
from tests.ui.window_samples import PANELS, Chair, shot
from ui.widgets.tile import Phase

AXES: dict[str, tuple[str, ...]] = {
    "priority": ("high", "medium", "low"),
    "acknowledged": ("no", "yes", "the first only"),
    "count": ("1", "2", "6"),
    "over it": ("nothing", "note", "effect.nausea", "emergency", "change_rate"),
    "entry": ("open", "locked"),
    "light": ("dark", "dim"),
    "panel": tuple(PANELS),
    "sound": ("off", "sounding", "paused", "none"),
}
Row = dict[str, str]


def pairwise(axes: dict[str, tuple[str, ...]]) -> Iterator[Row]:
    """Rows that hold every pair of values of every two axes; the one with most new pairs comes next."""
    left = {
        ((one, a), (two, b)) for one, two in combinations(axes, 2) for a, b in product(axes[one], axes[two])
    }
    rows = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    pairs = [(row, set(combinations(row.items(), 2))) for row in rows]
    while left:
        row, held = max(pairs, key=lambda one: len(one[1] & left))
        left -= held
        yield row


ROWS = list(pairwise(AXES))


def alarm_rows(row: Row) -> tuple[AlarmRow, ...]:
    """Highest first: the row's priority, then lower ones."""
    order: tuple[Priority, ...] = ("high", "medium", "low")
    first = order.index(row["priority"])
    priorities = [order[min(2, first + place // 2)] for place in range(int(row["count"]))]
    return tuple(
        AlarmRow(
            f"alarm.{place}",
            priority,
            f"SpO₂ 8{place} %, below 88",
            "Since 14:30:42. Airway, oxygen, call for help.",
            acknowledged=row["acknowledged"] == "yes"
            or (row["acknowledged"] == "the first only" and place == 0),
        )
        for place, priority in enumerate(priorities)
    )


@pytest.fixture(params=ROWS, ids=lambda row: " ".join(row.values()))
def row(request: pytest.FixtureRequest) -> Row:
    found: Row = request.param
    return found


@pytest.fixture
def chair(qtbot: QtBot, row: Row) -> Chair:
    """The window in this state, the blinking held."""
    chair = Chair(row["panel"])
    qtbot.addWidget(chair.window)
    chair.window.show()
    chair.show(shot())
    if row["light"] == "dim":
        chair.touch("dim")
    if row["over it"] != "nothing":
        chair.touch(row["over it"])
    alarms = sound_bar(row["sound"], rows=alarm_rows(row))
    chair.show(alarms=alarms, locked=row["entry"] == "locked")
    return chair


def picture(chair: Chair, phase: Phase = Phase()) -> QImage:  # noqa: B008
    bar = chair.window.top.bar
    bar.show_phase(phase)
    image: QImage = bar.grab().toImage()
    return image


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(0, image.width(), 4) for y in range(0, image.height(), 2)
    }


def test_the_pairs_are_all_there() -> None:
    held = {pair for one in ROWS for pair in combinations(one.items(), 2)}
    wanted = sum(len(AXES[one]) * len(AXES[two]) for one, two in combinations(AXES, 2))
    assert len(held) == wanted


def check_it_is_whole_on_top(chair: Chair, row: Row) -> None:
    """Nothing covers the bar, and it says the highest alarm."""
    bar, window = chair.window.top.bar, chair.window
    assert bar.isVisibleTo(window)
    place = QRect(bar.mapTo(window, QPoint(0, 0)), bar.size())
    for at in (place.center(), place.topLeft() + QPoint(9, 9), place.bottomRight() - QPoint(9, 9)):
        assert window.childAt(at) is bar
    assert bar.accessibleName() == alarm_rows(row)[0].text


def check_its_colours(chair: Chair, row: Row) -> None:
    """Its edge is of its priority; it is filled until it is acknowledged."""
    first, found = alarm_rows(row)[0], colours(picture(chair))
    look = chair.look
    assert QColor(look[f"alarm_{first.priority}_edge"]).name() in found
    middle = picture(chair).pixelColor(3 * look.mm(1.0), chair.window.top.bar.height() // 2)
    filled = middle.name() == QColor(look[f"alarm_{first.priority}"]).name()
    assert filled is not first.acknowledged


def check_it_blinks(chair: Chair, row: Row) -> None:
    """A high alarm until it is acknowledged, and no other."""
    first = alarm_rows(row)[0]
    blinks = first.priority == "high" and not first.acknowledged
    assert chair.window.top.bar.blinks() is blinks
    lit, dark = picture(chair), picture(chair, Phase(high=False, medium=False))
    assert (lit != dark) is blinks
    words = QColor(chair.look["text"]).name()
    assert not blinks or words in colours(dark)  # its words stay while its ground does not


def check_acknowledge(chair: Chair, row: Row) -> None:
    """It can be touched exactly while something is not acknowledged."""
    waits = any(not one.acknowledged for one in alarm_rows(row))
    target = chair.window.top.acknowledge
    assert target.isVisibleTo(chair.window) is waits
    if waits:
        chair.touch("acknowledge")
        assert isinstance(chair.acts[-1], Acknowledge)


def check_the_sound(chair: Chair, row: Row) -> None:
    """A pause can be touched while something sounds or is paused, and asks for the PIN first while locked."""
    target, sounds = chair.window.top.audio, row["sound"] in ("sounding", "paused")
    assert target.isVisibleTo(chair.window) is sounds
    lit = picture(chair)
    chair.show(alarms=sound_bar("sounding", rows=alarm_rows(row)))
    assert (picture(chair) == lit) is (
        row["sound"] == "sounding"
    )  # else the bell of the bar is struck through
    chair.show(alarms=sound_bar(row["sound"], rows=alarm_rows(row)))
    if sounds and row["entry"] == "open":
        chair.touch("audio_pause")
        assert chair.acts[-1] == (ResumeAudio() if row["sound"] == "paused" else PauseAudio())


def check_the_sheet(chair: Chair) -> None:
    """No alarm closes a sheet, none opens one."""
    before = chair.window.sheet
    chair.show(alarms=calm_bar())
    assert chair.window.sheet is before


def test_in_every_pair_of_states_the_bar_is_on_top_in_its_colours_and_can_be_acknowledged(
    chair: Chair, row: Row
) -> None:
    check_it_is_whole_on_top(chair, row)
    check_its_colours(chair, row)
    check_it_blinks(chair, row)
    check_acknowledge(chair, row)
    check_the_sound(chair, row)
    check_the_sheet(chair)


@pytest.mark.parametrize("priority", AXES["priority"])
@pytest.mark.parametrize("phase", ["check-in", "today"])
def test_on_a_screen_without_tiles_the_vital_signs_move_under_the_alarm(
    qtbot: QtBot, priority: str, phase: str
) -> None:
    chair = Chair()
    qtbot.addWidget(chair.window)
    chair.window.show()
    rows = (AlarmRow("a", priority, "Not saved since 14:30", "Write it on paper.", acknowledged=False),)  # type: ignore[arg-type]
    chair.show(shot(phase, alarms=msgspec.structs.replace(calm_bar(rows=rows), strip=strip())))
    found: QWidget = chair.window.top.strip
    assert found.isVisibleTo(chair.window)
    assert not found.geometry().intersects(chair.window.top.bar.geometry())
