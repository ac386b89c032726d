"""A record to write in: a folder, a clock that the test moves, and what the store posted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from app.clinical.protocol import Order, OrderStep
from app.clinical.vitals import Vital
from app.entries import (
    AnyBody,
    Entry,
    InfusionEnded,
    InfusionStarted,
    NoteWritten,
    OrderSigned,
    PatientIdentified,
    Sample,
    SamplesSealed,
    SessionFinished,
    SessionOpened,
    seal,
)
from app.instant import Instant
from app.messages import Saved, StorageFailed
from app.ports import Append, StoreRequest
from db import cipher, keys
from db.faults import no_fault
from db.pins import CHEAP
from db.store import SqlStore, open_store

NOON = Instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), 1000.0)
OPENED = SessionOpened("0.1.0", "2026-01", "checked", "Harbour Clinic", True)
PATIENT = PatientIdentified("MRN-7", "Ada Brown", date(1980, 5, 1), "female", 70.0, ("latex",), False)
ORDER = Order(
    protocol_id="low-dose-one-hour",
    protocol_version="1",
    drug="ketamine",
    dose_weight_kg=70.0,
    weight_basis="actual",
    rate_unit="mg/kg/h",
    steps=(OrderStep(40.0, 0.5, 0.5),),
    max_rate=0.5,
    cap_mg_per_h=None,
    session_limit_mg=None,
    container_ml=50.0,
    drug_in_container_mg=50.0,
    concentration_mg_ml=1.0,
    recovery_min=20.0,
    pump_resolution_ml_h=0.1,
)
T = TypeVar("T")


class Desk:
    """One data folder with the store that is open on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = folder / keys.RECORD_FILE
        self.now = NOON
        self.posted: list[object] = []
        self._made = 0
        self._store: SqlStore | None = None

    def open(self, fault: Callable[[str], None] = no_fault, boot: str = "") -> SqlStore:
        self.close()
        self._store = open_store(
            self.folder, lambda: self.now, self.posted.append, cost=CHEAP, fault=fault, boot=boot
        )
        return self._store

    @property
    def store(self) -> SqlStore:
        return self._store or self.open()

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def later(self, seconds: float) -> Instant:
        self.now = self.now.plus(seconds)
        return self.now

    def entry(self, body: AnyBody | None = None, session: str = "s1") -> Entry:
        self._made += 1
        said = body or NoteWritten(f"note {self._made}")
        return Entry(f"u{self._made:05}", session, self.now, self.now.utc, "boot", "nurse", said)

    def sample(self, number: int, session: str = "s1", spo2: float = 97.0) -> Sample:
        vitals = {str(Vital.SPO2): spo2}
        return Sample(
            session, number, self.now.utc, vitals, {"etco2": "no module"}, "running", 35.0, 1.0 * number
        )

    def put(self, *requests: StoreRequest) -> list[object]:
        """Hand these over, let the store work once; what it posted."""
        before = len(self.posted)
        for request in requests:
            self.store.put(request)
        self.store.step(self.now)
        return self.posted[before:]

    def write(self, *bodies: AnyBody, session: str = "s1") -> list[Entry]:
        """Append these bodies, one request each; the entries as they were given."""
        entries = [self.entry(body, session) for body in bodies]
        self.put(*(Append((entry,)) for entry in entries))
        return entries

    def note(self) -> Entry:
        return self.write(NoteWritten("a note"))[0]

    def a_session(self) -> None:
        """A whole session with 24 sealed samples in two minutes."""
        self.write(OPENED, PATIENT, OrderSigned(ORDER, "anesthetist"), InfusionStarted("pump", 35.0))
        for minute in range(2):
            samples = tuple(self.sample(minute * 12 + number + 1) for number in range(12))
            self.later(60.0)
            sealed = SamplesSealed(minute * 12 + 1, 12, seal(samples))
            self.put(Append((self.entry(sealed),), samples))
        self.write(InfusionEnded("pump", 23.3, 23.3), SessionFinished())

    def all(self, kind: type[T]) -> list[T]:
        return [message for message in self.posted if isinstance(message, kind)]

    def saved(self) -> list[str]:
        """Every uuid that was acknowledged, in order."""
        return [uuid for message in self.all(Saved) for uuid in message.uuids]

    def failures(self) -> list[StorageFailed]:
        return self.all(StorageFailed)

    def on_disk(self, session: str = "s1") -> list[str]:
        """The uuids of a session as another connection reads them."""
        engine = self.another()
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT uuid FROM entry WHERE session = ? ORDER BY session_number", (session,)
            ).all()
        engine.dispose()
        return [row[0] for row in rows]

    def another(self) -> Engine:
        """A second way into the file, past the store: for looking, and for tampering."""
        return cipher.engine_for(self.record, keys.read_key(self.folder))

    def tamper(self, *statements: str) -> None:
        """Run these on the file with its key, as somebody with bad intent could."""
        self.close()
        engine = self.another()
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()
