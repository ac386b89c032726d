"""What is kept of our own bugs: their place in the program, never a value."""

from __future__ import annotations

import gc
import logging
import sys
import threading

import msgspec
import pytest
from sqlalchemy import create_engine, text

from app.ports import StorageError
from ui.crash import LOG, NOTICE, CrashWatch, report_crash, trace_of

NAME = "Rosa Martin"


def fail() -> None:
    raise ValueError(f"{NAME} has no weight")


def caught() -> tuple[type[BaseException], BaseException]:
    try:
        fail()
    except ValueError as error:
        return type(error), error
    raise AssertionError


def test_the_trace_names_type_file_line_and_function_but_no_value() -> None:
    kind, error = caught()
    trace = trace_of(kind, error.__traceback__)
    assert "ValueError" in trace
    assert "test_crash.py" in trace
    assert "fail" in trace
    assert NAME not in trace


def test_an_uncaught_exception_is_logged_without_names_and_said(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []
    watch = CrashWatch(said.append)
    kind, error = caught()
    with caplog.at_level(logging.ERROR):
        watch.caught(kind, error, error.__traceback__)
    assert said == [NOTICE]
    assert NAME not in caplog.text
    assert "ValueError" in caplog.text


def test_an_exception_in_a_thread_is_caught_too(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []
    watch = CrashWatch(said.append)
    watch.install()
    try:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    finally:
        watch.remove()
    assert said == [NOTICE]
    assert NAME not in caplog.text


class Clumsy:
    """Fails while it is thrown away."""

    def __del__(self) -> None:
        raise ValueError(NAME)


def test_what_fails_while_it_is_thrown_away_is_logged_without_names(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = CrashWatch(lambda _text: None)
    watch.install()
    try:
        clumsy = Clumsy()
        del clumsy
        gc.collect()
    finally:
        watch.remove()
    assert "ValueError at" in caplog.text
    assert NAME not in caplog.text + str(capsys.readouterr())


def no_row(name: str) -> None:
    raise KeyError(name)


def from_another(name: str) -> None:
    try:
        no_row(name)
    except KeyError as error:
        raise ValueError(name) from error


def while_another(name: str) -> None:
    try:
        no_row(name)
    finally:
        raise ValueError(name)


def with_a_note(name: str) -> None:
    error = ValueError("no row")
    error.add_note(name)
    raise error


def in_a_group(name: str) -> None:
    raise ExceptionGroup(name, [ValueError(name)])


def not_to_be_encoded(name: str) -> None:
    f"{name} \U0001e2c0".encode("ascii")


def not_to_be_decoded(name: str) -> None:
    msgspec.json.decode(f'"{name}"', type=int)


def refused_by_the_database(name: str) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text("SELECT no_such(:name)"), {"name": name})


def of_a_kind_named(name: str) -> None:
    raise StorageError(f"/home/{name}/chairside.db is damaged")


KINDS = (
    no_row,
    from_another,
    while_another,
    with_a_note,
    in_a_group,
    not_to_be_encoded,
    not_to_be_decoded,
    refused_by_the_database,
    of_a_kind_named,
)


def test_a_thousand_names_in_failures_of_every_kind_are_in_no_report(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = CrashWatch(lambda _text: None)
    names = [f"Zq{number:04}pname" for number in range(1000)]
    watch.install()
    try:
        for number, name in enumerate(names):
            try:
                KINDS[number % len(KINDS)](name)
            except Exception:  # noqa: BLE001 - each kind is another one
                report_crash()
    finally:
        watch.remove()
    assert watch.count == len(names)
    said = caplog.text + str(capsys.readouterr())
    assert {kind.__name__ for kind in KINDS if kind.__name__ not in said} == set()
    assert "pname" not in said


def test_everything_is_as_before_once_the_watch_is_removed() -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    watch = CrashWatch(lambda _text: None)
    watch.install()
    watch.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def test_what_fails_at_each_painting_is_said_once_and_told_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said: list[str] = []
    watch = CrashWatch(said.append)
    with caplog.at_level(logging.ERROR):
        for _ in range(100):
            kind, error = caught()
            watch.caught(kind, error, error.__traceback__)
    assert said == [NOTICE]
    assert [line.rpartition("(")[2] for line in caplog.messages[1:]] == ["10 times)", "100 times)"]


def test_a_notice_that_cannot_be_shown_is_not_said_over_and_over() -> None:
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        kind, error = caught()
        watch.caught(kind, error, error.__traceback__)

    watch = CrashWatch(say)
    kind, error = caught()
    watch.caught(kind, error, error.__traceback__)
    assert said == [NOTICE]


class Meeting(logging.Filter):
    """Both lines are written in the same moment."""

    def __init__(self) -> None:
        super().__init__()
        self._both = threading.Barrier(2)

    def filter(self, record: logging.LogRecord) -> bool:
        self._both.wait(5)
        return True


def test_of_two_threads_that_fail_in_the_same_moment_one_says_the_notice() -> None:
    said: list[str] = []
    watch, meeting = CrashWatch(said.append), Meeting()
    LOG.addFilter(meeting)
    try:
        threads = [
            threading.Thread(target=watch.caught, args=(kind, kind(), None))
            for kind in (KeyError, ValueError)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    finally:
        LOG.removeFilter(meeting)
    assert said == [NOTICE]
