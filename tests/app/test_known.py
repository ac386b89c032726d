"""Patients of earlier sessions: offered by record number, the newest telling first."""

from __future__ import annotations

from datetime import date

from app.entries import PatientIdentified
from app.known import last_told, last_weight_kg
from app.messages import SessionRow, SessionsListed
from tests.app.chair import START, Chair, patient


def row(session: str, mrn: str, weight_kg: float, days_ago: int) -> SessionRow:
    told = PatientIdentified(mrn, "Rosa Martin", date(1965, 2, 14), "female", weight_kg, ("latex",), False)
    opened = START.plus(-86_400 * days_ago).utc
    return SessionRow(session, opened, "Rosa Martin", mrn, "", "finished", True, told)


ROWS = (row("s2", "00417", 70.0, 7), row("s1", "00417", 74.0, 40), row("s3", "00418", 50.0, 1))


def test_the_newest_session_of_the_same_number_counts() -> None:
    assert last_weight_kg(ROWS, " 00417 ") == 70.0
    told = last_told(ROWS, "00417")
    assert told is not None
    assert told.allergies == ("latex",)


def test_a_new_number_is_nobody_known_and_the_session_itself_does_not_count() -> None:
    assert last_weight_kg(ROWS, "00419") is None
    assert last_weight_kg(ROWS, "00418", "s3") is None


def test_a_weight_far_from_the_last_visits_is_asked_back() -> None:
    chair = Chair().signed_in()
    chair.hear(SessionsListed(START, ROWS))
    answer = chair.tap(patient(weight_kg=95.0))
    assert answer.state == "asked"
    assert "at the last visit it was 70 kg" in answer.reason
    assert chair.tap(patient(weight_kg=95.0, sure=True)).state == "taken"


def test_the_last_visit_is_shown() -> None:
    chair = Chair().signed_in()
    chair.hear(SessionsListed(START, ROWS))
    known = {one.mrn: one for one in chair.snapshot.known}
    assert known["00417"].last == "15 Nov 2026, 70 kg"
