from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.ports import Append, SetPin, StorageError
from db import cipher, keys, opening, place, schema
from db.backup import back_up
from db.opening import KNOWN, Known
from db.restore import restore
from db.verify import verify
from tests.db.desk import NOON, Desk

SECOND = '''
"""A schema to come, of this test alone."""
from alembic import op
revision = "0003"
down_revision = "0002"

def upgrade():
    op.execute("CREATE TABLE remark (number INTEGER PRIMARY KEY, words TEXT)")
    {then}
'''


@pytest.fixture
def newer(tmp_path: Path) -> Known:
    """A Chairside that knows one schema more."""
    return second(tmp_path, "pass")


def second(tmp_path: Path, then: str) -> Known:
    scripts = tmp_path / "scripts 100%"
    shutil.copytree(KNOWN.scripts, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "v0003_second.py").write_text(SECOND.format(then=then))
    return Known((*schema.VERSIONS, "0003"), scripts)


@pytest.fixture
def old(desk: Desk) -> Desk:
    """A record of the schema that this Chairside writes, closed."""
    desk.a_session()
    desk.close()
    return desk


def state(desk: Desk) -> tuple[str | None, int, set[str]]:
    """Version, number of entries and table names as they lie in the file."""
    engine = desk.another()
    with engine.connect() as connection:
        entries = connection.exec_driver_sql("SELECT count(*) FROM entry").scalar_one()
        tables = set(
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
        )
    version = opening.version_of(engine)
    engine.dispose()
    return version, entries, tables


def test_an_older_record_is_brought_to_the_newest_schema_with_all_it_held(old: Desk, newer: Known) -> None:
    _, entries, tables = state(old)
    opening.open_writing(old.folder, NOON.utc, newer).dispose()
    assert state(old) == ("0003", entries, tables | {"remark"})


def test_the_older_file_is_kept_beside_the_new_one(old: Desk, newer: Known) -> None:
    before = old.record.read_bytes()
    opening.open_writing(old.folder, NOON.utc, newer).dispose()
    assert (old.folder / "chairside-0002.db").read_bytes() == before


@pytest.mark.parametrize(
    "then", ["raise ValueError('half way')", "op.execute('DROP TABLE entry')", "op.execute('no')"]
)
def test_a_migration_that_fails_leaves_the_record_as_it_was(old: Desk, tmp_path: Path, then: str) -> None:
    before = old.record.read_bytes()
    with pytest.raises(StorageError, match="It is as it was"):
        opening.open_writing(old.folder, NOON.utc, second(tmp_path, then))
    assert old.record.read_bytes() == before
    assert not list(old.folder.glob("*.migrating*"))


@pytest.mark.parametrize(
    ("table", "where", "what"),
    [("entry", "number = 3", "chain"), ("sample", "number = 3", "samples"), ("pin", "1", "PINs")],
)
def test_a_migration_that_loses_a_line_is_not_taken(
    old: Desk, tmp_path: Path, table: str, where: str, what: str
) -> None:
    old.put(Append((), (), (SetPin("nurse", "4711"),)))
    old.close()
    then = (
        f"op.execute('DROP TRIGGER IF EXISTS {table}_kept'); op.execute('DELETE FROM {table} WHERE {where}')"
    )
    with pytest.raises(StorageError, match=f"changed the {what}"):
        opening.open_writing(old.folder, NOON.utc, second(tmp_path, then))
    assert state(old)[0] == "0002"


def test_a_copy_left_by_a_migration_that_was_killed_is_no_hindrance(old: Desk, newer: Known) -> None:
    (old.folder / "chairside.db.migrating").write_bytes(b"half a copy")
    opening.open_writing(old.folder, NOON.utc, newer).dispose()
    assert state(old)[0] == "0003"


THIRD = '''
"""A third schema, of this test alone: the session's number gets an index, and the file says what it is."""
from alembic import op
revision = "0004"
down_revision = "0003"

def upgrade():
    op.execute("CREATE INDEX entry_at ON entry (at_utc)")
    op.execute("INSERT INTO meta VALUES ('third', 'yes')")
'''


