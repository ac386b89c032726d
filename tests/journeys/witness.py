"""Who looks at the chair after each action of a random walk, and says what is not true.

It knows the engine from outside: what was touched, how it was answered, which entries came of it, and what the store
said is saved. What may be written for which touch is listed here once more, beside the program and not from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app import entries as e
from app import messages as m
from app.engine import Engine
from app.entries import CHAIRSIDE, CLINIC, Body, Entry
from app.frames import Snapshot

ASKED_BY: Final[dict[type[Body], tuple[type[m.Act], ...]]] = {
    e.ClinicNamed: (m.FirstRunDone,),
    e.StaffAdded: (m.FirstRunDone, m.AddStaff),
    e.StaffChanged: (m.ChangeStaff,),
    e.StaffLeft: (m.ReleaseStaff,),
    e.PinSet: (m.SetStaffPin,),
    e.DeviceChosen: (m.FirstRunDone, m.ChooseDevice),
    e.SignedIn: (m.SignIn, m.HandOver),
    e.TablesSigned: (m.SignTables,),
    e.SessionOpened: (m.OpenPatient,),
    e.PatientIdentified: (m.OpenPatient,),
    e.OrderSigned: (m.SignOrder,),
    e.SegmentConfirmed: (m.AnswerSyringe,),
    e.RateOrdered: (m.OrderRate,),
    e.EffectNoted: (m.NoteEffect, m.AddLate),
    e.EffectEnded: (m.EndEffect,),
    e.DrugGiven: (m.GiveDrug, m.AddLate),
    e.ScoreTaken: (m.TakeScore,),
    e.VitalEntered: (m.EnterVital,),
    e.OxygenSet: (m.SetOxygen,),
    e.NoteWritten: (m.WriteNote, m.AddLate),
    e.AlarmAcknowledged: (m.Acknowledge,),
    e.AudioPaused: (m.PauseAudio,),
    e.SoundSwitched: (m.SwitchSound,),
    e.SoundTested: (m.SayHeard,),
    e.Retracted: (m.Undo,),
    e.Amended: (m.Amend,),
    e.SessionFinished: (m.FinishSession,),
    e.SummarySigned: (m.SignSummary,),
    e.SummaryPrinted: (m.NotePrinted,),
    e.VialDrawn: (m.DrawVial,),
    e.Wasted: (m.WasteDrug,),
    e.Returned: (m.ReturnDrug,),
    e.BalanceExplained: (m.ExplainBalance,),
    e.EmergencyOpened: (m.OpenEmergency,),
    e.EmergencyStamped: (m.StampEmergency,),
    e.IvChecked: (m.CheckIv,),
    e.CheckInLine: (m.CheckLine,),
    e.BaselineSet: (m.TakeBaseline,),
    e.LimitsChanged: (m.ChangeLimits,),
    e.FieldExplained: (m.ExplainField,),
    e.CriterionChecked: (m.CheckCriterion,),
    e.CriterionAccepted: (m.AcceptCriterion,),
    e.InstructionsPrinted: (m.NoteInstructions,),
    e.HandedOver: (m.HandOver,),
    e.Supervised: (m.NameSupervisor,),
    e.Discharged: (m.SignDischarge,),
    e.NextVisitPlanned: (m.PlanNextVisit,),
}
"""What a person writes, and with which touch."""

SEEN: Final = (
    e.SettingsChanged, e.SelfTested, e.SegmentOpened, e.InfusionStarted, e.InfusionPaused, e.InfusionResumed,
    e.InfusionEnded, e.RateMeasured, e.PumpSeen, e.PumpLost, e.AlarmRaised, e.AlarmCleared, e.LinkNoted, e.Resumed,
    e.ClockJumped, e.SamplesSealed, e.CriterionMet, e.CriterionUnmet, e.PinRefused, e.EntryLocked, e.AudioResumed,
)  # fmt: skip
"""What Chairside itself may write, of what the devices and the clock tell it."""

BY_HAND: Final = (m.ConfirmByHand, m.ConfirmPumpState, m.AskPump)
"""The touches after which an infusion is told by hand."""
ANY_TOUCH: Final = (e.Audited, e.GlassBroken)
"""Lines of the audit trail: of a look, and of an entry without a PIN, told again where a session opens."""
SAID_TOO: Final = (e.SegmentOpened, e.RateMeasured, e.EntryLocked, e.AudioResumed)
"""Also written with a person's name: a new syringe, a rate that was read, entry left open, a pause cut short."""

