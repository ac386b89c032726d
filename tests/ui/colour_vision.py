"""How far apart colours are to an eye, and to an eye that lacks one kind of cone.

Simulation: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color
Vision Deficiency", IEEE TVCG 15 (2009) 1291-1298: their matrices for severity 1.0, applied to linear RGB.
Distance: CIEDE2000 as G. Sharma, W. Wu, E. N. Dalal, Color Research and Application 30 (2005) 21-30 have it.
"""

from __future__ import annotations

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from tests.ui.inks import Floats, Pixels, linear

Lab = tuple[float, float, float]

MACHADO = MappingProxyType(
    {
        "usual": np.eye(3),
        "protan": np.array(
            [
                [0.152286, 1.052583, -0.204868],
                [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ]
        ),
        "deutan": np.array(
            [
                [0.367322, 0.860646, -0.227968],
                [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ]
        ),
        "tritan": np.array(
            [
                [1.255528, -0.076749, -0.178779],
                [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900],
            ]
        ),
    }
)
XYZ_OF_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE_D65 = np.array([0.95047, 1.0, 1.08883])


def seen_by(vision: str, colours: npt.ArrayLike) -> Floats:
    """Colours of 0 to 255 in linear light as this vision sees them."""
    found: Floats = np.clip(linear(colours) @ MACHADO[vision].T, 0.0, 1.0)
    return found


def picture_seen_by(vision: str, picture: Pixels) -> Pixels:
    """A whole picture as this vision sees it, in sRGB again."""
    light = seen_by(vision, picture)
    share = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(share * 255).astype(np.uint8)


def lab(light: npt.ArrayLike) -> Lab:
    """CIELAB (D65) of a colour in linear light."""
    share = XYZ_OF_RGB @ np.asarray(light, dtype=np.float64) / WHITE_D65
    x, y, z = (float(np.cbrt(v)) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in share)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: QColor, other: QColor, vision: str = "usual") -> float:
    """CIEDE2000 between two colours as this vision sees them: above 10 they are told apart at a glance."""
    first, second = (
        lab(seen_by(vision, [colour.red(), colour.green(), colour.blue()])) for colour in (one, other)
    )
    return ciede2000(first, second)


def ciede2000(one: Lab, other: Lab) -> float:
    """The difference of two colours in CIELAB, with weights 1, 1, 1."""
    mean_chroma = (hypot(*one[1:]) + hypot(*other[1:])) / 2
    grey = 0.5 * (1 - sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    (l1, c1, h1), (l2, c2, h2) = (_polar(colour, grey) for colour in (one, other))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    if c1 * c2 and turn == -180 and h2 > h1:
        turn = 180.0
    d_light, d_chroma = l2 - l1, c2 - c1
    d_hue = 2 * sqrt(c1 * c2) * sin(radians(turn) / 2)
    light, chroma, hue = (l1 + l2) / 2, (c1 + c2) / 2, _mean_hue(c1, h1, c2, h2)
    t = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    s_light = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = -2 * sqrt(chroma**7 / (chroma**7 + 25.0**7))
    rotation *= sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
    parts = d_light / s_light, d_chroma / s_chroma, d_hue / s_hue
    return sqrt(parts[0] ** 2 + parts[1] ** 2 + parts[2] ** 2 + rotation * parts[1] * parts[2])


def _polar(colour: Lab, grey: float) -> Lab:
    light, a, b = colour
    a *= 1 + grey
    return light, hypot(a, b), degrees(atan2(b, a)) % 360


def _mean_hue(c1: float, h1: float, c2: float, h2: float) -> float:
    if c1 * c2 == 0:
        return h1 + h2
    if abs(h1 - h2) <= 180:
        return (h1 + h2) / 2
    return (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
