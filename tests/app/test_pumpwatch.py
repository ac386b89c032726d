"""Start, Pause and End never pretend (screens.md): what the pump shows, what was asked, what a person says."""

from __future__ import annotations

import pytest

from app.entries import (
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    PumpLost,
    PumpSeen,
    RateMeasured,
    SegmentConfirmed,
    SegmentOpened,
)
from app.messages import (
    AnswerSyringe,
    AskPump,
    ConfirmByHand,
    ConfirmPumpState,
    OrderRate,
    PumpRead,
    StopAsking,
)
from app.readings import PumpMode
from tests.app.chair import DOCTOR, Chair, order


def change_rate(chair: Chair, rate: float, **more: object) -> str:
    """The anesthetist orders another rate; the answer's state."""
    return chair.tap(OrderRate(rate, "Pain not better", DOCTOR, "3333", **more)).state  # type: ignore[arg-type]


# ---------------------------------------------------------------- start


def test_start_is_not_written_before_the_pump_shows_it() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 0.0)
    chair.tap(AskPump("start"))
    chair.wait(30)
    chair.pump(0.0, 0.0)
    assert chair.session.phase == "ready"
    assert not chair.bodies(InfusionStarted)


def test_a_pump_that_starts_after_it_was_asked_starts_the_infusion_at_its_own_rate() -> None:
    chair = Chair().running(rate=17.4)
    assert chair.bodies(InfusionStarted) == [InfusionStarted("pump", 17.4)]


def test_a_pump_that_runs_without_being_asked_does_not_start_the_infusion() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 0.0)
    chair.pump(17.5, 0.1)
    assert chair.session.phase == "ready"


def test_a_pump_that_runs_already_when_start_is_asked_starts_at_once_and_loses_nothing() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 2.0)
    chair.wait(1)
    chair.pump(17.5, 2.1)
    chair.wait(1)
    chair.pump(17.5, 2.2)
    chair.tap(AskPump("start"))
    assert chair.session.phase == "infusing"
    assert chair.given_mg() == pytest.approx(0.4)


def test_priming_before_the_start_is_not_counted() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 0.0)
    chair.pump(200.0, 1.0)
    chair.pump(0.0, 1.5)
    chair.tap(AskPump("start"))
    chair.pump(17.5, 1.5)
    assert chair.given_mg() == pytest.approx(0.0)


def test_given_counts_from_the_counter_at_the_start() -> None:
    chair = Chair().running(baseline=12.0)
    chair.flow(60, 18.0, 12.0)
    assert chair.given_mg() == pytest.approx(0.6, abs=0.002)


def test_a_pump_that_was_silent_is_no_proof_of_a_start() -> None:
    chair = Chair().ready()
    chair.pump(17.5, 1.0)
    chair.wait(30)
    chair.tap(AskPump("start"))
    assert chair.session.phase == "ready"


# ---------------------------------------------------------------- pause, resume, end


def test_hold_at_the_pump_without_asking_becomes_a_pause() -> None:
    chair = Chair().running()
    chair.pump(0.0, 0.2)
    assert chair.session.phase == "paused"
    assert chair.bodies(InfusionPaused) == [InfusionPaused("pump", "held at the pump", 0.2)]


def test_a_pause_that_an_alarm_made_says_so() -> None:
    chair = Chair().running()
    chair.pump(0.0, 0.2, alarm="AL_OCCLU")
    (paused,) = chair.bodies(InfusionPaused)
    assert isinstance(paused, InfusionPaused)
    assert "alarm" in paused.reason


def test_asking_for_a_pause_pauses_nothing_while_the_pump_flows() -> None:
    chair = Chair().running()
    chair.tap(AskPump("pause", "Nausea"))
    chair.flow(20, 17.5, 0.0)
    assert chair.session.phase == "infusing"


def test_the_pause_that_was_asked_for_keeps_its_reason() -> None:
    chair = Chair().running()
    chair.tap(AskPump("pause", "Nausea"))
    chair.pump(0.0, 0.1)
    assert chair.bodies(InfusionPaused) == [InfusionPaused("pump", "Nausea", 0.1)]


def test_nothing_says_paused_once_the_pump_flows_again() -> None:
    chair = Chair().running()
    chair.pump(0.0, 0.1)
    chair.pump(17.5, 0.1)
    assert chair.session.phase == "infusing"
    assert chair.bodies(InfusionResumed) == [InfusionResumed("pump", 17.5)]


