"""Lines that are answered one at a time: the form of each, why it is not done, the second person's PIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.clinical.checkin_rows import Line
from app.frames import Answer, CheckLineFrame, Snapshot
from app.messages import AnyAct, CheckLine, TakeBaseline, TakeScore
from ui.screens.base import Screen
from ui.screens.check_baseline import BaselineForm
from ui.screens.check_form import LineForm
from ui.sheets.base import Desk, Part, slug
from ui.sheets.sign import PRESCRIBERS, SignPanel
from ui.theme import BOLD_WEIGHT, GAP, ICON_TARGET, Token
from ui.widgets.target import Form, State, Target

ICONS = {"done": "check", "skipped": "minus", "todo": "todo", "blocks": "warning"}
WRITE = "write-it"


class LineScreen(Screen):
    """What check-in and record share; each has an overview of its own.

    Targets of a line: "pick.<field>.<option>", "ask.<field>", "check_save", "check_alone", "check_accept",
    "check_skip", "check_back", "to_patient", "take_set"; reasons and scores are "choice.<words>"; the second person is
    "witness.<staff id>", "pin.<digit>", "witness_sign".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """No line is open."""
        super().__init__(desk, parent)
        self.line: Line | None = None
        self._reason = ""
        self._add_line()
        self._add_witness()

    def frames(self) -> Sequence[CheckLineFrame]:
        """The lines of the newest snapshot; each screen has its own."""
        return ()

    # ------------------------------------------------------------------ parts

    def _main(self, name: str, words: str, do: Callable[[], object], **kinds: object) -> Target:
        """The one main act of a part, as high as the rows."""
        target = self.target(name, words, do, **{"state": State.MAIN, "token": Token.STRONG, **kinds})
        target.setMinimumWidth(self.mm(60.0))
        return target

    def _add_line(self) -> None:
        self.line_part = Part(self)
        self.title = self.words(token=Token.STRONG, weight=BOLD_WEIGHT)
        self.asks = self.words(wrap=True, role="text2")
        self.form = LineForm(self, self._now)
        self.form.changed.connect(self._answered)
        self.baseline = BaselineForm(self)
        self.back = self.target("check_back", "Back", self.close_line, icon="undo", form=Form.LEFT)
        self.patient = self.target("to_patient", "Patient", lambda: self.wants.emit("patient"))
        self.skip = self.target("check_skip", "Not done", self._ask_skip)
        self.alone = self.target("check_alone", "Alone", self._ask_alone)
        self.accept = self.target("check_accept", "Accept it", self._ask_accept)
        self.save = self._main("check_save", "Done", self._save)
        self.take = self._main("take_set", "Take this set", self._take_set)
        for target in (self.save, self.take):
            target.barred_touched.connect(self.ask_card.refuse)
        layout = QVBoxLayout(self.line_part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.mm(GAP))
        layout.addLayout(self.row(self.title, self.asks, gap_mm=4.0))
        layout.itemAt(0).layout().setStretch(1, 1)  # type: ignore[union-attr]
        layout.addWidget(self.form)
        layout.addWidget(self.baseline)
        layout.addStretch(1)
        layout.addLayout(
            self.row(self.back, self.patient, self.skip, self.alone, None, self.accept, self.save, self.take)
        )
        self.line_part.hide()

    def _add_witness(self) -> None:
        self.witness_part = Part(self)
        back = self.target("witness_back", "Back", self._show_line, icon="undo", form=Form.LEFT)
        self.witness = SignPanel(self, "witness_sign", "Sign", prefix="witness", back=back)
        self.witness.signed.connect(self._witnessed)
        layout = QVBoxLayout(self.witness_part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.witness)
        self.witness_part.hide()

    def resizeEvent(self, event: object) -> None:
        """A line and the second person's PIN have the overview's place."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        for part in (self.line_part, self.witness_part):
            part.setGeometry(self.overview.geometry())

    def _only(self, part: QWidget) -> None:
        if part is not self._editor:
            self.hide_editor()
        for one in (self.overview, self.line_part, self.witness_part):
            one.setVisible(one is part)
        part.show()
        part.raise_()

    # ------------------------------------------------------------------ what it shows

    def begin(self, snapshot: Snapshot) -> None:
        """The overview."""
        self.line = None
        super().begin(snapshot)

    def refresh(self) -> None:
        """The line that is open; each screen adds its overview."""
        super().refresh()
        if self.snapshot is not None:
            self.baseline.show_snapshot(self.snapshot)
        self._show_foot()

    def _show_row(self, target: Target, line: CheckLineFrame) -> None:
        target.set_icon(ICONS[line.state])
        state = {"blocks": State.DUE, "todo": State.NORMAL}.get(line.state, State.QUIET)
        target.set_state(state)
        look = self.look
        room = (
            target.width()
            - look.width(line.label, Token.TEXT, BOLD_WEIGHT)
            - look.width(line.right, Token.TEXT, BOLD_WEIGHT)
        )
        room -= round(look.mm(ICON_TARGET) + look.px(12.4))
        if target.is_tall():
            room = target.width() - round(look.mm(ICON_TARGET) + look.px(8.2))
        right, note = line.right, self._fitted(line.words, room)
        if not note and line.state == "blocks":
            right, note = (
                "blocks",
                self._fitted(line.words, room + look.width(line.right) - look.width("blocks")),
            )
        target.set_words(line.label, value=right, note=note)
        target.setAccessibleName(f"{line.label}: {line.words}")

    def _fitted(self, words: str, room: float) -> str:
        """As many of the answers as fit whole."""
        parts = words.split(", ")
        for kept in range(len(parts), 0, -1):
            text = ", ".join(parts[:kept]) + ("" if kept == len(parts) else f" +{len(parts) - kept}")
            if self.look.width(text) <= room:
                return text
        return ""

    def _frame(self) -> CheckLineFrame | None:
        line = self.line
        return next((one for one in self.frames() if one.line == line.id), None) if line is not None else None

    def _now(self) -> datetime:
        return self.desk.clock().utc.astimezone(self.desk.zone)

    # ------------------------------------------------------------------ a line

    def open_line(self, line: str) -> None:
        """Asks what this line asks."""
        self.line = self.catalog.check_in.line(line)
        assert self.line is not None
        self._reason = ""
        frame = self._frame()
        values = frame.values if frame is not None else {}
        kept = {name: value for name, value in values.items() if name != "weight_kg"}
        self.title.set_text(self.line.label)
        self.asks.set_text(self._asks())
        self.form.setVisible(not self.line.sets)
        self.baseline.setVisible(self.line.sets)
        if self.line.sets:
            self.baseline.begin()
        else:
            self.form.begin(self.line, kept)
        self._show_line()
        self.refresh()

    def _asks(self) -> str:
        assert self.line is not None
        shot = self.snapshot
        if self.line.id == "fasting" and shot is not None and shot.check_in is not None:
            return f"{self.line.asks} {shot.check_in.fasting}"
        if self.line.id == "identity" and shot is not None and shot.patient is not None:
            person = shot.patient
            return f"{self.line.asks} {person.name}, born {person.birth_date}, MRN {person.mrn}."
        if self.line.id == "allergy" and shot is not None:
            return f"{self.line.asks} Recorded: {shot.header.allergy}."
        return self.line.asks

    def _show_line(self) -> None:
        self._only(self.line_part)
        self._show_foot()

    def close_line(self) -> None:
        """The overview again."""
        self.line = None
        self.ask_card.hide()
        self.stop_editing()

    def stop_editing(self) -> None:
        """Back to what was asked: the line, or the overview."""
        self._only(self.line_part if self.line is not None else self.overview)
        self.ask_card.hide()
        if self.line is None:
            self.refresh()
        else:
            self._show_foot()

    def _show_foot(self) -> None:
        line = self.line
        if line is None:
            return
        wanted = line.second == "wanted"
        stops = self._has_stop()
        self.patient.setVisible(line.id in ("identity", "weight", "allergy"))
        self.skip.setVisible(line.may_skip)
        self.alone.setVisible(wanted)
        self.accept.setVisible(stops)
        self.save.setVisible(not line.sets)
        self.take.setVisible(line.sets)
        lacks = self._lacks()
        self._show_save()
        for target in (self.save, self.alone, self.accept):
            main = State.MAIN if target is self.save else State.NORMAL
            target.set_state(State.BARRED if lacks else main, lacks)
        lacks = self.baseline.lacks()
        self.take.set_state(State.BARRED if lacks else State.MAIN, lacks)

    def _show_save(self) -> None:
        """What saves the line, in words."""
        wanted = self.line is not None and self.line.second == "wanted"
        self.save.set_words("Second person" if wanted else "Record it" if self._has_stop() else "Done")

    def _has_stop(self) -> bool:
        """Whether an answer here blocks the start until an anesthetist accepts it."""
        line, frame = self.line, self._frame()
        if line is None or line.sets or line.second == "wanted":
            return False
        values = self.form.values
        for field in line.field:
            value = values.get(field.id)
            picked = value if isinstance(value, tuple) else (value,)
            if any(option.stops and option.text in picked for option in field.options):
                return True
        return frame is not None and frame.state == "blocks" and frame.values == values

    def _lacks(self) -> str:
        line = self.line
        if line is None or line.sets:
            return ""
        for field in line.field:
            if field.id in self.form.values or field.optional:
                continue
            if not field.needed_if or not self.form.asks[field.id].isHidden():
                return f"{field.label} missing"
        return ""

    def _answered(self) -> None:
        """A line of one pick is saved by that touch, where nothing stands against it."""
        self._show_foot()
        line = self.line
        if line is not None and len(line.field) == 1 and line.field[0].kind == "pick":
            self._save()

    # ------------------------------------------------------------------ saving

    def _save(self) -> None:
        line = self.line
        if line is None:
            return
        if line.second == "wanted":
            self._ask_witness("Reads the value too", ())
            return
        self.send(CheckLine(line.id, "done", dict(self.form.values)))

    def _take_set(self) -> None:
        self.send(TakeBaseline(self.baseline.values()))

    def _ask_skip(self) -> None:
        assert self.line is not None
        line = self.line
        self._ask_reason(
            f"{line.label} not done: why?",
            line.reasons,
            lambda reason: self.send(CheckLine(line.id, "not done", {}, reason)),
        )

    def _ask_alone(self) -> None:
        assert self.line is not None
        line = self.line
        self._ask_reason(
            "Why is there no second person?",
            line.alone_reasons,
            lambda reason: self.send(CheckLine(line.id, "done", dict(self.form.values), reason)),
        )

    def _ask_accept(self) -> None:
        self._ask_reason("Why may the start go on?", self.catalog.order_choices.reasons[:-1], self._accept)

    def _accept(self, reason: str) -> None:
        line, shot = self.line, self.snapshot
        assert line is not None
        if shot is not None and any(role in PRESCRIBERS for role in shot.who_roles):
            self.send(CheckLine(line.id, "done", dict(self.form.values), reason))
            return
        self._reason = reason
        self._ask_witness("The anesthetist accepts it", PRESCRIBERS)

    def _ask_reason(self, title: str, reasons: tuple[str, ...], take: Callable[[str], object]) -> None:
        words = {slug(reason): reason for reason in reasons}

        def chosen(key: str) -> None:
            if key == WRITE:
                self.editor.ask_text(
                    title, written, check=lambda text: "" if text.strip() else "Type the reason."
                )
            else:
                written(words[key])

        def written(reason: str) -> None:
            self.stop_editing()
            take(reason)

        self._only(self.editor)
        self.editor.ask_choice(title, {**words, WRITE: "Write it"}, chosen)

    def _ask_witness(self, says: str, roles: tuple[str, ...]) -> None:
        shot = self.snapshot
        if shot is None or self.line is None:
            return
        self.witness.roles = roles
        others = tuple(row for row in shot.staff if row.staff != shot.who)
        self.witness.show_staff(others)
        self.witness.begin(f"{self.line.label}: {says.lower()}", "Sign")
        self._only(self.witness_part)

    def _witnessed(self, staff: str, pin: str) -> None:
        line = self.line
        if line is not None:
            self.send(CheckLine(line.id, "done", dict(self.form.values), self._reason, staff, pin))

    def edit(self):  # type: ignore[no-untyped-def]
        """The editor in place of the line; what was said of the line goes with it."""
        self.ask_card.hide()
        self._only(self.editor)
        return self.editor

    # ------------------------------------------------------------------ answers

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """A line closes; a set or a score leaves the baseline open until it is complete."""
        self.witness.answered()
        if isinstance(act, (TakeBaseline, TakeScore)):
            self.baseline.begin()
            frame = self._frame()
            if frame is not None and frame.state != "done":
                self.stop_editing()
                return
        self.close_line()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Beside the PIN, or over the line."""
        if not self.witness_part.isHidden():
            self.witness.refused(answer.reason)
            if answer.field in ("pin", "second"):
                return
            self._show_line()
        super().refused(act, answer)
