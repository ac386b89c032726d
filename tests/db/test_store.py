from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec
import pytest

from app.entries import (
    CLINIC,
    GENESIS,
    ClinicNamed,
    InfusionPaused,
    InfusionStarted,
    NoteWritten,
    OrderSigned,
    Resumed,
    Retracted,
    SessionFinished,
    encode_entry,
    next_hash,
)
from app.messages import KeySealed, Saved, SessionsListed
from app.ports import Append, KeyKept, ListRows, Load, Loaded, OpenRecord, SealKey, StorageError, Store
from db import keycommand, keys, sealing
from db.opening import LOCK_FILE
from db.store import CHECKPOINT_AFTER, GROUP, open_store
from db.verify import verify
from tests.db.desk import NOON, OPENED, ORDER, PATIENT, Desk


def test_a_new_folder_holds_an_empty_record(desk: Desk) -> None:
    assert desk.open().opened() == OpenRecord((), None, GENESIS, NOON.utc, KeyKept("file", str(desk.folder)))


def test_the_store_is_what_the_core_calls_a_store(desk: Desk) -> None:
    store: Store = desk.open()
    store.put(ListRows())


def test_an_entry_is_acknowledged_with_its_number_and_the_new_head(desk: Desk) -> None:
    entry = desk.entry()
    data = encode_entry(msgspec.structs.replace(entry, number=1))
    assert desk.put(Append((entry,))) == [Saved(NOON, (entry.uuid,), (1,), next_hash(GENESIS, data))]


def test_nothing_is_acknowledged_before_the_store_has_worked(desk: Desk) -> None:
    desk.store.put(Append((desk.entry(),)))
    assert desk.posted == []


def test_numbers_count_within_each_session_and_the_chain_runs_over_all(desk: Desk) -> None:
    desk.write(NoteWritten("a"), session="s1")
    desk.write(NoteWritten("b"), session="s2")
    desk.write(NoteWritten("c"), session="s1")
    assert [message.numbers for message in desk.all(Saved)] == [(1,), (1,), (2,)]
    assert len({message.head for message in desk.all(Saved)}) == 3
    assert desk.store.opened().head == desk.all(Saved)[-1].head


def test_a_request_of_several_sessions_gives_each_entry_its_number(desk: Desk) -> None:
    entries = (desk.entry(session="s1"), desk.entry(session="s2"), desk.entry(session="s1"))
    (saved,) = desk.put(Append(entries))
    assert isinstance(saved, Saved)
    assert saved.numbers == (1, 1, 2)


def test_numbers_go_on_after_the_store_was_opened_again(desk: Desk) -> None:
    desk.note()
    head = desk.all(Saved)[-1].head
    desk.open()
    assert desk.store.opened().head == head
    desk.note()
    assert desk.all(Saved)[-1].numbers == (2,)


def test_a_session_is_loaded_as_it_was_given(desk: Desk) -> None:
    entries = (desk.entry(OPENED), desk.entry(PATIENT), desk.entry(OrderSigned(ORDER, "anesthetist")))
    samples = (desk.sample(1), desk.sample(2))
    desk.put(Append(entries, samples))
    loaded = desk.store.load("s1")
    assert loaded.entries == tuple(
        msgspec.structs.replace(entry, number=number) for number, entry in enumerate(entries, 1)
    )
    assert loaded.samples == samples
    assert loaded.head == desk.all(Saved)[-1].head


def test_a_session_asked_for_comes_as_a_message_with_what_was_put_before(desk: Desk) -> None:
    entry = desk.entry()
    _, loaded = desk.put(Append((entry,)), Load("s1"))
    assert isinstance(loaded, Loaded)
    assert [each.uuid for each in loaded.entries] == [entry.uuid]


def test_samples_without_an_entry_are_saved_and_acknowledged(desk: Desk) -> None:
    (saved,) = desk.put(Append((), (desk.sample(1),)))
    assert saved == Saved(NOON, (), (), GENESIS)
    assert len(desk.store.load("s1").samples) == 1


def test_what_queues_up_is_written_in_one_commit_and_acknowledged_in_order(desk: Desk) -> None:
    commits: list[str] = []
    desk.open(lambda step: commits.append(step) if step == "committed" else None)
    entries = [desk.entry() for _ in range(10)]
    desk.put(*(Append((entry,)) for entry in entries))
    assert commits == ["committed"]
    assert desk.saved() == desk.on_disk() == [entry.uuid for entry in entries]