def third(tmp_path: Path) -> Known:
    """A Chairside that knows two schemas more."""
    newer = second(tmp_path, "pass")
    (newer.scripts / "versions" / "v0004_third.py").write_text(THIRD)
    return Known((*newer.versions, "0004"), newer.scripts)


@pytest.mark.parametrize("version", ["0002", "0003"])
def test_every_older_schema_is_brought_to_the_newest_with_its_chain(
    old: Desk, tmp_path: Path, version: str
) -> None:
    known = third(tmp_path)
    if version == "0003":
        (tmp_path / "before").mkdir()
        opening.open_writing(old.folder, NOON.utc, second(tmp_path / "before", "pass")).dispose()
    before = verify(old.folder).head if version == "0002" else head(old)
    opening.open_writing(old.folder, NOON.utc, known).dispose()
    assert state(old)[0] == "0004"
    assert head(old) == before
    assert (old.folder / f"chairside-{version}.db").exists()


FIRST_INDEX = """CREATE INDEX entry_headline ON entry (kind, number) WHERE kind IN (
    'SessionOpened', 'PatientIdentified', 'OrderSigned', 'InfusionStarted', 'InfusionPaused',
    'InfusionResumed', 'InfusionEnded', 'SessionFinished', 'Retracted'
)"""


def test_a_record_of_the_first_schema_is_brought_to_the_one_of_today(old: Desk) -> None:
    engine = old.another()
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX entry_headline")
        connection.exec_driver_sql(FIRST_INDEX)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()
    before = head(old)
    opening.open_writing(old.folder, NOON.utc).dispose()
    assert (state(old)[0], head(old)) == (schema.VERSIONS[-1], before)
    assert verify(old.folder).problems == ()


def head(desk: Desk) -> str:
    """The hash of the newest entry as it lies in the file."""
    engine = desk.another()
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT hash FROM entry ORDER BY number DESC").scalars().first()
    engine.dispose()
    return str(found)


