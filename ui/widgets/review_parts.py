"""The parts of the review: the band that says whose record it is, the rows of events, the vital signs at one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.review_frames import ReviewLine, ThenValue
from ui.theme import (
    BOLD_WEIGHT,
    CARD_PAD_X,
    CHOSEN_EDGE,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    NORMAL,
    RADIUS,
    Look,
    Token,
    rounded,
)
from ui.widgets.target import State, Target

ROW_MM: Final = 15.0
"""Five of them have room on the 12 inch panel."""
THEN_MM: Final = 13.0


class Band(QWidget):
    """Whose record is in view: a frame of its own, so that nobody takes it for the chair."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.title = ""
        self.right = ""
        self.setFixedHeight(look.mm(NORMAL))
        look.changed.connect(self.update)

    def say(self, title: str, right: str) -> None:
        """The title; below it what else is to be known."""
        if (title, right) != (self.title, self.right):
            self.title, self.right = title, right
            self.setAccessibleName(f"{title}. {right}" if right else title)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A frame, an icon, the title."""
        painter = QPainter(self)
        look, edge = self.look, self.look.edge(CHOSEN_EDGE)
        rounded(
            painter, QRectF(self.rect()), look["panel"], look["text"], radius=look.px(RADIUS), edge_px=edge
        )
        x, px = look.px(CARD_PAD_X), look.mm(ICON_TEXT)
        painter.drawPixmap(round(x), round((self.height() - px) / 2), look.icon("note", ICON_TEXT, "text"))
        x += px + look.px(1.6)
        room = self.width() - x - look.px(CARD_PAD_X)
        lines = self.lines(room)
        top = (self.height() - sum(look.line(token) for _words, token in lines)) / 2
        painter.setPen(look["text"])
        for words, token in lines:
            painter.setFont(look.font(token, BOLD_WEIGHT))
            painter.drawText(QPointF(x, top + (look.line(token) + look.cap(token)) / 2), words)
            top += look.line(token)
        painter.end()

    def lines(self, room: float) -> list[tuple[str, Token]]:
        """Two lines at most: a title too long for one takes both, before anything else is said."""
        look = self.look
        for token in (Token.STRONG, Token.TEXT):
            if look.width(self.title, token, BOLD_WEIGHT) <= room:
                return [(self.title, token)] + ([(self.right, Token.TEXT)] if self.right else [])
        return [(words, Token.TEXT) for words in wrap(look, self.title, (room, room), BOLD_WEIGHT)]


SHORT_NOTES: Final = {"Should": "Amended"}
"""Half an amendment would read as another one: where it has no room, the row says only that there is one."""


class EventRow(Target):
    """An event of the list: its time, its words in two lines at most, what became of it, who wrote it."""

    def __init__(self, look: Look, name: str, line: ReviewLine, parent: QWidget) -> None:
        """Named by its place in the record."""
        super().__init__(look, name, f"{line.at} {line.text}", parent=parent)
        self.line = line
        self.setAccessibleName(" ".join((line.at, line.text, *line.notes, line.who)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(look.mm(ROW_MM))

    def minimumSizeHint(self) -> QSize:
        """As wide as its column, whatever its words."""
        return QSize(self.look.mm(60.0), self.look.mm(ROW_MM))

    def sizeHint(self) -> QSize:
        """The same."""
        return self.minimumSizeHint()

    def fits(self) -> bool:
        """The row says as much as it has room for; all of it stands beside the chart once it is touched."""
        return True

    def shown(self) -> tuple[list[str], str]:
        """The lines of its text, and the note below, as they have room."""
        look = self.look
        room = self.width() - 2 * look.px(CARD_PAD_X) - self._time_px()
        note = self.line.notes[-1] if self.line.notes else ""
        who = look.width(self.line.who, Token.TEXT, MEDIUM_WEIGHT) + look.px(2.0)
        lines = wrap(look, self.line.text, (room - who, room), BOLD_WEIGHT)
        if note and look.width(note) > room:
            note = SHORT_NOTES.get(note.split()[0], note.partition(",")[0])
        if note and len(lines) > 1:
            lines = [whole_parts(lines[0])]
        return lines, note

    def _time_px(self) -> float:
        return self.look.width(self._at(), Token.TEXT, BOLD_WEIGHT) + self.look.px(2.0)

    def _at(self) -> str:
        """The time of day to the minute; the row has no room for its seconds."""
        return self.line.at if len(self.line.at) != len("14:05:12") else self.line.at[:5]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The card, then its words."""
        painter = QPainter(self)
        look, line = self.look, self.line
        self._paint_card(painter)
        lines, note = self.shown()
        tall = look.line()
        count = len(lines) + bool(note)
        top = (self.height() - count * tall) / 2
        x = look.px(CARD_PAD_X)
        role = "text3" if line.struck else "text"
        self._paint_text(painter, x, top, self._at(), Token.TEXT, BOLD_WEIGHT, role)
        x += self._time_px()
        for words in lines:
            self._paint_text(painter, x, top, words, Token.TEXT, BOLD_WEIGHT, role, struck=line.struck)
            top += tall
        if note:
            self._paint_text(painter, x, top, note, Token.TEXT, MEDIUM_WEIGHT, "text2")
        right = self.width() - look.px(CARD_PAD_X) - look.width(line.who)
        first = (self.height() - count * tall) / 2
        self._paint_text(painter, right, first, line.who, Token.TEXT, MEDIUM_WEIGHT, "text2")
        painter.end()

    def choose(self, *, chosen: bool) -> None:
        """Shows whether it is the one in view."""
        self.set_state(State.CHOSEN if chosen else State.NORMAL)


