"""The steps at which a change of the record can be cut short: each is called by its name, for a test to fail there."""

from __future__ import annotations

from collections.abc import Callable

Fault = Callable[[str], None]


def no_fault(step: str) -> None:
    """Nothing goes wrong: what the steps call outside of tests."""
