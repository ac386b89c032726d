"""A summary on paper: laid out in millimetres once, painted alike on screen, in a PDF and by a printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.printed import Figure, SignatureLine, Summary, Table
from ui.ink import HEAD, NAME, NOTE, SMALLER, TEXT, Ink, PaperLook, line_height, width, wrapped
from ui.paper_tables import Block, body_blocks, grid_of, short_table, stacked, table_head, title_block
from ui.theme import BOLD_WEIGHT, LabelColour

# Millimetres.
MARGIN: Final = 12.0
TOP: Final = 12.5
FOOT_LINES: Final = 10.5
FOOT_GAP: Final = 5.0
BANNER_TOP: Final = 3.5
BANNER: Final = 6.0
BANNER_PAD: Final = 0.8
SIDE_PAD: Final = 1.2
BLOCK_GAP: Final = 4.5
TABLE_GAPS: Final = (3.2, 2.2, 1.5)
"""Between long tables; the closer ones where they spare a page."""

COLUMN_GAP: Final = 6.0
CHART_HIGHEST: Final = 105.0
CHART_LIKED: Final = 92.0
"""With less than this for the chart the short tables stand closer."""

CHART_LOWEST: Final = 74.0
SIGN_LINE: Final = 8.4
FLOW_LEAST: Final = 60.0
"""With so much left on the first page the long tables begin there."""

LEVEL_TO: Final = 0.5
COLUMNS: Final = 2


@dataclass(frozen=True)
class Paper:
    """A sheet, in millimetres."""

    name: str
    width: float
    height: float

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * MARGIN


A4: Final = Paper("A4", 210.0, 297.0)
LETTER: Final = Paper("Letter", 215.9, 279.4)
PAPERS: Final[Mapping[str, Paper]] = {paper.name: paper for paper in (A4, LETTER)}


@dataclass(frozen=True)
class Placed:
    """A block at its place on a page."""

    block: Block
    x: float
    y: float


class Pages:
    """The pages of one summary on one kind of paper: laid out when made, painted as often as wanted."""

    def __init__(self, summary: Summary, paper: Paper) -> None:
        """Needs the bundled fonts to be loaded."""
        self.summary = summary
        self.paper = paper
        self.look = PaperLook(
            {key: LabelColour(label.fill, label.fill, label.striped) for key, label in summary.labels.items()}
        )
        self._foot = foot_lines(summary, paper.inner)
        self._pages: list[list[Placed]] = []
        self._y = 0.0
        self._lay_out()

    def __len__(self) -> int:
        """How many pages."""
        return len(self._pages)

    @property
    def title(self) -> str:
        """What a file or a print job is called: never the patient."""
        return f"Session summary {self.summary.head_short}"

    @property
    def creator(self) -> str:
        """What made it."""
        return self.summary.software

    def placed(self, number: int) -> tuple[Placed, ...]:
        """What stands where on page `number` (from 0), the foot left out."""
        return tuple(self._pages[number])

    def paint(self, painter: QPainter, number: int) -> None:
        """Paints page `number` (from 0); the painter's unit is 0.1 mm, its origin the sheet's corner."""
        self.draw(Ink(painter, self.look), number)

    def draw(self, ink: Ink, number: int) -> None:
        """Draws page `number` (from 0) with this ink."""
        for placed in self._pages[number]:
            placed.block.paint(ink, placed.x, placed.y)
        self._paint_banner(ink)
        self._paint_foot(ink, number)

    # ------------------------------------------------------------ what stands on every page

    @property
    def bottom(self) -> float:
        """Where the foot begins."""
        return self.paper.height - FOOT_LINES - line_height(NOTE) * (len(self._foot) - 1) - FOOT_GAP

    def banner(self) -> tuple[tuple[str, ...], float]:
        """The lines of the banner and their cap height: one line where it fits, else two smaller ones."""
        parts = [part for part in (self.summary.demo, self.summary.draft) if part]
        room, whole = self.paper.inner - 2 * SIDE_PAD, "   ".join(parts)
        if width(whole, TEXT, BOLD_WEIGHT) <= room or not parts:
            return ((whole,) if parts else ()), TEXT
        lines = parts if len(parts) > 1 else wrapped(whole, room, NOTE, BOLD_WEIGHT)
        return tuple(lines), NOTE

    def _paint_banner(self, ink: Ink) -> None:
        lines, cap = self.banner()
        if not lines:
            return
        rect = QRectF(MARGIN, BANNER_TOP, self.paper.inner, BANNER)
        if len(lines) > 1:
            rect.setHeight(len(lines) * line_height(cap) + BANNER_PAD)
        ink.box(rect, fill="fill", radius=0.8)
        step = line_height(cap)
        first = rect.center().y() + cap / 2 - step * (len(lines) - 1) / 2
        for number, words in enumerate(lines):
            baseline = first + number * step
            ink.text(
                rect.center().x(),
                baseline,
                words,
                cap=cap,
                weight=BOLD_WEIGHT,
                role="fill_ink",
                align="middle",
            )

    def _paint_foot(self, ink: Ink, number: int) -> None:
        page = f"page {number + 1} of {len(self)}"
        baseline = self.paper.height - FOOT_LINES - line_height(NOTE) * (len(self._foot) - 1)
        right = MARGIN + self.paper.inner
        for left_words, right_words in self._foot:
            ink.text(MARGIN, baseline, left_words, cap=NOTE, role="text2")
            if right_words:
                ink.text(right, baseline, f"{right_words}   {page}", cap=NOTE, role="text2", align="right")
            baseline += line_height(NOTE)

    # ------------------------------------------------------------ laying out

    def _lay_out(self) -> None:
        self._pages.append([])
        self._y = TOP
        inner = self.paper.inner
        for block in (head_block(self.summary, inner), figures_block(self.summary.figures, inner)):
            self._put(block)
        below, late = self._below_the_chart()
        room = self.bottom - self._y - BLOCK_GAP - _height(below)
        self._put(chart_block(self.summary, inner, min(CHART_HIGHEST, max(CHART_LOWEST, room))))
        for block in below:
            self._put(block)
        self._flow((*late, *self.summary.details))

    def _below_the_chart(self) -> tuple[list[Block], list[Table]]:
        """The short tables in level pairs or closer, as many as leave the chart its height; and the rest."""
        whole = self.bottom - self._y - BLOCK_GAP
        pairs = list(self.summary.pairs)
        late: list[Table] = []
        while True:
            level, close = self._level(pairs), self._close(pairs)
            if whole - _height(level) >= CHART_LIKED:
                return level, late
            if whole - _height(close) >= CHART_LOWEST or not pairs:
                return close, late
            longest = max(pairs, key=lambda pair: max(len(table.rows) for table in pair))
            pairs.remove(longest)
            late += longest

    def _signed(self) -> tuple[Block, Block]:
        side = half(self.paper.inner)
        return short_table(self.summary.pump, side), signed_block(self.summary.signed, side)

    def _level(self, pairs: Sequence[tuple[Table, Table]]) -> list[Block]:
        """Each pair at one height, the signatures below."""
        inner = self.paper.inner
        side = half(inner)
        laid = [beside(short_table(left, side), short_table(right, side), inner) for left, right in pairs]
        return [*laid, beside(*self._signed(), inner)]

    def _close(self, pairs: Sequence[tuple[Table, Table]]) -> list[Block]:
        """The same in two columns of their own: a long table does not hold up its neighbour."""
        inner = self.paper.inner
        side = half(inner)
        pump, signed = self._signed()
        left = stacked([*(short_table(pair[0], side) for pair in pairs), pump], BLOCK_GAP)
        right = stacked([*(short_table(pair[1], side) for pair in pairs), signed], BLOCK_GAP)
        return [beside(left, right, inner)]

    def _put(self, block: Block) -> None:
        """Place a block below the last one, on the next page where it does not fit."""
        if self._y + block.height > self.bottom and self._pages[-1]:
            self._turn()
        self._pages[-1].append(Placed(block, MARGIN, self._y))
        self._y += block.height + BLOCK_GAP

    def _turn(self) -> None:
        """Begin the next page, with the patient at its head."""
        head = running_head(self.summary, self.paper.inner)
        self._pages.append([Placed(head, MARGIN, TOP)])
        self._y = TOP + head.height + BLOCK_GAP

    def _flow(self, tables: Sequence[Table]) -> None:
        """The long tables in two columns over as many pages as they need; the last page ends level."""
        pieces = [piece for table in tables for piece in pieces_of(table, half(self.paper.inner))]
        if not pieces:
            return
        if self.bottom - self._y < FLOW_LEAST:
            self._turn()
        first, head = self._y, running_head(self.summary, self.paper.inner)
        later = TOP + head.height + BLOCK_GAP
        tries = [self._columns(pieces, first, later, gap) for gap in TABLE_GAPS]
        pages = min(tries, key=len)
        self._pages[-1].extend(pages[0])
        for placed in pages[1:]:
            self._turn()
            self._pages[-1].extend(placed)

    def _columns(self, pieces: Sequence[Piece], first: float, later: float, gap: float) -> list[list[Placed]]:
        """What stands on each page, from `first` down on this one and from `later` down on the next."""
        pages: list[list[Placed]] = []
        done = 0
        while done < len(pieces):
            sheet = Sheet(half(self.paper.inner) + COLUMN_GAP, later if pages else first, self.bottom, gap)
            placed, after = filled(pieces, done, sheet)
            pages.append(levelled(pieces, done, sheet) if after == len(pieces) else placed)
            done = after
        return pages


@dataclass(frozen=True)
class Sheet:
    """The columns of a page: their distance, from where to where they go, and the gap between tables."""

    step: float
    top: float
    bottom: float
    gap: float


@dataclass(frozen=True)
class Piece:
    """A part of a long table that is not divided: its head with what must stay with it, or a row.

    `again` is the head that stands above it where it begins a column.
    """

    block: Block
    again: Block | None = None
    first: bool = False


def pieces_of(table: Table, room: float) -> list[Piece]:
    """A table as pieces, in the size of notes: its head keeps two rows with it."""
    grid = grid_of(table, room, NOTE)
    body = body_blocks(grid)
    start = stacked([table_head(grid), *body[:2]])
    again = table_head(grid, again=True)
    return [Piece(start, first=True), *(Piece(block, again) for block in body[2:])]


def filled(pieces: Sequence[Piece], done: int, sheet: Sheet) -> tuple[list[Placed], int]:
    """Pieces from number `done` on in the columns of a page, and the number of the first left over."""
    placed: list[Placed] = []
    for column in range(COLUMNS):
        x, y, fresh = MARGIN + column * sheet.step, sheet.top, True
        while done < len(pieces):
            piece = pieces[done]
            above = [piece.again] if fresh and piece.again is not None else []
            gap = sheet.gap if piece.first and not fresh else 0.0
            tall = gap + sum(block.height for block in (*above, piece.block))
            if y + tall > sheet.bottom and not fresh:
                break
            y += gap
            for block in (*above, piece.block):
                placed.append(Placed(block, x, y))
                y += block.height
            done, fresh = done + 1, False
    return placed, done


def levelled(pieces: Sequence[Piece], done: int, sheet: Sheet) -> list[Placed]:
    """The last pieces in columns that end as high on the page as they can."""
    low, high = sheet.top, sheet.bottom
    placed, _ = filled(pieces, done, sheet)
    while high - low > LEVEL_TO:
        middle = (low + high) / 2
        found, after = filled(pieces, done, replace(sheet, bottom=middle))
        fits = after == len(pieces) and all(one.y + one.block.height <= sheet.bottom for one in found)
        low, high, placed = (low, middle, found) if fits else (middle, high, placed)
    return placed


def _height(blocks: Sequence[Block]) -> float:
    return sum(block.height + BLOCK_GAP for block in blocks)


def half(inner: float) -> float:
    """The width of one of two columns."""
    return (inner - COLUMN_GAP) / 2


def foot_lines(summary: Summary, inner: float) -> list[tuple[str, str]]:
    """The foot as (left, right) lines: one where everything fits, more for a long name; nothing is cut."""
    left = f"{summary.name}   MRN {summary.mrn}   {summary.date_short}"
    right = f"{summary.software}   record {summary.head_short}   {summary.printed}"
    if width(f"{left}      {right}   page 88 of 88", NOTE) <= inner:
        return [(left, right)]
    return [*((line, "") for line in wrapped(left, inner, NOTE)), ("", right)]


# ---------------------------------------------------------------- the first page


def head_block(summary: Summary, inner: float) -> Block:
    """Name, who that is, and the allergies in a box; on the right what was done, when and where."""
    right_lines = (summary.date, summary.clinic)
    aside = max(width(summary.title, HEAD, BOLD_WEIGHT), *(width(line) for line in right_lines))
    aside = min(aside, inner * 0.45)
    clinic = wrapped(summary.clinic, aside)
    cap, lines = name_lines(summary.name, inner - aside - 6.0)
    facts = wrapped(summary.facts, inner - aside - 6.0)
    names = cap + (len(lines) - 1) * line_height(cap)
    left_height = names + len(facts) * line_height(TEXT) + 1.2
    right_height = HEAD + line_height(TEXT) * (1 + len(clinic)) + 1.2
    above = max(left_height, right_height) + 2.5
    allergy = allergy_box(summary, inner)

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.lines(x, y + cap, lines, cap=cap, weight=BOLD_WEIGHT)
        ink.lines(x, y + names + line_height(TEXT) + 0.6, facts)
        right = x + inner
        ink.text(right, y + HEAD + 0.6, summary.title, cap=HEAD, weight=BOLD_WEIGHT, align="right")
        below = y + HEAD + 0.9 + line_height(TEXT)
        ink.lines(right, below, (summary.date, *clinic), align="right")
        allergy.paint(ink, x, y + above)

    return Block(above + allergy.height, paint)


def name_lines(name: str, room: float) -> tuple[float, tuple[str, ...]]:
    """The size of the name and its lines: full size in one line, else smaller, else smaller in several."""
    for cap in (NAME, SMALLER):
        if width(name, cap, BOLD_WEIGHT) <= room:
            return cap, (name,)
    return SMALLER, wrapped(name, room, SMALLER, BOLD_WEIGHT)


def allergy_box(summary: Summary, inner: float) -> Block:
    """The allergies, framed; with a warning sign where there are any."""
    pad = 3.2
    sign = 7.0 if summary.allergy else 0.0
    protocol = summary.protocol
    aside = width(protocol) if protocol else 0.0
    beneath = aside > inner * 0.45
    room = inner - 2 * pad - sign - (0.0 if beneath else aside + 6.0)
    lines = wrapped(summary.allergies, room, TEXT, BOLD_WEIGHT)
    under = wrapped(protocol, inner - 2 * pad - sign) if beneath else ()
    height = (len(lines) + len(under)) * line_height(TEXT) + 3.8

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.box(QRectF(x, y, inner, height), edge="text")
        baseline = y + 1.9 + (line_height(TEXT) + TEXT) / 2
        if sign:
            ink.icon("warning", QRectF(x + pad, baseline - TEXT / 2 - 2.3, 4.6, 4.6), "text")
        ink.lines(x + pad + sign, baseline, lines, weight=BOLD_WEIGHT)
        if beneath:
            ink.lines(x + pad + sign, baseline + len(lines) * line_height(TEXT), under)
        else:
            ink.text(x + inner - pad, baseline, protocol, align="right")

    return Block(height, paint)


def figures_block(figures: Sequence[Figure], inner: float) -> Block:
    """The large figures in a row: label, value, and what belongs to it."""
    room = inner / max(1, len(figures)) - 3.0
    laid = []
    for figure in figures:
        fits = width(figure.value, SMALLER, BOLD_WEIGHT) <= room
        cap = SMALLER if fits else HEAD
        laid.append((figure, cap, wrapped(figure.value, room, cap, BOLD_WEIGHT), wrapped(figure.small, room)))
    value_height = max((cap * 1.5 + (len(v) - 1) * line_height(cap) for _, cap, v, _ in laid), default=0.0)
    small_height = max((len(small) for *_, small in laid), default=0) * line_height(TEXT)
    height = line_height(TEXT) + value_height + small_height + 0.6

    def paint(ink: Ink, x: float, y: float) -> None:
        for number, (figure, cap, value, small) in enumerate(laid):
            left = x + number * inner / len(laid)
            ink.text(left, y + TEXT, figure.label, role="text2")
            ink.lines(left, y + line_height(TEXT) + cap + 0.6, value, cap=cap, weight=BOLD_WEIGHT)
            ink.lines(left, y + line_height(TEXT) + value_height + TEXT + 0.8, small)

    return Block(height, paint)


def chart_block(summary: Summary, inner: float, height: float) -> Block:
    """The course of the session: lanes on one time axis with what they mean, or why there are none."""
    title = title_block("Course of the session", inner)
    chart = summary.chart
    words = wrapped(summary.chart_words, inner, NOTE)
    below = len(words) * line_height(NOTE) + 1.0
    lanes = height - title.height - below

    def paint(ink: Ink, x: float, y: float) -> None:
        title.paint(ink, x, y)
        top = y + title.height
        if chart is not None:
            ink.chart(QRectF(x, top, inner, lanes), chart)
            top += lanes
        ink.lines(x, top + NOTE + 1.0, words, cap=NOTE, role="text2")

    if chart is None:
        return Block(title.height + below + 1.0, paint)
    return Block(height, paint)


def signed_block(signed: Sequence[SignatureLine], room: float) -> Block:
    """Who signed; a free line is left for a pen."""
    title = title_block("Signed", room)
    height = title.height + max(1, len(signed)) * SIGN_LINE

    def paint(ink: Ink, x: float, y: float) -> None:
        title.paint(ink, x, y)
        for number, line in enumerate(signed):
            baseline = y + title.height + (number + 1) * SIGN_LINE - 2.5
            ink.text(x, baseline, line.meaning, role="text2")
            words = f"{line.name}   {line.at}" if line.name else ""
            free = room - width(line.meaning) - 4.0
            for back, part in enumerate(reversed(wrapped(words, free))):
                ink.text(x + room, baseline - back * line_height(TEXT), part, align="right")
            ink.rule(x, x + room, baseline + 2.0, "border", 0.2)

    return Block(height, paint)


def beside(left: Block, right: Block, inner: float) -> Block:
    """Two blocks in two columns."""

    def paint(ink: Ink, x: float, y: float) -> None:
        left.paint(ink, x, y)
        right.paint(ink, x + half(inner) + COLUMN_GAP, y)

    return Block(max(left.height, right.height), paint)


# ---------------------------------------------------------------- later pages


def running_head(summary: Summary, inner: float) -> Block:
    """The patient at the head of every page after the first, in one line where there is room."""
    room = inner - width(summary.date_short) - 6.0
    lines = wrapped(summary.name, room, HEAD, BOLD_WEIGHT)
    words = f"{summary.facts}   {summary.allergies}"
    beside_it = width(summary.name, HEAD, BOLD_WEIGHT) + 4.0
    joined = beside_it + width(words, NOTE) <= room
    facts = (words,) if joined else wrapped(words, inner, NOTE)
    names = len(lines) * line_height(HEAD)
    height = names if joined else names + len(facts) * line_height(NOTE) + 0.8

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.lines(x, y + HEAD, lines, cap=HEAD, weight=BOLD_WEIGHT)
        ink.text(x + inner, y + HEAD, summary.date_short, align="right")
        if joined:
            ink.text(x + beside_it, y + HEAD, words, cap=NOTE, role="text2")
        else:
            ink.lines(x, y + names + NOTE + 0.3, facts, cap=NOTE, role="text2")

    return Block(height, paint)
