"""The bursts as they are played: pitch, harmonics, lengths and spaces, measured from the samples."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest

from app.catalog import load
from app.clinical.rows import IecSignal, Priority, Range
from app.clinical.tone_checks import check_tones
from app.clinical.tones import LOWEST_FIRST, Samples, burst, burst_s, signal_of

CATALOG = load()
IEC = CATALOG.iec
RATE_HZ = 48_000
SLACK_MS = 3.0
"""The outline of a sound is known to a period of its lowest tone and a little."""

every_priority = pytest.mark.parametrize("priority", LOWEST_FIRST)


def outline(samples: Samples) -> np.ndarray:
    """How high the sound stands around each sample, 1 at its highest."""
    width = round(RATE_HZ / IEC.pulse.fundamental_hz) + 1
    windows = np.lib.stride_tricks.sliding_window_view(
        np.abs(np.pad(samples, width // 2).astype(float)), width
    )
    high = windows.max(axis=1)
    return np.asarray(high / high.max())


def crossings_ms(samples: Samples, share: float) -> list[tuple[float, float]]:
    """From when to when each pulse stands above this share of its height."""
    above = np.concatenate(([False], outline(samples) >= share, [False]))
    turns = np.flatnonzero(np.diff(above.astype(int))) / RATE_HZ * 1000
    return [(float(begin), float(end)) for begin, end in turns.reshape(-1, 2)]


def inside(value: float, allowed: Range | None, slack: float = 0.0) -> bool:
    assert allowed is not None
    return allowed[0] - slack <= value <= allowed[1] + slack


def spaces(priority: Priority) -> list[float]:
    pulses = crossings_ms(burst(IEC, priority, RATE_HZ), IEC.pulse.counted_to_pct / 100)
    return [after[0] - before[1] for before, after in pairwise(pulses)]


@every_priority
def test_a_burst_has_as_many_pulses_as_the_standard_asks_for_each_as_long_as_it_allows(
    priority: Priority,
) -> None:
    signal = signal_of(IEC, priority)
    pulses = crossings_ms(burst(IEC, priority, RATE_HZ), IEC.pulse.counted_to_pct / 100)
    low, high = signal.pulses_per_burst_range
    assert low <= len(pulses) <= high
    for begin, end in pulses:
        assert inside(end - begin, signal.pulse_range_ms, SLACK_MS)
        assert abs(end - begin - signal.pulse_ms) < SLACK_MS


@pytest.mark.parametrize("priority", ["medium", "low"])
def test_the_pulses_of_a_medium_and_a_low_burst_are_spaced_alike_and_inside_the_range(
    priority: Priority,
) -> None:
    assert all(
        inside(space, signal_of(IEC, priority).spacing_y_range_ms, SLACK_MS) for space in spaces(priority)
    )


def test_a_high_burst_is_three_and_two_pulses_twice_with_a_gap_after_the_fifth() -> None:
    signal = IEC.high
    found = spaces("high")
    assert len(found) == 9
    narrow = [found[place] for place in (0, 1, 3, 5, 6, 8)]
    assert all(inside(space, signal.spacing_x_range_ms, SLACK_MS) for space in narrow)
    assert max(narrow) - min(narrow) < SLACK_MS
    for place in (2, 7):
        assert abs(found[place] - (2 * found[0] + signal.pulse_ms)) < 2 * SLACK_MS
    assert inside(found[4], signal.gap_after_fifth_range_ms, SLACK_MS)


@every_priority
def test_each_pulse_rises_within_the_standards_part_of_its_length(priority: Priority) -> None:
    signal, samples = signal_of(IEC, priority), burst(IEC, priority, RATE_HZ)
    low = crossings_ms(samples, IEC.pulse.counted_from_pct / 100)
    high = crossings_ms(samples, IEC.pulse.counted_to_pct / 100)
    assert len(low) == len(high)
    for (begins, _), (whole, _) in zip(low, high, strict=True):
        part = (whole - begins) / signal.pulse_ms * 100
        assert inside(part, IEC.pulse.rise_time_range_pct_of_pulse, 100 * SLACK_MS / signal.pulse_ms)


@every_priority
def test_the_pitch_and_four_harmonics_are_there_within_fifteen_decibels(priority: Priority) -> None:
    samples = burst(IEC, priority, RATE_HZ)
    begin, end = crossings_ms(samples, 0.95)[0]
    whole = samples[round(begin * RATE_HZ / 1000) : round(end * RATE_HZ / 1000)].astype(float)
    strength = np.abs(np.fft.rfft(whole * np.hanning(len(whole)), n=RATE_HZ))  # a bin for each hertz
    pitch = int(np.argmax(strength))
    assert inside(pitch, IEC.pulse.fundamental_range_hz)
    assert abs(pitch - IEC.pulse.fundamental_hz) < 3
    near = [strength[round(n * pitch) - 8 : round(n * pitch) + 9].max() for n in range(2, 9)]
    level_db = 20 * np.log10(np.array(near) / strength[pitch])
    there = [
        n
        for n, level in zip(range(2, 9), level_db, strict=True)
        if abs(level) <= IEC.pulse.harmonics_within_db
    ]
    assert len(there) >= IEC.pulse.harmonics_at_least
    assert all(inside(n * pitch, IEC.pulse.harmonics_range_hz) for n in there)


def test_the_higher_the_priority_the_louder_and_not_too_far_apart() -> None:
    highest = [float(np.abs(burst(IEC, one, RATE_HZ)).max()) for one in LOWEST_FIRST]
    assert highest == sorted(highest)
    spread_db = 20 * np.log10(highest[-1] / highest[0])
    assert 0 < spread_db <= IEC.pulse.amplitude_spread_at_most_db


@every_priority
def test_no_sample_is_cut_off_and_the_burst_begins_and_ends_in_silence(priority: Priority) -> None:
    samples = burst(IEC, priority, RATE_HZ)
    assert np.abs(samples.astype(int)).max() < np.iinfo(np.int16).max
    assert abs(int(samples[0])) + abs(int(samples[-1])) < 200
    assert len(samples) / RATE_HZ == pytest.approx(burst_s(signal_of(IEC, priority), IEC.pulse), abs=1e-4)


@pytest.mark.parametrize(
    ("priority", "changes", "words"),
    [
        ("high", {"pulses": 9}, "high.pulses = 9: it lies outside 10 to 10"),
        ("high", {"pulse_ms": 60.0}, "high.pulse_ms = 60: it lies outside 75 to 200"),
        ("high", {"spacing_ms": 130.0}, "high.spacing_ms = 130: it lies outside 50 to 125"),
        ("high", {"spacing_ms": 60.0}, "high.spacing_ms = 60: the pulses run into each other"),
        ("high", {"gap_after_fifth_ms": 300.0}, "high.gap_after_fifth_ms = 300: it lies outside 350 to 1300"),
        ("high", {"gap_after_fifth_ms": None}, "high.gap_after_fifth_ms: missing"),
        ("high", {"interburst_s": 16.0}, "high.interburst_s = 16: it lies outside 2.5 to 15"),
        ("high", {"level_db": 8.0}, "low.level_db = -6: 14 dB below high"),
        ("medium", {"interburst_s": 2.8}, "medium.interburst_s = 2.8: it does not lie above high = 3"),
        ("medium", {"interburst_s": None}, "medium.interburst_s: missing"),
        ("medium", {"level_db": 1.0}, "medium.level_db = 1: it lies above high = 0"),
        ("low", {"pulses": 3}, "low.pulses = 3: it lies outside 1 to 2"),
        ("pulse", {"fundamental_hz": 120.0}, "pulse.fundamental_hz = 120: it lies outside 150 to 1000"),
        ("pulse", {"fundamental_hz": 900.0}, "pulse.harmonics (5 times the fundamental) = 4500"),
        ("pulse", {"harmonics": 3}, "pulse.harmonics = 3: at least 4 are asked for"),
        ("pulse", {"harmonic_db": -16.0}, "pulse.harmonic_db = -16: further than 15 dB"),
        ("pulse", {"rise_pct": 5.0}, "pulse.rise_pct = 5: it lies outside 10 to 40"),
    ],
)
def test_a_table_outside_the_standards_ranges_is_refused(
    priority: str, changes: dict[str, float | None], words: str
) -> None:
    row: IecSignal = msgspec.structs.replace(getattr(IEC, priority), **changes)
    iec = msgspec.structs.replace(IEC, **{priority: row})
    lines = check_tones(msgspec.structs.replace(CATALOG, iec=iec))
    assert any(words in line for line in lines), lines


def test_the_programs_own_table_is_inside_them() -> None:
    assert check_tones(CATALOG) == ()
