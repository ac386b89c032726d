"""One whole session, from the locked screen to a signed summary, walked by a finger on both reference panels.

The finger finds a target by its name or by the words on it, touches whatever lies on top at its middle, and counts.
Nothing else is done to the program: time passes, and somebody stands at the pump.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.catalog import load
from app.clinical.checkin_rows import Line
from app.printed import Summary
from app.rehearsal import load_script
from main import SteppedStage
from ui.rehearse_player import SimulatedClock
from ui.widgets.target import Target

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "resources" / "rehearsals" / "low-dose-hour.toml"
PANELS = {"12-inch": ((1280, 800), 125.0), "15-inch": ((1920, 1080), 141.0)}
SETTLE_S, SETTLE_STEPS = 0.1, 5
PAGES_AT_MOST = 8
KEYS = ("pin.", "key.", "letter.", "keyboard.")
"""Digits, letters and PINs: whoever types them types as many with any program."""
TOUCHES_AT_MOST = 230
"""Touches of the whole session without those keys; the walk below needs 212, a third of them to say why a session of
minutes recorded so little."""

CATALOG = load()
ANSWERS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "identity": {"identifiers": ("name", "birth date")},
    "weight": {"weight_kg": "70"},
    "allergy": {"confirmed": "as recorded"},
    "fasting": {"food": "00:15", "clear": "06:00", "meal": "light"},
    "escort": {"name": "Paul", "way": "drives home"},
    "consent": {"signed": "signed, no guarantee explained"},
    "medicines": {"kept": "none stopped"},
    "bladder": {"emptied": "emptied"},
    "iv": {"gauge": "22 G", "site": "left forearm", "flush": "flushes"},
}
"""What a good day answers; a field that is not named here gets its first option, or none of several."""


class Hand:
    """A finger on the window, and the eyes that look for a target first."""

    def __init__(self, stage: SteppedStage, clock: SimulatedClock) -> None:
        self._stage = stage
        self._clock = clock
        self.touched: Counter[str] = Counter()

    @property
    def touches(self) -> int:
        """Every touch but those on keys."""
        return sum(count for name, count in self.touched.items() if not name.startswith(KEYS))

    def sees(self, name: str) -> bool:
        """Whether a finger would hit a target of this name."""
        return self._find(name) is not None

    def _find(self, name: str) -> QWidget | None:
        window = self._stage.window
        for widget in window.findChildren(QWidget, name):
            if widget.isVisibleTo(window) and self._on_top(widget) is not None:
                return widget
        return None

    def _on_top(self, widget: QWidget) -> QPoint | None:
        """The widget's middle in the window, when nothing lies over it."""
        window = self._stage.window
        middle = widget.mapTo(window, widget.rect().center())
        return middle if window.childAt(middle) in (widget, *widget.findChildren(QWidget)) else None

    def touch(self, *names: str) -> None:
        """One touch for each name."""
        for name in names:
            widget = self._find(name)
            assert widget is not None, f"{name} cannot be touched: {self._shows()}"
            assert not (isinstance(widget, Target) and widget.is_barred()), (
                f"{name} is barred: {widget.reason}"
            )
            self._touch(widget)

    def touch_barred(self, name: str) -> None:
        """A touch on a target that says why it does nothing yet."""
        widget = self._find(name)
        assert isinstance(widget, Target)
        assert widget.is_barred()
        self._touch(widget)

    def touch_words(self, prefix: str, words: str, second: str = "") -> None:
        """The target of a list that reads so."""
        for target in self._stage.window.findChildren(Target):
            reads = target.words == words and second in ("", target.second)
            if reads and target.objectName().startswith(prefix) and self._on_top(target) is not None:
                self._touch(target)
                return
        raise AssertionError(f"nothing at {prefix} reads {words}: {self._shows()}")

    def is_barred(self, name: str) -> bool:
        """Whether a target is there and would only say why not."""
        widget = self._find(name)
        return isinstance(widget, Target) and widget.is_barred()

    def missing(self, prefix: str, turn: str) -> str:
        """The first target of a list that says that something is missing, on any page; "" when none does."""
        for _ in range(PAGES_AT_MOST):
            for target in self._stage.window.findChildren(Target):
                there = target.objectName().startswith(prefix) and self._on_top(target) is not None
                if there and target.value == "missing":
                    return target.objectName()
            if not self.sees(turn):
                break
            self.touch(turn)
        return ""

    def turn_to(self, name: str, turn: str) -> None:
        """Turns pages until the name is there, and touches it."""
        for _ in range(PAGES_AT_MOST):
            if self.sees(name):
                break
            self.touch(turn)
        self.touch(name)

    def _touch(self, widget: QWidget) -> None:
        window, middle = self._stage.window, self._on_top(widget)
        assert middle is not None
        hit = window.childAt(middle)
        assert hit is not None
        QTest.mouseClick(
            hit, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, hit.mapFrom(window, middle)
        )
        self.touched[widget.objectName()] += 1
        self.wait(SETTLE_S * SETTLE_STEPS, SETTLE_S)

    def _shows(self) -> str:
        window = self._stage.window
        seen = {w.objectName() for w in window.findChildren(Target) if w.isVisibleTo(window)}
        return ", ".join(sorted(name for name in seen if not name.startswith(KEYS)))

    # ------------------------------------------------------------------ keys

    def pin(self, digits: str) -> None:
        self.touch(*(f"pin.{digit}" for digit in digits))

    def number(self, text: str) -> None:
        self.touch(*(f"key.{digit}" for digit in text), "set")

    def write(self, text: str) -> None:
        for letter in text:
            self._letter(letter)
        self.touch("keyboard.done")

    def _letter(self, letter: str) -> None:
        if letter == " ":
            self.touch("keyboard.space")
            return
        for turn in ("", "keyboard.shift", "keyboard.shift", "keyboard.layer", "keyboard.layer"):
            if turn and not self.sees(f"letter.{letter}"):
                self.touch(turn)
        self.touch(f"letter.{letter}")

    # ------------------------------------------------------------------ time, and the pump beside the screen

    def wait(self, seconds: float, step_s: float = 1.0) -> None:
        """Lets time pass, and looks at the screen at its end."""
        for _ in range(round(seconds / step_s)):
            self._stage.step(self._clock.move(step_s), show=False)
        self._stage.step(self._clock.now, show=True)
        QApplication.processEvents()

    def at_pump(self, key: str, rate_ml_h: float | None = None) -> None:
        if rate_ml_h is not None:
            self._stage.world.bench.set_rate(rate_ml_h)
        self._stage.world.bench.key(key)
        self.wait(8.0)

    def phase(self) -> str:
        """Which screen the window shows."""
        return self._stage.snapshot().phase

    def is_signed(self) -> bool:
        """Whether the summary on the screen is no draft any more."""
        summary = self._stage.snapshot().summary
        return isinstance(summary, Summary) and "not signed as final" not in summary.draft


