"""Alaris (Asena) GH, CC and TIVA syringe pumps, "Asena Rev 2.1.5": read only.

Sources: github.com/jaj42/infupy, github.com/mdpnp/mdpnp and traffic of a real pump quoted in
github.com/mickeywstahl/MDDT. No manual of the protocol is public: what is not known stays unknown here.
"""

from __future__ import annotations

import re
from collections import deque

import msgspec

from app.readings import Frame, FrameCounts, PumpFrame, PumpMode, Syringe
from devices.driver import Kind, Line
from devices.framing import AlarisFramer, alaris_frame

# The only bytes that ever go to the pump. All of them are questions.
QUERIES = {
    word: alaris_frame(word)
    for word in (
        "INST_SERIALNO",
        "COMMS_PROTOCOL",
        "COMMS_RESPONSE_MAX",
        "SYRINGE_STATUS",
        "INF_RATE_MAX_SYRINGE",
        "INF",
        "ALARM",
    )
}
AT_FIRST = (
    "INST_SERIALNO",
    "SYRINGE_STATUS",
    "INF_RATE_MAX_SYRINGE",
    "INF",
    "COMMS_PROTOCOL",
    "COMMS_RESPONSE_MAX",
)

REPLY_WITHIN_S = 0.5
STATUS_EVERY_S = 1.0
SYRINGE_EVERY_S = 4.0

MODES = {"HLD": PumpMode.HELD, "SET": PumpMode.RUNNING}
NO_ALARM, NO_FLAG = "AL_NOALM", "-"
UNNAMED_ALARM = "alarm"
NO_PRESSURE_MMHG = -50.0

DECIMAL = re.compile(r"-?\d{1,7}(\.\d{1,6})?")
CLOCK = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)")
LOG_ID = re.compile(r"\d{1,18}")


# ------------------------------------------------------------------ fields


def quantity(text: str, unit: str, expected: str) -> float | None:
    """A number in the expected unit; None for anything else ("_NV", a unit not known)."""
    if unit.strip() != expected or not DECIMAL.fullmatch(text.strip()):
        return None
    return float(text)


def amount(text: str, unit: str, expected: str) -> float | None:
    """A quantity that cannot be negative."""
    value = quantity(text, unit, expected)
    return None if value is None or value < 0 else value


def pressure(text: str, unit: str) -> float | None:
    """The pressure in the line in mmHg; None when the pump has none to give."""
    value = quantity(text, unit, "mmHg")
    return None if value == NO_PRESSURE_MMHG else value


def seconds_left(text: str) -> float | None:
    """The time left; None when the pump says only that it is more than a day ("24+") or nothing."""
    found = CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, seconds = map(int, found.groups())
    return float(hours * 3600 + minutes * 60 + seconds)


def syringe(fields: list[str]) -> Syringe | None:
    """The syringe of a SYRINGE_STATUS reply; None when it names none."""
    if len(fields) < 3 or not fields[0].strip() or not DECIMAL.fullmatch(fields[1].strip()):
        return None
    size_ml = float(fields[1])
    return Syringe(fields[0].strip(), size_ml, fields[2].strip() == "CONF") if size_ml > 0 else None


def status(
    fields: list[str], alarm: str | None, fitted: Syringe | None, rate_max: float | None
) -> PumpFrame | None:
    """The status of an INF reply; None when it is not one."""
    if len(fields) < 13 or not fields[0].strip():
        return None
    serial, _, mode, rate, rate_unit, _, volume, volume_unit, mmhg, mmhg_unit, left, _, log_id = fields[:13]
    known = MODES.get(mode.strip(), PumpMode.UNKNOWN)
    flow = amount(rate, rate_unit, "ml/h")
    return PumpFrame(
        serial=serial.strip(),
        mode=known,
        # A flow on hold contradicts itself: it is not known which of the two holds.
        rate_ml_h=None if known is PumpMode.HELD and flow else flow,
        volume_ml=amount(volume, volume_unit, "ml"),
        pressure_mmhg=pressure(mmhg, mmhg_unit),
        time_left_s=seconds_left(left),
        alarm=alarm,
        syringe=fitted,
        log_id=int(log_id) if LOG_ID.fullmatch(log_id.strip()) else None,
        rate_max_ml_h=rate_max,
    )


# ------------------------------------------------------------------ the driver


class Asked(msgspec.Struct):
    """The question that waits for its answer."""

    word: str
    at_s: float
    tries: int = 1


