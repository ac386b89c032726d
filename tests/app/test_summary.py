from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app import catalog as tables
from app.clinical.tables import Catalog
from app.clinical.vitals import Vital
from app.entries import (
    CHAIRSIDE,
    EffectEnded,
    EffectNoted,
    InfusionEnded,
    InfusionPaused,
    InfusionStarted,
    LinkNoted,
    NoteWritten,
    PumpLost,
    PumpSeen,
    SegmentOpened,
    SessionOpened,
    SummarySigned,
    VitalEntered,
)
from app.messages import FINAL
from app.printed import Summary, Table, decode_summary, encode_summary
from app.summary import short_head, summarise
from tests.app.summary_story import HEAD, Story, clinic, long_story, stormy_story, usual_story


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return tables.load()


EVENTS = "Events in order of time"


def told(story: Story, catalog: Catalog, **changes: Any) -> Summary:
    return summarise(story.entries, story.samples, clinic(), catalog, **{**story.told(), **changes})


def table(summary: Summary, title: str) -> Table:
    whole = [*summary.details, summary.pump, *(side for pair in summary.pairs for side in pair)]
    return next(one for one in whole if one.title == title)


def cells(one: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in one.rows]


def words(one: Table) -> str:
    return "\n".join(" ".join((*row.cells, row.note)) for row in one.rows)


def test_who_the_patient_is_stands_with_age_on_the_day_and_weight_in_both_units(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog)
    assert summary.name == "Rosa Martin"
    assert summary.facts == "born 14 Feb 1965, 61 y, female   MRN 00417   70 kg (154 lb)"
    assert summary.allergies == "Allergy: ondansetron"


def test_no_known_allergy_is_not_the_same_as_none_recorded(catalog: Catalog) -> None:
    assert told(Story(allergies=()), catalog).allergies == "No known allergies"
    assert told(Story(), catalog).allergies == "Allergy: ondansetron"


def test_the_dose_follows_the_pump_and_not_the_entry_at_the_end(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog)
    assert (summary.figures[0].value, summary.figures[0].small) == ("21.42 mg", "10.71 mL, 0.306 mg/kg")


def test_the_highest_rate_stands_in_three_units(catalog: Catalog) -> None:
    figure = told(usual_story(), catalog).figures[2]
    assert (figure.value, figure.small) == ("17.5 mL/h", "35 mg/h, 0.5 mg/kg/h")


def test_times_are_local_and_the_offset_is_said(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog)
    assert summary.figures[1].value == "12:54 to 13:36"
    assert ("Opened", "12:40:00 by LK, local times, UTC+01:00") in cells(table(summary, "Record"))


def test_every_entry_but_sealed_samples_is_told_by_one_row(catalog: Catalog) -> None:
    story = usual_story()
    summary = told(story, catalog)
    sides = [side for pair in summary.pairs for side in pair]
    rows = [row for one in (*sides, *summary.details) for row in one.rows]
    numbers = sorted(uuid for row in rows for uuid in row.tells)
    sealed = {e.uuid for e in story.entries if type(e.body).__name__ == "SamplesSealed"}
    assert numbers == sorted({e.uuid for e in story.entries} - sealed)


def test_what_a_table_tells_is_not_told_again_by_the_events(catalog: Catalog) -> None:
    events = words(table(told(usual_story(), catalog), EVENTS))
    assert "Infusion started" in events
    for once in ("metoclopramide", "Nausea", "Alarm", "Pain"):
        assert once not in events


def test_a_back_dated_entry_stands_where_it_happened_and_says_when_it_was_written(catalog: Catalog) -> None:
    story = Story()
    story.say(10, NoteWritten("first"))
    story.say(20, NoteWritten("third"))
    story.say(15, NoteWritten("second"), late_min=7)
    rows = table(told(story, catalog), EVENTS).rows
    assert [row.cells[1] for row in rows] == ["Note: first", "Note: second", "Note: third"]
    assert rows[1].note == "written at 13:02:00"


def test_a_clock_that_was_set_back_reorders_nothing(catalog: Catalog) -> None:
    from datetime import timedelta

    from app.instant import Instant

    story = Story()
    story.say(10, NoteWritten("before"))
    story.say(20, NoteWritten("after"))
    last = story.entries[-1]
    back = Instant(last.at.utc - timedelta(hours=1), last.at.steady)
    story.entries[-1] = msgspec.structs.replace(last, at=back, written=last.written - timedelta(hours=1))
    notes = table(told(story, catalog), EVENTS)
    assert [row.cells[1] for row in notes.rows] == ["Note: before", "Note: after"]


