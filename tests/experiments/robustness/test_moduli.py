from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from experiments.robustness.moduli import layers_of, modulus_of
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.robustness import Status, sampled_modulus
from polyproof_gym.robustness.generator import PolynomialGenerator

if TYPE_CHECKING:
    import torch
else:
    torch = pytest.importorskip("torch")

nn = torch.nn


def generator(clip: Any = None, power: int = 1) -> PolynomialGenerator:
    """``(3 x, 2 y, x^k y / 4)``, without the last one for ``k = 0``."""
    x, y = (Polynomial.variable(Ring(["x", "y"]), i) for i in range(2))
    last = Fraction(1, 4) * y
    for _ in range(power):
        last = last * x
    return PolynomialGenerator([3 * x, 2 * y, *([last] if power else [])], clip)


def test_a_linear_generator_has_an_exact_modulus() -> None:
    modulus = modulus_of(generator(power=0), 2)
    assert modulus.status is Status.EXACT
    assert float(modulus.constant) == pytest.approx(3)


@pytest.mark.parametrize("power", [1, 2])
def test_polynomials_on_a_box_have_a_proved_one(power: int) -> None:
    made = generator(2, power)
    modulus = modulus_of(made, 2)
    assert modulus.status is Status.CERTIFIED
    assert modulus.constant >= sampled_modulus(made, 2, pairs=2000).constant


def test_without_a_box_it_is_an_estimate() -> None:
    assert modulus_of(generator(None), 2).status is Status.ESTIMATED


def test_a_function_has_an_estimate() -> None:
    modulus = modulus_of(lambda latents: 2 * latents, 3)
    assert modulus.status is Status.ESTIMATED
    assert float(modulus.constant) == pytest.approx(2)


def test_a_chain_of_torch_layers_has_a_proved_one() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Linear(4, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Dropout(),
        nn.Unflatten(1, (4, 2, 2)),
        nn.Sequential(nn.ConvTranspose2d(4, 3, 2, stride=2), nn.Tanh()),
        nn.Conv2d(3, 1, 3, padding=1),
        nn.Flatten(),
        nn.Sigmoid(),
    )
    network(torch.randn(50, 4))  # so that there are means and variances
    network.eval()
    modulus = modulus_of(network, 4)
    assert modulus.status is Status.CERTIFIED

    def values(latents: Any) -> Any:
        with torch.no_grad():
            return network(torch.as_tensor(latents).float()).double().numpy()

    assert modulus.constant >= sampled_modulus(values, 4, pairs=2000).constant > 0


class Other(nn.Module):
    """A module of which nothing is known."""

    def forward(self, latents: Any) -> Any:
        return 3 * latents


@pytest.mark.parametrize(
    "module",
    [
        Other(),
        nn.Sequential(nn.Linear(2, 2), Other()),
        nn.Softplus(beta=5),
        nn.Conv1d(2, 2, 1, groups=2),
        nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular"),
        nn.LayerNorm(2),
        nn.BatchNorm1d(2, track_running_stats=False),
    ],
    ids=lambda module: type(module).__name__,
)
def test_nothing_is_proved_of_other_modules(module: Any) -> None:
    assert layers_of(module) is None


def test_an_own_class_of_a_known_name_is_another_module() -> None:
    class Linear(nn.Module):
        def forward(self, latents: Any) -> Any:
            return 100 * latents

    assert layers_of(Linear()) is None
    assert np.isclose(float(modulus_of(Linear(), 2).constant), 100)


def test_nothing_is_proved_of_modules_that_were_changed() -> None:
    hooked, replaced = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2))
    assert layers_of(hooked) is not None
    hooked[0].register_forward_hook(lambda module, given, found: 100 * found)
    replaced[0].forward = lambda latents: 100 * latents
    for network in (hooked, replaced):
        assert layers_of(network) is None
        assert modulus_of(network, 2).status is Status.ESTIMATED
