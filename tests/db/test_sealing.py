from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.ports import StorageError
from db import keys, sealing
from db.sealing import CHEAP, FULL, KeyLocked, WrongPassphrase, seal, unseal

KEY = bytes(range(32))
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A key under PASSPHRASE."""
    path = tmp_path / keys.SEALED_FILE
    path.write_bytes(seal(KEY, PASSPHRASE, CHEAP))
    return path


def test_a_sealed_key_comes_back_with_its_passphrase(sealed: Path) -> None:
    assert unseal(sealed, PASSPHRASE) == KEY


def test_a_sealed_file_holds_nothing_of_the_key_or_the_passphrase(sealed: Path) -> None:
    written = sealed.read_bytes()
    assert KEY not in written
    assert KEY.hex().encode() not in written
    assert b"horse" not in written


def test_two_seals_of_the_same_key_have_nothing_in_common(sealed: Path) -> None:
    one, other = json.loads(sealed.read_bytes()), json.loads(seal(KEY, PASSPHRASE, CHEAP))
    assert [name for name in ("salt", "nonce", "key") if one[name] == other[name]] == []


def test_another_passphrase_does_not_open_it(sealed: Path) -> None:
    with pytest.raises(WrongPassphrase, match="does not open"):
        unseal(sealed, PASSPHRASE + " ")


def test_a_short_passphrase_is_refused_with_its_length() -> None:
    with pytest.raises(StorageError, match="12 characters or more"):
        seal(KEY, "eleven char", CHEAP)


@pytest.mark.parametrize("field", ["rounds", "memory_kib", "lanes", "salt", "nonce", "key"])
def test_a_changed_field_does_not_open(sealed: Path, field: str) -> None:
    said = json.loads(sealed.read_bytes())
    value = said[field]
    said[field] = value + 8 if isinstance(value, int) else ("B" if value[0] == "A" else "A") + value[1:]
    sealed.write_text(json.dumps(said))
    with pytest.raises(WrongPassphrase):
        unseal(sealed, PASSPHRASE)


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"format":"chairside-sealed-1","rounds":1,"memory_kib":32,"lanes":1,"salt":"!","nonce":"","key":""}',
        b'{"format":"chairside-sealed-1","rounds":1,"memory_kib":32,"lanes":1,"salt":"AA==","nonce":"","key":""}',
    ],
)
def test_what_is_no_sealed_key_is_called_damaged(sealed: Path, words: bytes) -> None:
    sealed.write_bytes(words)
    with pytest.raises(StorageError, match="is damaged"):
        unseal(sealed, PASSPHRASE)


@pytest.mark.parametrize(
    ("field", "value"),
    [("format", "chairside-sealed-2"), ("rounds", 0), ("rounds", 99), ("memory_kib", 1 << 30), ("lanes", 17)],
)
def test_a_cost_that_chairside_never_writes_is_called_damaged(
    sealed: Path, field: str, value: int | str
) -> None:
    sealed.write_text(json.dumps(json.loads(sealed.read_bytes()) | {field: value}))
    with pytest.raises(StorageError, match="is damaged"):
        unseal(sealed, PASSPHRASE)


def test_a_missing_sealed_key_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is missing"):
        unseal(tmp_path / keys.SEALED_FILE, PASSPHRASE)


def test_a_folder_gives_its_key_only_after_it_was_unlocked(sealed: Path) -> None:
    folder = sealed.parent
    assert sealing.needs_passphrase(folder)
    with pytest.raises(KeyLocked, match="give the passphrase"):
        keys.read_key(folder)
    sealing.unlock(folder, PASSPHRASE)
    assert keys.read_key(folder) == KEY
    sealing.lock(folder)
    assert sealing.needs_passphrase(folder)


def test_a_wrong_passphrase_leaves_the_folder_locked(sealed: Path) -> None:
    with pytest.raises(WrongPassphrase):
        sealing.unlock(sealed.parent, "another passphrase")
    assert sealing.needs_passphrase(sealed.parent)


def test_the_real_cost_is_the_second_that_rfc_9106_recommends() -> None:
    assert (FULL.rounds, FULL.memory_kib, FULL.lanes) == (3, 64 * 1024, 4)


def test_an_open_key_loads_no_library_for_sealed_ones(tmp_path: Path) -> None:
    keys.make_key(tmp_path)
    code = (
        "import sys; from pathlib import Path; from db import keys, store;"
        f"keys.read_key(Path({str(tmp_path)!r}));"
        "sys.exit(any(name in sys.modules for name in ('cryptography', 'keyring', 'db.sealing')))"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60, check=False).returncode == 0