def test_what_was_taken_back_is_struck_named_and_not_counted(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog)
    struck = [row for row in table(summary, "Drugs given").rows if row.struck]
    assert [row.cells for row in struck] == [("13:21", "midazolam", "2 mg IV", "LK")]
    assert struck[0].note == "not counted; taken back at 13:21:06 by LK"


def test_running_totals_are_kept_for_each_drug(catalog: Catalog) -> None:
    rows = table(told(long_story(), catalog), "Drugs with running totals").rows
    assert "in all" not in rows[0].note
    assert rows[1].note.endswith("1 mg in all")
    assert rows[-1].note.endswith("20 mg in all")


def test_an_amended_note_stays_readable_with_what_it_should_read_and_why(catalog: Catalog) -> None:
    row = next(row for row in table(told(usual_story(), catalog), EVENTS).rows if row.struck)
    assert row.cells[1].startswith("Note: Patient asks for music.")
    assert (
        row.note
        == "amended at 13:25 by LK, should read: Patient asks for quiet. Reason: wrong patient's wish"
    )


def test_a_pause_says_from_when_to_when_and_why(catalog: Catalog) -> None:
    events = cells(table(told(usual_story(), catalog), EVENTS))
    assert ("13:14:00", "Infusion paused: nausea, counter 5.833 mL", "auto") in events
    assert ("13:16:30", "Infusion resumed at 15 mL/h", "auto") in events


def test_a_rate_change_says_the_rate_who_and_why(catalog: Catalog) -> None:
    events = cells(table(told(usual_story(), catalog), EVENTS))
    assert ("13:16:00", "Rate ordered: 15 mL/h (30 mg/h), Dr. Ana Mora. Side effect.", "AM") in events
    assert ("13:16:36", "Measured at the pump: 15 mL/h", "auto") in events


def test_what_chairside_saw_in_the_same_second_shares_a_row(catalog: Catalog) -> None:
    first = cells(table(told(usual_story(), catalog), EVENTS))[0]
    assert first == (
        "12:54:00",
        "50 mL of 2 mg/mL in the pump 8001, counter 0 mL. Infusion started at 17.5 mL/h",
        "auto",
    )


def test_a_rate_that_nobody_could_read_has_its_row(catalog: Catalog) -> None:
    story = Story()
    story.sign_order()
    story.start(14)
    story.hear(14, 20, rate=17.5)
    story.say(25, PumpLost(story.samples[-1].at, "no connection"), CHAIRSIDE)
    assert "Rate not known: the pump was not read" in words(table(told(story, catalog), EVENTS))


def test_an_effect_shows_grade_onset_end_and_who_noted_it(catalog: Catalog) -> None:
    rows = cells(table(told(usual_story(), catalog), "Side effects"))
    assert rows[0] == ("13:07", "Dissociation / out-of-body", "1, mild", "13:28", "LK")


def test_the_end_of_an_effect_names_who_saw_it_where_that_is_another(catalog: Catalog) -> None:
    story = Story()
    noted = story.say(5, EffectNoted("nausea", 2))
    story.say(9, EffectEnded(noted), "mora")
    assert cells(table(told(story, catalog), "Side effects"))[0][3] == "12:49 AM"


def test_more_effects_than_the_first_page_holds_are_summed_up_there(catalog: Catalog) -> None:
    summary = told(long_story(), catalog)
    assert len(table(summary, "Side effects").rows) == 1
    assert len(table(summary, "Side effects, all").rows) == 40


def test_an_alarm_shows_when_it_was_seen_and_over(catalog: Catalog) -> None:
    rows = cells(table(told(usual_story(), catalog), "Alarms"))
    what = "HR 121, above 120. Since 12:18:00. At 13:18:00 for 1 min, seen 13:18 LK"
    assert rows == [("medium", what)]


def test_an_alarm_that_came_again_is_one_row_with_each_of_its_times(catalog: Catalog) -> None:
    rows = cells(table(told(stormy_story(), catalog), "Alarms"))
    again = next(what for _, what in rows if what.startswith("RR 9"))
    assert again.count("for 42 s, seen") == 3


def test_given_is_not_known_while_the_pump_is_lost_and_says_since_when(catalog: Catalog) -> None:
    story = Story()
    story.sign_order()
    story.start(14)
    story.hear(14, 20, rate=17.5)
    story.say(25, PumpLost(story.samples[-1].at, "no connection"), CHAIRSIDE)
    story.say(30, NoteWritten("cable looked for"))
    figure = told(story, catalog).figures[0]
    assert figure.value == "not known"
    assert figure.small == "3.5 mg or 1.75 mL up to 12:59:55, unknown since"
    assert told(story, catalog).chart is not None


