"""The rule of age for every vital sign at each of its boundaries, with the tables' own numbers, up to tile and lane."""

from __future__ import annotations

import numpy as np
import pytest

from app.clinical.vitals import NIBP, Vital
from app.live import LiveVitals
from app.readings import Reading
from tests.app.chair import START, Chair, catalog

STALE_AFTER_S = {vital: row.stale_after_s for vital, row in catalog().alarm_limits.items()}
JUST_S = 0.125
TILE_KEYS = {Vital.NIBP_SYS: "nibp", Vital.NIBP_DIA: "nibp", Vital.NIBP_MEAN: "nibp"}

every_vital = pytest.mark.parametrize("vital", list(Vital))
moment = pytest.mark.parametrize("off_s", [-JUST_S, 0.0, JUST_S], ids=["just below", "exactly", "just above"])


def value_of(vital: Vital) -> float:
    """A value between all its limits."""
    row = catalog().alarm_limits[vital]
    return (row.medium_below + (row.medium_from or row.possible_range[1])) / 2


def heard_every(vital: Vital, period_s: float | None) -> tuple[LiveVitals, float]:
    """A vital sign that came once, or six times at this pace; and the second of its last value."""
    live = LiveVitals(STALE_AFTER_S)
    times = [0.0] if period_s is None else [number * period_s for number in range(6)]
    for second in times:
        live.heard(START.plus(second), Reading(vital, value_of(vital)))
    return live, times[-1]


@every_vital
@moment
@pytest.mark.parametrize("pace", ["once", "each second", "slow"])
def test_a_value_greys_out_at_the_larger_of_its_time_and_twice_its_period(
    vital: Vital, off_s: float, pace: str
) -> None:
    table_s = STALE_AFTER_S[vital]
    period_s = {"once": None, "each second": 1.0, "slow": table_s}[pace]
    live, last_s = heard_every(vital, period_s)
    grey_s = 2 * table_s if pace == "slow" else table_s
    shown = live.shown(vital, START.plus(last_s + grey_s + off_s))
    assert shown.state == ("stale" if off_s > 0 else "live")
    assert shown.value == value_of(vital)


@every_vital
@moment
@pytest.mark.parametrize("pace", ["once", "slow"])
def test_a_value_is_gone_at_the_larger_of_a_minute_and_twice_that_but_a_pressure_keeps_its_number(
    vital: Vital, off_s: float, pace: str
) -> None:
    table_s = STALE_AFTER_S[vital]
    live, last_s = heard_every(vital, table_s if pace == "slow" else None)
    gone_s = max(60.0, 2 * (2 * table_s if pace == "slow" else table_s))
    shown = live.shown(vital, START.plus(last_s + gone_s + off_s))
    if vital in NIBP or off_s <= 0:
        assert (shown.state, shown.value) == ("stale", value_of(vital))
    else:
        assert (shown.state, shown.value, shown.why) == ("missing", None, "no data")


@every_vital
@moment
def test_what_is_not_live_is_judged_by_no_limit_and_stored_as_no_value(vital: Vital, off_s: float) -> None:
    live, last_s = heard_every(vital, None)
    now = START.plus(last_s + STALE_AFTER_S[vital] + off_s)
    assert (live.live_values(now)[vital] is None) is (off_s > 0)


@every_vital
def test_the_tile_and_the_sample_say_of_an_old_value_what_the_rule_says(vital: Vital) -> None:
    chair = Chair().running()
    low = value_of(vital)
    values = {"nibp_sys": 120.0, "nibp_dia": 72.0, "nibp_mean": 88.0} if vital in NIBP else {vital.value: low}
    chair.vitals(None, **values)
    key, table_s = TILE_KEYS.get(vital, vital.value), STALE_AFTER_S[vital]
    assert chair.tile(key)[1] == "live"
    chair.flow(table_s + 6, 17.5, 0.0)
    assert chair.tile(key)[1] == "stale"
    assert vital.value not in chair.store.samples[-1].vitals
    chair.flow(max(60.0, 2 * table_s), 17.5, 0.1)
    text, state = chair.tile(key)
    assert (state == "stale" and text != "--") if vital in NIBP else (text, state) == ("--", "missing")


