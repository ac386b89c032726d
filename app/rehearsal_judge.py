"""Whether what a rehearsal expects is seen: on the newest snapshot, and among the entries on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from app.entries import CLINIC, Entry, PatientIdentified, kind_of
from app.frames import AlarmRow, Snapshot, Tile
from app.rehearsal_verbs import AlarmSeen, AnswerSeen, EntriesSeen, Expect, TileSeen
from app.review_frames import ReviewFrame

RATE_WITHIN_ML_H = 0.005


def judge(expect: Expect, shot: Snapshot, on_disk: Sequence[Entry]) -> tuple[str, ...]:
    """What is not as expected, "expected ..., seen ..." for each; empty when all holds."""
    return (
        *_where(expect, shot),
        *_given(expect, shot),
        *_rate(expect, shot),
        *_alarms(expect, shot),
        *_entries(expect, on_disk),
        *_tile(expect, shot),
        *_answer(expect, shot),
        *_recovery(expect, shot),
        *_today(expect, shot),
        *_summary(expect, shot),
        *_review(expect, shot),
    )


def entries_of(mrn: str, on_disk: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries of every session of the patient with this number, and the clinic's own."""
    theirs = {CLINIC} | {
        entry.session
        for entry in on_disk
        if isinstance(entry.body, PatientIdentified) and entry.body.mrn.strip() == mrn
    }
    return tuple(entry for entry in on_disk if entry.session in theirs)


def _differs(what: str, expected: object, seen: object) -> str:
    return f"{what}: expected {expected}, seen {seen}"


def _where(expect: Expect, shot: Snapshot) -> Iterator[str]:
    question = shot.question.key if shot.question is not None else ""
    lights = shot.lights
    light = (
        ""
        if lights is None
        else "measured"
        if lights.measured
        else "set"
        if lights.set_at_pump
        else "requested"
    )
    for what, expected, seen in (
        ("phase", expect.phase, shot.phase),
        ("locked", expect.locked, shot.locked),
        ("saved", expect.saved, shot.saved.state),
        ("question", expect.question, question),
        ("light", expect.light, light),
        ("who", expect.who, shot.header.who),
    ):
        if expected is not None and expected != seen:
            yield _differs(what, repr(expected), repr(seen))
    if expect.header is not None:
        head = shot.header
        words = f"{head.name} {head.facts} {head.mrn} {head.allergy}"
        if expect.header not in words:
            yield _differs("header", repr(expect.header), repr(words))


def _given(expect: Expect, shot: Snapshot) -> Iterator[str]:
    given = number(shot.infusion.given) if shot.infusion is not None else None
    if expect.given_known is not None and expect.given_known != (given is not None):
        yield _differs("given_known", expect.given_known, given is not None)
    if expect.given_mg is not None and (given is None or abs(given - expect.given_mg) > expect.within):
        seen = "no amount" if given is None else f"{given:g} mg"
        yield _differs("given_mg", f"{expect.given_mg:g} mg within {expect.within:g}", seen)


def _rate(expect: Expect, shot: Snapshot) -> Iterator[str]:
    rate = number(shot.infusion.rate) if shot.infusion is not None else None
    if expect.rate_known is not None and expect.rate_known != (rate is not None):
        yield _differs("rate_known", expect.rate_known, rate is not None)
    if expect.rate_ml_h is not None and (rate is None or abs(rate - expect.rate_ml_h) > RATE_WITHIN_ML_H):
        seen = "no rate" if rate is None else f"{rate:g} mL/h"
        yield _differs("rate_ml_h", f"{expect.rate_ml_h:g} mL/h", seen)


def number(text: str) -> float | None:
    """The number that a text of the screen begins with; None for "--" and for none."""
    words = text.replace("−", "-").split()
    try:
        return float(words[0]) if words else None
    except ValueError:
        return None


def _alarms(expect: Expect, shot: Snapshot) -> Iterator[str]:
    rows = shot.alarms.rows
    seen = ", ".join(f"{row.key} ({row.priority}) {row.text}" for row in rows) or "no alarm"
    if expect.alarm is not None and not any(_is_alarm(expect.alarm, row) for row in rows):
        yield _differs("alarm", _named(expect.alarm), seen)
    if expect.no_alarm is not None and any(expect.no_alarm in row.key for row in rows):
        yield _differs("no_alarm", repr(expect.no_alarm), seen)


def _is_alarm(wanted: AlarmSeen, row: AlarmRow) -> bool:
    return (
        wanted.key in row.key
        and wanted.priority in ("", row.priority)
        and wanted.text in f"{row.text} {row.detail}"
        and wanted.acknowledged in (None, row.acknowledged)
    )


def _named(wanted: AlarmSeen) -> str:
    kinds = {"key": wanted.key, "priority": wanted.priority, "text": wanted.text}
    named = [f"{name} {value!r}" for name, value in kinds.items() if value]
    if wanted.acknowledged is not None:
        named.append("acknowledged" if wanted.acknowledged else "not acknowledged")
    return ", ".join(named) or "any alarm"


def _entries(expect: Expect, on_disk: Sequence[Entry]) -> Iterator[str]:
    for wanted in expect.entries:
        count = sum(_is_entry(wanted, entry) for entry in on_disk)
        where = "".join(f" with {name} = {value!r}" for name, value in wanted.where.items())
        if wanted.exactly is not None and count != wanted.exactly:
            yield _differs("entries", f"{wanted.exactly} {wanted.kind}{where}", count)
        elif wanted.exactly is None and count < wanted.at_least:
            yield _differs("entries", f"at least {wanted.at_least} {wanted.kind}{where}", count)


