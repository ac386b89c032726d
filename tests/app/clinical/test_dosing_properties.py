"""10,000 drawn cases of dose arithmetic against pint and Decimal: within 0.5 % or 0.01 mL, never clamped."""

from __future__ import annotations

from decimal import Decimal

import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clinical import dosing
from app.clinical.protocol import Order, OrderStep, make_plan
from app.refusals import Refused

UNITS: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal)
MG_KG_H, MG_H, MG = UNITS.Unit("mg/kg/hour"), UNITS.Unit("mg/hour"), UNITS.Unit("mg")
MG_ML, ML_H, UG_KG_MIN = UNITS.Unit("mg/mL"), UNITS.Unit("mL/hour"), UNITS.Unit("ug/kg/minute")
KG, POUND, MINUTE = UNITS.Unit("kg"), UNITS.Unit("pound"), UNITS.Unit("minute")
"""Read once: pint takes longer to read a unit than to convert it."""

weights = st.decimals("30", "300", places=1)
rates = st.decimals("0.01", "2", places=2)
strengths = st.decimals("0.1", "10", places=2)
minutes = st.integers(1, 600)
floats = st.floats(allow_nan=True, allow_infinity=True)


def within(value: object, expected: Decimal, absolute: Decimal) -> bool:
    error = abs(Decimal(str(float(str(value)))) - expected)
    return error <= max(absolute, abs(expected) * Decimal("0.005"))


@settings(max_examples=4000, deadline=None)
@given(weights, rates, strengths, minutes)
def test_conversions_agree_with_pint(kg: Decimal, rate: Decimal, strength: Decimal, duration: int) -> None:
    mg_h = UNITS.Quantity(rate, MG_KG_H) * UNITS.Quantity(kg, KG)
    flow = mg_h / UNITS.Quantity(strength, MG_ML)
    ours = dosing.mg_h(rate, "mg/kg/h", kg)
    assert within(float(ours), mg_h.to(MG_H).magnitude, Decimal("0.01"))
    assert within(float(dosing.ml_h(ours, strength)), flow.to(ML_H).magnitude, Decimal("0.01"))
    total = (mg_h * UNITS.Quantity(Decimal(duration), MINUTE)).to(MG).magnitude
    assert within(float(dosing.total_mg(ours, duration)), total, Decimal("0.01"))
    per_min = UNITS.Quantity(rate, MG_KG_H).to(UG_KG_MIN).magnitude
    assert within(float(dosing.rate_in(ours, "mcg/kg/min", kg)), per_min, Decimal("0.0001"))


@settings(max_examples=1000, deadline=None)
@given(st.decimals("1", "700", places=1))
def test_pounds_agree_with_pint(pounds: Decimal) -> None:
    kg = UNITS.Quantity(pounds, POUND).to(KG).magnitude
    assert within(float(dosing.kg_from_lb(pounds)), kg, Decimal("0.0001"))


@settings(max_examples=2000, deadline=None)
@given(st.decimals("0", "1200", places=4))
def test_a_pump_rate_is_the_decimal_cut_after_one_digit(rate: Decimal) -> None:
    ours = dosing.pump_rate(rate, 0.1)
    assert ours == dosing.exact(rate.quantize(Decimal("0.1"), rounding="ROUND_FLOOR"))
    assert ours <= dosing.exact(rate) < ours + dosing.exact(0.1)


@settings(max_examples=1000, deadline=None)
@given(weights, rates, rates, minutes, st.none() | st.decimals("5", "100", places=1))
def test_a_plan_never_passes_its_cap_and_loses_only_the_rounding(
    kg: Decimal, first: Decimal, last: Decimal, duration: int, cap: Decimal | None
) -> None:
    order = Order(
        "p",
        "v",
        "ketamine",
        float(kg),
        "actual",
        "mg/kg/h",
        (OrderStep(duration, float(first), float(last)),),
        2.0,
        None if cap is None else float(cap),
        None,
        50.0,
        100.0,
        2.0,
        20.0,
        0.1,
    )
    try:
        plan = make_plan(order)
    except Refused:
        assert dosing.ml_h(dosing.mg_h(min(first, last), "mg/kg/h", kg), 2) < dosing.exact(0.1)
        return
    if cap is not None:
        assert plan.peak_mg_h <= float(cap)
        return
    exact = dosing.ramp_mg(order.mg_h(first), order.mg_h(last), duration)
    lost_ml = (float(exact) - plan.total_mg) / 2
    assert -1e-9 <= lost_ml <= 0.1 * duration / 60 + 1e-9


@settings(max_examples=1000, deadline=None)
@given(floats, floats)
def test_any_float_is_computed_or_refused_never_made_to_fit(value: float, strength: float) -> None:
    try:
        flow = dosing.ml_h(value, strength)
    except Refused:
        assert not (abs(value) < float("inf") and 0 < strength < float("inf"))
        return
    assert flow * dosing.exact(strength) == dosing.exact(value)


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=8))
def test_any_text_is_the_number_it_looks_like_or_refused(text: str) -> None:
    try:
        number = dosing.parse_number(text, "rate")
    except Refused:
        return
    assert Decimal(text.strip()) == number
    assert number >= 0


@pytest.mark.parametrize("text", ["0.1", "17.5", "0.57", "999.9"])
def test_a_float_counts_as_the_decimal_it_is_written_as(text: str) -> None:
    assert dosing.exact(float(text)) == dosing.exact(Decimal(text))
