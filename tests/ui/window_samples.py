"""A window with a fake engine behind it, and snapshots of a low-dose hour in every phase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.catalog import Catalog, load
from app.clinical.protocol import Order, OrderStep, make_plan
from app.clinical.vitals import Vital
from app.frames import (
    Answer,
    CheckInFrame,
    CheckLineFrame,
    DoseChoice,
    DrugCheck,
    DrugSheet,
    FieldRow,
    LimitFrame,
    LogLine,
    PatientFrame,
    Question,
    RateNow,
    RecordFrame,
    SessionLine,
    Snapshot,
    StaffRow,
)
from app.instant import Instant
from app.messages import AnyAct, Tap
from app.ports import DriverRow, PumpPanel
from app.refusals import Refused
from tests.ui.frames_samples import LABELS, header, snapshot, strip
from ui.fonts import load_fonts
from ui.printing import Printing
from ui.theme import DARK, Look, Metrics
from ui.widgets.target import Target
from ui.window import ChairsideWindow

PANELS = {"12 inch": (1280, 800, 125.0), "15 inch": (1920, 1080, 141.0)}
START = Instant(datetime(2026, 11, 22, 14, 7, 12, tzinfo=UTC), 1000.0)

NURSE = StaffRow("s1", "Lena Koch", "LK", ("nurse",), "1111")
DOCTOR = StaffRow("s2", "Dr. A. Mora", "AM", ("anesthetist",), "2222")
BOSS = StaffRow("s3", "Joan Miles", "JM", ("administrator", "director"), "3333")
STAFF = (NURSE, DOCTOR, BOSS)

PATIENT = PatientFrame("00417", "Rosa Martin", "1965-03-09", 61, "female", 70.0, ("ondansetron",), False)

_catalog: list[Catalog] = []


def catalog() -> Catalog:
    """The clinical tables, read once."""
    if not _catalog:
        _catalog.append(load())
    return _catalog[0]


def order(**changes: object) -> Order:
    """The low-dose hour at 70 kg."""
    made = Order(
        protocol_id="low-dose-one-hour",
        protocol_version=catalog().version,
        drug="ketamine",
        dose_weight_kg=70.0,
        weight_basis="actual",
        rate_unit="mg/kg/h",
        steps=(OrderStep(240.0, 0.5, 0.5),),
        max_rate=0.6,
        cap_mg_per_h=None,
        session_limit_mg=150.0,
        container_ml=50.0,
        drug_in_container_mg=100.0,
        concentration_mg_ml=2.0,
        recovery_min=20.0,
        pump_resolution_ml_h=0.1,
    )
    return msgspec.structs.replace(made, **changes)


def midazolam() -> DrugSheet:
    """The sheet of mock e2."""
    return DrugSheet(
        drug="midazolam",
        name="midazolam",
        label_class="benzodiazepine",
        facts="IV, CIV, 1 mg/mL",
        route="IV",
        unit="mg",
        give_over="2 min",
        doses=(
            DoseChoice(0.5, "0.5 mg"),
            DoseChoice(1.0, "1 mg", "same as 13:31", usual=True),
            DoseChoice(1.5, "1.5 mg", "limit at 61 y"),
            DoseChoice(2.0, "2 mg", barred="over the limit"),
        ),
        checks=(
            DrugCheck("This dose", "up to 1.5 mg", "limit 1.5 mg (61 y)", True),
            DrugCheck("This session", "1 mg, then 2 mg", "limit 3.5 mg (61 y)", True),
            DrugCheck("Since the last", "36 min, given 13:31", "wait 3 min", True),
            DrugCheck("Breathing now", "SpO₂ 97 %, RR 14, EtCO₂ 38", "", True),
            DrugCheck("Sedation", "5 of 5 at 13:37", "score is due now", False),
        ),
        hard_single=1.5,
        needs_reason="",
    )


def ondansetron() -> DrugSheet:
    """A drug that the patient is allergic to."""
    made = midazolam()
    return msgspec.structs.replace(
        made,
        drug="ondansetron",
        name="ondansetron",
        label_class="antiemetic",
        facts="IV, 2 mg/mL",
        doses=(DoseChoice(4.0, "4 mg", barred="allergy: ondansetron"),),
        checks=(),
        hard_single=8.0,
        needs_reason="Allergy recorded: ondansetron.",
        barred="allergy: ondansetron",
    )


def log() -> tuple[LogLine, ...]:
    """Lines of the session, newest first, as app.loglines gives them."""
    return (
        LogLine("e5", "13:49", "Nausea, grade 2, treat", "LK", open_effect=True, key="nausea"),
        LogLine("e4", "13:40", "Nausea, grade 1, mild", "LK", struck=True, note="Taken back"),
        LogLine("e3", "13:31", "midazolam 1 mg IV", "LK"),
        LogLine("e2", "13:20", "Anxiety, grade 2, treat", "LK", open_effect=True, key="anxiety"),
        LogLine("e1", "12:54", "Infusion started at 17.5 mL/h", "Chairside"),
    )


def shot(phase: str = "infusing", **changes: Any) -> Snapshot:
    """A snapshot of a phase, with everything that belongs to it."""
    signed = order()
    base: dict[str, object] = {
        "phase": phase,
        "who": "s1",
        "staff": STAFF,
        "patient": PATIENT,
        "order": signed,
        "plan": make_plan(signed),
        "drugs": (midazolam(), ondansetron()),
        "log": log(),
        "rate_now": RateNow(4360.0, 17.5, 31.2, 2.0),
    }
    bar = snapshot().alarms
    if phase not in ("ready", "infusing", "paused", "recovery"):
        base["alarms"] = msgspec.structs.replace(bar, strip=strip())
        base["header"] = header(phase="Check-in" if phase == "check-in" else "", phase_time="")
    if phase in ("first-run", "locked-out", "today"):
        base |= {"patient": None, "order": None, "plan": None, "session": "", "drugs": (), "log": ()}
        base["header"] = header(name="", facts="", mrn="", allergy="", phase="", phase_time="", who="")
    if phase == "locked-out":
        base |= {"who": "", "locked": True}
    if phase == "check-in":
        base["check_in"] = check_in()
        base |= {"order": None, "plan": None, "rate_now": None}
    return snapshot(**{**base, **changes})


def check_in(**changes: object) -> CheckInFrame:
    """The lines of mock g."""
    told = {
        "identity": ("name, birth date", "LK 12:04", "done"),
        "weight": ("70 kg (154.3 lb), two people", "12:06", "done"),
        "allergy": ("ondansetron, rash", "LK 12:07", "done"),
        "fasting": ("food 06:30, clear fluid 09:45", "LK 12:08", "done"),
        "escort": ("Paul Martin, drives home", "LK 12:08", "done"),
        "pregnancy": ("not done: menopause", "LK 12:09", "skipped"),
        "contraindications": ("none of 7", "JM 12:15", "done"),
        "consent": ("not signed", "blocks the start", "blocks"),
        "medicines": ("oxycodone, sertraline, none stopped, opioid 07:00", "LK 12:12", "done"),
        "bladder": ("not yet", "", "todo"),
        "iv": ("22 G, left forearm, flushes", "LK 12:20", "done"),
        "baseline": ("set 1: 74, 128/76, 97 %", "next 12:38", "todo"),
    }
    lines = tuple(
        CheckLineFrame(
            line,
            catalog().check_in.lines[line].label,
            words[0],
            words[1],
            words[2],  # type: ignore[arg-type]
            waits=words[2] in ("blocks", "todo") and line != "bladder",
            values={"signed": "not signed"} if line == "consent" else {},
        )
        for line, words in told.items()
    )
    frame = CheckInFrame(
        lines=lines,
        count="9 of 12.",
        words="Consent blocks the start.",
        fasting="ASA: 6 h light, 8 h fatty, 2 h clear fluid.",
        resting={Vital.HEART_RATE: 76.0, Vital.SPO2: 97.0, Vital.RESP_RATE: 13.0, Vital.ETCO2: 37.0},
        sets="set 1: 74, 128/76, 97 %",
        next_set="12:38:10",
        lacks=("nrs-pain", "moaas"),
        frozen=False,
    )
    return msgspec.structs.replace(frame, **changes)


def record(**changes: Any) -> RecordFrame:
    """The record of a finished session: two lines answered, four fields missing, one explained."""
    told = {
        "history": ("CRPS, session 3, ill: none of 5", "LK 12:04", "done"),
        "airway": ("not yet", "", "todo"),
        "before": ("worst 8, average 6, baseline on room air", "LK 12:05", "done"),
        "safety": ("not yet", "", "todo"),
        "during": ("not done: ECG not connected", "LK 12:06", "skipped"),
        "course": ("not yet", "", "todo"),
        "leaving": ("not yet", "", "todo"),
        "escort": ("Paul, drives home", "LK 11:02", "done"),
    }
    lines = tuple(
        CheckLineFrame(line, label_of(line), *words, waits=False)  # type: ignore[arg-type]
        for line, words in told.items()
    )
    fields = (
        FieldRow("height-weight-actual-measured", "Height and measured weight", "no height", True, "", ""),
        FieldRow(
            "supervising-physician-acls",
            "Supervising physician, ACLS",
            "nobody was named",
            True,
            "safety",
            "supervisor",
        ),
        FieldRow("escort-name-phone", "Escort, name and phone", "no phone", True, "escort", ""),
        FieldRow("vial-ids-lots", "Lots of the vials", "no lot: midazolam", True, "", "account"),
        FieldRow("pulse-bp", "Pulse and pressure", "no pressure since the end", True, "", "chair"),
        FieldRow("temperature", "Temperature", "Not measured", False, "leaving", ""),
    )
    words = "Height and measured weight and 14 more fields are missing."
    frame = RecordFrame(
        lines=lines,
        fields=fields,
        count="61 of 76 fields.",
        words=words,
        lacks=15,
        bars=f"{words} Answer under Record, or say there why not.",
        final=False,
    )
    return msgspec.structs.replace(frame, **changes)


def label_of(line: str) -> str:
    """A line's label, of the check-in or of the record."""
    row = catalog().check_in.line(line)
    assert row is not None
    return row.label


