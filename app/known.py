"""Patients of earlier sessions, as the list of sessions tells them: offered again, never taken over unseen."""

from __future__ import annotations

from collections.abc import Iterable

from app.entries import PatientIdentified
from app.messages import SessionRow


def last_rows(rows: Iterable[SessionRow], session: str = "") -> dict[str, SessionRow]:
    """The newest session of each record number, other than `session`; by the number without spaces around it."""
    newest: dict[str, SessionRow] = {}
    for row in sorted(rows, key=lambda row: row.opened):
        if row.patient_told is not None and row.session != session:
            newest[row.mrn.strip()] = row
    return newest


def last_told(rows: Iterable[SessionRow], mrn: str, session: str = "") -> PatientIdentified | None:
    """The patient of this record number as recorded last; None for a new one."""
    row = last_rows(rows, session).get(mrn.strip())
    return row.patient_told if row is not None else None


def last_weight_kg(rows: Iterable[SessionRow], mrn: str, session: str = "") -> float | None:
    """What the patient weighed at the last visit; None for a new one."""
    told = last_told(rows, mrn, session)
    return told.weight_kg if told is not None else None
