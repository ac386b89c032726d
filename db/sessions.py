"""The list of sessions, as the command `sessions` prints it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from app.messages import SessionRow
from app.ports import StorageError
from db import reading


def list_sessions(folder: Path) -> tuple[SessionRow, ...]:
    """Every session of this folder, newest first; StorageError when its record cannot be read."""
    with reading.in_folder(folder) as connection:
        return reading.sessions_of(connection)


def run_sessions(folder: Path, out: TextIO, err: TextIO | None = None) -> int:
    """Print the sessions, newest first: 0, or 2 when the record cannot be opened."""
    try:
        rows = list_sessions(folder)
    except StorageError as error:
        print(error, file=err or sys.stderr)
        return 2
    if not rows:
        print("No session yet.", file=out)
        return 0
    lines = [["session", "opened (UTC)", "state", "MRN", "patient", "protocol"]]
    lines += [_line(row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), file=out
        )
    return 0


def _line(row: SessionRow) -> list[str]:
    opened = f"{row.opened:%Y-%m-%d %H:%M:%S}"
    return [row.session, opened, row.state, row.mrn or "-", row.patient or "-", row.protocol or "-"]
