"""The summary on screen as it prints: pages, signature, print, PDF, and the jobs that wait for a printer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.frames import Answer, Snapshot, StaffRow
from app.messages import AnyAct, LeaveSession, NotePrinted, SignSummary
from app.printed import Summary
from app.summary import SIGN_AGAIN
from ui.paper import Pages
from ui.printing import Outcome, Printing, page_image, unprintable
from ui.sheets.base import Desk, Do, Page, Part
from ui.sheets.number import PinPanel
from ui.theme import BOLD_WEIGHT, DIM, EDGE, GAP, HAZARD, Look, Token
from ui.widgets.target import Role, State, Target
from ui.widgets.words import Words

MEANINGS = {"nurse": "Nurse", "anesthetist": "Anesthetist"}
"""The roles that sign a summary, and what their signature means."""

SIDE_MM = 71.0
PIN_SIDE_MM = 116.0
"""Wider, because the keys under each other leave no height for the acts."""

SHARP_PX = 1240
"""A page is drawn at least so wide (150 dpi of A4) and then made smaller: a bar of a third of a pixel would vanish."""

DIM_PAPER = 0.62
"""In dim the page is shown through this much black: paper must not flash."""


class PageView(QWidget):
    """One page, whole or as wide as there is room; never larger than it prints."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until it has pages."""
        super().__init__(parent)
        self.look = look
        self.pages: Pages | None = None
        self.number = 0
        self.wide = False
        self.down_px = 0
        self._image: QImage | None = None
        self._image_of: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setObjectName("page")
        look.changed.connect(self.update)

    def set_pages(self, pages: Pages | None) -> None:
        """Shows other pages, at the same place where there is one."""
        self.pages = pages
        self._image_of = ()
        self.number = min(self.number, max(0, len(pages) - 1)) if pages is not None else 0
        self.update()

    def set_wide(self, wide: bool) -> None:
        """Whole page or page width."""
        self.wide, self.down_px = wide, 0
        self.update()

    def page_size(self) -> QSize:
        """The page in pixels."""
        if self.pages is None or self.width() < 2 or self.height() < 2:
            return QSize(1, 1)
        paper = self.pages.paper
        ratio = paper.width / paper.height
        width = self.width() if self.wide else min(self.width(), int(self.height() * ratio))
        return QSize(max(1, width), max(1, round(width / ratio)))

    def lowest_px(self) -> int:
        """How far the page can be moved up."""
        return max(0, self.page_size().height() - self.height())

    def turn(self, step: int) -> None:
        """A screenful down or up, then the next or the previous page."""
        if self.pages is None:
            return
        moved = self.down_px + step * round(self.height() * 0.85)
        if self.wide and 0 <= self.down_px + step <= self.lowest_px():
            self.down_px = min(max(moved, 0), self.lowest_px())
        elif 0 <= self.number + step < len(self.pages):
            self.number += step
            self.down_px = 0 if step > 0 else self.lowest_px()
        self.update()

    def can_turn(self, step: int) -> bool:
        """Whether there is more in this direction."""
        if self.pages is None:
            return False
        inside = self.wide and 0 <= self.down_px + step <= self.lowest_px()
        return inside or 0 <= self.number + step < len(self.pages)

    def image(self) -> QImage | None:
        """The page as it prints, at the size of now."""
        if self.pages is None:
            return None
        ratio = self.devicePixelRatioF()
        size = self.page_size()
        wanted = (id(self.pages), self.number, size.width(), ratio)
        if self._image is None or wanted != self._image_of:
            self._image_of = wanted
            self._image = _smooth_page(self.pages, self.number, round(size.width() * ratio))
            self._image.setDevicePixelRatio(ratio)
        return self._image

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The page in the middle."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["panel"])
        image = self.image()
        if image is not None:
            size = self.page_size()
            left = (self.width() - size.width()) // 2
            top = -self.down_px if self.lowest_px() else (self.height() - size.height()) // 2
            painter.drawImage(left, top, image)
            if self.look.theme.name == DIM.name:
                shade = QColor(0, 0, 0)
                shade.setAlphaF(DIM_PAPER)
                painter.fillRect(QRect(left, top, size.width(), size.height()), shade)
        painter.end()


def _smooth_page(pages: Pages, number: int, width_px: int) -> QImage:
    """The page drawn at printing size and made smaller: thin bars keep their shape."""
    large = page_image(pages, number, max(width_px, SHARP_PX))
    if large.width() == width_px:
        return large
    return large.scaledToWidth(width_px, Qt.TransformationMode.SmoothTransformation)


