"""What must hold of the sounds in the table: each number inside the standard's range, and the order of priorities."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from app.clinical.rows import IecPulse, IecSignal, IecTable, Range
from app.clinical.tables import Catalog
from app.clinical.tones import LOWEST_FIRST, signal_of, silence_ms, spaces_ms

_WHERE = "alarm_limits.toml: iec_60601_1_8"


def check_tones(catalog: Catalog) -> tuple[str, ...]:
    """Every contradiction, one line each with file, key and value."""
    iec = catalog.iec
    lines = list(_pulse(f"{_WHERE}.pulse", iec.pulse))
    for priority in LOWEST_FIRST:
        lines += _signal(f"{_WHERE}.{priority}", signal_of(iec, priority), iec.pulse)
    return (*lines, *_order(iec))


def _outside(where: str, value: float | None, allowed: Range | tuple[int, int] | None) -> Iterator[str]:
    if value is None or allowed is None:
        return
    low, high = allowed
    if not low <= value <= high:
        yield f"{where} = {value:g}: it lies outside {low:g} to {high:g}"


def _pulse(where: str, pulse: IecPulse) -> Iterator[str]:
    yield from _outside(f"{where}.fundamental_hz", pulse.fundamental_hz, pulse.fundamental_range_hz)
    yield from _outside(f"{where}.rise_pct", pulse.rise_pct, pulse.rise_time_range_pct_of_pulse)
    if pulse.harmonics < pulse.harmonics_at_least:
        yield f"{where}.harmonics = {pulse.harmonics}: at least {pulse.harmonics_at_least} are asked for"
    for number in (2, pulse.harmonics + 1):
        yield from _outside(
            f"{where}.harmonics ({number} times the fundamental)",
            number * pulse.fundamental_hz,
            pulse.harmonics_range_hz,
        )
    if abs(pulse.harmonic_db) > pulse.harmonics_within_db:
        yield f"{where}.harmonic_db = {pulse.harmonic_db:g}: further than {pulse.harmonics_within_db:g} dB"


def _signal(where: str, signal: IecSignal, pulse: IecPulse) -> Iterator[str]:
    spacing = signal.spacing_x_range_ms or signal.spacing_y_range_ms
    yield from _outside(f"{where}.pulses", signal.pulses, signal.pulses_per_burst_range)
    yield from _outside(f"{where}.pulse_ms", signal.pulse_ms, signal.pulse_range_ms)
    yield from _outside(f"{where}.spacing_ms", signal.spacing_ms, spacing)
    yield from _outside(
        f"{where}.gap_after_fifth_ms", signal.gap_after_fifth_ms, signal.gap_after_fifth_range_ms
    )
    yield from _outside(f"{where}.interburst_s", signal.interburst_s, signal.interburst_range_s)
    if signal.gap_after_fifth_range_ms is not None and signal.gap_after_fifth_ms is None:
        yield f"{where}.gap_after_fifth_ms: missing"
    if signal.interburst_s is None and signal.bursts != 1:
        yield f"{where}.interburst_s: missing"
    if any(silence_ms(signal, pulse, space) < 0 for space in spaces_ms(signal)):
        yield f"{where}.spacing_ms = {signal.spacing_ms:g}: the pulses run into each other"


def _order(iec: IecTable) -> Iterator[str]:
    """A higher priority is no less loud, and its bursts follow each other more closely."""
    spread_db = iec.high.level_db - iec.low.level_db
    if spread_db > iec.pulse.amplitude_spread_at_most_db:
        yield f"{_WHERE}.low.level_db = {iec.low.level_db:g}: {spread_db:g} dB below high"
    for less, more in pairwise(LOWEST_FIRST):
        low, high = signal_of(iec, less), signal_of(iec, more)
        if low.level_db > high.level_db:
            yield f"{_WHERE}.{less}.level_db = {low.level_db:g}: it lies above {more} = {high.level_db:g}"
        gap_s, shorter_s = low.interburst_s, high.interburst_s
        if gap_s is not None and shorter_s is not None and gap_s <= shorter_s:
            yield f"{_WHERE}.{less}.interburst_s = {gap_s:g}: it does not lie above {more} = {shorter_s:g}"
