"""A rescue drug: its doses, the checks against this patient now, and what was given. And the list of all drugs."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.clinical.dosing import shown
from app.frames import Answer, DoseChoice, DrugCheck, DrugSheet
from app.messages import AnyAct, GiveDrug
from ui.sheets.base import BackChips, Desk, Part, Sheet, clear
from ui.sheets.number import NumberPanel
from ui.sheets.why import WhyPanel
from ui.theme import BOLD_WEIGHT, CRITICAL, GAP, HAZARD, ICON_TEXT, MEDIUM_WEIGHT, Look, Token
from ui.widgets.target import Form, Role, State, Target

_ROW_MM = 9.6


class CheckLines(QWidget):
    """The checks, one line each: a tick or a warning, what, how it stands, and the limit."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown its checks."""
        super().__init__(parent)
        self.look = look
        self.checks: tuple[DrugCheck, ...] = ()
        look.changed.connect(self.update)

    def show_checks(self, checks: tuple[DrugCheck, ...]) -> None:
        """Shows other checks."""
        if checks != self.checks:
            self.checks = checks
            self.setAccessibleName(
                "; ".join(f"{check.label} {check.value} {check.limit}" for check in checks)
            )
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Lines with a rule above each."""
        painter = QPainter(self)
        look = self.look
        height = min(look.px(_ROW_MM + 1.4), self.height() / max(1, len(self.checks)))
        for number, check in enumerate(self.checks):
            top = number * height
            painter.fillRect(0, round(top), self.width(), 1, look["line"])
            self._paint_check(painter, check, top + height / 2)
        painter.end()

    def _paint_check(self, painter: QPainter, check: DrugCheck, middle: float) -> None:
        look, px = self.look, self.look.mm(ICON_TEXT)
        icon = "check" if check.ok else "warning"
        painter.drawPixmap(
            look.mm(1.8), round(middle - px / 2), look.icon(icon, ICON_TEXT, "text2" if check.ok else "text")
        )
        baseline = middle + look.cap() / 2
        label_weight = MEDIUM_WEIGHT if check.ok else BOLD_WEIGHT
        self._text(painter, look.px(9.6), baseline, check.label, label_weight, "text")
        after = look.px(9.6) + look.width(check.label, Token.TEXT, label_weight) + look.px(3.0)
        self._text(painter, max(look.px(46.0), after), baseline, check.value, BOLD_WEIGHT, "text")
        weight, role = (MEDIUM_WEIGHT, "text2") if check.ok else (BOLD_WEIGHT, "text")
        x = self.width() - look.px(1.6) - look.width(check.limit, Token.TEXT, weight)
        self._text(painter, x, baseline, check.limit, weight, role)

    def _text(self, painter: QPainter, x: float, baseline: float, text: str, weight: int, role: str) -> None:
        painter.setFont(self.look.font(Token.TEXT, weight))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(x, baseline), text)


def frame_of(drugs: tuple[DrugSheet, ...], drug: str) -> DrugSheet | None:
    """The sheet's frame for a drug; None when the snapshot has none."""
    return next((frame for frame in drugs if frame.drug == drug), None)


