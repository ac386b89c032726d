"""What each entry says, in the words of the log and of paper; one sentence for every kind there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import assert_never

from app.audit import audit_words
from app.clinic import Clinic
from app.clinical.checkin import told_values
from app.clinical.controlled import drawn_mg
from app.clinical.discharge import criterion_words
from app.clinical.dosing import lb_from_kg, shown
from app.clinical.patient_limits import change_words
from app.clinical.scores import Sum, item_ids, item_title, signed
from app.clinical.tables import Catalog
from app.clinical.vitals import NIBP, VITALS, Vital
from app.entries import (
    CHAIRSIDE,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Amended,
    AnyBody,
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

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def long_date(day: date) -> str:
    """A date with its weekday: "Sunday 22 November 2026"."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def visit_words(planned: NextVisitPlanned | None) -> str:
    """When the patient comes again: "Sunday 29 November 2026", "none planned", "not set"."""
    if planned is None:
        return "not set"
    return long_date(planned.due) if planned.due is not None else "none planned"


def short_date(day: date) -> str:
    """A date in small: "22 Nov 2026"."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


class Teller:
    """Tells entries in words: with names of staff, drugs, effects and scores, at the clinic's local time."""

    def __init__(self, catalog: Catalog, clinic: Clinic, zone: tzinfo, entries: Mapping[str, Entry]) -> None:
        """`entries` are the session's by id, for those that speak of another."""
        self.catalog = catalog
        self.clinic = clinic
        self.zone = zone
        self.entries = entries

    # ------------------------------------------------------------ names and times

    def clock(self, at: datetime, *, seconds: bool = False) -> str:
        """The local time of day."""
        return f"{at.astimezone(self.zone):{'%H:%M:%S' if seconds else '%H:%M'}}"

    def who(self, staff: str) -> str:
        """Initials, or the program's name for what it saw itself."""
        return "Chairside" if staff == CHAIRSIDE else self.clinic.initials(staff)

    def name(self, staff: str) -> str:
        """A person's full name."""
        return "Chairside" if staff == CHAIRSIDE else self.clinic.name_of(staff)

    def drug(self, drug: str) -> str:
        """A drug's name; its id where the tables of now do not know it."""
        row = self.catalog.drugs.get(drug)
        return row.name if row else drug

    def effect(self, effect: str) -> str:
        """A side effect's name."""
        row = self.catalog.effects.get(effect)
        return row.label if row else effect

    def grade(self, grade: int) -> str:
        """A grade with its short word: "1, mild"."""
        row = next((row for row in self.catalog.grades if row.grade == grade), None)
        return f"{grade}, {row.short}" if row else f"{grade}"

    def score(self, score: str) -> str:
        """A score's name with its range: "Pain, of 10"."""
        row = self.catalog.scores.get(score)
        if row is None:
            return score
        return f"{row.short}, of {row.total_range[1]}" if row.total_range else row.short

    def protocol(self, protocol: str) -> str:
        """A protocol's name."""
        row = self.catalog.protocols.get(protocol)
        return row.name if row else protocol

    def protocol_short(self, protocol: str) -> str:
        """A protocol's name on a button."""
        row = self.catalog.protocols.get(protocol)
        return row.short if row else protocol

    def allergies(self, patient: PatientIdentified) -> str:
        """The allergies by name, or that none is known."""
        if patient.none_known:
            return "No known allergies"
        if not patient.allergies:
            return "Allergies: not recorded"
        known = self.catalog.allergies
        names = [known[a].name if a in known else a for a in patient.allergies]
        return f"{'Allergy' if len(names) == 1 else 'Allergies'}: {', '.join(names)}"

    # ------------------------------------------------------------ sentences

    def told(self, body: AnyBody) -> str:
        """What this entry says."""
        match body:
            case SessionOpened() | PatientIdentified() | OrderSigned() | SessionFinished():
                return self._frame(body)
            case SegmentOpened() | SegmentConfirmed():
                return self._segment(body)
            case InfusionStarted() | InfusionPaused() | InfusionResumed() | InfusionEnded():
                return self._infusion(body)
            case RateOrdered() | RateMeasured() | PumpSeen() | PumpLost():
                return self._pump(body)
            case EffectNoted() | EffectEnded() | DrugGiven() | ScoreTaken() | VitalEntered():
                return self._patient(body)
            case OxygenSet():
                return f"Oxygen {number(body.flow_l_min)} L/min" if body.flow_l_min else "Oxygen off"
            case NoteWritten():
                return f"Note: {body.text}"
            case AlarmRaised() | AlarmAcknowledged() | AlarmCleared():
                return self._alarm(body)
            case Retracted() | Amended():
                return self._correction(body)
            case SummarySigned() | SummaryPrinted() | SamplesSealed():
                return self._summary(body)
            case AudioPaused() | AudioResumed() | SoundSwitched() | SoundTested():
                return _sound(body)
            case LinkNoted() | Resumed() | ClockJumped():
                return self._machine(body)
            case ClinicNamed() | StaffAdded() | DeviceChosen() | SignedIn() | EntryLocked() | PinRefused():
                return self._clinic(body)
            case StaffChanged() | StaffLeft() | PinSet():
                return self._staff(body)
            case Audited() | GlassBroken() | TablesSigned() | SettingsChanged() | SelfTested():
                return audit_words(body, self.name)
            case VialDrawn() | Wasted() | Returned() | BalanceExplained():
                return self._account(body)
            case EmergencyOpened() | EmergencyStamped() | IvChecked():
                return self._watched(body)
            case CheckInLine() | BaselineSet() | LimitsChanged() | FieldExplained():
                return self._check_in(body)
            case CriterionMet() | CriterionUnmet() | CriterionChecked() | CriterionAccepted():
                return self._criterion(body)
            case InstructionsPrinted() | HandedOver() | Supervised() | Discharged():
                return self._leaving(body)
            case NextVisitPlanned():
                return f"Next visit: {visit_words(body)}"
            case _:
                assert_never(body)

    def _frame(self, body: SessionOpened | PatientIdentified | OrderSigned | SessionFinished) -> str:
        match body:
            case SessionOpened():
                return (
                    f"Session opened: Chairside {body.software}, tables {body.tables} ({body.tables_status})"
                )
            case PatientIdentified():
                return (
                    f"Patient: {body.name}, MRN {body.mrn}, {weight(body.weight_kg)}, {self.allergies(body)}"
                )
            case OrderSigned():
                reason = f". Reason: {body.reason}" if body.reason else ""
                protocol = self.protocol(body.order.protocol_id)
                return f"Order signed by {self.name(body.signer)}: {protocol}{reason}"
            case SessionFinished():
                return "Session finished"

    def _segment(self, body: SegmentOpened | SegmentConfirmed) -> str:
        holds = container(body.container_ml, body.concentration_mg_ml)
        if isinstance(body, SegmentConfirmed):
            same = "the same container" if body.same_container else "a new container"
            return f"In the pump: {holds}, {same}"
        counter = f", counter {number(body.baseline_ml)} mL" if body.baseline_ml is not None else ""
        pump = f", pump {body.pump_serial}" if body.pump_serial else ""
        return f"Volume counts from here ({body.cause}): {holds}{counter}{pump}"

    def _infusion(self, body: InfusionStarted | InfusionPaused | InfusionResumed | InfusionEnded) -> str:
        by = " (by hand)" if body.source == "hand" else ""
        match body:
            case InfusionStarted():
                return f"Infusion started at {number(body.rate_ml_h)} mL/h{by}"
            case InfusionPaused():
                why = f": {body.reason}" if body.reason else ""
                return f"Infusion paused{why}{by}"
            case InfusionResumed():
                return f"Infusion resumed at {number(body.rate_ml_h)} mL/h{by}"
            case InfusionEnded():
                given = (
                    f"{number(body.given_mg, 2)} mg given" if body.given_mg is not None else "given not known"
                )
                note = f" ({body.note})" if body.note else ""
                return f"Infusion ended, {given}{note}{by}"

    def _pump(self, body: RateOrdered | RateMeasured | PumpSeen | PumpLost) -> str:
        match body:
            case RateOrdered():
                soft = f" Soft limit: {body.soft_reason}." if body.soft_reason else ""
                ordered = f"Rate ordered: {number(body.rate_ml_h)} mL/h ({number(body.rate_mg_h, 2)} mg/h)"
                return f"{ordered}, {self.name(body.signer)}. {ended(body.reason)}{soft}"
            case RateMeasured():
                return f"Measured at the pump: {number(body.rate_ml_h)} mL/h"
            case PumpSeen():
                said = "Pump read by a person" if body.source == "hand" else "Pump"
                parts = [body.mode]
                parts += [f"{number(body.rate_ml_h)} mL/h"] if body.rate_ml_h is not None else []
                parts += [f"counter {number(body.volume_ml)} mL"] if body.volume_ml is not None else []
                return f"{said}: {', '.join(parts)}"
            case PumpLost():
                return f"Pump unknown since {self.clock(body.since, seconds=True)}: {body.why}"

    def _patient(self, body: EffectNoted | EffectEnded | DrugGiven | ScoreTaken | VitalEntered) -> str:
        match body:
            case EffectNoted():
                return f"{self.effect(body.effect)}, grade {self.grade(body.grade)}"
            case EffectEnded():
                noted = self.entries.get(body.noted)
                what = noted.body.effect if noted and isinstance(noted.body, EffectNoted) else ""
                return f"{self.effect(what)} gone" if what else "Side effect gone"
            case DrugGiven():
                why = self.why_given(body)
                return f"{self.drug(body.drug)} {dose(body)}{f' ({why})' if why else ''}"
            case ScoreTaken():
                return f"{self.score(body.score)}: {self.scored(body)}"
            case VitalEntered():
                return f"By hand: {vitals_words(body.values)}"

    def scored(self, body: ScoreTaken) -> str:
        """A score's value: its total, its code, or why it cannot be computed."""
        row = self.catalog.scores.get(body.score)
        if body.code or body.total is not None:
            return body.code or (f"{body.total}" if row is None else signed(row, body.total or 0))
        if row is None or not body.items:
            return "not computable"
        missing = [item_title(row, item) for item in item_ids(row) if item not in body.items]
        return Sum(None, tuple(missing)).words

    def criterion(self, criterion: str) -> str:
        """A discharge criterion in the words of its line, without numbers that a session gives."""
        row = self.catalog.discharge_criteria.get(criterion)
        return criterion_words(row) if row is not None else criterion

    def why_given(self, body: DrugGiven) -> str:
        """The effect it was given for; the reason and the second person where a limit was passed."""
        parts = [self.effect(body.effect).lower()] if body.effect else []
        parts += [f"reason: {body.reason}"] if body.reason else []
        parts += [f"second person: {self.name(body.second)}"] if body.second else []
        return "; ".join(parts)

    def _alarm(self, body: AlarmRaised | AlarmAcknowledged | AlarmCleared) -> str:
        match body:
            case AlarmRaised():
                detail = f" {body.detail}" if body.detail else ""
                return f"Alarm, {body.priority}: {ended(body.what)}{detail}"
            case AlarmAcknowledged():
                return f"Alarm acknowledged: {self._alarm_name(body.key)}"
            case AlarmCleared():
                return f"Alarm over: {self._alarm_name(body.key)}"

    def _alarm_name(self, key: str) -> str:
        raised = [e.body for e in self.entries.values() if isinstance(e.body, AlarmRaised)]
        return next((body.what for body in reversed(raised) if body.key == key), key)

    def _correction(self, body: Retracted | Amended) -> str:
        about = self.entries.get(body.entry)
        at = f" of {self.clock(about.at.utc)}" if about else ""
        what = f" ({self.told(about.body)})" if about else ""
        if isinstance(body, Retracted):
            return f"Taken back: the entry{at}{what}"
        return f"Amended: the entry{at}{what} should read: {ended(body.text)} Reason: {body.reason}"

    def _summary(self, body: SummarySigned | SummaryPrinted | SamplesSealed) -> str:
        match body:
            case SummarySigned():
                return f"Summary signed by {self.name(body.signer)}: {body.meaning}"
            case SummaryPrinted():
                return f"Summary to {body.target}: {body.outcome}, {body.pages} pages"
            case SamplesSealed():
                last = body.first + body.count - 1
                return f"Samples {body.first} to {last} sealed"

    def _machine(self, body: LinkNoted | Resumed | ClockJumped) -> str:
        match body:
            case LinkNoted():
                why = f": {body.why}" if body.why else ""
                return f"{body.device.capitalize()} {body.state}{why}"
            case Resumed():
                return f"Chairside came back after {span(body.gap_s)}"
            case ClockJumped():
                return f"The clock was set {'forward' if body.by_s > 0 else 'back'} by {span(abs(body.by_s))}"

    def _account(self, body: VialDrawn | Wasted | Returned | BalanceExplained) -> str:
        name = self.drug(body.drug)
        match body:
            case VialDrawn():
                mg = number(float(drawn_mg(body.strength_mg_ml, body.volume_ml)))
                what = f" for {body.purpose[:1].lower()}{body.purpose[1:]}" if body.purpose else ""
                vial = f"{number(body.volume_ml)} mL of {number(body.strength_mg_ml)} mg/mL"
                out_of = f" out of {body.vials} vials" if body.vials > 1 else ""
                label = label_words(body.lot, body.vial, body.expires)
                return f"Drawn: {name} {mg} mg, {vial}{out_of}{what}{label and f', {label}'}"
            case Wasted():
                witness = self.name(body.witness)
                label = label_words(body.lot, body.vial)
                of_vial = f" of {label}" if label else ""
                return f"Wasted: {name} {number(body.mg)} mg{of_vial}, {body.method}, witness {witness}"
            case Returned():
                label = label_words(body.lot, body.vial)
                return f"Returned: {name} {number(body.mg)} mg{f' of {label}' if label else ''}"
            case BalanceExplained():
                left = "not known" if body.balance_mg is None else f"{number(body.balance_mg)} mg"
                return (
                    f"Balance of {name}, {left}, explained: {ended(body.reason)} "
                    f"Witness {self.name(body.witness)}"
                )

    def _watched(self, body: EmergencyOpened | EmergencyStamped | IvChecked) -> str:
        match body:
            case EmergencyOpened():
                why = "" if body.why == "touched" else f": {self.effect(body.why)}"
                return f"Emergency sheet opened{why}"
            case EmergencyStamped():
                row = self.catalog.bedside.stamp_of(body.what)
                return f"Emergency: {row.label if row else body.what}"
            case IvChecked():
                site = f" ({body.site})" if body.site else ""
                return f"IV site{site}: {body.state}"

    def _clinic(
        self, body: ClinicNamed | StaffAdded | DeviceChosen | SignedIn | EntryLocked | PinRefused
    ) -> str:
        match body:
            case ClinicNamed():
                return f"Clinic: {body.name}"
            case StaffAdded():
                return f"Staff: {body.name} ({', '.join(body.roles)})"
            case DeviceChosen():
                driver = f"{body.driver} at {body.port}" if body.driver else "none"
                return f"{body.device.capitalize()}: {driver}"
            case SignedIn():
                return f"{self.name(body.staff)} came to the chair"
            case EntryLocked():
                return f"Entry locked: {body.why}"
            case PinRefused():
                return f"A PIN was refused: {self.name(body.staff)}"

    def _staff(self, body: StaffChanged | StaffLeft | PinSet) -> str:
        match body:
            case StaffChanged():
                return f"Staff changed: {body.name} ({', '.join(body.roles)})"
            case StaffLeft():
                return f"Staff left: {self.name(body.staff)}"
            case PinSet():
                return f"Another PIN: {self.name(body.staff)}"

    # ------------------------------------------------------------ check-in, baseline, limits

    def _check_in(self, body: CheckInLine | BaselineSet | LimitsChanged | FieldExplained) -> str:
        match body:
            case CheckInLine():
                line = self.catalog.check_in.line(body.line)
                where = "Record" if body.line in self.catalog.check_in.record_lines else "Check-in"
                return f"{where}, {line.label if line else body.line}: {self.check_in_words(body)}"
            case BaselineSet():
                what = "Baseline changed" if body.reason else "Resting set"
                return (
                    f"{what}: {vitals_words(body.values)}{f'. Reason: {body.reason}' if body.reason else ''}"
                )
            case LimitsChanged():
                return f"{ended(change_words(body.vital, body.limits))} Reason: {body.reason}"
            case FieldExplained():
                return f"Not recorded, {self.record_field(body.field)}: {body.reason}"

    def record_field(self, field: str) -> str:
        """A field of the record by its label."""
        fields = (one for group in self.catalog.record.groups.values() for one in group.fields)
        return next((one.label for one in fields if one.id == field), field)

    def check_in_words(self, body: CheckInLine) -> str:
        """What was answered, by whom else, and why."""
        if body.state == "not done":
            return f"not done: {body.reason}"
        line = self.catalog.check_in.line(body.line)
        parts = [told_values(line, body.values, None) if line else str(dict(body.values))]
        parts += [f"second person: {self.name(body.second)}"] if body.second and not body.accepted_by else []
        parts += [f"accepted by {self.name(body.accepted_by)}"] if body.accepted_by else []
        parts += [f"reason: {body.reason}"] if body.reason else []
        return "; ".join(parts)

    def _criterion(self, body: CriterionMet | CriterionUnmet | CriterionChecked | CriterionAccepted) -> str:
        words = self.criterion(body.criterion)
        match body:
            case CriterionMet():
                return f"Met: {words} ({body.evidence})"
            case CriterionUnmet():
                return f"Met no more: {words} ({body.evidence})"
            case CriterionChecked():
                return f"{words}: {body.text}{'' if body.ok else ', not met'}"
            case CriterionAccepted():
                seen = f" ({body.evidence})" if body.evidence else ""
                return f"Accepted by {self.name(body.signer)}: {words}{seen}. Reason: {body.reason}"

    def _leaving(self, body: InstructionsPrinted | HandedOver | Supervised | Discharged) -> str:
        match body:
            case InstructionsPrinted():
                return f"Instructions to {body.target}: {body.outcome}"
            case HandedOver():
                return f"Handed over by {self.name(body.giver)} to {self.name(body.taker)}"
            case Supervised():
                return f"{self.name(body.staff)} supervises"
            case Discharged():
                return f"{self.left(body)}, signed by {self.name(body.signer)}"

    def left(self, body: Discharged) -> str:
        """How the patient left: "Discharged home on foot, with Paul Martin"."""
        parts = [HOW_WORDS.get(body.how, body.how)]
        parts += [body.departure.lower()] if body.departure else []
        with_whom = f", with {body.companion}" if body.companion else ""
        why = f", {body.reason}" if body.reason else ""
        return f"{', '.join(parts)}{with_whom}{why}"