def test_a_word_that_is_not_known_is_neither_hold_nor_running() -> None:
    chair = Chair().running()
    chair.pump(None, 0.1, mode=PumpMode.UNKNOWN)
    assert chair.session.phase == "infusing"


def test_hold_after_end_was_asked_ends_the_infusion_with_what_was_given() -> None:
    chair = Chair().running()
    chair.tap(AskPump("end"))
    chair.pump(0.0, 3.0)
    (ended,) = chair.bodies(InfusionEnded)
    assert isinstance(ended, InfusionEnded)
    assert (ended.source, chair.session.phase) == ("pump", "recovery")
    assert ended.given_mg == pytest.approx(6.0)


def test_end_of_an_infusion_that_is_held_is_seen_at_once() -> None:
    chair = Chair().running()
    chair.pump(0.0, 3.0)
    chair.tap(AskPump("end"))
    assert chair.session.phase == "recovery"


def test_what_is_not_wanted_any_more_does_not_happen() -> None:
    chair = Chair().running()
    chair.tap(AskPump("end"))
    chair.tap(StopAsking())
    chair.pump(0.0, 3.0)
    assert chair.session.phase == "paused"


@pytest.mark.parametrize("what", ["start", "resume", "stop", ""])
def test_what_makes_no_sense_now_cannot_be_asked(what: str) -> None:
    chair = Chair().running()
    assert chair.tap(AskPump(what)).state == "refused"


def test_a_pump_that_runs_on_after_the_end_counts_and_is_said() -> None:
    chair = Chair().running()
    chair.tap(AskPump("end"))
    chair.pump(0.0, 3.0)
    chair.flow(5, 18.0, 3.0)
    assert "pump.runs-on" in chair.alarms()
    assert chair.given_mg() == pytest.approx(2 * 3.025, abs=0.003)
    assert sum(isinstance(body, PumpSeen) for body in chair.bodies(PumpSeen)) == 2


def test_what_ran_on_after_the_end_is_not_lost_by_a_restart() -> None:
    chair = Chair().running()
    chair.tap(AskPump("end"))
    chair.pump(0.0, 3.0)
    chair.flow(30, 18.0, 3.0)
    chair.wait(6)
    before = chair.given_mg()
    assert chair.restarted(after_s=3).given_mg() == pytest.approx(before)


# ---------------------------------------------------------------- segments


def test_a_counter_that_falls_asks_what_is_in_the_syringe() -> None:
    chair = Chair().running()
    chair.pump(17.5, 3.0)
    chair.pump(17.5, 0.2)
    assert chair.bodies(SegmentOpened)[-1] == SegmentOpened(
        "the pump's counter fell", "800123456", 0.0, None, None
    )
    question = chair.snapshot.question
    assert question is not None
    assert question.key == "syringe"


def test_another_pump_asks_what_is_in_the_syringe() -> None:
    chair = Chair().running()
    chair.pump(17.5, 3.0)
    chair.pump(17.5, 40.0, serial="900000001")
    assert chair.given_mg() == pytest.approx(6.0)
    assert chair.snapshot.question is not None


def test_given_is_unknown_until_the_syringe_is_named_once_something_flowed() -> None:
    chair = Chair().running()
    chair.pump(17.5, 3.0)
    chair.pump(17.5, 3.0, confirmed=False)
    assert chair.given_mg() == pytest.approx(6.0)
    chair.pump(17.5, 3.5, confirmed=True)
    assert chair.given_mg() is None
    chair.tap(AnswerSyringe(20.0, 5.0, same_container=False))
    assert chair.given_mg() == pytest.approx(6.0 + 0.5 * 5)


def test_two_changes_in_a_row_are_asked_about_one_after_the_other() -> None:
    chair = Chair().running()
    chair.pump(17.5, 3.0)
    chair.wait(1)
    chair.pump(17.5, 0.2)
    chair.wait(1)
    chair.pump(17.5, 9.0, serial="900000001")
    asked = []
    while (question := chair.snapshot.question) is not None:
        asked.append((question.text, question.detail))
        chair.tap(AnswerSyringe(50.0, 2.0, same_container=False))
    assert [text for text, _ in asked] == ["What was in the syringe then?", "What is in the syringe now?"]
    assert asked[0][1].startswith("The pump's counter fell at 14:00:")
    assert chair.given_mg() == pytest.approx(6.4)


