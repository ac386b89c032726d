"""What a screen is told: words and numbers of one moment, and that they are made again when they must be."""

from __future__ import annotations

import pytest

from app.clinical.vitals import Vital
from app.entries import AnyBody, DrugGiven, EffectNoted, Entry, ScoreTaken
from app.frames import InfusionCard, Tile
from app.instant import Instant
from app.messages import (
    AskPump,
    ConfirmByHand,
    ConfirmPumpState,
    EndEffect,
    EnterVital,
    GiveDrug,
    LinkState,
    Lock,
    NoteEffect,
    OrderRate,
    SetOxygen,
    SignSummary,
    TakeScore,
    Undo,
    WriteNote,
)
from app.printed import Summary
from tests.app.chair import DOCTOR, Chair


def tile(chair: Chair, key: str) -> Tile:
    """A tile as it is shown now."""
    return next(tile for tile in chair.snapshot.tiles if tile.key == key)


def card(chair: Chair) -> InfusionCard:
    """The infusion's card as it is shown now."""
    found = chair.snapshot.infusion
    assert found is not None
    return found


def texts(chair: Chair) -> list[str]:
    """The lines of the log, newest first."""
    return [line.text for line in chair.snapshot.log]


def test_the_phase_says_which_screen_belongs_to_this_moment() -> None:
    chair = Chair()
    seen = [chair.snapshot.phase]
    chair.signed_in()
    seen.append(chair.snapshot.phase)
    chair = Chair().with_patient()
    seen.append(chair.snapshot.phase)
    chair = Chair().running()
    seen.append(chair.snapshot.phase)
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.0)
    seen.append(chair.snapshot.phase)
    chair.leave()
    seen.append(chair.snapshot.phase)
    assert seen == ["locked-out", "today", "check-in", "infusing", "recovery", "finished"]


def test_a_locked_chair_still_shows_its_session() -> None:
    chair = Chair().running()
    chair.tap(Lock())
    snapshot = chair.snapshot
    assert (snapshot.locked, snapshot.phase, snapshot.header.who) == (True, "infusing", "")


def test_snapshots_are_numbered() -> None:
    chair = Chair()
    assert chair.snapshot.number < chair.snapshot.number


def test_no_snapshot_has_a_pin() -> None:
    chair = Chair().signed_in()
    assert "1111" not in repr(chair.snapshot)


def test_the_header_has_local_time_and_the_patients_facts() -> None:
    header = Chair().with_patient().snapshot.header
    assert (header.clock, header.facts, header.allergy) == ("14:00", "61 y  F  70 kg", "None known")


# ---------------------------------------------------------------- tiles


def test_a_live_tile_shows_its_number_without_an_age() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=84.4)
    shown = tile(chair, "heart_rate")
    assert (shown.text, shown.state, shown.corner) == ("84", "live", "")


def test_a_grey_tile_shows_its_age() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=84.0)
    chair.wait(12)
    shown = tile(chair, "heart_rate")
    assert (shown.text, shown.state, shown.corner) == ("84", "stale", "12 s old")


def test_a_missing_tile_shows_the_reason_and_since_when() -> None:
    chair = Chair().running()
    chair.vitals(heart_rate=84.0)
    chair.vitals(heart_rate=None)
    shown = tile(chair, "heart_rate")
    assert (shown.text, shown.corner, shown.foot_right) == ("--", "probe off", "since 14:00")


def test_a_tile_that_never_had_a_value_says_so() -> None:
    assert tile(Chair().running(), "spo2").corner == "no value yet"


def test_a_pressure_shows_both_ends_its_mean_and_when_it_was_taken() -> None:
    chair = Chair().running()
    chair.vitals(nibp_sys=138.0, nibp_dia=82.0, nibp_mean=101.0)
    shown = tile(chair, "nibp")
    assert (shown.text, shown.corner, shown.foot_left) == ("138/82", "14:00 · 0 min", "mean 101")


def test_an_old_pressure_keeps_its_number_grey_with_its_age_and_time() -> None:
    chair = Chair().running()
    chair.vitals(nibp_sys=138.0, nibp_dia=82.0, nibp_mean=101.0)
    chair.flow(480, 17.5, 0.0, every_s=4)
    shown = tile(chair, "nibp")
    assert (shown.text, shown.state, shown.corner) == ("138/82", "stale", "8 min old")
    assert shown.foot_right == "measured 14:00"


