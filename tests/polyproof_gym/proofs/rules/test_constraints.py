from __future__ import annotations

from fractions import Fraction

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import polyproof_gym
from polyproof_gym import Problem, ProofState
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems import make_problem
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.proofs import Limits, Square, Times, TimesLine
from polyproof_gym.proofs.rules import ConstraintProducts
from tests.flat import prove
from tests.polyproof_gym.envs.helpers import constrained_problem
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import assert_follows_from_reasons

RULES = ("products", "constraints")


def cross_polytope(n: int) -> Problem:
    """The largest sum of squares where the absolute values sum to at most 1: 1."""
    signs = [[(-1) ** (k >> i & 1) for i in range(n)] for k in range(2**n)]
    return polyproof_gym.polynomial(
        " + ".join(f"x{i}^2" for i in range(n)),
        box=[(-1, 1)] * n,
        sense="max",
        constraints=[" + ".join(f"({s})*x{i}" for i, s in enumerate(row)) + " <= 1" for row in signs],
    )


def test_the_block_comes_after_the_products() -> None:
    plain = ProofState(constrained_problem(), max_steps=5)
    state = ProofState(constrained_problem(), max_steps=5, rules=RULES)
    first, constraints = plain.num_actions, constrained_problem().constraints
    assert state.num_actions == first + state.capacity * len(constraints)
    np.testing.assert_array_equal(state.action_mask()[:first], plain.action_mask())
    for j in range(len(state.memory)):
        for k, line in enumerate(constraints):
            assert state.reason(first + j * len(constraints) + k) == TimesLine(j, line)


def test_bounds_are_no_constraints() -> None:
    problem = polyproof_gym.polynomial("x*y", box="unit", constraints=["x + y <= 1", "2*x >= 1", "x >= 0", "y <= 1"])
    assert [str(problem.axioms[index]) for index in problem.constraints] == ["1 - x - y", "2*x - 1"]
    assert make_problem("petersen").constraints == ()
    assert problem.shape.num_constraints == 2


def with_exclusive_pairs() -> Problem:
    """Where products of monomials may be 0, or equal."""
    ring = Ring(["x", "y", "z"], idempotent=[0, 1], exclusive=[(0, 2), (0, 1)])
    x, y, z = (Polynomial.variable(ring, i) for i in range(3))
    return problem_on_unit_box("exclusive", x + y * z, constraints=[z - x - y + 1, x * z + y - z * z, 2 * x + y - 1])


@pytest.mark.parametrize(
    "problem",
    [
        constrained_problem(),
        cross_polytope(2),
        polyproof_gym.polynomial("x*y*z", box="unit", boolean=["x", "y"], constraints=["x + y <= z", "z^2 <= x + 1/2"]),
        polyproof_gym.polynomial("x*y", box="unit", constraints=[f"{2**70}*x + y <= {2**69}"]),
        polyproof_gym.polynomial("x*y", box="unit", constraints=[f"{2**58}*x + y <= {2**57}", f"x <= {2**30}*y^2"]),
        with_exclusive_pairs(),
    ],
    ids=["constrained", "cross-polytope", "boolean", "huge", "nearly huge", "exclusive"],
)
@pytest.mark.parametrize("limits", [None, Limits(4, 9)])
def test_what_is_said_of_products_is_what_multiplying_out_gives(problem: Problem, limits: Limits | None) -> None:
    state = ProofState(problem, max_steps=12, rules=RULES, limits=limits)
    rng = np.random.default_rng(0)
    first = state.num_actions - state.capacity * len(problem.constraints)
    for _ in range(12):
        assert_follows_from_reasons(state, range(first, state.num_actions), rng)
        valid = np.flatnonzero(state.action_mask())
        late = valid[valid >= first]
        if not len(valid):
            break
        action = int(rng.choice(late if len(late) and rng.random() < 0.7 else valid))
        conclusion = state.conclusion(action)
        assert state.memory[state.apply(action)] == conclusion
    assert_follows_from_reasons(state, range(first, state.num_actions), rng)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_cross_polytopes_are_exact(n: int) -> None:
    assert prove(cross_polytope(n), max_steps=60, max_degree=2).bound == n
    proof = prove(cross_polytope(n), max_steps=60, max_degree=2, rules=[*RULES])
    assert proof.bound == 1
    assert proof.status == "optimal"
    assert any(isinstance(reason, TimesLine) for reason in proof.reasons)
    proof.verify()


