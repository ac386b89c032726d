"""The verbs of a rehearsal script: one frozen struct each, its fields the arguments that a step may carry.

`at` is seconds of simulated time since the script's start. Where `refused` names a field, the step is done
when the program refuses that field, and fails when it takes it.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

PumpKey = Literal["start", "hold", "clear_volume", "confirm_syringe", "silence"]


class Step(msgspec.Struct, frozen=True, tag_field="do", forbid_unknown_fields=True, kw_only=True):
    """One thing that is done, or looked at. `name` names its screenshot and its line of output."""

    at: float
    name: str = ""
    refused: str = ""

    @property
    def do(self) -> str:
        """The verb."""
        return str(self.__struct_config__.tag)


# ---------------------------------------------------------------- who is here


class Unlock(Step, frozen=True, tag="unlock"):
    """A person picks their name on the locked screen and types the PIN; `pin` "" is the person's own."""

    staff: str
    pin: str = ""


class SignIn(Step, frozen=True, tag="sign_in"):
    """The same, for whoever comes to a chair that was left."""

    staff: str
    pin: str = ""


class Lock(Step, frozen=True, tag="lock"):
    """Entry is locked."""


class Dim(Step, frozen=True, tag="dim"):
    """Dim mode on, or off again."""


# ---------------------------------------------------------------- patient and order


class TurnTo(Step, frozen=True, tag="turn_to"):
    """Another patient of the day sits in the chair: the steps speak of that `case` from here on.

    The screen goes to Today; a session of the patient that is not finished is opened again.
    """

    case: str


class Patient(Step, frozen=True, tag="patient"):
    """The patient screen filled with the script's patient; what is named here is typed in its place.

    `sure` answers the question that the screen asks back.
    """

    mrn: str | None = None
    full_name: str | None = None
    birth_date: date | None = None
    weight_kg: float | None = None
    sure: bool = False


class OrderSigned(Step, frozen=True, tag="order"):
    """The order sheet filled with the script's order and signed by its signer."""

    pin: str = ""


# ---------------------------------------------------------------- check-in, baseline, limits


class CheckIn(Step, frozen=True, tag="check_in"):
    """A line of the check-in with its answers; no line: all that are to do but the baseline, as on a good day.

    `not_done` leaves it out with this reason; `alone` is the reason without a second person, `second` that
    person; `accept` the reason of the anesthetist `second` who lets the start go on.
    """

    line: str = ""
    values: dict[str, str | float | tuple[str, ...]] = {}
    not_done: str = ""
    alone: str = ""
    accept: str = ""
    second: str = ""
    pin: str = ""


class Record(Step, frozen=True, tag="record"):
    """A `line` of the record with its answers, or a `field` with the `reason` why it was not recorded.

    Neither: every line that is to do as on a good day, then each field that is missing with the first reason
    offered. `signer` answers what only a physician does (the order's, if left out), `second` stands by.
    """

    line: str = ""
    values: dict[str, str | float | tuple[str, ...]] = {}
    not_done: str = ""
    field: str = ""
    reason: str = ""
    signer: str = ""
    second: str = ""
    alone: str = ""
    pin: str = ""


class Baseline(Step, frozen=True, tag="baseline"):
    """A resting set as the monitor shows it, with the `values` typed in its place; then `scores`, if any."""

    values: dict[str, float] = {}
    scores: dict[str, int] = {}


class Limits(Step, frozen=True, tag="limits"):
    """Alarm limits of one vital sign for this patient, with a reason as the sheet offers it; none: the table's."""

    vital: str
    limits: dict[str, float]
    reason: str


# ---------------------------------------------------------------- the infusion


class Start(Step, frozen=True, tag="start"):
    """Start is touched; the pump's key is a step of its own."""


class Pause(Step, frozen=True, tag="pause"):
    """Pause is touched; the pump's key is a step of its own."""

    reason: str = ""


class Resume(Step, frozen=True, tag="resume"):
    """Resume is touched; the pump's key is a step of its own."""


class End(Step, frozen=True, tag="end"):
    """End is touched; the pump's key is a step of its own."""

    reason: str = ""


