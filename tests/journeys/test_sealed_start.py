"""After a power cut a sealed record is opened by touch: same patient, phase and screen; the passphrase nowhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from db import keycommand, keys, sealing

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "zq horse Battery zq"
WRONG = "zq house Battery zq"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    """The folder of a chair whose power went during an infusion."""
    folder = tmp_path / "data"
    script = ROOT / "resources" / "rehearsals" / "low-dose-hour.toml"
    command = [sys.executable, "-u", "main.py", "rehearse", str(script), "--data", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if b"saved EffectNoted" in line:
                break
        run.kill()
    return folder


def started(folder: Path, home: Path, *typed: str) -> tuple[int, dict[str, Any], str]:
    """A start by icon: the exit code, what was seen, and everything that was printed."""
    home.mkdir(exist_ok=True)
    environment = os.environ | {"HOME": str(home), "TMPDIR": str(home), "QT_QPA_PLATFORM": "offscreen"}
    driver = Path(__file__).with_name("sealed_driver.py")
    done = subprocess.run(
        [sys.executable, str(driver), "--demo", "--data", str(folder), "--size", "1280x800", "--ppi", "125"],
        cwd=ROOT,
        input="\n".join(typed),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )
    seen: dict[str, Any] = next(
        (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")), {}
    )
    return done.returncode, seen, done.stdout + done.stderr


def seal(folder: Path) -> None:
    """As an administrator did on the terminal."""
    keycommand.seal(folder, lambda _words: PASSPHRASE)
    sealing.lock(folder)


def test_a_sealed_start_comes_to_the_same_patient_phase_and_screen(cut_off: Path, tmp_path: Path) -> None:
    beside = Path(shutil.copytree(cut_off, tmp_path / "beside"))
    code, open_key, printed = started(beside, tmp_path / "home")
    assert code == 0, printed
    seal(cut_off)
    code, sealed_key, printed = started(cut_off, tmp_path / "home", WRONG, PASSPHRASE)
    assert code == 0, printed
    same = ("patient", "screen")
    assert [sealed_key[name] for name in same] == [open_key[name] for name in same]
    # The demonstration's pump stands still after a start: once it was read the infusion is paused.
    assert {sealed_key["phase"], open_key["phase"]} <= {"infusing", "paused"}
    assert len(sealed_key["said"]) == 1
    assert "wrong so far: 1" in sealed_key["said"][0]
    assert sealed_key["alive"] > 0, "the window was looked at while a passphrase was tried"
    assert sealed_key["windows"] == ["chairside"], "the question is gone once the chair is there"
    held = {"printed": printed.encode(), "command line": sealed_key["command"].encode()}
    held |= {
        str(path): path.read_bytes()
        for root in (cut_off, tmp_path / "home")
        for path in root.rglob("*")
        if path.is_file()
    }
    assert (cut_off / keys.SEALED_FILE).name in {Path(name).name for name in held}
    for secret in (PASSPHRASE, WRONG):
        inside = [name for name, data in held.items() if secret.encode() in data]
        wide = [name for name, data in held.items() if secret.encode("utf-16-le") in data]
        assert inside + wide == []


def test_what_keeps_the_record_closed_after_all_is_said_on_the_screen_and_at_the_end(
    cut_off: Path, tmp_path: Path
) -> None:
    seal(cut_off)
    record = cut_off / keys.RECORD_FILE
    damaged = bytearray(record.read_bytes())
    damaged[200:4000] = bytes(3800)
    record.write_bytes(damaged)
    for log in cut_off.glob(keys.RECORD_FILE + "-*"):
        log.unlink()
    code, seen, printed = started(cut_off, tmp_path / "home", PASSPHRASE)
    assert code == 2
    assert seen["failed"][0] == "The passphrase is right, and the record cannot be opened"
    assert "Keep the file, and put back your back-up." in seen["failed"][1]
    assert "is damaged: its key is right" in printed


def test_a_start_with_an_open_key_loads_neither_the_window_that_asks_nor_what_opens_a_seal(
    tmp_path: Path,
) -> None:
    code = (
        "import sys; from main import main;"
        f"done = main(['--demo', '--startup-only', '--size', '1280x800', '--data', {str(tmp_path / 'data')!r}]);"
        "rooms = ('db.unsealing', 'db.sealing', 'cryptography', 'ui.unsealing', 'ui.screens.unseal');"
        "print([room for room in rooms if room in sys.modules], done)"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "[] 0", done.stderr
