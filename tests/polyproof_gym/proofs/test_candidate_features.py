from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import polyproof_gym
from polyproof_gym import Problem, ProofState
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems import make_problem, relabelled
from polyproof_gym.problems.problem import unit_box_axioms
from polyproof_gym.proofs import (
    DEFAULT_RULES,
    FEATURES,
    PHASES,
    Axiom,
    InferenceRule,
    Limits,
    Memory,
    Square,
    Times,
    VariableProducts,
    View,
)
from polyproof_gym.proofs.candidate_features import FREE
from polyproof_gym.proofs.kernels.candidate_features import GUESS
from tests.polyproof_gym.envs.helpers import (
    Terms,
    constrained_problem,
    exact_terms,
    mixed_problem,
    multiply,
    weighted_stable_set,
)
from tests.polyproof_gym.polynomials.strategies import polynomials, rings
from tests.polyproof_gym.proofs.rules.test_products import action_of, open_products, valid_products
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import (
    RULES,
    SquaresOfDifferences,
    distances,
    square_of_difference,
)

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "petersen": lambda: make_problem("petersen"),
    "random graph": lambda: make_problem("random-stable-set:n=12"),
    "weighted": weighted_stable_set,
    "sparse graph of many vertices": lambda: make_problem("random-stable-set:n=70,p_min=0.05,p_max=0.1"),
    "Boolean": lambda: make_problem("random-polynomial:n=6,degree=2,terms=12,boolean=1"),
    "box": lambda: make_problem("caprasse"),
    "constrained": constrained_problem,
    "mixed": mixed_problem,
}


