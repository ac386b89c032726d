"""The window that asks for the passphrase of a sealed record, and the thread on which it is tried.

One try takes as long as its cost; meanwhile the window lives and says so. The passphrase goes from the keyboard to that
thread and nowhere else: no log, no exception's text, no file.
"""

from __future__ import annotations

import threading
from typing import Final

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.unsealing import PART_FAILED, SealedKey, seal_frame
from ui.crash import report_crash
from ui.screens.chair import SMALLEST_MM
from ui.screens.unseal import UnsealScreen
from ui.theme import DARK, DIM, Look
from ui.typing import PhysicalKeys
from ui.widgets.covers import TooSmall

TICK_MS: Final = 250


class Trying(QObject):
    """Tries a passphrase on a thread of its own; `answered` says what was wrong, "" for nothing."""

    answered = Signal(str)

    def __init__(self, sealed: SealedKey, parent: QObject) -> None:
        """Nothing is tried yet."""
        super().__init__(parent)
        self._sealed = sealed
        self._thread: threading.Thread | None = None

    def start(self, passphrase: str) -> None:
        """Tries this one."""
        self._thread = threading.Thread(target=self._try, args=(passphrase,), name="unsealing", daemon=True)
        self._thread.start()

    def _try(self, passphrase: str) -> None:
        try:
            wrong = self._sealed.try_passphrase(passphrase)
        except Exception:  # noqa: BLE001 - whatever it was, the window must not say "Opening" for ever
            report_crash()
            wrong = PART_FAILED
        self.answered.emit(wrong)

    def end(self) -> None:
        """Waits for a try that is under way."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None


class UnsealWindow(QWidget):
    """The question over the whole screen. `is_open` once the right passphrase was given."""

    ended = Signal()

    def __init__(self, look: Look, sealed: SealedKey, folder: str) -> None:
        """The title names no folder and no person."""
        super().__init__()
        self.setWindowTitle("Chairside")
        self.setObjectName("unseal")
        self.look = look
        self.is_open = False
        self._sealed = sealed
        self._is_opening = False
        self.screen_shown = UnsealScreen(look, folder, self)
        self.screen_shown.tried.connect(self._try)
        self.screen_shown.typed.connect(self.refresh)
        self.screen_shown.dimmed.connect(lambda: look.set_theme(DARK if look.theme is DIM else DIM))
        self.screen_shown.left.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.screen_shown)
        self.too_small = TooSmall(look, self)
        self.trying = Trying(sealed, self)
        self.trying.answered.connect(self._answered)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self.refresh)
        self._tick.start()
        self.physical_keys = PhysicalKeys(self)
        self.refresh()

    def refresh(self) -> None:
        """Brings the words and the wait in line with now."""
        screen = self.screen_shown
        typed = len(screen.secret.text)
        wait_s = 0.0 if self._is_opening else self._sealed.wait_s()
        screen.show_frame(seal_frame(typed, wait_s, screen.said, is_opening=self._is_opening))

    def wait_for_answer(self) -> bool:
        """Shown until it is opened or closed: whether it was opened."""
        loop = QEventLoop()
        self.ended.connect(loop.quit)
        loop.exec()
        self.trying.end()
        return self.is_open

    def say_not_opened(self, why: str) -> None:
        """The passphrase was right and the record could not be opened: says why."""
        self.is_open = self._is_opening = False
        self.screen_shown.show_failed(why)

    def say_notice(self, text: str) -> None:
        """Says a sentence where the last try's was; may be called from any thread."""
        self.screen_shown.said = text

    def _try(self, passphrase: str) -> None:
        self._is_opening = True
        self.refresh()
        self.trying.start(passphrase)

    def _answered(self, wrong: str) -> None:
        self.trying.end()
        if wrong:
            self._is_opening = False
            self.screen_shown.said = wrong
            self.screen_shown.secret.keep_for_correction()
            self.refresh()
            return
        self.is_open = True
        self.screen_shown.clear()
        self.repaint()
        self.ended.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Somebody does without Chairside."""
        self._tick.stop()
        super().closeEvent(event)
        self.ended.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Another window came over it: the finger that held Show may be lifted unseen."""
        if event.type() == QEvent.Type.ActivationChange:
            self.screen_shown.secret.keyboard.show_plainly(False)
        super().changeEvent(event)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Says when there is no room."""
        metrics = self.look.metrics
        wide, tall = metrics.in_mm(self.width()), metrics.in_mm(self.height())
        if wide < SMALLEST_MM[0] or tall < SMALLEST_MM[1]:
            self.too_small.setGeometry(self.rect())
            self.too_small.say_size(wide, tall, SMALLEST_MM)
        else:
            self.too_small.hide()
