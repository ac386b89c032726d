"""Where the infusion's targets stand."""

from __future__ import annotations

import msgspec
from pytestqt.qtbot import QtBot

from app.frames import InfusionCard, Limb
from ui.fonts import load_fonts
from ui.theme import DARK, Look, Metrics
from ui.widgets.infusion import InfusionColumn

INFUSING = (Limb("pause", "Pause", True), Limb("end", "End", True), Limb("change_rate", "Change rate", True))
PAUSED = (Limb("resume", "Resume", True), Limb("end", "End", True), Limb("change_rate", "Change rate", True))
CARD = InfusionCard(
    "ketamine", "induction", "2 mg/mL", "17.5", "live", "1 s", "pump", "35 mg/h", "0.5 mg/kg/h", "5.8", "23.3 mg",
    "2.9 mL", "Ends 09:43", "on time", "Syringe 47.1 mL", "2 h 41", (), (), 600.0, "", INFUSING,
)  # fmt: skip


def test_end_keeps_its_place_when_pause_comes_back(qtbot: QtBot) -> None:
    load_fonts()
    column = InfusionColumn(Look(DARK, Metrics(125)))
    qtbot.addWidget(column)
    column.resize(300, 520)
    places = []
    for limbs in (INFUSING, PAUSED, INFUSING):
        column.show_card(msgspec.structs.replace(CARD, buttons=limbs))
        places.append(column.targets["end"].x())
    assert len(set(places)) == 1
    assert column.targets["pause"].x() < column.targets["end"].x()
