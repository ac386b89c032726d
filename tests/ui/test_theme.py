"""Colours by role, millimetres as pixels, and the gate against a bounce."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.clinical.vitals import VITALS
from app.refusals import Refused
from ui.fonts import load_fonts
from ui.icons import UnknownIcon, drawn_icon, icon_source
from ui.theme import (
    BOLD_WEIGHT,
    CAP_MM,
    DARK,
    DIGIT_TOKENS,
    DIM,
    FALLBACK_PPI,
    MOST_WIDTHS,
    PAPER,
    THEMES,
    Bounce,
    LabelColour,
    Look,
    Metrics,
    Theme,
    Token,
    chosen_ppi,
    style_sheet,
)


def luminance(theme: Theme, role: str) -> float:
    """Relative luminance as WCAG has it."""
    colour = theme[role]
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(theme: Theme, ink: str, ground: str) -> float:
    """The ratio of two roles."""
    light, dark = sorted((luminance(theme, ink), luminance(theme, ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mm", [3.0, 5.0, 8.0, 15.2, 19.1, 20.2])
@pytest.mark.parametrize("ppi", [70.0, 96.0, 125.0, 141.0, 250.0])
def test_a_size_in_pixels_never_undercuts_its_millimetres(mm: float, ppi: float) -> None:
    metrics = Metrics(ppi)
    assert metrics.in_mm(metrics.mm(mm)) >= mm - 1e-6
    assert metrics.in_mm(metrics.mm(mm) - 1) < mm


def test_a_normal_target_is_75_pixels_on_the_reference_panel() -> None:
    assert Metrics(125).mm(15.2) == 75


@pytest.mark.parametrize("ppi", [125.0, 141.0])
@pytest.mark.parametrize("token", list(Token))
def test_the_drawn_capitals_have_the_height_of_their_token(qtbot: QtBot, ppi: float, token: Token) -> None:
    load_fonts()
    look = Look(DARK, Metrics(ppi))
    glyph = "8" if token in DIGIT_TOKENS else "H"
    ink = look.font_metrics(token).tightBoundingRect(glyph)
    assert look.metrics.in_mm(ink.height()) >= CAP_MM[token] - 0.2


def test_the_bundled_fonts_are_the_ones_that_are_drawn(qtbot: QtBot) -> None:
    load_fonts()
    look = Look()
    assert look.font(Token.TEXT).exactMatch()
    assert look.font(Token.VITAL).exactMatch()


@pytest.mark.parametrize("ppi", [0.0, 69.9, 251.0, -125.0])
def test_an_implausible_ppi_is_refused(ppi: float) -> None:
    with pytest.raises(Refused, match="ppi"):
        Metrics(ppi)
    with pytest.raises(Refused, match="ppi"):
        chosen_ppi(ppi, 125.0)


def test_the_setting_goes_before_the_panel() -> None:
    assert chosen_ppi(150.0, 125.0) == (150.0, "setting")


def test_a_plausible_panel_is_believed() -> None:
    assert chosen_ppi(None, 141.0) == (141.0, "panel")


def test_an_implausible_panel_falls_back_and_says_so() -> None:
    ppi, why = chosen_ppi(None, 38.0)
    assert ppi == FALLBACK_PPI
    assert "38" in why


def test_an_unknown_role_is_named() -> None:
    with pytest.raises(KeyError, match="pink"):
        DARK["pink"]


def test_paper_has_no_colour_for_an_alarm() -> None:
    with pytest.raises(KeyError, match="alarm_high"):
        PAPER["alarm_high"]


def test_dark_and_dim_have_the_same_roles() -> None:
    assert set(DARK.roles) == set(DIM.roles)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_every_vital_sign_has_a_colour_in_every_theme(theme: Theme) -> None:
    for spec in VITALS.values():
        assert theme[spec.colour].isValid()


@pytest.mark.parametrize("theme", [DARK, DIM], ids=["dark", "dim"])
@pytest.mark.parametrize("role", ["hr", "spo2", "nibp", "rr", "etco2", "temp", "infusion"])
def test_vital_signs_stand_out_seven_to_one(theme: Theme, role: str) -> None:
    assert contrast(theme, role, "panel") >= 6.95


@pytest.mark.parametrize("theme", [DARK, DIM], ids=["dark", "dim"])
@pytest.mark.parametrize("priority", ["high", "medium", "low"])
def test_alarm_words_stand_out_seven_to_one(theme: Theme, priority: str) -> None:
    assert contrast(theme, f"alarm_{priority}_ink", f"alarm_{priority}") >= 6.95


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("role", ["text", "text2", "text3"])
def test_words_stand_out_four_and_a_half_to_one(theme: Theme, role: str) -> None:
    assert contrast(theme, role, "panel") >= 4.5


def test_the_style_sheet_has_no_role_left_unfilled() -> None:
    sheet = style_sheet(DARK, Metrics(125))
    assert "@" not in sheet
    assert "#080C11" in sheet


def test_a_text_keeps_its_width_however_many_others_were_measured(qtbot: QtBot) -> None:
    load_fonts()
    look = Look()
    first = look.width("SpO₂ 97 %", Token.STRONG, BOLD_WEIGHT)
    for number in range(MOST_WIDTHS + 1):
        look.width(f"{number}")
    assert look.width("SpO₂ 97 %", Token.STRONG, BOLD_WEIGHT) == first
    assert first == look.font_metrics(Token.STRONG, BOLD_WEIGHT).horizontalAdvance("SpO₂ 97 %")
    assert look.width("SpO₂ 97 %") != first


def test_switching_the_theme_is_told_once(qtbot: QtBot) -> None:
    look = Look()
    with qtbot.waitSignal(look.changed):
        look.set_theme(DIM)
    with qtbot.assertNotEmitted(look.changed):
        look.set_theme(DIM)


def test_a_drug_label_is_dimmed_with_the_screen(qtbot: QtBot) -> None:
    look = Look(labels={"induction": LabelColour("#FFEB00", "#A39600")})
    bright, look.theme = look.label_fill("induction"), DIM
    dimmed = look.label_fill("induction")
    assert bright is not None
    assert dimmed is not None
    assert dimmed.lightness() < bright.lightness()


def test_a_class_without_a_label_colour_has_no_fill(qtbot: QtBot) -> None:
    assert Look().label_fill("homeopathic") is None


def test_a_second_touch_within_a_tenth_of_a_second_is_a_bounce() -> None:
    gate = Bounce(100)
    gate.released(5_000)
    assert not gate.accepts(5_060)
    assert gate.accepts(5_100)


def test_an_event_without_a_time_is_never_a_bounce() -> None:
    gate = Bounce(100)
    gate.released(5_000)
    assert gate.accepts(0)


def test_an_icon_that_cannot_be_read_is_an_error_each_time_and_never_the_end_of_the_program(
    qtbot: QtBot,
) -> None:
    for _ in range(3):
        with pytest.raises(UnknownIcon):
            drawn_icon("unicorn", 20, QColor("white"))


def test_an_unknown_icon_is_named() -> None:
    with pytest.raises(UnknownIcon, match="unicorn"):
        icon_source("unicorn")
