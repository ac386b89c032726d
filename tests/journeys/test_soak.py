"""R10: one session of twelve hours at accelerated time: memory, descriptors, threads and frames stay as they were."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import rehearsal_verbs as v
from app.catalog import load
from app.frames import Snapshot
from app.rehearsal import load_script
from app.rehearsal_verbs import Step
from main import SteppedStage
from ui.rehearse_acts import ACTS, come_back
from ui.rehearse_player import Player, SimulatedClock, let_go, rss_mb
from ui.rehearse_recovery import RECOVERY_ACTS

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "resources" / "rehearsals" / "low-dose-hour.toml"
HOURS = 12
STEP_S = 2
FRAME_EVERY_S = 10
TOUCH_EVERY_S = 300
RATE_ML_H = 4.0
"""With it one syringe of 50 mL lasts for twelve hours."""
GROWTH_MB = 20.0
FRAME_P95_MS = 33.0
NONE_MAY_FALL = 100
TOUCHES: tuple[Step, ...] = (
    v.EffectNoted(at=0.0, effect="nausea", grade=1, again=True),
    v.Note(at=0.0, text="quiet"),
    v.VitalEntered(at=0.0, values={"nibp_sys": 122.0, "nibp_dia": 74.0}, sure=True),
    v.EffectEnded(at=0.0, effect="nausea"),
    v.Oxygen(at=0.0, flow_l_min=2.0),
    v.Dim(at=0.0),
    v.Oxygen(at=0.0, flow_l_min=0.0),
    v.Lock(at=0.0),
    v.Unlock(at=0.0, staff="LK"),
)
"""What is done in turn, every five minutes: each opens sheets and leaves them."""


class Held(NamedTuple):
    """What the process holds at a moment."""

    rss_mb: float
    descriptors: int
    threads: int
    none_references: int


def held() -> Held:
    """After everything that could go is gone."""
    let_go()
    threads = len(list(Path("/proc/self/task").iterdir()))
    assert threads >= threading.active_count()
    return Held(rss_mb() or 0.0, len(os.listdir("/proc/self/fd")), threads, sys.getrefcount(None))


class TimedStage(SteppedStage):
    """The stage of a rehearsal that knows when its newest snapshot was handed to the screen."""

    handed_s = 0.0

    def _take(self, snapshot: Snapshot) -> None:
        super()._take(snapshot)
        self.handed_s = time.process_time()


class Soak(Player):
    """A nurse who sits by for twelve hours."""

    def __init__(self, folder: Path) -> None:
        """The chair is open, the nurse is not there yet."""
        catalog = load()
        script = load_script(SCRIPT, catalog)
        self.frames_ms: list[float] = []
        self._touches = cycle(TOUCHES)
        clock = SimulatedClock(script.start)
        self.timed = TimedStage(folder, clock, script, (1280, 800), 125.0)
        super().__init__(
            script, catalog, self.timed, clock, lambda _line: None, acts=ACTS | RECOVERY_ACTS, come_back=come_back,
            fallback=folder,
        )  # fmt: skip
        self._open()

    def do(self, step: Step) -> None:
        """One verb, which must go well."""
        self._acts[type(step)](self, step)

    def begin(self) -> None:
        """As the script does it, until the infusion runs; at a rate with which the syringe lasts."""
        for number, step in enumerate(self.script.steps):
            if isinstance(step, v.SetPump):
                step = v.SetPump(at=step.at, rate_ml_h=RATE_ML_H)
            if not isinstance(step, v.Screenshot | v.Expect):
                self._play_step(number, step)
            if isinstance(step, v.PressPump) and step.key == "start":
                break
        self._let_pass(180.0)
        self._show()
        assert self.stage.snapshot().phase == "infusing"

    def hour(self) -> None:
        """An hour, step by step, with frames and touches."""
        for second in range(STEP_S, 3600 + STEP_S, STEP_S):
            self.stage.step(self.clock.move(STEP_S), show=False)
            if second % FRAME_EVERY_S == 0:
                self._frame()
            if second % TOUCH_EVERY_S == 0:
                self._touch_something()

    def _frame(self) -> None:
        """A snapshot, shown and painted: what the screen's thread does, by the processor."""
        self.stage.step(self.clock.now, show=True)
        QApplication.processEvents()
        self.frames_ms.append((time.process_time() - self.timed.handed_s) * 1000)

    def _touch_something(self) -> None:
        if self.stage.snapshot().locked:
            self.do(v.Unlock(at=0.0, staff="LK"))
        self.do(next(self._touches))


@pytest.fixture
def soak(qtbot: QtBot, tmp_path: Path) -> Iterator[Soak]:
    """The infusion runs."""
    made = Soak(tmp_path / "data")
    try:
        made.begin()
        yield made
    finally:
        made.stage.close()


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to count what a process holds")
def test_twelve_hours_leave_memory_descriptors_threads_and_frames_as_they_were(soak: Soak) -> None:
    soak.hour()
    first = held()
    print(f"hour 1: {first}")
    soak.frames_ms.clear()
    for number in range(2, HOURS + 1):
        soak.hour()
        print(f"hour {number}: {held()}")
    last = held()
    p95_ms = quantiles(soak.frames_ms, n=20)[18]
    print(f"{len(soak.frames_ms)} frames, p95 {p95_ms:.1f} ms of the processor")
    assert soak.stage.snapshot().phase == "infusing"
    assert last.rss_mb - first.rss_mb < GROWTH_MB
    assert last.descriptors <= first.descriptors
    assert last.threads <= first.threads
    assert p95_ms < FRAME_P95_MS
    if sys.version_info < (3, 12):  # from there on None is immortal
        assert first.none_references - last.none_references <= NONE_MAY_FALL
