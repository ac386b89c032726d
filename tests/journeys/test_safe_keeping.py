"""Key, back-up and restore as they are typed: each command as a process of its own, with its exit code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db import keys
from tests.db.desk import Desk

ROOT = Path(__file__).resolve().parents[2]


def typed(*words: str | Path) -> tuple[int, str]:
    """The exit code and everything that was said; nobody sits at the terminal."""
    command = [sys.executable, "main.py", *map(str, words)]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a clinic with one session, Chairside closed."""
    desk = Desk(tmp_path / "data")
    desk.a_session()
    desk.close()
    (tmp_path / "stick").mkdir()
    (tmp_path / "passphrase").write_text("correct horse battery\n")
    return desk.folder


def test_a_lost_machine_comes_back_from_the_stick_and_the_key_in_the_safe(data: Path, tmp_path: Path) -> None:
    stick, safe, clean = tmp_path / "stick", tmp_path / "safe.key", tmp_path / "clean"
    assert typed("key", "copy", "--to", safe, "--data", data)[0] == 0
    assert typed("backup", "--to", stick, "--data", data)[0] == 0
    before = typed("sessions", "--data", data)
    shutil.rmtree(data)
    (made,) = stick.iterdir()
    code, said = typed("restore", made, "--data", clean)
    assert (code, "Without its key a record cannot be read by anybody" in said) == (2, True)
    assert typed("restore", made, "--key", safe, "--data", clean)[0] == 0
    assert typed("verify", "--data", clean)[0] == 0
    assert typed("sessions", "--data", clean) == before


def test_a_sealed_record_opens_with_its_passphrase_and_not_without(data: Path, tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    assert typed("key", "seal", "--new-passphrase-file", passphrase, "--data", data)[0] == 0
    code, said = typed("sessions", "--data", data)
    assert (code, "--passphrase-file FILE" in said) == (2, True)
    for command in (
        ("sessions",),
        ("verify",),
        ("audit",),
        ("export", "s1"),
        ("backup", "--to", tmp_path / "stick"),
    ):
        assert typed(*command, "--data", data, "--passphrase-file", passphrase)[0] == 0, command
    (tmp_path / "wrong").write_text("another passphrase\n")
    code, said = typed("sessions", "--data", data, "--passphrase-file", tmp_path / "wrong")
    assert (code, "does not open" in said) == (2, True)


def test_a_new_key_leaves_a_record_that_is_whole(data: Path) -> None:
    before = (data / keys.KEY_FILE).read_bytes()
    assert typed("key", "rotate", "--data", data)[0] == 0
    assert (data / keys.KEY_FILE).read_bytes() != before
    assert typed("verify", "--data", data)[0] == 0
    code, said = typed("key", "status", "--data", data)
    assert code == 0
    assert "whoever reads that file, or takes this disk, reads the record" in said


@pytest.mark.parametrize("words", [("key",), ("key", "burn"), ("backup",), ("restore",), ("key", "copy")])
def test_half_a_command_says_what_is_missing(words: tuple[str, ...]) -> None:
    code, said = typed(*words)
    assert code == 2
    assert "usage:" in said
