"""What must happen at the pump: which key to press, what was asked, what the pump shows. And its open questions."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.frames import Answer, PumpSheet, Question
from app.messages import AnswerSyringe, AnyAct, ConfirmByHand, ConfirmPumpState, FinishSession, StopAsking
from ui.sheets.base import Choice, Desk, Sheet
from ui.sheets.number import NumberPanel
from ui.theme import BOLD_WEIGHT, CRITICAL, MEDIUM_WEIGHT, RADIUS, Look, Token, rounded
from ui.widgets.target import Role, State

STATE_WORDS = {
    "waiting": "Waiting to see it at the pump",
    "seen": "Seen at the pump",
    "uncertain": "Uncertain: the pump is not read. Look at the pump, then say what it does.",
    "no-pump": "Confirm it here once the pump does it.",
}
_STATE_ICONS = {"waiting": "clock", "seen": "check", "uncertain": "warning", "no-pump": "user"}


class TwoValues(QWidget):
    """Requested above measured, in large letters."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.rows: tuple[tuple[str, str, str], ...] = ()
        self.setMinimumHeight(look.mm(32.0))
        look.changed.connect(self.update)

    def show_rows(self, rows: tuple[tuple[str, str, str], ...]) -> None:
        """Rows of icon, label and value."""
        if rows != self.rows:
            self.rows = rows
            self.setAccessibleName("; ".join(f"{label} {value}" for _icon, label, value in rows))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card with a line for each."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["bg"], radius=look.px(RADIUS))
        height = self.height() / max(1, len(self.rows))
        for number, (icon, label, value) in enumerate(self.rows):
            self._paint_row(painter, icon, label, value, number * height, height)
        painter.end()

    def _paint_row(
        self, painter: QPainter, icon: str, label: str, value: str, top: float, height: float
    ) -> None:
        look, px, middle = self.look, self.look.mm(6.2), top + height / 2
        painter.drawPixmap(look.mm(3.0), round(middle - px / 2), look.icon(icon, 6.2, "text"))
        left = look.px(12.0)
        token = Token.CRITICAL
        if look.width(value, token, BOLD_WEIGHT) > self.width() - left - look.px(3.0):
            token = Token.TEXT
        painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT))
        painter.setPen(look["text2"])
        painter.drawText(QPointF(left, middle - look.px(1.6)), label)
        painter.setFont(look.font(token, BOLD_WEIGHT))
        painter.setPen(look["text"])
        painter.drawText(QPointF(left, middle + look.px(1.0) + look.cap(token)), value)


