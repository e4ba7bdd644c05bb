import itertools
import time
from fractions import Fraction

import pytest

from polyproof_gym import Problem, Proof, ProofState, make_problem, polynomial
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs.certificate import combination_proof
from polyproof_gym.proofs.squares import (
    Block,
    Coordinates,
    Localisers,
    Relaxation,
    exact_combination,
    facial_squares,
)
from polyproof_gym.proofs.squares.deriving import SquareDeriver


def choices(problem: Problem, degree: int, points: list[list[Fraction]]) -> list[list[tuple[Block, Polynomial]]]:
    coordinates = Coordinates(problem.ring)
    localisers = Localisers(coordinates, problem.minimised, problem.axioms)
    blocks, equations = localisers.blocks(degree, [tuple(range(problem.num_variables))])
    relaxation = Relaxation(coordinates, problem.minimised, blocks, equations)
    return [*facial_squares(relaxation, points, time.monotonic() + 60.0)]


def combinations(problem: Problem, degree: int, points: list[list[Fraction]]) -> list[Proof]:
    """The exact proofs among the choices."""
    proofs = []
    excess = problem.minimised - problem.minimised.evaluate(points[0])
    for squares in choices(problem, degree, points):
        deriver = SquareDeriver(ProofState(problem, max_steps=0, rules=()))
        for block, root in squares:
            deriver.derive(block, root)
        multipliers = exact_combination(deriver.state.memory, excess)
        if multipliers is not None:
            proofs.append(combination_proof(deriver.state, multipliers))
    return proofs


def in_unit(problem: Problem, *points: list[int | str]) -> list[list[Fraction]]:
    return [
        [(Fraction(x) - low) / (high - low) for x, (low, high) in zip(point, problem.box, strict=True)]
        for point in points
    ]


MOTZKIN = [[1, 1], [1, -1], [-1, 1], [-1, -1]]


def test_all_squares_vanish_at_the_minimisers() -> None:
    problem = make_problem("motzkin")
    points = in_unit(problem, *MOTZKIN)  # type: ignore[arg-type]
    found = choices(problem, 6, points)
    assert found
    for block, root in itertools.chain(*found):
        for point in points:
            assert root.evaluate(point) ** 2 * block.localiser.evaluate(point) == 0


@pytest.mark.parametrize(
    ("spec", "degree", "points"),
    [("motzkin", 6, MOTZKIN), ("magnetism", 2, [["1/2", 0, 0, 0, 0, 0, 0]]), ("schwefel", 4, [[1, 1, 1]])],
)
def test_some_combine_exactly(spec: str, degree: int, points: list[list[int | str]]) -> None:
    problem = make_problem(spec)
    proofs = combinations(problem, degree, in_unit(problem, *points))
    assert proofs
    for proof in proofs:
        assert proof.bound == problem.incumbent
        proof.verify()


def test_sums_of_squares_without_an_interior_are_found_among_short_vectors() -> None:
    problem = polynomial("(1 - x)^2 + 100*(y - x^2)^2", box=[(-2, 2)] * 2, variables=["x", "y"])
    shortest = min(combinations(problem, 4, in_unit(problem, [1, 1])), key=lambda proof: len(proof.reasons))
    assert len(shortest.reasons) == 2


def test_none_of_too_small_a_degree_combine() -> None:
    """The form of Choi and Lam is no sum of squares of degree 4 on this box."""
    problem = make_problem("choi-lam")
    assert not combinations(problem, 4, in_unit(problem, [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]))


def test_vectors_that_are_rounded_to_the_same_make_no_pairs() -> None:
    """Minimisers on a whole line leave a space of long vectors, of which few binary places tell some apart no more."""
    problem = polynomial("x^4 + 1000000*x^2*y^2", box=[(-1, 100), (-1, 1)])
    points = in_unit(problem, [0, 0], [0, "1/3"], [0, "2/3"], [0, 1])
    for squares in choices(problem, 8, points):
        assert all(root for _, root in squares)


def test_squares_that_vanish_everywhere_are_no_trouble() -> None:
    """Of a Boolean variable, ``(2 b - 2)^2`` times ``b`` is zero."""
    problem = polynomial("2*b - x", box={"x": (0, 1)}, boolean="b", constraints=["x + b <= 1"], variables="x b")
    assert choices(problem, 4, [[Fraction(1), Fraction(0)]])
