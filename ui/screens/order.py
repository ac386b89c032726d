"""The order: a protocol, what it leaves unset, the plan drawn, and the anesthetist's signature."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.clinical.dosing import exact, shown
from app.clinical.order_check import OrderVerdict, check_order
from app.clinical.protocol import (
    LABELS,
    Order,
    OrderDraft,
    StepDraft,
    default_order,
    finish,
    fitted_concentration,
    unset,
)
from app.frames import Answer, Snapshot
from app.messages import AnyAct, SignOrder
from ui.screens.base import Screen, Stat, main_target
from ui.screens.plan_view import PlanView, drawn_plan
from ui.screens.steps_editor import StepsEditor, total_min
from ui.sheets.base import Desk, Part
from ui.sheets.sign import PRESCRIBERS, SignPanel
from ui.sheets.why import WhyPanel
from ui.theme import BOLD_WEIGHT, CRITICAL, GAP
from ui.widgets.target import Form, State

UNSET = "not set"
FIT = "fit"
"""The choice of the strength that makes the protocol's fixed flow."""
_COLUMNS = 26
_WIDTHS = {1: (26,), 2: (13, 13), 3: (11, 7, 8)}
"""Columns of the grid that each target of a row takes: a rate has the longest words."""
RATE_UNITS = ("mg/kg/h", "mg/h", "mcg/kg/min")


def draft_from(order: Order) -> OrderDraft:
    """A signed order as a draft, to be changed before the start."""
    values = {name: getattr(order, name) for name in Order.__struct_fields__}
    values["steps"] = tuple(StepDraft(step.minutes, step.rate_from, step.rate_to) for step in order.steps)
    return OrderDraft(**values)


