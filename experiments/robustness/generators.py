"""How far the generators of digits move images: what is proved of each, beside the largest ratio of random pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from polyproof_gym.robustness.models import KINDS, load_model
from polyproof_gym.robustness.moduli import generator_modulus, sampled_modulus
from polyproof_gym.robustness.modulus import NORM_NAMES, Norm

MODEL = "digits-linear"
"""A classifier whose generators these are."""


@dataclass(frozen=True)
class GeneratorModulus:
    """One generator in one norm of images. Both numbers are distances of images for each unit of latent distance.

    Attributes:
        generator: The kind of generator.
        latent: Number of latent variables.
        norm: The norm of images.
        modulus: How far images are apart at most.
        status: How far that can be trusted.
        source: What it was found from.
        sampled: The largest ratio of random pairs, which is no bound.
    """

    generator: str
    latent: int
    norm: str
    modulus: float
    status: str
    source: str
    sampled: float


@dataclass(frozen=True)
class GeneratorModuli:
    """The result of this section; see :class:`GeneratorModulus`.

    Attributes:
        pairs: Number of random pairs.
        rows: The generators.
    """

    pairs: int
    rows: tuple[GeneratorModulus, ...]


def measure(*, latents: Sequence[int] = (4, 6, 8, 20), pairs: int = 20_000, seed: int = 0) -> GeneratorModuli:
    """Find the moduli of generators of both kinds, in both norms."""
    rows = []
    for kind in KINDS:
        for latent in latents:
            generator = load_model(MODEL, latent=latent, generator=kind).generator
            for norm in get_args(Norm):
                proved = generator_modulus(generator, norm)
                sampled = sampled_modulus(generator, latent, pairs=pairs, norm=norm, seed=seed)
                rows.append(
                    GeneratorModulus(
                        generator=kind,
                        latent=latent,
                        norm=NORM_NAMES[norm],
                        modulus=float(proved.constant),
                        status=str(proved.status),
                        source=proved.source,
                        sampled=float(sampled.constant),
                    )
                )
    return GeneratorModuli(pairs, tuple(rows))
