"""Recovery: the facts that the discharge criteria are judged by, and the entries when a criterion turns."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from app.checkin import frozen_baseline
from app.clinical.discharge import (
    DoseFact,
    Facts,
    Line,
    PressureFact,
    SaidFact,
    ScoreFact,
    lines,
)
from app.clinical.scores import VitalsNow
from app.clinical.vitals import NIBP, Vital
from app.entries import (
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    CriterionUnmet,
    Discharged,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    OxygenSet,
    ScoreTaken,
    VitalEntered,
)
from app.instant import Instant
from app.kept import Kept
from app.live import GONE_AT_LEAST_S
from app.session import Session
from app.told import dose

if TYPE_CHECKING:
    from app.engine import Engine

VOMITING = "vomiting"
"""The side effect that the nausea criterion waits out."""
TURNING = ("score", "vital", "time")
"""Kinds of criteria whose turns are entries of their own; what a person says is one already."""
BEFORE_START = "before the start"
FROZEN = "baseline"


class Baseline(msgspec.Struct, frozen=True):
    """The resting values, and what they are: "before the start"."""

    values: dict[Vital, float]
    words: str


class RecoveryWatch:
    """Judges the criteria once a second and after each entry, and writes when one turns."""

    def __init__(self) -> None:
        self._lines: Kept[tuple[Line, ...]] = Kept()
        self._baseline: Kept[Baseline] = Kept()

    def baseline(self, engine: Engine, session: Session) -> Baseline:
        """The baseline of this session, sought again when the record grew."""
        made_from = (session.id, len(session.entries))
        return self._baseline.get(made_from, lambda: baseline(engine, session))

    def lines(self, engine: Engine, session: Session, now: Instant) -> tuple[Line, ...]:
        """The criteria as they stand; none before the end of the infusion."""
        ended = session.infusion.ended
        if ended is None or session.phase not in ("recovery", "finished"):
            return ()
        made_from = (session.id, len(session.entries), int(now.steady))
        return self._lines.get(made_from, lambda: lines(engine.catalog, facts(engine, session, ended, now)))

    def tick(self, engine: Engine, now: Instant) -> None:
        """Writes what turned since the last look; nothing once the discharge is signed."""
        session = engine.session
        if session is None or session.phase != "recovery" or session.discharged is not None:
            return
        for line in self.lines(engine, session, now):
            if line.kind not in TURNING:
                continue
            last = session.turns.get(line.id)
            was_met = last is not None and isinstance(last.body, CriterionMet)
            if line.measured == "met" and not was_met:
                engine.emit(CriterionMet(line.id, line.because))
            elif line.measured != "met" and was_met:
                engine.emit(CriterionUnmet(line.id, line.because))


# ---------------------------------------------------------------- facts


def facts(engine: Engine, session: Session, ended: Instant, now: Instant) -> Facts:
    """Everything that the criteria are judged by, from the record and the trends."""
    order = session.order
    seconds, lowest = _saturation(engine, session, ended, now)
    return Facts(
        now=now,
        start=engine.trends.start,
        ended=ended,
        recovery_min=order.recovery_min if order is not None else None,
        protocol=engine.catalog.protocols.get(order.protocol_id) if order is not None else None,
        clock=lambda at: f"{at.utc.astimezone(engine.zone):%H:%M}",
        scores=tuple(_scores(session)),
        scores_before=_scores_before(session),
        doses=tuple(_doses(engine, session)),
        checks=_checks(engine, session),
        accepted=_accepted(engine, session),
        vomited=_vomited(session, now),
        spo2_at_s=seconds,
        spo2=lowest,
        oxygen=tuple(_oxygen(session)),
        pressures=tuple(_pressures(engine, session, ended)),
        baseline=engine.recovery.baseline(engine, session).values,
        signed=_signed(engine, session),
    )


def baseline(engine: Engine, session: Session) -> Baseline:
    """The baseline that the check-in froze; without one, the last readings before the start, said as such.

    Of the readings heard all the time it is the median; empty where there were none.
    """
    frozen = frozen_baseline(session, engine.catalog)
    if frozen:
        return Baseline(frozen, FROZEN)
    started = session.infusion.started
    if started is None:
        return Baseline({}, BEFORE_START)
    trends, start_s = engine.trends, engine.trends.second(started)
    found: dict[Vital, tuple[float, float]] = {}
    for vital in trends.vitals():
        resting = _resting(engine, vital, start_s)
        if resting is not None:
            found[vital] = resting
    for pressure in trends.pressures:
        if pressure.at_s <= start_s:
            for vital, value in zip(NIBP, (pressure.sys, pressure.dia, pressure.mean), strict=True):
                if value is not None:
                    found[vital] = (pressure.at_s, value)
    for entry in session.standing(VitalEntered):
        at_s = trends.second(entry.at)
        if isinstance(entry.body, VitalEntered) and at_s <= start_s:
            for vital, value in entry.body.values.items():
                if vital not in found or found[vital][0] <= at_s:
                    found[vital] = (at_s, value)
    return Baseline({vital: value for vital, (_, value) in found.items()}, BEFORE_START)


def _resting(engine: Engine, vital: Vital, start_s: float) -> tuple[float, float] | None:
    """(second, median) of the last minutes that were heard before the start."""
    last = _last_of(engine, vital, 0.0, start_s)
    if last is None:
        return None
    window_s = engine.catalog.baseline.resting_window_s
    _, low, high = engine.trends.window(vital, last[0] - window_s, last[0])
    middles = [(a + b) / 2 for a, b in zip(low.tolist(), high.tolist(), strict=True) if a == a]
    return last[0], round(median(middles))


def _last_of(engine: Engine, vital: Vital, from_s: float, to_s: float) -> tuple[float, float] | None:
    """(second, middle of the bucket) of the last value in this time."""
    seconds, low, high = engine.trends.window(vital, from_s, to_s)
    for at_s, lowest, highest in zip(seconds[::-1], low[::-1], high[::-1], strict=True):
        if lowest == lowest and at_s <= to_s:
            return float(at_s), float((lowest + highest) / 2)
    return None


def vitals_now(engine: Engine, session: Session, now: Instant) -> VitalsNow:
    """What proposals for a score are made from: live values only."""
    live = {v: value for v, value in engine.vitals.live_values(now).items() if value is not None}
    before = engine.recovery.baseline(engine, session)
    return VitalsNow(live, before.values, before.words, oxygen_now(session))


def oxygen_now(session: Session) -> float:
    """The flow of oxygen now, L/min; 0 on room air."""
    flows = [flow for _, flow in _oxygen(session)]
    return flows[-1] if flows else 0.0


def _scores(session: Session) -> Iterator[ScoreFact]:
    for entry in session.standing(ScoreTaken):
        if isinstance(entry.body, ScoreTaken):
            yield ScoreFact(entry.body.score, entry.body.total, entry.at)


def _scores_before(session: Session) -> dict[str, int]:
    """The last of each score before the start of the infusion."""
    started = session.infusion.started
    if started is None:
        return {}
    before = [fact for fact in _scores(session) if fact.at.since(started) <= 0]
    return {fact.score: fact.total for fact in before if fact.total is not None}


def _doses(engine: Engine, session: Session) -> Iterator[DoseFact]:
    for entry in session.standing(DrugGiven):
        if isinstance(entry.body, DrugGiven):
            yield DoseFact(entry.body.drug, dose(entry.body), entry.at)


def _checks(engine: Engine, session: Session) -> dict[str, SaidFact]:
    found = {}
    for entry in session.standing(CriterionChecked):
        body = entry.body
        if isinstance(body, CriterionChecked):
            found[body.criterion] = SaidFact(
                body.text, entry.at, engine.clinic.initials(entry.author), body.ok
            )
    return found


def _accepted(engine: Engine, session: Session) -> dict[str, SaidFact]:
    """What a physician accepted; the word ends when the criterion turns afterwards."""
    found: dict[str, SaidFact] = {}
    for entry in session.standing(CriterionAccepted, CriterionUnmet):
        body = entry.body
        if isinstance(body, CriterionAccepted):
            found[body.criterion] = SaidFact(body.reason, entry.at, engine.clinic.initials(body.signer))
        elif isinstance(body, CriterionUnmet):
            found.pop(body.criterion, None)
    return found


def _vomited(session: Session, now: Instant) -> Instant | None:
    """When vomiting was last there: now, while it is not noted as gone."""
    last: Instant | None = None
    for entry in session.standing(EffectNoted):
        if not isinstance(entry.body, EffectNoted) or entry.body.effect != VOMITING:
            continue
        gone = session.effect_ends.get(entry.uuid)
        until = gone.at if gone is not None and isinstance(gone.body, EffectEnded) else now
        last = until if last is None or until.since(last) > 0 else last
    return last


def _saturation(
    engine: Engine, session: Session, ended: Instant, now: Instant
) -> tuple[list[float], list[float]]:
    """(seconds, lowest) of SpO₂ since the end, with what was entered by hand."""
    ended_s = engine.trends.second(ended)
    seconds, low, _ = engine.trends.window(Vital.SPO2, ended_s, engine.trends.second(now))
    points = list(zip(seconds.tolist(), low.tolist(), strict=True))
    points += _by_hand(engine, session, Vital.SPO2)
    points.sort(key=lambda point: point[0])
    return [at_s for at_s, _ in points], [value for _, value in points]


def _oxygen(session: Session) -> Iterator[tuple[Instant, float]]:
    for entry in session.standing(OxygenSet):
        if isinstance(entry.body, OxygenSet):
            yield entry.at, entry.body.flow_l_min


def _pressures(engine: Engine, session: Session, ended: Instant) -> Iterator[PressureFact]:
    """Each pressure since the end with the heart rate of that minute."""
    ended_s = engine.trends.second(ended)
    for pressure in engine.trends.pressures:
        if pressure.at_s < ended_s:
            continue
        values = {Vital.NIBP_SYS: pressure.sys, Vital.NIBP_DIA: pressure.dia}
        if pressure.mean is not None:
            values[Vital.NIBP_MEAN] = pressure.mean
        rate = _heart_rate_at(engine, session, pressure.at_s)
        if rate is not None:
            values[Vital.HEART_RATE] = rate
        yield PressureFact(engine.trends.start.plus(pressure.at_s), values)


def _heart_rate_at(engine: Engine, session: Session, at_s: float) -> float | None:
    """The heart rate of the minute before; else the last that a person entered, a minute later at most."""
    last = _last_of(engine, Vital.HEART_RATE, at_s - GONE_AT_LEAST_S, at_s + GONE_AT_LEAST_S / 12)
    if last is not None:
        return last[1]
    by_hand = _by_hand(engine, session, Vital.HEART_RATE)
    before = [value for second, value in by_hand if second <= at_s + GONE_AT_LEAST_S]
    return before[-1] if before else None


def _by_hand(engine: Engine, session: Session, vital: Vital) -> list[tuple[float, float]]:
    """(second, value) of what was entered by hand."""
    entered = [(entry.at, entry.body) for entry in session.standing(VitalEntered)]
    return [
        (engine.trends.second(at), body.values[vital])
        for at, body in entered
        if isinstance(body, VitalEntered) and vital in body.values
    ]


def _signed(engine: Engine, session: Session) -> SaidFact | None:
    entry = session.discharged
    if entry is None or not isinstance(entry.body, Discharged):
        return None
    return SaidFact(entry.body.how, entry.at, engine.clinic.name_of(entry.body.signer))
