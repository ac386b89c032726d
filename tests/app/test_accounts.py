from __future__ import annotations

from decimal import Decimal

import msgspec

from app.accounts import account_of, discrepancies
from app.entries import (
    AnyBody,
    BalanceExplained,
    EmergencyOpened,
    EmergencyStamped,
    IvChecked,
    Returned,
    SummarySigned,
    VialDrawn,
    Wasted,
)
from app.frames import Answer
from app.messages import (
    AskPump,
    CheckIv,
    DrawVial,
    ExplainBalance,
    GiveDrug,
    Lock,
    OpenEmergency,
    ReturnDrug,
    SignSummary,
    StampEmergency,
    Undo,
    WasteDrug,
)
from tests.app.chair import DOCTOR, NURSE, Chair, catalog

SIGN = SignSummary(DOCTOR, "3333", "Anesthetist")
KETAMINE = DrawVial("ketamine", 50.0, 2.0, "K123", "Infusion")
POUCH = catalog().controlled.records.waste_methods[0]


def ended(volume: float = 11.667) -> Chair:
    """An infusion of 50 mL at 2 mg/mL that is over."""
    chair = Chair().running()
    chair.wait(5)
    chair.pump(17.5, volume)
    chair.tap(AskPump("end"))
    chair.wait(1)
    chair.pump(0.0, volume)
    assert chair.session.phase == "recovery"
    return chair


def waste(mg: float, witness: str = DOCTOR) -> WasteDrug:
    return WasteDrug("ketamine", mg, POUCH, witness, "3333")


def left(chair: Chair, drug: str = "ketamine") -> Decimal | None:
    account = account_of(chair.session, catalog(), drug)
    return account.whole.balance_mg if account else None


def refused(answer: Answer) -> str:
    assert answer.state == "refused", answer
    return answer.field


def test_what_was_drawn_is_vial_times_volume() -> None:
    chair = Chair().ready()
    assert chair.tap(KETAMINE).state == "taken"
    assert chair.bodies(VialDrawn) == [VialDrawn("ketamine", 50.0, 2.0, "K123", "Infusion")]
    assert left(chair) == Decimal("100.00")


def test_a_strength_that_no_vial_has_is_refused() -> None:
    chair = Chair().ready()
    assert refused(chair.tap(DrawVial("ketamine", 20.0, 2.0))) == "strength_mg_ml"
    assert refused(chair.tap(DrawVial("ketamine", 50.0, -1.0))) == "volume_ml"
    assert refused(chair.tap(DrawVial("gold", 50.0, 1.0))) == "drug"


def test_the_label_of_a_vial_is_written_with_the_draw() -> None:
    chair = Chair().ready()
    chair.tap(DrawVial("ketamine", 50.0, 2.0, "K123", "Infusion", "7", "2027-05"))
    chair.tap(DrawVial("ketamine", 50.0, 6.0, "K124", "Infusion", vials=3))
    assert chair.bodies(VialDrawn) == [
        VialDrawn("ketamine", 50.0, 2.0, "K123", "Infusion", "7", "2027-05", 1),
        VialDrawn("ketamine", 50.0, 6.0, "K124", "Infusion", "", "", 3),
    ]
    assert left(chair) == Decimal("400.00")


def test_a_draw_of_an_older_record_still_reads_as_one_vial_without_a_label() -> None:
    old = msgspec.json.encode(
        {
            "kind": "VialDrawn",
            "drug": "ketamine",
            "strength_mg_ml": 50.0,
            "volume_ml": 2.0,
            "lot": "",
            "purpose": "",
        }
    )
    body = msgspec.json.decode(old, type=AnyBody)
    assert body == VialDrawn("ketamine", 50.0, 2.0, "", "", vial="", expires="", vials=1)


def test_what_cannot_stand_on_a_label_is_refused() -> None:
    chair = Chair().ready()

    def draw(**label: object) -> Answer:
        return chair.tap(msgspec.structs.replace(KETAMINE, **label))

    assert refused(draw(expires="05/27")) == "expires"
    assert refused(draw(expires="2027-13")) == "expires"
    assert refused(draw(vials=0)) == "vials"
    assert refused(draw(vials=2, vial="7")) == "vial"
    assert refused(draw(vial="7" * 40)) == "vial"
    assert chair.bodies(VialDrawn) == []


