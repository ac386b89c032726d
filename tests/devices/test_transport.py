"""Ports: every byte logged at one door, a recording at its own pace, errors in words."""

from __future__ import annotations

import errno
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.instant import Instant
from app.messages import LinkChanged, LinkState, VitalsRead
from devices.bytelog import ByteLog, LateWriter, read_log
from devices.catalogue import DRIVERS
from devices.driver import Line
from devices.link import Link, Message
from devices.monitors.ge_dri import GeDri
from devices.replay import replay
from devices.transport import (
    PipeTransport,
    PortTransport,
    ReplayTransport,
    Transport,
    TransportError,
    cannot_open,
    even_pace,
)
from tests.devices.dri import basic_record, framed

START = Instant(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), 50.0)


class Echo:
    """A device that says back what it hears, in capitals."""

    def exchange(self, sent: bytes, now: Instant) -> bytes:
        return sent.upper()


def test_every_byte_passes_one_door_and_is_logged_with_its_time(tmp_path: Path) -> None:
    port = PipeTransport("echo", Echo(), log=ByteLog(tmp_path, "monitor"))
    port.open(START)
    port.write(b"hello", START)
    assert port.read(START.plus(0.5)) == b"HELLO"
    assert port.read(START.plus(0.6)) == b""
    entries = list(read_log(tmp_path / "monitor.bytes"))
    assert [(entry.received, entry.data) for entry in entries] == [(False, b"hello"), (True, b"HELLO")]
    assert (entries[1].at - entries[0].at).total_seconds() == pytest.approx(0.5)


def test_no_transport_goes_round_the_door() -> None:
    for kind in (PortTransport, ReplayTransport, PipeTransport):
        assert not {"open", "read", "write", "close"} & set(vars(kind))
        assert issubclass(kind, Transport)


