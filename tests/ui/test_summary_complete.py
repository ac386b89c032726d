"""Nothing that a session holds is missing from its pages: every kind of entry, by the text of the PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any, get_args

import msgspec
import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication

from app import catalog as tables
from app.clinic import Clinic
from app.clinical.protocol import Order
from app.clinical.tables import Catalog
from app.clinical.vitals import VITALS, Vital
from app.entries import (
    CLINIC,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Amended,
    AnyBody,
    AudioPaused,
    AudioResumed,
    Audited,
    BalanceExplained,
    BaselineSet,
    Body,
    CheckInLine,
    ClinicNamed,
    ClockJumped,
    CriterionAccepted,
    CriterionChecked,
    CriterionMet,
    CriterionUnmet,
    DeviceChosen,
    Discharged,
    DrugGiven,
    EffectEnded,
    EffectNoted,
    EmergencyOpened,
    EmergencyStamped,
    Entry,
    EntryLocked,
    FieldExplained,
    GlassBroken,
    HandedOver,
    InfusionEnded,
    InfusionPaused,
    InfusionResumed,
    InfusionStarted,
    InstructionsPrinted,
    IvChecked,
    LimitsChanged,
    LinkNoted,
    NextVisitPlanned,
    NoteWritten,
    OrderSigned,
    OxygenSet,
    PatientIdentified,
    PinRefused,
    PinSet,
    PumpLost,
    PumpSeen,
    RateMeasured,
    RateOrdered,
    Resumed,
    Retracted,
    Returned,
    SamplesSealed,
    ScoreTaken,
    SegmentConfirmed,
    SegmentOpened,
    SelfTested,
    SessionFinished,
    SessionOpened,
    SettingsChanged,
    SignedIn,
    SoundSwitched,
    SoundTested,
    StaffAdded,
    StaffChanged,
    StaffLeft,
    SummaryPrinted,
    SummarySigned,
    Supervised,
    TablesSigned,
    VialDrawn,
    VitalEntered,
    Wasted,
)
from app.summary import summarise
from app.told import long_date, month, short_date, span
from tests.app.summary_story import (
    BOOT,
    START,
    Story,
    clinic,
    long_story,
    order,
    stormy_story,
    usual_story,
)
from ui.fonts import load_fonts
from ui.paper import A4
from ui.printing import pdf_bytes

AUTHOR = "zimmer"
EARLIER = START.utc

# Times that no other line has: the entry stands at 12:58 local, its author's initials are ZQ.
MINUTE = 18.0
CLOCK = "12:58"
INITIALS = "ZQ"

EXAMPLES: dict[type, AnyBody] = {
    type(body): body
    for body in (
        ClinicNamed("Riverside"),
        StaffAdded("newby", "Nora Newby", "NN", ("nurse",)),
        DeviceChosen("monitor", "acme-m3", "COM7"),
        SignedIn("mora"),
        EntryLocked("nobody touched it"),
        PinRefused("mora", 30.0),
        SessionOpened("9.8.7", "f00dface", "draft", "Riverside", demo=False),
        PatientIdentified("55512", "Ida Other", date(1977, 3, 9), "female", 63.0, ("latex",), False, 171.0),
        OrderSigned(msgspec.structs.replace(order(33.0), note="slow start"), "mora", "short session"),
        SegmentOpened("another pump", "7771", 3.25, 60.0, 1.5),
        SegmentConfirmed(60.0, 1.5, same_container=True, volume_ml=3.75),
        InfusionStarted("hand", 13.7),
        InfusionPaused("hand", "toilet", 6.25),
        InfusionResumed("hand", 11.3),
        InfusionEnded("hand", 9.125, 18.25, "line clotted"),
        RateOrdered(14.4, 28.8, "Pain not better", "mora", "above the usual"),
        RateMeasured(14.4),
        PumpSeen("hand", "7772", "held", 12.6, 4.75),
        PumpLost(EARLIER, "no connection", 61.0, 5.125),
        EffectNoted("dissociation", 3),
        EffectEnded("before"),
        DrugGiven("midazolam", 1.25, "mg", "IV", "anxiety", "second dose early", "mora"),
        ScoreTaken("aldrete", 9, {"activity": 1}, "", "2002 form", {"activity": "moved four limbs"}),
        VitalEntered({Vital.HEART_RATE: 83.0, Vital.NIBP_SYS: 143.0, Vital.PULSE_RATE: 81.0}),
        OxygenSet(3.5),
        NoteWritten("Window opened"),
        AlarmRaised("k", "high", "SpO₂ 85 %, below 88", "Airway, oxygen."),
        AlarmAcknowledged("k-before"),
        AlarmCleared("k-before"),
        AudioPaused(117.0),
        AudioResumed("touched"),
        SoundSwitched(on=True),
        SoundTested(heard=False),
        LinkNoted("pump", "down", "cable out"),
        Resumed(95.0),
        ClockJumped(7200.0),
        Retracted("before"),
        Amended("before", "grade 1", "wrong value", {"grade": "1"}),
        SessionFinished(),
        SummarySigned("mora", "Anesthetist"),
        SummaryPrinted("Ward", "printed", 4),
        SamplesSealed(1, 431, "ab" * 32),
        VialDrawn("ketamine", 50.0, 2.5, "LOT-9", "infusion", "V-77", "2027-05", 2),
        Wasted("ketamine", 87.5, "Drug disposal pouch", "mora", 50.0, "LOT-9", "V-77"),
        Returned("ketamine", 111.0, 50.0, "LOT-9", "V-77"),
        BalanceExplained("ketamine", "Vial broken", "mora", 37.5),
        EmergencyOpened("vomiting"),
        EmergencyStamped("called"),
        IvChecked("left forearm", "swollen", well=False),
        CheckInLine("weight", "done", {"weight_kg": 71.5, "odd": "kept"}, "by the letter", "mora", "mora"),
        BaselineSet({Vital.HEART_RATE: 67.0, Vital.SPO2: 94.0}, "resting at last"),
        LimitsChanged(Vital.HEART_RATE, {"medium_from": 137.0}, "athlete"),
        CriterionMet("awake", "5 at 12:41"),
        CriterionUnmet("awake", "3 at 12:43"),
        CriterionChecked("oriented", "knows the day", ok=False),
        CriterionAccepted("oriented", "always so", "mora", "says Monday"),
        InstructionsPrinted("Office", "printed", 3),
        HandedOver("keller", "mora"),
        Supervised("mora"),
        StaffChanged("oldby", "Nora Oldby", "NO", ("nurse",)),
        StaffLeft("mora"),
        PinSet("mora"),
        FieldExplained("ecg-rhythm", "no electrodes left"),
        NextVisitPlanned(date(2027, 1, 4)),
        Audited("printed", "s1", "55512", "2 pages"),
        GlassBroken("mora", "Patient in danger"),
        TablesSigned({"drugs": "abcdef123456"}, "mora"),
        SettingsChanged({"paper": "Letter"}),
        SelfTested(("disk", "clock"), {"printer": "no paper"}),
        Discharged("mora", "Wheelchair", "Paul Martin", "transferred", "observation", ("awake",)),
    )
}

NOT_WORDS = {
    (AlarmRaised, "key"): "names the alarm until it clears",
    (AlarmAcknowledged, "key"): "the alarm's words stand in its place",
    (AlarmCleared, "key"): "the alarm's words stand in its place",
    (EffectEnded, "noted"): "the effect's row stands in its place",
    (Retracted, "entry"): "the entry's own row is struck",
    (Amended, "entry"): "the entry's own row is struck",
    (PinRefused, "wait_s"): "how long the panel was barred",
    (DeviceChosen, "device"): "a word with a capital letter",
    (CheckInLine, "state"): "done is what is not said to be undone",
    (Amended, "values"): "the text is made of them",
    (StaffChanged, "initials"): "the name stands in their place",
    (SelfTested, "tested"): "what was tested is counted",
    (SamplesSealed, "first"): "the seals are counted in the record",
    (SamplesSealed, "digest"): "the seals are counted in the record",
}
"""Values that are no words for a reader, and why."""


KINDS = pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)


@pytest.fixture(autouse=True)
def fonts(qapp: QApplication) -> None:
    """The bundled fonts, as the application loads them."""
    load_fonts()


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return tables.load()


def people() -> Clinic:
    """The clinic with one more person, who writes nothing but the entry that is looked for."""
    found = clinic()
    found.apply(
        Entry("z", CLINIC, START, START.utc, BOOT, AUTHOR, StaffAdded(AUTHOR, "Zoe Q", INITIALS, ("nurse",)))
    )
    return found


def story_with(body: AnyBody, *before: AnyBody) -> Story:
    """A session of an order with what the entry speaks of, and the entry."""
    story = Story()
    story.sign_order()
    for other in before:
        story.entries.append(msgspec.structs.replace(story.entries[0], uuid="before", body=other, number=4))
    story.say(MINUTE, body, AUTHOR)
    return story


def spoken_of(body: AnyBody) -> tuple[AnyBody, ...]:
    """What must be there for an entry to speak of."""
    if isinstance(body, SegmentConfirmed):
        return (SegmentOpened("new syringe", "8001", 0.0, None, None),)
    if isinstance(body, EffectEnded | Retracted | Amended):
        return (EffectNoted("nausea", 2),)
    if isinstance(body, AlarmAcknowledged | AlarmCleared):
        return (AlarmRaised("k-before", "low", "NIBP is due", "Measure now."),)
    return ()


def text_of(story: Story, catalog: Catalog) -> str:
    """The text of all pages without its spaces, as a reader of the PDF finds it."""
    summary = summarise(story.entries, story.samples, people(), catalog, **story.told())
    data, _ = pdf_bytes(summary, A4)
    return squeezed(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages))


def words_of(story: Story, catalog: Catalog) -> str:
    """The same of what is laid out, without the way through a PDF."""
    summary = summarise(story.entries, story.samples, people(), catalog, **story.told())
    plain = msgspec.structs.replace(summary, chart=None, labels={})
    return squeezed(" ".join(texts_in(msgspec.to_builtins(plain))))


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for part in value.values() for text in texts_in(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in texts_in(part))
    elif isinstance(value, str):
        yield value


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def ways_to_say(value: Any, catalog: Catalog) -> list[str]:
    """How paper may write a value: a number, a name for an id, a time, a date."""
    match value:
        case bool():
            return []
        case Vital():
            return [VITALS[value].label, "HR"]
        case str():
            return [value, month(value), *names_of(value, catalog)]
        case datetime():
            return ["12:40:00"]
        case date():
            return [short_date(value), long_date(value)]
        case int() | float():
            return [f"{value:g}", span(abs(value))]
        case _:
            raise AssertionError(f"no way is known to look for {value!r}")


def names_of(key: str, catalog: Catalog) -> Iterator[str]:
    """The names that ids stand for."""
    known = {"mora": "Dr. Ana Mora", "keller": "Lena Keller", "draft": "draft", "home": "Discharged home"}
    rows: tuple[Any, ...] = (catalog.effects.get(key), catalog.protocols.get(key), catalog.scores.get(key))
    yield from (known[key] for _ in range(key in known))
    yield from (
        name for row in rows for name in (getattr(row, "label", ""), getattr(row, "name", "")) if name
    )
    yield from (getattr(row, "short", "") or key for row in rows if row is not None)
    if key in catalog.allergies:
        yield catalog.allergies[key].name
    if key in catalog.discharge_criteria:
        yield catalog.discharge_criteria[key].words
    if key in catalog.check_in.lines:
        yield catalog.check_in.lines[key].label
    fields = (field for group in catalog.record.groups.values() for field in group.fields)
    yield from (field.label for field in fields if field.id == key)
    stamp = catalog.bedside.stamp_of(key)
    if stamp is not None:
        yield stamp.label
    if key == "hand":
        yield "by hand"
        yield "read by a person"


def values_in(body: AnyBody) -> Iterator[tuple[str, Any]]:
    """Each value of an entry with the name of its field; none for what is empty."""
    for field in msgspec.structs.fields(body):
        if (type(body), field.name) not in NOT_WORDS:
            yield from ((field.name, value) for value in parts_of(getattr(body, field.name)))


def parts_of(value: Any) -> Iterator[Any]:
    if isinstance(value, Order):
        yield from (
            part for field in msgspec.structs.fields(value) for part in parts_of(getattr(value, field.name))
        )
    elif isinstance(value, msgspec.Struct):
        yield from (part for one in msgspec.structs.astuple(value) for part in parts_of(one))
    elif isinstance(value, dict):
        yield from (part for one in value.values() for part in parts_of(one))
    elif isinstance(value, tuple):
        yield from (part for one in value for part in parts_of(one))
    elif value not in (None, ""):
        yield value


def test_every_kind_of_entry_has_its_example() -> None:
    assert set(EXAMPLES) == set(get_args(AnyBody))
    for body in EXAMPLES.values():
        empty = [f.name for f in msgspec.structs.fields(body) if getattr(body, f.name) in (None, "", (), {})]
        assert empty in ([], ["code"]), f"{type(body).__name__}: give {empty} a value to be looked for"


@KINDS
def test_an_entry_is_printed_with_its_values_its_author_and_its_time(
    kind: type[Body], catalog: Catalog
) -> None:
    body = EXAMPLES[kind]
    before = spoken_of(body)
    text = text_of(story_with(body, *before), catalog)
    for name, value in values_in(body):
        ways = ways_to_say(value, catalog)
        found = [way for way in ways if squeezed(way) in text]
        assert found or not ways, f"{kind.__name__}.{name}: none of {ways} is on the pages"
    if kind is not SamplesSealed:
        assert squeezed(CLOCK) in text
        assert squeezed(INITIALS) in text


@KINDS
def test_an_entry_changes_the_pages(kind: type[Body], catalog: Catalog) -> None:
    body = EXAMPLES[kind]
    before = spoken_of(body)
    with_it, without = story_with(body, *before), story_with(NoteWritten("n"), *before)
    without.entries.pop()
    assert words_of(with_it, catalog) != words_of(without, catalog)


@KINDS
def test_an_entry_that_was_amended_stays_readable(kind: type[Body], catalog: Catalog) -> None:
    body = EXAMPLES[kind]
    story = story_with(body, *spoken_of(body))
    wrong = story.entries[-1].uuid
    story.say(MINUTE + 4, Amended(wrong, "should read otherwise", "slip of the pen"), AUTHOR)
    words = words_of(story, catalog)
    for said in ("should read otherwise", "slip of the pen", "13:02"):
        assert squeezed(said) in words
    for name, value in values_in(body):
        ways = ways_to_say(value, catalog)
        assert not ways or any(squeezed(way) in words for way in ways), name


@pytest.mark.parametrize(
    "kind",
    [
        EffectNoted,
        DrugGiven,
        ScoreTaken,
        VitalEntered,
        OxygenSet,
        NoteWritten,
        VialDrawn,
        Returned,
        IvChecked,
    ],
    ids=lambda kind: kind.__name__,
)
def test_what_was_taken_back_is_named_with_who_and_when(kind: type[Body], catalog: Catalog) -> None:
    story = story_with(EXAMPLES[kind])
    story.say(MINUTE + 0.1, Retracted(story.entries[-1].uuid), "mora")
    assert squeezed("taken back at 12:58:06 by AM") in text_of(story, catalog)


def test_no_entry_stands_in_two_rows(catalog: Catalog) -> None:
    for story in (usual_story(), stormy_story(), long_story()):
        summary = summarise(story.entries, story.samples, people(), catalog, **story.told())
        pairs = [table for pair in summary.pairs for table in pair]
        told = [uuid for table in (*pairs, *summary.details) for row in table.rows for uuid in row.tells]
        assert len(told) == len(set(told))
        sealed = {e.uuid for e in story.entries if isinstance(e.body, SamplesSealed)}
        assert set(told) == {entry.uuid for entry in story.entries} - sealed
