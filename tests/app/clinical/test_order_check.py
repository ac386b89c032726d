"""What stands against an order and against a new rate."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.catalog import load
from app.clinical.dosing import Verdict
from app.clinical.order_check import OrderVerdict, RateVerdict, check_order, check_rate
from app.clinical.protocol import Order, OrderStep, make_plan

CATALOG = load()


def order_of(protocol: str = "low-dose-one-hour", **changes: Any) -> Order:
    order = Order(
        protocol_id=protocol,
        protocol_version=CATALOG.version,
        drug="ketamine",
        dose_weight_kg=70.0,
        weight_basis="actual",
        rate_unit="mg/kg/h",
        steps=(OrderStep(40, 0.5, 0.5),),
        max_rate=0.6,
        cap_mg_per_h=None,
        session_limit_mg=None,
        container_ml=50.0,
        drug_in_container_mg=100.0,
        concentration_mg_ml=2.0,
        recovery_min=20.0,
        pump_resolution_ml_h=0.1,
    )
    return msgspec.structs.replace(order, **changes)


def judged(order: Order) -> OrderVerdict:
    return check_order(order, CATALOG.protocols[order.protocol_id], CATALOG)


def refused_fields(order: Order) -> set[str]:
    return {finding.field for finding in judged(order).refused}


def schwartzman(**changes: object) -> Order:
    values: dict[str, object] = {
        "steps": (OrderStep(240, 0.35, 0.35),),
        "max_rate": 0.35,
        "cap_mg_per_h": 25.0,
        "session_limit_mg": 100.0,
    }
    return order_of("schwartzman-2009", **{**values, **changes})


def test_an_order_within_every_limit_is_said_to_be_so() -> None:
    verdict = judged(order_of())
    assert (verdict.refused, verdict.needs_reason) == ((), ())
    assert verdict.ok == ("Within every limit of the clinic.", "Tenfold and tenth check: passed.")
    assert verdict.plan == make_plan(order_of())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dose_weight_kg": 700.0}, "dose_weight_kg"),
        ({"dose_weight_kg": 0.0}, "dose_weight_kg"),
        ({"dose_weight_kg": 29.9}, "dose_weight_kg"),
        ({"dose_weight_kg": float("nan")}, "dose_weight_kg"),
        ({"steps": (OrderStep(40, 0.61, 0.61),)}, "rate"),
        ({"steps": (OrderStep(40, 0.0, 0.5),)}, "rate"),
        ({"steps": (OrderStep(601, 0.5, 0.5),)}, "minutes"),
        ({"steps": ()}, "minutes"),
        ({"steps": (OrderStep(40, float("inf"), 0.5),)}, "rate"),
        ({"max_rate": 0.0}, "max_rate"),
        ({"max_rate": float("inf")}, "max_rate"),
        ({"max_rate": 2.01}, "max_rate"),
        ({"concentration_mg_ml": 20.0}, "concentration_mg_ml"),
        ({"concentration_mg_ml": 1.98}, "concentration_mg_ml"),
        ({"drug_in_container_mg": 0.0}, "drug_in_container_mg"),
        ({"container_ml": 0.5}, "container_ml"),
        (
            {"drug_in_container_mg": 150.0, "container_ml": 1.0, "concentration_mg_ml": 150.0},
            "drug_in_container_mg",
        ),
        ({"recovery_min": 19.0}, "recovery_min"),
        ({"session_limit_mg": 23.0}, "session_limit_mg"),
        ({"session_limit_mg": -1.0}, "session_limit_mg"),
        ({"rate_unit": "mg/h"}, "rate_unit"),
        ({"drug": "esketamine"}, "drug"),
        ({"weight_basis": "guessed"}, "weight_basis"),
        ({"pump_resolution_ml_h": 0.01}, "rate"),
        ({"protocol_version": "older"}, "protocol_id"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_its_field(changes: dict[str, Any], field: str) -> None:
    assert field in refused_fields(order_of(**changes))


def test_bounds_themselves_are_allowed() -> None:
    assert refused_fields(order_of(dose_weight_kg=300.0)) == set()
    assert refused_fields(order_of(dose_weight_kg=30.0, session_limit_mg=10.0)) == set()
    assert refused_fields(order_of(steps=(OrderStep(40, 0.6, 0.6),))) == set()
    assert refused_fields(order_of(max_rate=2.0)) == set()


def test_the_reason_of_a_refusal_tells_the_numbers() -> None:
    refusals = judged(order_of(dose_weight_kg=700.0)).refused
    assert refusals[0].reason == "700 kg is outside 30 to 300 kg."
    told = judged(order_of(concentration_mg_ml=20.0)).refused[0].reason
    assert told == "100 mg in 50 mL is 2 mg/mL, not 20."


def test_a_concentration_rounded_for_the_label_is_taken() -> None:
    assert (
        refused_fields(order_of(drug_in_container_mg=200.0, container_ml=104.0, concentration_mg_ml=1.92))
        == set()
    )


def test_above_the_clinics_limit_per_kg_a_reason_is_needed() -> None:
    order = order_of(steps=(OrderStep(40, 1.1, 1.1),), max_rate=1.2)
    verdict = judged(order)
    assert verdict.refused == ()
    assert {finding.field for finding in verdict.needs_reason} == {"rate", "max_rate"}
    assert "above the clinic's limit, 1" in verdict.needs_reason[0].reason


def test_exactly_the_clinics_limit_needs_no_reason() -> None:
    assert judged(order_of(steps=(OrderStep(40, 1.0, 1.0),), max_rate=1.0)).needs_reason == ()


def test_d08_fifty_mg_h_needs_a_reason_at_45_kg_and_none_at_50() -> None:
    def fixed(kg: float) -> Order:
        return order_of(
            "fixed-rate-four-hour",
            rate_unit="mg/h",
            steps=(OrderStep(240, 50, 50),),
            max_rate=50.0,
            dose_weight_kg=kg,
        )

    assert {finding.field for finding in judged(fixed(45)).needs_reason} == {"rate", "max_rate"}
    assert judged(fixed(50)).needs_reason == ()
    assert judged(fixed(45)).refused == ()


def test_below_the_protocols_range_a_reason_is_needed() -> None:
    order = order_of("fixed-rate-four-hour", rate_unit="mg/h", steps=(OrderStep(240, 8, 8),), max_rate=50.0)
    assert [finding.field for finding in judged(order).needs_reason] == ["rate"]


def test_a_rate_limit_above_the_protocols_own_is_refused() -> None:
    assert refused_fields(schwartzman(max_rate=0.36)) == {"max_rate"}


@pytest.mark.parametrize("cap", [None, 25.1])
def test_a_protocols_cap_can_neither_be_left_out_nor_raised(cap: float | None) -> None:
    assert refused_fields(schwartzman(cap_mg_per_h=cap)) == {"cap_mg_per_h"}


@pytest.mark.parametrize("limit", [None, 101.0])
def test_a_protocols_session_limit_can_neither_be_left_out_nor_raised(limit: float | None) -> None:
    assert refused_fields(schwartzman(session_limit_mg=limit)) == {"session_limit_mg"}


def test_a_cap_that_holds_is_told_with_its_effective_rate() -> None:
    verdict = judged(schwartzman(dose_weight_kg=80.0))
    assert verdict.refused == ()
    assert verdict.ok[-1] == "Held at the cap of 25 mg/h: 0.313 mg/kg/h at 80 kg."


@pytest.mark.parametrize("rate", [5.0, 0.05])
def test_ten_times_or_a_tenth_of_the_protocols_rate_is_asked_about(rate: float) -> None:
    order = order_of(steps=(OrderStep(40, 0.5, rate),), max_rate=5.0, concentration_mg_ml=2.0)
    told = [finding.reason for finding in judged(order).needs_reason if finding.field == "rate"]
    assert any("Did you mean 0.5?" in reason for reason in told)


def test_a_reference_protocol_cannot_be_run() -> None:
    assert "protocol_id" in refused_fields(order_of("goldberg-2010", rate_unit="mg/h"))


def test_a_rate_above_what_the_pump_runs_is_refused() -> None:
    order = order_of(
        dose_weight_kg=300.0, steps=(OrderStep(1, 0.6, 0.6),), container_ml=1000.0, concentration_mg_ml=0.1
    )
    assert "rate" in refused_fields(order)


def test_every_fault_of_an_order_is_told_at_once() -> None:
    order = order_of(dose_weight_kg=700.0, recovery_min=1.0, concentration_mg_ml=20.0, max_rate=0.0)
    assert refused_fields(order) == {"dose_weight_kg", "recovery_min", "concentration_mg_ml", "max_rate"}


# ---------------------------------------------------------------- the rate sheet


def four_hours(**changes: object) -> Order:
    """Mock d: 4 h in steps of 10, 15, 17.5 mL/h at 2 mg/mL and 70 kg."""
    steps = (OrderStep(30, 20, 20), OrderStep(30, 30, 30), OrderStep(180, 35, 35))
    values = {"rate_unit": "mg/h", "steps": steps, "max_rate": 42.0, "session_limit_mg": 150.0, **changes}
    return order_of("fixed-rate-four-hour", **values)


def changed(rate: float, order: Order | None = None, **said: float | None) -> RateVerdict:
    order = order or four_hours()
    values: dict[str, float | None] = {"now_s": 71 * 60.0, "expected_ml_h": 17.5, "given_mg": 31.2, **said}
    return check_rate(order, make_plan(order), rate, CATALOG, **values)  # type: ignore[arg-type]


def test_a_new_rate_is_told_in_all_units_with_the_total_at_the_unmoved_end() -> None:
    verdict = changed(20)
    assert (verdict.now.ml_h, verdict.now.mg_h, verdict.now.mg_kg_h) == (17.5, 35.0, 0.5)
    assert (verdict.new.ml_h, verdict.new.mg_h) == (20.0, 40.0)
    assert verdict.new.mg_kg_h == pytest.approx(0.571, abs=5e-4)
    assert verdict.new.mcg_kg_min == pytest.approx(9.524, abs=5e-4)
    assert verdict.now.total_mg == pytest.approx(31.2 + 35 * 169 / 60)
    assert verdict.new.total_mg == pytest.approx(31.2 + 40 * 169 / 60)
    assert verdict.ends_in_s == 169 * 60
    assert verdict.off_plan_pct == pytest.approx(14.29, abs=5e-3)


def test_the_nearest_limit_stands_first_with_its_percentage() -> None:
    first, second, *_ = changed(20).limits
    assert (first.label, round(first.percent)) == ("Session limit 150 mg", 96)
    assert (second.label, round(second.percent)) == ("Rate limit 42 mg/h", 95)
    assert first.verdict is Verdict.OK


def test_a_rate_within_limits_needs_nothing() -> None:
    verdict = changed(20)
    assert (verdict.refused, verdict.needs_reason, verdict.question) == ((), (), None)


def test_a_rate_equal_to_the_limit_is_allowed_and_one_step_more_is_refused() -> None:
    assert changed(21, four_hours(session_limit_mg=None)).refused == ()
    assert "42 mg/h" in changed(21.1, four_hours(session_limit_mg=None)).refused[0]


def test_a_total_above_the_session_limit_is_refused() -> None:
    told = changed(21, four_hours(session_limit_mg=145.0)).refused
    assert len(told) == 1
    assert "session limit 145 mg" in told[0]


def test_an_unknown_given_dose_leaves_the_total_unknown_and_asks_for_a_reason() -> None:
    verdict = changed(20, given_mg=None)
    assert verdict.new.total_mg is None
    assert "not known" in verdict.needs_reason[0]


def test_above_the_clinics_limit_a_rate_needs_a_reason() -> None:
    verdict = changed(36, four_hours(max_rate=80.0, session_limit_mg=None))
    assert verdict.refused == ()
    assert "clinic limit 1 mg/kg/h" in verdict.needs_reason[0]


def test_above_the_most_that_is_allowed_a_rate_is_refused_whatever_the_order_says() -> None:
    verdict = changed(71, four_hours(max_rate=200.0, session_limit_mg=None))
    assert any("most allowed 2 mg/kg/h" in reason for reason in verdict.refused)


def test_an_orders_cap_refuses_a_rate_above_it() -> None:
    order = four_hours(cap_mg_per_h=38.0)
    assert "cap 38 mg/h" in changed(20, order).refused[0]


@pytest.mark.parametrize(("rate", "words"), [(175, "ten times"), (1.8, "a tenth of"), (1.7, "a tenth of")])
def test_ten_times_or_a_tenth_of_the_ordered_rate_is_asked_about(rate: float, words: str) -> None:
    question = changed(rate).question
    assert question is not None
    assert words in question
    assert "Did you mean 17.5?" in question


@pytest.mark.parametrize(
    ("rate", "words"),
    [(0, "Pause or End"), (-1, "Pause or End"), (17.55, "steps of 0.1"), (1201, "0.1 to 1200")],
)
def test_a_rate_that_the_pump_cannot_be_set_to_is_refused(rate: float, words: str) -> None:
    assert words in changed(rate).refused[0]


def test_after_an_earlier_change_the_rest_counts_at_the_ordered_rate() -> None:
    verdict = changed(18, expected_ml_h=20.0)
    assert verdict.now.total_mg == pytest.approx(31.2 + 40 * 169 / 60)


def test_past_the_planned_end_nothing_is_added() -> None:
    verdict = changed(18, now_s=5 * 3600.0, given_mg=130.0)
    assert verdict.ends_in_s == 0
    assert verdict.new.total_mg == 130.0
    assert verdict.off_plan_pct is None
