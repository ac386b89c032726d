"""Bytes in, rows out, in real time: the whole engine room on threads, on TCP and on pseudo-terminals."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.export import read_whole
from devices.clock import system_clock
from devices.simulated.serve import serve
from devices.simulated.world import World
from tests.journeys.live import Chair, infuse


@pytest.mark.parametrize("over", ["tcp", "pty"])
def test_an_infusion_runs_over_real_ports_and_is_on_disk_afterwards(tmp_path: Path, over: str) -> None:
    world = World(seed=4)
    ports = {"monitor_tcp": 0, "pump_tcp": 0} if over == "tcp" else {"pty": True}
    with serve(world, system_clock, **ports) as serving:
        chair = Chair(tmp_path)
        try:
            session = infuse(chair, world, serving.monitor[0], serving.pump[0])
        finally:
            chair.parts.stop()
    kinds = [type(entry.body).__name__ for entry in read_whole(tmp_path, session).entries]
    assert {"OrderSigned", "SegmentOpened", "InfusionStarted", "EffectNoted"} <= set(kinds)
