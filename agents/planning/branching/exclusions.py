"""Problems that are a weighted graph: a sum of Boolean variables, some pairs of which exclude each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import Problem

VertexSet = int
"""A set of vertices as a bit mask: vertex ``v`` is in it where bit ``v`` is set."""


@dataclass(frozen=True)
class Exclusions:
    """The largest weight of a set of vertices that do not exclude each other is to be bounded.

    Attributes:
        neighbours: What every vertex excludes.
        weights: The weights, whole numbers; only those above 0 can make a set better.
        scale: What the problem's own weights were multiplied by.
    """

    neighbours: tuple[VertexSet, ...]
    weights: tuple[int, ...]
    scale: int = 1

    @classmethod
    def of(cls, problem: Problem, name: str) -> Exclusions:
        """What a problem comes to.

        Args:
            problem: The problem.
            name: Who asks, for messages.

        Raises:
            BadInput: If it has other variables, constraints, or an objective that is no sum of variables.
        """
        ring, minimised = problem.ring, problem.minimised
        if len(ring.idempotent) < problem.num_variables or problem.constraints or minimised.degree > 1:
            raise BadInput(
                f"{name}: expected Boolean variables, no constraints but pairs that exclude each other, and a sum of"
                f" variables as objective, as in a stable set problem, got {problem.name}"
            )
        own = [-minimised.terms.get((v,), 0) for v in range(problem.num_variables)]
        scale = math.lcm(*(weight.denominator for weight in own))
        matrix = np.packbits(ring.exclusion_matrix, axis=1, bitorder="little")
        return cls(
            neighbours=tuple(int.from_bytes(row.tobytes(), "little") for row in matrix),
            weights=tuple(int(weight * scale) for weight in own),
            scale=scale,
        )

    @property
    def vertices(self) -> VertexSet:
        """The vertices with a weight above 0."""
        return vertex_set(v for v, weight in enumerate(self.weights) if weight > 0)

    def weight(self, chosen: Iterable[int]) -> int:
        """The weight of some vertices together."""
        return sum(self.weights[v] for v in chosen)


def vertex_set(vertices: Iterable[int]) -> VertexSet:
    """The set of some vertices."""
    return sum(1 << v for v in {*vertices})


def members(chosen: VertexSet) -> Iterator[int]:
    """The vertices of a set, ascending."""
    while chosen:
        lowest = chosen & -chosen
        yield lowest.bit_length() - 1
        chosen ^= lowest
