"""The window: header and alarm bar on top of every screen, the screen of the session's phase below, sheets over it.

Names of targets (objectName), as a rehearsal presses them; each is unique among what a finger can reach:

- Top: "acknowledge", "audio_pause", "dim", "lock", "unlock", "demo_pump".
- Unlock screen and lock sheet: "staff.<id>", "pin.<digit>", "pin.erase", "enter".
- Without a PIN ("no_pin" on the unlock screen and lock sheet): "reason.<n>", "nopin.<id>", "nopin.other", "with_pin".
- Audit ("audit" on Today): "sort.<all|looks|copies|entry|settings>", "person", "earlier", "later", "back_to_today".
  Tables ("tables" on Today): "sign_tables", then "signer.<id>", "pin.<digit>", "sign_tables_now", "back_to_tables".
- First run: "field.<clinic|monitor|pump>", "add_person", "person.<n>", "finish_first_run".
- Today: "resume", "new_patient", "session.<n>", "earlier", "later".
- Patient: "field.<mrn|name|birth_date|sex|weight_kg|height_cm|allergies>", "save_patient", "back_to_today".
- Order: "row.<protocol|weight|recovery|syringe|rate|minutes|max_rate|session_limit>", "sign_order", then
  "signer.<id>", "pin.<digit>", "sign_now"; "back_to_check_in", "back_to_order".
- Check-in: "check.<line>", "to_order", "back_to_today", "finish"; in a line "pick.<field>.<option>", "ask.<field>",
  "check_save", "check_alone", "check_accept", "check_skip", "check_back", "to_patient"; baseline "rest.<vital>",
  "base_score.<score>", "take_set"; a second person "witness.<staff id>", "pin.<digit>", "witness_sign", "witness_back".
- Editor of these screens: "choice.<key>", "choice.more", "choice.other", "choice.none-known", "editor.done",
  "editor.back", "key.<digit>", "key..", "key.erase", "set", "letter.<letter>", "pin.<digit>", "pin_set",
  "keyboard.<shift|layer|space|erase|done>".
- Chair: "start", "pause", "resume", "end", "change_rate", "order", "finish", "effect.<id>", "effects.more",
  "drug.<id>", "drugs.more", "score.<id>", "note", "undo".
- Every sheet: "close" ("done" on the effects), a question's "yes" and "no", a refusal's "ok", "back.<min>".
- Effects: "effect.<id>.<grade>", then "drug.<id>" with the dose it names, "more_effects", "gone", "gone.<id>", "undo".
  Scores: "score.<number>".
- Drug: "dose.<dose>", "dose.other" with "key.*" and "set", "why.<n>", "why.other", "second.<staff id>", "give".
  Drug list: "drug.<id>", "more_drugs", "open.oxygen", "open.vital".
- Note: "phrase.<n>", "more_phrases", "note.write", "keyboard.done", "open.vital", "open.oxygen", "open.limits".
  Limits: "limit_vital.<id>", "limit.<key>", "key.*", "set", "limit_reason.<n>", "limits_save", "limits_table".
  Vital sign: "vital.<id>", "key.*", "set". Oxygen: "oxygen.<flow>", "oxygen.off", "oxygen.other".
- Lines: "line.<n>" (0 is the newest), "earlier", "later", "undo", "reason.<n>", "keyboard.done".
- Rate: "key.*", "reason.<slug>", "sign", "why.<n>", "signer.<id>", "pin.<digit>", "sign_now".
- Pump act: "confirm_by_hand". Syringe: "syringe.<same|new>", "container.<mL>", "concentration.<mg/mL>",
  "confirm_syringe". Pump after a gap: "pump.<running|held>", "key.*", "set", "no_volume". Finish: "finish_now".
- While something is not saved: "paper_list", then "print_list", "earlier", "later".
- Every screen: "emergency", then "stamp.<id>", "drug.<id>", "open.oxygen", "drugs.more".
- Drugs accounted ("account" in recovery and on the summary, "open.account" in the drug list): those of a draw, and
  "account.<draw|waste|return|explain>", "all_that_is_left", "witness.<staff id>", "witness_now", "back_to_account",
  "back_to_chair". Order in steps: "row.steps", "step.<n>", "step.add", "ramp.add", "step.remove".
- Key ("field.key" on set-up): "seal_key", then "show_passphrase", "letter.*", "keyboard.*", "pin.*", "pin_set";
  "back_to_key", "back_to_set_up".
- Record ("to_record" on the check-in, "open.record" on the note, "record" on the summary): "record.<line>",
  "field.<id>", "more_fields", "back_from_record"; a line as in the check-in; "choice.<reason>", "choice.go-there".
- IV site: "open.iv" on the note, then "iv.<n>". A step without a pump: "confirm_rate".
- Recovery, in place of the trends: "criteria", "discharge" or "finish"; on the bar "score.<id>", "check.<id>".
  Lines: "criterion.<id>", "more_lines". Check: "answer.<n>", "answer.write", "not.<n>", "print_leaflet",
  "save_leaflet". Physician's word: "reason.<n>", "reason.write", "signer.<id>", "pin.<digit>", "accept_now".
  Discharge: "how.<home|transferred|against-advice>", "departure.<n>", "companion.<escort|write>", "reason.<n>",
  "sign_discharge", "signer.<id>", "pin.<digit>", "sign_now".
- Forms: "item.<item>.<points>", "turn_items", "save". Note: "open.<scores|people>", then
  "form.<score>", "open.<hand_over|supervisor>", "taker.<id>" with "pin.<digit>" and "take_over", "supervisor.<id>".
- Review: "filter.<group>", "event.<n>", "lines_up", "lines_down", "whole", "closer", "further", "time_earlier",
  "time_later", "amend", "add_late", "to_summary", "leave_review", then "choice.<key>", "signer.<id>", "sign_now",
  "sign_back".
  To it: "session.<n>" of a done session, "review" on the summary and among the lines ("sessions" leads to the list).
- Next visit: "next_visit" on the summary and the instructions, "next_visit.set" on the bar of recovery; then
  "visit.<days|own|none>", "visit_back" from the keypad.
  Today: "visit.<n>" of who is expected.
- Demo pump: "bench.<digit>", "bench.erase", "bench.set_rate", "bench.<start|hold|confirm_syringe|clear_volume|
  new_syringe|occlude|clear_occlusion>", "bench.close".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import cached_property
from typing import Final, TypeVar

import msgspec
from PySide6.QtCore import QElapsedTimer, QRect, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.catalog import Catalog
from app.frames import Snapshot
from app.messages import (
    Acknowledge,
    AskPump,
    LeaveSession,
    ListSessions,
    Lock,
    PauseAudio,
    ResumeAudio,
    ReviewSession,
)
from app.ports import BenchPump, Clock, Devices, Post
from app.printed import Summary
from app.review_frames import ReviewFrame
from ui.bench import WIDTH_MM, BenchPanel
from ui.crash import report_crash
from ui.printing import Printing
from ui.screens.audit import AuditScreen
from ui.screens.chair import SMALLEST_MM, ChairScreen
from ui.screens.check_in import CheckInScreen
from ui.screens.drugs import DrugsScreen
from ui.screens.first_run import FirstRunScreen
from ui.screens.key import KeyScreen
from ui.screens.order import OrderScreen
from ui.screens.patient import PatientScreen
from ui.screens.record import RecordScreen
from ui.screens.review import ReviewScreen
from ui.screens.set_up import SetUpScreen
from ui.screens.summary import SummaryScreen
from ui.screens.tables import TablesScreen
from ui.screens.today import TodayScreen
from ui.screens.unlock import UnlockScreen
from ui.sheets.base import PAD_MM, Desk, Page, Sheet
from ui.sheets.drug import DrugGivenSheet, DrugList
from ui.sheets.effects import EffectSheet
from ui.sheets.emergency import EmergencySheet
from ui.sheets.iv import IvSheet
from ui.sheets.limits import LimitsSheet
from ui.sheets.log import LogSheet
from ui.sheets.note import NoteSheet
from ui.sheets.people import HandOverSheet, PeopleSheet, SupervisorSheet
from ui.sheets.pump import FinishSheet, PumpActSheet, PumpStateSheet, SyringeSheet
from ui.sheets.rate import RateSheet
from ui.sheets.recovery import AcceptSheet, CheckSheet, CriteriaSheet, DischargeSheet, InstructionsSheet
from ui.sheets.scores import ScoreList, score_sheet
from ui.sheets.sign import LockSheet
from ui.sheets.step import StepSheet
from ui.sheets.unsaved import UnsavedSheet
from ui.sheets.visit import VisitSheet
from ui.sheets.vital import OxygenSheet, VitalSheet
from ui.theme import DARK, DIM, EDGE, GAP, REGION_GAP, Look
from ui.typing import PhysicalKeys
from ui.widgets.covers import NotUpdating, TooSmall
from ui.widgets.kept import hold_one_screen
from ui.widgets.target import Role, Target
from ui.widgets.tile import phase_at
from ui.widgets.top import Top

Kind = TypeVar("Kind", bound=Page)
CHAIR_PHASES: Final = frozenset({"ready", "infusing", "paused", "recovery"})
ASKED_AGAIN_S: Final = 30.0
"""How long a question of the engine stays away after it was closed unanswered."""
BLINK_TICK_MS: Final = 50
PUMP_ACTS: Final = frozenset({"start", "pause", "resume", "end"})
LOCAL: Final = (
    "patient", "check-in", "order", "today", "account", "record", "set-up", "key", "audit", "tables",
)  # fmt: skip
"""Screens that are reached by touch and not by the session's phase."""

