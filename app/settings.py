"""The settings of one chair, frozen; every error at once, unknown keys refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from app.phrases import Phrases, wrong_phrases
from app.refusals import TableErrors

Paper = Literal["A4", "Letter"]
PPI_LOWEST, PPI_HIGHEST = 70.0, 250.0
HOURS_LOWEST, HOURS_HIGHEST = 1.0, 168.0
"""Between two back-ups: an hour to a week."""


class BackupSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where back-ups go while Chairside runs, and how often."""

    folder: str
    hours: float = 24.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a clinic may set in `settings.toml` of the data folder. `ppi` None: the panel's own.

    `emergency_numbers` are whom to call and the number, in the order of the emergency sheet. `phrases` are the
    clinic's own words to pick. `backup` None: no back-up is made by itself.
    """

    ppi: float | None = None
    paper: Paper = "A4"
    fullscreen: bool = True
    emergency_numbers: dict[str, str] = {}
    phrases: Phrases = Phrases()
    backup: BackupSetting | None = None

    def told(self) -> dict[str, str]:
        """Every setting in words, as the clinic's log keeps it."""
        numbers = "; ".join(f"{whom} {number}" for whom, number in self.emergency_numbers.items())
        return {
            "ppi": "the panel's own" if self.ppi is None else f"{self.ppi:g}",
            "paper": self.paper,
            "fullscreen": "yes" if self.fullscreen else "no",
            "emergency_numbers": numbers or "none",
        }


def load_settings(path: Path) -> Settings:
    """The settings of this file, the defaults where there is none; raises TableErrors with every error."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TableErrors((f"{path}: cannot be read: {error}. Mend the file or remove it.",)) from error
    errors = [*_unknown(path, found), *_wrong(path, found)]
    if errors:
        raise TableErrors(tuple(errors))
    return msgspec.convert(found, Settings)


def _unknown(path: Path, found: dict[str, Any]) -> list[str]:
    known = Settings.__struct_fields__
    return [
        f"{path}: {key}: no such setting; there are {', '.join(known)}." for key in found if key not in known
    ]


def _wrong(path: Path, found: dict[str, Any]) -> list[str]:
    errors = []
    ppi = found.get("ppi")
    if ppi is not None and (isinstance(ppi, bool) or not isinstance(ppi, (int, float))):
        errors.append(f"{path}: ppi: {ppi!r} is not a number of pixels per inch.")
    elif ppi is not None and not PPI_LOWEST <= ppi <= PPI_HIGHEST:
        errors.append(f"{path}: ppi: {ppi:g} is outside {PPI_LOWEST:g} to {PPI_HIGHEST:g} pixels per inch.")
    paper = found.get("paper", "A4")
    if paper not in get_args(Paper):
        errors.append(f"{path}: paper: {paper!r} is not A4 or Letter.")
    if not isinstance(found.get("fullscreen", True), bool):
        errors.append(f"{path}: fullscreen: {found['fullscreen']!r} is not true or false.")
    errors += wrong_phrases(f"{path}: phrases", found.get("phrases", {}))
    errors += _wrong_numbers(path, found.get("emergency_numbers", {}))
    return errors + (_wrong_backup(path, found["backup"]) if "backup" in found else [])


def _wrong_backup(path: Path, backup: Any) -> list[str]:
    """A back-up has a whole path of a folder and a number of hours."""
    if not isinstance(backup, dict):
        return [f"{path}: backup: {backup!r} is not a table with folder and hours."]
    known = BackupSetting.__struct_fields__
    errors = [
        f"{path}: backup.{key}: no such setting; there are {', '.join(known)}."
        for key in backup
        if key not in known
    ]
    folder, hours = backup.get("folder"), backup.get("hours", 24.0)
    if not isinstance(folder, str) or not Path(folder).is_absolute():
        errors.append(f"{path}: backup.folder: {folder!r} is not a whole path such as /media/stick.")
    if isinstance(hours, bool) or not isinstance(hours, (int, float)):
        errors.append(f"{path}: backup.hours: {hours!r} is not a number of hours.")
    elif not HOURS_LOWEST <= hours <= HOURS_HIGHEST:
        errors.append(
            f"{path}: backup.hours: {hours:g} is outside {HOURS_LOWEST:g} to {HOURS_HIGHEST:g} hours."
        )
    return errors


def _wrong_numbers(path: Path, numbers: Any) -> list[str]:
    """Whom to call is a table of names and numbers, both written as text."""
    if not isinstance(numbers, dict):
        return [f"{path}: emergency_numbers: {numbers!r} is not a table of names and numbers."]
    return [
        f"{path}: emergency_numbers.{name}: {number!r} is not a number written as text."
        for name, number in numbers.items()
        if not isinstance(number, str) or not number.strip()
    ]
