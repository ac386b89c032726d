"""The key in a real Secret Service: a gnome-keyring of the test's own on a session bus of the test's own.

Skipped where keyring, dbus-run-session or gnome-keyring-daemon is not installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db import keys
from tests.db.desk import Desk

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon", "secret-tool")
HELD = "secret-tool search --all service 'Chairside: key of the record' 2>&1 | grep -c '^secret' || true"

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason="needs dbus, gnome-keyring and libsecret-tools"
)


@pytest.fixture
def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user who never logged in, with a closed record in it."""
    pytest.importorskip("keyring")
    home = tmp_path / "home"
    for name, folder in (("HOME", home), ("XDG_DATA_HOME", home / "data"), ("XDG_RUNTIME_DIR", home / "run")):
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("DISPLAY", raising=False)
    desk = Desk(home / "record")
    desk.a_session()
    desk.close()
    return desk.folder


def in_a_session(folder: Path, *steps: str) -> list[str]:
    """What each step of a desktop session says; "key ..." is Chairside's command, "login WORD" unlocks."""
    script = []
    for step in steps:
        if step.startswith("login "):
            daemon = "gnome-keyring-daemon --replace --unlock --components=secrets >/dev/null 2>&1"
            script.append(f"printf '{step.split()[1]}' | {daemon}; sleep 1")
            continue
        command = f"{sys.executable} main.py {step} --data {folder} 2>&1" if step != HELD else HELD
        script.append(f"{command}; echo '--- end'")
    run = ["dbus-run-session", "--", "sh", "-c", "\n".join(script)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    return [said.strip() for said in done.stdout.split("--- end")][:-1]


def test_the_key_lies_in_the_secret_service_over_a_new_login_and_not_in_the_folder(login: Path) -> None:
    key = keys.read_key(login)
    said = in_a_session(
        login, "login one", "key store", "key status", "login one", "key status", "verify", HELD
    )
    assert said[1] == said[2]
    assert said[1].endswith("It is the record's key.")
    assert "No damage found" in said[3]
    assert said[4] == "1"
    kept = [path.read_bytes() for path in login.iterdir() if path.is_file()]
    assert not any(key in data or key.hex().encode() in data for data in kept)


def test_no_older_entry_stays_in_the_secret_service(login: Path) -> None:
    said = in_a_session(
        login, "login one", "key store", "key store", HELD, "key rotate", HELD, "key unseal", HELD, "verify"
    )
    assert [said[at] for at in (2, 4, 6)] == ["1", "1", "0"]
    assert "No damage found" in said[7]


def test_a_secret_service_that_is_locked_is_said_with_what_to_do(login: Path) -> None:
    said = in_a_session(login, "login one", "key store", "login other", "sessions")
    assert said[1].endswith("Is it unlocked? Log in with a password, then try again.")
