"""A random walk through the whole chair: whatever is touched and whatever happens, it is looked at after each touch.

The real window on the real engine, store and simulated devices, stepped in one loop. The dice choose among what a
finger could touch, among verbs of the shipped rehearsals (somebody who knows the way), and among what happens around
the chair. A witness looks after each touch. Whoever fails says its seed and what was done last.
"""

from __future__ import annotations

import random
import re
import resource
import sys
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QWidget

from app import rehearsal_verbs as v
from app.catalog import load
from app.entries import Entry
from app.instant import Instant
from app.messages import Saved, Tap
from app.refusals import Refused, TableErrors
from app.rehearsal import Script, parse_script
from app.rehearsal_verbs import Step
from db.verify import verify
from main import SIMULATED, Parts, SerialDevices, SteppedStage
from tests.journeys.witness import RANK, Untrue, Witness
from ui.fingers import TouchFailed
from ui.rehearse_acts import ACTS, come_back
from ui.rehearse_player import Player, SimulatedClock, StepFailed
from ui.rehearse_recovery import RECOVERY_ACTS
from ui.widgets.keypad import EntryField
from ui.widgets.target import Target

ROOT = Path(__file__).resolve().parents[2]
CATALOG: Final = load()
PIN: Final = "1111"
"""Everybody's, so that whoever the dice choose can sign."""
TOLD_LAST: Final = 30
DISK_REFUSES_S: Final = 20.0
ID_LETTERS: Final = 24
HOME_WITHIN: Final = 16
"""Touches after which no sheet and no screen aside is open any more."""

QUIET_QT: Final = ("does not support propagateSizeHints", "does not support raise")

WEIGHTS: Final[dict[str, float]] = {
    "dim": 0.1, "lock": 0.15, "emergency": 0.2, "demo_pump": 0.2, "acknowledge": 0.3, "print": 0.05, "save_pdf": 0.03,
    "save_leaflet": 0.03, "print_leaflet": 0.03, "print_list": 0.05, "letter": 0.04, "keyboard": 0.3, "key": 0.2,
    "pin": 0.2, "bench": 0.15, "leave_session": 0.3, "finish": 0.5, "choice": 0.5, "close": 0.6, "set": 4.0, "yes": 3.0,
    "start": 4.0, "sign_now": 4.0, "sign_pin": 4.0, "enter": 4.0, "give": 3.0, "save": 3.0, "check_save": 3.0,
    "editor": 2.0, "save_patient": 3.0, "sign": 2.0, "pause": 0.5, "end": 0.15, "finish_now": 0.5,
    "reason": 0.4, "nopin": 0.3, "release": 0.2,
}  # fmt: skip
"""How often a target is touched, by the first word of its name; 1 where none is named."""

LEAVES: Final = (
    "ok", "no", "editor.back", "witness_back", "sign_back", "back_to_tables", "check_back", "visit_back", "visit_close",
    "draw_back", "back", "done", "close", "bench.close", "back_to_account", "back_to_chair", "back_from_record",
    "leave_review", "back_to_order", "back_to_check_in", "back_to_today", "with_pin",
)  # fmt: skip
"""What leads back from a sheet, a question, an editor or a screen aside."""

CONFIRMS_PIN: Final = (
    "enter", "sign_now", "sign_pin", "witness_sign", "witness_now", "take_over", "accept_now", "sign_tables_now",
    "pin_set",
)  # fmt: skip

NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "mL/h": ("17.5", "20", "12"), "kg": ("70", "82.5"), "cm": ("168",), "mL": ("50", "12.5", "100"),
    "mg": ("100", "2", "0.5", "20"), "mg/h": ("35", "20"), "min": ("40", "20", "60"), "L/min": ("2", "4"),
    "mmHg": ("120", "78"), "/min": ("72", "14"), "%": ("97",), "°C": ("36.6",), "mg/mL": ("2",),
}  # fmt: skip
"""What is typed where a number is asked for in this unit."""
ANY_NUMBER: Final = ("1", "7", "12", "17", "50", "1964", "0", "999", "0930")
NAMES: Final = ("Ward", "Nora", "Ivo", "Mia")
WORDS: Final = ("ok", "as before", "rosa", "quiet")

