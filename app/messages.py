"""Everything that can happen, frozen: what devices said, what the store answered, what a person touched.

Each message reaches the session thread through one inbox. Times are made at the edges: `at` is when it
happened there.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from app.clinical.protocol import Order
from app.clinical.vitals import Vital
from app.entries import CheckValue, Entry, PatientIdentified
from app.instant import Instant
from app.ports import KeyKept
from app.readings import NumbersFrame, PumpFrame

# ---------------------------------------------------------------- from the devices


class VitalsRead(msgspec.Struct, frozen=True):
    """A frame of numbers came from a monitor. `device` is "monitor"."""

    at: Instant
    device: str
    frame: NumbersFrame


class PumpRead(msgspec.Struct, frozen=True):
    """A status came from a pump. `device` is "pump"."""

    at: Instant
    device: str
    frame: PumpFrame


class LinkState(StrEnum):
    """What a port does: open and quiet so far, frames coming, gone quiet, not to be opened or vanished."""

    OPEN = "open"
    LIVE = "live"
    SILENT = "silent"
    DOWN = "down"


class LinkChanged(msgspec.Struct, frozen=True):
    """A link's state turned; once for each change. `why` says what to do, in words ("" when live)."""

    at: Instant
    device: str
    state: LinkState
    port: str
    why: str


# ---------------------------------------------------------------- from the store


class Saved(msgspec.Struct, frozen=True):
    """These entries are on disk. `head` is the chain's newest hash, `numbers` their per-session numbers."""

    at: Instant
    uuids: tuple[str, ...]
    numbers: tuple[int, ...]
    head: str


class StorageFailed(msgspec.Struct, frozen=True):
    """Nothing since `since` is on disk; the store keeps what it was given and goes on trying.

    `refused` are entries that the record itself will never take.
    """

    at: Instant
    since: Instant
    why: str
    refused: tuple[str, ...] = ()


class BackupTold(msgspec.Struct, frozen=True):
    """When the newest back-up was made (None: there is none), and why none could be made now; "" when all is well."""

    at: Instant
    made: datetime | None
    why: str


class PinChecked(msgspec.Struct, frozen=True):
    """The answer to a PIN. After five wrong ones `wait_s` says how long no further try is taken."""

    at: Instant
    tap: str
    staff: str
    ok: bool
    tries_left: int
    wait_s: float


class SessionRow(msgspec.Struct, frozen=True):
    """A session as a list shows it."""

    session: str
    opened: datetime
    patient: str
    mrn: str
    protocol: str
    state: str
    finished: bool
    patient_told: PatientIdentified | None = None
    finished_at: datetime | None = None
    next_visit: date | None = None


class SessionsListed(msgspec.Struct, frozen=True):
    """The sessions of the file, newest first."""

    at: Instant
    rows: tuple[SessionRow, ...]


class RecordProbed(msgspec.Struct, frozen=True):
    """What the store found for the self-test; a problem is said in words, "" is none.

    `newest` is when the newest entry was written, `backed_up` when the newest back-up was made, None for none.
    """

    at: Instant
    free_mb: int
    write_problem: str
    database: str
    chain: str
    newest: datetime | None
    key: str
    key_problem: str
    backed_up: datetime | None


class KeySealed(msgspec.Struct, frozen=True):
    """What became of a SealKey: how the key is kept now, and why it is as it was, "" when it is sealed."""

    at: Instant
    tap: str
    author: str
    kept: KeyKept
    why: str = ""


class DisplayFound(msgspec.Struct, frozen=True):
    """The screen and the printers that are ready; `too_small` is the panel's size where it is."""

    at: Instant
    too_small: str
    printers: tuple[str, ...]


class SleepTold(msgspec.Struct, frozen=True):
    """Whether the system keeps the computer awake during a session; `why` not, "" when it does."""

    at: Instant
    why: str


class SoundTold(msgspec.Struct, frozen=True):
    """Whether a loudspeaker takes what is to sound; `why` not, "" when one does."""

    at: Instant
    why: str


class AuditListed(msgspec.Struct, frozen=True):
    """A page of the audit trail, newest first; `more` when older lines follow."""

    at: Instant
    page: int
    staff: str
    sort: str
    entries: tuple[Entry, ...]
    more: bool


# ---------------------------------------------------------------- from a person: what was touched


class Act(msgspec.Struct, frozen=True, tag_field="act"):
    """What a person wants. Times before now are given as minutes back (`back_min`)."""


class StaffDraft(msgspec.Struct, frozen=True):
    """A member of staff as entered at the first run; the PIN leaves the program only as an Argon2 hash."""

    name: str
    initials: str
    roles: tuple[str, ...]
    pin: str


