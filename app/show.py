"""From the engine's state to the newest snapshot: every word and number that a screen shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from app.bedside_frames import AccountFrame
from app.charting import Charting
from app.clinical.patient import SEXES, age_years
from app.clinical.vitals import VITALS, Vital
from app.entries import ScoreTaken, SessionFinished
from app.frames import (
    SECOND_DISPLAY,
    AlarmBarFrame,
    AlarmRow,
    ChartFrame,
    CheckInFrame,
    DeviceChip,
    DeviceSetup,
    DrugSheet,
    EventButton,
    HeaderFrame,
    KnownPatient,
    LimitFrame,
    LogLine,
    PatientFrame,
    Phase,
    RateNow,
    RecordFrame,
    SavedLine,
    ScoreTile,
    SessionLine,
    Snapshot,
    StaffRow,
    StripValue,
    UndoFrame,
    VisitLine,
)
from app.instant import Instant
from app.kept import Kept
from app.key_acts import key_frame
from app.loglines import log_lines, said_text
from app.messages import LinkState
from app.people_frames import AuditFrame, KeyFrame, TableLine
from app.rescue import DrugSheets
from app.session import UNDOABLE, Session, told_at
from app.show_bedside import account_frame, emergency_frame
from app.show_checkin import check_in, known_patients, limit_frames
from app.show_infusion import card, clock, hours, lights, link_state, pump_sheet, question
from app.show_people import audit_frame, draft_words, glass_notice, self_test_frame, table_lines
from app.show_record import record_frame
from app.show_recovery import given_line, item_proposals, recovery_buttons, recovery_frame
from app.show_review import ReviewShow, review_header, with_owner
from app.show_sound import sound_chip, sound_frame
from app.show_tiles import TILES, mmss, pressure_due_s, tiles
from app.steps import bedside_due
from app.summary import summarise
from app.today import group_of, in_order, visits
from app.told import visit_words
from app.unsaved import not_saved, unsaved_frame
from app.unsaved_frames import UnsavedFrame

if TYPE_CHECKING:
    from app.engine import Engine
    from app.printed import Summary

PHASE_WORDS: dict[str, str] = {
    "patient": "Patient",
    "check-in": "Check-in",
    "ready": "Ready",
    "infusing": "Infusing",
    "paused": "Paused",
    "recovery": "Recovery",
    "finished": "Finished",
}
DEVICE_LABELS = {"monitor": "Monitor", "pump": "Pump"}


class Show:
    """Makes snapshots; holds only what is dear to make again."""

    def __init__(self, number: int = 0) -> None:
        """Snapshots are counted from `number` on."""
        self._number = number
        self._charting = Charting()
        self._summary: Kept[Summary] = Kept()
        self._drugs = DrugSheets()
        self._log: Kept[tuple[LogLine, ...]] = Kept()
        self._saved: Kept[str] = Kept()
        self._events: Kept[tuple[EventButton, ...]] = Kept()
        self._account: Kept[AccountFrame] = Kept()
        self._sessions: Kept[tuple[SessionLine, ...]] = Kept()
        self._check_in: Kept[CheckInFrame | None] = Kept()
        self._record: Kept[RecordFrame | None] = Kept()
        self._limits: Kept[tuple[LimitFrame, ...]] = Kept()
        self._visits: Kept[tuple[VisitLine, ...]] = Kept()
        self._review = ReviewShow()
        self._unsaved: Kept[UnsavedFrame | None] = Kept()
        self._known: Kept[tuple[KnownPatient, ...]] = Kept()
        self._audit: Kept[AuditFrame | None] = Kept()
        self._key: Kept[KeyFrame | None] = Kept()
        self._tables: Kept[tuple[TableLine, ...]] = Kept()

    def anew(self) -> Show:
        """One that keeps nothing, for another engine; its snapshots are newer than any of this one."""
        return Show(self._number)

    def snapshot(self, engine: Engine, now: Instant) -> Snapshot:
        """Everything a screen shows at this moment."""
        self._number += 1
        session = engine.session
        base_id = session.id if session else ""
        today = now.utc.astimezone(engine.zone).date()
        base = Snapshot(
            number=self._number,
            now=now.utc,
            steady=now.steady,
            phase=phase(engine),
            locked=engine.locked,
            who=engine.who,
            who_roles=_roles(engine),
            clinic=engine.clinic.name,
            demo=engine.demo,
            header=review_header(engine, now) or header(engine, now),
            alarms=with_owner(engine, alarm_bar(engine, now)),
            tiles=(),
            scores=(),
            chart=None,
            infusion=None,
            events=(),
            saved=saved_line(engine, self._said(engine)),
            undo=None,
            log=(),
            pump_sheet=None,
            lights=None,
            question=None,
            drugs=(),
            staff=staff(engine, now),
            devices=devices(engine, now),
            sessions=self._sessions.get((engine.rows, today), lambda: sessions(engine, today)),
            visits=self._visits.get((engine.rows, today), lambda: visits(engine.rows, today, engine.zone)),
            review=self._review.frame(engine, now),
            session=session.id if session else "",
            patient=patient(engine, session, now),
            order=session.order if session else None,
            plan=session.plan if session else None,
            panel=engine.bench.display() if engine.bench is not None else None,
            answers=dict(engine.answers),
            emergency=emergency_frame(engine, now),
            unsaved=self._unsaved.get(
                (tuple(engine.unsaved), not_saved(engine), len(engine.samples), len(engine.refused)),
                lambda: unsaved_frame(engine),
            ),
            known=self._known.get((engine.rows, base_id), lambda: known_patients(engine)),
            audit=self._audit.get(engine.trail, lambda: audit_frame(engine)),
            tables=self._tables.get(engine.clinic.tables, lambda: table_lines(engine)),
            draft_tables=draft_words(engine),
            self_test=self_test_frame(engine) if session is None else None,
            key=self._key.get((engine.key, engine.key_done), lambda: key_frame(engine.key, engine.key_done)),
        )
        if session is None:
            return base
        told = (session.id, len(session.entries))
        return msgspec.structs.replace(
            base,
            tiles=tuple(tiles(engine, now)),
            scores=tuple(score_tiles(engine, session, now)),
            chart=self._chart(engine, session, now),
            infusion=card(engine, session, now),
            events=self._events.get((told, int(now.steady)), lambda: _bar(engine, session)),
            undo=undo(engine, session, now),
            log=self._log.get(told, lambda: log_lines(engine, session)),
            pump_sheet=pump_sheet(engine, session, now),
            lights=lights(engine, session, now),
            question=question(engine, session, now),
            drugs=self._drug_sheets(engine, session, now),
            rate_now=rate_now(session, now),
            recovery=recovery_frame(engine, session, now),
            proposals=item_proposals(engine, session, now),
            supervisor=session.supervisor(),
            next_visit=visit_words(session.next_visit()),
            summary=self._make_summary(engine, session, now),
            account=self._account.get(
                (told, session.infusion.given(now).ml), lambda: account_frame(engine, session)
            ),
            check_in=self._check_in.get((told, int(now.steady)), lambda: check_in(engine, session, now)),
            record=self._record.get(
                (told, int(now.steady) // 60), lambda: record_frame(engine, session, now)
            ),
            limits=self._limits.get(told, lambda: limit_frames(engine, session)),
        )

    def _chart(self, engine: Engine, session: Session, now: Instant) -> ChartFrame:
        chart = self._charting.frame(engine, session, now)
        return msgspec.structs.replace(chart, due=tuple(due(engine, session, now)))

    def _said(self, engine: Engine) -> str:
        """The newest entry of a person in few words."""
        entry = engine.last_said
        if entry is None or engine.session is None:
            return ""
        return self._saved.get(entry.uuid, lambda: said_text(engine, entry))

    def _drug_sheets(self, engine: Engine, session: Session, now: Instant) -> tuple[DrugSheet, ...]:
        if session.patient is None or session.finished:
            return ()
        return self._drugs.now(engine, session, now)

    def _make_summary(self, engine: Engine, session: Session, now: Instant) -> Summary | None:
        """The summary of a finished session, made again when the record grew."""
        if not session.finished:
            return None
        made_from = (session.id, len(session.entries), bool(engine.unsaved), engine.who)
        return self._summary.get(
            made_from,
            lambda: summarise(
                session.entries,
                engine.samples,
                engine.clinic,
                engine.catalog,
                head=engine.head,
                printed_at=now.utc,
                printed_by=engine.who,
                zone=engine.zone,
            ),
        )


def rate_now(session: Session, now: Instant) -> RateNow | None:
    """Where the infusion stands for the rate sheet; None before there is an order."""
    expected = session.expected_rate_ml_h(now)
    if expected is None:
        return None
    segments, order = session.infusion.segments, session.order
    ordered = order.concentration_mg_ml if order is not None else None
    return RateNow(
        session.infusion.running_s(now),
        expected,
        session.infusion.given(now).mg,
        segments[-1].concentration_mg_ml if segments else ordered,
    )


# ---------------------------------------------------------------- who and where


def phase(engine: Engine) -> Phase:
    """Which screen belongs to this moment."""
    if not engine.clinic.set_up:
        return "first-run"
    if engine.session is None:
        return "locked-out" if engine.locked or not engine.who else "today"
    return engine.session.phase


def _roles(engine: Engine) -> tuple[str, ...]:
    person = engine.clinic.staff.get(engine.who)
    return person.roles if person is not None else ()


def header(engine: Engine, now: Instant) -> HeaderFrame:
    """The top line."""
    session = engine.session
    who = engine.clinic.initials(engine.who) if engine.who and not engine.locked else ""
    local = now.utc.astimezone(engine.zone)
    if session is None or session.patient is None:
        words = PHASE_WORDS.get(session.phase, "") if session else ""
        return HeaderFrame("", "", "", "", False, words, "", f"{local:%H:%M}", who, engine.demo)
    person = session.patient
    age = age_years(person.birth_date, local.date())
    allergy = "None known" if person.none_known else ", ".join(allergy_names(engine, person.allergies))
    return HeaderFrame(
        name=person.name,
        facts=f"{age} y  {SEXES.get(person.sex, person.sex)}  {person.weight_kg:g} kg",
        mrn=person.mrn,
        allergy=allergy,
        allergy_known=not person.none_known,
        phase=PHASE_WORDS[session.phase],
        phase_time=_phase_time(session, now),
        clock=f"{local:%H:%M}",
        who=who,
        demo=engine.demo,
    )


def allergy_names(engine: Engine, allergies: tuple[str, ...]) -> list[str]:
    """Allergies by their names in the pick list; free ones as they were written."""
    known = engine.catalog.allergies
    return [known[item].name if item in known else item for item in allergies]


def _phase_time(session: Session, now: Instant) -> str:
    infusion = session.infusion
    match session.phase:
        case "infusing" | "paused":
            return hms(infusion.running_s(now))
        case "recovery" if infusion.ended is not None:
            return hms(now.since(infusion.ended))
        case _:
            return ""


def hms(seconds: float) -> str:
    """01:12:40."""
    whole = int(max(0, seconds))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def patient(engine: Engine, session: Session | None, now: Instant) -> PatientFrame | None:
    """The patient as recorded."""
    if session is None or session.patient is None:
        return None
    person = session.patient
    return PatientFrame(
        person.mrn,
        person.name,
        person.birth_date.isoformat(),
        age_years(person.birth_date, now.utc.astimezone(engine.zone).date()),
        person.sex,
        person.weight_kg,
        person.allergies,
        person.none_known,
    )


def staff(engine: Engine, now: Instant) -> tuple[StaffRow, ...]:
    """Who may sign in, and how long a barred one waits."""
    rows = []
    for person in engine.clinic.here().values():
        barred = engine.waits.get(person.staff)
        wait_s = max(0, round(barred.since(now))) if barred is not None else 0
        pin = engine.pins_shown.get(person.staff, "") if engine.demo else ""
        rows.append(StaffRow(person.staff, person.name, person.initials, person.roles, pin, wait_s))
    return tuple(rows)


def devices(engine: Engine, now: Instant) -> tuple[DeviceSetup, ...]:
    """What is connected, for whoever sets the chair up."""
    return tuple(_setup(engine, device, now) for device in DEVICE_LABELS)


def _setup(engine: Engine, device: str, now: Instant) -> DeviceSetup:
    chosen, link = engine.clinic.devices.get(device), engine.links.get(device)
    if chosen is None or not chosen.driver:
        return DeviceSetup(device, "", "", "none connected", True)
    chip = _device(engine, device, DEVICE_LABELS[device], now)
    says = f"heard {chip.text} ago" if chip.ok else "waiting for data"
    if not chip.ok and link is not None and link.why:
        says = f"{link.state.value}: {link.why}"
    return DeviceSetup(device, chosen.driver, chosen.port, says, chip.ok)


def sessions(engine: Engine, today: date) -> tuple[SessionLine, ...]:
    """The list of sessions: running, unfinished, done today, earlier; the newest of each first."""
    rows = in_order(engine.rows, today, engine.zone)
    return tuple(
        SessionLine(
            row.session,
            row.patient,
            row.mrn,
            when_words(row.opened.astimezone(engine.zone), today),
            _protocol_name(engine, row.protocol),
            row.state,
            row.finished,
            group_of(row, today, engine.zone),
        )
        for row in rows
    )


def when_words(at: datetime, today: date) -> str:
    """When a session began: "22 Nov 14:00"; of another year "22 Nov 2025"."""
    return f"{at:%d %b %H:%M}" if at.year == today.year else f"{at:%d %b %Y}"


def _protocol_name(engine: Engine, protocol: str) -> str:
    known = engine.catalog.protocols.get(protocol)
    return known.short if known is not None else protocol


# ---------------------------------------------------------------- the bar


def alarm_bar(engine: Engine, now: Instant) -> AlarmBarFrame:
    """Alarms highest first, or calm words with the state of monitor and pump."""
    rows = tuple(
        AlarmRow(
            row.condition.key,
            row.condition.priority,
            row.condition.what,
            _since(engine, row.condition.since, row.condition.what, row.condition.detail),
            row.acknowledged,
        )
        for row in engine.board.rows
    )
    return AlarmBarFrame(
        rows=rows,
        calm="No alarms",
        calm_detail=SECOND_DISPLAY,
        devices=(
            *(_device(engine, key, label, now) for key, label in DEVICE_LABELS.items()),
            sound_chip(engine, now),
        ),
        strip=tuple(strip(engine, now)),
        notices=(*glass_notice(engine), *_unheard(engine)),
        sound=sound_frame(engine, now),
    )


def _unheard(engine: Engine) -> Iterator[str]:
    """Why a device is not heard, where no alarm says it: before a session there is none."""
    told = {row.condition.key for row in engine.board.rows}
    for device, link in engine.links.items():
        heard = link.state in (LinkState.LIVE, LinkState.OPEN)
        if engine.clinic.connected(device) and not heard and f"link.{device}" not in told:
            yield f"{device.capitalize()}: {link.why}"


def _since(engine: Engine, since: Instant, what: str, detail: str) -> str:
    """What to do, after since when; said once where the alarm's own words say it already."""
    if detail.startswith(("Since", "Measured")):
        return detail
    if " since " in what:
        return detail[:1].upper() + detail[1:]
    return f"Since {clock(engine, since)}. {detail}"


