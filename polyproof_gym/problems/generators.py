"""Random problems: the protocol of the learning results, and random polynomials on the unit box."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import comb

import numpy as np

from polyproof_gym.arguments import finite, seed_number, shown, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.problems.graph_forms import MAX_VERTICES
from polyproof_gym.problems.problem import Problem, ProblemGenerator, ProblemShape, is_generator
from polyproof_gym.problems.stable_set import stable_set_from_edges

# Training and test problems are drawn from generators seeded with different spawn keys, so that whatever seeds are
# used, the two streams are independent and never coincide. (A single graph so small or so dense that there is hardly
# another can still be drawn in both.)
_TRAIN, _TEST = 0, 1

MAX_WEIGHT = 10**6
"""Largest weight of a vertex of a random graph."""


def _training_stream(rng: np.random.Generator) -> np.random.Generator:
    seed = int(rng.integers(2**63))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_TRAIN,)))


def _test_stream(index: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(index, spawn_key=(_TEST,)))


def _checked_index(index: int) -> int:
    return seed_number(index, "index")


@dataclass(frozen=True)
class RandomStableSet:
    """Maximum stable set of ``G(n, p)``, ``n`` and ``p`` uniform in their ranges.

    The defaults of ``p`` are the protocol of "Learning dynamic polynomial proofs" (Fawzi et al., NeurIPS 2019).

    Attributes:
        n_min: Fewest vertices.
        n_max: Most vertices.
        p_min: Smallest probability of an edge.
        p_max: Largest probability of an edge.
        max_weight: Largest weight of a vertex; weights are uniform whole numbers from 1 on.
    """

    n_min: int
    n_max: int
    p_min: float = 0.5
    p_max: float = 1.0
    max_weight: int = 1

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            BadInput: If a range is empty or leaves what makes sense.
        """
        for name in ("n_min", "n_max"):
            object.__setattr__(self, name, whole(getattr(self, name), name, 1, MAX_VERTICES))
        object.__setattr__(self, "max_weight", whole(self.max_weight, "max_weight", 1, MAX_WEIGHT))
        for name in ("p_min", "p_max"):
            object.__setattr__(self, name, finite(getattr(self, name), name, 0, 1))
        if self.n_min > self.n_max:
            raise BadInput(f"expected n_min <= n_max, got {self.n_min} and {self.n_max}")
        if self.p_min > self.p_max:
            raise BadInput(f"expected p_min <= p_max, got {self.p_min} and {self.p_max}")

    @property
    def name(self) -> str:
        """The spec string."""
        n = f"n={self.n_min}" if self.n_min == self.n_max else f"n_min={self.n_min},n_max={self.n_max}"
        weights = f",max_weight={self.max_weight}" if self.max_weight > 1 else ""
        return f"random-stable-set:{n},p_min={self.p_min},p_max={self.p_max}{weights}"

    @property
    def shape(self) -> ProblemShape:
        """Limits that every problem drawn keeps."""
        return ProblemShape(self.n_max, 2 * self.n_max, degree=1, max_terms=2, objective_terms=self.n_max)

    def sample(self, rng: np.random.Generator) -> Problem:
        """Draw a training problem."""
        return self._draw(_training_stream(rng), self.name)

    def held_out(self, index: int) -> Problem:
        """Test problem number ``index``."""
        index = _checked_index(index)
        return self._draw(_test_stream(index), f"{self.name},index={index}")

    def _draw(self, rng: np.random.Generator, name: str) -> Problem:
        n = int(rng.integers(self.n_min, self.n_max + 1))
        p = rng.uniform(self.p_min, self.p_max)
        edges = np.argwhere(np.triu(rng.random((n, n)) < p, k=1))
        weights = rng.integers(1, self.max_weight + 1, size=n).tolist() if self.max_weight > 1 else None
        return stable_set_from_edges([f"x{i + 1}" for i in range(n)], edges, weights, name=name)


@dataclass(frozen=True)
class RandomPolynomial:
    """Minimum over ``[0, 1]^n``, or over ``{0, 1}^n``, of a random polynomial with small integer coefficients.

    Attributes:
        n: Number of variables.
        degree: Largest degree of a term.
        terms: Number of terms drawn, each a uniform monomial of degree 1 to ``degree`` with a coefficient in
            ``-9 .. 9`` other than 0; equal monomials are added.
        boolean: 1 if the variables are 0 or 1, and 0 if they lie between.
    """

    n: int
    degree: int
    terms: int
    boolean: int = 0

    def __post_init__(self) -> None:
        """Check the sizes.

        Raises:
            BadInput: If a size is out of its range.
        """
        for name, most in (("n", 50), ("degree", 8), ("terms", 500)):
            object.__setattr__(self, name, whole(getattr(self, name), name, 1, most))
        object.__setattr__(self, "boolean", whole(self.boolean, "boolean", 0, 1))

    @property
    def name(self) -> str:
        """The spec string."""
        boolean = ",boolean=1" if self.boolean else ""
        return f"random-polynomial:n={self.n},degree={self.degree},terms={self.terms}{boolean}"

    @property
    def shape(self) -> ProblemShape:
        """Limits that every problem drawn keeps."""
        monomials = min(self.terms, comb(self.n + self.degree, self.degree))
        return ProblemShape(self.n, 2 * self.n, self.degree, max_terms=2, objective_terms=monomials)

    def sample(self, rng: np.random.Generator) -> Problem:
        """Draw a training problem."""
        return self._draw(_training_stream(rng), self.name)

    def held_out(self, index: int) -> Problem:
        """Test problem number ``index``."""
        index = _checked_index(index)
        return self._draw(_test_stream(index), f"{self.name},index={index}")

    def _draw(self, rng: np.random.Generator, name: str) -> Problem:
        ring = Ring([f"x{i + 1}" for i in range(self.n)], range(self.n) if self.boolean else ())
        while True:
            terms = []
            for _ in range(self.terms):
                variables = rng.integers(self.n, size=int(rng.integers(1, self.degree + 1))).tolist()
                terms.append((variables, int(rng.integers(1, 10)) * int(rng.choice((-1, 1)))))
            objective = Polynomial.of(ring, terms)
            if objective.degree:  # all terms may have cancelled
                return problem_on_unit_box(name, objective)


@dataclass(frozen=True)
class Mixture:
    """Problems of several generators, each as likely as the others.

    Attributes:
        parts: The generators.
    """

    parts: tuple[ProblemGenerator, ...]

    def __post_init__(self) -> None:
        """Check that there are any.

        Raises:
            BadInput: If there are none.
        """
        if not (isinstance(self.parts, tuple | list) and self.parts):
            raise BadInput("expected at least one generator")
        for part in self.parts:
            if not is_generator(part):
                raise BadInput(f"expected generators as parts of a mixture, got {shown(part)}")
        object.__setattr__(self, "parts", tuple(self.parts))

    @property
    def name(self) -> str:
        """The spec strings of all, for people: a mixture has none of its own."""
        return " or ".join(part.name for part in self.parts)

    @property
    def shape(self) -> ProblemShape:
        """Limits that every problem drawn keeps."""
        return ProblemShape(*map(max, zip(*(astuple(part.shape) for part in self.parts), strict=True)))

    def sample(self, rng: np.random.Generator) -> Problem:
        """Draw a training problem."""
        return self.parts[int(rng.integers(len(self.parts)))].sample(rng)

    def held_out(self, index: int) -> Problem:
        """Test problem number ``index``; the generators take turns."""
        turn, number = divmod(_checked_index(index), len(self.parts))
        return self.parts[number].held_out(turn)
