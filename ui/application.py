"""The Qt application: fonts, look, bridge, window; the last to start and the first to stop."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QStyleFactory

from app.catalog import Catalog
from app.messages import DisplayFound
from app.ports import BenchPump, Clock, Devices, Post, StorageError
from ui.bridge import Bridge
from ui.crash import CrashWatch
from ui.fonts import load_fonts
from ui.onlooker import SignOfLife, can_look_on, onlooker_command
from ui.printing import Printing
from ui.theme import DARK, LabelColour, Look, Metrics, chosen_ppi, palette, style_sheet
from ui.window import ChairsideWindow

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.unsealing import SealedKey
    from ui.unsealing import UnsealWindow

LOG = logging.getLogger("chairside")
USUAL_SIZE = (1280, 800)
LOOK_ROUND_MS = 5000
"""So long after the start the printers are asked for and the onlooker is started: never before the first touch."""
LOOK_AGAIN_MS = 3_600_000
END_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Application:
    """One QApplication with its bridge; `open_window` makes the window, `run` shows it until it is closed."""

    def __init__(self, *, ppi: float | None, size: tuple[int, int] | None) -> None:
        self.app = _application()
        load_fonts()
        self._size = size
        self.ppi, self.ppi_from = chosen_ppi(ppi, QApplication.primaryScreen().physicalDotsPerInch())
        self.bridge = Bridge()
        self._theme = DARK
        self._asking: UnsealWindow | None = None

    def ask_passphrase(self, sealed: SealedKey, folder: Path, *, fullscreen: bool) -> bool:
        """Ask for the passphrase of a sealed record: whether it was opened. Its window stays until `run` shows more."""
        from ui.unsealing import UnsealWindow  # only a sealed record needs it

        look = bare_look(self.ppi)
        window = self._asking = UnsealWindow(look, sealed, str(folder))
        window.resize(*(self._size or USUAL_SIZE))
        _show(window, fullscreen=fullscreen)
        with self._watched(window.say_notice):
            opened = window.wait_for_answer()
        self._theme = look.theme
        if not opened:
            self._end_asking()
        return opened

    @contextmanager
    def said_where_asked(self) -> Iterator[None]:
        """What keeps the record closed after all is said on the window that asked, until somebody closes that."""
        try:
            yield
        except StorageError as error:
            if self._asking is not None:
                self._asking.say_not_opened(str(error))
                with self._watched(self._asking.say_notice):
                    self._asking.wait_for_answer()
                self._end_asking()
            raise

    def _end_asking(self) -> None:
        if self._asking is not None:
            self._asking.close()
            self._asking.deleteLater()
            self._asking = None

    def open_window(
        self,
        catalog: Catalog,
        clock: Clock,
        post: Post,
        devices: Devices | None,
        bench: BenchPump | None,
        folder: Path,
        paper: str,
        zone: tzinfo,
    ) -> ChairsideWindow:
        """The window with everything in it, not shown yet."""
        look = make_look(catalog, self.ppi)
        look.set_theme(self._theme)
        window = ChairsideWindow(
            look, catalog, clock, post, devices, bench, Printing(folder, paper=paper), zone=zone
        )
        self.bridge.snapshot.connect(window.show_snapshot)
        window.shown.connect(self.bridge.was_shown)
        self.bridge.not_updating.connect(window.show_not_updating)
        window.resize(*(self._size or USUAL_SIZE))
        return window

    def run(self, window: ChairsideWindow, *, fullscreen: bool) -> int:
        """Show the window until it is closed; the exit code is Qt's."""
        self.bridge.start()
        QTimer.singleShot(LOOK_ROUND_MS, window, lambda: look_round(window))
        again = QTimer(window, interval=LOOK_AGAIN_MS)
        again.timeout.connect(lambda: look_again(window))
        again.start()
        sign = SignOfLife(window, onlooker_command(self.ppi))
        if can_look_on():
            QTimer.singleShot(LOOK_ROUND_MS, window, sign.start)
        with self._watched(window.say_notice):
            _show(window, fullscreen=fullscreen)
            self._end_asking()
            try:
                return int(QApplication.exec())
            finally:
                self.bridge.stop()
                sign.stop()

    @contextmanager
    def _watched(self, say: Callable[[str], None]) -> Iterator[None]:
        """Meanwhile our own bugs are logged and said, and a signal to end closes the window."""
        watch = CrashWatch(say)
        watch.install()
        before = {number: signal.signal(number, self._asked_to_end) for number in END_SIGNALS}
        try:
            yield
        finally:
            watch.remove()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked_to_end(self, _number: int, _frame: object) -> None:
        """Ctrl+C in the terminal, or the system shutting down: as if the window was closed."""
        self.app.quit()

    def end_when_touchable(self, window: ChairsideWindow) -> None:
        """Say so and end once the window was painted with its first snapshot: what a start is timed by."""

        def end() -> None:
            window.repaint()
            print("touchable", flush=True)
            self.app.quit()

        self.bridge.snapshot.connect(lambda _snapshot: QTimer.singleShot(0, end))


def _show(window: QWidget, *, fullscreen: bool) -> None:
    if fullscreen:
        window.showFullScreen()
    else:
        window.show()


def look_again(window: ChairsideWindow) -> None:
    """A printer that was ready this morning may not be: looked at again while nobody lies here."""
    if window.snapshot is not None and not window.snapshot.session:
        look_round(window)


def look_round(window: ChairsideWindow) -> None:
    """What the self-test asks of the screen and the printers; asking the printers may take a moment."""
    rows = window.printing.printers.rows() if window.printing is not None else ()
    ready = tuple(row.name for row in rows if not row.problem)
    desk = window.desk
    desk.post(DisplayFound(desk.clock(), window.too_small_words(), ready))


def offscreen() -> QApplication:
    """An application without a screen, with the bundled fonts, for what is only written to files."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = _application()
    load_fonts()
    return app


def _application() -> QApplication:
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(["chairside"])


def make_look(catalog: Catalog, ppi: float) -> Look:
    """The dark look with the drug labels' colours of the tables, set on the whole application."""
    labels = {
        row.id: LabelColour(row.hex, row.dim_hex, striped=row.stripes) for row in catalog.colours.values()
    }
    return _dressed(ppi, labels)


def bare_look(ppi: float) -> Look:
    """The dark look without a drug label: what is shown before the tables are read."""
    return _dressed(ppi, {})


def _dressed(ppi: float, labels: Mapping[str, LabelColour]) -> Look:
    metrics = Metrics(ppi)
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setPalette(palette(DARK))
        app.setStyleSheet(style_sheet(DARK, metrics))
    return Look(DARK, metrics, labels)
