"""A sealed record at the start: who opens it, how long wrong passphrases make one wait, and what the screen shows.

The wait keeps a bystander from trying at the screen. Whoever takes the disk tries elsewhere, without any wait: against
them stands only what each try costs (Argon2id, db/sealing.py) and a long passphrase.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Protocol

import msgspec

from app.instant import Instant

SHORTEST = 12
"""Characters of a passphrase: the sealed key can be tried at leisure by whoever takes it."""
FREE_TRIES = 2
"""A slip of the finger costs nothing: so many wrong passphrases bring no wait."""
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 300.0
OPENING = "Opening the record. This takes a moment."
PART_FAILED = (
    "A part of Chairside failed and nothing was opened. Try again; chairside.log says where it failed."
)


class SealedKey(Protocol):
    """The sealed key of a record, as the screen that asks for its passphrase needs it."""

    def wait_s(self) -> float:
        """How long the next try has to wait; 0 for not at all."""
        ...

    def try_passphrase(self, passphrase: str) -> str:
        """Opens the key for this process: "" when that went well, else what is wrong, where, and what to do.

        Takes as long as one try costs, so that it is called off the screen's thread.
        """
        ...


class Tries(msgspec.Struct, frozen=True):
    """How many wrong passphrases came one after the other; the last by both clocks, and the start of the machine."""

    wrong: int
    utc: datetime
    steady_s: float
    boot: str


class SealFrame(msgspec.Struct, frozen=True):
    """What the screen says and whether its key may be touched; `barred` is why not."""

    words: str
    barred: str = ""
    is_opening: bool = False


def wait_after(wrong: int) -> float:
    """The seconds that so many wrong passphrases make one wait: none at first, then doubled by each."""
    if wrong <= FREE_TRIES:
        return 0.0
    return float(min(FIRST_WAIT_S * 2 ** min(wrong - FREE_TRIES - 1, 16), LONGEST_WAIT_S))


def left_s(tries: Tries, now: Instant, boot: str) -> float:
    """What is left of the wait, never more than the whole of it.

    Within one start of the machine it runs on the steady clock, which nobody sets. After a restart of the machine only
    the wall clock is left: set forward, which takes the machine's own password, it ends the wait.
    """
    whole_s = wait_after(tries.wrong)
    by_wall_s = (now.utc - tries.utc).total_seconds()
    passed_s = now.steady - tries.steady_s if boot == tries.boot else by_wall_s
    return max(0.0, min(whole_s, whole_s - passed_s))


def seal_frame(typed: int, wait_s: float, said: str, *, is_opening: bool) -> SealFrame:
    """What the screen shows: so many characters are typed, so long is still to wait, this was said of the last try."""
    if is_opening:
        return SealFrame(OPENING, "opening", is_opening=True)
    if wait_s > 0:
        wait = f"{ceil(wait_s) // 60}:{ceil(wait_s) % 60:02}"
        before = said or "A wrong passphrase was given."
        return SealFrame(f"{before} Next try in {wait}.", f"wait {wait}")
    return SealFrame(said, "" if typed else "type it first")