def test_a_syringe_of_another_concentration_counts_with_its_own() -> None:
    chair = Chair().running()
    chair.pump(17.5, 10.0)
    chair.pump(0.0, 10.0)
    chair.pump(0.0, 0.0)
    chair.tap(AnswerSyringe(50.0, 1.0, same_container=False))
    chair.pump(17.5, 0.0)
    chair.pump(17.5, 4.0)
    assert chair.given_mg() == pytest.approx(20.0 + 4.0)


def test_a_syringe_of_another_concentration_than_ordered_is_an_alarm() -> None:
    chair = Chair().running()
    chair.pump(17.5, 3.0, confirmed=False)
    chair.tap(AnswerSyringe(50.0, 5.0, same_container=False))
    assert "pump.strength" in chair.alarms()


def test_a_syringe_that_the_nurse_changed_unasked_leaves_the_past_as_it_was() -> None:
    chair = Chair().running()
    chair.pump(17.5, 3.0)
    chair.tap(AnswerSyringe(50.0, 5.0, same_container=False))
    chair.pump(17.5, 4.0)
    assert chair.given_mg() == pytest.approx(3 * 2 + 1 * 5)


@pytest.mark.parametrize(
    ("ml", "mg_ml", "field"),
    [
        (0.0, 2.0, "container_ml"),
        (-5.0, 2.0, "container_ml"),
        (float("nan"), 2.0, "container_ml"),
        (5000.0, 2.0, "container_ml"),
        (50.0, 0.0, "concentration_mg_ml"),
        (50.0, float("nan"), "concentration_mg_ml"),
        (50.0, 2000.0, "concentration_mg_ml"),
    ],
)
def test_a_container_that_cannot_be_is_refused(ml: float, mg_ml: float, field: str) -> None:
    chair = Chair().running()
    answer = chair.tap(AnswerSyringe(ml, mg_ml, same_container=False))
    assert (answer.state, answer.field) == ("refused", field)
    assert not chair.bodies(SegmentConfirmed)


# ---------------------------------------------------------------- silence


def test_a_silent_pump_makes_the_infusion_unknown_since_its_last_reading() -> None:
    chair = Chair().running()
    volume = chair.flow(60, 18.0, 0.0)
    last = chair.now
    chair.wait(11)
    (lost,) = chair.bodies(PumpLost)
    assert isinstance(lost, PumpLost)
    assert lost.since == last.utc
    assert "pump.unknown" in chair.alarms()
    assert chair.given_mg() == pytest.approx(volume * 2)


def test_after_silence_the_counter_tells_the_truth_again() -> None:
    chair = Chair().running()
    chair.flow(60, 18.0, 0.0)
    chair.wait(120)
    chair.pump(18.0, 0.9)
    assert chair.session.infusion.unknown_since is None
    assert chair.given_mg() == pytest.approx(1.8)
    assert "pump.unknown" not in chair.alarms()


def test_a_person_may_say_what_a_silent_pump_does_and_is_not_asked_again_each_time() -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0)
    chair.wait(20)
    assert chair.tap(ConfirmPumpState(running=True, rate_ml_h=17.5, volume_ml=1.2)).state == "taken"
    chair.wait(60)
    assert chair.given_mg() == pytest.approx(2.4)
    assert len(chair.bodies(PumpLost)) == 1


def test_a_pump_that_a_person_found_on_hold_is_paused() -> None:
    chair = Chair().running()
    chair.wait(20)
    chair.tap(ConfirmPumpState(running=False, rate_ml_h=0.0, volume_ml=None))
    assert chair.session.phase == "paused"


@pytest.mark.parametrize("volume_ml", [0.5, -1.0, float("nan"), float("inf")])
def test_a_counter_that_cannot_have_been_read_is_refused(volume_ml: float) -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0)
    chair.wait(20)
    answer = chair.tap(ConfirmPumpState(running=True, rate_ml_h=17.5, volume_ml=volume_ml))
    assert (answer.state, answer.field) == ("refused", "volume_ml")


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_cannot_be_is_refused(rate: float) -> None:
    chair = Chair().running()
    chair.wait(20)
    answer = chair.tap(ConfirmPumpState(running=True, rate_ml_h=rate, volume_ml=None))
    assert (answer.state, answer.field) == ("refused", "rate_ml_h")


