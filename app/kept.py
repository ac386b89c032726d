"""What is dear to make is made again only when what it was made from has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """The last value that was made, and from what."""

    def __init__(self) -> None:
        self._made: tuple[object, Made] | None = None

    def get(self, made_from: object, make: Callable[[], Made]) -> Made:
        """The value; made anew where `made_from` is another than last time."""
        if self._made is None or self._made[0] != made_from:
            self._made = made_from, make()
        return self._made[1]
