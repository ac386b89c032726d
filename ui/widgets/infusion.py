"""The infusion: its card with the rate large, and the targets that change it in the column below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.frames import InfusionCard, Limb, RateSpan
from ui.theme import (
    BOLD_WEIGHT,
    CRITICAL,
    HAZARD,
    ICON_TEXT,
    MEDIUM_WEIGHT,
    NORMAL,
    RADIUS,
    REGION_GAP,
    Look,
    Token,
    rounded,
)
from ui.widgets.digits import digits_width, paint_digits
from ui.widgets.drug_label import label_width, paint_label
from ui.widgets.kept import KeptPicture
from ui.widgets.target import Role, State, Target

_PAD_MM = 2.4
_COMPACT_MM = 56.5
_ICONS = {
    "start": "play",
    "resume": "play",
    "pause": "pause",
    "end": "stop",
    "order": "note",
}


class InfusionCardView(QWidget):
    """Paints an InfusionCard; repaints only when it changes."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Empty until shown its first frame."""
        super().__init__(parent)
        self.look = look
        self.card: InfusionCard | None = None
        self._kept = KeptPicture()
        self.setObjectName("infusion_card")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.changed.connect(self.update)

    def show_card(self, card: InfusionCard | None) -> None:
        """Shows a card, or an empty one."""
        if card != self.card:
            self.card = card
            if card is not None:
                self.setAccessibleName(f"{card.drug} {card.rate} mL/h {card.warning}".strip())
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """From the drug's label down to the syringe."""
        self._kept.paint(self, self.look, (self.card,), self._paint)

    def _paint(self, painter: QPainter) -> None:
        look, box = self.look, QRectF(self.rect())
        painter.fillRect(self.rect(), look["bg"])
        rounded(painter, box, look["panel"], radius=look.px(RADIUS))
        if self.card is not None:
            pad = look.px(_PAD_MM)
            self._paint_card(painter, box.adjusted(pad, look.px(1.6), -pad, -look.px(1.2)), self.card)

    def _paint_card(self, painter: QPainter, box: QRectF, card: InfusionCard) -> None:
        look = self.look
        paint_label(painter, look, box.topLeft(), card.drug, card.label_class)
        if label_width(look, card.drug) + look.width(card.concentration) + look.px(1.5) <= box.width():
            self._right(painter, box.right(), box.top() + look.px(3.0), card.concentration, "text2")
        rows = self._rows(card)
        spare = max(0.0, box.height() - look.px(_COMPACT_MM))
        step = look.px(6.3) + spare * 0.054
        rate = self._paint_rate(painter, box, card, spare)
        y = rate + look.px(4.9) + spare * 0.066
        self._left(painter, box.left(), y, card.mg_h, "text", BOLD_WEIGHT)
        self._right(painter, box.right(), y, card.mg_kg_h, "text", BOLD_WEIGHT)
        last = box.bottom() - look.px(2.6)
        while (
            card.warning and len(rows) > 1 and self._plan_room(last, y, spare, step, rows) < 2 * look.line()
        ):
            del rows[1]
        first = last - (len(rows) - 1) * step
        top = y + look.px(3.6) + spare * 0.12
        plan = QRectF(
            box.left(), top, box.width(), min(look.px(18.0), first - look.px(3.4) - spare * 0.06 - top)
        )
        if card.warning:
            self._paint_warning(painter, plan, card.warning)
        elif plan.height() >= look.px(2.0):
            paint_small_plan(painter, look, plan, card)
        for number, (bold, plain, right) in enumerate(rows):
            self._paint_row(painter, box, first + number * step, bold, plain, right)

    def _plan_room(
        self, last: float, y: float, spare: float, step: float, rows: list[tuple[str, str, str]]
    ) -> float:
        """The height between the doses and the first row."""
        return last - (len(rows) - 1) * step - self.look.px(5.0) - spare * 0.18 - y

    @staticmethod
    def _rows(card: InfusionCard) -> list[tuple[str, str, str]]:
        """Rows of bold words, plain words and what stands right."""
        of = f"of {card.planned}" if card.planned else ""
        rows = [
            (card.given, of, card.volume),
            ("", card.ends, card.late),
            ("", card.syringe, card.syringe_time),
        ]
        return [row for row in rows if any(row)]

    def _paint_rate(self, painter: QPainter, box: QRectF, card: InfusionCard, spare: float) -> float:
        look = self.look
        token = Token.VITAL
        room = box.width() - look.width("mL/h", Token.STRONG, BOLD_WEIGHT) - look.px(0.8)
        if digits_width(look, card.rate, token) > room:
            token = Token.SCORE
        colour = look["infusion"] if card.rate_state == "live" else look["text3"]
        baseline = box.top() + look.px(9.0) + look.cap(Token.VITAL) + spare * 0.11
        paint_digits(
            painter, look, QPointF(box.left() + look.px(0.4), baseline), card.rate, colour, token=token
        )
        self._right(
            painter, box.right(), baseline - look.cap() / 2, "mL/h", "text", BOLD_WEIGHT, Token.STRONG
        )
        room = box.width() - digits_width(look, card.rate, token) - look.px(1.2)
        self._paint_age(painter, box.right(), baseline - look.px(8.2), room, card)
        return baseline

    def _paint_age(
        self, painter: QPainter, right: float, middle: float, room: float, card: InfusionCard
    ) -> None:
        """Whose number it is and how old: a pump's or a person's."""
        look = self.look
        old = card.rate_state != "live"
        weight, role = (BOLD_WEIGHT, "text") if old else (MEDIUM_WEIGHT, "text2")
        words, side = look.width(card.age, Token.TEXT, weight), look.mm(ICON_TEXT)
        if words <= room:
            self._right(painter, right, middle, card.age, role, weight)
            taken = words + look.px(1.0) if words else 0.0
            right, room = right - taken, room - taken
        if side <= room:
            icon = "user" if "hand" in card.source else "pump"
            at = QPointF(round(right - side), round(middle - side / 2))
            painter.drawPixmap(at, look.icon(icon, ICON_TEXT, role))

    def _paint_warning(self, painter: QPainter, box: QRectF, words: str) -> None:
        look = self.look
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
        painter.setPen(look["text"])
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
        room = box.adjusted(0, -look.px(1.6), 0, look.px(1.6))
        size = QFontMetrics(painter.font()).boundingRect(room.toRect(), flags, words)
        if size.height() <= room.height() + 1:
            icon = look.icon("warning", ICON_TEXT, "text")
            inner = room.adjusted(look.mm(ICON_TEXT) + look.px(1.0), 0, 0, 0)
            if (
                QFontMetrics(painter.font()).boundingRect(inner.toRect(), flags, words).height()
                <= room.height()
            ):
                painter.drawPixmap(QPointF(room.left(), round(room.center().y() - icon.height() / 2)), icon)
                room = inner
        painter.drawText(room, flags, words)

    def _paint_row(
        self, painter: QPainter, box: QRectF, middle: float, bold: str, plain: str, right: str
    ) -> None:
        look, x = self.look, box.left()
        if bold:
            self._left(painter, x, middle, bold, "text", BOLD_WEIGHT)
            x += look.width(bold + " ", Token.TEXT, BOLD_WEIGHT)
        self._left(painter, x, middle, plain, "text", MEDIUM_WEIGHT)
        x += look.width(plain) + look.px(1.0)
        if box.right() - look.width(right) >= x:
            self._right(painter, box.right(), middle, right, "text2")

    def _left(self, painter: QPainter, x: float, middle: float, text: str, role: str, weight: int) -> None:
        painter.setFont(self.look.font(Token.TEXT, weight))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(x, middle + self.look.cap() / 2), text)

    def _right(
        self,
        painter: QPainter,
        right: float,
        middle: float,
        text: str,
        role: str,
        weight: int = MEDIUM_WEIGHT,
        token: Token = Token.TEXT,
    ) -> None:
        painter.setFont(self.look.font(token, weight))
        painter.setPen(self.look[role])
        x = right - self.look.width(text, token, weight)
        painter.drawText(QPointF(x, middle + self.look.cap() / 2), text)


