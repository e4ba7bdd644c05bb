from typing import Any

import numpy as np
import pytest

from polyproof_gym import Problem, make_problem, polynomial
from polyproof_gym.proofs.squares import Block, Coordinates, Localisers, Relaxation, cliques


def relaxation(problem: Problem, degree: int | None = None, sparse: bool = False) -> Relaxation:
    coordinates = Coordinates(problem.ring)
    localisers = Localisers(coordinates, problem.minimised, problem.axioms)
    sets = [tuple(range(problem.num_variables))]
    if sparse:
        sets = cliques(problem.minimised, localisers.variable_sets)
    return Relaxation(
        coordinates,
        problem.minimised,
        *localisers.blocks(localisers.degree if degree is None else degree, sets),
    )


@pytest.mark.parametrize(
    ("spec", "degree", "value"),
    [
        ("magnetism", 2, -0.25),
        ("caprasse", 4, -3.1800966),
        ("motzkin", 6, 0.0),
        ("choi-lam", 6, 0.0),
        ("cycle:n=5", 2, -(5**0.5)),
        ("petersen", 2, -4.0),
    ],
)
def test_values_of_known_relaxations(spec: str, degree: int, value: float) -> None:
    solution = relaxation(make_problem(spec), degree).solve(60.0)
    assert solution is not None
    assert solution.bound == pytest.approx(value, abs=1e-4)


def test_gram_matrices_combine_to_the_objective() -> None:
    problem = make_problem("motzkin")
    program = relaxation(problem)
    solution = program.solve(60.0)
    assert solution is not None
    for u in np.random.default_rng(0).random((10, 2)):
        moments = np.array([np.prod([2 * u[i] - 1 for i in m]) for m in program.moments])
        matrices = program.moment_matrices(moments)
        combined = sum(float((g * m).sum()) for g, m in zip(solution.grams, matrices, strict=True))
        value = sum(float(c) * np.prod([u[i] for i in m]) for m, c in problem.objective.terms.items())
        assert combined + solution.bound == pytest.approx(value, abs=1e-4)


def test_equations_need_no_sign() -> None:
    problem = polynomial("x*y", box={"x": (0, 1), "y": (0, 1)}, sense="max", constraints=["x + y == 1"])
    program = relaxation(problem)
    assert [equation.axioms for equation in program.equations] == [(4, 5)]
    solution = program.solve(60.0)
    assert solution is not None
    assert solution.bound == pytest.approx(-0.25, abs=1e-6)


def test_sparse_problems_have_small_blocks() -> None:
    terms = " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(1, 12))
    problem = polynomial(terms, box=[(-2, 2)] * 12)
    program = relaxation(problem, sparse=True)
    assert max(len(block.basis) for block in program.blocks) == 6
    solution = program.solve(60.0)
    assert solution is not None
    assert solution.bound == pytest.approx(0.0, abs=1e-2)


def test_what_no_square_has_is_not_solved_for() -> None:
    problem = make_problem("motzkin")
    assert relaxation(problem, degree=4).solve(60.0) is None


def test_what_would_take_too_long_is_not_begun() -> None:
    program = relaxation(make_problem("heart"))
    assert program.expected_seconds > 0.01
    assert program.solve(0.01) is None


class _Failing:
    """A solver's answer of which nothing can be used."""

    def __init__(self, value: float, duals: list[float], status: str) -> None:
        self.obj_val, self.z, self.status = value, duals, status


@pytest.mark.parametrize(
    ("value", "dual", "status"),
    [(float("nan"), 0.0, "NumericalError"), (0.0, float("nan"), "Solved"), (0.0, 0.0, "PrimalInfeasible")],
)
def test_answers_of_no_use_are_none(monkeypatch: pytest.MonkeyPatch, value: float, dual: float, status: str) -> None:
    import clarabel

    class Solver:
        def __init__(self, *program: Any) -> None:
            self._rows = program[2].shape[0]

        def set_termination_callback(self, callback: Any) -> None:
            pass

        def solve(self) -> _Failing:
            return _Failing(value, [dual] * self._rows, status)

    monkeypatch.setattr(clarabel, "DefaultSolver", Solver)
    assert relaxation(make_problem("magnetism")).solve(60.0) is None


def test_a_panic_of_the_solver_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import clarabel

    class PanicException(BaseException):  # as bindings to Rust raise it
        pass

    class Solver:
        def __init__(self, *program: Any) -> None:
            pass

        def set_termination_callback(self, callback: Any) -> None:
            pass

        def solve(self) -> None:
            raise PanicException("Eigval error: Eigen(1)")

    monkeypatch.setattr(clarabel, "DefaultSolver", Solver)
    assert relaxation(make_problem("magnetism")).solve(60.0) is None


def test_constraints_are_localisers_and_multiplied_with_each_other() -> None:
    problem = polynomial("x^2 + y^2", box=[(-1, 1)] * 2, variables=["x", "y"], sense="max", constraints=["x + y <= 1"])
    blocks: list[Block] = [*relaxation(problem).blocks]
    assert any(block.axioms == (4,) for block in blocks)
    assert any(4 in block.axioms and len(block.axioms) == 2 for block in blocks)
