"""The top of every screen: header, alarm bar, and the targets beside it. No sheet ever covers it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.frames import AlarmBarFrame, HeaderFrame
from ui.theme import BAR_GAP, CRITICAL, EDGE, GAP, SIDE, Look
from ui.widgets.alarm_bar import AlarmBar, StripRow
from ui.widgets.header import Header
from ui.widgets.target import Role, State, Target
from ui.widgets.tile import Phase

AUDIO_MM = 30.8
"""The width of the audio pause."""
AUDIO_LEAST_MM = 20.2
"""Its width where other targets stand beside it."""
BAR_LEAST_MM = 100.0
"""The width that an alarm and one chip need."""


class Top(QWidget):
    """Header, alarm bar, Acknowledge, Audio pause, Dim and Lock (or Unlock). `touched` gives the target's name."""

    touched = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Its height is fixed; only a strip of vital signs under an alarm makes it taller."""
        super().__init__(parent)
        self.look = look
        self.header = Header(look, self)
        self.bar = AlarmBar(look, self)
        self.strip = StripRow(look, self)
        self.acknowledge = Target(
            look, "acknowledge", "Acknowledge", role=Role.CRITICAL, state=State.ALARM_EDGE, parent=self
        )
        self.audio = Target(
            look, "audio_pause", "Audio pause", icon="bell-off", role=Role.CRITICAL, parent=self
        )
        self.dim = Target(look, "dim", "Dim", icon="moon", role=Role.CRITICAL, parent=self)
        self.lock = Target(look, "lock", "Lock", icon="lock", role=Role.CRITICAL, parent=self)
        self.unlock = Target(
            look, "unlock", "Unlock", icon="lock", role=Role.CRITICAL, state=State.MAIN, parent=self
        )
        for target in self.targets():
            target.touched.connect(self.touched)
        self.emergency = Target(
            look, "emergency", "Emergency", icon="warning", role=Role.CRITICAL, parent=self
        )
        self.emergency.touched.connect(self.touched)
        self.paper = Target(look, "paper_list", "Paper list", icon="note", role=Role.CRITICAL, parent=self)
        self.paper.touched.connect(self.touched)
        self.paper.hide()
        self.extra: Target | None = None
        self.acknowledge.hide()
        self.audio.hide()
        self.unlock.hide()
        self.strip.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self._height())
        look.changed.connect(self._show_dim)

    def targets(self) -> tuple[Target, ...]:
        """Everything in it that can be touched."""
        return (self.acknowledge, self.audio, self.dim, self.lock, self.unlock)

    def add_target(self, target: Target) -> None:
        """One more target beside the bar: the demonstration's pump."""
        target.setParent(self)
        self.extra = target
        self._lay_out()

    def show_top(
        self, header: HeaderFrame, alarms: AlarmBarFrame, *, locked: bool, can_lock: bool = True
    ) -> None:
        """Shows header and alarms; without anybody signed in there is nothing to lock."""
        self.header.show_header(header)
        self.bar.show_bar(alarms)
        self.strip.show_strip(alarms.strip)
        changed = self._set_visible(self.acknowledge, any(not row.acknowledged for row in alarms.rows))
        changed |= self._show_audio(alarms)
        changed |= self._set_visible(self.lock, can_lock and not locked)
        changed |= self._set_visible(self.unlock, can_lock and locked)
        changed |= self._set_visible(self.strip, bool(alarms.rows and alarms.strip))
        self._edge_acknowledge(alarms)
        if changed:
            self.setFixedHeight(self._height())
            self._lay_out()

    def _show_audio(self, alarms: AlarmBarFrame) -> bool:
        """The audio pause: offered with its time while something sounds, else what is left of it."""
        sound = alarms.sound
        if sound is None or not sound.pause:
            return self._set_visible(self.audio, False)
        self.audio.alternatives = (f"Audio\n{sound.pause}",)
        self.audio.set_words(f"Audio pause\n{sound.pause}")
        self.audio.set_state(State.CHOSEN if sound.state == "paused" else State.NORMAL)
        return self._set_visible(self.audio, True)

    def _edge_acknowledge(self, alarms: AlarmBarFrame) -> None:
        priority = next((row.priority for row in alarms.rows if not row.acknowledged), "high")
        if self.acknowledge.edge_role != f"alarm_{priority}_edge":
            self.acknowledge.edge_role = f"alarm_{priority}_edge"
            self.acknowledge.update()

    def show_phase(self, phase: Phase) -> None:
        """Shows the phase of a blinking alarm."""
        self.bar.show_phase(phase)

    def blinks(self) -> bool:
        """Whether anything in it blinks."""
        return self.bar.blinks()

    def show_extra(self, visible: bool) -> None:
        """Shows or hides the added target."""
        if self.extra is not None and self._set_visible(self.extra, visible):
            self._lay_out()

    def show_paper(self, visible: bool) -> None:
        """Shows or hides the way to what is not saved."""
        if self._set_visible(self.paper, visible):
            self._lay_out()

    @staticmethod
    def _set_visible(widget: QWidget, visible: bool) -> bool:
        if widget.isHidden() is not visible:
            return False
        widget.setVisible(visible)
        return True

    def _show_dim(self) -> None:
        self.dim.set_state(State.CHOSEN if self.look.theme.name == "dim" else State.NORMAL)
        self.update()

    def _height(self) -> int:
        strip = 0 if self.strip.isHidden() else self.strip.height() + self.look.mm(BAR_GAP)
        return self.header.height() + self.look.mm(BAR_GAP) + self.bar.height() + strip

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places everything again."""
        self._lay_out()

    def _lay_out(self) -> None:
        look, width = self.look, self.width()
        self.header.setGeometry(0, 0, width, self.header.height())
        top, height = self.header.height() + look.mm(BAR_GAP), max(look.mm(CRITICAL), self.bar.height())
        right = width - look.mm(EDGE)
        wide = max(self.emergency.sizeHint().width(), look.mm(CRITICAL))
        self.emergency.setGeometry(right - wide, top, wide, height)
        right -= wide + look.mm(GAP)
        wide = max(self.lock.sizeHint().width(), self.unlock.sizeHint().width(), look.mm(15.9))
        for target in (self.lock, self.unlock):
            target.setGeometry(right - wide, top, wide, height)
        if not (self.lock.isHidden() and self.unlock.isHidden()):
            right -= wide + look.mm(GAP)
        dim = max(self.dim.sizeHint().width(), look.mm(16.0))
        self.dim.setGeometry(right - dim, top, dim, height)
        right -= dim + look.mm(GAP)
        if self.extra is not None and not self.extra.isHidden():
            wide = self.extra.sizeHint().width()
            self.extra.setGeometry(right - wide, top, wide, height)
            right -= wide + look.mm(GAP)
        if not self.paper.isHidden():
            wide = max(self.paper.sizeHint().width(), look.mm(CRITICAL))
            self.paper.setGeometry(right - wide, top, wide, height)
            right -= wide + look.mm(GAP)
        if not self.audio.isHidden():
            # Whatever its words and digits: nothing moves while they count. The alarm's words go before its own.
            left = right - look.mm(SIDE + AUDIO_MM + 2 * GAP) - self._acknowledge_width()
            wide = look.mm(AUDIO_MM if left >= look.mm(BAR_LEAST_MM) else AUDIO_LEAST_MM)
            self.audio.setGeometry(right - wide, top, wide, height)
            right -= wide + look.mm(GAP)
        if not self.acknowledge.isHidden():
            wide = self._acknowledge_width()
            self.acknowledge.setGeometry(right - wide, top, wide, height)
            right -= wide + look.mm(GAP)
        left = look.mm(SIDE)
        self.bar.setGeometry(left, top, right - left, self.bar.height())
        self.strip.setGeometry(0, top + self.bar.height() + look.mm(BAR_GAP), width, self.strip.height())

    def _acknowledge_width(self) -> int:
        return max(self.acknowledge.sizeHint().width(), self.look.mm(33.0))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground behind it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        painter.end()
