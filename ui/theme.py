"""Colours by role and sizes in millimetres: the only place with either.

A widget asks its `Look` for a role ("hr", "panel"), a token ("text", "vital") or a length in millimetres
and never writes a hex value or a number of pixels. Sizes, gaps and letters are rounded up, so that rounding
undercuts no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen, QPixmap

from app.refusals import Refused
from ui.icons import IconSet

PPI_LOWEST: Final = 70.0
PPI_HIGHEST: Final = 250.0
FALLBACK_PPI: Final = 125.0  # the 12.1 inch 1280 × 800 reference panel

MM_PER_INCH: Final = 25.4

# Lengths in millimetres.
NORMAL: Final = 15.2
KEY: Final = 19.1
CRITICAL: Final = 20.2
GAP: Final = 3.0
EDGE: Final = 5.0
HAZARD: Final = 8.0
REGION_GAP: Final = 2.0
TILE_GAP: Final = 1.1
SIDE: Final = 2.4  # cards stand nearer to the panel's edge than targets
BAR_GAP: Final = 0.7
CARD_PAD_X: Final = 2.1
CARD_PAD_Y: Final = 2.0
RADIUS: Final = 1.6
CHIP_RADIUS: Final = 0.8
CHOSEN_EDGE: Final = 0.5
ALARM_EDGE: Final = 0.6
SLOP: Final = 4.0
ICON_TARGET: Final = 6.2
ICON_TEXT: Final = 4.6
ICON_MARK: Final = 4.6

DEBOUNCE_MS: Final = 100
LINE_HEIGHT: Final = 1.18
DIGIT_CELL: Final = 0.59  # em; the 4 is 0.578 em of ink
SLASH_CELL: Final = 0.36
POINT_CELL: Final = 0.28

MEDIUM_WEIGHT: Final = 500
BOLD_WEIGHT: Final = 600

TEXT_FAMILY: Final = "Chairside Text"
DIGITS_FAMILY: Final = "Chairside Digits"
TEXT_CAP_EM: Final = 0.727
DIGITS_CAP_EM: Final = 0.719


class Token(StrEnum):
    """The sizes of letters."""

    TEXT = "text"
    STRONG = "strong"
    CRITICAL = "critical"
    KEY = "key"
    SCORE = "score"
    VITAL = "vital"


CAP_MM: Final[Mapping[Token, float]] = MappingProxyType(
    {
        Token.TEXT: 3.3,
        Token.STRONG: 4.0,
        Token.CRITICAL: 4.9,
        Token.KEY: 6.5,
        Token.SCORE: 8.5,
        Token.VITAL: 14.1,
    }
)
PAPER_CAP_MM: Final[Mapping[Token, float]] = MappingProxyType(
    {
        Token.TEXT: 2.5,
        Token.STRONG: 3.0,
        Token.CRITICAL: 3.0,
        Token.KEY: 3.0,
        Token.SCORE: 5.1,
        Token.VITAL: 5.1,
    }
)
DIGIT_TOKENS: Final = frozenset({Token.SCORE, Token.VITAL})


@dataclass(frozen=True)
class Theme:
    """One set of colours by role; an unknown role is a KeyError that names it."""

    name: str
    roles: Mapping[str, str]
    _colours: dict[str, QColor] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, role: str) -> QColor:
        """The colour of a role."""
        colour = self._colours.get(role)
        if colour is None:
            colour = self._colours[role] = QColor(self.roles[role])
        return colour

    def with_alpha(self, role: str, share: float) -> QColor:
        """The colour of a role, seen through by `share` (1 is solid)."""
        colour = QColor(self[role])
        colour.setAlphaF(share)
        return colour


DARK: Final = Theme(
    "dark",
    MappingProxyType(
        {
            "bg": "#080C11",
            "panel": "#10161D",
            "raised": "#1B242E",
            "press": "#2A3644",
            "line": "#26313C",
            "grid": "#1B242D",
            "border": "#5B6A7C",
            "text": "#E8EDF2",
            "text2": "#AEB9C5",
            "text3": "#84919F",
            "hr": "#3CF7AC",
            "spo2": "#6CC2E4",
            "nibp": "#F87A9E",
            "rr": "#FCF8EC",
            "etco2": "#EFDB12",
            "temp": "#C39A66",
            "infusion": "#8F98FF",
            "infusion_lo": "#2B3061",
            "plan": "#93A0AE",
            "predicted": "#D0D7DD",
            "future": "#0C1218",
            "now": "#E8EDF2",
            "fill": "#D5DDE5",
            "fill_ink": "#080C11",
            "alarm_high": "#B3001A",
            "alarm_high_ink": "#FFFFFF",
            "alarm_high_edge": "#FF5A54",
            "alarm_medium": "#FFCC00",
            "alarm_medium_ink": "#141000",
            "alarm_medium_edge": "#FFCC00",
            "alarm_low": "#57D5E8",
            "alarm_low_ink": "#04181C",
            "alarm_low_edge": "#57D5E8",
            "label_ink": "#101010",
            "label_stripe": "#FFFFFF",
        }
    ),
)

DIM: Final = Theme(
    "dim",
    MappingProxyType(
        {
            "bg": "#000000",
            "panel": "#050608",
            "raised": "#0D1116",
            "press": "#0D1116",
            "line": "#14191F",
            "grid": "#0E1216",
            "border": "#525E6B",
            "text": "#969EA7",
            "text2": "#7F8892",
            "text3": "#757E88",
            "hr": "#40D47E",
            "spo2": "#61A3C2",
            "nibp": "#F36D93",
            "rr": "#C7C3BD",
            "etco2": "#D9BA00",
            "temp": "#C68F42",
            "infusion": "#8E8EFF",
            "infusion_lo": "#1B1C3D",
            "plan": "#66707A",
            "predicted": "#A2B7C2",
            "future": "#000000",
            "now": "#969EA7",
            "fill": "#929CA6",
            "fill_ink": "#000000",
            "alarm_high": "#A30018",
            "alarm_high_ink": "#FFFFFF",
            "alarm_high_edge": "#E8433F",
            "alarm_medium": "#BB9600",
            "alarm_medium_ink": "#0A0800",
            "alarm_medium_edge": "#BB9600",
            "alarm_low": "#48A9B7",
            "alarm_low_ink": "#021012",
            "alarm_low_edge": "#48A9B7",
            "label_ink": "#000000",
            "label_stripe": "#969EA7",
        }
    ),
)

PAPER: Final = Theme(
    "paper",
    MappingProxyType(
        {
            "bg": "#FFFFFF",
            "panel": "#FFFFFF",
            "raised": "#FFFFFF",
            "press": "#EEF1F4",
            "line": "#C9D0D8",
            "grid": "#E6EAEE",
            "border": "#7A8694",
            "text": "#10161D",
            "text2": "#47525E",
            "text3": "#66717D",
            "hr": "#257E60",
            "spo2": "#164C61",
            "nibp": "#DB2158",
            "rr": "#121212",
            "etco2": "#6E6400",
            "temp": "#493005",
            "infusion": "#1D19A1",
            "infusion_lo": "#D9DBFA",
            "plan": "#66717D",
            "predicted": "#6E748C",
            "future": "#FFFFFF",
            "now": "#10161D",
            "fill": "#10161D",
            "fill_ink": "#FFFFFF",
            "label_ink": "#101010",
            "label_stripe": "#FFFFFF",
        }
    ),
)

THEMES: Final[Mapping[str, Theme]] = MappingProxyType({theme.name: theme for theme in (DARK, DIM, PAPER)})


def is_plausible_ppi(ppi: float | None) -> bool:
    """Whether a panel can have this many pixels an inch."""
    return ppi is not None and PPI_LOWEST <= ppi <= PPI_HIGHEST


def chosen_ppi(setting: float | None, panel: float | None) -> tuple[float, str]:
    """The ppi to draw with and where it comes from: the setting, else the panel, else the fallback.

    Raises Refused for a setting outside 70 to 250; a panel that says something implausible is passed over.
    """
    if setting is not None:
        if not is_plausible_ppi(setting):
            raise Refused("ppi", f"{setting:g} is outside {PPI_LOWEST:g} to {PPI_HIGHEST:g}")
        return setting, "setting"
    if panel is not None and is_plausible_ppi(panel):
        return panel, "panel"
    said = "nothing" if panel is None else f"{panel:g}"
    return FALLBACK_PPI, f"fallback: the panel says {said}"


@dataclass(frozen=True)
class Metrics:
    """Millimetres as pixels of one panel, and the pixel size of each token."""

    ppi: float = FALLBACK_PPI
    on_paper: bool = False

    def __post_init__(self) -> None:
        """Refuses a ppi that no panel has; a printer may have any."""
        if not self.on_paper and not is_plausible_ppi(self.ppi):
            raise Refused("ppi", f"{self.ppi:g} is outside {PPI_LOWEST:g} to {PPI_HIGHEST:g}")

    def px(self, mm: float) -> float:
        """Exactly that many pixels, for curves and places."""
        return mm / MM_PER_INCH * self.ppi

    def mm(self, mm: float) -> int:
        """Whole pixels, rounded up: for sizes and gaps."""
        return ceil(self.px(mm) - 1e-6)

    def in_mm(self, px: float) -> float:
        """Pixels as millimetres."""
        return px * MM_PER_INCH / self.ppi

    def letters(self, token: Token | str) -> int:
        """The pixel size of a font whose capitals have the token's height."""
        token = Token(token)
        em = DIGITS_CAP_EM if token in DIGIT_TOKENS else TEXT_CAP_EM
        cap_mm = (PAPER_CAP_MM if self.on_paper else CAP_MM)[token]
        return ceil(self.px(cap_mm / em) - 0.1)


