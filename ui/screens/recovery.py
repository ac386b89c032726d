"""Recovery in place of the trends: every discharge criterion with its evidence, and who decides."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.bedside_frames import AccountFrame
from app.frames import CriterionRow, RecoveryFrame
from ui.theme import (
    BOLD_WEIGHT,
    CRITICAL,
    GAP,
    HAZARD,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    RADIUS,
    Look,
    Token,
    rounded,
)
from ui.widgets.target import Role, State, Target

PAD_MM: Final = 3.0
TEXT_MM: Final = 11.2
HEAD_MM: Final = 7.8
ROW_MM: Final = 8.2
SIGN_MM: Final = 52.0
LINES_MM: Final = 27.0
DRUGS_MM: Final = 29.4
RING_MM: Final = 4.8

_ICONS: Final = {"met": "check", "accepted": "user", "unmet": "cross"}


def said_shorter(text: str) -> tuple[str, ...]:
    """The text, then with fewer and fewer of its parts: a word is never cut."""
    shorter = [text]
    for mark in ("; ", ", "):
        parts = shorter[-1].split(mark)
        shorter += [mark.join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
    return (*shorter, "")


class CriteriaView(QWidget):
    """Paints the list: what is measured in full lines, what a person looks at in two columns below."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.frame: RecoveryFrame | None = None
        self.setObjectName("criteria_list")
        look.changed.connect(self.update)

    def show_frame(self, frame: RecoveryFrame) -> None:
        """Shows another frame; an equal one costs nothing."""
        if self.frame is None or (frame.title, frame.rows) != (self.frame.title, self.frame.rows):
            self.frame = frame
            self.setAccessibleName(frame.title)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card with its lines."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["bg"])
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        if self.frame is not None:
            self._paint(painter, self.frame)
        painter.end()

    def _paint(self, painter: QPainter, frame: RecoveryFrame) -> None:
        look = self.look
        full = [row for row in frame.rows if row.kind != "check"]
        looked = [row for row in frame.rows if row.kind == "check"]
        head = look.px(HEAD_MM)
        lines = len(full) + -(-len(looked) // 2)
        step = min(look.px(ROW_MM), (self.height() - head - look.px(0.6)) / max(1, lines))
        right = self._right_mm(full)
        self._paint_head(painter, frame.title, head, right)
        y = head
        for row in full:
            self._rule(painter, y)
            self._paint_row(painter, row, QRectF(0, y, self.width(), step), right)
            y += step
        half = self.width() / 2
        for number, row in enumerate(looked):
            top = y + number // 2 * step
            if number % 2 == 0:
                self._rule(painter, top)
            self._paint_row(painter, row, QRectF(number % 2 * half, top, half, step), 0.0)

    def _right_mm(self, rows: list[CriterionRow]) -> float:
        """The width of the last column."""
        return max((self.look.width(row.right, Token.TEXT, BOLD_WEIGHT) for row in rows), default=0.0)

    def _rule(self, painter: QPainter, y: float) -> None:
        pad = self.look.px(1.0)
        painter.fillRect(QRectF(pad, round(y), self.width() - 2 * pad, 1), self.look["line"])

    def _paint_head(self, painter: QPainter, title: str, height: float, right: float) -> None:
        look = self.look
        self._text(painter, look.px(PAD_MM), height / 2, title, BOLD_WEIGHT, "text")
        end = self.width() - look.px(PAD_MM)
        self._text_right(painter, end, height / 2, "met", MEDIUM_WEIGHT, "text2")
        self._text_right(painter, end - right - look.px(4.0), height / 2, "evidence", MEDIUM_WEIGHT, "text2")

    def _paint_row(self, painter: QPainter, row: CriterionRow, box: QRectF, right: float) -> None:
        """Icon, words, evidence and when. Without a right column the evidence stands before the time."""
        look, middle = self.look, box.center().y()
        done = row.state in ("met", "accepted")
        self._paint_state(painter, row, QPointF(box.left() + look.px(PAD_MM + RING_MM / 2), middle))
        x = box.left() + look.px(TEXT_MM)
        weight = MEDIUM_WEIGHT if done else BOLD_WEIGHT
        self._text(painter, x, middle, row.text, weight, "text")
        x += look.width(row.text, Token.TEXT, weight) + look.px(2.0)
        end = box.right() - look.px(PAD_MM)
        role = "text2" if done else "text"
        self._text_right(painter, end, middle, row.right, weight, role)
        end -= (right or look.width(row.right, Token.TEXT, weight)) + look.px(4.0 if right else 2.0)
        if not right and not done:
            return
        for words in said_shorter(row.evidence):
            if end - look.width(words) >= x:
                self._text_right(painter, end, middle, words, MEDIUM_WEIGHT, "text2")
                return

    def _paint_state(self, painter: QPainter, row: CriterionRow, centre: QPointF) -> None:
        look = self.look
        icon = _ICONS.get(row.state, "")
        if icon:
            px = look.mm(ICON_TEXT)
            role = "text" if row.state == "unmet" else "text2"
            painter.drawPixmap(
                round(centre.x() - px / 2), round(centre.y() - px / 2), look.icon(icon, ICON_TEXT, role)
            )
            return
        self._paint_ring(painter, row, centre)

    def _paint_ring(self, painter: QPainter, row: CriterionRow, centre: QPointF) -> None:
        """A ring that fills while a time runs; dashed where something is to do."""
        look = self.look
        size = look.px(RING_MM) - 3.0
        box = QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size)
        pen = QPen(look["border"], look.px(0.6))
        if row.share is None:
            pen = QPen(look["text2"], look.px(0.45))
            pen.setDashPattern([2.0, 2.0])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawEllipse(box)
        if row.share is not None:
            painter.setPen(QPen(look["text"], look.px(0.7)))
            painter.drawArc(box, 90 * 16, -round(max(0.02, row.share) * 360 * 16))

    def _text(self, painter: QPainter, x: float, middle: float, text: str, weight: int, role: str) -> None:
        painter.setFont(self.look.font(Token.TEXT, weight))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(x, middle + self.look.cap() / 2), text)

    def _text_right(
        self, painter: QPainter, right: float, middle: float, text: str, weight: int, role: str
    ) -> None:
        self._text(painter, right - self.look.width(text, Token.TEXT, weight), middle, text, weight, role)


