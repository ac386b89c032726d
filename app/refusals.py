"""What is refused, and why: the one way the core says no to an input."""

from __future__ import annotations


class Refused(ValueError):
    """An input that was not taken; nothing changed.

    `field` names the input as the screens name it, `reason` says what is wrong and what to do, in words
    a nurse understands.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class TableErrors(ValueError):
    """Everything that is wrong with the tables, found in one pass: one line for each error."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors
