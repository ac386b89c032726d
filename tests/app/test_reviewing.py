from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.entries import (
    Amended,
    DrugGiven,
    EffectNoted,
    Entry,
    NextVisitPlanned,
    SummarySigned,
)
from app.frames import SECOND_DISPLAY, SavedLine
from app.messages import (
    AddLate,
    Amend,
    AskPump,
    ConfirmByHand,
    LeaveReview,
    Lock,
    NoteEffect,
    PlanNextVisit,
    ReviewSession,
    SignOrder,
    SignSummary,
    StorageFailed,
    WriteNote,
)
from app.ports import Load, Loaded
from app.review_frames import ReviewFrame, ReviewLine
from app.show_review import owner_words
from app.summary import SIGN_AGAIN, summarise
from tests.app.chair import DOCTOR, NURSE, START, ZONE, Chair, catalog, order, patient


def frame(chair: Chair) -> ReviewFrame:
    """What the review shows."""
    shown = chair.snapshot.review
    assert isinstance(shown, ReviewFrame)
    return shown


def lines(chair: Chair, kind: str) -> list[ReviewLine]:
    """The lines of one kind."""
    return [line for line in frame(chair).lines if line.kind == kind]


def reopened(chair: Chair, session: str) -> None:
    """The store answers with what it was given of a session."""
    entries = tuple(entry for entry in chair.store.entries if entry.session == session)
    samples = tuple(sample for sample in chair.store.samples if sample.session == session)
    chair.hear(Loaded(chair.now, session, entries, samples, "h"))


def tom_beside_rosa() -> tuple[Chair, str, Entry]:
    """Tom Baker's done record under review while Rosa Martin's infusion runs; his session and his nausea."""
    chair = Chair().with_patient(name="Tom Baker", mrn="00611")
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    tom = chair.session.id
    chair.wait(60)
    assert chair.leave().state == "taken"
    chair.tap(patient())
    chair.checked_in()
    assert chair.tap(SignOrder(order(), DOCTOR, "3333")).state == "taken"
    chair.tap(AskPump("start"))
    assert chair.tap(ConfirmByHand("start")).state == "taken"
    assert chair.tap(ReviewSession(tom)).state == "taken"
    reopened(chair, tom)
    entry = next(entry for entry in chair.store.entries if entry.uuid == noted)
    return chair, tom, entry


def test_a_done_session_is_read_by_the_store_and_never_becomes_the_chairs() -> None:
    chair, tom, _noted = tom_beside_rosa()
    assert [request.session for request in chair.store.requests if isinstance(request, Load)] == [tom]
    assert chair.session.id != tom
    assert chair.snapshot.phase == "infusing"
    assert chair.snapshot.header.name == "Rosa Martin"


def test_until_it_is_read_the_review_says_so() -> None:
    chair = Chair().with_patient()
    chair.tap(ReviewSession("other"))
    assert frame(chair).state == "loading"
    assert not frame(chair).lines


def test_a_record_that_cannot_be_read_says_why() -> None:
    chair = Chair().with_patient()
    chair.tap(ReviewSession("other"))
    chair.hear(StorageFailed(chair.now, chair.now, "the disk does not answer"))
    assert frame(chair).state == "failed"
    assert "the disk does not answer" in frame(chair).words


def test_a_record_that_comes_after_the_review_was_left_opens_nothing() -> None:
    chair = Chair().signed_in()
    chair.tap(ReviewSession("other"))
    chair.tap(LeaveReview())
    chair.hear(Loaded(chair.now, "other", (), (), "h"))
    assert chair.engine.session is None
    assert chair.snapshot.review is None


def test_the_title_says_whose_record_of_which_day_it_is() -> None:
    chair, _tom, _noted = tom_beside_rosa()
    assert frame(chair).title == "Review: Tom Baker, 22 November 2026, finished"
    assert frame(chair).back == "to Rosa Martin"
    assert frame(chair).other


def test_alarms_of_the_patient_at_the_chair_carry_the_name_while_anothers_record_is_in_view() -> None:
    chair, _tom, _noted = tom_beside_rosa()
    for _ in range(60):
        chair.vitals(spo2=80.0)
        chair.wait(1)
    rows = chair.snapshot.alarms.rows
    assert rows[0].text.startswith("Rosa Martin: ")
    chair.tap(LeaveReview())
    assert not any(row.text.startswith("Rosa Martin") for row in chair.snapshot.alarms.rows)


def test_nothing_is_noted_into_the_record_that_is_reviewed() -> None:
    chair, tom, _noted = tom_beside_rosa()
    before = len([entry for entry in chair.store.entries if entry.session == tom])
    chair.tap(WriteNote("asleep"))
    assert len([entry for entry in chair.store.entries if entry.session == tom]) == before


