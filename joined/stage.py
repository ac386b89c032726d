"""The whole chair on a rehearsal's clock: ui.rehearse.Stage, made of the same parts as the live one."""

from __future__ import annotations

import uuid
from datetime import UTC
from pathlib import Path

from app.entries import Entry
from app.frames import Snapshot
from app.instant import Instant
from app.messages import Saved, Tap
from app.rehearsal import Script
from db.export import read_all
from devices.choosing import SerialDevices
from devices.simulated.world import World
from joined.parts import Parts
from ui.application import Application
from ui.rehearse_player import OnDisk, SimulatedClock
from ui.window import ChairsideWindow


class SteppedStage:
    """The whole chair on a rehearsal's clock: ui.rehearse.Stage, made of the same parts as the live one."""

    def __init__(
        self,
        folder: Path,
        clock: SimulatedClock,
        script: Script,
        size: tuple[int, int] | None,
        ppi: float | None,
    ) -> None:
        order, patient = script.order, script.patient
        self._concentration = order.drug_in_container_mg / order.container_ml
        self.world = World(
            script.seed,
            weight_kg=patient.weight_kg,
            concentration_mg_ml=self._concentration,
            syringe_ml=order.container_ml,
        )
        self._folder = folder
        self._clock = clock
        self._script = script
        self._application = Application(ppi=ppi, size=size)
        self._parts: Parts | None = None
        self._window: ChairsideWindow | None = None
        self._newest: Snapshot | None = None
        self._acknowledged: list[Entry] = []

    @property
    def window(self) -> ChairsideWindow:
        """The real window; only while the stage is open."""
        if self._window is None:
            raise RuntimeError("the stage is not open")
        return self._window

    def open(self) -> None:
        """The parts from what is on disk, the clinic of the script, and the window."""
        parts = Parts(
            self._folder,
            self._clock,
            self._take,
            boot="rehearsal",
            world=self.world,
            demo=True,
            recording=_recording(self._script),
            quick_pins=True,
            zone=UTC,
            heard=self._heard,
        )
        self._parts = parts
        self._set_up(parts)
        self._window = self._application.open_window(
            parts.catalog,
            self._clock,
            parts.post,
            self._devices(parts),
            self.world.bench,
            self._folder,
            "A4",
            UTC,
        )
        self._window.show()
        self.step(self._clock(), show=True)

    def _devices(self, parts: Parts) -> SerialDevices:
        """What can be connected here."""
        return SerialDevices(parts.connect)

    def _set_up(self, parts: Parts) -> None:
        """The clinic of the script, where the folder holds none yet."""
        if not parts.engine.clinic.set_up:
            now = self._clock()
            parts.engine.handle(Tap(uuid.uuid4().hex, now, self._script.first_run()), now)
            parts.engine.flush()
            parts.store.step(now)

    def step(self, now: Instant, *, show: bool) -> None:
        """Everything once; with `show` the window gets the newest snapshot."""
        if self._parts is None:
            raise RuntimeError("the stage is not open")
        self._parts.step(now, show=show)
        if show and self._newest is not None:
            self.window.show_snapshot(self._newest)

    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        if self._newest is None:
            raise RuntimeError("nothing was shown yet")
        return self._newest

    def acknowledged(self) -> tuple[Entry, ...]:
        """What the store said is saved, in that order."""
        return tuple(self._acknowledged)

    def on_disk(self) -> OnDisk:
        """The record as it stands, read by itself."""
        entries, newest = read_all(self._folder)
        return OnDisk(entries, newest)

    def drop(self) -> None:
        """Power is gone."""
        if self._parts is not None:
            self._parts.drop()
        self._leave()

    def close(self) -> None:
        """The end, in order."""
        if self._parts is not None:
            self._parts.stop()
        self._leave()

    def _leave(self) -> None:
        self._parts = None
        self._newest = None
        if self._window is not None:
            self._window.close()
            self._window.deleteLater()
            self._window = None

    def _take(self, snapshot: Snapshot) -> None:
        self._newest = snapshot

    def _heard(self, message: object) -> None:
        if isinstance(message, Saved) and self._parts is not None:
            self._acknowledged += [
                self._parts.engine.unsaved[uuid_]
                for uuid_ in message.uuids
                if uuid_ in self._parts.engine.unsaved
            ]


def _recording(script: Script) -> tuple[Path, str] | None:
    recording = script.devices.recording
    return (Path(recording), script.devices.monitor) if recording else None
