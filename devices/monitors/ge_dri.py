"""GE / Datex-Ohmeda S/5 and CARESCAPE monitors: the "DRI" records of their serial interface.

Sources: GE 8005313, S/5 DRI specification, 12th ed. 2020 (contents); GE M1017617, computer interface,
12th ed. 2020 (line, framing, requests).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct

from app.clinical.vitals import NIBP, Vital
from app.instant import utc_from_unix
from app.readings import Frame, FrameCounts, NumbersFrame, Reading
from devices.driver import Kind, Line
from devices.framing import DriFramer, dri_frame, dri_records

Possible = Mapping[Vital, tuple[float, float]]

# ------------------------------------------------------------------ the record

HEADER_SIZE = 40
HEADER = Struct("<h4xI4xh")  # r_len, r_time, r_maintype
PHDB, WAVE, ALARM, NETWORK, FREE_OBJECTS = 0, 1, 4, 5, 8
MAIN_TYPES = frozenset({PHDB, WAVE, ALARM, NETWORK, FREE_OBJECTS})
TABLE = Struct("<hBhBhBhBhBhBhBhB")
END_OF_TABLE = 0xFF
DISPLAYED, AUXILIARY = 1, 4  # record types of PHDB; 2 and 3 are trends
PHDB_SIZE, AUXILIARY_SIZE = 278, 114
WAVE_HEAD = Struct("<h4x")
CLASS_WORD = Struct("<H")
CLASS_AT, CLASS_BITS = 276, 0x0F00  # 0 in these bits: the basic class

# Length, main type, a table of one subrecord and its end; then record type, interval, classes (0: basic).
REQUEST = Struct("<h12xh 2xB2xB18x BhI2x")

# Basic class. Each group: u32 status, u16 label, then i16 values. In this order, from the subrecord's start:
# ECG hr, impedance rate; NIBP sys, dia, mean; T1-T4; SpO2, pulse; CO2 et, rate, ambient pressure; flow rate.
NUMBERS = Struct("<4x I2xh6xh 56x IHhhh2x IHh IHh IHh IHh I2xhh4x I2xh2xhh 32x I2xh")

EXISTS, ACTIVE = 0x01, 0x02
ASYSTOLE, LEARNING, LEADS_OFF = 1 << 2, 1 << 9, 0b111 << 11
NOISE, ARTEFACT = 1 << 7, 1 << 8
CO2_APNEA = 1 << 2 | 1 << 7
NIBP_MEASURING, NIBP_OLD = 1 << 5, 1 << 8

LARGEST_CODE = -32001
CODES = {
    -32767: "invalid",
    -32766: "not updated",
    -32765: "discontinuity",
    -32764: "under range",
    -32763: "over range",
    -32762: "not calibrated",
}

# Labels that name a place whose temperature is the body's: none, ESO, NASO, TYMP, RECT, BLAD, AXIL, MYO,
# CORE, and the plain channel names T1 to T6. Not skin, airway, room or surface.
BODY_SITES = frozenset({0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 17, 18})

SAME_NIBP_S = 5


# ------------------------------------------------------------------ one field into a value or a reason

Field = tuple[float | None, str | None]


def absence(status: int, not_active: str) -> str | None:
    """Why a group has no values at all; None when its module is there and measuring."""
    if not status & EXISTS:
        return "no module"
    return None if status & ACTIVE else not_active


def number(raw: int, scale: int = 1) -> Field:
    """A raw field in its unit, or the reason that stands in its place."""
    if raw <= LARGEST_CODE:
        return None, CODES.get(raw, "invalid")
    return raw / scale, None


def never_zero(field: Field) -> Field:
    """The same, but 0 is no value: these fields are 0 when the monitor found none."""
    return (None, "none found") if field[0] == 0 else field


def heart_rate(status: int, raw: int) -> Field:
    """The heart rate; 0 only for an asystole that the monitor is sure of."""
    why = absence(status, "lead off")
    if why:
        return None, why
    if raw == 0:
        if status & ASYSTOLE and not status & LEARNING:
            return 0.0, None
        return None, "learning" if status & LEARNING else "none found"
    if raw <= LARGEST_CODE:
        return None, ecg_trouble(status) or number(raw)[1]
    return number(raw)


def ecg_trouble(status: int) -> str | None:
    """What the ECG says about itself; None when nothing."""
    for bits, words in (
        (LEADS_OFF, "lead off"),
        (ARTEFACT, "artefact"),
        (NOISE, "noise"),
        (LEARNING, "learning"),
    ):
        if status & bits:
            return words
    return None


def oxygen_saturation(status: int, raw: int) -> Field:
    """SpO2 in percent."""
    why = absence(status, "probe off")
    return (None, why) if why else never_zero(number(raw, 100))


def pulse_rate(status: int, raw: int) -> Field:
    """The pulse of the oximeter."""
    why = absence(status, "probe off")
    return (None, why) if why else never_zero(number(raw))


def end_tidal(status: int, raw: int, ambient: int) -> Field:
    """EtCO2 in mmHg, from vol% and the ambient pressure; 0 only in an apnea."""
    why = absence(status, "not measuring")
    if why:
        return None, why
    percent, why = number(raw)
    pressure, _ = number(ambient)
    if percent is None:
        return None, why
    if pressure is None or pressure <= 0:
        return None, "no pressure"
    if percent == 0 and not status & CO2_APNEA:
        return None, "none found"
    return percent * pressure / 1e5, None  # 1/100 % of 1/10 mmHg


def breathing_rate(co2: int, co2_rate: int, flow: int, flow_rate: int, ecg: int, impedance: int) -> Field:
    """Breaths per minute: CO2's, else the flow sensor's, else the impedance's; 0 only in an apnea.

    Each status stands before its rate. Without any, the reason is that of the first module that is there.
    """
    apnea = not absence(co2, "") and bool(co2 & CO2_APNEA)
    reasons = []
    for status, raw in ((co2, co2_rate), (flow, flow_rate), (ecg, impedance)):
        why = absence(status, "not measuring")
        value, why = (None, why) if why else number(raw)
        if value is not None and (value or apnea):
            return value, None
        if status & EXISTS:
            reasons.append(why or "none found")
    return None, reasons[0] if reasons else "no module"


def temperature(channels: tuple[int, ...]) -> Field:
    """The first active body site of T1 to T4, given as status, label, raw four times."""
    there = active = False
    for at in range(0, len(channels), 3):
        status, label, raw = channels[at : at + 3]
        there |= bool(status & EXISTS)
        if absence(status, "probe off"):
            continue
        active = True
        if label in BODY_SITES:
            return number(raw, 100)
    if active:
        return None, "no body site"
    return None, "probe off" if there else "no module"


def bounds(vital: Vital, possible: Possible) -> tuple[float, float]:
    """What this vital sign can be: by the meaning of its unit, or as narrow as `possible` says."""
    if vital in possible:
        return possible[vital]
    if vital is Vital.SPO2:
        return 0, 100
    return (-math.inf if vital is Vital.TEMP else 0), math.inf


# ------------------------------------------------------------------ the driver


class GeDri:
    """A GE monitor: asks for the displayed numbers each second and takes them as they come.

    `possible` bounds what each vital sign can be; a value outside is not trusted, and says so.
    """

    id = "ge-dri"
    name = "GE DRI (S/5, CARESCAPE)"
    kind: Kind = "monitor"
    line = Line(19200, "E", rts_cts=True)
    silent_after_s = 10.0

    # Interval 1 although the book says 5 at least: a monitor of level 10 does deliver each second.
    ask = dri_frame(REQUEST.pack(REQUEST.size, PHDB, 0, END_OF_TABLE, DISPLAYED, 1, 0))
    ask_again_after_s = 10.0  # three intervals, ten seconds at least: the monitor acknowledges nothing

    def __init__(self, possible: Possible | None = None) -> None:
        self.counts = FrameCounts()
        self._framer = DriFramer(self.counts)
        self._decode = NumbersDecoder(possible or {})
        self._numbers = self._numbers_then = 0
        self._quiet_since_s = -math.inf

    def requests(self, now_s: float) -> tuple[bytes, ...]:
        """The request for numbers, at first and whenever they have been missing for ten seconds."""
        heard = self._numbers != self._numbers_then
        self._numbers_then = self._numbers
        if heard and self._quiet_since_s > -math.inf:  # asked before: at first it is asked in any case
            self._quiet_since_s = now_s
        if now_s - self._quiet_since_s < self.ask_again_after_s:
            return ()
        self._quiet_since_s = now_s
        return (self.ask,)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames of numbers that these bytes completed; waves, trends and alarms are only counted."""
        frames: list[Frame] = []
        counts, decode = self.counts, self._decode
        for record in self._framer.feed(data):
            subrecords = sane_subrecords(record)
            if subrecords is None:
                counts.refused += 1
                continue
            counts.good += 1
            at = basic_at(record, subrecords)
            if at is not None:
                frames.append(decode(record, at))
        self._numbers += len(frames)
        return frames

    def finish(self) -> None:
        """No more bytes will come."""
        self._framer.finish()


