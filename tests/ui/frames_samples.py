"""Snapshots for tests of the screens: the mocks' patient in every state, built from plain values."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import msgspec
import numpy as np

from app.frames import (
    AlarmBarFrame,
    AlarmMark,
    AlarmRow,
    Array,
    Band,
    ChartFrame,
    CriterionRow,
    DeviceChip,
    EventButton,
    Gap,
    HeaderFrame,
    InfusionCard,
    ItemProposal,
    Lane,
    Leaflet,
    LeafletPart,
    Limb,
    Mark,
    RateSpan,
    RecoveryFrame,
    SavedLine,
    ScoreTile,
    Snapshot,
    StripValue,
    Tile,
    UndoFrame,
)
from app.sound_frames import SoundFrame
from ui.theme import LabelColour

LABELS = {
    "induction": LabelColour("#FFEB00", "#A39600"),
    "benzodiazepine": LabelColour("#FF8200", "#B86000"),
    "antiemetic": LabelColour("#EFBE7D", "#9C7C52"),
    "hypotensive": LabelColour("#D6BFDD", "#857889", striped=True),
    "benzodiazepine-antagonist": LabelColour("#FF8200", "#B86000", striped=True),
}
H = 3600.0
NOW_S = 4360.0  # 14:07 after 12:54:20


def header(**changes: object) -> HeaderFrame:
    """The mocks' patient, infusing."""
    frame = HeaderFrame(
        name="Rosa Martin",
        facts="61 y  F  70 kg",
        mrn="00417",
        allergy="ondansetron",
        allergy_known=True,
        phase="Infusing",
        phase_time="01:12:40",
        clock="14:07",
        who="LK",
        demo=False,
    )
    return msgspec.structs.replace(frame, **changes)


def calm_bar(**changes: object) -> AlarmBarFrame:
    """No alarms; both devices heard."""
    frame = AlarmBarFrame(
        rows=(),
        calm="No alarms",
        calm_detail="Second display. Keep the monitor’s alarms on.",
        devices=(
            DeviceChip("monitor", "Monitor", "1 s", ok=True),
            DeviceChip("pump", "Pump", "4 s", ok=True),
            DeviceChip("sound", "Sound", "off", ok=True),
        ),
        strip=(),
        sound=SOUNDS["off"],
    )
    return msgspec.structs.replace(frame, **changes)


SOUNDS = {
    "off": SoundFrame("off", "Off: the monitor alone sounds.", tested="Never tried."),
    "on": SoundFrame(
        "on", "On: alarms of Chairside sound beside those of the monitor.", tested="Never tried."
    ),
    "sounding": SoundFrame("on", "On: alarms of Chairside sound beside those of the monitor.", "2:00"),
    "paused": SoundFrame("paused", "On, paused: a new alarm sounds at once.", "1:37"),
    "none": SoundFrame(
        "none", "No sound: no loudspeaker was found. Connect one, or switch the sound off in Set-up."
    ),
    "waiting": SoundFrame("waiting", "On: the computer is asked for its loudspeaker."),
}
"""The sound in each of its states."""


def sound_bar(state: str, **changes: object) -> AlarmBarFrame:
    """The bar with the sound in this state."""
    sound = SOUNDS[state]
    bar = calm_bar()
    chip = DeviceChip("sound", "Sound", sound.state, ok=sound.state in ("on", "off"))
    frame = msgspec.structs.replace(bar, devices=(*bar.devices[:2], chip), sound=sound)
    return msgspec.structs.replace(frame, **changes)


def alarm_rows(*, acknowledged: bool = False) -> tuple[AlarmRow, ...]:
    """The three alarms of the mock, highest first."""
    return (
        AlarmRow("spo2", "high", "SpO₂ 86 %, below 88", "Since 14:30:42. Airway, oxygen.", acknowledged),
        AlarmRow("resp_rate", "medium", "RR 9, below 10", "Since 14:30:55.", acknowledged=False),
        AlarmRow("nibp", "low", "NIBP 20 min old", "Measured 14:11.", acknowledged=False),
    )


