"""Choices by touch: chips of which one, or several, are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import GAP, Look, Token
from ui.widgets.target import Role, State, Target


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

    def pick_all(self, keys: Sequence[str]) -> None:
        """Chooses these without a touch, and no other."""
        self.picked = [key for key in keys if key in self.targets]
        self._show_picked()

    def _show_picked(self) -> None:
        for key, target in self.targets.items():
            if not target.is_barred():
                target.set_state(State.CHOSEN if key in self.picked else State.NORMAL)

    def chip_width(self, words: str) -> int:
        """How wide a chip with these words is."""
        measured = Target(self.look, "", words, token=self.token, role=self.role)
        return measured.sizeHint().width()

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
