"""Bytes that no device should send, and a slow judge of what a driver made of them.

The judge shares no code with the drivers: it splits, unescapes and sums byte by byte, and reads every field at
the offset that the maker's book prints.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from struct import pack_into, unpack_from

import msgspec

from app.catalog import load
from app.clinical.vitals import Vital
from app.readings import Frame, NumbersFrame, PumpFrame
from devices.driver import Driver
from devices.monitors.ge_dri import GeDri
from devices.pumps.alaris import Alaris
from tests.devices.dri import CO2, ECG, FLOW, NIBP, SPO2, T1, basic_record, framed

POSSIBLE = {vital: row.possible_range for vital, row in load().alarm_limits.items()}
ROUND_BYTES = 8192
PIECE_BYTES = 700

Chance = random.Random
Found = list[tuple[bytes, object]]


class Subject(msgspec.Struct, frozen=True):
    """A driver under fuzz: how it is made, its good and forged frames, its delimiter, its judge."""

    make: Callable[[], Driver]
    good: Callable[[Chance], bytes]
    forged: Callable[[Chance], bytes]
    delimiter: bytes
    right: Callable[[bytes], list[bytes]]
    agrees: Callable[[list[bytes], list[Frame]], str]


class Tally(msgspec.Struct):
    """What a run saw. `lucky` are damaged frames whose checksum and form fit by chance."""

    sent: int = 0
    frames: int = 0
    values: int = 0
    right: int = 0
    lucky: int = 0
    wrong: str = ""


# ------------------------------------------------------------------ streams


def stream(subject: Subject, chance: Chance) -> tuple[bytes, set[bytes]]:
    """About ROUND_BYTES that end with a delimiter, and the frames in them that were meant."""
    meant: set[bytes] = set()
    parts: list[bytes] = []
    while sum(map(len, parts)) < ROUND_BYTES:
        parts.append(chance.choice(KINDS)(subject, chance, meant))
    return b"".join(parts) + subject.delimiter, meant


def _frames(subject: Subject, chance: Chance, meant: set[bytes], most: int) -> bytes:
    made = b"".join(
        (subject.forged if chance.random() < 0.4 else subject.good)(chance)
        for _ in range(chance.randint(1, most))
    )
    meant.update(subject.right(made))
    return made


def whole(subject: Subject, chance: Chance, meant: set[bytes]) -> bytes:
    """Good and forged frames as they are."""
    return _frames(subject, chance, meant, 4)


def noise(subject: Subject, chance: Chance, meant: set[bytes]) -> bytes:
    """Random bytes, among them many of those that mean something."""
    special = subject.delimiter + b"}!|\x1b\n~\r"
    data = bytearray(chance.randbytes(chance.randint(1, 900)))
    for _ in range(len(data) // 12):
        data[chance.randrange(len(data))] = chance.choice(special)
    return bytes(data)


def mutated(subject: Subject, chance: Chance, meant: set[bytes]) -> bytes:
    """Frames with turned bits."""
    data = bytearray(_frames(subject, chance, meant, 3))
    for _ in range(chance.randint(1, 6)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def cut(subject: Subject, chance: Chance, meant: set[bytes]) -> bytes:
    """Frames with a piece missing or put in."""
    data = _frames(subject, chance, meant, 3)
    at = chance.randrange(len(data))
    put = chance.randbytes(chance.randrange(30)) if chance.random() < 0.5 else b""
    return data[:at] + put + data[at + chance.randrange(1, 60) :]


def merged(subject: Subject, chance: Chance, meant: set[bytes]) -> bytes:
    """The head of one frame runs into the tail of another, as when two lines touch."""
    one, other = (_frames(subject, chance, meant, 1) for _ in range(2))
    joined = one[: chance.randrange(len(one))] + other[chance.randrange(len(other)) :]
    woven = bytes(byte for pair in zip(one, other, strict=False) for byte in pair)
    return joined if chance.random() < 0.7 else woven


def flooded(subject: Subject, chance: Chance, meant: set[bytes]) -> bytes:
    """Frames without end, delimiters only, or one frame that never ends."""
    kind = chance.randrange(3)
    if kind == 0:
        return _frames(subject, chance, meant, 1) * chance.randint(2, 30)
    if kind == 1:
        return subject.delimiter * chance.randint(1, 800)
    return bytes((chance.randrange(0x21, 0x7B),)) * chance.randint(1, 4000)


KINDS = (whole, whole, noise, mutated, mutated, cut, merged, flooded)


def run(subject: Subject, total: int, seed: str) -> Iterator[Tally]:
    """Feed so many bytes to one driver in pieces, judging each round; the tally so far after each."""
    chance = random.Random(seed)
    driver, tally = subject.make(), Tally()
    driver.feed(subject.delimiter)
    while tally.sent < total and not tally.wrong:
        data, meant = stream(subject, chance)
        frames: list[Frame] = []
        at = 0
        while at < len(data):
            step = chance.randint(1, PIECE_BYTES)
            frames += driver.feed(data[at : at + step])
            at += step
        right = subject.right(data)
        tally.sent += len(data)
        tally.frames += len(frames)
        tally.values += sum(map(_values, frames))
        tally.right += len(right)
        tally.lucky += sum(one not in meant for one in right)
        tally.wrong = subject.agrees(right, frames)
        yield tally


def _values(frame: Frame) -> int:
    if isinstance(frame, NumbersFrame):
        return sum(reading.value is not None for reading in frame.readings)
    return sum(value is not None for value in (frame.rate_ml_h, frame.volume_ml, frame.pressure_mmhg))


# ------------------------------------------------------------------ GE DRI


def good_dri(chance: Chance) -> bytes:
    """A record of usual values, and of unusual ones."""
    word = chance.choice((0, 1, 3, 3, 3, 3))
    raw = [chance.choice((chance.randint(-40, 320), -32767, 0, 97)) for _ in range(6)]
    mmhg = [chance.randint(0, 26_000) for _ in range(3)]
    return framed(
        basic_record(
            chance.randrange(1 << 32),
            ecg=(word | chance.choice((0, 4, 1 << 9, 1 << 11)), raw[0], raw[1]),
            nibp=(word, chance.randrange(1 << 10), mmhg[0], mmhg[1], mmhg[2]),
            temps=tuple((word, chance.randrange(20), chance.randint(2000, 4400)) for _ in range(4)),
            spo2=(word, chance.randint(-10, 11_000), raw[2]),
            co2=(word | chance.choice((0, 4)), chance.randint(-10, 900), raw[3], chance.randint(-1, 8000)),
            flow=(word, raw[4]),
            kind=chance.choice((1, 1, 1, 2, 4)),
            class_word=chance.choice((0x00A1, 0x00A1, 0x01A1)),
        )
    )


def forged_dri(chance: Chance) -> bytes:
    """A right checksum over a header, a table or values that make no sense."""
    record = bytearray(basic_record(chance.randrange(1 << 32)))
    kind = chance.randrange(4)
    if kind == 0:
        pack_into("<h", record, 0, chance.choice((0, -1, 41, 317, 319, 32767)))
    elif kind == 1:
        pack_into("<hB", record, 16, chance.randint(-400, 400), chance.randrange(256))
    elif kind == 2:
        pack_into("<h", record, 14, chance.choice((1, 4, 5, 8, 9, -1)))
    else:
        for _ in range(chance.randint(1, 40)):
            record[chance.randrange(44, len(record))] = chance.randrange(256)
    return framed(bytes(record[: chance.choice((len(record), len(record), chance.randrange(1, 318)))]))


def right_dri(data: bytes) -> list[bytes]:
    """The displayed basic-class records with a right checksum and a table that fits them, byte by byte."""
    bodies = (_unescaped(piece) for piece in data.split(b"~"))
    return [body for body in bodies if body is not None and _checks(body) and _basic_place(body) is not None]


def _unescaped(piece: bytes) -> bytes | None:
    body, escaped = bytearray(), False
    for byte in piece:
        if escaped and byte not in (0x5D, 0x5E):
            return None
        if byte == 0x7D and not escaped:
            escaped = True
            continue
        body.append(byte | 0x20 if escaped else byte)
        escaped = False
    return None if escaped else bytes(body)


def _checks(body: bytes) -> bool:
    return 41 <= len(body) <= 1491 and sum(body[:-1]) % 256 == body[-1]


def _basic_place(body: bytes) -> int | None:
    length, main = unpack_from("<h", body, 0)[0], unpack_from("<h", body, 14)[0]
    if length != len(body) - 1 or main != 0:
        return None
    places: list[tuple[int, int]] = []
    for slot in range(8):
        offset, kind = unpack_from("<hB", body, 16 + 3 * slot)
        if kind == 0xFF:
            break
        if offset < 0 or 40 + offset + (114 if kind == 4 else 278) > length:
            return None
        places.append((40 + offset, kind))
    for at, kind in places:
        if kind == 1 and not unpack_from("<H", body, at + 276)[0] & 0x0F00:
            return at
    return None


def agrees_dri(right: list[bytes], frames: list[Frame]) -> str:
    """What is wrong where the driver's frames are not those of the right records, in order; "" for nothing."""
    if len(right) != len(frames):
        return f"{len(frames)} frames from {len(right)} right records"
    for body, frame in zip(right, frames, strict=True):
        assert isinstance(frame, NumbersFrame)
        for reading in frame.readings:
            if reading.value is None:
                if not reading.why_missing:
                    return f"{reading.vital} is missing without a reason"
                continue
            low, high = POSSIBLE[reading.vital]
            if not low <= reading.value <= high or reading.value not in _may_be(body, reading.vital):
                return f"{reading.vital} {reading.value} is not in {body.hex()}"
    return ""


