"""What a person can get wrong around a start: each said in words with what to do, exit code 2, and nothing changed."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import pwd
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

import main
from app.messages import DeviceDraft, FirstRunDone, StaffDraft, Tap
from app.ports import SIMULATED
from db import cipher, keys
from db.opening import FolderLock, open_writing
from devices.clock import system_clock

ROOT = Path(__file__).resolve().parents[2]
STAFF = (StaffDraft("Dr. A. Mora", "AM", ("anesthetist", "administrator"), "3333"),)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Run(msgspec.Struct):
    """How a command ended, and what it said was wrong."""

    code: int
    said: str


def chairside(*arguments: str | Path) -> Run:
    """The command in this process: nothing here comes as far as a window."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = main.main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse's way to say no
            code = int(str(end.code))
    return Run(code, said.getvalue())


def process(*command: str | Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=60, check=False)


def start(folder: Path, *more: str | Path) -> Run:
    """A start on this data folder that is refused before the first screen."""
    return chairside("--startup-only", "--data", folder, *more)


def refused(run: Run, *words: str) -> None:
    """It ended with 2 and these words, and without a trace."""
    assert run.code == 2, run.said
    assert "Traceback" not in run.said
    for word in words:
        assert word in run.said


def ended(run: subprocess.CompletedProcess[str]) -> Run:
    """How a process ended."""
    return Run(run.returncode, run.stderr)


def a_clinic(folder: Path, port: str) -> None:
    """A record whose first run is done, with a monitor at this port."""
    parts = main.Parts(folder, system_clock, lambda _snapshot: None, boot="test", quick_pins=True)
    first_run = FirstRunDone("Harbour Clinic", STAFF, (DeviceDraft("monitor", "ge-dri", port),))
    now = system_clock()
    parts.engine.handle(Tap("first run", now, first_run), now)
    parts.stop()


# ---------------------------------------------------------------- the data folder


def test_a_file_in_the_place_of_the_data_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    refused(start(tmp_path / "data"), f"{tmp_path / 'data'} is a file", "Give another name.")


def test_a_folder_beneath_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    refused(start(tmp_path / "data" / "one"), f"{tmp_path / 'data'} is a file")


@pytest.mark.skipif(sys.platform != "linux", reason="asks for a folder in /proc")
def test_a_folder_that_cannot_be_made_says_so() -> None:
    refused(start(Path("/proc/chairside")), "/proc/chairside", "who may write there")


