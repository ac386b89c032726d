"""What a screen shows, as plain values: every word and number is settled here, widgets move to match.

Times on axes are session seconds unless they say otherwise; texts are ready to draw.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from app.bedside_frames import AccountFrame, EmergencyFrame
from app.clinical.protocol import Order, Plan
from app.clinical.vitals import Vital
from app.entries import CheckValue
from app.people_frames import AuditFrame, KeyFrame, SelfTestFrame, TableLine
from app.ports import PumpPanel
from app.sound_frames import SoundFrame
from app.unsaved_frames import UnsavedFrame

Array = npt.NDArray[np.float64]
Priority = Literal["high", "medium", "low"]
Phase = Literal[
    "first-run",
    "locked-out",
    "today",
    "patient",
    "check-in",
    "ready",
    "infusing",
    "paused",
    "recovery",
    "finished",
]


class AlarmMark(msgspec.Struct, frozen=True):
    """An alarm on a tile: "!!! low", "!! high", "! 20 min old"."""

    priority: Priority
    text: str
    acknowledged: bool = False


class Tile(msgspec.Struct, frozen=True):
    """One vital sign. `key` is "heart_rate", "spo2", "nibp", "resp_rate", "etco2", "temp", "pulse_rate".

    `text` is "84", "138/82" or "--". `corner` stands top right ("14:05 · 2 min", "12 s old", "probe off"),
    `foot_left` ("mean 101") and `foot_right` ("next in 2:10", "since 14:02") below.
    """

    key: str
    label: str
    unit: str
    colour: str
    text: str
    state: Literal["live", "stale", "missing"]
    corner: str = ""
    foot_left: str = ""
    foot_right: str = ""
    alarm: AlarmMark | None = None


class ScoreTile(msgspec.Struct, frozen=True):
    """A score's last value: "3", "/10", "13:56"; text "--" when never taken."""

    key: str
    label: str
    text: str
    out_of: str
    at: str
    due: bool = False


class HeaderFrame(msgspec.Struct, frozen=True):
    """The top line: who lies here, what is under way, the time and who is here. "" where there is none."""

    name: str
    facts: str
    mrn: str
    allergy: str
    allergy_known: bool
    phase: str
    phase_time: str
    clock: str
    who: str
    demo: bool


class AlarmRow(msgspec.Struct, frozen=True):
    """One alarm that stands: "SpO₂ 86 %, below 88" / "Since 14:30:42. Airway, oxygen."."""

    key: str
    priority: Priority
    text: str
    detail: str
    acknowledged: bool


class DeviceChip(msgspec.Struct, frozen=True):
    """Monitor or pump in the calm bar: "Monitor" / "1 s"; `ok` False when it is not heard."""

    key: str
    label: str
    text: str
    ok: bool


class DeviceSetup(msgspec.Struct, frozen=True):
    """What is connected as monitor or pump, and how it is heard; driver "" when none was chosen."""

    device: str
    driver: str
    port: str
    says: str
    ok: bool


class StripValue(msgspec.Struct, frozen=True):
    """A vital sign in the calm bar of screens without tiles."""

    label: str
    text: str
    colour: str
    stale: bool = False


class AlarmBarFrame(msgspec.Struct, frozen=True):
    """The bar under the header: rows highest first, or calm words."""

    rows: tuple[AlarmRow, ...]
    calm: str
    calm_detail: str
    devices: tuple[DeviceChip, ...]
    strip: tuple[StripValue, ...]
    notices: tuple[str, ...] = ()
    sound: SoundFrame | None = None


class Lane(msgspec.Struct, frozen=True):
    """A vital sign's lane. `at_s`, `low`, `high` are equally long min–max buckets, NaN in gaps.

    For kind "bars" (NIBP) `low` is diastolic, `high` systolic, `mid` mean, one per measurement.
    `limits` are dashed and labelled, `span` is the drawn range.
    """

    key: str
    label: str
    colour: str
    kind: Literal["line", "bars"]
    at_s: Array
    low: Array
    high: Array
    limits: tuple[tuple[float, str], ...]
    span: tuple[float, float]
    mid: Array | None = None
    off_scale: str = ""


class Mark(msgspec.Struct, frozen=True):
    """An event in the lane: icon name, and a drug's label colour or a role ("infusion", "plain")."""

    at_s: float
    icon: str
    fill: str
    label: str
    entry: str = ""