def test_given_is_not_known_while_nobody_said_what_is_in_the_pump(catalog: Catalog) -> None:
    story = Story()
    story.sign_order()
    story.start(14)
    story.hear(14, 20, rate=17.5)
    story.say(20, SegmentOpened("another pump", "8002", 0.0, None, None), CHAIRSIDE)
    story.say(21, PumpSeen("pump", "8002", "running", 17.5, 1.0), CHAIRSIDE)
    figure = told(story, catalog).figures[0]
    assert (figure.value, figure.small.split(", ")[-1]) == ("not known", "say what is in the syringe")
    assert "container not known, 8002" in words(table(told(story, catalog), "Segments and containers"))


def test_without_a_pump_the_nurse_s_entries_are_the_truth_and_it_says_so(catalog: Catalog) -> None:
    story = Story()
    story.sign_order()
    story.say(14, SegmentOpened("start", None, None, 50.0, 2.0))
    story.say(14, InfusionStarted("hand", 17.5))
    story.say(44, InfusionPaused("hand", "toilet", None))
    story.say(54, InfusionEnded("hand", None, 17.5))
    summary = told(story, catalog)
    assert summary.figures[0].value == "17.5 mg"
    assert "counted by hand" in words(summary.pump)


def test_a_session_without_samples_says_so_and_has_no_chart(catalog: Catalog) -> None:
    summary = told(Story(), catalog)
    assert summary.chart is None
    assert summary.chart_words == "No sample of vital signs was recorded."
    assert table(summary, "Vital signs over time").rows == ()


def test_vital_signs_stand_every_five_minutes_and_at_each_new_pressure(catalog: Catalog) -> None:
    rows = cells(table(told(usual_story(), catalog), "Vital signs over time"))
    times = [row[0] for row in rows]
    assert times[:5] == ["12:42", "12:45", "12:50", "12:55", "13:00"]
    assert rows[0][3] == "126/74 (91)"


def test_a_value_measured_by_hand_is_marked(catalog: Catalog) -> None:
    one = table(told(usual_story(), catalog), "Vital signs over time")
    by_hand = [row.cells for row in one.rows if row.cells[-1] == "LK"]
    heads = [column.title for column in one.columns]
    assert by_hand[0][heads.index("HR")] == "88*"
    assert by_hand[0][heads.index("Temp")] == "36.6*"


def test_a_sign_by_hand_that_has_no_column_stands_below_its_row(catalog: Catalog) -> None:
    story = Story()
    story.hear(2, 3)
    story.say(3, VitalEntered({Vital.PULSE_RATE: 81.0}))
    row = table(told(story, catalog), "Vital signs over time").rows[-1]
    assert (row.cells[-1], row.note) == ("LK", "PR 81")


def test_a_missing_value_says_why(catalog: Catalog) -> None:
    story = Story()
    story.say(3, VitalEntered({Vital.TEMP: 36.6}))
    story.hear(2, 3)
    row = table(told(story, catalog), "Vital signs over time").rows[0]
    assert "--" in row.cells
    assert row.note == "Temp: no module"


def test_why_values_are_missing_is_said_once_and_again_when_it_changes(catalog: Catalog) -> None:
    story = Story()
    story.say(3, VitalEntered({Vital.TEMP: 36.6}))
    story.hear(4, 30)
    rows = table(told(story, catalog), "Vital signs over time").rows
    assert [row.note for row in rows].count("Temp: no module") == 1


def test_a_time_without_values_is_a_gap_in_chart_and_table(catalog: Catalog) -> None:
    story = Story()
    story.hear(2, 10)
    story.say(10, LinkNoted("monitor", "down", "cable out"), CHAIRSIDE)
    story.hear(22, 30)
    summary = told(story, catalog)
    assert summary.chart is not None
    assert [gap.label for gap in summary.chart.gaps] == ["no values 12:49 to 13:02"]
    rows = table(summary, "Vital signs over time").rows
    assert any(row.note == "no values 12:49 to 13:02" and set(row.cells[1:]) == {"--"} for row in rows)


def test_what_has_no_room_on_the_chart_is_counted(catalog: Catalog) -> None:
    summary = told(long_story(), catalog)
    assert summary.chart is not None
    assert len(summary.chart.marks) == 2
    assert "120 more events are in the tables." in summary.chart_words


def test_the_model_is_drawn_only_over_rates_that_are_known(catalog: Catalog) -> None:
    story = usual_story()
    chart = told(story, catalog).chart
    assert chart is not None
    assert chart.band is not None
    story = Story()
    story.sign_order()
    story.start(14)
    story.hear(14, 20, rate=17.5)
    story.say(25, PumpLost(story.samples[-1].at, "no connection"), CHAIRSIDE)
    chart = told(story, catalog).chart
    assert chart is not None
    assert chart.band is None


