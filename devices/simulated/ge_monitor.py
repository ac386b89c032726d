"""A GE monitor of DRI level 10 that is not there: says nothing until asked, then speaks the real one's bytes.

Sources as in devices/monitors/ge_dri.py. The classes that hold nothing of ours, the order of the groups, the
labels and the course of a cuff measurement are those of a recorded level-10 monitor. It answers requests for
displayed numbers and for the PLETH wave; other waves are left out silently, as a surplus is by the real one.
"""

from __future__ import annotations

import math
import struct
from random import Random

from app.instant import Instant
from app.readings import FrameCounts
from devices.framing import DriFramer, dri_frame
from devices.simulated.patient import Patient

INVALID = -32767
HEADER = struct.Struct("<hBBHIBBHh")
TABLE_END = b"\x00\x00\xff"
LEVEL, PLUG_ID = 10, 0x0F0F
PHDB, WAVE = 0, 1
DISPLAYED, PLETH = 1, 8
ONCE, STOP = -1, 0
NO_NUMBERS_FASTER_THAN_S = 5.0  # for single records; a stream may be asked for each second

EXISTS, ON = 0x01, 0x03  # "module exists", and with it "measurement active"
HR_FROM_ECG, LEADS_OFF = 9 << 3, 0b111 << 11
CO2_APNEA = 1 << 2
CUFF, AUTO, MEASURING, OLD = 0x03, 0x08, 0x20, 0x100
T1_LABEL, RATE_FROM_CO2 = 11, 0x09

NIBP_FIRST_S, NIBP_EVERY_S = 5.0, 300.0
NIBP_RESULT_S, NIBP_CYCLE_S = 24.0, 25.0  # the new numbers come just before "measuring" falls
NIBP_OLD_S = 60.0
AMBIENT_MMHG = 759.8
BUFFER_BYTES = 1 << 14  # what nobody reads is lost when the host's buffer is full

# Each class as 135 words of two bytes, all 0 but for these: (offset in bytes, word, how many).
BASIC_WORDS = (
    (16, EXISTS, 1), (20, 1, 1), (22, INVALID, 4),                     # invasive pressures 1 to 4
    (34, 2, 1), (36, INVALID, 4), (48, 16, 1), (50, INVALID, 4), (62, 3, 1), (64, INVALID, 4),
    (98, 12, 1), (100, INVALID, 1), (106, 13, 1), (108, INVALID, 1), (114, 14, 1), (116, INVALID, 1),  # T2-T4
    (130, INVALID, 1),                                                 # SvO2
    (146, EXISTS, 1), (152, INVALID, 2), (156, EXISTS, 1), (162, INVALID, 2),                 # O2, N2O
    (166, EXISTS, 1), (170, 1, 1), (172, INVALID, 3),                                       # agent
    (178, ON, 1), (182, 4, 1), (184, INVALID, 1), (190, INVALID, 5),   # flow: active, and yet without a rate
    (206, INVALID, 4), (214, 32, 1), (220, INVALID, 2), (224, 31, 1),  # wedge, NMT
    (236, 2, 1), (238, INVALID, 1), (244, 13, 1), (246, INVALID, 4), (258, 14, 1), (260, INVALID, 4),
)  # fmt: skip
EXTENSION_WORDS = (
    ((4, 4608, 1), (6, INVALID, 3), (52, 4608, 1), (54, INVALID, 12), (84, INVALID, 4), (98, INVALID, 4)),
    ((6, INVALID, 5), (26, 64, 1), (30, INVALID, 33), (102, INVALID, 4), (204, 256, 1), (236, INVALID, 1)),
    ((6, INVALID, 4), (20, INVALID, 13), (66, INVALID, 2), (76, INVALID, 8), (122, INVALID, 2)),
)


def class_words(runs: tuple[tuple[int, int, int], ...]) -> bytes:
    """The 270 bytes of a class from its runs of words."""
    data = bytearray(270)
    for offset, word, times in runs:
        struct.pack_into(f"<{times}h", data, offset, *(times * (word,)))
    return bytes(data)


BASIC = class_words(BASIC_WORDS)
EXTENSIONS = tuple(class_words(runs) for runs in EXTENSION_WORDS)


