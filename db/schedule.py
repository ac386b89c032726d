"""Back-ups by the clock while Chairside runs, on a thread of their own that a slow or lost disk may hold up.

It reads the record through a connection of its own: the store's thread waits for nothing here.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path

from app.instant import Instant
from app.messages import BackupTold
from app.ports import Clock, Post, StorageError
from db import reading
from db.backup import back_up, backups_in, require_target, thin

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
AGAIN_AFTER_S = 300.0
BREATH_S = 0.02
"""The pause between two steps of a back-up: the screen and the store come first."""


class Stopped(StorageError):
    """Chairside ends; the back-up is made at the next start."""


class BackupSchedule:
    """A back-up of one record into one folder every so many hours."""

    def __init__(self, folder: Path, to: Path, hours: float, clock: Clock, post: Post) -> None:
        self._folder = folder
        self._to = to
        self._every = timedelta(hours=hours)
        self._clock = clock
        self._post = post
        self._stop = threading.Event()
        self._again_at: float | None = None
        self._newest: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Look now and every half minute until told to stop; a back-up under way is then given up."""
        self._stop = stop
        while True:
            self.step(self._clock())
            if stop.wait(LOOK_EVERY_S):
                return

    def step(self, now: Instant) -> None:
        """Make a back-up if one is due, and tell what became of it."""
        if self._again_at is not None and now.steady < self._again_at:
            return
        try:
            self._again_at = None
            if self._is_due(now):
                self._make(now)
        except Stopped:
            return
        except (StorageError, OSError) as error:
            self._again_at = now.steady + AGAIN_AFTER_S
            log.warning("no back-up was made: %s", type(error).__name__)
            self._post(BackupTold(now, self._newest, str(error)))

    def _is_due(self, now: Instant) -> bool:
        if self._newest is None:
            require_target(self._to)
            with reading.in_folder(self._folder) as connection:
                record = reading.record_of(connection)
            there = backups_in(self._to, record)
            self._newest = there[0].manifest.made if there else None
            if self._newest is not None:
                self._post(BackupTold(now, self._newest, ""))
        # One that lies in the future was made before the clock was set back: how old it is, nobody knows.
        return self._newest is None or not timedelta(0) <= now.utc - self._newest < self._every

    def _make(self, now: Instant) -> None:
        made = back_up(self._folder, self._to, now.utc, self._breathe)
        self._newest = made.manifest.made
        self._post(BackupTold(self._clock(), self._newest, ""))
        thin(self._to, made)

    def _breathe(self) -> None:
        if self._stop.wait(BREATH_S):
            raise Stopped("Chairside ends.")