@pytest.fixture(params=list(PANELS))
def hand(request: pytest.FixtureRequest, qtbot: QtBot, tmp_path: Path) -> Iterator[Hand]:
    """A finger before the locked screen of a clinic that is set up."""
    size, ppi = PANELS[request.param]
    script = load_script(SCRIPT, CATALOG)
    clock = SimulatedClock(script.start)
    stage = SteppedStage(tmp_path, clock, script, size, ppi)
    stage.open()
    made = Hand(stage, clock)
    made.wait(3.0)
    yield made
    stage.close()


# ---------------------------------------------------------------- the walk


def unlock(hand: Hand) -> None:
    hand.touch_words("staff.", "Lena Koch")
    hand.pin("1111")
    hand.touch("enter")


def enter_patient(hand: Hand) -> None:
    hand.touch("new_patient", "field.mrn")
    hand.write("0815")
    hand.touch("field.name")
    hand.write("Nils Berg")
    hand.touch("field.birth_date")
    for part in ("2", "10", "1979"):
        hand.number(part)
    hand.touch("field.sex", "choice.male", "field.weight_kg")
    hand.number("70")
    hand.touch("field.allergies", "choice.none-known", "save_patient")


def check_in(hand: Hand) -> None:
    for line in CATALOG.check_in.lines.values():
        if not hand.sees(f"check.{line.id}"):
            continue
        hand.touch(f"check.{line.id}")
        if line.id == "baseline":
            hand.touch("check_skip")
            hand.touch_words("choice.", line.reasons[0])
            continue
        answer_line(hand, line)
        if line.id == "weight":
            hand.touch("check_alone")
            hand.touch_words("choice.", line.alone_reasons[0])
        elif hand.sees("check_save"):
            hand.touch("check_save")


