from __future__ import annotations

from app.clinical.protocol import StepDraft
from app.messages import SignOrder
from tests.ui.window_samples import Chair, shot


def begun(chair: Chair, protocol: str = "single-day-four-hour") -> None:
    chair.show(shot("check-in"))
    chair.touch("to_order")
    chair.touch("row.protocol", f"choice.{protocol}")


def number(chair: Chair, *texts: str) -> None:
    for text in texts:
        chair.type(text)
        chair.touch("set")


def staircase(chair: Chair) -> None:
    begun(chair)
    chair.touch("row.steps", "choice.mg/h", "step.add")
    number(chair, "30", "20")
    chair.touch("step.add")
    number(chair, "30", "30")
    chair.touch("step.add")
    number(chair, "180", "35")


def test_the_three_steps_of_the_mock_make_its_figures(chair: Chair) -> None:
    staircase(chair)
    chair.touch("editor.done", "row.syringe", "choice.50", "choice.2", "row.max_rate")
    number(chair, "42")
    chair.touch("row.recovery")
    number(chair, "60")
    stats = {name: stat.value for name, stat in chair.window.order.stats.items()}
    assert stats == {"mg": "130 mg", "ml": "65 mL", "peak": "0.5", "time": "4:00"}
    drawn = chair.window.order.plan.drawn
    assert drawn is not None
    assert len(drawn.plan.syringe_changes_s) == 1


def test_a_staircase_is_signed_as_it_stands(chair: Chair) -> None:
    staircase(chair)
    chair.touch("editor.done", "row.syringe", "choice.50", "choice.2", "row.max_rate")
    number(chair, "42")
    chair.touch("row.recovery")
    number(chair, "60")
    chair.touch("sign_order", "signer.s2")
    chair.type("2222", "pin")
    chair.touch("sign_now")
    act = chair.acts[0]
    assert isinstance(act, SignOrder)
    assert [(step.minutes, step.rate_from) for step in act.order.steps] == [(30, 20), (30, 30), (180, 35)]


def test_a_ramp_asks_for_both_of_its_ends(chair: Chair) -> None:
    begun(chair)
    chair.touch("row.steps", "choice.mg/h", "ramp.add")
    number(chair, "10", "5", "30")
    chair.touch("editor.done")
    assert chair.window.order.draft is not None
    assert chair.window.order.draft.steps == (StepDraft(10.0, 5.0, 30.0),)


def test_a_step_is_put_right_and_the_last_one_removed(chair: Chair) -> None:
    staircase(chair)
    chair.touch("step.2")
    number(chair, "45", "25")
    chair.touch("step.remove", "editor.done")
    assert chair.window.order.draft is not None
    assert chair.window.order.draft.steps == (StepDraft(30.0, 20.0, 20.0), StepDraft(45.0, 25.0, 25.0))


def test_the_rate_of_a_staircase_opens_its_steps(chair: Chair) -> None:
    staircase(chair)
    chair.touch("editor.done", "row.rate")
    assert chair.find("step.3").isVisible()


def test_a_fixed_carrier_makes_the_strength_fit_its_flow(chair: Chair) -> None:
    begun(chair, "schwartzman-2009")
    chair.touch("row.rate")
    number(chair, "0.35")
    chair.touch("row.syringe", "choice.100", "choice.fit", "row.recovery")
    number(chair, "60")
    draft, plan = chair.window.order.draft, chair.window.order.plan.drawn
    assert draft is not None
    assert plan is not None
    assert draft.concentration_mg_ml == 0.98
    assert (plan.plan.peak_ml_h, plan.plan.total_mg) == (25.0, 98.0)


def test_a_hundred_millilitres_in_a_fifty_syringe_mark_a_change(chair: Chair) -> None:
    begun(chair, "schwartzman-2009")
    chair.touch("row.rate")
    number(chair, "0.35")
    chair.touch("row.syringe", "choice.50", "choice.fit", "row.recovery")
    number(chair, "60")
    drawn = chair.window.order.plan.drawn
    assert drawn is not None
    assert drawn.plan.syringe_changes_s == (7200.0,)


def test_a_cap_says_what_it_leaves_of_the_rate(chair: Chair) -> None:
    chair.show(shot("check-in"))
    chair.touch("to_order")
    assert chair.shown.patient is not None
    import msgspec

    chair.show(patient=msgspec.structs.replace(chair.shown.patient, weight_kg=90.0))
    chair.touch("row.protocol", "choice.schwartzman-2009", "row.rate")
    number(chair, "0.35")
    chair.touch("row.syringe", "choice.100", "choice.fit", "row.recovery")
    number(chair, "60")
    words = chair.window.order.verdict_words.text + chair.window.order.verdict_more.text
    assert "Held at the cap of 25 mg/h: 0.278 mg/kg/h at 90 kg." in words


def test_every_row_of_the_order_is_large_enough(chair: Chair) -> None:
    begun(chair)
    chair.touch("row.max_rate", "choice.mg/kg/h")
    number(chair, "0.35")
    chair.touch("row.cap")
    number(chair, "25")
    chair.touch("row.session_limit")
    number(chair, "100")
    chair.touch("row.rate")
    number(chair, "0.35")
    mm = chair.look.metrics.in_mm
    rows = [t for t in chair.targets() if t.objectName().startswith("row.")]
    assert len(rows) == 10
    assert all(mm(t.width()) >= 20 and mm(t.height()) >= 15 for t in rows)
    assert all(t.fits() for t in rows)