NARROW_SHEETS: Final = (PumpActSheet, SyringeSheet)
"""Sheets that stand beside the demonstration's pump instead of under it."""


class Ground(QWidget):
    """Paints the ground of the theme of now; a style sheet for the whole application would take frames to switch."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Holds others."""
        super().__init__(parent)
        self.look = look
        look.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        painter.end()


class ChairsideWindow(QWidget):
    """The one window. It shows snapshots and posts what was touched; it decides nothing."""

    noticed = Signal(str)
    shown = Signal()
    """A snapshot was shown to its end."""

    def __init__(
        self,
        look: Look,
        catalog: Catalog,
        clock: Clock,
        post: Post,
        devices: Devices | None = None,
        bench: BenchPump | None = None,
        printing: Printing | None = None,
        *,
        zone: tzinfo | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Empty until the first snapshot. The title names no patient."""
        super().__init__(parent)
        self.setWindowTitle("Chairside")
        self.setObjectName("chairside")
        self.look = look
        self.desk = Desk(look, catalog, clock, post, devices, zone)
        self.snapshot: Snapshot | None = None
        self.sheet: Sheet | None = None
        self.local = ""
        self._sheet_name = ""
        self._phase = self._session = self._reviewed = ""
        self._notice = ""
        self._asked_s = float("-inf")
        self._summary: object | None = None
        self.stage = Ground(look, self)
        self.top = Top(look, self)
        self.top.touched.connect(self._touched)
        self.printing = printing
        self._add_screens(printing)
        self._add_bench(bench)
        self.under = Ground(look, self.stage)
        self.under.hide()
        self.below = Ground(look, self.stage)
        self.below.hide()
        self.not_updating = NotUpdating(look, self)
        self.too_small = TooSmall(look, self)
        self._blink_since = QElapsedTimer()
        self._blink_since.start()
        self._blink = QTimer(self, interval=BLINK_TICK_MS)
        self._blink.timeout.connect(lambda: self.top.show_phase(phase_at(self._blink_since.elapsed())))
        self.noticed.connect(self._show_notice)
        self.physical_keys = PhysicalKeys(self)
        look.changed.connect(self.update)

    def _add_screens(self, printing: Printing | None) -> None:
        self.chair = ChairScreen(self.look, self.top, self.stage)
        self.chair.touched.connect(self._touched)
        self.chair.barred_touched.connect(self._barred)
        self.unlock = UnlockScreen(self.desk, self.stage)
        self.today = TodayScreen(self.desk, self.stage)
        self.patient = PatientScreen(self.desk, self.stage)
        self.check_in = CheckInScreen(self.desk, self.stage)
        self.order = OrderScreen(self.desk, self.stage)
        self.pages: list[Page] = [self.unlock, self.today, self.patient, self.check_in, self.order]
        self.summary: SummaryScreen | None = None
        if printing is not None:
            self.summary = SummaryScreen(self.desk, printing, self.stage)
            self.summary.closed.connect(self._leave_session)
            self.pages.append(self.summary)
        for page in self.pages:
            self._join(page)
        self.chair.hide()
        self.screen_shown: QWidget | None = None

    def _join(self, page: Kind) -> Kind:
        page.wants.connect(self._go)
        page.hide()
        return page

    def _later(self, kind: Callable[[Desk, QWidget], Kind]) -> Kind:
        """A screen that no start needs: made when it is asked for."""
        page = self._join(kind(self.desk, self.stage))
        self.pages.append(page)
        return page

    @cached_property
    def first_run(self) -> FirstRunScreen:
        """The first start's questions."""
        return self._later(FirstRunScreen)

    @cached_property
    def account(self) -> DrugsScreen:
        """Drugs accounted."""
        return self._later(DrugsScreen)

    @cached_property
    def set_up(self) -> SetUpScreen:
        """Devices, staff and PINs."""
        return self._later(SetUpScreen)

    @cached_property
    def key(self) -> KeyScreen:
        """How the record's key is kept."""
        return self._later(KeyScreen)

    @cached_property
    def record(self) -> RecordScreen:
        """The record's own lines and fields."""
        return self._later(RecordScreen)

    @cached_property
    def review(self) -> ReviewScreen:
        """A session that is looked at."""
        return self._later(ReviewScreen)

    @cached_property
    def audit(self) -> AuditScreen:
        """The audit trail."""
        return self._later(AuditScreen)

    @cached_property
    def tables(self) -> TablesScreen:
        """The clinical tables and who signed them."""
        return self._later(TablesScreen)

    def _add_bench(self, bench: BenchPump | None) -> None:
        self.bench: BenchPanel | None = None
        if bench is None:
            return
        self.bench = BenchPanel(self.desk, bench, self.stage)
        self.bench.hide()
        self.bench.closed.connect(self._toggle_bench)
        target = Target(self.look, "demo_pump", "Demo\npump", role=Role.CRITICAL, alternatives=("Pump",))
        target.touched.connect(self._touched)
        self.top.add_target(target)
        self.top.show_extra(False)

    # ------------------------------------------------------------------ snapshots

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows everything that is new. A sheet or a screen aside that fails is left: the chair goes on."""
        try:
            self._show_all(snapshot)
        except Exception:
            if self.sheet is None and not self.local:
                raise
            report_crash()
            self.local = ""
            self._close_sheet()
            self._show_all(snapshot)
        self.shown.emit()

    def _show_all(self, snapshot: Snapshot) -> None:
        if self._notice:
            # The notice has the place of the calm words, which stay in sight in the last line.
            saved = msgspec.structs.replace(snapshot.saved, right=snapshot.alarms.calm_detail)
            snapshot = msgspec.structs.replace(snapshot, saved=saved)
        self.snapshot = snapshot
        self._show_top(snapshot)
        self._choose_screen(snapshot)
        self._show_screen(snapshot)
        self._show_sheet(snapshot)
        self.top.show_paper(snapshot.unsaved is not None and not snapshot.locked)
        if self.bench is not None:
            self.top.show_extra(self._on_chair())
            if self.bench.isVisibleTo(self):
                self.bench.show_snapshot(snapshot)
                self._lay_out_sheet()
        self._lay_out_under()

    def _show_top(self, snapshot: Snapshot) -> None:
        alarms = snapshot.alarms
        if self._on_chair(snapshot):
            alarms = msgspec.structs.replace(alarms, strip=())
        elif alarms.strip:
            alarms = msgspec.structs.replace(
                alarms, devices=tuple(one for one in alarms.devices if not one.ok)[:1]
            )
        if self._notice:
            alarms = msgspec.structs.replace(alarms, notices=(*alarms.notices, self._notice))
        height = self.top.height()
        can_lock = bool(snapshot.who) or (snapshot.locked and self._on_chair(snapshot))
        header = snapshot.header
        if self.local == "order" and snapshot.phase == "check-in":
            header = msgspec.structs.replace(header, phase="Order")
        self.top.show_top(header, alarms, locked=snapshot.locked, can_lock=can_lock)
        if self.top.height() != height:
            self._lay_out()
        blinks = self.top.blinks()
        if blinks != self._blink.isActive():
            self._blink.start() if blinks else self._blink.stop()
            self.top.show_phase(phase_at(self._blink_since.elapsed()))

    def _on_chair(self, snapshot: Snapshot | None = None) -> bool:
        shot = snapshot or self.snapshot
        return shot is not None and shot.phase in CHAIR_PHASES and not self.local and shot.review is None

    def _choose_screen(self, snapshot: Snapshot) -> None:
        another = snapshot.session != self._session
        reviewed = snapshot.review.session if isinstance(snapshot.review, ReviewFrame) else ""
        if snapshot.phase != self._phase or reviewed != self._reviewed or another:
            self._phase, self._session, self._reviewed = snapshot.phase, snapshot.session, reviewed
            self.local = ""
            self._close_sheet()
        screen = self._screen_of(snapshot)
        if screen is self.screen_shown and not another:
            return
        before, self.screen_shown = self.screen_shown, screen
        if before is not None and before is not screen:
            before.hide()
            if isinstance(before, Page):
                before.forget_touches()
        screen.show()
        screen.lower()
        self._close_bench()
        self._lay_out()
        # Last: a screen that fails here must not leave the one before it in sight.
        if isinstance(screen, Page):
            screen.begin(snapshot)

    def _screen_of(self, snapshot: Snapshot) -> QWidget:
        if self.local in LOCAL:
            return self._local(self.local)
        if snapshot.review is not None and snapshot.phase not in ("first-run", "locked-out"):
            return self.review
        match snapshot.phase:
            case "first-run":
                return self.first_run
            case "locked-out":
                return self.unlock
            case "today" | "patient" | "check-in":
                return self._local(snapshot.phase)
            case "finished" if self.summary is not None:
                return self.summary
            case _:
                return self.chair

    def _local(self, name: str) -> Page:
        """A screen of LOCAL by its name."""
        page: Page = getattr(self, name.replace("-", "_"))
        return page

    def _show_screen(self, snapshot: Snapshot) -> None:
        screen = self.screen_shown
        if isinstance(screen, SummaryScreen) and snapshot.summary is not self._summary:
            self._summary = snapshot.summary
            screen.set_summary(snapshot.summary if isinstance(snapshot.summary, Summary) else None)
        if isinstance(screen, (Page, ChairScreen)):
            screen.show_snapshot(snapshot)

    def _show_sheet(self, snapshot: Snapshot) -> None:
        self._keep_locked(snapshot)
        self._ask_by_itself(snapshot)
        sheet = self.sheet
        if sheet is not None:
            sheet.show_snapshot(snapshot)
            self._time_out(sheet)

    def _time_out(self, sheet: Sheet) -> None:
        """A number that nobody goes on typing is not applied."""
        timeout_s = self.desk.catalog.number_entry.timeout_s
        if sheet.times_out and self.desk.clock().steady - sheet.stirred_s > timeout_s and sheet is self.sheet:
            self._close_sheet()

    def _keep_locked(self, snapshot: Snapshot) -> None:
        """While entry is locked only the PIN can be asked for; screens without tiles ask at once."""
        if self._sheet_name.startswith("emergency"):
            return
        if not snapshot.locked:
            if self._sheet_name == "lock":
                self._close_sheet()
        elif not self._on_chair(snapshot):
            if (
                not isinstance(self.screen_shown, UnlockScreen | FirstRunScreen)
                and self._sheet_name != "lock"
            ):
                self.open_sheet("lock")
        elif self._sheet_name not in ("", "lock"):
            self._close_sheet()

    def _ask_by_itself(self, snapshot: Snapshot) -> None:
        """What the pump has to do, and what the engine asks, comes up by itself where no other sheet is open."""
        if self.sheet is not None or not self._on_chair(snapshot) or snapshot.locked:
            return
        if snapshot.pump_sheet is not None:
            self.open_sheet("pump")
        elif snapshot.question is not None and snapshot.steady - self._asked_s > ASKED_AGAIN_S:
            self.open_sheet(f"question.{snapshot.question.key}")

    # ------------------------------------------------------------------ sheets

    def open_sheet(self, name: str) -> None:
        """Opens a sheet by its name over the chair, or over the whole screen where there are no tiles."""
        self._close_sheet()
        sheet = self._made_sheet(name)
        if sheet is None:
            return
        self.sheet, self._sheet_name = sheet, name
        sheet.setObjectName(f"sheet.{name}")
        sheet.closed.connect(self._sheet_closed)
        sheet.wants.connect(self._go)
        if self._on_chair():
            for target in sheet.under():
                target.setParent(self.under)
        else:
            sheet.close_inside()
        self._lay_out_sheet()
        sheet.show()
        if self.snapshot is not None:
            sheet.show_snapshot(self.snapshot)
        self._lay_out_under()
        if self.bench is not None and self.bench.isVisibleTo(self):
            self.bench.raise_()

    def _made_sheet(self, name: str) -> Sheet | None:
        kind, _dot, key = name.partition(".")
        question = self.snapshot.question if self.snapshot is not None else None
        match kind:
            case "effect":
                return EffectSheet(self.desk, key, self.stage)
            case "effects":
                return EffectSheet(self.desk, parent=self.stage)
            case "more":
                return self._made_sheet(key)
            case "drug":
                drug, _dot, dose = key.partition(".")
                return DrugGivenSheet(self.desk, drug, self.stage, dose=float(dose) if dose else None)
            case "score":
                return score_sheet(self.desk, key, self.stage)
            case "check" if key == "instructions":
                return InstructionsSheet(self.desk, self.printing, self.stage)
            case "check":
                return CheckSheet(self.desk, key, self.stage)
            case "accept":
                return AcceptSheet(self.desk, key, self.stage)
            case "paper_list":
                return UnsavedSheet(self.desk, self.printing, self.stage)
            case "emergency":
                return EmergencySheet(self.desk, self.stage, key or "touched")
            case "question" if question is not None and question.key == "syringe":
                return SyringeSheet(self.desk, question, self.stage)
            case "question" if question is not None and question.key == "rate":
                return StepSheet(self.desk, question, self.stage)
            case "question" if question is not None:
                return PumpStateSheet(self.desk, question, self.stage)
            case _:
                made = SHEETS.get(kind)
                return made(self.desk, self.stage) if made is not None else None

    def _sheet_closed(self) -> None:
        if self._sheet_name.startswith("question") and self.snapshot is not None:
            self._asked_s = self.snapshot.steady
        self._close_sheet()

    def _close_sheet(self) -> None:
        sheet, self.sheet, self._sheet_name = self.sheet, None, ""
        self.under.hide()
        self.below.hide()
        if sheet is None:
            return
        for target in (sheet, *sheet.under()):
            target.hide()
            target.setParent(None)
            target.deleteLater()

    # ------------------------------------------------------------------ touches

    def _touched(self, name: str) -> None:
        match name:
            case "dim":
                self.look.set_theme(DARK if self.look.theme is DIM else DIM)
            case "lock":
                self.desk.tap(Lock())
            case "unlock":
                self._toggle("lock")
            case "acknowledge":
                self._acknowledge()
            case "audio_pause":
                self._touched_audio()
            case "demo_pump":
                self._toggle_bench()
            case "order" | "account":
                self._go(name)
            case "check_in":
                self._go("check-in")
            case "emergency" if self._sheet_name.startswith("emergency"):
                self._close_sheet()
            case "change_rate":
                self.open_sheet("rate")
            case "undo":
                self.open_sheet("log")
            case _ if name in PUMP_ACTS:
                self.open_sheet("pump")
                if self.sheet is not None:
                    self.sheet.send(AskPump(name))
            case _:
                self.open_sheet(name)

    def _touched_audio(self) -> None:
        """A pause begins or ends; while entry is locked the PIN is asked for first."""
        shot = self.snapshot
        if shot is None or shot.alarms.sound is None:
            return
        if shot.locked:
            self.open_sheet("lock")
        else:
            act = ResumeAudio() if shot.alarms.sound.state == "paused" else PauseAudio()
            self.desk.tap(act, session=shot.session)

    def _acknowledge(self) -> None:
        """What stands on the screen was seen: no alarm that rose since, and none of another patient."""
        shot = self.snapshot
        seen = tuple(row.key for row in shot.alarms.rows if not row.acknowledged) if shot is not None else ()
        if shot is not None and seen:
            self.desk.tap(Acknowledge(seen), session=shot.session)

    def _toggle(self, name: str) -> None:
        if self._sheet_name == name:
            self._close_sheet()
        else:
            self.open_sheet(name)

    def _barred(self, name: str, reason: str) -> None:
        """A locked target asks for the PIN; a barred drug or discharge opens its sheet, which says why."""
        if self.snapshot is not None and self.snapshot.locked:
            self.open_sheet("lock")
        elif name.startswith("drug.") or name == "discharge":
            self.open_sheet(name)
        elif name == "start":
            self._go("check-in")

    def _go(self, where: str) -> None:
        """To a screen of LOCAL, "" for the phase's own, or to a sheet.

        "patient.<MRN>" is the patient screen with who is expected, "review.<session>" that record, "sessions" the
        list beside a session that goes on.
        """
        kind, _dot, key = where.partition(".")
        if kind == "patient" and key:
            self._go_screen("patient")
            self.patient.find_patient(key)
        elif kind == "review":
            self.desk.tap(ReviewSession(key))
        elif where == "sessions":
            self.desk.tap(ListSessions())
            self.local = "today"
            self._close_sheet()
            if self.snapshot is not None:
                self.show_snapshot(self.snapshot)
        elif where in (*LOCAL, ""):
            self._go_screen(where)
        else:
            self.open_sheet(where)

    def _go_screen(self, where: str) -> None:
        phase = self.snapshot.phase if self.snapshot is not None else ""
        if where == "today" and phase not in ("today", "first-run", "locked-out"):
            self._leave_session()
            return
        self.local = "" if where == phase else where
        self._close_sheet()
        if self.snapshot is not None:
            self.show_snapshot(self.snapshot)

    def _leave_session(self) -> None:
        self.local = ""
        self.desk.tap(LeaveSession())

    def _toggle_bench(self) -> None:
        if self.bench is None:
            return
        self.bench.setVisible(not self.bench.isVisibleTo(self))
        self._lay_out_sheet()
        if self.bench.isVisibleTo(self) and self.snapshot is not None:
            self.bench.raise_()
            self.bench.show_snapshot(self.snapshot)

    def _close_bench(self) -> None:
        if self.bench is not None and not self._on_chair():
            self.bench.hide()

    # ------------------------------------------------------------------ covers and notices

    def show_not_updating(self, silent: bool) -> None:
        """Covers all but the header when nothing new comes."""
        if silent:
            since = self.snapshot.now.astimezone(self.desk.zone) if self.snapshot is not None else None
            self.not_updating.say_since(f"{since:%H:%M:%S}" if since is not None else "the start")
        else:
            self.not_updating.hide()

    def say_notice(self, text: str) -> None:
        """Shows a notice in the calm bar from now on; may be called from any thread."""
        self.noticed.emit(text)

    def _show_notice(self, text: str) -> None:
        self._notice = text
        if self.snapshot is not None:
            self._show_top(self.snapshot)

    # ------------------------------------------------------------------ places

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Places everything again, or says that there is no room."""
        hold_one_screen(self.size())
        self._lay_out()
        metrics = self.look.metrics
        wide, tall = metrics.in_mm(self.width()), metrics.in_mm(self.height())
        if wide < SMALLEST_MM[0] or tall < SMALLEST_MM[1]:
            self.too_small.setGeometry(self.rect())
            self.too_small.say_size(wide, tall, SMALLEST_MM)
        else:
            self.too_small.hide()

    def too_small_words(self) -> str:
        """How large the window is, where that is too small; "" where it is large enough."""
        metrics = self.look.metrics
        wide, tall = metrics.in_mm(self.width()), metrics.in_mm(self.height())
        return f"{wide:.0f} x {tall:.0f} mm" if wide < SMALLEST_MM[0] or tall < SMALLEST_MM[1] else ""

    def _lay_out(self) -> None:
        self.top.setGeometry(0, 0, self.width(), self.top.height())
        top = self.top.height() + self.look.mm(REGION_GAP) - 2
        self.stage.setGeometry(0, top, self.width(), self.height() - top)
        if self.screen_shown is not None:
            self.screen_shown.setGeometry(self.stage.rect())
        header = self.top.header.height()
        self.not_updating.setGeometry(0, header, self.width(), self.height() - header)
        self._lay_out_sheet()

    def _sheet_rect(self) -> QRect:
        if self._on_chair():
            return self.chair.body.sheet_rect()
        side = self.look.mm(REGION_GAP)
        return self.stage.rect().adjusted(side, 0, -side, self.look.mm(PAD_MM) - self.look.mm(EDGE))

    def _lay_out_sheet(self) -> None:
        rect = self._sheet_rect()
        if self.bench is not None:
            wide = self.look.mm(WIDTH_MM)
            beside = QRect(rect.right() + 1 - wide, rect.top(), wide, rect.height())
            self.bench.setGeometry(beside)
            narrow = isinstance(self.sheet, NARROW_SHEETS) or self._is_waiting_for_pump()
            if narrow and self.bench.isVisibleTo(self):
                rect = rect.adjusted(0, 0, -wide - self.look.mm(GAP), 0)
        if self.sheet is not None:
            self.sheet.setGeometry(rect)
            self.sheet.raise_()
            if self.bench is not None and self.bench.isVisibleTo(self):
                self.bench.raise_()
        self._lay_out_under()

    def _is_waiting_for_pump(self) -> bool:
        return isinstance(self.sheet, RateSheet) and self.sheet.is_signed

    def _lay_out_under(self) -> None:
        """Close and its like: in the bottom row under the tiles; in the sheet where there are none."""
        sheet = self.sheet
        self._lay_out_below(sheet)
        if sheet is None or not self._on_chair():
            self.under.hide()
            return
        close = self.chair.body.close_rect()
        top = close.top() - self.look.mm(GAP)
        self.under.setGeometry(0, top, self.stage.width(), self.stage.height() - top)
        self.under.show()
        self.under.raise_()
        sheet.raise_()
        if self.bench is not None and not self.bench.isHidden():
            self.bench.raise_()
        shown = [target for target in sheet.under() if not target.isHidden()]
        gap, left = self.look.mm(GAP), close.left()
        spare = close.width() - gap * (len(shown) - 1) - sum(target.sizeHint().width() for target in shown)
        for target in shown:
            wide = target.sizeHint().width() + spare // max(1, len(shown))
            target.setGeometry(left, gap, wide, close.height())
            left += wide + gap

    def _lay_out_below(self, sheet: Sheet | None) -> None:
        """Without tiles the last line would show half below the sheet: half a line of words is worse than none."""
        if sheet is None or self._on_chair():
            self.below.hide()
            return
        top = sheet.geometry().bottom() + 1
        self.below.setGeometry(0, top, self.stage.width(), self.stage.height() - top)
        self.below.show()
        self.below.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look["bg"])
        painter.end()


SHEETS: Final[dict[str, type[Sheet]]] = {
    "drugs": DrugList,
    "note": NoteSheet,
    "log": LogSheet,
    "rate": RateSheet,
    "vital": VitalSheet,
    "oxygen": OxygenSheet,
    "iv": IvSheet,
    "pump": PumpActSheet,
    "finish": FinishSheet,
    "limits": LimitsSheet,
    "lock": LockSheet,
    "scores": ScoreList,
    "criteria": CriteriaSheet,
    "discharge": DischargeSheet,
    "people": PeopleSheet,
    "hand_over": HandOverSheet,
    "supervisor": SupervisorSheet,
    "next_visit": VisitSheet,
}
"""Sheets that need no more than the desk, by name."""
