"""A chair for tests: an engine on a fake store, a clock moved by hand, devices that say what they are told."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

import msgspec

from app.accounts import account_of
from app.catalog import load
from app.clinical.protocol import Order, default_order, finish
from app.clinical.tables import Catalog
from app.clinical.vitals import Vital
from app.completeness import lacking
from app.engine import Engine
from app.entries import (
    CLINIC,
    GENESIS,
    AnyBody,
    CheckValue,
    ClinicNamed,
    DeviceChosen,
    Entry,
    StaffAdded,
)
from app.frames import Answer, Snapshot
from app.instant import Instant
from app.messages import (
    AnyAct,
    AskPump,
    CheckLine,
    ConfirmByHand,
    DrawVial,
    ExplainField,
    FinishSession,
    LinkChanged,
    LinkState,
    OpenPatient,
    PumpRead,
    SignDischarge,
    SignIn,
    SignOrder,
    Tap,
    VitalsRead,
    WasteDrug,
)
from app.ports import Loaded, OpenRecord, Sounder
from app.readings import NumbersFrame, PumpFrame, PumpMode, Reading, Syringe
from app.record_acts import states_of
from app.session import Session
from app.show import Show
from tests.fakes import FakeStore

START = Instant(datetime(2026, 11, 22, 13, 0, tzinfo=UTC), 5000.0)
ZONE = timezone(timedelta(hours=1))
NURSE, DOCTOR = "keller", "mora"
SERIAL = "800123456"


@cache
def catalog() -> Catalog:
    """The program's own tables."""
    return load()


def order(weight_kg: float = 70.0, *, minutes: float | None = None, **changes: object) -> Order:
    """The low-dose hour at 2 mg/mL: 17.5 mL/h at 70 kg."""
    draft = default_order(catalog().protocols["low-dose-one-hour"], catalog(), weight_kg)
    filled = msgspec.structs.replace(
        draft,
        max_rate=0.6,
        container_ml=50.0,
        drug_in_container_mg=100.0,
        concentration_mg_ml=2.0,
        session_limit_mg=None,
    )
    if minutes is not None:
        steps = tuple(msgspec.structs.replace(step, minutes=minutes) for step in filled.steps)
        filled = msgspec.structs.replace(filled, steps=steps)
    return msgspec.structs.replace(finish(filled), **changes)


def patient(**changes: object) -> OpenPatient:
    """A patient as the form sends her."""
    form = OpenPatient("00417", "Rosa Martin", date(1965, 2, 14), "female", 70.0, (), none_known=True)
    return msgspec.structs.replace(form, **changes)


def clinic(*, pump: bool = True) -> tuple[Entry, ...]:
    """A nurse, an anesthetist, a monitor and, unless it is left out, a pump."""
    bodies: tuple[AnyBody, ...] = (
        ClinicNamed("Spring Street"),
        StaffAdded(NURSE, "Lena Keller", "LK", ("nurse",)),
        StaffAdded(DOCTOR, "Dr. Ana Mora", "AM", ("anesthetist",)),
        DeviceChosen("monitor", "ge-dri", "/dev/ttyS0"),
        DeviceChosen("pump", "alaris" if pump else "", "/dev/ttyS1" if pump else ""),
    )
    return tuple(
        Entry(f"c{n}", CLINIC, START, START.utc, "boot", NURSE, body) for n, body in enumerate(bodies)
    )


CHECKED: dict[str, dict[str, CheckValue]] = {
    "identity": {"identifiers": ("name", "birth date")},
    "weight": {"weight_kg": 70.0},
    "allergy": {"confirmed": "as recorded"},
    "fasting": {"food": "2026-11-22T00:30:00+01:00", "meal": "light", "clear": "2026-11-22T11:00:00+01:00"},
    "contraindications": {"found": ()},
    "consent": {"signed": "signed, no guarantee explained"},
    "medicines": {"taken": (), "kept": "none stopped"},
    "iv": {"gauge": "22 G", "site": "left forearm", "flush": "flushes"},
}
"""Lines of the check-in, answered as on a good day."""


