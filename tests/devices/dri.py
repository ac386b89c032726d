"""DRI records for tests, written from the offsets that GE's specification (8005313, 12th ed.) prints."""

from __future__ import annotations

from struct import pack_into

THERE = 3  # module exists, measurement active
INVALID = -32767

# Offsets from the beginning of the basic class data, which follows 4 bytes of time.
ECG, NIBP, T1, SPO2, CO2, FLOW = 0, 72, 86, 118, 132, 178


def basic_record(
    seconds: int = 1_533_220_220,
    *,
    ecg: tuple[int, int, int] = (THERE, 72, 15),
    nibp: tuple[int, int, int, int, int] = (0, 0, INVALID, INVALID, INVALID),
    temps: tuple[tuple[int, int, int], ...] = (),
    spo2: tuple[int, int, int] = (THERE, 9700, 73),
    co2: tuple[int, int, int, int] = (0, INVALID, INVALID, 7598),
    flow: tuple[int, int] = (0, INVALID),
    kind: int = 1,
    class_word: int = 0x00A1,
) -> bytes:
    """A PHDB record with the basic class only.

    ecg: status, heart rate, impedance rate. nibp: status, label, sys, dia, mean. temps: status, label, raw.
    spo2: status, saturation, pulse. co2: status, et, rate, ambient pressure. flow: status, rate.
    """
    record = bytearray(40 + 278)
    pack_into("<hBBHI", record, 0, len(record), 7, 10, 0, seconds)
    pack_into("<hBhB", record, 16, 0, kind, 0, 0xFF)
    data = 40 + 4
    pack_into("<I2xh6xh", record, data + ECG, *ecg)
    pack_into("<IHhhh", record, data + NIBP, *nibp)
    for number, temp in enumerate(temps):
        pack_into("<IHh", record, data + T1 + 8 * number, *temp)
    pack_into("<I2xhh", record, data + SPO2, *spo2)
    pack_into("<I2xh2xhh", record, data + CO2, *co2)
    pack_into("<I2xh", record, data + FLOW, *flow)
    pack_into("<H", record, 40 + 276, class_word)
    return bytes(record)


def framed(record: bytes) -> bytes:
    """A record as it goes over the line."""
    body = record + bytes((sum(record) % 256,))
    return (
        b"~"
        + b"".join(b"}" + bytes((byte & ~0x20,)) if byte in b"}~" else bytes((byte,)) for byte in body)
        + b"~"
    )
