"""Plays a rehearsal script through the real window, on simulated time, as often as wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from app.clinical.tables import Catalog
from app.rehearsal import Script
from ui.rehearse_acts import ACTS, come_back
from ui.rehearse_player import Player, Say, SimulatedClock, Stage, let_go, rss_mb
from ui.rehearse_recovery import RECOVERY_ACTS

__all__ = ["Build", "SimulatedClock", "Stage", "rehearse"]

Build = Callable[[Path, SimulatedClock], Stage]
"""Makes the stage on a data folder around the rehearsal's clock."""


def rehearse(
    script: Script,
    catalog: Catalog,
    build: Build,
    data: Path,
    say: Say,
    *,
    screenshots: Path | None = None,
    repeat: int = 1,
    resume: bool = False,
) -> bool:
    """Play the script, `repeat` times on fresh folders beneath `data`; True when every time went well."""
    say(f"Rehearsal: {script.title}")
    for turn in range(1, repeat + 1):
        folder = data if repeat == 1 else data / f"run-{turn}"
        began_s = time.monotonic()
        if not _one(script, catalog, build, folder, say, screenshots, resume=resume):
            return False
        let_go()
        used = rss_mb()
        memory = "memory not told by this system" if used is None else f"RSS {used:.0f} MB"
        say(f"Run {turn} of {repeat} played in {time.monotonic() - began_s:.1f} s, {memory}.")
    return True


def _one(
    script: Script,
    catalog: Catalog,
    build: Build,
    folder: Path,
    say: Say,
    screenshots: Path | None,
    *,
    resume: bool,
) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    clock = SimulatedClock(script.start)
    stage = build(folder, clock)
    if not resume and stage.on_disk().entries:
        say(f"{folder} holds a record already. Name an empty folder, or go on with --resume.")
        return False
    try:
        player = Player(
            script,
            catalog,
            stage,
            clock,
            say,
            acts=ACTS | RECOVERY_ACTS,
            come_back=come_back,
            screenshots=screenshots,
            fallback=folder,
        )
        return player.play(resume=resume)
    finally:
        stage.close()
