"""What every sheet and screen stands on: a desk to post from, pages that hear their answers, and the sheet's frame.

A page posts an act and keeps the tap's id; each snapshot may answer it: refused with words, asked back with a
question whose "Yes" posts the act again with `sure`, waiting for a PIN, or taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Any, Final, TypeVar
from uuid import uuid4

import msgspec
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from app.catalog import Catalog
from app.frames import Answer, SavedLine, Snapshot
from app.instant import Instant
from app.messages import AnyAct, Tap
from app.ports import Clock, Devices, Post
from ui.theme import (
    BOLD_WEIGHT,
    CHIP_RADIUS,
    GAP,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    NORMAL,
    RADIUS,
    Look,
    Token,
    rounded,
)
from ui.widgets.target import Form, Role, State, Target
from ui.widgets.words import Words

PAD_MM: Final = 2.9
HEAD_MM: Final = 7.6
SURE_FIELD: Final = "sure"

Do = Callable[[], Any]


@dataclass(frozen=True)
class Desk:
    """What a page needs from outside: how it looks, the tables, the time, and where its touches go."""

    look: Look
    catalog: Catalog
    clock: Clock
    post: Post
    devices: Devices | None = None
    zone: tzinfo | None = None

    def tap(self, act: AnyAct, at: Instant | None = None, session: str | None = None) -> str:
        """Posts an act and gives the tap's id; `at` is the first touch, now when there was none before.

        `session` is the one that the page showed when it was opened.
        """
        tap = Tap(uuid4().hex, at if at is not None else self.clock(), act, session)
        self.post(tap)
        return tap.id

    def time_of_day(self, at: Instant) -> str:
        """The local time with seconds, as a touch fixed it."""
        return f"{at.utc.astimezone(self.zone):%H:%M:%S}"


class Page(QWidget):
    """A screen or sheet: shows snapshots, posts acts, and hears what became of them."""

    closed = Signal()
    wants = Signal(str)
    keeps_session = False
    """True of a page that is made anew each time: it is about the session that it was opened on."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Shows nothing before its first snapshot."""
        super().__init__(parent)
        self.desk = desk
        self.look = desk.look
        self.catalog = desk.catalog
        self.snapshot: Snapshot | None = None
        self.meant: str | None = None
        """The session that this page was opened on; its touches are for no other."""
        self.stirred_s = desk.clock().steady
        self._open: dict[str, AnyAct] = {}
        self._at: dict[str, Instant] = {}
        self.ask_card = AskCard(self.look, self)
        self.look.changed.connect(self.update)

    # ------------------------------------------------------------------ snapshots and answers

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows what is new and hears the answers to its touches."""
        if self.meant is None or not self.keeps_session:
            self.meant = snapshot.session
        self.snapshot = snapshot
        self._hear(snapshot.answers)
        self.refresh()

    def refresh(self) -> None:
        """Brings every widget in line with the snapshot and what was touched; each page has its own."""

    def send(self, act: AnyAct, at: Instant | None = None) -> str:
        """Posts an act and listens for its answer; a question about an earlier one is over."""
        self.stir()
        self.ask_card.hide()
        tap = self.desk.tap(act, at, self.meant)
        self._open[tap] = act
        if at is not None:
            self._at[tap] = at
        return tap

    def is_waiting(self) -> bool:
        """Whether a touch has not been answered yet."""
        return bool(self._open)

    def begin(self, snapshot: Snapshot) -> None:
        """It comes on the screen, or another session comes on it; each screen forgets what was begun before."""
        self.forget_touches()

    def forget_touches(self) -> None:
        """It left the screen or comes back: an answer to an earlier touch is of no use to whoever stands there."""
        self._open.clear()
        self._at.clear()
        self.ask_card.hide()

    def stir(self) -> None:
        """Remembers that somebody touched it."""
        self.stirred_s = self.desk.clock().steady

    def _hear(self, answers: dict[str, Answer]) -> None:
        for tap in [tap for tap in self._open if tap in answers]:
            answer = answers[tap]
            if answer.state == "waiting":
                continue
            act, at = self._open.pop(tap), self._at.pop(tap, None)
            if answer.state == "taken":
                self.taken(act, answer)
            elif answer.state == "asked" or answer.field == SURE_FIELD:
                self.asked(act, answer, at)
            else:
                self.refused(act, answer)

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The act was done; by default the page closes."""
        self.closed.emit()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """The act was not done; says why."""
        self.ask_card.refuse(answer.reason)

    def asked(self, act: AnyAct, answer: Answer, at: Instant | None) -> None:
        """The engine asks back; Yes posts the same act again, sure."""
        self.ask_card.ask(answer.reason, self.yes_words(act), lambda: self.send(sure(act), at))

    def yes_words(self, act: AnyAct) -> str:
        """What the Yes of a question says."""
        return "Yes, that is right"

    # ------------------------------------------------------------------ parts

    def target(self, name: str, words: str, do: Do, **kinds: Any) -> Target:
        """A target of this page that does something when touched."""
        target = Target(self.look, name, words, parent=self, **kinds)

        def touched() -> None:
            self.stir()
            do()

        target.clicked.connect(lambda _on=False: touched())
        return target

    def words(self, text: str = "", **kinds: Any) -> Words:
        """A text of this page."""
        return Words(self.look, text, parent=self, **kinds)

    def mm(self, mm: float) -> int:
        """Whole pixels, rounded up."""
        return self.look.mm(mm)

    def row(self, *widgets: QWidget | QLayout | None, gap_mm: float = GAP) -> QHBoxLayout:
        """Widgets side by side; None is a stretch."""
        return filled(QHBoxLayout(), widgets, self.mm(gap_mm))

    def column(self, *widgets: QWidget | QLayout | None, gap_mm: float = GAP) -> QVBoxLayout:
        """Widgets below each other; None is a stretch."""
        return filled(QVBoxLayout(), widgets, self.mm(gap_mm))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keeps the question in its place."""
        self.ask_card.place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        painter.end()


class Part(QWidget):
    """A piece of a page that holds others and paints nothing: the page's own ground shows through."""


