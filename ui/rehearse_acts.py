"""What each verb of a rehearsal touches, by the names of the real widgets; and what each of them looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app import rehearsal_verbs as v
from app.clinical.vitals import Vital
from app.entries import kind_of
from app.rehearsal_verbs import Step
from ui.fingers import Barred
from ui.rehearse_bedside import BEDSIDE_ACTS, order_steps
from ui.rehearse_checkin import baseline, check_in, limits
from ui.rehearse_player import Act, Player, StepFailed, turn_world
from ui.rehearse_record import record
from ui.rehearse_review import REVIEW_ACTS, amend_in_review, frame_of
from ui.rehearse_touch import back, close, confirm, explain, staff_id, taken
from ui.sheets.base import slug

ALARM_WITHIN_S: Final = 60.0
PRESSURE: Final = {Vital.NIBP_SYS.value, Vital.NIBP_DIA.value}


# ---------------------------------------------------------------- who is here


def sign_in_as(play: Player, initials: str, pin: str = "", step: Step | None = None) -> None:
    """Picks the name and types the PIN on whatever screen asks for them."""
    finger, person = play.finger, staff_id(play, initials)
    if not finger.can_reach(f"staff.{person}"):
        if not finger.can_reach("unlock"):
            finger.press("lock")
        if not finger.can_reach(f"staff.{person}"):
            finger.press("unlock")
    finger.press(f"staff.{person}")
    finger.keys(play.script.pin_of(initials, pin), "pin")
    confirm(play, step or v.Wait(at=0.0), "enter")


def come_back(play: Player, done: Sequence[Step], following: Step) -> None:
    """After a restart: the last person signs in again, and a finished session is opened from the list."""
    who = [step.staff for step in done if isinstance(step, (v.Unlock, v.SignIn)) and not step.refused]
    if who and not isinstance(following, (v.Unlock, v.SignIn)):
        sign_in_as(play, who[-1])
    play.settle()
    finished = any(isinstance(step, v.Finish) for step in _of_this_patient(done))
    if finished or play.stage.snapshot().phase == "today" or not _is_theirs(play):
        _to_today(play)
        _open_session(play, finished=finished)
    elif not isinstance(following, v.SyringeChange):
        _same_syringe(play)


def _is_theirs(play: Player) -> bool:
    """Whether the patient on the screen is the one that the steps speak of; nobody there is anybody's."""
    shown = play.stage.snapshot().patient
    return shown is None or _number(shown.mrn) == play.script.patient.mrn


def _number(mrn: str) -> str:
    return mrn.removeprefix("MRN").strip()


def _of_this_patient(done: Sequence[Step]) -> Sequence[Step]:
    """The steps since the last one that turned to another patient."""
    turned = [index for index, step in enumerate(done) if isinstance(step, v.TurnTo)]
    return done[turned[-1] :] if turned else done


def _open_session(play: Player, *, finished: bool) -> None:
    """Opens the newest session of this patient on Today, if it is there and finished or not as said."""
    lines = play.stage.snapshot().sessions
    unfinished = [number for number, line in enumerate(lines) if not line.finished]
    for number, line in enumerate(lines):
        if _number(line.mrn) == play.script.patient.mrn and line.finished is finished:
            if unfinished[:1] == [number]:
                play.finger.press("resume")
            else:
                play.finger.turn_to(f"session.{number}", "earlier")
                play.finger.press(f"session.{number}")
            play.settle()
            if finished:
                play.finger.press("to_summary")
                play.settle()
            return


def _same_syringe(play: Player) -> None:
    """A pump that began anew with its rehearsal counts from elsewhere: asked about, it is the same syringe."""
    play.settle()
    if not play.finger.can_reach("syringe.same"):
        return
    order, finger = play.script.order, play.finger
    finger.press("syringe.same")
    finger.press(f"container.{order.container_ml:g}")
    finger.press(f"concentration.{order.drug_in_container_mg / order.container_ml:g}")
    finger.press("confirm_syringe")
    play.settle()


def _sign_in(play: Player, step: v.Unlock | v.SignIn) -> None:
    sign_in_as(play, step.staff, step.pin, step)


def _lock(play: Player, step: v.Lock) -> None:
    confirm(play, step, "lock")


def _dim(play: Player, _step: v.Dim) -> None:
    play.finger.press("dim")


# ---------------------------------------------------------------- patient

TO_TODAY: Final = ("back", "back_to_today", "check_back", "back_to_check_in", "order")
"""What leads from a session that is not under way to Today, one after another."""


def _turn_to(play: Player, _step: v.TurnTo) -> None:
    play.stage.world.seat(play.script.patient.weight_kg)
    _to_today(play)
    _open_session(play, finished=False)


