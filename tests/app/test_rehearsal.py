"""A rehearsal script is read whole, every error is told at once, and the disk says how far it was played."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from app import entries as e
from app import rehearsal_verbs as v
from app.catalog import load
from app.clinical.tables import Catalog
from app.instant import Instant
from app.refusals import TableErrors
from app.rehearsal import Script, clock_words, load_script, parse_script, resume_at, seconds_at
from app.rehearsal_verbs import VERBS

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "rehearsals"

HEAD = """
title = "Short"
start = 2026-03-02T09:00:00Z
[patient]
mrn = "00417"
name = "Rosa Martin"
birth_date = 1964-05-17
sex = "female"
weight_kg = 70
allergies = ["ondansetron"]
[[staff]]
name = "Lena Koch"
initials = "LK"
roles = ["nurse"]
pin = "1111"
[[staff]]
name = "Dr. Ada Mora"
initials = "AM"
roles = ["anesthetist"]
pin = "3333"
[order]
protocol = "low-dose-one-hour"
signer = "AM"
container_ml = 50
drug_in_container_mg = 100
max_rate = 1.0
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def steps(*rows: str) -> str:
    return HEAD + "".join(f"\n[[step]]\n{row}" for row in rows)


def script(catalog: Catalog, *rows: str) -> Script:
    return parse_script(steps(*rows), catalog)


def errors(catalog: Catalog, text: str) -> tuple[str, ...]:
    with pytest.raises(TableErrors) as caught:
        parse_script(text, catalog, "short.toml")
    return caught.value.errors


# ---------------------------------------------------------------- reading


def test_a_step_becomes_its_verb_with_its_time_in_seconds(catalog: Catalog) -> None:
    (step,) = script(catalog, 'at = "01:02:03"\ndo = "effect"\neffect = "nausea"\ngrade = 2').steps
    assert step == v.EffectNoted(at=3723.0, effect="nausea", grade=2)
    assert step.do == "effect"


def test_the_head_says_who_what_and_with_which_devices(catalog: Catalog) -> None:
    read = script(catalog, 'at = "00:00:00"\ndo = "wait"')
    assert read.patient.birth_date == date(1964, 5, 17)
    assert read.person("AM").pin == "3333"
    assert (read.devices.monitor, read.devices.pump) == ("ge-dri", "alaris")
    assert (read.order.concentration_mg_ml, read.order.max_rate, read.order.rate) == (2.0, 1.0, None)


def test_the_first_run_brings_the_staff_and_the_simulated_devices(catalog: Catalog) -> None:
    done = script(catalog, 'at = "00:00:00"\ndo = "wait"').first_run()
    assert [person.initials for person in done.staff] == ["LK", "AM"]
    assert [(d.device, d.port) for d in done.devices] == [("monitor", "simulated"), ("pump", "simulated")]


def test_a_step_types_its_own_pin_or_the_person_s(catalog: Catalog) -> None:
    read = script(catalog, 'at = "00:00:00"\ndo = "wait"')
    assert (read.pin_of("LK"), read.pin_of("LK", "9999")) == ("1111", "9999")


@pytest.mark.parametrize(("text", "seconds"), [("00:00:00", 0.0), ("1:00:01", 3601.0), ("00:00:02.5", 2.5)])
def test_times_are_hours_minutes_and_seconds(text: str, seconds: float) -> None:
    assert seconds_at(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "00:60:00", "00:00:61", "-00:00:01", 12, None])
def test_anything_else_is_no_time(text: object) -> None:
    with pytest.raises(ValueError, match="not a time"):
        seconds_at(text)


def test_seconds_are_told_as_a_clock() -> None:
    assert clock_words(3723.9) == "01:02:03"


# ---------------------------------------------------------------- a day of more than one patient

STAFF = HEAD[HEAD.index("[[staff]]") : HEAD.index("[order]")]


def a_case(key: str, mrn: str, name: str) -> str:
    return f"""
[[case]]
key = "{key}"
[case.patient]
mrn = "{mrn}"
name = "{name}"
birth_date = 1964-05-17
sex = "female"
weight_kg = 70
[case.order]
protocol = "low-dose-one-hour"
signer = "AM"
container_ml = 50
drug_in_container_mg = 100
"""