def _device(engine: Engine, key: str, label: str, now: Instant) -> DeviceChip:
    if not engine.clinic.connected(key):
        return DeviceChip(key, label, "none", False)
    state = link_state(engine, key)
    if state is None:
        return DeviceChip(key, label, "waiting", False)
    if state.value != "live":
        return DeviceChip(
            key, label, {"open": "waiting", "silent": "silent", "down": "down"}[state.value], False
        )
    heard = engine.pump.at if key == "pump" else _last_vital(engine, now)
    age_s = now.since(heard) if heard is not None else 0.0
    return DeviceChip(key, label, f"{age_s:.0f} s", True)


def _last_vital(engine: Engine, now: Instant) -> Instant | None:
    shown = [engine.vitals.shown(vital, now) for vital in VITALS]
    times = [one.at for one in shown if one.at is not None and not one.by_hand]
    return max(times, key=lambda at: at.steady, default=None)


def strip(engine: Engine, now: Instant) -> Iterator[StripValue]:
    """The vital signs in small, for screens without tiles."""
    for vital, label in (TILES[0], TILES[1], (Vital.NIBP_SYS, "NIBP"), TILES[2], TILES[3]):
        shown = engine.vitals.shown(vital, now)
        spec = VITALS[vital]
        text = spec.text(shown.value) if shown.value is not None else "--"
        if vital is Vital.NIBP_SYS:
            dia = engine.vitals.shown(Vital.NIBP_DIA, now)
            text = f"{text}/{dia.value:.0f}" if shown.value is not None and dia.value is not None else "--"
            label = (
                f"NIBP {clock(engine, shown.at)[:5]}"
                if shown.at is not None and shown.value is not None
                else label
            )
        yield StripValue(label, text, spec.colour, stale=shown.state != "live")


