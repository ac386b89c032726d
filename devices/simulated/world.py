"""The outside of a demonstration or a rehearsal: a patient, a monitor and a pump that act on each other.

The pump's flow times the concentration in its syringe reaches the patient; the monitor sees the patient.
Everything may be called from any thread.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol

from app.instant import Instant
from app.ports import BenchPump, PumpPanel
from app.refusals import Refused
from devices.bytelog import ByteLog
from devices.simulated.alaris_pump import STORMY, PumpFaults, SimulatedAlarisPump
from devices.simulated.ge_monitor import SimulatedGeMonitor
from devices.simulated.patient import OTHER_NAMES, Patient
from devices.simulated.syringe_pump import SyringePump
from devices.simulated.table import simulation
from devices.transport import PipeTransport

STEP_S = 1.0
NEAR_END_S, EMPTY_S = 240.0, 20.0


class SimulatedDevice(Protocol):
    """What hangs at a simulated port."""

    unplugged: bool

    def receive(self, data: bytes) -> None: ...

    def take(self) -> bytes: ...


class SimulatedPort:
    """One device's port in this process: the peer of a PipeTransport, or of a served line."""

    def __init__(self, name: str, device: SimulatedDevice, world: World) -> None:
        self.name = name
        self._device = device
        self._world = world
        self._plugged = True

    @property
    def plugged(self) -> bool:
        """Whether the adapter is in; while it is not, the port does not exist."""
        return self._plugged

    def plug(self, plugged: bool) -> None:
        """Pull the adapter out of the computer, or put it in."""
        with self._world.lock:
            self._plugged = plugged
            self._device.take()

    def exchange(self, sent: bytes, now: Instant) -> bytes:
        """Give these bytes to the device and take what it sent, with the world moved to this moment."""
        with self._world.lock:
            if sent:
                self._device.receive(sent)
            self._world.step(now)
            return self._device.take()

    def transport(self, log: ByteLog | None = None) -> PipeTransport:
        """The transport for a link in this process."""
        return PipeTransport(self.name, self, lambda: self.plugged, log)


class Bench:
    """The front of the pump for a person: app.ports.BenchPump."""

    def __init__(self, pump: SyringePump, lock: threading.RLock) -> None:
        self._pump = pump
        self._lock = lock

    def display(self) -> PumpPanel:
        """What the pump shows."""
        with self._lock:
            return self._pump.display()

    def set_rate(self, rate_ml_h: float) -> None:
        """Key in a rate; raises Refused."""
        with self._lock:
            self._pump.set_rate(rate_ml_h)

    def key(self, name: str) -> None:
        """Press start, hold, clear_volume, confirm_syringe or silence; raises Refused."""
        with self._lock:
            self._pump.key(name)


