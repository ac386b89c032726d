"""Who the patient is: each field checked while it is typed, and again by the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec
from PySide6.QtWidgets import QGridLayout, QWidget

from app.clinical.dosing import lb_from_kg, shown
from app.clinical.patient import (
    SEXES,
    age_years,
    check_allergies,
    check_birth_date,
    check_height,
    check_mrn,
    check_name,
    check_patient,
    check_sex,
    check_weight,
)
from app.frames import Answer, KnownPatient, PatientFrame, Snapshot
from app.messages import AnyAct, OpenPatient
from app.refusals import Refused
from ui.screens.base import Screen, main_target
from ui.sheets.base import Desk
from ui.theme import CRITICAL, GAP
from ui.widgets.target import Form, State

SEX_WORDS = {"female": "Female", "male": "Male", "other": "Other"}
FIELDS = ("mrn", "name", "birth_date", "sex", "weight_kg", "height_cm", "allergies")
NONE_KNOWN = "none-known"
OTHER = "other"


class Draft(msgspec.Struct):
    """The form under way; it is a PatientForm."""

    mrn: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: str = ""
    weight_kg: float | None = None
    allergies: tuple[str, ...] = ()
    none_known: bool = False
    height_cm: float | None = None


def draft_of(patient: PatientFrame | None) -> Draft:
    """The recorded patient as a draft; an empty one when there is none."""
    if patient is None:
        return Draft()
    return Draft(
        patient.mrn.removeprefix("MRN ").strip(),
        patient.name,
        date.fromisoformat(patient.birth_date),
        patient.sex,
        patient.weight_kg,
        patient.allergies,
        patient.none_known,
    )


class PatientScreen(Screen):
    """Targets: "field.<mrn|name|birth_date|sex|weight_kg|height_cm|allergies>", "save_patient", "back_to_today"."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """An empty form, or the patient of the session to put right."""
        super().__init__(desk, parent)
        self.draft = Draft()
        self._session: str | None = None
        self._refusals: dict[str, str] = {}
        self._typed: set[str] = set()
        asks: dict[str, tuple[str, Callable[[], object]]] = {
            "mrn": ("MRN", self._ask_mrn),
            "name": ("Name", self._ask_name),
            "birth_date": ("Birth date", self._ask_day),
            "sex": ("Sex", self._ask_sex),
            "weight_kg": ("Weight", self._ask_weight),
            "height_cm": ("Height", self._ask_height),
            "allergies": ("Allergies", self._ask_allergies),
        }
        self.fields = {key: self.field(f"field.{key}", label, ask) for key, (label, ask) in asks.items()}
        grid = QGridLayout()
        grid.setSpacing(self.mm(GAP))
        for number, target in enumerate(self.fields.values()):
            wide = number == len(self.fields) - 1
            grid.addWidget(target, number // 2, number % 2, 1, 2 if wide else 1)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.says = self.words(wrap=True, role="text2")
        self.back = self.target(
            "back_to_today", "Today", lambda: self.wants.emit("today"), icon="undo", form=Form.LEFT
        )
        self.back.setMinimumHeight(self.mm(CRITICAL))
        self.save = main_target(
            self, "save_patient", "Next: check-in", self._save, icon="arrow", form=Form.RIGHT
        )
        self.save.barred_touched.connect(lambda _reason: self._show_missing())
        foot = self.row(self.back, self.says, self.save)
        foot.setStretchFactor(self.says, 1)
        self.body.addLayout(grid)
        self.body.addStretch(1)
        self.body.addLayout(foot)

    def begin(self, snapshot: Snapshot) -> None:
        """A new form; or the recorded patient, to be put right."""
        self.draft = draft_of(snapshot.patient if snapshot.session else None)
        self._refusals.clear()
        self._typed = set(FIELDS) if snapshot.patient is not None and snapshot.session else set()
        super().begin(snapshot)

    # ------------------------------------------------------------------ what it shows

    def refresh(self) -> None:
        """Each field with its value, or what is wrong or missing in its place."""
        super().refresh()
        if self.snapshot is None:
            return
        for field, target in self.fields.items():
            wrong = self._refusals.get(field) or self._wrong(field)
            shows = wrong if field in self._typed or field in self._refusals else ""
            value = self._value(field)
            self.show_field(target, value, wrong=shows)
            if not value and not shows:
                target.set_state(State.NORMAL)
        missing = [target.words for field, target in self.fields.items() if self._wrong(field)]
        told = f"Still to fill: {', '.join(missing)}." if missing else "Everything is filled."
        last = self._last_visit()
        self.says.set_text(f"{last} {told}" if last else told)
        if self.is_waiting():
            self.save.set_state(State.SAVING)
        else:
            self.save.set_state(State.BARRED if missing else State.MAIN, "not complete" if missing else "")

    def _show_missing(self) -> None:
        """What is still to fill is lit, and said."""
        self._typed.update(FIELDS)
        self.refresh()
        self.ask_card.refuse(self.says.text)

    def _today(self) -> date:
        return self.desk.clock().utc.astimezone(self.desk.zone).date()

    def _value(self, field: str) -> str:
        draft = self.draft
        match field:
            case "birth_date":
                if draft.birth_date is None:
                    return ""
                return f"{draft.birth_date.isoformat()}, {age_years(draft.birth_date, self._today())} y"
            case "sex":
                return SEX_WORDS.get(draft.sex, draft.sex)
            case "weight_kg":
                return "" if draft.weight_kg is None else self._weight_words(draft.weight_kg)
            case "height_cm":
                return "not measured" if draft.height_cm is None else f"{draft.height_cm:g} cm"
            case "allergies":
                return self._allergy_words()
            case _:
                return str(getattr(draft, field))

    def _weight_words(self, kilograms: float) -> str:
        return f"{shown(kilograms, 1)} kg ({shown(lb_from_kg(kilograms), 1)} lb)"

    def _allergy_words(self) -> str:
        if self.draft.none_known:
            return "None known"
        known = self.catalog.allergies
        return ", ".join(known[one].name if one in known else one for one in self.draft.allergies)

    def _wrong(self, field: str) -> str:
        draft, catalog = self.draft, self.catalog
        checks: dict[str, Callable[[], object]] = {
            "mrn": lambda: check_mrn(draft.mrn, catalog),
            "name": lambda: check_name(draft.name, catalog),
            "birth_date": lambda: check_birth_date(draft.birth_date, catalog, self._today()),
            "sex": lambda: check_sex(draft.sex),
            "weight_kg": lambda: check_weight(draft.weight_kg, catalog),
            "height_cm": lambda: check_height(draft.height_cm, catalog),
            "allergies": lambda: check_allergies(draft.allergies, draft.none_known, catalog),
        }
        return _refusal(checks[field])

    def _fill(self, field: str, value: object) -> None:
        setattr(self.draft, field, value)
        self._typed.add(field)
        self._refusals.pop(field, None)
        self.stop_editing()

    # ------------------------------------------------------------------ what it asks

    def _ask_mrn(self) -> None:
        self.edit().ask_text(
            "MRN",
            self._take_mrn,
            text=self.draft.mrn,
            check=lambda text: _refusal(lambda: check_mrn(text, self.catalog)),
        )
        self.editor.text.keyboard.layer = "figures"
        self.editor.text.keyboard.set_text(self.draft.mrn)

    def _take_mrn(self, mrn: str) -> None:
        """A patient who was here before is offered with all but today's weight."""
        known = self._known(mrn)
        if known is not None and not self.draft.name and not self.snapshot_has_patient():
            self.draft.name, self.draft.sex = known.name, known.sex
            self.draft.birth_date = date.fromisoformat(known.birth_date)
            self.draft.allergies, self.draft.none_known = known.allergies, known.none_known
        self._fill("mrn", mrn)

    def find_patient(self, mrn: str) -> None:
        """Who is expected, with all but today's weight."""
        self._take_mrn(mrn)

    def snapshot_has_patient(self) -> bool:
        """Whether the form puts right a patient of the session."""
        return self.snapshot is not None and self.snapshot.patient is not None and bool(self.snapshot.session)

    def _known(self, mrn: str) -> KnownPatient | None:
        known = self.snapshot.known if self.snapshot is not None else ()
        return next((one for one in known if one.mrn == mrn.strip()), None)

    def _ask_name(self) -> None:
        self.edit().ask_text(
            "Name",
            lambda text: self._fill("name", text),
            text=self.draft.name,
            names=True,
            check=lambda text: _refusal(lambda: check_name(text, self.catalog)),
        )

    def _ask_day(self) -> None:
        self.edit().ask_number(
            "Birth date: day",
            "",
            self._ask_month,
            decimals=0,
            digits=2,
            check=_within(1, 31),
            told="Day, month, year",
        )

    def _ask_month(self, day: float) -> None:
        self.editor.ask_number(
            "Birth date: month",
            "",
            lambda month: self._ask_year(int(day), int(month)),
            decimals=0,
            digits=2,
            check=_within(1, 12),
            told=f"Day {day:.0f}",
        )

    def _ask_year(self, day: int, month: int) -> None:
        def check(year: float) -> str:
            try:
                born = date(int(year), month, day)
            except ValueError:
                return f"There is no day {day} in month {month} of {year:.0f}."
            return _refusal(lambda: check_birth_date(born, self.catalog, self._today()))

        self.editor.ask_number(
            "Birth date: year",
            "",
            lambda year: self._fill("birth_date", date(int(year), month, day)),
            decimals=0,
            check=check,
            told=f"Day {day}, month {month}",
        )

    def _ask_sex(self) -> None:
        words = {sex: SEX_WORDS.get(sex, sex) for sex in SEXES}
        self.edit().ask_choice("Sex", words, lambda sex: self._fill("sex", sex))

    def _ask_weight(self) -> None:
        def check(kilograms: float) -> str:
            return _refusal(lambda: check_weight(kilograms, self.catalog))

        row = self.catalog.entry_ranges["weight"]
        self.edit().ask_number(
            "Weight in kilograms",
            "kg",
            lambda kilograms: self._fill("weight_kg", kilograms),
            check=check,
            decimals=row.decimals,
            digits=3,
            told=self._last_visit(),
        )
        self.editor.number.show_as(
            lambda kilograms: f"{shown(kilograms, 1)} kg is {shown(lb_from_kg(kilograms), 1)} lb"
        )

    def _last_visit(self) -> str:
        known = self._known(self.draft.mrn)
        return f"Last visit {known.last}. Weigh again today." if known is not None else ""

    def _ask_height(self) -> None:
        self.edit().ask_number(
            "Height",
            "cm",
            lambda height: self._fill("height_cm", height),
            check=lambda height: _refusal(lambda: check_height(height, self.catalog)),
            decimals=0,
            digits=3,
            told="Leave it out when it was not measured.",
        )

    def _ask_allergies(self) -> None:
        known = self.catalog.allergies
        usual = [
            *self.catalog.usual_allergies,
            *(one for one in known if one not in self.catalog.usual_allergies),
        ]
        self._pick_allergies(usual[:16])

    def _pick_allergies(self, offered: list[str]) -> None:
        known = self.catalog.allergies
        free = [one for one in self.draft.allergies if one not in offered]
        options = {one: known[one].name if one in known else one for one in (*offered, *free)}
        none = self.target("choice.none-known", "None known", self._none_known)
        more = self.target(
            "choice.more",
            "More",
            lambda: self._pick_allergies(self._next(offered)),
            icon="more",
            form=Form.LEFT,
        )
        other = self.target("choice.other", "Write another", self._write_allergy, icon="note", form=Form.LEFT)
        self.edit().ask_many(
            "Allergies",
            options,
            self.draft.allergies,
            self._toggle,
            self._allergies_done,
            extra=(none, more, other),
        )

    def _turn_allergies(self, offered: list[str]) -> None:
        self._pick_allergies(self._next(offered))

    def _next(self, offered: list[str]) -> list[str]:
        known = self.catalog.allergies
        usual = [
            *self.catalog.usual_allergies,
            *(one for one in known if one not in self.catalog.usual_allergies),
        ]
        start = usual.index(offered[-1]) + 1 if offered and offered[-1] in usual else 0
        return usual[start : start + 16] or usual[:16]

    def _toggle(self, key: str) -> None:
        picked = list(self.draft.allergies)
        picked.remove(key) if key in picked else picked.append(key)
        self.draft.allergies, self.draft.none_known = tuple(picked), False

    def _allergies_done(self) -> None:
        self._fill("allergies", self.draft.allergies)

    def _none_known(self) -> None:
        self.draft.none_known = True
        self._fill("allergies", ())

    def _write_allergy(self) -> None:
        def add(text: str) -> None:
            self.draft.none_known = False
            self._fill("allergies", (*self.draft.allergies, text))

        self.edit().ask_text("Allergy to", add, check=lambda text: "" if text.strip() else "Type the name.")

    # ------------------------------------------------------------------ saving

    def _save(self) -> None:
        draft = self.draft
        try:
            checked = check_patient(draft, self.catalog, self._today())
        except Refused as refused:
            self._refuse(refused.field, refused.reason)
            return
        self.send(
            OpenPatient(
                checked.mrn,
                checked.name,
                checked.birth_date,
                checked.sex,
                checked.weight_kg,
                checked.allergies,
                checked.none_known,
                checked.height_cm,
            )
        )
        self.refresh()

    def _refuse(self, field: str, reason: str) -> None:
        if field in self.fields:
            self._refusals[field] = reason
            self.refresh()
        else:
            self.ask_card.refuse(reason)

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """The reason stands beside its field."""
        self._refuse(answer.field, answer.reason)

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The session's own phase brings the check-in."""
        self.wants.emit("")

    def yes_words(self, act: AnyAct) -> str:
        """An unlikely weight or age."""
        return "Yes, it is right"


def _refusal(check: Callable[[], object]) -> str:
    try:
        check()
    except Refused as refused:
        return refused.reason
    return ""


def _within(lowest: int, highest: int) -> Callable[[float], str]:
    def check(value: float) -> str:
        return "" if lowest <= value <= highest else f"{lowest} to {highest} is possible."

    return check
