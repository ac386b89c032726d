"""How an alarm sounds: the bursts of IEC 60601-1-8, synthesized from the numbers of the table.

A pulse lasts, and pulses are spaced, between the points where the sound has `counted_to_pct` of its amplitude; it rises
and falls in a straight line, of which the part from `counted_from_pct` on counts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from app.clinical.rows import IecPulse, IecSignal, IecTable, Priority

Samples = npt.NDArray[np.int16]

LOWEST_FIRST: Final[tuple[Priority, ...]] = ("low", "medium", "high")

_LOUDEST: Final = 0.9 * np.iinfo(np.int16).max
"""The highest sample of a sound of 0 dB: a little below what the format holds."""


def signal_of(iec: IecTable, priority: Priority) -> IecSignal:
    """The row of a priority."""
    return {"high": iec.high, "medium": iec.medium, "low": iec.low}[priority]


def spaces_ms(signal: IecSignal) -> tuple[float, ...]:
    """What lies between the pulses of a burst: of high x, x, 2x and a pulse, x, then the gap, and again."""
    x = signal.spacing_ms
    if signal.gap_after_fifth_ms is None:
        return (x,) * (signal.pulses - 1)
    pattern = (x, x, 2 * x + signal.pulse_ms, x, signal.gap_after_fifth_ms)
    return (pattern * signal.pulses)[: signal.pulses - 1]


def rise_ms(signal: IecSignal, pulse: IecPulse) -> float:
    """How long the sound rises from nothing to all."""
    return signal.pulse_ms * pulse.rise_pct / (pulse.counted_to_pct - pulse.counted_from_pct)


def fall_ms(signal: IecSignal, pulse: IecPulse) -> float:
    """How long it falls from all to nothing."""
    return signal.pulse_ms * pulse.fall_pct / (pulse.counted_to_pct - pulse.counted_from_pct)


def silence_ms(signal: IecSignal, pulse: IecPulse, space_ms: float) -> float:
    """What is left between two pulses without any sound; below nothing where they would run into each other."""
    return space_ms - pulse.counted_to_pct / 100 * (rise_ms(signal, pulse) + fall_ms(signal, pulse))


def burst_s(signal: IecSignal, pulse: IecPulse) -> float:
    """A burst from its first sound to its last."""
    return float(_corners_ms(signal, pulse)[-1]) / 1000


def burst(iec: IecTable, priority: Priority, rate_hz: int) -> Samples:
    """The samples of one burst, mono."""
    signal, pulse = signal_of(iec, priority), iec.pulse
    corners = _corners_ms(signal, pulse)
    at_s = np.arange(round(corners[-1] / 1000 * rate_hz)) / rate_hz
    loud = np.interp(at_s * 1000, corners, np.tile((0.0, 1.0, 1.0, 0.0), signal.pulses))
    height = _LOUDEST * 10 ** (signal.level_db / 20)
    samples: Samples = (loud * _tone(pulse, at_s) * height).astype(np.int16)
    return samples


def _corners_ms(signal: IecSignal, pulse: IecPulse) -> npt.NDArray[np.float64]:
    """Where each pulse begins to rise, is whole, begins to fall and is over."""
    rise, fall = rise_ms(signal, pulse), fall_ms(signal, pulse)
    whole = signal.pulse_ms - (1 - pulse.counted_to_pct / 100) * (rise + fall)
    corners = [0.0, rise, rise + whole, rise + whole + fall]
    for space in spaces_ms(signal):
        begin = corners[-1] + silence_ms(signal, pulse, space)
        corners += [begin, begin + rise, begin + rise + whole, begin + rise + whole + fall]
    return np.array(corners)


def _tone(pulse: IecPulse, at_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The fundamental with its harmonics, at most 1 high."""
    share = 10 ** (pulse.harmonic_db / 20)
    turn = 2 * np.pi * pulse.fundamental_hz * at_s
    tone = np.sin(turn)
    for number in range(pulse.harmonics):
        tone = tone + share * np.sin((number + 2) * turn)
    highest: npt.NDArray[np.float64] = tone / np.max(np.abs(tone))
    return highest
