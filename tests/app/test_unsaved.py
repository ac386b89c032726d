"""What is not on disk is said within two seconds and listed in words, to be written on paper."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.messages import BackupTold, NoteEffect, StorageFailed, Undo, WriteNote
from app.unsaved import LATE_S
from app.unsaved_frames import UnsavedFrame
from tests.app.chair import Chair


@pytest.fixture
def chair() -> Chair:
    """An infusion runs, and everything so far is on disk."""
    chair = Chair().running()
    chair.hear(chair.store.saved(chair.now))
    return chair


def full(chair: Chair) -> Chair:
    """From now on the disk takes nothing."""
    chair.hear(chair.store.failed(chair.now))
    return chair


def paper(chair: Chair) -> UnsavedFrame:
    frame = chair.snapshot.unsaved
    assert frame is not None
    return frame


def texts(chair: Chair) -> list[str]:
    return [line.text for line in paper(chair).lines]


def test_while_all_is_on_disk_there_is_nothing_to_write_down(chair: Chair) -> None:
    assert chair.snapshot.unsaved is None
    chair.tap(WriteNote("warm blanket"))
    assert chair.snapshot.saved.state == "saving"
    assert chair.snapshot.unsaved is None


def test_a_full_disk_is_said_at_once_on_the_bar_and_in_the_last_line(chair: Chair) -> None:
    full(chair)
    assert "storage" in chair.alarms()
    assert chair.snapshot.saved.state == "failed"
    assert chair.snapshot.saved.text.startswith("Not saved since 14:")


def test_a_disk_that_hangs_is_said_within_two_seconds(chair: Chair) -> None:
    chair.store.longest_wait_s = LATE_S + 0.1
    chair.wait(0.1, step_s=0.1)
    assert LATE_S + 0.2 <= 2.0
    assert "storage" in chair.alarms()
    assert chair.snapshot.saved.state == "failed"
    assert "takes long to write" in chair.snapshot.saved.text


def test_a_disk_that_is_a_little_slow_is_not_said(chair: Chair) -> None:
    chair.store.longest_wait_s = LATE_S - 0.1
    chair.wait(1)
    assert chair.alarms() == []
    assert chair.snapshot.unsaved is None


def test_the_time_of_a_disk_that_hangs_stands_still_while_it_hangs(chair: Chair) -> None:
    said = set()
    for waited in range(2, 30):
        chair.store.longest_wait_s = float(waited)
        chair.wait(1)
        said.add(paper(chair).since)
    assert len(said) == 1


def test_when_the_disk_returns_the_list_is_gone(chair: Chair) -> None:
    chair.store.longest_wait_s = 3.0
    chair.wait(1)
    chair.store.longest_wait_s = 0.0
    chair.hear(chair.store.saved(chair.now))
    assert chair.snapshot.unsaved is None
    assert chair.alarms() == []


def test_each_entry_that_is_not_on_disk_stands_on_the_list_in_words(chair: Chair) -> None:
    full(chair)
    chair.tap(WriteNote("warm blanket"))
    chair.tap(NoteEffect("nausea", 2))
    lines = paper(chair).lines
    assert [line.who for line in lines if "blanket" in line.text] == ["LK"]
    assert any("ausea" in line.text for line in lines)
    assert {line.at[:3] for line in lines} == {"14:"}


def test_what_reaches_the_disk_leaves_the_list(chair: Chair) -> None:
    full(chair)
    chair.tap(WriteNote("first"))
    chair.hear(chair.store.saved(chair.now))
    full(chair)
    chair.tap(WriteNote("second"))
    assert any("second" in text for text in texts(chair))
    assert not any("first" in text for text in texts(chair))


def test_the_vital_signs_stand_on_it_every_five_minutes_and_newest_last(chair: Chair) -> None:
    full(chair)
    for minute in range(12):
        for _ in range(12):
            chair.wait(5)
            chair.vitals(heart_rate=70.0 + minute, spo2=97.0)
            chair.pump(17.5, 1.0)
    vitals = paper(chair).vitals
    times = [line.at for line in vitals]
    assert len(vitals) == 4
    assert times == sorted(times)
    assert "HR 81" in vitals[-1].text
    assert "pump 17.5 mL/h, 1.0 mL given" in vitals[-1].text


def test_a_value_that_is_missing_is_missing_on_paper_too(chair: Chair) -> None:
    full(chair)
    chair.vitals(heart_rate=70.0, spo2=97.0)
    chair.wait(5)
    chair.vitals(heart_rate=None, spo2=97.0)
    chair.wait(6)
    assert "HR --" in paper(chair).vitals[-1].text


def test_the_vital_signs_on_the_screen_go_on_while_the_disk_is_full(chair: Chair) -> None:
    full(chair)
    for beats in (71.0, 72.0, 73.0):
        chair.wait(1)
        chair.vitals(heart_rate=beats)
        assert chair.tile("heart_rate") == (f"{beats:.0f}", "live")


def test_an_entry_that_the_record_refuses_stays_on_the_list_and_is_said(chair: Chair) -> None:
    chair.tap(WriteNote("odd"))
    uuid = next(uuid for uuid, entry in chair.engine.unsaved.items() if entry.body == _note("odd"))
    chair.hear(StorageFailed(chair.now, chair.now, "The record refused NoteWritten", (uuid,)))
    chair.hear(chair.store.saved(chair.now))
    assert [line.text for line in paper(chair).refused] == ["Note: odd"]
    assert paper(chair).since == ""
    assert "storage.refused" in chair.alarms()
    assert "storage" not in chair.alarms()


def _note(text: str) -> object:
    from app.entries import NoteWritten

    return NoteWritten(text)


def test_what_was_written_and_taken_back_meanwhile_leaves_no_line(chair: Chair) -> None:
    full(chair)
    chair.tap(WriteNote("slip"))
    undo = chair.snapshot.undo
    assert undo is not None
    chair.tap(Undo(undo.entry))
    assert texts(chair) == []


def test_an_undo_of_what_is_on_disk_stands_on_the_list(chair: Chair) -> None:
    chair.tap(WriteNote("slip"))
    chair.hear(chair.store.saved(chair.now))
    full(chair)
    undo = chair.snapshot.undo
    assert undo is not None
    chair.tap(Undo(undo.entry))
    (line,) = texts(chair)
    assert "slip" in line


def test_a_back_up_that_fails_is_told_between_patients_and_not_beside_one() -> None:
    quiet, busy = Chair().signed_in(), Chair().running()
    for chair in (quiet, busy):
        chair.hear(BackupTold(chair.now, chair.now.utc - timedelta(days=1), "Connect its disk."))
    assert quiet.alarms() == ["backup"]
    assert quiet.snapshot.alarms.rows[0].text == "No back-up: the last 21 Nov 14:00"
    assert busy.alarms() == []
    quiet.hear(BackupTold(quiet.now, quiet.now.utc, ""))
    assert quiet.alarms() == []


def test_what_the_record_refused_is_never_shown_as_saved(chair: Chair) -> None:
    chair.tap(WriteNote("odd"))
    uuid = next(uuid for uuid, entry in chair.engine.unsaved.items() if entry.body == _note("odd"))
    chair.hear(StorageFailed(chair.now, chair.now, "The record refused NoteWritten", (uuid,)))
    chair.hear(chair.store.saved(chair.now))
    assert chair.snapshot.saved.state == "failed"
    assert chair.snapshot.saved.text.startswith("Not saved: Note")
