from __future__ import annotations

from app.bedside_frames import AccountFrame, AccountLine, DrawOffer, LotOffer, VialLine
from app.messages import DrawVial, ExplainBalance, ReturnDrug, WasteDrug
from tests.ui.frames_samples import recovery
from tests.ui.window_samples import Chair, shot
from ui.widgets.account_table import lines_of, state_words
from ui.widgets.target import State, Target

POUCH = "Drug disposal pouch"


def line(
    state: str = "open",
    left: float | None = 76.67,
    drug: str = "ketamine",
    by_vial: tuple[VialLine, ...] = (),
) -> AccountLine:
    return AccountLine(
        drug,
        drug,
        "induction",
        "C III",
        1,
        "100 mg",
        "23.33 mg",
        "0 mg",
        "0 mg",
        "--" if left is None else f"{left:g} mg",
        left,
        state,  # type: ignore[arg-type]
        "",
        by_vial,
    )


def vial(name: str, label: str, lot: str, mark: str, left: float) -> VialLine:
    return VialLine(name, label, 50.0, lot, mark, "50 mg", "0 mg", "0 mg", "0 mg", f"{left:g} mg", left)


VIALS = (
    vial("2 × 50 mg/mL", "lot K123, expires 05/2027", "K123", "", 50.0),
    vial("1 × 50 mg/mL", "lot K124, vial 7, expires 05/2027", "K124", "7", 26.67),
)
LOT = LotOffer(
    "ketamine", "ketamine", 50.0, "K123", "2027-05", "ketamine 50 mg/mL, lot K123, expires 05/2027"
)


OFFERS = (
    DrawOffer("ketamine", "ketamine", (10.0, 50.0, 100.0), True),
    DrawOffer("midazolam", "midazolam", (1.0, 5.0), True),
)


def opened(chair: Chair, *lines: AccountLine, phase: str = "recovery", barred: str = "") -> None:
    frame = AccountFrame(
        lines,
        OFFERS,
        "Ketamine: 76.67 mg are left over.",
        not lines,
        barred,
        True,
        "What is in the line at the end is wasted with the rest.",
        (LOT,),
        "ketamine",
        2026,
    )
    chair.show(shot(phase, account=frame))
    chair.window._go("account")


def bar(chair: Chair, name: str) -> str:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found.reason if found.is_barred() else ""


def test_a_vial_of_the_infused_drug_is_drawn_in_five_touches_and_a_volume(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "choice.ketamine", "choice.50")
    chair.type("2")
    chair.touch("set", "editor.done")
    assert chair.acts == [DrawVial("ketamine", 50.0, 2.0, "", "Infusion")]


def test_a_lot_that_was_drawn_before_is_picked_with_its_label(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "lot.0")
    chair.type("2")
    chair.touch("set", "editor.done")
    assert chair.acts == [DrawVial("ketamine", 50.0, 2.0, "K123", "Infusion", expires="2027-05")]


def test_lot_mark_and_month_of_a_vial_are_entered_where_they_are_wanted(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "choice.midazolam", "choice.1")
    chair.type("2")
    chair.touch("set", "draw.lot", "letter.k", "letter.a", "keyboard.done")
    chair.touch("draw.vial", "letter.v", "keyboard.done")
    chair.touch("draw.expires", "choice.2027", "choice.05", "purpose.1", "editor.done")
    assert chair.acts == [DrawVial("midazolam", 1.0, 2.0, "ka", "Rescue dose", "v", "2027-05")]


def test_several_vials_of_a_lot_are_a_count(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "lot.0")
    chair.type("0.7")
    chair.touch("set", "draw.more", "draw.more", "editor.done")
    assert chair.acts == [DrawVial("ketamine", 50.0, 2.1, "K123", "Infusion", expires="2027-05", vials=3)]


def test_several_vials_have_no_mark_of_one(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "lot.0")
    chair.type("2")
    chair.touch("set", "draw.more")
    assert bar(chair, "draw.vial") == "several vials"


def test_a_drug_that_is_not_infused_is_not_drawn_before_it_is_said_for_what(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "choice.midazolam", "choice.1")
    chair.type("2")
    chair.touch("set", "editor.done")
    assert chair.acts == []
    assert bar(chair, "editor.done") == "for what?"


def test_an_expired_vial_is_asked_back_and_drawn_only_on_yes(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "lot.0")
    chair.type("2")
    chair.touch("set", "editor.done")
    chair.answer("asked", "expires", "This vial expired at the end of 05/2027. Was it drawn all the same?")
    chair.touch("yes")
    assert [act.sure for act in chair.acts if isinstance(act, DrawVial)] == [False, True]


def test_one_vial_of_several_is_wasted_by_its_label(chair: Chair) -> None:
    opened(chair, line(by_vial=VIALS))
    chair.touch("account.waste", "choice.ketamine.1", "all_that_is_left", "choice.0", "witness.s2")
    chair.type("2222", "pin")
    chair.touch("witness_now")
    assert chair.acts == [WasteDrug("ketamine", 26.67, POUCH, "s2", "2222", 50.0, "K124", "7")]


def test_all_of_a_drug_is_wasted_at_once_although_it_came_out_of_several_vials(chair: Chair) -> None:
    opened(chair, line(by_vial=VIALS))
    chair.touch("account.waste", "choice.ketamine", "all_that_is_left", "choice.0", "witness.s2")
    chair.type("2222", "pin")
    chair.touch("witness_now")
    assert chair.acts == [WasteDrug("ketamine", 76.67, POUCH, "s2", "2222")]


