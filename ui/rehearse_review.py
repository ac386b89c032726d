"""What the verbs of the review touch: a record opened, an event, an amendment, what was forgotten, the next visit."""

from __future__ import annotations

from contextlib import suppress

from app import rehearsal_verbs as v
from app.frames import SessionLine
from app.rehearsal_verbs import Step
from app.review_frames import ReviewFrame, ReviewLine
from ui.fingers import Barred
from ui.rehearse_player import Act, Player, StepFailed
from ui.rehearse_touch import confirm, staff_id


def frame_of(play: Player) -> ReviewFrame | None:
    """What the review shows; None while there is none."""
    frame = play.stage.snapshot().review
    return frame if isinstance(frame, ReviewFrame) else None


# ---------------------------------------------------------------- open, look, leave


def _review(play: Player, step: v.Review) -> None:
    if frame_of(play) is None or step.mrn or step.day is not None:
        _open(play, step)
    play.settle()
    frame = frame_of(play)
    if frame is None or frame.state != "open":
        raise StepFailed(f"the record was not opened: {frame.words if frame else 'no review'}")
    play.finger.press(f"filter.{step.show}")
    if step.event:
        _touch_event(play, frame, step.event)


def _open(play: Player, step: v.Review) -> None:
    finger = play.finger
    if not step.mrn and step.day is None and not _is_listed(play):
        if not finger.can_reach("review"):
            finger.press("undo")
        finger.press("review")
        return
    if frame_of(play) is not None:
        finger.press("leave_review")
    if not _is_listed(play):
        finger.press("undo")
        finger.press("sessions")
    name = f"session.{_place(play, step)}"
    finger.turn_to(name, "earlier")
    finger.press(name)


def _is_listed(play: Player) -> bool:
    return play.finger.can_reach("new_patient")


def _place(play: Player, step: v.Review) -> int:
    """The newest done session that is meant, by its place in the list."""
    lines = play.stage.snapshot().sessions
    found = [number for number, line in enumerate(lines) if line.finished and _is_meant(step, line)]
    if not found:
        raise StepFailed(f"no done session of {step.mrn or 'anybody'} is in the list")
    return found[0]


def _is_meant(step: v.Review, line: SessionLine) -> bool:
    day = f"{step.day:%d %b}" if step.day is not None else ""
    return step.mrn in ("", line.mrn.strip()) and line.when.startswith(day)


def _touch_event(play: Player, frame: ReviewFrame, kind: str) -> ReviewLine:
    """The last event of this kind, on whatever page it stands."""
    places = [number for number, line in enumerate(frame.lines) if line.kind == kind and not line.struck]
    if not places:
        raise StepFailed(f"no event of the record is a {kind}")
    name = f"event.{places[-1]}"
    with suppress(Barred):
        while True:
            play.finger.press("lines_up")
    play.finger.turn_to(name, "lines_down")
    play.finger.press(name)
    return frame.lines[places[-1]]


def _leave(play: Player, _step: v.LeaveReview) -> None:
    play.finger.press("leave_review")


# ---------------------------------------------------------------- what is written there


def amend_in_review(play: Player, step: v.Amend) -> None:
    """The last event of the kind, by its fields or in words, with a reason and a signature."""
    frame, finger = frame_of(play), play.finger
    assert frame is not None
    finger.press("filter.all")
    line = _touch_event(play, frame, step.kind)
    finger.press("amend")
    if len(step.values) > 1:
        raise StepFailed("one field an amendment")
    for key, value in step.values.items():
        _field(play, line, key, value)
    if not step.values:
        finger.press("choice.words")
        finger.write(step.text)
    _reason(play, step.reason)
    _sign(play, step, step.signer, step.pin)


def _field(play: Player, line: ReviewLine, key: str, value: str | float) -> None:
    field = next((one for one in line.fields if one.key == key), None)
    if field is None:
        raise StepFailed(f"{key} is not among {', '.join(one.key for one in line.fields)}")
    play.finger.press(f"choice.{key}")
    if len(field.choices) > 1:
        play.finger.press(f"choice.{value:g}" if isinstance(value, float) else f"choice.{value}")
    elif not field.choices:
        _number(play, float(str(value).replace(":", "")))


def _number(play: Player, value: float) -> None:
    play.finger.number(value)
    play.finger.press("set")


def _reason(play: Player, reason: str) -> None:
    reasons = play.catalog.text_entry.amend_reasons
    if reason in reasons:
        play.finger.press(f"choice.{reasons.index(reason)}")
    else:
        play.finger.press("choice.write")
        play.finger.write(reason)


def _sign(play: Player, step: Step, signer: str, pin: str) -> None:
    here = play.stage.snapshot().header.who
    initials = signer or here
    play.finger.press(f"signer.{staff_id(play, initials)}")
    play.finger.keys(play.script.pin_of(initials, pin), "pin")
    confirm(play, step, "sign_now")
    if step.refused:
        play.finger.press("sign_back")


def _add(play: Player, step: v.AddLate) -> None:
    finger = play.finger
    finger.press("add_late")
    if step.effect:
        finger.press("choice.effect")
        _pick(play, step.effect)
        finger.press(f"choice.{step.grade}")
    elif step.drug:
        finger.press("choice.drug")
        _pick(play, step.drug)
        routes = play.catalog.drugs[step.drug].routes
        if len(routes) > 1:
            finger.press(f"choice.{routes[0]}")
        _number(play, step.dose)
        _reason(play, step.reason)
    else:
        finger.press("choice.note")
        finger.write(step.note)
    _number(play, float(step.clock.replace(":", "")))
    _sign(play, step, step.signer, step.pin)


def _pick(play: Player, key: str) -> None:
    play.finger.turn_to(f"choice.{key}", "choice.more")
    play.finger.press(f"choice.{key}")


# ---------------------------------------------------------------- the next visit


def _next_visit(play: Player, step: v.NextVisit) -> None:
    finger = play.finger
    finger.press("next_visit.set" if finger.can_reach("next_visit.set") else "next_visit")
    if step.day is not None:
        finger.press("visit.own")
        finger.number(step.day.day)
        finger.press("set")
        finger.number(step.day.month)
        confirm(play, step, "set")
        return
    confirm(play, step, f"visit.{step.days}" if step.days is not None else "visit.none")


REVIEW_ACTS: dict[type[Step], Act] = {
    v.Review: _review,
    v.LeaveReview: _leave,
    v.AddLate: _add,
    v.NextVisit: _next_visit,
}
"""What each verb of the review does."""
