"""The record's lines and reasons by touch, and the final signature that waits for them."""

from __future__ import annotations

import pytest

from app.completeness import lacking
from app.entries import CheckInLine, CheckValue, FieldExplained, SummarySigned, Supervised
from app.frames import Answer, RecordFrame
from app.messages import CheckLine, ExplainField, NameSupervisor, SignIn, SignSummary, Undo
from app.record_acts import states_of
from app.summary import summarise
from tests.app.chair import DOCTOR, NURSE, ZONE, Chair

FINAL = SignSummary(DOCTOR, "3333", "Anesthetist")
AIRWAY: dict[str, CheckValue] = {"asa": "II", "mallampati": "I", "signs": ()}
HISTORY: dict[str, CheckValue] = {"diagnosis": ("CRPS",), "series": "1", "organs": ()}
SAFE: dict[str, CheckValue] = {
    "equipment": (),
    "acls": "physician with ACLS here",
    "time_out": "patient, order, label and pump agree",
}


def refused(answer: Answer) -> str:
    assert answer.state == "refused", answer
    return answer.field


def finished() -> Chair:
    """An infusion is over, its drugs are counted, and the session is finished."""
    chair = Chair().recovering()
    chair.leave()
    return chair.counted()


def frame(chair: Chair) -> RecordFrame:
    record = chair.snapshot.record
    assert record is not None
    return record


def test_the_final_signature_is_refused_while_fields_are_missing() -> None:
    chair = finished()
    answer = chair.tap(FINAL)
    assert refused(answer) == "record"
    assert answer.reason == f"{frame(chair).words} Answer under Record, or say there why not."
    assert chair.bodies(SummarySigned) == []


def test_a_nurse_signs_a_record_that_is_not_complete() -> None:
    chair = finished()
    assert chair.tap(SignSummary(NURSE, "1111", "Nurse")).state == "taken"
    assert not frame(chair).final


def test_a_nurse_does_not_sign_as_anesthetist() -> None:
    assert refused(finished().recorded().tap(SignSummary(NURSE, "1111", "Anesthetist"))) == "signer"


def test_with_a_reason_for_each_missing_field_it_is_final() -> None:
    chair = finished().recorded()
    assert frame(chair).bars == ""
    assert chair.tap(FINAL).state == "taken"
    assert frame(chair).final


def test_one_missing_field_is_enough_to_refuse() -> None:
    chair = finished()
    *others, last = lacking(states_of(chair.engine, chair.session))
    for one in others:
        chair.tap(ExplainField(one.id, "On the paper record"))
    answer = chair.tap(FINAL)
    assert refused(answer) == "record"
    assert answer.reason.startswith(f"{last.label} is missing.")


def test_a_final_record_takes_no_more_answers() -> None:
    chair = finished().recorded()
    chair.tap(FINAL)
    late = (
        CheckLine("history", "done", HISTORY),
        ExplainField("temperature", "later"),
        NameSupervisor(DOCTOR),
    )
    assert [refused(chair.tap(act)) for act in late] == ["session", "session", "session"]


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (ExplainField("shoe-size", "not asked"), "field"),
        (ExplainField("name", "not asked"), "field"),
        (ExplainField("temperature", "  "), "reason"),
        (ExplainField("temperature", "x" * 5000), "reason"),
    ],
)
def test_a_reason_that_explains_nothing_is_refused(act: ExplainField, field: str) -> None:
    assert refused(finished().tap(act)) == field


def test_a_reason_is_undone_while_the_session_runs() -> None:
    chair = Chair().running()
    entry = chair.tap(ExplainField("temperature", "Not measured")).entry
    assert chair.tap(Undo(entry)).state == "taken"
    assert "temperature" in {one.id for one in lacking(states_of(chair.engine, chair.session))}


def test_the_last_reason_counts() -> None:
    chair = finished()
    chair.tap(ExplainField("temperature", "Not measured"))
    chair.tap(ExplainField("temperature", "Thermometer broken"))
    rows = {one.field: one.words for one in frame(chair).fields}
    assert rows["temperature"] == "Thermometer broken"
    assert len(chair.bodies(FieldExplained)) == 2


# ---------------------------------------------------------------- lines


def test_no_line_of_the_record_stands_in_the_way_of_the_start() -> None:
    assert Chair().running().session.phase == "infusing"


def test_the_count_of_the_check_in_leaves_the_records_lines_out() -> None:
    check_in = Chair().with_patient().snapshot.check_in
    assert check_in is not None
    assert check_in.count == "0 of 12."


def test_a_line_is_answered_before_the_start_and_read_back() -> None:
    chair = Chair().with_patient()
    assert chair.tap(CheckLine("history", "done", HISTORY)).state == "taken"
    line = next(one for one in frame(chair).lines if one.line == "history")
    assert (line.state, line.words, line.right) == ("done", "CRPS, session 1, ill: none of 5", "LK 14:00")


def test_a_line_is_answered_late_until_somebody_made_the_record_final() -> None:
    chair = finished()
    chair.tap(SignSummary(NURSE, "1111", "Nurse"))
    assert chair.tap(CheckLine("history", "done", HISTORY)).state == "taken"


