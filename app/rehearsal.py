"""A rehearsal script: read, checked whole, and what on disk says how far it was played.

Reading gives every error at once, each with file, step, key and value. `resume_at` finds the first step whose
entry is not on disk.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from app import entries as e
from app import rehearsal_verbs as v
from app.clinical.patient import SEXES
from app.clinical.tables import Catalog
from app.clinical.vitals import Vital
from app.messages import DeviceDraft, FirstRunDone, StaffDraft
from app.ports import SIMULATED
from app.refusals import TableErrors
from app.rehearsal_verbs import VERBS, Step
from app.roles import ROLES

USUAL_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ScriptPatient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is treated."""

    mrn: str
    name: str
    birth_date: date
    sex: str
    weight_kg: float
    allergies: tuple[str, ...] = ()
    height_cm: float | None = None


class ScriptStaff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who works there; `initials` name the person in the steps."""

    name: str
    initials: str
    roles: tuple[str, ...]
    pin: str


class ScriptStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of the order: steady, or a straight ramp where `rate_to` is another rate."""

    minutes: float
    rate: float
    rate_to: float | None = None


class ScriptOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The order: protocol, signer, and what the prescriber fills. What is None stays the protocol's."""

    protocol: str
    signer: str
    container_ml: float
    drug_in_container_mg: float
    rate_unit: str | None = None
    rate: float | None = None
    minutes: float | None = None
    max_rate: float | None = None
    session_limit_mg: float | None = None
    recovery_min: float | None = None
    reason: str = ""
    steps: tuple[ScriptStep, ...] = ()
    cap_mg_per_h: float | None = None
    fit: bool = False

    @property
    def concentration_mg_ml(self) -> float:
        """What drug and container make."""
        return self.drug_in_container_mg / self.container_ml


class ScriptDevices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The drivers of monitor and pump, "" for none; `recording` is a file that stands in for the monitor."""

    monitor: str = "ge-dri"
    pump: str = "alaris"
    recording: str = ""


class ScriptCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One patient of a day and that patient's order; `key` names the case in the steps."""

    key: str
    patient: ScriptPatient
    order: ScriptOrder


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole rehearsal. `seed` makes the world the same each time.

    A day has one `case` a patient; `patient` and `order` are then those of the case that the steps speak of.
    """

    title: str
    patient: ScriptPatient
    staff: tuple[ScriptStaff, ...]
    order: ScriptOrder
    steps: tuple[Step, ...]
    case: tuple[ScriptCase, ...] = ()
    clinic: str = "Rehearsal clinic"
    devices: ScriptDevices = ScriptDevices()
    seed: int = 1
    start: datetime = USUAL_START

    def person(self, initials: str) -> ScriptStaff:
        """The member of staff with these initials; raises KeyError."""
        for person in self.staff:
            if person.initials == initials:
                return person
        raise KeyError(initials)

    def case_of(self, key: str) -> ScriptCase:
        """The case of this key; raises KeyError."""
        for case in self.case:
            if case.key == key:
                return case
        raise KeyError(key)

    def at_step(self, index: int) -> Script:
        """The script as the step of this index reads it: with the patient and the order that were turned to last."""
        turned = [step.case for step in self.steps[: index + 1] if isinstance(step, v.TurnTo)]
        if not turned:
            return self
        case = self.case_of(turned[-1])
        return msgspec.structs.replace(self, patient=case.patient, order=case.order)

    def pin_of(self, initials: str, pin: str = "") -> str:
        """The PIN that a step types: its own, else the person's."""
        return pin or self.person(initials).pin

    def first_run(self) -> FirstRunDone:
        """The first run that sets this clinic up."""
        staff = tuple(StaffDraft(p.name, p.initials, p.roles, p.pin) for p in self.staff)
        chosen = {"monitor": self.devices.monitor, "pump": self.devices.pump}
        devices = tuple(DeviceDraft(device, driver, SIMULATED) for device, driver in chosen.items() if driver)
        return FirstRunDone(self.clinic, staff, devices)


# ---------------------------------------------------------------- reading


