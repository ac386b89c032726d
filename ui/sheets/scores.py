"""Scores: a number in a grid, a level with its words in one touch, a form item by item; and the list of all forms."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.clinical.rows import Level, Score
from app.clinical.scores import item_ids, item_levels, item_title, measured_in, signed, summed
from app.frames import Answer
from app.instant import Instant
from app.messages import AnyAct, TakeScore
from ui.screens.recovery import said_shorter
from ui.sheets.base import BackChips, Desk, Part, Sheet, clear
from ui.theme import BOLD_WEIGHT, GAP, HAZARD, NORMAL, Look, Token
from ui.widgets.target import Form, Role, State, Target
from ui.widgets.words import Words

_COLUMNS = 4
_ONE_COLUMN = 6
"""More levels than this stand in two columns."""
FORMS: Final = ("sum", "named-only")
"""The kinds of score that are taken item by item."""
ROW_GAP_MM: Final = 1.0
SAVE_MM: Final = 46.0
WORDS_ROOM_MM: Final = 1.2


def score_sheet(desk: Desk, score: str, parent: QWidget | None = None) -> Sheet:
    """The sheet that takes this score."""
    kind = desk.catalog.scores[score].kind
    return FormSheet(desk, score, parent) if kind in FORMS else ScoreSheet(desk, score, parent)


def in_lines(look: Look, text: str, room: float) -> str:
    """The text broken into lines that are no wider than `room`; a single word is never broken."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and look.width(longer, Token.TEXT, BOLD_WEIGHT) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


