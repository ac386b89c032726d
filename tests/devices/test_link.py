"""The link: what it posts when a device speaks, falls silent, vanishes and comes back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.instant import Instant
from app.messages import LinkChanged, LinkState, PumpRead, VitalsRead
from devices.driver import Driver
from devices.framing import alaris_frame
from devices.link import Device, Link, Message
from devices.monitors.ge_dri import GeDri
from devices.pumps.alaris import Alaris
from devices.transport import Transport, TransportError
from tests.devices.dri import THERE, basic_record, framed

START = Instant(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), 1000.0)


class ScriptedPort(Transport):
    """A port whose cable, permissions and bytes the test decides."""

    def __init__(self) -> None:
        super().__init__("/dev/ttyUSB0")
        self.trouble: str | None = None
        self.coming = b""
        self.sent: list[bytes] = []
        self.opened = 0

    def _open(self, now: Instant) -> None:
        self._check()
        self.opened += 1

    def _read(self, now: Instant) -> bytes:
        self._check()
        data, self.coming = self.coming, b""
        return data

    def _write(self, data: bytes) -> None:
        self._check()
        self.sent.append(data)

    def _close(self) -> None:
        self.coming = b""

    def _check(self) -> None:
        if self.trouble:
            raise TransportError(self.trouble)


class PilingPort(ScriptedPort):
    """A port in which bytes wait for whoever reads next, as the system's do."""

    piles_up = True


class Bench:
    """A link on a scripted port, stepped ten times a second."""

    def __init__(
        self, driver: type[Driver] = GeDri, device: Device = "monitor", port: ScriptedPort | None = None
    ) -> None:
        self.port = port or ScriptedPort()
        self.posted: list[Message] = []
        self.link = Link(device, driver, self.port, self.posted.append)
        self.now = START

    def go_on(self, seconds: float, each_second: bytes = b"") -> Bench:
        for tenth in range(round(seconds * 10)):
            self.now = self.now.plus(0.1)
            if tenth % 10 == 0:
                self.port.coming += each_second
            self.link.step(self.now)
        return self

    def changes(self) -> list[tuple[LinkState, str]]:
        return [(message.state, message.why) for message in self.posted if isinstance(message, LinkChanged)]

    def states(self) -> list[LinkState]:
        return [state for state, _ in self.changes()]


NUMBERS = framed(basic_record(0))
"""Without a time of its own: it may come again and again."""
ABSENT = "/dev/ttyUSB0 is not there. Plug the adapter in, or choose another port."
VANISHED = "/dev/ttyUSB0 vanished. Check the cable and the adapter."


def test_frames_are_posted_with_the_time_they_were_read_and_the_device_they_are_from() -> None:
    bench = Bench().go_on(3, NUMBERS)
    read = [message for message in bench.posted if isinstance(message, VitalsRead)]
    assert len(read) == 3
    assert read[0].at == START.plus(0.1)
    assert read[0].device == "monitor"
    assert bench.states() == [LinkState.OPEN, LinkState.LIVE]


def test_a_pumps_frames_are_posted_as_the_pumps() -> None:
    bench = Bench(Alaris, "pump")
    status = alaris_frame("INF^8002-51733^-^SET^5.00^ml/h^^1.250^ml^17.91^mmHg^03:45:00^EVENT^127904")
    bench.go_on(8, status)
    read = [message for message in bench.posted if isinstance(message, PumpRead)]
    assert read
    assert read[0].frame.rate_ml_h == 5.0


def test_the_drivers_requests_go_out_over_the_port() -> None:
    assert Bench().go_on(1).port.sent == [GeDri.ask]


def test_a_device_that_says_nothing_is_silent_after_its_time() -> None:
    bench = Bench().go_on(9.9)
    assert bench.states() == [LinkState.OPEN]
    bench.go_on(30)
    assert bench.changes()[1:] == [
        (
            LinkState.SILENT,
            "Nothing heard at /dev/ttyUSB0. Check the cable, and that the device is on.",
        )
    ]


def test_a_device_that_falls_silent_and_speaks_again_is_told_once_each_time() -> None:
    bench = Bench().go_on(20, NUMBERS).go_on(60).go_on(20, NUMBERS)
    assert bench.states() == [LinkState.OPEN, LinkState.LIVE, LinkState.SILENT, LinkState.LIVE]


