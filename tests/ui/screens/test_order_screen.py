from __future__ import annotations

from app.frames import Answer
from app.messages import SignOrder
from tests.ui.window_samples import Chair, order, shot
from ui.widgets.target import State, Target


def target(chair: Chair, name: str) -> Target:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found


def protocol(chair: Chair) -> None:
    chair.show(shot("check-in"))
    chair.touch("to_order", "row.protocol", "choice.low-dose-one-hour")


def filled(chair: Chair, limit: str = "0.6") -> None:
    protocol(chair)
    chair.touch("row.syringe", "choice.50", "choice.2", "row.max_rate")
    chair.type(limit)
    chair.touch("set")


def test_what_the_protocol_leaves_unset_is_marked_and_nothing_else(chair: Chair) -> None:
    protocol(chair)
    due = {one.objectName() for one in chair.targets() if one.state is State.DUE}
    assert due == {"row.max_rate", "row.syringe"}


def test_an_incomplete_order_cannot_be_signed(chair: Chair) -> None:
    protocol(chair)
    assert target(chair, "sign_order").is_barred()
    chair.touch("sign_order")
    assert chair.find("ok").isVisible()


def test_a_filled_order_is_drawn_with_its_totals(chair: Chair) -> None:
    filled(chair)
    screen = chair.window.order
    assert screen.plan.drawn is not None
    assert {name: stat.value for name, stat in screen.stats.items()} == {
        "mg": "23.3 mg",
        "ml": "11.7 mL",
        "peak": "0.5",
        "time": "0:40",
    }
    assert screen.verdict_words.text == "Within every limit of the clinic."


def test_the_anesthetist_signs_what_stands_there(chair: Chair) -> None:
    filled(chair)
    chair.touch("sign_order", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    act = chair.acts[0]
    assert isinstance(act, SignOrder)
    assert (act.signer, act.order.max_rate, act.order.concentration_mg_ml) == ("s2", 0.6, 2.0)
    assert act.order.dose_weight_kg == 70.0


def test_a_rate_above_the_order_s_own_limit_is_refused_in_words(chair: Chair) -> None:
    filled(chair, "0.4")
    assert target(chair, "sign_order").reason == "refused"
    assert "above this order's rate limit" in chair.window.order.verdict_words.text


def test_a_soft_limit_asks_for_a_reason_before_the_pin(chair: Chair) -> None:
    filled(chair, "1.5")
    chair.touch("sign_order", "why.0", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    act = chair.acts[0]
    assert isinstance(act, SignOrder)
    assert act.reason


def test_a_wrong_pin_leaves_the_signature_open(chair: Chair) -> None:
    filled(chair)
    chair.touch("sign_order", "signer.s2")
    chair.type("9999", "pin")
    chair.touch("sign_now")
    chair.answer("refused", "pin", "Wrong PIN. 4 tries left.")
    assert chair.window.order.signing.pin.field.words == "Wrong PIN. 4 tries left."


def test_another_weight_of_the_patient_changes_the_draft(chair: Chair) -> None:
    filled(chair)
    assert chair.shown.patient is not None
    import msgspec

    chair.show(patient=msgspec.structs.replace(chair.shown.patient, weight_kg=80.0))
    assert chair.window.order.stats["mg"].value == "26.7 mg"


def test_a_syringe_that_runs_dry_is_marked_in_the_plan(chair: Chair) -> None:
    filled(chair)
    chair.touch("row.minutes")
    chair.type("240")
    chair.touch("set")
    drawn = chair.window.order.plan.drawn
    assert drawn is not None
    assert len(drawn.plan.syringe_changes_s) == 1


def test_a_signed_order_can_be_changed_before_the_start(chair: Chair) -> None:
    chair.show(shot("ready", order=order()))
    chair.window._go("order")
    assert chair.window.order.draft is not None
    assert chair.window.order.draft.max_rate == 0.6


def test_the_draft_of_one_session_is_not_offered_to_the_next(chair: Chair) -> None:
    filled(chair)
    chair.show(shot("today"))
    chair.show(shot("check-in", session="another"))
    chair.touch("to_order")
    assert chair.window.order.draft is None


def soft(chair: Chair) -> None:
    """An order above the clinic's limit, which asks for a reason."""
    filled(chair, "1.5")
    chair.touch("row.rate")
    chair.type("1.2")
    chair.touch("set")


def test_from_the_reason_there_is_a_way_back_to_the_order(chair: Chair) -> None:
    soft(chair)
    chair.touch("sign_order", "back_from_why")
    assert target(chair, "sign_order").isVisible()


def test_a_reason_given_for_another_order_is_asked_for_again(chair: Chair) -> None:
    soft(chair)
    chair.touch("sign_order", "why.0", "back_to_order", "row.rate")
    chair.type("1.3")
    chair.touch("set", "sign_order")
    assert "why.0" in {one.objectName() for one in chair.targets()}


def test_the_row_that_is_refused_is_marked(chair: Chair) -> None:
    filled(chair, "9")
    assert target(chair, "row.max_rate").state is State.DUE


def test_the_order_is_looked_at_again_after_it_was_signed_and_not_its_pin(chair: Chair) -> None:
    filled(chair)
    chair.touch("sign_order", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    # The chair comes with the answer, so the order's screen is gone before it could hear it.
    answers = {chair.taps[-1].id: Answer("taken")}
    chair.show(shot("ready", answers=answers))
    chair.show(shot("check-in", order=None, plan=None, answers=answers))
    chair.touch("to_order")
    assert "back_to_check_in" in {target.objectName() for target in chair.targets()}