class ScoreSheet(Sheet):
    """A score of the table. Targets: "score.<number or code>". When it happened is chosen before the number."""

    def __init__(self, desk: Desk, score: str, parent: QWidget | None = None) -> None:
        """`score` is the table's id; its kind is number, level or category."""
        super().__init__(desk, parent)
        self.score: Score = self.catalog.scores[score]
        self.targets: dict[int | str, Target] = {}
        self.head.say(title=self._title())
        levels = self.score.kind != "number"
        self.back = BackChips(self, self.catalog.windows.back_min, upright=levels)
        if levels:
            self._add_levels()
        else:
            self._add_numbers()
            self.body.addLayout(self.row(self.back, None))
        self.show_touched()

    def _title(self) -> str:
        if self.score.total_range is None:
            return self.score.short
        low, high = (signed(self.score, end) for end in self.score.total_range)
        return f"{self.score.short}, {low} to {high}"

    def _add_numbers(self) -> None:
        low, high = self.score.total_range or (0, 10)
        grid = QGridLayout()
        grid.setSpacing(self.mm(GAP))
        for number in range(low, high + 1):
            target = self._made(number, f"{number}", token=Token.KEY)
            place = number - low
            grid.addWidget(target, place // _COLUMNS, place % _COLUMNS)
        self.body.addLayout(grid, 1)
        for target in self.targets.values():
            target.setMinimumHeight(self.mm(NORMAL))
            target.setMaximumHeight(self.mm(30.0))

    def _add_levels(self) -> None:
        levels = self._levels()
        if len(levels) > _ONE_COLUMN:
            body: Any = self._two_columns(levels)
        else:
            rows = [self._made(_value(one), self._words(one), note=one.text, form=Form.ROW) for one in levels]
            body = self.column(*rows, None)
        layout = self.row(body, self.column(None, self.back), gap_mm=HAZARD)
        layout.setStretch(0, 1)
        self.body.addLayout(layout)

    def _levels(self) -> list[Level]:
        if self.score.kind == "category":
            return list(self.score.levels)
        return sorted(self.score.levels, key=lambda one: one.points or 0, reverse=True)

    def _words(self, one: Level) -> str:
        return one.code if one.code is not None else signed(self.score, one.points or 0)

    def _two_columns(self, levels: list[Level]) -> QVBoxLayout:
        half = -(-len(levels) // 2)
        grid = QGridLayout()
        grid.setSpacing(self.mm(GAP))
        room = self.look.px(56.0)
        for number, one in enumerate(levels):
            words = in_lines(self.look, f"{self._words(one)}  {one.text}", room)
            grid.addWidget(self._made(_value(one), words), number % half, number // half)
        return self.column(grid, None)

    def _made(self, value: int | str, words: str, **kinds: object) -> Target:
        target = self.target(f"score.{value}", words, lambda: self._take(value), role=Role.NORMAL, **kinds)
        self.targets[value] = target
        return target

    def _take(self, value: int | str) -> None:
        self.targets[value].set_state(State.SAVING)
        back_min = self.back.minutes
        if isinstance(value, str):
            act = TakeScore(self.score.id, code=value, back_min=back_min)
        else:
            act = TakeScore(self.score.id, total=value, back_min=back_min)
        self.send(act, self.first_touch())

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Nothing was taken."""
        for target in self.targets.values():
            target.set_state(State.NORMAL)
        super().refused(act, answer)

    def asked(self, act: AnyAct, answer: Answer, at: Instant | None) -> None:
        """The same score within a minute is asked back."""
        for target in self.targets.values():
            target.set_state(State.NORMAL)
        super().asked(act, answer, at)

    def yes_words(self, act: AnyAct) -> str:
        """A second identical score."""
        return "Yes, again"


def _value(level: Level) -> int | str:
    return level.code if level.code is not None else (level.points or 0)


class FormSheet(Sheet):
    """A summed form, as many items as fit on a page. Targets: "item.<item>.<points>", "turn_items", "save".

    What the vital signs propose is marked and said with its evidence; only a touch chooses it.
    """

    def __init__(self, desk: Desk, score: str, parent: QWidget | None = None) -> None:
        """No item is chosen."""
        super().__init__(desk, parent)
        self.score: Score = self.catalog.scores[score]
        self.values: dict[str, int] = {}
        self.page = 0
        self.targets: dict[tuple[str, int], Target] = {}
        self.says: dict[str, Words] = {}
        self._laid: tuple[int, int, int] = (0, 0, 0)
        self.head.say(title=self.score.short)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(self.mm(GAP))
        self.body.addLayout(self.rows)
        self.body.addStretch(1)
        self.turn = self.target("turn_items", "Next items", self._turn)
        self.save = self.target("save", "Save", self._save, token=Token.STRONG)
        self.save.setMinimumWidth(self.mm(SAVE_MM))
        self.back = BackChips(self, self.catalog.windows.back_min)
        self.foot = Part(self)
        self.foot.setLayout(self.row(self.back, None, self.turn, self.save))
        self.body.addWidget(self.foot)
        self.show_touched()

    # ------------------------------------------------------------------ pages of items

    def items(self) -> tuple[str, ...]:
        """Every item of the form."""
        return item_ids(self.score)

    def _columns(self) -> int:
        return max(len(item_levels(self.score, item)) for item in self.items())

    def _level_room(self) -> float:
        """The width of the words in a level's target."""
        columns = self._columns()
        inner = self.width() - 2 * self.mm(2.9) - (columns - 1) * self.mm(GAP)
        return inner / columns - self.look.px(2 * WORDS_ROOM_MM)

    def _words(self, points: int, text: str) -> str:
        return in_lines(self.look, f"{points}  {text}".strip(), self._level_room())

    def _target_height(self, item: str) -> int:
        """As high as the longest words of the item's levels need."""
        lines = max(self._words(*level).count("\n") + 1 for level in item_levels(self.score, item))
        return max(self.mm(NORMAL), lines * self.look.line() + self.mm(1.0))

    def _paged(self) -> list[tuple[str, ...]]:
        """The items page by page, as many on each as there is height for."""
        room = self.height() - self.head.height() - self.mm(NORMAL) - self.mm(10.0)
        around = self.look.line() + self.mm(ROW_GAP_MM) + self.mm(GAP)
        pages: list[tuple[str, ...]] = [()]
        left = room
        for item in self.items():
            tall = self._target_height(item) + around
            if pages[-1] and tall > left:
                pages.append(())
                left = room
            pages[-1] = (*pages[-1], item)
            left -= tall
        return pages

    def refresh(self) -> None:
        """The items of the page, what is proposed for them, and what the form adds up to."""
        laid = (self.page, self.width(), self.height())
        if laid != self._laid:
            self._laid = laid
            self._lay_items()
        self._show_values()

    def _lay_items(self) -> None:
        clear(self.rows)
        self.targets, self.says = {}, {}
        pages = self._paged()
        self.page %= len(pages)
        for item in pages[self.page]:
            self.rows.addLayout(self._item(item))

    def _item(self, item: str) -> QVBoxLayout:
        title = self.words(item_title(self.score, item), weight=BOLD_WEIGHT)
        self.says[item] = self.words(role="text2")
        levels = QHBoxLayout()
        levels.setSpacing(self.mm(GAP))
        for points, text in item_levels(self.score, item):
            target = self.target(
                f"item.{item}.{points}", self._words(points, text), partial(self._choose, item, points)
            )
            target.setFixedHeight(self._target_height(item))
            target.setMinimumWidth(1)
            self.targets[item, points] = target
            levels.addWidget(target, 1)
        return self.column(self.row(title, self.says[item], None), levels, gap_mm=ROW_GAP_MM)

    def _proposed(self) -> dict[str, tuple[int, str]]:
        if self.snapshot is None or self.back.minutes:
            return {}
        found = [one for one in self.snapshot.proposals if one.score == self.score.id]
        return {one.item: (one.points, one.evidence) for one in found}

    def _show_values(self) -> None:
        proposed = self._proposed()
        for (item, points), target in self.targets.items():
            if self.values.get(item) == points:
                target.set_state(State.CHOSEN)
            elif item not in self.values and proposed.get(item, (None, ""))[0] == points:
                target.set_state(State.DUE)
            else:
                target.set_state(State.NORMAL)
        for item, says in self.says.items():
            counted = measured_in(self.score, item)
            says.set_text(self._said(item, *proposed[item]) if item in proposed else counted)
        self._show_foot()

    def _said(self, item: str, points: int, evidence: str) -> str:
        """A proposal in the room beside the item's title; a word is never cut."""
        title = self.look.width(item_title(self.score, item), Token.TEXT, BOLD_WEIGHT)
        room = self.width() - 2 * self.mm(3.2) - self.mm(GAP) - title
        whole = f"proposed {points}: {evidence}"
        said = [whole, *(f"{points}: {part}" for part in said_shorter(evidence) if part)]
        return next((text for text in said if self.look.width(text) <= room), f"proposed {points}")

    def _show_foot(self) -> None:
        pages = len(self._paged())
        self.turn.setVisible(pages > 1)
        self.turn.set_words("Next items" if self.page < pages - 1 else "First items")
        result = summed(self.score, self.values)
        if self.is_waiting():
            self.save.set_state(State.SAVING)
        elif not self.values:
            self.save.set_words("Save")
            self.save.set_state(State.BARRED, "choose an item")
        elif result.total is None:
            self.save.set_words("Save", second=f"{len(result.missing)} items missing")
            self.save.set_state(State.NORMAL)
        else:
            highest = self.score.total_range[1] if self.score.total_range else ""
            self.save.set_words(f"Save {result.total}", second=f"of {highest}")
            self.save.set_state(State.MAIN)

    # ------------------------------------------------------------------ touches

    def _choose(self, item: str, points: int) -> None:
        self.values[item] = points
        pages = self._paged()
        missing = [one for one in self.items() if one not in self.values]
        if missing and all(one in self.values for one in pages[self.page]):
            self.page = next(number for number, page in enumerate(pages) if missing[0] in page)
        self.refresh()

    def _turn(self) -> None:
        self.page = (self.page + 1) % len(self._paged())
        self.refresh()

    def _save(self) -> None:
        act = TakeScore(self.score.id, items=dict(self.values), back_min=self.back.minutes)
        self.send(act, self.touched_at)
        self.refresh()

    def yes_words(self, act: AnyAct) -> str:
        """A form with a missing item, or a second identical one."""
        return "Yes, keep it"

    def resizeEvent(self, event: Any) -> None:
        """Other widths break other lines."""
        super().resizeEvent(event)
        self.refresh()


class ScoreList(Sheet):
    """Every form of the table. Targets: "form.<score>"."""

    title = "Scores"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """In the order of the table."""
        super().__init__(desk, parent)
        grid = QGridLayout()
        grid.setSpacing(self.mm(GAP))
        for number, score in enumerate(self.catalog.scores.values()):
            target = self.target(
                f"form.{score.id}",
                score.short,
                partial(self.wants.emit, f"score.{score.id}"),
                icon=score.icon,
            )
            grid.addWidget(target, number // _COLUMNS, number % _COLUMNS)
        self.body.addLayout(grid)
        self.body.addStretch(1)