def test_locking_goes_back_to_the_chair() -> None:
    chair, _tom, _noted = tom_beside_rosa()
    chair.tap(Lock())
    assert chair.snapshot.review is None
    assert chair.snapshot.phase == "infusing"


def test_a_long_name_before_an_alarm_is_short_and_never_cut() -> None:
    assert owner_words("Rosa Martin") == "Rosa Martin"
    assert owner_words("Maria Magdalena Oberkirchner") == "Oberkirchner"
    assert owner_words("Maria Hohenstein-Oberkirchner") == "M. H."


# ---------------------------------------------------------------- amendments


def test_an_amendment_by_data_reads_as_the_entry_would() -> None:
    chair, tom, noted = tom_beside_rosa()
    act = Amend(noted.uuid, "", "Wrong value", NURSE, "1111", tom, {"grade": "1"})
    assert chair.tap(act).state == "taken"
    written = chair.store.entries[-1]
    assert written.session == tom
    assert written.author == NURSE
    assert written.body == Amended(noted.uuid, "Nausea, grade 1, mild", "Wrong value", {"grade": "1"})


def test_the_entry_stays_and_both_are_readable() -> None:
    chair, tom, noted = tom_beside_rosa()
    chair.tap(Amend(noted.uuid, "", "Wrong value", NURSE, "1111", tom, {"grade": "1"}))
    line = lines(chair, "EffectNoted")[0]
    assert line.text.startswith("Nausea, grade 2")
    assert "Should read: Nausea, grade 1, mild" in line.notes[0]


def test_an_amendment_with_a_wrong_pin_changes_nothing() -> None:
    chair, tom, noted = tom_beside_rosa()
    answer = chair.tap(Amend(noted.uuid, "no", "Wrong value", NURSE, "9999", tom), pin=False)
    assert (answer.state, answer.field) == ("refused", "pin")
    assert not chair.bodies(Amended)


def test_an_amendment_for_a_session_that_left_the_screen_is_refused() -> None:
    chair, tom, noted = tom_beside_rosa()
    chair.tap(LeaveReview())
    answer = chair.tap(Amend(noted.uuid, "no", "Wrong value", NURSE, "1111", tom))
    assert (answer.state, answer.field) == ("refused", "session")


def test_a_line_of_one_patient_is_not_amended_in_the_record_of_another() -> None:
    chair, _tom, noted = tom_beside_rosa()
    answer = chair.tap(Amend(noted.uuid, "no", "Wrong value", NURSE, "1111", chair.session.id))
    assert answer.state == "refused"
    assert not chair.bodies(Amended)


@pytest.mark.parametrize("grade", ["0", "9"])
def test_a_grade_that_no_side_effect_has_is_refused(grade: str) -> None:
    chair, tom, noted = tom_beside_rosa()
    answer = chair.tap(Amend(noted.uuid, "", "Wrong value", NURSE, "1111", tom, {"grade": grade}))
    assert (answer.state, answer.field) == ("refused", "grade")


def test_a_time_outside_of_the_session_is_refused() -> None:
    chair, tom, noted = tom_beside_rosa()
    answer = chair.tap(Amend(noted.uuid, "", "Wrong time", NURSE, "1111", tom, {"at": "23:10"}))
    assert (answer.state, answer.field) == ("refused", "at")
    assert "14:00 to 14:01" in answer.reason


# ---------------------------------------------------------------- what was forgotten


def test_what_was_forgotten_stands_at_its_own_time_and_says_that_it_was_written_later() -> None:
    chair, tom, _noted = tom_beside_rosa()
    act = AddLate(tom, "effect", "headache", "14:01", "", NURSE, "1111", 1.0)
    assert chair.tap(act).state == "taken"
    added = chair.store.entries[-1]
    assert added.body == EffectNoted("headache", 1)
    assert added.at.utc == START.utc + timedelta(minutes=1)
    assert added.written > added.at.utc
    line = next(one for one in lines(chair, "EffectNoted") if one.entry == added.uuid)
    assert line.notes == ("Late entry, written 22 Nov 14:01",)


def test_a_forgotten_drug_is_a_fact_with_its_reason() -> None:
    chair, tom, _noted = tom_beside_rosa()
    act = AddLate(tom, "drug", "ondansetron", "14:01", "Something was left out", DOCTOR, "3333", 4.0)
    assert chair.tap(act).state == "taken"
    assert chair.bodies(DrugGiven) == [
        DrugGiven("ondansetron", 4.0, "mg", "IV", "", "Something was left out", NURSE)
    ]