# ---------------------------------------------------------------- scores, events, due


def score_tiles(engine: Engine, session: Session, now: Instant) -> Iterator[ScoreTile]:
    """The usual scores with their last value."""
    for score in engine.catalog.usual_scores():
        taken = [e for e in session.standing(ScoreTaken) if _is_score(e.body, score.id)]
        last = taken[-1] if taken else None
        total = last.body.total if last is not None and isinstance(last.body, ScoreTaken) else None
        out_of = f"/{score.total_range[1]}" if score.total_range is not None else ""
        yield ScoreTile(
            score.id,
            score.short,
            "--" if total is None else str(total),
            out_of,
            "" if last is None else clock(engine, last.at)[:5],
            due=_score_due_s(engine, session, score.id, now) is not None
            and (_score_due_s(engine, session, score.id, now) or 0.0) <= 0,
        )


def _is_score(body: object, score: str) -> bool:
    return isinstance(body, ScoreTaken) and body.score == score


def _score_due_s(engine: Engine, session: Session, score: str, now: Instant) -> float | None:
    row = engine.catalog.scores[score]
    if row.due_every_min is None or session.phase not in ("infusing", "paused", "recovery"):
        return None
    started = session.infusion.started
    taken = [e for e in session.standing(ScoreTaken) if _is_score(e.body, score)]
    if taken and started is not None and taken[-1].at.steady >= started.steady:
        return row.due_every_min * 60 - now.since(taken[-1].at)
    first = row.due_first_min if row.due_first_min is not None else row.due_every_min
    return first * 60 - now.since(started) if started is not None else None


