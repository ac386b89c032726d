from __future__ import annotations

from app.messages import (
    AskPump,
    CheckIv,
    DrawVial,
    ExplainBalance,
    OpenEmergency,
    StampEmergency,
    WasteDrug,
)
from app.printed import Summary, Table
from tests.app.chair import DOCTOR, Chair, catalog
from tests.app.test_accounts import ended

POUCH = catalog().controlled.records.waste_methods[0]


def summary(chair: Chair) -> Summary:
    if not chair.session.finished:
        chair.leave()
    made = chair.snapshot.summary
    assert isinstance(made, Summary)
    return made


def table(chair: Chair, title: str) -> Table:
    return next(one for one in summary(chair).details if one.title == title)


def drawn() -> Chair:
    chair = ended()
    chair.tap(DrawVial("ketamine", 50.0, 2.0, "K123", "Infusion"))
    return chair


def test_the_first_page_has_the_balance_with_its_schedule_and_its_witness() -> None:
    chair = drawn()
    chair.tap(WasteDrug("ketamine", 76.67, POUCH, DOCTOR, "3333"))
    made = summary(chair).pump
    assert made.title == "Ketamine balance (C III)"
    facts = {row.cells[0]: row.cells[1] for row in made.rows}
    assert facts["Drawn"] == "100 mg"
    assert facts["Given"] == "23.33 mg"
    assert facts["Wasted, witness AM"] == "76.67 mg"
    assert facts["Balance"] == "0 mg"


def test_a_balance_that_nobody_explained_is_printed_so() -> None:
    facts = {row.cells[0]: row.cells[1] for row in summary(drawn()).pump.rows}
    assert facts["Balance"] == "76.67 mg, NOT EXPLAINED"


def test_an_explained_balance_is_printed_with_its_reason() -> None:
    chair = drawn()
    chair.tap(ExplainBalance("ketamine", "Vial broken", DOCTOR, "3333"))
    facts = {row.cells[0]: row.cells[1] for row in summary(chair).pump.rows}
    assert facts["Balance"] == "76.67 mg, explained: Vial broken"


def test_the_register_names_who_did_it_and_who_saw_it() -> None:
    chair = drawn()
    chair.tap(WasteDrug("ketamine", 10.0, POUCH, DOCTOR, "3333"))
    rows = [row.cells[1:] for row in table(chair, "Drugs accounted").rows]
    assert rows == [
        ("Drawn: ketamine 100 mg, 2 mL of 50 mg/mL for infusion, lot K123", "LK"),
        (f"Wasted: ketamine 10 mg, {POUCH}, witness Dr. Ana Mora", "LK"),
    ]


def test_what_is_counted_after_the_end_is_marked_late() -> None:
    chair = ended()
    chair.leave()
    chair.wait(2)
    chair.tap(DrawVial("ketamine", 50.0, 2.0))
    assert "late entry, written " in table(chair, "Drugs accounted").rows[0].note


def test_the_emergency_and_the_iv_site_are_printed_with_their_times() -> None:
    chair = Chair().running()
    chair.tap(OpenEmergency())
    chair.tap(StampEmergency("called"))
    chair.tap(CheckIv("Swollen"))
    chair.tap(DrawVial("ketamine", 50.0, 2.0))
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.0)
    assert [row.cells[1] for row in table(chair, "Emergency").rows] == [
        "Emergency sheet opened. Emergency: Help called"
    ]
    events = [row.cells[1] for row in table(chair, "Events in order of time").rows]
    assert any("IV site: Swollen, not well" in words for words in events)
