from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app import catalog as tables
from app.clinical.tables import Catalog
from app.entries import DrugGiven, EffectNoted, NoteWritten
from app.frames import ChartFrame
from app.printed import Column, Row, Summary, Table
from app.summary import DEMO, DRAFT_TABLES, SIGN_AGAIN, summarise
from tests.app.summary_story import LONG_NAME, Story, clinic, long_story, stormy_story, usual_story
from ui.fonts import load_fonts
from ui.ink import Ink, width
from ui.paper import A4, CHART_LOWEST, LETTER, MARGIN, Pages, Paper
from ui.paper_tables import CELL_GAP, cell_lines, grid_of
from ui.theme import BOLD_WEIGHT

BOTH = pytest.mark.parametrize("paper", [A4, LETTER], ids=lambda paper: paper.name)
ALLERGIES = tuple(f"substance number {n} of a long list" for n in range(20))
LONG_WORD = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft"


@pytest.fixture(autouse=True)
def fonts(qapp: QApplication) -> None:
    """The bundled fonts, as the application loads them."""
    load_fonts()


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return tables.load()


def told(story: Story, catalog: Catalog) -> Summary:
    return summarise(story.entries, story.samples, clinic(), catalog, **story.told())


class NotedInk(Ink):
    """Ink that draws, and keeps where each text and the chart stand, in millimetres."""

    def __init__(self, painter: QPainter, look: Any) -> None:
        super().__init__(painter, look)
        self.texts: list[tuple[QRectF, str]] = []
        self.charts: list[QRectF] = []

    def text(self, x: float, baseline: float, text: str, **kinds: Any) -> None:
        cap = kinds.get("cap", 2.5)
        wide = width(text, cap, kinds.get("weight", 500))
        left = x - {"left": 0.0, "right": wide, "middle": wide / 2}[kinds.get("align", "left")]
        if text.strip():
            self.texts.append((QRectF(left, baseline - cap, wide, cap), text))
        super().text(x, baseline, text, **kinds)

    def chart(self, rect: QRectF, frame: ChartFrame) -> None:
        self.charts.append(rect)
        super().chart(rect, frame)


