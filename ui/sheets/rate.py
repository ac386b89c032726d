"""Another rate: now and new in every unit, the limits, the model, a reason, and the anesthetist's signature."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.clinical.dosing import Number, Verdict, parse_number, shown
from app.clinical.order_check import LimitUse, RateVerdict, check_rate
from app.frames import Answer, RateLights, RateNow, Snapshot
from app.messages import AnyAct, ConfirmByHand, OrderRate
from app.refusals import Refused
from ui.sheets.base import SURE_FIELD, Desk, Part, Sheet, slug
from ui.sheets.preview import RatePreview
from ui.sheets.sign import PRESCRIBERS, SignPanel
from ui.sheets.why import WhyPanel
from ui.theme import BOLD_WEIGHT, GAP, MEDIUM_WEIGHT, Look, Token
from ui.widgets.chips import Chips
from ui.widgets.keypad import Keypad
from ui.widgets.target import Role, State

_DECIMALS = 1
_ROWS = 4


class LightsRow(QWidget):
    """Requested, set at the pump, measured: each a ring, filled with a tick when it holds."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Nothing holds yet."""
        super().__init__(parent)
        self.look = look
        self.on = (False, False, False)
        self.setFixedHeight(look.mm(7.0))
        look.changed.connect(self.update)

    def show_lights(self, lights: RateLights | None) -> None:
        """Shows how far the order got."""
        on = (False,) * 3 if lights is None else (lights.requested, lights.set_at_pump, lights.measured)
        if on != self.on:
            self.on = on
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Three rings with their words and arrows between."""
        painter = QPainter(self)
        look, x = self.look, 0.0
        baseline = self.height() / 2 + look.cap() / 2
        for number, (words, on) in enumerate(
            zip(("Requested", "Set at pump", "Measured"), self.on, strict=True)
        ):
            if number:
                painter.drawPixmap(
                    round(x), round(self.height() / 2 - look.mm(3.6) / 2), look.icon("arrow", 3.6, "text2")
                )
                x += look.px(4.6)
            x = self._paint_light(painter, x, baseline, words, on=on)
        painter.end()

    def _paint_light(self, painter: QPainter, x: float, baseline: float, words: str, *, on: bool) -> float:
        look, middle = self.look, self.height() / 2
        if on:
            px = look.mm(4.0)
            painter.drawPixmap(round(x), round(middle - px / 2), look.icon("check", 4.0, "text"))
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(look["text2"])
            painter.drawEllipse(QPointF(x + look.px(1.8), middle), look.px(1.5), look.px(1.5))
        x += look.px(4.8)
        weight = BOLD_WEIGHT if on else MEDIUM_WEIGHT
        painter.setFont(look.font(Token.TEXT, weight))
        painter.setPen(look["text" if on else "text2"])
        painter.drawText(QPointF(x, baseline), words)
        return x + look.width(words, Token.TEXT, weight) + look.px(1.6)


class NowNew(QWidget):
    """The table now and new, and the limits as bars."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until there is a verdict."""
        super().__init__(parent)
        self.look = look
        self.rows: tuple[tuple[str, str, str], ...] = ()
        self.limits: tuple[LimitUse, ...] = ()
        look.changed.connect(self.update)

    def show_rows(self, rows: tuple[tuple[str, str, str], ...], limits: tuple[LimitUse, ...]) -> None:
        """Shows rows (label, now, new) and the nearest limits."""
        if (rows, limits) != (self.rows, self.limits):
            self.rows, self.limits = rows, limits
            self.setAccessibleName("; ".join(f"{label} {now} to {new}" for label, now, new in rows))
            self.update()

    def minimumSizeHint(self) -> QSize:
        """Four rows, two limits."""
        return QSize(self.look.mm(60.0), self.look.mm(6.0 + _ROWS * 6.4 + 2 * 6.2))

    def sizeHint(self) -> QSize:
        """The same; more room makes the rows higher."""
        return self.minimumSizeHint()

    def _line(self) -> float:
        look = self.look
        return min(look.px(8.6), (self.height() - look.px(6.0) - 2 * look.px(6.2)) / _ROWS)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Rows from the top, bars below."""
        painter = QPainter(self)
        look = self.look
        line = self._line()
        self._text(painter, self.width() * 0.66, look.px(4.0), "now", MEDIUM_WEIGHT, Token.TEXT, "text2")
        self._text(painter, self.width(), look.px(4.0), "new", MEDIUM_WEIGHT, Token.TEXT, "text2")
        for number, row in enumerate(self.rows):
            self._paint_row(painter, row, look.px(5.2) + number * line, line)
        top = look.px(6.0) + _ROWS * line
        left = self.bars_from()
        for limit in self.limits[:2]:
            self._paint_limit(painter, limit, top, left)
            top += look.px(6.2)
        painter.end()

    def _paint_row(self, painter: QPainter, row: tuple[str, str, str], top: float, line: float) -> None:
        look = self.look
        label, now, new = row
        painter.fillRect(QRectF(0, round(top), self.width(), 1), look["line"])
        baseline = top + line / 2 + look.cap() / 2
        painter.setFont(look.font())
        painter.setPen(look["text2"])
        painter.drawText(QPointF(0, baseline), label)
        self._text(painter, self.width() * 0.66, baseline, now, MEDIUM_WEIGHT, Token.STRONG, "text")
        same = now == new
        weight, token = (MEDIUM_WEIGHT, Token.STRONG) if same else (BOLD_WEIGHT, Token.CRITICAL)
        self._text(
            painter, self.width(), baseline + look.px(0.3), new, weight, token, "text2" if same else "text"
        )

    def _text(
        self,
        painter: QPainter,
        right: float,
        baseline: float,
        text: str,
        weight: int,
        token: Token,
        role: str,
    ) -> None:
        painter.setFont(self.look.font(token, weight))
        painter.setPen(self.look[role])
        painter.drawText(QPointF(right - self.look.width(text, token, weight), baseline), text)

    def bars_from(self) -> float:
        """Where the bars begin: a tenfold rate has one digit more, and its limit keeps a gap before it."""
        texts = [(limit.label, f"{limit.percent:.0f} %") for limit in self.limits[:2]]
        gaps = self.look.px(GAP) + self.look.px(2.0)
        widths = (sum(self.look.width(text, Token.TEXT, BOLD_WEIGHT) for text in row) for row in texts)
        return max(self.width() * 0.7, *(width + gaps for width in widths), 0.0)

    def _paint_limit(self, painter: QPainter, limit: LimitUse, top: float, left: float) -> None:
        look = self.look
        baseline = top + look.px(3.0) + look.cap() / 2
        passed = limit.verdict is not Verdict.OK
        painter.setFont(look.font(Token.TEXT, BOLD_WEIGHT if passed else MEDIUM_WEIGHT))
        painter.setPen(look["text"])
        painter.drawText(QPointF(0, baseline), limit.label)
        self._text(
            painter, left - look.px(2.0), baseline, f"{limit.percent:.0f} %", BOLD_WEIGHT, Token.TEXT, "text"
        )
        bar = QRectF(left, round(top + look.px(1.4)), self.width() - left, look.px(3.2))
        painter.fillRect(bar, look["raised"])
        share = min(1.0, limit.percent / 100)
        painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), look["infusion"])
        if passed:
            painter.fillRect(
                QRectF(bar.right() - look.px(0.8), bar.top() - look.px(0.8), look.px(0.8), look.px(4.8)),
                look["text"],
            )


class RateSheet(Sheet):
    """First the rate and a reason, then the signature, then the three lights.

    Targets: "key.<digit>", "reason.<slug>", "sign", then "signer.<id>", "pin.<digit>", "sign_now"; "yes" and "no"
    answer the tenfold question; "why.<n>" gives the reason of a soft limit; "close".
    An ordered rate that a person must confirm is shown first: "confirm_by_hand", "another_rate".
    """

    title = "Change rate"
    close_words = "Close, no change"
    times_out = True

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """The field is empty: no rate is proposed."""
        super().__init__(desk, parent)
        self.verdict: RateVerdict | None = None
        self.reason = ""
        self.is_sure = False
        self.is_signed = False
        self._is_new = True
        self.keypad = Keypad(self.look, "mL/h", digits=4, decimals=_DECIMALS, parent=self)
        self.keypad.changed.connect(self._typed)
        self.table = NowNew(self.look, self)
        self.preview = RatePreview(self.look, self.catalog, self)
        self.says = self.words(weight=BOLD_WEIGHT, wrap=True)
        self.says.hide()
        reasons = self.catalog.order_choices.reasons
        self.reasons = Chips(self.look, "reason", [(slug(words), words) for words in reasons], parent=self)
        self.reasons.chosen.connect(self._choose_reason)
        self.sign_target = self.target(
            "sign", "Sign", self._to_sign, state=State.INFUSION, token=Token.STRONG
        )
        self.sign_target.barred_touched.connect(lambda reason: self.ask_card.refuse(self._why_not(reason)))
        self.entry = Part(self)
        right = self.column(self.table, self.preview, self.says, self.reasons, self.sign_target, gap_mm=2.0)
        right.insertSpacing(right.indexOf(self.sign_target), self.mm(1.0))
        right.setStretchFactor(self.table, 3)
        right.setStretchFactor(self.preview, 1)
        layout: QHBoxLayout = self.row(self.keypad, right, gap_mm=8.0)
        layout.setStretchFactor(right, 1)
        self.entry.setLayout(layout)
        self.why = WhyPanel(self)
        self.why.changed.connect(self._show_signing)
        self.signing = SignPanel(self, "sign_now", "Sign", roles=PRESCRIBERS)
        self.signing.signed.connect(self._sign)
        self.after = AfterSigning(self)
        self.body.addWidget(self.entry, 1)
        self.body.addWidget(self.why)
        self.body.addWidget(self.signing, 1)
        self.body.addWidget(self.after, 1)
        self._show_only(self.entry)

    def _show_only(self, panel: QWidget) -> None:
        self.why.hide()
        for one in (self.entry, self.signing, self.after):
            one.setVisible(one is panel)

    # ------------------------------------------------------------------ the rate

    def refresh(self) -> None:
        """The verdict follows the infusion: what was given grows while a person thinks."""
        if self.snapshot is None:
            return
        self.signing.show_staff(self.snapshot.staff, self.snapshot.who)
        self.why.show_staff(self.snapshot)
        if (
            self._is_new
            and self.snapshot.lights is not None
            and self.snapshot.lights.by_hand_ml_h is not None
        ):
            self._follow()
        self._is_new = False
        if self.is_signed:
            self.after.show_lights(self.snapshot.lights, is_waiting=self.is_waiting())
        else:
            self._judge()

    def _typed(self, _text: str) -> None:
        self.stir()
        self.is_sure = False
        self._judge()

    def rate(self) -> Decimal | None:
        """The typed rate, exactly; None while it is no number."""
        try:
            return parse_number(self.keypad.typed.text, "rate_ml_h", _DECIMALS)
        except Refused:
            return None

    def _judge(self) -> None:
        shot, rate = self.snapshot, self.rate()
        if shot is None or shot.rate_now is None or rate is None:
            self._show_verdict(None)
            return
        self._show_verdict(self._checked(shot, shot.rate_now, rate))

    def _show_verdict(self, verdict: RateVerdict | None) -> None:
        self.verdict = verdict
        self.table.show_rows(self._rows(verdict), verdict.limits if verdict is not None else ())
        self.preview.show_preview(self.snapshot, float(self.rate() or 0) if verdict is not None else None)
        told = (*verdict.refused, *verdict.needs_reason) if verdict is not None else ()
        self.says.set_text(told[0] if told else "")
        self.says.setVisible(bool(told))
        self.preview.setVisible(not told)
        self._show_sign()

    def _rows(self, verdict: RateVerdict | None) -> tuple[tuple[str, str, str], ...]:
        shot = self.snapshot
        ends = (
            shot.infusion.ends.removeprefix("Ends ")
            if shot is not None and shot.infusion is not None
            else "--"
        )
        verdict, typed = verdict or self._as_now(), verdict is not None
        if verdict is None:
            return (("mL/h", "--", "--"),)
        now, new = verdict.now, verdict.new
        pairs = (
            ("mL/h", now.ml_h, new.ml_h, 2),
            ("mg/h", now.mg_h, new.mg_h, 1),
            ("mg/kg/h", now.mg_kg_h, new.mg_kg_h, 2),
            ("mg at the end", now.total_mg, new.total_mg, 0),
        )
        rows = [
            (label, _number(was, places), _number(will, places) if typed else "")
            for label, was, will, places in pairs
        ]
        self.head.say(sub=f"ends {ends}, unchanged")
        return tuple(rows)

    def _as_now(self) -> RateVerdict | None:
        """The rate ordered now as its own successor: what the column "now" shows before anything is typed."""
        shot = self.snapshot
        now = shot.rate_now if shot is not None else None
        if shot is None or now is None or not now.expected_ml_h:
            return None
        return self._checked(shot, now, now.expected_ml_h)

    def _checked(self, shot: Snapshot, now: RateNow, rate: Number) -> RateVerdict | None:
        """The verdict on a rate, at the concentration that is in the pump; None while that is asked."""
        if shot.order is None or shot.plan is None or now.concentration_mg_ml is None:
            return None
        return check_rate(
            msgspec.structs.replace(shot.order, concentration_mg_ml=now.concentration_mg_ml),
            shot.plan,
            rate,
            self.catalog,
            now_s=now.now_s,
            expected_ml_h=now.expected_ml_h,
            given_mg=now.given_mg,
        )

    def _show_sign(self) -> None:
        lacks = self._lacks()
        rate = self.rate()
        words = f"Sign {shown(rate)} mL/h" if rate is not None else "Sign"
        self.sign_target.set_words(words, second=self._against_plan())
        self.sign_target.set_state(State.BARRED if lacks else State.INFUSION, lacks)

    def _lacks(self) -> str:
        now = self.snapshot.rate_now if self.snapshot is not None else None
        if now is not None and now.concentration_mg_ml is None:
            return "say first what is in the syringe"
        if self.verdict is None:
            return "type a rate"
        if self.verdict.refused:
            return "refused"
        return "" if self.reason else "choose a reason"

    def _why_not(self, lacks: str) -> str:
        refused = self.verdict.refused if self.verdict is not None else ()
        return refused[0] if refused else f"Not yet: {lacks}."

    def _against_plan(self) -> str:
        off = self.verdict.off_plan_pct if self.verdict is not None else None
        if off is None:
            return ""
        if round(off) == 0:
            return "as planned"
        return f"{abs(off):.0f} % {'above' if off > 0 else 'below'} the plan"

    # ------------------------------------------------------------------ reason, question, signature

    def _choose_reason(self, key: str) -> None:
        reasons = {slug(words): words for words in self.catalog.order_choices.reasons}
        self.reason = reasons[key]
        self._show_sign()

    def _to_sign(self) -> None:
        question = self.verdict.question if self.verdict is not None else None
        if question and not self.is_sure:
            self.ask_card.ask(question, f"Yes, {self._rate_words()}", self._sure)
            return
        self._show_only(self.signing)
        needs = self.verdict.needs_reason if self.verdict is not None else ()
        self.why.setVisible(bool(needs))
        if needs:
            self.why.ask(needs[0], second=False)
        self._show_signing()

    def _sure(self) -> None:
        self.is_sure = True
        self._to_sign()

    def _rate_words(self) -> str:
        rate = self.rate()
        return f"{shown(rate)} mL/h" if rate is not None else ""

    def _show_signing(self) -> None:
        """A soft limit's reason comes before the PIN."""
        lacks = not self.why.isHidden() and bool(self.why.lacks())
        self.signing.setVisible(not lacks)
        if not lacks:
            self.why.hide()
            self.signing.begin(
                f"{self._rate_words()}\n{self.reason}", f"Sign {self._rate_words()}", state=State.INFUSION
            )

    def _sign(self, staff: str, pin: str) -> None:
        rate = self.rate()
        if rate is not None:
            act = OrderRate(float(rate), self.reason, staff, pin, self.why.reason, self.is_sure)
            self.send(act)

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The lights follow the order to the pump."""
        if isinstance(act, ConfirmByHand):
            self.refresh()
            return
        self.signing.answered()
        self._follow()

    def _follow(self) -> None:
        """The lights in place of the entry."""
        self.is_signed = True
        self.times_out = False
        self.close_target.set_words("Close")
        self._show_only(self.after)

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """A wrong PIN stays at the pad; anything else goes back to the rate."""
        if isinstance(act, ConfirmByHand):
            self.ask_card.refuse(answer.reason)
            return
        self.signing.refused(answer.reason)
        if answer.field not in ("pin", SURE_FIELD):
            self._show_only(self.entry)
            self.ask_card.refuse(answer.reason)

    def ask_another(self) -> None:
        """The entry again: the ordered rate is not what is wanted any more."""
        self.is_signed = False
        self.times_out = True
        self.close_target.set_words(self.close_words)
        self._show_only(self.entry)
        self.refresh()

    def yes_words(self, act: AnyAct) -> str:
        """The tenfold question."""
        return f"Yes, {self._rate_words()}"


class AfterSigning(QWidget):
    """What to enter at the pump, and how far the order got.

    Targets: "confirm_by_hand" where no pump is read, and beside it "another_rate".
    """

    def __init__(self, sheet: RateSheet) -> None:
        """Waits for the snapshot's lights."""
        super().__init__(sheet)
        self.enter = sheet.words(token=Token.CRITICAL, weight=BOLD_WEIGHT, wrap=True)
        self.lights = LightsRow(sheet.look, self)
        self.says = sheet.words(token=Token.STRONG, wrap=True)
        self.rate_ml_h: float | None = None
        self.another = sheet.target("another_rate", "Another rate", sheet.ask_another, role=Role.CRITICAL)
        self.by_hand = sheet.target(
            "confirm_by_hand",
            "It runs",
            lambda: sheet.send(ConfirmByHand("rate", rate_ml_h=self.rate_ml_h)),
            role=Role.CRITICAL,
            state=State.MAIN,
            token=Token.STRONG,
        )
        self.by_hand.setMinimumWidth(sheet.mm(60.0))
        self.foot = Part(self)
        self.foot.setLayout(sheet.row(self.another, None, self.by_hand))
        self.setLayout(sheet.column(self.enter, self.lights, self.says, None, self.foot, gap_mm=6.0))

    def show_lights(self, lights: RateLights | None, *, is_waiting: bool) -> None:
        """Shows the order's way."""
        self.lights.show_lights(lights)
        self.enter.set_text(lights.enter_at_pump if lights is not None else "")
        self.enter.setVisible(bool(self.enter.text))
        self.says.set_text(lights.words if lights is not None else "")
        self.rate_ml_h = lights.by_hand_ml_h if lights is not None else None
        self.foot.setVisible(self.rate_ml_h is not None)
        if self.rate_ml_h is not None:
            self.by_hand.set_words(
                f"It runs at {shown(self.rate_ml_h)} mL/h", second="seen at the pump by me"
            )
            self.by_hand.set_state(State.SAVING if is_waiting else State.MAIN)


def _number(value: float | None, places: int) -> str:
    return "--" if value is None else shown(value, places)
