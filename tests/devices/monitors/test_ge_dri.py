"""The GE monitor: what its records say, what they do not, and when the cuff has measured."""

from __future__ import annotations

import json
from pathlib import Path
from struct import pack_into
from typing import Any

import pytest

from app.clinical.vitals import NIBP, Vital
from app.readings import NumbersFrame, Reading
from devices.monitors.ge_dri import GeDri, pace
from tests.devices.dri import INVALID, THERE, basic_record, framed


def frames_of(*records: bytes, driver: GeDri | None = None) -> list[NumbersFrame]:
    driver = driver or GeDri()
    frames = driver.feed(b"".join(map(framed, records)))
    assert all(isinstance(frame, NumbersFrame) for frame in frames)
    return frames  # type: ignore[return-value]


def reading(vital: Vital, **groups: Any) -> tuple[float | None, str | None]:
    """The value and the reason that a record with these groups gives."""
    (frame,) = frames_of(basic_record(**groups))
    (found,) = [one for one in frame.readings if one.vital is vital]
    return found.value, found.why_missing


def test_the_request_asks_for_the_displayed_basic_numbers_each_second() -> None:
    # Computed from the printed request for 10 s and all classes (GE M1017617), whose checksum is 49.
    head = "7e 31" + " 00" * 20 + " ff" + " 00" * 18
    assert GeDri.ask == bytes.fromhex(head + "01 01 00 00 00 00 00 00 00 32 7e")


def test_numbers_are_asked_for_at_once_and_again_after_ten_silent_seconds() -> None:
    driver = GeDri()
    asked = [second for second in range(40) if driver.requests(float(second)) == (GeDri.ask,)]
    assert asked == [0, 10, 20, 30]


def test_nothing_is_asked_while_numbers_come() -> None:
    driver = GeDri()
    driver.requests(0.0)
    for second in range(1, 60):
        driver.feed(framed(basic_record(1000 + second)))
        assert driver.requests(float(second)) == ()
    assert [second for second in range(60, 80) if driver.requests(float(second))] == [69, 79]


def test_the_six_vital_signs_are_in_every_frame_in_their_units() -> None:
    record = basic_record(
        1_532_624_765,
        ecg=(THERE, 80, 15),
        spo2=(THERE, 9665, 83),
        co2=(THERE, 487, 15, 7598),
        temps=((THERE, 1, 3684),),
    )
    (frame,) = frames_of(record)
    assert frame.device_time is not None
    assert frame.device_time.isoformat() == "2018-07-26T17:06:05+00:00"
    assert frame.readings == (
        Reading(Vital.HEART_RATE, 80.0),
        Reading(Vital.PULSE_RATE, 83.0),
        Reading(Vital.SPO2, 96.65),
        Reading(Vital.RESP_RATE, 15.0),
        Reading(Vital.ETCO2, 37.00226),
        Reading(Vital.TEMP, 36.84),
    )


@pytest.mark.parametrize(
    ("status", "why"), [(0, "no module"), (2, "no module"), (1, "probe off"), (THERE, "not updated")]
)
def test_a_saturation_is_no_value_unless_module_and_measurement_are_there(status: int, why: str) -> None:
    raw = -32766 if status == THERE else 9700
    assert reading(Vital.SPO2, spo2=(status, raw, 70)) == (None, why)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (-32767, "invalid"),
        (-32766, "not updated"),
        (-32765, "discontinuity"),
        (-32764, "under range"),
        (-32763, "over range"),
        (-32762, "not calibrated"),
        (-32001, "invalid"),
    ],
)
def test_every_code_is_a_reason_and_never_a_value(code: int, why: str) -> None:
    assert reading(Vital.PULSE_RATE, spo2=(THERE, 9700, code)) == (None, why)


def test_the_last_number_above_the_codes_is_judged_as_a_number() -> None:
    assert reading(Vital.PULSE_RATE, spo2=(THERE, 9700, -32000)) == (None, "not plausible")


def test_saturation_and_pulse_are_valid_each_on_its_own() -> None:
    assert reading(Vital.SPO2, spo2=(THERE, 10000, INVALID)) == (100.0, None)
    assert reading(Vital.PULSE_RATE, spo2=(THERE, 10000, INVALID)) == (None, "invalid")


def test_a_saturation_above_a_hundred_is_not_trusted() -> None:
    assert reading(Vital.SPO2, spo2=(THERE, 10001, 70)) == (None, "not plausible")


def test_what_lies_outside_the_given_bounds_is_not_trusted() -> None:
    driver = GeDri({Vital.HEART_RATE: (10, 350)})
    frames = frames_of(basic_record(ecg=(THERE, 351, 12)), basic_record(ecg=(THERE, 350, 12)), driver=driver)
    assert [frame.readings[0] for frame in frames] == [
        Reading(Vital.HEART_RATE, None, "not plausible"),
        Reading(Vital.HEART_RATE, 350.0),
    ]