def _may_be(body: bytes, vital: Vital) -> set[float]:
    """What a vital sign of this record may be: the raw fields of its groups that are there and measure."""
    at = (_basic_place(body) or 0) + 4
    match vital:
        case Vital.HEART_RATE:
            return _group(body, at + ECG, 6, (1,))
        case Vital.PULSE_RATE:
            return _group(body, at + SPO2, 8, (1,))
        case Vital.SPO2:
            return _group(body, at + SPO2, 6, (100,))
        case Vital.RESP_RATE:
            found = _group(body, at + CO2, 10, (1,)) | _group(body, at + FLOW, 6, (1,))
            return found | _group(body, at + ECG, 14, (1,))
        case Vital.ETCO2:
            (pressure,) = unpack_from("<h", body, at + CO2 + 12)
            return {raw * pressure / 1e5 for raw in _group(body, at + CO2, 6, (1,)) if pressure > 0}
        case Vital.TEMP:
            return {value for n in range(4) for value in _group(body, at + T1 + 8 * n, 6, (100,))}
    place = {Vital.NIBP_SYS: 6, Vital.NIBP_DIA: 8, Vital.NIBP_MEAN: 10}[vital]
    return _group(body, at + NIBP, place, (100,))


def _group(body: bytes, at: int, offset: int, scales: tuple[int, ...]) -> set[float]:
    (status,), (raw,) = unpack_from("<I", body, at), unpack_from("<h", body, at + offset)
    there = status & 3 == 3 and raw > -32001
    return {raw / scale for scale in scales} if there else set()


