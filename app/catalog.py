"""resources/clinical/*.toml as a Catalog: read, checked whole, and every error reported at once.

Keys that end in `_note` are prose for people: they are kept aside in `Catalog.notes` and never become fields.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from app.catalog_checks import cross_check
from app.clinical import bedside_rows as b
from app.clinical import checkin_rows as c
from app.clinical import rows as r
from app.clinical import tables as t
from app.clinical.tables import Catalog
from app.refusals import TableErrors

__all__ = ["SCHEMA", "Catalog", "load"]

SCHEMA = 2
"""The schema of the tables that this program reads."""


class _File(r.Row, frozen=True):
    schema: int
    status: Literal["draft", "signed"]


class _Protocols(_File, frozen=True):
    rate_units: r.Words
    total_dose_units: r.Words
    protocol: tuple[r.Protocol, ...]


class _Drugs(_File, frozen=True):
    known_elsewhere: r.Words
    colour: tuple[r.LabelColour, ...]
    sum_rule: tuple[r.SumRule, ...]
    special_limits: r.SpecialLimits
    drug: tuple[r.Drug, ...]


class _Allergies(_File, frozen=True):
    usual: r.Words
    usual_source: str
    allergy: tuple[r.Allergy, ...]


class _SideEffects(_File, frozen=True):
    ui_grade: tuple[r.UiGrade, ...]
    emergency: r.EmergencyGrade
    effect: tuple[r.Effect, ...]


class _Scores(_File, frozen=True):
    score: tuple[r.Score, ...]
    discharge_criterion: tuple[r.DischargeCriterion, ...]


class _Rule(r.Row, frozen=True):
    pass


class _Iec(r.IecTable, frozen=True):
    log: _Rule


class _AlarmLimits(_File, frozen=True):
    parameter: tuple[r.AlarmLimits, ...]
    score_limit: tuple[r.ScoreLimit, ...]
    nibp_interval: r.NibpInterval
    baseline: r.BaselineRule
    cross_check: r.CrossCheck
    formula: tuple[r.Formula, ...]
    relative_limit: tuple[r.RelativeLimit, ...]
    relative_rule: _Rule
    stop_rule: tuple[r.StopRule, ...]
    iec_60601_1_8: _Iec
    alarm_fatigue: r.AlarmFatigue


class _PkModels(_File, frozen=True):
    recommended: str
    recommended_band: r.Words
    reference_lines_ng_per_ml: tuple[float, ...]
    hide_after_bolus_min: float
    widen_low: float
    widen_high: float
    widen_source: str
    drawn_after_end_min: float
    drawn_after_end_source: str
    mg_hcl_per_mg_base: float
    molar_mass_base_g_per_mol: float
    model: tuple[r.PkModel, ...]
    reference: tuple[r.PkReference, ...]


class _Entry(_File, frozen=True):
    entry_range: tuple[t.EntryRange, ...]
    number_entry: t.NumberEntry
    text_entry: t.TextEntry
    windows: t.Windows
    words: t.WordRules


class _Chair(_File, frozen=True):
    pump: t.PumpSettings
    containers: t.Containers
    order: t.OrderChoices
    self_test: t.SelfTestRule


class _CheckIn(_File, frozen=True):
    fasting: c.Fasting
    limit_rules: c.LimitRules
    limit_bound: tuple[c.LimitBound, ...]
    line: tuple[c.Line, ...]
    record_line: tuple[c.Line, ...]


class _RecordFields(_File, frozen=True):
    reasons: r.Words
    reasons_source: str
    group: tuple[t.RecordGroup, ...]


class _Controlled(_File, frozen=True):
    scheduled: tuple[b.Scheduled, ...]
    others: b.Others
    balance: b.BalanceRule
    dead_space: b.DeadSpace
    vials: b.VialRule
    witness: b.WitnessRule
    records: b.RegisterWords


class _Bedside(_File, frozen=True):
    pump_stop: tuple[b.PumpStop, ...]
    stamp: tuple[b.Stamp, ...]
    emergency: b.EmergencyDrugs
    break_glass: b.BreakGlass
    check: tuple[b.TimedCheck, ...]
    step_announced: b.StepAnnounced
    syringe_low: b.SyringeLow


class _Instructions(_File, frozen=True):
    title: str
    lead: str
    phone: str
    phone_words: str
    emergency_number: str
    emergency_words: str
    source: str
    section: tuple[r.Section, ...]
    discharge: r.DischargeChoices
    next_visit: r.NextVisit


FILES: dict[str, type[_File]] = {
    "protocols": _Protocols,
    "drugs": _Drugs,
    "allergies": _Allergies,
    "side_effects": _SideEffects,
    "scores": _Scores,
    "alarm_limits": _AlarmLimits,
    "pk_models": _PkModels,
    "entry": _Entry,
    "chair": _Chair,
    "record_fields": _RecordFields,
    "controlled": _Controlled,
    "bedside": _Bedside,
    "check_in": _CheckIn,
    "instructions": _Instructions,
}
"""The table files by name, each with the shape that it must have."""


def load(folder: Path | None = None) -> Catalog:
    """The clinical tables, of this folder or the program's own; raises TableErrors with every error."""
    raw = {name: _bytes(folder, f"{name}.toml") for name in FILES}
    errors: list[str] = []
    notes: dict[str, str] = {}
    files = {}
    for name, shape in FILES.items():
        file = _file(name, shape, raw[name], notes, errors)
        if file is not None:
            files[name] = file
    if len(files) < len(FILES):
        raise TableErrors(tuple(errors))
    hashes = {name: _hash(data or b"") for name, data in raw.items()}
    catalog = _catalog(files, _version(raw), hashes, notes)
    errors += cross_check(catalog)
    if errors:
        raise TableErrors(tuple(errors))
    return catalog


