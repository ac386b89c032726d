"""What the touches of people do that are no patient's: the way in without a PIN, looks, the trail, signed tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit import OPENED, PRINTED, REVIEW, SAVED, SUMMARY, TRAIL
from app.clinic import OTHER, without_pin
from app.entries import CLINIC, Audited, GlassBroken, TablesSigned
from app.frames import Answer
from app.messages import BreakGlass, NoteLook, ReadAudit, SignTables, Tap
from app.noting import check_words
from app.ports import ReadTrail
from app.refusals import Refused
from app.session import Session

if TYPE_CHECKING:
    from app.engine import Engine


# ---------------------------------------------------------------- the audit trail


def audit(
    engine: Engine, what: str, *, session: str = "", mrn: str = "", detail: str = "", by: str = ""
) -> None:
    """One line of the trail, by whoever is here."""
    engine.write(Audited(what, session, mrn, detail), engine.now, by or engine.who, CLINIC)


def audit_session(engine: Engine, what: str, session: Session, *, detail: str = "", by: str = "") -> None:
    """One line of the trail about the session on the screen."""
    audit(engine, what, session=session.id, mrn=mrn_of(engine, session.id), detail=detail, by=by)


def audit_opened(engine: Engine, session: str) -> None:
    """A session of the list is opened: a finished one by its summary."""
    finished = any(row.session == session and row.finished for row in engine.rows)
    audit(engine, SUMMARY if finished else OPENED, session=session, mrn=mrn_of(engine, session))


def mrn_of(engine: Engine, session: str) -> str:
    """The MRN of a session's patient; "" where it is not known here."""
    here = engine.session
    if here is not None and here.id == session:
        return here.patient.mrn if here.patient is not None else ""
    return next((row.mrn for row in engine.rows if row.session == session), "")


def copy_of(outcome: str) -> str:
    """How a copy left: into a file, or to a printer."""
    return SAVED if outcome.lower().startswith("saved") else PRINTED


def copy_words(what: str, outcome: str, pages: int) -> str:
    """What left: "summary, 6 pages", or that it waits for a printer; no path, which may name anything."""
    return f"{what}, {pages} pages{', waits for a printer' if outcome == 'kept' else ''}"


def note_look(engine: Engine, tap: Tap, act: NoteLook, author: str) -> Answer:
    """The record on the screen was looked at."""
    if act.what not in (SUMMARY, REVIEW):
        raise Refused("what", f"There is no look {act.what!r}.")
    if engine.session is None:
        raise Refused("session", "There is no session on the screen.")
    audit_session(engine, act.what, engine.session)
    return Answer("taken")


def read_audit(engine: Engine, tap: Tap, act: ReadAudit, author: str) -> Answer:
    """A page of the trail is asked for; the first look of a person at it is a line of it, too."""
    if act.page < 0:
        raise Refused("page", "There is no such page.")
    if engine.trail is None:
        audit(engine, TRAIL)
        engine.flush()
    engine.store.put(ReadTrail(act.page, act.staff, act.sort))
    return Answer("taken")


# ---------------------------------------------------------------- the emergency way in


def break_glass(engine: Engine, tap: Tap, act: BreakGlass, author: str) -> Answer:
    """Entry opens without a PIN, for what the table of roles lets through; it is written at once, twice."""
    if not engine.clinic.set_up:
        raise Refused("staff", "The clinic is not set up yet.")
    if not engine.locked:
        raise Refused("lock", "Entry is open already.")
    if act.staff != OTHER and act.staff not in engine.clinic.staff:
        raise Refused("staff", "Pick your name, or Other.")
    reason = act.reason.strip()
    check_words(engine, "reason", reason, "Say what the emergency is.")
    engine.glass = GlassBroken(act.staff, reason)
    engine.glass_at = engine.now
    engine.who, engine.locked = without_pin(act.staff), False
    engine.write(engine.glass, tap.at, engine.who, CLINIC)
    tell_glass(engine)
    engine.list_sessions()
    return Answer("taken")


def tell_glass(engine: Engine) -> None:
    """The session that is on the screen while entry is open without a PIN says so."""
    session = engine.session
    if engine.glass is not None and session is not None and not session.finished:
        engine.write(engine.glass, engine.now, engine.who)


# ---------------------------------------------------------------- tables


def tables_status(engine: Engine) -> str:
    """Whether every clinical table is signed as it is: "signed", else "draft"."""
    return "draft" if engine.clinic.unsigned(engine.catalog.hashes) else "signed"


def tables_can_be_signed(engine: Engine, act: SignTables) -> None:
    """Refuses tables that are no longer what was shown, or that there are not; asked before the PIN and after."""
    if not act.tables:
        raise Refused("tables", "Every table is signed already.")
    for table, digest in act.tables.items():
        if engine.catalog.hashes.get(table) != digest:
            raise Refused("tables", f"The table {table} is another one by now. Look at it again.")
        if engine.clinic.signed_hash(table) == digest:
            raise Refused("tables", f"The table {table} is signed already.")


def sign_tables(engine: Engine, tap: Tap, act: SignTables, author: str) -> Answer:
    """The director's signature under the tables as they are."""
    tables_can_be_signed(engine, act)
    entry = engine.write(TablesSigned(act.tables, act.signer), tap.at, act.signer, CLINIC)
    return Answer("taken", entry=entry.uuid)
