"""What people are shown of each other: who came in without a PIN, the audit trail, which tables are signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.audit import audit_names
from app.entries import Entry, SelfTested
from app.people_frames import AuditFrame, AuditLine, SelfTestFrame, TableLine
from app.selftesting import tested_today
from app.show_infusion import clock
from app.told import Teller

if TYPE_CHECKING:
    from app.engine import Engine


def glass_notice(engine: Engine) -> Iterator[str]:
    """Who opened entry without a PIN, since when, and why; nothing while nobody did."""
    if engine.glass is not None:
        who = engine.clinic.initials(engine.glass.staff)
        since = clock(engine, engine.glass_at)[:5]
        yield f"No PIN since {since}: {who}. {engine.glass.reason}."


def audit_frame(engine: Engine) -> AuditFrame | None:
    """The page of the trail that was read last, for the administrator who asked for it."""
    listed = engine.trail
    if listed is None:
        return None
    teller = Teller(engine.catalog, engine.clinic, engine.zone, {})
    lines = tuple(_line(teller, entry) for entry in listed.entries)
    return AuditFrame(listed.page, listed.staff, listed.sort, lines, listed.more)


def _line(teller: Teller, entry: Entry) -> AuditLine:
    at = f"{entry.at.utc.astimezone(teller.zone):%d %b %Y %H:%M:%S}"
    return AuditLine(at, teller.told(entry.body), audit_names(entry.author, teller.who))


def self_test_frame(engine: Engine) -> SelfTestFrame | None:
    """Today's self-test: a tick with its time, or what is wrong and what to do; None before there is one."""
    entry = engine.clinic.tested
    if entry is None or not isinstance(entry.body, SelfTested) or not tested_today(engine, engine.now):
        return None
    findings = tuple(entry.body.findings.values())
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    return SelfTestFrame(
        f"Self-test {clock(engine, entry.at)[:5]}",
        count if findings else "all is well",
        well=not findings,
        findings=findings,
        tested=entry.body.tested,
    )


def table_lines(engine: Engine) -> tuple[TableLine, ...]:
    """Every clinical table, by its title, with who signed it as it is."""
    clinic, zone = engine.clinic, engine.zone
    lines = []
    for table, digest in engine.catalog.hashes.items():
        found = clinic.tables.get(table)
        signed = found is not None and found[0] == digest
        if found is None:
            words = "draft: never signed"
        else:
            by = clinic.name_of(found[1].author)
            day = f"{found[1].at.utc.astimezone(zone):%d %b %Y %H:%M}"
            words = f"signed by {by}, {day}" if signed else f"draft: changed since {by} signed it, {day}"
        lines.append(TableLine(table, table_title(table), digest, words, signed))
    return tuple(lines)


def table_title(table: str) -> str:
    """A table's name in words: "Alarm limits"."""
    return TITLES.get(table) or table.replace("_", " ").capitalize()


TITLES = {"pk_models": "PK models", "check_in": "Check-in"}
"""The tables whose names are not their words."""


def draft_words(engine: Engine) -> str:
    """Says that tables are drafts, on the order; "" when every one is signed."""
    unsigned = len(engine.clinic.unsigned(engine.catalog.hashes))
    if not unsigned:
        return ""
    return f"Draft tables: {unsigned} of {len(engine.catalog.hashes)} not signed by the medical director."
