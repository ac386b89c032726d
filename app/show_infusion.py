"""The infusion in words: the card, the sheet of an act at the pump, the three lights of an ordered rate."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from app.charting import plan_spans, rate_spans
from app.checkin import local, states
from app.clinical.checkin import summed_up
from app.clinical.dosing import mg_h_of_flow, rate_in, shown
from app.clinical.infusion import Given, State
from app.entries import SegmentConfirmed
from app.frames import InfusionCard, Limb, PumpSheet, Question, RateLights, RateSpan
from app.instant import Instant
from app.messages import LinkState
from app.readings import PumpMode
from app.session import Session
from app.steps import rate_to_confirm, step_now, syringe_to_change

if TYPE_CHECKING:
    from app.engine import Engine


class Rate:
    """The rate that is shown: its value, how fresh it is, and where it comes from."""

    def __init__(self, engine: Engine, session: Session, now: Instant) -> None:
        self.value: float | None = None
        self.state: Literal["live", "stale", "missing"] = "missing"
        self.age = ""
        self.source = ""
        infusion = session.infusion
        if infusion.unknown_since is not None:
            self.source = "unknown"
            self.age = f"since {clock(engine, infusion.unknown_since)}"
        elif infusion.started is not None and infusion.by_hand:
            self.value, self.state, self.source = infusion.rate_ml_h, "live", "by hand"
        elif engine.pump.by_word(session) and infusion.read_at is not None:
            self.value, self.state, self.source = infusion.rate_ml_h, "stale", "by hand"
            self.age = clock(engine, infusion.read_at)[:5]
        else:
            self._pump(engine, now)

    def _pump(self, engine: Engine, now: Instant) -> None:
        pump = engine.pump
        if pump.frame is None or pump.at is None:
            self.source = "no pump read"
            return
        age_s = now.since(pump.at)
        self.source, self.age = "pump", f"{age_s:.0f} s"
        if pump.frame.mode is PumpMode.UNKNOWN:
            return
        if pump.heard_now(now):
            self.value, self.state = pump.frame.rate_ml_h, "live"
        else:
            self.age = f"since {clock(engine, pump.at)}"


def card(engine: Engine, session: Session, now: Instant) -> InfusionCard | None:
    """The infusion card; None before there is an order."""
    order, plan = session.order, session.plan
    if order is None or plan is None:
        return None
    rate = Rate(engine, session, now)
    given = session.infusion.given(now)
    drug = engine.catalog.drugs[order.drug]
    mg_h, mg_kg_h = _rates(session, rate.value)
    syringe, syringe_time = _syringe(session, rate.value)
    return InfusionCard(
        drug=drug.name,
        label_class=drug.label_class,
        concentration=f"{_concentration(session)} mg/mL",
        rate="--" if rate.value is None else shown(rate.value),
        rate_state=rate.state,
        age=rate.age,
        source=rate.source,
        mg_h=mg_h,
        mg_kg_h=mg_kg_h,
        given=_given_text(given),
        planned=f"{shown(plan.total_mg, 1)} mg",
        volume="--" if given.ml is None else f"{given.ml:.1f} mL",
        ends=_ends(engine, session, now),
        late=_late(session, now),
        syringe=syringe,
        syringe_time=syringe_time,
        progress=_from_start(engine, session, now, rate_spans(session, engine.trends, now)),
        plan=_from_start(engine, session, now, plan_spans(session, engine.trends, now)),
        elapsed_s=session.infusion.running_s(now),
        warning=_warning(engine, session, given, now),
        buttons=_buttons(engine, session),
    )


def _from_start(
    engine: Engine, session: Session, now: Instant, spans: tuple[RateSpan, ...]
) -> tuple[RateSpan, ...]:
    """The spans in seconds since the start of the infusion."""
    start_s = engine.trends.second(session.infusion.started or now)
    return tuple(RateSpan(s.start_s - start_s, s.end_s - start_s, s.rate_ml_h) for s in spans)


def _rates(session: Session, rate_ml_h: float | None) -> tuple[str, str]:
    order = session.order
    last = session.infusion.segments[-1] if session.infusion.segments else None
    if rate_ml_h is None or order is None:
        return "--", "--"
    concentration = last.concentration_mg_ml if last is not None else order.concentration_mg_ml
    if concentration is None:
        return "--", "--"
    mg_h = mg_h_of_flow(rate_ml_h, concentration)
    return f"{shown(mg_h, 1)} mg/h", f"{shown(rate_in(mg_h, 'mg/kg/h', order.dose_weight_kg), 2)} mg/kg/h"


def _concentration(session: Session) -> str:
    order = session.order
    last = session.infusion.segments[-1] if session.infusion.segments else None
    if last is not None and last.concentration_mg_ml is None:
        return "?"
    value = last.concentration_mg_ml if last is not None else (order.concentration_mg_ml if order else None)
    return "?" if value is None else shown(value, 3)


def _given_text(given: Given) -> str:
    return "--" if given.mg is None else f"{given.mg:.1f}"


def _ends(engine: Engine, session: Session, now: Instant) -> str:
    infusion, plan = session.infusion, session.plan
    assert plan is not None
    if infusion.ended is not None:
        return f"Ended {clock(engine, infusion.ended)[:5]}"
    if infusion.started is None:
        return f"Planned {_minutes(plan.end_s)}"
    if infusion.unknown_since is not None:
        return "End not known"
    left_s = plan.end_s - infusion.running_s(now)
    if left_s <= 0:
        return "Planned time over"
    end = now.utc.astimezone(engine.zone) + timedelta(seconds=left_s)
    return f"Ends {end:%H:%M}" if infusion.state is State.RUNNING else "Held"


def _late(session: Session, now: Instant) -> str:
    infusion, plan = session.infusion, session.plan
    assert plan is not None
    if infusion.started is None or infusion.unknown_since is not None:
        return ""
    minutes = round(infusion.paused_s(now) / 60)
    over = round((infusion.running_s(now) - plan.end_s) / 60)
    if over > 0:
        return f"{over} min over"
    if infusion.ended is not None and over < 0:
        return f"{-over} min early"
    return f"{minutes} min late" if minutes > 0 else "on time"


def _syringe(session: Session, rate_ml_h: float | None) -> tuple[str, str]:
    left = session.infusion.left_ml()
    if left is None:
        order = session.order
        if session.infusion.started is None and order is not None:
            return f"Syringe {shown(order.container_ml, 1)} mL", ""
        return "Syringe --", ""
    if rate_ml_h is None or rate_ml_h <= 0:
        return f"Syringe {left:.1f} mL", ""
    return f"Syringe {left:.1f} mL", hours(max(0.0, left) / rate_ml_h * 3600)


def _warning(engine: Engine, session: Session, given: Given, now: Instant) -> str:
    if session.infusion.unknown_since is not None:
        return f"Unknown since {clock(engine, session.infusion.unknown_since)}"
    if given.why:
        return given.why[0].upper() + given.why[1:]
    infusion = session.infusion
    step = step_now(engine, session, now)
    if step is not None:
        when = "now" if step.in_s <= 0 else f"in {int(step.in_s)} s"
        return f"Enter {shown(step.rate_ml_h)} mL/h at the pump {when}"
    if infusion.started is not None and infusion.ended is None and engine.pump.by_word(session):
        return _by_word(engine, session)
    differs = engine.pump.differs_since
    expected = session.expected_rate_ml_h(now)
    if differs is not None and expected is not None:
        return f"Ordered {shown(expected)} since {clock(engine, differs)[:5]}"
    return ""


def _by_word(engine: Engine, session: Session) -> str:
    """What to know while a person's word counts: first an ordered rate that nobody confirmed."""
    order, pump = session.rate_order, engine.pump
    if order is not None and not order.set_at_pump and session.phase == "infusing":
        return f"Ordered {shown(order.body.rate_ml_h)}, not confirmed: Change rate."
    if session.infusion.by_hand or pump.at is None:
        return "No pump is read: the nurse's entries count."
    return f"Not read since {clock(engine, pump.at)[:5]}: given at least this."


