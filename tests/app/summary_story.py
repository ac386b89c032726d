"""Invented sessions for the summary: a storyteller that writes entries and samples minute by minute."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from app.clinic import Clinic
from app.clinical.protocol import Order, OrderStep
from app.clinical.vitals import Vital
from app.entries import (
    CHAIRSIDE,
    CLINIC,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Amended,
    AnyBody,
    BaselineSet,
    CheckInLine,
    ClinicNamed,
    CriterionChecked,
    CriterionMet,
    CriterionUnmet,
    Discharged,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    EmergencyOpened,
    EmergencyStamped,
    Entry,
    HandedOver,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    InstructionsPrinted,
    IvChecked,
    LimitsChanged,
    LinkNoted,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    PatientIdentified,
    PumpSeen,
    RateMeasured,
    RateOrdered,
    Retracted,
    Sample,
    SamplesSealed,
    ScoreTaken,
    SegmentConfirmed,
    SegmentOpened,
    SessionFinished,
    SessionOpened,
    StaffAdded,
    SummarySigned,
    VialDrawn,
    VitalEntered,
    Wasted,
)
from app.instant import Instant

START = Instant(datetime(2026, 11, 22, 11, 40, tzinfo=UTC), 5000.0)
ZONE = timezone(timedelta(hours=1))
HEAD = "7f3a91c2" + "0123456789abcdef" * 3 + "01234567"
BOOT = "boot-1"
LONG_NAME = "Maria Magdalena Wolfeschlegelsteinhausenbergerdorff-Featherst"
assert len(LONG_NAME) == 61


def clinic() -> Clinic:
    """A clinic with a nurse and an anesthetist."""
    bodies: tuple[AnyBody, ...] = (
        ClinicNamed("Spring Street Infusion Clinic"),
        StaffAdded("keller", "Lena Keller", "LK", ("nurse",)),
        StaffAdded("mora", "Dr. Ana Mora", "AM", ("anesthetist",)),
    )
    return Clinic(
        Entry(f"c{n}", CLINIC, START, START.utc, BOOT, "keller", b, n) for n, b in enumerate(bodies)
    )


def order(minutes: float = 40.0) -> Order:
    """0.5 mg/kg/h for 70 kg from a syringe of 2 mg/mL: 17.5 mL/h."""
    return Order(
        protocol_id="low-dose-one-hour",
        protocol_version="a1b2c3",
        drug="ketamine",
        dose_weight_kg=70.0,
        weight_basis="actual",
        rate_unit="mg/kg/h",
        steps=(OrderStep(minutes, 0.5, 0.5),),
        max_rate=1.0,
        cap_mg_per_h=None,
        session_limit_mg=200.0,
        container_ml=50.0,
        drug_in_container_mg=100.0,
        concentration_mg_ml=2.0,
        recovery_min=20.0,
        pump_resolution_ml_h=0.1,
    )


class Story:
    """Writes a session: `say` an entry at a minute, `hear` samples over minutes."""

    def __init__(self, *, name: str = "Rosa Martin", allergies: tuple[str, ...] = ("ondansetron",)) -> None:
        self.entries: list[Entry] = []
        self.samples: list[Sample] = []
        self.say(0, SessionOpened("0.1.0", "a1b2c3", "draft", "Spring Street Infusion Clinic", False))
        patient = PatientIdentified(
            "00417", name, date(1965, 2, 14), "female", 70.0, allergies, none_known=not allergies
        )
        self.say(1, patient)

    def say(self, minute: float, body: AnyBody, author: str = "keller", *, late_min: float = 0.0) -> str:
        """Appends an entry that happened at this minute; its id."""
        at = START.plus(minute * 60)
        written = at.utc + timedelta(minutes=late_min)
        entry = Entry(
            f"e{len(self.entries) + 1}", "s1", at, written, BOOT, author, body, len(self.entries) + 1
        )
        self.entries.append(entry)
        return entry.uuid

    def hear(self, first: float, last: float, *, rate: float | None = None, every_s: float = 5.0) -> None:
        """Samples from one minute to another; the pump's volume grows with `rate`."""
        at_s = first * 60
        while at_s < last * 60:
            self.samples.append(self._sample(at_s, rate, every_s))
            at_s += every_s

    def _sample(self, at_s: float, rate: float | None, every_s: float) -> Sample:
        at, minute = START.plus(at_s), at_s / 60
        wave = math.sin(at_s / 97) * 1.6 + math.sin(at_s / 13) * 0.7
        bump = 18 * math.exp(-(((minute - 50) / 12) ** 2))
        nibp = math.floor(minute / 5)
        values = {
            "heart_rate": round(76 + bump + wave * 2, 1),
            "spo2": float(97 - (1 if math.sin(at_s / 300) > 0.6 else 0)),
            "resp_rate": round(13 + wave, 1),
            "etco2": round(36 + wave * 1.2, 1),
            "nibp_sys": float(126 + (nibp * 7) % 13),
            "nibp_dia": float(74 + (nibp * 5) % 9),
            "nibp_mean": float(91 + (nibp * 3) % 9),
        }
        last = next((s.volume_ml for s in reversed(self.samples) if s.volume_ml is not None), 0.0) or 0.0
        volume = None if rate is None else round(last + rate * every_s / 3600, 6)
        mode = None if rate is None else ("running" if rate else "held")
        number = len(self.samples) + 1
        return Sample(
            "s1", number, at.utc, values, {"temp": "no module"}, mode, rate, volume, at.steady, BOOT
        )

    def sign_order(self, minute: float = 8.0, minutes: float = 40.0) -> None:
        """The anesthetist signs the order."""
        self.say(minute, OrderSigned(order(minutes), "mora"), "mora")

    def start(self, minute: float, rate: float = 17.5) -> None:
        """The pump counts from 0, and runs."""
        self.say(minute, SegmentOpened("start", "8001", 0.0, 50.0, 2.0), CHAIRSIDE)
        self.say(minute, InfusionStarted("pump", rate), CHAIRSIDE)

    def told(self) -> dict[str, Any]:
        """The arguments of `summarise` that are the same for all."""
        return {
            "head": HEAD,
            "printed_at": datetime(2026, 11, 22, 17, 14, tzinfo=UTC),
            "printed_by": "keller",
            "zone": ZONE,
        }


