"""The way in without a PIN, the audit trail and the clinical tables, as a finger meets them."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from app.messages import BreakGlass, NoteEffect, ReadAudit, SignTables
from app.people_frames import AuditFrame, AuditLine, SelfTestFrame, TableLine
from tests.ui.window_samples import STAFF, Chair, catalog, shot
from ui.screens.audit import AuditScreen
from ui.widgets.target import State, Target

TODAY = shot("today", who="s3", who_roles=("administrator", "director"), staff=STAFF)
REASONS = catalog().bedside.break_glass.reasons


def trail(lines: int, *, page: int = 0, more: bool = False, staff: str = "", sort: str = "") -> AuditFrame:
    """A page of the trail."""
    told = tuple(AuditLine("22 Nov 2026 14:05:12", f"line {page}.{n}", "LK") for n in range(lines))
    return AuditFrame(page, staff, sort, told, more)


def tables(*, signed: int = 0) -> tuple[TableLine, ...]:
    """Every table; the first ones are signed."""
    return tuple(
        TableLine(table, table, digest, "signed by J" if n < signed else "draft: never signed", n < signed)
        for n, (table, digest) in enumerate(catalog().hashes.items())
    )


def shown(chair: Chair) -> tuple[str, ...]:
    screen = chair.window.screen_shown
    assert isinstance(screen, AuditScreen)
    return tuple(line.text for line in screen.list.lines)


def names(chair: Chair) -> set[str]:
    return {target.objectName() for target in chair.targets()}


# ---------------------------------------------------------------- without a PIN


@pytest.mark.parametrize("staff", ["s1", "other"])
def test_two_touches_open_without_a_pin_for_a_name_or_another(chair: Chair, staff: str) -> None:
    chair.show(shot("locked-out"))
    chair.touch("no_pin", f"nopin.{staff}")
    assert chair.acts == [BreakGlass(staff, REASONS[0])]


def test_another_reason_is_one_touch_more(chair: Chair) -> None:
    chair.show(shot("infusing", locked=True))
    chair.touch("unlock", "no_pin", "reason.1", "nopin.s1")
    assert chair.acts == [BreakGlass("s1", REASONS[1])]


def test_the_way_back_to_the_pin_is_there(chair: Chair) -> None:
    chair.show(shot("locked-out"))
    chair.touch("no_pin", "with_pin")
    assert "enter" in names(chair)
    assert not [name for name in names(chair) if name.startswith("nopin")]


def test_a_refused_way_in_says_why(chair: Chair) -> None:
    chair.show(shot("locked-out"))
    chair.touch("no_pin", "nopin.s1")
    chair.answer("refused", reason="Entry is open already.")
    assert chair.window.unlock.part.glass.says.text == "Entry is open already."


def test_the_pad_is_ready_again_when_entry_is_locked_later(chair: Chair) -> None:
    chair.show(shot("locked-out"))
    chair.touch("staff.s1")
    chair.type("1111", "pin")
    chair.touch("enter")
    chair.answer(phase="today", who="s1", locked=False)
    chair.show(shot("locked-out"))
    enter = chair.find("enter")
    assert isinstance(enter, Target)
    assert (enter.state, enter.reason) == (State.BARRED, "type the PIN")


def test_entry_that_is_locked_again_begins_with_the_pin(chair: Chair) -> None:
    chair.show(shot("locked-out"))
    chair.touch("no_pin", "nopin.s1")
    chair.answer(phase="today", who="s1", locked=False)
    chair.show(shot("locked-out"))
    assert "enter" in names(chair)


# ---------------------------------------------------------------- the audit trail


def test_the_trail_is_for_the_administrator_and_the_tables_for_the_director(chair: Chair) -> None:
    for roles, there in (
        (("nurse",), set()),
        (("administrator",), {"audit"}),
        (("director",), {"tables"}),
    ):
        chair.show(msgspec.structs.replace(TODAY, who_roles=roles))
        assert names(chair) & {"audit", "tables"} == there


def test_the_newest_lines_are_asked_for_when_it_is_opened(chair: Chair) -> None:
    chair.show(TODAY)
    chair.touch("audit")
    assert chair.acts == [ReadAudit(0, "", "")]
    chair.answer(audit=trail(3))
    assert shown(chair) == ("line 0.0", "line 0.1", "line 0.2")


def test_a_sort_and_a_person_are_asked_for(chair: Chair) -> None:
    chair.show(TODAY)
    chair.touch("audit", "sort.copies")
    chair.touch("person", "choice.s1")
    assert chair.acts[1:] == [ReadAudit(0, "", "copies"), ReadAudit(0, "s1", "copies")]


def test_lines_of_another_filter_are_not_shown_as_those_of_this_one(chair: Chair) -> None:
    chair.show(TODAY)
    chair.touch("audit")
    chair.answer(audit=trail(3))
    chair.touch("sort.looks")
    chair.show()
    assert shown(chair) == ()
    chair.answer(audit=trail(2, sort="looks"))
    assert shown(chair) == ("line 0.0", "line 0.1")


def test_earlier_and_later_turn_within_a_page_and_then_ask_for_the_next(chair: Chair) -> None:
    chair.show(TODAY)
    chair.touch("audit")
    chair.answer(audit=trail(15, more=True))
    first = shown(chair)
    chair.touch("earlier")
    assert shown(chair)[-1] == "line 0.14"
    chair.touch("earlier")
    assert chair.acts[-1] == ReadAudit(1, "", "")
    chair.answer(audit=trail(2, page=1))
    earlier = chair.find("earlier")
    assert isinstance(earlier, Target)
    assert earlier.state is State.BARRED
    chair.touch("later")
    assert chair.acts[-1] == ReadAudit(0, "", "")
    chair.answer(audit=trail(15, more=True))
    assert shown(chair)[-1] == "line 0.14"
    chair.touch("later")
    assert shown(chair) == first


def test_later_shows_the_last_lines_of_the_page_before_whatever_comes_in_between(chair: Chair) -> None:
    chair.show(TODAY)
    chair.touch("audit")
    chair.answer(audit=trail(40, more=True))
    room = len(shown(chair))
    chair.touch(*["earlier"] * -(-40 // room))
    chair.answer(audit=trail(2, page=1))
    chair.touch("later")
    chair.show()
    assert shown(chair) == ()
    chair.answer(audit=trail(40, more=True))
    assert shown(chair)[-1] == "line 0.39"


# ---------------------------------------------------------------- tables


def test_the_director_signs_the_tables_that_nobody_signed_by_their_hashes(chair: Chair) -> None:
    chair.show(TODAY, tables=tables(signed=12))
    chair.touch("tables", "sign_tables")
    chair.type("3333", "pin")
    chair.touch("sign_tables_now")
    left = dict(list(catalog().hashes.items())[12:])
    assert chair.acts == [SignTables(left, "s3", "3333")]


def test_a_table_that_changed_after_the_list_was_shown_is_not_signed_unseen(chair: Chair) -> None:
    chair.show(TODAY, tables=tables())
    chair.touch("tables", "sign_tables")
    chair.show(tables=tuple(msgspec.structs.replace(line, digest="new") for line in tables()))
    chair.type("3333", "pin")
    chair.touch("sign_tables_now")
    (act,) = chair.acts
    assert isinstance(act, SignTables)
    assert act.tables == catalog().hashes


def test_a_signature_that_was_left_open_is_not_there_when_the_tables_come_back(chair: Chair) -> None:
    chair.show(TODAY, tables=tables())
    chair.touch("tables", "sign_tables")
    chair.type("33", "pin")
    chair.show(shot("locked-out"))
    chair.show(TODAY, tables=tables())
    chair.touch("tables")
    assert "sign_tables" in names(chair)
    assert "sign_tables_now" not in names(chair)


def test_with_every_table_signed_there_is_nothing_to_sign(chair: Chair) -> None:
    chair.show(TODAY, tables=tables(signed=99))
    chair.touch("tables")
    target = chair.find("sign_tables")
    assert isinstance(target, Target)
    assert target.reason == "all are signed"


# ---------------------------------------------------------------- the self-test


def test_the_self_test_is_one_tick_with_its_time_and_a_touch_tells_what_was_tested(chair: Chair) -> None:
    chair.show(
        TODAY, self_test=SelfTestFrame("Self-test 07:58", "all is well", well=True, tested=("disk", "key"))
    )
    target = chair.find("self_test")
    assert isinstance(target, Target)
    assert (target.words, target.second) == ("Self-test 07:58", "all is well")
    chair.touch("self_test")
    assert chair.window.today.ask_card.text.text == "Tested: disk, key."


def test_findings_are_told_in_words_with_what_to_do(chair: Chair) -> None:
    found = ("No printer is ready. Check it.", "The disk is full. Free some space.")
    chair.show(TODAY, self_test=SelfTestFrame("Self-test 07:58", "2 findings", well=False, findings=found))
    chair.touch("self_test")
    assert chair.window.today.ask_card.text.text == "\n".join(found)


# ---------------------------------------------------------------- the right patient


def test_a_touch_says_for_which_patient_it_is_meant(chair: Chair) -> None:
    chair.show(shot("infusing"))
    chair.touch("effect.nausea", "effect.nausea.1")
    assert isinstance(chair.acts[0], NoteEffect)
    assert chair.taps[0].session == chair.shown.session


def test_a_sheet_closes_when_another_patient_comes_on_the_screen(chair: Chair) -> None:
    chair.show(shot("infusing"))
    chair.touch("effect.nausea")
    chair.show(session="another")
    assert chair.window.sheet is None


@pytest.mark.parametrize("local", ["order", "patient"])
def test_a_half_filled_page_is_left_when_another_patient_comes_on_the_screen(
    chair: Chair, local: str
) -> None:
    chair.show(shot("check-in"))
    chair.window._go(local)
    chair.show(session="another")
    assert chair.window.screen_shown is chair.window.check_in


# ---------------------------------------------------------------- both panels


def test_every_target_of_these_screens_is_large_enough_and_on_the_screen(panel: str, qtbot: QtBot) -> None:
    chair = Chair(panel)
    qtbot.addWidget(chair.window)
    chair.window.show()
    views = [
        (shot("locked-out"), "no_pin"),
        (msgspec.structs.replace(TODAY, tables=tables()), "tables"),
        (msgspec.structs.replace(TODAY, audit=trail(50, more=True)), "audit"),
    ]
    for snapshot, way in views:
        chair.window._go("")
        chair.show(snapshot)
        chair.touch(way)
        for target in chair.targets():
            assert chair.look.metrics.in_mm(min(target.width(), target.height())) >= 15.0, target.objectName()
            corner = target.mapTo(chair.window, target.rect().bottomRight())
            assert chair.window.rect().contains(corner), target.objectName()
    chair.window.close()
