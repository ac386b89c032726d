from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from pypdf import PdfReader
from PySide6.QtGui import QFont
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from app import catalog as tables
from app.clinical.tables import Catalog
from app.printed import Summary
from app.summary import summarise
from tests.app.summary_story import LONG_NAME, Story, clinic, long_story, usual_story
from ui import ink, printing
from ui.fonts import load_fonts
from ui.paper import A4, LETTER, PAPERS, Pages, Paper
from ui.printing import Printable, PrinterRow, Printing, PrintingFailed

AT = datetime(2026, 11, 22, 17, 14, tzinfo=UTC)
BOTH = pytest.mark.parametrize("paper", [A4, LETTER], ids=lambda paper: paper.name)


@pytest.fixture(autouse=True)
def fonts(qapp: QApplication) -> None:
    """The bundled fonts, as the application loads them."""
    load_fonts()


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return tables.load()


def told(story: Story, catalog: Catalog, **changes: object) -> Summary:
    summary = summarise(story.entries, story.samples, clinic(), catalog, **story.told())
    return msgspec.structs.replace(summary, **changes)


def texts(summary: Summary, paper: Paper = A4) -> list[str]:
    """The text of each page, as a reader of the PDF finds it."""
    return [" ".join(page.split()) for page in read(summary, paper)]


