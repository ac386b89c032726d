"""The alarm bar: the highest alarm filled, the others stacked beside it, or calm words and the devices' ages.

It never lays out again when an alarm comes: everything is painted into one rectangle.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.frames import AlarmBarFrame, AlarmRow, DeviceChip, StripValue
from ui.theme import (
    ALARM_EDGE,
    BOLD_WEIGHT,
    CHIP_RADIUS,
    ICON_TARGET,
    MEDIUM_WEIGHT,
    RADIUS,
    Look,
    Token,
    rounded,
)
from ui.widgets.tile import BANGS, LIT, Phase

BAR_MM = 20.2
_TEXT_X_MM = 14.2
_PAD_MM = 2.6
_CHIP_MM = 8.2
_CHIP_GAP_MM = 1.2
_HALF = 0.56
"""A long detail goes on two lines: so much of its width is kept free of chips."""
_DEVICE_ICONS = {"monitor": "monitor", "pump": "pump"}


class AlarmBar(QWidget):
    """Paints an AlarmBarFrame. Blinking repaints this rectangle only."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.frame: AlarmBarFrame | None = None
        self.phase = LIT
        self.setObjectName("alarm_bar")
        self.setFixedHeight(look.mm(BAR_MM))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.changed.connect(self.update)

    def show_bar(self, frame: AlarmBarFrame) -> None:
        """Shows the bar's frame; an equal one costs nothing."""
        if frame != self.frame:
            self.frame = frame
            words = frame.rows[0].text if frame.rows else frame.calm
            self.setAccessibleName(words)
            self.update()

    def blinks(self) -> bool:
        """Whether the highest alarm is one that blinks."""
        top = self.frame.rows[0] if self.frame and self.frame.rows else None
        return top is not None and not top.acknowledged and top.priority == "high"

    def show_phase(self, phase: Phase) -> None:
        """Shows the phase of a blinking alarm."""
        if phase != self.phase:
            self.phase = phase
            if self.blinks():
                self.update()

    # ------------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The alarms, else the calm words."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        box = QRectF(self.rect())
        if self.frame is None:
            rounded(painter, box, self.look["panel"], radius=self.look.px(RADIUS))
        elif self.frame.rows:
            self._paint_alarm(painter, box, self.frame)
        else:
            self._paint_calm(painter, box, self.frame)
        painter.end()

    def _paint_alarm(self, painter: QPainter, box: QRectF, frame: AlarmBarFrame) -> None:
        look, top = self.look, frame.rows[0]
        filled = not top.acknowledged and (top.priority != "high" or self.phase.high)
        fill = look[f"alarm_{top.priority}"] if filled else look["panel"]
        edge = look[f"alarm_{top.priority}_edge"]
        rounded(painter, box, fill, edge, radius=look.px(RADIUS), edge_px=look.edge(ALARM_EDGE))
        ink = look[f"alarm_{top.priority}_ink"] if filled else look["text"]
        silent = frame.sound is not None and frame.sound.state != "on"
        self._paint_bell(painter, box, top.priority, ink, "bell-off" if silent else "bell")
        right = self._paint_chips(painter, box, frame, self._words_end(box, top))
        self._paint_words(painter, box, top, ink, right)

    def _words_end(self, box: QRectF, row: AlarmRow) -> float:
        look = self.look
        title, detail = look.width(row.text, Token.STRONG, BOLD_WEIGHT), look.width(row.detail)
        width = max(title, detail if detail <= title * 1.3 else detail * _HALF)
        return box.left() + look.px(_TEXT_X_MM) + width

    def _paint_bell(self, painter: QPainter, box: QRectF, priority: str, ink: QColor, bell: str) -> None:
        look, px = self.look, self.look.mm(7.0)
        middle = box.left() + look.px(7.2)
        painter.drawPixmap(
            round(middle - px / 2), round(box.top() + look.px(3.2)), look.icon_px(bell, px, ink)
        )
        bangs = BANGS[priority]
        painter.setFont(look.font(Token.STRONG, BOLD_WEIGHT))
        painter.setPen(ink)
        x = middle - look.width(bangs, Token.STRONG, BOLD_WEIGHT) / 2
        painter.drawText(QPointF(x, box.bottom() - look.px(4.0)), bangs)

    def _paint_words(self, painter: QPainter, box: QRectF, row: AlarmRow, ink: QColor, right: float) -> None:
        look, left = self.look, box.left() + self.look.px(_TEXT_X_MM)
        lines = detail_lines(look, row.detail, right - left)
        token = Token.STRONG
        if len(lines) < 2 and look.width(row.text, Token.CRITICAL, BOLD_WEIGHT) <= right - left:
            token = Token.CRITICAL
        painter.setPen(ink)
        painter.setFont(look.font(token, BOLD_WEIGHT))
        painter.drawText(QPointF(left, box.top() + look.px(9.2 if len(lines) < 2 else 6.6)), row.text)
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        for place, line in enumerate(reversed(lines)):
            painter.drawText(
                QPointF(left, box.bottom() - look.px(4.2 if len(lines) < 2 else 2.8 + 5.4 * place)), line
            )

    def _paint_chips(self, painter: QPainter, box: QRectF, frame: AlarmBarFrame, words_end: float) -> float:
        """The other alarms in columns of two; those without room are counted. Answers where they begin."""
        look = self.look
        chips = [(f"{BANGS[row.priority]} {row.text}", row) for row in frame.rows[1:]]
        right = box.right() - look.px(1.2)
        room = right - words_end - look.px(2.0)
        shown = list(chips)
        while shown and self._chips_width(shown, len(chips) - len(shown)) > room:
            shown.pop()
        hidden = chips[len(shown) :]
        texts: list[tuple[str, AlarmRow]] = [*shown]
        if hidden:
            texts.append((f"{BANGS[hidden[0][1].priority]} {len(hidden)} more", hidden[0][1]))
        left = right
        for column in _columns(texts):
            width = self._column_width(column)
            left -= width
            self._paint_column(painter, QRectF(left, box.top(), width, box.height()), column)
            left -= look.px(_CHIP_GAP_MM)
        return left - look.px(1.0)

    def _column_width(self, column: list[tuple[str, AlarmRow]]) -> float:
        widest = max(self.look.width(text, Token.TEXT, BOLD_WEIGHT) for text, _row in column)
        return widest + 2 * self.look.px(1.9)

    def _chips_width(self, chips: list[tuple[str, AlarmRow]], hidden: int) -> float:
        texts = [*chips, ("!!! 9 more", chips[0][1])] if hidden else chips
        return sum(self._column_width(column) + self.look.px(_CHIP_GAP_MM) for column in _columns(texts))

    def _paint_column(self, painter: QPainter, box: QRectF, column: list[tuple[str, AlarmRow]]) -> None:
        look = self.look
        height = look.px(_CHIP_MM)
        gap = look.px(_CHIP_GAP_MM)
        top = box.center().y() - (height * len(column) + gap * (len(column) - 1)) / 2
        for text, row in column:
            chip = QRectF(box.left(), round(top), box.width(), height)
            fill = None if row.acknowledged else look[f"alarm_{row.priority}"]
            edge = look[f"alarm_{row.priority}_edge"] if row.acknowledged or row.priority == "high" else None
            back = fill if fill is not None else look["panel"]
            rounded(painter, chip, back, edge, radius=look.px(CHIP_RADIUS), edge_px=look.edge(ALARM_EDGE))
            painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
            painter.setPen(look["text"] if row.acknowledged else look[f"alarm_{row.priority}_ink"])
            baseline = chip.center().y() + look.cap() / 2
            painter.drawText(QPointF(chip.left() + look.px(1.9), baseline), text)
            top += height + gap

    # ------------------------------------------------------------------ calm

    def _paint_calm(self, painter: QPainter, box: QRectF, frame: AlarmBarFrame) -> None:
        look = self.look
        rounded(painter, box, look["panel"], radius=look.px(RADIUS))
        px = look.mm(ICON_TARGET)
        left = box.left() + look.px(_TEXT_X_MM + 0.6)
        icon = "warning" if frame.notices else "check"
        role = "text" if frame.notices else "text2"
        painter.drawPixmap(
            round(box.left() + look.px(7.4) - px / 2),
            round(box.center().y() - px / 2),
            look.icon_px(icon, px, look[role]),
        )
        devices = self._devices_with_room(box, frame, left)
        end = self._paint_devices(painter, box, devices) if devices else box.right()
        if frame.strip:
            end = self._paint_strip(painter, box, frame.strip, end)
        lines, weight = calm_lines(look, frame, end - left)
        painter.setFont(look.font(Token.STRONG, BOLD_WEIGHT))
        painter.setPen(look["text"])
        painter.drawText(QPointF(left, box.top() + look.px(8.6 if len(lines) < 2 else 6.6)), frame.calm)
        painter.setFont(look.font(Token.TEXT, weight))
        painter.setPen(look["text" if frame.notices else "text2"])
        for below, line in zip((1, 0) if len(lines) > 1 else (0,), lines, strict=True):
            up = 5.1 if len(lines) < 2 else 2.8 + 5.4 * below
            painter.drawText(QPointF(left, box.bottom() - look.px(up)), line)

    def _devices_with_room(self, box: QRectF, frame: AlarmBarFrame, left: float) -> tuple[DeviceChip, ...]:
        """The devices that leave room for what counts most of the words; one that is not well keeps its place."""
        words, devices = last_sentence(frame.calm_detail), list(frame.devices)
        while any(device.ok for device in devices):
            end = box.right() - self.look.px(4.0) - sum(self._device_width(one) for one in devices)
            lines = _wrapped(self.look, words, end - left)
            if len(lines) <= 2 and all(self.look.width(line) <= end - left for line in lines):
                break
            devices.remove(next(device for device in devices if device.ok))
        return tuple(devices)

    def _device_width(self, device: DeviceChip) -> float:
        """A device with its icon and the gap before it."""
        look = self.look
        label = look.width(device.label, Token.TEXT, BOLD_WEIGHT)
        words = look.width(device.text, Token.TEXT, MEDIUM_WEIGHT if device.ok else BOLD_WEIGHT)
        return max(label, words) + look.mm(7.0) + look.px(7.4)

    def _paint_devices(self, painter: QPainter, box: QRectF, devices: tuple[DeviceChip, ...]) -> float:
        look = self.look
        right = box.right() - look.px(4.0)
        px = look.mm(7.0)
        for device in reversed(devices):
            weight = MEDIUM_WEIGHT if device.ok else BOLD_WEIGHT
            width = max(
                look.width(device.label, Token.TEXT, BOLD_WEIGHT), look.width(device.text, Token.TEXT, weight)
            )
            left = right - width
            self._two_lines(
                painter, left, box, (device.label, Token.TEXT, "text"), (device.text, weight, device.ok)
            )
            icon = device_icon(device)
            left -= px + look.px(2.0)
            painter.drawPixmap(
                round(left), round(box.center().y() - px / 2), look.icon_px(icon, px, look["text"])
            )
            right = left - look.px(5.4)
        return right

    def _two_lines(
        self,
        painter: QPainter,
        x: float,
        box: QRectF,
        head: tuple[str, Token, str],
        foot: tuple[str, int, bool],
    ) -> None:
        look = self.look
        text, token, role = head
        painter.setFont(look.font(token, BOLD_WEIGHT))
        painter.setPen(look[role])
        painter.drawText(QPointF(x, box.top() + look.px(8.4)), text)
        text, weight, ok = foot
        painter.setFont(look.font(Token.TEXT, weight))
        painter.setPen(look["text2" if ok else "text"])
        painter.drawText(QPointF(x, box.bottom() - look.px(4.9)), text)

    def _paint_strip(
        self, painter: QPainter, box: QRectF, strip: tuple[StripValue, ...], end: float
    ) -> float:
        look = self.look
        right = min(end, box.right() - look.px(4.0))
        for value in reversed(strip):
            colour = look["text3"] if value.stale else look[value.colour]
            width = strip_width(look, value)
            left = right - width
            painter.setPen(colour)
            painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
            painter.drawText(QPointF(left, box.top() + look.px(8.0)), value.label)
            painter.setFont(look.font(Token.STRONG, BOLD_WEIGHT))
            painter.drawText(QPointF(left, box.bottom() - look.px(5.0)), value.text)
            right = left - look.px(4.6)
        return right


