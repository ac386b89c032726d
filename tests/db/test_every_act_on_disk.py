"""R2 on the record itself: what each kind of touch writes, at a disk that fails at each step of the commit."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pytest
from sqlalchemy import Connection

from app.ports import Append
from db.verify import verify
from tests.app.every_act import MOMENTS
from tests.db.desk import Desk
from tests.db.test_failing_disk import STEPS, Failing


class Touch(NamedTuple):
    """What a kind of touch asks the store to write, after what was written before it."""

    name: str
    before: Append
    request: Append


@cache
def touches() -> tuple[Touch, ...]:
    """Every kind that writes something."""
    return tuple(touch for touch in map(touch_of, MOMENTS) if touch.request.entries)


def touch_of(kind: type) -> Touch:
    """One kind of touch on a chair that takes it."""
    chair, act = MOMENTS[kind]()
    chair.wait(1)
    entries, samples = len(chair.store.entries), len(chair.store.samples)
    chair.tap(act)
    before = Append(tuple(chair.store.entries[:entries]), tuple(chair.store.samples[:samples]))
    request = Append(tuple(chair.store.entries[entries:]), tuple(chair.store.samples[samples:]))
    return Touch(kind.__name__, before, request)


def rows(connection: Connection) -> tuple[int, int]:
    """Entries and samples on disk."""
    counts = connection.exec_driver_sql("SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM sample)")
    entries, samples = counts.one()
    connection.rollback()
    return entries, samples


@pytest.mark.parametrize("step", STEPS)
def test_a_disk_that_fails_at_this_step_keeps_all_of_each_kind_of_touch_or_none(
    desk: Desk, step: str
) -> None:
    failing = Failing(step)
    desk.open(failing)
    looking, whole = desk.another(), (0, 0)
    with looking.connect() as connection:
        for name, before, request in touches():
            failing.on = False
            desk.later(10.0)
            desk.put(before)
            there = rows(connection)
            whole = (there[0] + len(request.entries), there[1] + len(request.samples))
            failing.on = step != "samples inserted" or bool(request.samples)
            desk.put(request)
            kept = whole if step == "committed" or not failing.on else there
            assert (name, rows(connection)) == (name, kept)
            failing.on = False
            desk.later(10.0)
            desk.put()
            assert (name, rows(connection)) == (name, whole)
    looking.dispose()
    assert len(desk.saved()) == whole[0]
    assert verify(desk.folder).problems == ()
