"""From which entries a field of the record follows: one small function a field. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import Literal

import msgspec

from app.accounts import discrepancies, session_accounts
from app.accounts import explained as explanation
from app.checkin import resting_sets, said_of
from app.clinic import Clinic
from app.clinical.baseline import baseline_of, counted
from app.clinical.checkin import told_values
from app.clinical.controlled import Balance
from app.clinical.dosing import mg_h_of_flow, shown
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.entries import (
    AlarmRaised,
    BalanceExplained,
    BaselineSet,
    CheckInLine,
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    Discharged,
    DrugGiven,
    EffectNoted,
    EmergencyStamped,
    Entry,
    HandedOver,
    InfusionPaused,
    InstructionsPrinted,
    LinkNoted,
    OxygenSet,
    RateOrdered,
    Sample,
    ScoreTaken,
    Supervised,
    VialDrawn,
    VitalEntered,
    Wasted,
)
from app.instant import Instant
from app.roles import PHYSICIANS
from app.session import Session

State = Literal["present", "explained", "missing"]

PAIN, NAUSEA = "nrs-pain", "nausea-nrs"
SEDATION = ("moaas", "rass", "ramsay", "poss")
BASELINE_SCORES = ("aldrete", "moaas", "cadss-6")
SAFETY, BEFORE, LEAVING, COURSE = "safety", "before", "leaving", "course"
PHYSICIAN_STAMP = "physician"
"""Of the emergency's stamps the only one that names a physician; whoever was called for help may be another."""
NIBP_DUE = "due.nibp"


class Verdict(msgspec.Struct, frozen=True):
    """Whether a field is there, and by what; why not, or what is missing."""

    state: State
    words: str


class Facts(msgspec.Struct, frozen=True):
    """What the evidence is sought in; `zone` is the clinic's, for times and days."""

    session: Session
    catalog: Catalog
    clinic: Clinic
    zone: tzinfo
    samples: Sequence[Sample]

    def clock(self, at: Instant) -> str:
        """The local time of day, as it is printed."""
        return f"{at.utc.astimezone(self.zone):%H:%M}"


Evidence = Callable[[Facts], Verdict]


def present(words: str) -> Verdict:
    """The field is there."""
    return Verdict("present", words)


def missing(words: str) -> Verdict:
    """The field is not there."""
    return Verdict("missing", words)


def explained(words: str) -> Verdict:
    """The field is not there, and the record says why."""
    return Verdict("explained", words)


def _there(words: str, lack: str) -> Verdict:
    return present(words) if words else missing(lack)


def _always(words: str) -> Evidence:
    """What the program itself writes on every summary."""
    return lambda _facts: present(words)


def by_line(facts: Facts, name: str, answers: Iterable[str]) -> Verdict:
    """What was answered to a line: these of its fields, all of them."""
    line, body, patient = facts.catalog.check_in.line(name), line_of(facts, name), facts.session.patient
    assert line is not None, name
    if line.for_sex and patient is not None and patient.sex not in line.for_sex:
        return explained(f"not asked: the patient is {patient.sex}")
    if body is None:
        return missing("not asked")
    if body.state == "not done":
        return explained(f"not done: {body.reason}")
    asked = [field for field in line.field if field.id in answers]
    lacks = [field.label.lower() for field in asked if field.id not in body.values]
    if lacks:
        return missing(f"no {_listed(lacks)}")
    return present(told_values(line, {field.id: body.values[field.id] for field in asked}, None))


def line_of(facts: Facts, line: str) -> CheckInLine | None:
    """The last answer to a line of the check-in or of the record."""
    entry = said_of(facts.session).get(line)
    return entry.body if entry is not None and isinstance(entry.body, CheckInLine) else None


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(part for part in parts if part))


# ---------------------------------------------------------------- identity and staff


def _name(facts: Facts) -> Verdict:
    return _there(facts.session.patient.name if facts.session.patient else "", "no patient was identified")


def _mrn(facts: Facts) -> Verdict:
    return _there(facts.session.patient.mrn if facts.session.patient else "", "no patient was identified")


def _born(facts: Facts) -> Verdict:
    patient = facts.session.patient
    words = f"{patient.birth_date.isoformat()}, {patient.sex}" if patient else ""
    return _there(words, "no patient was identified")


