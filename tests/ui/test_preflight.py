"""Every sentence that stands between a machine and its first window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ui.preflight import ALWAYS, FONTS, FOR_WAYLAND, FOR_X11, Machine, problems, this_machine

DESKTOP = {"DISPLAY": ":0"}


@pytest.fixture
def good(tmp_path: Path) -> Machine:
    """A Debian desktop that lacks nothing."""
    for name in FONTS:
        (tmp_path / name).touch()
    return Machine(
        python=(3, 11, 2),
        system="linux",
        is_root=False,
        environ=DESKTOP,
        loads=lambda library: True,
        pyside=lambda: "6.11.3",
        x_server_answers=lambda: True,
        fonts=tmp_path,
    )


def lacking(machine: Machine, *libraries: str) -> Machine:
    """The same machine without these libraries."""
    return replace(machine, loads=lambda library: library not in libraries)


def test_a_machine_that_lacks_nothing_is_told_nothing(good: Machine) -> None:
    assert problems(True, good) is None


@pytest.mark.parametrize("python", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_python_3_11_to_3_13_are_taken(good: Machine, python: tuple[int, ...]) -> None:
    assert problems(True, replace(good, python=python)) is None


@pytest.mark.parametrize("python", [(3, 10, 13), (3, 14, 0)])
def test_another_python_is_named_with_the_command_that_brings_one(
    good: Machine, python: tuple[int, ...]
) -> None:
    found = ".".join(map(str, python))
    assert problems(False, replace(good, python=python)) == (
        f"Chairside needs Python 3.11, 3.12 or 3.13 and this is {found}: "
        "sudo apt-get install python3 python3-venv, then make run"
    )


@pytest.mark.parametrize(("library", "package"), list(ALWAYS.items()))
def test_a_missing_library_is_named_with_its_package(good: Machine, library: str, package: str) -> None:
    assert problems(False, lacking(good, library)) == (
        f"The screen cannot be drawn because {library} is missing: sudo apt-get install {package}"
    )


def test_all_missing_libraries_are_named_at_once(good: Machine) -> None:
    said = problems(False, lacking(good, "libEGL.so.1", "libGL.so.1"))
    assert said is not None
    assert said.endswith("libEGL.so.1 and libGL.so.1 are missing: sudo apt-get install libegl1 libgl1")


def test_root_is_not_told_to_use_sudo(good: Machine) -> None:
    said = problems(False, replace(lacking(good, "libEGL.so.1"), is_root=True))
    assert said is not None
    assert said.endswith(": apt-get install libegl1")


@pytest.mark.parametrize(("library", "package"), list(FOR_X11.items()))
def test_a_real_window_needs_the_libraries_of_x11(good: Machine, library: str, package: str) -> None:
    assert problems(True, lacking(good, library)) == (
        f"The screen cannot be drawn because {library} is missing: sudo apt-get install {package}"
    )


def test_offscreen_needs_no_library_of_x11(good: Machine) -> None:
    assert problems(True, replace(lacking(good, *FOR_X11), environ={"QT_QPA_PLATFORM": "offscreen"})) is None
    assert problems(False, lacking(good, *FOR_X11)) is None


def test_on_wayland_the_libraries_of_either_display_are_enough(good: Machine) -> None:
    both = replace(good, environ={"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"})
    assert problems(True, lacking(both, *FOR_X11)) is None
    assert problems(True, lacking(both, *FOR_WAYLAND)) is None
    said = problems(True, lacking(both, "libxcb-cursor.so.0", "libwayland-client.so.0"))
    assert said is not None
    assert "apt-get install libxcb-cursor0" in said


@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "xcb"}])
def test_without_a_display_two_ways_to_go_on_are_named(good: Machine, environ: dict[str, str]) -> None:
    said = problems(True, replace(good, environ=environ))
    assert said is not None
    assert said.startswith("No display was found")
    assert "xvfb-run make run" in said
    assert "QT_QPA_PLATFORM=offscreen make run" in said


def test_without_a_display_a_command_that_needs_none_goes_on(good: Machine) -> None:
    assert problems(False, replace(good, environ={})) is None


def test_a_display_that_does_not_answer_is_said_before_qt_aborts(good: Machine) -> None:
    said = problems(True, replace(good, x_server_answers=lambda: False))
    assert said == (
        "The display :0 does not answer: start Chairside from the desktop, or type xvfb-run make run"
    )


def test_a_missing_pyside_names_the_command_that_installs_it(good: Machine) -> None:
    said = problems(False, replace(good, pyside=lambda: None))
    assert said == "PySide6 is not installed for this Python: make run"


@pytest.mark.parametrize("version", ["6.11.2", "6.12.0", "5.15.2", "7.0.0", "unknown"])
def test_a_pyside_outside_its_pin_is_refused(good: Machine, version: str) -> None:
    assert problems(False, replace(good, pyside=lambda: version)) == (
        f"PySide6 {version} is installed and Chairside needs 6.11.3 or later, below 6.12: make clean run"
    )


@pytest.mark.parametrize("version", ["6.11.3", "6.11.4", "6.11.10"])
def test_a_pyside_inside_its_pin_is_taken(good: Machine, version: str) -> None:
    assert problems(False, replace(good, pyside=lambda: version)) is None


def test_a_missing_font_names_the_command_that_brings_it_back(good: Machine) -> None:
    (good.fonts / FONTS[2]).unlink()
    assert problems(False, good) == (
        f"Chairside's own font {FONTS[2]} is missing from resources/fonts: git restore resources/fonts"
    )


def test_windows_and_macos_are_asked_for_no_debian_package(good: Machine) -> None:
    elsewhere = replace(lacking(good, *ALWAYS, *FOR_X11), system="win32", environ={})
    assert problems(True, elsewhere) is None


def test_this_machine_can_run_its_own_tests() -> None:
    assert problems(False) is None


def test_an_x_server_that_is_not_there_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":7777")
    assert not this_machine().x_server_answers()


def test_a_library_that_is_not_there_does_not_load() -> None:
    machine = this_machine()
    assert not machine.loads("libchairside-is-no-library.so.7")
