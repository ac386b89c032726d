"""Where bytes come from and go to: a serial port, TCP, a recording, a simulator. One logged door for all."""

from __future__ import annotations

import errno
import select
import socket
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import serial

from app.instant import Instant
from devices.bytelog import ByteLog
from devices.driver import Line


class TransportError(Exception):
    """A port that cannot be opened or was lost; the text says what happened and what to do."""


class Transport:
    """A port. Its public methods are not to be overridden: every byte passes them, and is logged there.

    Subclasses do the work in `_open`, `_read`, `_write`, `_close` and raise TransportError only. It can be
    opened again after it was closed.
    """

    may_be_half_open = False
    """Whether a silence may mean that the other end has forgotten this connection: only a new one shows it."""

    piles_up = False
    """Whether what the device sends waits here while nobody reads, and is then old."""

    def __init__(self, port: str, log: ByteLog | None = None) -> None:
        self.port = port
        self._log = log

    def open(self, now: Instant) -> None:
        """Open the port; raises TransportError."""
        self._open(now)

    def read(self, now: Instant) -> bytes:
        """What has arrived, without waiting; raises TransportError."""
        data = self._read(now)
        if self._log:
            self._log.write(True, data, now)
        return data

    def write(self, data: bytes, now: Instant) -> None:
        """Send these bytes; raises TransportError."""
        if self._log:
            self._log.write(False, data, now)
        self._write(data)

    def close(self) -> None:
        """Close the port, whatever its state."""
        self._close()

    def wait(self, seconds: float) -> bool:
        """Wait until bytes arrived, so many seconds at most; False, at once, when this port cannot wait."""
        return False

    def _open(self, now: Instant) -> None:
        raise NotImplementedError

    def _read(self, now: Instant) -> bytes:
        raise NotImplementedError

    def _write(self, data: bytes) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError


# ------------------------------------------------------------------ a serial port, here or over the network

SCHEMES = ("socket://", "rfc2217://")
MOST_AT_ONCE = 1 << 16
WRITE_WITHIN_S = 2.0


class PortTransport(Transport):
    """A serial port by its name, or `socket://host:port` or `rfc2217://host:port`."""

    piles_up = True

    def __init__(self, port: str, line: Line, log: ByteLog | None = None) -> None:
        super().__init__(port, log)
        self.may_be_half_open = port.startswith(SCHEMES)
        self._line = line
        self._serial: serial.SerialBase | None = None

    def _open(self, now: Instant) -> None:
        if "://" in self.port and not self.port.startswith(SCHEMES):
            raise TransportError(f"{self.port} is no port. Write a port's name, or socket://host:port.")
        line = self._line
        try:
            self._serial = serial.serial_for_url(
                self.port,
                baudrate=line.baud,
                bytesize=line.data_bits,
                parity=line.parity,
                stopbits=line.stop_bits,
                rtscts=line.rts_cts,
                timeout=0,
                write_timeout=None if self.port.startswith("rfc2217://") else WRITE_WITHIN_S,
                exclusive=True,
            )
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise TransportError(cannot_open(self.port, error)) from error

    def _read(self, now: Instant) -> bytes:
        port, data = self._opened(), b""
        try:
            # pyserial's rfc2217 gives a byte at a time when it must not wait.
            while len(data) < MOST_AT_ONCE and (piece := port.read(MOST_AT_ONCE)):
                data += piece
        except OSError as error:
            if not data:  # what came before the end is given first; the next read meets the error again
                raise TransportError(self._lost()) from error
        return data

    def _write(self, data: bytes) -> None:
        try:
            self._opened().write(data)
        except serial.SerialTimeoutException as error:
            raise TransportError(
                f"{self.port} takes no bytes. Check the cable and its handshake lines."
            ) from error
        except OSError as error:
            raise TransportError(self._lost()) from error

    def wait(self, seconds: float) -> bool:
        """Wait on the port itself, where the system can (not on Windows, not through rfc2217)."""
        try:
            select.select([self._opened().fileno()], [], [], seconds)
        except (OSError, ValueError):  # no such thing as a file number here, or the port was lost
            return False
        return True

    def _close(self) -> None:
        port, self._serial = self._serial, None
        if port is None:
            return
        try:
            port.close()
        except OSError:
            return  # a port that vanished cannot be closed properly, and need not be

    def _opened(self) -> serial.SerialBase:
        if self._serial is None:
            raise TransportError(f"{self.port} is not open.")
        return self._serial

    def _lost(self) -> str:
        if self.port.startswith(SCHEMES):
            return (
                f"{self.port}: the other end closed the connection. Check the network and the device server."
            )
        return f"{self.port} vanished. Check the cable and the adapter."