def _measured(facts: Facts) -> Verdict:
    """The height of the patient screen or of the check-in, and a weight that was measured today."""
    patient, weighed = facts.session.patient, line_of(facts, "weight")
    if patient is None:
        return missing("no patient was identified")
    if weighed is None or weighed.state != "done":
        return missing("the weight was not measured today")
    height = patient.height_cm if patient.height_cm is not None else weighed.values.get("height_cm")
    if not isinstance(height, int | float):
        return missing("no height")
    return present(f"{height:g} cm, {patient.weight_kg:g} kg")


def _dose_weight(facts: Facts) -> Verdict:
    order = facts.session.order
    return _there(
        f"{order.dose_weight_kg:g} kg, {order.weight_basis}" if order else "", "no order was signed"
    )


def _allergies(facts: Facts) -> Verdict:
    patient = facts.session.patient
    if patient is None:
        return missing("no patient was identified")
    return _there("none known" if patient.none_known else _listed(patient.allergies), "not recorded")


def _date(facts: Facts) -> Verdict:
    opened = facts.session.opened_at
    words = f"{opened.utc.astimezone(facts.zone):%Y-%m-%d}" if opened else ""
    return _there(words, "the session was not opened")


def _facility(facts: Facts) -> Verdict:
    opened = facts.session.opened
    return _there((opened.clinic if opened else "") or facts.clinic.name, "the clinic has no name")


def _ordering(facts: Facts) -> Verdict:
    signed = facts.session.order_signed
    return _there(facts.clinic.name_of(signed.signer) if signed else "", "no order was signed")


def _supervising(facts: Facts) -> Verdict:
    """Who was named, and what the safety line says of ACLS."""
    named = [e.body.staff for e in facts.session.standing(Supervised) if isinstance(e.body, Supervised)]
    if not named:
        return missing("nobody was named")
    line = line_of(facts, SAFETY)
    acls = line.values.get("acls") if line is not None else None
    names = _listed(facts.clinic.name_of(one) for one in named)
    if line is not None and line.state == "not done":
        return explained(f"{names}; ACLS not asked: {line.reason}")
    return present(f"{names}, {acls}") if acls else missing(f"{names}: ACLS not asked")


def _nurse(facts: Facts) -> Verdict:
    nurses = [
        facts.clinic.name_of(entry.author)
        for entry in facts.session.entries
        if facts.clinic.was(entry.author, ("nurse",), entry.written)
    ]
    return _there(_listed(nurses), "no nurse wrote in this record")


def _relief(facts: Facts) -> Verdict:
    found = [
        f"{facts.clock(e.at)} {facts.clinic.initials(e.body.taker)}"
        for e in facts.session.standing(HandedOver)
        if isinstance(e.body, HandedOver)
    ]
    return present(_listed(found) or "none")


def _second(facts: Facts) -> Verdict:
    """Whoever read, witnessed or stood by; where nobody did, the reason that was given for the weight."""
    named: list[str] = []
    for entry in facts.session.standing(CheckInLine, Wasted, BalanceExplained, DrugGiven):
        body = entry.body
        if isinstance(body, CheckInLine | DrugGiven):
            named.append(body.second)
        elif isinstance(body, Wasted | BalanceExplained):
            named.append(body.witness)
    words = _listed(facts.clinic.name_of(one) for one in named if one)
    if words:
        return present(words)
    weighed = line_of(facts, "weight")
    if weighed is not None and weighed.reason:
        return explained(f"alone: {weighed.reason}")
    return missing("nobody signed as a second person")


# ---------------------------------------------------------------- before


def _baseline_sets(facts: Facts) -> Verdict:
    sets = counted(resting_sets(facts.session), facts.catalog.baseline)
    told = line_of(facts, "baseline")
    lines = facts.catalog.check_in.lines.values()
    wanted = next(line.vitals for line in lines if line.sets)
    found, least = baseline_of(sets, facts.catalog.baseline), facts.catalog.baseline.sets_at_least
    lacks = [VITALS[vital].label for vital in wanted if vital not in found]
    if not lacks:
        return present(f"{len(sets)} sets")
    if told is not None and told.state == "not done":
        return explained(f"not done: {told.reason}")
    if len(sets) >= least:
        return missing(f"no {_listed(lacks)} in {least} sets")
    return missing(f"{len(sets)} of {least} sets" if sets else "no resting set")


