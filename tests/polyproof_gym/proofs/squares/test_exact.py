from fractions import Fraction

import pytest

from polyproof_gym import Problem, ProofState, make_problem
from polyproof_gym.proofs import certify
from polyproof_gym.proofs.squares import Coordinates, FacialSquares, Localisers, Relaxation, facial_squares
from polyproof_gym.proofs.squares.deriving import SquareDeriver


def squares(problem: Problem, degree: int, points: list[list[Fraction]]) -> FacialSquares | None:
    coordinates = Coordinates(problem.ring)
    blocks, equations = Localisers(coordinates, problem.axioms).blocks(degree, [tuple(range(problem.num_variables))])
    relaxation = Relaxation(coordinates, problem.minimised, blocks, equations)
    return facial_squares(relaxation, points, [True] * len(blocks), 60.0)


def in_unit(problem: Problem, *points: list[int | str]) -> list[list[Fraction]]:
    return [
        [(Fraction(x) - low) / (high - low) for x, (low, high) in zip(point, problem.box, strict=True)]
        for point in points
    ]


MOTZKIN = [[1, 1], [1, -1], [-1, 1], [-1, -1]]


def test_all_squares_vanish_at_the_minimisers() -> None:
    problem = make_problem("motzkin")
    points = in_unit(problem, *MOTZKIN)  # type: ignore[arg-type]
    found = squares(problem, 6, points)
    assert found is not None
    for block, root in (*found.roots, *found.pairs):
        for point in points:
            assert root.evaluate(point) ** 2 * block.localiser.evaluate(point) == 0


@pytest.mark.parametrize(
    ("spec", "degree", "points"),
    [("motzkin", 6, MOTZKIN), ("magnetism", 2, [["1/2", 0, 0, 0, 0, 0, 0]]), ("schwefel", 4, [[1, 1, 1]])],
)
def test_they_combine_exactly(spec: str, degree: int, points: list[list[int | str]]) -> None:
    problem = make_problem(spec)
    found = squares(problem, degree, in_unit(problem, *points))
    assert found is not None
    deriver = SquareDeriver(ProofState(problem, max_steps=0, rules=()))
    for block, root in (*found.roots, *found.pairs):
        deriver.derive(block, root)
    proof = certify(deriver.state)
    assert proof.bound == problem.incumbent
    proof.verify()


def test_there_are_none_of_too_small_a_degree() -> None:
    """The form of Choi and Lam is no sum of squares of degree 4 on this box."""
    problem = make_problem("choi-lam")
    assert squares(problem, 4, in_unit(problem, [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1])) is None
