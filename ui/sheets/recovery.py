"""Recovery by touch: every line, what a person looks at, a physician's word, the instructions, the discharge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.frames import Answer, CriterionRow
from app.messages import AcceptCriterion, AnyAct, CheckCriterion, NoteInstructions, SignDischarge
from app.roles import CARES
from ui.leaflet import LeafletPages
from ui.printing import Outcome, Printing
from ui.screens.recovery import said_shorter
from ui.sheets.base import BackChips, Choice, Desk, Part, Sheet, clear
from ui.sheets.scores import in_lines
from ui.sheets.sign import PRESCRIBERS, SignPanel
from ui.sheets.text import TextPanel
from ui.theme import BOLD_WEIGHT, CRITICAL, GAP, NORMAL, Token
from ui.widgets.chips import Chips
from ui.widgets.target import Role, State, Target

STATE_ICONS: Final = {
    "met": "check",
    "accepted": "user",
    "holding": "clock",
    "todo": "note",
    "unmet": "cross",
}
WRITE: Final = "write"
HOW: Final = {"home": "Home", "transferred": "Transferred", "against-advice": "Against advice"}
COLUMNS: Final = 2
NO_BREAK: Final = "\N{NO-BREAK SPACE}"


class LineGrid(QWidget):
    """Criteria as targets in two columns, page by page. `chosen` is called with the row that was touched."""

    def __init__(self, sheet: Sheet, chosen: Callable[[CriterionRow], object]) -> None:
        """Empty until shown rows."""
        super().__init__(sheet)
        self.sheet = sheet
        self.rows: tuple[CriterionRow, ...] = ()
        self.page = 0
        self._chosen = chosen
        self._made_of: object = None
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(sheet.mm(GAP))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def per_page(self, room: int) -> int:
        """How many rows fit in this height."""
        tall = max(self.sheet.mm(NORMAL), 3 * self.sheet.look.line() + self.sheet.mm(1.0))
        return COLUMNS * max(1, (room + self.sheet.mm(GAP)) // (tall + self.sheet.mm(GAP)))

    def show_rows(self, rows: tuple[CriterionRow, ...], room: int) -> int:
        """Shows the rows of the page; gives how many pages there are."""
        count = self.per_page(room)
        pages = max(1, -(-len(rows) // count))
        self.page %= pages
        shown = rows[self.page * count : (self.page + 1) * count]
        if (shown, self.width()) != self._made_of:
            self._made_of = (shown, self.width())
            clear(self.grid)
            for place, row in enumerate(shown):
                self.grid.addWidget(self._target(row), place // COLUMNS, place % COLUMNS)
        return pages

    def _target(self, row: CriterionRow) -> Target:
        look = self.sheet.look
        room = (self.width() - self.sheet.mm(GAP)) / COLUMNS - look.px(2.8)
        words = in_lines(look, row.text.replace(" min", NO_BREAK + "min"), room)
        said = [f"{row.right}: {part}" if part else row.right for part in said_shorter(row.evidence)]
        second = next((text for text in said if look.width(text) <= room), row.right)
        target = self.sheet.target(f"criterion.{row.key}", words, partial(self._chosen, row), second=second)
        target.setMinimumHeight(
            max(self.sheet.mm(NORMAL), (words.count("\n") + 2) * look.line() + self.sheet.mm(1.0))
        )
        target.setMinimumWidth(1)
        target.set_state(State.DUE if row.state in ("todo", "unmet") else State.NORMAL)
        return target


class CriteriaSheet(Sheet):
    """Every line, those not met first; a touch opens what can be done. Targets: "criterion.<id>", "more_lines"."""

    title = "Ready to go home?"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.lines = LineGrid(self, self._open_row)
        self.more = self.target("more_lines", "More lines", self._turn)
        self.body.addWidget(self.lines)
        self.body.addStretch(1)
        self.body.addLayout(self.row(None, self.more))

    def refresh(self) -> None:
        """The lines as they stand."""
        if self.snapshot is None or self.snapshot.recovery is None:
            return
        frame = self.snapshot.recovery
        self.head.say(title=frame.title)
        room = self.height() - self.head.height() - self.mm(NORMAL) - self.mm(12.0)
        rows = tuple(sorted(frame.rows, key=lambda row: row.state in ("met", "accepted")))
        self.more.setVisible(self.lines.show_rows(rows, room) > 1)

    def _open_row(self, row: CriterionRow) -> None:
        if row.opens:
            self.wants.emit(row.opens)
        else:
            self.ask_card.refuse(f"{row.text}: {row.evidence}.")

    def _turn(self) -> None:
        self.lines.page += 1
        self.refresh()


class CheckSheet(Sheet):
    """What a person looks at: an answer of the table in one touch, or written.

    Targets: "answer.<n>", "answer.write", and apart from them "not.<n>".
    """

    def __init__(self, desk: Desk, criterion: str, parent: QWidget | None = None) -> None:
        """`criterion` is a check of the table."""
        super().__init__(desk, parent)
        self.criterion = self.catalog.discharge_criteria[criterion]
        self.head.say(title=self.criterion.words)
        self.good = self._chips("answer", self.criterion.answers, with_write=True)
        self.bad = self._chips("not", self.criterion.answers_not)
        self.note = self.words(self._note(), wrap=True, role="text2")
        self.text = TextPanel(
            self, self.criterion.words, longest=self.catalog.text_entry.name_longest, names=True
        )
        self.text.done.connect(self._written)
        self.text.hide()
        self.back = BackChips(self, self.catalog.windows.back_min)
        self.choices = Part(self)
        self.not_words = self.words("Not met:", weight=BOLD_WEIGHT)
        self.choices.setLayout(self.column(self.note, self.good, self.not_words, self.bad))
        self.body.addWidget(self.choices)
        self.body.addStretch(1)
        self.body.addWidget(self.text)
        self.body.addLayout(self.row(self.back, None))
        self.show_touched()

    def _note(self) -> str:
        prose = self.catalog.notes.get(f"discharge_criterion/{self.criterion.id}/check", "")
        return f"{prose[:1].upper()}{prose[1:]}"

    def _chips(self, prefix: str, answers: tuple[str, ...], *, with_write: bool = False) -> Chips:
        choices = [(f"{number}", words) for number, words in enumerate(answers)]
        choices += [(WRITE, "Write it")] if with_write else []
        chips = Chips(self.look, prefix, choices, parent=self)
        chips.chosen.connect(partial(self._chosen, prefix == "answer", answers))
        return chips

    def _chosen(self, ok: bool, answers: tuple[str, ...], key: str) -> None:
        self.stir()
        if key == WRITE:
            self.choices.hide()
            self.text.show()
            return
        self._send(answers[int(key)], ok=ok)

    def _written(self, text: str) -> None:
        if text.strip():
            self._send(text.strip(), ok=True)

    def _send(self, text: str, *, ok: bool) -> None:
        self.send(CheckCriterion(self.criterion.id, text, ok, self.back.minutes), self.touched_at)


class InstructionsSheet(CheckSheet):
    """The patient's instructions: printed or saved, and then given. Targets: "print_leaflet", "save_leaflet"."""

    def __init__(self, desk: Desk, printing: Printing | None, parent: QWidget | None = None) -> None:
        """Without printing there is nothing but the answer."""
        super().__init__(desk, "instructions", parent)
        self.printing = printing
        self.outcome = self.words(wrap=True, weight=BOLD_WEIGHT)
        self.print_target = self.target(
            "print_leaflet", "Print", partial(self._print, to_file=False), icon="print", state=State.MAIN
        )
        self.save_target = self.target("save_leaflet", "Save as PDF", partial(self._print, to_file=True))
        self.parts = self.words(wrap=True)
        self.visit = self.target("next_visit", "Next visit", lambda: self.wants.emit("next_visit"))
        self.leaflet_part = Part(self)
        acts = self.row(self.print_target, self.save_target, self.visit, None)
        self.leaflet_part.setLayout(self.column(self.parts, self.outcome, acts))
        self.leaflet_part.setVisible(printing is not None)
        self.body.insertWidget(0, self.leaflet_part)

    def refresh(self) -> None:
        """What will be printed."""
        frame = self.snapshot.recovery if self.snapshot is not None else None
        if frame is not None and frame.leaflet is not None:
            titles = "; ".join(part.title for part in frame.leaflet.parts)
            self.parts.set_text(f"{frame.leaflet.title}: {titles}.")
        if self.snapshot is not None:
            self.visit.set_words("Next visit", second=self.snapshot.next_visit or "not set")
        self.leaflet_part.setVisible(self.printing is not None and self.text.isHidden())

    def _print(self, *, to_file: bool) -> None:
        frame = self.snapshot.recovery if self.snapshot is not None else None
        if frame is None or frame.leaflet is None or self.printing is None:
            return
        pages = LeafletPages(frame.leaflet, self.printing.paper)
        at = self.desk.clock().utc
        name = frame.leaflet.session
        outcome = (
            self.printing.save_pages(pages, name, at)
            if to_file
            else self.printing.print_pages(pages, name, at)
        )
        self._say(outcome)

    def _say(self, outcome: Outcome) -> None:
        self.outcome.set_text(outcome.words)
        self.send(NoteInstructions(outcome.target, outcome.words, outcome.pages))

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """A printed page leaves the sheet open for the answer."""
        if not isinstance(act, NoteInstructions):
            super().taken(act, answer)


