"""The engine: takes every message, keeps the session, gives the newest snapshot. No thread, no clock, no Qt.

It is a plain object: a test feeds it messages and reads snapshots. What it wants written goes to the store
as requests; what became of them comes back as messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo

import msgspec

from app.acts import UNDER_WAY, perform, signer_of
from app.clinic import NO_PIN, Clinic
from app.clinical.alarms import AlarmBoard
from app.clinical.tables import Catalog
from app.clinical.vitals import NIBP, Vital
from app.conditions import alarm_bodies
from app.entries import (
    CHAIRSIDE,
    CLINIC,
    AnyBody,
    ClockJumped,
    DeviceChosen,
    Entry,
    EntryLocked,
    GlassBroken,
    LinkNoted,
    PinRefused,
    Resumed,
    Sample,
    SamplesSealed,
    SettingsChanged,
    seal,
)
from app.frames import Answer
from app.instant import Instant
from app.key_acts import sealed as key_sealed
from app.live import LiveVitals
from app.messages import (
    AuditListed,
    BackupTold,
    DisplayFound,
    KeySealed,
    LinkChanged,
    LinkState,
    PinChecked,
    PumpRead,
    RecordProbed,
    Saved,
    SessionRow,
    SessionsListed,
    SignIn,
    SleepTold,
    SoundTold,
    StorageFailed,
    Tap,
    VitalsRead,
)
from app.people_acts import tell_glass
from app.plausible import Plausible
from app.ports import Append, BenchPump, CheckPin, ListRows, Loaded, OpenRecord, SetPin, Sounder, Store
from app.pumpwatch import PumpWatch
from app.readings import Reading
from app.recovery import RecoveryWatch
from app.refusals import Refused, require_readable
from app.reviewing import Review
from app.selftesting import SelfTesting
from app.session import Session, clocks_ahead, told_at
from app.sounding import Sounding
from app.trends import Pressure, Trends
from app.unsaved import LATE_S

SAMPLE_EVERY_S = 5.0
SEAL_EVERY_S = 60.0
CLOCK_STEP_S = 2.0
"""A wall clock that moves by more than this against the steady one was set."""
SLEPT_S = 30.0
"""The engine ticks ten times a second; where it did not for so long, the machine slept."""
TOLD_AGAIN_S = 60.0
"""As long a monitor does not mark its pressure as old."""
ANSWERS_KEPT = 64


class Pending(msgspec.Struct, frozen=True):
    """A touch that waits for its PIN, and the session that it was meant for ("" when there was none)."""

    tap: Tap
    session: str


class Engine:
    """The state of the chair and how it answers to messages."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        record: OpenRecord,
        now: Instant,
        *,
        boot: str,
        new_id: Callable[[], str],
        software: str,
        demo: bool = False,
        pins_shown: dict[str, str] | None = None,
        bench: BenchPump | None = None,
        zone: tzinfo = UTC,
        connect: Callable[[str, str, str], None] | None = None,
        emergency_numbers: tuple[tuple[str, str], ...] = (),
        sounder: Sounder | None = None,
    ) -> None:
        self.catalog = catalog
        self.store = store
        self.clinic = Clinic(record.clinic)
        self.head = record.head
        self.boot = boot
        self.new_id = new_id
        self.software = software
        self.demo = demo
        self.pins_shown = pins_shown or {}
        self.bench = bench
        self.zone = zone
        self.connect = connect
        self.emergency_numbers = emergency_numbers
        self.sounder = sounder
        self.now = now
        self.who = ""
        self.locked = True
        self.glass: GlassBroken | None = None
        self.glass_at = now
        self.trail: AuditListed | None = None
        self.key = record.key
        self.key_done = ""
        self.self_test = SelfTesting(now)
        self.sounding = Sounding(catalog)
        self.last_touch = now
        self.session: Session | None = None
        self.review: Review | None = None
        self.reviews_asked: list[str] = []
        self.samples: list[Sample] = []
        self.trends = Trends(now)
        self.vitals = LiveVitals({v: row.stale_after_s for v, row in catalog.alarm_limits.items()})
        self.plausible = Plausible(catalog.alarm_limits)
        self.board = AlarmBoard(catalog)
        self.pump = PumpWatch(
            measured_readings=catalog.pump.measured_readings,
            silent_after_s=catalog.pump.silent_after_s,
            fastest_ml_h=catalog.pump.highest_ml_h,
        )
        self.recovery = RecoveryWatch()
        self.links: dict[str, LinkChanged] = {}
        self.answers: dict[str, Answer] = {}
        self.rows: tuple[SessionRow, ...] = ()
        self.failed: StorageFailed | None = None
        self.late_since: Instant | None = None
        self.refused: dict[str, Entry] = {}
        self.backup: BackupTold | None = None
        self.unsaved: dict[str, Entry] = {}
        self.last_said: Entry | None = None
        self.waits: dict[str, Instant] = {}
        self.resume = record.unfinished
        self._opened_anew = True
        self._pending: dict[str, Pending] = {}
        self._lost: dict[str, LinkChanged] = {}
        self._changed: dict[str, Instant] = {}
        self._out: list[Entry] = []
        self._out_samples: list[Sample] = []
        self._out_pins: list[SetPin] = []
        self._sampled_at: Instant | None = None
        self._sealed_at: Instant | None = None
        self._wall_offset_s = now.utc.timestamp() - now.steady
        self._ticked = now

    # ------------------------------------------------------------ messages in

    def handle(self, message: object, now: Instant) -> None:
        """One thing that happened. Where a bug stops it, nothing of it is written, and all that was before it."""
        self.now = now
        with self._whole():
            self._handle(message)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All that is decided in here, or, where a bug stops it, nothing of it and all that was before it."""
        entries, pins = len(self._out), len(self._out_pins)
        try:
            yield
        except Exception:
            del self._out[entries:], self._out_pins[pins:]
            self.flush()
            raise

    def _handle(self, message: object) -> None:
        match message:
            case VitalsRead() | PumpRead() | LinkChanged() if self._of_the_last_device(message):
                pass
            case VitalsRead():
                self._vitals(message)
            case PumpRead():
                self.pump.read(message, self.session, self.emit)
            case LinkChanged():
                self._link(message)
            case Tap():
                self._tap(message)
            case Saved():
                self._saved(message)
            case StorageFailed():
                self._storage_failed(message)
            case BackupTold():
                self.backup = message
            case PinChecked():
                self._pin(message)
            case SessionsListed():
                self.rows = message.rows
            case Loaded():
                self._loaded(message)
            case AuditListed():
                self.trail = message
            case DisplayFound():
                self.self_test.display = message
            case SleepTold():
                self.self_test.sleep = message
            case SoundTold():
                self.sounding.told = message
            case RecordProbed():
                self.self_test.probed(self, message)
            case KeySealed():
                key_sealed(self, message)
            case _:
                raise TypeError(f"no one told the engine what a {type(message).__name__} is")

    def tick(self, now: Instant) -> None:
        """Time passed: ages, alarms, samples, seals. Called every 100 ms and after messages."""
        self.now = now
        with self._whole():
            self._watch_clock(now)
            self._watch_sleep(now)
            self._watch_disk(now)
            self.pump.tick(now, self.session, self.emit)
            self._alarms(now)
            self.sounding.tick(self)
            self.recovery.tick(self, now)
            self._sample(now)
            self._auto_lock(now)
            self.self_test.tick(self, now)
        self.flush()

    def flush(self) -> None:
        """What was decided goes to the store, in one transaction."""
        if self._out or self._out_samples:
            self.store.put(Append(tuple(self._out), tuple(self._out_samples), tuple(self._out_pins)))
            self._out, self._out_samples, self._out_pins = [], [], []

    # ------------------------------------------------------------ entries out

    def emit(self, body: AnyBody) -> None:
        """What the program saw by itself, now."""
        self.write(body, self.now, CHAIRSIDE)

    def write(self, body: AnyBody, at: Instant, author: str, session: str | None = None) -> Entry:
        """One entry: into the session at once, onto the disk with the next flush."""
        target = session if session is not None else (self.session.id if self.session else CLINIC)
        entry = Entry(self.new_id(), target, at, self.now.utc, self.boot, author, body)
        if target == CLINIC:
            self.clinic.apply(entry)
        else:
            for told in self._told_of(target):
                told.apply(entry)
        self._out.append(entry)
        self.unsaved[entry.uuid] = entry
        if author != CHAIRSIDE and self.session is not None and target == self.session.id:
            self.last_said = entry
        return entry

    def set_pin(self, staff: str, pin: str) -> None:
        """Another PIN, on disk together with the entry that is written beside it."""
        self._out_pins.append(SetPin(staff, pin))

    def _told_of(self, session: str) -> list[Session]:
        """The sessions in memory that an entry of this one goes into: the chair's, and the one reviewed."""
        reviewed = self.review.session if self.review is not None else None
        return [one for one in (self.session, reviewed) if one is not None and one.id == session]

    # ------------------------------------------------------------ devices

    def _vitals(self, message: VitalsRead) -> None:
        session_second = self.trends.second(message.at)
        pressure: dict[Vital, float] = {}
        for reading in self.plausible.judged(message.at, self._not_known(message)):
            self.vitals.heard(message.at, reading)
            if reading.value is None:
                continue
            if reading.vital in NIBP:
                pressure[reading.vital] = reading.value
            else:
                self.trends.add(reading.vital, session_second, reading.value)
        self.add_pressure(session_second, pressure)

    def _not_known(self, message: VitalsRead) -> tuple[Reading, ...]:
        """The readings without a pressure that is known already.

        To a link that was opened anew a monitor tells its newest pressure again, as long as it is not a minute old.
        """
        readings = message.frame.readings
        pressures = [reading for reading in readings if reading.vital in NIBP]
        first, self._opened_anew = self._opened_anew, self._opened_anew and not pressures
        if not first or not pressures:
            return readings
        known = [self.vitals.shown(reading.vital, message.at) for reading in pressures]
        again = all(
            shown.value == reading.value and shown.age_s is not None and shown.age_s <= TOLD_AGAIN_S
            for shown, reading in zip(known, pressures, strict=True)
        )
        return tuple(reading for reading in readings if reading not in pressures) if again else readings

    def add_pressure(self, at_s: float, values: dict[Vital, float]) -> None:
        """A pressure into the trends, when both of its ends are there."""
        if Vital.NIBP_SYS in values and Vital.NIBP_DIA in values:
            mean = values.get(Vital.NIBP_MEAN)
            self.trends.add_pressure(Pressure(at_s, values[Vital.NIBP_SYS], values[Vital.NIBP_DIA], mean))

    def _link(self, message: LinkChanged) -> None:
        self.links[message.device] = message
        if message.device == "monitor" and message.state is LinkState.LIVE:
            self._opened_anew = True
        if message.device == "pump":
            self.pump.link, self.pump.why = message.state, message.why
        first = message.device not in self._lost
        lost = message.state in (LinkState.SILENT, LinkState.DOWN)
        if lost and first:
            self._lost[message.device] = message
        back = message.state is LinkState.LIVE and self._lost.pop(message.device, None) is not None
        if self.session is not None and not self.session.finished and ((lost and first) or back):
            self.emit(LinkNoted(message.device, message.state.value, message.why))

    def changed_device(self, chosen: DeviceChosen) -> None:
        """A device has another driver or port: what the old one said is no longer shown as live.

        One that was lost stays so until it is heard there: then its gap ends.
        """
        if self.connect is not None:
            self.connect(chosen.device, chosen.driver, chosen.port)
        self.links.pop(chosen.device, None)
        self._changed[chosen.device] = self.now
        if chosen.device == "monitor":
            self._forget_vitals()
        else:
            self.pump.link, self.pump.why = None, "another port was chosen"

    def _of_the_last_device(self, message: VitalsRead | PumpRead | LinkChanged) -> bool:
        """Whether it was read before another driver or port was chosen, and only waited for its turn."""
        changed = self._changed.get(message.device)
        return changed is not None and message.at.since(changed) <= 0

    def _forget_vitals(self) -> None:
        """Nothing that was heard until now is this patient's, or from this monitor."""
        self.vitals.forget()
        self.plausible.forget()

    def lost_since(self, device: str) -> Instant | None:
        """Since when nothing is heard of a device that was heard or tried; None while it is live."""
        lost = self._lost.get(device)
        return lost.at if lost is not None else None

    # ------------------------------------------------------------ the store's answers

    def _saved(self, message: Saved) -> None:
        self.head = message.head
        self.failed = None
        for uuid, number in zip(message.uuids, message.numbers, strict=True):
            entry = self.unsaved.pop(uuid, None)
            for session in self._told_of(entry.session) if entry is not None else ():
                session.numbered(uuid, number)

    def _storage_failed(self, message: StorageFailed) -> None:
        """The disk does not take it now, or the record never will: then it is no longer what waits."""
        refused = [uuid for uuid in message.refused if uuid in self.unsaved]
        self.refused |= {uuid: self.unsaved.pop(uuid) for uuid in refused}
        if not message.refused:
            self.failed = message
            if self.review is not None and self.review.session is None:
                self.review.why = message.why

    def _watch_disk(self, now: Instant) -> None:
        """A disk that hangs in a write says nothing: what waits too long is seen from here."""
        wait_s = self.store.longest_wait_s
        if wait_s < LATE_S:
            self.late_since = None
        elif self.late_since is None:
            self.late_since = now.plus(-wait_s)

    def _pin(self, message: PinChecked) -> None:
        waiting = self._pending.pop(message.tap, None)
        if message.wait_s > 0:
            self.waits[message.staff] = self.now.plus(message.wait_s)
        if not message.ok:
            self.write(PinRefused(message.staff, message.wait_s), self.now, CHAIRSIDE, CLINIC)
            self.answer(message.tap, Answer("refused", field="pin", reason=_pin_words(message)))
            return
        self.waits.pop(message.staff, None)
        if waiting is None:
            return
        if not isinstance(waiting.tap.act, SignIn) and (why := self._too_late(waiting)):
            self.answer(message.tap, Answer("refused", field="session", reason=why))
            return
        self._act(waiting.tap, message.staff)

    def _too_late(self, waiting: Pending) -> str:
        """Why a signature no longer belongs to what is on the screen; "" while it does."""
        if waiting.session != self._session_id():
            return "Another session came on the screen meanwhile. Sign again."
        return "Entry was locked meanwhile. Sign again." if self.locked else ""

    def _session_id(self) -> str:
        return self.session.id if self.session is not None else ""

    def _loaded(self, message: Loaded) -> None:
        """The session that somebody chose from the list, unless one is under way by now; or a review's."""
        if message.session in self.reviews_asked:
            self.reviews_asked.remove(message.session)
            if self.review is not None and self.review.id == message.session:
                self.review.take(message, self.boot, self.now)
            return
        if self.session is not None and (
            self.session.phase in UNDER_WAY or self.session.id == message.session
        ):
            return
        self.restart_on(message, self.now)
        tell_glass(self)

    # ------------------------------------------------------------ touches

    def _tap(self, tap: Tap) -> None:
        self.last_touch = self.now
        if tap.id in self.answers or tap.id in self._pending:
            return
        try:
            require_readable(tap.act)
            signer = signer_of(self, tap)
        except Refused as refused:
            self.answer(tap.id, Answer("refused", field=refused.field, reason=refused.reason))
            return
        if signer is None:
            self._act(tap, self.who)
            return
        staff, pin = signer
        self._pending[tap.id] = Pending(tap, self._session_id())
        self.answer(tap.id, Answer("waiting"))
        self.store.put(CheckPin(tap.id, staff, pin))

    def _act(self, tap: Tap, author: str) -> None:
        try:
            answer = perform(self, tap, author)
        except Refused as refused:
            answer = Answer("refused", field=refused.field, reason=refused.reason)
        self.answer(tap.id, answer)

    def answer(self, tap: str, answer: Answer) -> None:
        """What became of a touch; the last ones are kept for the screens."""
        self.answers.pop(tap, None)
        self.answers[tap] = answer
        while len(self.answers) > ANSWERS_KEPT:
            self.answers.pop(next(iter(self.answers)))

    # ------------------------------------------------------------ sessions

    def open_session(self, session: Session | None) -> None:
        """Another session is on the screen, or none. Nothing of the last one's vital signs stays."""
        self.flush()
        self.session = session
        self.samples = []
        self.board = AlarmBoard(self.catalog)
        self._forget_vitals()
        self.pump.forget()
        self._sampled_at = self._sealed_at = None
        self.last_said = None
        start = session.opened_at if session is not None and session.opened_at is not None else self.now
        self.trends = Trends(start)

    def restart_on(self, loaded: Loaded, now: Instant) -> None:
        """A session comes back from disk: the same patient, phase and chart, with the gap said if it goes on."""
        self.now = now
        session = Session.fold(loaded.session, loaded.entries, loaded.samples, self.boot, now)
        ahead_s = clocks_ahead(loaded.entries, loaded.samples, self.boot, now)
        samples = [(Instant(s.at, s.steady + ahead_s[s.boot]), s) for s in loaded.samples]
        self.open_session(session)
        self.samples = list(loaded.samples)
        self._draw_again(samples)
        self.head = loaded.head or self.head
        if session.finished:
            return
        self.resume = session.id
        last = max((self.session_end(session), *(at for at, _ in samples[-1:])), key=_steady)
        self.emit(Resumed(round(now.since(last), 3)))
        self._ticked = now  # that gap is told
        self.pump.came_back(session, last, now, self.emit)
        self.flush()

    def session_end(self, session: Session) -> Instant:
        """When the session's last line was written."""
        if not session.entries:
            return self.now
        last = session.entries[-1]
        return Instant(last.written, told_at(last))

    def _draw_again(self, samples: Iterable[tuple[Instant, Sample]]) -> None:
        """The chart from what is on disk."""
        pressure_before: tuple[float | None, ...] = ()
        for at, sample in samples:
            at_s = self.trends.second(at)
            for name, value in sample.vitals.items():
                if Vital(name) not in NIBP:
                    self.trends.add(Vital(name), at_s, value)
            pressure = tuple(sample.vitals.get(v.value) for v in NIBP)
            if pressure != pressure_before and pressure[0] is not None and pressure[1] is not None:
                self.trends.add_pressure(Pressure(at_s, pressure[0], pressure[1], pressure[2]))
            pressure_before = pressure
        self._remember_pressure()

    def _remember_pressure(self) -> None:
        """The last pressure keeps its number and time over a restart; it is what the interval runs from."""
        if not self.trends.pressures or self.session is None or self.session.finished:
            return
        last = self.trends.pressures[-1]
        at = self.trends.start.plus(last.at_s)
        for vital, value in zip(NIBP, (last.sys, last.dia, last.mean), strict=True):
            if value is not None:
                self.vitals.heard(at, Reading(vital, value))

    # ------------------------------------------------------------ time

    def _alarms(self, now: Instant) -> None:
        for body in alarm_bodies(self, now):
            if self.session is not None and not self.session.finished:
                self.emit(body)

    def _sample(self, now: Instant) -> None:
        session = self.session
        if session is None or session.finished or session.opened_at is None:
            return
        due = self._sampled_at is None or now.since(self._sampled_at) >= SAMPLE_EVERY_S
        said = any(entry.session == session.id for entry in self._out)
        fresh = self._sampled_at is None or now.since(self._sampled_at) > 0
        if due or (said and fresh):
            self._sampled_at = now
            self._take_sample(session, now)
        if self._sealed_at is None:
            self._sealed_at = now
        elif now.since(self._sealed_at) >= SEAL_EVERY_S:
            self.seal_samples()

    def _take_sample(self, session: Session, now: Instant) -> None:
        values: dict[str, float] = {}
        missing: dict[str, str] = {}
        for vital in self.catalog.alarm_limits:
            shown = self.vitals.shown(vital, now)
            if shown.state == "live" and shown.value is not None:
                values[vital.value] = round(shown.value, 3)
            elif shown.at is not None:
                missing[vital.value] = shown.why or "old"
        frame = self.pump.frame if self.pump.heard_now(now) else None
        session.samples += 1
        sample = Sample(
            session.id,
            session.samples,
            now.utc,
            values,
            missing,
            frame.mode.value if frame else None,
            frame.rate_ml_h if frame else None,
            frame.volume_ml if frame else None,
            now.steady,
            self.boot,
        )
        self.samples.append(sample)
        self._out_samples.append(sample)

    def seal_samples(self) -> None:
        """The chain covers the samples, too: their count and digest as an entry."""
        session = self.session
        if session is None:
            return
        unsealed = [s for s in self.samples if s.number > session.sealed]
        if unsealed:
            self.emit(SamplesSealed(unsealed[0].number, len(unsealed), seal(unsealed)))
        self._sealed_at = self.now

    def _watch_clock(self, now: Instant) -> None:
        offset_s = now.utc.timestamp() - now.steady
        moved_s = offset_s - self._wall_offset_s
        if abs(moved_s) > CLOCK_STEP_S:
            self._wall_offset_s = offset_s
            if self.session is not None and not self.session.finished:
                self.emit(ClockJumped(round(moved_s, 1)))

    def _watch_sleep(self, now: Instant) -> None:
        """Time in which nothing was seen is said, and drawn as a gap."""
        missed_s, self._ticked = now.since(self._ticked), now
        if missed_s > SLEPT_S and self.session is not None and not self.session.finished:
            self.emit(Resumed(round(missed_s, 3)))

    def _auto_lock(self, now: Instant) -> None:
        after_s = self.catalog.windows.auto_lock_min * 60
        if self.who and not self.locked and now.since(self.last_touch) > after_s:
            self.lock("nobody touched the screen")

    def lock(self, why: str) -> None:
        """Entry is locked; the view stays."""
        if not self.locked:
            self.locked = True
            if self.session is not None and self.session.phase in UNDER_WAY:
                self.review = None  # the chair stays in view while entry is locked
            self.write(EntryLocked(why), self.now, self.who or CHAIRSIDE, CLINIC)
        self.glass, self.trail = None, None
        if self.who.startswith(NO_PIN):
            self.who = ""

    def note_settings(self, settings: dict[str, str]) -> None:
        """The settings of this start; written where they are others than at the last one."""
        if settings != self.clinic.settings:
            self.write(SettingsChanged(settings), self.now, CHAIRSIDE, CLINIC)

    def list_sessions(self) -> None:
        """Ask the store for the list."""
        self.store.put(ListRows())


def _steady(at: Instant) -> float:
    return at.steady


def _pin_words(message: PinChecked) -> str:
    if message.wait_s > 0:
        return f"Too many wrong PINs. Wait {max(1, round(message.wait_s))} s."
    return f"Wrong PIN. {message.tries_left} tries left."
