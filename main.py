"""Chairside: reads the arguments, builds the parts, starts and stops them in order. It decides nothing.

Commands that need no screen import no Qt; each is one function in its own room.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
import uuid
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

    from app.catalog import Catalog
    from app.entries import Entry
    from app.frames import Snapshot
    from app.instant import Instant
    from app.ports import Clock
    from app.rehearsal import Script
    from app.settings import BackupSetting
    from db.export import Whole
    from devices.awake import Awake
    from devices.bytelog import ByteLog
    from devices.choosing import SerialDevices
    from devices.driver import Driver
    from devices.link import Device, Link
    from devices.loudspeaker import Loudspeaker, Outputs
    from devices.simulated.world import World
    from devices.transport import Transport
    from ui.application import Application
    from ui.rehearse_player import OnDisk, SimulatedClock
    from ui.window import ChairsideWindow

CANNOT = 2
"""The exit code of a command that could not be carried out."""
OPENS_A_RECORD = ("sessions", "verify", "audit", "export", "backup")
"""Commands that need no screen; the others ask for a passphrase once they know that nothing is missing."""


def main(arguments: list[str] | None = None) -> int:
    """The whole program; the exit code says how it went."""
    from ui.preflight import wrong_python

    if sentence := wrong_python():
        return _say(sentence)
    from app.arguments import parser

    chosen = parser().parse_args(arguments)
    command = chosen.command or "screen"
    if command in OPENS_A_RECORD and (sentence := _still_sealed(chosen)):
        return _say(sentence)
    try:
        return int(globals()[f"_{command}"](chosen))
    except BrokenPipeError:
        # Whoever read the output has gone (head, less): nothing more is to be said, at the exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT


def data_folder(chosen: argparse.Namespace) -> Path:
    """The folder that was named, or the usual one; demonstration and replay each have one of their own."""
    if chosen.data is not None:
        return Path(chosen.data)
    import platformdirs

    folder = Path(platformdirs.user_data_dir("chairside", appauthor=False))
    if getattr(chosen, "demo", False):
        return folder / "demo"
    return folder / ("replay" if getattr(chosen, "replay", None) else "record")


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return CANNOT


def _still_sealed(chosen: argparse.Namespace) -> str:
    """Ask for the passphrase where the key is sealed with one; why the record stays closed, or ""."""
    from db import keys

    folder = data_folder(chosen)
    if keys.way_of(folder) != "sealed":
        return ""
    from app.ports import StorageError
    from db.asking import asker
    from db.keycommand import CURRENT, unlock

    try:
        unlock(folder, asker(chosen.passphrase_file)(CURRENT))
    except StorageError as error:
        return str(error)
    return ""


# ---------------------------------------------------------------- commands without a screen


def _decode(chosen: argparse.Namespace) -> int:
    from devices.decode import decode

    return decode(chosen.driver, str(chosen.file), sys.stdout, sys.stderr)


def _simulate(chosen: argparse.Namespace) -> int:
    from devices.clock import system_clock
    from devices.simulated.serve import ServeError, serve
    from devices.simulated.world import World

    try:
        serving = serve(World(), system_clock, chosen.monitor_port, chosen.pump_port, pty=chosen.pty)
    except ServeError as error:
        return _say(str(error))
    with serving:
        print(f"monitor (ge-dri): {', '.join(serving.monitor)}\npump (alaris): {', '.join(serving.pump)}")
        print("Simulated devices; Ctrl+C ends them.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _noted(chosen: argparse.Namespace, what: str, *, session: str = "", detail: str = "") -> str:
    """A line of the audit trail before a command shows or exports; why it cannot be, "" when it is there."""
    from app.ports import StorageError
    from db.audit import note
    from devices.clock import boot_id, system_clock

    try:
        note(data_folder(chosen), what, system_clock(), boot_id(), session=session, detail=detail)
    except StorageError as error:
        return str(error)
    return ""


def _audit(chosen: argparse.Namespace) -> int:
    from app.audit import TRAIL
    from app.catalog import load
    from db.audit import run_audit
    from devices.clock import local_zone

    if why := _noted(chosen, TRAIL):
        return _say(why)
    folder = data_folder(chosen)
    return run_audit(folder, load(), local_zone(), sys.stdout, staff=chosen.who, sort=chosen.what)


def _sessions(chosen: argparse.Namespace) -> int:
    from app.audit import LISTED
    from db.sessions import run_sessions

    if why := _noted(chosen, LISTED):
        return _say(why)
    return run_sessions(data_folder(chosen), sys.stdout)


def _verify(chosen: argparse.Namespace) -> int:
    from db.verify import run_verify

    return run_verify(data_folder(chosen), sys.stdout)


def _export(chosen: argparse.Namespace) -> int:
    from app.audit import EXPORTED
    from db.export import run_export

    if why := _noted(chosen, EXPORTED, session=chosen.session, detail=chosen.format):
        return _say(why)
    return run_export(data_folder(chosen), chosen.session, chosen.format, sys.stdout)


def _key(chosen: argparse.Namespace) -> int:
    from db.asking import asker
    from db.keycommand import run_key

    ask = asker(chosen.passphrase_file, getattr(chosen, "new_passphrase_file", None))
    named = {name: getattr(chosen, name) for name in ("to", "key_file") if hasattr(chosen, name)}
    return run_key(chosen.action, data_folder(chosen), ask, sys.stdout, **named)


def _backup(chosen: argparse.Namespace) -> int:
    from db.backup import run_backup
    from devices.clock import system_clock

    return run_backup(data_folder(chosen), chosen.to, system_clock().utc, sys.stdout)


def _restore(chosen: argparse.Namespace) -> int:
    from db.asking import asker
    from db.restore import run_restore

    ask = asker(chosen.passphrase_file)
    return run_restore(chosen.backup, data_folder(chosen), ask, chosen.key, sys.stdout)


def _summary(chosen: argparse.Namespace) -> int:
    from ui.preflight import problems

    if sentence := problems(display_needed=False) or _still_sealed(chosen):
        return _say(sentence)
    from app.audit import SAVED
    from app.ports import StorageError
    from db.export import read_whole
    from ui.printing import PrintingFailed

    if why := _noted(chosen, SAVED, session=chosen.session, detail="summary, PDF"):
        return _say(why)
    try:
        whole = read_whole(data_folder(chosen), chosen.session)
        pages = _write_summary(whole, chosen.pdf, chosen.paper)
    except (StorageError, PrintingFailed) as error:
        return _say(str(error))
    print(f"{chosen.pdf}: {pages} pages")
    return 0


def _write_summary(whole: Whole, path: Path, paper: str) -> int:
    from app.catalog import load
    from app.clinic import Clinic
    from app.summary import summarise
    from devices.clock import local_zone, system_clock
    from ui.application import offscreen
    from ui.printing import summary_pdf

    summary = summarise(
        whole.entries,
        whole.samples,
        Clinic(whole.clinic),
        load(),
        head=whole.head,
        printed_at=system_clock().utc,
        printed_by="",
        zone=local_zone(),
    )
    offscreen()
    return summary_pdf(summary, path, paper)


# ---------------------------------------------------------------- the parts behind the screen


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
        replay: tuple[Path, str] | None = None,
        quick_pins: bool = False,
        new_id: Callable[[], str] | None = None,
        zone: tzinfo | None = None,
        heard: Callable[[object], None] | None = None,
        emergency_numbers: tuple[tuple[str, str], ...] = (),
        backup: BackupSetting | None = None,
        stay_awake: bool = False,
        outputs: Outputs | None = None,
    ) -> None:
        from app import VERSION
        from app.catalog import load
        from app.engine import Engine
        from app.runner import Runner
        from app.show import Show
        from db.pins import CHEAP, FULL
        from db.store import open_store
        from devices.bytelog import LateWriter
        from devices.clock import local_zone

        self.clock = clock
        self.world = world
        self.catalog = load()
        self.links: dict[str, Link] = {}
        self._folder = folder
        self._heard = heard
        self._replay = replay
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._link_threads: dict[str, tuple[threading.Thread, threading.Event]] = {}
        self._live = False
        self._backup = backup
        self._speaker = self._make_speaker(outputs) if outputs is not None else None
        self.late_writer = LateWriter()
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
            sounder=self._speaker,
        )
        self.engine = self._new_engine(self.store.opened(), clock())
        self._awake = self._make_awake() if stay_awake else None
        self.runner = Runner(self.engine, Show(), self._publishing(publish))
        self._resume()
        for chosen in self.engine.clinic.devices.values():
            self.connect(chosen.device, chosen.driver, chosen.port)

    def post(self, message: object) -> None:
        """Something happened; also what the store and the links call from their threads."""
        if self._heard is not None:
            self._heard(message)
        self.runner.post(message)

    def _make_awake(self) -> Awake:
        from devices.awake import Awake, lock_of_this_system

        return Awake(lock_of_this_system(), self.clock, self.post)

    def _make_speaker(self, outputs: Outputs) -> Loudspeaker:
        from devices.loudspeaker import Loudspeaker

        return Loudspeaker(outputs, self.catalog.iec, self.clock, self.post)

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
        from devices.catalogue import DRIVERS
        from devices.link import Link

        # The session's thread waits here: a port that is slow to let go must not stop the screen.
        self._disconnect(device, wait_s=1.0)
        if self._replay is not None and device == "monitor":
            driver = self._replay[1]
        if not driver:
            return
        make = partial(_bounded, DRIVERS[driver], self.catalog)

        def heard(message: object) -> None:
            # One that was let go and is slow to end has nothing more to say.
            if self.links.get(device) is link:
                self.post(message)

        link = Link(_as_device(device), make, self._transport(device, driver, port), heard)
        self.links[device] = link
        if self._live:
            self._start_link(device)

    def _transport(self, device: str, driver: str, port: str) -> Transport:
        from app.ports import SIMULATED
        from devices.catalogue import DRIVERS
        from devices.replay import replay
        from devices.transport import PortTransport

        if self._replay is not None and device == "monitor":
            return replay(driver, self._replay[0])
        if port == SIMULATED:
            if self.world is None:
                return PortTransport("(simulated devices need --demo)", DRIVERS[driver].line)
            simulated = self.world.monitor_port if device == "monitor" else self.world.pump_port
            return simulated.transport()
        return PortTransport(port, DRIVERS[driver].line, self._byte_log(device))

    def _byte_log(self, device: str) -> ByteLog:
        from devices.bytelog import ByteLog

        return ByteLog(self._folder / "bytes", device, writer=self.late_writer)

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
        from app.keeping import keep_running

        self._live = True
        parts: list[tuple[str, Callable[[], None], Callable[[], None]]] = [
            ("store", lambda: self.store.run(self._stop), _as_it_is),
            ("session", lambda: self.runner.run(self.clock, self._stop), self._begin_again),
            ("bytes", lambda: self.late_writer.run(self._stop), _as_it_is),
        ]
        if self._backup is not None:
            parts.append(("backup", self._schedule(self._backup), _as_it_is))
        if self._awake is not None:
            parts.append(("awake", partial(self._awake.run, self._stop), _as_it_is))
        if self._speaker is not None:
            parts.append(("sound", partial(self._speaker.run, self._stop), _as_it_is))
        for name, run, mend in parts:
            thread = threading.Thread(
                target=keep_running,
                args=(run, mend, self.clock, self._stop),
                kwargs={"left": partial(self._left, name)},
                name=name,
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()
        for device in self.links:
            self._start_link(device)

    def _schedule(self, backup: BackupSetting) -> Callable[[], None]:
        from db.schedule import BackupSchedule

        schedule = BackupSchedule(self._folder, Path(backup.folder), backup.hours, self.clock, self.post)
        return lambda: schedule.run(self._stop)

    def _left(self, part: str) -> None:
        """A part failed again and again and is run no more: what the screen would not see by itself is said."""
        from app.messages import BackupTold, SleepTold, StorageFailed

        now, told = self.clock(), self.engine.backup
        # No match here: an old Python must be able to read this file, to say that it is too old.
        if part == "store":
            self.post(StorageFailed(now, now, STORE_LEFT))
        elif part == "backup":
            self.post(BackupTold(now, told.made if told is not None else None, BACKUP_LEFT))
        elif part == "awake":
            self.post(SleepTold(now, AWAKE_LEFT))

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
        self.engine.sounding.told = failed.sounding.told
        self.engine.self_test.sleep = failed.self_test.sleep
        for change in failed.links.values():
            self.engine.handle(change, now)
        self._resume()
        self.runner.take_over(self.engine)

    def _start_link(self, device: str) -> None:
        from app.keeping import keep_running

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


UNSAVED_LOOK_S = 0.02
STORE_LEFT = "A fault of Chairside: nothing is written any more. Write on paper, then start Chairside again."
BACKUP_LEFT = "A fault of Chairside stopped them. Make one by hand today, then start Chairside again."
AWAKE_LEFT = "A fault of Chairside: nothing keeps the computer awake. Start Chairside again before a session."


def _as_it_is() -> None:
    """What goes on as it stands needs no mending."""


def _as_device(name: str) -> Device:
    from devices.link import known_device

    return known_device(name)


def _bounded(driver: type[Driver], catalog: Catalog) -> Driver:
    """The driver with the tables' possible ranges, where it takes them."""
    if driver.kind == "monitor":
        ranges = {vital: row.possible_range for vital, row in catalog.alarm_limits.items()}
        return driver(ranges)  # type: ignore[call-arg]
    return driver()