def test_while_the_pump_is_read_nobody_needs_to_say_what_it_does() -> None:
    chair = Chair().running()
    assert chair.tap(ConfirmPumpState(running=True, rate_ml_h=17.5, volume_ml=None)).state == "refused"


def test_a_pump_read_again_after_an_end_by_hand_says_what_was_given() -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0)
    chair.wait(20)
    chair.tap(AskPump("end"))
    chair.tap(ConfirmByHand("end"))
    chair.pump(0.0, 2.0)
    assert chair.given_mg() == pytest.approx(4.0)


# ---------------------------------------------------------------- no pump


def test_without_a_pump_the_nurses_word_starts_the_infusion_and_it_says_so() -> None:
    chair = Chair(pump=False).ready()
    chair.tap(AskPump("start"))
    assert chair.session.phase == "ready"
    chair.tap(ConfirmByHand("start"))
    assert chair.bodies(InfusionStarted) == [InfusionStarted("hand", 17.5)]
    chair.wait(600, step_s=10)
    assert chair.given_mg() == pytest.approx(35 / 6, abs=0.01)
    card = chair.snapshot.infusion
    assert card is not None
    assert card.warning == "No pump is read: the nurse's entries count."


def test_without_a_pump_another_rate_counts_from_when_the_nurse_said_it() -> None:
    chair = Chair(pump=False).ready()
    chair.tap(AskPump("start"))
    chair.tap(ConfirmByHand("start"))
    chair.wait(360, step_s=10)
    assert change_rate(chair, 20.0) == "taken"
    chair.wait(180, step_s=10)
    assert chair.tap(ConfirmByHand("rate", rate_ml_h=20.0)).state == "taken"
    chair.wait(360, step_s=10)
    assert chair.given_mg() == pytest.approx(2 * (17.5 * 0.15 + 20.0 * 0.1), abs=0.01)


def test_another_rate_of_a_silent_pump_is_confirmed_by_the_person_who_reads_it() -> None:
    chair = Chair().running()
    chair.wait(20)
    chair.tap(ConfirmPumpState(running=True, rate_ml_h=17.5, volume_ml=None))
    assert change_rate(chair, 20.0) == "taken"
    lights = chair.snapshot.lights
    assert lights is not None
    assert lights.by_hand_ml_h == 20.0
    assert chair.tap(ConfirmByHand("rate", rate_ml_h=20.0)).state == "taken"
    after, infusion = chair.snapshot.lights, chair.snapshot.infusion
    assert after is not None
    assert infusion is not None
    assert (after.set_at_pump, after.measured, after.by_hand_ml_h) == (True, False, None)
    assert infusion.rate == "20"


def test_without_a_pump_an_ordered_rate_that_nobody_confirmed_is_told_on_the_card() -> None:
    chair = Chair(pump=False).running_by_hand()
    change_rate(chair, 20.0)
    card = chair.snapshot.infusion
    assert card is not None
    assert card.rate == "17.5"
    assert card.warning == "Ordered 20, not confirmed: Change rate."


def test_without_a_pump_a_pause_stops_the_count() -> None:
    chair = Chair(pump=False).ready()
    chair.tap(AskPump("start"))
    chair.tap(ConfirmByHand("start"))
    chair.wait(360, step_s=10)
    chair.tap(AskPump("pause"))
    chair.tap(ConfirmByHand("pause"))
    chair.wait(360, step_s=10)
    assert chair.given_mg() == pytest.approx(3.5, abs=0.01)


def test_nothing_is_confirmed_by_hand_that_was_not_asked() -> None:
    chair = Chair(pump=False).ready()
    assert chair.tap(ConfirmByHand("start")).state == "refused"


def test_while_the_pump_is_read_its_own_word_counts() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 0.0)
    chair.tap(AskPump("start"))
    assert chair.tap(ConfirmByHand("start", rate_ml_h=17.5)).state == "refused"


@pytest.mark.parametrize("rate", [0.0, -3.0, float("nan"), float("inf")])
def test_by_hand_a_rate_that_cannot_be_is_refused(rate: float) -> None:
    chair = Chair(pump=False).ready()
    chair.tap(AskPump("start"))
    assert chair.tap(ConfirmByHand("start", rate_ml_h=rate)).field == "rate_ml_h"


# ---------------------------------------------------------------- an ordered rate