def device_icon(device: DeviceChip) -> str:
    """What stands before a device: a bell of the sound, struck through unless it is on."""
    if device.key == "sound":
        return "bell" if device.text == "on" else "bell-off"
    return _DEVICE_ICONS.get(device.key, "monitor") if device.ok else "unplugged"


def calm_lines(look: Look, frame: AlarmBarFrame, room: float) -> tuple[tuple[str, ...], int]:
    """The words under "No alarms" and their weight: a notice in one bold line, else one or two plain ones."""
    if not frame.notices:
        text = frame.calm_detail
        if len(_wrapped(look, text, room)) > 2:
            text = last_sentence(text)  # "Keep the monitor's alarms on." is what counts
        return detail_lines(look, text, room), MEDIUM_WEIGHT
    more = f" (and {len(frame.notices) - 1} more)" if len(frame.notices) > 1 else ""
    text = frame.notices[0] + more
    if look.width(text, Token.TEXT, BOLD_WEIGHT) <= room:
        return (text,), BOLD_WEIGHT
    return detail_lines(look, text, room), MEDIUM_WEIGHT


def detail_lines(look: Look, detail: str, room: float) -> tuple[str, ...]:
    """An alarm's detail in one line or two; what has no room loses its last sentences, never half a word."""
    while True:
        lines = _wrapped(look, detail, room)
        fewer = fewer_sentences(detail)
        if len(lines) <= 2 or not fewer:
            return lines[:2]
        detail = fewer