# ---------------------------------------------------------------- the demonstration


def _demo_world() -> World:
    from devices.simulated.world import World

    return World()


def seed_demo(parts: Parts) -> None:
    """The demonstration's clinic and staff, through the same door as a first run; their PINs are shown."""
    from app.demo import FIRST_RUN, pins_shown
    from app.messages import Tap

    if not parts.engine.clinic.set_up:
        now = parts.clock()
        parts.engine.handle(Tap(uuid.uuid4().hex, now, FIRST_RUN), now)
        parts.engine.flush()
        parts.store.step(now)
    parts.engine.pins_shown = pins_shown(parts.engine.clinic)


# ---------------------------------------------------------------- the screen


def _screen(chosen: argparse.Namespace) -> int:
    from ui.preflight import problems

    if sentence := problems(display_needed=True):
        return _say(sentence)
    if chosen.speed != 1.0 and not chosen.demo:
        return _say("--speed works with --demo only: a real patient's time is not made faster.")
    if chosen.passphrase_file is not None and (sentence := _still_sealed(chosen)):
        return _say(sentence)
    from app.ports import StorageError
    from app.refusals import Refused, TableErrors

    # What a start makes stays: looking through it for garbage is a tenth of the start.
    gc.disable()
    try:
        return _run_screen(chosen)
    except (StorageError, TableErrors) as error:
        return _say(str(error))
    except Refused as error:
        return _say(f"--{error.field}: {error.reason}")
    finally:
        gc.enable()