class Gap(msgspec.Struct, frozen=True):
    """A time without values; `icon` says why ("unplugged", "clock")."""

    start_s: float
    end_s: float
    icon: str
    label: str


class RateSpan(msgspec.Struct, frozen=True):
    """The infusion's rate over a time; None: not known, and then `mean_ml_h` where a counter tells the mean."""

    start_s: float
    end_s: float
    rate_ml_h: float | None
    mean_ml_h: float | None = None

    @property
    def flow_ml_h(self) -> float | None:
        """What flowed on average; None where nobody knows."""
        return self.rate_ml_h if self.rate_ml_h is not None else self.mean_ml_h


class Band(msgspec.Struct, frozen=True):
    """Predicted plasma concentration, ng/mL, from lowest to highest; a model, not measured."""

    at_s: Array
    low: Array
    high: Array
    label: str = ""


class ChartFrame(msgspec.Struct, frozen=True):
    """The lanes on one time axis. `ticks` are (second, "13:30"). `version` changes when anything but now does."""

    start_s: float
    end_s: float
    now_s: float
    now_text: str
    ticks: tuple[tuple[float, str], ...]
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[Gap, ...]
    rate: tuple[RateSpan, ...]
    rate_max_ml_h: float
    plan: tuple[RateSpan, ...]
    band: Band | None
    due: tuple[tuple[str, bool], ...]
    version: int = 0


class Limb(msgspec.Struct, frozen=True):
    """A button that the engine allows or bars: `reason` is written in a barred one; `main` fills it."""

    key: str
    label: str
    allowed: bool
    reason: str = ""
    main: bool = False


class InfusionCard(msgspec.Struct, frozen=True):
    """The infusion. Texts are "" or "--" where a thing is not known, with `warning` saying why."""

    drug: str
    label_class: str
    concentration: str
    rate: str
    rate_state: Literal["live", "stale", "missing"]
    age: str
    source: str
    mg_h: str
    mg_kg_h: str
    given: str
    planned: str
    volume: str
    ends: str
    late: str
    syringe: str
    syringe_time: str
    progress: tuple[RateSpan, ...]
    plan: tuple[RateSpan, ...]
    elapsed_s: float
    warning: str
    buttons: tuple[Limb, ...]


class PumpSheet(msgspec.Struct, frozen=True):
    """What the start, pause, resume or end sheet says: which key to press, what was asked, what is measured."""

    what: str
    title: str
    instruction: str
    requested: str
    measured: str
    state: Literal["waiting", "seen", "uncertain", "no-pump"]
    since: str
    can_confirm_by_hand: bool
    hand_label: str


class RateLights(msgspec.Struct, frozen=True):
    """The last ordered rate on its way: requested, set at the pump, measured.

    `by_hand_ml_h` is the rate that a person may confirm; None where a pump is read or nothing is to be confirmed.
    """

    requested: bool
    set_at_pump: bool
    measured: bool
    words: str
    enter_at_pump: str
    by_hand_ml_h: float | None = None


class RateNow(msgspec.Struct, frozen=True):
    """Where the infusion stands for the rate sheet: second of the plan, rate ordered now, given so far.

    `concentration_mg_ml` is what is in the pump now; None while it is asked.
    """

    now_s: float
    expected_ml_h: float
    given_mg: float | None
    concentration_mg_ml: float | None = None


SECOND_DISPLAY = "Second display. Keep the monitor’s alarms on."
"""What stands on every screen."""


class SavedLine(msgspec.Struct, frozen=True):
    """The last line of a screen: what was written last, and what to know."""

    state: Literal["none", "saving", "saved", "failed"]
    text: str
    right: str = ""


class EventButton(msgspec.Struct, frozen=True):
    """A usual effect, drug or score on the bar; barred with its reason ("allergy")."""

    key: str
    label: str
    icon: str
    kind: Literal["effect", "drug", "score", "check", "more", "note", "undo"]
    label_class: str = ""
    barred: str = ""
    due: bool = False


class UndoFrame(msgspec.Struct, frozen=True):
    """What the undo target would take back and how long that is still possible."""

    entry: str
    text: str
    seconds_left: int


class LogLine(msgspec.Struct, frozen=True):
    """An entry as the list of the session shows it; `key` is the id of the side effect it notes, else ""."""

    entry: str
    at: str
    text: str
    who: str
    struck: bool = False
    note: str = ""
    open_effect: bool = False
    key: str = ""


