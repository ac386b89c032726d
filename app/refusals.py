"""What is refused, and why: the one way the core says no to an input."""

from __future__ import annotations

import unicodedata

import msgspec

UNPRINTED = frozenset({"Cc", "Cs"})
"""The categories of signs that show nothing, or that no file takes: controls, and halves of a sign."""
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the order of what stands around them: 10 mg could be read as 01."""


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


def require_readable(act: msgspec.Struct) -> None:
    """Raise Refused where a text of this act holds a sign that cannot be read back as it was meant."""
    for field, value in msgspec.structs.asdict(act).items():
        if any(_is_unreadable(text) for text in _texts(value)):
            raise Refused(field, "It holds a sign that cannot be printed. Type it again.")


def _texts(value: object) -> list[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, msgspec.Struct):
        return _texts(tuple(msgspec.structs.asdict(value).values()))
    if isinstance(value, dict):
        return _texts((*value.keys(), *value.values()))
    if isinstance(value, (tuple, list, frozenset)):
        return [text for part in value for text in _texts(part)]
    return []


def _is_unreadable(text: str) -> bool:
    return any(
        sign in TURNING or (sign != "\n" and unicodedata.category(sign) in UNPRINTED)
        for sign in text
        if not sign.isprintable()
    )
