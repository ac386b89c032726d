"""Set-up after the first run: monitor and pump, the sound, how the key is kept, who works here, one's own PIN."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.frames import Answer, DeviceSetup, StaffRow
from app.messages import (
    AddStaff,
    AnyAct,
    ChangeStaff,
    ChooseDevice,
    DeviceDraft,
    ReleaseStaff,
    SayHeard,
    SetStaffPin,
    StaffDraft,
    SwitchSound,
    TrySound,
)
from app.roles import SWITCHES_SOUND
from app.sound_frames import SoundFrame
from ui.screens.base import ONLY_ADMINISTRATORS, Screen
from ui.screens.questions import (
    DEVICES,
    DeviceQuestions,
    Person,
    PersonQuestions,
    device_words,
)
from ui.sheets.base import Desk, clear
from ui.sheets.sign import ROLE_WORDS
from ui.theme import BOLD_WEIGHT, GAP, NORMAL, Token
from ui.widgets.target import Form, Role, State, Target
from ui.widgets.words import Words

SOUND_OFF_WORDS = (
    "Leave it off where the monitor’s own alarms are heard: two tones for one alarm confuse. "
    "Switch it on where they are not heard well. The monitor’s alarms stay on all the same."
)
SOUND_ON_WORDS = "Switched off, the alarms of Chairside are seen and not heard. The monitor’s alarms stay on."
SOUND_WHO_WORDS = "An anesthetist or an administrator switches it on or off."
TRIAL_WORDS = "Low: one pulse. Medium: three. High: ten. Listen where the nurse stands."
KEY_MM: Final = 84.0
"""Its name and the longest of the ways in which it is kept, beside one another."""

MakeAct = Callable[[str], AnyAct]


class SetUpScreen(Screen):
    """Devices and the trial of the sound for everybody, its switch for physicians too, staff for administrators.

    Targets: "field.<monitor|pump|sound|key>", "person.<n>", "staff_earlier", "staff_later", "add_person", "own_pin",
    "back_from_set_up"; in the editor "choice.<driver|n|other|change|pin|leave|role|on|off|try|heard|not>",
    "letter.*", "keyboard.done",
    "pin.*", "pin_set", "editor.done", "editor.back".
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.page = 0
        self._listening = False
        self._shown: tuple[object, ...] = ()
        self.persons = PersonQuestions(self, self._taken_initials)
        self.ports = DeviceQuestions(self, self._choose)
        self.fields = {
            device: self.field(f"field.{device}", label, partial(self.ports.ask, device))
            for device, label in DEVICES.items()
        }
        self.says: dict[str, Words] = {device: self.words(wrap=True, role="text2") for device in DEVICES}
        self.key = self.field("field.key", "Key of the record", partial(self.wants.emit, "key"))
        self.key.setMinimumWidth(self.mm(KEY_MM))
        self.sound = self.field("field.sound", "Sound", self._ask_sound)
        self.sound_says = self.words(wrap=True, role="text2")
        self.rows = QVBoxLayout()
        self.rows.setSpacing(self.mm(GAP))
        self.staff_words = self.words("Staff", token=Token.STRONG, weight=BOLD_WEIGHT)
        self.earlier = self.target("staff_earlier", "Earlier", partial(self._turn, -1))
        self.later = self.target("staff_later", "Later", partial(self._turn, 1))
        self.add = self.target("add_person", "Add a person", self._add, icon="user", form=Form.LEFT)
        self.own = self.target("own_pin", "My PIN", self._own_pin, icon="lock", form=Form.LEFT)
        self.back = self.target(
            "back_from_set_up",
            "Back",
            lambda: self.wants.emit(""),
            icon="undo",
            form=Form.LEFT,
            role=Role.CRITICAL,
        )
        self.add.barred_touched.connect(self._say)
        left = self.column(self.words("Devices", token=Token.STRONG, weight=BOLD_WEIGHT))
        for device in DEVICES:
            left.addWidget(self.fields[device])
            left.addWidget(self.says[device])
        left.addWidget(self.sound)
        left.addWidget(self.sound_says)
        left.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.mm(8.0))
        grid.addLayout(left, 0, 0)
        grid.addLayout(self.column(self.staff_words, self.rows, None), 0, 1)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid, 1)
        self.body.addLayout(self.row(self.back, self.key, None, self.earlier, self.later, self.own, self.add))

    # ------------------------------------------------------------------ what it shows

    def refresh(self) -> None:
        """Devices as they are heard; the staff for an administrator, else whoever is here."""
        super().refresh()
        if self.snapshot is None:
            return
        for device in self.snapshot.devices:
            self._show_device(device)
        if self.snapshot.key is not None:
            self.show_field(self.key, self.snapshot.key.kept)
        self.key.setVisible(self.snapshot.key is not None)
        self._show_sound(self.snapshot.alarms.sound)
        boss = self.is_administrator()
        self.add.set_state(State.NORMAL if boss else State.BARRED, "" if boss else ONLY_ADMINISTRATORS)
        self._show_people(boss)

    def _show_device(self, device: DeviceSetup) -> None:
        self.show_field(self.fields[device.device], device_words(device.driver, device.port))
        if not device.ok:
            self.fields[device.device].set_icon("unplugged")
        self.says[device.device].set_text(f"{device.says[:1].upper()}{device.says[1:]}.")

    def _show_sound(self, sound: SoundFrame | None) -> None:
        if sound is None:
            return
        self.show_field(self.sound, "off" if sound.state == "off" else "on")
        self.sound.set_icon("bell" if sound.state in ("on", "paused") else "bell-off")
        self.sound_says.set_text(f"{sound.words} {sound.tested}")
        if self._listening and sound.failed:
            self.editor.wrong(sound.failed)

    def _staff(self) -> tuple[StaffRow, ...]:
        return self.snapshot.staff if self.snapshot is not None else ()

    def _per_page(self) -> int:
        used = self.staff_words.height() + self.back.height() + self.mm(3 * GAP)
        return max(2, (self.overview.height() - used) // (self.mm(NORMAL) + self.mm(GAP)))

    def _show_people(self, boss: bool) -> None:
        count, staff = self._per_page(), self._staff()
        pages = max(1, -(-len(staff) // count))
        self.page = min(self.page, pages - 1)
        for target, there in ((self.earlier, self.page > 0), (self.later, self.page < pages - 1)):
            target.setVisible(pages > 1)
            target.set_state(State.NORMAL if there else State.BARRED, "" if there else "no more")
        shown = (staff[self.page * count : (self.page + 1) * count], boss, self.page)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self.rows)
        for number, person in enumerate(staff):
            if number // count == self.page:
                self.rows.addWidget(self._person_row(number, person, boss))

    def _person_row(self, number: int, person: StaffRow, boss: bool) -> Target:
        return self.target(
            f"person.{number}",
            f"{person.name} ({person.initials})",
            partial(self._edit, person) if boss else partial(self._say, ONLY_ADMINISTRATORS),
            value=", ".join(ROLE_WORDS[role].lower() for role in person.roles),
            form=Form.ROW,
            state=State.NORMAL if boss else State.QUIET,
        )

    def _turn(self, pages: int) -> None:
        self.page = max(0, self.page + pages)
        self.refresh()

    def _say(self, reason: str) -> None:
        self.ask_card.refuse(f"{reason[:1].upper()}{reason[1:]}.")

    # ------------------------------------------------------------------ devices

    def _choose(self, chosen: DeviceDraft) -> None:
        self.send(ChooseDevice(chosen))

    # ------------------------------------------------------------------ sound

    def _ask_sound(self) -> None:
        """Switch it, where whoever is here may, or try it."""
        sound = self.snapshot.alarms.sound if self.snapshot is not None else None
        if sound is None:
            return
        off, me = sound.state == "off", self.me()
        options, told = {"try": "Play each tone once"}, SOUND_WHO_WORDS
        if me is not None and any(role in SWITCHES_SOUND for role in me.roles):
            options = {"on": "Switch on"} | options if off else {"off": "Switch off"} | options
            told = SOUND_OFF_WORDS if off else SOUND_ON_WORDS
        self.edit().ask_choice("Sound of Chairside’s alarms", options, self._take_sound, told=told)

    def _take_sound(self, what: str) -> None:
        if what != "try":
            self.send(SwitchSound(what == "on"))
            return
        self._listening = True
        self.send(TrySound())
        options = {"heard": "Heard all three", "not": "Not all heard"}
        self.edit().ask_choice("Were all three tones heard?", options, self._say_heard, told=TRIAL_WORDS)

    def _say_heard(self, said: str) -> None:
        self.send(SayHeard(said == "heard"))

    # ------------------------------------------------------------------ staff

    def _taken_initials(self, but: Person) -> set[str]:
        kept = but.initials.casefold()
        return {row.initials.casefold() for row in self._staff()} - {kept}

    def _add(self) -> None:
        self.persons.ask(Person(), self._new_pin)

    def _new_pin(self, person: Person) -> None:
        def take(pin: str) -> None:
            draft = StaffDraft(person.name, person.initials, person.roles, pin)
            self._sign(f"add {person.name}", lambda mine: AddStaff(draft, mine))

        self.persons.ask_pin(person.name, take)

    def _edit(self, row: StaffRow) -> None:
        options = {"change": "Name and roles", "pin": "Another PIN", "leave": "Works here no more"}
        self.edit().ask_choice(f"{row.name} ({row.initials})", options, partial(self._edit_as, row))

    def _edit_as(self, row: StaffRow, what: str) -> None:
        match what:
            case "change":
                self.persons.ask(Person(row.name, row.initials, row.roles), partial(self._changed, row.staff))
            case "pin":
                self._another_pin(row)
            case _:
                self._sign(f"let {row.name} go", lambda mine: ReleaseStaff(row.staff, mine))

    def _changed(self, staff: str, person: Person) -> None:
        self._sign(
            f"change {person.name}",
            lambda mine: ChangeStaff(staff, person.name, person.initials, person.roles, mine),
        )

    def _own_pin(self) -> None:
        me = self.me()
        if me is not None:
            self.edit()
            self._another_pin(me)

    def _another_pin(self, row: StaffRow) -> None:
        self.persons.ask_pin(
            row.name,
            lambda pin: self._sign(
                f"set the PIN of {row.name}", lambda mine: SetStaffPin(row.staff, pin, mine)
            ),
        )

    def _sign(self, what: str, make: MakeAct) -> None:
        """Whoever is here signs with their PIN as it is now."""
        me = self.me()
        if me is None:
            return
        self.edit().ask_pin(f"Your PIN, {me.name}, to {what}", lambda mine: self.send(make(mine)))

    # ------------------------------------------------------------------ what becomes of it

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """The overview again; while tones are played the question about them stays."""
        if not isinstance(act, TrySound):
            self.stop_editing()

    def stop_editing(self) -> None:
        """The overview; nobody listens for tones any more."""
        self._listening = False
        super().stop_editing()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """At the PIN where that was wrong, else in words over the overview."""
        if answer.field == "pin" and self.is_asking():
            self.editor.pin.clear(answer.reason)
            return
        self.stop_editing()
        self.ask_card.refuse(answer.reason)