def due(engine: Engine, session: Session, now: Instant) -> list[tuple[str, bool]]:
    """(words, due now) of what comes next, the most pressing first."""
    found: list[tuple[float, str]] = []
    for score in engine.catalog.usual_scores():
        left_s = _score_due_s(engine, session, score.id, now)
        if left_s is not None:
            found.append((left_s, score.short))
    left_s = pressure_due_s(engine, now)
    if left_s is not None:
        found.append((left_s, "NIBP"))
    if session.phase == "infusing" and session.plan_over(now):
        found.append((0.0, "End"))
    found += [(left_s, label) for left_s, label in bedside_due(engine, session, now)]
    words = []
    for left, label in sorted(found):
        text = (
            f"{label} {mmss(left)}"
            if left > 0
            else f"{label} now"
            if left > -60
            else f"{label} {hours(60 * (-left // 60))} late"
        )
        words.append((text, left <= 0))
    return words


def _bar(engine: Engine, session: Session) -> tuple[EventButton, ...]:
    """The bar of this phase."""
    if session.phase == "recovery":
        return recovery_buttons(engine, session)
    return event_buttons(engine, session)


def event_buttons(engine: Engine, session: Session) -> tuple[EventButton, ...]:
    """The bar below: usual effects, usual rescue drugs, scores, note, undo."""
    catalog = engine.catalog
    allergies = session.patient.allergies if session.patient is not None else ()
    protocol = session.order.protocol_id if session.order is not None else ""
    usual = catalog.usual_effects(protocol)
    buttons = [EventButton(f"effect.{e.id}", e.short, e.icon, "effect") for e in usual]
    buttons.append(EventButton("effects.more", "More", "more", "more"))
    for drug in catalog.usual_drugs():
        barred = "allergy" if catalog.allergy_against(drug.id, allergies) else ""
        buttons.append(EventButton(f"drug.{drug.id}", drug.name, drug.icon, "drug", drug.label_class, barred))
    buttons.append(EventButton("drugs.more", "More", "more", "more"))
    for score in catalog.usual_scores():
        is_due = (left := _score_due_s(engine, session, score.id, engine.now)) is not None and left <= 0
        buttons.append(EventButton(f"score.{score.id}", score.short, score.icon, "score", due=is_due))
    buttons.append(EventButton("note", "Note", "note", "note"))
    buttons.append(EventButton("undo", "Undo", "undo", "undo"))
    return tuple(buttons)


