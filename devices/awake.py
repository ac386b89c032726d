"""The computer is asked not to sleep while a session is under way: a lock of the system's, held by a child process.

On Linux by `systemd-inhibit`. Windows and macOS are not done: there the self-test says what to set by hand.
"""

from __future__ import annotations

import select
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Protocol

from app.instant import Instant
from app.messages import SleepTold
from app.ports import Clock, Post

LOOK_EVERY_S = 0.5
ANSWER_WITHIN_S = 5.0
AGAIN_AFTER_S = 60.0

BY_HAND = "Switch automatic sleep off in the computer's settings."
NO_WAY = f"Chairside cannot keep this computer awake during a session. {BY_HAND}"
NOT_ALLOWED = f"The system did not let Chairside keep the computer awake. {BY_HAND}"

TAKEN = b"taken\n"
INHIBIT = (
    "systemd-inhibit",
    "--what=sleep:idle",
    "--mode=block",
    "--who=Chairside",
    "--why=A session is under way",
    # It says when it holds the lock, and ends with its input: also when Chairside is killed.
    "sh",
    "-c",
    "echo taken; exec cat >/dev/null",
)


class Lock(Protocol):
    """What keeps the machine awake: `take` gives why it cannot, "" when it does. Nothing here raises."""

    def take(self) -> str: ...

    def held(self) -> bool: ...

    def release(self) -> None: ...


class NoLock:
    """A system that Chairside cannot ask."""

    def take(self) -> str:
        """Why not."""
        return NO_WAY

    def held(self) -> bool:
        """Never."""
        return False

    def release(self) -> None:
        """There is nothing to let go."""


class ChildLock:
    """A lock that a child process holds for as long as it lives."""

    def __init__(self, command: Sequence[str] = INHIBIT) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None

    def take(self) -> str:
        """Start the child and wait until it says that it holds the lock."""
        self.release()
        try:
            child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C in the terminal is Chairside's
            )
        except OSError:
            return NO_WAY
        self._child = child
        if not _says_taken(child.stdout):
            self.release()
            return NOT_ALLOWED
        return ""

    def held(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.poll() is None

    def release(self) -> None:
        """End the child: with its input, or by force where it does not heed that."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            child.wait(ANSWER_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _says_taken(out: IO[bytes] | None) -> bool:
    if out is None or not select.select([out], [], [], ANSWER_WITHIN_S)[0]:
        return False
    return out.readline() == TAKEN


def lock_of_this_system() -> Lock:
    """What there is here."""
    if sys.platform == "linux" and shutil.which(INHIBIT[0]):
        return ChildLock()
    return NoLock()


class Awake:
    """Holds the lock while it is wanted, on a thread of its own: the system may take seconds to answer.

    Whether it can be held is tried at the start and told, so that the self-test knows before the first patient.
    """

    def __init__(self, lock: Lock, clock: Clock, post: Post) -> None:
        self._lock = lock
        self._clock = clock
        self._post = post
        self._wanted = False
        self._told: str | None = None
        self._again_s = float("-inf")

    def want(self, wanted: bool) -> None:
        """From any thread: whether a session is under way."""
        self._wanted = wanted

    def run(self, stop: threading.Event) -> None:
        """Try once, never before the first picture, then hold while wanted, until told to stop."""
        while not stop.wait(LOOK_EVERY_S):
            self.step(self._clock())
        self._lock.release()

    def step(self, now: Instant) -> None:
        """Take or release the lock, where that is due; a lock that was lost or refused is asked for again later."""
        untried = self._told is None
        if (self._wanted or untried) and not self._lock.held() and now.steady >= self._again_s:
            why = self._lock.take()
            self._again_s = now.steady + AGAIN_AFTER_S if why else float("-inf")
            if why != self._told:
                self._told = why
                self._post(SleepTold(now, why))
        if not self._wanted and self._lock.held():
            self._lock.release()
