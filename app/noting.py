"""What every noted thing shares: the moment that it tells of, the question about a second one, the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.entries import AnyBody, Entry
from app.frames import Answer
from app.instant import Instant
from app.loglines import said_words
from app.messages import Tap
from app.ordering import current
from app.refusals import Refused
from app.session import Session, told_at

if TYPE_CHECKING:
    from app.engine import Engine

FINISHED = "The session is finished: amend it, with a reason."


def note(engine: Engine, tap: Tap, body: AnyBody, back_min: int, sure: bool, author: str) -> Answer:
    """One entry at its moment; asks back where the same was noted less than a minute ago."""
    at = moment(engine, tap, back_min)
    if not sure and _same_lately(engine, current(engine), body):
        return Answer(
            "asked",
            field="again",
            reason=f"{said_words(engine, body)} was noted less than a minute ago. Again, or the same one?",
        )
    return taken(engine.write(body, at, author))


def moment(engine: Engine, tap: Tap, back_min: int) -> Instant:
    """The time that a touch tells of; refused outside the session."""
    session = current(engine)
    if session.finished:
        raise Refused("session", FINISHED)
    if back_min < 0:
        raise Refused("back_min", "A time ahead of now cannot be recorded.")
    if session.opened_at is not None and tap.at.steady - 60.0 * back_min < session.opened_at.steady:
        raise Refused("back_min", "That is before the session began.")
    return tap.at.plus(-60.0 * back_min)


def _same_lately(engine: Engine, session: Session, body: AnyBody) -> bool:
    window_s = engine.catalog.windows.duplicate_s
    return any(
        entry.body == body and engine.now.steady - told_at(entry) <= window_s
        for entry in session.standing(type(body))
    )


def check_grade(engine: Engine, grade: float) -> None:
    """Refuses a grade with which no side effect is noted."""
    grades = [row.grade for row in engine.catalog.noted_grades()]
    if grade not in grades:
        raise Refused("grade", f"The grade is {grades[0]} to {grades[-1]}.")


def check_words(engine: Engine, field: str, text: str, lacking: str) -> None:
    """Refuses a text that is empty, or longer than a note may be."""
    longest = engine.catalog.text_entry.note_longest
    if not text.strip():
        raise Refused(field, lacking)
    if len(text.strip()) > longest:
        raise Refused(field, f"{longest} letters fit.")


def taken(entry: Entry) -> Answer:
    """The answer of an act that was written."""
    return Answer("taken", entry=entry.uuid)
