"""Covers that say the truth about the whole screen: it is not updating, or the window is too small."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import BOLD_WEIGHT, MEDIUM_WEIGHT, Look, Token

VEIL = 0.8


class Cover(QWidget):
    """A sheet of ground over its parent, see-through or not, with critical words in its middle."""

    def __init__(self, look: Look, name: str, *, veil: float, parent: QWidget) -> None:
        """Hidden until it has something to say; touches do not go through it."""
        super().__init__(parent)
        self.look = look
        self.veil = veil
        self.words = ""
        self.detail = ""
        self.setObjectName(name)
        self.hide()
        look.changed.connect(self.update)

    def say(self, words: str, detail: str) -> None:
        """Covers its parent, with these words and what to do."""
        if (words, detail) != (self.words, self.detail):
            self.words, self.detail = words, detail
            self.setAccessibleName(f"{words} {detail}")
            self.update()
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The veil and the words."""
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look.theme.with_alpha("bg", self.veil))
        middle = self.height() / 2
        band = QRectF(
            0, middle - 2.6 * look.line(Token.CRITICAL), self.width(), 4.6 * look.line(Token.CRITICAL)
        )
        painter.fillRect(band, look["bg"])
        painter.setPen(look["text"])
        painter.setFont(look.font(Token.CRITICAL, BOLD_WEIGHT))
        centred = int(
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        )
        head = QRectF(
            0, middle - 2.4 * look.line(Token.CRITICAL), self.width(), 2.2 * look.line(Token.CRITICAL)
        )
        painter.drawText(head, centred, self.words)
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        pad = look.px(10.0)
        room = QRectF(pad, middle, self.width() - 2 * pad, 4.0 * look.line())
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        painter.drawText(room, flags, self.detail)
        painter.end()


class NotUpdating(Cover):
    """Over everything but the header when no newer snapshot comes: "NOT UPDATING since 14:07:12"."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Eighty per cent of the ground, so that what stands under it is seen but not read as new."""
        super().__init__(look, "not_updating", veil=VEIL, parent=parent)

    def say_since(self, since: str) -> None:
        """Says since when."""
        self.say("NOT UPDATING", f"Nothing new since {since}. Watch the patient and the monitor.")


class TooSmall(Cover):
    """In place of a screen that has no room for its targets."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Wholly opaque: half a screen would mislead."""
        super().__init__(look, "too_small", veil=1.0, parent=parent)

    def say_size(self, width_mm: float, height_mm: float, least: tuple[float, float]) -> None:
        """Says how large the window is and how large it must be."""
        self.say(
            "This window is too small",
            f"It is {width_mm:.0f} × {height_mm:.0f} mm. Chairside needs {least[0]:.0f} × {least[1]:.0f} mm. "
            "Make the window larger, or check the panel's ppi in the settings.",
        )
