"""Means over instances and training seeds, with bootstrap intervals."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import trim_mean

RESAMPLES = 2000
"""Number of bootstrap samples."""

COVERAGE = 0.95
"""Share of the bootstrap samples whose means the interval holds."""

Values = NDArray[np.float64]
"""One number per training seed and instance, shape ``(seeds, instances)``; instances are the same for all seeds."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval.

    Attributes:
        value: The mean.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return self.rounded(2)

    def rounded(self, digits: int, sign: str = "") -> str:
        """Mean and interval with so many digits after the point; ``sign`` is ``"+"`` where positive ones get a sign."""
        value, low, high = (f"{number:{sign}.{digits}f}" for number in (self.value, self.low, self.high))
        return f"{value} [{low}, {high}]"


def mean(values: Values) -> Estimate:
    """The mean over instances of the mean over seeds.

    The interval is that of the percentile bootstrap, in which seeds and instances are both drawn anew. With few seeds
    it is too narrow in what it says about further seeds, and with one it says nothing about them: give the spread of
    the means of single seeds beside it.

    Args:
        values: One number per seed and instance.
    """
    instances, rng = _instances(values.shape[1])
    return _estimate(float(values.mean()), _means(values, instances, rng))


def mean_difference(values: Values, others: Values) -> Estimate:
    """The mean of ``values`` minus that of ``others``, compared instance by instance.

    In the bootstrap both have the same instances, and each has seeds of its own.

    Args:
        values: One number per seed and instance.
        others: Likewise, for the same instances.
    """
    instances, rng = _instances(values.shape[1])
    samples = _means(values, instances, rng) - _means(others, instances, rng)
    return _estimate(float(values.mean() - others.mean()), samples)


def interquartile_mean(values: Values) -> float:
    """The mean over the middle half of the instances, each with its mean over the seeds.

    A quarter of the instances, rounded down, is left out at either end.
    """
    return float(trim_mean(values.mean(axis=0), 0.25))


def seed_means(values: Values) -> list[float]:
    """The mean over the instances for every single seed."""
    means: list[float] = values.mean(axis=1).tolist()
    return means


def _instances(count: int) -> tuple[Values, np.random.Generator]:
    """The draws of so many instances, the same for all estimates, and what the seeds are drawn with."""
    instances, rng = _drawn(count)
    return instances, deepcopy(rng)


@lru_cache(maxsize=1)
def _drawn(count: int) -> tuple[Values, np.random.Generator]:
    """The draws of so many instances, and the generator after them, which nobody may use."""
    rng = np.random.default_rng(0)
    return _weights(count, rng), rng


def _weights(count: int, rng: np.random.Generator) -> Values:
    """How often each of ``count`` things is drawn, as a share, shape ``(RESAMPLES, count)``."""
    return rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count


def _means(values: Values, instances: Values, rng: np.random.Generator) -> Values:
    """The mean in every bootstrap sample, shape ``(RESAMPLES,)``, for given draws of the instances."""
    means: Values = ((_weights(len(values), rng) @ values) * instances).sum(axis=1)
    return means


def _estimate(value: float, samples: Values) -> Estimate:
    low, high = np.quantile(samples, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2]).tolist()
    return Estimate(value, low, high)
