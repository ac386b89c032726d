"""PINs: kept as Argon2 hashes, and a wait after every five wrong ones that a restart does not shorten.

A short PIN is only as strong as its wait. The wait runs on the steady clock, which the refusals in the clinic's
log keep over a restart of the program: setting the wall clock forward shortens nothing. After a restart of the
machine only the wall clock is left: set back it can lengthen the wait to the whole of it, never beyond; set
forward, which takes the machine's own password, it can end it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.entries import CLINIC, PinRefused, decode_entry, kind_of
from app.instant import Instant
from app.messages import PinChecked
from app.ports import CheckPin
from db import schema

TRIES = 5
FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 3600.0
REFUSALS_READ = 200
"""So many of the newest refusals are looked at for a wait that still runs."""


class PinCost(msgspec.Struct, frozen=True):
    """What one check costs: rounds, KiB of memory, lanes. As it stands about 0.1 s on one core of 2020."""

    rounds: int = 2
    memory_kib: int = 47104
    lanes: int = 1


FULL = PinCost()

CHEAP = PinCost(1, 8, 1)
"""For rehearsals and tests, whose PINs protect nobody."""


class _Kept(msgspec.Struct):
    """One person's PIN. `free_at` is the steady second until which tries are barred, None: open."""

    hash: str
    failed: int = 0
    barred_until: datetime | None = None
    free_at: float | None = None


def wait_after(failed: int) -> float:
    """The wait in seconds that so many wrong tries bring: 60 s at five, doubled by each five more."""
    if failed < TRIES:
        return 0.0
    return float(min(FIRST_WAIT_S * 2 ** min(failed // TRIES - 1, 16), LONGEST_WAIT_S))


class Pins:
    """Every PIN of the file, in memory: a check is answered though the disk be gone."""

    def __init__(self, connection: Connection, now: Instant, cost: PinCost, boot: str = "") -> None:
        self._hasher = PasswordHasher(cost.rounds, cost.memory_kib, cost.lanes)
        self._nobody = ""
        self._changed: set[str] = set()
        self._to_come: Counter[str] = Counter()
        told = _told_free_at(connection, boot)
        self._kept = {
            row.staff: _Kept(
                row.hash,
                row.failed,
                row.barred_until,
                _free_at(row.barred_until, row.failed, now, told.get(row.staff)),
            )
            for row in connection.execute(select(schema.pin))
        }

    @property
    def changed(self) -> bool:
        """Whether something is not on disk yet that waits for no entry."""
        return bool(self._changed - self._to_come.keys())

    def set(self, staff: str, pin: str) -> None:
        """Take this PIN for this person from now on; it goes to disk with the entry that says so."""
        self._kept[staff] = _Kept(self._hasher.hash(pin))
        self._to_come[staff] += 1

    def check(self, asked: CheckPin, now: Instant) -> PinChecked:
        """Whether this is the person's PIN; while tries are barred it is not looked at."""
        kept = self._kept.get(asked.staff)
        if kept is None:
            self._nobody = self._nobody or self._hasher.hash("")
            self._matches(self._nobody, asked.pin)  # a stranger takes as long as a colleague
            return PinChecked(now, asked.tap, asked.staff, False, 0, 0.0)
        if kept.free_at is not None and now.steady < kept.free_at:
            return PinChecked(now, asked.tap, asked.staff, False, 0, kept.free_at - now.steady)
        if self._matches(kept.hash, asked.pin):
            self._right(asked.staff, kept)
            return PinChecked(now, asked.tap, asked.staff, True, TRIES, 0.0)
        wait_s = self._wrong(asked.staff, kept, now)
        left = 0 if wait_s else TRIES - kept.failed % TRIES
        return PinChecked(now, asked.tap, asked.staff, False, left, wait_s)

    def _right(self, staff: str, kept: _Kept) -> None:
        if kept.failed:
            kept.failed, kept.barred_until, kept.free_at = 0, None, None
            self._changed.add(staff)

    def _wrong(self, staff: str, kept: _Kept, now: Instant) -> float:
        kept.failed += 1
        self._changed.add(staff)
        if kept.failed % TRIES:
            return 0.0
        wait_s = wait_after(kept.failed)
        kept.barred_until = now.utc + timedelta(seconds=wait_s)
        kept.free_at = now.steady + wait_s
        return wait_s

    def _matches(self, kept: str, pin: str) -> bool:
        try:
            return self._hasher.verify(kept, pin)
        except (InvalidHashError, VerificationError):
            return False

    def write(self, connection: Connection, given: Sequence[str] = ()) -> None:
        """Put what changed into this transaction, with the PINs of the entries in it; `written` follows its commit."""
        for staff in sorted(self._to_write(given)):
            kept = self._kept[staff]
            row = {"hash": kept.hash, "failed": kept.failed, "barred_until": kept.barred_until}
            statement = insert(schema.pin).values(staff=staff, **row)
            connection.execute(statement.on_conflict_do_update(index_elements=["staff"], set_=row))

    def written(self, given: Sequence[str] = ()) -> None:
        """What `write` put is on disk."""
        self._changed.difference_update(self._to_write(given))
        self._to_come -= Counter(given)

    def forgo(self, given: Sequence[str]) -> None:
        """The record refused the entries of these PINs: they wait for none any more."""
        self._to_come -= Counter(given)

    def _to_write(self, given: Sequence[str]) -> Iterable[str]:
        """A PIN that is set twice waits for the last entry that says so."""
        return (self._changed | set(given)) - (self._to_come - Counter(given)).keys()


def _free_at(barred_until: datetime | None, failed: int, now: Instant, told_s: float | None) -> float | None:
    """The steady second until which tries are barred after a restart. Never longer than the whole wait."""
    if barred_until is None:
        return None
    longest_s = wait_after(failed)
    left_s = min((barred_until - now.utc).total_seconds(), longest_s)
    if told_s is not None:
        left_s = max(left_s, min(told_s - now.steady, longest_s))
    return now.steady + left_s if left_s > 0 else None


def _told_free_at(connection: Connection, boot: str) -> dict[str, float]:
    """By the refusals of this start of the machine: the steady second until which each person's tries are barred."""
    entry = schema.entry.c
    rows = connection.execute(
        select(entry.data)
        .where(entry.session == CLINIC, entry.kind == kind_of(PinRefused("", 0.0)))
        .order_by(entry.session_number.desc())
        .limit(REFUSALS_READ)
    )
    found: dict[str, float] = {}
    for row in rows:
        told = decode_entry(row.data)
        if told.boot == boot and isinstance(told.body, PinRefused) and told.body.wait_s > 0:
            found[told.body.staff] = max(found.get(told.body.staff, 0.0), told.at.steady + told.body.wait_s)
    return found
