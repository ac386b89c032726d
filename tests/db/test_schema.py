from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from app.entries import OrderSigned
from db import reading, schema
from db.opening import KNOWN
from tests.db.desk import OPENED, ORDER, Desk

ENTRY = "INTO entry VALUES ({number}, '{uuid}', 's1', {count}, 'NoteWritten', '2026-03-02', x'00', 'p', 'h')"
SAMPLE = "INTO sample VALUES ('s1', {number}, '2026-03-02', x'00')"


@pytest.fixture
def written(desk: Desk) -> Desk:
    """A record with three entries and two samples of session s1."""
    from app.ports import Append

    entries = (desk.entry(OPENED), desk.entry(), desk.entry())
    desk.put(Append(entries, (desk.sample(1), desk.sample(2))))
    return desk


def refused(desk: Desk, statement: str) -> str:
    engine = desk.another()
    with engine.connect() as connection, pytest.raises(IntegrityError) as error:
        connection.exec_driver_sql(statement)
    engine.dispose()
    return str(error.value.orig)


def test_the_tables_in_the_file_have_the_columns_that_the_software_expects(desk: Desk) -> None:
    desk.open()
    engine = desk.another()
    seen = inspect(engine)
    for table in schema.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        keys = seen.get_pk_constraint(table.name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key.columns]
    engine.dispose()


def test_the_file_has_exactly_the_triggers_of_the_schema(desk: Desk) -> None:
    desk.open()
    engine = desk.another()
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    engine.dispose()
    assert {name: sql.split() for name, sql in rows} == {k: v.split() for k, v in schema.TRIGGERS.items()}


def test_the_newest_migration_is_the_version_that_the_software_writes() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(KNOWN.scripts))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == schema.VERSIONS


def test_an_entry_cannot_be_updated(written: Desk) -> None:
    assert "never changed" in refused(written, "UPDATE entry SET kind = 'Other' WHERE number = 1")


def test_an_entry_cannot_be_deleted(written: Desk) -> None:
    assert "never removed" in refused(written, "DELETE FROM entry WHERE number = 3")


def test_a_sample_cannot_be_updated(written: Desk) -> None:
    assert "never changed" in refused(written, "UPDATE sample SET number = 9 WHERE number = 1")


def test_a_sample_cannot_be_deleted(written: Desk) -> None:
    assert "never removed" in refused(written, "DELETE FROM sample WHERE number = 2")


def test_what_the_file_says_of_itself_cannot_be_changed(written: Desk) -> None:
    assert "never changed" in refused(written, "UPDATE meta SET value = 'x'")
    assert "never removed" in refused(written, "DELETE FROM meta")
    assert "never changed" in refused(written, "INSERT OR REPLACE INTO meta VALUES ('record', 'x')")


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE"])
@pytest.mark.parametrize(
    ("number", "uuid", "count"),
    [
        (2, "new", 4),
        (4, "u00001", 4),
        (4, "new", 2),
        (0, "new", 4),
        (6, "new", 4),
        ("NULL", "new", 4),
        (4, "new", 5),
    ],
)
def test_an_entry_is_taken_at_the_end_alone(
    written: Desk, verb: str, number: int | str, uuid: str, count: int
) -> None:
    statement = f"{verb} {ENTRY.format(number=number, uuid=uuid, count=count)}"
    assert "only ever appended" in refused(written, statement)


@pytest.mark.parametrize("verb", ["UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"])
@pytest.mark.parametrize("table", ["entry", "sample", "meta"])
def test_no_form_of_an_update_is_taken(written: Desk, verb: str, table: str) -> None:
    column = "value" if table == "meta" else "at_utc"
    assert "never changed" in refused(written, f"{verb} {table} SET {column} = 'x'")


def test_an_upsert_of_an_entry_is_refused(written: Desk) -> None:
    statement = "INSERT " + ENTRY.format(number=2, uuid="new", count=4)
    assert "appended" in refused(written, statement + " ON CONFLICT (number) DO UPDATE SET kind = 'Other'")


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE"])
def test_a_sample_of_a_number_already_passed_is_refused(written: Desk, verb: str) -> None:
    assert "only ever appended" in refused(written, f"{verb} {SAMPLE.format(number=2)}")


def test_the_list_of_sessions_is_read_from_its_own_index(desk: Desk) -> None:
    desk.write(OPENED, OrderSigned(ORDER, "anesthetist"))
    engine = desk.another()
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {reading.HEADLINES.text}").all()
    engine.dispose()
    assert "entry_headline" in str(plan)


def test_the_index_of_the_list_holds_every_kind_that_the_list_is_read_from(desk: Desk) -> None:
    desk.write(OPENED, OrderSigned(ORDER, "anesthetist"))
    engine = desk.another()
    with engine.connect() as connection:
        sql = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = 'entry_headline'"
        ).scalar_one()
    engine.dispose()
    assert "NextVisitPlanned" in sql
    assert all(f"'{kind}'" in sql for kind in schema.HEADLINES)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        schema.utc_text(datetime(2026, 3, 2, 12))


def test_a_moment_of_another_zone_is_stored_as_utc() -> None:
    assert (
        schema.utc_text(datetime.fromisoformat("2026-03-02T13:00+01:00"))
        == "2026-03-02T12:00:00.000000+00:00"
    )