def paint_small_plan(painter: QPainter, look: Look, box: QRectF, card: InfusionCard) -> None:
    """The whole infusion on one line: what was given filled, the signed plan dashed around it."""
    spans = (*card.plan, *card.progress)
    end = max((span.end_s for span in spans), default=0.0)
    highest = max((span.rate_ml_h or 0.0 for span in spans), default=0.0)
    if end <= 0 or highest <= 0:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def place(span: RateSpan) -> QRectF:
        left, right = (
            box.left() + span.start_s / end * box.width(),
            box.left() + span.end_s / end * box.width(),
        )
        tall = (span.rate_ml_h or 0.0) / highest * box.height()
        top, base = round(box.bottom() - tall), round(box.bottom())
        return QRectF(round(left), top, round(right) - round(left), base - top)

    for span in card.plan:
        painter.fillRect(place(span), look["raised"])
    for span in card.progress:
        if span.rate_ml_h is None:
            painter.fillRect(place(RateSpan(span.start_s, span.end_s, highest)), look.hatch("border"))
        else:
            painter.fillRect(place(span), look["infusion"])
    _paint_plan_edge(painter, look["plan"], [place(span) for span in card.plan], box.bottom())


def _paint_plan_edge(painter: QPainter, colour: QColor, places: list[QRectF], base: float) -> None:
    if not places:
        return
    points = [QPointF(places[0].left() + 0.5, base)]
    for place in places:
        points += [
            QPointF(place.left() + 0.5, place.top() + 0.5),
            QPointF(place.right() - 0.5, place.top() + 0.5),
        ]
    points.append(QPointF(places[-1].right() - 0.5, base))
    pen = QPen(colour, 1.0)
    pen.setDashPattern([4.0, 3.0])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