def _to_today(play: Player) -> None:
    for _ in TO_TODAY:
        if play.stage.snapshot().phase == "today":
            break
        name = next((one for one in TO_TODAY if play.finger.can_reach(one)), TO_TODAY[0])
        play.finger.press(name)
    play.settle()
    if play.stage.snapshot().phase != "today":
        raise StepFailed(f"from here nothing leads to Today: the session is {play.stage.snapshot().phase}")


def _patient(play: Player, step: v.Patient) -> None:
    finger, person = play.finger, play.script.patient
    if not finger.can_reach("field.mrn"):
        finger.press("new_patient")
    _text_field(play, "mrn", step.mrn or person.mrn)
    _text_field(play, "name", step.full_name or person.name)
    born = step.birth_date or person.birth_date
    if not _number_field(play, step, "birth_date", (born.day, born.month, born.year)):
        return
    finger.press("field.sex")
    finger.press(f"choice.{person.sex}")
    if not _number_field(play, step, "weight_kg", (step.weight_kg or person.weight_kg,)):
        return
    if person.height_cm is not None and not _number_field(play, step, "height_cm", (person.height_cm,)):
        return
    _allergies(play, person.allergies)
    confirm(play, step, "save_patient", again=step.sure)


def _text_field(play: Player, field: str, text: str) -> None:
    play.finger.press(f"field.{field}")
    play.finger.erase_all()
    play.finger.write(text)


def _number_field(play: Player, step: Step, field: str, values: Sequence[float]) -> bool:
    """Types the numbers that a field asks for one after another; False when the step's refusal was seen."""
    play.finger.press(f"field.{field}")
    for value in values:
        play.finger.number(value)
        try:
            play.finger.press("set")
        except Barred:
            if step.refused != field:
                raise
            play.finger.press("editor.back")
            return False
    return True


def _allergies(play: Player, allergies: Sequence[str]) -> None:
    finger, known = play.finger, play.catalog.allergies
    finger.press("field.allergies")
    if not allergies:
        finger.press("choice.none-known")
        return
    for allergy in (one for one in allergies if one in known):
        finger.turn_to(f"choice.{allergy}", "choice.more")
        finger.press(f"choice.{allergy}")
    finger.press("editor.done")
    for allergy in (one for one in allergies if one not in known):
        finger.press("field.allergies")
        finger.press("choice.other")
        finger.write(allergy)


# ---------------------------------------------------------------- order


def _order(play: Player, step: v.OrderSigned) -> None:
    finger, order = play.finger, play.script.order
    if not finger.can_reach("row.protocol"):
        finger.press("to_order" if finger.can_reach("to_order") else "order")
    finger.press("row.protocol")
    finger.press(f"choice.{order.protocol}")
    if order.steps:
        order_steps(play, order)
    if order.fit:
        _order_row(play, "rate", order.rate or 0.0)
    finger.press("row.syringe")
    finger.press(f"choice.{order.container_ml:g}")
    finger.press("choice.fit" if order.fit else f"choice.{order.concentration_mg_ml:g}")
    for row, value in (
        ("rate", order.rate),
        ("minutes", order.minutes),
        ("max_rate", order.max_rate),
        ("cap", order.cap_mg_per_h),
        ("session_limit", order.session_limit_mg),
        ("recovery", order.recovery_min),
    ):
        if value is not None:
            _order_row(play, row, value)
    try:
        finger.press("sign_order")
    except Barred:
        if not step.refused:
            raise
        return
    if order.reason:
        explain(play, order.reason, "")
    sign_with(play, step, order.signer, step.pin, "sign_now")


def _order_row(play: Player, row: str, value: float) -> None:
    finger, unit = play.finger, play.script.order.rate_unit
    finger.press(f"row.{row}")
    if unit is not None and finger.can_reach(f"choice.{unit}"):
        finger.press(f"choice.{unit}")
    finger.number(value)
    finger.press("set")


# ---------------------------------------------------------------- the infusion


def _limb(play: Player, step: v.Start | v.Pause | v.Resume | v.End) -> None:
    confirm(play, step, step.do)


def _by_hand(play: Player, step: v.ByHand) -> None:
    confirm(play, step, "confirm_by_hand")


def _set_pump(play: Player, step: v.SetPump) -> None:
    play.stage.world.bench.set_rate(step.rate_ml_h)


def _pump_key(play: Player, step: v.PressPump) -> None:
    play.stage.world.bench.key(step.key)


def _change_rate(play: Player, step: v.ChangeRate) -> None:
    finger = play.finger
    finger.press("change_rate")
    finger.number(step.rate_ml_h)
    finger.press(f"reason.{slug(step.reason)}")
    try:
        finger.press("sign")
    except Barred:
        if not step.refused:
            raise
        close(play)
        return
    if step.sure:
        finger.press("yes")
    if step.soft_reason:
        explain(play, step.soft_reason, "")
    signer = step.signer or play.script.order.signer
    sign_with(play, step, signer, step.pin, "sign_now")
    close(play)


