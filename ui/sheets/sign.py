"""Who it is and their PIN: for signing an order, for unlocking the entry, for coming to the chair."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.clinic import OTHER
from app.frames import Answer, Snapshot, StaffRow
from app.messages import AnyAct, BreakGlass, SignIn
from app.roles import PHYSICIANS
from ui.sheets.base import Choice, Desk, Page, Sheet, clear
from ui.sheets.number import PinPanel
from ui.theme import BOLD_WEIGHT, GAP, Token
from ui.widgets.target import Form, Role, State, Target
from ui.widgets.words import Words

PRESCRIBERS = PHYSICIANS
"""Whose signature an order or another rate needs."""

_MANY = 5


ROLE_WORDS = {
    "nurse": "Nurse",
    "anesthetist": "Anesthetist",
    "director": "Medical director",
    "administrator": "Administrator",
}
ASKED_FOR_FIRST = "anesthetist"
"""Whom a person at the chair looks for in a list of names."""


def role_words(row: StaffRow) -> str:
    """The role in a word that a person at the chair asks for: anesthetist, else the first of the list."""
    return next((ROLE_WORDS[role] for role in (ASKED_FOR_FIRST, *ROLE_WORDS) if role in row.roles), "")


def rows_of(staff: tuple[StaffRow, ...], roles: tuple[str, ...]) -> tuple[StaffRow, ...]:
    """Those who have one of the roles; everybody where no role is asked for."""
    return tuple(row for row in staff if not roles or any(role in roles for role in row.roles))


class SignPanel(QWidget):
    """Pick a name, type the PIN, sign. `signed` gives staff id and PIN.

    Targets: "<prefix>.<staff id>", "pin.<digit>", "pin.erase", and the signing one by the name it was given.
    """

    signed = Signal(str, str)

    def __init__(
        self,
        page: Page,
        name: str,
        words: str,
        *,
        prefix: str = "signer",
        roles: tuple[str, ...] = (),
        back: Target | None = None,
    ) -> None:
        """With `roles` only those who have one of them are offered; `back` stands beside the signing target."""
        super().__init__(page)
        self.page = page
        self.prefix = prefix
        self.roles = roles
        self.verb = words
        self.people: Choice | None = None
        self.waiting = False
        self._rows: tuple[StaffRow, ...] = ()
        self._offered: tuple[tuple[str, str, str], ...] = ()
        self._preferred = ""
        self.pin = PinPanel(page)
        self.pin.changed.connect(self._show)
        self.head = Words(page.look, "", token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True, parent=self)
        self.sign: Target = page.target(
            name, words, self._sign, role=Role.CRITICAL, state=State.MAIN, token=Token.STRONG
        )
        self.sign.barred_touched.connect(lambda reason: self.pin.say(reason[:1].upper() + reason[1:]))
        self.head.hide()
        self.side = QVBoxLayout()
        self.side.setSpacing(page.mm(GAP))
        self.side.addWidget(self.head)
        self.side.addStretch(1)
        self.side.addLayout(page.row(back, self.sign) if back is not None else page.row(self.sign))
        layout = page.row(gap_mm=8.0)
        layout.addWidget(self.pin, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self.side, 1)
        self.setLayout(layout)

    def begin(self, head: str, verb: str, second: str = "", state: State = State.MAIN) -> None:
        """Says what is signed."""
        self.head.set_text(head)
        self.head.setVisible(bool(head))
        self.verb = verb
        self._state = state
        self.waiting = False
        self.sign.set_words(verb, second=second)
        self.pin.clear()
        self._show()

    _state = State.MAIN

    def show_staff(self, staff: tuple[StaffRow, ...], preferred: str = "") -> None:
        """Offers the people; the only one, or who is here, is chosen already."""
        self._rows = rows_of(staff, self.roles)
        offered = tuple((row.staff, row.name, row.pin_shown) for row in self._rows)
        if offered != self._offered:
            self._offered = offered
            self._offer(preferred)
        self._show()

    def _offer(self, preferred: str) -> None:
        if self.people is not None:
            self.side.removeWidget(self.people)
            self.people.hide()
            self.people.deleteLater()
        options = {row.staff: row.name for row in self._rows}
        columns = 1 if len(options) <= _MANY else 2
        self.people = Choice(self.page, self.prefix, options, columns=columns)
        for row in self._rows:
            pin = f"PIN {row.pin_shown}" if row.pin_shown else ""
            second = ", ".join(part for part in (role_words(row), pin) if part)
            self.people.targets[row.staff].set_words(row.name, second=second)
        self.people.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.people.chosen.connect(lambda _staff: self.pin.clear())
        self.side.insertWidget(1, self.people)
        if len(self._rows) == 1:
            self.people.choose(self._rows[0].staff)
        elif preferred in options:
            self.people.choose(preferred)

    def chosen(self) -> StaffRow | None:
        """Who is chosen."""
        value = self.people.value if self.people is not None else ""
        return next((row for row in self._rows if row.staff == value), None)

    def refused(self, reason: str) -> None:
        """Says why, and forgets the digits."""
        self.waiting = False
        self.pin.clear(reason)
        self._show()

    def _lacks(self) -> str:
        row = self.chosen()
        if row is None:
            return "pick a name"
        if row.wait_s > 0:
            return f"wait {row.wait_s} s"
        return "" if self.pin.is_long_enough() else "type the PIN"

    def _show(self) -> None:
        row, lacks = self.chosen(), self._lacks()
        if row is not None and row.wait_s > 0:
            self.pin.say(f"Five wrong PINs: wait {row.wait_s} s")
        if self.waiting:
            self.sign.set_state(State.SAVING)
        elif lacks:
            self.sign.set_state(State.BARRED, lacks)
        else:
            self.sign.set_state(self._state)

    def _sign(self) -> None:
        row = self.chosen()
        if row is not None and not self._lacks():
            pin = self.pin.pin
            self.waiting = True
            self.pin.clear("Checking the PIN")
            self.signed.emit(row.staff, pin)

    def answered(self) -> None:
        """The PIN was taken."""
        self.waiting = False
        self.pin.clear()


class GlassPanel(QWidget):
    """The way in without a PIN: why, and who; a touch on the name opens. `broken` gives staff id and reason.

    Targets: "reason.<n>", "nopin.<staff id>", "nopin.other", "with_pin".
    """

    broken = Signal(str, str)
    left = Signal()

    def __init__(self, page: Page) -> None:
        """The first reason is chosen."""
        super().__init__(page)
        self.page = page
        self.reasons = page.catalog.bedside.break_glass.reasons
        self._offered: tuple[tuple[str, str], ...] = ()
        self.head = Words(
            page.look, "Opens without a PIN", token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True, parent=self
        )
        self.says = Words(page.look, GLASS_WORDS, wrap=True, role="text2", parent=self)
        self.why = Choice(page, "reason", {str(n): words for n, words in enumerate(self.reasons)})
        self.why.choose("0")
        self.who = Words(page.look, "Touch your name: entry opens.", weight=BOLD_WEIGHT, parent=self)
        self.people = QGridLayout()
        self.people.setSpacing(page.mm(GAP))
        back = page.target("with_pin", "With a PIN", self.left.emit, icon="undo", form=Form.LEFT)
        self.setLayout(
            page.column(self.head, self.says, self.why, self.who, self.people, None, page.row(back, None))
        )

    def show_staff(self, staff: tuple[StaffRow, ...]) -> None:
        """Offers the people, and Other for somebody who is none of them."""
        offered = (*((row.staff, row.name) for row in staff), (OTHER, "Other"))
        if offered == self._offered:
            return
        self._offered = offered
        clear(self.people)
        for place, (who, name) in enumerate(offered):
            target = self.page.target(f"nopin.{who}", name, partial(self._open, who), role=Role.CRITICAL)
            self.people.addWidget(target, place // PEOPLE_A_ROW, place % PEOPLE_A_ROW)

    def refused(self, reason: str) -> None:
        """Says why not."""
        self.says.set_text(reason, "text")

    def _open(self, staff: str) -> None:
        self.broken.emit(staff, self.reasons[int(self.why.value)])


GLASS_WORDS = (
    "Only what an emergency needs can be written: drugs, effects, values, notes. Nothing is signed. "
    "It stands in the record, on paper and in the audit trail."
)
PEOPLE_A_ROW = 4


class UnlockPart(Page):
    """Everybody's names and a PIN pad; the way in without a PIN behind one touch.

    Targets: "staff.<id>", "pin.<digit>", "enter", "no_pin", and behind it those of GlassPanel.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.no_pin = self.target(
            "no_pin", "Emergency:\nno PIN", self._to_glass, icon="warning", form=Form.LEFT, role=Role.CRITICAL
        )
        self.sign = SignPanel(self, "enter", "Unlock", prefix="staff", back=self.no_pin)
        self.sign.signed.connect(lambda staff, pin: self.send(SignIn(staff, pin)))
        self.glass = GlassPanel(self)
        self.glass.broken.connect(lambda staff, reason: self.send(BreakGlass(staff, reason)))
        self.glass.left.connect(self._to_pin)
        self.glass.hide()
        self.setLayout(self.column(self.sign, self.glass))

    def begin(self, snapshot: Snapshot) -> None:
        """No PIN is typed, and none is being checked: whoever came in last left before that was heard."""
        super().begin(snapshot)
        self.sign.answered()
        self._to_pin()

    def _to_glass(self) -> None:
        self.sign.hide()
        self.glass.show()

    def _to_pin(self) -> None:
        self.glass.hide()
        self.sign.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Nothing: it lies on a sheet or a screen."""

    def refresh(self) -> None:
        """The names, and who has to wait."""
        if self.snapshot is not None:
            self.sign.show_staff(self.snapshot.staff, self.snapshot.who)
            self.glass.show_staff(self.snapshot.staff)

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The entry is open."""
        self.sign.answered()
        self._to_pin()
        self.closed.emit()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Wrong PIN, or too many; or no way in without one."""
        if isinstance(act, BreakGlass):
            self.glass.refused(answer.reason)
        else:
            self.sign.refused(answer.reason)


class LockSheet(Sheet):
    """Entry is locked; tiles, trends and alarms go on. Targets as in UnlockPart."""

    title = "Entry is locked"
    close_words = "Close, stay locked"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """The same pad as at the start."""
        super().__init__(desk, parent)
        self.part = UnlockPart(desk, self)
        self.part.closed.connect(self.closed)
        self.body.addWidget(self.part, 1)

    def close_inside(self) -> None:
        """Where there are no tiles there is nothing to be left with: only a way in leads on."""
        self.close_target.hide()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The pad hears its own answers."""
        super().show_snapshot(snapshot)
        self.part.show_snapshot(snapshot)