# ------------------------------------------------------------------ Alaris


def _alaris(payload: bytes) -> bytes:
    return b"!" + payload + b"|%04X\r" % _crc(payload)


def _crc(payload: bytes) -> int:
    value = 0xFFFF
    for byte in payload:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def good_alaris(chance: Chance) -> bytes:
    """A status, a syringe, an alarm or an answer to a question that Chairside did not ask."""
    serial = f"8002-5173{chance.randrange(4)}"
    mode, rate = chance.choice((("HLD", "0.00"), ("SET", f"{chance.random() * 300:.2f}"), ("KVO", "0.50")))
    flag = chance.choice(("-", "A"))
    status = (
        f"INF^{serial}^{flag}^{mode}^{rate}^ml/h^^{chance.random() * 50:.3f}^ml"
        f"^{chance.random() * 600:.2f}^mmHg^{chance.randrange(30):02d}:12:09^EVENT^{chance.randrange(1 << 20)}"
    )
    others = ("SYRINGE_STATUS^BD PLASTIPAK^ 50^CONF", "ALARM^AL_OCCLU", "INF_RATE_MAX_SYRINGE^150.00^ml/h")
    return _alaris(chance.choice((status, status, status, *others)).encode())


def forged_alaris(chance: Chance) -> bytes:
    """A right checksum over fields that make no sense."""
    payload = bytearray(good_alaris(chance)[1:-6])
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(payload))
        payload[at : at + chance.randrange(3)] = chance.choice(
            (b"^", b"-", b"_NV", b"1e9", b"nan", b" ", b"\x07", b"inf", b"999999999")
        )
    return _alaris(bytes(payload))