class DeviceDraft(msgspec.Struct, frozen=True):
    """A driver and a port chosen for "monitor" or "pump"; driver "" means that none is connected."""

    device: str
    driver: str
    port: str


class FirstRunDone(Act, frozen=True, tag=True):
    """The clinic, its first staff (one administrator at least) and its devices."""

    clinic: str
    staff: tuple[StaffDraft, ...]
    devices: tuple[DeviceDraft, ...]


class ChooseDevice(Act, frozen=True, tag=True):
    """Another driver or port for a device, from now on; also while a session runs."""

    device: DeviceDraft


class SwitchSound(Act, frozen=True, tag=True):
    """Chairside sounds its alarms from now on, or no longer."""

    on: bool


class TrySound(Act, frozen=True, tag=True):
    """Play the tone of each priority once."""


class SayHeard(Act, frozen=True, tag=True):
    """Whether the tone of each priority was heard."""

    heard: bool


class AddStaff(Act, frozen=True, tag=True):
    """An administrator adds a member of staff; `pin` is the administrator's own."""

    person: StaffDraft
    pin: str


class ChangeStaff(Act, frozen=True, tag=True):
    """An administrator changes a member of staff; `pin` is the administrator's own."""

    staff: str
    name: str
    initials: str
    roles: tuple[str, ...]
    pin: str


class SetStaffPin(Act, frozen=True, tag=True):
    """Another PIN: everybody for themselves, an administrator for everybody. `pin` is that of who is here."""

    staff: str
    new_pin: str
    pin: str


class ReleaseStaff(Act, frozen=True, tag=True):
    """Somebody works here no more; `pin` is the administrator's own."""

    staff: str
    pin: str


class SealRecord(Act, frozen=True, tag=True):
    """An administrator seals the key of the record, or changes its passphrase; `pin` is the administrator's own."""

    passphrase: str
    pin: str


class SignIn(Act, frozen=True, tag=True):
    """A person says who is here now; also what unlocks the entry."""

    staff: str
    pin: str


class Lock(Act, frozen=True, tag=True):
    """Entry is locked; the view stays."""


class OpenPatient(Act, frozen=True, tag=True):
    """A new session for this patient, or the patient of a session not yet started put right.

    `sure` answers the question that the engine asked (pounds?).
    """

    mrn: str
    name: str
    birth_date: date | None
    sex: str
    weight_kg: float | None
    allergies: tuple[str, ...]
    none_known: bool
    height_cm: float | None = None
    sure: bool = False


class SignOrder(Act, frozen=True, tag=True):
    """The anesthetist signs this order. `reason` is given where a soft limit asks for one."""

    order: Order
    signer: str
    pin: str
    reason: str = ""


class AskPump(Act, frozen=True, tag=True):
    """Start, pause, resume or end is wanted: it happens at the pump, and is written when the pump shows it."""

    what: str  # "start", "pause", "resume", "end"
    reason: str = ""


class ConfirmByHand(Act, frozen=True, tag=True):
    """The nurse says that the act asked for was done at a pump that is not connected or not read."""

    what: str
    rate_ml_h: float | None = None
    volume_ml: float | None = None


class StopAsking(Act, frozen=True, tag=True):
    """The act asked for is not wanted any more."""


class OrderRate(Act, frozen=True, tag=True):
    """The anesthetist orders another rate, signed. `sure` answers the ten-fold question."""

    rate_ml_h: float
    reason: str
    signer: str
    pin: str
    soft_reason: str = ""
    sure: bool = False


class NoteEffect(Act, frozen=True, tag=True):
    """A side effect with its grade 1 to 4. `sure` answers "again, or the same one?"."""

    effect: str
    grade: int
    back_min: int = 0
    sure: bool = False


class EndEffect(Act, frozen=True, tag=True):
    """The side effect noted in this entry has gone."""

    noted: str
    back_min: int = 0


class GiveDrug(Act, frozen=True, tag=True):
    """A dose that was given. Above a hard limit it needs `reason` and `second`, the name of a second person."""

    drug: str
    dose: float
    unit: str
    route: str
    effect: str = ""
    back_min: int = 0
    reason: str = ""
    second: str = ""
    sure: bool = False


class TakeScore(Act, frozen=True, tag=True):
    """A score: a number or level as `total`, `items` of a summed form, or the `code` of a category.

    `sure` also says that a form with a missing item is kept, as not computable.
    """

    score: str
    total: int | None = None
    items: dict[str, int] = {}
    back_min: int = 0
    sure: bool = False
    code: str = ""


class EnterVital(Act, frozen=True, tag=True):
    """Vital signs measured by hand."""

    values: dict[Vital, float]
    back_min: int = 0
    sure: bool = False


