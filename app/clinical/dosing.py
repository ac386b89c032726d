"""Dose arithmetic, exactly: the only conversions between mg/kg/h, mg/h, mL/h and totals.

Numbers go in as they were typed or tabled and come out as fractions; a float counts as the decimal it is
written as. Nothing is rounded before `shown` or `pump_rate`, nothing is clamped: what cannot be is Refused.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

import msgspec

from app.refusals import Refused

Number = int | float | Decimal | Fraction

KG_PER_LB = Fraction(45359237, 100000000)
CM_PER_INCH = Fraction(254, 100)


def exact(value: Number, field: str = "number") -> Fraction:
    """The value as a fraction; a float counts as its shortest decimal, 0.1 as one tenth."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Refused(field, "This is not a number.")
        return _shortest(value)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Decimal) and not value.is_finite():
        raise Refused(field, "This is not a number.")
    return Fraction(value)


@lru_cache(maxsize=4096)
def _shortest(value: float) -> Fraction:
    """The shortest decimal of a float. Kept: the same vital signs, rates and limits are compared every second."""
    return Fraction(repr(value))


def positive(value: Number, field: str) -> Fraction:
    """The value as a fraction, refused when it is zero or less."""
    result = exact(value, field)
    if result <= 0:
        raise Refused(field, "This must be more than 0.")
    return result


# ---------------------------------------------------------------- rates


def mg_h(rate: Number, unit: str, weight_kg: Number) -> Fraction:
    """A rate in "mg/kg/h", "mg/h" or "mcg/kg/min" as mg/h."""
    value = exact(rate, "rate")
    if unit == "mg/h":
        return value
    if unit == "mg/kg/h":
        return value * positive(weight_kg, "weight_kg")
    if unit == "mcg/kg/min":
        return value * positive(weight_kg, "weight_kg") * 60 / 1000
    raise Refused("rate_unit", f"{unit} is not a unit of rate. Choose mg/kg/h, mg/h or mcg/kg/min.")


def rate_in(rate_mg_h: Number, unit: str, weight_kg: Number) -> Fraction:
    """A rate in mg/h expressed in "mg/kg/h", "mg/h" or "mcg/kg/min"."""
    return exact(rate_mg_h, "rate") / mg_h(1, unit, weight_kg)


def ml_h(rate_mg_h: Number, concentration_mg_ml: Number) -> Fraction:
    """The flow that gives this rate at this concentration."""
    return exact(rate_mg_h, "rate") / positive(concentration_mg_ml, "concentration_mg_ml")


def mg_h_of_flow(rate_ml_h: Number, concentration_mg_ml: Number) -> Fraction:
    """The rate that this flow gives at this concentration."""
    return exact(rate_ml_h, "rate_ml_h") * positive(concentration_mg_ml, "concentration_mg_ml")


