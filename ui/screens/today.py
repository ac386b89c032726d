"""Today: what goes on first and large, who is expected, the sessions of the file, who is here, the devices."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.frames import Answer, DeviceChip, SessionLine, StaffRow, VisitLine
from app.messages import AnyAct, ReviewSession, ShowSession
from app.people_frames import SelfTestFrame
from app.roles import ADMINISTRATOR, DIRECTOR
from ui.screens.base import Screen, main_target
from ui.sheets.base import Desk, clear
from ui.sheets.sign import role_words
from ui.theme import BOLD_WEIGHT, GAP, MEDIUM_WEIGHT, NORMAL, RADIUS, Look, Token, rounded
from ui.widgets.alarm_bar import device_icon
from ui.widgets.target import Form, Role, State, Target

SIDE_MM = 66.0
RESUME_MM = 26.0
_LINE_MM = 6.0


class StatusCard(QWidget):
    """Who is here, and what monitor and pump do."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.person: StaffRow | None = None
        self.devices: tuple[DeviceChip, ...] = ()
        self.setFixedWidth(look.mm(SIDE_MM))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A head and two lines for each."""
        return QSize(self.look.mm(SIDE_MM), self.look.mm(4.0 + 2.4 * _LINE_MM * (1 + len(self.devices))))

    def show_status(self, person: StaffRow | None, devices: tuple[DeviceChip, ...]) -> None:
        """Shows another state; an equal one costs nothing."""
        if (person, devices) != (self.person, self.devices):
            self.person, self.devices = person, devices
            self.setAccessibleName("; ".join(f"{head}: {words}" for _icon, head, words, _ok in self.lines()))
            self.updateGeometry()
            self.update()

    def lines(self) -> list[tuple[str, str, str, bool]]:
        """(icon, head, words, whether all is well) of each."""
        made = [("user", self.person.name, role_words(self.person), True)] if self.person is not None else []
        return [*made, *((device_icon(one), one.label, chip_words(one), one.ok) for one in self.devices)]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card with an icon and two lines for each."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        px, left = look.mm(7.0), look.px(13.0)
        for number, (icon, head, words, is_well) in enumerate(self.lines()):
            top = look.px(2.0 + number * 2.4 * _LINE_MM)
            painter.drawPixmap(look.mm(3.0), round(top + look.px(3.0)), look.icon_px(icon, px, look["text"]))
            painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT))
            painter.setPen(look["text"])
            painter.drawText(QPointF(left, top + look.px(5.6)), head)
            painter.setFont(look.font(Token.TEXT, MEDIUM_WEIGHT if is_well else BOLD_WEIGHT))
            painter.setPen(look["text2" if is_well else "text"])
            painter.drawText(QPointF(left, top + look.px(5.6 + _LINE_MM)), words)
        painter.end()


def chip_words(device: DeviceChip) -> str:
    """What a device does, a little longer than in the bar."""
    if device.key == "sound":
        return SOUND_WORDS.get(device.text, device.text)
    return f"heard {device.text} ago" if device.ok else DEVICE_WORDS.get(device.text, device.text)


SOUND_WORDS = {"none": "no loudspeaker", "waiting": "being asked for"}
DEVICE_WORDS = {
    "none": "none connected",
    "waiting": "waiting for data",
    "silent": "silent: check it",
    "down": "down: check the cable",
}


class TodayScreen(Screen):
    """Targets: "resume", "new_patient", "set_up", "visit.<n>", "session.<n>" (0 is the first), "earlier", "later".

    "self_test" tells what was found; for the administrator "audit", for the medical director "tables".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.page = 0
        self._shown: tuple[object, ...] = ()
        self.title = self.words("Today", token=Token.STRONG, weight=BOLD_WEIGHT)
        self.status = StatusCard(self.look, self)
        self.empty = self.words("No session yet. Touch New patient to begin.", role="text2")
        self.rows = QVBoxLayout()
        self.rows.setSpacing(self.mm(GAP))
        self.earlier = self.target("earlier", "Earlier", partial(self._turn, 1))
        self.later = self.target("later", "Later", partial(self._turn, -1))
        self.new_patient = main_target(self, "new_patient", "New patient", lambda: self.wants.emit("patient"))
        self.set_up = self.target("set_up", "Set-up", lambda: self.wants.emit("set-up"))
        self.resume = main_target(self, "resume", "Resume", self._resume, icon="play", form=Form.LEFT)
        self.resume.setMinimumHeight(self.mm(RESUME_MM))
        left = self.column(self.resume, self.title, self.empty, self.rows, None)
        self.self_test = self.target("self_test", "Self-test", self._tell_test, form=Form.LEFT)
        self.self_test.setFixedWidth(self.mm(SIDE_MM))
        side = self.column(self.status, self.self_test, None)
        columns = self.row(left, side)
        columns.setStretchFactor(left, 1)
        self.body.addLayout(columns, 1)
        self.audit = self.target("audit", "Audit", lambda: self.wants.emit("audit"), role=Role.CRITICAL)
        self.tables = self.target("tables", "Tables", lambda: self.wants.emit("tables"), role=Role.CRITICAL)
        acts = (self.earlier, self.later, None, self.tables, self.audit, self.set_up, self.new_patient)
        self.body.addLayout(self.row(*acts))

    def refresh(self) -> None:
        """Unfinished first; then one main act, Resume before New patient."""
        super().refresh()
        if self.snapshot is None:
            return
        shot = self.snapshot
        person = self.me()
        self.status.show_status(person, shot.alarms.devices)
        self._show_test(shot.self_test)
        unfinished = self._unfinished()
        self.audit.setVisible(any(role in ADMINISTRATOR for role in shot.who_roles))
        self.tables.setVisible(any(role in DIRECTOR for role in shot.who_roles))
        self.resume.setVisible(unfinished is not None)
        if shot.session:
            self.new_patient.set_state(State.BARRED, "a session is under way")
        else:
            self.new_patient.set_state(State.NORMAL if unfinished is not None else State.MAIN)
        if unfinished is not None:
            self.resume.set_words(
                f"Resume {unfinished.patient or 'without a patient'}",
                second=f"{unfinished.state}, {unfinished.when}",
            )
        self.title.set_text(self._title(shot.visits, shot.sessions))
        self._show_page(shot.visits, shot.sessions)

    def _title(self, visits: tuple[VisitLine, ...], sessions: tuple[SessionLine, ...]) -> str:
        """How many of each there are."""
        late = sum(visit.overdue for visit in visits)
        counts = {"overdue": late, "due": len(visits) - late}
        for line in sessions:
            counts[line.group.lower()] = counts.get(line.group.lower(), 0) + 1
        order = ("running", "unfinished", "overdue", "due", "done", "earlier")
        words = [f"{counts[one]} {one}" for one in order if counts.get(one)]
        return f"Today: {', '.join(words)}" if words else "Today"

    def _show_test(self, test: SelfTestFrame | None) -> None:
        """One tick with its time, or how many findings there are; a touch tells them."""
        self.self_test.setVisible(test is not None)
        if test is not None:
            self.self_test.set_words(test.title, second=test.words)
            self.self_test.set_icon("check" if test.well else "warning")

    def _tell_test(self) -> None:
        test = self.snapshot.self_test if self.snapshot is not None else None
        if test is not None:
            self.ask_card.refuse("\n".join(test.findings) or f"Tested: {', '.join(test.tested)}")

    def _unfinished(self) -> SessionLine | None:
        sessions = self.snapshot.sessions if self.snapshot is not None else ()
        return next((line for line in sessions if not line.finished), None)

    def _per_page(self) -> int:
        used = self.title.height() + self.new_patient.height() + self.mm(3 * GAP)
        if self._unfinished() is not None:
            used += self.mm(RESUME_MM + GAP)
        return max(2, (self.overview.height() - used) // (self.mm(NORMAL) + self.mm(GAP)))

    def _listed(
        self, visits: tuple[VisitLine, ...], sessions: tuple[SessionLine, ...]
    ) -> tuple[tuple[int, VisitLine | SessionLine], ...]:
        """Every line but the one that is resumed, with its place: who is expected stands before what is done."""
        resumed = self._unfinished()
        lines = [(number, line) for number, line in enumerate(sessions) if line is not resumed]
        before = [(number, line) for number, line in lines if not line.finished]
        after = [(number, line) for number, line in lines if line.finished]
        return (*before, *enumerate(visits), *after)

    def _show_page(self, visits: tuple[VisitLine, ...], sessions: tuple[SessionLine, ...]) -> None:
        count = self._per_page()
        listed = self._listed(visits, sessions)
        pages = max(1, -(-len(listed) // count))
        self.page = min(self.page, pages - 1)
        for target, there in ((self.earlier, self.page < pages - 1), (self.later, self.page > 0)):
            target.setVisible(pages > 1)
            target.set_state(State.NORMAL if there else State.BARRED, "" if there else "no more")
        self.empty.setVisible(not sessions and not visits)
        self.title.setVisible(bool(listed))
        lines = listed[self.page * count : (self.page + 1) * count]
        if (lines, self.page) == self._shown:
            return
        self._shown = (lines, self.page)
        clear(self.rows)
        for number, line in lines:
            made = self._visit(number, line) if isinstance(line, VisitLine) else self._line(number, line)
            self.rows.addWidget(made)

    def _visit(self, number: int, line: VisitLine) -> Target:
        """Who is expected: touched, the patient screen finds them."""
        mrn = line.mrn if line.mrn.startswith("MRN") else f"MRN {line.mrn}"
        target = self.target(
            f"visit.{number}",
            line.name,
            partial(self._find, line),
            note=f"{mrn}  {line.last}",
            value=line.when,
            icon="warning" if line.overdue else "user",
            form=Form.ROW,
            state=State.DUE,
        )
        if target.sizeHint().width() > self.overview.width() - self.mm(SIDE_MM + GAP):
            target.set_words(target.words, note=mrn)
        return target

    def _find(self, line: VisitLine) -> None:
        if self.new_patient.is_barred():
            self.ask_card.refuse("A session is under way. Finish it first.")
        else:
            self.wants.emit(f"patient.{line.mrn}")

    def _line(self, number: int, line: SessionLine) -> Target:
        mrn = line.mrn if line.mrn.startswith("MRN") or not line.mrn else f"MRN {line.mrn}"
        target = self.target(
            f"session.{number}",
            line.patient or "No patient yet",
            partial(self._show_session, line),
            note="  ".join(part for part in (mrn, line.protocol) if part),
            value=f"{line.when}, {self._state_words(line)}",
            icon={"Running": "play", "Done": "check", "Earlier": "check"}.get(line.group, "clock"),
            form=Form.ROW,
        )
        if target.sizeHint().width() > self.overview.width() - self.mm(SIDE_MM + GAP):
            target.set_words(target.words, note=mrn)
        return target

    def _state_words(self, line: SessionLine) -> str:
        """The head of its group, and where it stands where that says more."""
        if line.group == "Earlier":
            return "done"
        head = line.group or line.state
        return head.lower() if line.finished else f"{head.lower()}: {line.state}"

    def _turn(self, pages: int) -> None:
        self.page = max(0, self.page + pages)
        self.refresh()

    def _show_session(self, line: SessionLine) -> None:
        """A done one to be read, one that goes on to go on with."""
        here = self.snapshot.session if self.snapshot is not None else ""
        if line.session == here:
            self.wants.emit("")
        elif line.finished:
            self.send(ReviewSession(line.session))
        else:
            self.send(ShowSession(line.session))

    def _resume(self) -> None:
        unfinished = self._unfinished()
        if unfinished is not None:
            self._show_session(unfinished)

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The snapshot's phase brings the next screen."""
