"""The rescue guard: single limits, session totals, intervals, groups, allergies; and the drug's sheet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest

from app.catalog import load
from app.clinical.drugs import check_given, doses_of, drug_sheet, findings, limits_for, too_early
from app.clinical.tables import Catalog
from app.clinical.vitals import Vital
from app.entries import DrugGiven, Entry, PatientIdentified, Retracted, ScoreTaken
from app.frames import DoseChoice, DrugCheck, DrugSheet
from app.instant import Instant
from app.messages import GiveDrug
from app.refusals import Refused
from app.session import Session

NOON = Instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), 50_000.0)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def at(minutes: float) -> Instant:
    return NOON.plus(minutes * 60)


def a_session(age: int = 45, weight_kg: float = 70.0, allergies: tuple[str, ...] = ()) -> Session:
    session = Session("s1")
    born = date(2026 - age, 1, 15)
    _add(
        session, PatientIdentified("417", "Rosa Martin", born, "F", weight_kg, allergies, not allergies), NOON
    )
    return session


def _add(session: Session, body: object, when: Instant) -> str:
    uuid = f"e{len(session.entries)}"
    session.apply(Entry(uuid, session.id, when, when.utc, "boot", "lk", body))  # type: ignore[arg-type]
    return uuid


def given(session: Session, dose: float, minutes: float, drug: str = "midazolam") -> str:
    return _add(session, DrugGiven(drug, dose, "mg", "IV"), at(minutes))


def midazolam(dose: float = 1.0, **more: object) -> GiveDrug:
    return msgspec.structs.replace(GiveDrug("midazolam", dose, "mg", "IV"), **more)


def refusal(catalog: Catalog, session: Session, act: GiveDrug, minutes: float = 0.0) -> Refused:
    with pytest.raises(Refused) as caught:
        check_given(catalog, session, act, at(minutes), author=("lk", "Lena Koch", "LK"))
    return caught.value


def check(catalog: Catalog, session: Session, act: GiveDrug, minutes: float = 0.0) -> None:
    check_given(catalog, session, act, at(minutes), author=("lk", "Lena Koch", "LK"))


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (GiveDrug("aspirin", 1, "mg", "IV"), "drug"),
        (GiveDrug("oxygen", 2, "L/min", "nasal"), "drug"),
        (GiveDrug("ketamine", 2, "mg", "IV infusion"), "drug"),
        (GiveDrug("midazolam", 1, "mcg", "IV"), "unit"),
        (GiveDrug("midazolam", 1, "mg", "PO"), "route"),
        (GiveDrug("promethazine", 6.25, "mg", "IV"), "route"),
        (GiveDrug("midazolam", 0, "mg", "IV"), "dose"),
        (GiveDrug("midazolam", -1, "mg", "IV"), "dose"),
        (GiveDrug("midazolam", float("nan"), "mg", "IV"), "dose"),
        (GiveDrug("midazolam", float("inf"), "mg", "IV"), "dose"),
    ],
)
def test_a_dose_that_the_table_does_not_know_is_refused_by_its_field(
    catalog: Catalog, act: GiveDrug, field: str
) -> None:
    assert refusal(catalog, a_session(), act).field == field


def test_a_usual_dose_needs_nothing(catalog: Catalog) -> None:
    check(catalog, a_session(), midazolam(1.0))


# ---------------------------------------------------------------- the single limit


def test_the_hard_limit_itself_is_allowed(catalog: Catalog) -> None:
    check(catalog, a_session(), midazolam(2.5))


def test_above_the_hard_limit_a_reason_is_asked_first_and_then_a_second_name(catalog: Catalog) -> None:
    session = a_session()
    no_reason = refusal(catalog, session, midazolam(3.0))
    no_second = refusal(catalog, session, midazolam(3.0, reason="given before the limit was seen"))
    assert (no_reason.field, no_second.field) == ("reason", "second")
    assert "limit 2.5 mg" in no_reason.reason


def test_what_was_given_above_the_limit_is_written_with_a_reason_and_a_second_name(catalog: Catalog) -> None:
    check(catalog, a_session(), midazolam(3.0, reason="panic", second="Omar Said"))


@pytest.mark.parametrize("name", ["lk", "Lena Koch", " LK ", "lena koch"])
def test_the_second_person_is_somebody_else(catalog: Catalog, name: str) -> None:
    assert refusal(catalog, a_session(), midazolam(3.0, reason="panic", second=name)).field == "second"


def test_from_the_sixtieth_birthday_on_the_lower_limit_counts(catalog: Catalog) -> None:
    check(catalog, a_session(age=59), midazolam(2.0))
    assert "limit 1.5 mg (60 y)" in refusal(catalog, a_session(age=60), midazolam(2.0)).reason


def test_the_age_is_that_of_the_local_day(catalog: Catalog) -> None:
    born = PatientIdentified("1", "A", date(1966, 3, 3), "F", 70.0, (), True)
    late = Instant(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), 0.0)
    east = timezone(timedelta(hours=2))
    row = catalog.drugs["midazolam"]
    assert limits_for(catalog, row, born, "IV", late).hard_single == 2.5
    assert limits_for(catalog, row, born, "IV", late, east).hard_single == 1.5


def test_ketorolac_is_halved_from_65_years_or_below_50_kg(catalog: Catalog) -> None:
    row = catalog.drugs["ketorolac"]
    limits = [
        limits_for(catalog, row, a_session(age, kg).patient, "IV", NOON).hard_single
        for age, kg in ((64, 50.0), (65, 50.0), (40, 49.9))
    ]
    assert limits == [30.0, 15.0, 15.0]


def test_acetaminophen_below_50_kg_counts_by_weight_only_into_a_vein(catalog: Catalog) -> None:
    row, light = catalog.drugs["acetaminophen"], a_session(weight_kg=44.0).patient
    assert limits_for(catalog, row, light, "IV", NOON).hard_single == 660.0
    assert limits_for(catalog, row, light, "PO", NOON).hard_single == 1000.0


# ---------------------------------------------------------------- allergy, emergency


def test_against_an_allergy_a_given_dose_needs_a_reason_and_a_second_name(catalog: Catalog) -> None:
    session = a_session(allergies=("ondansetron",))
    dose = GiveDrug("ondansetron", 4, "mg", "IV")
    assert "Allergy recorded: ondansetron" in refusal(catalog, session, dose).reason
    check(catalog, session, msgspec.structs.replace(dose, reason="not known then", second="Omar Said"))


def test_an_emergency_drug_is_never_blocked(catalog: Catalog) -> None:
    session = a_session(allergies=("flumazenil",))
    given(session, 1.0, 0, "flumazenil")
    check(catalog, session, GiveDrug("flumazenil", 0.5, "mg", "IV"), 0.1)


def test_what_stands_against_an_emergency_drug_is_still_found(catalog: Catalog) -> None:
    found = findings(catalog, a_session(), catalog.drugs["flumazenil"], 0.5, "IV", NOON)
    assert "limit 0.2 mg" in found.hard[0]


# ---------------------------------------------------------------- interval and totals


def test_vector_d30_the_first_dose_above_the_session_total_needs_a_reason(catalog: Catalog) -> None:
    assert _first_over(catalog, 45) == 3
    assert _first_over(catalog, 61) == 1


def _first_over(catalog: Catalog, age: int) -> int | None:
    session, row = a_session(age), catalog.drugs["midazolam"]
    for index, dose in enumerate((2.0, 2.0, 1.0, 1.0)):
        soft = findings(catalog, session, row, dose, "IV", at(20 * index)).soft
        if any("in this session" in words for words in soft):
            return index
        given(session, dose, 20 * index)
    return None


def test_vector_d31_three_minutes_from_the_end_of_the_last_dose(catalog: Catalog) -> None:
    session, early = a_session(), []
    for minutes in (0, 2, 5):
        soft = findings(catalog, session, catalog.drugs["midazolam"], 0.5, "IV", at(minutes)).soft
        early.append(any("wait 3 min" in words for words in soft))
        given(session, 0.5, minutes)
    assert early == [False, True, False]


def test_exactly_the_interval_is_not_too_early() -> None:
    assert not too_early(180.0, 3.0)
    assert too_early(179.9, 3.0)
    assert not too_early(0.0, None)


def test_a_dose_too_early_is_written_with_a_reason_alone(catalog: Catalog) -> None:
    session = a_session()
    given(session, 1.0, 0)
    assert refusal(catalog, session, midazolam(1.0), 1).field == "reason"
    check(catalog, session, midazolam(1.0, reason="panic"), 1)


def test_a_back_dated_dose_is_held_against_the_dose_after_it(catalog: Catalog) -> None:
    session = a_session()
    given(session, 1.0, 10)
    assert refusal(catalog, session, midazolam(1.0, back_min=9), 20).field == "reason"
    check(catalog, session, midazolam(1.0, back_min=5), 20)


def test_a_dose_taken_back_does_not_count(catalog: Catalog) -> None:
    session = a_session()
    uuid = given(session, 2.5, 0)
    given(session, 2.5, 30)
    _add(session, Retracted(uuid), at(31))
    check(catalog, session, midazolam(2.5), 60)
    assert [dose.dose for dose in doses_of(session, "midazolam")] == [2.5]


def test_a_total_of_tenths_is_exact(catalog: Catalog) -> None:
    session = a_session()
    for n in range(3):
        given(session, 0.1, 20 * n, "glycopyrrolate")
    check(catalog, session, GiveDrug("glycopyrrolate", 0.1, "mg", "IV"), 80)
    given(session, 0.1, 80, "glycopyrrolate")
    assert refusal(catalog, session, GiveDrug("glycopyrrolate", 0.1, "mg", "IV"), 120).field == "reason"


def test_benzodiazepines_add_up_as_shares_and_never_as_milligrams(catalog: Catalog) -> None:
    session = a_session()
    given(session, 1.0, 0, "lorazepam")
    check(catalog, session, midazolam(2.5), 30)
    given(session, 2.5, 30)
    words = refusal(catalog, session, midazolam(0.5), 60).reason
    assert "All benzodiazepine doses together are 110 %" in words


def test_flumazenil_is_not_in_the_sum_of_the_benzodiazepines(catalog: Catalog) -> None:
    session = a_session()
    given(session, 0.2, 0, "flumazenil")
    check(catalog, session, midazolam(2.5), 30)


# ---------------------------------------------------------------- the sheet


LIVE = {
    Vital.SPO2: 97.0,
    Vital.RESP_RATE: 14.0,
    Vital.ETCO2: 38.0,
    Vital.NIBP_SYS: 138.0,
    Vital.HEART_RATE: 84.0,
}


def mock_e2() -> Session:
    session = a_session(age=61)
    _add(session, ScoreTaken("moaas", 5), at(-30))
    given(session, 1.0, -36)
    return session


def sheet(catalog: Catalog, session: Session, drug: str = "midazolam", **live: float | None) -> DrugSheet:
    vitals: dict[Vital, float | None] = {**LIVE, **{Vital(name): value for name, value in live.items()}}
    return drug_sheet(catalog, session, drug, NOON, vitals, timezone(timedelta(hours=2)))


def line(checks: tuple[DrugCheck, ...], label: str) -> DrugCheck | None:
    return next((check for check in checks if check.label == label), None)


def button(shown: DrugSheet, dose: float) -> DoseChoice:
    return next(choice for choice in shown.doses if choice.dose == dose)


def test_the_head_of_the_sheet_says_route_schedule_strengths_and_time(catalog: Catalog) -> None:
    shown = sheet(catalog, mock_e2())
    assert (shown.facts, shown.give_over) == ("IV, CIV, 1 or 5 mg/mL", "2 min")
    assert shown.hard_single == 1.5


def test_the_last_dose_the_limit_and_what_is_over_it_are_marked_on_the_buttons(catalog: Catalog) -> None:
    shown = sheet(catalog, mock_e2())
    assert [(c.text, c.detail, c.barred) for c in shown.doses] == [
        ("0.5 mg", "", ""),
        ("1 mg", "same as 13:24", ""),
        ("1.5 mg", "limit at 61 y", ""),
        ("2 mg", "", "over the limit"),
    ]


def test_a_chosen_dose_carries_its_own_lines(catalog: Catalog) -> None:
    checks = button(sheet(catalog, mock_e2()), 1.0).checks
    assert line(checks, "This dose") == DrugCheck("This dose", "1 mg", "limit 1.5 mg (61 y)", True)
    assert line(checks, "This session") == DrugCheck(
        "This session", "1 mg, then 2 mg", "limit 3.5 mg (61 y)", True
    )


def test_the_lines_of_the_sheet_before_a_dose_is_chosen(catalog: Catalog) -> None:
    assert sheet(catalog, mock_e2()).checks == (
        DrugCheck("This session", "1 mg", "limit 3.5 mg (61 y)", True),
        DrugCheck("Since the last", "36 min, given 13:24", "wait 3 min", True),
        DrugCheck("Breathing now", "SpO₂ 97 %, RR 14, EtCO₂ 38", "RR 10 or more", True),
        DrugCheck("Sedation", "5 of 5 at 13:30", "score is due now", False),
    )


def test_a_vital_sign_that_is_not_live_is_left_out_of_the_breathing_line(catalog: Catalog) -> None:
    shown = line(sheet(catalog, mock_e2(), resp_rate=None).checks, "Breathing now")
    assert shown is not None
    assert shown.value == "SpO₂ 97 %, EtCO₂ 38"


def test_without_any_breathing_value_the_line_is_not_there(catalog: Catalog) -> None:
    none = sheet(catalog, mock_e2(), resp_rate=None, spo2=None, etco2=None)
    assert line(none.checks, "Breathing now") is None


def test_slow_breathing_is_marked(catalog: Catalog) -> None:
    shown = line(sheet(catalog, mock_e2(), resp_rate=9.0).checks, "Breathing now")
    assert shown is not None
    assert not shown.ok


def test_a_drug_that_does_not_sedate_has_no_breathing_line(catalog: Catalog) -> None:
    assert line(sheet(catalog, mock_e2(), "ondansetron").checks, "Breathing now") is None


def test_clonidine_is_marked_at_a_low_pressure(catalog: Catalog) -> None:
    shown = line(sheet(catalog, mock_e2(), "clonidine", nibp_sys=99.0).checks, "NIBP sys")
    assert shown == DrugCheck("NIBP sys", "99 mmHg", "hold below 100", False)


def test_an_allergy_bars_the_sheet_with_its_name(catalog: Catalog) -> None:
    shown = sheet(catalog, a_session(allergies=("ondansetron",)), "ondansetron")
    assert shown.barred == "allergy: ondansetron"
    assert "Allergy recorded" in shown.needs_reason


def test_no_dose_of_an_emergency_drug_is_barred(catalog: Catalog) -> None:
    session = a_session()
    for n in range(6):
        given(session, 0.2, -n, "flumazenil")
    shown = sheet(catalog, session, "flumazenil")
    assert (shown.give_over, shown.needs_reason) == ("15 s", "")
    assert all(not choice.barred and not choice.needs_reason for choice in shown.doses)


def test_every_drug_that_is_given_as_a_dose_has_a_sheet(catalog: Catalog) -> None:
    offered = [drug for drug in catalog.drugs.values() if drug.kind in ("dose", "fluid")]
    assert len(offered) > 15
    for drug in offered:
        shown = sheet(catalog, a_session(), drug.id)
        assert shown.doses, drug.id
        assert shown.route == drug.routes[0]
