"""Configurations in which distributions stand for some values."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from experiments.train.settings import change
from polyproof_gym import BadInput
from polyproof_gym.arguments import is_finite_number, shown
from polyproof_gym.specs import unknown

DIGITS = 3
"""Significant digits of the numbers that are drawn: they can be typed again."""

ATTEMPTS = 100
"""How often a configuration is drawn that is not there already."""

_CALL = re.compile(r"\s*([A-Za-z_]+)\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True)
class Distribution:
    """What a value is drawn from.

    Attributes:
        name: One of :data:`DISTRIBUTIONS`.
        arguments: Its arguments.
    """

    name: str
    arguments: tuple[Any, ...]

    def draw(self, rng: np.random.Generator) -> Any:
        """A value, as plain data."""
        return DISTRIBUTIONS[self.name](rng, *self.arguments)


def _choice(rng: np.random.Generator, *values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def _uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return _rounded(rng.uniform(low, high), low, high)


def _loguniform(rng: np.random.Generator, low: float, high: float) -> float:
    return _rounded(math.exp(rng.uniform(math.log(low), math.log(high))), low, high)


def _integer(rng: np.random.Generator, low: int, high: int) -> int:
    return int(rng.integers(low, high, endpoint=True))


def _rounded(value: float, low: float, high: float) -> float:
    return min(max(float(f"{value:.{DIGITS}g}"), low), high)


DISTRIBUTIONS: dict[str, Callable[..., Any]] = {
    "choice": _choice,
    "integer": _integer,
    "loguniform": _loguniform,
    "uniform": _uniform,
}
"""How values are drawn: ``choice(a, b, ...)``, and numbers from ``low`` to ``high``, both included."""


def distributions_in(content: Mapping[str, Any]) -> dict[str, Distribution]:
    """The values of a configuration that are distributions, by their keys with points between.

    Raises:
        BadInput: If one is not as expected, or there is none.
    """
    found = {".".join(keys): distribution for keys, distribution in _found(content, ())}
    if not found:
        raise BadInput("expected a distribution somewhere, such as --set 'settings.step_size=loguniform(0.1, 3)'")
    return found


def _found(content: Mapping[str, Any], outer: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Distribution]]:
    for key, value in content.items():
        keys = (*outer, str(key))
        if isinstance(value, Mapping):
            yield from _found(value, keys)
        elif isinstance(value, str) and (match := _CALL.fullmatch(value)):
            yield keys, _distribution(".".join(keys), value, *match.groups())


def _distribution(key: str, text: str, name: str, arguments: str) -> Distribution:
    if name not in DISTRIBUTIONS:
        raise unknown("distribution", name, DISTRIBUTIONS)
    try:
        values = yaml.safe_load(f"[{arguments}]")
    except yaml.YAMLError:
        raise BadInput(f"{key}: expected {name} of values with commas between, got {shown(text)}") from None
    if name == "choice":
        if not values:
            raise BadInput(f"{key}: expected values to choose from, got {shown(text)}")
        return Distribution(name, tuple(values))
    numbers = tuple(_number(value) for value in values)
    kind = int if name == "integer" else float
    is_range = len(numbers) == 2 and all(is_finite_number(number) for number in numbers) and numbers[0] < numbers[1]
    if not is_range or any(kind(number) != number for number in numbers):
        raise BadInput(f"{key}: expected {name}(low, high) with {_kind(name)}, got {shown(text)}")
    if name == "loguniform" and numbers[0] <= 0:
        raise BadInput(f"{key}: expected {name}(low, high) with positive numbers, got {shown(text)}")
    return Distribution(name, tuple(kind(number) for number in numbers))


def _kind(name: str) -> str:
    return "whole numbers" if name == "integer" else "numbers"


def _number(value: Any) -> Any:
    """A number as it was typed: for YAML, ``1e-4`` is text."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def draw(
    content: dict[str, Any], distributions: Mapping[str, Distribution], samples: int, seed: int
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Different configurations; the first ones are the same however many there are.

    Args:
        content: The configuration.
        distributions: Those in it.
        samples: Most configurations; there are fewer where there are no more different ones.
        seed: Source of all randomness.

    Returns:
        For each the values drawn by their keys, and the whole configuration.
    """
    drawn: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for number in range(samples):
        rng = np.random.default_rng((seed, number))
        for _ in range(ATTEMPTS):
            values = {key: distribution.draw(rng) for key, distribution in distributions.items()}
            identity = json.dumps(values, default=str)
            if identity not in drawn:
                drawn[identity] = values, _with(content, values)
                break
    return [*drawn.values()]


def _with(content: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(content)
    for key, value in values.items():
        change(changed, key.split("."), value)
    return changed
