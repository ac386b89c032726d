"""The steps of an order: a staircase of steady rates and straight ramps, one line each, in the order's unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QGridLayout

from app.clinical.dosing import shown
from app.clinical.protocol import StepDraft
from ui.screens.base import Screen
from ui.sheets.base import Part
from ui.theme import GAP
from ui.widgets.target import Form, Role, State

MOST_STEPS = 10
"""More steps do not fit the screen; a ramp is one."""

Check = Callable[[float], str]
Done = Callable[[tuple[StepDraft, ...]], object]


def total_min(steps: tuple[StepDraft, ...]) -> float | None:
    """The minutes of all steps; None while one of them has none."""
    if not steps or any(step.minutes is None for step in steps):
        return None
    return sum(step.minutes for step in steps if step.minutes is not None)


def rate_words(step: StepDraft, unit: str) -> str:
    """A step's rate: "0.3 mg/kg/h", "0.1 to 0.5 mg/kg/h", "" while it has none."""
    if step.rate_from is None or step.rate_to is None:
        return ""
    if step.rate_from == step.rate_to:
        return f"{shown(step.rate_from, 3)} {unit}"
    return f"{shown(step.rate_from, 3)} to {shown(step.rate_to, 3)} {unit}"


def clock_words(minutes: float) -> str:
    """Minutes as h:mm."""
    whole = round(minutes)
    return f"{whole // 60}:{whole % 60:02d}"


class StepsEditor:
    """Lists the steps in the screen's editor and asks for each number there.

    Targets: "step.<n>" (from 1: its duration and rate anew), "step.add", "ramp.add", "step.remove", "editor.done".
    """

    def __init__(self, screen: Screen, check_minutes: Check) -> None:
        """`check_minutes` says what is wrong with the duration of one step."""
        self.screen = screen
        self.check_minutes = check_minutes
        self.steps: list[StepDraft] = []
        self.unit = ""
        self._done: Done = lambda _steps: None

    def begin(self, steps: tuple[StepDraft, ...], unit: str, done: Done) -> None:
        """Shows these steps; `done` gets what became of them at "Done"."""
        filled = [step for step in steps if step.minutes is not None and step.rate_from is not None]
        self.steps, self.unit, self._done = filled, unit, done
        self.show()

    def show(self) -> None:
        """The list."""
        screen = self.screen
        editor = screen.edit()
        editor.ask_part(f"Steps in {self.unit}", self._part(), self._finish)
        total = total_min(tuple(self.steps))
        editor.says.set_text(
            f"In all {clock_words(total or 0)} h:min" if self.steps else "No step yet.", "text2"
        )
        editor.says.show()

    def _part(self) -> Part:
        screen = self.screen
        part = Part(screen)
        grid = QGridLayout()
        grid.setSpacing(screen.mm(GAP))
        begins = 0.0
        for number, step in enumerate(self.steps):
            minutes = step.minutes or 0.0
            target = screen.target(
                f"step.{number + 1}",
                f"{clock_words(begins)} to {clock_words(begins + minutes)}",
                partial(self._ask, number, ramp=step.rate_from != step.rate_to),
                form=Form.PAIR,
            )
            target.set_words(target.words, value=rate_words(step, self.unit))
            grid.addWidget(target, number // 2, number % 2)
            begins += minutes
        add = screen.target("step.add", "Add a step", lambda: self._ask(len(self.steps)), role=Role.CRITICAL)
        ramp = screen.target(
            "ramp.add", "Add a ramp", lambda: self._ask(len(self.steps), ramp=True), role=Role.CRITICAL
        )
        remove = screen.target("step.remove", "Remove the last", self._remove, role=Role.CRITICAL)
        for target in (add, ramp):
            if len(self.steps) >= MOST_STEPS:
                target.set_state(State.BARRED, f"{MOST_STEPS} at most")
        if not self.steps:
            remove.set_state(State.BARRED, "no step yet")
        part.setLayout(screen.column(grid, screen.row(add, ramp, None, remove)))
        return part

    def _remove(self) -> None:
        if self.steps:
            del self.steps[-1]
        self.show()

    def _finish(self) -> None:
        self._done(tuple(self.steps) or (StepDraft(),))

    # ------------------------------------------------------------------ one step

    def _ask(self, place: int, *, ramp: bool = False) -> None:
        editor = self.screen.edit()
        name = f"{'Ramp' if ramp else 'Step'} {place + 1}"
        editor.ask_number(
            f"{name}: duration",
            "min",
            lambda minutes: self._ask_rate(place, minutes, ramp=ramp),
            check=self.check_minutes,
        )

    def _ask_rate(self, place: int, minutes: float, *, ramp: bool) -> None:
        editor = self.screen.edit()

        def steady(rate: float) -> None:
            self._set(place, StepDraft(minutes, rate, rate))

        def first(rate: float) -> None:
            self._ask_end(place, minutes, rate)

        title = "Ramp: rate at its start" if ramp else "Step: rate"
        editor.ask_number(title, self.unit, first if ramp else steady, decimals=3)

    def _ask_end(self, place: int, minutes: float, rate_from: float) -> None:
        self.screen.edit().ask_number(
            "Ramp: rate at its end",
            self.unit,
            lambda rate: self._set(place, StepDraft(minutes, rate_from, rate)),
            decimals=3,
        )

    def _set(self, place: int, step: StepDraft) -> None:
        self.steps[place : place + 1] = [step]
        self.show()