def drawn(pages: Pages, number: int) -> NotedInk:
    image = QImage(2200, 3000, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ink = NotedInk(painter, pages.look)
    pages.draw(ink, number)
    painter.end()
    return ink


def crowded_story() -> Story:
    """Whatever is long: name, twenty allergies, drugs and effects without a space, notes, every lane."""
    story = usual_story(name=f"{LONG_NAME} {LONG_WORD}", allergies=ALLERGIES)
    for minute in range(60, 72):
        drug = f"{LONG_WORD.lower()} {minute}"
        story.say(minute, DrugGiven(drug, 1234.567, "mg", "intramuscular", "nausea", "a reason " * 9, "mora"))
        story.say(minute, EffectNoted(f"{LONG_WORD} {minute}", 2))
        story.say(minute, NoteWritten(LONG_WORD * 3))
    return story


STORIES = pytest.mark.parametrize(
    "story",
    [usual_story, long_story, stormy_story, Story, crowded_story],
    ids=["usual", "long", "stormy", "bare", "crowded"],
)


@BOTH
@STORIES
def test_no_text_stands_over_another_or_past_the_margins(
    catalog: Catalog, paper: Paper, story: Callable[[], Story]
) -> None:
    pages = Pages(told(story(), catalog), paper)
    sheet = QRectF(MARGIN, 3.0, paper.inner, paper.height - 11.0).adjusted(-0.05, 0, 0.05, 0)
    for number in range(len(pages)):
        texts = drawn(pages, number).texts
        assert texts
        for place, (rect, words) in enumerate(texts):
            assert sheet.contains(rect), f"page {number + 1}: {words!r} leaves the margins"
            for other, more in texts[place + 1 :]:
                shared = rect.intersected(other)
                assert shared.width() < 0.05 or shared.height() < 0.05, f"{words!r} over {more!r}"


@BOTH
@STORIES
def test_what_is_below_the_text_of_a_page_is_its_foot_alone(
    catalog: Catalog, paper: Paper, story: Callable[[], Story]
) -> None:
    pages = Pages(told(story(), catalog), paper)
    for number in range(len(pages)):
        for placed in pages.placed(number):
            assert placed.y + placed.block.height <= pages.bottom + 0.01


@BOTH
@pytest.mark.parametrize(
    ("story", "most"), [(usual_story, 2), (stormy_story, 3)], ids=["an hour", "a stormy hour"]
)
def test_an_hour_is_two_pages_and_a_stormy_one_three(
    catalog: Catalog, paper: Paper, story: Callable[[], Story], most: int
) -> None:
    assert len(Pages(told(story(), catalog), paper)) <= most


@BOTH
@STORIES
def test_the_chart_keeps_its_height(catalog: Catalog, paper: Paper, story: Callable[[], Story]) -> None:
    pages = Pages(told(story(), catalog), paper)
    charts = [chart for number in range(len(pages)) for chart in drawn(pages, number).charts]
    for chart in charts:
        assert chart.height() >= CHART_LOWEST - 16.0
        assert chart.width() == paper.inner


def test_both_columns_of_the_last_page_end_at_about_the_same_height(catalog: Catalog) -> None:
    pages = Pages(told(stormy_story(), catalog), A4)
    ends: dict[float, float] = {}
    for placed in pages.placed(len(pages) - 1)[1:]:
        ends[placed.x] = max(ends.get(placed.x, 0.0), placed.y + placed.block.height)
    assert len(ends) == 2
    assert max(ends.values()) - min(ends.values()) < 40.0


# ---------------------------------------------------------------- columns of a table


def lines(table: Table, room: float) -> list[tuple[tuple[str, ...], ...]]:
    grid = grid_of(table, room)
    return [cell_lines(grid, row) for row in table.rows]


def test_a_pressure_is_not_broken_where_its_column_fits() -> None:
    columns = (Column("", fit=True), *(Column(name, align="right", fit=True) for name in "abcd"))
    row = Row(("NIBP mmHg", "190/114", "188/102", "190/114", "190/114"))
    assert lines(Table("Vital signs", columns, (row,)), 87.0) == [tuple((cell,) for cell in row.cells)]


def test_a_column_that_fits_gives_way_before_it_leaves_no_room_for_the_rest() -> None:
    columns = (Column("name", fit=True), Column("what"))
    table = Table("", columns, (Row(("a name of very many words " * 4, "short")),))
    grid = grid_of(table, 87.0)
    assert grid.widths[1] >= 26.0
    assert sum(grid.widths) + CELL_GAP == pytest.approx(87.0)


def test_a_long_drug_is_a_label_of_several_lines_inside_its_column(catalog: Catalog) -> None:
    story = usual_story()
    story.say(60, DrugGiven("x" * 60, 1.0, "mg", "IV"))
    summary = told(story, catalog)
    drugs = summary.pairs[0][0]
    grid = grid_of(drugs, 87.0)
    for row in drugs.rows:
        for cell, wide in zip(cell_lines(grid, row), grid.widths, strict=True):
            assert all(width(line) <= wide + 0.02 for line in cell)


@BOTH
@pytest.mark.parametrize(
    "draft",
    [
        f"{SIGN_AGAIN}. {DRAFT_TABLES}",
        f"DRAFT: not signed as final, 33 required fields missing. {DRAFT_TABLES}",
    ],
)
def test_the_longest_banner_is_printed_whole(catalog: Catalog, paper: Paper, draft: str) -> None:
    summary = msgspec.structs.replace(told(usual_story(), catalog), demo=DEMO, draft=draft)
    lines, cap = Pages(summary, paper).banner()
    assert " ".join(" ".join(lines).split()) == f"{DEMO} {draft}"
    assert all(width(line, cap, BOLD_WEIGHT) <= paper.inner for line in lines)