class ByHand(Step, frozen=True, tag="by_hand"):
    """On the open sheet of start, pause, resume or end: it was done, and no pump is read."""

    what: Literal["start", "pause", "resume", "end"]


class SetPump(Step, frozen=True, tag="set_pump"):
    """A rate is keyed in at the pump's own front."""

    rate_ml_h: float


class PressPump(Step, frozen=True, tag="pump_key"):
    """A key of the pump's own front."""

    key: PumpKey


class ChangeRate(Step, frozen=True, tag="change_rate"):
    """Another rate on the rate sheet, with its reason, signed; `signer` "" is the order's."""

    rate_ml_h: float
    reason: str
    signer: str = ""
    pin: str = ""
    soft_reason: str = ""
    sure: bool = False


class SyringeChange(Step, frozen=True, tag="syringe_change"):
    """The question of what is in the pump now is answered."""

    container_ml: float
    concentration_mg_ml: float
    same: bool = False


class ConfirmPump(Step, frozen=True, tag="confirm_pump"):
    """The question of what an unread pump does is answered."""

    running: bool
    rate_ml_h: float = 0.0
    volume_ml: float | None = None


# ---------------------------------------------------------------- what is noted


class EffectNoted(Step, frozen=True, tag="effect"):
    """A side effect with its grade; `again` answers "again, or the same one?" with yes."""

    effect: str
    grade: int
    back_min: int = 0
    again: bool = False


class EffectEnded(Step, frozen=True, tag="effect_ends"):
    """The side effect has gone."""

    effect: str
    back_min: int = 0


class DrugGiven(Step, frozen=True, tag="drug"):
    """A dose on the drug's sheet. The simulated patient gets it as well, unless it is refused."""

    drug: str
    dose: float
    back_min: int = 0
    reason: str = ""
    second: str = ""
    again: bool = False


class ScoreTaken(Step, frozen=True, tag="score"):
    """A score: its number or level as `value`, its category as `code`, or the `items` of a form.

    `sure` keeps a form with a missing item, as not computable.
    """

    score: str
    value: int | None = None
    items: dict[str, int] = {}
    code: str = ""
    sure: bool = False
    back_min: int = 0
    again: bool = False


class VitalEntered(Step, frozen=True, tag="vital"):
    """Vital signs by hand, by their ids; `sure` answers the question that the screen asks back."""

    values: dict[str, float]
    back_min: int = 0
    sure: bool = False


class Oxygen(Step, frozen=True, tag="oxygen"):
    """Oxygen at this flow, for the simulated patient as well; 0 stops it."""

    flow_l_min: float
    back_min: int = 0


class Note(Step, frozen=True, tag="note"):
    """A free note."""

    text: str
    back_min: int = 0


class Undo(Step, frozen=True, tag="undo"):
    """The last entry is taken back."""


class Amend(Step, frozen=True, tag="amend"):
    """The last entry of this kind is put right, in the review where it is open, else among the chair's lines.

    In the review `values` put single fields right; `signer` "" is who is here.
    """

    kind: str
    reason: str
    text: str = ""
    values: dict[str, str | float] = {}
    signer: str = ""
    pin: str = ""


class AddLate(Step, frozen=True, tag="add_late"):
    """What was forgotten is added in the review, at its own local time: an `effect`, a `drug` or a `note`."""

    clock: str
    effect: str = ""
    grade: int = 1
    drug: str = ""
    dose: float = 0.0
    note: str = ""
    reason: str = ""
    signer: str = ""
    pin: str = ""


class Review(Step, frozen=True, tag="review"):
    """A session is reviewed: the newest done one of `mrn`, of `day`; none named, the one on the screen or the newest.

    `event` touches the last event of this kind there, `show` a filter before it.
    """

    mrn: str = ""
    day: date | None = None
    event: str = ""
    show: Literal["all", "drugs", "effects", "rate", "alarms", "notes"] = "all"


class LeaveReview(Step, frozen=True, tag="leave_review"):
    """Back from the review."""


class NextVisit(Step, frozen=True, tag="next_visit"):
    """When the patient comes again: in so many `days` as offered, on a `day`, or neither: none planned."""

    days: int | None = None
    day: date | None = None


class Acknowledge(Step, frozen=True, tag="acknowledge"):
    """The alarms that stand are acknowledged."""


