"""What is out of order: limits, sensors, links, the pump against the order; each stays while it lasts."""

from __future__ import annotations

import pytest

from app.entries import AlarmRaised
from app.messages import AskPump, LinkState
from devices.pumps.alaris import UNNAMED_ALARM
from tests.app.chair import Chair


def listen(chair: Chair, seconds: int, **values: float | None) -> None:
    """The monitor and the pump are heard each second."""
    for _ in range(seconds):
        chair.wait(1)
        chair.vitals(None, **values)
        frame = chair.engine.pump.frame
        assert frame is not None
        chair.pump(frame.rate_ml_h, frame.volume_ml)


def test_a_limit_crossed_for_its_delay_raises_an_alarm() -> None:
    chair = Chair().running()
    listen(chair, 10, heart_rate=125.0)
    assert "rate:high" not in chair.alarms()
    listen(chair, 2, heart_rate=125.0)
    assert "rate:high" in chair.alarms()


def test_before_the_infusion_limits_are_not_judged() -> None:
    chair = Chair().ready()
    for _ in range(30):
        chair.wait(1)
        chair.vitals(heart_rate=150.0)
    assert chair.alarms() == []


def test_in_recovery_limits_are_judged() -> None:
    chair = Chair().running()
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.0)
    listen(chair, 12, heart_rate=125.0)
    assert "rate:high" in chair.alarms()


def test_a_sensor_that_is_off_for_five_seconds_is_a_low_alarm() -> None:
    chair = Chair().running()
    listen(chair, 2, spo2=97.0)
    listen(chair, 5, spo2=None)
    assert chair.alarms() == []
    listen(chair, 1, spo2=None)
    assert chair.alarms() == ["missing.spo2"]


def test_a_sensor_that_was_never_on_is_no_alarm() -> None:
    chair = Chair().running()
    listen(chair, 30, heart_rate=70.0, etco2=None)
    assert chair.alarms() == []


def test_a_disconnected_monitor_is_one_alarm_and_no_sensor_doubles_it() -> None:
    chair = Chair().running()
    listen(chair, 5, heart_rate=70.0, spo2=97.0, resp_rate=14.0, etco2=36.0)
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    volume = 0.0
    for _ in range(120):
        chair.wait(1)
        chair.pump(17.5, volume)
    assert chair.alarms() == ["link.monitor"]
    raised = [body.key for body in chair.bodies(AlarmRaised) if isinstance(body, AlarmRaised)]
    assert raised == ["link.monitor"]


def test_a_disconnected_monitor_leaves_no_number_on_its_tiles() -> None:
    chair = Chair().running()
    listen(chair, 5, heart_rate=70.0)
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    chair.wait(61)
    assert chair.tile("heart_rate") == ("--", "missing")


def test_the_notice_of_a_link_says_since_when_and_what_to_do() -> None:
    chair = Chair().running()
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    (row,) = [row for row in chair.snapshot.alarms.rows if row.key == "link.monitor"]
    assert row.text.startswith("Monitor: no data since 14:00")
    assert "Check the cable." in row.detail


def test_a_pressure_that_is_old_is_a_low_alarm_with_its_age() -> None:
    chair = Chair().running()
    chair.vitals(nibp_sys=120.0, nibp_dia=80.0, nibp_mean=93.0)
    chair.flow(430, 17.5, 0.0)
    (row,) = (one for one in chair.snapshot.alarms.rows if one.key == "stale.nibp")
    assert (row.key, row.priority, row.text) == ("stale.nibp", "low", "NIBP 7 min old")


def test_the_planned_time_over_is_said_and_stays_said_since_it_was_over() -> None:
    chair = Chair().running()
    chair.flow(2430, 17.5, 0.0, every_s=5)
    row = next(row for row in chair.engine.board.rows if row.condition.key == "plan.over")
    assert chair.now.since(row.condition.since) == pytest.approx(30, abs=6)


@pytest.mark.parametrize(("rate", "priority"), [(20.0, "medium"), (10.0, "low")])
def test_a_rate_above_the_order_weighs_more_than_one_below(rate: float, priority: str) -> None:
    chair = Chair().running()
    chair.wait(1)
    chair.pump(rate, 0.1)
    (row,) = chair.snapshot.alarms.rows
    assert (row.key, row.priority) == ("pump.rate", priority)
    assert row.text == f"Pump {rate:g}, ordered 17.5 mL/h"


def test_a_pump_alarm_is_told_in_words() -> None:
    chair = Chair().running()
    chair.pump(0.0, 0.1, alarm="AL_OCCLU")
    (row,) = chair.snapshot.alarms.rows
    assert row.text == "Pump: occlusion"


def test_a_pump_alarm_whose_kind_is_not_read_yet_is_an_alarm_of_the_pump() -> None:
    chair = Chair().running()
    chair.pump(0.0, 0.1, alarm=UNNAMED_ALARM)
    (row,) = chair.snapshot.alarms.rows
    assert (row.text, row.priority) == ("Pump: alarm", "medium")


def test_a_pump_alarm_that_nobody_knows_is_shown_as_it_came() -> None:
    chair = Chair().running()
    chair.pump(0.0, 0.1, alarm="AL_XYZ")
    (row,) = chair.snapshot.alarms.rows
    assert row.text == "Pump alarm AL_XYZ"


def test_after_the_session_nothing_stands() -> None:
    chair = Chair().running()
    chair.pump(0.0, 0.1, alarm="AL_OCCLU")
    chair.tap(AskPump("end"))
    chair.leave()
    chair.wait(1)
    assert chair.alarms() == []
