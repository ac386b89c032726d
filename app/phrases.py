"""A clinic's own phrases, as its administrator writes them into `settings.toml`: picked first, before the table's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from app.clinical.tables import Catalog

LONGEST = 28
"""Letters of a phrase: it stands on one target."""
MOST = {"note": 8, "amend": 4}
"""How many of each fit the smaller panel."""


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clinic's own words: `note` for notes, `amend` for the reasons of a correction."""

    note: tuple[str, ...] = ()
    amend: tuple[str, ...] = ()


def with_own(catalog: Catalog, own: Phrases) -> Catalog:
    """The tables with the clinic's own phrases; a phrase that a table has already stays where it is."""
    entry = catalog.text_entry
    note = tuple(words for words in own.note if words not in entry.note_phrases)
    amend = tuple(words for words in own.amend if words not in entry.amend_reasons)
    text_entry = msgspec.structs.replace(
        entry, own_phrases=(*note, *entry.own_phrases), amend_reasons=(*amend, *entry.amend_reasons)
    )
    return msgspec.structs.replace(catalog, text_entry=text_entry)


def wrong_phrases(where: str, found: Any) -> Iterator[str]:
    """Every error of the table `phrases` of a settings file."""
    if not isinstance(found, dict):
        yield f"{where}: {found!r} is not a table of lists."
        return
    for key, words in found.items():
        if key not in MOST:
            yield f"{where}.{key}: no such list; there are {', '.join(MOST)}."
        elif not isinstance(words, list):
            yield f"{where}.{key}: {words!r} is not a list of phrases."
        else:
            yield from _wrong_words(f"{where}.{key}", words, MOST[key])


def _wrong_words(where: str, words: list[Any], most: int) -> Iterator[str]:
    if len(words) > most:
        yield f"{where}: {len(words)} phrases, {most} at most have room. Leave {len(words) - most} out."
    for number, phrase in enumerate(words, 1):
        if not isinstance(phrase, str) or not phrase.strip() or not phrase.isprintable():
            yield f"{where}: phrase {number}, {phrase!r}, is not a phrase of one line."
        elif len(phrase) > LONGEST:
            yield f"{where}: {phrase!r} has {len(phrase)} letters, {LONGEST} at most have room."
        elif phrase in words[: number - 1]:
            yield f"{where}: {phrase!r} stands twice."
