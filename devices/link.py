"""One device at one port: open, ask, read, feed, post; reconnects for ever."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Literal

from app.instant import Instant
from app.messages import LinkChanged, LinkState, PumpRead, VitalsRead
from app.readings import Frame, NumbersFrame
from devices.driver import Driver
from devices.transport import Transport, TransportError

Device = Literal["monitor", "pump"]
Message = VitalsRead | PumpRead | LinkChanged

TRY_AGAIN_AFTER_S = (1.0, 2.0, 5.0)
QUESTIONS_AT_ONCE = 16
WAIT_S = 0.05
FRAMES_OF_A_PACE = 5
STALLED_S = 2.0
"""Where a port was not read for longer, the program or the machine stood still."""
READS_AT_ONCE = 64
SILENT_AT_LEAST_S = 4.5
"""Once a device's pace is known its silence is noticed after three times that and this at least: a quick device that
stops is told within 5 s, a slow one has its driver's whole time."""


class Link:
    """Keeps a device read. `step` does what is due now and never waits long; `run` is its thread.

    Posts each frame, and one LinkChanged for each change of state or of its reason.
    """

    def __init__(
        self,
        device: Device,
        driver_factory: Callable[[], Driver],
        transport: Transport,
        post: Callable[[Message], None],
    ) -> None:
        self.device = device
        self._make_driver = driver_factory
        self._transport = transport
        self._post = post
        self._driver: Driver | None = None
        self._said: tuple[LinkState, str] | None = None
        self._failures = 0
        self._next_try_s: float | None = None
        self._heard_s = 0.0
        self._bytes_since_heard = 0
        self._good_then = 0
        self._stepped_s: float | None = None
        self._numbers: NumbersFrame | None = None
        self._again = 0
        self._intervals_s: deque[float] = deque(maxlen=FRAMES_OF_A_PACE)

    def run(self, clock: Callable[[], Instant], stop: threading.Event) -> None:
        """Step until stopped, waiting on the port in between; then close it, also where a bug ends it."""
        try:
            while not stop.is_set():
                self.step(clock())
                if self._driver is None or not self._transport.wait(WAIT_S):
                    stop.wait(WAIT_S)
        finally:
            self.close()

    def step(self, now: Instant) -> None:
        """Open the port if it is time; read what is there, ask what is due, post what came."""
        if self._driver is None:
            self._open(now)
        driver = self._driver
        if driver is None:
            return
        try:
            self._leave_what_waited(driver, now)
            self._converse(driver, now)
        except TransportError as error:
            self._lose(str(error), now)
        else:
            self._judge(driver, now)

    def failed(self, now: Instant) -> None:
        """A bug stopped the reading: the port is opened anew, after a while."""
        self._lose(f"Reading {self._transport.port} failed. It is tried again.", now)

    def close(self) -> None:
        """Let go of the port."""
        if self._driver:
            self._driver.finish()
            self._driver = None
        self._transport.close()

    def _open(self, now: Instant) -> None:
        if self._next_try_s is not None and now.steady < self._next_try_s:
            return
        try:
            self._transport.open(now)
        except TransportError as error:
            self._lose(str(error), now)
            return
        self._driver = self._make_driver()
        self._stepped_s = None
        self._intervals_s.clear()
        self._mark(self._driver, now)
        # One that is opened again in a silence stays silent until it is heard.
        if self._said is None or self._said[0] is not LinkState.SILENT:
            self._say(
                LinkState.OPEN, f"{self._transport.port} is open, waiting for {self._driver.name}.", now
            )

    def _leave_what_waited(self, driver: Driver, now: Instant) -> None:
        """After a time in which nobody read, what waits in the port is of any age: it is not taken for now's."""
        stepped_s, self._stepped_s = self._stepped_s, now.steady
        if stepped_s is None or now.steady - stepped_s <= STALLED_S or not self._transport.piles_up:
            return
        self._mark(driver, now)  # nobody listened: that is no silence of the device
        for _ in range(READS_AT_ONCE):
            if not self._transport.read(now):
                return

    def _converse(self, driver: Driver, now: Instant) -> None:
        """Read and ask in turns until there is nothing more to ask: a simulator answers within the step."""
        for _ in range(QUESTIONS_AT_ONCE):
            data = self._transport.read(now)
            self._bytes_since_heard += len(data)
            for frame in driver.feed(data):
                if self._is_sent_again(frame):
                    self._again += 1
                    continue
                self._failures = 0
                self._intervals_s.append(now.steady - self._heard_s)
                self._mark(driver, now)
                self._say(LinkState.LIVE, "", now)
                self._post(self._message(frame, now))
            questions = driver.requests(now.steady)
            if not questions:
                return
            for question in questions:
                self._transport.write(question, now)

    def _is_sent_again(self, frame: Frame) -> bool:
        """A device's clock goes on with each frame: the same numbers at the same time are those of before."""
        if not isinstance(frame, NumbersFrame):
            return False
        last, self._numbers = self._numbers, frame
        return frame.device_time is not None and frame == last

    def _mark(self, driver: Driver, now: Instant) -> None:
        """Silence is counted from here."""
        self._heard_s = now.steady
        self._bytes_since_heard = self._again = 0
        self._good_then = driver.counts.good

    def _judge(self, driver: Driver, now: Instant) -> None:
        if now.steady - self._heard_s < self._silent_after_s(driver):
            return
        self._say(LinkState.SILENT, self._why_silent(driver), now)
        if self._transport.may_be_half_open:
            self.close()
            self._next_try_s = now.steady

    def _silent_after_s(self, driver: Driver) -> float:
        """The driver's time, or less once the device has shown how often it speaks."""
        if len(self._intervals_s) < FRAMES_OF_A_PACE:
            return driver.silent_after_s
        return min(driver.silent_after_s, max(SILENT_AT_LEAST_S, 3 * max(self._intervals_s)))

    def _why_silent(self, driver: Driver) -> str:
        if self._again:
            return (
                f"{driver.name} sends the same numbers at the same time again and again. Look at the device."
            )
        if driver.counts.good > self._good_then:
            return f"{driver.name} answers, but sends no numbers. Check its interface settings."
        if self._bytes_since_heard:
            return f"Bytes come, but not {driver.name}'s. Check the port and the driver."
        return f"Nothing heard at {self._transport.port}. Check the cable, and that the device is on."

    def _lose(self, why: str, now: Instant) -> None:
        self.close()
        wait_s = TRY_AGAIN_AFTER_S[min(self._failures, len(TRY_AGAIN_AFTER_S) - 1)]
        self._failures += 1
        self._next_try_s = now.steady + wait_s
        self._say(LinkState.DOWN, why, now)

    def _say(self, state: LinkState, why: str, now: Instant) -> None:
        if self._said == (state, why):
            return
        self._said = (state, why)
        self._post(LinkChanged(now, self.device, state, self._transport.port, why))

    def _message(self, frame: Frame, now: Instant) -> Message:
        if isinstance(frame, NumbersFrame):
            return VitalsRead(now, self.device, frame)
        return PumpRead(now, self.device, frame)


def known_device(name: str) -> Device:
    """The name as one of the two that there are; raises ValueError."""
    if name == "monitor":
        return "monitor"
    if name == "pump":
        return "pump"
    raise ValueError(f"{name!r} is neither monitor nor pump")
