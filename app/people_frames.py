"""What the screens of people show, as plain values: the audit trail, the clinical tables, the self-test."""

from __future__ import annotations

import msgspec


class AuditLine(msgspec.Struct, frozen=True):
    """A line of the audit trail: "22 Nov 14:05:12", "A PIN was refused: L. Keller", "Chairside"."""

    at: str
    text: str
    who: str


class AuditFrame(msgspec.Struct, frozen=True):
    """A page of the audit trail, newest first; `staff` and `sort` are the filter, "" for all."""

    page: int
    staff: str
    sort: str
    lines: tuple[AuditLine, ...]
    more: bool


class TableLine(msgspec.Struct, frozen=True):
    """A clinical table as the medical director sees it: "Alarm limits", its hash, "draft: never signed"."""

    table: str
    title: str
    digest: str
    words: str
    signed: bool


class KeyFrame(msgspec.Struct, frozen=True):
    """How the record's key is kept: "sealed", what that protects against, what to lay in the safe or to type.

    `act` is what an administrator can do here, "" for nothing; `done` what was done since the start, and what is next.
    """

    kept: str
    words: str
    safe: str
    act: str
    done: str = ""


class SelfTestFrame(msgspec.Struct, frozen=True):
    """Today's self-test: "Self-test 07:58", "all is well" or "3 findings", what is wrong and what to do."""

    title: str
    words: str
    well: bool
    findings: tuple[str, ...] = ()
    tested: tuple[str, ...] = ()
