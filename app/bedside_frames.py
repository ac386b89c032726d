"""What the drugs' account and the emergency sheet show, as plain values."""

from __future__ import annotations

from typing import Literal

import msgspec


class AccountLine(msgspec.Struct, frozen=True):
    """A drug's account in words; `left_mg` is the balance, None where it is not known.

    `strengths` are the lines of its vials in words, `vials` how many were drawn.
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
    strengths: tuple[str, ...] = ()


class DrawOffer(msgspec.Struct, frozen=True):
    """A drug that can be drawn, with the strengths of its vials in mg/mL."""

    drug: str
    name: str
    strengths_mg_ml: tuple[float, ...]
    scheduled: bool


class AccountFrame(msgspec.Struct, frozen=True):
    """All accounts of a session. `barred` says why nothing can be counted any more, "" while it can."""

    lines: tuple[AccountLine, ...]
    offers: tuple[DrawOffer, ...]
    verdict: str
    balanced: bool
    barred: str = ""
    can_explain: bool = False


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
