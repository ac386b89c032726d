"""A moment, made once at the edge of the program and passed inwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec


class Instant(msgspec.Struct, frozen=True):
    """Wall time for the record and a steady time for every age and time-out.

    `utc` is timezone-aware UTC. `steady` is seconds of a clock that runs on through suspend and is
    never set; only differences of it mean anything.
    """

    utc: datetime
    steady: float

    def since(self, earlier: Instant) -> float:
        """Seconds that really passed since an earlier instant, whatever the wall clock did."""
        return self.steady - earlier.steady

    def plus(self, seconds: float) -> Instant:
        """The instant so many seconds later (earlier, when negative)."""
        return Instant(self.utc + timedelta(seconds=seconds), self.steady + seconds)


def utc_from_unix(seconds: float) -> datetime:
    """Unix seconds as timezone-aware UTC."""
    return datetime.fromtimestamp(seconds, UTC)
