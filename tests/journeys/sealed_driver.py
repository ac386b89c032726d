"""A finger on the real application in a process of its own: it types the passphrase, then says what is on the screen.

Run as a program; each line of its input is a passphrase that is tried, the last one the right one. It prints, as JSON,
the sentences after the wrong ones, how often the window was alive while it opened, and what stands there at the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

ROOT = Path(__file__).resolve().parents[2]
STEP_MS = 20


class Finger:
    """Does one thing at a time, whenever the event loop lets it."""

    def __init__(self, passphrases: list[str]) -> None:
        self.passphrases = passphrases
        self.said: list[str] = []
        self.alive = 0
        self.began = False
        self.shown = ""

    def step(self) -> None:
        """Looks at what there is, and touches what comes next."""
        windows = {one.objectName(): one for one in QApplication.topLevelWidgets() if one.isVisible()}
        if "chairside" in windows:
            self.look(windows["chairside"])
        elif "unseal" in windows:
            self.ask(windows["unseal"])

    def ask(self, window: QWidget) -> None:
        """The next passphrase, once the last one was answered."""
        from ui.unsealing import UnsealWindow
        from ui.widgets.words import Words

        assert isinstance(window, UnsealWindow)
        screen = window.screen_shown
        if screen.failed is not None:
            words = [one.text for one in screen.failed.findChildren(Words)]
            print(json.dumps({"failed": words}), flush=True)
            window.close()
            return
        if screen.frame.is_opening:
            self.alive += 1
            return
        if self.began:
            self.said.append(screen.frame.words)
            self.began = False
        if self.passphrases:
            screen.secret.keyboard.set_text("")
            for letter in self.passphrases.pop(0):
                screen.secret.keyboard.press("space" if letter == " " else letter)
            self.began = True
            screen.secret.keyboard.finish.touch()

    def look(self, window: QWidget) -> None:
        """What the nurse sees once it is open."""
        from ui.window import ChairsideWindow

        assert isinstance(window, ChairsideWindow)
        shot = window.snapshot
        if shot is None or shot.patient is None:
            return
        command = Path("/proc/self/cmdline").read_text()
        print(
            json.dumps(
                {
                    "said": self.said,
                    "alive": self.alive,
                    "phase": shot.phase,
                    "patient": shot.patient.name,
                    "screen": type(window.screen_shown).__name__,
                    "command": command,
                    "windows": sorted(
                        one.objectName() for one in QApplication.topLevelWidgets() if one.isVisible()
                    ),
                }
            ),
            flush=True,
        )
        QApplication.quit()


def run() -> int:
    """The application with the finger beside it."""
    sys.path.insert(0, str(ROOT))
    from main import main

    application = QApplication(["chairside"])
    finger = Finger([line for line in sys.stdin.read().splitlines() if line])
    timer = QTimer(application, interval=STEP_MS)
    timer.timeout.connect(finger.step)
    timer.start()
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
