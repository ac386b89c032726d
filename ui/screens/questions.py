"""The questions that first run and set-up share: who a person is, and where a device is connected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from app.messages import DeviceDraft
from app.ports import DriverRow
from ui.screens.base import Screen
from ui.sheets.sign import ROLE_WORDS

DEVICES = {"monitor": "Monitor", "pump": "Pump"}
NONE = "none"
OTHER = "other"


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


def device_words(driver: str, port: str) -> str:
    """A device as a field shows it."""
    return f"{driver} at {port}" if driver else "none"


class PersonQuestions:
    """Name, initials and roles one after the other, in a screen's editor; a PIN, typed twice."""

    def __init__(self, screen: Screen, taken_initials: Callable[[Person], set[str]]) -> None:
        """`taken_initials` are those of everybody else, in small letters."""
        self.screen = screen
        self._others = taken_initials

    def ask(self, person: Person, take: Callable[[Person], object]) -> None:
        """Everything but the PIN."""

        def named(text: str) -> None:
            person.name = text
            self._ask_initials(person, take)

        self.screen.edit().ask_text(
            "Name",
            named,
            text=person.name,
            names=True,
            check=lambda text: "" if text.strip() else "Type the name.",
        )

    def _ask_initials(self, person: Person, then: Callable[[Person], object]) -> None:
        others = self._others(person)

        def check(text: str) -> str:
            if not 1 <= len(text.strip()) <= 4:
                return "One to four letters."
            return "Somebody has these initials already." if text.strip().casefold() in others else ""

        def take(text: str) -> None:
            person.initials = text
            self._ask_roles(person, then)

        editor, text = self.screen.editor, person.initials or initials_of(person.name)
        editor.ask_text(f"Initials of {person.name}", take, text=text, check=check)
        editor.text.keyboard.shifted = True
        editor.text.keyboard.set_text(text)

    def _ask_roles(self, person: Person, then: Callable[[Person], object]) -> None:
        editor = self.screen.editor

        def toggle(role: str) -> None:
            picked = list(person.roles)
            picked.remove(role) if role in picked else picked.append(role)
            person.roles = tuple(one for one in ROLE_WORDS if one in picked)

        def done() -> None:
            if person.roles:
                then(person)
            else:
                editor.wrong("Choose at least one role.")

        editor.ask_many(f"What does {person.name} do?", ROLE_WORDS, person.roles, toggle, done, columns=2)

    def ask_pin(self, name: str, take: Callable[[str], object]) -> None:
        """A PIN for this person, typed twice."""
        editor = self.screen.editor

        def again(pin: str) -> None:
            editor.ask_pin(
                f"The PIN of {name} again",
                take,
                check=lambda second: "" if second == pin else "Not the same: type it again",
            )

        editor.ask_pin(f"A PIN for {name}, 4 to 8 digits", again)


class DeviceQuestions:
    """Which driver, and at which port."""

    def __init__(self, screen: Screen, take: Callable[[DeviceDraft], object]) -> None:
        """`take` gets what was chosen."""
        self.screen = screen
        self._take = take

    def _drivers(self, device: str) -> tuple[DriverRow, ...]:
        devices = self.screen.desk.devices
        rows = devices.drivers() if devices is not None else ()
        return tuple(row for row in rows if row.kind == device)

    def ask(self, device: str) -> None:
        """The driver first, or none."""
        options = {row.id: row.name for row in self._drivers(device)}
        self.screen.edit().ask_choice(
            f"Which {DEVICES[device].lower()} is connected?",
            {**options, NONE: "None"},
            partial(self._ask_port, device),
            columns=2,
        )

    def _ask_port(self, device: str, driver: str) -> None:
        if driver == NONE:
            self._take(DeviceDraft(device, "", ""))
            return
        devices = self.screen.desk.devices
        ports = devices.ports() if devices is not None else ()
        options = {str(number): port for number, (port, _what) in enumerate(ports)}

        def take(key: str) -> None:
            if key == OTHER:
                self._write_port(device, driver)
            else:
                self._take(DeviceDraft(device, driver, ports[int(key)][0]))

        told = "; ".join(f"{port}: {what}" for port, what in ports) or "No serial port was found."
        self.screen.editor.ask_choice(
            f"At which port is the {DEVICES[device].lower()}?",
            {**options, OTHER: "Write an address"},
            take,
            told=told,
        )

    def _write_port(self, device: str, driver: str) -> None:
        self.screen.editor.ask_text(
            "Port, or socket://host:port",
            lambda text: self._take(DeviceDraft(device, driver, text)),
            check=lambda text: "" if text.strip() else "Type the port.",
        )
