"""What every test stands on: no display, a home of its own, and nothing left behind."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GRACE_S = 2.0
"""How long a thread that was told to stop may take to end after its test."""

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_HOME = Path(tempfile.mkdtemp(prefix="chairside-tests-"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--kills N`: how often the application is killed; 10 in the suite, more on demand."""
    parser.addoption("--kills", type=int, default=10, metavar="N", help="rounds of kill -9 (default 10)")
    parser.addoption(
        "--rounds",
        type=int,
        default=50,
        metavar="N",
        help="torn logs, changed bits, bad bytes or pulled cables (default 50)",
    )
    parser.addoption(
        "--actions", type=int, default=0, metavar="N", help="actions of the random walk on demand"
    )
    parser.addoption(
        "--minutes", type=int, default=60, metavar="N", help="minutes of the real hour (default 60)"
    )
    parser.addoption("--seed", type=int, default=1, metavar="N", help="seed of that walk (default 1)")


def pytest_configure(config: pytest.Config) -> None:
    """Give the whole run an empty home, before anything asks where settings and data live.

    What Python compiled is kept: a hundred processes are started, and each would compile the application anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ["HOME"] = str(_HOME)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        folder = _HOME / name.lower()
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ[name] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove that home again."""
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread running or a window open."""
    threads = set(threading.enumerate())
    windows = set(_open_windows())
    yield
    left = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in left:
        thread.join(GRACE_S)
    running = [thread.name for thread in left if thread.is_alive()]
    opened = [name for name in _open_windows() if name not in windows]
    assert not running, f"threads left running: {', '.join(running)}"
    assert not opened, f"windows left open: {', '.join(opened)}"


def _open_windows() -> list[str]:
    """Every visible top-level window by class and name; none where Qt was never started."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or (application := widgets.QApplication.instance()) is None:
        return []
    gc.collect(0)
    application.sendPostedEvents(None, 52)  # QEvent.DeferredDelete: what asked to be deleted, is
    return [
        f"{type(window).__name__} {window.objectName()!r} {id(window):#x}"
        for window in application.topLevelWidgets()
        if window.isVisible()
    ]


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often to kill the application: 10, or what `--kills` says."""
    number: int = request.config.getoption("--kills")
    return number


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How many logs to tear, bits to change, bytes to feed or cables to pull: 50, or what `--rounds` says."""
    number: int = request.config.getoption("--rounds")
    return number


@pytest.fixture
def minutes(request: pytest.FixtureRequest) -> int:
    """How long the real hour takes: 60 minutes, or what `--minutes` says."""
    number: int = request.config.getoption("--minutes")
    return number


@pytest.fixture
def walk_asked(request: pytest.FixtureRequest) -> tuple[int, int]:
    """The seed and the number of actions of a random walk on demand."""
    return request.config.getoption("--seed"), request.config.getoption("--actions")


@pytest.fixture(scope="session")
def captures() -> Path:
    """The recorded device bytes, from CHAIRSIDE_CAPTURES or beside the checkout; skips where absent."""
    named = os.environ.get("CHAIRSIDE_CAPTURES")
    folder = Path(named) if named else ROOT.parent / "shared" / "captures"
    if not folder.is_dir():
        pytest.skip(f"no recorded device bytes at {folder}: set CHAIRSIDE_CAPTURES to their folder")
    return folder
