"""The session that is reviewed: read beside what is under way, and what may be written into it all the same.

A review never becomes the session on the screen: nothing of the chair can reach it. Only an amendment and what
was forgotten are written there, each signed by a PIN and named with its session.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.amending import amended_text, can_be_amended, moment_of
from app.audit import REVIEW
from app.clinical.drugs import check_given
from app.entries import (
    Amended,
    AnyBody,
    DrugGiven,
    EffectNoted,
    Entry,
    NextVisitPlanned,
    NoteWritten,
    Sample,
    SessionFinished,
)
from app.frames import Answer
from app.instant import Instant
from app.loglines import teller
from app.messages import AddLate, Amend, GiveDrug, LeaveReview, PlanNextVisit, ReviewSession, Tap
from app.noting import check_grade, check_words
from app.people_acts import audit, mrn_of
from app.ports import Load, Loaded
from app.refusals import Refused
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine


class Review:
    """What is reviewed. Not yet there while the store reads it; `why` says why it could not be read."""

    def __init__(self, session: str) -> None:
        self.id = session
        self.why = ""
        self.session: Session | None = None
        self.samples: Sequence[Sample] = ()
        self.last_said: Entry | None = None

    def take(self, loaded: Loaded, boot: str, now: Instant) -> None:
        """The record as it is on disk."""
        self.why = ""
        self.session = Session.fold(loaded.session, loaded.entries, loaded.samples, boot, now)
        self.samples = loaded.samples


def reviewed(engine: Engine) -> tuple[Session, Sequence[Sample]] | None:
    """The session of the review with its samples: the chair's own, or one that was read; None while it is not."""
    review = engine.review
    if review is None:
        return None
    if engine.session is not None and engine.session.id == review.id:
        return engine.session, engine.samples
    return (review.session, review.samples) if review.session is not None else None


def end_of(engine: Engine, session: Session) -> Instant:
    """When the session was finished; now while it is not."""
    finished = session.standing(SessionFinished)
    return finished[-1].at if finished else engine.now


def record_of(engine: Engine, session: str) -> Session:
    """The session that an amendment is meant for; refused where it is no more the one that is looked at."""
    if engine.session is not None and session in ("", engine.session.id):
        return engine.session
    found = reviewed(engine)
    if found is None or found[0].id != session:
        raise Refused("session", "That session is not on the screen any more.")
    return found[0]


# ---------------------------------------------------------------- open and leave


def open_review(engine: Engine, _tap: Tap, act: ReviewSession, _author: str) -> Answer:
    """The chair's own session at once; another one as soon as the store has read it."""
    audit(engine, REVIEW, session=act.session, mrn=mrn_of(engine, act.session))
    engine.review = Review(act.session)
    if engine.session is None or engine.session.id != act.session:
        engine.flush()
        engine.reviews_asked.append(act.session)
        engine.store.put(Load(act.session))
    return Answer("taken")


def leave_review(engine: Engine, _tap: Tap, _act: LeaveReview, _author: str) -> Answer:
    """Back to what is under way."""
    engine.review = None
    engine.list_sessions()
    return Answer("taken")


# ---------------------------------------------------------------- what may be written


def signer(engine: Engine, act: Amend | AddLate) -> tuple[str, str]:
    """Who signs, after everything else was looked at; raises Refused."""
    if isinstance(act, Amend):
        amendment(engine, act)
    else:
        addition(engine, act)
    return act.signer, act.pin


def amend(engine: Engine, tap: Tap, act: Amend, author: str) -> Answer:
    """The amendment beside its entry."""
    session = record_of(engine, act.session)
    return _written(engine, session, amendment(engine, act), tap.at, author)


def add_late(engine: Engine, _tap: Tap, act: AddLate, author: str) -> Answer:
    """What was forgotten, at its own time."""
    session = record_of(engine, act.session)
    body, back_s = addition(engine, act)
    return _written(engine, session, body, engine.now.plus(-back_s), author)


def _written(engine: Engine, session: Session, body: AnyBody, at: Instant, author: str) -> Answer:
    entry = engine.write(body, at, author, session.id)
    if engine.review is not None and engine.review.id == session.id:
        engine.review.last_said = entry
    return Answer("taken", entry=entry.uuid)


