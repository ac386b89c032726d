"""Header, tiles, alarm bar, infusion column, event bar and chips: what they show of a frame."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.frames import AlarmMark, EventButton, Limb, SavedLine, Tile
from tests.ui import frames_samples as samples
from ui.fonts import load_fonts
from ui.theme import BOLD_WEIGHT, DARK, MEDIUM_WEIGHT, Look, Metrics, Token
from ui.widgets.alarm_bar import AlarmBar, calm_lines, detail_lines
from ui.widgets.chips import Chips
from ui.widgets.covers import NotUpdating, TooSmall
from ui.widgets.digits import digits_width
from ui.widgets.drug_label import paint_label
from ui.widgets.event_bar import DueRow, EventBar, LastLine, target_name
from ui.widgets.header import Header
from ui.widgets.infusion import InfusionColumn
from ui.widgets.target import State, Target
from ui.widgets.tile import Phase, VitalTile, phase_at
from ui.widgets.top import Top


@pytest.fixture
def look(qtbot: QtBot) -> Look:
    """The dark look of the 12.1 inch panel."""
    load_fonts()
    return Look(DARK, Metrics(125), samples.LABELS)


def touch(target: Target | None) -> None:
    """A finger on a target."""
    assert target is not None
    QTest.mouseClick(target, Qt.MouseButton.LeftButton)


# ---------------------------------------------------------------------- header


def said(header: Header, frame: object) -> str:
    """Every word that fits."""
    left, right = header.fitted(frame)  # type: ignore[arg-type]
    return " ".join(piece[0] for piece in (*left, *right))


def test_demo_takes_no_words_from_the_header(qtbot: QtBot, look: Look) -> None:
    header = Header(look)
    qtbot.addWidget(header)
    header.resize(1280, header.height())
    assert said(header, samples.header(demo=True)) == said(header, samples.header())
    assert "MRN 00417" in said(header, samples.header(demo=True))


def test_no_known_allergy_is_said_without_a_warning_sign(qtbot: QtBot, look: Look) -> None:
    header = Header(look)
    qtbot.addWidget(header)
    header.resize(1280, header.height())
    left, _right = header.fitted(samples.header(allergy="None known", allergy_known=False))
    assert left[-1][0] == "Allergy: none known"
    assert left[-1][4] == ""


def test_a_long_allergy_list_leaves_out_who_before_any_allergy(qtbot: QtBot, look: Look) -> None:
    header = Header(look)
    qtbot.addWidget(header)
    header.resize(1280, header.height())
    words = said(header, samples.header(allergy="ondansetron, penicillin, latex"))
    assert "Allergy: ondansetron, penicillin, latex" in words
    assert "LK" not in words
    assert "Rosa Martin" in words
    assert "14:07" in words


# ---------------------------------------------------------------------- tiles


def tile_of(qtbot: QtBot, look: Look, tile: Tile) -> VitalTile:
    """A tile of the chair's size."""
    widget = VitalTile(look)
    qtbot.addWidget(widget)
    widget.resize(186, 122)
    widget.show_tile(tile)
    return widget


def live(**changes: object) -> Tile:
    """SpO₂ 97 %, live."""
    return msgspec.structs.replace(samples.tiles()[1], **changes)


def colours(widget: VitalTile) -> set[str]:
    """Every colour in its picture."""
    image = widget.grab().toImage()
    return {
        image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height())
    }


def test_a_live_value_has_its_colour(qtbot: QtBot, look: Look) -> None:
    assert DARK.roles["spo2"] in colours(tile_of(qtbot, look, live()))


@pytest.mark.parametrize("state", ["stale", "missing"])
def test_an_old_or_missing_value_has_no_colour(qtbot: QtBot, look: Look, state: str) -> None:
    text = "--" if state == "missing" else "97"
    found = colours(tile_of(qtbot, look, live(state=state, text=text, corner="12 s old")))
    assert DARK.roles["spo2"] not in found
    assert DARK.roles["text3"] in found


