"""Choices by touch: a row of chips of which one is chosen, the time chips, and a pick list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import GAP, NORMAL, Look, Token
from ui.widgets.target import Role, State, Target

BACK_MIN = (0, 1, 2, 5, 10)


class Chips(QWidget):
    """Choices in rows, 3 mm apart; `many` lets several be chosen."""

    chosen = Signal(str)

    def __init__(
        self,
        look: Look,
        prefix: str,
        choices: Sequence[tuple[str, str]],
        *,
        many: bool = False,
        token: Token = Token.TEXT,
        role: Role = Role.NORMAL,
        parent: QWidget | None = None,
    ) -> None:
        """`choices` are (key, words); a chip's name is "<prefix>.<key>"."""
        super().__init__(parent)
        self.look = look
        self.prefix = prefix
        self.many = many
        self.token = token
        self.role = role
        self.targets: dict[str, Target] = {}
        self.picked: list[str] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offers other choices; what was picked and is still offered stays picked."""
        for target in self.targets.values():
            target.deleteLater()
        self.targets = {}
        for key, words in choices:
            target = Target(
                self.look, f"{self.prefix}.{key}", words, token=self.token, role=self.role, parent=self
            )
            target.clicked.connect(partial(self._touch, key))
            target.setVisible(True)
            self.targets[key] = target
        self.picked = [key for key in self.picked if key in self.targets]
        self._show_picked()
        self._lay_out()
        self.updateGeometry()

    def _touch(self, key: str, _on: bool = False) -> None:
        if not self.many:
            self.picked = [key]
        elif key in self.picked:
            self.picked.remove(key)
        else:
            self.picked.append(key)
        self._show_picked()
        self.chosen.emit(key)

    def pick(self, key: str | None) -> None:
        """Chooses without a touch; None chooses nothing."""
        self.picked = [] if key is None else [key]
        self._show_picked()

    def _show_picked(self) -> None:
        for key, target in self.targets.items():
            if not target.is_barred():
                target.set_state(State.CHOSEN if key in self.picked else State.NORMAL)

    def _rows(self, width: int) -> list[list[Target]]:
        rows: list[list[Target]] = [[]]
        x, gap = 0, self.look.mm(GAP)
        for target in self.targets.values():
            wide = target.sizeHint().width()
            if rows[-1] and x + wide > width:
                rows.append([])
                x = 0
            rows[-1].append(target)
            x += wide + gap
        return rows

    def hasHeightForWidth(self) -> bool:
        """Narrower means more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of its rows."""
        tall = max((target.minimumSizeHint().height() for target in self.targets.values()), default=0)
        rows = len(self._rows(width))
        return rows * tall + (rows - 1) * self.look.mm(GAP)

    def sizeHint(self) -> QSize:
        """All in one row, or the rows it needs in the width it has."""
        gap = self.look.mm(GAP)
        wide = sum(target.sizeHint().width() + gap for target in self.targets.values()) - gap
        return QSize(max(0, wide), self.heightForWidth(self.width() if self.width() > 120 else wide))

    def minimumSizeHint(self) -> QSize:
        """The widest chip."""
        wide = max((target.minimumSizeHint().width() for target in self.targets.values()), default=0)
        return QSize(wide, self.heightForWidth(max(wide, self.width())))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places the chips again."""
        self._lay_out()

    def _lay_out(self) -> None:
        gap = self.look.mm(GAP)
        y = 0
        for row in self._rows(self.width()):
            x, tall = 0, 0
            for target in row:
                size = target.sizeHint()
                target.setGeometry(x, y, size.width(), size.height())
                x, tall = x + size.width() + gap, max(tall, size.height())
            y += tall + gap