# ---------------------------------------------------------------- drugs accounted, emergency, timed checks


class Draw(Step, frozen=True, tag="draw"):
    """A volume is drawn out of each of so many vials of this strength; `expires` is "2027-05", "" is not said."""

    drug: str
    strength_mg_ml: float
    volume_ml: float
    lot: str = ""
    purpose: str = "Infusion"
    vial: str = ""
    expires: str = ""
    vials: int = 1


class Waste(Step, frozen=True, tag="waste"):
    """Milligrams are wasted before a witness; `mg` None is all that is left."""

    drug: str
    witness: str
    mg: float | None = None
    pin: str = ""


class Return(Step, frozen=True, tag="return"):
    """Milligrams go back unopened; `mg` None is all that is left."""

    drug: str
    mg: float | None = None


class Witness(Step, frozen=True, tag="witness"):
    """A balance is explained with a reason before a witness."""

    drug: str
    reason: str
    witness: str
    pin: str = ""


class Account(Step, frozen=True, tag="account"):
    """The drugs are looked at: every scheduled one balances or is explained; or not, and this much is left."""

    balanced: bool = True
    drug: str = ""
    left_mg: float | None = None


class Emergency(Step, frozen=True, tag="emergency"):
    """The emergency sheet is opened."""


class Stamp(Step, frozen=True, tag="stamp"):
    """One touch on the emergency sheet; it is opened where it is not."""

    what: str


class IvCheck(Step, frozen=True, tag="iv_check"):
    """The IV site is looked at; `state` "" is the one that is well."""

    state: str = ""
    back_min: int = 0


class TakeStep(Step, frozen=True, tag="take_step"):
    """The next step of the plan, where no pump is read: the nurse says that it runs."""


# ---------------------------------------------------------------- the end


class Finish(Step, frozen=True, tag="finish"):
    """The session is finished."""


class Sign(Step, frozen=True, tag="sign"):
    """A signature under the summary."""

    signer: str
    meaning: str = ""
    pin: str = ""


class Summary(Step, frozen=True, tag="summary"):
    """The summary stands on the screen."""


class Print(Step, frozen=True, tag="print"):
    """The summary leaves: as a PDF, or to the printer."""

    to: Literal["pdf", "printer"] = "pdf"


# ---------------------------------------------------------------- the rehearsal itself


class Press(Step, frozen=True, tag="press"):
    """Any target, by its name."""

    target: str


class Screenshot(Step, frozen=True, tag="screenshot"):
    """A picture of the window, named by the step."""


class PowerCut(Step, frozen=True, tag="power_cut"):
    """The program loses power and starts again so many seconds later; the pump and the patient go on."""

    off_s: float = 5.0


class Night(Step, frozen=True, tag="night"):
    """Chairside is closed, monitor and pump are switched off; all of it is on again so many seconds later."""

    off_s: float = 54_000.0


class WorldStep(Step, frozen=True, tag="world"):
    """The world outside: an event by name, signs set to a value, signs that go back to nature."""

    event: str = ""
    set: dict[str, float] = {}
    release: tuple[str, ...] = ()


class Wait(Step, frozen=True, tag="wait"):
    """Nothing but time until `at`."""


# ---------------------------------------------------------------- expectations


class AlarmSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alarm that stands: each thing named must be so; `key` and `text` are looked for as parts."""

    key: str = ""
    priority: Literal["", "high", "medium", "low"] = ""
    text: str = ""
    acknowledged: bool | None = None


class CriterionSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the recovery screen: its state, and parts of its evidence and of its right end."""

    key: str
    state: Literal["", "met", "unmet", "todo", "holding", "accepted"] = ""
    evidence: str = ""
    right: str = ""


class EntriesSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Entries of a kind on disk; `where` are fields that they must carry."""

    kind: str
    at_least: int = 1
    exactly: int | None = None
    where: dict[str, str | int | float | bool] = {}


class TileSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tile of the chair screen; `corner` is looked for as a part, numbers lie from `low` to `high`."""

    key: str
    text: str | None = None
    state: Literal["live", "stale", "missing"] | None = None
    corner: str = ""
    low: float | None = None
    high: float | None = None


class AnswerSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of the last touch."""

    state: Literal["taken", "refused", "asked"]
    field: str = ""
    reason: str = ""


class SessionSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sessions of a patient on Today, by the head that they stand under."""

    patient: str
    group: Literal["Running", "Unfinished", "Done", "Earlier"]
    exactly: int = 1


class Expect(Step, frozen=True, tag="expect"):
    """What must be seen on the screen or on the disk; all that is named must hold.

    Within `within_s` simulated seconds of the step: at once where it is 0. On a day `entries` are those of the
    case `of`, of the one that the steps speak of where it is "".
    """

    within_s: float = 0.0
    of: str = ""
    phase: str | None = None
    locked: bool | None = None
    given_mg: float | None = None
    within: float = 0.05
    given_known: bool | None = None
    rate_ml_h: float | None = None
    rate_known: bool | None = None
    alarm: AlarmSeen | None = None
    no_alarm: str | None = None
    entries: tuple[EntriesSeen, ...] = ()
    tile: TileSeen | None = None
    answer: AnswerSeen | None = None
    saved: Literal["saved", "saving", "failed", "none"] | None = None
    question: str | None = None
    light: Literal["requested", "set", "measured"] | None = None
    header: str | None = None
    who: str | None = None
    ready: str | None = None
    review: str | None = None
    visits: tuple[str, ...] = ()
    criteria: tuple[CriterionSeen, ...] = ()
    today: tuple[SessionSeen, ...] = ()
    summary: tuple[str, ...] = ()
    not_in_summary: tuple[str, ...] = ()


# ---------------------------------------------------------------- recovery


class Criterion(Step, frozen=True, tag="criterion"):
    """What a person saw of a discharge criterion: an answer of the table, or other words, which are written."""

    criterion: str
    answer: str
    back_min: int = 0


class Accept(Step, frozen=True, tag="accept"):
    """A physician accepts a line; `signer` "" is the order's. `sure` where the table does not foresee it."""

    criterion: str
    reason: str
    signer: str = ""
    pin: str = ""
    sure: bool = False


class InstructionsGiven(Step, frozen=True, tag="instructions"):
    """The patient's instructions leave `to` pdf or printer, and are given with this `answer`."""

    to: Literal["pdf", "printer"] = "pdf"
    answer: str = "Given and understood"


class HandedOver(Step, frozen=True, tag="hand_over"):
    """Another person takes the patient over and signs."""

    staff: str
    pin: str = ""


class Supervisor(Step, frozen=True, tag="supervisor"):
    """The anesthetist who supervises is named."""

    staff: str


class Discharge(Step, frozen=True, tag="discharge"):
    """The discharge is signed; `signer` "" is the order's, `companion` "" whoever was checked as escort."""

    how: Literal["home", "transferred", "against-advice"] = "home"
    departure: str = "On foot"
    companion: str = ""
    reason: str = ""
    signer: str = ""
    pin: str = ""


VERBS: dict[str, type[Step]] = {
    str(verb.__struct_config__.tag): verb
    for verb in (
        Unlock,
        SignIn,
        Lock,
        Dim,
        TurnTo,
        Patient,
        OrderSigned,
        CheckIn,
        Record,
        Baseline,
        Limits,
        Start,
        Pause,
        Resume,
        End,
        ByHand,
        SetPump,
        PressPump,
        ChangeRate,
        SyringeChange,
        ConfirmPump,
        EffectNoted,
        EffectEnded,
        DrugGiven,
        ScoreTaken,
        VitalEntered,
        Oxygen,
        Note,
        Undo,
        Amend,
        AddLate,
        Review,
        LeaveReview,
        NextVisit,
        Acknowledge,
        Finish,
        Sign,
        Summary,
        Print,
        Press,
        Screenshot,
        PowerCut,
        Night,
        WorldStep,
        Wait,
        Expect,
        Draw,
        Waste,
        Return,
        Witness,
        Account,
        Emergency,
        Stamp,
        IvCheck,
        TakeStep,
        Criterion,
        Accept,
        InstructionsGiven,
        HandedOver,
        Supervisor,
        Discharge,
    )
}
"""Every verb by its word."""
