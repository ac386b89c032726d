"""Drugs accounted: drawn, given, wasted, returned; the balance; a witness who is somebody else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bedside_frames import AccountFrame, AccountLine
from app.clinical.dosing import shown
from app.frames import Answer, Snapshot
from app.messages import AnyAct, DrawVial, ExplainBalance, ReturnDrug, WasteDrug
from ui.screens.base import Screen
from ui.sheets.base import Desk, Part
from ui.sheets.sign import SignPanel
from ui.theme import (
    BOLD_WEIGHT,
    CHIP_RADIUS,
    CRITICAL,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    RADIUS,
    Look,
    Token,
    rounded,
)
from ui.widgets.target import Form, Role, State, Target

HEADS = ("drawn", "given", "wasted", "returned", "balance")
ROW_MM = 18.0
HEAD_MM = 9.0
NAME_SHARE = 0.30
STATE_ICONS = {"closed": "check", "explained": "note", "open": "warning", "unknown": "warning"}
STATE_WORDS = {"closed": "", "explained": "explained", "open": "left over", "unknown": "not known"}
NO_LOT = "none"
OTHER = "other"


class AccountTable(QWidget):
    """A line for each drug: its label, what came and went, and the balance with its sign."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.lines: tuple[AccountLine, ...] = ()
        look.changed.connect(self.update)

    def show_lines(self, lines: tuple[AccountLine, ...]) -> None:
        """Shows other lines."""
        if lines != self.lines:
            self.lines = lines
            self.setAccessibleName("; ".join(f"{line.name} balance {line.balance}" for line in lines))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Heads, then a line for each drug."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        if not self.lines:
            self._text(painter, look.px(4.0), look.px(9.0), "Nothing was drawn yet.", "text2")
            painter.end()
            return
        edges = self._edges()
        for name, right in zip(HEADS, edges, strict=True):
            self._text(painter, right, look.px(6.0), name, "text2", right=True)
        for number, line in enumerate(self.lines):
            self._paint_line(painter, line, look.px(HEAD_MM) + number * look.px(ROW_MM), edges)
        painter.end()

    def _edges(self) -> list[float]:
        """The right edge of each column."""
        pad = self.look.px(4.0)
        left = self.width() * NAME_SHARE
        wide = (self.width() - left - pad - self.look.px(8.0)) / len(HEADS)
        return [left + wide * (number + 1) for number in range(len(HEADS))]

    def _paint_line(self, painter: QPainter, line: AccountLine, top: float, edges: list[float]) -> None:
        look = self.look
        painter.fillRect(QRectF(look.px(2.0), top, self.width() - look.px(4.0), 1), look["line"])
        baseline = top + look.px(4.0) + look.cap(Token.STRONG)
        self._paint_name(painter, line, top, baseline)
        values = (line.drawn, line.given, line.wasted, line.returned)
        for value, right in zip(values, edges, strict=False):
            self._text(painter, right, baseline, value, "text", right=True)
        painter.setFont(look.font(Token.STRONG, BOLD_WEIGHT))
        painter.setPen(look["text"])
        width = look.width(line.balance, Token.STRONG, BOLD_WEIGHT)
        painter.drawText(QPointF(edges[-1] - width, baseline), line.balance)
        icon = look.icon(STATE_ICONS[line.state], ICON_TEXT, "text")
        painter.drawPixmap(QPointF(edges[-1] + look.px(2.0), top + look.px(3.0)), icon)
        words = STATE_WORDS[line.state] or ("; ".join(line.strengths) if len(line.strengths) > 1 else "")
        self._text(painter, edges[-1], top + look.px(ROW_MM - 2.0), words, "text2", right=True)

    def _paint_name(self, painter: QPainter, line: AccountLine, top: float, baseline: float) -> None:
        look, left = self.look, self.look.px(4.0)
        fill = look.label_fill(line.label_class) if line.label_class else None
        width = look.width(line.name, Token.TEXT, BOLD_WEIGHT)
        if fill is not None:
            box = QRectF(left, top + look.px(2.2), width + look.px(3.0), look.px(6.6))
            rounded(painter, box, fill, radius=look.px(CHIP_RADIUS))
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
        painter.setPen(look["label_ink"] if fill is not None else look["text"])
        painter.drawText(QPointF(left + look.px(1.5), baseline), line.name)
        vials = "1 draw" if line.vials == 1 else f"{line.vials} draws"
        under = "   ".join(part for part in (line.schedule, vials) if part)
        self._text(painter, left, top + look.px(ROW_MM - 2.0), under, "text2")

    def _text(
        self, painter: QPainter, x: float, baseline: float, text: str, role: str, *, right: bool = False
    ) -> None:
        painter.setFont(self.look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(x - self.look.width(text) if right else x, baseline), text)


