"""R20: every screen and sheet by name, half filled for one patient, when another comes on the screen.

Beside the window that was half filled stands one that never showed the first patient; both get the second. They
must look the same, at once and when the same place is opened again, and the same touches must ask for the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.frames import Snapshot
from app.messages import AnyAct
from app.printed import Summary
from tests.app.test_every_act import NOT_BARRED
from tests.ui.frames_samples import header
from tests.ui.gallery import Gallery, Moment, go, nothing, screens_and_sheets, states, typed
from tests.ui.measures import CRITICAL
from tests.ui.screens.test_window import both, touches
from tests.ui.window_samples import PATIENT, START, Chair, catalog, record, shot
from ui.widgets.header import Header
from ui.widgets.target import Target

SECOND, NAME, MRN = "second", "Tom Baker", "00611"
DECIDING = (CRITICAL | {"check_save", "check_alone", "check_skip", "done"}) - {
    *("unlock", "emergency", "acknowledge", "pause", "end"),
}
VIEW = "zoom"
"""How large a page is shown is a choice of who looks, not of the patient."""
SCREENS = ("check-in", "record", "order", "patient", "accounts", "summary", "today", "people")
"""Families of states that are all looked at: their widget is kept from patient to patient, a sheet is made anew."""
Look = Counter[tuple[object, ...]]
OF_NO_PATIENT = ("first-run", "locked-out")
NO_PAGES = ("demo pump", "demo pump beside its sheet", "set-up", "audit", "tables", "chair")
"""What holds nothing of a patient, or nothing that was filled in."""
TOUCHES = 3
"""So many of the targets that decide something are touched in each place."""


@dataclass
class Crossings:
    """What of the first patient was still there for the second, and which places were looked at."""

    faults: list[str] = field(default_factory=list)
    seen: set[type] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)

    def meant(self, state: str, chair: Chair, session: str) -> None:
        """Keeps a touch that does not say whom it is meant for."""
        for tap in chair.taps:
            if type(tap.act) not in NOT_BARRED and tap.session != session:
                self.faults.append(f"{state}: {tap.act} is meant for {tap.session!r}")

    def compare(self, state: str, what: str, used: Look, fresh: Look) -> None:
        """Keeps a difference between the window that was used and the one that was not."""
        if used != fresh:
            self.faults.append(f"{state}: {what}: {[*used - fresh]} instead of {[*fresh - used]}")


def second_patient(first: Snapshot) -> Snapshot:
    """The same phase of another patient's session; from a list of sessions it is a check-in."""
    shown = shot("check-in") if first.phase == "today" else first
    summary = shown.summary
    if isinstance(summary, Summary):
        summary = msgspec.structs.replace(summary, session=SECOND)
    patient = msgspec.structs.replace(PATIENT, mrn=MRN, name=NAME, allergies=(), none_known=True)
    head = header(name=NAME, mrn=MRN, facts="", allergy="")
    return msgspec.structs.replace(
        shown, session=SECOND, patient=patient, header=head, summary=summary, answers={}, review=None
    )


def in_sight(widget: QWidget) -> Iterator[QWidget]:
    """Everything that is shown in it; the header says who lies here."""
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not child.isHidden() and not isinstance(child, Header):
            yield child
            yield from in_sight(child)


def look(chair: Chair) -> Look:
    """Everything that is in sight, with what it says."""
    QApplication.processEvents()
    return Counter(_told(one) for one in in_sight(chair.window) if one.objectName() != VIEW)


def _told(widget: QWidget) -> tuple[object, ...]:
    said = (type(widget).__name__, widget.objectName(), widget.accessibleName())
    typed = tuple(str(getattr(widget, name, "")) for name in ("typed", "pin", "text"))
    if isinstance(widget, Target):
        return (*said, widget.words, widget.second, widget.value, widget.note, widget.state, widget.reason)
    return (*said, *(one for one in typed if not one.startswith(("<", "PySide6"))))


def targets(chair: Chair) -> dict[str, Target]:
    """The targets in sight that are not barred, by name."""
    found = (one for one in in_sight(chair.window) if isinstance(one, Target) and not one.is_barred())
    return {one.objectName(): one for one in found}


def deciding(chair: Chair) -> list[str]:
    """The names of those that decide something, in a fixed order."""
    return sorted(targets(chair).keys() & DECIDING)[:TOUCHES]


def touch(chair: Chair, names: Sequence[str]) -> list[AnyAct]:
    """A finger on each, where it is in sight, and what that asks for."""
    for name in names:
        if (target := targets(chair).get(name)) is not None:
            target.touch()
    return chair.acts


class Fresh(NamedTuple):
    """What the window that never showed the first patient says and asks for."""

    at_once: Look
    again: Look
    touched: Sequence[str]
    acts: Sequence[AnyAct]