class SetOxygen(Act, frozen=True, tag=True):
    """Oxygen at this flow; 0 stops it."""

    flow_l_min: float
    back_min: int = 0


class WriteNote(Act, frozen=True, tag=True):
    """A free note."""

    text: str
    back_min: int = 0


class Undo(Act, frozen=True, tag=True):
    """Take back an entry made in the last seconds."""

    entry: str


class Amend(Act, frozen=True, tag=True):
    """Put a later correction beside an entry: what should have been written, or that it is wrong.

    `values` are fields of the entry as they should read, and "at" the local time; they make the text where
    it is "". `session` is the session that is reviewed, "" the one on the screen.
    """

    entry: str
    text: str
    reason: str
    signer: str = ""
    pin: str = ""
    session: str = ""
    values: dict[str, CheckValue] = {}


class AddLate(Act, frozen=True, tag=True):
    """What was forgotten: an effect with its grade, a drug with its dose, or a note, at its own local time.

    `what` is "effect", "drug" or "note"; `of` the id of the table, or the note's words; `at` is "14:05".
    """

    session: str
    what: str
    of: str
    at: str
    reason: str
    signer: str
    pin: str
    amount: float = 0.0
    route: str = ""


class PlanNextVisit(Act, frozen=True, tag=True):
    """The patient comes again on this day; None: none is planned."""

    due: date | None


class ReviewSession(Act, frozen=True, tag=True):
    """Show what a session's record says, read-only, beside whatever is under way."""

    session: str


class LeaveReview(Act, frozen=True, tag=True):
    """Back from the review to what is under way, or to the list."""


class Acknowledge(Act, frozen=True, tag=True):
    """These alarms were seen; none named means all that stand."""

    keys: tuple[str, ...] = ()


class PauseAudio(Act, frozen=True, tag=True):
    """The alarms that stand are silent for as long as the table allows."""


class ResumeAudio(Act, frozen=True, tag=True):
    """The audio pause is over before its time."""


class AnswerSyringe(Act, frozen=True, tag=True):
    """What is in the pump now, after a change that the pump showed or the nurse made."""

    container_ml: float
    concentration_mg_ml: float
    same_container: bool
    volume_ml: float | None = None


class ConfirmPumpState(Act, frozen=True, tag=True):
    """A person read the pump after a gap: it runs at this rate, or it is held; its counter shows this volume."""

    running: bool
    rate_ml_h: float
    volume_ml: float | None


class FinishSession(Act, frozen=True, tag=True):
    """The session is over; what follows is the summary."""


FINAL = "Anesthetist"
"""The meaning of the signature that makes a record final."""


class SignSummary(Act, frozen=True, tag=True):
    """A signature under the summary as it stands."""

    signer: str
    pin: str
    meaning: str


class NotePrinted(Act, frozen=True, tag=True):
    """The summary was printed or saved as a file; `target` says where, `outcome` what became of it."""

    target: str
    outcome: str
    pages: int


class ShowSession(Act, frozen=True, tag=True):
    """Open a session of the list to read or to go on with."""

    session: str


class LeaveSession(Act, frozen=True, tag=True):
    """Back to the list; a session under way stays the one that is resumed first."""


class ListSessions(Act, frozen=True, tag=True):
    """The list of sessions is wanted."""


# ---------------------------------------------------------------- drugs accounted, emergency, timed checks


class DrawVial(Act, frozen=True, tag=True):
    """A volume in all was drawn out of so many vials of this strength and lot; `expires` is "2027-05"."""

    drug: str
    strength_mg_ml: float
    volume_ml: float
    lot: str = ""
    purpose: str = ""
    vial: str = ""
    expires: str = ""
    vials: int = 1
    sure: bool = False


class WasteDrug(Act, frozen=True, tag=True):
    """Milligrams were destroyed; `witness` is another member of staff, who types the PIN."""

    drug: str
    mg: float
    method: str
    witness: str
    pin: str
    strength_mg_ml: float | None = None
    lot: str = ""
    vial: str = ""


class ReturnDrug(Act, frozen=True, tag=True):
    """Milligrams went back unopened."""

    drug: str
    mg: float
    strength_mg_ml: float | None = None
    lot: str = ""
    vial: str = ""


class ExplainBalance(Act, frozen=True, tag=True):
    """Why a drug does not balance, before a witness."""

    drug: str
    reason: str
    witness: str
    pin: str


class OpenEmergency(Act, frozen=True, tag=True):
    """The emergency sheet was opened; taken while entry is locked, too."""

    why: str = "touched"


class StampEmergency(Act, frozen=True, tag=True):
    """This happened now; taken while entry is locked, too."""

    what: str


class CheckIv(Act, frozen=True, tag=True):
    """The IV site was looked at."""

    state: str
    site: str = ""
    back_min: int = 0