@pytest.mark.parametrize(("seconds", "told"), [(4.4, False), (4.6, True)])
def test_a_device_whose_pace_is_known_is_told_silent_before_five_seconds(seconds: float, told: bool) -> None:
    bench = Bench().go_on(19.1, NUMBERS).go_on(seconds)
    assert (LinkState.SILENT in bench.states()) is told


def test_a_device_that_speaks_every_five_seconds_has_its_drivers_whole_time() -> None:
    bench = Bench()
    for _ in range(8):
        bench.go_on(1, NUMBERS).go_on(4)
    bench.go_on(4)
    assert bench.states() == [LinkState.OPEN, LinkState.LIVE]


def test_a_network_port_that_fell_silent_is_opened_anew_and_told_once() -> None:
    bench = Bench()
    bench.port.may_be_half_open = True
    bench.go_on(10, NUMBERS).go_on(60)
    assert bench.states() == [LinkState.OPEN, LinkState.LIVE, LinkState.SILENT]
    assert 5 <= bench.port.opened <= 8
    bench.go_on(3, NUMBERS)
    assert bench.states()[3:] == [LinkState.LIVE]


def test_a_serial_port_that_fell_silent_stays_open() -> None:
    assert Bench().go_on(10, NUMBERS).go_on(60).port.opened == 1


def test_a_silent_monitor_is_asked_again() -> None:
    assert Bench().go_on(35).port.sent == [GeDri.ask] * 4


def test_another_devices_bytes_are_told_apart_from_silence() -> None:
    bench = Bench().go_on(30, b"29-Dec-17 07:18:43    99      66      12 \r\n")
    assert bench.changes()[-1] == (
        LinkState.SILENT,
        "Bytes come, but not GE DRI (S/5, CARESCAPE)'s. Check the port and the driver.",
    )
    assert len(bench.changes()) == 2


def test_a_monitor_that_sends_no_numbers_is_told_apart_from_silence() -> None:
    bench = Bench().go_on(30, framed(basic_record(kind=2)))
    assert bench.changes()[-1] == (
        LinkState.SILENT,
        "GE DRI (S/5, CARESCAPE) answers, but sends no numbers. Check its interface settings.",
    )


def test_a_port_that_is_not_there_is_told_once_and_tried_for_ever() -> None:
    bench = Bench()
    bench.port.trouble = ABSENT
    bench.go_on(120)
    assert bench.changes() == [(LinkState.DOWN, ABSENT)]
    bench.port.trouble = None
    bench.go_on(7, NUMBERS)
    assert bench.states() == [LinkState.DOWN, LinkState.OPEN, LinkState.LIVE]


def test_another_reason_for_a_closed_port_is_told_too() -> None:
    bench = Bench()
    bench.port.trouble = ABSENT
    bench.go_on(10)
    bench.port.trouble = "/dev/ttyUSB0 is used by another program. Close it there."
    bench.go_on(20)
    assert [why for _, why in bench.changes()] == [ABSENT, bench.port.trouble]


def test_an_unplugged_cable_is_told_and_the_device_read_again_when_it_is_back() -> None:
    bench = Bench().go_on(5, NUMBERS)
    bench.port.trouble = VANISHED
    bench.go_on(20)
    bench.port.trouble = None
    bench.go_on(6, NUMBERS)
    assert bench.changes()[1:] == [
        (LinkState.LIVE, ""),
        (LinkState.DOWN, VANISHED),
        (LinkState.OPEN, "/dev/ttyUSB0 is open, waiting for GE DRI (S/5, CARESCAPE)."),
        (LinkState.LIVE, ""),
    ]
    assert bench.port.sent == [GeDri.ask] * 2


def test_the_port_is_tried_after_one_two_and_then_every_five_seconds() -> None:
    tried: list[float] = []

    class CountingPort(ScriptedPort):
        def _open(self, now: Instant) -> None:
            tried.append(round(now.since(START), 1))
            super()._open(now)

    port = CountingPort()
    port.trouble = ABSENT
    link = Link("monitor", GeDri, port, lambda _: None)
    for tenth in range(200):
        link.step(START.plus(tenth / 10))
    assert tried == [0.0, 1.0, 3.0, 8.0, 13.0, 18.0]


