"""The record's own lines and what it still lacks: each is answered here, or not recorded with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QGridLayout, QWidget

from app.frames import CheckLineFrame, FieldRow, RecordFrame, Snapshot
from app.messages import ExplainField, NameSupervisor
from ui.screens.check_line import WRITE, LineScreen
from ui.sheets.base import Desk, slug
from ui.sheets.sign import PRESCRIBERS
from ui.theme import BOLD_WEIGHT, GAP, NORMAL, Token
from ui.widgets.target import Form, State, Target

PER_PAGE: Final = 10
COLUMNS: Final = 2
GO: Final = "go-there"
PLACES: Final = {
    "account": "Go to the drugs",
    "supervisor": "Name who supervises",
    "chair": "Go to the chair",
}
"""Where else a field can still be answered."""


class RecordScreen(LineScreen):
    """Rows in two columns: the record's lines first, then each field that is missing, then what was explained.

    Targets: "record.<line>", "field.<id>", "more_fields", "back_from_record"; the form of a line as in the check-in;
    of a field "choice.go-there", "choice.<reason>", "choice.write-it"; who supervises "choice.<staff id>".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.field_row: FieldRow | None = None
        self.page = 0
        self.rows: dict[str, Target] = {}
        self._shown: tuple[str, ...] = ()
        self._add_overview()

    def _add_overview(self) -> None:
        self.grid = QGridLayout()
        self.grid.setSpacing(self.mm(GAP))
        for place in range(PER_PAGE // COLUMNS):
            self.grid.setRowStretch(place, 1)
            self.grid.setRowMinimumHeight(place, self.mm(NORMAL))
        for column in range(COLUMNS):
            self.grid.setColumnStretch(column, 1)
        self.count = self.words(token=Token.TEXT, weight=BOLD_WEIGHT)
        self.says = self.words(wrap=True, role="text2")
        self.leave = self.target(
            "back_from_record", "Back", lambda: self.wants.emit(""), icon="undo", form=Form.LEFT
        )
        self.more = self.target("more_fields", "More", self._turn)
        for target in (self.leave, self.more):
            target.setFixedHeight(self.mm(NORMAL) - 1)
        foot = self.row(self.leave, self.count, self.says, self.more)
        foot.setStretchFactor(self.says, 1)
        self.body.addLayout(self.grid, 1)
        self.body.addLayout(foot)

    # ------------------------------------------------------------------ what it shows

    def begin(self, snapshot: Snapshot) -> None:
        """The first page of the overview."""
        self.page, self.field_row = 0, None
        super().begin(snapshot)

    def frame(self) -> RecordFrame | None:
        """The record of the newest snapshot."""
        return self.snapshot.record if self.snapshot is not None else None

    def frames(self) -> Sequence[CheckLineFrame]:
        """The record's own lines, and those of the check-in that can be answered now."""
        frame = self.frame()
        return frame.lines if frame is not None else ()

    def refresh(self) -> None:
        """Each line and field with its words; the foot counts them."""
        super().refresh()
        frame = self.frame()
        if frame is None:
            return
        lines = [one for one in frame.lines if one.line in self.catalog.check_in.record_lines]
        total = len(lines) + len(frame.fields)
        pages = max(1, -(-total // PER_PAGE))
        self.page %= pages
        here = slice(self.page * PER_PAGE, (self.page + 1) * PER_PAGE)
        rows: list[CheckLineFrame | FieldRow] = [*lines, *frame.fields]
        shown = rows[here]
        self._offer(tuple(_name(one) for one in shown))
        for one in shown:
            if isinstance(one, CheckLineFrame):
                self._show_row(self.rows[_name(one)], one)
            else:
                self._show_field(self.rows[_name(one)], one)
        self.count.set_text(frame.count)
        self.says.set_text(frame.words, "text2")
        self.more.setVisible(pages > 1)
        self.more.set_words(f"More: {self.page + 1} of {pages}")

    def _offer(self, names: tuple[str, ...]) -> None:
        """Targets for these rows, in two columns."""
        if names == self._shown:
            return
        self._shown = names
        for target in self.rows.values():
            target.hide()
            self.grid.removeWidget(target)
            target.deleteLater()
        self.rows = {}
        half = PER_PAGE // COLUMNS
        for place, name in enumerate(names):
            kind, _, key = name.partition(".")
            do = self.open_line if kind == "record" else self.open_field
            target = self.target(name, "", partial(do, key), form=Form.ROW)
            self.rows[name] = target
            self.grid.addWidget(target, place % half, place // half)
            target.show()

    def _show_field(self, target: Target, row: FieldRow) -> None:
        """What is missing in the attention's colours and with its icon; what was explained is calm."""
        target.set_icon("warning" if row.missing else "minus")
        target.set_state(State.DUE if row.missing else State.QUIET)
        right = "missing" if row.missing else "not recorded"
        room = target.width() - sum(
            self.look.width(words, Token.TEXT, BOLD_WEIGHT) for words in (row.label, right)
        )
        target.set_words(row.label, value=right, note=self._fitted(row.words, room - self.mm(21.0)))
        target.setAccessibleName(f"{row.label}: {row.words}")

    def _turn(self) -> None:
        self.page += 1
        self.refresh()

    # ------------------------------------------------------------------ a field

    def open_line(self, line: str) -> None:
        """Asks what this line asks."""
        self.field_row = None
        super().open_line(line)

    def open_field(self, field: str) -> None:
        """The line that records it, where that can be asked now; else where it can be answered, or a reason."""
        frame = self.frame()
        row = next((one for one in frame.fields if one.field == field), None) if frame is not None else None
        if row is None:
            return
        named_elsewhere = row.place == "supervisor"
        if frame is not None and not named_elsewhere and row.line in {one.line for one in frame.lines}:
            super().open_line(row.line)
            self.field_row = row
            self._show_foot()
        else:
            self.field_row = row
            self._ask_skip()

    def close_line(self) -> None:
        """The overview again."""
        self.field_row = None
        super().close_line()

    def _show_foot(self) -> None:
        super()._show_foot()
        self.patient.hide()
        if self.line is not None and self.field_row is not None:
            self.skip.setVisible(True)

    def _ask_skip(self) -> None:
        """A line is not done; a field that was opened by itself is not recorded, and the rest of its line stays."""
        row = self.field_row
        if row is None:
            super()._ask_skip()
            return
        reasons = {slug(reason): reason for reason in self.catalog.record.reasons}
        go = {GO: PLACES[row.place]} if self._can_go(row) else {}
        self._only(self.editor)
        self.editor.ask_choice(
            f"{row.label}: not recorded, because",
            {**go, **reasons, WRITE: "Write it"},
            lambda key: self._explain(row, key, reasons),
            told=f"{row.words[:1].upper()}{row.words[1:]}.",
        )

    def _can_go(self, row: FieldRow) -> bool:
        """The chair is open until the session is finished."""
        finished = self.snapshot is not None and self.snapshot.phase == "finished"
        return bool(row.place) and not (row.place == "chair" and finished)

    def _explain(self, row: FieldRow, key: str, reasons: dict[str, str]) -> None:
        if key == GO:
            self._go(row)
        elif key == WRITE:
            self.editor.ask_text(
                f"{row.label}: not recorded, because",
                lambda text: self.send(ExplainField(row.field, text)),
                check=lambda text: "" if text.strip() else "Type the reason.",
            )
        else:
            self.send(ExplainField(row.field, reasons[key]))

    def _go(self, row: FieldRow) -> None:
        if row.place == "supervisor":
            staff = self.snapshot.staff if self.snapshot is not None else ()
            people = {one.staff: one.name for one in staff if any(r in PRESCRIBERS for r in one.roles)}
            self.editor.ask_choice("Who supervises?", people, lambda who: self.send(NameSupervisor(who)))
            return
        self.close_line()
        self.wants.emit("account" if row.place == "account" else "")

    # ------------------------------------------------------------------ who answers

    def _save(self) -> None:
        """A line that only a physician answers asks for their PIN, unless one is here."""
        line = self.line
        if line is not None and self._asks_physician():
            self._reason = ""
            self._ask_witness("the physician answers", line.signed_by)
            return
        super()._save()

    def _show_save(self) -> None:
        super()._show_save()
        if self._asks_physician():
            self.save.set_words("Physician signs")

    def _asks_physician(self) -> bool:
        line, shot = self.line, self.snapshot
        return (
            line is not None
            and bool(line.signed_by)
            and shot is not None
            and not any(role in line.signed_by for role in shot.who_roles)
        )


def _name(row: CheckLineFrame | FieldRow) -> str:
    return f"record.{row.line}" if isinstance(row, CheckLineFrame) else f"field.{row.field}"