def load_script(path: Path, catalog: Catalog) -> Script:
    """The script of this file; raises TableErrors with every error."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TableErrors((f"{path}: there is no such script. Check the name.",)) from None
    except OSError as error:
        raise TableErrors((f"{path}: cannot be read ({error.strerror}). Name a script's file.",)) from error
    except UnicodeDecodeError as error:
        raise TableErrors((f"{path}: cannot be read: this is not text. Name a script's file.",)) from error
    return parse_script(text, catalog, str(path))


def parse_script(text: str, catalog: Catalog, file: str = "script") -> Script:
    """The script that this text holds; raises TableErrors with every error."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TableErrors((f"{file}: this is not TOML: {error}",)) from error
    errors: list[str] = []
    head = _head(_with_first_case(raw), file, errors)
    steps = _steps(raw.get("step"), file, errors)
    if head is not None:
        errors += _unknown_names(head, steps, catalog, file)
    if errors or head is None:
        raise TableErrors(tuple(errors))
    return msgspec.structs.replace(head, steps=tuple(step for _, step in steps))


def _with_first_case(raw: dict[str, Any]) -> dict[str, Any]:
    """A day begins with the patient and the order of its first case."""
    cases = raw.get("case")
    first = cases[0] if isinstance(cases, list) and cases else None
    if not isinstance(first, dict) or "patient" in raw or "order" in raw:
        return raw
    return raw | {key: first[key] for key in ("patient", "order") if key in first}


def _head(raw: dict[str, Any], file: str, errors: list[str]) -> Script | None:
    """Everything but the steps."""
    hints = get_type_hints(Script)
    known = {key: value for key, value in raw.items() if key != "step"}
    before = len(errors)
    unknown = known.keys() - (hints.keys() - {"steps"})
    errors += [f"{file}: {key} = {known[key]!r}: unknown key" for key in sorted(unknown)]
    for field in msgspec.structs.fields(Script):
        if field.name == "steps":
            continue
        if field.name in known:
            errors += [f"{file}: {line}" for line in _wrong(known[field.name], hints[field.name], field.name)]
        elif field.required:
            errors.append(f"{file}: {field.name}: missing")
    return msgspec.convert({**known, "steps": []}, Script) if len(errors) == before else None


def _wrong(value: Any, kind: Any, path: str) -> Iterator[str]:
    """Every place where the value does not have the shape."""
    rows = _row_kind(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _wrong_fields(value, kind, path)
    elif rows is not None and isinstance(value, list):
        for place, row in enumerate(value, start=1):
            yield from _wrong_fields(row, rows, f"{path} {place}")
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield f"{path} = {value!r}: {_plain(str(error))}"


def _wrong_fields(value: Any, kind: type[msgspec.Struct], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} = {value!r}: expected a table"
        return
    hints = get_type_hints(kind)
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key in value.keys() - fields.keys():
        yield f"{path}: {key} = {value[key]!r}: unknown key"
    for name, field in fields.items():
        if name in value:
            yield from _wrong(value[name], _bare(hints[name]), f"{path}: {name}")
        elif field.required:
            yield f"{path}: {name}: missing"


def _row_kind(kind: Any) -> type[msgspec.Struct] | None:
    """The struct of a tuple of structs."""
    if get_origin(kind) is not tuple:
        return None
    inner = get_args(kind)[0]
    return inner if _is_struct(inner) else None


def _bare(kind: Any) -> Any:
    """The type without its None, where one struct is left."""
    left = [part for part in get_args(kind) if part is not type(None)]
    return left[0] if len(left) == 1 and _is_struct(left[0]) else kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _plain(message: str) -> str:
    message = message.split(" - at `")[0]
    for ours, words in (("`float`", "a number"), ("`int`", "a whole number"), ("`str`", "text")):
        message = message.replace(ours, words)
    return message.replace("`bool`", "true or false").replace("Expected", "expected")


_AT = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)(\.\d)?")


def seconds_at(text: object) -> float:
    """hh:mm:ss, or hh:mm:ss.s, as seconds; raises ValueError."""
    found = _AT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is not a time hh:mm:ss")
    hours, minutes, seconds, tenth = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(tenth or 0)


