"""The tiles of the vital signs: number, age, reason, alarm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.clinical.vitals import NIBP, VITALS, Vital
from app.frames import AlarmMark, Tile
from app.instant import Instant
from app.live import Shown
from app.show_bedside import oxygen_flow
from app.show_infusion import clock

if TYPE_CHECKING:
    from app.engine import Engine

TILES = (
    (Vital.HEART_RATE, "HR"),
    (Vital.SPO2, "SpO₂"),
    (Vital.RESP_RATE, "RR"),
    (Vital.ETCO2, "EtCO₂"),
    (Vital.TEMP, "Temp"),
    (Vital.PULSE_RATE, "PR"),
)
MARKS = {"high": "!!!", "medium": "!!", "low": "!"}


def tiles(engine: Engine, now: Instant) -> Iterator[Tile]:
    """HR, SpO₂, NIBP, RR, EtCO₂, Temp, PR. An old value is grey whatever its alarm: the bar keeps that."""
    alarms = _alarm_marks(engine)
    for vital, label in TILES[:2]:
        yield _tile(engine, vital, label, now, alarms)
    yield _nibp(engine, now, alarms)
    for vital, label in TILES[2:]:
        yield _tile(engine, vital, label, now, alarms)


def _tile(engine: Engine, vital: Vital, label: str, now: Instant, alarms: dict[str, AlarmMark]) -> Tile:
    shown, spec = engine.vitals.shown(vital, now), VITALS[vital]
    corner, foot = _corner(engine, shown)
    return Tile(
        vital.value,
        label,
        spec.unit,
        spec.colour,
        spec.text(shown.value) if shown.value is not None else "--",
        shown.state,
        corner=corner or (oxygen_flow(engine.session) if vital is Vital.SPO2 else ""),
        foot_right=foot,
        alarm=alarms.get(vital.value) if shown.state == "live" else None,
    )


def _corner(engine: Engine, shown: Shown) -> tuple[str, str]:
    """What stands top right, and since when below."""
    hand = "by hand" if shown.by_hand else ""
    if shown.state == "missing":
        since = f"since {clock(engine, shown.since)[:5]}" if shown.since is not None else ""
        return shown.why, since
    if shown.state == "stale" and shown.age_s is not None:
        return f"{_age(shown.age_s)} old", hand
    if shown.by_hand and shown.at is not None:
        return f"{clock(engine, shown.at)[:5]}", hand
    return "", ""


def _age(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min"


def _nibp(engine: Engine, now: Instant, alarms: dict[str, AlarmMark]) -> Tile:
    sys, dia, mean = (engine.vitals.shown(vital, now) for vital in NIBP)
    spec = VITALS[Vital.NIBP_SYS]
    worst = min(
        (alarms[v.value] for v in NIBP if v.value in alarms),
        key=lambda a: -len(a.text.split()[0]),
        default=None,
    )
    text, corner, left, right = "--", "", "", ""
    if sys.value is not None and dia.value is not None and sys.at is not None and sys.age_s is not None:
        text = f"{sys.value:.0f}/{dia.value:.0f}"
        minutes = int(sys.age_s // 60)
        stale = sys.state == "stale"
        corner = f"{minutes} min old" if stale else f"{clock(engine, sys.at)[:5]} · {minutes} min"
        left = f"mean {mean.value:.0f}" if mean.value is not None else ""
        right = f"measured {clock(engine, sys.at)[:5]}" if stale else _next_pressure(engine, sys, now)
        if sys.by_hand and not stale:
            right = "by hand"
    else:
        corner, right = _corner(engine, sys)
        corner = "not measured" if sys.at is None else corner
    stale_alarm = next((row for row in engine.board.rows if row.condition.key == "stale.nibp"), None)
    if worst is None and stale_alarm is not None:
        worst = AlarmMark("low", f"! {corner}", stale_alarm.acknowledged)
    return Tile("nibp", "NIBP", "mmHg", spec.colour, text, sys.state, corner, left, right, worst)


def _next_pressure(engine: Engine, sys: Shown, now: Instant) -> str:
    left_s = pressure_due_s(engine, now)
    if left_s is None:
        return ""
    return f"next in {mmss(left_s)}" if left_s >= 0 else "due now"


def pressure_due_s(engine: Engine, now: Instant) -> float | None:
    """Seconds until the next pressure is due, below 0 when it is late; None where none is."""
    session = engine.session
    shown = engine.vitals.shown(Vital.NIBP_SYS, now)
    if session is None or session.phase not in ("infusing", "paused", "recovery"):
        return None
    interval = engine.catalog.nibp_interval
    begun_s = session.infusion.running_s(now)
    every_s = interval.first_s if begun_s < interval.first_lasts_min * 60 else interval.routine_s
    since = shown.at or session.infusion.started
    return every_s - now.since(since) if since is not None else None


def mmss(seconds: float) -> str:
    """2:10."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _alarm_marks(engine: Engine) -> dict[str, AlarmMark]:
    """Which tiles carry an alarm, and its words; the most severe of a tile."""
    marks: dict[str, AlarmMark] = {}
    for row in engine.board.rows:
        condition = row.condition
        if condition.vital is None or condition.vital.value in marks:
            continue
        word = condition.direction or "missing"
        text = f"{MARKS[condition.priority]} {word}"
        marks[condition.vital.value] = AlarmMark(condition.priority, text, row.acknowledged)
    return marks
