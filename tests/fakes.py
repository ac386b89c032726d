"""Stand-ins for the outside of the core: they keep what they were given and answer when a test says so."""

from __future__ import annotations

from app.clinical.rows import Priority
from app.entries import GENESIS, CheckValue, Entry, Sample
from app.instant import Instant
from app.messages import CheckLine, PinChecked, Saved, StorageFailed
from app.ports import Append, CheckPin, SetPin, StoreRequest


class FakeStore:
    """A store that writes nothing and answers on demand; `longest_wait_s` as the test says."""

    def __init__(self) -> None:
        self.requests: list[StoreRequest] = []
        self.entries: list[Entry] = []
        self.samples: list[Sample] = []
        self.pins: list[SetPin] = []
        self.longest_wait_s = 0.0
        self._answered = 0

    def put(self, request: StoreRequest) -> None:
        """Keep the request."""
        self.requests.append(request)
        if isinstance(request, Append):
            self.entries += request.entries
            self.samples += request.samples
            self.pins += request.pins

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


class FakeSounder:
    """A loudspeaker that remembers what it was told to play; `waits_s` as the test says."""

    def __init__(self) -> None:
        self.played: list[Priority | None] = []
        self.wanted = False
        self.waits_s = 0.0

    def want(self, wanted: bool) -> None:
        """Keep whether it is wanted."""
        self.wanted = wanted

    def play(self, priority: Priority) -> None:
        """Keep the burst."""
        self.played.append(priority)

    def hush(self) -> None:
        """Keep the silence as None."""
        self.played.append(None)


def check_in_acts(now: Instant, weight_kg: float = 70.0) -> tuple[CheckLine, ...]:
    """Every line of a woman's check-in on a good day; the baseline is left out."""
    food, clear = (now.plus(-hours * 3600.0).utc.isoformat() for hours in (9, 4))
    done: dict[str, dict[str, CheckValue]] = {
        "identity": {"identifiers": ("name", "birth date")},
        "weight": {"weight_kg": weight_kg},
        "allergy": {"confirmed": "as recorded"},
        "fasting": {"food": food, "meal": "light", "clear": clear},
        "contraindications": {"found": ()},
        "consent": {"signed": "signed, no guarantee explained"},
        "medicines": {"taken": (), "kept": "none stopped"},
        "bladder": {"emptied": "emptied"},
        "iv": {"gauge": "22 G", "site": "left forearm", "flush": "flushes"},
    }
    left_out = {"escort": "Stays overnight", "pregnancy": "menopause", "baseline": "No cuff fits"}
    alone = "No second person free"
    return (
        *(
            CheckLine(line, "done", values, alone if line == "weight" else "")
            for line, values in done.items()
        ),
        *(CheckLine(line, "not done", {}, reason) for line, reason in left_out.items()),
    )
