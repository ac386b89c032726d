"""Clocks that are set, summer time both ways, midnight, a sleep and another zone: order and elapsed time hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.entries import ClockJumped, EffectNoted, Resumed
from app.instant import Instant
from app.messages import NoteEffect
from tests.app.chair import Chair
from tests.fakes import check_in_acts

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")
EFFECTS = ("nausea", "headache", "anxiety", "nausea", "headache", "anxiety")
BETWEEN_S = 120.0
SLEEP_S = 600.0

Turn = Callable[[Chair], float]


class AnyDay(Chair):
    """A chair whose check-in is answered as of its own day."""

    def checked_in(self) -> Chair:
        for act in check_in_acts(self.now):
            assert self.tap(act).state == "taken"
        return self


def at(year: int, month: int, day: int, hour: int, minute: int) -> Instant:
    return Instant(datetime(year, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC), 5000.0)


def nothing(_chair: Chair) -> float:
    return 0.0


def set_by(by_s: float) -> Turn:
    def turn(chair: Chair) -> float:
        chair.now = Instant(chair.now.utc + timedelta(seconds=by_s), chair.now.steady)
        chair.engine.tick(chair.now)
        return 0.0

    return turn


def sleep(chair: Chair) -> float:
    chair.wait(SLEEP_S, step_s=SLEEP_S)
    return SLEEP_S


def travel(chair: Chair) -> float:
    chair.engine.zone = AUCKLAND
    return 0.0


NOON = at(2026, 11, 22, 12, 0)
TURNS: dict[str, tuple[Instant, Turn]] = {
    "an hour forward": (NOON, set_by(3600.0)),
    "an hour back": (NOON, set_by(-3600.0)),
    "a day back": (NOON, set_by(-86_400.0)),
    "summer time begins": (at(2026, 3, 29, 1, 55), nothing),
    "summer time ends": (at(2026, 10, 25, 2, 55), nothing),
    "midnight": (at(2026, 11, 22, 23, 55), nothing),
    "new year": (at(2026, 12, 31, 23, 55), nothing),
    "a sleep": (NOON, sleep),
    "another zone": (NOON, travel),
}
every_turn = pytest.mark.parametrize("name", TURNS)


def through(name: str) -> tuple[Chair, float]:
    """An infusion in whose middle the clock turns; the chair, and the seconds that passed since its start."""
    start, turn = TURNS[name]
    chair = AnyDay(now=start)
    chair.engine.zone = BERLIN
    chair.running()
    began = chair.session.infusion.started
    assert began is not None
    passed_s = chair.now.since(began)
    for number, effect in enumerate(EFFECTS):
        if number == len(EFFECTS) // 2:
            passed_s += turn(chair)
        assert chair.tap(NoteEffect(effect, 1 + number % 3)).state == "taken"
        chair.flow(BETWEEN_S, 17.5, round(passed_s * 17.5 / 3600, 3), every_s=2.0)
        passed_s += BETWEEN_S
    return chair, passed_s


def noted(chair: Chair) -> list[str]:
    bodies = (entry.body for entry in chair.session.entries)
    return [body.effect for body in bodies if isinstance(body, EffectNoted)]


@every_turn
def test_no_entry_changes_its_place_on_disk_on_the_screen_or_after_a_restart(name: str) -> None:
    chair, _ = through(name)
    written = [entry.body.effect for entry in chair.store.entries if isinstance(entry.body, EffectNoted)]
    assert written == noted(chair) == list(EFFECTS)
    steady = [entry.at.steady for entry in chair.session.entries]
    assert steady == sorted(steady)
    again = chair.restarted(after_s=3)
    assert noted(again) == list(EFFECTS)
    lines = {line.entry: place for place, line in enumerate(again.snapshot.log)}
    shown = [lines[entry.uuid] for entry in again.session.entries if isinstance(entry.body, EffectNoted)]
    assert shown == sorted(shown, reverse=True)


@every_turn
def test_the_time_that_passed_is_right_to_a_second_and_after_a_restart_too(name: str) -> None:
    chair, passed_s = through(name)
    assert chair.session.infusion.running_s(chair.now) == pytest.approx(passed_s, abs=1)
    again = chair.restarted(after_s=3)
    assert again.session.infusion.running_s(again.now) == pytest.approx(passed_s + 3, abs=1)


@every_turn
def test_samples_follow_each_other_without_one_before_its_time(name: str) -> None:
    chair, _ = through(name)
    steady = [sample.steady for sample in chair.store.samples]
    assert steady == sorted(steady)
    assert [sample.number for sample in chair.store.samples] == list(range(1, len(steady) + 1))


@every_turn
def test_a_clock_that_was_set_and_a_sleep_are_marked_and_nothing_else_is(name: str) -> None:
    chair, _ = through(name)
    by_s = {"an hour forward": 3600.0, "an hour back": -3600.0, "a day back": -86_400.0}.get(name)
    assert chair.bodies(ClockJumped) == ([] if by_s is None else [ClockJumped(by_s)])
    assert chair.bodies(Resumed) == ([Resumed(SLEEP_S)] if name == "a sleep" else [])
    chart = chair.snapshot.chart
    assert chart is not None
    gaps = [(gap.icon, gap.end_s - gap.start_s) for gap in chart.gaps]
    assert gaps == ([("clock", SLEEP_S)] if name == "a sleep" else [])


@pytest.mark.parametrize(
    ("name", "clocks"),
    [
        ("summer time begins", ["01:55", "01:57", "01:59", "03:01", "03:03", "03:05"]),
        ("summer time ends", ["02:55", "02:57", "02:59", "02:01", "02:03", "02:05"]),
        ("midnight", ["23:55", "23:57", "23:59", "00:01", "00:03", "00:05"]),
    ],
)
def test_the_screen_tells_each_entry_in_the_local_time_it_had(name: str, clocks: list[str]) -> None:
    chair, _ = through(name)
    uuids = [entry.uuid for entry in chair.session.entries if isinstance(entry.body, EffectNoted)]
    told = {line.entry: line.at[:5] for line in chair.snapshot.log}
    assert [told[uuid] for uuid in uuids] == clocks


@pytest.mark.parametrize(
    ("name", "hour"), [("summer time begins", "03:00"), ("summer time ends", "02:00"), ("midnight", "00:00")]
)
def test_the_axis_tells_each_moment_by_its_local_time_and_once(name: str, hour: str) -> None:
    chair, _ = through(name)
    chart = chair.snapshot.chart
    assert chart is not None
    seconds = [second for second, _ in chart.ticks]
    assert seconds == sorted(set(seconds))
    begin = chair.engine.trends.start.utc
    local = [f"{(begin + timedelta(seconds=s)).astimezone(BERLIN):%H:%M}" for s in seconds]
    assert [text for _, text in chart.ticks] == local
    assert hour in local


def test_after_a_sleep_no_value_is_live_until_the_monitor_is_heard_again() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0, spo2=97.0)
    sleep(chair)
    assert chair.tile("heart_rate") == ("--", "missing")
    chair.vitals(heart_rate=81.0)
    assert chair.tile("heart_rate") == ("81", "live")


def test_after_a_sleep_the_infusion_is_unknown_until_the_pump_is_read() -> None:
    chair = Chair().running()
    chair.flow(10, 17.5, 0.0)
    sleep(chair)
    assert "pump.unknown" in chair.alarms()
    chair.pump(17.5, round(610 * 17.5 / 3600, 3))
    assert "pump.unknown" not in chair.alarms()