class Pair:
    """The window that is half filled for the first patient, and the one that never showed them."""

    def __init__(self, data: Path) -> None:
        self.used, self.fresh = Gallery("12 inch", data / "used"), Gallery("12 inch", data / "fresh")
        for gallery in (self.used, self.fresh):
            gallery.chair.window.setUpdatesEnabled(False)  # what it says is looked at, not how it is painted
        self.crossings = Crossings()
        self._known: dict[tuple[int, str], Fresh] = {}

    def close(self) -> None:
        """Both windows go."""
        self.used.close()
        self.fresh.close()

    def cross(self, name: str, moment: Moment) -> None:
        """One state of the gallery, half filled, and then the second patient."""
        found, chair = self.crossings, self.used.chair
        chair.taps.clear()
        self.used.bring(moment)
        window, first = chair.window, chair.shown
        found.seen |= {type(window.sheet), type(window.screen_shown)}
        place, opened = window.local or window._sheet_name, window.sheet
        found.meant(name, chair, first.session)
        another = second_patient(first)
        chair.taps.clear()
        at_once = self._show(chair, another)
        if opened is not None and window.sheet is opened:
            found.faults.append(f"{name}: its sheet stays open")
        if first.phase != another.phase and place != "patient":
            place = ""  # what is touched on a list of sessions is not there in a check-in
        fresh = self._fresh(moment[0], another, place)
        found.compare(name, "at once", at_once, fresh.at_once)
        if place:
            found.compare(name, "opened again", self._open(chair, place), fresh.again)
        if (acts := touch(chair, fresh.touched)) != fresh.acts:
            found.faults.append(f"{name}: asks for {acts} instead of {fresh.acts}")
        found.meant(name, chair, SECOND)
        found.titles |= {one.windowTitle() for one in QApplication.topLevelWidgets()}
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _fresh(self, first: Snapshot | None, another: Snapshot, place: str) -> Fresh:
        """Looked at once for each place of each snapshot."""
        key = (id(first), place)
        if key not in self._known:
            chair = self.fresh.bring((shot("locked-out"), nothing))
            chair.taps.clear()
            at_once = self._show(chair, another)
            again = self._open(chair, place) if place else at_once
            touched = deciding(chair)
            self._known[key] = Fresh(at_once, again, touched, touch(chair, touched))
        return self._known[key]

    def _show(self, chair: Chair, another: Snapshot) -> Look:
        chair.clock.now = START
        chair.window._asked_s = float("-inf")
        chair.show(another)
        return look(chair)

    def _open(self, chair: Chair, place: str) -> Look:
        chair.window._go(place)
        return look(chair)


def half_filled() -> dict[str, Moment]:
    """The states that have a patient, and in which something was touched; of each sheet the last of its states."""
    found: dict[str, tuple[str, Moment]] = {}
    for name, (first, steps) in states().items():
        family = name.partition(":")[0]
        of_nobody = first is not None and first.phase in OF_NO_PATIENT
        if not of_nobody and family not in NO_PAGES and (steps is not nothing or family == "step"):
            found[name if family in SCREENS else family] = name, (first, steps)
    return dict(found.values())


@pytest.fixture(scope="module")
def pair(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both windows."""
    made = Pair(tmp_path_factory.mktemp("pair"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def crossings(pair: Pair) -> Crossings:
    """Every state crossed once."""
    for name, moment in half_filled().items():
        pair.cross(name, moment)
    return pair.crossings


def test_nothing_of_one_patient_is_in_sight_or_asked_for_when_another_comes_on_the_screen(
    crossings: Crossings,
) -> None:
    assert "\n".join(crossings.faults) == ""


def test_every_screen_and_sheet_that_can_hold_a_patient_was_crossed(crossings: Crossings) -> None:
    left = {one.__name__ for one in screens_and_sheets() - crossings.seen}
    assert left == {"FirstRunScreen", "UnlockScreen", "SetUpScreen", "AuditScreen", "TablesScreen"}


def test_no_window_has_a_patient_in_its_title(crossings: Crossings) -> None:
    assert crossings.titles <= {"Chairside", ""}


def answer_all(chair: Chair) -> int:
    """The first choice of every question that is in sight is picked; how many there were."""
    asked = {name.rpartition(".")[0]: name for name in reversed(targets(chair)) if name.startswith("pick.")}
    touch(chair, list(asked.values()))
    return len(asked)


LINES = {
    "": (shot("check-in"), "check", catalog().check_in.lines),
    "record": (
        msgspec.structs.replace(shot("check-in"), record=record()),
        "record",
        catalog().check_in.record_lines,
    ),
}


@pytest.mark.parametrize("place", LINES)
def test_a_line_answered_for_one_patient_and_not_saved_is_unanswered_for_the_next(
    pair: Pair, place: str
) -> None:
    first, prefix, lines = LINES[place]
    answered = 0
    for line in lines:
        used = pair.used.bring((first, go(place)))
        fresh = pair.fresh.bring((shot("locked-out"), nothing))
        touch(used, [f"{prefix}.{line}"])
        answered += answer_all(used)
        used.show(second_patient(first))
        fresh.show(second_patient(first))
        for chair in (used, fresh):
            chair.clock.now = START
            chair.window._go(place)
            touch(chair, [f"{prefix}.{line}"])
        assert (line, look(used)) == (line, look(fresh))
    assert answered >= len(lines)


FORM = touches("new_patient", "field.weight_kg")
FILLED = both(FORM, typed("64"), touches("set", "field.allergies"))


@pytest.mark.parametrize("phase", ["today", "check-in"])
def test_a_form_that_was_left_is_empty_for_the_next_new_patient(pair: Pair, phase: str) -> None:
    used = pair.used.bring((shot("today"), FILLED))
    fresh = pair.fresh.bring((shot("today"), nothing))
    touch(used, ["choice.ondansetron"])
    used.touch("editor.done")
    assert "64 kg" in str(look(used))
    for chair in (used, fresh):
        if phase == "check-in":
            chair.show(second_patient(shot("today")))
        chair.window._go("")
        chair.window._go("patient")
    assert look(used) == look(fresh)
