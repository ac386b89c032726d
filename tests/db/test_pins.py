from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from app.entries import CLINIC, PinRefused, PinSet
from app.instant import Instant
from app.messages import PinChecked
from app.ports import Append, CheckPin, SetPin
from db.pins import FULL, LONGEST_WAIT_S, Pins, wait_after
from tests.db.desk import Desk


@pytest.fixture
def pinned(desk: Desk) -> Desk:
    """A record in which the nurse's PIN is 4711."""
    desk.put(Append((), (), (SetPin("nurse", "4711"),)))
    return desk


def check(desk: Desk, pin: str, staff: str = "nurse") -> PinChecked:
    (answer,) = desk.put(CheckPin("tap", staff, pin))
    assert isinstance(answer, PinChecked)
    return answer


def wrong(desk: Desk, times: int) -> PinChecked:
    for _ in range(times - 1):
        check(desk, "0000")
    return check(desk, "0000")


def test_the_right_pin_is_right(pinned: Desk) -> None:
    answer = check(pinned, "4711")
    assert (answer.ok, answer.tap, answer.staff, answer.wait_s) == (True, "tap", "nurse", 0.0)


def test_a_wrong_pin_says_how_many_tries_are_left(pinned: Desk) -> None:
    answer = wrong(pinned, 2)
    assert (answer.ok, answer.tries_left, answer.wait_s) == (False, 3, 0.0)


def test_a_person_without_a_pin_is_refused(pinned: Desk) -> None:
    assert not check(pinned, "4711", "stranger").ok


def test_five_wrong_pins_bring_a_wait_of_a_minute(pinned: Desk) -> None:
    answer = wrong(pinned, 5)
    assert (answer.ok, answer.tries_left, answer.wait_s) == (False, 0, 60.0)


def test_while_tries_are_barred_even_the_right_pin_is_not_taken(pinned: Desk) -> None:
    wrong(pinned, 5)
    pinned.later(59.0)
    answer = check(pinned, "4711")
    assert not answer.ok
    assert answer.wait_s == pytest.approx(1.0)


def test_after_the_wait_the_right_pin_is_taken(pinned: Desk) -> None:
    wrong(pinned, 5)
    pinned.later(60.0)
    assert check(pinned, "4711").ok


def test_another_persons_pin_is_not_barred(pinned: Desk) -> None:
    pinned.put(Append((), (), (SetPin("doctor", "1234"),)))
    wrong(pinned, 5)
    assert check(pinned, "1234", "doctor").ok


def test_the_wait_doubles_with_each_five_more(pinned: Desk) -> None:
    waits = []
    for _ in range(4):
        waits.append(wrong(pinned, 5).wait_s)
        pinned.later(waits[-1])
    assert waits == [60.0, 120.0, 240.0, 480.0]


def test_the_wait_never_grows_beyond_an_hour() -> None:
    assert wait_after(5 * 1000) == LONGEST_WAIT_S


def test_a_right_pin_forgets_the_wrong_ones(pinned: Desk) -> None:
    wrong(pinned, 4)
    check(pinned, "4711")
    assert check(pinned, "0000").tries_left == 4


def test_a_new_pin_replaces_the_old_one(pinned: Desk) -> None:
    pinned.put(Append((), (), (SetPin("nurse", "2468"),)))
    assert not check(pinned, "4711").ok
    assert check(pinned, "2468").ok


def test_a_pin_is_known_after_a_restart(pinned: Desk) -> None:
    pinned.open()
    assert check(pinned, "4711").ok


def test_wrong_tries_are_counted_over_a_restart(pinned: Desk) -> None:
    wrong(pinned, 4)
    pinned.open()
    assert check(pinned, "0000").wait_s == 60.0


def test_a_wait_survives_a_restart(pinned: Desk) -> None:
    wrong(pinned, 5)
    pinned.later(20.0)
    pinned.open()
    assert check(pinned, "4711").wait_s == pytest.approx(40.0)
    pinned.later(40.0)
    assert check(pinned, "4711").ok


def test_a_clock_set_forward_does_not_shorten_a_wait(pinned: Desk) -> None:
    wrong(pinned, 5)
    pinned.now = Instant(pinned.now.utc + timedelta(hours=2), pinned.now.steady + 10.0)
    assert check(pinned, "4711").wait_s == pytest.approx(50.0)


