"""Every kind of line that a record can hold, frozen; and how a line becomes bytes and a link of the chain.

A record is what its entries say. Entries are appended and never changed: an undo is a Retracted, a later
correction an Amended, and both stay readable.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import msgspec

from app.clinical.protocol import Order
from app.clinical.vitals import Vital
from app.instant import Instant

CLINIC = "clinic"
"""The session id of the clinic's own log: its name, staff, devices, who signed in."""

GENESIS = "0" * 64
"""The hash before the first entry."""


class Body(msgspec.Struct, frozen=True, tag_field="kind"):
    """What one entry says."""


# ---------------------------------------------------------------- the clinic's log


class ClinicNamed(Body, frozen=True, tag=True):
    """The clinic's name, as printed."""

    name: str


class StaffAdded(Body, frozen=True, tag=True):
    """A member of staff. Roles: nurse, anesthetist, director, administrator."""

    staff: str
    name: str
    initials: str
    roles: tuple[str, ...]


class StaffChanged(Body, frozen=True, tag=True):
    """A member of staff has another name, other initials or other roles from here on."""

    staff: str
    name: str
    initials: str
    roles: tuple[str, ...]


class StaffLeft(Body, frozen=True, tag=True):
    """A member of staff works here no more; what they wrote keeps their name."""

    staff: str


class PinSet(Body, frozen=True, tag=True):
    """A member of staff was given another PIN."""

    staff: str


class DeviceChosen(Body, frozen=True, tag=True):
    """The driver and port of "monitor" or "pump"; driver "" when none is connected."""

    device: str
    driver: str
    port: str


class SignedIn(Body, frozen=True, tag=True):
    """A person came to the chair."""

    staff: str


class EntryLocked(Body, frozen=True, tag=True):
    """Entry was locked, by touch or because nobody touched it."""

    why: str


class PinRefused(Body, frozen=True, tag=True):
    """A PIN was wrong, or came while tries were barred."""

    staff: str
    wait_s: float


class Audited(Body, frozen=True, tag=True):
    """What must be traceable: a record was looked at, or a copy of it left the program.

    `what` is one of app.audit; `session` and `mrn` say whose record, never by name.
    """

    what: str
    session: str = ""
    mrn: str = ""
    detail: str = ""


class GlassBroken(Body, frozen=True, tag=True):
    """Entry was opened without a PIN, in an emergency. `staff` is who says so; "other" is nobody of the list."""

    staff: str
    reason: str


class TablesSigned(Body, frozen=True, tag=True):
    """The medical director signed these clinical tables, each by the hash of its bytes."""

    tables: dict[str, str]
    signer: str


class SettingsChanged(Body, frozen=True, tag=True):
    """The settings of this chair are others than at its last start."""

    settings: dict[str, str]


class SelfTested(Body, frozen=True, tag=True):
    """The chair tested itself; `findings` are what is wrong, by what was tested, in words."""

    tested: tuple[str, ...]
    findings: dict[str, str]


class SoundSwitched(Body, frozen=True, tag=True):
    """Chairside sounds its alarms from here on, or no longer; also in the record of a session under way."""

    on: bool


class SoundTested(Body, frozen=True, tag=True):
    """The tone of each priority was played, and a person said whether all were heard."""

    heard: bool


# ---------------------------------------------------------------- a session


class SessionOpened(Body, frozen=True, tag=True):
    """A session began, with the software and the tables that it runs on."""

    software: str
    tables: str
    tables_status: str
    clinic: str
    demo: bool


class PatientIdentified(Body, frozen=True, tag=True):
    """Who the patient is. `none_known` is True when no allergy is known; never both."""

    mrn: str
    name: str
    birth_date: date
    sex: str
    weight_kg: float
    allergies: tuple[str, ...]
    none_known: bool
    height_cm: float | None = None


class OrderSigned(Body, frozen=True, tag=True):
    """The order as the anesthetist signed it; `reason` where a soft limit asked for one."""

    order: Order
    signer: str
    reason: str = ""


class SegmentOpened(Body, frozen=True, tag=True):
    """From here on the pump's volume counts from `baseline_ml` and is of this container.

    `cause`: start, counter fell, another pump, syringe not confirmed, new syringe. `baseline_ml` and
    `pump_serial` are None while no pump is read. `container_ml` None: not known yet, a person was asked.
    """

    cause: str
    pump_serial: str | None
    baseline_ml: float | None
    container_ml: float | None
    concentration_mg_ml: float | None


