"""The shapes of check_in.toml: its lines, their fields and options, fasting hours, bounds of alarm limits."""

from __future__ import annotations

from typing import Literal

from app.clinical.rows import Range, Row, Words
from app.clinical.vitals import Vital

FieldKind = Literal["pick", "many", "text", "number", "clock"]


class Option(Row, frozen=True):
    """An answer to pick. `stops`: it blocks the start until an anesthetist accepts it."""

    text: str
    group: str = ""
    stops: bool = False


class LineField(Row, frozen=True):
    """One thing that a line asks. `range` is the entry range of a number; `none` is "none of the options".

    `quiet`: left out of the row on the screen, not of paper. `said` stands before the answer in words.
    """

    id: str
    label: str
    kind: FieldKind
    options: tuple[Option, ...] = ()
    at_least: int = 1
    none: str = ""
    said: str = ""
    other: bool = False
    optional: bool = False
    quiet: bool = False
    figures: bool = False
    needed_if: str = ""
    unit: str = ""
    range: str = ""


class Line(Row, frozen=True):
    """A line of the check-in: what it asks, whether it blocks the start, whether it may be "not done".

    `signed_by`: only a person with one of these roles answers it.
    """

    id: str
    label: str
    asks: str
    source: str
    field: tuple[LineField, ...] = ()
    blocks: bool = False
    blocks_if: str = ""
    may_skip: bool = False
    second: Literal["none", "wanted"] = "none"
    reasons: Words = ()
    alone_reasons: Words = ()
    for_sex: Words = ()
    signed_by: Words = ()
    follows: Words = ()
    sets: bool = False
    scores: Words = ()
    vitals: tuple[Vital, ...] = ()
    more_vitals: tuple[Vital, ...] = ()


class Fasting(Row, frozen=True):
    """Hours without food and drink where the protocol gives none of its own; shown beside those."""

    solids_h: float
    fatty_h: float
    clear_liquids_h: float
    source: str


class LimitBound(Row, frozen=True):
    """How far the limits of one vital sign may be moved for one patient."""

    vital: Vital
    source: str
    low_range: Range | None = None
    high_range: Range | None = None


class LimitRules(Row, frozen=True):
    """What is common to all changes of limits: reasons to pick, bounds of percentages and delays."""

    reasons: Words
    relative_above_pct_range: Range
    relative_below_pct_range: Range
    delay_s_range: Range
    source: str


class CheckIn(Row, frozen=True):
    """The whole table."""

    lines: dict[str, Line]
    fasting: Fasting
    limit_rules: LimitRules
    limit_bounds: dict[Vital, LimitBound]
    record_lines: dict[str, Line]

    def line(self, line: str) -> Line | None:
        """A line of the check-in or of the record by its id."""
        return self.lines.get(line) or self.record_lines.get(line)