def _bytes(folder: Path | None, name: str) -> bytes | None:
    place = resources.files("resources") / "clinical" if folder is None else folder
    try:
        return (place / name).read_bytes()
    except OSError:
        return None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _version(raw: Mapping[str, bytes | None]) -> str:
    digest = hashlib.sha256()
    for name in sorted(raw):
        digest.update(name.encode() + b"\0" + (raw[name] or b"") + b"\0")
    return digest.hexdigest()[:12]


def _file(
    name: str, shape: type[_File], data: bytes | None, notes: dict[str, str], errors: list[str]
) -> _File | None:
    where = f"{name}.toml"
    if data is None:
        errors.append(f"{where}: the file is missing or cannot be read")
        return None
    try:
        table = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        errors.append(f"{where}: this is not TOML: {error}")
        return None
    found: list[str] = []
    stripped = _without_notes(table, (), notes, name)
    found += [f"{where}: {line}" for line in _bad_values(stripped, "")]
    file = None
    try:
        file = msgspec.convert(stripped, shape)
    except msgspec.ValidationError:
        found += [f"{where}: {line}" for line in _shape_errors(stripped, shape, "")]
    if file is not None and file.schema != SCHEMA:
        found.append(f"{where}: schema = {file.schema}: this program reads schema {SCHEMA}")
    errors += found
    return file


# ---------------------------------------------------------------- prose and plain values


