"""The demonstration's pump: a small front with its own display and keys. It stands in for hands at a real pump."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.clinical.dosing import shown
from app.frames import Snapshot
from app.ports import BenchPump, PumpPanel
from app.refusals import Refused
from ui.sheets.base import Desk, Page
from ui.theme import (
    BOLD_WEIGHT,
    CHIP_RADIUS,
    CRITICAL,
    EDGE,
    GAP,
    MEDIUM_WEIGHT,
    NORMAL,
    RADIUS,
    SIDE,
    Look,
    Token,
    rounded,
)
from ui.widgets.keypad import Typed
from ui.widgets.target import Form, State, Target

KEYS = {
    "start": "START",
    "hold": "HOLD",
    "confirm_syringe": "Confirm\nsyringe",
    "clear_volume": "Clear\nvolume",
    "new_syringe": "New\nsyringe",
    "occlude": "Block\nline",
    "clear_occlusion": "Clear\nline",
}
WIDTH_MM = 88.0
_PAD_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "erase")


class PumpDisplay(QWidget):
    """The pump's window: rate, running light, volume, syringe, alarm; and what is being typed."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Dark until shown a panel."""
        super().__init__(parent)
        self.look = look
        self.panel: PumpPanel | None = None
        self.typed = ""
        self.says = ""
        self.setFixedHeight(look.mm(26.0))
        look.changed.connect(self.update)

    def show_panel(self, panel: PumpPanel | None, typed: str, says: str) -> None:
        """Shows the panel, what is typed, and why a key did nothing."""
        if (panel, typed, says) != (self.panel, self.typed, self.says):
            self.panel, self.typed, self.says = panel, typed, says
            if panel is not None:
                self.setAccessibleName(
                    f"{panel.rate_set_ml_h:g} mL/h {'running' if panel.running else 'on hold'}"
                )
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """DEMO above, digits large, the rest below."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["bg"], look["border"], radius=look.px(RADIUS))
        panel = self.panel
        if panel is not None:
            self._text(painter, look.px(4.0), look.px(2.0) + look.cap(), "DEMO pump", Token.TEXT, BOLD_WEIGHT)
            rate = self.typed or shown(panel.rate_set_ml_h)
            left = look.px(4.0)
            self._text(painter, left, look.px(7.6) + look.cap(Token.SCORE), rate, Token.SCORE, MEDIUM_WEIGHT)
            unit_x = left + look.width(rate, Token.SCORE) + look.px(2.0)
            words = "mL/h, typing" if self.typed else "mL/h"
            self._text(
                painter, unit_x, look.px(7.6) + look.cap(Token.SCORE), words, Token.TEXT, MEDIUM_WEIGHT
            )
            self._paint_light(painter, panel)
            self._text(
                painter, left, self.height() - look.px(2.2), self._line(panel), Token.TEXT, MEDIUM_WEIGHT
            )
        painter.end()

    def _line(self, panel: PumpPanel) -> str:
        if self.says:
            return self.says
        if panel.alarm:
            return f"Alarm {panel.alarm}"
        left = f"{shown(panel.syringe_left_ml, 1)} of {shown(panel.syringe_size_ml, 0)} mL"
        return f"VI {shown(panel.volume_ml, 2)} mL  {left}{'' if panel.confirmed else '?'}"

    def _paint_light(self, painter: QPainter, panel: PumpPanel) -> None:
        look = self.look
        words = "RUN" if panel.running else "HOLD"
        width = look.width(words, Token.TEXT, BOLD_WEIGHT) + look.px(4.0)
        box = QRectF(self.width() - width - look.px(2.0), look.px(1.6), width, look.px(6.4))
        fill = look["infusion"] if panel.running else None
        rounded(painter, box, fill, look["border"] if fill is None else None, radius=look.px(CHIP_RADIUS))
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
        painter.setPen(look["bg"] if panel.running else look["text"])
        painter.drawText(QPointF(box.left() + look.px(2.0), box.center().y() + look.cap() / 2), words)

    def _text(
        self, painter: QPainter, x: float, baseline: float, text: str, token: Token, weight: int
    ) -> None:
        painter.setFont(self.look.font(token, weight))
        painter.setPen(self.look["text"])
        painter.drawText(QPointF(x, baseline), text)


class BenchPanel(Page):
    """The pump's front. Targets: "bench.<digit>", "bench.erase", "bench.set_rate", "bench.<key>", "bench.close"."""

    def __init__(self, desk: Desk, bench: BenchPump, parent: QWidget | None = None) -> None:
        """Shows what the pump shows."""
        super().__init__(desk, parent)
        self.bench = bench
        self.typed = Typed(decimals=1)
        self.says = ""
        self.display = PumpDisplay(self.look, self)
        self.set_rate = self.target("bench.set_rate", "Set", self._set_rate)
        self.keys = {
            name: self.target(f"bench.{name}", words, partial(self._key, name))
            for name, words in KEYS.items()
        }
        self.leave = self.target("bench.close", "", self.closed.emit, icon="cross", form=Form.LEFT)
        self.leave.setAccessibleName("Close")
        self._lay_out()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(self.mm(GAP))
        for number, key in enumerate(_PAD_KEYS):
            grid.addWidget(self._digit(key), number // 3, number % 3)
        side = (self.set_rate, self.keys["start"], self.keys["hold"], self.keys["confirm_syringe"])
        for number, target in enumerate(side):
            target.setMinimumWidth(self.mm(CRITICAL))
            grid.addWidget(target, number, 3)
        rest = (self.keys[name] for name in ("clear_volume", "new_syringe", "occlude", "clear_occlusion"))
        top = self.row(self.display, self.leave)
        top.setStretchFactor(self.display, 1)
        self.leave.setFixedWidth(self.mm(NORMAL))
        frame = self.column(top, grid, self.row(*rest), None)
        pad = self.mm(2.0)
        frame.setContentsMargins(pad, pad, self.mm(EDGE) - self.mm(SIDE) + 1, pad)
        self.setLayout(frame)

    def _digit(self, key: str) -> Target:
        is_icon = key == "erase"
        target = self.target(
            f"bench.{key}",
            "" if is_icon else key,
            partial(self._press, key),
            icon="erase" if is_icon else "",
            form=Form.LEFT if is_icon else Form.ABOVE,
            token=Token.CRITICAL,
        )
        target.setAccessibleName(key)
        return target

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The display follows the pump."""
        super().show_snapshot(snapshot)
        self._show()

    def _show(self) -> None:
        panel = self.bench.display()
        self.display.show_panel(panel, self.typed.text, self.says)
        self.set_rate.set_words(f"Set {self.typed.text}" if self.typed.text else "Set")
        self.keys["start"].set_state(State.INFUSION_EDGE if not panel.running else State.NORMAL)

    def _press(self, key: str) -> None:
        self.typed = self.typed.key(key)
        self.says = self.typed.refusal
        self._show()

    def _set_rate(self) -> None:
        value = self.typed.value()
        if value is None:
            self.says = "Type a rate"
            self._show()
            return
        self.typed = Typed(decimals=1)
        self._do(lambda: self.bench.set_rate(value))

    def _key(self, name: str) -> None:
        self._do(lambda: self.bench.key(name))

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
            self.says = ""
        except Refused as refused:
            self.says = refused.reason
        self._show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A front of its own, with a strong edge."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["bg"])
        rounded(
            painter, QRectF(self.rect()), look["raised"], look["text2"], radius=look.px(RADIUS), edge_px=2.0
        )
        painter.end()
