"""Our own bugs: logged with their place in the program and never with a value, said once, and recording goes on.

A message of an exception may hold a patient's name, so that only its type and the lines of code are kept.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Final

LOG: Final = logging.getLogger("chairside.crash")

NOTICE: Final = "A part of Chairside failed and was skipped. Recording goes on. Please report the log."

TOLD_AT: Final = frozenset(10**power for power in range(9))
"""What fails at each painting is told the first time, the tenth, the hundredth: the log keeps its room."""

Say = Callable[[str], None]


def trace_of(kind: type[BaseException], trace: TracebackType | None) -> str:
    """The exception's type and each line of code it passed, "file:line function"; no message and no value."""
    lines = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return f"{kind.__name__} at " + (" < ".join(reversed(lines)) or "an unknown place")


def _short(path: str) -> str:
    """The last three parts of a path: a home folder may carry a person's name."""
    return "/".join(path.replace("\\", "/").split("/")[-3:])


def report_crash() -> None:
    """Tell the exception of now to whoever watches, as if nobody had caught it."""
    kind, error, trace = sys.exc_info()
    if kind is not None and error is not None:
        sys.excepthook(kind, error, trace)


class CrashWatch:
    """Catches what nobody caught, in slots and in threads. `install` and `remove` bracket the program."""

    def __init__(self, say: Say) -> None:
        """`say` shows the notice; it may be called from any thread."""
        self._say = say
        self.count = 0
        self._counting = threading.RLock()
        self._places: Counter[str] = Counter()
        self._hook = sys.excepthook
        self._thread_hook = threading.excepthook
        self._unraisable_hook = sys.unraisablehook

    def install(self) -> None:
        """Catches from now on."""
        self._hook, self._thread_hook = sys.excepthook, threading.excepthook
        self._unraisable_hook = sys.unraisablehook
        sys.excepthook = self.caught
        threading.excepthook = self._caught_in_thread
        sys.unraisablehook = self._caught_unraisable

    def remove(self) -> None:
        """Leaves everything as it was before."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook
        sys.unraisablehook = self._unraisable_hook

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Logs the place, then says the notice; Ctrl+C is let through."""
        if issubclass(kind, KeyboardInterrupt):
            self._hook(kind, error, trace)
            return
        place = trace_of(kind, trace)
        # Two threads can fail in the same moment: one is the first. In one thread a failure can come in another.
        with self._counting:
            self.count += 1
            is_first = self.count == 1
            self._places[place] += 1
            times = self._places[place]
        if times in TOLD_AT:
            LOG.error("%s%s", place, f" ({times} times)" if times > 1 else "")
        # What the frames held is let go: a painter that stays open takes the whole program with it.
        traceback.clear_frames(trace)
        # The notice stays; to show it may be what fails.
        if is_first:
            self._say(NOTICE)

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _caught_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        """What fails while something is thrown away; Python itself would print its message, and what it was."""
        if args.exc_value is not None:
            self.caught(args.exc_type, args.exc_value, args.exc_traceback)
