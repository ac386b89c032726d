"""The side effects: a matrix of effects and grades, one touch each, and what has gone again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.clinical.rows import Effect
from app.frames import Answer, LogLine
from app.messages import AnyAct, EndEffect, NoteEffect, Undo
from ui.sheets.base import BackChips, Desk, Part, Sheet, clear
from ui.theme import BOLD_WEIGHT, GAP, MEDIUM_WEIGHT, NORMAL, Look, Token
from ui.widgets.target import Form, State, Target
from ui.widgets.words import Words

GRADES = (1, 2, 3, 4)
_WIDE_FROM_MM = 212.0
_NAME_MM = 33.0
_NAME_LINE_MM = 5.4
_BLOCK_GAP_MM = 2.2


@dataclass(frozen=True)
class Shape:
    """How the matrix lies: names beside their grades where there is room, else above them."""

    beside: bool
    rows: int


def shape_of(look: Look, width: int, height: int) -> Shape:
    """The shape for a room in pixels."""
    beside = look.metrics.in_mm(width) >= _WIDE_FROM_MM
    room_mm = look.metrics.in_mm(height) - _NAME_LINE_MM
    pitch_mm = NORMAL + GAP if beside else NORMAL + _NAME_LINE_MM + _BLOCK_GAP_MM
    return Shape(beside, max(1, int((room_mm + GAP) / pitch_mm)))


class EffectSheet(Sheet):
    """Every side effect with grades 1 to 4. Targets: "effect.<id>.<grade>", "gone.<id>", "more_effects".

    Beside a noted effect stands "drug.<id>": the drug and the dose that the table names for it.
    """

    title = "Side effect"

    def __init__(self, desk: Desk, effect: str = "", parent: QWidget | None = None) -> None:
        """Opens on the page that shows `effect`, if one is named."""
        super().__init__(desk, parent)
        self.effect = effect
        self.effects = self.catalog.effect_matrix()
        self.page = 0
        self.shows_gone = False
        self.chips: dict[tuple[str, int], Target] = {}
        self._noted: tuple[str, int] | None = None
        self._shape: Shape | None = None
        self._gone: tuple[LogLine, ...] = ()
        self.close_target.setObjectName("done")
        self.close_target.set_words("Done")
        self.close_target.set_icon("check")
        self.undo = self.target("undo", "Undo", self._undo, icon="undo", form=Form.LEFT)
        self.undo.set_state(State.BARRED)
        self.room = Part(self)
        self.body.addWidget(self.room, 1)
        self.back = BackChips(self, self.catalog.windows.back_min)
        self.more = self.target(
            "more_effects", "More effects", self._more, icon="more", form=Form.LEFT, alternatives=("More",)
        )
        self.gone = self.target("gone", "Gone", self._toggle_gone, icon="check", form=Form.LEFT)
        self.gone.hide()
        self.answer = self.target("answer", "", self._answer)
        self.answer.hide()
        self._answered: tuple[str, float] | None = None
        self.body.addLayout(self.row(self.back, None, self.answer, self.gone, self.more))
        self.show_touched()

    def under(self) -> list[Target]:
        """Done and Undo."""
        return [self.close_target, self.undo]

    # ------------------------------------------------------------------ the matrix

    def resizeEvent(self, event: object) -> None:
        """Lies as the room allows."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.layout().activate()  # type: ignore[union-attr]
        shape = shape_of(self.look, self.room.width(), self.room.height())
        if shape != self._shape:
            self._shape = shape
            self._open_on(self.effect)
            self._fill()

    def _per_page(self) -> int:
        return 2 * self._shape.rows if self._shape is not None else 8

    def _pages(self) -> int:
        return -(-len(self.effects) // self._per_page())

    def _open_on(self, effect: str) -> None:
        places = [place for place, row in enumerate(self.effects) if row.id == effect]
        self.page = places[0] // self._per_page() if places else 0

    def _more(self) -> None:
        self.shows_gone = False
        self.page = (self.page + 1) % self._pages()
        self._fill()

    def _toggle_gone(self) -> None:
        self.shows_gone = not self.shows_gone
        self._fill()

    def _fill(self) -> None:
        old = self.room.layout()
        if old is not None:
            clear(old)
            Part().setLayout(old)
        self.chips.clear()
        if self.shows_gone:
            self._fill_gone()
        else:
            self._fill_matrix()
        self.refresh()

    def _fill_matrix(self) -> None:
        assert self._shape is not None
        start = self.page * self._per_page()
        shown = self.effects[start : start + self._per_page()]
        rows = self._shape.rows
        columns = [self._matrix_column(shown[:rows]), self._matrix_column(shown[rows:])]
        self.room.setLayout(self.row(columns[0], columns[1], gap_mm=5.0))

    def _matrix_column(self, effects: tuple[Effect, ...]) -> QWidget:
        assert self._shape is not None
        column = Part(self.room)
        grid = QGridLayout(column)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self.mm(GAP))
        grid.setVerticalSpacing(self.mm(GAP) if self._shape.beside else self.mm(0.6))
        first = 1 if self._shape.beside else 0
        for grade in GRADES if effects else ():
            heads = {row.grade: row.short for row in self.catalog.grades}
            head = self._label(heads.get(grade, ""), MEDIUM_WEIGHT, "text2", Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(head, 0, first + grade - 1)
        for number, effect in enumerate(effects):
            self._add_effect(grid, effect, number)
        grid.setRowStretch(grid.rowCount(), 1)
        for place in range(4):
            grid.setColumnStretch(first + place, 1)
        return column

    def _add_effect(self, grid: QGridLayout, effect: Effect, number: int) -> None:
        assert self._shape is not None
        chosen = effect.id == self.effect
        name = self._label(effect.short, BOLD_WEIGHT if chosen else MEDIUM_WEIGHT, "text")
        if self._shape.beside:
            name.setMinimumWidth(self.mm(_NAME_MM))
            grid.addWidget(name, 1 + number, 0)
            row, first = 1 + number, 1
        else:
            grid.addWidget(name, 1 + 2 * number, 0, 1, 4)
            row, first = 2 + 2 * number, 0
        for grade in GRADES:
            chip = self.target(
                f"effect.{effect.id}.{grade}",
                f"{grade}",
                partial(self._note, effect.id, grade),
                token=Token.CRITICAL,
            )
            self.chips[effect.id, grade] = chip
            grid.addWidget(chip, row, first + grade - 1)

    def _label(
        self,
        text: str,
        weight: int,
        role: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> Words:
        return Words(self.look, text, weight=weight, role=role, align=align, parent=self.room)

    # ------------------------------------------------------------------ what has gone

    def _open_effects(self) -> tuple[LogLine, ...]:
        log = self.snapshot.log if self.snapshot is not None else ()
        return tuple(line for line in log if line.open_effect and not line.struck)

    def _fill_gone(self) -> None:
        self._gone = self._open_effects()
        rows: list[QWidget | None] = [self._label("Touch what has gone.", MEDIUM_WEIGHT, "text2")]
        for line in self._gone[:4]:
            target = self.target(
                f"gone.{line.key or line.entry}",
                line.text,
                partial(self._end, line),
                value=f"since {line.at}",
                form=Form.ROW,
            )
            rows.append(target)
        self.room.setLayout(self.column(*rows, None))

    def _end(self, line: LogLine) -> None:
        self.send(EndEffect(line.entry, self.back.minutes), self.first_touch())
        self.shows_gone = False
        self._fill()

    # ------------------------------------------------------------------ acts

    def _note(self, effect: str, grade: int) -> None:
        self._noted = (effect, grade)
        self.send(NoteEffect(effect, grade, self.back.minutes), self.first_touch())
        self.back.choose(0)
        self._show_noted(saving=True)

    def _answer(self) -> None:
        if self._answered is not None:
            drug, dose = self._answered
            self.wants.emit(f"drug.{drug}.{dose:g}")

    def _show_answer(self) -> None:
        """The drug that the table names for what was just noted, with its dose; none that is barred."""
        self._answered = self._drug_for(self._noted[0]) if self._noted and not self.is_waiting() else None
        self.answer.setVisible(self._answered is not None)
        self.gone.set_icon("check" if self._answered is None else "")
        if self._answered is not None:
            drug, dose = self._answered
            self.answer.setObjectName(f"drug.{drug}")
            self.answer.set_words(
                f"{self.catalog.drugs[drug].name}\n{dose:g} {self.catalog.drugs[drug].unit}"
            )

    def _drug_for(self, effect: str) -> tuple[str, float] | None:
        named = next(row.drugs for row in self.effects if row.id == effect)
        frames = self.snapshot.drugs if self.snapshot is not None else ()
        for frame in frames:
            free = [choice for choice in frame.doses if not choice.barred and not choice.needs_reason]
            if frame.drug in named and free and not (frame.barred or frame.needs_reason):
                return frame.drug, next((choice for choice in free if choice.usual), free[0]).dose
        return None

    def _undo(self) -> None:
        if self.snapshot is not None and self.snapshot.undo is not None:
            self.send(Undo(self.snapshot.undo.entry))

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The matrix stays open for the next effect."""
        if isinstance(act, Undo):
            self._noted = None
        elif isinstance(act, NoteEffect) and act.grade >= self.catalog.emergency_grade:
            self.wants.emit(f"emergency.{act.effect}")

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Nothing was noted."""
        self._noted = None
        super().refused(act, answer)

    def yes_words(self, act: AnyAct) -> str:
        """A second identical entry is noted again only on purpose."""
        return "Yes, again"

    def _show_noted(self, *, saving: bool) -> None:
        for key, chip in self.chips.items():
            noted = key == self._noted
            chip.set_state((State.SAVING if saving else State.MAIN) if noted else State.NORMAL)

    def refresh(self) -> None:
        """The last noted grade is lit once it is on disk; Undo counts down."""
        if self.snapshot is None:
            return
        saved = self.snapshot.saved
        if self._noted is not None:
            self._show_noted(saving=self.is_waiting() or saved.state == "saving")
            self.head.say_saved(saved)
        else:
            self._show_noted(saving=False)
        self._show_answer()
        undo = self.snapshot.undo
        # Always there: a Done that makes room for it would put Undo under the finger that touches Done.
        self.undo.set_state(State.BARRED if undo is None else State.NORMAL)
        self.undo.set_words("Undo" if undo is None else f"Undo {undo.seconds_left} s")
        still = self._open_effects()
        self.gone.setVisible(bool(still) or self.shows_gone)
        self.gone.set_state(State.CHOSEN if self.shows_gone else State.NORMAL)
        if self.shows_gone and still != self._gone:
            self._fill()
