"""The key of the record under an administrator's passphrase: Argon2id makes a key of it, ChaCha20-Poly1305 seals.

`chairside.sealed` may lie beside a back-up: without the passphrase it says nothing. Who starts Chairside gives
the passphrase once to `unlock`; the key then stays in the memory of this process alone.
"""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import msgspec

from app.ports import StorageError
from app.unsealing import SHORTEST
from db import keys

FORMAT = "chairside-sealed-1"
SALT_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
LENGTHS = (SALT_BYTES, NONCE_BYTES, keys.KEY_BYTES + TAG_BYTES)


class SealCost(msgspec.Struct, frozen=True):
    """What one try of a passphrase costs: rounds, KiB of memory, lanes."""

    rounds: int = 3
    memory_kib: int = 65536
    lanes: int = 4


FULL = SealCost()
"""RFC 9106, section 4, the second recommended option."""
CHEAP = SealCost(1, 128, 1)
"""For tests, whose passphrases protect nobody."""
DEAREST = SealCost(16, 1 << 20, 16)
"""A file that asks for more than this was not written by Chairside: it would only hold up the start."""


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `chairside.sealed` holds; everything but the sealed key itself is bound to it."""

    format: str
    rounds: int
    memory_kib: int
    lanes: int
    salt: str
    nonce: str
    key: str = ""


class WrongPassphrase(StorageError):
    """The passphrase is another one, or the sealed key was changed: the two cannot be told apart."""


class KeyLocked(StorageError):
    """The key is sealed and nobody has given the passphrase yet."""


_unlocked: dict[Path, bytes] = {}
"""The keys that were unsealed in this process, by their data folder."""


def seal(key: bytes, passphrase: str, cost: SealCost = FULL) -> bytes:
    """The key under this passphrase, as the bytes of `chairside.sealed`; StorageError when it is too short."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    if len(passphrase) < SHORTEST:
        raise StorageError(f"A passphrase has {SHORTEST} characters or more. Five words in a row are good.")
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    header = Sealed(FORMAT, cost.rounds, cost.memory_kib, cost.lanes, _text(salt), _text(nonce))
    closed = ChaCha20Poly1305(_stretched(passphrase, header)).encrypt(nonce, key, _bound(header))
    return (
        msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(header, key=_text(closed)))) + b"\n"
    )


def unseal(path: Path, passphrase: str) -> bytes:
    """The key in this sealed file; WrongPassphrase, or StorageError when it is missing or damaged."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    sealed = _read(path)
    opener = ChaCha20Poly1305(_stretched(passphrase, sealed))
    try:
        key = opener.decrypt(_bytes(sealed.nonce), _bytes(sealed.key), _bound(sealed))
    except InvalidTag:
        raise WrongPassphrase(
            f"This passphrase does not open {path}: it is another one, or the file was changed. "
            "Try again; else put the file back from a back-up."
        ) from None
    return keys.sound(key, path)


def unlock(folder: Path, passphrase: str) -> None:
    """Keep the key of this folder in memory from now on; WrongPassphrase when it is another one."""
    _unlocked[folder.resolve()] = unseal(folder / keys.SEALED_FILE, passphrase)


def hold(folder: Path, key: bytes) -> None:
    """Keep this key in memory from now on: it is open already, and its seal was opened once."""
    _unlocked[folder.resolve()] = key


def lock(folder: Path) -> None:
    """Forget the key of this folder."""
    _unlocked.pop(folder.resolve(), None)


def needs_passphrase(folder: Path) -> bool:
    """Whether somebody must give the passphrase before this folder can be opened."""
    return keys.way_of(folder) == "sealed" and folder.resolve() not in _unlocked


def unsealed(folder: Path) -> bytes:
    """The key of this folder that was unlocked; KeyLocked before that."""
    try:
        return _unlocked[folder.resolve()]
    except KeyError:
        raise KeyLocked(
            f"The key of {folder} is sealed: give the passphrase on the terminal, or with --passphrase-file FILE."
        ) from None


def _read(path: Path) -> Sealed:
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=Sealed)
        lengths = len(_bytes(sealed.salt)), len(_bytes(sealed.nonce)), len(_bytes(sealed.key))
    except FileNotFoundError:
        raise StorageError(f"The sealed key {path} is missing. Put it back from a back-up.") from None
    except OSError as error:
        raise keys.unreadable(path, error) from error
    except ValueError as error:
        raise _damaged(path) from error
    cost = (sealed.rounds, sealed.memory_kib, sealed.lanes)
    dearest = (DEAREST.rounds, DEAREST.memory_kib, DEAREST.lanes)
    bearable = all(0 < it <= most for it, most in zip(cost, dearest, strict=True))
    enough_memory = sealed.memory_kib >= 8 * sealed.lanes  # Argon2 takes no less
    if sealed.format != FORMAT or lengths != LENGTHS or not (bearable and enough_memory):
        raise _damaged(path)
    return sealed


def _damaged(path: Path) -> StorageError:
    return StorageError(f"The sealed key {path} is damaged. Put it back from a back-up.")


def _stretched(passphrase: str, header: Sealed) -> bytes:
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    try:
        return hash_secret_raw(
            # A keyboard can give half of a pair of code units: it is wrong, and no bug whose report would show it.
            passphrase.encode(errors="surrogatepass"),
            _bytes(header.salt),
            time_cost=header.rounds,
            memory_cost=header.memory_kib,
            parallelism=header.lanes,
            hash_len=keys.KEY_BYTES,
            type=Type.ID,
        )
    except HashingError as error:
        raise StorageError(f"The passphrase cannot be worked on ({error}). Is there memory left?") from error


def _bound(header: Sealed) -> bytes:
    """What a changed byte of would make the seal fail."""
    return msgspec.json.encode(msgspec.structs.replace(header, key=""))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