def strip() -> tuple[StripValue, ...]:
    """The vital signs of a screen without tiles."""
    return (
        StripValue("HR", "76", "hr"),
        StripValue("SpO₂", "97", "spo2"),
        StripValue("NIBP 12:33", "129/77", "nibp"),
        StripValue("RR", "13", "rr"),
        StripValue("EtCO₂", "37", "etco2", stale=True),
    )


def tiles() -> tuple[Tile, ...]:
    """Every tile live."""
    return (
        Tile("heart_rate", "HR", "/min", "hr", "84", "live"),
        Tile("spo2", "SpO₂", "%", "spo2", "97", "live"),
        Tile("nibp", "NIBP", "mmHg", "nibp", "138/82", "live", "14:05 · 2 min", "mean 101", "next in 2:10"),
        Tile("resp_rate", "RR", "/min", "rr", "14", "live"),
        Tile("etco2", "EtCO₂", "mmHg", "etco2", "38", "live"),
        Tile("temp", "Temp", "°C", "temp", "36.8", "live"),
        Tile("pulse_rate", "PR", "/min", "spo2", "84", "live"),
    )


def stale_tiles() -> tuple[Tile, ...]:
    """Every tile grey with its age."""
    return tuple(
        msgspec.structs.replace(
            tile, state="stale", corner="14:05 · 22 min" if tile.key == "nibp" else "12 s old"
        )
        for tile in tiles()
    )


def missing_tiles() -> tuple[Tile, ...]:
    """Every tile without a value, with the reason and since when."""
    return tuple(
        msgspec.structs.replace(
            tile,
            state="missing",
            text="--/--" if tile.key == "nibp" else "--",
            corner="probe off",
            foot_left="",
            foot_right="since 14:02",
        )
        for tile in tiles()
    )


def alarm_tiles(*, acknowledged: bool = False) -> tuple[Tile, ...]:
    """SpO₂ low, RR low, NIBP old."""
    by_key = {tile.key: tile for tile in tiles()}
    replace = msgspec.structs.replace
    by_key["heart_rate"] = replace(by_key["heart_rate"], text="104")
    by_key["spo2"] = replace(by_key["spo2"], text="86", alarm=AlarmMark("high", "low", acknowledged))
    by_key["resp_rate"] = replace(by_key["resp_rate"], text="9", alarm=AlarmMark("medium", "low"))
    by_key["nibp"] = replace(
        by_key["nibp"],
        state="stale",
        text="141/86",
        corner="",
        foot_left="mean 104",
        foot_right="measured 14:11",
        alarm=AlarmMark("low", "20 min old"),
    )
    by_key["etco2"] = replace(by_key["etco2"], text="47")
    return tuple(by_key.values())


def scores() -> tuple[ScoreTile, ...]:
    """Pain and sedation."""
    return (
        ScoreTile("pain", "Pain", "3", "/10", "13:56"),
        ScoreTile("sedation", "Sedation", "5", "/5", "13:37", due=True),
    )


def _wave(at: Array, middle: float, swing: float, seed: int) -> Array:
    noise = np.random.default_rng(seed).normal(0, swing * 0.3, len(at))
    slow = np.sin(at / 700 + seed) + 0.5 * np.sin(at / 260 + 2 * seed)
    smooth = np.convolve(noise, np.ones(5) / 5, mode="same")
    values: Array = middle + swing * 0.6 * slow + smooth
    return values


@cache
def lane(key: str, label: str, colour: str, span: tuple[float, float], middle: float, swing: float) -> Lane:
    """A line lane, ten-second buckets up to now."""
    at = np.arange(-500.0, NOW_S, 10.0)
    values = _wave(at, middle, swing, len(label) + int(middle))
    limits = tuple((value, f"{value:g}") for value in span)
    room = (span[1] - span[0]) * 0.2
    return Lane(key, label, colour, "line", at, values, values, limits, (span[0] - room, span[1] + room))


