"""Where the check-in of the session stands: its lines, what the start waits for, the baseline, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from app import roles
from app.clinical.baseline import RestingSet, baseline_of, counted, frozen, wait_s
from app.clinical.checkin import (
    Circumstances,
    LineState,
    Said,
    blocked_words,
    check_answer,
    check_skip,
    findings,
    line_state,
    waiting,
)
from app.clinical.checkin_rows import Line
from app.clinical.patient_limits import check_change
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.entries import BaselineSet, CheckInLine, Entry, LimitsChanged, PatientIdentified, ScoreTaken
from app.instant import Instant
from app.messages import ChangeLimits, CheckLine, TakeBaseline
from app.refusals import Refused
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine


# ---------------------------------------------------------------- where it stands


def said_of(session: Session) -> dict[str, Entry]:
    """The last answer to each line that was not taken back."""
    told = sorted(session.standing(CheckInLine), key=lambda entry: entry.number or len(session.entries))
    return {entry.body.line: entry for entry in told if isinstance(entry.body, CheckInLine)}


def states(
    session: Session, catalog: Catalog, now: datetime, lines: Mapping[str, Line] | None = None
) -> list[LineState]:
    """Every line of the check-in, or of these; `now` is the clinic's local time. Empty without a patient."""
    patient = session.patient
    if patient is None:
        return []
    said = said_of(session)
    return [
        line_state(
            line, _said(said.get(line.id)), _around(session, patient, catalog, now, line), catalog.check_in
        )
        for line in (catalog.check_in.lines if lines is None else lines).values()
    ]


def _said(entry: Entry | None) -> Said | None:
    if entry is None or not isinstance(entry.body, CheckInLine):
        return None
    body = entry.body
    return Said(body.state, body.values, body.reason, body.second, body.accepted_by)


def _around(
    session: Session, patient: PatientIdentified, catalog: Catalog, now: datetime, line: Line
) -> Circumstances:
    protocol = catalog.protocols.get(session.order.protocol_id) if session.order is not None else None
    done, words = _baseline_state(session, catalog, line) if line.sets else (False, "")
    return Circumstances(patient.sex, patient.weight_kg, protocol, now, done, words)


def start_can_be_asked(session: Session, catalog: Catalog, now: datetime) -> None:
    """Refuses the start while a line of the check-in blocks it, naming the line."""
    found = waiting(states(session, catalog, now))
    if found:
        raise Refused(f"check-in.{found[0].line}", blocked_words(found))


# ---------------------------------------------------------------- baseline


def resting_sets(session: Session) -> list[RestingSet]:
    """The resting sets; changes after the start are none."""
    return [
        RestingSet(entry.at.steady, entry.body.values)
        for entry in session.standing(BaselineSet)
        if isinstance(entry.body, BaselineSet) and not entry.body.reason
    ]


def frozen_baseline(session: Session, catalog: Catalog) -> dict[Vital, float]:
    """The baseline that limits, scores and criteria compare with; empty while there is none."""
    changes = [
        entry.body.values
        for entry in session.standing(BaselineSet)
        if isinstance(entry.body, BaselineSet) and entry.body.reason
    ]
    started = session.infusion.started
    started_s = started.steady if started is not None else None
    return frozen(resting_sets(session), changes, started_s, catalog.baseline)


def missing_scores(session: Session, line: Line) -> list[str]:
    """The scores that belong to the baseline and were not taken yet."""
    taken = {entry.body.score for entry in session.standing(ScoreTaken) if isinstance(entry.body, ScoreTaken)}
    return [score for score in line.scores if score not in taken]


def _baseline_state(session: Session, catalog: Catalog, line: Line) -> tuple[bool, str]:
    sets = counted(resting_sets(session), catalog.baseline)
    baseline = baseline_of(sets, catalog.baseline)
    lacks = [catalog.scores[score].short for score in missing_scores(session, line)]
    complete = all(vital in baseline for vital in line.vitals)
    if not sets:
        words = "no set yet"
    elif complete:
        words = f"{len(sets)} sets: {short_set(baseline)}"
    else:
        words = f"set {len(sets)}: {short_set(dict(sets[-1].values))}"
    if complete and lacks:
        words = f"{short_set(baseline)}; to take: {', '.join(lacks)}"
    return complete and not lacks, words


