"""The tables of a summary that tell the log: scores, recovery, alarms, people, and what stands nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from app.entries import (
    CHAIRSIDE,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    AnyBody,
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    CriterionUnmet,
    Discharged,
    Entry,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    NextVisitPlanned,
    PumpLost,
    PumpSeen,
    RateMeasured,
    RateOrdered,
    SamplesSealed,
    ScoreTaken,
    SegmentConfirmed,
    SegmentOpened,
)
from app.printed import Column, Row, Table
from app.session import Session
from app.summary_tables import ITSELF, by, entry_row, happened, is_plain, is_struck, of_kind, tells
from app.summary_words import counter_words, discharge_detail, paper_words, score_detail
from app.told import Teller, ended, number, span

AT_THE_PUMP = (
    SegmentOpened,
    SegmentConfirmed,
    InfusionStarted,
    InfusionPaused,
    InfusionResumed,
    InfusionEnded,
    RateOrdered,
    RateMeasured,
    PumpSeen,
    PumpLost,
)

SAME_S = 0.001

EVENT_COLUMNS = (Column("time", fit=True), Column("what"), Column("by", align="right", fit=True))


# ---------------------------------------------------------------- events by their times


def log_table(session: Session, teller: Teller, others: Iterable[Table]) -> Table:
    """Every entry that no row of the other tables tells, by when it happened.

    Sealed samples are counted under the record.
    """
    told = {entry for table in others for row in table.rows for entry in row.tells}
    rest = [e for e in happened(session) if e.uuid not in told and not isinstance(e.body, SamplesSealed)]
    lines = [*event_rows(session, teller, rest), *untold_rates(session, teller)]
    rows = tuple(row for _, row in sorted(lines, key=lambda line: line[0]))
    return Table("Events in order of time", EVENT_COLUMNS, rows, empty="None.", heads=False)


def event_rows(session: Session, teller: Teller, entries: Sequence[Entry]) -> Iterator[tuple[float, Row]]:
    """A row with its second for each entry; what one author wrote in the same second shares one.

    A correction stands below what it corrects, where that is among them.
    """
    below = {uuid for entry in entries for uuid in tells(session, entry)[1:]}
    group: list[Entry] = []
    for entry in (one for one in entries if one.uuid not in below):
        if group and not _joins(session, teller, group[-1], entry):
            yield group[0].at.steady, _event_row(session, teller, group)
            group = []
        group.append(entry)
    if group:
        yield group[0].at.steady, _event_row(session, teller, group)


def untold_rates(session: Session, teller: Teller) -> Iterator[tuple[float, Row]]:
    """Changes of the infusion's rate that no entry of that moment tells."""
    told = [entry.at.steady for entry in of_kind(session, *AT_THE_PUMP)]
    for point in session.infusion.rates:
        if any(abs(steady - point.at.steady) < SAME_S for steady in told):
            continue
        at = teller.clock(point.at.utc, seconds=True)
        if point.rate_ml_h is None:
            words = "Rate not known: the pump was not read"
        else:
            words = f"Rate {number(point.rate_ml_h)} mL/h, as the pump showed"
        yield point.at.steady, Row((at, words, ITSELF))


def _joins(session: Session, teller: Teller, before: Entry, entry: Entry) -> bool:
    """Whether two entries stand in one row: the same second and author, and nothing happened to either."""
    same = teller.clock(before.at.utc, seconds=True) == teller.clock(entry.at.utc, seconds=True)
    alike = same and before.author == entry.author
    return alike and all(is_plain(session, e) and not is_struck(session, e) for e in (before, entry))


def _event_row(session: Session, teller: Teller, group: Sequence[Entry]) -> Row:
    sentences = [words for words in _sentences(teller, [e.body for e in group]) if words]
    words = " ".join([*(ended(one) for one in sentences[:-1]), sentences[-1]])
    cells = (teller.clock(group[0].at.utc, seconds=True), words, by(teller, group[0]))
    row = entry_row(session, teller, group[-1], cells)
    return msgspec.structs.replace(row, tells=(*(e.uuid for e in group[:-1]), *row.tells))


def _sentences(teller: Teller, bodies: Sequence[AnyBody]) -> Iterator[str]:
    """What these entries say; a pump that runs at the rate of a start beside it adds its counter alone."""
    rates = {body.rate_ml_h for body in bodies if isinstance(body, InfusionStarted | InfusionResumed)}
    for body in bodies:
        runs = isinstance(body, PumpSeen) and body.mode == "running" and body.rate_ml_h in rates
        yield counter_words(teller, body) if runs else paper_words(teller, body)


# ---------------------------------------------------------------- scores


