"""The decode command: a recording of a device's bytes into one JSON object a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec

from app.clinical.vitals import VITALS
from app.readings import Frame, FrameCounts, NumbersFrame
from devices.catalogue import DRIVERS

DONE, NOTHING_GOOD, CANNOT_READ = 0, 1, 2
CHUNK = 1 << 16


def decode(driver_id: str, path: str, out: TextIO, err: TextIO) -> int:
    """Write what the recording says to `out` and what became of its bytes, on the last line, to `err`.

    Gives 0; 1 when nothing in the file is from such a device; 2 when it cannot be read at all.
    """
    if driver_id not in DRIVERS:
        print(f'decode: there is no driver "{driver_id}". Drivers: {", ".join(sorted(DRIVERS))}.', file=err)
        return CANNOT_READ
    driver = DRIVERS[driver_id]()
    try:
        with Path(path).open("rb") as file:
            while data := file.read(CHUNK):
                write_frames(driver.feed(data), out)
        out.flush()
    except BrokenPipeError:  # the reader of the pipe has seen enough, as in "| head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return DONE
    except OSError as error:
        print(f"decode: {path}: {cannot_read(error)}", file=err)
        return CANNOT_READ
    driver.finish()
    if not driver.counts.good:
        print(
            f"decode: {path}: no whole frame of {driver.name} is in this file. "
            f"If another device was recorded, name its driver ({', '.join(sorted(DRIVERS))}).",
            file=err,
        )
    print(counts_line(driver.counts), file=err)
    return DONE if driver.counts.good else NOTHING_GOOD


def cannot_read(error: OSError) -> str:
    """Why a file cannot be read, and what to do."""
    match error:
        case FileNotFoundError():
            return "there is no such file. Check the name."
        case IsADirectoryError():
            return "this is a folder. Name one file in it."
        case PermissionError():
            return "this file may not be read by you. Change its permissions or copy it."
    return f"it cannot be read ({error.strerror or error}). Copy it to another disk and try again."


def write_frames(frames: list[Frame], out: TextIO) -> None:
    """Each object of each frame on a line of its own."""
    for frame in frames:
        for row in rows(frame):
            out.write(json.dumps(row) + "\n")


def rows(frame: Frame) -> Iterator[dict[str, object]]:
    """What a frame says, as the objects that are printed."""
    if not isinstance(frame, NumbersFrame):
        yield {"at": None, "pump": msgspec.to_builtins(frame)}
        return
    at = iso(frame.device_time)
    for reading in frame.readings:
        yield {
            "at": at,
            "vital": reading.vital.value,
            "value": reading.value,
            "unit": VITALS[reading.vital].unit,
            "why_missing": reading.why_missing,
        }


def iso(time: datetime | None) -> str | None:
    """The device's clock in ISO 8601, UTC; None when it was never set."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def counts_line(counts: FrameCounts) -> str:
    """The counts on one line."""
    return f"frames: {counts.good} good, {counts.bad} bad, {counts.refused} refused, {counts.partial} partial"
