"""Every alarm condition in every state of the sound: on, off, no loudspeaker, paused, acknowledged, locked, two."""

from __future__ import annotations

import pytest

from app.clinical.alarms import SEVERITY
from app.messages import Acknowledge, PauseAudio
from tests.app.sounds import GONE, heard, loudspeaker, switch
from tests.app.test_alarm_matrix import CASES, PAIRS, TECHNICAL, Case, Room, every_case
from tests.fakes import FakeSounder


class LoudRoom(Room):
    """The same room with its sound on and a loudspeaker."""

    def __init__(self, *, on: bool = True, why: str = "") -> None:
        self.sounder = FakeSounder()
        super().__init__(self.sounder)
        if on:
            switch(self.chair)
            loudspeaker(self.chair, why)
            self.go_on(2)
            self.chair.tap(Acknowledge())  # where it is that there is no loudspeaker
        self.sounder.played.clear()

    def begin(self, case: Case) -> LoudRoom:
        """The case begins, and stands."""
        case.begin(self)
        self.go_on(case.takes_s)
        assert self.row(case.key) == (case.priority, False)
        return self

    def heard_in(self, seconds: int) -> list[str]:
        """What is played from now on."""
        self.sounder.played.clear()
        self.go_on(seconds)
        return heard(self.sounder)


@every_case
def test_on_it_sounds_in_the_second_that_it_stands_with_its_own_priority(case: Case) -> None:
    room = LoudRoom()
    case.begin(room)
    for _ in range(case.takes_s):
        room.go_on(1)
        if room.row(case.key) == (case.priority, False):
            break
    assert heard(room.sounder)[-1] == case.priority


@every_case
def test_off_it_is_seen_and_never_heard(case: Case) -> None:
    room = LoudRoom(on=False).begin(case)
    assert heard(room.sounder) + room.heard_in(10) == []
    assert room.chair.snapshot.alarms.sound is not None
    assert room.chair.snapshot.alarms.sound.state == "off"


@every_case
def test_without_a_loudspeaker_it_is_seen_that_nothing_is_heard(case: Case) -> None:
    room = LoudRoom(why=GONE).begin(case)
    assert heard(room.sounder) == []
    assert room.row("sound") == ("low", True)
    assert room.chair.snapshot.alarms.sound is not None
    assert room.chair.snapshot.alarms.sound.state == "none"


@every_case
def test_a_loudspeaker_that_comes_back_sounds_what_stands_at_once(case: Case) -> None:
    room = LoudRoom(why=GONE).begin(case)
    loudspeaker(room.chair)
    assert heard(room.sounder) == [case.priority]


@every_case
def test_acknowledged_it_is_silent_until_it_ends_and_begins_anew(case: Case) -> None:
    room = LoudRoom().begin(case)
    room.chair.tap(Acknowledge())
    assert room.sounder.played[-1] is None
    assert room.heard_in(9) == []
    case.end(room)
    room.go_on(3)
    case.begin(room)
    room.go_on(case.takes_s)
    assert heard(room.sounder)[-1] == case.priority


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name != "pump lost"], ids=lambda case: case.name
)
def test_paused_it_is_silent_for_the_stated_time_and_then_sounds_again(case: Case) -> None:
    room = LoudRoom().begin(case)
    assert room.chair.tap(PauseAudio()).state == "taken"
    pause_s = int(room.chair.engine.catalog.iec.audio_paused_max_s)
    assert room.sounder.played[-1] is None
    assert room.heard_in(pause_s - 2) == []
    assert room.row(case.key) == (case.priority, False)
    assert case.priority in room.heard_in(4)


@every_case
def test_locked_it_sounds_all_the_same(case: Case) -> None:
    room = LoudRoom()
    room.chair.engine.lock("a test")
    room.begin(case)
    assert heard(room.sounder)[-1] == case.priority


@every_case
def test_it_is_silent_in_the_second_that_it_ends(case: Case) -> None:
    room = LoudRoom().begin(case)
    case.end(room)
    room.go_on(3)
    assert room.row(case.key) is None
    assert room.sounder.played[-1] is None
    assert room.heard_in(10) == []


def worst_of(*cases: Case) -> str:
    return max((case.priority for case in cases), key=lambda one: SEVERITY[one])  # type: ignore[index]


@pytest.mark.parametrize(("case", "other"), PAIRS, ids=lambda case: case.name)
def test_of_two_at_once_the_more_severe_is_heard_and_the_second_ends_a_pause(case: Case, other: Case) -> None:
    room = LoudRoom().begin(case)
    room.chair.tap(PauseAudio())
    room.sounder.played.clear()
    room.begin(other)
    assert room.chair.engine.sounding.pause is None
    assert heard(room.sounder)[-1] == worst_of(case, other)
    assert set(room.heard_in(10)) <= {worst_of(case, other)}


def test_no_technical_condition_sounds_as_high() -> None:
    assert {case.priority for case in TECHNICAL} <= {"low", "medium"}
    assert {case.priority for case in CASES} == {"low", "medium", "high"}