class Cuff:
    """The blood pressure cuff: measures at its own pace and keeps the last result."""

    def __init__(self) -> None:
        self.pressures = (INVALID, INVALID, INVALID)
        self._next_s: float | None = None
        self._began_s: float | None = None
        self._measured_s: float | None = None

    def measure(self) -> None:
        """Somebody pressed the button: begin at the next step."""
        if self._began_s is None:
            self._next_s = -math.inf

    def step(self, now_s: float, patient: Patient) -> None:
        """Begin, measure or end, as it is due."""
        if self._next_s is None:
            self._next_s = now_s + NIBP_FIRST_S
        if self._began_s is None and now_s >= self._next_s:
            self._began_s, self._next_s = now_s, now_s + NIBP_EVERY_S
        if self._began_s is None:
            return
        if now_s - self._began_s >= NIBP_RESULT_S and self._is_awaited:
            signs = patient.signs
            self.pressures = (100 * round(signs.sys), 100 * round(signs.dia), 100 * round(signs.mean))
            self._measured_s = now_s
        if now_s - self._began_s >= NIBP_CYCLE_S:
            self._began_s = None

    def label(self, now_s: float) -> int:
        """The label word: cuff, automatic, measuring now, older than 60 s."""
        label = CUFF | AUTO
        if self._began_s is not None:
            label |= MEASURING
        if self._measured_s is not None and now_s - self._measured_s >= NIBP_OLD_S:
            label |= OLD
        return label

    @property
    def _is_awaited(self) -> bool:
        return self._measured_s is None or self._began_s is None or self._measured_s < self._began_s


class Beat:
    """Something that happens each so many seconds, on the beat and not a little later each time."""

    def __init__(self) -> None:
        self._last_s = -math.inf

    def strikes(self, now_s: float, interval_s: float) -> bool:
        """Whether it is time again. What was missed for longer than an interval is not made up."""
        # A millionth of a second is forgiven: sums of 0.1 s must not lose a beat.
        if now_s - self._last_s < interval_s - 1e-6:
            return False
        on_the_beat = self._last_s + interval_s
        self._last_s = on_the_beat if now_s - on_the_beat < interval_s else now_s
        return True


