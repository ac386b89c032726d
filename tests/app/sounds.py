"""A chair with its sound switched on and a loudspeaker that remembers what it played."""

from __future__ import annotations

from app.entries import CLINIC, SoundSwitched
from app.messages import SoundTold
from tests.app.chair import DOCTOR, Chair
from tests.fakes import FakeSounder

GONE = "No loudspeaker was found."


def switch(chair: Chair, *, on: bool = True) -> None:
    """The anesthetist switched the sound, some time ago."""
    chair.engine.write(SoundSwitched(on), chair.now, DOCTOR, CLINIC)
    chair.wait(1)


def loudspeaker(chair: Chair, why: str = "") -> None:
    """The computer says whether there is one."""
    chair.hear(SoundTold(chair.now, why))


def heard(sounder: FakeSounder) -> list[str]:
    """What was played, without the silences."""
    return [one for one in sounder.played if one is not None]
