"""What must hold between the rows of the tables: references, order of limits, units that numbers need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from app.clinical.bedside_checks import check_bedside
from app.clinical.checkin_rows import LimitBound, Line
from app.clinical.rows import AlarmLimits, DischargeCriterion, Drug, PkModel, Protocol
from app.clinical.tables import Catalog, EntryRange
from app.clinical.tone_checks import check_tones
from app.clinical.vitals import VITALS, Vital
from app.record_evidence import EVIDENCE
from app.roles import ROLES


def cross_check(catalog: Catalog) -> tuple[str, ...]:
    """Every contradiction between or within the tables, one line each with file, key and value."""
    return (
        *_protocols(catalog),
        *_drugs(catalog),
        *_allergies(catalog),
        *_effects(catalog),
        *_scores(catalog),
        *_alarms(catalog),
        *check_tones(catalog),
        *_models(catalog),
        *_entry(catalog),
        *_chair(catalog),
        *check_bedside(catalog),
        *_check_in(catalog),
        *_record(catalog),
    )


def _unknown(where: str, names: Iterable[str | None], known: Collection[str], what: str) -> Iterator[str]:
    for name in names:
        if name is not None and name not in known:
            yield f"{where} = {name!r}: there is no such {what}"


def _unset(where: str, row: Any) -> Iterator[str]:
    """A quantity named as not given must be one that the row can have, and must be absent."""
    for name in row.unset:
        if name not in row.__struct_fields__:
            yield f"{where}.unset = {name!r}: there is no such key"
        elif getattr(row, name) not in (None, ()):
            yield f"{where}.{name} = {getattr(row, name)!r}: the row names it as unset"


def _rising(where: str, row: msgspec.Struct, *names: str) -> Iterator[str]:
    """These keys, those that are there, must not fall."""
    pairs = [(name, getattr(row, name)) for name in names if getattr(row, name) is not None]
    for (low, less), (high, more) in pairwise(pairs):
        if less > more:
            yield f"{where}.{low} = {less:g}: it lies above {high} = {more:g}"


def _not_negative(where: str, row: msgspec.Struct) -> Iterator[str]:
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
            yield f"{where}.{name} = {value:g}: it is below 0"


def _above_zero(where: str, row: msgspec.Struct) -> Iterator[str]:
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if isinstance(value, int | float) and value <= 0:
            yield f"{where}.{name} = {value:g}: it is not above 0"


def _protocols(catalog: Catalog) -> Iterator[str]:
    for row in catalog.protocols.values():
        where = f"protocols.toml: protocol[{row.id}]"
        yield from _unset(where, row)
        yield from _not_negative(where, row)
        yield from _rising(where, row, "min_rate", "start_rate", "max_rate")
        yield from _units(where, row)
        yield from _unknown(
            f"{where}.nearest_published", [row.nearest_published], catalog.protocols, "protocol"
        )
        yield from _unknown(f"{where}.adjunct.drug", [one.drug for one in row.adjunct], catalog.drugs, "drug")
        given = catalog.drugs if row.runnable else {*catalog.drugs, *catalog.known_elsewhere}
        yield from _unknown(
            f"{where}.drug", [row.drug], given, "drug that is given here" if row.runnable else "drug"
        )


def _units(where: str, row: Protocol) -> Iterator[str]:
    rates = [name for name in ("start_rate", "min_rate", "max_rate") if getattr(row, name) is not None]
    if rates and row.rate_unit is None:
        yield f"{where}.rate_unit: missing, {rates[0]} has no unit"
    doses = [name for name in ("total_dose", "min_total_dose") if getattr(row, name) is not None]
    if doses and row.total_dose_unit is None:
        yield f"{where}.total_dose_unit: missing, {doses[0]} has no unit"
    if row.maintenance_interval_range and row.maintenance_interval_unit is None:
        yield f"{where}.maintenance_interval_unit: missing"


def _drugs(catalog: Catalog) -> Iterator[str]:
    for row in catalog.drugs.values():
        where = f"drugs.toml: drug[{row.id}]"
        yield from _unset(where, row)
        yield from _not_negative(where, row)
        yield from _unknown(f"{where}.label_class", [row.label_class], catalog.colours, "colour")
        yield from _unknown(f"{where}.sum_group", [row.sum_group], catalog.sum_rules, "sum rule")
        yield from _unknown(f"{where}.reverses", row.reverses, catalog.drugs, "drug")
        yield from _drug_limits(where, row)
    yield from _doubled("drugs.toml: usual_order", [drug.usual_order for drug in catalog.drugs.values()])


def _drug_limits(where: str, row: Drug) -> Iterator[str]:
    yield from _rising(where, row, "soft_rate_mg_per_kg_per_h", "hard_rate_mg_per_kg_per_h")
    yield from _rising(where, row, "soft_bolus_mg_per_kg", "hard_bolus_mg_per_kg")
    yield from _rising(where, row, "age60_hard_single", "hard_single")
    yield from _rising(where, row, "age60_soft_session_total", "soft_session_total")
    if row.usual_dose_range and row.hard_single is not None and row.usual_dose_range[1] > row.hard_single:
        yield f"{where}.usual_dose_range = {row.usual_dose_range}: above hard_single = {row.hard_single:g}"
    for step in row.dose_steps:
        if row.hard_single is not None and step > row.hard_single:
            yield f"{where}.dose_steps = {step:g}: it passes hard_single = {row.hard_single:g}"


def _doubled(where: str, orders: Iterable[int | None]) -> Iterator[str]:
    seen: set[int] = set()
    for order in orders:
        if order is not None and order in seen:
            yield f"{where} = {order}: this place is there twice"
        seen.add(order or 0)


def _allergies(catalog: Catalog) -> Iterator[str]:
    classes = {name for drug in catalog.drugs.values() for name in drug.classes}
    offered = {row.drug_class for row in catalog.allergies.values()}
    for row in catalog.allergies.values():
        where = f"allergies.toml: allergy[{row.id}]"
        yield from _unknown(f"{where}.drug", [row.drug], catalog.drugs, "drug")
        yield from _unknown(f"{where}.drug_class", [row.drug_class], classes, "class of a drug")
    yield from _unknown("allergies.toml: usual", catalog.usual_allergies, catalog.allergies, "allergy")
    for name in sorted(classes - {name for name in offered if name is not None}):
        yield f"drugs.toml: classes = {name!r}: allergies.toml does not offer this class"


def _effects(catalog: Catalog) -> Iterator[str]:
    rows = catalog.effects.values()
    for row in rows:
        where = f"side_effects.toml: effect[{row.id}]"
        yield from _unknown(f"{where}.drugs", row.drugs, catalog.drugs, "drug")
        yield from _unknown(f"{where}.scores", row.scores, catalog.scores, "score")
        if len(row.short) > 13:
            yield f"{where}.short = {row.short!r}: it is longer than 13 letters, the button cannot hold it"
    yield from _doubled("side_effects.toml: usual_order", [row.usual_order for row in rows])
    yield from _doubled("side_effects.toml: matrix_order", [row.matrix_order for row in rows])
    if [row.grade for row in catalog.grades] != [0, 1, 2, 3, 4]:
        yield "side_effects.toml: ui_grade: the grades are not 0, 1, 2, 3, 4 in this order"


def _scores(catalog: Catalog) -> Iterator[str]:
    for score in catalog.scores.values():
        where = f"scores.toml: score[{score.id}]"
        if (score.due_every_min is None) != (score.due_first_min is None):
            yield f"{where}: due_every_min and due_first_min belong together"
        if score.kind == "sum" and not score.item:
            yield f"{where}.item: missing, this form adds up items"
        if score.kind in ("level", "category") and not score.levels:
            yield f"{where}.levels: missing"
        if score.kind in ("level", "number", "sum") and score.total_range is None:
            yield f"{where}.total_range: missing"
    for row in catalog.discharge_criteria.values():
        yield from _criterion(f"scores.toml: discharge_criterion[{row.id}]", row, catalog)
    yield from _doubled("scores.toml: usual_order", [score.usual_order for score in catalog.scores.values()])


def _criterion(where: str, row: DischargeCriterion, catalog: Catalog) -> Iterator[str]:
    protocol_keys = Protocol.__struct_fields__
    yield from _unknown(f"{where}.score", [row.score], catalog.scores, "score")
    yield from _unknown(f"{where}.protocol_key", [row.protocol_key], protocol_keys, "key of a protocol")
    yield from _unknown(
        f"{where}.only_if_protocol_key", [row.only_if_protocol_key], protocol_keys, "key of a protocol"
    )
    yield from _unknown(f"{where}.drug_key", [row.drug_key], Drug.__struct_fields__, "key of a drug")
    if row.kind == "score" and row.score is None:
        yield f"{where}.score: missing"
    if row.kind == "vital" and row.vital is None and not row.vitals:
        yield f"{where}.vital: missing"
    if row.kind == "check" and not row.answers:
        yield f"{where}.answers: missing"


_ALARM_UNITS = {"°C": "degC"}


def _alarms(catalog: Catalog) -> Iterator[str]:
    for vital in Vital:
        if vital not in catalog.alarm_limits:
            yield f"alarm_limits.toml: parameter[{vital}]: missing"
    for row in catalog.alarm_limits.values():
        yield from _parameter(f"alarm_limits.toml: parameter[{row.id}]", row)
    for limit in catalog.score_limits.values():
        where = f"alarm_limits.toml: score_limit[{limit.score}]"
        yield from _unknown(f"{where}.score", [limit.score], catalog.scores, "score")
        yield from _rising(where, limit, "high_at_most", "medium_at_most")
    for rule in catalog.stop_rules.values():
        where = f"alarm_limits.toml: stop_rule[{rule.id}]"
        yield from _unknown(f"{where}.score", [rule.score], catalog.scores, "score")
        yield from _unknown(f"{where}.effects", rule.effects, catalog.effects, "side effect")
        if rule.vital is None and rule.score is None and not rule.effects:
            yield f"{where}: it names no vital sign, score or side effect"


def _parameter(where: str, row: AlarmLimits) -> Iterator[str]:
    unit = _ALARM_UNITS.get(VITALS[row.id].unit, VITALS[row.id].unit)
    if row.unit != unit:
        yield f"{where}.unit = {row.unit!r}: this vital sign is in {unit}"
    yield from _rising(
        where, row, "desaturation_below", "high_below", "medium_below", "medium_from", "high_from"
    )
    yield from _rising(where, row, "entry_lowest", "confirm_below", "confirm_above", "entry_highest")
    yield from _not_negative(where, row)
    low, high = row.possible_range
    if row.entry_lowest < low or row.entry_highest > high:
        yield f"{where}.possible_range = [{low:g}, {high:g}]: what a person may enter lies outside"
    if row.jump is not None:
        yield from _above_zero(f"{where}.jump", row.jump)
    if row.medium_from is not None and not row.action_high:
        yield f"{where}.action_high: missing"
    for limit, key in (
        (row.desaturation_below, "desaturation_delay_s"),
        (row.desaturation_below, "action_desaturation"),
    ):
        if limit is not None and getattr(row, key) in (None, ""):
            yield f"{where}.{key}: missing"
    if row.apnoea_after_s is not None and not row.action_apnoea:
        yield f"{where}.action_apnoea: missing"


_MICRO: dict[int, tuple[str, ...]] = {2: ("v1_l_per_kg", "k10_per_min", "k12_per_min", "k21_per_min")}
_MICRO[3] = (*_MICRO[2], "k13_per_min", "k31_per_min")
_VOLUMES: dict[int, tuple[str, ...]] = {2: ("v1_l_70", "v2_l_70", "cl_l_per_h_70", "q2_l_per_h_70")}
_VOLUMES[3] = (*_VOLUMES[2], "v3_l_70", "q3_l_per_h_70")


def _models(catalog: Catalog) -> Iterator[str]:
    drugs = {*catalog.drugs, *catalog.known_elsewhere}
    for row in catalog.pk_models.values():
        where = f"pk_models.toml: model[{row.id}]"
        yield from _unset(where, row)
        yield from _unknown(f"{where}.drug", [row.drug], drugs, "drug")
        yield from _model_parameters(where, row)
    for name in (catalog.pk.recommended, *catalog.pk.recommended_band):
        yield from _unknown("pk_models.toml: recommended", [name], catalog.pk_models, "model")
        if name in catalog.pk_models and not catalog.pk_models[name].bedside:
            yield f"pk_models.toml: recommended_band = {name!r}: this model may not be drawn at the bedside"
    if len(catalog.pk.recommended_band) != 2:
        yield f"pk_models.toml: recommended_band = {catalog.pk.recommended_band}: a band has two models"
    if not 0 < catalog.pk.widen_low <= 1 <= catalog.pk.widen_high:
        yield f"pk_models.toml: widen_low = {catalog.pk.widen_low:g}: the band must not become narrower"


def _model_parameters(where: str, row: PkModel) -> Iterator[str]:
    needed = {"micro": _MICRO, "volumes": _VOLUMES}.get(row.parameters, {})
    if row.parameters != "hepatic" and row.compartments not in needed:
        yield f"{where}.compartments = {row.compartments}: models have 2 or 3"
    for name in needed.get(row.compartments, ()):
        value = getattr(row, name)
        if value is None or value <= 0:
            yield f"{where}.{name} = {value}: missing or not above 0"


NEEDED_RANGES = (
    "weight", "weight-question", "height", "age", "infusion", "recovery", "container", "drug-in-container",
    "oxygen",
)  # fmt: skip


def _entry(catalog: Catalog) -> Iterator[str]:
    for name in NEEDED_RANGES:
        if name not in catalog.entry_ranges:
            yield f"entry.toml: entry_range[{name}]: missing"
    for row in catalog.entry_ranges.values():
        yield from _entry_range(f"entry.toml: entry_range[{row.id}]", row)
    lowest, highest = catalog.number_entry.debounce_range_ms
    if not lowest <= catalog.number_entry.debounce_ms <= highest:
        yield f"entry.toml: number_entry.debounce_ms = {catalog.number_entry.debounce_ms:g}: out of range"


def _entry_range(where: str, row: EntryRange) -> Iterator[str]:
    yield from _rising(where, row, "entry_lowest", "confirm_below", "confirm_above", "entry_highest")
    if row.decimals < 0:
        yield f"{where}.decimals = {row.decimals}: it is below 0"
    if not row.unit:
        yield f"{where}.unit: missing"


def _chair(catalog: Catalog) -> Iterator[str]:
    pump = catalog.pump
    if pump.resolution_ml_h <= 0:
        yield f"chair.toml: pump.resolution_ml_h = {pump.resolution_ml_h:g}: it is not above 0"
    yield from _rising("chair.toml: pump", pump, "resolution_ml_h", "lowest_ml_h", "highest_ml_h")
    if pump.measured_readings < 1:
        yield f"chair.toml: pump.measured_readings = {pump.measured_readings}: it is below 1"
    visit = catalog.next_visit
    days = [0, *visit.offered_days]
    if days != sorted(set(days)) or days[-1] > visit.furthest_days:
        yield (
            f"instructions.toml: next_visit.offered_days = {days[1:]}: whole days in ascending order, "
            f"from 1 to furthest_days, {visit.furthest_days}"
        )
    if catalog.containers.usual_ml not in catalog.containers.offered_ml:
        yield f"chair.toml: containers.usual_ml = {catalog.containers.usual_ml:g}: it is not offered"
    choices = catalog.order_choices
    yield from _unknown(
        "chair.toml: order.usual_weight_basis", [choices.usual_weight_basis], choices.weight_bases, "basis"
    )


def _check_in(catalog: Catalog) -> Iterator[str]:
    table = catalog.check_in
    for line in table.lines.values():
        yield from _line(catalog, f"check_in.toml: line[{line.id}]", line)
    for line in table.record_lines.values():
        where = f"check_in.toml: record_line[{line.id}]"
        yield from _line(catalog, where, line)
        if line.id in table.lines:
            yield f"{where}: a line has this id already"
        if line.blocks or line.blocks_if or line.sets:
            yield f"{where}: a line for the record neither blocks the start nor takes sets"
        if any(option.stops for field in line.field for option in field.options):
            yield f"{where}: an answer for the record does not stop the start"
    for bound in table.limit_bounds.values():
        yield from _limit_bound(catalog, bound)


def _record(catalog: Catalog) -> Iterator[str]:
    """Every field of the record has its evidence in the program or a line that records it; and the other way."""
    fields = [field for group in catalog.record.groups.values() for field in group.fields]
    for field in fields:
        where = f"record_fields.toml: field[{field.id}]"
        line = catalog.check_in.line(field.line) if field.line else None
        if field.line and line is None:
            yield f"{where}.line = {field.line!r}: there is no such line"
        if line is not None:
            yield from _unknown(f"{where}.answers", field.answers, [one.id for one in line.field], "answer")
        if field.id not in EVIDENCE and not (field.line and field.answers):
            yield f"{where}: the program knows no evidence for this field, and no line with answers records it"
    yield from _doubled_ids("record_fields.toml: field", [field.id for field in fields])
    known = {field.id for field in fields}
    for name in sorted(EVIDENCE.keys() - known):
        yield f"record_fields.toml: field[{name}]: missing"
    if not catalog.record.reasons:
        yield "record_fields.toml: reasons: missing"


def _doubled_ids(where: str, names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{where}[{name}]: this id is there twice"


def _line(catalog: Catalog, where: str, line: Line) -> Iterator[str]:
    follows = [name for name in (*line.follows, line.blocks_if) if name]
    yield from _unknown(f"{where}.follows", follows, Protocol.__struct_fields__, "key of a protocol")
    yield from _unknown(f"{where}.scores", line.scores, catalog.scores, "score")
    if line.may_skip != bool(line.reasons):
        yield f"{where}.reasons: a line that may be not done has reasons, another has none"
    yield from _unknown(f"{where}.signed_by", line.signed_by, ROLES, "role")
    groups = {option.group for field in line.field for option in field.options}
    for field in line.field:
        here = f"{where}.field[{field.id}]"
        if (field.kind in ("pick", "many")) != bool(field.options):
            yield f"{here}.options: a pick has options, another kind has none"
        if field.kind == "number" and field.range not in catalog.entry_names():
            yield f"{here}.range = {field.range!r}: there is no such entry range"
        if field.needed_if and field.needed_if not in groups:
            yield f"{here}.needed_if = {field.needed_if!r}: no option has this group"


def _limit_bound(catalog: Catalog, bound: LimitBound) -> Iterator[str]:
    where, row = f"check_in.toml: limit_bound[{bound.vital.value}]", catalog.alarm_limits[bound.vital]
    if bound.low_range is not None and not bound.low_range[0] <= row.medium_below <= bound.low_range[1]:
        yield f"{where}.low_range = {list(bound.low_range)}: the table's own {row.medium_below:g} is outside"
    if bound.high_range is not None and (
        row.medium_from is None or not bound.high_range[0] <= row.medium_from <= bound.high_range[1]
    ):
        yield f"{where}.high_range = {list(bound.high_range)}: the table's own limit is outside"