def _without_notes(value: Any, path: tuple[str, ...], notes: dict[str, str], file: str) -> Any:
    """The value without its prose, which goes to notes under "drug/midazolam/cautions" or "drugs/status"."""
    if isinstance(value, list):
        return [
            _without_notes(row, (*path, _row_name(row, place)), notes, file)
            for place, row in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        if key.endswith("_note"):
            name = "/".join((*(path or (file,)), key.removesuffix("_note")))
            notes[name] = "\n".join(map(str, item)) if isinstance(item, list) else str(item)
        else:
            kept[key] = (
                _without_notes(item, (*path, key), notes, file) if isinstance(item, dict | list) else item
            )
    return kept


def _row_name(row: Any, place: int) -> str:
    return str(row.get("id", place)) if isinstance(row, dict) else str(place)


_KEBAB = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def _bad_values(value: Any, path: str) -> Iterator[str]:
    """Values that no table may hold, whatever its shape."""
    if isinstance(value, dict):
        for key, item in value.items():
            here = f"{path}.{key}" if path else key
            if key.endswith("_range") and not _is_table_list(item):
                yield from _bad_range(item, here)
            if key == "id" and not (isinstance(item, str) and _KEBAB.fullmatch(item)):
                yield f"{here} = {item!r}: an id is lower-case words joined by hyphens"
            yield from _bad_values(item, here)
    elif isinstance(value, list):
        yield from _double_ids(value, path)
        for place, item in enumerate(value):
            yield from _bad_values(item, f"{path}[{_row_name(item, place)}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path} = {value}: this is not a number"


def _is_table_list(item: Any) -> bool:
    return isinstance(item, list) and bool(item) and all(isinstance(row, dict) for row in item)


def _bad_range(item: Any, path: str) -> Iterator[str]:
    numbers = isinstance(item, list) and len(item) == 2 and all(isinstance(end, int | float) for end in item)
    if not numbers:
        yield f"{path} = {item!r}: a range is [lowest, highest]"
    elif item[0] > item[1]:
        yield f"{path} = {item!r}: the range is reversed"


def _double_ids(rows: list[Any], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for row in rows:
        key = row.get("id") if isinstance(row, dict) else None
        if isinstance(key, str):
            if key in seen:
                yield f"{path}[{key}].id = {key!r}: this id is there twice"
            seen.add(key)


# ---------------------------------------------------------------- shape, every error at once


def _shape_errors(value: Any, kind: Any, path: str) -> Iterator[str]:
    """Every place where the value does not have the shape, each with its key path."""
    kind = _without_none(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _row_errors(value, kind, path)
    elif get_origin(kind) is tuple and _is_row(get_args(kind)[0]):
        if not isinstance(value, list):
            yield f"{path} = {value!r}: expected a list of tables"
            return
        for place, row in enumerate(value):
            yield from _shape_errors(row, get_args(kind)[0], f"{path}[{_row_name(row, place)}]")
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield f"{path} = {value!r}: {_plain(str(error))}"


def _row_errors(value: Any, kind: type[msgspec.Struct], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} = {value!r}: expected a table"
        return
    hints = get_type_hints(kind)
    dot = f"{path}." if path else ""
    for key in value.keys() - hints.keys():
        yield f"{dot}{key} = {value[key]!r}: unknown key"
    for field in msgspec.structs.fields(kind):
        if field.name in value:
            yield from _shape_errors(value[field.name], hints[field.name], f"{dot}{field.name}")
        elif field.required:
            yield f"{dot}{field.name}: missing"


def _without_none(kind: Any) -> Any:
    if isinstance(kind, UnionType):
        left = tuple(part for part in get_args(kind) if part is not type(None))
        return left[0] if len(left) == 1 else kind
    return kind


def _is_row(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _plain(message: str) -> str:
    message = message.split(" - at `")[0]
    for ours, words in (
        ("`float`", "a number"),
        ("`int`", "a whole number"),
        ("`str`", "text"),
        ("`bool`", "true or false"),
    ):
        message = message.replace(ours, words)
    return message.replace("Expected", "expected").replace("Invalid", "invalid")


# ---------------------------------------------------------------- files to catalog

R = TypeVar("R")
K = TypeVar("K")


def _by(rows: Iterable[R], key: Callable[[R], K]) -> dict[K, R]:
    return {key(row): row for row in rows}


def _ids(rows: Iterable[Any]) -> dict[Any, Any]:
    return {row.id: row for row in rows}


def _part(kind: type[R], file: Any) -> R:
    """A file's tables without its schema and status."""
    return kind(**{name: getattr(file, name) for name in kind.__struct_fields__})  # type: ignore[attr-defined]


def _catalog(
    files: Mapping[str, Any], version: str, hashes: dict[str, str], notes: dict[str, str]
) -> Catalog:
    drugs, effects, scores = files["drugs"], files["side_effects"], files["scores"]
    alarms, pk, entry, chair = files["alarm_limits"], files["pk_models"], files["entry"], files["chair"]
    return Catalog(
        version=version,
        status="draft" if any(file.status == "draft" for file in files.values()) else "signed",
        hashes=hashes,
        protocols=_ids(files["protocols"].protocol),
        drugs=_ids(drugs.drug),
        known_elsewhere=drugs.known_elsewhere,
        colours=_ids(drugs.colour),
        special_limits=drugs.special_limits,
        sum_rules=_by(drugs.sum_rule, lambda rule: rule.group),
        allergies=_ids(files["allergies"].allergy),
        usual_allergies=files["allergies"].usual,
        effects=_ids(effects.effect),
        grades=effects.ui_grade,
        emergency_grade=effects.emergency.from_grade,
        scores=_ids(scores.score),
        discharge_criteria=_ids(scores.discharge_criterion),
        alarm_limits=_ids(alarms.parameter),
        score_limits=_by(alarms.score_limit, lambda limit: limit.score),
        relative_limits=alarms.relative_limit,
        stop_rules=_ids(alarms.stop_rule),
        nibp_interval=alarms.nibp_interval,
        baseline=alarms.baseline,
        cross_check=alarms.cross_check,
        formulas=_ids(alarms.formula),
        iec=alarms.iec_60601_1_8,
        alarm_fatigue=alarms.alarm_fatigue,
        pk=r.PkSettings(**{name: getattr(pk, name) for name in r.PkSettings.__struct_fields__}),
        pk_models=_ids(pk.model),
        pk_references=_ids(pk.reference),
        entry_ranges=_ids(entry.entry_range),
        number_entry=entry.number_entry,
        text_entry=entry.text_entry,
        windows=entry.windows,
        words=entry.words,
        pump=chair.pump,
        containers=chair.containers,
        order_choices=chair.order,
        record=t.RecordFields(_ids(files["record_fields"].group), files["record_fields"].reasons),
        self_test=chair.self_test,
        controlled=_part(b.Controlled, files["controlled"]),
        bedside=_part(b.Bedside, files["bedside"]),
        instructions=r.Instructions(
            **{name: getattr(files["instructions"], name) for name in r.Instructions.__struct_fields__}
        ),
        discharge=files["instructions"].discharge,
        next_visit=files["instructions"].next_visit,
        notes=notes,
        check_in=c.CheckIn(
            _ids(files["check_in"].line),
            files["check_in"].fasting,
            files["check_in"].limit_rules,
            _by(files["check_in"].limit_bound, lambda bound: bound.vital),
            _ids(files["check_in"].record_line),
        ),
    )
