"""A session is the fold of its entries: the same after a restart, whatever the clocks did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.entries import (
    AlarmRaised,
    ClockJumped,
    EffectEnded,
    EffectNoted,
    Entry,
    NoteWritten,
    OrderSigned,
    PumpLost,
    RateOrdered,
    Resumed,
)
from app.instant import Instant
from app.messages import Amend, AskPump, EndEffect, NoteEffect, TakeScore, Undo, WriteNote
from app.session import Session, clocks_ahead
from tests.app.chair import DOCTOR, NURSE, START, Chair, order


def entry(uuid: str, at: Instant, body: object, *, boot: str = "boot", late_s: float = 0.0) -> Entry:
    """A line of a record."""
    return Entry(uuid, "s", at, at.utc + timedelta(seconds=late_s), boot, NURSE, body)  # type: ignore[arg-type]


def notes(session: Session) -> list[str]:
    """The texts of its notes in the order of their time."""
    return [e.body.text for e in session.standing(NoteWritten) if isinstance(e.body, NoteWritten)]


@pytest.mark.parametrize("boot", ["boot", "another"])
@pytest.mark.parametrize("state", ["running", "paused", "recovery"])
def test_a_restart_lands_on_the_same_patient_phase_and_dose(state: str, boot: str) -> None:
    chair = Chair().running(baseline=3.0)
    volume = chair.flow(90, 18.0, 3.0)
    if state == "paused":
        chair.pump(0.0, volume)
    if state == "recovery":
        chair.tap(AskPump("end"))
        chair.pump(0.0, volume)
    chair.wait(6)
    again = chair.restarted(after_s=7, boot=boot)
    assert again.session.patient == chair.session.patient
    assert again.session.phase == chair.session.phase
    assert again.given_mg() == pytest.approx(chair.given_mg())
    assert again.session.infusion.running_s(again.now) == pytest.approx(
        chair.session.infusion.running_s(chair.now.plus(7))
    )


def test_a_restart_says_how_long_nobody_watched_and_that_the_pump_is_unknown() -> None:
    chair = Chair().running()
    chair.flow(60, 18.0, 0.0)
    again = chair.restarted(after_s=40)
    (resumed,) = again.bodies(Resumed)
    assert isinstance(resumed, Resumed)
    assert resumed.gap_s == pytest.approx(40, abs=5.1)
    assert len(again.bodies(PumpLost)) == 1
    assert again.session.infusion.unknown_since is not None


def test_after_a_restart_the_pumps_counter_tells_what_was_given() -> None:
    chair = Chair().running()
    chair.flow(60, 18.0, 0.0)
    again = chair.restarted(after_s=40)
    again.pump(18.0, 0.5)
    assert again.given_mg() == pytest.approx(1.0)


def test_after_a_restart_the_chart_has_a_gap() -> None:
    chair = Chair().running()
    chair.flow(60, 18.0, 0.0)
    again = chair.restarted(after_s=40)
    chart = again.snapshot.chart
    assert chart is not None
    assert [gap.label for gap in chart.gaps] == ["not running"]


def test_after_a_restart_the_chart_shows_the_curve_of_before() -> None:
    chair = Chair().running()
    for _ in range(30):
        chair.wait(1)
        chair.vitals(heart_rate=77.0)
    again = chair.restarted(after_s=5, boot="another")
    chart = again.snapshot.chart
    assert chart is not None
    heart = next(lane for lane in chart.lanes if lane.key == "heart_rate")
    assert (heart.low == 77.0).sum() >= 5


def test_nothing_of_before_a_restart_is_shown_as_live() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=77.0)
    again = chair.restarted(after_s=1)
    assert again.tile("heart_rate") == ("--", "missing")


def test_two_restarts_keep_the_order_and_the_dose() -> None:
    chair = Chair().running()
    volume = chair.flow(60, 18.0, 0.0)
    once = chair.restarted(after_s=5, boot="second")
    once.pump(18.0, volume)
    once.flow(60, 18.0, volume)
    once.wait(6)
    once.store.entries[:0] = [e for e in chair.store.entries if e.session == chair.session.id]
    once.store.samples[:0] = chair.store.samples
    twice = once.restarted(after_s=5, boot="third")
    assert twice.given_mg() == pytest.approx(once.given_mg())
    kinds = [type(e.body).__name__ for e in twice.session.entries]
    assert kinds.index("InfusionStarted") < kinds.index("Resumed")


def test_a_wall_clock_set_back_reorders_nothing() -> None:
    chair = Chair().with_patient()
    chair.tap(WriteNote("first"))
    chair.now = Instant(chair.now.utc - timedelta(hours=1), chair.now.steady + 5)
    chair.tap(WriteNote("second"))
    assert notes(chair.session) == ["first", "second"]
    assert notes(chair.restarted(after_s=5).session) == ["first", "second"]
    assert notes(chair.restarted(after_s=5, boot="another").session) == ["first", "second"]


def test_a_wall_clock_set_back_while_the_program_was_off_reorders_nothing() -> None:
    entries = [entry("a", START, NoteWritten("first")), entry("b", START.plus(60), NoteWritten("second"))]
    now = Instant(START.utc - timedelta(hours=2), 3.0)
    session = Session.fold("s", entries, [], "another", now)
    assert notes(session) == ["first", "second"]
    assert session.entries[-1].at.steady <= now.steady


def test_lines_of_the_same_start_of_the_machine_keep_their_steady_times() -> None:
    assert clocks_ahead([entry("a", START, NoteWritten("x"))], [], "boot", START.plus(9)) == {"boot": 0.0}


def test_lines_of_an_earlier_start_are_bridged_by_the_wall_clock() -> None:
    now = Instant(START.utc + timedelta(seconds=100), 7.0)
    ahead = clocks_ahead([entry("a", START, NoteWritten("x"))], [], "new", now)
    assert START.steady + ahead["boot"] == pytest.approx(now.steady - 100)


def test_a_back_dated_line_stands_at_its_time_and_was_told_when_it_was_written() -> None:
    chair = Chair().with_patient()
    chair.wait(300, step_s=10)
    chair.tap(WriteNote("now"))
    chair.tap(WriteNote("four minutes ago", back_min=4))
    assert notes(chair.session) == ["four minutes ago", "now"]


def test_what_was_taken_back_stands_no_more_and_stays_readable() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.tap(Undo(noted))
    assert not chair.session.standing(EffectNoted)
    assert chair.session.entry(noted) is not None


def test_taking_back_the_end_of_a_side_effect_opens_it_again() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    ended = chair.tap(EndEffect(noted)).entry
    assert not chair.session.open_effects()
    chair.tap(Undo(ended))
    assert [e.uuid for e in chair.session.open_effects()] == [noted]
    assert not chair.session.standing(EffectEnded)


def test_an_amended_line_keeps_its_own_words() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(WriteNote("left arm")).entry
    chair.tap(Amend(noted, "right arm", "mistaken", NURSE, "1111"))
    assert notes(chair.session) == ["left arm"]
    assert len(chair.session.amended[noted]) == 1


def test_the_phase_moves_only_by_an_entry() -> None:
    chair = Chair().running()
    chair.flow(3000, 17.5, 0.0, every_s=5)
    assert chair.session.plan_over(chair.now)
    assert chair.session.phase == "infusing"


def test_the_ordered_rate_follows_the_plan_until_another_is_ordered() -> None:
    chair = Chair().running()
    assert chair.session.expected_rate_ml_h(chair.now) == 17.5
    chair.session.apply(entry("r", chair.now, RateOrdered(19.0, 38.0, "why", DOCTOR)))
    assert chair.session.expected_rate_ml_h(chair.now) == 19.0


def test_an_order_signed_anew_takes_its_place_with_its_plan() -> None:
    chair = Chair().ready()
    chair.session.apply(entry("o", chair.now, OrderSigned(order(minutes=20.0), DOCTOR)))
    assert chair.session.plan is not None
    assert chair.session.plan.end_s == 1200


def test_an_unknown_time_is_kept_by_the_steady_clock_when_the_wall_clock_jumps() -> None:
    chair = Chair().running()
    chair.flow(60, 18.0, 0.0)
    rates = len(chair.session.infusion.rates)
    last = chair.now
    chair.now = Instant(chair.now.utc + timedelta(hours=1), chair.now.steady + 11)
    chair.engine.tick(chair.now)
    unknown = chair.session.infusion.unknown_since
    assert unknown is not None
    assert unknown.steady == pytest.approx(last.steady)
    assert len(chair.session.infusion.rates) == rates + 1
    assert chair.bodies(ClockJumped)


def test_every_number_of_the_record_reaches_its_entry() -> None:
    chair = Chair().with_patient()
    chair.tap(TakeScore("nrs-pain", 4))
    chair.hear(chair.store.saved(chair.now))
    assert all(e.number > 0 for e in chair.session.entries)


def test_alarms_are_lines_of_the_session() -> None:
    chair = Chair().running()
    chair.vitals(spo2=70.0)
    chair.wait(1)
    assert any(isinstance(e.body, AlarmRaised) for e in chair.session.entries)
