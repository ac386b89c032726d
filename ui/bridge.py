"""From the session thread to the screen: the newest snapshot wins, and a silence is said.

`offer` may be called from any thread: it leaves one reference and wakes the screen once. The screen takes the
newest at most every 100 ms, at once where it answers a touch, and says `was_shown` when it came to its end with it.
Where that was not said for two seconds, because nothing newer came or because showing it failed, `not_updating` says
so, until it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.frames import Snapshot

PAINT_EVERY_MS: Final = 100
WATCH_EVERY_MS: Final = 200
SILENT_AFTER_S: Final = 1.75
"""Looked at so often, two seconds are never passed."""

Seconds = Callable[[], float]


class Bridge(QObject):
    """Hands the newest snapshot to the screen. `wall` counts seconds that pass for the person who looks."""

    snapshot = Signal(object)
    not_updating = Signal(bool)
    _woken = Signal()

    def __init__(self, wall: Seconds = time.monotonic, parent: QObject | None = None) -> None:
        """Waits for a first snapshot; the silence counts from now."""
        super().__init__(parent)
        self._wall = wall
        self._newest: Snapshot | None = None
        self._shown: Snapshot | None = None
        self._heard_s = wall()
        self._painted_s = float("-inf")
        self._silent = False
        self._is_woken = False
        self._answers = False
        self._paint = QTimer(self, singleShot=True)
        self._paint.timeout.connect(self.paint_now)
        self._watch = QTimer(self, interval=WATCH_EVERY_MS)
        self._watch.timeout.connect(self.watch)
        self._woken.connect(self._wake)

    def start(self) -> None:
        """Begins to watch for silence."""
        self._heard_s = self._wall()
        self._watch.start()

    def stop(self) -> None:
        """Shows and says nothing more."""
        self._watch.stop()
        self._paint.stop()

    def offer(self, snapshot: Snapshot) -> None:
        """Takes a snapshot from any thread; one that is not newer than the last changes nothing."""
        newest = self._newest
        if newest is not None and snapshot.number <= newest.number:
            return
        answers = newest is not None and snapshot.answers != newest.answers
        self._answers |= answers
        self._newest = snapshot
        if answers or not self._is_woken:
            self._is_woken = True
            self._woken.emit()

    @Slot()
    def _wake(self) -> None:
        since_ms = (self._wall() - self._painted_s) * 1000
        if self._answers or since_ms >= PAINT_EVERY_MS:
            self.paint_now()
        elif not self._paint.isActive():
            self._paint.start(max(1, round(PAINT_EVERY_MS - since_ms)))

    def paint_now(self) -> None:
        """Shows the newest at once, if it has not been shown."""
        self._is_woken = self._answers = False
        newest = self._newest
        if newest is None or newest is self._shown:
            return
        self._shown = newest
        self._painted_s = self._wall()
        self.snapshot.emit(newest)

    @Slot()
    def was_shown(self) -> None:
        """The newest stands on the screen, whole."""
        self._heard_s = self._wall()
        self._say_silent(False)

    def watch(self) -> None:
        """Says when nothing newer was shown for two seconds."""
        if self._newest is not self._shown:
            self.paint_now()
        if self._wall() - self._heard_s >= SILENT_AFTER_S:
            self._say_silent(True)

    def _say_silent(self, silent: bool) -> None:
        if silent is not self._silent:
            self._silent = silent
            self.not_updating.emit(silent)