def _room_air(facts: Facts) -> Verdict:
    """A saturation of the baseline, and what the patient breathed then."""
    line = line_of(facts, BEFORE)
    air = line.values.get("air") if line is not None else None
    sets = [
        e.body.values[Vital.SPO2]
        for e in facts.session.standing(BaselineSet)
        if isinstance(e.body, BaselineSet) and not e.body.reason and Vital.SPO2 in e.body.values
    ]
    if line is not None and line.state == "not done":
        return explained(f"not done: {line.reason}")
    if not sets:
        return missing("no SpO₂ in the baseline")
    return present(f"{sets[-1]:.0f} % on {air}") if air else missing("room air not asked")


def _pain_before(facts: Facts) -> Verdict:
    """Pain now as a score before the start; worst and average of the record's own line."""
    line = line_of(facts, BEFORE)
    now = _totals(facts, PAIN, before=True)
    if line is not None and line.state == "not done":
        return explained(f"not done: {line.reason}")
    lacks = [] if now else ["pain now"]
    values = line.values if line is not None else {}
    lacks += [name for name in ("worst", "average") if name not in values]
    if lacks:
        return missing(f"{_listed(lacks)} not asked")
    return present(f"now {now[-1]}, worst {values['worst']}, average {values['average']}")


def _scores_before(facts: Facts) -> Verdict:
    taken = [
        f"{facts.catalog.scores[score].short} {totals[-1]}"
        for score in BASELINE_SCORES
        if (totals := _totals(facts, score, before=True))
    ]
    return _there(_listed(taken), "none taken before the start")


# ---------------------------------------------------------------- infusion


def _protocol(facts: Facts) -> Verdict:
    signed = facts.session.order_signed
    if signed is None:
        return missing("no order was signed")
    order = signed.order
    return present(
        f"{order.protocol_id}, tables {order.protocol_version}, {facts.clinic.name_of(signed.signer)}"
    )


def _draws(facts: Facts, drug: str = "") -> list[VialDrawn]:
    found = [e.body for e in facts.session.standing(VialDrawn)]
    return [body for body in found if isinstance(body, VialDrawn) and drug in ("", body.drug)]


def _label(facts: Facts) -> Verdict:
    """The infused drug with the lot and the expiry of each vial; the register knows the latter."""
    order = facts.session.order
    if order is None:
        return missing("no order was signed")
    draws = _draws(facts, order.drug)
    if not draws:
        return missing(f"no vial of {order.drug} was drawn")
    lots, months = [body.lot for body in draws], [body.expires for body in draws]
    if not all(lots) or not all(months):
        return missing(_listed(["no lot" * (not all(lots)), "no expiry" * (not all(months))]))
    row = facts.catalog.drugs.get(order.drug)
    return present(f"{row.name if row else order.drug}, lot {_listed(lots)}, expires {_listed(months)}")


def _concentration(facts: Facts) -> Verdict:
    segments, order = facts.session.infusion.segments, facts.session.order
    known = [s.concentration_mg_ml for s in segments]
    if any(one is None for one in known):
        return missing("not known of one syringe")
    if known:
        return present(_listed(f"{one:g} mg/mL" for one in known))
    return _there(f"{order.concentration_mg_ml:g} mg/mL" if order else "", "no order was signed")


def _pump(facts: Facts) -> Verdict:
    segments = facts.session.infusion.segments
    lack = "no pump was read" if segments else "the infusion was not started"
    return _there(_listed(segment.serial or "" for segment in segments), lack)


def _start_stop(facts: Facts) -> Verdict:
    infusion = facts.session.infusion
    if infusion.started is None or infusion.ended is None:
        return missing("not started" if infusion.started is None else "not ended")
    return present(f"{facts.clock(infusion.started)} to {facts.clock(infusion.ended)}")


def _rates(facts: Facts) -> Verdict:
    ordered = facts.session.standing(RateOrdered)
    points = len(facts.session.infusion.rates)
    return _there(f"{points} rates, {len(ordered)} ordered" if points else "", "no rate was seen")


def _pauses(facts: Facts) -> Verdict:
    pauses = [e for e in facts.session.standing(InfusionPaused) if isinstance(e.body, InfusionPaused)]
    bare = [facts.clock(e.at) for e in pauses if isinstance(e.body, InfusionPaused) and not e.body.reason]
    if bare:
        return missing(f"no reason: {_listed(bare)}")
    return present(f"{len(pauses)}" if pauses else "none")