def pace(data: bytes) -> list[tuple[int, float]]:
    """By the monitor's own clock: the offset that a recording had reached after so many seconds.

    A clock that was set back stands still for that moment.
    """
    steps: list[tuple[int, float]] = []
    elapsed = then = 0
    for end, record in dri_records(data):
        if sane_subrecords(record) is None:
            continue
        seconds = HEADER.unpack_from(record)[1]
        elapsed += max(0, seconds - then) if steps else 0
        then = seconds
        steps.append((end, float(elapsed)))
    return steps


Subrecords = tuple[tuple[int, int], ...]


def sane_subrecords(record: bytes) -> Subrecords | None:
    """The (offset, type) of each subrecord of a record that makes sense in itself; None when it does not.

    The checksum of 8 bits lets one damaged record in 256 pass. `record` still carries it at its end.
    """
    length, _, main_type = HEADER.unpack_from(record)
    if length != len(record) - 1 or main_type not in MAIN_TYPES:
        return None
    subrecords = table_of(record[16:HEADER_SIZE], length, main_type)
    if main_type == WAVE and subrecords is not None and not waves_fit(record, length, subrecords):
        return None
    return subrecords


@lru_cache(maxsize=256)
def table_of(table: bytes, length: int, main_type: int) -> Subrecords | None:
    """The subrecord table with offsets from the record's start; None when a subrecord does not fit."""
    fields = TABLE.unpack(table)
    subrecords = []
    for offset, kind in zip(fields[::2], fields[1::2], strict=True):
        if kind == END_OF_TABLE:
            break
        if offset < 0 or HEADER_SIZE + offset + least_size(main_type, kind) > length:
            return None
        subrecords.append((HEADER_SIZE + offset, kind))
    return tuple(subrecords)