class DrugCheck(msgspec.Struct, frozen=True):
    """A line of the drug sheet: ("This session", "1 mg, then 2 mg", "limit 3.5 mg (61 y)", ok)."""

    label: str
    value: str
    limit: str
    ok: bool


class DoseChoice(msgspec.Struct, frozen=True):
    """A dose button; `barred` says why it is not offered, `needs_reason` what it must be explained against.

    `checks` are the sheet's first lines once this dose is chosen; they stand in for those of the same label.
    """

    dose: float
    text: str
    detail: str = ""
    barred: str = ""
    usual: bool = False
    checks: tuple[DrugCheck, ...] = ()
    needs_reason: str = ""


class DrugSheet(msgspec.Struct, frozen=True):
    """A rescue drug, as its sheet shows it for this patient now; an emergency drug is never held up."""

    drug: str
    name: str
    label_class: str
    facts: str
    route: str
    unit: str
    give_over: str
    doses: tuple[DoseChoice, ...]
    checks: tuple[DrugCheck, ...]
    hard_single: float | None
    needs_reason: str
    barred: str = ""
    routes: tuple[str, ...] = ()
    cautions: str = ""
    emergency: bool = False


class StaffRow(msgspec.Struct, frozen=True):
    """A member of staff as the unlock screen offers. `pin_shown` only in the demonstration."""

    staff: str
    name: str
    initials: str
    roles: tuple[str, ...]
    pin_shown: str = ""
    wait_s: int = 0


class SessionLine(msgspec.Struct, frozen=True):
    """A session in the list."""

    session: str
    patient: str
    mrn: str
    when: str
    protocol: str
    state: str
    finished: bool
    group: str = ""


class VisitLine(msgspec.Struct, frozen=True):
    """A patient who is expected: "Rosa Martin" / "due today" or "3 days overdue"."""

    mrn: str
    name: str
    when: str
    overdue: bool
    last: str


class PatientFrame(msgspec.Struct, frozen=True):
    """The patient as recorded, for the patient screen and for the order."""

    mrn: str
    name: str
    birth_date: str
    age_years: int
    sex: str
    weight_kg: float
    allergies: tuple[str, ...]
    none_known: bool


class CheckLineFrame(msgspec.Struct, frozen=True):
    """A line of the check-in: "Fasting" / "food 06:30" / "LK 12:08"; `values` are its answers so far."""

    line: str
    label: str
    words: str
    right: str
    state: Literal["done", "skipped", "todo", "blocks"]
    waits: bool
    values: dict[str, CheckValue] = {}
    reason: str = ""


class CheckInFrame(msgspec.Struct, frozen=True):
    """The check-in: "9 of 12." "Consent blocks the start."; `resting` are the live values for a set now.

    `sets` tells the sets so far, `next_set` when another counts ("" at once), `lacks` the scores to take.
    """

    lines: tuple[CheckLineFrame, ...]
    count: str
    words: str
    fasting: str
    resting: dict[Vital, float]
    sets: str
    next_set: str
    lacks: tuple[str, ...]
    frozen: bool


class FieldRow(msgspec.Struct, frozen=True):
    """A field of the record that is missing, or that was explained: its words, and where it can be answered.

    `line` of the check-in, or `place`: account, supervisor, chair; "" where only a reason can be given.
    """

    field: str
    label: str
    words: str
    missing: bool
    line: str
    place: str


class RecordFrame(msgspec.Struct, frozen=True):
    """The record's own lines and what it still lacks: "61 of 68 fields.", and its words "ASA class is missing.".

    `lines` hold those of the check-in as well, for their answers. `bars` is why it cannot be signed as final.
    """

    lines: tuple[CheckLineFrame, ...]
    fields: tuple[FieldRow, ...]
    count: str
    words: str
    lacks: int
    bars: str
    final: bool


class LimitFrame(msgspec.Struct, frozen=True):
    """The limits of one vital sign in force for this patient; `changed` names those that are not the table's."""

    vital: Vital
    label: str
    unit: str
    values: dict[str, float]
    changed: tuple[str, ...]
    baseline: str


class KnownPatient(msgspec.Struct, frozen=True):
    """A patient of an earlier session: offered, never taken over unseen. `last` is "2 Mar 2026, 70 kg"."""

    mrn: str
    name: str
    birth_date: str
    sex: str
    allergies: tuple[str, ...]
    none_known: bool
    last_weight_kg: float
    last: str