def fewer_sentences(text: str) -> str:
    """The text without its last sentence; "" when it has only one."""
    kept = text.rstrip(".").rpartition(". ")[0]
    return f"{kept}." if kept else ""


def last_sentence(text: str) -> str:
    """What counts most of a text that has no room: its last sentence."""
    kept = text.rstrip(".").rpartition(". ")[2]
    return f"{kept}." if text.endswith(".") and kept else kept


def _wrapped(look: Look, text: str, room: float) -> tuple[str, ...]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and look.width(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def strip_width(look: Look, value: StripValue) -> float:
    """The width of a vital sign in the calm bar."""
    label = look.width(value.label, Token.TEXT, BOLD_WEIGHT)
    return max(label, look.width(value.text, Token.STRONG, BOLD_WEIGHT))


def _columns(chips: list[tuple[str, AlarmRow]]) -> list[list[tuple[str, AlarmRow]]]:
    """Chips two high, the highest next to the words, so the last column comes first."""
    columns = [chips[start : start + 2] for start in range(0, len(chips), 2)]
    return columns[::-1]


class StripRow(QWidget):
    """The vital signs of a screen without tiles in a line under the bar, while an alarm takes their place."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first values."""
        super().__init__(parent)
        self.look = look
        self.strip: tuple[StripValue, ...] = ()
        self.setObjectName("strip")
        self.setFixedHeight(look.mm(7.0))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.changed.connect(self.update)

    def show_strip(self, strip: tuple[StripValue, ...]) -> None:
        """Shows other values."""
        if strip != self.strip:
            self.strip = strip
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Label and value of each, from the left."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look["bg"])
        x, baseline = look.px(2.6), self.height() / 2 + look.cap(Token.STRONG) / 2
        for value in self.strip:
            painter.setPen(look["text3"] if value.stale else look[value.colour])
            for text, token in ((value.label, Token.TEXT), (value.text, Token.STRONG)):
                painter.setFont(look.font(token, BOLD_WEIGHT))
                painter.drawText(QPointF(x, baseline), text)
                x += look.width(text, token, BOLD_WEIGHT) + look.px(1.6)
            x += look.px(3.0)
        painter.end()
