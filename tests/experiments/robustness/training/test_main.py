import json
from pathlib import Path

import numpy as np
import pytest

from experiments.robustness.training.main import Trainee, fit_generator, main
from polyproof_gym.robustness.models import FOLDER

pytest.importorskip("sklearn")


def test_the_files_of_a_data_set_are_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Up to what another library of linear algebra changes before the rounding."""
    assert main(["iris", "--out", str(tmp_path)]) == 0
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.json"))
    assert made == sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("iris-*.json"))
    assert len(capsys.readouterr().out.splitlines()) == len(made)
    for path in made:
        new, shipped = (json.loads((folder / path).read_text()) for folder in (tmp_path, FOLDER))
        assert new["training"].keys() == shipped["training"].keys()
        for key in ("test_accuracy", "reconstruction_error"):
            assert new["training"].get(key, 0) == pytest.approx(shipped["training"].get(key, 0), abs=0.05)
        if "held_out" in new:
            ours, theirs = (np.array(data["held_out"]["latents"]) for data in (new, shipped))
            assert np.abs(ours - theirs).max() <= 1


def test_gradient_is_that_of_the_loss() -> None:
    """Against differences of the cross-entropy, written down here again."""
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(12, 3)), rng.integers(2, size=12)
    trainee = Trainee([3, 4, 3, 2], decay=0.1)
    vector = trainee.first_weights(rng) + 0.1

    def loss(weights: np.ndarray) -> float:
        (a, b), (c, d), (e, f), (g, _) = trainee.layers(weights)
        scores = ((points @ a + b) ** 2 @ c + d) ** 2 @ e + f + points @ g
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(12), labels].mean() + 0.05 * weights @ weights)

    steps = 1e-6 * np.eye(len(vector))
    differences = [(loss(vector + step) - loss(vector - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(trainee.gradient(vector, points, labels), differences, atol=1e-6)


@pytest.mark.parametrize("kind", ["linear", "quadratic"])
def test_a_generator_of_linear_data_gives_them_back(kind: str) -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(400, 2)) @ rng.normal(size=(2, 5)) + rng.normal(size=5)
    fitted = fit_generator(points, 2, kind)
    inner = np.abs((points - fitted.mean) @ fitted.encoder).max(axis=1) < 3
    assert np.abs(fitted.generator(fitted.encode(points)) - points)[inner].max() < 0.05


def test_unknown_data_take_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["irises"])
    assert "expected one of 'digits', 'wine', 'cancer', 'iris' as DATA, got 'irises'" in capsys.readouterr().err
