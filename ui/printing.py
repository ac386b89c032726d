"""A summary to a PDF, to a printer, or kept until a printer answers; nothing is half written."""

from __future__ import annotations

import errno
import os
import re
import uuid
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import (
    QColor,
    QFontInfo,
    QFontMetricsF,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from app.printed import Summary, decode_summary, encode_summary
from ui.fonts import FontsMissing
from ui.ink import TEXT, UNITS_PER_INCH, UNITS_PER_MM, font
from ui.paper import A4, PAPERS, Pages, Paper
from ui.theme import MEDIUM_WEIGHT, TEXT_FAMILY

PDF_DPI: Final = 1200
QUEUE: Final = "print-queue"
EXPORTS: Final = "summaries"
PAGE_SIZES: Final = {"A4": QPageSize.PageSizeId.A4, "Letter": QPageSize.PageSizeId.Letter}


class Printable(Protocol):
    """Pages that can be painted: a summary's or a leaflet's."""

    paper: Paper

    def __len__(self) -> int:
        """How many pages."""
        ...

    @property
    def title(self) -> str:
        """What a file or a print job is called: never the patient."""
        ...

    @property
    def creator(self) -> str:
        """What made it."""
        ...

    def paint(self, painter: QPainter, number: int) -> None:
        """Paints page `number` (from 0) in tenths of a millimetre."""
        ...


class PrintingFailed(Exception):
    """A copy could not be made; the text says what, where and what to do."""


# ---------------------------------------------------------------- painting


def check_fonts() -> None:
    """Raises FontsMissing unless the bundled text font is there: without it pages come out without text."""
    if QFontInfo(font(TEXT, MEDIUM_WEIGHT)).family() != TEXT_FAMILY:
        raise FontsMissing(TEXT_FAMILY)


def unprintable(summary: Summary) -> str:
    """The letters of the summary that no font here has, the bundled one first; "" as a rule."""
    measures = QFontMetricsF(font(TEXT, MEDIUM_WEIGHT))
    letters = {
        letter for text in _texts(msgspec.to_builtins(summary, enc_hook=lambda _: None)) for letter in text
    }
    return "".join(sorted(x for x in letters if x.isprintable() and not measures.inFontUcs4(ord(x))))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def paint_page(painter: QPainter, pages: Printable, number: int, dpi_x: float, dpi_y: float) -> None:
    """One page on a device of this resolution, from the sheet's corner on: the same for every device."""
    painter.save()
    painter.scale(dpi_x / UNITS_PER_INCH, dpi_y / UNITS_PER_INCH)
    pages.paint(painter, number)
    painter.restore()


def page_image(pages: Printable, number: int, width_px: int) -> QImage:
    """A page as it prints, for the screen."""
    scale = width_px / (pages.paper.width * UNITS_PER_MM)
    height_px = round(pages.paper.height * UNITS_PER_MM * scale)
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    dpi = scale * UNITS_PER_INCH
    paint_page(painter, pages, number, dpi, dpi)
    painter.end()
    return image


def paint_all(device: QPagedPaintDevice, pages: Printable) -> None:
    """Every page on a paged device; raises PrintingFailed when the device takes none."""
    painter = QPainter()
    if not painter.begin(device):
        raise PrintingFailed("The printer did not take the pages.")
    try:
        for number in range(len(pages)):
            if number and not device.newPage():
                raise PrintingFailed(f"The printer stopped at page {number + 1} of {len(pages)}.")
            paint_page(painter, pages, number, device.logicalDpiX(), device.logicalDpiY())
    finally:
        painter.end()


def layout_of(paper: Paper) -> QPageLayout:
    """The whole sheet, upright: our margins are the page painter's."""
    size = QPageSize(PAGE_SIZES[paper.name])
    return QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))


# ---------------------------------------------------------------- PDF


def pdf_bytes(summary: Summary, paper: Paper = A4) -> tuple[bytes, int]:
    """The summary as a PDF and its number of pages; checked to hold text on each page.

    Raises FontsMissing or PrintingFailed. Its title holds no patient.
    """
    check_fonts()
    pages = Pages(summary, paper)
    return pages_pdf(pages), len(pages)


