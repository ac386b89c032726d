"""The sealed key of a folder, tried from the screen: wrong passphrases are counted beside the record.

The record is closed while this is asked, so the count lies in a file of its own, `chairside.tries`, readable by its
owner alone: how many wrong ones came one after the other, and when the last did by both clocks. It is on the disk
before a passphrase is tried, so that a restart in the middle of a try wins nothing, and it goes with the right one.
Whoever can remove the file can take the sealed key as well and try it elsewhere: the wait is for bystanders, and what
each try costs (Argon2id) is the defence. Where the file cannot be written the count goes on in memory: a full disk
must not keep the record closed.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from app.ports import Clock, StorageError
from app.unsealing import Tries, left_s
from db import cipher, keycommand, keys, opening, sealing
from db.faults import Fault, no_fault

log = logging.getLogger(__name__)

TRIES_FILE = "chairside.tries"
WRONG = (
    "Not the passphrase of {folder} (wrong so far: {wrong}). Hold Show and look at it: capitals, spaces and signs "
    "count."
)


def needs_passphrase(folder: Path) -> bool:
    """Whether a start on this folder must ask; StorageError where another Chairside has the folder already."""
    if keys.way_of(folder) != "sealed" or not sealing.needs_passphrase(folder):
        return False
    opening.FolderLock(folder).release()
    return True


class SealedFolder:
    """The sealed key of one folder. Implements app.unsealing.SealedKey."""

    def __init__(self, folder: Path, clock: Clock, boot: str, fault: Fault = no_fault) -> None:
        """Reads what was tried before; `boot` names the start of the machine that the steady clock belongs to."""
        self._folder = folder
        self._clock = clock
        self._boot = boot
        self._fault = fault
        self._path = folder / TRIES_FILE
        self._tries = self._read()

    def wait_s(self) -> float:
        """How long the next try has to wait; 0 for not at all."""
        return 0.0 if self._tries is None else left_s(self._tries, self._clock(), self._boot)

    def try_passphrase(self, passphrase: str) -> str:
        """Opens the key for this process: "" when that went well, else what is wrong, where, and what to do."""
        if self.wait_s() > 0:
            return "Wait before the next try."
        before = self._tries
        now = self._clock()
        wrong = 1 if before is None else before.wrong + 1
        self._keep(Tries(wrong, now.utc, now.steady, self._boot))
        self._fault("counted")
        try:
            self._open(passphrase)
        except sealing.WrongPassphrase:
            return WRONG.format(folder=self._folder, wrong=wrong)
        except (StorageError, OSError) as error:
            self._keep(before)
            return cipher.why(self._folder / keys.SEALED_FILE, error)
        self._keep(None)
        return ""

    def _open(self, passphrase: str) -> None:
        keycommand.unlock(self._folder, passphrase)
        try:
            keys.require_match(self._folder, keys.read_key(self._folder))
        except StorageError:
            sealing.lock(self._folder)
            raise

    def _read(self) -> Tries | None:
        """What the file says; a damaged or unreadable one says nothing, since it must not keep the record closed."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Tries)
        except (OSError, msgspec.DecodeError):
            return None

    def _keep(self, tries: Tries | None) -> None:
        self._tries = tries
        try:
            if tries is None:
                self._path.unlink(missing_ok=True)
            else:
                keys.write_durably(self._path, msgspec.json.encode(tries))
        except OSError as error:
            log.warning("%s could not be kept: %s", TRIES_FILE, type(error).__name__)
