"""What is not on disk, in words: the paper list for the time that a disk is full, broken or slow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from app.clinical.vitals import VITALS, Vital
from app.entries import (
    CLINIC,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    AudioPaused,
    AudioResumed,
    Entry,
    LinkNoted,
    PumpSeen,
    Retracted,
    Sample,
    SamplesSealed,
)
from app.instant import Instant
from app.loglines import teller
from app.unsaved_frames import UnsavedFrame, UnsavedLine

if TYPE_CHECKING:
    from app.engine import Engine
    from app.session import Session

LATE_S = 1.5
"""A write that takes longer is told: the banner stands within two seconds."""
LATE = "The disk takes long to write. Look whether it is nearly full or failing."
VITALS_EVERY_S = 300.0
"""How often the vital signs stand on the paper list."""
STORAGE = "storage"
"""The keys of the alarms that say it; they need no line on the list that they lead to."""
NOT_ON_PAPER = (
    SamplesSealed,
    AlarmCleared,
    AlarmAcknowledged,
    AudioPaused,
    AudioResumed,
    PumpSeen,
    LinkNoted,
)
"""What the program keeps for itself: a paper chart has no such line."""
SHOWN = (
    Vital.HEART_RATE,
    Vital.SPO2,
    Vital.RESP_RATE,
    Vital.NIBP_SYS,
    Vital.NIBP_DIA,
    Vital.ETCO2,
    Vital.TEMP,
)


def not_saved(engine: Engine) -> tuple[Instant, str] | None:
    """Since when what is written does not reach the disk, and why; None while all is well."""
    if engine.failed is not None:
        return engine.failed.since, engine.failed.why
    return (engine.late_since, LATE) if engine.late_since is not None else None


def unsaved_frame(engine: Engine) -> UnsavedFrame | None:
    """What to write on paper now; None while everything is on disk or will be in a moment."""
    state = not_saved(engine)
    if state is None and not engine.refused:
        return None
    since, why = state if state is not None else (None, "")
    session = engine.session
    local = engine.now.utc.astimezone(engine.zone)
    patient = session.patient if session is not None else None
    return UnsavedFrame(
        since=f"{since.utc.astimezone(engine.zone):%H:%M:%S}" if since is not None else "",
        why=why,
        lines=tuple(_lines(engine, session, engine.unsaved.values())),
        vitals=tuple(_vitals(engine, since)) if since is not None else (),
        refused=tuple(_lines(engine, session, engine.refused.values())),
        clinic=engine.clinic.name,
        patient=f"{patient.name}, {patient.mrn}" if patient is not None else "",
        session=session.id if session is not None else "",
        date=f"{local:%Y-%m-%d}",
    )


def _lines(engine: Engine, session: Session | None, entries: Iterable[Entry]) -> Iterator[UnsavedLine]:
    """Every entry of the session that a paper chart would have, in the order of writing."""
    if session is None:
        return
    words = teller(engine, session)
    for entry in entries:
        if entry.session != CLINIC and _belongs_on_paper(engine, session, entry):
            yield UnsavedLine(words.clock(entry.at.utc), words.told(entry.body), words.who(entry.author))


def _belongs_on_paper(engine: Engine, session: Session, entry: Entry) -> bool:
    """What was written and taken back while nothing reached the disk leaves no line at all."""
    if entry.uuid in session.retracted or isinstance(entry.body, NOT_ON_PAPER):
        return False
    if isinstance(entry.body, AlarmRaised):
        return not entry.body.key.startswith(STORAGE)
    return not (isinstance(entry.body, Retracted) and entry.body.entry in engine.unsaved)


def _vitals(engine: Engine, since: Instant) -> Iterator[UnsavedLine]:
    """The vital signs of every five minutes since then, and the newest."""
    written: Sample | None = None
    last: Sample | None = None
    for sample in engine.samples:
        if sample.at < since.utc:
            continue
        last = sample
        if written is None or (sample.at - written.at).total_seconds() >= VITALS_EVERY_S:
            written = sample
            yield _vitals_line(engine, sample)
    if last is not None and last is not written:
        yield _vitals_line(engine, last)


def _vitals_line(engine: Engine, sample: Sample) -> UnsavedLine:
    parts = [
        f"{VITALS[vital].label} {VITALS[vital].text(sample.vitals[vital.value])}"
        if vital.value in sample.vitals
        else f"{VITALS[vital].label} --"
        for vital in SHOWN
        if vital.value in sample.vitals or vital.value in sample.missing
    ]
    if sample.rate_ml_h is not None and sample.volume_ml is not None:
        parts.append(f"pump {sample.rate_ml_h:g} mL/h, {sample.volume_ml:.1f} mL given")
    at = sample.at.astimezone(engine.zone)
    return UnsavedLine(f"{at:%H:%M:%S}", ", ".join(parts) or "no vital signs read", "")