class Chair:
    """One chair: say what happens, look at what was written and what is shown."""

    def __init__(
        self, *, pump: bool = True, boot: str = "boot", now: Instant = START, sounder: Sounder | None = None
    ) -> None:
        self.now = now
        self.store = FakeStore()
        self.show = Show()
        self._ids = itertools.count(1)
        self._taps = itertools.count(1)
        self._boot = boot
        self.engine = Engine(
            catalog(),
            self.store,
            OpenRecord(clinic(pump=pump), None, GENESIS, START.utc),
            now,
            boot=boot,
            new_id=lambda: f"{boot}-{next(self._ids)}",
            software="0.1.0",
            zone=ZONE,
            sounder=sounder,
        )

    # ------------------------------------------------------------ what happens

    def wait(self, seconds: float, *, step_s: float = 1.0) -> None:
        """Time passes, and nothing else."""
        left_s = seconds
        while left_s > 1e-9:
            self.now = self.now.plus(min(step_s, left_s))
            left_s -= step_s
            self.engine.tick(self.now)

    def hear(self, message: object) -> None:
        """A message comes, and the engine ticks."""
        self.engine.handle(message, self.now)
        self.engine.tick(self.now)

    def tap(self, act: AnyAct, *, at: Instant | None = None, pin: bool | None = True) -> Answer:
        """A touch; a PIN that it needs is right, wrong (False) or not answered (None)."""
        name = f"tap{next(self._taps)}"
        self.hear(Tap(name, at or self.now, act))
        if self.engine.answers[name].state == "waiting" and pin is not None:
            self.hear(self.store.pin_checked(self.now, ok=pin))
        return self.engine.answers[name]

    def vitals(self, at: Instant | None = None, **values: float | None) -> None:
        """The monitor says these values, by the ids of the vital signs; None is "probe off"."""
        readings = tuple(
            Reading(Vital(name), value, "probe off" if value is None else None)
            for name, value in values.items()
        )
        self.hear(VitalsRead(at or self.now, "monitor", NumbersFrame(None, readings)))

    def pump(
        self,
        rate: float | None = 0.0,
        volume: float | None = 0.0,
        *,
        mode: PumpMode | None = None,
        serial: str = SERIAL,
        confirmed: bool = True,
        alarm: str | None = None,
    ) -> None:
        """The pump says its state; it runs where the rate is above 0."""
        runs = PumpMode.RUNNING if rate else PumpMode.HELD
        syringe = Syringe("BD", 50.0, confirmed)
        frame = PumpFrame(serial, mode or runs, rate, volume, None, None, alarm, syringe)
        self.hear(PumpRead(self.now, "pump", frame))

    def flow(self, seconds: float, rate: float, volume: float, *, every_s: float = 1.0) -> float:
        """The pump runs and is read all the while; the counter at the end."""
        left_s = seconds
        while left_s > 1e-9:
            self.wait(min(every_s, left_s))
            left_s -= every_s
            volume += rate * every_s / 3600
            self.pump(rate, round(volume, 3))
        return round(volume, 3)

    def link(self, device: str, state: LinkState, why: str = "") -> None:
        """A link turns."""
        self.hear(LinkChanged(self.now, device, state, "port", why))

    # ------------------------------------------------------------ shortcuts

    def signed_in(self) -> Chair:
        """The nurse is here."""
        assert self.tap(SignIn(NURSE, "1111")).state == "taken"
        return self

    def with_patient(self, **changes: object) -> Chair:
        """A patient lies here."""
        self.signed_in()
        assert self.tap(patient(**changes)).state == "taken"
        self.wait(1)
        return self

    def checked_in(self) -> Chair:
        """Every line of the check-in is answered as it goes on a good day; the baseline is left out."""
        for line, values in CHECKED.items():
            answer = self.tap(CheckLine(line, "done", values, "No second person free" * (line == "weight")))
            assert answer.state == "taken", answer
        for line, reason in (
            ("escort", "Stays overnight"),
            ("pregnancy", "menopause"),
            ("baseline", "No cuff fits"),
        ):
            assert self.tap(CheckLine(line, "not done", {}, reason)).state == "taken"
        return self

    def ready(self, signed: Order | None = None) -> Chair:
        """The patient is checked in and the order is signed."""
        self.with_patient().checked_in()
        assert self.tap(SignOrder(signed or order(), DOCTOR, "3333")).state == "taken"
        self.wait(1)
        return self

    def running(self, *, rate: float = 17.5, baseline: float = 0.0, signed: Order | None = None) -> Chair:
        """The infusion runs, as the pump showed; both links are live."""
        self.ready(signed)
        self.link("monitor", LinkState.LIVE)
        self.link("pump", LinkState.LIVE)
        self.pump(0.0, baseline)
        assert self.tap(AskPump("start")).state == "taken"
        self.wait(1)
        self.pump(rate, baseline)
        assert self.session.phase == "infusing"
        return self

    def running_by_hand(self) -> Chair:
        """The infusion runs by the nurse's word: no pump is connected."""
        self.ready()
        self.tap(AskPump("start"))
        assert self.tap(ConfirmByHand("start")).state == "taken"
        return self

    def recovering(self, *, after_s: float = 0.0, signed: Order | None = None) -> Chair:
        """The infusion ended after a resting set of vital signs, so many seconds ago."""
        self.ready(signed)
        self.link("monitor", LinkState.LIVE)
        self.link("pump", LinkState.LIVE)
        self.vitals(heart_rate=70.0, spo2=97.0, nibp_sys=130.0, nibp_dia=80.0, nibp_mean=97.0)
        self.pump(0.0, 0.0)
        self.wait(10)
        self.pump(0.0, 0.0)
        self.tap(AskPump("start"))
        self.wait(1)
        self.pump(17.5, 0.0)
        self.wait(10)
        self.pump(17.5, 0.05)
        self.tap(AskPump("end"))
        self.wait(1)
        self.pump(0.0, 0.05)
        assert self.session.phase == "recovery", self.session.phase
        self.wait(after_s)
        return self

    def leave(self, how: str = "transferred") -> Answer:
        """The patient leaves, and the session is finished."""
        if self.session.phase == "recovery":
            signed = self.tap(SignDischarge(DOCTOR, "3333", "", "", how, "Another treatment"))
            assert signed.state == "taken", signed
        return self.tap(FinishSession())

    def restarted(self, *, after_s: float, boot: str = "boot") -> Chair:
        """The power fails and the program comes back on what was given to the store."""
        now = self.now.plus(after_s)
        if boot != self._boot:
            now = Instant(now.utc, 77.0)
        again = Chair(boot=boot, now=now)
        again._ids = itertools.count(10_000)
        entries = tuple(entry for entry in self.store.entries if entry.session == self.session.id)
        again.engine.restart_on(
            Loaded(now, self.session.id, entries, tuple(self.store.samples), GENESIS), now
        )
        return again

    def counted(self) -> Chair:
        """Every milligram of ketamine is drawn and wasted, so that nothing is left over."""
        self.tap(DrawVial("ketamine", 50.0, 2.0))
        pouch = catalog().controlled.records.waste_methods[0]
        account = account_of(self.session, catalog(), "ketamine")
        assert account is not None
        assert account.whole.balance_mg is not None
        left = float(account.whole.balance_mg)
        assert self.tap(WasteDrug("ketamine", left, pouch, DOCTOR, "3333")).state == "taken"
        return self

    def recorded(self) -> Chair:
        """What the record lacks is on paper, as is said of each field."""
        for field in lacking(states_of(self.engine, self.session)):
            assert self.tap(ExplainField(field.id, "On the paper record")).state == "taken", field
        return self

    # ------------------------------------------------------------ what came of it

    @property
    def session(self) -> Session:
        """The session on the screen."""
        assert self.engine.session is not None
        return self.engine.session

    @property
    def snapshot(self) -> Snapshot:
        """What is shown now."""
        return self.show.snapshot(self.engine, self.now)

    def bodies(self, *kinds: type) -> list[AnyBody]:
        """What was given to the store of these kinds, in order."""
        return [entry.body for entry in self.store.entries if isinstance(entry.body, kinds)]

    def kinds(self) -> list[str]:
        """The kinds of all entries given to the store."""
        return [type(entry.body).__name__ for entry in self.store.entries]

    def given_mg(self) -> float | None:
        """What was given, as far as it is known."""
        return self.session.infusion.given(self.now).mg

    def alarms(self) -> list[str]:
        """The keys on the alarm board."""
        return [row.condition.key for row in self.engine.board.rows]

    def tile(self, key: str) -> tuple[str, str]:
        """(text, state) of a tile."""
        found = next(tile for tile in self.snapshot.tiles if tile.key == key)
        return found.text, found.state