class SegmentConfirmed(Body, frozen=True, tag=True):
    """A person said what is in the pump for the segment that was opened last."""

    container_ml: float
    concentration_mg_ml: float
    same_container: bool
    volume_ml: float | None = None


class InfusionStarted(Body, frozen=True, tag=True):
    """The infusion runs. `source`: "pump" when its status showed it, "hand" when the nurse said so."""

    source: str
    rate_ml_h: float


class InfusionPaused(Body, frozen=True, tag=True):
    """The infusion is held."""

    source: str
    reason: str
    volume_ml: float | None


class InfusionResumed(Body, frozen=True, tag=True):
    """The infusion runs again."""

    source: str
    rate_ml_h: float


class InfusionEnded(Body, frozen=True, tag=True):
    """The infusion is over; recovery begins. `given_mg` None: not known, and why stands in `note`."""

    source: str
    volume_ml: float | None
    given_mg: float | None
    note: str = ""


class RateOrdered(Body, frozen=True, tag=True):
    """Another rate was ordered and signed."""

    rate_ml_h: float
    rate_mg_h: float
    reason: str
    signer: str
    soft_reason: str = ""


class RateMeasured(Body, frozen=True, tag=True):
    """The pump's own status showed the ordered rate twice in a row."""

    rate_ml_h: float


class PumpSeen(Body, frozen=True, tag=True):
    """The pump's mode or rate turned, or a person read it: what it showed. Volume is the pump's counter."""

    source: str
    serial: str | None
    mode: str
    rate_ml_h: float | None
    volume_ml: float | None


class PumpLost(Body, frozen=True, tag=True):
    """Since `since` nobody knows what the pump does; `ago_s` is how long before this line by the steady clock.

    `volume_ml` is where the counter stood then.
    """

    since: datetime
    why: str
    ago_s: float | None = None
    volume_ml: float | None = None


class EffectNoted(Body, frozen=True, tag=True):
    """A side effect, UI grade 1 to 4."""

    effect: str
    grade: int


class EffectEnded(Body, frozen=True, tag=True):
    """The side effect of entry `noted` has gone."""

    noted: str


class DrugGiven(Body, frozen=True, tag=True):
    """A dose that was given; `reason` and `second` where a limit was passed."""

    drug: str
    dose: float
    unit: str
    route: str
    effect: str = ""
    reason: str = ""
    second: str = ""


class ScoreTaken(Body, frozen=True, tag=True):
    """A score. `total` None: not computable, an item is missing; or a category, by its `code`.

    `variant` says how the form was used where copies disagree, `evidence` which vital signs an item was
    confirmed by.
    """

    score: str
    total: int | None
    items: dict[str, int] = {}
    code: str = ""
    variant: str = ""
    evidence: dict[str, str] = {}


class VitalEntered(Body, frozen=True, tag=True):
    """Vital signs measured by hand."""

    values: dict[Vital, float]


class OxygenSet(Body, frozen=True, tag=True):
    """Oxygen at this flow; 0 is off."""

    flow_l_min: float


class NoteWritten(Body, frozen=True, tag=True):
    """A free note."""

    text: str


class AlarmRaised(Body, frozen=True, tag=True):
    """An alarm began. `key` names it until it clears."""

    key: str
    priority: str
    what: str
    detail: str


class AlarmAcknowledged(Body, frozen=True, tag=True):
    """A person has seen it."""

    key: str


class AlarmCleared(Body, frozen=True, tag=True):
    """The condition has ended."""

    key: str


class AudioPaused(Body, frozen=True, tag=True):
    """The alarms that stand are silent for so long; what is seen of them stays."""

    seconds: float


class AudioResumed(Body, frozen=True, tag=True):
    """An audio pause is over. `why`: touched, time over, new alarm, nothing to sound."""

    why: str


class LinkNoted(Body, frozen=True, tag=True):
    """A device's link was lost or came back."""

    device: str
    state: str
    why: str


class Resumed(Body, frozen=True, tag=True):
    """The program came back on this session; `gap_s` is since its last line."""

    gap_s: float


class ClockJumped(Body, frozen=True, tag=True):
    """The wall clock was moved by so many seconds against the steady one."""

    by_s: float


class Retracted(Body, frozen=True, tag=True):
    """Entry `entry` was taken back within the undo time."""

    entry: str


class Amended(Body, frozen=True, tag=True):
    """What stands in entry `entry` should read `text`; `values` are the fields that the text was made of."""

    entry: str
    text: str
    reason: str
    values: dict[str, CheckValue] = {}


class SessionFinished(Body, frozen=True, tag=True):
    """The patient left; the summary is drawn up."""