@cache
def spo2_lane() -> Lane:
    """SpO₂ in whole per cents."""
    at = np.arange(-500.0, NOW_S, 10.0)
    values = np.where(at < 900, 98.0, np.where(at < 1900, 97.0, np.where(at < 3000, 96.0, 97.0)))
    return Lane("spo2", "SpO₂", "spo2", "line", at, values, values, ((92.0, "92"),), (88.0, 100.0))


@cache
def nibp_lane() -> Lane:
    """A pressure every five minutes."""
    at = np.arange(-450.0, NOW_S, 300.0)
    systolic = 140 + 8 * np.sin(at / 500)
    limits = ((160.0, "160"), (50.0, "50"))
    return Lane(
        "nibp", "NIBP", "nibp", "bars", at, systolic - 58, systolic, limits, (30.0, 175.0), mid=systolic - 36
    )


def lanes(*, temp: bool = False) -> tuple[Lane, ...]:
    """The lanes of the chair."""
    found = [
        lane("heart_rate", "HR", "hr", (50.0, 120.0), 84, 12),
        spo2_lane(),
        nibp_lane(),
        lane("resp_rate", "RR", "rr", (10.0, 24.0), 14, 1.6),
        lane("etco2", "CO₂", "etco2", (25.0, 50.0), 37, 2),
    ]
    if temp:
        found.append(lane("temp", "Temp", "temp", (35.5, 38.0), 36.8, 0.1))
    return tuple(found)


def chart(**changes: object) -> ChartFrame:
    """One hour and a quarter of infusion with a pause and eight events."""
    rate = (
        RateSpan(0, 1800, 10.0),
        RateSpan(1800, 3120, 15.0),
        RateSpan(3120, 3230, 0.0),
        RateSpan(3230, 3710, 15.0),
        RateSpan(3710, NOW_S, 17.5),
    )
    plan = (RateSpan(0, 1800, 10.0), RateSpan(1800, 3600, 15.0), RateSpan(3600, 14520, 17.5))
    at = np.arange(0.0, 6100.0, 60.0)
    middle = 190 * (1 - np.exp(-at / 4200))
    marks = (
        Mark(0, "play", "infusion", "Start"),
        Mark(950, "dissociation", "plain", "Dissociation 1"),
        Mark(2170, "anxiety", "plain", "Anxiety 2"),
        Mark(2210, "syringe", "benzodiazepine", "midazolam 1 mg"),
        Mark(3070, "nausea", "plain", "Nausea 2"),
        Mark(3120, "pause", "infusion", "Pause"),
        Mark(3310, "syringe", "antiemetic", "metoclopramide 10 mg"),
    )
    frame = ChartFrame(
        start_s=-500.0,
        end_s=6100.0,
        now_s=NOW_S,
        now_text="14:07",
        ticks=((340.0, "13:00"), (2140.0, "13:30"), (3940.0, "14:00"), (5740.0, "14:30")),
        lanes=lanes(),
        marks=marks,
        gaps=(),
        rate=rate,
        rate_max_ml_h=17.5,
        plan=plan,
        band=Band(at, middle * 0.75, middle * 1.1, "0.7–1.3 × models"),
        due=(("Sedation now", True), ("NIBP 2:10", False), ("Pain 4:00", False)),
        version=1,
    )
    return msgspec.structs.replace(frame, **changes)


def alarm_chart() -> ChartFrame:
    """A gap while the monitor was unplugged, SpO₂ under its lane."""
    frame = chart(version=2, gaps=(Gap(3500.0, 3800.0, "unplugged", "Monitor unplugged"),))
    found = list(frame.lanes)
    for number, item in enumerate(found):
        hole = (item.at_s > 3500) & (item.at_s < 3800)
        low, high = np.where(hole, np.nan, item.low), np.where(hole, np.nan, item.high)
        if item.key == "spo2":
            low = np.where(item.at_s > NOW_S - 120, 96 - (item.at_s - NOW_S + 120) / 12, low)
            high = low
        found[number] = msgspec.structs.replace(
            item, low=low, high=high, off_scale="▼86" if item.key == "spo2" else ""
        )
    return msgspec.structs.replace(frame, lanes=tuple(found))