BY_PHASE: Final[dict[str, tuple[type[Step], ...]]] = {
    "today": (v.Patient, v.Review, v.Night, v.PowerCut, v.Press, v.Press),
    "patient": (v.Patient,),
    "check-in": (v.CheckIn, v.CheckIn, v.Baseline, v.OrderSigned, v.OrderSigned, v.Record),
    "ready": (v.CheckIn, v.Start, v.Start, v.Start, v.Record, v.OrderSigned, v.Draw, v.Limits),
    "infusing": (
        v.EffectNoted, v.EffectEnded, v.DrugGiven, v.VitalEntered, v.Oxygen, v.Note, v.Undo, v.Amend, v.ChangeRate,
        v.Pause, v.End, v.Limits, v.Acknowledge, v.PowerCut, v.SyringeChange, v.ConfirmPump, v.ScoreTaken, v.HandedOver,
        v.Supervisor, v.Baseline, v.Emergency, v.Stamp, v.IvCheck, v.SignIn, v.Review, v.SetPump,
        v.Record, v.ByHand,
    ),
    "paused": (v.Resume, v.Resume, v.End, v.PressPump, v.SyringeChange, v.ConfirmPump, v.PowerCut, v.Note, v.ByHand),
    "recovery": (
        v.ScoreTaken, v.Criterion, v.Criterion, v.Accept, v.InstructionsGiven, v.HandedOver, v.Supervisor, v.Discharge,
        v.Discharge, v.Finish, v.Return, v.Waste, v.Account, v.NextVisit, v.Note, v.Record, v.PowerCut,
        v.SyringeChange, v.ConfirmPump,
    ),
    "finished": (v.Record, v.Sign, v.Sign, v.NextVisit, v.Print, v.Amend, v.Review, v.Summary, v.TurnTo),
}  # fmt: skip
"""What somebody who knows the way does next."""


WHOLE_CHECK_IN: Final = v.CheckIn(at=0.0, second="JM")
NO_BASELINE: Final = v.CheckIn(at=0.0, line="baseline", not_done="Monitor not usable")
PROGRESS: Final[dict[str, tuple[Step, ...]]] = {
    "today": (v.Patient(at=0.0),),
    "patient": (v.Patient(at=0.0),),
    "check-in": (WHOLE_CHECK_IN, NO_BASELINE, v.OrderSigned(at=0.0)),
    "ready": (WHOLE_CHECK_IN, NO_BASELINE, v.Start(at=0.0)),
    "paused": (v.Resume(at=0.0),),
    "recovery": (v.Discharge(at=0.0, how="transferred", reason="Another treatment"), v.Finish(at=0.0)),
    "finished": (
        v.Record(at=0.0),
        v.Sign(at=0.0, signer="LK", meaning="Nurse"),
        v.Sign(at=0.0, signer="AM", meaning="Anesthetist"),
        v.NextVisit(at=0.0, days=7),
        v.Press(at=0.0, target="leave_session"),
    ),
}
"""What leads on to the next phase, one after another."""
INVENTED: Final = (
    v.Record(at=0.0),
    v.Night(at=0.0, off_s=3600.0),
    v.PowerCut(at=0.0, off_s=20.0),
    *(v.Press(at=0.0, target=name) for name in ("audit", "tables", "set_up")),
)
WORLD_EVENTS: Final = (
    "unplug_monitor", "plug_monitor", "unplug_pump", "plug_pump", "pump_cable_out", "pump_cable_in", "occlusion",
    "clear_occlusion", "syringe_near_end", "new_syringe", "low_battery", "power_reset", "spo2_sensor_off",
    "spo2_sensor_on", "pump_line_stormy", "pump_line_calm", "monitor_cable_out", "monitor_cable_in", "nibp",
)  # fmt: skip
PUMP_KEYS: Final = ("start", "hold", "confirm_syringe", "silence", "clear_volume")


def scripts() -> list[Script]:
    """The shipped rehearsals, in which everybody has the one PIN."""
    made: list[Script] = []
    for path in sorted((ROOT / "resources" / "rehearsals").glob("*.toml")):
        text = re.sub(r'pin = "\d{4}"', f'pin = "{PIN}"', path.read_text(encoding="utf-8"))
        try:
            script = parse_script(text, CATALOG, path.name)
        except TableErrors:
            continue
        made.append(script)
    return made


class SimulatedOnly(SerialDevices):
    """The devices of a walk: whatever is chosen, no port of this computer is opened."""

    def ports(self) -> tuple[tuple[str, str], ...]:
        """The simulated one."""
        return ((SIMULATED, "simulated"),)