def read(summary: Summary, paper: Paper) -> list[str]:
    """The text of each page, with its lines."""
    data, pages = printing.pdf_bytes(summary, paper)
    found = [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    assert len(found) == pages
    return found


STORIES = {
    "usual": usual_story,
    "long-name": lambda: usual_story(name=LONG_NAME),
    "eight-hours": long_story,
}


@cache
def printed(story: str, paper: str) -> tuple[str, ...]:
    """The pages of a story, read once."""
    return tuple(read(told(STORIES[story](), tables.load()), PAPERS[paper]))


def pages_of(story: str, paper: Paper) -> list[str]:
    """Their text on one line each."""
    return [" ".join(page.split()) for page in printed(story, paper.name)]


def golden(story: str, paper: str) -> Path:
    """The text as somebody read and accepted it."""
    return Path(__file__).with_name("golden") / f"summary-{story}-{paper}.txt"


def as_golden(pages: tuple[str, ...]) -> str:
    """Pages under each other, one space between words."""
    lines = [[f"== page {n}", *page.splitlines()] for n, page in enumerate(pages, start=1)]
    return "\n".join(" ".join(line.split()) for page in lines for line in page) + "\n"


def squeezed(text: str) -> str:
    """A text without its spaces: wrapping moves them."""
    return re.sub(r"\s+", "", text)


class OfflinePrinters:
    """A printer that is listed and takes nothing until it is switched on."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.is_on = False
        self.sent: list[tuple[str, int]] = []

    def rows(self) -> tuple[PrinterRow, ...]:
        problem = "" if self.is_on else "stopped or offline"
        return tuple(PrinterRow(name, name, n == 0, problem) for n, name in enumerate(self.names))

    def send(self, name: str, pages: Printable) -> None:
        if not self.is_on:
            raise PrintingFailed(f"The printer {name} is stopped or offline.")
        self.sent.append((name, len(pages)))


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("story", STORIES)
def test_the_text_is_the_golden_one(story: str, paper: str) -> None:
    """Where a change is meant: look at the page, then `python -m tests.ui.test_printing` writes the texts anew."""
    assert as_golden(printed(story, paper)) == golden(story, paper).read_text()


@BOTH
@pytest.mark.parametrize(
    ("story", "patient"),
    [("usual", "Rosa Martin"), ("long-name", LONG_NAME), ("eight-hours", "Rosa Martin")],
)
def test_every_page_names_patient_and_page_of_pages(story: str, patient: str, paper: Paper) -> None:
    pages = pages_of(story, paper)
    for number, text in enumerate(pages, start=1):
        assert squeezed(patient) in squeezed(text)
        assert "MRN 00417" in text
        assert text.count(f"page {number} of {len(pages)}") == 1


@BOTH
def test_every_page_has_patient_record_head_time_and_page_of_pages(paper: Paper) -> None:
    pages = pages_of("usual", paper)
    for number, text in enumerate(pages, start=1):
        assert "Rosa Martin MRN 00417 22 Nov 2026" in text
        assert f"Chairside 0.1.0 record 7F3A-91C2 printed 18:14 page {number} of {len(pages)}" in text


@BOTH
def test_the_pages_have_the_size_of_the_paper(catalog: Catalog, paper: Paper) -> None:
    data, _ = printing.pdf_bytes(told(Story(), catalog), paper)
    box = PdfReader(BytesIO(data)).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx(
        (paper.width / 25.4 * 72, paper.height / 25.4 * 72), abs=1.0
    )


@BOTH
def test_the_first_page_tells_the_usual_session(paper: Paper) -> None:
    first = pages_of("usual", paper)[0]
    for words in (
        "Ketamine infusion",
        "Sunday 22 November 2026",
        "Allergy: ondansetron",
        "21.42 mg",
        "12:54 to 13:36",
        "17.5 mL/h",
        "35 mg/h, 0.5 mg/kg/h",
        "metoclopramide",
        "Anesthetist Dr. Ana Mora 14:07",
    ):
        assert words in first


@BOTH
def test_every_row_of_every_table_is_on_the_pages(catalog: Catalog, paper: Paper) -> None:
    summary = told(usual_story(), catalog)
    whole = squeezed("".join(pages_of("usual", paper)))
    for table in summary.details:
        for row in table.rows:
            for words in (*row.cells, row.note):
                assert squeezed(words) in whole


@BOTH
def test_eight_hours_stay_on_their_pages_with_every_row_and_repeated_heads(
    catalog: Catalog, paper: Paper
) -> None:
    summary = told(long_story(), catalog)
    pages = pages_of("eight-hours", paper)
    assert len(pages) < 8
    assert sum("Vital signs over time, continued" in text for text in pages) >= 1
    vitals = next(table for table in summary.details if table.title == "Vital signs over time")
    whole = squeezed("".join(pages))
    for row in vitals.rows:
        assert squeezed("".join(row.cells)) in whole


@BOTH
def test_a_long_name_stands_whole_on_every_page(paper: Paper) -> None:
    for text in pages_of("long-name", paper):
        assert text.count(LONG_NAME.split()[0]) >= 2
        assert squeezed(text).count(squeezed(LONG_NAME)) >= 2


def test_a_name_without_spaces_is_broken_and_not_cut(catalog: Catalog) -> None:
    name = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissen"
    for text in texts(told(usual_story(name=name), catalog)):
        assert squeezed(text).count(name) >= 2


def test_a_note_longer_than_a_page_goes_on_over_the_next(catalog: Catalog) -> None:
    from app.entries import NoteWritten

    story = Story()
    story.say(5, NoteWritten(" ".join(f"word{n}" for n in range(1500))))
    whole = squeezed("".join(texts(told(story, catalog))))
    assert "word0word1word2" in whole
    assert "word1498word1499" in whole


def test_markup_in_a_note_is_printed_as_it_was_written() -> None:
    assert "<b>Headphones</b> given & kept on." in "".join(pages_of("usual", A4))


def test_a_demonstration_and_a_draft_are_marked_on_every_page(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog, demo="DEMO: a simulated patient", draft="DRAFT: not signed")
    for text in texts(summary):
        assert "DEMO: a simulated patient" in text
        assert "DRAFT: not signed" in text


def test_the_screen_shows_the_page_that_prints(catalog: Catalog) -> None:
    pages = Pages(told(usual_story(), catalog), A4)
    image = printing.page_image(pages, 0, 600)
    assert (image.width(), image.height()) == (600, 849)
    dark = sum(image.pixelColor(x, y).lightness() < 128 for x in range(0, 600, 2) for y in range(0, 849, 2))
    assert dark > 1000


def test_letters_that_the_font_does_not_have_are_named(catalog: Catalog) -> None:
    assert printing.unprintable(told(usual_story(), catalog)) == ""
    assert printing.unprintable(told(usual_story(name="Zoë \U0001e2c0"), catalog)) == "\U0001e2c0"


# ---------------------------------------------------------------- the file


def test_the_title_of_the_file_does_not_name_the_patient(catalog: Catalog) -> None:
    data, _ = printing.pdf_bytes(told(usual_story(), catalog))
    about = PdfReader(BytesIO(data)).metadata
    assert about is not None
    assert about.title == "Session summary 7F3A-91C2"
    assert "Martin" not in str(dict(about))


def test_a_saved_pdf_is_whole_readable_by_its_owner_only_and_alone(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "s.pdf"
    pages = printing.summary_pdf(told(usual_story(), catalog), path, "Letter")
    assert len(PdfReader(path).pages) == pages
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_unknown_paper_is_refused_by_name(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(PrintingFailed, match="Use A4 or Letter"):
        printing.summary_pdf(told(Story(), catalog), tmp_path / "s.pdf", "A5")


def test_a_missing_folder_is_said_and_nothing_is_written(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(PrintingFailed, match=r"is not there\. .* Nothing was written"):
        printing.save_pdf(told(Story(), catalog), tmp_path / "none" / "s.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_the_file_is_said_and_leaves_no_part(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "s.pdf").mkdir()
    with pytest.raises(PrintingFailed, match="is a folder"):
        printing.save_pdf(told(Story(), catalog), tmp_path / "s.pdf")
    assert list(tmp_path.iterdir()) == [tmp_path / "s.pdf"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_in_words() -> None:
    with (
        pytest.raises(OSError, match="No space") as caught,
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert "Make room" in printing._disk_words(caught.value, Path("/data/s.pdf"))


@pytest.fixture
def without_our_font() -> Iterator[None]:
    """The text font asked for under a name that nothing has."""
    kept = ink.font(ink.TEXT, 500).family()
    ink.font(ink.TEXT, 500).setFamily("No Such Family")
    yield
    ink.font(ink.TEXT, 500).setFamily(kept)


def test_a_missing_font_is_an_error_before_a_page_without_text(
    without_our_font: None, catalog: Catalog, tmp_path: Path
) -> None:
    assert QFont("No Such Family").family() == "No Such Family"
    outcome = Printing(tmp_path, OfflinePrinters("Ward")).print(told(Story(), catalog), AT)
    assert not outcome.done
    assert "font" in outcome.words
    with pytest.raises(PrintingFailed, match="Install Chairside again"):
        printing.summary_pdf(told(Story(), catalog), tmp_path / "s.pdf")


def test_a_pdf_without_text_is_not_taken_for_a_summary() -> None:
    with pytest.raises(PrintingFailed, match="without text"):
        printing.check_pdf(b"<< /Type /Page >> stream\nq Q endstream", 1)
    with pytest.raises(PrintingFailed, match="all pages"):
        printing.check_pdf(b"<< /Type /Page >>", 2)


# ---------------------------------------------------------------- printers


def test_a_printer_of_the_system_gets_the_same_pages(catalog: Catalog, tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "p.pdf"))
    pages = Pages(told(usual_story(), catalog), LETTER)
    printing.print_pages(printer, pages)
    assert printer.docName() == "Session summary 7F3A-91C2"
    found = PdfReader(tmp_path / "p.pdf").pages
    assert len(found) == len(pages)
    assert f"page 1 of {len(pages)}" in " ".join(found[0].extract_text().split())
    assert float(found[0].mediabox.height) == pytest.approx(792, abs=1)


def test_a_job_for_an_offline_printer_is_kept_as_a_pdf(catalog: Catalog, tmp_path: Path) -> None:
    desk = Printing(tmp_path, OfflinePrinters("Ward"))
    outcome = desk.print(told(usual_story(), catalog), AT)
    assert not outcome.done
    assert "Ward is stopped or offline. The job is kept" in outcome.words
    (job,) = desk.kept()
    assert (job.patient, job.at, job.id) == ("Rosa Martin", AT, outcome.kept)
    assert len(PdfReader(job.pdf).pages) == outcome.pages


def test_no_printer_at_all_keeps_the_job(catalog: Catalog, tmp_path: Path) -> None:
    desk = Printing(tmp_path, OfflinePrinters())
    assert "No printer is set up" in desk.print(told(Story(), catalog), AT).words
    assert len(desk.kept()) == 1


def test_a_kept_job_stays_until_it_was_printed(catalog: Catalog, tmp_path: Path) -> None:
    printers = OfflinePrinters("Ward")
    desk = Printing(tmp_path, printers)
    kept = desk.print(told(usual_story(), catalog), AT).kept
    assert "still kept" in desk.retry(kept).words
    assert len(desk.kept()) == 1
    printers.is_on = True
    assert Printing(tmp_path, printers).retry(kept).done
    assert printers.sent == [("Ward", 2)]
    assert desk.kept() == ()
    assert list((tmp_path / "print-queue").iterdir()) == []


def test_a_kept_job_that_cannot_be_read_is_listed_with_its_pdf(catalog: Catalog, tmp_path: Path) -> None:
    desk = Printing(tmp_path, OfflinePrinters())
    kept = desk.print(told(Story(), catalog), AT).kept
    (tmp_path / "print-queue" / f"{kept}.job").write_bytes(b"torn")
    (job,) = desk.kept()
    assert not job.readable
    assert not desk.retry(kept).done
    assert job.pdf.exists()


def test_kept_files_name_no_patient_and_only_their_owner_reads_them(catalog: Catalog, tmp_path: Path) -> None:
    Printing(tmp_path, OfflinePrinters()).print(told(usual_story(), catalog), AT)
    for path in (tmp_path / "print-queue").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert "Martin" not in path.name
        assert b"Rosa Martin" not in path.read_bytes()


def test_a_data_folder_that_cannot_be_written_is_said(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "print-queue").write_text("in the way")
    outcome = Printing(tmp_path, OfflinePrinters()).print(told(Story(), catalog), AT)
    assert not outcome.kept
    assert "could not be kept either" in outcome.words


def test_the_system_s_printers_can_be_asked_for() -> None:
    assert all(row.name for row in printing.SystemPrinters().rows())


def test_a_printer_that_is_not_there_is_named(catalog: Catalog) -> None:
    with pytest.raises(PrintingFailed, match="Nowhere is not there"):
        printing.SystemPrinters().send("Nowhere", Pages(told(Story(), catalog), A4))


def test_both_papers_are_offered_and_files_go_to_the_data_folder(catalog: Catalog, tmp_path: Path) -> None:
    assert set(PAPERS) == {"A4", "Letter"}
    outcome = Printing(tmp_path, OfflinePrinters(), paper="Letter").save(told(Story(), catalog), AT)
    assert outcome.done
    assert os.listdir(tmp_path / "summaries") == ["s1-20261122T171400.pdf"]


def _write_golden() -> None:
    """Every golden text, as the pages are now."""
    app = QApplication.instance() or QApplication(["golden", "-platform", "offscreen"])
    load_fonts()
    for story in STORIES:
        for paper in PAPERS:
            path = golden(story, paper)
            path.parent.mkdir(exist_ok=True)
            path.write_text(as_golden(printed(story, paper)))
    del app


if __name__ == "__main__":
    _write_golden()
