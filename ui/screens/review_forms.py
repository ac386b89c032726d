"""What may be written into a record that is reviewed: an amendment, or what was forgotten; signed at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.amending import AT
from app.catalog import Catalog
from app.entries import CheckValue
from app.messages import AddLate, Amend
from app.review_frames import AmendField, ReviewLine
from app.roles import CARES
from ui.screens.base import Screen
from ui.sheets.sign import SignPanel
from ui.widgets.target import Role

WORDS: Final = "words"
MORE: Final = "more"
WRITE: Final = "write"
PER_PAGE: Final = 15


def clock_of(number: float) -> str:
    """What a time reads that was typed as a number: 905 is 09:05."""
    return f"{int(number) // 100:02d}:{int(number) % 100:02d}"


def check_clock(number: float) -> str:
    """What is wrong with a time; "" when nothing is."""
    good = int(number) // 100 < 24 and int(number) % 100 < 60
    return "" if good else "Hours and minutes, 0 to 2359."


class Forms:
    """Asks one thing after another on the screen's editor; `send` gets the act with its signature.

    Targets: "choice.<key>", "key.*", "set", "letter.*", "keyboard.done", then "signer.<id>", "pin.*",
    "sign_now" and "sign_back"; "editor.back". `whose` record it is stands over every question and signature.
    """

    def __init__(self, screen: Screen, send: Callable[[Amend | AddLate], object]) -> None:
        self.screen = screen
        self.catalog: Catalog = screen.catalog
        self.sign: SignPanel | None = None
        self.whose = ""
        self._send = send

    # ------------------------------------------------------------------ an amendment

    def amend(self, session: str, line: ReviewLine) -> None:
        """Asks what the line should read."""
        options = {field.key: _with_now(field) for field in line.fields}
        options[WORDS] = "In words"
        fields = {field.key: field for field in line.fields}

        def take(key: str) -> None:
            if key == WORDS:
                self.screen.editor.ask_text(
                    "It should read", lambda text: self._reason(session, line, text, {})
                )
            else:
                self._value(session, line, fields[key])

        self.screen.edit().ask_choice(
            f"{self.whose}: what should it read?", options, take, told=f"{line.at}  {line.text}", columns=3
        )

    def _value(self, session: str, line: ReviewLine, field: AmendField) -> None:
        def take(value: CheckValue, words: str) -> None:
            self._reason(session, line, words, {field.key: value})

        editor = self.screen.editor
        if len(field.choices) == 1:
            take(*field.choices[0])
        elif field.choices:
            editor.ask_choice(
                f"{field.label}, {field.now} until now",
                dict(field.choices),
                lambda key: take(key, dict(field.choices)[key]),
                columns=2,
                told=f"{line.at}  {line.text}",
            )
        elif field.key == AT:
            self._ask_clock(f"Time, {field.now} until now", lambda at: take(at, at))
        else:
            editor.ask_number(
                f"{field.label}, {field.now} {field.unit} until now",
                field.unit,
                lambda number: take(number, f"{number:g} {field.unit}".strip()),
                check=lambda number: _within(field, number),
                decimals=field.decimals,
                digits=5 if field.decimals else 3,
            )

    def _reason(self, session: str, line: ReviewLine, words: str, values: dict[str, CheckValue]) -> None:
        text = "" if values else words.strip()

        def take(reason: str) -> None:
            head = f"{line.at}  {line.text}\nShould read: {words}. {reason}."
            self._ask_sign(
                head,
                "Sign amendment",
                lambda staff, pin: Amend(line.entry, text, reason, staff, pin, session, values),
            )

        self._ask_reason("Why is it amended?", take)

    def _ask_reason(self, title: str, take: Callable[[str], object]) -> None:
        reasons = {f"{n}": words for n, words in enumerate(self.catalog.text_entry.amend_reasons)}

        def picked(key: str) -> None:
            if key == WRITE:
                self.screen.editor.ask_text("Reason", lambda text: take(text.strip()))
            else:
                take(reasons[key])

        self.screen.edit().ask_choice(title, {**reasons, WRITE: "Write it"}, picked, columns=3)

    # ------------------------------------------------------------------ what was forgotten

    def add(self, session: str) -> None:
        """An effect, a drug or a note that nobody wrote down."""
        kinds = {"effect": "Side effect", "drug": "Drug", "note": "Note"}
        asks = {"effect": self._add_effect, "drug": self._add_drug, "note": self._add_note}
        title = f"{self.whose}: what was forgotten?"
        self.screen.edit().ask_choice(title, kinds, lambda key: asks[key](session))

    def _add_effect(self, session: str) -> None:
        effects = {one.id: one.label for one in self.catalog.effect_matrix()}
        grades = {f"{row.grade}": f"{row.grade}, {row.short}" for row in self.catalog.noted_grades()}

        def with_grade(effect: str, grade: str) -> None:
            words = f"{effects[effect]}, grade {grades[grade]}"
            self._at(session, "effect", effect, words, float(grade))

        def take(effect: str) -> None:
            self.screen.editor.ask_choice(
                f"{effects[effect]}: which grade?", grades, lambda grade: with_grade(effect, grade), columns=2
            )

        self._pick("Which side effect?", effects, take)

    def _add_drug(self, session: str) -> None:
        drugs = {one.id: one.name for one in self.catalog.drugs.values() if one.routes and one.unit}

        def with_dose(drug: str, route: str) -> None:
            row = self.catalog.drugs[drug]

            def take(dose: float) -> None:
                words = f"{row.name} {dose:g} {row.unit} {route}"
                reason = "Why is it written later?"
                self._ask_reason(reason, lambda why: self._at(session, "drug", drug, words, dose, route, why))

            self.screen.edit().ask_number(
                f"{row.name} {route}: which dose?", row.unit, take, decimals=3, digits=5
            )

        def with_route(drug: str) -> None:
            routes = self.catalog.drugs[drug].routes
            if len(routes) == 1:
                with_dose(drug, routes[0])
            else:
                self.screen.editor.ask_choice(
                    "By which route?", {one: one for one in routes}, lambda route: with_dose(drug, route)
                )

        self._pick("Which drug?", drugs, with_route)

    def _add_note(self, session: str) -> None:
        self.screen.editor.ask_text("Note", lambda text: self._at(session, "note", text, f"Note: {text}"))

    def _pick(
        self, title: str, options: dict[str, str], take: Callable[[str], object], first: int = 0
    ) -> None:
        """One of many, a page at a time."""
        keys = list(options)
        shown = {key: options[key] for key in keys[first : first + PER_PAGE]}
        following = first + PER_PAGE if first + PER_PAGE < len(keys) else 0
        if len(keys) > PER_PAGE:
            shown[MORE] = "More"

        def picked(key: str) -> None:
            if key == MORE:
                self._pick(title, options, take, following)
            else:
                take(key)

        self.screen.edit().ask_choice(title, shown, picked, columns=4)

    def _at(
        self,
        session: str,
        what: str,
        of: str,
        words: str,
        amount: float = 0.0,
        route: str = "",
        reason: str = "",
    ) -> None:
        def take(at: str) -> None:
            self._ask_sign(
                f"{at}  {words}\nWritten later.",
                "Sign late entry",
                lambda staff, pin: AddLate(session, what, of, at, reason, staff, pin, amount, route),
            )

        self._ask_clock(f"{words}: when?", take)

    # ------------------------------------------------------------------ time and signature

    def _ask_clock(self, title: str, take: Callable[[str], object]) -> None:
        editor = self.screen.edit()
        editor.ask_number(
            title,
            "h min",
            lambda number: take(clock_of(number)),
            check=check_clock,
            decimals=0,
            digits=4,
            told="Hours and minutes: 1405 is 14:05.",
        )
        editor.number.show_as(clock_of)

    def _ask_sign(self, head: str, verb: str, make: Callable[[str, str], Amend | AddLate]) -> None:
        editor = self.screen.edit()
        back = self.screen.target("sign_back", "Back", self.screen.stop_editing, role=Role.CRITICAL)
        sign = SignPanel(self.screen, "sign_now", verb, roles=CARES, back=back)
        sign.signed.connect(lambda staff, pin: self._send(make(staff, pin)))
        editor.ask_part("", sign, self.screen.stop_editing)
        # The keys of the PIN need the height of both; Back stands beside the signature.
        for one in (editor.title, editor.back, editor.done_target):
            one.hide()
        sign.begin(f"{self.whose}\n{head}", verb)
        self.sign = sign
        if self.screen.snapshot is not None:
            sign.show_staff(self.screen.snapshot.staff, self.screen.snapshot.who)

    def refused(self, field: str, reason: str) -> bool:
        """Says a wrong PIN beside its dots; False where the refusal is of something else."""
        if self.sign is None or field not in ("pin", "signer"):
            return False
        self.sign.refused(reason)
        return True


def _with_now(field: AmendField) -> str:
    now = " ".join(part for part in (field.now, field.unit) if part)
    return f"{field.label}\n{now} until now" if now else field.label


def _within(field: AmendField, number: float) -> str:
    if field.lowest <= number <= field.highest:
        return ""
    return f"{field.label} is {field.lowest:g} to {field.highest:g} {field.unit}.".replace(" .", ".")
