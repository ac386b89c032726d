"""Rows for entry, pump and record fields, and the Catalog that holds all tables."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.clinical.bedside_rows import Bedside, Controlled
from app.clinical.checkin_rows import CheckIn
from app.clinical.rows import (
    AlarmFatigue,
    AlarmLimits,
    Allergy,
    BaselineRule,
    CrossCheck,
    DischargeChoices,
    DischargeCriterion,
    Drug,
    Effect,
    Formula,
    IecTable,
    Instructions,
    LabelColour,
    NextVisit,
    NibpInterval,
    PkModel,
    PkReference,
    PkSettings,
    Protocol,
    Range,
    RelativeLimit,
    Row,
    Score,
    ScoreLimit,
    SpecialLimits,
    StopRule,
    SumRule,
    UiGrade,
    Words,
)
from app.clinical.vitals import VITALS, Vital


class EntryRange(Row, frozen=True):
    """What a person may type into a field; the bounds are allowed, outside `confirm_*` the screen asks."""

    id: str
    unit: str
    decimals: int
    entry_lowest: float
    entry_highest: float
    source: str
    confirm_below: float | None = None
    confirm_above: float | None = None
    confirm_change_pct: float | None = None
    confirm_bmi_above: float | None = None


class NumberEntry(Row, frozen=True):
    """How numbers are typed and checked."""

    layout: str
    debounce_range_ms: Range
    debounce_ms: float
    debounce_source: str
    tenfold_check_within_pct: float
    concentration_agrees_within_pct: float
    concentration_source: str
    timeout_s: float
    sources: Words


class TextEntry(Row, frozen=True):
    """The longest texts that a field takes, and words to pick instead of typing; `own_phrases` come first."""

    name_longest: int
    mrn_longest: int
    note_longest: int
    note_phrases: Words
    amend_reasons: Words
    source: str
    own_phrases: Words = ()


class Windows(Row, frozen=True):
    """Times that govern entries: undo, duplicates, back-dating chips, auto-lock."""

    undo_s: float
    duplicate_s: float
    back_min: tuple[int, ...]
    auto_lock_min: float
    review_before_min: int
    review_after_min: int
    source: str


class SelfTestRule(Row, frozen=True):
    """When the self-test runs, and what it takes for well."""

    wait_s: float
    disk_free_least_mb: int
    clock_behind_most_s: float
    back_up_oldest_h: float
    source: str


class WordRules(Row, frozen=True):
    """How drug names are written, and what is never written."""

    tall_man: Words
    tall_man_to_verify: Words
    look_alike: Words
    never: Words


class PumpSettings(Row, frozen=True):
    """The pump's number format, how often a rate is read to count as measured, when a silent pump is lost."""

    resolution_ml_h: float
    lowest_ml_h: float
    highest_ml_h: float
    measured_readings: int
    silent_after_s: float
    source: str


class Containers(Row, frozen=True):
    """The syringes, bags and concentrations that the order sheet offers."""

    offered_ml: tuple[float, ...]
    usual_ml: float
    offered_concentrations_mg_ml: tuple[float, ...]
    source: str


class OrderChoices(Row, frozen=True):
    """What the order and rate sheets offer to pick."""

    weight_bases: Words
    usual_weight_basis: str
    reasons: Words
    source: str


class RecordField(Row, frozen=True):
    """A field of the end-of-session record and who asks for it.

    `line` of the check-in with its `answers` records it; `place` is where else it can still be answered.
    """

    id: str
    label: str
    required: bool
    source: Literal["cms", "asa", "texas", "clinic-pages", "dea", "own"]
    line: str = ""
    answers: Words = ()
    place: Literal["", "account", "supervisor", "chair"] = ""


class RecordGroup(Row, frozen=True):
    """A group of fields of the end-of-session record."""

    id: str
    title: str
    fields: tuple[RecordField, ...]


def _place(effect: Effect) -> tuple[bool, int, int]:
    """The usual ones in their order, then the rest as on the effect sheet."""
    return (effect.usual_order is None, effect.usual_order or 0, effect.matrix_order)


class RecordFields(Row, frozen=True):
    """The whole table; `reasons` are offered where a field was not recorded."""

    groups: dict[str, RecordGroup]
    reasons: Words

    def has(self, field: str) -> bool:
        """Whether the record has a field of this id."""
        return any(field == one.id for group in self.groups.values() for one in group.fields)


# ---------------------------------------------------------------- everything