def test_a_late_answer_is_not_put_back_in_time() -> None:
    assert refused(finished().tap(CheckLine("history", "done", HISTORY, back_min=5))) == "session"


def test_a_late_answer_is_marked_on_paper() -> None:
    chair = finished()
    chair.tap(CheckLine("history", "done", HISTORY))
    summary = summarise(
        chair.session.entries,
        (),
        chair.engine.clinic,
        chair.engine.catalog,
        head="",
        printed_at=chair.now.utc,
        printed_by=NURSE,
        zone=ZONE,
    )
    rows = next(table for table in summary.details if table.title == "Check-in, baseline and limits").rows
    row = next(one for one in rows if one.cells[1].startswith("Diagnosis, history"))
    assert row.note.startswith("late entry, written ")


def test_the_airway_is_answered_by_a_physician_and_nobody_else() -> None:
    chair = Chair().with_patient()
    assert refused(chair.tap(CheckLine("airway", "done", AIRWAY))) == "second"
    assert refused(chair.tap(CheckLine("airway", "done", AIRWAY, "", DOCTOR, "9"), pin=False)) == "pin"
    assert chair.tap(CheckLine("airway", "done", AIRWAY, "", DOCTOR, "3333")).state == "taken"
    entry = chair.session.standing(CheckInLine)[-1]
    assert (entry.author, entry.body) == (DOCTOR, CheckInLine("airway", "done", AIRWAY))


def test_a_physician_who_is_here_answers_alone() -> None:
    chair = Chair().with_patient()
    chair.tap(SignIn(DOCTOR, "3333"))
    assert chair.tap(CheckLine("airway", "done", AIRWAY)).state == "taken"
    assert chair.session.standing(CheckInLine)[-1].author == DOCTOR


def test_a_nurse_says_why_the_airway_was_not_looked_at() -> None:
    chair = Chair().with_patient()
    assert chair.tap(CheckLine("airway", "not done", {}, "Seen at an earlier session")).state == "taken"


def test_equipment_and_time_out_need_a_second_person_or_a_reason() -> None:
    chair = Chair().with_patient()
    assert refused(chair.tap(CheckLine("safety", "done", SAFE))) == "second"
    assert chair.tap(CheckLine("safety", "done", SAFE, "", DOCTOR, "3333")).state == "taken"
    assert chair.session.standing(CheckInLine)[-1].body.second == DOCTOR  # type: ignore[union-attr]
    assert chair.tap(CheckLine("safety", "done", SAFE, "No second person free")).state == "taken"


def test_a_temperature_outside_of_what_can_be_is_refused() -> None:
    values: dict[str, CheckValue] = {
        "hydration": "drinks well",
        "contact": "has 911 and our number",
        "temperature": 98.4,
    }
    chair = Chair().with_patient()
    assert refused(chair.tap(CheckLine("leaving", "done", values))) == "temperature"


def test_who_supervised_is_named_late() -> None:
    chair = finished()
    assert chair.tap(NameSupervisor(DOCTOR)).state == "taken"
    assert chair.bodies(Supervised) == [Supervised(DOCTOR)]


# ---------------------------------------------------------------- what is shown and printed


def test_before_the_end_of_the_infusion_only_lines_are_asked_for() -> None:
    record = frame(Chair().running())
    assert record.fields == ()
    assert record.words == "What else is missing is listed after the infusion."


def test_a_line_that_nobody_answered_stands_for_its_fields() -> None:
    chair = finished()
    assert "asa-class" not in {one.field for one in frame(chair).fields}
    chair.tap(CheckLine("airway", "not done", {}, "Seen at an earlier session"))
    assert frame(chair).lacks == len(lacking(states_of(chair.engine, chair.session)))


def test_without_a_patient_there_is_no_record() -> None:
    assert Chair().signed_in().snapshot.record is None


def test_the_paper_says_draft_or_final_and_names_what_is_missing() -> None:
    chair = finished()
    drafted = chair.snapshot.summary
    chair.recorded().tap(FINAL)
    final = chair.snapshot.summary
    found = []
    for summary in (drafted, final):
        fields = next(t for t in summary.details if t.title == "Fields of the record")  # type: ignore[attr-defined]
        state = next(
            row.cells[1]
            for table in summary.details  # type: ignore[attr-defined]
            if table.title == "Record"
            for row in table.rows
            if row.cells[0] == "State"
        )
        found.append((summary.draft, state, {row.cells[0] for row in fields.rows}))  # type: ignore[attr-defined]
    tables = "DRAFT TABLES: not signed"
    lacks = found[0][0].removeprefix("DRAFT: not signed as final").removesuffix(f". {tables}")
    assert lacks.endswith(" required fields missing")
    assert found[0][1] == f"draft{lacks}"
    assert "MISSING" in found[0][2]
    assert found[1][:2] == (tables, "final")
    assert all(words.startswith("Not recorded: ") for words in found[1][2])
