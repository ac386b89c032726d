"""The first schema: entries, samples, PINs, and what the file says of itself."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    """CREATE TABLE entry (
    number INTEGER NOT NULL PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    session_number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at_utc TEXT NOT NULL,
    data BLOB NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (session, session_number)
)""",
    """CREATE TABLE sample (
    session TEXT NOT NULL,
    number INTEGER NOT NULL,
    at_utc TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (session, number)
)""",
    """CREATE TABLE pin (
    staff TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    failed INTEGER NOT NULL,
    barred_until TEXT
)""",
    """CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
)""",
    # The list of sessions is read from these few kinds; without it each list would read the whole file.
    """CREATE INDEX entry_headline ON entry (kind, number) WHERE kind IN (
    'SessionOpened', 'PatientIdentified', 'OrderSigned', 'InfusionStarted', 'InfusionPaused',
    'InfusionResumed', 'InfusionEnded', 'SessionFinished', 'Retracted'
)""",
)

TRIGGERS = (
    """CREATE TRIGGER entry_unchanged BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END""",
    """CREATE TRIGGER entry_kept BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END""",
    """CREATE TRIGGER entry_appended BEFORE INSERT ON entry
    WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM entry)
    OR NEW.session_number IS NOT
    (SELECT coalesce(max(session_number), 0) + 1 FROM entry WHERE session = NEW.session)
    OR EXISTS (SELECT 1 FROM entry WHERE uuid = NEW.uuid)
    BEGIN SELECT RAISE(ABORT, 'an entry is only ever appended'); END""",
    """CREATE TRIGGER sample_unchanged BEFORE UPDATE ON sample
    BEGIN SELECT RAISE(ABORT, 'a sample is never changed'); END""",
    """CREATE TRIGGER sample_kept BEFORE DELETE ON sample
    BEGIN SELECT RAISE(ABORT, 'a sample is never removed'); END""",
    """CREATE TRIGGER sample_appended BEFORE INSERT ON sample
    WHEN NEW.number IS NULL
    OR NEW.number <= (SELECT coalesce(max(number), 0) FROM sample WHERE session = NEW.session)
    BEGIN SELECT RAISE(ABORT, 'a sample is only ever appended'); END""",
    """CREATE TRIGGER meta_unchanged BEFORE UPDATE ON meta
    BEGIN SELECT RAISE(ABORT, 'the file''s own facts are never changed'); END""",
    """CREATE TRIGGER meta_kept BEFORE DELETE ON meta
    BEGIN SELECT RAISE(ABORT, 'the file''s own facts are never removed'); END""",
    """CREATE TRIGGER meta_appended BEFORE INSERT ON meta
    WHEN EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'the file''s own facts are never changed'); END""",
)


def upgrade() -> None:
    """Create the tables, then the triggers that keep them append-only."""
    for statement in TABLES + TRIGGERS:
        op.execute(statement)
