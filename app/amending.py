"""What an amendment can put right by data: which fields an entry has, and what it reads with others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

import msgspec

from app.clinical.dosing import shown
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS
from app.entries import (
    CHAIRSIDE,
    AlarmAcknowledged,
    AlarmCleared,
    Amended,
    AnyBody,
    AudioPaused,
    AudioResumed,
    CheckValue,
    DrugGiven,
    EffectNoted,
    Entry,
    OxygenSet,
    Resumed,
    Retracted,
    SamplesSealed,
    ScoreTaken,
    SessionFinished,
    SessionOpened,
    SoundSwitched,
    SummaryPrinted,
    SummarySigned,
    VitalEntered,
)
from app.instant import Instant
from app.refusals import Refused
from app.review_frames import AmendField
from app.session import Session
from app.told import Teller, ended

AT = "at"
"""The field that says when it happened, as a local time of day."""

HAPPENED = "happened"
"""The field that says that it did not happen at all."""

DID_NOT = "It did not happen."

UNAMENDED = (
    Amended,
    Retracted,
    SamplesSealed,
    SessionOpened,
    SessionFinished,
    SummarySigned,
    SummaryPrinted,
    AlarmAcknowledged,
    AlarmCleared,
    AudioPaused,
    AudioResumed,
    SoundSwitched,
    Resumed,
)
"""What says only what the program did, or is a correction or a signature itself."""

DOSE_HIGHEST = 99_999.0
"""As much as the keypad takes; a dose that was given is a fact."""


def fields_of(entry: Entry, catalog: Catalog, words: Teller) -> tuple[AmendField, ...]:
    """What can be put right by data in this entry; anything else is written in words."""
    fields = _fields(entry.body, catalog)
    if entry.author != CHAIRSIDE:
        fields += (AmendField(AT, "Time", words.clock(entry.at.utc)),)
        fields += (AmendField(HAPPENED, "Did not happen", "", (("no", DID_NOT),)),)
    return fields


def _fields(body: AnyBody, catalog: Catalog) -> tuple[AmendField, ...]:
    match body:
        case EffectNoted(grade=grade):
            grades = tuple((f"{row.grade}", f"{row.grade}, {row.short}") for row in catalog.noted_grades())
            return (AmendField("grade", "Grade", f"{grade}", grades),)
        case DrugGiven(dose=dose, unit=unit):
            return (AmendField("dose", "Dose", shown(dose, 3), (), unit, 3, 0.0, DOSE_HIGHEST),)
        case ScoreTaken(score=score, total=int(total), items=items) if not items:
            row = catalog.scores.get(score)
            if row is None or row.total_range is None:
                return ()
            low, high = row.total_range
            return (AmendField("total", row.short, f"{total}", (), "", 0, float(low), float(high)),)
        case OxygenSet(flow_l_min=flow):
            row_ = catalog.entry_ranges["oxygen"]
            label = "Oxygen"
            return (
                AmendField(
                    "flow_l_min", label, shown(flow, row_.decimals), (), row_.unit, row_.decimals,
                    row_.entry_lowest, row_.entry_highest,
                ),
            )  # fmt: skip
        case VitalEntered(values=values):
            return tuple(
                AmendField(
                    vital.value, VITALS[vital].label, VITALS[vital].text(value), (), VITALS[vital].unit,
                    VITALS[vital].decimals, catalog.alarm_limits[vital].entry_lowest,
                    catalog.alarm_limits[vital].entry_highest,
                )
                for vital, value in values.items()
            )  # fmt: skip
        case _:
            return ()


def can_be_amended(entry: Entry, session: Session) -> bool:
    """Whether an amendment can stand beside this entry."""
    return not isinstance(entry.body, UNAMENDED) and entry.uuid not in session.retracted


def amended_text(
    entry: Entry, values: Mapping[str, CheckValue], session: Session, words: Teller, end: Instant
) -> str:
    """What the entry reads with these values in place of its own; raises Refused."""
    known = {field.key: field for field in fields_of(entry, words.catalog, words)}
    for key, value in values.items():
        if key not in known:
            raise Refused(key, "This line has no such part.")
        if key != AT:
            check_value(known[key], value)
    if HAPPENED in values:
        return DID_NOT
    body = _with_values(entry.body, {key: value for key, value in values.items() if key != AT})
    text = words.told(body)
    if AT in values:
        at = moment_of(str(values[AT]), session, words.zone, end)
        text = f"{ended(text)} At {words.clock(at)}."
    return text


def check_value(field: AmendField, value: CheckValue) -> None:
    """Refuses what the field cannot be."""
    if field.choices:
        if str(value) not in dict(field.choices):
            raise Refused(field.key, f"{field.label}: choose one of those offered.")
        return
    if not isinstance(value, int | float) or not field.lowest <= value <= field.highest:
        between = f"{field.lowest:g} to {field.highest:g} {field.unit}".strip()
        raise Refused(field.key, f"{field.label} is {between}.")
    if field.key == "dose" and not value > 0:
        raise Refused(field.key, "The dose is above 0.")


def _with_values(body: AnyBody, values: Mapping[str, CheckValue]) -> AnyBody:
    if not values:
        return body
    match body:
        case EffectNoted():
            return msgspec.structs.replace(body, grade=int(str(values["grade"])))
        case ScoreTaken():
            return msgspec.structs.replace(body, total=round(_number(values["total"])))
        case DrugGiven():
            return msgspec.structs.replace(body, dose=_number(values["dose"]))
        case OxygenSet():
            return msgspec.structs.replace(body, flow_l_min=_number(values["flow_l_min"]))
        case VitalEntered(values=measured):
            changed = {v: _number(values[v.value]) for v in measured if v.value in values}
            return VitalEntered({**measured, **changed})
        case _:
            return body


def _number(value: CheckValue) -> float:
    assert isinstance(value, int | float)
    return float(value)


def moment_of(clock: str, session: Session, zone: tzinfo, end: Instant) -> datetime:
    """The moment of a local time of day within the session; refused where it was not then."""
    hour, _colon, minute = clock.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise Refused(AT, "A time of day is 00:00 to 23:59.")
    assert session.opened_at is not None
    began = session.opened_at.utc.astimezone(zone)
    at = began.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    opened_minute = began.replace(second=0, microsecond=0)
    while at < opened_minute:
        at += timedelta(days=1)
    if at > end.utc:
        raise Refused(AT, f"The session was from {began:%H:%M} to {end.utc.astimezone(zone):%H:%M}.")
    return max(at, began)
