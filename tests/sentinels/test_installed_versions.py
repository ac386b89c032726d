"""The versions that keep a session alive: outside them Qt aborts or the database can be damaged."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import sqlcipher3

from ui.preflight import PYSIDE_BELOW, PYSIDE_FROM

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
SQLITE_FROM = (3, 51, 3)


def numbers(text: str) -> tuple[int, ...]:
    """A version as numbers: "6.11.3" -> (6, 11, 3)."""
    return tuple(int(part) for part in text.split("."))


@pytest.fixture
def pin() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The PySide6 pin of pyproject.toml: from, and below."""
    dependencies = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    (line,) = (text for text in dependencies if text.startswith("PySide6"))
    match = re.fullmatch(r"PySide6-Essentials>=([\d.]+),<([\d.]+)", line)
    assert match, f"no lower and upper bound in {line!r}"
    return numbers(match[1]), numbers(match[2])


@pytest.mark.parametrize("package", ["PySide6-Essentials", "shiboken6"])
def test_the_installed_pyside_lies_inside_the_pin(
    package: str, pin: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    assert pin[0] <= numbers(version(package)) < pin[1]


def test_the_pin_stays_below_6_12_which_loses_references_to_none(
    pin: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    assert pin[1] <= (6, 12)


def test_the_preflight_asks_for_the_pin_of_the_project(
    pin: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    assert pin == (PYSIDE_FROM, PYSIDE_BELOW)


def test_the_bundled_sqlite_does_not_corrupt_a_write_ahead_log() -> None:
    assert numbers(sqlcipher3.dbapi2.sqlite_version) >= SQLITE_FROM


def test_this_python_is_one_that_chairside_runs_on() -> None:
    assert (3, 11) <= sys.version_info[:2] <= (3, 13)
