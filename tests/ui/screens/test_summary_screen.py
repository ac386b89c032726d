from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import catalog as tables
from app.clinical.tables import Catalog
from app.frames import Answer, RecordFrame, StaffRow
from app.instant import Instant
from app.messages import LeaveSession, NotePrinted, SignSummary, Tap
from app.printed import Summary
from app.summary import summarise
from tests.app.summary_story import clinic, usual_story
from tests.ui.frames_samples import snapshot
from tests.ui.window_samples import record
from ui.fonts import load_fonts
from ui.printing import Printable, PrinterRow, Printing, PrintingFailed, page_image
from ui.screens.summary import SHARP_PX, SummaryScreen
from ui.sheets.base import Desk
from ui.theme import DARK, DIM, Look, Metrics
from ui.widgets.target import State, Target

NOW = Instant(datetime(2026, 11, 22, 17, 0, tzinfo=UTC), 9000.0)
STAFF = (
    StaffRow("keller", "Lena Keller", "LK", ("nurse",)),
    StaffRow("mora", "Dr. Ana Mora", "AM", ("anesthetist", "director")),
    StaffRow("office", "Office", "OF", ("administrator",)),
)
PANELS = pytest.mark.parametrize(("width", "height", "ppi"), [(1280, 645, 125), (1920, 905, 141)])