class Question(msgspec.Struct, frozen=True):
    """Something that the engine must ask before it goes on. key: "syringe", "pump-unknown", "rate"."""

    key: str
    text: str
    detail: str
    container_ml: float | None = None
    concentration_mg_ml: float | None = None
    rate_ml_h: float | None = None


class Answer(msgspec.Struct, frozen=True):
    """What became of a tap: taken (with its entry), refused, asked back, or waiting for the PIN."""

    state: Literal["taken", "refused", "asked", "waiting"]
    entry: str = ""
    field: str = ""
    reason: str = ""


class CriterionRow(msgspec.Struct, frozen=True):
    """A discharge criterion on the recovery screen.

    `right` is when it was met, "6:20 to run", "to do" or "not met"; `share` of the hold that has run, None
    without one. `opens` names the sheet that does something about it, "" where only time does.
    """

    key: str
    kind: str
    text: str
    state: Literal["met", "unmet", "todo", "holding", "accepted"]
    evidence: str
    right: str
    share: float | None = None
    opens: str = ""
    may_accept: bool = False


class LeafletPart(msgspec.Struct, frozen=True):
    """A part of the patient's instructions."""

    title: str
    lines: tuple[str, ...]


class Leaflet(msgspec.Struct, frozen=True):
    """The patient's instructions, ready to print. `phone` "" leaves a line for a pen."""

    title: str
    clinic: str
    patient: str
    date: str
    lead: str
    parts: tuple[LeafletPart, ...]
    phone_words: str
    phone: str
    emergency: str
    session: str
    draft: str = ""
    next_visit: str = ""


class RecoveryFrame(msgspec.Struct, frozen=True):
    """Is she ready to go? Every line with its evidence, and who decides.

    `sign` is the target of the lower right: Sign discharge, or Finish session once it is signed. `discharged`
    says how the patient left, "" before.
    """

    title: str
    rows: tuple[CriterionRow, ...]
    decides: str
    decides_detail: str
    sign: Limb
    leaflet: Leaflet | None
    discharged: str = ""
    companion: str = ""


class ItemProposal(msgspec.Struct, frozen=True):
    """What the vital signs of now propose for an item of a form; a person confirms it."""

    score: str
    item: str
    points: int
    evidence: str


class Snapshot(msgspec.Struct, frozen=True):
    """Everything a screen shows at one moment; the newest one wins."""

    number: int
    now: datetime
    steady: float
    phase: Phase
    locked: bool
    who: str
    who_roles: tuple[str, ...]
    clinic: str
    demo: bool
    header: HeaderFrame
    alarms: AlarmBarFrame
    tiles: tuple[Tile, ...]
    scores: tuple[ScoreTile, ...]
    chart: ChartFrame | None
    infusion: InfusionCard | None
    events: tuple[EventButton, ...]
    saved: SavedLine
    undo: UndoFrame | None
    log: tuple[LogLine, ...]
    pump_sheet: PumpSheet | None
    lights: RateLights | None
    question: Question | None
    drugs: tuple[DrugSheet, ...]
    staff: tuple[StaffRow, ...]
    sessions: tuple[SessionLine, ...]
    session: str
    patient: PatientFrame | None
    order: Order | None
    plan: Plan | None
    panel: PumpPanel | None
    answers: dict[str, Answer]
    summary: object | None = None
    """The app.printed.Summary of a finished session."""
    rate_now: RateNow | None = None
    account: AccountFrame | None = None
    emergency: EmergencyFrame | None = None
    check_in: CheckInFrame | None = None
    record: RecordFrame | None = None
    limits: tuple[LimitFrame, ...] = ()
    known: tuple[KnownPatient, ...] = ()
    recovery: RecoveryFrame | None = None
    proposals: tuple[ItemProposal, ...] = ()
    visits: tuple[VisitLine, ...] = ()
    next_visit: str = ""
    """When the patient comes again, in words."""
    review: object | None = None
    """The app.review_frames.ReviewFrame of a session that is reviewed."""
    supervisor: str = ""
    """The staff id of the anesthetist who supervises."""
    devices: tuple[DeviceSetup, ...] = ()
    unsaved: UnsavedFrame | None = None
    """What to write on paper; None while all is on disk."""
    audit: AuditFrame | None = None
    tables: tuple[TableLine, ...] = ()
    draft_tables: str = ""
    """Says that tables are not signed; "" when every one is."""
    self_test: SelfTestFrame | None = None
    key: KeyFrame | None = None
