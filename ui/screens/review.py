"""The review: a session's record read-only, with its whole chart and every event.

Touch an event, in the list or its mark in the chart: the time around it, and the vital signs as they were then.
"""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Final

import msgspec
from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QVBoxLayout, QWidget

from app.charting import REVIEW_TICKS_MIN, TICKS_ON_SCREEN, ticks
from app.frames import Answer, ChartFrame, Snapshot
from app.messages import AnyAct, LeaveReview, ShowSession
from app.review_frames import ReviewFrame, ReviewLine
from ui.screens.base import Editor, Screen
from ui.screens.review_forms import Forms
from ui.sheets.base import Desk, Part, clear
from ui.theme import BOLD_WEIGHT, CHOSEN_EDGE, EDGE, GAP, NORMAL, RADIUS, rounded
from ui.widgets.chart import TrendChart
from ui.widgets.chips import Chips
from ui.widgets.review_parts import ROW_MM, Band, EventRow, ThenStrip
from ui.widgets.stage import lowest_row_px
from ui.widgets.target import State

FILTERS: Final = (
    ("all", "All"),
    ("drugs", "Drugs"),
    ("effects", "Effects"),
    ("rate", "Rate"),
    ("alarms", "Alarms"),
    ("notes", "Notes"),
)
LIST_SHARE: Final = 0.38
SCROLL_MM: Final = 16.0
ZOOM: Final = 2.0
PAN: Final = 0.5


