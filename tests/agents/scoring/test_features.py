from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.baselines import EstimateGuidedAgent
from agents.scoring import FEATURES, Described, describe
from agents.scoring.features import WIDTH
from polyproof_gym import BadInput, Problem, ProofState, make_problem
from polyproof_gym.problems.stable_set import stable_set_from_edges
from polyproof_gym.proofs import DEFAULT_RULES, Reason, Times


def column(described: Described, name: str) -> list[float]:
    values: list[float] = described.features[:, FEATURES.index(name)].tolist()
    return values


def graph(n: int, edges: set[tuple[int, int]]) -> Problem:
    return stable_set_from_edges([f"x{i}" for i in range(n)], sorted(edges))


def renamed(reason: Reason, image: list[int]) -> Times:
    """The same product where variables and axioms have other names; axioms come in pairs, one for every variable."""
    assert isinstance(reason, Times)
    n = len(image)
    parent = 2 * image[reason.parent // 2] + reason.parent % 2 if reason.parent < 2 * n else reason.parent
    return Times(parent, image[reason.variable], reason.complement)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_renaming_the_variables_changes_no_feature(data: st.DataObject) -> None:
    n = data.draw(st.integers(3, 4))
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    edges = data.draw(st.sets(st.sampled_from(pairs)))
    image = data.draw(st.permutations(range(n)))
    state = ProofState(graph(n, edges), max_steps=8)
    twin = ProofState(graph(n, {(min(image[i], image[j]), max(image[i], image[j])) for i, j in edges}), max_steps=8)
    for _ in range(data.draw(st.integers(0, 3))):
        actions = np.flatnonzero(state.action_mask())
        if not len(actions):
            break
        reason = state.reason(data.draw(st.sampled_from(actions.tolist())))
        state.derive(reason)
        twin.derive(renamed(reason, image))
    # Which of several optimal solutions the LP has is up to its solver; here both have the image of the first one's.
    moments = state.solution.moments
    of_twin = np.zeros(len(moments))
    for row, monomial in enumerate(state.memory.monomials):
        of_twin[twin.memory.row_of[tuple(sorted(image[i] for i in monomial))]] = moments[row]
    if not np.allclose(of_twin, twin.solution.moments, atol=1e-9):
        return
    ours, theirs = describe(state), describe(twin)
    if len(ours.actions) == WIDTH:
        return
    by_twin = {twin.reason(action): row for action, row in zip(theirs.actions.tolist(), theirs.features, strict=True)}
    assert len(by_twin) == len(ours.actions)
    skipped = {FEATURES.index("age of the parent"), FEATURES.index("multiplier of the parent")}
    kept = [k for k in range(len(FEATURES)) if k not in skipped]  # axioms have an order; multipliers are not unique
    for action, row in zip(ours.actions.tolist(), ours.features, strict=True):
        np.testing.assert_allclose(by_twin[renamed(state.reason(action), image)][kept], row[kept], atol=1e-5)


@pytest.mark.parametrize("spec", ["petersen", "random-stable-set:n=25,index=0", "caprasse", "rd", "boxqp"])
def test_only_valid_actions_are_described_and_all_numbers_are_finite(spec: str) -> None:
    if spec == "boxqp":
        spec = "random-polynomial:n=4,degree=3,terms=8,index=1"
    state, rng = ProofState(make_problem(spec), max_steps=30), np.random.default_rng(0)
    for _ in range(30):
        described = describe(state)
        valid = np.flatnonzero(state.action_mask())
        assert len(described.actions) == min(WIDTH, len(valid)) == len(set(described.actions.tolist()))
        assert set(described.actions.tolist()) <= set(valid.tolist())
        assert described.features.shape == (len(described.actions), len(FEATURES))
        assert np.isfinite(described.features).all()
        if not len(valid):
            break
        state.apply(int(rng.choice(described.actions)))


@pytest.mark.parametrize("spec", ["random-stable-set:n=20,index=1", "caprasse"])
def test_candidates_come_in_the_order_of_guidance_by_estimates(spec: str) -> None:
    state, rng = ProofState(make_problem(spec), max_steps=20), np.random.default_rng(0)
    guide = EstimateGuidedAgent()
    for _ in range(15):
        described = describe(state)
        below_best = column(described, "violation, below the best")
        assert below_best[0] == pytest.approx(0, abs=1e-5)
        assert np.diff(below_best).max() < 1e-5
        action = guide.act(state, rng)
        assert below_best[described.actions.tolist().index(action)] == pytest.approx(0, abs=1e-5)
        state.apply(int(described.actions[0]))


def test_violations_by_estimates_and_by_the_solver() -> None:
    state = ProofState(make_problem("petersen"), max_steps=20)
    for _ in range(10):
        described = describe(state)
        for name, moments in (
            ("violation", state.estimated_moments()),
            ("violation, solver", state.solution.moments),
        ):
            expected = -state.expectations(moments)[described.actions]
            np.testing.assert_allclose(column(described, name), expected, atol=1e-5)
        assert set(column(described, "stalled")) == {float(not len(state.most_violated()))}
        state.apply(int(described.actions[-1]))


def test_looking_changes_nothing() -> None:
    state = ProofState(make_problem("cycle:n=7"), max_steps=9)
    for _ in range(4):
        first, second = describe(state), describe(state)
        assert first.features.tolist() == second.features.tolist()
        state.apply(int(first.actions[0]))


@pytest.mark.parametrize("first", [0, 45])
def test_the_best_candidates_are_described_however_many_are_tied(first: int) -> None:
    """A cycle of five among fifty vertices, wherever it stands: 45 are isolated, and all their products alike."""
    state = ProofState(graph(50, {(first + min(i, (i + 1) % 5), first + max(i, (i + 1) % 5)) for i in range(5)}))
    action = EstimateGuidedAgent().act(state, np.random.default_rng(0))
    described = describe(state)
    assert action in described.actions
    assert max(column(described, "violation")) > 0.5


def test_actions_of_other_rules_are_refused() -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=9, rules=DEFAULT_RULES * 2)
    with pytest.raises(BadInput, match="expected the actions of the default rules"):
        describe(state)
