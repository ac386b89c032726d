"""Byte streams into frames: pure, of any chunking and any garbage, with a bounded buffer, everything counted.

A framer's `feed` gives the contents of the frames that became complete with a right checksum. What was cut
by the beginning or the end of the stream is partial; any other damage is bad.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator
from zlib import adler32

from app.readings import FrameCounts


class Pieces:
    """The pieces between delimiters, none remembered beyond `longest` bytes.

    A piece that is too long comes out cut, yet longer than `longest`, so that it cannot pass as a frame.
    """

    def __init__(self, delimiter: bytes, longest: int) -> None:
        self._delimiter = delimiter
        self._longest = longest
        self.rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The pieces that these bytes ended."""
        pieces = (self.rest + data).split(self._delimiter)
        self.rest = pieces.pop()[: self._longest + 1]
        return pieces


class DriFramer:
    """GE DRI: 7E before and after a record, 7D before a byte whose bit 5 was cleared, a sum as last byte."""

    # GE computer interface, 12th ed.: a record is 40 bytes of header and at most 1450 of data.
    SHORTEST = 40
    LONGEST = 1490

    def __init__(self, counts: FrameCounts) -> None:
        self.counts = counts
        self._pieces = Pieces(b"\x7e", 2 * (self.LONGEST + 1))
        self._begun = False

    def feed(self, data: bytes) -> list[bytes]:
        """The records, each still followed by its checksum, that these bytes completed."""
        pieces = self._pieces.feed(data)
        if not self._begun and pieces:
            self._begun = True
            self.counts.partial += bool(pieces.pop(0))
        records = []
        for piece in pieces:
            if not piece:  # two flags in a row: the end of one frame, the start of the next
                continue
            body = unstuffed(piece) if b"\x7d" in piece else piece
            if self._is_whole(body):
                records.append(body)
            else:
                self.counts.bad += 1
        return records

    def finish(self) -> None:
        """No more bytes will come."""
        self.counts.partial += bool(self._pieces.rest)
        self._pieces.rest = b""

    def _is_whole(self, body: bytes) -> bool:
        if not self.SHORTEST < len(body) <= self.LONGEST + 1:
            return False
        return (byte_sum(body) - 2 * body[-1]) & 0xFF == 0


def dri_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The whole records of a recording, each with the offset where its frame ends."""
    framer = DriFramer(FrameCounts())
    at = 0
    while at < len(data):
        end = data.find(b"\x7e", at) + 1 or len(data)
        for record in framer.feed(data[at:end]):
            yield end, record
        at = end


def unstuffed(piece: bytes) -> bytes:
    """The bytes before escaping; empty when an escape is not one of the two that there are.

    5E first: what 7D 5D gives must not be read as an escape again.
    """
    body = piece.replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
    return body if len(piece) - len(body) == piece.count(b"\x7d") else b""


def byte_sum(data: bytes) -> int:
    """The sum of the bytes.

    adler32's low half is 1 + that sum mod 65521, exact for 256 bytes, and three times faster than sum().
    """
    return sum([(adler32(data[at : at + 256]) & 0xFFFF) - 1 for at in range(0, len(data), 256)])


def dri_frame(record: bytes) -> bytes:
    """A DRI record as it goes over the line: flags, escapes, checksum."""
    body = record + bytes((byte_sum(record) & 0xFF,))
    return b"\x7e" + body.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e") + b"\x7e"


class AlarisFramer:
    """Alaris: `!payload|CRC4` and a carriage return; ESC breaks a frame off."""

    LONGEST = 512

    def __init__(self, counts: FrameCounts) -> None:
        self.counts = counts
        self._pieces = Pieces(b"\r", self.LONGEST)
        self._begun = False

    def feed(self, data: bytes) -> list[str]:
        """The payloads that these bytes completed."""
        payloads = []
        for piece in self._pieces.feed(data):
            payload = self._payload(piece) if piece.strip(b"\n") else None
            if payload is not None:
                payloads.append(payload)
            self._begun = True
        return payloads

    def finish(self) -> None:
        """No more bytes will come."""
        self.counts.partial += bool(self._pieces.rest.strip(b"\n"))
        self._pieces.rest = b""

    def _payload(self, piece: bytes) -> str | None:
        lost, mark, frame = piece.strip(b"\n").rpartition(b"!")
        if not mark:
            self._count_lost()
            return None
        if lost.strip(b"\x1b"):
            self._count_lost()
        payload, bar, crc = frame.rpartition(b"|")
        if not bar or len(piece) > self.LONGEST or not is_printable(payload) or crc != alaris_crc(payload):
            self.counts.bad += 1
            return None
        return payload.decode("ascii")

    def _count_lost(self) -> None:
        if self._begun:
            self.counts.bad += 1
        else:
            self.counts.partial += 1


def is_printable(payload: bytes) -> bool:
    """Whether these are printable ASCII characters only, as the protocol demands."""
    return payload.isascii() and payload.decode("ascii").isprintable()


def alaris_crc(payload: bytes) -> bytes:
    """CRC-16/CCITT-FALSE of the payload as four upper-case hex digits."""
    return b"%04X" % crc_hqx(payload, 0xFFFF)


def alaris_frame(payload: str) -> bytes:
    """A payload as it goes over the line."""
    body = payload.encode("ascii")
    return b"!" + body + b"|" + alaris_crc(body) + b"\r"