def the(features: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """One feature of all candidates."""
    column: NDArray[np.float64] = features[:, [*FEATURES].index(name)]
    return column


# What they are, by polynomials multiplied out ------------------------------------------------------------------------


class Variables:
    """What the features say of variables, by the definition of the ring's rules."""

    def __init__(self, memory: Memory, moments: NDArray[np.float64]) -> None:
        self.ring, n = memory.ring, memory.ring.num_variables
        rows = [memory.row_of.get((i,)) for i in range(n)]
        self.moments = [GUESS if row is None else max(0.0, float(moments[row])) for row in rows]
        self.whole = sum(self.moments) + 1e-9
        self.excluded = [[u for u in range(n) if {(i, u), (u, i)} & self.ring.exclusive] for i in range(n)]

    def weighted_degree(self, i: int) -> float:
        return sum(self.moments[u] for u in self.excluded[i]) / self.whole

    def annihilators(self, monomials: Sequence[tuple[int, ...]]) -> list[int]:
        """Those whose product with every one of some monomials is zero."""
        variables = range(self.ring.num_variables)
        return [u for u in variables if all(self.ring.times(monomial, u) is None for monomial in monomials)]


def expected_features(memory: Memory, reason: Times, moments: NDArray[np.float64]) -> dict[str, float]:
    """The features of a product, one by one."""
    variables, i = Variables(memory, moments), reason.variable
    parent, known = exact_terms(memory[reason.parent]), memory.row_of.keys()
    product = multiply(parent, memory.ring, i, reason.complement)
    size = max(map(abs, parent.values()))
    nonconstant = [monomial for monomial in parent if monomial]
    extensions = variables.annihilators([m for m in product if m]) if set(product) - {()} else []
    features = {
        "complement": float(reason.complement),
        "extends": float(reason.complement and bool(nonconstant) and i in variables.annihilators(nonconstant)),
        "closed": float(product.keys() <= known),
        "terms": math.log(len(product)),
        "extensions": math.log1p(len(extensions)),
        "weighted degree": variables.weighted_degree(i),
        "degree": len(variables.excluded[i]) / memory.ring.num_variables,
        "moment": variables.moments[i],
        "parent": sum(float(c / size) * moments[memory.row_of[m]] for m, c in parent.items()),
        "age": (len(memory) - 1 - reason.parent) / len(memory),
        "absent": len(product.keys() - known) / len(product),
    }
    constant = float(product.get((), 0) / size)
    reach = sum(variables.moments[u] for u in extensions)
    if constant > 0 and extensions:
        drop, steps = greedy_growth(variables, product)
        features |= {
            "reach": math.log1p(reach),
            "share of reach": reach / variables.whole,
            "largest in reach": max(variables.moments[u] for u in extensions),
            "growth": drop * constant,
            "growth steps": math.log1p(steps),
        }
        if reach > 1e-6:
            weights = [variables.moments[u] / reach for u in extensions]
            features["density of reach"] = sum(
                first * second
                for u, first in zip(extensions, weights, strict=True)
                for v, second in zip(extensions, weights, strict=True)
                if v in variables.excluded[u]
            )
            features["weighted degree of reach"] = sum(
                weight * variables.weighted_degree(u) for u, weight in zip(extensions, weights, strict=True)
            )
    return {name: features.get(name, 0.0) for name in FEATURES}


def greedy_growth(variables: Variables, product: Terms) -> tuple[float, int]:
    """The sum of the moments by which a product grows, one multiplication after the other, and their number."""
    monomials, drop, steps = [monomial for monomial in product if monomial], 0.0, 0
    while True:
        best = max(variables.annihilators(monomials), key=lambda u: variables.moments[u], default=None)
        if best is None or variables.moments[best] <= 0:
            return drop, steps
        monomials.append((best,))
        drop += variables.moments[best]
        steps += 1


def expected_share(memory: Memory, reason: Times) -> float:
    """The share of new monomials among the terms of a product, before equal ones are added up."""
    images = [memory.ring.times(monomial, reason.variable) for monomial in memory[reason.parent].terms]
    present = [image for image in images if image is not None]
    absent = sum(image not in memory.row_of for image in present)
    terms = len(images) + absent if reason.complement else len(present)
    return absent / max(1, terms)


def assert_as_expected(
    reasons: Sequence[Times], features: NDArray[np.float64], memory: Memory, moments: NDArray[np.float64]
) -> None:
    expected = [[*expected_features(memory, reason, moments).values()] for reason in reasons]
    shape = len(reasons), len(FEATURES)
    np.testing.assert_allclose(features, np.reshape(expected, shape), rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_features_agree_with_multiplying_out(data: st.DataObject) -> None:
    ring = data.draw(rings())
    factor = data.draw(st.sampled_from([1, 1, 3, 10**18 + 9, 10**30]))
    extra = [p.primitive() * factor for p in data.draw(st.lists(polynomials(ring), max_size=2)) if p]
    axioms = [*unit_box_axioms(ring), *extra]
    limits = Limits(max(p.degree for p in axioms) + data.draw(st.integers(0, 2)), 64)
    steps = data.draw(st.integers(0, 8))
    memory = Memory(ring, data.draw(polynomials(ring)))
    for index, axiom in enumerate(axioms):
        memory.add(Axiom(index, axiom))
    width = ring.num_variables + data.draw(st.integers(0, 2))
    candidates = open_products(memory, limits, len(axioms) + steps, width)
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    for step in range(steps + 1):
        moments = rng.normal(0.3, 0.5, size=len(memory.monomials))
        reasons = [*valid_products(memory, limits)]
        actions = np.array([action_of(candidates, reason) for reason in reasons], np.intp)
        assert_as_expected(reasons, candidates.features(actions, moments), memory, moments)
        shares = [expected_share(memory, reason) for reason in reasons]
        assert candidates.absent_shares(actions).tolist() == pytest.approx(shares)
        if step == steps or not reasons:
            break
        memory.add(reasons[data.draw(st.integers(0, len(reasons) - 1))])


@pytest.mark.parametrize("name", PROBLEMS)
def test_features_in_a_proof(name: str) -> None:
    state, rng = ProofState(PROBLEMS[name](), max_steps=24), np.random.default_rng(0)
    for step in range(24):
        violated = state.most_violated()
        valid = np.flatnonzero(state.action_mask())
        if step % 8 == 7:
            some = rng.choice(valid, min(60, len(valid)), replace=False)
            reasons = [reason for action in some.tolist() if isinstance(reason := state.reason(action), Times)]
            assert len(reasons) == len(some)
            assert_as_expected(reasons, state.features(some), state.memory, state.solution.moments)
            moments = state.estimated_moments()
            assert_as_expected(reasons, state.features(some, moments), state.memory, moments)
            shares = [expected_share(state.memory, reason) for reason in reasons]
            assert state.absent_shares(some).tolist() == pytest.approx(shares)
        state.apply(int(rng.choice(violated if len(violated) else valid)))


def test_a_clique_is_extended() -> None:
    """``1 - x0 - x1`` in the complete graph of five vertices, times ``1 - x2``: two more can be added."""
    state = ProofState(make_problem("complete:n=5"), max_steps=5)
    edge = state.derive(Times(1, 1, complement=True))
    assert exact_terms(state.memory[edge]) == {(): 1, (0,): -1, (1,): -1}
    moments = np.array([1.0, *([0.4] * 5)])
    features = state.features(np.array([state.action(Times(edge, 2, complement=True))], np.intp), moments)
    expected = {
        **{"complement": 1, "extends": 1, "closed": 1, "terms": math.log(4), "extensions": math.log(3)},
        **{"weighted degree": 0.8, "degree": 0.8, "moment": 0.4, "parent": 0.2, "age": 0, "absent": 0},
        **{"reach": math.log(1.8), "share of reach": 0.4, "largest in reach": 0.4, "density of reach": 0.5},
        **{"weighted degree of reach": 0.8, "growth": 0.8, "growth steps": math.log(3)},
    }
    assert dict(zip(FEATURES, features[0].tolist(), strict=True)) == pytest.approx(expected)


def test_constants_beyond_sixty_four_bits_keep_their_sign_and_size() -> None:
    ring = Ring(["x", "y", "z"], range(3), [(0, 1), (0, 2), (1, 2)])
    x = Polynomial.variable(ring, 0)
    memory = Memory(ring, x)
    constants = (2**63 + 2, -(2**63) - 2, 10**30 + 1)
    for index, constant in enumerate(constants):
        memory.add(Axiom(index, constant - 3 * x))
    candidates, moments = open_products(memory, Limits(2, 9), 9, 3), np.array([1.0, 0.25])
    reasons = [Times(j, 1, complement=True) for j in range(3)]
    features = candidates.features(np.array([action_of(candidates, r) for r in reasons], np.intp), moments)
    assert_as_expected(reasons, features, memory, moments)
    assert the(features, "growth").tolist() == pytest.approx([0.5, 0.0, 0.5])


# What they do not depend on -------------------------------------------------------------------------------------------


def by_statement(state: ProofState, moments_of: dict[str, float]) -> dict[tuple[str, ...], list[float]]:
    """The features of all valid actions by what is multiplied and with what, in words."""
    names = state.problem.variables
    moments = np.array([moments_of["*".join(sorted(names[i] for i in m))] for m in state.memory.monomials])
    valid = np.flatnonzero(state.action_mask())
    features = state.features(valid, moments)
    described = {}
    for action, row in zip(valid.tolist(), features.tolist(), strict=True):
        reason = state.reason(action)
        assert isinstance(reason, Times)
        terms = state.memory[reason.parent].terms
        parent = sorted(f"{c} {'*'.join(sorted(names[i] for i in m))}" for m, c in terms.items())
        described[(*parent, names[reason.variable], str(reason.complement))] = row
    assert len(described) == len(valid)
    return described


@pytest.mark.parametrize("spec", ["petersen", "random-stable-set:n=11,index=2", "caprasse", "random-polynomial:n=4"])
def test_renaming_variables_and_reordering_axioms_changes_only_the_age(spec: str) -> None:
    problem = make_problem(spec)
    one = ProofState(problem, max_steps=4)
    other = ProofState(relabelled(problem, np.random.default_rng(3)), max_steps=4)
    for state in (one, other):
        names = state.problem.variables
        for j in range(3):  # products of one and the same axiom
            axiom = next(
                k
                for k in range(len(state.memory))
                if {frozenset(names[i] for i in m) for m in state.memory[k].terms}
                == {frozenset(), frozenset({problem.variables[0]})}
            )
            state.derive(Times(axiom, names.index(problem.variables[1 + j]), complement=True))
    rng = np.random.default_rng(5)
    monomials = ["*".join(sorted(problem.variables[i] for i in m)) for m in one.memory.monomials]
    moments = dict(zip(monomials, rng.random(len(monomials)).tolist(), strict=True))
    first, second = by_statement(one, moments), by_statement(other, moments)
    assert first.keys() == second.keys()
    keep = [number for number, name in enumerate(FEATURES) if name != "age"]
    for statement, row in first.items():
        assert [second[statement][k] for k in keep] == pytest.approx([row[k] for k in keep])


def test_features_do_not_depend_on_what_else_actions_are_numbered_for() -> None:
    problem = make_problem("random-stable-set:n=9,index=1")
    own, wider = ProofState(problem, max_steps=10), ProofState(problem, max_steps=90, num_variables=75, capacity=200)
    rng = np.random.default_rng(0)
    for _ in range(10):
        valid = np.flatnonzero(own.action_mask())
        there = np.array([wider.action(own.reason(action)) for action in valid.tolist()], np.intp)
        np.testing.assert_array_equal(own.features(valid), wider.features(there))
        np.testing.assert_array_equal(own.absent_shares(valid), wider.absent_shares(there))
        number = int(rng.integers(len(valid)))
        own.apply(int(valid[number]))
        wider.apply(int(there[number]))


@pytest.mark.parametrize("n", [4, 15, 40, 70])
def test_they_are_of_moderate_size_for_problems_of_any(n: int) -> None:
    state, rng = ProofState(make_problem(f"random-stable-set:n={n}"), max_steps=30), np.random.default_rng(0)
    logarithms = ("terms", "extensions", "reach", "growth steps")
    for _ in range(30):
        valid = np.flatnonzero(state.action_mask())
        if not len(valid):
            break
        features = state.features(valid)
        for name in FEATURES:
            most = math.log(2 + n) if name in logarithms else n if name == "growth" else 1.0
            least = -1e-6 if name != "parent" else -1.0
            assert least <= the(features, name).min()
            assert the(features, name).max() <= most + 1e-6
        violated = state.most_violated()
        state.apply(int(rng.choice(violated if len(violated) else valid)))


# What is refused, and several rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [RULES, RULES[::-1], DEFAULT_RULES])
def test_actions_that_are_not_valid_are_refused(rules: Sequence[InferenceRule]) -> None:
    state = ProofState(distances(), max_steps=10, rules=rules)
    taken = state.action(Times(0, 0, complement=True))
    state.derive(Times(0, 0, complement=True))
    valid = np.flatnonzero(state.action_mask())
    assert not state.action_mask()[taken]
    for action in (taken, -1, -state.num_actions, state.num_actions, 10**15, -(10**15)):
        actions = np.array([*valid[:3], action], np.intp)
        for ask in (state.features, state.absent_shares):
            with pytest.raises(ValueError, match="not valid"):
                ask(actions)


@pytest.mark.parametrize("action", [-1, -2, -7, 10**12])
def test_a_block_refuses_actions_that_are_none(action: int) -> None:
    """Also where the last inequality that there is room for is known, and could be taken for that before the first."""
    state = ProofState(make_problem("petersen"), max_steps=1)
    state.apply(int(np.flatnonzero(state.action_mask())[0]))
    candidates = open_products(state.memory, state.limits, len(state.memory), 10)
    assert candidates.mask()[-2:].any()
    moments = np.zeros(len(state.memory.monomials))
    with pytest.raises(ValueError, match="not valid"):
        candidates.features(np.array([action], np.intp), moments)
    with pytest.raises(ValueError, match="not valid"):
        candidates.absent_shares(np.array([action], np.intp))


@pytest.mark.parametrize("change", [-1, 1, 10_000])
@pytest.mark.parametrize("number", [0, 3])
def test_moments_of_another_number_than_the_rows_are_refused(number: int, change: int) -> None:
    state = ProofState(make_problem("petersen"), max_steps=0)
    moments = np.zeros(len(state.memory.monomials) + change)
    with pytest.raises(ValueError, match="expected 11 moments"):
        state.features(np.flatnonzero(state.action_mask())[:number], moments)


@pytest.mark.parametrize("rules", [RULES, DEFAULT_RULES])
def test_there_may_be_nothing_to_describe(rules: Sequence[InferenceRule]) -> None:
    state = ProofState(distances(), max_steps=1, rules=rules)
    none = np.empty(0, np.intp)
    assert state.features(none).shape == (0, len(FEATURES))
    assert state.absent_shares(none).shape == (0,)


@pytest.mark.parametrize("rules", [RULES, RULES[::-1]])
def test_of_several_rules_each_describes_its_own_actions_in_the_order_given(rules: Sequence[InferenceRule]) -> None:
    state = ProofState(constrained_problem(), max_steps=10, rules=rules)
    for derived in (
        Times(0, 1, complement=True),
        square_of_difference(state.problem.ring, 0, 1),
        Times(3, 2, complement=False),
    ):
        state.derive(derived)
    view = View(state.memory, state.limits, state.capacity, state.num_variables)
    products = VariableProducts().open(view)
    squares = SquaresOfDifferences().open(view)
    actions = np.random.default_rng(0).permutation(np.flatnonzero(state.action_mask()))
    features, shares = state.features(actions), state.absent_shares(actions)
    kinds = set()
    for action, row, share in zip(actions.tolist(), features, shares, strict=True):
        reason = state.reason(action)
        kinds.add(type(reason))
        block = squares if isinstance(reason, Square) else products
        own = np.array([action_of(block, reason)], np.intp)
        np.testing.assert_array_equal(row, block.features(own, state.solution.moments)[0])
        assert share == block.absent_shares(own)[0]
    assert kinds == {Times, Square}


# Phases --------------------------------------------------------------------------------------------------------------


def test_phases_tell_how_far_the_proof_is() -> None:
    state = ProofState(make_problem("petersen"), max_steps=8)
    assert [*PHASES] == ["always", "budget", "uncovered"]
    for steps in range(8):
        always, budget, uncovered = state.phases()
        variables = [state.solution.moments[state.memory.row_of[i,]] for i in range(10)]
        assert (always, budget, uncovered) == (1.0, steps / 8 - 0.5, float(max(variables) > FREE))
        assert state.phases(max_steps=20)[1] == pytest.approx(steps / 20 - 0.5)
        state.apply(int(state.most_violated()[0]))
    assert state.phases()[1] == 0.5


@pytest.mark.parametrize(("moment", "uncovered"), [(FREE, 0.0), (FREE + 1e-6, 1.0), (1.0, 1.0), (0.0, 0.0)])
def test_a_variable_is_nearly_free_by_the_moments_given(moment: float, uncovered: float) -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=0)
    moments = np.array([1.0, 0.0, 0.5, moment, 0.0, 0.3])
    assert state.phases(moments).tolist() == [1.0, -0.5, uncovered]


def test_monomials_that_are_no_variables_are_not_free_ones() -> None:
    state = ProofState(polyproof_gym.polynomial("x*y + z^2", box="unit"), max_steps=5)
    moments = np.ones(len(state.memory.monomials))
    for i in range(3):
        moments[state.memory.row_of[i,]] = 0.2
    assert state.phases(moments)[2] == 0.0