def _total(facts: Facts) -> Verdict:
    infusion = facts.session.infusion
    if infusion.unknown_since is not None:
        return missing(f"not known since {facts.clock(infusion.unknown_since)}")
    given = infusion.given(infusion.ended) if infusion.ended is not None else None
    if given is None or given.mg is None:
        return missing(given.why if given is not None and given.why else "not known")
    return present(f"{shown(given.mg, 2)} mg")


def _highest(facts: Facts) -> Verdict:
    infusion = facts.session.infusion
    rates = [point.rate_ml_h for point in infusion.rates if point.rate_ml_h is not None]
    strengths = {segment.concentration_mg_ml for segment in infusion.segments}
    if not rates:
        return missing("no rate was seen")
    strength = strengths.pop() if len(strengths) == 1 else None
    mg_h = f", {shown(mg_h_of_flow(max(rates), strength), 2)} mg/h" if strength is not None else ""
    return present(f"{max(rates):g} mL/h{mg_h}")


# ---------------------------------------------------------------- monitoring


def _vital_signs(facts: Facts) -> Verdict:
    """Samples are written without a monitor as well: only those with a value count."""
    by_hand = facts.session.standing(VitalEntered)
    count = sum(1 for sample in facts.samples if sample.vitals)
    words = [f"{count} samples" * bool(count), f"{len(by_hand)} by hand" * bool(by_hand)]
    return _there(_listed(words), "no sample with a value and none by hand")


def _nibp_in_time(facts: Facts) -> Verdict:
    """How often the notice of a pressure that is due came up; nothing is said where none was ever measured."""
    if not any(Vital.NIBP_SYS.value in sample.vitals for sample in facts.samples):
        return missing("no pressure was measured")
    late = [
        e
        for e in facts.session.standing(AlarmRaised)
        if isinstance(e.body, AlarmRaised) and e.body.key == NIBP_DUE
    ]
    return present(f"due {len(late)} times unmeasured" if late else "never overdue")


def _sedation(facts: Facts) -> Verdict:
    taken = [e for score in SEDATION for e in _after_start(facts, score)]
    return _there(f"{len(taken)} scores" if taken else "", "no sedation score after the start")


def _oxygen(facts: Facts) -> Verdict:
    changes = [e for e in facts.session.standing(OxygenSet) if isinstance(e.body, OxygenSet)]
    return present(f"{len(changes)} changes" if changes else "none recorded")


def _gaps(facts: Facts) -> Verdict:
    lost = [e for e in facts.session.standing(LinkNoted) if isinstance(e.body, LinkNoted)]
    return present(f"marked in the chart; {len(lost)} turns of a link" if lost else "marked in the chart")


def _alarms(facts: Facts) -> Verdict:
    raised = facts.session.standing(AlarmRaised)
    return present(f"{len(raised)} raised" if raised else "none raised")


def _symptoms(facts: Facts) -> Verdict:
    """Pain and nausea as scores after the start; fear and dissociation are side effects with a grade."""
    lacks = [words for score, words in ((PAIN, "pain"), (NAUSEA, "nausea")) if not _after_start(facts, score)]
    if lacks:
        return missing(f"no score of {_listed(lacks)} after the start")
    return present("pain and nausea scored after the start")


def _after_start(facts: Facts, score: str) -> list[Entry]:
    started = facts.session.infusion.started
    return [e for e in _scores(facts, score) if started is not None and e.at.since(started) > 0]


# ---------------------------------------------------------------- drugs and events


def _drugs(facts: Facts) -> Verdict:
    doses = [(e, e.body) for e in facts.session.standing(DrugGiven) if isinstance(e.body, DrugGiven)]
    bare = [f"{body.drug} {facts.clock(e.at)}" for e, body in doses if not (body.effect or body.reason)]
    if bare:
        return missing(f"no indication: {_listed(bare)}")
    return present(f"{len(doses)} doses" if doses else "none")


def _effects(facts: Facts) -> Verdict:
    still = [e.body.effect for e in facts.session.open_effects() if isinstance(e.body, EffectNoted)]
    if still:
        return missing(f"no end: {_listed(_effect(facts, one) for one in still)}")
    count = len(facts.session.standing(EffectNoted))
    return present(f"{count} noted, all with their end" if count else "none noted")


def _effect(facts: Facts, effect: str) -> str:
    row = facts.catalog.effects.get(effect)
    return row.short.lower() if row else effect