def test_a_long_queue_is_written_whole_and_in_order(desk: Desk) -> None:
    entries = [desk.entry() for _ in range(2 * GROUP + 3)]
    desk.put(*(Append((entry,)) for entry in entries))
    assert desk.saved() == desk.on_disk() == [entry.uuid for entry in entries]
    assert desk.store.unsaved == 0


def test_an_entry_already_on_disk_is_acknowledged_and_not_written_again(desk: Desk) -> None:
    request = Append((desk.entry(),), (desk.sample(1),))
    first, second = desk.put(request, request)
    assert first == second
    assert len(desk.on_disk()) == len(desk.store.load("s1").samples) == 1


def test_an_entry_put_again_after_a_restart_keeps_its_number(desk: Desk) -> None:
    old = desk.note()
    desk.note()
    desk.open()
    (saved,) = desk.put(Append((old, desk.entry())))
    assert isinstance(saved, Saved)
    assert saved.numbers == (1, 3)


def test_a_uuid_with_other_words_is_never_acknowledged_and_what_follows_is_saved(desk: Desk) -> None:
    old = desk.note()
    forged = msgspec.structs.replace(old, body=NoteWritten("other words"))
    after = desk.entry()
    desk.put(Append((forged,)), Append((after,)))
    assert desk.saved() == desk.on_disk() == [old.uuid, after.uuid]
    assert "The record refused NoteWritten" in desk.failures()[0].why


def test_a_sample_number_with_other_values_is_never_acknowledged(desk: Desk) -> None:
    desk.put(Append((), (desk.sample(1),)))
    desk.put(Append((), (desk.sample(1, spo2=50.0),)))
    assert len(desk.all(Saved)) == len(desk.failures()) == 1
    assert desk.store.load("s1").samples[0].vitals == {"spo2": 97.0}


def test_a_request_with_a_moment_without_time_zone_is_refused_whole(desk: Desk) -> None:
    naive = msgspec.structs.replace(NOON, utc=NOON.utc.replace(tzinfo=None))
    desk.put(Append((desk.entry(), msgspec.structs.replace(desk.entry(), at=naive))))
    assert desk.saved() == desk.on_disk() == []
    assert len(desk.failures()) == 1


def test_words_that_no_file_takes_are_refused_whole_and_what_follows_is_saved(desk: Desk) -> None:
    half_a_sign = Append((desk.entry(NoteWritten("\ud800")), desk.entry()))
    after = desk.entry()
    desk.put(half_a_sign, Append((after,)))
    assert desk.saved() == desk.on_disk() == [after.uuid]
    assert "The record refused NoteWritten" in desk.failures()[0].why


def test_the_clinics_log_is_found_at_the_start(desk: Desk) -> None:
    (entry,) = desk.write(ClinicNamed("Harbour Clinic"), session=CLINIC)
    desk.open()
    assert [each.uuid for each in desk.store.opened().clinic] == [entry.uuid]


def test_the_newest_session_without_an_end_is_the_unfinished_one(desk: Desk) -> None:
    desk.write(OPENED, session="s1")
    desk.write(OPENED, session="s2")
    desk.write(OPENED, SessionFinished(), session="s3")
    assert desk.store.opened().unfinished == "s2"


def test_after_a_restart_a_running_infusion_comes_before_a_check_in_that_was_opened_later(desk: Desk) -> None:
    desk.write(OPENED, session="s1")
    desk.write(OPENED, session="s2")
    desk.write(InfusionStarted("pump", 17.5), session="s1")
    assert desk.store.opened().unfinished == "s1"


def test_after_a_restart_of_two_check_ins_the_one_that_was_on_the_screen_comes_back(desk: Desk) -> None:
    desk.write(OPENED, session="s1")
    desk.write(OPENED, session="s2")
    desk.write(Resumed(20.0), session="s1")
    assert desk.store.opened().unfinished == "s1"


def test_no_session_is_unfinished_when_all_have_ended(desk: Desk) -> None:
    desk.a_session()
    assert desk.store.opened().unfinished is None


def test_sessions_are_listed_newest_first_with_patient_protocol_and_state(desk: Desk) -> None:
    desk.a_session()
    desk.write(OPENED, PATIENT, session="s2")
    (listed,) = desk.put(ListRows())
    assert isinstance(listed, SessionsListed)
    rows = [(row.session, row.patient, row.mrn, row.protocol, row.state, row.finished) for row in listed.rows]
    assert rows == [
        ("s2", "Ada Brown", "MRN-7", "", "check-in", False),
        ("s1", "Ada Brown", "MRN-7", "low-dose-one-hour", "finished", True),
    ]


