"""A session is the fold of its entries: who, which order, where the infusion stands, what was noted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

import msgspec

from app.clinical.infusion import NEW_SYRINGE, Infusion, Segment, State
from app.clinical.protocol import Order, Plan, make_plan
from app.entries import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Amended,
    AudioPaused,
    AudioResumed,
    Audited,
    BalanceExplained,
    BaselineSet,
    CheckInLine,
    ClinicNamed,
    ClockJumped,
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    CriterionUnmet,
    DeviceChosen,
    Discharged,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    EmergencyOpened,
    EmergencyStamped,
    Entry,
    EntryLocked,
    FieldExplained,
    GlassBroken,
    HandedOver,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    InstructionsPrinted,
    IvChecked,
    LimitsChanged,
    LinkNoted,
    NextVisitPlanned,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    PatientIdentified,
    PinRefused,
    PinSet,
    PumpLost,
    PumpSeen,
    RateMeasured,
    RateOrdered,
    Resumed,
    Retracted,
    Returned,
    Sample,
    SamplesSealed,
    ScoreTaken,
    SegmentConfirmed,
    SegmentOpened,
    SelfTested,
    SessionFinished,
    SessionOpened,
    SettingsChanged,
    SignedIn,
    SoundSwitched,
    SoundTested,
    StaffAdded,
    StaffChanged,
    StaffLeft,
    SummaryPrinted,
    SummarySigned,
    Supervised,
    TablesSigned,
    VialDrawn,
    VitalEntered,
    Wasted,
)
from app.instant import Instant

SessionPhase = Literal["patient", "check-in", "ready", "infusing", "paused", "recovery", "finished"]

UNDOABLE = (
    EffectNoted,
    EffectEnded,
    DrugGiven,
    ScoreTaken,
    VitalEntered,
    OxygenSet,
    NoteWritten,
    VialDrawn,
    Returned,
    EmergencyStamped,
    IvChecked,
    CheckInLine,
    BaselineSet,
    LimitsChanged,
    CriterionChecked,
    FieldExplained,
    NextVisitPlanned,
)
"""What a person may take back within the undo time."""


LEAVES_SIGNED = (SessionFinished, SummarySigned, SummaryPrinted, InstructionsPrinted, SamplesSealed)
"""What may follow a signature without asking for another one."""


class RateOrder(msgspec.Struct):
    """The rate that was ordered last, and how far it got."""

    at: Instant
    body: RateOrdered
    set_at_pump: bool = False
    measured: bool = False


class Session:
    """One patient's session, told by its entries in order.

    `entries` are all of them; views leave out what was retracted. Infusion quantities follow the pump's
    readings as well, which come between entries through `saw_pump`.
    """

    def __init__(self, session: str) -> None:
        self.id = session
        self.entries: list[Entry] = []
        self._places: dict[str, int] = {}
        self._finished_at: int | None = None
        self._standing: dict[tuple[type, ...], list[Entry]] = {}
        self.opened: SessionOpened | None = None
        self.opened_at: Instant | None = None
        self.patient: PatientIdentified | None = None
        self.order: Order | None = None
        self.order_signed: OrderSigned | None = None
        self.plan: Plan | None = None
        self.infusion = Infusion()
        self.rate_order: RateOrder | None = None
        self.retracted: dict[str, Entry] = {}
        self.amended: dict[str, list[Entry]] = {}
        self.effect_ends: dict[str, Entry] = {}
        self.finished = False
        self.signatures: list[Entry] = []
        self.samples = 0
        self.sealed = 0
        self.turns: dict[str, Entry] = {}
        self.discharged: Entry | None = None

    # ------------------------------------------------------------ the fold

    @classmethod
    def fold(
        cls, session: str, entries: Sequence[Entry], samples: Sequence[Sample], boot: str, now: Instant
    ) -> Session:
        """The session that these lines tell. Lines of an earlier start of the machine are put on its clock."""
        told = cls(session)
        ahead_s = clocks_ahead(entries, samples, boot, now)
        lines: list[tuple[float, int, Entry | Sample]] = []
        for entry in entries:
            entry = on_clock(entry, ahead_s[entry.boot])
            lines.append((told_at(entry), len(lines), entry))
        lines.extend((s.steady + ahead_s[s.boot], len(lines) + n, s) for n, s in enumerate(samples))
        for steady, _, line in sorted(lines, key=lambda item: (item[0], item[1])):
            if isinstance(line, Entry):
                told.apply(line)
            else:
                told.apply_sample(line, Instant(line.at, steady))
        return told

    def apply_sample(self, sample: Sample, at: Instant) -> None:
        """A stored sample: its pump reading is part of the infusion's truth."""
        self.samples = max(self.samples, sample.number)
        read_at = self.infusion.read_at
        if sample.volume_ml is None or self.infusion.unknown_since is not None:
            return
        if read_at is not None and at.since(read_at) <= 0:
            return
        if self.infusion.state in (State.RUNNING, State.PAUSED):
            self.infusion.saw(at, None, sample.volume_ml)
        elif self.infusion.state is State.ENDED:
            self.infusion.ran_on(sample.volume_ml)

    def apply(self, entry: Entry) -> None:
        """One more line."""
        self._places[entry.uuid] = len(self.entries)
        self.entries.append(entry)
        self._standing.clear()
        body = entry.body
        match body:
            case SessionOpened():
                self.opened, self.opened_at = body, entry.at
            case PatientIdentified():
                self.patient = body
            case OrderSigned():
                self.order, self.order_signed, self.plan = body.order, body, make_plan(body.order)
                self.rate_order = None
            case SegmentOpened() | SegmentConfirmed():
                self._segment(entry.at, body)
            case InfusionStarted() | InfusionPaused() | InfusionResumed() | InfusionEnded():
                self._infusion(entry.at, body)
            case PumpSeen() | PumpLost():
                self._pump(entry.at, body)
            case RateOrdered():
                self.rate_order = RateOrder(entry.at, body)
            case RateMeasured():
                if self.rate_order is not None:
                    self.rate_order.set_at_pump = self.rate_order.measured = True
            case EffectEnded():
                self.effect_ends[body.noted] = entry
            case Retracted():
                self._retract(entry, body)
            case Amended():
                self.amended.setdefault(body.entry, []).append(entry)
            case SessionFinished():
                self.finished = True
                if self._finished_at is None:
                    self._finished_at = len(self.entries) - 1
            case SummarySigned():
                self.signatures.append(entry)
            case SamplesSealed():
                self.sealed = body.first + body.count - 1
            case (
                EffectNoted() | DrugGiven() | ScoreTaken() | VitalEntered() | OxygenSet() | NoteWritten()
            ) | (
                AlarmRaised() | AlarmAcknowledged() | AlarmCleared() | LinkNoted() | Resumed() | ClockJumped()
            ):
                pass
            case SummaryPrinted() | ClinicNamed() | StaffAdded() | DeviceChosen() | SignedIn():
                pass
            case StaffChanged() | StaffLeft() | PinSet():
                pass
            case EntryLocked() | PinRefused():
                pass
            case Audited() | GlassBroken() | TablesSigned() | SettingsChanged() | SelfTested():
                pass
            case AudioPaused() | AudioResumed() | SoundSwitched() | SoundTested():
                pass
            case VialDrawn() | Wasted() | Returned() | BalanceExplained():
                pass
            case EmergencyOpened() | EmergencyStamped() | IvChecked():
                pass
            case CheckInLine() | BaselineSet() | LimitsChanged() | FieldExplained():
                pass
            case CriterionMet() | CriterionUnmet():
                self.turns[body.criterion] = entry
            case Discharged():
                self.discharged = entry
            case (
                CriterionChecked() | CriterionAccepted() | InstructionsPrinted() | HandedOver() | Supervised()
            ):
                pass
            case NextVisitPlanned():
                pass
            case _:
                assert_never(body)

    def _segment(self, at: Instant, body: SegmentOpened | SegmentConfirmed) -> None:
        if isinstance(body, SegmentConfirmed):
            self.infusion.confirmed(
                body.container_ml, body.concentration_mg_ml, same_container=body.same_container
            )
            return
        container = self.infusion.segments[-1].container if self.infusion.segments else 1
        if body.cause == NEW_SYRINGE:
            container += 1
        self.infusion.opened(
            Segment(
                opened=at,
                cause=body.cause,
                serial=body.pump_serial,
                baseline_ml=body.baseline_ml,
                volume_ml=body.baseline_ml,
                container_ml=body.container_ml,
                concentration_mg_ml=body.concentration_mg_ml,
                container=container,
            )
        )

    def _infusion(
        self, at: Instant, body: InfusionStarted | InfusionPaused | InfusionResumed | InfusionEnded
    ) -> None:
        infusion = self.infusion
        match body:
            case InfusionStarted():
                infusion.began(at, body.rate_ml_h)
            case InfusionPaused():
                self._volume(at, body.volume_ml)
                infusion.paused(at)
            case InfusionResumed():
                infusion.resumed(at, body.rate_ml_h)
            case InfusionEnded():
                self._volume(at, body.volume_ml)
                infusion.over(at)

    def _volume(self, at: Instant, volume_ml: float | None) -> None:
        if volume_ml is not None and not self.infusion.by_hand:
            self.infusion.saw(at, None, volume_ml)

    def _pump(self, at: Instant, body: PumpSeen | PumpLost) -> None:
        if isinstance(body, PumpLost):
            self._volume(at, body.volume_ml)
            ago_s = (at.utc - body.since).total_seconds() if body.ago_s is None else body.ago_s
            self.infusion.lost(Instant(body.since, at.steady - ago_s))
        elif body.source == "hand":
            self.infusion.said(at, body.rate_ml_h, body.volume_ml)
        elif self.infusion.state is State.ENDED and self.infusion.segments[-1].serial != body.serial:
            self.infusion.closed = True
        else:
            self.infusion.saw(at, body.rate_ml_h, body.volume_ml)

    def _retract(self, entry: Entry, body: Retracted) -> None:
        self.retracted[body.entry] = entry
        self.effect_ends = {n: e for n, e in self.effect_ends.items() if e.uuid != body.entry}

    # ------------------------------------------------------------ what follows from it

    @property
    def phase(self) -> SessionPhase:
        """Where the session stands; it moves only by an entry."""
        if self.finished:
            return "finished"
        match self.infusion.state:
            case State.RUNNING:
                return "infusing"
            case State.PAUSED:
                return "paused"
            case State.ENDED:
                return "recovery"
            case State.NOT_STARTED:
                if self.patient is None:
                    return "patient"
                return "check-in" if self.order is None else "ready"

    def standing(self, *kinds: type) -> list[Entry]:
        """The entries of these kinds that were not taken back, by the time they happened."""
        found = self._standing.get(kinds)
        if found is None:
            found = [e for e in self.entries if isinstance(e.body, kinds) and e.uuid not in self.retracted]
            found.sort(key=lambda e: e.at.steady)
            self._standing[kinds] = found
        return list(found)

    def entry(self, uuid: str) -> Entry | None:
        """The entry of this id."""
        place = self._places.get(uuid)
        return None if place is None else self.entries[place]

    def numbered(self, uuid: str, number: int) -> None:
        """The record gave this entry its number."""
        place = self._places.get(uuid)
        if place is not None:
            self._standing.clear()
            self.entries[place] = msgspec.structs.replace(self.entries[place], number=number)

    def supervisor(self) -> str:
        """The anesthetist who supervises now, by staff id; "" when nobody was named."""
        named = [entry.body for entry in self.standing(Supervised)]
        last = named[-1] if named else None
        return last.staff if isinstance(last, Supervised) else ""

    def next_visit(self) -> NextVisitPlanned | None:
        """What was said last of the next visit; None where nobody said anything."""
        planned = [entry.body for entry in self.standing(NextVisitPlanned)]
        last = planned[-1] if planned else None
        return last if isinstance(last, NextVisitPlanned) else None

    def unsigned(self) -> list[Entry]:
        """What was written after the last signature under the summary; nothing before the first."""
        if not self.signatures:
            return []
        place = self._places[self.signatures[-1].uuid]
        return [e for e in self.entries[place + 1 :] if not isinstance(e.body, LEAVES_SIGNED)]

    def is_late(self, entry: Entry) -> bool:
        """Whether it was written after the session was finished: a late entry."""
        if self._finished_at is None or isinstance(entry.body, LEAVES_SIGNED):
            return False
        return self._places[entry.uuid] > self._finished_at

    def open_effects(self) -> list[Entry]:
        """Side effects noted and not gone yet."""
        return [e for e in self.standing(EffectNoted) if e.uuid not in self.effect_ends]

    def expected_rate_ml_h(self, now: Instant) -> float | None:
        """The rate that is ordered for now: the last order, else the plan at this time of infusion."""
        if self.plan is None:
            return None
        if self.rate_order is not None:
            return self.rate_order.body.rate_ml_h
        running_s = self.infusion.running_s(now)
        return self.plan.rate_ml_h_at(min(running_s, self.plan.end_s - 1e-6))

    def plan_over(self, now: Instant) -> bool:
        """True when the planned infusion time has run."""
        return self.plan is not None and self.infusion.running_s(now) >= self.plan.end_s


