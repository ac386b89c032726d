"""The check-in: what each line stands at, in words, and whether an answer can be taken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from app.clinical.checkin_rows import CheckIn, Line, LineField
from app.clinical.dosing import lb_from_kg, shown
from app.clinical.rows import Protocol
from app.clinical.tables import Catalog
from app.refusals import Refused

Value = str | float | tuple[str, ...]
Values = Mapping[str, Value]
State = Literal["done", "skipped", "todo", "blocks"]
OLDEST_CLOCK = timedelta(hours=48)


class Said(msgspec.Struct, frozen=True):
    """The last answer to a line, as recorded."""

    state: str
    values: Values
    reason: str = ""
    second: str = ""
    accepted_by: str = ""


class LineState(msgspec.Struct, frozen=True):
    """A line of the check-in now: its words, and whether the start waits for it."""

    line: str
    label: str
    state: State
    words: str
    waits: bool

    @property
    def settled(self) -> bool:
        """Done, or not done with a reason."""
        return self.state in ("done", "skipped")


class Circumstances(msgspec.Struct, frozen=True):
    """What lines are judged by: who, how heavy, under which protocol, when (the clinic's local time)."""

    sex: str
    weight_kg: float
    protocol: Protocol | None
    now: datetime
    baseline_done: bool
    baseline_words: str


def line_state(line: Line, said: Said | None, around: Circumstances, table: CheckIn) -> LineState:
    """What one line stands at."""
    state, words = _state(line, said, around, table)
    waits = state == "blocks" or (state == "todo" and must_be_settled(line, around.protocol))
    return LineState(line.id, line.label, state, words, waits)


def must_be_settled(line: Line, protocol: Protocol | None) -> bool:
    """Whether the start waits for this line, by itself or by the ordered protocol."""
    return line.blocks or bool(
        line.blocks_if and protocol is not None and getattr(protocol, line.blocks_if) is True
    )


def _state(line: Line, said: Said | None, around: Circumstances, table: CheckIn) -> tuple[State, str]:
    if line.for_sex and around.sex not in line.for_sex:
        return "skipped", "not asked"
    if said is not None and said.state == "not done":
        return "skipped", f"not done: {said.reason}"
    if line.sets:
        return ("done" if around.baseline_done else "todo"), around.baseline_words
    if said is None:
        return "todo", "not yet"
    words = told_values(line, said.values, around.now, brief=True)
    if line.second == "wanted":
        words += ", two people" if said.second else f", alone: {said.reason}"
    weighed = said.values.get("weight_kg")
    if weighed is not None and weighed != around.weight_kg:
        return "todo", f"{weighed:g} kg, but the record has {around.weight_kg:g} kg"
    stops = tuple(findings(line, said.values, around, table))
    if stops and said.accepted_by:
        return "done", f"{words}, accepted: {said.reason}"
    return ("blocks", stops[0]) if stops else ("done", words)


def findings(line: Line, values: Values, around: Circumstances, table: CheckIn) -> Iterator[str]:
    """What in these answers blocks the start, in words."""
    for field in line.field:
        picked = _picked(values.get(field.id))
        yield from (option.text for option in field.options if option.stops and option.text in picked)
    if "fasting_solids_h" in line.follows:
        yield from _fasting(values, around, table)


def _fasting(values: Values, around: Circumstances, table: CheckIn) -> Iterator[str]:
    fatty = str(values.get("meal", "")).startswith("fried")
    food_h, clear_h = fasting_hours(around.protocol, table, fatty=fatty)
    for field, hours, what in (("food", food_h, "food"), ("clear", clear_h, "clear fluid")):
        at = _when(values.get(field))
        if at is not None and around.now - at < timedelta(hours=hours):
            yield f"{what} {at:%H:%M}, {hours:g} h are over at {at + timedelta(hours=hours):%H:%M}"


def fasting_hours(protocol: Protocol | None, table: CheckIn, *, fatty: bool = False) -> tuple[float, float]:
    """(solids, clear fluid): the protocol's hours where it gives them, else the table's."""
    solids = protocol.fasting_solids_h if protocol is not None else None
    clear = protocol.fasting_clear_liquids_h if protocol is not None else None
    usual = table.fasting.fatty_h if fatty else table.fasting.solids_h
    return (
        usual if solids is None else solids,
        table.fasting.clear_liquids_h if clear is None else clear,
    )


def fasting_words(protocol: Protocol | None, table: CheckIn) -> str:
    """The protocol's hours with ASA's beside them."""
    asa = table.fasting
    own = f"ASA: {asa.solids_h:g} h light, {asa.fatty_h:g} h fatty, {asa.clear_liquids_h:g} h clear fluid."
    if protocol is None or protocol.fasting_solids_h is None:
        return own
    solids, clear = fasting_hours(protocol, table)
    return f"This protocol: {solids:g} h food, {clear:g} h clear fluid. {own}"


# ---------------------------------------------------------------- words


def told_values(line: Line, values: Values, now: datetime | None, *, brief: bool = False) -> str:
    """The answers of a line as it shows them; without `now` times carry their day.

    `brief` leaves the quiet fields out.
    """
    return ", ".join(
        told
        for field in line.field
        if not (brief and field.quiet) and (told := _told(field, values.get(field.id), now)) is not None
    )


def _told(field: LineField, value: Value | None, now: datetime | None) -> str | None:
    if value is None:
        return None
    if field.kind == "clock":
        at = _when(value)
        if at is None:
            return None
        day = f"{at:%d %b} " if now is None or at.date() != now.date() else ""
        return f"{field.label.removeprefix('Last ')} {day}{at:%H:%M}"
    if field.kind == "number" and isinstance(value, float | int):
        pounds = f" ({shown(lb_from_kg(value), 1)} lb)" if field.unit == "kg" else ""
        return f"{value:g} {field.unit}{pounds}"
    words = (", ".join(value) or field.none or "none") if isinstance(value, tuple) else str(value)
    return f"{field.said} {words}" if field.said else words


def summed_up(states: Sequence[LineState]) -> tuple[str, str]:
    """("9 of 12.", "Consent blocks the start.")."""
    settled = sum(1 for one in states if one.settled)
    return f"{settled} of {len(states)}.", blocked_words(states)


def blocked_words(states: Sequence[LineState]) -> str:
    """What the start waits for, by name; "" when nothing stands against it."""
    blocking = [one.label for one in states if one.state == "blocks"]
    if blocking:
        return f"{_listed(blocking)} block{'s' if len(blocking) == 1 else ''} the start."
    waiting = [one.label for one in states if one.waits]
    if not waiting:
        return ""
    return f"Before the start: {_listed(waiting)}."


def _listed(labels: Sequence[str]) -> str:
    """One name, two, or the first with the number of the others."""
    if len(labels) > 2:
        return f"{labels[0]} and {len(labels) - 1} more"
    return " and ".join(labels)


# ---------------------------------------------------------------- what can be taken


def check_answer(line: Line, values: Values, catalog: Catalog, now: datetime) -> None:
    """Refuses answers that the line does not ask for, that are missing, or that cannot be."""
    known = {field.id for field in line.field}
    for name in values.keys() - known:
        raise Refused(name, f"{line.label} does not ask for {name!r}.")
    for field in line.field:
        value = values.get(field.id)
        if value is None:
            if is_needed(line, field, values):
                raise Refused(field.id, f"{line.label}: {field.label.lower()} is missing.")
        else:
            _check_value(field, value, catalog, now)


def is_needed(line: Line, field: LineField, values: Values) -> bool:
    """Whether this field must be answered, given the others."""
    if not field.needed_if:
        return not field.optional
    return any(
        option.group == field.needed_if and option.text in _picked(values.get(other.id))
        for other in line.field
        for option in other.options
    )


def _check_value(field: LineField, value: Value, catalog: Catalog, now: datetime) -> None:
    match field.kind:
        case "pick" | "many":
            _check_picked(field, value)
        case "clock":
            check_clock(field.id, value, now)
        case "number":
            row = catalog.entry_range(field.range)
            if not isinstance(value, int | float) or not row.entry_lowest <= value <= row.entry_highest:
                raise Refused(
                    field.id, f"{field.label}: {row.entry_lowest:g} to {row.entry_highest:g} {row.unit}."
                )
        case "text":
            longest = catalog.text_entry.name_longest
            if not isinstance(value, str) or not value.strip() or len(value) > longest:
                raise Refused(field.id, f"{field.label}: 1 to {longest} letters.")


def _check_picked(field: LineField, value: Value) -> None:
    if (field.kind == "many") != isinstance(value, tuple):
        raise Refused(field.id, f"{field.label}: pick from the list.")
    offered = {option.text for option in field.options}
    picked = _picked(value)
    if not field.other and any(text not in offered for text in picked):
        raise Refused(field.id, f"{field.label}: pick from the list.")
    fewest = 0 if field.none else field.at_least
    if field.kind == "many" and len(picked) < fewest and not field.optional:
        raise Refused(field.id, f"{field.label}: {fewest} at least.")


def check_clock(field: str, value: Value, now: datetime) -> datetime:
    """A time of day that was, in the clinic's local time."""
    at = _when(value)
    if at is None or at.tzinfo is None:
        raise Refused(field, "Enter the time of day.")
    if at > now:
        raise Refused(field, "That time is ahead of now.")
    if now - at > OLDEST_CLOCK:
        raise Refused(field, "That is more than two days ago.")
    return at


def last_clock(hour: int, minute: int, now: datetime) -> datetime:
    """The last time that it was so late: today, or yesterday."""
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)


def _when(value: Value | None) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _picked(value: Value | None) -> tuple[str, ...]:
    if value is None or isinstance(value, float | int):
        return ()
    return (value,) if isinstance(value, str) else value


def check_skip(line: Line, reason: str) -> None:
    """Refuses a "not done" that the line does not allow, or that gives no reason."""
    if not line.may_skip:
        raise Refused("state", f"{line.label} cannot be left out.")
    if not reason.strip():
        raise Refused("reason", f"{line.label} not done: give the reason.")


def waiting(states: Iterable[LineState]) -> list[LineState]:
    """The lines that the start waits for; those that were found wrong first."""
    return sorted((one for one in states if one.waits), key=lambda one: one.state != "blocks")
