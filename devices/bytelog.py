"""The log of every byte that went over a port: binary, with times, bounded by rotation.

The devices' protocols that are spoken carry no name and no patient number, so neither does the log.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from struct import Struct

import msgspec

from app.instant import Instant, utc_from_unix

ENTRY = Struct("<cdI")  # direction, Unix time, number of bytes that follow
RECEIVED, SENT = b"<", b">"
MOST_WAITING = 4096
IDLE_S = 0.25


class Passage(msgspec.Struct, frozen=True):
    """Some bytes that passed: from the device (`received`) or to it."""

    at: datetime
    received: bool
    data: bytes


class LateWriter:
    """Writes what it is given on the thread that calls `run`: a disk that hangs holds up no link.

    What it cannot take meanwhile is left out of the log.
    """

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._waiting: queue.Queue[Callable[[], None]] = queue.Queue(most)

    def put(self, write: Callable[[], None]) -> None:
        """From any thread, without waiting."""
        try:
            self._waiting.put_nowait(write)
        except queue.Full:
            return

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop, then what was given before that."""
        while not stop.is_set() or not self._waiting.empty():
            try:
                self._waiting.get(timeout=IDLE_S)()
            except queue.Empty:
                continue


class ByteLog:
    """Writes `<name>.bytes` in a folder; at `most` bytes it becomes `.1`, that `.2`, and the oldest goes.

    The folder is made with the first byte. A disk that does not take it stops the log, never the link;
    `broken` then says why. With a `writer` the caller waits for no disk at all.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        most: int = 8 << 20,
        keep: int = 4,
        writer: LateWriter | None = None,
    ) -> None:
        self.path = folder / f"{name}.bytes"
        self.broken: str | None = None
        self._most = most
        self._keep = keep
        self._writer = writer

    def write(self, received: bool, data: bytes, now: Instant) -> None:
        """Keep these bytes."""
        if not data or self.broken:
            return
        entry = ENTRY.pack(RECEIVED if received else SENT, now.utc.timestamp(), len(data)) + data
        if self._writer is None:
            self._append(entry)
        else:
            self._writer.put(partial(self._append, entry))

    def _append(self, entry: bytes) -> None:
        try:
            self.path.parent.mkdir(exist_ok=True)
            if self._size() + len(entry) > self._most:
                self._rotate()
            with self.path.open("ab") as file:
                file.write(entry)
        except OSError as error:
            self.broken = str(error)

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _rotate(self) -> None:
        older = [self.path, *(self.path.with_suffix(f".{number}") for number in range(1, self._keep))]
        for newer, name in reversed(list(pairwise(older))):
            if newer.exists():
                newer.replace(name)


def read_log(path: Path) -> Iterator[Passage]:
    """The passages of a log file, oldest first; one that was cut off at the end is left out."""
    data = path.read_bytes()
    at = 0
    while at + ENTRY.size <= len(data):
        direction, seconds, size = ENTRY.unpack_from(data, at)
        at += ENTRY.size + size
        if at <= len(data):
            yield Passage(utc_from_unix(seconds), direction == RECEIVED, data[at - size : at])
