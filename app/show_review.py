"""What the review of a session shows: the whole of its chart, every event, the vital signs at each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from app.amending import can_be_amended, fields_of
from app.charting import marks_of
from app.clinical.patient import SEXES, age_years
from app.clinical.vitals import NIBP, VITALS, Vital
from app.entries import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Amended,
    AudioPaused,
    AudioResumed,
    BalanceExplained,
    ClockJumped,
    CriterionChecked,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    EmergencyOpened,
    EmergencyStamped,
    Entry,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    LimitsChanged,
    LinkNoted,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    PumpLost,
    PumpSeen,
    RateMeasured,
    RateOrdered,
    Resumed,
    Retracted,
    Returned,
    Sample,
    SamplesSealed,
    ScoreTaken,
    SegmentConfirmed,
    SegmentOpened,
    SoundSwitched,
    VialDrawn,
    Wasted,
    kind_of,
)
from app.frames import SECOND_DISPLAY, AlarmBarFrame, ChartFrame, HeaderFrame, SavedLine
from app.instant import Instant
from app.kept import Kept
from app.loglines import teller
from app.review_frames import Group, ReviewFrame, ReviewLine, ThenValue
from app.reviewing import Review, end_of, reviewed
from app.session import Session
from app.summary_chart import Heard, PrintedAxis, by_hand_times, chart_frame, on_axis, pressures
from app.summary_tables import BACK_DATED_S, happened
from app.told import Teller, ended, long_date, span
from app.trends import Pressure

if TYPE_CHECKING:
    from app.engine import Engine

GROUPS: dict[Group, tuple[type, ...]] = {
    "drugs": (DrugGiven, OxygenSet, VialDrawn, Wasted, Returned, BalanceExplained),
    "effects": (EffectNoted, EffectEnded, ScoreTaken),
    "rate": (
        OrderSigned, InfusionStarted, InfusionPaused, InfusionResumed, InfusionEnded, RateOrdered,
        RateMeasured, PumpSeen, PumpLost, SegmentOpened, SegmentConfirmed,
    ),
    "alarms": (
        AlarmRaised, AlarmAcknowledged, AlarmCleared, AudioPaused, AudioResumed, SoundSwitched,
        LinkNoted, Resumed, ClockJumped, LimitsChanged,
        EmergencyOpened, EmergencyStamped,
    ),
    "notes": (NoteWritten, CriterionChecked, Amended, Retracted),
}  # fmt: skip
"""Under which filter an entry stands; what is under none is seen among all."""

SHOWN = (Vital.HEART_RATE, Vital.SPO2, Vital.NIBP_SYS, Vital.RESP_RATE, Vital.ETCO2, Vital.TEMP)
ALWAYS = SHOWN[:5]
COLUMNS = 20_000
"""As fine as the samples are, for as long as a session can last."""

HEARD_WITHIN_S = 30.0
"""A sample older than this tells nothing of a moment: samples are written every 5 s."""

LIVE_EVERY_S = 30.0
"""How often the review of a session that goes on is made again where nothing new was written."""

LONGEST_OWNER = 14
"""Letters of a name that stand before an alarm and leave it its room."""

PHASES = {
    "patient": "not finished",
    "check-in": "not finished",
    "ready": "not finished",
    "infusing": "running",
    "paused": "running, paused",
    "recovery": "running, in recovery",
    "finished": "finished",
}


class ReviewShow:
    """Makes the review's frame; again only when its record grew, or time went on under a running session."""

    def __init__(self) -> None:
        self._kept: Kept[ReviewFrame] = Kept()
        self._version = 0

    def frame(self, engine: Engine, now: Instant) -> ReviewFrame | None:
        """What the review shows now; None while nothing is reviewed."""
        review, found = engine.review, reviewed(engine)
        if review is None:
            return None
        other = engine.session is not None and engine.session.id != review.id
        if found is None:
            frame = _waiting(review)
        else:
            session, samples = found
            tick = 0 if session.finished else int(now.steady // LIVE_EVERY_S)
            unsaved = len(engine.unsaved)
            made_from = (review.id, len(session.entries), tick, unsaved == 0, engine.zone)
            frame = self._kept.get(made_from, lambda: self._make(engine, session, samples))
        return msgspec.structs.replace(
            frame,
            other=other,
            back=back_words(engine),
            summary=_no_summary(engine, found[0] if found else None),
            saved=_saved(engine, review),
        )

    def _make(self, engine: Engine, session: Session, samples: Sequence[Sample]) -> ReviewFrame:
        self._version += 1
        return made_frame(engine, session, samples, self._version)


def _waiting(review: Review) -> ReviewFrame:
    if review.why:
        return ReviewFrame(
            review.id, "failed", "Review: not read", words=f"{ended(review.why)} Go back and try again."
        )
    return ReviewFrame(review.id, "loading", "Review: being read", words="The record is being read.")


def back_words(engine: Engine) -> str:
    """What leaving the review goes back to."""
    session = engine.session
    if session is None:
        return "to Today"
    name = session.patient.name if session.patient is not None else "the session"
    return "to the summary" if session.finished else f"to {name}"


def _no_summary(engine: Engine, session: Session | None) -> str:
    """Why the summary cannot be opened from here; "" where it can."""
    if session is None or not session.finished:
        return "not finished"
    under_way = engine.session is not None and not engine.session.finished
    return "under way" if under_way else ""


def _saved(engine: Engine, review: Review) -> SavedLine:
    entry = review.last_said
    if engine.failed is not None:
        since = f"{engine.failed.since.utc.astimezone(engine.zone):%H:%M:%S}"
        return SavedLine("failed", f"Not saved since {since}: {engine.failed.why}", SECOND_DISPLAY)
    if entry is None:
        return SavedLine("none", "", SECOND_DISPLAY)
    what = "Amendment" if isinstance(entry.body, Amended) else "Late entry"
    at = f"{entry.written.astimezone(engine.zone):%H:%M}"
    if entry.uuid in engine.unsaved:
        return SavedLine("saving", f"{what} {at}", SECOND_DISPLAY)
    return SavedLine("saved", f"{what} saved {at}", SECOND_DISPLAY)


# ---------------------------------------------------------------- above the review


def review_header(engine: Engine, now: Instant) -> HeaderFrame | None:
    """The reviewed patient in the top line where nobody lies at the chair; None: the line is the chair's own."""
    found = reviewed(engine)
    if found is None or engine.session is not None or found[0].patient is None:
        return None
    session, person = found[0], found[0].patient
    local = now.utc.astimezone(engine.zone)
    who = engine.clinic.initials(engine.who) if engine.who and not engine.locked else ""
    opened = session.opened_at.utc.astimezone(engine.zone).date() if session.opened_at else local.date()
    age = age_years(person.birth_date, opened)
    allergy = teller(engine, session).allergies(person).partition(": ")
    return HeaderFrame(
        name=person.name,
        facts=f"{age} y  {SEXES.get(person.sex, person.sex)}  {person.weight_kg:g} kg",
        mrn=person.mrn,
        allergy="None known" if person.none_known else allergy[2],
        allergy_known=not person.none_known,
        phase="Review",
        phase_time="",
        clock=f"{local:%H:%M}",
        who=who,
        demo=engine.demo or bool(session.opened and session.opened.demo),
    )


def with_owner(engine: Engine, bar: AlarmBarFrame) -> AlarmBarFrame:
    """The highest alarm with the name of the patient whose it is, while another one's record is in view."""
    review, session = engine.review, engine.session
    if review is None or session is None or session.id == review.id or session.patient is None:
        return bar
    name = owner_words(session.patient.name)
    rows = bar.rows
    if rows:
        rows = (msgspec.structs.replace(rows[0], text=f"{name}: {rows[0].text}"), *rows[1:])
    return msgspec.structs.replace(bar, rows=rows, calm=f"{name}: no alarms")


def owner_words(name: str) -> str:
    """Whose alarm it is, in the room of the bar: a long name in short, since the top line has it whole."""
    last = name.split()[-1]
    for words in (name, last):
        if len(words) <= LONGEST_OWNER:
            return words
    return " ".join(f"{part[0]}." for part in name.split())


# ---------------------------------------------------------------- the record


def made_frame(engine: Engine, session: Session, samples: Sequence[Sample], version: int) -> ReviewFrame:
    """The whole record of a session as the review shows it."""
    words, start = teller(engine, session), session.opened_at or engine.now
    end = end_of(engine, session)
    heard = on_axis(samples, start, engine.boot)
    lines = tuple(_lines(engine, session, words, start, heard))
    return ReviewFrame(
        session.id,
        "open",
        title(session, words, start),
        began=start.utc.astimezone(engine.zone),
        chart=_chart(engine, session, heard, words, start, end, version),
        lines=lines,
        signature=signature_words(session),
        version=version,
    )


def title(session: Session, words: Teller, start: Instant) -> str:
    """Whose record this is, of which day, and where it stands."""
    name = session.patient.name if session.patient is not None else "patient not identified"
    day = long_date(start.utc.astimezone(words.zone).date()).partition(" ")[2]
    return f"Review: {name}, {day}, {PHASES[session.phase]}"


def signature_words(session: Session) -> str:
    """What the record lacks of signatures: none at all, or one over what was written after the last."""
    if not session.finished:
        return ""
    if not session.signatures:
        return "Not signed yet."
    late = len(session.unsigned())
    if not late:
        return ""
    what = "1 entry was" if late == 1 else f"{late} entries were"
    return f"{what} written after the signature: sign again."


def _chart(
    engine: Engine,
    session: Session,
    heard: Sequence[Heard],
    words: Teller,
    start: Instant,
    end: Instant,
    version: int,
) -> ChartFrame | None:
    chart = chart_frame(session, heard, engine.catalog, words, end, columns=COLUMNS)
    if chart is None:
        return None
    marks = tuple(marks_of(session, engine.catalog, PrintedAxis(start)))
    return msgspec.structs.replace(chart, marks=marks, version=version)


def _lines(
    engine: Engine, session: Session, words: Teller, start: Instant, heard: Sequence[Heard]
) -> Iterator[ReviewLine]:
    then = Then(session, heard, words, start)
    for entry in happened(session):
        if isinstance(entry.body, SamplesSealed):
            continue
        at_s = entry.at.since(start)
        yield ReviewLine(
            entry=entry.uuid,
            at_s=at_s,
            at=_at(words, entry, start),
            text=words.told(entry.body),
            who=words.who(entry.author),
            group=_group(entry),
            kind=kind_of(entry.body),
            struck=entry.uuid in session.retracted,
            notes=tuple(_notes(session, words, entry)),
            amendable=can_be_amended(entry, session),
            fields=fields_of(entry, engine.catalog, words) if can_be_amended(entry, session) else (),
            then=then.at(at_s),
        )


def _at(words: Teller, entry: Entry, start: Instant) -> str:
    """The time of day; with its day where that is not the session's."""
    local = entry.at.utc.astimezone(words.zone)
    if local.date() == start.utc.astimezone(words.zone).date():
        return f"{local:%H:%M:%S}"
    return f"{local.day} {local:%b %H:%M}"


def _group(entry: Entry) -> Group:
    return next((group for group, kinds in GROUPS.items() if isinstance(entry.body, kinds)), "other")


def _notes(session: Session, words: Teller, entry: Entry) -> Iterator[str]:
    """What became of an entry later: taken back, amended, and that it was written later."""
    taken_back = session.retracted.get(entry.uuid)
    if taken_back is not None:
        yield f"Taken back {words.clock(taken_back.at.utc)}, {words.who(taken_back.author)}"
    for later in session.amended.get(entry.uuid, ()):
        if isinstance(later.body, Amended) and later.uuid not in session.retracted:
            yield f"Should read: {ended(later.body.text)} {later.body.reason}, {words.who(later.author)}"
    if session.is_late(entry):
        yield f"Late entry, written {_written(words, entry)}"
    elif (entry.written - entry.at.utc).total_seconds() >= BACK_DATED_S:
        yield f"Written later, {words.clock(entry.written)}"


def _written(words: Teller, entry: Entry) -> str:
    local = entry.written.astimezone(words.zone)
    return f"{local.day} {local:%b %H:%M}"


# ---------------------------------------------------------------- the vital signs at a time


class Then:
    """What was measured at any second of a session, as far as it was worth showing then."""

    def __init__(self, session: Session, heard: Sequence[Heard], words: Teller, start: Instant) -> None:
        self._heard = heard
        self._seconds = [one.at_s for one in heard]
        self._times = {one.at_s: one.sample.at for one in heard}
        self._pressures = pressures(heard)
        self._measured = [one.at_s for one in self._pressures]
        self._by_hand = by_hand_times(session, start)
        self._words = words
        self._shown = [
            vital
            for vital in SHOWN
            if vital in ALWAYS or any(vital.value in one.sample.vitals for one in heard)
        ]

    def at(self, at_s: float) -> tuple[ThenValue, ...]:
        """Each vital sign at this second, with its age, or why it is missing."""
        place = bisect_right(self._seconds, at_s + 0.5) - 1
        newest = self._heard[place] if place >= 0 else None
        if newest is not None and at_s - newest.at_s > HEARD_WITHIN_S:
            return tuple(self._missing(vital, f"no data {span(at_s - newest.at_s)}") for vital in self._shown)
        return tuple(self._value(vital, newest, at_s) for vital in self._shown)

    def _value(self, vital: Vital, newest: Heard | None, at_s: float) -> ThenValue:
        if vital is Vital.NIBP_SYS:
            return self._pressure(newest, at_s)
        if newest is None:
            return self._missing(vital, "no data yet")
        value = newest.sample.vitals.get(vital.value)
        if value is None:
            return self._missing(vital, newest.sample.missing.get(vital.value, "not heard"))
        spec, age_s = VITALS[vital], max(0.0, at_s - newest.at_s)
        hand = self._is_by_hand(vital, value, at_s)
        detail = "by hand" if hand else spec.unit if age_s < 5.5 else f"{span(age_s)} before"
        return ThenValue(spec.label, spec.text(value), spec.colour, detail, "live")

    def _pressure(self, newest: Heard | None, at_s: float) -> ThenValue:
        """The pressure keeps its number, greyed, with the time when it was taken."""
        place = bisect_right(self._measured, at_s + 0.5) - 1
        if place < 0:
            return self._missing(Vital.NIBP_SYS, "none yet")
        last: Pressure = self._pressures[place]
        is_live = newest is not None and NIBP[0].value in newest.sample.vitals
        hand = " by hand" if self._is_by_hand(Vital.NIBP_SYS, last.sys, at_s) else ""
        return ThenValue(
            "NIBP",
            f"{last.sys:.0f}/{last.dia:.0f}",
            VITALS[Vital.NIBP_SYS].colour,
            f"{self._words.clock(self._times[last.at_s])}{hand}",
            "live" if is_live else "stale",
        )

    def _missing(self, vital: Vital, why: str) -> ThenValue:
        label = "NIBP" if vital is Vital.NIBP_SYS else VITALS[vital].label
        return ThenValue(label, "--", VITALS[vital].colour, why, "missing")

    def _is_by_hand(self, vital: Vital, value: float, at_s: float) -> bool:
        said = [entered for second, entered in self._by_hand.get(vital, ()) if second <= at_s + 0.5]
        return bool(said) and said[-1] == value
