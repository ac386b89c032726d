"""The verbs of a rehearsal that check a patient in, take the baseline and change limits, by the real widgets' names."""

from __future__ import annotations

from typing import Final

from app import rehearsal_verbs as v
from app.clinical.checkin_rows import Line, LineField
from app.entries import CheckValue
from app.frames import Answer, CheckLineFrame
from app.rehearsal_verbs import Step
from ui.fingers import Barred
from ui.rehearse_player import Player, StepFailed
from ui.rehearse_touch import close, confirm, staff_id, taken
from ui.sheets.base import slug

Answers = dict[str, str | float | tuple[str, ...]]

GOOD_DAY: Final[dict[str, Answers]] = {
    "identity": {"identifiers": ("name", "birth date")},
    "allergy": {"confirmed": "as recorded"},
    "escort": {"name": "Paul", "way": "drives home"},
    "contraindications": {"found": ()},
    "consent": {"signed": "signed, no guarantee explained"},
    "medicines": {"taken": (), "kept": "none stopped"},
    "bladder": {"emptied": "emptied"},
    "iv": {"gauge": "22 G", "site": "left forearm", "flush": "flushes"},
}
"""What is answered where a script names no answers; weight and times come from the script and the clock."""
FASTING_H: Final = {"food": 9, "clear": 3}


def check_in(play: Player, step: v.CheckIn) -> None:
    """One line, or every line that is to do."""
    _to_check_in(play)
    if step.line:
        _line(play, step, step.line, dict(step.values))
    else:
        for frame in _frames(play):
            if frame.line != "baseline" and frame.state not in ("done", "skipped"):
                _good_day(play, step, frame.line)
    _to_chair(play)


def _frames(play: Player) -> tuple[CheckLineFrame, ...]:
    frame = play.stage.snapshot().check_in
    if frame is None:
        raise StepFailed("there is no patient to check in")
    return frame.lines


def _to_check_in(play: Player) -> None:
    finger = play.finger
    for name in ("check_back", "check_in", "order", "back_to_check_in"):
        if finger.can_reach("check.identity"):
            return
        if finger.can_reach(name):
            finger.press(name)
    finger.find("check.identity")


def _to_chair(play: Player) -> None:
    """Where the order is signed, the chair is where the nurse goes on."""
    if play.stage.snapshot().order is not None and play.finger.can_reach("to_order"):
        play.finger.press("to_order")


def _good_day(play: Player, step: v.CheckIn, line: str) -> None:
    table = play.catalog.check_in.lines[line]
    if line == "pregnancy":
        _line(play, v.CheckIn(at=step.at, not_done=table.reasons[0]), line, {})
        return
    answers = dict(GOOD_DAY.get(line, {}))
    if line == "fasting":
        hour, minute = play.stage.snapshot().header.clock.split(":")
        answers = {name: f"{(int(hour) - ago) % 24:02d}:{minute}" for name, ago in FASTING_H.items()}
        answers["meal"] = "light"
    alone = ""
    if line == "weight":
        shot = play.stage.snapshot()
        answers = {"weight_kg": shot.patient.weight_kg if shot.patient is not None else 0.0}
        alone = "" if step.second else table.alone_reasons[0]
    second = step.second if line == "weight" else ""
    _line(play, v.CheckIn(at=step.at, alone=alone, second=second), line, answers)


# ---------------------------------------------------------------- one line


def _line(play: Player, step: v.CheckIn, name: str, answers: Answers) -> None:
    """Fills a line and saves it, alone, with a second person, accepted, or as not done."""
    table = play.catalog.check_in.lines.get(name)
    if table is None:
        raise StepFailed(f"the check-in has no line {name!r}")
    answer_line(play, step, table, answers, "check")


def answer_line(play: Player, step: v.CheckIn, table: Line, answers: Answers, prefix: str) -> None:
    """Opens a line by its row, "<prefix>.<line>", answers and saves it."""
    finger, name = play.finger, table.id
    before = play.answers()
    finger.press(f"{prefix}.{name}")
    if step.not_done:
        _reason(play, step, "check_skip", step.not_done, table.reasons)
        return
    unknown = answers.keys() - {field.id for field in table.field}
    if unknown:
        raise StepFailed(f"{name} does not ask for {', '.join(sorted(unknown))}")
    for field in table.field:
        if field.id in answers:
            _answer(play, table, field, answers[field.id])
    if play.answer_since(before) is not None:
        taken(play, step, before)
        _leave(play, step)
        return
    _save(play, step, table)


def _save(play: Player, step: v.CheckIn, table: Line) -> None:
    if step.accept:
        _reason(play, step, "check_accept", step.accept, play.catalog.order_choices.reasons[:-1])
    elif step.alone:
        _reason(play, step, "check_alone", step.alone, table.alone_reasons)
    elif step.second:
        play.finger.press("check_save")
        _sign(play, step)
    else:
        confirm(play, step, "check_save")
    _leave(play, step)


