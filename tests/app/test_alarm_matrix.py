"""Every alarm condition in every state: active, acknowledged, held, ended, two at once, locked, worse, eased."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from app.clinical.alarms import SEVERITY, Limit, limits_of
from app.clinical.vitals import NIBP, Vital
from app.entries import AlarmAcknowledged, AlarmCleared, AlarmRaised
from app.messages import Acknowledge, LinkState
from app.ports import Sounder
from tests.app.chair import Chair, catalog

USUAL = {
    "heart_rate": 75.0, "spo2": 97.0, "nibp_sys": 128.0, "nibp_dia": 76.0, "nibp_mean": 93.0,
    "resp_rate": 14.0, "etco2": 37.0, "temp": 36.6,
}  # fmt: skip
RATE_ML_H = 17.5


class Room:
    """A running infusion whose monitor and pump are heard each second, with what is wrong now."""

    def __init__(self, sounder: Sounder | None = None) -> None:
        self.chair = Chair(sounder=sounder).running()
        self.values: dict[str, float | None] = dict(USUAL)
        self.rate, self.alarm = RATE_ML_H, ""
        self.monitor = self.pump = True
        self.volume = 0.0
        self.go_on(8)

    def go_on(self, seconds: int) -> Room:
        for _ in range(seconds):
            self.chair.wait(1)
            self.volume += self.rate / 3600
            if self.monitor:
                self.chair.vitals(None, **self.values)
            if self.pump:
                self.chair.pump(self.rate, round(self.volume, 3), alarm=self.alarm or None)
        return self

    def row(self, key: str) -> tuple[str, bool] | None:
        """(priority, acknowledged) as the bar's frame says it; None where it does not stand."""
        found = [
            (row.priority, row.acknowledged) for row in self.chair.snapshot.alarms.rows if row.key == key
        ]
        assert len(found) <= 1, f"{key} stands twice"
        return found[0] if found else None

    def count(self, kind: type, key: str) -> int:
        return sum(getattr(body, "key", "") == key for body in self.chair.bodies(kind))


class Case(msgspec.Struct, frozen=True):
    """One condition: how it begins and ends, how long it takes, what it is called."""

    name: str
    key: str
    priority: str
    begin: Callable[[Room], None]
    end: Callable[[Room], None]
    takes_s: int = 1
    vital: str = ""


def beyond(limit: Limit) -> float:
    """A value that crosses this limit and no more severe one of its side, if there is one."""
    step = 1.0 if limit.vital is not Vital.TEMP else 0.1
    bound = float(limit.bound)
    if limit.inclusive:
        return bound
    return round(bound - step, 3)


def limit_cases() -> Iterator[Case]:
    """Each absolute limit of each vital sign, as the table has it."""
    for vital, row in catalog().alarm_limits.items():
        if vital is Vital.PULSE_RATE:
            continue  # where both come there is one rate alarm: told of the heart rate
        for limit in limits_of(row):
            value = beyond(limit)
            worst = max(
                (one for one in limits_of(row) if one.direction == limit.direction and one.crossed_by(value)),
                key=lambda one: (SEVERITY[one.priority], one.delay_s),
            )
            name = "rate" if vital is Vital.HEART_RATE else vital.value
            yield Case(
                f"{vital.value} {limit.words}",
                f"{name}:{limit.direction}",
                worst.priority,
                lambda room, v=vital, x=value: reach(room, v, x),  # type: ignore[misc]
                lambda room, v=vital: reach(room, v, USUAL[v]),  # type: ignore[misc]
                int(worst.delay_s) + 2,
                vital.value,
            )


