"""The simulated monitor and pump on TCP and on pseudo-terminals, in real time, for real ports."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import threading
from types import TracebackType
from typing import Protocol, Self

from app.ports import Clock
from devices.simulated.world import SimulatedPort, World

HOST = "127.0.0.1"
TURN_S = 0.02
MOST_AT_ONCE = 4096


class ServeError(Exception):
    """A line that cannot be served; the text says what happened and what to do."""


class End(Protocol):
    """One end of a served line. What does not fit is lost, as on a serial line without handshake."""

    address: str

    def filenos(self) -> list[int]: ...

    def receive(self, plugged: bool) -> bytes: ...

    def send(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class TcpEnd:
    """A listening socket on this machine only, with one host at a time; the newest one counts."""

    def __init__(self, port: int) -> None:
        self._host: socket.socket | None = None
        self._listener = socket.socket()
        if sys.platform != "win32":  # there it would let two programs share the port
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((HOST, port))
        except (OSError, OverflowError) as error:
            self._listener.close()
            raise ServeError(f"Port {port} of {HOST} cannot be served. Choose another, or 0.") from error
        self._listener.listen(1)
        self._listener.setblocking(False)
        self.address = f"socket://{HOST}:{self._listener.getsockname()[1]}"

    def filenos(self) -> list[int]:
        """What to wait on."""
        return [self._listener.fileno()] + ([self._host.fileno()] if self._host else [])

    def receive(self, plugged: bool) -> bytes:
        """What the host sent. While the device is unplugged, whoever comes is sent away."""
        self._accept()
        if not plugged:
            self._hang_up()
        if self._host is None:
            return b""
        try:
            data = self._host.recv(MOST_AT_ONCE)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def send(self, data: bytes) -> None:
        """Send what fits."""
        if self._host is None:
            return
        try:
            self._host.send(data)
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()

    def close(self) -> None:
        """Hang up and listen no more."""
        self._hang_up()
        self._listener.close()

    def _accept(self) -> None:
        try:
            host, _ = self._listener.accept()
        except OSError:  # nobody, or somebody who has gone again
            return
        self._hang_up()
        host.setblocking(False)
        self._host = host

    def _hang_up(self) -> None:
        host, self._host = self._host, None
        if host:
            host.close()


class PtyEnd:
    """A pseudo-terminal; `address` is the path that a host opens as its serial port."""

    def __init__(self) -> None:
        if sys.platform == "win32":
            raise ServeError("This system has no pseudo-terminals. Serve on TCP instead.")
        import tty

        self._master, self._slave = os.openpty()  # the slave stays open here, so that hosts may come and go
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.address = os.ttyname(self._slave)

    def filenos(self) -> list[int]:
        """What to wait on."""
        return [self._master]

    def receive(self, plugged: bool) -> bytes:
        """What the host sent; nothing while the device is unplugged."""
        try:
            data = os.read(self._master, MOST_AT_ONCE)
        except BlockingIOError:
            return b""
        return data if plugged else b""

    def send(self, data: bytes) -> None:
        """Send what fits."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    def close(self) -> None:
        """Take the port away."""
        os.close(self._master)
        os.close(self._slave)


class Serving:
    """A world being served; `stop` it, or leave its `with` block.

    `monitor` and `pump` are the ports to open: socket URLs first, then pseudo-terminals.
    """

    def __init__(self, world: World, clock: Clock, monitor: list[End], pump: list[End]) -> None:
        self.monitor = tuple(end.address for end in monitor)
        self.pump = tuple(end.address for end in pump)
        self._world = world
        self._clock = clock
        self._lines = ((world.monitor_port, monitor), (world.pump_port, pump))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated devices", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; every port is closed when this returns."""
        self._stop.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        ends = [end for _, ends in self._lines for end in ends]
        try:
            while not self._stop.is_set():
                select.select([number for end in ends for number in end.filenos()], [], [], TURN_S)
                self._world.step(self._clock())
                for port, port_ends in self._lines:
                    self._turn(port, port_ends)
        finally:
            for end in ends:
                end.close()

    def _turn(self, port: SimulatedPort, ends: list[End]) -> None:
        if not ends:
            return
        plugged = port.plugged
        sent = b"".join(end.receive(plugged) for end in ends)
        answer = port.exchange(sent, self._clock())
        if answer and plugged:
            for end in ends:
                end.send(answer)


def serve(
    world: World, clock: Clock, monitor_tcp: int | None = None, pump_tcp: int | None = None, pty: bool = False
) -> Serving:
    """Serve both devices: on TCP where a port is given (0: any), on a pseudo-terminal each when asked.

    Not together with links in this process: a device has one port. Raises ServeError; nothing is open then.
    """
    monitor: list[End] = []
    pump: list[End] = []
    try:
        for ends, port in ((monitor, monitor_tcp), (pump, pump_tcp)):
            if port is not None:
                ends.append(TcpEnd(port))
            if pty:
                ends.append(PtyEnd())
    except ServeError:
        for end in monitor + pump:
            end.close()
        raise
    if not monitor and not pump:
        raise ServeError("Nothing to serve: give a TCP port, or ask for pseudo-terminals.")
    return Serving(world, clock, monitor, pump)