@pytest.mark.parametrize("priority", ["high", "medium", "low"])
def test_an_alarm_has_a_frame_in_every_phase(qtbot: QtBot, look: Look, priority: str) -> None:
    widget = tile_of(qtbot, look, live(alarm=AlarmMark(priority, "low")))  # type: ignore[arg-type]
    for phase in (Phase(), Phase(high=False, medium=False)):
        widget.show_phase(phase)
        assert DARK.roles[f"alarm_{priority}_edge"] in colours(widget)


def test_an_acknowledged_alarm_keeps_frame_and_words_and_loses_its_fill(qtbot: QtBot, look: Look) -> None:
    found = colours(tile_of(qtbot, look, live(alarm=AlarmMark("high", "low", acknowledged=True))))
    assert DARK.roles["alarm_high"] not in found
    assert DARK.roles["alarm_high_edge"] in found
    assert DARK.roles["alarm_high_ink"] in found


def test_a_low_alarm_never_blinks(qtbot: QtBot, look: Look) -> None:
    assert not tile_of(qtbot, look, live(alarm=AlarmMark("low", "20 min old"))).blinks()


def test_a_high_alarm_is_lit_half_of_every_half_second() -> None:
    lit = [phase_at(ms).high for ms in range(0, 1000, 50)]
    assert lit == [True] * 5 + [False] * 5 + [True] * 5 + [False] * 5


def test_a_medium_alarm_blinks_six_times_in_ten_seconds() -> None:
    lit = [phase_at(ms).medium for ms in range(0, 10_000, 10)]
    assert sum(now and not before for before, now in zip([False, *lit], lit, strict=False)) == 6


def test_three_digits_fit_a_tile(look: Look) -> None:
    assert digits_width(look, "138", Token.VITAL) <= look.px(37.7) - 2 * look.px(1.2)


# ---------------------------------------------------------------------- alarm bar and top


def top_of(qtbot: QtBot, look: Look) -> Top:
    """The top at the 12.1 inch panel's width."""
    top = Top(look)
    qtbot.addWidget(top)
    top.resize(1280, top.height())
    top.show()
    return top


def test_acknowledge_is_there_only_while_there_is_something_to_acknowledge(qtbot: QtBot, look: Look) -> None:
    top = top_of(qtbot, look)
    top.show_top(samples.header(), samples.calm_bar(), locked=False)
    assert top.acknowledge.isHidden()
    top.show_top(samples.header(), samples.calm_bar(rows=samples.alarm_rows()), locked=False)
    assert top.acknowledge.isVisible()
    rows = tuple(msgspec.structs.replace(row, acknowledged=True) for row in samples.alarm_rows())
    top.show_top(samples.header(), samples.calm_bar(rows=rows), locked=False)
    assert top.acknowledge.isHidden()


def test_locked_shows_unlock_in_the_place_of_lock(qtbot: QtBot, look: Look) -> None:
    top = top_of(qtbot, look)
    top.show_top(samples.header(), samples.calm_bar(), locked=False)
    place = top.lock.geometry()
    top.show_top(samples.header(), samples.calm_bar(), locked=True)
    assert top.lock.isHidden()
    assert top.unlock.isVisible()
    assert top.unlock.geometry() == place


def test_an_alarm_moves_neither_dim_nor_lock(qtbot: QtBot, look: Look) -> None:
    top = top_of(qtbot, look)
    top.show_top(samples.header(), samples.calm_bar(), locked=False)
    before = top.dim.geometry(), top.lock.geometry(), top.height()
    top.show_top(samples.header(), samples.calm_bar(rows=samples.alarm_rows()), locked=False)
    assert (top.dim.geometry(), top.lock.geometry(), top.height()) == before


def test_touching_acknowledge_says_so(qtbot: QtBot, look: Look) -> None:
    top = top_of(qtbot, look)
    top.show_top(samples.header(), samples.calm_bar(rows=samples.alarm_rows()), locked=False)
    with qtbot.waitSignal(top.touched) as signal:
        touch(top.acknowledge)
    assert signal.args == ["acknowledge"]


def test_vital_signs_move_under_an_alarm_on_a_screen_without_tiles(qtbot: QtBot, look: Look) -> None:
    top = top_of(qtbot, look)
    calm = samples.calm_bar(strip=samples.strip())
    top.show_top(samples.header(), calm, locked=False)
    assert top.strip.isHidden()
    alarm = msgspec.structs.replace(calm, rows=samples.alarm_rows())
    top.show_top(samples.header(), alarm, locked=False)
    assert top.strip.isVisible()
    assert top.strip.geometry().bottom() < top.height()


def test_a_high_alarm_fills_the_bar_only_while_lit(qtbot: QtBot, look: Look) -> None:
    bar = AlarmBar(look)
    qtbot.addWidget(bar)
    bar.resize(860, bar.height())
    bar.show_bar(samples.calm_bar(rows=samples.alarm_rows()))
    place = (430, 12)
    assert bar.grab().toImage().pixelColor(*place) == DARK["alarm_high"]
    bar.show_phase(Phase(high=False))
    assert bar.grab().toImage().pixelColor(*place) == DARK["panel"]


def test_a_notice_is_seen_in_the_calm_bar(qtbot: QtBot, look: Look) -> None:
    bar = AlarmBar(look)
    qtbot.addWidget(bar)
    bar.resize(1040, bar.height())
    bar.show_bar(samples.calm_bar())
    calm = bar.grab().toImage()
    bar.show_bar(samples.calm_bar(notices=("Pump 20, ordered 17.5 since 14:07",)))
    assert bar.grab().toImage() != calm


# ---------------------------------------------------------------------- infusion


def column_of(qtbot: QtBot, look: Look) -> InfusionColumn:
    """The column of the 12.1 inch panel."""
    column = InfusionColumn(look)
    qtbot.addWidget(column)
    column.resize(300, 522)
    column.show()
    return column


def test_the_column_shows_the_buttons_that_the_frame_has(qtbot: QtBot, look: Look) -> None:
    column = column_of(qtbot, look)
    column.show_card(samples.infusion(buttons=(Limb("start", "Start", allowed=True, main=True),)))
    assert list(column.targets) == ["start"]
    assert column.targets["start"].state is State.INFUSION
    column.show_card(samples.infusion())
    assert list(column.targets) == ["pause", "end", "change_rate"]


def test_a_barred_button_says_its_name_and_why(qtbot: QtBot, look: Look) -> None:
    column = column_of(qtbot, look)
    column.show_card(samples.infusion(buttons=(Limb("start", "Start", allowed=False, reason="no order"),)))
    with qtbot.waitSignal(column.barred_touched) as signal:
        touch(column.targets["start"])
    assert signal.args == ["start", "no order"]


def test_a_locked_column_says_locked(qtbot: QtBot, look: Look) -> None:
    column = column_of(qtbot, look)
    column.show_card(samples.infusion(), locked=True)
    assert {target.reason for target in column.targets.values()} == {"locked"}


def test_two_acts_stand_eight_millimetres_apart_and_one_has_the_whole_width(qtbot: QtBot, look: Look) -> None:
    column = column_of(qtbot, look)
    column.show_card(samples.infusion(buttons=(Limb("start", "Start", True), Limb("order", "Order", True))))
    start, order = column.targets["start"].geometry(), column.targets["order"].geometry()
    assert look.metrics.in_mm(order.left() - start.right() - 1) >= 8.0
    column.show_card(samples.infusion(buttons=(Limb("start", "Start", True),)))
    assert column.targets["start"].width() == column.width()


def test_an_equal_card_makes_no_new_targets(qtbot: QtBot, look: Look) -> None:
    column = column_of(qtbot, look)
    column.show_card(samples.infusion())
    pause = column.targets["pause"]
    column.show_card(samples.infusion(age="5 s"))
    assert column.targets["pause"] is pause


# ---------------------------------------------------------------------- events


def bar_of(qtbot: QtBot, look: Look, width: int = 1230) -> EventBar:
    """The bottom row."""
    bar = EventBar(look)
    qtbot.addWidget(bar)
    bar.resize(width, look.mm(15.2))
    bar.show()
    bar.show_bar(samples.events(), None)
    return bar


