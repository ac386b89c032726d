"""Tables on paper, as blocks: titles, column names, rows with their notes, each at its place in millimetres."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.printed import Column, Row, Table
from ui.ink import CHIP_PAD, HEAD, NOTE, STRONG_RULE, TEXT, Ink, line_height, width, wrapped
from ui.theme import BOLD_WEIGHT, MEDIUM_WEIGHT

# Millimetres.
CELL_GAP: Final = 1.8
ROW_PAD: Final = 0.22
HEAD_PAD: Final = 0.25
TITLE_PAD: Final = 2.2
FREE_LEAST: Final = 26.0
"""What the columns that fit leave at least to those that wrap."""

SPLIT_LINES: Final = 6
"""A row of more lines than this is cut into several, so that it can go over a column's end."""

Paint = Callable[[Ink, float, float], None]


@dataclass(frozen=True)
class Block:
    """Something that is `height` millimetres high and paints itself at (x, y)."""

    height: float
    paint: Paint


@dataclass(frozen=True)
class Grid:
    """A table in a room of millimetres, its letters `cap` high: the left edge and the width of each column."""

    table: Table
    room: float
    cap: float
    lefts: tuple[float, ...]
    widths: tuple[float, ...]

    @property
    def indent(self) -> float:
        """Where a note begins: below the second column."""
        return self.lefts[1] if len(self.lefts) > 1 else 0.0


# ---------------------------------------------------------------- columns


def grid_of(table: Table, room: float, cap: float = TEXT) -> Grid:
    """Where the columns stand: those that fit take what they need, the rest shares what is left."""
    free = room - CELL_GAP * (len(table.columns) - 1)
    wanted = [natural(table, n, cap) if column.fit else 0.0 for n, column in enumerate(table.columns)]
    shares = [0.0 if column.fit else column.share for column in table.columns]
    wraps = sum(shares) > 0
    wanted = _levelled(wanted, free - FREE_LEAST if wraps else free)
    left_over = free - sum(wanted)
    if not wraps:
        shares = [column.share for column in table.columns]
    whole = sum(shares)
    widths = [w + left_over * share / whole for w, share in zip(wanted, shares, strict=True)]
    lefts = [sum(widths[:n]) + n * CELL_GAP for n in range(len(widths))]
    return Grid(table, room, cap, tuple(lefts), tuple(widths))


def natural(table: Table, number: int, cap: float) -> float:
    """The width that no cell of a column, nor its name, has to be wrapped in."""
    column = table.columns[number]
    cells = [cell_width(column, row, row.cells[number], cap) for row in table.rows]
    title = width(column.title, NOTE) if table.heads else 0.0
    return max([title, *cells])


def cell_width(column: Column, row: Row, cell: str, cap: float) -> float:
    """The width of a cell in one line."""
    if is_chip(column, row):
        return width(cell, cap, BOLD_WEIGHT) + 2 * CHIP_PAD
    return max(width(part, cap, weight_of(row)) for part in cell.split("\n"))


def is_chip(column: Column, row: Row) -> bool:
    """Whether a cell is painted as a drug's label."""
    return column.chip and bool(row.label_class) and not row.struck


def weight_of(row: Row) -> int:
    """The weight of a row's letters."""
    return BOLD_WEIGHT if row.strong else MEDIUM_WEIGHT


def _levelled(wanted: list[float], room: float) -> list[float]:
    """The widths where they fit; else the widest give way first, down to one common width."""
    if sum(wanted) <= room:
        return wanted
    rest, left = room, [w for w in sorted(wanted) if w > 0]
    while left and left[0] <= rest / len(left):
        rest -= left.pop(0)
    level = rest / max(1, len(left))
    return [min(w, level) for w in wanted]


# ---------------------------------------------------------------- blocks


def title_block(title: str, room: float) -> Block:
    """A title over a strong rule."""
    lines = wrapped(title, room, HEAD, BOLD_WEIGHT)
    tall = (len(lines) - 1) * line_height(HEAD) + HEAD

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.lines(x, y + HEAD + 0.2, lines, cap=HEAD, weight=BOLD_WEIGHT)
        ink.rule(x, x + room, y + tall + TITLE_PAD - 0.4, "text", STRONG_RULE)

    return Block(tall + TITLE_PAD, paint)


def table_head(grid: Grid, *, again: bool = False) -> Block:
    """A table's title and the names of its columns, where it has any row."""
    table = grid.table
    title = title_block(f"{table.title}, continued" if again else table.title, grid.room)
    if not table.heads or not table.rows:
        return title
    return stacked([title, names_block(grid)])


def names_block(grid: Grid) -> Block:
    """The names of the columns over a rule."""
    columns = grid.table.columns
    lines = [wrapped(c.title, wide, NOTE) for c, wide in zip(columns, grid.widths, strict=True)]
    height = max(len(part) for part in lines) * line_height(NOTE) + 2 * HEAD_PAD

    def paint(ink: Ink, x: float, y: float) -> None:
        baseline = y + HEAD_PAD + (line_height(NOTE) + NOTE) / 2
        for column, part, left, wide in zip(columns, lines, grid.lefts, grid.widths, strict=True):
            at = x + left + (wide if column.align == "right" else 0.0)
            ink.lines(at, baseline, part, cap=NOTE, role="text2", align=column.align)
        ink.rule(x, x + grid.room, y + height)

    return Block(height, paint)


