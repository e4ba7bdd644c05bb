from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.scoring import FEATURES, describe
from agents.trees import BoostedTreesAgent, TreesSettings, TreesTrainer
from polyproof_gym import ProofState, make_problem
from polyproof_gym.problems import RandomStableSet

pytest.importorskip("sklearn")

GENERATOR = RandomStableSet(6, 8)
SMALL = TreesSettings(updates=3, episodes=4, rounds=3, steps_per_variable=(1.0, 1.5), trees=10)


def bound(agent: BoostedTreesAgent, index: int, steps: int = 10) -> float:
    state = ProofState(make_problem(f"random-stable-set:n=8,index={index}"), max_steps=steps)
    rng = np.random.default_rng(0)
    while state.steps_left and agent.advance(state, rng):
        pass
    return state.bound


def test_the_agent_takes_the_candidate_of_the_highest_probability() -> None:
    column = FEATURES.index("terms")
    agent = BoostedTreesAgent(lambda features: features[:, column].astype(np.float64))
    state = ProofState(make_problem("petersen"), max_steps=5)
    state.apply(int(np.flatnonzero(state.action_mask())[0]))
    actions, features = describe(state)
    assert agent.act(state, np.random.default_rng(0)) == actions[features[:, column].argmax()]


def test_before_training_the_agent_takes_the_most_violated_candidate() -> None:
    agent = TreesTrainer(GENERATOR, SMALL, seed=0).agent
    state = ProofState(make_problem("petersen"), max_steps=5)
    assert agent.act(state, np.random.default_rng(0)) in state.most_violated()


def test_trees_learn_more_than_chance() -> None:
    trainer = TreesTrainer(GENERATOR, replace(SMALL, episodes=15, trees=40), seed=0)
    list(trainer.run())
    alike = BoostedTreesAgent(lambda features: np.random.default_rng(len(features)).random(len(features)))
    learned, guessed = (np.mean([bound(agent, index) for index in range(8)]) for agent in (trainer.agent, alike))
    assert learned < guessed


def test_a_training_that_was_saved_goes_on_bit_for_bit(tmp_path: Path) -> None:
    whole, cut = (TreesTrainer(GENERATOR, SMALL, seed=5) for _ in range(2))
    expected = list(whole.run())
    run = cut.run()
    got = [next(run)]
    cut.save(tmp_path / "trainer")
    resumed = TreesTrainer(GENERATOR, SMALL, seed=5)
    resumed.load(tmp_path / "trainer")
    assert resumed.update == 1
    got += resumed.run()
    assert got == expected
    assert [bound(resumed.agent, index) for index in range(3)] == [bound(whole.agent, index) for index in range(3)]


def test_examples_gather_and_choices_are_trusted_after_the_first_update() -> None:
    figures = list(TreesTrainer(GENERATOR, replace(SMALL, trust=1.0), seed=0).run())
    counts = [row["candidates"] for row in figures]
    assert counts == sorted(set(counts))
    assert "agreement" not in figures[0]
    assert all(0 <= row["agreement"] <= 1 for row in figures[1:])
