"""What the summary prints of accounted drugs, of an emergency, of the IV site and of oxygen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.accounts import explained, session_accounts
from app.clinical.controlled import Account, Balance
from app.clinical.dosing import shown
from app.entries import (
    BalanceExplained,
    EmergencyOpened,
    EmergencyStamped,
    Entry,
    IvChecked,
    OxygenSet,
    Returned,
    SessionFinished,
    VialDrawn,
    Wasted,
)
from app.printed import Column, Row, Table
from app.session import Session
from app.show_bedside import SCHEDULES, line_policy, milligrams, vial_words
from app.summary_tables import entry_row, facts_table, of_kind
from app.told import Teller

LATE = "written after the end of the session"


def balance_table(session: Session, teller: Teller) -> Table | None:
    """The first page's account of the infused drug; None where nothing was drawn, given or due."""
    drug = session.order.drug if session.order is not None else ""
    account = next((a for a in session_accounts(session, teller.catalog) if a.whole.drug == drug), None)
    if account is None:
        return None
    left = session.infusion.left_ml()
    facts = [
        ("Drawn", _drawn_words(account)),
        ("Given", milligrams(account.whole.given_mg)),
        (_wasted_label(session, teller, drug), milligrams(account.whole.wasted_mg)),
        ("Returned", milligrams(account.whole.returned_mg) if account.whole.returned_mg else ""),
        ("Balance", _balance_words(session, account)),
        ("Left in the pump", f"{shown(left, 2)} mL" if left is not None else "not known"),
        ("Counted by", "hand" if session.infusion.by_hand else "the pump"),
    ]
    return facts_table(_title(teller, drug), facts)


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


def account_tables(session: Session, teller: Teller) -> Iterator[Table]:
    """The balance of each drug, and every line of the register."""
    accounts = session_accounts(session, teller.catalog)
    if not accounts:
        return
    columns = (
        Column("drug", 2.6, chip=True),
        Column("", 0.9),
        Column("drawn", 1.5, "right"),
        Column("given", 1.5, "right"),
        Column("wasted", 1.5, "right"),
        Column("returned", 1.5, "right"),
        Column("balance", 1.6, "right"),
    )
    rows = tuple(row for one in accounts for row in _account_rows(session, teller, one))
    yield Table("Drugs accounted", columns, rows, note=line_policy(teller.catalog.controlled.dead_space))
    yield register_table(session, teller)


def _account_rows(session: Session, teller: Teller, account: Account) -> Iterator[Row]:
    """The drug's own line, and below it a line for each vial or lot where there are several."""
    line = account.whole
    drug = teller.catalog.drugs.get(line.drug)
    schedule = SCHEDULES.get(teller.catalog.controlled.schedule_of(line.drug), "")
    notes = [vial_words(account.vials[0])] if len(account.vials) == 1 else []
    notes += [f"{milligrams(line.not_counted_mg)} in the line are not counted"] if line.not_counted_mg else []
    notes += [] if line.closed else [_balance_words(session, account)]
    yield Row(
        (teller.drug(line.drug), schedule, *_quantities(line)),
        label_class=drug.label_class if drug else "",
        note="; ".join(notes),
    )
    for vial in account.vials if len(account.vials) > 1 else ():
        yield Row(("", "", *_quantities(vial)), note=vial_words(vial))


def _quantities(line: Balance) -> Iterator[str]:
    values: tuple[Decimal | None, ...] = (
        line.drawn_mg, line.given_mg, line.wasted_mg, line.returned_mg, line.balance_mg
    )  # fmt: skip
    yield from map(milligrams, values)


def register_table(session: Session, teller: Teller) -> Table:
    """Every draw, waste, return and explanation with who did it and who saw it."""
    columns = (
        Column("time", 1.3), Column("what", 7.0), Column("by", 1.0, "right"), Column("witness", 1.4, "right")
    )  # fmt: skip
    rows = []
    for entry in of_kind(session, VialDrawn, Wasted, Returned, BalanceExplained):
        body = entry.body
        witness = body.witness if isinstance(body, Wasted | BalanceExplained) else ""
        cells = (
            teller.clock(entry.at.utc, seconds=True),
            teller.told(entry.body),
            teller.who(entry.author),
            teller.who(witness) if witness else "",
        )
        row = entry_row(session, teller, entry, cells)
        late = LATE if _is_late(session, entry) else ""
        note = "; ".join(part for part in (row.note, late) if part)
        rows.append(Row(row.cells, struck=row.struck, note=note))
    return Table("Register of drugs", columns, tuple(rows), empty="None.")


def _is_late(session: Session, entry: Entry) -> bool:
    ends = [e for e in session.entries if isinstance(e.body, SessionFinished)]
    return bool(ends) and entry.number > ends[0].number


def watched_tables(session: Session, teller: Teller) -> Iterator[Table]:
    """The emergency with its times, the IV site and oxygen; only what there was."""
    columns = (Column("time", 1.3), Column("what", 7.0), Column("by", 1.0, "right"))
    for title, kinds in (
        ("Emergency", (EmergencyOpened, EmergencyStamped)),
        ("IV site and oxygen", (IvChecked, OxygenSet)),
    ):
        found = of_kind(session, *kinds)
        if found:
            yield Table(title, columns, tuple(_row(session, teller, entry) for entry in found))


def _row(session: Session, teller: Teller, entry: Entry) -> Row:
    cells = (
        teller.clock(entry.at.utc, seconds=True),
        teller.told(entry.body),
        teller.who(entry.author),
    )
    return entry_row(session, teller, entry, cells)