def amendment(engine: Engine, act: Amend) -> Amended:
    """The entry that this amendment makes; raises Refused."""
    session = record_of(engine, act.session)
    entry = session.entry(act.entry)
    if entry is None:
        raise Refused("amend", "That line is not in this session.")
    if not can_be_amended(entry, session):
        raise Refused("amend", "That line cannot be amended.")
    text = act.text.strip()
    if act.values:
        text = amended_text(entry, act.values, session, teller(engine, session), end_of(engine, session))
    check_words(engine, "reason", act.reason, "An amendment needs a reason.")
    check_words(engine, "text", text, "Say what it should read.")
    return Amended(act.entry, text, act.reason.strip(), act.values)


def addition(engine: Engine, act: AddLate) -> tuple[AnyBody, float]:
    """The entry that was forgotten, and how many seconds ago it happened; raises Refused."""
    session = record_of(engine, act.session)
    at = moment_of(act.at, session, engine.zone, end_of(engine, session))
    back_s = (engine.now.utc - at).total_seconds()
    return _forgotten(engine, session, act, back_s), back_s


def _forgotten(engine: Engine, session: Session, act: AddLate, back_s: float) -> AnyBody:
    match act.what:
        case "effect":
            if act.of not in engine.catalog.effects:
                raise Refused("effect", f"There is no side effect {act.of!r} in the table.")
            check_grade(engine, act.amount)
            return EffectNoted(act.of, round(act.amount))
        case "drug":
            return _forgotten_drug(engine, session, act, back_s)
        case "note":
            check_words(engine, "note", act.of, "The note is empty.")
            return NoteWritten(act.of.strip())
        case _:
            raise Refused("what", "A side effect, a drug or a note is added.")


def _forgotten_drug(engine: Engine, session: Session, act: AddLate, back_s: float) -> DrugGiven:
    """A dose that was given is written down; who is here and who signs are the two that a limit asks for."""
    drug = engine.catalog.drugs.get(act.of)
    if drug is None:
        raise Refused("drug", f"There is no drug {act.of!r} in the table.")
    check_words(engine, "reason", act.reason, "Say why it is written later.")
    clinic, signs = engine.clinic, act.signer
    second = engine.who if engine.who != signs else ""
    route = act.route or drug.routes[0]
    given = GiveDrug(act.of, act.amount, drug.unit, route, "", 0, act.reason, second)
    named = (signs, clinic.name_of(signs), clinic.initials(signs))
    at = engine.now.plus(-back_s)
    try:
        check_given(engine.catalog, session, given, at, author=named, zone=engine.zone)
    except Refused as refused:
        if refused.field != "second":
            raise
        why = refused.reason.replace(" Name the second person.", "")
        raise Refused("signer", f"{why} Two people stand for it: another than who is here signs.") from None
    return DrugGiven(act.of, act.amount, drug.unit, route, "", act.reason.strip(), second)


# ---------------------------------------------------------------- the next visit


def plan_next_visit(engine: Engine, tap: Tap, act: PlanNextVisit, author: str) -> Answer:
    """When the patient of the session on the screen comes again, or that nothing is planned."""
    session = engine.session
    if session is None or session.patient is None:
        raise Refused("session", "There is no patient on the screen.")
    if act.due is not None:
        today = engine.now.utc.astimezone(engine.zone).date()
        furthest = engine.catalog.next_visit.furthest_days
        if not today < act.due <= today + timedelta(days=furthest):
            raise Refused("due", f"A next visit is tomorrow at the earliest and within {furthest} days.")
    said = session.next_visit()
    if said is not None and said.due == act.due:
        return Answer("taken")
    return Answer("taken", entry=engine.write(NextVisitPlanned(act.due), tap.at, author).uuid)


REVIEW_ACTS: dict[type, Any] = {
    Amend: amend,
    AddLate: add_late,
    PlanNextVisit: plan_next_visit,
    ReviewSession: open_review,
    LeaveReview: leave_review,
}
"""What each of these touches does."""