def pages_pdf(pages: Printable) -> bytes:
    """Pages as a PDF, checked to hold text on each; raises FontsMissing or PrintingFailed."""
    check_fonts()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(PDF_DPI)
    writer.setPageLayout(layout_of(pages.paper))
    writer.setTitle(pages.title)
    writer.setCreator(pages.creator)
    paint_all(writer, pages)
    del writer
    data = bytes(buffer.data().data())
    check_pdf(data, len(pages))
    return data


def check_pdf(data: bytes, pages: int) -> None:
    """Raises PrintingFailed unless every page is there with text, in an embedded font."""
    if len(re.findall(rb"/Type\s*/Page\b", data)) != pages:
        raise PrintingFailed("The PDF does not hold all pages. Nothing was written.")
    with_text = sum(
        1 for content in _streams(data) if b"BT" in content and (b"Tj" in content or b"TJ" in content)
    )
    if with_text < pages or not re.search(rb"/FontFile[23]?\b", data):
        raise PrintingFailed("The PDF came out without text: a font is missing. Nothing was written.")


def _streams(data: bytes) -> Iterator[bytes]:
    """The contents of a PDF's compressed streams."""
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(found.group(1))
        except zlib.error:
            yield found.group(1)


def save_pdf(summary: Summary, path: Path, paper: Paper = A4) -> int:
    """Writes the summary as a PDF and answers its number of pages; the file is whole or it is not there.

    Raises FontsMissing or PrintingFailed.
    """
    data, pages = pdf_bytes(summary, paper)
    write_whole(path, data)
    return pages


def summary_pdf(summary: Summary, path: Path, paper: str = "A4") -> int:
    """For the command line: saves the PDF on "A4" or "Letter"; another paper raises PrintingFailed, too."""
    if paper not in PAPERS:
        raise PrintingFailed(f"Paper {paper!r} is not known. Use {' or '.join(PAPERS)}.")
    try:
        return save_pdf(summary, path, PAPERS[paper])
    except FontsMissing as error:
        raise PrintingFailed(_words(error)) from error


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file that only its owner reads, through a temporary one beside it; raises PrintingFailed."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise PrintingFailed(f"{_disk_words(error, path)} Nothing was written.") from error


def _disk_words(error: OSError, path: Path) -> str:
    """What is wrong with a place to write to, and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"No room is left on the disk for {path}. Make room and try again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{path.parent} cannot be written to. Choose another folder or ask the administrator."
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"The folder {path.parent} is not there. Choose another folder."
    if error.errno == errno.EISDIR:
        return f"{path} is a folder. Choose a file name."
    return f"{path} could not be written ({os.strerror(error.errno or 0)}). Choose another place."


# ---------------------------------------------------------------- printers


class PrinterRow(msgspec.Struct, frozen=True):
    """A printer of the system; `problem` says why it does not print now, "" when it does."""

    name: str
    words: str
    usual: bool
    problem: str = ""


class Printers(Protocol):
    """The printers that are there now."""

    def rows(self) -> tuple[PrinterRow, ...]:
        """Every printer, the usual one first."""
        ...

    def send(self, name: str, pages: Printable) -> None:
        """Prints; raises PrintingFailed when the printer does not take the job."""
        ...


class SystemPrinters:
    """The printers of the operating system, through Qt."""

    def rows(self) -> tuple[PrinterRow, ...]:
        """Every printer, the usual one first."""
        rows = [self._row(info) for info in QPrinterInfo.availablePrinters()]
        return tuple(sorted(rows, key=lambda row: (not row.usual, row.name)))

    def _row(self, info: QPrinterInfo) -> PrinterRow:
        bad = info.state() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted)
        problem = "stopped or offline" if bad else ""
        return PrinterRow(info.printerName(), info.description(), info.isDefault(), problem)

    def send(self, name: str, pages: Printable) -> None:
        """Prints; raises PrintingFailed when the printer does not take the job."""
        info = QPrinterInfo.printerInfo(name)
        if info.isNull():
            raise PrintingFailed(f"The printer {name} is not there.")
        problem = self._row(info).problem
        if problem:
            raise PrintingFailed(f"The printer {name} is {problem}.")
        print_pages(QPrinter(info, QPrinter.PrinterMode.HighResolution), pages)


def print_pages(printer: QPrinter, pages: Printable) -> None:
    """The pages on this printer, each on the whole sheet; raises PrintingFailed."""
    check_fonts()
    printer.setFullPage(True)
    printer.setPageLayout(layout_of(pages.paper))
    printer.setDocName(pages.title)
    paint_all(printer, pages)
    if printer.printerState() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        raise PrintingFailed(f"The printer {printer.printerName()} stopped.")


# ---------------------------------------------------------------- kept jobs


class Job(msgspec.Struct, frozen=True):
    """A print job that waits: everything that is needed to print it again."""

    at: datetime
    printer: str
    paper: str
    why: str
    pages: int
    summary: bytes


class KeptJob(msgspec.Struct, frozen=True):
    """A waiting job as a list shows it. `readable` False: only its PDF can be used."""

    id: str
    at: datetime | None
    patient: str
    session: str
    printer: str
    paper: str
    why: str
    pdf: Path
    readable: bool = True


class Outcome(msgspec.Struct, frozen=True):
    """What became of a print or a file: `kept` is the waiting job's id, "" when none had to wait."""

    done: bool
    target: str
    words: str
    pages: int
    kept: str = ""


