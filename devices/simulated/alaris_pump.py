"""A simulated Alaris pump on the wire: questions are answered in the fields and the form of recorded replies.

Nothing that would set, start, stop or unlock is answered: only its own keys command this pump. Whether a
real pump answers questions without remote control is not documented: `needs_remote` makes one that does not.
"""

from __future__ import annotations

import math
from random import Random

import msgspec

from app.readings import FrameCounts
from devices.framing import AlarisFramer, alaris_frame
from devices.simulated.syringe_pump import NO_ALARM, SyringePump

ALWAYS_ANSWERED = ("INST_SERIALNO", "COMMS_PROTOCOL", "COMMS_RESPONSE_MAX")


class PumpFaults(msgspec.Struct, frozen=True):
    """What goes wrong on the wire: probabilities for each reply, seconds. All off unless given."""

    dropped: float = 0.0
    malformed: float = 0.0
    latency_s: float = 0.0
    latency_spread_s: float = 0.0
    latency_longest_s: float = 4.0  # the pump's own COMMS_RESPONSE_MAX
    spike: float = 0.0
    spike_times: float = 5.0
    silence: float = 0.0
    silence_s: float = 3.0


# The rates that a published fault-injecting pump simulator (MDDT RealisticSimPump) uses for questions.
STORMY = PumpFaults(
    dropped=0.02,
    malformed=0.01,
    latency_s=0.1,
    latency_spread_s=0.02,
    latency_longest_s=0.4,
    spike=0.05,
    silence=0.005,
)


class SimulatedAlarisPump:
    """The pump's serial port: `receive` bytes, `step` in time, `take` the bytes that are due.

    `unplugged` may be set at any time: not a byte goes or comes, and the pump pumps on.
    """

    def __init__(
        self,
        pump: SyringePump,
        serial: str = "8002-51733",
        faults: PumpFaults | None = None,
        seed: int = 1,
        needs_remote: bool = False,
    ) -> None:
        self.pump = pump
        self.serial = serial
        self.faults = faults or PumpFaults()
        self.needs_remote = needs_remote
        self.unplugged = False
        self._random = Random(f"{seed} pump")
        self._framer = AlarisFramer(FrameCounts())
        self._replies: list[tuple[float, bytes]] = []
        self._now_s = self._silent_until_s = -math.inf

    def receive(self, data: bytes) -> None:
        """What the host sent. Escape breaks off the frame before it, a wrong CRC is not answered."""
        if self.unplugged:
            return
        for question in self._framer.feed(data):
            reply = self.answer(question)
            if reply is not None:
                self._send(alaris_frame(reply))

    def step(self, now_s: float) -> None:
        """Pump until this steady second."""
        self._now_s = now_s
        self.pump.step(now_s)

    def take(self) -> bytes:
        """The bytes whose time has come."""
        due = [reply for at_s, reply in self._replies if at_s <= self._now_s]
        del self._replies[: len(due)]
        return b"" if self.unplugged else b"".join(due)

    def answer(self, question: str) -> str | None:
        """The payload of the reply to this payload; None for silence."""
        if self.needs_remote and question not in ALWAYS_ANSWERED:
            return None
        pump = self.pump
        if question == "INF":
            return self._status()
        fields = {
            "INST_SERIALNO": self.serial,
            "COMMS_PROTOCOL": "Asena Rev 2.1.5",
            "COMMS_RESPONSE_MAX": "4000^ms",
            "SYRINGE_STATUS": self._syringe(),
            "INF_RATE_MAX_SYRINGE": f"{pump.rate_highest_ml_h:.2f}^ml/h",
            "INF_VI": f"{pump.volume_ml:.3f}^ml",
            "ALARM": f"{pump.alarm}^ ^ ",
        }
        return f"{question}^{fields[question]}" if question in fields else None

    def _status(self) -> str:
        pump = self.pump
        fields = (
            "INF",
            self.serial,
            "-" if pump.alarm == NO_ALARM else "A",
            "SET" if pump.running else "HLD",
            f"{pump.rate_now_ml_h:.2f}",
            "ml/h",
            "",
            f"{pump.volume_ml:.3f}",
            "ml",
            f"{pump.pressure_mmhg:.2f}",
            "mmHg",
            clock_text(pump.time_left_s),
            "EVENT",
            str(pump.log_id),
        )
        return "^".join(fields)

    def _syringe(self) -> str:
        syringe = self.pump.syringe
        if syringe is None:
            return " ^ ^ "
        # Only CONF is documented. The word for "not yet" is invented: a reader may rely on CONF alone.
        return f"{syringe.brand}^{syringe.size_ml:3d}^{'CONF' if syringe.confirmed else 'UNCONF'}"

    def _send(self, frame: bytes) -> None:
        faults, dice = self.faults, self._random
        if self._now_s < self._silent_until_s or dice.random() < faults.dropped:
            return
        if dice.random() < faults.silence:
            self._silent_until_s = self._now_s + faults.silence_s
            return
        if dice.random() < faults.malformed:
            at = dice.randrange(len(frame))
            frame = frame[:at] + b"?" + frame[at + 1 + dice.randrange(3) :]
        after_s = self._replies[-1][0] if self._replies else self._now_s  # never one reply before another
        self._replies.append((max(after_s, self._now_s + self._latency_s()), frame))

    def _latency_s(self) -> float:
        faults, dice = self.faults, self._random
        latency_s = dice.gauss(faults.latency_s, faults.latency_spread_s)
        if dice.random() < faults.spike:
            latency_s *= faults.spike_times
        return min(max(latency_s, 0.0), faults.latency_longest_s)


def clock_text(seconds: float) -> str:
    """Hours, minutes and seconds as the pump writes the time left; "24+" from a day on."""
    if seconds >= 86400:
        return "24+"
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
