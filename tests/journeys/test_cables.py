"""Cables pulled, half-open connections, drips and moved ports, on real TCP and on pseudo-terminals."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from app.entries import AlarmRaised, AnyBody, LinkNoted
from app.frames import Snapshot
from app.messages import ChooseDevice, DeviceDraft
from db.export import read_whole
from devices.clock import system_clock
from devices.simulated.serve import serve
from devices.simulated.world import World
from tests.journeys.live import Chair, infuse
from tests.journeys.wire import PtyPlug, TcpPlug, Trouble, Wire

NOTICED_S = 5.0
BACK_S = 10.0
SEEN_WITHIN_S = 1.0
"""A busy machine's share, for what this process does on threads beside the chair's."""

OVER_TCP: tuple[Trouble, ...] = ("unplugged", "half-open", "drip", "another device")
OVER_PTY: tuple[Trouble, ...] = ("unplugged", "silent", "drip", "another device")
WORDS: dict[Trouble, str] = {"drip": "Bytes come, but not", "another device": "Bytes come, but not"}


class Bench(msgspec.Struct):
    """A running infusion on a wire of which the test disposes, and what its troubles took."""

    chair: Chair
    wire: Wire
    session: str
    noticed_s: list[float] = []
    back_s: list[float] = []


@contextmanager
def bench(folder: Path, over: str) -> Iterator[Bench]:
    """A patient's infusion under way over real ports."""
    world = World(seed=4)
    plug = TcpPlug() if over == "tcp" else PtyPlug(folder / "ttyUSB0")
    wire = Wire(world, system_clock, plug)
    try:
        with serve(world, system_clock, pump_tcp=0) as serving:
            chair = Chair(folder / "record")
            try:
                yield Bench(chair, wire, infuse(chair, world, plug.address, serving.pump[0]))
            finally:
                chair.parts.stop()
    finally:
        wire.close()


def lost(shot: Snapshot) -> bool:
    return any(row.key == "link.monitor" for row in shot.alarms.rows)


def heard(shot: Snapshot) -> bool:
    live = any(tile.key == "heart_rate" and tile.state == "live" for tile in shot.tiles)
    return live and not lost(shot)


def five_frames(chair: Chair) -> None:
    """The link knows the monitor's pace."""
    seen = chair.until(heard, "the monitor").steady
    chair.until(lambda shot: heard(shot) and shot.steady - seen > 6.5, "some seconds of the monitor")


def suffer(on: Bench, trouble: Trouble, hold_s: float) -> None:
    """One trouble, noticed and over: the gates of each, one gap and one notice."""
    chair = on.chair
    five_frames(chair)
    began_s = time.monotonic()
    on.wire.suffer(trouble)
    shot = chair.until(lost, f"the notice of {trouble}")
    on.noticed_s.append(time.monotonic() - began_s)
    said = next(row.detail for row in shot.alarms.rows if row.key == "link.monitor")
    assert WORDS.get(trouble, "") in said
    noticed = shot.steady
    chair.until(lambda now: now.steady - noticed > hold_s, "a while without the monitor")
    back_s = time.monotonic()
    on.wire.suffer("")
    chair.until(heard, f"the monitor after {trouble}")
    on.back_s.append(time.monotonic() - back_s)
    assert on.noticed_s[-1] <= NOTICED_S + SEEN_WITHIN_S, (trouble, on.noticed_s)
    assert on.back_s[-1] <= BACK_S + SEEN_WITHIN_S, (trouble, on.back_s)


def figures(on: Bench) -> str:
    return ", ".join(
        f"{name} median {statistics.median(times):.1f} s, longest {max(times):.1f} s"
        for name, times in (("noticed", on.noticed_s), ("back", on.back_s))
    )


def told(folder: Path, session: str) -> list[AnyBody]:
    return [entry.body for entry in read_whole(folder / "record", session).entries]


def check_record(folder: Path, session: str, troubles: int) -> None:
    """Each trouble is written once, its end once, and one alarm was raised for it."""
    bodies = told(folder, session)
    turns = [one.state for one in bodies if isinstance(one, LinkNoted) and one.device == "monitor"]
    assert ["live" if turn == "live" else "lost" for turn in turns] == ["lost", "live"] * troubles
    raised = [one for one in bodies if isinstance(one, AlarmRaised) and one.key == "link.monitor"]
    assert len(raised) == troubles


def go_through(folder: Path, over: str, troubles: list[Trouble], hold_s: float) -> Bench:
    """All these troubles in one session; what the record and the chart say of them."""
    threads = set(threading.enumerate())
    with bench(folder, over) as on:
        running = threading.active_count()
        for number, trouble in enumerate(troubles, 1):
            suffer(on, trouble, hold_s)
            shot = on.chair.until(lambda now: now.chart is not None, "the chart")
            assert shot.chart is not None
            assert len(shot.chart.gaps) == number
            assert threading.active_count() == running
            if number % 10 == 0:
                print(f"{over}: {number} troubles, {figures(on)}", flush=True)
    assert set(threading.enumerate()) <= threads
    check_record(folder, on.session, len(troubles))
    print(
        f"{over}: {len(troubles)} troubles, {figures(on)}, {len(troubles)} gaps and notices, 0 threads left"
    )
    return on


@pytest.mark.parametrize(
    ("over", "troubles"), [("tcp", ["unplugged", "half-open"]), ("pty", ["unplugged", "silent"])]
)
def test_a_lost_monitor_is_noticed_in_five_seconds_and_read_again_ten_after_its_return(
    tmp_path: Path, over: str, troubles: list[Trouble]
) -> None:
    go_through(tmp_path, over, troubles, hold_s=0.5)


def test_a_monitor_that_hangs_at_another_port_is_read_there_and_its_gap_ends(tmp_path: Path) -> None:
    with bench(tmp_path, "pty") as on:
        five_frames(on.chair)
        elsewhere = PtyPlug(tmp_path / "ttyUSB1")
        on.wire.move(elsewhere)
        on.chair.until(lost, "the notice")
        choice = DeviceDraft("monitor", "ge-dri", elsewhere.address)
        assert on.chair.touch(ChooseDevice(choice)).state == "taken"
        shot = on.chair.until(heard, "the monitor at its new port")
        assert shot.chart is not None
        (gap,) = shot.chart.gaps
        assert gap.end_s < shot.chart.now_s
    check_record(tmp_path, on.session, 1)


@pytest.mark.links
@pytest.mark.parametrize(("over", "kinds"), [("tcp", OVER_TCP), ("pty", OVER_PTY)])
def test_many_troubles_are_noticed_and_over_in_time(
    tmp_path: Path, over: str, kinds: tuple[Trouble, ...], rounds: int
) -> None:
    chance = random.Random(f"{over} {rounds}")
    troubles = [kinds[number % len(kinds)] for number in range(rounds)]
    chance.shuffle(troubles)
    go_through(tmp_path, over, troubles, hold_s=1.0)