def test_a_value_by_hand_says_that_it_is() -> None:
    chair = Chair().running()
    chair.tap(EnterVital({Vital.TEMP: 36.6}))
    chair.wait(950, step_s=5)
    shown = tile(chair, "temp")
    assert (shown.text, shown.state, shown.foot_right) == ("36.6", "stale", "by hand")


def test_an_alarm_stands_on_its_tile() -> None:
    chair = Chair().running()
    chair.vitals(spo2=75.0)
    alarm = tile(chair, "spo2").alarm
    assert alarm is not None
    assert (alarm.priority, alarm.text) == ("high", "!!! low")


# ---------------------------------------------------------------- infusion


def test_the_card_shows_the_rate_in_three_units_and_what_was_given() -> None:
    chair = Chair().running()
    chair.pump(17.5, 2.0)
    shown = card(chair)
    assert (shown.rate, shown.mg_h, shown.mg_kg_h) == ("17.5", "35 mg/h", "0.5 mg/kg/h")
    assert (shown.given, shown.planned, shown.volume) == ("4.0", "23.3 mg", "2.0 mL")


def test_a_silent_pump_has_no_rate_on_the_card_and_says_since_when_in_local_time() -> None:
    chair = Chair().running()
    chair.wait(20)
    shown = card(chair)
    assert (shown.rate, shown.rate_state) == ("--", "missing")
    assert shown.warning.startswith("Unknown since 14:00:")


def test_what_a_person_said_of_a_silent_pump_is_shown_grey_with_the_time_it_was_said() -> None:
    chair = Chair().running()
    chair.wait(20)
    chair.tap(ConfirmPumpState(running=True, rate_ml_h=17.5, volume_ml=None))
    shown = card(chair)
    assert (shown.rate, shown.rate_state, shown.source) == ("17.5", "stale", "by hand")
    assert shown.age.startswith("14:00")
    assert shown.warning.startswith("Not read since 14:00: given at least this")


def test_an_infusion_that_was_ended_before_its_plan_is_not_called_on_time() -> None:
    chair = Chair().running_by_hand()
    chair.wait(600, step_s=10)
    chair.tap(AskPump("end"))
    chair.tap(ConfirmByHand("end"))
    assert card(chair).late == "30 min early"


def test_an_alarm_says_since_when_once() -> None:
    chair = Chair().running()
    chair.wait(20)
    row = next(row for row in chair.snapshot.alarms.rows if row.key == "pump.unknown")
    assert f"{row.text} {row.detail}".lower().count("since") == 1


def test_an_unnamed_syringe_makes_dose_and_rate_in_mg_unknown() -> None:
    chair = Chair().running()
    chair.pump(17.5, 1.0, confirmed=False)
    chair.pump(17.5, 1.5, confirmed=True)
    shown = card(chair)
    assert (shown.concentration, shown.mg_h, shown.given) == ("? mg/mL", "--", "--")
    assert shown.rate == "17.5"


def test_the_buttons_follow_the_phase() -> None:
    chair = Chair().ready()
    keys = [[limb.key for limb in card(chair).buttons]]
    chair = Chair().running()
    keys.append([limb.key for limb in card(chair).buttons])
    chair.pump(0.0, 1.0)
    keys.append([limb.key for limb in card(chair).buttons])
    assert keys == [
        ["start", "order", "change_rate"],
        ["pause", "end", "change_rate"],
        ["resume", "end", "change_rate"],
    ]


def test_the_sheet_of_a_start_says_which_key_and_shows_requested_and_measured() -> None:
    chair = Chair().ready()
    chair.pump(0.0, 0.0)
    chair.tap(AskPump("start"))
    sheet = chair.snapshot.pump_sheet
    assert sheet is not None
    assert "press START" in sheet.instruction
    assert (sheet.requested, sheet.measured, sheet.state) == ("17.5 mL/h", "on hold", "waiting")
    assert not sheet.can_confirm_by_hand


def test_a_sheet_whose_pump_is_silent_is_uncertain_and_may_be_confirmed_by_hand() -> None:
    chair = Chair().running()
    chair.tap(AskPump("pause"))
    chair.wait(15)
    sheet = chair.snapshot.pump_sheet
    assert sheet is not None
    assert (sheet.state, sheet.can_confirm_by_hand) == ("uncertain", True)


def test_without_a_pump_the_sheet_says_that_the_word_counts() -> None:
    chair = Chair(pump=False).ready()
    chair.tap(AskPump("start"))
    sheet = chair.snapshot.pump_sheet
    assert sheet is not None
    assert (sheet.state, sheet.measured) == ("no-pump", "No pump is connected: your word counts.")