@dataclass(frozen=True)
class LabelColour:
    """The colour of a drug's label (ISO 26825), by light and in the dark; striped for the opposite action."""

    fill: str
    dim: str
    striped: bool = False


class Bounce:
    """Refuses a touch that comes too soon after the last one ended, wherever it lands.

    One gate for the whole window: a sheet that opens under the finger is not touched by that finger's bounce.
    """

    def __init__(self, quiet_ms: int = DEBOUNCE_MS) -> None:
        """Quiet for `quiet_ms` after each release."""
        self.quiet_ms = quiet_ms
        self._released_ms: int | None = None

    def accepts(self, at_ms: int) -> bool:
        """Whether a touch down at this event time is a new touch. An event without a time (0) always is."""
        if self._released_ms is None or at_ms <= 0:
            return True
        return not 0 <= at_ms - self._released_ms < self.quiet_ms

    def released(self, at_ms: int) -> None:
        """Remembers when a finger was lifted."""
        self._released_ms = at_ms if at_ms > 0 else None


MOST_WIDTHS = 4096
"""So many texts are measured once; a screen has some hundreds, and those with a time in them come and go."""


class Look(QObject):
    """What every widget is handed: the theme of now, the metrics, fonts, icons and the caches made of them.

    Switching the theme emits `changed`; every cache is kept by theme, so the switch is one frame.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme = DARK,
        metrics: Metrics | None = None,
        labels: Mapping[str, LabelColour] | None = None,
    ) -> None:
        """Starts with a theme, the metrics of the panel and the label colours of the drug table by class."""
        super().__init__()
        self.theme = theme
        self.metrics = metrics or Metrics()
        self.labels: Mapping[str, LabelColour] = labels or {}
        self.bounce = Bounce()
        self._icons = IconSet()
        self._fonts: dict[tuple[str, int], QFont] = {}
        self._font_metrics: dict[tuple[str, int], QFontMetricsF] = {}
        self._widths: dict[tuple[str, str, int], float] = {}
        self._lines: dict[str, int] = {}
        self._hatches: dict[tuple[str, str], QBrush] = {}
        self._atlases: dict[tuple[object, ...], QPixmap] = {}

    def set_theme(self, theme: Theme) -> None:
        """Shows another theme from the next frame on."""
        if theme.name != self.theme.name:
            self.theme = theme
            self.changed.emit()

    def __getitem__(self, role: str) -> QColor:
        """The colour of a role in the theme of now."""
        return self.theme[role]

    def mm(self, mm: float) -> int:
        """Whole pixels, rounded up."""
        return self.metrics.mm(mm)

    def px(self, mm: float) -> float:
        """Exact pixels."""
        return self.metrics.px(mm)

    def edge(self, mm: float) -> float:
        """The width of an edge or a line: whole pixels, nearest, at least one."""
        return float(max(1, round(self.metrics.px(mm))))

    def font(self, token: Token | str = Token.TEXT, weight: int = MEDIUM_WEIGHT) -> QFont:
        """The font of a token. 600 for names, doses, labels of targets and alarms."""
        key = (str(token), weight)
        if key not in self._fonts:
            self._fonts[key] = font_of(Token(token), weight, self.metrics)
        return self._fonts[key]

    def font_metrics(self, token: Token | str = Token.TEXT, weight: int = MEDIUM_WEIGHT) -> QFontMetricsF:
        """The measures of that font."""
        key = (str(token), weight)
        if key not in self._font_metrics:
            self._font_metrics[key] = QFontMetricsF(self.font(token, weight))
        return self._font_metrics[key]

    def width(self, text: str, token: Token | str = Token.TEXT, weight: int = MEDIUM_WEIGHT) -> float:
        """How many pixels a text takes in one line."""
        key = (text, token, weight)
        if (width := self._widths.get(key)) is None:
            if len(self._widths) >= MOST_WIDTHS:
                self._widths.clear()
            width = self._widths[key] = self.font_metrics(token, weight).horizontalAdvance(text)
        return width

    def line(self, token: Token | str = Token.TEXT) -> int:
        """The height of a line of that token."""
        if token not in self._lines:
            self._lines[token] = ceil(self.metrics.letters(token) * LINE_HEIGHT)
        return self._lines[token]

    def cap(self, token: Token | str = Token.TEXT) -> float:
        """The height of its capitals and digits in pixels."""
        token = Token(token)
        em = DIGITS_CAP_EM if token in DIGIT_TOKENS else TEXT_CAP_EM
        return self.metrics.letters(token) * em

    def icon(self, name: str, mm: float, role: str) -> QPixmap:
        """An icon in a role's colour, `mm` wide."""
        return self._icons.pixmap(name, self.mm(mm), self.theme[role])

    def icon_px(self, name: str, px: int, colour: QColor) -> QPixmap:
        """An icon in any colour, `px` wide."""
        return self._icons.pixmap(name, px, colour)

    def label_fill(self, label_class: str) -> QColor | None:
        """The fill of a drug's label in the theme of now; None for a class that has no colour."""
        colour = self.labels.get(label_class)
        if colour is None:
            return None
        return QColor(colour.dim if self.theme.name == DIM.name else colour.fill)

    def is_striped(self, label_class: str) -> bool:
        """Whether the label says the opposite action."""
        colour = self.labels.get(label_class)
        return colour is not None and colour.striped

    def hatch(self, role: str = "border", share: float = 1.0) -> QBrush:
        """A 45° hatch, one tiled brush for each theme, role and strength."""
        key = (self.theme.name, f"{role} {share:g}")
        if key not in self._hatches:
            self._hatches[key] = hatch_brush(self.theme.with_alpha(role, share))
        return self._hatches[key]

    def kept(self, *key: object) -> QPixmap | None:
        """A pixmap kept for this theme under a key, None when there is none."""
        return self._atlases.get((self.theme.name, *key))

    def keep(self, pixmap: QPixmap, *key: object) -> QPixmap:
        """Keeps a pixmap for this theme under a key."""
        self._atlases[(self.theme.name, *key)] = pixmap
        return pixmap


