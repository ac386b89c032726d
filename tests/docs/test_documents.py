"""The documents for reviewers say what is so: tests that exist, packages that are locked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def rows(document: str) -> list[list[str]]:
    """The cells of the document's table rows, without its head."""
    lines = [line for line in (DOCS / document).read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def existing_tests() -> set[str]:
    """The name of every test there is."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE))
    return found


def locked() -> dict[str, str]:
    """Each package that is installed to run Chairside, with its version."""
    text = (ROOT / "requirements.lock").read_text()
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE))


def test_every_test_named_for_a_hazard_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "hazards.md").read_text()))
    assert named
    assert named - existing_tests() == set()


@pytest.mark.parametrize("row", rows("hazards.md"), ids=lambda row: row[0])
def test_every_hazard_has_a_cause_what_is_done_and_a_test(row: list[str]) -> None:
    assert len(row) == 6
    assert all(row)
    assert re.fullmatch(r"S[123]", row[3])
    assert "`test_" in row[5]


def test_every_file_that_the_figures_name_exists() -> None:
    text = (DOCS / "reliability.md").read_text()
    named = set(re.findall(r"`(tests/[\w/.]+|test_\w+\.py)`", text))
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 30
    assert {one for one in named if one.rpartition("/")[2] not in there} == set()


def test_every_row_of_one_chair_has_its_figure_and_its_limits() -> None:
    found = {row[0]: row for row in rows("reliability.md") if row[0].startswith("R")}
    assert set(found) == {f"R{number}" for number in range(1, 21)}
    assert all(len(row) == 5 and all(row) for row in found.values())


def test_every_locked_package_stands_in_the_list_with_its_version_and_no_other() -> None:
    assert {row[0]: row[1] for row in rows("soup.md")} == locked()


def test_every_package_says_what_is_known_and_why_it_is_safe() -> None:
    assert all(len(row) == 5 and all(row) for row in rows("soup.md"))


def test_the_intended_use_says_what_chairside_is_not() -> None:
    text = " ".join((DOCS / "intended-use.md").read_text().split())
    assert "It is no certified monitor and no medical device." in text
    assert "commands no pump" in text
