"""Every screen and every sheet in its states, shown one after the other in one window of a reference panel.

What exists is walked, not listed: a screen, a sheet or a form of a sheet that no state shows is named by `unseen`.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Literal

import msgspec
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

import ui.screens
import ui.sheets
from app.bedside_frames import AccountFrame
from app.frames import (
    SECOND_DISPLAY,
    AlarmRow,
    DeviceChip,
    DoseChoice,
    DrugSheet,
    Limb,
    Question,
    SavedLine,
    Snapshot,
)
from app.key_acts import AFTER
from app.people_frames import SelfTestFrame
from app.phrases import LONGEST, MOST, Phrases, with_own
from app.printed import Summary
from app.summary import summarise
from tests.app.summary_story import clinic, usual_story
from tests.ui import frames_samples as samples
from tests.ui.screens.test_drugs_screen import OFFERS
from tests.ui.screens.test_drugs_screen import line as account_line
from tests.ui.screens.test_key_screen import FOLDER, kept
from tests.ui.screens.test_people_screens import TODAY as PEOPLE_TODAY
from tests.ui.screens.test_people_screens import tables, trail
from tests.ui.screens.test_review_screen import VISIT, review
from tests.ui.screens.test_set_up_screen import DEVICES
from tests.ui.screens.test_window import (
    RECOVERING,
    STATES,
    Open,
    both,
    filled_order,
    rate,
    sheet,
    touches,
)
from tests.ui.sheets.test_bedside_sheets import emergency
from tests.ui.sheets.test_unsaved_sheet import FAILING
from tests.ui.window_samples import BOSS, Chair, catalog, midazolam, sessions, shot
from ui.printing import Printable, PrinterRow, Printing
from ui.screens.base import Screen
from ui.screens.chair import ChairScreen
from ui.screens.check_line import LineScreen
from ui.sheets.base import Page, Sheet
from ui.theme import DARK, Theme
from ui.window import SHEETS

LONG_WORDS = "Not saved: the disk is full since 14:06:12. Free some space, or call the technician."
FAILED = SavedLine("failed", LONG_WORDS)
Moment = tuple[Snapshot | None, Open]


def nothing(_chair: Chair) -> None:
    """No touch."""


def refused(*steps: Open, reason: str) -> Open:
    """The last touch is answered with a refusal."""

    def run(chair: Chair) -> None:
        for step in steps:
            step(chair)
        chair.answer("refused", "any", reason)

    return run


def answered(*steps: Open) -> Open:
    """The last touch was done."""

    def run(chair: Chair) -> None:
        for step in steps:
            step(chair)
        chair.answer()

    return run


def allowed_ondansetron() -> DrugSheet:
    """For a patient who is not allergic to it."""
    doses = (DoseChoice(4.0, "4 mg"), DoseChoice(8.0, "8 mg"))
    return msgspec.structs.replace(
        midazolam(), drug="ondansetron", name="ondansetron", label_class="antiemetic", doses=doses
    )


def own_note(chair: Chair) -> None:
    """As many own phrases as there may be, the longest that there may be."""
    own = Phrases(tuple(f"{n} {'m' * (LONGEST - 2)}" for n in range(MOST["note"])))
    desk = dataclasses.replace(chair.window.desk, catalog=with_own(catalog(), own))
    before, chair.window.desk = chair.window.desk, desk
    try:
        chair.touch("note")
    finally:
        chair.window.desk = before


def asked(*steps: Open, reason: str) -> Open:
    """The last touch is answered with a question."""

    def run(chair: Chair) -> None:
        for step in steps:
            step(chair)
        chair.answer("asked", "sure", reason)

    return run


def typed(text: str, prefix: str = "key") -> Open:
    """Digits on a keypad."""
    return lambda chair: chair.type(text, prefix)


def go(where: str) -> Open:
    """To a screen of its own."""
    return lambda chair: chair.window._go(where)


def accounts(*lines: object, barred: str = "") -> AccountFrame:
    """Drugs accounted."""
    return AccountFrame(lines, OFFERS, "Ketamine: 76.67 mg are left over.", not lines, barred, True)  # type: ignore[arg-type]


def question(key: str, **changes: object) -> Question:
    """What the engine asks."""
    words = {
        "pump-unknown": ("What does the pump do?", "The pump was not heard from 14:02:11 to 14:06:40."),
        "rate": ("Enter 20 mL/h at the pump", "Step 2 of the plan, due since 14:07:00."),
    }[key]
    return Question(key, *words, **changes)  # type: ignore[arg-type]


def chair_as(sample: Snapshot, **changes: object) -> Snapshot:
    """A sample of the chair with everything that belongs to its phase."""
    kept = ("header", "alarms", "tiles", "scores", "chart", "infusion", "saved", "phase")
    return shot(sample.phase, **({name: getattr(sample, name) for name in kept[:-1]} | changes))


MANY_DRUGS = tuple(
    msgspec.structs.replace(midazolam(), drug=row.id, name=row.name, label_class=row.label_class)
    for row in catalog().drugs.values()
    if row.kind == "dose"
)
ALARM = samples.alarm_snapshot()
KINDS: tuple[tuple[Literal["high", "medium", "low"], str], ...] = (
    ("high", "SpO₂ 86 %"), ("high", "HR 38"), ("medium", "RR 9"), ("medium", "NIBP 188/110"),
    ("medium", "EtCO₂ 55"), ("low", "IV site: check is due"), ("low", "NIBP 20 min old"),
)  # fmt: skip
SEVEN = tuple(
    AlarmRow(f"row{number}", priority, f"{what}, below {number}", "Since 14:30:42. Look.", False)
    for number, (priority, what) in enumerate(KINDS)
)
STRIPPED = msgspec.structs.replace(ALARM.alarms, strip=samples.strip())
ACCOUNT = accounts(account_line(), account_line("closed", 0.0, "midazolam"))

MORE: dict[str, Moment] = {
    "chair": (None, nothing),
    "chair: empty": (chair_as(samples.empty_snapshot()), nothing),
    "chair: stale": (shot(tiles=samples.stale_tiles()), nothing),
    "chair: missing": (shot(tiles=samples.missing_tiles()), nothing),
    "chair: alarm": (chair_as(ALARM), nothing),
    "chair: alarm acknowledged": (chair_as(samples.alarm_snapshot(acknowledged=True)), nothing),
    "chair: medium alarm": (chair_as(samples.medium_snapshot()), nothing),
    "chair: seven alarms": (chair_as(ALARM, alarms=samples.calm_bar(rows=SEVEN)), nothing),
    "chair: link down": (chair_as(samples.link_down_snapshot()), nothing),
    "chair: locked": (shot(locked=True), nothing),
    "chair: alarm, locked": (chair_as(ALARM, locked=True), nothing),
    "chair: undo": (shot(undo=samples.undo(10)), nothing),
    "chair: paused": (
        shot(
            "paused",
            infusion=samples.infusion(
                rate="0",
                buttons=(
                    Limb("resume", "Resume", allowed=True, main=True),
                    Limb("end", "End", allowed=True),
                    Limb("change_rate", "Change rate", allowed=True),
                ),
            ),
        ),
        nothing,
    ),
    "chair: not saved": (shot(saved=FAILED), nothing),
    "chair: notice": (shot(alarms=samples.calm_bar(notices=("No printer answers since 09:00.",))), nothing),
    "chair: temperature": (shot(chart=samples.chart(lanes=samples.lanes(temp=True), version=9)), nothing),
    "today: empty": (shot("today", sessions=()), nothing),
    "today: due, self-test": (
        shot(
            "today",
            sessions=sessions(2),
            visits=(VISIT, msgspec.structs.replace(VISIT, mrn="00612", when="due today", overdue=False)),
            self_test=SelfTestFrame("Self-test 07:58", "2 findings", well=False, findings=("A.", "B.")),
        ),
        nothing,
    ),
    "today: alarm": (shot("today", sessions=(), alarms=samples.calm_bar(rows=samples.alarm_rows())), nothing),
    "check-in: sedation": (shot("check-in"), touches("check.baseline", "base_score.moaas")),
    "check-in: alarm": (shot("check-in", alarms=STRIPPED), nothing),
    "check-in: link down": (
        shot(
            "check-in",
            alarms=samples.calm_bar(
                strip=samples.strip(), devices=(DeviceChip("pump", "Pump", "no link", ok=False),)
            ),
        ),
        nothing,
    ),
    "check-in: locked": (shot("check-in", locked=True), nothing),
    "order: empty": (shot("check-in"), touches("to_order")),
    "order: alarm": (shot("check-in", alarms=STRIPPED), both(touches("to_order"), filled_order)),
    "order: refused number": (
        shot("check-in"),
        both(touches("to_order"), filled_order, touches("row.max_rate"), typed("999")),
    ),
    "patient: refused weight": (shot("today"), both(touches("new_patient", "field.weight_kg"), typed("700"))),
    "recovery: alarm": (
        msgspec.structs.replace(
            chair_as(ALARM), phase="recovery", recovery=RECOVERING.recovery, events=RECOVERING.events
        ),
        nothing,
    ),
    "recovery: locked": (msgspec.structs.replace(RECOVERING, locked=True), nothing),
    "emergency": (shot(emergency=emergency()), touches("emergency")),
    "emergency: called, numbers": (
        shot(emergency=emergency(called="14:07:30", numbers=(("Ambulance", "911"), ("Dr. Mora", "555 0100")))),
        touches("emergency"),
    ),
    "emergency: today": (shot("today", emergency=emergency(records=False)), touches("emergency")),
    "IV site": (None, touches("note", "open.iv")),
    "step": (shot(question=question("rate", rate_ml_h=20.0)), nothing),
    "pump unknown": (shot(question=question("pump-unknown")), nothing),
    "pump unknown: rate": (shot(question=question("pump-unknown")), touches("pump.running")),
    "pump unknown: counter": (shot(question=question("pump-unknown")), touches("pump.held")),
    "effects: second page": (None, both(sheet("effects"), touches("more_effects"))),
    "note: own phrases": (None, own_note),
    "effect: its drug": (
        shot(drugs=(midazolam(), allowed_ondansetron())),
        answered(touches("effect.nausea", "effect.nausea.2")),
    ),
    "drug: dose named": (
        shot(drugs=(midazolam(), allowed_ondansetron())),
        both(answered(touches("effect.nausea", "effect.nausea.2")), touches("drug.ondansetron")),
    ),
    "effect: refused": (
        None,
        refused(touches("effect.nausea", "effect.nausea.2"), reason="nausea grade 2 runs since 13:49"),
    ),
    "effect: again?": (
        None,
        asked(touches("effect.nausea", "effect.nausea.2"), reason="Again, or the same one as at 14:06:40?"),
    ),
    "drug: empty": (None, touches("drug.midazolam")),
    "drug: refused without a dose": (None, touches("drug.midazolam", "give")),
    "drug: refused": (
        None,
        refused(touches("drug.midazolam", "dose.1", "give"), reason="midazolam: 3.5 mg are reached"),
    ),
    "drug: reason": (None, touches("drug.midazolam", "dose.2", "why.1")),
    "drug: other dose, refused key": (
        None,
        both(touches("drug.midazolam", "dose.other"), typed("1.2555")),
    ),
    "drug: allergy": (None, sheet("drug.ondansetron")),
    "drugs: next page": (shot(drugs=MANY_DRUGS), both(sheet("drugs"), touches("more_drugs"))),
    "rate: empty": (None, touches("change_rate")),
    "rate: ten times": (None, both(touches("change_rate"), typed("175"))),
    "rate: refused": (None, both(touches("change_rate"), typed("900"))),
    "rate: signature": (None, both(rate, touches("sign", "signer.s2"))),
    "rate: wrong PIN": (
        None,
        refused(
            rate, touches("sign", "signer.s2"), typed("2222", "pin"), touches("sign_now"),
            reason="Wrong PIN. 4 tries left.",
        ),
    ),
    "locked sheet: wrong PIN": (
        shot(locked=True),
        refused(
            touches("unlock", "staff.s1"), typed("1234", "pin"), touches("enter"), reason="Wrong PIN."
        ),
    ),
    "syringe: new": (STATES["syringe"][0], touches("syringe.new")),
    "vital sign: refused": (None, both(touches("note", "open.vital", "vital.spo2"), typed("412"))),
    "pain: again?": (None, asked(both(sheet("score.nrs-pain"), touches("score.4")), reason="Again, or the same one?")),
    "form: filled": (RECOVERING, touches("score.aldrete", "item.activity.2")),
    "accounts": (shot("recovery", account=ACCOUNT), go("account")),
    "accounts: nothing left": (shot("recovery", account=accounts()), go("account")),
    "accounts: signed": (shot("recovery", account=accounts(account_line(), barred="signed already")), go("account")),
    "accounts: draw": (shot("recovery", account=ACCOUNT), both(go("account"), touches("account.draw"))),
    "accounts: strength": (
        shot("recovery", account=ACCOUNT),
        both(go("account"), touches("account.draw", "choice.ketamine")),
    ),
    "accounts: volume": (
        shot("recovery", account=ACCOUNT),
        both(go("account"), touches("account.draw", "choice.ketamine", "choice.50")),
    ),
    "accounts: waste": (shot("recovery", account=ACCOUNT), both(go("account"), touches("account.waste"))),
    "accounts: witness": (
        shot("recovery", account=accounts(account_line())),
        both(go("account"), touches("account.waste", "all_that_is_left", "choice.0")),
    ),
    "accounts: witness's PIN": (
        shot("recovery", account=accounts(account_line())),
        both(go("account"), touches("account.waste", "all_that_is_left", "choice.0", "witness.s2")),
    ),
    "accounts: return": (shot("recovery", account=ACCOUNT), both(go("account"), touches("account.return"))),
    "accounts: explain": (
        shot("recovery", account=accounts(account_line())),
        both(go("account"), touches("account.explain")),
    ),
    "steps": (
        shot("check-in"),
        touches("to_order", "row.protocol", "choice.single-day-four-hour", "row.steps"),
    ),
    "first run: driver": (shot("first-run"), touches("field.monitor")),
    "people: hand over, PIN": (RECOVERING, touches("note", "open.people", "open.hand_over", "taker.s3")),
    "criterion's other words": (RECOVERING, touches("check.gait", "answer.write")),
    "acceptance's own words": (RECOVERING, both(sheet("accept.spo2-room-air"), touches("reason.write"))),
    "next visit": (RECOVERING, sheet("next_visit")),
    "next visit: day": (RECOVERING, both(sheet("next_visit"), touches("visit.own"))),
    "paper list": (FAILING, touches("paper_list")),
    "paper list: today": (msgspec.structs.replace(FAILING, phase="today"), touches("paper_list")),
    "review": (shot("today", review=review()), nothing),
    "review: an event": (shot("today", review=review()), touches("event.2")),
    "review: alarm of another": (
        shot(
            "infusing",
            review=review(other=True, back="to Rosa Martin"),
            alarms=samples.calm_bar(rows=samples.alarm_rows()),
        ),
        nothing,
    ),
    "audit": (PEOPLE_TODAY, touches("audit")),
    "audit: lines": (msgspec.structs.replace(PEOPLE_TODAY, audit=trail(12, more=True)), touches("audit")),
    "tables": (msgspec.structs.replace(PEOPLE_TODAY, tables=tables(signed=3)), touches("tables")),
    "set-up": (shot("today", who=BOSS.staff, devices=DEVICES), touches("set_up")),
    "set-up: key": (kept("file"), touches("set_up")),
    "key": (kept("file"), touches("set_up", "field.key")),
    "key: sealed now": (kept("sealed", AFTER.format(folder=FOLDER)), touches("set_up", "field.key")),
    "key: in the system's store": (kept("keystore"), touches("set_up", "field.key")),
    "key: a nurse": (kept("file", who="s1"), touches("set_up", "field.key")),
    "key: alarm": (
        kept("sealed", AFTER.format(folder=FOLDER), alarms=samples.calm_bar(rows=samples.alarm_rows())),
        touches("set_up", "field.key"),
    ),
    "key: new passphrase": (kept("file"), touches("set_up", "field.key", "seal_key")),
    "key: too short": (
        kept("file"), touches("set_up", "field.key", "seal_key", "letter.a", "letter.b", "keyboard.done")
    ),
    "key: again": (kept("file"), touches("set_up", "field.key", "seal_key", *["letter.a"] * 12, "keyboard.done")),
    "key: PIN": (
        kept("file"), touches("set_up", "field.key", "seal_key", *[*["letter.a"] * 12, "keyboard.done"] * 2)
    ),
    "set-up: a nurse": (shot("today", devices=DEVICES), touches("set_up")),
    "set-up: a person": (shot("today", who=BOSS.staff, devices=DEVICES), touches("set_up", "person.0")),
    "set-up: own PIN": (shot("today", devices=DEVICES), touches("set_up", "own_pin")),
    "first run: PIN": (
        shot("first-run"),
        touches(
            "add_person", "letter.N", "letter.o", "keyboard.done", "keyboard.done", "choice.nurse", "editor.done"
        ),
    ),
    "set-up: monitor": (shot("today", devices=DEVICES), touches("set_up", "field.monitor")),
    "set-up: sound": (shot("today", who=BOSS.staff, devices=DEVICES), touches("set_up", "field.sound")),
    "set-up: sound, a nurse": (
        shot("today", devices=DEVICES, alarms=samples.sound_bar("on")), touches("set_up", "field.sound"),
    ),
    "set-up: sound tried": (
        shot("today", who=BOSS.staff, devices=DEVICES), touches("set_up", "field.sound", "choice.try"),
    ),
    "set-up: no loudspeaker": (
        shot("today", who=BOSS.staff, devices=DEVICES, alarms=samples.sound_bar("none")), touches("set_up"),
    ),
    **{
        f"sound {state}": (shot(alarms=samples.sound_bar(state)), nothing)
        for state in ("on", "none", "waiting")
    },
    **{
        f"alarm, sound {state}": (
            shot(alarms=samples.sound_bar(state, rows=samples.alarm_rows())), nothing,
        ) for state in ("sounding", "paused", "none")
    },
    "alarm, sound paused: locked": (
        shot(alarms=samples.sound_bar("paused", rows=samples.alarm_rows()), locked=True), nothing,
    ),
    "alarm, sounding: today": (
        shot("today", alarms=samples.sound_bar("sounding", rows=samples.alarm_rows(), strip=samples.strip())), nothing,
    ),
    "set-up: alarm": (
        shot("today", devices=DEVICES, alarms=samples.calm_bar(rows=samples.alarm_rows())),
        touches("set_up"),
    ),
    "no PIN": (shot("locked-out"), touches("no_pin")),
    "no PIN: at the chair": (shot(locked=True), touches("unlock", "no_pin")),
    "discharge: against advice, reason": (RECOVERING, touches("discharge", "how.against-advice", "reason.0")),
}  # fmt: skip

SUMMARY_STATES: dict[str, Open] = {
    "summary": nothing,
    "summary: page width": touches("zoom"),
    "summary: sign": touches("sign"),
    "summary: print": touches("print"),
}


def summary_of_a_session() -> Summary:
    """A whole session, ready to print."""
    story = usual_story()
    return summarise(story.entries, story.samples, clinic(), catalog(), **story.told())


def states() -> dict[str, Moment]:
    """Every state by its name: a snapshot (None for a calm infusion) and what is touched."""
    summary = summary_of_a_session()
    ends: dict[str, Moment] = {
        name: (shot("finished", summary=msgspec.structs.replace(summary, session=name)), steps)
        for name, steps in SUMMARY_STATES.items()
    }
    return {**STATES, **MORE, **ends}


class OnePrinter:
    """A printer that takes everything."""

    def rows(self) -> tuple[PrinterRow, ...]:
        """One."""
        return (PrinterRow("Ward", "HP in the nurses' room", True),)

    def send(self, name: str, pages: Printable) -> None:
        """Takes it."""


class Gallery:
    """One window of a panel that is brought from state to state."""

    def __init__(self, panel: str, data: Path) -> None:
        """A window with a printer, shown."""
        self.chair = Chair(panel, printing=Printing(data, OnePrinter()))
        self.chair.window.show()
        self.shown = 0

    def close(self) -> None:
        """The window goes."""
        self.chair.window.close()

    def bring(self, moment: Moment, theme: Theme = DARK) -> Chair:
        """The window in this state: another phase first, so that nothing of the last state stays open."""
        chair, (first, steps) = self.chair, moment
        chair.window.show_not_updating(False)
        chair.look.set_theme(theme)
        chair.window.first_run.stop_editing()
        chair.clock.later(60.0)
        chair.show(shot("locked-out"))
        self.shown += 1
        first = first if first is not None else shot()
        if first.alarms.rows or first.alarms.notices:
            first = msgspec.structs.replace(
                first, saved=msgspec.structs.replace(first.saved, right=SECOND_DISPLAY)
            )
        chair.show(msgspec.structs.replace(first, session=f"session {self.shown}" if first.session else ""))
        steps(chair)
        chair.show()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return chair


def walked(package: ModuleType, kind: type[Page]) -> set[type[Page]]:
    """Every class of this kind that a package's modules define."""
    found: set[type[Page]] = set()
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found |= {
            one
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, kind) and one.__module__ == module.__name__
        }
    return found


def screens_and_sheets() -> set[type]:
    """Every screen and every sheet of the program; base classes are what others are made of."""
    found: set[type] = {ChairScreen, *walked(ui.screens, Page), *walked(ui.sheets, Sheet), *SHEETS.values()}
    return found - {Screen, LineScreen, Sheet}
