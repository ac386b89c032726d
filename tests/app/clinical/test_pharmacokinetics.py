"""The printed runs (PK1 to PK6) within 0.5 %, the published checks, and the band."""

from __future__ import annotations

import time

import numpy as np
import pytest

from app.catalog import load
from app.clinical.pharmacokinetics import RateStretch, band, bedside_band, disposition, predict
from app.refusals import Refused

CATALOG = load()
HALF_PER_KG = ((0, 40, 52.5),)
LOW_DOSE = ((0, 40, 35.0),)
FOUR_HOURS = ((0, 240, 24.5),)
STEPS = ((0, 30, 10.0), (30, 60, 20.0), (60, 120, 30.0), (120, 240, 40.0))
FIFTY = ((0, 240, 50.0),)

Run = tuple[tuple[float, float, float], ...]


def stretches(run: Run) -> list[RateStretch]:
    return [RateStretch(start * 60.0, end * 60.0, rate) for start, end, rate in run]


@pytest.mark.parametrize(
    ("model", "run", "expected"),
    [
        pytest.param(
            "domino",
            HALF_PER_KG,
            {
                5: 155.35,
                10: 181.83,
                20: 209.61,
                40: 240.36,
                45: 91.43,
                60: 55.12,
                100: 40.45,
                120: 35.84,
                240: 17.35,
            },
            id="PK1-domino",
        ),
        pytest.param(
            "clements250",
            HALF_PER_KG,
            {
                5: 33.2,
                10: 62.03,
                20: 109.48,
                40: 177.31,
                45: 157.39,
                60: 115.42,
                100: 68.43,
                120: 58.83,
                240: 34.57,
            },
            id="PK1-clements250",
        ),
        pytest.param("domino", LOW_DOSE, {20: 139.74, 40: 160.24, 60: 36.75}, id="PK2-domino"),
        pytest.param("clements250", LOW_DOSE, {20: 72.99, 40: 118.21, 60: 76.94}, id="PK2-clements250"),
        pytest.param(
            "domino",
            FOUR_HOURS,
            {
                15: 92.47,
                30: 105.7,
                60: 123.54,
                120: 150.28,
                180: 168.87,
                240: 181.81,
                250: 98.7,
                270: 81.02,
                300: 67.28,
                360: 46.8,
                480: 22.65,
            },
            id="PK3-domino",
        ),
        pytest.param(
            "clements250",
            FOUR_HOURS,
            {
                15: 40.72,
                30: 68.55,
                60: 104.95,
                120: 149.74,
                180: 181.78,
                240: 206.96,
                250: 181.67,
                270: 149.0,
                300: 122.04,
                360: 93.19,
                480: 58.81,
            },
            id="PK3-clements250",
        ),
        pytest.param(
            "clements250",
            STEPS,
            {30: 27.98, 60: 70.81, 120: 156.96, 240: 299.42, 300: 168.76},
            id="PK4-clements250",
        ),
        pytest.param(
            "clements250",
            FIFTY,
            {60: 214.19, 120: 305.6, 240: 422.37, 300: 249.05, 360: 190.19},
            id="PK6-clements250",
        ),
    ],
)
def test_a_printed_run_is_met_within_half_a_per_cent(
    model: str, run: Run, expected: dict[float, float]
) -> None:
    found = predict(CATALOG.pk_models[model], 70, stretches(run), [minute * 60 for minute in expected])
    assert found == pytest.approx(list(expected.values()), rel=0.005)


@pytest.mark.parametrize(
    ("model", "predicted"),
    [
        ("domino", 240.4),
        ("clements250", 177.3),
        ("hijazi", 225.3),
        ("herd", 253.4),
        ("hornik", 495.6),
        ("noppers", 277.2),
        ("simons", 288.7),
        ("flint", 193.4),
    ],
)
def test_every_model_meets_its_own_figure_at_forty_minutes(model: str, predicted: float) -> None:
    found = predict(CATALOG.pk_models[model], 70, stretches(HALF_PER_KG), [2400])
    assert found[0] == pytest.approx(predicted, rel=0.005)


