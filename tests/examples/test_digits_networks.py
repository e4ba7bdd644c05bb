from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from experiments.robustness import digits_vae  # noqa: E402
from experiments.robustness.subjects import make_subject  # noqa: E402
from polyproof_gym.robustness import Status  # noqa: E402

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits_networks.py"


def test_it_gives_networks_that_can_be_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    digits_vae.trained(Path("runs/robustness"), epochs=1)
    path = Path("runs/robustness") / digits_vae.CHECKPOINT
    content = torch.load(path, weights_only=True)
    content["training"]["epochs"] = digits_vae.EPOCHS  # so that it is taken for what the example would train
    torch.save(content, path)
    subject = make_subject(f"{EXAMPLE}:networks")
    assert (subject.latent, subject.classes, subject.polynomial) == (digits_vae.LATENT, 10, None)
    assert subject.modulus.status is Status.CERTIFIED
