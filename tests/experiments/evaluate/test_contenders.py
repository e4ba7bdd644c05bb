from __future__ import annotations

import pytest

from experiments.evaluate.contenders import contenders


def test_seeds_of_one_training_are_together() -> None:
    first, other, alone = contenders(["runs/a/net-seed0", "bfs", "runs/a/net-seed12", "bfs", "runs/b/net-seed0/"])
    assert (first.name, first.specs) == ("net (2 seeds)", ("runs/a/net-seed0", "runs/a/net-seed12"))
    assert (other.name, other.specs) == ("bfs", ("bfs",))
    assert (alone.name, alone.specs) == ("net (1 seed)", ("runs/b/net-seed0/",))


def test_options_of_agents_with_seeds_keep_them_apart() -> None:
    planned, reactive = contenders(["runs/net-seed0:rounds=3", "runs/net-seed0", "runs/net-seed1:rounds=3"])
    assert (planned.name, planned.specs) == (
        "net:rounds=3 (2 seeds)",
        ("runs/net-seed0:rounds=3", "runs/net-seed1:rounds=3"),
    )
    assert (reactive.name, reactive.specs) == ("net (1 seed)", ("runs/net-seed0",))


@pytest.mark.parametrize("reference", ["net", "net (2 seeds)", "runs/a/net", "runs/a/net-seed1"])
def test_a_reference_may_be_any_of_the_names(reference: str) -> None:
    trained, plain = contenders(["runs/a/net-seed0", "runs/a/net-seed1", "static-sherali-adams:level=2"])
    assert trained.is_called(reference)
    assert not plain.is_called(reference)
    assert plain.is_called("static-sherali-adams:level=2")
