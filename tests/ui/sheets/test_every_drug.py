"""Every drug of drugs.toml that is given as a dose, through its real sheet: what it shows and what it sends."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pytestqt.qtbot import QtBot

from app.clinical.drugs import DOSES, drug_sheet
from app.clinical.rows import Drug
from app.clinical.vitals import Vital
from app.entries import AnyBody, DrugGiven, Entry, PatientIdentified
from app.frames import DrugSheet
from app.instant import Instant
from app.messages import GiveDrug
from app.session import Session
from tests.ui.window_samples import PANELS, Chair, catalog, shot
from ui.sheets.drug import DrugGivenSheet
from ui.widgets.target import Target

NOON = Instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), 50_000.0)
LIVE = {Vital.SPO2: 97.0, Vital.RESP_RATE: 14.0, Vital.NIBP_SYS: 120.0, Vital.HEART_RATE: 70.0}
DRUGS = [drug for drug in catalog().drugs.values() if drug.kind in DOSES]
ALLERGIC = [
    (drug, allergy)
    for drug in DRUGS
    for allergy in catalog().allergies
    if catalog().allergy_against(drug.id, (allergy,)) is not None
]
every_drug = pytest.mark.parametrize("drug", DRUGS, ids=lambda drug: drug.id)


def a_session(*given: DrugGiven, allergies: tuple[str, ...] = ()) -> Session:
    """A patient of 45 years and 70 kg, and what was given 36 minutes ago."""
    session = Session("s1")
    patient = PatientIdentified("417", "Rosa Martin", date(1981, 1, 15), "F", 70.0, allergies, not allergies)
    told: list[tuple[AnyBody, Instant]] = [(patient, NOON), *((one, NOON.plus(-36 * 60)) for one in given)]
    for number, (body, at) in enumerate(told):
        session.apply(Entry(f"e{number}", "s1", at, at.utc, "boot", "lk", body))
    return session


def usual(drug: Drug) -> float:
    """The first dose that is offered."""
    return drug.dose_steps[0]


def frame(drug: Drug, session: Session) -> DrugSheet:
    return drug_sheet(catalog(), session, drug.id, NOON, LIVE)


@pytest.fixture
def chair(qtbot: QtBot) -> Chair:
    made = Chair()
    qtbot.addWidget(made.window)
    made.window.show()
    return made


def opened(chair: Chair, shown: DrugSheet) -> DrugGivenSheet:
    chair.show(shot(drugs=(shown,)))
    chair.window.open_sheet(f"drug.{shown.drug}")
    sheet = chair.window.sheet
    assert isinstance(sheet, DrugGivenSheet)
    return sheet


def said(sheet: DrugGivenSheet) -> dict[str, str]:
    return {check.label: f"{check.value}; {check.limit}" for check in sheet.checks.checks}


@every_drug
def test_a_first_usual_dose_is_two_touches_on_the_sheet(chair: Chair, drug: Drug) -> None:
    opened(chair, frame(drug, a_session()))
    chair.touch(f"dose.{usual(drug):g}", "give")
    assert chair.acts == [GiveDrug(drug.id, usual(drug), drug.unit, drug.routes[0])]


@every_drug
def test_the_sheet_says_what_was_given_so_far_since_when_and_the_caution(chair: Chair, drug: Drug) -> None:
    body = DrugGiven(drug.id, usual(drug), drug.unit, drug.routes[0])
    sheet = opened(chair, frame(drug, a_session(body)))
    lines = said(sheet)
    assert lines["This session"].startswith(f"{usual(drug):g} {drug.unit};")
    assert lines["Since the last"].startswith("36 min, given 11:24;")
    if drug.interval_at_least_min is not None:
        assert "wait" in lines["Since the last"]
    if drug.soft_session_total is not None:
        assert f"limit {drug.soft_session_total:g} {drug.unit}" in lines["This session"]
    assert sheet.cautions.isVisible()
    assert catalog().notes[f"drug/{drug.id}/cautions"] in sheet.cautions.text


@every_drug
def test_above_the_single_limit_a_plan_is_refused_and_a_fact_is_recorded(chair: Chair, drug: Drug) -> None:
    assert drug.hard_single is not None
    opened(chair, frame(drug, a_session()))
    dose = drug.hard_single * 2
    chair.touch("dose.other")
    chair.type(f"{dose:g}")
    chair.touch("set", "give")
    if drug.emergency:
        assert chair.acts == [GiveDrug(drug.id, dose, drug.unit, drug.routes[0])]
        return
    assert chair.acts == []
    chair.touch("ok", "why.0", "second.s3")
    target = chair.find("give")
    assert isinstance(target, Target)
    assert target.words.startswith("Record ")
    chair.touch("give")
    act = chair.acts[0]
    assert isinstance(act, GiveDrug)
    assert (act.dose, bool(act.reason), act.second) == (dose, True, "s3")


@pytest.mark.parametrize("drug", [d for d in DRUGS if len(d.routes) > 1], ids=lambda drug: drug.id)
def test_another_route_of_the_table_is_a_touch_away(chair: Chair, drug: Drug) -> None:
    opened(chair, frame(drug, a_session()))
    chair.touch("route", f"dose.{usual(drug):g}", "give")
    act = chair.acts[0]
    assert isinstance(act, GiveDrug)
    assert act.route == drug.routes[1]


@pytest.mark.parametrize(
    ("drug", "allergy"), ALLERGIC, ids=[f"{drug.id}-{allergy}" for drug, allergy in ALLERGIC]
)
def test_an_allergy_stands_on_the_sheet_and_asks_for_a_reason_except_in_an_emergency(
    chair: Chair, drug: Drug, allergy: str
) -> None:
    sheet = opened(chair, frame(drug, a_session(allergies=(allergy,))))
    assert said(sheet)["Allergy"] == f"{catalog().allergies[allergy].name}; recorded"
    chair.touch(f"dose.{usual(drug):g}", "give")
    assert bool(chair.acts) is drug.emergency


def test_the_drugs_of_a_sum_group_count_together(chair: Chair) -> None:
    groups = {drug.sum_group for drug in DRUGS if drug.sum_group}
    assert groups
    for group in groups:
        first, second = [drug for drug in DRUGS if drug.sum_group == group][:2]
        body = DrugGiven(first.id, usual(first), first.unit, first.routes[0])
        sheet = opened(chair, frame(second, a_session(body)))
        assert f"All {group}s" in said(sheet)


@pytest.mark.parametrize("panel", list(PANELS))
def test_no_line_of_any_sheet_is_squeezed(qtbot: QtBot, panel: str) -> None:
    made = Chair(panel)
    qtbot.addWidget(made.window)
    made.window.show()
    for drug in DRUGS:
        body = DrugGiven(drug.id, usual(drug), drug.unit, drug.routes[0])
        sheet = opened(made, frame(drug, a_session(body)))
        made.touch(f"dose.{usual(drug):g}")
        if not sheet.checks.isVisible():  # the interval asks for a reason in its place
            continue
        lines = len(sheet.checks.checks)
        assert sheet.checks.height() >= lines * made.look.line(), (drug.id, lines)
        assert sheet.cautions.height() >= sheet.cautions.heightForWidth(sheet.cautions.width()), drug.id


def test_every_drug_that_is_drawn_up_has_the_strengths_of_its_vials() -> None:
    """What has none is a tablet, a patch, a gas or a bag."""
    without = {drug.id for drug in catalog().drugs.values() if not drug.strengths_mg_per_ml}
    assert without == {"scopolamine", "clonidine", "oxygen", "sodium-chloride"}


def test_a_treatment_a_rate_and_a_flow_are_not_given_as_a_dose() -> None:
    others = {drug.id for drug in catalog().drugs.values() if drug.kind not in DOSES}
    assert others == {"ketamine", "dexmedetomidine", "oxygen"}
