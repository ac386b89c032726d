"""What every driver declares and does: how its line is set, what it may send, and bytes into frames."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from app.readings import Frame, FrameCounts

Kind = Literal["monitor", "pump"]


class Line(msgspec.Struct, frozen=True):
    """How the serial line is set. Parity "N", "E" or "O"."""

    baud: int
    parity: Literal["N", "E", "O"] = "N"
    data_bits: int = 8
    stop_bits: float = 1
    rts_cts: bool = False


class Driver(Protocol):
    """One conversation with one device. A new one is made for each connection; it owns no port and no clock.

    `requests(now_s)` gives the bytes to send at this steady time (an empty tuple mostly); `feed` takes
    whatever arrived, in any pieces, and gives the frames that became complete. Neither ever raises on
    what a device sent: rubbish is counted in `counts`.
    """

    id: str
    name: str
    kind: Kind
    line: Line
    silent_after_s: float
    counts: FrameCounts

    def requests(self, now_s: float) -> tuple[bytes, ...]: ...

    def feed(self, data: bytes) -> list[Frame]: ...

    def finish(self) -> None:
        """No more bytes will come: what is left in the buffer is a partial frame."""
        ...
