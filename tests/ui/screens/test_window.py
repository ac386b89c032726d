"""The window as a whole: what never hides, what covers it, and what a glove can touch on both panels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.frames import PumpSheet, RateLights, Snapshot
from app.messages import Acknowledge
from tests.ui.frames_samples import (
    alarm_snapshot,
    all_met,
    item_proposals,
    recovery,
    recovery_events,
    strip,
)
from tests.ui.sheets.test_bedside_sheets import emergency
from tests.ui.window_samples import (
    PANELS,
    Chair,
    catalog,
    limits,
    record,
    sessions,
    shot,
    syringe_question,
)
from ui.sheets.base import slug
from ui.widgets.keyboard import Keyboard

ASKED = PumpSheet(
    "start", "Start the infusion", "Press START.", "17.5 mL/h", "on hold", "waiting", "14:07:12", False, ""
)


def rate(chair: Chair) -> None:
    chair.touch("change_rate")
    chair.type("20")
    chair.touch("reason.order")


def filled_order(chair: Chair) -> None:
    chair.touch(
        "row.protocol", "choice.low-dose-one-hour", "row.syringe", "choice.50", "choice.2", "row.max_rate"
    )
    chair.type("0.6")
    chair.touch("set")


def soft_order(chair: Chair) -> None:
    filled_order(chair)
    chair.touch("row.max_rate")
    chair.type("1.5")
    chair.touch("set", "row.rate")
    chair.type("1.2")
    chair.touch("set")


Open = Callable[[Chair], None]


def sheet(name: str) -> Open:
    return lambda chair: chair.window.open_sheet(name)


def touches(*names: str) -> Open:
    return lambda chair: chair.touch(*names)


def both(*steps: Open) -> Open:
    def run(chair: Chair) -> None:
        for step in steps:
            step(chair)

    return run


RECOVERING = shot("recovery", recovery=recovery(), events=recovery_events(), proposals=item_proposals())
READY = msgspec.structs.replace(RECOVERING, recovery=all_met())
RECORD = msgspec.structs.replace(shot("check-in"), record=record())

STATES: dict[str, tuple[Snapshot | None, Open]] = {
    "effects": (None, touches("effect.nausea")),
    "what has gone": (None, touches("effect.nausea", "gone")),
    "drug": (None, touches("drug.midazolam", "dose.1")),
    "barred dose": (None, touches("drug.midazolam", "dose.2")),
    "other dose": (None, touches("drug.midazolam", "dose.other")),
    "drugs": (None, sheet("drugs")),
    "pain": (None, sheet("score.nrs-pain")),
    "sedation": (None, sheet("score.moaas")),
    "note": (None, touches("note")),
    "note by keyboard": (None, touches("note", "note.write")),
    "lines": (None, touches("undo")),
    "amendment": (None, touches("undo", "line.0", "reason.0")),
    "rate": (None, rate),
    "rate signed": (None, both(rate, touches("sign"))),
    "rate by hand": (
        shot(lights=RateLights(True, False, False, "By hand", "Enter 20 mL/h", 20.0)),
        touches("change_rate"),
    ),
    "vital sign": (None, touches("note", "open.vital", "vital.nibp")),
    "oxygen": (None, touches("note", "open.oxygen")),
    "pump": (shot("ready", pump_sheet=ASKED), lambda _chair: None),
    "demo pump": (None, touches("demo_pump")),
    "demo pump beside its sheet": (shot("ready", pump_sheet=ASKED), touches("demo_pump")),
    "syringe": (shot(question=syringe_question()), lambda _chair: None),
    "finish": (shot("recovery"), sheet("finish")),
    "not-today": (shot("check-in"), sheet("finish")),
    "recovery": (RECOVERING, lambda _chair: None),
    "recovery, ready": (READY, lambda _chair: None),
    "criteria": (RECOVERING, touches("criteria")),
    "criteria, second page": (RECOVERING, touches("criteria", "more_lines")),
    "Aldrete": (RECOVERING, touches("score.aldrete")),
    "PADSS": (RECOVERING, touches("score.padss")),
    "fast-track": (RECOVERING, sheet("score.fast-track")),
    "PONV impact": (RECOVERING, sheet("score.ponv-impact")),
    "CADSS": (RECOVERING, sheet("score.cadss")),
    "RASS": (RECOVERING, sheet("score.rass")),
    "Ramsay": (RECOVERING, sheet("score.ramsay")),
    "POSS": (RECOVERING, sheet("score.poss")),
    "scores": (RECOVERING, touches("note", "open.scores")),
    "people": (RECOVERING, touches("note", "open.people")),
    "hand over": (RECOVERING, touches("note", "open.people", "open.hand_over")),
    "supervisor": (RECOVERING, touches("note", "open.people", "open.supervisor")),
    "walk test": (RECOVERING, touches("check.gait")),
    "escort": (RECOVERING, touches("check.escort")),
    "escort's name": (RECOVERING, touches("check.escort", "answer.write")),
    "instructions": (RECOVERING, sheet("check.instructions")),
    "acceptance": (RECOVERING, sheet("accept.spo2-room-air")),
    "acceptance's signature": (RECOVERING, both(sheet("accept.spo2-room-air"), touches("reason.0"))),
    "discharge barred": (RECOVERING, touches("discharge")),
    "discharge": (READY, touches("discharge", "departure.0")),
    "discharge against advice": (RECOVERING, touches("discharge", "how.against-advice")),
    "discharge's signature": (READY, touches("discharge", "departure.0", "sign_discharge")),
    "locked": (shot(locked=True), touches("unlock")),
    "unlock": (shot("locked-out"), lambda _chair: None),
    "today": (shot("today", sessions=sessions(14)), lambda _chair: None),
    "patient": (shot("today"), touches("new_patient")),
    "patient's name": (shot("today"), touches("new_patient", "field.name")),
    "patient's weight": (shot("today"), touches("new_patient", "field.weight_kg")),
    "allergies": (shot("today"), touches("new_patient", "field.allergies")),
    "check-in": (shot("check-in"), lambda _chair: None),
    **{
        f"check-in: {line}": (shot("check-in"), touches(f"check.{line}")) for line in catalog().check_in.lines
    },
    "record": (RECORD, touches("to_record")),
    **{
        f"record: {line}": (RECORD, touches("to_record", f"record.{line}"))
        for line in catalog().check_in.record_lines
    },
    "record: physician": (
        RECORD,
        touches(
            "to_record",
            "record.airway",
            "pick.asa.ii",
            "pick.mallampati.i",
            "pick.signs.none",
            "check_save",
        ),
    ),
    "record: not done": (RECORD, touches("to_record", "record.safety", "check_skip")),
    "record: reason": (RECORD, touches("to_record", "more_fields", "field.vial-ids-lots")),
    "record: supervisor": (
        RECORD,
        touches("to_record", "field.supervising-physician-acls", "choice.go-there"),
    ),
    "check-in: accepting": (shot("check-in"), touches("check.consent", "check_accept")),
    "check-in: anesthetist": (
        shot("check-in"),
        touches("check.consent", "check_accept", f"choice.{slug(catalog().order_choices.reasons[0])}"),
    ),
    "check-in: not done": (shot("check-in"), touches("check.escort", "check_skip")),
    "check-in: hour": (shot("check-in"), touches("check.fasting", "ask.food")),
    "check-in: name": (shot("check-in"), touches("check.escort", "ask.name")),
    "check-in: pain": (shot("check-in"), touches("check.baseline", "base_score.nrs-pain")),
    "limits": (shot(limits=limits()), touches("note", "open.limits")),
    "limit's reason": (shot(limits=limits()), touches("note", "open.limits", "limits_table")),
    "limit's number": (shot(limits=limits()), touches("note", "open.limits", "limit.medium_below")),
    "order": (shot("check-in"), both(touches("to_order"), filled_order)),
    "protocols": (shot("check-in"), touches("to_order", "row.protocol")),
    "order's signature": (shot("check-in"), both(touches("to_order"), filled_order, touches("sign_order"))),
    "order's reason": (shot("check-in"), both(touches("to_order"), soft_order, touches("sign_order"))),
    "first run": (shot("first-run"), lambda _chair: None),
    "first run's name": (shot("first-run"), touches("add_person")),
}


@pytest.fixture(params=list(PANELS), ids=["12", "15"])
def fresh(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[Chair]:
    """A window on each of the reference panels."""
    made = Chair(request.param)
    qtbot.addWidget(made.window)
    made.window.show()
    made.show()
    yield made
    made.window.close()


def place(chair: Chair, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(chair.window, widget.rect().topLeft()), widget.size())


def test_a_screen_without_tiles_has_the_vital_signs_in_the_calm_bar(fresh: Chair) -> None:
    fresh.show(shot("check-in"))
    frame = fresh.window.top.bar.frame
    assert frame is not None
    assert frame.strip == strip()
    assert frame.devices == ()


def test_away_from_the_chair_a_running_infusion_keeps_its_vital_signs(fresh: Chair) -> None:
    fresh.show(shot("infusing", alarms=msgspec.structs.replace(shot().alarms, strip=strip())))
    frame = fresh.window.top.bar.frame
    assert frame is not None
    assert frame.strip == ()
    fresh.window.open_sheet("drugs")
    fresh.touch("open.account")
    fresh.show()
    frame = fresh.window.top.bar.frame
    assert frame is not None
    assert frame.strip == strip()


def test_with_an_alarm_they_move_into_a_strip_under_the_bar(fresh: Chair) -> None:
    alarms = msgspec.structs.replace(alarm_snapshot().alarms, strip=strip())
    fresh.show(shot("check-in", alarms=alarms))
    assert fresh.window.top.strip.isVisibleTo(fresh.window)
    assert place(fresh, fresh.window.order).top() >= place(fresh, fresh.window.top.strip).bottom()


def test_on_the_chair_there_is_no_strip(fresh: Chair) -> None:
    fresh.show(shot(alarms=msgspec.structs.replace(alarm_snapshot().alarms, strip=strip())))
    assert not fresh.window.top.strip.isVisibleTo(fresh.window)


def test_not_updating_covers_everything_but_the_header_and_goes_by_itself(fresh: Chair) -> None:
    window = fresh.window
    window.show_not_updating(True)
    assert "14:07:00" in window.not_updating.detail
    assert window.childAt(place(fresh, window.chair).center()) is window.not_updating
    assert window.childAt(place(fresh, window.top.header).center()) is window.top.header
    window.show_not_updating(False)
    assert not window.not_updating.isVisibleTo(window)


def test_a_window_that_is_too_small_says_so(qtbot: QtBot) -> None:
    made = Chair()
    qtbot.addWidget(made.window)
    made.window.resize(800, 600)
    made.window.show()
    made.show()
    assert made.window.too_small.isVisibleTo(made.window)
    made.window.resize(1280, 800)
    assert not made.window.too_small.isVisibleTo(made.window)


def test_a_notice_of_a_crash_stands_in_the_calm_bar(fresh: Chair) -> None:
    fresh.window.say_notice("A part of Chairside failed.")
    frame = fresh.window.top.bar.frame
    assert frame is not None
    assert frame.notices == ("A part of Chairside failed.",)


def test_the_demonstration_pump_is_worked_by_its_keys(fresh: Chair) -> None:
    fresh.touch("demo_pump")
    fresh.type("20", "bench")
    fresh.touch("bench.set_rate", "bench.start")
    assert fresh.bench.rate == 20.0
    assert fresh.bench.pressed == ["start"]


def test_what_the_demonstration_pump_refuses_stands_on_its_display(fresh: Chair) -> None:
    fresh.touch("demo_pump")
    fresh.type("2000", "bench")
    fresh.touch("bench.set_rate")
    assert fresh.window.bench is not None
    assert fresh.window.bench.display.says == "above this pump's 1000 mL/h"
    assert fresh.bench.rate == 17.5


def test_there_is_no_pump_panel_on_screens_before_the_chair(fresh: Chair) -> None:
    fresh.show(shot("check-in"))
    assert "demo_pump" not in {target.objectName() for target in fresh.targets()}


def test_below_a_sheet_without_tiles_no_half_line_is_seen(fresh: Chair) -> None:
    fresh.show(shot("today", emergency=emergency(records=False)))
    fresh.touch("emergency")
    window = fresh.window
    assert window.sheet is not None
    line = window.today.last_line
    seen = QRect(line.mapTo(window.stage, line.rect().topLeft()), line.size())
    assert window.sheet.geometry().united(window.below.geometry()).contains(seen)
    assert window.below.isVisible()
    fresh.touch("close")
    assert not window.below.isVisible()


def test_an_acknowledgement_names_what_stood_in_sight_and_whose_it_is(fresh: Chair) -> None:
    alarms = alarm_snapshot().alarms
    seen = tuple(row.key for row in alarms.rows)
    assert seen
    fresh.show(shot(alarms=alarms))
    fresh.touch("acknowledge")
    (tap,) = fresh.taps
    assert (tap.act, tap.session) == (Acknowledge(seen), fresh.shown.session)


def test_no_keyboard_is_made_before_words_are_asked_for(fresh: Chair) -> None:
    fresh.touch("note")
    assert not fresh.window.findChildren(Keyboard)
    fresh.touch("note.write", "letter.o")
    (keyboard,) = fresh.window.findChildren(Keyboard)
    assert keyboard.text == "o"
    around = keyboard.parentWidget()
    assert around is not None
    assert keyboard.width() == around.width()
