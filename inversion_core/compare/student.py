"""The quantile of Student's t without a heavy package: by numbers, for any degrees of freedom from 1."""

import math
from functools import lru_cache
from statistics import NormalDist

PANELS = 200
ENOUGH = 1e6
"""Degrees of freedom from which t is normal to six digits."""


@lru_cache(maxsize=4096)
def t_quantile(probability: float, freedom: float) -> float:
    """Return t with P(T <= t) = `probability`, from 0.5 to 0.99, at `freedom` >= 1; to five digits."""
    normal = NormalDist().inv_cdf(probability)
    if freedom >= ENOUGH:
        return normal
    # With t = sqrt(freedom) tan(angle) the probability is an integral of a cosine's power, up to the angle.
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    wanted, low, high = (probability - 0.5) / constant, 0.0, math.pi / 2
    angle = math.atan(normal / math.sqrt(freedom))
    for _ in range(60):
        excess = _power_integral(angle, freedom - 1) - wanted
        low, high = (angle, high) if excess < 0 else (low, angle)
        step = angle - excess / max(math.cos(angle) ** (freedom - 1), 1e-300)
        previous, angle = angle, step if low < step < high else (low + high) / 2
        if abs(angle - previous) < 1e-14:
            break
    return math.sqrt(freedom) * math.tan(angle)


def _power_integral(angle: float, power: float) -> float:
    """Return the integral of cos(x)**power from 0 to `angle`, by Simpson's rule."""
    width = angle / PANELS
    values: list[float] = [math.cos(place * width) ** power for place in range(PANELS + 1)]
    return width / 3 * (values[0] + 4 * sum(values[1:-1:2]) + 2 * sum(values[2:-1:2]) + values[-1])