Box = TypeVar("Box", QHBoxLayout, QVBoxLayout)


def filled(layout: Box, widgets: tuple[QWidget | QLayout | None, ...], gap: int) -> Box:
    """The layout with these widgets; None is a stretch."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        elif isinstance(widget, QLayout):
            layout.addLayout(widget)
        else:
            layout.addWidget(widget)
    return layout


def sure(act: AnyAct) -> AnyAct:
    """The same act with its question answered."""
    return msgspec.structs.replace(act, sure=True)


class AskCard(QWidget):
    """A question with Yes and No, or a refusal with Back, over the lower part of its page."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Hidden until there is something to say."""
        super().__init__(parent)
        self.look = look
        self._do: Do | None = None
        self.text = Words(look, token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True, parent=self)
        self.no = Target(look, "no", "No", role=Role.CRITICAL, parent=self)
        self.yes = Target(look, "yes", "Yes", role=Role.CRITICAL, state=State.MAIN, parent=self)
        self.back = Target(look, "ok", "Back", role=Role.CRITICAL, parent=self)
        for target in (self.no, self.back):
            target.clicked.connect(lambda _on=False: self.hide())
        self.yes.clicked.connect(lambda _on=False: self._answer())
        self.hide()

    def ask(self, question: str, yes: str, do: Do) -> None:
        """Asks; `do` happens on Yes."""
        self._do = do
        self.yes.set_words(yes)
        self._show(question, asks=True)

    def refuse(self, reason: str) -> None:
        """Says why not, as a sentence."""
        said = reason[:1].upper() + reason[1:]
        self._show(said if said.endswith((".", "?", "!")) else f"{said}.", asks=False)

    def _show(self, text: str, *, asks: bool) -> None:
        self.text.set_text(text)
        self.yes.setVisible(asks)
        self.no.setVisible(asks)
        self.back.setVisible(not asks)
        self.show()
        self.raise_()
        self.place()

    def _answer(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()

    def place(self) -> None:
        """Stands at the bottom of its page, as high as its words need."""
        page = self.parentWidget()
        if page is None or self.isHidden():
            return
        look, pad = self.look, self.look.mm(PAD_MM)
        edge = look.mm(0.3)
        width = page.width() - 2 * edge
        icon = look.mm(9.0)
        text_height = self.text.heightForWidth(width - 2 * pad - icon)
        button = look.mm(20.2)
        height = min(page.height() - edge, text_height + button + 3 * pad)
        self.setGeometry(edge, page.height() - height - edge, width, height)
        self.text.setGeometry(pad + icon, pad, width - 2 * pad - icon, text_height)
        top = height - pad - button
        right = width - pad
        for target in (self.yes, self.back, self.no):
            if target.isHidden():
                continue
            wide = max(target.sizeHint().width(), look.mm(40.0))
            # The finger that asked is still at the right: its second touch must be no Yes.
            left = right - wide if target is self.no else pad
            target.setGeometry(left, top, wide, button)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card over the page."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["panel"])
        rounded(
            painter, QRectF(self.rect()), look["press"], look["text"], radius=look.px(RADIUS), edge_px=2.0
        )
        pixmap = look.icon("warning", ICON_TEXT + 1.0, "text")
        painter.drawPixmap(look.mm(PAD_MM), look.mm(PAD_MM), pixmap)
        painter.end()


class Head(QWidget):
    """The first line of a sheet: its title, what was fixed by the first touch, and what was saved."""

    def __init__(self, look: Look, title: str, parent: QWidget) -> None:
        """The title stands left."""
        super().__init__(parent)
        self.look = look
        self.title = title
        self.sub = ""
        self.right = ""
        self.right_icon = ""
        self.label_class = ""
        self.setFixedHeight(look.mm(HEAD_MM))
        look.changed.connect(self.update)

    def say(
        self, *, title: str | None = None, sub: str | None = None, label_class: str | None = None
    ) -> None:
        """Shows another title, sub-line or drug label behind the title."""
        self.title = self.title if title is None else title
        self.sub = self.sub if sub is None else sub
        self.label_class = self.label_class if label_class is None else label_class
        self.setAccessibleName(self.title)
        self.update()

    def say_right(self, text: str, icon: str = "") -> None:
        """Shows words at the right end."""
        if (text, icon) != (self.right, self.right_icon):
            self.right, self.right_icon = text, icon
            self.update()

    def say_saved(self, saved: SavedLine) -> None:
        """Shows what was written last, with a clock until it is on disk."""
        icons = {"saving": "clock", "saved": "check", "failed": "warning", "none": ""}
        self.say_right(saved.text, icons[saved.state])

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Title, sub-line, and the right end where it still fits."""
        painter = QPainter(self)
        look = self.look
        baseline = self.height() / 2 + look.cap(Token.STRONG) / 2
        x = self._paint_title(painter, baseline)
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(look["text2"])
        if x + look.width(self.sub) <= self.width():
            painter.drawText(QPointF(x, baseline), self.sub)
            x += look.width(self.sub) + look.px(3.0)
        self._paint_right(painter, baseline, x)
        painter.end()

    def _paint_title(self, painter: QPainter, baseline: float) -> float:
        look = self.look
        width = look.width(self.title, Token.STRONG, BOLD_WEIGHT)
        fill = look.label_fill(self.label_class) if self.label_class else None
        painter.setFont(look.font(Token.STRONG, BOLD_WEIGHT))
        if fill is None:
            painter.setPen(look["text"])
            painter.drawText(QPointF(0, baseline), self.title)
            return width + look.px(3.2)
        pad = look.px(2.0)
        rounded(painter, QRectF(0, 0, width + 2 * pad, self.height()), fill, radius=look.px(CHIP_RADIUS))
        painter.setPen(look["label_ink"])
        painter.drawText(QPointF(pad, baseline), self.title)
        return width + 2 * pad + look.px(3.2)

    def _paint_right(self, painter: QPainter, baseline: float, from_x: float) -> None:
        look = self.look
        icon = look.px(ICON_TEXT + 1.4) if self.right_icon else 0.0
        x = self.width() - look.width(self.right, Token.TEXT, BOLD_WEIGHT)
        if not self.right or x - icon < from_x:
            return
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
        painter.setPen(look["text"])
        painter.drawText(QPointF(x, baseline), self.right)
        if self.right_icon:
            px = look.mm(ICON_TEXT)
            top = round((self.height() - px) / 2)
            painter.drawPixmap(round(x - icon), top, look.icon(self.right_icon, ICON_TEXT, "text"))


class Sheet(Page):
    """A sheet over the trends. `under` stands below the tiles: Close, and what else belongs far from confirming.

    On a screen without tiles it is the sheet's own last row.
    """

    title = ""
    keeps_session = True
    close_words = "Close"
    times_out = False

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Fixes the time of the touch that opened it."""
        super().__init__(desk, parent)
        self.touched_at: Instant | None = desk.clock()
        self.head = Head(self.look, self.title, self)
        self.close_target = self.target(
            "close", self.close_words, self.close_sheet, icon="cross", form=Form.LEFT, alternatives=("Close",)
        )
        self.body = QVBoxLayout()
        self.body.setSpacing(self.mm(GAP))
        frame = QVBoxLayout(self)
        pad = self.mm(PAD_MM)
        frame.setContentsMargins(pad, self.mm(2.0), pad, pad)
        frame.setSpacing(self.mm(1.6))
        frame.addWidget(self.head)
        frame.addLayout(self.body, 1)
        self.frame = frame

    def under(self) -> list[Target]:
        """The targets under the tiles, from the left."""
        return [self.close_target]

    def close_inside(self) -> None:
        """There are no tiles to close under: the way out is the sheet's last row."""
        self.frame.addSpacing(self.mm(GAP) - self.frame.spacing())
        self.frame.addLayout(self.row(*self.under(), None))

    def close_sheet(self) -> None:
        """Leaves without an act."""
        self.closed.emit()

    def first_touch(self) -> Instant:
        """The time of the first touch since the last entry; it is used up by this."""
        at = self.touched_at if self.touched_at is not None else self.desk.clock()
        self.touched_at = None
        return at

    def show_touched(self) -> None:
        """Says in the head when the first touch was."""
        if self.touched_at is not None:
            self.head.say(sub=f"touched {self.desk.time_of_day(self.touched_at)}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card with an edge."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["bg"])
        rounded(painter, QRectF(self.rect()), look["panel"], look["border"], radius=look.px(RADIUS))
        painter.end()


BACK_WORDS: Final = "Now"


class BackChips(QWidget):
    """When it happened: now, or so many minutes ago."""

    changed = Signal(int)

    def __init__(
        self, page: Page, minutes: tuple[int, ...], *, height_mm: float | None = None, upright: bool = False
    ) -> None:
        """Now is chosen. `upright` puts the chips below each other."""
        super().__init__(page)
        self.minutes = 0
        self._chips: dict[int, Target] = {}
        layout = QVBoxLayout(self) if upright else QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(page.mm(GAP))
        for back in minutes:
            last = back == minutes[-1]
            words = f"\N{MINUS SIGN}{back}{' min' if last else ''}" if back else BACK_WORDS
            chip = page.target(
                f"back.{back}",
                words,
                partial(self.choose, back),
                alternatives=(f"\N{MINUS SIGN}{back}",) if last else (),
            )
            chip.setFixedHeight(page.mm(NORMAL if height_mm is None else height_mm))
            self._chips[back] = chip
            layout.addWidget(chip)
        self.choose(0)

    def choose(self, back: int) -> None:
        """Chooses how long ago."""
        self.minutes = back
        for minutes, chip in self._chips.items():
            chip.set_state(State.CHOSEN if minutes == back else State.NORMAL)
        self.changed.emit(back)


class Choice(QWidget):
    """Targets of which one is chosen at most, side by side or in a grid of columns."""

    chosen = Signal(str)

    def __init__(
        self,
        page: Page,
        prefix: str,
        options: dict[str, str],
        *,
        columns: int = 0,
        height_mm: float | None = None,
    ) -> None:
        """`options` are words by key; a target is named "prefix.key"."""
        super().__init__(page)
        self.value = ""
        self.targets: dict[str, Target] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(page.mm(GAP))
        per_row = columns or max(1, len(options))
        for number, (key, words) in enumerate(options.items()):
            target = page.target(f"{prefix}.{key}", words, partial(self.choose, key, say=True))
            if height_mm is not None:
                target.setMinimumHeight(page.mm(height_mm))
            self.targets[key] = target
            grid.addWidget(target, number // per_row, number % per_row)

    def choose(self, key: str, *, say: bool = False) -> None:
        """Chooses one; "" chooses none."""
        self.value = key
        for name, target in self.targets.items():
            if not target.is_barred():
                target.set_state(State.CHOSEN if name == key else State.NORMAL)
        if say:
            self.chosen.emit(key)


def clear(layout: QLayout) -> None:
    """Takes everything out of a layout and lets it go."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def slug(words: str) -> str:
    """Words as a part of a target's name: "Pain not better" is "pain-not-better"."""
    kept = "".join(letter if letter.isalnum() else " " for letter in words.casefold())
    return "-".join(kept.split())
