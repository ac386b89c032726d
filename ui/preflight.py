"""What must be there before Qt is loaded: Qt aborts where Python could still speak.

Runs on any Python from 3.8, so that a wrong Python gets its sentence too. No import of Qt at module level.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

PYTHON_FROM, PYTHON_BELOW = (3, 11), (3, 14)
PYSIDE_FROM, PYSIDE_BELOW = (6, 11, 3), (6, 12)

FONTS = (
    "ChairsideText-Medium.ttf",
    "ChairsideText-SemiBold.ttf",
    "ChairsideDigits-Medium.ttf",
    "ChairsideDigits-SemiBold.ttf",
)

# Shared library -> Debian package: what libQt6Core, Gui, DBus and Widgets of the PySide6 wheel are linked to,
# then what their X11 and Wayland plugins need besides.
ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libzstd.so.1": "libzstd1",
}
FOR_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FOR_WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}


@dataclass(frozen=True)
class Machine:
    """What the checks ask of the machine; a test answers in its stead."""

    python: tuple[int, ...]
    system: str
    is_root: bool
    environ: Mapping[str, str]
    loads: Callable[[str], bool]
    pyside: Callable[[], str | None]
    x_server_answers: Callable[[], bool]
    fonts: Path


def this_machine() -> Machine:
    """The machine Chairside was started on."""
    return Machine(
        python=tuple(sys.version_info[:3]),
        system=sys.platform,
        is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
        environ=os.environ,
        loads=_loads,
        pyside=_pyside,
        x_server_answers=_x_server_answers,
        fonts=Path(__file__).resolve().parent.parent / "resources" / "fonts",
    )


def problems(display_needed: bool, machine: Machine | None = None) -> str | None:
    """What would stop a start, in one sentence that names the command to type; None when all is well.

    With `display_needed` false nothing about a display is asked: the caller paints offscreen.
    """
    machine = machine or this_machine()
    return (
        _python(machine)
        or _libraries(machine, [ALWAYS])
        or _qt(machine)
        or (_display(machine) if display_needed else None)
        or _fonts(machine)
    )


def wrong_python() -> str | None:
    """The sentence about a Python that Chairside does not run on; what every command asks first."""
    return _python(this_machine()) or _bare()


def _bare() -> str | None:
    """None when Chairside's libraries are installed for this Python: all came at once, one stands for them."""
    if find_spec("msgspec") is not None:
        return None
    return "Chairside's libraries are not installed for this Python: make run, then .venv/bin/python main.py"


def _python(machine: Machine) -> str | None:
    if PYTHON_FROM <= machine.python[:2] < PYTHON_BELOW:
        return None
    found = ".".join(str(part) for part in machine.python)
    install = _apt(machine, ["python3", "python3-venv"]) if _is_linux(machine) else "install Python 3.13"
    return f"Chairside needs Python 3.11, 3.12 or 3.13 and this is {found}: {install}, then make run"


def _libraries(machine: Machine, choices: list[dict[str, str]]) -> str | None:
    """None when every library of one of the choices loads; otherwise what the first choice lacks."""
    if not _is_linux(machine):
        return None
    lacking = [[library for library in choice if not machine.loads(library)] for choice in choices]
    if not all(lacking):
        return None
    packages = sorted({choices[0][library] for library in lacking[0]})
    names = " and ".join(lacking[0]) + (" are" if len(lacking[0]) > 1 else " is")
    return f"The screen cannot be drawn because {names} missing: {_apt(machine, packages)}"


def _qt(machine: Machine) -> str | None:
    found = machine.pyside()
    if found is None:
        return "PySide6 is not installed for this Python: make run"
    version = tuple(int(part) for part in found.split(".")[:3] if part.isdigit())
    if PYSIDE_FROM <= version < PYSIDE_BELOW:
        return None
    return f"PySide6 {found} is installed and Chairside needs 6.11.3 or later, below 6.12: make clean run"


def _display(machine: Machine) -> str | None:
    if not _is_linux(machine):
        return None
    platform = machine.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if platform not in ("", "xcb", "wayland"):
        return None
    x11 = bool(machine.environ.get("DISPLAY")) and platform != "wayland"
    wayland = bool(machine.environ.get("WAYLAND_DISPLAY")) and platform != "xcb"
    if not x11 and not wayland:
        return (
            "No display was found (DISPLAY and WAYLAND_DISPLAY are empty): start Chairside from the desktop, "
            "or type xvfb-run make run to draw in memory, or QT_QPA_PLATFORM=offscreen make run"
        )
    lacking = _libraries(machine, [FOR_X11] * x11 + [FOR_WAYLAND] * wayland)
    if lacking or wayland or machine.x_server_answers():
        return lacking
    return (
        f"The display {machine.environ['DISPLAY']} does not answer: start Chairside from the desktop, "
        "or type xvfb-run make run"
    )


def _fonts(machine: Machine) -> str | None:
    missing = [name for name in FONTS if not (machine.fonts / name).is_file()]
    if not missing:
        return None
    return f"Chairside's own font {missing[0]} is missing from resources/fonts: git restore resources/fonts"


def _is_linux(machine: Machine) -> bool:
    return machine.system.startswith("linux")


def _apt(machine: Machine, packages: list[str]) -> str:
    return ("" if machine.is_root else "sudo ") + "apt-get install " + " ".join(packages)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _pyside() -> str | None:
    """The installed version; not by an import, since PySide6 slows every import that comes after its own."""
    try:
        return version("PySide6-Essentials")
    except PackageNotFoundError:
        return None


def _x_server_answers() -> bool:
    """Whether the X server that DISPLAY names takes a connection; Qt aborts when it does not."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return bool(answers)
