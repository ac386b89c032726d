"""One line of the check-in on the screen: pick lists in rows, and fields that open a keypad or the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.clinical.checkin import last_clock
from app.clinical.checkin_rows import Line, LineField
from app.clinical.dosing import lb_from_kg, shown
from app.entries import CheckValue
from ui.screens.base import Screen
from ui.sheets.base import clear, slug
from ui.theme import BOLD_WEIGHT, GAP
from ui.widgets.chips import Chips
from ui.widgets.target import Target

NONE = "none"
OTHER = "other"
LABEL_MM = 26.0


class FieldChips(QWidget):
    """The options of one field; "none of them" and the others exclude each other. `changed` at each touch.

    Targets: "pick.<field>.<option>", "pick.<field>.none", "pick.<field>.other".
    """

    changed = Signal()

    def __init__(
        self, screen: Screen, field: LineField, value: CheckValue | None, write: Callable[[], object]
    ) -> None:
        """What was answered is chosen; an answer of one's own is offered too."""
        super().__init__(screen)
        self.field = field
        self._write = write
        own = [text for text in value if text not in self._texts()] if isinstance(value, tuple) else []
        self.words = {slug(text): text for text in (*self._texts(), *own)}
        choices = list(self.words.items())
        choices += [(NONE, field.none.capitalize())] if field.none else []
        choices += [(OTHER, "Write another")] if field.other else []
        many = field.kind == "many"
        self.chips = Chips(screen.look, f"pick.{field.id}", choices, many=many, parent=self)
        self.chips.chosen.connect(self._touched)
        self._begin(value)
        self.label = screen.words(field.label, weight=BOLD_WEIGHT, wrap=True)
        self.label.setFixedWidth(screen.mm(LABEL_MM))
        row = screen.row(self.label, self.chips)
        row.setAlignment(self.label, Qt.AlignmentFlag.AlignTop)
        row.setStretch(1, 1)
        self.setLayout(row)

    def _texts(self) -> list[str]:
        return [option.text for option in self.field.options]

    def _begin(self, value: CheckValue | None) -> None:
        if isinstance(value, str):
            self.chips.pick(slug(value))
        elif isinstance(value, tuple):
            self.chips.pick_all([slug(text) for text in value] or [NONE])

    def _touched(self, key: str) -> None:
        if key == OTHER:
            self.chips.pick_all([one for one in self.chips.picked if one != OTHER])
            self._write()
            return
        if self.field.kind == "many":
            alone = [NONE] if key == NONE else [one for one in self.chips.picked if one != NONE]
            self.chips.pick_all(alone)
        self.changed.emit()

    def value(self) -> CheckValue | None:
        """What is chosen; None while nothing is."""
        picked = [self.words[key] for key in self.chips.picked if key in self.words]
        if self.field.kind == "pick":
            return picked[0] if picked else None
        return tuple(picked) if picked or NONE in self.chips.picked else None


