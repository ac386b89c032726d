"""The decode command: a recording into lines, and clear words where it cannot."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devices.decode import decode
from devices.framing import alaris_frame
from tests.devices.dri import basic_record, framed

ROOT = Path(__file__).resolve().parents[2]


def decoded(driver_id: str, path: Path) -> tuple[int, list[dict[str, Any]], list[str]]:
    """The exit code, the objects written, the lines of errors."""
    out, err = io.StringIO(), io.StringIO()
    code = decode(driver_id, str(path), out, err)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue().splitlines()


def recording(folder: Path, *parts: bytes) -> Path:
    path = folder / "recording.raw"
    path.write_bytes(b"".join(parts))
    return path


def test_each_vital_sign_is_a_line_with_the_devices_time_its_unit_and_the_reason_it_is_missing(
    tmp_path: Path,
) -> None:
    code, rows, _ = decoded(
        "ge-dri", recording(tmp_path, framed(basic_record(1_533_220_220, ecg=(3, 85, 21))))
    )
    assert code == 0
    assert list(rows[0].items()) == [
        ("at", "2018-08-02T14:30:20Z"),
        ("vital", "heart_rate"),
        ("value", 85.0),
        ("unit", "/min"),
        ("why_missing", None),
    ]
    assert [row["vital"] for row in rows] == [
        "heart_rate", "pulse_rate", "spo2", "resp_rate", "etco2", "temp",
    ]  # fmt: skip
    assert rows[5] == {
        "at": "2018-08-02T14:30:20Z",
        "vital": "temp",
        "value": None,
        "unit": "°C",
        "why_missing": "no module",
    }


def test_the_last_line_of_errors_counts_the_frames(tmp_path: Path) -> None:
    good = framed(basic_record())
    senseless = framed(b"\x00\x80" + basic_record()[2:])
    data = (good[200:], good, b"\x01\x02~", good, senseless, good[:100])
    code, _, errors = decoded("ge-dri", recording(tmp_path, *data))
    assert code == 0
    assert errors == ["frames: 2 good, 1 bad, 1 refused, 2 partial"]


def test_a_pumps_recording_gives_its_statuses(tmp_path: Path) -> None:
    status = alaris_frame("INF^8002-51733^-^SET^5.00^ml/h^^1.250^ml^17.91^mmHg^03:45:00^EVENT^127904")
    code, rows, errors = decoded("alaris", recording(tmp_path, status))
    assert code == 0
    assert rows[0]["at"] is None
    assert rows[0]["pump"]["rate_ml_h"] == 5.0
    assert rows[0]["pump"]["mode"] == "running"
    assert errors == ["frames: 1 good, 0 bad, 0 refused, 0 partial"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nothing.raw"
    code, rows, errors = decoded("ge-dri", path)
    assert (code, rows) == (2, [])
    assert errors == [f"decode: {path}: there is no such file. Check the name."]


def test_a_folder_is_not_a_recording(tmp_path: Path) -> None:
    code, _, errors = decoded("ge-dri", tmp_path)
    assert code == 2
    assert errors == [f"decode: {tmp_path}: this is a folder. Name one file in it."]


def test_a_driver_that_does_not_exist_is_answered_with_those_that_do(tmp_path: Path) -> None:
    code, _, errors = decoded("ge", recording(tmp_path, b""))
    assert code == 2
    assert errors == ['decode: there is no driver "ge". Drivers: alaris, ge-dri.']


@pytest.mark.parametrize(
    ("driver_id", "data"),
    [
        ("ge-dri", b""),
        ("ge-dri", b"29-Dec-17 07:18:43    99      66      12 \r\n" * 40),
        ("alaris", framed(basic_record()) * 20),
    ],
)
def test_a_recording_of_another_device_is_told_apart(tmp_path: Path, driver_id: str, data: bytes) -> None:
    path = recording(tmp_path, data)
    code, rows, errors = decoded(driver_id, path)
    assert (code, rows, len(errors)) == (1, [], 2)
    assert errors[0].startswith(f"decode: {path}: no whole frame of ")
    assert errors[1].startswith("frames: 0 good, ")


def test_a_recorded_monitor_gives_a_line_for_each_vital_sign_and_each_new_pressure(captures: Path) -> None:
    folder = captures / "monitors" / "ge_dri_pycollect"
    code, rows, errors = decoded("ge-dri", folder / "db00_part1.raw")
    assert code == 0
    assert len(rows) == 868 * 6 + 6 * 3
    assert errors == ["frames: 1736 good, 0 bad, 0 refused, 2 partial"]
    code, rows, errors = decoded("ge-dri", folder / "db02.raw")
    assert code == 0
    assert len(rows) == 107 * 6 + 3
    assert errors == ["frames: 213 good, 0 bad, 0 refused, 1 partial"]


def test_decoding_needs_neither_a_screen_nor_a_database_nor_a_port() -> None:
    look = "import sys, devices.decode; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"PySide6", "shiboken6", "pyqtgraph", "numpy", "sqlalchemy", "sqlcipher3", "serial"}
    assert not heavy & set(done.stdout.split())


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    path = recording(tmp_path, framed(basic_record()) * 3000)
    code = (
        "import sys; from devices.decode import decode; decode('ge-dri', sys.argv[1], sys.stdout, sys.stderr)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 0