class PumpActSheet(Sheet):
    """Start, pause, resume or end. Targets: "close" (not wanted any more), "confirm_by_hand" without a pump."""

    close_words = "Cancel, not wanted"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Shows the snapshot's pump sheet; it goes by itself when the pump did it."""
        super().__init__(desk, parent)
        self.instruction = self.words(token=Token.CRITICAL, weight=BOLD_WEIGHT, wrap=True)
        self.values = TwoValues(self.look, self)
        self.state_words = self.words(role="text2", wrap=True)
        self.by_hand = self.target(
            "confirm_by_hand",
            "Done by hand",
            self._by_hand,
            role=Role.CRITICAL,
            state=State.MAIN,
            token=Token.STRONG,
        )
        self.by_hand.setMinimumWidth(self.mm(60.0))
        self.body.addWidget(self.instruction)
        self.body.addWidget(self.values)
        self.body.addWidget(self.state_words)
        self.body.addStretch(1)
        self.body.addLayout(self.row(None, self.by_hand))
        self.frame_shown: PumpSheet | None = None

    def refresh(self) -> None:
        """Shows what was asked and what the pump shows."""
        frame = self.snapshot.pump_sheet if self.snapshot is not None else None
        if frame is None:
            if self.frame_shown is not None:
                self.closed.emit()
            return
        self.frame_shown = frame
        self.head.say(title=frame.title, sub=f"since {frame.since}")
        self.instruction.set_text(frame.instruction)
        self.values.show_rows(
            (
                ("arrow", "Requested", frame.requested),
                (_STATE_ICONS[frame.state], "The pump shows", frame.measured),
            )
        )
        self.state_words.set_text(STATE_WORDS[frame.state])
        self.by_hand.setVisible(frame.can_confirm_by_hand)
        words, _, how = frame.hand_label.partition(": ")
        self.by_hand.set_words(words, second=how)
        self.by_hand.set_state(State.SAVING if self.is_waiting() else State.MAIN)

    def _by_hand(self) -> None:
        if self.frame_shown is not None:
            self.send(ConfirmByHand(self.frame_shown.what))

    def close_sheet(self) -> None:
        """It is not wanted any more."""
        self.send(StopAsking())
        self.closed.emit()

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The sheet goes when the snapshot shows that nothing is asked."""


class SyringeSheet(Sheet):
    """What is in the pump.

    Targets: "syringe.same", "syringe.new", "container.<mL>", "concentration.<mg/mL>", "confirm_syringe".
    """

    title = "What is in the syringe now?"
    close_words = "Close, answer later"

    def __init__(self, desk: Desk, question: Question, parent: QWidget | None = None) -> None:
        """Nothing is chosen beforehand: a person looks at the syringe."""
        super().__init__(desk, parent)
        self.question = question
        self.head.say(title=question.text)
        offered = self.catalog.containers
        self.detail = self.words(question.detail, wrap=True, role="text2")
        self.which = Choice(
            self,
            "syringe",
            {"same": "The same syringe goes on", "new": "A new syringe"},
            height_mm=CRITICAL,
        )
        containers = _with(offered.offered_ml, question.container_ml)
        strengths = _with(offered.offered_concentrations_mg_ml, question.concentration_mg_ml)
        self.container = Choice(self, "container", {f"{ml:g}": f"{ml:g} mL" for ml in containers})
        self.strength = Choice(self, "concentration", {f"{mg:g}": f"{mg:g} mg/mL" for mg in strengths})
        for choice in (self.which, self.container, self.strength):
            choice.chosen.connect(lambda _key: self.refresh())
        self.confirm = self.target(
            "confirm_syringe",
            "Confirm",
            self._confirm,
            role=Role.CRITICAL,
            state=State.MAIN,
            token=Token.STRONG,
        )
        self.confirm.barred_touched.connect(lambda reason: self.ask_card.refuse(f"Not yet: {reason}."))
        self.body.addWidget(self.detail)
        self.body.addWidget(self.which)
        self.body.addWidget(self.words("Container", role="text2"))
        self.body.addWidget(self.container)
        self.body.addWidget(self.words("Concentration", role="text2"))
        self.body.addWidget(self.strength)
        self.body.addStretch(1)
        self.body.addLayout(self.row(None, self.confirm))
        self.refresh()

    def _lacks(self) -> str:
        for choice, words in (
            (self.which, "the same syringe or a new one"),
            (self.container, "choose the container"),
            (self.strength, "choose the concentration"),
        ):
            if not choice.value:
                return words
        return ""

    def refresh(self) -> None:
        """What is missing bars the confirming target."""
        lacks = self._lacks()
        if lacks:
            self.confirm.set_state(State.BARRED, lacks)
        else:
            self.confirm.set_words(
                "Confirm", second=f"{self.container.value} mL of {self.strength.value} mg/mL"
            )
            self.confirm.set_state(State.SAVING if self.is_waiting() else State.MAIN)

    def _confirm(self) -> None:
        self.send(
            AnswerSyringe(
                container_ml=float(self.container.value),
                concentration_mg_ml=float(self.strength.value),
                same_container=self.which.value == "same",
            )
        )


def _with(offered: tuple[float, ...], ordered: float | None) -> tuple[float, ...]:
    """What is offered, with what was ordered."""
    return tuple(sorted({*offered, ordered})) if ordered is not None else offered


class PumpStateSheet(Sheet):
    """A person reads the pump after a gap. Targets: "pump.running", "pump.held", keys, "set", "no_volume"."""

    title = "What does the pump do?"
    close_words = "Close, answer later"

    def __init__(self, desk: Desk, question: Question, parent: QWidget | None = None) -> None:
        """First running or held, then the rate, then the pump's counter if it can be read."""
        super().__init__(desk, parent)
        self.head.say(title=question.text)
        self.running = False
        self.rate_ml_h: float | None = None
        self.detail = self.words(question.detail, wrap=True)
        self.runs = self.target(
            "pump.running", "It runs", lambda: self._mode(running=True), icon="play", role=Role.CRITICAL
        )
        self.held = self.target(
            "pump.held", "It is on hold", lambda: self._mode(running=False), icon="pause", role=Role.CRITICAL
        )
        self.number = NumberPanel(self, "", "", decimals=3)
        self.number.entered.connect(self._entered)
        self.no_volume = self.target("no_volume", "The counter cannot be read", lambda: self._send(None))
        self.number.side.insertWidget(2, self.no_volume)
        self.number.hide()
        self.body.addWidget(self.detail)
        self.body.addLayout(self.row(self.runs, self.held))
        self.body.addWidget(self.number, 1)
        self.body.addStretch(1)

    def _mode(self, *, running: bool) -> None:
        self.running = running
        self.rate_ml_h = None if running else 0.0
        for target in (self.runs, self.held):
            target.hide()
        self.detail.hide()
        self.number.show()
        self._ask()

    def _ask(self) -> None:
        self.no_volume.setVisible(self.rate_ml_h is not None)
        if self.rate_ml_h is None:
            self.number.begin("Rate that the pump shows", "mL/h", decimals=1)
        else:
            self.number.begin("Volume that the pump's counter shows", "mL", decimals=3)

    def _entered(self, value: float) -> None:
        if self.rate_ml_h is None:
            self.rate_ml_h = value
            self._ask()
        else:
            self._send(value)

    def _send(self, volume_ml: float | None) -> None:
        self.send(ConfirmPumpState(self.running, self.rate_ml_h or 0.0, volume_ml))


class FinishSheet(Sheet):
    """The session is over: one question, one answer. Target: "finish_now"."""

    title = "Finish the session"
    close_words = "Close, go on"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Says what follows."""
        super().__init__(desk, parent)
        self.body.addWidget(
            self.words(
                "The patient leaves. The summary is drawn up and can be signed and printed. "
                "Afterwards lines can only be amended.",
                token=Token.STRONG,
                wrap=True,
            )
        )
        self.body.addStretch(1)
        self.finish = self.target(
            "finish_now",
            "Finish session",
            self._finish,
            role=Role.CRITICAL,
            state=State.MAIN,
            token=Token.STRONG,
        )
        self.finish.setMinimumWidth(self.mm(60.0))
        self.body.addLayout(self.row(None, self.finish))

    def _finish(self) -> None:
        self.finish.set_state(State.SAVING)
        self.send(FinishSession())

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Says why not."""
        self.finish.set_state(State.MAIN)
        super().refused(act, answer)
