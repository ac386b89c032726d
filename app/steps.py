"""What the plan and the clock ask for next: a step of the staircase, a new syringe, a check that is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from app.clinical.alarms import Condition
from app.clinical.bedside_rows import TimedCheck
from app.clinical.dosing import shown
from app.clinical.infusion import State
from app.clinical.protocol import PlanSegment
from app.entries import IvChecked
from app.instant import Instant
from app.pumpwatch import SAME_RATE_ML_H
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine

NIBP_CHECK = "nibp"
IV_CHECK = "iv-site"
EMPTY_ML = 0.05


class StepDue(msgspec.Struct, frozen=True):
    """A step of the plan: the rate to enter, the one before it, and in how many seconds; below 0 it is late."""

    rate_ml_h: float
    before_ml_h: float
    in_s: float


def step_due(session: Session, now: Instant, *, ahead_s: float, late_s: float) -> StepDue | None:
    """The step that is announced or due and not yet taken; None where the plan asks for nothing now.

    Another rate that the anesthetist ordered stands in place of the plan's steps.
    """
    plan, infusion = session.plan, session.infusion
    if plan is None or session.rate_order is not None or infusion.state is not State.RUNNING:
        return None
    running_s = infusion.running_s(now)
    for before, part in zip(plan.segments, plan.segments[1:], strict=False):
        in_s = part.start_s - running_s
        if -late_s <= in_s <= 0 and running_s < part.end_s and _is(infusion.rate_ml_h, before):
            return StepDue(part.rate_ml_h, before.rate_ml_h, in_s)
        if 0 < in_s <= ahead_s:
            return StepDue(part.rate_ml_h, before.rate_ml_h, in_s)
    return None


def _is(rate_ml_h: float | None, part: PlanSegment) -> bool:
    return rate_ml_h is not None and abs(rate_ml_h - part.rate_ml_h) < SAME_RATE_ML_H


def step_now(engine: Engine, session: Session, now: Instant) -> StepDue | None:
    """The step of this moment, by the clinic's table."""
    row = engine.catalog.bedside.step_announced
    return step_due(session, now, ahead_s=row.ahead_s, late_s=row.late_s)


def rate_to_confirm(engine: Engine, session: Session, now: Instant) -> float | None:
    """The rate that a nurse must say she set, where no pump is read; None where all agrees."""
    infusion = session.infusion
    if session.rate_order is not None or infusion.state is not State.RUNNING:
        return None
    if not engine.pump.by_word(session) or engine.pump.told_now(now):
        return None
    expected = session.expected_rate_ml_h(now)
    if expected is None or infusion.rate_ml_h is None or session.plan_over(now):
        return None
    return expected if abs(expected - infusion.rate_ml_h) >= SAME_RATE_ML_H else None


# ---------------------------------------------------------------- the syringe


def minutes_left(session: Session) -> float | None:
    """How long the container lasts at the present rate; None where that cannot be said or is not needed."""
    infusion, left = session.infusion, session.infusion.left_ml()
    rate = infusion.rate_ml_h
    if left is None or rate is None or rate <= 0 or infusion.state is not State.RUNNING:
        return None
    return max(0.0, left) / rate * 60


def needs_another(session: Session, now: Instant) -> bool:
    """Whether the plan needs more than the container still holds."""
    left, plan = session.infusion.left_ml(), session.plan
    if left is None or plan is None:
        return False
    return plan.total_ml - plan.ml_at(session.infusion.running_s(now)) > left + EMPTY_ML


def syringe_to_change(session: Session, now: Instant, low_min: float) -> bool:
    """A container that a person keeps, low or empty, held since nobody said what is in the pump."""
    infusion = session.infusion
    left, rate = infusion.left_ml(), session.expected_rate_ml_h(now)
    if infusion.state is not State.PAUSED or not infusion.by_hand or left is None or not rate:
        return False
    return left / rate * 60 <= low_min and needs_another(session, now)


# ---------------------------------------------------------------- checks by the clock


def check_due_s(engine: Engine, session: Session, check: TimedCheck, now: Instant) -> float | None:
    """Seconds until a check is due, below 0 when it is late; None where it is not asked for."""
    started = session.infusion.started
    if session.phase not in check.phases or started is None or check.every_min <= 0:
        return None
    done = [e.at for e in session.standing(IvChecked)] if check.id == IV_CHECK else []
    since_start = [at for at in done if at.steady >= started.steady]
    if since_start:
        return check.every_min * 60 - now.since(since_start[-1])
    return check.first_min * 60 - now.since(started)


# ---------------------------------------------------------------- what is out of order


def step_conditions(engine: Engine, session: Session, now: Instant) -> Iterator[Condition]:
    """A step to take, a syringe that runs low: each for as long as it holds."""
    step = step_now(engine, session, now)
    if step is not None and step.in_s <= 0:
        yield Condition(
            "plan.step",
            "low",
            f"Step due: {shown(step.rate_ml_h)} mL/h",
            f"Enter {shown(step.rate_ml_h)} mL/h at the pump.",
            now.plus(step.in_s),
        )
    yield from _syringe(engine, session, now)


def _syringe(engine: Engine, session: Session, now: Instant) -> Iterator[Condition]:
    session.infusion.given(now)  # counts a hand-kept container up to now
    left, minutes = session.infusion.left_ml(), minutes_left(session)
    low_min = engine.catalog.bedside.syringe_low.minutes_left
    order = session.order
    if minutes is None or left is None or order is None or minutes > low_min:
        return
    if not needs_another(session, now):
        return
    holds = f"{shown(order.container_ml)} mL of {shown(order.concentration_mg_ml, 3)} mg/mL"
    if left <= EMPTY_ML:
        yield Condition(
            "syringe.empty", "medium", "The syringe is empty by volume",
            f"Hold the pump and change it: {holds}.", now,
        )  # fmt: skip
        return
    yield Condition(
        "syringe.low", "low", f"The syringe lasts {low_min:g} min or less",
        f"Draw up the next: {holds}.", now,
    )  # fmt: skip


def check_conditions(
    engine: Engine, session: Session, now: Instant, pressure_due_s: float | None
) -> Iterator[Condition]:
    """One notice for each check that is late."""
    for check in engine.catalog.bedside.check:
        if session.phase not in check.phases:
            continue
        left_s = pressure_due_s if check.id == NIBP_CHECK else check_due_s(engine, session, check, now)
        if left_s is not None and left_s <= -60 * check.notice_after_min:
            yield Condition(f"due.{check.id}", "low", check.what, check.detail, now.plus(left_s))


def bedside_due(engine: Engine, session: Session, now: Instant) -> Iterator[tuple[float, str]]:
    """(seconds, words) of the checks and the step that come next."""
    for check in engine.catalog.bedside.check:
        left_s = check_due_s(engine, session, check, now)
        if left_s is not None:
            yield left_s, check.label
    step = step_now(engine, session, now)
    if step is not None:
        yield step.in_s, f"{shown(step.rate_ml_h)} mL/h"
