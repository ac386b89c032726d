"""The patient's instructions on paper: large letters, one page as a rule, the same for screen, PDF and printer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from PySide6.QtGui import QPainter

from app.frames import Leaflet
from ui.ink import Ink, PaperLook, line_height, wrapped
from ui.paper import MARGIN, Paper
from ui.theme import BOLD_WEIGHT, MEDIUM_WEIGHT

TITLE: Final = 5.1
HEADING: Final = 3.6
BODY: Final = 3.1
SMALL: Final = 2.2
TOP: Final = 22.0
FOOT: Final = 14.0
INDENT: Final = 5.0


class Piece(msgspec.Struct, frozen=True):
    """A line of text at its size; `above` is the space before it."""

    text: str
    cap: float
    weight: int
    indent: float = 0.0
    above: float = 0.0
    bullet: bool = False


class LeafletPages:
    """The pages of one leaflet, laid out when made."""

    def __init__(self, leaflet: Leaflet, paper: Paper) -> None:
        """Needs the bundled fonts to be loaded."""
        self.leaflet = leaflet
        self.paper = paper
        self._look = PaperLook({})
        self._pages: list[list[tuple[float, Piece]]] = [[]]
        self._lay_out()

    def __len__(self) -> int:
        """How many pages."""
        return len(self._pages)

    @property
    def title(self) -> str:
        """What a file or a print job is called: never the patient."""
        return "Instructions for home"

    @property
    def creator(self) -> str:
        """What made it."""
        return "Chairside"

    def texts(self) -> tuple[str, ...]:
        """Every line of every page, for a check of what is printed."""
        return tuple(piece.text for page in self._pages for _, piece in page)

    def _lay_out(self) -> None:
        y, bottom = TOP, self.paper.height - FOOT - line_height(SMALL)
        for piece in self._pieces():
            height = piece.above + line_height(piece.cap)
            if y + height > bottom:
                self._pages.append([])
                y = TOP
            y += height
            self._pages[-1].append((y, piece))

    def _pieces(self) -> Iterator[Piece]:
        leaflet = self.leaflet
        yield Piece(leaflet.title, TITLE, BOLD_WEIGHT)
        yield Piece(f"{leaflet.patient}, {leaflet.date}", BODY, MEDIUM_WEIGHT, above=2.0)
        yield from self._lines(leaflet.lead, above=4.0)
        if leaflet.next_visit:
            yield from self._lines(
                f"Your next visit: {leaflet.next_visit}", above=4.0, cap=HEADING, weight=BOLD_WEIGHT
            )
        for part in leaflet.parts:
            yield from self._lines(part.title, above=5.0, cap=HEADING, weight=BOLD_WEIGHT)
            for line in part.lines:
                yield from self._lines(line, above=1.4, bullet=True)
        yield from self._lines(leaflet.emergency, above=6.0, weight=BOLD_WEIGHT)
        phone = leaflet.phone or "." * 40
        yield from self._lines(f"{leaflet.phone_words} {phone}", above=3.0, weight=BOLD_WEIGHT)
        yield from self._lines("Understood (patient, escort): " + "." * 40, above=9.0)

    def _lines(
        self,
        text: str,
        *,
        above: float = 0.0,
        cap: float = BODY,
        weight: int = MEDIUM_WEIGHT,
        bullet: bool = False,
    ) -> Iterator[Piece]:
        indent = INDENT if bullet else 0.0
        for number, line in enumerate(wrapped(text, self.paper.inner - indent, cap, weight)):
            yield Piece(line, cap, weight, indent, above if number == 0 else 0.0, bullet and number == 0)

    def paint(self, painter: QPainter, number: int) -> None:
        """Paints page `number` (from 0); the painter's unit is 0.1 mm, its origin the sheet's corner."""
        ink = Ink(painter, self._look)
        ink.text(MARGIN, TOP - 6.0, self.leaflet.clinic, cap=BODY, role="text2")
        for y, piece in self._pages[number]:
            if piece.bullet:
                ink.text(MARGIN + 1.0, y, "\N{BULLET}", cap=piece.cap)
            ink.text(MARGIN + piece.indent, y, piece.text, cap=piece.cap, weight=piece.weight)
        foot = self.paper.height - FOOT
        right = self.paper.width - MARGIN
        ink.text(right, foot, f"page {number + 1} of {len(self)}", cap=SMALL, role="text2", align="right")
        words = "   ".join(part for part in (self.leaflet.draft, f"session {self.leaflet.session}") if part)
        ink.text(MARGIN, foot, words, cap=SMALL, role="text2")
