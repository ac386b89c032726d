"""What the verbs of accounted drugs, of an emergency and of timed checks touch; and the steps of an order."""

from __future__ import annotations

from app import rehearsal_verbs as v
from app.frames import Answer
from app.rehearsal import ScriptOrder
from app.rehearsal_verbs import Step
from ui.fingers import Barred
from ui.rehearse_player import Act, Player, StepFailed


def order_steps(play: Player, order: ScriptOrder) -> None:
    """The steps editor filled with the script's steps."""
    finger = play.finger
    finger.press("row.steps")
    if order.rate_unit is not None and finger.can_reach(f"choice.{order.rate_unit}"):
        finger.press(f"choice.{order.rate_unit}")
    while finger.can_reach("step.1"):
        finger.press("step.remove")
    for step in order.steps:
        ramp = step.rate_to is not None and step.rate_to != step.rate
        finger.press("ramp.add" if ramp else "step.add")
        for value in (
            step.minutes,
            step.rate,
            *([step.rate_to] if ramp and step.rate_to is not None else []),
        ):
            finger.number(value)
            finger.press("set")
    finger.press("editor.done")


# ---------------------------------------------------------------- drugs accounted


def _open_account(play: Player) -> None:
    finger = play.finger
    if finger.can_reach("account.draw"):
        return
    if not finger.can_reach("account"):
        finger.press("drugs.more")
        finger.press("open.account")
        return
    finger.press("account")


def _leave_account(play: Player) -> None:
    if play.finger.can_reach("back_to_account"):
        play.finger.press("back_to_account")
    if play.finger.can_reach("ok"):
        play.finger.press("ok")
    if play.finger.can_reach("editor.back"):
        play.finger.press("editor.back")
    play.finger.press("back_to_chair")


def _confirm(play: Player, step: Step, before: dict[str, Answer], press: str) -> None:
    """The confirming touch; what the step says is refused must be."""
    try:
        play.finger.press(press)
    except Barred:
        if not step.refused:
            raise
        return
    answer = play.answer_since(before)
    if answer is None:
        raise StepFailed("the touch was not answered")
    refused = answer.state == "refused" and step.refused in (answer.field, "any")
    if refused if step.refused else answer.state == "taken":
        return
    wanted = f"expected {step.refused} to be refused" if step.refused else "expected it to be taken"
    raise StepFailed(f"{wanted}, seen: {answer.state} {answer.field} {answer.reason}")


def _draw(play: Player, step: v.Draw) -> None:
    finger, words = play.finger, play.catalog.controlled.records
    _open_account(play)
    finger.press("account.draw")
    finger.press(f"choice.{step.drug}")
    if finger.can_reach(f"choice.{step.strength_mg_ml:g}"):
        finger.press(f"choice.{step.strength_mg_ml:g}")
    finger.number(step.volume_ml)
    finger.press("set")
    for _ in range(step.vials - 1):
        finger.press("draw.more")
    for name, text in (("draw.lot", step.lot), ("draw.vial", step.vial)):
        if text:
            finger.press(name)
            finger.write_into(text)
            finger.press("keyboard.done")
    if step.expires:
        year, _, month = step.expires.partition("-")
        finger.press("draw.expires")
        finger.press(f"choice.{year}")
        finger.press(f"choice.{month}")
    finger.press(f"purpose.{words.purposes.index(step.purpose)}")
    before = play.answers()
    _confirm(play, step, before, "editor.done")
    _leave_account(play)


def _amount(play: Player, step: v.Waste | v.Return) -> None:
    finger = play.finger
    if finger.can_reach(f"choice.{step.drug}"):
        finger.press(f"choice.{step.drug}")
    if step.mg is not None:
        finger.number(step.mg)


def _waste(play: Player, step: v.Waste) -> None:
    finger = play.finger
    _open_account(play)
    finger.press("account.waste")
    _amount(play, step)
    finger.press("all_that_is_left" if step.mg is None else "set")
    finger.press("choice.0")
    _witness_now(play, step, step.witness, step.pin)


def _witness_now(play: Player, step: Step, witness: str, pin: str) -> None:
    """Another member of staff types the PIN; nobody else is offered."""
    finger = play.finger
    person = next((row.staff for row in play.stage.snapshot().staff if row.initials == witness), "")
    name = f"witness.{person}"
    if not finger.can_reach(name):
        if step.refused != "witness":
            raise StepFailed(f"{witness} is not offered as a witness")
        _leave_account(play)
        return
    finger.press(name)
    finger.keys(play.script.pin_of(witness, pin), "pin")
    before = play.answers()
    _confirm(play, step, before, "witness_now")
    _leave_account(play)


def _return(play: Player, step: v.Return) -> None:
    finger = play.finger
    _open_account(play)
    finger.press("account.return")
    _amount(play, step)
    before = play.answers()
    _confirm(play, step, before, "all_that_is_left" if step.mg is None else "set")
    _leave_account(play)


def _witness(play: Player, step: v.Witness) -> None:
    finger, reasons = play.finger, play.catalog.controlled.records.explained_reasons
    _open_account(play)
    finger.press("account.explain")
    if finger.can_reach(f"choice.{step.drug}"):
        finger.press(f"choice.{step.drug}")
    if step.reason in reasons:
        finger.press(f"choice.{reasons.index(step.reason)}")
    else:
        finger.press("choice.other")
        finger.write(step.reason)
    _witness_now(play, step, step.witness, step.pin)


def _account(play: Player, step: v.Account) -> None:
    frame = play.stage.snapshot().account
    if frame is None:
        raise StepFailed("there is no account: no session is open")
    if frame.balanced is not step.balanced:
        raise StepFailed(f"balanced: expected {step.balanced}, seen: {frame.verdict}")
    if step.left_mg is not None:
        left = {line.drug: line.left_mg for line in frame.lines}.get(step.drug)
        if left is None or abs(left - step.left_mg) > 0.05:
            raise StepFailed(f"left of {step.drug}: expected {step.left_mg:g} mg, seen {left}")


# ---------------------------------------------------------------- emergency and timed checks


def _emergency(play: Player, _step: v.Emergency) -> None:
    play.finger.press("emergency")


def _stamp(play: Player, step: v.Stamp) -> None:
    finger, name = play.finger, f"stamp.{step.what}"
    if not finger.can_reach(name):
        finger.press("emergency")
    before = play.answers()
    _confirm(play, step, before, name)


def _iv_check(play: Player, step: v.IvCheck) -> None:
    finger, row = play.finger, play.catalog.bedside.check_of("iv-site")
    if row is None:
        raise StepFailed("there is no check of the IV site in the table")
    finger.press("note")
    finger.press("open.iv")
    if step.back_min:
        finger.press(f"back.{step.back_min}")
    before = play.answers()
    _confirm(play, step, before, f"iv.{row.states.index(step.state or row.well)}")


def _take_step(play: Player, step: v.TakeStep) -> None:
    before = play.answers()
    _confirm(play, step, before, "confirm_rate")


BEDSIDE_ACTS: dict[type[Step], Act] = {
    v.Draw: _draw,
    v.Waste: _waste,
    v.Return: _return,
    v.Witness: _witness,
    v.Account: _account,
    v.Emergency: _emergency,
    v.Stamp: _stamp,
    v.IvCheck: _iv_check,
    v.TakeStep: _take_step,
}
"""What each of these verbs does."""