def _buttons(engine: Engine, session: Session) -> tuple[Limb, ...]:
    phase, pump = session.phase, engine.pump
    over = session.plan_over(engine.now)
    waits = pump.ask.what if pump.ask is not None else ""
    if phase == "ready":
        lines = states(session, engine.catalog, local(engine.now, engine.zone))
        if any(line.waits for line in lines):
            return (
                Limb("start", "Start", False, "check-in", main=True),
                Limb("order", "Order", True),
                Limb("check_in", f"Check-in: {summed_up(lines)[0].rstrip('.')}", True, main=True),
            )
        return (
            Limb("start", "Start", True, main=True),
            Limb("order", "Order", True),
            Limb("change_rate", "Change rate", True),
        )
    if phase == "infusing":
        return (
            Limb("pause", "Pause", True, main=waits == "pause"),
            Limb("end", "End", True, main=over),
            Limb("change_rate", "Change rate", True),
        )
    if phase == "paused":
        return (
            Limb("resume", "Resume", True, main=not over),
            Limb("end", "End", True, main=over),
            Limb("change_rate", "Change rate", True),
        )
    return ()


# ---------------------------------------------------------------- the sheet of an act at the pump

KEYS = {
    "start": ("Start the infusion", "At the pump: enter {rate} mL/h, check the syringe, press START."),
    "pause": ("Pause the infusion", "At the pump: press HOLD."),
    "resume": ("Resume the infusion", "At the pump: check {rate} mL/h, press START."),
    "end": ("End the infusion", "At the pump: press HOLD. The infusion is then over."),
}
HAND = {
    "start": "It runs: started by hand at {rate} mL/h",
    "pause": "It is held: paused by hand",
    "resume": "It runs again at {rate} mL/h",
    "end": "It is held: the infusion is over",
}