def short_table(table: Table, room: float) -> Block:
    """A whole table in one block."""
    grid = grid_of(table, room)
    return stacked([table_head(grid), *body_blocks(grid)])


def body_blocks(grid: Grid) -> list[Block]:
    """What stands below a table's head: its rows or what is said without one, and its note."""
    table = grid.table
    blocks = [block for row in table.rows for block in row_blocks(grid, row)]
    if not table.rows and table.empty:
        blocks.append(words_block(table.empty, grid.room, cap=grid.cap))
    if table.note:
        blocks.append(words_block(table.note, grid.room, cap=NOTE))
    return blocks


def stacked(blocks: Sequence[Block], gap: float = 0.0) -> Block:
    """Blocks below each other."""

    def paint(ink: Ink, x: float, y: float) -> None:
        for block in blocks:
            block.paint(ink, x, y)
            y += block.height + gap

    return Block(sum(block.height for block in blocks) + gap * max(0, len(blocks) - 1), paint)


def words_block(words: str, room: float, *, cap: float = TEXT) -> Block:
    """A sentence under a rule or a table."""
    lines = wrapped(words, room, cap)

    def paint(ink: Ink, x: float, y: float) -> None:
        ink.lines(x, y + ROW_PAD + (line_height(cap) + cap) / 2, lines, cap=cap, role="text2")

    return Block(len(lines) * line_height(cap) + 2 * ROW_PAD, paint)


def row_blocks(grid: Grid, row: Row) -> list[Block]:
    """A row with a rule below; a very long one in several blocks, so that it can go over a column's end."""
    columns = cell_lines(grid, row)
    tallest = max((len(lines) for lines in columns), default=1)
    blocks = []
    for first in range(0, max(1, tallest), SPLIT_LINES):
        part = tuple(lines[first : first + SPLIT_LINES] for lines in columns)
        blocks.append(laid_row(grid, part, row))
    notes = note_blocks(grid, row.note) if row.note else []
    if len(blocks) == 1 and len(notes) == 1:
        blocks, notes = [stacked([*blocks, *notes])], []
    blocks += notes
    return [*blocks[:-1], underlined(blocks[-1], grid.room)]


def note_blocks(grid: Grid, note: str) -> list[Block]:
    """The note under a row, beginning below its second column."""
    lines = wrapped(note, grid.room - grid.indent, NOTE)

    def block(part: tuple[str, ...]) -> Block:
        def paint(ink: Ink, x: float, y: float) -> None:
            ink.lines(x + grid.indent, y + NOTE + 0.3, part, cap=NOTE, role="text2")

        return Block(len(part) * line_height(NOTE) + 0.5, paint)

    return [block(lines[first : first + SPLIT_LINES]) for first in range(0, len(lines), SPLIT_LINES)]


def underlined(block: Block, room: float) -> Block:
    """A block with a thin rule at its lower edge."""

    def paint(ink: Ink, x: float, y: float) -> None:
        block.paint(ink, x, y)
        ink.rule(x, x + room, y + block.height)

    return Block(block.height, paint)


def cell_lines(grid: Grid, row: Row) -> tuple[tuple[str, ...], ...]:
    """Each cell's text in lines that fit its column; a label leaves room for its frame."""
    found = []
    for column, cell, wide in zip(grid.table.columns, row.cells, grid.widths, strict=True):
        chip = is_chip(column, row)
        # Rounding must not wrap a cell that its column was measured by.
        room = wide + 0.01 - (2 * CHIP_PAD if chip else 0.0)
        found.append(wrapped(cell, room, grid.cap, BOLD_WEIGHT if chip else weight_of(row)))
    return tuple(found)


def laid_row(grid: Grid, lines: tuple[tuple[str, ...], ...], row: Row) -> Block:
    """The cells of a row at their places."""
    height = max((len(part) for part in lines), default=1) * line_height(grid.cap) + 2 * ROW_PAD
    role = "text2" if row.struck else "text"

    def paint(ink: Ink, x: float, y: float) -> None:
        baseline = y + ROW_PAD + (line_height(grid.cap) + grid.cap) / 2
        for column, part, left, wide in zip(grid.table.columns, lines, grid.lefts, grid.widths, strict=True):
            if is_chip(column, row):
                ink.chip(x + left, baseline, part, row.label_class, cap=grid.cap)
                continue
            at = x + left + (wide if column.align == "right" else 0.0)
            ink.lines(
                at,
                baseline,
                part,
                cap=grid.cap,
                weight=weight_of(row),
                role=role,
                align=column.align,
                struck=row.struck,
            )

    return Block(height, paint)