def scores_table(session: Session, teller: Teller) -> Table:
    """Every score that was taken: a form's values in a row, with time and person; a corrected one alone."""
    series: dict[str, list[Entry]] = {}
    alone = []
    for entry in of_kind(session, ScoreTaken):
        assert isinstance(entry.body, ScoreTaken)
        if is_plain(session, entry):
            series.setdefault(entry.body.score, []).append(entry)
        else:
            alone.append(entry)
    rows = [_series_row(teller, score, taken) for score, taken in series.items()]
    rows += [
        entry_row(
            session, teller, entry, (f"{teller.score(entry.body.score)}: {_score_words(teller, entry)}",)
        )
        for entry in alone
        if isinstance(entry.body, ScoreTaken)
    ]
    return Table("Scores", (Column(""),), tuple(rows), empty="None taken.", heads=False)


def _series_row(teller: Teller, score: str, taken: Sequence[Entry]) -> Row:
    """A form's values in a row; the variant of it is said once where it was one and the same."""
    variants = {entry.body.variant for entry in taken if isinstance(entry.body, ScoreTaken)}
    one = variants.pop() if len(variants) == 1 else ""
    authors = {entry.author for entry in taken}
    alone = len(authors) == 1
    words = "; ".join(_score_words(teller, e, variant=not one, author=not alone) for e in taken)
    by_one = f", by {teller.who(authors.pop())}" if alone else ""
    name = f"{teller.score(score)}{by_one}"
    return Row((f"{name}: {words}",), note=one, tells=tuple(entry.uuid for entry in taken))


def _score_words(teller: Teller, entry: Entry, *, variant: bool = True, author: bool = True) -> str:
    """A value with its time and who took it, and its items in brackets."""
    body = entry.body
    assert isinstance(body, ScoreTaken)
    detail = score_detail(body, variant=variant)
    who = f" {teller.who(entry.author)}" if author else ""
    value = f"{teller.scored(body)} at {teller.clock(entry.at.utc)}{who}"
    return f"{value} ({detail})" if detail else value


# ---------------------------------------------------------------- recovery


TURNS = (CriterionMet, CriterionUnmet, CriterionChecked, CriterionAccepted)


def discharge_table(session: Session, teller: Teller) -> Table:
    """Each criterion with its turns and their evidence, what people saw and accepted; how the patient left."""
    turns: dict[str, list[Entry]] = {}
    alone = []
    for entry in of_kind(session, *TURNS):
        assert isinstance(entry.body, TURNS)
        if is_plain(session, entry):
            turns.setdefault(entry.body.criterion, []).append(entry)
        else:
            alone.append(entry)
    once = [series[0] for series in turns.values() if _is_met_once(series)]
    rows = [
        *_met_rows(teller, once),
        *(_criterion_row(teller, name, s) for name, s in turns.items() if not _is_met_once(s)),
    ]
    rows += [entry_row(session, teller, e, (_turn(teller, e, whole=True),)) for e in alone]
    for entry in of_kind(session, Discharged, NextVisitPlanned):
        at = teller.clock(entry.at.utc)
        open_ones = discharge_detail(teller, entry.body) if isinstance(entry.body, Discharged) else ""
        row = entry_row(session, teller, entry, (f"{at} {teller.told(entry.body)}",), note=open_ones)
        rows.append(msgspec.structs.replace(row, strong=not row.struck))
    return Table("Recovery and discharge", (Column(""),), tuple(rows), empty="Nothing recorded.", heads=False)


def _is_met_once(series: Sequence[Entry]) -> bool:
    """Whether a criterion was met, or seen to be, and never turned."""
    body = series[0].body
    met = isinstance(body, CriterionMet) or (isinstance(body, CriterionChecked) and body.ok)
    return met and len(series) == 1


def _met_rows(teller: Teller, once: Sequence[Entry]) -> Iterator[Row]:
    """What was met and stayed so, together: by measurement, and as people saw it."""
    for label, kind in (("Met", CriterionMet), ("Seen", CriterionChecked)):
        found = [entry for entry in once if isinstance(entry.body, kind)]
        if found:
            words = ". ".join(_turn(teller, entry, whole=True, met=False) for entry in found)
            yield Row((f"{label}: {words}",), tells=tuple(entry.uuid for entry in found))


def _criterion_row(teller: Teller, criterion: str, series: Sequence[Entry]) -> Row:
    words = "; ".join(_turn(teller, entry) for entry in series)
    name = teller.criterion(criterion)
    return Row((f"{name[:1].upper()}{name[1:]}: {words}",), tells=tuple(entry.uuid for entry in series))