def test_a_device_that_is_not_connected_is_not_called_down() -> None:
    chips = {chip.key: chip.text for chip in Chair(pump=False).running_by_hand().snapshot.alarms.devices}
    assert chips["pump"] == "none"


def test_a_device_that_is_lost_is_called_by_its_state() -> None:
    chair = Chair().running()
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    chips = {chip.key: (chip.text, chip.ok) for chip in chair.snapshot.alarms.devices}
    assert chips["monitor"] == ("down", False)


# ---------------------------------------------------------------- log and events


def test_the_log_is_newest_first_and_grows_with_each_entry() -> None:
    chair = Chair().with_patient()
    chair.tap(NoteEffect("nausea", 2))
    chair.tap(WriteNote("quiet"))
    assert texts(chair)[0] == "Note: quiet"
    assert texts(chair)[1].startswith("Nausea, grade 2")


def test_what_was_taken_back_is_struck_in_the_log() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(WriteNote("quiet")).entry
    assert not chair.snapshot.log[0].struck
    chair.tap(Undo(noted))
    line = next(line for line in chair.snapshot.log if line.entry == noted)
    assert (line.struck, line.note) == (True, "Taken back")


def test_a_side_effect_is_open_until_it_ends() -> None:
    chair = Chair().with_patient()
    noted = chair.tap(NoteEffect("nausea", 2)).entry
    assert chair.snapshot.log[0].open_effect
    chair.tap(EndEffect(noted))
    assert not any(line.open_effect for line in chair.snapshot.log)


def test_a_drug_the_patient_is_allergic_to_is_barred_on_its_button() -> None:
    chair = Chair().with_patient(allergies=("ondansetron",), none_known=False)
    buttons = {button.key: button.barred for button in chair.snapshot.events}
    assert buttons["drug.ondansetron"] == "allergy"
    assert buttons["drug.midazolam"] == ""


def test_a_score_that_is_due_says_so_and_no_more_once_it_is_taken() -> None:
    chair = Chair().running()
    chair.flow(800, 17.5, 0.0, every_s=5)
    assert next(button for button in chair.snapshot.events if button.key == "score.moaas").due
    chair.tap(TakeScore("moaas", 4))
    assert not next(button for button in chair.snapshot.events if button.key == "score.moaas").due


def test_the_last_line_says_what_was_written_last() -> None:
    chair = Chair().with_patient()
    chair.tap(SetOxygen(2.0))
    assert chair.snapshot.saved.text.startswith("Oxygen 2 L/min")
    chair.tap(WriteNote("quiet"))
    assert chair.snapshot.saved.text.startswith("Note: quiet")


def test_a_dose_that_was_given_counts_in_its_sheet_at_once() -> None:
    chair = Chair().running()
    chair.snapshot  # noqa: B018 - the sheets of before are made
    chair.tap(GiveDrug("midazolam", 1.0, "mg", "IV"))
    sheet = next(sheet for sheet in chair.snapshot.drugs if sheet.drug == "midazolam")
    session = next(check for check in sheet.checks if check.label == "This session")
    assert session.value.startswith("1 mg")


def test_a_dose_that_was_taken_back_counts_no_more() -> None:
    chair = Chair().running()
    given = chair.tap(GiveDrug("midazolam", 1.0, "mg", "IV")).entry
    chair.snapshot  # noqa: B018 - the sheets of before are made
    chair.tap(Undo(given))
    sheet = next(sheet for sheet in chair.snapshot.drugs if sheet.drug == "midazolam")
    session = next(check for check in sheet.checks if check.label == "This session")
    assert session.value.startswith("0 mg")


def test_a_drug_sheet_follows_the_time_within_some_seconds() -> None:
    chair = Chair().running()
    chair.tap(GiveDrug("midazolam", 1.0, "mg", "IV"))
    for _ in range(300):
        chair.wait(0.5)
        assert chair.snapshot.drugs
    sheet = next(sheet for sheet in chair.snapshot.drugs if sheet.drug == "midazolam")
    last = next(check for check in sheet.checks if check.label == "Since the last")
    assert last.value.startswith("2 min")


def test_an_entry_of_tables_that_are_gone_is_shown_by_its_id() -> None:
    chair = Chair().running()
    for n, body in enumerate(unknown_bodies()):
        chair.session.apply(Entry(f"u{n}", chair.session.id, chair.now, chair.now.utc, "boot", DOCTOR, body))
    assert any("old-drug" in text for text in texts(chair))
    chart = chair.snapshot.chart
    assert chart is not None
    assert any("old-effect" in mark.label for mark in chart.marks)