class SimulatedGeMonitor:
    """The monitor at the patient: `receive` bytes, `step` in time, `take` the bytes it sent.

    Switches, to be set at any time: spo2_sensor_off, ecg_lead_off, co2_off, temp_off, unplugged (not a byte
    goes or comes), skew_s (its clock against the world's), bit_errors (probability for each byte that a bit
    is turned).
    """

    def __init__(self, patient: Patient, seed: int = 1) -> None:
        self.spo2_sensor_off = self.ecg_lead_off = self.co2_off = self.temp_off = self.unplugged = False
        self.skew_s = 0.0
        self.bit_errors = 0.0
        self.cuff = Cuff()
        self._patient = patient
        self._random = Random(f"{seed} monitor")
        self._framer = DriFramer(FrameCounts())
        self._sent = bytearray()
        self._numbers_nbr = self._waves_nbr = 0
        self._beats = 0.0
        self._now_s = -math.inf
        self.restart()

    def restart(self) -> None:
        """Off and on again: what it was asked for is forgotten, the clock is not."""
        self._interval_s: float | None = None
        self._once = self._waves = False
        self._classes = 0
        self._numbers_beat, self._waves_beat = Beat(), Beat()

    def connect(self, patient: Patient) -> None:
        """Another patient's leads and cuff; the last pressure stays on the display until the cuff measures again."""
        self._patient = patient

    def receive(self, data: bytes) -> None:
        """What the host sent; answers come with the next step."""
        if self.unplugged:
            return
        for record in self._framer.feed(data):
            self._obey(record[:-1])

    def step(self, now: Instant) -> None:
        """Measure, and send what is due at this moment. At most one record: what was missed is missed."""
        seconds = min(max(now.steady - self._now_s, 0.0), 1.0) if math.isfinite(self._now_s) else 0.0
        self._now_s = now.steady
        self._beats += seconds * self._patient.signs.hr / 60
        self.cuff.step(now.steady, self._patient)
        if self._numbers_are_due():
            self._send(self._numbers_record(now))
        if self._waves and self._waves_beat.strikes(self._now_s, 1.0):
            self._send(self._wave_record(now))

    def take(self) -> bytes:
        """The bytes sent since the last time."""
        sent = bytes(self._sent)
        self._sent.clear()
        return sent

    # ------------------------------------------------------------------ requests

    def _obey(self, record: bytes) -> None:
        (main_type,) = struct.unpack_from("<h", record, 14)
        if main_type == PHDB and len(record) == 49 and record[18] == PHDB and record[40] == DISPLAYED:
            interval_s, self._classes = struct.unpack_from("<hI", record, 41)
            self._once = interval_s == ONCE
            self._interval_s = float(interval_s) if interval_s > 0 else None
        elif main_type == WAVE and len(record) == 72:
            self._obey_wave(record[40], record[44:68].split(b"\xff")[0])

    def _obey_wave(self, request: int, types: bytes) -> None:
        starts = request == 0
        if starts or not types or PLETH in types:
            self._waves = starts and PLETH in types

    def _numbers_are_due(self) -> bool:
        if self._interval_s is not None:
            return self._numbers_beat.strikes(self._now_s, self._interval_s)
        once, self._once = self._once, False
        if once and not self._numbers_beat.strikes(self._now_s, NO_NUMBERS_FASTER_THAN_S):
            self._once = True
        return once and not self._once

    # ------------------------------------------------------------------ records

    def _numbers_record(self, now: Instant) -> bytes:
        time = struct.pack("<I", self._clock(now))
        classes = [] if self._classes & 1 else [(0, self._basic())]
        classes += [(bit, EXTENSIONS[bit - 1]) for bit in (1, 2, 3) if self._classes >> bit & 1]
        body = b"".join(
            time + data + struct.pack("<BBH", 0, 0, 0x00A1 | number << 8) for number, data in classes
        )
        table = b"".join(struct.pack("<hB", 278 * at, DISPLAYED) for at in range(len(classes)))
        self._numbers_nbr = (self._numbers_nbr + 1) & 0xFF
        return self._record(now, self._numbers_nbr, PHDB, table, body)

    def _wave_record(self, now: Instant) -> bytes:
        status = 0x0650 | (1 << 3 if self.spo2_sensor_off else 0)
        samples = tuple(self._pleth(at) for at in range(100))
        body = struct.pack("<hHH100h", len(samples), status, 0, *samples)
        self._waves_nbr = (self._waves_nbr + 1) & 0xFF
        return self._record(now, self._waves_nbr, WAVE, struct.pack("<hB", 0, PLETH), body)

    def _pleth(self, at: int) -> int:
        if self.spo2_sensor_off:
            return INVALID
        phase = 2 * math.pi * (self._beats - (99 - at) * self._patient.signs.hr / 6000)
        return round(250 * (math.sin(phase) + 0.35 * math.sin(2 * phase + 0.8)))

    def _record(self, now: Instant, nbr: int, main_type: int, table: bytes, body: bytes) -> bytes:
        header = HEADER.pack(40 + len(body), nbr, LEVEL, PLUG_ID, self._clock(now), 0, 0, 0, main_type)
        return header + (table + TABLE_END).ljust(24, b"\x00")[:24] + body

    def _clock(self, now: Instant) -> int:
        return int(now.utc.timestamp() + self.skew_s)

    def _basic(self) -> bytes:
        data, put = bytearray(BASIC), struct.pack_into
        self._put_ecg(data)
        put("<IH4h", data, 72, ON, self.cuff.label(self._now_s), *self.cuff.pressures, INVALID)
        temp = (EXISTS, INVALID) if self.temp_off else (ON, round(100 * self._patient.signs.temp))
        put("<IHh", data, 86, temp[0], T1_LABEL, temp[1])
        self._put_spo2(data)
        self._put_co2(data)
        return bytes(data)

    def _put_ecg(self, data: bytearray) -> None:
        signs = self._patient.signs
        status, hr, breaths = ON | HR_FROM_ECG, round(signs.hr), round(signs.rr)
        extra = (hr, hr + 2, max(hr - 3, 0))
        if self.ecg_lead_off:
            status, hr, breaths, extra = ON | LEADS_OFF, INVALID, INVALID, (INVALID, INVALID, INVALID)
        struct.pack_into("<IH5h", data, 0, status, 0x1200, hr, 0, INVALID, INVALID, breaths)
        struct.pack_into("<3h", data, 226, *extra)

    def _put_spo2(self, data: bytearray) -> None:
        signs = self._patient.signs
        if self.spo2_sensor_off:
            struct.pack_into("<IH4h", data, 118, EXISTS, 0, INVALID, INVALID, INVALID, INVALID)
        else:
            spo2, pulse = round(100 * signs.spo2), round(signs.hr)
            struct.pack_into("<IH4h", data, 118, ON, 0, spo2, pulse, 380, INVALID)

    def _put_co2(self, data: bytearray) -> None:
        if self.co2_off:
            struct.pack_into("<IH4h", data, 132, EXISTS, RATE_FROM_CO2, *(4 * (INVALID,)))
            return
        signs = self._patient.signs
        status = ON | (CO2_APNEA if signs.rr < 1 else 0)
        percent = 100 * signs.etco2 / AMBIENT_MMHG
        values = (round(100 * percent), 3, round(signs.rr) if signs.rr >= 1 else 0, round(10 * AMBIENT_MMHG))
        struct.pack_into("<IH4h", data, 132, status, RATE_FROM_CO2, *values)

    def _send(self, record: bytes) -> None:
        if self.unplugged:
            return
        frame = dri_frame(record)
        self._sent += _damaged(frame, self.bit_errors, self._random) if self.bit_errors else frame
        del self._sent[BUFFER_BYTES:]


def _damaged(frame: bytes, probability: float, random: Random) -> bytes:
    """The bytes with a bit turned here and there."""
    return bytes(b ^ 1 << random.randrange(8) if random.random() < probability else b for b in frame)
