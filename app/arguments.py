"""What can be typed after `python main.py`: commands, options, and what is wrong with a value."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.audit import SORTS
from app.settings import PPI_HIGHEST, PPI_LOWEST

SMALLEST, LARGEST = (800, 600), (7680, 4320)
"""The sizes of a window, in pixels, that can be asked for."""


def parser() -> argparse.ArgumentParser:
    """Every command and option; docs are in README.md."""
    top = argparse.ArgumentParser(prog="main.py", description="Bedside screen for ketamine infusions.")
    top.add_argument(
        "--demo", action="store_true", help="a simulated patient, monitor and pump; DEMO on every screen"
    )
    top.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="with --demo: time runs N times as fast"
    )
    top.add_argument("--replay", type=Path, metavar="FILE", help="a recording stands in for the monitor")
    top.add_argument("--driver", default="ge-dri", metavar="NAME", help="the driver of the recording")
    top.add_argument(
        "--startup-only", action="store_true", help="end as soon as the first screen can be touched"
    )
    top.add_argument("--windowed", action="store_true", help="a window of --size instead of the whole screen")
    _screen_options(top)
    top.add_argument("--data", type=Path, metavar="DIR", help="the data folder")
    top.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="a sealed key's passphrase: the file's first line",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    decode = commands.add_parser("decode", help="a recording as one JSON object a line")
    decode.add_argument("--driver", required=True, metavar="NAME")
    decode.add_argument("file", type=Path, metavar="FILE")

    rehearse = commands.add_parser("rehearse", help="play a script through the real window")
    rehearse.add_argument("script", type=Path, metavar="SCRIPT.toml")
    rehearse.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder for the record")
    rehearse.add_argument("--screenshots", type=Path, metavar="DIR")
    rehearse.add_argument("--repeat", type=_repeat, default=1, metavar="N")
    rehearse.add_argument("--resume", action="store_true", help="go on after the program was killed")
    _screen_options(rehearse)

    simulate = commands.add_parser("simulate", help="a simulated monitor and pump on real ports")
    simulate.add_argument(
        "--monitor-port", type=int, default=0, metavar="N", help="TCP port, 0 for a free one"
    )
    simulate.add_argument("--pump-port", type=int, default=0, metavar="N", help="TCP port, 0 for a free one")
    simulate.add_argument("--pty", action="store_true", help="pseudo-terminals as well")

    for name, text in (("sessions", "the sessions of a data folder"), ("verify", "chain, integrity, cipher")):
        _data_option(commands.add_parser(name, help=text))
    audit = commands.add_parser("audit", help="the audit trail, newest first")
    audit.add_argument("--who", default="", metavar="INITIALS", help="the lines of one person")
    audit.add_argument("--what", default="", choices=tuple(SORTS), help="the lines of one sort")
    _data_option(audit)
    export = commands.add_parser("export", help="one session as JSON or CSV")
    export.add_argument("session", metavar="SESSION")
    export.add_argument("--format", choices=("json", "csv"), default="json")
    _data_option(export)
    summary = commands.add_parser("summary", help="one session's summary as a PDF")
    summary.add_argument("session", metavar="SESSION")
    summary.add_argument("--pdf", type=Path, required=True, metavar="FILE")
    summary.add_argument("--paper", choices=("A4", "Letter"), default="A4")
    _data_option(summary)
    _safe_keeping(commands)
    return top


def _safe_keeping(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands about key and back-up."""
    key = commands.add_parser("key", help="how the record's key is kept, and to change that")
    actions = key.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in (
        ("status", "how the key is kept, and whether it fits"),
        ("seal", "seal it with a passphrase, or change the passphrase"),
        ("unseal", "keep it as a file for its owner alone"),
        ("store", "give it to the key store of the system"),
        ("rotate", "put the record under a new key"),
    ):
        _data_option(actions.add_parser(name, help=text))
    copy = actions.add_parser("copy", help="write a copy of the key, to be kept apart")
    copy.add_argument("--to", type=Path, required=True, metavar="FILE")
    recover = actions.add_parser("recover", help="put a copy of the key back")
    recover.add_argument("--key", type=Path, required=True, dest="key_file", metavar="FILE")
    for action in (copy, recover):
        _data_option(action)
    actions.choices["seal"].add_argument(
        "--new-passphrase-file", type=Path, metavar="FILE", help="the new passphrase: the file's first line"
    )
    backup = commands.add_parser("backup", help="a back-up of the record, looked through")
    backup.add_argument("--to", type=Path, required=True, metavar="DIR", help="the folder for back-ups")
    _data_option(backup)
    restore = commands.add_parser("restore", help="a back-up becomes the record of a new data folder")
    restore.add_argument("backup", type=Path, metavar="BACKUP", help="the folder with manifest.json")
    restore.add_argument("--key", type=Path, metavar="FILE", help="the copy of the key")
    _data_option(restore)


def _data_option(to: argparse.ArgumentParser) -> None:
    # Without SUPPRESS its default would replace what was typed before the command's name.
    to.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="the data folder")
    to.add_argument(
        "--passphrase-file",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="FILE",
        help="a sealed key's passphrase: the file's first line",
    )


def _screen_options(to: argparse.ArgumentParser) -> None:
    default = None if to.prog == "main.py" else argparse.SUPPRESS
    to.add_argument(
        "--size",
        type=_size,
        default=default,
        metavar="WxH",
        help="the window's size in pixels, 1280x800 if not given",
    )
    to.add_argument("--ppi", type=_ppi, default=default, metavar="N", help="the panel's real pixels per inch")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800")
    size = int(width), int(height)
    if not (SMALLEST[0] <= size[0] <= LARGEST[0] and SMALLEST[1] <= size[1] <= LARGEST[1]):
        raise argparse.ArgumentTypeError(
            f"{text} is outside {SMALLEST[0]}x{SMALLEST[1]} to {LARGEST[0]}x{LARGEST[1]}"
        )
    return size


def _repeat(text: str) -> int:
    if not (text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of times, 1 or more")
    return int(text)


def _ppi(text: str) -> float:
    try:
        ppi = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pixels per inch") from None
    if not PPI_LOWEST <= ppi <= PPI_HIGHEST:
        raise argparse.ArgumentTypeError(
            f"{text} is outside {PPI_LOWEST:g} to {PPI_HIGHEST:g} pixels per inch"
        )
    return ppi


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.1 <= speed <= 120:
        raise argparse.ArgumentTypeError(f"{text} is outside 0.1 to 120")
    return speed
