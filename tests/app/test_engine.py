"""The engine: what is written and when, what the store's answers change, and what time does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.clinical.vitals import Vital
from app.entries import (
    GENESIS,
    AlarmCleared,
    AlarmRaised,
    ClockJumped,
    DeviceChosen,
    EffectNoted,
    LinkNoted,
    Resumed,
    SamplesSealed,
    SessionOpened,
    seal,
)
from app.instant import Instant
from app.messages import (
    AskPump,
    LeaveSession,
    LinkState,
    NoteEffect,
    SessionsListed,
    Tap,
    WriteNote,
)
from app.ports import Append, ListRows, Loaded
from tests.app.chair import SERIAL, Chair, patient


def jump(chair: Chair, by_s: float, *, after_s: float = 1.0) -> None:
    """Somebody sets the wall clock."""
    utc = chair.now.utc + timedelta(seconds=by_s + after_s)
    chair.now = Instant(utc, chair.now.steady + after_s)
    chair.engine.tick(chair.now)


# ---------------------------------------------------------------- touches


def test_a_touch_that_arrives_twice_is_done_once() -> None:
    chair = Chair().with_patient()
    tap = Tap("one", chair.now, NoteEffect("nausea", 2))
    chair.hear(tap)
    chair.hear(tap)
    assert len(chair.bodies(EffectNoted)) == 1


def test_a_touch_that_waits_for_its_pin_and_arrives_twice_asks_once() -> None:
    from app.messages import SignIn
    from app.ports import CheckPin

    chair = Chair()
    tap = Tap("one", chair.now, SignIn("keller", "1111"))
    chair.hear(tap)
    chair.hear(tap)
    assert len(chair.store.asked(CheckPin)) == 1


def test_an_answer_to_a_pin_that_nobody_gave_does_nothing() -> None:
    from app.messages import PinChecked

    chair = Chair()
    chair.hear(PinChecked(chair.now, "nobody", "keller", True, 5, 0.0))
    assert chair.engine.locked


def test_answers_do_not_pile_up() -> None:
    chair = Chair().with_patient()
    for n in range(500):
        chair.tap(WriteNote(f"note {n}"))
    assert len(chair.engine.answers) <= 64


def test_a_message_that_nobody_knows_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        Chair().hear(object())


# ---------------------------------------------------------------- saved


def test_an_entry_is_queued_with_the_tick_and_shown_as_saving_until_it_is_on_disk() -> None:
    chair = Chair().with_patient()
    chair.hear(chair.store.saved(chair.now))
    chair.tap(NoteEffect("nausea", 2))
    states = [chair.snapshot.saved.state]
    chair.hear(chair.store.saved(chair.now))
    states.append(chair.snapshot.saved.state)
    assert states == ["saving", "saved"]


def test_entries_of_one_tick_are_one_transaction_in_their_order() -> None:
    chair = Chair().signed_in()
    chair.tap(patient())
    appended = [request for request in chair.store.asked(Append) if isinstance(request, Append)][-1]
    kinds = [type(entry.body).__name__ for entry in appended.entries]
    assert kinds == ["SessionOpened", "PatientIdentified"]


def test_while_the_disk_fails_it_says_not_saved_since_and_keeps_the_entries() -> None:
    chair = Chair().with_patient()
    chair.hear(chair.store.saved(chair.now))
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.hear(chair.store.failed(chair.now))
    assert chair.snapshot.saved.state == "failed"
    assert chair.snapshot.saved.text.startswith("Not saved since 14:00:0")
    assert "storage" in chair.alarms()
    assert noted in chair.engine.unsaved


def test_when_the_disk_returns_the_notice_goes_and_the_entry_is_saved() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    chair.hear(chair.store.failed(chair.now))
    chair.hear(chair.store.saved(chair.now))
    assert chair.snapshot.saved.state == "saved"
    assert "storage" not in chair.alarms()
    assert noted not in chair.engine.unsaved


def test_a_failing_disk_is_said_without_a_session_too() -> None:
    chair = Chair().signed_in()
    chair.hear(chair.store.failed(chair.now))
    assert [row.key for row in chair.snapshot.alarms.rows] == ["storage"]


def test_a_failing_disk_is_said_after_the_end_of_a_session_too() -> None:
    chair = Chair().ready()
    chair.leave()
    chair.hear(chair.store.failed(chair.now))
    assert chair.alarms() == ["storage"]


# ---------------------------------------------------------------- samples


def test_a_sample_is_taken_every_five_seconds() -> None:
    chair = Chair().with_patient()
    before = len(chair.store.samples)
    chair.wait(50)
    assert len(chair.store.samples) - before == 10


def test_a_sample_is_taken_with_an_entry() -> None:
    chair = Chair().with_patient()
    before = len(chair.store.samples)
    chair.wait(1)
    chair.tap(NoteEffect("nausea", 2))
    assert len(chair.store.samples) == before + 1


def test_a_sample_holds_what_is_live_and_says_why_the_rest_is_missing() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0, spo2=None)
    chair.wait(5)
    sample = chair.store.samples[-1]
    assert sample.vitals == {"heart_rate": 80.0}
    assert sample.missing == {"spo2": "probe off"}


def test_a_value_that_is_old_is_no_sample() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0)
    chair.wait(20)
    assert chair.store.samples[-1].vitals == {}
    assert chair.store.samples[-1].missing == {"heart_rate": "old"}


def test_a_silent_pump_is_no_sample() -> None:
    chair = Chair().running()
    chair.wait(5)
    assert chair.store.samples[-1].rate_ml_h == 17.5
    chair.wait(15)
    assert chair.store.samples[-1].rate_ml_h is None


def test_seals_cover_every_sample_without_holes_with_their_digest() -> None:
    chair = Chair().running()
    chair.flow(300, 17.5, 0.0)
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.5)
    chair.wait(2)
    chair.leave()
    chair.wait(30)
    numbers = [sample.number for sample in chair.store.samples]
    assert numbers == list(range(1, len(numbers) + 1))
    upto = 0
    for body in chair.bodies(SamplesSealed):
        assert isinstance(body, SamplesSealed)
        assert body.first == upto + 1
        run = chair.store.samples[upto : upto + body.count]
        assert body.digest == seal(run)
        upto += body.count
    assert upto == len(numbers)


def test_samples_are_sealed_each_minute() -> None:
    chair = Chair().running()
    chair.flow(305, 17.5, 0.0)
    assert len(chair.bodies(SamplesSealed)) == 5


def test_after_a_restart_numbers_go_on_and_the_next_seal_covers_what_was_open() -> None:
    chair = Chair().running()
    chair.flow(90, 17.5, 0.0)
    (sealed,) = chair.bodies(SamplesSealed)
    assert isinstance(sealed, SamplesSealed)
    again = chair.restarted(after_s=5)
    again.flow(70, 17.5, 0.5)
    samples = chair.store.samples + again.store.samples
    assert [sample.number for sample in samples] == list(range(1, len(samples) + 1))
    (following,) = again.bodies(SamplesSealed)
    assert isinstance(following, SamplesSealed)
    assert following.first == sealed.count + 1
    assert following.digest == seal(samples[sealed.count : sealed.count + following.count])


def test_a_finished_session_takes_no_more_samples() -> None:
    chair = Chair().ready()
    chair.leave()
    before = len(chair.store.samples)
    chair.wait(60)
    assert len(chair.store.samples) == before


# ---------------------------------------------------------------- the clock


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
def test_a_wall_clock_that_was_set_is_written_once(by_s: float) -> None:
    chair = Chair().running()
    jump(chair, by_s)
    chair.wait(5)
    assert chair.bodies(ClockJumped) == [ClockJumped(by_s)]


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
def test_a_wall_clock_that_was_set_changes_no_age(by_s: float) -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0)
    jump(chair, by_s)
    assert chair.tile("heart_rate") == ("80", "live")
    assert chair.session.infusion.running_s(chair.now) == pytest.approx(1.0)
    assert chair.session.infusion.unknown_since is None


def test_a_clock_that_is_steered_slowly_is_not_a_jump() -> None:
    chair = Chair().running()
    for _ in range(10):
        jump(chair, 0.1)
    assert not chair.bodies(ClockJumped)


# ---------------------------------------------------------------- devices


def test_a_value_that_cannot_be_is_missing_and_says_so() -> None:
    chair = Chair().running()
    chair.vitals(spo2=412.0)
    tile = next(tile for tile in chair.snapshot.tiles if tile.key == "spo2")
    assert (tile.text, tile.corner) == ("--", "implausible")


def test_a_lost_link_is_written_once_and_its_return_once_though_it_opens_first() -> None:
    chair = Chair().running()
    for state in (LinkState.SILENT, LinkState.DOWN, LinkState.OPEN, LinkState.DOWN, LinkState.OPEN):
        chair.wait(5)
        chair.link("monitor", state, "Check the cable.")
    chair.wait(5)
    chair.link("monitor", LinkState.LIVE)
    notes = [body.state for body in chair.bodies(LinkNoted) if isinstance(body, LinkNoted)]
    assert notes == ["silent", "live"]
    raised = [body.key for body in chair.bodies(AlarmRaised) if isinstance(body, AlarmRaised)]
    assert raised.count("link.monitor") == 1


def test_the_gap_of_a_lost_link_ends_with_its_return() -> None:
    chair = Chair().running()
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    chair.wait(30)
    chair.link("monitor", LinkState.OPEN)
    chair.link("monitor", LinkState.LIVE)
    chair.wait(60)
    chart = chair.snapshot.chart
    assert chart is not None
    (gap,) = chart.gaps
    assert gap.end_s - gap.start_s == pytest.approx(30)


def test_the_gap_of_a_monitor_that_was_moved_to_another_port_ends_when_it_is_heard_there() -> None:
    chair = Chair().running()
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    chair.wait(20)
    chair.engine.changed_device(DeviceChosen("monitor", "ge-dri", "/dev/ttyS5"))
    chair.wait(10)
    assert "link.monitor" in chair.alarms()
    chair.link("monitor", LinkState.OPEN)
    chair.link("monitor", LinkState.LIVE)
    chair.wait(60)
    raised = [body.key for body in chair.bodies(AlarmRaised) if isinstance(body, AlarmRaised)]
    assert raised.count("link.monitor") == 1
    chart = chair.snapshot.chart
    assert chart is not None
    assert [round(gap.end_s - gap.start_s) for gap in chart.gaps] == [30]
    assert "link.monitor" not in chair.alarms()


def test_a_gap_that_lasted_when_the_program_stopped_stays_drawn_after_its_return() -> None:
    chair = Chair().running()
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    chair.wait(40)
    again = chair.restarted(after_s=20)
    chart = again.snapshot.chart
    assert chart is not None
    lost, stopped = chart.gaps
    assert (lost.icon, stopped.icon) == ("unplugged", "clock")
    assert lost.end_s == stopped.start_s  # at the last sample, which comes every 5 s
    assert stopped.end_s - lost.start_s == pytest.approx(60)


def test_a_machine_that_slept_for_ten_minutes_says_so_and_marks_the_gap() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0)
    chair.wait(600, step_s=600)
    assert chair.bodies(Resumed) == [Resumed(600.0)]
    assert chair.tile("heart_rate") == ("--", "missing")
    chart = chair.snapshot.chart
    assert chart is not None
    (gap,) = chart.gaps
    assert (gap.icon, round(gap.end_s - gap.start_s)) == ("clock", 600)


def test_a_tick_that_came_late_is_no_sleep() -> None:
    chair = Chair().running()
    chair.wait(60, step_s=30)
    assert not chair.bodies(Resumed)


# ---------------------------------------------------------------- one patient after the other


def test_a_vital_sign_of_the_last_patient_never_shows() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=80.0, nibp_sys=120.0, nibp_dia=80.0, nibp_mean=93.0)
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.0)
    chair.leave()
    chair.tap(patient(mrn="2", name="Somebody Else"))
    assert {tile.text for tile in chair.snapshot.tiles} == {"--"}
    assert not chair.store.samples[-1].vitals
    chart = chair.snapshot.chart
    assert chart is not None
    assert all(lane.at_s.size == 0 for lane in chart.lanes)


def test_a_vital_sign_from_before_the_patient_came_does_not_show() -> None:
    chair = Chair().signed_in()
    chair.vitals(heart_rate=80.0)
    chair.tap(patient())
    assert chair.tile("heart_rate") == ("--", "missing")


def test_an_alarm_of_the_last_patient_does_not_stay() -> None:
    chair = Chair().running()
    chair.vitals(spo2=70.0)
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.0)
    chair.leave()
    chair.wait(1)
    assert chair.alarms() == []


def test_entries_of_two_patients_never_cross() -> None:
    chair = Chair().with_patient()
    first = chair.session.id
    chair.tap(WriteNote("of the first"))
    chair.tap(LeaveSession())
    chair.tap(patient(mrn="2", name="Somebody Else"))
    chair.tap(WriteNote("of the second"))
    of_first = [e for e in chair.store.entries if e.session == first]
    of_second = [e for e in chair.store.entries if e.session == chair.session.id]
    assert "of the second" not in repr(of_first)
    assert "of the first" not in repr(of_second)
    assert all(sample.session in (first, chair.session.id) for sample in chair.store.samples)
    assert len(chair.bodies(SessionOpened)) == 2


def test_a_session_from_disk_does_not_take_the_place_of_one_under_way() -> None:
    other = Chair().with_patient()
    entries = tuple(e for e in other.store.entries if e.session == other.session.id)
    chair = Chair().running()
    here = chair.session
    chair.hear(Loaded(chair.now, "another", entries, (), GENESIS))
    assert chair.session is here


def test_a_session_chosen_from_the_list_goes_on_where_it_was() -> None:
    chair = Chair().ready()
    left = chair.session.id
    chair.tap(LeaveSession())
    entries = tuple(e for e in chair.store.entries if e.session == left)
    chair.wait(30)
    chair.hear(Loaded(chair.now, left, entries, tuple(chair.store.samples), GENESIS))
    assert chair.session.id == left
    assert chair.session.phase == "ready"
    assert chair.engine.resume == left


def test_a_finished_session_from_the_list_is_only_read() -> None:
    chair = Chair().ready()
    chair.leave()
    over = chair.session.id
    chair.tap(LeaveSession())
    entries = tuple(e for e in chair.store.entries if e.session == over)
    before = len(chair.store.entries)
    chair.hear(Loaded(chair.now, over, entries, tuple(chair.store.samples), GENESIS))
    chair.wait(10)
    assert chair.snapshot.phase == "finished"
    assert len(chair.store.entries) == before


def test_the_list_of_sessions_is_asked_for_when_somebody_signs_in() -> None:
    chair = Chair().signed_in()
    assert chair.store.asked(ListRows)
    chair.hear(SessionsListed(chair.now, ()))
    assert chair.snapshot.sessions == ()


def test_an_alarm_is_written_when_it_comes_and_when_it_goes() -> None:
    chair = Chair().running()
    chair.pump(17.5, 0.1, alarm="AL_LWBAT")
    chair.wait(1)
    chair.pump(17.5, 0.1)
    turns = [
        (type(body).__name__, body.key)
        for body in chair.bodies(AlarmRaised, AlarmCleared)
        if isinstance(body, AlarmRaised | AlarmCleared)
    ]
    assert turns == [("AlarmRaised", "pump.AL_LWBAT"), ("AlarmCleared", "pump.AL_LWBAT")]


def test_the_pumps_serial_number_is_in_the_record() -> None:
    assert SERIAL in repr(Chair().running().store.entries)


# ------------------------------------------------------------------ a pressure that is told again


def measure(chair: Chair, systolic: float = 120.0) -> None:
    """The monitor tells a pressure."""
    chair.vitals(nibp_sys=systolic, nibp_dia=70.0, nibp_mean=87.0)


def pressures(chair: Chair) -> list[float]:
    """When each pressure of the chart was measured, in seconds of the session."""
    return [one.at_s for one in chair.engine.trends.pressures]


def test_a_pressure_that_the_monitor_tells_again_after_a_restart_keeps_its_time_and_is_drawn_once() -> None:
    chair = Chair().running()
    measure(chair)
    chair.wait(6)
    drawn = pressures(chair)
    again = chair.restarted(after_s=20)
    again.link("monitor", LinkState.LIVE)
    measure(again)
    assert pressures(again) == [pytest.approx(at_s, abs=6) for at_s in drawn]
    age_s = again.engine.vitals.shown(Vital.NIBP_SYS, again.now).age_s
    assert age_s == pytest.approx(26, abs=6)


def test_another_pressure_after_the_link_came_back_is_a_new_one() -> None:
    chair = Chair().running()
    measure(chair)
    chair.wait(10)
    chair.link("monitor", LinkState.DOWN, "vanished")
    chair.link("monitor", LinkState.LIVE)
    measure(chair, 121.0)
    assert len(pressures(chair)) == 2


def test_the_same_pressure_measured_anew_while_the_link_holds_is_a_new_one() -> None:
    chair = Chair().running()
    chair.link("monitor", LinkState.LIVE)
    measure(chair)
    chair.wait(30)
    measure(chair)
    assert len(pressures(chair)) == 2
