from __future__ import annotations

import pytest

from experiments.evaluate.contenders import contenders


def test_seeds_of_one_training_are_together() -> None:
    first, other, alone = contenders(["runs/a/net-seed0", "bfs", "runs/a/net-seed12", "bfs", "runs/b/net-seed0/"])
    assert (first.name, first.specs) == ("net (2 seeds)", ("runs/a/net-seed0", "runs/a/net-seed12"))
    assert (other.name, other.specs) == ("bfs", ("bfs",))
    assert (alone.name, alone.specs) == ("net (1 seed)", ("runs/b/net-seed0/",))


@pytest.mark.parametrize("reference", ["net", "net (2 seeds)", "runs/a/net", "runs/a/net-seed1"])
def test_a_reference_may_be_any_of_the_names(reference: str) -> None:
    trained, plain = contenders(["runs/a/net-seed0", "runs/a/net-seed1", "static-sherali-adams:level=2"])
    assert trained.is_called(reference)
    assert not plain.is_called(reference)
    assert plain.is_called("static-sherali-adams:level=2")
