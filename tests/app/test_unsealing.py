"""The waits after wrong passphrases, and what the screen of a sealed record shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.instant import Instant
from app.unsealing import LONGEST_WAIT_S, OPENING, Tries, left_s, seal_frame, wait_after

NOW = Instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), 1000.0)


def tries(wrong: int) -> Tries:
    return Tries(wrong, NOW.utc, NOW.steady, "this start")


def test_two_slips_cost_nothing_and_each_further_one_doubles_the_wait() -> None:
    assert [wait_after(wrong) for wrong in range(7)] == [0, 0, 0, 5, 10, 20, 40]


def test_no_wait_is_longer_than_five_minutes() -> None:
    assert wait_after(9) == wait_after(1_000_000) == LONGEST_WAIT_S == 300.0


def test_the_wait_runs_down_on_the_steady_clock() -> None:
    assert left_s(tries(4), NOW.plus(4.0), "this start") == 6.0
    assert left_s(tries(4), NOW.plus(11.0), "this start") == 0.0


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_wall_clock_that_was_set_changes_no_wait(hours: int) -> None:
    moved = Instant(NOW.utc + timedelta(hours=hours), NOW.steady + 4.0)
    assert left_s(tries(4), moved, "this start") == 6.0


def test_after_a_restart_of_the_machine_the_wall_clock_counts_and_never_makes_it_longer() -> None:
    other = Instant(NOW.utc + timedelta(seconds=4), 3.0)
    assert left_s(tries(4), other, "another start") == 6.0
    set_back = Instant(NOW.utc - timedelta(days=3), 3.0)
    assert left_s(tries(4), set_back, "another start") == 10.0


def test_nothing_typed_is_nothing_to_open() -> None:
    assert seal_frame(0, 0.0, "", is_opening=False).barred == "type it first"
    assert seal_frame(1, 0.0, "", is_opening=False).barred == ""


def test_a_wait_is_counted_down_beside_what_was_said() -> None:
    frame = seal_frame(9, 64.2, "Not the passphrase.", is_opening=False)
    assert (frame.words, frame.barred) == ("Not the passphrase. Next try in 1:05.", "wait 1:05")


def test_a_wait_from_before_the_start_says_what_it_is_for() -> None:
    frame = seal_frame(0, 5.0, "", is_opening=False)
    assert frame.words == "A wrong passphrase was given. Next try in 0:05."


def test_while_it_opens_it_says_so_and_takes_no_second_try() -> None:
    frame = seal_frame(9, 0.0, "", is_opening=True)
    assert (frame.words, frame.barred, frame.is_opening) == (OPENING, "opening", True)
