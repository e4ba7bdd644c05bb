from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.scoring import FEATURES, Scorer, ScoringAgent
from agents.scoring.scorer import prior
from polyproof_gym import BadInput, ProofState, make_problem


def random_scorer(seed: int, hidden: int = 8) -> Scorer:
    rng = np.random.default_rng(seed)
    scorer = Scorer.initial(hidden, rng)
    return Scorer(tuple(tuple(rng.normal(size=a.shape).astype(np.float32) for a in layer) for layer in scorer.weights))  # type: ignore[misc]


def features(number: int, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(number, len(FEATURES))).astype(np.float32)


def test_before_training_the_scores_are_those_of_the_prior() -> None:
    scorer = Scorer.initial(16, np.random.default_rng(0))
    np.testing.assert_array_equal(scorer(features(7)), prior(features(7)))


def test_the_order_of_the_candidates_does_not_matter() -> None:
    scorer, order = random_scorer(1), np.random.default_rng(2).permutation(20)
    np.testing.assert_allclose(scorer(features(20)[order]), scorer(features(20))[order], rtol=1e-4, atol=1e-4)


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    scorer = random_scorer(4)
    with (tmp_path / "scorer.npz").open("wb") as file:
        scorer.save(file)
    np.testing.assert_array_equal(Scorer.load(tmp_path / "scorer.npz")(features(5)), scorer(features(5)))


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 cut off"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scorer.npz"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="expected the weights of a scorer"):
        Scorer.load(path)


@pytest.mark.parametrize("number", [0, 1, 2, 4, 8])
def test_layers_that_do_not_fit_together_are_refused(tmp_path: Path, number: int) -> None:
    arrays: list[NDArray[np.float32]] = [array for layer in random_scorer(4).weights for array in layer]
    arrays[number] = np.ones((2, 3, 4), np.float32)
    np.savez(tmp_path / "scorer.npz", *arrays)
    with pytest.raises(BadInput, match="expected layers that fit together"):
        Scorer.load(tmp_path / "scorer.npz")


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    arrays: list[NDArray[np.float32]] = [array * np.nan for layer in random_scorer(4).weights for array in layer]
    np.savez(tmp_path / "scorer.npz", *arrays)
    with pytest.raises(BadInput, match="finite"):
        Scorer.load(tmp_path / "scorer.npz")


def test_weights_for_other_features_are_refused(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "scorer.npz", np.zeros((3, 1), np.float32), np.zeros((3, 1), np.float32), np.zeros(1, np.float32)
    )
    with pytest.raises(BadInput, match="features"):
        Scorer.load(tmp_path / "scorer.npz")


def test_the_agent_proves_the_petersen_graph_before_any_training() -> None:
    agent = ScoringAgent(Scorer.initial(8, np.random.default_rng(0)))
    state, rng = ProofState(make_problem("petersen"), max_steps=100), np.random.default_rng(0)
    while not state.is_reached(4.0):
        assert agent.advance(state, rng) == 1
    assert state.bound == pytest.approx(4)
