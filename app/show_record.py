"""The record as the screens show it: its own lines, and the fields that are missing or were explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.checkin import local, said_of, states
from app.completeness import FieldState, bars, field_reasons, is_final, lacking, lacking_words
from app.frames import FieldRow, RecordFrame
from app.instant import Instant
from app.record_acts import states_of
from app.session import Session
from app.show_checkin import line_frame

if TYPE_CHECKING:
    from app.engine import Engine


LATER = "What else is missing is listed after the infusion."


def record_frame(engine: Engine, session: Session, now: Instant) -> RecordFrame | None:
    """What the record has and lacks; None without a patient."""
    if session.patient is None:
        return None
    table, said = engine.catalog.check_in, said_of(session)
    answerable = {name: line for name, line in table.lines.items() if not line.sets}
    asked = states(session, engine.catalog, local(now, engine.zone), {**table.record_lines, **answerable})
    fields = states_of(engine, session)
    over = session.phase in ("recovery", "finished")
    needed = [one for one in fields if one.required]
    settled = sum(1 for one in needed if one.settled)
    unanswered = {one.line for one in asked if one.line in table.record_lines and one.state == "todo"}
    return RecordFrame(
        lines=tuple(line_frame(engine, session, one, said.get(one.line), now) for one in asked),
        fields=tuple(_rows(fields, field_reasons(session), unanswered)) if over else (),
        count=f"{settled} of {len(needed)} fields.",
        words=(lacking_words(fields) or "Nothing is missing.") if over else LATER,
        lacks=len(lacking(fields)),
        bars=bars(fields),
        final=is_final(session),
    )


def _rows(fields: tuple[FieldState, ...], reasons: dict[str, str], unanswered: set[str]) -> list[FieldRow]:
    """What is missing first, then what was explained; a line that nobody answered stands for its fields."""
    lacks = [one for one in lacking(fields) if one.line not in unanswered]
    told = [one for one in fields if one.state == "explained" and one.id in reasons]
    return [
        FieldRow(one.id, one.label, one.words, one.state == "missing", one.line, one.place)
        for one in (*lacks, *told)
    ]
