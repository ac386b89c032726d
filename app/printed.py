"""What a printed summary is made of: plain values, every word settled; the painter only places them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from app.frames import ChartFrame


class Column(msgspec.Struct, frozen=True):
    """A column. `share` is its part of the width that is left; `chip` paints its cells as drug labels.

    `fit`: as wide as its widest cell, so that no number of it is broken.
    """

    title: str
    share: float = 1.0
    align: Literal["left", "right"] = "left"
    chip: bool = False
    fit: bool = False


class Row(msgspec.Struct, frozen=True):
    """A line of a table. `struck` was taken back; `note` stands under it; `label_class` colours its chip.

    `tells` are the ids of the entries that this row prints in full: the log leaves them out.
    """

    cells: tuple[str, ...]
    label_class: str = ""
    struck: bool = False
    strong: bool = False
    note: str = ""
    tells: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True):
    """A table with its title. `empty` is said where there is no row, `note` explains its marks below."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str = ""
    note: str = ""
    heads: bool = True


class Figure(msgspec.Struct, frozen=True):
    """One of the large figures of the first page."""

    label: str
    value: str
    small: str = ""


class SignatureLine(msgspec.Struct, frozen=True):
    """Who signed what, and when; name "" leaves the line free for a pen."""

    meaning: str
    name: str = ""
    at: str = ""


class Label(msgspec.Struct, frozen=True):
    """The colour of a syringe label on paper; striped for the opposite action."""

    fill: str
    striped: bool


class Summary(msgspec.Struct, frozen=True):
    """A session ready for paper, screen or PDF.

    `pairs` are short tables side by side on the first page, `pump` stands beside `signed`, `details` go in two
    columns over as many pages as they need. `labels` are label colours by class. `demo` and
    `draft` are banners on every page, "" where they do not hold.
    """

    session: str
    name: str
    mrn: str
    facts: str
    title: str
    date: str
    date_short: str
    clinic: str
    protocol: str
    allergies: str
    allergy: bool
    figures: tuple[Figure, ...]
    chart: ChartFrame | None
    chart_words: str
    pairs: tuple[tuple[Table, Table], ...]
    pump: Table
    signed: tuple[SignatureLine, ...]
    details: tuple[Table, ...]
    head: str
    head_short: str
    software: str
    printed: str
    labels: dict[str, Label] = {}
    demo: str = ""
    draft: str = ""


def encode_summary(summary: Summary) -> bytes:
    """The summary as bytes, for a print job that has to wait."""
    return msgspec.msgpack.encode(summary, enc_hook=_to_list)


def decode_summary(data: bytes) -> Summary:
    """The summary that these bytes hold; raises msgspec.DecodeError on anything else."""
    return msgspec.msgpack.decode(data, type=Summary, dec_hook=_to_array)


def _to_list(value: Any) -> list[float]:
    if isinstance(value, np.ndarray):
        return [float(number) for number in value]
    raise NotImplementedError(type(value).__name__)


def _to_array(kind: type, value: Any) -> Any:
    if kind is float:
        return value
    return np.array(value, dtype=np.float64)