def unknown_bodies() -> tuple[AnyBody, ...]:
    """Entries of tables of another day."""
    return (DrugGiven("old-drug", 1.0, "mg", "IV"), EffectNoted("old-effect", 2), ScoreTaken("old-score", 3))


# ---------------------------------------------------------------- chart and summary


def test_the_chart_draws_the_rate_as_it_was_and_the_plan_ahead() -> None:
    chair = Chair().running()
    chair.flow(60, 17.5, 0.0)
    chair.tap(OrderRate(19.0, "why", DOCTOR, "3333"))
    chair.flow(60, 19.0, 0.3)
    chart = chair.snapshot.chart
    assert chart is not None
    assert [span.rate_ml_h for span in chart.rate] == [17.5, 19.0]
    assert chart.plan[-1].end_s - chart.rate[0].start_s == pytest.approx(2400)


def test_a_gap_of_the_monitor_runs_up_to_now_while_it_lasts() -> None:
    chair = Chair().running()
    chair.link("monitor", LinkState.DOWN, "Check the cable.")
    ends = []
    for _ in range(2):
        chair.wait(30)
        chart = chair.snapshot.chart
        assert chart is not None
        ends.append(chart.gaps[-1].end_s - chart.gaps[-1].start_s)
    assert ends == [pytest.approx(30), pytest.approx(60)]


def test_the_version_of_the_chart_changes_only_when_it_is_drawn_anew() -> None:
    chair = Chair().running()
    chair.wait(0.2)
    first = chair.snapshot.chart
    chair.wait(0.2)
    second = chair.snapshot.chart
    chair.tap(NoteEffect("nausea", 2))
    third = chair.snapshot.chart
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.version == second.version < third.version


def test_a_finished_session_has_its_summary_and_a_signature_makes_it_no_draft() -> None:
    chair = Chair().running()
    chair.tap(AskPump("end"))
    chair.pump(0.0, 1.0)
    made = [chair.snapshot.summary]
    chair.leave()
    chair.counted().recorded()
    made += [chair.snapshot.summary, chair.snapshot.summary]
    chair.tap(SignSummary(DOCTOR, "3333", "Anesthetist"))
    made.append(chair.snapshot.summary)
    assert [isinstance(one, Summary) for one in made] == [False, True, True, True]
    assert made[1] is made[2]
    assert made[2] is not made[3]


def test_an_instant_of_the_past_is_not_younger_than_now() -> None:
    chair = Chair().running()
    chair.vitals(Instant(chair.now.utc, chair.now.steady + 3), heart_rate=80.0)
    assert tile(chair, "heart_rate").state == "live"


def test_the_last_line_of_an_order_names_the_signer_by_initials() -> None:
    chair = Chair().ready()
    assert "Order signed, AM" in chair.snapshot.saved.text


def test_that_this_is_a_second_display_is_said_while_an_alarm_takes_the_calm_bars_place() -> None:
    chair = Chair().running()
    assert chair.snapshot.saved.right == ""
    chair.wait(20)
    assert chair.snapshot.alarms.rows
    assert chair.snapshot.saved.right.startswith("Second display.")


def test_before_a_session_the_bar_says_why_a_device_is_not_heard() -> None:
    chair = Chair()
    chair.link("monitor", LinkState.DOWN, "/dev/ttyUSB0 is not there. Plug the adapter in.")
    assert list(chair.snapshot.alarms.notices) == ["Monitor: /dev/ttyUSB0 is not there. Plug the adapter in."]
    chair.link("monitor", LinkState.LIVE)
    assert not list(chair.snapshot.alarms.notices)


def test_what_is_late_by_more_than_an_hour_is_told_in_hours() -> None:
    chair = Chair().running_by_hand()
    chair.wait(2 * 3600, step_s=60)
    chart = chair.snapshot.chart
    assert chart is not None
    late = [words for words, _ in chart.due if words.endswith(" late")]
    assert late
    assert all(" h " in words for words in late)


@pytest.mark.parametrize("phase", ["ready", "running"])
def test_the_vital_signs_in_small_are_there_in_every_phase(phase: str) -> None:
    chair = getattr(Chair(), phase)()
    chair.vitals()
    assert [value.label for value in chair.snapshot.alarms.strip][:2] == ["HR", "SpO₂"]