class WalkStage(SteppedStage):
    """The stage of a rehearsal whose touches are heard, on a disk that can refuse."""

    def __init__(
        self,
        folder: Path,
        clock: SimulatedClock,
        script: Script,
        hear: Callable[[Tap], None],
        *,
        set_up: bool,
    ) -> None:
        """Not `set_up`: the clinic's first run is to be walked as well."""
        super().__init__(folder, clock, script, (1280, 800), 125.0)
        self._hear_tap = hear
        self.sets_up = set_up
        self.refuses_until_s: float | None = None
        self.found: tuple[Entry, ...] = ()

    @property
    def parts(self) -> Parts:
        """Engine, store and links; while the stage is open."""
        if self._parts is None:
            raise RuntimeError("the stage is not open")
        return self._parts

    def _devices(self, parts: Parts) -> SerialDevices:
        return SimulatedOnly(parts.connect)

    def _set_up(self, parts: Parts) -> None:
        if self.sets_up:
            super()._set_up(parts)
            self.found = self.on_disk().entries

    def _heard(self, message: object) -> None:
        if isinstance(message, Tap):
            self._hear_tap(message)
        if isinstance(message, Saved) or self._parts is not None:
            super()._heard(message)

    def open(self) -> None:
        """Opens what is on disk, and remembers what that was."""
        self.found = self.on_disk().entries
        super().open()

    def step(self, now: Instant, *, show: bool) -> None:
        """Everything once, on the disk as it is."""
        refuses = self.refuses_until_s is not None and now.steady < self.refuses_until_s
        with _full_disk() if refuses else _good_disk():
            super().step(now, show=show)


