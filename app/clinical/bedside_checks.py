"""What must hold of controlled.toml and bedside.toml against the other tables."""

from __future__ import annotations

from collections.abc import Iterator

from app.clinical.tables import Catalog


def check_bedside(catalog: Catalog) -> Iterator[str]:
    """Every contradiction, one line each with file, key and value."""
    yield from _controlled(catalog)
    yield from _bedside(catalog)


def _controlled(catalog: Catalog) -> Iterator[str]:
    table = catalog.controlled
    for row in table.scheduled:
        drug = catalog.drugs.get(row.ingredient)
        where = f"controlled.toml: scheduled.{row.ingredient}"
        if drug is None and row.ingredient not in catalog.known_elsewhere:
            yield f"{where}: there is no such drug"
        if drug is not None and drug.schedule != row.schedule:
            yield f"{where}.schedule = {row.schedule!r}: drugs.toml has {drug.schedule!r}"
    for drug in catalog.drugs.values():
        if drug.schedule != "none" and not table.schedule_of(drug.id):
            yield f"controlled.toml: scheduled: {drug.id} is {drug.schedule} in drugs.toml and not listed"
    if not table.balance.round_to_mg > 0 or table.balance.tolerance_mg < 0:
        yield "controlled.toml: balance: round_to_mg must be above 0 and tolerance_mg not below"
    low, high = table.dead_space.range_ml
    if not low <= table.dead_space.volume_ml <= high:
        yield f"controlled.toml: dead_space.volume_ml = {table.dead_space.volume_ml:g}: outside its range"
    if table.vials.most_at_once < 1 or table.vials.longest_mark < 1 or table.vials.expiry_years_ahead < 1:
        yield "controlled.toml: vials: most_at_once, longest_mark and expiry_years_ahead must be 1 or more"


def _bedside(catalog: Catalog) -> Iterator[str]:
    table = catalog.bedside
    if "" not in {row.driver for row in table.pump_stop}:
        yield 'bedside.toml: pump_stop: there must be a row for driver ""'
    for drug in table.emergency.drugs_first:
        if drug not in catalog.drugs:
            yield f"bedside.toml: emergency.drugs_first = {drug!r}: there is no such drug"
    for check in table.check:
        if check.well and check.well not in check.states:
            yield f"bedside.toml: check[{check.id}].well = {check.well!r}: it is not among the states"
