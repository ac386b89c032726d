"""Where a passphrase comes from: a file that was named, else the terminal, unseen. Never the command line."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from app.ports import StorageError
from db.keycommand import NEW, Ask


def asker(current: Path | None, new: Path | None = None) -> Ask:
    """Asks for the passphrase in these files where they are named, else at the terminal; a new one twice."""

    def ask(words: str) -> str:
        file = new if words == NEW else current
        if file is not None:
            return from_file(file)
        typed = _at_the_terminal(words)
        if words == NEW and _at_the_terminal("The same again: ") != typed:
            raise StorageError("The two were not the same. Nothing was changed; type it again.")
        return typed

    return ask


def from_file(path: Path) -> str:
    """The first line of this file; StorageError when it cannot be read or is empty."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"The passphrase file {path} cannot be read ({error}).") from error
    if not lines or not lines[0]:
        raise StorageError(f"The passphrase file {path} is empty: its first line is the passphrase.")
    return lines[0]


def _at_the_terminal(words: str) -> str:
    if not sys.stdin.isatty():
        raise StorageError(
            "The key is sealed and there is no terminal to ask at. Start Chairside from a terminal, or give the "
            "passphrase with --passphrase-file FILE."
        )
    try:
        return getpass.getpass(words)
    except EOFError:
        raise StorageError("No passphrase was given.") from None
