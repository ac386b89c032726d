"""The simulated world: couplings, events by name, ports that vanish, with the real drivers and links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app import ports
from app.clinical.vitals import Vital
from app.instant import Instant
from app.messages import LinkChanged, LinkState, PumpRead, VitalsRead
from app.readings import PumpMode
from app.refusals import Refused
from devices.link import Link, Message
from devices.monitors.ge_dri import GeDri
from devices.pumps.alaris import Alaris
from devices.simulated.patient import OTHER_NAMES
from devices.simulated.table import simulation
from devices.simulated.world import World
from devices.transport import TransportError

START = Instant(datetime(2026, 11, 22, 9, 30, tzinfo=UTC), 500.0)


class Room:
    """A world with a link to each device, stepped together as a rehearsal does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = START
        self.posted: list[Message] = []
        self.monitor = Link("monitor", GeDri, world.monitor_port.transport(), self.posted.append)
        self.pump = Link("pump", Alaris, world.pump_port.transport(), self.posted.append)
        self._step()

    def _step(self) -> None:
        self.world.step(self.now)
        self.monitor.step(self.now)
        self.pump.step(self.now)

    def pass_time(self, seconds: float, dt_s: float = 0.5) -> Room:
        for _ in range(round(seconds / dt_s)):
            self.now = self.now.plus(dt_s)
            self._step()
        return self

    def vital(self, vital: Vital) -> tuple[float | None, str | None]:
        """The newest reading."""
        frame = next(message.frame for message in reversed(self.posted) if isinstance(message, VitalsRead))
        (reading,) = [one for one in frame.readings if one.vital is vital]
        return reading.value, reading.why_missing

    def pump_frame(self) -> PumpRead:
        return next(message for message in reversed(self.posted) if isinstance(message, PumpRead))

    def link_state(self, device: str) -> LinkState:
        return next(
            message.state
            for message in reversed(self.posted)
            if isinstance(message, LinkChanged) and message.device == device
        )


def pumping(rate_ml_h: float = 17.5, seed: int = 1, concentration_mg_ml: float = 2.0) -> World:
    world = World(seed, concentration_mg_ml=concentration_mg_ml)
    world.step(START)
    world.set_pump_rate(rate_ml_h)
    world.pump_key("start")
    return world


def test_it_is_the_world_and_its_pump_the_bench_that_the_core_asks_for() -> None:
    world: ports.World = World()
    bench: ports.BenchPump = world.bench
    assert bench.display().confirmed


@pytest.mark.parametrize("dt_s", [0.1, 1.0, 3600.0])
def test_what_leaves_the_syringe_times_its_concentration_reaches_the_patient(dt_s: float) -> None:
    world = pumping(17.5)
    for number in range(1, round(3600 / dt_s) + 1):
        world.step(START.plus(number * dt_s))
    assert world.patient.given_mg("ketamine") == pytest.approx(35.0)
    assert world.pump_display().volume_ml == pytest.approx(17.5)


def test_an_infusion_at_the_pump_raises_the_heart_rate_at_the_monitor() -> None:
    quiet, infused = Room(World(5)), Room(pumping(35.0, seed=5))
    for room in (quiet, infused):
        room.pass_time(2400, dt_s=1.0)
    before, after = quiet.vital(Vital.HEART_RATE)[0], infused.vital(Vital.HEART_RATE)[0]
    assert before is not None
    assert after is not None
    assert after > before + 8


def test_the_same_seed_and_the_same_hour_give_the_same_messages() -> None:
    def played() -> list[Message]:
        world = pumping(seed=11)
        world.event("pump_line_stormy")
        world.set("bit_errors", 0.0005)
        room = Room(world).pass_time(300)
        world.event("spo2_sensor_off")
        return room.pass_time(300).posted

    assert played() == played()


def test_a_set_value_is_on_the_monitor_in_a_few_seconds() -> None:
    room = Room(World())
    room.world.set("spo2", 86.0)
    room.world.set("heart_rate", 130.0)
    room.pass_time(10)
    assert room.vital(Vital.SPO2) == (86.0, None)
    assert room.vital(Vital.HEART_RATE) == (130.0, None)
    room.world.event("release_spo2")
    room.pass_time(20)
    assert (room.vital(Vital.SPO2)[0] or 0.0) > 93