class Choice(QWidget):
    """A list to choose one of, with a way back; longer lists turn their pages."""

    chosen = Signal(str)
    left = Signal()

    PER_PAGE = 4

    def __init__(self, page: Page, name: str) -> None:
        """`name` begins the names of its targets: "signer.1"."""
        super().__init__(page)
        self.page = page
        self.name = name
        self.rows: list[tuple[str, str, str]] = []
        self.first = 0
        self.title = Words(page.look, "", token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True, parent=self)
        self.places: list[Target] = []
        for place in range(self.PER_PAGE):
            target = page.target(f"{name}.{place + 1}", "", self._doer(place))
            self.places.append(target)
        self.more = page.target(f"{name}.more", "More", self._turn)
        self.back = page.target(f"{name}.back", "Back", self.left.emit)
        layout = page.column(self.title, *self.places, self.more, None, self.back)
        self.setLayout(layout)

    def _doer(self, place: int) -> Do:
        return lambda: self._choose(place)

    def ask(self, title: str, rows: Sequence[tuple[str, str, str]]) -> None:
        """Offers rows of (key, words, second line)."""
        self.title.set_text(title)
        self.rows, self.first = list(rows), 0
        self._fill()

    def _fill(self) -> None:
        shown = self.rows[self.first : self.first + self.PER_PAGE]
        for target, row in zip(self.places, [*shown, *[None] * self.PER_PAGE], strict=False):
            target.setVisible(row is not None)
            if row is not None:
                target.set_words(row[1], second=row[2])
        self.more.setVisible(len(self.rows) > self.PER_PAGE)

    def _turn(self) -> None:
        self.first = self.first + self.PER_PAGE if self.first + self.PER_PAGE < len(self.rows) else 0
        self._fill()

    def _choose(self, place: int) -> None:
        if self.first + place < len(self.rows):
            self.chosen.emit(self.rows[self.first + place][0])


