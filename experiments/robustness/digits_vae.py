"""A small variational autoencoder and a small network, trained on digits: what is not polynomial."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from experiments.outputs import make_folder
from experiments.robustness.training.main import SOURCES, Data, load_data
from polyproof_gym import BadInput
from polyproof_gym.robustness.maps import FloatArray
from polyproof_gym.whole_file import write_whole_with

LATENT = 6
"""Latent variables."""

HIDDEN = 48
"""Units of the hidden layer of the generator and of the classifier."""

EPOCHS = 150
"""Passes through the images in one training."""

DIVERGENCE_WEIGHT = 0.08
"""Weight of the divergence from the normal distribution, beside the squared error."""

WEIGHT_DECAY = 1e-2
"""Weight decay of the generator and the classifier, which keeps their layers' norms small."""

CHECKPOINT = "digits-vae.pt"
"""The file in the output folder."""


@dataclass(frozen=True, eq=False)
class DigitsNetworks:
    """A generator of digits and a classifier of them.

    Attributes:
        generator: From latent points to images, with pixels from 0 to 1.
        classifier: From images to scores.
        error: Squared error of held-out images after encoding and decoding, by their variance.
        accuracy: Share of held-out images that are classified correctly.
    """

    generator: nn.Sequential
    classifier: nn.Sequential
    error: float
    accuracy: float


def new_generator() -> nn.Sequential:
    """The generator before training. All its activations move points together, so its layers bound what it does."""
    return nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 64), nn.Sigmoid())


def new_classifier() -> nn.Sequential:
    """The classifier before training."""
    return nn.Sequential(nn.Linear(64, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))


def train(seed: int = 0, epochs: int = EPOCHS) -> DigitsNetworks:
    """Train both, within seconds on one core; the same seed gives the same networks.

    Raises:
        BadInput: If scikit-learn is missing.
    """
    data = load_data(SOURCES["digits"])
    with torch.random.fork_rng(devices=[]), one_thread():
        torch.manual_seed(seed)
        encoder = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 2 * LATENT))
        generator, classifier = new_generator(), new_classifier()
        images, labels = _tensor(data.train), torch.as_tensor(data.train_labels)

        def autoencoding(batch: Tensor) -> Tensor:
            mean, log_variance = encoder(images[batch]).chunk(2, dim=1)
            latents = mean + torch.randn_like(mean) * (log_variance / 2).exp()
            squared = (generator(latents) - images[batch]).square().sum(dim=1)
            divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)
            loss: Tensor = (squared + DIVERGENCE_WEIGHT * divergence).mean()
            return loss

        def classification(batch: Tensor) -> Tensor:
            loss: Tensor = functional.cross_entropy(classifier(images[batch]), labels[batch])
            return loss

        decaying = {"params": generator.parameters(), "weight_decay": WEIGHT_DECAY}
        _descend([{"params": encoder.parameters()}, decaying], autoencoding, len(images), epochs)
        weights = {"params": classifier.parameters(), "weight_decay": WEIGHT_DECAY}
        _descend([weights], classification, len(images), epochs)
    return DigitsNetworks(generator, classifier, *_quality(encoder, generator, classifier, data))


@contextmanager
def one_thread() -> Iterator[None]:
    """A context in which torch uses one thread: the networks are too small to gain from more, and often lose much."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _descend(parameters: list[dict[str, Any]], loss_of: Callable[[Tensor], Tensor], count: int, epochs: int) -> None:
    """Minimise a loss of batches, which are given by the numbers of their images."""
    optimiser = torch.optim.Adam(parameters, lr=3e-3)
    for _ in range(epochs):
        for batch in torch.randperm(count).split(64):
            optimiser.zero_grad()
            loss_of(batch).backward()
            optimiser.step()


@torch.no_grad()
def _quality(encoder: nn.Module, generator: nn.Module, classifier: nn.Module, data: Data) -> tuple[float, float]:
    images = _tensor(data.test)
    errors = (generator(encoder(images).chunk(2, dim=1)[0]) - images).square().sum()
    variance = (images - _tensor(data.train).mean(dim=0)).square().sum()
    right = classifier(images).argmax(dim=1) == torch.as_tensor(data.test_labels)
    return float(errors / variance), float(right.double().mean())


def _tensor(images: FloatArray) -> Tensor:
    return torch.as_tensor(images.astype(np.float32))


def trained(folder: Path, seed: int = 0, epochs: int = EPOCHS) -> DigitsNetworks:
    """The trained networks, from the file in a folder if they have been trained before.

    Raises:
        BadInput: If the file is something else or cannot be written, or scikit-learn is missing.
    """
    path, training = folder / CHECKPOINT, {"seed": seed, "epochs": epochs}
    if path.exists():
        networks, was = _load(path)
        if was == training:
            return networks
    networks = train(seed, epochs)
    make_folder(folder)
    content = {
        "generator": networks.generator.state_dict(),
        "classifier": networks.classifier.state_dict(),
        "quality": [networks.error, networks.accuracy],
        "training": training,
    }
    write_whole_with(path, lambda file: torch.save(content, file))
    return networks


def _load(path: Path) -> tuple[DigitsNetworks, Any]:
    generator, classifier = new_generator(), new_classifier()
    try:
        content = torch.load(path, weights_only=True)
        generator.load_state_dict(content["generator"])
        classifier.load_state_dict(content["classifier"])
        error, accuracy = content["quality"]
        return DigitsNetworks(generator, classifier, float(error), float(accuracy)), content["training"]
    except Exception:  # there is no end to what reading another file can raise
        raise BadInput(f"{path}: expected the networks that this experiment has trained") from None
