"""What the verbs of recovery touch: forms, checks, a physician's word, instructions, hand-over, discharge."""

from __future__ import annotations

from app import rehearsal_verbs as v
from app.rehearsal_verbs import Step
from ui.rehearse_acts import sign_with
from ui.rehearse_player import Act, Player, StepFailed
from ui.rehearse_touch import back, close, confirm, staff_id


def _people(play: Player, way: str) -> None:
    """Behind the note: who has the patient, and who supervises."""
    for name in ("note", "open.people", f"open.{way}"):
        play.finger.press(name)


def _score(play: Player, step: v.ScoreTaken) -> None:
    finger = play.finger
    if finger.can_reach(f"score.{step.score}"):
        finger.press(f"score.{step.score}")
    else:
        for name in ("note", "open.scores", f"form.{step.score}"):
            finger.press(name)
    back(play, step.back_min)
    for item, points in step.items.items():
        name = f"item.{item}.{points}"
        finger.turn_to(name, "turn_items")
        finger.press(name)
    if step.items:
        confirm(play, step, "save", again=step.again or step.sure)
    else:
        confirm(play, step, f"score.{step.code or step.value}", again=step.again)


def _line(play: Player, criterion: str) -> None:
    """The line of the list, on whatever page it stands."""
    play.finger.press("criteria")
    play.finger.turn_to(f"criterion.{criterion}", "more_lines")
    play.finger.press(f"criterion.{criterion}")


def _criterion(play: Player, step: v.Criterion) -> None:
    name = f"check.{step.criterion}"
    if play.finger.can_reach(name):
        play.finger.press(name)
    else:
        _line(play, step.criterion)
    back(play, step.back_min)
    _answer(play, step, step.criterion, step.answer)


def _answer(play: Player, step: Step, criterion: str, answer: str) -> None:
    row = play.catalog.discharge_criteria[criterion]
    if answer in row.answers:
        confirm(play, step, f"answer.{row.answers.index(answer)}")
    elif answer in row.answers_not:
        confirm(play, step, f"not.{row.answers_not.index(answer)}")
    else:
        play.finger.press("answer.write")
        play.finger.write_into(answer)
        confirm(play, step, "keyboard.done")


def _accept(play: Player, step: v.Accept) -> None:
    """From the list of what bars the discharge."""
    finger, reasons = play.finger, play.catalog.discharge.accept_reasons
    finger.press("discharge", even_barred=True)
    finger.turn_to(f"criterion.{step.criterion}", "more_lines")
    finger.press(f"criterion.{step.criterion}")
    if step.reason in reasons:
        finger.press(f"reason.{reasons.index(step.reason)}")
    else:
        finger.press("reason.write")
        finger.write(step.reason)
    sign_with(play, step, step.signer or play.script.order.signer, step.pin, "accept_now", again=step.sure)
    close(play)


def _instructions(play: Player, step: v.InstructionsGiven) -> None:
    _line(play, "instructions")
    confirm(play, step, "save_leaflet" if step.to == "pdf" else "print_leaflet")
    _answer(play, step, "instructions", step.answer)


def _hand_over(play: Player, step: v.HandedOver) -> None:
    _people(play, "hand_over")
    play.finger.press(f"taker.{staff_id(play, step.staff)}")
    play.finger.keys(play.script.pin_of(step.staff, step.pin), "pin")
    confirm(play, step, "take_over")
    if step.refused:
        close(play)


def _supervisor(play: Player, step: v.Supervisor) -> None:
    _people(play, "supervisor")
    confirm(play, step, f"supervisor.{staff_id(play, step.staff)}")


def _discharge(play: Player, step: v.Discharge) -> None:
    finger, choices = play.finger, play.catalog.discharge
    finger.press("discharge", even_barred=True)
    finger.press(f"how.{step.how}")
    if step.how != "home":
        _reason(play, step)
    if finger.can_reach("departure.0"):
        if step.departure not in choices.departures:
            raise StepFailed(f"{step.departure!r} is not among {', '.join(choices.departures)}")
        finger.press(f"departure.{choices.departures.index(step.departure)}")
        if step.companion:
            finger.press("companion.write")
            finger.write(step.companion)
    if step.refused and play.stage.snapshot().recovery is not None and not finger.can_reach("departure.0"):
        close(play)
        return
    finger.press("sign_discharge")
    sign_with(play, step, step.signer or play.script.order.signer, step.pin, "sign_now")
    if step.refused:
        close(play)


def _reason(play: Player, step: v.Discharge) -> None:
    choices = play.catalog.discharge
    reasons = choices.reasons_transferred if step.how == "transferred" else choices.reasons_against_advice
    if step.reason in reasons:
        play.finger.press(f"reason.{reasons.index(step.reason)}")
    else:
        play.finger.press("reason.write")
        play.finger.write(step.reason)


RECOVERY_ACTS: dict[type[Step], Act] = {
    v.ScoreTaken: _score,
    v.Criterion: _criterion,
    v.Accept: _accept,
    v.InstructionsGiven: _instructions,
    v.HandedOver: _hand_over,
    v.Supervisor: _supervisor,
    v.Discharge: _discharge,
}
"""What each verb of recovery does."""