def infusion(**changes: object) -> InfusionCard:
    """Ketamine running at 17.5 mL/h, seen at the pump."""
    frame = InfusionCard(
        drug="ketamine",
        label_class="induction",
        concentration="2 mg/mL",
        rate="17.5",
        rate_state="live",
        age="4 s",
        source="pump",
        mg_h="35 mg/h",
        mg_kg_h="0.5 mg/kg/h",
        given="31.2",
        planned="130 mg",
        volume="15.6 mL",
        ends="Ends 16:56",
        late="2 min late",
        syringe="Syringe 34.4 mL",
        syringe_time="1 h 58",
        progress=chart().rate,
        plan=chart().plan,
        elapsed_s=NOW_S,
        warning="",
        buttons=(
            Limb("pause", "Pause", allowed=True),
            Limb("end", "End", allowed=True),
            Limb("change_rate", "Change rate", allowed=True),
        ),
    )
    return msgspec.structs.replace(frame, **changes)


def events() -> tuple[EventButton, ...]:
    """Five usual effects, two usual drugs, the scores, note and undo."""
    return (
        EventButton("nausea", "Nausea", "nausea", "effect"),
        EventButton("dissociation", "Dissociation", "dissociation", "effect"),
        EventButton("anxiety", "Anxiety", "anxiety", "effect"),
        EventButton("headache", "Headache", "headache", "effect"),
        EventButton("vision", "Vision", "vision", "effect"),
        EventButton("effects", "More", "more", "more"),
        EventButton("midazolam", "midazolam", "syringe", "drug", label_class="benzodiazepine"),
        EventButton(
            "ondansetron", "ondansetron", "syringe", "drug", label_class="antiemetic", barred="allergy"
        ),
        EventButton("drugs", "More", "more", "more"),
        EventButton("pain", "Pain", "pain", "score"),
        EventButton("sedation", "Sedation", "sedation", "score", due=True),
        EventButton("note", "Note", "note", "note"),
        EventButton("undo", "Undo", "undo", "undo"),
    )


def snapshot(**changes: object) -> Snapshot:
    """The chair in the middle of a calm infusion."""
    frame = Snapshot(
        number=1,
        now=datetime(2026, 11, 22, 14, 7, tzinfo=UTC),
        steady=1000.0,
        phase="infusing",
        locked=False,
        who="LK",
        who_roles=("nurse",),
        clinic="Clinic",
        demo=False,
        header=header(),
        alarms=calm_bar(),
        tiles=tiles(),
        scores=scores(),
        chart=chart(),
        infusion=infusion(),
        events=events(),
        saved=SavedLine("saved", "metoclopramide 10 mg saved 13:49", "Plan: last step reached 13:56"),
        undo=None,
        log=(),
        pump_sheet=None,
        lights=None,
        question=None,
        drugs=(),
        staff=(),
        sessions=(),
        session="session",
        patient=None,
        order=None,
        plan=None,
        panel=None,
        answers={},
    )
    return msgspec.structs.replace(frame, **changes)


def undo(seconds: int = 8) -> UndoFrame:
    """An entry that can be taken back for some seconds."""
    return UndoFrame("entry", "Nausea 2", seconds)