# ---------------------------------------------------------------- check-in, baseline, limits


class CheckLine(Act, frozen=True, tag=True):
    """A line of the check-in is answered: "done", or "not done" with a reason.

    `second` with their `pin` is another member of staff: who read the weight too, or the anesthetist who
    accepts what would block the start.
    """

    line: str
    state: str
    values: dict[str, CheckValue] = {}
    reason: str = ""
    second: str = ""
    pin: str = ""
    back_min: int = 0


class ExplainField(Act, frozen=True, tag=True):
    """Why a field of the record was not recorded."""

    field: str
    reason: str


class TakeBaseline(Act, frozen=True, tag=True):
    """A resting set of vital signs for the baseline; after the start it changes the frozen one, with a reason."""

    values: dict[Vital, float]
    reason: str = ""
    back_min: int = 0
    sure: bool = False


class CheckCriterion(Act, frozen=True, tag=True):
    """A criterion that a person looks at: what was seen, and whether it meets it."""

    criterion: str
    text: str
    ok: bool = True
    back_min: int = 0
    sure: bool = False


class ChangeLimits(Act, frozen=True, tag=True):
    """Alarm limits for this patient, with a reason; none named: the table's again."""

    vital: Vital
    limits: dict[str, float]
    reason: str


class AcceptCriterion(Act, frozen=True, tag=True):
    """A physician accepts a line that is not met. `sure` where the table does not foresee it."""

    criterion: str
    reason: str
    signer: str
    pin: str
    sure: bool = False


class NoteInstructions(Act, frozen=True, tag=True):
    """The patient's instructions were printed or saved; `target` says where, `outcome` what became of it."""

    target: str
    outcome: str
    pages: int


class HandOver(Act, frozen=True, tag=True):
    """Another person takes the patient over and signs for it."""

    taker: str
    pin: str


class NameSupervisor(Act, frozen=True, tag=True):
    """This anesthetist supervises from here on."""

    staff: str


class SignDischarge(Act, frozen=True, tag=True):
    """The discharge is signed. `how`: home, transferred, against-advice; the last two with a reason."""

    signer: str
    pin: str
    departure: str
    companion: str
    how: str = "home"
    reason: str = ""


# ---------------------------------------------------------------- emergency way in, audit trail, tables


class BreakGlass(Act, frozen=True, tag=True):
    """Entry is opened without a PIN, in an emergency. `staff` is who says so: a staff id, or "other"."""

    staff: str
    reason: str


class NoteLook(Act, frozen=True, tag=True):
    """The session's record was looked at: "summary", "review"."""

    what: str


class ReadAudit(Act, frozen=True, tag=True):
    """A page of the audit trail is wanted, of one person and one sort where they are named, 0 the newest."""

    page: int = 0
    staff: str = ""
    sort: str = ""


class SignTables(Act, frozen=True, tag=True):
    """The medical director signs these tables, by their hashes as they were shown."""

    tables: dict[str, str]
    signer: str
    pin: str


AnyAct = (
    FirstRunDone
    | SignIn
    | Lock
    | OpenPatient
    | SignOrder
    | AskPump
    | ConfirmByHand
    | StopAsking
    | OrderRate
    | NoteEffect
    | EndEffect
    | GiveDrug
    | TakeScore
    | EnterVital
    | SetOxygen
    | WriteNote
    | Undo
    | Amend
    | Acknowledge
    | PauseAudio
    | ResumeAudio
    | AnswerSyringe
    | ConfirmPumpState
    | FinishSession
    | SignSummary
    | NotePrinted
    | ShowSession
    | LeaveSession
    | ListSessions
    | DrawVial
    | WasteDrug
    | ReturnDrug
    | ExplainBalance
    | OpenEmergency
    | StampEmergency
    | CheckIv
    | CheckLine
    | ExplainField
    | TakeBaseline
    | ChangeLimits
    | CheckCriterion
    | AcceptCriterion
    | NoteInstructions
    | HandOver
    | NameSupervisor
    | SignDischarge
    | ChooseDevice
    | SwitchSound
    | TrySound
    | SayHeard
    | AddStaff
    | ChangeStaff
    | SetStaffPin
    | SealRecord
    | ReleaseStaff
    | AddLate
    | PlanNextVisit
    | ReviewSession
    | LeaveReview
    | BreakGlass
    | NoteLook
    | ReadAudit
    | SignTables
)


class Tap(msgspec.Struct, frozen=True):
    """A touch. `id` is made by the screen, the snapshot answers it; `at` is the first touch.

    `session` is the session that the screen showed when it was opened: the touch is meant for that one. None
    where the screen does not say.
    """

    id: str
    at: Instant
    act: AnyAct
    session: str | None = None