class AcceptSheet(Sheet):
    """A physician's word on a line: a reason, then the PIN. Targets: "reason.<n>", "reason.write", "accept_now"."""

    title = "A physician accepts"

    def __init__(self, desk: Desk, criterion: str, parent: QWidget | None = None) -> None:
        """`criterion` is a line that is not met."""
        super().__init__(desk, parent)
        self.criterion = criterion
        self.reason = ""
        self.says = self.words(token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True)
        reasons = self.catalog.discharge.accept_reasons
        choices = [(f"{number}", words) for number, words in enumerate(reasons)]
        self.reasons = Chips(self.look, "reason", [*choices, (WRITE, "Write it")], parent=self)
        self.reasons.chosen.connect(self._choose)
        self.text = TextPanel(self, "Reason", longest=self.catalog.text_entry.note_longest)
        self.text.done.connect(self._written)
        self.sign = SignPanel(self, "accept_now", "Accept", roles=PRESCRIBERS)
        self.sign.signed.connect(self._signed)
        self.body.addWidget(self.says)
        self.body.addWidget(self.reasons)
        self.body.addStretch(1)
        self.body.addWidget(self.text)
        self.body.addWidget(self.sign, 10)
        self.text.hide()
        self.sign.hide()

    def refresh(self) -> None:
        """The line as it stands, and who may sign."""
        if self.snapshot is None or self.snapshot.recovery is None:
            return
        for row in self.snapshot.recovery.rows:
            if row.key == self.criterion:
                self.says.set_text(f"{row.text}: {row.evidence}")
        self.sign.show_staff(self.snapshot.staff, self.snapshot.who)

    def _choose(self, key: str) -> None:
        self.stir()
        if key == WRITE:
            self.reasons.hide()
            self.text.show()
        else:
            self._written(self.catalog.discharge.accept_reasons[int(key)])

    def _written(self, text: str) -> None:
        if not text.strip():
            return
        self.reason = text.strip()
        for part in (self.reasons, self.text, self.says):  # the keys of the PIN need the height
            part.hide()
        self.sign.begin(f"{self.says.text}. {self.reason}", "Accept")
        self.sign.show()

    def _signed(self, staff: str, pin: str) -> None:
        self.send(AcceptCriterion(self.criterion, self.reason, staff, pin))

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Beside the PIN."""
        self.sign.refused(answer.reason)

    def yes_words(self, act: AnyAct) -> str:
        """A line that the table does not let go as a rule."""
        return "Yes, go without it"


class DischargeSheet(Sheet):
    """How the patient leaves, what bars it, and the anesthetist's signature.

    Targets: "how.<home|transferred|against-advice>", "criterion.<id>", "more_lines", "departure.<n>",
    "companion.<escort|write>", "reason.<n>", "reason.write", "sign_discharge", then
    "signer.<id>", "pin.<digit>", "sign_now".
    """

    title = "Discharge"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Home, with the escort that was checked."""
        super().__init__(desk, parent)
        self.reason = ""
        self.companion = ""
        self._writes = ""
        self.how = Choice(self, "how", dict(HOW))
        self.how.choose("home")
        self.how.chosen.connect(lambda _how: self._chose_how())
        self.says = self.words(weight=BOLD_WEIGHT, wrap=True)
        self.lines = LineGrid(self, lambda row: self.wants.emit(f"accept.{row.key}"))
        departures = [(f"{n}", words) for n, words in enumerate(self.catalog.discharge.departures)]
        self.departure = Chips(self.look, "departure", departures, parent=self)
        self.departure.chosen.connect(lambda _key: self.refresh())
        self.with_whom = Chips(self.look, "companion", (), parent=self)
        self.with_whom.chosen.connect(self._chose_companion)
        self.reasons = Chips(self.look, "reason", (), parent=self)
        self.reasons.chosen.connect(self._chose_reason)
        self.text = TextPanel(self, "With", longest=self.catalog.text_entry.name_longest)
        self.text.done.connect(self._written)
        self.go = self.target(
            "sign_discharge", "Sign", self._begin_signing, role=Role.CRITICAL, token=Token.STRONG
        )
        self.go.setMinimumWidth(self.mm(56.0))
        self.more = self.target("more_lines", "More lines", self._turn)
        self.sign = SignPanel(self, "sign_now", "Sign discharge")
        self.sign.signed.connect(self._signed)
        self.choices = Part(self)
        self.choices.setLayout(
            self.column(self.how, self.says, self.lines, self.departure, self.with_whom, self.reasons, None)
        )
        self.foot = Part(self)
        self.foot.setLayout(self.row(self.more, None, self.go))
        self.body.addWidget(self.choices, 1)
        self.body.addWidget(self.text)
        self.body.addWidget(self.foot)
        self.body.addWidget(self.sign, 10)
        self.text.hide()
        self.sign.hide()

    # ------------------------------------------------------------------ what is shown

    def refresh(self) -> None:
        """What bars it, and what has still to be said."""
        shot = self.snapshot
        if shot is None or shot.recovery is None or not self.sign.isHidden():
            if shot is not None:
                self.sign.show_staff(shot.staff, shot.who)
            return
        bars = self._bars()
        home = self.how.value == "home"
        barred = home and bool(bars)
        self.lines.setVisible(barred)
        room = self.height() - self.head.height() - self.mm(NORMAL + CRITICAL + 20.0)
        self.more.setVisible(barred and self.lines.show_rows(bars, room) > 1)
        self.departure.setVisible(not barred)
        self.with_whom.setVisible(not barred)
        self.reasons.setVisible(not home)
        self._offer_companions(shot.recovery.companion)
        self._offer_reasons()
        self.says.set_text(self._words(bars, home=home))
        lacks = self._lacks(bars, home=home)
        self.go.set_state(State.BARRED if lacks else State.MAIN, lacks)

    def _bars(self) -> tuple[CriterionRow, ...]:
        assert self.snapshot is not None
        assert self.snapshot.recovery is not None
        rows = self.snapshot.recovery.rows
        return tuple(row for row in rows if row.state not in ("met", "accepted"))

    def _words(self, bars: tuple[CriterionRow, ...], *, home: bool) -> str:
        if home and bars:
            return f"{_lines_words(len(bars))} not met yet. A physician may accept a line, with a reason."
        if home:
            return "Every line is met or accepted. How, and with whom?"
        return f"{_lines_words(len(bars))} not met. Say why, how and with whom."

    def _lacks(self, bars: tuple[CriterionRow, ...], *, home: bool) -> str:
        if home and bars:
            return f"{_lines_words(len(bars))} not met yet"
        if not home and not self.reason:
            return "needs a reason"
        if not self.departure.picked:
            return "choose how"
        return "" if self.companion or not home else "choose with whom"

    def _offer_companions(self, escort: str) -> None:
        names = [name for name in (escort, self.companion) if name]
        choices = [("escort", f"With {name}") for name in names[:1]] if not self.companion else []
        if self.companion:
            choices = [("escort", f"With {self.companion}")]
        choices.append((WRITE, "With somebody else" if names else "With whom?"))
        if [key for key, _ in choices] != list(self.with_whom.targets) or self._changed(choices):
            self.with_whom.set_choices(choices)
        if escort and not self.companion:
            self.companion = escort
            self.with_whom.set_choices([("escort", f"With {escort}"), (WRITE, "With somebody else")])
        if self.companion:
            self.with_whom.pick("escort")

    def _changed(self, choices: list[tuple[str, str]]) -> bool:
        return [words for _, words in choices] != [target.words for target in self.with_whom.targets.values()]

    def _reason_words(self) -> tuple[str, ...]:
        choices = self.catalog.discharge
        return (
            choices.reasons_transferred if self.how.value == "transferred" else choices.reasons_against_advice
        )

    def _offer_reasons(self) -> None:
        choices = [*((f"{n}", words) for n, words in enumerate(self._reason_words())), (WRITE, "Write it")]
        if [words for _, words in choices] != [one.words for one in self.reasons.targets.values()]:
            self.reasons.set_choices(choices)

    # ------------------------------------------------------------------ touches

    def _turn(self) -> None:
        self.lines.page += 1
        self.refresh()

    def _chose_how(self) -> None:
        self.stir()
        self.reason = ""
        self.reasons.pick(None)
        self.refresh()

    def _chose_companion(self, key: str) -> None:
        if key == WRITE:
            self._write("companion", "With")
        self.refresh()

    def _chose_reason(self, key: str) -> None:
        if key == WRITE:
            self._write("reason", "Reason")
        else:
            self.reason = self._reason_words()[int(key)]
        self.refresh()

    def _write(self, what: str, hint: str) -> None:
        self._writes = what
        self.text.begin(hint, names=what == "companion")
        self.choices.hide()
        self.foot.hide()
        self.text.show()

    def _written(self, text: str) -> None:
        if self._writes == "companion":
            self.companion = text.strip()
        else:
            self.reason = text.strip()
        self.text.hide()
        self.choices.show()
        self.foot.show()
        self.refresh()

    def _begin_signing(self) -> None:
        how = self.how.value
        self.sign.roles = PRESCRIBERS if how != "against-advice" else CARES
        self.choices.hide()
        self.foot.hide()
        self.sign.begin(self._sentence(), "Sign discharge")
        self.sign.show()
        if self.snapshot is not None:
            self.sign.show_staff(self.snapshot.staff, self.snapshot.who)

    def _departure(self) -> str:
        picked = self.departure.picked
        return self.catalog.discharge.departures[int(picked[0])] if picked else ""

    def _sentence(self) -> str:
        parts = [HOW[self.how.value], self._departure().lower()]
        parts += [f"with {self.companion}"] if self.companion else []
        parts += [self.reason] if self.reason else []
        return ", ".join(part for part in parts if part)

    def _signed(self, staff: str, pin: str) -> None:
        act = SignDischarge(staff, pin, self._departure(), self.companion, self.how.value, self.reason)
        self.send(act)

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """A wrong PIN stands beside it; anything else goes back to the choices."""
        if answer.field in ("pin", "signer"):
            self.sign.refused(answer.reason)
            return
        self.sign.answered()
        self.sign.hide()
        self.choices.show()
        self.foot.show()
        super().refused(act, answer)
        self.refresh()


def _lines_words(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