def clock_words(seconds: float) -> str:
    """Seconds as hh:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _steps(raw: Any, file: str, errors: list[str]) -> list[tuple[int, Step]]:
    if not isinstance(raw, list) or not raw:
        errors.append(f"{file}: step: there must be at least one [[step]]")
        return []
    found: list[tuple[int, Step]] = []
    last_s = 0.0
    for number, row in enumerate(raw, start=1):
        where = f"{file}: step {number}"
        step = _step(row, where, errors)
        if step is None:
            continue
        if step.at < last_s:
            errors.append(f"{where}: at = {row['at']!r}: earlier than the step before")
        last_s = max(last_s, step.at)
        found.append((number, step))
    return found


def _step(row: Any, where: str, errors: list[str]) -> Step | None:
    if not isinstance(row, dict):
        errors.append(f"{where} = {row!r}: expected a table")
        return None
    verb = VERBS.get(row.get("do", ""))
    if verb is None:
        errors.append(f"{where}: do = {row.get('do')!r}: there is no such verb; see docs/rehearsal.md")
        return None
    given = {key: value for key, value in row.items() if key != "do"}
    before = len(errors)
    try:
        given["at"] = seconds_at(row.get("at"))
    except ValueError as error:
        errors.append(f"{where}: at = {row.get('at')!r}: {error}")
        given["at"] = 0.0
    errors += _wrong_fields(given, verb, where)
    return msgspec.convert({**given, "do": row["do"]}, verb) if len(errors) == before else None


# ---------------------------------------------------------------- names against the tables

KINDS = {kind.__name__ for kind in e.Body.__subclasses__()}


def _unknown_names(
    script: Script, steps: Sequence[tuple[int, Step]], catalog: Catalog, file: str
) -> Iterator[str]:
    yield from (f"{file}: {line}" for line in _head_names(script, catalog))
    people = {person.initials for person in script.staff}
    cases = {case.key for case in script.case}
    for number, step in steps:
        case = step.case if isinstance(step, v.TurnTo) else step.of if isinstance(step, v.Expect) else ""
        if (case or isinstance(step, v.TurnTo)) and case not in cases:
            key = "case" if isinstance(step, v.TurnTo) else "of"
            yield f"{file}: step {number}: {key} = {case!r}: there is no such case"
        for key, value, why in _step_names(step, catalog, people):
            yield f"{file}: step {number}: {key} = {value!r}: {why}"


def _head_names(script: Script, catalog: Catalog) -> Iterator[str]:
    if not script.case:
        yield from _case_names(script, script.patient, script.order, catalog)
    for case in script.case:
        yield from (
            f"case {case.key}: {line}" for line in _case_names(script, case.patient, case.order, catalog)
        )
    yield from _crossed_cases(script)
    for place, person in enumerate(script.staff, start=1):
        for role in person.roles:
            if role not in ROLES:
                yield f"staff {place}: roles = {role!r}: there is no such role"
    if script.start.tzinfo is None:
        yield f"start = {script.start.isoformat()!r}: name its offset, as in 2026-03-02T09:00:00Z"


def _case_names(
    script: Script, patient: ScriptPatient, order: ScriptOrder, catalog: Catalog
) -> Iterator[str]:
    if order.protocol not in catalog.protocols:
        yield f"order: protocol = {order.protocol!r}: there is no such protocol"
    if patient.sex not in SEXES:
        yield f"patient: sex = {patient.sex!r}: one of {', '.join(SEXES)}"
    if not (order.container_ml > 0 and order.drug_in_container_mg > 0):
        yield "order: container_ml and drug_in_container_mg must be above 0"
    if order.signer not in {person.initials for person in script.staff}:
        yield f"order: signer = {order.signer!r}: nobody of the staff has these initials"


def _crossed_cases(script: Script) -> Iterator[str]:
    """Cases that could be taken for each other."""
    if script.case and (script.patient, script.order) != (script.case[0].patient, script.case[0].order):
        yield "case: a day names its patients and orders in its cases alone"
    for what, named in (
        ("key", [case.key for case in script.case]),
        ("patient: mrn", [case.patient.mrn for case in script.case]),
    ):
        for twice in sorted({one for one in named if named.count(one) > 1}):
            yield f"case: {what} = {twice!r}: two cases have it"


def _step_names(step: Step, catalog: Catalog, people: set[str]) -> Iterator[tuple[str, object, str]]:
    """(key, value, what is wrong) of names that no table knows."""
    for key in ("staff", "signer", "second", "witness"):
        name = getattr(step, key, "")
        if name and name not in people:
            yield key, name, "nobody of the staff has these initials"
    match step:
        case v.EffectNoted() | v.EffectEnded():
            if step.effect not in catalog.effects:
                yield "effect", step.effect, "there is no such side effect"
            if isinstance(step, v.EffectNoted) and not 1 <= step.grade <= 4:
                yield "grade", step.grade, "a grade is 1 to 4"
        case v.DrugGiven() if step.drug not in catalog.drugs:
            yield "drug", step.drug, "there is no such drug"
        case v.ScoreTaken() if step.score not in catalog.scores:
            yield "score", step.score, "there is no such score"
        case v.ScoreTaken() if (step.value is not None) + bool(step.items) + bool(step.code) != 1:
            yield "score", step.score, "one of value, items and code"
        case v.Criterion() | v.Accept() if step.criterion not in catalog.discharge_criteria:
            yield "criterion", step.criterion, "there is no such criterion"
        case v.VitalEntered():
            for vital in step.values:
                if vital not in {one.value for one in Vital}:
                    yield "values", vital, "there is no such vital sign"
        case v.Record() if step.line and step.field:
            yield "field", step.field, "one of line and field"
        case v.Record() if step.line and step.line not in catalog.check_in.record_lines:
            yield "line", step.line, "the record has no such line"
        case v.Record() if step.field and not catalog.record.has(step.field):
            yield "field", step.field, "the record has no such field"
        case v.Draw() | v.Waste() | v.Return() | v.Witness():
            if step.drug not in catalog.drugs:
                yield "drug", step.drug, "there is no such drug"
        case v.Stamp() if catalog.bedside.stamp_of(step.what) is None:
            yield "what", step.what, "there is no such stamp"
        case v.Amend() if step.kind not in KINDS:
            yield "kind", step.kind, "there is no such kind of entry"
        case v.Amend() if bool(step.text) == bool(step.values):
            yield "text", step.text, "one of text and values"
        case v.Review() if step.event and step.event not in KINDS:
            yield "event", step.event, "there is no such kind of entry"
        case v.AddLate() if bool(step.effect) + bool(step.drug) + bool(step.note) != 1:
            yield "effect", step.effect, "one of effect, drug and note"
        case v.AddLate() if step.drug and step.drug not in catalog.drugs:
            yield "drug", step.drug, "there is no such drug"
        case v.AddLate() if step.effect and step.effect not in catalog.effects:
            yield "effect", step.effect, "there is no such side effect"
        case v.Expect():
            for seen in step.entries:
                if seen.kind not in KINDS:
                    yield "entries", seen.kind, "there is no such kind of entry"
        case _:
            pass


# ---------------------------------------------------------------- how far it was played

Marks = Callable[[Any, Any, Script], bool]
"""Whether an entry's body is what a step writes."""