def test_a_mark_belongs_to_one_vial() -> None:
    chair = Chair().ready()
    marked = msgspec.structs.replace(KETAMINE, vial="7")
    assert chair.tap(marked).state == "taken"
    assert chair.tap(marked).state == "taken"
    assert refused(chair.tap(msgspec.structs.replace(marked, lot="K999"))) == "vial"


def test_an_expired_vial_is_asked_back_and_what_was_drawn_is_written_on_yes() -> None:
    chair = Chair().ready()
    expired = msgspec.structs.replace(KETAMINE, expires="2026-10")
    assert chair.tap(expired).state == "asked"
    assert chair.tap(msgspec.structs.replace(expired, sure=True)).state == "taken"
    assert chair.tap(msgspec.structs.replace(KETAMINE, expires="2026-11")).state == "taken"


def test_one_of_several_vials_is_wasted_up_to_what_it_holds() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.tap(msgspec.structs.replace(KETAMINE, lot="K124"))
    of_second = msgspec.structs.replace(waste(100.0), strength_mg_ml=50.0, lot="K124")
    assert refused(chair.tap(msgspec.structs.replace(of_second, mg=100.01))) == "mg"
    assert refused(chair.tap(msgspec.structs.replace(of_second, lot="K999"))) == "vial"
    assert chair.tap(of_second).state == "taken"
    account = account_of(chair.session, catalog(), "ketamine")
    assert account is not None
    assert [line.balance_mg for line in account.vials] == [Decimal("76.67"), Decimal("0.00")]


def test_the_balance_runs_with_the_pump() -> None:
    chair = Chair().running()
    chair.tap(KETAMINE)
    chair.wait(5)
    chair.pump(17.5, 5.0)
    assert left(chair) == Decimal("90.00")


def test_waste_before_a_witness_closes_the_account() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    assert left(chair) == Decimal("76.67")
    assert chair.tap(waste(76.67)).state == "taken"
    assert left(chair) == Decimal("0.00")
    assert chair.bodies(Wasted) == [Wasted("ketamine", 76.67, POUCH, DOCTOR)]


def test_a_waste_is_written_by_the_nurse_and_not_by_its_witness() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.tap(waste(10.0))
    assert [e.author for e in chair.store.entries if isinstance(e.body, Wasted)] == [NURSE]


def test_nobody_is_their_own_witness() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    assert refused(chair.tap(waste(10.0, NURSE))) == "witness"
    assert refused(chair.tap(waste(10.0, "nobody"))) == "witness"
    assert chair.bodies(Wasted) == []


def test_a_witness_with_a_wrong_pin_witnesses_nothing() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    assert refused(chair.tap(waste(10.0), pin=False)) == "pin"
    assert chair.bodies(Wasted) == []


def test_more_than_is_left_cannot_be_wasted_or_returned() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    assert refused(chair.tap(waste(76.68))) == "mg"
    assert refused(chair.tap(ReturnDrug("ketamine", 100.0))) == "mg"
    assert refused(chair.tap(ReturnDrug("ketamine", 0.0))) == "mg"


def test_an_unopened_vial_goes_back_without_a_witness() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.tap(KETAMINE)
    assert chair.tap(ReturnDrug("ketamine", 100.0)).state == "taken"
    assert chair.bodies(Returned) == [Returned("ketamine", 100.0)]
    assert left(chair) == Decimal("76.67")


def test_a_summary_is_not_signed_while_milligrams_are_left_over() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.leave()
    answer = chair.tap(SIGN)
    assert refused(answer) == "balance"
    assert "76.67 mg are left over" in answer.reason
    assert chair.bodies(SummarySigned) == []


def test_what_was_given_and_never_drawn_is_a_discrepancy() -> None:
    chair = ended()
    chair.leave()
    answer = chair.tap(SIGN)
    assert refused(answer) == "balance"
    assert "more went than were drawn" in answer.reason


def test_after_the_end_the_drugs_can_still_be_counted_and_then_it_is_signed() -> None:
    chair = ended()
    chair.leave()
    chair.tap(KETAMINE)
    chair.tap(waste(76.67))
    assert chair.recorded().tap(SIGN).state == "taken"
    assert refused(chair.tap(KETAMINE)) == "session"