class LineForm(QWidget):
    """The fields of a line. `changed` when an answer changes.

    Targets: "pick.<field>.<option>", "ask.<field>" for a time, a number or words.
    """

    changed = Signal()

    def __init__(self, screen: Screen, now: Callable[[], datetime]) -> None:
        """Empty until a line is begun."""
        super().__init__(screen)
        self.screen_ = screen
        self.now = now
        self.line: Line | None = None
        self.values: dict[str, CheckValue] = {}
        self.chips: dict[str, FieldChips] = {}
        self.asks: dict[str, Target] = {}
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(screen.mm(GAP))

    def begin(self, line: Line, values: dict[str, CheckValue]) -> None:
        """Asks what this line asks, from these answers."""
        self.line, self.values = line, dict(values)
        self._lay_out()

    def _lay_out(self) -> None:
        assert self.line is not None
        clear(self.body)
        self.chips, self.asks = {}, {}
        for field in self.line.field:
            if field.options:
                chips = FieldChips(
                    self.screen_, field, self.values.get(field.id), partial(self._write, field)
                )
                chips.changed.connect(self._picked)
                self.chips[field.id] = chips
                self.body.addWidget(chips)
        grid = QGridLayout()
        grid.setSpacing(self.screen_.mm(GAP))
        for number, field in enumerate(field for field in self.line.field if not field.options):
            target = self.screen_.field(f"ask.{field.id}", field.label, partial(self._ask, field))
            self.asks[field.id] = target
            grid.addWidget(target, number // 2, number % 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        self._show_asks()

    def _picked(self) -> None:
        self.screen_.stir()
        for field, chips in self.chips.items():
            value = chips.value()
            if value is None:
                self.values.pop(field, None)
            else:
                self.values[field] = value
        self._show_asks()
        self.changed.emit()

    def _show_asks(self) -> None:
        assert self.line is not None
        for field in self.line.field:
            if field.id in self.asks:
                needed = not field.needed_if or self._has_group(field.needed_if)
                self.asks[field.id].setVisible(needed)
                if not needed:
                    self.values.pop(field.id, None)
                self.screen_.show_field(self.asks[field.id], self._shown(field))

    def _has_group(self, group: str) -> bool:
        assert self.line is not None
        for field in self.line.field:
            value = self.values.get(field.id)
            picked = value if isinstance(value, tuple) else (value,)
            if any(option.group == group and option.text in picked for option in field.options):
                return True
        return False

    def _shown(self, field: LineField) -> str:
        value = self.values.get(field.id)
        if value is None:
            return "not asked" if field.optional else ""
        if field.kind == "clock":
            at = datetime.fromisoformat(str(value))
            return f"{at:%H:%M}" if at.date() == self.now().date() else f"{at:%d %b %H:%M}"
        if isinstance(value, int | float):
            pounds = f" ({shown(lb_from_kg(value), 1)} lb)" if field.unit == "kg" else ""
            return f"{value:g} {field.unit}{pounds}"
        return str(value)

    # ------------------------------------------------------------------ what it asks

    def _fill(self, field: LineField, value: CheckValue) -> None:
        self.values[field.id] = value
        self.screen_.stop_editing()
        self._show_asks()
        self.changed.emit()

    def _ask(self, field: LineField) -> None:
        match field.kind:
            case "clock":
                self._ask_hour(field)
            case "number":
                self._ask_number(field)
            case _:
                self._ask_text(field)

    def _ask_hour(self, field: LineField) -> None:
        self.screen_.edit().ask_number(
            f"{field.label}: hour",
            "h",
            lambda hour: self._ask_minute(field, int(hour)),
            decimals=0,
            digits=2,
            check=lambda hour: "" if 0 <= hour <= 23 else "0 to 23 is possible.",
            told="The last time that it was so late: today, or yesterday.",
        )

    def _ask_minute(self, field: LineField, hour: int) -> None:
        def take(minute: float) -> None:
            self._fill(field, last_clock(hour, int(minute), self.now()).isoformat())

        self.screen_.editor.ask_number(
            f"{field.label}: minutes",
            "min",
            take,
            decimals=0,
            digits=2,
            check=lambda minute: "" if 0 <= minute <= 59 else "0 to 59 is possible.",
            told=f"{hour:02d}:--",
        )

    def _ask_number(self, field: LineField) -> None:
        row = self.screen_.catalog.entry_range(field.range)

        def check(value: float) -> str:
            inside = row.entry_lowest <= value <= row.entry_highest
            return "" if inside else f"{row.entry_lowest:g} to {row.entry_highest:g} {row.unit} is possible."

        self.screen_.edit().ask_number(
            field.label,
            field.unit,
            lambda value: self._fill(field, value),
            decimals=row.decimals,
            digits=3,
            check=check,
        )

    def _ask_text(self, field: LineField) -> None:
        def check(text: str) -> str:
            return "" if text.strip() else "Type something."

        text = str(self.values.get(field.id, ""))
        editor = self.screen_.edit()
        editor.ask_text(
            field.label, lambda told: self._fill(field, told), text=text, names=not field.figures, check=check
        )
        if field.figures:
            editor.text.keyboard.layer = "figures"
            editor.text.keyboard.set_text(text)

    def _write(self, field: LineField) -> None:
        """An answer that the list lacks."""

        def take(text: str) -> None:
            value = self.values.get(field.id)
            self.values[field.id] = (*(value if isinstance(value, tuple) else ()), text)
            self.screen_.stop_editing()
            self._lay_out()
            self.changed.emit()

        self.screen_.edit().ask_text(
            field.label, take, check=lambda text: "" if text.strip() else "Type the name."
        )
