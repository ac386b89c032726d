"""Acts of set-up after the first run: another port, staff that come, change and go, another PIN."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.entries import CLINIC, AnyBody, DeviceChosen, PinSet, StaffAdded, StaffChanged, StaffLeft
from app.frames import Answer
from app.messages import (
    AddStaff,
    ChangeStaff,
    ChooseDevice,
    DeviceDraft,
    ReleaseStaff,
    SetStaffPin,
    Tap,
)
from app.refusals import Refused
from app.roles import ADMINISTRATOR, PHYSICIANS, ROLES

if TYPE_CHECKING:
    from app.engine import Engine

PIN_SHORTEST = 4
PIN_LONGEST = 8
DEVICES = ("monitor", "pump")

Do = Callable[["Engine", Tap, Any, str], Answer]
StaffAct = AddStaff | ChangeStaff | SetStaffPin | ReleaseStaff


def signer(engine: Engine, act: StaffAct) -> tuple[str, str]:
    """Whose PIN signs a change of the staff: that of who is here.

    The table of roles has asked for an administrator; but everybody may set their own PIN, and nobody else's.
    """
    others = isinstance(act, SetStaffPin) and act.staff != engine.who
    if others and not engine.clinic.may(engine.who, ADMINISTRATOR):
        raise Refused("staff", "An administrator changes the staff.")
    return engine.who, act.pin


def check_person(name: str, initials: str, roles: tuple[str, ...]) -> None:
    """Refuses a member of staff whose name, initials or roles cannot be."""
    if not name.strip():
        raise Refused("name", "Every member of staff needs a name.")
    if not 1 <= len(initials) <= 4:
        raise Refused("initials", f"{name}: initials of one to four letters.")
    if not roles or any(role not in ROLES for role in roles):
        raise Refused("roles", f"{name}: choose at least one role.")


def check_pin(name: str, pin: str) -> None:
    """Refuses a PIN that is none."""
    if not (pin.isascii() and pin.isdigit()) or not PIN_SHORTEST <= len(pin) <= PIN_LONGEST:
        raise Refused("pin", f"{name}: a PIN of {PIN_SHORTEST} to {PIN_LONGEST} digits.")


def check_device(device: DeviceDraft) -> None:
    """Refuses what is no monitor and no pump, and a driver without a port."""
    if device.device not in DEVICES:
        raise Refused("devices", "A device is a monitor or a pump.")
    if device.driver and not device.port.strip():
        raise Refused(device.device, "Choose the port where it is connected.")


def _choose_device(engine: Engine, tap: Tap, act: ChooseDevice, author: str) -> Answer:
    if engine.demo:
        raise Refused(act.device.device, "In a demonstration the devices are simulated and stay so.")
    check_device(act.device)
    chosen = DeviceChosen(act.device.device, act.device.driver, act.device.port.strip())
    if engine.clinic.devices.get(chosen.device) == chosen:
        return Answer("taken")
    engine.write(chosen, tap.at, author, CLINIC)
    if engine.session is not None and not engine.session.finished:
        engine.write(chosen, tap.at, author)
    engine.changed_device(chosen)
    return Answer("taken")


def _known(engine: Engine, staff: str) -> StaffAdded:
    person = engine.clinic.here().get(staff)
    if person is None:
        raise Refused("staff", "This person does not work here any more.")
    return person


def _check_initials(engine: Engine, initials: str, but: str = "") -> None:
    others = {person.initials.casefold() for staff, person in engine.clinic.here().items() if staff != but}
    if initials.casefold() in others:
        raise Refused("initials", f"Somebody has the initials {initials} already.")


def _check_roles_left(engine: Engine, staff: str, roles: tuple[str, ...]) -> None:
    """Refuses what would leave nobody who administers, or nobody who signs orders."""
    others = {role for one, person in engine.clinic.here().items() if one != staff for role in person.roles}
    left = others | set(roles)
    if "administrator" not in left:
        raise Refused("roles", "One person must be administrator.")
    if not left & set(PHYSICIANS):
        raise Refused("roles", "Somebody must sign orders: an anesthetist or the medical director.")


def _add(engine: Engine, tap: Tap, act: AddStaff, author: str) -> Answer:
    person = act.person
    check_person(person.name, person.initials, person.roles)
    check_pin(person.name, person.pin)
    _check_initials(engine, person.initials)
    staff = engine.new_id()
    added = StaffAdded(staff, person.name.strip(), person.initials, person.roles)
    engine.set_pin(staff, person.pin)
    return _written(engine, tap, author, added)


def _change(engine: Engine, tap: Tap, act: ChangeStaff, author: str) -> Answer:
    _known(engine, act.staff)
    check_person(act.name, act.initials, act.roles)
    _check_initials(engine, act.initials, act.staff)
    _check_roles_left(engine, act.staff, act.roles)
    return _written(engine, tap, author, StaffChanged(act.staff, act.name.strip(), act.initials, act.roles))


def _set_pin(engine: Engine, tap: Tap, act: SetStaffPin, author: str) -> Answer:
    check_pin(_known(engine, act.staff).name, act.new_pin)
    engine.set_pin(act.staff, act.new_pin)
    return _written(engine, tap, author, PinSet(act.staff))


def _release(engine: Engine, tap: Tap, act: ReleaseStaff, author: str) -> Answer:
    _known(engine, act.staff)
    if act.staff == engine.who:
        raise Refused("staff", "You are here yourself. Another administrator does this.")
    _check_roles_left(engine, act.staff, ())
    return _written(engine, tap, author, StaffLeft(act.staff))


def _written(engine: Engine, tap: Tap, author: str, body: AnyBody) -> Answer:
    entry = engine.write(body, tap.at, author, CLINIC)
    return Answer("taken", entry=entry.uuid)


SETUP_ACTS: dict[type, Do] = {
    ChooseDevice: _choose_device,
    AddStaff: _add,
    ChangeStaff: _change,
    SetStaffPin: _set_pin,
    ReleaseStaff: _release,
}