def answer_line(hand: Hand, line: Line) -> None:
    for field in line.field:
        answer = ANSWERS.get(line.id, {}).get(field.id)
        match field.kind:
            case "pick" if answer or not field.quiet:
                hand.touch_words(f"pick.{field.id}.", str(answer or field.options[0].text))
            case "many" if not answer:
                if hand.sees(f"pick.{field.id}.none"):
                    hand.touch(f"pick.{field.id}.none")
            case "many":
                for words in answer or ():
                    hand.touch_words(f"pick.{field.id}.", words)
            case "clock" if answer:
                hand.touch(f"ask.{field.id}")
                for part in str(answer).split(":"):
                    hand.number(str(int(part)))
            case "number" if answer:
                hand.touch(f"ask.{field.id}")
                hand.number(str(answer))
            case "text" if answer:
                hand.touch(f"ask.{field.id}")
                hand.write(str(answer))
            case _:
                pass


def order(hand: Hand) -> None:
    hand.touch("to_order", "row.protocol", "choice.low-dose-one-hour", "row.syringe", "choice.50", "choice.2")
    hand.touch("row.max_rate")
    hand.number("1")
    hand.touch("sign_order")
    sign(hand, "sign_now")


def sign(hand: Hand, confirm: str) -> None:
    hand.touch_words("signer.", "Dr. Ada Mora")
    hand.pin("3333")
    hand.touch(confirm)


def draw(hand: Hand) -> None:
    hand.touch("drugs.more", "open.account", "account.draw", "choice.ketamine", "choice.50")
    hand.number("2")
    hand.touch("editor.done", "back_to_chair")


def infuse(hand: Hand) -> None:
    hand.touch("start")
    hand.at_pump("start", 17.5)
    assert hand.phase() == "infusing"
    hand.wait(120.0)
    hand.touch("effect.nausea", "effect.nausea.2")
    close(hand)
    hand.touch("drugs.more")
    hand.turn_to("drug.ondansetron", "more_drugs")
    hand.touch("dose.4", "give")
    close(hand)
    hand.touch("score.nrs-pain", "score.4")
    hand.wait(180.0)
    hand.touch("end")
    hand.at_pump("hold")
    assert hand.phase() == "recovery"


def close(hand: Hand) -> None:
    for name in ("done", "close"):
        if hand.sees(name):
            hand.touch(name)
            return


def waste(hand: Hand) -> None:
    hand.touch("drugs.more" if hand.sees("drugs.more") else "drug")
    hand.touch("open.account", "account.waste", "all_that_is_left", "choice.0")
    hand.touch_words("witness.", "Jonas Moreno")
    hand.pin("2222")
    hand.touch("witness_now", "back_to_chair")


def discharge(hand: Hand) -> None:
    hand.touch_barred("discharge")
    hand.touch("how.against-advice")
    hand.touch_words("departure.", "On foot")
    hand.touch_words("reason.", "Will not wait")
    hand.touch("sign_discharge")
    sign(hand, "sign_now")
    hand.touch("finish", "finish_now")
    assert hand.phase() == "finished"


def fill_record(hand: Hand) -> None:
    """The record's own lines by their picks, and a reason for what this short session left out."""
    hand.touch("record")
    for line in CATALOG.check_in.record_lines.values():
        hand.turn_to(f"record.{line.id}", "more_fields")
        answer_line(hand, line)
        if line.signed_by or hand.is_barred("check_save"):
            hand.touch("check_skip")
            hand.touch_words("choice.", line.reasons[0])
        elif line.second == "wanted":
            hand.touch("check_alone")
            hand.touch_words("choice.", line.alone_reasons[0])
        else:
            hand.touch("check_save")
    while field := hand.missing("field.", "more_fields"):
        hand.touch(field)
        if hand.sees("check_skip"):
            hand.touch("check_skip")
        hand.touch_words("choice.", CATALOG.record.reasons[0])
    hand.touch("back_from_record")


def sign_summary(hand: Hand) -> None:
    for name, second, pin in (("Lena Koch", "", "1111"), ("Dr. Ada Mora", "Anesthetist", "3333")):
        hand.touch("sign")
        hand.touch_words("signer", name, second)
        hand.pin(pin)
        hand.touch("sign_pin")


def test_a_whole_session_is_walked_by_touch_from_the_locked_screen_to_the_signed_summary(hand: Hand) -> None:
    unlock(hand)
    assert hand.phase() == "today"
    enter_patient(hand)
    check_in(hand)
    order(hand)
    assert hand.phase() == "ready"
    draw(hand)
    infuse(hand)
    waste(hand)
    discharge(hand)
    fill_record(hand)
    sign_summary(hand)
    assert hand.is_signed()
    hand.touch("back")
    assert hand.phase() == "today"
    print(f"{hand.touches} touches, {hand.touched.total() - hand.touches} keys")
    assert hand.touches <= TOUCHES_AT_MOST
