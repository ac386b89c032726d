"""What the screens without tiles share: margins, the last line, and an editor that asks for one field at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.frames import Snapshot, StaffRow
from app.roles import ADMINISTRATOR
from ui.sheets.base import Choice, Desk, Page, Part, clear
from ui.sheets.number import Check, NumberPanel, PinPanel, no_check
from ui.sheets.text import TextPanel
from ui.theme import BOLD_WEIGHT, CRITICAL, EDGE, GAP, RADIUS, Token, rounded
from ui.widgets.event_bar import LastLine
from ui.widgets.target import Form, Role, State, Target

LAST_LINE_MM = 5.2
ONLY_ADMINISTRATORS = "an administrator does this"
TOP_MM = 1.4
"""What is left of a gap between targets under the bar, whose own gap is a little narrower."""
TakesNumber = Callable[[float], object]
SET_WIDTH = 40.0
"""Millimetres of the target that sets a PIN."""

TakesText = Callable[[str], object]


class Screen(Page):
    """A whole screen under the top. `body` is laid out by the screen, `foot` is its last row."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """An empty overview with its margins."""
        super().__init__(desk, parent)
        self.last_line = LastLine(self.look, self)
        self.overview = Part(self)
        self.body = QVBoxLayout(self.overview)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(self.mm(GAP))
        self._editor: Editor | None = None

    @property
    def editor(self) -> Editor:
        """Made when something is asked for the first time: its keys are most of the targets of a screen."""
        if self._editor is None:
            self._editor = Editor(self)
            self._editor.hide()
            self._editor.setGeometry(self.overview.geometry())
        return self._editor

    def is_asking(self) -> bool:
        """Whether the editor stands in place of the overview."""
        return self._editor is not None and not self._editor.isHidden()

    def hide_editor(self) -> None:
        """The editor goes, where there is one."""
        if self._editor is not None:
            self._editor.hide()

    def me(self) -> StaffRow | None:
        """Who is here; None where nobody signed in."""
        shot = self.snapshot
        return next((row for row in shot.staff if row.staff == shot.who), None) if shot is not None else None

    def is_administrator(self) -> bool:
        """Whether who is here may do what administrators do; the engine asks again."""
        me = self.me()
        return me is not None and any(role in ADMINISTRATOR for role in me.roles)

    def begin(self, snapshot: Snapshot) -> None:
        """The overview; a question that was left open is forgotten."""
        super().begin(snapshot)
        self.stop_editing()

    def refresh(self) -> None:
        """The last line; each screen adds its own."""
        if self.snapshot is not None:
            self.last_line.show_line(self.snapshot.saved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Five millimetres from the panel's edges; the last line lies in the margin below."""
        super().resizeEvent(event)
        edge, line = self.mm(EDGE), self.mm(LAST_LINE_MM)
        room = self.rect().adjusted(edge, self.mm(TOP_MM), -edge, -line)
        self.overview.setGeometry(room)
        if self._editor is not None:
            self._editor.setGeometry(room)
        self.last_line.setGeometry(edge, self.height() - line, self.width() - 2 * edge, line)
        self.ask_card.place()

    def edit(self) -> Editor:
        """The editor in place of the overview; what was said of the overview goes with it."""
        self.ask_card.hide()
        self.overview.hide()
        self.editor.show()
        self.editor.raise_()
        return self.editor

    def stop_editing(self) -> None:
        """The overview again."""
        self.hide_editor()
        self.overview.show()
        self.ask_card.hide()
        self.refresh()

    def field(self, name: str, label: str, do: Callable[[], object]) -> Target:
        """A field of the overview: its label left, its value right; it opens the editor."""
        target = self.target(name, label, do, form=Form.PAIR)
        target.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return target

    def show_field(self, target: Target, value: str, *, wrong: str = "") -> None:
        """Shows a value, or in its place what is wrong or missing."""
        target.set_words(target.words, value=wrong or value)
        target.set_icon("warning" if wrong else "")
        target.set_state(State.DUE if wrong else State.NORMAL)


