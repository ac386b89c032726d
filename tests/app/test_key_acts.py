"""Sealing the key at the screen: an administrator, their PIN, never during an infusion, told in the audit trail."""

from __future__ import annotations

import pytest

from app.audit import KEY_SEALED, PASSPHRASE_CHANGED, audit_words, sort_of
from app.entries import CLINIC, Audited, StaffAdded
from app.messages import KeySealed, SealRecord, SignIn
from app.ports import KeyKept, SealKey
from tests.app.chair import Chair

BOSS = "boss"
PIN = "1111"
FOLDER = "/data/record"
PASSPHRASE = "five words in a row"
SEAL = SealRecord(PASSPHRASE, PIN)


@pytest.fixture
def chair() -> Chair:
    """A chair whose administrator is here, and whose key lies in an open file."""
    made = Chair()
    made.engine.key = KeyKept("file", FOLDER)
    made.engine.write(StaffAdded(BOSS, "Joan Miles", "JM", ("administrator",)), made.now, BOSS, CLINIC)
    assert made.tap(SignIn(BOSS, PIN)).state == "taken"
    return made


def asked(chair: Chair) -> SealKey:
    """What the store was asked to do last."""
    (*_before, request) = chair.store.asked(SealKey)
    assert isinstance(request, SealKey)
    return request


def answered(chair: Chair, why: str = "", way: str = "sealed") -> str:
    """The store answers; what the touch hears then."""
    request = asked(chair)
    chair.hear(KeySealed(chair.now, request.tap, request.author, KeyKept(way, FOLDER), why))
    answer = chair.engine.answers[request.tap]
    return answer.reason if answer.state == "refused" else answer.state


def test_the_store_is_asked_once_the_pin_was_right_and_the_touch_waits(chair: Chair) -> None:
    assert chair.tap(SEAL).state == "waiting"
    assert (asked(chair).author, asked(chair).passphrase) == (BOSS, PASSPHRASE)
    assert answered(chair) == "taken"
    assert chair.engine.key == KeyKept("sealed", FOLDER)


def test_a_wrong_pin_asks_nothing_of_the_store(chair: Chair) -> None:
    assert chair.tap(SEAL, pin=False).state == "refused"
    assert not chair.store.asked(SealKey)


def test_sealing_and_changing_are_two_lines_of_the_audit_trail_without_the_passphrase(chair: Chair) -> None:
    chair.tap(SEAL)
    answered(chair)
    chair.tap(SealRecord("six words in a long row", PIN))
    answered(chair)
    lines = [body for body in chair.bodies(Audited) if isinstance(body, Audited)]
    assert [body.what for body in lines] == [KEY_SEALED, PASSPHRASE_CHANGED]
    assert {sort_of(body) for body in lines} == {"settings"}
    assert audit_words(lines[0], str) == "Key of the record sealed with a passphrase"
    assert "words in a" not in repr(chair.store.entries)


def test_the_screen_says_what_to_do_after_the_first_seal_and_after_a_change(chair: Chair) -> None:
    chair.tap(SEAL)
    answered(chair)
    frame = chair.snapshot.key
    assert frame is not None
    assert frame.kept == "sealed"
    assert f"python main.py key rotate --data {FOLDER}" in frame.done
    chair.tap(SEAL)
    answered(chair)
    changed = chair.snapshot.key
    assert changed is not None
    assert "back-ups made before now still open with it" in changed.done


def test_a_seal_that_failed_is_said_and_the_key_is_shown_as_it_is(chair: Chair) -> None:
    chair.tap(SEAL)
    assert answered(chair, "The disk is full.", "file") == "The disk is full."
    assert chair.engine.key == KeyKept("file", FOLDER)
    assert not chair.bodies(Audited)


@pytest.mark.parametrize(
    ("way", "words"), [("keystore", "python main.py key seal"), (None, "python main.py key seal")]
)
def test_a_key_that_is_not_kept_in_the_folder_is_sealed_on_a_terminal(
    chair: Chair, way: str | None, words: str
) -> None:
    chair.engine.key = KeyKept(way, FOLDER) if way else None
    answer = chair.tap(SEAL, pin=None)
    assert (answer.state, words in answer.reason) == ("refused", True)


def test_a_short_passphrase_is_refused_with_its_length(chair: Chair) -> None:
    answer = chair.tap(SealRecord("eleven char", PIN), pin=None)
    assert answer.reason == "A passphrase has 12 characters or more; these are 11."


def test_a_demonstration_keeps_its_key_as_it_is(chair: Chair) -> None:
    chair.engine.demo = True
    assert "In a demonstration" in chair.tap(SEAL, pin=None).reason


def test_a_nurse_does_not_seal_the_key() -> None:
    chair = Chair().signed_in()
    chair.engine.key = KeyKept("file", FOLDER)
    assert chair.tap(SEAL, pin=None).reason == "An administrator seals the key."


def test_no_key_is_sealed_while_an_infusion_is_under_way() -> None:
    running = Chair().running()
    running.engine.key = KeyKept("file", FOLDER)
    running.engine.write(StaffAdded(BOSS, "Joan Miles", "JM", ("administrator",)), running.now, BOSS, CLINIC)
    assert running.tap(SignIn(BOSS, PIN)).state == "taken"
    assert "An infusion is under way" in running.tap(SEAL, pin=None).reason


def test_a_tap_that_holds_a_passphrase_is_not_kept(chair: Chair) -> None:
    chair.tap(SEAL)
    answered(chair)
    kept = {name: value for name, value in vars(chair.engine).items() if name not in ("store", "catalog")}
    assert not [name for name, value in kept.items() if PASSPHRASE in repr(value)]