@pytest.mark.parametrize(
    "vital", [vital for vital in Vital if vital not in NIBP and vital is not Vital.PULSE_RATE]
)
def test_a_value_that_stops_leaves_no_line_in_its_lane(vital: Vital) -> None:
    chair = Chair().running()
    for _ in range(20):
        chair.wait(1)
        chair.vitals(None, **{vital.value: value_of(vital)})
    last_s = chair.engine.trends.second(chair.now)
    chair.flow(120, 17.5, 0.0)
    for _ in range(20):  # another sign goes on: the lanes' time does too
        chair.wait(1)
        chair.vitals(
            None, **{"temp" if vital is not Vital.TEMP else "spo2": 37.0 if vital is not Vital.TEMP else 97.0}
        )
    chart = chair.snapshot.chart
    assert chart is not None
    lane = next(lane for lane in chart.lanes if lane.key == vital.value)
    after = lane.at_s > last_s + 5
    assert after.any()
    assert np.isnan(lane.low[after]).all()
    assert np.isnan(lane.high[after]).all()


def test_a_pressure_is_a_bar_at_its_own_time_and_never_drawn_on() -> None:
    chair = Chair().running()
    chair.vitals(nibp_sys=120.0, nibp_dia=72.0, nibp_mean=88.0)
    chair.flow(900, 17.5, 0.0, every_s=5)
    chart = chair.snapshot.chart
    assert chart is not None
    lane = next(lane for lane in chart.lanes if lane.key == "nibp")
    assert (lane.kind, len(lane.at_s)) == ("bars", 1)


# ---------------------------------------------------------------- what cannot be, and two sources


@every_vital
@pytest.mark.parametrize("end", [0, 1], ids=["lowest", "highest"])
def test_the_ends_of_what_is_possible_are_values_and_just_beyond_is_none(vital: Vital, end: int) -> None:
    bound = catalog().alarm_limits[vital].possible_range[end]
    for beyond, value in ((False, bound), (True, bound + (0.1 if end else -0.1))):
        chair = Chair().running()
        chair.vitals(None, **{vital.value: value})
        shown = chair.engine.vitals.shown(vital, chair.now)
        assert (shown.value, shown.why) == ((None, "implausible") if beyond else (value, ""))


@every_vital
def test_what_cannot_be_takes_the_place_of_the_value_before_at_once(vital: Vital) -> None:
    chair = Chair().running()
    chair.vitals(None, **{vital.value: value_of(vital)})
    chair.vitals(None, **{vital.value: catalog().alarm_limits[vital].possible_range[1] + 1})
    assert chair.engine.vitals.shown(vital, chair.now).state == "missing"
    assert chair.engine.vitals.live_values(chair.now)[vital] is None


def test_heart_rate_and_pulse_rate_are_two_tiles_and_one_alarm() -> None:
    chair = Chair().running()
    for _ in range(15):
        chair.wait(1)
        chair.vitals(heart_rate=130.0, pulse_rate=70.0)
        chair.pump(17.5, 0.1)
    assert (chair.tile("heart_rate")[0], chair.tile("pulse_rate")[0]) == ("130", "70")
    assert chair.alarms() == ["rate:high"]


def test_a_value_that_was_held_up_on_its_way_never_takes_the_place_of_a_newer_one() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0, spo2=97.0)
    chair.wait(2)
    chair.vitals(chair.now.plus(-1.0), heart_rate=78.0)
    chair.vitals(chair.now.plus(-10.0), heart_rate=40.0)  # held up on its way: older than what is shown
    assert chair.tile("heart_rate") == ("78", "live")
