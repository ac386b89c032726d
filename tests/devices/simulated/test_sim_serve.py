"""The simulated devices on real ports, in real time: sockets and pseudo-terminals."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import pytest

from app.instant import Instant
from app.messages import LinkChanged, LinkState, PumpRead, VitalsRead
from devices.clock import system_clock
from devices.link import Link, Message
from devices.monitors.ge_dri import GeDri
from devices.pumps.alaris import Alaris
from devices.simulated.serve import ServeError, Serving, serve
from devices.simulated.world import World
from devices.transport import PortTransport

PATIENCE_S = 8.0


class Fast:
    """A clock five times as fast as the machine's."""

    def __init__(self) -> None:
        self._began = system_clock()

    def __call__(self) -> Instant:
        return self._began.plus(4 * system_clock().since(self._began))


@pytest.fixture
def world() -> World:
    world = World()
    world.set_pump_rate(36.0)
    world.pump_key("start")
    return world


@pytest.fixture
def serving(world: World) -> Iterator[Serving]:
    with serve(world, Fast(), monitor_tcp=0, pump_tcp=0) as serving:
        yield serving


class Watched:
    """Links on threads of their own, and what they posted."""

    def __init__(self, monitor: str, pump: str) -> None:
        self.posted: list[Message] = []
        self._stop = threading.Event()
        links = (
            Link("monitor", GeDri, PortTransport(monitor, GeDri.line), self.posted.append),
            Link("pump", Alaris, PortTransport(pump, Alaris.line), self.posted.append),
        )
        clock = Fast()
        self._threads = [threading.Thread(target=link.run, args=(clock, self._stop)) for link in links]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def count(self, kind: type[Message]) -> int:
        return sum(isinstance(message, kind) for message in list(self.posted))

    def states(self, device: str) -> list[LinkState]:
        return [
            one.state for one in list(self.posted) if isinstance(one, LinkChanged) and one.device == device
        ]


def wait_until(true: Callable[[], bool]) -> None:
    """Look again and again; fails after some seconds."""
    end = time.monotonic() + PATIENCE_S
    never = threading.Event()
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        never.wait(0.02)


def test_links_read_both_devices_over_tcp(serving: Serving) -> None:
    with Watched(serving.monitor[0], serving.pump[0]) as watched:
        wait_until(lambda: watched.count(VitalsRead) >= 3 and watched.count(PumpRead) >= 3)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_links_read_both_devices_over_pseudo_terminals(world: World) -> None:
    with (
        serve(world, Fast(), pty=True) as serving,
        Watched(serving.monitor[0], serving.pump[0]) as watched,
    ):
        wait_until(lambda: watched.count(VitalsRead) >= 3 and watched.count(PumpRead) >= 3)


def test_it_listens_on_this_machine_only(serving: Serving) -> None:
    assert [address.startswith("socket://127.0.0.1:") for address in serving.monitor + serving.pump] == [
        True
    ] * 2


def test_unplugged_the_connection_breaks_and_plugged_in_it_comes_back(world: World, serving: Serving) -> None:
    with Watched(serving.monitor[0], serving.pump[0]) as watched:
        wait_until(lambda: watched.states("monitor")[-1:] == [LinkState.LIVE])
        world.event("unplug_monitor")
        wait_until(lambda: watched.states("monitor")[-1:] == [LinkState.DOWN])
        world.event("plug_monitor")
        wait_until(lambda: watched.states("monitor")[-1:] == [LinkState.LIVE])
        assert LinkState.DOWN not in watched.states("pump")


def test_a_second_host_takes_the_line_over(serving: Serving) -> None:
    port = int(serving.pump[0].rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as first:
        first.sendall(b"!ALARM|50B2\r")
        assert first.recv(100) == b"!ALARM^AL_NOALM^ ^ |C73B\r"
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as second:
            assert first.recv(100) == b""
            second.sendall(b"!ALARM|50B2\r")
            assert second.recv(100) == b"!ALARM^AL_NOALM^ ^ |C73B\r"


def test_after_stop_nobody_listens_and_no_thread_is_left(world: World) -> None:
    serving = serve(world, system_clock, monitor_tcp=0)
    port = int(serving.monitor[0].rsplit(":", 1)[1])
    serving.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    assert "simulated devices" not in {thread.name for thread in threading.enumerate()}


def test_a_port_that_is_taken_is_said_and_nothing_stays_open(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=str(port)):
            serve(world, system_clock, monitor_tcp=0, pump_tcp=port)


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_port_that_cannot_be_is_refused(world: World, port: int) -> None:
    with pytest.raises(ServeError):
        serve(world, system_clock, monitor_tcp=port)


def test_nothing_to_serve_is_said(world: World) -> None:
    with pytest.raises(ServeError):
        serve(world, system_clock)