def test_measured_needs_two_readings_in_succession() -> None:
    chair = Chair().running()
    change_rate(chair, 19.0)
    chair.wait(1)
    chair.pump(19.0, 0.1)
    assert not chair.bodies(RateMeasured)
    chair.wait(1)
    chair.pump(19.0, 0.1)
    assert chair.bodies(RateMeasured) == [RateMeasured(19.0)]


def test_the_same_frame_twice_is_one_reading() -> None:
    chair = Chair().running()
    change_rate(chair, 19.0)
    chair.wait(1)
    chair.pump(19.0, 0.1)
    frame, at = chair.engine.pump.frame, chair.engine.pump.at
    assert frame is not None
    assert at is not None
    chair.hear(PumpRead(at, "pump", frame))
    assert not chair.bodies(RateMeasured)


def test_two_readings_with_another_rate_between_them_do_not_count() -> None:
    chair = Chair().running()
    change_rate(chair, 19.0)
    for rate in (19.0, 17.5, 19.0):
        chair.wait(1)
        chair.pump(rate, 0.1)
    assert not chair.bodies(RateMeasured)


def test_a_reading_of_the_last_order_does_not_count_for_the_next() -> None:
    chair = Chair().running()
    change_rate(chair, 19.0)
    chair.wait(1)
    chair.pump(19.0, 0.1)
    change_rate(chair, 18.0)
    chair.wait(1)
    chair.pump(18.0, 0.1)
    assert not chair.bodies(RateMeasured)


def test_a_rate_on_hold_is_not_measured() -> None:
    chair = Chair().running()
    change_rate(chair, 19.0)
    for _ in range(3):
        chair.wait(1)
        chair.pump(19.0, 0.1, mode=PumpMode.HELD)
    assert not chair.bodies(RateMeasured)


def test_the_three_lights_come_one_after_the_other() -> None:
    chair = Chair().running()
    change_rate(chair, 19.0)
    seen = []
    for _ in range(3):
        lights = chair.snapshot.lights
        assert lights is not None
        seen.append((lights.requested, lights.set_at_pump, lights.measured))
        chair.wait(1)
        chair.pump(19.0, 0.1)
    assert seen == [(True, False, False), (True, True, False), (True, True, True)]


def test_without_a_reading_the_lights_say_uncertain() -> None:
    chair = Chair().running()
    change_rate(chair, 19.0)
    chair.wait(15)
    lights = chair.snapshot.lights
    assert lights is not None
    assert "Uncertain" in lights.words


def test_another_rate_than_ordered_is_shown_at_once_with_a_notice_that_stays() -> None:
    chair = Chair().running()
    chair.wait(1)
    chair.pump(20.0, 0.1)
    card = chair.snapshot.infusion
    assert card is not None
    assert card.rate == "20"
    chair.flow(60, 20.0, 0.1)
    assert "pump.rate" in chair.alarms()


def test_the_notice_goes_when_the_pump_returns_to_the_order() -> None:
    chair = Chair().running()
    chair.flow(3, 20.0, 0.1)
    chair.wait(1)
    chair.pump(17.5, 0.2)
    assert "pump.rate" not in chair.alarms()


def test_the_notice_goes_when_the_anesthetist_signs_the_rate() -> None:
    chair = Chair().running()
    chair.flow(3, 20.0, 0.1)
    assert change_rate(chair, 20.0) == "taken"
    assert "pump.rate" not in chair.alarms()


def test_a_rate_ordered_before_the_start_is_the_one_to_enter() -> None:
    chair = Chair().ready()
    change_rate(chair, 19.0)
    chair.pump(0.0, 0.0)
    chair.tap(AskPump("start"))
    sheet = chair.snapshot.pump_sheet
    assert sheet is not None
    assert "19 mL/h" in sheet.instruction


def test_a_new_order_before_the_start_takes_the_place_of_a_rate_ordered_for_the_old_one() -> None:
    from app.messages import SignOrder

    chair = Chair().ready()
    change_rate(chair, 19.0)
    assert chair.tap(SignOrder(order(), DOCTOR, "3333")).state == "taken"
    assert chair.session.expected_rate_ml_h(chair.now) == 17.5


def test_a_pump_whose_rate_jitters_is_not_written_at_every_reading() -> None:
    chair = Chair().running()
    for n in range(600):
        chair.wait(1)
        chair.pump(17.5 if n % 2 else 17.4, round(n / 200, 3))
    assert len(chair.bodies(PumpSeen)) <= 125
    assert len(chair.session.infusion.rates) <= 125


