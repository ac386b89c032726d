"""The player of a rehearsal: one script, one stage, one clock, step by step.

The world, the devices, the engine and the store are moved by one loop through `Stage`; painting goes by wall
clock and before each step. A step fails when its widget is not there, hidden or barred, when the program
refuses what should be taken, or when an expectation does not hold.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from app import rehearsal_verbs as v
from app.clinical.tables import Catalog
from app.entries import Entry, kind_of
from app.frames import Answer, Snapshot
from app.instant import Instant
from app.ports import World
from app.refusals import Refused
from app.rehearsal import MARKS, Script, clock_words, resume_at
from app.rehearsal_judge import entries_of, judge
from app.rehearsal_verbs import Expect, Step
from ui.fingers import Finger, TouchFailed

TICK_S: Final = 1.0
TOUCH_S: Final = 0.1
PAINT_EVERY_S: Final = 0.3
"""Between two steps, by the wall clock: often enough to watch, and painting is half of what a rehearsal costs."""
ANSWER_WITHIN_S: Final = 5.0
STEADY_AT_START_S: Final = 100_000.0

Say = Callable[[str], object]
Act = Callable[["Player", Any], None]
ComeBack = Callable[["Player", Sequence[Step], Step], None]


class StepFailed(Exception):
    """A step that could not be done, or an expectation that does not hold; the text says what was seen."""


class SimulatedClock:
    """The only clock of a rehearsal: stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        """Stands at the script's start."""
        self.start = Instant(start, STEADY_AT_START_S)
        self.now = self.start

    def __call__(self) -> Instant:
        """The moment that every part sees."""
        return self.now

    def move(self, seconds: float) -> Instant:
        """Goes on by so many seconds."""
        self.now = self.now.plus(seconds)
        return self.now

    @property
    def passed_s(self) -> float:
        """Seconds since the script's start."""
        return self.now.since(self.start)


class OnDisk(NamedTuple):
    """What a record holds: its entries in the order of writing, and when the newest line was written."""

    entries: tuple[Entry, ...]
    newest: datetime | None


class Stage(Protocol):
    """The whole assembly on simulated time, as main.py builds it around a SimulatedClock. Not open at first."""

    @property
    def world(self) -> World:
        """Patient, monitor and pump: they outlive a power cut."""
        ...

    @property
    def window(self) -> QWidget:
        """The real window, shown; while it is open."""
        ...

    def open(self) -> None:
        """Build everything but the world from what is on disk, as of the clock, and show the window."""
        ...

    def step(self, now: Instant, *, show: bool) -> None:
        """World, links, session, store once; with `show` the newest snapshot goes to the window."""
        ...

    def snapshot(self) -> Snapshot:
        """The newest snapshot that was shown."""
        ...

    def acknowledged(self) -> Sequence[Entry]:
        """The entries that a Saved message named since this stage was made, in that order."""
        ...

    def on_disk(self) -> OnDisk:
        """The record as it is on disk; asked only while the stage is not open."""
        ...

    def drop(self) -> None:
        """Power is gone: nothing is flushed or closed in order; the window goes."""
        ...

    def close(self) -> None:
        """The end, in order; also when it is not open."""
        ...