def pressure_of(vital: Vital, value: float) -> dict[str, float]:
    """A pressure that can be, with this value: the others are usual ones as far as their order lets them."""
    sys, dia, mean = (USUAL[one] for one in NIBP)
    if vital is Vital.NIBP_SYS:
        sys, mean, dia = value, min(mean, value - 1), min(dia, value - 2)
    elif vital is Vital.NIBP_DIA:
        dia, mean, sys = value, max(mean, value), max(sys, value + 1)
    else:
        mean, dia, sys = value, min(dia, value), max(sys, value)
    return dict(zip(NIBP, (sys, dia, mean), strict=True))


def reach(room: Room, vital: Vital, value: float) -> None:
    """To this value in steps that are believed, a second each."""
    if vital in NIBP:
        room.values.update(pressure_of(vital, value))
        return
    jump = catalog().alarm_limits[vital].jump
    while jump is not None and abs(value - (now := room.values[vital] or value)) > jump.over:
        room.values[vital] = now + (jump.over if value > now else -jump.over)
        room.go_on(1)
    room.values[vital] = value


def put(room: Room, name: str, value: object) -> None:
    setattr(room, name, value)


def calm(room: Room) -> None:
    """The pump runs as ordered and has no alarm."""
    room.rate, room.alarm = RATE_ML_H, ""


def lose(room: Room, device: str) -> None:
    setattr(room, device, False)
    room.chair.link(device, LinkState.DOWN, "Check the cable.")


def find(room: Room, device: str) -> None:
    setattr(room, device, True)
    room.chair.link(device, LinkState.LIVE)


def fail(room: Room) -> None:
    room.chair.hear(room.chair.store.failed(room.chair.now))


def save(room: Room) -> None:
    room.chair.hear(room.chair.store.saved(room.chair.now))


TECHNICAL = (
    Case("monitor lost", "link.monitor", "medium", lambda r: lose(r, "monitor"), lambda r: find(r, "monitor")),
    Case("pump lost", "link.pump", "medium", lambda r: lose(r, "pump"), lambda r: find(r, "pump")),
    Case(
        "sensor off", "missing.spo2", "low",
        lambda r: r.values.update(spo2=None), lambda r: r.values.update(spo2=97.0), 7,
    ),
    Case("pump above the order", "pump.rate", "medium", lambda r: put(r, "rate", 20.0), calm),
    Case("pump below the order", "pump.rate", "low", lambda r: put(r, "rate", 10.0), calm),
    Case("pump's alarm", "pump.AL_LWBAT", "medium", lambda r: put(r, "alarm", "AL_LWBAT"), calm),
    Case("disk", "storage", "medium", fail, save),
)  # fmt: skip

CASES = (*limit_cases(), *TECHNICAL)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def raised(case: Case) -> Room:
    room = Room()
    assert room.chair.alarms() == []
    case.begin(room)
    return room.go_on(case.takes_s)


@every_case
def test_it_stands_on_the_bar_with_its_priority_and_is_written_once(case: Case) -> None:
    room = raised(case).go_on(10)
    assert room.row(case.key) == (case.priority, False)
    assert (
        room.count(AlarmRaised, case.key) - 1 == 0 or case.vital
    )  # a limit may pass through a lesser one first
    last = [body for body in room.chair.bodies(AlarmRaised) if getattr(body, "key", "") == case.key][-1]
    assert isinstance(last, AlarmRaised)
    assert last.priority == case.priority
    assert room.count(AlarmCleared, case.key) == 0


@every_case
def test_acknowledged_it_stays_as_it_is_until_it_ends_and_begins_anew(case: Case) -> None:
    room = raised(case)
    assert room.chair.tap(Acknowledge()).state == "taken"
    assert room.count(AlarmAcknowledged, case.key) == 1
    room.go_on(20)
    assert room.row(case.key) == (case.priority, True)
    case.end(room)
    room.go_on(3)
    assert room.row(case.key) is None
    case.begin(room)
    room.go_on(case.takes_s)
    assert room.row(case.key) == (case.priority, False)


@every_case
def test_it_ends_with_its_condition_and_that_is_written(case: Case) -> None:
    room = raised(case)
    case.end(room)
    room.go_on(3)
    assert room.row(case.key) is None
    assert room.count(AlarmCleared, case.key) == 1