DAY = 'title = "A day"\n' + a_case("a", "1", "Rosa Martin") + a_case("b", "2", "Nils Berg") + STAFF
TO_B = 'at = "00:00:10"\ndo = "turn_to"\ncase = "b"'


def a_day(*rows: str, head: str = DAY) -> str:
    return head + "".join(f"\n[[step]]\n{row}" for row in rows)


def test_a_day_begins_with_its_first_patient_and_goes_on_with_the_one_turned_to(catalog: Catalog) -> None:
    day = parse_script(
        a_day('at = "00:00:01"\ndo = "patient"', TO_B, 'at = "00:00:20"\ndo = "patient"'), catalog
    )
    names = [day.at_step(index).patient.name for index in range(3)]
    assert names == ["Rosa Martin", "Nils Berg", "Nils Berg"]


def test_a_case_that_is_not_there_is_told(catalog: Catalog) -> None:
    text = a_day('at = "00:00:01"\ndo = "turn_to"\ncase = "c"', 'at = "00:00:02"\ndo = "expect"\nof = "d"')
    assert errors(catalog, text) == (
        "short.toml: step 1: case = 'c': there is no such case",
        "short.toml: step 2: of = 'd': there is no such case",
    )


def test_two_cases_of_one_number_are_told(catalog: Catalog) -> None:
    head = 'title = "A day"\n' + a_case("a", "1", "Rosa Martin") + a_case("b", "1", "Nils Berg") + STAFF
    assert errors(catalog, a_day(TO_B, head=head)) == (
        "short.toml: case: patient: mrn = '1': two cases have it",
    )


def test_a_patient_beside_the_cases_is_told(catalog: Catalog) -> None:
    head = HEAD.replace("[[staff]]", a_case("b", "2", "Nils Berg") + "[[staff]]", 1)
    assert errors(catalog, a_day(TO_B, head=head)) == (
        "short.toml: case: a day names its patients and orders in its cases alone",
    )


def test_what_is_wrong_in_a_case_is_told_with_its_key(catalog: Catalog) -> None:
    head = DAY.replace("low-dose-one-hour", "no-dose")
    assert errors(catalog, a_day(TO_B, head=head))[0] == (
        "short.toml: case a: order: protocol = 'no-dose': there is no such protocol"
    )


def test_a_day_goes_on_with_the_patient_whose_entries_are_not_on_disk(catalog: Catalog) -> None:
    rows = ('at = "00:00:01"\ndo = "patient"', TO_B, 'at = "00:00:20"\ndo = "patient"')
    day = parse_script(a_day(*rows), catalog)
    at = Instant(day.start + timedelta(seconds=30), 30.0)
    first = e.PatientIdentified("1", "Rosa Martin", date(1964, 5, 17), "female", 70.0, (), True)
    one = e.Entry("u1", "s1", at, at.utc, "boot", "LK", first)
    assert resume_at(day, [one]) == 1
    second = msgspec.structs.replace(first, mrn="2", name="Nils Berg")
    two = e.Entry("u2", "s2", at, at.utc, "boot", "LK", second)
    assert resume_at(day, [one, two]) == 3


# ---------------------------------------------------------------- every error at once


def test_every_error_is_told_at_once_with_step_key_and_value(catalog: Catalog) -> None:
    text = steps(
        'at = "00:00:10"\ndo = "fly"',
        'at = "soon"\ndo = "lock"',
        'at = "00:00:20"\ndo = "effect"\neffect = "nausea"',
        'at = "00:00:30"\ndo = "effect"\neffect = "nausea"\ngrade = "two"',
        'at = "00:00:40"\ndo = "drug"\ndrug = "aspirin"\ndose = 1.0',
        'at = "00:00:50"\ndo = "lock"\nhard = true',
        'at = "00:00:45"\ndo = "lock"',
    )
    assert errors(catalog, text) == (
        "short.toml: step 1: do = 'fly': there is no such verb; see docs/rehearsal.md",
        "short.toml: step 2: at = 'soon': 'soon' is not a time hh:mm:ss",
        "short.toml: step 3: grade: missing",
        "short.toml: step 4: grade = 'two': expected a whole number, got text",
        "short.toml: step 6: hard = True: unknown key",
        "short.toml: step 5: drug = 'aspirin': there is no such drug",
    )


