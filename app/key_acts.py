"""The key of the record at the screen: how it is kept, in plain words, and an administrator who seals it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.audit import KEY_SEALED, PASSPHRASE_CHANGED
from app.entries import CLINIC, Audited
from app.frames import Answer
from app.messages import KeySealed, SealRecord, Tap
from app.people_frames import KeyFrame
from app.ports import KeyKept, SealKey
from app.refusals import Refused
from app.selftesting import BUSY
from app.unsealing import SHORTEST

if TYPE_CHECKING:
    from app.engine import Engine

Do = Callable[["Engine", Tap, Any, str], Answer]

SAFE = (
    "First lay a copy of the key in the safe, apart from this computer: without the key and without the passphrase "
    "every session is lost, and nobody can bring it back. With Chairside closed, on a terminal: python main.py key "
    "copy --to FILE --data {folder}"
)
STORE_COMMAND = (
    "To seal it with a passphrase instead, close Chairside and type on a terminal: python main.py key seal --data "
    "{folder}"
)
AFTER = (
    "Sealed, and opened once to be sure. Lay the passphrase in the safe now. The open key can still be found on the "
    "disk: with Chairside closed, type python main.py key rotate --data {folder}"
)
CHANGED = (
    "The passphrase is changed. Lay the new one in the safe now, and keep the old one: back-ups made before now still "
    "open with it."
)


def key_frame(kept: KeyKept | None, done: str = "") -> KeyFrame | None:
    """How the key is kept and what can be done about it; None where nobody said."""
    match kept:
        case KeyKept(way="file", folder=folder):
            return KeyFrame(
                "open file",
                "The key lies open in a file of this user. It keeps other users of this computer out; whoever takes "
                "the disk reads the record.",
                SAFE.format(folder=folder),
                "Seal with a passphrase",
                done,
            )
        case KeyKept(way="sealed", folder=folder):
            return KeyFrame(
                "sealed",
                "The key is sealed with a passphrase. Whoever takes the disk reads nothing without it; Chairside asks "
                "for it at each start.",
                SAFE.format(folder=folder),
                "Change the passphrase",
                done,
            )
        case KeyKept(folder=folder):
            return KeyFrame(
                "system’s key store",
                "The key lies in the key store of this system. Whoever takes the disk reads nothing, as far as that "
                "store is good.",
                STORE_COMMAND.format(folder=folder),
                "",
                done,
            )
        case None:
            return None


def passphrase_problem(passphrase: str) -> str:
    """What stands against a new passphrase, in words; "" when nothing does."""
    if len(passphrase) < SHORTEST:
        return f"A passphrase has {SHORTEST} characters or more; these are {len(passphrase)}."
    return ""


def check_sealing(engine: Engine, act: SealRecord) -> None:
    """Refuses a seal that cannot be made here or now, before a PIN is asked about."""
    if engine.demo:
        raise Refused("key", "In a demonstration the key stays as it is.")
    if engine.key is None or not engine.key.by_touch:
        raise Refused(
            "key", "This key is kept in another way. Seal it on a terminal: python main.py key seal"
        )
    if engine.session is not None and engine.session.phase in BUSY:
        raise Refused(
            "key", "An infusion is under way. Seal the key after it: the disk has more urgent things to do."
        )
    if problem := passphrase_problem(act.passphrase):
        raise Refused("passphrase", problem)


def _seal(engine: Engine, tap: Tap, act: SealRecord, author: str) -> Answer:
    check_sealing(engine, act)
    engine.store.put(SealKey(tap.id, author, act.passphrase))
    return Answer("waiting")


def sealed(engine: Engine, message: KeySealed) -> None:
    """The store has sealed the key, or says why not."""
    if message.why:
        engine.answer(message.tap, Answer("refused", field="key", reason=message.why))
        return
    before, folder = engine.key, message.kept.folder
    changed = before is not None and before.way == "sealed"
    engine.key = message.kept
    engine.key_done = CHANGED if changed else AFTER.format(folder=folder)
    what = PASSPHRASE_CHANGED if changed else KEY_SEALED
    entry = engine.write(Audited(what), message.at, message.author, CLINIC)
    engine.answer(message.tap, Answer("taken", entry=entry.uuid))


KEY_ACTS: dict[type, Do] = {SealRecord: _seal}
