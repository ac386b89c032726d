"""The paper list by touch: there while something is not saved, gone afterwards, printable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pypdf import PdfReader
from pytestqt.qtbot import QtBot

from app.unsaved_frames import UnsavedFrame, UnsavedLine
from tests.ui.window_samples import PANELS, Chair, shot
from ui.paper import A4
from ui.paper_list import PaperListPages
from ui.printing import pages_pdf
from ui.sheets.unsaved import UnsavedSheet
from ui.widgets.target import State, Target

FULL = "The disk that holds /home/clinic/record is full. Free some space: what waits is then written."


def frame(count: int = 3) -> UnsavedFrame:
    """Nothing is saved since 14:02:11; so many notes wait, and two lines of vital signs."""
    notes = tuple(
        UnsavedLine(f"14:{2 + number % 50:02}", f"Note: remark {number}, calm and answers", "LK")
        for number in range(count)
    )
    vitals = tuple(
        UnsavedLine(f"14:{minute:02}:15", "HR 74, SpO₂ 97, RR 14, pump 17.5 mL/h, 21.4 mL given", "")
        for minute in (2, 7)
    )
    return UnsavedFrame(
        "14:02:11", FULL, notes, vitals, (), "Harbour Clinic", "Rosa Martin, 00417", "s1", "2026-11-22"
    )


FAILING = shot(unsaved=frame())


@pytest.fixture(params=list(PANELS))
def chair(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Chair]:
    """A window while the disk is full."""
    made = Chair(request.param)
    qtbot.addWidget(made.window)
    made.window.show()
    made.show(FAILING)
    yield made
    made.window.close()


def sheet(chair: Chair) -> UnsavedSheet:
    found = chair.window.sheet
    assert isinstance(found, UnsavedSheet)
    return found


@pytest.mark.parametrize("phase", ["today", "check-in", "finished"])
def test_the_list_is_closed_again_where_there_are_no_tiles(chair: Chair, phase: str) -> None:
    chair.show(shot(phase, unsaved=frame()))
    chair.touch("paper_list", "close")
    assert chair.window.sheet is None


def test_the_way_to_the_list_stands_in_the_top_only_while_something_is_not_saved(chair: Chair) -> None:
    assert chair.window.top.paper.isVisibleTo(chair.window)
    chair.show(shot())
    assert not chair.window.top.paper.isVisibleTo(chair.window)


def test_locked_the_list_is_not_offered(chair: Chair) -> None:
    chair.show(msgspec.structs.replace(FAILING, locked=True))
    assert not chair.window.top.paper.isVisibleTo(chair.window)


def test_one_touch_shows_since_when_why_and_every_line(chair: Chair) -> None:
    chair.touch("paper_list")
    assert sheet(chair).why.text.startswith("Not saved since 14:02:11. The disk that holds")
    said = sheet(chair).list.text
    assert "14:04  Note: remark 2, calm and answers  (LK)" in said
    assert "14:07:15  HR 74, SpO₂ 97" in said
    assert chair.acts == []


def test_a_long_list_has_pages_and_begins_with_the_newest(chair: Chair) -> None:
    chair.show(shot(unsaved=frame(60)))
    chair.touch("paper_list")
    assert "remark 59," in sheet(chair).list.text
    later = chair.find("later")
    assert isinstance(later, Target)
    assert later.state is State.BARRED
    seen = set(sheet(chair).list.text.splitlines())
    for _ in range(60):
        chair.touch("earlier")
        seen |= set(sheet(chair).list.text.splitlines())
    assert len([line for line in seen if "remark" in line]) == 60


def test_what_stands_on_a_page_is_not_cut_off(chair: Chair) -> None:
    chair.show(shot(unsaved=frame(60)))
    chair.touch("paper_list")
    chair.find("earlier")
    words = sheet(chair).list
    assert words.heightForWidth(words.width()) <= words.height()


def test_when_the_disk_is_back_the_open_list_says_so(chair: Chair) -> None:
    chair.touch("paper_list")
    chair.show(shot())
    assert "Everything is saved now" in sheet(chair).why.text
    assert sheet(chair).list.text == ""


def test_the_printed_list_names_patient_time_and_every_line(qtbot: QtBot, tmp_path: Path) -> None:
    pages = PaperListPages(frame(40), A4)
    pdf = tmp_path / "list.pdf"
    pdf.write_bytes(pages_pdf(pages))
    said = " ".join(page.extract_text() for page in PdfReader(pdf).pages).replace("\t", " ")
    assert "Not saved since 14:02:11: keep this page" in said
    assert "Rosa Martin, 00417, 2026-11-22" in said
    for number in range(40):
        assert f"remark {number}," in said
    assert pages.title == "Not saved"
