"""What the verb "record" touches: the record's lines, and the reason where a field was not recorded."""

from __future__ import annotations

from typing import Final

from app import rehearsal_verbs as v
from app.frames import FieldRow, RecordFrame
from app.rehearsal import LAST_OF_RECORD
from ui.fingers import Barred
from ui.rehearse_checkin import Answers, answer_line
from ui.rehearse_player import Player, StepFailed
from ui.rehearse_touch import confirm, staff_id
from ui.sheets.base import slug

GOOD_DAY: Final[dict[str, Answers]] = {
    "history": {"diagnosis": ("CRPS",), "series": "1", "organs": ()},
    "airway": {"asa": "II", "mallampati": "I", "signs": ()},
    "before": {"worst": "8", "average": "6", "air": "room air"},
    "safety": {
        "equipment": (),
        "acls": "physician with ACLS here",
        "time_out": "patient, order, label and pump agree",
    },
    "during": {"rhythm": "sinus rhythm", "carrier": "none", "bolus": "none", "position": "reclined"},
    "course": {"complications": (), "notified": ()},
    "leaving": {
        "hydration": "drinks well",
        "contact": "has 911 and our number",
        "next": "next week",
        "prescription": "none",
        "temperature": 36.6,
    },
}
"""What is answered where a script names no answers."""


def record(play: Player, step: v.Record) -> None:
    """One line, one field, or all that is left; then back to where the nurse was."""
    _to_record(play)
    if step.line:
        _line(play, step, step.line, dict(step.values) or GOOD_DAY.get(step.line, {}))
    elif step.field:
        _field(play, step, step.field, step.reason)
    else:
        _rest(play, step)
    play.finger.press("back_from_record")


def _to_record(play: Player) -> None:
    finger = play.finger
    if finger.can_reach("note"):
        finger.press("note")
        finger.press("open.record")
    for name in ("record", "to_record"):
        if finger.can_reach(name):
            finger.press(name)
    finger.find("back_from_record")


def _frame(play: Player) -> RecordFrame:
    frame = play.stage.snapshot().record
    if frame is None:
        raise StepFailed("there is no patient whose record could be filled")
    return frame


def _rest(play: Player, step: v.Record) -> None:
    """The lines that are to do, with the last of them behind the fields: a killed rehearsal takes up there."""
    to_do = [line for line in GOOD_DAY if _is_to_do(play, line)]
    for line in to_do:
        if line != LAST_OF_RECORD:
            _line(play, step, line, GOOD_DAY[line])
    _missing_fields(play, step)
    if LAST_OF_RECORD in to_do:
        _line(play, step, LAST_OF_RECORD, GOOD_DAY[LAST_OF_RECORD])
    _missing_fields(play, step)


def _is_to_do(play: Player, line: str) -> bool:
    return any(one.line == line and one.state == "todo" for one in _frame(play).lines)


def _missing_fields(play: Player, step: v.Record) -> None:
    for row in _frame(play).fields:
        if row.missing:
            _field(play, step, row.field, "")


def _line(play: Player, step: v.Record, line: str, answers: Answers) -> None:
    table = play.catalog.check_in.record_lines.get(line)
    if table is None:
        raise StepFailed(f"the record has no line {line!r}")
    second, alone = step.second, step.alone
    if table.signed_by:
        second, alone = _physician(play, step), ""
    elif table.second == "none":
        second, alone = "", ""
    elif not second and not alone:
        alone = table.alone_reasons[0]
    asked = v.CheckIn(
        at=step.at, not_done=step.not_done, alone=alone, second=second, pin=step.pin, refused=step.refused
    )
    play.finger.turn_to(f"record.{line}", "more_fields")
    answer_line(play, asked, table, answers, "record")


def _physician(play: Player, step: v.Record) -> str:
    """Whose PIN stands under it; nobody's where that person is here."""
    signer = step.signer or play.script.order.signer
    return "" if staff_id(play, signer) == play.stage.snapshot().who else signer


def _field(play: Player, step: v.Record, field: str, reason: str) -> None:
    """Its own way where the program offers one that is a pick; otherwise the reason."""
    finger, row = play.finger, _row(play, field)
    finger.turn_to(f"field.{field}", "more_fields")
    finger.press(f"field.{field}")
    if row.place == "supervisor" and not reason:
        finger.press("choice.go-there")
        confirm(play, step, f"choice.{staff_id(play, step.signer or play.script.order.signer)}")
        return
    if finger.can_reach("check_skip"):
        finger.press("check_skip")
    offered = play.catalog.record.reasons
    reason = reason or offered[0]
    try:
        if reason in offered:
            confirm(play, step, f"choice.{slug(reason)}")
        else:
            finger.press("choice.write-it")
            finger.write_into(reason)
            confirm(play, step, "keyboard.done")
    except Barred:
        if not step.refused:
            raise


def _row(play: Player, field: str) -> FieldRow:
    found = next((one for one in _frame(play).fields if one.field == field), None)
    if found is None:
        raise StepFailed(f"{field} is neither missing nor explained")
    return found