def test_two_on_one_folder_the_second_is_told_of_the_first(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    try:
        refused(start(tmp_path), f"is open in another Chairside (process {os.getpid()})", "--data")
    finally:
        lock.release()


def test_a_key_of_another_record_is_told_at_the_start(tmp_path: Path) -> None:
    open_writing(tmp_path, NOW).dispose()
    (tmp_path / keys.KEY_FILE).write_bytes(bytes(32))
    refused(start(tmp_path), "is not the key of the record", "Put back the key file")


def test_a_record_of_a_newer_chairside_is_left_as_it_is(tmp_path: Path) -> None:
    open_writing(tmp_path, NOW).dispose()
    engine = cipher.engine_for(tmp_path / keys.RECORD_FILE, keys.read_key(tmp_path))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    engine.dispose()
    refused(start(tmp_path), "has schema 0099", "start that one", "Nothing was changed.")


def test_every_error_of_the_settings_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('ppi = "large"\npaper = "A5"\nzoom = 2\n', encoding="utf-8")
    refused(start(tmp_path), "ppi: 'large'", "paper: 'A5'", "zoom: no such setting")
    assert not (tmp_path / keys.RECORD_FILE).exists()


# ---------------------------------------------------------------- the clinical tables


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program, to break."""
    target = tmp_path / "chairside"
    target.mkdir()
    shutil.copy(ROOT / "main.py", target)
    for room in ("app", "db", "devices", "resources", "ui"):
        shutil.copytree(ROOT / room, target / room, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def replace(path: Path, old: str, new: str) -> None:
    """Change the first place where it stands."""
    whole = path.read_text(encoding="utf-8")
    assert old in whole
    path.write_text(whole.replace(old, new, 1), encoding="utf-8")


def test_a_clinics_broken_tables_are_told_whole_at_the_start_and_no_record_is_begun(copy: Path) -> None:
    clinical = copy / "resources" / "clinical"
    replace(clinical / "drugs.toml", "[[drug]]\n", '[[drug]]\ncolor = "blue"\n')
    replace(clinical / "alarm_limits.toml", 'unit = "/min"\n', "")
    replace(clinical / "entry.toml", "entry_lowest = 30.0", 'entry_lowest = "thirty"')
    run = process(sys.executable, "main.py", "--startup-only", "--data", copy / "data", root=copy)
    refused(
        ended(run),
        "drugs.toml: drug[ketamine].color = 'blue': unknown key",
        "alarm_limits.toml: parameter[heart_rate].unit: missing",
        "entry.toml: entry_range[weight].entry_lowest = 'thirty': expected a number, got text",
    )
    assert not (copy / "data" / keys.RECORD_FILE).exists()


# ---------------------------------------------------------------- demonstration and record


def test_a_demonstration_does_not_run_in_a_real_record(tmp_path: Path) -> None:
    a_clinic(tmp_path, "/dev/chairside-nowhere")
    refused(start(tmp_path, "--demo"), "the record of Harbour Clinic", "Give another folder with --data.")


def test_what_was_simulated_is_not_shown_as_real(tmp_path: Path) -> None:
    a_clinic(tmp_path, SIMULATED)
    refused(start(tmp_path), "holds a demonstration", "add --demo")


def test_a_start_without_demo_simulates_nothing(tmp_path: Path) -> None:
    a_clinic(tmp_path, "/dev/chairside-nowhere")
    look = (
        "import sys, main; code = main.main(sys.argv[1:]);"
        "print(code, [name for name in sys.modules if name.startswith('devices.simulated')])"
    )
    run = process(sys.executable, "-c", look, "--startup-only", "--data", tmp_path)
    assert run.stdout.splitlines()[-1] == "0 []", run.stderr


# ---------------------------------------------------------------- a recording


def test_a_recording_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused(start(tmp_path, "--replay", "nowhere.raw"), "--replay: nowhere.raw: there is no such file")


def test_another_devices_recording_stands_in_for_no_monitor(tmp_path: Path) -> None:
    run = start(tmp_path, "--replay", ROOT / "README.md")
    refused(run, "no whole frame of GE DRI", "Name a recording of that monitor")


@pytest.mark.parametrize("driver", ["alaris", "unheard-of"])
def test_what_is_no_monitors_driver_replays_nothing(tmp_path: Path, driver: str) -> None:
    run = start(tmp_path, "--replay", ROOT / "README.md", "--driver", driver)
    refused(run, f"--driver: {driver} is no monitor's driver", "ge-dri")


# ---------------------------------------------------------------- a rehearsal


LOW_DOSE = ROOT / "resources" / "rehearsals" / "low-dose-hour.toml"


def test_a_rehearsal_into_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    refused(chairside("rehearse", LOW_DOSE, "--data", tmp_path / "data"), "is a file")


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    run = chairside("rehearse", tmp_path / "none.toml", "--data", tmp_path)
    refused(run, "there is no such script. Check the name.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ppi", "20"), "20 is outside 70 to 250 pixels per inch"),
        (("--size", "10x10"), "10x10 is outside 800x600"),
        (("--demo", "--speed", "1000"), "1000 is outside 0.1 to 120"),
        (("--speed", "2"), "--speed works with --demo only"),
        (("rehearse", str(LOW_DOSE), "--data", "x", "--repeat", "0"), "'0' is not a number of times"),
    ],
)
def test_a_number_that_cannot_be_is_refused(arguments: tuple[str, ...], words: str) -> None:
    refused(chairside(*arguments), words)


def test_the_folder_may_be_named_before_the_command(tmp_path: Path) -> None:
    refused(chairside("--data", tmp_path / "nothing", "sessions"), f"no record in {tmp_path / 'nothing'}")


# ---------------------------------------------------------------- another Python

HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)
"""Whose the interpreters are; HOME itself is an empty folder while tests run."""

OLD = ("3.8", "3.9", "3.10")


@pytest.mark.parametrize("file", ["main.py", "ui/__init__.py", "ui/preflight.py"])
def test_an_old_python_can_read_what_tells_it_so(file: str) -> None:
    ast.parse((ROOT / file).read_text(encoding="utf-8"), feature_version=(3, 8))


def old_python(version: str) -> str | None:
    """An interpreter of this version that runs, where the machine has one."""
    homes = Path(os.environ.get("PYENV_ROOT", HOME / ".pyenv")) / "versions"
    made = [str(path / "bin" / "python") for path in homes.glob(f"{version}.*")] if homes.is_dir() else []
    for name in (*made, shutil.which(f"python{version}")):
        if name and subprocess.run([name, "-c", ""], capture_output=True, check=False).returncode == 0:
            return name
    return None


@pytest.mark.parametrize("version", OLD)
@pytest.mark.parametrize("arguments", [(), ("decode", "--driver", "ge-dri", "x")])
def test_an_old_python_is_told_in_one_sentence(version: str, arguments: tuple[str, ...]) -> None:
    python = old_python(version)
    if python is None:
        pytest.skip(f"this machine has no Python {version}")
    run = process(python, "-B", "main.py", *arguments)
    refused(ended(run), "Chairside needs Python 3.11, 3.12 or 3.13 and this is " + version)
    assert len(run.stderr.splitlines()) == 1