def test_a_problem_without_constraints_has_no_actions_of_this_kind() -> None:
    state = ProofState(make_problem("petersen"), max_steps=5, rules=RULES)
    assert state.num_actions == ProofState(make_problem("petersen"), max_steps=5).num_actions
    assert state.most_violated().tolist() == ProofState(make_problem("petersen"), max_steps=5).most_violated().tolist()


def test_actions_may_be_numbered_for_more_constraints() -> None:
    problem = constrained_problem()
    have = len(problem.constraints)
    state = ProofState(problem, max_steps=5, rules=["constraints"], num_constraints=have + 2)
    assert state.num_actions == state.capacity * (have + 2)
    valid = [state.reason(int(action)) for action in np.flatnonzero(state.action_mask())]
    assert {reason.factor for reason in valid if isinstance(reason, TimesLine)} == set(problem.constraints)
    with pytest.raises(IndexError):
        state.reason(have)
    with pytest.raises(BadInput, match=f"at most {have - 1} constraints"):
        ProofState(problem, rules=["constraints"], num_constraints=have - 1)
    ProofState(problem, num_constraints=0)


def test_too_many_products_are_refused() -> None:
    with pytest.raises(BadInput, match="expected at most 5000000 inequalities") as caught:
        ProofState(cross_polytope(1), max_steps=10**7, rules=["constraints"], num_constraints=1)
    assert "\n" not in str(caught.value)


def test_other_reasons_have_no_action() -> None:
    problem = constrained_problem()
    state = ProofState(problem, max_steps=5, rules=["constraints"])
    for reason in (Times(0, 0, complement=True), TimesLine(problem.constraints[0], 0), Square(problem.objective)):
        assert state.find_action(reason) is None
    with pytest.raises(IndexError):
        state.reason(state.num_actions)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_random_proofs_hold(seed: int) -> None:
    """Soundness: whatever is derived holds at points of the set, and the checker agrees with the bound."""
    rng = np.random.default_rng(seed)
    problem = cross_polytope(2)
    proof = prove(problem, "random", max_steps=15, seed=seed, rules=[*RULES])
    proof.verify()
    for _ in range(20):
        x, y = (Fraction(int(k), 64) for k in rng.integers(0, 65, 2))
        if all(axiom.evaluate((x, y)) >= 0 for axiom in problem.axioms):
            assert all(line.evaluate((x, y)) >= 0 for line in proof.lines)


# In the environment --------------------------------------------------------------------------------------------------


def test_the_last_actions_are_invalid_where_a_problem_has_fewer_constraints() -> None:
    env = PolyProofEnv(cross_polytope(3), max_steps=4, rules=["constraints"])
    actions = env.capacity * 8
    assert env.action_space == gym.spaces.Discrete(actions)
    observation, _ = env.reset(options={"problem": cross_polytope(2)})
    assert observation["action_mask"].shape == (actions,)
    _, reward, _, _, info = env.step(7)
    assert info["invalid_action"]
    assert reward == 0
    with pytest.raises(BadInput, match="no action multiplies"):
        env.encode_action(0, 0, True)
    with pytest.raises(BadInput, match="not a product"):
        env.decode_action(0)


def test_the_rule_is_a_value_without_a_state() -> None:
    rule = ConstraintProducts()
    for _ in range(2):
        state = ProofState(constrained_problem(), max_steps=5, rules=[rule])
        state.apply(int(np.flatnonzero(state.action_mask())[0]))
    assert vars(rule) == {}