class World:
    """The world by name: app.ports.World. Unknown names are refused; `EVENTS` lists what can happen.

    `step` may be given any times; backwards it does nothing. Both ports' exchanges step it as well, so a live
    application needs no other clockwork.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        weight_kg: float = 70.0,
        age_y: float = 45.0,
        concentration_mg_ml: float | None = None,
        syringe_ml: float = 50.0,
        confirmed: bool = True,
        serial: str = "8002-51733",
        faults: PumpFaults | None = None,
        needs_remote: bool = False,
    ) -> None:
        self.lock = threading.RLock()
        self.concentration_mg_ml = concentration_mg_ml or simulation().pump.concentration_mg_ml
        self.patient = Patient(seed, weight_kg, age_y)
        self._next_seed = seed + 1
        self._age_y = age_y
        self.monitor = SimulatedGeMonitor(self.patient, seed)
        self._syringe_pump = SyringePump(syringe_ml, confirmed)
        self.pump = SimulatedAlarisPump(self._syringe_pump, serial, faults, seed, needs_remote)
        self.bench: BenchPump = Bench(self._syringe_pump, self.lock)
        self.monitor_port = SimulatedPort("simulated monitor", self.monitor, self)
        self.pump_port = SimulatedPort("simulated pump", self.pump, self)
        self._last: Instant | None = None
        self._seen_ml = 0.0
        self._events = self._all_events()

    # ------------------------------------------------------------------ time

    def step(self, now: Instant) -> None:
        """Move everything to this moment, a second at a time at most."""
        with self.lock:
            last = self._last
            if last is not None and now.since(last) < 0:
                return
            while last is not None and now.since(last) > STEP_S:
                last = last.plus(STEP_S)
                self._advance(last)
            self._advance(now)
            self._last = now

    def _advance(self, now: Instant) -> None:
        self.pump.step(now.steady)
        self._infuse()
        self.patient.step(now.steady)
        self.monitor.step(now)

    def _infuse(self) -> None:
        """What left the pump since the last time reaches the patient."""
        flowed_ml, self._seen_ml = (
            self._syringe_pump.delivered_ml - self._seen_ml,
            self._syringe_pump.delivered_ml,
        )
        if flowed_ml > 0:
            self.patient.give("ketamine", flowed_ml * self.concentration_mg_ml)

    def pass_over(self, now: Instant) -> None:
        """Monitor and pump were switched off until this moment: nothing happens meanwhile."""
        with self.lock:
            self._infuse()
            self._syringe_pump.power_reset()
            self.monitor.restart()
            self._last = now

    # ------------------------------------------------------------------ what happens, by name

    @property
    def events(self) -> tuple[str, ...]:
        """The names that `event` knows."""
        return tuple(self._events)

    def event(self, name: str) -> None:
        """Something happens; raises Refused for a name that is not among `events`."""
        if name not in self._events:
            raise Refused("event", f"nothing here is called {name}; there are {', '.join(self._events)}")
        with self.lock:
            self._events[name]()

    def set(self, name: str, value: float) -> None:
        """A vital sign goes to a value and stays, or a quantity of the world changes; raises Refused."""
        with self.lock:
            if name in ("clock_skew_s", "bit_errors", "concentration_mg_ml"):
                self._set_quantity(name, value)
            else:
                self.patient.set(name, value)

    def release(self, name: str) -> None:
        """A vital sign that was set goes back to nature; raises Refused."""
        with self.lock:
            self.patient.release(name)

    def give(self, drug: str, mg: float) -> None:
        """A single dose of a drug; raises Refused for one that the simulation does not know."""
        with self.lock:
            self.patient.give(drug, mg)

    def oxygen(self, flow_l_min: float) -> None:
        """Oxygen flows at this rate from now on; raises Refused."""
        with self.lock:
            self.patient.oxygen(flow_l_min)

    def seat(self, weight_kg: float) -> None:
        """Another patient at the same monitor and pump, with no drug in the body yet and no oxygen."""
        with self.lock:
            self._infuse()
            self.patient = Patient(self._next_seed, weight_kg, self._age_y)
            self._next_seed += 1
            self.monitor.connect(self.patient)

    def new_syringe(
        self,
        left_ml: float,
        size_ml: int | None = None,
        brand: str | None = None,
        concentration_mg_ml: float | None = None,
    ) -> None:
        """Another syringe into the pump, to be confirmed at the pump; raises Refused."""
        with self.lock:
            self._syringe_pump.load_syringe(left_ml, size_ml, brand)
            self._infuse()
            if concentration_mg_ml is not None:
                self._set_quantity("concentration_mg_ml", concentration_mg_ml)

    # ------------------------------------------------------------------ the pump, by the same words

    def pump_display(self) -> PumpPanel:
        """What the front of the pump shows."""
        return self.bench.display()

    def set_pump_rate(self, rate_ml_h: float) -> None:
        """Key in a rate; raises Refused."""
        self.bench.set_rate(rate_ml_h)

    def pump_key(self, name: str) -> None:
        """Press a key of the pump; raises Refused."""
        self.bench.key(name)

    # ------------------------------------------------------------------ inside

    def _set_quantity(self, name: str, value: float) -> None:
        lowest = {"clock_skew_s": -1e9, "bit_errors": 0.0, "concentration_mg_ml": 0.01}[name]
        highest = {"clock_skew_s": 1e9, "bit_errors": 1.0, "concentration_mg_ml": 100.0}[name]
        if not (math.isfinite(value) and lowest <= value <= highest):
            raise Refused(name, f"{value:g} is outside what can be simulated ({lowest:g} to {highest:g})")
        if name == "concentration_mg_ml":
            self.concentration_mg_ml = value
        elif name == "clock_skew_s":
            self.monitor.skew_s = value
        else:
            self.monitor.bit_errors = value

    def _all_events(self) -> dict[str, Callable[[], None]]:
        return self._monitor_events() | self._pump_events() | self._releases()

    def _monitor_events(self) -> dict[str, Callable[[], None]]:
        events: dict[str, Callable[[], None]] = {
            "nibp": self.monitor.cuff.measure,
            "monitor_restart": self.monitor.restart,
            "unplug_monitor": partial(self.monitor_port.plug, False),
            "plug_monitor": partial(self.monitor_port.plug, True),
            "monitor_cable_out": partial(setattr, self.monitor, "unplugged", True),
            "monitor_cable_in": partial(setattr, self.monitor, "unplugged", False),
        }
        for name, on_again in SENSORS.items():
            events[name] = partial(setattr, self.monitor, name, True)
            events[on_again] = partial(setattr, self.monitor, name, False)
        return events

    def _pump_events(self) -> dict[str, Callable[[], None]]:
        pump = self._syringe_pump
        return {
            "unplug_pump": partial(self.pump_port.plug, False),
            "plug_pump": partial(self.pump_port.plug, True),
            "pump_cable_out": partial(setattr, self.pump, "unplugged", True),
            "pump_cable_in": partial(setattr, self.pump, "unplugged", False),
            "pump_line_stormy": partial(setattr, self.pump, "faults", STORMY),
            "pump_line_calm": partial(setattr, self.pump, "faults", PumpFaults()),
            "occlusion": pump.occlude,
            "clear_occlusion": pump.clear_occlusion,
            "syringe_near_end": partial(pump.leave_for, NEAR_END_S),
            "syringe_empty": partial(pump.leave_for, EMPTY_S),
            "new_syringe": partial(self.new_syringe, float(simulation().pump.syringe_size_ml)),
            "remove_syringe": pump.remove_syringe,
            "low_battery": pump.low_battery,
            "power_reset": pump.power_reset,
        }

    def _releases(self) -> dict[str, Callable[[], None]]:
        names = (*(row.id for row in simulation().sign), *OTHER_NAMES)
        return {f"release_{name}": partial(self.release, name) for name in names}


SENSORS: dict[Literal["spo2_sensor_off", "ecg_lead_off", "co2_off", "temp_off"], str] = {
    "spo2_sensor_off": "spo2_sensor_on",
    "ecg_lead_off": "ecg_lead_on",
    "co2_off": "co2_on",
    "temp_off": "temp_on",
}