def test_a_forgotten_drug_above_a_limit_is_signed_by_another_than_who_is_here() -> None:
    chair, tom, _noted = tom_beside_rosa()
    alone = AddLate(tom, "drug", "midazolam", "14:01", "Something was left out", NURSE, "1111", 40.0)
    answer = chair.tap(alone)
    assert (answer.state, answer.field) == ("refused", "signer")
    two = AddLate(tom, "drug", "midazolam", "14:01", "Something was left out", DOCTOR, "3333", 40.0)
    assert chair.tap(two).state == "taken"


# ---------------------------------------------------------------- after the signature


def test_an_amendment_after_the_signature_asks_for_signing_again() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.leave()
    chair.recorded()
    assert chair.tap(SignSummary(DOCTOR, "3333", "Anesthetist")).state == "taken"
    chair.tap(ReviewSession(chair.session.id))
    assert frame(chair).signature == ""
    chair.tap(Amend(noted, "", "Wrong value", NURSE, "1111", chair.session.id, {"grade": "1"}))
    assert frame(chair).signature == "1 entry was written after the signature: sign again."
    summary = summarise(
        chair.session.entries, chair.engine.samples, chair.engine.clinic, catalog(), head="h",
        printed_at=chair.now.utc, printed_by=NURSE, zone=ZONE,
    )  # fmt: skip
    assert summary.draft.startswith(SIGN_AGAIN)
    assert summary.signed[-1].meaning == "Amended since: sign again"
    chair.tap(SignSummary(DOCTOR, "3333", "Anesthetist"))
    assert len(chair.bodies(SummarySigned)) == 2
    assert frame(chair).signature == ""


def test_a_session_does_not_grow_longer_by_what_is_written_days_later() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.leave()
    session = chair.session.id
    later = chair.restarted(after_s=3 * 86400.0).signed_in()
    later.tap(ReviewSession(session))
    later.tap(Amend(noted, "", "Wrong value", NURSE, "1111", session, {"grade": "1"}))
    summary = summarise(
        later.session.entries, later.engine.samples, later.engine.clinic, catalog(), head="h",
        printed_at=later.now.utc, printed_by="", zone=ZONE,
    )  # fmt: skip
    assert summary.figures[-1].value == "14:00 to 14:00"


def test_the_last_line_of_the_chair_tells_nothing_of_the_record_beside_it() -> None:
    chair, tom, noted = tom_beside_rosa()
    before = chair.snapshot.saved
    chair.tap(Amend(noted.uuid, "", "Wrong value", NURSE, "1111", tom, {"grade": "1"}))
    assert chair.snapshot.saved == before
    assert frame(chair).saved == SavedLine("saving", "Amendment 14:01", SECOND_DISPLAY)


# ---------------------------------------------------------------- the vital signs at an event


def test_an_event_has_the_vital_signs_of_its_time_with_their_age() -> None:
    chair = Chair().ready()
    chair.vitals(heart_rate=72.0, spo2=97.0, nibp_sys=128.0, nibp_dia=76.0, nibp_mean=93.0)
    chair.wait(6)
    chair.vitals(heart_rate=74.0, spo2=None)
    chair.wait(6)
    chair.tap(WriteNote("calm"))
    chair.wait(1)
    chair.tap(ReviewSession(chair.session.id))
    then = {one.label: one for one in lines(chair, "NoteWritten")[0].then}
    assert (then["HR"].text, then["HR"].state) == ("74", "live")
    assert (then["SpO₂"].text, then["SpO₂"].detail) == ("--", "probe off")
    assert (then["NIBP"].text, then["NIBP"].detail) == ("128/76", "14:00")
    assert (then["RR"].text, then["RR"].state) == ("--", "missing")


def test_where_chairside_did_not_run_nothing_is_known() -> None:
    chair = Chair().ready()
    chair.vitals(heart_rate=72.0)
    chair.wait(6)
    again = chair.restarted(after_s=600.0).signed_in()
    again.tap(ReviewSession(again.session.id))
    resumed = lines(again, "Resumed")[0]
    assert {one.text for one in resumed.then} == {"--"}


# ---------------------------------------------------------------- the next visit


def test_a_next_visit_is_an_entry_of_its_own() -> None:
    chair = Chair().with_patient()
    assert chair.tap(PlanNextVisit(date(2026, 11, 29))).state == "taken"
    assert chair.snapshot.next_visit == "Sunday 29 November 2026"
    assert chair.tap(PlanNextVisit(None)).state == "taken"
    assert chair.snapshot.next_visit == "none planned"
    assert chair.bodies(NextVisitPlanned) == [NextVisitPlanned(date(2026, 11, 29)), NextVisitPlanned(None)]


def test_a_next_visit_lies_ahead_and_not_years_away() -> None:
    chair = Chair().with_patient()
    assert chair.tap(PlanNextVisit(date(2026, 11, 22))).field == "due"
    assert chair.tap(PlanNextVisit(date(2029, 1, 1))).field == "due"
