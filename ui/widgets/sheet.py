"""The frame of every sheet: it covers trends, card and bottom row, and nothing else.

Its head says what it is and when it was touched; the confirming target stands bottom right; Close stands far
from it, under the tiles, at the place that the screen's body gives.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme import (
    BOLD_WEIGHT,
    CRITICAL,
    GAP,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    RADIUS,
    Look,
    Token,
    rounded,
)
from ui.widgets.drug_label import label_height, label_width, paint_label
from ui.widgets.target import Form, Role, State, Target

HEAD_MM = 10.6
PAD_MM = 3.0


class Sheet(QWidget):
    """A sheet with a title, a content area, and one confirming target if it has an act to confirm.

    `closed` when Close was touched, `confirmed` when the confirming target was.
    """

    closed = Signal()
    confirmed = Signal()

    def __init__(
        self,
        look: Look,
        name: str,
        title: str,
        *,
        touched_at: str = "",
        drug: str = "",
        label_class: str = "",
        close_words: str = "Close, no change",
        parent: QWidget | None = None,
    ) -> None:
        """With a `drug` its label is the title. `close` is placed by whoever shows the sheet."""
        super().__init__(parent)
        self.look = look
        self.title = title
        self.touched_at = touched_at
        self.drug = drug
        self.label_class = label_class
        self.head_right = ""
        self.head_right_icon = ""
        self.setObjectName(name)
        self.content = QWidget(self)
        self.close_target = Target(look, "close", close_words, icon="cross", form=Form.LEFT, parent=parent)
        self.close_target.clicked.connect(self.closed)
        self.confirm: Target | None = None
        look.changed.connect(self.update)
        self.destroyed.connect(self.close_target.deleteLater)

    def set_head(self, title: str | None = None, right: str | None = None, icon: str = "") -> None:
        """Other words in the head; `right` stands top right, with an icon before it if one is named."""
        self.title = self.title if title is None else title
        if right is not None:
            self.head_right, self.head_right_icon = right, icon
        self.update()

    def set_confirm(
        self, name: str, words: str, second: str = "", *, state: State = State.MAIN, width_mm: float = 72.0
    ) -> Target:
        """The confirming target, bottom right: "Give midazolam 1 mg" / "IV, over 2 min"."""
        if self.confirm is None:
            self.confirm = Target(
                self.look,
                name,
                words,
                second=second,
                token=Token.STRONG,
                role=Role.CRITICAL,
                state=state,
                parent=self,
            )
            self.confirm.clicked.connect(self.confirmed)
            self.confirm.setProperty("width_mm", width_mm)
            self.confirm.show()
        self.confirm.set_words(words, second)
        self._lay_out()
        return self.confirm

    def show_over(self, sheet: QRect, close: QRect) -> None:
        """Appears in one frame at the places that the screen's body gives."""
        self.setGeometry(sheet)
        if self.close_target.parentWidget() is not self.parentWidget():
            self.close_target.setParent(self.parentWidget())
        self.close_target.setGeometry(close)
        for widget in (self, self.close_target):
            widget.raise_()
            widget.show()

    def take_away(self) -> None:
        """Goes, with its Close."""
        self.close_target.hide()
        self.hide()
        self.deleteLater()

    def content_rect(self) -> QRect:
        """What is left for the content over the confirming target."""
        pad, head = self.look.mm(PAD_MM), self.look.mm(HEAD_MM)
        bottom = self.height() - pad
        return QRect(pad, head, self.width() - 2 * pad, bottom - head)

    def foot_rect(self) -> QRect:
        """The strip left of the confirming target, for time chips."""
        pad, tall = self.look.mm(PAD_MM), self.look.mm(CRITICAL)
        right = self.confirm.x() - self.look.mm(8.0) if self.confirm is not None else self.width() - pad
        return QRect(pad, self.height() - pad - tall, right - pad, tall)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places content and the confirming target."""
        self._lay_out()

    def _lay_out(self) -> None:
        look, pad = self.look, self.look.mm(PAD_MM)
        self.content.setGeometry(self.content_rect())
        self.content.lower()
        if self.confirm is None:
            return
        tall = look.mm(CRITICAL)
        wide = max(look.mm(float(self.confirm.property("width_mm"))), self.confirm.sizeHint().width())
        wide = min(wide, self.width() - 2 * pad)
        self.confirm.setGeometry(self.width() - pad - wide, self.height() - pad - tall, wide, tall)
        self.confirm.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The card and its head."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["bg"])
        rounded(painter, QRectF(self.rect()), look["panel"], look["border"], radius=look.px(RADIUS))
        self._paint_head(painter)
        painter.end()

    def _paint_head(self, painter: QPainter) -> None:
        look, x, middle = self.look, float(self.look.mm(PAD_MM)), self.look.px(6.2)
        if self.drug:
            top = middle - label_height(look, Token.STRONG) / 2
            paint_label(painter, look, QPointF(x, top), self.drug, self.label_class, Token.STRONG)
            x += label_width(look, self.drug, Token.STRONG) + look.px(GAP)
        x = self._text(painter, x, middle, self.title, Token.STRONG, BOLD_WEIGHT, "text")
        if self.touched_at:
            x = self._text(
                painter, x, middle, f"touched {self.touched_at}", Token.TEXT, MEDIUM_WEIGHT, "text2"
            )
        width = look.width(self.head_right, Token.TEXT, BOLD_WEIGHT)
        left = self.width() - look.mm(PAD_MM) - width
        if self.head_right and left > x:
            self._text(painter, left, middle, self.head_right, Token.TEXT, BOLD_WEIGHT, "text")
            if self.head_right_icon:
                icon = look.icon(self.head_right_icon, ICON_TEXT, "text")
                at = QPointF(round(left - icon.width() - look.px(1.0)), round(middle - icon.height() / 2))
                painter.drawPixmap(at, icon)

    def _text(
        self, painter: QPainter, x: float, middle: float, text: str, token: Token, weight: int, role: str
    ) -> float:
        look = self.look
        if not text:
            return x
        painter.setFont(look.font(token, weight))
        painter.setPen(look[role])
        painter.drawText(QPointF(x, middle + look.cap(token) / 2), text)
        return x + look.width(text, token, weight) + look.px(GAP)
