"""Random storms: whatever is touched and whatever the devices say, nothing breaks, and a restart tells the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.clinical.vitals import Vital
from app.entries import SamplesSealed, seal
from app.instant import Instant
from app.messages import (
    Acknowledge,
    Amend,
    AnswerSyringe,
    AnyAct,
    AskPump,
    ConfirmByHand,
    ConfirmPumpState,
    EndEffect,
    EnterVital,
    GiveDrug,
    LeaveSession,
    LinkState,
    Lock,
    NoteEffect,
    OrderRate,
    SetOxygen,
    SignIn,
    SignOrder,
    SignSummary,
    StopAsking,
    TakeScore,
    Undo,
    WriteNote,
)
from app.readings import PumpMode
from app.session import Session
from tests.app.chair import DOCTOR, NURSE, Chair, order, patient


class Storm:
    """One chair and dice."""

    def __init__(self, seed: int, *, pump: bool = True) -> None:
        self.dice = random.Random(seed)
        self.chair = Chair(pump=pump).running() if pump else Chair(pump=False).running_by_hand()
        self.has_pump = pump
        self.volume, self.rate, self.serial = 0.0, 17.5, "A"
        self.confirmed, self.unplugged = True, not pump

    def step(self) -> None:
        """Something happens."""
        self.dice.choice(
            (self.time, self.time, self.pump, self.pump, self.monitor, self.touch, self.trouble)
        )()

    def time(self) -> None:
        """Time passes while the pump flows."""
        seconds = self.dice.choice((0.1, 1.0, 3.0, 5.0, 20.0))
        self.volume = round(self.volume + self.rate * seconds / 3600, 3)
        self.chair.wait(seconds)

    def pump(self) -> None:
        """The pump is read."""
        if not self.unplugged:
            self.chair.wait(0.1)
            self.chair.pump(self.rate, self.volume, serial=self.serial, confirmed=self.confirmed)

    def monitor(self) -> None:
        """The monitor is read, with what sensors make of it."""
        dice = self.dice
        self.chair.wait(0.1)
        self.chair.vitals(
            heart_rate=dice.choice((70.0, 150.0, None, 999.0)),
            spo2=dice.choice((97.0, 75.0, None)),
            nibp_sys=dice.choice((120.0, 190.0)),
            nibp_dia=dice.choice((80.0, None)),
        )

    def trouble(self) -> None:
        """Something at the bench or in the machine."""
        self.dice.choice(
            (self.turn, self.clear, self.change, self.unplug, self.alarm, self.clock, self.disk)
        )()

    def turn(self) -> None:
        """Somebody turns the rate or holds the pump."""
        self.rate = self.dice.choice((0.0, 17.5, 19.0, 20.0))

    def clear(self) -> None:
        """Somebody clears the counter."""
        self.volume = 0.0

    def change(self) -> None:
        """Another pump, or a syringe that is not confirmed yet."""
        self.serial = self.dice.choice("AB")
        self.confirmed = self.dice.random() < 0.5

    def unplug(self) -> None:
        """A cable goes out, or in again."""
        self.unplugged = self.has_pump and not self.unplugged
        states = tuple(LinkState)
        self.chair.link(self.dice.choice(("monitor", "pump")), self.dice.choice(states), "Check the cable.")

    def alarm(self) -> None:
        """The pump has an alarm, or a word that nobody knows."""
        if not self.unplugged:
            self.chair.pump(0.0, self.volume, serial=self.serial, alarm="AL_OCCLU")
            self.chair.pump(None, None, serial=self.serial, mode=PumpMode.UNKNOWN)

    def clock(self) -> None:
        """The wall clock is set."""
        by = timedelta(seconds=self.dice.choice((-3600, 5, 3600)))
        self.chair.now = Instant(self.chair.now.utc + by, self.chair.now.steady + 0.1)
        self.chair.engine.tick(self.chair.now)

    def disk(self) -> None:
        """The disk answers, or fails."""
        store, now = self.chair.store, self.chair.now
        self.chair.hear(self.dice.choice((store.saved, store.failed))(now))

    def touch(self) -> None:
        """Somebody touches something, sense or nonsense."""
        pin = self.dice.choice((True, True, False))
        self.chair.tap(self.dice.choice(TOUCHES)(self), pin=pin)
        if self.chair.engine.locked:
            self.chair.tap(SignIn(NURSE, "1111"))

    def any_entry(self) -> str:
        """Some entry's id."""
        return self.dice.choice(self.chair.session.entries).uuid