class Printing:
    """Prints and saves summaries; a job that no printer takes is kept in the data folder until one does."""

    def __init__(self, data: Path, printers: Printers | None = None, *, paper: str = "A4") -> None:
        """`paper` is the clinic's, "A4" or "Letter". Folders are made when they are needed."""
        self.queue = data / QUEUE
        self.exports = data / EXPORTS
        self.printers: Printers = printers or SystemPrinters()
        self.paper = PAPERS[paper]

    def save(self, summary: Summary, at: datetime) -> Outcome:
        """A PDF in the data folder's own folder for them, named by session and time, never by patient."""
        path = self.exports / f"{summary.session}-{at:%Y%m%dT%H%M%S}.pdf"
        try:
            _folder(self.exports)
            pages = save_pdf(summary, path, self.paper)
        except (PrintingFailed, FontsMissing) as error:
            return Outcome(False, f"{path}", _words(error), 0)
        return Outcome(True, f"{path}", f"Saved: {path}", pages)

    def print(self, summary: Summary, at: datetime, printer: str = "") -> Outcome:
        """To this printer, or the usual one; kept with the reason where that fails."""
        try:
            check_fonts()
            name = printer or self._usual()
            pages = Pages(summary, self.paper)
            self.printers.send(name, pages)
        except FontsMissing as error:
            return Outcome(False, printer, _words(error), 0)
        except PrintingFailed as error:
            return self._keep(summary, at, printer, f"{error}")
        return Outcome(True, name, f"Printed on {name}, {len(pages)} pages", len(pages))

    def save_pages(self, pages: Printable, name: str, at: datetime) -> Outcome:
        """Other pages as a PDF beside the summaries, named by `name` (a session) and time, never by patient."""
        path = self.exports / f"{name}-instructions-{at:%Y%m%dT%H%M%S}.pdf"
        try:
            _folder(self.exports)
            write_whole(path, pages_pdf(pages))
        except (PrintingFailed, FontsMissing) as error:
            return Outcome(False, f"{path}", _words(error), 0)
        return Outcome(True, f"{path}", f"Saved: {path}", len(pages))

    def print_pages(self, pages: Printable, name: str, at: datetime) -> Outcome:
        """Other pages to the usual printer; saved as a PDF with the reason where that fails."""
        try:
            check_fonts()
            printer = self._usual()
            self.printers.send(printer, pages)
        except FontsMissing as error:
            return Outcome(False, "", _words(error), 0)
        except PrintingFailed as error:
            saved = self.save_pages(pages, name, at)
            return Outcome(False, saved.target, f"Not printed: {error} {saved.words}", saved.pages)
        return Outcome(True, printer, f"Printed on {printer}, {len(pages)} pages", len(pages))

    def print_now(self, pages: Printable) -> Outcome:
        """Other pages to the usual printer or not at all: nothing is kept on a disk."""
        try:
            check_fonts()
            printer = self._usual()
            self.printers.send(printer, pages)
        except (PrintingFailed, FontsMissing) as error:
            return Outcome(False, "", _words(error), 0)
        return Outcome(True, printer, f"Printed on {printer}, {len(pages)} pages", len(pages))

    def _usual(self) -> str:
        rows = self.printers.rows()
        if not rows:
            raise PrintingFailed("No printer is set up on this computer.")
        return rows[0].name

    def _keep(self, summary: Summary, at: datetime, printer: str, why: str) -> Outcome:
        """Keeps the job as a PDF and as what prints it again."""
        kept = uuid.uuid4().hex
        try:
            _folder(self.queue)
            pages = save_pdf(summary, self.queue / f"{kept}.pdf", self.paper)
            job = Job(at, printer, self.paper.name, why, pages, encode_summary(summary))
            write_whole(self.queue / f"{kept}.job", zlib.compress(msgspec.msgpack.encode(job)))
        except (PrintingFailed, FontsMissing) as error:
            return Outcome(False, printer, f"{why} It could not be kept either: {_words(error)}", 0)
        words = f"{why} The job is kept, {pages} pages. Print it again when the printer is ready."
        return Outcome(False, printer, words, pages, kept)

    def kept(self) -> tuple[KeptJob, ...]:
        """The jobs that wait, oldest first; one that cannot be read is listed with its PDF."""
        rows = [self._kept_row(path) for path in self.queue.glob("*.pdf")] if self.queue.is_dir() else []
        return tuple(sorted(rows, key=lambda row: (row.at is None, f"{row.at}", row.id)))

    def _kept_row(self, pdf: Path) -> KeptJob:
        read = self._read(pdf.stem)
        if read is None:
            return KeptJob(
                pdf.stem, None, "", "", "", "", "This job cannot be read. Use its PDF.", pdf, False
            )
        job, summary = read
        return KeptJob(pdf.stem, job.at, summary.name, summary.session, job.printer, job.paper, job.why, pdf)

    def _read(self, kept: str) -> tuple[Job, Summary] | None:
        try:
            data = zlib.decompress((self.queue / f"{kept}.job").read_bytes())
            job = msgspec.msgpack.decode(data, type=Job)
            return job, decode_summary(job.summary)
        except (OSError, zlib.error, msgspec.DecodeError):
            return None

    def retry(self, kept: str, printer: str = "") -> Outcome:
        """Prints a waiting job again; once printed it waits no more, else it stays as it is."""
        read = self._read(kept)
        if read is None:
            return Outcome(False, printer, "This job cannot be read. Use its PDF.", 0, kept)
        job, summary = read
        try:
            check_fonts()
            name = printer or job.printer or self._usual()
            pages = Pages(summary, PAPERS[job.paper])
            self.printers.send(name, pages)
        except (PrintingFailed, FontsMissing) as error:
            return Outcome(False, printer, f"{_words(error)} The job is still kept.", job.pages, kept)
        self.drop(kept)
        return Outcome(True, name, f"Printed on {name}, {len(pages)} pages", len(pages))

    def drop(self, kept: str) -> None:
        """Removes a waiting job: printed, or not wanted any more."""
        for ending in ("job", "pdf"):
            (self.queue / f"{kept}.{ending}").unlink(missing_ok=True)


def _folder(path: Path) -> None:
    """Makes a folder that only its owner reads; raises PrintingFailed."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PrintingFailed(_disk_words(error, path / "x")) from error


def _words(error: Exception) -> str:
    """An error as a sentence."""
    if isinstance(error, FontsMissing):
        return f"The font {error} is missing, so that pages would come out empty. Install Chairside again."
    return f"{error}"
