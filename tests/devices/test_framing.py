"""Framers: right frames come out, everything else is counted, whatever the pieces."""

from __future__ import annotations

import random

import pytest

from app.readings import FrameCounts
from devices.framing import AlarisFramer, DriFramer, alaris_frame, byte_sum, dri_frame, dri_records
from tests.devices.dri import basic_record, framed


def dri(data: bytes, piece: int = 1 << 20) -> tuple[list[bytes], FrameCounts]:
    framer = DriFramer(FrameCounts())
    records = [record for at in range(0, len(data), piece) for record in framer.feed(data[at : at + piece])]
    framer.finish()
    return records, framer.counts


def alaris(data: bytes, piece: int = 1 << 20) -> tuple[list[str], FrameCounts]:
    framer = AlarisFramer(FrameCounts())
    payloads = [
        payload for at in range(0, len(data), piece) for payload in framer.feed(data[at : at + piece])
    ]
    framer.finish()
    return payloads, framer.counts


# The 60 s trend request that GE's computer interface prints: its checksum is 7D and must be escaped.
TREND_REQUEST = bytes.fromhex("310000000000000000000000000000000000000000ff") + bytes(18)
TREND_REQUEST += bytes.fromhex("033c000e0000000000")


def test_the_checksum_is_escaped_like_any_other_byte() -> None:
    assert dri_frame(TREND_REQUEST) == b"~" + TREND_REQUEST + b"\x7d\x5d~"


def test_a_record_full_of_flags_and_escapes_survives_the_line() -> None:
    record = b"}~" * 300
    assert dri_frame(record) == framed(record)
    assert dri(dri_frame(record))[0] == [record + bytes((sum(record) % 256,))]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 1491])
def test_the_sum_of_bytes_is_exact_at_every_length(size: int) -> None:
    assert byte_sum(b"\xff" * size) == 255 * size


@pytest.mark.parametrize("piece", [1, 2, 7, 64, 4096])
def test_frames_and_counts_do_not_depend_on_the_pieces(piece: int) -> None:
    frame = framed(basic_record())
    data = (
        frame[100:]
        + frame
        + b"noise"
        + frame
        + b"~~~"
        + frame[:50]
        + frame
        + b"\x00" * 5000
        + frame
        + frame[:9]
    )
    whole = dri(data)
    assert dri(data, piece) == whole
    assert whole[1] == FrameCounts(good=0, bad=3, refused=0, partial=2)
    assert len(whole[0]) == 4


def test_a_frame_with_a_bad_checksum_is_counted_and_not_given() -> None:
    frame = bytearray(framed(basic_record()))
    frame[60] ^= 0x01
    assert dri(bytes(frame)) == ([], FrameCounts(bad=1))


def test_an_escape_that_does_not_exist_makes_a_frame_bad() -> None:
    assert dri(b"~" + bytes(45) + b"\x7d\x41~") == ([], FrameCounts(bad=1))


def test_a_frame_that_is_too_short_or_too_long_is_bad() -> None:
    assert dri(framed(bytes(39)) + framed(bytes(1491))) == ([], FrameCounts(bad=2))


def test_two_frames_whose_flags_were_lost_are_one_bad_frame() -> None:
    frame = framed(basic_record())
    assert dri(frame[:-1] + frame[1:])[1] == FrameCounts(bad=1)


def test_endless_rubbish_stays_in_a_bounded_buffer() -> None:
    framer = DriFramer(FrameCounts())
    for _ in range(1000):
        framer.feed(b"\x00" * 4096)
    assert len(framer._pieces.rest) < 4096
    pump = AlarisFramer(FrameCounts())
    for _ in range(1000):
        pump.feed(b"!" * 4096)
    assert len(pump._pieces.rest) < 4096


def test_a_recording_is_cut_into_records_with_the_places_where_they_end() -> None:
    frame = framed(basic_record())
    assert [end for end, _ in dri_records(b"ab~" + frame + frame)] == [3 + len(frame), 3 + 2 * len(frame)]


# Real frames of an Alaris GH, quoted in github.com/mickeywstahl/MDDT @58ed35f.
HELD = b"!INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725|DB9D\r"
NO_ALARM = b"!ALARM^AL_NOALM^ ^ |C73B\r"


def test_a_pump_frame_gives_its_payload() -> None:
    assert alaris(NO_ALARM) == (["ALARM^AL_NOALM^ ^ "], FrameCounts())
    assert alaris_frame("ALARM^AL_NOALM^ ^ ") == NO_ALARM


@pytest.mark.parametrize("piece", [1, 3, 20])
def test_pump_frames_and_counts_do_not_depend_on_the_pieces(piece: int) -> None:
    data = (
        HELD[30:]
        + HELD
        + b"x\r"
        + HELD[:20]
        + b"\x1b"
        + NO_ALARM
        + b"!" * 600
        + b"\r\n"
        + NO_ALARM
        + HELD[:9]
    )
    assert alaris(data, piece) == alaris(data)
    assert alaris(data)[1] == FrameCounts(bad=4, partial=2)
    assert len(alaris(data)[0]) == 3


def test_a_pump_frame_with_a_wrong_checksum_is_bad() -> None:
    assert alaris(HELD.replace(b"530", b"531")) == ([], FrameCounts(bad=1))


def test_a_pump_checksum_in_small_letters_is_bad() -> None:
    assert alaris(HELD.replace(b"DB9D", b"db9d")) == ([], FrameCounts(bad=1))


def test_a_pump_payload_with_control_characters_is_bad() -> None:
    assert alaris(alaris_frame("INF\x00^1")) == ([], FrameCounts(bad=1))


def test_random_bytes_never_make_a_framer_fall() -> None:
    chance = random.Random(5)
    noise = bytes(chance.choice(b"~}!|\r\x1b^\x00AF0\xff") for _ in range(20_000))
    assert dri(noise, 37) == dri(noise)
    assert alaris(noise, 37) == alaris(noise)
