"""The printed dose vectors (D01 to D40) that concern one session, and how typed numbers are read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from app.clinical import dosing
from app.clinical.dosing import Slip, Verdict, rounded
from app.refusals import Refused


def close(value: dosing.Number, printed: float, decimals: int) -> bool:
    return rounded(value, decimals) == Decimal(str(printed)).quantize(Decimal(1).scaleb(-decimals))


def test_d01_half_a_milligram_per_kg_and_hour_is_a_third_of_it_in_forty_minutes() -> None:
    rate = dosing.mg_h(0.5, "mg/kg/h", 70)
    assert rate == 35
    assert dosing.ml_h(rate, 1) == 35
    assert close(dosing.total_mg(rate, 40), 23.333, 3)
    assert close(dosing.total_mg(rate, 40) / 70, 0.3333, 4)


def test_d02_a_total_dose_over_a_time_is_another_rate() -> None:
    rate = dosing.rate_for_total(dosing.exact(0.5) * 70, 40)
    assert rate == Fraction(105, 2)
    assert dosing.rate_in(rate, "mg/kg/h", 70) == Fraction(3, 4)
    assert dosing.rate_in(rate, "mcg/kg/min", 70) == Fraction(25, 2)
    assert dosing.ml_h(rate, 1) == Fraction(105, 2)


def test_d03_a_rate_below_its_cap_is_not_capped() -> None:
    held = dosing.under_cap(dosing.mg_h(0.35, "mg/kg/h", 60), 25)
    assert held == dosing.Capped(Fraction(21), False)
    assert dosing.total_mg(held.mg_h, 240) == 84


def test_the_lowest_of_several_caps_holds() -> None:
    held = dosing.under_cap(dosing.mg_h(0.35, "mg/kg/h", 80), None, 25, 26)
    assert held == dosing.Capped(Fraction(25), True)


def test_d05_the_weight_at_which_the_cap_begins() -> None:
    assert close(dosing.cap_weight_kg(0.35, 25), 71.4286, 4)


def test_d06_a_fixed_carrier_rate_makes_the_concentration() -> None:
    strength = dosing.concentration(21, 25)
    assert strength == Fraction(84, 100)
    assert strength * 100 == 84


def test_d07_a_ramp_across_days() -> None:
    rates = [dosing.exact(24.5) * share / 100 for share in (50, 75, 100)]
    assert rates == [Fraction("12.25"), Fraction("18.375"), Fraction("24.5")]
    assert [dosing.total_mg(rate, 240) for rate in rates] == [49, Fraction("73.5"), 98]


@pytest.mark.parametrize(
    ("kg", "per_kg", "verdict"),
    [
        (45, 1.111, Verdict.SOFT),
        (50, 1.0, Verdict.OK),
        (70, 0.714, Verdict.OK),
        (100, 0.5, Verdict.OK),
    ],
)
def test_d08_a_fixed_rate_passes_the_soft_limit_of_a_light_patient(
    kg: int, per_kg: float, verdict: Verdict
) -> None:
    value = dosing.rate_in(50, "mg/kg/h", kg)
    assert close(value, per_kg, 3)
    assert dosing.against_limits(value, 1.0, 2.0) is verdict


def test_d10_a_ramp_gives_its_integral() -> None:
    assert dosing.ramp_mg(10, 30, 30) == 10
    assert dosing.ramp_mg(10, 50, 60) == 30
    assert dosing.ramp_mg(10, 50, 60) + dosing.total_mg(50, 180) == 180


def test_d11_a_pause_gives_nothing() -> None:
    assert dosing.total_mg(30, 120 - 15) == Fraction("52.5")


def test_d13_drug_added_to_a_full_bag_is_thinner() -> None:
    added = dosing.drug_volume_ml(200, 50)
    assert added == 4
    over = dosing.concentration(200, 100, added)
    assert close(over, 1.9231, 4)
    assert dosing.concentration(200, 100) == 2
    assert close(dosing.percent_change(over, 2) or 0, -3.85, 2)


def test_d14_a_wrong_vial_is_a_tenfold_error() -> None:
    assert [dosing.drug_volume_ml(35, strength) for strength in (10, 50, 100)] == [
        Fraction("3.5"),
        Fraction("0.7"),
        Fraction("0.35"),
    ]
    assert dosing.drug_volume_ml(35, 10) * 100 == 350
    assert dosing.drug_volume_ml(35, 50) * 100 == 70


def test_d16_pounds_entered_as_kilograms() -> None:
    true_kg = dosing.kg_from_lb(154)
    assert close(true_kg, 69.85, 2)
    assert close(true_kg / 2, 34.93, 2)
    assert close(154 / true_kg, 2.2046, 4)
    assert dosing.lb_from_kg(true_kg) == 154


@pytest.mark.parametrize(
    ("sex", "height", "actual", "inches", "ideal", "adjusted", "index", "lean"),
    [
        pytest.param("male", 180, 120, 70.866, 74.99, 93.0, 37.04, 75.78, id="D18"),
        pytest.param("female", 163, 95, 64.173, 55.1, 71.06, 35.76, 50.31, id="D19"),
        pytest.param("female", 147, 50, 57.874, 40.61, 44.37, 23.14, 32.13, id="D20"),
    ],
)
def test_weights_by_formula(
    sex: str,
    height: int,
    actual: int,
    inches: float,
    ideal: float,
    adjusted: float,
    index: float,
    lean: float,
) -> None:
    assert close(height / dosing.CM_PER_INCH, inches, 3)
    assert close(dosing.ideal_kg(sex, height), ideal, 2)
    assert close(dosing.adjusted_kg(sex, height, actual), adjusted, 2)
    assert close(dosing.bmi(actual, height), index, 2)
    assert close(dosing.lean_kg(sex, height, actual), lean, 2)


def test_d20_below_sixty_inches_devine_is_marked_as_extrapolated() -> None:
    assert dosing.devine_is_extrapolated(147)
    assert not dosing.devine_is_extrapolated(152.4)


def test_a_formula_by_sex_is_refused_for_another_sex() -> None:
    with pytest.raises(Refused, match="actual weight"):
        dosing.ideal_kg("other", 170)


def test_d22_units_of_rate() -> None:
    assert close(dosing.rate_in(dosing.mg_h(0.35, "mg/kg/h", 70), "mcg/kg/min", 70), 5.8333, 4)
    assert dosing.rate_in(dosing.mg_h(10, "mcg/kg/min", 70), "mg/kg/h", 70) == Fraction("0.6")


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(Refused, match="mL/kg"):
        dosing.mg_h(1, "mL/kg", 70)


def test_d23_a_decimal_slip_passes_the_limit_and_is_caught_by_the_order() -> None:
    entered = dosing.rate_in(dosing.mg_h_of_flow(25, 2), "mg/kg/h", 70)
    assert close(entered, 0.7143, 4)
    assert dosing.against_limits(entered, 1.0, 2.0) is Verdict.OK
    assert dosing.decimal_slip(25, 2.5, 5) is Slip.TENFOLD


@pytest.mark.parametrize(
    ("value", "slip"),
    [
        (175, Slip.TENFOLD),
        (166.25, Slip.TENFOLD),
        (183.75, Slip.TENFOLD),
        (166.2, None),
        (183.8, None),
        (1.75, Slip.TENTH),
        (1.7, Slip.TENTH),
        (1.8, Slip.TENTH),
        (1.6, None),
        (1.9, None),
        (17.5, None),
        (0, None),
    ],
)
def test_a_slip_is_within_five_per_cent_of_ten_times_or_a_tenth(value: float, slip: Slip | None) -> None:
    assert dosing.decimal_slip(value, 17.5, 5) is slip


@pytest.mark.parametrize(
    ("mg_h", "verdict"),
    [
        (69.9, "ok"),
        (70.0, "ok"),
        (70.1, "soft"),
        (140.0, "soft"),
        (140.1, "hard"),
    ],
)
def test_d24_a_value_equal_to_a_limit_is_allowed(mg_h: float, verdict: str) -> None:
    assert dosing.against_limits(dosing.rate_in(mg_h, "mg/kg/h", 70), 1.0, 2.0) == verdict


def test_limits_are_compared_as_decimals_not_as_floats() -> None:
    assert 0.1 + 0.2 > 0.3
    assert dosing.against_limits(dosing.exact(0.1) + dosing.exact(0.2), 0.3, None) is Verdict.OK


def test_d25_volume_times_concentration() -> None:
    assert dosing.mg_h_of_flow(47.3, 2) == Fraction("94.6")


def test_d28_a_rate_halved_for_a_side_effect() -> None:
    assert dosing.total_mg(40, 90) + dosing.total_mg(20, 150) == 110


def test_d37_d38_change_against_a_baseline() -> None:
    assert dosing.percent_change(5, 8) == Fraction("-37.5")
    assert dosing.percent_change(2, 0) is None


def test_a_pump_rate_is_rounded_down_never_up() -> None:
    assert dosing.pump_rate(11.935, 0.1) == Fraction("11.9")
    assert dosing.pump_rate(11.99, 0.1) == Fraction("11.9")
    assert dosing.pump_rate(12, 0.1) == 12
    assert dosing.pump_rate(0.3, 0.1) == Fraction("0.3")
    assert dosing.pump_rate(0.05, 0.1) == 0


def test_a_rate_between_two_settings_of_the_pump_is_not_settable() -> None:
    assert dosing.is_settable(17.5, 0.1)
    assert not dosing.is_settable(17.55, 0.1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_refused(value: dosing.Number) -> None:
    with pytest.raises(Refused, match="not a number"):
        dosing.exact(value, "rate")


def test_a_division_by_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="more than 0"):
        dosing.ml_h(35, 0)
    with pytest.raises(Refused, match="more than 0"):
        dosing.mg_h(0.5, "mg/kg/h", -70)


# ---------------------------------------------------------------- typed and shown


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Type a number"),
        ("   ", "Type a number"),
        ("-5", "negative"),
        ("−5", "negative"),
        ("70,5", "not a comma"),
        ("7O", "letter in this number: O"),
        ("7 0", "digits"),
        (".5", "0 before the point"),
        ("070", "0 in front"),
        ("00.5", "0 in front"),
        ("1e2", "exponent"),
        ("1E-2", "exponent"),
        ("5.", "after the point"),
        ("1.2.3", "one point"),
        ("+5", "digits"),
        ("٧٠", "digits"),
        ("70kg", "letter in this number: k"),
        ("½", "digits"),
        ("nan", "letter"),
        ("inf", "letter"),
        ("1_000", "digits"),
    ],
)
def test_d35_a_number_that_could_be_misread_is_refused_with_its_own_reason(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        dosing.parse_number(text, "weight_kg")


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", "0"), ("70", "70"), ("70.5", "70.5"), ("0.5", "0.5"), (" 5.0 ", "5"), ("100", "100")],
)
def test_a_plain_number_is_read(text: str, number: str) -> None:
    assert dosing.parse_number(text, "weight_kg") == Decimal(number)


def test_more_digits_than_the_field_takes_are_refused() -> None:
    assert dosing.parse_number("17.50", "rate", 1) == Decimal("17.5")
    with pytest.raises(Refused, match="at most 1 digit after"):
        dosing.parse_number("17.55", "rate", 1)
    with pytest.raises(Refused, match="no digit after"):
        dosing.parse_number("17.5", "height_cm", 0)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (5.0, 2, "5"),
        (0.5, 2, "0.5"),
        (Fraction(4, 7), 2, "0.57"),
        (17.45, 1, "17.5"),
        (100, 0, "100"),
        (0.005, 2, "0.01"),
        (-0.004, 2, "0"),
        (-2.5, 0, "-3"),
        (1000.0, 1, "1000"),
        (0.125, 2, "0.13"),
    ],
)
def test_a_number_is_shown_half_up_without_a_trailing_zero(
    value: dosing.Number, decimals: int, text: str
) -> None:
    assert dosing.shown(value, decimals) == text
