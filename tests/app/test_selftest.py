"""The self-test at the start of the day: when it runs, what it calls well, and what it says to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from app.entries import CLINIC, SelfTested
from app.messages import DisplayFound, LinkState, RecordProbed, SleepTold
from app.ports import ProbeRecord
from app.selftest import NO_BACK_UP, PortFound, judge
from tests.app.chair import START, Chair, catalog

RULE = catalog().self_test
WELL = RecordProbed(START, 50_000, "", "", "", START.utc, "a file of its owner alone", "", START.utc)
LIVE = {"monitor": PortFound(LinkState.LIVE, ""), "pump": PortFound(LinkState.LIVE, "")}
DISPLAY = DisplayFound(START, "", ("Office",))


def found(
    ports: dict[str, PortFound] | None = None, display: DisplayFound = DISPLAY, **changes: Any
) -> dict[str, str]:
    """The findings where the record differs so from a good one."""
    record = msgspec.structs.replace(WELL, **changes)
    return judge(RULE, START, record, LIVE if ports is None else ports, display).findings


def test_with_everything_in_order_there_is_no_finding_and_each_part_was_tested() -> None:
    body = judge(RULE, START, WELL, LIVE, DISPLAY)
    assert body.findings == {}
    assert body.tested == (
        "disk", "database", "chain", "clock", "key (a file of its owner alone)", "back-up", "monitor", "pump",
        "display", "printer",
    )  # fmt: skip


def test_what_was_not_looked_at_is_not_called_tested() -> None:
    assert not {"display", "printer", "pump"} & set(judge(RULE, START, WELL, {}, None).tested)


@pytest.mark.parametrize(
    ("changes", "what", "words"),
    [
        ({"free_mb": 1023}, "disk", "The disk has 1023 MB left. Free some space before a session."),
        ({"write_problem": "The disk is full."}, "disk", "The disk is full."),
        ({"database": "It is damaged."}, "database", "It is damaged."),
        ({"chain": "Entry 7 does not fit."}, "chain", "Entry 7 does not fit."),
        ({"key_problem": "Others may read the key."}, "key", "Others may read the key."),
        ({"backed_up": None}, "back-up", NO_BACK_UP),
        ({"backed_up": START.utc - timedelta(days=3)}, "back-up", "The newest back-up is 3 days old. Make one today."),
    ],
)  # fmt: skip
def test_each_finding_says_what_and_what_to_do(changes: dict[str, Any], what: str, words: str) -> None:
    assert found(**changes) == {what: words}


def test_exactly_the_least_space_and_the_oldest_back_up_are_well() -> None:
    oldest = START.utc - timedelta(hours=RULE.back_up_oldest_h)
    assert found(free_mb=RULE.disk_free_least_mb, backed_up=oldest) == {}


@pytest.mark.parametrize(("behind_s", "bad"), [(59.0, False), (61.0, True)])
def test_a_clock_behind_the_newest_entry_is_found(behind_s: float, bad: bool) -> None:
    newest: datetime = START.utc + timedelta(seconds=behind_s)
    assert ("clock" in found(newest=newest)) == bad


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (PortFound(LinkState.DOWN, "ttyUSB0 is not there."), "Pump: ttyUSB0 is not there."),
        (PortFound(LinkState.SILENT, ""), "Pump: its port is open and nothing is heard."),
        (PortFound(LinkState.OPEN, ""), "Pump: its port is open and nothing is heard."),
        (PortFound(None, ""), "Pump: its port is open and nothing is heard."),
    ],
)
def test_a_port_that_brings_nothing_is_found(port: PortFound, words: str) -> None:
    assert found({"pump": port})["pump"].startswith(words)


def test_a_panel_that_is_too_small_and_no_ready_printer_are_found() -> None:
    assert set(found(display=DisplayFound(START, "200 x 100 mm", ()))) == {"display", "printer"}


def test_a_computer_that_may_fall_asleep_is_a_finding_and_one_that_may_not_is_tested() -> None:
    for why in ("", "Switch automatic sleep off."):
        body = judge(RULE, START, WELL, LIVE, DISPLAY, SleepTold(START, why))
        assert "sleep" in body.tested
        assert body.findings == ({"sleep": why} if why else {})


def test_what_the_system_said_of_sleep_stands_in_the_days_self_test() -> None:
    chair = Chair().signed_in()
    chair.link("monitor", LinkState.LIVE)
    chair.link("pump", LinkState.LIVE)
    chair.hear(SleepTold(chair.now, "Switch automatic sleep off."))
    chair.hear(WELL)
    shown = chair.snapshot.self_test
    assert shown is not None
    assert shown.findings == ("Switch automatic sleep off.",)


ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "disk": ({"free_mb": 10}, "Free some space"),
    "database": ({"database": "It is damaged. Put back your back-up."}, "Put back"),
    "chain": ({"chain": "Entry 7 does not fit. Find out more: python main.py verify"}, "verify"),
    "clock": ({"newest": START.utc + timedelta(days=1)}, "Set the computer's clock"),
    "key": ({"key_problem": "Others may read it. Type: chmod 600"}, "chmod 600"),
    "back-up": ({"backed_up": START.utc - timedelta(days=30)}, "Make one today"),
    "monitor": (
        {"ports": LIVE | {"monitor": PortFound(LinkState.SILENT, "")}},
        "Switch it on and check the cable",
    ),
    "pump": ({"ports": LIVE | {"pump": PortFound(LinkState.SILENT, "")}}, "Switch it on and check the cable"),
    "display": (
        {"display": DisplayFound(START, "200 x 100 mm", ("Ward",))},
        "Use a panel of 12 inches or more",
    ),
    "printer": ({"display": DisplayFound(START, "", ())}, "Check it"),
}
"""What makes each part fail, and what is said to be done about it."""


def test_each_part_that_is_tested_can_fail_and_no_other_does_with_it() -> None:
    tested = {one.partition(" (")[0] for one in judge(RULE, START, WELL, LIVE, DISPLAY).tested}
    assert tested == set(ROWS)
    for what, (changes, to_do) in ROWS.items():
        findings = found(**changes)
        assert set(findings) == {what}
        assert to_do in findings[what]


def test_a_screen_and_printers_that_were_looked_at_yesterday_are_not_called_tested_today() -> None:
    chair = Chair().signed_in()
    chair.hear(DisplayFound(chair.now, "", ("Office",)))
    tested = []
    for _ in range(2):
        chair.hear(msgspec.structs.replace(WELL, at=chair.now))
        (*_, last) = chair.bodies(SelfTested)
        assert isinstance(last, SelfTested)
        tested.append("printer" in last.tested)
        chair.wait(25 * 3600, step_s=3600)
    assert tested == [True, False]


def test_the_tick_and_its_time_are_there_after_a_restart() -> None:
    chair = Chair().signed_in()
    for device in ("monitor", "pump"):
        chair.link(device, LinkState.LIVE)
    chair.hear(WELL)
    again = Chair(now=chair.now.plus(3600))
    for entry in chair.store.entries:
        if entry.session == CLINIC:
            again.engine.clinic.apply(entry)
    shown = again.signed_in().snapshot.self_test
    assert shown is not None
    assert (shown.title, shown.words, shown.well) == ("Self-test 14:00", "all is well", True)


def asked(chair: Chair) -> int:
    return len(chair.store.asked(ProbeRecord))


def test_it_runs_once_some_seconds_after_the_start_and_its_result_is_kept() -> None:
    chair = Chair()
    chair.wait(RULE.wait_s - 1)
    before = asked(chair)
    chair.wait(60)
    assert (before, asked(chair)) == (0, 1)
    chair.hear(WELL)
    chair.wait(3600)
    (entry,) = [entry for entry in chair.store.entries if isinstance(entry.body, SelfTested)]
    assert entry.session == CLINIC
    assert asked(chair) == 1


def test_the_next_day_it_runs_again() -> None:
    chair = Chair()
    chair.wait(30)
    chair.hear(WELL)
    chair.wait(24 * 3600, step_s=600)
    assert asked(chair) == 2


def test_before_todays_self_test_nothing_is_shown() -> None:
    assert Chair().signed_in().snapshot.self_test is None


def test_it_waits_until_an_infusion_is_over() -> None:
    chair = Chair().running()
    chair.wait(120)
    assert asked(chair) == 0


def test_today_shows_one_tick_with_its_time_or_each_finding() -> None:
    chair = Chair().signed_in()
    chair.link("monitor", LinkState.LIVE)
    chair.link("pump", LinkState.LIVE)
    chair.hear(WELL)
    shown = chair.snapshot.self_test
    assert shown is not None
    assert (shown.title, shown.words, shown.well) == ("Self-test 14:00", "all is well", True)
    chair.hear(msgspec.structs.replace(WELL, backed_up=None))
    shown = chair.snapshot.self_test
    assert shown is not None
    assert (shown.words, shown.findings) == ("1 finding", (NO_BACK_UP,))
