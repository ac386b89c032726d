from __future__ import annotations

from app.clinical.protocol import OrderStep
from app.entries import InfusionPaused, PumpSeen
from app.messages import AnswerSyringe, AskPump, CheckIv, ConfirmByHand, OrderRate, SetOxygen
from tests.app.chair import DOCTOR, Chair, order

STAIRS = order(steps=(OrderStep(10.0, 0.2, 0.2), OrderStep(20.0, 0.4, 0.4)), max_rate=0.6)
"""7 mL/h for ten minutes, then 14 mL/h."""
WELL = "Clean, runs well"


def due(chair: Chair) -> list[str]:
    chart = chair.snapshot.chart
    assert chart is not None
    return [words for words, _ in chart.due]


def test_a_step_is_announced_a_minute_ahead() -> None:
    chair = Chair().running(rate=7.0, signed=STAIRS)
    chair.flow(535, 7.0, 0.0)
    assert not [words for words in due(chair) if "mL/h" in words]
    chair.flow(15, 7.0, 1.04)
    assert "14 mL/h 0:50" in due(chair)
    card = chair.snapshot.infusion
    assert card is not None
    assert card.warning.startswith("Enter 14 mL/h at the pump in")


def test_a_step_that_is_due_stands_as_a_low_alarm_until_the_pump_shows_it() -> None:
    chair = Chair().running(rate=7.0, signed=STAIRS)
    volume = chair.flow(605, 7.0, 0.0)
    assert "plan.step" in chair.alarms()
    assert "pump.rate" not in chair.alarms()
    chair.flow(5, 14.0, volume)
    assert "plan.step" not in chair.alarms()


def test_a_step_that_is_not_taken_in_two_minutes_is_a_rate_that_differs() -> None:
    chair = Chair().running(rate=7.0, signed=STAIRS)
    chair.flow(730, 7.0, 0.0)
    assert "plan.step" not in chair.alarms()
    assert "pump.rate" in chair.alarms()


def test_a_rate_that_was_ordered_stands_in_place_of_the_steps() -> None:
    chair = Chair().running(rate=7.0, signed=STAIRS)
    chair.tap(OrderRate(10.0, "Order", DOCTOR, "3333"))
    chair.flow(605, 10.0, 0.0)
    assert "plan.step" not in chair.alarms()


def test_without_a_pump_a_step_is_asked_and_said_by_the_nurse() -> None:
    chair = Chair(pump=False).ready(STAIRS)
    chair.tap(AskPump("start"))
    chair.tap(ConfirmByHand("start"))
    chair.wait(602)
    question = chair.snapshot.question
    assert question is not None
    assert (question.key, question.rate_ml_h) == ("rate", 14.0)
    assert chair.tap(ConfirmByHand("rate", 14.0)).state == "taken"
    assert chair.snapshot.question is None
    assert [body.rate_ml_h for body in chair.bodies(PumpSeen) if isinstance(body, PumpSeen)] == [14.0]


# ---------------------------------------------------------------- the syringe


def low_by_hand() -> Chair:
    """A syringe of 5 mL by hand that the plan outlasts, seven minutes before it is empty."""
    signed = order(container_ml=5.0, drug_in_container_mg=10.0, minutes=40)
    chair = Chair(pump=False).ready(signed)
    chair.tap(AskPump("start"))
    chair.tap(ConfirmByHand("start"))
    chair.wait(600)
    return chair


def test_a_syringe_that_lasts_ten_minutes_and_is_not_enough_is_said() -> None:
    assert "syringe.low" in low_by_hand().alarms()


def test_a_syringe_that_lasts_to_the_end_is_not_called_low() -> None:
    chair = Chair().running(signed=order(container_ml=12.0, drug_in_container_mg=24.0))
    chair.flow(2300, 17.5, 0.0, every_s=5)
    assert "syringe.low" not in chair.alarms()


def test_an_empty_syringe_that_runs_on_is_a_medium_alarm() -> None:
    chair = low_by_hand()
    chair.wait(440)
    rows = {row.key: row.priority for row in chair.snapshot.alarms.rows}
    assert rows["syringe.empty"] == "medium"
    assert "syringe.low" not in rows


def asked(chair: Chair) -> str:
    question = chair.snapshot.question
    return question.key if question is not None else ""


def test_by_hand_the_new_container_is_asked_when_the_low_one_is_held() -> None:
    chair = low_by_hand()
    assert asked(chair) == ""
    chair.tap(AskPump("pause"))
    chair.tap(ConfirmByHand("pause"))
    assert chair.bodies(InfusionPaused)
    assert asked(chair) == "syringe"
    chair.tap(AnswerSyringe(5.0, 2.0, same_container=False))
    assert asked(chair) == ""
    left = chair.session.infusion.left_ml()
    assert left is not None
    assert abs(left - 5.0) < 1e-9


# ---------------------------------------------------------------- checks by the clock


def test_the_iv_site_is_due_five_minutes_after_the_start_and_once_a_quarter_of_an_hour() -> None:
    chair = Chair().running()
    assert "IV site 5:00" in [words.replace("4:59", "5:00") for words in due(chair)]
    chair.flow(480, 17.5, 0.0, every_s=2)
    assert "due.iv-site" in chair.alarms()
    chair.tap(CheckIv(WELL))
    chair.wait(1)
    assert "due.iv-site" not in chair.alarms()
    assert "IV site 14:59" in due(chair)


def test_a_pressure_that_was_never_measured_is_called_late_a_minute_after_it_was_due() -> None:
    chair = Chair().running()
    volume = chair.flow(230, 17.5, 0.0, every_s=2)
    assert "due.nibp" not in chair.alarms()
    volume = chair.flow(20, 17.5, volume, every_s=2)
    assert "due.nibp" in chair.alarms()
    chair.vitals(nibp_sys=120.0, nibp_dia=80.0, nibp_mean=93.0)
    chair.flow(2, 17.5, volume)
    assert "due.nibp" not in chair.alarms()


def test_an_old_pressure_has_one_notice_and_not_two() -> None:
    chair = Chair().running()
    chair.vitals(nibp_sys=120.0, nibp_dia=80.0, nibp_mean=93.0)
    chair.flow(430, 17.5, 0.0, every_s=2)
    assert [key for key in chair.alarms() if "nibp" in key] == ["stale.nibp"]


def saturation_corner(chair: Chair) -> str:
    return next(tile.corner for tile in chair.snapshot.tiles if tile.key == "spo2")


def test_oxygen_that_runs_is_said_beside_the_saturation_and_not_after_it_was_stopped() -> None:
    chair = Chair().running()
    chair.vitals(spo2=95.0)
    chair.tap(SetOxygen(2.0))
    assert saturation_corner(chair) == "O₂ 2 L"
    chair.tap(SetOxygen(0.0))
    assert saturation_corner(chair) == ""