@pytest.mark.parametrize(
    ("off", "on", "vital", "why"),
    [
        ("spo2_sensor_off", "spo2_sensor_on", Vital.SPO2, "probe off"),
        ("ecg_lead_off", "ecg_lead_on", Vital.HEART_RATE, "lead off"),
        ("temp_off", "temp_on", Vital.TEMP, "probe off"),
        ("co2_off", "co2_on", Vital.ETCO2, "not measuring"),
    ],
)
def test_a_sensor_goes_off_and_on(off: str, on: str, vital: Vital, why: str) -> None:
    room = Room(World())
    room.world.event(off)
    assert room.pass_time(2).vital(vital) == (None, why)
    room.world.event(on)
    assert room.pass_time(2).vital(vital)[0] is not None


@pytest.mark.parametrize("device", ["monitor", "pump"])
def test_an_adapter_that_is_pulled_out_takes_its_port_away_until_it_is_back(device: str) -> None:
    room = Room(pumping()).pass_time(5)
    room.world.event(f"unplug_{device}")
    assert room.pass_time(5).link_state(device) is LinkState.DOWN
    room.world.event(f"plug_{device}")
    assert room.pass_time(15).link_state(device) is LinkState.LIVE


@pytest.mark.parametrize("device", ["monitor", "pump"])
def test_a_cable_that_is_pulled_out_is_silence_at_an_open_port(device: str) -> None:
    room = Room(pumping()).pass_time(5)
    room.world.event(f"{device}_cable_out")
    assert room.pass_time(20).link_state(device) is LinkState.SILENT
    room.world.event(f"{device}_cable_in")
    assert room.pass_time(20).link_state(device) is LinkState.LIVE


def test_an_unplugged_port_can_neither_be_opened_nor_read() -> None:
    world = World()
    transport = world.monitor_port.transport()
    transport.open(START)
    world.event("unplug_monitor")
    with pytest.raises(TransportError):
        transport.read(START)
    with pytest.raises(TransportError):
        transport.open(START)


def test_the_pump_pumps_on_while_nobody_reads_it() -> None:
    room = Room(pumping(36.0)).pass_time(5)
    room.world.event("unplug_pump")
    room.pass_time(1800, dt_s=5.0)
    room.world.event("plug_pump")
    frame = room.pass_time(15).pump_frame().frame
    assert frame.volume_ml == pytest.approx(18.2, abs=0.05)


def test_after_a_restart_the_monitor_is_asked_again() -> None:
    room = Room(World()).pass_time(5)
    room.world.event("monitor_restart")
    count = len(room.posted)
    room.pass_time(8)
    assert len([one for one in room.posted[count:] if isinstance(one, VitalsRead)]) == 0
    room.pass_time(10)
    assert len([one for one in room.posted[count:] if isinstance(one, VitalsRead)]) > 3


def test_an_occlusion_reaches_the_screen_and_not_the_patient() -> None:
    room = Room(pumping(36.0))
    room.world.event("occlusion")
    frame = room.pass_time(60).pump_frame().frame
    assert (frame.mode, frame.alarm) == (PumpMode.HELD, "AL_OCCLU")
    assert room.world.patient.given_mg("ketamine") == 0.0
    room.world.event("clear_occlusion")
    room.world.pump_key("start")
    frame = room.pass_time(10).pump_frame().frame
    assert (frame.mode, frame.alarm) == (PumpMode.RUNNING, None)
    assert room.world.patient.given_mg("ketamine") == pytest.approx(2 * room.world.pump_display().volume_ml)


def test_the_syringe_warns_runs_empty_and_another_goes_on() -> None:
    room = Room(pumping(36.0))
    room.world.event("syringe_empty")
    assert room.pass_time(5).pump_frame().frame.alarm == "AL_NEOIN"
    assert room.pass_time(30).pump_frame().frame.alarm == "AL_EOIST"
    room.world.event("new_syringe")
    frame = room.pass_time(10).pump_frame().frame
    assert frame.syringe is not None
    assert not frame.syringe.confirmed
    room.world.pump_key("confirm_syringe")
    room.world.pump_key("start")
    frame = room.pass_time(10).pump_frame().frame
    assert (frame.mode, frame.alarm) == (PumpMode.RUNNING, None)


