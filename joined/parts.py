"""Store, engine and links of one chair, joined: the one place that sees app, db and devices together."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import VERSION
from app.catalog import Catalog, load
from app.engine import Engine
from app.frames import Snapshot
from app.instant import Instant
from app.keeping import keep_running
from app.ports import Clock
from app.runner import Runner
from app.settings import BackupSetting
from app.show import Show
from db.pins import CHEAP, FULL
from db.schedule import BackupSchedule
from db.store import open_store
from devices.awake import Awake, lock_of_this_system
from devices.bytelog import ByteLog
from devices.catalogue import DRIVERS
from devices.choosing import SIMULATED
from devices.clock import local_zone
from devices.driver import Driver
from devices.link import Link, known_device
from devices.replay import replay
from devices.transport import PortTransport, Transport

if TYPE_CHECKING:
    from devices.simulated.world import World

UNSAVED_LOOK_S = 0.02


class Parts:
    """Store, engine and links of one chair, joined. `step` moves all of them; `start` gives each its thread."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        publish: Callable[[Snapshot], None],
        *,
        boot: str,
        world: World | None = None,
        demo: bool = False,
        recording: tuple[Path, str] | None = None,
        quick_pins: bool = False,
        new_id: Callable[[], str] | None = None,
        zone: tzinfo | None = None,
        heard: Callable[[object], None] | None = None,
        emergency_numbers: tuple[tuple[str, str], ...] = (),
        backup: BackupSetting | None = None,
        stay_awake: bool = False,
    ) -> None:
        self.clock = clock
        self.world = world
        self.catalog = load()
        self.links: dict[str, Link] = {}
        self._folder = folder
        self._heard = heard
        self._recording = recording
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._link_threads: dict[str, tuple[threading.Thread, threading.Event]] = {}
        self._live = False
        self._backup = backup
        self.store = open_store(folder, clock, self.post, cost=CHEAP if quick_pins else FULL, boot=boot)
        self._new_engine = partial(
            Engine,
            self.catalog,
            self.store,
            boot=boot,
            new_id=new_id or (lambda: uuid.uuid4().hex),
            software=VERSION,
            demo=demo,
            bench=world.bench if world is not None else None,
            zone=zone or local_zone(),
            connect=self.connect,
            emergency_numbers=emergency_numbers,
        )
        self.engine = self._new_engine(self.store.opened(), clock())
        self._awake = self._make_awake() if stay_awake else None
        self.runner = Runner(self.engine, Show(), self._publishing(publish))
        self._resume()
        for chosen in self.engine.clinic.devices.values():
            self.connect(chosen.device, chosen.driver, chosen.port)

    def wrong_folder(self, *, simulating: bool) -> str:
        """Why what is simulated or replayed may not go into this record, or its like not be shown as real."""
        clinic, session = self.engine.clinic, self.engine.session
        demonstration = any(chosen.port == SIMULATED for chosen in clinic.devices.values())
        if demonstration and not simulating:
            return f"{self._folder} holds a demonstration: add --demo, or give another folder with --data."
        if simulating and clinic.set_up and not demonstration:
            return (
                f"{self._folder} holds the record of {clinic.name}, where nothing is simulated. "
                "Give another folder with --data."
            )
        opened = session.opened if session is not None else None
        if self._recording is not None and opened is not None and not opened.demo:
            return (
                f"In {self._folder} a patient's session is under way: a recording is not written into it. "
                "End that session first, or give another folder with --data."
            )
        return ""

    def post(self, message: object) -> None:
        """Something happened; also what the store and the links call from their threads."""
        if self._heard is not None:
            self._heard(message)
        self.runner.post(message)

    def _make_awake(self) -> Awake:
        return Awake(lock_of_this_system(), self.clock, self.post)

    def _publishing(self, publish: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
        """The screen's way, and beside it that of who keeps the computer awake during a session."""
        awake = self._awake
        if awake is None:
            return publish

        def both(snapshot: Snapshot) -> None:
            awake.want(bool(snapshot.session) and snapshot.phase != "finished")
            publish(snapshot)

        return both

    def _resume(self) -> None:
        """A session that was under way comes back before anything is shown."""
        if self.engine.resume is not None:
            loaded = self.store.load(self.engine.resume)
            self.engine.restart_on(loaded, self.clock())

    def connect(self, device: str, driver: str, port: str) -> None:
        """Read this device from now on; driver "" lets it go."""
        # The session's thread waits here: a port that is slow to let go must not stop the screen.
        self._disconnect(device, wait_s=1.0)
        if self._recording is not None and device == "monitor":
            driver = self._recording[1]
        if not driver:
            return
        make = partial(_bounded, DRIVERS[driver], self.catalog)
        self.links[device] = Link(
            known_device(device), make, self._transport(device, driver, port), self.post
        )
        if self._live:
            self._start_link(device)

    def _transport(self, device: str, driver: str, port: str) -> Transport:
        if self._recording is not None and device == "monitor":
            return replay(driver, self._recording[0])
        if port == SIMULATED:
            if self.world is None:
                return PortTransport("(simulated devices need --demo)", DRIVERS[driver].line)
            simulated = self.world.monitor_port if device == "monitor" else self.world.pump_port
            return simulated.transport()
        return PortTransport(port, DRIVERS[driver].line, self._byte_log(device))

    def _byte_log(self, device: str) -> ByteLog:
        return ByteLog(self._folder / "bytes", device)

    def _disconnect(self, device: str, wait_s: float = 5.0) -> None:
        running = self._link_threads.pop(device, None)
        if running is not None:
            running[1].set()
            running[0].join(timeout=wait_s)
        link = self.links.pop(device, None)
        if link is not None and running is None:
            link.close()

    # ------------------------------------------------------------ one loop, for rehearsals

    def step(self, now: Instant, *, show: bool = True) -> None:
        """Everything once, in the order of an event's way; a snapshot is made only where it is shown."""
        if self.world is not None:
            self.world.step(now)
        for link in tuple(self.links.values()):
            link.step(now)
        self.runner.advance(now)
        self.store.step(now)
        if show:
            self.runner.step(now)

    # ------------------------------------------------------------ threads, live

    def start(self) -> None:
        """The store, the session and each link on a thread of its own."""
        self._live = True
        parts: list[tuple[str, Callable[[], None], Callable[[], None]]] = [
            ("store", lambda: self.store.run(self._stop), _as_it_is),
            ("session", lambda: self.runner.run(self.clock, self._stop), self._begin_again),
        ]
        if self._backup is not None:
            parts.append(("backup", self._schedule(self._backup), _as_it_is))
        if self._awake is not None:
            parts.append(("awake", partial(self._awake.run, self._stop), _as_it_is))
        for name, run, mend in parts:
            thread = threading.Thread(
                target=keep_running, args=(run, mend, self.clock, self._stop), name=name, daemon=True
            )
            self._threads.append(thread)
            thread.start()
        for device in self.links:
            self._start_link(device)

    def _schedule(self, backup: BackupSetting) -> Callable[[], None]:
        schedule = BackupSchedule(self._folder, Path(backup.folder), backup.hours, self.clock, self.post)
        return lambda: schedule.run(self._stop)

    def _begin_again(self) -> None:
        """The session failed: it comes back from disk, as after a power cut, once all that waits is there."""
        while self.store.unsaved and not self._stop.wait(UNSAVED_LOOK_S):
            pass
        if self._stop.is_set():
            return
        failed, now = self.engine, self.clock()
        self.engine = self._new_engine(self.store.opened(), now)
        self.engine.pins_shown, self.engine.backup = failed.pins_shown, failed.backup
        self.engine.self_test.display = failed.self_test.display
        for change in failed.links.values():
            self.engine.handle(change, now)
        self._resume()
        self.runner.take_over(self.engine)

    def _start_link(self, device: str) -> None:
        stop = threading.Event()
        link = self.links[device]
        thread = threading.Thread(
            target=keep_running,
            args=(lambda: link.run(self.clock, stop), lambda: link.failed(self.clock()), self.clock, stop),
            kwargs={"for_ever": True},
            name=device,
            daemon=True,
        )
        self._link_threads[device] = (thread, stop)
        thread.start()

    def stop(self) -> None:
        """Links first, then the session, then the store with what is left to write."""
        for device in tuple(self.links):
            self._disconnect(device)
        self._stop.set()
        for thread in reversed(self._threads):
            thread.join(timeout=10)
        self.engine.flush()
        self.store.step(self.clock())
        self.store.close()

    def drop(self) -> None:
        """As a power cut leaves it: nothing is flushed, nothing is closed in order."""
        for link in self.links.values():
            link.close()
        self.store.close()


def _as_it_is() -> None:
    """What goes on as it stands needs no mending."""


def _bounded(driver: type[Driver], catalog: Catalog) -> Driver:
    """The driver with the tables' possible ranges, where it takes them."""
    if driver.kind == "monitor":
        ranges = {vital: row.possible_range for vital, row in catalog.alarm_limits.items()}
        return driver(ranges)  # type: ignore[call-arg]
    return driver()
