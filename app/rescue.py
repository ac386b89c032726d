"""The rescue drugs' sheets for the patient on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clinical.drugs import drug_sheet
from app.frames import DrugSheet
from app.instant import Instant
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine

OFFERED = ("dose", "fluid")
"""Kinds that are given as single doses; the infusion itself, oxygen and rates have places of their own."""


def drug_sheets(engine: Engine, session: Session, now: Instant) -> tuple[DrugSheet, ...]:
    """A sheet for each drug that is given as a dose, the usual ones first."""
    catalog = engine.catalog
    usual = {drug.id: place for place, drug in enumerate(catalog.usual_drugs())}
    drugs = [
        drug for drug in catalog.drugs.values() if drug.kind in OFFERED and drug.usual_dose_range is not None
    ]
    drugs.sort(key=lambda drug: (usual.get(drug.id, len(usual)), drug.name.lower()))
    vitals = engine.vitals.live_values(now)
    return tuple(drug_sheet(catalog, session, drug.id, now, vitals, engine.zone) for drug in drugs)
