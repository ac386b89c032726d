"""A process that appends as fast as it can and prints each uuid once the store has acknowledged it.

`python -m tests.db.appender FOLDER SESSION` from the top of the checkout; it ends by being killed.
"""

from __future__ import annotations

import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from app.entries import Entry, NoteWritten, Sample, SamplesSealed, seal
from app.instant import Instant
from app.messages import Saved
from app.ports import Append
from db.pins import CHEAP
from db.store import open_store

SEALED_TOGETHER = 3


def clock() -> Instant:
    return Instant(datetime.now(UTC), time.monotonic())


def tell(message: object) -> None:
    if not isinstance(message, Saved):
        raise SystemExit(f"not saved: {message}")
    for acknowledged in message.uuids:
        print(acknowledged, flush=True)


def request(session: str, number: int) -> Append:
    """The next entry with a few samples, sealed together."""
    first = number * SEALED_TOGETHER + 1
    now = clock()
    samples = tuple(
        Sample(session, first + each, now.utc, {"spo2": 97.0}, {}, None, None, None)
        for each in range(SEALED_TOGETHER)
    )
    bodies = (NoteWritten(f"note {number}"), SamplesSealed(first, SEALED_TOGETHER, seal(samples)))
    entries = tuple(Entry(str(uuid.uuid4()), session, now, now.utc, "boot", "nurse", body) for body in bodies)
    return Append(entries, samples)


def main(folder: Path, session: str) -> None:
    """Append for ever."""
    store = open_store(folder, clock, tell, cost=CHEAP)
    number = 0
    while True:
        for _ in range(1 + number % 3):
            store.put(request(session, number))
            number += 1
        store.step(clock())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