def sign_with(
    play: Player, step: Step, initials: str, pin: str, confirming: str, *, again: bool = False
) -> None:
    """Picks the signer and types the PIN."""
    person = staff_id(play, initials)
    if play.finger.can_reach(f"signer.{person}"):
        play.finger.press(f"signer.{person}")
    play.finger.keys(play.script.pin_of(initials, pin), "pin")
    confirm(play, step, confirming, again=again)


def _syringe(play: Player, step: v.SyringeChange) -> None:
    finger = play.finger
    finger.press("syringe.same" if step.same else "syringe.new")
    finger.press(f"container.{step.container_ml:g}")
    finger.press(f"concentration.{step.concentration_mg_ml:g}")
    confirm(play, step, "confirm_syringe")


def _confirm_pump(play: Player, step: v.ConfirmPump) -> None:
    finger = play.finger
    finger.press("pump.running" if step.running else "pump.held")
    if step.running:
        finger.number(step.rate_ml_h)
        finger.press("set")
    if step.volume_ml is None:
        confirm(play, step, "no_volume")
    else:
        finger.number(step.volume_ml)
        confirm(play, step, "set")


# ---------------------------------------------------------------- what is noted


def _effect(play: Player, step: v.EffectNoted) -> None:
    _open_effects(play, step.effect)
    back(play, step.back_min)
    name = f"effect.{step.effect}.{step.grade}"
    play.finger.turn_to(name, "more_effects")
    confirm(play, step, name, again=step.again)
    close(play)


def _open_effects(play: Player, effect: str) -> None:
    name = f"effect.{effect}"
    play.finger.press(name if play.finger.can_reach(name) else "effects.more")


def _effect_ends(play: Player, step: v.EffectEnded) -> None:
    _open_effects(play, step.effect)
    back(play, step.back_min)
    play.finger.press("gone")
    confirm(play, step, f"gone.{step.effect}")
    close(play)


def _drug(play: Player, step: v.DrugGiven) -> None:
    finger, name = play.finger, f"drug.{step.drug}"
    if not finger.can_reach(name):
        finger.press("drugs.more")
        finger.turn_to(name, "more_drugs")
    finger.press(name, even_barred=True)
    back(play, step.back_min)
    _dose(play, step)
    explain(play, step.reason, step.second)
    confirm(play, step, "give", again=step.again)
    close(play)
    if not step.refused:
        play.stage.world.give(step.drug, step.dose)


def _dose(play: Player, step: v.DrugGiven) -> None:
    finger, name = play.finger, f"dose.{step.dose:g}"
    if finger.can_reach(name):
        finger.press(name, even_barred=True)
    else:
        finger.press("dose.other")
        finger.number(step.dose)
        finger.press("set")


def _vital(play: Player, step: v.VitalEntered) -> None:
    finger, named = play.finger, set(step.values)
    if named - PRESSURE and len(named) > 1:
        raise StepFailed("one vital sign a step; a pressure is nibp_sys and nibp_dia")
    finger.press("note")
    finger.press("open.vital")
    back(play, step.back_min)
    finger.press("vital.nibp" if named & PRESSURE else f"vital.{next(iter(named))}")
    values = [step.values[name] for name in sorted(named, reverse=True)]
    for value in values[:-1]:
        finger.number(value)
        finger.press("set")
    finger.number(values[-1])
    confirm(play, step, "set", again=step.sure)
    close(play)


def _oxygen(play: Player, step: v.Oxygen) -> None:
    finger = play.finger
    finger.press("note")
    finger.press("open.oxygen")
    back(play, step.back_min)
    name = f"oxygen.{step.flow_l_min:g}" if step.flow_l_min else "oxygen.off"
    if finger.can_reach(name):
        confirm(play, step, name)
    else:
        finger.press("oxygen.other")
        finger.number(step.flow_l_min)
        confirm(play, step, "set")
    close(play)
    if not step.refused:
        play.stage.world.oxygen(step.flow_l_min)


def _note(play: Player, step: v.Note) -> None:
    play.finger.press("note")
    back(play, step.back_min)
    play.finger.press("note.write")
    play.finger.write_into(step.text)
    confirm(play, step, "keyboard.done")


def _undo(play: Player, step: v.Undo) -> None:
    before = play.answers()
    play.finger.press("undo")
    if play.answer_since(before) is None:
        confirm(play, step, "undo")
        return
    taken(play, step, before)