def limits() -> tuple[LimitFrame, ...]:
    """Two vital signs with a baseline, one limit of one's own."""
    rate = {
        "medium_below": 45.0,
        "high_below": 40.0,
        "medium_from": 120.0,
        "high_from": 140.0,
        "delay_s": 10.0,
    }
    spo2 = {"medium_below": 92.0, "high_below": 88.0, "delay_s": 15.0}
    return (
        LimitFrame(Vital.HEART_RATE, "HR", "/min", rate, ("medium_below",), "baseline 76"),
        LimitFrame(Vital.SPO2, "SpO₂", "%", spo2, (), "baseline 97"),
    )


def sessions(count: int = 3) -> tuple[SessionLine, ...]:
    """An unfinished session and older ones."""
    first = SessionLine(
        "x0", "Rosa Martin", "00417", "22 Nov 12:54", "Low dose, 1 h", "infusing", False, "Running"
    )
    rest = [
        SessionLine(
            f"x{n}", f"Patient {n}", f"0{n}", f"{n} Nov 09:00", "Low dose, 1 h", "finished", True, "Done"
        )
        for n in range(1, count)
    ]
    return (first, *rest)


def syringe_question() -> Question:
    """What the engine asks after a counter that fell."""
    return Question("syringe", "What is in the syringe now?", "Counter fell at 14:05:10.", 50.0, 2.0)