def alarm_snapshot(*, acknowledged: bool = False) -> Snapshot:
    """The mock's alarm."""
    return snapshot(
        header=header(phase_time="01:36:50", clock="14:31"),
        alarms=calm_bar(rows=alarm_rows(acknowledged=acknowledged)),
        tiles=alarm_tiles(acknowledged=acknowledged),
        chart=alarm_chart(),
        infusion=infusion(
            buttons=(
                Limb("pause", "Pause", allowed=True, main=True),
                Limb("end", "End", allowed=True),
                Limb("change_rate", "Change rate", allowed=True),
            )
        ),
        saved=SavedLine(
            "saved",
            "midazolam 1 mg saved 14:25",
            "Monitor was unplugged 14:16 to 14:22. No values for that time.",
        ),
    )


def medium_snapshot() -> Snapshot:
    """One alarm, medium, and the pump's notice."""
    shot = alarm_snapshot()
    keep = tuple(tile if tile.key != "spo2" else tiles()[1] for tile in shot.tiles)
    return msgspec.structs.replace(shot, tiles=keep, alarms=calm_bar(rows=alarm_rows()[1:]))


def link_down_snapshot() -> Snapshot:
    """Neither monitor nor pump is heard."""
    return snapshot(
        alarms=calm_bar(
            rows=(
                AlarmRow("monitor", "low", "Monitor: no connection", "Since 14:02. Check the cable.", False),
            ),
            devices=(
                DeviceChip("monitor", "Monitor", "no link", ok=False),
                DeviceChip("pump", "Pump", "no link", ok=False),
            ),
        ),
        tiles=missing_tiles(),
        infusion=infusion(
            rate="--",
            rate_state="missing",
            age="5 min old",
            warning="Unknown since 14:02, until the pump is read.",
        ),
        chart=chart(version=5, gaps=(Gap(4000.0, NOW_S, "unplugged", "Monitor"),)),
        saved=SavedLine("failed", "Not saved: disk full since 14:06"),
    )


def empty_snapshot() -> Snapshot:
    """Order signed, nothing measured and nothing given yet."""
    nothing = tuple(
        Lane(
            item.key,
            item.label,
            item.colour,
            item.kind,
            np.empty(0),
            np.empty(0),
            np.empty(0),
            item.limits,
            item.span,
        )
        for item in lanes()
    )
    return snapshot(
        phase="ready",
        header=header(phase="Ready", phase_time=""),
        tiles=tuple(msgspec.structs.replace(tile, corner="not yet") for tile in missing_tiles()),
        scores=(
            ScoreTile("pain", "Pain", "--", "/10", ""),
            ScoreTile("sedation", "Sedation", "--", "/5", ""),
        ),
        chart=chart(version=4, lanes=nothing, marks=(), rate=(), band=None, now_s=0.0, due=()),
        infusion=infusion(
            rate="--",
            rate_state="missing",
            age="",
            given="0",
            progress=(),
            late="",
            mg_h="",
            mg_kg_h="",
            volume="0 mL",
            buttons=(Limb("start", "Start", allowed=True, main=True),),
        ),
        saved=SavedLine("none", ""),
    )


