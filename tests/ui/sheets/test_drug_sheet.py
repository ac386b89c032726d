from __future__ import annotations

from app.messages import GiveDrug
from tests.ui.window_samples import START, Chair
from ui.widgets.target import Target


def words_of(chair: Chair, name: str) -> str:
    widget = chair.find(name)
    assert isinstance(widget, Target)
    return widget.words


def test_a_usual_dose_is_given_in_three_touches_at_the_time_of_the_first(chair: Chair) -> None:
    chair.touch("drug.midazolam")
    chair.clock.later(9.0)
    chair.touch("dose.1", "give")
    assert chair.acts == [GiveDrug("midazolam", 1.0, "mg", "IV")]
    assert chair.taps[0].at == START


def test_the_giving_target_says_the_act_the_drug_and_the_dose(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.1")
    assert words_of(chair, "give") == "Give midazolam 1 mg"


def test_no_dose_is_chosen_beforehand_and_giving_without_one_is_refused(chair: Chair) -> None:
    chair.touch("drug.midazolam", "give")
    assert chair.acts == []
    assert chair.find("ok").isVisible()


def test_a_barred_dose_that_was_given_is_recorded_with_a_reason_and_a_second_person(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.2", "why.1", "second.s2", "give")
    act = chair.acts[0]
    assert isinstance(act, GiveDrug)
    assert (act.dose, act.reason, act.second) == (2.0, "Side effect", "s2")


def test_a_barred_dose_without_a_reason_is_not_sent(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.2", "give")
    assert chair.acts == []


def test_another_dose_is_typed(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.other")
    chair.type("1.25")
    chair.touch("set", "give")
    act = chair.acts[0]
    assert isinstance(act, GiveDrug)
    assert act.dose == 1.25


def test_a_typed_dose_above_the_single_limit_asks_for_a_reason_and_a_second_person(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.other")
    chair.type("3")
    chair.touch("set", "give")
    assert chair.acts == []
    chair.touch("ok") if chair.window.sheet and not chair.window.sheet.ask_card.isHidden() else None
    chair.touch("why.0", "second.s3", "give")
    assert len(chair.acts) == 1


def test_what_the_engine_still_misses_is_asked_for(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.1", "give")
    chair.answer("refused", "reason", "Above the clinic's total: say why.")
    chair.touch("why.0", "give")
    act = chair.acts[-1]
    assert isinstance(act, GiveDrug)
    assert act.reason == "Pain not better"


def test_a_drug_of_the_patients_allergy_is_struck_through_in_the_list_and_can_still_be_recorded(
    chair: Chair,
) -> None:
    chair.window.open_sheet("drugs")
    target = chair.find("drug.ondansetron")
    assert isinstance(target, Target)
    assert target.struck
    chair.touch("drug.ondansetron", "dose.4", "why.0", "second.s2", "give")
    assert len(chair.acts) == 1


def test_nobody_is_their_own_second_person(chair: Chair) -> None:
    chair.touch("drug.midazolam", "dose.2")
    names = {target.objectName() for target in chair.targets()}
    assert "second.s1" not in names
    assert {"second.s2", "second.s3"} <= names