class FakeBench:
    """A pump that does what its keys say."""

    def __init__(self) -> None:
        """On hold at 17.5 mL/h."""
        self.rate = 17.5
        self.pressed: list[str] = []

    def display(self) -> PumpPanel:
        """Its front."""
        running = self.pressed[-1:] == ["start"]
        return PumpPanel(self.rate, running, 15.6, 34.4, 50.0, True, "")

    def set_rate(self, rate_ml_h: float) -> None:
        """Takes any rate below 1000 mL/h."""
        if rate_ml_h > 1000:
            raise Refused("rate_ml_h", "above this pump's 1000 mL/h")
        self.rate = rate_ml_h

    def key(self, name: str) -> None:
        """Remembers the key."""
        self.pressed.append(name)


class FakeDevices:
    """Two drivers, two ports."""

    def drivers(self) -> tuple[DriverRow, ...]:
        """A monitor and a pump."""
        return (DriverRow("ge-dri", "GE monitor", "monitor"), DriverRow("alaris", "Alaris pump", "pump"))

    def ports(self) -> tuple[tuple[str, str], ...]:
        """Two adapters."""
        return (("/dev/ttyUSB0", "USB serial"), ("/dev/ttyUSB1", "USB serial"))

    def choose(self, device: str, driver: str, port: str) -> None:
        """Does nothing."""