def test_a_new_syringe_may_hold_another_concentration() -> None:
    world = pumping(36.0)
    world.step(START.plus(100))
    world.new_syringe(20.0, 20, concentration_mg_ml=10.0)
    world.pump_key("confirm_syringe")
    world.pump_key("start")
    world.step(START.plus(200))
    assert world.patient.given_mg("ketamine") == pytest.approx(1.0 * 2 + 1.0 * 10)


def test_a_syringe_that_is_taken_out_is_seen_as_none() -> None:
    room = Room(pumping())
    room.world.event("remove_syringe")
    frame = room.pass_time(10).pump_frame().frame
    assert (frame.syringe, frame.alarm) == (None, "AL_DRDIS")


def test_drugs_and_oxygen_reach_the_patient() -> None:
    world = World()
    world.step(START)
    world.give("midazolam", 2.0)
    world.oxygen(3.0)
    assert world.patient.given_mg("midazolam") == 2.0
    with pytest.raises(Refused):
        world.oxygen(-1.0)


@pytest.mark.parametrize("name", ["earthquake", "", "spo2_sensor_offf", "__class__"])
def test_an_event_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        World().event(name)


@pytest.mark.parametrize(
    ("name", "value"), [("bit_errors", 2.0), ("concentration_mg_ml", 0.0), ("clock_skew_s", float("nan"))]
)
def test_a_quantity_that_cannot_be_is_refused(name: str, value: float) -> None:
    with pytest.raises(Refused):
        World().set(name, value)


def test_every_event_can_happen_and_leaves_a_world_that_goes_on() -> None:
    world = pumping()
    for number, name in enumerate(world.events, 1):
        world.event(name)
        world.step(START.plus(float(number)))
    assert world.patient.signs.hr > 0


def test_every_sign_can_be_released_by_name() -> None:
    names = {row.id for row in simulation().sign} | set(OTHER_NAMES)
    assert {f"release_{name}" for name in names} <= set(World().events)


def test_the_monitors_clock_can_be_wrong_and_the_worlds_is_not() -> None:
    room = Room(World())
    room.world.set("clock_skew_s", -7200.0)
    room.pass_time(2)
    last = next(message for message in reversed(room.posted) if isinstance(message, VitalsRead))
    assert last.frame.device_time is not None
    assert (last.at.utc - last.frame.device_time).total_seconds() == pytest.approx(7200, abs=1)


def test_a_step_backwards_changes_nothing() -> None:
    world = pumping(36.0)
    world.step(START.plus(100))
    before = world.pump_display()
    world.step(START.plus(50))
    world.step(START.plus(100))
    assert world.pump_display() == before


def test_another_patient_sits_down_with_nothing_in_the_body() -> None:
    room = Room(World(7))
    room.world.give("midazolam", 5.0)
    room.world.set("spo2", 80.0)
    room.pass_time(60)
    room.world.seat(82.0)
    room.pass_time(60)
    assert room.world.patient.given_mg("midazolam") == 0
    spo2, _why = room.vital(Vital.SPO2)
    assert spo2 is not None
    assert spo2 > 90


def test_a_sign_of_the_next_patient_goes_back_to_nature_by_its_event() -> None:
    room = Room(World(7))
    room.world.seat(82.0)
    room.world.set("spo2", 80.0)
    room.pass_time(60)
    room.world.event("release_spo2")
    room.pass_time(60)
    spo2, _why = room.vital(Vital.SPO2)
    assert spo2 is not None
    assert spo2 > 90


def test_after_a_night_the_pump_is_on_hold_and_has_forgotten_rate_and_volume() -> None:
    room = Room(World(7))
    room.world.bench.set_rate(20.0)
    room.world.bench.key("start")
    room.pass_time(360)
    room.now = room.now.plus(54_000.0)
    given_mg = room.world.patient.given_mg("ketamine")
    room.world.pass_over(room.now)
    front = room.world.bench.display()
    assert (front.running, front.rate_set_ml_h, front.volume_ml, front.confirmed) == (False, 0.0, 0.0, False)
    assert room.world.patient.given_mg("ketamine") == given_mg