class DecidesView(QWidget):
    """Who decides, or how the patient left."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.words = ("", "")
        self.setObjectName("decides")
        look.changed.connect(self.update)

    def show_words(self, words: str, detail: str) -> None:
        """Shows a bold line and a plain one."""
        if (words, detail) != self.words:
            self.words = (words, detail)
            self.setAccessibleName(f"{words} {detail}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card with a person."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["bg"])
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        side, middle = look.mm(6.2), self.height() / 2
        left = look.px(PAD_MM)
        painter.drawPixmap(round(left), round(middle - side / 2), look.icon("user", 6.2, "text"))
        box = QRectF(left + side + look.px(3.0), 0, 0, self.height())
        box.setRight(self.width() - look.px(1.5))
        self._lines(painter, box)
        painter.end()

    def _lines(self, painter: QPainter, box: QRectF) -> None:
        """Both in the middle of the height; the plain one gives way where there is no room for it."""
        look, (words, detail) = self.look, self.words
        said = [(line, BOLD_WEIGHT, "text") for line in self._broken(words, box.width(), BOLD_WEIGHT)]
        more = [(line, MEDIUM_WEIGHT, "text2") for line in self._broken(detail, box.width(), MEDIUM_WEIGHT)]
        said += more if (len(said) + len(more)) * look.line() <= box.height() else []
        y = (box.height() - len(said) * look.line()) / 2
        for line, weight, role in said:
            painter.setFont(look.font(Token.TEXT, weight))
            painter.setPen(look[role])
            painter.drawText(QPointF(box.left(), y + (look.line() + look.cap()) / 2), line)
            y += look.line()

    def _broken(self, text: str, room: float, weight: int) -> list[str]:
        lines: list[str] = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.look.width(longer, Token.TEXT, weight) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines


class RecoveryPanel(QWidget):
    """Everything right of the tiles in recovery. Targets: "account", "criteria", and "discharge" or "finish".

    A barred signature opens its sheet all the same: there stands what is missing, and a physician's word.
    """

    touched = Signal(str)
    barred_touched = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.list = CriteriaView(look, self)
        self.decides = DecidesView(look, self)
        self.lines = Target(look, "criteria", "All lines", icon="note", role=Role.CRITICAL, parent=self)
        self.lines.touched.connect(self.touched)
        self.lines.barred_touched.connect(partial(self.barred_touched.emit, "criteria"))
        self.account = Target(look, "account", "Drugs", icon="syringe", role=Role.CRITICAL, parent=self)
        self.account.touched.connect(self.touched)
        self.account.barred_touched.connect(partial(self.barred_touched.emit, "account"))
        self.sign = Target(look, "discharge", "", role=Role.CRITICAL, token=Token.STRONG, parent=self)
        self.sign.touched.connect(self.touched)
        self.sign.barred_touched.connect(
            lambda reason: self.barred_touched.emit(self.sign.objectName(), reason)
        )

    def show_frame(self, frame: RecoveryFrame, account: AccountFrame | None, *, locked: bool) -> None:
        """Shows what changed; drugs that are not accounted for are due."""
        self.list.show_frame(frame)
        self.decides.show_words(frame.decides, frame.decides_detail)
        self.sign.setObjectName(frame.sign.key)
        self.sign.set_words(frame.sign.label)
        if locked or not frame.sign.allowed:
            self.sign.set_state(State.BARRED, "locked" if locked else frame.sign.reason)
        else:
            self.sign.set_state(State.MAIN if frame.sign.main else State.NORMAL)
        self.lines.set_state(State.BARRED if locked else State.NORMAL, "locked" if locked else "")
        due = account is not None and not account.balanced
        self.account.set_words("Count drugs" if due else "Drugs")
        free = State.DUE if due else State.NORMAL
        self.account.set_state(State.BARRED if locked else free, "locked" if locked else "")

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The list above, who decides and the signature below, 8 mm apart from other acts."""
        look, width = self.look, self.width()
        tall = look.mm(CRITICAL)
        top = self.height() - tall
        self.list.setGeometry(0, 0, width, top - look.mm(GAP) + look.mm(0.6))
        sign, lines = min(look.mm(SIGN_MM), width // 2), look.mm(LINES_MM)
        self.sign.setGeometry(width - sign, top, sign, tall)
        left = width - sign - look.mm(HAZARD) - lines
        self.lines.setGeometry(left, top, lines, tall)
        drugs = look.mm(DRUGS_MM)
        left -= look.mm(GAP) + drugs
        self.account.setGeometry(left, top, drugs, tall)
        self.decides.setGeometry(0, top, left - look.mm(GAP), tall)
