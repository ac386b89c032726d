"""A summary on paper: laid out in millimetres once, painted alike on screen, in a PDF and by a printer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.printed import Figure, Row, SignatureLine, Summary, Table
from ui.ink import HEAD, NAME, NOTE, SMALLER, STRONG_RULE, TEXT, Ink, PaperLook, line_height, width, wrapped
from ui.theme import BOLD_WEIGHT, MEDIUM_WEIGHT, LabelColour

# Millimetres.
MARGIN: Final = 14.0
TOP: Final = 12.5
FOOT_LINES: Final = 11.5
BANNER_TOP: Final = 3.5
BANNER: Final = 6.0
BLOCK_GAP: Final = 5.5
COLUMN_GAP: Final = 8.0
CELL_GAP: Final = 2.2
ROW_PAD: Final = 0.75
CHART_HIGHEST: Final = 97.0
CHART_LOWEST: Final = 62.0
SIGN_LINE: Final = 10.5

SHORT_ROWS: Final = 14
"""With more rows than this a table of the first page goes over the whole width instead."""

SPLIT_LINES: Final = 30
"""A row of more lines than this is cut into several, so that it can go over a page's end."""


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

Paint = Callable[[Ink, float, float], None]


@dataclass(frozen=True)
class Block:
    """Something that is `height` millimetres high and paints itself at (x, y)."""

    height: float
    paint: Paint


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
        self._look = PaperLook(
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
        ink = Ink(painter, self._look)
        for placed in self._pages[number]:
            placed.block.paint(ink, placed.x, placed.y)
        self._paint_banner(ink)
        self._paint_foot(ink, number)

    # ------------------------------------------------------------ what stands on every page

    @property
    def bottom(self) -> float:
        """Where the foot begins."""
        return self.paper.height - FOOT_LINES - line_height(NOTE) * (len(self._foot) - 1) - 6.5

    def _paint_banner(self, ink: Ink) -> None:
        words = "   ".join(part for part in (self.summary.demo, self.summary.draft) if part)
        if not words:
            return
        rect = QRectF(MARGIN, BANNER_TOP, self.paper.inner, BANNER)
        ink.box(rect, fill="fill", radius=0.8)
        baseline = rect.center().y() + TEXT / 2
        ink.text(rect.center().x(), baseline, words, weight=BOLD_WEIGHT, role="fill_ink", align="middle")

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
        sides = [side for pair in self.summary.pairs for side in self._pair(pair)]
        signed = signed_block(self.summary.signed, half(inner))
        sides.append(beside(short_table(self.summary.pump, half(inner)), signed, inner))
        room = self.bottom - self._y - sum(block.height + BLOCK_GAP for block in sides)
        self._put(chart_block(self.summary, inner, min(CHART_HIGHEST, max(CHART_LOWEST, room))))
        for block in sides:
            self._put(block)
        long = [table for pair in self.summary.pairs if not fits_short(pair) for table in pair]
        if len(self._pages) == 1:
            self._turn()
        for table in (*long, *self.summary.details):
            self._flow(table)

    def _pair(self, pair: tuple[Table, Table]) -> list[Block]:
        if not fits_short(pair):
            return []
        inner = self.paper.inner
        return [beside(short_table(pair[0], half(inner)), short_table(pair[1], half(inner)), inner)]

    def _put(self, block: Block, gap: float = BLOCK_GAP) -> None:
        """Place a block below the last one, on the next page where it does not fit."""
        if self._y + block.height > self.bottom and self._pages[-1]:
            self._turn()
        self._pages[-1].append(Placed(block, MARGIN, self._y))
        self._y += block.height + gap

    def _turn(self) -> None:
        """Begin the next page, with the patient at its head."""
        head = running_head(self.summary, self.paper.inner)
        self._pages.append([Placed(head, MARGIN, TOP)])
        self._y = TOP + head.height + BLOCK_GAP

    def _flow(self, table: Table) -> None:
        """A table over the whole width; its head is repeated on each page that it reaches."""
        inner = self.paper.inner
        rows = [block for row in table.rows for block in row_blocks(table, row, inner)]
        head = table_head(table, inner)
        least = head.height + sum(block.height for block in rows[:2])
        if self._y + least > self.bottom:
            self._turn()
        self._put(head, gap=0.0)
        if not rows:
            rows = [words_block(table.empty, inner)]
        for block in rows:
            if self._y + block.height > self.bottom:
                self._turn()
                self._put(table_head(table, inner, again=True), gap=0.0)
            self._put(block, gap=0.0)
        if table.note:
            self._put(words_block(table.note, inner, cap=NOTE), gap=0.0)
        self._y += BLOCK_GAP


def half(inner: float) -> float:
    """The width of one of two columns."""
    return (inner - COLUMN_GAP) / 2


def fits_short(pair: tuple[Table, Table]) -> bool:
    """Whether both tables are short enough to stand side by side."""
    return all(len(table.rows) <= SHORT_ROWS for table in pair)


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


# ---------------------------------------------------------------- tables


def title_block(title: str, room: float) -> Block:
    """A title over a strong rule."""

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.text(x, y + HEAD + 0.2, title, cap=HEAD, weight=BOLD_WEIGHT)
        ink.rule(x, x + room, y + HEAD + 2.0, "text", STRONG_RULE)

    return Block(HEAD + 2.4, paint)


def running_head(summary: Summary, inner: float) -> Block:
    """The patient at the head of every page after the first."""
    room = inner - width(summary.date_short) - 6.0
    lines = wrapped(summary.name, room, HEAD, BOLD_WEIGHT)
    facts = wrapped(f"{summary.facts}   {summary.allergies}", inner)
    names = len(lines) * line_height(HEAD)
    height = names + len(facts) * line_height(TEXT) + 0.8

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.lines(x, y + HEAD, lines, cap=HEAD, weight=BOLD_WEIGHT)
        ink.text(x + inner, y + HEAD, summary.date_short, align="right")
        ink.lines(x, y + names + TEXT + 0.3, facts, role="text2")

    return Block(height, paint)


def table_head(table: Table, room: float, *, again: bool = False) -> Block:
    """A table's title and the names of its columns, where it has any row."""
    title = title_block(f"{table.title}, continued" if again else table.title, room)
    if not table.heads or not table.rows:
        return title
    names = tuple(column.title for column in table.columns)
    heads = cells_block(table, names, room, cap=NOTE, role="text2")

    def paint(ink: Ink, x: float, y: float) -> None:
        title.paint(ink, x, y)
        heads.paint(ink, x, y + title.height)

    return Block(title.height + heads.height, paint)


def short_table(table: Table, room: float) -> Block:
    """A whole table in one block."""
    blocks = [table_head(table, room)]
    blocks.extend(block for row in table.rows for block in row_blocks(table, row, room))
    if not table.rows:
        blocks.append(words_block(table.empty, room))
    if table.note:
        blocks.append(words_block(table.note, room, cap=NOTE))
    return stacked(blocks)


def stacked(blocks: Sequence[Block]) -> Block:
    """Blocks below each other."""

    def paint(ink: Ink, x: float, y: float) -> None:
        for block in blocks:
            block.paint(ink, x, y)
            y += block.height

    return Block(sum(block.height for block in blocks), paint)


def words_block(words: str, room: float, *, cap: float = TEXT) -> Block:
    """A sentence under a rule or a table."""
    lines = wrapped(words, room, cap)

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.lines(x, y + ROW_PAD + (line_height(cap) + cap) / 2, lines, cap=cap, role="text2")

    return Block(len(lines) * line_height(cap) + 2 * ROW_PAD, paint)


def row_blocks(table: Table, row: Row, room: float) -> list[Block]:
    """A row with a rule below; a very long one in several blocks, so that it can go over a page's end."""
    columns = cell_lines(table, row.cells, room, TEXT, BOLD_WEIGHT if row.strong else MEDIUM_WEIGHT)
    tallest = max((len(lines) for lines in columns), default=1)
    blocks = []
    for first in range(0, max(1, tallest), SPLIT_LINES):
        part = tuple(lines[first : first + SPLIT_LINES] for lines in columns)
        blocks.append(laid_row(table, part, room, row))
    if row.note:
        blocks.extend(note_blocks(table, row.note, room))
    return [*blocks[:-1], underlined(blocks[-1], room)]


def note_blocks(table: Table, note: str, room: float) -> list[Block]:
    """The note under a row, beginning below its second column."""
    lefts, _ = cell_places(table, room)
    indent = lefts[1] if len(lefts) > 1 else 0.0
    lines = wrapped(note, room - indent, NOTE)

    def block(part: tuple[str, ...]) -> Block:
        def paint(ink: Ink, x: float, y: float) -> None:
            ink.lines(x + indent, y + NOTE + 0.3, part, cap=NOTE, role="text2")

        return Block(len(part) * line_height(NOTE) + 0.6, paint)

    return [block(lines[first : first + SPLIT_LINES]) for first in range(0, len(lines), SPLIT_LINES)]


def underlined(block: Block, room: float) -> Block:
    """A block with a thin rule at its lower edge."""

    def paint(ink: Ink, x: float, y: float) -> None:
        block.paint(ink, x, y)
        ink.rule(x, x + room, y + block.height)

    return Block(block.height, paint)


def cell_places(table: Table, room: float) -> tuple[list[float], list[float]]:
    """Left edges and widths of the columns."""
    free = room - CELL_GAP * (len(table.columns) - 1)
    whole = sum(column.share for column in table.columns)
    widths = [column.share / whole * free for column in table.columns]
    lefts = [sum(widths[:n]) + n * CELL_GAP for n in range(len(widths))]
    return lefts, widths


def cell_lines(
    table: Table, cells: Sequence[str], room: float, cap: float, weight: int
) -> tuple[tuple[str, ...], ...]:
    """Each cell's text in lines that fit its column."""
    _, widths = cell_places(table, room)
    return tuple(wrapped(cell, wide, cap, weight) for cell, wide in zip(cells, widths, strict=True))


def cells_block(table: Table, cells: Sequence[str], room: float, *, cap: float, role: str) -> Block:
    """A line of column names over a rule."""
    lines = cell_lines(table, cells, room, cap, MEDIUM_WEIGHT)
    lefts, widths = cell_places(table, room)
    height = max((len(part) for part in lines), default=1) * line_height(cap) + 2 * ROW_PAD

    def paint(ink: Ink, x: float, y: float) -> None:
        for column, part, left, wide in zip(table.columns, lines, lefts, widths, strict=True):
            at = x + left + (wide if column.align == "right" else 0.0)
            baseline = y + ROW_PAD + (line_height(cap) + cap) / 2
            ink.lines(at, baseline, part, cap=cap, role=role, align=column.align)
        ink.rule(x, x + room, y + height)

    return Block(height, paint)


def laid_row(table: Table, lines: tuple[tuple[str, ...], ...], room: float, row: Row) -> Block:
    """The cells of a row at their places."""
    lefts, widths = cell_places(table, room)
    height = max((len(part) for part in lines), default=1) * line_height(TEXT) + 2 * ROW_PAD
    weight = BOLD_WEIGHT if row.strong else MEDIUM_WEIGHT
    role = "text2" if row.struck else "text"

    def paint(ink: Ink, x: float, y: float) -> None:
        baseline = y + ROW_PAD + (line_height(TEXT) + TEXT) / 2
        for column, part, left, wide in zip(table.columns, lines, lefts, widths, strict=True):
            if column.chip and row.label_class and len(part) == 1 and not row.struck:
                ink.chip(x + left, baseline, part[0], row.label_class)
                continue
            at = x + left + (wide if column.align == "right" else 0.0)
            ink.lines(at, baseline, part, weight=weight, role=role, align=column.align, struck=row.struck)

    return Block(height, paint)
