import importlib.util

import numpy as np
import pytest

from polyproof_gym import BadInput
from polyproof_gym.polynomials import Ring, parse_polynomial
from polyproof_gym.problems.robust_margin import Norm
from polyproof_gym.robustness.attacks import projected_gradient
from polyproof_gym.robustness.classifier import PolynomialClassifier

torch = pytest.importorskip("torch")

from experiments.robustness.peers import ATTACKS, TorchScores, foolbox_attack  # noqa: E402

CLASSIFIER = PolynomialClassifier(
    [parse_polynomial(text, Ring(("x", "y"))) for text in ("x*y + 2*x - y^2", "1/2 - x", "y*x^2 - y + 1/10")]
)
POINTS = np.random.default_rng(0).normal(size=(10, 2)).round(3)


def test_module_has_the_scores_of_the_classifier() -> None:
    found = TorchScores(CLASSIFIER)(torch.tensor(POINTS)).numpy()
    np.testing.assert_allclose(found, CLASSIFIER.scores_at(POINTS))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("norm", "attack"), [(norm, name) for norm, names in ATTACKS.items() for name in names])
def test_what_foolbox_finds_is_confirmed_exactly(norm: Norm, attack: str) -> None:
    pytest.importorskip("foolbox")
    own = projected_gradient(CLASSIFIER, POINTS, norm=norm)
    found = foolbox_attack(attack, CLASSIFIER, POINTS)
    assert any(found)
    for point, adversary, ours in zip(POINTS, found, own, strict=True):
        if adversary is not None:
            assert CLASSIFIER.label(adversary.point) == adversary.label != CLASSIFIER.label(point)
            assert ours is not None
            assert float(ours.distance) <= 1.05 * float(adversary.distance)


def test_missing_foolbox_and_unknown_attacks_are_told() -> None:
    with pytest.raises(BadInput, match=r"^expected one of 'LinfDeepFoolAttack'"):
        foolbox_attack("magic", CLASSIFIER, POINTS)
    if importlib.util.find_spec("foolbox") is None:
        with pytest.raises(BadInput, match=r"^attacks of Foolbox need foolbox, which is not installed"):
            foolbox_attack("DDNAttack", CLASSIFIER, POINTS)