def _signed_in(step: Any, body: Any, script: Script) -> bool:
    return isinstance(body, e.SignedIn)


def _recorded(step: v.Record, body: e.Body) -> bool:
    if step.field:
        return isinstance(body, e.FieldExplained | e.Supervised)
    return isinstance(body, e.CheckInLine) and body.line == (step.line or LAST_OF_RECORD)


LAST_OF_WALK = "iv"
"""The line that a check-in of all lines comes to last, when all of them are to do."""

LAST_OF_RECORD = "leaving"
"""The line that a record of all that is left comes to last."""


def _is_late(step: v.AddLate, body: e.Body) -> bool:
    match body:
        case e.EffectNoted(effect=effect, grade=grade):
            return (effect, grade) == (step.effect, step.grade)
        case e.DrugGiven(drug=drug, dose=dose):
            return (drug, dose) == (step.drug, step.dose)
        case e.NoteWritten(text=text):
            return bool(step.note) and text == step.note.strip()
        case _:
            return False


MARKS: dict[type[Step], tuple[type[e.Body], Marks]] = {
    v.Unlock: (e.SignedIn, _signed_in),
    v.SignIn: (e.SignedIn, _signed_in),
    v.Lock: (e.EntryLocked, lambda s, b, _: b.why == "touched"),
    v.Patient: (e.PatientIdentified, lambda s, b, script: b.mrn == (s.mrn or script.patient.mrn)),
    v.OrderSigned: (e.OrderSigned, lambda s, b, script: b.order.protocol_id == script.order.protocol),
    v.CheckIn: (e.CheckInLine, lambda s, b, _: b.line == (s.line or LAST_OF_WALK)),
    v.Record: (e.Body, lambda s, b, _: _recorded(s, b)),
    v.Baseline: (e.BaselineSet, lambda s, b, _: not b.reason),
    v.Limits: (e.LimitsChanged, lambda s, b, _: b.vital.value == s.vital and b.limits == s.limits),
    v.Start: (e.InfusionStarted, lambda s, b, _: True),
    v.Pause: (e.InfusionPaused, lambda s, b, _: not s.reason or b.reason == s.reason),
    v.Resume: (e.InfusionResumed, lambda s, b, _: True),
    v.End: (e.InfusionEnded, lambda s, b, _: True),
    v.ChangeRate: (e.RateOrdered, lambda s, b, _: b.rate_ml_h == s.rate_ml_h),
    v.SyringeChange: (e.SegmentConfirmed, lambda s, b, _: b.concentration_mg_ml == s.concentration_mg_ml),
    v.ConfirmPump: (e.PumpSeen, lambda s, b, _: b.source == "hand"),
    v.EffectNoted: (e.EffectNoted, lambda s, b, _: (b.effect, b.grade) == (s.effect, s.grade)),
    v.EffectEnded: (e.EffectEnded, lambda s, b, _: True),
    v.DrugGiven: (e.DrugGiven, lambda s, b, _: (b.drug, b.dose) == (s.drug, s.dose)),
    v.ScoreTaken: (e.ScoreTaken, lambda s, b, _: b.score == s.score and s.value in (None, b.total)),
    v.VitalEntered: (e.VitalEntered, lambda s, b, _: {k.value: x for k, x in b.values.items()} == s.values),
    v.Oxygen: (e.OxygenSet, lambda s, b, _: b.flow_l_min == s.flow_l_min),
    v.Note: (e.NoteWritten, lambda s, b, _: b.text == s.text.strip()),
    v.Undo: (e.Retracted, lambda s, b, _: True),
    v.Amend: (
        e.Amended,
        lambda s, b, _: set(b.values) == set(s.values) and (s.text == "" or b.text == s.text.strip()),
    ),
    v.AddLate: (e.Body, lambda s, b, _: _is_late(s, b)),
    v.NextVisit: (e.NextVisitPlanned, lambda s, b, _: (b.due is None) == (s.days is None and s.day is None)),
    v.Finish: (e.SessionFinished, lambda s, b, _: True),
    v.Sign: (e.SummarySigned, lambda s, b, _: True),
    v.Print: (e.SummaryPrinted, lambda s, b, _: True),
    v.Draw: (
        e.VialDrawn,
        lambda s, b, _: (b.drug, b.volume_ml, b.vials) == (s.drug, round(s.volume_ml * s.vials, 3), s.vials),
    ),
    v.Waste: (e.Wasted, lambda s, b, _: b.drug == s.drug and s.mg in (None, b.mg)),
    v.Return: (e.Returned, lambda s, b, _: b.drug == s.drug and s.mg in (None, b.mg)),
    v.Witness: (e.BalanceExplained, lambda s, b, _: b.drug == s.drug),
    v.Stamp: (e.EmergencyStamped, lambda s, b, _: b.what == s.what),
    v.IvCheck: (e.IvChecked, lambda s, b, _: s.state in ("", b.state)),
    v.Criterion: (e.CriterionChecked, lambda s, b, _: (b.criterion, b.text) == (s.criterion, s.answer)),
    v.Accept: (e.CriterionAccepted, lambda s, b, _: b.criterion == s.criterion),
    v.InstructionsGiven: (e.CriterionChecked, lambda s, b, _: b.criterion == "instructions"),
    v.HandedOver: (e.HandedOver, lambda s, b, _: True),
    v.Supervisor: (e.Supervised, lambda s, b, _: True),
    v.Discharge: (e.Discharged, lambda s, b, _: b.how == s.how),
}
"""What each verb leaves on disk. Verbs that are not here leave nothing that is theirs alone."""