def test_no_saturation_and_no_pulse_is_ever_zero() -> None:
    assert reading(Vital.SPO2, spo2=(THERE, 0, 0)) == (None, "none found")
    assert reading(Vital.PULSE_RATE, spo2=(THERE, 0, 0)) == (None, "none found")


LEARNING, ASYSTOLE = 1 << 9, 1 << 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (THERE | ASYSTOLE, (0.0, None)),
        (THERE | ASYSTOLE | LEARNING, (None, "learning")),
        (THERE | LEARNING, (None, "learning")),
        (THERE, (None, "none found")),
    ],
)
def test_a_heart_rate_of_zero_is_shown_only_for_a_sure_asystole(
    status: int, expected: tuple[float | None, str | None]
) -> None:
    assert reading(Vital.HEART_RATE, ecg=(status, 0, 12)) == expected


@pytest.mark.parametrize(
    ("bits", "why"), [(1 << 12, "lead off"), (1 << 8, "artefact"), (1 << 7, "noise"), (0, "invalid")]
)
def test_a_missing_heart_rate_says_what_the_ecg_says(bits: int, why: str) -> None:
    assert reading(Vital.HEART_RATE, ecg=(THERE | bits, INVALID, 12)) == (None, why)


def test_etco2_without_ambient_pressure_is_no_value() -> None:
    assert reading(Vital.ETCO2, co2=(THERE, 487, 15, INVALID)) == (None, "no pressure")


def test_etco2_is_zero_only_in_an_apnea() -> None:
    assert reading(Vital.ETCO2, co2=(THERE | 1 << 2, 0, 0, 7598)) == (0.0, None)
    assert reading(Vital.ETCO2, co2=(THERE, 0, 0, 7598)) == (None, "none found")


CO2_ON, CO2_SILENT = (THERE, 487, 14, 7598), (THERE, 487, INVALID, 7598)


@pytest.mark.parametrize(
    ("co2", "flow", "impedance", "expected"),
    [
        (CO2_ON, (THERE, 13), 12, (14.0, None)),
        (CO2_SILENT, (THERE, 13), 12, (13.0, None)),
        (CO2_SILENT, (1, 13), 12, (12.0, None)),
        (CO2_SILENT, (0, 13), INVALID, (None, "invalid")),
        ((THERE | 1 << 2, 0, 0, 7598), (THERE, 13), 12, (0.0, None)),
        ((THERE, 487, 0, 7598), (0, 13), 12, (12.0, None)),
    ],
)
def test_breathing_is_co2s_else_the_flows_else_the_impedances(
    co2: tuple[int, ...], flow: tuple[int, int], impedance: int, expected: tuple[float | None, str | None]
) -> None:
    assert reading(Vital.RESP_RATE, co2=co2, flow=flow, ecg=(THERE, 70, impedance)) == expected


def test_breathing_without_any_module_says_so() -> None:
    assert reading(Vital.RESP_RATE, ecg=(0, 70, 12)) == (None, "no module")


SKIN, AIRWAY, RECTAL = 7, 8, 4


@pytest.mark.parametrize(
    ("temps", "expected"),
    [
        (((THERE, SKIN, 3100), (THERE, RECTAL, 3720)), (37.2, None)),
        (((1, 1, 3650), (THERE, 0, 3610)), (36.1, None)),
        (((THERE, AIRWAY, 3300),), (None, "no body site")),
        (((1, 1, 3650),), (None, "probe off")),
        ((), (None, "no module")),
        (((THERE, 11, -32764), (THERE, RECTAL, 3720)), (None, "under range")),
        (((THERE, 99, 3700),), (None, "no body site")),
    ],
)
def test_the_temperature_is_that_of_the_first_active_body_site(
    temps: tuple[tuple[int, int, int], ...], expected: tuple[float | None, str | None]
) -> None:
    assert reading(Vital.TEMP, temps=temps) == expected


# ------------------------------------------------------------------ the cuff

MEASURING, OLD = 1 << 5, 1 << 8
BEFORE, AFTER = (12000, 7000, 8700), (13100, 8000, 9700)
NOTHING = (INVALID, INVALID, INVALID)


def new_pressures(*seen: tuple[int, int, tuple[int, int, int]]) -> list[tuple[int, float | None]]:
    """(second, systolic) of each new measurement, from what was seen as (second, label, pressures)."""
    records = [basic_record(1000 + second, nibp=(THERE, label, *raw)) for second, label, raw in seen]
    found = []
    for (second, _, _), frame in zip(seen, frames_of(*records), strict=True):
        values = {one.vital: one.value for one in frame.readings if one.vital in NIBP}
        assert len(values) in (0, 3)
        if values:
            found.append((second, values[Vital.NIBP_SYS]))
    return found