def _keep_log(folder: Path) -> None:
    """What the program says of itself goes to chairside.log; it names places in the code and no patient."""
    import logging
    from logging.handlers import RotatingFileHandler

    log = RotatingFileHandler(folder / "chairside.log", maxBytes=1 << 20, backupCount=3, delay=True)
    said = "%(asctime)s %(levelname)s %(name)s %(message)s"
    logging.basicConfig(format=said, handlers=[log, logging.StreamHandler()])


def _before_qt() -> None:
    """Import what needs no Qt first: PySide6 looks into the source of every module that is imported after it."""
    for room in ("numpy", "app.show", "app.summary", "db.store", "devices.link"):
        import_module(room)


def _asked_on_screen(application: Application, folder: Path, *, fullscreen: bool) -> bool:
    """The record can be opened: its key is not sealed, or its passphrase was given on the screen."""
    from db import keys

    if keys.way_of(folder) != "sealed":
        return True
    from db.unsealing import SealedFolder, needs_passphrase
    from devices.clock import boot_id, system_clock

    if not needs_passphrase(folder):
        return True
    gc.enable()  # nobody knows how long it is asked
    try:
        sealed = SealedFolder(folder, system_clock, boot_id())
        return application.ask_passphrase(sealed, folder, fullscreen=fullscreen)
    finally:
        gc.disable()


