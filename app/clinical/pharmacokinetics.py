"""Predicted plasma concentration of ketamine, as a band: a model's estimate, never a measurement.

Exact: for a mammillary model each stretch of constant rate adds a sum of exponentials. The system matrix is
made symmetric, so its eigenvalues are real and the sum needs no step size. Rates are mg/h of base, times are
seconds, concentrations ng/mL.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from app.clinical.rows import PkModel
from app.clinical.tables import Catalog
from app.refusals import Refused

Array = npt.NDArray[np.float64]
NG_PER_MG_L = 1000.0
REFERENCE_KG = 70.0


class RateStretch(msgspec.Struct, frozen=True):
    """A time at one rate."""

    start_s: float
    end_s: float
    rate_mg_h: float


class ConcentrationBand(msgspec.Struct, frozen=True):
    """The lowest and highest expected concentration at each time, ng/mL."""

    low: Array
    high: Array


def predict(
    model: PkModel, weight_kg: float, stretches: Sequence[RateStretch], times_s: npt.ArrayLike
) -> Array:
    """The plasma concentration at each time; raises Refused where the model cannot say."""
    times = np.atleast_1d(np.asarray(times_s, dtype=np.float64))
    if not stretches:
        return np.zeros_like(times)
    weights, rates_per_s = disposition(model, weight_kg)
    table = np.array([(one.start_s, one.end_s, one.rate_mg_h / 3600.0) for one in stretches])
    since_start = np.maximum(times[:, None] - table[:, 0], 0.0)
    since_end = np.maximum(times[:, None] - table[:, 1], 0.0)
    total = np.zeros_like(times)
    for weight, rate in zip(weights, rates_per_s, strict=True):
        # The integral of exp(-rate × age) over the ages that the stretch has at this time.
        shape = np.exp(-rate * since_end) - np.exp(-rate * since_start)
        total += (shape @ table[:, 2]) * (weight / rate)
    return total * NG_PER_MG_L


def band(
    models: Sequence[PkModel],
    weight_kg: float,
    stretches: Sequence[RateStretch],
    times_s: npt.ArrayLike,
    *,
    widen_low: float,
    widen_high: float,
) -> ConcentrationBand:
    """From `widen_low` times the lowest to `widen_high` times the highest of the models."""
    curves = np.array([predict(model, weight_kg, stretches, times_s) for model in models])
    return ConcentrationBand(widen_low * curves.min(axis=0), widen_high * curves.max(axis=0))


def bedside_band(
    catalog: Catalog, weight_kg: float, stretches: Sequence[RateStretch], times_s: npt.ArrayLike
) -> ConcentrationBand:
    """The band of the two models that the tables recommend, as wide as the tables say."""
    pk = catalog.pk
    models = [catalog.pk_models[name] for name in pk.recommended_band]
    return band(models, weight_kg, stretches, times_s, widen_low=pk.widen_low, widen_high=pk.widen_high)


def disposition(model: PkModel, weight_kg: float) -> tuple[Array, Array]:
    """Weights (1/L) and rates (1/s) of the exponentials that one milligram leaves in plasma."""
    if not weight_kg > 0:
        raise Refused("weight_kg", "The weight must be above 0.")
    volume_l, k10, outward, back = _constants(model, weight_kg)
    size = 1 + len(outward)
    matrix = np.zeros((size, size))
    matrix[0, 0] = k10 + sum(outward)
    for place, (out, into) in enumerate(zip(outward, back, strict=True), start=1):
        matrix[place, place] = into
        matrix[0, place] = matrix[place, 0] = -np.sqrt(out * into)
    per_minute, vectors = np.linalg.eigh(matrix)
    return vectors[0] ** 2 / volume_l, per_minute / 60.0


def _constants(model: PkModel, weight_kg: float) -> tuple[float, float, list[float], list[float]]:
    """V1 in litres, k10, then k12, k13 and k21, k31 per minute."""
    if model.parameters == "micro":
        volume = _given(model, "v1_l_per_kg") * weight_kg
        outward = [_given(model, f"k1{place}_per_min") for place in range(2, model.compartments + 1)]
        back = [_given(model, f"k{place}1_per_min") for place in range(2, model.compartments + 1)]
        return volume, _given(model, "k10_per_min"), outward, back
    if model.parameters == "volumes":
        return _from_volumes(model, weight_kg / REFERENCE_KG)
    raise Refused("model", f"{model.name} is not simulated here.")


def _from_volumes(model: PkModel, size: float) -> tuple[float, float, list[float], list[float]]:
    if model.volume_exponent is None or model.clearance_exponent is None:
        if size != 1.0:
            raise Refused("weight_kg", f"{model.name} is known at {REFERENCE_KG:g} kg only.")
        volume_factor = clearance_factor = 1.0
    else:
        volume_factor, clearance_factor = size**model.volume_exponent, size**model.clearance_exponent
    places = range(2, model.compartments + 1)
    v1 = _given(model, "v1_l_70") * volume_factor
    volumes = [_given(model, f"v{place}_l_70") * volume_factor for place in places]
    flows = [_given(model, f"q{place}_l_per_h_70") * clearance_factor / 60.0 for place in places]
    clearance = _given(model, "cl_l_per_h_70") * clearance_factor / 60.0
    back = [flow / volume for flow, volume in zip(flows, volumes, strict=True)]
    return v1, clearance / v1, [flow / v1 for flow in flows], back


def _given(model: PkModel, name: str) -> float:
    value: float | None = getattr(model, name)
    if value is None:
        raise Refused("model", f"{model.name} does not give {name}.")
    return value
