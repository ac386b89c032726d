"""A part that fails is reported and run again, and is left when it fails again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.instant import Instant
from app.keeping import TIMES, WITHIN_S, keep_running


class Part:
    """Fails so often, then ends by itself; a clock that goes on so far at each look."""

    def __init__(self, fails: int, apart_s: float = 0.0) -> None:
        self.fails = fails
        self.runs = self.mended = 0
        self._apart_s = apart_s
        self._now = Instant(datetime(2026, 3, 2, tzinfo=UTC), 0.0)

    def run(self) -> None:
        self.runs += 1
        if self.runs <= self.fails:
            raise KeyError("a bug")

    def mend(self) -> None:
        self.mended += 1

    def clock(self) -> Instant:
        self._now = self._now.plus(self._apart_s)
        return self._now


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What whoever watches threads was told."""
    kinds: list[str] = []
    before = threading.excepthook
    threading.excepthook = lambda args: kinds.append(args.exc_type.__name__)
    yield kinds
    threading.excepthook = before


def test_a_part_that_ends_by_itself_is_not_run_again(told: list[str]) -> None:
    part = Part(0)
    keep_running(part.run, part.mend, part.clock, threading.Event())
    assert (part.runs, part.mended, told) == (1, 0, [])


def test_each_failure_is_reported_and_mended_once(told: list[str]) -> None:
    part = Part(2)
    keep_running(part.run, part.mend, part.clock, threading.Event())
    assert (part.runs, part.mended, told) == (3, 2, ["KeyError", "KeyError"])


def test_a_part_that_fails_again_and_again_is_left(told: list[str]) -> None:
    part, left = Part(100), list[int]()
    keep_running(part.run, part.mend, part.clock, threading.Event(), left=lambda: left.append(part.runs))
    assert part.runs == len(told) == TIMES
    assert left == [TIMES]


def test_a_part_that_fails_now_and_then_is_kept(told: list[str]) -> None:
    part = Part(TIMES + 2, apart_s=WITHIN_S)
    keep_running(part.run, part.mend, part.clock, threading.Event())
    assert part.runs == TIMES + 3


def test_a_part_whose_mending_waits_is_kept_for_ever(told: list[str]) -> None:
    part = Part(TIMES + 2)
    keep_running(part.run, part.mend, part.clock, threading.Event(), for_ever=True)
    assert part.runs == TIMES + 3


def test_nothing_is_run_again_once_the_program_ends(told: list[str]) -> None:
    part, stop = Part(100), threading.Event()
    stop.set()
    keep_running(part.run, part.mend, part.clock, stop, left=lambda: told.append("left"))
    assert part.runs == len(told) == 1