class Catalog(msgspec.Struct, frozen=True):
    """All clinical tables, checked.

    `version` is a short hash of their bytes, `hashes` of each table's own: what the medical director signs.
    `status` is the files' own word, "draft" until every one says otherwise. `notes` holds the prose of the
    tables by path, "drug/midazolam/cautions". `usual_allergies` are offered first.
    """

    version: str
    status: str
    hashes: dict[str, str]
    protocols: dict[str, Protocol]
    drugs: dict[str, Drug]
    known_elsewhere: Words
    colours: dict[str, LabelColour]
    sum_rules: dict[str, SumRule]
    special_limits: SpecialLimits
    allergies: dict[str, Allergy]
    usual_allergies: Words
    effects: dict[str, Effect]
    grades: tuple[UiGrade, ...]
    emergency_grade: int
    scores: dict[str, Score]
    discharge_criteria: dict[str, DischargeCriterion]
    alarm_limits: dict[Vital, AlarmLimits]
    score_limits: dict[str, ScoreLimit]
    relative_limits: tuple[RelativeLimit, ...]
    stop_rules: dict[str, StopRule]
    nibp_interval: NibpInterval
    baseline: BaselineRule
    cross_check: CrossCheck
    formulas: dict[str, Formula]
    iec: IecTable
    alarm_fatigue: AlarmFatigue
    pk: PkSettings
    pk_models: dict[str, PkModel]
    pk_references: dict[str, PkReference]
    entry_ranges: dict[str, EntryRange]
    number_entry: NumberEntry
    text_entry: TextEntry
    windows: Windows
    words: WordRules
    pump: PumpSettings
    containers: Containers
    order_choices: OrderChoices
    record: RecordFields
    self_test: SelfTestRule
    controlled: Controlled
    bedside: Bedside
    instructions: Instructions
    discharge: DischargeChoices
    next_visit: NextVisit
    notes: dict[str, str]
    check_in: CheckIn

    def usual_effects(self, protocol: str = "") -> tuple[Effect, ...]:
        """The side effects of the bar, as many as are usual: first those that the protocol's page names."""
        page = self.protocols[protocol].page if protocol in self.protocols else ""
        count = sum(effect.usual_order is not None for effect in self.effects.values())
        first = sorted(self.effects.values(), key=lambda effect: (page not in effect.pages, *_place(effect)))
        return tuple(sorted(first[:count], key=_place))

    def entry_names(self) -> frozenset[str]:
        """What `entry_range` knows."""
        return frozenset({*self.entry_ranges, *(vital.value for vital in self.alarm_limits)})

    def entry_range(self, name: str) -> EntryRange:
        """What may be typed, by an id of entry.toml, or of a vital sign as alarm_limits.toml allows it."""
        if name in self.entry_ranges:
            return self.entry_ranges[name]
        limits, spec = self.alarm_limits[Vital(name)], VITALS[Vital(name)]
        return EntryRange(
            name,
            spec.unit,
            spec.decimals,
            limits.entry_lowest,
            limits.entry_highest,
            limits.display_source,
            limits.confirm_below,
            limits.confirm_above,
        )

    def noted_grades(self) -> tuple[UiGrade, ...]:
        """The grades with which a side effect is noted: every one but none."""
        return tuple(row for row in self.grades if row.grade > 0)

    def effect_matrix(self) -> tuple[Effect, ...]:
        """All side effects in the order of the effect sheet."""
        return tuple(sorted(self.effects.values(), key=lambda effect: effect.matrix_order))

    def usual_drugs(self) -> tuple[Drug, ...]:
        """The rescue drugs of the bar, in its order."""
        usual = [drug for drug in self.drugs.values() if drug.usual_order is not None]
        return tuple(sorted(usual, key=lambda drug: drug.usual_order or 0))

    def usual_scores(self) -> tuple[Score, ...]:
        """The scores of the bar, in its order."""
        usual = [score for score in self.scores.values() if score.usual_order is not None]
        return tuple(sorted(usual, key=lambda score: score.usual_order or 0))

    def colour_of(self, drug: str) -> LabelColour:
        """The label colour of a drug."""
        return self.colours[self.drugs[drug].label_class]

    def allergy_against(self, drug: str, allergies: tuple[str, ...]) -> str | None:
        """The allergy, as recorded, that bars this drug; None when none does.

        `allergies` are ids of the pick list or free text; free text bars a drug whose name it contains.
        """
        row = self.drugs[drug]
        names = {row.id.casefold(), row.name.casefold()}
        for recorded in allergies:
            known = self.allergies.get(recorded)
            if known is not None and (known.drug == drug or known.drug_class in row.classes):
                return recorded
            if known is None and any(name in recorded.casefold() for name in names):
                return recorded
        return None
