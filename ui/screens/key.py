"""How the record's key is kept, for everybody; an administrator seals it or changes its passphrase, with their PIN."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.frames import Answer
from app.key_acts import passphrase_problem
from app.messages import AnyAct, SealRecord
from app.unsealing import SHORTEST
from ui.screens.base import ONLY_ADMINISTRATORS, Screen, main_target
from ui.sheets.base import Desk, Part
from ui.theme import BOLD_WEIGHT, Token
from ui.widgets.secret import SecretPanel
from ui.widgets.target import Form, Role, State

SEAL_MM: Final = 74.0
NEW: Final = "A new passphrase, {shortest} characters or more: five words in a row are good."
AGAIN: Final = "The same passphrase again."
OTHER: Final = "The two were not the same. Type the new passphrase again."
FORGOTTEN: Final = "What was typed is gone: no key was touched for a minute. Type the new passphrase."


class KeyScreen(Screen):
    """Targets: "seal_key", "back_to_set_up"; then those of the passphrase, "back_to_key", "pin.*", "pin_set"."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.first = self.told = ""
        self.words_shown = self.words(token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True)
        self.done_shown = self.words(wrap=True, weight=BOLD_WEIGHT)
        self.safe = self.words(wrap=True)
        self.back = self.target(
            "back_to_set_up",
            "Set-up",
            lambda: self.wants.emit("set-up"),
            icon="undo",
            form=Form.LEFT,
            role=Role.CRITICAL,
        )
        self.seal = main_target(self, "seal_key", "", self._ask_new)
        self.seal.setMinimumWidth(self.mm(SEAL_MM))
        self.seal.barred_touched.connect(self.ask_card.refuse)
        for words in (
            self.words("Key of the record", token=Token.CRITICAL, weight=BOLD_WEIGHT),
            self.words_shown,
            self.done_shown,
            self.safe,
        ):
            self.body.addWidget(words)
        self.body.addStretch(1)
        self.body.addLayout(self.row(self.back, None, self.seal))
        self._add_question()

    def _add_question(self) -> None:
        self.question = Part(self)
        self.secret = SecretPanel(self.look, self.question)
        self.secret.changed.connect(self._typed)
        self.secret.forgotten.connect(lambda: self._ask_new(FORGOTTEN))
        self.secret.done.connect(self._typed_whole)
        back = self.target("back_to_key", "Back", self.stop_editing, icon="undo", form=Form.LEFT)
        layout = QVBoxLayout(self.question)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.body.spacing())
        layout.addWidget(self.secret)
        layout.addStretch(1)
        layout.addLayout(self.row(back, None))
        self.question.hide()

    # ------------------------------------------------------------------ what it shows

    def refresh(self) -> None:
        """How the key is kept now, and who may change that."""
        super().refresh()
        frame = self.snapshot.key if self.snapshot is not None else None
        if frame is None:
            return
        self.words_shown.set_text(frame.words)
        self.safe.set_text(frame.safe)
        self.done_shown.set_text(frame.done)
        self.done_shown.setVisible(bool(frame.done))
        self.seal.setVisible(bool(frame.act))
        self.seal.set_words(frame.act)
        boss = self.is_administrator()
        self.seal.set_state(State.MAIN if boss else State.BARRED, "" if boss else ONLY_ADMINISTRATORS)
        if self.is_waiting():
            self.seal.set_state(State.SAVING)

    def stop_editing(self) -> None:
        """The overview again; what was typed is gone."""
        self.first = ""
        self.secret.clear()
        self.question.hide()
        super().stop_editing()

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever typed it left the screen."""
        self.first = ""
        self.secret.clear()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The question has the overview's place."""
        super().resizeEvent(event)
        self.question.setGeometry(self.overview.geometry())

    # ------------------------------------------------------------------ the new passphrase, twice, and the PIN

    def _ask_new(self, words: str = "") -> None:
        self.first = ""
        self.overview.hide()
        self.question.show()
        self.question.raise_()
        self._ask(words or NEW.format(shortest=SHORTEST))

    def _ask(self, words: str) -> None:
        self.told = words
        self.secret.ask(words, "Next")
        self._typed()

    def _typed(self) -> None:
        self.stir()
        problem = passphrase_problem(self.secret.text)
        self.secret.keyboard.finish.set_state(
            State.BARRED if problem else State.MAIN, "too short" if problem else ""
        )
        self.secret.says.set_text(self.told)

    def _typed_whole(self, text: str) -> None:
        if problem := passphrase_problem(text):
            self.secret.says.set_text(problem)
        elif not self.first:
            self.first = text
            self._ask(AGAIN)
        elif text != self.first:
            self._ask_new(OTHER)
        else:
            self._ask_pin(text)

    def _ask_pin(self, passphrase: str) -> None:
        me = self.me()
        self.stop_editing()
        if me is not None:
            self.edit().ask_pin(
                f"Your PIN, {me.name}, to seal the key",
                lambda pin: self._seal(passphrase, pin),
            )

    def _seal(self, passphrase: str, pin: str) -> None:
        if not self.is_waiting():  # a second touch would seal a second time
            self.send(SealRecord(passphrase, pin))
            self.editor.pin.clear("Sealing")

    # ------------------------------------------------------------------ what becomes of it

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """Sealed: the overview says so, and what to do next."""
        self.stop_editing()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """At the PIN where that was wrong, else in words over the overview."""
        if answer.field == "pin" and self.editor.isVisibleTo(self):
            self.editor.pin.clear(answer.reason)
            return
        self.stop_editing()
        self.ask_card.refuse(answer.reason)
