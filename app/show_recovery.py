"""What the recovery screen shows: the discharge criteria with their evidence, and the form proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clinical.discharge import Line, not_done
from app.clinical.rows import Protocol, Section
from app.clinical.scores import proposals
from app.entries import CriterionChecked, Discharged
from app.frames import (
    CriterionRow,
    EventButton,
    ItemProposal,
    Leaflet,
    LeafletPart,
    Limb,
    RecoveryFrame,
)
from app.instant import Instant
from app.loglines import teller
from app.people_acts import tables_status
from app.recovery import vitals_now
from app.recovery_acts import not_met_words
from app.session import Session
from app.show_tiles import mmss
from app.told import ended as sentence
from app.told import long_date, number

if TYPE_CHECKING:
    from app.engine import Engine

BAR_SCORES = ("aldrete", "padss")
BAR_CHECKS = (("gait", "Walk test", "arrow"), ("escort", "Escort", "user"))
ESCORT = "escort"
INSTRUCTIONS = "instructions"


def recovery_frame(engine: Engine, session: Session, now: Instant) -> RecoveryFrame | None:
    """The criteria and who decides; None outside of recovery."""
    if session.phase != "recovery":
        return None
    found = engine.recovery.lines(engine, session, now)
    shown = [line for line in found if line.kind != "physician"]
    bars = not_done(found)
    signed = session.discharged
    left = teller(engine, session).left(signed.body) if signed and isinstance(signed.body, Discharged) else ""
    return RecoveryFrame(
        title=f"Ready to go home: {len(shown) - len(bars)} of {len(shown)}",
        rows=tuple(row(engine, line, now) for line in shown),
        decides=sentence(left) if left else "A physician decides.",
        decides_detail=_detail(engine, session),
        sign=_sign(len(bars), signed=signed is not None),
        leaflet=leaflet(engine, session, now),
        discharged=left,
        companion=companion(session),
    )


def _detail(engine: Engine, session: Session) -> str:
    signed = session.discharged
    if signed is not None and isinstance(signed.body, Discharged):
        at = f"{signed.at.utc.astimezone(engine.zone):%H:%M}"
        return f"Signed by {engine.clinic.initials(signed.body.signer)} at {at}."
    supervisor = session.supervisor()
    if supervisor:
        return f"{engine.clinic.initials(supervisor)} supervises."
    return "The list shows the evidence."


def _sign(bars: int, *, signed: bool) -> Limb:
    """The signature is barred while lines are open; its sheet opens all the same, and says what to do."""
    if signed:
        return Limb("finish", "Finish session", True, main=True)
    return Limb("discharge", "Sign discharge", not bars, not_met_words(bars) if bars else "", main=not bars)


def row(engine: Engine, line: Line, now: Instant) -> CriterionRow:
    """A line with its right end and the sheet behind it."""
    share = None
    if line.state == "holding" and line.left_s is not None and line.whole_s:
        share = 1.0 - line.left_s / line.whole_s
    return CriterionRow(
        key=line.id,
        kind=line.kind,
        text=line.words,
        state=line.state,
        evidence=line.because,
        right=_right(engine, line),
        share=share,
        opens=_opens(engine, line),
        may_accept=line.may_accept,
    )


def _right(engine: Engine, line: Line) -> str:
    match line.state:
        case "met":
            return f"{line.at.utc.astimezone(engine.zone):%H:%M}" if line.at is not None else ""
        case "accepted":
            return "accepted"
        case "holding":
            return f"{mmss(line.left_s or 0.0)} to run"
        case "todo":
            return "to do"
        case "unmet":
            return "not met"


def _opens(engine: Engine, line: Line) -> str:
    criterion = engine.catalog.discharge_criteria[line.id]
    match line.kind:
        case "check":
            return f"check.{line.id}"
        case "score":
            return f"score.{criterion.score}"
        case _:
            return "" if line.measured == "met" else f"accept.{line.id}"


def companion(session: Session) -> str:
    """Who takes the patient home, as the escort was checked last."""
    named = [entry.body for entry in session.standing(CriterionChecked)]
    texts = [b.text for b in named if isinstance(b, CriterionChecked) and b.criterion == ESCORT and b.ok]
    return texts[-1] if texts else ""


def item_proposals(engine: Engine, session: Session, now: Instant) -> tuple[ItemProposal, ...]:
    """What the vital signs propose for the items of the summed forms."""
    if session.finished or session.infusion.started is None:
        return ()
    seen = vitals_now(engine, session, now)
    return tuple(
        ItemProposal(score.id, item, proposal.points, proposal.evidence)
        for score in engine.catalog.scores.values()
        if score.kind == "sum"
        for item, proposal in proposals(score, seen).items()
    )


def recovery_buttons(engine: Engine, session: Session) -> tuple[EventButton, ...]:
    """The bar of recovery: what is asked of the patient now, and what can still happen."""
    catalog = engine.catalog
    state = {line.id: line.state for line in engine.recovery.lines(engine, session, engine.now)}
    scores = [catalog.scores[score] for score in BAR_SCORES if score in catalog.scores]
    asked = [(score.id, f"score.{score.id}", score.short, score.icon) for score in scores]
    asked += [(check, f"check.{check}", words, icon) for check, words, icon in BAR_CHECKS]
    first = next((key for key, *_ in asked if state.get(key) == "todo"), "")
    buttons = [EventButton(name, words, icon, "check", due=key == first) for key, name, words, icon in asked]
    buttons += [
        EventButton("effects.more", "Effect", "more", "score"),
        EventButton("drugs.more", "Drug", "syringe", "score"),
    ]
    buttons += [
        EventButton(f"score.{score.id}", score.short, score.icon, "score")
        for score in catalog.usual_scores()[:1]
    ]
    buttons.append(EventButton("next_visit.set", "Next visit", "clock", "score"))
    buttons.append(EventButton("note", "Note", "note", "note"))
    buttons.append(EventButton("undo", "Undo", "undo", "undo"))
    return tuple(buttons)


def given_line(engine: Engine, session: Session) -> str:
    """What was given, from when to when: the last line of the recovery screen."""
    infusion = session.infusion
    if infusion.started is None or infusion.ended is None:
        return ""
    given = infusion.given(engine.now)
    drug = session.order.drug if session.order is not None else "ketamine"
    amount = f"{number(given.mg, 1)} mg {drug} given" if given.mg is not None else f"{drug} given: not known"
    volume = f", {number(given.ml, 1)} mL" if given.ml is not None else ""
    times = [f"{at.utc.astimezone(engine.zone):%H:%M}" for at in (infusion.started, infusion.ended)]
    return f"{amount}{volume}, {times[0]} to {times[1]}"


# ---------------------------------------------------------------- what the patient takes home


def leaflet(engine: Engine, session: Session, now: Instant) -> Leaflet | None:
    """The instructions of this patient, of this clinic."""
    if session.patient is None:
        return None
    text = engine.catalog.instructions
    order = session.order
    protocol = engine.catalog.protocols.get(order.protocol_id) if order is not None else None
    check = engine.catalog.discharge_criteria.get(INSTRUCTIONS)
    hours = f"{check.no_driving_h:g}" if check is not None and check.no_driving_h is not None else ""
    return Leaflet(
        title=text.title,
        clinic=engine.clinic.name,
        patient=session.patient.name,
        date=long_date(now.utc.astimezone(engine.zone).date()),
        lead=text.lead,
        parts=tuple(
            LeafletPart(_filled(part.title, hours, protocol), part.lines)
            for part in text.section
            if _applies(part, protocol)
        ),
        phone_words=text.phone_words,
        phone=text.phone,
        emergency=text.emergency_words.format(number=text.emergency_number),
        session=session.id,
        next_visit=_visit(session),
        draft="" if tables_status(engine) == "signed" else "Wording not yet signed by the clinic’s physician",
    )


def _visit(session: Session) -> str:
    """When the patient comes again; "" where nothing is planned or said."""
    planned = session.next_visit()
    return long_date(planned.due) if planned is not None and planned.due is not None else ""


def _applies(part: Section, protocol: Protocol | None) -> bool:
    return not part.take_home or (protocol is not None and bool(protocol.take_home_days))


def _filled(title: str, hours: str, protocol: Protocol | None) -> str:
    days = f"{protocol.take_home_days}" if protocol is not None and protocol.take_home_days else ""
    return title.format(hours=hours, days=days)