WIDE = frozenset({"change_rate", "check_in"})
"""What stands alone under the two acts; never two at once."""


class InfusionColumn(QWidget):
    """The card, and below it two acts side by side, 8 mm apart; Change rate or Check-in 8 mm under them."""

    touched = Signal(str)
    barred_touched = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        """Has no target until a frame allows or bars one."""
        super().__init__(parent)
        self.look = look
        self.card = InfusionCardView(look, self)
        self.targets: dict[str, Target] = {}
        self._limbs: tuple[Limb, ...] = ()
        self._locked = False

    def show_card(self, card: InfusionCard | None, *, locked: bool = False) -> None:
        """Shows the card and its targets; locked ones say so."""
        self.card.show_card(card)
        limbs = card.buttons if card is not None else ()
        if (limbs, locked) != (self._limbs, self._locked):
            self._limbs, self._locked = limbs, locked
            self._show_limbs()

    def _show_limbs(self) -> None:
        keys = [limb.key for limb in self._limbs]
        for key in [key for key in self.targets if key not in keys]:
            gone = self.targets.pop(key)
            gone.hide()
            gone.deleteLater()
        for limb in self._limbs:
            target = self.targets.get(limb.key) or self._made(limb)
            target.set_words(limb.label)
            target.set_state(self._state(limb), "locked" if self._locked else limb.reason)
        self.targets = {limb.key: self.targets[limb.key] for limb in self._limbs}
        self._lay_out()

    def _made(self, limb: Limb) -> Target:
        critical = limb.key not in WIDE
        role = Role.CRITICAL if critical else Role.NORMAL
        target = Target(
            self.look, limb.key, limb.label, icon=_ICONS.get(limb.key, ""), role=role, parent=self
        )
        target.touched.connect(self.touched)
        target.barred_touched.connect(partial(self.barred_touched.emit, target.objectName()))
        target.show()
        self.targets[limb.key] = target
        return target

    def _state(self, limb: Limb) -> State:
        if self._locked or not limb.allowed:
            return State.BARRED
        if limb.main:
            return State.INFUSION if limb.key in ("start", "resume") else State.MAIN
        return State.INFUSION_EDGE if limb.key == "change_rate" else State.NORMAL

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places everything again."""
        self._lay_out()

    def _lay_out(self) -> None:
        look, width, height = self.look, self.width(), self.height()
        tall, low = look.mm(CRITICAL), look.mm(NORMAL)
        tall = max(tall, min(round(height * 0.165), look.mm(21.0)))
        low = max(low, tall - look.mm(5.0))
        bottom = height - look.mm(1.1)
        change = QRect(0, bottom - low, width, low)
        pair_top = change.top() - look.mm(HAZARD) - tall
        half = (width - look.mm(HAZARD)) // 2
        pair = [target for key, target in self.targets.items() if key not in WIDE]
        for number, target in enumerate(pair[:2]):
            wide = width if len(pair) == 1 else half
            target.setGeometry(0 if number == 0 else width - half, pair_top, wide, tall)
        for key in WIDE & self.targets.keys():
            self.targets[key].setGeometry(change)
        self.card.setGeometry(0, 0, width, pair_top - look.mm(REGION_GAP))
