import copy
import dataclasses
import hashlib
import itertools
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.problems import (
    Mixture,
    Problem,
    ProblemGenerator,
    RandomPolynomial,
    RandomRobustMargin,
    RandomStableSet,
    make_problem,
    make_source,
    stability_number,
)

GENERATORS = [
    *(RandomStableSet(12, 12), RandomStableSet(5, 15, 0.2, 0.9), RandomStableSet(6, 9, max_weight=10)),
    *(RandomPolynomial(3, 3, 8), RandomPolynomial(6, 2, 12, boolean=1)),
    *(RandomRobustMargin(latent=4), RandomRobustMargin("iris-quadratic", 2, "quadratic", radius="1/7", norm="2")),
]
each_generator = pytest.mark.parametrize("generator", GENERATORS, ids=lambda generator: generator.name)


def content(problem: Problem) -> tuple[Any, ...]:
    return (problem.objective, problem.axioms, problem.sense, problem.feasible_point, problem.variables)


def fits(problem: Problem, generator: ProblemGenerator) -> bool:
    actual, limit = dataclasses.astuple(problem.shape), dataclasses.astuple(generator.shape)
    return all(a <= b for a, b in zip(actual, limit, strict=True))


@each_generator
def test_is_a_problem_generator(generator: ProblemGenerator) -> None:
    assert isinstance(generator, ProblemGenerator)


@each_generator
def test_same_rng_draws_the_same_problem(generator: ProblemGenerator) -> None:
    first, second = np.random.default_rng(5), np.random.default_rng(5)
    drawn = [content(generator.sample(first)) for _ in range(3)]
    generator.sample(np.random.default_rng(99))
    generator.held_out(3)
    assert [content(copy.deepcopy(generator).sample(second)) for _ in range(3)] == drawn
    assert drawn[0] != drawn[1] != drawn[2]


@each_generator
def test_held_out_problems_are_reproducible_and_distinct(generator: ProblemGenerator) -> None:
    problems = [generator.held_out(i) for i in range(20)]
    assert [content(generator.held_out(i)) for i in range(20)] == [content(p) for p in problems]
    assert len({(p.objective, p.ring) for p in problems}) == 20
    assert len({p.name for p in problems}) == 20


@each_generator
def test_a_held_out_problem_is_made_again_from_its_name(generator: ProblemGenerator) -> None:
    problem = generator.held_out(4)
    again = make_problem(problem.name)
    assert content(again) == content(problem)
    assert again.name == problem.name


@each_generator
def test_a_generator_is_made_again_from_its_name(generator: ProblemGenerator) -> None:
    assert make_source(generator.name) == generator


