from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import make_agent
from agents.saved import save_scorer
from agents.scoring import FEATURES, Scorer, ScoringAgent, Shortlist, prior_weights, shortlist
from agents.scoring.candidates import AMPLE, PHASES, scarcity
from agents.scoring.scorer import SHAPE, weight_scales
from polyproof_gym import BadInput, ProofState, make_problem
from tests.agents.scoring.states import PROBLEMS, random_scorer, states_of
from tests.flat import prove


def some_candidates(number: int, seed: int = 0) -> Shortlist:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(number, len(FEATURES))).astype(np.float32)
    return Shortlist(np.arange(number)[::-1], features, rng.normal(size=len(PHASES)).astype(np.float32))


def test_weights_are_one_for_every_phase_and_feature() -> None:
    assert prior_weights().shape == weight_scales().shape == SHAPE == (len(PHASES), len(FEATURES))
    assert (weight_scales()[1:] > 0).all()
    assert not weight_scales()[0].any()  # the start stays


def test_scores_are_sums_over_phases_and_features() -> None:
    scorer, candidates = random_scorer(1), some_candidates(9)
    for score, features in zip(scorer(candidates), candidates.features.tolist(), strict=True):
        expected = sum(
            feature * phase * scorer.weights[p, f]
            for p, phase in enumerate(candidates.phases.tolist())
            for f, feature in enumerate(features)
        )
        assert score == pytest.approx(expected)


def test_before_training_violation_counts_first_then_length_then_extensions() -> None:
    def score(**features: float) -> float:
        row = [features.get(name.replace(" ", "_"), 0.0) for name in FEATURES]
        phases = np.array([1.0, 1.0, 0.3, 1.0], np.float32)
        return float(Scorer(prior_weights())(Shortlist(np.zeros(1, int), np.array([row], np.float32), phases))[0])

    assert score(terms=1.0) > score(terms=0.5, extensions=1.0) > score(terms=0.5) > score(deficit=1.0, terms=1.0)
    assert score(moment=1.0, age=1.0, growth=5.0) == score() == 0


def test_where_steps_are_ample_only_the_start_counts() -> None:
    weights = random_scorer(3).weights
    weights[0] = prior_weights()[0]
    problem = make_problem("random-stable-set:n=12,index=2")
    for steps, is_same in ((int(AMPLE * 12), True), (int(AMPLE * 12) - 1, False)):
        derived = []
        for agent in (ScoringAgent(Scorer(weights)), ScoringAgent(Scorer(prior_weights()))):
            state, rng = ProofState(problem, max_steps=steps), np.random.default_rng(0)
            while state.steps < 12:
                agent.advance(state, rng)
            derived.append(state.memory.reasons)
        assert (derived[0] == derived[1]) is is_same


def test_reordering_candidates_reorders_scores_to_the_last_digit() -> None:
    """Else the order decided between equal ones, in a way that nobody could tell."""
    for seed in range(30):
        scorer, candidates = random_scorer(seed), some_candidates(7 + seed, seed)
        order = np.random.default_rng(seed).permutation(7 + seed)
        there = candidates._replace(features=candidates.features[order])
        np.testing.assert_array_equal(scorer(there), scorer(candidates)[order])
        twice = candidates._replace(features=np.tile(candidates.features[:1], (7 + seed, 1)))
        assert len(set(scorer(twice).tolist())) == 1


def test_several_shortlists_are_scored_at_once() -> None:
    scorer, several = random_scorer(2), [some_candidates(6, seed) for seed in range(4)]
    scores = scorer.scores(np.stack([c.features for c in several]), np.stack([c.phases for c in several]))
    np.testing.assert_array_equal(scores, np.stack([scorer(candidates) for candidates in several]))


# Files ---------------------------------------------------------------------------------------------------------------


def test_what_is_saved_is_read_to_the_last_digit(tmp_path: Path) -> None:
    scorer = random_scorer(4)
    with (tmp_path / "scorer.npz").open("wb") as file:
        scorer.save(file)
    np.testing.assert_array_equal(Scorer.load(tmp_path / "scorer.npz").weights, scorer.weights)


