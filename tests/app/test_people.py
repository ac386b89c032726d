"""People at the chair: the lock, the way in without a PIN, the audit trail, signed tables, the right patient."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.audit import page_of, sort_of
from app.clinic import without_pin
from app.entries import (
    CHAIRSIDE,
    CLINIC,
    AnyBody,
    Audited,
    Entry,
    EntryLocked,
    GlassBroken,
    NoteWritten,
    PinRefused,
    SamplesSealed,
    SessionOpened,
    SettingsChanged,
    SignedIn,
    StaffAdded,
    TablesSigned,
    seal,
)
from app.frames import Answer
from app.instant import Instant
from app.messages import (
    Acknowledge,
    AnyAct,
    BreakGlass,
    EnterVital,
    GiveDrug,
    HandOver,
    LeaveSession,
    Lock,
    NoteEffect,
    NotePrinted,
    OpenEmergency,
    OrderRate,
    ReadAudit,
    SessionRow,
    SessionsListed,
    ShowSession,
    SignIn,
    SignSummary,
    SignTables,
    StampEmergency,
    Tap,
    WriteNote,
)
from app.people_acts import tables_status
from app.ports import CheckPin, Load, Loaded, ReadTrail
from tests.app.chair import DOCTOR, NURSE, START, Chair, catalog, patient

BOSS, HEAD = "admin", "head"
LOCK_S = catalog().windows.auto_lock_min * 60.0


def staffed(chair: Chair) -> Chair:
    """An administrator and a medical director work here, too."""
    for staff, name, initials, role in (
        (BOSS, "Pat Admin", "PA", "administrator"),
        (HEAD, "Dr. Max Head", "MH", "director"),
    ):
        body = StaffAdded(staff, name, initials, (role,))
        chair.engine.clinic.apply(Entry(staff, CLINIC, START, START.utc, "boot", NURSE, body))
    return chair


def meant(chair: Chair, act: AnyAct, session: str | None) -> Answer:
    """A touch on a page that was opened on this session."""
    tap = Tap(f"meant{len(chair.engine.answers)}{type(act).__name__}", chair.now, act, session)
    chair.hear(tap)
    return chair.engine.answers[tap.id]


def trail(chair: Chair) -> list[tuple[str, str]]:
    """(what, session) of every audited look and copy, in order."""
    return [(body.what, body.session) for body in chair.bodies(Audited) if isinstance(body, Audited)]


# ---------------------------------------------------------------- auto-lock


def test_entry_stays_open_to_the_last_second_and_locks_after_it() -> None:
    chair = Chair().signed_in()
    chair.wait(LOCK_S)
    before = chair.engine.locked
    chair.wait(1)
    assert (before, chair.engine.locked) == (False, True)
    assert chair.bodies(EntryLocked) == [EntryLocked("nobody touched the screen")]


def test_a_touch_begins_the_time_anew_and_a_device_does_not() -> None:
    chair = Chair().with_patient()
    chair.wait(LOCK_S - 10)
    chair.tap(WriteNote("here"))
    chair.wait(LOCK_S - 10)
    before = chair.engine.locked
    chair.vitals(heart_rate=80.0)
    chair.wait(11)
    assert (before, chair.engine.locked) == (False, True)


@pytest.mark.parametrize("by", [timedelta(hours=5), -timedelta(hours=5)])
def test_a_wall_clock_that_was_set_neither_locks_nor_holds_off_the_lock(by: timedelta) -> None:
    chair = Chair().signed_in()
    chair.now = Instant(chair.now.utc + by, chair.now.steady + 1)
    chair.engine.tick(chair.now)
    before = chair.engine.locked
    chair.wait(LOCK_S)
    assert (before, chair.engine.locked) == (False, True)


def test_entry_is_locked_once_and_a_touch_on_the_locked_screen_does_not_open_it() -> None:
    chair = Chair().with_patient()
    chair.wait(LOCK_S + 1)
    assert chair.tap(WriteNote("late")).field == "lock"
    chair.wait(LOCK_S * 2)
    assert len(chair.bodies(EntryLocked)) == 1
    assert not chair.bodies(NoteWritten)


def test_while_entry_is_locked_vital_signs_move_samples_are_kept_and_alarms_rise() -> None:
    chair = Chair().running()
    chair.tap(Lock())
    before = len(chair.store.samples)
    for _ in range(6):
        chair.vitals(heart_rate=81.0, spo2=70.0)
        chair.wait(5)
    assert chair.tile("heart_rate") == ("81", "live")
    assert len(chair.store.samples) > before
    assert any(key.startswith("spo2") for key in chair.alarms())
    assert chair.tap(Acknowledge()).field == "lock"


def test_while_entry_is_locked_the_emergency_sheet_writes() -> None:
    chair = Chair().running()
    chair.tap(Lock())
    what = catalog().bedside.stamp[0].id
    assert chair.tap(OpenEmergency()).state == "taken"
    assert chair.tap(StampEmergency(what)).state == "taken"


def test_a_signature_that_was_on_its_way_when_entry_locked_is_not_taken() -> None:
    chair = Chair().running()
    tap = Tap("rate", chair.now, OrderRate(15.0, "Side effect", DOCTOR, "3333"))
    chair.hear(tap)
    chair.tap(Lock())
    chair.hear(chair.store.pin_checked(chair.now))
    assert chair.engine.answers["rate"].field == "session"


def test_nobody_here_is_not_locked_again() -> None:
    chair = Chair()
    chair.wait(LOCK_S * 2)
    assert not chair.bodies(EntryLocked)


def test_a_restart_begins_locked() -> None:
    again = Chair().running().restarted(after_s=5)
    assert again.engine.locked
    assert again.tap(WriteNote("too early")).field == "lock"


# ---------------------------------------------------------------- break-glass


def broken(chair: Chair, staff: str = NURSE) -> Chair:
    """Entry is opened without a PIN."""
    chair.tap(Lock())
    assert chair.tap(BreakGlass(staff, "Patient in danger")).state == "taken"
    return chair


def test_without_a_pin_entry_opens_and_it_stands_in_the_session_and_in_the_trail() -> None:
    chair = broken(Chair().running())
    body = GlassBroken(NURSE, "Patient in danger")
    entries = [entry for entry in chair.store.entries if entry.body == body]
    assert {entry.session for entry in entries} == {CLINIC, chair.session.id}
    assert {entry.author for entry in entries} == {without_pin(NURSE)}
    assert not chair.store.asked(CheckPin)[1:] or chair.engine.who == without_pin(NURSE)


def test_what_is_written_without_a_pin_says_so_on_every_line() -> None:
    chair = broken(Chair().running())
    assert chair.tap(NoteEffect("nausea", 2)).state == "taken"
    line = chair.snapshot.log[0]
    assert (line.text, line.who) == ("Nausea, grade 2, treat", "LK, no PIN")


def test_effects_drugs_values_and_notes_go_without_a_pin_and_signatures_do_not() -> None:
    from app.clinical.vitals import Vital

    chair = broken(Chair().running(), "other")
    chair.vitals(heart_rate=80.0, spo2=97.0, nibp_sys=120.0, nibp_dia=80.0, nibp_mean=93.0)
    assert chair.tap(WriteNote("Fell asleep")).state == "taken"
    assert chair.tap(GiveDrug("ondansetron", 4.0, "mg", "IV")).state == "taken"
    assert chair.tap(EnterVital({Vital.SPO2: 94.0})).state == "taken"
    refused = chair.tap(OrderRate(15.0, "Side effect", DOCTOR, "3333"))
    assert (refused.field, "needs one" in refused.reason) == ("lock", True)
    assert chair.tap(HandOver(DOCTOR, "3333")).field == "lock"
    assert chair.tap(patient(mrn="2")).field == "lock"


def test_the_bar_says_so_as_long_as_it_lasts() -> None:
    chair = broken(Chair().running())
    (notice,) = [text for text in chair.snapshot.alarms.notices if "PIN" in text]
    assert notice == "No PIN since 14:00: LK. Patient in danger."
    assert chair.snapshot.header.who == "LK, no PIN"
    chair.tap(SignIn(NURSE, "1111"))
    assert not [text for text in chair.snapshot.alarms.notices if "PIN" in text]


def test_it_ends_with_the_lock_with_a_pin_and_with_a_restart() -> None:
    locked, left_alone, signed = (broken(Chair().running()) for _ in range(3))
    locked.tap(Lock())
    left_alone.wait(LOCK_S + 1)
    signed.tap(SignIn(DOCTOR, "3333"))
    for chair in (locked, left_alone, signed, broken(Chair().running()).restarted(after_s=3)):
        assert chair.engine.glass is None
        assert not chair.engine.who.startswith("no-pin")


def test_it_needs_a_name_of_the_list_or_other_and_a_reason() -> None:
    chair = Chair().running()
    chair.tap(Lock())
    assert chair.tap(BreakGlass("stranger", "Patient in danger")).field == "staff"
    assert chair.tap(BreakGlass(NURSE, "  ")).field == "reason"
    assert chair.tap(BreakGlass(NURSE, "x" * 2000)).field == "reason"
    assert chair.engine.locked


def test_an_open_entry_is_not_broken_into() -> None:
    assert Chair().signed_in().tap(BreakGlass(NURSE, "Patient in danger")).field == "lock"


def test_a_session_that_is_opened_meanwhile_says_so_too() -> None:
    chair = Chair().ready()
    left = chair.session.id
    entries = tuple(e for e in chair.store.entries if e.session == left)
    chair.tap(LeaveSession())
    broken(chair, "other")
    from app.entries import GENESIS
    from app.ports import Loaded

    chair.tap(ShowSession(left))
    chair.hear(Loaded(chair.now, left, entries, tuple(chair.store.samples), GENESIS))
    assert [e.body for e in chair.session.entries][-1] == GlassBroken("other", "Patient in danger")


def test_who_broke_the_glass_is_no_second_person_for_themselves() -> None:
    chair = broken(Chair().running())
    dose = catalog().drugs["midazolam"]
    asked = chair.tap(
        GiveDrug("midazolam", 50.0, "mg", dose.routes[0], reason="Seizure", second="Lena Keller")
    )
    assert asked.state == "refused"
    assert asked.field == "second"


def test_the_summary_prints_who_came_in_without_a_pin() -> None:
    from app.summary import summarise

    chair = broken(Chair().running())
    printed = summarise(
        chair.session.entries, chair.store.samples, chair.engine.clinic, catalog(), head="", printed_at=chair.now.utc,
        printed_by="", zone=chair.engine.zone,
    )  # fmt: skip
    words = "Entry opened without a PIN by Lena Keller: Patient in danger"
    tables = {table.title for table in printed.details if words in repr(table)}
    assert tables == {"Events in order of time"}
    assert printed.draft.startswith("DRAFT: not signed as final")
    assert printed.draft.endswith("DRAFT TABLES: not signed")


# ---------------------------------------------------------------- the audit trail


def test_opening_a_session_of_the_list_is_a_line_by_session_and_mrn() -> None:
    chair = Chair().signed_in()
    row = SessionRow("s9", START.utc, "Rosa Martin", "00417", "", "ready", False)
    done = SessionRow("s8", START.utc, "Rosa Martin", "00417", "", "finished", True)
    chair.hear(SessionsListed(chair.now, (row, done)))
    chair.tap(ShowSession("s9"))
    chair.tap(ShowSession("s8"))
    assert list(chair.bodies(Audited)) == [
        Audited("opened", "s9", "00417"),
        Audited("summary", "s8", "00417"),
    ]
    assert chair.store.asked(Load)
    assert "Martin" not in repr(list(chair.bodies(Audited)))


def test_a_finished_session_a_print_and_a_file_are_lines() -> None:
    chair = Chair().ready()
    chair.leave()
    chair.tap(NotePrinted("Office", "printed", 6))
    chair.tap(NotePrinted("/somewhere/x.pdf", "saved", 6))
    here = chair.session.id
    assert trail(chair) == [("summary", here), ("printed", here), ("saved", here)]


def test_a_copy_of_another_session_is_written_in_that_sessions_record() -> None:
    chair = Chair().ready()
    chair.leave()
    answer = meant(chair, NotePrinted("Office", "printed", 6), "another")
    entry = next(e for e in chair.store.entries if e.uuid == answer.entry)
    assert entry.session == "another"
    assert trail(chair)[-1] == ("printed", "another")


def test_a_wrong_pin_a_hand_over_and_a_lock_are_lines() -> None:
    chair = Chair().running()
    chair.tap(SignIn(DOCTOR, "0000"), pin=False)
    chair.tap(HandOver(DOCTOR, "3333"))
    chair.tap(Lock())
    told = [entry.body for entry in chair.store.entries if entry.session == CLINIC][1:]
    assert [type(body) for body in told] == [PinRefused, Audited, SignedIn, EntryLocked]
    assert all(sort_of(body) == "entry" for body in told)


def test_settings_that_changed_since_the_last_start_are_a_line_once() -> None:
    chair = Chair()
    for settings in ({"paper": "A4"}, {"paper": "A4"}, {"paper": "Letter"}):
        chair.engine.note_settings(settings)
        chair.wait(1)
    assert chair.bodies(SettingsChanged) == [
        SettingsChanged({"paper": "A4"}),
        SettingsChanged({"paper": "Letter"}),
    ]


def test_the_administrator_reads_the_trail_and_that_is_a_line_once() -> None:
    chair = staffed(Chair())
    chair.tap(SignIn(BOSS, "4444"))
    assert chair.tap(ReadAudit()).state == "taken"
    assert chair.store.asked(ReadTrail) == [ReadTrail(0, "", "")]
    assert trail(chair) == [("audit trail", "")]


@pytest.mark.parametrize("staff", [NURSE, DOCTOR, HEAD])
def test_nobody_else_reads_the_trail(staff: str) -> None:
    chair = staffed(Chair())
    chair.tap(SignIn(staff, "1111"))
    assert chair.tap(ReadAudit()).reason == "The administrator reads the audit trail."


def test_a_page_of_the_trail_is_newest_first_by_person_and_by_sort() -> None:
    bodies: list[AnyBody] = [
        SignedIn(NURSE),
        PinRefused(DOCTOR, 0.0),
        Audited("opened", "s", "1"),
        SettingsChanged({}),
    ]
    entries = [
        Entry(f"u{n}", CLINIC, START, START.utc, "boot", NURSE if n % 4 != 1 else CHAIRSIDE, body)
        for n, body in enumerate(bodies * 30)
    ]
    newest_first = entries[::-1]
    page, more = page_of(newest_first, 0, "", "")
    assert (page, more) == (tuple(newest_first[:50]), True)
    assert page_of(newest_first, 2, "", "") == (tuple(newest_first[100:]), False)
    refused, more = page_of(newest_first, 0, DOCTOR, "")
    assert (len(refused), more) == (30, False)
    assert {sort_of(entry.body) for entry in page_of(newest_first, 0, "", "looks")[0]} == {"looks"}
    assert page_of(newest_first, 0, DOCTOR, "looks") == ((), False)


# ---------------------------------------------------------------- tables


def signing(chair: Chair, tables: dict[str, str], *, staff: str = HEAD, signer: str = HEAD) -> Answer:
    """Somebody who is here signs these tables."""
    chair.tap(SignIn(staff, "1111"))
    return chair.tap(SignTables(tables, signer, "5555"))


def test_tables_are_drafts_until_the_director_signed_each_as_it_is() -> None:
    chair = staffed(Chair())
    assert tables_status(chair.engine) == "draft"
    first, *rest = catalog().hashes
    assert signing(chair, {first: catalog().hashes[first]}).state == "taken"
    assert tables_status(chair.engine) == "draft"
    assert signing(chair, {name: catalog().hashes[name] for name in rest}).state == "taken"
    assert tables_status(chair.engine) == "signed"
    assert len(chair.bodies(TablesSigned)) == 2


def test_a_table_that_changed_since_is_a_draft_again() -> None:
    chair = staffed(Chair())
    body = TablesSigned(dict.fromkeys(catalog().hashes, "older"), HEAD)
    chair.engine.clinic.apply(Entry("t", CLINIC, START, START.utc, "boot", HEAD, body))
    assert chair.engine.clinic.unsigned(catalog().hashes) == tuple(catalog().hashes)


@pytest.mark.parametrize(("staff", "signer"), [(NURSE, HEAD), (DOCTOR, DOCTOR), (BOSS, BOSS), (HEAD, DOCTOR)])
def test_nobody_but_the_director_signs_tables(staff: str, signer: str) -> None:
    chair = staffed(Chair())
    answer = signing(chair, dict(catalog().hashes), staff=staff, signer=signer)
    assert answer.reason == "The medical director signs tables."
    assert not chair.bodies(TablesSigned)


def test_a_table_that_is_not_what_was_shown_is_not_signed() -> None:
    chair = staffed(Chair())
    assert signing(chair, {"drugs": "another"}).field == "tables"
    assert signing(chair, {"no-table": "x"}).field == "tables"
    assert signing(chair, {}).field == "tables"


def test_a_signed_table_is_not_signed_twice() -> None:
    chair = staffed(Chair())
    one = {"drugs": catalog().hashes["drugs"]}
    assert signing(chair, one).state == "taken"
    assert signing(chair, one).reason == "The table drugs is signed already."


def test_a_session_says_whether_its_tables_were_signed_when_it_began() -> None:
    chair = staffed(Chair())
    signing(chair, dict(catalog().hashes))
    chair.with_patient()
    (opened,) = chair.bodies(SessionOpened)
    assert isinstance(opened, SessionOpened)
    assert opened.tables_status == "signed"


# ---------------------------------------------------------------- the right patient


def two_patients() -> tuple[Chair, str, str]:
    """A chair on its second patient, and both sessions."""
    chair = Chair().with_patient()
    first = chair.session.id
    chair.tap(LeaveSession())
    chair.tap(patient(mrn="2", name="Somebody Else"))
    return chair, first, chair.session.id


@pytest.mark.parametrize(
    "act",
    [
        NoteEffect("nausea", 2),
        WriteNote("of the first"),
        GiveDrug("ondansetron", 4.0, "mg", "IV"),
        SignSummary(DOCTOR, "3333", "checked"),
        StampEmergency("help-called"),
        OpenEmergency(),
        HandOver(DOCTOR, "3333"),
        patient(mrn="1", name="Rosa Martin"),
    ],
    ids=lambda act: type(act).__name__,
)
def test_a_page_opened_for_one_patient_writes_nothing_for_the_next(act: AnyAct) -> None:
    chair, first, second = two_patients()
    before = len(chair.store.entries)
    answer = meant(chair, act, first)
    assert (answer.state, answer.field) == ("refused", "session")
    assert len(chair.store.entries) == before
    assert chair.session.id == second


def test_a_page_opened_while_nobody_lay_here_writes_nothing_for_who_came_since() -> None:
    chair, _first, _second = two_patients()
    assert meant(chair, patient(mrn="3", name="A Third"), "").field == "session"


def test_a_page_of_the_patient_who_lies_here_writes() -> None:
    chair, _first, second = two_patients()
    answer = meant(chair, NoteEffect("nausea", 2), second)
    entry = next(e for e in chair.store.entries if e.uuid == answer.entry)
    assert entry.session == second


def test_a_pin_that_was_typed_for_one_patient_signs_nothing_for_the_next() -> None:
    chair = Chair().with_patient()
    tap = Tap("over", chair.now, HandOver(DOCTOR, "3333"), chair.session.id)
    chair.hear(tap)
    chair.tap(LeaveSession())
    chair.tap(patient(mrn="2", name="Somebody Else"))
    before = len(chair.store.entries)
    chair.hear(chair.store.pin_checked(chair.now))
    assert chair.engine.answers["over"].field == "session"
    assert len(chair.store.entries) == before


def test_after_a_resume_a_page_from_before_it_still_belongs_to_the_same_patient() -> None:
    chair = Chair().running()
    again = chair.restarted(after_s=3)
    again.tap(SignIn(NURSE, "1111"))
    assert meant(again, NoteEffect("nausea", 2), chair.session.id).state == "taken"


def desaturating(chair: Chair) -> list[bool]:
    """Half a minute of 80 %; whether each alarm of it that stands was acknowledged."""
    for _ in range(30):
        chair.vitals(spo2=80.0)
        chair.wait(1)
    return [row.acknowledged for row in chair.engine.board.rows if "spo2" in row.condition.key]


def test_an_alarm_that_was_acknowledged_for_one_patient_rises_anew_for_the_next() -> None:
    chair = Chair().running()
    assert desaturating(chair) == [False]
    chair.tap(Acknowledge())
    assert desaturating(chair) == [True]
    chair.engine.open_session(Chair(boot="next").running().session)
    chair.wait(1)
    assert [row for row in chair.engine.board.rows if "spo2" in row.condition.key] == []
    assert desaturating(chair) == [False]


def test_the_samples_of_one_patient_are_never_sealed_with_the_next_ones() -> None:
    chair, first, second = two_patients()
    chair.wait(130)
    seals = [entry for entry in chair.store.entries if isinstance(entry.body, SamplesSealed)]
    assert {entry.session for entry in seals} == {first, second}
    for entry in seals:
        assert isinstance(entry.body, SamplesSealed)
        own = [one for one in chair.store.samples if one.session == entry.session]
        last = entry.body.first + entry.body.count - 1
        assert entry.body.digest == seal([one for one in own if entry.body.first <= one.number <= last])
    assert {one.session for one in chair.engine.samples} == {second}


def test_what_was_written_last_of_one_patient_is_not_said_beneath_another() -> None:
    chair = Chair().with_patient(mrn="1")
    first = chair.session.id
    chair.tap(LeaveSession())
    chair.tap(patient(mrn="2", name="Somebody Else"))
    chair.tap(NoteEffect("nausea", 2))
    assert "Nausea" in chair.snapshot.saved.text
    chair.tap(LeaveSession())
    chair.tap(ShowSession(first))
    entries = tuple(entry for entry in chair.store.entries if entry.session == first)
    chair.hear(Loaded(chair.now, first, entries, (), "h"))
    assert chair.session.id == first
    assert "Nausea" not in chair.snapshot.saved.text
    assert chair.snapshot.undo is None