@every_case
def test_locked_it_is_raised_stands_and_can_be_acknowledged(case: Case) -> None:
    room = Room()
    room.chair.engine.lock("a test")
    case.begin(room)
    room.go_on(case.takes_s)
    assert room.chair.snapshot.locked
    assert room.row(case.key) == (case.priority, False)
    answer = room.chair.tap(Acknowledge())
    assert room.row(case.key) == (case.priority, answer.state == "taken")


def shares_a_value(one: Case, other: Case) -> bool:
    """Whether both are of one value, or one of them takes the other's value away."""
    if one.key == other.key or (one.vital and one.vital == other.vital):
        return True
    if {one.name, other.name} == {"pump lost", "pump's alarm"}:
        return True
    off, lost = ("sensor off" in (one.name, other.name)), ("monitor lost" in (one.name, other.name))
    return (off and "spo2" in (one.vital, other.vital)) or (lost and (off or bool(one.vital or other.vital)))


OTHERS = (TECHNICAL[0], TECHNICAL[2], TECHNICAL[5], CASES[0])
PAIRS = [(one, other) for one in CASES for other in OTHERS if not shares_a_value(one, other)]


@pytest.mark.parametrize(("case", "other"), PAIRS, ids=lambda case: case.name)
def test_two_at_once_both_stand_the_more_severe_first_and_each_is_acknowledged_alone(
    case: Case, other: Case
) -> None:
    room = raised(case)
    other.begin(room)
    room.go_on(other.takes_s)
    assert room.row(case.key) == (case.priority, False)
    assert room.row(other.key) == (other.priority, False)
    severities = [SEVERITY[row.priority] for row in room.chair.snapshot.alarms.rows]
    assert severities == sorted(severities, reverse=True)
    room.chair.tap(Acknowledge((case.key,)))
    assert room.row(case.key) == (case.priority, True)
    assert room.row(other.key) == (other.priority, False)


@pytest.mark.parametrize("case", [case for case in CASES if case.vital], ids=lambda case: case.name)
@pytest.mark.parametrize("acknowledged", [False, True], ids=["active", "acknowledged"])
def test_a_monitor_that_is_lost_holds_what_stood_and_tells_it_as_past(case: Case, acknowledged: bool) -> None:
    room = raised(case)
    if acknowledged:
        room.chair.tap(Acknowledge())
    lose(room, "monitor")
    room.go_on(int(catalog().alarm_limits[Vital(case.vital)].stale_after_s) + 65)
    assert room.row(case.key) == (case.priority, acknowledged)
    (text,) = [row.text for row in room.chair.snapshot.alarms.rows if row.key == case.key]
    assert " was " in text


@pytest.mark.parametrize("case", [case for case in CASES if case.vital], ids=lambda case: case.name)
def test_its_tile_carries_it_for_as_long_as_its_value_is_live(case: Case) -> None:
    room = raised(case)
    key = "nibp" if case.vital.startswith("nibp") else case.vital
    mark = next(tile.alarm for tile in room.chair.snapshot.tiles if tile.key == key)
    assert mark is not None
    assert (mark.priority, mark.acknowledged) == (case.priority, False)


def test_what_was_acknowledged_and_becomes_worse_is_not_acknowledged() -> None:
    room = Room()
    room.values["spo2"] = 90.0
    room.go_on(17)
    room.chair.tap(Acknowledge())
    room.values["spo2"] = 79.0
    room.go_on(2)
    assert room.row("spo2:low") == ("high", False)


def test_what_eases_stays_acknowledged() -> None:
    room = Room()
    room.values["spo2"] = 79.0
    room.go_on(2)
    room.chair.tap(Acknowledge())
    room.values["spo2"] = 90.0
    for _ in range(20):
        room.go_on(1)
        assert room.row("spo2:low") == ("medium", True)