def test_the_first_pressures_count() -> None:
    assert new_pressures((0, 0, BEFORE), (1, 0, BEFORE)) == [(0, 120.0)]


def test_the_first_pressures_do_not_count_when_they_are_older_than_a_minute() -> None:
    assert new_pressures((0, OLD, BEFORE), (1, OLD, BEFORE)) == []


def test_changed_pressures_are_a_new_measurement_once_through_the_end_of_the_cycle() -> None:
    seen = [
        (0, OLD, BEFORE),
        (20, OLD | MEASURING, BEFORE),
        (40, MEASURING, AFTER),
        (42, 0, AFTER),
        (60, 0, AFTER),
    ]
    assert new_pressures(*seen) == [(40, 131.0)]


def test_the_same_pressures_measured_again_are_new_when_they_are_no_longer_old() -> None:
    seen = [(0, OLD, BEFORE), (20, OLD | MEASURING, BEFORE), (40, MEASURING, BEFORE), (42, 0, BEFORE)]
    assert new_pressures(*seen) == [(40, 120.0)]


def test_the_same_pressures_measured_again_within_a_minute_are_new_when_the_cycle_ends() -> None:
    assert new_pressures((0, 0, BEFORE), (15, MEASURING, BEFORE), (40, 0, BEFORE)) == [
        (0, 120.0),
        (40, 120.0),
    ]


def test_a_cycle_that_ended_with_old_pressures_has_measured_nothing() -> None:
    assert new_pressures((0, OLD, BEFORE), (20, OLD | MEASURING, BEFORE), (40, OLD, BEFORE)) == []


def test_pressures_that_ageing_only_marked_are_not_new() -> None:
    assert new_pressures((0, 0, BEFORE), (61, OLD, BEFORE)) == [(0, 120.0)]


def test_pressures_that_were_measured_while_nobody_listened_are_not_taken_for_a_measurement_of_now() -> None:
    seen = [(0, 0, BEFORE), (300, OLD, AFTER), (301, OLD, AFTER)]
    assert new_pressures(*seen) == [(0, 120.0)]


def test_a_cycle_that_was_under_way_before_a_silence_does_not_make_old_pressures_new() -> None:
    seen = [(0, 0, BEFORE), (30, MEASURING, BEFORE), (300, OLD, AFTER)]
    assert new_pressures(*seen) == [(0, 120.0)]


def test_changed_pressures_are_new_also_where_they_are_marked_old_until_the_cycle_ends() -> None:
    seen = [(0, OLD, BEFORE), (20, OLD | MEASURING, BEFORE), (40, OLD | MEASURING, AFTER), (41, 0, AFTER)]
    assert new_pressures(*seen) == [(40, 131.0)]


def test_pressures_blanked_during_the_cycle_are_not_a_measurement() -> None:
    seen = [(0, OLD, BEFORE), (20, MEASURING, NOTHING), (40, MEASURING, AFTER), (41, 0, AFTER)]
    assert new_pressures(*seen) == [(40, 131.0)]


def test_a_cuff_without_its_module_measures_nothing() -> None:
    (frame,) = frames_of(basic_record(nibp=(1, 0, *BEFORE)))
    assert len(frame.readings) == 6


def test_one_pressure_can_be_missing_from_a_measurement() -> None:
    (frame,) = frames_of(basic_record(nibp=(THERE, 0, INVALID, INVALID, 8700)))
    assert frame.readings[6:] == (
        Reading(Vital.NIBP_SYS, None, "invalid"),
        Reading(Vital.NIBP_DIA, None, "invalid"),
        Reading(Vital.NIBP_MEAN, 87.0),
    )


# ------------------------------------------------------------------ records that make no sense


def spoiled(offset: int, layout: str, value: int) -> bytes:
    record = bytearray(basic_record())
    pack_into(layout, record, offset, value)
    return bytes(record)


@pytest.mark.parametrize(
    "record",
    [
        spoiled(0, "<h", -32768),
        spoiled(0, "<h", 317),
        spoiled(14, "<h", 2),
        spoiled(14, "<h", 256),
        spoiled(16, "<h", -1),
        spoiled(16, "<h", 1),
        bytes.fromhex("2c 00 00 0a 00 00 9e ff 59 5b 00 00 00 00 01 00 00 00 08 ff 00 ff") + bytes(22),
    ],
    ids=[
        "length",
        "one short",
        "main type",
        "main type high byte",
        "offset below 0",
        "offset too far",
        "wave head",
    ],
)
def test_a_record_with_a_right_checksum_and_a_senseless_header_is_refused(record: bytes) -> None:
    driver = GeDri()
    assert driver.feed(framed(record)) == []
    assert (driver.counts.good, driver.counts.bad, driver.counts.refused) == (0, 0, 1)