class DrugsScreen(Screen):
    """The accounts and the four acts.

    Targets: "account.<draw|waste|return|explain>", "back_to_chair"; in the editor "choice.<drug|strength|method|
    purpose|n>", "choice.other", "key.*", "set", "all_that_is_left", "letter.*", "keyboard.done"; before a witness
    "witness.<staff id>", "pin.<digit>", "witness_now", "back_to_account".
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
        self.body.addWidget(self.verdict)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(self.row(self.back, None, self.explain, self.give_back, self.waste, self.draw))
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

    def begin(self, snapshot: Snapshot) -> None:
        """The accounts; what was begun for another session is forgotten."""
        self.stop_editing()

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
        others = tuple(row for row in self.snapshot.staff if row.staff != self.snapshot.who)
        self.witness.show_staff(others)
        self._show_acts(frame)

    def _show_acts(self, frame: AccountFrame) -> None:
        there = [line for line in frame.lines if line.left_mg is None or line.left_mg > 0]
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
        offers = {o.drug: o.name for o in frame.offers} if frame is not None else {}
        self.edit().ask_choice("Which drug is drawn?", offers, self._ask_strength, columns=4)

    def _ask_strength(self, drug: str) -> None:
        frame = self.frame()
        found = next((o for o in frame.offers if o.drug == drug), None) if frame is not None else None
        if found is None:
            self.stop_editing()
            return
        strengths = {f"{mg:g}": f"{shown(mg, 3)} mg/mL" for mg in found.strengths_mg_ml}
        self.editor.ask_choice(
            f"Strength of the {found.name} vial", strengths, lambda mg: self._ask_volume(drug, float(mg))
        )

    def _ask_volume(self, drug: str, strength: float) -> None:
        def read_back(volume: float) -> str:
            return f"{shown(volume * strength)} mg"

        self.editor.ask_number(
            f"Volume drawn of {shown(strength, 3)} mg/mL",
            "mL",
            lambda volume: self._ask_purpose(drug, strength, volume),
            decimals=2,
        )
        self.editor.number.show_as(read_back)

    def _ask_purpose(self, drug: str, strength: float, volume: float) -> None:
        purposes = {str(n): words for n, words in enumerate(self.catalog.controlled.records.purposes)}
        self.editor.ask_choice(
            "For what?", purposes, lambda key: self._ask_lot(drug, strength, volume, purposes[key])
        )

    def _ask_lot(self, drug: str, strength: float, volume: float, purpose: str) -> None:
        def take(key: str) -> None:
            if key == NO_LOT:
                self.send(DrawVial(drug, strength, volume, "", purpose))
                return
            self.editor.ask_text("Lot", lambda lot: self.send(DrawVial(drug, strength, volume, lot, purpose)))

        self.editor.ask_choice("Lot on the vial", {NO_LOT: "No lot", "type": "Type the lot"}, take)

    # ------------------------------------------------------------------ wasting, returning, explaining

    def _ask_drug(self, title: str, lines: list[AccountLine], take: Callable[[AccountLine], object]) -> None:
        """The one drug there is, or one of several."""
        if len(lines) == 1:
            self.edit()
            take(lines[0])
            return
        by_drug = {line.drug: line for line in lines}
        names = {line.drug: f"{line.name}: {line.balance}" for line in lines}
        self.edit().ask_choice(title, names, lambda drug: take(by_drug[drug]))

    def _there(self) -> list[AccountLine]:
        frame = self.frame()
        return [line for line in frame.lines if line.left_mg is None or line.left_mg > 0] if frame else []

    def _ask_amount(self, title: str, line: AccountLine, take: Callable[[float], object]) -> None:
        told = f"{line.balance} are left." if line.left_mg is not None else "What was given is not known."

        def check(mg: float) -> str:
            over = line.left_mg is not None and mg > line.left_mg
            return f"Only {line.balance} are left." if over else ""

        self.editor.ask_number(title, "mg", take, check=check, decimals=2, digits=5, told=told)
        self._left_mg, self._take = line.left_mg, take
        if line.left_mg:
            self.all_left.set_words(f"All that is left: {line.balance}")
            self.editor.number.side.insertWidget(2, self.all_left)
            self.all_left.show()

    def _take_all(self) -> None:
        if self._left_mg is not None:
            self.all_left.hide()
            self._take(self._left_mg)

    def _ask_waste(self) -> None:
        self._ask_drug("What is wasted?", self._there(), self._waste_amount)

    def _waste_amount(self, line: AccountLine) -> None:
        self._ask_amount(f"Waste {line.name}", line, lambda mg: self._ask_method(line, mg))

    def _ask_method(self, line: AccountLine, mg: float) -> None:
        self.all_left.hide()
        methods = {str(n): words for n, words in enumerate(self.catalog.controlled.records.waste_methods)}

        def witness(key: str) -> None:
            self._ask_witness(
                f"{line.name} {shown(mg)} mg: the witness sees it wasted",
                lambda staff, pin: WasteDrug(line.drug, mg, methods[key], staff, pin),
            )

        self.editor.ask_choice("How is it destroyed?", methods, witness, columns=1)

    def _ask_return(self) -> None:
        self._ask_drug("What goes back?", self._there(), self._return_amount)

    def _return_amount(self, line: AccountLine) -> None:
        self._ask_amount(
            f"Return {line.name}, unopened", line, lambda mg: self.send(ReturnDrug(line.drug, mg))
        )

    def _ask_explain(self) -> None:
        frame = self.frame()
        lines = [line for line in frame.lines if line.state in ("open", "unknown")] if frame else []
        self._ask_drug("What is explained?", lines, self._explain_why)

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
        self.editor.hide()
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
