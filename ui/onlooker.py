"""A process of its own that looks on: where the screen itself stands still, it lies over it and says so.

What hangs cannot say that it hangs: a process that was stopped, or a screen that waits for something, goes on showing
its last numbers as if they were live. So the thread that paints says twice a second that it lives, where its window
is, and since when what it shows is true; the onlooker covers that place when nothing was said for two seconds, and
goes when it is said again. It ends with its input: also when Chairside is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from ui.bridge import SILENT_AFTER_S, Seconds
from ui.fonts import load_fonts
from ui.theme import DARK, Look, Metrics
from ui.widgets.covers import Cover

if TYPE_CHECKING:
    from ui.window import ChairsideWindow

SAY_EVERY_MS: Final = 500
LOOK_EVERY_MS: Final = 200
AGAIN_AFTER_S: Final = 60.0
"""An onlooker that ended is started again, not more often than this."""
ENDS_WITHIN_S: Final = 5.0
MOST_AT_ONCE: Final = 4096
ROOT: Final = Path(__file__).resolve().parents[1]

Read = Callable[[], bytes | None]
"""What was said since the last time: b"" for nothing, None at the end."""


# ---------------------------------------------------------------- the process that looks on


class Onlooker(QObject):
    """Covers the place that was told last while nothing is said; emits `ended` when nobody will say anything more."""

    ended = Signal()

    def __init__(self, look: Look, read: Read, wall: Seconds = time.monotonic) -> None:
        """Nothing is covered before something was said."""
        super().__init__()
        self.cover = HangsCover(look)
        self._read = read
        self._wall = wall
        self._heard_s: float | None = None
        self._rest = b""
        self._place = QRect()
        self._since = ""
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Looks on from now on."""
        self._timer.start()

    def look(self) -> None:
        """Take what was said, then judge: what waited to be read was said in time."""
        said = self._read()
        if said is None:
            self.cover.hide()
            self._timer.stop()
            self.ended.emit()
            return
        self._hear(said)
        silent = self._heard_s is not None and self._wall() - self._heard_s >= SILENT_AFTER_S
        if silent and not self._place.isEmpty():
            self.cover.lie_over(self._place, self._since)
        else:
            self.cover.hide()

    def _hear(self, said: bytes) -> None:
        *lines, self._rest = (self._rest + said).split(b"\n")
        if not lines:
            return
        self._heard_s = self._wall()
        left, top, width, height, self._since = lines[-1].decode("ascii").split(" ", 4)
        self._place = QRect(int(left), int(top), int(width), int(height))


class HangsCover(QWidget):
    """A window of its own above all others, wholly opaque: nothing under it can be read as of now."""

    def __init__(self, look: Look) -> None:
        """Hidden; it never takes the keyboard from the window that it covers."""
        flags = (
            Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.BypassWindowManagerHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
            | Qt.WindowType.Tool
        )
        super().__init__(None, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle("Chairside")
        self.words = Cover(look, "hangs", veil=1.0, parent=self)

    def lie_over(self, place: QRect, since: str) -> None:
        """Covers this place of the screen."""
        self.setGeometry(place)
        self.words.say("NOT UPDATING", f"The screen hangs since {since}. Watch the patient and the monitor.")
        self.show()
        self.raise_()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The words have the whole of it."""
        self.words.setGeometry(self.rect())


def read_input(descriptor: int) -> Read:
    """What comes on this descriptor, without waiting."""
    os.set_blocking(descriptor, False)

    def read() -> bytes | None:
        said = b""
        while True:
            try:
                piece = os.read(descriptor, MOST_AT_ONCE)
            except BlockingIOError:
                return said
            if not piece:
                return None
            said += piece

    return read


def main(arguments: Sequence[str]) -> int:
    """The process: look on until the input ends. The one argument is the panel's pixels per inch."""
    application = QApplication(["chairside"])
    application.setQuitOnLastWindowClosed(False)
    load_fonts()
    onlooker = Onlooker(Look(DARK, Metrics(float(arguments[0]))), read_input(sys.stdin.fileno()))
    onlooker.ended.connect(application.quit)
    onlooker.start()
    return int(application.exec())


# ---------------------------------------------------------------- the screen that is looked at


def onlooker_command(ppi: float) -> tuple[str, ...]:
    """What starts the onlooker."""
    return (sys.executable, "-m", "ui.onlooker", f"{ppi:g}")


def can_look_on() -> bool:
    """Whether there is a screen that another window can lie over."""
    return QGuiApplication.platformName() not in ("offscreen", "minimal")


class SignOfLife(QObject):
    """Tells an onlooker twice a second, from the thread that paints, that it lives; never waits for it."""

    def __init__(
        self, window: ChairsideWindow, command: Sequence[str], wall: Seconds = time.monotonic
    ) -> None:
        """Says nothing before `start`."""
        super().__init__(window)
        self._window = window
        self._command = tuple(command)
        self._wall = wall
        self._child: subprocess.Popen[bytes] | None = None
        self._started_s = float("-inf")
        self._timer = QTimer(self, interval=SAY_EVERY_MS)
        self._timer.timeout.connect(self.say)

    def start(self) -> None:
        """Starts the onlooker, and says that the screen lives from now on."""
        self.say()
        self._timer.start()

    def stop(self) -> None:
        """Lets the onlooker end with its input, or by force where it does not heed that."""
        self._timer.stop()
        self._let_go()

    def _let_go(self) -> None:
        child, self._child = self._child, None
        if child is None or child.stdin is None:
            return
        child.stdin.close()
        try:
            child.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def say(self) -> None:
        """The screen lives. An onlooker that does not listen, or is not there any more, holds nothing up."""
        child = self._child
        if child is None or child.poll() is not None:
            child = self._begin()
        if child is None or child.stdin is None:
            return
        try:
            os.write(child.stdin.fileno(), self._line())
        except (BlockingIOError, BrokenPipeError):
            return

    def _line(self) -> bytes:
        window, shot = self._window, self._window.snapshot
        place = QRect()
        if window.isVisible() and not window.isMinimized():
            header = window.top.header.height()
            corner = window.mapToGlobal(QPoint(0, header))
            place = QRect(corner.x(), corner.y(), window.width(), window.height() - header)
        since = f"{shot.now.astimezone(window.desk.zone):%H:%M:%S}" if shot is not None else "the start"
        return f"{place.x()} {place.y()} {place.width()} {place.height()} {since}\n".encode("ascii")

    def _begin(self) -> subprocess.Popen[bytes] | None:
        """A new onlooker, where none was begun a moment ago."""
        if self._wall() - self._started_s < AGAIN_AFTER_S:
            return None
        self._started_s = self._wall()
        self._let_go()
        try:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                start_new_session=True,  # Ctrl+C in the terminal is Chairside's
            )
        except OSError:
            return None
        if self._child.stdin is not None:
            os.set_blocking(self._child.stdin.fileno(), False)
        return self._child


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