class OrderScreen(Screen):
    """The order.

    Targets: "row.<protocol|weight|recovery|syringe|rate|minutes|steps|max_rate|cap|session_limit>", "sign_order", then
    "signer.<id>", "pin.<digit>", "sign_now"; "back_to_check_in", "back_to_order".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Begins with no protocol chosen."""
        super().__init__(desk, parent)
        self.draft: OrderDraft | None = None
        self.verdict: OrderVerdict | None = None
        self._session = ""
        self._judged: OrderDraft | None = None
        self._refusal = ""
        self.plan = PlanView(self.look, self)
        self.steps = StepsEditor(self, self._range("infusion"))
        self.stats = {
            "mg": Stat(self, "in all"),
            "ml": Stat(self, "volume"),
            "peak": Stat(self, "mg/kg/h peak"),
            "time": Stat(self, "h:min"),
        }
        self.verdict_words = self.words(weight=BOLD_WEIGHT, wrap=True)
        self.verdict_more = self.words(role="text2", wrap=True)
        self.back = self.target(
            "back_to_check_in", "Check-in", lambda: self.wants.emit("check-in"), icon="undo", form=Form.LEFT
        )
        self.back.setMinimumHeight(self.mm(CRITICAL))
        self.sign_target = main_target(self, "sign_order", "Sign order", self._to_sign, state=State.INFUSION)
        self.sign_target.barred_touched.connect(lambda _reason: self.ask_card.refuse(self._why_not()))
        self._add_rows()
        self._lay_out()
        self._add_signing()

    # ------------------------------------------------------------------ parts

    def _add_rows(self) -> None:
        asks: dict[str, Callable[[], object]] = {
            "protocol": self._ask_protocol,
            "weight": lambda: self.wants.emit("patient"),
            "recovery": self._ask_recovery,
            "syringe": self._ask_container,
            "rate": self._ask_rate,
            "minutes": self._ask_minutes,
            "steps": self._ask_steps,
            "cap": self._ask_cap,
            "max_rate": self._ask_max_rate,
            "session_limit": self._ask_session_limit,
        }
        wide = ("protocol", "syringe")
        self.rows = {
            key: self.target(f"row.{key}", "", ask, form=Form.PAIR if key in wide else Form.ABOVE)
            for key, ask in asks.items()
        }

    def _lay_out(self) -> None:
        left = QGridLayout()
        left.setSpacing(self.mm(GAP))
        places = (
            ("protocol",),
            ("weight", "recovery"),
            ("syringe",),
            ("rate", "minutes", "steps"),
            ("max_rate", "cap", "session_limit"),
        )
        for number, keys in enumerate(places):
            begins = 0
            for key, wide in zip(keys, _WIDTHS[len(keys)], strict=True):
                target = self.rows[key]
                target.setMaximumHeight(self.mm(26.0))
                target.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
                left.addWidget(target, number, begins, 1, wide)
                begins += wide
            left.setRowStretch(number, 1)
        for column in range(_COLUMNS):
            left.setColumnStretch(column, 1)
        stats = self.row(*self.stats.values(), gap_mm=1.6)
        right = self.column(self.plan, stats, gap_mm=2.0)
        right.setStretchFactor(self.plan, 1)
        body = self.row(left, right)
        body.setStretch(0, 35)
        body.setStretch(1, 65)
        words = self.column(None, self.verdict_words, self.verdict_more, None, gap_mm=0.4)
        foot = self.row(self.back, words, self.sign_target)
        foot.setStretch(1, 1)
        self.body.addLayout(body, 1)
        self.body.addLayout(foot)

    def _add_signing(self) -> None:
        self.signing_part = Part(self)
        self.back_to_order = self.target(
            "back_to_order", "Order", self.stop_editing, icon="undo", form=Form.LEFT
        )
        self.signing = SignPanel(self, "sign_now", "Sign order", roles=PRESCRIBERS, back=self.back_to_order)
        self.signing.signed.connect(self._sign)
        self.why = WhyPanel(self)
        self.why.changed.connect(self._show_signing)
        layout = QVBoxLayout(self.signing_part)
        layout.setContentsMargins(0, 0, 0, 0)
        self.back_from_why = self.target(
            "back_from_why", "Order", self.stop_editing, icon="undo", form=Form.LEFT
        )
        self.why_foot = Part(self.signing_part)
        self.why_foot.setLayout(self.row(self.back_from_why, None))
        layout.addWidget(self.why)
        layout.addWidget(self.signing, 1)
        layout.addWidget(self.why_foot)
        self.signing_part.hide()

    def resizeEvent(self, event: object) -> None:
        """The signature has the overview's place."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.signing_part.setGeometry(self.overview.geometry())

    def stop_editing(self) -> None:
        """The plan again."""
        self.signing_part.hide()
        super().stop_editing()

    # ------------------------------------------------------------------ what it shows

    def begin(self, snapshot: Snapshot) -> None:
        """A new draft for another session; the signed order when there is one."""
        if snapshot.session != self._session:
            self._session = snapshot.session
            self.draft = draft_from(snapshot.order) if snapshot.order is not None else None
            self._refusal = ""
        super().begin(snapshot)

    def refresh(self) -> None:
        """The rows, the plan and the verdict; judged anew only when the draft changed."""
        super().refresh()
        shot = self.snapshot
        if shot is None:
            return
        weight = self._weight_kg()
        if self.draft is not None and self.draft.dose_weight_kg != weight:
            self.draft = msgspec.structs.replace(self.draft, dose_weight_kg=weight)
        self.signing.show_staff(shot.staff, shot.who)
        if self.draft is not self._judged or self.draft is None:
            self._judged = self.draft
            self._judge()
        self._show_rows()
        self._show_sign()

    def _weight_kg(self) -> float | None:
        patient = self.snapshot.patient if self.snapshot is not None else None
        return patient.weight_kg if patient is not None else None

    def _judge(self) -> None:
        self.verdict = None
        draft = self.draft
        if draft is not None and not unset(draft):
            order = finish(draft)
            self.verdict = check_order(order, self.catalog.protocols[draft.protocol_id], self.catalog)
        plan = self.verdict.plan if self.verdict is not None else None
        if plan is not None and draft is not None:
            self.plan.show_plan(drawn_plan(finish(draft), plan, self.catalog))
        else:
            self.plan.show_plan(None, self._missing_words())
        self._show_stats()
        self._show_verdict()

    def _missing(self) -> list[str]:
        if self.draft is None:
            return ["Protocol"]
        lacks = unset(self.draft)
        labels = [
            LABELS[field] for field in lacks if field != "drug_in_container_mg" or "container_ml" not in lacks
        ]
        return ["Syringe" if label in ("Container", "Drug in the container") else label for label in labels]

    def _missing_words(self) -> str:
        if self.draft is None:
            return "Choose a protocol."
        missing = self._missing()
        if missing:
            return f"To fill before the plan can be drawn: {', '.join(missing).lower()}."
        refused = self.verdict.refused if self.verdict is not None else ()
        return refused[0].reason if refused else ""

    def _show_stats(self) -> None:
        plan = self.verdict.plan if self.verdict is not None else None
        values = ("--",) * 4
        if plan is not None:
            minutes = round(plan.end_s / 60)
            values = (
                f"{shown(plan.total_mg, 1)} mg",
                f"{shown(plan.total_ml, 1)} mL",
                shown(plan.peak_mg_kg_h, 2),
                f"{minutes // 60}:{minutes % 60:02d}",
            )
        for stat, value in zip(self.stats.values(), values, strict=True):
            stat.show_value(value)

    def _show_verdict(self) -> None:
        verdict = self.verdict
        if self._refusal:
            self._say(self._refusal, "")
        elif verdict is None:
            self._say(
                "Not complete", self._missing_words() if self.draft is not None else "Choose a protocol."
            )
        elif verdict.refused:
            more = len(verdict.refused) - 1
            self._say(verdict.refused[0].reason, f"And {more} more." if more else "")
        elif verdict.needs_reason:
            self._say(verdict.needs_reason[0].reason, "It can be signed with a reason.")
        else:
            self._say(verdict.ok[0] if verdict.ok else "", " ".join(verdict.ok[1:]))

    def _say(self, first: str, second: str) -> None:
        self.verdict_words.set_text(first)
        self.verdict_more.set_text(second)
        self.verdict_more.setVisible(bool(second))

    def _show_rows(self) -> None:
        draft = self.draft
        protocol = self.catalog.protocols[draft.protocol_id].short if draft is not None else ""
        self._pair("protocol", "Protocol", protocol)
        self._pair("syringe", "Syringe", self._syringe_words(draft))
        unit = (draft.rate_unit or "") if draft is not None else ""
        steps = draft.steps if draft is not None and draft.steps else (StepDraft(),)
        step, several = steps[0], len(steps) > 1 or steps[0].rate_from != steps[0].rate_to
        values = {
            "weight": (
                "Dose weight",
                _with(self._weight_kg(), "kg, actual"),
                False,
            ),
            "recovery": ("Recovery", _with(draft.recovery_min if draft is not None else None, "min"), False),
            "rate": ("Rate", "in steps" if several else _with(step.rate_from, unit), False),
            "minutes": ("Duration", _with(total_min(steps), "min"), False),
            "steps": ("Steps", str(len(steps)), False),
            "cap": ("Cap", _with(draft.cap_mg_per_h if draft is not None else None, "mg/h"), True),
            "max_rate": ("Rate limit", _with(draft.max_rate if draft is not None else None, unit), False),
            "session_limit": (
                "Total limit",
                _with(draft.session_limit_mg if draft is not None else None, "mg"),
                True,
            ),
        }
        for key, (label, value, optional) in values.items():
            self._two_lines(key, label, value, optional=optional)

    def _pair(self, key: str, label: str, value: str) -> None:
        target = self.rows[key]
        target.set_words(label, value=value or UNSET)
        waits = self.draft is None and key != "protocol"
        target.set_state(State.NORMAL if value or waits else State.DUE)

    def _two_lines(self, key: str, label: str, value: str, *, optional: bool) -> None:
        target = self.rows[key]
        refused = self.verdict.refused if self.verdict is not None else ()
        is_wrong = any(finding.field.startswith(key) for finding in refused)
        target.set_words(value or ("none" if optional else UNSET), second=label)
        target.set_state(
            State.DUE if is_wrong or not (value or optional or self.draft is None) else State.NORMAL
        )

    def _syringe_words(self, draft: OrderDraft | None) -> str:
        if draft is None or draft.container_ml is None or draft.drug_in_container_mg is None:
            return ""
        strength = exact(draft.drug_in_container_mg) / exact(draft.container_ml)
        return f"{shown(draft.container_ml, 1)} mL, {shown(strength, 3)} mg/mL"

    def _show_sign(self) -> None:
        signers = [
            row.name
            for row in (self.snapshot.staff if self.snapshot else ())
            if set(row.roles) & set(PRESCRIBERS)
        ]
        who = f"{signers[0]}, PIN" if len(signers) == 1 else "anesthetist, PIN"
        self.sign_target.set_words("Sign order", second=who)
        lacks = "" if self.verdict is not None and not self.verdict.refused else "not complete"
        if self.verdict is not None and self.verdict.refused:
            lacks = "refused"
        self.sign_target.set_state(State.BARRED if lacks else State.INFUSION, lacks)

    def _why_not(self) -> str:
        return self._missing_words() or "Not complete."

    # ------------------------------------------------------------------ what it asks

    def _change(self, **values: object) -> None:
        if self.draft is not None:
            self.draft = msgspec.structs.replace(self.draft, **values)
        self._refusal = ""
        self.stop_editing()

    def _change_step(self, **values: object) -> None:
        if self.draft is not None:
            step = self.draft.steps[0] if self.draft.steps else StepDraft()
            self._change(steps=(msgspec.structs.replace(step, **values), *self.draft.steps[1:]))

    def _ask_protocol(self) -> None:
        offered = {row.id: row.short for row in self.catalog.protocols.values() if row.runnable}
        self.edit().ask_choice("Protocol", offered, self._choose_protocol, columns=3)

    def _choose_protocol(self, protocol: str) -> None:
        self.draft = default_order(self.catalog.protocols[protocol], self.catalog, self._weight_kg())
        self._refusal = ""
        self.stop_editing()

    def _needs_protocol(self) -> bool:
        if self.draft is None:
            self.ask_card.refuse("Choose the protocol first.")
        return self.draft is None

    def _ask_container(self) -> None:
        if self._needs_protocol():
            return
        offered = {f"{ml:g}": f"{ml:g} mL" for ml in self.catalog.containers.offered_ml}
        self.edit().ask_choice("Container", offered, self._ask_strength)

    def _ask_strength(self, container: str) -> None:
        offered = {f"{mg:g}": f"{mg:g} mg/mL" for mg in self.catalog.containers.offered_concentrations_mg_ml}
        draft = self.draft
        protocol = self.catalog.protocols[draft.protocol_id] if draft is not None else None
        fitted = fitted_concentration(draft, protocol) if draft is not None and protocol is not None else None
        if fitted is not None and protocol is not None:
            flow = shown(protocol.carrier_ml_per_h or 0)
            offered[FIT] = f"{shown(fitted, 3)} mg/mL: {flow} mL/h"
        self.editor.ask_choice(
            f"Concentration in {container} mL",
            offered,
            lambda strength: self._set_syringe(
                container, str(float(fitted)) if strength == FIT and fitted is not None else strength
            ),
        )

    def _set_syringe(self, container: str, strength: str) -> None:
        drug_mg = float(exact(float(strength)) * exact(float(container)))
        self._change(
            container_ml=float(container), drug_in_container_mg=drug_mg, concentration_mg_ml=float(strength)
        )

    def _ask_unit(self, then: Callable[[], None]) -> None:
        def choose(unit: str) -> None:
            if self.draft is not None:
                self.draft = msgspec.structs.replace(self.draft, rate_unit=unit)
            then()

        self.edit().ask_choice("Unit of rate", {unit: unit for unit in RATE_UNITS}, choose)

    def _in_steps(self) -> bool:
        """Whether one rate and one duration do not say it."""
        steps = self.draft.steps if self.draft is not None else ()
        return len(steps) > 1 or any(step.rate_from != step.rate_to for step in steps)

    def _ask_steps(self) -> None:
        if self._needs_protocol() or self.draft is None:
            return
        if self.draft.rate_unit is None:
            self._ask_unit(self._ask_steps)
            return
        self.steps.begin(self.draft.steps, self.draft.rate_unit, lambda steps: self._change(steps=steps))

    def _ask_cap(self) -> None:
        if not self._needs_protocol():
            self.edit().ask_number("Cap", "mg/h", lambda cap: self._change(cap_mg_per_h=cap), decimals=1)

    def _ask_rate(self) -> None:
        if self._needs_protocol() or self.draft is None:
            return
        if self._in_steps():
            self._ask_steps()
            return
        if self.draft.rate_unit is None:
            self._ask_unit(self._ask_rate)
            return
        self.edit().ask_number(
            "Rate",
            self.draft.rate_unit,
            lambda rate: self._change_step(rate_from=rate, rate_to=rate),
            decimals=3,
        )

    def _ask_max_rate(self) -> None:
        if self._needs_protocol() or self.draft is None:
            return
        if self.draft.rate_unit is None:
            self._ask_unit(self._ask_max_rate)
            return
        unit = self.draft.rate_unit
        self.edit().ask_number("Rate limit", unit, lambda rate: self._change(max_rate=rate), decimals=3)

    def _ask_minutes(self) -> None:
        if self._in_steps():
            self._ask_steps()
        elif not self._needs_protocol():
            row = self.catalog.entry_ranges["infusion"]
            self.edit().ask_number(
                "Duration of the infusion",
                "min",
                lambda minutes: self._change_step(minutes=minutes),
                decimals=row.decimals,
                check=self._range("infusion"),
            )

    def _ask_recovery(self) -> None:
        if not self._needs_protocol():
            self.edit().ask_number(
                "Recovery",
                "min",
                lambda minutes: self._change(recovery_min=minutes),
                decimals=0,
                check=self._range("recovery"),
            )

    def _ask_session_limit(self) -> None:
        if not self._needs_protocol():
            self.edit().ask_number(
                "Session limit", "mg", lambda limit: self._change(session_limit_mg=limit), decimals=1
            )

    def _range(self, name: str) -> Callable[[float], str]:
        row = self.catalog.entry_ranges[name]

        def check(value: float) -> str:
            inside = row.entry_lowest <= value <= row.entry_highest
            return "" if inside else f"{row.entry_lowest:g} to {row.entry_highest:g} {row.unit} is possible."

        return check

    # ------------------------------------------------------------------ signing

    def _to_sign(self) -> None:
        self.overview.hide()
        self.signing_part.show()
        self.signing_part.raise_()
        needs = self.verdict.needs_reason if self.verdict is not None else ()
        self.why.setVisible(bool(needs))
        if needs:
            if needs[0].reason != self.why.says.text:
                # What was said of another order is no reason for this one.
                self.why.forget()
            self.why.ask(needs[0].reason, second=False)
        self._show_signing()

    def _show_signing(self) -> None:
        lacks = not self.why.isHidden() and bool(self.why.lacks())
        self.signing.setVisible(not lacks)
        self.why_foot.setVisible(lacks)
        if not lacks:
            self.why.hide()
            self.signing.begin(self._order_words(), "Sign order", state=State.INFUSION)

    def _order_words(self) -> str:
        plan = self.verdict.plan if self.verdict is not None else None
        if plan is None or self.draft is None:
            return ""
        drug = self.catalog.drugs[self.draft.drug].name
        return (
            f"{drug} {shown(plan.total_mg, 1)} mg in {shown(plan.total_ml, 1)} mL\n"
            f"{self.plan.drawn.words if self.plan.drawn is not None else ''}"
            f"{self._draft_words()}"
        )

    def _draft_words(self) -> str:
        """On a line of its own: that the tables which this order was judged by are drafts."""
        words = self.snapshot.draft_tables if self.snapshot is not None else ""
        return f"\n{words}" if words else ""

    def _sign(self, staff: str, pin: str) -> None:
        if self.draft is not None:
            reason = self.why.reason if self.verdict is not None and self.verdict.needs_reason else ""
            self.send(SignOrder(finish(self.draft), staff, pin, reason))

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The chair is next."""
        self.signing.answered()
        self.stop_editing()
        self.wants.emit("")

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """A wrong PIN stays at the pad; anything else stands in the verdict."""
        self.signing.refused(answer.reason)
        if answer.field != "pin":
            self._refusal = answer.reason
            self.stop_editing()
            self._show_verdict()


def _with(value: float | None, unit: str) -> str:
    return "" if value is None else f"{shown(value, 3)} {unit}".strip()
