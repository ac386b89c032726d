"""The first run: the clinic's name, who works there, and what is connected. Nothing is kept before all of it fits."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.frames import Answer
from app.messages import AnyAct, DeviceDraft, FirstRunDone, StaffDraft
from app.ports import DriverRow
from ui.screens.base import Screen, main_target
from ui.sheets.base import Desk, clear
from ui.theme import BOLD_WEIGHT, GAP, Token
from ui.widgets.target import Form, State, Target

ROLE_WORDS = {
    "nurse": "Nurse",
    "anesthetist": "Anesthetist",
    "director": "Medical director",
    "administrator": "Administrator",
}
DEVICES = {"monitor": "Monitor", "pump": "Pump"}
NONE = "none"
OTHER = "other"
_PEOPLE_SHOWN = 5


class Person(msgspec.Struct):
    """A member of staff while being entered."""

    name: str = ""
    initials: str = ""
    roles: tuple[str, ...] = ()
    pin: str = ""


def initials_of(name: str) -> str:
    """What the initials are likely to be: the first letters of the words, without a title."""
    words = [word for word in name.split() if not word.endswith(".") or len(word) == 2]
    return "".join(word[0] for word in words).upper()[:4]


def problems(clinic: str, people: list[Person], devices: dict[str, DeviceDraft]) -> dict[str, str]:
    """Everything that is wrong or missing, by field, each in words."""
    found: dict[str, str] = {}
    if not clinic.strip():
        found["clinic"] = "needed"
    roles = {role for person in people for role in person.roles}
    if "administrator" not in roles:
        found["staff"] = "An administrator is needed."
    elif not roles & {"anesthetist", "director"}:
        found["staff"] = "Somebody who signs orders is needed."
    marks = [person.initials.casefold() for person in people]
    if len(set(marks)) < len(marks):
        found["staff"] = "Two people have the same initials."
    for device in DEVICES:
        if device not in devices:
            found[device] = "choose, or none"
    return found


TO_FILL = "Name the clinic, choose monitor and pump or none, add the staff: one administrator at least."


class FirstRunScreen(Screen):
    """Targets: "field.<clinic|monitor|pump>", "add_person", "person.<n>", "remove_person", "finish_first_run".

    Fields open the editor: "choice.<key>", "letter.*", "keyboard.done", "pin.*", "pin_set".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Everything is still to be filled."""
        super().__init__(desk, parent)
        self.clinic = ""
        self.people: list[Person] = []
        self.devices: dict[str, DeviceDraft] = {}
        self._refusals: dict[str, str] = {}
        self._tried = False
        self._shown: tuple[object, ...] = ()
        title = self.words("Welcome to Chairside", token=Token.CRITICAL, weight=BOLD_WEIGHT)
        self.fields = {"clinic": self.field("field.clinic", "Clinic", self._ask_clinic)}
        for device, label in DEVICES.items():
            self.fields[device] = self.field(f"field.{device}", label, partial(self._ask_driver, device))
        self.staff_words = self.words("Staff", weight=BOLD_WEIGHT)
        self.staff_wrong = self.words(role="text", wrap=True)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(self.mm(GAP))
        self.add = self.target("add_person", "Add a person", self._add, icon="user", form=Form.LEFT)
        self.finish = main_target(self, "finish_first_run", "Start using Chairside", self._finish)
        self.finish.barred_touched.connect(lambda _reason: self._show_problems())
        left = self.column(*self.fields.values(), None)
        right = self.column(self.row(self.staff_words, self.staff_wrong), self.rows, None)
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.mm(8.0))
        grid.addLayout(left, 0, 0)
        grid.addLayout(right, 0, 1)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.body.addWidget(title)
        self.body.addLayout(grid, 1)
        self.says = self.words(wrap=True, role="text2")
        foot = self.row(self.add, self.says, self.finish)
        foot.setStretchFactor(self.says, 1)
        self.body.addLayout(foot)

    # ------------------------------------------------------------------ what it shows

    def refresh(self) -> None:
        """Every field with its value; what is wrong stands beside it once Start was touched."""
        super().refresh()
        wrong = {**problems(self.clinic, self.people, self.devices), **self._refusals}
        shown = wrong if self._tried else self._refusals
        self.show_field(self.fields["clinic"], self.clinic, wrong=shown.get("clinic", ""))
        for device in DEVICES:
            self.show_field(self.fields[device], self._device_words(device), wrong=shown.get(device, ""))
        self.staff_wrong.set_text(shown.get("staff", ""))
        self.says.set_text(TO_FILL if wrong else "Everything is filled.")
        waiting = self.is_waiting()
        self.finish.set_state(
            State.SAVING if waiting else (State.BARRED if wrong else State.MAIN), "not complete"
        )
        self._show_people()

    def _device_words(self, device: str) -> str:
        chosen = self.devices.get(device)
        if chosen is None:
            return ""
        return f"{chosen.driver} at {chosen.port}" if chosen.driver else "none"

    def _show_people(self) -> None:
        shown = tuple((person.name, person.initials, person.roles) for person in self.people)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self.rows)
        for number, person in enumerate(self.people[-_PEOPLE_SHOWN:]):
            first = max(0, len(self.people) - _PEOPLE_SHOWN)
            self.rows.addWidget(self._person_row(first + number, person))

    def _person_row(self, number: int, person: Person) -> Target:
        roles = ", ".join(ROLE_WORDS[role].lower() for role in person.roles)
        return self.target(
            f"person.{number}",
            f"{person.name} ({person.initials})",
            partial(self._edit, number),
            value=roles,
            form=Form.ROW,
        )

    def _show_problems(self) -> None:
        self._tried = True
        self.refresh()

    # ------------------------------------------------------------------ clinic and staff

    def _ask_clinic(self) -> None:
        self.edit().ask_text("The clinic's name", self._set_clinic, text=self.clinic, names=True)

    def _set_clinic(self, text: str) -> None:
        self.clinic = text
        self._refusals.pop("clinic", None)
        self.stop_editing()

    def _add(self) -> None:
        self._ask_name(Person())

    def _ask_name(self, person: Person) -> None:
        def take(text: str) -> None:
            person.name = text
            self._ask_initials(person)

        self.edit().ask_text(
            "Name",
            take,
            text=person.name,
            names=True,
            check=lambda text: "" if text.strip() else "Type the name.",
        )

    def _ask_initials(self, person: Person) -> None:
        others = {one.initials.casefold() for one in self.people if one is not person}

        def check(text: str) -> str:
            if not 1 <= len(text.strip()) <= 4:
                return "One to four letters."
            return "Somebody has these initials already." if text.strip().casefold() in others else ""

        def take(text: str) -> None:
            person.initials = text
            self._ask_roles(person)

        text = person.initials or initials_of(person.name)
        self.editor.ask_text(f"Initials of {person.name}", take, text=text, check=check)
        self.editor.text.keyboard.shifted = True
        self.editor.text.keyboard.set_text(text)

    def _ask_roles(self, person: Person) -> None:
        def toggle(role: str) -> None:
            picked = list(person.roles)
            picked.remove(role) if role in picked else picked.append(role)
            person.roles = tuple(one for one in ROLE_WORDS if one in picked)

        def done() -> None:
            if person.roles:
                self._ask_pin(person)
            else:
                self.editor.wrong("Choose at least one role.")

        self.editor.ask_many(
            f"What does {person.name} do?", ROLE_WORDS, person.roles, toggle, done, columns=2
        )

    def _ask_pin(self, person: Person) -> None:
        def again(pin: str) -> None:
            self.editor.ask_pin(
                f"The PIN of {person.name} again",
                lambda _same: self._take_person(person, pin),
                check=lambda second: "" if second == pin else "Not the same: type it again",
            )

        self.editor.ask_pin(f"A PIN for {person.name}, 4 to 8 digits", again)

    def _take_person(self, person: Person, pin: str) -> None:
        person.pin = pin
        if person not in self.people:
            self.people.append(person)
        self._refusals.pop("staff", None)
        self.stop_editing()

    def _edit(self, number: int) -> None:
        person = self.people[number]
        self.edit().ask_choice(
            f"{person.name} ({person.initials})",
            {"change": "Change", "remove": "Remove"},
            lambda key: self._ask_name(person) if key == "change" else self._remove(person),
        )

    def _remove(self, person: Person) -> None:
        self.people.remove(person)
        self.stop_editing()

    # ------------------------------------------------------------------ devices

    def _drivers(self, device: str) -> tuple[DriverRow, ...]:
        rows = self.desk.devices.drivers() if self.desk.devices is not None else ()
        return tuple(row for row in rows if row.kind == device)

    def _ask_driver(self, device: str) -> None:
        options = {row.id: row.name for row in self._drivers(device)}
        self.edit().ask_choice(
            f"Which {DEVICES[device].lower()} is connected?",
            {**options, NONE: "None"},
            partial(self._choose_driver, device),
            columns=2,
        )

    def _choose_driver(self, device: str, driver: str) -> None:
        if driver == NONE:
            self._set_device(device, "", "")
            return
        ports = self.desk.devices.ports() if self.desk.devices is not None else ()
        options = {str(number): port for number, (port, _what) in enumerate(ports)}

        def take(key: str) -> None:
            if key == OTHER:
                self._write_port(device, driver)
            else:
                self._set_device(device, driver, ports[int(key)][0])

        told = "; ".join(f"{port}: {what}" for port, what in ports) or "No serial port was found."
        self.editor.ask_choice(
            f"At which port is the {DEVICES[device].lower()}?",
            {**options, OTHER: "Write an address"},
            take,
            told=told,
        )

    def _write_port(self, device: str, driver: str) -> None:
        self.editor.ask_text(
            "Port, or socket://host:port",
            lambda text: self._set_device(device, driver, text),
            check=lambda text: "" if text.strip() else "Type the port.",
        )

    def _set_device(self, device: str, driver: str, port: str) -> None:
        self.devices[device] = DeviceDraft(device, driver, port)
        self._refusals.pop(device, None)
        self.stop_editing()

    # ------------------------------------------------------------------ the end of it

    def _finish(self) -> None:
        staff = tuple(StaffDraft(one.name, one.initials, one.roles, one.pin) for one in self.people)
        self.send(FirstRunDone(self.clinic, staff, tuple(self.devices.values())))
        self.refresh()

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The PINs are forgotten here; the snapshot's phase brings the unlock screen."""
        self.people.clear()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Beside its field, where it has one."""
        field = "staff" if answer.field in ("name", "initials", "roles", "pin", "staff") else answer.field
        if field in (*self.fields, "staff"):
            self._refusals[field] = answer.reason
            self.refresh()
        else:
            self.ask_card.refuse(answer.reason)