def right_alaris(data: bytes) -> list[bytes]:
    """The status payloads with a right checksum and all their fields, byte by byte."""
    found = []
    for piece in data.split(b"\r"):
        payload, bar, crc = piece.strip(b"\n").rpartition(b"!")[2].rpartition(b"|")
        plain = bool(bar) and len(piece) <= 512 and all(0x20 <= byte <= 0x7E for byte in payload)
        if b"!" not in piece or not plain or crc != b"%04X" % _crc(payload):
            continue
        fields = payload.split(b"^")
        if fields[0] == b"INF" and len(fields) >= 14 and fields[1].strip():
            found.append(payload)
    return found


def agrees_alaris(right: list[bytes], frames: list[Frame]) -> str:
    """What is wrong where the driver's frames are not those of the right payloads, in order; "" for nothing."""
    if len(right) != len(frames):
        return f"{len(frames)} frames from {len(right)} right statuses"
    for payload, frame in zip(right, frames, strict=True):
        assert isinstance(frame, PumpFrame)
        word = payload.decode().split("^")
        pairs = ((frame.rate_ml_h, 4, "ml/h"), (frame.volume_ml, 7, "ml"), (frame.pressure_mmhg, 9, "mmHg"))
        for value, place, unit in pairs:
            if value is not None and not _says(word[place], word[place + 1], value, unit):
                return f"{value} {unit} is not in {payload!r}"
        if frame.mode.value != {"HLD": "held", "SET": "running"}.get(word[3].strip(), "unknown"):
            return f"{frame.mode} is not in {payload!r}"
        if frame.serial != word[1].strip():
            return f"{frame.serial} is not in {payload!r}"
        if any(value is not None and value < 0 for value in (frame.rate_ml_h, frame.volume_ml)):
            return f"a flow below nothing from {payload!r}"
    return ""


def _says(text: str, unit: str, value: float, expected: str) -> bool:
    plain = unit.strip() == expected and set(text.strip()) <= set("-.0123456789")
    try:
        return plain and Decimal(text.strip()) == Decimal(repr(value))
    except InvalidOperation:
        return False


SUBJECTS: dict[str, Subject] = {
    "ge-dri": Subject(lambda: GeDri(POSSIBLE), good_dri, forged_dri, b"~", right_dri, agrees_dri),
    "alaris": Subject(Alaris, good_alaris, forged_alaris, b"\r", right_alaris, agrees_alaris),
}
"""Every driver of the catalogue; a test asks for the entry of a new one."""
