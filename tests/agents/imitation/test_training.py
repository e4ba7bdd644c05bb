from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents.imitation import ImitationSettings, ImitationTrainer
from polyproof_gym import BadInput
from polyproof_gym.problems import RandomStableSet

GENERATOR = RandomStableSet(5, 6)
SMALL = ImitationSettings(
    updates=4,
    episodes=3,
    rounds=2,
    steps_per_variable=(1.0, 1.5),
    warm_up=2,
    batches=3,
    batch_size=8,
    kept=6,
    width=8,
    message_rounds=1,
    workers=1,
)


def weights(trainer: ImitationTrainer) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in trainer.network.state_dict().items()}


def test_the_loss_falls() -> None:
    settings = replace(SMALL, updates=10, batches=20, trust=0.0, learning_rate=1e-2)
    losses = [figures["loss"] for figures in ImitationTrainer(GENERATOR, settings, seed=0).run()]
    assert np.mean(losses[-2:]) < 0.8 * losses[0]


def test_a_training_that_was_saved_goes_on_bit_for_bit(tmp_path: Path) -> None:
    whole, cut = (ImitationTrainer(GENERATOR, SMALL, seed=3) for _ in range(2))
    expected = list(whole.run())
    run = cut.run()
    got = [next(run), next(run)]
    cut.save(tmp_path / "trainer")
    resumed = ImitationTrainer(GENERATOR, SMALL, seed=3)
    resumed.load(tmp_path / "trainer")
    assert resumed.update == 2
    got += resumed.run()
    assert got == expected
    for key, value in weights(whole).items():
        assert torch.equal(value, weights(resumed)[key])


def test_students_are_trusted_only_after_the_first_update() -> None:
    figures = list(ImitationTrainer(GENERATOR, replace(SMALL, trust=1.0), seed=0).run())
    assert "agreement" not in figures[0]
    assert all(0 <= row["agreement"] <= 1 for row in figures[2:])


def test_several_processes_collect_the_same_as_one() -> None:
    trainers = [ImitationTrainer(GENERATOR, replace(SMALL, updates=1, workers=count), seed=0) for count in (1, 2)]
    figures = [list(trainer.run()) for trainer in trainers]
    assert figures[0] == figures[1]


def test_the_trained_network_is_a_copy() -> None:
    trainer = ImitationTrainer(GENERATOR, replace(SMALL, updates=1), seed=0)
    before = trainer.trained
    list(trainer.run())
    assert before.scores == "logits"
    assert any(not torch.equal(value, trainer.trained.weights[key]) for key, value in before.weights.items())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"updates": 0}, "at least 1 as updates"),
        ({"batches": 1.5}, "at least 1 as batches"),
        ({"message_rounds": True}, "at least 1 as message_rounds"),
        ({"trust": 1.5}, "at most 1 as trust"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"steps_per_variable": (0, 1)}, "range of positive numbers"),
        ({"steps_per_variable": (2, float("inf"))}, "range of positive numbers"),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        ImitationSettings(**changes)
