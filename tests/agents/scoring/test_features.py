from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.scoring import FEATURES, CandidateFeatures, Described
from agents.scoring.features import SMOOTHING, WIDTH
from polyproof_gym import Problem, ProofState, make_problem
from polyproof_gym.problems.stable_set import stable_set_from_edges
from polyproof_gym.proofs import Reason, Times


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
    ours, theirs = CandidateFeatures().describe(state), CandidateFeatures().describe(twin)
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
    state, view, rng = ProofState(make_problem(spec), max_steps=30), CandidateFeatures(), np.random.default_rng(0)
    for _ in range(30):
        described = view.describe(state)
        valid = np.flatnonzero(state.action_mask())
        assert len(described.actions) == min(WIDTH, len(valid)) == len(set(described.actions.tolist()))
        assert set(described.actions.tolist()) <= set(valid.tolist())
        assert described.features.shape == (len(described.actions), len(FEATURES))
        assert np.isfinite(described.features).all()
        if not len(valid):
            break
        state.apply(int(rng.choice(described.actions)))


def test_the_most_violated_closed_candidates_come_first() -> None:
    state = ProofState(make_problem("random-stable-set:n=20,index=1"), max_steps=20)
    view = CandidateFeatures()
    for _ in range(15):
        described = view.describe(state)
        best = state.most_violated()
        if len(best):
            assert described.actions[0] in best
            assert column(described, "closed")[0] == 1
            assert not any(column(described, "stalled"))
        else:
            assert all(column(described, "stalled"))
        state.apply(int(described.actions[0]))


def test_smoothed_moments_follow_the_steps_of_one_proof() -> None:
    state, view = ProofState(make_problem("petersen"), max_steps=20), CandidateFeatures()
    smoothed = state.solution.moments
    for _ in range(10):
        described = view.describe(state)
        expected = -state.expectations(smoothed)[described.actions]
        np.testing.assert_allclose(column(described, "violation, smoothed"), expected, atol=1e-5)
        assert view.describe(state).features.tolist() == described.features.tolist()  # looking changes nothing
        state.apply(int(described.actions[-1]))
        now = state.solution.moments.copy()
        now[: len(smoothed)] = SMOOTHING * smoothed + (1 - SMOOTHING) * now[: len(smoothed)]
        smoothed = now


def test_a_new_proof_starts_with_its_own_moments() -> None:
    view, other = CandidateFeatures(), ProofState(make_problem("cycle:n=7"), max_steps=9)
    old = ProofState(make_problem("cycle:n=5"), max_steps=9)
    for _ in range(4):
        old.apply(int(view.describe(old).actions[0]))
    assert view.describe(other).features.tolist() == CandidateFeatures().describe(other).features.tolist()