def test_what_was_asked_is_over_with_its_session() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 0.0)
    chair.tap(AskPump("start"))
    chair.leave()
    assert chair.engine.pump.ask is None


# ---------------------------------------------------------------- a pump that answers and does not tell


def answering(chair: Chair, seconds: int, **says: object) -> None:
    """The pump is read each second and says this."""
    for _ in range(seconds):
        chair.wait(1)
        chair.pump(**says)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "says",
    [
        {"rate": 17.5, "volume": 1.0, "mode": PumpMode.UNKNOWN},
        {"rate": 17.5, "volume": None},
        {"rate": 17.5, "volume": None, "serial": "another"},
    ],
)
def test_a_pump_that_answers_and_says_not_what_it_does_or_counts_makes_the_infusion_unknown(
    says: dict[str, object],
) -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0)
    answering(chair, 12, **says)
    (lost,) = (body for body in chair.bodies(PumpLost) if isinstance(body, PumpLost))
    assert lost.ago_s == pytest.approx(11, abs=1)
    card, question = chair.snapshot.infusion, chair.snapshot.question
    assert card is not None
    assert card.rate == "--"
    assert question is not None
    assert "The pump answers and does not say what it does." in question.detail


def test_a_person_may_say_what_a_pump_does_that_answers_and_does_not_tell() -> None:
    chair = Chair().running()
    answering(chair, 12, rate=17.5, volume=1.0, mode=PumpMode.UNKNOWN)
    assert chair.tap(ConfirmPumpState(True, 17.5, 1.0)).state == "taken"
    answering(chair, 12, rate=17.5, volume=1.0, mode=PumpMode.UNKNOWN)
    assert chair.session.infusion.unknown_since is None
    assert len(chair.bodies(PumpLost)) == 1


def test_the_rate_of_a_pump_whose_state_is_not_known_is_not_shown_as_flowing() -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0, mode=PumpMode.UNKNOWN)
    card = chair.snapshot.infusion
    assert card is not None
    assert card.rate == "--"
    emergency = chair.snapshot.emergency
    assert emergency is not None
    assert emergency.pump_now == "The pump does not say what it does: look at it."


def test_an_alarm_of_a_pump_whose_state_is_not_known_is_told() -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0, mode=PumpMode.UNKNOWN, alarm="AL_FAULT")
    assert any("internal fault" in row.text for row in chair.snapshot.alarms.rows)


# ---------------------------------------------------------------- a counter that jumps


def test_a_counter_that_once_jumps_by_more_than_a_syringe_holds_gives_nothing() -> None:
    chair = Chair().running()
    volume = chair.flow(60, 17.5, 0.0)
    chair.wait(1)
    chair.pump(17.5, 5000.0)
    assert chair.session.infusion.given(chair.now).ml == pytest.approx(volume)
    chair.wait(1)
    chair.pump(17.5, volume + 0.01)
    assert chair.session.infusion.given(chair.now).ml == pytest.approx(volume + 0.01)
    assert len(chair.bodies(SegmentOpened)) == 1


def test_a_counter_that_jumped_once_counts_nothing_after_a_restart_either() -> None:
    chair = Chair().running()
    volume = chair.flow(60, 17.5, 0.0)
    chair.wait(5)
    chair.pump(17.5, 5000.0)
    again = chair.restarted(after_s=5)
    assert again.session.infusion.given(again.now).ml == pytest.approx(volume)


def test_a_counter_that_stays_where_it_jumped_is_asked_about_and_what_flowed_is_at_least_what_was_read() -> (
    None
):
    chair = Chair().running()
    volume = chair.flow(60, 17.5, 0.0)
    for _ in range(2):
        chair.wait(1)
        chair.pump(17.5, 5000.0)
    given = chair.session.infusion.given(chair.now)
    assert given.ml == pytest.approx(volume)
    assert given.why.startswith("at least")
    question = chair.snapshot.question
    assert question is not None
    assert question.detail.startswith("The pump's counter jumped further than a pump can push")


def test_what_flowed_while_the_pump_was_not_read_is_no_jump() -> None:
    chair = Chair().running()
    chair.flow(60, 1200.0, 0.0)
    chair.wait(300, step_s=1.0)
    chair.pump(1200.0, 95.0)
    assert chair.session.infusion.given(chair.now).ml == pytest.approx(95.0)