def criteria() -> tuple[CriterionRow, ...]:
    """The mock's list, with every kind and state of line."""
    return (
        CriterionRow(
            "aldrete",
            "score",
            "Aldrete 9 twice, 15 min apart",
            "met",
            "9 at 17:20, 10 at 17:38",
            "17:38",
            opens="score.aldrete",
        ),
        CriterionRow("padss", "score", "PADSS 9 or more", "met", "9 at 17:40", "17:40", opens="score.padss"),
        CriterionRow("awake", "score", "Awake, MOAA/S 5", "met", "5 at 17:38", "17:38", opens="score.moaas"),
        CriterionRow(
            "spo2-room-air",
            "vital",
            "SpO₂ at baseline on room air, 15 min",
            "holding",
            "96 %, baseline 97 %",
            "6:20 to run",
            0.58,
            "accept.spo2-room-air",
        ),
        CriterionRow(
            "haemodynamics",
            "vital",
            "HR and BP within 20 % of baseline",
            "accepted",
            "78, 164/80 at 17:45; baseline 72, 130; Chronic, AM",
            "accepted",
            may_accept=True,
        ),
        CriterionRow(
            "nausea",
            "score",
            "Nausea 3 or less, no vomiting 30 min",
            "unmet",
            "5 at 17:40",
            "not met",
            opens="score.nausea-nrs",
        ),
        CriterionRow("pain", "score", "Pain not above baseline", "met", "2 at 17:40, baseline 6", "17:40"),
        CriterionRow(
            "minimum-recovery",
            "time",
            "60 min since the end of infusion",
            "holding",
            "ended 16:56",
            "8:10 to run",
            0.86,
            "accept.minimum-recovery",
        ),
        CriterionRow("since-drugs", "time", "30 min since midazolam", "met", "1 mg IV at 13:31", "14:01"),
        *(
            CriterionRow(key, "check", words, "todo", "not done yet", "to do", opens=f"check.{key}")
            for key, words in (
                ("oriented", "Oriented"),
                ("gait", "Walks as usual"),
                ("bladder", "Voided or planned"),
            )
        ),
        CriterionRow("iv-removed", "check", "IV removed", "met", "Removed, site in order, LK", "17:41"),
        CriterionRow("escort", "check", "Escort here", "met", "Paul Martin, LK", "17:30"),
        CriterionRow(
            "instructions",
            "check",
            "Instructions given",
            "met",
            "Given and understood, LK",
            "17:42",
            opens="check.instructions",
        ),
        CriterionRow("no-distress", "check", "No distress", "todo", "not done yet", "to do"),
    )


def leaflet(**changes: object) -> Leaflet:
    """Instructions in two parts."""
    parts = (
        LeafletPart("For the next 24 hours", ("Do not drive.", "Do not drink alcohol.")),
        LeafletPart("At home", ("Rest today.",)),
    )
    plain = Leaflet(
        "After your ketamine infusion",
        "Spring Street",
        "Rosa Martin",
        "Sunday 22 November 2026",
        "You were given ketamine today.",
        parts,
        "If you are worried, call:",
        "",
        "In an emergency call 911.",
        "x1",
    )
    return msgspec.structs.replace(plain, **changes)


def recovery(**changes: object) -> RecoveryFrame:
    """Nearly ready."""
    plain = RecoveryFrame(
        "Ready to go home: 9 of 16",
        criteria(),
        "A physician decides.",
        "The list shows the evidence.",
        Limb("discharge", "Sign discharge", False, "7 lines not met yet"),
        leaflet(),
        companion="Paul Martin",
    )
    return msgspec.structs.replace(plain, **changes)


def all_met() -> RecoveryFrame:
    """Ready to go."""
    rows = tuple(msgspec.structs.replace(row, state="met", right="17:50", share=None) for row in criteria())
    return recovery(rows=rows, sign=Limb("discharge", "Sign discharge", True, main=True))


def recovery_events() -> tuple[EventButton, ...]:
    """The bar of recovery."""
    return (
        EventButton("score.aldrete", "Aldrete", "check", "check"),
        EventButton("score.padss", "PADSS", "check", "check"),
        EventButton("check.gait", "Walk test", "arrow", "check", due=True),
        EventButton("check.escort", "Escort", "user", "check"),
        EventButton("effects.more", "Effect", "more", "score"),
        EventButton("drugs.more", "Drug", "syringe", "score"),
        EventButton("score.nrs-pain", "Pain", "pain", "score"),
        EventButton("note", "Note", "note", "note"),
        EventButton("undo", "Undo", "undo", "undo"),
    )


def item_proposals() -> tuple[ItemProposal, ...]:
    """What the vital signs propose for Aldrete and PADSS."""
    return (
        ItemProposal("aldrete", "circulation", 2, "BP 134, 3 % off 138 before the start"),
        ItemProposal("aldrete", "spo2", 1, "96 % with 2 L/min"),
        ItemProposal("padss", "vital-signs", 2, "BP 134, 3 % off 138; HR 105, 18 % off 89 before the start"),
    )