def seen(bar: EventBar) -> list[str]:
    """The names of the targets that it shows."""
    return [name for name, target in bar.targets.items() if target.isVisible()]


def test_three_effects_and_one_drug_fit_the_small_panel(qtbot: QtBot, look: Look) -> None:
    names = seen(bar_of(qtbot, look))
    assert [name for name in names if name.startswith("effect.")] == [
        "effect.nausea",
        "effect.dissociation",
        "effect.anxiety",
    ]
    assert "drug.midazolam" in names
    assert {"more.effects", "more.drugs", "score.pain", "score.sedation", "note", "undo"} <= set(names)


def test_five_effects_and_two_drugs_fit_the_large_panel(qtbot: QtBot) -> None:
    load_fonts()
    names = seen(bar_of(qtbot, Look(DARK, Metrics(141), samples.LABELS), 1864))
    assert sum(name.startswith("effect.") for name in names) == 5
    assert sum(name.startswith("drug.") for name in names) == 2


def test_touching_an_effect_says_its_name(qtbot: QtBot, look: Look) -> None:
    bar = bar_of(qtbot, look)
    with qtbot.waitSignal(bar.touched) as signal:
        touch(bar.targets["effect.nausea"])
    assert signal.args == ["effect.nausea"]


def test_undo_counts_down_without_moving(qtbot: QtBot, look: Look) -> None:
    bar = bar_of(qtbot, look)
    place = bar.targets["undo"].geometry()
    bar.show_bar(samples.events(), samples.undo(10))
    assert bar.targets["undo"].words == "Undo 10 s"
    bar.show_bar(samples.events(), samples.undo(9))
    assert bar.targets["undo"].words == "Undo 9 s"
    assert bar.targets["undo"].geometry() == place
    assert bar.targets["undo"].fits()


def test_a_drug_with_an_allergy_is_struck_through_and_says_so(qtbot: QtBot) -> None:
    load_fonts()
    bar = bar_of(qtbot, Look(DARK, Metrics(141), samples.LABELS), 1864)
    target = bar.targets["drug.ondansetron"]
    assert target.struck
    with qtbot.waitSignal(bar.barred_touched) as signal:
        touch(target)
    assert signal.args == ["drug.ondansetron", "allergy"]


LATE = (("Pain 22 min late", True), ("Sedation 22 min late", True), ("NIBP 2:10", False))


def due_row(look: Look, width: int) -> DueRow:
    """What is due, in so much room."""
    row = DueRow(look)
    row.resize(width, look.mm(8))
    row.show_due(LATE)
    return row


def test_what_is_due_and_has_no_room_is_counted_and_the_count_has_room(qtbot: QtBot, look: Look) -> None:
    whole = next(width for width in range(200, 2000) if due_row(look, width).shown() == 3)
    row = due_row(look, whole - 1)
    qtbot.addWidget(row)
    assert row.shown() == 2
    before = row.grab().toImage()
    row.show_due(LATE[:2])
    assert row.shown() == 2
    assert row.grab().toImage() != before, "that there is one more is seen"


def test_the_most_pressing_stays_when_there_is_room_for_one(qtbot: QtBot, look: Look) -> None:
    row = due_row(look, next(width for width in range(50, 2000) if due_row(look, width).shown() == 1))
    qtbot.addWidget(row)
    words = [target for target, _ in row.due[: row.shown()]]
    assert words == ["Pain 22 min late"]


def test_a_key_that_is_a_whole_name_stays_as_it_is() -> None:
    assert target_name(EventButton("more.effects", "More", "more", "more")) == "more.effects"


def test_what_was_refused_by_the_disk_looks_different_from_saved(qtbot: QtBot, look: Look) -> None:
    line = LastLine(look)
    qtbot.addWidget(line)
    line.resize(1230, 26)
    pictures = []
    for state in ("saving", "saved", "failed"):
        line.show_line(SavedLine(state, "Nausea 2, 14:07:12"))
        pictures.append(line.grab().toImage())
    assert pictures[0] != pictures[1] != pictures[2]


# ---------------------------------------------------------------------- chips, lists, labels, covers