def pump_sheet(engine: Engine, session: Session, now: Instant) -> PumpSheet | None:
    """What was asked of the pump and what it shows; None when nothing is asked."""
    pump = engine.pump
    if pump.ask is None:
        return None
    what = pump.ask.what
    expected = session.expected_rate_ml_h(now)
    rate = "--" if expected is None else shown(expected)
    title, keys = KEYS[what]
    connected = engine.clinic.connected("pump")
    heard = pump.told_now(now)
    state: Literal["waiting", "seen", "uncertain", "no-pump"] = "waiting"
    if not connected:
        state = "no-pump"
    elif not heard:
        state = "uncertain"
    return PumpSheet(
        what=what,
        title=title,
        instruction=keys.format(rate=rate),
        requested=f"{rate} mL/h" if what in ("start", "resume") else "hold",
        measured=_measured(engine, now, connected=connected),
        state=state,
        since=clock(engine, pump.ask.since),
        can_confirm_by_hand=not heard,
        hand_label=HAND[what].format(rate=rate),
    )


def _measured(engine: Engine, now: Instant, *, connected: bool) -> str:
    pump = engine.pump
    if not connected:
        return "No pump is connected: your word counts."
    if not pump.heard_now(now) or pump.frame is None:
        since = f" since {clock(engine, pump.at)}" if pump.at is not None else ""
        return f"Uncertain: the pump was not read{since}."
    frame = pump.frame
    alarm = f", alarm {frame.alarm}" if frame.alarm is not None else ""
    if frame.mode is PumpMode.HELD:
        return f"on hold{alarm}"
    rate = "?" if frame.rate_ml_h is None else shown(frame.rate_ml_h)
    return f"{'runs at' if frame.mode is PumpMode.RUNNING else 'state not known,'} {rate} mL/h{alarm}"


def lights(engine: Engine, session: Session, now: Instant) -> RateLights | None:
    """How far the last ordered rate got; None when there is none."""
    order = session.rate_order
    if order is None or session.phase not in ("ready", "infusing", "paused"):
        return None
    rate = shown(order.body.rate_ml_h)
    pump = engine.pump
    if order.measured:
        words = f"{rate} mL/h measured at the pump"
    elif pump.by_word(session) and order.set_at_pump and not pump.told_now(now):
        words = f"{rate} mL/h set, by hand. Not measured: no pump is read"
    elif pump.by_word(session) or not engine.clinic.connected("pump"):
        words = "No pump is read: confirm the rate by hand"
    elif not pump.told_now(now):
        words = "Uncertain: the pump is not read"
    else:
        words = f"Waiting to see {rate} mL/h"
    word_counts = pump.by_word(session) and not pump.told_now(now)
    enter = "" if order.measured or (word_counts and order.set_at_pump) else f"Enter {rate} mL/h at the pump"
    by_hand = session.phase == "infusing" and word_counts and not order.set_at_pump
    return RateLights(
        True, order.set_at_pump, order.measured, words, enter, order.body.rate_ml_h if by_hand else None
    )


def question(engine: Engine, session: Session, now: Instant) -> Question | None:
    """What the engine has to ask before it can say what was given."""
    infusion, order = session.infusion, session.order
    if order is None or session.phase in ("finished", "ready", "check-in"):
        return None
    asked = infusion.asked_about
    if asked is not None:
        is_now = asked is infusion.segments[-1]
        return Question(
            "syringe",
            "What is in the syringe now?" if is_now else "What was in the syringe then?",
            f"{asked.cause[0].upper()}{asked.cause[1:]} at {clock(engine, asked.opened)}.",
            order.container_ml,
            order.concentration_mg_ml,
        )
    low_min = engine.catalog.bedside.syringe_low.minutes_left
    if syringe_to_change(session, now, low_min) and not _said_since_pause(session):
        return Question(
            "syringe",
            "What is in the syringe now?",
            "The syringe is low, and the plan needs another.",
            order.container_ml,
            order.concentration_mg_ml,
        )
    rate = rate_to_confirm(engine, session, now)
    if rate is not None:
        return Question(
            "rate", f"Enter {shown(rate)} mL/h at the pump", "Say when it runs at this rate.", rate_ml_h=rate
        )
    if infusion.unknown_since is not None and not engine.pump.told_now(now):
        why = engine.pump.why_unknown(now).rstrip(".")
        return Question(
            "pump-unknown",
            f"Infusion unknown since {clock(engine, infusion.unknown_since)}",
            f"{why[:1].upper()}{why[1:]}. Read the pump or confirm what it does.",
        )
    return None


def _said_since_pause(session: Session) -> bool:
    """Whether a person has named the container since the infusion was held."""
    pauses = session.infusion.pauses
    said = session.standing(SegmentConfirmed)
    return bool(pauses and said) and said[-1].at.steady >= pauses[-1][0].steady


def link_state(engine: Engine, device: str) -> LinkState | None:
    """What a device's port does; None while nothing was heard of it."""
    link = engine.links.get(device)
    return link.state if link is not None else None


def clock(engine: Engine, at: Instant) -> str:
    """Local wall time with seconds."""
    return f"{at.utc.astimezone(engine.zone):%H:%M:%S}"


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else hours(seconds)


def hours(seconds: float) -> str:
    """Whole minutes, from an hour on as 1 h 54."""
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes >= 60 else f"{minutes} min"
