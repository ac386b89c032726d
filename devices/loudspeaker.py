"""The loudspeaker: held open while sound is wanted, looked for again where it is gone; it plays bursts, else silence.

It is held all the time because opening one can take seconds, and because one that vanishes must be told before the next
alarm, not at it. Opening, looking and closing wait for the system's sound server: they are done on a thread of their
own, and nobody waits for it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from app.clinical.rows import IecTable, Priority
from app.clinical.tones import LOWEST_FIRST, burst
from app.instant import Instant
from app.messages import SoundTold
from app.ports import Clock, Post

if TYPE_CHECKING:
    import miniaudio

RATE_HZ: Final = 48_000
FRAME_BYTES: Final = 2
"""One sample, 16 bits, mono."""
PERIOD_MS: Final = 50
PERIODS: Final = 4
"""What is played is handed over at most so many periods early."""
LOOK_EVERY_S: Final = 0.1

NONE_FOUND: Final = "No loudspeaker was found. Connect one, or switch the sound off in Set-up."
LOST: Final = "The loudspeaker takes no sound any more. Check its cable and the computer's sound settings."
NOT_OPENED: Final = "The loudspeaker could not be opened. Check the computer's sound settings."

Fill = Callable[[int], bytes]
"""Gives so many frames, on the thread of whoever plays them."""


class OutputError(Exception):
    """A loudspeaker cannot be opened; the text says what to do."""


class Output(Protocol):
    """A loudspeaker that plays."""

    def close(self) -> None: ...


class Outputs(Protocol):
    """The computer's loudspeakers."""

    def found(self) -> bool:
        """Whether there is one that can be heard."""
        ...

    def open(self, fill: Fill) -> Output:
        """The usual one, playing what `fill` gives; raises OutputError."""
        ...