def font_of(token: Token, weight: int, metrics: Metrics) -> QFont:
    """The font of a token at a weight."""
    font = QFont(DIGITS_FAMILY if token in DIGIT_TOKENS else TEXT_FAMILY)
    font.setPixelSize(metrics.letters(token))
    font.setWeight(QFont.Weight(weight))
    if token is Token.VITAL:
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98.0)
    return font


def hatch_brush(colour: QColor) -> QBrush:
    """A tiled 8 px brush of rising lines."""
    tile = QPixmap(8, 8)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.0))
    for shift in (-8, 0, 8):
        painter.drawLine(shift, 8, shift + 8, 0)
    painter.end()
    return QBrush(tile)


def rounded(
    painter: QPainter,
    rect: QRectF,
    fill: QColor | None,
    edge: QColor | None = None,
    *,
    radius: float,
    edge_px: float = 1.0,
    dashed: bool = False,
) -> None:
    """Paints a card, target or chip: its edge lies wholly inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if edge is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        return
    pen = QPen(edge, edge_px)
    if dashed:
        pen.setDashPattern([3.0 / edge_px, 2.0 / edge_px])
    painter.setPen(pen)
    half = edge_px / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius - half, radius - half)


def palette(theme: Theme) -> QPalette:
    """The same colours for Fusion, for what a style sheet does not reach."""
    chosen = QPalette()
    for group, role in _PALETTE.items():
        chosen.setColor(group, theme[role])
    return chosen


_PALETTE: Final[Mapping[QPalette.ColorRole, str]] = MappingProxyType(
    {
        QPalette.ColorRole.Window: "bg",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "panel",
        QPalette.ColorRole.AlternateBase: "raised",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.PlaceholderText: "text3",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "text",
        QPalette.ColorRole.Highlight: "press",
        QPalette.ColorRole.HighlightedText: "text",
        QPalette.ColorRole.Link: "text",
    }
)

_STYLE = """
QWidget {{ background: {bg}; color: {text}; font-family: "{family}"; font-size: {text_px}px;
 font-weight: 500; }}