def test_signatures_stand_with_meaning_and_time_and_the_roles_with_the_initials(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog)
    assert [(line.meaning, line.name, line.at) for line in summary.signed] == [
        ("Order", "Dr. Ana Mora", "12:48"),
        ("Nurse", "Lena Keller", "14:07"),
        ("Anesthetist", "Dr. Ana Mora", "14:07"),
    ]
    initials = next(row[1] for row in cells(table(summary, "Record")) if row[0] == "Initials")
    assert initials == "LK: Lena Keller, nurse. AM: Dr. Ana Mora, anesthetist. auto: Chairside itself"


def test_an_order_that_was_replaced_is_printed_as_such(catalog: Catalog) -> None:
    story = usual_story()
    story.sign_order(9.0, 30.0)
    summary = told(story, catalog)
    assert "40 min at" in words(table(summary, "Order of 12:48, replaced"))
    assert "30 min at" in words(table(summary, "Order"))


def test_the_chart_is_drawn_between_the_limits_of_this_patient(catalog: Catalog) -> None:
    chart = told(stormy_story(), catalog).chart
    assert chart is not None
    assert (130.0, "130") in chart.lanes[0].limits


def test_check_in_lines_done_together_share_a_row_and_an_exception_has_its_own(catalog: Catalog) -> None:
    rows = table(told(stormy_story(), catalog), "Check-in, baseline and limits").rows
    done = [row.cells[1] for row in rows if row.cells[1].startswith("All done: ")]
    assert any("Weight: 70 kg" in words and "Allergy: as recorded" in words for words in done)
    strong = [row.cells[1] for row in rows if row.strong]
    assert any("accepted by Dr. Ana Mora" in words for words in strong)
    assert any("not done: patient asleep" in words for words in strong)
    assert any(row.cells[1].startswith("Not asked: Pregnancy") for row in rows)


def test_a_criterion_that_turned_has_its_own_row_with_each_turn(catalog: Catalog) -> None:
    rows = [row.cells[0] for row in table(told(stormy_story(), catalog), "Recovery and discharge").rows]
    assert any(row.startswith("Met: ") and "Awake" in row for row in rows)
    turned = next(row for row in rows if "met no more" in row)
    assert turned.startswith("SpO₂ at baseline")
    assert turned.count("met") == 3


def test_the_head_of_the_chain_stands_short_and_whole(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog)
    assert summary.head_short == "7F3A-91C2"
    assert ("Head", HEAD) in cells(table(summary, "Record"))
    assert short_head("") == short_head("0" * 64) == "none"


def test_draft_tables_are_called_not_signed(catalog: Catalog) -> None:
    record = words(table(told(usual_story(), catalog), "Record"))
    assert "a1b2c3: draft, not signed by the director" in record


def test_an_entry_that_has_no_number_yet_is_printed_with_the_one_it_will_have(catalog: Catalog) -> None:
    story = usual_story()
    stored = told(story, catalog)
    story.entries = [msgspec.structs.replace(entry, number=0) for entry in story.entries]
    assert told(story, catalog).details == stored.details


def test_a_draft_says_so(catalog: Catalog) -> None:
    story = usual_story()
    assert told(story, catalog).draft == "DRAFT TABLES: not signed"
    story.entries = [e for e in story.entries if not isinstance(e.body, SummarySigned)]
    assert told(story, catalog).draft.startswith("DRAFT: not signed as final, ")
    assert told(story, catalog).draft.endswith("missing. DRAFT TABLES: not signed")
    story.entries = [
        msgspec.structs.replace(e, body=msgspec.structs.replace(e.body, tables_status="signed"))
        if isinstance(e.body, SessionOpened)
        else e
        for e in story.entries
    ]
    assert told(story, catalog).draft.endswith("missing")
    story.say(200, SummarySigned("mora", FINAL), "mora")
    assert told(story, catalog).draft == ""


def test_an_effect_the_tables_do_not_know_keeps_its_id(catalog: Catalog) -> None:
    story = Story()
    story.say(5, EffectNoted("hiccups", 2))
    assert "hiccups" in words(table(told(story, catalog), "Side effects"))


def test_a_summary_comes_back_from_bytes_as_it_was(catalog: Catalog) -> None:
    summary = told(usual_story(), catalog)
    again = decode_summary(encode_summary(summary))
    assert again.details == summary.details
    assert again.chart is not None
    assert encode_summary(again) == encode_summary(summary)