class DrugGivenSheet(Sheet):
    """A drug. Targets: "dose.<dose>", "dose.other", "route" where there are several, "back.<min>", "give".

    A barred dose that was given all the same is recorded with a reason and a second person.
    """

    close_words = "Close, not given"

    def __init__(
        self, desk: Desk, drug: str, parent: QWidget | None = None, *, dose: float | None = None
    ) -> None:
        """No dose is chosen beforehand, unless the touch that opened the sheet was on a target that named it."""
        super().__init__(desk, parent)
        self.drug = drug
        self.dose: float | None = None
        self._named_dose = dose
        self.frame_shown: DrugSheet | None = None
        self.doses: dict[float, Target] = {}
        self.barred_dose = False
        self.route_at = 0
        self.doses_part = Part(self)
        self.room = self.column(gap_mm=0)
        self.doses_part.setLayout(self.room)
        self.body.addWidget(self.doses_part)
        self.checks = CheckLines(self.look, self)
        self.body.addWidget(self.checks, 1)
        self.cautions = self.words(wrap=True, role="text2")
        self.body.addWidget(self.cautions)
        self.number = NumberPanel(self, "Dose", "", decimals=3)
        self.number.entered.connect(self._other_dose)
        self.body.addWidget(self.number, 1)
        self.number.hide()
        self.why = WhyPanel(self)
        self.body.addWidget(self.why, 1)
        self.why.hide()
        self.why.changed.connect(self.refresh)
        self.why.typing.connect(self.doses_part.setHidden)
        self.back = BackChips(self, self.catalog.windows.back_min, height_mm=CRITICAL)
        self.give = self.target(
            "give", "Give", self._give, role=Role.CRITICAL, state=State.MAIN, token=Token.STRONG
        )
        self.give.barred_touched.connect(self.ask_card.refuse)
        self.give.setMinimumWidth(self.mm(64.0))
        self.foot = Part(self)
        self.foot.setLayout(self.row(self.back, None, self.give, gap_mm=HAZARD))
        self.body.addWidget(self.foot)
        self.show_touched()

    # ------------------------------------------------------------------ what it shows

    def refresh(self) -> None:
        """The doses when they change, the checks at every snapshot."""
        if self.snapshot is None:
            return
        frame = frame_of(self.snapshot.drugs, self.drug)
        if frame is None:
            self.give.set_state(State.BARRED, "not on this list now")
            return
        if self.frame_shown is None or frame.doses != self.frame_shown.doses:
            self._show_doses(frame)
        self.frame_shown = frame
        self._choose_named()
        sub = f"{frame.facts}  {self._touched()}".strip()
        self.head.say(title=frame.name, sub=sub, label_class=frame.label_class)
        self.checks.show_checks(self._checks(frame))
        self.cautions.set_text(f"Caution: {frame.cautions}." if frame.cautions else "", "text2")
        self.cautions.setVisible(bool(frame.cautions) and not self.checks.isHidden())
        self.why.show_staff(self.snapshot)
        self._show_give(frame)

    def _choose_named(self) -> None:
        """Chooses the dose that was touched already, once, if it is offered."""
        named, self._named_dose = self._named_dose, None
        if named is not None and any(c.dose == named and not c.barred for c in self._offered()):
            self._choose(named)

    def _offered(self) -> tuple[DoseChoice, ...]:
        return self.frame_shown.doses if self.frame_shown is not None else ()

    def _choice(self) -> DoseChoice | None:
        """The offered dose that is chosen."""
        return next((choice for choice in self._offered() if choice.dose == self.dose), None)

    def _checks(self, frame: DrugSheet) -> tuple[DrugCheck, ...]:
        """The chosen dose's own lines in place of those of the same label."""
        choice = self._choice()
        own = choice.checks if choice is not None else ()
        labels = {check.label for check in own}
        return (*own, *(check for check in frame.checks if check.label not in labels))

    def _touched(self) -> str:
        return f"touched {self.desk.time_of_day(self.touched_at)}" if self.touched_at is not None else ""

    def _show_doses(self, frame: DrugSheet) -> None:
        clear(self.room)
        self.doses = {choice.dose: self._dose_target(choice) for choice in frame.doses}
        more = [self.target("dose.other", "Other dose", self._ask_other, token=Token.TEXT)]
        if len(frame.routes) > 1:
            self.by_route = self.target("route", self._route(frame), self._next_route, second="other route")
            more.append(self.by_route)
        self.room.addLayout(self.row(*self.doses.values(), *more))
        for target in (*self.doses.values(), *more):
            target.setFixedHeight(self.mm(17.0))
            target.show()
        self._mark_dose()

    def _dose_target(self, choice: DoseChoice) -> Target:
        target = self.target(
            f"dose.{choice.dose:g}",
            choice.text,
            lambda: self._choose(choice.dose),
            second=choice.detail,
            token=Token.CRITICAL,
        )
        if choice.barred:
            target.set_state(State.BARRED, choice.barred)
            target.barred_touched.connect(lambda _reason: self._choose(choice.dose, barred=True))
        return target

    def _mark_dose(self) -> None:
        for dose, target in self.doses.items():
            if not target.is_barred():
                target.set_state(State.CHOSEN if dose == self.dose else State.NORMAL)

    def _show_give(self, frame: DrugSheet) -> None:
        if self.is_waiting():
            self.give.set_state(State.SAVING)
            return
        if self.dose is None:
            self.give.set_words("Choose a dose", second="")
            self.give.set_state(State.QUIET)
            return
        words = f"{'Record' if self.barred_dose else 'Give'} {frame.name} {shown(self.dose, 3)} {frame.unit}"
        over = f", over {frame.give_over}" if frame.give_over and self.route_at == 0 else ""
        self.give.set_words(words, second=f"{self._route(frame)}{over}")
        lacks = self.why.lacks() if not self.why.isHidden() else ""
        if lacks:
            self.give.set_state(State.BARRED, lacks)
        else:
            self.give.set_state(State.MAIN)

    # ------------------------------------------------------------------ what is touched

    def _choose(self, dose: float, *, barred: bool = False) -> None:
        self.dose, self.barred_dose = dose, barred
        self._show_only(self.why if barred or self._must_explain() else self.checks)
        if barred and self.frame_shown is not None:
            self.why.ask(f"{self._barred_why()} If it was given, record it.", second=True)
        elif self._must_explain() and self.frame_shown is not None:
            self.why.ask(self._to_explain(), second=bool(self.frame_shown.barred))
        self._mark_dose()
        self.refresh()

    def _barred_why(self) -> str:
        """Which limit the chosen dose passes, or the allergy."""
        frame, choice = self.frame_shown, self._choice()
        assert frame is not None
        dose = f"{shown(self.dose or 0.0, 3)} {frame.unit}"
        if choice is None and frame.hard_single is not None:
            return f"{dose} is above the limit of {shown(frame.hard_single, 3)} {frame.unit}."
        return f"{dose}: {choice.barred if choice is not None else frame.barred}."

    def _to_explain(self) -> str:
        """What stands against the chosen dose, "" for nothing."""
        choice, frame = self._choice(), self.frame_shown
        if choice is not None and choice.needs_reason:
            return choice.needs_reason
        return frame.needs_reason if frame is not None else ""

    def _must_explain(self) -> bool:
        return bool(self._to_explain())

    def _show_only(self, panel: QWidget) -> None:
        """One panel; the keypad takes the doses' and the giving target's room too."""
        for one in (self.checks, self.number, self.why):
            one.setVisible(one is panel)
        typing = panel is self.number
        self.doses_part.setVisible(not typing)
        self.foot.setVisible(not typing)

    def _route(self, frame: DrugSheet) -> str:
        """The route that is chosen; the table's first until another is touched."""
        return frame.routes[self.route_at] if self.route_at < len(frame.routes) else frame.route

    def _next_route(self) -> None:
        frame = self.frame_shown
        if frame is not None:
            self.route_at = (self.route_at + 1) % len(frame.routes)
            self.by_route.set_words(self._route(frame))
            self.refresh()

    def _ask_other(self) -> None:
        frame = self.frame_shown
        if frame is not None:
            self.number.begin("Other dose", frame.unit)
            self._show_only(self.number)

    def _other_dose(self, dose: float) -> None:
        frame = self.frame_shown
        limit = frame.hard_single if frame is not None and not frame.emergency else None
        self._choose(dose, barred=limit is not None and dose > limit)

    def _give(self) -> None:
        frame = self.frame_shown
        if self.dose is None or frame is None:
            self.ask_card.refuse("Choose a dose first.")
            return
        explained = not self.why.isHidden()
        act = GiveDrug(
            drug=frame.drug,
            dose=self.dose,
            unit=frame.unit,
            route=self._route(frame),
            back_min=self.back.minutes,
            reason=self.why.reason if explained else "",
            second=self.why.second if explained else "",
        )
        self.send(act, self.touched_at or self.desk.clock())
        self.refresh()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """What is missing is asked for; the rest is said."""
        if answer.field in ("reason", "second"):
            self._show_only(self.why)
            self.why.ask(answer.reason, second=answer.field == "second" or self.why.wants_second)
        else:
            super().refused(act, answer)
        self.refresh()

    def yes_words(self, act: AnyAct) -> str:
        """A second identical dose."""
        return "Yes, given again"