def short_set(values: dict[Vital, float]) -> str:
    """A set in short: "74, 128/76, 97 %"."""
    parts = []
    if Vital.HEART_RATE in values:
        parts.append(VITALS[Vital.HEART_RATE].text(values[Vital.HEART_RATE]))
    if Vital.NIBP_SYS in values and Vital.NIBP_DIA in values:
        parts.append(f"{values[Vital.NIBP_SYS]:.0f}/{values[Vital.NIBP_DIA]:.0f}")
    if Vital.SPO2 in values:
        parts.append(f"{values[Vital.SPO2]:.0f} %")
    return ", ".join(parts)


def next_set_at(session: Session, catalog: Catalog, now: Instant) -> Instant | None:
    """When another set counts; None when one counts now."""
    left_s = wait_s(resting_sets(session), catalog.baseline, now.steady)
    return now.plus(left_s) if left_s > 0 else None


# ---------------------------------------------------------------- limits


def changed_limits(session: Session) -> dict[Vital, dict[str, float]]:
    """The limits that were changed for this patient, by vital sign; the last change of each counts."""
    changes: dict[Vital, dict[str, float]] = {}
    for entry in session.standing(LimitsChanged):
        if isinstance(entry.body, LimitsChanged):
            changes[entry.body.vital] = entry.body.limits
    return {vital: change for vital, change in changes.items() if change}


# ---------------------------------------------------------------- what can be taken


def line_of(catalog: Catalog, line: str) -> Line:
    """A line of the table; raises Refused."""
    row = catalog.check_in.line(line)
    if row is None:
        raise Refused("line", f"The check-in has no line {line!r}.")
    return row


def line_can_be_taken(engine: Engine, session: Session, act: CheckLine, now: datetime) -> None:
    """Refuses an answer that cannot be; asked before the PIN and after it."""
    line = line_of(engine.catalog, act.line)
    if session.patient is None:
        raise Refused("patient", "There is no patient yet.")
    if act.second and (act.second == engine.who or act.second not in engine.clinic.here()):
        raise Refused("second", "The second person is another member of staff.")
    if act.state == "not done":
        check_skip(line, act.reason)
        return
    if act.state != "done":
        raise Refused("state", "A line is done, or not done.")
    if line.sets:
        raise Refused("state", f"{line.label} is done by its sets and scores.")
    check_answer(line, act.values, engine.catalog, now)
    _check_weight(act, session.patient)
    if line.second == "wanted" and not act.second and not act.reason.strip():
        raise Refused("second", f"{line.label}: a second person, or the reason why there is none.")
    answering(engine, line, act)


def answering(engine: Engine, line: Line, act: CheckLine) -> str:
    """Who answers a line: who is here, or where its table asks for another the one whose PIN stands under it."""
    if not line.signed_by or act.state == "not done" or engine.clinic.may(engine.who, line.signed_by):
        return engine.who
    if act.second and engine.clinic.may(act.second, line.signed_by):
        return act.second
    raise Refused("second", f"{line.label}: an anesthetist answers this, with their PIN.")


def _check_weight(act: CheckLine, patient: PatientIdentified) -> None:
    weighed = act.values.get("weight_kg")
    if weighed is not None and weighed != patient.weight_kg:
        reason = f"{weighed:g} kg is not the recorded {patient.weight_kg:g} kg. Weigh again, or put the patient right."
        raise Refused("weight_kg", reason)


