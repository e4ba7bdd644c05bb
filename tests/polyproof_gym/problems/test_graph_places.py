from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from polyproof_gym.problems import make_problem
from polyproof_gym.problems.graph_places import vertex_places


def _adjacency(name: str) -> NDArray[np.bool_]:
    return make_problem(name).ring.exclusion_matrix


@pytest.mark.parametrize(
    "name",
    [
        "path:n=1",
        "path:n=2",
        "cycle:n=9",
        "petersen",
        "wheel:n=6",
        "karate",
        "complete-bipartite:a=2,b=3",
        "random-stable-set:n=12,p_min=0.05,p_max=0.1,index=0",
        "random-stable-set:n=70,index=0",
    ],
)
def test_vertices_are_apart_within_the_square(name: str) -> None:
    adjacency = _adjacency(name)
    places = vertex_places(adjacency)
    assert places.shape == (len(adjacency), 2)
    assert ((places >= -1e-9) & (places <= 1 + 1e-9)).all()
    apart = np.linalg.norm(places[:, None] - places, axis=2)[~np.eye(len(adjacency), dtype=bool)]
    assert apart.min(initial=1) > 0.01
    np.testing.assert_array_equal(places, vertex_places(adjacency))


@pytest.mark.parametrize(("name", "rings"), [("cycle:n=9", 1), ("paley:q=13", 1), ("petersen", 2), ("complete:n=5", 1)])
def test_rotations_are_seen(name: str, rings: int) -> None:
    places = vertex_places(_adjacency(name))
    size = len(places) // rings
    for block in range(rings):
        ring = places[block * size : (block + 1) * size]
        sides = np.linalg.norm(ring - np.roll(ring, 1, axis=0), axis=1)
        np.testing.assert_allclose(sides, sides[0])


def test_neighbours_are_nearer_than_others() -> None:
    adjacency = _adjacency("grid:rows=3,columns=4")
    apart = np.linalg.norm((places := vertex_places(adjacency))[:, None] - places, axis=2)
    assert apart[adjacency].max() < apart[~adjacency & ~np.eye(len(adjacency), dtype=bool)].min()
