"""The record's key by touch: how it is kept, for everybody; sealed by an administrator with their PIN."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.frames import Snapshot
from app.key_acts import key_frame
from app.messages import SealRecord
from app.ports import KeyKept
from tests.ui.screens.test_set_up_screen import DEVICES, pin, target
from tests.ui.window_samples import BOSS, Chair, shot
from ui.widgets.target import State

FOLDER = "/home/clinic/.local/share/chairside/record"
PASSPHRASE = "five words in a row"


def kept(way: str, done: str = "", **changes: Any) -> Snapshot:
    """Today, with the key kept in this way; the administrator is here."""
    frame = key_frame(KeyKept(way, FOLDER), done)
    return shot("today", **{"who": BOSS.staff, "devices": DEVICES, "key": frame, **changes})


@pytest.fixture
def boss(chair: Chair) -> Chair:
    """The administrator stands before the key, which lies in an open file."""
    chair.show(kept("file"))
    chair.touch("set_up", "field.key")
    return chair


def write(chair: Chair, text: str) -> None:
    """A passphrase on the physical keyboard, ended by Return."""
    QTest.keyClicks(chair.window, text)
    QTest.keyClick(chair.window, Qt.Key.Key_Return)


def asked(chair: Chair) -> str:
    return chair.window.key.secret.says.text


@pytest.mark.parametrize(
    ("way", "words"), [("file", "open file"), ("sealed", "sealed"), ("keystore", "system’s key store")]
)
def test_set_up_says_in_a_word_how_the_key_is_kept(chair: Chair, way: str, words: str) -> None:
    chair.show(kept(way))
    chair.touch("set_up")
    assert target(chair, "field.key").value == words


def test_what_it_protects_against_and_the_copy_for_the_safe_stand_before_the_act(boss: Chair) -> None:
    page = boss.window.key
    assert "whoever takes the disk reads the record" in page.words_shown.text
    assert page.safe.text.startswith("First lay a copy of the key in the safe")
    assert f"python main.py key copy --to FILE --data {FOLDER}" in page.safe.text
    assert target(boss, "seal_key").words == "Seal with a passphrase"


def test_an_administrator_seals_it_with_a_passphrase_typed_twice_and_their_pin(boss: Chair) -> None:
    boss.touch("seal_key")
    write(boss, PASSPHRASE)
    assert asked(boss) == "The same passphrase again."
    write(boss, PASSPHRASE)
    pin(boss, "3333")
    assert boss.acts == [SealRecord(PASSPHRASE, "3333")]


def test_by_touch_it_is_typed_on_the_touch_keyboard(boss: Chair) -> None:
    boss.touch("seal_key")
    for _ in range(2):
        boss.touch(*["letter.a"] * 6, "keyboard.space", *["letter.b"] * 6, "keyboard.done")
    pin(boss, "3333")
    assert boss.acts == [SealRecord("aaaaaa bbbbbb", "3333")]


def test_a_short_passphrase_goes_no_further(boss: Chair) -> None:
    boss.touch("seal_key")
    write(boss, "eleven char")
    assert asked(boss) == "A passphrase has 12 characters or more; these are 11."
    assert target(boss, "keyboard.done").state is State.BARRED


def test_two_that_are_not_the_same_are_asked_again_from_the_first(boss: Chair) -> None:
    boss.touch("seal_key")
    write(boss, PASSPHRASE)
    write(boss, "four words in a row")
    assert asked(boss) == "The two were not the same. Type the new passphrase again."
    write(boss, PASSPHRASE)
    write(boss, PASSPHRASE)
    pin(boss, "3333")
    assert boss.acts == [SealRecord(PASSPHRASE, "3333")]


def test_a_wrong_pin_is_typed_again_in_the_same_place(boss: Chair) -> None:
    boss.touch("seal_key")
    write(boss, PASSPHRASE)
    write(boss, PASSPHRASE)
    pin(boss, "9999")
    boss.answer("refused", "pin", "Wrong PIN. 4 tries left.")
    assert boss.window.key.editor.pin.field.words == "Wrong PIN. 4 tries left."
    pin(boss, "3333")
    assert boss.acts[-1] == SealRecord(PASSPHRASE, "3333")


def test_while_it_is_sealed_the_screen_says_so_and_takes_no_second_touch(boss: Chair) -> None:
    boss.touch("seal_key")
    write(boss, PASSPHRASE)
    write(boss, PASSPHRASE)
    pin(boss, "3333")
    assert boss.window.key.editor.pin.field.words == "Sealing"
    pin(boss, "3333")
    assert boss.acts == [SealRecord(PASSPHRASE, "3333")]


def test_once_it_is_sealed_the_screen_says_so_and_what_to_do_next(boss: Chair) -> None:
    boss.touch("seal_key")
    write(boss, PASSPHRASE)
    write(boss, PASSPHRASE)
    pin(boss, "3333")
    boss.answer(key=key_frame(KeyKept("sealed", FOLDER), "Sealed, and opened once to be sure."))
    page = boss.window.key
    assert page.done_shown.isVisible()
    assert "sealed with a passphrase" in page.words_shown.text
    assert target(boss, "seal_key").words == "Change the passphrase"


def test_a_seal_that_failed_is_said_in_words(boss: Chair) -> None:
    boss.touch("seal_key")
    write(boss, PASSPHRASE)
    write(boss, PASSPHRASE)
    pin(boss, "3333")
    boss.answer("refused", "key", "The disk is full. Free some space.")
    assert boss.window.key.ask_card.text.text == "The disk is full. Free some space."


def test_what_was_typed_is_gone_when_the_screen_is_left(boss: Chair) -> None:
    boss.touch("seal_key")
    QTest.keyClicks(boss.window, PASSPHRASE)
    boss.show(shot("locked-out"))
    assert boss.window.key.secret.text == ""


def test_a_nurse_sees_how_it_is_kept_and_is_told_who_seals_it(chair: Chair) -> None:
    chair.show(kept("file", who="s1"))
    chair.touch("set_up", "field.key", "seal_key")
    assert chair.window.key.ask_card.isVisible()
    assert chair.acts == []


def test_a_key_in_the_systems_store_has_its_command_in_place_of_an_act(chair: Chair) -> None:
    chair.show(kept("keystore"))
    chair.touch("set_up", "field.key")
    assert f"python main.py key seal --data {FOLDER}" in chair.window.key.safe.text
    assert not chair.window.key.seal.isVisible()


def test_the_way_back_leads_to_set_up(boss: Chair) -> None:
    boss.touch("seal_key", "back_to_key", "back_to_set_up")
    assert boss.window.set_up.isVisible()