class TwoPrinters:
    """Two printers of which the second takes jobs."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def rows(self) -> tuple[PrinterRow, ...]:
        return (PrinterRow("Ward", "", True, "stopped or offline"), PrinterRow("Office", "", False))

    def send(self, name: str, pages: Printable) -> None:
        if name == "Ward":
            raise PrintingFailed("The printer Ward is stopped or offline.")
        self.sent.append(name)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return tables.load()


@pytest.fixture(scope="module")
def summary(catalog: Catalog) -> Summary:
    story = usual_story()
    return summarise(story.entries, story.samples, clinic(), catalog, **story.told())


class Stand:
    """A summary screen on a desk that keeps what is posted."""

    def __init__(self, catalog: Catalog, data: Path, ppi: float = 125) -> None:
        self.posted: list[Tap] = []
        self.printers = TwoPrinters()
        self.look = Look(DARK, Metrics(ppi))
        self.look.bounce.quiet_ms = 0
        desk = Desk(self.look, catalog, lambda: NOW, self._post)
        self.screen = SummaryScreen(desk, Printing(data, self.printers))
        self.screen.resize(1280, 645)
        self.show()

    def _post(self, message: object) -> None:
        assert isinstance(message, Tap)
        self.posted.append(message)

    def show(self, **answers: Answer) -> None:
        """A snapshot with these answers."""
        self.screen.show_snapshot(snapshot(staff=STAFF, answers=answers))

    def show_record(self, frame: RecordFrame) -> None:
        """A snapshot of this record."""
        self.screen.show_snapshot(snapshot(staff=STAFF, record=frame))

    def press(self, *names: str) -> None:
        """Touches targets by name."""
        for name in names:
            target = self.screen.findChild(Target, name)
            assert target is not None, name
            assert target.isVisibleTo(self.screen), name
            target.click()

    def acts(self) -> list[object]:
        """What was posted."""
        return [tap.act for tap in self.posted]


@pytest.fixture
def stand(qapp: QApplication, qtbot: QtBot, catalog: Catalog, summary: Summary, tmp_path: Path) -> Stand:
    load_fonts()
    made = Stand(catalog, tmp_path)
    qtbot.addWidget(made.screen)
    made.screen.set_summary(summary)
    return made


def test_the_page_on_screen_is_the_page_that_prints(stand: Stand) -> None:
    image = stand.screen.view.image()
    assert image is not None
    assert image.height() <= stand.screen.view.height()
    assert abs(image.width() / image.height() - 210 / 297) < 0.01


def test_a_small_page_is_a_large_one_made_smaller(stand: Stand) -> None:
    image, pages = stand.screen.view.image(), stand.screen.view.pages
    assert image is not None
    assert pages is not None
    assert image.width() == stand.screen.view.page_size().width() < SHARP_PX
    large = page_image(pages, 0, SHARP_PX)
    smooth = large.scaledToWidth(image.width(), Qt.TransformationMode.SmoothTransformation)
    smooth.setDevicePixelRatio(image.devicePixelRatio())
    assert image == smooth


def test_next_goes_through_every_page_and_stops_at_the_last(stand: Stand) -> None:
    seen = []
    for _ in range(8):
        seen.append(stand.screen.place.text)
        stand.press("next")
    assert seen == ["Page 1 of 2", *["Page 2 of 2"] * 7]
    assert stand.screen.next.is_barred()
    assert stand.screen.next.reason == "last page"


def test_at_page_width_next_goes_down_the_page_before_it_turns(stand: Stand) -> None:
    stand.press("zoom")
    assert stand.screen.view.page_size().width() == stand.screen.view.width()
    stand.press("next")
    assert (stand.screen.view.number, stand.screen.view.down_px > 0) == (0, True)
    while stand.screen.view.number == 0:
        stand.press("next")
    assert stand.screen.view.down_px == 0
    stand.press("previous")
    assert stand.screen.view.down_px == stand.screen.view.lowest_px()


def test_only_nurse_and_anesthetist_are_asked_to_sign(stand: Stand) -> None:
    assert [row[1:] for row in stand.screen.signers_now()] == [
        ("Lena Keller", "Nurse"),
        ("Dr. Ana Mora", "Anesthetist"),
    ]


def test_a_signature_takes_name_pin_and_sign(stand: Stand) -> None:
    stand.press("sign", "signer.2", "pin.1", "pin.2", "pin.3", "pin.4", "sign_pin")
    assert stand.acts() == [SignSummary("mora", "1234", "Anesthetist")]


def test_three_digits_sign_nothing(stand: Stand) -> None:
    stand.press("sign", "signer.1", "pin.1", "pin.2", "pin.3")
    assert stand.screen.pin_sign.is_barred()
    stand.press("sign_pin")
    assert stand.acts() == []


def test_a_wrong_pin_is_said_where_it_was_typed_and_forgotten(stand: Stand) -> None:
    stand.press("sign", "signer.1", "pin.1", "pin.1", "pin.1", "pin.1", "sign_pin")
    refused = Answer("refused", field="pin", reason="Wrong PIN, 4 tries left")
    stand.show(**{stand.posted[0].id: refused})
    assert stand.screen.pin.field.words == "Wrong PIN, 4 tries left"
    assert stand.screen.pin.pin == ""


def test_a_signature_that_was_taken_leads_back_to_the_pages(stand: Stand) -> None:
    stand.press("sign", "signer.1", "pin.1", "pin.1", "pin.1", "pin.1", "sign_pin")
    stand.show(**{stand.posted[0].id: Answer("taken")})
    assert stand.screen.says.text == "Signed: Nurse"
    assert stand.screen.sign.isVisibleTo(stand.screen)


def test_the_pin_is_forgotten_on_the_way_back(stand: Stand) -> None:
    stand.press("sign", "signer.1", "pin.1", "pin.2", "pin_back", "sign", "signer.2")
    assert stand.screen.pin.pin == ""


def test_a_print_says_what_became_of_it_and_is_posted(stand: Stand) -> None:
    stand.press("print", "printer.2")
    assert stand.printers.sent == ["Office"]
    assert stand.screen.says.text == "Printed on Office, 2 pages"
    assert stand.acts() == [NotePrinted("Office", "printed", 2)]


def test_an_offline_printer_keeps_the_job_and_the_screen_offers_it_again(stand: Stand) -> None:
    stand.press("print", "printer.1")
    assert stand.acts() == [NotePrinted("Ward", "kept", 2)]
    assert stand.screen.waiting.words == "Waiting: 1"
    stand.press("waiting", "job.1")
    assert "still kept" in stand.screen.says.text


def test_a_pdf_is_saved_and_its_place_said(stand: Stand, tmp_path: Path) -> None:
    stand.press("save_pdf")
    (path,) = (tmp_path / "summaries").iterdir()
    assert stand.screen.says.text == f"Saved: {path}"
    assert stand.acts() == [NotePrinted(str(path), "saved", 2)]


def test_what_became_of_a_copy_stays_when_the_record_of_it_changes_the_summary(
    stand: Stand, summary: Summary
) -> None:
    stand.press("save_pdf")
    said = stand.screen.says.text
    stand.screen.set_summary(msgspec.structs.replace(summary, head="1" * 64))
    assert stand.screen.says.text == said


def test_back_leaves_the_session(stand: Stand) -> None:
    stand.press("back")
    assert stand.acts() == [LeaveSession()]


def test_without_a_summary_nothing_can_be_signed_or_printed(stand: Stand) -> None:
    stand.screen.set_summary(None)
    assert stand.screen.place.text == "No summary yet"
    for target in (stand.screen.sign, stand.screen.print_target, stand.screen.save):
        assert target.is_barred()


def test_letters_that_cannot_be_printed_are_said(stand: Stand, catalog: Catalog) -> None:
    story = usual_story(name="\U0001e2c0 Martin")
    stand.screen.set_summary(summarise(story.entries, story.samples, clinic(), catalog, **story.told()))
    assert stand.screen.says.text == "These letters cannot be printed: \U0001e2c0"


def test_in_dim_the_paper_does_not_flash(stand: Stand) -> None:
    stand.look.set_theme(DIM)
    shot = stand.screen.view.grab().toImage()
    brightest = max(
        shot.pixelColor(x, y).lightness() for x in range(0, shot.width(), 9) for y in range(0, 600, 9)
    )
    assert brightest < 110


@PANELS
@pytest.mark.parametrize("side", ["acts", "signers", "printers", "pin"])
def test_every_target_has_its_millimetres_and_its_words(
    qapp: QApplication,
    qtbot: QtBot,
    catalog: Catalog,
    summary: Summary,
    tmp_path: Path,
    width: int,
    height: int,
    ppi: float,
    side: str,
) -> None:
    load_fonts()
    stand = Stand(catalog, tmp_path, ppi)
    qtbot.addWidget(stand.screen)
    stand.screen.resize(width, height)
    stand.screen.set_summary(summary)
    stand.press(
        *{"acts": (), "signers": ("sign",), "printers": ("print",), "pin": ("sign", "signer.1")}[side]
    )
    stand.screen.show()
    qapp.processEvents()
    shown = [t for t in stand.screen.findChildren(Target) if t.isVisible()]
    assert shown
    for target in shown:
        assert target.width() >= stand.look.mm(15.0), target.objectName()
        assert target.height() >= stand.look.mm(15.0), target.objectName()
        assert target.fits(), target.objectName()
        assert stand.screen.rect().contains(_in_screen(target, stand.screen)), target.objectName()
    stand.screen.hide()


def _in_screen(target: Target, screen: QWidget) -> QRect:
    place = target.rect()
    place.moveTopLeft(target.mapTo(screen, place.topLeft()))
    return place


# ---------------------------------------------------------------- the record


@PANELS
def test_the_record_says_how_much_is_missing(stand: Stand, width: int, height: int, ppi: int) -> None:
    stand.screen.resize(width, height)
    stand.show_record(record())
    target = stand.screen.record
    assert (target.words, target.second, target.state) == ("Record", "15 missing", State.DUE)
    stand.show_record(record(lacks=0))
    assert (target.second, target.state) == ("complete", State.NORMAL)


def test_the_record_is_one_touch_from_the_summary(stand: Stand, qtbot: QtBot) -> None:
    stand.show_record(record())
    with qtbot.waitSignal(stand.screen.wants) as wanted:
        stand.press("record")
    assert wanted.args == ["record"]


def test_an_anesthetist_is_told_what_is_missing_before_the_pin(stand: Stand) -> None:
    stand.show_record(record())
    stand.press("sign", "signer.2")
    assert stand.screen.says.text.startswith("Height and measured weight and 14 more fields are missing.")
    assert stand.screen.pin_side.isHidden()
    assert stand.acts() == []


def test_a_nurse_signs_what_is_not_complete(stand: Stand) -> None:
    stand.show_record(record())
    stand.press("sign", "signer.1", "pin.1", "pin.2", "pin.3", "pin.4", "sign_pin")
    assert stand.acts() == [SignSummary("keller", "1234", "Nurse")]


def test_a_complete_record_is_signed_as_final(stand: Stand) -> None:
    stand.show_record(record(lacks=0, bars=""))
    stand.press("sign", "signer.2", "pin.1", "pin.2", "pin.3", "pin.4", "sign_pin")
    assert stand.acts() == [SignSummary("mora", "1234", "Anesthetist")]


def test_a_refusal_for_the_record_is_said_under_the_page(stand: Stand) -> None:
    stand.press("sign", "signer.2", "pin.1", "pin.2", "pin.3", "pin.4", "sign_pin")
    answer = Answer("refused", field="record", reason="Gait is missing.")
    stand.show(**{stand.posted[-1].id: answer})
    assert stand.screen.says.text == "Gait is missing."
    assert stand.screen.pin_side.isHidden()
