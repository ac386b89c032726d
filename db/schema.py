"""The tables of the record, as SQLAlchemy knows them, and the triggers that keep it append-only.

What creates them is a migration; a test holds the two together. `entry` and `sample` only grow, `meta` is
written once; `pin` alone is changed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

VERSIONS = ("0001", "0002")
"""Every version that the schema has had, oldest first; the last is the one that this software writes."""

HEADLINES = (
    "SessionOpened",
    "PatientIdentified",
    "OrderSigned",
    "InfusionStarted",
    "InfusionPaused",
    "InfusionResumed",
    "InfusionEnded",
    "SessionFinished",
    "Retracted",
    "NextVisitPlanned",
)
"""The kinds that a list of sessions is made of; the index entry_headline holds these."""


class UtcDateTime(TypeDecorator[datetime]):
    """Timezone-aware moments, stored as UTC text that sorts; a naive one is refused with ValueError."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def utc_text(moment: datetime) -> str:
    """A moment as it stands in the file: always UTC, always with microseconds."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


metadata = MetaData()

entry = Table(
    "entry",
    metadata,
    Column("number", Integer, primary_key=True),  # the position in the chain, which runs over the whole file
    Column("uuid", Text, nullable=False, unique=True),
    Column("session", Text, nullable=False),
    Column("session_number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at_utc", UtcDateTime, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("session", "session_number"),
)

sample = Table(
    "sample",
    metadata,
    Column("session", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at_utc", UtcDateTime, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

pin = Table(
    "pin",
    metadata,
    Column("staff", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("barred_until", UtcDateTime, nullable=True),
)

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# INSERT OR REPLACE overwrites a row without a DELETE trigger unless recursive_triggers is on, which is the
# connection's choice and not the file's: so a number already passed is refused before the row is touched.
TRIGGERS = {
    "entry_unchanged": """CREATE TRIGGER entry_unchanged BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END""",
    "entry_kept": """CREATE TRIGGER entry_kept BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END""",
    "entry_appended": """CREATE TRIGGER entry_appended BEFORE INSERT ON entry
    WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM entry)
    OR NEW.session_number IS NOT
    (SELECT coalesce(max(session_number), 0) + 1 FROM entry WHERE session = NEW.session)
    OR EXISTS (SELECT 1 FROM entry WHERE uuid = NEW.uuid)
    BEGIN SELECT RAISE(ABORT, 'an entry is only ever appended'); END""",
    "sample_unchanged": """CREATE TRIGGER sample_unchanged BEFORE UPDATE ON sample
    BEGIN SELECT RAISE(ABORT, 'a sample is never changed'); END""",
    "sample_kept": """CREATE TRIGGER sample_kept BEFORE DELETE ON sample
    BEGIN SELECT RAISE(ABORT, 'a sample is never removed'); END""",
    "sample_appended": """CREATE TRIGGER sample_appended BEFORE INSERT ON sample
    WHEN NEW.number IS NULL
    OR NEW.number <= (SELECT coalesce(max(number), 0) FROM sample WHERE session = NEW.session)
    BEGIN SELECT RAISE(ABORT, 'a sample is only ever appended'); END""",
    "meta_unchanged": """CREATE TRIGGER meta_unchanged BEFORE UPDATE ON meta
    BEGIN SELECT RAISE(ABORT, 'the file''s own facts are never changed'); END""",
    "meta_kept": """CREATE TRIGGER meta_kept BEFORE DELETE ON meta
    BEGIN SELECT RAISE(ABORT, 'the file''s own facts are never removed'); END""",
    "meta_appended": """CREATE TRIGGER meta_appended BEFORE INSERT ON meta
    WHEN EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'the file''s own facts are never changed'); END""",
}
"""Name and text of each trigger, as they stand in the file."""
