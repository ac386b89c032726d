"""A part that failed is reported, mended and run again: one bug must not end the recording.

A part that fails again and again is left: the screen then says by itself that it is not updated, or not saved.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from app.ports import Clock

AGAIN_AFTER_S: Final = 0.2
TIMES: Final = 4
"""So many failures within a minute, and the part is left as it is."""
WITHIN_S: Final = 60.0


def report_crash() -> None:
    """Tell the exception of now to whoever watches threads, as if it had ended this one."""
    kind, error, trace = sys.exc_info()
    if kind is not None:
        threading.excepthook(threading.ExceptHookArgs((kind, error, trace, threading.current_thread())))


def keep_running(
    run: Callable[[], None],
    mend: Callable[[], None],
    clock: Clock,
    stop: threading.Event,
    *,
    for_ever: bool = False,
    left: Callable[[], None] = lambda: None,
) -> None:
    """Run a part until it ends by itself, again after each failure. `mend` makes it fit to run once more.

    `for_ever` is for a part whose mending waits long enough by itself. `left` is told when it is run no more.
    """
    failed: deque[float] = deque(maxlen=TIMES)
    is_whole = True
    while True:
        try:
            if not is_whole:
                mend()
                is_whole = True
            run()
        except Exception:  # noqa: BLE001 - whatever it was, the part goes on
            is_whole = False
            report_crash()
        else:
            return
        failed.append(clock().steady)
        if not for_ever and len(failed) == TIMES and failed[-1] - failed[0] < WITHIN_S:
            left()
            return
        if stop.wait(AGAIN_AFTER_S):
            return