def test_one_chip_is_chosen_at_a_time(qtbot: QtBot, look: Look) -> None:
    chips = Chips(look, "reason", [("order", "Order"), ("other", "Other")])
    qtbot.addWidget(chips)
    chips.resize(400, 80)
    chips.show()
    touch(chips.targets["order"])
    touch(chips.targets["other"])
    assert chips.picked == ["other"]
    assert chips.targets["order"].state is State.NORMAL


def test_many_chips_may_be_chosen_and_given_back(qtbot: QtBot, look: Look) -> None:
    chips = Chips(look, "allergy", [("latex", "latex"), ("opioids", "opioids")], many=True)
    qtbot.addWidget(chips)
    chips.resize(400, 80)
    chips.show()
    touch(chips.targets["latex"])
    touch(chips.targets["opioids"])
    touch(chips.targets["latex"])
    assert chips.picked == ["opioids"]


def label_picture(look: Look, label_class: str) -> QImage:
    """A label on the card's ground."""
    image = QImage(200, 40, QImage.Format.Format_RGB32)
    image.fill(look["panel"])
    painter = QPainter(image)
    paint_label(painter, look, QPointF(2, 2), "midazolam", label_class)
    painter.end()
    return image


def test_an_opposite_action_is_striped(qtbot: QtBot, look: Look) -> None:
    plain, striped = (label_picture(look, kind) for kind in ("benzodiazepine", "benzodiazepine-antagonist"))
    assert plain != striped


def test_a_drug_without_a_label_colour_is_named_all_the_same(qtbot: QtBot, look: Look) -> None:
    image = label_picture(look, "unknown")
    assert any(image.pixelColor(x, 20) == look["text"] for x in range(200))


def test_a_cover_says_since_when_and_what_to_do(qtbot: QtBot, look: Look) -> None:
    top = top_of(qtbot, look)
    cover = NotUpdating(look, top)
    assert cover.isHidden()
    cover.say_since("14:07:12")
    assert cover.isVisible()
    assert "14:07:12" in cover.detail
    assert "monitor" in cover.detail


def test_a_window_that_is_too_small_says_how_large_it_must_be(qtbot: QtBot, look: Look) -> None:
    top = top_of(qtbot, look)
    cover = TooSmall(look, top)
    cover.say_size(200, 100, (250, 155))
    assert "200 × 100" in cover.detail
    assert "250 × 155" in cover.detail


# ---------------------------------------------------------------------- an alarm's detail

LONG = "Since 13:10:24. The adapter is not there. Plug the adapter in, or choose another port."


def test_a_detail_that_has_room_stands_on_one_line(look: Look) -> None:
    assert detail_lines(look, LONG, look.width(LONG) + 1) == (LONG,)


def test_a_long_detail_goes_on_a_second_line_and_each_fits(look: Look) -> None:
    room = look.width(LONG) * 0.6
    lines = detail_lines(look, LONG, room)
    assert len(lines) == 2
    assert " ".join(lines) == LONG
    assert all(look.width(line) <= room for line in lines)


def test_a_detail_without_room_loses_whole_sentences_never_half_a_word(look: Look) -> None:
    lines = detail_lines(look, LONG, look.width(LONG) * 0.3)
    assert " ".join(lines) == "Since 13:10:24. The adapter is not there."


def test_a_notice_beside_the_vital_signs_takes_two_lines_and_never_runs_into_them(look: Look) -> None:
    frame = samples.calm_bar(notices=("Pump: simulated pump is not there. Plug the adapter in.",))
    room = look.width("Pump: simulated pump is", Token.TEXT, MEDIUM_WEIGHT) * 1.1
    lines, weight = calm_lines(look, frame, room)
    assert len(lines) == 2
    assert max(look.width(line, Token.TEXT, weight) for line in lines) <= room


def test_a_notice_with_room_is_one_bold_line(look: Look) -> None:
    frame = samples.calm_bar(notices=("Printer: no paper.",))
    assert calm_lines(look, frame, 10_000.0) == (("Printer: no paper.",), BOLD_WEIGHT)