def check_in_body(engine: Engine, session: Session, act: CheckLine, now: datetime) -> CheckInLine:
    """The line as it is recorded, with the anesthetist who accepts what would block the start."""
    line = line_of(engine.catalog, act.line)
    assert session.patient is not None
    accepted_by = ""
    if act.state == "done" and line.second == "none":
        around = _around(session, session.patient, engine.catalog, now, line)
        stops = tuple(findings(line, act.values, around, engine.catalog.check_in))
        if stops and (act.reason.strip() or act.second):
            accepted_by = _accepting(engine, act)
    answers = answering(engine, line, act)
    second = "" if act.second in (accepted_by, answers) else act.second
    values = act.values if act.state == "done" else {}
    return CheckInLine(act.line, act.state, values, act.reason.strip(), second, accepted_by)


def _accepting(engine: Engine, act: CheckLine) -> str:
    """The anesthetist who answers for it: the second person, or who is here."""
    if not act.reason.strip():
        raise Refused("reason", "Accepting this needs a reason.")
    for staff in (act.second, engine.who):
        if staff and roles.may_be(act, "accepts", engine.clinic.roles(staff)):
            return staff
    raise Refused("second", "An anesthetist accepts this, with their PIN.")


def check_baseline(engine: Engine, session: Session, act: TakeBaseline, at: Instant) -> str:
    """What to ask about this set, "" when nothing; refuses one that is incomplete or comes too soon."""
    line = next(line for line in engine.catalog.check_in.lines.values() if line.sets)
    if session.patient is None:
        raise Refused("patient", "There is no patient yet.")
    started = session.infusion.started is not None
    if started and not act.reason.strip():
        raise Refused("reason", "The baseline is frozen since the start. Changing it needs a reason.")
    if not started and act.reason.strip():
        raise Refused("reason", "Before the start the baseline is made of its sets.")
    missing = [VITALS[vital].label for vital in line.vitals if vital not in act.values]
    if missing and not started:
        raise Refused("vital", f"Still missing: {', '.join(missing)}.")
    if not act.values:
        raise Refused("vital", "Enter a value.")
    question = values_question(engine.catalog, act.values, (*line.vitals, *line.more_vitals))
    left_s = 0.0 if started else wait_s(resting_sets(session), engine.catalog.baseline, at.steady)
    if left_s > 0:
        apart = engine.catalog.baseline.apart_at_least_min
        raise Refused("baseline", f"Sets are {apart:g} min apart: {round(left_s) or 1} s to wait.")
    return question


def values_question(catalog: Catalog, values: dict[Vital, float], asked: tuple[Vital, ...]) -> str:
    """What is unlikely about these values; refuses what cannot be, or does not belong to a set."""
    doubts = []
    for vital, value in values.items():
        row, label = catalog.alarm_limits[vital], VITALS[vital].label
        if vital not in asked:
            raise Refused(vital.value, f"{label} does not belong to the baseline.")
        if not row.entry_lowest <= value <= row.entry_highest:
            raise Refused(
                vital.value, f"{label} {value:g} is outside {row.entry_lowest:g} to {row.entry_highest:g}."
            )
        below = row.confirm_below is not None and value < row.confirm_below
        above = row.confirm_above is not None and value > row.confirm_above
        doubts += [f"{label} {value:g} {row.unit}"] if below or above else []
    sys, dia = values.get(Vital.NIBP_SYS), values.get(Vital.NIBP_DIA)
    if sys is not None and dia is not None and sys <= dia:
        raise Refused(Vital.NIBP_SYS.value, f"{sys:g}/{dia:g}: the systolic pressure is the higher one.")
    return f"{', '.join(doubts)}: is that right?" if doubts else ""


def limits_can_be_changed(engine: Engine, session: Session, act: ChangeLimits) -> None:
    """Refuses limits outside the hard bounds, or without a reason."""
    if session.patient is None:
        raise Refused("patient", "There is no patient yet.")
    if not act.reason.strip():
        raise Refused("reason", "Changed limits need a reason.")
    check_change(act.vital, act.limits, engine.catalog)
    if act.limits == changed_limits(session).get(act.vital, {}):
        raise Refused("limits", "These limits are in force already.")


def local(at: Instant, zone: tzinfo) -> datetime:
    """The clinic's local time of an instant."""
    return at.utc.astimezone(zone)
