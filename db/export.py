"""A whole session as JSON or CSV, for people and programs that have no Chairside.

Nothing is left out: what was taken back or corrected later stands there with a mark that says so.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import msgspec

from app.clinical.vitals import VITALS
from app.entries import (
    CLINIC,
    Amended,
    Entry,
    Retracted,
    Sample,
    StaffAdded,
    StaffChanged,
    VitalEntered,
    kind_of,
)
from app.ports import StorageError
from db import keys, reading

FORMATS = ("json", "csv")
PUMP_COLUMNS = ("pump_mode", "rate_ml_h", "volume_ml")
COLUMNS = (
    *("time", "kind", "number", "author", "details", "mark"),
    *(str(vital) for vital in VITALS),
    *PUMP_COLUMNS,
    "missing",
)

# What a spreadsheet takes for the beginning of a formula, its full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Whole(msgspec.Struct, frozen=True):
    """A session with what is needed to name its people."""

    session: str
    head: str
    entries: tuple[Entry, ...]
    samples: tuple[Sample, ...]
    names: dict[str, str]
    clinic: tuple[Entry, ...]


def run_export(folder: Path, session: str, format: str, out: TextIO, err: TextIO | None = None) -> int:
    """Write a session as json or csv: 0, or 2 with a sentence when it cannot be done."""
    err = err or sys.stderr
    if format not in FORMATS:
        print(f"{format} is no format: give json or csv.", file=err)
        return 2
    try:
        whole = read_whole(folder, session)
    except StorageError as error:
        print(error, file=err)
        return 2
    if format == "json":
        write_json(whole, out)
    else:
        write_csv(whole, out)
    return 0


def read_whole(folder: Path, session: str) -> Whole:
    """Everything of one session; StorageError when there is none of that name or it cannot be read."""
    with reading.in_folder(folder) as connection:
        clinic = reading.entries_of(connection, CLINIC)
        whole = Whole(
            session=session,
            head=reading.tail_of(connection)[1],
            entries=reading.entries_of(connection, session),
            samples=reading.samples_of(connection, session),
            names=_names(clinic),
            clinic=clinic,
        )
    if not whole.entries:
        raise StorageError(f"There is no session {session} in {folder}. List them: python main.py sessions")
    return whole


def _names(clinic: tuple[Entry, ...]) -> dict[str, str]:
    return {
        entry.body.staff: entry.body.name
        for entry in clinic
        if isinstance(entry.body, StaffAdded | StaffChanged)
    }


def marks(entries: tuple[Entry, ...]) -> dict[str, str]:
    """What became of entries later, by uuid: "retracted by entry 12", "amended by entry 14: ..."."""
    found: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.body, Retracted):
            mark = f"retracted by entry {entry.number}"
        elif isinstance(entry.body, Amended):
            mark = f"amended by entry {entry.number}: {entry.body.text}"
        else:
            continue
        about = entry.body.entry
        found[about] = f"{found[about]}; {mark}" if about in found else mark
    return found


def write_json(whole: Whole, out: TextIO) -> None:
    """The whole session as one JSON object."""
    marked = marks(whole.entries)
    document = {
        "session": whole.session,
        "chain_head": whole.head,
        "entries": [_entry_object(entry, whole, marked) for entry in whole.entries],
        "samples": [_sample_object(sample) for sample in whole.samples],
    }
    json.dump(document, out, ensure_ascii=False, indent=1)
    out.write("\n")


def _entry_object(entry: Entry, whole: Whole, marked: dict[str, str]) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": _time(entry.at.utc),
        "kind": kind_of(entry.body),
        **_said(entry),
        "author": entry.author,
        "author_name": whole.names.get(entry.author),
        "written": _time(entry.written),
        "uuid": entry.uuid,
        "mark": marked.get(entry.uuid),
    }


def _said(entry: Entry) -> dict[str, object]:
    """The fields of the body under their own names; `entry` and the like name another entry's uuid."""
    fields: dict[str, object] = msgspec.to_builtins(entry.body)
    del fields["kind"]
    return {f"says_{name}" if name in _OURS else name: value for name, value in fields.items()}


_OURS = frozenset({"number", "at", "author", "author_name", "written", "uuid", "mark"})


def _sample_object(sample: Sample) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(sample)
    dropped = ("session", "steady", "boot")
    return {name: value for name, value in fields.items() if name not in dropped} | {"at": _time(sample.at)}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_csv(whole: Whole, out: TextIO) -> None:
    """One row for each entry and each sample, in the order of their times; a text is never a formula."""
    marked = marks(whole.entries)
    rows = [(entry.at.utc, _entry_cells(entry, whole, marked)) for entry in whole.entries]
    rows += [(sample.at, _sample_cells(sample)) for sample in whole.samples]
    rows.sort(key=lambda row: row[0])
    others = sorted({vital for sample in whole.samples for vital in sample.vitals} - set(COLUMNS))
    writer = csv.DictWriter(out, (*COLUMNS, *others), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in cells.items()} for _, cells in rows)


def _entry_cells(entry: Entry, whole: Whole, marked: dict[str, str]) -> Mapping[str, object]:
    cells: dict[str, object] = {
        "time": _time(entry.at.utc),
        "kind": kind_of(entry.body),
        "number": entry.number,
        "author": whole.names.get(entry.author, entry.author),
        "details": "; ".join(f"{name}: {_text(value)}" for name, value in _said(entry).items()),
        "mark": marked.get(entry.uuid, ""),
    }
    if isinstance(entry.body, VitalEntered):
        cells |= {str(vital): value for vital, value in entry.body.values.items()}
    return cells


def _sample_cells(sample: Sample) -> Mapping[str, object]:
    return {
        "time": _time(sample.at),
        "kind": "Sample",
        "number": sample.number,
        **sample.vitals,
        **{column: getattr(sample, column) for column in PUMP_COLUMNS},
        "missing": "; ".join(f"{vital}: {why}" for vital, why in sample.missing.items()),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cell(value: object) -> object:
    """A number stays one; a text that a spreadsheet would calculate gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def read_all(folder: Path) -> tuple[tuple[Entry, ...], datetime | None]:
    """Every entry of the file in the order of writing, and when its newest line was written; none for no record."""
    if not (folder / keys.RECORD_FILE).exists():
        return (), None
    with reading.in_folder(folder) as connection:
        return reading.everything_of(connection)
