"""A physical keyboard, for whoever sets the machine up with one: its keys do what the keys on the screen do.

It types letters on the touch keyboard that is in sight, digits on the keypad or into the PIN. It touches nothing else:
no key of it gives a drug, signs or starts; only Return does what "Done" of the touch keyboard does.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ui.widgets.keyboard import Keyboard
from ui.widgets.keypad import KeyGrid
from ui.widgets.target import Target

_ERASE = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
_DONE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PhysicalKeys(QObject):
    """Hears the keys of a window, which holds the focus since no target takes it."""

    def __init__(self, window: QWidget) -> None:
        """Listens from now on."""
        super().__init__(window)
        self.window = window
        window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Takes the keys that something in sight can type; every other event goes its way."""
        return event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._typed(event)

    def _typed(self, event: QKeyEvent) -> bool:
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier):
            return False
        board = self._on_top(Keyboard)
        if isinstance(board, Keyboard):
            return self._on_keyboard(board, event)
        grid = self._on_top(KeyGrid)
        return isinstance(grid, KeyGrid) and self._on_keypad(grid, event)

    def _on_keyboard(self, board: Keyboard, event: QKeyEvent) -> bool:
        if event.key() in _DONE:
            board.press("done")
        elif event.key() in _ERASE:
            board.press("erase")
        elif event.key() == Qt.Key.Key_Space:
            board.press("space")
        elif event.text().isprintable() and event.text().strip():
            board.press_letters(event.text())
        else:
            return False
        return True

    def _on_keypad(self, grid: KeyGrid, event: QKeyEvent) -> bool:
        key = "erase" if event.key() in _ERASE else event.text().replace(",", ".")
        for target in grid.places:
            if target is not None and target.accessibleName() == key:
                target.touch()
                return True
        return False

    def _on_top(self, kind: type[Keyboard | KeyGrid]) -> QWidget | None:
        """The one of this kind that a finger could reach now."""
        for widget in self.window.findChildren(kind):
            if not widget.isVisibleTo(self.window):
                continue
            first = next(iter(widget.findChildren(Target)), None)
            if first is None:
                continue
            middle = first.mapTo(self.window, first.rect().center())
            if self.window.childAt(middle) is first:
                return widget
        return None
