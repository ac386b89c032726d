"""Which record may hold what: a demonstration, a clinic's own sessions and a recording never share a folder."""

from __future__ import annotations

from pathlib import Path

from app.clinic import Clinic
from app.entries import SessionOpened
from app.ports import SIMULATED


def why_not_here(
    folder: Path, clinic: Clinic, opened: SessionOpened | None, *, simulating: bool, replaying: bool
) -> str:
    """Why what is simulated or replayed may not go into this record, or its like not be shown as real; "" if it may.

    `opened` is how the session began that is under way, None where there is none.
    """
    demonstration = any(chosen.port == SIMULATED for chosen in clinic.devices.values())
    if demonstration and not simulating:
        return f"{folder} holds a demonstration: add --demo, or give another folder with --data."
    if simulating and clinic.set_up and not demonstration:
        return (
            f"{folder} holds the record of {clinic.name}, where nothing is simulated. "
            "Give another folder with --data."
        )
    if replaying and opened is not None and not opened.demo:
        return (
            f"In {folder} a patient's session is under way: a recording is not written into it. "
            "End that session first, or give another folder with --data."
        )
    return ""