class Editor(QWidget):
    """Asks for one thing at a time.

    Targets: "editor.back", "editor.done", "set", "key.*", "pin.*", "pin_set", "choice.<key>", "letter.*", "keyboard.*".
    """

    def __init__(self, screen: Screen) -> None:
        """Hidden until a field is touched."""
        super().__init__(screen)
        self.page = screen
        self._take_number: TakesNumber = lambda _value: None
        self._take_text: TakesText = lambda _text: None
        self._take_pin: TakesText = lambda _pin: None
        self._check_text: Callable[[str], str] = lambda _text: ""
        self._check_pin: Callable[[str], str] = lambda _pin: ""
        self.title = screen.words(token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True)
        self.says = screen.words(wrap=True, role="text2")
        self.number = NumberPanel(screen, "", "")
        self.number.entered.connect(self._number_done)
        self.text = TextPanel(screen, "", longest=screen.catalog.text_entry.name_longest)
        self.text.changed.connect(self._typed)
        self.text.done.connect(self._text_done)
        self.pin = PinPanel(screen)
        self.pin.changed.connect(self._pin_typed)
        self.pin_set = screen.target("pin_set", "Set", self._pin_done, role=Role.CRITICAL, state=State.MAIN)
        self.pin_set.setMinimumWidth(screen.mm(SET_WIDTH))  # whatever its words
        self.pin_title = screen.words(token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True)
        self.pin_part = self._pin_part(screen)
        self.choices = QVBoxLayout()
        self.done_target = screen.target(
            "editor.done", "Done", self._done, role=Role.CRITICAL, state=State.MAIN
        )
        self.done_target.setMinimumWidth(screen.mm(40.0))
        self._on_done: Callable[[], object] = screen.stop_editing
        self.back = screen.target("editor.back", "Back", screen.stop_editing, icon="undo", form=Form.LEFT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(screen.mm(GAP))
        layout.addWidget(self.title)
        layout.addWidget(self.says)
        layout.addLayout(self.choices)
        layout.addWidget(self.number)
        layout.addWidget(self.text)
        layout.addWidget(self.pin_part)
        layout.addStretch(1)
        layout.addLayout(screen.row(self.back, None, self.done_target))

    def _pin_part(self, screen: Screen) -> Part:
        """The keys take the whole height of the smaller panel: title, Back and Set stand beside them."""
        part = Part(self)
        back = screen.target("editor.back", "Back", screen.stop_editing, icon="undo", form=Form.LEFT)
        side = screen.column(self.pin_title, None, screen.row(back, self.pin_set, None))
        layout = screen.row(self.pin, side, gap_mm=8.0)
        layout.setStretchFactor(side, 1)
        part.setLayout(layout)
        return part

    def _only(self, part: QWidget | None, title: str, told: str = "") -> None:
        clear(self.choices)
        for one in (self.number, self.text, self.pin_part):
            one.setVisible(one is part)
        self.done_target.hide()
        self.title.set_text(title)
        self.pin_title.set_text(title)
        self.title.setVisible(part not in (self.number, self.pin_part))
        self.back.setVisible(part is not self.pin_part)
        self.says.set_text(told, "text2")
        self.says.setVisible(bool(told) and part is not self.number)

    # ------------------------------------------------------------------ what it asks for

    def ask_number(
        self,
        title: str,
        unit: str,
        take: TakesNumber,
        *,
        check: Check = no_check,
        decimals: int = 1,
        digits: int = 4,
        told: str = "",
    ) -> None:
        """A number; `check` says what is wrong with it while it is typed."""
        self._only(self.number, title)
        self._take_number = take
        self.number.check = check
        self.number.begin(title, unit, told, decimals=decimals, digits=digits)

    def ask_text(
        self,
        title: str,
        take: TakesText,
        *,
        text: str = "",
        names: bool = False,
        check: Callable[[str], str] = lambda _text: "",
    ) -> None:
        """Words; `check` says what is wrong with them."""
        self._only(self.text, title)
        self._take_text, self._check_text = take, check
        self.text.begin(title, text, names=names)

    def ask_choice(
        self, title: str, options: dict[str, str], take: TakesText, *, columns: int = 3, told: str = ""
    ) -> None:
        """One of several."""
        self._only(None, title, told)
        choice = Choice(self.page, "choice", options, columns=columns)
        choice.chosen.connect(take)
        self.choices.addWidget(choice)

    def ask_part(self, title: str, part: QWidget, done: Callable[[], object]) -> None:
        """A page's own part; `done` at the end."""
        self._only(None, title)
        self.choices.addWidget(part)
        self._on_done = done
        self.done_target.show()

    def ask_many(
        self,
        title: str,
        options: dict[str, str],
        picked: Sequence[str],
        toggle: TakesText,
        done: Callable[[], object],
        *,
        columns: int = 4,
        extra: Sequence[Target] = (),
    ) -> None:
        """Any number of several; `toggle` at each touch, `done` at the end."""
        self._only(None, title)
        choice = Choice(self.page, "choice", options, columns=columns)
        shown = set(picked)

        def touched(key: str) -> None:
            shown.symmetric_difference_update({key})
            toggle(key)
            mark()

        def mark() -> None:
            for key, target in choice.targets.items():
                target.set_state(State.CHOSEN if key in shown else State.NORMAL)

        choice.chosen.connect(touched)
        mark()
        self.choices.addWidget(choice)
        if extra:
            self.choices.addLayout(self.page.row(*extra, None))
        self._on_done = done
        self.done_target.show()

    def ask_pin(self, title: str, take: TakesText, *, check: Callable[[str], str] = lambda _pin: "") -> None:
        """A PIN of four to eight digits."""
        self._only(self.pin_part, title)
        self._take_pin, self._check_pin = take, check
        self.pin.begin("PIN")

    # ------------------------------------------------------------------ what comes of it

    def wrong(self, words: str) -> None:
        """Says what is wrong and stays."""
        self.says.set_text(words, "text")
        self.says.setVisible(bool(words))

    def _typed(self, text: str) -> None:
        self.wrong(self._check_text(text) if text else "")

    def _text_done(self, text: str) -> None:
        wrong = self._check_text(text)
        if wrong:
            self.wrong(wrong)
        else:
            self._take_text(text.strip())

    def _pin_typed(self) -> None:
        long_enough = self.pin.is_long_enough()
        self.pin_set.set_state(
            State.MAIN if long_enough else State.BARRED, "" if long_enough else "4 digits or more"
        )

    def _pin_done(self) -> None:
        pin = self.pin.pin
        wrong = self._check_pin(pin)
        if wrong:
            self.pin.clear(wrong)
        else:
            self._take_pin(pin)

    def _number_done(self, value: float) -> None:
        self._take_number(value)

    def _done(self) -> None:
        self._on_done()


class Stat(QWidget):
    """A value over its words on a card: "130 mg" over "in all"."""

    def __init__(self, screen: Page, words: str) -> None:
        """Dashes until there is a value."""
        super().__init__(screen)
        self.look = screen.look
        self.words = words
        self.value = "--"
        self.setAccessibleName(f"{self.value} {words}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(self.look.mm(30), self.look.mm(NORMAL_CARD_MM))

    def show_value(self, value: str) -> None:
        """Shows a value."""
        if value != self.value:
            self.value = value
            self.setAccessibleName(f"{value} {self.words}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Card, value, words."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        left = look.px(2.6)
        painter.setFont(look.font(Token.CRITICAL, BOLD_WEIGHT))
        painter.setPen(look["text"])
        painter.drawText(round(left), round(look.px(2.0) + look.cap(Token.CRITICAL)), self.value)
        painter.setFont(look.font())
        painter.setPen(look["text2"])
        painter.drawText(round(left), round(self.height() - look.px(2.4)), self.words)
        painter.end()


NORMAL_CARD_MM = 14.8


def main_target(screen: Page, name: str, words: str, do: Callable[[], object], **kinds: object) -> Target:
    """The screen's one main act, bottom right."""
    target = screen.target(
        name, words, do, **{"role": Role.CRITICAL, "state": State.MAIN, "token": Token.STRONG, **kinds}
    )
    target.setMinimumSize(screen.mm(60.0), screen.mm(CRITICAL))
    return target