def pump_rate(rate_ml_h: Number, resolution_ml_h: Number) -> Fraction:
    """The flow rounded down to what the pump can be set to; never up, which could pass a cap or a limit."""
    step = positive(resolution_ml_h, "resolution_ml_h")
    return (exact(rate_ml_h, "rate_ml_h") // step) * step


def is_settable(rate_ml_h: Number, resolution_ml_h: Number) -> bool:
    """Whether the pump can be set to exactly this flow."""
    return pump_rate(rate_ml_h, resolution_ml_h) == exact(rate_ml_h, "rate_ml_h")


class Capped(msgspec.Struct, frozen=True):
    """A rate in mg/h after a cap; `capped` when the cap is what holds."""

    mg_h: Fraction
    capped: bool


def under_cap(rate_mg_h: Number, *caps_mg_h: Number | None) -> Capped:
    """The lowest of the rate and the caps that exist: a cap is a rule of the order, no clamp of an input."""
    rate = exact(rate_mg_h, "rate")
    lowest = min((exact(cap, "cap_mg_per_h") for cap in caps_mg_h if cap is not None), default=rate)
    return Capped(min(rate, lowest), lowest < rate)


def cap_weight_kg(rate_mg_kg_h: Number, cap_mg_h: Number) -> Fraction:
    """The weight from which on the cap is below the weight-based rate."""
    return exact(cap_mg_h, "cap_mg_per_h") / positive(rate_mg_kg_h, "rate")


# ---------------------------------------------------------------- totals, containers


def ramp_mg(from_mg_h: Number, to_mg_h: Number, minutes: Number) -> Fraction:
    """The dose of a straight ramp: its integral, not its end rate times its time."""
    return (exact(from_mg_h, "rate") + exact(to_mg_h, "rate")) / 2 * exact(minutes, "minutes") / 60


def total_mg(rate_mg_h: Number, minutes: Number) -> Fraction:
    """The dose of a steady rate."""
    return ramp_mg(rate_mg_h, rate_mg_h, minutes)


def rate_for_total(dose_mg: Number, minutes: Number) -> Fraction:
    """The mg/h that gives this dose in this time."""
    return exact(dose_mg, "total") * 60 / positive(minutes, "minutes")


def concentration(drug_mg: Number, volume_ml: Number, added_ml: Number = 0) -> Fraction:
    """mg/mL of drug in a volume; `added_ml` is drug solution put into a full bag and not drawn out first."""
    return exact(drug_mg, "drug_in_container_mg") / (
        positive(volume_ml, "container_ml") + exact(added_ml, "container_ml")
    )


def drug_volume_ml(drug_mg: Number, strength_mg_ml: Number) -> Fraction:
    """How much of a vial of this strength holds this much drug."""
    return exact(drug_mg, "drug_in_container_mg") / positive(strength_mg_ml, "strength_mg_ml")


# ---------------------------------------------------------------- weights


def kg_from_lb(pounds: Number) -> Fraction:
    """Pounds as kilograms."""
    return exact(pounds, "weight_kg") * KG_PER_LB


def lb_from_kg(kilograms: Number) -> Fraction:
    """Kilograms as pounds."""
    return exact(kilograms, "weight_kg") / KG_PER_LB


def bmi(weight_kg: Number, height_cm: Number) -> Fraction:
    """Body mass index, kg/m²."""
    return exact(weight_kg, "weight_kg") / (positive(height_cm, "height_cm") / 100) ** 2


def ideal_kg(sex: str, height_cm: Number) -> Fraction:
    """Devine's ideal weight; below 60 inches it is extrapolated, see `devine_is_extrapolated`."""
    base = _by_sex(sex, Fraction(50), Fraction(455, 10))
    return base + Fraction(23, 10) * (positive(height_cm, "height_cm") / CM_PER_INCH - 60)


def devine_is_extrapolated(height_cm: Number) -> bool:
    """Whether the person is shorter than the 60 inches from which Devine's formula is defined."""
    return exact(height_cm, "height_cm") < 60 * CM_PER_INCH


def adjusted_kg(sex: str, height_cm: Number, actual_kg: Number) -> Fraction:
    """Ideal weight plus 40 % of what the actual weight has above it."""
    ideal = ideal_kg(sex, height_cm)
    return ideal + Fraction(4, 10) * (exact(actual_kg, "weight_kg") - ideal)


def lean_kg(sex: str, height_cm: Number, actual_kg: Number) -> Fraction:
    """Lean body weight after Janmahasatian."""
    index = bmi(actual_kg, height_cm)
    bottom = _by_sex(sex, 6680 + 216 * index, 8780 + 244 * index)
    return 9270 * exact(actual_kg, "weight_kg") / bottom


def _by_sex(sex: str, male: Fraction, female: Fraction) -> Fraction:
    if sex == "male":
        return male
    if sex == "female":
        return female
    raise Refused("weight_basis", "This weight is defined for male and female only. Use the actual weight.")


def percent_change(now: Number, base: Number) -> Fraction | None:
    """100 × (now − base) / base; None when the base is 0."""
    start = exact(base)
    return None if start == 0 else 100 * (exact(now) - start) / start


# ---------------------------------------------------------------- limits and slips


class Verdict(StrEnum):
    """Allowed; allowed with a reason; refused."""

    OK = "ok"
    SOFT = "soft"
    HARD = "hard"


def against_limits(value: Number, soft: Number | None, hard: Number | None) -> Verdict:
    """How a value stands against its upper limits; a value equal to a limit is allowed."""
    amount = exact(value)
    if hard is not None and amount > exact(hard):
        return Verdict.HARD
    if soft is not None and amount > exact(soft):
        return Verdict.SOFT
    return Verdict.OK


class Slip(StrEnum):
    """A number that looks like a misplaced decimal point."""

    TENFOLD = "ten times"
    TENTH = "a tenth of"


def decimal_slip(value: Number, ordered: Number, within_pct: Number) -> Slip | None:
    """Whether a value lies within so many per cent of ten times or a tenth of what was ordered."""
    amount, reference, within = exact(value), exact(ordered), exact(within_pct) / 100
    if reference <= 0 or amount <= 0:
        return None
    for slip, target in ((Slip.TENFOLD, reference * 10), (Slip.TENTH, reference / 10)):
        if abs(amount - target) <= target * within:
            return slip
    return None


# ---------------------------------------------------------------- typed and shown numbers

_WHOLE_OR_DECIMAL = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[0-9.]+[eE][+-]?[0-9]+")
_LEADING_ZERO = re.compile(r"0[0-9]+(?:\.[0-9]*)?")


def parse_number(text: str, field: str, decimals: int | None = None) -> Decimal:
    """The number that was typed; refused with its own reason when it could be read in two ways.

    `decimals` is the most digits that the field takes after the point; None takes any.
    """
    typed = text.strip()
    if not _WHOLE_OR_DECIMAL.fullmatch(typed):
        raise Refused(field, _why_not_a_number(typed))
    number = Decimal(typed)
    if decimals is not None and number != round(number, decimals):
        places = "no digit" if decimals == 0 else f"at most {decimals} digit{'s' if decimals > 1 else ''}"
        raise Refused(field, f"Type {places} after the point.")
    return number


def _why_not_a_number(typed: str) -> str:
    if not typed:
        return "Type a number."
    if typed.startswith(("-", "−")):
        return "A negative number is not possible here."
    if "," in typed:
        return "Use a point, not a comma."
    if _EXPONENT.fullmatch(typed):
        return "Write the number out, without an exponent."
    letters = [sign for sign in typed if sign.isalpha()]
    if letters:
        return f"There is a letter in this number: {letters[0]}."
    if typed.startswith("."):
        return "Write a 0 before the point."
    if typed.endswith("."):
        return "Write a digit after the point, or leave the point out."
    if _LEADING_ZERO.fullmatch(typed):
        return "Leave out the 0 in front."
    return "Type digits and at most one point."


def rounded(value: Number, decimals: int) -> Decimal:
    """The value rounded half up, for display and comparison with printed tables only."""
    fraction = exact(value)
    scaled = abs(fraction) * 10**decimals
    units = (scaled + Fraction(1, 2)) // 1
    result = Decimal(units).scaleb(-decimals)
    return -result if fraction < 0 and units else result


def shown(value: Number, decimals: int = 2) -> str:
    """The value as screen and paper write it: half up, no trailing zero, a 0 before the point."""
    text = f"{rounded(value, decimals).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
