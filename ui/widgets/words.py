"""Plain text in a role's colour; it follows the theme without a style sheet and never cuts a word."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import MEDIUM_WEIGHT, Look, Token


class Words(QWidget):
    """A text. Wrapped ones say their height for a width, so that a layout gives them enough."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        *,
        token: Token = Token.TEXT,
        weight: int = MEDIUM_WEIGHT,
        role: str = "text",
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`role` is the colour, `wrap` lets it use several lines."""
        super().__init__(parent)
        self.look = look
        self.text = text
        self.token = token
        self.weight = weight
        self.role = role
        self.align = align
        self.wrap = wrap
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)
        look.changed.connect(self.update)

    def set_text(self, text: str, role: str | None = None) -> None:
        """Shows another text, in another role's colour if one is given."""
        role = role or self.role
        if (text, role) != (self.text, self.role):
            self.text, self.role = text, role
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def hasHeightForWidth(self) -> bool:
        """Whether its height depends on its width."""
        return self.wrap

    def heightForWidth(self, width: int) -> int:
        """The height that the wrapped text needs."""
        measures = QFontMetrics(self.look.font(self.token, self.weight))
        flags = int(Qt.TextFlag.TextWordWrap)
        box = measures.boundingRect(0, 0, width, 100_000, flags, self.text)
        return max(self.look.line(self.token), box.height())

    def sizeHint(self) -> QSize:
        """One line, or for a wrapped text the height for the width it has."""
        width = ceil(max((self._width(line) for line in self.text.split("\n")), default=0.0))
        if self.wrap:
            return QSize(width, self.heightForWidth(self.width() if self.width() > 1 else width))
        return QSize(width, self.look.line(self.token) * (self.text.count("\n") + 1))

    def minimumSizeHint(self) -> QSize:
        """Its whole text; the longest word when it may wrap."""
        if not self.wrap:
            return self.sizeHint()
        longest = max((self._width(word) for word in self.text.split()), default=0.0)
        return QSize(ceil(longest), self.look.line(self.token))

    def _width(self, text: str) -> float:
        return self.look.width(text, self.token, self.weight)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text, in the middle of its height."""
        painter = QPainter(self)
        painter.setFont(self.look.font(self.token, self.weight))
        painter.setPen(self.look[self.role])
        flags = int(self.align | Qt.AlignmentFlag.AlignVCenter)
        flags |= int(Qt.TextFlag.TextWordWrap) if self.wrap else 0
        painter.drawText(QRectF(self.rect()), flags, self.text)
        painter.end()
