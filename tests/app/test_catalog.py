"""The shipped tables load whole and fast; a broken table is told with every error at once."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.catalog import FILES, load
from app.clinical.rows import Drug, Effect, Score
from app.clinical.vitals import Vital
from app.refusals import TableErrors

SHIPPED = Path(__file__).parents[2] / "resources" / "clinical"
ICONS = Path(__file__).parents[2] / "resources" / "icons"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "clinical"))


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _errors(folder: Path) -> tuple[str, ...]:
    with pytest.raises(TableErrors) as caught:
        load(folder)
    return caught.value.errors


def test_the_shipped_tables_hold_every_row_that_the_sources_gave() -> None:
    catalog = load()
    assert len(catalog.protocols) == 16
    assert len(catalog.drugs) == 22
    assert len(catalog.effects) == 24
    assert len(catalog.scores) == 12
    assert len(catalog.discharge_criteria) == 18
    assert len(catalog.pk_models) == 9
    assert len(catalog.record.groups) == 9
    assert set(catalog.alarm_limits) == set(Vital)


def test_the_tables_are_drafts_until_every_one_is_signed(folder: Path) -> None:
    assert load(folder).status == "draft"
    for name in FILES:
        _edit(folder, name, 'status = "draft"', 'status = "signed"')
    assert load(folder).status == "signed"


def test_the_version_changes_with_a_single_byte(folder: Path) -> None:
    before = load(folder).version
    assert re.fullmatch(r"[0-9a-f]{12}", before)
    assert load().version == before
    _edit(folder, "chair", "usual_ml = 50.0", "usual_ml = 60.0")
    assert load(folder).version != before


def test_prose_is_kept_aside_by_its_path() -> None:
    notes = load().notes
    assert notes["drug/ketorolac/cautions"].startswith("LOOK-ALIKE")
    assert "0.5 mg/kg/HOUR" in notes["protocol/low-dose-one-hour/ambiguity"]
    assert not [name for name in notes if name.endswith("_note")]


def test_two_notes_never_share_a_path() -> None:
    written = sum(
        len(re.findall(r"^\w+_note = ", (SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), re.MULTILINE))
        for name in FILES
    )
    assert len(load().notes) == written


def test_every_row_with_a_limit_of_our_own_says_so() -> None:
    catalog = load()
    rows: list[Drug | Effect | Score] = [
        *catalog.drugs.values(),
        *catalog.effects.values(),
        *catalog.scores.values(),
    ]
    for row in rows:
        assert "own default" in row.display_source
    assert "own default" in catalog.entry_ranges["weight"].source
    assert "own default" in catalog.pk.widen_source


def test_the_bar_offers_what_the_chair_screen_draws() -> None:
    catalog = load()
    assert [effect.short for effect in catalog.usual_effects()] == [
        "Nausea",
        "Dissociation",
        "Anxiety",
        "Headache",
        "Vision",
    ]
    assert [drug.id for drug in catalog.usual_drugs()] == ["midazolam", "ondansetron"]
    assert [score.short for score in catalog.usual_scores()] == ["Pain", "Sedation"]
    assert [effect.short for effect in catalog.effect_matrix()][:3] == ["Nausea", "Vomiting", "Dissociation"]


def test_every_icon_that_a_table_names_is_there() -> None:
    catalog = load()
    rows: list[Drug | Effect | Score] = [
        *catalog.effects.values(),
        *catalog.drugs.values(),
        *catalog.scores.values(),
    ]
    missing = {row.icon for row in rows if not (ICONS / f"{row.icon}.svg").is_file()}
    assert not missing


def test_a_label_has_the_colour_of_its_class() -> None:
    assert load().colour_of("ketamine").hex == "#FFEB00"
    assert load().colour_of("flumazenil").stripes


@pytest.mark.parametrize(
    ("drug", "allergies", "against"),
    [
        ("ondansetron", ("ondansetron",), "ondansetron"),
        ("ondansetron", ("setrons",), "setrons"),
        ("midazolam", ("ondansetron", "benzodiazepines"), "benzodiazepines"),
        ("clonidine", ("Clonidine patch",), "Clonidine patch"),
        ("ondansetron", ("penicillin",), None),
        ("glycopyrrolate", ("latex", "nsaids"), None),
        ("midazolam", (), None),
    ],
)
def test_an_allergy_bars_its_drug_and_the_drugs_of_its_class(
    drug: str, allergies: tuple[str, ...], against: str | None
) -> None:
    assert load().allergy_against(drug, allergies) == against


def test_loading_takes_well_under_a_second() -> None:
    load()
    begin = time.perf_counter()
    load()
    assert time.perf_counter() - begin < 0.5


# ---------------------------------------------------------------- broken tables


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "drugs",
            'name = "ketamine"\nkind',
            'nmae = "ketamine"\nkind',
            r"drug\[ketamine\]\.nmae = 'ketamine': unknown key",
        ),
        ("drugs", 'name = "ketamine"\nkind', "kind", r"drug\[ketamine\]\.name: missing"),
        (
            "drugs",
            'unit = "mg"\nusual_dose_range = [0.5, 2.0]',
            "usual_dose_range = [0.5, 2.0]",
            r"drug\[midazolam\]\.unit: missing",
        ),
        (
            "drugs",
            "hard_single = 2.5",
            'hard_single = "2.5"',
            r"drug\[midazolam\]\.hard_single = '2\.5': expected a number",
        ),
        (
            "drugs",
            "hard_single = 2.5",
            "hard_single = -2.5",
            r"drug\[midazolam\]\.hard_single = -2\.5: it is below 0",
        ),
        (
            "drugs",
            "hard_single = 2.5",
            "hard_single = nan",
            r"drug\[midazolam\]\.hard_single = nan: this is not a number",
        ),
        (
            "drugs",
            "usual_dose_range = [0.5, 2.0]",
            "usual_dose_range = [2.0, 0.5]",
            r"usual_dose_range = \[2\.0, 0\.5\]: the range is reversed",
        ),
        (
            "drugs",
            "usual_dose_range = [0.5, 2.0]",
            "usual_dose_range = [2.0]",
            r"usual_dose_range = \[2\.0\]: a range is",
        ),
        (
            "drugs",
            "dose_steps = [0.5, 1.0, 1.5, 2.0]",
            "dose_steps = [0.5, 3.0]",
            r"dose_steps = 3: it passes hard_single = 2\.5",
        ),
        (
            "drugs",
            'label_class = "induction"',
            'label_class = "yellow"',
            r"label_class = 'yellow': there is no such colour",
        ),
        (
            "drugs",
            'id = "lorazepam"',
            'id = "midazolam"',
            r"drug\[midazolam\]\.id = 'midazolam': this id is there twice",
        ),
        ("drugs", 'id = "lorazepam"', 'id = "LORazepam"', r"id = 'LORazepam': an id is lower-case"),
        (
            "drugs",
            "soft_rate_mg_per_kg_per_h = 1.0",
            "soft_rate_mg_per_kg_per_h = 3.0",
            r"soft_rate_mg_per_kg_per_h = 3: it lies above hard_rate_mg_per_kg_per_h = 2",
        ),
        (
            "protocols",
            'rate_unit = "mg/kg/h"\nstart_rate = 0.5',
            "start_rate = 0.5",
            r"protocol\[low-dose-one-hour\]\.rate_unit: missing, start_rate has no unit",
        ),
        (
            "protocols",
            'rate_unit = "mg/kg/h"\nstart',
            'rate_unit = "mg/kg"\nstart',
            r"rate_unit = 'mg/kg': invalid enum value",
        ),
        (
            "protocols",
            'unset = ["max_rate"]',
            'unset = ["maximum"]',
            r"unset = 'maximum': there is no such key",
        ),
        (
            "protocols",
            'unset = ["max_rate"]',
            'unset = ["start_rate"]',
            r"start_rate = 0\.5: the row names it as unset",
        ),
        (
            "protocols",
            'nearest_published = "schwartzman-2009"',
            'nearest_published = "x"',
            r"nearest_published = 'x': there is no such protocol",
        ),
        (
            "protocols",
            "min_rate = 10.0\nmax_rate = 50.0",
            "min_rate = 60.0\nmax_rate = 50.0",
            r"min_rate = 60: it lies above max_rate = 50",
        ),
        (
            "alarm_limits",
            "high_below = 88",
            "high_below = 93",
            r"parameter\[spo2\]\.high_below = 93: it lies above medium_below = 92",
        ),
        (
            "alarm_limits",
            'id = "temp"',
            'id = "temperature"',
            r"parameter\[temperature\]\.id = 'temperature': invalid enum value",
        ),
        (
            "alarm_limits",
            'unit = "/min"',
            'unit = "bpm"',
            r"parameter\[heart_rate\]\.unit = 'bpm': this vital sign is in /min",
        ),
        (
            "alarm_limits",
            "possible_range = [0, 100]",
            "possible_range = [50, 100]",
            r"parameter\[spo2\]\.possible_range = \[50, 100\]: what a person may enter",
        ),
        (
            "alarm_limits",
            'effects = ["chest-pain"',
            'effects = ["heartache"',
            r"stop_rule\[effects\]\.effects = 'heartache': there is no such side effect",
        ),
        (
            "side_effects",
            'scores = ["moaas"]',
            'scores = ["moas"]',
            r"effect\[sedation\]\.scores = 'moas': there is no such score",
        ),
        ("side_effects", 'short = "Dissociation"', 'short = "Dissociation, out"', r"longer than 13 letters"),
        ("side_effects", "usual_order = 2", "usual_order = 1", r"usual_order = 1: this place is there twice"),
        (
            "scores",
            'drug_key = "observe_after_min"',
            'drug_key = "observe"',
            r"drug_key = 'observe': there is no such key of a drug",
        ),
        (
            "pk_models",
            'recommended_band = ["clements250", "domino"]',
            'recommended_band = ["clements250", "hornik"]',
            r"'hornik': this model may not be drawn at the bedside",
        ),
        (
            "pk_models",
            "widen_low = 0.7",
            "widen_low = 1.7",
            r"widen_low = 1\.7: the band must not become narrower",
        ),
        ("entry", 'id = "weight"\n', 'id = "wait"\n', r"entry_range\[weight\]: missing"),
        ("entry", "debounce_ms = 100", "debounce_ms = 500", r"debounce_ms = 500: out of range"),
        (
            "chair",
            "resolution_ml_h = 0.1",
            "resolution_ml_h = 0.0",
            r"resolution_ml_h = 0: it is not above 0",
        ),
        (
            "allergies",
            'drug = "ketamine"',
            'drug = "ketamin"',
            r"allergy\[ketamine\]\.drug = 'ketamin': there is no such drug",
        ),
        (
            "record_fields",
            'line = "during", answers = ["position"]}',
            'line = "during"}',
            r"field\[position\]: the program knows no evidence for this field, and no line with answers records it",
        ),
        (
            "record_fields",
            '  {id = "mrn", label = "MRN", required = true, source = "cms"},\n',
            "",
            r"field\[mrn\]: missing",
        ),
        (
            "record_fields",
            'line = "during", answers = ["rhythm"]',
            'line = "duration", answers = ["rhythm"]',
            r"field\[ecg-rhythm\]\.line = 'duration': there is no such line",
        ),
        (
            "record_fields",
            'answers = ["rhythm"]',
            'answers = ["rythm"]',
            r"field\[ecg-rhythm\]\.answers = 'rythm': there is no such answer",
        ),
        (
            "record_fields",
            '{id = "date", label = "Date"',
            '{id = "voided", label = "Date"',
            r"field\[voided\]: this id is there twice",
        ),
        (
            "record_fields",
            'place = "supervisor"',
            'place = "street"',
            r"fields\[supervising-physician-acls\]\.place = 'street'",
        ),
        (
            "check_in",
            'id = "history"',
            'id = "consent"',
            r"record_line\[consent\]: a line has this id already",
        ),
        (
            "check_in",
            'id = "history"',
            'id = "history"\nblocks = true',
            r"record_line\[history\]: a line for the record neither blocks the start nor takes sets",
        ),
        (
            "check_in",
            '{text = "CRPS"}',
            '{text = "CRPS", stops = true}',
            r"record_line\[history\]: an answer for the record does not stop the start",
        ),
        (
            "check_in",
            'signed_by = ["anesthetist", "director"]',
            'signed_by = ["surgeon"]',
            r"record_line\[airway\]\.signed_by = 'surgeon': there is no such role",
        ),
        ("chair", "schema = 2", "schema = 3", r"schema = 3: this program reads schema 2"),
        ("chair", "schema = 2", "schema = ", r"this is not TOML"),
    ],
)
def test_a_broken_value_is_told_with_its_file_and_key(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    _edit(folder, file, old, new)
    assert any(re.search(rf"{file}\.toml: .*{said}|{file}\.toml.*{said}", line) for line in _errors(folder))


def test_every_error_of_every_file_is_told_at_once(folder: Path) -> None:
    _edit(folder, "drugs", "hard_single = 2.5", 'hard_single = "2.5"')
    _edit(folder, "drugs", 'id = "lorazepam"', 'id = "midazolam"')
    _edit(folder, "protocols", "active_recovery_min = 20", "active_recovery = 20")
    (folder / "chair.toml").unlink()
    errors = _errors(folder)
    assert len(errors) == 4
    assert "chair.toml: the file is missing or cannot be read" in errors


def test_a_contradiction_between_tables_is_told_beside_another(folder: Path) -> None:
    _edit(folder, "protocols", 'nearest_published = "schwartzman-2009"', 'nearest_published = "x"')
    _edit(folder, "alarm_limits", "high_below = 88", "high_below = 93")
    assert len(_errors(folder)) == 2


def test_a_note_may_stand_anywhere(folder: Path) -> None:
    _edit(folder, "drugs", 'name = "midazolam"', 'name = "midazolam"\nwhy_not_note = "anything"')
    assert load(folder).notes["drug/midazolam/why_not"] == "anything"