# ---------------------------------------------------------------- saved


def saved_line(engine: Engine, words: str) -> SavedLine:
    """What was written last, in these words, and whether it is on disk."""
    right = _right_line(engine)
    if (unsaved := not_saved(engine)) is not None:
        since, why = unsaved
        first = why.split(". ")[0].removesuffix(".")
        return SavedLine("failed", f"Not saved since {clock(engine, since)}: {first}.", right)
    entry = engine.last_said
    if entry is None or engine.session is None:
        return SavedLine("none", "", right)
    at = clock(engine, entry.at)[:5]
    if entry.uuid in engine.refused:
        return SavedLine("failed", f"Not saved: {words} {at}. The record refused it: enter it again.", right)
    state: Literal["saving", "saved"] = "saving" if entry.uuid in engine.unsaved else "saved"
    return SavedLine(state, f"{words} {'saved ' if state == 'saved' else ''}{at}", right)


def _right_line(engine: Engine) -> str:
    session = engine.session
    if engine.board.rows or any(_unheard(engine)):
        # The calm bar says it otherwise.
        return SECOND_DISPLAY
    if session is None:
        return ""
    if session.finished:
        finished = session.standing(SessionFinished)
        return f"Finished {clock(engine, finished[-1].at)[:5]}" if finished else ""
    order = session.rate_order
    if order is not None and session.phase in ("infusing", "paused"):
        return f"Rate ordered {order.body.rate_ml_h:g} mL/h {clock(engine, order.at)[:5]}"
    if session.phase == "recovery":
        return given_line(engine, session)
    return ""


def undo(engine: Engine, session: Session, now: Instant) -> UndoFrame | None:
    """The newest thing that can still be taken back."""
    window_s = engine.catalog.windows.undo_s
    for entry in reversed(session.entries):
        left_s = window_s - (now.steady - told_at(entry))
        if left_s <= 0:
            return None
        if isinstance(entry.body, UNDOABLE) and entry.uuid not in session.retracted:
            return UndoFrame(entry.uuid, said_text(engine, entry), int(left_s) + 1)
    return None
