"""When the patient comes again: two touches for the usual days, the keypad for another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from PySide6.QtWidgets import QWidget

from app.frames import Answer
from app.messages import AnyAct, PlanNextVisit
from app.told import long_date
from ui.sheets.base import Desk, Page, Sheet
from ui.sheets.number import NumberPanel
from ui.widgets.chips import Chips
from ui.widgets.target import Form

OWN: Final = "own"
NONE: Final = "none"


def choices(days: tuple[int, ...], today: date) -> Iterator[tuple[str, str]]:
    """(key, words) of the days that are offered, each with its date."""
    for count in days:
        day = today + timedelta(days=count)
        yield f"{count}", f"In {in_words(count)}\n{day:%a} {day.day} {day:%b}"


def in_words(days: int) -> str:
    """A number of days: "1 day", "2 weeks"."""
    count, unit = (days // 7, "week") if days % 7 == 0 else (days, "day")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def own_day(day: int, month: int, today: date) -> date | None:
    """The next time that there is this day; None where there is none within four years."""
    for year in range(today.year, today.year + 5):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found > today:
            return found
    return None


class VisitChips(Chips):
    """The usual days, another one, or none planned. Targets: "visit.<days>", "visit.own", "visit.none"."""

    def __init__(self, page: Page) -> None:
        """Offers the days as seen from today."""
        self.page = page
        super().__init__(page.look, "visit", (), parent=page)
        self._today: date | None = None
        self.offer()

    def offer(self) -> None:
        """The same days, seen from another today."""
        today = self.today()
        if today != self._today:
            self._today = today
            days = self.page.catalog.next_visit.offered_days
            self.set_choices([*choices(days, today), (OWN, "Own date"), (NONE, "None planned")])

    def today(self) -> date:
        """The day of now at the clinic."""
        return self.page.desk.clock().utc.astimezone(self.page.desk.zone).date()

    def act_of(self, key: str) -> PlanNextVisit:
        """What a touch on one of the usual days means."""
        return PlanNextVisit(None if key == NONE else self.today() + timedelta(days=int(key)))


class VisitSheet(Sheet):
    """Targets: "visit.<days>", "visit.own", "visit.none", then "key.*" and "set"; "visit_back"."""

    title = "Next visit"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """The usual days."""
        super().__init__(desk, parent)
        self._day = 0
        self.says = self.words(wrap=True)
        self.chips = VisitChips(self)
        self.chips.chosen.connect(self._choose)
        self.number = NumberPanel(self, "", "")
        self.number.entered.connect(self._entered)
        self.number.hide()
        # The keys take the whole height of the smaller panel: the way back stands beside them.
        self.back = self.target("visit_back", "Back to the days", self._back, icon="undo", form=Form.LEFT)
        self.number.side.insertWidget(2, self.back)
        self.body.addWidget(self.says)
        self.body.addWidget(self.chips)
        self.body.addWidget(self.number, 1)
        self.body.addStretch(1)

    def refresh(self) -> None:
        """What is planned until now."""
        if self.snapshot is None:
            return
        name = self.snapshot.header.name
        self.says.set_text(f"{name}. Until now: {self.snapshot.next_visit or 'not set'}.")
        self.chips.offer()
        self.says.setVisible(self.number.isHidden())

    def _choose(self, key: str) -> None:
        if key == OWN:
            self._day = 0
            self.chips.hide()
            self.number.check = lambda day: "" if 1 <= day <= 31 else "A day is 1 to 31."
            self.number.begin("Day of the month", "", "Day, then month", decimals=0, digits=2)
            self.number.show()
            self.refresh()
        else:
            self.send(self.chips.act_of(key))

    def _entered(self, value: float) -> None:
        if not self._day:
            self._day = int(value)
            self.number.check = self._wrong_month
            self.number.begin("Month", "", f"Day {self._day}", decimals=0, digits=2)
            self.number.show_as(self._month_words)
            return
        due = own_day(self._day, int(value), self.chips.today())
        if due is not None:
            self.send(PlanNextVisit(due))

    def _wrong_month(self, month: float) -> str:
        if not 1 <= month <= 12:
            return "A month is 1 to 12."
        due = own_day(self._day, int(month), self.chips.today())
        return "" if due is not None else f"There is no day {self._day} in this month."

    def _month_words(self, month: float) -> str:
        due = own_day(self._day, int(month), self.chips.today()) if 1 <= month <= 12 else None
        return long_date(due) if due is not None else ""

    def _back(self) -> None:
        """From the keypad to the days."""
        self.number.hide()
        self.chips.pick(None)
        self.chips.show()
        self.refresh()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Back to the days, with the reason."""
        self._back()
        super().refused(act, answer)
