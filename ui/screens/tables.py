"""The clinical tables and who signed them: the medical director signs each by the hash of its bytes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.frames import Answer
from app.messages import AnyAct, SignTables
from app.people_frames import TableLine
from app.roles import DIRECTOR
from ui.screens.base import Screen, main_target
from ui.sheets.base import Desk, Part
from ui.sheets.sign import SignPanel
from ui.theme import BOLD_WEIGHT, ICON_TEXT, MEDIUM_WEIGHT, RADIUS, Look, Token, rounded
from ui.widgets.target import Form, Role, State

TITLE_MM = 46.0
HASH_MM = 42.0


class TableList(QWidget):
    """A line for each table: its name, the hash of its bytes, and whether somebody signed it as it is."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Empty until shown."""
        super().__init__(parent)
        self.look = look
        self.lines: tuple[TableLine, ...] = ()
        look.changed.connect(self.update)

    def show_lines(self, lines: tuple[TableLine, ...]) -> None:
        """Shows other lines."""
        if lines != self.lines:
            self.lines = lines
            self.setAccessibleName("; ".join(f"{line.title} {line.digest}: {line.words}" for line in lines))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card; each line gets its share of the height."""
        painter = QPainter(self)
        look = self.look
        rounded(painter, QRectF(self.rect()), look["panel"], radius=look.px(RADIUS))
        share = (self.height() - look.px(2.0)) / max(1, len(self.lines))
        left, icon = look.px(3.0), look.px(ICON_TEXT)
        for number, line in enumerate(self.lines):
            baseline = look.px(1.0) + number * share + share / 2 + look.cap() / 2
            pixmap = look.icon("check" if line.signed else "warning", ICON_TEXT, "text")
            painter.drawPixmap(QPointF(left, baseline - icon + look.px(0.4)), pixmap)
            x = left + icon + look.px(2.0)
            parts = (
                (line.title, BOLD_WEIGHT, "text", TITLE_MM),
                (line.digest, MEDIUM_WEIGHT, "text2", HASH_MM),
            )
            for text, weight, role, wide in (*parts, (line.words, MEDIUM_WEIGHT, "text", 0.0)):
                painter.setFont(look.font(Token.TEXT, weight))
                painter.setPen(look[role])
                painter.drawText(QPointF(x, baseline), text)
                x += look.px(wide)
        painter.end()


class TablesScreen(Screen):
    """Targets: "sign_tables", then "signer.<id>", "pin.<digit>", "sign_tables_now", "back_to_tables"."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Filled by the first snapshot."""
        super().__init__(desk, parent)
        self.title = self.words("Clinical tables", token=Token.STRONG, weight=BOLD_WEIGHT)
        self.list = TableList(self.look, self)
        self.back = self.target(
            "back_to_today",
            "Today",
            lambda: self.wants.emit(""),
            icon="undo",
            form=Form.LEFT,
            role=Role.CRITICAL,
        )
        self.sign_target = main_target(self, "sign_tables", "Sign", self._to_sign)
        self.body.addWidget(self.title)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(self.row(self.back, None, self.sign_target))
        self._asked: dict[str, str] = {}
        self._add_signing()

    def _add_signing(self) -> None:
        self.signing_part = Part(self)
        back = self.target("back_to_tables", "Tables", self.stop_editing, icon="undo", form=Form.LEFT)
        self.signing = SignPanel(self, "sign_tables_now", "Sign", roles=DIRECTOR, back=back)
        self.signing.signed.connect(lambda staff, pin: self.send(SignTables(self._asked, staff, pin)))
        layout = QVBoxLayout(self.signing_part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.signing)
        self.signing_part.hide()

    def resizeEvent(self, event: object) -> None:
        """The signature has the overview's place."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.signing_part.setGeometry(self.overview.geometry())

    def stop_editing(self) -> None:
        """The tables again."""
        self.signing_part.hide()
        super().stop_editing()

    def unsigned(self) -> dict[str, str]:
        """The tables that wait for a signature, by their hashes as they are shown."""
        lines = self.snapshot.tables if self.snapshot is not None else ()
        return {line.table: line.digest for line in lines if not line.signed}

    def refresh(self) -> None:
        """The tables, and whether there is one to sign."""
        super().refresh()
        if self.snapshot is None:
            return
        self.list.show_lines(self.snapshot.tables)
        self.signing.show_staff(self.snapshot.staff, self.snapshot.who)
        count = len(self.unsigned())
        self.sign_target.set_words("Sign 1 table" if count == 1 else f"Sign {count} tables", second="PIN")
        self.sign_target.set_state(State.MAIN if count else State.BARRED, "" if count else "all are signed")

    def _to_sign(self) -> None:
        self._asked = self.unsigned()
        lines = self.snapshot.tables if self.snapshot is not None else ()
        titles = ", ".join(line.title for line in lines if line.table in self._asked)
        self.overview.hide()
        self.signing_part.show()
        self.signing_part.raise_()
        self.signing.begin(f"I have read these tables and answer for them: {titles}.", "Sign tables")

    def taken(self, act: AnyAct, answer: Answer) -> None:
        """Signed: the tables again."""
        self.signing.answered()
        self.stop_editing()

    def refused(self, act: AnyAct, answer: Answer) -> None:
        """Wrong PIN, or another table by now."""
        if answer.field == "pin":
            self.signing.refused(answer.reason)
        else:
            self.signing.answered()
            self.stop_editing()
            super().refused(act, answer)
