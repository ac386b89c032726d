"""The bundled fonts: loaded before the first window, missed by name rather than replaced in silence."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFontDatabase

from ui.theme import DIGITS_FAMILY, TEXT_FAMILY

FAMILIES = (TEXT_FAMILY, DIGITS_FAMILY)


class FontsMissing(Exception):
    """A bundled font family could not be loaded; without it texts would have another size, or none."""


def load_fonts() -> None:
    """Adds every bundled font to the application; raises FontsMissing."""
    loaded: set[str] = set()
    for file in files("resources").joinpath("fonts").iterdir():
        if file.name.endswith(".ttf"):
            number = QFontDatabase.addApplicationFontFromData(QByteArray(file.read_bytes()))
            if number >= 0:
                loaded.update(QFontDatabase.applicationFontFamilies(number))
    missing = [family for family in FAMILIES if family not in loaded]
    if missing:
        raise FontsMissing(", ".join(missing))