def cannot_open(port: str, error: BaseException) -> str:
    """Why a port cannot be opened, and what to do.

    pyserial keeps the system's error beneath its own, or, on Windows, as text.
    """
    number, text = error_number(error), str(error)
    if number == errno.ENOENT or "FileNotFoundError" in text:
        return f"{port} is not there. Plug the adapter in, or choose another port."
    if (
        number in (errno.EBUSY, errno.EAGAIN) or "PermissionError" in text
    ):  # Windows denies a port that is in use
        return f"{port} is used by another program. Close it there."
    if number in (errno.EACCES, errno.EPERM):
        return f"No permission for {port}. Add this user to the group dialout, then log in again."
    if port.startswith(SCHEMES):
        return f"Nobody answers at {port}. Check the address, the network and the device server."
    return f"{port} cannot be opened as a serial port. Choose another port."


def error_number(error: BaseException) -> int | None:
    """The system's number of an error or of the one that it was raised for."""
    number = getattr(error, "errno", None)
    if isinstance(number, int) and not isinstance(error, socket.gaierror):
        return number
    beneath = error.__cause__ or error.__context__
    return error_number(beneath) if beneath else None


# ------------------------------------------------------------------ a recording

Pace = Callable[[bytes], list[tuple[int, float]]]


def even_pace(line: Line) -> Pace:
    """The pace of a recording without times: that of its line, in steps of a tenth of a second."""
    bits = 1 + line.data_bits + (line.parity != "N") + line.stop_bits

    def pace(data: bytes) -> list[tuple[int, float]]:
        step = max(1, int(line.baud / bits / 10))
        return [(min(end, len(data)), end / step / 10) for end in range(step, len(data) + step, step)]

    return pace


class ReplayTransport(Transport):
    """A recording that plays as the device did: each byte comes when its time has, from the opening on.

    `pace` gives, for the whole recording, the offsets up to which bytes have come after so many seconds. What
    is sent goes nowhere. At the end it is silent.
    """

    def __init__(self, path: Path, pace: Pace, log: ByteLog | None = None) -> None:
        super().__init__(str(path), log)
        self._path = path
        self._pace = pace
        self._data = b""
        self._ends: list[int] = []
        self._times: list[float] = []
        self._began_s = 0.0
        self._played = 0

    @property
    def length_s(self) -> float:
        """How long the recording is, once it is open."""
        return self._times[-1] if self._times else 0.0

    @property
    def finished(self) -> bool:
        """Whether its last byte was read."""
        return self._played >= len(self._data)

    def _open(self, now: Instant) -> None:
        try:
            self._data = self._path.read_bytes()
        except OSError as error:
            raise TransportError(f"{self._path} cannot be read. Check the name and the disk.") from error
        steps = self._pace(self._data)
        self._ends = [end for end, _ in steps]
        self._times = [seconds for _, seconds in steps]
        if self._ends:
            self._ends[-1] = len(self._data)
        self._began_s, self._played = now.steady, 0

    def _read(self, now: Instant) -> bytes:
        reached = bisect_right(self._times, now.steady - self._began_s)
        end = self._ends[reached - 1] if reached else 0
        data, self._played = self._data[self._played : end], max(self._played, end)
        return data

    def _write(self, data: bytes) -> None:
        return

    def _close(self) -> None:
        self._data = b""
        self._ends, self._times = [], []


# ------------------------------------------------------------------ a simulator in this process


class Peer(Protocol):
    """Something that answers bytes with bytes at a given time."""

    def exchange(self, sent: bytes, now: Instant) -> bytes: ...


class PipeTransport(Transport):
    """A simulated device in this process; `plugged` says whether its cable is in."""

    def __init__(
        self,
        port: str,
        peer: Peer,
        plugged: Callable[[], bool] = lambda: True,
        log: ByteLog | None = None,
    ) -> None:
        super().__init__(port, log)
        self._peer = peer
        self._plugged = plugged
        self._sent = b""

    def _open(self, now: Instant) -> None:
        if not self._plugged():
            raise TransportError(f"{self.port} is not there. Plug the adapter in, or choose another port.")
        self._sent = b""

    def _read(self, now: Instant) -> bytes:
        if not self._plugged():
            raise TransportError(f"{self.port} vanished. Check the cable and the adapter.")
        sent, self._sent = self._sent, b""
        return self._peer.exchange(sent, now)

    def _write(self, data: bytes) -> None:
        self._sent += data

    def _close(self) -> None:
        self._sent = b""