def test_an_explained_discrepancy_can_be_signed() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.leave()
    assert chair.tap(ExplainBalance("ketamine", "Vial broken", DOCTOR, "3333")).state == "taken"
    assert chair.bodies(BalanceExplained) == [BalanceExplained("ketamine", "Vial broken", DOCTOR, 76.67)]
    assert chair.recorded().tap(SIGN).state == "taken"


def test_an_explanation_holds_only_for_the_balance_that_it_explained() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.tap(ExplainBalance("ketamine", "Vial broken", DOCTOR, "3333"))
    chair.tap(waste(10.0))
    assert [one.whole.drug for one in discrepancies(chair.session, catalog())] == ["ketamine"]


def test_what_balances_needs_no_explanation_and_a_running_infusion_gets_none() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.tap(waste(76.67))
    assert refused(chair.tap(ExplainBalance("ketamine", "Why not", DOCTOR, "3333"))) == "drug"
    running = Chair().running()
    running.tap(KETAMINE)
    assert refused(running.tap(ExplainBalance("ketamine", "Later", DOCTOR, "3333"))) == "drug"


def test_an_unknown_dose_blocks_the_signature_until_it_is_explained() -> None:
    chair = Chair().running()
    chair.tap(KETAMINE)
    chair.pump(17.5, 4.0, confirmed=False)
    chair.wait(5)
    chair.pump(17.5, 5.0, confirmed=False)
    chair.tap(AskPump("end"))
    chair.pump(0.0, 5.0, confirmed=False)
    chair.leave()
    assert left(chair) is None
    assert refused(chair.tap(SIGN)) == "balance"
    assert chair.tap(ExplainBalance("ketamine", "Pump not read", DOCTOR, "3333")).state == "taken"
    assert chair.recorded().tap(SIGN).state == "taken"


def test_a_scheduled_rescue_drug_is_accounted_for_and_an_antiemetic_is_not() -> None:
    chair = Chair().ready()
    chair.tap(GiveDrug("midazolam", 1.0, "mg", "IV"))
    chair.tap(GiveDrug("ondansetron", 4.0, "mg", "IV"))
    assert [one.whole.drug for one in discrepancies(chair.session, catalog())] == ["midazolam"]


def test_a_draw_can_be_taken_back_and_a_witnessed_waste_cannot() -> None:
    chair = ended()
    drawn = chair.tap(KETAMINE)
    chair.tap(KETAMINE)
    assert chair.tap(Undo(drawn.entry)).state == "taken"
    wasted = chair.tap(waste(10.0))
    assert refused(chair.tap(Undo(wasted.entry))) == "undo"
    assert left(chair) == Decimal("66.67")


def test_an_account_is_the_same_after_a_power_cut() -> None:
    chair = ended()
    chair.tap(KETAMINE)
    chair.tap(waste(10.0))
    again = chair.restarted(after_s=60, boot="second")
    assert left(again) == left(chair) == Decimal("66.67")


# ---------------------------------------------------------------- emergency and timed checks


def test_an_emergency_is_stamped_although_nobody_has_unlocked_the_entry() -> None:
    chair = Chair().running()
    chair.tap(Lock())
    assert chair.tap(OpenEmergency()).state == "taken"
    assert chair.tap(StampEmergency("called")).state == "taken"
    assert chair.bodies(EmergencyOpened, EmergencyStamped) == [EmergencyOpened(), EmergencyStamped("called")]


def test_opening_the_emergency_again_within_a_minute_is_the_same_emergency() -> None:
    chair = Chair().running()
    chair.tap(OpenEmergency())
    chair.tap(OpenEmergency())
    assert len(chair.bodies(EmergencyOpened)) == 1


def test_a_stamp_that_no_table_has_is_refused() -> None:
    assert refused(Chair().running().tap(StampEmergency("tea"))) == "what"


def test_without_a_session_an_emergency_writes_nothing() -> None:
    chair = Chair().signed_in()
    assert refused(chair.tap(OpenEmergency())) == "session"


def test_the_iv_site_is_noted_with_whether_it_is_well() -> None:
    chair = Chair().running()
    chair.tap(CheckIv("Clean, runs well", "left forearm"))
    chair.tap(CheckIv("Swollen"))
    assert chair.bodies(IvChecked) == [
        IvChecked("left forearm", "Clean, runs well", True),
        IvChecked("", "Swollen", False),
    ]
    assert refused(chair.tap(CheckIv("fine"))) == "state"
