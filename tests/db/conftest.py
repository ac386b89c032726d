"""A desk for every test of the record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.db.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A folder without a record; the first use begins one."""
    desk = Desk(tmp_path / "data")
    yield desk
    desk.close()