def _is_entry(wanted: EntriesSeen, entry: Entry) -> bool:
    if kind_of(entry.body) != wanted.kind:
        return False
    return all(getattr(entry.body, name, None) == value for name, value in wanted.where.items())


def _tile(expect: Expect, shot: Snapshot) -> Iterator[str]:
    wanted = expect.tile
    if wanted is None:
        return
    tile = next((tile for tile in shot.tiles if tile.key == wanted.key), None)
    if tile is None:
        yield _differs("tile", wanted.key, ", ".join(tile.key for tile in shot.tiles) or "no tile")
        return
    yield from _tile_parts(wanted, tile)


def _tile_parts(wanted: TileSeen, tile: Tile) -> Iterator[str]:
    if wanted.text is not None and wanted.text != tile.text:
        yield _differs(f"tile {tile.key}", repr(wanted.text), repr(tile.text))
    if wanted.state is not None and wanted.state != tile.state:
        yield _differs(f"tile {tile.key}", wanted.state, tile.state)
    if wanted.corner not in tile.corner:
        yield _differs(f"tile {tile.key} corner", repr(wanted.corner), repr(tile.corner))
    value = number(tile.text.partition("/")[0])
    low, high = wanted.low, wanted.high
    if (low is not None or high is not None) and (
        value is None or (low is not None and value < low) or (high is not None and value > high)
    ):
        yield _differs(f"tile {tile.key}", f"{low} to {high}", repr(tile.text))


def _answer(expect: Expect, shot: Snapshot) -> Iterator[str]:
    wanted = expect.answer
    if wanted is None:
        return
    last = next(reversed(shot.answers.values()), None)
    if last is None:
        yield _differs("answer", wanted.state, "no touch was answered")
    elif not (
        last.state == wanted.state and wanted.field in ("", last.field) and wanted.reason in last.reason
    ):
        yield _differs("answer", _answer_words(wanted), f"{last.state} {last.field} {last.reason!r}".strip())


def _answer_words(wanted: AnswerSeen) -> str:
    parts = (wanted.state, wanted.field, repr(wanted.reason) if wanted.reason else "")
    return " ".join(part for part in parts if part)


def _review(expect: Expect, shot: Snapshot) -> Iterator[str]:
    """The title of the review with what it asks for, and who is expected on Today."""
    frame = shot.review if isinstance(shot.review, ReviewFrame) else None
    if expect.review is not None:
        seen = f"{frame.title}. {frame.signature}" if frame is not None else ""
        if (expect.review == "") != (frame is None) or expect.review not in seen:
            yield _differs("review", repr(expect.review), repr(seen))
    visits = "; ".join(f"{visit.name} {visit.when}" for visit in shot.visits)
    for wanted in expect.visits:
        if wanted not in visits:
            yield _differs("visits", repr(wanted), repr(visits))


def _recovery(expect: Expect, shot: Snapshot) -> Iterator[str]:
    """The list of the recovery screen: its title, and single lines."""
    frame = shot.recovery
    if frame is None:
        if expect.ready is not None or expect.criteria:
            yield _differs("criteria", expect.ready or "lines", "no recovery screen")
        return
    if expect.ready is not None and expect.ready not in frame.title:
        yield _differs("ready", repr(expect.ready), repr(frame.title))
    rows = {row.key: row for row in frame.rows}
    for wanted in expect.criteria:
        row = rows.get(wanted.key)
        if row is None:
            yield _differs("criteria", wanted.key, ", ".join(rows))
            continue
        fits = wanted.state in ("", row.state) and wanted.evidence in row.evidence
        if not fits or wanted.right not in row.right:
            parts = " ".join(part for part in (wanted.state, wanted.evidence, wanted.right) if part)
            yield _differs(f"criterion {row.key}", parts, f"{row.state} {row.evidence} {row.right}")


def _today(expect: Expect, shot: Snapshot) -> Iterator[str]:
    """The list of Today."""
    for wanted in expect.today:
        count = sum((line.patient, line.group) == (wanted.patient, wanted.group) for line in shot.sessions)
        if count != wanted.exactly:
            seen = ", ".join(f"{line.patient} {line.group.lower()}" for line in shot.sessions) or "no session"
            yield _differs("today", f"{wanted.exactly} {wanted.patient} {wanted.group.lower()}", seen)


def _summary(expect: Expect, shot: Snapshot) -> Iterator[str]:
    """Words that are printed, and words that must not be."""
    if not expect.summary and not expect.not_in_summary:
        return
    if shot.summary is None:
        yield _differs("summary", "a summary", "none")
        return
    printed = tuple(_words(shot.summary))
    for words in expect.summary:
        if not any(words in text for text in printed):
            yield _differs("summary", repr(words), "it is not on the summary")
    for words in expect.not_in_summary:
        found = [text for text in printed if words in text]
        if found:
            yield _differs("summary", f"no {words!r}", repr(found[0]))


def _words(part: object) -> Iterator[str]:
    """Every text of a printed page."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, msgspec.Struct):
        for field in part.__struct_fields__:
            yield from _words(getattr(part, field))
    elif isinstance(part, dict):
        yield from _words(tuple(part.values()))
    elif isinstance(part, (tuple, list)):
        for one in part:
            yield from _words(one)