def test_the_log_of_bytes_is_bounded(tmp_path: Path) -> None:
    log = ByteLog(tmp_path, "pump", most=1000, keep=3)
    for number in range(100):
        log.write(True, bytes((number,)) * 87, START)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["pump.1", "pump.2", "pump.bytes"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert [entry.data[0] for entry in read_log(tmp_path / "pump.1")] == list(range(80, 90))
    assert [entry.data[0] for entry in read_log(tmp_path / "pump.bytes")] == list(range(90, 100))


def test_a_disk_that_takes_no_log_does_not_stop_the_device(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    log = ByteLog(tmp_path / "a file", "monitor")
    port = PipeTransport("echo", Echo(), log=log)
    port.open(START)
    port.write(b"hello", START)
    assert port.read(START) == b"HELLO"
    assert log.broken


def test_a_disk_that_hangs_holds_up_no_link_and_takes_the_log_when_it_goes_on(tmp_path: Path) -> None:
    writer, stop = LateWriter(), threading.Event()
    log = ByteLog(tmp_path, "monitor", writer=writer)
    os.mkfifo(log.path)  # whoever opens it waits until somebody reads
    thread = threading.Thread(target=writer.run, args=(stop,))
    thread.start()
    port = PipeTransport("echo", Echo(), log=log)
    port.open(START)
    port.write(b"hello", START)
    assert port.read(START) == b"HELLO"
    with log.path.open("rb") as reader:
        stop.set()
        thread.join(10.0)
        (tmp_path / "taken").write_bytes(reader.read())
    assert [entry.data for entry in read_log(tmp_path / "taken")] == [b"hello", b"HELLO"]


def test_what_a_hung_disk_cannot_take_is_left_out_of_the_log(tmp_path: Path) -> None:
    writer, stop = LateWriter(most=2), threading.Event()
    log = ByteLog(tmp_path, "monitor", writer=writer)
    for data in (b"one", b"two", b"three"):
        log.write(True, data, START)
    stop.set()
    writer.run(stop)
    assert [entry.data for entry in read_log(log.path)] == [b"one", b"two"]


def test_an_entry_cut_off_by_a_power_cut_is_left_out_of_the_log(tmp_path: Path) -> None:
    log = ByteLog(tmp_path, "monitor")
    log.write(True, b"whole", START)
    log.write(True, b"torn", START)
    log.path.write_bytes(log.path.read_bytes()[:-1])
    assert [entry.data for entry in read_log(log.path)] == [b"whole"]


def test_an_unplugged_simulator_is_a_port_that_vanished_and_then_is_not_there() -> None:
    plugged = [True]
    port = PipeTransport("monitor", Echo(), lambda: plugged[0])
    port.open(START)
    plugged[0] = False
    with pytest.raises(TransportError, match="monitor vanished"):
        port.read(START)
    port.close()
    with pytest.raises(TransportError, match="monitor is not there"):
        port.open(START)


# ------------------------------------------------------------------ recordings


def recording(folder: Path, *seconds: int) -> tuple[Path, bytes]:
    frame = [framed(basic_record(second)) for second in seconds]
    path = folder / "recording.raw"
    path.write_bytes(b"".join(frame))
    return path, frame[0]


def test_a_recording_plays_by_the_monitors_clock_and_its_gaps_are_gaps(tmp_path: Path) -> None:
    path, frame = recording(tmp_path, 100, 101, 131)
    port = replay("ge-dri", path)
    port.open(START)
    came = {second: len(port.read(START.plus(second))) for second in range(40)}
    assert {second: size for second, size in came.items() if size} == dict.fromkeys((0, 1, 31), len(frame))
    assert port.finished
    assert port.length_s == 31


def test_a_recording_opened_again_begins_again(tmp_path: Path) -> None:
    path, frame = recording(tmp_path, 100, 101)
    port = replay("ge-dri", path)
    port.open(START)
    port.read(START.plus(10))
    port.close()
    port.open(START.plus(100))
    assert port.read(START.plus(100)) == frame


def test_what_was_cut_off_at_the_end_of_a_recording_is_played_too(tmp_path: Path) -> None:
    path, frame = recording(tmp_path, 100, 101)
    path.write_bytes(path.read_bytes() + frame[:40])
    port = replay("ge-dri", path)
    port.open(START)
    assert port.read(START.plus(60)) == path.read_bytes()


def test_a_recording_without_times_plays_as_fast_as_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pump.raw"
    path.write_bytes(bytes(3840 * 2))
    port = replay("alaris", path)
    port.open(START)
    assert len(port.read(START.plus(1.0))) == pytest.approx(DRIVERS["alaris"].line.baud / 10, rel=0.01)
    assert len(port.read(START.plus(3.0))) == pytest.approx(3840, rel=0.01)


def test_parity_and_stop_bits_take_their_time() -> None:
    ends = [end for end, seconds in even_pace(Line(9600, "E"))(bytes(5000)) if seconds <= 1]
    assert ends[-1] == pytest.approx(9600 / 11, rel=0.02)


def test_a_recording_of_another_device_is_noticed_by_the_link(tmp_path: Path) -> None:
    path = tmp_path / "nellcor.txt"
    path.write_bytes(b"29-Dec-17 07:18:43    99      66      12 \r\n" * 2000)
    posted: list[Message] = []
    link = Link("monitor", GeDri, replay("ge-dri", path), posted.append)
    for second in range(15):
        link.step(START.plus(second))
    last = posted[-1]
    assert isinstance(last, LinkChanged)
    assert last.state is LinkState.SILENT
    assert last.why.startswith("Bytes come, but not GE DRI")


def test_a_recording_that_is_not_there_is_a_closed_port(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="cannot be read"):
        replay("ge-dri", tmp_path / "nothing.raw").open(START)


def test_a_recorded_monitor_replays_with_its_pause_of_33_seconds(captures: Path) -> None:
    posted: list[Message] = []
    port = replay("ge-dri", captures / "monitors" / "ge_dri_pycollect" / "db02.raw")
    link = Link("monitor", GeDri, port, posted.append)
    for tenth in range(1500):
        link.step(START.plus(tenth / 10))
    read = [message for message in posted if isinstance(message, VitalsRead)]
    assert len(read) == 107
    for message in read:
        assert message.frame.device_time is not None
        assert read[0].frame.device_time is not None
        passed = (message.frame.device_time - read[0].frame.device_time).total_seconds()
        assert message.at.since(read[0].at) == pytest.approx(passed, abs=0.11)
    states = [(round(m.at.since(START)), m.state) for m in posted if isinstance(m, LinkChanged)]
    assert states == [
        (0, LinkState.OPEN),
        (0, LinkState.LIVE),
        (10, LinkState.SILENT),
        (33, LinkState.LIVE),
        (142, LinkState.SILENT),
    ]


# ------------------------------------------------------------------ why a port does not open


def raised(number: int, text: str = "") -> OSError:
    return OSError(number, text or "as the system says it")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (raised(errno.ENOENT), "is not there. Plug the adapter in"),
        (raised(errno.EBUSY), "is used by another program"),
        (raised(errno.EAGAIN), "is used by another program"),
        (raised(errno.EACCES), "No permission for P. Add this user to the group dialout"),
        (OSError("could not open port 'P': FileNotFoundError(2, '...')"), "is not there"),
        (OSError("could not open port 'P': PermissionError(13, '...')"), "is used by another program"),
        (raised(errno.ENOTTY), "cannot be opened as a serial port"),
    ],
)
def test_a_port_that_does_not_open_says_what_to_do(error: OSError, words: str) -> None:
    assert words in cannot_open("P", error)


@pytest.mark.parametrize("url", ["http://monitor:4001", "loop://", "spy:///dev/ttyUSB0"])
def test_a_port_of_an_unknown_kind_is_refused(url: str) -> None:
    with pytest.raises(TransportError, match="is no port"):
        PortTransport(url, Line(9600)).open(START)


def test_an_address_without_a_port_number_is_refused() -> None:
    with pytest.raises(TransportError):
        PortTransport("socket://monitor", Line(9600)).open(START)


def test_a_port_that_is_not_open_gives_no_bytes() -> None:
    with pytest.raises(TransportError, match="is not open"):
        PortTransport("COM3", Line(9600)).read(START)
