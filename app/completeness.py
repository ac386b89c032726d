"""The record's fields: each is there, or not there with a reason, or missing; and who may sign it as final."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import msgspec

from app.clinic import Clinic
from app.clinical.tables import Catalog, RecordField
from app.entries import FieldExplained, Sample, SummarySigned
from app.messages import FINAL
from app.record_evidence import EVIDENCE, Facts, State, Verdict, by_line, explained
from app.refusals import Refused
from app.session import Session

WITHOUT_INFUSION = ("identity", "integrity")
"""The groups that are asked for even where the infusion was never started."""

NOT_STARTED = "the infusion was not started"


class FieldState(msgspec.Struct, frozen=True):
    """One field of the record: by what it is there, why it is not, or what is missing."""

    id: str
    label: str
    required: bool
    state: State
    words: str
    line: str = ""
    place: str = ""

    @property
    def settled(self) -> bool:
        """Nothing is left to do: there, explained, or not required."""
        return self.state != "missing" or not self.required


def completeness(
    session: Session, catalog: Catalog, clinic: Clinic, zone: tzinfo, samples: Sequence[Sample]
) -> tuple[FieldState, ...]:
    """Every field of the table, in its order, as the entries and the samples have it."""
    facts = Facts(session, catalog, clinic, zone, samples)
    reasons = field_reasons(session)
    found = []
    for group in catalog.record.groups.values():
        for field in group.fields:
            verdict = _verdict(facts, field, reasons.get(field.id, ""))
            if verdict.state == "missing" and _not_asked(session, group.id):
                verdict = explained(NOT_STARTED)
            found.append(_state(field, verdict))
    return tuple(found)


def _state(field: RecordField, verdict: Verdict) -> FieldState:
    return FieldState(
        field.id, field.label, field.required, verdict.state, verdict.words, field.line, field.place
    )


def _not_asked(session: Session, group: str) -> bool:
    return session.finished and session.infusion.started is None and group not in WITHOUT_INFUSION


def _verdict(facts: Facts, field: RecordField, reason: str) -> Verdict:
    """By the entries that the field follows from, else by its line; a reason counts only where it is missing."""
    evidence = EVIDENCE.get(field.id)
    verdict = by_line(facts, field.line, field.answers) if evidence is None else evidence(facts)
    return explained(reason) if verdict.state == "missing" and reason else verdict


def field_reasons(session: Session) -> dict[str, str]:
    """Why a field was not recorded, by field; the last word on each counts."""
    found: dict[str, str] = {}
    for entry in session.standing(FieldExplained):
        if isinstance(entry.body, FieldExplained):
            found[entry.body.field] = entry.body.reason
    return found


def lacking(states: Sequence[FieldState]) -> tuple[FieldState, ...]:
    """Required fields that are neither there nor explained."""
    return tuple(one for one in states if not one.settled)


def lacking_words(states: Sequence[FieldState]) -> str:
    """What is missing, by the first name and the number of the others; "" where nothing is."""
    labels = [one.label for one in lacking(states)]
    match labels:
        case []:
            return ""
        case [only]:
            return f"{only} is missing."
        case [first, second]:
            return f"{first} and {second} are missing."
        case [first, *others]:
            return f"{first} and {len(others)} more fields are missing."
    raise AssertionError


def is_final(session: Session) -> bool:
    """Whether an anesthetist has signed the summary."""
    return any(
        isinstance(entry.body, SummarySigned) and entry.body.meaning == FINAL for entry in session.signatures
    )


def check_final(states: Sequence[FieldState]) -> None:
    """Refuses the signature that makes a record final while fields are missing."""
    words = bars(states)
    if words:
        raise Refused("record", words)


def bars(states: Sequence[FieldState]) -> str:
    """Why the record cannot be signed as final; "" where it can."""
    words = lacking_words(states)
    return f"{words} Answer under Record, or say there why not." if words else ""
