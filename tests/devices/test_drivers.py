"""What holds for every driver, whatever a device says: the contract over DRIVERS."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.readings import Frame, NumbersFrame, PumpFrame
from devices.catalogue import DRIVERS, PACES
from devices.driver import Driver
from devices.framing import alaris_frame
from devices.monitors.ge_dri import sane_subrecords
from tests.devices.dri import basic_record, framed

# One good conversation of each driver, and how to say whether a stream holds a frame: a driver without an
# entry here fails the first test.
GOOD: dict[str, tuple[bytes, ...]] = {
    "ge-dri": tuple(framed(basic_record(1_533_220_220 + n, ecg=(3, 60 + n, 14))) for n in range(4)),
    "alaris": (
        # Real, quoted in github.com/mickeywstahl/MDDT @58ed35f.
        b"!INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725|DB9D\r",
        b"!SYRINGE_STATUS^BD PLASTIPAK^ 50^CONF|1CF8\r",
        alaris_frame("INF^8002-51733^-^SET^5.00^ml/h^^1.250^ml^17.91^mmHg^03:45:00^EVENT^127904"),
    ),
}

every_driver = pytest.mark.parametrize("driver_id", sorted(DRIVERS))
Damage = Callable[[random.Random, bytes], bytes]


def fed(driver_id: str, data: bytes, cuts: list[int] | None = None) -> tuple[list[Frame], Driver]:
    """The frames of these bytes, cut at these places."""
    driver = DRIVERS[driver_id]()
    edges = [0, *sorted(cuts or []), len(data)]
    frames = [frame for at, end in pairwise(edges) for frame in driver.feed(data[at:end])]
    driver.finish()
    return frames, driver


@every_driver
def test_a_driver_declares_what_it_is_and_has_a_good_conversation_here(driver_id: str) -> None:
    driver = DRIVERS[driver_id]()
    assert driver.id == driver_id
    assert driver.name
    assert driver.kind in ("monitor", "pump")
    assert driver.line.baud >= 300
    assert 1 <= driver.silent_after_s <= 60
    frames, driver = fed(driver_id, b"".join(GOOD[driver_id]))
    assert driver.counts.good == len(GOOD[driver_id])
    assert frames
    assert all(isinstance(frame, NumbersFrame if driver.kind == "monitor" else PumpFrame) for frame in frames)


@every_driver
def test_a_driver_asks_at_once_and_goes_on_asking_a_silent_device(driver_id: str) -> None:
    driver = DRIVERS[driver_id]()
    asked = [second / 10 for second in range(600) if driver.requests(second / 10)]
    assert asked[0] == 0
    assert max(later - earlier for earlier, later in pairwise(asked)) <= 10


@every_driver
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_frames_and_counts_do_not_depend_on_the_pieces(driver_id: str, data: st.DataObject) -> None:
    good = GOOD[driver_id]
    parts = data.draw(
        st.lists(st.sampled_from([*good, good[0][:17], good[0][9:], b"\x00", b"~\r"]), max_size=6)
    )
    stream = b"".join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    whole, pieces = fed(driver_id, stream), fed(driver_id, stream, cuts)
    assert whole[0] == pieces[0]
    assert whole[1].counts == pieces[1].counts


def flipped(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << chance.randrange(8),)) + data[at + 1 :]


def cut_out(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randrange(1, 40) :]


def put_in(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.randbytes(chance.randrange(1, 40)) + data[at:]


def doubled(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[: at + chance.randrange(60)] + data[at:]


@every_driver
@pytest.mark.parametrize("damage", [flipped, cut_out, put_in, doubled])
def test_damage_never_makes_a_driver_fall_and_never_makes_a_value(driver_id: str, damage: Damage) -> None:
    good = GOOD[driver_id]
    sayable = said_by(good, driver_id)
    chance = random.Random(f"{driver_id} {damage.__name__}")
    for _ in range(400):
        stream = damage(chance, b"".join(chance.choices(good, k=3)))
        frames, driver = fed(driver_id, stream, [chance.randrange(len(stream))])
        survived = checksums_hold(driver_id, stream)
        assert len(frames) <= survived
        assert driver.counts.good + driver.counts.refused <= survived
        invented = sum(content(frame) not in sayable for frame in frames)
        assert invented <= accidents(driver_id, stream)


@every_driver
def test_one_turned_bit_is_always_noticed(driver_id: str) -> None:
    frame = GOOD[driver_id][0]
    whole = fed(driver_id, frame)[0]
    for at in range(len(frame)):
        for bit in range(8):
            turned = frame[:at] + bytes((frame[at] ^ 1 << bit,)) + frame[at + 1 :]
            frames, driver = fed(driver_id, turned)
            counts = driver.counts
            assert frames in ([], whole)
            assert frames == whole or counts.bad + counts.refused + counts.partial >= 1


@every_driver
def test_rubbish_gives_nothing_and_is_forgotten(driver_id: str) -> None:
    chance = random.Random(3)
    driver = DRIVERS[driver_id]()
    for _ in range(200):
        driver.feed(chance.randbytes(4096).replace(b"~", b" ").replace(b"!", b" "))
    assert sum(map(len, held_bytes(driver))) < 8192


def held_bytes(thing: object, depth: int = 4) -> list[bytes]:
    """All bytes that an object holds, some levels down."""
    if isinstance(thing, bytes):
        return [thing]
    if depth == 0 or not hasattr(thing, "__dict__"):
        return []
    return [held for value in vars(thing).values() for held in held_bytes(value, depth - 1)]


@pytest.mark.parametrize("driver_id", sorted(PACES))
@pytest.mark.parametrize("damage", [flipped, cut_out, put_in, doubled])
def test_the_pace_of_a_damaged_recording_never_goes_back(driver_id: str, damage: Damage) -> None:
    chance = random.Random(9)
    for _ in range(100):
        stream = damage(chance, b"".join(GOOD[driver_id]))
        steps = PACES[driver_id](stream)
        assert steps == sorted(steps)
        assert all(0 < end <= len(stream) for end, _ in steps)


# ------------------------------------------------------------------ a right frame, found independently


def checksums_hold(driver_id: str, stream: bytes) -> int:
    """How many frames of a stream have a right checksum, found slowly."""
    return len(right_frames(driver_id, stream))


def right_frames(driver_id: str, stream: bytes) -> list[bytes]:
    return right_dri(stream) if driver_id == "ge-dri" else right_alaris(stream)


def right_dri(stream: bytes) -> list[bytes]:
    found = []
    for piece in stream.split(b"~"):
        body, escaped = bytearray(), False
        for byte in piece:
            if byte == 0x7D and not escaped:
                escaped = True
            else:
                body.append(byte | 0x20 if escaped else byte)
                escaped = False
        if len(body) > 1 and sum(body[:-1]) % 256 == body[-1]:
            found.append(bytes(body))
    return found


def right_alaris(stream: bytes) -> list[bytes]:
    found = []
    for piece in stream.split(b"\r"):
        payload, _, crc = piece.rpartition(b"!")[2].rpartition(b"|")
        value = 0xFFFF
        for byte in payload:
            value ^= byte << 8
            for _ in range(8):
                value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
        if crc == b"%04X" % value:
            found.append(payload)
    return found


def said_by(good: tuple[bytes, ...], driver_id: str) -> set[Frame]:
    """What the good frames say: what a damaged stream may still truly hold."""
    return {content(frame) for one in good for frame in fed(driver_id, one)[0]}


def content(frame: Frame) -> Frame:
    """A frame without what depends on the frames before it."""
    if isinstance(frame, NumbersFrame):
        return NumbersFrame(frame.device_time, frame.readings[:6])
    return msgspec.structs.replace(frame, syringe=None, alarm=None)


def accidents(driver_id: str, stream: bytes) -> int:
    """How many frames are wrong, yet right in checksum and form: 8 bits let one damage in 256 pass."""
    if driver_id != "ge-dri":
        return 0
    true = {bytes(body) for one in GOOD[driver_id] for body in right_dri(one)}
    return sum(
        body not in true and len(body) > 40 and sane_subrecords(body) is not None
        for body in right_dri(stream)
    )