class SummarySigned(Body, frozen=True, tag=True):
    """A signature under everything up to here."""

    signer: str
    meaning: str


class SummaryPrinted(Body, frozen=True, tag=True):
    """A copy left the program."""

    target: str
    outcome: str
    pages: int


class SamplesSealed(Body, frozen=True, tag=True):
    """The samples from number `first` on, `count` of them, have this digest."""

    first: int
    count: int
    digest: str


# ---------------------------------------------------------------- drugs accounted, emergency, timed checks


class VialDrawn(Body, frozen=True, tag=True):
    """This volume in all was drawn out of vials of this strength; `purpose` says for what.

    `vials` is how many, of one lot; `vial` the mark of a single one; `expires` a month, "2027-05". "" is not said.
    """

    drug: str
    strength_mg_ml: float
    volume_ml: float
    lot: str
    purpose: str
    vial: str = ""
    expires: str = ""
    vials: int = 1


class Wasted(Body, frozen=True, tag=True):
    """Milligrams were destroyed before the eyes of `witness`.

    `strength_mg_ml`, `lot` and `vial` name the vial's where said; without them it is of all the drug's vials.
    """

    drug: str
    mg: float
    method: str
    witness: str
    strength_mg_ml: float | None = None
    lot: str = ""
    vial: str = ""


class Returned(Body, frozen=True, tag=True):
    """Milligrams went back to the store unopened; of which vial, where said."""

    drug: str
    mg: float
    strength_mg_ml: float | None = None
    lot: str = ""
    vial: str = ""


class BalanceExplained(Body, frozen=True, tag=True):
    """Why this balance is not nothing; it holds as long as the balance is this. None: it was not known."""

    drug: str
    reason: str
    witness: str
    balance_mg: float | None


class EmergencyOpened(Body, frozen=True, tag=True):
    """The emergency sheet was opened; `why` is what led to it ("touched", or an effect's id)."""

    why: str = "touched"


class EmergencyStamped(Body, frozen=True, tag=True):
    """One thing of the emergency happened now; an id of bedside.toml."""

    what: str


class IvChecked(Body, frozen=True, tag=True):
    """The IV was looked at; `well` False asks for an act."""

    site: str
    state: str
    well: bool


# ---------------------------------------------------------------- check-in, baseline, limits

CheckValue = str | float | tuple[str, ...]
"""An answer of a check-in line: a word, a number, several words; times of day are local ISO times."""


class CheckInLine(Body, frozen=True, tag=True):
    """A line of the check-in was answered. `state` "done", or "not done" with its reason.

    `second` read the value too; `accepted_by` is the anesthetist who lets the start go on in spite of it.
    """

    line: str
    state: str
    values: dict[str, CheckValue] = {}
    reason: str = ""
    second: str = ""
    accepted_by: str = ""


class BaselineSet(Body, frozen=True, tag=True):
    """A resting set of vital signs; with a `reason` it stands in place of the frozen baseline from here on."""

    values: dict[Vital, float]
    reason: str = ""


class LimitsChanged(Body, frozen=True, tag=True):
    """Alarm limits of this patient; none named: the table's again."""

    vital: Vital
    limits: dict[str, float]
    reason: str


class FieldExplained(Body, frozen=True, tag=True):
    """Why a field of the record, an id of record_fields.toml, was not recorded."""

    field: str
    reason: str


# ---------------------------------------------------------------- recovery and discharge


class CriterionMet(Body, frozen=True, tag=True):
    """A discharge criterion turned: it is met, by this evidence."""

    criterion: str
    evidence: str


class CriterionUnmet(Body, frozen=True, tag=True):
    """A discharge criterion that was met is so no more, by this evidence."""

    criterion: str
    evidence: str


class CriterionChecked(Body, frozen=True, tag=True):
    """The author looked: `text` is what was seen, `ok` whether it meets the criterion."""

    criterion: str
    text: str
    ok: bool


class CriterionAccepted(Body, frozen=True, tag=True):
    """A physician accepts a criterion that is not met, as `evidence` says it stood."""

    criterion: str
    reason: str
    signer: str
    evidence: str = ""


class InstructionsPrinted(Body, frozen=True, tag=True):
    """The patient's instructions left the program; or why they did not."""

    target: str
    outcome: str
    pages: int


class HandedOver(Body, frozen=True, tag=True):
    """The patient was handed from one person to another, who signed."""

    giver: str
    taker: str


class Supervised(Body, frozen=True, tag=True):
    """From here on this anesthetist supervises."""

    staff: str


