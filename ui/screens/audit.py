"""The audit trail, newest first: who looked, copied, came, went, and what was set; by person and by sort."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.audit import SORTS
from app.frames import Answer, Snapshot
from app.messages import AnyAct, ReadAudit
from app.people_frames import AuditFrame, AuditLine
from ui.screens.base import Screen
from ui.sheets.base import Choice, Desk
from ui.theme import BOLD_WEIGHT, MEDIUM_WEIGHT, RADIUS, Look, Token, rounded
from ui.widgets.target import Form, Role, State

LINE_MM = 7.0
AT_MM = 56.0
WHO_MM = 30.0
EVERYBODY = ""
READING = "The trail is being read."
NO_LINE = "No line of this sort."


class AuditList(QWidget):
    """Lines of the trail: when, what, and who wrote it."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.lines: tuple[AuditLine, ...] = ()
        self.words = READING
        look.changed.connect(self.update)

    def room(self) -> int:
        """How many lines fit."""
        return max(1, int((self.height() - self.look.px(3.0)) // self.look.px(LINE_MM)))

    def show_lines(self, lines: tuple[AuditLine, ...], words: str) -> None:
        """Shows other lines, or words where there is none."""
        if (lines, words) != (self.lines, self.words):
            self.lines, self.words = lines, words
            told = "; ".join(f"{line.at} {line.text}, {line.who}" for line in lines)
            self.setAccessibleName(told or words)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card with a line each; what is too long for its column ends where a word does."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        if not self.lines:
            self._text(painter, look.px(3.0), look.px(LINE_MM), self.words, self.width(), "text2")
        left, at, who = look.px(3.0), look.px(AT_MM), look.px(WHO_MM)
        for number, line in enumerate(self.lines):
            baseline = look.px(1.5) + (number + 1) * look.px(LINE_MM) - look.px(2.0)
            self._text(painter, left, baseline, line.at, at, "text2")
            self._text(painter, left + at, baseline, line.text, self.width() - at - who - 3 * left, "text")
            self._text(painter, self.width() - who - left, baseline, line.who, who, "text2")
        painter.end()

    def _text(self, painter: QPainter, x: float, baseline: float, text: str, room: float, role: str) -> None:
        look = self.look
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(look[role])
        painter.drawText(QPointF(x, baseline), fitted(look, text, room))


def fitted(look: Look, text: str, room: float) -> str:
    """The text in this room, without its last words where it is too long, with a mark that says so."""
    if look.width(text) <= room:
        return text
    words = text.split()
    while len(words) > 1 and look.width(" ".join(words) + " +") > room:
        words.pop()
    return " ".join(words) + " +"


class AuditScreen(Screen):
    """Targets: "sort.<all|looks|copies|entry|settings>", "person", "earlier", "later", "back_to_today".

    In the editor of the person "choice.<staff id>", "choice.all".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Asks for the newest page when it is opened."""
        super().__init__(desk, parent)
        self.page = self.first = 0
        self.staff = EVERYBODY
        self.title = self.words("Audit trail", token=Token.STRONG, weight=BOLD_WEIGHT)
        self.list = AuditList(self.look, self)
        self.sorts = Choice(self, "sort", {"all": "All", **SORTS})
        self.sorts.chosen.connect(lambda _key: self._ask(0))
        self.person = self.target("person", "Everybody", self._ask_person, icon="user", form=Form.LEFT)
        self.earlier = self.target("earlier", "Earlier", partial(self._turn, 1))
        self.later = self.target("later", "Later", partial(self._turn, -1))
        back = self.target(
            "back_to_today", "Today", self._leave, icon="undo", form=Form.LEFT, role=Role.CRITICAL
        )
        head = self.row(self.title, None, self.sorts, self.person)
        self.body.addLayout(head)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(self.row(back, None, self.earlier, self.later))

    def begin(self, snapshot: Snapshot) -> None:
        """The newest lines of everybody."""
        super().begin(snapshot)
        self.staff = EVERYBODY
        self.sorts.choose("all")
        self._ask(0)

    def _sort(self) -> str:
        return "" if self.sorts.value == "all" else self.sorts.value

    def _ask(self, page: int, first: int = 0) -> None:
        self.page, self.first = page, first
        self.send(ReadAudit(page, self.staff, self._sort()))

    def _leave(self) -> None:
        self.wants.emit("")

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The lines come with a snapshot."""

    def frame(self) -> AuditFrame | None:
        """The page that was read last, if it is the one that was asked for."""
        frame = self.snapshot.audit if self.snapshot is not None else None
        asked = (self.page, self.staff, self._sort())
        return frame if frame is not None and (frame.page, frame.staff, frame.sort) == asked else None

    def refresh(self) -> None:
        """As many lines as fit, and where more are."""
        super().refresh()
        names = {row.staff: row.name for row in self.snapshot.staff} if self.snapshot is not None else {}
        self.person.set_words(names.get(self.staff, "Everybody"))
        frame = self.frame()
        if frame is None:
            self.list.show_lines((), READING)
            return
        if self.first < 0:
            self.first = max(0, (len(frame.lines) - 1) // self.list.room() * self.list.room())
        self.list.show_lines(frame.lines[self.first : self.first + self.list.room()], NO_LINE)
        older = frame.more or self.first + self.list.room() < len(frame.lines)
        newer = frame.page > 0 or self.first > 0
        for target, there in ((self.earlier, older), (self.later, newer)):
            target.set_state(State.NORMAL if there else State.BARRED, "" if there else "no more")

    def _turn(self, pages: int) -> None:
        frame = self.frame()
        if frame is None:
            return
        first = self.first + pages * self.list.room()
        if first >= len(frame.lines) and frame.more:
            self._ask(frame.page + 1)
        elif first < 0 and frame.page > 0:
            self._ask(frame.page - 1, LAST)
        else:
            self.first = max(0, first)
            self.refresh()

    def _ask_person(self) -> None:
        staff = self.snapshot.staff if self.snapshot is not None else ()
        options = {"all": "Everybody", **{row.staff: row.name for row in staff}}
        self.edit().ask_choice("Whose lines?", options, self._chosen, columns=4)

    def _chosen(self, staff: str) -> None:
        self.staff = EVERYBODY if staff == "all" else staff
        self.stop_editing()
        self._ask(0)


LAST = -1
"""In place of the first line to show: the last lines of the page that comes."""
