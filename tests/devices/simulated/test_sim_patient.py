"""The simulated patient: deterministic, moved by drugs and oxygen, obedient to a set value."""

from __future__ import annotations

import pytest

from app.refusals import Refused
from devices.simulated.patient import Patient, Signs

HALF_HOUR_S = 1800


def after(seconds: int, patient: Patient, ketamine_mg_h: float = 0.0) -> Patient:
    """The patient so many seconds after the first step."""
    patient.step(0.0)
    patient.step(float(seconds), ketamine_mg_h)
    return patient


def mean_signs(patient: Patient, begin_s: int, seconds: int, ketamine_mg_h: float = 0.0) -> dict[str, float]:
    """The means over some time, so that the noise does not decide."""
    seen = []
    for second in range(begin_s, begin_s + seconds):
        patient.step(float(second), ketamine_mg_h)
        seen.append(patient.signs)
    return {name: sum(getattr(signs, name) for signs in seen) / len(seen) for name in Signs.__struct_fields__}


def test_the_same_seed_gives_the_same_signs() -> None:
    assert after(600, Patient(7)).signs == after(600, Patient(7)).signs


def test_another_seed_gives_other_signs() -> None:
    assert after(600, Patient(7)).signs != after(600, Patient(8)).signs


@pytest.mark.parametrize("dt_s", [0.1, 0.25, 7.0])
def test_the_size_of_the_steps_changes_nothing(dt_s: float) -> None:
    patient = Patient(7)
    for number in range(round(70 / dt_s) + 1):
        patient.step(number * dt_s, 35.0)
    assert patient.signs == after(70, Patient(7), 35.0).signs


def test_at_rest_the_signs_stay_within_what_a_monitor_would_not_alarm_on() -> None:
    patient = Patient(2)
    for second in range(3600):
        patient.step(float(second))
        signs = patient.signs
        assert 55 < signs.hr < 95
        assert 94 < signs.spo2 <= 100
        assert 9 < signs.rr < 20
        assert 40 < signs.dia < signs.mean < signs.sys < 150


def test_ketamine_raises_heart_rate_and_pressure() -> None:
    patient = Patient(3)
    before = mean_signs(patient, 0, 300)
    during = mean_signs(patient, 300 + 2100, 300, 35.0)
    assert during["hr"] > before["hr"] + 6
    assert during["sys"] > before["sys"] + 10
    assert during["dia"] > before["dia"] + 5


def test_more_ketamine_raises_more() -> None:
    low, high = (after(HALF_HOUR_S, Patient(3), rate).signs for rate in (35.0, 140.0))
    assert high.hr > low.hr + 3
    assert high.sys > low.sys + 5


def test_ketamine_wears_off() -> None:
    patient = after(HALF_HOUR_S, Patient(3), 35.0)
    peak = patient.concentration_ng_ml("ketamine")
    patient.step(HALF_HOUR_S + 7200.0)
    assert 0 < patient.concentration_ng_ml("ketamine") < peak / 2


def test_all_ketamine_of_an_hour_reaches_the_patient() -> None:
    assert after(3600, Patient(3), 35.0).given_mg("ketamine") == pytest.approx(35.0)


def test_midazolam_lowers_breathing_and_oxygen() -> None:
    patient, untouched = Patient(4), Patient(4)
    patient.step(0.0)
    patient.give("midazolam", 4.0)
    sedated, rested = mean_signs(patient, 600, 300), mean_signs(untouched, 600, 300)
    assert sedated["rr"] < rested["rr"] - 2
    assert sedated["spo2"] < rested["spo2"] - 1
    assert sedated["etco2"] > rested["etco2"] + 1


def test_oxygen_raises_the_saturation() -> None:
    patient, untouched = Patient(4), Patient(4)
    for one in (patient, untouched):
        one.step(0.0)
        one.give("midazolam", 4.0)
    patient.oxygen(4.0)
    assert mean_signs(patient, 600, 300)["spo2"] > mean_signs(untouched, 600, 300)["spo2"] + 2


def test_a_set_value_is_reached_on_a_ramp_and_held_without_noise() -> None:
    patient = after(60, Patient(5))
    start = patient.signs.spo2
    patient.set("spo2", 86.0)
    patient.step(64.0)
    assert 86 < patient.signs.spo2 < start
    for second in range(68, 600):
        patient.step(float(second))
        assert patient.signs.spo2 == 86.0


def test_a_released_value_returns_to_nature() -> None:
    patient, untouched = Patient(5), Patient(5)
    patient.step(0.0)
    patient.set("hr", 130.0)
    patient.step(60.0)
    patient.release("hr")
    patient.step(120.0)
    assert patient.signs == after(120, untouched).signs


def test_setting_one_sign_leaves_the_noise_of_the_others() -> None:
    patient = Patient(5)
    patient.step(0.0)
    patient.set("spo2", 86.0)
    patient.step(300.0)
    assert patient.signs.hr == after(300, Patient(5)).signs.hr


def test_a_set_systolic_takes_the_diastolic_along() -> None:
    patient = Patient(5)
    patient.step(0.0)
    patient.set("sys", 190.0)
    patient.step(60.0)
    assert patient.signs.sys == 190.0
    assert 90 < patient.signs.dia < 190


def test_without_a_breath_no_carbon_dioxide_comes_out() -> None:
    patient = Patient(5)
    patient.step(0.0)
    patient.set("rr", 0.0)
    patient.step(60.0)
    assert patient.signs.etco2 == 0.0


@pytest.mark.parametrize(("name", "value"), [("spo2", 412.0), ("hr", -1.0), ("sys", float("nan"))])
def test_an_impossible_value_is_refused_and_nothing_changes(name: str, value: float) -> None:
    patient = after(60, Patient(6))
    with pytest.raises(Refused):
        patient.set(name, value)
    patient.step(120.0)
    assert patient.signs == after(120, Patient(6)).signs


def test_unknown_names_are_refused() -> None:
    patient = Patient()
    with pytest.raises(Refused):
        patient.set("mood", 3.0)
    with pytest.raises(Refused):
        patient.release("mood")
    with pytest.raises(Refused):
        patient.give("tea", 5.0)


@pytest.mark.parametrize("mg", [0.0, -2.0, float("inf")])
def test_an_amount_that_is_no_dose_is_refused(mg: float) -> None:
    with pytest.raises(Refused):
        Patient().give("midazolam", mg)