def test_a_step_that_is_earlier_than_the_one_before_is_told(catalog: Catalog) -> None:
    text = steps('at = "00:00:50"\ndo = "lock"', 'at = "00:00:45"\ndo = "lock"')
    assert errors(catalog, text) == ("short.toml: step 2: at = '00:00:45': earlier than the step before",)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('do = "effect"\neffect = "joy"\ngrade = 1', "effect = 'joy': there is no such side effect"),
        ('do = "effect"\neffect = "nausea"\ngrade = 5', "grade = 5: a grade is 1 to 4"),
        ('do = "score"\nscore = "mood"\nvalue = 1', "score = 'mood': there is no such score"),
        ('do = "unlock"\nstaff = "XX"', "staff = 'XX': nobody of the staff has these initials"),
        ('do = "vital"\nvalues = {pulse = 80}', "values = 'pulse': there is no such vital sign"),
        (
            'do = "amend"\nkind = "Wish"\ntext = "a"\nreason = "b"',
            "kind = 'Wish': there is no such kind of entry",
        ),
        ('do = "expect"\nentries = [{kind = "Wish"}]', "entries = 'Wish': there is no such kind of entry"),
    ],
)
def test_a_name_that_no_table_knows_is_told(catalog: Catalog, row: str, told: str) -> None:
    assert errors(catalog, steps(f'at = "00:00:01"\n{row}')) == (f"short.toml: step 1: {told}",)


def test_an_error_in_a_nested_expectation_names_its_place(catalog: Catalog) -> None:
    text = steps('at = "00:00:01"\ndo = "expect"\nalarm = {prio = "high"}\nentries = [{at_least = 2}]')
    told = errors(catalog, text)
    assert told == (
        "short.toml: step 1: alarm: prio = 'high': unknown key",
        "short.toml: step 1: entries 1: kind: missing",
    )


def test_errors_of_the_head_are_told_with_those_of_the_steps(catalog: Catalog) -> None:
    text = steps('at = "00:00:01"\ndo = "fly"').replace("weight_kg = 70", 'weight_kg = "70"\ncolour = 1')
    told = errors(catalog, text.replace('title = "Short"', ""))
    assert "short.toml: title: missing" in told
    assert "short.toml: patient: weight_kg = '70': expected a number, got text" in told
    assert "short.toml: patient: colour = 1: unknown key" in told
    assert any("fly" in line for line in told)


def test_an_unknown_protocol_signer_or_role_is_told(catalog: Catalog) -> None:
    text = steps('at = "00:00:01"\ndo = "wait"')
    text = text.replace("low-dose-one-hour", "dream").replace('signer = "AM"', 'signer = "ZZ"')
    assert errors(catalog, text.replace('["nurse"]', '["angel"]')) == (
        "short.toml: order: protocol = 'dream': there is no such protocol",
        "short.toml: order: signer = 'ZZ': nobody of the staff has these initials",
        "short.toml: staff 1: roles = 'angel': there is no such role",
    )


def test_a_script_without_steps_is_refused(catalog: Catalog) -> None:
    assert errors(catalog, HEAD) == ("short.toml: step: there must be at least one [[step]]",)