def test_an_unopened_vial_goes_back_by_its_label(chair: Chair) -> None:
    opened(chair, line(by_vial=VIALS))
    chair.touch("account.return", "choice.ketamine.0", "all_that_is_left")
    assert chair.acts == [ReturnDrug("ketamine", 50.0, 50.0, "K123")]


def test_a_vial_s_line_stands_below_its_drug_and_what_does_not_fit_is_a_touch_away(chair: Chair) -> None:
    several = tuple(line(drug=drug, by_vial=VIALS) for drug in ("ketamine", "midazolam", "lorazepam"))
    opened(chair, *several)
    table = chair.window.account.table
    assert [one for page in table.pages() for one in page] == list(lines_of(several))
    assert len(lines_of(several)) == 9
    chair.touch("more_lines")
    assert table.page == 1


def test_all_that_is_left_is_wasted_before_a_witness(chair: Chair) -> None:
    opened(chair, line())
    chair.touch("account.waste", "all_that_is_left", "choice.0", "witness.s2")
    chair.type("2222", "pin")
    chair.touch("witness_now")
    assert chair.acts == [WasteDrug("ketamine", 76.67, POUCH, "s2", "2222")]


def test_whoever_is_signed_in_is_not_offered_as_a_witness(chair: Chair) -> None:
    opened(chair, line())
    chair.touch("account.waste", "all_that_is_left", "choice.0")
    people = chair.window.account.witness.people
    assert people is not None
    assert set(people.targets) == {"s2", "s3"}


def test_more_than_is_left_cannot_be_set(chair: Chair) -> None:
    opened(chair, line())
    chair.touch("account.return")
    chair.type("80")
    chair.touch("set")
    assert chair.acts == []
    chair.touch("key.erase", "set")
    assert chair.acts == [ReturnDrug("ketamine", 8.0)]


def test_a_discrepancy_is_explained_before_a_witness(chair: Chair) -> None:
    opened(chair, line())
    chair.touch("account.explain", "choice.0", "witness.s3")
    chair.type("3333", "pin")
    chair.touch("witness_now")
    assert chair.acts == [ExplainBalance("ketamine", "Vial broken or spilled", "s3", "3333")]


def test_a_wrong_pin_stays_at_the_witness(chair: Chair) -> None:
    opened(chair, line())
    chair.touch("account.waste", "all_that_is_left", "choice.0", "witness.s2")
    chair.type("9999", "pin")
    chair.touch("witness_now")
    chair.answer("refused", "pin", "Wrong PIN. 4 tries left.")
    assert chair.window.account.witness.pin.field.words == "Wrong PIN. 4 tries left."


def test_of_two_drugs_the_one_that_is_wasted_is_chosen(chair: Chair) -> None:
    opened(chair, line(), line(drug="midazolam", left=1.0))
    chair.touch("account.waste", "choice.midazolam")
    chair.type("1")
    chair.touch("set", "choice.0", "witness.s2")
    chair.type("2222", "pin")
    chair.touch("witness_now")
    assert chair.acts == [WasteDrug("midazolam", 1.0, POUCH, "s2", "2222")]


def test_in_recovery_the_account_is_one_touch_away_and_due_while_drugs_are_left_over(chair: Chair) -> None:
    left_over = AccountFrame((line(),), OFFERS, "Ketamine: 76.67 mg are left over.", False)
    chair.show(shot("recovery", recovery=recovery(), account=left_over))
    target = chair.find("account")
    assert isinstance(target, Target)
    assert (target.words, target.state) == ("Count drugs", State.DUE)
    chair.touch("account")
    assert chair.find("account.waste").isVisible()


def test_in_recovery_balanced_drugs_ask_for_nothing(chair: Chair) -> None:
    balanced = AccountFrame((line("closed", 0.0),), OFFERS, "", True)
    chair.show(shot("recovery", recovery=recovery(), account=balanced))
    target = chair.find("account")
    assert isinstance(target, Target)
    assert (target.words, target.state) == ("Drugs", State.NORMAL)


def test_what_is_balanced_bars_waste_return_and_explaining(chair: Chair) -> None:
    opened(chair, line("closed", 0.0))
    assert bar(chair, "account.waste") == "nothing is left"
    assert bar(chair, "account.return") == "nothing is left"
    assert bar(chair, "account.explain") == "nothing to explain"


def test_after_the_signature_nothing_is_counted_any_more(chair: Chair) -> None:
    opened(chair, line("closed", 0.0), barred="The session is finished.")
    assert bar(chair, "account.draw") == "signed already"


def test_a_taken_act_shows_the_accounts_again(chair: Chair) -> None:
    opened(chair, line())
    chair.touch("account.return")
    chair.type("5")
    chair.touch("set")
    chair.answer()
    assert chair.find("account.draw").isVisible()


def test_every_target_of_the_accounts_is_large_enough(chair: Chair) -> None:
    opened(chair, line())
    mm = chair.look.metrics.in_mm
    acts = [t for t in chair.targets() if t.objectName().startswith("account.")]
    assert len(acts) == 4
    assert all(mm(t.width()) >= 20 and mm(t.height()) >= 15 for t in acts)


def test_what_is_below_nothing_is_not_called_left_over() -> None:
    assert state_words(line()) == "left over"
    assert state_words(line(left=-1.51)) == "more than drawn"
    assert state_words(line("explained", -1.51)) == "explained"
