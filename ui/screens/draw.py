"""Drawing a drug out of its vials: which one, how much, and what stands on the label; then one confirming touch."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.bedside_frames import AccountFrame, LotOffer
from app.clinical.dosing import exact, shown
from app.messages import DrawVial
from app.told import month
from ui.screens.base import Editor, Screen
from ui.sheets.base import Choice, Part
from ui.theme import CRITICAL, GAP
from ui.widgets.target import State

NOT_SAID = "not said"
LOTS_OFFERED = 3
MONTHS = tuple(f"{number:02d}" for number in range(1, 13))


class Draft(msgspec.Struct, frozen=True):
    """What is known so far. `each_ml` is drawn out of each of the vials; `purpose` "" is not chosen yet."""

    drug: str
    name: str
    strength_mg_ml: float
    each_ml: float = 0.0
    vials: int = 1
    lot: str = ""
    vial: str = ""
    expires: str = ""
    purpose: str = ""

    def act(self) -> DrawVial:
        """The act: the volume is the one of all vials together."""
        volume_ml = float(exact(self.each_ml) * self.vials)
        return DrawVial(
            self.drug,
            self.strength_mg_ml,
            volume_ml,
            self.lot,
            self.purpose,
            self.vial,
            self.expires,
            self.vials,
        )


class DrawAsker:
    """Asks for a draw in a screen's editor.

    Targets: "choice.<drug|strength>", "lot.<n>", "key.*", "set"; then "draw.volume", "draw.fewer", "draw.more",
    "draw.lot", "draw.vial", "draw.expires", "purpose.<n>", and "editor.done", which draws.
    """

    def __init__(self, screen: Screen) -> None:
        """Waits until somebody draws."""
        self.screen = screen
        self.rules = screen.catalog.controlled
        self.purposes = self.rules.records.purposes
        self.frame: AccountFrame | None = None
        self.draft: Draft | None = None

    @property
    def editor(self) -> Editor:
        """The screen's own."""
        return self.screen.editor

    def begin(self, frame: AccountFrame) -> None:
        """Which vial: a lot that was drawn before, or a drug."""
        self.frame = frame
        drugs = Choice(self.screen, "choice", {offer.drug: offer.name for offer in frame.offers}, columns=5)
        drugs.chosen.connect(self._ask_strength)
        part = Part(self.screen.edit())
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.screen.mm(GAP))
        if frame.lots:
            lots = [self._lot_target(number, lot) for number, lot in enumerate(frame.lots[:LOTS_OFFERED])]
            layout.addLayout(self.screen.row(*lots))
        layout.addWidget(drugs)
        self.editor.ask_part("Which vial is drawn?", part, self.screen.stop_editing)
        self.editor.done_target.hide()

    def _lot_target(self, number: int, lot: LotOffer) -> QWidget:
        strength, _, label = lot.words.partition(", ")
        return self.screen.target(f"lot.{number}", strength, partial(self._take_lot, lot), second=label)

    def _take_lot(self, lot: LotOffer) -> None:
        self._ask_volume(Draft(lot.drug, lot.name, lot.strength_mg_ml, lot=lot.lot, expires=lot.expires))

    def _ask_strength(self, drug: str) -> None:
        offers = self.frame.offers if self.frame is not None else ()
        offer = next(one for one in offers if one.drug == drug)
        if len(offer.strengths_mg_ml) == 1:
            self._ask_volume(Draft(drug, offer.name, offer.strengths_mg_ml[0]))
            return
        strengths = {f"{mg:g}": f"{shown(mg, 3)} mg/mL" for mg in offer.strengths_mg_ml}
        self.editor.ask_choice(
            f"Strength of the {offer.name} vial",
            strengths,
            lambda key: self._ask_volume(Draft(drug, offer.name, float(key))),
        )

    def _ask_volume(self, draft: Draft) -> None:
        if not draft.purpose and self.frame is not None and draft.drug == self.frame.infused:
            draft = msgspec.structs.replace(draft, purpose=self.purposes[0])
        strength = draft.strength_mg_ml
        each = " out of each vial" if draft.vials > 1 else ""
        self.editor.ask_number(
            f"{draft.name} {shown(strength, 3)} mg/mL: volume drawn{each}",
            "mL",
            lambda volume: self._show(msgspec.structs.replace(draft, each_ml=volume)),
            decimals=2,
        )
        self.editor.number.show_as(lambda volume: f"{shown(volume * strength)} mg")

    # ------------------------------------------------------------------ the whole draw

    def _show(self, draft: Draft) -> None:
        """Everything that will be written, each part a touch away; and the touch that writes it."""
        self.draft = draft
        part = Part(self.editor)
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.screen.mm(GAP))
        layout.addLayout(self._amount_row(draft))
        layout.addLayout(self._label_row(draft))
        options = {str(number): words for number, words in enumerate(self.purposes)}
        purposes = Choice(self.screen, "purpose", options, height_mm=CRITICAL)
        if draft.purpose:
            purposes.choose(str(self.purposes.index(draft.purpose)))
        purposes.chosen.connect(lambda key: self._change(purpose=self.purposes[int(key)]))
        layout.addWidget(purposes)
        self.editor.ask_part(
            f"{draft.name} {shown(draft.strength_mg_ml, 3)} mg/mL: what stands on the vial?", part, self._send
        )
        self._show_done(draft)

    def _show_done(self, draft: Draft) -> None:
        act = draft.act()
        mg = shown(float(exact(act.volume_ml) * exact(act.strength_mg_ml)))
        done = self.editor.done_target
        done.set_words(f"Drawn: {draft.name} {mg} mg")
        done.set_state(State.MAIN if draft.purpose else State.BARRED, "for what?")

    def _amount_row(self, draft: Draft) -> QHBoxLayout:
        screen = self.screen
        each = "Out of each" if draft.vials > 1 else "Volume"
        volume = screen.field("draw.volume", each, lambda: self._ask_volume(draft))
        screen.show_field(volume, f"{shown(draft.each_ml)} mL")
        fewer = screen.target("draw.fewer", "", lambda: self._change(vials=draft.vials - 1), icon="minus")
        fewer.set_state(State.NORMAL if draft.vials > 1 else State.BARRED)
        more = screen.target("draw.more", "+ vial", lambda: self._change(vials=draft.vials + 1))
        more.set_state(State.NORMAL if self._may_be_more(draft) else State.BARRED)
        count = screen.words(text=f"{draft.vials} vial{'s' if draft.vials > 1 else ''}")
        return screen.row(volume, fewer, count, more)

    def _may_be_more(self, draft: Draft) -> bool:
        """A vial with a mark of its own is one."""
        return not draft.vial and draft.vials < self.rules.vials.most_at_once

    def _label_row(self, draft: Draft) -> QHBoxLayout:
        screen = self.screen
        lot = screen.field("draw.lot", "Lot", self._ask_lot)
        screen.show_field(lot, draft.lot or NOT_SAID)
        expires = screen.field("draw.expires", "Expires", self._ask_year)
        screen.show_field(expires, month(draft.expires) if draft.expires else NOT_SAID)
        vial = screen.field("draw.vial", "Vial no.", self._ask_mark)
        screen.show_field(vial, draft.vial or NOT_SAID)
        if draft.vials > 1:
            vial.set_state(State.BARRED, "several vials")
        return screen.row(lot, expires, vial)

    def _change(self, **changes: object) -> None:
        if self.draft is not None:
            self._show(msgspec.structs.replace(self.draft, **changes))

    def _ask_lot(self) -> None:
        longest = self.rules.records.longest_lot
        self.editor.ask_text(
            "Lot on the vial",
            lambda lot: self._change(lot=lot),
            text=self.draft.lot if self.draft is not None else "",
            check=lambda lot: f"{longest} letters fit." if len(lot) > longest else "",
        )

    def _ask_mark(self) -> None:
        longest = self.rules.vials.longest_mark
        self.editor.ask_text(
            "Number of this vial",
            lambda mark: self._change(vial=mark),
            text=self.draft.vial if self.draft is not None else "",
            check=lambda mark: f"{longest} letters fit." if len(mark) > longest else "",
        )

    def _ask_year(self) -> None:
        year = self.frame.year if self.frame is not None else 0
        years = {str(one): str(one) for one in range(year - 1, year + self.rules.vials.expiry_years_ahead)}
        self.editor.ask_choice(
            "Expires: the year on the vial", years | {NOT_SAID: "Not on the vial"}, self._ask_month, columns=4
        )

    def _ask_month(self, year: str) -> None:
        if year == NOT_SAID:
            self._change(expires="")
            return
        self.editor.ask_choice(
            f"Expires {year}: the month on the vial",
            {number: number for number in MONTHS},
            lambda number: self._change(expires=f"{year}-{number}"),
            columns=4,
        )

    def _send(self) -> None:
        if self.draft is not None and self.draft.purpose:
            self.screen.send(self.draft.act())