def _amend(play: Player, step: v.Amend) -> None:
    if frame_of(play) is not None:
        amend_in_review(play, step)
        return
    finger, shot = play.finger, play.stage.snapshot()
    if step.values:
        raise StepFailed("values are put right in the review: open it first")
    kinds = {entry.uuid: kind_of(entry.body) for entry in play.saved()}
    lines = [n for n, line in enumerate(shot.log) if kinds.get(line.entry) == step.kind and not line.struck]
    if not lines:
        raise StepFailed(f"no line of the session is a {step.kind}")
    reasons = play.catalog.text_entry.amend_reasons
    if step.reason not in reasons:
        raise StepFailed(f"{step.reason!r} is not among the reasons {', '.join(reasons)}")
    finger.press("undo")
    finger.turn_to(f"line.{lines[0]}", "earlier")
    finger.press(f"line.{lines[0]}")
    finger.press(f"reason.{reasons.index(step.reason)}")
    finger.write_into(step.text)
    finger.press("keyboard.done")
    sign_with(play, step, step.signer or shot.header.who, step.pin, "sign_now")
    close(play)
    if step.refused:
        close(play)


def _acknowledge(play: Player, step: v.Acknowledge) -> None:
    # A program that was started again counts the delay of an alarm anew.
    play.wait_for("acknowledge", ALARM_WITHIN_S)
    confirm(play, step, "acknowledge")


# ---------------------------------------------------------------- the end


def _finish(play: Player, step: v.Finish) -> None:
    play.finger.press("finish")
    confirm(play, step, "finish_now")


def _sign(play: Player, step: v.Sign) -> None:
    finger, person = play.finger, play.script.person(step.signer)
    finger.press("sign")
    finger.press_words("signer", person.name, step.meaning)
    if step.refused == "record" and not finger.can_reach("sign_pin"):
        return
    finger.keys(play.script.pin_of(step.signer, step.pin), "pin")
    confirm(play, step, "sign_pin")


def _summary(play: Player, _step: v.Summary) -> None:
    if play.stage.snapshot().summary is None:
        raise StepFailed("there is no summary: the session is not finished")
    for name in ("sign", "save_pdf", "print"):
        play.finger.find(name)


def _print(play: Player, step: v.Print) -> None:
    confirm(play, step, "save_pdf" if step.to == "pdf" else "print")


# ---------------------------------------------------------------- the rehearsal itself


def _press(play: Player, step: v.Press) -> None:
    try:
        play.finger.press(step.target)
    except Barred:
        if not step.refused:
            raise


def _screenshot(play: Player, step: v.Screenshot) -> None:
    number = play.script.steps.index(step) + 1
    play.picture(step.name or f"step-{number:03d}")


def _power_cut(play: Player, step: v.PowerCut) -> None:
    play.cut_power(step.off_s)


def _night(play: Player, step: v.Night) -> None:
    play.night(step.off_s)


def _world(play: Player, step: v.WorldStep) -> None:
    turn_world(play.stage.world, step)


def _wait(_play: Player, _step: v.Wait) -> None:
    """Time has passed already."""


def _expect(play: Player, step: v.Expect) -> None:
    wrong = play.hold_within(step)
    if wrong:
        raise StepFailed("; ".join(wrong))


ACTS: dict[type[Step], Act] = {
    v.Unlock: _sign_in,
    v.SignIn: _sign_in,
    v.Lock: _lock,
    v.Dim: _dim,
    v.TurnTo: _turn_to,
    v.Patient: _patient,
    v.OrderSigned: _order,
    v.CheckIn: check_in,
    v.Record: record,
    v.Baseline: baseline,
    v.Limits: limits,
    v.Start: _limb,
    v.Pause: _limb,
    v.Resume: _limb,
    v.End: _limb,
    v.ByHand: _by_hand,
    v.SetPump: _set_pump,
    v.PressPump: _pump_key,
    v.ChangeRate: _change_rate,
    v.SyringeChange: _syringe,
    v.ConfirmPump: _confirm_pump,
    v.EffectNoted: _effect,
    v.EffectEnded: _effect_ends,
    v.DrugGiven: _drug,
    v.VitalEntered: _vital,
    v.Oxygen: _oxygen,
    v.Note: _note,
    v.Undo: _undo,
    v.Amend: _amend,
    v.Acknowledge: _acknowledge,
    v.Finish: _finish,
    v.Sign: _sign,
    v.Summary: _summary,
    v.Print: _print,
    v.Press: _press,
    v.Screenshot: _screenshot,
    v.PowerCut: _power_cut,
    v.Night: _night,
    v.WorldStep: _world,
    v.Wait: _wait,
    v.Expect: _expect,
    **BEDSIDE_ACTS,
    **REVIEW_ACTS,
}
"""What each verb does."""