def test_a_migration_that_is_killed_leaves_the_old_file_untouched_and_is_made_again(
    old: Desk, tmp_path: Path, newer: Known
) -> None:
    (tmp_path / "killed").mkdir()
    deadly = second(tmp_path / "killed", "import os; os.kill(os.getpid(), 9)")
    before = old.record.read_bytes()
    code = (
        "from datetime import UTC, datetime; from pathlib import Path; from db import opening;"
        f"known = opening.Known({deadly.versions!r}, Path({str(deadly.scripts)!r}));"
        f"opening.open_writing(Path({str(old.folder)!r}), datetime.now(UTC), known)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60, check=False)
    assert done.returncode == -9
    assert old.record.read_bytes() == before
    assert verify(old.folder).problems == ()
    opening.open_writing(old.folder, NOON.utc, newer).dispose()
    assert state(old)[0] == "0003"


class Killed(BaseException):
    """The process ends here."""


STEPS = ("settled", "copied", "scripts run", "upgraded", "kept", "in its place")


def migrated(old: Desk, known: Known, die_at: str, error: BaseException) -> None:
    """A migration that is cut short at this step."""

    def fault(step: str) -> None:
        reached.append(step)
        if step == die_at:
            raise error

    reached: list[str] = []
    try:
        opening.migrate(old.record, keys.read_key(old.folder), schema.VERSIONS[-1], known.scripts, fault)
    finally:
        assert reached == list(STEPS[: STEPS.index(die_at) + 1])


@pytest.mark.parametrize("step", STEPS)
def test_a_migration_that_is_killed_at_this_step_leaves_the_old_file_or_the_new_one(
    old: Desk, newer: Known, step: str
) -> None:
    before, newest = old.record.read_bytes(), head(old)
    with pytest.raises(Killed):
        migrated(old, newer, step, Killed())
    assert state(old)[0] == ("0003" if step == "in its place" else "0002")
    if step != "in its place":
        assert old.record.read_bytes() == before
    opening.open_writing(old.folder, NOON.utc, newer).dispose()
    assert (state(old)[0], head(old)) == ("0003", newest)
    assert (old.folder / "chairside-0002.db").read_bytes() == before


@pytest.mark.parametrize("step", STEPS[:-1])
def test_a_disk_that_is_full_at_this_step_leaves_the_old_file_and_says_so(
    old: Desk, newer: Known, step: str
) -> None:
    before = old.record.read_bytes()
    with pytest.raises(StorageError, match="It is as it was"):
        migrated(old, newer, step, OSError(28, "No space left on device"))
    assert old.record.read_bytes() == before
    assert not list(old.folder.glob("*.migrating*"))


def test_an_older_back_up_is_restored_and_then_brought_to_the_newest_schema(
    old: Desk, tmp_path: Path
) -> None:
    known = third(tmp_path)
    (tmp_path / "stick").mkdir()
    made = back_up(old.folder, tmp_path / "stick", NOON.utc)
    again = Desk(tmp_path / "again")
    restore(made.folder, again.folder, lambda words: "", old.folder / keys.KEY_FILE, known)
    opening.open_writing(again.folder, NOON.utc, known).dispose()
    assert state(again)[0] == "0004"
    assert head(again) == made.manifest.head


def test_a_record_that_another_program_reads_is_not_migrated(old: Desk, newer: Known) -> None:
    reader = old.another()
    with reader.connect() as connection:
        old.note()
        old.close()
        connection.exec_driver_sql("SELECT count(*) FROM entry").all()
        with pytest.raises(StorageError, match="another program reads it"):
            opening.open_writing(old.folder, NOON.utc, newer)
    reader.dispose()
    assert state(old)[0] == "0002"


def test_a_record_is_not_migrated_while_a_command_adds_its_line(old: Desk, newer: Known) -> None:
    with place.shared(old.folder), pytest.raises(StorageError, match="Another command of Chairside writes"):
        opening.open_writing(old.folder, NOON.utc, newer)
    assert state(old)[0] == "0002"
    opening.open_writing(old.folder, NOON.utc, newer).dispose()
    assert state(old)[0] == "0003"


def test_a_record_of_a_newer_schema_is_refused_with_both_versions(old: Desk, newer: Known) -> None:
    opening.open_writing(old.folder, NOON.utc, newer).dispose()
    before = old.record.read_bytes()
    with pytest.raises(StorageError, match="has schema 0003, this Chairside knows 0002") as error:
        old.open()
    assert str(old.record) in str(error.value)
    assert old.record.read_bytes() == before


def test_an_older_record_is_not_brought_up_to_date_by_a_command_that_reads(old: Desk, newer: Known) -> None:
    before = old.record.read_bytes()
    with pytest.raises(StorageError, match="Start Chairside once"):
        opening.open_reading(old.folder, newer)
    assert old.record.read_bytes() == before


def test_a_command_that_reads_makes_no_record(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no record in"):
        opening.open_reading(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_command_reads_while_chairside_writes(desk: Desk) -> None:
    desk.note()
    engine = opening.open_reading(desk.folder)
    desk.note()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM entry").scalar_one() == 2
    engine.dispose()


def test_a_command_that_reads_can_write_nothing(desk: Desk) -> None:
    desk.note()
    engine = opening.open_reading(desk.folder)
    with engine.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
    engine.dispose()


def test_a_commit_is_on_disk_when_it_returns(desk: Desk) -> None:
    desk.open()
    engine = cipher.engine_for(desk.record, keys.read_key(desk.folder))
    with engine.connect() as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2
        assert pragma(connection, "recursive_triggers") == 1
        assert pragma(connection, "foreign_keys") == 1
    engine.dispose()


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.51.2"])
def test_an_sqlite_that_can_lose_a_log_is_refused(version: str) -> None:
    with pytest.raises(StorageError, match=r"SQLite 3\..* can lose what was saved"):
        cipher.require_sqlite(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.53.4", "4.0.0"])
def test_an_sqlite_that_keeps_its_log_is_taken(version: str) -> None:
    cipher.require_sqlite(version)


def test_a_second_start_does_not_import_alembic(old: Desk) -> None:
    code = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC; from db import opening;"
        f"opening.open_writing(Path({str(old.folder)!r}), datetime.now(UTC)).dispose();"
        "sys.exit('alembic' in sys.modules or 'PySide6' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60, check=False).returncode == 0
