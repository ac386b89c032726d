"""R10: an hour of real time: every thread, real TCP ports, the encrypted record, the window painted in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from statistics import quantiles

import pytest
from pytestqt.qtbot import QtBot

from app.entries import NoteWritten
from app.frames import Snapshot
from app.messages import WriteNote
from db.export import read_all
from db.verify import verify
from devices.clock import system_clock
from devices.simulated.serve import serve
from devices.simulated.world import World
from tests.journeys.live import Chair, infuse
from tests.journeys.test_soak import FRAME_P95_MS, GROWTH_MB, Held, held
from ui.application import Application
from ui.window import ChairsideWindow

NOTE_EVERY_MIN = 5
LATE_S = 1.0


class Bedside:
    """A running infusion with its screen, and how long each painted frame took."""

    def __init__(self, qtbot: QtBot, chair: Chair, window: ChairsideWindow, session: str) -> None:
        self.qtbot, self.chair, self.window, self.session = qtbot, chair, window, session
        self.frames_ms: list[float] = []

    def paint(self, _snapshot: Snapshot) -> None:
        """What the window took is painted at once, as the next frame would."""
        before = time.thread_time()
        self.window.repaint()
        self.frames_ms.append((time.thread_time() - before) * 1000)

    def minute(self) -> None:
        """A minute passes, as it does at the chair."""
        self.qtbot.wait(60_000)

    def shot(self) -> Snapshot:
        assert self.chair.newest is not None
        return self.chair.newest


@pytest.fixture
def bedside(qtbot: QtBot, tmp_path: Path) -> Iterator[Bedside]:
    """The infusion runs."""
    application, world = Application(ppi=125.0, size=(1280, 800)), World(seed=9)
    with serve(world, system_clock, monitor_tcp=0, pump_tcp=0) as serving:
        chair = Chair(tmp_path, application.bridge.offer)
        window = application.open_window(
            chair.parts.catalog, system_clock, chair.parts.post, None, None, tmp_path, "A4", UTC
        )
        try:
            session = infuse(chair, world, serving.monitor[0], serving.pump[0])
            made = Bedside(qtbot, chair, window, session)
            application.bridge.snapshot.connect(made.paint)
            window.show()
            application.bridge.start()
            yield made
        finally:
            chair.parts.stop()
            application.bridge.stop()
            application.bridge.snapshot.disconnect()
            window.close()
            window.deleteLater()
    assert verify(tmp_path).problems == ()


@pytest.mark.hour
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to count what a process holds")
def test_an_hour_of_real_time_leaves_what_the_process_holds_as_it_was(
    bedside: Bedside, tmp_path: Path, minutes: int
) -> None:
    infusion = bedside.chair.parts.engine.session.infusion  # type: ignore[union-attr]
    first: Held | None = None
    began, ran = time.monotonic(), infusion.running_s(system_clock())
    notes: list[str] = []
    for minute in range(1, minutes + 1):
        bedside.minute()
        if minute % NOTE_EVERY_MIN == 0:
            notes.append(f"minute {minute}")
            assert bedside.chair.touch(WriteNote(notes[-1])).state == "taken"
            bedside.chair.until(lambda shot: shot.saved.state == "saved", "the note on disk")
            now = held()
            first = first or now
            print(
                f"minute {minute}: {now}, {bedside.shot().phase}, {len(bedside.frames_ms)} frames", flush=True
            )
        live = {tile.key: tile.state for tile in bedside.shot().tiles if tile.key in ("heart_rate", "spo2")}
        assert set(live.values()) == {"live"}, live
    passed, counted = time.monotonic() - began, infusion.running_s(system_clock()) - ran
    last, p95_ms = held(), quantiles(bedside.frames_ms, n=20)[18]
    print(
        f"{len(bedside.frames_ms)} frames, p95 {p95_ms:.1f} ms; {passed:.1f} s passed, {counted:.1f} s counted"
    )
    on_disk = [entry.body for entry in read_all(tmp_path)[0] if isinstance(entry.body, NoteWritten)]
    assert [note.text for note in on_disk] == notes
    assert first is not None
    assert last.rss_mb - first.rss_mb < GROWTH_MB
    assert last.descriptors <= first.descriptors
    assert last.threads <= first.threads
    assert p95_ms < FRAME_P95_MS
    assert abs(passed - counted) < LATE_S
