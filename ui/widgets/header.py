"""The top line: who lies here, what is under way, the time, who is here. It holds no target."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.frames import HeaderFrame
from ui.theme import BOLD_WEIGHT, CHIP_RADIUS, CHOSEN_EDGE, ICON_TEXT, MEDIUM_WEIGHT, Look, Token, rounded
from ui.widgets.kept import KeptPicture

HEADER_MM = 10.4
_SIDE_MM = 2.6
_GAP_MM = 4.2
_TIGHT_MM = 2.6
_RUNNING = frozenset({"Infusing", "Paused"})

# One piece of the line: text, token, weight, role, icon before it.
Piece = tuple[str, Token, int, str, str]


class Header(QWidget):
    """Paints a HeaderFrame; what does not fit is said shorter, the name, allergies and DEMO last."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.frame: HeaderFrame | None = None
        self._kept = KeptPicture()
        self._gap_mm = _GAP_MM
        self.setObjectName("header")
        self.setFixedHeight(look.mm(HEADER_MM))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.changed.connect(self.update)

    def show_header(self, frame: HeaderFrame) -> None:
        """Shows a header; an equal one costs nothing."""
        if frame != self.frame:
            self.frame = frame
            self.setAccessibleName(f"{frame.name} {frame.facts} {frame.mrn} {frame.allergy}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The pieces from the left and from the right, over a rule."""
        self._kept.paint(self, self.look, (self.frame,), self._paint)

    def _paint(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), self.look["bg"])
        painter.fillRect(0, self.height() - 1, self.width(), 1, self.look["line"])
        if self.frame is not None:
            left, right = self.fitted(self.frame)
            end = self._paint_left(painter, left)
            begin = self._paint_right(painter, right)
            if self.frame.demo:
                self._paint_demo(painter, end, begin)

    def fitted(self, frame: HeaderFrame) -> tuple[list[Piece], list[Piece]]:
        """The pieces that fit in this width, the least needed left out first."""
        for leave_out in range(-1, 7):
            self._gap_mm = _GAP_MM if leave_out < 0 else _TIGHT_MM
            left, right = _pieces(frame, leave_out)
            demo = self._demo_width() + self._gap() if frame.demo else 0
            if self._width(left) + self._width(right) + demo + self._side() <= self.width():
                return left, right
        return _pieces(frame, 7)

    def _side(self) -> float:
        return self.look.px(_SIDE_MM)

    def _gap(self) -> float:
        return self.look.px(self._gap_mm)

    def _piece_width(self, piece: Piece) -> float:
        text, token, weight, _role, icon = piece
        return self.look.width(text, token, weight) + (self.look.px(ICON_TEXT + 1.4) if icon else 0)

    def _width(self, pieces: list[Piece]) -> float:
        return sum(self._piece_width(piece) + self._gap() for piece in pieces)

    def _baseline(self) -> float:
        return self.height() / 2 + self.look.cap() / 2

    def _paint_left(self, painter: QPainter, pieces: list[Piece]) -> float:
        x = self._side()
        for piece in pieces:
            self._paint_piece(painter, x, piece)
            x += self._piece_width(piece) + self._gap()
        return x

    def _paint_right(self, painter: QPainter, pieces: list[Piece]) -> float:
        x = self.width() - self.look.px(3.6)
        for piece in reversed(pieces):
            x -= self._piece_width(piece)
            self._paint_piece(painter, x, piece)
            x -= self._gap() if piece[1] is not Token.STRONG or piece[3] == "text" else self.look.px(2.2)
        return x

    def _paint_piece(self, painter: QPainter, x: float, piece: Piece) -> None:
        text, token, weight, role, icon = piece
        look = self.look
        if icon:
            px = look.mm(ICON_TEXT)
            painter.drawPixmap(round(x), round((self.height() - px) / 2), look.icon(icon, ICON_TEXT, role))
            x += look.px(ICON_TEXT + 1.4)
        painter.setFont(look.font(token, weight))
        painter.setPen(look[role])
        painter.drawText(QPointF(x, self._baseline() + (look.cap(token) - look.cap()) / 2), text)

    def _demo_width(self) -> float:
        return self.look.width("DEMO", Token.TEXT, BOLD_WEIGHT) + 2 * self.look.px(1.4)

    def _paint_demo(self, painter: QPainter, begin: float, end: float) -> None:
        look = self.look
        chip = QRectF(0, 0, self._demo_width(), look.px(6.2))
        chip.moveCenter(QPointF(max(begin + chip.width() / 2, (begin + end) / 2), self.height() / 2))
        rounded(
            painter, chip, None, look["text"], radius=look.px(CHIP_RADIUS), edge_px=look.edge(CHOSEN_EDGE)
        )
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
        painter.setPen(look["text"])
        painter.drawText(QPointF(chip.left() + look.px(1.4), self._baseline()), "DEMO")


def _lower_first(words: str) -> str:
    """The words "None known" within a sentence; an abbreviation ("NSAIDs") stays as it is."""
    return words[0].lower() + words[1:] if words[1:2].islower() else words


def _pieces(frame: HeaderFrame, leave_out: int) -> tuple[list[Piece], list[Piece]]:
    """The line with the first `leave_out` of: "MRN", who, the phase's word, MRN, facts, the phase's time."""
    bare = frame.mrn.removeprefix("MRN ")
    mrn = f"MRN {bare}" if bare and leave_out < 1 else bare
    allergy = frame.allergy and f"Allergy: {_lower_first(frame.allergy)}"
    allergy_icon = "warning" if allergy and frame.allergy_known else ""
    allergy_weight = BOLD_WEIGHT if frame.allergy_known else MEDIUM_WEIGHT
    running = frame.phase in _RUNNING
    left: list[Piece] = [
        (frame.name, Token.STRONG, BOLD_WEIGHT, "text", ""),
        (frame.facts if leave_out < 5 else "", Token.TEXT, MEDIUM_WEIGHT, "text2", ""),
        (mrn if leave_out < 4 else "", Token.TEXT, MEDIUM_WEIGHT, "text2", ""),
        (allergy, Token.TEXT, allergy_weight, "text", allergy_icon),
    ]
    right: list[Piece] = [
        (
            frame.phase if leave_out < 3 or not frame.phase_time else "",
            Token.TEXT,
            MEDIUM_WEIGHT,
            "text2",
            "",
        ),
        (
            frame.phase_time if leave_out < 6 else "",
            Token.STRONG,
            BOLD_WEIGHT,
            "infusion" if running else "text",
            "",
        ),
        (frame.clock, Token.STRONG, BOLD_WEIGHT, "text", ""),
        (frame.who if leave_out < 2 else "", Token.TEXT, MEDIUM_WEIGHT, "text2", "user"),
    ]
    return [piece for piece in left if piece[0]], [piece for piece in right if piece[0]]
