from __future__ import annotations

import csv
import io
import json

import pytest

from app.clinical.vitals import Vital
from app.entries import CLINIC, Amended, NoteWritten, Retracted, StaffAdded, VitalEntered
from app.ports import Append
from db.export import run_export
from db.sessions import run_sessions
from db.verify import verify
from tests.db.desk import OPENED, PATIENT, Desk


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A session with a named nurse, an entry taken back, one corrected, one that looks like a formula."""
    desk.write(StaffAdded("nurse", "Nora Nye", "NN", ("nurse",)), session=CLINIC)
    desk.write(OPENED, PATIENT)
    (wrong,) = desk.write(NoteWritten("wrong"))
    (right,) = desk.write(NoteWritten("=HYPERLINK(1)"))
    desk.write(Retracted(wrong.uuid), Amended(right.uuid, "=1+1", "a slip"))
    desk.later(5.0)
    desk.write(VitalEntered({Vital.HEART_RATE: 71.0}))
    desk.put(Append((), (desk.sample(1),)))
    return desk


def exported(desk: Desk, format: str, session: str = "s1") -> str:
    out = io.StringIO()
    assert run_export(desk.folder, session, format, out) == 0
    return out.getvalue()


def rows(desk: Desk) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(desk, "csv"), newline="")))


def test_json_holds_every_entry_and_sample_with_readable_names(told: Desk) -> None:
    document = json.loads(exported(told, "json"))
    assert document["chain_head"] == verify(told.folder).head
    assert [entry["number"] for entry in document["entries"]] == list(range(1, 8))
    patient = document["entries"][1]
    assert (patient["kind"], patient["name"], patient["weight_kg"]) == (
        "PatientIdentified",
        "Ada Brown",
        70.0,
    )
    assert patient["author_name"] == "Nora Nye"
    assert patient["at"] == "2026-03-02T12:00:00.000Z"
    assert document["samples"][0]["vitals"] == {"spo2": 97.0}
    assert document["samples"][0]["missing"] == {"etco2": "no module"}


def test_json_marks_what_was_taken_back_or_corrected(told: Desk) -> None:
    entries = json.loads(exported(told, "json"))["entries"]
    assert entries[2]["mark"] == "retracted by entry 5"
    assert entries[3]["mark"] == "amended by entry 6: =1+1"
    assert entries[0]["mark"] is None


def test_csv_has_a_row_for_each_entry_and_each_sample_in_the_order_of_time(told: Desk) -> None:
    found = rows(told)
    assert len(found) == 8
    assert found[-1]["kind"] == "Sample"
    assert [row["time"] for row in found] == sorted(row["time"] for row in found)
    assert found[-1] == found[-1] | {"spo2": "97.0", "rate_ml_h": "35.0", "missing": "etco2: no module"}


def test_csv_leaves_a_missing_value_empty(told: Desk) -> None:
    assert rows(told)[-1]["etco2"] == ""


def test_csv_puts_a_value_measured_by_hand_in_its_column(told: Desk) -> None:
    (row,) = [row for row in rows(told) if row["kind"] == "VitalEntered"]
    assert row["heart_rate"] == "71.0"


def test_csv_marks_what_was_taken_back(told: Desk) -> None:
    assert rows(told)[2]["mark"] == "retracted by entry 5"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_a_spreadsheet_would_calculate_is_defused(desk: Desk, start: str) -> None:
    name = f"{start}cmd|' /C calc'!A0"
    desk.write(StaffAdded("nurse", name, "X", ()), session=CLINIC)
    desk.write(OPENED)
    assert rows(desk)[0]["author"] == "'" + name


def test_a_negative_number_stays_a_number(desk: Desk) -> None:
    desk.write(OPENED, VitalEntered({Vital.TEMP: -1.5}))
    assert rows(desk)[1]["temp"] == "-1.5"


def test_a_note_of_several_lines_is_one_cell(desk: Desk) -> None:
    desk.write(OPENED, NoteWritten('one\r\ntwo, "three"'))
    assert rows(desk)[1]["details"] == 'text: one\r\ntwo, "three"'


def test_an_unknown_session_is_refused_with_what_to_type(told: Desk) -> None:
    err = io.StringIO()
    assert run_export(told.folder, "s9", "json", io.StringIO(), err) == 2
    assert "There is no session s9" in err.getvalue()
    assert "sessions" in err.getvalue()


def test_an_unknown_format_is_refused(told: Desk) -> None:
    err = io.StringIO()
    assert run_export(told.folder, "s1", "xml", io.StringIO(), err) == 2
    assert "give json or csv" in err.getvalue()


def test_sessions_are_printed_with_what_tells_them_apart(told: Desk) -> None:
    out = io.StringIO()
    assert run_sessions(told.folder, out) == 0
    header, line = out.getvalue().splitlines()
    assert header.split()[0] == "session"
    assert line.split() == ["s1", "2026-03-02", "12:00:00", "check-in", "MRN-7", "Ada", "Brown", "-"]


def test_no_session_is_said_in_words(desk: Desk) -> None:
    desk.open()
    out = io.StringIO()
    assert run_sessions(desk.folder, out) == 0
    assert out.getvalue() == "No session yet.\n"


def test_sessions_of_a_folder_without_a_record_end_with_2(desk: Desk) -> None:
    err = io.StringIO()
    assert run_sessions(desk.folder, io.StringIO(), err) == 2
    assert "There is no record" in err.getvalue()
