"""The simulated GE monitor: its bytes, taken apart here without the driver, and read by the driver."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.clinical.vitals import NIBP, Vital
from app.instant import Instant
from app.readings import NumbersFrame
from devices.monitors.ge_dri import GeDri
from devices.simulated.ge_monitor import SimulatedGeMonitor
from devices.simulated.patient import Patient

START = Instant(datetime(2026, 11, 22, 9, 30, tzinfo=UTC), 500.0)

# GE M1017617, printed there: displayed values each 10 s, all classes; and the stop.
ASK_10_S_ALL = bytes.fromhex(
    "7e " + "31" + " 00" * 21 + " ff" + " 00" * 17 + " 01 0a 00 0e" + " 00" * 5 + " 49 7e"
)
STOP = bytes.fromhex("7e " + "31" + " 00" * 21 + " ff" + " 00" * 17 + " 01" + " 00" * 8 + " 31 7e")
INVALID = -32767


def numbers_request(interval_s: int, classes: int = 0) -> bytes:
    """A request for displayed numbers, built by hand."""
    record = bytearray(49)
    record[0], record[22], record[40] = 49, 0xFF, 1
    struct.pack_into("<hI", record, 41, interval_s, classes)
    body = bytes(record) + bytes((sum(record) % 256,))
    return b"\x7e" + body.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e") + b"\x7e"


def wave_request(*types: int, stop: bool = False) -> bytes:
    """A request for waves, built by hand."""
    record = bytearray(72)
    record[0], record[14], record[22], record[40] = 72, 1, 0xFF, stop
    record[44 : 45 + len(types)] = bytes((*types, 0xFF))
    return b"\x7e" + bytes(record) + bytes((sum(record) % 256,)) + b"\x7e"


def records(data: bytes) -> list[bytes]:
    """The records of a stream, unescaped byte by byte, each with a right checksum and length."""
    found = []
    for piece in data.split(b"\x7e"):
        if not piece:
            continue
        body, escaped = bytearray(), False
        for byte in piece:
            if escaped:
                body.append(byte | 0x20)
            elif byte != 0x7D:
                body.append(byte)
            escaped = byte == 0x7D and not escaped
        assert sum(body[:-1]) % 256 == body[-1]
        assert struct.unpack_from("<h", body)[0] == len(body) - 1
        found.append(bytes(body[:-1]))
    return found


class Bedside:
    """A monitor and its patient, stepped together."""

    def __init__(self, seed: int = 1) -> None:
        self.patient = Patient(seed)
        self.monitor = SimulatedGeMonitor(self.patient, seed)
        self.now = START
        self._step()

    def _step(self) -> None:
        self.patient.step(self.now.steady)
        self.monitor.step(self.now)

    def after(self, seconds: float, dt_s: float = 1.0) -> bytes:
        """What the monitor sends in the next seconds."""
        for _ in range(round(seconds / dt_s)):
            self.now = self.now.plus(dt_s)
            self._step()
        return self.monitor.take()

    def asked(self, request: bytes = ASK_10_S_ALL) -> Bedside:
        self.monitor.receive(request)
        return self


def field(record: bytes, offset: int) -> int:
    """An i16 of the basic class."""
    return int(struct.unpack_from("<h", record, 44 + offset)[0])


def status(record: bytes, offset: int) -> int:
    """The status word of a group of the basic class."""
    return int(struct.unpack_from("<I", record, 44 + offset)[0])


def nibp(record: bytes) -> tuple[int, tuple[int, int, int]]:
    """The label and the three pressures."""
    return struct.unpack_from("<H", record, 44 + 76)[0], struct.unpack_from("<3h", record, 44 + 78)


def test_it_sends_nothing_until_it_is_asked() -> None:
    assert Bedside().after(120) == b""


def test_the_printed_request_brings_all_four_classes_each_ten_seconds() -> None:
    found = records(Bedside().asked(ASK_10_S_ALL).after(60))
    assert [len(record) for record in found] == [1152] * 6
    for record in found:
        table = struct.unpack_from("<hBhBhBhBhB", record, 16)
        assert table == (0, 1, 278, 1, 556, 1, 834, 1, 0, 0xFF)
        words = [struct.unpack_from("<H", record, 40 + 278 * at + 276)[0] for at in range(4)]
        assert [word >> 8 & 0xF for word in words] == [0, 1, 2, 3]


def test_the_header_is_that_of_a_level_10_monitor_with_its_own_clock() -> None:
    bedside = Bedside()
    bedside.monitor.skew_s = -3600.0
    first, second = records(bedside.asked(numbers_request(1)).after(2))
    assert second[2] == first[2] + 1
    assert first[3] == 10
    assert struct.unpack_from("<h", first, 14) == (0,)
    seconds = struct.unpack_from("<I", first, 6)[0]
    assert datetime.fromtimestamp(seconds, UTC) == START.utc + timedelta(seconds=1 - 3600)


def test_the_running_number_wraps_after_255() -> None:
    numbers = [record[2] for record in records(Bedside().asked(numbers_request(1)).after(14))]
    bedside = Bedside().asked(numbers_request(1))
    many = b"".join(bedside.after(10) for _ in range(30))
    assert numbers == list(range(1, 15))
    assert [record[2] for record in records(many)][254:257] == [255, 0, 1]


def test_asked_each_second_for_the_basic_class_it_sends_that_alone_each_second() -> None:
    assert [len(one) for one in records(Bedside().asked(numbers_request(1)).after(12))] == [318] * 12


@pytest.mark.parametrize("dt_s", [0.1, 0.25, 0.5])
def test_the_beat_of_a_second_holds_however_time_is_cut(dt_s: float) -> None:
    assert len(records(Bedside().asked(numbers_request(1)).after(12, dt_s))) == 12


def test_a_stop_ends_it() -> None:
    bedside = Bedside().asked(numbers_request(1))
    bedside.after(3)
    assert bedside.asked(STOP).after(60) == b""


def test_a_request_for_one_record_brings_one() -> None:
    assert len(records(Bedside().asked(numbers_request(-1)).after(60))) == 1


def test_a_request_with_a_wrong_checksum_is_not_heard() -> None:
    damaged = bytearray(ASK_10_S_ALL)
    damaged[-2] ^= 1
    assert Bedside().asked(bytes(damaged)).after(30) == b""


def test_a_request_is_heard_in_any_pieces() -> None:
    bedside = Bedside()
    for byte in ASK_10_S_ALL:
        bedside.monitor.receive(bytes((byte,)))
    assert len(records(bedside.after(20))) == 2


def test_a_restart_forgets_the_request() -> None:
    bedside = Bedside().asked(numbers_request(1))
    bedside.after(3)
    bedside.monitor.restart()
    assert bedside.after(30) == b""


def test_each_number_lies_in_its_field() -> None:
    bedside = Bedside()
    for name, value in {"hr": 83, "spo2": 96.5, "rr": 15, "etco2": 37, "temp": 36.8}.items():
        bedside.patient.set(name, value)
    (record,) = records(bedside.asked(numbers_request(60)).after(1))
    bedside.after(58)
    (record,) = records(bedside.after(1) + bedside.after(1))
    assert status(record, 0) == 0b1001011  # there, measuring, rate from the ECG
    assert (field(record, 6), field(record, 14), field(record, 226)) == (83, 15, 83)
    assert (status(record, 86), field(record, 90), field(record, 92)) == (3, 11, 3680)
    assert (status(record, 118), field(record, 124), field(record, 126)) == (3, 9650, 83)
    assert (status(record, 132), field(record, 142), field(record, 144)) == (3, 15, 7598)
    assert field(record, 138) * field(record, 144) * 1e-5 == pytest.approx(37.0, abs=0.05)


@pytest.mark.parametrize(
    ("switch", "group", "fields"),
    [
        ("spo2_sensor_off", 118, (124, 126)),
        ("co2_off", 132, (138, 142, 144)),
        ("temp_off", 86, (92,)),
    ],
)
def test_a_sensor_that_is_off_leaves_no_value_and_says_not_measuring(
    switch: str, group: int, fields: tuple[int, ...]
) -> None:
    bedside = Bedside().asked(numbers_request(1))
    setattr(bedside.monitor, switch, True)
    (record,) = records(bedside.after(1))
    assert status(record, group) == 1
    assert {field(record, one) for one in fields} == {INVALID}
    assert field(record, 6) > 40  # the others go on


def test_leads_off_leave_the_pulse_of_the_oximeter() -> None:
    bedside = Bedside().asked(numbers_request(1))
    bedside.monitor.ecg_lead_off = True
    (record,) = records(bedside.after(1))
    assert status(record, 0) >> 11 & 0b111 == 0b111
    assert {field(record, one) for one in (6, 14, 226, 228, 230)} == {INVALID}
    assert field(record, 126) > 40


def test_apnea_is_a_zero_with_its_bit() -> None:
    bedside = Bedside().asked(numbers_request(30))
    bedside.patient.set("rr", 0.0)
    record = records(bedside.after(31))[-1]
    assert status(record, 132) == 0b111
    assert (field(record, 138), field(record, 142)) == (0, 0)


def test_the_cuff_keeps_its_old_numbers_while_it_measures_and_marks_them_old_after_a_minute() -> None:
    bedside = Bedside().asked(numbers_request(1))
    seen = [nibp(record) for _ in range(40) for record in records(bedside.after(10))]
    auto = 0x0B
    assert seen[3] == (auto, (INVALID,) * 3)
    assert seen[10] == (auto | 0x20, (INVALID,) * 3)
    first = seen[28]
    assert first[0] == auto | 0x20
    assert 8000 < first[1][0] < 16000
    assert seen[29] == (auto, first[1])
    assert seen[87] == (auto, first[1])
    assert seen[89] == (auto | 0x100, first[1])
    assert seen[310] == (auto | 0x120, first[1])
    assert seen[328][0] == auto | 0x20
    assert seen[328][1] != first[1]
    assert seen[329] == (auto, seen[328][1])


def test_a_measurement_can_be_asked_for_at_the_monitor() -> None:
    bedside = Bedside().asked(numbers_request(1))
    bedside.after(100)
    bedside.monitor.cuff.measure()
    assert [nibp(record)[0] & 0x20 for record in records(bedside.after(30))] == [0x20] * 25 + [0] * 5


def test_unplugged_not_a_byte_comes_and_no_request_arrives() -> None:
    bedside = Bedside().asked(numbers_request(1))
    bedside.after(5)
    bedside.monitor.unplugged = True
    assert bedside.asked(STOP).after(30) == b""
    bedside.monitor.unplugged = False
    assert len(records(bedside.after(5))) == 5


def test_waves_come_only_when_asked_for_with_a_counter_of_their_own() -> None:
    bedside = Bedside().asked(numbers_request(1)).asked(wave_request(1, 8, 9))
    waves = [record for record in records(bedside.after(5)) if record[14] == 1]
    assert [record[2] for record in waves] == [1, 2, 3, 4, 5]
    for record in waves:
        assert struct.unpack_from("<hBhB", record, 16) == (
            0,
            8,
            0,
            0xFF,
        )  # the waves it has not got are left out
        assert struct.unpack_from("<h", record, 40) == (100,)
        assert len(record) == 40 + 6 + 200
    bedside.asked(wave_request(stop=True))
    assert all(record[14] == 0 for record in records(bedside.after(5)))


def test_a_turned_bit_now_and_then_is_repeatable() -> None:
    streams = []
    for _ in range(2):
        bedside = Bedside(4).asked(numbers_request(1))
        bedside.monitor.bit_errors = 0.001
        streams.append(b"".join(bedside.after(10) for _ in range(6)))
    assert streams[0] == streams[1]
    driver = GeDri()
    driver.feed(streams[0])
    assert driver.counts.bad > 0
    assert driver.counts.good > 0


def test_the_driver_reads_a_whole_hour_without_a_bad_frame() -> None:
    bedside, driver = Bedside(9), GeDri()
    frames: list[NumbersFrame] = []
    for second in range(3600):
        for request in driver.requests(float(second)):
            bedside.monitor.receive(request)
        frames += [one for one in driver.feed(bedside.after(1)) if isinstance(one, NumbersFrame)]
    assert (driver.counts.good, driver.counts.bad, driver.counts.refused) == (3600, 0, 0)
    assert all(reading.value is not None for frame in frames for reading in frame.readings)
    measured = [frame for frame in frames if any(reading.vital in NIBP for reading in frame.readings)]
    assert len(measured) == 12


def test_the_driver_gives_what_the_patient_has() -> None:
    bedside, driver = Bedside(9), GeDri()
    bedside.monitor.receive(driver.ask)
    bedside.patient.set("spo2", 86.0)
    frame = driver.feed(bedside.after(20))[-1]
    assert isinstance(frame, NumbersFrame)
    values = {reading.vital: reading.value for reading in frame.readings}
    signs = bedside.patient.signs
    assert values[Vital.SPO2] == 86.0
    assert values[Vital.HEART_RATE] == round(signs.hr)
    assert values[Vital.RESP_RATE] == round(signs.rr)
    assert values[Vital.ETCO2] == pytest.approx(signs.etco2, abs=0.05)
    assert values[Vital.TEMP] == pytest.approx(signs.temp, abs=0.006)


def test_the_driver_names_the_probe_that_is_off() -> None:
    bedside, driver = Bedside(9), GeDri()
    bedside.monitor.receive(driver.ask)
    bedside.monitor.spo2_sensor_off = True
    frame = driver.feed(bedside.after(1))[-1]
    assert isinstance(frame, NumbersFrame)
    (spo2,) = [reading for reading in frame.readings if reading.vital is Vital.SPO2]
    assert (spo2.value, spo2.why_missing) == (None, "probe off")


def test_its_record_has_the_layout_of_a_recorded_level_10_monitor(captures: Path) -> None:
    path = captures / "monitors" / "ge_dri_pycollect" / "db02_first_phdb_frame.bin"
    (recorded,) = records(path.read_bytes())
    (ours,) = records(Bedside().asked().after(1))
    assert len(ours) == len(recorded)
    assert (ours[3], ours[16:40]) == (recorded[3], recorded[16:40])  # level and table of subrecords
    for at in range(4):
        assert ours[40 + 278 * at + 274 :][:4] == recorded[40 + 278 * at + 274 :][:4]  # marker and class
    labels = (20, 34, 48, 62, 76, 90, 98, 106, 114, 122, 136, 150, 160, 170, 182, 204, 218, 236, 244, 258)
    assert [field(ours, one) for one in labels] == [field(recorded, one) for one in labels]
    assert status(ours, 0) == status(recorded, 0)
