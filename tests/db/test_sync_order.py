"""The system's own account: each acknowledgement comes after its log was put on disk."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 50
CALL = re.compile(r"(pwrite64|write|fsync|fdatasync)\((\d+)<([^>]*)>")


def early_acknowledgements(trace: str) -> tuple[int, int]:
    """How many lines were printed, and how many of them while the log held what was not yet on disk."""
    unsynced = False
    told = early = 0
    for call, descriptor, path in CALL.findall(trace):
        if path.endswith("-wal"):
            unsynced = "write" in call
        elif descriptor == "1" and call == "write":
            told += 1
            early += unsynced
    return told, early


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_is_acknowledged_before_its_fsync(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = ["strace", "-y", "-o", str(trace), "-e", "trace=write,pwrite64,fsync,fdatasync"]
    command += [sys.executable, "-m", "tests.db.appender", str(tmp_path / "data"), "s1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            pytest.skip("no right to trace a process")
        for _ in range(ENOUGH):
            process.stdout.readline()
        process.kill()
    told, early = early_acknowledgements(trace.read_text())
    assert told >= ENOUGH
    assert early == 0
