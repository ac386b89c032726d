"""What is out of order now: limits crossed, values that fail to come, the pump against the order, the disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.checkin import changed_limits, frozen_baseline
from app.clinical.alarms import Cleared, Condition, Eased, Escalated, Raised
from app.clinical.vitals import NIBP, VITALS, Vital
from app.entries import AlarmCleared, AlarmRaised, AnyBody
from app.instant import Instant
from app.messages import LinkState
from app.session import Session
from app.show_tiles import pressure_due_s
from app.steps import check_conditions, step_conditions, step_now
from app.unsaved import not_saved

if TYPE_CHECKING:
    from app.engine import Engine

WATCHED_PHASES = ("infusing", "paused", "recovery")
CONTINUOUS = (Vital.HEART_RATE, Vital.SPO2, Vital.RESP_RATE, Vital.ETCO2)

ALARM_WORDS = {
    "AL_OCCLU": ("Pump: occlusion", "Check the line and the IV, then start at the pump."),
    "AL_SYRCO": ("Pump: syringe not confirmed", "Confirm the syringe at the pump."),
    "AL_DRDIS": ("Pump: drive disengaged", "Check the syringe in the pump."),
    "AL_EOIST": ("Pump: syringe empty, stopped", "Change the syringe or end the infusion."),
    "AL_EOIKV": ("Pump: end of infusion, keep-vein-open rate", "Change the syringe or end the infusion."),
    "AL_NEOIN": ("Pump: syringe nearly empty", "Prepare the next syringe."),
    "AL_VTBIS": ("Pump: set volume given, stopped", "End the infusion or set the pump."),
    "AL_VTBIK": ("Pump: set volume given, keep-vein-open rate", "End the infusion or set the pump."),
    "AL_VTBIC": ("Pump: set volume given, runs on", "End the infusion or set the pump."),
    "AL_LWBAT": ("Pump: battery low", "Connect the pump to the mains."),
    "AL_EMBAT": ("Pump: battery empty", "Connect the pump to the mains now."),
    "AL_ACDIS": ("Pump: mains lost", "Connect the pump to the mains."),
    "AL_CALLB": ("Pump: nobody touched it", "Press a key at the pump."),
    "alarm": ("Pump: alarm", "Look at the pump's display."),
    "AL_COMTO": ("Pump: communication lost", "Check the pump's cable."),
    "AL_FAULT": ("Pump: internal fault", "Take the pump out of use. Count the syringe."),
}
"""pumps.md, alarm codes: the mnemonics are real, the words ours."""


def alarm_bodies(engine: Engine, now: Instant) -> Iterator[AnyBody]:
    """Step the alarm board; the entries that its turns make."""
    judged = engine.session is not None and engine.session.phase in WATCHED_PHASES
    readings = engine.vitals.live_values(now) if judged else {}
    session = engine.session
    baseline = frozen_baseline(session, engine.catalog) if session is not None else {}
    limits = changed_limits(session) if session is not None else {}
    for event in engine.board.step(now, readings, tuple(conditions(engine, now)), baseline, limits):
        match event:
            case Raised(condition=found) | Escalated(condition=found) | Eased(condition=found):
                yield AlarmRaised(found.key, found.priority, found.what, found.detail)
            case Cleared(condition=found):
                yield AlarmCleared(found.key)


def conditions(engine: Engine, now: Instant) -> Iterator[Condition]:
    """Technical conditions of this moment; each stays for as long as it is yielded."""
    yield from _storage(engine)
    yield from _sound(engine)
    session = engine.session
    if session is None or session.phase not in WATCHED_PHASES:
        yield from _backup(engine)
        return
    yield from _links(engine, now)
    if _monitor_heard(engine):
        yield from _sensors(engine, now)
    yield from _pressure(engine, now)
    if session.phase in ("infusing", "paused"):
        yield from _pump(engine, now)
    yield from _pump_words(engine, now)
    yield from step_conditions(engine, session, now)
    stale = engine.vitals.shown(NIBP[0], now).state == "stale"
    yield from check_conditions(engine, session, now, None if stale else pressure_due_s(engine, now))


def _storage(engine: Engine) -> Iterator[Condition]:
    if (state := not_saved(engine)) is not None:
        since, why = state
        yield Condition(
            "storage",
            "medium",
            f"Not saved since {_clock(engine, since)}",
            f"{why} Everything is kept and written when it returns; write the vital signs on paper.",
            since,
        )
    if engine.refused:
        yield Condition(
            "storage.refused",
            "medium",
            f"Refused by the record: {len(engine.refused)}",
            "Write it on paper, then start Chairside again: what is on the screen is not all on disk.",
            next(iter(engine.refused.values())).at,
        )


def _sound(engine: Engine) -> Iterator[Condition]:
    """A sound that was asked for and cannot be heard; what it says is seen, and seen alone."""
    if engine.sounding.state(engine) == "none":
        why, told = engine.sounding.why_none(engine), engine.sounding.told
        since = told.at if told is not None and told.why else engine.now
        yield Condition("sound", "low", "No sound", why or "", since)


def _backup(engine: Engine) -> Iterator[Condition]:
    """A back-up that fails is told between the patients; beside one it can wait."""
    told = engine.backup
    if told is not None and told.why:
        made = (
            "none yet" if told.made is None else f"the last {told.made.astimezone(engine.zone):%d %b %H:%M}"
        )
        yield Condition("backup", "low", f"No back-up: {made}", told.why, told.at)


def _links(engine: Engine, now: Instant) -> Iterator[Condition]:
    for device, label in (("monitor", "Monitor"), ("pump", "Pump")):
        link = engine.links.get(device)
        lost_at = engine.lost_since(device)
        if lost_at is not None and engine.clinic.connected(device):
            yield Condition(
                f"link.{device}",
                "medium",
                f"{label}: no data since {_clock(engine, lost_at)}",
                (link.why if link is not None else "") or "Check the cable.",
                lost_at,
            )


def _monitor_heard(engine: Engine) -> bool:
    link = engine.links.get("monitor")
    return link is not None and link.state is LinkState.LIVE


def _sensors(engine: Engine, now: Instant) -> Iterator[Condition]:
    for vital in CONTINUOUS:
        shown = engine.vitals.shown(vital, now)
        if shown.state != "missing" or shown.since is None or not _ever(engine, vital):
            continue
        if now.since(shown.since) >= engine.catalog.alarm_fatigue.sensor_off_after_s:
            label = VITALS[vital].label
            yield Condition(
                f"missing.{vital.value}",
                "low",
                f"{label} missing",
                f"Since {_clock(engine, shown.since)}: {shown.why}. Check the sensor.",
                shown.since,
                vital,
            )


def _ever(engine: Engine, vital: Vital) -> bool:
    return vital in engine.trends.vitals()


def _pressure(engine: Engine, now: Instant) -> Iterator[Condition]:
    shown = engine.vitals.shown(NIBP[0], now)
    if shown.state == "stale" and shown.age_s is not None and shown.at is not None:
        minutes = int(shown.age_s // 60)
        yield Condition(
            "stale.nibp",
            "low",
            f"NIBP {minutes} min old",
            f"Measured {_clock(engine, shown.at)[:5]}. Measure again.",
            shown.at.plus(engine.vitals.stale_after_s(NIBP[0])),
        )


def _pump(engine: Engine, now: Instant) -> Iterator[Condition]:
    session, pump = engine.session, engine.pump
    assert session is not None
    frame = pump.frame
    expected = session.expected_rate_ml_h(now)
    step = step_now(engine, session, now)
    taking_step = step is not None and step.in_s <= 0
    if (
        pump.differs_since is not None
        and frame is not None
        and frame.rate_ml_h is not None
        and not taking_step
    ):
        above = expected is None or frame.rate_ml_h > expected
        ordered = "no order" if expected is None else f"ordered {expected:g}"
        yield Condition(
            "pump.rate",
            "medium" if above else "low",
            f"Pump {frame.rate_ml_h:g}, {ordered} mL/h",
            f"Since {_clock(engine, pump.differs_since)}. Set the pump, or the anesthetist signs it.",
            pump.differs_since,
        )
    yield from _strength(session)
    if session.plan_over(now) and session.phase == "infusing":
        yield Condition("plan.over", "low", "The planned time is over", "End the infusion at the pump.", now)
    unknown = session.infusion.unknown_since
    if unknown is not None:
        yield Condition(
            "pump.unknown",
            "medium",
            f"Infusion unknown since {_clock(engine, unknown)}",
            "Read the pump, or confirm what it does.",
            unknown,
        )


def _strength(session: Session) -> Iterator[Condition]:
    """Another concentration than ordered: the same flow is another dose."""
    order, segments = session.order, session.infusion.segments
    known = segments[-1].concentration_mg_ml if segments else None
    if order is not None and known is not None and abs(known - order.concentration_mg_ml) > 1e-9:
        yield Condition(
            "pump.strength",
            "medium",
            f"Syringe {known:g} mg/mL, ordered {order.concentration_mg_ml:g} mg/mL",
            "The same flow is another dose: ask the anesthetist for the rate.",
            segments[-1].opened,
        )


def _pump_words(engine: Engine, now: Instant) -> Iterator[Condition]:
    pump, session = engine.pump, engine.session
    assert session is not None
    frame = pump.frame
    if frame is None or pump.at is None or not pump.heard_now(now):
        return
    if frame.alarm is not None:
        what, detail = ALARM_WORDS.get(
            frame.alarm, (f"Pump alarm {frame.alarm}", "Look at the pump's display.")
        )
        yield Condition(f"pump.{frame.alarm}", "medium", what, detail, pump.at)
    if session.phase == "recovery" and frame.mode.value == "running" and (frame.rate_ml_h or 0) > 0:
        yield Condition(
            "pump.runs-on",
            "medium",
            f"Pump runs at {frame.rate_ml_h:g} mL/h after the end",
            "Stop it at the pump.",
            pump.at,
        )


def _clock(engine: Engine, at: Instant) -> str:
    return f"{at.utc.astimezone(engine.zone):%H:%M:%S}"
