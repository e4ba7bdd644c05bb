"""A generator and a classifier that are no polynomials, for ``--model`` of ``python -m experiments.robustness``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.robustness import digits_vae

if TYPE_CHECKING:
    from torch.nn import Sequential


def networks() -> tuple[Sequential, Sequential, int]:
    """Two small networks that know digits, trained within seconds or as they were kept then: see ``digits_vae``.

    Returns:
        The classifier of images, the generator of images, and the number of latent variables that this takes.
    """
    trained = digits_vae.trained(Path("runs/robustness"))
    return trained.classifier, trained.generator, digits_vae.LATENT
