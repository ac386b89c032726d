"""What the summary prints of accounted drugs, of an emergency, of the IV site and of oxygen."""

from __future__ import annotations

from collections.abc import Iterator

from app.accounts import explained, session_accounts
from app.clinical.controlled import Account, Balance
from app.clinical.dosing import shown
from app.entries import (
    BalanceExplained,
    EmergencyOpened,
    EmergencyStamped,
    Returned,
    VialDrawn,
    Wasted,
)
from app.printed import Row, Table
from app.session import Session
from app.show_bedside import SCHEDULES, line_policy, milligrams, vial_words
from app.summary_log import EVENT_COLUMNS, event_rows
from app.summary_tables import entry_row, facts_table, of_kind
from app.summary_words import paper_words
from app.told import Teller


def balance_table(session: Session, teller: Teller) -> Table | None:
    """The first page's account of the infused drug; None where nothing was drawn, given or due."""
    drug = session.order.drug if session.order is not None else ""
    account = next((a for a in session_accounts(session, teller.catalog) if a.whole.drug == drug), None)
    if account is None:
        return None
    facts = [
        ("Drawn", _drawn_words(account)),
        ("Given", milligrams(account.whole.given_mg)),
        (_wasted_label(session, teller, drug), milligrams(account.whole.wasted_mg)),
        ("Returned", milligrams(account.whole.returned_mg) if account.whole.returned_mg else ""),
        ("Balance", _balance_words(session, account)),
        ("In the pump", left_words(session)),
    ]
    return facts_table(_title(teller, drug), facts)


def left_words(session: Session) -> str:
    """What is left in the container, and who counted it."""
    left = session.infusion.left_ml()
    counted = "counted by hand" if session.infusion.by_hand else "counted by the pump"
    return f"{shown(left, 2)} mL left, {counted}" if left is not None else f"not known, {counted}"


def _title(teller: Teller, drug: str) -> str:
    schedule = SCHEDULES.get(teller.catalog.controlled.schedule_of(drug), "")
    name = teller.drug(drug)
    return f"{name[:1].upper()}{name[1:]} balance{f' ({schedule})' if schedule else ''}"


def _drawn_words(account: Account) -> str:
    count = f", {account.whole.vials} vials" if account.whole.vials > 1 else ""
    return f"{milligrams(account.whole.drawn_mg)}{count}"


def _wasted_label(session: Session, teller: Teller, drug: str) -> str:
    found = [e.body for e in session.standing(Wasted) if isinstance(e.body, Wasted) and e.body.drug == drug]
    who = list(dict.fromkeys(teller.who(body.witness) for body in found))
    return f"Wasted, witness {', '.join(who)}" if who else "Wasted"


def _balance_words(session: Session, account: Account) -> str:
    line = account.whole
    if line.closed:
        return milligrams(line.balance_mg)
    entry = explained(session, line.drug, line.balance_mg)
    why = f"not known, {line.why}" if line.balance_mg is None else milligrams(line.balance_mg)
    if entry is not None and isinstance(entry.body, BalanceExplained):
        return f"{why}, explained: {entry.body.reason}"
    return f"{why}, NOT EXPLAINED"


# ---------------------------------------------------------------- further back


def account_table(session: Session, teller: Teller) -> Table | None:
    """Each drug's vials, its balance where the first page does not hold it, and every line of the register."""
    infused = session.order.drug if session.order is not None else ""
    rows = [
        row
        for one in session_accounts(session, teller.catalog)
        for row in _account_rows(session, teller, one, infused)
    ]
    rows += register_rows(session, teller)
    if not rows:
        return None
    note = line_policy(teller.catalog.controlled.dead_space)
    return Table("Drugs accounted", EVENT_COLUMNS, tuple(rows), note=note, heads=False)


def _account_rows(session: Session, teller: Teller, account: Account, infused: str) -> Iterator[Row]:
    """The drug's own line, and below it a line for each vial or lot where there are several."""
    line = account.whole
    schedule = SCHEDULES.get(teller.catalog.controlled.schedule_of(line.drug), "")
    name = f"{teller.drug(line.drug)} ({schedule})" if schedule else teller.drug(line.drug)
    notes = [f"{milligrams(line.not_counted_mg)} in the line are not counted"] if line.not_counted_mg else []
    if line.drug != infused:
        notes += [] if line.closed else [_balance_words(session, account)]
        yield Row(("", f"{name}: {_quantities(line)}", ""), strong=True, note="; ".join(notes))
    elif notes:
        yield Row(("", f"{name}: {'; '.join(notes)}", ""), strong=True)
    for vial in account.vials if len(account.vials) > 1 else ():
        yield Row(("", f"{name}, {vial_words(vial)}: {_quantities(vial)}", ""))


def _quantities(line: Balance) -> str:
    parts = (
        ("drawn", line.drawn_mg),
        ("given", line.given_mg),
        ("wasted", line.wasted_mg),
        ("returned", line.returned_mg),
        ("balance", line.balance_mg),
    )
    return ", ".join(f"{name} {milligrams(mg)}" for name, mg in parts if mg or name != "returned")


def register_rows(session: Session, teller: Teller) -> Iterator[Row]:
    """Every draw, waste, return and explanation with who did it and who saw it."""
    for entry in of_kind(session, VialDrawn, Wasted, Returned, BalanceExplained):
        cells = (
            teller.clock(entry.at.utc, seconds=True),
            paper_words(teller, entry.body),
            teller.who(entry.author),
        )
        yield entry_row(session, teller, entry, cells)


def emergency_table(session: Session, teller: Teller) -> Table | None:
    """The emergency with its times; only where there was one."""
    found = of_kind(session, EmergencyOpened, EmergencyStamped)
    if not found:
        return None
    rows = tuple(row for _, row in event_rows(session, teller, found))
    return Table("Emergency", EVENT_COLUMNS, rows, heads=False)
