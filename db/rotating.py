"""From one key to another: the note of a change under way, and how it is brought to one end after a power cut.

The record under the new key is made and looked through beside the old one (db/rekeying.py). Then the note is
written, the new file takes the record's place, and the new key that of the old. Which of the two files is the
record is seen by its first bytes, so no key is needed to settle what was cut short.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.ports import StorageError
from db import cipher, keys

NOTE_FILE = "chairside.rotation"
NEXT = ".next"


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first bytes of the record under the new key, as hex, and the file that holds the new key."""

    salt: str
    key_file: str


def is_unsettled(folder: Path) -> bool:
    """Whether a change of key is under way, or was cut short at a point that must be settled."""
    return (folder / NOTE_FILE).exists()


def begin(folder: Path, note: Note) -> None:
    """From here on the change is settled by what stands in the record's place."""
    keys.write_durably(folder / NOTE_FILE, msgspec.json.encode(note))


def settle_rotation(folder: Path) -> bool | None:
    """Bring a change of key to its end: True when the new key holds, False when the old one, None for no change.

    The caller holds the folder's lock.
    """
    path = folder / NOTE_FILE
    if not path.exists():
        return None
    try:
        note = msgspec.json.decode(path.read_bytes(), type=Note)
    except msgspec.DecodeError as error:
        raise StorageError(f"{path} is damaged. Keep the folder, and put back your back-up.") from error
    taken = cipher.salt_of(folder / keys.RECORD_FILE).hex() == note.salt
    if taken:
        for name in (note.key_file, keys.CHECK_FILE):
            new = folder / (name + NEXT)
            if new.exists():
                new.replace(folder / name)
        keys.sync_folder(folder)
    path.unlink()
    keys.sync_folder(folder)
    return taken
