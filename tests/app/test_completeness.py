"""The fields of the record: what makes each of them be there, and that one which is missing waits for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta, timezone, tzinfo

import pytest

from app.clinic import Clinic
from app.clinical.vitals import Vital
from app.completeness import FieldState, completeness, is_final, lacking, lacking_words
from app.entries import (
    CHAIRSIDE,
    CLINIC,
    AnyBody,
    BalanceExplained,
    BaselineSet,
    CheckInLine,
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    Discharged,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    EmergencyStamped,
    Entry,
    FieldExplained,
    HandedOver,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    PatientIdentified,
    PumpSeen,
    Retracted,
    Sample,
    SamplesSealed,
    ScoreTaken,
    SegmentOpened,
    SessionFinished,
    SessionOpened,
    StaffChanged,
    StaffLeft,
    SummarySigned,
    Supervised,
    VialDrawn,
    VitalEntered,
    Wasted,
)
from app.record_evidence import EVIDENCE
from app.session import Session
from tests.app.chair import catalog
from tests.app.summary_story import START, clinic, order

HR, SPO2, SYS, DIA, TEMP = Vital.HEART_RATE, Vital.SPO2, Vital.NIBP_SYS, Vital.NIBP_DIA, Vital.TEMP
SET = {HR: 74.0, SPO2: 97.0, SYS: 128.0, DIA: 76.0}
DRAWN = VialDrawn("ketamine", 50.0, 2.0, "k2291", "Infusion")
SAFE = {
    "equipment": (),
    "acls": "physician with ACLS here",
    "time_out": "patient, order, label and pump agree",
}
BEFORE = {"worst": "8", "average": "6", "air": "room air"}
PATIENT = PatientIdentified("00417", "Rosa Martin", date(1965, 2, 14), "female", 70.0, (), True, 168.0)

FIELDS = [field for group in catalog().record.groups.values() for field in group.fields]
BY_ID = {field.id: field for field in FIELDS}


@dataclass
class Told:
    """An hour: opened at 0, the infusion from minute 10 to 50, discharged at 80; `before` from 2, `after` at 60."""

    before: tuple[AnyBody, ...] = ()
    during: tuple[AnyBody, ...] = ()
    after: tuple[AnyBody, ...] = ()
    infusion: bool = True
    patient: bool = True
    heard: tuple[dict[str, float], ...] = ()

    def session(self) -> Session:
        """The session that these entries tell."""
        lines: list[tuple[float, AnyBody]] = [
            (0, SessionOpened("0.1.0", "a1b2c3", "draft", "Spring Street", False))
        ]
        lines += [(1, PATIENT)] if self.patient else []
        lines += [(2 + n * 2, body) for n, body in enumerate(self.before)]
        if self.infusion:
            lines += [(9, OrderSigned(order(), "mora"))]
            lines += [
                (10, SegmentOpened("start", "8001", 0.0, 50.0, 2.0)),
                (10, InfusionStarted("pump", 17.5)),
            ]
            lines += [(10, PumpSeen("pump", "8001", "running", 17.5, 0.0))]
            lines += [(20 + n, body) for n, body in enumerate(self.during)]
            lines += [
                (50, PumpSeen("pump", "8001", "held", 0.0, 11.67)),
                (50, InfusionEnded("pump", 11.67, 23.3)),
            ]
        lines += [(60 + n * 0.1, body) for n, body in enumerate(self.after)]
        session = Session("s1")
        for number, (minute, body) in enumerate(lines, 1):
            at = START.plus(minute * 60)
            by_itself = isinstance(body, InfusionStarted | InfusionEnded | SegmentOpened | PumpSeen)
            author = CHAIRSIDE if by_itself else "keller"
            session.apply(Entry(f"e{number}", "s1", at, at.utc, "boot", author, body, number))
        return session


def samples(told: Told) -> tuple[Sample, ...]:
    return tuple(
        Sample("s1", n, START.utc, vitals, {}, None, None, None) for n, vitals in enumerate(told.heard, 1)
    )


def states(told: Told, here: Clinic | None = None, zone: tzinfo = UTC) -> dict[str, FieldState]:
    found = completeness(told.session(), catalog(), here or clinic(), zone, samples(told))
    return {one.id: one for one in found}


def line(name: str, /, **values: object) -> CheckInLine:
    return CheckInLine(name, "done", values)  # type: ignore[arg-type]


def checked(criterion: str, text: str = "seen") -> tuple[AnyBody, ...]:
    return (CriterionChecked(criterion, text, True),)


LEFT = Discharged("mora", "On foot", "Paul", "home")

WHAT_MAKES_IT: dict[str, Told] = {
    "height-weight-actual-measured": Told((line("weight", weight_kg=70.0),)),
    "session-no-in-series": Told((line("history", series="3"),)),
    "supervising-physician-acls": Told((line("safety", **SAFE), Supervised("mora"))),
    "second-witness": Told((CheckInLine("weight", "done", {"weight_kg": 70.0}, second="mora"),)),
    "diagnosis-indication": Told((line("history", diagnosis=("CRPS",)),)),
    "asa-class": Told((line("airway", asa="II"),)),
    "airway-exam": Told((line("airway", mallampati="I", signs=()),)),
    "heart-lung-liver-neuro-psych-screen": Told((line("history", organs=()),)),
    "pregnancy-test": Told((line("pregnancy", test="test negative"),)),
    "home-meds-incl-opioid-benzo-last-dose": Told((line("medicines", taken=(), kept="none stopped"),)),
    "npo-solids-time": Told((line("fasting", food="2026-11-22T00:30:00+01:00"),)),
    "npo-clear-time": Told((line("fasting", clear="2026-11-22T09:30:00+01:00"),)),
    "escort-name-phone": Told((line("escort", name="Paul", phone="555 0142"),)),
    "consent-signed-incl-no-guarantee": Told((line("consent", signed="signed, no guarantee explained"),)),
    "bladder-emptied": Told((line("bladder", emptied="emptied"),)),
    "baseline-vitals-two-sets": Told((BaselineSet(SET), BaselineSet(SET))),
    "baseline-spo2-room-air": Told((BaselineSet(SET), line("before", **BEFORE))),
    "baseline-pain-now-worst-avg": Told((ScoreTaken("nrs-pain", 6), line("before", **BEFORE))),
    "baseline-aldrete-moaas-cadss6": Told((ScoreTaken("moaas", 5),)),
    "iv-site-gauge": Told((line("iv", gauge="22 G", site="left hand"),)),
    "equipment-check-suction-o2-bvm-defib-reversal": Told((line("safety", **SAFE),)),
    "time-out-two-person-pump-check": Told((line("safety", **SAFE),)),
    "carrier-and-bolus-fluid-ml": Told((line("during", carrier="none", bolus="100 mL"),)),
    "position": Told((line("during", position="flat"),)),
    "vital-signs-table": Told(heard=({"spo2": 97.0},)),
    "nibp-interval-compliance-pct": Told(heard=({"nibp_sys": 128.0, "nibp_dia": 76.0},)),
    "ecg-rhythm": Told((line("during", rhythm="sinus rhythm"),)),
    "sedation-score-series": Told((ScoreTaken("moaas", 5),), during=(ScoreTaken("moaas", 4),)),
    "pain-nausea-anxiety-cadss-series": Told(during=(ScoreTaken("nrs-pain", 4), ScoreTaken("nausea-nrs", 1))),
    "complications-treatment-response": Told((line("course", complications=()),)),
    "physician-notifications": Told((line("course", notified=()),)),
    "drawn-given-wasted-returned-balance": Told(
        (DRAWN,), after=(Wasted("ketamine", 76.66, "Drug disposal pouch", "mora"),)
    ),
    "vial-ids-lots": Told((DRAWN,)),
    "resp-rate-airway-spo2": Told(after=(ScoreTaken("aldrete", 10, {"respiration": 2, "spo2": 2}),)),
    "pulse-bp": Told(after=(CriterionMet("haemodynamics", "128/78, HR 74"),)),
    "mental-status": Told(after=(ScoreTaken("moaas", 5),)),
    "temperature": Told(after=(line("leaving", temperature=36.6),)),
    "pain": Told(after=(ScoreTaken("nrs-pain", 2),)),
    "nausea-vomiting": Told(after=(ScoreTaken("nausea-nrs", 0),)),
    "hydration": Told(after=(line("leaving", hydration="drinks well"),)),
    "aldrete-padss-series": Told(after=(ScoreTaken("aldrete", 10), ScoreTaken("padss", 9))),
    "gait-diplopia": Told(after=checked("gait")),
    "voided": Told(after=checked("bladder")),
    "pain-change-pct-and-responder-state": Told(
        (ScoreTaken("nrs-pain", 6),), after=(ScoreTaken("nrs-pain", 3),)
    ),
    "recovery-minutes": Told(after=(LEFT,)),
    "iv-removed": Told(after=checked("iv-removed")),
    "instructions-24h-no-drive": Told(after=checked("instructions")),
    "take-home-rx-oral-ketamine": Told(after=(line("leaving", prescription="none"),)),
    "next-visit-maintenance": Told(after=(line("leaving", next="tomorrow"),)),
    "emergency-contact-number": Told(after=(line("leaving", contact="has 911 and our number"),)),
    "escort-relationship-departure-time": Told(after=(LEFT,)),
    "discharging-physician-signature-time": Told(after=(LEFT,)),
    "unplanned-transfer-or-admission": Told(after=(LEFT,)),
}
"""The entries by which a field is there that is missing in an hour of nothing but an infusion."""

BY_THE_HOUR = [
    "name",
    "mrn",
    "dob-age-sex",
    "dosing-weight-and-basis",
    "allergies",
    "date",
    "facility",
    "ordering-physician",
    "infusion-nurse",
    "relief-handoffs-with-times",
    "protocol-id-version-and-signature",
    "concentration-bag-or-syringe",
    "pump-id",
    "start-stop-times",
    "rate-changes-time-old-new-who-why",
    "pauses-with-reason",
    "total-mg-mg-per-kg-ml",
    "max-rate-mg-h-mg-kg-h",
    "o2-flow-changes",
    "gaps-and-artifacts",
    "manual-vs-device-origin-mark",
    "alarm-summary",
    "each-drug-name-dose-route-time-who-indication-effect",
    "cumulative-per-drug",
    "side-effects-onset-grade-action-offset",
    "waste-witness-signature-time",
    "waste-method",
    "software-version-config-hash",
    "page-x-of-y-patient-on-every-page",
    "late-entries-and-corrections-marked",
    "printed-at-by",
    "draft-or-final",
]
"""What an hour of nothing but a patient, an order and an infusion has by itself."""

WITH_THE_REGISTER = ["drug-racemic-or-s-lot-expiry"]
"""A vial's expiry is the register's."""


def test_the_table_and_the_program_know_the_same_fields() -> None:
    assert sorted(BY_ID) == sorted({*WHAT_MAKES_IT, *BY_THE_HOUR, *WITH_THE_REGISTER})
    assert set(EVIDENCE) <= set(BY_ID)
    assert [one.id for one in FIELDS if one.id not in EVIDENCE and not (one.line and one.answers)] == []


def test_there_is_one_row_for_each_field_of_the_table() -> None:
    assert list(states(Told())) == [field.id for field in FIELDS]


@pytest.mark.parametrize("field", BY_THE_HOUR)
def test_an_hour_has_by_itself(field: str) -> None:
    assert states(Told())[field].state == "present"


@pytest.mark.parametrize("field", sorted(WHAT_MAKES_IT))
def test_a_field_is_missing_until_its_entry_is_there(field: str) -> None:
    nothing, told = states(Told())[field], states(WHAT_MAKES_IT[field])[field]
    assert (nothing.state, told.state) == ("missing", "present"), (nothing, told)
    assert nothing.words
    assert told.words


@pytest.mark.parametrize("field", sorted(WHAT_MAKES_IT))
def test_a_reason_stands_in_the_place_of_a_missing_field(field: str) -> None:
    state = states(Told(after=(FieldExplained(field, "on paper"),)))[field]
    assert (state.state, state.words, state.settled) == ("explained", "on paper", True)


@pytest.mark.parametrize(
    ("field", "told", "words"),
    [
        ("name", Told(patient=False, infusion=False), "no patient was identified"),
        ("allergies", Told(patient=False, infusion=False), "no patient was identified"),
        ("dosing-weight-and-basis", Told(infusion=False), "no order was signed"),
        ("pump-id", Told(infusion=False), "the infusion was not started"),
        ("start-stop-times", Told(infusion=False), "not started"),
        (
            "pauses-with-reason",
            Told(during=(InfusionPaused("pump", "", 2.0), InfusionResumed("pump", 17.5))),
            "no reason: 12:00",
        ),
        (
            "each-drug-name-dose-route-time-who-indication-effect",
            Told(during=(DrugGiven("midazolam", 1.0, "mg", "IV"),)),
            "no indication: midazolam 12:00",
        ),
        (
            "side-effects-onset-grade-action-offset",
            Told(during=(EffectNoted("nausea", 1),)),
            "no end: nausea",
        ),
        ("drug-racemic-or-s-lot-expiry", Told(), "no vial of ketamine was drawn"),
        (
            "drug-racemic-or-s-lot-expiry",
            Told((VialDrawn("ketamine", 50.0, 2.0, "", "Infusion"),)),
            "no lot, no expiry",
        ),
        ("vial-ids-lots", Told((VialDrawn("midazolam", 1.0, 2.0, "", "Rescue dose"),)), "no lot: midazolam"),
        ("drawn-given-wasted-returned-balance", Told((DRAWN,)), "left over: ketamine"),
        ("escort-name-phone", Told((line("escort", name="Paul"),)), "no phone"),
        ("supervising-physician-acls", Told((Supervised("mora"),)), "Dr. Ana Mora: ACLS not asked"),
        ("baseline-pain-now-worst-avg", Told((line("before", **BEFORE),)), "pain now not asked"),
        ("baseline-spo2-room-air", Told((line("before", **BEFORE),)), "no SpO₂ in the baseline"),
        ("baseline-vitals-two-sets", Told((BaselineSet(SET),)), "1 of 2 sets"),
        (
            "baseline-vitals-two-sets",
            Told((BaselineSet({HR: 74.0}),) * 2),
            "no SpO₂, NIBP sys, NIBP dia in 2 sets",
        ),
        ("sedation-score-series", Told((ScoreTaken("moaas", 5),)), "no sedation score after the start"),
        ("physician-notifications", Told(during=(EmergencyStamped("called"),)), "not asked"),
        ("temperature", Told((BaselineSet({**SET, TEMP: 36.4}),)), "not asked"),
        ("pulse-bp", Told(after=(VitalEntered({HR: 74.0}),)), "no pulse and pressure since the end"),
        ("pulse-bp", Told((VitalEntered(SET),)), "no pulse and pressure since the end"),
        (
            "pain-change-pct-and-responder-state",
            Told((ScoreTaken("nrs-pain", 6),)),
            "no pain score since the end",
        ),
        (
            "escort-relationship-departure-time",
            Told(after=(Discharged("mora", "On foot", "", "home"),)),
            "nobody was named",
        ),
    ],
)
def test_a_missing_field_says_what_is_missing(field: str, told: Told, words: str) -> None:
    state = states(told)[field]
    assert (state.state, state.words) == ("missing", words)


@pytest.mark.parametrize(
    ("field", "told", "words"),
    [
        (
            "asa-class",
            Told((CheckInLine("airway", "not done", reason="In the physician's own record"),)),
            "not done: In the physician's own record",
        ),
        (
            "baseline-vitals-two-sets",
            Told((CheckInLine("baseline", "not done", reason="No cuff fits"),)),
            "not done: No cuff fits",
        ),
        (
            "baseline-pain-now-worst-avg",
            Told((CheckInLine("before", "not done", reason="Patient cannot say"),)),
            "not done: Patient cannot say",
        ),
        (
            "second-witness",
            Told((CheckInLine("weight", "done", {"weight_kg": 70.0}, "No second person free"),)),
            "alone: No second person free",
        ),
        (
            "gait-diplopia",
            Told(after=(CriterionAccepted("gait", "Patient's own normal", "mora"),)),
            "accepted: Patient's own normal",
        ),
        (
            "mental-status",
            Told(after=(CriterionAccepted("oriented", "Patient's own normal", "mora"),)),
            "accepted: Patient's own normal",
        ),
        (
            "pulse-bp",
            Told(after=(CriterionAccepted("haemodynamics", "No cuff fits", "mora", "no pressure yet"),)),
            "accepted: No cuff fits",
        ),
        (
            "drawn-given-wasted-returned-balance",
            Told((DRAWN,), after=(BalanceExplained("ketamine", "Vial broken or spilled", "mora", 76.66),)),
            "ketamine: Vial broken or spilled",
        ),
        (
            "escort-relationship-departure-time",
            Told(after=(Discharged("mora", "", "", "transferred", "Emergency room"),)),
            "12:40 transferred: Emergency room",
        ),
        (
            "discharging-physician-signature-time",
            Told(after=(Discharged("keller", "", "", "against-advice", "Will not wait"),)),
            "Lena Keller 12:40, against-advice: Will not wait",
        ),
    ],
)
def test_what_was_left_out_with_a_reason_counts_as_explained(field: str, told: Told, words: str) -> None:
    state = states(told)[field]
    assert (state.state, state.words) == ("explained", words)


@pytest.mark.parametrize(
    ("field", "told", "words"),
    [
        ("relief-handoffs-with-times", Told(during=(HandedOver("keller", "mora"),)), "12:00 AM"),
        ("o2-flow-changes", Told(during=(OxygenSet(2.0), OxygenSet(0.0))), "2 changes"),
        ("total-mg-mg-per-kg-ml", Told(), "23.34 mg"),
        ("max-rate-mg-h-mg-kg-h", Told(), "17.5 mL/h, 35 mg/h"),
        ("physician-notifications", Told(during=(EmergencyStamped("physician"),)), "12:00 physician"),
        ("temperature", Told(after=(VitalEntered({TEMP: 36.8}),)), "36.8 °C"),
        ("pulse-bp", Told(after=(VitalEntered(SET),)), "HR 74, NIBP sys 128, NIBP dia 76"),
        (
            "pain-change-pct-and-responder-state",
            WHAT_MAKES_IT["pain-change-pct-and-responder-state"],
            "6 to 3, -50 %, responder",
        ),
        (
            "pain-change-pct-and-responder-state",
            Told((ScoreTaken("nrs-pain", 0),), after=(ScoreTaken("nrs-pain", 3),)),
            "0 to 3, per cent not defined",
        ),
        ("session-no-in-series", WHAT_MAKES_IT["session-no-in-series"], "session 3"),
        (
            "unplanned-transfer-or-admission",
            Told(after=(Discharged("mora", "", "", "transferred", "Emergency room"),)),
            "transferred: Emergency room",
        ),
    ],
)
def test_a_field_that_is_there_says_by_what(field: str, told: Told, words: str) -> None:
    state = states(told)[field]
    assert (state.state, state.words) == ("present", words)


def test_a_pump_that_was_never_read_is_not_named() -> None:
    session = Told(infusion=False).session()
    lines: tuple[AnyBody, ...] = (
        SegmentOpened("start", None, None, 50.0, 2.0),
        InfusionStarted("by hand", 17.5),
    )
    for number, body in enumerate(lines, 8):
        at = START.plus(600)
        session.apply(Entry(f"e{number}", "s1", at, at.utc, "boot", "keller", body, number))
    found = {one.id: one for one in completeness(session, catalog(), clinic(), UTC, ())}
    assert (found["pump-id"].state, found["pump-id"].words) == ("missing", "no pump was read")


def test_what_is_asked_of_women_only_is_not_said_to_be_recorded_of_a_man() -> None:
    session = Told(patient=False).session()
    at = START.plus(60)
    man = PatientIdentified("00418", "Paul Martin", date(1965, 2, 14), "male", 80.0, (), True, 180.0)
    session.apply(Entry("e9", "s1", at, at.utc, "boot", "keller", man, 9))
    found = {one.id: one for one in completeness(session, catalog(), clinic(), UTC, ())}
    assert (found["pregnancy-test"].state, found["pregnancy-test"].words) == (
        "explained",
        "not asked: the patient is male",
    )


@pytest.mark.parametrize("field", ["vital-signs-table", "nibp-interval-compliance-pct"])
def test_samples_without_a_value_are_no_vital_signs(field: str) -> None:
    silent = Told(during=(SamplesSealed(1, 2, "ab"),), heard=({}, {}))
    assert states(silent)[field].state == "missing"


def test_the_date_is_that_of_the_clinics_own_day() -> None:
    far_east = timezone(timedelta(hours=14))
    assert [states(Told(), zone=zone)["date"].words for zone in (UTC, far_east)] == [
        "2026-11-22",
        "2026-11-23",
    ]


@pytest.mark.parametrize(
    "later",
    [
        (StaffLeft("keller"), StaffLeft("mora")),
        (
            StaffChanged("keller", "Lena Keller", "LK", ("administrator",)),
            StaffChanged("mora", "Dr. Ana Mora", "AM", ("administrator",)),
        ),
    ],
)
def test_who_signed_and_who_nursed_stays_so_when_they_leave_or_change(later: tuple[AnyBody, ...]) -> None:
    here, at = clinic(), START.plus(86_400)
    for number, body in enumerate(later, 9):
        here.apply(Entry(f"c{number}", CLINIC, at, at.utc, "boot", "keller", body, number))
    found = states(Told(after=(LEFT,)), here)
    nurse, signed = found["infusion-nurse"], found["discharging-physician-signature-time"]
    assert (nurse.state, nurse.words) == ("present", "Lena Keller")
    assert (signed.state, signed.words) == ("present", "Dr. Ana Mora 12:40")


def test_what_was_taken_back_is_missing_again() -> None:
    noted = Told((line("history", series="3"),))
    uuid = next(e.uuid for e in noted.session().entries if isinstance(e.body, CheckInLine))
    assert states(Told(noted.before, after=(Retracted(uuid),)))["session-no-in-series"].state == "missing"


def test_what_is_there_wins_over_a_reason() -> None:
    told = Told((line("history", series="3"),), after=(FieldExplained("session-no-in-series", "not asked"),))
    assert states(told)["session-no-in-series"].words == "session 3"


def test_an_effect_with_its_end_is_whole() -> None:
    noted = Told(during=(EffectNoted("nausea", 1),))
    uuid = next(e.uuid for e in noted.session().entries if isinstance(e.body, EffectNoted))
    told = Told(during=(EffectNoted("nausea", 1), EffectEnded(uuid)))
    assert states(told)["side-effects-onset-grade-action-offset"].words == "1 noted, all with their end"


def test_a_session_that_never_ran_explains_what_an_infusion_would_have_brought() -> None:
    found = states(Told(infusion=False, after=(NoteWritten("sent home"), SessionFinished())))
    assert found["ecg-rhythm"] == FieldState(
        "ecg-rhythm", "ECG rhythm", True, "explained", "the infusion was not started", "during"
    )
    assert found["height-weight-actual-measured"].state == "missing"


def test_optional_fields_are_never_lacking() -> None:
    found = tuple(states(Told()).values())
    assert all(one.required for one in lacking(found))
    assert states(Told())["position"].state == "missing"


def test_the_words_name_the_first_and_count_the_others() -> None:
    a, b, c = (FieldState(name, name, True, "missing", "") for name in ("Pain", "Gait", "Lot"))
    assert [lacking_words(one) for one in ((), (a,), (a, b), (a, b, c))] == [
        "",
        "Pain is missing.",
        "Pain and Gait are missing.",
        "Pain and 2 more fields are missing.",
    ]


def test_only_the_anesthetists_signature_makes_it_final() -> None:
    assert not is_final(Told(after=(SummarySigned("keller", "Nurse"),)).session())
    assert is_final(Told(after=(SummarySigned("mora", "Anesthetist"),)).session())