class SummaryScreen(Page):
    """Pages left, acts right. What was printed or saved is posted, so that the record has it."""

    def __init__(self, desk: Desk, printing: Printing, parent: QWidget | None = None) -> None:
        """Shows no page before `set_summary`."""
        super().__init__(desk, parent)
        self.printing = printing
        self.summary: Summary | None = None
        self._missing = ""
        self.signer: tuple[str, str] | None = None
        self.view = PageView(self.look, self)
        self.acts = Part(self)
        self._build_acts()
        self.signers = Choice(self, "signer")
        self.signers.chosen.connect(self._sign_as)
        self.printers = Choice(self, "printer")
        self.printers.chosen.connect(self._print_on)
        self.jobs = Choice(self, "job")
        self.jobs.chosen.connect(self._retry)
        for choice in (self.signers, self.printers, self.jobs):
            choice.left.connect(self._show_acts)
        self.pin_side = Part(self)
        self._build_pin()
        self._sides = (self.acts, self.signers, self.printers, self.jobs, self.pin_side)
        self._show_acts()

    # ------------------------------------------------------------------ what it shows

    def begin(self, snapshot: Snapshot) -> None:
        """The pages and the acts; no PIN that was begun before."""
        super().begin(snapshot)
        self._show_acts()

    def set_summary(self, summary: Summary | None) -> None:
        """Shows this summary, laid out on the clinic's paper; words stay while it is the same session's."""
        before, self.summary = self.summary, summary
        self.view.set_pages(Pages(summary, self.printing.paper) if summary is not None else None)
        missing = unprintable(summary) if summary is not None else ""
        another = before is None or summary is None or before.session != summary.session
        if another or missing != self._missing:
            self._say(f"These letters cannot be printed: {missing}" if missing else "")
        grown = before is not None and before.draft != SIGN_AGAIN
        if summary is not None and summary.draft == SIGN_AGAIN and grown and not missing:
            self._say("Written to after the signature: sign again.")
        self._missing = missing

    def refresh(self) -> None:
        """Page number, what can be turned, who has signed, how many jobs wait."""
        pages = self.view.pages
        self.place.set_text(
            f"Page {self.view.number + 1} of {len(pages)}" if pages is not None else "No summary yet"
        )
        self.previous.set_state(*_turnable(self.view.can_turn(-1), "first page"))
        self.next.set_state(*_turnable(self.view.can_turn(1), "last page"))
        self.zoom.set_words("Whole page" if self.view.wide else "Page width")
        kept = len(self.printing.kept())
        self.waiting.set_words(f"Waiting: {kept}", second="print again")
        self.waiting.setVisible(kept > 0)
        for target in (self.sign, self.print_target, self.save):
            if pages is None:
                target.set_state(State.BARRED, "no summary yet")
            else:
                target.set_state(State.MAIN if target is self.sign else State.NORMAL)
        self._show_record()

    def _show_record(self) -> None:
        """How many fields are missing, on the way to where they are answered."""
        frame = self.snapshot.record if self.snapshot is not None else None
        self.record.setVisible(frame is not None)
        if frame is not None:
            self.record.set_words("Record", second=f"{frame.lacks} missing" if frame.lacks else "complete")
            self.record.set_state(State.DUE if frame.lacks else State.NORMAL)

    def _bars(self, meaning: str) -> str:
        """Why this signature cannot be given yet; "" where it can."""
        frame = self.snapshot.record if self.snapshot is not None else None
        return frame.bars if frame is not None and meaning == MEANINGS["anesthetist"] else ""

    def _build_acts(self) -> None:
        self.place = self.words("", token=Token.STRONG, weight=BOLD_WEIGHT)
        self.says = self.words("", wrap=True, role="text2")
        self.previous = self._act("previous", "Previous", lambda: self._turn(-1), role=Role.CRITICAL)
        self.next = self._act("next", "Next", lambda: self._turn(1), role=Role.CRITICAL)
        self.zoom = self._act("zoom", "Page width", self._zoom, alternatives=("Width",))
        self.account = self._act("account", "Drugs", lambda: self.wants.emit("account"))
        self.record = self._act("record", "Record", lambda: self.wants.emit("record"), role=Role.CRITICAL)
        self.review = self._act("review", "Review", self._review)
        self.next_visit = self._act("next_visit", "Next visit", lambda: self.wants.emit("next_visit"))
        self.sign = self._act("sign", "Sign", self._ask_signer, role=Role.CRITICAL, token=Token.STRONG)
        self.print_target = self._act("print", "Print", self._print, icon="print")
        self.save = self._act("save_pdf", "Save PDF", self._save)
        self.waiting = self._act("waiting", "Waiting", self._ask_job)
        self.back = self._act("back", "Back", self._leave)
        layout = self.column(
            self.place,
            self.row(self.previous, self.next, self.zoom),
            self.row(self.account, self.review, self.next_visit),
            None,
            self.row(self.record, self.sign),
            self.row(self.print_target, self.save),
            self.row(self.waiting, self.back),
        )
        self.acts.setLayout(layout)

    def _act(self, name: str, words: str, do: Do, **kinds: Any) -> Target:
        return self.target(name, words, do, **kinds)

    def _build_pin(self) -> None:
        self.pin = PinPanel(self)
        self.pin.changed.connect(self._pin_changed)
        self.pin_sign = self.target("sign_pin", "Sign", self._sign, role=Role.CRITICAL, token=Token.STRONG)
        self.pin_back = self.target("pin_back", "Back", self._show_acts)
        self.pin_says = self.words("", token=Token.STRONG, weight=BOLD_WEIGHT, wrap=True)
        left = self.column(self.pin_says, None, self.pin_back, self.pin_sign, gap_mm=HAZARD)
        right = self.column(self.pin, None)
        self.pin_side.setLayout(self.row(left, right, gap_mm=HAZARD))

    def _show_side(self, side: QWidget) -> None:
        for one in self._sides:
            one.setVisible(one is side)
        self._place()

    def _show_acts(self) -> None:
        self.pin.clear()
        self.signer = None
        self._show_side(self.acts)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pages left, acts right."""
        super().resizeEvent(event)
        self._place()

    def _say(self, words: str, role: str = "text") -> None:
        """Words under the page; it gives them the room."""
        self.says.set_text(words, role)
        self._place()

    def _place(self) -> None:
        edge, gap = self.mm(EDGE), self.mm(GAP)
        side_mm = PIN_SIDE_MM if not self.pin_side.isHidden() else SIDE_MM
        wide = min(self.mm(side_mm), max(1, self.width() - 2 * edge))
        tall = max(1, self.height() - 2 * edge)
        side = QRect(self.width() - edge - wide, edge, wide, tall)
        room = max(1, side.left() - gap - edge)
        words = self.says.heightForWidth(room) + gap if self.says.text else 0
        self.view.setGeometry(edge, edge, room, max(1, tall - words))
        self.says.setGeometry(edge, edge + tall - words + gap, room, max(0, words - gap))
        for one in self._sides:
            one.setGeometry(side)
        self.refresh()

    # ------------------------------------------------------------------ pages

    def _turn(self, step: int) -> None:
        self.view.turn(step)
        self.refresh()

    def _zoom(self) -> None:
        self.view.set_wide(not self.view.wide)
        self.refresh()

    def _leave(self) -> None:
        self.send(LeaveSession())

    def _review(self) -> None:
        if self.snapshot is not None:
            self.wants.emit(f"review.{self.snapshot.session}")

    # ------------------------------------------------------------------ signature

    def signers_now(self) -> list[tuple[str, str, str]]:
        """(key, name, meaning) of everybody who may sign; one who has both roles stands twice."""
        staff: tuple[StaffRow, ...] = self.snapshot.staff if self.snapshot is not None else ()
        return [
            (f"{row.staff} {role}", row.name, MEANINGS[role])
            for row in staff
            for role in row.roles
            if role in MEANINGS
        ]

    def _ask_signer(self) -> None:
        self.signers.ask("Who signs?", self.signers_now())
        self._show_side(self.signers)

    def _sign_as(self, key: str) -> None:
        staff, _, role = key.rpartition(" ")
        bars = self._bars(MEANINGS[role])
        if bars:
            self._show_acts()
            self._say(bars)
            return
        self.signer = (staff, MEANINGS[role])
        name = next((row[1] for row in self.signers_now() if row[0] == key), staff)
        self.pin.begin("PIN")
        self.pin_says.set_text(f"{name} signs as {MEANINGS[role].lower()}")
        self._show_side(self.pin_side)

    def _pin_changed(self) -> None:
        ready = self.pin.is_long_enough()
        self.pin_sign.set_state(State.MAIN if ready else State.BARRED, "" if ready else "PIN")

    def _sign(self) -> None:
        if self.signer is not None and self.pin.is_long_enough():
            staff, meaning = self.signer
            self.send(SignSummary(staff, self.pin.pin, meaning))
            self.pin.clear("Checking")

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """A signature stands; leaving closes the screen."""
        if isinstance(act, SignSummary):
            self._show_acts()
            self._say(f"Signed: {act.meaning}")
        elif isinstance(act, LeaveSession):
            self.closed.emit()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """A wrong PIN is said over the dots."""
        if isinstance(act, SignSummary) and answer.field in ("balance", "record"):
            self._show_acts()
            self._say(answer.reason)
        elif isinstance(act, SignSummary) and self.signer is not None:
            self.pin.clear(answer.reason)
        else:
            super().refused(act, answer)

    # ------------------------------------------------------------------ print and PDF

    def _print(self) -> None:
        rows = self.printing.printers.rows()
        if len(rows) > 1:
            self.printers.ask("Which printer?", [(row.name, row.name, row.problem) for row in rows])
            self._show_side(self.printers)
        else:
            self._print_on("")

    def _print_on(self, printer: str) -> None:
        if self.summary is not None:
            at = self.desk.clock().utc.astimezone(UTC)
            self._told(self.printing.print(self.summary, at, printer))

    def _save(self) -> None:
        if self.summary is not None:
            outcome = self.printing.save(self.summary, self.desk.clock().utc.astimezone(UTC))
            self._told(outcome, "saved")

    def _ask_job(self) -> None:
        rows = [(job.id, job.patient or "Unknown", job.paper) for job in self.printing.kept()]
        self.jobs.ask("Print which job again?", rows)
        self._show_side(self.jobs)

    def _retry(self, kept: str) -> None:
        ours = next((job.session for job in self.printing.kept() if job.id == kept), "")
        outcome = self.printing.retry(kept)
        here = self.summary is not None and ours == self.summary.session
        self._told(outcome, of="" if here else ours)

    def _told(self, outcome: Outcome, done: str = "printed", *, of: str = "") -> None:
        """Says what became of a copy and posts it for its session's record: the one on the screen, or `of`."""
        self._show_acts()
        self._say(outcome.words)
        if not (outcome.done or outcome.kept):
            return
        noted = NotePrinted(outcome.target or "printer", done if outcome.done else "kept", outcome.pages)
        if of:
            self.desk.tap(noted, session=of)
        else:
            self.send(noted)


def _turnable(can: bool, why: str) -> tuple[State, str]:
    """A target that turns, or says why not."""
    return (State.NORMAL, "") if can else (State.BARRED, why)