RANK: Final = {
    "patient": 0,
    "check-in": 1,
    "ready": 2,
    "infusing": 3,
    "paused": 3,
    "recovery": 4,
    "finished": 5,
}
LEAST: Final = 1e-6


class Untrue(Exception):
    """Something that must never be; the text says what."""


class Witness:
    """One record, from its first entry on, over restarts."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.sessions: dict[str, str] = {}
        self.kinds: dict[type[Body], int] = {}
        self.phases: dict[str, str] = {}
        self._patients: dict[str, str] = {}
        self._begun: set[str] = set()
        self._given: dict[str, tuple[float | None, float | None]] = {}
        self._open: dict[str, m.Tap] = {}
        self._acknowledged = 0
        self._saved: set[str] = set()

    def touched(self, tap: m.Tap) -> None:
        """A touch was posted."""
        self._open[tap.id] = tap

    def restarted(self, found: Sequence[Entry]) -> None:
        """The program came back with these entries on disk: what was not saved is gone, and so are its touches."""
        on_disk = {entry.uuid for entry in found}
        if lost := self._saved - on_disk:
            raise Untrue(f"{len(lost)} entries were shown as saved and are not on disk")
        for entry in found:
            self._keep(entry)
        self._saved |= on_disk
        self._open.clear()
        self._given.clear()
        self.phases.clear()

    # ------------------------------------------------------------------ after each action

    def look(self, engine: Engine, shot: Snapshot, acknowledged: Sequence[Entry]) -> None:
        """Raises Untrue for the first thing that is not so."""
        taken = self._taken(engine)
        new = [entry for entry in acknowledged[self._acknowledged :] if entry.uuid not in self.sessions]
        new += [entry for entry in engine.unsaved.values() if entry.uuid not in self.sessions]
        self._saved |= {entry.uuid for entry in acknowledged[self._acknowledged :]}
        self._acknowledged = len(acknowledged)
        for entry in new:
            self._keep(entry)
        for entry in new:
            self._asked_for(entry, taken)
            self._belongs(entry)
        self._meant(taken)
        self._shown_as_saved(engine, shot)
        self._same_patient(engine, shot)
        self._in_order(engine)
        self._given_only_grows(engine, any(isinstance(entry.body, e.SegmentConfirmed) for entry in new))

    def _keep(self, entry: Entry) -> None:
        if entry.uuid in self.sessions:
            return
        self.sessions[entry.uuid] = entry.session
        kind = type(entry.body)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if isinstance(entry.body, e.PatientIdentified):
            self._patients.setdefault(entry.session, entry.body.mrn)
        elif entry.author != CHAIRSIDE and not isinstance(entry.body, e.SessionOpened):
            self._begun.add(entry.session)

    def _taken(self, engine: Engine) -> list[tuple[m.Tap, str]]:
        """The touches that were taken since the last look, each with the entry that its answer names."""
        taken = []
        for tap in list(self._open.values()):
            answer = engine.answers.get(tap.id)
            if answer is None or answer.state == "waiting":
                continue
            del self._open[tap.id]
            if answer.state == "taken":
                taken.append((tap, answer.entry))
        return taken

    def _asked_for(self, entry: Entry, taken: list[tuple[m.Tap, str]]) -> None:
        """No entry without a touch or a device that asked for it."""
        kind, acts = type(entry.body), [type(tap.act) for tap, _ in taken]
        if isinstance(entry.body, ANY_TOUCH):
            return
        if kind in ASKED_BY:
            wanted = ASKED_BY[kind]
            if not any(act in wanted for act in acts):
                raise Untrue(f"{kind.__name__} was written, and no touch asked for it: {acts}")
            return
        if kind not in SEEN:
            raise Untrue(f"{kind.__name__} is a kind of entry that nobody may write")
        if getattr(entry.body, "source", "") == "hand" and not any(act in BY_HAND for act in acts):
            raise Untrue(f"{kind.__name__} by hand was written, and nobody confirmed it: {acts}")
        by_person = kind in SAID_TOO or getattr(entry.body, "source", "") == "hand"
        if entry.author != CHAIRSIDE and not by_person:
            raise Untrue(f"{kind.__name__} is said to be written by {entry.author}")

    def _belongs(self, entry: Entry) -> None:
        """Nothing of one patient in another's record."""
        body, session = entry.body, entry.session
        points_at = getattr(body, "entry", "") or getattr(body, "noted", "")
        if points_at and self.sessions.get(points_at) != session:
            raise Untrue(f"{type(body).__name__} of session {session} speaks of another session's entry")
        if isinstance(body, e.PatientIdentified):
            if self._patients.get(session, body.mrn) != body.mrn and session in self._begun:
                raise Untrue("another patient's number was written into a session that was begun")
            self._patients[session] = body.mrn

    def _meant(self, taken: list[tuple[m.Tap, str]]) -> None:
        """What a touch wrote went to the patient who was on the screen that was touched."""
        for tap, entry in taken:
            session = self.sessions.get(entry, CLINIC)
            elsewhere = isinstance(tap.act, (m.Amend, m.AddLate, m.OpenPatient, m.NotePrinted))
            if tap.session and session not in (CLINIC, tap.session) and not elsewhere:
                raise Untrue(f"{type(tap.act).__name__} was meant for another session than it was written to")

    def _shown_as_saved(self, engine: Engine, shot: Snapshot) -> None:
        if shot.saved.state != "saved" or engine.session is None:
            return
        said = (one for one in engine.session.entries if one.author != CHAIRSIDE)
        lost = [one for one in said if one.uuid not in self._saved]
        if lost:
            kinds = ", ".join(type(one.body).__name__ for one in lost[:5])
            raise Untrue(f"shown as saved, and the store did not say so: {kinds}")

    def _same_patient(self, engine: Engine, shot: Snapshot) -> None:
        here = engine.session
        if shot.session != (here.id if here is not None else ""):
            raise Untrue("the screen shows another session than the engine's")
        if here is None or here.patient is None or shot.patient is None:
            return
        if here.patient.mrn not in shot.patient.mrn:
            raise Untrue("the screen shows another patient than the session's")

    def _in_order(self, engine: Engine) -> None:
        """A session goes forward only."""
        session = engine.session
        if session is None:
            return
        before, phase = self.phases.get(session.id), session.phase
        if before is not None and RANK[phase] < RANK[before]:
            raise Untrue(f"a session went from {before} back to {phase}")
        self.phases[session.id] = phase

    def _given_only_grows(self, engine: Engine, confirmed: bool) -> None:
        """What was given never becomes less; another concentration may be said, another volume may not."""
        session = engine.session
        if session is None:
            return
        given = session.infusion.given(engine.now)
        ml, mg = self._given.get(session.id, (None, None))
        if (given.ml or 0.0) < 0 or (given.mg or 0.0) < 0:
            raise Untrue(f"given is negative: {given.ml} mL, {given.mg} mg")
        if given.ml is not None and ml is not None and given.ml < ml - LEAST:
            raise Untrue(f"given fell from {ml} to {given.ml} mL")
        if not confirmed and given.mg is not None and mg is not None and given.mg < mg - LEAST:
            raise Untrue(f"given fell from {mg} to {given.mg} mg")
        self._given[session.id] = (
            given.ml if given.ml is not None else ml,
            given.mg if given.mg is not None or confirmed else mg,
        )
