"""A step of the plan where no pump is read: enter the rate, then say that it runs."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.frames import Answer, Question
from app.messages import AnyAct, ConfirmByHand
from ui.sheets.base import Desk, Sheet
from ui.theme import BOLD_WEIGHT, Token
from ui.widgets.target import Role, State


class StepSheet(Sheet):
    """Target: "confirm_rate"."""

    title = "Step of the plan"
    close_words = "Close, not set yet"

    def __init__(self, desk: Desk, question: Question, parent: QWidget | None = None) -> None:
        """Says the rate in large letters."""
        super().__init__(desk, parent)
        self.rate_ml_h = question.rate_ml_h
        self.body.addWidget(self.words(question.text, token=Token.CRITICAL, weight=BOLD_WEIGHT, wrap=True))
        self.body.addWidget(self.words(question.detail, wrap=True, role="text2"))
        self.body.addStretch(1)
        words = f"It runs at {self.rate_ml_h:g} mL/h" if self.rate_ml_h is not None else "It runs"
        self.confirm = self.target(
            "confirm_rate", words, self._confirm, role=Role.CRITICAL, state=State.MAIN, token=Token.STRONG
        )
        self.body.addLayout(self.row(None, self.confirm))

    def _confirm(self) -> None:
        self.confirm.set_state(State.SAVING)
        self.send(ConfirmByHand("rate", self.rate_ml_h))

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Says why not."""
        self.confirm.set_state(State.MAIN)
        super().refused(act, answer)