def least_size(main_type: int, kind: int) -> int:
    """The bytes that a subrecord has at least."""
    if main_type == PHDB:
        return AUXILIARY_SIZE if kind == AUXILIARY else PHDB_SIZE
    return WAVE_HEAD.size if main_type == WAVE else 0


def waves_fit(record: bytes, length: int, subrecords: Subrecords) -> bool:
    """Whether the samples that each wave announces lie inside the record."""
    for at, _ in subrecords:
        (samples,) = WAVE_HEAD.unpack_from(record, at)
        if samples < 0 or at + WAVE_HEAD.size + 2 * samples > length:
            return False
    return True


def basic_at(record: bytes, subrecords: Subrecords) -> int | None:
    """Where the basic class of the displayed numbers begins; None when the record has none."""
    if record[14]:  # r_maintype, known to be sane: only PHDB is 0
        return None
    for at, kind in subrecords:
        if kind == DISPLAYED and not CLASS_WORD.unpack_from(record, at + CLASS_AT)[0] & CLASS_BITS:
            return at
    return None


class NumbersDecoder:
    """The basic class into readings. It remembers the last pressures, to know a new measurement."""

    def __init__(self, possible: Possible) -> None:
        self._limits = {vital: bounds(vital, possible) for vital in Vital}
        self._heart = self._kept(Vital.HEART_RATE, heart_rate)
        self._pulse = self._kept(Vital.PULSE_RATE, pulse_rate)
        self._spo2 = self._kept(Vital.SPO2, oxygen_saturation)
        self._breaths = self._kept(Vital.RESP_RATE, breathing_rate)
        self._etco2 = self._kept(Vital.ETCO2, end_tidal)
        self._temp = self._kept(Vital.TEMP, temperature)
        self._pressures = tuple((vital, self._limits[vital]) for vital in NIBP)
        self._news = NewPressures()

    def __call__(self, record: bytes, at: int) -> NumbersFrame:
        """The readings of the basic class that begins at this place of a record."""
        fields = NUMBERS.unpack_from(record, at)
        ecg, heart, impedance, cuff, cuff_label, *_ = fields[:8]
        oximeter, spo2, pulse, co2, et, breaths, ambient, flow, flow_rate = fields[20:]
        readings: tuple[Reading, ...] = (
            self._heart(ecg, heart),
            self._pulse(oximeter, pulse),
            self._spo2(oximeter, spo2),
            self._breaths(co2, breaths, flow, flow_rate, ecg, impedance),
            self._etco2(co2, et, ambient),
            self._temp(fields[8:20]),
        )
        seconds = HEADER.unpack_from(record)[1]
        if self._news.is_new(cuff, cuff_label, fields[5:8], seconds):
            readings += tuple(
                reading_of(vital, never_zero(number(raw, 100)), limits)
                for (vital, limits), raw in zip(self._pressures, fields[5:8], strict=True)
            )
        return NumbersFrame(utc_from_unix(seconds) if seconds else None, readings)

    def _kept(self, vital: Vital, field: Callable[..., Field]) -> Callable[..., Reading]:
        """The field as a reading; most repeat from second to second: they are frozen, and made once."""
        limits = self._limits[vital]

        @lru_cache(maxsize=1024)
        def reading(*raw: int) -> Reading:
            return reading_of(vital, field(*raw), limits)

        return reading