@each_generator
def test_generators_are_frozen_values(generator: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(generator, dataclasses.fields(generator)[0].name, 1)
    for other in (copy.deepcopy(generator), pickle.loads(pickle.dumps(generator))):
        assert other == generator
        assert hash(other) == hash(generator)
        assert content(other.held_out(1)) == content(generator.held_out(1))


@each_generator
def test_limits_of_the_shape_hold(generator: ProblemGenerator) -> None:
    rng = np.random.default_rng(0)
    problems = [generator.sample(rng) for _ in range(15)] + [generator.held_out(i) for i in range(15)]
    assert all(fits(problem, generator) for problem in problems)


def test_training_and_test_problems_differ() -> None:
    """Whatever seeds a training uses: the numbers of the test problems, or sequences with any spawn key.

    Complete graphs, which p = 1 makes likely, would be equal without having been drawn from equal streams.
    """
    generator = RandomStableSet(20, 20, 0.5, 0.9)
    seeds: list[Callable[[int], Any]] = [
        lambda i: i,
        lambda i: np.random.SeedSequence(i).spawn(1)[0],
        lambda i: np.random.SeedSequence(i, spawn_key=(1,)),
        lambda i: [i, 2, 3],
    ]
    test = {generator.held_out(i).ring.exclusive for i in range(100)}
    train = {generator.sample(np.random.default_rng(seed(i))).ring.exclusive for i in range(100) for seed in seeds}
    assert len(test) == 100
    assert len(train) == 400
    assert not test & train


def test_numbers_of_vertices_cover_their_range() -> None:
    rng = np.random.default_rng(1)
    sizes = {RandomStableSet(4, 8).sample(rng).num_variables for _ in range(100)}
    assert sizes == {4, 5, 6, 7, 8}


@pytest.mark.parametrize(("p_min", "p_max"), [(0.5, 1.0), (0.0, 0.2), (0.7, 0.7)])
def test_mean_density_of_edges_is_that_of_the_range(p_min: float, p_max: float) -> None:
    generator, rng = RandomStableSet(20, 20, p_min, p_max), np.random.default_rng(2)
    densities = [len(generator.sample(rng).ring.exclusive) / 190 for _ in range(150)]
    assert np.mean(densities) == pytest.approx((p_min + p_max) / 2, abs=0.04)
    assert min(densities) > p_min - 0.15
    assert max(densities) < p_max + 0.15


@pytest.mark.parametrize(("p", "edges"), [(0.0, 0), (1.0, 45)])
def test_extreme_probabilities(p: float, edges: int) -> None:
    assert len(RandomStableSet(10, 10, p, p).held_out(0).ring.exclusive) == edges


def test_protocol_graphs_have_the_published_mean_stability_number() -> None:
    """3.33 for n = 15 over 30 other graphs; the tolerance is some three standard errors of the difference."""
    generator = RandomStableSet(15, 15)
    assert np.mean([stability_number(generator.held_out(i)) for i in range(30)]) == pytest.approx(3.33, abs=0.75)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 10), st.integers(0, 2**32))
def test_random_polynomials_have_small_integers_and_a_feasible_point(
    n: int, degree: int, terms: int, seed: int
) -> None:
    generator = RandomPolynomial(n, degree, terms)
    problem = generator.sample(np.random.default_rng(seed))
    assert fits(problem, generator)
    assert problem.sense == "min"
    assert problem.objective.degree >= 1
    assert problem.objective.constant_term == 0
    assert all(type(c) is int and abs(c) <= 9 * terms for c in problem.objective.terms.values())
    assert problem.incumbent is not None
    assert problem.trivial_bound <= problem.incumbent


def digest(problem: Problem) -> str:
    """What is asked, in sixteen digits."""
    terms = [(monomial, str(c)) for monomial, c in problem.objective.sorted_terms()]
    statement = [problem.name, sorted(problem.ring.exclusive), terms, problem.sense]
    return hashlib.sha256(json.dumps(statement).encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("generator", "held_out", "drawn"),
    [
        (RandomStableSet(12, 12), "8b1892da2240e1fd", "60e24afa9e1906cf"),
        (RandomStableSet(5, 15, 0.2, 0.9), "ec95ed8d509b47c4", "50fa91cc9378684d"),
        (RandomPolynomial(3, 3, 8), "db018d6f05ff6a01", "d92c60a94f2c86d3"),
        (RandomRobustMargin(latent=4), "d6a9b102476c1f0c", "332c6a22b2ee401f"),
    ],
)
def test_problems_are_the_same_in_all_versions(generator: ProblemGenerator, held_out: str, drawn: str) -> None:
    """So that results on them can be compared; names without weights and Boolean variables are as they were first."""
    assert digest(generator.held_out(3)) == held_out
    assert digest(generator.sample(np.random.default_rng(7))) == drawn


def test_weights_are_whole_numbers_of_their_range_on_the_same_graphs() -> None:
    plain, weighted = RandomStableSet(12, 12), RandomStableSet(12, 12, max_weight=4)
    counts = dict.fromkeys(range(1, 5), 0)
    for index in range(40):
        problem = weighted.held_out(index)
        assert problem.ring == plain.held_out(index).ring
        assert len(problem.objective) == 12
        for monomial, weight in problem.objective.terms.items():
            assert len(monomial) == 1
            counts[int(weight)] += 1
    assert sum(counts.values()) == 480
    assert min(counts.values()) > 80