QLabel {{ background: transparent; }}
QPushButton {{ background: {raised}; border: 1px solid {border}; border-radius: {radius}px;
 min-height: {normal}px; padding: 0 {pad}px; font-weight: 600; }}
QPushButton:pressed {{ background: {press}; border-color: {text}; }}
QPushButton[state="chosen"] {{ background: {press}; border: {half}px solid {text}; }}
QPushButton[state="due"] {{ border: {half}px solid {text}; }}
QPushButton[state="barred"] {{ background: transparent; border: 1px dashed {border}; color: {text3}; }}
QPushButton[role="main"] {{ background: {fill}; border-color: {fill}; color: {fill_ink}; }}
QPushButton[role="infusion"] {{ background: {infusion}; border-color: {infusion}; color: {bg}; }}
QScrollArea {{ border: none; }}
QScrollBar:vertical {{ width: {bar}px; background: {panel}; border: none; }}
QScrollBar::handle:vertical {{ background: {border}; border-radius: {chip}px; min-height: {normal}px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
"""


def style_sheet(theme: Theme, metrics: Metrics) -> str:
    """The one style sheet, filled from the tables."""
    return _STYLE.format(
        family=TEXT_FAMILY,
        text_px=metrics.letters(Token.TEXT),
        radius=metrics.mm(RADIUS),
        chip=metrics.mm(CHIP_RADIUS),
        normal=metrics.mm(NORMAL),
        pad=metrics.mm(CARD_PAD_X),
        half=metrics.mm(CHOSEN_EDGE),
        bar=metrics.mm(GAP),
        **theme.roles,
    )
