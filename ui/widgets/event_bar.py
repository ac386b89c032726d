"""The bottom row: usual effects, usual drugs, scores, note and undo; and the last line under it."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.frames import EventButton, SavedLine, UndoFrame
from ui.theme import (
    BOLD_WEIGHT,
    CHIP_RADIUS,
    GAP,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    Look,
    Token,
    rounded,
)
from ui.widgets.alarm_bar import last_sentence
from ui.widgets.target import Form, State, Target

_SPARED = (("effect", 4), ("drug", 1), ("effect", 3), ("effect", 1))
"""What gives way, in this order, down to how many."""


def target_name(button: EventButton) -> str:
    """The name that a rehearsal presses: "effect.nausea", "drug.midazolam", "more.effects", "undo"."""
    if button.kind in ("note", "undo"):
        return button.kind
    return button.key if "." in button.key else f"{button.kind}.{button.key}"


def _group(button: EventButton, before: str) -> str:
    if button.kind == "more":
        return before
    return "score" if button.kind == "note" else button.kind


class EventBar(QWidget):
    """As many usual effects and drugs as fit, the first ones first; the rest are behind "More"."""

    touched = Signal(str)
    barred_touched = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Has no target until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.targets: dict[str, Target] = {}
        self._buttons: tuple[EventButton, ...] = ()
        self._undo: UndoFrame | None = None
        self._locked = False
        self._rules: list[int] = []
        self.setObjectName("event_bar")

    def show_bar(
        self, buttons: tuple[EventButton, ...], undo: UndoFrame | None, *, locked: bool = False
    ) -> None:
        """Shows the buttons; undo says how long it is still possible."""
        if (buttons, locked) != (self._buttons, self._locked):
            self._buttons, self._locked = buttons, locked
            self._undo = undo
            self._show_buttons()
        elif undo != self._undo:
            self._undo = undo
            self._show_undo()

    def _show_buttons(self) -> None:
        names = {target_name(button) for button in self._buttons}
        for name in [name for name in self.targets if name not in names]:
            gone = self.targets.pop(name)
            gone.hide()
            gone.deleteLater()
        for button in self._buttons:
            target = self.targets.get(target_name(button)) or self._made(button)
            self._show_button(target, button)
        self._show_undo()
        self._lay_out()

    def _made(self, button: EventButton) -> Target:
        target = Target(
            self.look,
            target_name(button),
            button.label,
            icon=button.icon,
            label_class=button.label_class,
            parent=self,
        )
        target.touched.connect(self.touched)
        target.barred_touched.connect(partial(self.barred_touched.emit, target.objectName()))
        self.targets[target_name(button)] = target
        return target

    def _show_button(self, target: Target, button: EventButton) -> None:
        reason = "locked" if self._locked else button.barred
        if reason:
            struck = bool(button.barred) and button.kind == "drug"
            target.struck = struck
            target.form = Form.LEFT if struck else Form.ABOVE
            target.set_icon("warning" if struck else button.icon)
            target.set_state(State.BARRED, reason)
        else:
            target.struck, target.form = False, Form.ABOVE
            target.set_icon(button.icon)
            target.set_state(State.DUE if button.due else State.NORMAL)
        target.set_words(button.label)
        target.update()

    def _show_undo(self) -> None:
        target = self.targets.get("undo")
        if target is None or target.is_barred():
            return
        target.set_words("Undo" if self._undo is None else f"Undo {self._undo.seconds_left} s")
        self._undo_name(target)

    def _undo_name(self, target: Target) -> None:
        target.setAccessibleName(f"Undo {self._undo.text}" if self._undo is not None else "Undo")

    # ------------------------------------------------------------------ places

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places everything again."""
        self._lay_out()

    def _width(self, button: EventButton) -> int:
        target = self.targets[target_name(button)]
        if button.kind != "undo":
            return target.sizeHint().width()
        room = self.look.width("Undo 10 s", Token.TEXT, BOLD_WEIGHT) + 2 * self.look.px(1.4)
        return max(target.minimumSizeHint().width(), round(room))

    def _fitting(self) -> list[EventButton]:
        """The buttons that fit: usual effects beyond the fourth go first, then drugs, then effects to the third."""
        shown = list(self._buttons)
        for kind, spare in _SPARED:
            while self._needed(shown) > self.width() and self._count(shown, kind) > spare:
                last = max(n for n, button in enumerate(shown) if button.kind == kind)
                del shown[last]
        return shown

    @staticmethod
    def _count(buttons: list[EventButton], kind: str) -> int:
        return sum(button.kind == kind for button in buttons)

    def _groups(self, buttons: list[EventButton]) -> list[list[EventButton]]:
        groups: list[list[EventButton]] = []
        before = ""
        for button in buttons:
            group = _group(button, before)
            if group != before or not groups:
                groups.append([])
            groups[-1].append(button)
            before = group
        return groups

    def _needed(self, buttons: list[EventButton]) -> int:
        gaps = (len(buttons) - 1) * self.look.mm(GAP) + (len(self._groups(buttons)) - 1) * self.look.mm(1.0)
        return sum(self._width(button) for button in buttons) + gaps

    def _lay_out(self) -> None:
        if not self._buttons or self.width() < 2:
            return
        shown = self._fitting()
        groups = self._groups(shown)
        gap = self.look.mm(GAP)
        words = sum(self._width(button) for button in shown)
        inner = sum(len(group) - 1 for group in groups) * gap
        between = max(1, len(groups) - 1)
        outer = (self.width() - words - inner) / between
        extra = 0
        if outer > 3 * gap:
            extra = int((outer - 3 * gap) * between / max(1, len(shown)))
            outer = (self.width() - words - inner - extra * len(shown)) / between
        self._place(groups, gap, outer, extra)
        names = {target_name(button) for button in shown}
        for name, target in self.targets.items():
            target.setVisible(name in names)
        self.update()

    def _place(self, groups: list[list[EventButton]], gap: int, outer: float, extra: int) -> None:
        x = 0.0
        edges: list[tuple[float, float]] = []
        for group in groups:
            begin = x
            for button in group:
                width = self._width(button) + extra
                left = round(x)
                if button is groups[-1][-1] and len(groups) > 1:
                    left = self.width() - width
                self.targets[target_name(button)].setGeometry(left, 0, width, self.height())
                x = left + width + gap
            edges.append((begin, x - gap))
            x += outer - gap
        self._rules = [round((end + begin) / 2) for (_b, end), (begin, _e) in pairwise(edges)]
        if len(groups) > 1:
            last = self.targets[target_name(groups[-1][0])].x()
            self._rules[-1] = round((edges[-2][1] + last) / 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Rules between the groups."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        inset = self.height() // 7
        for x in self._rules:
            painter.fillRect(x, inset, 1, self.height() - 2 * inset, self.look["line"])
        painter.end()


class DueRow(QWidget):
    """What is due: the first that is due now as a chip with a clock, the rest as words; "+2" for what has no room."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.due: tuple[tuple[str, bool], ...] = ()
        self.setObjectName("due")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.changed.connect(self.update)

    def show_due(self, due: tuple[tuple[str, bool], ...]) -> None:
        """Shows other things due; an equal list costs nothing."""
        if due != self.due:
            self.due = due
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Chips and words from the left, as many as fit; how many more there are is said."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["bg"])
        if self.due:
            self._text(painter, look.px(0.6), "Due", "text2", MEDIUM_WEIGHT)
        x = look.px(0.6) + look.width("Due") + look.px(4.0)
        shown = self.shown()
        for words, now in self.due[:shown]:
            if now:
                self._chip(painter, x, self._width(words, now), words)
            else:
                self._text(painter, x, words, "text", MEDIUM_WEIGHT)
            x += self._width(words, now) + look.px(3.8)
        if shown < len(self.due):
            self._text(painter, x, self._more(shown), "text", BOLD_WEIGHT)
        painter.end()

    def shown(self) -> int:
        """How many stand on the row, the most pressing first: with room for how many more there are."""
        look = self.look
        room = self.width() - look.px(0.6) - look.width("Due") - look.px(4.0)
        for many in range(len(self.due), 0, -1):
            wide = sum(self._width(words, now) + look.px(3.8) for words, now in self.due[:many])
            more = (
                look.width(self._more(many), Token.TEXT, BOLD_WEIGHT)
                if many < len(self.due)
                else -look.px(3.8)
            )
            if wide + more <= room:
                return many
        return 0

    def _more(self, shown: int) -> str:
        return f"+{len(self.due) - shown}"

    def _width(self, words: str, now: bool) -> float:
        look = self.look
        width = look.width(words, Token.TEXT, BOLD_WEIGHT if now else MEDIUM_WEIGHT)
        return width + (look.mm(ICON_TEXT) + look.px(3.8) if now else 0)

    def _chip(self, painter: QPainter, x: float, width: float, words: str) -> None:
        look, middle = self.look, self.height() / 2
        box = QRectF(x, middle - look.px(3.05), width, look.px(6.1))
        rounded(painter, box, look["fill"], radius=look.px(CHIP_RADIUS))
        px = look.mm(ICON_TEXT)
        painter.drawPixmap(
            round(x + look.px(1.4)), round(middle - px / 2), look.icon("clock", ICON_TEXT, "fill_ink")
        )
        self._text(painter, x + px + look.px(2.4), words, "fill_ink", BOLD_WEIGHT)

    def _text(self, painter: QPainter, x: float, words: str, role: str, weight: int) -> None:
        painter.setFont(self.look.font(Token.TEXT, weight))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(x, self.height() / 2 + self.look.cap() / 2), words)


_SAVED_ICONS = {"saving": "clock", "saved": "check", "failed": "warning"}


class LastLine(QWidget):
    """What was written last, with a clock, a tick or a warning sign; and what to know, on the right."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.line: SavedLine | None = None
        self.setObjectName("last_line")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        look.changed.connect(self.update)

    def show_line(self, line: SavedLine) -> None:
        """Shows another line; an equal one costs nothing."""
        if line != self.line:
            self.line = line
            self.setAccessibleName(f"{line.state} {line.text} {line.right}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Left what was saved; right what is to be known, when both have room."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        if self.line is not None:
            self._paint(painter, self.line)
        painter.end()

    def _paint(self, painter: QPainter, line: SavedLine) -> None:
        look = self.look
        x, end = look.px(0.2), 0.0
        failed = line.state == "failed"
        weight, role = (BOLD_WEIGHT, "text") if failed else (MEDIUM_WEIGHT, "text2")
        baseline = look.px(1.0) + look.cap()
        if line.text:
            icon = _SAVED_ICONS.get(line.state, "")
            if icon:
                px = look.mm(4.2)
                y = baseline - look.cap() / 2 - px / 2
                painter.drawPixmap(round(x), round(y), look.icon(icon, 4.2, "text"))
                x += px + look.px(1.0)
            painter.setFont(look.font(Token.TEXT, weight))
            painter.setPen(look[role])
            painter.drawText(QPointF(x, baseline), line.text)
            end = x + look.width(line.text, Token.TEXT, weight) + look.px(GAP)
        right = line.right if self.width() - look.width(line.right) >= end else last_sentence(line.right)
        left = self.width() - look.width(right)
        if right and left >= end:
            painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
            painter.setPen(look["text2"])
            painter.drawText(QPointF(left, baseline), right)
