"""What the drugs' account and the emergency sheet show, as plain values."""

from __future__ import annotations

from typing import Literal

import msgspec


class VialLine(msgspec.Struct, frozen=True):
    """The account of a vial, or of all vials of a lot, in words; `left_mg` None where it is not known.

    `name` is "2 × 50 mg/mL", `label` what stands on it; `strength_mg_ml`, `lot` and `vial` name it in an act.
    """

    name: str
    label: str
    strength_mg_ml: float | None
    lot: str
    vial: str
    drawn: str
    given: str
    wasted: str
    returned: str
    balance: str
    left_mg: float | None


class AccountLine(msgspec.Struct, frozen=True):
    """A drug's account in words; `left_mg` is the balance, None where it is not known.

    `vials` is how many were drawn, `by_vial` their own lines.
    """

    drug: str
    name: str
    label_class: str
    schedule: str
    vials: int
    drawn: str
    given: str
    wasted: str
    returned: str
    balance: str
    left_mg: float | None
    state: Literal["closed", "open", "explained", "unknown"]
    words: str
    by_vial: tuple[VialLine, ...] = ()


class DrawOffer(msgspec.Struct, frozen=True):
    """A drug that can be drawn, with the strengths of its vials in mg/mL."""

    drug: str
    name: str
    strengths_mg_ml: tuple[float, ...]
    scheduled: bool


class LotOffer(msgspec.Struct, frozen=True):
    """A lot that was drawn before: its label is picked instead of typed."""

    drug: str
    name: str
    strength_mg_ml: float
    lot: str
    expires: str
    words: str


class AccountFrame(msgspec.Struct, frozen=True):
    """All accounts of a session. `barred` says why nothing can be counted any more, "" while it can.

    `policy` says what becomes of what is in the line; `infused` is the drug of the order; `year` is this one.
    """

    lines: tuple[AccountLine, ...]
    offers: tuple[DrawOffer, ...]
    verdict: str
    balanced: bool
    barred: str = ""
    can_explain: bool = False
    policy: str = ""
    lots: tuple[LotOffer, ...] = ()
    infused: str = ""
    year: int = 0


class StampFrame(msgspec.Struct, frozen=True):
    """A stamp with the time of its last touch, "" while untouched."""

    id: str
    label: str
    at: str


class EmergencyFrame(msgspec.Struct, frozen=True):
    """The emergency sheet. `numbers` are (whom, number) as the clinic set them, none when it did not."""

    stop: str
    stop_detail: str
    pump_now: str
    numbers: tuple[tuple[str, str], ...]
    stamps: tuple[StampFrame, ...]
    drugs: tuple[str, ...]
    oxygen: str
    records: bool