SURELY_LATER_S = 1.0


def resume_at(script: Script, on_disk: Sequence[e.Entry], newest: datetime | None = None) -> int:
    """The index of the first step that has still to be played, after the last one whose entry is on disk.

    Steps are never early, so an entry written before its step's time is another's. What leaves no entry and was
    over when the record's newest line was written is done as well: a key of the pump, an expectation.
    """
    done = _after_last_entry(script, on_disk)
    if newest is None:
        return done
    reached_s = (newest - script.start).total_seconds() - SURELY_LATER_S
    while done < len(script.steps):
        step = script.steps[done]
        within_s = step.within_s if isinstance(step, v.Expect) else 0.0
        if type(step) in MARKS or step.at + within_s > reached_s:
            break
        done += 1
    return done


def _after_last_entry(script: Script, on_disk: Sequence[e.Entry]) -> int:
    place, done = 0, 0
    for index, step in enumerate(script.steps):
        mark = MARKS.get(type(step))
        if mark is None or step.refused:
            continue
        found = _find(script.at_step(index), step, mark, on_disk, place)
        if found is None:
            return done
        place, done = found + 1, index + 1
    return done


def _find(
    script: Script, step: Step, mark: tuple[type[e.Body], Marks], on_disk: Sequence[e.Entry], place: int
) -> int | None:
    kind, is_it = mark
    earliest = script.start + timedelta(seconds=step.at)
    for index in range(place, len(on_disk)):
        entry = on_disk[index]
        if entry.written >= earliest and isinstance(entry.body, kind) and is_it(step, entry.body, script):
            return index
    return None
