"""The window that asks for a sealed record's passphrase, with a key behind it that a test holds in its hands."""

from __future__ import annotations

import threading

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.window_samples import PANELS
from ui.fonts import load_fonts
from ui.theme import DARK, Look, Metrics
from ui.unsealing import UnsealWindow
from ui.widgets.secret import HoldTarget
from ui.widgets.target import Target

FOLDER = "/home/clinic/.local/share/chairside/record"
PASSPHRASE = "Correct horse [42]"
WRONG = f"Not the passphrase of {FOLDER} (wrong so far: 4). Hold Show and look at it: capitals, spaces and signs count."


class FakeSeal:
    """A sealed key in memory. While `gate` is not set a try takes for ever; `wait` is what comes before the next."""

    def __init__(self) -> None:
        """Opens at once with PASSPHRASE."""
        self.wait = 0.0
        self.tried: list[str] = []
        self.thread: threading.Thread | None = None
        self.says = WRONG
        self.gate = threading.Event()
        self.gate.set()
        self.bug: Exception | None = None

    def wait_s(self) -> float:
        """What the test says."""
        return self.wait

    def try_passphrase(self, passphrase: str) -> str:
        """Right, wrong or a bug, once the gate is open."""
        self.thread = threading.current_thread()
        self.gate.wait(10.0)
        self.tried.append(passphrase)
        if self.bug is not None:
            raise self.bug
        return "" if passphrase == PASSPHRASE else self.says


class SealedChair:
    """The window on a panel, touched as a finger would."""

    def __init__(self, panel: str = "12 inch") -> None:
        """Shown, nothing typed."""
        load_fonts()
        width, height, ppi = PANELS[panel]
        self.seal = FakeSeal()
        self.look = Look(DARK, Metrics(ppi))
        self.window = UnsealWindow(self.look, self.seal, FOLDER)
        self.window.resize(width, height)
        self.window.show()

    def targets(self) -> list[Target]:
        """Every target that a finger can see."""
        QApplication.processEvents()
        return [one for one in self.window.findChildren(Target) if one.isVisibleTo(self.window)]

    def find(self, name: str) -> Target:
        """The visible target of a name that lies on top."""
        for one in self.targets():
            top = self.window.childAt(one.mapTo(self.window, one.rect().center()))
            if one.objectName() == name and top is one:
                return one
        raise AssertionError(f"{name} is not on the screen")

    def touch(self, *names: str) -> None:
        """Touches each in its middle."""
        for name in names:
            one = self.find(name)
            QTest.mouseClick(one, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle(one))

    def type(self, text: str) -> None:
        """Types on the touch keyboard, layer by layer, as somebody who looks for each key."""
        board = self.window.screen_shown.secret.keyboard
        for letter in text:
            if letter == " ":
                self.touch("keyboard.space")
                continue
            for _ in board.following:
                if letter.lower() in board.letters_of(board.layer):
                    break
                self.touch("keyboard.layer")
            shifted = letter != letter.lower()
            if shifted is not board.shifted:
                self.touch("keyboard.shift")
            self.touch(f"letter.{letter}")

    def hold(self) -> HoldTarget:
        """A finger goes down on Show and stays."""
        one = self.find("show_passphrase")
        assert isinstance(one, HoldTarget)
        QTest.mousePress(one, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle(one))
        return one

    def lift(self, one: HoldTarget) -> None:
        """And is lifted."""
        QTest.mouseRelease(one, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle(one))


def middle(widget: QWidget) -> QPoint:
    """Where a finger touches it."""
    return QPoint(widget.width() // 2, widget.height() // 2)