def test_a_retracted_pause_does_not_count_in_the_list(desk: Desk) -> None:
    desk.write(OPENED, PATIENT, OrderSigned(ORDER, "anesthetist"))
    (pause,) = desk.write(InfusionPaused("hand", "", None))
    desk.write(Retracted(pause.uuid))
    (listed,) = desk.put(ListRows())
    assert isinstance(listed, SessionsListed)
    assert listed.rows[0].state == "ready"


def test_a_second_store_on_the_folder_is_refused_with_the_process_that_has_it(desk: Desk) -> None:
    desk.open()
    with pytest.raises(StorageError, match=f"open in another Chairside \\(process {os.getpid()}\\)"):
        open_store(desk.folder, lambda: NOON, desk.posted.append)


def test_a_lock_whose_file_was_removed_is_made_again_and_keeps_a_second_store_out(desk: Desk) -> None:
    desk.open()
    (desk.folder / LOCK_FILE).unlink()
    desk.store.step(desk.later(0.25))
    with pytest.raises(StorageError, match="open in another Chairside"):
        open_store(desk.folder, lambda: NOON, desk.posted.append)


def test_where_another_store_was_opened_after_the_lock_was_removed_the_first_one_writes_nothing_and_says_so(
    desk: Desk,
) -> None:
    desk.note()
    (desk.folder / LOCK_FILE).unlink()
    other = open_store(desk.folder, lambda: NOON, lambda _message: None)
    desk.note()
    assert desk.on_disk() == desk.saved() == ["u00001"]
    assert "open in another Chairside" in desk.failures()[0].why
    other.close()
    desk.later(1.0)
    desk.put()
    assert desk.on_disk() == desk.saved() == ["u00001", "u00002"]


def test_the_folder_is_free_again_after_a_refused_opening(desk: Desk) -> None:
    desk.note()
    desk.close()
    moved = desk.record.rename(desk.record.with_suffix(".away"))
    with pytest.raises(StorageError):
        desk.open()
    moved.rename(desk.record)
    assert desk.open().opened().head == desk.all(Saved)[-1].head


def test_an_idle_moment_moves_a_long_log_into_the_file(desk: Desk) -> None:
    for _ in range(CHECKPOINT_AFTER):
        desk.note()
    before = desk.record.stat().st_size
    desk.store.step(desk.later(1.0))
    assert desk.record.stat().st_size > before


def test_the_thread_writes_what_is_put_and_what_was_put_before_it_stopped(tmp_path: Path) -> None:
    posted: list[object] = []
    arrived = threading.Event()

    def post(message: object) -> None:
        posted.append(message)
        arrived.set()

    desk = Desk(tmp_path / "data")
    store = open_store(desk.folder, lambda: NOON, post)
    stop = threading.Event()
    thread = threading.Thread(target=store.run, args=(stop,))
    thread.start()
    store.put(Append((desk.entry(),)))
    assert arrived.wait(10.0)
    stop.set()
    store.put(Append((desk.entry(),)))
    thread.join(10.0)
    store.close()
    assert [type(message) for message in posted] == [Saved, Saved]


def test_the_key_of_an_open_record_is_sealed_and_the_record_goes_on(desk: Desk) -> None:
    desk.note()
    (answer,) = desk.put(SealKey("tap", "boss", "five words in a row"))
    assert isinstance(answer, KeySealed)
    assert (answer.tap, answer.author, answer.why) == ("tap", "boss", "")
    assert answer.kept == KeyKept("sealed", str(desk.folder))
    assert not (desk.folder / keys.KEY_FILE).exists()
    desk.note()
    desk.close()
    sealing.lock(desk.folder)
    keycommand.unlock(desk.folder, "five words in a row")
    assert verify(desk.folder).good


def test_a_passphrase_is_changed_while_the_record_is_open(desk: Desk) -> None:
    desk.note()
    desk.put(SealKey("one", "boss", "five words in a row"), SealKey("two", "boss", "six words in a long row"))
    desk.close()
    sealing.lock(desk.folder)
    keycommand.unlock(desk.folder, "six words in a long row")
    assert verify(desk.folder).good


def test_a_seal_that_cannot_be_written_leaves_the_open_key(desk: Desk) -> None:
    desk.note()
    (desk.folder / f"{keys.SEALED_FILE}{keycommand.TRIAL}.new").mkdir()
    (answer,) = desk.put(SealKey("tap", "boss", "five words in a row"))
    assert isinstance(answer, KeySealed)
    assert answer.why
    assert answer.kept.way == "file"
    assert keys.read_key_file(desk.folder / keys.KEY_FILE)
    assert not desk.failures()
