from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.frames import SessionLine, VisitLine
from app.messages import (
    AddLate,
    Amend,
    LeaveReview,
    PlanNextVisit,
    ReviewSession,
    ShowSession,
)
from app.review_frames import AmendField, ReviewFrame, ReviewLine, ThenValue
from tests.ui.frames_samples import alarm_rows, calm_bar, chart, strip
from tests.ui.window_samples import PANELS, Chair, shot
from ui.screens.review import ReviewScreen
from ui.widgets.review_parts import EventRow
from ui.widgets.target import Target

GRADES = tuple((f"{n}", words) for n, words in ((1, "1, mild"), (2, "2, treat"), (3, "3, severe")))
FIELDS = (
    AmendField("grade", "Grade", "2", GRADES),
    AmendField("at", "Time", "14:05"),
    AmendField("happened", "Did not happen", "", (("no", "It did not happen."),)),
)
THEN = (
    ThenValue("HR", "84", "hr", "/min", "live"),
    ThenValue("SpO₂", "--", "spo2", "probe off", "missing"),
    ThenValue("NIBP", "138/82", "nibp", "14:05", "stale"),
)


def lines(count: int = 12) -> tuple[ReviewLine, ...]:
    """Effects and drugs in turn, a minute apart; the first was amended, the second taken back."""
    made = []
    for n in range(count):
        effect = n % 2 == 0
        made.append(
            ReviewLine(
                entry=f"e{n}",
                at_s=600.0 + 60.0 * n,
                at=f"14:{n % 60:02d}:12",
                text=f"Nausea, grade 2, treat {n}" if effect else f"midazolam 1 mg IV {n}",
                who="LK",
                group="effects" if effect else "drugs",
                kind="EffectNoted" if effect else "DrugGiven",
                struck=n == 1,
                notes=("Should read: Nausea, grade 1, mild. Wrong value, JM",) if n == 0 else (),
                amendable=n != 1,
                fields=FIELDS if effect else (),
                then=THEN,
            )
        )
    return tuple(made)


def review(**changes: object) -> ReviewFrame:
    """Tom Baker's done record."""
    named: dict[str, object] = {
        "session": "x9",
        "state": "open",
        "title": "Review: Tom Baker, 2 March 2026, finished",
        "began": datetime(2026, 3, 2, 13, 0, tzinfo=UTC),
        "chart": chart(now_text="", version=7),
        "lines": lines(),
        "back": "to Today",
        "version": 1,
        **changes,
    }
    return ReviewFrame(**named)  # type: ignore[arg-type]


def screen(chair: Chair) -> ReviewScreen:
    """The review, shown."""
    assert chair.window.screen_shown is chair.window.review
    return chair.window.review


def target(chair: Chair, name: str) -> Target:
    found = chair.find(name)
    assert isinstance(found, Target)
    return found


def reading(chair: Chair, **changes: object) -> ReviewScreen:
    """The review of a done session, nobody at the chair."""
    chair.show(shot("today", review=review(**changes)))
    return screen(chair)