def test_the_exponentials_agree_with_small_steps_through_the_equations() -> None:
    model = CATALOG.pk_models["clements250"]
    k10, k12, k21 = model.k10_per_min, model.k12_per_min, model.k21_per_min
    assert k10 is not None
    assert k12 is not None
    assert k21 is not None
    first = second = 0.0
    step_min = 0.01
    for _ in range(4000):
        flow = 35.0 / 60 - (k10 + k12) * first + k21 * second
        second += (k12 * first - k21 * second) * step_min
        first += flow * step_min
    assert predict(model, 70, stretches(LOW_DOSE), [2400])[0] == pytest.approx(
        first / (1.7522 * 70) * 1000, rel=1e-3
    )


def test_two_infusions_add_up() -> None:
    model = CATALOG.pk_models["domino"]
    times = np.linspace(0, 7200, 50)
    both = predict(model, 70, stretches(((0, 30, 20.0), (45, 60, 40.0))), times)
    apart = predict(model, 70, stretches(((0, 30, 20.0),)), times) + predict(
        model, 70, stretches(((45, 60, 40.0),)), times
    )
    assert both == pytest.approx(apart)


def test_a_stretch_cut_in_two_changes_nothing() -> None:
    model = CATALOG.pk_models["domino"]
    times = np.linspace(0, 7200, 50)
    whole = predict(model, 70, stretches(LOW_DOSE), times)
    assert predict(model, 70, stretches(((0, 13, 35.0), (13, 40, 35.0))), times) == pytest.approx(whole)


def test_before_the_start_and_without_an_infusion_there_is_nothing() -> None:
    model = CATALOG.pk_models["domino"]
    assert predict(model, 70, stretches(((10, 20, 35.0),)), [0, 599]) == pytest.approx([0, 0])
    assert predict(model, 70, [], [0, 60]).tolist() == [0, 0]


def test_a_milligram_leaves_plasma_once() -> None:
    weights, rates = disposition(CATALOG.pk_models["domino"], 70)
    clearance_l_per_h = 3600 / float((weights / rates).sum())
    assert clearance_l_per_h == pytest.approx(0.063 * 70 * 0.438 * 60)


def test_the_band_is_wider_than_the_two_models_and_never_shrinks_to_a_line() -> None:
    times = np.linspace(600, 6 * 3600, 100)
    found = bedside_band(CATALOG, 70, stretches(FOUR_HOURS), times)
    one = predict(CATALOG.pk_models["clements250"], 70, stretches(FOUR_HOURS), times)
    two = predict(CATALOG.pk_models["domino"], 70, stretches(FOUR_HOURS), times)
    assert found.low == pytest.approx(0.7 * np.minimum(one, two))
    assert found.high == pytest.approx(1.3 * np.maximum(one, two))
    assert (found.high / found.low).min() >= 1.3 / 0.7


def test_a_model_that_is_not_simulated_is_refused() -> None:
    with pytest.raises(Refused, match="not simulated"):
        predict(CATALOG.pk_models["perezruixo"], 70, stretches(LOW_DOSE), [60])


def test_a_model_without_a_weight_rule_is_refused_at_another_weight() -> None:
    with pytest.raises(Refused, match="70 kg only"):
        predict(CATALOG.pk_models["flint"], 80, stretches(LOW_DOSE), [60])


def test_a_weight_of_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="above 0"):
        predict(CATALOG.pk_models["domino"], 0, stretches(LOW_DOSE), [60])


def test_a_six_hour_band_after_thirty_changes_takes_a_few_milliseconds() -> None:
    run = [RateStretch(place * 720.0, (place + 1) * 720.0, 20.0 + place) for place in range(30)]
    models = [CATALOG.pk_models[name] for name in CATALOG.pk.recommended_band]
    times = np.linspace(0, 21600, 200)
    taken = []
    for _ in range(20):
        begin = time.perf_counter()
        band(models, 70, run, times, widen_low=0.7, widen_high=1.3)
        taken.append(time.perf_counter() - begin)
    assert min(taken) < 0.003