def _turn(teller: Teller, entry: Entry, *, whole: bool = False, met: bool = True) -> str:
    """One turn of a criterion: "met (3 at 13:50, baseline 7)".

    `whole` with the criterion's name; without `met` where a word before it says so.
    """
    at, who = teller.clock(entry.at.utc), by(teller, entry)
    body = entry.body
    label = teller.criterion(_criterion_of(body))
    name = f"{label[:1].upper()}{label[1:]}: " if whole else ""
    match body:
        case CriterionMet():
            when = "" if at in body.evidence else at
            evidence = f"({body.evidence})" if met or when else body.evidence
            return name + " ".join(part for part in ("met" if met else "", when, evidence) if part)
        case CriterionUnmet():
            return f"{name}met no more {at} ({body.evidence})"
        case CriterionChecked():
            return f"{name}{body.text} {at} {who}{'' if body.ok else ', not met'}"
        case CriterionAccepted():
            seen = f" ({body.evidence})" if body.evidence else ""
            signer = teller.name(body.signer)
            return f"{name}accepted {at} by {signer}{seen}, reason: {body.reason}"
        case _:
            return paper_words(teller, body)


def _criterion_of(body: AnyBody) -> str:
    return body.criterion if isinstance(body, TURNS) else ""


# ---------------------------------------------------------------- alarms


class Course(msgspec.Struct, frozen=True):
    """An alarm from its beginning to its acknowledgement and end."""

    raised: Entry
    body: AlarmRaised
    seen: Entry | None
    over: Entry | None


def alarms_table(session: Session, teller: Teller) -> Table:
    """Each alarm with when it was raised, how long it lasted and who saw it; the same words once."""
    groups: dict[tuple[str, str, str], list[Course]] = {}
    for course in alarm_courses(session):
        body = course.body
        groups.setdefault((body.priority, body.what, body.detail), []).append(course)
    rows = [
        Row(
            (priority, f"{ended(what)} {detail} {courses_words(teller, courses)}".replace("  ", " ")),
            tells=tuple(
                e.uuid
                for course in courses
                for e in (course.raised, course.seen, course.over)
                if e is not None
            ),
        )
        for (priority, what, detail), courses in groups.items()
    ]
    columns = (Column("", fit=True), Column(""))
    return Table("Alarms", columns, tuple(rows), empty="None was raised.", heads=False)


def courses_words(teller: Teller, courses: Sequence[Course]) -> str:
    """The times of one alarm: "At 13:19:55 for 28 s, seen 13:20 LK; 13:21:18 for 4 s"."""
    return f"At {'; '.join(_course_words(teller, course) for course in courses)}"


def alarm_courses(session: Session) -> Iterator[Course]:
    """Every alarm up to its end, or up to when the same one is raised again."""
    alarms = of_kind(session, AlarmRaised, AlarmAcknowledged, AlarmCleared)
    for place, entry in enumerate(alarms):
        if isinstance(entry.body, AlarmRaised):
            seen, over = _alarm_course(alarms[place + 1 :], entry.body.key)
            yield Course(entry, entry.body, seen, over)


def _course_words(teller: Teller, course: Course) -> str:
    """One alarm in small: "13:19:55 for 28 s, seen 13:20 LK"."""
    raised, seen, over = course.raised, course.seen, course.over
    lasted = f"for {span(over.at.since(raised.at))}" if over else "no end recorded"
    ack = f", seen {teller.clock(seen.at.utc)} {by(teller, seen)}" if seen else ""
    return f"{teller.clock(raised.at.utc, seconds=True)} {lasted}{ack}"


def _alarm_course(later: Sequence[Entry], key: str) -> tuple[Entry | None, Entry | None]:
    """The acknowledgement and the end of an alarm, up to when the same one is raised again."""
    seen: Entry | None = None
    for entry in later:
        body = entry.body
        if isinstance(body, AlarmRaised) and body.key == key:
            return seen, None
        if isinstance(body, AlarmAcknowledged) and body.key == key and seen is None:
            seen = entry
        if isinstance(body, AlarmCleared) and body.key == key:
            return seen, entry
    return seen, None


# ---------------------------------------------------------------- people


def people_words(session: Session, teller: Teller) -> str:
    """Whose initials stand on these pages: everybody who wrote, signed or witnessed, with their roles."""
    named = dict.fromkeys(staff for entry in session.entries for staff in _staff_in(teller, entry))
    words = [f"{teller.who(staff)}: {teller.name(staff)}, {roles(teller, staff)}" for staff in named]
    return ". ".join([*words, f"{ITSELF}: Chairside itself"])


def _staff_in(teller: Teller, entry: Entry) -> Iterator[str]:
    if entry.author != CHAIRSIDE:
        yield entry.author
    for value in msgspec.structs.astuple(entry.body):
        if isinstance(value, str) and value in teller.clinic.staff:
            yield value


def roles(teller: Teller, staff: str) -> str:
    """A person's roles in words."""
    known = teller.clinic.staff.get(staff)
    return ", ".join(known.roles) if known else "not on the list"
