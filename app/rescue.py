"""The rescue drugs' sheets for the patient on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clinical.drugs import drug_sheet
from app.clinical.rows import Drug
from app.clinical.tables import Catalog
from app.entries import DrugGiven, ScoreTaken
from app.frames import DrugSheet
from app.instant import Instant
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine

OFFERED = ("dose", "fluid")
"""Kinds that are given as single doses; the infusion itself, oxygen and rates have places of their own."""


EVERY_S = 5.0
"""As often each sheet is made again for what only time changes: "36 min", breathing now."""

TOO_OLD_S = 10.0
"""No sheet that is shown is older."""


class DrugSheets:
    """The sheets, made again at once when a dose or a score was written, in turn as time passes."""

    def __init__(self) -> None:
        self._made_from: object = None
        self._sheets: dict[str, DrugSheet] = {}
        self._made_at: dict[str, Instant] = {}

    def now(self, engine: Engine, session: Session, now: Instant) -> tuple[DrugSheet, ...]:
        """A sheet for each drug that is given as a dose, the usual ones first."""
        made_from = (
            session.id,
            session.patient,
            tuple(e.uuid for e in session.standing(DrugGiven)),
            tuple(e.uuid for e in session.standing(ScoreTaken)),
        )
        if made_from != self._made_from:
            self._made_from = made_from
            self._sheets, self._made_at = {}, {}
            for drug in offered(engine.catalog):
                self._make(engine, session, drug.id, now)
        self._make_oldest(engine, session, now)
        return tuple(self._sheets.values())

    def _make_oldest(self, engine: Engine, session: Session, now: Instant) -> None:
        """One at a time; all that are too old, when snapshots come so rarely that one at a time falls behind."""
        by_age = sorted(self._made_at, key=lambda drug: self._made_at[drug].steady)
        for place, drug in enumerate(by_age):
            age_s = now.since(self._made_at[drug])
            if age_s >= TOO_OLD_S or (place == 0 and age_s >= EVERY_S):
                self._make(engine, session, drug, now)

    def _make(self, engine: Engine, session: Session, drug: str, now: Instant) -> None:
        vitals = engine.vitals.live_values(now)
        self._sheets[drug] = drug_sheet(engine.catalog, session, drug, now, vitals, engine.zone)
        self._made_at[drug] = now


def offered(catalog: Catalog) -> list[Drug]:
    """The drugs that are given as a dose, the usual ones first."""
    usual = {drug.id: place for place, drug in enumerate(catalog.usual_drugs())}
    drugs = [
        drug for drug in catalog.drugs.values() if drug.kind in OFFERED and drug.usual_dose_range is not None
    ]
    return sorted(drugs, key=lambda drug: (usual.get(drug.id, len(usual)), drug.name.lower()))