def _run_screen(chosen: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    _before_qt()
    from app.folder import why_not_here
    from app.phrases import with_own
    from app.settings import load_settings
    from db.opening import require_folder
    from devices.choosing import SerialDevices
    from devices.clock import PacedClock, boot_id, system_clock
    from devices.loudspeaker import SystemOutputs
    from devices.replay import require_recording
    from ui.application import Application

    if chosen.replay is not None:
        require_recording(chosen.driver, chosen.replay)
    folder = data_folder(chosen)
    require_folder(folder)
    settings = load_settings(folder / "settings.toml")
    _keep_log(folder)
    paced = chosen.speed != 1.0
    clock = PacedClock(chosen.speed, datetime.now(UTC)) if paced else system_clock
    application = Application(ppi=chosen.ppi or settings.ppi, size=chosen.size)
    fullscreen = settings.fullscreen and not chosen.windowed and chosen.size is None
    if not _asked_on_screen(application, folder, fullscreen=fullscreen):
        return 0
    with application.said_where_asked():
        parts = Parts(
            folder,
            clock,
            application.bridge.offer,
            boot=uuid.uuid4().hex if paced else boot_id(),
            world=_demo_world() if chosen.demo else None,
            demo=chosen.demo or chosen.replay is not None,
            replay=(chosen.replay, chosen.driver) if chosen.replay is not None else None,
            emergency_numbers=tuple(settings.emergency_numbers.items()),
            backup=settings.backup,
            stay_awake=True,
            outputs=None if paced else SystemOutputs(),
        )
    session = parts.engine.session
    if wrong := why_not_here(
        folder,
        parts.engine.clinic,
        session.opened if session is not None else None,
        simulating=chosen.demo,
        replaying=chosen.replay is not None,
    ):
        parts.drop()
        return _say(wrong)
    if chosen.demo:
        seed_demo(parts)
    parts.engine.note_settings(settings.told())
    window = application.open_window(
        with_own(parts.catalog, settings.phrases),
        clock,
        parts.post,
        SerialDevices(parts.connect),
        parts.world.bench if parts.world is not None else None,
        folder,
        settings.paper,
        parts.engine.zone,
    )
    if chosen.startup_only:
        application.end_when_touchable(window)
    parts.runner.step(clock())
    gc.freeze()
    gc.enable()
    parts.start()
    try:
        return application.run(window, fullscreen=fullscreen)
    finally:
        parts.stop()


# ---------------------------------------------------------------- the rehearsal


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
        from devices.simulated.world import World
        from ui.application import Application

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
        from datetime import UTC

        parts = Parts(
            self._folder,
            self._clock,
            self._take,
            boot="rehearsal",
            world=self.world,
            demo=True,
            replay=_recording(self._script),
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
        from devices.choosing import SerialDevices

        return SerialDevices(parts.connect)

    def _set_up(self, parts: Parts) -> None:
        """The clinic of the script, where the folder holds none yet."""
        from app.messages import Tap

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
        from db.export import read_all
        from ui.rehearse_player import OnDisk

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
        from app.messages import Saved

        if isinstance(message, Saved) and self._parts is not None:
            self._acknowledged += [
                self._parts.engine.unsaved[uuid_]
                for uuid_ in message.uuids
                if uuid_ in self._parts.engine.unsaved
            ]


REFERENCE_PPI = {(1280, 800): 125.0, (1920, 1080): 141.0}
"""screens.md: the two reference panels, for rehearsals that name a size only."""


def _recording(script: Script) -> tuple[Path, str] | None:
    recording = script.devices.recording
    return (Path(recording), script.devices.monitor) if recording else None


def _rehearse(chosen: argparse.Namespace) -> int:
    from ui.preflight import problems

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if sentence := problems(display_needed=False):
        return _say(sentence)
    from app.catalog import load
    from app.ports import StorageError
    from app.refusals import TableErrors
    from app.rehearsal import load_script
    from db.opening import require_folder
    from ui.rehearse import rehearse

    try:
        catalog = load()
        script = load_script(chosen.script, catalog)
        for folder in filter(None, (chosen.data, chosen.screenshots)):
            require_folder(folder)
        size = chosen.size or (1280, 800)
        ppi = chosen.ppi or REFERENCE_PPI.get(size)
        went_well = rehearse(
            script,
            catalog,
            lambda folder, clock: SteppedStage(folder, clock, script, size, ppi),
            chosen.data,
            partial(print, flush=True),
            screenshots=chosen.screenshots,
            repeat=chosen.repeat,
            resume=chosen.resume,
        )
    except (StorageError, TableErrors) as error:
        return _say(str(error))
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main())
