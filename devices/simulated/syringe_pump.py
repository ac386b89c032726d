"""The mechanics and the front of a simulated syringe pump: keys, flow, pressure, alarms. No bytes here."""

from __future__ import annotations

import math

from app.ports import PumpPanel
from app.refusals import Refused
from devices.simulated.table import PumpRow, simulation

# The pump names one alarm at a time: the first of these that it has.
ALARMS = ("AL_OCCLU", "AL_EOIST", "AL_DRDIS", "AL_SYRCO", "AL_EMBAT", "AL_NEOIN", "AL_LWBAT", "AL_ACDIS")
NO_ALARM = "AL_NOALM"


class SyringeInPump:
    """A syringe in the drive: what it is, what is left, and whether somebody confirmed it."""

    def __init__(self, brand: str, size_ml: int, left_ml: float) -> None:
        self.brand = brand
        self.size_ml = size_ml
        self.left_ml = left_ml
        self.confirmed = False


class SyringePump:
    """The pump as a person beside it knows it. `step` moves time; keys raise Refused where a pump would beep.

    `volume_ml` is the pump's own counter, `delivered_ml` what really reached the patient since the pump was
    made: an occlusion keeps them apart until it is cleared.
    """

    def __init__(self, syringe_ml: float = 50.0, confirmed: bool = True) -> None:
        self._row: PumpRow = simulation().pump
        self.rate_set_ml_h = self.volume_ml = self.delivered_ml = 0.0
        self.pressure_mmhg = self._row.pressure_rest_mmhg
        self.running = self.occluded = False
        self.log_id = 214700
        self.syringe: SyringeInPump | None = None
        self._alarms: set[str] = set()
        self._trapped_ml = 0.0
        self._near_end_told = False
        self._stepped_s: float | None = None
        self.load_syringe(left_ml=syringe_ml)
        if confirmed:
            self.key("confirm_syringe")

    # ------------------------------------------------------------------ what it shows

    @property
    def alarm(self) -> str:
        """The word of its foremost alarm, AL_NOALM without one."""
        return next((word for word in ALARMS if word in self._alarms), NO_ALARM)

    @property
    def rate_now_ml_h(self) -> float:
        """The rate at which the plunger moves."""
        return self.rate_set_ml_h if self.running else 0.0

    @property
    def rate_highest_ml_h(self) -> float:
        """The highest rate for the syringe that is fitted, or for the largest without one."""
        rates = self._row.rate_highest_ml_h
        return rates[self.syringe.size_ml] if self.syringe else max(rates.values())

    @property
    def time_left_s(self) -> float:
        """Until the syringe is empty at the set rate; infinite without a rate."""
        left_ml = self.syringe.left_ml if self.syringe else 0.0
        return left_ml / self.rate_set_ml_h * 3600 if self.rate_set_ml_h else math.inf

    def display(self) -> PumpPanel:
        """What the front of the pump shows."""
        syringe = self.syringe
        return PumpPanel(
            rate_set_ml_h=self.rate_set_ml_h,
            running=self.running,
            volume_ml=self.volume_ml,
            syringe_left_ml=syringe.left_ml if syringe else 0.0,
            syringe_size_ml=float(syringe.size_ml) if syringe else 0.0,
            confirmed=bool(syringe and syringe.confirmed),
            alarm="" if self.alarm == NO_ALARM else self.alarm,
        )

    # ------------------------------------------------------------------ the person at the pump

    def set_rate(self, rate_ml_h: float) -> None:
        """Key in a rate; while the pump runs it flows at once. Refused: finer than 0.1 ml/h, out of range."""
        lowest, highest = self._row.rate_lowest_ml_h, self.rate_highest_ml_h
        if not (math.isfinite(rate_ml_h) and lowest <= rate_ml_h <= highest):
            raise Refused("rate_ml_h", f"{rate_ml_h:g} ml/h: this pump takes {lowest:g} to {highest:g} ml/h")
        steps = rate_ml_h * self._row.rate_steps_per_ml_h
        if abs(steps - round(steps)) > 1e-6:
            raise Refused("rate_ml_h", f"{rate_ml_h:g} ml/h is finer than this pump's {lowest:g} ml/h steps")
        self.rate_set_ml_h = round(steps) / self._row.rate_steps_per_ml_h
        self._log()

    def key(self, name: str) -> None:
        """Press start, hold, clear_volume, confirm_syringe or silence; or do new_syringe, occlude, clear_occlusion."""
        keys = {
            "start": self._start,
            "hold": self._hold,
            "clear_volume": self._clear_volume,
            "confirm_syringe": self._confirm_syringe,
            "silence": self._alarms.clear,
            "new_syringe": self._load_full,
            "occlude": self.occlude,
            "clear_occlusion": self.clear_occlusion,
        }
        if name not in keys:
            raise Refused("pump_key", f"there is no key {name}; there are {', '.join(keys)}")
        keys[name]()
        self._log()

    def _load_full(self) -> None:
        self.load_syringe(float(self._row.syringe_size_ml))

    def load_syringe(self, left_ml: float, size_ml: int | None = None, brand: str | None = None) -> None:
        """Put another syringe in; it waits for confirm_syringe. A pump that runs stops with an alarm."""
        size_ml = self._row.syringe_size_ml if size_ml is None else size_ml
        if size_ml not in self._row.rate_highest_ml_h:
            sizes = ", ".join(map(str, self._row.rate_highest_ml_h))
            raise Refused("syringe_ml", f"{size_ml} ml is no syringe this pump knows; it knows {sizes} ml")
        if not (math.isfinite(left_ml) and 0 < left_ml <= size_ml):
            raise Refused("volume_ml", f"{left_ml:g} ml does not go into a {size_ml} ml syringe")
        self._stop_for("AL_SYRCO" if self.running else None)
        self.syringe = SyringeInPump(brand or self._row.syringe_brand, size_ml, left_ml)
        self._alarms -= {"AL_EOIST", "AL_NEOIN", "AL_DRDIS"}
        self._near_end_told = False
        if self.rate_set_ml_h > self.rate_highest_ml_h:
            self.rate_set_ml_h = 0.0
        self._log()

    def remove_syringe(self) -> None:
        """Take the syringe out; a pump that runs stops with an alarm."""
        self._stop_for("AL_DRDIS" if self.running else None)
        self.syringe = None
        self._log()

    # ------------------------------------------------------------------ what happens to it

    def occlude(self) -> None:
        """The line is shut: pressure climbs while the pump pushes, and nothing reaches the patient."""
        self.occluded = True

    def clear_occlusion(self) -> None:
        """The line is open again; what was pushed into it arrives. The alarm stays until a key."""
        self.occluded = False
        self.pressure_mmhg = self._row.pressure_rest_mmhg
        self.delivered_ml += self._trapped_ml
        self._trapped_ml = 0.0

    def leave_for(self, seconds: float) -> None:
        """Let the syringe hold no more than what runs out in so many seconds at the set rate."""
        if self.syringe:
            self.syringe.left_ml = min(self.syringe.left_ml, self.rate_set_ml_h * seconds / 3600)

    def low_battery(self) -> None:
        """The battery runs low; it goes on pumping."""
        self._alarms.add("AL_LWBAT")
        self._log()

    def power_reset(self) -> None:
        """Off and on again: on hold, rate and volume 0, the syringe to be confirmed anew."""
        self.running = False
        self.rate_set_ml_h = self.volume_ml = 0.0
        self._alarms.clear()
        if self.syringe:
            self.syringe.confirmed = False
        self._log()

    def step(self, now_s: float) -> None:
        """Push until this steady second, or until something stops it on the way."""
        passed_s = now_s - self._stepped_s if self._stepped_s is not None else 0.0
        if passed_s < 0:
            return
        self._stepped_s = now_s
        if not self.running or self.syringe is None:
            return
        pushes_s = min(passed_s, self.time_left_s, self._until_pressure_alarm_s())
        self._push(self.rate_set_ml_h * pushes_s / 3600, pushes_s)
        if self._until_pressure_alarm_s() <= 0:
            self._stop_for("AL_OCCLU")
        elif self.syringe.left_ml <= 1e-9:
            self._alarms.discard("AL_NEOIN")
            self._stop_for("AL_EOIST")
        elif self.time_left_s <= self._row.near_end_s and not self._near_end_told:
            self._near_end_told = True
            self._alarms.add("AL_NEOIN")
            self._log()

    # ------------------------------------------------------------------ inside

    def _start(self) -> None:
        if self.syringe is None:
            raise Refused("start", "no syringe is fitted")
        if not self.syringe.confirmed:
            raise Refused("start", "the syringe is not confirmed; press confirm_syringe")
        if self.rate_set_ml_h <= 0:
            raise Refused("start", "no rate is set")
        if self.syringe.left_ml <= 1e-9:
            raise Refused("start", "the syringe is empty")
        self._alarms -= {"AL_OCCLU", "AL_SYRCO", "AL_DRDIS"}
        self.running = True

    def _hold(self) -> None:
        self.running = False

    def _clear_volume(self) -> None:
        self.volume_ml = 0.0

    def _confirm_syringe(self) -> None:
        if self.syringe is None:
            raise Refused("confirm_syringe", "no syringe is fitted")
        self.syringe.confirmed = True
        self._alarms.discard("AL_SYRCO")

    def _stop_for(self, alarm: str | None) -> None:
        if alarm is None:
            return
        self.running = False
        self._alarms.add(alarm)
        self._log()

    def _push(self, ml: float, seconds: float) -> None:
        assert self.syringe is not None
        self.syringe.left_ml = max(0.0, self.syringe.left_ml - ml)
        self.volume_ml += ml
        if self.occluded:
            self._trapped_ml += ml
            self.pressure_mmhg += self._row.occlusion_climb_mmhg_s * seconds
        else:
            self.delivered_ml += ml

    def _until_pressure_alarm_s(self) -> float:
        if not self.occluded:
            return math.inf
        to_go_mmhg = self._row.occlusion_alarm_mmhg - self.pressure_mmhg
        return to_go_mmhg / self._row.occlusion_climb_mmhg_s if to_go_mmhg > 1e-6 else 0.0

    def _log(self) -> None:
        self.log_id += 1
