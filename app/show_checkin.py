"""The check-in, the limits of this patient and the patients of earlier sessions, as the screens show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.checkin import (
    changed_limits,
    frozen_baseline,
    local,
    missing_scores,
    next_set_at,
    resting_sets,
    said_of,
    short_set,
    states,
)
from app.clinical.baseline import counted
from app.clinical.checkin import LineState, fasting_words, summed_up
from app.clinical.checkin_rows import Line
from app.clinical.patient_limits import KEYS
from app.clinical.vitals import NIBP, VITALS, Vital
from app.entries import CheckInLine, Entry
from app.frames import CheckInFrame, CheckLineFrame, KnownPatient, LimitFrame
from app.instant import Instant
from app.known import last_rows
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine

TO_DO = {"todo": "before the start", "blocks": "blocks the start"}


def check_in(engine: Engine, session: Session, now: Instant) -> CheckInFrame | None:
    """The check-in as it stands; None without a patient and after the end."""
    if session.patient is None or session.finished:
        return None
    here = local(now, engine.zone)
    lines = states(session, engine.catalog, here)
    said = said_of(session)
    count, words = summed_up(lines)
    protocol = engine.catalog.protocols.get(session.order.protocol_id) if session.order else None
    baseline_line = next(line for line in engine.catalog.check_in.lines.values() if line.sets)
    sets = counted(resting_sets(session), engine.catalog.baseline)
    following = next_set_at(session, engine.catalog, now)
    return CheckInFrame(
        lines=tuple(line_frame(engine, session, state, said.get(state.line), now) for state in lines),
        count=count,
        words=words or "Nothing stands against the start.",
        fasting=fasting_words(protocol, engine.catalog.check_in),
        resting=resting_now(engine, baseline_line, now),
        sets="; ".join(f"set {n}: {short_set(dict(one.values))}" for n, one in enumerate(sets, 1)),
        next_set=f"{local(following, engine.zone):%H:%M:%S}" if following is not None else "",
        lacks=tuple(missing_scores(session, baseline_line)),
        frozen=session.infusion.started is not None,
    )


def line_frame(
    engine: Engine, session: Session, state: LineState, entry: Entry | None, now: Instant
) -> CheckLineFrame:
    """A line with its words, its answers, and who gave them."""
    body = entry.body if entry is not None and isinstance(entry.body, CheckInLine) else None
    words = state.words
    if state.line == "allergy" and session.patient is not None and state.state == "done":
        words = words.replace("as recorded", _allergy_words(engine, session), 1)
    return CheckLineFrame(
        state.line,
        state.label,
        words,
        _right(engine, session, state, entry, now),
        state.state,
        state.waits,
        dict(body.values) if body is not None else {},
        body.reason if body is not None else "",
    )


def _allergy_words(engine: Engine, session: Session) -> str:
    patient = session.patient
    if patient is None or patient.none_known:
        return "none known"
    known = engine.catalog.allergies
    return ", ".join(known[one].name if one in known else one for one in patient.allergies)


def _right(engine: Engine, session: Session, state: LineState, entry: Entry | None, now: Instant) -> str:
    if state.line == "baseline" and state.state == "todo":
        following = next_set_at(session, engine.catalog, now)
        return f"next {local(following, engine.zone):%H:%M}" if following is not None else TO_DO["todo"]
    if not state.settled:
        return TO_DO[state.state] if state.waits else ""
    if entry is None:
        return ""
    if isinstance(entry.body, CheckInLine) and entry.body.second:
        return f"{local(entry.at, engine.zone):%H:%M}"
    who = engine.clinic.initials(entry.author)
    return f"{who} {local(entry.at, engine.zone):%H:%M}"


def resting_now(engine: Engine, line: Line, now: Instant) -> dict[Vital, float]:
    """The values that are live now and belong to a resting set."""
    values = {}
    for vital in (*line.vitals, *line.more_vitals):
        shown = engine.vitals.shown(vital, now)
        recent = vital in NIBP and shown.at is not None and now.since(shown.at) < _apart_s(engine)
        if shown.value is not None and ((shown.state == "live" and vital not in NIBP) or recent):
            values[vital] = round(shown.value, VITALS[vital].decimals)
    return values


def _apart_s(engine: Engine) -> float:
    """A pressure counts for one set only: it is younger than sets are apart."""
    return engine.catalog.baseline.apart_at_least_min * 60


def limit_frames(engine: Engine, session: Session) -> tuple[LimitFrame, ...]:
    """The limits in force for each vital sign that may be changed."""
    if session.patient is None or session.finished:
        return ()
    changes, baseline = changed_limits(session), frozen_baseline(session, engine.catalog)
    frames = []
    for vital in engine.catalog.check_in.limit_bounds:
        row = engine.catalog.alarm_limits[vital]
        values = {key: value for key in KEYS if (value := getattr(row, key, None)) is not None}
        for limit in engine.catalog.relative_limits:
            if limit.vital is vital and limit.priority in ("medium", "high"):
                values[f"{limit.priority}_{limit.direction}_pct"] = limit.pct
        change = changes.get(vital, {})
        spec = VITALS[vital]
        told = f"baseline {spec.text(baseline[vital])}" if vital in baseline else ""
        frames.append(LimitFrame(vital, spec.label, spec.unit, values | change, tuple(change), told))
    return tuple(frames)


def known_patients(engine: Engine) -> tuple[KnownPatient, ...]:
    """The patients of earlier sessions as they were recorded last."""
    session = engine.session.id if engine.session is not None else ""
    known = []
    for mrn, row in last_rows(engine.rows, session).items():
        told = row.patient_told
        if told is None:
            continue
        day = row.opened.astimezone(engine.zone)
        last = f"{day.day} {day:%b %Y}, {told.weight_kg:g} kg"
        known.append(
            KnownPatient(
                mrn,
                told.name,
                told.birth_date.isoformat(),
                told.sex,
                told.allergies,
                told.none_known,
                told.weight_kg,
                last,
            )
        )
    return tuple(known)