def usual_story(**who: Any) -> Story:
    """A low-dose hour with a pause, a rate change, an effect, two drugs, scores, alarms and corrections."""
    story = Story(**who)
    story.hear(2, 14)
    story.say(5, ScoreTaken("nrs-pain", 7))
    story.say(6, ScoreTaken("moaas", 5))
    story.sign_order()
    story.start(14)
    story.hear(14, 34, rate=17.5)
    dissociation = story.say(27, EffectNoted("dissociation", 1))
    nausea = story.say(31, EffectNoted("nausea", 2), late_min=2)
    story.say(33, DrugGiven("metoclopramide", 10.0, "mg", "IV", "nausea"))
    volume = story.samples[-1].volume_ml
    story.say(34, InfusionPaused("pump", "nausea", volume), CHAIRSIDE)
    story.hear(34, 36.5, rate=0.0)
    story.say(36, RateOrdered(15.0, 30.0, "Side effect", "mora"), "mora")
    story.say(36.5, InfusionResumed("pump", 15.0), CHAIRSIDE)
    story.say(36.6, RateMeasured(15.0), CHAIRSIDE)
    story.hear(36.5, 56, rate=15.0)
    story.say(38, AlarmRaised("heart_rate-high", "medium", "HR 121, above 120", "Since 12:18:00."), CHAIRSIDE)
    story.say(38.5, AlarmAcknowledged("heart_rate-high"))
    story.say(39, AlarmCleared("heart_rate-high"), CHAIRSIDE)
    story.say(40, DrugGiven("midazolam", 1.0, "mg", "IV", "anxiety"))
    wrong = story.say(41, DrugGiven("midazolam", 2.0, "mg", "IV"))
    story.say(41.1, Retracted(wrong))
    note = story.say(42, NoteWritten("Patient asks for music. <b>Headphones</b> given & kept on."))
    story.say(45, Amended(note, "Patient asks for quiet.", "wrong patient's wish"), "keller")
    story.say(46, VitalEntered({Vital.HEART_RATE: 88.0, Vital.TEMP: 36.6}))
    story.say(48, EffectEnded(dissociation))
    story.say(52, EffectEnded(nausea))
    story.say(56, PumpSeen("pump", "8001", "held", 0.0, story.samples[-1].volume_ml), CHAIRSIDE)
    story.say(56, InfusionEnded("pump", story.samples[-1].volume_ml, 21.4), CHAIRSIDE)
    story.hear(56, 88)
    story.say(80, ScoreTaken("nrs-pain", 2))
    story.say(81, ScoreTaken("aldrete", 10, {"activity": 2, "respiration": 2}))
    story.say(86, SamplesSealed(1, 600, "ab" * 32), CHAIRSIDE)
    story.say(87, SummarySigned("keller", "Nurse"))
    story.say(87.5, SummarySigned("mora", "Anesthetist"), "mora")
    story.say(88, SessionFinished())
    return story


