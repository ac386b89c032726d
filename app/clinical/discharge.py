"""The discharge criteria as data: which are met, by which measurement, since when, and what still has to run.

Nothing here discharges anybody: the lines carry the evidence, a physician decides. A line that is met is
un-met by a later value that says so; a missing value never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from app.clinical.rows import DischargeCriterion, Drug, Protocol
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.instant import Instant

State = Literal["met", "unmet", "todo", "holding", "accepted"]

NO_NUMBERS: Mapping[str, object] = {}
NUMBER_WORDS = {1: "once", 2: "twice", 3: "three times"}


class ScoreFact(msgspec.Struct, frozen=True):
    """A score that was taken; `total` None: not computable."""

    score: str
    total: int | None
    at: Instant


class SaidFact(msgspec.Struct, frozen=True):
    """What a named person said of a criterion."""

    text: str
    at: Instant
    who: str
    ok: bool = True


class DoseFact(msgspec.Struct, frozen=True):
    """A dose that was given: "1 mg IV"."""

    drug: str
    words: str
    at: Instant


class PressureFact(msgspec.Struct, frozen=True):
    """A pressure that was measured, with the other vital signs of that minute."""

    at: Instant
    values: Mapping[Vital, float]


class Facts(msgspec.Struct, frozen=True):
    """What the criteria are judged by.

    `spo2_at_s` and `spo2` are the lowest values of short buckets, in seconds since `start`. `oxygen` are
    the changes of flow in order. `baseline` is empty where nothing was measured before the infusion.
    """

    now: Instant
    start: Instant
    ended: Instant
    recovery_min: float | None
    protocol: Protocol | None
    clock: Callable[[Instant], str]
    scores: Sequence[ScoreFact] = ()
    scores_before: Mapping[str, int] = {}
    doses: Sequence[DoseFact] = ()
    checks: Mapping[str, SaidFact] = {}
    accepted: Mapping[str, SaidFact] = {}
    vomited: Instant | None = None
    spo2_at_s: Sequence[float] = ()
    spo2: Sequence[float] = ()
    oxygen: Sequence[tuple[Instant, float]] = ()
    pressures: Sequence[PressureFact] = ()
    baseline: Mapping[Vital, float] = {}
    signed: SaidFact | None = None


class Line(msgspec.Struct, frozen=True):
    """A criterion as it stands. `at` is when it was met; `left_s` of `whole_s` still has to run.

    `because` says what met it, or what is missing. `measured` is the state without a physician's word.
    """

    id: str
    kind: str
    words: str
    state: State
    because: str
    at: Instant | None = None
    left_s: float | None = None
    whole_s: float | None = None
    may_accept: bool = False
    measured: State = "todo"

    @property
    def done(self) -> bool:
        """Met, or accepted by a physician."""
        return self.state in ("met", "accepted")


def lines(catalog: Catalog, facts: Facts) -> tuple[Line, ...]:
    """Every criterion that applies to this session, in the order of the table."""
    found = []
    for row in catalog.discharge_criteria.values():
        if row.only_if_protocol_key and not getattr(facts.protocol, row.only_if_protocol_key, None):
            continue
        line = _line(row, catalog, facts)
        if line is not None:
            found.append(_with_word(line, facts))
    return tuple(found)


def not_done(found: Sequence[Line]) -> tuple[Line, ...]:
    """What still bars the physician's signature: all but the signature itself."""
    return tuple(line for line in found if not line.done and line.kind != "physician")


def _with_word(line: Line, facts: Facts) -> Line:
    """The line with the physician's word, where it is not met without."""
    line = msgspec.structs.replace(line, measured=line.state)
    word = facts.accepted.get(line.id)
    if word is None or line.state == "met":
        return line
    because = f"{line.because}; {word.text}" if line.because else word.text
    return msgspec.structs.replace(line, state="accepted", because=f"{because}, {word.who}", at=word.at)


