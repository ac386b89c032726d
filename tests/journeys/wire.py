"""The wire between a simulated monitor and a real port, with what happens to wires: on TCP and on pseudo-terminals."""

from __future__ import annotations

import os
import socket
import threading
import tty
from pathlib import Path
from typing import Literal, Protocol

from app.ports import Clock
from devices.simulated.world import World

Trouble = Literal["", "unplugged", "silent", "half-open", "drip", "another device"]
TURN_S = 0.02
DRIP_TURNS = 3
"""A byte in so many turns: 17 a second, of which no record comes whole within its time."""
OTHERS = b"29-Dec-17 07:18:43    99      66      12 \r\n"


class Plug(Protocol):
    """One end that can be opened and pulled."""

    def insert(self) -> None: ...

    def pull(self) -> None: ...

    def receive(self, heed: bool) -> bytes: ...

    def send(self, data: bytes) -> None: ...


class TcpPlug:
    """A device server at one address: one host at a time, the newest counts."""

    def __init__(self) -> None:
        self._hosts: list[socket.socket] = []
        self._number = 0
        self._listener: socket.socket | None = None
        self.insert()
        self.address = f"socket://127.0.0.1:{self._number}"

    def insert(self) -> None:
        """Listen, at the same address each time."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._number))
        listener.listen(5)
        listener.setblocking(False)
        self._listener, self._number = listener, listener.getsockname()[1]

    def pull(self) -> None:
        """Hang up and listen no more."""
        for one in (*self._hosts, self._listener):
            if one is not None:
                one.close()
        self._hosts, self._listener = [], None

    def receive(self, heed: bool) -> bytes:
        """What the newest host sent; where it is not heeded, hosts pile up unheard, and none is hung up."""
        if self._listener is None:
            return b""
        try:
            self._hosts.append(self._listener.accept()[0])
            self._hosts[-1].setblocking(False)
        except BlockingIOError:
            pass
        if not heed or not self._hosts:
            return b""
        try:
            return self._hosts[-1].recv(4096)
        except (BlockingIOError, ConnectionError):
            return b""

    def send(self, data: bytes) -> None:
        """To the newest host."""
        try:
            if self._hosts:
                self._hosts[-1].send(data)
        except OSError:
            return


class PtyPlug:
    """A serial adapter: a name that vanishes when it is pulled, and comes back as another terminal."""

    def __init__(self, name: Path) -> None:
        self._name = name
        self.address = str(name)
        self._ends: tuple[int, int] | None = None
        self.insert()

    def insert(self) -> None:
        """A new terminal under the old name."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._name.symlink_to(os.ttyname(slave))
        self._ends = master, slave

    def pull(self) -> None:
        """The name vanishes, and whoever has it open is hung up."""
        if self._ends is not None:
            self._name.unlink()
            for end in self._ends:
                os.close(end)
            self._ends = None

    def receive(self, heed: bool) -> bytes:
        """What the host sent; unheeded it is lost."""
        try:
            data = os.read(self._ends[0], 4096) if self._ends is not None else b""
        except BlockingIOError:
            return b""
        return data if heed else b""

    def send(self, data: bytes) -> None:
        """What fits."""
        try:
            if self._ends is not None:
                os.write(self._ends[0], data)
        except BlockingIOError:
            return


class Wire:
    """Carries the simulated monitor's bytes on a thread of its own; `trouble` says what happens to them."""

    def __init__(self, world: World, clock: Clock, plug: Plug) -> None:
        self._world = world
        self._clock = clock
        self._plug = plug
        self._trouble: Trouble = ""
        self._held = b""
        self._turns = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)
        self._thread.start()

    def suffer(self, trouble: Trouble) -> None:
        """From now on; "" is a sound wire again."""
        with self._lock:
            before, self._trouble = self._trouble, trouble
            if trouble == "unplugged":
                self._plug.pull()
            elif before == "unplugged":
                self._plug.insert()
            self._held = b""

    def move(self, plug: Plug) -> None:
        """The device hangs at another port."""
        with self._lock:
            self._plug.pull()
            self._plug, self._trouble = plug, ""

    def close(self) -> None:
        """The end of the wire."""
        self._stop.set()
        self._thread.join()
        self._plug.pull()

    def _run(self) -> None:
        while not self._stop.wait(TURN_S):
            with self._lock:
                self._turn()

    def _turn(self) -> None:
        sound = self._trouble in ("", "drip")
        sent = self._plug.receive(sound)
        data = self._world.monitor_port.exchange(sent, self._clock())
        if self._trouble == "drip":
            self._turns += 1
            drop = self._turns % DRIP_TURNS == 0
            self._held = (self._held + data)[:65_536]
            data, self._held = self._held[:drop], self._held[drop:]
        elif self._trouble == "another device":
            data = OTHERS
        if data and (sound or self._trouble == "another device"):
            self._plug.send(data)
