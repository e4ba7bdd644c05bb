from __future__ import annotations

from pathlib import Path

import pytest

from polyproof_gym import BadInput

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from experiments.robustness.digits_vae import CHECKPOINT, LATENT, train, trained  # noqa: E402


def test_the_same_seed_gives_the_same_networks_and_leaves_other_random_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    first, second, other = train(1, epochs=1), train(1, epochs=1), train(2, epochs=1)
    assert torch.equal(torch.randn(3), expected)
    latents = torch.randn(4, LATENT)
    assert torch.equal(first.generator(latents), second.generator(latents))
    assert not torch.equal(first.generator(latents), other.generator(latents))


def test_a_few_seconds_of_training_are_enough() -> None:
    networks = train(epochs=30)
    assert networks.accuracy > 0.9
    assert networks.error < 0.6


def test_networks_are_trained_once(tmp_path: Path) -> None:
    first = trained(tmp_path / "new", epochs=1)
    path = tmp_path / "new" / CHECKPOINT
    written = path.read_bytes()
    again = trained(tmp_path / "new", epochs=1)
    assert path.read_bytes() == written
    latents = torch.randn(4, LATENT)
    assert torch.equal(first.classifier(first.generator(latents)), again.classifier(again.generator(latents)))
    assert (first.error, first.accuracy) == (again.error, again.accuracy)
    trained(tmp_path / "new", epochs=2)  # other ones take their place
    assert path.read_bytes() != written


@pytest.mark.parametrize("content", [b"", b"text", b"\x80\x04."])
def test_other_files_are_refused_and_kept(content: bytes, tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(content)
    with pytest.raises(BadInput, match="expected the networks that this experiment has trained"):
        trained(tmp_path, epochs=1)
    assert (tmp_path / CHECKPOINT).read_bytes() == content