class Feed:
    """What the loudspeaker takes: what is left of a burst, else silence."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rest = memoryview(b"")
        self.taken_s = clock().steady

    def put(self, samples: bytes) -> None:
        """Play this from now on, in place of what is left."""
        with self._lock:
            self._rest = memoryview(samples)

    def take(self, frames: int) -> bytes:
        """The next frames."""
        self.taken_s = self._clock().steady
        wanted = frames * FRAME_BYTES
        with self._lock:
            part, self._rest = bytes(self._rest[:wanted]), self._rest[wanted:]
        return part.ljust(wanted, b"\0")


class Loudspeaker:
    """The one loudspeaker of a chair: app.ports.Sounder. `run` has a thread; the rest may be called from any."""

    def __init__(self, outputs: Outputs, iec: IecTable, clock: Clock, post: Post) -> None:
        self._outputs = outputs
        self._iec = iec
        self._clock = clock
        self._post = post
        self._feed = Feed(clock)
        self._bursts: dict[Priority, bytes] = {}
        self._output: Output | None = None
        self._wanted = False
        self._told: str | None = None
        self._untold = True
        self._look_s = float("-inf")

    # ------------------------------------------------------------ from any thread

    def want(self, wanted: bool) -> None:
        """Whether it is to be held. Who wants it again is told anew, also where it was never let go meanwhile."""
        self._wanted = wanted
        self._untold |= not wanted

    def play(self, priority: Priority) -> None:
        """One burst, now; nothing where none is held."""
        if self._output is not None:
            self._feed.put(self._bursts[priority])

    def hush(self) -> None:
        """Silence."""
        self._feed.put(b"")

    @property
    def waits_s(self) -> float:
        """For how long the loudspeaker that is held took nothing."""
        return 0.0 if self._output is None else self._clock().steady - self._feed.taken_s

    # ------------------------------------------------------------ its own thread

    def run(self, stop: threading.Event) -> None:
        """Hold it while it is wanted, until told to stop."""
        while not stop.wait(LOOK_EVERY_S):
            self.step(self._clock())
        self._let_go()

    def step(self, now: Instant) -> None:
        """Open it, look whether it is still there, or let it go."""
        if not self._wanted:
            self._let_go()
            return
        if self._untold:
            self._untold, self._told, self._look_s = False, None, float("-inf")
        lost = self.waits_s > self._iec.loudspeaker_lost_after_s
        if not lost and now.steady < self._look_s:
            return
        self._look_s = now.steady + self._iec.loudspeaker_looked_for_every_s
        if lost:
            self._lose(now, LOST)
        elif not self._outputs.found():
            self._lose(now, NONE_FOUND)
        elif self._output is None:
            self._open(now)
        else:
            self._tell(now, "")

    def _open(self, now: Instant) -> None:
        if not self._bursts:
            self._bursts = {one: burst(self._iec, one, RATE_HZ).tobytes() for one in LOWEST_FIRST}
        self._feed = Feed(self._clock)
        try:
            self._output = self._outputs.open(self._feed.take)
        except OutputError as error:
            self._tell(now, str(error))
        else:
            self._tell(now, "")

    def _lose(self, now: Instant, why: str) -> None:
        """Told first: letting go of a loudspeaker that hangs can take for ever."""
        self._tell(now, why)
        self._let_go()

    def _let_go(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            output.close()

    def _tell(self, now: Instant, why: str) -> None:
        if why != self._told:
            self._told = why
            self._post(SoundTold(now, why))


# ---------------------------------------------------------------- miniaudio

PCM_NODES: Final = "pcmC*p"
"""A sound card of Linux that plays has such a node."""
DUMMY: Final = ("Dummy Output", "auto_null")
"""What PulseAudio and PipeWire offer where there is no sound card: it plays for nobody."""


class SystemOutputs:
    """The computer's loudspeakers through miniaudio, which is imported when sound is first wanted."""

    def __init__(self, sound_nodes: Path = Path("/dev/snd")) -> None:
        self._nodes = sound_nodes

    def found(self) -> bool:
        """On Linux a sound server's that is no dummy, or a card's; elsewhere opening it tells."""
        return bool(self._backends())

    def open(self, fill: Fill) -> Output:
        """The system's usual one."""
        backends = self._backends()
        if not backends:  # miniaudio takes an empty list for all, the one that plays to nobody among them
            raise OutputError(NONE_FOUND)
        return MiniaudioOutput(backends, fill)

    def _backends(self) -> list[miniaudio.Backend]:
        """Where to ask, never with miniaudio's last resort among them: a device that plays to nobody."""
        from miniaudio import Backend

        if sys.platform == "win32":
            return [Backend.WASAPI, Backend.DSOUND, Backend.WINMM]
        if sys.platform == "darwin":
            return [Backend.COREAUDIO]
        if (names := _served()) is not None:
            return [Backend.PULSEAUDIO] if any(name not in DUMMY for name in names) else []
        # libasound is asked only where there is a card: without one it fills the terminal with complaints.
        return [Backend.ALSA] if any(self._nodes.glob(PCM_NODES)) else []


def _served() -> list[str] | None:
    """The names of what the sound server plays on; None where there is no server."""
    import miniaudio

    try:
        return [str(one["name"]) for one in miniaudio.Devices([miniaudio.Backend.PULSEAUDIO]).get_playbacks()]
    except miniaudio.MiniaudioError:
        return None


class MiniaudioOutput:
    """One open device of miniaudio."""

    def __init__(self, backends: list[miniaudio.Backend], fill: Fill) -> None:
        """Plays at once; raises OutputError."""
        import miniaudio

        try:
            self._device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=RATE_HZ,
                buffersize_msec=PERIOD_MS,
                callback_periods=PERIODS,
                backends=backends,
                app_name="Chairside",
            )
        except miniaudio.MiniaudioError as error:
            raise OutputError(NOT_OPENED) from error
        try:
            self._device.start(_frames(fill))
        except miniaudio.MiniaudioError as error:
            self.close()
            raise OutputError(NOT_OPENED) from error

    def close(self) -> None:
        """The device, and the context that miniaudio's own close leaves open with its descriptors."""
        import miniaudio

        self._device.close()
        miniaudio.lib.ma_context_uninit(self._device._context)


def _frames(fill: Fill) -> Generator[bytes, int, None]:
    """What the device asks for, as the generator that miniaudio takes: already begun."""

    def go_on() -> Generator[bytes, int, None]:
        wanted = yield b""
        while True:
            wanted = yield fill(wanted)

    frames = go_on()
    next(frames)
    return frames
