from __future__ import annotations

import math

import numpy as np
import pytest

from agents.scoring import FEATURES, shortlist
from agents.scoring.candidates import AMPLE, BOUND, FEW, HANDICAP, LENGTH, NEARLY_TIED, PHASES, TIE, WINDOW, scarcity
from polyproof_gym import ProofState, make_problem, proofs
from polyproof_gym.problems import relabelled
from polyproof_gym.proofs import Times
from tests.agents.scoring.states import PROBLEMS, states_of

each_problem = pytest.mark.parametrize("name", PROBLEMS)


def expected_deficits(state: ProofState) -> dict[int, float]:
    """By how much less than the best every valid action is violated, one by one."""
    moments = state.estimated_moments()
    expectations, closed = state.expectations(moments), state.closed()
    violations = {}
    for action in np.flatnonzero(state.action_mask()).tolist():
        share = 0.0 if closed[action] else float(state.absent_shares(np.array([action], np.intp))[0])
        violations[action] = -float(expectations[action]) - HANDICAP * share
    best = max(violations.values())
    return {action: best - violation for action, violation in violations.items()}


def expected_actions(state: ProofState) -> list[int]:
    deficits = expected_deficits(state)
    near = [action for action, deficit in deficits.items() if deficit <= WINDOW]
    terms, extensions = state.extents(np.array(near, np.intp))
    keys = {
        action: (round(deficits[action] / TIE), -terms[k], -extensions[k], -action) for k, action in enumerate(near)
    }
    return sorted(sorted(near, key=lambda action: keys[action])[:LENGTH], reverse=True)


@each_problem
def test_it_holds_the_most_violated_the_newest_first(name: str) -> None:
    for step, state in enumerate(states_of(name, 12)):
        if step % 4 == 0:
            assert shortlist(state).actions.tolist() == expected_actions(state)


@each_problem
def test_features_and_phases_are_those_of_the_proof(name: str) -> None:
    own = ["deficit", "small deficit"]
    assert [*PHASES] == ["start", *proofs.PHASES]
    assert [*FEATURES] == [*own, *proofs.FEATURES]
    for step, state in enumerate(states_of(name, 12)):
        if step % 4:
            continue
        candidates, moments = shortlist(state), state.estimated_moments()
        deficits = expected_deficits(state)
        expected = np.array([deficits[action] for action in candidates.actions.tolist()])
        assert candidates.features.shape == (len(expected), len(FEATURES))
        assert candidates.features.dtype == candidates.phases.dtype == np.float32
        np.testing.assert_allclose(candidates.features[:, 0], 20 * expected, atol=20 * TIE)
        np.testing.assert_allclose(
            candidates.features[:, 1], np.minimum(expected / NEARLY_TIED, 1), atol=1.1 * TIE / NEARLY_TIED
        )
        rest = np.clip(state.features(candidates.actions, moments), -BOUND, BOUND)
        np.testing.assert_allclose(candidates.features[:, 2:], rest, rtol=1e-6, atol=1e-7)
        for steps in (12, 50):  # the budget of the proof, and another one
            told = shortlist(state, None if steps == 12 else steps).phases
            assert told.tolist() == pytest.approx([1.0, *state.phases(moments, steps).tolist()])
            assert candidates.counting(0.5).phases.tolist() == pytest.approx([1.0, *(0.5 * candidates.phases[1:])])


def test_what_is_learned_counts_for_less_the_more_steps_there_are() -> None:
    problem = make_problem("random-stable-set:n=12,index=2")
    shares = [scarcity(problem, steps) for steps in range(60)]
    assert shares == sorted(shares, reverse=True)
    assert [shares.index(share) for share in (0.5, 0.0)] == [36, math.ceil(AMPLE * 12)]
    assert shares[: int(FEW * 12) + 1] == [1.0] * (int(FEW * 12) + 1)


def test_of_many_the_first_ones_are_shown() -> None:
    lengths, cut = set(), 0
    for state in states_of("large graph", 20):
        candidates = shortlist(state)
        cut += sum(deficit <= WINDOW for deficit in expected_deficits(state).values()) > LENGTH
        lengths.add(len(candidates.actions))
        assert candidates.actions.tolist() == expected_actions(state)
    assert cut
    assert max(lengths) == LENGTH


@pytest.mark.parametrize("spec", ["complete:n=3", "path:n=4", "random-polynomial:n=2,degree=1"])
def test_it_is_empty_only_where_no_action_is_valid(spec: str) -> None:
    state = ProofState(make_problem(spec), max_steps=500)
    while state.action_mask().any():
        candidates = shortlist(state)
        assert 1 <= len(candidates.actions) <= LENGTH
        assert state.action_mask()[candidates.actions].all()
        assert len(set(candidates.actions.tolist())) == len(candidates.actions)
        state.apply(int(candidates.actions[0]))
    candidates = shortlist(state)
    assert (candidates.actions.shape, candidates.features.shape) == ((0,), (0, len(FEATURES)))
    assert candidates.phases.tolist() == [0.0] * len(PHASES)


Statement = tuple[object, ...]


def in_words(state: ProofState, reason: Times) -> Statement:
    """What is multiplied and with what, by the names of the variables."""
    names = state.problem.variables
    terms = state.memory[reason.parent].terms.items()
    parent = frozenset((tuple(sorted(names[i] for i in monomial)), c) for monomial, c in terms)
    return parent, names[reason.variable], reason.complement


def features_in_words(state: ProofState) -> dict[Statement, list[float]]:
    """The features of candidates by what these are, without those that depend on order or where moments tie."""
    candidates = shortlist(state)
    keep = [number for number, name in enumerate(FEATURES) if name not in ("age", "growth", "growth steps")]
    described = {}
    for action, row in zip(candidates.actions.tolist(), candidates.features, strict=True):
        reason = state.reason(action)
        assert isinstance(reason, Times)
        described[in_words(state, reason)] = row[keep].tolist()
    return described


@pytest.mark.parametrize(
    "spec",
    [
        *("petersen", "random-stable-set:n=9,index=3", "random-stable-set:n=9,max_weight=5", "caprasse"),
        *("random-polynomial:n=5,boolean=1", "random-polynomial:n=4"),
    ],
)
def test_relabelling_the_problem_relabels_the_candidates(spec: str) -> None:
    problem, rng = make_problem(spec), np.random.default_rng(1)
    one = ProofState(problem, max_steps=10)
    other = ProofState(relabelled(problem, rng), max_steps=10)
    for _ in range(8):
        first, second = features_in_words(one), features_in_words(other)
        assert 0 < len(first) < LENGTH
        assert first.keys() == second.keys()
        for statement, row in first.items():
            assert second[statement] == pytest.approx(row, abs=1.1 * TIE / NEARLY_TIED)
        assert shortlist(one).phases.tolist() == shortlist(other).phases.tolist()
        action = int(rng.choice(shortlist(one).actions))
        reason = one.reason(action)
        assert isinstance(reason, Times)
        statement = in_words(one, reason)
        (same,) = [
            there
            for there in shortlist(other).actions.tolist()
            if isinstance(reason := other.reason(there), Times) and in_words(other, reason) == statement
        ]
        one.apply(action)
        other.apply(same)


def test_the_state_stays_as_it_is() -> None:
    state = ProofState(make_problem("petersen"), max_steps=10)
    first, again = shortlist(state), shortlist(state)
    np.testing.assert_array_equal(first.features, again.features)
    assert len(state.memory) == 20
