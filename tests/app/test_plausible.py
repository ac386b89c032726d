"""What is believed of a monitor's numbers: jumps that no body makes, and pressures in their order."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from app.catalog_checks import cross_check
from app.clinical.rows import Jump
from app.clinical.vitals import NIBP, VITALS, Vital
from app.instant import Instant
from app.plausible import IMPLAUSIBLE, Plausible
from app.readings import Reading
from tests.app.chair import Chair, catalog

NOON = Instant(datetime(2026, 3, 2, 12, tzinfo=UTC), 1000.0)

JUMPING = tuple(vital for vital, row in catalog().alarm_limits.items() if row.jump is not None)
each = pytest.mark.parametrize("vital", JUMPING)


class Monitor:
    """One vital sign, one reading after another."""

    def __init__(self, vital: Vital) -> None:
        self.vital, self.judge = vital, Plausible(catalog().alarm_limits)

    @property
    def jump(self) -> Jump:
        found = catalog().alarm_limits[self.vital].jump
        assert found is not None
        return found

    def says(self, at_s: float, value: float | None) -> float | None:
        return self.judge.judged(NOON.plus(at_s), [Reading(self.vital, value)])[0].value

    def usual(self) -> float:
        """A value from which a jump up or down stays within what is possible."""
        low, high = catalog().alarm_limits[self.vital].possible_range
        return high if high - low < 2 * self.jump.over else low + 1


def beyond(monitor: Monitor, by: float = 0.1) -> float:
    """Just further from the usual value than the table lets through."""
    usual = monitor.usual()
    _, high = catalog().alarm_limits[monitor.vital].possible_range
    return usual + (monitor.jump.over + by) * (1 if usual + monitor.jump.over + by <= high else -1)


@each
def test_a_jump_is_not_believed_and_says_what_the_monitor_says(vital: Vital) -> None:
    monitor = Monitor(vital)
    assert monitor.says(0, monitor.usual()) == monitor.usual()
    value = beyond(monitor)
    reading = monitor.judge.judged(NOON.plus(1), [Reading(vital, value)])[0]
    assert (reading.value, reading.why_missing) == (None, f"jump to {VITALS[vital].text(value)}")


@each
def test_a_change_as_large_as_the_table_allows_is_believed_at_once(vital: Vital) -> None:
    monitor = Monitor(vital)
    monitor.says(0, monitor.usual())
    value = beyond(monitor, by=0.0)
    assert monitor.says(1, value) == value


@each
def test_what_stays_is_believed_at_the_end_of_the_wait_and_not_before(vital: Vital) -> None:
    monitor = Monitor(vital)
    monitor.says(0, monitor.usual())
    value = beyond(monitor)
    assert monitor.says(1, value) is None
    assert monitor.says(1 + monitor.jump.stays_s - 0.1, value) is None
    assert monitor.says(1 + monitor.jump.stays_s, value) == value


@each
def test_a_value_like_those_before_is_believed_at_once_and_the_wait_begins_anew(vital: Vital) -> None:
    monitor = Monitor(vital)
    monitor.says(0, monitor.usual())
    value = beyond(monitor)
    assert monitor.says(1, value) is None
    assert monitor.says(2, monitor.usual()) == monitor.usual()
    assert monitor.says(1 + monitor.jump.stays_s, value) is None


@each
def test_a_value_long_after_the_last_one_is_no_jump(vital: Vital) -> None:
    monitor = Monitor(vital)
    monitor.says(0, monitor.usual())
    within_s = monitor.jump.within_s
    assert monitor.says(within_s + 0.1, beyond(monitor)) == beyond(monitor)


@each
def test_a_value_at_the_end_of_that_time_still_is(vital: Vital) -> None:
    monitor = Monitor(vital)
    monitor.says(0, monitor.usual())
    assert monitor.says(monitor.jump.within_s, beyond(monitor)) is None


def test_values_that_jump_about_are_never_believed() -> None:
    monitor = Monitor(Vital.HEART_RATE)
    monitor.says(0, 72)
    for second in range(1, 120):
        assert monitor.says(second, 200 if second % 2 else 340) is None


def test_no_value_between_does_not_make_a_jump_believable() -> None:
    monitor = Monitor(Vital.SPO2)
    monitor.says(0, 97)
    assert monitor.says(1, None) is None
    assert monitor.says(2, 55) is None


def test_another_monitors_first_value_is_no_jump() -> None:
    monitor = Monitor(Vital.HEART_RATE)
    monitor.says(0, 60)
    monitor.judge.forget()
    assert monitor.says(1, 200) == 200


@pytest.mark.parametrize(
    ("sys", "dia", "mean"),
    [(80, 120, 93), (100, 100, 100), (120, 80, 121), (120, 80, 79), (120, None, 130), (None, 80, 70)],
)
def test_a_pressure_whose_ends_are_turned_or_whose_mean_lies_outside_is_none(
    sys: float | None, dia: float | None, mean: float | None
) -> None:
    frame = [Reading(vital, value) for vital, value in zip(NIBP, (sys, dia, mean), strict=True)]
    judged = Plausible(catalog().alarm_limits).judged(NOON.plus(0), [Reading(Vital.SPO2, 97.0), *frame])
    assert judged[0].value == 97.0
    assert [one.value for one in judged[1:]] == [None, None, None]
    assert {one.why_missing for one, was in zip(judged[1:], frame, strict=True) if was.value} == {IMPLAUSIBLE}


def test_a_pressure_without_its_mean_is_believed() -> None:
    frame = [Reading(Vital.NIBP_SYS, 120.0), Reading(Vital.NIBP_DIA, 80.0)]
    assert Plausible(catalog().alarm_limits).judged(NOON.plus(0), frame) == frame


def test_a_jump_is_drawn_as_a_gap_with_what_the_monitor_says_and_raises_no_alarm_of_its_own() -> None:
    chair = Chair().running()
    chair.vitals(spo2=97.0)
    chair.vitals(spo2=60.0)
    tile = next(tile for tile in chair.snapshot.tiles if tile.key == "spo2")
    assert (tile.text, tile.corner, tile.state) == ("--", "jump to 60", "missing")
    assert [row for row in chair.snapshot.alarms.rows if "SpO" in row.text] == []


def test_a_desaturation_that_stays_is_shown_and_alarms_when_its_wait_is_over() -> None:
    chair = Chair().running()
    chair.vitals(spo2=97.0)
    jump = catalog().alarm_limits[Vital.SPO2].jump
    assert jump is not None
    for _ in range(int(jump.stays_s) + 1):
        chair.wait(1)
        chair.vitals(spo2=60.0)
    tile = next(tile for tile in chair.snapshot.tiles if tile.key == "spo2")
    assert tile.text == "60"
    assert any("SpO" in row.text for row in chair.snapshot.alarms.rows)


@pytest.mark.parametrize("name", ["over", "within_s", "stays_s"])
def test_a_table_whose_jump_has_a_zero_is_refused_by_its_name(name: str) -> None:
    tables = catalog()
    row = tables.alarm_limits[Vital.SPO2]
    assert row.jump is not None
    wrong = msgspec.structs.replace(row, jump=msgspec.structs.replace(row.jump, **{name: 0}))
    changed = msgspec.structs.replace(tables, alarm_limits={**tables.alarm_limits, Vital.SPO2: wrong})
    assert f"alarm_limits.toml: parameter[spo2].jump.{name} = 0: it is not above 0" in cross_check(changed)
