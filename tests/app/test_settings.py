"""settings.toml: every error at once, unknown keys refused, defaults where there is no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.catalog import load as catalog
from app.phrases import Phrases, with_own
from app.refusals import TableErrors
from app.settings import BackupSetting, Settings, load_settings


def load(folder: Path, text: str) -> Settings:
    """The settings of this text."""
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def errors(folder: Path, text: str) -> tuple[str, ...]:
    """What is wrong with this text."""
    with pytest.raises(TableErrors) as refused:
        load(folder, text)
    return refused.value.errors


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.toml") == Settings()


def test_what_is_set_is_taken(tmp_path: Path) -> None:
    found = load(tmp_path, 'ppi = 125\npaper = "Letter"\nfullscreen = false\n')
    assert found == Settings(ppi=125.0, paper="Letter", fullscreen=False)


def test_the_numbers_to_call_are_a_table_of_names_and_texts(tmp_path: Path) -> None:
    found = load(tmp_path, '[emergency_numbers]\nAmbulance = "911"\n"Dr. Mora" = "555-0100"\n')
    assert list(found.emergency_numbers.items()) == [("Ambulance", "911"), ("Dr. Mora", "555-0100")]


def test_a_number_to_call_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (line,) = errors(tmp_path, "[emergency_numbers]\nAmbulance = 911\n")
    assert "emergency_numbers.Ambulance: 911" in line
    (line,) = errors(tmp_path, 'emergency_numbers = "911"\n')
    assert "not a table" in line


def test_every_error_is_told_at_once_with_file_key_and_value(tmp_path: Path) -> None:
    found = errors(tmp_path, 'ppi = 900\npaper = "A5"\nfullscreen = 1\ncolour = "blue"\n')
    assert len(found) == 4
    assert all(str(tmp_path / "settings.toml") in line for line in found)
    for key, value in (("ppi", "900"), ("paper", "A5"), ("fullscreen", "1"), ("colour", "no such setting")):
        assert any(key in line and value in line for line in found)


@pytest.mark.parametrize("value", ["true", '"125"', "nan", "inf", "69.9", "250.1"])
def test_a_ppi_that_no_panel_has_is_refused(tmp_path: Path, value: str) -> None:
    assert len(errors(tmp_path, f"ppi = {value}\n")) == 1


@pytest.mark.parametrize("value", ["70", "250.0"])
def test_the_bounds_of_ppi_are_allowed(tmp_path: Path, value: str) -> None:
    assert load(tmp_path, f"ppi = {value}\n").ppi == float(value)


@pytest.mark.parametrize("value", ["5", '["A4"]', "{ a = 1 }"])
def test_a_paper_of_another_type_is_refused(tmp_path: Path, value: str) -> None:
    assert len(errors(tmp_path, f"paper = {value}\n")) == 1


def test_text_that_is_not_toml_says_what_to_do(tmp_path: Path) -> None:
    (only,) = errors(tmp_path, "ppi = = 3")
    assert "Mend the file or remove it" in only


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableErrors):
        load_settings(path)


def test_a_folder_in_the_files_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableErrors):
        load_settings(tmp_path)


def test_a_clinics_own_phrases_are_taken(tmp_path: Path) -> None:
    found = load(tmp_path, '[phrases]\nnote = ["Blanket given"]\namend = ["Wrong chair"]')
    assert found.phrases == Phrases(("Blanket given",), ("Wrong chair",))


def test_every_error_of_the_phrases_is_told_at_once(tmp_path: Path) -> None:
    text = """[phrases]
    note = ["", "Twice", "Twice", "A phrase that is much too long for one target", 7]
    amend = ["a", "b", "c", "d", "e"]
    drugs = ["x"]
    """
    found = errors(tmp_path, text)
    assert len(found) == 6
    told = " ".join(found)
    for part in (
        "phrase 1, ''",
        "'Twice' stands twice",
        "28 at most",
        "phrase 5, 7",
        "4 at most",
        "no such list",
    ):
        assert part in told


def test_phrases_that_are_no_lists_are_refused(tmp_path: Path) -> None:
    assert "is not a table of lists" in errors(tmp_path, 'phrases = "Blanket given"')[0]
    assert "is not a list of phrases" in errors(tmp_path, '[phrases]\nnote = "Blanket given"')[0]


def test_own_phrases_stand_before_the_tables_and_none_stands_twice() -> None:
    tables = catalog()
    known = tables.text_entry.amend_reasons[0]
    found = with_own(tables, Phrases(("Blanket given",), (known, "Wrong chair"))).text_entry
    assert found.own_phrases == ("Blanket given",)
    assert found.note_phrases == tables.text_entry.note_phrases
    assert found.amend_reasons == ("Wrong chair", *tables.text_entry.amend_reasons)


def test_back_ups_have_a_folder_and_hours(tmp_path: Path) -> None:
    found = load(tmp_path, '[backup]\nfolder = "/media/stick"\nhours = 12\n')
    assert found.backup == BackupSetting("/media/stick", 12.0)
    assert load(tmp_path, '[backup]\nfolder = "/media/stick"\n').backup == BackupSetting("/media/stick", 24.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('backup = "/media/stick"', "not a table with folder and hours"),
        ("[backup]\nhours = 12", "backup.folder: None is not a whole path"),
        ('[backup]\nfolder = "stick"', "backup.folder: 'stick' is not a whole path"),
        ('[backup]\nfolder = "/media/stick"\nhours = 0.5', "backup.hours: 0.5 is outside 1 to 168"),
        ('[backup]\nfolder = "/media/stick"\nhours = nan', "backup.hours: nan is outside 1 to 168"),
        ('[backup]\nfolder = "/media/stick"\nhours = true', "backup.hours: True is not a number"),
        ('[backup]\nfolder = "/media/stick"\nkeep = 3', "backup.keep: no such setting"),
    ],
)
def test_a_back_up_that_cannot_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (line,) = errors(tmp_path, text)
    assert said in line