def _leave(play: Player, step: Step) -> None:
    if step.refused:
        for name in ("ok", "witness_back", "check_back"):
            if play.finger.can_reach(name):
                play.finger.press(name)


def _reason(play: Player, step: v.CheckIn, name: str, reason: str, offered: tuple[str, ...]) -> None:
    """Touches `name`, then a reason of the list or a written one, then the second person where one signs."""
    finger, before = play.finger, play.answers()
    try:
        finger.press(name)
    except Barred:
        if not step.refused:
            raise
        return
    if reason in offered:
        finger.press(f"choice.{slug(reason)}")
    else:
        finger.press("choice.write-it")
        finger.write(reason)
    if step.second and finger.can_reach("witness_sign"):
        _sign(play, step)
        return
    _taken_or_refused(play, step, before)


def _taken_or_refused(play: Player, step: Step, before: dict[str, Answer]) -> None:
    taken(play, step, before)
    _leave(play, step)


def _sign(play: Player, step: v.CheckIn) -> None:
    person = staff_id(play, step.second)
    play.finger.press(f"witness.{person}")
    play.finger.keys(play.script.pin_of(step.second, step.pin), "pin")
    confirm(play, step, "witness_sign")
    _leave(play, step)


def _answer(play: Player, table: Line, field: LineField, value: str | float | tuple[str, ...]) -> None:
    finger = play.finger
    if field.kind == "pick":
        finger.press(f"pick.{field.id}.{slug(str(value))}")
    elif field.kind == "many":
        _answer_many(play, table, field, value if isinstance(value, tuple) else (str(value),))
    elif field.kind == "clock":
        finger.press(f"ask.{field.id}")
        for part in str(value).split(":"):
            finger.number(int(part))
            finger.press("set")
    elif field.kind == "number":
        finger.press(f"ask.{field.id}")
        finger.number(float(value) if not isinstance(value, tuple) else 0.0)
        finger.press("set")
    else:
        finger.press(f"ask.{field.id}")
        finger.write(str(value))


def _values(play: Player, table: Line) -> dict[str, CheckValue]:
    """What a line was answered before."""
    record = play.stage.snapshot().record
    lines = record.lines if record is not None else _frames(play)
    return next((dict(one.values) for one in lines if one.line == table.id), {})


def _answer_many(play: Player, table: Line, field: LineField, wanted: tuple[str, ...]) -> None:
    """Touches what is to be chosen and is not yet, and what is chosen and should not be."""
    finger = play.finger
    before = _values(play, table).get(field.id)
    picked = set(before) if isinstance(before, tuple) else set()
    if not wanted:
        finger.press(f"pick.{field.id}.none")
        return
    offered = {option.text for option in field.options} | picked
    for text in sorted(picked.symmetric_difference(wanted)):
        if text in offered:
            finger.press(f"pick.{field.id}.{slug(text)}")
        else:
            finger.press(f"pick.{field.id}.other")
            finger.write(text)


# ---------------------------------------------------------------- baseline and limits


def baseline(play: Player, step: v.Baseline) -> None:
    """A set, typed values in the place of live ones; then the scores that belong to it."""
    finger = play.finger
    _to_check_in(play)
    finger.press("check.baseline")
    for vital, value in step.values.items():
        finger.press(f"rest.{vital}")
        finger.number(value)
        finger.press("set")
    confirm(play, step, "take_set")
    _leave(play, step)
    for score, value in step.scores.items():
        if not finger.can_reach(f"base_score.{score}"):
            finger.press("check.baseline")
        finger.press(f"base_score.{score}")
        confirm(play, v.Wait(at=step.at), f"choice.{value}")
    if finger.can_reach("check_back"):
        finger.press("check_back")
    _to_chair(play)


def limits(play: Player, step: v.Limits) -> None:
    """The limits of one vital sign, on the sheet behind the note's button."""
    finger, reasons = play.finger, play.catalog.check_in.limit_rules.reasons
    if step.reason not in reasons:
        raise StepFailed(f"{step.reason!r} is not among the reasons {', '.join(reasons)}")
    finger.press("note")
    finger.press("open.limits")
    finger.press(f"limit_vital.{step.vital}")
    try:
        for key, value in step.limits.items():
            finger.press(f"limit.{key}")
            finger.number(value)
            finger.press("set")
        finger.press("limits_save" if step.limits else "limits_table")
    except Barred:
        if not step.refused:
            raise
        close(play)
        return
    confirm(play, step, f"limit_reason.{reasons.index(step.reason)}")
    _leave(play, step)
    close(play)
