"""Stand-ins for the outside of the core: they keep what they were given and answer when a test says so."""

from __future__ import annotations

from app.entries import GENESIS, Entry, Sample
from app.instant import Instant
from app.messages import PinChecked, Saved, StorageFailed
from app.ports import Append, CheckPin, StoreRequest


class FakeStore:
    """A store that writes nothing and answers on demand."""

    def __init__(self) -> None:
        self.requests: list[StoreRequest] = []
        self.entries: list[Entry] = []
        self.samples: list[Sample] = []
        self._answered = 0

    def put(self, request: StoreRequest) -> None:
        """Keep the request."""
        self.requests.append(request)
        if isinstance(request, Append):
            self.entries += request.entries
            self.samples += request.samples

    def asked(self, kind: type) -> list[StoreRequest]:
        """The requests of this kind, oldest first."""
        return [request for request in self.requests if isinstance(request, kind)]

    def saved(self, now: Instant) -> Saved:
        """The answer that everything up to now is on disk."""
        new = self.entries[self._answered :]
        numbers = tuple(range(self._answered + 1, len(self.entries) + 1))
        self._answered = len(self.entries)
        return Saved(now, tuple(entry.uuid for entry in new), numbers, GENESIS)

    def failed(self, now: Instant) -> StorageFailed:
        """The answer that nothing from now on is on disk."""
        return StorageFailed(now, now, "The disk is full.")

    def pin_checked(self, now: Instant, *, ok: bool = True, wait_s: float = 0.0) -> PinChecked:
        """The answer to the newest PIN that was asked about."""
        asked = [request for request in self.requests if isinstance(request, CheckPin)][-1]
        return PinChecked(now, asked.tap, asked.staff, ok, 0 if wait_s else 4, wait_s)
