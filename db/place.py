"""The record's place: nobody adds a line to the file in it while another file is put there.

A command adds its line of the audit trail beside a Chairside that runs, so the folder's lock (db/opening.py) cannot
keep it out. What replaces the file, a new key or a newer schema, holds the place alone; what adds a line shares it.
The lock lies on the folder itself and leaves no file; the system lets go of it when the process ends, in any way.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.ports import StorageError
from db import cipher, keys

TRIES = 40
TRY_AGAIN_S = 0.05


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """The file stays in its place meanwhile; StorageError when another is being put there."""
    with _held(
        folder,
        fcntl.LOCK_SH,
        "Its key is being changed, or it is being brought up to date. Wait until that has ended, then try again.",
    ):
        yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody adds a line meanwhile; StorageError when a command does not come to its end."""
    with _held(
        folder,
        fcntl.LOCK_EX,
        "Another command of Chairside writes in it. Wait until that has ended, then try again.",
    ):
        yield


@contextmanager
def _held(folder: Path, how: int, otherwise: str) -> Iterator[None]:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StorageError(cipher.why(folder / keys.RECORD_FILE, error)) from error
    try:
        _take(descriptor, how, folder, otherwise)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, how: int, folder: Path, otherwise: str) -> None:
    for left in reversed(range(TRIES)):
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not left:
                raise StorageError(f"The record in {folder} is not free. {otherwise}") from None
            time.sleep(TRY_AGAIN_S)
        except OSError as error:
            raise StorageError(cipher.why(folder / keys.RECORD_FILE, error)) from error