CHECK_IN = (
    CheckInLine("identity", "done", {"identifiers": ("birth date", "name")}),
    CheckInLine("weight", "done", {"weight_kg": 70.0}, second="mora"),
    CheckInLine("allergy", "done", {"confirmed": "as recorded"}),
    CheckInLine(
        "fasting", "done", {"food": "2026-11-22T04:00", "clear": "2026-11-22T09:30", "meal": "light"}
    ),
    CheckInLine("escort", "done", {"name": "Paul Martin", "phone": "555 0101", "way": "drives home"}),
    CheckInLine("contraindications", "done", {"found": ("Glaucoma",)}, "eye pressure known", "", "mora"),
    CheckInLine("consent", "done", {"signed": "signed, no guarantee explained"}),
    CheckInLine("medicines", "done", {"taken": ("Oxycodone",), "kept": "kept"}),
    CheckInLine("bladder", "not done", {}, "patient asleep"),
    CheckInLine("iv", "done", {"gauge": "22 G", "site": "left forearm", "flush": "flushes"}),
)


def stormy_story() -> Story:
    """The usual hour with a check-in, a second container, an emergency, fifteen alarms, and the way home."""
    story = usual_story()
    for number, line in enumerate(CHECK_IN):
        story.say(2 + number * 0.4, line)
    story.say(7, BaselineSet({Vital.HEART_RATE: 76.0, Vital.NIBP_SYS: 128.0, Vital.NIBP_DIA: 76.0}))
    story.say(9, VialDrawn("ketamine", 50.0, 2.0, "K123", "Infusion"))
    story.say(12, LimitsChanged(Vital.HEART_RATE, {"medium_from": 130.0}, "young athlete"), "mora")
    for number in range(15):
        minute, key = 16 + 2 * number, f"storm-{number % 5}"
        what = (
            "SpO₂ 86 %, below 88",
            "RR 9, below 10",
            "Pump: occlusion",
            "NIBP is due",
            "HR 131, above 130",
        )
        story.say(minute, AlarmRaised(key, "medium", what[number % 5], "Look and act."), CHAIRSIDE)
        story.say(minute + 0.3, AlarmAcknowledged(key))
        story.say(minute + 0.7, AlarmCleared(key), CHAIRSIDE)
    story.say(29, OxygenSet(4.0))
    story.say(29.5, IvChecked("left forearm", "swollen", False))
    story.say(30, LinkNoted("monitor", "down", "cable out"), CHAIRSIDE)
    story.say(31, LinkNoted("monitor", "live", ""), CHAIRSIDE)
    story.say(32, EmergencyOpened())
    story.say(32.4, EmergencyStamped("called"))
    story.say(43, SegmentOpened("new syringe", "8001", 4.2, None, None), CHAIRSIDE)
    story.say(43.5, SegmentConfirmed(50.0, 2.0, same_container=False, volume_ml=4.2))
    story.say(57, HandedOver("keller", "mora"))
    for number, criterion in enumerate(("awake", "oriented", "spo2-room-air", "haemodynamics")):
        story.say(60 + number, CriterionMet(criterion, f"5 at 13:{40 + number}"), CHAIRSIDE)
    story.say(70, CriterionUnmet("spo2-room-air", "91 at 13:50"), CHAIRSIDE)
    story.say(74, CriterionMet("spo2-room-air", "97 at 13:54"), CHAIRSIDE)
    story.say(82, CriterionChecked("oriented", "knows day and place", ok=True))
    story.say(83, Wasted("ketamine", 78.58, "Drug disposal pouch", "mora"))
    story.say(84, InstructionsPrinted("Office", "printed", 1))
    story.say(85, Discharged("mora", "wheelchair", "Paul Martin", "home", "", ("aldrete",)), "mora")
    return story


def long_story() -> Story:
    """Eight hours with a pressure every 5 min, forty doses, and an event every few minutes."""
    story = Story()
    story.hear(0, 14)
    story.sign_order(8, 440)
    story.start(14, 2.5)
    story.hear(14, 454, rate=2.5)
    for minute in range(20, 450, 11):
        story.say(minute, DrugGiven("midazolam", 0.5, "mg", "IV"))
        story.say(minute + 1, EffectNoted("nausea", 1))
        story.say(minute + 2, NoteWritten(f"Looked after at minute {minute}. " + "Quiet and asleep. " * 6))
        story.say(minute + 3, AlarmRaised(f"k{minute}", "low", f"SpO₂ old, {minute}", ""), CHAIRSIDE)
        story.say(minute + 4, AlarmCleared(f"k{minute}"), CHAIRSIDE)
        story.say(minute + 5, ScoreTaken("nrs-pain", minute % 10))
    story.say(454, InfusionEnded("pump", story.samples[-1].volume_ml, 36.0), CHAIRSIDE)
    story.hear(454, 480)
    story.say(480, SessionFinished())
    return story
