"""The session thread: inbox to engine to snapshot, ten times a second and at every touch."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from app.engine import Engine
from app.frames import Snapshot
from app.instant import Instant
from app.ports import Clock
from app.show import Show

TICK_S = 0.1


class Runner:
    """Drains the inbox into the engine and publishes what came of it. The only one that touches the engine."""

    def __init__(self, engine: Engine, show: Show, publish: Callable[[Snapshot], None]) -> None:
        self.engine = engine
        self.inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._show = show
        self._publish = publish

    def post(self, message: object) -> None:
        """From any thread: something happened."""
        self.inbox.put(message)

    def take_over(self, engine: Engine) -> None:
        """Another engine in the place of one that failed; its snapshots are newer than those before."""
        self.engine = engine
        self._show = self._show.anew()

    def step(self, now: Instant) -> None:
        """Everything that is waiting, then the passing of time, then one snapshot."""
        self.advance(now)
        self.show(now)

    def show(self, now: Instant) -> None:
        """The newest snapshot to the screen."""
        self._publish(self._show.snapshot(self.engine, now))

    def advance(self, now: Instant) -> None:
        """Everything that is waiting, then the passing of time; nothing is shown."""
        while True:
            try:
                message = self.inbox.get_nowait()
            except queue.Empty:
                break
            self.engine.handle(message, now)
        self.engine.tick(now)

    def run(self, clock: Clock, stop: threading.Event) -> None:
        """The live loop: a touch is answered at once, otherwise every tick."""
        while not stop.is_set():
            try:
                message = self.inbox.get(timeout=TICK_S)
            except queue.Empty:
                pass
            else:
                self.engine.handle(message, clock())
            self.step(clock())