def _line(row: DischargeCriterion, catalog: Catalog, facts: Facts) -> Line | None:
    match row.kind:
        case "score":
            return _score(row, catalog, facts)
        case "vital":
            return _hold(row, facts) if row.vital is not None else _within(row, facts)
        case "time":
            return _recovery(row, facts) if row.since == "infusion-end" else _observed(row, catalog, facts)
        case "check":
            return _check(row, facts)
        case "physician":
            return _made(row, "met" if facts.signed else "todo", _signed(facts), at=_at(facts.signed))


def _made(
    row: DischargeCriterion,
    state: State,
    because: str,
    *,
    at: Instant | None = None,
    left_s: float | None = None,
    whole_s: float | None = None,
    may_accept: bool | None = None,
    numbers: Mapping[str, object] = NO_NUMBERS,
) -> Line:
    may = row.physician_may_accept if may_accept is None else may_accept
    return Line(row.id, row.kind, criterion_words(row, numbers), state, because, at, left_s, whole_s, may)


def criterion_words(row: DischargeCriterion, numbers: Mapping[str, object] | None = None) -> str:
    """The line's words with its own numbers in the braces; a session's own are left open without `numbers`."""
    words = row.words
    if numbers is None:
        words = words.replace("{minutes} min since", "minimum time since")
        numbers = {"drug": "the last drug"}
    return words.format(**{**_own_numbers(row), **numbers})


@lru_cache(maxsize=256)
def _own_numbers(row: DischargeCriterion) -> Mapping[str, object]:
    """What stands in a row, as it is written. Kept: every line is told each second of recovery."""
    own = {name: getattr(row, name) for name in row.__struct_fields__}
    if row.times is not None:
        own["times"] = NUMBER_WORDS.get(row.times, f"{row.times} times")
    return {key: f"{value:g}" if isinstance(value, float) else value for key, value in own.items()}


def _at(said: SaidFact | None) -> Instant | None:
    return said.at if said is not None else None


def _signed(facts: Facts) -> str:
    return facts.signed.who if facts.signed is not None else "not signed yet"


# ---------------------------------------------------------------- scores


def _score(row: DischargeCriterion, catalog: Catalog, facts: Facts) -> Line:
    """The last score after the infusion says it; as often and as far apart as the row asks."""
    highest = row.at_most
    if row.at_most_baseline:
        highest = facts.scores_before.get(row.score or "")
        if highest is None:
            return _made(row, "todo", "no score before the start")
    taken = [fact for fact in facts.scores if fact.score == row.score]
    taken = [fact for fact in taken if fact.at.since(facts.ended) >= 0]
    after = [fact for fact in taken if fact.total is not None]
    if not after:
        why = f"not computable at {facts.clock(taken[-1].at)}" if taken else "not taken yet"
        return _made(row, "todo", why)
    run: list[ScoreFact] = []
    for fact in after:
        run = [*run, fact] if _good(fact.total, row.at_least, highest) else []
    if not run:
        return _made(row, "unmet", f"{_taken(after[-1], facts)}{_against(row, highest)}")
    if row.times is not None and row.times > 1:
        return _repeated(row, run, facts)
    if row.no_vomiting_for_min is not None and facts.vomited is not None:
        return _calm(row, run, facts, facts.vomited, row.no_vomiting_for_min * 60)
    return _made(row, "met", f"{_taken(run[-1], facts)}{_against(row, highest)}", at=run[0].at)


def _good(total: int | None, at_least: int | None, at_most: int | None) -> bool:
    if total is None:
        return False
    return (at_least is None or total >= at_least) and (at_most is None or total <= at_most)


def _taken(fact: ScoreFact, facts: Facts) -> str:
    return f"{fact.total} at {facts.clock(fact.at)}"


def _against(row: DischargeCriterion, highest: int | None) -> str:
    return f", baseline {highest}" if row.at_most_baseline else ""


def _repeated(row: DischargeCriterion, run: Sequence[ScoreFact], facts: Facts) -> Line:
    """Good scores one after the other, the last so far from the first that it counts."""
    apart_s = (row.apart_at_least_min or 0.0) * 60
    chosen = [run[0]]
    for fact in run[1:]:
        if fact.at.since(chosen[-1].at) >= apart_s and len(chosen) < (row.times or 1):
            chosen.append(fact)
    because = ", ".join(_taken(fact, facts) for fact in chosen)
    if len(chosen) >= (row.times or 1):
        return _made(row, "met", because, at=chosen[-1].at)
    left_s = apart_s - facts.now.since(chosen[-1].at)
    if left_s > 0:
        return _made(row, "holding", because, left_s=left_s, whole_s=apart_s)
    return _made(row, "todo", f"{because}, once more now")


