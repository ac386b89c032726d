"""What the touches of recovery do: scores, checks, a physician's word, instructions, hand-over, discharge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import people_acts
from app.audit import HANDED_OVER
from app.clinical.discharge import Line, not_done
from app.clinical.rows import Score
from app.clinical.scores import Sum, item_ids, proposals, summed, variant
from app.completeness import is_final
from app.entries import (
    CLINIC,
    CriterionAccepted,
    CriterionChecked,
    Discharged,
    HandedOver,
    InstructionsPrinted,
    ScoreTaken,
    SignedIn,
    Supervised,
)
from app.frames import Answer
from app.messages import (
    AcceptCriterion,
    CheckCriterion,
    HandOver,
    NameSupervisor,
    NoteInstructions,
    SignDischarge,
    TakeScore,
    Tap,
)
from app.noting import check_words
from app.ordering import current
from app.recovery import vitals_now
from app.refusals import Refused
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine

WAYS_OF_LEAVING = ("home", "transferred", "against-advice")
"""Who may sign each stands in app.roles; a patient who leaves against advice does not wait for a physician."""

ReadyAct = AcceptCriterion | HandOver | SignDischarge
"""The acts of this module that a PIN signs."""


def signer(engine: Engine, act: ReadyAct) -> tuple[str, str]:
    """Whose PIN signs this; raises Refused where it cannot be signed."""
    match act:
        case AcceptCriterion():
            can_be_accepted(engine, act)
            return act.signer, act.pin
        case HandOver():
            can_take_over(engine, act)
            return act.taker, act.pin
        case SignDischarge():
            can_be_discharged(engine, act)
            return act.signer, act.pin


# ---------------------------------------------------------------- scores


def score_body(engine: Engine, act: TakeScore, score: Score) -> tuple[ScoreTaken, str]:
    """The score as it is written, and the question that has to be answered first ("" for none)."""
    match score.kind:
        case "sum" | "named-only":
            return _sum_body(engine, act, score)
        case "category":
            if act.code not in {level.code for level in score.levels}:
                raise Refused("score", f"{score.short}: choose a level.")
            return ScoreTaken(score.id, None, code=act.code), ""
        case "level" if act.total not in {level.points for level in score.levels}:
            raise Refused("score", f"{score.short}: choose a level.")
        case _:
            _check_range(score, act.total)
            return ScoreTaken(score.id, act.total), ""


def _check_range(score: Score, total: int | None) -> None:
    if total is None:
        raise Refused("score", f"{score.short}: choose a value.")
    if score.total_range is not None and not score.total_range[0] <= total <= score.total_range[1]:
        raise Refused("score", f"{score.short} is {score.total_range[0]} to {score.total_range[1]}.")


def _sum_body(engine: Engine, act: TakeScore, score: Score) -> tuple[ScoreTaken, str]:
    if not act.items:
        raise Refused("score", f"{score.short}: choose its items.")
    result: Sum = summed(score, act.items)
    if act.total is not None and act.total != result.total:
        raise Refused("score", f"{score.short}: the items say {result.words}.")
    items = {item: act.items[item] for item in item_ids(score) if item in act.items}
    body = ScoreTaken(
        score.id, result.total, items, variant=variant(score), evidence=_evidence(engine, act, score)
    )
    question = "" if result.total is not None else f"{score.short}: {result.words}. Keep it so?"
    return body, question


def _evidence(engine: Engine, act: TakeScore, score: Score) -> dict[str, str]:
    """The vital signs that proposed what was chosen; a back-dated form has none."""
    if act.back_min:
        return {}
    offered = proposals(score, vitals_now(engine, current(engine), engine.now))
    return {
        item: offered[item].evidence
        for item, points in act.items.items()
        if item in offered and offered[item].points == points
    }


# ---------------------------------------------------------------- criteria


def _recovering(engine: Engine) -> Session:
    session = current(engine)
    if session.phase != "recovery":
        raise Refused("session", "Recovery begins with the end of the infusion.")
    if session.discharged is not None:
        raise Refused("session", "The discharge is signed: amend it, with a reason.")
    return session


def _line(engine: Engine, session: Session, criterion: str) -> Line:
    for line in engine.recovery.lines(engine, session, engine.now):
        if line.id == criterion:
            return line
    raise Refused("criterion", f"There is no criterion {criterion!r} for this session.")


def check_body(engine: Engine, act: CheckCriterion) -> CriterionChecked:
    """What a person saw; raises Refused for a criterion that nobody looks at."""
    line = _line(engine, _recovering(engine), act.criterion)
    if line.kind != "check":
        raise Refused("criterion", f"{line.words}: this is measured, not looked at.")
    check_words(engine, "text", act.text, "Say what was seen.")
    return CriterionChecked(act.criterion, act.text.strip(), act.ok)


def can_be_accepted(engine: Engine, act: AcceptCriterion) -> Line:
    """The line that a physician accepts; raises Refused where that makes no sense."""
    line = _line(engine, _recovering(engine), act.criterion)
    if line.kind == "physician":
        raise Refused("criterion", "This is the signature itself.")
    if line.measured == "met":
        raise Refused("criterion", f"{line.words}: it is met.")
    if not act.reason.strip():
        raise Refused("reason", "An acceptance needs a reason.")
    if not line.may_accept and not act.sure:
        raise Refused(
            "sure", f"{line.words}: {line.because}. The clinic’s list does not foresee going without it."
        )
    return line


def accept(engine: Engine, tap: Tap, act: AcceptCriterion, author: str) -> Answer:
    """A physician's word on a line."""
    line = can_be_accepted(engine, act)
    body = CriterionAccepted(act.criterion, act.reason.strip(), act.signer, line.because)
    return Answer("taken", entry=engine.write(body, tap.at, act.signer).uuid)


