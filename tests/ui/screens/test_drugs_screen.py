from __future__ import annotations

from app.bedside_frames import AccountFrame, AccountLine, DrawOffer
from app.messages import DrawVial, ExplainBalance, ReturnDrug, WasteDrug
from tests.ui.window_samples import Chair, shot
from ui.widgets.target import Target

POUCH = "Drug disposal pouch"


def line(state: str = "open", left: float | None = 76.67, drug: str = "ketamine") -> AccountLine:
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
    )


OFFERS = (
    DrawOffer("ketamine", "ketamine", (10.0, 50.0, 100.0), True),
    DrawOffer("midazolam", "midazolam", (1.0, 5.0), True),
)


def opened(chair: Chair, *lines: AccountLine, phase: str = "recovery", barred: str = "") -> None:
    frame = AccountFrame(lines, OFFERS, "Ketamine: 76.67 mg are left over.", not lines, barred, True)
    chair.show(shot(phase, account=frame))
    chair.window._go("account")


def bar(chair: Chair, name: str) -> str:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found.reason if found.is_barred() else ""


def test_a_vial_is_drawn_with_strength_volume_and_purpose(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "choice.ketamine", "choice.50")
    chair.type("2")
    chair.touch("set", "choice.0", "choice.none")
    assert chair.acts == [DrawVial("ketamine", 50.0, 2.0, "", "Infusion")]


def test_the_lot_is_typed_where_it_is_wanted(chair: Chair) -> None:
    opened(chair)
    chair.touch("account.draw", "choice.midazolam", "choice.1")
    chair.type("2")
    chair.touch("set", "choice.1", "choice.type", "letter.k", "letter.a", "keyboard.done")
    assert chair.acts == [DrawVial("midazolam", 1.0, 2.0, "ka", "Rescue dose")]


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
