from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.bedside_frames import EmergencyFrame, StampFrame
from app.frames import Question
from app.messages import CheckIv, ConfirmByHand, NoteEffect, OpenEmergency, StampEmergency
from tests.ui.window_samples import PANELS, Chair, catalog, shot
from ui.sheets.emergency import NOT_SET, EmergencySheet
from ui.widgets.target import State, Target


def emergency(
    *, called: str = "", numbers: tuple[tuple[str, str], ...] = (), records: bool = True
) -> EmergencyFrame:
    stamps = tuple(
        StampFrame(row.id, row.label, called if row.id == "called" else "") for row in catalog().bedside.stamp
    )
    return EmergencyFrame(
        "At the pump: press HOLD.",
        "Amber light on. Then clamp the line.",
        "The pump runs at 17.5 mL/h.",
        numbers,
        stamps,
        catalog().bedside.emergency.drugs_first,
        "O₂ 6 L/min since 14:02",
        records,
    )


def sheet(chair: Chair) -> EmergencySheet:
    found = chair.window.sheet
    assert isinstance(found, EmergencySheet)
    return found


def test_one_touch_opens_the_emergency_and_writes_it(chair: Chair) -> None:
    chair.show(emergency=emergency())
    chair.touch("emergency")
    assert chair.acts == [OpenEmergency()]
    assert sheet(chair).stop.text == "At the pump: press HOLD."


@pytest.mark.parametrize(
    "phase", ["locked-out", "today", "patient", "check-in", "ready", "infusing", "recovery"]
)
def test_the_emergency_is_one_touch_from_every_screen(chair: Chair, phase: str) -> None:
    chair.show(shot(phase, emergency=emergency(records=phase == "infusing")))
    chair.touch("emergency")
    assert sheet(chair).isVisible()


def test_the_emergency_opens_while_entry_is_locked(chair: Chair) -> None:
    chair.show(emergency=emergency(), locked=True)
    chair.touch("emergency", "stamp.called")
    chair.show()
    assert chair.acts == [OpenEmergency(), StampEmergency("called")]


def test_a_drug_asks_for_the_pin_first_while_entry_is_locked(chair: Chair) -> None:
    chair.show(emergency=emergency(), locked=True)
    chair.touch("emergency", "drug.naloxone")
    assert chair.window._sheet_name == "lock"


def test_the_emergency_target_does_not_move_with_alarms_or_the_lock(chair: Chair) -> None:
    places = set()
    for changes in ({}, {"locked": True}, {"phase": "today", "who": ""}):
        chair.show(shot(**{"phase": "infusing", **changes}))  # type: ignore[arg-type]
        places.add(
            chair.find("emergency").mapTo(chair.window, chair.find("emergency").rect().topLeft()).toTuple()
        )
    assert len(places) == 1


def test_a_stamp_shows_its_time(chair: Chair) -> None:
    chair.show(emergency=emergency())
    chair.touch("emergency", "stamp.cpr")
    chair.answer(emergency=emergency(called="14:07:30"))
    assert sheet(chair).stamps["called"].state is State.CHOSEN
    assert "14:07:30" in sheet(chair).stamps["called"].second


def test_numbers_that_nobody_set_are_said_to_be_missing(chair: Chair) -> None:
    chair.show(emergency=emergency())
    chair.touch("emergency")
    assert sheet(chair).call.text == NOT_SET
    chair.show(emergency=emergency(numbers=(("Ambulance", "911"),)))
    assert "Ambulance 911" in sheet(chair).call.text


def test_reversal_drugs_and_oxygen_are_one_touch_away(chair: Chair) -> None:
    chair.show(emergency=emergency())
    chair.touch("emergency", "drug.flumazenil")
    assert chair.window._sheet_name == "drug.flumazenil"
    chair.window.open_sheet("emergency")
    chair.touch("open.oxygen")
    assert chair.window._sheet_name == "oxygen"


def test_the_same_touch_closes_the_emergency(chair: Chair) -> None:
    chair.show(emergency=emergency())
    chair.touch("emergency", "emergency")
    assert chair.window.sheet is None


def test_a_side_effect_of_grade_four_opens_the_emergency(chair: Chair) -> None:
    chair.show(emergency=emergency())
    chair.touch("effect.anxiety", "effect.anxiety.4")
    assert chair.acts == [NoteEffect("anxiety", 4)]
    chair.answer()
    assert isinstance(chair.window.sheet, EmergencySheet)
    assert chair.acts[-1] == OpenEmergency("anxiety")


def test_every_target_of_the_emergency_is_large_enough_and_its_words_are_whole(qtbot: QtBot) -> None:
    for panel in PANELS:
        chair = Chair(panel)
        qtbot.addWidget(chair.window)
        chair.window.show()
        chair.show(shot("infusing", emergency=emergency(called="14:07:30")))
        chair.touch("emergency")
        mm = chair.look.metrics.in_mm
        for target in sheet(chair).findChildren(Target):
            if target.isVisible():
                wide, tall = mm(target.width()), mm(target.height())
                assert max(wide, tall) >= 20, (panel, target.objectName(), wide, tall)
                assert min(wide, tall) >= 14.8, (panel, target.objectName(), wide, tall)
                assert target.fits(), (panel, target.objectName())
        chair.window.close()


def test_the_iv_site_is_noted_in_one_touch_of_its_sheet(chair: Chair) -> None:
    chair.touch("note", "open.iv", "iv.0")
    assert chair.acts == [CheckIv("Clean, runs well")]


def test_a_swollen_site_can_be_noted_for_two_minutes_ago(chair: Chair) -> None:
    chair.touch("note", "open.iv", "back.2", "iv.2")
    assert chair.acts == [CheckIv("Swollen", back_min=2)]


def test_a_step_without_a_pump_asks_by_itself_and_is_confirmed(chair: Chair) -> None:
    chair.show(question=Question("rate", "Enter 15 mL/h at the pump", "Say when.", rate_ml_h=15.0))
    chair.touch("confirm_rate")
    assert chair.acts == [ConfirmByHand("rate", 15.0)]