def instructions(engine: Engine, tap: Tap, act: NoteInstructions, author: str) -> Answer:
    """A copy for the patient left the program, or did not."""
    session = current(engine)
    if session.finished:
        raise Refused("session", "The session is finished.")
    what = people_acts.copy_of(act.outcome)
    people_acts.audit_session(
        engine, what, session, detail=people_acts.copy_words("instructions", act.outcome, act.pages)
    )
    body = InstructionsPrinted(act.target, act.outcome, act.pages)
    return Answer("taken", entry=engine.write(body, tap.at, author).uuid)


# ---------------------------------------------------------------- people


def can_take_over(engine: Engine, act: HandOver) -> Session:
    """The session that is handed over; raises Refused for somebody who cannot take it."""
    session = current(engine)
    if session.finished:
        raise Refused("session", "The session is finished.")
    if act.taker == engine.who:
        raise Refused("taker", "This person has the patient already.")
    return session


def hand_over(engine: Engine, tap: Tap, act: HandOver, author: str) -> Answer:
    """The patient is another person's now, who is here by their PIN."""
    session = can_take_over(engine, act)
    entry = engine.write(HandedOver(engine.who, act.taker), tap.at, act.taker)
    people_acts.audit_session(engine, HANDED_OVER, session, by=act.taker)
    engine.write(SignedIn(act.taker), tap.at, act.taker, CLINIC)
    engine.who = act.taker
    return Answer("taken", entry=entry.uuid)


def supervise(engine: Engine, tap: Tap, act: NameSupervisor, author: str) -> Answer:
    """An anesthetist is named as supervising; late as well, until the record is final."""
    session = current(engine)
    if is_final(session):
        raise Refused("session", "The session is finished.")
    if session.supervisor() == act.staff:
        raise Refused("staff", "This anesthetist supervises already.")
    return Answer("taken", entry=engine.write(Supervised(act.staff), tap.at, author).uuid)


# ---------------------------------------------------------------- leaving


def can_be_discharged(engine: Engine, act: SignDischarge) -> tuple[Line, ...]:
    """The lines of the session that may be left; raises Refused with what bars it."""
    session = _recovering(engine)
    if act.how not in WAYS_OF_LEAVING:
        raise Refused("how", f"{act.how!r} is no way of leaving.")
    found = engine.recovery.lines(engine, session, engine.now)
    if act.how == "home":
        _check_home(act, not_done(found))
    elif not act.reason.strip():
        raise Refused("reason", "Say why the patient leaves so.")
    return found


def _check_home(act: SignDischarge, bars: tuple[Line, ...]) -> None:
    if bars:
        words = "; ".join(line.words for line in bars)
        raise Refused("criteria", f"{not_met_words(len(bars))}: {words}.")
    if not act.departure.strip():
        raise Refused("departure", "Say how the patient leaves.")
    if not act.companion.strip():
        raise Refused("companion", "Say with whom the patient leaves.")


def not_met_words(count: int) -> str:
    """How many lines bar the signature: 3 lines not met yet."""
    return "1 line not met yet" if count == 1 else f"{count} lines not met yet"


def discharge(engine: Engine, tap: Tap, act: SignDischarge, author: str) -> Answer:
    """The signature; what was not met, or accepted, stands in it."""
    found = can_be_discharged(engine, act)
    open_lines = tuple(line.id for line in found if line.state != "met" and line.kind != "physician")
    body = Discharged(
        act.signer, act.departure.strip(), act.companion.strip(), act.how, act.reason.strip(), open_lines
    )
    return Answer("taken", entry=engine.write(body, tap.at, act.signer).uuid)
