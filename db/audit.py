"""The audit trail from the command line: read it, and add the line that says what a command shows or takes out.

A command's line goes into the record before the command does anything: without it nothing is shown or exported.
"""

from __future__ import annotations

import getpass
import sys
import time
import uuid
from datetime import tzinfo
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from app.audit import audit_names, page_of
from app.catalog import Catalog
from app.clinic import Clinic
from app.entries import CLINIC, Audited, Entry
from app.instant import Instant
from app.ports import Append, StorageError
from app.told import Teller
from db import cipher, keys, opening, place, reading
from db.appending import append, tail_of
from db.faults import no_fault

COMMAND_LINE = "command-line"
TRIES = 20
TRY_AGAIN_S = 0.05
EVERY_LINE = 1_000_000


def note(
    folder: Path,
    what: str,
    now: Instant,
    boot: str,
    *,
    session: str = "",
    detail: str = "",
    tries: int = TRIES,
) -> None:
    """One line of the trail, on disk when this returns; StorageError when it cannot be written.

    A running Chairside may be writing: then this waits for its turn, at most a second for each of its tries. While the
    key or the schema is changed, the line would go into the file that is about to be replaced: then it is refused.
    """
    if not (folder / keys.RECORD_FILE).exists():
        raise opening.no_record(folder)
    with place.shared(folder):
        _note(folder, what, now, boot, session=session, detail=detail, tries=tries)


def _note(folder: Path, what: str, now: Instant, boot: str, *, session: str, detail: str, tries: int) -> None:
    with reading.in_folder(folder) as connection:
        rows = reading.sessions_of(connection) if session else ()
    mrn = next((row.mrn for row in rows if row.session == session), None)
    if session and mrn is None:
        raise StorageError(f"There is no session {session} in {folder}. List them: python main.py sessions")
    by = ", ".join(part for part in (detail, f"account {getpass.getuser()}") if part)
    body = Audited(what, session, mrn or "", by)
    entry = Entry(uuid.uuid4().hex, CLINIC, now, now.utc, boot, COMMAND_LINE, body)
    record = folder / keys.RECORD_FILE
    engine = cipher.engine_for(record, keys.read_key(folder))
    try:
        _append(engine, record, entry, tries)
    finally:
        engine.dispose()


def _append(engine: Engine, record: Path, entry: Entry, tries: int) -> None:
    for left in reversed(range(tries)):
        try:
            with cipher.writing(engine) as connection:
                cursor = connection.connection.cursor()
                append(cursor, Append((entry,)), tail_of(cursor), no_fault)
                cursor.close()
            return
        except (*cipher.ERRORS, OSError) as error:
            if cipher.code_of(error) != cipher.SQLITE_BUSY or not left:
                raise StorageError(
                    f"Nothing was shown or exported: it could not be noted. {cipher.why(record, error)}"
                ) from error
            time.sleep(TRY_AGAIN_S)


def run_audit(
    folder: Path,
    catalog: Catalog,
    zone: tzinfo,
    out: TextIO,
    err: TextIO | None = None,
    *,
    staff: str = "",
    sort: str = "",
) -> int:
    """Print the trail, newest first: 0, or 2 when it cannot be read. `staff` is a person's initials."""
    try:
        with reading.in_folder(folder) as connection:
            clinic = Clinic(reading.entries_of(connection, CLINIC))
            known = {person.initials: person.staff for person in clinic.staff.values()}
            if staff and staff not in known:
                raise StorageError(f"Nobody has the initials {staff}; there are {', '.join(sorted(known))}.")
            entries, _more = page_of(
                reading.trail_of(connection), 0, known.get(staff, ""), sort, count=EVERY_LINE
            )
    except StorageError as error:
        print(error, file=err or sys.stderr)
        return 2
    teller = Teller(catalog, clinic, zone, {})
    for entry in entries:
        at = f"{entry.at.utc.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        who = audit_names(entry.author, teller.who)
        print(f"{at}  {who:<12}  {teller.told(entry.body)}", file=out)
    return 0
