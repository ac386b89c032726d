"""The paper list on paper: what is not on disk, to be kept in the patient's chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.frames import Leaflet
from app.unsaved_frames import UnsavedFrame, UnsavedLine
from ui.leaflet import BODY, HEADING, SMALL, TITLE, LeafletPages, Piece
from ui.paper import Paper
from ui.theme import BOLD_WEIGHT, MEDIUM_WEIGHT

ENTRIES = "Entries that are not saved"
REFUSED = "Refused by the record: these are never saved"
VITALS = "Vital signs"
EMPTY_LINES = 6


def line_words(line: UnsavedLine) -> str:
    """One line: when, what, who."""
    return f"{line.at}  {line.text}" + (f"  ({line.who})" if line.who else "")


class PaperListPages(LeafletPages):
    """The pages of the paper list, with lines left for a pen."""

    def __init__(self, frame: UnsavedFrame, paper: Paper) -> None:
        """Needs the bundled fonts to be loaded."""
        self.frame = frame
        super().__init__(
            Leaflet("", frame.clinic, frame.patient, frame.date, "", (), "", "", "", frame.session), paper
        )

    @property
    def title(self) -> str:
        """What a print job is called: never the patient."""
        return "Not saved"

    def _pieces(self) -> Iterator[Piece]:
        frame = self.frame
        since = f"Not saved since {frame.since}" if frame.since else "Not saved"
        yield Piece(f"{since}: keep this page", TITLE, BOLD_WEIGHT)
        yield Piece(f"{frame.patient or 'No patient'}, {frame.date}", BODY, MEDIUM_WEIGHT, above=2.0)
        if frame.why:
            yield from self._lines(frame.why, above=3.0, cap=SMALL)
        for title, lines in ((ENTRIES, frame.lines), (REFUSED, frame.refused), (VITALS, frame.vitals)):
            yield from self._part(title, lines)
        yield from self._lines("Written since then:", above=5.0, cap=HEADING, weight=BOLD_WEIGHT)
        for _ in range(EMPTY_LINES):
            yield from self._lines("." * 90, above=4.0)

    def _part(self, title: str, lines: Sequence[UnsavedLine]) -> Iterator[Piece]:
        if lines:
            yield from self._lines(title, above=5.0, cap=HEADING, weight=BOLD_WEIGHT)
        for line in lines:
            yield from self._lines(line_words(line), above=1.4, bullet=True)