def test_weights_of_one_are_none() -> None:
    assert RandomStableSet(5, 9, max_weight=1) == RandomStableSet(5, 9)
    assert "weight" not in RandomStableSet(5, 9).name
    assert set(RandomStableSet(5, 9).held_out(0).objective.terms.values()) == {1}


def test_boolean_polynomials_are_minimised_over_zero_and_one() -> None:
    generator, rng = RandomPolynomial(4, 3, 9, boolean=1), np.random.default_rng(0)
    for _ in range(10):
        problem = generator.sample(rng)
        assert problem.ring.idempotent == frozenset(range(4))
        assert all(len(set(monomial)) == len(monomial) for monomial in problem.objective.terms)
        values = [problem.objective.evaluate(point) for point in itertools.product((0, 1), repeat=4)]
        assert problem.incumbent is not None
        assert problem.trivial_bound <= min(values) <= problem.incumbent
        assert problem.incumbent in values


def test_numbers_of_numpy_make_the_same_generators() -> None:
    assert RandomStableSet(5, 9, max_weight=np.int64(7)).name == RandomStableSet(5, 9, max_weight=7).name  # type: ignore[arg-type]
    assert RandomPolynomial(3, 2, 4, boolean=np.int8(1)) == RandomPolynomial(3, 2, 4, boolean=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "build",
    [
        lambda: RandomStableSet(5, 5, max_weight=0),
        lambda: RandomStableSet(5, 5, max_weight=10**6 + 1),
        lambda: RandomStableSet(5, 5, max_weight=2.5),  # type: ignore[arg-type]
        lambda: RandomPolynomial(3, 3, 8, boolean=2),
        lambda: RandomPolynomial(3, 3, 8, boolean=-1),
        lambda: RandomPolynomial(3, 3, 8, boolean=True),
        lambda: RandomStableSet(0, 5),
        lambda: RandomStableSet(6, 5),
        lambda: RandomStableSet(5, 2001),
        lambda: RandomStableSet(5, 5, -0.1, 1),
        lambda: RandomStableSet(5, 5, 0.5, 1.1),
        lambda: RandomStableSet(5, 5, 0.9, 0.1),
        lambda: RandomStableSet(5, 5, float("nan"), 1),
        lambda: RandomPolynomial(0, 3, 8),
        lambda: RandomPolynomial(51, 3, 8),
        lambda: RandomPolynomial(3, 0, 8),
        lambda: RandomPolynomial(3, 9, 8),
        lambda: RandomPolynomial(3, 3, 0),
        lambda: RandomPolynomial(3, 3, 501),
    ],
)
def test_bad_ranges(build: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match=r"^expected [^\n]+$"):
        build()


@each_generator
def test_negative_index(generator: ProblemGenerator) -> None:
    with pytest.raises(BadInput, match=r"^expected a whole number [^\n]* as index, got -1$"):
        generator.held_out(-1)


def test_a_mixture_draws_from_all_its_parts() -> None:
    parts = RandomStableSet(4, 6), RandomPolynomial(3, 3, 8), RandomStableSet(9, 9)
    mixture, rng = Mixture(parts), np.random.default_rng(0)
    drawn = [mixture.sample(rng) for _ in range(300)]
    counts = [sum(problem.name == part.name for problem in drawn) for part in parts]
    assert sum(counts) == 300
    assert min(counts) > 70
    assert all(fits(problem, mixture) for problem in drawn)
    held_out = [mixture.held_out(index).name for index in range(6)]
    assert held_out == [part.held_out(index).name for index in range(2) for part in parts]


def test_a_mixture_of_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="at least one generator"):
        Mixture(())