class FakeClock:
    """A clock that is set."""

    def __init__(self) -> None:
        """At the start."""
        self.now = START

    def __call__(self) -> Instant:
        """The time it was set to."""
        return self.now

    def later(self, seconds: float) -> None:
        """Moves it on."""
        self.now = self.now.plus(seconds)


class Chair:
    """A window, a clock, and a fake engine that records taps and answers them as told."""

    def __init__(self, panel: str = "12 inch", *, printing: Printing | None = None) -> None:
        """Not shown yet."""
        load_fonts()
        width, height, ppi = PANELS[panel]
        self.clock = FakeClock()
        self.taps: list[Tap] = []
        self.bench = FakeBench()
        self.look = Look(DARK, Metrics(ppi), LABELS)
        self.window = ChairsideWindow(
            self.look, catalog(), self.clock, self._post, FakeDevices(), self.bench, printing, zone=UTC
        )
        self.window.resize(width, height)
        self.shown = shot()
        self.number = 0

    def _post(self, message: object) -> None:
        assert isinstance(message, Tap)
        self.taps.append(message)

    @property
    def acts(self) -> list[AnyAct]:
        """What was wanted, in order."""
        return [tap.act for tap in self.taps]

    def show(self, snapshot: Snapshot | None = None, **changes: Any) -> None:
        """Shows a snapshot; with changes, the last one changed."""
        self.number += 1
        base = snapshot if snapshot is not None else self.shown
        self.shown = msgspec.structs.replace(base, number=self.number, **changes)
        self.window.show_snapshot(self.shown)

    def answer(self, state: str = "taken", field: str = "", reason: str = "", **changes: Any) -> None:
        """Answers the last tap."""
        answers = {**self.shown.answers, self.taps[-1].id: Answer(state, field=field, reason=reason)}  # type: ignore[arg-type]
        self.show(answers=answers, **changes)

    def find(self, name: str) -> QWidget:
        """The visible widget of a name that lies on top."""
        QApplication.processEvents()
        found = [w for w in self.window.findChildren(QWidget, name) if w.isVisibleTo(self.window)]
        assert found, f"{name} is not on the screen"
        for widget in found:
            top = self.window.childAt(widget.mapTo(self.window, widget.rect().center()))
            if top is widget or (top is not None and widget.isAncestorOf(top)):
                return widget
        raise AssertionError(f"{name} is covered")

    def touch(self, *names: str) -> None:
        """Touches each in its middle, as a finger would."""
        for name in names:
            widget = self.find(name)
            middle = QPoint(widget.width() // 2, widget.height() // 2)
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)

    def type(self, text: str, prefix: str = "key") -> None:
        """Types on a keypad."""
        self.touch(*(f"{prefix}.{letter}" for letter in text))

    def targets(self) -> list[Target]:
        """Every target that a finger can see."""
        QApplication.processEvents()
        return [t for t in self.window.findChildren(Target) if t.isVisibleTo(self.window)]


Step = Callable[[Chair], None]