class Alaris:
    """One pump: one question at a time, in order; an answer that nobody waits for any more is dropped.

    It gives a frame for each status. A driver that never asked (a recording is read) takes every answer.
    """

    id = "alaris"
    name = "Alaris / Asena GH, CC, TIVA"
    kind: Kind = "pump"
    line = Line(38400)
    silent_after_s = 6.0  # the pump may take 4 s to answer, by its own COMMS_RESPONSE_MAX

    def __init__(self) -> None:
        self.counts = FrameCounts()
        self.protocol: str | None = None
        self._framer = AlarisFramer(self.counts)
        self._waiting = deque(AT_FIRST)
        self._asked: Asked | None = None
        self._only_listens = True
        self._status_at_s: float | None = None
        self._syringe_at_s: float | None = None
        self._serial = ""
        self._log_id: int | None = None
        self._alarm: str | None = None
        self._syringe: Syringe | None = None
        self._rate_max: float | None = None

    # -- questions

    def requests(self, now_s: float) -> tuple[bytes, ...]:
        """The next question, when the one before was answered or given up."""
        self._only_listens = False
        asked = self._asked
        if asked:
            if now_s - asked.at_s < REPLY_WITHIN_S:
                return ()
            if asked.tries == 1:
                self._asked = Asked(asked.word, now_s, 2)
                return (QUERIES[asked.word],)
            self._give_up(asked.word)
        self._plan(now_s)
        if not self._waiting:
            return ()
        word = self._waiting.popleft()
        self._asked = Asked(word, now_s)
        return (QUERIES[word],)

    def _plan(self, now_s: float) -> None:
        """What is due joins the queue."""
        if self._status_at_s is None:
            self._status_at_s = self._syringe_at_s = now_s  # both are among the first questions
        if now_s - self._status_at_s >= STATUS_EVERY_S:
            self._status_at_s = now_s
            self._want("INF")
        if self._syringe_at_s is not None and now_s - self._syringe_at_s >= SYRINGE_EVERY_S:
            self._syringe_at_s = now_s
            self._want("SYRINGE_STATUS")

    def _want(self, word: str) -> None:
        if word not in self._waiting:
            self._waiting.append(word)

    def _give_up(self, word: str) -> None:
        """Not answered twice: what it would have told is not known any more."""
        self._asked = None
        if word == "SYRINGE_STATUS":
            self._fit(None)
        elif word == "ALARM":
            self._alarm = None

    # -- answers

    def feed(self, data: bytes) -> list[Frame]:
        """The statuses that these bytes completed."""
        frames: list[Frame] = []
        for payload in self._framer.feed(data):
            word, *fields = payload.split("^")
            if (
                not fields or word not in QUERIES
            ):  # overheard: a question, or the answer to somebody else's command
                self.counts.good += 1
            elif self._only_listens or (self._asked and self._asked.word == word):
                self._asked = None
                frames += self._take(word, fields)
            else:
                self.counts.good += 1
        return frames

    def _take(self, word: str, fields: list[str]) -> list[Frame]:
        understood = True
        frame: PumpFrame | None = None
        if word == "INF":
            frame = self._status(fields)
            understood = frame is not None
        elif word == "SYRINGE_STATUS":
            self._fit(syringe(fields))
        elif word == "INF_RATE_MAX_SYRINGE":
            self._rate_max = amount(fields[0], fields[1], "ml/h") if len(fields) > 1 else None
        elif word == "ALARM":
            name = fields[0].strip()
            self._alarm = name if name and name != NO_ALARM else None
        elif word == "COMMS_PROTOCOL":
            self.protocol = fields[0]
        self.counts.good += understood
        self.counts.refused += not understood
        return [frame] if frame else []

    def _status(self, fields: list[str]) -> PumpFrame | None:
        frame = status(fields, self._alarm_now(fields), self._syringe, self._rate_max)
        if frame is None:
            return None
        if (
            self._serial and frame.serial != self._serial
        ):  # another pump at the same port: nothing known holds
            self._fit(None)
            frame = msgspec.structs.replace(frame, syringe=None, rate_max_ml_h=None)
        if frame.serial != self._serial or frame.log_id != self._log_id:
            self._want("SYRINGE_STATUS")
        self._serial, self._log_id = frame.serial, frame.log_id
        return frame

    def _alarm_now(self, fields: list[str]) -> str | None:
        """The alarm's name while the status is flagged; asked for each time, as it may change."""
        if len(fields) < 2 or fields[1].strip() == NO_FLAG:
            self._alarm = None
            return None
        self._want("ALARM")
        return self._alarm or UNNAMED_ALARM

    def _fit(self, fitted: Syringe | None) -> None:
        """The syringe that the pump sees now; another one has another highest rate."""
        if fitted == self._syringe:
            return
        self._syringe = fitted
        self._rate_max = None
        if fitted:
            self._want("INF_RATE_MAX_SYRINGE")

    def finish(self) -> None:
        """No more bytes will come."""
        self._framer.finish()
