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
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.export import Whole
    from devices.simulated.world import World

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
    from app.completeness import FINAL
    from app.entries import SummarySigned
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
        draft=not any(
            isinstance(entry.body, SummarySigned) and entry.body.meaning == FINAL for entry in whole.entries
        ),
    )
    offscreen()
    return summary_pdf(summary, path, paper)


# ---------------------------------------------------------------- the screen


def _screen(chosen: argparse.Namespace) -> int:
    from ui.preflight import problems

    if sentence := problems(display_needed=True):
        return _say(sentence)
    if chosen.speed != 1.0 and not chosen.demo:
        return _say("--speed works with --demo only: a real patient's time is not made faster.")
    if sentence := _still_sealed(chosen):
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


def _demo_world() -> World:
    from devices.simulated.world import World

    return World()


def _before_qt() -> None:
    """Import what needs no Qt first: PySide6 looks into the source of every module that is imported after it."""
    for room in ("numpy", "app.summary", "joined.parts"):
        import_module(room)


def _run_screen(chosen: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    _before_qt()
    from app.phrases import with_own
    from app.settings import load_settings
    from db.opening import require_folder
    from devices.choosing import SerialDevices
    from devices.clock import PacedClock, boot_id, system_clock
    from devices.replay import require_recording
    from joined.demo import seed_demo
    from joined.parts import Parts
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
    parts = Parts(
        folder,
        clock,
        application.bridge.offer,
        boot=uuid.uuid4().hex if paced else boot_id(),
        world=_demo_world() if chosen.demo else None,
        demo=chosen.demo or chosen.replay is not None,
        recording=(chosen.replay, chosen.driver) if chosen.replay is not None else None,
        emergency_numbers=tuple(settings.emergency_numbers.items()),
        backup=settings.backup,
        stay_awake=True,
    )
    if wrong := parts.wrong_folder(simulating=chosen.demo):
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
        return application.run(
            window, fullscreen=settings.fullscreen and not chosen.windowed and chosen.size is None
        )
    finally:
        parts.stop()


# ---------------------------------------------------------------- the rehearsal


REFERENCE_PPI = {(1280, 800): 125.0, (1920, 1080): 141.0}
"""screens.md: the two reference panels, for rehearsals that name a size only."""


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
    from joined.stage import SteppedStage
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