class TimeChips(Chips):
    """When it happened: now, or 1, 2, 5 or 10 minutes ago. Names are "back.0" to "back.10"."""

    def __init__(self, look: Look, role: Role = Role.NORMAL, parent: QWidget | None = None) -> None:
        """Now is chosen until another is touched."""
        words = [(str(minutes), "Now" if minutes == 0 else f"−{minutes}") for minutes in BACK_MIN]
        super().__init__(look, "back", words, role=role, parent=parent)
        self.pick("0")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The last one says "min" where that has room."""
        last = self.targets[str(BACK_MIN[-1])]
        for words in (f"−{BACK_MIN[-1]} min", f"−{BACK_MIN[-1]}"):
            last.set_words(words)
            if len(self._rows(self.width())) == 1:
                break
        super().resizeEvent(event)

    def back_min(self) -> int:
        """Minutes before the first touch."""
        return int(self.picked[0])


class PickList(QWidget):
    """A long list, a page at a time, with Earlier and Later: no hidden gesture, no scroll bar to hit."""

    chosen = Signal(str)

    def __init__(
        self,
        look: Look,
        prefix: str,
        choices: Sequence[tuple[str, str]],
        *,
        many: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`choices` are (key, words)."""
        super().__init__(parent)
        self.look = look
        self.prefix = prefix
        self.many = many
        self.picked: list[str] = []
        self._choices = tuple(choices)
        self._page = 0
        self._rows: list[Target] = []
        self.earlier = Target(look, f"{prefix}.earlier", "Earlier", parent=self)
        self.later = Target(look, f"{prefix}.later", "Later", parent=self)
        self.earlier.clicked.connect(lambda: self._turn(-1))
        self.later.clicked.connect(lambda: self._turn(1))

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offers another list from its first page."""
        self._choices, self._page = tuple(choices), 0
        self._lay_out()

    def pages(self) -> int:
        """How many pages it has in its height."""
        return max(1, -(-len(self._choices) // self._per_page()))

    def _per_page(self) -> int:
        step = self.look.mm(NORMAL) + self.look.mm(GAP)
        rows = max(1, (self.height() + self.look.mm(GAP)) // step)
        return rows if len(self._choices) <= rows else max(1, rows - 1)

    def _turn(self, by: int) -> None:
        self._page = min(max(0, self._page + by), self.pages() - 1)
        self._lay_out()

    def _touch(self, key: str, _on: bool = False) -> None:
        if self.many and key in self.picked:
            self.picked.remove(key)
        else:
            self.picked = [*self.picked, key] if self.many else [key]
        self._show_picked()
        self.chosen.emit(key)

    def _show_picked(self) -> None:
        for target in self._rows:
            key = target.objectName().removeprefix(f"{self.prefix}.")
            target.set_state(State.CHOSEN if key in self.picked else State.NORMAL)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """As many rows as its height has room for."""
        self._lay_out()

    def _lay_out(self) -> None:
        for target in self._rows:
            target.deleteLater()
        tall, gap = self.look.mm(NORMAL), self.look.mm(GAP)
        count = self._per_page()
        self._page = min(self._page, self.pages() - 1)
        shown = self._choices[self._page * count : (self._page + 1) * count]
        self._rows = [self._row(key, words, n * (tall + gap)) for n, (key, words) in enumerate(shown)]
        several = self.pages() > 1
        half = (self.width() - gap) // 2
        for number, target in enumerate((self.earlier, self.later)):
            target.setVisible(several)
            target.setGeometry(number * (half + gap), self.height() - tall, half, tall)
        self.earlier.set_state(State.BARRED if self._page == 0 else State.NORMAL, "first page")
        self.later.set_state(State.BARRED if self._page == self.pages() - 1 else State.NORMAL, "last page")
        self._show_picked()

    def _row(self, key: str, words: str, y: int) -> Target:
        target = Target(self.look, f"{self.prefix}.{key}", words, parent=self)
        target.clicked.connect(partial(self._touch, key))
        target.setGeometry(0, y, self.width(), self.look.mm(NORMAL))
        target.show()
        return target