@contextmanager
def _full_disk() -> Iterator[None]:
    """No byte can be written to any file, as the system itself says it: EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def _good_disk() -> Iterator[None]:
    yield


class Watch:
    """Catches what nobody caught, and every word of warning of Qt, while the walk is on."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.found: list[str] = []

    @contextmanager
    def on(self) -> Iterator[None]:
        """From here to there."""
        hook, sys.excepthook = sys.excepthook, self._caught
        before = qInstallMessageHandler(self._said)
        try:
            yield
        finally:
            sys.excepthook = hook
            qInstallMessageHandler(before)

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.found.append("".join(traceback.format_exception(kind, error, trace)))

    def _said(self, kind: QtMsgType, _where: QMessageLogContext, words: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not any(quiet in words for quiet in QUIET_QT):
            self.found.append(f"Qt says: {words}")


class Failed(AssertionError):
    """The walk ended; the text says why, with its seed and what was done last."""


class Walker(Player):
    """Dice, a finger, and a witness who looks after each action."""

    def __init__(self, folder: Path, seed: int, *, set_up: bool = True) -> None:
        """The chair is opened, and looked at once."""
        self.dice = random.Random(seed)
        self.seed = seed
        self.actions = 0
        self.done: deque[str] = deque(maxlen=TOLD_LAST)
        self.witness = Witness()
        self.watch = Watch()
        self.seen: Counter[str] = Counter()
        self.touched: Counter[str] = Counter()
        self._left: tuple[str, str] | None = None
        self._scripts = scripts()
        self._verbs = _verbs_of(self._scripts)
        script = self._scripts[0]
        self.chair = WalkStage(
            folder, clock := SimulatedClock(script.start), script, self.witness.touched, set_up=set_up
        )
        self._folder = folder
        super().__init__(
            script, CATALOG, self.chair, clock, lambda _line: None, acts=ACTS | RECOVERY_ACTS, come_back=come_back,
            fallback=folder,
        )  # fmt: skip

    # ------------------------------------------------------------------ the walk

    def walk(self, actions: int) -> None:
        """So many actions; raises Failed with the seed and the last actions."""
        moves = (self.touch, self.type_in, self.know, self.go_on, self.pass_time, self.trouble, self.go_home)
        with self.watch.on():
            try:
                self._open()
                self.look()
                while self.actions < actions:
                    self.dice.choices(moves, (50, 13, 8, 11, 7, 3, 2))[0]()
                    self.look()
                self._over()
            except Exception as error:
                why = self._why(error)
                self.chair.refuses_until_s = None
                self.chair.drop()
                raise Failed(why) from error

    def _over(self) -> None:
        """Everything is written, the record holds together, and what comes back of it is what was there."""
        self.chair.refuses_until_s = None
        self._let_pass(10.0)
        self.look()
        self.cut_power(5.0)
        self.look()
        self.chair.close()
        report = verify(self._folder)
        if report.problems:
            raise Untrue(f"the record does not hold together: {report.problems}")

    def _why(self, error: Exception) -> str:
        last = "\n  ".join(self.done)
        return (
            f"seed {self.seed}, action {self.actions}: {type(error).__name__}: {error}\n"
            f"phase {self.seen.most_common()}\nthe last actions:\n  {last}"
        )

    def look(self) -> None:
        """What must be so after each action."""
        if self.watch.found:
            raise Untrue("\n".join(self.watch.found))
        shot = self.chair.snapshot()
        self.seen[self._where(shot.phase)] += 1
        self.witness.look(self.chair.parts.engine, shot, self.chair.acknowledged())
        if not any(not target.is_barred() and _leads_on(target) for target in self.targets()):
            raise Untrue(f"a dead end: nothing can be touched in {self._where(shot.phase)}")

    def _where(self, phase: str) -> str:
        window = self.chair.window
        sheet = (
            window.sheet.objectName().partition(".")[2].partition(".")[0] if window.sheet is not None else ""
        )
        screen = type(window.screen_shown).__name__.removesuffix("Screen")
        return f"{phase}/{screen}{'/' + sheet if sheet else ''}"

    def settle(self) -> None:
        """The program answers; every touch of a verb is an action, and is looked at."""
        super().settle()
        self.actions += 1
        if self.watch.found:
            raise Untrue("\n".join(self.watch.found))
        self.witness.look(self.chair.parts.engine, self.chair.snapshot(), self.chair.acknowledged())

    def did(self, what: str) -> None:
        """Said of the last actions when something fails."""
        self.done.append(f"{self.clock.passed_s:9.1f} {self._where(self.chair.snapshot().phase)}: {what}")

    # ------------------------------------------------------------------ what a finger could do

    def targets(self) -> list[Target]:
        """All that a finger would hit, from the top to the bottom."""
        window = self.chair.window
        found = []
        for target in _in_sight(window):
            middle = target.mapTo(window, target.rect().center())
            if window.rect().contains(middle) and _is_hit(window, target):
                found.append((middle.y(), middle.x(), target))
        return [target for _y, _x, target in sorted(found, key=lambda one: one[:2])]

    def touch(self) -> None:
        """Something that is there; rarely something that is barred."""
        targets = self.targets()
        weights = [_weight(target) * self._novelty(target) for target in targets]
        self._touch(self.dice.choices(targets, weights)[0])

    def _novelty(self, target: Target) -> float:
        """What was seldom touched is touched sooner, so that every screen and sheet has its turn."""
        return 1.0 + 8.0 / (1.0 + self.touched[_kind(target)])

    def _touch(self, target: Target) -> None:
        name = target.objectName()
        self.touched[_kind(target)] += 1
        self.did(f"touch {name} {target.words!r}{' (barred)' if target.is_barred() else ''}")
        self.finger.press(name, even_barred=True) if self.finger.can_reach(name) else None

    def type_in(self) -> None:
        """Where digits or letters are asked for, something plausible, and what confirms it."""
        names = {target.objectName() for target in self.targets()}
        if "pin.1" in names:
            self._type_pin(names)
        elif "key.1" in names:
            self._type_number()
        elif "keyboard.done" in names:
            self._type_words()
        else:
            self.touch()

    def _type_pin(self, names: set[str]) -> None:
        people = sorted(n for n in names if n.startswith(("staff.", "signer.", "witness.", "taker.")))
        pin = PIN if self.dice.random() < 0.95 else "4711"
        self.did(f"type the PIN {pin}")
        if people:
            self._press_any(people)
        self._keys("pin", pin)
        self._press_any([name for name in CONFIRMS_PIN if self.finger.can_reach(name)])

    def _type_number(self) -> None:
        units = [field.unit for field in self.chair.window.findChildren(EntryField) if field.isVisible()]
        number = self.dice.choice(NUMBERS.get(units[-1] if units else "", ANY_NUMBER))
        self.did(f"type {number} ({units[-1:]})")
        self._keys("key", number)
        self._press_any([n for n in ("set", "bench.set_rate") if self.finger.can_reach(n)])

    def _type_words(self) -> None:
        self._write(self.dice.choice(WORDS))

    def _write(self, words: str) -> None:
        """On the touch keyboard, where there is one."""
        if not self.finger.can_reach("keyboard.done"):
            return
        self.did(f"write {words}")
        try:
            self.finger.write(words)
        except TouchFailed as reason:
            self.did(f"   not written: {reason}")
        self.actions += len(words)

    def _keys(self, prefix: str, text: str) -> None:
        typed = "".join(key for key in text if self.finger.can_reach(f"{prefix}.{key}"))
        self.finger.keys(typed, prefix)
        self.actions += len(typed)

    def _press_any(self, names: Sequence[str]) -> None:
        if names:
            name = self.dice.choice(names)
            if self.finger.can_reach(name):
                self.finger.press(name, even_barred=True)

    # ------------------------------------------------------------------ what somebody who knows the way does

    def know(self) -> None:
        """A verb that belongs to the phase, from any of the rehearsals."""
        kinds = BY_PHASE.get(self.chair.snapshot().phase, ())
        self._verb(self._verbs.get(self.dice.choice(kinds), []) if kinds else ())

    def go_on(self) -> None:
        """What leads to the next phase, from where everything else is closed."""
        self.go_home()
        if self.chair.snapshot().phase == "first-run":
            self._first_run()
            return
        self._sign_in()
        for step in PROGRESS.get(self.chair.snapshot().phase, ()):
            self._verb((step,))
            self.go_home()
        if self.chair.snapshot().phase == "ready":
            self._start_pump()
        elif self.chair.snapshot().phase == "infusing" and self.dice.random() < 0.15:
            self._end()

    def _first_run(self) -> None:
        """Clinic, devices and one person who may do everything."""
        self.did("go through the first run")
        for field in ("field.clinic", "add_person"):
            self._press_any([field])
            self._write(self.dice.choice(NAMES))
            self._write("")
        for role in ("nurse", "anesthetist", "director", "administrator"):
            self._press_any([f"choice.{role}"])
        self._press_any(["editor.done"])
        for _ in range(2):
            self._keys("pin", PIN)
            self._press_any(["pin_set"])
        for device in ("monitor", "pump"):
            self._press_any([f"field.{device}"])
            for _ in range(2):
                choices = [t.objectName() for t in self.targets() if t.objectName().startswith("choice.")]
                self._press_any([name for name in choices if name != "choice.none"])
        self._press_any(["finish_first_run"])

    def _verb(self, steps: Sequence[Step]) -> None:
        if not steps:
            return
        step = self.dice.choice(steps)
        if isinstance(step, v.Patient):
            self._another_patient()
        self.did(f"do {step}")
        self._do_verb(step)

    def _do_verb(self, step: Step) -> None:
        try:
            self._acts[type(step)](self, step)
        except (StepFailed, TouchFailed, Refused) as reason:
            self.did(f"   not done: {reason}")

    def _another_patient(self) -> None:
        self.script = self.dice.choice(self._scripts)
        self.chair.world.seat(self.script.patient.weight_kg)

    def _sign_in(self) -> None:
        """Somebody who can go on; the second nurse stays free to be the second."""
        shot, glass = self.chair.snapshot(), self.chair.parts.engine.glass
        second = any(row.staff == shot.who and row.initials == "JM" for row in shot.staff)
        if shot.locked or glass is not None or second:
            self._do_verb(v.Unlock(at=0.0, staff=self.dice.choice(("LK", "LK", "AM", "PA"))))

    def _start_pump(self) -> None:
        session = self.chair.parts.engine.session
        plan = session.plan if session is not None else None
        self.did("start at the pump")
        self._at_pump("confirm_syringe")
        try:
            self.chair.world.bench.set_rate(round(plan.rate_ml_h_at(0.0), 1) if plan is not None else 17.5)
        except Refused as reason:
            self.did(f"   the pump refuses: {reason}")
        self._at_pump("start")
        self._let_pass(8.0)

    def _end(self) -> None:
        self.did("end, at screen and pump")
        self._do_verb(v.End(at=0.0))
        self._at_pump("hold")
        self._let_pass(8.0)

    def _at_pump(self, key: str) -> None:
        try:
            self.chair.world.bench.key(key)
        except Refused as reason:
            self.did(f"   the pump refuses: {reason}")

    # ------------------------------------------------------------------ what happens by itself

    def pass_time(self) -> None:
        """Seconds, or minutes."""
        seconds = self.dice.choice((1.0, 3.0, 10.0, 10.0, 60.0, 300.0))
        self.did(f"{seconds:g} s pass")
        self._let_pass(seconds)
        self._show()
        self.actions += 1

    def trouble(self) -> None:
        """Something at the bench, in the machine, or with the disk."""
        self.actions += 1
        self.dice.choice(
            (self._world_event, self._world_event, self._pump_front, self._disk, self._clock, self._cut)
        )()
        self._let_pass(2.0)
        self._show()

    def _world_event(self) -> None:
        name = self.dice.choice(WORLD_EVENTS)
        self.did(f"world: {name}")
        try:
            self.chair.world.event(name)
        except Refused as reason:
            self.did(f"   the world refuses: {reason}")

    def _pump_front(self) -> None:
        key = self.dice.choice(PUMP_KEYS)
        self.did(f"pump: {key}")
        self._at_pump(key)

    def _disk(self) -> None:
        self.did("the disk refuses")
        self.chair.refuses_until_s = self.clock.now.steady + DISK_REFUSES_S

    def _clock(self) -> None:
        by = timedelta(seconds=self.dice.choice((-3600, -90, 5, 3600)))
        self.did(f"the clock is set by {by}")
        self.clock.now = Instant(self.clock.now.utc + by, self.clock.now.steady)

    def _cut(self) -> None:
        self.did("the power is cut")
        self.cut_power(self.dice.choice((2.0, 30.0, 900.0)))

    def _open(self) -> None:
        """The program comes up, or back; the witness is told what it found."""
        self.chair.refuses_until_s = None
        before, self._left = self._left, None
        super()._open()
        self.witness.restarted(self.chair.found)
        if before is not None:
            now = self._stands()
            # The pump is read at once: it may have been started or held meanwhile.
            if now[0] != before[0] or RANK[now[1]] < RANK[before[1]]:
                raise Untrue(f"it was {before} when the power went, and is {now}")

    def cut_power(self, off_s: float) -> None:
        """Where all was on disk and a patient is in the chair, it comes back to the same patient and phase."""
        engine = self.chair.parts.engine
        under_way = engine.session is not None and not engine.session.finished
        self._left = self._stands() if under_way and not engine.unsaved else None
        super().cut_power(off_s)

    def _stands(self) -> tuple[str, str]:
        session = self.chair.parts.engine.session
        return (session.id, session.phase) if session is not None else ("", "patient")

    # ------------------------------------------------------------------ the way back

    def go_home(self) -> None:
        """From wherever this is, what leads back is touched until nothing does; a dead end fails."""
        for _ in range(HOME_WITHIN):
            names = {target.objectName() for target in self.targets() if not target.is_barred()}
            if self.chair.snapshot().phase in ("check-in", "ready"):
                names -= {"back_to_today"}
            back = next((name for name in LEAVES if name in names), "")
            if not back:
                break
            self.did(f"back by {back}")
            self.finger.press(back)
        else:
            raise Untrue(
                f"no way home in {HOME_WITHIN} touches from {self._where(self.chair.snapshot().phase)}"
            )


def _verbs_of(made: Sequence[Script]) -> dict[type[Step], list[Step]]:
    verbs: dict[type[Step], list[Step]] = {}
    for step in (*INVENTED, *(step for script in made for step in script.steps)):
        verbs.setdefault(type(step), []).append(step)
    return verbs


def _in_sight(widget: QWidget) -> Iterator[Target]:
    """The targets under a widget that is shown; what is hidden is not looked into."""
    for child in widget.children():
        if isinstance(child, QWidget) and not child.isHidden():
            if isinstance(child, Target):
                yield child
            yield from _in_sight(child)


def _is_hit(window: QWidget, target: Target) -> bool:
    top = window.childAt(target.mapTo(window, target.rect().center()))
    return top is target or (top is not None and target.isAncestorOf(top))


def _kind(target: Target) -> str:
    """A name without the person, line or session that it speaks of."""
    first, _dot, rest = target.objectName().partition(".")
    return first if not rest or rest[:1].isdigit() or len(rest) > ID_LETTERS else f"{first}.{rest}"


def _leads_on(target: Target) -> bool:
    return target.objectName() not in ("dim", "demo_pump")


def _weight(target: Target) -> float:
    name = target.objectName()
    weight = WEIGHTS.get(name, WEIGHTS.get(name.partition(".")[0], 1.0))
    return weight * (0.15 if target.is_barred() else 1.0)