class ReviewScreen(Screen):
    """A session's record: chart left, events right, filters and times below.

    Targets: "filter.<group>", "event.<n>" (its place in the record), "lines_up", "lines_down", "whole", "closer",
    "further", "time_earlier", "time_later", "amend", "add_late", "to_summary", "leave_review"; then those of Forms.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot with a review."""
        super().__init__(desk, parent)
        self.frame: ReviewFrame | None = None
        self.chosen = ""
        self.page = 0
        self._session = ""
        self._listed: tuple[object, ...] = ()
        self.forms = Forms(self, self.send)
        self.band = Band(self.look, self.overview)
        self.filters = Chips(self.look, "filter", FILTERS, parent=self)
        self.filters.pick("all")
        self.filters.chosen.connect(lambda _key: self._filter())
        self.chart = TrendChart(self.look, review=True, parent=self.overview)
        self.chart.mark_touched.connect(self.choose)
        self.says = self.words(wrap=True, role="text2")
        self.sentence = self.words(wrap=True, weight=BOLD_WEIGHT)
        self.then = ThenStrip(self.look, self.overview)
        self._build()
        self.grabGesture(Qt.GestureType.PinchGesture)

    def _build(self) -> None:
        self.whole = self.target("whole", "Whole session", self._show_whole, alternatives=("Whole",))
        self.further = self.target("further", "\N{MINUS SIGN}", lambda: self._zoom(ZOOM))
        self.closer = self.target("closer", "+", lambda: self._zoom(1 / ZOOM))
        self.earlier = self.target("time_earlier", "Earlier", lambda: self._pan(-PAN))
        self.later = self.target("time_later", "Later", lambda: self._pan(PAN))
        self.amend = self.target("amend", "Amend", self._amend)
        self.add = self.target("add_late", "Add", self._add)
        self.to_summary = self.target("to_summary", "Summary", self._to_summary)
        self.back = self.target("leave_review", "Back", self._leave)
        for target in (self.amend, self.add, self.to_summary):
            target.barred_touched.connect(partial(self._say_why, target.words))
        self.up = self.target("lines_up", "Up", lambda: self._turn(-1))
        self.down = self.target("lines_down", "Down", lambda: self._turn(1))
        self.rows = QVBoxLayout()
        self.rows.setSpacing(self.mm(GAP))
        self.list_part = Part(self.overview)
        scroll = self.column(self.up, self.down)
        for target in (self.up, self.down):
            target.setFixedWidth(self.mm(SCROLL_MM))
            target.setMaximumHeight(10_000)
        rows = self.column(self.rows, None)
        whole_list = self.row(rows, scroll)
        whole_list.setStretch(0, 1)
        self.list_part.setLayout(whole_list)
        self.head_part = Part(self.overview)
        head = self.row(self.band, self.amend, self.add, self.to_summary, self.back)
        head.setStretch(0, 1)
        self.head_part.setLayout(head)
        self.foot_part = Part(self.overview)
        foot = self.row(
            self.whole, self.further, self.closer, self.earlier, self.later, None, self.filters, gap_mm=GAP
        )
        self.foot_part.setLayout(foot)
        self.left_part = Part(self.overview)
        left = self.column(self.says, self.sentence, self.then, gap_mm=1.0)
        left.insertWidget(0, self.chart, 1)
        self.left_part.setLayout(left)

    # ------------------------------------------------------------------ what it shows

    def begin(self, snapshot: Snapshot) -> None:
        """The record; an amendment that was begun is forgotten."""
        self.forms.sign = None
        super().begin(snapshot)

    def edit(self) -> Editor:
        """A question in place of the record, with its way back."""
        self.editor.back.show()
        return super().edit()

    def refresh(self) -> None:
        """The record; another session begins with its whole time and no event chosen."""
        shot = self.snapshot
        frame = shot.review if shot is not None else None
        if not isinstance(frame, ReviewFrame):
            return
        self.frame = frame
        if frame.session != self._session:
            self._begin(frame)
        if self.forms.sign is not None and shot is not None and self.is_asking():
            self.forms.sign.show_staff(shot.staff, shot.who)
        self.last_line.show_line(frame.saved)
        self._show_band(frame)
        self._show_chart(frame)
        self._show_acts(frame)
        self._show_list(frame)
        self._show_chosen()

    def _begin(self, frame: ReviewFrame) -> None:
        self._session, self.chosen, self.page, self._listed = frame.session, "", 0, ()
        self.filters.pick("all")
        self.forms.sign = None
        self.forms.whose = frame.title.removeprefix("Review: ").rpartition(",")[0]
        self.chart.begin_review(self._ticks)
        self.stop_editing()

    def _ticks(self, start_s: float, end_s: float) -> tuple[tuple[float, str], ...]:
        frame = self.frame
        if frame is None or frame.began is None:
            return ()
        return ticks(
            frame.began, frame.began.tzinfo or UTC, start_s, end_s, TICKS_ON_SCREEN, REVIEW_TICKS_MIN
        )

    def _show_band(self, frame: ReviewFrame) -> None:
        shot = self.snapshot
        runs = f"{shot.header.name} is at the chair" if frame.other and shot is not None else ""
        self.band.say(frame.title, runs or frame.signature)

    def _show_chart(self, frame: ReviewFrame) -> None:
        there = frame.chart is not None
        self.chart.setVisible(there)
        if frame.chart is not None:
            self.chart.show_chart(self._roomy(frame.chart))
        self.says.setVisible(not there)
        words = "Nothing was measured in this session." if frame.state == "open" else frame.words
        self.says.set_text(words, "text")
        for target in (self.whole, self.further, self.closer, self.earlier, self.later):
            target.set_state(State.NORMAL if there else State.BARRED, "no chart")

    def _roomy(self, chart: ChartFrame) -> ChartFrame:
        """The chart without its last rows where all of them would stand over each other."""
        for spare in ("temp", "band"):
            if lowest_row_px(self.look, self.chart.height(), chart) >= self.look.line():
                break
            if spare == "temp":
                lanes = tuple(lane for lane in chart.lanes if lane.key != "temp")
                chart = msgspec.structs.replace(chart, lanes=lanes, version=-chart.version)
            else:
                chart = msgspec.structs.replace(chart, band=None, version=-chart.version - 1)
        return chart

    def _show_acts(self, frame: ReviewFrame) -> None:
        line = self.line()
        is_open = frame.state == "open"
        can = line is not None and line.amendable
        why = "" if can else "no event yet" if line is None else "not this line"
        self.amend.set_state(State.NORMAL if can else State.BARRED, why)
        self.add.set_state(State.NORMAL if is_open else State.BARRED, "not read")
        self.to_summary.set_state(State.BARRED if frame.summary else State.NORMAL, frame.summary)
        here = self.snapshot.session if self.snapshot is not None else ""
        self.to_summary.setVisible(frame.session != here or frame.summary != "")
        self.back.set_words("Back", second=frame.back)
        self.back.set_state(State.MAIN)

    def lines(self) -> list[tuple[int, ReviewLine]]:
        """The events of the filter with their places in the record."""
        if self.frame is None:
            return []
        wanted = self.filters.picked[0] if self.filters.picked else "all"
        return [(n, line) for n, line in enumerate(self.frame.lines) if wanted in ("all", line.group)]

    def line(self) -> ReviewLine | None:
        """The event that is chosen."""
        lines = self.frame.lines if self.frame is not None else ()
        return next((line for line in lines if line.entry == self.chosen), None)

    def per_page(self) -> int:
        """As many rows as the list has room for."""
        return max(2, (self.list_part.height() + self.mm(GAP)) // (self.mm(ROW_MM) + self.mm(GAP)))

    def _show_list(self, frame: ReviewFrame) -> None:
        count, lines = self.per_page(), self.lines()
        pages = max(1, -(-len(lines) // count))
        self.page = min(self.page, pages - 1)
        for target, there in ((self.up, self.page > 0), (self.down, self.page < pages - 1)):
            target.set_state(State.NORMAL if there else State.BARRED, "" if there else "end")
        shown = tuple(lines[self.page * count : (self.page + 1) * count])
        if (shown, count) != self._listed:
            self._listed = (shown, count)
            clear(self.rows)
            for number, line in shown:
                row = EventRow(self.look, f"event.{number}", line, self.list_part)
                row.clicked.connect(partial(self._touch, line.entry))
                self.rows.addWidget(row)
        for place in range(self.rows.count()):
            item = self.rows.itemAt(place)
            row_ = item.widget() if item is not None else None
            if isinstance(row_, EventRow):
                row_.choose(chosen=row_.line.entry == self.chosen)

    def _show_chosen(self) -> None:
        line = self.line()
        self.sentence.setVisible(line is not None)
        self.then.setVisible(line is not None and bool(line.then))
        if line is not None:
            self.sentence.set_text(". ".join((f"{line.at}  {line.text}", *line.notes, line.who)))
            self.then.show_values(line.then)

    # ------------------------------------------------------------------ touches

    def _touch(self, entry: str, _on: bool = False) -> None:
        self.stir()
        self.choose(entry)

    def choose(self, entry: str) -> None:
        """Shows the time around an event, and its page of the list."""
        lines = [one.entry for _n, one in self.lines()]
        if entry not in lines:
            self.filters.pick("all")
            lines = [one.entry for _n, one in self.lines()]
        if entry not in lines:
            return
        self.chosen = entry
        self.page = lines.index(entry) // self.per_page()
        line = self.line()
        if line is not None and self.frame is not None and self.frame.chart is not None:
            windows = self.catalog.windows
            self.chart.show_event(
                line.at_s, line.at[:5], windows.review_before_min * 60.0, windows.review_after_min * 60.0
            )
        self.refresh()

    def _filter(self) -> None:
        self.stir()
        self.page = 0
        self._turn_to_chosen()
        self.refresh()

    def _turn_to_chosen(self) -> None:
        """The page of the list on which the chosen event stands, where the filter lets it."""
        lines = [one.entry for _n, one in self.lines()]
        if self.chosen in lines:
            self.page = lines.index(self.chosen) // self.per_page()

    def _turn(self, pages: int) -> None:
        self.page = max(0, self.page + pages)
        self.refresh()

    def _show_whole(self) -> None:
        self.chart.show_window(*self.chart.whole())

    def _zoom(self, factor: float) -> None:
        self.chart.zoom(factor)

    def _pan(self, share: float) -> None:
        self.chart.pan(share)

    def _amend(self) -> None:
        line = self.line()
        if line is not None and self.frame is not None:
            self.forms.amend(self.frame.session, line)

    def _add(self) -> None:
        if self.frame is not None:
            self.forms.add(self.frame.session)

    def _to_summary(self) -> None:
        if self.frame is None:
            return
        if self.snapshot is not None and self.snapshot.session == self.frame.session:
            self.send(LeaveReview())
        else:
            self.send(ShowSession(self.frame.session))

    def _say_why(self, act: str, reason: str) -> None:
        self.ask_card.refuse(f"{act}: {reason}")

    def _leave(self) -> None:
        self.send(LeaveReview())

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """A signed amendment goes back to the record; leaving is the snapshot's."""
        if not isinstance(act, LeaveReview | ShowSession):
            self.forms.sign = None
            self.stop_editing()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """A wrong PIN stands beside its dots; anything else is said over the record."""
        if not self.forms.refused(answer.field, answer.reason):
            self.forms.sign = None
            self.stop_editing()
            super().refused(act, answer)

    # ------------------------------------------------------------------ places

    def event(self, event: QEvent) -> bool:
        """Two fingers on the chart pinch its time."""
        if event.type() == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture) and pinch.scaleFactor() > 0:
                self.chart.zoom(1.0 / pinch.scaleFactor())
                return True
        return bool(super().event(event))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Whose record and what can be done on top, the chart left, the events right, times and filters below."""
        super().resizeEvent(event)
        room, gap, target = self.overview.rect(), self.mm(GAP), self.mm(NORMAL)
        self.head_part.setGeometry(0, 0, room.width(), target)
        self.foot_part.setGeometry(0, room.height() - target, room.width(), target)
        top, tall = target + gap, room.height() - 2 * (target + gap)
        wide = round(room.width() * LIST_SHARE)
        self.list_part.setGeometry(room.width() - wide, top, wide, tall)
        self.left_part.setGeometry(0, top, room.width() - wide - gap, tall)
        self._turn_to_chosen()
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground; another patient's record stands in a frame while somebody lies at the chair."""
        super().paintEvent(event)
        if self.frame is not None and self.frame.other:
            painter = QPainter(self)
            inset = self.mm(EDGE) / 2
            box = QRectF(self.rect()).adjusted(inset, 0, -inset, 0)
            rounded(
                painter, box, None, self.look["text"], radius=self.look.px(RADIUS),
                edge_px=self.look.edge(CHOSEN_EDGE),
            )  # fmt: skip
            painter.end()
