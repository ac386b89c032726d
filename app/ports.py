"""What the outside implements for the core, and the errors it may name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from app.clinical.rows import Priority
from app.entries import Entry, Sample
from app.instant import Instant

Clock = Callable[[], Instant]
Post = Callable[[object], None]


class StorageError(Exception):
    """The record cannot be opened or read; the text says what, where and what to do."""


class SetPin(msgspec.Struct, frozen=True):
    """Keep this PIN's hash for this person."""

    staff: str
    pin: str


class Append(msgspec.Struct, frozen=True):
    """Write these entries, samples and PINs in one transaction, in this order. `number` of entries is still 0."""

    entries: tuple[Entry, ...]
    samples: tuple[Sample, ...] = ()
    pins: tuple[SetPin, ...] = ()


class CheckPin(msgspec.Struct, frozen=True):
    """Is this the person's PIN? Answered by PinChecked with the same tap."""

    tap: str
    staff: str
    pin: str


class ListRows(msgspec.Struct, frozen=True):
    """Answer with SessionsListed."""


class Load(msgspec.Struct, frozen=True):
    """Answer with Loaded for this session."""

    session: str


class ReadTrail(msgspec.Struct, frozen=True):
    """Answer with AuditListed: a page of the audit trail, of one person and one sort where they are named."""

    page: int
    staff: str
    sort: str


class ProbeRecord(msgspec.Struct, frozen=True):
    """Answer with RecordProbed, for the self-test."""


class SealKey(msgspec.Struct, frozen=True):
    """Seal the key of the open record with this passphrase. Answered by KeySealed with the same tap and author."""

    tap: str
    author: str
    passphrase: str


StoreRequest = Append | CheckPin | ListRows | Load | ReadTrail | ProbeRecord | SealKey


class KeyKept(msgspec.Struct, frozen=True):
    """How the record's key is kept ("file", "sealed", "keystore") and in which data folder."""

    way: str
    folder: str

    @property
    def by_touch(self) -> bool:
        """Whether it can be sealed at the screen: the system's key store may ask back, and nobody would see it."""
        return self.way in ("file", "sealed")


class Loaded(msgspec.Struct, frozen=True):
    """The whole of one session from disk."""

    at: Instant
    session: str
    entries: tuple[Entry, ...]
    samples: tuple[Sample, ...]
    head: str


class Store(Protocol):
    """The record. `put` never waits and never fails: what becomes of a request comes back as a message."""

    def put(self, request: StoreRequest) -> None: ...

    @property
    def longest_wait_s(self) -> float:
        """How long what was put first already waits to be on disk; 0 when everything is there."""
        ...


class Sounder(Protocol):
    """What sounds. Nothing here waits or fails: whether something can be heard comes back as SoundTold."""

    def want(self, wanted: bool) -> None:
        """Whether a loudspeaker is to be held; asked at every tick."""
        ...

    def play(self, priority: Priority) -> None:
        """One burst, now, in place of what sounds; nothing where there is no loudspeaker."""
        ...

    def hush(self) -> None:
        """Nothing sounds any more."""
        ...

    @property
    def waits_s(self) -> float:
        """For how long the loudspeaker that is held has taken nothing; 0 while none is held."""
        ...


class PumpPanel(msgspec.Struct, frozen=True):
    """What the front of the demonstration pump shows."""

    rate_set_ml_h: float
    running: bool
    volume_ml: float
    syringe_left_ml: float
    syringe_size_ml: float
    confirmed: bool
    alarm: str


class BenchPump(Protocol):
    """The keys of a pump that stands beside the screen in the demonstration; raises Refused as the pump would."""

    def display(self) -> PumpPanel: ...

    def set_rate(self, rate_ml_h: float) -> None: ...

    def key(self, name: str) -> None: ...


class World(Protocol):
    """The outside of a rehearsal: a patient, a monitor and a pump that can be made to misbehave by name."""

    bench: BenchPump

    def step(self, now: Instant) -> None: ...

    def event(self, name: str) -> None: ...

    def set(self, name: str, value: float) -> None: ...

    def give(self, drug: str, mg: float) -> None: ...

    def oxygen(self, flow_l_min: float) -> None: ...

    def seat(self, weight_kg: float) -> None: ...

    def pass_over(self, now: Instant) -> None: ...


class DriverRow(msgspec.Struct, frozen=True):
    """A driver as the first run offers it."""

    id: str
    name: str
    kind: str


SIMULATED = "simulated"
"""The port's name of a simulated device; only the demonstration and rehearsals have one."""


class Devices(Protocol):
    """What can be connected: drivers, and the ports that are there now."""

    def drivers(self) -> tuple[DriverRow, ...]: ...

    def ports(self) -> tuple[tuple[str, str], ...]:
        """(port, description) of each serial port found."""
        ...

    def choose(self, device: str, driver: str, port: str) -> None:
        """Connect this driver at this port from now on."""
        ...


class OpenRecord(msgspec.Struct, frozen=True):
    """What the store found when it was opened."""

    clinic: tuple[Entry, ...]
    unfinished: str | None
    head: str
    opened: datetime
    key: KeyKept | None = None
