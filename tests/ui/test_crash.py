"""What is kept of our own bugs: their place in the program, never a value."""

from __future__ import annotations

import logging
import sys
import threading

import pytest

from ui.crash import NOTICE, CrashWatch, trace_of

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


def test_everything_is_as_before_once_the_watch_is_removed() -> None:
    before = (sys.excepthook, threading.excepthook)
    watch = CrashWatch(lambda _text: None)
    watch.install()
    watch.remove()
    assert (sys.excepthook, threading.excepthook) == before


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
