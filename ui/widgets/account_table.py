"""The accounts as a table: a line for each drug, and below it one for each vial or lot where there are several."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.bedside_frames import AccountLine, VialLine
from ui.theme import (
    BOLD_WEIGHT,
    CHIP_RADIUS,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    RADIUS,
    Look,
    Token,
    rounded,
)

HEADS = ("drawn", "given", "wasted", "returned", "balance")
DRUG_MM = 17.0
VIAL_MM = 13.6
HEAD_MM = 9.0
NAME_SHARE = 0.30
STATE_ICONS = {"closed": "check", "explained": "note", "open": "warning", "unknown": "warning"}
STATE_WORDS = {"closed": "", "explained": "explained", "open": "left over", "unknown": "not known"}

MORE_THAN_DRAWN = "more than drawn"

Line = AccountLine | VialLine


def state_words(line: AccountLine) -> str:
    """What stands under a balance: what is below nothing is not left over."""
    is_below = line.state == "open" and line.left_mg is not None and line.left_mg < 0
    return MORE_THAN_DRAWN if is_below else STATE_WORDS[line.state]


def lines_of(drugs: tuple[AccountLine, ...]) -> tuple[Line, ...]:
    """Each drug, and after it its vials where it has several."""
    found: list[Line] = []
    for drug in drugs:
        found += [drug, *(drug.by_vial if len(drug.by_vial) > 1 else ())]
    return tuple(found)


class AccountTable(QWidget):
    """Labels left, what came and went, the balance with its sign right; a page at a time where not all fit."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.drugs: tuple[AccountLine, ...] = ()
        self.page = 0
        look.changed.connect(self.update)

    def show_lines(self, drugs: tuple[AccountLine, ...]) -> None:
        """Shows other accounts."""
        if drugs != self.drugs:
            self.drugs = drugs
            self.setAccessibleName("; ".join(f"{line.name} balance {line.balance}" for line in drugs))
            self.update()

    def pages(self) -> list[tuple[Line, ...]]:
        """The lines that fit into this height together."""
        room = self.height() - self.look.px(HEAD_MM)
        pages: list[list[Line]] = [[]]
        used = 0.0
        for line in lines_of(self.drugs):
            tall = self._tall(line)
            if pages[-1] and used + tall > room:
                pages.append([])
                used = 0.0
            pages[-1].append(line)
            used += tall
        return [tuple(page) for page in pages]

    def turn(self) -> None:
        """The next page, the first after the last."""
        self.page = (self.page + 1) % len(self.pages())
        self.update()

    def _tall(self, line: Line) -> float:
        return self.look.px(DRUG_MM if isinstance(line, AccountLine) else VIAL_MM)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Heads, then the lines of this page."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        if not self.drugs:
            self._text(painter, look.px(4.0), look.px(9.0), "Nothing was drawn yet.", "text2")
            painter.end()
            return
        edges = self._edges()
        for name, right in zip(HEADS, edges, strict=True):
            self._text(painter, right, look.px(6.0), name, "text2", right=True)
        top = look.px(HEAD_MM)
        pages = self.pages()
        for line in pages[min(self.page, len(pages) - 1)]:
            self._paint_line(painter, line, top, edges)
            top += self._tall(line)
        painter.end()

    def _edges(self) -> list[float]:
        """The right edge of each column."""
        pad = self.look.px(4.0)
        left = self.width() * NAME_SHARE
        wide = (self.width() - left - pad - self.look.px(8.0)) / len(HEADS)
        return [left + wide * (number + 1) for number in range(len(HEADS))]

    def _paint_line(self, painter: QPainter, line: Line, top: float, edges: list[float]) -> None:
        look = self.look
        is_drug = isinstance(line, AccountLine)
        left = look.px(2.0 if is_drug else 9.0)
        painter.fillRect(QRectF(left, top, self.width() - left - look.px(2.0), 1), look["line"])
        baseline = top + look.px(4.0 if is_drug else 2.6) + look.cap(Token.STRONG if is_drug else Token.TEXT)
        under = top + self._tall(line) - look.px(2.0)
        values = (line.drawn, line.given, line.wasted, line.returned)
        for value, right in zip(values, edges, strict=False):
            self._text(painter, right, baseline, value, "text" if is_drug else "text2", right=True)
        if isinstance(line, AccountLine):
            self._paint_drug(painter, line, baseline, under, edges[-1])
        else:
            self._text(painter, look.px(9.0), baseline, line.name, "text")
            self._text(painter, look.px(9.0), under, line.label, "text2")
            self._text(painter, edges[-1], baseline, line.balance, "text", right=True)

    def _paint_drug(
        self, painter: QPainter, line: AccountLine, baseline: float, under: float, right: float
    ) -> None:
        look = self.look
        self._paint_name(painter, line, baseline)
        painter.setFont(look.font(Token.STRONG, BOLD_WEIGHT))
        painter.setPen(look["text"])
        width = look.width(line.balance, Token.STRONG, BOLD_WEIGHT)
        painter.drawText(QPointF(right - width, baseline), line.balance)
        icon = look.icon(STATE_ICONS[line.state], ICON_TEXT, "text")
        painter.drawPixmap(QPointF(right + look.px(2.0), baseline - look.px(ICON_TEXT - 0.6)), icon)
        self._text(painter, right, under, state_words(line), "text2", right=True)
        said = [line.schedule]
        if len(line.by_vial) == 1:
            said += [line.by_vial[0].name, line.by_vial[0].label]
        elif line.vials:
            said.append(f"{line.vials} vial{'s' if line.vials > 1 else ''}")
        self._text(painter, look.px(4.0), under, "   ".join(part for part in said if part), "text2")

    def _paint_name(self, painter: QPainter, line: AccountLine, baseline: float) -> None:
        look, left = self.look, self.look.px(4.0)
        fill = look.label_fill(line.label_class) if line.label_class else None
        width = look.width(line.name, Token.TEXT, BOLD_WEIGHT)
        if fill is not None:
            top = baseline - look.cap() - look.px(1.6)
            box = QRectF(left, top, width + look.px(3.0), look.px(6.6))
            rounded(painter, box, fill, radius=look.px(CHIP_RADIUS))
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
        painter.setPen(look["label_ink"] if fill is not None else look["text"])
        painter.drawText(QPointF(left + look.px(1.5), baseline), line.name)

    def _text(
        self, painter: QPainter, x: float, baseline: float, text: str, role: str, *, right: bool = False
    ) -> None:
        painter.setFont(self.look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(x - self.look.width(text) if right else x, baseline), text)
