"""A finger of a rehearsal: finds a real widget by its name and touches it as a hand would.

A widget that is not there, hidden, covered by another or barred is not touched: TouchFailed says which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from ui.widgets.keyboard import Keyboard
from ui.widgets.target import Target

PAGES_AT_MOST: Final = 12
_LAYERS: Final = 4


class TouchFailed(Exception):
    """A touch that could not be made; the text names the widget and says why."""


class Barred(TouchFailed):
    """The target is there and says why it does nothing; `reason` is what it says."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: barred: {reason or 'no reason shown'}")
        self.reason = reason


class Finger:
    """Touches the widgets of one window. `settle` lets the program answer after a touch."""

    def __init__(self, window: QWidget, settle: Callable[[], None]) -> None:
        """The window is shown already."""
        self.window = window
        self._settle = settle

    # ------------------------------------------------------------------ finding

    def find(self, name: str) -> QWidget:
        """The widget of this name that a finger can reach; raises TouchFailed."""
        named = self._named(name)
        if not named:
            raise TouchFailed(f"{name}: no such widget")
        visible = [widget for widget in named if widget.isVisibleTo(self.window)]
        if not visible:
            raise TouchFailed(f"{name}: hidden")
        reachable = [widget for widget in visible if self._cover(widget) is None]
        if not reachable:
            raise TouchFailed(f"{name}: covered by {self._cover(visible[-1])}")
        return reachable[-1]

    def can_reach(self, name: str) -> bool:
        """Whether a finger can reach a widget of this name."""
        return any(w.isVisibleTo(self.window) and self._cover(w) is None for w in self._named(name))

    def _named(self, name: str) -> list[QWidget]:
        return list(self.window.findChildren(QWidget, name))

    def _cover(self, widget: QWidget) -> str | None:
        """What lies over the widget's middle; None when a touch there reaches it."""
        middle = widget.mapTo(self.window, widget.rect().center())
        if not self.window.rect().contains(middle):
            return "the window's edge"
        top = self.window.childAt(middle)
        if top is None or top is widget or widget.isAncestorOf(top):
            return None
        return top.objectName() or type(top).__name__

    # ------------------------------------------------------------------ touching

    def press(self, name: str, *, even_barred: bool = False) -> None:
        """Touches it and lets the program answer; raises TouchFailed, Barred for a barred target."""
        self._touch(self.find(name), even_barred=even_barred)
        self._settle()

    def press_widget(self, widget: QWidget) -> None:
        """Touches a widget that was found by other means."""
        self._touch(widget, even_barred=False)
        self._settle()

    def _touch(self, widget: QWidget, *, even_barred: bool) -> None:
        if isinstance(widget, Target) and widget.is_barred() and not even_barred:
            raise Barred(widget.objectName(), widget.reason)
        middle = QPoint(widget.width() // 2, widget.height() // 2)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)

    def turn_to(self, name: str, turn: str) -> None:
        """Turns pages until the name is there."""
        for _ in range(PAGES_AT_MOST):
            if self.can_reach(name):
                return
            self.press(turn)
        raise TouchFailed(f"{name}: on no page of {turn}")

    def press_words(self, prefix: str, words: str, second: str = "") -> None:
        """Touches the target of a list that reads so."""
        for target in self.window.findChildren(Target):
            fits = target.words == words and second in ("", target.second)
            if fits and target.objectName().startswith(f"{prefix}.") and target.isVisibleTo(self.window):
                self.press_widget(target)
                return
        raise TouchFailed(f"{prefix}.*: nothing reads {words!r} {second!r}".rstrip())

    # ------------------------------------------------------------------ typing

    def keys(self, text: str, prefix: str = "key") -> None:
        """Types digits, and the point, on a keypad."""
        for key in text:
            self._touch(self.find(f"{prefix}.{key}"), even_barred=False)
        self._settle()

    def number(self, value: float) -> None:
        """Types a number as it is written."""
        self.keys(f"{value:g}")

    def write(self, text: str) -> None:
        """Types words on the touch keyboard, and Done."""
        for letter in text:
            self._letter(letter)
        self.press("keyboard.done")

    def write_into(self, text: str) -> None:
        """Types words on the touch keyboard, without Done."""
        for letter in text:
            self._letter(letter)
        self._settle()

    def erase_all(self) -> None:
        """Takes away what stands on the touch keyboard's line."""
        for _ in range(len(self._keyboard().text)):
            self._touch(self.find("keyboard.erase"), even_barred=False)

    def _letter(self, letter: str) -> None:
        if letter == " ":
            self._touch(self.find("keyboard.space"), even_barred=False)
            return
        keyboard = self._keyboard()
        if letter.isalpha() and keyboard.shifted is not letter.isupper():
            self._touch(self.find("keyboard.shift"), even_barred=False)
        for _ in range(_LAYERS):
            if self.can_reach(f"letter.{letter}"):
                break
            self._touch(self.find("keyboard.layer"), even_barred=False)
        self._touch(self.find(f"letter.{letter}"), even_barred=False)

    def _keyboard(self) -> Keyboard:
        shown = [k for k in self.window.findChildren(Keyboard) if k.isVisibleTo(self.window)]
        if not shown:
            raise TouchFailed("keyboard: hidden")
        return shown[-1]