class DrugList(Sheet):
    """Every drug that can be recorded. Targets: "drug.<id>"; one the patient is allergic to is struck through."""

    title = "Drugs"
    per_page = 10

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.shown: tuple[tuple[str, str], ...] = ()
        self.page = 0
        self.grid = QGridLayout()
        self.grid.setSpacing(self.mm(GAP))
        self.body.addLayout(self.grid)
        self.body.addStretch(1)
        self.oxygen = self.target("open.oxygen", "Oxygen", lambda: self.wants.emit("oxygen"))
        self.vital = self.target("open.vital", "Vital sign by hand", lambda: self.wants.emit("vital"))
        self.account = self.target("open.account", "Drawn, wasted", lambda: self.wants.emit("account"))
        self.more = self.target("more_drugs", "More drugs", self._more, icon="more", form=Form.LEFT)
        self.body.addLayout(self.row(self.oxygen, self.vital, self.account, None, self.more))

    def refresh(self) -> None:
        """Fills the grid when the drugs or their bars change."""
        if self.snapshot is None:
            return
        frames = self.snapshot.drugs
        wanted = tuple((frame.drug, frame.barred) for frame in frames)
        self.more.setVisible(len(frames) > self.per_page)
        if wanted != self.shown:
            self.shown = wanted
            self._fill(frames)

    def _more(self) -> None:
        pages = -(-len(self.shown) // self.per_page)
        self.page = (self.page + 1) % max(1, pages)
        if self.snapshot is not None:
            self._fill(self.snapshot.drugs)

    def _fill(self, frames: tuple[DrugSheet, ...]) -> None:
        clear(self.grid)
        start = self.page * self.per_page
        for number, frame in enumerate(frames[start : start + self.per_page]):
            self.grid.addWidget(self._made(frame), number // 2, number % 2)

    def _made(self, frame: DrugSheet) -> Target:
        open_it = f"drug.{frame.drug}"
        target = self.target(
            f"drug.{frame.drug}",
            frame.name,
            lambda: self.wants.emit(open_it),
            icon="syringe",
            label_class=frame.label_class,
        )
        if frame.barred:
            target.struck = True
            target.set_icon("")
            target.set_state(State.BARRED, frame.barred)
            target.barred_touched.connect(lambda _reason: self.wants.emit(open_it))
        return target
