"""The first run: the clinic's name, who works there, and what is connected. Nothing is kept before all of it fits."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.frames import Answer
from app.messages import AnyAct, DeviceDraft, FirstRunDone, StaffDraft
from ui.screens.base import Screen, main_target
from ui.screens.questions import DEVICES, DeviceQuestions, Person, PersonQuestions, device_words
from ui.sheets.base import Desk, clear
from ui.sheets.sign import ROLE_WORDS
from ui.theme import BOLD_WEIGHT, GAP, Token
from ui.widgets.target import Form, State, Target

_PEOPLE_SHOWN = 5


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
        self.persons = PersonQuestions(self, self._taken_initials)
        self.ports = DeviceQuestions(self, self._set_device)
        title = self.words("Welcome to Chairside", token=Token.CRITICAL, weight=BOLD_WEIGHT)
        self.fields = {"clinic": self.field("field.clinic", "Clinic", self._ask_clinic)}
        for device, label in DEVICES.items():
            self.fields[device] = self.field(f"field.{device}", label, partial(self.ports.ask, device))
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
        return device_words(chosen.driver, chosen.port)

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

    def _taken_initials(self, but: Person) -> set[str]:
        return {one.initials.casefold() for one in self.people if one is not but}

    def _add(self) -> None:
        self.persons.ask(Person(), self._ask_pin)

    def _ask_pin(self, person: Person) -> None:
        self.persons.ask_pin(person.name, lambda pin: self._take_person(person, pin))

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
            lambda key: self.persons.ask(person, self._ask_pin) if key == "change" else self._remove(person),
        )

    def _remove(self, person: Person) -> None:
        self.people.remove(person)
        self.stop_editing()

    # ------------------------------------------------------------------ devices

    def _set_device(self, chosen: DeviceDraft) -> None:
        self.devices[chosen.device] = chosen
        self._refusals.pop(chosen.device, None)
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
