"""What the screen shows of the sound, as plain values."""

from __future__ import annotations

from typing import Literal

import msgspec


class SoundFrame(msgspec.Struct, frozen=True):
    """The sound: off, waiting for the computer, none to be had, paused, or on.

    `pause` is what the pause's target says ("2:00" offered, "1:37" left), "" where it is not drawn. `words` tell the
    state for Set-up, `tested` the last trial; `failed` says why the trial of now was none.
    """

    state: Literal["off", "waiting", "none", "paused", "on"]
    words: str
    pause: str = ""
    tested: str = ""
    failed: str = ""