def _notified(facts: Facts) -> Verdict:
    stamps = [
        f"{facts.clock(e.at)} {e.body.what}"
        for e in facts.session.standing(EmergencyStamped)
        if isinstance(e.body, EmergencyStamped) and e.body.what == PHYSICIAN_STAMP
    ]
    return present(_listed(stamps)) if stamps else by_line(facts, COURSE, ("notified",))


# ---------------------------------------------------------------- controlled substances


def _balance(facts: Facts) -> Verdict:
    accounts = session_accounts(facts.session, facts.catalog)
    if not accounts:
        return missing("nothing was drawn")
    left = discrepancies(facts.session, facts.catalog)
    if left:
        return missing(f"left over: {_listed(one.whole.drug for one in left)}")
    why = [_why_open(facts, one.whole) for one in accounts if not one.whole.closed]
    if any(why):
        return explained(_listed(why))
    return present(f"{len(accounts)} drugs balance" if len(accounts) > 1 else "balances")


def _why_open(facts: Facts, line: Balance) -> str:
    """The explanation of an account that does not balance; "" where the drug need not."""
    entry = explanation(facts.session, line.drug, line.balance_mg)
    return f"{line.drug}: {entry.body.reason}" if entry and isinstance(entry.body, BalanceExplained) else ""


def _lots(facts: Facts) -> Verdict:
    draws = _draws(facts)
    if not draws:
        return missing("nothing was drawn")
    bare = [body.drug for body in draws if not body.lot]
    if bare:
        return missing(f"no lot: {_listed(bare)}")
    return present(_listed(f"{body.drug} {body.lot}" for body in draws))


def _wasted(facts: Facts) -> list[Wasted]:
    return [e.body for e in facts.session.standing(Wasted) if isinstance(e.body, Wasted)]


def _witness(facts: Facts) -> Verdict:
    names = _listed(facts.clinic.name_of(body.witness) for body in _wasted(facts))
    return present(names or "nothing was wasted")


def _method(facts: Facts) -> Verdict:
    return present(_listed(body.method for body in _wasted(facts)) or "nothing was wasted")


# ---------------------------------------------------------------- recovery and discharge


def _scores(facts: Facts, score: str) -> list[Entry]:
    return [
        e
        for e in facts.session.standing(ScoreTaken)
        if isinstance(e.body, ScoreTaken) and e.body.score == score
    ]


def _totals(facts: Facts, score: str, *, before: bool) -> list[int]:
    """The totals of a score before the start, or since the end of the infusion."""
    infusion, found = facts.session.infusion, []
    for entry in _scores(facts, score):
        assert isinstance(entry.body, ScoreTaken)
        if before:
            counts = infusion.started is None or entry.at.since(infusion.started) <= 0
        else:
            counts = infusion.ended is not None and entry.at.since(infusion.ended) >= 0
        if counts and entry.body.total is not None:
            found.append(entry.body.total)
    return found


def _since_end(facts: Facts, *kinds: type) -> list[Entry]:
    ended = facts.session.infusion.ended
    return [e for e in facts.session.standing(*kinds) if ended is not None and e.at.since(ended) >= 0]


def _entered(facts: Facts, vital: Vital) -> float | None:
    """The last value that a person entered since the end."""
    found = [
        e.body.values[vital]
        for e in _since_end(facts, VitalEntered)
        if isinstance(e.body, VitalEntered) and vital in e.body.values
    ]
    return found[-1] if found else None


def _by_hand(facts: Facts, vital: Vital) -> str:
    value = _entered(facts, vital)
    return f"{VITALS[vital].label} {VITALS[vital].text(value)}" if value is not None else ""


def _met(facts: Facts, criterion: str) -> str:
    """The values by which a measured criterion was last met since the end; "" where it never was."""
    for entry in reversed(_since_end(facts, CriterionMet)):
        if isinstance(entry.body, CriterionMet) and entry.body.criterion == criterion:
            return entry.body.evidence
    return ""


def _unless_accepted(facts: Facts, criterion: str, lack: str) -> Verdict:
    """Missing, or explained by the reason for which a physician let the criterion go."""
    for entry in reversed(_since_end(facts, CriterionAccepted)):
        if isinstance(entry.body, CriterionAccepted) and entry.body.criterion == criterion:
            return explained(f"accepted: {entry.body.reason}")
    return missing(lack)


