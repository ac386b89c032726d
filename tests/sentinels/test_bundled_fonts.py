"""The fonts in resources/fonts carry Chairside's own names and figures that stand in columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF
from pytestqt.qtbot import QtBot

from ui.preflight import FONTS

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "fonts"
FAMILIES = ("Chairside Text", "Chairside Digits")
WEIGHTS = (QFont.Weight.Medium, QFont.Weight.DemiBold)
ON_SCREEN = "SpO₂ EtCO₂ × ≥ ≤ ° µ μ − – … ½ ✓ → ← ↑ ↓ é ü ß ø ł ő ş"


@pytest.fixture
def loaded(qtbot: QtBot) -> dict[str, list[str]]:
    """The families that each bundled file brought."""
    return {
        name: QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(FOLDER / name)))
        for name in FONTS
    }


def font(family: str, weight: QFont.Weight) -> QFont:
    """A bundled font, large and unhinted, so that widths are the design's own."""
    made = QFont(family)
    made.setWeight(weight)
    made.setPixelSize(1000)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def test_every_bundled_font_loads_under_its_own_name(loaded: dict[str, list[str]]) -> None:
    for name, families in loaded.items():
        expected = "Chairside Text" if name.startswith("ChairsideText") else "Chairside Digits"
        assert expected in families


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_both_weights_are_found_and_not_made_up(
    loaded: dict[str, list[str]], family: str, weight: QFont.Weight
) -> None:
    info = QFontInfo(font(family, weight))
    assert (info.family(), info.weight()) == (family, weight)


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_all_digits_are_equally_wide(loaded: dict[str, list[str]], family: str, weight: QFont.Weight) -> None:
    metrics = QFontMetricsF(font(family, weight))
    widths = {round(metrics.horizontalAdvance(digit * 4), 3) for digit in "0123456789"}
    assert len(widths) == 1


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_capital_is_as_high_as_the_sizes_in_millimetres_assume(
    loaded: dict[str, list[str]], family: str, weight: QFont.Weight
) -> None:
    assert QFontMetricsF(font(family, weight)).capHeight() == pytest.approx(727, abs=9)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_every_sign_that_the_screens_use_is_in_the_text_font(
    loaded: dict[str, list[str]], weight: QFont.Weight
) -> None:
    metrics = QFontMetricsF(font("Chairside Text", weight))
    assert [sign for sign in ON_SCREEN if not metrics.inFontUcs4(ord(sign))] == []


def test_the_licence_of_the_fonts_lies_beside_them() -> None:
    assert "SIL OPEN FONT LICENSE" in (FOLDER / "LICENSE.txt").read_text(encoding="utf-8")