HOW_WORDS = {
    "home": "Discharged home",
    "transferred": "Transferred",
    "against-advice": "Left against advice",
}
"""How a patient can leave."""


# ---------------------------------------------------------------- quantities in words


def _sound(body: AudioPaused | AudioResumed | SoundSwitched | SoundTested) -> str:
    match body:
        case AudioPaused():
            return f"Audio paused for {span(body.seconds)}"
        case AudioResumed():
            return f"Audio pause over: {body.why}"
        case SoundSwitched():
            return f"Sound of Chairside’s alarms switched {'on' if body.on else 'off'}"
        case SoundTested():
            return f"Sound test: {'all tones' if body.heard else 'not all tones'} heard"


def number(value: float | None, decimals: int = 3) -> str:
    """A number as paper writes it; "--" for none."""
    return "--" if value is None else shown(value, decimals)


def ended(text: str) -> str:
    """A text with one full stop at its end."""
    return f"{text.rstrip().rstrip('.')}."


def label_words(lot: str, vial: str, expires: str = "") -> str:
    """What stands on a vial's label, "" for nothing: "lot K123, vial 7, expires 05/2027"."""
    said = (("lot", lot), ("vial", vial), ("expires", month(expires) if expires else ""))
    return ", ".join(f"{what} {words}" for what, words in said if words)


