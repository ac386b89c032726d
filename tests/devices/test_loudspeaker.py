"""The loudspeaker: held while wanted, told when it is not there, found again; and never waited for."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from app.catalog import load
from app.clinical.tones import burst
from app.instant import Instant
from app.messages import SoundTold
from devices.loudspeaker import (
    FRAME_BYTES,
    LOST,
    NONE_FOUND,
    NOT_OPENED,
    RATE_HZ,
    Feed,
    Fill,
    Loudspeaker,
    MiniaudioOutput,
    OutputError,
    SystemOutputs,
)

START = Instant(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), 1000.0)
IEC = load().iec
AGAIN_S = IEC.loudspeaker_looked_for_every_s
LOST_S = IEC.loudspeaker_lost_after_s


class FakeOutput:
    """A loudspeaker that takes frames when a test says so."""

    def __init__(self, fill: Fill) -> None:
        self.take = fill
        self.closed = False

    def close(self) -> None:
        self.closed = True


class FakeOutputs:
    """A computer with the loudspeakers that a test gives it."""

    def __init__(self) -> None:
        self.there = True
        self.refuses = ""
        self.opened: list[FakeOutput] = []
        self.asked = 0

    def found(self) -> bool:
        self.asked += 1
        return self.there

    def open(self, fill: Fill) -> FakeOutput:
        if self.refuses:
            raise OutputError(self.refuses)
        self.opened.append(FakeOutput(fill))
        return self.opened[-1]


class Room:
    """A loudspeaker stepped by hand."""

    def __init__(self) -> None:
        self.now = START
        self.outputs = FakeOutputs()
        self.told: list[str] = []
        self.speaker = Loudspeaker(self.outputs, IEC, lambda: self.now, self._post)

    def _post(self, message: object) -> None:
        assert isinstance(message, SoundTold)
        self.told.append(message.why)

    def go_on(self, seconds: float = 0.1, *, takes: bool = True) -> Room:
        """Time passes; the loudspeaker that is held takes what is to be played."""
        for _ in range(round(seconds * 10)):
            self.now = self.now.plus(0.1)
            if takes and self.outputs.opened and not self.outputs.opened[-1].closed:
                self.outputs.opened[-1].take(RATE_HZ // 10)
            self.speaker.step(self.now)
        return self

    def held(self) -> Room:
        self.speaker.want(True)
        return self.go_on()


def test_until_it_is_wanted_the_computer_is_not_even_asked() -> None:
    room = Room().go_on(60)
    assert (room.outputs.asked, room.told) == (0, [])


def test_it_is_opened_when_it_is_wanted_and_let_go_when_it_is_not() -> None:
    room = Room().held()
    (output,) = room.outputs.opened
    assert (room.told, output.closed) == ([""], False)
    room.speaker.want(False)
    assert room.go_on().outputs.opened == [output]
    assert output.closed


def test_a_burst_is_given_whole_and_then_silence() -> None:
    room = Room().held()
    room.speaker.play("medium")
    wanted = burst(IEC, "medium", RATE_HZ)
    taken = b"".join(room.outputs.opened[0].take(1000) for _ in range(len(wanted) // 1000 + 3))
    samples = np.frombuffer(taken, dtype=np.int16)
    assert np.array_equal(samples[: len(wanted)], wanted)
    assert not samples[len(wanted) :].any()


def test_another_burst_takes_the_place_of_the_one_under_way() -> None:
    room = Room().held()
    room.speaker.play("low")
    room.outputs.opened[0].take(4000)
    room.speaker.play("high")
    taken = np.frombuffer(room.outputs.opened[0].take(4000), dtype=np.int16)
    assert np.array_equal(taken, burst(IEC, "high", RATE_HZ)[:4000])


def test_hushed_it_is_silent_with_the_next_frames() -> None:
    room = Room().held()
    room.speaker.play("high")
    room.outputs.opened[0].take(4000)
    room.speaker.hush()
    assert not any(room.outputs.opened[0].take(4000))


def test_what_was_to_be_played_without_a_loudspeaker_is_not_played_late() -> None:
    room = Room()
    room.outputs.there = False
    room.held().speaker.play("high")
    room.outputs.there = True
    room.go_on(AGAIN_S)
    assert not any(room.outputs.opened[0].take(4000))


def test_where_there_is_none_it_is_told_once_and_looked_for_again() -> None:
    room = Room()
    room.outputs.there = False
    room.held().go_on(10 * AGAIN_S + 1)
    assert (room.told, room.outputs.asked) == ([NONE_FOUND], 11)
    room.outputs.there = True
    room.go_on(AGAIN_S)
    assert room.told == [NONE_FOUND, ""]


def test_one_that_cannot_be_opened_is_told_in_words_and_tried_again() -> None:
    room = Room()
    room.outputs.refuses = NOT_OPENED
    room.held()
    room.outputs.refuses = ""
    room.go_on(AGAIN_S)
    assert room.told == [NOT_OPENED, ""]


def test_one_that_is_unplugged_is_told_and_let_go_and_found_again() -> None:
    room = Room().held()
    room.outputs.there = False
    room.go_on(AGAIN_S)
    assert room.outputs.opened[0].closed
    room.outputs.there = True
    room.go_on(AGAIN_S)
    assert room.told == ["", NONE_FOUND, ""]


def test_one_that_takes_nothing_any_more_is_lost_and_opened_anew() -> None:
    room = Room().held()
    room.go_on(LOST_S + 0.2, takes=False)
    assert room.told == ["", LOST]
    room.go_on(AGAIN_S)
    assert room.told == ["", LOST, ""]
    assert [output.closed for output in room.outputs.opened] == [True, False]


def test_how_long_it_takes_nothing_can_be_asked_while_its_thread_hangs() -> None:
    room = Room()
    assert room.speaker.waits_s == 0
    room.held()
    room.now = room.now.plus(7.5)
    assert room.speaker.waits_s == pytest.approx(7.5)


def test_it_is_told_before_it_is_closed_for_closing_may_hang() -> None:
    room = Room().held()
    output = room.outputs.opened[0]
    told_by_then: list[list[str]] = []
    output.close = lambda: told_by_then.append(list(room.told))  # type: ignore[method-assign]
    room.outputs.there = False
    room.go_on(AGAIN_S)
    assert told_by_then == [["", NONE_FOUND]]


def test_what_was_told_before_it_was_let_go_is_told_anew() -> None:
    room = Room().held()
    room.speaker.want(False)
    room.go_on()
    room.speaker.want(True)
    assert room.go_on().told == ["", ""]


def test_wanted_again_before_anybody_saw_that_it_was_not_it_is_told_anew_and_never_closed() -> None:
    room = Room().held()
    room.speaker.want(False)
    room.speaker.want(True)
    assert room.go_on().told == ["", ""]
    assert [output.closed for output in room.outputs.opened] == [False]


def test_its_thread_opens_it_and_lets_it_go_at_the_end() -> None:
    told, stop = threading.Event(), threading.Event()
    outputs = FakeOutputs()
    speaker = Loudspeaker(outputs, IEC, lambda: START, lambda _message: told.set())
    speaker.want(True)
    thread = threading.Thread(target=speaker.run, args=(stop,))
    thread.start()
    assert told.wait(10)
    stop.set()
    thread.join(10)
    assert outputs.opened[0].closed


def test_a_feed_gives_exactly_what_is_asked_for() -> None:
    feed = Feed(lambda: START)
    feed.put(b"\1\0" * 5)
    assert [feed.take(3), feed.take(3), feed.take(3)] == [b"\1\0" * 3, b"\1\0" * 2 + b"\0\0", b"\0" * 6]


# ---------------------------------------------------------------- miniaudio itself


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A computer without a sound server, and its folder of sound cards."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(os.name != "posix", reason="Linux's way of looking for sound cards")
def test_without_a_server_and_a_card_none_is_found_and_the_terminal_stays_quiet(
    no_server: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert not SystemOutputs(no_server).found()
    assert capfd.readouterr().err == ""
    (no_server / "pcmC0D0p").touch()
    assert SystemOutputs(no_server).found()


@pytest.mark.skipif(os.name != "posix", reason="Linux's way of looking for sound cards")
def test_one_that_went_between_looking_and_opening_is_none_and_not_a_device_that_plays_to_nobody(
    no_server: Path,
) -> None:
    with pytest.raises(OutputError, match="No loudspeaker was found"):
        SystemOutputs(no_server).open(bytes)


def test_a_device_of_miniaudio_takes_frames_until_it_is_closed_and_leaves_nothing_open() -> None:
    import miniaudio

    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for _ in range(3):
        taken = threading.Event()

        def fill(frames: int, taken: threading.Event = taken) -> bytes:
            taken.set()
            return bytes(frames * FRAME_BYTES)

        output = MiniaudioOutput([miniaudio.Backend.NULL], fill)
        assert taken.wait(10)
        output.close()
    after = len(os.listdir("/proc/self/fd")) if before else 0
    assert after <= before


def test_where_nothing_can_be_opened_the_reason_is_words() -> None:
    import miniaudio

    with pytest.raises(OutputError, match="could not be opened"):
        MiniaudioOutput([miniaudio.Backend.JACK], bytes)
