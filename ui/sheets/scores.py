"""Scores in one touch: a number in a grid, or a level with its words."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from app.clinical.rows import Level, Score
from app.frames import Answer
from app.instant import Instant
from app.messages import AnyAct, TakeScore
from ui.sheets.base import BackChips, Desk, Sheet
from ui.theme import GAP, HAZARD, NORMAL, Token
from ui.widgets.target import Form, Role, State, Target

_COLUMNS = 4
TAKEN_KINDS = ("number", "level")
"""The kinds of score that this sheet can take."""


class ScoreSheet(Sheet):
    """A score of the table. Targets: "score.<number>". When it happened is chosen before the number."""

    def __init__(self, desk: Desk, score: str, parent: QWidget | None = None) -> None:
        """`score` is the table's id; its kind is number or level."""
        super().__init__(desk, parent)
        self.score: Score = self.catalog.scores[score]
        self.targets: dict[int, Target] = {}
        self.head.say(title=self._title())
        levels = self.score.kind == "level"
        self.back = BackChips(self, self.catalog.windows.back_min, upright=levels)
        if levels:
            self._add_levels()
        else:
            self._add_numbers()
            self.body.addLayout(self.row(self.back, None))
        self.show_touched()

    def _title(self) -> str:
        low, high = self.score.total_range or (0, 0)
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
        levels = sorted(self.score.levels, key=_points, reverse=True)
        rows = [self._made(_points(one), f"{_points(one)}", note=one.text, form=Form.ROW) for one in levels]
        chips = self.column(None, self.back)
        layout = self.row(self.column(*rows, None), chips, gap_mm=HAZARD)
        layout.setStretch(0, 1)
        self.body.addLayout(layout)

    def _made(self, number: int, words: str, **kinds: object) -> Target:
        target = self.target(f"score.{number}", words, lambda: self._take(number), role=Role.NORMAL, **kinds)
        self.targets[number] = target
        return target

    def _take(self, number: int) -> None:
        self.targets[number].set_state(State.SAVING)
        self.send(TakeScore(self.score.id, total=number, back_min=self.back.minutes), self.first_touch())

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


def _points(level: Level) -> int:
    return level.points if level.points is not None else 0