def clocks_ahead(
    entries: Sequence[Entry], samples: Sequence[Sample], boot: str, now: Instant
) -> dict[str, float]:
    """For each start of the machine the seconds that its steady clock lies behind this one's.

    Within a start the steady clock counts, whatever was done to the wall clock; from one start to the next
    the wall clock bridges, never backwards.
    """
    spans: dict[str, tuple[Instant, Instant]] = {}
    for entry in entries:
        _widen(spans, entry.boot, Instant(entry.written, told_at(entry)))
    for sample in samples:
        _widen(spans, sample.boot, Instant(sample.at, sample.steady))
    later, ahead_s = now, {boot: 0.0}
    if boot in spans:
        later = spans.pop(boot)[0]
    for name, (first, last) in reversed(spans.items()):
        gap_s = max(0.0, (later.utc - last.utc).total_seconds())
        ahead_s[name] = later.steady - gap_s - last.steady
        later = Instant(first.utc, first.steady + ahead_s[name])
    return ahead_s


def _widen(spans: dict[str, tuple[Instant, Instant]], boot: str, at: Instant) -> None:
    first, last = spans.get(boot, (at, at))
    spans[boot] = (first if first.steady <= at.steady else at, last if last.steady >= at.steady else at)


def on_clock(entry: Entry, ahead_s: float) -> Entry:
    """The entry with its steady time moved on to this start's clock."""
    if not ahead_s:
        return entry
    return msgspec.structs.replace(entry, at=Instant(entry.at.utc, entry.at.steady + ahead_s))


def told_at(entry: Entry) -> float:
    """When the line was written on the steady scale: back-dated lines are told in the order of writing."""
    return entry.at.steady + (entry.written - entry.at.utc).total_seconds()