def test_half_a_frame_from_before_the_cable_came_out_is_not_joined_to_what_comes_after() -> None:
    bench = Bench()
    bench.go_on(0.1, NUMBERS[:100])
    bench.port.trouble = VANISHED
    bench.go_on(3)
    bench.port.trouble = None
    bench.go_on(6)
    bench.go_on(0.1, NUMBERS[100:])
    assert not any(isinstance(message, VitalsRead) for message in bench.posted)


def test_a_closed_link_lets_go_of_its_port_and_can_be_stepped_again() -> None:
    bench = Bench().go_on(2, NUMBERS)
    bench.link.close()
    bench.go_on(2, NUMBERS)
    assert bench.port.opened == 2


def test_a_driver_that_fails_by_a_bug_is_told_and_made_anew_after_a_while() -> None:
    bench = Bench().go_on(2, NUMBERS)
    bench.link.failed(bench.now)
    assert bench.changes()[-1] == (LinkState.DOWN, "Reading /dev/ttyUSB0 failed. It is tried again.")
    bench.go_on(3, NUMBERS)
    assert bench.port.opened == 2
    assert bench.states()[-1] is LinkState.LIVE


# ------------------------------------------------------------------ old numbers that look new


def heart_rates(bench: Bench) -> list[float | None]:
    read = [message.frame for message in bench.posted if isinstance(message, VitalsRead)]
    return [frame.readings[0].value for frame in read]


def numbers(seconds: int, heart_rate: int) -> bytes:
    return framed(basic_record(1_533_220_220 + seconds, ecg=(THERE, heart_rate, 15)))


def test_numbers_that_waited_while_the_program_stood_still_are_not_told_as_of_now() -> None:
    bench = Bench(port=PilingPort())
    for second in range(5):
        bench.go_on(1, numbers(second, 70))
    bench.now = bench.now.plus(25)
    bench.port.coming = b"".join(numbers(5 + second, 90) for second in range(25))
    bench.go_on(1).go_on(1, numbers(31, 110))
    assert heart_rates(bench) == [70.0] * 5 + [110.0]
    assert bench.states() == [LinkState.OPEN, LinkState.LIVE]


def test_half_a_frame_that_waited_costs_at_most_the_next_one() -> None:
    bench = Bench(port=PilingPort())
    bench.go_on(1, numbers(0, 70)).go_on(1, numbers(1, 70)[:100])
    bench.now = bench.now.plus(25)
    bench.port.coming = numbers(1, 70)[100:]
    for second in range(27, 30):
        bench.go_on(1, numbers(second, 110))
    assert heart_rates(bench)[-2:] == [110.0, 110.0]


def test_a_monitor_that_sends_its_last_record_again_and_again_is_silent_and_not_live() -> None:
    bench = Bench()
    for second in range(5):
        bench.go_on(1, numbers(second, 70 + second))
    bench.go_on(20, numbers(4, 74))
    assert heart_rates(bench) == [70.0, 71.0, 72.0, 73.0, 74.0]
    state, why = bench.changes()[-1]
    assert state is LinkState.SILENT
    assert "the same numbers at the same time again and again" in why


def test_a_record_that_is_sent_again_to_a_port_opened_anew_is_no_sign_of_life() -> None:
    bench = Bench()
    bench.port.may_be_half_open = True
    for second in range(5):
        bench.go_on(1, numbers(second, 70 + second))
    bench.go_on(60, numbers(4, 74))
    assert bench.port.opened > 1
    assert heart_rates(bench) == [70.0, 71.0, 72.0, 73.0, 74.0]
    assert bench.states() == [LinkState.OPEN, LinkState.LIVE, LinkState.SILENT]


def test_the_same_numbers_at_a_later_time_are_news() -> None:
    bench = Bench()
    for second in range(3):
        bench.go_on(1, numbers(second, 70))
    assert heart_rates(bench) == [70.0, 70.0, 70.0]


def test_another_number_at_the_same_time_is_news() -> None:
    assert heart_rates(Bench().go_on(1, numbers(0, 70)).go_on(1, numbers(0, 71))) == [70.0, 71.0]
