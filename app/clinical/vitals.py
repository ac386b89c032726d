"""The vital signs: one row each with the name, unit, decimals and colour role used everywhere."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Vital(StrEnum):
    """The ids of the vital signs, the same in tables, record, export and rehearsal."""

    HEART_RATE = "heart_rate"
    PULSE_RATE = "pulse_rate"
    SPO2 = "spo2"
    NIBP_SYS = "nibp_sys"
    NIBP_DIA = "nibp_dia"
    NIBP_MEAN = "nibp_mean"
    RESP_RATE = "resp_rate"
    ETCO2 = "etco2"
    TEMP = "temp"


class VitalSpec(msgspec.Struct, frozen=True):
    """How a vital sign is named and written. `colour` is a colour role of ui/theme.py."""

    vital: Vital
    label: str
    unit: str
    decimals: int
    colour: str

    def text(self, value: float) -> str:
        """The value as the screen and the paper write it, without its unit."""
        return f"{value:.{self.decimals}f}"


VITALS: dict[Vital, VitalSpec] = {
    spec.vital: spec
    for spec in (
        VitalSpec(Vital.HEART_RATE, "HR", "/min", 0, "hr"),
        VitalSpec(Vital.PULSE_RATE, "PR", "/min", 0, "spo2"),
        VitalSpec(Vital.SPO2, "SpO₂", "%", 0, "spo2"),
        VitalSpec(Vital.NIBP_SYS, "NIBP sys", "mmHg", 0, "nibp"),
        VitalSpec(Vital.NIBP_DIA, "NIBP dia", "mmHg", 0, "nibp"),
        VitalSpec(Vital.NIBP_MEAN, "NIBP mean", "mmHg", 0, "nibp"),
        VitalSpec(Vital.RESP_RATE, "RR", "/min", 0, "rr"),
        VitalSpec(Vital.ETCO2, "EtCO₂", "mmHg", 0, "etco2"),
        VitalSpec(Vital.TEMP, "Temp", "°C", 1, "temp"),
    )
}

NIBP = (Vital.NIBP_SYS, Vital.NIBP_DIA, Vital.NIBP_MEAN)
