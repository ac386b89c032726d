"""The session thread's loop: drain, tick, publish; and what a tick may cost."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from time import monotonic, perf_counter

import pytest

from app.frames import Snapshot
from app.instant import Instant
from app.messages import NoteEffect, SignIn, Tap, WriteNote
from app.runner import Runner
from app.show import Show
from tests.app.chair import NURSE, Chair, order


def runner(chair: Chair, published: list[Snapshot]) -> Runner:
    """A runner of this chair's engine."""
    return Runner(chair.engine, Show(), published.append)


def test_a_step_takes_everything_that_waits_and_shows_once() -> None:
    chair = Chair().with_patient()
    published: list[Snapshot] = []
    run = runner(chair, published)
    for n in range(5):
        run.post(Tap(f"t{n}", chair.now, WriteNote(f"note {n}")))
    run.step(chair.now.plus(0.1))
    assert len(published) == 1
    assert sum("note" in line.text for line in published[0].log) == 5


def test_messages_are_taken_in_the_order_in_which_they_came() -> None:
    chair = Chair().with_patient()
    run = runner(chair, [])
    for n in range(5):
        run.post(Tap(f"t{n}", chair.now, WriteNote(f"{n}")))
    run.advance(chair.now.plus(0.1))
    notes = [
        body.text for body in chair.bodies(type(chair.session.entries[-1].body)) if hasattr(body, "text")
    ]
    assert notes == ["0", "1", "2", "3", "4"]


def test_advancing_shows_nothing() -> None:
    chair = Chair().with_patient()
    published: list[Snapshot] = []
    runner(chair, published).advance(chair.now.plus(0.1))
    assert published == []


def test_a_value_ages_though_nothing_arrives() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0)
    published: list[Snapshot] = []
    run = runner(chair, published)
    for age_s in (1, 11, 61):
        run.step(chair.now.plus(age_s))
    states = [next(t.state for t in s.tiles if t.key == "heart_rate") for s in published]
    assert states == ["live", "stale", "missing"]


def test_the_live_loop_answers_a_touch_and_ends_when_it_is_told() -> None:
    chair = Chair()
    answered, stop = threading.Event(), threading.Event()

    def publish(snapshot: Snapshot) -> None:
        if "one" in snapshot.answers:
            answered.set()

    def clock() -> Instant:
        return Instant(datetime.now(UTC), monotonic())

    run = Runner(chair.engine, Show(), publish)
    thread = threading.Thread(target=run.run, args=(clock, stop))
    thread.start()
    run.post(Tap("one", clock(), SignIn(NURSE, "1111")))
    try:
        assert answered.wait(5)
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()


@pytest.mark.benchmark
def test_a_tick_late_in_a_long_session_costs_at_most_four_times_one_early_in_it() -> None:
    early, late = Chair().running(), Chair().running(signed=order(minutes=240.0))
    volume = 0.0
    for n in range(400):
        volume = late.flow(36, 10.0, volume, every_s=6)
        late.vitals(heart_rate=70.0, spo2=97.0)
        late.tap(NoteEffect("nausea", 1 + n % 3))
    runs = [runner(chair, []) for chair in (early, late)]
    costs: list[list[float]] = [[], []]
    for _ in range(100):
        for chair, run, cost in zip((early, late), runs, costs, strict=True):
            chair.now = chair.now.plus(0.1)
            began = perf_counter()
            run.step(chair.now)
            cost.append(perf_counter() - began)
    first, last = (sorted(cost)[50] for cost in costs)
    assert last <= 4 * first, f"{last * 1000:.2f} ms against {first * 1000:.2f} ms"