def test_a_wave_that_announces_more_samples_than_the_record_holds_is_refused() -> None:
    record = bytearray(40 + 6 + 20)
    pack_into("<h", record, 0, len(record))
    pack_into("<hhBhB", record, 14, 1, 0, 8, 0, 0xFF)
    driver = GeDri()
    for samples in (10, 11, -1):
        pack_into("<h", record, 40, samples)
        driver.feed(framed(bytes(record)))
    assert (driver.counts.good, driver.counts.refused) == (1, 2)


@pytest.mark.parametrize("kind", [2, 3, 4])
def test_trends_and_auxiliary_records_are_good_and_show_nothing(kind: int) -> None:
    driver = GeDri()
    assert driver.feed(framed(basic_record(kind=kind))) == []
    assert driver.counts.good == 1


def test_another_class_than_the_basic_one_shows_nothing() -> None:
    assert frames_of(basic_record(class_word=0x01A1)) == []


def test_a_monitor_whose_clock_was_never_set_has_no_time() -> None:
    assert frames_of(basic_record(0))[0].device_time is None


def test_the_pace_of_a_recording_is_its_monitors_clock_and_gaps_are_gaps() -> None:
    records = [framed(basic_record(seconds)) for seconds in (100, 101, 131, 90, 91)]
    ends = [sum(map(len, records[: count + 1])) for count in range(5)]
    assert pace(b"".join(records)) == list(zip(ends, [0.0, 1.0, 31.0, 31.0, 32.0], strict=True))


# ------------------------------------------------------------------ recorded bytes of real monitors


@pytest.mark.parametrize(
    ("name", "numbers", "waves", "partial", "measurements"),
    [("db00_part1", 868, 868, 2, 6), ("db02", 107, 106, 1, 1)],
)
def test_a_recorded_monitor_decodes_as_decoded_independently(
    captures: Path, name: str, numbers: int, waves: int, partial: int, measurements: int
) -> None:
    folder = captures / "monitors" / "ge_dri_pycollect"
    lines = [json.loads(line) for line in (folder / f"{name}.expected.jsonl").read_text().splitlines()]
    expected = [line for line in lines if "hr" in line]
    driver = GeDri()
    frames = driver.feed((folder / f"{name}.raw").read_bytes())
    driver.finish()
    counts = driver.counts
    assert (counts.good, counts.bad, counts.refused, counts.partial) == (numbers + waves, 0, 0, partial)
    assert len(frames) == len(expected) == numbers
    pressures_seen = 0
    for frame, line in zip(frames, expected, strict=True):
        assert isinstance(frame, NumbersFrame)
        assert frame.device_time is not None
        assert frame.device_time.timestamp() == line["r_time"]
        assert shown(frame) == as_expected(line)
        pressures = [one.value for one in frame.readings[6:]]
        assert pressures in ([], [line["sys"], line["dia"], line["mean"]])
        pressures_seen += bool(pressures)
    assert pressures_seen == measurements


def shown(frame: NumbersFrame) -> dict[Vital, float | None]:
    return {one.vital: one.value for one in frame.readings[:6]}


def as_expected(line: dict[str, Any]) -> dict[Vital, object]:
    """A line of the independent decoder as vital signs."""

    def value(key: str) -> float | None:
        return None if line[key] == "INVALID" else float(line[key])

    et, ambient = value("et"), value("amb")
    return {
        Vital.HEART_RATE: value("hr"),
        Vital.PULSE_RATE: value("pr"),
        Vital.SPO2: value("spo2"),
        Vital.RESP_RATE: value("imp_rr") if value("co2_rr") is None else value("co2_rr"),
        Vital.ETCO2: None if et is None or ambient is None else pytest.approx(et * ambient / 100),
        Vital.TEMP: value("t1"),
    }


def test_a_level_8_record_shows_no_heart_rate_of_zero_while_it_learns(captures: Path) -> None:
    # Values from the tests of github.com/part-cw/LNhealth: plug 35588, HR 0, status 587, time 1251973827.
    record = (captures / "monitors" / "ge_dri_lnhealth_s5tests" / "trends.bin").read_bytes()
    (frame,) = frames_of(record)
    assert frame.device_time is not None
    assert frame.device_time.timestamp() == 1_251_973_827
    assert frame.readings[0] == Reading(Vital.HEART_RATE, None, "learning")


def test_a_level_8_wave_record_is_good(captures: Path) -> None:
    driver = GeDri()
    record = (captures / "monitors" / "ge_dri_lnhealth_s5tests" / "waveforms.bin").read_bytes()
    assert driver.feed(framed(record)) == []
    assert (driver.counts.good, driver.counts.refused) == (1, 0)
