"""The discharge criteria: what meets them, what still runs, and what un-meets them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from app.clinical.discharge import (
    DoseFact,
    Facts,
    Line,
    PressureFact,
    SaidFact,
    ScoreFact,
    lines,
    not_done,
)
from app.clinical.vitals import Vital
from app.instant import Instant
from tests.app.chair import catalog

START = Instant(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), 1000.0)
END = START.plus(3600)
BASELINE = {Vital.SPO2: 97.0, Vital.HEART_RATE: 70.0, Vital.NIBP_SYS: 130.0}


def facts(after_min: float = 30.0, **changes: object) -> Facts:
    """Nothing but the end of an infusion, so many minutes ago."""
    plain = Facts(
        now=END.plus(after_min * 60),
        start=START,
        ended=END,
        recovery_min=20.0,
        protocol=catalog().protocols["low-dose-one-hour"],
        clock=lambda at: f"{at.utc:%H:%M}",
        baseline=BASELINE,
    )
    return msgspec.structs.replace(plain, **changes)


def line(criterion: str, seen: Facts) -> Line:
    return next(one for one in lines(catalog(), seen) if one.id == criterion)


def score(name: str, total: int | None, min_after_end: float) -> ScoreFact:
    return ScoreFact(name, total, END.plus(min_after_end * 60))


def saturation(*runs: tuple[float, float, float]) -> dict[str, Sequence[float]]:
    """(from minute, to minute, value) after the end, every five seconds."""
    at, values = [], []
    for first, last, value in runs:
        for second in range(int(first * 60), int(last * 60), 5):
            at.append(3600.0 + second + 2.5)
            values.append(value)
    return {"spo2_at_s": at, "spo2": values}


# ---------------------------------------------------------------- which apply


def test_every_criterion_of_the_table_is_a_line_where_it_applies() -> None:
    take_home = facts(
        protocol=catalog().protocols["single-day-four-hour"],
        doses=(DoseFact("midazolam", "1 mg IV", END),),
    )
    assert {one.id for one in lines(catalog(), take_home)} == set(catalog().discharge_criteria)


def test_take_home_and_drugs_are_left_out_where_there_are_none() -> None:
    found = {one.id for one in lines(catalog(), facts())}
    assert set(catalog().discharge_criteria) - found == {"take-home", "since-drugs"}


def test_the_physicians_signature_does_not_bar_itself() -> None:
    assert "physician-order" not in {one.id for one in not_done(lines(catalog(), facts()))}


def test_the_words_carry_the_numbers_of_the_table() -> None:
    assert line("aldrete", facts()).words == "Aldrete 9 twice, 15 min apart"
    assert line("haemodynamics", facts()).words == "HR and BP within 20 % of baseline"
    assert line("minimum-recovery", facts()).words == "20 min since the end of infusion"


# ---------------------------------------------------------------- scores


def test_aldrete_counts_twice_and_a_quarter_of_an_hour_apart() -> None:
    once = facts(10, scores=(score("aldrete", 9, 5),))
    assert line("aldrete", once).state == "holding"
    assert line("aldrete", once).left_s == pytest.approx(600)
    soon = facts(21, scores=(score("aldrete", 9, 5), score("aldrete", 10, 19)))
    assert line("aldrete", soon).state == "todo"
    twice = facts(21, scores=(score("aldrete", 9, 5), score("aldrete", 10, 20)))
    met = line("aldrete", twice)
    assert (met.state, met.because) == ("met", "9 at 13:05, 10 at 13:20")
    assert met.at == END.plus(20 * 60)


def test_a_lower_aldrete_unmeets_the_line_and_begins_it_anew() -> None:
    taken = (score("aldrete", 9, 5), score("aldrete", 9, 20), score("aldrete", 8, 25))
    assert line("aldrete", facts(scores=taken)).state == "unmet"
    again = (*taken, score("aldrete", 9, 28))
    assert line("aldrete", facts(scores=again)).state == "holding"


def test_a_score_before_the_end_does_not_count() -> None:
    assert line("padss", facts(scores=(score("padss", 10, -5),))).state == "todo"


def test_a_score_that_is_not_computable_neither_meets_nor_unmeets() -> None:
    taken = (score("padss", 9, 5), score("padss", None, 6))
    assert line("padss", facts(scores=taken)).state == "met"
    nothing = line("padss", facts(scores=(score("padss", None, 6),)))
    assert (nothing.state, nothing.because) == ("todo", "not computable at 13:06")


def test_pain_is_held_against_the_patients_own_baseline() -> None:
    taken = (score("nrs-pain", 6, 5),)
    assert line("pain", facts(scores=taken, scores_before={"nrs-pain": 6})).state == "met"
    assert line("pain", facts(scores=taken, scores_before={"nrs-pain": 5})).state == "unmet"
    assert line("pain", facts(scores=taken)).because == "no score before the start"


def test_nausea_waits_half_an_hour_after_vomiting() -> None:
    taken = (score("nausea-nrs", 3, 5),)
    assert line("nausea", facts(scores=taken)).state == "met"
    waits = line("nausea", facts(30, scores=taken, vomited=END.plus(600)))
    assert waits.state == "holding"
    assert waits.left_s == pytest.approx(600)
    over = line("nausea", facts(41, scores=taken, vomited=END.plus(600)))
    assert (over.state, over.at) == ("met", END.plus(2400))
    assert line("nausea", facts(scores=(score("nausea-nrs", 4, 5),))).state == "unmet"


# ---------------------------------------------------------------- vital signs


def test_the_saturation_has_to_hold_a_quarter_of_an_hour() -> None:
    holding = line("spo2-room-air", facts(10, **saturation((0, 10, 96.0))))
    assert holding.state == "holding"
    assert holding.left_s == pytest.approx(300, abs=10)
    met = line("spo2-room-air", facts(16, **saturation((0, 16, 95.0))))
    assert met.state == "met"
    assert met.because == "95 %, baseline 97 %"


def test_a_saturation_more_than_two_points_below_baseline_unmeets_the_line() -> None:
    dipped = saturation((0, 16, 97.0), (16, 17, 94.0), (17, 20, 97.0))
    after = line("spo2-room-air", facts(20, **dipped))
    assert after.state == "holding"
    assert after.left_s == pytest.approx(720, abs=10)
    assert line("spo2-room-air", facts(17, **saturation((0, 16, 97.0), (16, 17, 94.0)))).state == "unmet"


def test_oxygen_unmeets_the_saturation_and_its_end_begins_the_hold() -> None:
    values = saturation((0, 20, 98.0))
    flows = ((END.plus(-600), 2.0),)
    with_oxygen = line("spo2-room-air", facts(20, **values, oxygen=flows))
    assert (with_oxygen.state, with_oxygen.because) == ("unmet", "98 % with 2 L/min")
    off = line("spo2-room-air", facts(20, **values, oxygen=(*flows, (END.plus(600), 0.0))))
    assert off.left_s == pytest.approx(300, abs=10)


def test_a_missing_saturation_begins_a_hold_anew_and_does_not_unmeet_a_line() -> None:
    gap = saturation((0, 10, 97.0), (12, 20, 97.0))
    assert line("spo2-room-air", facts(20, **gap)).left_s == pytest.approx(420, abs=10)
    met = saturation((0, 16, 97.0))
    assert line("spo2-room-air", facts(40, **met)).state == "met"
    gone = line("spo2-room-air", facts(20, **saturation((0, 5, 97.0))))
    assert (gone.state, gone.because) == ("todo", "no value since 13:04")


def test_without_a_baseline_the_saturation_cannot_be_judged() -> None:
    seen = facts(20, **saturation((0, 20, 97.0)), baseline={})
    assert line("spo2-room-air", seen).because == "no baseline before the start"


def pressure(min_after_end: float, sys: float, rate: float | None) -> PressureFact:
    values = {Vital.NIBP_SYS: sys, Vital.NIBP_DIA: 80.0}
    if rate is not None:
        values[Vital.HEART_RATE] = rate
    return PressureFact(END.plus(min_after_end * 60), values)


@pytest.mark.parametrize(
    ("sys", "rate", "state"),
    [(156.0, 84.0, "met"), (157.0, 70.0, "unmet"), (104.0, 56.0, "met"), (130.0, 85.0, "unmet")],
)
def test_pressure_and_heart_rate_are_held_within_their_per_cent(sys: float, rate: float, state: str) -> None:
    assert line("haemodynamics", facts(pressures=(pressure(5, sys, rate),))).state == state


def test_the_line_is_met_since_the_first_good_pressure_and_shows_the_last() -> None:
    seen = facts(pressures=(pressure(5, 170, 80), pressure(10, 140, 80), pressure(15, 134, 78)))
    met = line("haemodynamics", seen)
    assert (met.at, met.because) == (END.plus(600), "78, 134/80 at 13:15")


def test_a_pressure_without_a_heart_rate_is_no_evidence() -> None:
    assert line("haemodynamics", facts(pressures=(pressure(5, 130, None),))).state == "todo"
    later = facts(pressures=(pressure(5, 130, 70), pressure(10, 130, None)))
    assert line("haemodynamics", later).state == "met"


# ---------------------------------------------------------------- times


def test_the_minimum_recovery_runs_from_the_end_of_the_infusion() -> None:
    runs = line("minimum-recovery", facts(15))
    assert runs.state == "holding"
    assert runs.left_s == pytest.approx(300)
    over = line("minimum-recovery", facts(20))
    assert (over.state, over.at) == ("met", END.plus(1200))


def test_the_observation_runs_from_the_last_dose_of_each_drug() -> None:
    doses = (DoseFact("midazolam", "1 mg IV", END), DoseFact("midazolam", "2 mg IV", END.plus(600)))
    runs = line("since-drugs", facts(30, doses=doses))
    assert (runs.words, runs.because) == ("30 min since midazolam", "2 mg IV at 13:10")
    assert runs.left_s == pytest.approx(600)
    assert line("since-drugs", facts(40, doses=doses)).state == "met"


def test_the_drug_that_is_observed_longest_is_shown() -> None:
    doses = (DoseFact("labetalol", "5 mg IV", END), DoseFact("midazolam", "1 mg IV", END.plus(60)))
    assert line("since-drugs", facts(60, doses=doses)).words == "180 min since labetalol"


def test_a_drug_whose_time_is_not_set_needs_the_physicians_word() -> None:
    unset = next(d for d in catalog().drugs.values() if "observe_after_min" in d.unset)
    seen = line("since-drugs", facts(600, doses=(DoseFact(unset.id, "1 mg", END),)))
    assert (seen.state, seen.may_accept) == ("unmet", True)
    assert "no time is set" in seen.because


# ---------------------------------------------------------------- words


def test_what_was_looked_at_is_met_or_not_by_the_last_word() -> None:
    said = SaidFact("Unsteady", END.plus(60), "LK", ok=False)
    assert line("gait", facts(checks={"gait": said})).state == "unmet"
    walks = SaidFact("Walks unaided", END.plus(120), "LK")
    met = line("gait", facts(checks={"gait": walks}))
    assert (met.state, met.because, met.at) == ("met", "Walks unaided, LK", END.plus(120))


def test_a_physicians_word_stands_beside_what_was_measured() -> None:
    word = SaidFact("Her own normal", END.plus(900), "AM")
    seen = facts(pressures=(pressure(5, 170, 70),), accepted={"haemodynamics": word})
    taken = line("haemodynamics", seen)
    assert (taken.state, taken.measured) == ("accepted", "unmet")
    assert taken.because == "70, 170/80 at 13:05; baseline 70, 130; Her own normal, AM"
    assert taken.id not in {one.id for one in not_done(lines(catalog(), seen))}


def test_a_line_that_is_met_needs_no_word() -> None:
    word = SaidFact("Her own normal", END.plus(900), "AM")
    seen = facts(pressures=(pressure(5, 130, 70),), accepted={"haemodynamics": word})
    assert line("haemodynamics", seen).state == "met"