def test_an_event_shows_the_ten_minutes_before_it_and_the_twenty_after(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("event.2")
    start, end = shown.chart.window()
    assert end - start == pytest.approx(1800, abs=1)
    assert shown.chart.lanes.marked == (720.0, "14:02")
    assert start <= 720.0 <= end


def test_the_vital_signs_of_that_time_stand_as_numbers_with_why_one_is_missing(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("event.2")
    assert shown.then.isVisibleTo(chair.window)
    assert shown.then.values == THEN
    assert "SpO₂ -- probe off" in shown.then.accessibleName()


def test_the_whole_session_is_one_touch_away(chair: Chair) -> None:
    shown = reading(chair)
    whole = shown.chart.window()
    chair.touch("event.2", "closer")
    assert shown.chart.window() != whole
    chair.touch("whole")
    assert shown.chart.window() == pytest.approx(whole)


def test_plain_buttons_zoom_and_move(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("closer", "closer")
    start, end = shown.chart.window()
    chair.touch("time_earlier")
    assert shown.chart.window()[0] < start
    chair.touch("time_later")
    assert shown.chart.window() == pytest.approx((start, end))
    chair.touch("further")
    now = shown.chart.window()
    assert now[1] - now[0] == pytest.approx(2 * (end - start), rel=0.01)


def test_a_filter_leaves_only_its_lines(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("filter.drugs")
    assert {line.group for _n, line in shown.lines()} == {"drugs"}
    chair.touch("filter.alarms")
    assert not shown.lines()


def test_amended_and_taken_back_lines_are_marked(chair: Chair) -> None:
    reading(chair)
    rows = [row for row in chair.targets() if isinstance(row, EventRow)]
    assert rows[0].shown()[1] == "Amended" or rows[0].shown()[1].startswith("Should read")
    assert rows[1].line.struck


def test_half_an_amendment_is_never_read_as_a_whole_one(chair: Chair) -> None:
    reading(chair)
    row = next(row for row in chair.window.findChildren(EventRow) if row.line.entry == "e0")
    assert row.shown()[1] in ("Amended", row.line.notes[0])


def test_an_amendment_by_data_takes_the_grade_the_reason_and_the_pin(chair: Chair) -> None:
    reading(chair)
    chair.touch("event.2", "amend", "choice.grade", "choice.1", "choice.0", "signer.s1")
    chair.type("1111", "pin")
    chair.touch("sign_now")
    assert chair.acts[-1] == Amend("e2", "", "Wrong value", "s1", "1111", "x9", {"grade": "1"})


def test_a_wrong_pin_stays_with_the_signature(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("event.2", "amend", "choice.grade", "choice.1", "choice.0", "signer.s1")
    chair.type("9999", "pin")
    chair.touch("sign_now")
    chair.answer("refused", "pin", "Wrong PIN. 4 tries left.")
    assert shown.editor.isVisibleTo(chair.window)
    chair.find("sign_now")


def test_a_taken_amendment_goes_back_to_the_record(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("event.2", "amend", "choice.happened", "choice.0", "signer.s1")
    chair.type("1111", "pin")
    chair.touch("sign_now")
    chair.answer()
    assert not shown.editor.isVisibleTo(chair.window)


def test_a_time_is_typed_as_hours_and_minutes(chair: Chair) -> None:
    reading(chair)
    chair.touch("event.2", "amend", "choice.at")
    chair.type("1403")
    chair.touch("set", "choice.1", "signer.s1")
    chair.type("1111", "pin")
    chair.touch("sign_now")
    act = chair.acts[-1]
    assert isinstance(act, Amend)
    assert act.values == {"at": "14:03"}


def test_a_forgotten_effect_is_added_at_its_own_time(chair: Chair) -> None:
    reading(chair)
    chair.touch("add_late", "choice.effect", "choice.nausea", "choice.2")
    chair.type("1403")
    chair.touch("set", "signer.s1")
    chair.type("1111", "pin")
    chair.touch("sign_now")
    assert chair.acts[-1] == AddLate("x9", "effect", "nausea", "14:03", "", "s1", "1111", 2.0)


def test_a_line_that_was_taken_back_says_why_it_is_not_amended(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("event.1", "amend")
    assert shown.ask_card.isVisibleTo(chair.window)
    assert not any(isinstance(act, Amend) for act in chair.acts)


def test_leaving_is_one_touch(chair: Chair) -> None:
    reading(chair)
    chair.touch("leave_review")
    assert chair.acts == [LeaveReview()]


def test_the_summary_opens_from_the_review_where_nothing_is_under_way(chair: Chair) -> None:
    reading(chair)
    chair.touch("to_summary")
    assert chair.acts == [ShowSession("x9")]


def test_a_record_that_is_being_read_says_so(chair: Chair) -> None:
    shown = reading(
        chair, state="loading", title="Review: being read", words="Being read.", chart=None, lines=()
    )
    assert shown.says.text == "Being read."
    assert target(chair, "add_late").is_barred()


def test_a_session_without_a_measurement_has_no_chart_and_says_so(chair: Chair) -> None:
    shown = reading(chair, chart=None)
    assert not shown.chart.isVisibleTo(chair.window)
    assert shown.says.text == "Nothing was measured in this session."


@pytest.mark.parametrize("panel", list(PANELS))
def test_another_patients_alarm_bar_and_name_stay_above_the_review(panel: str, qtbot: object) -> None:
    chair = Chair(panel)
    chair.window.show()
    chair.show(
        shot("infusing", review=review(other=True, back="to Rosa Martin"), alarms=calm_bar(rows=alarm_rows()))
    )
    shown = screen(chair)
    assert chair.window.top.header.frame is not None
    assert chair.window.top.header.frame.name == "Rosa Martin"
    chair.find("acknowledge")
    assert shown.band.right == "Rosa Martin is at the chair"
    assert shown.y() >= 0
    chair.window.close()


@pytest.mark.parametrize("panel", list(PANELS))
def test_every_key_of_the_pin_can_be_touched_under_an_alarm_and_whose_record_it_is_stands_over_it(
    panel: str,
) -> None:
    chair = Chair(panel)
    chair.window.show()
    alarms = calm_bar(rows=alarm_rows(), strip=strip())
    chair.show(shot("infusing", review=review(other=True, back="to Rosa Martin"), alarms=alarms))
    chair.touch("event.2", "amend", "choice.grade", "choice.1", "choice.0", "signer.s1")
    chair.type("1234567890", "pin")
    sign = screen(chair).forms.sign
    assert sign is not None
    assert sign.head.text.startswith("Tom Baker, 2 March 2026")
    for name in ("pin.0", "sign_now", "sign_back"):
        widget = chair.find(name)
        assert widget.visibleRegion().boundingRect().height() == widget.height(), name
    chair.window.close()


@pytest.mark.parametrize("panel", list(PANELS))
def test_every_target_of_the_review_is_large_enough_and_inside(panel: str) -> None:
    chair = Chair(panel)
    chair.window.show()
    chair.show(shot("today", review=review(lines=lines(300)), alarms=calm_bar(strip=strip())))
    chair.touch("event.2")
    for one in chair.targets():
        smallest = chair.look.metrics.in_mm(min(one.width(), one.height()))
        assert smallest >= 15.0 - 0.1, one.objectName()
        corner = one.mapTo(chair.window, one.rect().bottomRight())
        assert chair.window.rect().contains(corner), one.objectName()
    chair.window.close()


def test_three_hundred_events_are_turned_page_by_page(chair: Chair) -> None:
    shown = reading(chair, lines=lines(300))
    chair.touch("lines_down")
    assert shown.page == 1
    chair.touch("lines_up")
    assert target(chair, "lines_up").is_barred()


def test_another_session_begins_with_its_whole_time_and_no_event(chair: Chair) -> None:
    shown = reading(chair)
    chair.touch("event.2")
    chair.show(shot("today", review=review(session="x10")))
    assert shown.chosen == ""
    assert shown.chart.lanes.marked is None


# ---------------------------------------------------------------- to the review, and who is expected


def done() -> tuple[SessionLine, ...]:
    return (SessionLine("x9", "Tom Baker", "00611", "2 Mar 09:00", "Own series", "finished", True, "Done"),)


VISIT = VisitLine("00611", "Tom Baker", "2 days overdue", True, "last here 2 Mar 2026")


def test_a_done_session_of_today_opens_its_review(chair: Chair) -> None:
    chair.show(shot("today", sessions=done()))
    chair.touch("session.0")
    assert chair.acts == [ReviewSession("x9")]


def test_who_is_expected_is_found_on_the_patient_screen_without_a_weight(chair: Chair) -> None:
    from app.frames import KnownPatient

    known = KnownPatient("00611", "Tom Baker", "1968-06-12", "male", (), True, 70.0, "2 Mar 2026, 70 kg")
    chair.show(shot("today", session="", patient=None, visits=(VISIT,), known=(known,)))
    chair.touch("visit.0")
    draft = chair.window.patient.draft
    assert chair.window.screen_shown is chair.window.patient
    assert (draft.mrn, draft.name, draft.weight_kg) == ("00611", "Tom Baker", None)


def test_from_the_lines_of_a_running_session_to_its_review_and_to_the_other_sessions(chair: Chair) -> None:
    chair.show(shot("infusing", session="s7"))
    chair.touch("undo", "review")
    assert chair.acts == [ReviewSession("s7")]
    chair.touch("sessions")
    assert chair.window.screen_shown is chair.window.today
    chair.show(shot("infusing", session="s7", sessions=done()))
    assert target(chair, "new_patient").is_barred()


def test_the_next_visit_is_two_touches_at_discharge(chair: Chair) -> None:
    chair.show(shot("recovery"))
    chair.window.open_sheet("next_visit")
    chair.touch("visit.7")
    act = chair.acts[-1]
    assert isinstance(act, PlanNextVisit)
    assert act.due is not None
    assert act.due.isoformat() == "2026-11-29"


def test_another_day_is_typed_and_lies_ahead(chair: Chair) -> None:
    chair.show(shot("recovery"))
    chair.window.open_sheet("next_visit")
    chair.touch("visit.own")
    chair.type("5")
    chair.touch("set")
    chair.type("1")
    chair.touch("set")
    act = chair.acts[-1]
    assert isinstance(act, PlanNextVisit)
    assert act.due is not None
    assert act.due.isoformat() == "2027-01-05"


def test_from_the_keys_back_to_the_days_and_from_the_summary_out_of_the_sheet(chair: Chair) -> None:
    chair.show(shot("finished"))
    chair.window.open_sheet("next_visit")
    chair.touch("visit.own")
    chair.touch("visit_back", "close")
    assert chair.window.sheet is None
    assert chair.acts == []
