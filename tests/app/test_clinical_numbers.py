"""Clinical numbers stand in resources/clinical, not in code: what a module of app/ names or compares is listed here.

A new constant, or a comparison with another number than 0, 1 or -1, fails until it is moved into a table, or stands
in this list with why it is nothing that a clinic decides.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app"
HARMLESS = (0, 1, -1)

NOT_CLINICAL = {
    "unsealing.py SHORTEST": "letters of a passphrase",
    "unsealing.py FREE_TRIES": "wrong passphrases before the first wait",
    "unsealing.py FIRST_WAIT_S": "a wait after a wrong passphrase",
    "unsealing.py LONGEST_WAIT_S": "a wait after a wrong passphrase",
    "amending.py DOSE_HIGHEST": "as much as the keypad takes",
    "audit.py PAGE": "how much a page shows",
    "catalog.py SCHEMA": "the version of the files",
    "charting.py BAND_POINTS": "how finely a band is drawn",
    "charting.py BEFORE_S": "what a chart shows",
    "charting.py LONGEST_WINDOW_S": "what a chart shows",
    "charting.py NOW_AT": "what a chart shows",
    "charting.py SHORTEST_S": "what a chart shows",
    "charting.py STEP_S": "how finely a line is drawn",
    "charting.py TICKS_ON_SCREEN": "what a chart shows",
    "clinical/infusion.py VOLUME_STEP_ML": "the step of a pump's counter",
    "clinical/pharmacokinetics.py NG_PER_MG_L": "a unit",
    "clinical/pharmacokinetics.py REFERENCE_KG": "the weight in the names of pk_models.toml's columns",
    "clinical/protocol.py LONGEST_PLAN_MIN": "a day, so that a plan can be walked through",
    "clinical/protocol.py MINUTE_S": "a unit",
    "engine.py ANSWERS_KEPT": "how many answers are remembered",
    "engine.py CLOCK_STEP_S": "a clock that was set",
    "engine.py SAMPLE_EVERY_S": "how often the record samples",
    "engine.py SEAL_EVERY_S": "how often the record is sealed",
    "engine.py SLEPT_S": "the beat of the program",
    "engine.py TOLD_AGAIN_S": "how long the monitor does not mark a pressure as old",
    "keeping.py AGAIN_AFTER_S": "a part that failed is run again",
    "keeping.py TIMES": "a part that failed is run again",
    "keeping.py WITHIN_S": "a part that failed is run again",
    "live.py GONE_AT_LEAST_S": "screens.md, the rule of age",
    "loglines.py LONGEST_SAID": "how much fits a line",
    "loglines.py SHORTEST_SAID": "how much fits a line",
    "phrases.py LONGEST": "how much fits a target",
    "pumpwatch.py RATE_EVERY_S": "how often the record samples",
    "pumpwatch.py SAME_RATE_ML_H": "half a step of a pump",
    "rehearsal.py SURELY_LATER_S": "a rehearsal",
    "rehearsal_judge.py RATE_WITHIN_ML_H": "a rehearsal",
    "rescue.py EVERY_S": "how often a sheet is made again",
    "rescue.py TOO_OLD_S": "how often a sheet is made again",
    "runner.py TICK_S": "the beat of the program",
    "selftesting.py LOOKED_S": "how long a look at the screen and the printers counts",
    "setup_acts.py PIN_LONGEST": "what a PIN is",
    "setup_acts.py PIN_SHORTEST": "what a PIN is",
    "show_review.py COLUMNS": "how finely a line is drawn",
    "show_review.py HEARD_WITHIN_S": "how often the record samples",
    "show_review.py LIVE_EVERY_S": "how often a review is made again",
    "show_review.py LONGEST_OWNER": "how much fits a line",
    "steps.py EMPTY_ML": "half a step of a pump",
    "summary_chart.py BAND_POINTS": "how finely a band is drawn",
    "summary_chart.py COLUMNS": "what paper shows",
    "summary_chart.py EVERY_S": "what paper shows",
    "summary_chart.py GAP_S": "what paper shows",
    "summary_chart.py MARKS_AT_MOST": "what paper shows",
    "summary_chart.py RECOVERY_EVERY_S": "what paper shows",
    "summary_chart.py ROW_NEAR_S": "what paper shows",
    "summary_chart.py SAME_ROW_S": "what paper shows",
    "summary_chart.py TICKS_AT_MOST": "what paper shows",
    "summary_log.py SAME_S": "what paper shows",
    "summary_tables.py BACK_DATED_S": "what paper shows",
    "summary_tables.py FIRST_PAGE_LINES": "what paper shows",
    "summary_tables.py NOTE_LETTERS": "what paper shows",
    "trends.py BUCKET_S": "how finely a trend is kept",
    "trends.py LONGEST_S": "how long a trend is kept",
    "unsaved.py LATE_S": "when a disk is said to hang",
    "unsaved.py VITALS_EVERY_S": "what the paper list shows",
}


def number(node: ast.expr) -> float | None:
    """The number that an expression of numbers makes; None for any other."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return None if (below := number(inner)) is None else -below
        case ast.BinOp(left=left, right=right):
            return None if None in (one := number(left), number(right)) else one
        case _:
            return None


def constants() -> Iterator[str]:
    """Module and name of each constant of a module that is a number."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            value = getattr(node, "value", None)
            if isinstance(value, ast.expr) and number(value) is not None:
                names = [one.id for one in targets if isinstance(one, ast.Name)]
                yield from (f"{path.relative_to(APP).as_posix()} {name}" for name in names)


def compared() -> Iterator[str]:
    """Where app/clinical compares with a number of its own."""
    for path in sorted((APP / "clinical").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Compare):
                for one in (node.left, *node.comparators):
                    value = number(one)
                    if value is not None and value not in HARMLESS:
                        yield f"{path.name} line {one.lineno}: {ast.unparse(node)}"


def test_every_number_that_a_module_names_is_known_not_to_be_clinical() -> None:
    assert set(constants()) == set(NOT_CLINICAL)


def test_no_rule_of_a_clinic_compares_with_a_number_of_its_own() -> None:
    assert [where for where in compared() if not is_arithmetic(where)] == []


def is_arithmetic(where: str) -> bool:
    """Rounding, lengths and words: a count of readings, seconds in words, a hair's breadth for floats."""
    return any(words in where for words in ("len(", "< 0.001", "seconds >= 60"))
