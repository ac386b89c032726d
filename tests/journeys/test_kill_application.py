"""R1: the real application killed at random points while a script logs entries; nothing acknowledged is lost."""

from __future__ import annotations

import io
import random
import selectors
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from db.export import read_all
from db.verify import run_verify

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "resources" / "rehearsals" / "low-dose-hour.toml"
PATIENT = str(tomllib.loads(SCRIPT.read_text())["patient"]["name"]).encode()
TOLD = ("cmdline", "environ", "comm")
LONGEST_S = 2.5
PATIENCE_S = 60.0
KILLS_OF_A_RECORD = 10
"""Each kill may cost the script one of the minutes that it counts at its end."""
AT_WORK = 0.75
"""So many of the kills wait for a first entry on disk; the others fall into the start as well."""


class Run:
    """The application as a process of its own, playing the script on one data folder."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "main.py", "rehearse", str(SCRIPT), "--data", str(data), "--resume"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )
        self.said = self.outside = b""

    def read_for(self, seconds: float, until: bytes = b"") -> bool:
        """Keep what it prints for so long, or until these words; True when it came to its end."""
        assert self.process.stdout is not None
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            while (left_s := end - time.monotonic()) > 0:
                if waiting.select(left_s):
                    piece = self.process.stdout.read(65536)
                    if not piece:
                        return True
                    self.said += piece
                    if until and until in self.said:
                        return False
        return False

    def told_outside(self) -> bytes:
        """What everybody on the machine may read of it and of its children: arguments, and the environment."""
        process = Path("/proc", str(self.process.pid))
        if not process.exists():
            return b""
        children = (process / "task" / str(self.process.pid) / "children").read_text().split()
        found = [Path("/proc", pid) / what for pid in (process.name, *children) for what in TOLD]
        return b"".join(path.read_bytes() for path in found if path.exists())

    def kill(self) -> None:
        """As a pulled plug: no handler runs."""
        self.outside = self.told_outside()
        self.process.send_signal(signal.SIGKILL)
        assert self.process.stdout is not None
        self.said += self.process.stdout.read()
        self.close()

    def close(self) -> None:
        """Let go of the process, which has ended."""
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def acknowledged(self) -> set[str]:
        """The entries that it printed as saved, each line after its commit."""
        lines = self.said.decode(errors="replace").splitlines()
        return {words[2] for line in lines if len(words := line.split()) == 3 and words[0] == "saved"}


def play_with_kills(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill the application so often, on one record after another; what was seen, in numbers."""
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    data, acknowledged, killed = folder / "record-0", set[str](), 0
    while seen["kills"] < kills:
        if killed == KILLS_OF_A_RECORD:
            seen["left"] += 1
            data, acknowledged, killed = folder / f"record-left-{seen['left']}", set(), 0
        run = Run(data)
        ended = chance.random() < AT_WORK and run.read_for(PATIENCE_S, until=b"saved ")
        if ended or run.read_for(chance.uniform(0.2, LONGEST_S)):
            run.close()
            assert run.process.returncode == 0, run.said.decode(errors="replace")[-2000:]
            seen["finished"] += 1
            check(data, acknowledged | run.acknowledged())
            data, acknowledged, killed = folder / f"record-{seen['finished']}", set(), 0
            continue
        run.kill()
        assert b"main.py" in run.outside or not Path("/proc").exists()
        assert PATIENT not in run.outside
        seen["kills"] += 1
        killed += 1
        acknowledged |= run.acknowledged()
        seen["acknowledged"] += len(run.acknowledged())
        check(data, acknowledged)
        print(f"kills: {seen['kills']}, acknowledged: {seen['acknowledged']}, lost: 0", flush=True)
    return seen


def check(data: Path, acknowledged: set[str]) -> None:
    """Every acknowledged entry is on disk, once; chain, pages and cipher are whole."""
    entries, _ = read_all(data)
    on_disk = Counter(entry.uuid for entry in entries)
    assert acknowledged <= set(on_disk), f"lost: {acknowledged - set(on_disk)}"
    assert not [uuid for uuid, times in on_disk.items() if times > 1]
    if entries:
        said = io.StringIO()
        assert run_verify(data, said) == 0, said.getvalue()


def test_an_application_killed_at_random_points_loses_no_acknowledged_entry(tmp_path: Path) -> None:
    seen = play_with_kills(tmp_path, kills=10, seed=11)
    assert seen["acknowledged"] > 0


@pytest.mark.kills
@pytest.mark.timeout(0)
def test_an_application_killed_many_times_loses_no_acknowledged_entry(tmp_path: Path, kills: int) -> None:
    seen = play_with_kills(tmp_path, kills=kills, seed=random.randrange(1 << 30))
    print(dict(seen))
    assert seen["acknowledged"] > 0