def _looked(criterion: str) -> Evidence:
    """What a person saw of a criterion, or the reason for which a physician let it go."""

    def found(facts: Facts) -> Verdict:
        seen = _since_end(facts, CriterionChecked, CriterionAccepted)
        for entry in reversed(seen):
            body = entry.body
            if isinstance(body, CriterionChecked) and body.criterion == criterion:
                return present(body.text)
            if isinstance(body, CriterionAccepted) and body.criterion == criterion:
                return explained(f"accepted: {body.reason}")
        return missing("not looked at")

    return found


def _breathing(facts: Facts) -> Verdict:
    """A respiration of Aldrete with a saturation, or the rate by hand."""
    aldrete = [e.body for e in _since_end(facts, ScoreTaken) if isinstance(e.body, ScoreTaken)]
    rated = any("respiration" in body.items for body in aldrete)
    spo2 = _met(facts, "spo2-room-air") or _by_hand(facts, Vital.SPO2)
    rate = _by_hand(facts, Vital.RESP_RATE)
    if (rated or rate) and (spo2 or any("spo2" in body.items for body in aldrete)):
        return present(_listed([rate or "Aldrete respiration", spo2 or "Aldrete SpO₂"]))
    return _unless_accepted(facts, "spo2-room-air", "no breathing and SpO₂ since the end")


def _pulse(facts: Facts) -> Verdict:
    by_hand = [_by_hand(facts, vital) for vital in (Vital.HEART_RATE, Vital.NIBP_SYS, Vital.NIBP_DIA)]
    words = _met(facts, "haemodynamics") or (_listed(by_hand) if all(by_hand) else "")
    return (
        present(words)
        if words
        else _unless_accepted(facts, "haemodynamics", "no pulse and pressure since the end")
    )


def _mental(facts: Facts) -> Verdict:
    awake = _totals(facts, "moaas", before=False)
    words = f"MOAA/S {awake[-1]}" if awake else ""
    seen = _looked("oriented")(facts)
    return present(_listed([words, seen.words * (seen.state == "present")])) if words else seen


def _temperature(facts: Facts) -> Verdict:
    value = _entered(facts, Vital.TEMP)
    return present(f"{value:g} °C") if value is not None else by_line(facts, LEAVING, ("temperature",))


def _score_after(score: str) -> Evidence:
    """A score since the end of the infusion."""

    def found(facts: Facts) -> Verdict:
        totals = _totals(facts, score, before=False)
        return _there(f"{totals[-1]}" if totals else "", "no score since the end")

    return found


def _discharge_scores(facts: Facts) -> Verdict:
    found = [(score, _totals(facts, score, before=False)) for score in ("aldrete", "padss")]
    lacks = [facts.catalog.scores[score].short for score, totals in found if not totals]
    if lacks:
        return missing(f"no {_listed(lacks)} since the end")
    return present(_listed(f"{facts.catalog.scores[s].short} {totals[-1]}" for s, totals in found))


def _pain_change(facts: Facts) -> Verdict:
    """By how much pain changed from before the start to after the end; a responder as the score's table says."""
    before, after = _totals(facts, PAIN, before=True), _totals(facts, PAIN, before=False)
    if not before or not after:
        return missing("no pain score before the start" if not before else "no pain score since the end")
    if before[-1] == 0:
        return present(f"0 to {after[-1]}, per cent not defined")
    change = 100 * (after[-1] - before[-1]) / before[-1]
    least = facts.catalog.scores[PAIN].important_change_pct_at_least
    state = "" if least is None else (", responder" if -change >= least else ", no responder")
    return present(f"{before[-1]} to {after[-1]}, {change:+.0f} %{state}")


def _recovery_min(facts: Facts) -> Verdict:
    ended, left = facts.session.infusion.ended, facts.session.discharged
    if ended is None or left is None:
        return missing("no discharge was signed")
    return present(f"{left.at.since(ended) / 60:.0f} min")


def _instructions(facts: Facts) -> Verdict:
    given = _looked("instructions")(facts)
    printed = facts.session.standing(InstructionsPrinted)
    return given if given.state != "missing" or not printed else missing("printed, not said to be given")


def _discharged(facts: Facts) -> Discharged | None:
    entry = facts.session.discharged
    return entry.body if entry is not None and isinstance(entry.body, Discharged) else None