class Player:
    """One script on one stage. `play` gives True when every step was done and every expectation held."""

    def __init__(
        self,
        script: Script,
        catalog: Catalog,
        stage: Stage,
        clock: SimulatedClock,
        say: Say,
        *,
        acts: Mapping[type[Step], Act],
        come_back: ComeBack,
        screenshots: Path | None = None,
        fallback: Path,
    ) -> None:
        """`acts` does each verb, `come_back` what a person does after a restart.

        `fallback` takes the picture of a failure where no folder for screenshots was named.
        """
        self.script = script
        self._whole = script
        self.catalog = catalog
        self.stage = stage
        self.clock = clock
        self.screenshots = screenshots
        self._acts = acts
        self._come_back = come_back
        self._fallback = fallback
        self._say = say
        self._found: tuple[Entry, ...] = ()
        self._told = 0
        self._painted_s = 0.0
        self._finger: Finger | None = None
        self._touched = True

    @property
    def finger(self) -> Finger:
        """What touches the window that is open now."""
        if self._finger is None:
            raise StepFailed("the window is not open")
        return self._finger

    def _open(self) -> None:
        self.stage.open()
        self._finger = Finger(self.stage.window, self.settle)
        self._show()

    def saved(self) -> tuple[Entry, ...]:
        """Every entry that is on disk: found there, or acknowledged since."""
        return (*self._found, *self.stage.acknowledged())

    # ------------------------------------------------------------------ playing

    def play(self, *, resume: bool = False) -> bool:
        """Every step in turn; stops at the first that fails."""
        index = 0
        try:
            if resume:
                index = self._take_up()
            else:
                self._open()
            self._tell_saved()
            while index < len(self.script.steps):
                self._play_step(index, self.script.steps[index])
                index += 1
        except (StepFailed, TouchFailed, Refused) as failure:
            self._fail(index, self.script.steps[index], str(failure))
            return False
        self._let_pass(2 * TICK_S)
        return True

    def _play_step(self, index: int, step: Step) -> None:
        self.script = self._whole.at_step(index)
        self._until(step.at)
        self._tell_saved()
        self._say(f"{clock_words(self.clock.passed_s)}  step {index + 1}  {words_of(step)}")
        self._do(step)

    def _fail(self, index: int, step: Step, why: str) -> None:
        self._say(f"FAILED  step {index + 1}  {words_of(step)}: {why}")
        if self._finger is not None:
            self._show()
            try:
                self._say(f"        seen on {self.picture(f'failed-step-{index + 1}-{step.do}')}")
            except StepFailed as failure:  # the disk that failed the step may take no picture either
                self._say(f"        {failure}")

    def _do(self, step: Step) -> None:
        self._show()
        self._touched = self._touched or type(step) in MARKS
        self._acts[type(step)](self, step)
        self._tell_saved()

    # ------------------------------------------------------------------ time

    def _until(self, at_s: float) -> None:
        """Lets time pass until the step's second; a step is never early."""
        while (left_s := at_s - self.clock.passed_s) > 1e-6:
            self._tick(min(TICK_S, left_s))

    def _let_pass(self, seconds: float) -> None:
        self._until(self.clock.passed_s + seconds)

    def _tick(self, seconds: float) -> None:
        wall_s = time.monotonic()
        show = wall_s - self._painted_s >= PAINT_EVERY_S
        self.stage.step(self.clock.move(seconds), show=show)
        if show:
            self._painted_s = wall_s
            handle_events()

    def _show(self) -> None:
        """The window as of now."""
        self.stage.step(self.clock.now, show=True)
        self._painted_s = time.monotonic()
        handle_events()

    def settle(self) -> None:
        """Lets the program answer a touch: until nothing waits for a PIN or for the disk."""
        for _ in range(round(ANSWER_WITHIN_S / TOUCH_S)):
            self.clock.move(TOUCH_S)
            self._show()
            if not self._waits():
                return

    def _waits(self) -> bool:
        shot = self.stage.snapshot()
        return shot.saved.state == "saving" or any(a.state == "waiting" for a in shot.answers.values())

    def hold_within(self, expect: Expect) -> tuple[str, ...]:
        """What does not hold, after as much time as the expectation gives.

        Before the first touch of a program that was started again nothing was saved or answered by it.
        """
        if not self._touched:
            expect = msgspec.structs.replace(expect, saved=None, answer=None)
        self._show()
        wrong = judge(expect, self.stage.snapshot(), self._told_of(expect.of))
        end_s = self.clock.passed_s + expect.within_s
        while wrong and self.clock.passed_s < end_s - 1e-6:
            self.clock.move(min(TICK_S, end_s - self.clock.passed_s))
            self._show()
            wrong = judge(expect, self.stage.snapshot(), self._told_of(expect.of))
        return wrong

    def _told_of(self, case: str) -> tuple[Entry, ...]:
        """What is on disk; on a day of this patient alone, "" for the one that the steps speak of."""
        if not self.script.case:
            return self.saved()
        patient = self.script.case_of(case).patient if case else self.script.patient
        return entries_of(patient.mrn, self.saved())

    def wait_for(self, name: str, seconds: float) -> None:
        """Lets simulated time pass until this target can be touched, so many seconds at most."""
        end_s = self.clock.passed_s + seconds
        while not self.finger.can_reach(name) and self.clock.passed_s < end_s:
            self._tick(TICK_S)
            self._show()

    # ------------------------------------------------------------------ answers

    def answers(self) -> dict[str, Answer]:
        """The answers to touches that the window shows now."""
        return dict(self.stage.snapshot().answers)

    def answer_since(self, before: dict[str, Answer]) -> Answer | None:
        """The newest answer that was not there before."""
        new = [answer for tap, answer in self.answers().items() if before.get(tap) != answer]
        return new[-1] if new else None

    # ------------------------------------------------------------------ saying

    def _tell_saved(self) -> None:
        """Each entry with its kind and id, once it is on disk."""
        acknowledged = self.stage.acknowledged()
        for entry in acknowledged[self._told :]:
            self._say(f"          saved {kind_of(entry.body)} {entry.uuid}")
        self._told = len(acknowledged)

    def picture(self, name: str) -> Path:
        """The window as a picture of this name."""
        folder = self.screenshots or self._fallback
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.png"
        if not self.stage.window.grab().save(str(path)):
            raise StepFailed(f"{path}: the picture could not be written")
        return path

    # ------------------------------------------------------------------ after a kill or a power cut

    def cut_power(self, off_s: float) -> None:
        """The program goes at once and comes back later; the world goes on meanwhile.

        Raises StepFailed when an entry that was acknowledged is not on disk.
        """
        self._tell_saved()
        self.stage.drop()
        self._finger = None
        let_go()
        on_disk = {entry.uuid for entry in self.stage.on_disk().entries}
        lost = [entry for entry in self.saved() if entry.uuid not in on_disk]
        if lost:
            words = ", ".join(f"{kind_of(entry.body)} {entry.uuid}" for entry in lost)
            raise StepFailed(f"acknowledged, and not on disk: {words}")
        self._world_until(self.clock.passed_s + off_s)
        self._open()

    def night(self, off_s: float) -> None:
        """The program is closed in order and started again later; nobody is at monitor and pump meanwhile."""
        self._tell_saved()
        self.stage.close()
        self._finger = None
        let_go()
        self._world_off(off_s)
        self._open()

    def _world_off(self, off_s: float) -> None:
        self.stage.world.pass_over(self.clock.move(off_s))
        self.stage.world.seat(self.script.patient.weight_kg)

    def _take_up(self) -> int:
        """Brings world and clock to where the record on disk ends; the index of the first step to play."""
        self._found, newest = self.stage.on_disk()
        first = resume_at(self.script, self._found, newest)
        done = self.script.steps[:first]
        for index, step in enumerate(done):
            self.script = self._whole.at_step(index)
            self._world_until(step.at)
            self._outside_of(step)
        self.script = self._whole.at_step(max(0, first - 1))
        if newest is not None:
            self._world_until((newest - self.script.start).total_seconds() + TICK_S)
        self._say(f"{clock_words(self.clock.passed_s)}  goes on with step {first + 1}")
        self._open()
        self._let_pass(2 * TICK_S)
        self._show()
        if first < len(self.script.steps):
            self._come_back(self, done, self.script.steps[first])
        self._touched = False
        return first

    def _world_until(self, at_s: float) -> None:
        while (left_s := at_s - self.clock.passed_s) > 1e-6:
            self.stage.world.step(self.clock.move(min(TICK_S, left_s)))

    def _outside_of(self, step: Step) -> None:
        """What a step that was played before did to the world."""
        world = self.stage.world
        with suppress(Refused):
            match step:
                case v.SetPump():
                    world.bench.set_rate(step.rate_ml_h)
                case v.PressPump():
                    world.bench.key(step.key)
                case v.WorldStep():
                    turn_world(world, step)
                case v.TurnTo():
                    world.seat(self.script.patient.weight_kg)
                case v.DrugGiven() if not step.refused:
                    world.give(step.drug, step.dose)
                case v.Oxygen() if not step.refused:
                    world.oxygen(step.flow_l_min)
                case v.PowerCut():
                    self._world_until(self.clock.passed_s + step.off_s)
                case v.Night():
                    self._world_off(step.off_s)
                case _:
                    pass