def month(expires: str) -> str:
    """A month of expiry as a label has it: "2027-05" is 05/2027."""
    year, _, number_of = expires.partition("-")
    return f"{number_of}/{year}"


def weight(weight_kg: float) -> str:
    """A weight in both units."""
    return f"{number(weight_kg, 1)} kg ({shown(lb_from_kg(weight_kg), 0)} lb)"


def dose(body: DrugGiven) -> str:
    """A dose with its unit and route."""
    return f"{number(body.dose)} {body.unit} {body.route}".strip()


def container(container_ml: float | None, concentration_mg_ml: float | None) -> str:
    """What is in the pump."""
    if container_ml is None or concentration_mg_ml is None:
        return "container not known"
    return f"{number(container_ml)} mL of {number(concentration_mg_ml)} mg/mL"


def span(seconds: float) -> str:
    """A length of time: "40 s", "2 min", "1 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def pressure(sys: float | None, dia: float | None, mean: float | None) -> str:
    """A blood pressure as it is written: "128/76 (93)"."""
    text = f"{number(sys, 0)}/{number(dia, 0)}"
    return text if mean is None else f"{text} ({number(mean, 0)})"


def vitals_words(values: Mapping[Vital, float]) -> str:
    """Vital signs in a line: "HR 74 /min, NIBP 128/76 mmHg"."""
    parts = []
    if any(vital in values for vital in NIBP):
        sys, dia, mean = (values.get(vital) for vital in NIBP)
        parts.append(f"NIBP {pressure(sys, dia, mean)} mmHg")
    for vital, value in values.items():
        if vital not in NIBP:
            spec = VITALS[vital]
            parts.append(f"{spec.label} {spec.text(value)} {spec.unit}")
    return ", ".join(parts)
