"""Acts on the record's own fields: a line answered late, a field explained, and the signature that makes it final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.checkin import answering, check_in_body, line_can_be_taken, line_of, local
from app.completeness import FieldState, check_final, completeness, is_final
from app.entries import FieldExplained
from app.frames import Answer
from app.messages import FINAL, CheckLine, ExplainField, SignSummary, Tap
from app.noting import FINISHED, check_words, moment, note, taken
from app.ordering import current
from app.refusals import Refused
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine


def states_of(engine: Engine, session: Session) -> tuple[FieldState, ...]:
    """Every field of the record as this chair has it."""
    return completeness(session, engine.catalog, engine.clinic, engine.zone, engine.samples)


def check_signature(engine: Engine, session: Session, act: SignSummary) -> None:
    """Refuses the final signature while a field of the record is neither there nor explained."""
    if act.meaning == FINAL:
        check_final(states_of(engine, session))


def check_line(engine: Engine, tap: Tap, act: CheckLine, author: str) -> Answer:
    """A line is answered: before the end of the session, or late, until the record is final."""
    session, now = current(engine), local(tap.at, engine.zone)
    if not session.finished:
        moment(engine, tap, act.back_min)
    elif is_final(session) or act.back_min:
        raise Refused("session", FINISHED)
    line_can_be_taken(engine, session, act, now)
    body = check_in_body(engine, session, act, now)
    by = answering(engine, line_of(engine.catalog, act.line), act)
    if session.finished:
        return taken(engine.write(body, tap.at, by))
    return note(engine, tap, body, act.back_min, True, by)


def explain(engine: Engine, tap: Tap, act: ExplainField, author: str) -> Answer:
    """A reason in the place of a field that is missing."""
    session = current(engine)
    if is_final(session):
        raise Refused("session", FINISHED)
    field = next((one for one in states_of(engine, session) if one.id == act.field), None)
    if field is None:
        raise Refused("field", f"The record has no field {act.field!r}.")
    if field.state == "present":
        raise Refused("field", f"{field.label} is recorded: {field.words}.")
    check_words(engine, "reason", act.reason, f"{field.label} not recorded: give the reason.")
    return taken(engine.write(FieldExplained(act.field, act.reason.strip()), tap.at, author))