def turn_world(world: World, step: v.WorldStep) -> None:
    """What a world step says happens; raises Refused for a name that the world does not know."""
    for name, value in step.set.items():
        world.set(name, value)
    for name in step.release:
        world.event(f"release_{name}")
    if step.event:
        world.event(step.event)


def words_of(step: Step) -> str:
    """The step in words: its name, its verb and whatever it carries beyond the usual; never a PIN."""
    words = [step.do] if step.name in ("", step.do) else [step.name, step.do]
    for field in msgspec.structs.fields(step):
        value = getattr(step, field.name)
        if field.name not in ("at", "name", "pin") and value not in (field.default, {}, ()):
            words.append(value if isinstance(value, str) and value else f"{field.name} {_plain(value)}")
    return " ".join(words)


def _plain(value: object) -> str:
    """A value as a script would write it, more or less."""
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(one) for one in value)}]"
    if isinstance(value, msgspec.Struct):
        named = ((field, getattr(value, field.name)) for field in msgspec.structs.fields(value))
        said = [f"{field.name} {_plain(x)}" for field, x in named if x not in (field.default, {}, ())]
        return f"({', '.join(said)})"
    return f"{value:g}" if isinstance(value, float) else str(value)


def handle_events() -> None:
    """What an event loop does at each turn: also what asked to be deleted is, which `processEvents` alone leaves."""
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def let_go() -> None:
    """What goes between two windows, cycles of them among it."""
    handle_events()
    gc.collect()


def rss_mb() -> float | None:
    """The memory that this process holds now, in MB; None where the system does not tell."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return None
