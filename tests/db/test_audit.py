"""The audit trail from the command line, beside a record that may be open."""

from __future__ import annotations

import io
from datetime import UTC

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.catalog import load
from app.entries import CLINIC, Audited, NoteWritten, PinRefused, SignedIn, StaffAdded
from app.messages import AuditListed
from app.ports import ReadTrail, StorageError
from db import reading
from db.audit import note, run_audit
from db.verify import verify
from tests.db.desk import OPENED, PATIENT, Desk


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A nurse, a session, a wrong PIN."""
    desk.write(StaffAdded("nurse", "Nora Nye", "NN", ("nurse",)), session=CLINIC)
    desk.write(OPENED, PATIENT)
    desk.write(SignedIn("nurse"), PinRefused("nurse", 0.0), session=CLINIC)
    return desk


def audited(desk: Desk) -> list[Audited]:
    with reading.in_folder(desk.folder) as connection:
        return [e.body for e in reading.trail_of(connection) if isinstance(e.body, Audited)]


def printed(desk: Desk, staff: str = "", sort: str = "") -> list[str]:
    out = io.StringIO()
    assert run_audit(desk.folder, load(), UTC, out, staff=staff, sort=sort) == 0
    return out.getvalue().splitlines()


def test_an_export_is_a_line_by_session_and_mrn_and_never_by_name(told: Desk) -> None:
    told.close()
    note(told.folder, "exported", told.now, "boot", session="s1", detail="json")
    (line,) = audited(told)
    assert (line.what, line.session, line.mrn) == ("exported", "s1", "MRN-7")
    assert "Brown" not in "".join(printed(told))
    assert verify(told.folder).good


def test_a_line_is_added_beside_a_chairside_that_writes_and_the_chain_holds(told: Desk) -> None:
    for number in range(20):
        note(told.folder, "exported", told.now, "boot", session="s1", detail=f"{number}")
        told.write(NoteWritten(f"meanwhile {number}"))
    assert not told.failures()
    assert len(audited(told)) == 20
    told.close()
    assert verify(told.folder).good


def test_a_commit_has_the_record_to_itself_so_that_no_line_comes_between(desk: Desk) -> None:
    refused: list[str] = []

    def fault(step: str) -> None:
        if step != "begun" or other is None:
            return
        with other.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            with pytest.raises(DBAPIError, match="locked"):
                connection.exec_driver_sql("BEGIN IMMEDIATE")
        refused.append(step)

    other: Engine | None = None
    desk.open(fault)
    desk.note()
    other = desk.another()
    desk.note()
    other.dispose()
    assert refused == ["begun"]
    assert not desk.failures()


def test_a_session_that_is_not_there_leaves_no_line(told: Desk) -> None:
    with pytest.raises(StorageError, match="no session s9"):
        note(told.folder, "exported", told.now, "boot", session="s9")
    assert not audited(told)


def test_while_the_record_is_held_nothing_is_exported_and_the_sentence_says_why(told: Desk) -> None:
    other = told.another()
    with other.connect() as holding:
        holding.exec_driver_sql("COMMIT")
        holding.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=r"could not be noted.*holds"):
            note(told.folder, "exported", told.now, "boot", session="s1", tries=2)
        holding.exec_driver_sql("ROLLBACK")
    other.dispose()


def test_the_trail_is_printed_newest_first_by_person_and_by_sort(told: Desk) -> None:
    lines = printed(told)
    assert [line[21:] for line in lines] == [
        "NN            A PIN was refused: Nora Nye",
        "NN            Nora Nye came to the chair",
        "NN            Staff: Nora Nye (nurse)",
    ]
    assert len(printed(told, sort="entry")) == 2
    assert len(printed(told, staff="NN", sort="settings")) == 1


def test_initials_that_nobody_has_are_said(told: Desk) -> None:
    err = io.StringIO()
    assert run_audit(told.folder, load(), UTC, io.StringIO(), err, staff="XX") == 2
    assert err.getvalue() == "Nobody has the initials XX; there are NN.\n"


def test_the_store_answers_a_page_of_the_trail(told: Desk) -> None:
    (answer,) = told.put(ReadTrail(0, "nurse", "entry"))
    assert isinstance(answer, AuditListed)
    assert [entry.body for entry in answer.entries] == [PinRefused("nurse", 0.0), SignedIn("nurse")]
    assert not answer.more
