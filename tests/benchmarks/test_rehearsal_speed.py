"""The low-dose hour through the real window: how long it takes, and what memory it keeps."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "resources" / "rehearsals" / "low-dose-hour.toml"
RUNS = 3
LONGEST_S = 20.0
HIGHEST_MB = 300.0
GROWTH_MB = 20.0
"""The low-dose hour rehearsed in 20 s; memory, and how much of it three runs may add."""


def processor_s() -> float:
    """Processor seconds of every process that this one started and that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.timeout(300)
def test_the_low_dose_hour_is_played_three_times_in_time_and_in_memory(tmp_path: Path) -> None:
    began_s = processor_s()
    command = [sys.executable, "main.py", "rehearse", str(SCRIPT), "--data", str(tmp_path / "data")]
    played = subprocess.run(
        [*command, "--repeat", str(RUNS)], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert played.returncode == 0, played.stdout[-2000:] + played.stderr[-2000:]
    each_s = (processor_s() - began_s) / RUNS
    told = re.findall(r"^Run \d+ of \d+ played in ([\d.]+) s, RSS (\d+) MB\.$", played.stdout, re.MULTILINE)
    seconds, megabytes = [float(one) for one, _ in told], [float(one) for _, one in told]
    print(f"played in {seconds} s, {each_s:.1f} s of processor each; RSS {megabytes} MB")
    assert len(seconds) == RUNS
    # On a machine that is busy with something else the processor's time tells, not the wall's.
    assert min(*seconds, each_s) <= LONGEST_S
    assert max(megabytes) <= HIGHEST_MB
    assert megabytes[-1] - megabytes[0] <= GROWTH_MB
