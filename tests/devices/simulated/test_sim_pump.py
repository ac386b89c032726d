"""The simulated Alaris pump: bytes as recorded, volumes that add up, and the things that go wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.readings import PumpFrame, PumpMode
from app.refusals import Refused
from devices.pumps.alaris import Alaris
from devices.simulated.alaris_pump import STORMY, PumpFaults, SimulatedAlarisPump, clock_text
from devices.simulated.syringe_pump import SyringePump

HOUR_S = 3600.0


def crc(payload: bytes) -> bytes:
    """CRC-16/CCITT-FALSE, bit by bit, as four hex digits."""
    value = 0xFFFF
    for byte in payload:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return b"%04X" % value


def asked(pump: SimulatedAlarisPump, question: bytes) -> bytes:
    """What comes back at once for this payload."""
    pump.receive(b"!" + question + b"|" + crc(question) + b"\r")
    return pump.take()


def fields(pump: SimulatedAlarisPump, question: bytes = b"INF") -> list[str]:
    """The fields of a reply whose CRC is right."""
    reply = asked(pump, question)
    assert reply[:1] == b"!"
    assert reply[-1:] == b"\r"
    payload, check = reply[1:-1].split(b"|")
    assert check == crc(payload)
    return payload.decode("ascii").split("^")


def wired(faults: PumpFaults | None = None, seed: int = 1, needs_remote: bool = False) -> SimulatedAlarisPump:
    """A pump on hold at time 0."""
    pump = SimulatedAlarisPump(SyringePump(), faults=faults, seed=seed, needs_remote=needs_remote)
    pump.step(0.0)
    return pump


def running(rate_ml_h: float, syringe_ml: float = 50.0) -> SimulatedAlarisPump:
    """A pump that runs since time 0."""
    pump = SimulatedAlarisPump(SyringePump(syringe_ml))
    pump.step(0.0)
    pump.pump.set_rate(rate_ml_h)
    pump.pump.key("start")
    return pump


# ------------------------------------------------------------------ the wire


@pytest.mark.parametrize(
    ("question", "reply"),
    [  # recorded from a pump, as public sources quote it
        (b"INST_SERIALNO", b"!INST_SERIALNO^8002-51733|ACFF\r"),
        (b"COMMS_PROTOCOL", b"!COMMS_PROTOCOL^Asena Rev 2.1.5|661A\r"),
        (b"COMMS_RESPONSE_MAX", b"!COMMS_RESPONSE_MAX^4000^ms|DFDF\r"),
        (b"SYRINGE_STATUS", b"!SYRINGE_STATUS^BD PLASTIPAK^ 50^CONF|1CF8\r"),
        (b"INF_RATE_MAX_SYRINGE", b"!INF_RATE_MAX_SYRINGE^1200.00^ml/h|8575\r"),
        (b"ALARM", b"!ALARM^AL_NOALM^ ^ |C73B\r"),
    ],
)
def test_its_replies_are_the_recorded_ones_byte_for_byte(question: bytes, reply: bytes) -> None:
    assert asked(wired(), question) == reply


def test_the_recorded_occlusion_comes_back_byte_for_byte() -> None:
    pump = running(40.0, syringe_ml=2.77)
    state = pump.pump
    state.occlude()
    state.volume_ml, state.pressure_mmhg = 0.969, 530.15
    pump.step(1.0)
    state.log_id = 214725
    assert asked(pump, b"INF") == (
        b"!INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725|DB9D\r"
    )


def test_a_status_while_it_runs_has_the_rate_and_no_flag() -> None:
    pump = running(5.0)
    pump.step(900.0)
    status = fields(pump)
    assert status[:9] == ["INF", "8002-51733", "-", "SET", "5.00", "ml/h", "", "1.250", "ml"]
    assert status[9:13] == ["17.91", "mmHg", "09:45:00", "EVENT"]


@pytest.mark.parametrize(
    "command",
    [
        b"INF_START",
        b"INF_STOP",
        b"INF_RATE^9.00^ml/h",
        b"INF_VI_CLEAR",
        b"REMOTE_CTRL^ENABLED^0000",
        b"NONSENSE",
    ],
)
def test_a_command_over_the_wire_is_not_answered_and_changes_nothing(command: bytes) -> None:
    pump = running(5.0)
    before = pump.pump.display()
    assert asked(pump, command) == b""
    assert pump.pump.display() == before


def test_a_question_with_a_wrong_crc_is_not_answered() -> None:
    pump = wired()
    pump.receive(b"!INF|4962\r")
    assert pump.take() == b""


def test_escape_breaks_a_question_off() -> None:
    pump = wired()
    pump.receive(b"!INF_VI\x1b!ALARM|50B2\r")
    assert pump.take() == b"!ALARM^AL_NOALM^ ^ |C73B\r"


def test_questions_in_pieces_are_answered_in_order() -> None:
    pump = wired()
    for byte in b"!ALARM|50B2\r!COMMS_PROTOCOL|E8DA\r":
        pump.receive(bytes((byte,)))
    assert pump.take() == b"!ALARM^AL_NOALM^ ^ |C73B\r!COMMS_PROTOCOL^Asena Rev 2.1.5|661A\r"


def test_a_pump_that_needs_remote_control_tells_who_it_is_and_no_more() -> None:
    pump = wired(needs_remote=True)
    assert asked(pump, b"INST_SERIALNO")
    assert asked(pump, b"INF") == b""


def test_unplugged_it_is_silent_and_pumps_on() -> None:
    pump = running(20.0)
    pump.unplugged = True
    assert asked(pump, b"INF") == b""
    pump.step(HOUR_S / 2)
    pump.unplugged = False
    assert fields(pump)[7] == "10.000"


@pytest.mark.parametrize(
    ("seconds", "text"), [(249.9, "00:04:09"), (0, "00:00:00"), (86399, "23:59:59"), (86400, "24+")]
)
def test_the_time_left_is_written_as_the_pump_does(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


# ------------------------------------------------------------------ volume


@pytest.mark.parametrize("dt_s", [0.1, 1.0, 17.0, HOUR_S])
def test_the_volume_of_an_hour_is_exact_however_time_is_cut(dt_s: float) -> None:
    pump = running(17.3)
    at_s = 0.0
    while at_s < HOUR_S:
        at_s = min(at_s + dt_s, HOUR_S)
        pump.step(at_s)
    assert fields(pump)[7] == "17.300"
    assert fields(pump, b"INF_VI") == ["INF_VI", "17.300", "ml"]


def test_on_hold_nothing_flows() -> None:
    pump = running(20.0)
    pump.step(900.0)
    pump.pump.key("hold")
    pump.step(HOUR_S)
    assert fields(pump)[3:5] == ["HLD", "0.00"]
    assert fields(pump)[7] == "5.000"


def test_a_new_rate_counts_from_the_moment_it_is_set() -> None:
    pump = running(20.0)
    pump.step(HOUR_S / 2)
    pump.pump.set_rate(40.0)
    pump.step(HOUR_S)
    assert fields(pump)[7] == "30.000"


def test_clearing_the_volume_starts_the_counter_again() -> None:
    pump = running(20.0)
    pump.step(HOUR_S / 2)
    pump.pump.key("clear_volume")
    pump.step(HOUR_S)
    assert fields(pump)[7] == "10.000"
    assert pump.pump.delivered_ml == pytest.approx(20.0)


def test_time_that_runs_backwards_pumps_nothing_back() -> None:
    pump = running(20.0)
    pump.step(HOUR_S)
    pump.step(10.0)
    pump.step(HOUR_S)
    assert fields(pump)[7] == "20.000"


# ------------------------------------------------------------------ the keys


@pytest.mark.parametrize("rate", [0.05, 17.25, 0.0, -3.0, 1200.1, float("nan"), float("inf")])
def test_a_rate_finer_than_a_tenth_or_out_of_range_is_refused(rate: float) -> None:
    pump = running(5.0).pump
    with pytest.raises(Refused) as refused:
        pump.set_rate(rate)
    assert refused.value.field == "rate_ml_h"
    assert pump.rate_set_ml_h == 5.0


@pytest.mark.parametrize("rate", [0.1, 0.3, 17.3, 99.9, 1199.9, 1200.0])
def test_every_tenth_in_range_is_taken(rate: float) -> None:
    pump = wired().pump
    pump.set_rate(rate)
    assert pump.rate_set_ml_h == rate


def test_a_smaller_syringe_has_a_lower_highest_rate() -> None:
    pump = wired()
    pump.pump.load_syringe(20.0, 20)
    assert fields(pump, b"INF_RATE_MAX_SYRINGE")[1] == "600.00"
    with pytest.raises(Refused):
        pump.pump.set_rate(600.1)


def without_rate(pump: SyringePump) -> None:
    pump.rate_set_ml_h = 0.0


def unconfirmed(pump: SyringePump) -> None:
    pump.load_syringe(30.0)


def empty(pump: SyringePump) -> None:
    pump.leave_for(0.0)


@pytest.mark.parametrize("obstacle", [without_rate, unconfirmed, empty, SyringePump.remove_syringe])
def test_it_does_not_start_when_something_is_missing(obstacle: Callable[[SyringePump], None]) -> None:
    pump = wired().pump
    pump.set_rate(10.0)
    obstacle(pump)
    with pytest.raises(Refused) as refused:
        pump.key("start")
    assert refused.value.field == "start"
    assert not pump.running


def test_a_key_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused):
        wired().pump.key("bolus")


@pytest.mark.parametrize(("left_ml", "size_ml"), [(60.0, 50), (0.0, 50), (10.0, 12)])
def test_a_syringe_that_cannot_be_is_refused(left_ml: float, size_ml: int) -> None:
    with pytest.raises(Refused):
        wired().pump.load_syringe(left_ml, size_ml)


def test_each_key_and_event_moves_the_log() -> None:
    pump = wired()
    seen = [fields(pump)[13]]
    for key in ("confirm_syringe", "silence", "clear_volume", "hold"):
        pump.pump.key(key)
        seen.append(fields(pump)[13])
    pump.pump.set_rate(5.0)
    seen.append(fields(pump)[13])
    pump.pump.low_battery()
    seen.append(fields(pump)[13])
    assert seen == sorted(set(seen))


# ------------------------------------------------------------------ what goes wrong


def test_an_occlusion_climbs_alarms_and_holds_and_the_patient_gets_none_of_it() -> None:
    pump = running(36.0)
    pump.pump.occlude()
    pump.step(10.0)
    assert fields(pump)[2:5] == ["-", "SET", "36.00"]
    assert float(fields(pump)[9]) == pytest.approx(17.91 + 120)
    pump.step(60.0)
    assert fields(pump)[2:5] == ["A", "HLD", "0.00"]
    assert float(fields(pump)[9]) == pytest.approx(500.0)
    assert asked(pump, b"ALARM") == b"!ALARM^AL_OCCLU^ ^ |5B3B\r"
    assert pump.pump.volume_ml == pytest.approx(36.0 * (500 - 17.91) / 12 / 3600)
    assert pump.pump.delivered_ml == 0.0


def test_a_start_against_an_occlusion_alarms_again() -> None:
    pump = running(36.0)
    pump.pump.occlude()
    pump.step(60.0)
    pump.pump.key("start")
    pump.step(61.0)
    assert fields(pump)[2:4] == ["A", "HLD"]


def test_after_the_occlusion_is_cleared_a_start_ends_the_alarm_and_the_rest_arrives() -> None:
    pump = running(36.0)
    pump.pump.occlude()
    pump.step(60.0)
    pump.pump.clear_occlusion()
    pump.pump.key("start")
    pump.step(70.0)
    assert fields(pump)[2:4] == ["-", "SET"]
    assert fields(pump)[9] == "17.91"
    assert pump.pump.delivered_ml == pytest.approx(pump.pump.volume_ml)


def test_near_its_end_it_warns_and_goes_on_and_at_the_end_it_stops() -> None:
    pump = running(60.0, syringe_ml=10.0)
    pump.step(299.0)
    assert fields(pump)[2] == "-"
    pump.step(301.0)
    assert fields(pump)[2:4] == ["A", "SET"]
    assert fields(pump, b"ALARM")[1] == "AL_NEOIN"
    pump.step(2000.0)
    assert fields(pump)[2:5] == ["A", "HLD", "0.00"]
    assert fields(pump, b"ALARM")[1] == "AL_EOIST"
    assert fields(pump)[7] == "10.000"


def test_silence_ends_a_warning_and_it_does_not_come_back_for_this_syringe() -> None:
    pump = running(60.0, syringe_ml=10.0)
    pump.step(310.0)
    pump.pump.key("silence")
    pump.step(320.0)
    assert fields(pump)[2:4] == ["-", "SET"]


def test_a_new_syringe_must_be_confirmed_and_ends_the_alarm_of_the_old_one() -> None:
    pump = running(60.0, syringe_ml=10.0)
    pump.step(2000.0)
    pump.pump.load_syringe(50.0)
    assert fields(pump)[2] == "-"
    assert fields(pump, b"SYRINGE_STATUS")[3] != "CONF"
    pump.pump.key("confirm_syringe")
    pump.pump.key("start")
    assert fields(pump, b"SYRINGE_STATUS")[3] == "CONF"
    pump.step(2060.0)
    assert fields(pump)[7] == "11.000"


def test_changing_the_syringe_of_a_running_pump_stops_it_with_an_alarm() -> None:
    pump = running(60.0)
    pump.pump.load_syringe(50.0)
    assert fields(pump)[2:4] == ["A", "HLD"]
    assert fields(pump, b"ALARM")[1] == "AL_SYRCO"


def test_a_power_reset_holds_clears_and_asks_for_the_syringe_again() -> None:
    pump = running(60.0)
    pump.step(60.0)
    pump.pump.power_reset()
    assert fields(pump)[2:5] == ["-", "HLD", "0.00"]
    assert fields(pump)[7] == "0.000"
    assert fields(pump, b"SYRINGE_STATUS")[3] != "CONF"


def test_a_low_battery_alarms_while_it_pumps() -> None:
    pump = running(60.0)
    pump.pump.low_battery()
    assert fields(pump)[2:4] == ["A", "SET"]
    assert fields(pump, b"ALARM")[1] == "AL_LWBAT"


# ------------------------------------------------------------------ a bad line


def test_without_faults_every_question_is_answered_at_once() -> None:
    pump = running(60.0)
    assert sum(len(fields(pump)) for _ in range(500)) == 500 * 14


def test_a_slow_pump_answers_when_its_time_has_come() -> None:
    pump = wired(PumpFaults(latency_s=0.25))
    assert asked(pump, b"ALARM") == b""
    pump.step(0.2)
    assert pump.take() == b""
    pump.step(0.3)
    assert pump.take() == b"!ALARM^AL_NOALM^ ^ |C73B\r"


def test_a_stormy_line_loses_and_damages_a_few_replies_the_same_each_time() -> None:
    streams = []
    for _ in range(2):
        pump = wired(STORMY, seed=5)
        stream = b""
        for number in range(1, 2001):
            pump.step(number * 1.0)
            stream += asked(pump, b"INF")
        pump.step(3000.0)
        streams.append(stream + pump.take())
    assert streams[0] == streams[1]
    driver = Alaris()
    driver.feed(streams[0])
    assert 1850 < driver.counts.good < 1990
    assert 5 < driver.counts.bad < 50


# ------------------------------------------------------------------ with the driver


def talk(pump: SimulatedAlarisPump, driver: Alaris, begin_s: float, seconds: float) -> list[PumpFrame]:
    """The frames that a driver makes of a conversation of some seconds, ten turns each second."""
    frames = []
    for turn in range(round(seconds * 10)):
        now_s = begin_s + turn / 10
        pump.step(now_s)
        frames += [one for one in driver.feed(pump.take()) if isinstance(one, PumpFrame)]
        for question in driver.requests(now_s):
            pump.receive(question)
    return frames


def test_the_driver_reads_rate_volume_syringe_and_mode() -> None:
    pump = running(17.5)
    frame = talk(pump, Alaris(), 0.0, 60.0)[-1]
    assert (frame.serial, frame.mode, frame.rate_ml_h) == ("8002-51733", PumpMode.RUNNING, 17.5)
    assert frame.volume_ml == pytest.approx(17.5 / 60, abs=0.006)
    assert frame.syringe is not None
    assert (frame.syringe.size_ml, frame.syringe.confirmed) == (50.0, True)
    assert (frame.alarm, frame.rate_max_ml_h) == (None, 1200.0)


def test_the_driver_names_the_occlusion() -> None:
    pump, driver = running(17.5), Alaris()
    pump.pump.occlude()
    frame = talk(pump, driver, 0.0, 60.0)[-1]
    assert (frame.mode, frame.rate_ml_h, frame.alarm) == (PumpMode.HELD, 0.0, "AL_OCCLU")


def test_the_driver_keeps_reading_through_a_stormy_line() -> None:
    pump = running(17.5)
    pump.faults = STORMY
    frames = talk(pump, Alaris(), 0.0, 600.0)
    assert len(frames) > 450
    volumes = [frame.volume_ml for frame in frames if frame.volume_ml is not None]
    assert volumes == sorted(volumes)