def _calm(
    row: DischargeCriterion, run: Sequence[ScoreFact], facts: Facts, vomited: Instant, for_s: float
) -> Line:
    """A good score, and no vomiting for so long."""
    left_s = for_s - facts.now.since(vomited)
    because = f"{_taken(run[-1], facts)}, vomited {facts.clock(vomited)}"
    if left_s > 0:
        return _made(row, "holding", because, left_s=left_s, whole_s=for_s)
    return _made(row, "met", because, at=_later(run[0].at, vomited.plus(for_s)))


def _later(one: Instant, other: Instant) -> Instant:
    return one if one.since(other) >= 0 else other


# ---------------------------------------------------------------- vital signs


def _hold(row: DischargeCriterion, facts: Facts) -> Line:
    """The oxygen saturation at its baseline, on room air, for so long without a contrary value."""
    assert row.vital is not None
    before = facts.baseline.get(row.vital)
    if before is None:
        return _made(row, "todo", "no baseline before the start")
    floor, hold_s = before - (row.below_baseline_by_at_most or 0.0), (row.hold_min or 0.0) * 60
    run = _run(row, facts, floor, hold_s)
    if run.value is None:
        return _made(row, "todo", "no value yet")
    text = VITALS[row.vital].text
    seen = f"{text(run.value)} %, baseline {text(before)} %"
    if run.flow_l_min > 0:
        return _made(row, "unmet", f"{text(run.value)} % with {run.flow_l_min:g} L/min")
    if run.met_s is not None:
        return _made(row, "met", seen, at=facts.start.plus(run.met_s))
    if run.since_s is None:
        return _made(row, "unmet", seen)
    now_s = facts.now.since(facts.start)
    if row.gap_at_most_s is not None and now_s - run.last_s > row.gap_at_most_s:
        last = facts.clock(facts.start.plus(run.last_s))
        return _made(row, "todo", f"no value since {last}")
    left_s = max(0.0, hold_s - (run.last_s - run.since_s))
    return _made(row, "holding", seen, left_s=left_s, whole_s=hold_s)


class _Run(msgspec.Struct):
    """Where a hold stands after all values: since when it runs, when it was met."""

    value: float | None = None
    last_s: float = 0.0
    since_s: float | None = None
    met_s: float | None = None
    flow_l_min: float = 0.0


def _run(row: DischargeCriterion, facts: Facts, floor: float, hold_s: float) -> _Run:
    run = _Run()
    ended_s = facts.ended.since(facts.start)
    changes = [(at.since(facts.start), flow) for at, flow in facts.oxygen if row.on_room_air]
    gap_s = row.gap_at_most_s if row.gap_at_most_s is not None else float("inf")
    place = 0
    for at_s, value in zip(facts.spo2_at_s, facts.spo2, strict=True):
        if value != value or at_s < ended_s:
            continue
        while place < len(changes) and changes[place][0] <= at_s:
            run.flow_l_min, place = changes[place][1], place + 1
        broken = run.met_s is None and at_s - run.last_s > gap_s
        run.value, run.last_s = value, at_s
        if value < floor or run.flow_l_min > 0:
            run.since_s = run.met_s = None
            continue
        if run.since_s is None or broken:
            run.since_s = at_s
        if run.met_s is None and at_s - run.since_s >= hold_s:
            run.met_s = at_s
    if place < len(changes):
        run.flow_l_min = changes[-1][1]
        run.since_s = run.met_s = None if run.flow_l_min > 0 else run.met_s
    return run


