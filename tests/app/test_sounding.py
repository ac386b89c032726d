"""The sound over time: bursts and notices, the pause, the trial, the loudspeaker, and what is written of it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.clinic import Clinic
from app.clinical.tones import burst_s
from app.entries import CLINIC, AudioPaused, AudioResumed, SoundSwitched, SoundTested
from app.instant import Instant
from app.messages import (
    Acknowledge,
    PauseAudio,
    ResumeAudio,
    SayHeard,
    SignIn,
    SwitchSound,
    TrySound,
)
from app.sounding import NO_SOUNDER, SLOW, Tones
from tests.app.chair import DOCTOR, NURSE, START, Chair, catalog
from tests.app.sounds import GONE, heard, loudspeaker, switch
from tests.app.test_alarm_matrix import Room
from tests.fakes import FakeSounder

IEC = catalog().iec
RENOTIFY_S = catalog().alarm_fatigue.renotify_medium_s


class Hour:
    """Tones stepped each tenth of a second; when each burst began."""

    def __init__(self) -> None:
        self.tones = Tones(catalog())
        self.now: Instant = START
        self.begun: list[tuple[float, str]] = []

    def go_on(self, seconds: float, **loud: str) -> Hour:
        for _ in range(round(seconds * 10)):
            burst = self.tones.step(self.now, loud)  # type: ignore[arg-type]
            if burst is not None:
                self.begun.append((round(self.now.since(START), 1), burst))
            self.now = self.now.plus(0.1)
        return self

    def gaps_s(self) -> list[float]:
        """From the end of each burst to the beginning of the next."""
        lasts = {"high": burst_s(IEC.high, IEC.pulse), "medium": burst_s(IEC.medium, IEC.pulse)}
        return [after - before - lasts[kind] for (before, kind), (after, _) in pairwise(self.begun)]


def test_a_high_alarm_sounds_burst_after_burst_with_the_standards_pause_between() -> None:
    hour = Hour().go_on(60, spo2="high")
    assert len(hour.begun) > 8
    assert IEC.high.interburst_range_s is not None
    low, high = IEC.high.interburst_range_s
    assert all(low <= gap <= high for gap in hour.gaps_s())


def test_a_medium_alarm_is_given_again_every_two_minutes_and_no_more_often() -> None:
    hour = Hour().go_on(3 * RENOTIFY_S, rr="medium")
    bursts = IEC.medium.bursts
    assert bursts is not None
    assert len(hour.begun) == 3 * bursts
    notices = [at for at, _ in hour.begun[::bursts]]
    assert notices[0] == 0
    assert all(abs(after - before - RENOTIFY_S) < 10 for before, after in pairwise(notices))


def test_a_low_alarm_sounds_once() -> None:
    assert Hour().go_on(600, nibp="low").begun == [(0.0, "low")]


def test_a_second_medium_alarm_is_heard_as_soon_as_the_first_notice_leaves_room() -> None:
    hour = Hour().go_on(30, rr="medium")
    hour.begun.clear()
    hour.go_on(1, rr="medium", hr="medium")
    assert [kind for _, kind in hour.begun] == ["medium"]


def test_what_becomes_worse_is_heard_at_once_in_the_middle_of_a_burst() -> None:
    hour = Hour().go_on(0.5, spo2="medium").go_on(0.1, spo2="high")
    assert hour.begun == [(0.0, "medium"), (0.5, "high")]


def test_what_eases_goes_on_with_the_lesser_tone() -> None:
    hour = Hour().go_on(10, spo2="high")
    hour.begun.clear()
    hour.go_on(1, spo2="medium")
    assert [kind for _, kind in hour.begun] == ["medium"]


def test_a_low_alarm_beside_a_high_one_is_not_heard_and_changes_nothing() -> None:
    alone = Hour().go_on(40, spo2="high").begun
    assert Hour().go_on(5, spo2="high").go_on(35, spo2="high", nibp="low").begun == alone


# ---------------------------------------------------------------- a chair


class Loud:
    """A running infusion with its sound on, and SpO₂ 79 %: a high alarm."""

    def __init__(self) -> None:
        self.sounder = FakeSounder()
        self.room = Room(self.sounder)
        self.chair = self.room.chair
        switch(self.chair)
        loudspeaker(self.chair)
        self.room.values["spo2"] = 79.0
        self.room.go_on(2)
        assert heard(self.sounder)[-1] == "high"

    def sound_state(self) -> tuple[str, str]:
        sound = self.chair.snapshot.alarms.sound
        assert sound is not None
        return sound.state, sound.pause


def test_the_sound_is_off_until_somebody_switches_it_on() -> None:
    chair = Chair(sounder=FakeSounder()).running()
    assert not chair.engine.clinic.sound_on
    assert [chip.text for chip in chair.snapshot.alarms.devices if chip.key == "sound"] == ["off"]


def test_an_anesthetist_switches_it_and_a_nurse_does_not() -> None:
    chair = Chair(sounder=FakeSounder()).signed_in()
    answer = chair.tap(SwitchSound(on=True))
    assert (answer.state, answer.reason) == (
        "refused",
        "An anesthetist or an administrator switches the sound.",
    )
    chair.tap(SignIn(DOCTOR, "3333"))
    assert chair.tap(SwitchSound(on=True)).state == "taken"
    assert chair.tap(SwitchSound(on=True)).state == "taken"
    entries = [entry for entry in chair.store.entries if isinstance(entry.body, SoundSwitched)]
    assert [(entry.session, entry.author) for entry in entries] == [("clinic", DOCTOR)]


def test_switched_during_a_session_it_stands_in_its_record_too() -> None:
    chair = Chair(sounder=FakeSounder()).running()
    chair.tap(SignIn(DOCTOR, "3333"))
    chair.tap(SwitchSound(on=True))
    sessions = {entry.session for entry in chair.store.entries if isinstance(entry.body, SoundSwitched)}
    assert sessions == {"clinic", chair.session.id}


def test_a_loudspeaker_is_held_for_as_long_as_the_sound_is_on() -> None:
    sounder = FakeSounder()
    chair = Chair(sounder=sounder).running()
    chair.wait(1)
    off = sounder.wanted
    switch(chair)
    on = sounder.wanted
    switch(chair, on=False)
    assert (off, on, sounder.wanted) == (False, True, False)


def test_switched_off_it_is_silent_at_once() -> None:
    loud = Loud()
    switch(loud.chair, on=False)
    assert loud.sounder.played[-1] is None
    assert loud.sound_state() == ("off", "")


def test_a_pause_is_offered_while_something_sounds_and_shows_what_is_left_of_it() -> None:
    loud = Loud()
    assert loud.sound_state() == ("on", "2:00")
    assert loud.chair.tap(PauseAudio()).state == "taken"
    loud.room.go_on(23)
    assert loud.sound_state() == ("paused", "1:37")
    assert [chip.text for chip in loud.chair.snapshot.alarms.devices][-1] == "paused"


def test_a_pause_says_who_for_how_long_and_why_it_ended() -> None:
    loud = Loud()
    loud.chair.tap(PauseAudio())
    loud.room.go_on(130)
    said = [entry for entry in loud.chair.store.entries if isinstance(entry.body, AudioPaused | AudioResumed)]
    assert [(entry.author, entry.body) for entry in said] == [
        (NURSE, AudioPaused(120.0)),
        ("chairside", AudioResumed("time over")),
    ]
    assert {entry.session for entry in said} == {loud.chair.session.id}


def test_a_pause_is_ended_by_a_touch() -> None:
    loud = Loud()
    loud.chair.tap(PauseAudio())
    loud.sounder.played.clear()
    assert loud.chair.tap(ResumeAudio()).state == "taken"
    assert heard(loud.sounder) == ["high"]
    assert loud.chair.bodies(AudioResumed) == [AudioResumed("touched")]


def test_a_second_touch_does_not_begin_the_pause_anew() -> None:
    loud = Loud()
    loud.chair.tap(PauseAudio())
    loud.room.go_on(60)
    loud.chair.tap(PauseAudio())
    assert loud.sound_state() == ("paused", "1:00")


def test_an_alarm_that_became_worse_ends_the_pause() -> None:
    loud = Loud()
    loud.room.values["spo2"] = 90.0
    loud.room.go_on(20)
    loud.chair.tap(PauseAudio())
    loud.room.values["spo2"] = 79.0
    loud.room.go_on(2)
    assert loud.chair.bodies(AudioResumed) == [AudioResumed("new alarm")]
    assert heard(loud.sounder)[-1] == "high"


def test_an_alarm_that_is_over_and_comes_back_is_new_and_ends_the_pause() -> None:
    loud = Loud()
    loud.room.alarm = "AL_LWBAT"
    loud.room.go_on(2)
    loud.chair.tap(PauseAudio())
    loud.room.values["spo2"] = 97.0
    loud.room.go_on(2)
    assert loud.chair.engine.sounding.pause is not None
    loud.room.values["spo2"] = 79.0
    loud.room.go_on(2)
    assert loud.chair.bodies(AudioResumed) == [AudioResumed("new alarm")]


def test_acknowledged_or_over_there_is_nothing_left_to_pause() -> None:
    loud = Loud()
    loud.chair.tap(PauseAudio())
    loud.chair.tap(Acknowledge())
    loud.room.go_on(1)
    assert loud.chair.bodies(AudioResumed) == [AudioResumed("nothing to sound")]
    answer = loud.chair.tap(PauseAudio())
    assert (answer.state, answer.reason) == ("refused", "Nothing sounds now.")


def test_an_acknowledged_medium_alarm_is_not_given_again() -> None:
    loud = Loud()
    loud.room.values["spo2"] = 90.0
    loud.room.go_on(20)
    loud.chair.tap(Acknowledge())
    loud.sounder.played.clear()
    loud.room.go_on(round(2.5 * RENOTIFY_S))
    assert heard(loud.sounder) == []


def test_while_entry_is_locked_nobody_pauses() -> None:
    loud = Loud()
    loud.chair.engine.lock("a test")
    assert loud.chair.tap(PauseAudio()).state == "refused"
    assert loud.chair.engine.sounding.pause is None


def test_after_a_restart_an_old_pause_silences_nothing() -> None:
    loud = Loud()
    loud.chair.tap(PauseAudio())
    again = loud.chair.restarted(after_s=5)
    assert again.engine.sounding.pause is None


# ---------------------------------------------------------------- the loudspeaker


def test_a_loudspeaker_that_vanishes_is_an_alarm_to_be_seen_and_stays_one_until_it_is_back() -> None:
    loud = Loud()
    loudspeaker(loud.chair, GONE)
    loud.room.go_on(1)
    assert loud.room.row("sound") == ("low", False)
    loud.sounder.played.clear()
    loud.room.go_on(30)
    assert heard(loud.sounder) == []
    loudspeaker(loud.chair)
    loud.room.go_on(1)
    assert loud.room.row("sound") is None
    assert heard(loud.sounder)[0] == "high"


@pytest.mark.parametrize(("waits_s", "state"), [(5.0, "on"), (5.1, "none")])
def test_a_loudspeaker_that_takes_nothing_is_none_even_where_nobody_says_so(
    waits_s: float, state: str
) -> None:
    loud = Loud()
    loud.sounder.waits_s = waits_s
    loud.room.go_on(1)
    assert loud.sound_state()[0] == state


def test_a_computer_that_does_not_answer_is_said_after_its_time() -> None:
    sounder = FakeSounder()
    chair = Chair(sounder=sounder).running()
    switch(chair)
    assert chair.engine.sounding.state(chair.engine) == "waiting"
    assert "sound" not in chair.alarms()
    chair.wait(6)
    assert chair.engine.sounding.why_none(chair.engine) == SLOW
    assert "sound" in chair.alarms()


def test_a_start_without_any_sounder_says_so_once_the_sound_is_on() -> None:
    chair = Chair().running()
    switch(chair)
    assert chair.engine.sounding.why_none(chair.engine) == NO_SOUNDER
    assert chair.engine.sounding.state(chair.engine) == "none"


def test_what_an_earlier_loudspeaker_said_counts_no_more_once_the_sound_was_off() -> None:
    loud = Loud()
    switch(loud.chair, on=False)
    switch(loud.chair)
    assert loud.sound_state()[0] == "waiting"


# ---------------------------------------------------------------- the trial


def test_the_trial_plays_each_priority_once_the_lowest_first_also_while_the_sound_is_off() -> None:
    sounder = FakeSounder()
    chair = Chair(sounder=sounder).signed_in()
    assert chair.tap(TrySound()).state == "taken"
    chair.wait(1)
    meanwhile = sounder.wanted
    loudspeaker(chair)
    chair.wait(30)
    assert sounder.played == ["low", "medium", "high"]
    assert (meanwhile, sounder.wanted, chair.engine.sounding.trial) == (True, False, False)


def test_the_trial_waits_for_each_tone_to_end() -> None:
    sounder = FakeSounder()
    chair = Chair(sounder=sounder).signed_in()
    switch(chair)
    loudspeaker(chair)
    chair.tap(TrySound())
    chair.wait(3, step_s=0.1)
    assert sounder.played == ["low"]
    assert chair.engine.sounding.trial


def test_a_trial_without_a_loudspeaker_ends_and_says_why() -> None:
    sounder = FakeSounder()
    chair = Chair(sounder=sounder).signed_in()
    switch(chair)
    loudspeaker(chair, GONE)
    chair.tap(TrySound())
    chair.wait(1)
    sound = chair.snapshot.alarms.sound
    assert sound is not None
    assert (sounder.played, sound.failed) == ([], "No sound: no loudspeaker was found.")
    assert chair.tap(SayHeard(heard=True)).state == "refused"


def test_while_a_patient_is_watched_nothing_is_tried() -> None:
    answer = Chair(sounder=FakeSounder()).running().tap(TrySound())
    assert (answer.state, answer.field) == ("refused", "sound")


def test_an_alarm_ends_a_trial() -> None:
    sounder = FakeSounder()
    chair = Chair(sounder=sounder).signed_in()
    switch(chair)
    loudspeaker(chair)
    chair.tap(TrySound())
    chair.hear(chair.store.failed(chair.now))
    chair.wait(2)
    assert not chair.engine.sounding.trial
    assert heard(sounder)[-1] == "medium"


@pytest.mark.parametrize(
    ("said", "words"),
    [(True, "All tones heard 22 Nov 14:00, LK."), (False, "Not all tones heard 22 Nov 14:00, LK.")],
)
def test_whether_the_tones_were_heard_is_kept_with_the_name(said: bool, words: str) -> None:
    chair = Chair(sounder=FakeSounder()).signed_in()
    chair.tap(TrySound())
    loudspeaker(chair)
    chair.wait(30)
    chair.tap(SayHeard(said))
    assert chair.bodies(SoundTested) == [SoundTested(said)]
    assert chair.snapshot.alarms.sound is not None
    assert chair.snapshot.alarms.sound.tested == words


def test_the_sound_is_as_it_was_switched_last_also_after_a_restart() -> None:
    chair = Chair(sounder=FakeSounder()).signed_in()
    for on in (True, False, True):
        switch(chair, on=on)
    log = [entry for entry in chair.store.entries if entry.session == CLINIC]
    assert Clinic(log).sound_on
    assert not Clinic(log[:-1]).sound_on
    assert not Clinic().sound_on