class Discharged(Body, frozen=True, tag=True):
    """The discharge was signed. `how`: home, transferred, against-advice; `not_met` were open or accepted."""

    signer: str
    departure: str
    companion: str
    how: str
    reason: str = ""
    not_met: tuple[str, ...] = ()


class NextVisitPlanned(Body, frozen=True, tag=True):
    """When the patient comes again; None: none is planned. The last one of a session holds."""

    due: date | None = None


AnyBody = (
    ClinicNamed
    | StaffAdded
    | StaffChanged
    | StaffLeft
    | PinSet
    | DeviceChosen
    | SignedIn
    | EntryLocked
    | PinRefused
    | SessionOpened
    | PatientIdentified
    | OrderSigned
    | SegmentOpened
    | SegmentConfirmed
    | InfusionStarted
    | InfusionPaused
    | InfusionResumed
    | InfusionEnded
    | RateOrdered
    | RateMeasured
    | PumpSeen
    | PumpLost
    | EffectNoted
    | EffectEnded
    | DrugGiven
    | ScoreTaken
    | VitalEntered
    | OxygenSet
    | NoteWritten
    | AlarmRaised
    | AlarmAcknowledged
    | AlarmCleared
    | AudioPaused
    | AudioResumed
    | LinkNoted
    | Resumed
    | ClockJumped
    | Retracted
    | Amended
    | SessionFinished
    | SummarySigned
    | SummaryPrinted
    | SamplesSealed
    | VialDrawn
    | Wasted
    | Returned
    | BalanceExplained
    | EmergencyOpened
    | EmergencyStamped
    | IvChecked
    | CheckInLine
    | BaselineSet
    | LimitsChanged
    | FieldExplained
    | CriterionMet
    | CriterionUnmet
    | CriterionChecked
    | CriterionAccepted
    | InstructionsPrinted
    | HandedOver
    | Supervised
    | Discharged
    | NextVisitPlanned
    | Audited
    | GlassBroken
    | TablesSigned
    | SettingsChanged
    | SelfTested
    | SoundSwitched
    | SoundTested
)


class Entry(msgspec.Struct, frozen=True):
    """One line of a record.

    `at` is when it happened (a back-dated one lies before `written`), `boot` names the steady clock that
    `at.steady` belongs to, `author` is a staff id or "chairside" for what the program saw itself.
    `number` counts within its session from 1; the store gives it with the hash.
    """

    uuid: str
    session: str
    at: Instant
    written: datetime
    boot: str
    author: str
    body: AnyBody
    number: int = 0


CHAIRSIDE = "chairside"
"""The author of what the program saw by itself."""


class Sample(msgspec.Struct, frozen=True):
    """One moment of vital signs and pump, as a row of its own.

    `vitals` holds the values that were live then; what is absent was missing, and why stands in
    `missing`. Pump quantities are None while no pump is read. `number` counts within the session from 1.
    """

    session: str
    number: int
    at: datetime
    vitals: dict[str, float]
    missing: dict[str, str]
    pump_mode: str | None
    rate_ml_h: float | None
    volume_ml: float | None
    steady: float = 0.0
    boot: str = ""


_encoder = msgspec.json.Encoder(order="deterministic")
_entry_decoder = msgspec.json.Decoder(Entry)
_body_decoder: msgspec.json.Decoder[AnyBody] = msgspec.json.Decoder(AnyBody)


def encode_entry(entry: Entry) -> bytes:
    """The entry as the bytes that are stored and hashed."""
    return _encoder.encode(entry)


def decode_entry(data: bytes) -> Entry:
    """The entry that these bytes hold; raises msgspec.ValidationError on anything else."""
    return _entry_decoder.decode(data)


def kind_of(body: Body) -> str:
    """The name of the entry's kind, as stored, exported and expected by rehearsals."""
    return type(body).__name__


def next_hash(previous: str, data: bytes) -> str:
    """The hash of an entry's bytes chained to the one before, 64 hex digits."""
    return hashlib.sha256(previous.encode() + b"\n" + data).hexdigest()


def encode_sample(sample: Sample) -> bytes:
    """The sample as the bytes that are stored and sealed."""
    return _encoder.encode(sample)


def decode_sample(data: bytes) -> Sample:
    """The sample that these bytes hold."""
    return msgspec.json.decode(data, type=Sample)


def seal(samples: tuple[Sample, ...] | list[Sample]) -> str:
    """The digest of a run of samples, 64 hex digits."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(encode_sample(sample))
        digest.update(b"\n")
    return digest.hexdigest()