def _left_with(facts: Facts) -> Verdict:
    body, entry = _discharged(facts), facts.session.discharged
    if body is None or entry is None:
        return missing("no discharge was signed")
    if body.how != "home":
        return explained(f"{facts.clock(entry.at)} {body.how}: {body.reason}")
    return _there(
        f"{facts.clock(entry.at)} with {body.companion}" if body.companion else "", "nobody was named"
    )


def _discharge_signed(facts: Facts) -> Verdict:
    """The physician's signature; against advice another may sign, and that is said."""
    body, entry = _discharged(facts), facts.session.discharged
    if body is None or entry is None:
        return missing("no discharge was signed")
    words = f"{facts.clinic.name_of(body.signer)} {facts.clock(entry.at)}"
    if not facts.clinic.was(body.signer, PHYSICIANS, entry.written):
        return explained(f"{words}, {body.how}: {body.reason}")
    return present(words)


def _transfer(facts: Facts) -> Verdict:
    body = _discharged(facts)
    if body is None:
        return missing("no discharge was signed")
    return present(f"transferred: {body.reason}" if body.how == "transferred" else f"none, {body.how}")


def _software(facts: Facts) -> Verdict:
    opened = facts.session.opened
    words = f"Chairside {opened.software}, tables {opened.tables}" if opened else ""
    return _there(words, "the session was not opened")


EVIDENCE: dict[str, Evidence] = {
    "name": _name,
    "mrn": _mrn,
    "dob-age-sex": _born,
    "height-weight-actual-measured": _measured,
    "dosing-weight-and-basis": _dose_weight,
    "allergies": _allergies,
    "date": _date,
    "facility": _facility,
    "ordering-physician": _ordering,
    "supervising-physician-acls": _supervising,
    "infusion-nurse": _nurse,
    "relief-handoffs-with-times": _relief,
    "second-witness": _second,
    "baseline-vitals-two-sets": _baseline_sets,
    "baseline-spo2-room-air": _room_air,
    "baseline-pain-now-worst-avg": _pain_before,
    "baseline-aldrete-moaas-cadss6": _scores_before,
    "protocol-id-version-and-signature": _protocol,
    "drug-racemic-or-s-lot-expiry": _label,
    "concentration-bag-or-syringe": _concentration,
    "pump-id": _pump,
    "start-stop-times": _start_stop,
    "rate-changes-time-old-new-who-why": _rates,
    "pauses-with-reason": _pauses,
    "total-mg-mg-per-kg-ml": _total,
    "max-rate-mg-h-mg-kg-h": _highest,
    "vital-signs-table": _vital_signs,
    "nibp-interval-compliance-pct": _nibp_in_time,
    "sedation-score-series": _sedation,
    "o2-flow-changes": _oxygen,
    "gaps-and-artifacts": _gaps,
    "manual-vs-device-origin-mark": _always("marked in the tables"),
    "alarm-summary": _alarms,
    "pain-nausea-anxiety-cadss-series": _symptoms,
    "each-drug-name-dose-route-time-who-indication-effect": _drugs,
    "cumulative-per-drug": _always("in the table of drugs"),
    "side-effects-onset-grade-action-offset": _effects,
    "physician-notifications": _notified,
    "drawn-given-wasted-returned-balance": _balance,
    "vial-ids-lots": _lots,
    "waste-witness-signature-time": _witness,
    "waste-method": _method,
    "resp-rate-airway-spo2": _breathing,
    "pulse-bp": _pulse,
    "mental-status": _mental,
    "temperature": _temperature,
    "pain": _score_after(PAIN),
    "nausea-vomiting": _score_after(NAUSEA),
    "aldrete-padss-series": _discharge_scores,
    "gait-diplopia": _looked("gait"),
    "voided": _looked("bladder"),
    "pain-change-pct-and-responder-state": _pain_change,
    "recovery-minutes": _recovery_min,
    "iv-removed": _looked("iv-removed"),
    "instructions-24h-no-drive": _instructions,
    "escort-relationship-departure-time": _left_with,
    "discharging-physician-signature-time": _discharge_signed,
    "unplanned-transfer-or-admission": _transfer,
    "software-version-config-hash": _software,
    "page-x-of-y-patient-on-every-page": _always("on every page"),
    "late-entries-and-corrections-marked": _always("marked in the tables"),
    "printed-at-by": _always("on every page"),
    "draft-or-final": _always("on every page"),
}
"""The fields that follow from entries by themselves; the others are answers of a line (record_fields.toml)."""