def test_a_saved_agent_chooses_as_the_scorer_does(tmp_path: Path) -> None:
    scorer = random_scorer(5)
    save_scorer(tmp_path, scorer, name="scores", algorithm="cma-es")
    original, loaded = ScoringAgent(scorer), make_agent(str(tmp_path))
    for problem in ("petersen", "random-stable-set:n=12"):
        lines = [prove(problem, agent, max_steps=12).lines for agent in (original, loaded)]
        assert lines[0] == lines[1]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 cut off"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scorer.npz").write_bytes(content)
    assert_refused(tmp_path / "scorer.npz")


def test_damaged_files_are_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "scorer.npz"
    with path.open("wb") as file:
        random_scorer(4).save(file)
    whole, refusals = path.read_bytes(), 0
    for end in range(0, len(whole), 40):
        path.write_bytes(whole[:end] + b"\x00" + whole[end + 1 :])
        try:
            assert Scorer.load(path).weights.shape == SHAPE
        except BadInput:
            refusals += 1
    assert refusals > 3


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"weights": np.zeros((2, len(FEATURES)))},
        {"weights": np.zeros((len(PHASES), len(FEATURES) + 1))},
        {"weights": np.zeros(SHAPE), "more": np.zeros(1)},
        {"others": np.zeros(SHAPE)},
        {"weights": np.full(SHAPE, np.nan)},
        {"weights": np.full(SHAPE, "a")},
        {"weights": np.full(SHAPE, 1j)},
        {"weights": np.array([{}])},
    ],
    ids=range(9),
)
def test_other_arrays_are_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    np.savez(tmp_path / "scorer.npz", **arrays)
    assert_refused(tmp_path / "scorer.npz")


def assert_refused(path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        Scorer.load(path)
    assert str(caught.value).startswith(str(path))
    assert "weights" in str(caught.value)
    assert "\n" not in str(caught.value)


# The agent -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_agent_takes_the_highest_score_and_of_equal_ones_the_newest(name: str) -> None:
    for step, state in enumerate(states_of(name, 8)):
        share = scarcity(state.problem, state.max_steps)
        scorer, candidates = random_scorer(step), shortlist(state).counting(share)
        action = ScoringAgent(scorer).act(state, np.random.default_rng(0))
        assert type(action) is int
        scores = dict(zip(candidates.actions.tolist(), scorer(candidates).tolist(), strict=True))
        assert action == max(a for a, score in scores.items() if score == max(scores.values()))
        nothing = ScoringAgent(Scorer(np.zeros(SHAPE))).act(state, np.random.default_rng(0))
        assert nothing == max(scores)


def test_the_agent_stops_where_nothing_is_left() -> None:
    state, agent = ProofState(make_problem("complete:n=3"), max_steps=500), ScoringAgent(Scorer(prior_weights()))
    rng = np.random.default_rng(0)
    while (action := agent.act(state, rng)) is not None:
        state.apply(action)
    assert not state.action_mask().any()
    assert agent.advance(state, rng) == 0


def test_at_a_temperature_candidates_are_drawn_by_their_scores() -> None:
    state = ProofState(make_problem("random-stable-set:n=8,index=1"), max_steps=10)
    scorer, rng, temperature = Scorer(prior_weights()), np.random.default_rng(0), 2.0
    candidates = shortlist(state)
    logits = scorer(candidates) / temperature
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    agent = ScoringAgent(scorer, temperature=temperature)
    drawn = [agent.act(state, rng) for _ in range(1000)]
    shares = np.array([drawn.count(action) for action in candidates.actions.tolist()]) / 1000
    assert shares.sum() == 1
    np.testing.assert_allclose(shares, expected, atol=0.06)


def test_the_agent_proves_the_petersen_graph_before_any_training() -> None:
    agent = ScoringAgent(Scorer(prior_weights()))
    state, rng = ProofState(make_problem("petersen"), max_steps=100), np.random.default_rng(0)
    while not state.is_reached(4.0):
        assert agent.advance(state, rng) == 1
    assert state.bound == pytest.approx(4)
