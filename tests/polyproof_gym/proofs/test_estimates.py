from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from polyproof_gym import Problem, ProofState, make_problem
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import relabelled
from polyproof_gym.problems.stable_set import stable_set_from_edges
from polyproof_gym.proofs import Times
from polyproof_gym.proofs.estimates import LIMITS, estimated_solution
from tests.polyproof_gym.envs.helpers import constrained_problem, mixed_problem, weighted_stable_set

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "petersen": lambda: make_problem("petersen"),
    "cycle": lambda: make_problem("cycle:n=7"),
    "random graph": lambda: make_problem("random-stable-set:n=12"),
    "weighted": weighted_stable_set,
    "caprasse": lambda: make_problem("caprasse"),
    "constrained": constrained_problem,
    "mixed": mixed_problem,
}


def state_of(problem: Problem, steps: int, seed: int = 0) -> ProofState:
    """A proof after some random steps, as far as there are any."""
    state, rng = ProofState(problem, max_steps=60), np.random.default_rng(seed)
    for _ in range(steps):
        valid = np.flatnonzero(state.action_mask())
        if len(valid):
            state.apply(int(rng.choice(valid)))
    return state


def value(state: ProofState, moments: NDArray[np.float64]) -> float:
    """The pseudo-expectation of the minimised objective."""
    terms = state.problem.minimised.terms
    return float(sum(c * (moments[state.memory.row_of[m]] if m else 1) for m, c in terms.items()))


def expectations(state: ProofState, moments: NDArray[np.float64]) -> NDArray[np.float64]:
    memory = state.memory
    return np.array([float(values @ moments[rows]) for rows, values in map(memory.column, range(len(memory)))])


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("steps", [0, 15, 40])
def test_many_rounds_end_at_the_bound_of_the_linear_program(name: str, steps: int) -> None:
    state = state_of(PROBLEMS[name](), steps)
    moments = state.estimated_moments(20_000)
    tolerance = 0.01 * (1 + abs(state.bound))
    if state.has_lp_bound:
        assert value(state, moments) == pytest.approx(state.problem.sign * state.bound, abs=tolerance)
    assert expectations(state, moments).min() > -tolerance
    assert moments[0] == 1
    assert LIMITS[0] <= moments.min() <= moments.max() <= LIMITS[1]


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("seed", range(3))
def test_as_many_rounds_as_are_the_default_come_near(name: str, seed: int) -> None:
    state = state_of(PROBLEMS[name](), 30, seed)
    moments = state.estimated_moments()
    if state.has_lp_bound:
        assert value(state, moments) == pytest.approx(state.problem.sign * state.bound, rel=0.1, abs=0.1)
    assert expectations(state, moments).min() > -0.1


@given(name=st.sampled_from(sorted(PROBLEMS)), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_the_names_of_variables_and_the_order_of_axioms_do_not_matter(name: str, seed: int) -> None:
    problem = PROBLEMS[name]()
    one, other = (
        np.sort(ProofState(p).estimated_moments()) for p in (problem, relabelled(problem, np.random.default_rng(seed)))
    )
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 30))
@settings(deadline=None, max_examples=25)
def test_a_renamed_proof_has_the_renamed_moments(seed: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    edges, image = [(i, (i + 1) % 7) for i in range(7)] + [(0, 3)], rng.permutation(7)
    names = [f"x{i}" for i in range(7)]
    moved = sorted((int(min(image[i], image[j])), int(max(image[i], image[j]))) for i, j in edges)
    one, other = (ProofState(stable_set_from_edges(names, e), max_steps=30) for e in (edges, moved))
    for _ in range(steps):
        reason = one.reason(int(rng.choice(np.flatnonzero(one.action_mask()))))
        assert isinstance(reason, Times)
        parent = one.memory[reason.parent]
        terms = {tuple(sorted(int(image[i]) for i in m)): c for m, c in parent.terms.items()}
        number = other.memory.number_of(Polynomial(other.problem.ring, terms))
        assert number is not None
        one.derive(reason)
        other.derive(Times(number, int(image[reason.variable]), reason.complement))
    ours, theirs = one.estimated_moments(), other.estimated_moments()
    for row, monomial in enumerate(one.memory.monomials):
        twin = other.memory.row_of[tuple(sorted(int(image[i]) for i in monomial))]
        assert theirs[twin] == pytest.approx(ours[row], abs=1e-9)


def test_variables_that_look_alike_have_the_same_moment() -> None:
    """At a vertex they need not: it is one of many optimal solutions."""
    state = ProofState(make_problem("cycle:n=7"))
    moments = state.estimated_moments()[1:]
    np.testing.assert_allclose(moments, moments[0], rtol=0, atol=1e-12)


def test_programs_one_after_the_other_do_not_touch_each_other() -> None:
    states = [state_of(build(), 20) for build in PROBLEMS.values()]
    alone, programs = [], []
    for state in states:
        memory = state.memory
        objective = np.zeros(len(memory.monomials))
        for monomial, coefficient in state.problem.minimised.terms.items():
            objective[memory.row_of[monomial]] = float(coefficient)
        degrees = np.array([len(monomial) for monomial in memory.monomials])
        programs.append((memory.starts, memory.rows, memory.values, objective, degrees))
        alone.append(estimated_solution(*programs[-1], 50))
    sizes = np.cumsum([0, *(len(program[3]) for program in programs)])
    entries = np.cumsum([0, *(len(program[1]) for program in programs)])
    values, objective, degrees = (np.concatenate([program[part] for program in programs]) for part in (2, 3, 4))
    together = estimated_solution(
        np.concatenate([[0], *(p[0][1:] + e for p, e in zip(programs, entries, strict=False))]).astype(np.int32),
        np.concatenate([p[1] + s for p, s in zip(programs, sizes, strict=False)]).astype(np.int32),
        values,
        objective,
        degrees,
        50,
    )
    for part in range(2):
        np.testing.assert_array_equal(together[part], np.concatenate([solution[part] for solution in alone]))


def test_a_negative_number_of_rounds_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0 rounds, got -3"):
        ProofState(make_problem("petersen")).estimated_moments(-3)


def test_without_rounds_nothing_is_known() -> None:
    assert set(ProofState(make_problem("petersen")).estimated_moments(0)[1:].tolist()) == {0.5}


@pytest.mark.parametrize(
    "changes",
    [
        {"starts": [0, 2, 4]},
        {"starts": [1, 2, 3]},
        {"starts": [0, 3, 2, 3]},
        {"starts": []},
        {"rows": [0, 1, 2]},
        {"rows": [0, -1, 1]},
        {"values": [1, -1]},
        {"degrees": [0, 1, 1]},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(changes: dict[str, list[int]]) -> None:
    """The compiled loop checks no index."""
    given = {"starts": [0, 2, 3], "rows": [0, 1, 1], "values": [1, -1, 1], "objective": [0, 1], "degrees": [0, 1]}
    types = {"starts": np.int32, "rows": np.int32, "degrees": np.int64}

    def estimated(arrays: dict[str, list[int]]) -> NDArray[np.float64]:
        return estimated_solution(**{k: np.array(v, types.get(k, np.float64)) for k, v in arrays.items()}, rounds=9)[0]

    assert estimated(given)[0] == 1
    with pytest.raises(ValueError, match="expected entries of every inequality"):
        estimated({**given, **changes})