def wrap(look: Look, text: str, rooms: tuple[float, ...], weight: int) -> list[str]:
    """The text in as many lines as there are rooms; what has no room is left out from the end of a part on."""
    lines, words = [], text.split()
    for room in rooms:
        line = ""
        while words and look.width(f"{line} {words[0]}".strip(), Token.TEXT, weight) <= room:
            line = f"{line} {words.pop(0)}".strip()
        if line:
            lines.append(line)
    if words and lines:
        lines[-1] = whole_parts(lines[-1])
    return [line for line in lines if line] or [""]


def whole_parts(line: str) -> str:
    """A line that goes on elsewhere, up to where a part of its sentence ends; whole where no part ends in it."""
    for mark in (". ", "; ", ", ", " ("):
        part = line.rpartition(mark)[0]
        if part:
            return part
    return line.rstrip(",;:")


class ThenStrip(QWidget):
    """The vital signs at the time of an event, as numbers: each with its age, or why it is missing."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Nothing until an event is chosen."""
        super().__init__(parent)
        self.look = look
        self.values: tuple[ThenValue, ...] = ()
        self._token = Token.CRITICAL
        self.setFixedHeight(look.mm(THEN_MM))
        look.changed.connect(self.update)

    def show_values(self, values: tuple[ThenValue, ...]) -> None:
        """Shows other values."""
        if values != self.values:
            self.values = values
            self.setAccessibleName("; ".join(f"{one.label} {one.text} {one.detail}" for one in values))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Side by side: label and number, the detail below."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        pad = look.px(CARD_PAD_X)
        self._token = Token.CRITICAL
        widths = [self._width(one) for one in self.values]
        if sum(widths) > self.width() - 2 * pad:
            self._token = Token.STRONG
            widths = [self._width(one) for one in self.values]
        spare = max(0.0, self.width() - 2 * pad - sum(widths)) / max(1, len(self.values))
        x = pad
        for one, width in zip(self.values, widths, strict=True):
            self._paint_value(painter, one, x)
            x += width + spare
        painter.end()

    def _width(self, one: ThenValue) -> float:
        look = self.look
        head = look.width(one.label) + look.px(1.2) + look.width(one.text, self._token, BOLD_WEIGHT)
        return max(head, look.width(one.detail)) + look.px(1.6)

    def _paint_value(self, painter: QPainter, one: ThenValue, x: float) -> None:
        look = self.look
        role = one.colour if one.state == "live" else "text3"
        baseline = look.px(1.2) + look.cap(Token.CRITICAL)
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(look[one.colour])
        painter.drawText(QPointF(x, baseline), one.label)
        painter.setFont(look.font(self._token, BOLD_WEIGHT))
        painter.setPen(look[role])
        painter.drawText(QPointF(x + look.width(one.label) + look.px(1.2), baseline), one.text)
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(look["text2" if one.state == "live" else "text"])
        painter.drawText(QPointF(x, baseline + look.px(1.6) + look.cap()), one.detail)
