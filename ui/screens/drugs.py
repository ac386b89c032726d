"""Drugs accounted: drawn, given, wasted, returned; the balance; a witness who is somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.bedside_frames import AccountFrame, AccountLine, VialLine
from app.clinical.dosing import shown
from app.frames import Answer
from app.messages import AnyAct, ExplainBalance, ReturnDrug, WasteDrug
from ui.screens.base import Screen
from ui.screens.draw import DrawAsker
from ui.sheets.base import Desk, Part
from ui.sheets.sign import SignPanel
from ui.theme import BOLD_WEIGHT, CRITICAL, GAP, Token
from ui.widgets.account_table import AccountTable
from ui.widgets.target import Form, Role, State, Target

OTHER = "other"


@dataclass(frozen=True)
class Holding:
    """What can be wasted or returned: a drug as a whole, or one vial of it. `left_mg` None is not known."""

    line: AccountLine
    words: str
    label: str
    balance: str
    left_mg: float | None
    vial: VialLine | None = None

    def named(self) -> str:
        """In words, with the label of a vial."""
        return f"{self.words}, {self.label}" if self.vial is not None else self.line.name

    def said(self) -> dict[str, Any]:
        """How an act names the vial; nothing for the whole drug."""
        if self.vial is None:
            return {}
        return {
            "strength_mg_ml": self.vial.strength_mg_ml,
            "lot": self.vial.lot,
            "vial": self.vial.vial,
        }


def is_there(line: AccountLine | VialLine) -> bool:
    """Whether something of it is left, or may be."""
    return line.left_mg is None or line.left_mg > 0


class DrugsScreen(Screen):
    """The accounts and the four acts.

    Targets: "account.<draw|waste|return|explain>", "more_lines", "back_to_chair"; in the editor
    "choice.<drug|drug.n|strength|method|n>", "choice.other", "key.*", "set", "all_that_is_left", "letter.*",
    "keyboard.done", and those of a draw (ui/screens/draw.py); before a witness "witness.<staff id>", "pin.<digit>",
    "witness_now", "back_to_account".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Empty until the first snapshot."""
        super().__init__(desk, parent)
        self.table = AccountTable(self.look, self)
        self.verdict = self.words(token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True)
        self.draw = self._act("draw", "Draw a vial", self._ask_draw)
        self.waste = self._act("waste", "Waste", self._ask_waste)
        self.give_back = self._act("return", "Return", self._ask_return)
        self.explain = self._act("explain", "Explain", self._ask_explain)
        self.back = self.target(
            "back_to_chair",
            "Back",
            lambda: self.wants.emit(""),
            icon="undo",
            form=Form.LEFT,
            role=Role.CRITICAL,
        )
        self.policy = self.words(wrap=True, role="text2")
        self.more = self.target("more_lines", "More lines", self.table.turn, icon="more", form=Form.LEFT)
        self.more.hide()
        self.drawing = DrawAsker(self)
        self.body.addWidget(self.verdict)
        self.body.addWidget(self.policy)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(
            self.row(self.back, self.more, None, self.explain, self.give_back, self.waste, self.draw)
        )
        self.all_left = self.target(
            "all_that_is_left", "All that is left", self._take_all, role=Role.CRITICAL
        )
        self.all_left.hide()
        self._left_mg: float | None = None
        self._take: Callable[[float], object] = lambda _mg: None
        self._witnessed: Callable[[str, str], AnyAct] | None = None
        self._add_witness()

    def _act(self, name: str, words: str, do: Callable[[], object]) -> Target:
        target = self.target(f"account.{name}", words, do, role=Role.CRITICAL, token=Token.STRONG)
        target.setMinimumSize(self.mm(34.0), self.mm(CRITICAL))
        target.barred_touched.connect(
            lambda reason: self.ask_card.refuse(f"{reason[:1].upper()}{reason[1:]}.")
        )
        return target

    def _add_witness(self) -> None:
        self.witness_part = Part(self)
        back = self.target("back_to_account", "Back", self.stop_editing, icon="undo", form=Form.LEFT)
        self.witness = SignPanel(self, "witness_now", "Witness", prefix="witness", back=back)
        self.witness.signed.connect(self._sign)
        layout = QVBoxLayout(self.witness_part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.witness)
        self.witness_part.hide()

    def resizeEvent(self, event: object) -> None:
        """The witness has the overview's place."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.witness_part.setGeometry(self.overview.geometry())

    def stop_editing(self) -> None:
        """The accounts again."""
        self.witness_part.hide()
        self.all_left.hide()
        super().stop_editing()

    # ------------------------------------------------------------------ what it shows

    def frame(self) -> AccountFrame | None:
        """The accounts of the newest snapshot."""
        return self.snapshot.account if self.snapshot is not None else None

    def refresh(self) -> None:
        """The accounts, and what can be done with them now."""
        super().refresh()
        frame = self.frame()
        if frame is None or self.snapshot is None:
            return
        self.table.show_lines(frame.lines)
        self.verdict.set_text(frame.verdict)
        self.policy.set_text(frame.policy, "text2")
        self.more.setVisible(len(self.table.pages()) > 1)
        others = tuple(row for row in self.snapshot.staff if row.staff != self.snapshot.who)
        self.witness.show_staff(others)
        self._show_acts(frame)

    def _show_acts(self, frame: AccountFrame) -> None:
        there = any(is_there(line) for line in frame.lines)
        open_ones = [line for line in frame.lines if line.state in ("open", "unknown")]
        bars = {
            "draw": "",
            "waste": "" if there else "nothing is left",
            "return": "" if there else "nothing is left",
            "explain": "nothing to explain"
            if not open_ones
            else ""
            if frame.can_explain
            else "after the end",
        }
        targets = {"draw": self.draw, "waste": self.waste, "return": self.give_back, "explain": self.explain}
        for name, target in targets.items():
            bar = "signed already" if frame.barred else bars[name]
            free = State.MAIN if name == "draw" and not frame.lines else State.NORMAL
            target.set_state(State.BARRED if bar else free, bar)

    # ------------------------------------------------------------------ drawing

    def _ask_draw(self) -> None:
        frame = self.frame()
        if frame is not None:
            self.drawing.begin(frame)

    # ------------------------------------------------------------------ wasting, returning, explaining

    def _ask_part(self, title: str, take: Callable[[Holding], object]) -> None:
        """The one thing there is, or a drug as a whole, or one of its vials."""
        parts = self._there()
        if len(parts) == 1:
            self.edit()
            take(next(iter(parts.values())))
            return
        part = Part(self.edit())
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(self.mm(GAP))
        for number, (key, one) in enumerate(parts.items()):
            words = f"{one.words}: {one.balance}"
            target = self.target(f"choice.{key}", words, partial(take, one), second=one.label)
            grid.addWidget(target, number // 2, number % 2)
        self.editor.ask_part(title, part, self.stop_editing)
        self.editor.done_target.hide()

    def _there(self) -> dict[str, Holding]:
        """What is still there: each drug, and each vial of those that several were drawn of."""
        frame = self.frame()
        found: dict[str, Holding] = {}
        for line in frame.lines if frame is not None else ():
            if not is_there(line):
                continue
            several = [vial for vial in line.by_vial if is_there(vial)] if len(line.by_vial) > 1 else []
            words, label = (f"All {line.name}", "out of every vial") if several else (line.name, "")
            found[line.drug] = Holding(line, words, label, line.balance, line.left_mg)
            for number, vial in enumerate(several):
                words = f"{line.name} {vial.name}"
                found[f"{line.drug}.{number}"] = Holding(
                    line, words, vial.label, vial.balance, vial.left_mg, vial
                )
        return found

    def _ask_amount(self, title: str, part: Holding, take: Callable[[float], object]) -> None:
        left = part.left_mg
        told = f"{part.balance} are left." if left is not None else "What was given is not known."

        def check(mg: float) -> str:
            return f"Only {part.balance} are left." if left is not None and mg > left else ""

        self.editor.ask_number(title, "mg", take, check=check, decimals=2, digits=5, told=told)
        self._left_mg, self._take = left, take
        if left:
            self.all_left.set_words(f"All that is left: {part.balance}")
            self.editor.number.side.insertWidget(2, self.all_left)
            self.all_left.show()

    def _take_all(self) -> None:
        if self._left_mg is not None:
            self.all_left.hide()
            self._take(self._left_mg)

    def _ask_waste(self) -> None:
        self._ask_part("What is wasted?", self._waste_amount)

    def _waste_amount(self, part: Holding) -> None:
        self._ask_amount(f"Waste {part.named()}", part, lambda mg: self._ask_method(part, mg))

    def _ask_method(self, part: Holding, mg: float) -> None:
        self.all_left.hide()
        methods = {str(n): words for n, words in enumerate(self.catalog.controlled.records.waste_methods)}

        def witness(key: str) -> None:
            self._ask_witness(
                f"{shown(mg)} mg of {part.named()}: the witness sees it wasted",
                lambda staff, pin: WasteDrug(part.line.drug, mg, methods[key], staff, pin, **part.said()),
            )

        self.editor.ask_choice("How is it destroyed?", methods, witness, columns=1)

    def _ask_return(self) -> None:
        self._ask_part("What goes back?", self._return_amount)

    def _return_amount(self, part: Holding) -> None:
        self._ask_amount(
            f"Return {part.named()}, unopened",
            part,
            lambda mg: self.send(ReturnDrug(part.line.drug, mg, **part.said())),
        )

    def _ask_explain(self) -> None:
        frame = self.frame()
        lines = [line for line in frame.lines if line.state in ("open", "unknown")] if frame else []
        if len(lines) == 1:
            self.edit()
            self._explain_why(lines[0])
            return
        by_drug = {line.drug: line for line in lines}
        names = {line.drug: f"{line.name}: {line.balance}" for line in lines}
        self.edit().ask_choice("What is explained?", names, lambda drug: self._explain_why(by_drug[drug]))

    def _explain_why(self, line: AccountLine) -> None:
        reasons = dict(enumerate(self.catalog.controlled.records.explained_reasons))
        offered = {str(n): words for n, words in reasons.items()} | {OTHER: "Other reason"}

        def take(key: str) -> None:
            if key == OTHER:
                self.editor.ask_text("Why does it not balance?", lambda reason: self._explain(line, reason))
            else:
                self._explain(line, reasons[int(key)])

        self.editor.ask_choice(f"{line.name}: {line.balance}. Why?", offered, take, columns=2)

    def _explain(self, line: AccountLine, reason: str) -> None:
        self._ask_witness(
            f"{line.name} {line.balance}: {reason}",
            lambda staff, pin: ExplainBalance(line.drug, reason, staff, pin),
        )

    # ------------------------------------------------------------------ the witness

    def _ask_witness(self, words: str, make: Callable[[str, str], AnyAct]) -> None:
        self._witnessed = make
        self.hide_editor()
        self.overview.hide()
        self.witness_part.show()
        self.witness_part.raise_()
        self.witness.begin(words, "Witness", "another person's PIN")

    def _sign(self, staff: str, pin: str) -> None:
        if self._witnessed is not None:
            self.send(self._witnessed(staff, pin))

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The accounts again, with the new line."""
        self.witness.answered()
        self.stop_editing()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """A wrong PIN stays at the pad; anything else is said over the accounts."""
        self.witness.refused(answer.reason)
        if answer.field != "pin":
            self.stop_editing()
            self.ask_card.refuse(answer.reason)