def test_a_file_that_is_not_there_is_one_error(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(TableErrors) as caught:
        load_script(tmp_path / "none.toml", catalog)
    assert "there is no such script" in caught.value.errors[0]


def test_what_is_no_toml_is_one_error(catalog: Catalog) -> None:
    assert "this is not TOML" in errors(catalog, "title = ")[0]


# ---------------------------------------------------------------- what is shipped and documented


@pytest.mark.parametrize("name", ["low-dose-hour", "stormy-hour", "without-a-pump"])
def test_the_shipped_rehearsals_are_without_error(catalog: Catalog, name: str) -> None:
    read = load_script(SHIPPED / f"{name}.toml", catalog)
    assert len(read.steps) > 25


def test_every_verb_is_documented_with_each_of_its_arguments() -> None:
    text = (SHIPPED.parents[1] / "docs" / "rehearsal.md").read_text(encoding="utf-8")
    missing = [
        f"{word}: {field.name}"
        for word, verb in VERBS.items()
        for field in msgspec.structs.fields(verb)
        if f"### {word}\n" not in text or f"`{field.name}`" not in _section(text, word)
    ]
    assert missing == []


def _section(text: str, word: str) -> str:
    common = text.partition("## Every step")[2].partition("\n## ")[0]
    return common + text.partition(f"### {word}\n")[2].partition("\n##")[0]


# ---------------------------------------------------------------- how far it was played

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def entry(body: e.AnyBody, second: float) -> e.Entry:
    at = START + timedelta(seconds=second)
    return e.Entry(f"e{second}", "s", Instant(at, second), at, "boot", "lk", body)


def played(catalog: Catalog, *on_disk: e.Entry) -> int:
    read = script(
        catalog,
        'at = "00:00:01"\ndo = "unlock"\nstaff = "LK"\npin = "9999"\nrefused = "pin"',
        'at = "00:00:02"\ndo = "unlock"\nstaff = "LK"',
        'at = "00:00:05"\ndo = "note"\ntext = "one"',
        'at = "00:00:06"\ndo = "expect"\nsaved = "saved"',
        'at = "00:00:10"\ndo = "note"\ntext = "two"',
        'at = "00:00:12"\ndo = "screenshot"',
    )
    return resume_at(read, on_disk)


def test_with_nothing_on_disk_a_rehearsal_begins_with_its_first_step(catalog: Catalog) -> None:
    assert played(catalog) == 0


def test_it_goes_on_after_the_last_step_whose_entry_is_on_disk(catalog: Catalog) -> None:
    assert played(catalog, entry(e.SignedIn("id"), 2), entry(e.NoteWritten("one"), 5)) == 3


def test_an_entry_with_other_words_is_not_the_step_s(catalog: Catalog) -> None:
    assert played(catalog, entry(e.SignedIn("id"), 2), entry(e.NoteWritten("uno"), 5)) == 2


def test_an_entry_before_its_step_s_time_is_another_s(catalog: Catalog) -> None:
    assert played(catalog, entry(e.SignedIn("id"), 1), entry(e.NoteWritten("one"), 5)) == 0


def test_steps_that_leave_nothing_on_disk_are_played_again_at_the_end(catalog: Catalog) -> None:
    done = (entry(e.SignedIn("id"), 2), entry(e.NoteWritten("one"), 5), entry(e.NoteWritten("two"), 10))
    assert played(catalog, *done) == 5


def test_what_leaves_no_entry_and_was_over_before_the_newest_line_is_done_too(catalog: Catalog) -> None:
    read = script(
        catalog,
        'at = "00:00:05"\ndo = "start"',
        'at = "00:00:08"\ndo = "pump_key"\nkey = "start"',
        'at = "00:00:09"\ndo = "expect"\nphase = "infusing"',
        'at = "00:00:20"\ndo = "pump_key"\nkey = "hold"',
    )
    on_disk = (entry(e.InfusionStarted("pump", 17.5), 9),)
    assert [resume_at(read, on_disk, START + timedelta(seconds=s)) for s in (8.5, 9, 10, 30)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ('line = "shoes"', "line = 'shoes': the record has no such line"),
        ('field = "shoe-size"', "field = 'shoe-size': the record has no such field"),
        ('line = "history"\nfield = "temperature"', "field = 'temperature': one of line and field"),
        ('second = "ZZ"', "second = 'ZZ': nobody of the staff has these initials"),
    ],
)
def test_a_step_of_the_record_names_what_the_record_has(catalog: Catalog, step: str, wrong: str) -> None:
    with pytest.raises(TableErrors) as caught:
        script(catalog, f'at = "00:00:02"\ndo = "record"\n{step}')
    assert any(wrong in line for line in caught.value.errors)


def test_a_record_that_was_filled_is_not_filled_again(catalog: Catalog) -> None:
    read = script(
        catalog,
        'at = "00:00:02"\ndo = "record"\nline = "history"',
        'at = "00:00:03"\ndo = "record"\nfield = "temperature"\nreason = "Not measured"',
        'at = "00:00:04"\ndo = "record"',
        'at = "00:00:09"\ndo = "sign"\nsigner = "AM"',
    )
    on_disk = [
        entry(e.CheckInLine("history", "done"), 2),
        entry(e.FieldExplained("temperature", "Not measured"), 3),
        entry(e.CheckInLine("airway", "done"), 4),
        entry(e.CheckInLine("leaving", "done"), 6),
    ]
    assert [resume_at(read, on_disk[:count]) for count in range(5)] == [0, 1, 2, 2, 3]