def _within(row: DischargeCriterion, facts: Facts) -> Line:
    """Each vital sign so near to its baseline, judged at each pressure."""
    lacking = [vital for vital in row.vitals if vital not in facts.baseline]
    if lacking:
        return _made(row, "todo", "no baseline before the start")
    after = [fact for fact in facts.pressures if fact.at.since(facts.ended) >= 0]
    if not after:
        return _made(row, "todo", "no pressure yet")
    judged = [fact for fact in after if all(vital in fact.values for vital in row.vitals)]
    if not judged:
        return _made(row, "todo", f"no heart rate with the pressure of {facts.clock(after[-1].at)}")
    because = f"{_measured(judged[-1])} at {facts.clock(judged[-1].at)}"
    since: Instant | None = None
    for fact in judged:
        since = (since or fact.at) if _is_near(row, fact, facts) else None
    if since is None:
        return _made(row, "unmet", f"{because}; {_baseline(row, facts)}")
    return _made(row, "met", because, at=since)


def _is_near(row: DischargeCriterion, fact: PressureFact, facts: Facts) -> bool:
    pct = row.within_pct_of_baseline or 0.0
    pairs = [(fact.values[vital], facts.baseline[vital]) for vital in row.vitals]
    return all(100.0 * abs(value - before) <= pct * before for value, before in pairs)


def _measured(fact: PressureFact) -> str:
    rate = fact.values.get(Vital.HEART_RATE)
    parts = [f"{rate:.0f}"] if rate is not None else []
    sys, dia = fact.values.get(Vital.NIBP_SYS), fact.values.get(Vital.NIBP_DIA)
    parts += [f"{sys:.0f}/{dia:.0f}" if dia is not None else f"{sys:.0f}"] if sys is not None else []
    return ", ".join(parts)


def _baseline(row: DischargeCriterion, facts: Facts) -> str:
    return "baseline " + ", ".join(VITALS[vital].text(facts.baseline[vital]) for vital in row.vitals)


# ---------------------------------------------------------------- times


def _recovery(row: DischargeCriterion, facts: Facts) -> Line:
    """So long since the end of the infusion."""
    if facts.recovery_min is None:
        return _made(row, "unmet", "the order names no time", may_accept=True, numbers={"minutes": "--"})
    whole_s = facts.recovery_min * 60
    left_s = whole_s - facts.now.since(facts.ended)
    because = f"ended {facts.clock(facts.ended)}"
    numbers = {"minutes": f"{facts.recovery_min:g}"}
    if left_s > 0:
        return _made(row, "holding", because, left_s=left_s, whole_s=whole_s, numbers=numbers)
    return _made(row, "met", because, at=facts.ended.plus(whole_s), numbers=numbers)


def _observed(row: DischargeCriterion, catalog: Catalog, facts: Facts) -> Line | None:
    """So long since each drug that asks for it; the one that lasts longest is shown. None: no such drug."""
    last = {fact.drug: fact for fact in sorted(facts.doses, key=lambda fact: fact.at.steady)}
    timed: list[tuple[float, DoseFact, Drug]] = []
    for drug, fact in last.items():
        known = catalog.drugs.get(drug)
        if known is None or row.drug_key is None:
            continue
        if row.drug_key in known.unset:
            because = f"{known.name} at {facts.clock(fact.at)}: no time is set"
            return _made(
                row, "unmet", because, may_accept=True, numbers={"minutes": "--", "drug": known.name}
            )
        minutes = getattr(known, row.drug_key)
        if minutes is not None:
            timed.append((fact.at.steady + minutes * 60, fact, known))
    if not timed:
        return None
    over, fact, known = max(timed, key=lambda one: one[0])
    minutes = getattr(known, row.drug_key or "")
    because = f"{fact.words} at {facts.clock(fact.at)}"
    left_s = over - facts.now.steady
    numbers = {"minutes": f"{minutes:g}", "drug": known.name}
    if left_s > 0:
        return _made(row, "holding", because, left_s=left_s, whole_s=minutes * 60, numbers=numbers)
    return _made(row, "met", because, at=fact.at.plus(minutes * 60), numbers=numbers)


def _check(row: DischargeCriterion, facts: Facts) -> Line:
    """What a named person said last."""
    said = facts.checks.get(row.id)
    if said is None:
        return _made(row, "todo", "not done yet")
    return _made(
        row, "met" if said.ok else "unmet", f"{said.text}, {said.who}", at=said.at if said.ok else None
    )
