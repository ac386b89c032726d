from __future__ import annotations

from app.frames import RateLights, RateNow
from app.messages import ConfirmByHand, OrderRate
from tests.ui.window_samples import DOCTOR, NURSE, STAFF, Chair
from ui.sheets.rate import RateSheet
from ui.theme import BOLD_WEIGHT, GAP
from ui.widgets.target import Target


def sheet(chair: Chair) -> RateSheet:
    assert isinstance(chair.window.sheet, RateSheet)
    return chair.window.sheet


def barred(chair: Chair, name: str) -> str:
    target = chair.find(name)
    assert isinstance(target, Target)
    return target.reason if target.is_barred() else ""


def to_signing(chair: Chair, rate: str = "20") -> None:
    chair.touch("change_rate")
    chair.type(rate)
    chair.touch("reason.pain-not-better", "sign")


def test_a_rate_is_changed_in_five_touches_besides_digits_and_pin(chair: Chair) -> None:
    to_signing(chair)
    chair.touch("signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    assert chair.acts == [OrderRate(20.0, "Pain not better", "s2", "2222")]


def test_who_is_here_and_may_sign_is_chosen_already(chair: Chair) -> None:
    chair.show(who="s2", staff=STAFF)
    to_signing(chair)
    chair.type("2222", "pin")
    chair.touch("sign_now")
    assert isinstance(chair.acts[0], OrderRate)


def test_the_sheet_shows_now_and_new_in_four_units(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("20")
    assert sheet(chair).table.rows == (
        ("mL/h", "17.5", "20"),
        ("mg/h", "35", "40"),
        ("mg/kg/h", "0.5", "0.57"),
        ("mg at the end", "129", "143"),
    )


def test_the_nearest_limits_are_named_with_their_use(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("20")
    limits = sheet(chair).table.limits
    assert {limit.label for limit in limits[:2]} == {"Rate limit 0.6 mg/kg/h", "Session limit 150 mg"}


def test_the_model_is_previewed_with_and_without_the_change(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("20")
    preview = sheet(chair).preview.preview
    assert preview is not None
    assert preview.high[-1] > preview.was_high[-1]


def test_a_rate_above_a_hard_limit_is_refused_by_name_and_cannot_be_signed(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("30")
    chair.touch("reason.order")
    assert barred(chair, "sign") == "refused"
    assert "rate limit 0.6 mg/kg/h" in sheet(chair).says.text
    chair.touch("sign")
    assert chair.find("ok").isVisible()
    assert chair.acts == []


def test_a_limit_that_is_passed_many_times_keeps_its_words_apart_from_its_per_cent(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("900")
    table = sheet(chair).table
    look, limit = table.look, table.limits[0]
    assert limit.percent > 1000
    words = look.width(limit.label, weight=BOLD_WEIGHT) + look.width(
        f"{limit.percent:.0f} %", weight=BOLD_WEIGHT
    )
    assert table.bars_from() - words >= look.px(GAP)
    assert table.bars_from() < table.width() * 0.9


def test_a_tenth_of_the_order_is_asked_back_before_the_signature(chair: Chair) -> None:
    to_signing(chair, "1.8")
    chair.touch("no")
    assert not sheet(chair).is_sure
    chair.touch("sign", "yes", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    act = chair.acts[0]
    assert isinstance(act, OrderRate)
    assert act.sure


def test_without_a_reason_nothing_is_signed(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("20")
    assert barred(chair, "sign") == "choose a reason"


def test_a_wrong_pin_is_said_at_the_pad_and_the_digits_are_gone(chair: Chair) -> None:
    to_signing(chair)
    chair.touch("signer.s2")
    chair.type("9999", "pin")
    chair.touch("sign_now")
    chair.answer("refused", "pin", "Wrong PIN. 4 tries left.")
    assert sheet(chair).signing.pin.field.words == "Wrong PIN. 4 tries left."
    assert sheet(chair).signing.pin.pin == ""


def test_only_those_who_prescribe_are_offered_to_sign(chair: Chair) -> None:
    chair.show(staff=(NURSE, DOCTOR))
    to_signing(chair)
    names = {target.objectName() for target in chair.targets()}
    assert "signer.s2" in names
    assert "signer.s1" not in names


def test_after_the_signature_the_lights_follow_the_order_to_the_pump(chair: Chair) -> None:
    to_signing(chair)
    chair.touch("signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    chair.answer(lights=RateLights(True, True, False, "Waiting to see 20 mL/h", "Enter 20 mL/h at the pump"))
    after = sheet(chair).after
    assert after.enter.text == "Enter 20 mL/h at the pump"
    assert after.lights.on == (True, True, False)


def test_a_rate_that_nobody_goes_on_typing_is_not_applied(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("20")
    chair.clock.later(61.0)
    chair.show()
    assert chair.window.sheet is None
    assert chair.acts == []


def test_a_second_decimal_point_is_refused_with_feedback(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("2.5.")
    assert sheet(chair).keypad.typed.text == "2.5"
    assert sheet(chair).keypad.typed.refusal


def test_the_rate_of_now_stands_in_the_table_before_anything_is_typed(chair: Chair) -> None:
    chair.touch("change_rate")
    assert sheet(chair).table.rows[0] == ("mL/h", "17.5", "")
    assert sheet(chair).table.rows[1] == ("mg/h", "35", "")


def test_a_rate_is_reckoned_with_what_is_in_the_pump_not_with_what_was_ordered(chair: Chair) -> None:
    chair.show(rate_now=RateNow(4360.0, 17.5, 31.2, 1.0))
    chair.touch("change_rate")
    chair.type("20")
    assert sheet(chair).table.rows[1] == ("mg/h", "17.5", "20")


def test_while_nobody_said_what_is_in_the_syringe_no_rate_is_signed(chair: Chair) -> None:
    chair.show(rate_now=RateNow(4360.0, 17.5, 31.2, None))
    chair.touch("change_rate")
    chair.type("20")
    assert barred(chair, "sign") == "say first what is in the syringe"


BY_HAND = RateLights(True, False, False, "No pump is read: confirm the rate by hand", "Enter 20 mL/h", 20.0)


def test_without_a_pump_the_signed_rate_is_confirmed_by_hand(chair: Chair) -> None:
    to_signing(chair)
    chair.touch("signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    chair.answer(lights=BY_HAND)
    chair.touch("confirm_by_hand")
    assert chair.acts[-1] == ConfirmByHand("rate", rate_ml_h=20.0)
    chair.answer(lights=RateLights(True, True, False, "20 mL/h set, by hand", ""))
    assert "confirm_by_hand" not in {target.objectName() for target in chair.targets()}
    assert chair.window.sheet is not None


def test_a_rate_that_nobody_confirmed_is_asked_for_when_the_sheet_opens_again(chair: Chair) -> None:
    chair.show(lights=BY_HAND)
    chair.touch("change_rate")
    assert chair.find("confirm_by_hand").isVisible()
    chair.touch("another_rate")
    chair.type("18")
    assert sheet(chair).table.rows[0][2] == "18"
