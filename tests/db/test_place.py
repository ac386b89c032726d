"""A line of the audit trail never goes into a file that is about to be replaced."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.entries import Audited
from app.ports import StorageError
from db import keys, place, reading
from db.audit import note
from db.rekeying import rotate
from db.verify import verify
from tests.db.desk import Desk


@pytest.fixture
def closed(desk: Desk) -> Desk:
    """A record with a session, closed."""
    desk.a_session()
    desk.close()
    return desk


def lines(desk: Desk) -> list[str]:
    with reading.in_folder(desk.folder) as connection:
        return [e.body.detail for e in reading.trail_of(connection) if isinstance(e.body, Audited)]


def test_while_the_key_is_changed_nothing_is_noted_and_so_nothing_is_shown(closed: Desk) -> None:
    refused: list[str] = []

    def fault(step: str) -> None:
        if step == "compared":
            with pytest.raises(StorageError, match="Its key is being changed") as said:
                note(closed.folder, "exported", closed.now, "boot", session="s1")
            refused.append(str(said.value))

    rotate(closed.folder, keys.read_key(closed.folder), keys.write_durably, fault)
    assert len(refused) == 1
    assert "then try again" in refused[0]
    assert lines(closed) == []


def test_a_line_is_noted_again_once_the_key_was_changed(closed: Desk) -> None:
    rotate(closed.folder, keys.read_key(closed.folder), keys.write_durably)
    note(closed.folder, "exported", closed.now, "boot", session="s1", detail="after")
    assert lines(closed)[0].startswith("after")
    assert verify(closed.folder).good


def test_a_change_of_key_waits_for_the_line_that_is_being_written(closed: Desk) -> None:
    done = threading.Event()

    def change() -> None:
        rotate(closed.folder, keys.read_key(closed.folder), keys.write_durably)
        done.set()

    thread = threading.Thread(target=change)
    with place.shared(closed.folder):
        thread.start()
        assert not done.wait(0.3)
    thread.join()
    assert done.is_set()


def test_a_command_that_never_ends_is_said_and_the_key_stays(closed: Desk) -> None:
    before = keys.read_key(closed.folder)
    with (
        place.shared(closed.folder),
        pytest.raises(StorageError, match="Another command of Chairside writes"),
    ):
        rotate(closed.folder, before, keys.write_durably)
    assert keys.read_key(closed.folder) == before
    assert verify(closed.folder).good


def test_two_commands_note_side_by_side(closed: Desk) -> None:
    with place.shared(closed.folder):
        note(closed.folder, "exported", closed.now, "boot", session="s1", detail="beside")
    assert lines(closed)[0].startswith("beside")


def test_the_lock_leaves_no_file(closed: Desk) -> None:
    before = {path.name for path in closed.folder.iterdir()}
    with place.alone(closed.folder):
        assert {path.name for path in closed.folder.iterdir()} == before


def test_a_folder_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="away"), place.shared(tmp_path / "away"):
        pytest.fail("there is nothing to hold")
