"""The loudspeaker on a real sound server: a PulseAudio of the test's own, whose sink plays to nobody and can be heard.

Skipped where `pulseaudio` and `parec` are not installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from app.catalog import load
from app.clinical.tones import burst
from app.messages import SoundTold
from devices.clock import system_clock
from devices.loudspeaker import NONE_FOUND, RATE_HZ, Loudspeaker, SystemOutputs

PROGRAMS = ("pulseaudio", "pactl", "parec")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio is Linux's"),
    pytest.mark.skipif(
        not all(shutil.which(name) for name in PROGRAMS),
        reason="pulseaudio and pulseaudio-utils are not installed",
    ),
]
IEC = load().iec
DEADLINE_S = 30.0
SINK = "module-null-sink"
ARGUMENTS = ("sink_name=chair", "format=s16le", f"rate={RATE_HZ}", "channels=1")
DUMMY = "module-always-sink"


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    waiting = threading.Event()
    while not holds():
        assert time.monotonic() < end, what
        waiting.wait(0.02)


def pactl(*words: str) -> str:
    return subprocess.run(["pactl", *words], capture_output=True, text=True, check=False).stdout.strip()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sound server with one sink."""
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/socket")
    tmp_path.chmod(0o700)
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"]
    command += ["-L", " ".join((SINK, *ARGUMENTS))]
    command += ["-L", f"module-native-protocol-unix auth-anonymous=1 socket={tmp_path}/socket"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            until(lambda: "chair" in pactl("list", "short", "sinks"), "a sink of the server")
            yield
        finally:
            running.terminate()


class Room:
    """A loudspeaker on its thread, and what it said of itself."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.speaker = Loudspeaker(SystemOutputs(), IEC, system_clock, self._post)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.speaker.run, args=(self._stop,))

    def _post(self, message: object) -> None:
        assert isinstance(message, SoundTold)
        self.told.append(message.why)

    def __enter__(self) -> Self:
        self.speaker.want(True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


def heard_at_the_sink(play: Callable[[], None]) -> np.ndarray:
    """What the sink played from just before until well after this, from its first sound on."""
    command = ["parec", "-d", "chair.monitor", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1", "--raw"]
    with subprocess.Popen([*command, "--latency-msec=20"], stdout=subprocess.PIPE) as ear:
        assert ear.stdout is not None
        ear.stdout.read(RATE_HZ // 5)
        play()
        samples = np.frombuffer(ear.stdout.read(2 * RATE_HZ * 7), dtype=np.int16)
        ear.terminate()
    loud = np.flatnonzero(samples)
    assert len(loud), "nothing was heard"
    return np.asarray(samples[loud[0] : loud[-1] + 1])


def test_a_burst_is_heard_at_the_sink_whole_and_as_it_was_made(server: None) -> None:
    with Room() as room:
        until(lambda: room.told == [""], "the loudspeaker")
        heard = heard_at_the_sink(lambda: room.speaker.play("high"))
    wanted = burst(IEC, "high", RATE_HZ)
    pulse = wanted[np.flatnonzero(wanted)[0] :][: RATE_HZ // 10]
    assert np.array_equal(heard[: len(pulse)], pulse)
    # A busy machine stutters, which stretches the burst by silence; nothing of it may be lost.
    loud = [np.count_nonzero(np.abs(one.astype(int)) > 3000) for one in (heard, wanted)]
    assert abs(loud[0] / loud[1] - 1) < 0.01


def test_a_sink_that_vanishes_is_told_and_one_that_comes_back_is_played_to(server: None) -> None:
    with Room() as room:
        until(lambda: room.told == [""], "the loudspeaker")
        pactl("unload-module", SINK)
        # What it no longer takes may be noticed before that it is gone.
        until(lambda: room.told[-1] == NONE_FOUND, "that it is gone")
        pactl("load-module", SINK, *ARGUMENTS)
        until(lambda: room.told[-1] == "", "that it is back")
        assert len(heard_at_the_sink(lambda: room.speaker.play("low")))


def test_the_dummy_of_a_computer_without_a_sound_card_is_no_loudspeaker(server: None) -> None:
    pactl("load-module", DUMMY)
    assert SystemOutputs().found()
    pactl("unload-module", SINK)
    until(lambda: "auto_null" in pactl("list", "short", "sinks"), "the dummy")
    assert not SystemOutputs().found()


def test_a_server_that_ends_is_told_and_no_thread_hangs(server: None) -> None:
    with Room() as room:
        until(lambda: room.told == [""], "the loudspeaker")
        pactl("exit")
        until(lambda: room.told[-1] == NONE_FOUND, "that it is gone")
