from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from app.messages import BackupTold
from db.backup import PART, back_up
from db.schedule import AGAIN_AFTER_S, BackupSchedule
from tests.db.desk import Desk

DAY_S = 86400.0


class Scheduled:
    """A schedule of one back-up a day on a desk, and what it told."""

    def __init__(self, desk: Desk, stick: Path) -> None:
        self.desk = desk
        self.stick = stick
        self.told: list[BackupTold] = []
        self.schedule = self.fresh()

    def fresh(self) -> BackupSchedule:
        """The schedule as a new start of Chairside makes it."""
        return BackupSchedule(self.desk.folder, self.stick, 24.0, lambda: self.desk.now, self._post)

    def _post(self, message: object) -> None:
        assert isinstance(message, BackupTold)
        self.told.append(message)

    def step(self, later_s: float = 0.0) -> int:
        """Let time pass, look once; how many back-ups there are."""
        self.schedule.step(self.desk.later(later_s))
        return len([path for path in self.stick.glob("chairside-*") if not path.name.endswith(PART)])


@pytest.fixture
def daily(desk: Desk, tmp_path: Path) -> Scheduled:
    """A record in use with a session, and an empty stick."""
    (tmp_path / "stick").mkdir()
    desk.a_session()
    return Scheduled(desk, tmp_path / "stick")


def test_the_first_back_up_is_made_at_once_and_told(daily: Scheduled) -> None:
    assert daily.step() == 1
    assert daily.told == [BackupTold(daily.desk.now, daily.desk.now.utc, "")]


def test_the_next_is_made_when_its_hours_are_over_and_not_before(daily: Scheduled) -> None:
    daily.step()
    assert daily.step(DAY_S - 1.0) == 1
    assert daily.step(1.0) == 2


def test_a_new_start_goes_by_the_back_ups_that_are_there(daily: Scheduled) -> None:
    daily.step()
    daily.schedule = daily.fresh()
    assert daily.step(DAY_S / 2) == 1
    assert daily.told[-1].why == ""
    assert daily.step(DAY_S / 2) == 2


def test_a_back_up_from_the_future_does_not_keep_one_from_being_made(daily: Scheduled) -> None:
    back_up(daily.desk.folder, daily.stick, daily.desk.now.plus(10 * DAY_S).utc)
    assert daily.step() == 2
    assert daily.step(60.0) == 2


def test_a_stick_that_is_not_there_is_told_and_tried_again_in_five_minutes(daily: Scheduled) -> None:
    away = daily.stick.rename(daily.stick.with_name("pocket"))
    daily.schedule.step(daily.desk.now)
    assert "Connect its disk" in daily.told[-1].why
    away.rename(daily.stick)
    assert daily.step(AGAIN_AFTER_S - 1.0) == 0
    assert daily.step(1.0) == 1
    assert daily.told[-1].why == ""


def test_a_stick_that_went_after_a_good_back_up_is_told_with_the_time_of_that_one(daily: Scheduled) -> None:
    daily.step()
    made = daily.told[-1].made
    shutil.rmtree(daily.stick)
    daily.schedule.step(daily.desk.later(DAY_S))
    assert daily.told[-1].made == made
    assert daily.told[-1].why


def test_a_damaged_record_is_told_and_no_back_up_is_removed(daily: Scheduled) -> None:
    daily.step()
    daily.desk.tamper("DROP TRIGGER entry_kept")
    assert daily.step(DAY_S) == 1
    assert "trigger entry_kept is missing" in daily.told[-1].why


def test_an_end_of_the_program_gives_up_the_one_under_way(daily: Scheduled) -> None:
    stop = threading.Event()
    stop.set()
    daily.schedule.run(stop)
    assert list(daily.stick.iterdir()) == []
    assert daily.told == []
