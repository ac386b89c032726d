"""What an entry says on paper: the words of the log, and every value that the log on screen leaves out."""

from __future__ import annotations

from pathlib import PurePath

from app.entries import (
    AnyBody,
    Discharged,
    InfusionEnded,
    InfusionPaused,
    InstructionsPrinted,
    IvChecked,
    PatientIdentified,
    PumpLost,
    PumpSeen,
    Returned,
    ScoreTaken,
    SegmentConfirmed,
    SegmentOpened,
    SessionOpened,
    SummaryPrinted,
    Wasted,
)
from app.told import Teller, container, number, short_date, span


def paper_words(teller: Teller, body: AnyBody) -> str:
    """The entry in full; a kind without more values than `told` says is told as on screen."""
    if isinstance(body, InstructionsPrinted | SummaryPrinted):
        return _copy_words(teller, body)
    if isinstance(body, SegmentOpened) and body.cause == "start":
        return _loaded_words(body)
    more = _of_the_pump(teller, body) if isinstance(body, PumpSeen) else _more(teller, body)
    words = teller.told(body)
    return f"{words}, {more}" if more else words


def _more(teller: Teller, body: AnyBody) -> str:
    """The values that the sentence of the log leaves out."""
    match body:
        case PatientIdentified():
            height = f", {number(body.height_cm, 1)} cm" if body.height_cm is not None else ""
            return f"born {short_date(body.birth_date)}, {body.sex}{height}"
        case SessionOpened():
            return f"{body.clinic}{', demonstration' if body.demo else ''}"
        case InfusionPaused() | InfusionEnded() | SegmentConfirmed():
            return _counter(body.volume_ml)
        case SegmentOpened():
            return _strength(body.concentration_mg_ml) if body.container_ml is None else ""
        case PumpLost():
            ago = f"{span(body.ago_s)} before this line" if body.ago_s is not None else ""
            return ", ".join(part for part in (ago, _counter(body.volume_ml)) if part)
        case ScoreTaken():
            return score_detail(body)
        case Wasted() | Returned():
            return f"vial {_strength(body.strength_mg_ml)}" if body.strength_mg_ml is not None else ""
        case IvChecked():
            return "" if body.well else "not well"
        case Discharged():
            return discharge_detail(teller, body)
        case _:
            return ""


def _loaded_words(body: SegmentOpened) -> str:
    """What was in the pump at the start: "50 mL of 2 mg/mL in the pump 8001, counter 0 mL"."""
    known = container(body.container_ml, body.concentration_mg_ml)
    where = f"in the pump {body.pump_serial}" if body.pump_serial else "in the pump"
    counter = _counter(body.baseline_ml)
    return f"{known} {where}, {counter}" if counter else f"{known} {where}"


def _copy_words(teller: Teller, body: InstructionsPrinted | SummaryPrinted) -> str:
    """Where a copy went: a printer, or a file; its folder is this computer's affair, the session stands below."""
    what = "Instructions" if isinstance(body, InstructionsPrinted) else "Summary"
    name = PurePath(body.target).name
    for session in {entry.session for entry in teller.entries.values()}:
        name = name.removeprefix(f"{session}-")
    outcome = body.outcome.replace(body.target, name)
    said = outcome if name in outcome else f"{what} to {name}: {outcome}"
    return f"{said}, {body.pages} {'page' if body.pages == 1 else 'pages'}"


def counter_words(teller: Teller, body: AnyBody) -> str:
    """What a reading of the pump adds to a start at the same rate: its counter."""
    assert isinstance(body, PumpSeen)
    parts = (_counter(body.volume_ml), _of_the_pump(teller, body))
    words = ", ".join(part for part in parts if part)
    return f"{words[:1].upper()}{words[1:]}"


def _of_the_pump(teller: Teller, body: PumpSeen) -> str:
    """The pump's number, except where the session's containers were all in this one pump."""
    return f"pump {body.serial}" if body.serial and _serials(teller) != {body.serial} else ""


def _serials(teller: Teller) -> set[str]:
    found = (entry.body for entry in teller.entries.values())
    return {body.pump_serial for body in found if isinstance(body, SegmentOpened) and body.pump_serial}


def _counter(volume_ml: float | None) -> str:
    return f"counter {number(volume_ml)} mL" if volume_ml is not None else ""


def _strength(strength_mg_ml: float | None) -> str:
    return f"{number(strength_mg_ml)} mg/mL" if strength_mg_ml is not None else ""


def score_detail(body: ScoreTaken, *, variant: bool = True) -> str:
    """A score's items, what confirmed them, and which variant of the form was used."""
    items = ", ".join(f"{item} {points}" for item, points in body.items.items())
    seen = ", ".join(f"{item} by {words}" for item, words in body.evidence.items())
    return "; ".join(part for part in (items, seen, body.variant if variant else "") if part)


def discharge_detail(teller: Teller, body: AnyBody) -> str:
    """The criteria that were not met when the discharge was signed."""
    not_met = body.not_met if isinstance(body, Discharged) else ()
    words = ", ".join(teller.criterion(criterion) for criterion in not_met)
    return f"not met: {words}" if words else ""
