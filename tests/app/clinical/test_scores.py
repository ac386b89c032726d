"""Scored forms: sums with their missing items, and what vital signs propose on each side of each bound."""

from __future__ import annotations

import pytest

from app.clinical.scores import VitalsNow, item_ids, item_levels, proposals, summed, variant
from app.clinical.vitals import Vital
from app.refusals import Refused
from tests.app.chair import catalog


def full(form: str) -> dict[str, int]:
    score = catalog().scores[form]
    return {item: item_levels(score, item)[0][0] for item in item_ids(score)}


def now(*, oxygen: float = 0.0, **values: float) -> VitalsNow:
    before = {Vital.NIBP_SYS: 100.0, Vital.NIBP_MEAN: 100.0, Vital.HEART_RATE: 100.0, Vital.SPO2: 97.0}
    return VitalsNow({Vital(k): v for k, v in values.items()}, before, "before the start", oxygen)


def points(form: str, item: str, seen: VitalsNow) -> int | None:
    found = proposals(catalog().scores[form], seen).get(item)
    return found.points if found is not None else None


SUMS = [score.id for score in catalog().scores.values() if score.kind == "sum"]


@pytest.mark.parametrize("form", SUMS)
def test_the_best_levels_of_a_form_add_up_to_an_end_of_its_range(form: str) -> None:
    score = catalog().scores[form]
    assert score.total_range is not None
    assert summed(score, full(form)).total == score.total_range[1]


@pytest.mark.parametrize("form", SUMS)
def test_a_missing_item_makes_a_form_not_computable_and_is_named(form: str) -> None:
    score = catalog().scores[form]
    items = full(form)
    items.popitem()
    result = summed(score, items)
    assert result.total is None
    assert len(result.missing) == 1
    assert result.words.startswith("not computable, ")
    assert result.missing[0].lower() in result.words


def test_points_that_an_item_does_not_have_are_refused() -> None:
    with pytest.raises(Refused, match="is no level"):
        summed(catalog().scores["aldrete"], {"activity": 3})


def test_an_item_that_a_form_does_not_have_is_refused() -> None:
    with pytest.raises(Refused, match="no item"):
        summed(catalog().scores["aldrete"], {"bleeding": 2})


def test_a_form_with_withheld_words_is_summed_by_the_numbers_of_its_items() -> None:
    score = catalog().scores["cadss-6"]
    assert item_ids(score) == ("1", "2", "6", "7", "15", "22")
    assert summed(score, dict.fromkeys(item_ids(score), 4)).total == 24


@pytest.mark.parametrize(
    ("pressure", "expected"),
    [(120.0, 2), (80.0, 2), (121.0, 1), (149.0, 1), (150.0, 0), (50.0, 0), (51.0, 1)],
)
def test_the_circulation_of_aldrete_is_proposed_against_the_baseline(pressure: float, expected: int) -> None:
    assert points("aldrete", "circulation", now(nibp_sys=pressure)) == expected


@pytest.mark.parametrize(("pressure", "expected"), [(120.0, 2), (121.0, 1), (140.0, 1), (141.0, 0)])
def test_the_vital_signs_of_padss_are_the_worse_of_pressure_and_pulse(pressure: float, expected: int) -> None:
    assert points("padss", "vital-signs", now(nibp_sys=pressure, heart_rate=100.0)) == expected
    assert points("padss", "vital-signs", now(nibp_sys=100.0, heart_rate=pressure)) == expected


@pytest.mark.parametrize(("pressure", "expected"), [(114.9, 2), (115.0, 1), (130.0, 1), (130.1, 0)])
def test_the_mean_pressure_of_the_fast_track_has_bounds_of_its_own(pressure: float, expected: int) -> None:
    assert points("fast-track", "haemodynamic", now(nibp_mean=pressure)) == expected


@pytest.mark.parametrize(
    ("form", "value", "oxygen", "expected"),
    [
        ("aldrete", 93.0, 0.0, 2),
        ("aldrete", 92.0, 0.0, 1),
        ("aldrete", 90.0, 2.0, 1),
        ("aldrete", 89.0, 2.0, 0),
        ("aldrete", 99.0, 2.0, 1),
        ("fast-track", 91.0, 0.0, 2),
        ("fast-track", 90.0, 0.0, 1),
        ("fast-track", 90.0, 2.0, 1),
    ],
)
def test_the_saturation_is_proposed_on_air_or_with_oxygen(
    form: str, value: float, oxygen: float, expected: int
) -> None:
    assert points(form, "spo2", now(spo2=value, oxygen=oxygen)) == expected


def test_a_proposal_says_its_evidence() -> None:
    found = proposals(catalog().scores["aldrete"], now(nibp_sys=130.0, spo2=96.0))
    assert found["circulation"].evidence == "BP 130, 30 % off 100 before the start"
    assert found["spo2"].evidence == "96 % on room air"


def test_nothing_is_proposed_without_the_value_or_the_baseline() -> None:
    form = catalog().scores["padss"]
    assert not proposals(form, now(nibp_sys=120.0))
    assert not proposals(form, VitalsNow({Vital.NIBP_SYS: 120.0, Vital.HEART_RATE: 80.0}, {}, ""))


def test_items_that_no_vital_sign_knows_are_never_proposed() -> None:
    found = proposals(catalog().scores["aldrete"], now(nibp_sys=100.0, spo2=97.0, heart_rate=70.0))
    assert set(found) == {"circulation", "spo2"}


def test_the_variant_of_a_form_is_said() -> None:
    assert variant(catalog().scores["aldrete"]) == "circulation: per cent of baseline"
    assert variant(catalog().scores["ponv-impact"]) == ""