def test_a_clock_set_back_over_a_restart_neither_shortens_a_wait_nor_makes_it_endless(pinned: Desk) -> None:
    wrong(pinned, 5)
    pinned.now = Instant(pinned.now.utc - timedelta(days=400), 3.0)
    pinned.open()
    assert check(pinned, "4711").wait_s == 60.0
    pinned.later(60.0)
    assert check(pinned, "4711").ok


def test_a_clock_set_forward_over_a_restart_of_the_program_does_not_shorten_a_wait(pinned: Desk) -> None:
    answer = wrong(pinned, 5)
    pinned.write(PinRefused("nurse", answer.wait_s), session=CLINIC)
    pinned.now = Instant(pinned.now.utc + timedelta(hours=2), pinned.now.steady + 10.0)
    pinned.open(boot="boot")
    assert check(pinned, "4711").wait_s == pytest.approx(50.0)
    pinned.later(50.0)
    assert check(pinned, "4711").ok


def test_over_a_restart_of_the_machine_only_the_wall_clock_is_left(pinned: Desk) -> None:
    answer = wrong(pinned, 5)
    pinned.write(PinRefused("nurse", answer.wait_s), session=CLINIC)
    pinned.now = Instant(pinned.now.utc + timedelta(seconds=20), 3.0)
    pinned.open(boot="another boot")
    assert check(pinned, "4711").wait_s == pytest.approx(40.0)


def test_a_wait_that_is_over_does_not_come_back_with_a_restart(pinned: Desk) -> None:
    answer = wrong(pinned, 5)
    pinned.write(PinRefused("nurse", answer.wait_s), session=CLINIC)
    pinned.later(60.0)
    assert check(pinned, "4711").ok
    pinned.open(boot="boot")
    assert check(pinned, "4711").ok


def test_a_wrong_try_is_on_disk_before_it_is_answered(pinned: Desk) -> None:
    answered: list[int] = []

    def fault(step: str) -> None:
        if step == "committed":
            answered.append(len(pinned.all(PinChecked)))

    pinned.open(fault)
    check(pinned, "0000")
    assert answered == [0]


def test_a_pin_is_checked_while_the_disk_takes_nothing(pinned: Desk) -> None:
    failing = [False]

    def fault(step: str) -> None:
        if failing[0]:
            raise OSError(28, "No space left on device")

    pinned.open(fault)
    failing[0] = True
    pinned.posted.clear()
    pinned.put(CheckPin("1", "nurse", "0000"), CheckPin("2", "nurse", "4711"))
    assert [(answer.tap, answer.ok) for answer in pinned.all(PinChecked)] == [("1", False), ("2", True)]


def test_tries_are_counted_while_the_disk_takes_nothing(pinned: Desk) -> None:
    def fault(step: str) -> None:
        raise OSError(28, "No space left on device")

    pinned.open(fault)
    pinned.put(*(CheckPin(str(number), "nurse", "0000") for number in range(6)))
    assert pinned.all(PinChecked)[-1].wait_s == 60.0


def test_a_pin_whose_entry_the_record_refuses_holds_up_nothing(pinned: Desk) -> None:
    there = pinned.note()
    other = msgspec.structs.replace(there, body=PinSet("nurse"))
    pinned.put(Append((other,), (), (SetPin("nurse", "2468"),)))
    assert [failed.refused for failed in pinned.failures()] == [(there.uuid,)]
    wrong(pinned, 5)
    pinned.open()
    assert check(pinned, "4711").wait_s > 0
    assert check(pinned, "2468").wait_s > 0


def test_a_pin_leaves_no_trace_but_its_argon2_hash(pinned: Desk) -> None:
    engine = pinned.another()
    with engine.connect() as connection:
        (kept,) = connection.exec_driver_sql("SELECT hash FROM pin").one()
    engine.dispose()
    assert kept.startswith("$argon2id$")
    assert "4711" not in kept


def test_the_cost_of_a_real_check_is_what_was_measured_to_take_a_tenth_of_a_second(pinned: Desk) -> None:
    assert (FULL.rounds, FULL.memory_kib, FULL.lanes) == (2, 47104, 1)
    engine = pinned.another()
    with engine.connect() as connection:
        pins = Pins(connection, pinned.now, FULL)
        pins.set("nurse", "4711")
        pins.write(connection, ["nurse"])
        (kept,) = connection.exec_driver_sql("SELECT hash FROM pin").one()
    engine.dispose()
    assert "m=47104,t=2,p=1" in kept
