"""The session's log as the screen lists it, newest first, and the newest word as the last line says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.entries import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Amended,
    AnyBody,
    AudioPaused,
    AudioResumed,
    CriterionAccepted,
    Discharged,
    DrugGiven,
    EffectNoted,
    Entry,
    HandedOver,
    LinkNoted,
    OrderSigned,
    PatientIdentified,
    PumpSeen,
    RateOrdered,
    Retracted,
    SamplesSealed,
    ScoreTaken,
    SegmentConfirmed,
    SegmentOpened,
    Supervised,
)
from app.frames import LogLine
from app.session import Session
from app.told import Teller, container, dose, number

if TYPE_CHECKING:
    from app.engine import Engine

UNLISTED = (
    SamplesSealed,
    AlarmCleared,
    AlarmAcknowledged,
    AlarmRaised,
    AudioPaused,
    AudioResumed,
    PumpSeen,
    LinkNoted,
    Retracted,
    Amended,
)
"""Kinds that the list on the chair leaves out; the printed log has them all."""


def teller(engine: Engine, session: Session) -> Teller:
    """The words for this session's entries."""
    return Teller(
        engine.catalog, engine.clinic, engine.zone, {entry.uuid: entry for entry in session.entries}
    )


def log_lines(engine: Engine, session: Session) -> tuple[LogLine, ...]:
    """What was written in this session, newest first."""
    words = teller(engine, session)
    lines = []
    for entry in reversed(session.entries):
        if isinstance(entry.body, UNLISTED) or (
            isinstance(entry.body, SegmentOpened) and entry.body.cause == "start"
        ):
            continue
        lines.append(_line(session, words, entry))
    return tuple(lines)


def _line(session: Session, words: Teller, entry: Entry) -> LogLine:
    amendments = session.amended.get(entry.uuid, [])
    notes = [f"Should read: {e.body.text}" for e in amendments if isinstance(e.body, Amended)]
    struck = entry.uuid in session.retracted
    is_open = isinstance(entry.body, EffectNoted) and not struck and entry.uuid not in session.effect_ends
    return LogLine(
        entry.uuid,
        words.clock(entry.at.utc),
        words.told(entry.body),
        words.who(entry.author),
        struck=struck,
        note="Taken back" if struck else "; ".join(notes),
        open_effect=is_open,
        key=entry.body.effect if isinstance(entry.body, EffectNoted) else "",
    )


def said_text(engine: Engine, entry: Entry) -> str:
    """An entry in the few words of the last line: "metoclopramide 10 mg"."""
    return said_words(engine, entry.body)


def said_words(engine: Engine, body: AnyBody) -> str:
    """The same for what is not written yet."""
    catalog = engine.catalog
    match body:
        case EffectNoted(effect=effect, grade=grade) if effect in catalog.effects:
            return f"{catalog.effects[effect].short} {grade}"
        case DrugGiven(drug=drug) as given if drug in catalog.drugs:
            return f"{catalog.drugs[drug].name} {dose(given)}"
        case ScoreTaken(score=score, total=total) if score in catalog.scores:
            return f"{catalog.scores[score].short} {'not computable' if total is None else total}"
        case CriterionAccepted(criterion=criterion):
            assert engine.session is not None
            return f"{teller(engine, engine.session).criterion(criterion)} accepted"
        case HandedOver(taker=taker):
            return f"handed over to {engine.clinic.initials(taker)}"
        case Supervised(staff=staff):
            return f"{engine.clinic.initials(staff)} supervises"
        case Discharged(signer=signer):
            return f"discharge signed by {engine.clinic.initials(signer)}"
        case OrderSigned(signer=signer):
            return f"Order signed, {engine.clinic.initials(signer)}"
        case RateOrdered(rate_ml_h=rate, signer=signer):
            return f"Rate ordered {number(rate)} mL/h, {engine.clinic.initials(signer)}"
        case PatientIdentified(name=name):
            return f"Patient {name}"
        case SegmentConfirmed(container_ml=ml, concentration_mg_ml=mg_ml):
            return f"In the pump: {container(ml, mg_ml)}"
        case _:
            assert engine.session is not None
            return _first_words(teller(engine, engine.session).told(body))


LONGEST_SAID = 44
SHORTEST_SAID = 12


def _first_words(text: str) -> str:
    """What fits the last line: whole parts of the sentence, or else whole words."""
    text = text.split(". ")[0]
    if len(text) <= LONGEST_SAID:
        return text
    for mark in (" (", ", ", ": "):
        part = text[:LONGEST_SAID].rpartition(mark)[0]
        if len(part) >= SHORTEST_SAID:
            return part
    return text[:LONGEST_SAID].rsplit(" ", 1)[0]