TOUCHES: tuple[Callable[[Storm], AnyAct], ...] = (
    lambda s: AskPump(s.dice.choice(("start", "pause", "resume", "end"))),
    lambda s: AskPump(s.dice.choice(("pause", "resume"))),
    lambda s: ConfirmByHand(s.dice.choice(("start", "pause", "resume", "rate", "end")), 17.5, s.volume),
    lambda s: ConfirmByHand(s.dice.choice(("pause", "resume", "rate"))),
    lambda s: ConfirmPumpState(s.dice.random() < 0.5, 17.5, s.dice.choice((None, s.volume))),
    lambda s: AnswerSyringe(50.0, s.dice.choice((1.0, 2.0, 5.0)), s.dice.random() < 0.5),
    lambda s: OrderRate(s.dice.choice((17.5, 19.0, 2.0)), "why", DOCTOR, "3333", sure=True),
    lambda s: SignOrder(order(), DOCTOR, "3333"),
    lambda s: NoteEffect("nausea", s.dice.randint(0, 5), back_min=s.dice.choice((0, 1, 10))),
    lambda s: EndEffect(s.any_entry()),
    lambda s: GiveDrug("midazolam", s.dice.choice((0.5, 1.0)), "mg", "IV", reason="x", second="y"),
    lambda s: TakeScore("moaas", s.dice.randint(0, 6)),
    lambda s: EnterVital({Vital.NIBP_SYS: 118.0, Vital.NIBP_DIA: 70.0}, back_min=s.dice.choice((0, 2))),
    lambda s: SetOxygen(s.dice.choice((0.0, 2.0, 99.0))),
    lambda s: WriteNote(s.dice.choice(("", "quiet"))),
    lambda s: Undo(s.any_entry()),
    lambda s: Amend(s.any_entry(), "text", s.dice.choice(("", "mistaken")), NURSE, "1111"),
    lambda _: Acknowledge(),
    lambda _: StopAsking(),
    lambda _: Lock(),
    lambda _: LeaveSession(),
    lambda _: patient(),
    lambda s: SignSummary(DOCTOR, "3333", "Anesthetist"),
)


def settle(storm: Storm) -> None:
    """Everything is read once more and stored."""
    storm.pump()
    storm.chair.wait(6)


def check_samples(chair: Chair) -> None:
    """Numbers without holes, and seals that fit."""
    samples = chair.store.samples
    assert [sample.number for sample in samples] == list(range(1, len(samples) + 1))
    for body in chair.bodies(SamplesSealed):
        assert isinstance(body, SamplesSealed)
        assert body.digest == seal(samples[body.first - 1 : body.first - 1 + body.count])


@pytest.mark.parametrize("seed", range(16))
def test_whatever_happens_nothing_breaks_and_a_restart_tells_the_same(seed: int) -> None:
    storm = Storm(seed, pump=seed % 4 != 0)
    chair = storm.chair
    least = 0.0
    for _ in range(250):
        storm.step()
        chair.snapshot  # noqa: B018 - it can be made at every moment
        assert all((segment.infused_ml or 0.0) >= 0 for segment in chair.session.infusion.segments)
        given = chair.session.infusion.given(chair.now)
        assert given.mg is None or given.mg >= 0
        if given.ml is not None:
            assert given.ml >= least - 1e-9
            least = given.ml
    settle(storm)
    check_samples(chair)
    told = Session.fold(chair.session.id, chair.session.entries, chair.store.samples, "boot", chair.now)
    assert told.phase == chair.session.phase
    live, again = chair.session.infusion.given(chair.now), told.infusion.given(chair.now)
    assert again.mg == (None if live.mg is None else pytest.approx(live.mg, abs=1e-6))
    assert again.ml == (None if live.ml is None else pytest.approx(live.ml, abs=1e-6))
    assert (told.infusion.unknown_since is None) == (chair.session.infusion.unknown_since is None)
    assert told.expected_rate_ml_h(chair.now) == chair.session.expected_rate_ml_h(chair.now)


@pytest.mark.parametrize("seed", range(6))
def test_after_a_storm_the_session_can_be_ended_and_printed(seed: int) -> None:
    storm = Storm(1000 + seed)
    for _ in range(100):
        storm.step()
    chair, storm.unplugged, storm.rate = storm.chair, False, 0.0
    storm.pump()
    if chair.session.phase in ("infusing", "paused"):
        chair.tap(AskPump("end"))
        storm.pump()
    assert chair.session.phase == "recovery"
    assert chair.leave().state == "taken"
    assert chair.snapshot.summary is not None
