from __future__ import annotations

from datetime import UTC, date, datetime

from app.entries import PatientIdentified
from app.messages import SessionRow
from app.today import due_words, group_of, in_order, visits

TODAY = date(2026, 11, 22)


def row(name: str, day: int, state: str = "finished", **changes: object) -> SessionRow:
    opened = datetime(2026, 11, day, 9, tzinfo=UTC)
    told = PatientIdentified(
        str(changes.pop("mrn", "00417")),
        "Rosa Martin",
        date(1965, 2, 14),
        "female",
        70.0,
        (),
        none_known=True,
    )
    return SessionRow(
        name,
        opened,
        "Rosa Martin",
        told.mrn,
        "",
        state,
        state == "finished",
        told,
        **changes,  # type: ignore[arg-type]
    )


def test_what_runs_stands_before_what_is_unfinished_and_done() -> None:
    rows = [row("a", 20), row("b", 22), row("c", 22, "check-in"), row("d", 22, "infusing")]
    assert [one.session for one in in_order(rows, TODAY, UTC)] == ["d", "c", "b", "a"]


def test_a_session_over_midnight_is_done_on_the_day_on_which_it_ended() -> None:
    over = row("a", 21, finished_at=datetime(2026, 11, 22, 0, 30, tzinfo=UTC))
    assert group_of(over, TODAY, UTC) == "Done"
    assert group_of(row("b", 21), TODAY, UTC) == "Earlier"


def test_a_patient_is_expected_on_the_day_of_the_visit_and_stays_until_a_session_begins() -> None:
    planned = row("a", 15, next_visit=date(2026, 11, 22))
    assert [one.when for one in visits([planned], TODAY, UTC)] == ["due today"]
    assert not visits([planned], date(2026, 11, 21), UTC)
    assert visits([planned], date(2026, 11, 25), UTC)[0].when == "3 days overdue"
    assert not visits([row("b", 22, "check-in"), planned], TODAY, UTC)


def test_the_longest_overdue_stands_first() -> None:
    one = row("a", 10, mrn="1", next_visit=date(2026, 11, 20))
    other = row("b", 12, mrn="2", next_visit=date(2026, 11, 18))
    assert [visit.mrn for visit in visits([one, other], TODAY, UTC)] == ["2", "1"]


def test_one_day_is_one_day() -> None:
    assert due_words(date(2026, 11, 21), TODAY) == "1 day overdue"
