"""From a protocol to a draft, an order and a plan."""

from __future__ import annotations

import msgspec
import pytest

from app.catalog import load
from app.clinical.protocol import (
    LABELS,
    Order,
    OrderDraft,
    OrderStep,
    Plan,
    StepDraft,
    default_order,
    finish,
    make_plan,
    unset,
)
from app.refusals import Refused

CATALOG = load()


def draft_of(protocol: str, weight_kg: float | None = 70.0) -> OrderDraft:
    return default_order(CATALOG.protocols[protocol], CATALOG, weight_kg)


def order_of(*steps: OrderStep, **changes: object) -> Order:
    order = Order(
        protocol_id="low-dose-one-hour",
        protocol_version=CATALOG.version,
        drug="ketamine",
        dose_weight_kg=70.0,
        weight_basis="actual",
        rate_unit="mg/kg/h",
        steps=steps or (OrderStep(40, 0.5, 0.5),),
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


def in_mg_h(*steps: OrderStep, **changes: object) -> Order:
    return order_of(*steps, **{"rate_unit": "mg/h", "max_rate": 60.0, "concentration_mg_ml": 1.0, **changes})


def rates(plan: Plan) -> list[tuple[float, float, float]]:
    return [(part.start_s, part.end_s, part.rate_ml_h) for part in plan.segments]


# ---------------------------------------------------------------- draft


def test_the_low_dose_hour_leaves_the_rate_limit_and_the_syringe_to_the_prescriber() -> None:
    draft = draft_of("low-dose-one-hour")
    assert draft.steps == (StepDraft(40, 0.5, 0.5),)
    assert (draft.rate_unit, draft.recovery_min, draft.drug) == ("mg/kg/h", 20, "ketamine")
    assert unset(draft) == ("max_rate", "container_ml", "drug_in_container_mg")


def test_a_protocol_without_numbers_leaves_everything_open() -> None:
    open_fields = unset(draft_of("high-dose-one-hour", None))
    assert open_fields == tuple(field for field in LABELS if field != "session_limit_mg")


def test_a_total_dose_over_a_time_is_stated_as_the_rate_that_gives_it() -> None:
    draft = draft_of("half-mg-per-kg-forty-minutes")
    assert draft.steps == (StepDraft(40, 0.75, 0.75),)
    assert draft.rate_unit == "mg/kg/h"


def test_a_protocols_caps_come_with_it() -> None:
    draft = draft_of("schwartzman-2009")
    assert (draft.max_rate, draft.cap_mg_per_h, draft.session_limit_mg) == (0.35, 25.0, 100.0)
    assert "rate" in unset(draft)


def test_every_open_field_of_every_protocol_has_words() -> None:
    for protocol in CATALOG.protocols:
        assert set(unset(draft_of(protocol, None))) <= set(LABELS)


def test_an_unfilled_draft_is_refused_with_its_field() -> None:
    with pytest.raises(Refused) as caught:
        finish(draft_of("low-dose-one-hour"))
    assert caught.value.field == "max_rate"


def test_a_finished_draft_makes_the_concentration_from_drug_and_container() -> None:
    draft = msgspec.structs.replace(
        draft_of("low-dose-one-hour"), max_rate=0.6, container_ml=104.0, drug_in_container_mg=200.0
    )
    order = finish(draft)
    assert order.concentration_mg_ml == pytest.approx(1.9231, abs=5e-5)
    assert order.protocol_version == CATALOG.version


def test_an_order_survives_its_json() -> None:
    order = finish(
        msgspec.structs.replace(
            draft_of("schwartzman-2009"),
            steps=(StepDraft(240.0, 0.35, 0.35),),
            container_ml=50.0,
            drug_in_container_mg=100.0,
            recovery_min=60.0,
        )
    )
    assert msgspec.json.decode(msgspec.json.encode(order), type=Order) == order


# ---------------------------------------------------------------- plan


def test_d01_the_low_dose_hour_as_the_pump_is_set() -> None:
    plan = make_plan(order_of())
    assert rates(plan) == [(0.0, 2400.0, 17.5)]
    assert plan.total_mg == pytest.approx(23.333, abs=5e-4)
    assert (plan.peak_mg_h, plan.peak_mg_kg_h, plan.peak_ml_h) == (35.0, 0.5, 17.5)
    assert not plan.capped


def test_the_planned_dose_is_that_of_the_rounded_rate() -> None:
    plan = make_plan(in_mg_h(OrderStep(240, 23.87, 23.87), concentration_mg_ml=2.0))
    assert plan.segments[0].rate_ml_h == 11.9
    assert plan.total_mg == pytest.approx(95.2, abs=1e-9)


def test_a_cap_holds_the_rate_and_the_plan_says_so() -> None:
    plan = make_plan(order_of(OrderStep(240, 0.35, 0.35), dose_weight_kg=80.0, cap_mg_per_h=25.0))
    assert plan.capped
    assert plan.peak_mg_h == 25.0
    assert plan.peak_mg_kg_h == 0.3125


def test_d03_a_cap_that_is_not_reached_changes_nothing() -> None:
    plan = make_plan(order_of(OrderStep(240, 0.35, 0.35), dose_weight_kg=60.0, cap_mg_per_h=25.0))
    assert not plan.capped
    assert plan.total_mg == pytest.approx(84.0)


def test_steps_of_ten_twenty_thirty_forty_make_125_mg() -> None:
    steps = (OrderStep(30, 10, 10), OrderStep(30, 20, 20), OrderStep(60, 30, 30), OrderStep(120, 40, 40))
    plan = make_plan(in_mg_h(*steps))
    assert plan.total_mg == pytest.approx(125.0)
    assert [rate for _, _, rate in rates(plan)] == [10.0, 20.0, 30.0, 40.0]


def test_d10_a_ramp_is_a_staircase_of_minutes_with_the_ramps_dose() -> None:
    plan = make_plan(in_mg_h(OrderStep(60, 10, 50), OrderStep(180, 50, 50)))
    assert plan.total_mg == pytest.approx(180.0, rel=5e-3)
    assert plan.total_mg <= 180.0
    assert plan.rate_ml_h_at(30 * 60) == 30.3
    assert plan.mg_at(1800) == pytest.approx(10.0, rel=5e-3)
    assert all(part.rate_ml_h <= 50.0 for part in plan.segments)


def test_a_falling_ramp_is_a_staircase_too() -> None:
    plan = make_plan(in_mg_h(OrderStep(10, 20, 10)))
    assert [rate for _, _, rate in rates(plan)] == [
        19.5,
        18.5,
        17.5,
        16.5,
        15.5,
        14.5,
        13.5,
        12.5,
        11.5,
        10.5,
    ]


def test_a_ramp_ends_in_a_part_of_a_minute() -> None:
    plan = make_plan(in_mg_h(OrderStep(1.5, 10, 40)))
    assert rates(plan) == [(0.0, 60.0, 20.0), (60.0, 90.0, 35.0)]


def test_neighbours_of_the_same_rate_are_one_stretch() -> None:
    plan = make_plan(in_mg_h(OrderStep(10, 20, 20), OrderStep(10, 20, 20)))
    assert rates(plan) == [(0.0, 1200.0, 20.0)]


def test_stretches_follow_each_other_without_a_gap() -> None:
    plan = make_plan(in_mg_h(OrderStep(7.5, 10, 40), OrderStep(12, 40, 40), OrderStep(3, 40, 10)))
    ends = [0.0, *(part.end_s for part in plan.segments)]
    assert [part.start_s for part in plan.segments] == ends[:-1]
    assert ends[-1] == plan.end_s == 22.5 * 60


def test_before_the_start_and_after_the_end_nothing_flows() -> None:
    plan = make_plan(order_of())
    assert plan.rate_ml_h_at(-1) == 0
    assert plan.rate_ml_h_at(0) == 17.5
    assert plan.rate_ml_h_at(2400) == 0
    assert plan.mg_at(-5) == 0
    assert plan.mg_at(9999) == plan.total_mg


def test_the_dose_grows_with_the_time() -> None:
    plan = make_plan(order_of())
    assert plan.mg_at(1200) == pytest.approx(plan.total_mg / 2)
    assert plan.ml_at(1200) == pytest.approx(plan.total_ml / 2)


def test_each_container_that_runs_dry_has_its_time() -> None:
    plan = make_plan(in_mg_h(OrderStep(240, 50, 50), container_ml=50.0))
    assert plan.syringe_changes_s == (3600.0, 7200.0, 10800.0)


def test_a_container_that_just_lasts_is_not_changed() -> None:
    assert make_plan(in_mg_h(OrderStep(60, 50, 50), container_ml=50.0)).syringe_changes_s == ()


def test_a_rate_below_the_pumps_smallest_step_is_refused() -> None:
    with pytest.raises(Refused, match="smallest step"):
        make_plan(in_mg_h(OrderStep(60, 0.05, 0.05)))


@pytest.mark.parametrize("minutes", [0.0, -5.0, float("nan")])
def test_a_step_without_a_time_is_refused(minutes: float) -> None:
    with pytest.raises(Refused):
        make_plan(order_of(OrderStep(minutes, 0.5, 0.5)))


def test_a_plan_of_more_than_a_day_is_refused() -> None:
    with pytest.raises(Refused, match="24 h"):
        make_plan(order_of(OrderStep(1e9, 0.1, 0.5)))


def test_an_order_without_steps_is_refused() -> None:
    with pytest.raises(Refused, match="no step"):
        make_plan(order_of(steps=()))
