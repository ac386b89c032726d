"""The baseline line on the screen: the values of now, each to be put right by hand, and the scores before the start."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from app.clinical.checkin_rows import Line
from app.clinical.vitals import NIBP, VITALS, Vital
from app.frames import Snapshot
from app.messages import TakeScore
from ui.screens.base import Screen
from ui.theme import GAP
from ui.widgets.target import Target


class BaselineForm(QWidget):
    """Targets: "rest.<vital>" opens the keypad, "base_score.<score>" its numbers as "choice.<number>"."""

    def __init__(self, screen: Screen) -> None:
        """The vital signs of the table's line."""
        super().__init__(screen)
        self.screen_ = screen
        self.line: Line = next(line for line in screen.catalog.check_in.lines.values() if line.sets)
        self.typed: dict[Vital, float] = {}
        self.live: dict[Vital, float] = {}
        self.vitals: dict[Vital, Target] = {}
        self.scores: dict[str, Target] = {}
        self.says = screen.words(role="text2", wrap=True)
        grid = QGridLayout()
        grid.setSpacing(screen.mm(GAP))
        offered = [
            vital for vital in (*self.line.vitals, *self.line.more_vitals) if vital is not Vital.NIBP_MEAN
        ]
        for number, vital in enumerate(offered):
            target = screen.field(f"rest.{vital.value}", VITALS[vital].label, partial(self._ask, vital))
            self.vitals[vital] = target
            grid.addWidget(target, number // 3, number % 3)
        below = -(-len(offered) // 3)
        for number, score in enumerate(self.line.scores):
            label = screen.catalog.scores[score].short
            target = screen.field(f"base_score.{score}", label, partial(self._ask_score, score))
            self.scores[score] = target
            grid.addWidget(target, below, number)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        self.setLayout(screen.column(self.says, grid))

    def begin(self) -> None:
        """A new set: nothing typed yet."""
        self.typed = {}

    def values(self) -> dict[Vital, float]:
        """What the set would hold now: typed values before live ones."""
        return {**self.live, **self.typed}

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The live values, the sets so far and the scores taken."""
        frame = snapshot.check_in
        if frame is None:
            return
        self.live = frame.resting
        values = self.values()
        for vital, target in self.vitals.items():
            value = values.get(vital)
            by_hand = ", by hand" if vital in self.typed else ""
            unit = VITALS[vital].unit
            shown = f"{VITALS[vital].text(value)} {unit}{by_hand}" if value is not None else "--"
            self.screen_.show_field(target, shown)
        last = {tile.key: tile.text for tile in snapshot.scores}
        for score, target in self.scores.items():
            self.screen_.show_field(target, "to take" if score in frame.lacks else last.get(score, "taken"))
        told = f"{frame.sets}." if frame.sets else "No set yet."
        if frame.next_set:
            told = f"{told} Another counts from {frame.next_set}."
        elif any(vital in self.line.vitals and vital not in values for vital in NIBP):
            apart = self.screen_.catalog.baseline.apart_at_least_min
            told = f"{told} A pressure counts for {apart:g} min: measure again, or touch it and type."
        self.says.set_text(told)

    def lacks(self) -> str:
        """What a set still lacks, in few words."""
        missing = [VITALS[vital].label for vital in self.line.vitals if vital not in self.values()]
        return f"{missing[0]} missing" if missing else ""

    def _ask(self, vital: Vital) -> None:
        row, spec = self.screen_.catalog.alarm_limits[vital], VITALS[vital]

        def take(value: float) -> None:
            self.typed[vital] = value
            self.screen_.stop_editing()

        def check(value: float) -> str:
            inside = row.entry_lowest <= value <= row.entry_highest
            return "" if inside else f"{row.entry_lowest:g} to {row.entry_highest:g} {row.unit} is possible."

        self.screen_.edit().ask_number(
            spec.label, spec.unit, take, decimals=spec.decimals, digits=3, check=check
        )

    def _ask_score(self, score: str) -> None:
        row = self.screen_.catalog.scores[score]

        def take(value: str) -> None:
            self.screen_.send(TakeScore(score, int(value)))
            self.screen_.stop_editing()

        if row.kind == "level":
            # A bare number does not say which of its ends is the awake one.
            levels = {f"{one.points}": f"{one.points}  {one.text}" for one in row.levels}
            self.screen_.edit().ask_choice(row.name, levels, take, columns=2)
            return
        low, high = row.total_range or (0, 10)
        numbers = {str(value): str(value) for value in range(low, high + 1)}
        self.screen_.edit().ask_choice(row.name, numbers, take, columns=6)
