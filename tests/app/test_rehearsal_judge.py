"""What a rehearsal expects, held against a snapshot and the entries on disk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from app import entries as e
from app.frames import (
    AlarmBarFrame,
    AlarmRow,
    Answer,
    HeaderFrame,
    InfusionCard,
    Question,
    RateLights,
    SavedLine,
    SessionLine,
    Snapshot,
    Tile,
)
from app.instant import Instant
from app.rehearsal_judge import entries_of, judge, number
from app.rehearsal_verbs import AlarmSeen, AnswerSeen, EntriesSeen, Expect, SessionSeen, TileSeen

NOW = datetime(2026, 3, 2, 9, 10, tzinfo=UTC)

ROW = AlarmRow("spo2.low", "high", "SpO₂ 86 %, below 88", "Since 09:09:40. Airway, oxygen.", False)
CARD = InfusionCard(
    "ketamine", "induction", "2 mg/mL", "17.5", "live", "1 s", "pump", "35 mg/h", "0.5 mg/kg/h", "5.8", "23.3 mg",
    "2.9 mL", "Ends 09:43", "on time", "Syringe 47.1 mL", "2 h 41", (), (), 600.0, "", (),
)  # fmt: skip
SHOT = Snapshot(
    number=1,
    now=NOW,
    steady=600.0,
    phase="infusing",
    locked=False,
    who="id",
    who_roles=("nurse",),
    clinic="Rehearsal clinic",
    demo=False,
    header=HeaderFrame(
        "Rosa Martin", "61 y F 70 kg", "00417", "", False, "Infusing", "00:10:00", "09:10", "LK", False
    ),
    alarms=AlarmBarFrame((ROW,), "", "", (), ()),
    tiles=(
        Tile("spo2", "SpO₂", "%", "spo2", "86", "live", "2 s"),
        Tile("nibp", "NIBP", "mmHg", "nibp", "128/78", "stale"),
    ),
    scores=(),
    chart=None,
    infusion=CARD,
    events=(),
    saved=SavedLine("saved", "Nausea saved 09:09"),
    undo=None,
    log=(),
    pump_sheet=None,
    lights=RateLights(True, True, False, "", ""),
    question=Question("syringe", "What is in the syringe now?", ""),
    drugs=(),
    staff=(),
    sessions=(),
    session="s",
    patient=None,
    order=None,
    plan=None,
    panel=None,
    answers={"1": Answer("taken"), "2": Answer("refused", field="pin", reason="Wrong PIN. 4 tries left.")},
)


def entry(body: e.AnyBody) -> e.Entry:
    return e.Entry("u", "s", Instant(NOW, 600.0), NOW, "boot", "id", body)


ON_DISK = (
    entry(e.EffectNoted("nausea", 1)),
    entry(e.EffectNoted("anxiety", 2)),
    entry(e.NoteWritten("calm")),
)


def wrong(**named: Any) -> tuple[str, ...]:
    return judge(Expect(at=0.0, **named), SHOT, ON_DISK)


def test_everything_that_holds_leaves_nothing_to_say() -> None:
    assert (
        wrong(
            phase="infusing",
            locked=False,
            given_mg=5.85,
            rate_ml_h=17.5,
            alarm=AlarmSeen(key="spo2", priority="high", text="86", acknowledged=False),
            no_alarm="link",
            entries=(
                EntriesSeen("EffectNoted", exactly=2),
                EntriesSeen("NoteWritten", where={"text": "calm"}),
            ),
            tile=TileSeen("spo2", text="86", state="live", corner="2 s", low=84, high=88),
            answer=AnswerSeen("refused", field="pin", reason="4 tries"),
            saved="saved",
            question="syringe",
            light="set",
            header="61 y",
        )
        == ()
    )


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"phase": "paused"}, "phase: expected 'paused', seen 'infusing'"),
        ({"locked": True}, "locked: expected True, seen False"),
        ({"given_mg": 6.0, "within": 0.1}, "given_mg: expected 6 mg within 0.1, seen 5.8 mg"),
        ({"given_known": False}, "given_known: expected False, seen True"),
        ({"rate_ml_h": 17.4}, "rate_ml_h: expected 17.4 mL/h, seen 17.5 mL/h"),
        ({"rate_known": False}, "rate_known: expected False, seen True"),
        ({"saved": "failed"}, "saved: expected 'failed', seen 'saved'"),
        ({"question": ""}, "question: expected '', seen 'syringe'"),
        ({"light": "measured"}, "light: expected 'measured', seen 'set'"),
        ({"header": "Tom"}, "header: expected 'Tom', seen 'Rosa Martin 61 y F 70 kg 00417 '"),
        ({"tile": TileSeen("spo2", text="--")}, "tile spo2: expected '--', seen '86'"),
        ({"tile": TileSeen("spo2", state="missing")}, "tile spo2: expected missing, seen live"),
        ({"tile": TileSeen("nibp", low=130, high=200)}, "tile nibp: expected 130 to 200, seen '128/78'"),
        ({"tile": TileSeen("temp")}, "tile: expected temp, seen spo2, nibp"),
        ({"entries": (EntriesSeen("EffectNoted", exactly=1),)}, "entries: expected 1 EffectNoted, seen 2"),
        ({"entries": (EntriesSeen("DrugGiven"),)}, "entries: expected at least 1 DrugGiven, seen 0"),
        (
            {"entries": (EntriesSeen("EffectNoted", exactly=1, where={"grade": 3}),)},
            "entries: expected 1 EffectNoted with grade = 3, seen 0",
        ),
        (
            {"answer": AnswerSeen("taken")},
            "answer: expected taken, seen refused pin 'Wrong PIN. 4 tries left.'",
        ),
    ],
)
def test_what_does_not_hold_is_told_with_what_was_seen(named: dict[str, Any], told: str) -> None:
    assert wrong(**named) == (told,)


@pytest.mark.parametrize(
    "alarm",
    [
        AlarmSeen(key="heart_rate"),
        AlarmSeen(key="spo2", priority="medium"),
        AlarmSeen(key="spo2", text="85"),
        AlarmSeen(key="spo2", acknowledged=True),
    ],
)
def test_an_alarm_must_be_so_in_everything_that_is_named(alarm: AlarmSeen) -> None:
    (told,) = wrong(alarm=alarm)
    assert told.endswith("seen spo2.low (high) SpO₂ 86 %, below 88")


def test_an_alarm_that_must_not_be_there_is_told() -> None:
    assert wrong(no_alarm="")[0].startswith("no_alarm: expected ''")


def test_an_unknown_amount_is_no_amount() -> None:
    shot = msgspec.structs.replace(SHOT, infusion=msgspec.structs.replace(CARD, given="--", rate="--"))
    told = judge(Expect(at=0.0, given_mg=5.8, rate_ml_h=17.5, given_known=True), shot, ())
    assert "given_mg: expected 5.8 mg within 0.05, seen no amount" in told
    assert "rate_ml_h: expected 17.5 mL/h, seen no rate" in told
    assert "given_known: expected True, seen False" in told


def test_without_any_touch_an_answer_is_missing() -> None:
    shot = msgspec.structs.replace(SHOT, answers={})
    assert judge(Expect(at=0.0, answer=AnswerSeen("taken")), shot, ()) == (
        "answer: expected taken, seen no touch was answered",
    )


@pytest.mark.parametrize(
    ("text", "value"), [("17.5", 17.5), ("5.8 mg", 5.8), ("−3", -3.0), ("--", None), ("", None)]
)
def test_numbers_are_read_off_the_screen_s_words(text: str, value: float | None) -> None:
    assert number(text) == value


LISTED = msgspec.structs.replace(
    SHOT,
    sessions=(
        SessionLine("s2", "Tom Baker", "2", "2 Mar 09:05", "Low dose, 1 h", "ready", False, "Unfinished"),
        SessionLine("s1", "Rosa Martin", "1", "2 Mar 08:00", "Low dose, 1 h", "finished", True, "Done"),
    ),
)


def test_the_sessions_of_today_are_looked_for_under_their_heads() -> None:
    assert judge(Expect(at=0.0, today=(SessionSeen("Rosa Martin", "Done"),)), LISTED, ()) == ()
    (told,) = judge(Expect(at=0.0, today=(SessionSeen("Rosa Martin", "Running"),)), LISTED, ())
    assert told == "today: expected 1 Rosa Martin running, seen Tom Baker unfinished, Rosa Martin done"


class Pages(msgspec.Struct):
    """Something printed, in parts."""

    title: str
    rows: tuple[dict[str, str], ...]


PRINTED = msgspec.structs.replace(SHOT, summary=Pages("Rosa Martin", ({"what": "Hums a song"},)))


def test_the_summary_is_searched_in_every_part() -> None:
    held = Expect(at=0.0, summary=("Rosa", "a song"), not_in_summary=("Tom Baker",))
    assert judge(held, PRINTED, ()) == ()


def test_words_of_somebody_else_on_the_summary_are_told() -> None:
    told = judge(Expect(at=0.0, summary=("Tom",), not_in_summary=("Hums",)), PRINTED, ())
    assert told == (
        "summary: expected 'Tom', seen it is not on the summary",
        "summary: expected no 'Hums', seen 'Hums a song'",
    )


def test_without_a_summary_nothing_is_on_it() -> None:
    told = judge(Expect(at=0.0, not_in_summary=("Hums",)), SHOT, ())
    assert told == ("summary: expected a summary, seen none",)


def test_the_entries_of_a_patient_are_those_of_all_visits_and_the_clinic_s() -> None:
    at = Instant(NOW, 600.0)
    rosa = e.PatientIdentified("1", "Rosa Martin", NOW.date(), "female", 70.0, (), True)
    tom = msgspec.structs.replace(rosa, mrn="2", name="Tom Baker")
    bodies: tuple[tuple[str, e.AnyBody], ...] = (
        ("s1", rosa),
        ("s1", e.NoteWritten("a")),
        ("s2", tom),
        ("s2", e.NoteWritten("b")),
        ("s3", rosa),
    )
    on_disk = [
        e.Entry(f"u{n}", session, at, NOW, "boot", "LK", body) for n, (session, body) in enumerate(bodies)
    ]
    on_disk.append(e.Entry("u9", e.CLINIC, at, NOW, "boot", "LK", e.SignedIn("LK")))
    assert [entry.uuid for entry in entries_of("1", on_disk)] == ["u0", "u1", "u4", "u9"]