def reading_of(vital: Vital, field: Field, limits: tuple[float, float]) -> Reading:
    """The reading of a field; what lies outside the limits is not trusted."""
    value, why = field
    if value is None:
        return Reading(vital, None, why)
    low, high = limits
    return Reading(vital, value) if low <= value <= high else Reading(vital, None, "not plausible")


class NewPressures:
    """Knows when the cuff has measured anew.

    Seen in recordings: during a cycle the old numbers stay; the new ones come, and "older than 60 s" falls,
    0 to 2 s before "measuring" falls; a cycle within 60 s never shows "older". A cycle that failed leaves old
    numbers. Others that are old and come without a cycle were measured while nobody listened.
    """

    def __init__(self) -> None:
        self._shown: tuple[int, ...] | None = None
        self._label = 0
        self._seen_s = self._at_s = -math.inf

    def is_new(self, status: int, label: int, pressures: tuple[int, ...], seconds: int) -> bool:
        """Whether these raw pressures are a measurement not seen before; seconds are the monitor's clock."""
        if absence(status, "not measuring"):
            return False
        # What the label was before a silence says nothing of now.
        before = self._label if abs(seconds - self._seen_s) <= SAME_NIBP_S else 0
        fell, cycling = self._label & ~label, (before | label) & NIBP_MEASURING
        self._label, self._seen_s = label, seconds
        if max(pressures) <= 0:  # a code in each of the three: no measurement to show
            return False
        first, changed = self._shown is None, pressures != self._shown
        self._shown = pressures
        if label & NIBP_OLD and (first or not changed or not cycling):
            return False
        if not changed and (
            not fell & (NIBP_MEASURING | NIBP_OLD) or abs(seconds - self._at_s) <= SAME_NIBP_S
        ):
            return False
        self._at_s = seconds
        return True
