"""Real ports in real time: a terminal of the system and TCP, through pyserial and the link's thread."""

from __future__ import annotations

import errno
import os
import pty
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial
from serial.rfc2217 import PortManager

from app.messages import LinkChanged, LinkState, VitalsRead
from devices.bytelog import ByteLog, read_log
from devices.clock import system_clock
from devices.link import Link, Message
from devices.monitors.ge_dri import GeDri
from devices.transport import PortTransport, TransportError
from tests.devices.dri import basic_record, framed

DEADLINE_S = 15.0
NUMBERS = framed(basic_record(0))  # without a time: it may come again


class Thread:
    """A link that runs in its thread; `until` waits for a message that fits."""

    def __init__(self, port: str, log: ByteLog | None = None) -> None:
        self._posted: queue.Queue[Message] = queue.Queue()
        self._stop = threading.Event()
        link = Link("monitor", GeDri, PortTransport(port, GeDri.line, log), self._posted.put)
        self._thread = threading.Thread(target=link.run, args=(system_clock, self._stop), name="link")
        self._thread.start()

    def until(self, fits: Callable[[Message], bool]) -> Message:
        """The next message that fits; the test fails when none comes in time."""
        ends = system_clock().plus(DEADLINE_S)
        while True:
            message = self._posted.get(timeout=max(0.01, ends.since(system_clock())))
            if fits(message):
                return message

    def until_state(self, state: LinkState) -> LinkChanged:
        message = self.until(lambda one: isinstance(one, LinkChanged) and one.state is state)
        assert isinstance(message, LinkChanged)
        return message

    def end(self) -> None:
        self._stop.set()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()


@contextmanager
def running(port: str, log: ByteLog | None = None) -> Iterator[Thread]:
    thread = Thread(port, log)
    try:
        yield thread
    finally:
        thread.end()


def is_numbers(message: Message) -> bool:
    return isinstance(message, VitalsRead)


def read_exactly(read: Callable[[int], bytes], size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += read(size - len(data))
    return data


def test_a_monitor_at_a_serial_port_is_asked_read_unplugged_and_read_again(tmp_path: Path) -> None:
    name = tmp_path / "ttyMonitor"
    device, host = pty.openpty()
    name.symlink_to(os.ttyname(host))
    with running(str(name), ByteLog(tmp_path, "monitor")) as link:
        link.until_state(LinkState.OPEN)
        assert read_exactly(lambda size: os.read(device, size), len(GeDri.ask)) == GeDri.ask
        os.write(device, NUMBERS[:50])
        os.write(device, NUMBERS[50:])
        link.until(is_numbers)
        name.unlink()
        os.close(host)
        os.close(device)
        assert link.until_state(LinkState.DOWN).why == f"{name} vanished. Check the cable and the adapter."
        assert link.until_state(LinkState.DOWN).why.startswith(f"{name} is not there.")
        device, host = pty.openpty()
        name.symlink_to(os.ttyname(host))
        link.until_state(LinkState.OPEN)
        os.write(device, NUMBERS)
        link.until(is_numbers)
    os.close(host)
    os.close(device)
    passages = list(read_log(tmp_path / "monitor.bytes"))
    assert b"".join(one.data for one in passages if one.received) == NUMBERS * 2
    assert {one.data for one in passages if not one.received} == {GeDri.ask}


def test_a_monitor_behind_a_serial_device_server_is_read_over_tcp_and_again_after_it_hung_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE_S)
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with running(port) as link:
            for _ in range(2):
                monitor, _ = server.accept()
                with monitor:
                    monitor.settimeout(DEADLINE_S)
                    assert read_exactly(monitor.recv, len(GeDri.ask)) == GeDri.ask
                    monitor.sendall(NUMBERS)
                    link.until(is_numbers)
                assert "the other end closed" in link.until_state(LinkState.DOWN).why


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # within pyserial 3.5
def test_a_port_behind_an_rfc2217_server_is_written_and_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE_S)
        echo = threading.Thread(target=serve_rfc2217_echo, args=(server,), name="rfc2217")
        echo.start()
        port = PortTransport(f"rfc2217://127.0.0.1:{server.getsockname()[1]}", GeDri.line)
        port.open(system_clock())
        try:
            port.write(NUMBERS, system_clock())
            ends, data = system_clock().plus(DEADLINE_S), b""
            while len(data) < len(NUMBERS) and ends.since(system_clock()) > 0:
                port.wait(0.05)
                data += port.read(system_clock())
        finally:
            port.close()
            echo.join(DEADLINE_S)
    assert data == NUMBERS


def serve_rfc2217_echo(server: socket.socket) -> None:
    """A serial device server whose port hears itself; ends with its one client."""
    client, _ = server.accept()
    with client, serial.serial_for_url("loop://", timeout=0) as plug:
        client.settimeout(0.05)
        manager = PortManager(plug, SimpleNamespace(write=client.sendall))
        while True:
            try:
                data = client.recv(4096)
            except TimeoutError:
                data = None
            if data == b"":
                return
            plug.write(b"".join(manager.filter(data or b"")))
            client.sendall(b"".join(manager.escape(plug.read(plug.in_waiting))))


def test_an_address_where_nobody_listens_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    with running(f"socket://127.0.0.1:{number}") as link:
        assert link.until_state(LinkState.DOWN).why.startswith(
            f"Nobody answers at socket://127.0.0.1:{number}."
        )


def test_a_port_in_use_is_busy() -> None:
    device, host = pty.openpty()
    first = PortTransport(os.ttyname(host), GeDri.line)
    first.open(system_clock())
    try:
        with pytest.raises(TransportError, match="is used by another program"):
            PortTransport(os.ttyname(host), GeDri.line).open(system_clock())
    finally:
        first.close()
        os.close(host)
        os.close(device)


def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    path = tmp_path / "ttyS9"
    path.write_bytes(b"")
    with pytest.raises(TransportError, match="cannot be opened as a serial port"):
        PortTransport(str(path), GeDri.line).open(system_clock())


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root may open every port: permission is tested by its error only"
)
def test_a_port_without_permission_names_the_group(tmp_path: Path) -> None:
    path = tmp_path / "ttyS9"
    path.write_bytes(b"")
    path.chmod(0)
    with pytest.raises(TransportError, match="dialout"):
        PortTransport(str(path), GeDri.line).open(system_clock())


def test_the_systems_reason_survives_pyserial(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="is not there") as caught:
        PortTransport(str(tmp_path / "ttyNone"), GeDri.line).open(system_clock())
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOENT
