"""How far any generator moves the data when a latent point moves: certified where that is possible, else estimated."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from agents import prove
from experiments.robustness.callables import as_generator
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.moduli import (
    Factors,
    derivative_problem,
    generator_modulus,
    network_modulus,
    sampled_modulus,
)
from polyproof_gym.robustness.modulus import Modulus


def modulus_of(generator: Any, latent: int, seed: int = 0) -> Modulus:
    """The modulus of a generator, by the first way that there is.

    Polynomials that are linear or clipped to a box have a proved one, as have torch modules that are chains of layers
    whose norms are known. Of others it is estimated.

    Args:
        generator: See :func:`~experiments.robustness.callables.as_generator`; or a polynomial one.
        latent: Number of latent variables.
        seed: Seed of the samples of an estimate.

    Raises:
        BadInput: If the generator cannot be used.
    """
    if isinstance(generator, PolynomialGenerator):
        proved = _of_polynomials(generator)
        return sampled_modulus(generator, latent, seed=seed) if proved is None else proved
    layers = layers_of(generator)
    if layers is not None:
        return network_modulus(layers)
    return sampled_modulus(as_generator(generator), latent, seed=seed)


def _of_polynomials(generator: PolynomialGenerator) -> Modulus | None:
    """A proved modulus; ``None`` if there is none, as of a polynomial of degree 2 or more without a clip."""
    degree = max(component.degree for component in generator.components)
    if degree > 1 and generator.clip is None:
        return None
    proof = prove(derivative_problem(generator.components, generator.clip)) if degree > 2 else None
    return generator_modulus(generator, proof=proof)


ACTIVATIONS = {
    "ELU": "elu",
    "GELU": "gelu",
    "Identity": "identity",
    "ReLU": "relu",
    "Sigmoid": "sigmoid",
    "SiLU": "silu",
    "Softplus": "softplus",
    "Tanh": "tanh",
}
"""Torch's names of the activations whose slopes are known, for the parameters that they have by default."""

NEUTRAL = ("Dropout", "Flatten", "Unflatten")
"""Modules that change no distance when a network is in use."""


def layers_of(module: Any) -> list[Any] | None:
    """The layers of a torch module, as :func:`~polyproof_gym.robustness.moduli.network_modulus` takes them.

    Returns:
        The layers; ``None`` if it is no torch module, or has parts of which no norm is known here.
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(module, torch.nn.Module):
        return None
    if "forward" in vars(module) or module._forward_hooks or module._forward_pre_hooks:
        return None  # it does something else, perhaps
    nn, name = torch.nn, type(module).__name__
    if type(module) is nn.Sequential:
        parts = [layers_of(part) for part in module]
        return None if any(part is None for part in parts) else [layer for part in parts for layer in part or ()]
    if getattr(nn, name, None) is not type(module):
        return None  # a class of someone else's
    if name in NEUTRAL:
        return []
    if name in ACTIVATIONS:
        return [ACTIVATIONS[name]] if repr(module) == repr(type(module)()) else None
    if isinstance(module, nn.Linear):
        return [_array(module.weight)]
    convolutions = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    if isinstance(module, convolutions) and module.groups == 1 and module.padding_mode == "zeros":
        return [_array(module.weight)]
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d) and module.running_var is not None:
        scale = _array(module.weight) if module.affine else np.ones(module.num_features)
        return [Factors(scale / np.sqrt(_array(module.running_var) + module.eps))]
    return None


def _array(tensor: Any) -> Any:
    """A tensor as an array of floats."""
    return tensor.detach().double().cpu().numpy()
