"""What every verb of a rehearsal does: touches that must be taken, refused or asked back, people and reasons."""

from __future__ import annotations

from app.frames import Answer
from app.rehearsal_verbs import Step
from ui.fingers import Barred
from ui.rehearse_player import Player, StepFailed

# ---------------------------------------------------------------- what became of it


def taken(play: Player, step: Step, before: dict[str, Answer], *, again: bool = False) -> None:
    """The touches since `before` were taken; or refused, where the step says so. Raises StepFailed."""
    answer = play.answer_since(before)
    if answer is not None and answer.state == "asked" and again:
        play.finger.press("yes")
        answer = play.answer_since(before)
    if answer is None:
        raise StepFailed("the touch was not answered")
    if step.refused:
        if answer.state != "refused" or step.refused not in (answer.field, "any"):
            seen = f"{answer.state} {answer.field} {answer.reason}".strip()
            raise StepFailed(f"expected {step.refused} to be refused, seen: {seen}")
    elif answer.state != "taken":
        raise StepFailed(f"{answer.state}: {answer.field}: {answer.reason}")


def confirm(play: Player, step: Step, name: str, *, again: bool = False) -> None:
    """Touches the confirming target; a barred one is the refusal that a step may ask for."""
    before = play.answers()
    try:
        play.finger.press(name)
    except Barred:
        if step.refused:
            return
        raise
    taken(play, step, before, again=again)


def close(play: Player) -> None:
    """Leaves the sheet, if it is still there."""
    for name in ("done", "close"):
        if play.finger.can_reach(name):
            play.finger.press(name)
            return


def staff_id(play: Player, initials: str) -> str:
    """The record's id of a member of staff; raises StepFailed."""
    for row in play.stage.snapshot().staff:
        if row.initials == initials:
            return row.staff
    raise StepFailed(f"nobody on the screen is {initials}")


def back(play: Player, minutes: int) -> None:
    """The chip that says how long ago."""
    if minutes:
        play.finger.press(f"back.{minutes}")


def explain(play: Player, reason: str, second: str) -> None:
    """A reason, of the clinic's or written, and a second person, where the sheet asks for them."""
    finger, reasons = play.finger, play.catalog.order_choices.reasons
    if reason in reasons[:-1]:
        finger.press(f"why.{reasons.index(reason)}")
    elif reason:
        finger.press("why.other")
        finger.write(reason)
    if second:
        finger.press(f"second.{staff_id(play, second)}")
